"""The weekly fluid engine: the dates of the event simulation, crews that part, who waits for what, and its threads."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers
from pytest import approx

from benchmarks.buildout import agreement
from benchmarks.buildout_cases import generated, large
from gigawatt.buildout.draws import draw
from gigawatt.buildout.events import simulate
from gigawatt.buildout.fluid import ensemble, flow
from gigawatt.buildout.outcome import cause_names
from tests.buildout.hand_made import Job, Order, laid_out, made_up

ROOT = Path(__file__).parents[2]
INF = float("inf")
seeds = integers(0, 10_000)


def medians(jobs, **supply):
    """Begin and finish of the jobs at medians."""
    found = flow(laid_out(jobs, **supply), draws=0)
    return found.begin[0].tolist(), found.finish[0].tolist()


def test_without_scarcity_fractions_of_a_week_are_exact():
    begin, finish = medians([Job(weeks=2.25), Job(weeks=0.5, after=(0,)), Job(weeks=0.125, after=(1,))])
    assert (begin, finish) == ([0, 2.25, 2.75], [2.25, 2.75, 2.875])


def test_a_slow_week_makes_a_task_longer():
    # Half a week's work in week 1: 2 weeks of work from week 0.5 take 0.5 + 0.5 + 1 by the end of week 2.
    assert medians([Job(weeks=2, release=0.5)], pace=[[1.0, 0.5, 1.0]]) == ([0.5], [3.0])


def test_a_gang_begins_with_what_is_left():
    # 3 workers, two gangs of 2 with 4 weeks each: the second works at half speed to week 4, has 2 of 4 weeks done, and
    # then all its workers.
    jobs = [Job(weeks=4, crew=0, workers=2), Job(weeks=4, crew=0, workers=2)]
    assert medians(jobs, available=[[3]]) == ([0, 0], [4, 6])


def test_a_gang_larger_than_the_pool_works_with_all_of_it():
    assert medians([Job(weeks=4, crew=0, workers=6)], available=[[3]]) == ([0], [8])


def test_more_workers_within_the_last_week_of_a_task_bring_its_end_forward():
    # Task 1 has half its gang to week 1.25; 0.625 of its week's work is done, and 0.375 with all is done at 1.625.
    jobs = [Job(weeks=1.25, crew=0, workers=1), Job(weeks=1, crew=0, workers=2)]
    _, finish = medians(jobs, available=[[2]])
    assert finish == approx([1.25, 1.625])


def test_crews_are_never_idle_while_somebody_waits():
    jobs = [Job(weeks=3 + n % 4, crew=0, workers=2 + n % 3) for n in range(12)]
    work = sum(job.weeks * job.workers for job in jobs)
    _, finish = medians(jobs, available=[[7]])
    busy = [(9 - 1e-9) / 7, work / 7]
    assert busy[0] < max(finish) and max(finish) >= busy[1] - 1e-9
    assert max(finish) <= busy[1] + max(job.weeks for job in jobs)


@settings(max_examples=40)
@given(seeds)
def test_the_schedule_is_that_of_the_event_simulation_where_a_gang_is_one_worker(seed):
    laid = made_up(seed)
    laid = replace(
        laid,
        work=laid.work._replace(
            workers=np.minimum(laid.work.workers, 1.0).round(), available=np.floor(laid.work.available)
        ),
    )
    exact, found = simulate(laid, draws=3, seed=seed), flow(laid, draws=3, seed=seed)
    for name in ("ready", "begin", "finish", "arrives"):
        np.testing.assert_allclose(getattr(found, name), getattr(exact, name), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_dates_of_a_generated_portfolio_are_those_of_the_event_simulation(seed):
    row = agreement(seed, draws=100)
    assert max(abs(row["p50"]), abs(row["mean"])) < 0.02 and abs(row["p90"]) < 0.05


@pytest.mark.slow
def test_dates_of_twenty_generated_portfolios_are_those_of_the_event_simulation():
    rows = [agreement(seed, draws=300) for seed in range(20)]
    assert sum(row["crews_mean"] > 0.05 for row in rows) >= 10  # workers are what is short
    assert max(abs(row["p50"]) for row in rows) < 0.02
    assert max(abs(row["p90"]) for row in rows) < 0.05
    assert max(abs(row["mean"]) for row in rows) < 0.02


def test_the_generated_portfolios_are_short_of_workers_and_of_items():
    for seed in (0, 5, 12):
        found = simulate(generated(seed), draws=20)
        assert (found.begin > found.ready + 1e-6)[:, found.plan.work.crew >= 0].mean() > 0.1
        assert ((found.cause >= 0) & (found.cause < len(found.plan.pools))).mean() > 0.02


def test_the_ensemble_tells_what_the_tasks_tell():
    laid = generated(3)
    many, each = ensemble(laid, draws=40), flow(laid, draws=40)
    np.testing.assert_array_equal(many.project_finish, each.project_finish())
    np.testing.assert_array_equal(many.phase_finish, each.phase_finish())
    np.testing.assert_allclose(many.energised_mw().sum(axis=0), each.energised_mw().mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(many.mw_by_week().sum(axis=1), (each.phase_finish() < 780) @ each.phase_mw, rtol=1e-9)


@settings(max_examples=20)
@given(seeds)
def test_waiting_is_what_is_beyond_predecessors_and_all_lead_times(seed):
    laid = made_up(seed)
    work, each, many = laid.work, flow(laid, draws=1, seed=seed), ensemble(laid, draws=1, seed=seed)
    lead, pools, held = draw(work, seed, 0).lead_weeks, len(laid.pools), np.zeros(len(laid.pools) + len(laid.crews))
    for j, task in enumerate(laid.tasks):
        orders = slice(work.first_order[j], work.first_order[j + 1])
        since = max([work.release_week[j], *each.finish[0, list(task.before)], *(work.order_week + lead)[orders]])
        last = each.arrives[0, orders].argmax() if orders.stop > orders.start else 0
        if each.ready[0, j] > since + 1e-9:
            held[work.order_item[orders][last]] += task.mw * (each.ready[0, j] - since)
        if work.crew[j] >= 0:
            held[pools + work.crew[j]] += task.mw * (each.begin[0, j] - each.ready[0, j])
    assert each.begin.max() < laid.portfolio.weeks
    np.testing.assert_allclose(many.waiting_mw.sum(axis=(1, 2)), held, rtol=1e-6, atol=1e-6)


def test_a_usual_lead_time_is_not_waited_for():
    # Ready in week 8: 5 weeks are the lead time, 3 the queue behind the other order.
    jobs = [Job(weeks=1, mw=10, orders=(Order(units=7),)), Job(weeks=1, mw=20, orders=(Order(units=1, lead=5),))]
    found = ensemble(laid_out(jobs, capacity=[[1.0]], weeks=12), draws=0)
    assert found.waiting_mw[0, 0].tolist() == [10, 10, 10, 10, 10, 30, 30, 20, 0, 0, 0, 0]


def test_who_waits_for_what_is_counted_week_by_week():
    # Task 0 waits for its item to week 2.5; tasks 1 and 2 share one crew, so that task 2 waits for it to week 4.
    jobs = [
        Job(weeks=1, mw=10, orders=(Order(units=2.5),)),
        Job(weeks=4, mw=20, crew=0),
        Job(weeks=1, mw=30, crew=0),
    ]
    found = ensemble(laid_out(jobs, available=[[1]], capacity=[[1.0]], weeks=8), draws=0)
    assert found.waiting_mw[:, 0].tolist() == [[10, 10, 5, 0, 0, 0, 0, 0], [30, 30, 30, 30, 0, 0, 0, 0]]
    assert found.binding()[0].tolist() == [1, 1, 1, 1, -1, -1, -1, -1]
    assert found.binding_names(0) == {"us_tx": cause_names(found.plan)[1]}


def test_supply_that_never_suffices_is_told_as_never():
    jobs = [Job(weeks=1, mw=10, orders=(Order(units=9),)), Job(weeks=1, after=(0,)), Job(weeks=2)]
    found = ensemble(laid_out(jobs, capacity=[[1.0, 0.0]], weeks=6), draws=0)
    assert found.phase_finish[0].tolist() == [INF, INF, 2]
    assert found.waiting_mw[0, 0].tolist() == [10] * 6
    assert found.energised_mw()[0].tolist() == [0, 100, 100, 100, 100, 100]


def test_any_number_of_threads_gives_the_same_bytes():
    laid = generated(3)
    one, two = (ensemble(laid, draws=100, threads=n) for n in (1, 2))
    assert one.project_finish.tobytes() == two.project_finish.tobytes()
    assert one.waiting_mw.tobytes() == two.waiting_mw.tobytes()


def test_fewer_draws_are_the_first_of_more():
    laid = generated(3)
    np.testing.assert_array_equal(ensemble(laid, draws=5).project_finish, ensemble(laid, draws=40).project_finish[:5])


def test_draws_below_none_are_refused():
    with pytest.raises(ValueError, match="draws -1: wants 0"):
        ensemble(generated(3), draws=-1)


def test_the_problem_of_the_benchmark_is_not_an_empty_one():
    laid = large()
    found = ensemble(laid, draws=8)
    weeks = laid.portfolio.weeks
    assert len(laid.pools) >= 15 and weeks == 780 and len(laid.portfolio.projects) == 20
    assert (found.waiting_mw.sum(axis=(0, 1)) > 0.0).mean() > 0.8
    assert np.median(found.finish) > 600


PLAIN = """
import hashlib
from gigawatt.buildout.fluid import ensemble
from tests.buildout.hand_made import made_up
print([hashlib.sha256(e.phase_finish.tobytes() + e.waiting_mw.tobytes()).hexdigest()
       for e in (ensemble(made_up(n), draws=2, threads=1) for n in (3, 4))])
"""


def test_the_engine_gives_the_same_bits_without_compilation():
    told = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PLAIN], cwd=ROOT, check=True, capture_output=True, text=True,
            env={**os.environ, "NUMBA_DISABLE_JIT": plain},
        ).stdout
        for plain in ("0", "1")
    ]  # fmt: skip
    assert told[0] == told[1] and len(told[0]) > 64
