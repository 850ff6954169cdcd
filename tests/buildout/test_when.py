"""When a rate is sustained, worth of more capacity: small cases by hand, signs, and what is refused."""

import datetime as dt
import json
import math

import numpy as np
import pytest
from pytest import approx
from typer.testing import CliRunner

from gigawatt.buildout.announced import announced
from gigawatt.buildout.binding import beyond_error, supply_names, supply_over_need
from gigawatt.buildout.fluid import ensemble
from gigawatt.buildout.programme import EVERY_WEEKS, is_cohort, programme
from gigawatt.buildout.shadow import relaxed, shadow_prices
from gigawatt.buildout.sustained import SUSTAINED_WEEKS
from gigawatt.buildout.when import reached, usd_per_mw_week, when
from gigawatt.cli.app import app
from tests.buildout.hand_made import Job, Order, laid_out

RATE = 300.0  # MW a week: within reach, so that dates are seen


@pytest.fixture(scope="module")
def answer():
    """One answer for many tests."""
    return when(RATE / 1000, draws=30, sites=False)


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


def test_what_is_worth_most_by_percent_comes_first_whatever_its_unit():
    # The first item comes by the thousand and the second by ones; both bring 40 MW in week 10, the second the more MW.
    jobs = [Job(weeks=1, mw=40, orders=(Order(units=10_000),)), Job(weeks=1, mw=80, orders=(Order(units=10, item=1),))]
    prices = shadow_prices(laid_out(jobs, capacity=[[1000.0], [1.0]], weeks=40), draws=0)
    assert [price.cause for price in prices] == ["item1", "item0"]
    few = laid_out(jobs, capacity=[[1.0], [1000.0]], weeks=40)
    assert all(price.mw_weeks_per_percent == approx(price.mw_weeks * {"item0": 1, "item1": 1000}[price.cause] / 100)
               for price in shadow_prices(few, draws=0))  # fmt: skip


def test_more_of_nothing_is_worth_nothing():
    laid = laid_out([Job(weeks=1, mw=40, orders=(Order(units=10),))], capacity=[[0.0] * 5 + [1.0]], weeks=40)
    worth = {price.first_week: price.mw_weeks for price in shadow_prices(laid, draws=0, windows=[(0, 5), (5, 20)])}
    assert worth[0] == 0.0 < worth[5]


# ------------------------------------------------------------------------------------------------ the programme


def test_a_programme_orders_the_rate_in_every_cohort():
    laid = programme(RATE, weeks=104, sites=False)
    by_day: dict[dt.date, float] = {}
    for project in laid.portfolio.projects:
        by_day[project.start] = by_day.get(project.start, 0.0) + project.mw
    assert list(by_day.values()) == approx([RATE * EVERY_WEEKS] * (104 // EVERY_WEEKS))
    assert len({project.region for project in laid.portfolio.projects}) == len(laid.regions) > 1


def test_a_mixed_programme_takes_the_grid_and_plants_at_the_site():
    powers = [project.design.power for project in programme(RATE, weeks=208, sites=False).portfolio.projects]
    assert {"grid", "gas_turbines"} <= set(powers)
    only = programme(RATE, weeks=52, power="fuel_cells", sites=False).portfolio.projects
    assert {project.design.power for project in only} == {"fuel_cells"}


def test_a_share_is_that_of_items_and_of_workers():
    whole, part = programme(RATE, weeks=26, sites=False), programme(RATE, share=0.25, weeks=26)
    np.testing.assert_allclose(part.work.capacity, 0.25 * whole.work.capacity)
    np.testing.assert_allclose(part.work.available, 0.25 * whole.work.available)


def test_announced_sites_come_first_and_count_where_all_supply_is_the_programmes():
    laid = programme(RATE, weeks=52)
    sites = announced().projects
    assert laid.portfolio.projects[: len(sites)] == sites and not any(is_cohort(site) for site in sites)
    assert all(is_cohort(project) for project in laid.portfolio.projects[len(sites) :])
    assert all(is_cohort(project) for project in programme(RATE, share=0.9, weeks=52).portfolio.projects)
    with_sites, without = (ensemble(programme(RATE, weeks=104, sites=sites), draws=0) for sites in (True, False))
    early = [found.mw_by_week()[:, :52].sum(axis=1) for found in (with_sites, without)]
    assert early[0].min() > 1000.0 > early[1].max()  # MW in the first year: nothing ordered now is up by then
    ours = np.cumsum([len(site.phases) for site in sites])[-1]
    assert with_sites.phase_finish[:, ours:].mean() > without.phase_finish.mean()  # they take of what there is


def test_a_later_programme_finds_the_sites_of_today_and_the_supply_of_then():
    late = programme(RATE, start=dt.date(2027, 1, 6), weeks=104, sites=False)
    assert min(project.start for project in late.portfolio.projects) == dt.date(2027, 1, 11)
    np.testing.assert_array_equal(late.work.capacity[0], programme(RATE, weeks=104, sites=False).work.capacity[0])
    for day in (dt.date(2025, 12, 29), dt.date(2041, 1, 1)):
        with pytest.raises(ValueError, match="wants 2026-01-05"):
            programme(RATE, start=day)


def test_no_cohort_is_stretched_by_how_few_workers_there_are_at_first():
    laid = programme(40_000.0, weeks=52, sites=False)
    largest = int((laid.work.workers / laid.work.available[laid.work.crew, 0]).argmax())
    task = laid.tasks[largest]
    assert laid.work.workers[largest] == task.stage.workers_per_mw * task.mw
    assert laid.work.workers[largest] > laid.work.available[laid.work.crew[largest], 0]
    assert laid.work.weeks[largest] == task.weeks.median


# ------------------------------------------------------------------------------------------------ the answer


def test_a_rate_is_sustained_from_the_first_week_with_a_year_that_brings_it():
    # 104 MW come up within week 60 and 104 within week 100: 2 MW a week from week 9 on, whose year holds week 60.
    laid = laid_out([Job(weeks=60.5, mw=104), Job(weeks=100.5, mw=104)], weeks=200)
    found = ensemble(laid, draws=0)
    assert reached(found, 2.0).tolist() == [9.0] and reached(found, 2.1).tolist() == [49.0]
    assert reached(found, 4.1).tolist() == [math.inf]


def test_a_year_after_its_date_a_rate_was_held(answer):
    found = ensemble(answer.plan, 30)
    mw = found.mw_by_week()
    assert np.isfinite(answer.week).all()
    for row, week in zip(mw, answer.week.astype(int), strict=True):
        assert row[week : week + SUSTAINED_WEEKS].mean() >= RATE * (1 - 1e-9)
        assert row[week - 1 : week - 1 + SUSTAINED_WEEKS].mean() < RATE
    assert SUSTAINED_WEEKS == 52
    rest = [row[week:].mean() for row, week in zip(mw, answer.week.astype(int), strict=True)]
    assert np.mean(np.array(rest) >= RATE) > 0.8  # and it is no peak: from then on it holds in the mean


def test_a_rate_counts_only_what_comes_up_where_it_is_asked_for():
    found = ensemble(programme(RATE, weeks=208), draws=2)
    parts = [found.mw_by_week((region,)) for region in found.plan.regions]
    np.testing.assert_allclose(sum(parts), found.mw_by_week(), atol=1e-6)


def test_a_gain_within_twice_its_error_is_not_told():
    rng = np.random.default_rng(1)
    told = [beyond_error(rng.normal(0.0, 5.0, size=64)) for _ in range(400)]
    assert 0.01 < np.mean([gain is not None for gain in told]) < 0.09  # 5 % of those that are nothing
    assert beyond_error(np.array([3.0, 4.0, 5.0])) == approx(4.0)
    assert beyond_error(np.array([2.0])) is None and beyond_error(np.array([2.0]), certain=True) == 2.0


def test_supplies_are_named_by_where_they_are_and_compared_with_the_need_of_all_who_share_them(answer):
    names = supply_names(answer.plan)
    assert len(set(names)) == len(names)
    assert {"hbm in china", "hbm outside china", "grid_connection in us_tx", "builders in US"} <= set(names)
    laid, code = answer.plan, names.index("hbm outside china")
    units = laid.work.order_units[laid.work.order_item == code].sum()
    ratio = supply_over_need(laid, (code,), 0)
    assert ratio[0] == approx(laid.work.capacity[code, 0] * laid.portfolio.weeks / units)
    regions = {laid.tasks[j].project for j in np.repeat(np.arange(len(laid.tasks)), np.diff(laid.work.first_order))[
        laid.work.order_item == code]}  # fmt: skip
    assert {laid.portfolio.projects[p].region for p in regions} == set(laid.regions) - {"china"}


def test_dates_probabilities_and_shares_hang_together(answer):
    early, median, late = answer.dates()
    assert dt.date(2026, 6, 1) < early <= median <= late
    years = list(answer.by_year().values())
    assert years == sorted(years) and years[0] == 0.0 and years[-1] == approx(1.0 - answer.never, abs=0.1)
    assert 0.8 < sum(one.waiting_share for one in answer.binding if one.supplies == 1) <= 1.0 + 1e-9
    gains = [one.gain_weeks or 0.0 for one in answer.binding]
    assert gains == sorted(gains, reverse=True)
    for one in answer.binding:
        assert one.asked == (one.gain_weeks_error is not None)
        assert one.gain_weeks is None or abs(one.gain_weeks) > 2.0 * one.gain_weeks_error


def test_a_tenth_more_of_what_is_too_scarce_brings_power_and_rent(answer):
    first = max((one for one in answer.binding if one.gain_mw_weeks is not None), key=lambda one: one.gain_mw_weeks)
    assert first.gain_mw_weeks > 0.0 and first.power_weeks > 0.0
    assert first.gain_usd == approx(first.gain_mw_weeks * answer.usd_per_mw_week)
    assert 5e4 < usd_per_mw_week() < 5e6  # 300 to 500 accelerators of 1 to 20 USD an hour


def test_more_supply_never_brings_less_power_with_the_same_draws():
    found = [ensemble(programme(RATE, share=share, sites=False), 20) for share in (0.25, 0.5, 1.0)]
    mean = [one.up_mw_weeks().mean() for one in found]
    assert mean == sorted(mean)
    dates = [np.minimum(reached(one, RATE), 780.0) for one in found]
    assert dates[0].mean() >= dates[1].mean() >= dates[2].mean()


def test_a_higher_rate_is_not_sustained_sooner(answer):
    double = when(2 * RATE / 1000, draws=30, relax=False, sites=False)
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
        (["--target", "0GW/week"], "target 0 GW/week: wants above 0"),
        (["--target", "5kg"], "--target 5kg: wants power per week"),
        (["--target", "1GW"], "--target 1GW: wants power per week"),
        (["--target", "1000GW/week"], "at most 100 GW/week"),
        (["--share", "130%"], "share 1.3: wants above 0 and up to 1"),
        (["--share", "0"], "share 0: wants above 0"),
        (["--regions", "us_tx,mars"], "unknown region 'mars'"),
        (["--power", "sun"], "power 'sun'; known: mixed, grid"),
        (["--from", "soon"], "'soon' is not a date"),
        (["--from", "2025"], "orders from 2025-01-01: wants 2026-01-05"),
        (["--draws", "-1"], "draws -1: wants 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(options, said):
    found = CliRunner().invoke(app, ["buildout", "when", *options])
    assert found.exit_code != 0 and said in found.output
