"""Result tables: their schema, their rows, and that each of them adds up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from gigawatt.results import SCHEMA
from gigawatt.world.record import FIELDS
from gigawatt.world.simulation import run as run_world
from gigawatt.world.tables import result_tables
from tests.world.runs import one_class, record, scenario

EXAMPLES = ("stargate", "one-campus", "telecom-1999")
MAY_BE_UNKNOWN = {"deals.amount_usd", "assumptions.low", "assumptions.high", "claims.value", "claims.threshold",
                  "tokens.j_per_query", "tokens.g_co2_per_query"}  # fmt: skip
KINDS = {"int": "iu", "float": "f", "date": "M", "bool": "b"}


@pytest.fixture(scope="module")
def results():
    """Results of every example."""
    with one_class():
        return {name: run_world(scenario(name)) for name in EXAMPLES}


def column(table, name, rows):
    """A column as weeks x rest."""
    return table[name].reshape(rows, -1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_table_has_the_columns_and_kinds_of_the_schema(results, name):
    tables = results[name].tables
    assert set(tables) == set(SCHEMA)
    for key, schema in SCHEMA.items():
        assert list(tables[key].columns) == list(schema), key
        for field, kind in schema.items():
            if kind in KINDS and len(tables[key]):
                assert tables[key][field].dtype.kind in KINDS[kind], f"{key}.{field}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_weekly_tables_have_a_row_for_every_week_and_label(results, name):
    tables, run = results[name].tables, record(name)
    n, weeks = run.names, len(run.history)
    labs = int(run.tables.company.is_lab[: len(n.companies)].sum())
    crews = any(item.kind == "local" for item in run.scenario.supply.values())
    expected = {
        "capacity": len(n.sites), "buildrate": 1, "power": len(n.regions),
        "constraints": len(n.items) + len(n.regions) + crews * len(n.nations),
        "compute": len(n.companies), "tokens": labs * len(n.tiers), "unmet": 3 + len(n.tiers) + len(n.missions),
        "market": len(n.segments) * labs, "prices": 1, "companies": len(n.companies),
    }  # fmt: skip
    for key, rows in expected.items():
        assert len(tables[key]) == weeks * rows, key
        assert tables[key]["week"][0] == 0 and tables[key]["week"][-1] == weeks - 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_dates_are_the_mondays_of_the_plan(results, name):
    table, start = results[name].tables["prices"], scenario(name).start
    assert (table["date"] == np.datetime64(start) + 7 * table["week"]).all()


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_of_the_tables_are_finite(results, name):
    for key, table in results[name].tables.items():
        for field, kind in SCHEMA[key].items():
            if kind == "float" and f"{key}.{field}" not in MAY_BE_UNKNOWN:
                assert np.isfinite(table[field]).all(), f"{key}.{field}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_chips_in_the_compute_table_add_up(results, name):
    c = results[name].tables["compute"]
    kept = c["used_h100e"] + c["idle_h100e"] + c["spot_lent_h100e"] - c["borrowed_h100e"] - c["spot_borrowed_h100e"]
    parts = c["failed_h100e"] + c["unpowered_h100e"] + c["lent_h100e"] + kept
    assert c["installed_h100e"] == approx(parts, rel=1e-9, abs=1e-3)
    weeks = len(record(name).history)
    for lent, borrowed in (("lent_h100e", "borrowed_h100e"), ("spot_lent_h100e", "spot_borrowed_h100e")):
        assert column(c, lent, weeks).sum(axis=1) == approx(column(c, borrowed, weeks).sum(axis=1), rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("name", EXAMPLES)
def test_supply_in_the_power_table_is_its_load(results, name):
    p = results[name].tables["power"]
    assert p["grid_mw"] + p["firm_mw"] == approx(p["load_mw"], rel=1e-9, abs=1e-6)
    assert p["busy_mw"] + p["idle_mw"] + p["cooling_mw"] == approx(p["load_mw"], rel=1e-9, abs=1e-6)
    assert (p["grid_mw"] <= p["grid_capacity_mw"] * (1 + 1e-9) + 1e-6).all()
    assert p["energy_mwh"] == approx(168 * p["load_mw"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_power_by_site_adds_up_to_the_build_rate(results, name):
    tables, weeks = results[name].tables, len(record(name).history)
    build = tables["buildrate"]
    assert column(tables["capacity"], "energised_mw", weeks).sum(axis=1) == approx(build["energised_gw"] * 1e3)
    assert np.diff(build["energised_gw"]) * 1e3 == approx(build["energised_mw_per_week"][1:], rel=1e-6, abs=1e-3)
    assert np.diff(build["programme_mw"]) == approx(build["programme_mw_per_week"][1:], rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("name", EXAMPLES)
def test_payments_of_the_money_table_are_the_changes_of_cash(results, name):
    money, books = results[name].tables["money"], results[name].tables["companies"]
    weeks, names = len(record(name).history), record(name).names.companies
    for c, company in enumerate(names):
        moved = np.zeros(weeks)
        for side, sign in (("payee", 1), ("payer", -1)):
            mine = money[side] == company
            np.add.at(moved, money["week"][mine], sign * money["amount_usd"][mine])
        cash = column(books, "cash_usd", weeks)[:, c]
        change = column(books, "cash_change_usd", weeks)[:, c]
        scale = 1e-9 * (abs(cash).max() + abs(moved).max()) + 1.0
        assert abs(moved - change).max() <= scale
        assert abs(np.diff(cash) - change[1:]).max() <= scale


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_money_table_has_every_payment_once_and_none_of_nothing(results, name):
    money, run = results[name].tables["money"], record(name)
    assert (money["amount_usd"] != 0).all()
    assert money["amount_usd"].sum() == approx(run.field("books.paid_usd").sum())
    keys = list(zip(money["week"], money["payer"], money["payee"], money["instrument"], strict=True))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_cash_flow_statement_adds_up(results, name):
    b = results[name].tables["companies"]
    net = b["cash_usd"] + b["chips_usd"] + b["sites_usd"] + b["claims_usd"] - b["debt_usd"]
    assert b["equity_usd"] == approx(net, rel=1e-6, abs=1e4)
    earned = b["ai_revenue_usd"] + b["cloud_revenue_usd"] + b["core_revenue_usd"] + b["chip_revenue_usd"]
    earned = earned + b["mission_revenue_usd"]
    assert b["ebitda_usd"] == approx(earned - b["operating_cost_usd"], rel=1e-9, abs=1e3)
    financed = b["debt_issued_usd"] - b["debt_repaid_usd"] + b["equity_issued_usd"] - b["dividend_usd"]
    spent = b["interest_usd"] + b["tax_usd"] + b["capex_usd"] + b["invested_usd"]
    change = b["ebitda_usd"] - spent + financed + b["financial_income_usd"]
    assert b["cash_change_usd"] == approx(change, rel=1e-6, abs=1e3)


@pytest.mark.parametrize("name", EXAMPLES)
def test_shares_and_unmet_demand_are_shares(results, name):
    tables = results[name].tables
    for key, field in (("market", "share"), ("unmet", "unmet_share")):
        assert (tables[key][field] >= 0).all() and (tables[key][field] <= 1 + 1e-9).all()
    assert (tables["tokens"]["served_gtokens"] <= tables["tokens"]["demand_gtokens"] * (1 + 1e-9)).all()


@pytest.mark.parametrize("name", EXAMPLES)
def test_allocation_over_companies_is_the_unmet_table(results, name):
    tables = results[name].tables
    for use in set(tables["unmet"]["use"]):
        for field in ("need_h100e", "used_h100e"):
            whole = tables["unmet"].where(use=use)[field].sum()
            assert tables["allocation"].where(use=use)[field].sum() == approx(whole)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_binds_is_named_every_week(results, name):
    build, run = results[name].tables["buildrate"], record(name)
    known = {*run.names.items, "orders", "money", "grid and firm power", "powered room", "nothing"}
    assert set(build["site_binding"]) <= known and set(build["chip_binding"]) <= known


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_checks_pass_and_name_every_ledger(results, name):
    checks = results[name].tables["checks"]
    assert list(checks["ledger"]) == ["money", "compute", "power"] and checks["passed"].all()


@pytest.mark.parametrize("name", EXAMPLES)
def test_deals_are_listed_once_and_paid_no_more_than_their_amount(results, name):
    deals = results[name].tables["deals"]
    assert list(deals["deal"]) == list(scenario(name).deals)
    for row in deals.rows():
        if row["status"] in ("lapsed", "superseded"):
            assert row["paid_usd"] == 0
        if np.isfinite(row["amount_usd"]) and row["instrument"] != "revenue_share":
            assert row["paid_usd"] <= row["amount_usd"] * (1 + 1e-9)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_claim_is_answered(results, name):
    claims = results[name].tables["claims"]
    assert len(claims) == len(scenario(name).claims)


@pytest.mark.parametrize("name", EXAMPLES)
def test_assumptions_name_their_source(results, name):
    table = results[name].tables["assumptions"]
    assert len(table) > 100 and all(table["source"]) and all(table["path"])


# --------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize("name", EXAMPLES)
def test_headline_figures_are_there_with_text_unit_and_a_field_of_a_table(results, name):
    figures = results[name].figures
    assert len(figures) >= 8 and len({figure.name for figure in figures}) == len(figures)
    for figure in figures:
        table, _, field = figure.field.partition(".")
        assert figure.text and (field in SCHEMA[table] if field else table), figure.name
        assert figure.value is None or isinstance(figure.value, float)
        assert "nan" not in figure.text.lower().split(), figure.text


def test_the_headline_answers_the_question_of_the_programme(results):
    names = {figure.name: figure for figure in results["stargate"].figures}
    assert any("first week at 1 GW/week" in name for name in names)
    online = next(figure for name, figure in names.items() if name.startswith("GW online"))
    assert online.value == approx(results["stargate"].tables["buildrate"]["energised_gw"][-1])
    goal = next(figure for name, figure in names.items() if name.startswith("Programme of"))
    assert (math.isnan(goal.value) and "not reached: held by" in goal.text) or goal.value >= 2026


def test_every_column_of_a_weekly_table_has_a_field_of_the_state():
    run = record("one-campus")
    for table, columns in FIELDS.items():
        for field, path in columns.items():
            assert field in SCHEMA[table], f"{table}.{field}"
            assert run.field(path).shape[0] == len(run.history), path


def test_the_same_run_makes_the_same_tables(results):
    again = result_tables(record("one-campus"))
    for key, table in again.items():
        for field in table.columns if key != "claims" else ():
            one, other = table[field], results["one-campus"].tables[key][field]
            assert np.array_equal(one, other, equal_nan=one.dtype.kind in "fM"), f"{key}.{field}"
