"""Numbers for people, and series gathered from tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats
from pytest import approx

from gigawatt.report.building import steadied, stretches
from gigawatt.report.numbers import percent, say, three
from gigawatt.report.series import Weekly, gathered, largest, moving_mean, thinned, yearly
from gigawatt.report.words import and_list, month, opening, readable
from tests.fake_results import fake_results


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234.5, "1,230"), (0.01234, "0.0123"), (9.999, "10.0"), (-12.34, "\u221212.3"), (math.nan, "n/a"),
     (999.6, "1,000"), (math.inf, "n/a")],
)  # fmt: skip
def test_three_digits_count(value, text):
    assert three(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1234, "MW", "1.23 GW"), (1.4e12, "USD", "$1.40 tn"), (-2.5e9, "USD", "\u2212$2.50 bn"), (0.4, "MW", "0.400 MW"),
     (65, "$/MWh", "$65.0/MWh"), (3.2e6, "H100e", "3.20 M H100e")],
)  # fmt: skip
def test_numbers_carry_their_unit_and_magnitude(value, unit, text):
    scaled = say(value, unit)
    assert scaled == text


def test_shares_are_said_as_per_cent():
    assert percent(0.1234) == "12.3 %"


@given(floats(1e-3, 1e8))
def test_what_is_written_is_within_half_a_per_cent(value):
    assert float(three(value).replace(",", "")) == approx(value, rel=5.1e-3)


def test_names_become_words():
    assert [opening(readable(name)) for name in ("power_transformers", "hbm", "us_tx", "xAI", "OpenAI")] == [
        "Power transformers", "HBM", "US Texas", "xAI", "OpenAI",
    ]  # fmt: skip
    assert and_list(["a", "b", "c"]) == "a, b and c" and and_list(["a"]) == "a" and and_list([]) == ""
    assert month(np.datetime64("2031-03-12")) == "March 2031"


def test_gathering_loses_nothing():
    table = fake_results(30)["capacity"]
    assert gathered(table, "owner", "energised_mw").total.sum() == approx(table["energised_mw"].sum())
    assert largest(gathered(table, "site", "energised_mw"), 3).total.sum() == approx(table["energised_mw"].sum())


def test_a_weighted_mean_lies_between_its_parts():
    table = fake_results(30)["tokens"]
    mean = gathered(table, "tier", "price_usd_per_mtok", weight="served_gtokens").values["pro"]
    prices = table.where(tier="pro")["price_usd_per_mtok"]
    assert prices.min() <= mean.min() and mean.max() <= prices.max()


def test_thinning_keeps_the_last_week_and_the_sum():
    dates = np.datetime64("2026-01-05") + 7 * np.arange(523)
    weekly = Weekly(dates, {"a": np.arange(523.0)})
    assert thinned(weekly, "last").values["a"][-1] == 522 and thinned(weekly, "last").dates[-1] == dates[-1]
    assert thinned(weekly, "sum").values["a"].sum() == approx(weekly.values["a"].sum())


def test_years_are_calendar_years():
    dates = np.datetime64("2026-12-21") + 7 * np.arange(4)
    years, values = yearly(Weekly(dates, {"a": np.array([1.0, 2.0, 4.0, 8.0])}), "sum")
    assert years == [2026, 2027] and values["a"].tolist() == [3.0, 12.0]


def test_a_moving_mean_starts_with_what_there_is():
    assert moving_mean(np.array([2.0, 4.0, 6.0]), 2).tolist() == [2.0, 3.0, 5.0]


def test_stretches_skip_weeks_in_which_nothing_binds():
    items = np.array(["a", "a", "", "b", "a"], dtype=object)
    assert stretches(items) == [("a", 0, 1), ("b", 3, 3), ("a", 4, 4)]


def test_strips_show_the_item_that_binds_most_of_four_weeks():
    items = np.array(["a", "b", "a", "a", "b"], dtype=object)
    assert steadied(items).tolist() == ["a", "a", "a", "a", "b"]
