"""Every measure of a network against another way to the same answer, and none of them circular where nothing turns."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, sampled_from
from pytest import approx

from gigawatt.deals import (
    bilateral_netting,
    cascade,
    circularity,
    circulation,
    clearing,
    cycled,
    cycles,
    debtrank,
    hodge,
    leontief,
    returned_share,
    trace_origin,
)
from tests.deals.test_clearing import COSTS, by_trying_all, networks


@composite
def payments(draw, most=5, dollars=6):
    """Payments in whole dollars between a few parties."""
    n = draw(integers(2, most))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    flows = rng.integers(1, dollars + 1, (n, n)) * (rng.random((n, n)) < draw(floats(0.2, 0.9)))
    np.fill_diagonal(flows, 0)
    return flows.astype(float)


@composite
def one_way(draw):
    """Payments without any circle, in an order that does not show it."""
    n = draw(integers(2, 12))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    above = np.triu(rng.lognormal(0, 3, (n, n)) * (rng.random((n, n)) < draw(floats(0.1, 1.0))), 1)
    turn = rng.permutation(n)
    return above[np.ix_(turn, turn)]


# ------------------------------------------------------------------------------------------ where nothing turns


@settings(max_examples=100, deadline=None)
@given(one_way())
def test_payments_without_a_circle_have_none_to_the_last_bit(flows):
    found = circularity(flows)
    assert (found.netted_in_pairs, found.circulation, found.cycling_index) == (0.0, 0.0, 0.0)
    assert bilateral_netting(flows).circular_share == 0.0
    assert (circulation(flows).total_usd, circulation(flows).loops) == (0.0, ())
    assert len(cycles(flows, 6)) == 0
    assert all(returned_share(flows, party, len(flows)) == 0.0 for party in range(len(flows)))
    own = trace_origin(flows, 0, bounds_of=[0])
    assert (own.lower_usd[0], own.proportional_usd[0], own.upper_usd[0]) == (0.0, 0.0, 0.0)


def agony(flows):
    """Least sum of payment times the ranks it climbs, one for staying level, over all rankings of the parties."""
    n = len(flows)
    payer, payee = np.nonzero(flows)
    rank = np.array(list(product(range(n), repeat=n)))
    climbs = np.maximum(rank[:, payer] - rank[:, payee] + 1, 0)
    return float((climbs * flows[payer, payee]).sum(axis=1).min())


@settings(max_examples=60, deadline=None)
@given(payments())
def test_circulation_is_the_agony_of_the_best_ranking(flows):
    """Both programs are dual (Tatti 2019, arXiv:1903.02999): a ranking of directed payments that is 0 without circles.

    Hodge's circular share asks for a ranking too, but wants payments as large as differences of ranks.
    """
    assert circulation(flows).total_usd == approx(agony(flows), abs=1e-9)


def test_three_payments_one_way_are_ranked_without_agony_but_not_without_curl():
    flows = np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert (agony(flows), circulation(flows).total_usd) == (0, 0)
    assert hodge(flows).curl_share == approx(1 / 9)


# -------------------------------------------------------------------------------------------------- other ways


@settings(max_examples=12, deadline=None)
@given(networks(firms=10, leak=True), sampled_from(COSTS))
def test_ten_firms_clear_as_the_best_and_worst_of_all_sets_of_defaults(network, costs):
    every = by_trying_all(*network, *costs)
    for which, expected in (("greatest", every.max(axis=0)), ("least", every.min(axis=0))):
        found = clearing(*network, alpha=costs[0], beta=costs[1], which=which)
        assert found.payments == approx(expected, abs=1e-10)


def rising_from_nothing(owed, assets, outside, alpha, beta, turns=20_000):
    """Payments after so many turns of all firms at once, from nothing."""
    dues = owed.sum(axis=1) + outside
    share = np.divide(owed, dues[:, None], out=np.zeros_like(owed), where=dues[:, None] > 0)
    paid = np.zeros(len(dues))
    for _ in range(turns):
        got = share.T @ paid
        paid = np.where(assets + got >= dues, dues, alpha * assets + beta * got)
    return paid


def test_turns_from_nothing_stop_where_the_first_firm_could_pay_all():
    owed, assets, outside = np.array([[0.0, 2], [2, 0]]), np.array([6 / 5, 0]), np.zeros(2)
    stuck = rising_from_nothing(owed, assets - [1e-15, 0], outside, 1.0, 0.5)
    assert stuck == approx([8 / 5, 4 / 5])
    assert assets[0] + stuck[1] == approx(2)  # of 2: it could pay, so this is no clearing
    assert clearing(owed, assets, beta=0.5, which="least").payments == approx([2, 2])


@settings(max_examples=80, deadline=None)
@given(networks(firms=6, leak=True), sampled_from(COSTS))
def test_turns_from_nothing_never_pass_the_least(network, costs):
    least = clearing(*network, alpha=costs[0], beta=costs[1], which="least")
    assert (rising_from_nothing(*network, *costs, turns=300) <= least.payments + 1e-9).all()


def by_states(exposures, equity, shock):
    """DebtRank as Battiston et al. 2012 put it: each firm is undistressed, distressed for one round, then inactive."""
    n = len(equity)
    lost, state = list(shock), ["D" if one > 0 else "U" for one in shock]
    while "D" in state:
        before, was = list(lost), list(state)
        for i in range(n):
            handed = sum(min(1.0, exposures[i][j] / equity[i]) * before[j] for j in range(n) if was[j] == "D")
            lost[i] = min(1.0, before[i] + handed)
            if was[i] == "D":
                state[i] = "I"
            elif was[i] == "U" and lost[i] > 0:
                state[i] = "D"
    return lost


@settings(max_examples=100, deadline=None)
@given(payments(most=8, dollars=9), integers(0, 2**32))
def test_debtrank_is_what_the_states_of_the_paper_say(exposures, seed):
    rng = np.random.default_rng(seed)
    equity, shock = rng.uniform(5, 40, len(exposures)), rng.random(len(exposures)) * (rng.random(len(exposures)) < 0.4)
    assert debtrank(exposures, equity, shock).loss_share == approx(by_states(exposures, equity, shock), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(payments(most=8, dollars=9), integers(0, 2**32))
def test_linear_debtrank_is_where_many_rounds_lead(exposures, seed):
    rng = np.random.default_rng(seed)
    equity, shock = rng.uniform(5, 40, len(exposures)), rng.random(len(exposures)) * (rng.random(len(exposures)) < 0.4)
    lost = shock
    for _ in range(5000):
        lost = np.minimum(1, shock + exposures / equity[:, None] @ lost)
    assert debtrank(exposures, equity, shock, method="linear").loss_share == approx(lost, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(payments(most=7, dollars=9), integers(0, 2**32))
def test_a_cascade_fails_the_smallest_set_that_holds(exposures, seed):
    rng = np.random.default_rng(seed)
    n = len(exposures)
    capital, shock = rng.integers(1, 15, n), rng.integers(0, 12, n) * (rng.random(n) < 0.4)

    def holds(failed):
        loss = shock + exposures @ np.isin(np.arange(n), failed)
        return set(np.flatnonzero((loss > 0) & (loss >= capital))) == set(failed)

    smallest = next(s for size in range(n + 1) for s in combinations(range(n), size) if holds(s))
    assert np.flatnonzero(cascade(exposures, capital, shock).failed).tolist() == list(smallest)


def bounds_by_trying(flows, inputs, source):
    """Least and most of the source's money that each party can get, over all ways to mark whole dollars."""
    payer, payee = np.nonzero(flows)
    usd = flows[payer, payee].astype(int)
    receipts = flows.sum(axis=0) + inputs
    kept = np.maximum(receipts - flows.sum(axis=1), 0)
    near = {source}
    for _ in range(len(flows)):  # whom the source's money can come to at all
        near |= {int(to) for who, to in zip(payer, payee, strict=True) if who in near}
    free = [
        (amount,) if who == source else range(amount + 1) if who in near else (0,)
        for who, amount in zip(payer, usd, strict=True)
    ]
    marked = np.array(list(product(*free)))
    n = len(flows)
    into, out = (marked @ (ends[:, None] == np.arange(n)) for ends in (payee, payer))
    rest = into - out
    fits = ((rest >= 0) & (rest <= kept) | (np.arange(n) == source)).all(axis=1)
    return into[fits].min(axis=0), into[fits].max(axis=0)


@settings(max_examples=60, deadline=None)
@given(payments(most=4, dollars=2), integers(0, 2**32))
def test_bounds_of_origin_are_those_of_all_ways_to_mark_dollars(flows, seed):
    inputs = np.random.default_rng(seed).integers(0, 3, len(flows)).astype(float)
    least, most = bounds_by_trying(flows, inputs, 0)
    found = trace_origin(flows, 0, inputs)
    assert found.lower_usd == approx(least, abs=1e-8)
    assert found.upper_usd == approx(most, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(payments(most=5), integers(0, 2**32))
def test_the_cycling_index_is_what_a_dollar_sees_on_its_way(flows, seed):
    inputs = np.maximum(flows.sum(axis=1) - flows.sum(axis=0), 0) + np.random.default_rng(seed).uniform(
        1, 9, len(flows)
    )
    through = flows.sum(axis=0) + inputs
    share = flows / through[:, None]
    again = []
    for party in range(len(flows)):
        onward, visits = share[party].copy(), 0.0  # a dollar that leaves `party`: the chance that it ever comes back
        for _ in range(3000):
            visits += onward[party]
            onward[party] = 0.0
            onward = onward @ share
        again.append(visits)
    # n = 1 / (1 - chance of return), so (n - 1) / n is that chance.
    assert cycled(flows, inputs).returned_share == approx(again, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(payments(most=6), sampled_from(["unit", "links", "volume"]))
def test_curl_and_harmonic_parts_are_the_least_squares_of_numpy(flows, weights):
    found = hodge(flows, weights)
    place = {(int(a), int(b)): k for k, (a, b) in enumerate(zip(found.payer, found.payee, strict=True))}
    root = np.sqrt(found.weight)
    turns = [
        np.isin(np.arange(len(root)), [place[a, b], place[b, c]]) * 1.0 - (np.arange(len(root)) == place[a, c])
        for a, b, c in combinations(range(len(flows)), 3)
        if {(a, b), (b, c), (a, c)} <= set(place)
    ]
    turning = (found.net_usd - found.gradient_usd) / root
    curl = np.zeros(len(root))
    if turns:
        matrix = np.array(turns).T / root[:, None]
        curl = matrix @ np.linalg.lstsq(matrix, turning, rcond=None)[0]
    assert found.curl_usd == approx(curl * root, abs=1e-8)
    assert found.harmonic_usd == approx((turning - curl) * root, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(payments(most=5), integers(0, 2**32))
def test_gross_output_is_demand_and_all_rounds_of_what_it_needs(flows, seed):
    rng = np.random.default_rng(seed)
    uses = flows / np.maximum(flows.sum(axis=0), 1.0) * rng.uniform(0.1, 0.8, len(flows))
    demand = rng.uniform(0, 10, len(flows))
    output, wave = demand.copy(), demand
    for _ in range(500):
        wave = uses @ wave
        output = output + wave
    assert leontief(uses, demand).gross_output == approx(output, rel=1e-12)
    for turn in permutations(range(len(flows))):
        order = list(turn)
        assert leontief(uses[np.ix_(order, order)], demand[order]).gross_output == approx(output[order], rel=1e-12)
        break


@pytest.mark.parametrize("size", [0, 1])
def test_networks_of_nobody_and_of_one_party_have_an_answer(size):
    flows = np.zeros((size, size))
    found = circularity(flows)
    assert (found.gross_usd, found.circulation, found.hodge) == (0, 0, 0)
    assert clearing(flows, np.ones(size)).equity.tolist() == [1.0] * size
    assert debtrank(flows, np.ones(size), np.zeros(size)).rank == 0
    assert not cascade(flows, np.ones(size)).failed.any()
