"""Three statements of a company: they balance, and each line is what its definition says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from gigawatt.finance.companies.catalog import company, names
from gigawatt.finance.companies.company import (
    Assets,
    Business,
    Company,
    Funding,
    Leases,
    Opening,
    Raise,
    Tranche,
    by_quarter,
)
from gigawatt.finance.companies.funding import lent_at_most
from gigawatt.finance.companies.statements import CENT_USD, imbalance_usd, project_statements
from gigawatt.finance.companies.stress import Stress
from gigawatt.finance.parameters import parameter

USABLE_LOSSES = parameter("tax.usable_losses")
FLAT = {2026: 0.0}


def plain(**changes) -> Company:
    """A firm without growth, working capital, capex or tax, with one bullet loan: easy to follow by hand."""
    parts = {
        "opening": Opening(cash_usd=100.0, chips_usd=0.0, sites_usd=0.0),
        "business": Business(
            revenue_usd_per_quarter=100.0, growth=FLAT, bookings_usd={}, customers={}, cost={2026: 0.5},
            operating={2026: 0.2}, stock=FLAT, receivable_days=0.0, payable_days=0.0, tax_rate=0.0,
        ),
        "assets": Assets(capex_usd={2025: 0.0, 2026: 0.0}, invest_usd={}),
        "leases": Leases(),
        "funding": Funding(
            tranches=(Tranche(name="loan", principal_usd=200.0, rate=0.08, first=7, last=7),), cash_rate=0.0,
            max_leverage=0.0, loan_to_value=0.0,
        ),
    }  # fmt: skip
    for key, value in changes.items():
        parts[key] = replace(parts[key], **value)
    return Company(name="plain", title="Plain", opening_date="2025-12-31", **parts)


def test_a_plain_firm_by_hand():
    made = project_statements(plain(), 8)
    assert made.income["ebitda"] == approx(np.full(8, 30.0))
    assert made.income["interest_expense"] == approx(np.full(8, -4.0))  # 200 x 8 % / 4
    assert made.income["net_income"] == approx(np.full(8, 26.0))
    assert made.balance["cash"][6] == approx(100 + 7 * 26)
    assert made.balance["cash"][7] == approx(100 + 8 * 26 - 200)
    assert made.balance["debt"].tolist() == approx([200.0] * 7 + [0.0])
    assert made.opening["equity"] == approx(-100.0)
    assert made.balance["equity"][7] == approx(-100 + 8 * 26)
    assert made.labels == ("2026 Q1", "2026 Q2", "2026 Q3", "2026 Q4", "2027 Q1", "2027 Q2", "2027 Q3", "2027 Q4")


def test_a_bill_that_cannot_be_paid_is_a_gap_and_not_negative_cash():
    made = project_statements(plain(opening={"cash_usd": 0.0}, funding={"tranches": plain().funding.tranches}), 8)
    # Seven quarters bring 7 x 26 = 182 and the last 26, of 200 due: 208 suffices.
    assert made.balance["gap"].max() == 0
    poorer = project_statements(plain(opening={"cash_usd": -50.0}), 8)
    assert poorer.balance["gap"][0] == approx(24.0)  # -50 + 26
    assert poorer.balance["cash"].min() >= 0
    # The gap costs base rate and margin, 5.6 % a year, and is paid back first.
    assert poorer.balance["gap"][1] == approx(0.0)
    assert poorer.balance["cash"][1] == approx(26 - 24 - 24 * 0.056 / 4, abs=0.005)


def test_money_is_raised_from_the_revolver_then_debt_then_shares():
    firm = plain(
        opening={"cash_usd": 10.0, "sites_usd": 100.0},
        assets={
            "capex_usd": {2025: 400.0, 2026: 400.0}, "chip_share": 0.0, "in_progress": 0.0, "site_life_years": 500.0,
        },
        funding={
            "tranches": (), "min_cash_usd": 10.0, "revolver_usd": 20.0, "loan_to_value": 0.15,
            "max_leverage": 9.0, "equity_usd_per_year": 80.0, "new_debt_bullet": True,
        },
    )  # fmt: skip
    made = project_statements(firm, 4)
    first = {name: float(line[0]) for name, line in made.cash.items()}
    assert first["operating"] == approx(30.0)
    assert first["capex"] == approx(-100.0)
    assert first["change_in_revolver"] == approx(20.0)
    assert first["new_debt"] == approx(10.0, abs=0.03)  # 15 % of 200 less the revolver
    assert first["shares_sold"] == approx(20.0)  # a quarter of 80
    # 10 + 30 - 100 + 20 + 10 + 20 = -10: the buffer is gone and 10 stay unpaid.
    assert made.balance["cash"][0] == approx(0.0)
    assert made.balance["gap"][0] == approx(10.0, abs=0.03)


def at_the_limit(tranches, **funding):
    """A firm that may owe 0.5 of 400 of assets, which hardly wear, and 9 turns of EBITDA."""
    return plain(
        opening={"cash_usd": 0.0, "sites_usd": 400.0},
        assets={"chip_share": 0.0, "in_progress": 1.0, "site_life_years": 500.0},
        funding={"tranches": tranches, "loan_to_value": 0.5, "max_leverage": 9.0, "new_debt_bullet": True} | funding,
    )  # fmt: skip


def test_a_bullet_can_be_refinanced_at_the_limit():
    # 199 of room for 200: the signed loan of 190 falls due, and all but the 6 of cash that are there is lent anew.
    loan = Tranche(name="loan", principal_usd=190.0, rate=0.0, first=0, last=0)
    made = project_statements(at_the_limit((loan,), loan_to_value=0.4975), 4)
    assert made.cash["new_debt"][0] == approx(160.0)  # 190 less EBITDA of 30
    assert made.balance["gap"].max() == 0


def test_debt_that_the_plan_raised_can_be_rolled_over_at_the_limit():
    loan = Tranche(name="loan", principal_usd=190.0, rate=0.0, first=0, last=0)
    firm = at_the_limit((loan,), new_debt_years=1.0, base_rate=0.0, new_debt_margin=0.0, max_leverage=1e9)
    firm = replace(firm, business=replace(firm.business, cost={2026: 0.799}))  # 0.1 of EBITDA a quarter
    made = project_statements(firm, 12)
    # 190 of room for 200: what was lent a year ago is owed no more once it is repaid.
    assert made.cash["new_debt"][[0, 4, 8]] == approx(np.array([189.9, 189.5, 189.1]))
    assert made.balance["gap"].max() == 0


def test_lenders_on_assets_lend_to_the_tighter_limit():
    loan = Tranche(name="loan", principal_usd=200.0, rate=0.0, first=0, last=0)
    by_assets, by_earnings = at_the_limit((loan,)), at_the_limit((loan,), max_leverage=0.5)
    # Without the loan 170 is wanted: 0.5 x 400 allows it, 0.5 x 4 x 30 allows 60.
    assert project_statements(by_assets, 1).cash["new_debt"][0] == approx(170.0)
    assert project_statements(by_earnings, 1).cash["new_debt"][0] == approx(60.0)
    assert project_statements(at_the_limit((loan,), loan_to_value=0.1), 1).cash["new_debt"][0] == approx(40.0)
    # Lenders on earnings alone do not look at assets.
    assert project_statements(at_the_limit((loan,), loan_to_value=0.0), 1).cash["new_debt"][0] == approx(170.0)


@pytest.mark.parametrize("name", names())
def test_new_debt_is_lent_within_the_limit(name):
    chosen = company(name)
    for stress in (Stress(), Stress(revenue=-0.2), Stress(chip_life_years=3.0)):
        made = project_statements(chosen, 20, stress)
        room = lent_at_most(chosen.funding, made.income["ebitda"], made.balance["chips"] + made.balance["sites"])
        lent = made.cash["new_debt"] > 0.01
        unpaid_before = np.append(0.0, made.balance["gap"][:-1])
        above = (made.balance["debt"] + unpaid_before - room)[lent]
        assert above.max(initial=0.0) <= 0.1


def test_costs_never_fall_below_take_or_pay():
    # 80 of costs a quarter, of which 75 are bought ahead: at half the revenue 0.7 x 80 + 0.3 x 40 would be left.
    firm = plain(business={"cost": {2026: 0.6}}, funding={"max_leverage": 99.0})
    firm = replace(firm, leases=Leases(commitments_usd=1500.0, commitment_years=5.0))
    made = project_statements(firm, 4, Stress(revenue=-0.5))
    assert -(made.income["cost_of_revenue"] + made.income["operating_expenses"]) == approx(np.full(4, 75.0))
    assert made.memo["purchases"] == approx(np.full(4, 75.0))
    # More signed than the costs of the plan: the difference is paid all the same.
    more = replace(firm, leases=replace(firm.leases, commitments_usd=2000.0))
    assert project_statements(more, 4).income["ebitda"] == approx(np.zeros(4))


def test_openai_pays_its_commitments_out_of_its_costs():
    # 600 bn of compute through 2030 (finance facts) against the cash costs of the plan that is solved to its burn.
    made = project_statements(company("OpenAI"))
    spent = -(made.income["cost_of_revenue"] + made.income["operating_expenses"])
    assert made.memo["purchases"].sum() == approx(600e9)
    assert (made.memo["purchases"] < spent).all()
    assert made.memo["purchases"].sum() / spent.sum() == approx(0.72, abs=0.02)


def test_losses_carried_forward_cover_four_fifths_of_income():
    firm = plain(opening={"tax_losses_usd": 1000.0}, business={"tax_rate": 0.25})
    made = project_statements(firm, 4)
    assert -made.income["tax"] == approx(np.full(4, 0.25 * 26.0 * (1 - USABLE_LOSSES)), abs=0.01)
    assert made.memo["tax_losses"][3] == approx(1000 - 4 * 26 * USABLE_LOSSES, abs=0.05)


def test_receivables_take_cash_as_revenue_grows():
    firm = plain(business={"growth": {2026: 1.0}, "receivable_days": 365 / 4})
    made = project_statements(firm, 4)
    # A quarter of revenue is outstanding: what is collected is the revenue of the quarter before.
    collected = made.income["revenue"] + made.cash["change_in_receivables"]
    assert collected[1:] == approx(made.income["revenue"][:-1], abs=0.02)
    assert collected[0] == approx(100.0, abs=0.02)


def test_a_customer_that_fails_takes_its_contracts_and_what_it_owes():
    firm = plain(
        business={
            "contracted_usd_per_quarter": 100.0, "customers": {"Big": 0.6}, "receivable_days": 365 / 4,
            "fixed_cost": 1.0,
        }
    )  # fmt: skip
    made = project_statements(firm, 6, Stress(defaults="Big", start=2))
    assert made.income["revenue"] == approx(np.array([100, 100, 40, 40, 40, 40.0]))
    assert made.income["receivables_written_off"] == approx(np.array([0, 0, -60, 0, 0, 0.0]))
    assert made.income["cost_of_revenue"] == approx(np.full(6, -50.0))  # costs are fixed
    # The write-off is not cash: nothing is collected beyond what the others paid.
    assert made.cash["operating"][2] == approx(40 - 70 - 4.0)


def test_costs_follow_revenue_for_their_variable_part():
    made = project_statements(plain(business={"fixed_cost": 0.5}), 2, Stress(revenue=-0.2))
    assert made.income["cost_of_revenue"] == approx(np.full(2, -45.0))  # half of 50, and half of 40


def test_signed_money_comes_on_its_days_and_closed_markets_stop_it():
    later = Tranche(name="later", principal_usd=90.0, rate=0.1, drawn_first=1, drawn_last=3, first=5, last=7)
    firm = plain(funding={"tranches": (later,), "raises": (Raise(name="r", usd=40.0, first=2, last=3),)})
    made = project_statements(firm, 8)
    assert made.cash["signed_debt_drawn"][:5] == approx(np.array([0, 30, 30, 30, 0.0]))
    assert made.cash["shares_sold"][:4] == approx(np.array([0, 0, 20, 20.0]))
    closed = project_statements(firm, 8, Stress(refinancing_closed=True, start=2))
    assert closed.cash["signed_debt_drawn"].sum() == approx(30.0)
    assert closed.cash["shares_sold"].sum() == 0
    assert -closed.cash["debt_repaid"].sum() == approx(30.0)


@pytest.mark.parametrize("name", names())
def test_statements_of_every_company_balance_to_the_cent(name):
    for stress in (Stress(), Stress(revenue=-0.3, rates=0.03, refinancing_closed=True, chip_life_years=3.0, start=3)):
        made = project_statements(company(name), 20, stress)
        assert imbalance_usd(made) <= CENT_USD
        assert made.balance["cash"].min() >= 0
        total = sum(made.debt.values())
        assert total == approx(made.balance["debt"] + made.balance["gap"])


def test_a_line_that_is_off_by_a_cent_is_caught():
    made = project_statements(company("CoreWeave"), 4)
    for statement, line in (("balance", "equity"), ("balance", "cash"), ("cash", "financing")):
        lines = dict(getattr(made, statement))
        lines[line] = lines[line] + 0.01
        assert imbalance_usd(replace(made, **{statement: lines})) > CENT_USD


@settings(max_examples=40, deadline=None)
@given(
    revenue=st.floats(-0.9, 1.0), rates=st.floats(-0.03, 0.15), capex=st.floats(-1.0, 1.0),
    life=st.floats(0.5, 12.0), start=st.integers(0, 11), closed=st.booleans(),
    name=st.sampled_from(["CoreWeave", "Oracle", "OpenAI", "SoftBank", "Cipher"]),
)  # fmt: skip
def test_any_stress_leaves_the_statements_balanced(revenue, rates, capex, life, start, closed, name):
    stress = Stress(
        revenue=revenue, rates=rates, capex=capex, chip_life_years=life, refinancing_closed=closed, start=start
    )
    made = project_statements(company(name), 12, stress)
    assert imbalance_usd(made) <= CENT_USD
    assert made.balance["chips"].min() >= 0


def test_draws_are_single_projections_side_by_side():
    cuts = np.array([-0.4, -0.1, 0.0, 0.2])
    many = project_statements(company("CoreWeave"), 10, Stress(revenue=cuts, rates=cuts / 10))
    assert many.balance["cash"].shape == (4, 10)
    for n, cut in enumerate(cuts):
        one = project_statements(company("CoreWeave"), 10, Stress(revenue=cut, rates=cut / 10))
        for line in ("net_income", "interest_expense"):
            assert np.array_equal(many.income[line][n], one.income[line])
        assert np.array_equal(many.balance["debt"][n], one.balance["debt"])


def test_values_between_mid_years_are_on_a_line():
    found = by_quarter({2026: 0.1, 2027: 0.2}, 2026, 12)
    # Quarter 2026 Q3 is centred an eighth of a year after the middle of 2026.
    assert found[0] == found[1] == approx(0.1)
    assert found[2] == approx(0.1 + 0.1 * 0.125)
    assert found[-1] == approx(0.2)


@pytest.mark.parametrize(
    ("quarters", "stress", "why"),
    [
        (0, Stress(), "1 to 80"),
        (4, Stress(start=4), "outside of 0 to 3"),
        (4, Stress(chip_life_years=0.0), "above 0"),
        (4, Stress(defaults="OpenIA"), "did you mean 'OpenAI'"),
    ],
)
def test_what_makes_no_sense_is_refused(quarters, stress, why):
    with pytest.raises(ValueError, match=why):
        project_statements(company("CoreWeave"), quarters, stress)


def test_an_unknown_company_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'CoreWeave'"):
        company("corewaeve")
    assert company("coreweave") is company("CoreWeave") or company("coreweave").name == "CoreWeave"


@pytest.mark.parametrize("name", names())
def test_looking_further_ahead_changes_nothing_near(name):
    near, far = (project_statements(company(name), quarters, Stress(rates=0.01)) for quarters in (5, 20))
    for line in ("net_income", "revenue"):
        assert near.income[line] == approx(far.income[line][:5], abs=0.02)
    assert near.cash["capex"] == approx(far.cash["capex"][:5], abs=0.02)
    assert near.balance["debt"] == approx(far.balance["debt"][:5], abs=1.0)
