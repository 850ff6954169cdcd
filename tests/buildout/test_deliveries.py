"""Deliveries: what is made is delivered, to whom it is due, and no more than that."""

import numpy as np
from hypothesis import given
from hypothesis.strategies import floats, integers, lists, tuples
from pytest import approx

from gigawatt.buildout.deliveries import deliveries
from gigawatt.buildout.draws import MEDIAN, draw
from gigawatt.buildout.heap import COLUMNS, ITEM, put, take
from tests.buildout.hand_made import Job, Order, laid_out

INF = float("inf")
WEEKS = 60
rates = lists(floats(0.1, 9.0), min_size=1, max_size=WEEKS)
orders_made = lists(tuples(floats(0.1, 30.0), floats(-5.0, 50.0), integers(0, 3)), min_size=1, max_size=25)


def served(orders, capacity):
    """When each of (units, week, rank) arrives from one pool without lead times."""
    jobs = [Job(weeks=1, rank=rank, orders=(Order(units=units, week=week),)) for units, week, rank in orders]
    work = laid_out(jobs, capacity=[capacity], weeks=WEEKS).work
    return deliveries(work, draw(work, 1, MEDIAN))


def made(capacity, week):
    """Units that the pool can make until a week; after the last one as in that."""
    path = np.array([*capacity, *[capacity[-1]] * (10_000 - len(capacity))])
    whole = int(week)
    return path[:whole].sum() + (week - whole) * path[whole]


def test_orders_of_one_pool_take_their_turn():
    # 2 units a week: 4 units take to week 2; the next 2 from there to week 3; ordered at week 5, 2 more to week 6.
    assert served([(4, 0, 0), (2, 0, 0), (2, 5, 0)], [2.0]).tolist() == [2, 3, 6]


def test_an_urgent_order_goes_before_what_is_half_made():
    # At week 1 half of the first order is made; the urgent one takes weeks 1 to 2, the first goes on to week 3.
    assert served([(2, 0, 1), (1, 1, 0)], [1.0]).tolist() == [3, 2]


def test_an_order_comes_no_sooner_than_its_lead_time():
    work = laid_out([Job(weeks=1, orders=(Order(units=1, week=3, lead=10),))], capacity=[[1.0]]).work
    assert deliveries(work, draw(work, 1, MEDIAN)).tolist() == [13]


def test_a_supplier_that_closes_never_delivers_the_rest():
    assert served([(2, 0, 0), (9, 0, 0)], [1.0, 1.0, 1.0, 0.0]).tolist() == [2, INF]


@given(orders_made, rates)
def test_never_more_is_delivered_than_is_made(orders, capacity):
    arrives = served(orders, capacity)
    for week in np.unique(arrives):
        delivered = sum(units for (units, _, _), at in zip(orders, arrives, strict=True) if at <= week)
        assert delivered <= made(capacity, week) * (1 + 1e-9) + 1e-9


@given(orders_made, rates)
def test_all_that_is_made_while_orders_wait_is_delivered(orders, capacity):
    arrives = served(orders, capacity)
    # Busy spells of the pool: within one, what is delivered is what it makes.
    by_week = sorted(zip((max(0.0, week) for _, week, _ in orders), arrives, (o[0] for o in orders), strict=True))
    start, end, units = by_week[0][0], 0.0, 0.0
    for week, _, amount in [*by_week, (INF, INF, 0.0)]:
        if units and week > end + 1e-9:
            assert made(capacity, end) - made(capacity, start) == approx(units, rel=1e-7, abs=1e-7)
            start, units = week, 0.0
        units += amount
        if week < INF:
            waiting = [at for w, at, _ in by_week if max(start, 0.0) - 1e-12 <= w <= week]
            end = max(waiting)


@given(orders_made, rates)
def test_orders_of_equal_rank_arrive_by_the_curve_of_what_is_made(orders, capacity):
    # First come, first served: order n arrives when the pool, never idle since its spell began, has made up to it.
    orders = sorted(((units, week, 0) for units, week, _ in orders), key=lambda one: one[1])
    arrives, at = served(orders, capacity), 0.0
    for (units, week, _), arrived in zip(orders, arrives, strict=True):
        at = max(at, made(capacity, max(0.0, week))) + units
        assert made(capacity, arrived) == approx(at, rel=1e-9)


@given(orders_made, rates)
def test_a_more_urgent_order_never_arrives_after_an_equal_one_placed_later(orders, capacity):
    arrives = served(orders, capacity)
    for a, (units, week, rank) in enumerate(orders):
        for b, (other, later, lower) in enumerate(orders):
            if rank <= lower and week < later and units <= other:
                assert arrives[a] <= arrives[b] + 1e-9


@given(orders_made, rates)
def test_waiting_orders_are_arrivals_a_week_times_the_mean_wait(orders, capacity):
    # Little's law over the time until the last is delivered: the mean number waiting, counted at many moments.
    arrives = served(orders, capacity)
    placed = np.array([max(0.0, week) for _, week, _ in orders])
    span = arrives.max()
    moments = (np.arange(20_000) + 0.5) * span / 20_000
    waiting = ((placed[:, None] <= moments) & (moments < arrives[:, None])).sum(axis=0).mean()
    assert waiting == approx(len(orders) / span * (arrives - placed).mean(), rel=5e-3, abs=5e-3)


@given(lists(tuples(integers(0, 5), integers(0, 5)), min_size=1, max_size=60), integers(0, 3))
def test_a_heap_gives_back_in_order_and_leaves_its_neighbours_alone(keys, start):
    room = np.zeros((len(keys) + start, COLUMNS))
    count = 0
    for item, (key, tie) in enumerate(keys):
        count = put(room, start, count, float(key), float(tie), item)
    found = []
    while count:
        found.append(int(room[start, ITEM]))
        count = take(room, start, count)
    assert found == sorted(range(len(keys)), key=lambda n: (*keys[n], n))
    assert (room[:start] == 0).all()
