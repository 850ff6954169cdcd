"""How far a project has come when the plan begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from
from pytest import approx

from gigawatt.buildout.events import simulate
from gigawatt.buildout.plan import plan
from gigawatt.buildout.progress import course, progress
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import SITE, Stage

WEEK = Spread.exactly(1.0)
CHAIN = (
    Stage(name="permit", weeks=WEEK * 10, per=SITE),
    Stage(name="line", weeks=WEEK * 40, per=SITE),
    Stage(name="shell", weeks=WEEK * 20, after=("permit",)),
    Stage(name="fit-out", weeks=WEEK * 10, after=("shell",)),
    Stage(name="power", weeks=WEEK * 5, after=("fit-out", "line")),
)
MEDIANS = {stage.name: stage.weeks.median for stage in CHAIN}


def two_phases(**kwargs):
    return Project(name="a", region="us_tx", start=dt.date(2026, 2, 2), phases=(100.0, 100.0), **kwargs)


def weeks(stage, phase):
    return MEDIANS[stage.name]


def test_the_usual_course_follows_predecessors_and_the_begin_of_phases():
    found = course(two_phases(stagger_weeks=15.0), CHAIN, weeks)
    assert found["shell", 0] == (10.0, 30.0) and found["shell", 1] == (25.0, 45.0)
    assert found["line", -1] == (0.0, 40.0) and found["power", 0] == (40.0, 45.0) and found["power", 1] == (55.0, 60.0)


def test_all_tasks_stand_where_they_do_when_the_first_phase_has_reached_its_stage():
    # By hand: half of the fit-out of phase 0 is week 35, when the shell of phase 1 stands at 10 of 20 weeks.
    project = two_phases(stagger_weeks=15.0, stage="fit-out", done=0.5)
    found = progress(project, course(project, CHAIN, weeks))
    assert found["permit", -1] == 1.0 and found["shell", 0] == 1.0 and found["fit-out", 0] == approx(0.5)
    assert found["shell", 1] == approx(0.5) and found["fit-out", 1] == 0.0 and found["line", -1] == approx(35 / 40)
    assert found["power", 0] == found["power", 1] == 0.0


def test_a_project_that_names_no_stage_has_done_nothing():
    assert set(progress(two_phases(), course(two_phases(), CHAIN, weeks)).values()) == {0.0}


def test_an_unknown_stage_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="unknown stage 'roof'; its stages: permit, line, shell"):
        progress(two_phases(stage="roof"), course(two_phases(stage="roof"), CHAIN, weeks))


@pytest.mark.parametrize("stage", ["shell", "electrical", "racks"])
def test_what_is_under_way_waits_for_no_delivery_and_takes_what_is_left(stage):
    fresh, begun = (
        plan(Portfolio(projects=(two_phases(stage=name, done=done),), start=dt.date(2026, 2, 2)))
        for name, done in (("", 0.0), (stage, 0.25))
    )
    at = next(j for j, task in enumerate(begun.tasks) if task.stage.name == stage and task.phase == 0)
    assert fresh.tasks[at].stage.name == stage
    assert begun.tasks[at].weeks.median == approx(0.75 * fresh.tasks[at].weeks.median)
    assert begun.tasks[at].orders == () and len(begun.work.order_item) < len(fresh.work.order_item)
    for j in begun.tasks[at].before:
        assert begun.tasks[j].is_done or begun.tasks[j].phase < 0


def test_a_later_phase_orders_in_time_but_nothing_before_the_project_does():
    start = dt.date(2026, 2, 2)
    one, far = (
        plan(Portfolio(projects=(replace(two_phases(stagger_weeks=gap), phases=phases),), start=start))
        for gap, phases in ((0.0, (100.0,)), (500.0, (100.0, 100.0)))
    )
    for found in (one, far):
        work = found.work
        for j, task in enumerate(found.tasks):
            for o in range(work.first_order[j], work.first_order[j + 1]):
                item = found.pools[int(work.order_item[o])].item
                latest = max(-item.ahead_weeks, task.later_weeks - item.ahead_weeks - item.lead_weeks.high)
                assert work.order_week[o] == approx(latest, abs=1e-9) or item.lead_by
    assert far.work.order_week.max() > one.work.order_week.max() + 400.0


def a_site(start, **kwargs):
    return Project(name="a", region="us_tx", start=start, phases=(200.0, 200.0), stagger_weeks=10.0, **kwargs)


@given(late=integers(-400, 0), stage=sampled_from(["permit", "shell", "electrical", "racks"]), done=floats(0, 0.99))
@settings(max_examples=20, deadline=None)
def test_a_project_that_says_where_it_stands_comes_up_the_same_whatever_day_it_was_begun(late, stage, done):
    opening = dt.date(2026, 1, 5)
    days = (opening, opening + dt.timedelta(weeks=late))
    one, other = (plan(Portfolio(projects=(a_site(day, stage=stage, done=done),), start=opening)) for day in days)
    assert simulate(one, draws=0).finish.tolist() == simulate(other, draws=0).finish.tolist()


def test_what_is_done_is_done_before_the_plan_and_a_later_phase_goes_on_from_where_it_stands():
    opening = dt.date(2026, 1, 5)
    begun = plan(Portfolio(projects=(a_site(opening, stage="racks", done=0.5),), start=opening))
    found = simulate(begun, draws=0)
    for j, task in enumerate(begun.tasks):
        assert not task.is_done or found.finish[0, j] == 0.0
        if task.stage.name == "electrical" and task.phase == 1:
            assert task.weeks.median < 10 and task.release_week == 0.0 and found.begin[0, j] == 0.0
    shell = plan(Portfolio(projects=(replace(a_site(opening, stage="earthworks"), stagger_weeks=30.0),), start=opening))
    release = {task.phase: task.release_week for task in shell.tasks if task.stage.name == "earthworks"}
    assert release == {0: 0.0, 1: approx(30.0)}


def test_a_task_is_longer_only_where_there_are_too_few_workers_in_the_week_of_its_release():
    first, late = dt.date(2026, 1, 5), dt.date(2040, 1, 2)
    at_once, later, then = (
        plan(Portfolio(projects=(Project(name="a", region="gulf", start=day, phases=(6000.0,)),), start=begin))
        for begin, day in ((first, first), (first, late), (late, late))
    )
    shells = [
        next(t for t, task in enumerate(found.tasks) if task.stage.name == "shell") for found in (at_once, later, then)
    ]
    weeks = [float(found.work.weeks[t]) for found, t in zip((at_once, later, then), shells, strict=True)]
    assert weeks[1] == approx(weeks[2], rel=0.02) and weeks[0] > 2 * weeks[1]
