"""When a rate is sustained, worth of more capacity: small cases by hand, signs, and what is refused."""

import datetime as dt
import json
import math

import numpy as np
import pytest
from pytest import approx
from typer.testing import CliRunner

from gigawatt.buildout.fluid import ensemble
from gigawatt.buildout.programme import EVERY_WEEKS, programme
from gigawatt.buildout.shadow import relaxed, shadow_prices
from gigawatt.buildout.when import reached, usd_per_mw_week, when
from gigawatt.cli.app import app
from tests.buildout.hand_made import Job, Order, laid_out

RATE = 300.0  # MW a week: within reach, so that dates are seen


@pytest.fixture(scope="module")
def answer():
    """One answer for many tests."""
    return when(RATE, draws=30, relax=True)


# ------------------------------------------------------------------------------------------------ shadow prices


def test_a_unit_more_of_what_binds_gains_what_it_does_by_hand():
    # 10 units at 1 a week arrive in week 10, at 2 a week in week 5: 5 weeks of 40 MW for one unit a week more.
    laid = laid_out([Job(weeks=1, mw=40, orders=(Order(units=10),))], capacity=[[1.0]], weeks=20)
    (price,) = shadow_prices(laid, draws=0, usd_per_mw_week=3.0, step=1.0)
    assert price.mw_weeks == approx(200) and price.usd == approx(600)
    assert (price.cause, price.unit) == ("item0", "units/week")


def test_a_worker_more_gains_where_a_crew_is_short():
    # Two tasks of 4 weeks with one worker: the second ends in week 8, with a worker more in week 4.
    jobs = [Job(weeks=4, mw=10, crew=0), Job(weeks=4, mw=10, crew=0)]
    (price,) = shadow_prices(laid_out(jobs, available=[[1]], weeks=20), draws=0, step=1.0)
    assert (price.mw_weeks, price.unit) == (approx(40), "workers")


def test_a_unit_more_of_what_does_not_bind_gains_nothing():
    jobs = [Job(weeks=8, mw=40), Job(weeks=2, mw=40, after=(0,), crew=0, orders=(Order(units=2),))]
    prices = shadow_prices(laid_out(jobs, capacity=[[1.0]], available=[[5]], weeks=30), draws=0, step=1.0)
    assert [price.mw_weeks for price in prices] == [0.0, 0.0]


def test_capacity_after_the_delivery_is_worth_nothing():
    laid = laid_out([Job(weeks=1, mw=40, orders=(Order(units=10),))], capacity=[[1.0]], weeks=40)
    prices = shadow_prices(laid, draws=0, step=0.5, windows=[(0, 5), (5, 10), (20, 30)])
    worth = {price.first_week: price.mw_weeks for price in prices}
    # Half a unit more in 5 weeks makes 2.5 units: 2.5 weeks earlier by 0.5 units a week, and at the end of its own
    # window two thirds as much, for production of 1.5 a week saves only what is made until the order is full.
    assert worth[0] == approx(40 * 2.5 / 0.5) and 0 < worth[5] < worth[0] and worth[20] == 0.0


def test_relaxing_leaves_the_other_capacities_alone():
    laid = laid_out([Job(weeks=1, crew=0, orders=(Order(units=1),))], capacity=[[2.0]], available=[[3]], weeks=4)
    more = relaxed(laid, (1,), 1.5, 2, 3)
    assert more.work.available.tolist() == [[3, 3, 4.5, 3]] and more.work.capacity.tolist() == [[2, 2, 2, 2]]
    assert laid.work.available.tolist() == [[3, 3, 3, 3]]


# ------------------------------------------------------------------------------------------------ the programme


def test_a_programme_orders_the_rate_in_every_cohort():
    laid = programme(RATE, weeks=104)
    by_day: dict[dt.date, float] = {}
    for project in laid.portfolio.projects:
        by_day[project.start] = by_day.get(project.start, 0.0) + project.mw
    assert list(by_day.values()) == approx([RATE * EVERY_WEEKS] * (104 // EVERY_WEEKS))
    assert len({project.region for project in laid.portfolio.projects}) == len(laid.regions) > 1


def test_a_mixed_programme_takes_the_grid_and_plants_at_the_site():
    powers = [project.design.power for project in programme(RATE, weeks=208).portfolio.projects]
    assert {"grid", "gas_turbines"} <= set(powers)
    only = {project.design.power for project in programme(RATE, weeks=52, power="fuel_cells").portfolio.projects}
    assert only == {"fuel_cells"}


def test_a_share_is_that_of_items_and_of_workers():
    whole, part = programme(RATE, weeks=26), programme(RATE, share=0.25, weeks=26)
    np.testing.assert_allclose(part.work.capacity, 0.25 * whole.work.capacity)
    np.testing.assert_allclose(part.work.available, 0.25 * whole.work.available)


# ------------------------------------------------------------------------------------------------ the answer


def test_a_rate_is_reached_at_the_end_of_the_first_thirteen_weeks_that_bring_it():
    # 26 MW come up within week 20: with 13 weeks of 2 MW a week the mean is 2 from the end of that week on.
    found = ensemble(laid_out([Job(weeks=20.5, mw=26)], weeks=60), draws=0)
    assert reached(found, 2.0).tolist() == [21.0] and reached(found, 2.1).tolist() == [math.inf]


def test_dates_probabilities_and_shares_hang_together(answer):
    early, median, late = answer.dates()
    assert dt.date(2026, 6, 1) < early <= median <= late
    years = list(answer.by_year().values())
    assert years == sorted(years) and years[0] == 0.0 and years[-1] == approx(1.0 - answer.never, abs=0.1)
    shares = [one.waiting_share for one in answer.binding]
    assert shares == sorted(shares, reverse=True) and 0.9 < sum(shares) <= 1.0 + 1e-9


def test_a_tenth_more_of_what_is_too_scarce_brings_power_and_rent(answer):
    first = max((one for one in answer.binding if one.gain_mw_weeks is not None), key=lambda one: one.gain_mw_weeks)
    assert first.gain_mw_weeks > 0.0 and first.power_weeks > 0.0
    assert first.gain_usd == approx(first.gain_mw_weeks * answer.usd_per_mw_week)
    assert 5e4 < usd_per_mw_week() < 5e6  # 300 to 500 accelerators of 1 to 20 USD an hour


def test_more_supply_never_brings_less_power_with_the_same_draws():
    found = [ensemble(programme(RATE, share=share), 20, parts=True) for share in (0.25, 0.5, 1.0)]
    mean = [one.up_mw_weeks().mean() for one in found]
    assert mean == sorted(mean)
    dates = [np.minimum(reached(one, RATE), 780.0) for one in found]
    assert dates[0].mean() >= dates[1].mean() >= dates[2].mean()


def test_a_higher_rate_is_not_sustained_sooner(answer):
    double = when(2 * RATE, draws=30, relax=False)
    weeks = [np.minimum(found.week, 780.0) for found in (answer, double)]
    assert weeks[0].mean() <= weeks[1].mean()
    assert all(one.gain_weeks is None for one in double.binding)


def test_a_rate_out_of_reach_tells_which_items_are_short_and_by_how_much():
    found = CliRunner().invoke(app, ["buildout", "when", "--target", "40GW/week", "--draws", "2", "--format", "table"])
    assert found.exit_code == 0, found.output
    assert "not within the plan" in found.output and "too little to the end" in found.output


def test_the_command_tells_dates_years_and_items_as_one_table():
    options = ["--regions", "us_tx,us_midwest", "--target", "30MW/week", "--draws", "4", "--format", "json"]
    found = CliRunner().invoke(app, ["buildout", "when", *options])
    assert found.exit_code == 0, found.output
    rows = json.loads(found.stdout)
    assert {row["what"] for row in rows} == {"date", "probability_by_end_of", "binding"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--target", "0GW/week"], "target 0 MW/week: wants above 0"),
        (["--target", "5kg"], "--target wants a power over time"),
        (["--share", "130%"], "share 1.3: wants above 0 and up to 1"),
        (["--share", "0"], "share 0: wants above 0"),
        (["--regions", "us_tx,mars"], "unknown region 'mars'"),
        (["--power", "sun"], "power 'sun'; known: mixed, grid"),
        (["--from", "soon"], "'soon' is not a date"),
        (["--draws", "-1"], "draws -1: wants 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(options, said):
    found = CliRunner().invoke(app, ["buildout", "when", *options])
    assert found.exit_code != 0 and said in found.output
