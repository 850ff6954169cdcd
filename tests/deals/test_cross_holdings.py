"""Cross-holdings: by hand, against all sets of failures, and against clearing where there are only debts."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, sampled_from
from pytest import approx

from gigawatt.deals.clearing import clearing
from gigawatt.deals.cross_holdings import cross_holdings

HALVES = [[0, 0.5], [0.5, 0]]  # each of two firms owns half of the other


@composite
def systems(draw, most=6):
    """Shares, assets, thresholds and costs of failure; nobody can lose more than it has."""
    n = draw(integers(2, most))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    shares = rng.random((n, n)) * (rng.random((n, n)) < draw(floats(0.2, 1.0)))
    np.fill_diagonal(shares, 0)
    shares *= draw(floats(0.1, 0.9)) / max(1.0, shares.sum(axis=0).max())
    assets = rng.integers(1, 20, n).astype(float)
    return shares, assets, rng.integers(0, 12, n).astype(float), assets * rng.random(n)


def test_two_firms_by_hand():
    # Elliott, Golub and Jackson 2014: with half of each other, V = (I - C)^-1 p has rows (4/3, 2/3), and
    # outside owners hold half, so market values are 2/3 of one's own and 1/3 of the other's assets.
    found = cross_holdings(HALVES, [9, 3])
    assert found.equity == approx([14, 10])
    assert found.market_value == approx([7, 5])
    assert found.market_value.sum() == approx(12)
    assert found.dependency == approx(np.array([[2, 1], [1, 2]]) / 3)
    assert not found.failed.any()


def test_a_failure_pulls_the_other_down_by_hand():
    # Assets 9 and 3, thresholds 5.5: market values 7 and 5, so the second fails and costs 3: values 6 and 3.
    # With 6.5 for the first, it falls next: cost 6, values (9 - 6) 2/3 + 0 = 2 and 1.
    assert cross_holdings(HALVES, [9, 3], thresholds=[5.5, 5.5], failure_costs=[6, 3]).market_value == approx([6, 3])
    both = cross_holdings(HALVES, [9, 3], thresholds=[6.5, 5.5], failure_costs=[6, 3])
    assert both.market_value == approx([2, 1])
    assert both.failed_in_round.tolist() == [1, 0]
    assert both.costs.tolist() == [6, 3]


def test_failure_that_is_its_own_cause_by_hand():
    # Both at 6 of 5 needed; if both fail and lose 4 each, both are at 2: either can hold.
    terms = {"shares": HALVES, "assets": [6, 6], "thresholds": [5, 5], "failure_costs": [4, 4]}
    greatest, least = cross_holdings(**terms), cross_holdings(**terms, which="least")
    assert greatest.market_value == approx([6, 6])
    assert least.market_value == approx([2, 2])
    assert least.failed.all()


def test_assets_may_be_holdings_at_prices():
    found = cross_holdings(HALVES, [[3, 0], [0, 1]], prices=[3, 3])
    assert found.market_value == approx([7, 5])


def test_shares_and_debts_by_hand():
    # B owes A 10 and has 4; A owns half of B and has 1. B pays 4, its shares are worth nothing: A has 5.
    found = cross_holdings([[0, 0.5], [0, 0]], [1, 4], liabilities=[[0, 0], [10, 0]])
    assert found.payments == approx([0, 4])
    assert found.equity == approx([5, 0])
    assert found.failed.tolist() == [False, True]
    # With 16 B pays 10 and is worth 6: A has 1 + 10 + 3.
    assert cross_holdings([[0, 0.5], [0, 0]], [1, 16], liabilities=[[0, 0], [10, 0]]).equity == approx([14, 6])
    # Failing costs 3: B pays 1.
    cost = cross_holdings([[0, 0.5], [0, 0]], [1, 4], liabilities=[[0, 0], [10, 0]], failure_costs=[0, 3])
    assert cost.payments == approx([0, 1])
    assert cost.costs == approx([0, 3])


def by_trying_all(shares, assets, thresholds, costs):
    """Every market value that holds, by solving for each set of failures."""
    n, outside = len(assets), 1 - shares.sum(axis=0)
    found = []
    for pattern in product([False, True], repeat=n):
        failed = np.array(pattern)
        value = outside * np.linalg.solve(np.eye(n) - shares, assets - costs * failed)
        if (failed == (value < thresholds * (1 - 1e-12))).all():
            found.append(value)
    return np.array(found)


@settings(max_examples=100, deadline=None)
@given(systems())
def test_greatest_and_least_are_those_of_all_sets_of_failures(system):
    shares, assets, thresholds, costs = system
    every = by_trying_all(*system)
    for which, expected in (("greatest", every.max(axis=0)), ("least", every.min(axis=0))):
        found = cross_holdings(shares, assets, thresholds=thresholds, failure_costs=costs, which=which)
        assert found.market_value == approx(expected, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(systems())
def test_outside_owners_have_all_assets_less_the_costs_of_failure(system):
    shares, assets, thresholds, costs = system
    found = cross_holdings(shares, assets, thresholds=thresholds, failure_costs=costs)
    assert found.market_value.sum() == approx(assets.sum() - found.costs.sum())


@composite
def indebted(draw):
    """The same with debts, among firms and to the outside."""
    shares, assets, thresholds, costs = draw(systems())
    n = len(assets)
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    owed = rng.integers(1, 12, (n, n)) * (rng.random((n, n)) < 0.5)
    np.fill_diagonal(owed, 0)
    return shares, assets, thresholds, costs, owed.astype(float), rng.integers(1, 10, n).astype(float)


@settings(max_examples=100, deadline=None)
@given(indebted(), sampled_from(["greatest", "least"]))
def test_with_debts_money_is_conserved(system, which):
    shares, assets, _, costs, owed, outside = system
    found = cross_holdings(
        shares, assets, failure_costs=costs, liabilities=owed, external_liabilities=outside, which=which
    )
    dues = owed.sum(axis=1) + outside
    paid_outside = (found.payments * outside / dues).sum()
    assert found.market_value.sum() + paid_outside + found.costs.sum() == approx(assets.sum())
    assert (found.payments <= dues + 1e-12).all()
    assert (found.equity >= 0).all()
    assert found.residual <= 1e-12


@settings(max_examples=100, deadline=None)
@given(indebted())
def test_without_shares_and_costs_it_is_clearing(system):
    shares, assets, _, _, owed, outside = system
    cleared = clearing(owed, assets, outside)
    for which in ("greatest", "least"):
        found = cross_holdings(shares * 0, assets, liabilities=owed, external_liabilities=outside, which=which)
        assert found.payments == approx(cleared.payments, abs=1e-9)
        assert found.equity == approx(cleared.equity, abs=1e-9)
        assert (found.failed == cleared.defaulted).all()


@settings(max_examples=100, deadline=None)
@given(indebted(), floats(0, 10))
def test_the_least_is_no_more_than_the_greatest_and_more_assets_never_hurt(system, more):
    shares, assets, thresholds, costs, owed, outside = system
    terms = {"thresholds": thresholds, "failure_costs": costs, "liabilities": owed, "external_liabilities": outside}
    greatest, least = (cross_holdings(shares, assets, **terms, which=which) for which in ("greatest", "least"))
    assert (least.equity <= greatest.equity + 1e-9).all()
    assert (least.payments <= greatest.payments + 1e-9).all()
    assert (cross_holdings(shares, assets + more, **terms).equity >= greatest.equity - 1e-9).all()


@settings(max_examples=50, deadline=None)
@given(indebted(), integers(0, 2**32), sampled_from(["greatest", "least"]))
def test_the_order_of_firms_does_not_matter(system, seed, which):
    shares, assets, thresholds, costs, owed, outside = system
    turn = np.random.default_rng(seed).permutation(len(assets))
    pairs = np.ix_(turn, turn)
    found = cross_holdings(shares, assets, thresholds=thresholds, failure_costs=costs, liabilities=owed,
                           external_liabilities=outside, which=which)  # fmt: skip
    turned = cross_holdings(shares[pairs], assets[turn], thresholds=thresholds[turn], failure_costs=costs[turn],
                            liabilities=owed[pairs], external_liabilities=outside[turn], which=which)  # fmt: skip
    assert turned.equity == approx(found.equity[turn], abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shares": [[0.1, 0], [0, 0]]}, "firm 0 owns itself"),
        ({"shares": [[0, 1], [0, 0]]}, "firms own 1 of firm 1"),
        ({"shares": [[0, -0.1], [0, 0]]}, "share of firm 1 owned by firm 0: -0.1"),
        ({"assets": [1, 2, 3]}, r"assets: shape \(3,\)"),
        ({"thresholds": [np.nan, 1]}, "thresholds of firm 0: nan"),
        ({"liabilities": np.zeros((3, 3))}, "liabilities: 3 firms, 2 in shares"),
        ({"which": "middle"}, "'greatest' or 'least'"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        cross_holdings(**{"shares": HALVES, "assets": [9, 3]} | arguments)


def test_nobody_is_worth_nothing():
    assert cross_holdings([], []).equity.tolist() == []
