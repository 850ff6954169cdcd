"""Company plans against what was published, and against what their own notes say."""

from dataclasses import replace

import numpy as np
import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.finance.companies.catalog import SHARED, company, names
from gigawatt.finance.companies.published import LINES, against_published
from gigawatt.finance.companies.statements import project_statements, tolerance_usd
from gigawatt.finance.companies.stress import Stress
from tests.finance.test_company_statements import plain


def by_year(made, statement, line):
    return getattr(made, statement)[line].reshape(-1, 4).sum(axis=1)


def rows(name):
    chosen = company(name)
    return {(row.fact, row.date): row for row in against_published(chosen, project_statements(chosen))}


def published(attribute, value):
    return catalog.Fact(
        table="statements", item="x", attribute=attribute, value=value, unit="USD", low=None, high=None,
        as_of="2026", confidence="secondary", source="s", note="",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- by hand
def test_flows_are_summed_and_stocks_read_at_the_end_of_their_period():
    told = {
        "revenue.2026-Q1": 100.0, "revenue.2026": 400.0, "revenue.2026-H2": 200.0, "revenue.2026-Q3+4": 400.0,
        "run_rate.2026-Q2": 400.0, "debt.opening": 200.0, "cash.2026-Q2": 152.0, "cash_burn.2026": -104.0,
        "interest_share.2026-Q1": 0.04,
    }  # fmt: skip
    firm = replace(plain(), published=tuple(published(f"published.{key}", value) for key, value in told.items()))
    found = against_published(firm, project_statements(firm, 8))
    assert [row.model for row in found] == approx([row.published for row in found])
    assert (found[0].fact, found[0].date, found[0].ratio) == ("revenue", "2026 Q1", approx(1.0))


def test_a_period_beyond_the_projection_has_no_model_figure_and_odd_rows_are_refused():
    firm = replace(plain(), published=(published("published.revenue.2027", 1.0),))
    assert np.isnan(against_published(firm, project_statements(firm, 4))[0].model)
    for attribute, why in (("published.profit.2026", "unknown line"), ("published.revenue.2025", "before the first")):
        odd = replace(plain(), published=(published(attribute, 1.0),))
        with pytest.raises(ValueError, match=why):
            against_published(odd, project_statements(odd, 4))


def test_a_ratio_of_opposite_signs_says_nothing():
    firm = replace(plain(), published=(published("published.net_income.2026-Q1", -5.0),))
    assert np.isnan(against_published(firm, project_statements(firm, 4))[0].ratio)


# ------------------------------------------------------------------------------------------- what the notes promise
def test_openai_burns_and_sells_what_its_notes_say():
    # The Decoder after The Information, February 2026: -25, -57, -85, -51 and +39 bn in 2026 to 2030.
    made = project_statements(company("OpenAI"))
    assert by_year(made, "cash", "free_cash_flow") / 1e9 == approx([-25, -57, -85, -51, 39], abs=1.0)
    sold = by_year(made, "income", "revenue") / 1e9
    assert sold[[0, 1, 4]] == approx([30, 62, 280], rel=0.04)
    notes = {fact.note for fact in company("OpenAI").facts if fact.attribute.startswith(("cost.", "operating."))}
    assert all("25, 57, 85 and 51 bn in 2026 to 2029 and 39 bn come in in 2030" in note for note in notes)


def test_anthropic_sells_what_it_told_investors():
    found = rows("Anthropic")
    made = project_statements(company("Anthropic"))
    assert made.income["revenue"][:2] / 1e9 == approx([4.8, 10.9])
    assert found["run rate", "2026 Q2"].ratio == approx(1.0, abs=0.1)  # 47 bn in late May, 43.6 bn over the quarter


def test_levels_that_notes_of_other_plans_name_are_met():
    xai, amazon, coreweave = (project_statements(company(name)) for name in ("xAI", "Amazon", "CoreWeave"))
    assert by_year(xai, "income", "ebitda")[0] / 1e9 == approx(-8, abs=1)
    assert by_year(amazon, "cash", "operating")[0] / 1e9 == approx(170, abs=5)
    assert by_year(coreweave, "income", "revenue")[0] / 1e9 == approx(12, abs=0.5)
    margin = by_year(coreweave, "income", "ebitda") / by_year(coreweave, "income", "revenue")
    assert margin[2] == approx(0.6, abs=0.03)


def test_oracles_operating_leases_are_counted_once():
    # 124 bn of total debt holds operating leases; debt over equity is 4.15 with them and 3.61 without.
    oracle = company("Oracle")
    assert oracle.debt_usd + oracle.leases.liability_usd == approx(124e9, rel=0.005)
    made = project_statements(oracle)
    assert made.opening["debt"] / made.opening["equity"] == approx(3.61, rel=0.03)
    assert (made.opening["debt"] + made.opening["lease_liability"]) / made.opening["equity"] == approx(4.15, rel=0.03)


def test_coreweave_counts_its_obligations_and_dates_its_bookings():
    coreweave = company("CoreWeave")
    assert coreweave.business.rpo_usd == catalog.value("facts", "coreweave", "rpo_2025_12_31")
    assert list(coreweave.business.booked_usd) == [0]
    made = project_statements(coreweave)
    # 60.7 of RPO and 34.7 signed in the quarter, less what it sold under contract.
    assert made.memo["backlog"][0] / 1e9 == approx(60.7 + 34.68 - made.income["contracted_revenue"][0] / 1e9)


def test_opening_equity_is_the_published_one_where_that_is_known():
    told = {name: rows(name)["equity", "opening"].ratio for name in names() if ("equity", "opening") in rows(name)}
    # Other liabilities of the first two are set to it. The others are the sum of rounded lines: pinned as they are.
    assert told == approx({"CoreWeave": 1.0, "Oracle": 1.0, "Microsoft": 0.98, "Meta": 0.97, "Amazon": 0.84}, abs=0.01)


def test_sales_of_the_first_quarters_are_within_a_tenth_of_the_published_ones():
    told = {name: row for name in names() for row in rows(name).values() if row.fact == "revenue"}
    assert {"CoreWeave", "Oracle", "Google", "Microsoft", "Meta", "Amazon", "Nvidia"} <= set(told)
    for name in told:
        for row in rows(name).values():
            if row.fact == "revenue":
                assert row.ratio == approx(1.0, abs=0.1), (name, row.date)


def test_every_published_row_is_a_line_that_is_known_and_no_input():
    for name in names():
        chosen = company(name)
        assert not any(fact.attribute.startswith("published.") for fact in chosen.facts)
        assert all(fact.attribute.split(".")[1] in LINES for fact in chosen.published)


def test_cash_and_debt_of_a_company_stand_in_one_place():
    doubled = {
        (name, attribute)
        for name in set(names()) & set(catalog.items("companies"))
        for attribute in set(catalog.facts("statements", name)) & set(SHARED) - {"name"}
    }
    # `companies` holds Oracle's debt with operating leases, which stand among the leases here.
    assert doubled == {("Oracle", "debt_usd")}


# ------------------------------------------------------------------------------------------ capex and working capital
@pytest.mark.parametrize("name", ["CoreWeave", "Meta", "Amazon"])
def test_a_jump_of_capex_brings_no_cash_from_suppliers(name):
    base, more = (project_statements(company(name), 8, Stress(capex=change)) for change in (0.0, 1.0))
    assert np.array_equal(base.cash["change_in_payables"], more.cash["change_in_payables"])
    assert np.all(more.cash["free_cash_flow"] - base.cash["free_cash_flow"] < 0.9 * base.cash["capex"])


def test_amounts_beyond_what_a_float_holds_to_the_cent_are_allowed_for():
    made = project_statements(company("CoreWeave"), 20, Stress(rates=2.0))  # debt at 200 % a year
    assert tolerance_usd(made) > tolerance_usd(project_statements(company("CoreWeave"))) > 0.005
    assert tolerance_usd(made) < 0.5
