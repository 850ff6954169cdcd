"""What holds a project, by hand and as a sum; rows of a schedule; announced sites as projects."""

import datetime as dt
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis.strategies import integers
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.announced import announced, in_service
from gigawatt.buildout.cost import unhindered
from gigawatt.buildout.events import simulate
from gigawatt.buildout.holding import holding
from gigawatt.buildout.outcome import quantiles
from gigawatt.buildout.plan import plan
from gigawatt.buildout.projects import OPENING, Project
from gigawatt.buildout.schedule_rows import binding_rows, project_rows, task_rows, year_rows
from gigawatt.timeline import parse_date
from tests.buildout.hand_made import MONDAY, Job, Order, laid_out, made_up


def schedule(*args, **kwargs):
    """The schedule of a plan at medians, and what holds it."""
    found = simulate(laid_out(*args, **kwargs), draws=0)
    return found, holding(found)


@settings(max_examples=20, deadline=None)
@given(integers(0, 10_000))
def test_weeks_of_work_and_of_waiting_add_up_to_the_finish_of_every_project(seed):
    found = simulate(made_up(seed), draws=3, seed=seed)
    held, work = holding(found), found.plan.work
    finish = found.project_finish()
    for p in range(finish.shape[1]):
        begins = finish[:, p] - held.working[:, p].sum(axis=1) - held.waiting[:, p].sum(axis=1)
        releases = work.release_week[work.project == p]
        for draw in np.flatnonzero(finish[:, p] < found.plan.portfolio.weeks):
            assert np.abs(releases - begins[draw]).min() < 1e-6


def test_a_project_is_held_by_the_item_that_it_waits_for():
    jobs = [Job(weeks=2), Job(weeks=3, after=(0,), orders=(Order(units=1, lead=9),))]
    found, held = schedule(jobs, capacity=[[1]])
    (row,) = project_rows(found, held)
    assert (row["held_by"], row["held_weeks"], row["held_share"]) == ("item0", 7, 1)
    assert row["p50"] == MONDAY + dt.timedelta(weeks=12)
    (bound,) = binding_rows(found, held)
    assert (bound["cause"], bound["mw_weeks"], bound["share"], bound["projects"]) == ("item0", 1400, 1, 1)  # of 200 MW


def test_a_project_is_held_by_the_workers_that_it_waits_for():
    jobs = [Job(weeks=9, crew=0), Job(weeks=3, crew=0, project=1, rank=1)]
    found, held = schedule(jobs, available=[[1]])
    first, second = project_rows(found, held)
    assert first["held_by"] == "own work: s0" and first["held_share"] == 1
    assert second["held_by"] == "t0 in us_tx" and second["held_weeks"] == 9


def test_float_and_delay_count_from_the_due_date():
    day = MONDAY + dt.timedelta(weeks=8, days=-1)  # its end is week 8
    projects = [
        Project(name=name, region="us_tx", start=MONDAY, phases=(100.0,), due=due)
        for name, due in (("early", day), ("late", day), ("free", None))
    ]
    jobs = [Job(weeks=weeks, project=p) for p, weeks in enumerate((5, 10, 10))]
    found, held = schedule(jobs, projects=projects)
    rows = project_rows(found, held)
    assert [row["float_weeks"] for row in rows] == [3, 0, None]
    assert [row["delay_weeks"] for row in rows] == [0, 2, None]
    assert [row["on_time"] for row in rows] == [1, 0, None]


def test_a_wait_off_the_chain_holds_nothing():
    jobs = [Job(weeks=2, orders=(Order(units=1, lead=5),)), Job(weeks=20), Job(weeks=1, after=(0, 1))]
    found, held = schedule(jobs, capacity=[[1]])
    (bound,) = binding_rows(found, held)
    assert (bound["mw_weeks"], bound["task_mw_weeks"], bound["projects"]) == (0, 500, 0)


def test_a_wait_that_ends_beyond_the_weeks_of_the_plan_counts_in_full():
    jobs = [Job(weeks=2), Job(weeks=3, after=(0,), orders=(Order(units=30),))]
    _, held = schedule(jobs, capacity=[[1]], weeks=12)
    assert held.of(0) == (0, 28, 1) and held.working[0, 0].sum() == 5


def test_what_never_comes_holds_to_the_end_of_the_plan():
    jobs = [Job(weeks=2, orders=(Order(units=1, lead=9),)), Job(weeks=3, project=1, orders=(Order(units=9, item=1),))]
    found, held = schedule(jobs, capacity=[[1], [1e-9] * 3])
    rows = binding_rows(found, held)
    assert [(row["cause"], row["mw_weeks"]) for row in rows] == [("item1", approx(20_000)), ("item0", approx(900))]
    assert project_rows(found, held)[1]["p50"] is None


def test_tasks_have_floats_of_the_medians_and_shares_of_the_draws():
    jobs = [Job(weeks=2), Job(weeks=3, after=(0,)), Job(weeks=5, after=(0,)), Job(weeks=1, after=(1, 2))]
    found, held = schedule(jobs)
    rows = task_rows(found, held, found)
    assert [row["float_weeks"] for row in rows] == [0, 2, 0, 0]
    assert [row["critical"] for row in rows] == [1, 0, 1, 1]
    assert [row["cause"] for row in rows] == ["own work"] * 4
    assert not task_rows(found, held, found, "nobody")


def test_power_by_the_end_of_the_year_counts_what_was_up_before():
    projects = [Project(name="p", region="us_tx", start=MONDAY, phases=(100.0, 50.0), energised_mw=30.0)]
    found, _ = schedule([Job(weeks=20), Job(weeks=70, mw=50)], projects=projects)
    assert [(row["year"], row["p50_mw"]) for row in year_rows(found)] == [(2026, 130), (2027, 180)]


def test_the_last_year_has_all_power_in_nine_draws_of_ten():
    found = simulate(made_up(7), draws=50)
    total = sum(project.mw for project in found.plan.portfolio.projects)
    last = year_rows(found)[-1]
    end = quantiles(found.project_finish().max(axis=1))[2]
    assert last["year"] == (MONDAY + dt.timedelta(weeks=float(end))).year
    assert last["p10_mw"] <= last["p50_mw"] <= last["p90_mw"] <= total + 1e-9


def test_announced_sites_are_projects_but_those_in_service():
    found = announced()
    assert len(found.projects) + len(in_service()) == len(catalog.items("sites"))
    to_build = sum(project.mw for project in found.projects)
    left = [catalog.value("sites", s, "power_mw") - catalog.value("sites", s, "energised_mw")
            for s in catalog.items("sites")]  # fmt: skip
    assert to_build == approx(sum(left))
    by_name = {project.name: project for project in found.projects}
    assert by_name["Stargate Abilene"].stage == "racks" and by_name["Stargate Abilene"].energised_mw == 450
    assert by_name["Stargate Saline Township"].stage == "earthworks" and not by_name["Lebanon"].stage
    assert by_name["Hyperion"].due == dt.date(2031, 12, 31)


def test_sites_being_built_have_power_when_they_say_so_where_nothing_is_short_and_all_takes_its_median():
    found = announced()
    laid = unhindered(plan(found))
    first = simulate(laid, draws=0).phase_finish()[0]
    place = np.cumsum([0, *(len(project.phases) for project in found.projects)])
    by_name = {
        catalog.value("sites", item, "name").split(",")[0].split(" (")[0]: item for item in catalog.items("sites")
    }
    late = []
    for n, project in enumerate(found.projects):
        facts = catalog.facts("sites", by_name[project.name])
        if facts["status"].value == "building" and not project.energised_mw:
            said = (parse_date(facts["first_power"].value) - found.start).days / 7
            late.append(float(first[place[n]]) - max(said, 15.0))
    assert len(late) > 8 and -1 < np.median(late) < 3 and max(late) < 8  # holidays and winters


def test_announced_sites_can_be_laid_out_from_the_day_on_which_they_stood_so():
    found = announced()
    assert len(plan(found).tasks) > len(found.projects) and found.start == OPENING
    assert all(0.0 <= project.done < 1.0 for project in found.projects)


def test_what_holds_most_comes_first_though_what_is_rare_takes_more_weeks():
    jobs = [Job(weeks=2, orders=(Order(units=1, lead=9),)), Job(weeks=3, project=1, orders=(Order(units=1, item=1),))]
    found, held = schedule(jobs, capacity=[[1], [1]])
    rare = np.zeros((10, *held.waiting.shape[1:]))  # the second item is waited for by all in one draw of ten, and long
    rare[1:, :, 0], rare[0, :, 1] = 5.0, 500.0
    ordered = [row["cause"] for row in binding_rows(found, replace(held, waiting=rare))]
    assert ordered[0] == "item0"
    (weeks, more) = (row["mw_weeks"] for row in binding_rows(found, replace(held, waiting=rare)))
    assert weeks < more
