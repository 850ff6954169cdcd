"""What projects cost as they come out, by hand and in the sum."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.capex import capex, local
from gigawatt.buildout.cost import (
    cost_rows,
    costs,
    crews_usd,
    damages_usd,
    items_usd,
    owner_usd,
    unhindered,
)
from gigawatt.buildout.design import Design, campus
from gigawatt.buildout.events import simulate
from gigawatt.buildout.plan import plan
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.report.buildout_xlsx import order_rows
from tests.buildout.hand_made import MONDAY, Job, Order, laid_out, made_up

WAGE = local("us_tx")[0].median * (1 + campus("contractor_share").median)
OWNER = float(catalog.value("buildout", "costs", "owner_usd_per_mw_week"))


def two_runs(laid):
    """The schedule at medians, and what was planned."""
    return simulate(laid, draws=0), simulate(unhindered(laid), draws=0)


def a_project(**kwargs):
    """A project of 100 and 200 MW in Texas that is due at the end of week 10."""
    due = MONDAY + dt.timedelta(weeks=10, days=-1)
    return Project(name="p0", region="us_tx", start=MONDAY, phases=(100.0, 200.0), **{"due": due, **kwargs})


def test_waiting_for_a_crew_costs_the_owner_and_holds_no_workers():
    found, aim = two_runs(laid_out([Job(weeks=3, crew=0), Job(weeks=2, crew=0, mw=50)], available=[[1]]))
    assert aim.begin[0].tolist() == [0, 0]
    assert owner_usd(found, aim).tolist() == [[approx(3 * 50 * OWNER)]]
    assert crews_usd(found, aim).tolist() == [[0]]


def test_work_that_slides_into_a_slow_season_holds_its_crew_for_longer():
    jobs = [Job(weeks=4, crew=0, workers=10), Job(weeks=2, crew=0, workers=10, calendar=1)]
    found, aim = two_runs(laid_out(jobs, available=[[10]], pace=[[1], [1, 1, 1, 1, 0.5]]))
    assert found.finish[0].tolist() == [4, 8] and aim.finish[0].tolist() == [4, 2]
    assert crews_usd(found, aim)[0, 0] == approx(10 * 2 * WAGE)


def test_damages_are_days_late_by_mw_of_what_is_late_up_to_their_cap():
    jobs = [Job(weeks=9, mw=100), Job(weeks=12, mw=200)]
    project = a_project(damages_usd_per_mw_day=1000.0)
    found = simulate(laid_out(jobs, projects=[project]), draws=0)
    assert damages_usd(found, np.array([1e12])).tolist() == [[approx(2 * 7 * 200 * 1000)]]
    assert damages_usd(found, np.array([1e6])).tolist() == [[approx(1e5)]]
    in_time = simulate(laid_out([Job(weeks=9), Job(weeks=10, mw=200)], projects=[project]), draws=0)
    assert damages_usd(in_time, np.array([1e12])).tolist() == [[0]]


def test_without_a_date_or_a_rate_nothing_is_owed():
    for project in (a_project(), a_project(due=None, damages_usd_per_mw_day=1000.0)):
        found = simulate(laid_out([Job(weeks=30, mw=100), Job(weeks=30, mw=200)], projects=[project]), draws=0)
        assert damages_usd(found, np.array([1e12])).tolist() == [[0]]


def a_campus(mw=300.0, **kwargs):
    """A plan of the catalog: one campus in Texas."""
    project = Project(name="campus", region="us_tx", start=dt.date(2026, 6, 1), phases=(mw,), **kwargs)
    return plan(Portfolio(projects=(project,), start=MONDAY))


def test_what_is_planned_is_the_capex_of_its_mw_and_comes_to_that_where_nothing_is_short():
    laid = unhindered(a_campus())
    found = costs(simulate(laid, draws=0))
    assert found.planned_usd[0] == approx(300 * capex(laid.portfolio.projects[0].design, "us_tx").all.median)
    assert found.capex_usd[0, 0] == approx(found.planned_usd[0])
    assert found.overrun_usd[0, 0] == approx(0, abs=1) and found.damages_usd[0, 0] == 0


def test_an_item_that_queues_for_a_year_costs_its_response_more():
    laid = a_campus()
    found = simulate(unhindered(laid), draws=0)
    name = "power_transformers"
    i = next(i for i, pool in enumerate(laid.pools) if pool.item.name == name)
    order = int(np.flatnonzero(laid.work.order_item == i)[0])
    arrives = found.arrives.copy()
    arrives[0, order] = laid.work.order_week[order] + laid.work.lead_weeks[order] + 52
    later = items_usd(replace(found, arrives=arrives))
    usual = next(
        one.usd_per_mw.median for one in capex(laid.portfolio.projects[0].design, "us_tx").costs if one.part == name
    )
    more = usual * 300 * (1 + campus("contractor_share").median) * laid.pools[i].item.price_response
    years = 52 / (365.25 / 7)
    assert (later - items_usd(found))[0, 0] == approx(more * years, rel=0.01)


@given(
    stage=sampled_from(["", "permit", "earthworks", "shell", "electrical", "racks", "commissioning"]),
    power=sampled_from(["grid", "gas_turbines", "fuel_cells"]), late=integers(0, 200), done=floats(0, 0.99),
    phases=integers(1, 3),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_where_nothing_queues_no_item_is_dearer_whatever_the_stage_and_start(stage, power, late, done, phases):
    project = Project(
        name="campus", region="us_tx", start=MONDAY + dt.timedelta(days=late), phases=(100.0,) * phases,
        design=Design(power=power), stage=stage, done=done if stage else 0.0, stagger_weeks=20.0,
    )  # fmt: skip
    laid = unhindered(plan(Portfolio(projects=(project,), start=MONDAY)))
    found = simulate(laid, draws=0)
    assert items_usd(found) == approx(0.0, abs=1.0)
    assert max((row["queue_weeks"] for row in order_rows(found)), default=0.0) < 1e-6


def test_parts_that_another_item_holds_are_not_paid_twice():
    laid = a_campus()
    found = simulate(unhindered(laid), draws=0)
    inside = np.array([bool(pool.item.within) for pool in laid.pools])[laid.work.order_item]
    assert inside.any()
    assert items_usd(replace(found, arrives=found.arrives + 500.0 * inside)) == approx(items_usd(found))


def test_what_is_never_delivered_costs_without_end():
    found = simulate(laid_out([Job(weeks=2, crew=0, orders=(Order(units=5),))], [[1]], [[1, 0]]), draws=0)
    assert costs(found).capex_usd.tolist() == [[np.inf]]


@given(seed=integers(0, 1000))
@settings(max_examples=10)
def test_costs_are_the_same_for_any_threads_and_add_up(seed):
    found = simulate(made_up(seed), 40, seed)
    one, two = costs(found, threads=1), costs(found, threads=2)
    assert one.items_usd.tobytes() == two.items_usd.tobytes()
    parts = one.planned_usd + one.items_usd + one.crews_usd + one.owner_usd
    assert one.capex_usd == approx(parts)
    rows = cost_rows(found, one)
    assert [row["project"] for row in rows] == ["p0", "p1", "p2", "p3"]
    assert all(row["p10_usd"] <= row["p50_usd"] <= row["p90_usd"] for row in rows)
    assert rows[0]["overrun_usd"] == approx(rows[0]["crews_usd"] + rows[0]["owner_usd"])


def test_draws_vary_around_the_plan():
    found = costs(simulate(unhindered(a_campus()), 200, 3))
    relative = found.capex_usd[:, 0] / found.planned_usd[0]
    assert np.median(relative) == approx(1, abs=0.1) and 0.01 < relative.std() < 0.5


def test_usual_damages_are_about_a_days_rent():
    rent_usd_per_mw_day = np.array([150, 250]) * 1000 * 12 / 365.25
    usual = Spread.of(catalog.fact("buildout", "costs", "damages_usd_per_mw_day"))
    assert usual.low < rent_usd_per_mw_day[0] < rent_usd_per_mw_day[1] < usual.high


@pytest.mark.parametrize("draws", [0, 20])
def test_nothing_waits_in_an_unhindered_plan(draws):
    found = simulate(unhindered(made_up(4)), draws)
    crewed = found.plan.work.crew >= 0
    assert (found.begin[:, crewed] == found.ready[:, crewed]).all()
