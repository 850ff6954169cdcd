"""Payments by year: the sums, the order in which they are listed, and a run in which nobody pays."""

from __future__ import annotations

from datetime import date
from typing import Any

from pytest import approx

from gigawatt.report.moneyflow import payments_by_year
from gigawatt.results import Results, Table

ROWS = [
    (2029, "B", "A", "loan", 1.5),
    (2029, "A", "B", "chips", 2.0),
    (2028, "A", "B", "chips", 4.0),
    (2029, "A", "B", "loan", 8.0),
    (2029, "A", "B", "chips", 16.0),
    (2028, "B", "A", "loan", float("nan")),
]  # year, payer, payee, instrument, USD


def results(rows: list[tuple[Any, ...]]) -> Results:
    names = ("date", "payer", "payee", "instrument", "amount_usd")
    cells = [dict(zip(names, (date(year, 1, 1), *rest), strict=True)) | {"week": 0} for year, *rest in rows]
    return Results("test", "0" * 64, {"money": Table.from_rows("money", cells)}, [])


def test_payments_add_up_by_year_pair_and_instrument():
    found = payments_by_year(results(ROWS))
    assert found["All years"] == {("B", "A"): {"loan": 1.5}, ("A", "B"): {"chips": 22.0, "loan": 8.0}}
    assert found["2029"] == {("B", "A"): {"loan": 1.5}, ("A", "B"): {"chips": 18.0, "loan": 8.0}}
    assert found["2028"] == {("A", "B"): {"chips": 4.0}, ("B", "A"): {"loan": approx(0.0)}}


def test_years_pairs_and_instruments_stand_in_the_order_of_their_first_payment():
    found = payments_by_year(results(ROWS))
    assert list(found) == ["All years", "2029", "2028"]
    assert list(found["2028"]) == [("A", "B"), ("B", "A")]
    assert list(found["2029"]["A", "B"]) == ["chips", "loan"]


def test_a_run_without_payments_has_no_years():
    assert payments_by_year(results([])) == {"All years": {}}
