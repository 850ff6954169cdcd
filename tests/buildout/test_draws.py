"""Draws of what is uncertain: their spread, what they have in common, and shocks."""

import math

import numpy as np
import pytest
from pytest import approx

from gigawatt.buildout.draws import MEDIAN, draw
from gigawatt.buildout.plan import plan
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.spread import Spread, normal
from gigawatt.compiled import year_key
from tests.buildout.hand_made import Job, Order, laid_out, made_up

DRAWS = 4000
WORLD, PROJECT = 0.2, 0.3


@pytest.fixture(scope="module")
def luck():
    """Standard deviations from the median of four tasks of two projects; shape (draws, tasks)."""
    jobs = [Job(weeks=10, spread=2.0, project=n // 2) for n in range(4)]
    work = laid_out(jobs, shares=(WORLD, PROJECT, 0.3)).work
    weeks = np.array([draw(work, 3, n).weeks for n in range(DRAWS)])
    return np.log(weeks / 10) / work.up


def test_durations_are_normal_in_the_logarithm_about_their_median(luck):
    assert luck.mean(axis=0) == approx(0, abs=4 / math.sqrt(DRAWS))
    assert luck.std(axis=0) == approx(1, abs=0.05)
    assert (np.abs(luck) < 1.6449).mean(axis=0) == approx(0.9, abs=0.02)
    assert ((luck < 0).mean(axis=0)) == approx(0.5, abs=0.03)


def test_tasks_have_in_common_what_the_world_has_and_those_of_a_project_more(luck):
    together = np.corrcoef(luck.T)
    assert together[0, 1] == approx(WORLD + PROJECT, abs=0.05) and together[2, 3] == approx(WORLD + PROJECT, abs=0.05)
    assert together[:2, 2:] == approx(WORLD, abs=0.05)


def test_a_range_that_is_wider_above_keeps_its_median_and_its_ends():
    spread, key = Spread(10.0, 8.0, 30.0), np.uint64(year_key(1, 1))
    drawn = np.array([spread.at(normal(key, 0, n)) for n in range(DRAWS)])
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == approx([8, 10, 30], rel=0.06)


def test_levels_of_supply_share_their_luck_and_orders_of_a_pool_share_theirs():
    jobs = [Job(weeks=1, orders=tuple(Order(units=2, item=i, lead=4) for i in (0, 0, 1)))]
    plan = laid_out(jobs, capacity=[[1], [1]], shares=(0.2, 0.3, 0.4), weeks=2)
    half = np.full(2, 0.5)
    work = plan.work._replace(
        level_down=half, level_up=half, lead_down=np.full(3, 0.2), lead_up=np.full(3, 0.2), units_down=np.full(3, 0.1),
        units_up=np.full(3, 0.1),
    )  # fmt: skip
    found = [draw(work, 5, n) for n in range(DRAWS)]
    level = np.log([one.capacity[:, 0] for one in found]) / 0.5
    assert np.corrcoef(level.T)[0, 1] == approx(0.4, abs=0.05) and level.std(axis=0) == approx(1, abs=0.05)
    for name, width in (("lead_weeks", 0.2), ("units", 0.1)):
        amount = np.log([getattr(one, name) for one in found]) / width
        assert amount[:, 0] - amount[:, 0].mean() == approx(amount[:, 1] - amount[:, 1].mean())
        assert np.corrcoef(amount.T)[0, 2] == approx(0, abs=0.05) and amount.std(axis=0) == approx(1, abs=0.05)


def struck(per_week, lasts, cut, weeks):
    """Work of one pool that makes a unit a week and is hit by one shock."""
    work = laid_out([Job(weeks=1, orders=(Order(units=1),))], capacity=[[1]], weeks=weeks).work
    return work._replace(
        shock_per_week=np.array([per_week]), shock_weeks=np.array([lasts]), shock_down=np.zeros(1),
        shock_up=np.zeros(1), shock_cut=np.array([[cut]]),
    )  # fmt: skip


def test_shocks_take_their_cut_for_as_long_as_they_last():
    # On for 10 of every 10 + 40 weeks in the long run, at half the capacity.
    lost = [1 - draw(struck(1 / 40, 10.0, 0.5, 3000), 1, n).capacity.mean() for n in range(40)]
    assert np.mean(lost) == approx(0.5 * 10 / 50, rel=0.05)


def test_a_single_shock_takes_cut_by_weeks_wherever_it_falls_within_its_weeks():
    lost = [(1 - draw(struck(1 / 2000, 7.3, 0.4, 500), 2, n).capacity).sum() for n in range(400)]
    some = [amount for amount in lost if amount > 0]
    assert len(some) == approx(400 * (1 - math.exp(-500 / 2000)), rel=0.25)
    assert np.median(some) == approx(0.4 * 7.3)


def test_the_median_draw_has_medians_and_no_shock():
    work = struck(10.0, 10.0, 0.5, 20)
    found = draw(work, 9, MEDIAN)
    assert (found.capacity == 1).all() and found.weeks.tolist() == [1] and found.units.tolist() == [1]


def test_a_draw_does_not_hang_on_what_else_is_in_the_plan_after_it():
    plan = made_up(3)
    alone = draw(plan.work, 4, 11)
    for number in (0, 5):
        draw(plan.work, 4, number)
    again = draw(plan.work, 4, 11)
    assert all(one.tobytes() == two.tobytes() for one, two in zip(alone, again, strict=True))
    other = draw(plan.work, 5, 11)
    assert not np.isclose(alone.weeks, other.weeks).any()


def test_the_luck_of_a_project_does_not_change_with_what_else_is_built():
    one = Project(name="one", region="us_tx", start=OPENING, phases=(200.0, 200.0), stagger_weeks=20.0)
    other = Project(name="other", region="china", start=OPENING, phases=(300.0,))
    alone, second = plan(Portfolio(projects=(one,))), plan(Portfolio(projects=(other, one)))
    mine = np.flatnonzero(second.work.project == 1)
    for number in range(5):
        a, b = draw(alone.work, 1, number), draw(second.work, 1, number)
        assert b.weeks[mine].tolist() == a.weeks.tolist()
        for i, pool in enumerate(alone.pools):
            match = next(
                k for k, p in enumerate(second.pools) if p.item.name == pool.item.name and "us_tx" in p.regions
            )
            assert b.capacity[match] == approx(a.capacity[i])
