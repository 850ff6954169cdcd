"""When a project is built and when it works."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from pytest import approx

from gigawatt.finance.project.inputs import Phase
from gigawatt.finance.project.model import model_of
from gigawatt.finance.project.timing import FIRST_DAY
from tests.finance.project_cases import MANY, one, projects, row, small, worked


def test_a_phase_is_built_over_its_months_and_works_from_the_next_period_on():
    # Start after 3 months, 6 months to build: quarters 2 and 3; in service from quarter 4, until 4 quarters later.
    values = worked(small(periods_per_year=4, operation_years=1, phases=(Phase(start_month=3, months=6),)))
    assert row(values, "capex.first_usd") == approx([0, 500, 500, 0, 0, 0, 0])
    assert row(values, "time.online") == approx([0, 0, 0, 1, 1, 1, 1])
    assert one(values, "time.end") == 7


def test_an_s_curve_spends_most_in_the_middle():
    # 3 x^2 - 2 x^3 at 1/4, 1/2, 3/4 and 1 is 0.15625, 0.5, 0.84375 and 1.
    values = worked(small(periods_per_year=4, phases=(Phase(months=12, curve=1),)))
    assert row(values, "capex.first_usd")[:4] == approx([156.25, 343.75, 343.75, 156.25])


def test_phases_come_into_service_one_by_one_and_operation_counts_from_the_last():
    halves = (Phase(name="one", share=0.5, months=12), Phase(name="two", share=0.5, start_month=12, months=12))
    values = worked(small(phases=halves))
    assert row(values, "time.online") == approx([0, 0.5, 1, 1, 1, 1, 1])
    assert row(values, "time.operating_year") == approx([0, 0, 1, 2, 3, 4, 5])
    assert row(values, "revenue.usd") == approx([0, 500, 1000, 1000, 1000, 1000, 1000])
    assert (one(values, "time.first_service"), one(values, "time.completion"), one(values, "time.end")) == (1, 2, 7)


@pytest.mark.parametrize(("months", "completed"), [(0, 1), (2, 1), (6, 1), (17, 1), (18, 2), (30, 3), (42, 4)])
def test_months_become_whole_periods_halves_up_and_at_least_one(months, completed):
    project = small(phases=(Phase(months=months),))
    values = worked(project)
    assert one(values, "time.completion") == completed
    assert row(values, "capex.first_usd").sum() == approx(1000)
    assert model_of(project).periods == completed + 5


def test_days_follow_the_calendar():
    values = worked(small(periods_per_year=12, start=dt.date(2027, 12, 31), operation_years=1))
    days = [FIRST_DAY + dt.timedelta(days=int(day)) for day in row(values, "time.begins")]
    ends = [FIRST_DAY + dt.timedelta(days=int(day)) for day in row(values, "time.ends")]
    assert days[:4] == [dt.date(2027, 12, 31), dt.date(2028, 1, 31), dt.date(2028, 2, 29), dt.date(2028, 3, 31)]
    assert ends[:2] == [dt.date(2028, 1, 30), dt.date(2028, 2, 28)]


def test_the_plan_ends_with_the_operation_whatever_the_years():
    for years in (0.2, 0.5, 1.49, 1.5, 7.18):
        project = small(operation_years=years)
        assert one(worked(project), "time.end") == model_of(project).periods


@MANY
@given(projects())
def test_all_capex_is_spent_by_completion_and_nothing_works_after_the_end(project):
    values = worked(project)
    completion, end = int(one(values, "time.completion")), int(one(values, "time.end"))
    spent = row(values, "capex.first_usd")
    assert spent.sum() == approx(sum(asset.capex_usd for asset in project.assets))
    assert not spent[completion:].any() and spent.min() >= -1e-9
    assert not row(values, "time.online")[end:].any()


def test_months_drawn_longer_than_the_plan_are_found_out():
    drawn = {"phases.all.months": [12.0, 24.0]}
    values = worked(replace(small(), name="late"), drawn)
    assert values["checks.fits"][-1, 0] == 0 < values["checks.fits"][-1, 1]
