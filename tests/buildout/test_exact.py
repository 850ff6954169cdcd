"""The exact schedule against optima by hand, by trying all orders, and against the event simulation."""

import itertools
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from pytest import approx

from gigawatt.buildout import exact_child
from gigawatt.buildout.design import Design
from gigawatt.buildout.events import simulate
from gigawatt.buildout.exact import Exact, best_schedule
from gigawatt.buildout.exact_goals import goals
from gigawatt.buildout.fluid import flow
from gigawatt.buildout.plan import plan
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import Stage
from gigawatt.errors import SolveError
from tests.buildout.exact_cases import (
    FRACTIONS,
    MONDAY,
    WEEKS,
    Job,
    by_mw,
    laid_out,
    list_weeks,
    project_jobs,
    some_jobs,
)

peers = pytest.mark.peers


def exact(jobs, objective="mw_weeks", seconds=10.0, steps_per_week=1, **terms) -> Exact:
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    laid = laid_out(jobs, **terms)
    return best_schedule(laid, seconds, objective, by_mw(jobs), steps_per_week=steps_per_week, workers=2)


HAND = {
    "two phases share one crew: the larger goes first": (
        [Job(weeks=3, workers=1, mw=100), Job(weeks=3, workers=1, mw=300)], {}, "mw_weeks", (3 * 300 + 6 * 100) / 400),
    "weeks per MW decide (Smith's rule)": (
        [Job(weeks=4, workers=1, mw=100), Job(weeks=1, workers=1, mw=50), Job(weeks=3, workers=1, mw=90)], {},
        "mw_weeks", (1 * 50 + 4 * 90 + 8 * 100) / 240),
    "three equal tasks on two crews take two rounds": (
        [Job(weeks=5, workers=1, mw=1)] * 3, {"workers": 2}, "finish", 10),
    "longest first balances two crews": (
        [Job(weeks=w, workers=1, mw=1) for w in (2, 3, 4, 5, 6)], {"workers": 2}, "finish", 10),
    "idle until the heavy one comes (no list does)": (
        [Job(weeks=10, workers=1, mw=1), Job(weeks=1, workers=1, mw=100, release=1)], {}, "mw_weeks",
        (2 * 100 + 12 * 1) / 101),
    "a chain is as long as its tasks": (
        [Job(weeks=2), Job(weeks=3, after=(0,)), Job(weeks=4, after=(1,), mw=1)], {}, "finish", 9),
    "the one transformer goes to the larger project": (
        [Job(weeks=2, mw=100, orders=((0, 1, 0, 0),)), Job(weeks=2, mw=500, orders=((0, 1, 0, 0),))],
        {"makes": (0.1,)}, "mw_weeks", (12 * 500 + 22 * 100) / 600),
    "the item goes to the one whose other work is long": (
        [Job(weeks=1, mw=1, orders=((0, 5, 0, 0),)), Job(weeks=9, mw=1, orders=((0, 5, 0, 0),))], {"makes": (1.0,)},
        "finish", 14),
    "lead time holds however much is made": (
        [Job(weeks=2, mw=1, orders=((0, 1, -4, 30),))], {"makes": (100.0,)}, "finish", 28),
    "what was made before the order is not the order's": (
        [Job(weeks=1, mw=1, orders=((0, 4, 10, 0),))], {"makes": (1.0,)}, "finish", 15),
    "an urgent late order overtakes an early one": (
        [Job(weeks=1, mw=1, orders=((0, 10, 0, 0),)), Job(weeks=1, mw=100, orders=((0, 2, 4, 0),))],
        {"makes": (1.0,)}, "mw_weeks", (7 * 100 + 13 * 1) / 101),
    "a second crew comes in week 6": (
        [Job(weeks=8, workers=1, mw=1), Job(weeks=8, workers=1, mw=1)],
        {"workers": np.where(np.arange(WEEKS) < 6, 1.0, 2.0)}, "finish", 14),
    "workers who leave finish what they are at": (
        [Job(weeks=8, workers=1, mw=1), Job(weeks=4, workers=1, mw=1)],
        {"workers": np.where(np.arange(WEEKS) < 6, 2.0, 1.0)}, "finish", 8),
    "outdoor work waits for no winter that it can avoid": (
        [Job(weeks=4, workers=1, mw=1, outdoor=True), Job(weeks=4, workers=1, mw=1)],
        {"pace": np.where(np.arange(WEEKS) < 4, 0.5, 1.0)}, "finish", 8),
    "holidays are not worked": (
        [Job(weeks=3, mw=1, outdoor=True)], {"pace": np.where(np.arange(WEEKS) == 1, 0.0, 1.0)}, "finish", 4),
}  # fmt: skip


@peers
@pytest.mark.parametrize("name", HAND)
def test_optimum_by_hand(name):
    jobs, terms, objective, week = HAND[name]
    found = exact(jobs, objective, **terms)
    assert found.status == "optimal"
    assert found.objective_week == approx(week)
    assert found.bound_week == approx(week)


@peers
@pytest.mark.parametrize("name", HAND)
def test_no_order_of_priority_is_better_than_the_exact_schedule(name):
    jobs, terms, objective, _ = HAND[name]
    best = exact(jobs, objective, **terms).objective_week
    assert min(list_weeks(jobs, objective, **terms)) >= best - 1e-9


def by_trying(jobs: list[Job], objective: str, workers: float, makes: tuple[float], pace) -> float:
    """The least objective over all orders in which tasks can be placed, week by week, one unit of the item a week."""
    best = np.inf
    for turn in itertools.permutations(range(len(jobs))):
        if any(turn.index(i) > turn.index(j) for j, job in enumerate(jobs) for i in job.after):
            continue
        arrives = {}
        taken: set[int] = set()
        for j in turn:
            for _, units, week, lead in jobs[j].orders:
                free = (w for w in itertools.count(max(0, int(week))) if w not in taken)
                weeks = list(itertools.islice(free, int(units)))
                taken |= set(weeks)
                arrives[j] = max(weeks[-1] + 1, week + lead)
        free, finish = [workers] * WEEKS, {}
        for j in turn:
            job = jobs[j]
            begin = int(max([job.release, arrives.get(j, 0), *(finish[i] for i in job.after)]))
            while True:
                worked = np.cumsum(pace[begin:] if job.outdoor else np.ones(WEEKS - begin))
                end = begin + int(np.searchsorted(worked, job.weeks)) + 1
                if min(free[begin:end]) >= job.workers:
                    break
                begin += 1
            finish[j] = end
            free[begin:end] = [left - job.workers for left in free[begin:end]]
        mw = sum(job.mw for job in jobs)
        mean = sum(job.mw * finish[j] for j, job in enumerate(jobs)) / mw
        best = min(best, mean if objective == "mw_weeks" else max(finish.values()))
    return best


@peers
@pytest.mark.parametrize("objective", ["mw_weeks", "finish"])
@pytest.mark.parametrize("seed", range(12))
def test_optimum_by_trying_every_order(seed, objective):
    jobs, terms = some_jobs(seed)
    found = exact(jobs, objective, **terms)
    assert found.status == "optimal"
    assert found.objective_week == approx(by_trying(jobs, objective, **terms))
    assert found.bound_week == approx(found.objective_week, rel=1e-5)


@peers
@pytest.mark.parametrize("seed", range(4))
def test_bound_holds_for_the_event_simulation_and_rounding_costs_less_than_a_day_a_task(seed):
    jobs = project_jobs(seed)
    found = exact(jobs, steps_per_week=7, **FRACTIONS)
    by_rank = list_weeks(jobs, "mw_weeks", tasks=3, **FRACTIONS)
    assert found.bound_week <= found.objective_week <= min(by_rank) + 1e-9
    assert found.status == "optimal"
    assert found.objective_week - found.bound_week < len(jobs) / 7
    finer = exact(jobs, steps_per_week=70, **FRACTIONS)
    assert finer.objective_week - finer.bound_week < len(jobs) / 70


@peers
@pytest.mark.parametrize("seed", range(4))
def test_fluid_engine_is_no_earlier_than_the_bound_where_no_gang_has_to_be_parted(seed):
    jobs, terms = some_jobs(seed)
    terms["workers"] = 18.0
    mw = np.array([job.mw for job in jobs])
    for objective in ("mw_weeks", "finish"):
        found = exact(jobs, objective, **terms)
        finish = flow(laid_out(jobs, **terms), draws=0).finish[0]
        week = finish.max() if objective == "finish" else finish @ mw / mw.sum()
        assert found.bound_week <= week + 1e-9


@peers
def test_all_solvers_agree_where_nothing_is_scarce():
    jobs = [
        Job(weeks=3, workers=1, orders=((0, 5, -4, 9),)), Job(weeks=4, workers=1, after=(0,), mw=100, outdoor=True),
        Job(weeks=6, workers=1, mw=50, release=2),
    ]  # fmt: skip
    terms = {"workers": 3.0, "makes": (1e3,), "pace": np.where(np.arange(WEEKS) < 9, 0.5, 1.0)}
    found = exact(jobs, **terms)
    assert found.finish == approx([8, 12.5, 8])
    for engine in (simulate, flow):
        assert engine(laid_out(jobs, **terms), draws=0).finish[0] == approx(found.finish)


@peers
@pytest.mark.parametrize("seed", range(4))
def test_schedule_can_be_kept(seed):
    jobs = project_jobs(seed)
    found = exact(jobs, steps_per_week=7, seconds=3, **FRACTIONS)
    for j, job in enumerate(jobs):
        assert found.begin[j] >= max([job.release, *(found.finish[i] for i in job.after)]) - 1e-9
        assert found.finish[j] - found.begin[j] >= job.weeks - 1e-9
        running = [i for i in range(len(jobs)) if found.begin[i] <= found.begin[j] < found.finish[i]]
        held = sum(jobs[i].workers for i in running)
        assert held <= FRACTIONS["workers"][int(found.begin[j])] * (1 + 1e-6)
    waits = [j for j, job in enumerate(jobs) if job.orders]
    assert np.all(found.arrives <= found.begin[waits] + 1e-9)
    for order in found.arrives:  # no more has arrived than was made since the first order
        assert (
            sum(jobs[j].orders[0][1] for j, a in zip(waits, found.arrives, strict=True) if a <= order)
            <= 2 * order + 1e-9
        )


@peers
def test_weight_of_a_project_moves_it_ahead():
    jobs = [Job(weeks=3, workers=1, mw=100), Job(weeks=3, workers=1, mw=300)]
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    found = best_schedule(laid_out(jobs), weights={"p0": 900.0, "p1": 300.0}, steps_per_week=1, workers=2)
    assert list(found.finish) == approx([3, 6])


ENDS = (
    Stage(name="shell", weeks=Spread.exactly(4.0)),
    Stage(name="racks", weeks=Spread.exactly(2.0), after=("shell",)),
    Stage(name="paint", weeks=Spread.exactly(9.0), after=("shell",)),
    Stage(name="permit", weeks=Spread.exactly(1.0), per="site"),
    Stage(name="line", weeks=Spread.exactly(3.0), after=("racks",), power="grid"),
)  # racks or the line, and paint: two end a phase


def test_a_phase_counts_once_by_its_mw_however_many_stages_end_it():
    projects = tuple(
        Project(name=power, region="us_tx", start=MONDAY, phases=phases, design=Design(power=power))
        for power, phases in (("grid", (100.0, 300.0)), ("gas_turbines", (600.0,)))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gigawatt.buildout.plan.bill", lambda design: ())
        laid = plan(Portfolio(projects=projects, start=MONDAY, weeks=WEEKS, stages=ENDS))
    work, weight = goals(laid, "mw_weeks", {})
    tasks = len(laid.tasks)
    assert len(work.weeks) == tasks + 3 and weight[:tasks].tolist() == [0.0] * tasks
    assert weight[tasks:] == approx([0.1, 0.3, 0.6])
    finish = simulate(replace(laid, work=work), draws=0).finish[0]
    outcome = simulate(laid, draws=0)
    assert finish[tasks:] == approx(outcome.phase_finish()[0])
    assert finish @ weight == approx(outcome.phase_finish()[0] @ outcome.phase_mw / 1000)
    _, twice = goals(laid, "mw_weeks", {"grid": 0.0})
    assert twice[tasks:].tolist() == [0.0, 0.0, 1.0]


@peers
def test_the_finish_of_a_phase_with_two_ends_is_scheduled():
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    project = Project(name="two", region="us_tx", start=MONDAY, phases=(100.0, 300.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gigawatt.buildout.plan.bill", lambda design: ())
        laid = plan(Portfolio(projects=(project,), start=MONDAY, weeks=WEEKS, stages=ENDS))
    found = best_schedule(laid, 5.0, steps_per_week=1, workers=2)
    assert len(found.finish) == len(laid.tasks) and found.objective_week == approx(13.0, abs=0.5)


@peers
def test_what_cannot_be_asked_is_said():
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    jobs = [Job(weeks=3, workers=1, mw=100)]
    with pytest.raises(ValueError, match="objective 'mw'; known: mw_weeks, finish"):
        best_schedule(laid_out(jobs), objective="mw")
    with pytest.raises(ValueError, match="weights: unknown project 'p1'"):
        best_schedule(laid_out(jobs), weights={"p1": 2.0})
    with pytest.raises(ValueError, match="weights: -1 for p0; wants 0 or more"):
        best_schedule(laid_out(jobs), weights={"p0": -1.0})
    with pytest.raises(ValueError, match="nothing to schedule for"):
        best_schedule(laid_out(jobs), weights={"p0": 0.0})
    with pytest.raises(ValueError, match="201 tasks are too many for an exact schedule: at most 200"):
        best_schedule(laid_out([Job(weeks=1, mw=1)] * 201))


@peers
def test_an_item_that_never_comes_is_named():
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    project = Project(name="alone", region="us_tx", start=MONDAY, phases=(100.0,))
    laid = plan(Portfolio(projects=(project,), start=MONDAY, weeks=WEEKS))
    hall = replace(laid, work=laid.work._replace(capacity=np.zeros_like(laid.work.capacity)))
    with pytest.raises(SolveError, match=r"project alone, stage \w+: \w+ never comes; .* are needed"):
        best_schedule(hall)


def test_without_or_tools_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(exact_child.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'gigawatt\[schedule\]'"):
        best_schedule(laid_out([Job(weeks=3, mw=1)]))


def test_highspy_and_the_exact_schedule_work_in_one_process():
    # Each brings a library of the same name: whichever came first kept the other from being loaded.
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    text = """
from gigawatt.buildout.exact import best_schedule
from tests.buildout.exact_cases import Job, laid_out
before = best_schedule(laid_out([Job(weeks=3, mw=1)])).status
import highspy
highspy.Highs()
print(before, best_schedule(laid_out([Job(weeks=3, mw=1)])).status)
"""
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()}
    )
    assert done.stdout.split() == ["optimal", "optimal"], done.stderr


def test_a_mistake_in_the_other_process_comes_back_as_it_is(monkeypatch):
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    with pytest.raises((TypeError, AttributeError)):
        exact_child.solve_apart(None, None, 1.0, 1)
    assert best_schedule(laid_out([Job(weeks=3, mw=1)])).status == "optimal"
