"""Weeks, dates and years agree with the calendar."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.timeline import Timeline, parse_date, year_of

DECADE = Timeline(dt.date(2026, 1, 5), 520)


def test_week_zero_begins_on_the_start_and_lasts_seven_days():
    assert DECADE.date(0) == dt.date(2026, 1, 5)
    assert DECADE.week(dt.date(2026, 1, 11)) == 0
    assert DECADE.week(dt.date(2026, 1, 12)) == 1
    assert DECADE.week(dt.date(2026, 1, 4)) == -1


def test_the_plan_ends_where_its_last_week_ends():
    assert len(DECADE.dates()) == 520
    assert DECADE.dates()[-1] + dt.timedelta(days=7) == DECADE.end == dt.date(2035, 12, 24)


@given(week=st.integers(-1000, 5000), day=st.integers(0, 6))
def test_every_day_of_a_week_is_in_that_week(week, day):
    assert DECADE.week(DECADE.date(week) + dt.timedelta(days=day)) == week


@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)))
def test_the_year_of_a_day_has_that_year_before_its_point(day):
    assert int(year_of(day)) == day.year
    assert year_of(day) < year_of(day + dt.timedelta(days=1))


def test_half_a_year_is_a_half():
    assert year_of(dt.date(2027, 7, 2)) == approx(2027.5, abs=0.002)
    assert DECADE.year(0) == approx(2026 + 4 / 365)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-06-15", dt.date(2026, 6, 15)),
        ("2026-06", dt.date(2026, 6, 1)),
        ("2027", dt.date(2027, 1, 1)),
        (2027, dt.date(2027, 1, 1)),
        (dt.date(2026, 6, 15), dt.date(2026, 6, 15)),
        (dt.datetime(2026, 6, 15, 12), dt.date(2026, 6, 15)),
    ],
)
def test_a_date_may_leave_out_its_day_and_month(written, meant):
    assert parse_date(written) == meant


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-02-30", "June 2026", "", "0000", 26, -5, True, None, 2026.5, "9" * 10**6]
)
def test_what_is_no_date_is_refused(written):
    with pytest.raises(ValueError, match="is not a date"):
        parse_date(written)


@pytest.mark.parametrize(("weeks", "said"), [(0, "at least 1 week"), (-1, "at least 1 week"), (10**12, "year 9999")])
def test_a_plan_needs_weeks_that_the_calendar_has(weeks, said):
    with pytest.raises(ValueError, match=said):
        Timeline(dt.date(2026, 1, 5), weeks)
