"""Statements of companies of a run: they close to the cent, and agree with the tables they come from."""

import csv
import io
from functools import cache

import numpy as np
import pytest
import typer
from pytest import approx
from typer.testing import CliRunner

from gigawatt import store
from gigawatt.cli.failures import Guarded
from gigawatt.cli.finance_company import company
from gigawatt.errors import GigawattError
from gigawatt.results import Table
from gigawatt.world.simulation import run as run_world
from gigawatt.world.tables import result_tables
from gigawatt.world.tables_statements import run_statements
from tests.world import runs

CENT_USD = 0.01


@cache
def tables():
    return result_tables(runs.record("stargate"))


def test_statements_of_every_company_close_to_the_cent():
    for name in dict.fromkeys(tables()["companies"]["company"].tolist()):
        made = run_statements(tables(), name)
        assert made.error_usd <= CENT_USD, name
        b = made.balance
        assert np.abs(b["assets"] - b["debt"] - b["equity"]).max() <= CENT_USD
        c = made.cash
        assert c["operating"] + c["investing"] + c["financing"] == approx(c["change_in_cash"], abs=CENT_USD)


def test_years_are_sums_of_quarters_and_end_where_they_end():
    quarters, years = (run_statements(tables(), "Oracle", annual) for annual in (False, True))
    in_2027 = [label.startswith("2027") for label in quarters.labels]
    n = years.labels.index("2027")
    for line, values in quarters.income.items():
        assert values[in_2027].sum() == approx(years.income[line][n], rel=1e-9, abs=1.0)
    assert quarters.balance["cash"][quarters.labels.index("2027 Q4")] == years.balance["cash"][n]


def test_flows_agree_with_the_table_of_companies():
    own = tables()["companies"].where(company="CoreWeave")
    made = run_statements(tables(), "CoreWeave", annual=True)
    for line, column, sign in (
        ("ebitda", "ebitda_usd", 1),
        ("interest_paid", "interest_usd", -1),
        ("tax", "tax_usd", -1),
    ):
        assert made.income[line].sum() == approx(sign * own[column][1:].sum(), rel=1e-9)
    assert made.cash["capex"].sum() == approx(-own["capex_usd"][1:].sum(), rel=1e-9)
    assert (made.income["depreciation"] < 0).all()


def test_a_payment_that_is_missing_from_the_journal_is_caught():
    money = tables()["money"]
    interest = np.flatnonzero(
        (money["payer"] == "CoreWeave") & (money["instrument"] == "interest") & (money["week"] > 0)
    )
    keep = np.ones(len(money), dtype=bool)
    keep[interest[0]] = False
    broken = dict(tables()) | {"money": money.take(keep)}
    with pytest.raises(GigawattError, match="statements of CoreWeave are off by"):
        run_statements(broken, "CoreWeave")


def with_oracles(column, week, usd):
    """The tables with an amount added to a column of Oracle from a week on."""
    companies = tables()["companies"]
    columns = {name: values.copy() for name, values in companies.columns.items()}
    hit = (companies["company"] == "Oracle") & (companies["week"] >= week)
    for name in column:
        columns[name][hit] += usd
    return dict(tables()) | {"companies": Table("companies", columns)}


@pytest.mark.parametrize("column", ["cash_usd", "chips_usd", "claims_usd", "debt_usd", "equity_usd"])
def test_a_stock_that_is_off_is_caught(column):
    with pytest.raises(GigawattError, match="statements of Oracle are off by"):
        run_statements(with_oracles((column,), 30, 1e6), "Oracle")


def test_assets_that_grow_by_themselves_are_refused():
    # Chips and equity alike: the balance sheet closes, and depreciation would be below 0.
    with pytest.raises(GigawattError, match="fixed assets of Oracle grow by"):
        run_statements(with_oracles(("chips_usd", "equity_usd"), 30, 1e10), "Oracle")


def test_an_unknown_company_and_a_run_of_one_week_are_refused():
    with pytest.raises(GigawattError, match="did you mean 'CoreWeave'"):
        run_statements(tables(), "CoreWaeve")
    companies = tables()["companies"]
    short = dict(tables()) | {"companies": Table("companies", dict(companies.take(companies["week"] == 0).columns))}
    with pytest.raises(GigawattError, match="at least two weeks"):
        run_statements(short, "CoreWeave")


def test_the_command_shows_the_statements_of_a_run(tmp_path):
    app = typer.Typer(cls=Guarded)
    app.command("company")(company)
    app.command("other")(lambda: None)
    with runs.one_class():
        loaded = runs.scenario("one-campus")
        store.save(run_world(loaded), loaded, tmp_path)
    owner = next(iter(loaded.sites.values())).owner
    wide = CliRunner(env={"COLUMNS": "100"})
    done = wide.invoke(app, ["company", owner, "--run", "latest", "--runs", str(tmp_path), "--annual"])
    assert done.exit_code == 0, done.output
    assert "Balance sheet" in done.stdout and max(map(len, done.stdout.splitlines()[2:])) <= 100
    files = wide.invoke(app, ["company", owner, "--run", "latest", "--runs", str(tmp_path), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(files.stdout)))
    assert {row["company"] for row in rows} == {owner} and rows[-1]["period_end"] > rows[-1]["period_start"]
    at = {(row["statement"], row["line"]): float(row["value"]) for row in rows}  # the last period stays
    assets, debt, equity = (at["balance", line] for line in ("assets", "debt", "equity"))
    assert abs(assets - debt - equity) <= CENT_USD
    refused = wide.invoke(app, ["company", owner, "--run", "latest", "--runs", str(tmp_path), "--statement", "debt"])
    assert refused.exit_code != 0 and "has income, cash and balance" in refused.output
