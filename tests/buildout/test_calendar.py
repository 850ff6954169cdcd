"""Weeks in which less work is done."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import dates, integers, sampled_from
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.calendar import (
    CALENDARS,
    HOLIDAYS,
    SEASONS,
    lunar_new_year,
    pace,
    ramadans,
    slow_times,
    thanksgiving,
)

REGIONS = catalog.items("regions")
MONDAY = dt.date(2026, 1, 5)
NEW_YEARS = """2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26
    2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19""".split()  # as calendars of China print them
RAMADANS = "2022-04-02 2023-03-23 2024-03-11 2025-03-01 2026-02-18".split()  # as announced in Saudi Arabia


def week_of(day):
    return (day - MONDAY).days // 7


def share(calendar, region, day):
    return pace(calendar, region, MONDAY, 600)[week_of(day)]


def test_lunar_new_years_are_right_within_a_day():
    for text in NEW_YEARS:
        day = dt.date.fromisoformat(text)
        assert abs((lunar_new_year(day.year) - day).days) <= 1


def test_ramadans_are_right_within_two_days_and_some_years_have_two():
    for text in RAMADANS:
        day = dt.date.fromisoformat(text)
        (found,) = ramadans(day.year)
        assert abs((found - day).days) <= 2
    assert len(ramadans(2030)) == 2


def test_thanksgiving_is_the_fourth_thursday_of_november():
    assert [thanksgiving(year).day for year in (2024, 2025, 2026, 2027)] == [28, 27, 26, 25]


@given(
    region=sampled_from(REGIONS),
    calendar=sampled_from(CALENDARS),
    start=dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)),
    weeks=integers(1, 200),
)
def test_pace_is_a_share_and_outdoors_never_faster(region, calendar, start, weeks):
    found = pace(calendar, region, start, weeks)
    assert found.shape == (weeks,) and (found > 0).all() and (found <= 1).all()
    assert (pace("outdoor", region, start, weeks) <= pace("", region, start, weeks) + 1e-12).all()


@given(region=sampled_from(REGIONS), shift=integers(0, 100))
def test_a_week_is_as_slow_whenever_the_plan_starts(region, shift):
    whole = pace("outdoor", region, MONDAY, 160)
    assert pace("outdoor", region, MONDAY + dt.timedelta(weeks=shift), 60) == approx(whole[shift : shift + 60])


def test_little_is_done_in_china_about_the_lunar_new_year_and_all_of_it_in_texas():
    day = lunar_new_year(2027)
    assert share("", "china", day) < 0.3 and share("", "us_tx", day) == 1


def test_winter_slows_outdoor_work_in_the_midwest_and_not_in_texas_or_indoors():
    day = dt.date(2027, 1, 20)
    assert share("outdoor", "us_midwest", day) == approx(0.85)
    assert share("", "us_midwest", day) == share("outdoor", "us_tx", day) == 1


def test_heat_slows_outdoor_work_in_the_gulf():
    day = dt.date(2027, 7, 30)
    assert share("outdoor", "gulf", day) == approx(0.8) and share("", "gulf", day) == 1


def test_christmas_stops_most_work_in_europe_and_none_in_china():
    day = dt.date(2028, 12, 27)
    assert share("", "europe", day) < 0.4 and share("", "china", day) == 1


def test_a_holiday_that_began_before_the_plan_still_counts():
    start = dt.date(2026, 12, 28)
    assert pace("", "europe", start, 1)[0] == approx(0.2)


def test_a_year_loses_what_its_slow_days_lose():
    """Two holidays of Texas, ten days at a quarter and four at a quarter, lose 10.5 days a year."""
    lost = sum(days * (1 - p) for _, days, p in slow_times("us_tx", False))
    assert lost == 10.5
    assert pace("", "us_tx", dt.date(2026, 6, 1), 522).mean() == approx(1 - 10 * lost / (522 * 7), abs=1e-9)


def test_every_season_and_holiday_of_the_catalog_is_known_and_has_both_values():
    for region in REGIONS:
        facts = catalog.facts("regions", region)
        for key in facts:
            if key.endswith(("_pace", "_days")):
                name = key[:-5]
                assert name in HOLIDAYS or name in SEASONS, (region, key)
                assert f"{name}_pace" in facts and f"{name}_days" in facts
                assert 0 < float(facts[f"{name}_pace"].value) <= 1 and float(facts[f"{name}_days"].value) >= 1


def test_unknown_calendars_and_regions_are_named():
    with pytest.raises(ValueError, match="calendar 'moon'; known: '', 'outdoor'"):
        pace("moon", "us_tx", MONDAY, 3)
    with pytest.raises(ValueError, match="us_texas"):
        pace("", "us_texas", MONDAY, 3)


def test_no_region_loses_more_than_a_sixth_of_its_year():
    for region in REGIONS:
        assert np.mean(pace("outdoor", region, MONDAY, 520)) > 5 / 6
