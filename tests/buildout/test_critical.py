"""Critical paths and floats: by hand, and by trying what they promise."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers
from pytest import approx

from gigawatt.buildout.critical import critical, path
from gigawatt.buildout.events import finished, simulate, successors, work_done
from gigawatt.buildout.floats import crew_links, floats, latest_begin
from tests.buildout.hand_made import Job, Order, laid_out, made_up

seeds = integers(0, 10_000)


def at_medians(*args, **kwargs):
    """The schedule of a plan at medians."""
    return simulate(laid_out(*args, **kwargs), draws=0)


def steps(outcome, project=None):
    """Tasks of a path with what bound each, and its wait."""
    return [(link.task, link.bound_by, link.waited) for link in path(outcome, 0, project)]


# -------------------------------------------------------------------------------------------------- critical paths


def test_the_longer_of_two_branches_is_critical():
    jobs = [Job(weeks=2), Job(weeks=3, after=(0,)), Job(weeks=5, after=(0,)), Job(weeks=1, after=(1, 2))]
    found = at_medians(jobs)
    assert critical(found).of_project.tolist() == [1, 0, 1, 1]
    assert steps(found, 0) == [(0, "release", 0), (2, "predecessor", 0), (3, "predecessor", 0)]


def test_a_path_begins_at_the_item_that_came_last():
    jobs = [Job(weeks=2), Job(weeks=3, after=(0,), orders=(Order(units=1, lead=9),))]
    found = at_medians(jobs, capacity=[[1]])
    assert critical(found).of_project.tolist() == [0, 1]
    assert steps(found, 0) == [(1, "item0", 7)]


def test_an_item_holds_also_the_task_that_waited_for_workers_after_it():
    jobs = [Job(weeks=9.5, crew=0, project=1), Job(weeks=2), Job(weeks=3, after=(1,), crew=0,
            orders=(Order(units=1, lead=9),))]  # fmt: skip
    found = at_medians(jobs, capacity=[[1]], available=[[1]])
    assert found.cause[0].tolist() == [-1, -1, 1]
    assert steps(found, 0) == [(2, "item0", 7)]
    assert steps(found) == [(0, "release", 0), (2, "t0 in us_tx", 0.5)]


def test_the_path_of_a_project_goes_through_its_own_crews_and_that_of_the_portfolio_through_all():
    jobs = [
        Job(weeks=6, crew=0), Job(weeks=1), Job(weeks=2, after=(1,), crew=0),  # waits for the first task
        Job(weeks=1, project=1), Job(weeks=4, project=1, after=(3,), crew=0, rank=1),  # waits for both
    ]  # fmt: skip
    found = at_medians(jobs, available=[[1]])
    assert found.begin[0].tolist() == [0, 0, 6, 0, 8]
    shares = critical(found)
    assert shares.of_project.tolist() == [1, 0, 1, 1, 1]
    assert shares.of_portfolio.tolist() == [1, 0, 1, 0, 1]
    assert steps(found) == [(0, "release", 0), (2, "t0 in us_tx", 5), (4, "t0 in us_tx", 7)]


def test_a_task_that_waited_for_workers_to_be_hired_leads_to_what_made_it_ready():
    jobs = [Job(weeks=1), Job(weeks=2, after=(0,), crew=0, workers=2), Job(weeks=20, crew=0, project=1)]
    found = at_medians(jobs, available=[[2, 2, 2, 2, 3]])
    assert found.begin[0].tolist() == [0, 4, 0]
    assert critical(found).of_project[:2].tolist() == [1, 1]


def test_what_never_ends_leads_to_what_was_never_delivered():
    jobs = [Job(weeks=1), Job(weeks=2, orders=(Order(units=9),)), Job(weeks=1, after=(0, 1))]
    found = at_medians(jobs, capacity=[[1, 0]])
    assert steps(found, 0)[0][:2] == (1, "item0")
    assert critical(found).of_project.tolist() == [0, 1, 1]


@given(seed=seeds)
@settings(max_examples=20)
def test_a_path_has_no_gap_from_its_first_link_to_the_end(seed):
    found = simulate(made_up(seed), 3, seed)
    for row in range(3):
        for project in (None, 0, 1, 2, 3):
            links = path(found, row, project)
            own = found.finish[row] if project is None else found.finish[row][found.plan.work.project == project]
            assert links[-1].finish == own.max()
            for one, two in pairwise(links):
                if two.bound_by == "predecessor":
                    assert two.begin == approx(found.begin[row, two.task]) and one.finish <= two.begin
                    waited = two.begin - found.ready[row, two.task]
                    assert one.finish == approx(two.begin - waited)
                else:
                    assert one.finish == two.begin
            assert links[0].bound_by != "predecessor"


@given(seed=seeds)
@settings(max_examples=10)
def test_shares_are_of_the_draws_and_the_same_for_any_threads(seed):
    found = simulate(made_up(seed), 40, seed)
    one, two = critical(found, threads=1), critical(found, threads=2)
    assert one.of_project.tobytes() == two.of_project.tobytes()
    assert one.of_portfolio.tobytes() == two.of_portfolio.tobytes()
    counted = np.zeros(len(found.plan.tasks))
    for row in range(40):
        counted[[link.task for project in range(4) for link in path(found, row, project)]] += 1
    assert one.of_project == approx(counted / 40)
    last = np.array([found.plan.work.project == p for p in range(4)])
    assert all(one.of_project[own].max() == 1 or one.of_project[own].sum() >= 1 for own in last)


# ---------------------------------------------------------------------------------------------------------- floats


def test_floats_by_hand():
    # Branches of 3 and 5 weeks between the first and the last task; the crew of the short one is wanted after it.
    jobs = [Job(weeks=2), Job(weeks=3, after=(0,), crew=0), Job(weeks=5, after=(0,)), Job(weeks=1, after=(1, 2)),
            Job(weeks=1, project=1, crew=0, release=6)]  # fmt: skip
    slack = floats(at_medians(jobs, available=[[1]]))
    assert slack.total.tolist() == [0, 2, 0, 0, 0]
    assert slack.free.tolist() == [0, 2, 0, 0, 0]
    assert slack.with_crews.tolist() == [0, 1, 0, 0, 0]


def test_workers_that_were_never_busy_are_taken_before_those_of_others():
    jobs = [Job(weeks=2, crew=0), Job(weeks=9, project=1, release=1), Job(weeks=1, project=1, crew=0, release=3)]
    assert floats(at_medians(jobs, available=[[1]])).with_crews.tolist() == [0, 0, 6]
    found = at_medians([*jobs, Job(weeks=4, project=2, crew=0, workers=2, release=3)], available=[[1, 1, 1, 3]])
    assert crew_links(found.plan.work, found.begin[0], found.finish[0]) == [[3], [], [], []]


def test_a_holiday_is_no_float():
    # The second task wants one week of work by week 4, of which week 2 is a holiday: it may begin at 1, or later at 3.
    jobs = [Job(weeks=4, calendar=1), Job(weeks=1, release=1)]
    slack = floats(at_medians(jobs, pace=[[1, 1, 0, 1], [1]]))
    assert slack.total.tolist() == [0, 2] and slack.free.tolist() == [0, 2]
    assert latest_begin(work_done(np.array([[1.0, 1.0, 0.0, 1.0]]))[0], 3.5, 0.5) == approx(3)
    assert latest_begin(work_done(np.array([[1.0, 1.0, 0.0, 1.0]]))[0], 3.5, 1.5) == approx(1)


def test_what_never_ends_has_no_float_to_tell():
    jobs = [Job(weeks=2, orders=(Order(units=5),)), Job(weeks=1, after=(0,)), Job(weeks=1)]
    slack = floats(at_medians(jobs, capacity=[[1, 0]]))
    assert slack.total.tolist() == [np.inf] * 3


@given(seed=seeds, late=integers(0, 31))
@settings(max_examples=40)
def test_a_task_that_is_late_by_its_float_delays_nobody_and_by_more_delays_its_project(seed, late):
    """With crews for all: the plan is simulated again with a later release."""
    plan = made_up(seed)
    work = plan.work._replace(available=plan.work.available + 1000.0)
    plan = replace(plan, work=work)
    found = simulate(plan, draws=0)
    slack = floats(found)
    assert slack.with_crews == approx(slack.total)
    for more in (-1e-6, 0.5):
        release = work.release_week.copy()
        release[late] = max(0.0, found.begin[0, late] + slack.total[late] + more)
        again = simulate(replace(plan, work=work._replace(release_week=release)), draws=0)
        own = work.project[late]
        is_late = again.project_finish()[0] > found.project_finish()[0] + 1e-9
        assert is_late.tolist() == [more > 0 and p == own for p in range(4)] or (
            more > 0 and (work.pace[work.calendar[late]] < 1).any() and not is_late.any()
        )


@given(seed=seeds, late=integers(0, 31))
@settings(max_examples=40)
def test_late_by_its_float_with_crews_no_project_ends_later_when_workers_are_handed_on_alike(seed, late):
    plan = made_up(seed)
    found = simulate(plan, draws=0)
    work, begin, finish = plan.work, found.begin[0], found.finish[0]
    slack = floats(found)
    assert (slack.with_crews <= slack.total + 1e-9).all()
    after, first = successors(work)
    done = work_done(work.pace)
    links = [[*after[first[j] : first[j + 1]], *also] for j, also in enumerate(crew_links(work, begin, finish))]
    start = begin.copy()
    start[late] += max(0.0, slack.with_crews[late] - 1e-6)  # a hair more can jump a holiday
    again = np.empty(len(begin))
    for j in np.lexsort((np.arange(len(begin)), begin)):
        again[j] = finished(done[work.calendar[j]], start[j], work.weeks[j])
        start[links[j]] = np.maximum(start[links[j]], again[j])
    for p in range(4):
        assert again[work.project == p].max() <= finish[work.project == p].max() + 1e-6


@given(seed=seeds)
@settings(max_examples=20)
def test_the_critical_tasks_of_a_project_without_waits_have_no_float(seed):
    plan = made_up(seed)
    work = plan.work._replace(available=plan.work.available + 1000.0, pace=np.ones_like(plan.work.pace))
    found = simulate(replace(plan, work=work), draws=0)
    on_path = critical(found).of_project > 0
    assert floats(found).total[on_path] == approx(0, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_workers_handed_on_are_no_more_than_their_task_had_nor_the_next_one_wants(seed):
    found = simulate(made_up(seed), draws=0)
    links = crew_links(found.plan.work, found.begin[0], found.finish[0])
    assert any(links)
    for j, also in enumerate(links):
        assert (found.begin[0][also] >= found.finish[0, j]).all()
        assert (found.plan.work.crew[also] == found.plan.work.crew[j]).all()
