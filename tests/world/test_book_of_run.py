"""The money ledger of a run as a network and as a book: nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from gigawatt.book_of_run import book_of_run, network_of_run, roles, years_of
from gigawatt.deals.book import network
from gigawatt.deals.book.book import PAYMENT_KINDS
from gigawatt.errors import GigawattError
from gigawatt.results import Results, Table
from gigawatt.scenario import load
from gigawatt.world import run

CAMPUS = Path(__file__).parents[2] / "examples" / "one-campus.yaml"


@pytest.fixture(scope="module")
def short_run() -> Results:
    """A run of one campus with two companies."""
    return run(load(CAMPUS))


def paid_usd(results, year):
    table = results["money"]
    others = table["payer"] != table["payee"]
    rows = (table["date"].astype("datetime64[Y]").astype(int) + 1970 == year) & others
    return float(np.nan_to_num(table["amount_usd"][rows]).sum())


def test_the_network_of_a_year_holds_all_its_payments(short_run):
    for year in years_of(short_run):
        assert network_of_run(short_run, year).gross_usd == pytest.approx(paid_usd(short_run, year), rel=1e-12)


def test_the_book_holds_the_same_payments(short_run):
    year = years_of(short_run)[0]
    assert network(book_of_run(short_run, year), year).gross_usd == pytest.approx(paid_usd(short_run, year), rel=1e-12)


def test_a_part_of_a_year_at_the_end_is_no_year_of_business(short_run):
    money, (first, *_, last) = short_run["money"], years_of(short_run)
    kept = money["date"] < np.datetime64(date(last, 7, 1))
    cut = Table("money", {name: values[kept] for name, values in money.columns.items()})
    halved = replace(short_run, tables={**short_run.tables, "money": cut})
    assert {payment.year for payment in book_of_run(short_run, first).payments} == set(range(first, last + 1))
    assert {payment.year for payment in book_of_run(halved, first).payments} == set(range(first, last))
    assert {payment.year for payment in book_of_run(halved, last).payments} == {last}


def test_equity_of_the_book_is_that_of_the_run(short_run):
    year = years_of(short_run)[-1]
    table, book = short_run["companies"], book_of_run(short_run, year)
    week = table["date"][table["date"] <= np.datetime64(book.as_of)].max()
    rows = table["date"] == week
    for name, equity in zip(table["company"][rows], table["equity_usd"][rows], strict=True):
        assert book.parties[name].equity_usd == pytest.approx(equity, rel=1e-9)


def test_network_and_book_call_payments_by_the_same_words(short_run):
    year = years_of(short_run)[0]
    direct, by_book = network_of_run(short_run, year), network(book_of_run(short_run, year), year)
    sums = [{(e.payer, e.payee, e.kind): e.usd for e in each.edges} for each in (direct, by_book)]
    assert sums[0] == pytest.approx(sums[1])
    assert {kind for _, _, kind in sums[0]} <= set(PAYMENT_KINDS)


def test_balance_sheets_of_the_book_are_those_of_the_week_before(short_run):
    year = years_of(short_run)[-1]
    book = book_of_run(short_run, year)
    table = short_run["companies"]
    before = table["date"][table["date"] <= np.datetime64(date(year - 1, 12, 31))]
    week = before.max() if len(before) else table["date"].min()
    for name, party in book.parties.items():
        rows = (table["company"] == name) & (table["date"] == week)
        if rows.any():
            assert party.cash_usd == table["cash_usd"][rows][0]
    assert book.as_of == date(year - 1, 12, 31)


def test_companies_have_the_roles_of_the_scenario(short_run):
    assert set(roles(short_run).values()) <= {"lab", "owner", "maker", "holding"}
    assert set(network_of_run(short_run).core) <= set(roles(short_run))


def test_a_year_outside_the_run_is_an_error(short_run):
    with pytest.raises(GigawattError, match="the run has"):
        network_of_run(short_run, 1999)
