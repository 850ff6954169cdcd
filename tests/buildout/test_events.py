"""The event simulation: small schedules by hand, what holds for every schedule, and SimPy beside it."""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers
from pytest import approx

from gigawatt.buildout.deliveries import deliveries
from gigawatt.buildout.draws import MEDIAN, draw
from gigawatt.buildout.events import finished, simulate, work_done
from tests.buildout.hand_made import Job, Order, laid_out, made_up

INF = float("inf")
ROOT = Path(__file__).parents[2]
seeds = integers(0, 10_000)


def medians(*args, **kwargs):
    """Begin, finish and cause of the tasks of a plan at medians."""
    found = simulate(laid_out(*args, **kwargs), draws=0)
    return found.begin[0].tolist(), found.finish[0].tolist(), found.cause[0].tolist()


# ------------------------------------------------------------------------------------------------------ by hand


def test_two_tasks_share_one_crew_one_after_the_other():
    begin, finish, cause = medians([Job(weeks=3, crew=0), Job(weeks=2, crew=0)], available=[[1]])
    assert (begin, finish, cause) == ([0, 3], [3, 5], [-1, 0])


def test_two_tasks_share_a_crew_of_two_at_once():
    begin, finish, _ = medians([Job(weeks=3, crew=0), Job(weeks=2, crew=0)], available=[[2]])
    assert (begin, finish) == ([0, 0], [3, 2])


def test_a_task_waits_for_all_its_predecessors_and_its_release():
    jobs = [Job(weeks=3), Job(weeks=5), Job(weeks=1, after=(0, 1)), Job(weeks=1, after=(0,), release=7)]
    begin, finish, cause = medians(jobs)
    assert begin == [0, 0, 5, 7] and finish == [3, 5, 6, 8] and cause == [-1] * 4


def test_nobody_overtakes_the_first_of_the_queue_even_where_he_would_fit():
    # At week 1 task 1 wants both workers, of which one is busy to week 4; task 2 is behind it and would fit.
    jobs = [Job(weeks=4, crew=0), Job(weeks=1, crew=0, workers=2, release=1), Job(weeks=1, crew=0, release=2)]
    begin, _, cause = medians(jobs, available=[[2]])
    assert begin == [0, 4, 5] and cause == [-1, 0, 0]


def test_a_lower_rank_goes_first_though_it_came_later():
    jobs = [Job(weeks=4, crew=0), Job(weeks=1, crew=0, release=1, rank=1), Job(weeks=1, crew=0, release=3)]
    begin, _, _ = medians(jobs, available=[[1]])
    assert begin == [0, 5, 4]


def test_all_that_becomes_ready_at_a_moment_is_served_by_rank():
    # Task 0 ends at week 2 and makes task 1 ready at the moment at which the crew is free for task 2.
    jobs = [Job(weeks=2, crew=0), Job(weeks=1, crew=0, after=(0,)), Job(weeks=1, crew=0, release=1, rank=1)]
    begin, _, _ = medians(jobs, available=[[1]])
    assert begin == [0, 2, 3]


def test_workers_who_come_at_a_week_border_begin_what_waits():
    jobs = [Job(weeks=10, crew=0), Job(weeks=1, crew=0, workers=2)]
    begin, _, cause = medians(jobs, available=[[2, 2, 2.5, 3]])
    assert begin == [0, 3] and cause == [-1, 0]


def test_running_tasks_are_not_interrupted_when_workers_leave_and_new_ones_wait():
    jobs = [Job(weeks=2.5, crew=0, workers=2), Job(weeks=1, crew=0, release=1), Job(weeks=1, crew=0, release=1)]
    begin, finish, _ = medians(jobs, available=[[3, 1, 1, 1, 1, 1, 3]])
    assert begin == [0, 2.5, 3.5] and finish[0] == 2.5


def test_workers_who_come_back_after_they_left_are_seen():
    jobs = [Job(weeks=1, crew=0, workers=3, release=1)]
    assert medians(jobs, available=[[3, 1, 1, 2, 3, 3]])[0] == [4]


def test_a_holiday_stops_work_and_a_slow_week_stretches_it():
    # Half a week before the holiday, then 0.4 of a week's work, then the last 0.1 in a full week.
    begin, finish, _ = medians([Job(weeks=1, release=0.5)], pace=[[1, 0, 0.4, 1]])
    assert begin == [0.5] and finish == approx([3.1])


def test_after_the_last_week_of_the_calendar_weeks_are_full():
    assert medians([Job(weeks=4)], pace=[[0.5]], weeks=4)[1] == [6]
    assert medians([Job(weeks=4, release=9)], pace=[[0.5]], weeks=4)[1] == [13]


def test_an_item_that_comes_late_holds_its_task_and_is_the_cause():
    jobs = [Job(weeks=2), Job(weeks=1, after=(0,), orders=(Order(units=5, lead=2), Order(units=1, lead=4)))]
    found = simulate(laid_out(jobs, capacity=[[1]]), draws=0)
    assert found.arrives[0].tolist() == [5, 6]
    assert found.ready[0].tolist() == [0, 6] and found.finish[0].tolist() == [2, 7]
    assert found.cause[0].tolist() == [-1, 0]


def test_what_is_never_delivered_never_begins_nor_what_comes_after():
    jobs = [Job(weeks=2, orders=(Order(units=5),)), Job(weeks=1, after=(0,)), Job(weeks=1)]
    assert medians(jobs, capacity=[[1, 0]])[1] == [INF, INF, 1]


def test_a_pool_that_is_too_small_for_ever_ends_the_schedule_and_not_the_program():
    assert medians([Job(weeks=2, crew=0, workers=2, release=1)], available=[[2, 1]])[1] == [INF]


def test_a_crew_of_tenths_takes_as_many_tasks_as_it_has_room_for():
    # 0.1 is no binary fraction: ten of them make a little less than 1, and three of them more than 0.3.
    jobs = [Job(weeks=1 + n / 7, crew=0, workers=0.1) for n in range(3)] + [Job(weeks=1, crew=0, workers=0.3, rank=1)]
    begin, finish, _ = medians(jobs, available=[[0.3]])
    assert begin[:3] == [0, 0, 0] and begin[3] == max(finish[:3])


def test_what_is_done_is_done_at_its_release():
    assert medians([Job(weeks=0, release=2), Job(weeks=1, after=(0,))])[1] == [2, 3]


def test_draws_below_nothing_are_refused():
    with pytest.raises(ValueError, match="draws -1: wants 0"):
        simulate(laid_out([Job(weeks=1)]), draws=-1)


# --------------------------------------------------------------------------------------- what holds for every schedule


def rows(seed, is_round):
    """A random plan and its schedules: (work, durations, ready, begin, finish, arrives) of three draws and medians."""
    plan = made_up(seed, is_round=is_round)
    for draws in (0, 3):
        found = simulate(plan, draws, seed)
        for r in range(found.rows):
            drawn = draw(plan.work, seed, r if draws else MEDIAN)
            yield plan.work, drawn, found.ready[r], found.begin[r], found.finish[r], found.arrives[r]


def test_in_the_random_plans_crews_and_items_are_scarce():
    found = [simulate(made_up(seed), 3, seed) for seed in range(40)]
    waits_for_crew = np.mean([(one.begin > one.ready)[:, one.plan.work.crew >= 0].mean() for one in found])
    waits_for_item = np.mean([((one.cause >= 0) & (one.cause < 2)).mean() for one in found])
    assert waits_for_crew > 0.3 and waits_for_item > 0.05


@given(seed=seeds, is_round=booleans())
@settings(max_examples=25)
def test_no_task_begins_before_its_predecessors_release_and_items(seed, is_round):
    for work, _, ready, begin, finish, arrives in rows(seed, is_round):
        for j in range(len(begin)):
            ends = finish[work.before[work.first_before[j] : work.first_before[j + 1]]]
            there = arrives[work.first_order[j] : work.first_order[j + 1]]
            assert ready[j] == max([work.release_week[j], *ends, *there])
            assert begin[j] >= ready[j] and (work.crew[j] >= 0 or begin[j] == ready[j])


@given(seed=seeds, is_round=booleans())
@settings(max_examples=25)
def test_work_is_neither_lost_nor_made(seed, is_round):
    for work, drawn, _, begin, finish, _ in rows(seed, is_round):
        weeks = np.arange(work.pace.shape[1] + 1)
        for j in range(len(begin)):
            done = np.interp([begin[j], finish[j]], weeks, work_done(work.pace)[work.calendar[j]])
            assert done[1] - done[0] == approx(drawn.weeks[j], abs=1e-9)


@given(seed=seeds, is_round=booleans())
@settings(max_examples=25)
def test_pools_are_never_overdrawn_and_the_first_of_the_queue_never_waits_where_it_fits(seed, is_round):
    for work, _, ready, begin, finish, _ in rows(seed, is_round):
        for k in range(len(work.available)):
            own = np.flatnonzero(work.crew == k)
            borders = np.arange(0.0, 100.0)
            for now in np.unique(np.concatenate((ready[own], begin[own], finish[own], borders))):
                there = work.available[k, min(int(now), work.available.shape[1] - 1)]
                runs = own[(begin[own] <= now) & (finish[own] > now)]
                busy = work.workers[runs].sum()
                if (begin[runs] == now).any():
                    assert busy <= there * (1 + 1e-8)
                queue = own[(ready[own] <= now) & (begin[own] > now)]
                if len(queue):
                    head = min(queue, key=lambda j: (work.rank[j], ready[j], j))
                    assert busy + work.workers[head] > there


@given(seed=seeds, is_round=booleans())
@settings(max_examples=25)
def test_nobody_begins_while_one_who_goes_first_waits(seed, is_round):
    for work, _, ready, begin, _, _ in rows(seed, is_round):
        place = sorted(range(len(begin)), key=lambda j: (work.rank[j], ready[j], j))
        for n, ahead in enumerate(place):
            for behind in place[n + 1 :]:
                if work.crew[ahead] == work.crew[behind] >= 0:
                    assert not ready[ahead] <= begin[behind] < begin[ahead]


@given(seed=seeds)
@settings(max_examples=25)
def test_the_mean_number_waiting_is_the_arrival_rate_times_the_mean_wait(seed):
    """Little's law over the whole horizon: the number waiting is counted moment by moment, the waits task by task."""
    for work, _, ready, begin, _, _ in rows(seed, False):
        own = work.crew >= 0
        moments = np.unique(np.concatenate((ready[own], begin[own])))
        horizon = moments[-1] - moments[0]
        middles = (moments[1:] + moments[:-1]) / 2
        waiting = [np.sum((ready[own] <= m) & (begin[own] > m)) for m in middles]
        mean_waiting = np.dot(waiting, np.diff(moments)) / horizon
        assert mean_waiting == approx(own.sum() / horizon * (begin - ready)[own].mean(), abs=1e-9)


@given(seed=seeds)
@settings(max_examples=25)
def test_no_more_of_an_item_arrives_than_was_made(seed):
    for work, drawn, _, _, _, arrives in rows(seed, False):
        for i in range(len(work.capacity)):
            made = np.concatenate(([0.0], np.cumsum(drawn.capacity[i])))
            for week in arrives[(work.order_item == i) & (arrives < INF)]:
                so_far = drawn.units[(work.order_item == i) & (arrives <= week)].sum()
                assert so_far <= np.interp(week, np.arange(len(made)), made) * (1 + 1e-9) + 1e-9


@given(seed=seeds)
@settings(max_examples=10)
def test_draws_and_threads_change_no_byte_of_what_is_drawn(seed):
    plan = made_up(seed)
    one, two = simulate(plan, 40, seed, threads=1), simulate(plan, 40, seed, threads=2)
    few = simulate(plan, 3, seed)
    for name in ("ready", "begin", "finish", "cause", "arrives"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
        assert getattr(one, name)[:3].tobytes() == getattr(few, name).tobytes()


@given(begun=integers(0, 400), weeks=integers(1, 400))
def test_a_task_on_a_full_calendar_takes_its_weeks(begun, weeks):
    assert finished(work_done(np.ones((1, 30)))[0], begun / 8, weeks / 8) == (begun + weeks) / 8


SCRIPT = """
import hashlib
from gigawatt.buildout.events import simulate
from tests.buildout.hand_made import made_up
found = simulate(made_up(7), 3, 5)
whole = b"".join(getattr(found, name).tobytes() for name in ("ready", "begin", "finish", "cause", "arrives"))
print(hashlib.sha256(whole).hexdigest())
"""


def test_uncompiled_it_gives_the_same_bytes():
    found = simulate(made_up(7), 3, 5)
    whole = b"".join(getattr(found, name).tobytes() for name in ("ready", "begin", "finish", "cause", "arrives"))
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT], cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == hashlib.sha256(whole).hexdigest()


@pytest.mark.peers
@pytest.mark.skipif(importlib.util.find_spec("simpy") is None, reason="SimPy is not installed")
@pytest.mark.parametrize("seed", range(20))
def test_simpy_gives_the_same_begin_and_finish_of_every_task(seed):
    from benchmarks.buildout_simpy import schedule

    for work, drawn, _, begin, finish, arrives in rows(seed, seed % 2 == 0):
        began, ended = schedule(work, drawn.weeks, arrives)
        assert began == approx(begin, abs=1e-9) and ended == approx(finish, abs=1e-9)
        assert deliveries(work, drawn).tobytes() == arrives.tobytes()


def test_the_benchmark_measures_a_portfolio_in_which_tasks_wait_and_agrees_with_simpy_where_that_is_there():
    from benchmarks import buildout_events

    found = {one.name: one for one in buildout_events.measure(projects=6, draws=4, beside=1)}
    assert found["tasks that never end"].value == 0
    apart = [one for name, one in found.items() if "SimPy begins or ends" in name]
    assert all(one.verdict == "met" for one in apart)
    scarce = buildout_events.waiting(simulate(buildout_events.portfolio(100), 2))
    assert scarce["tasks that wait for workers"] > 15
