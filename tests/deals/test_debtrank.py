"""DebtRank: both versions by hand; bounds, order, and where losses come to rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, sampled_from
from pytest import approx

from gigawatt.deals.debtrank import debtrank


@composite
def systems(draw, most=8):
    """Exposures, equity and a shock to one firm or all."""
    n = draw(integers(2, most))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    held = rng.lognormal(0, 1, (n, n)) * (rng.random((n, n)) < draw(floats(0.1, 0.9))) * draw(floats(0.05, 1.0))
    np.fill_diagonal(held, 0)
    return held, rng.lognormal(1, 1, n), rng.random(n) * (rng.random(n) < 0.5)


# A lends 4 to B, B lends 6 to C, each with equity 10; C loses half of its equity.
CHAIN = [[0, 4, 0], [0, 0, 6], [0, 0, 0]]


@pytest.mark.parametrize("method", ["linear", "once"])
def test_along_a_chain_by_hand(method):
    # B loses 0.6 x 0.5 = 0.3, A 0.4 x 0.3 = 0.12.
    found = debtrank(CHAIN, [10, 10, 10], [0, 0, 0.5], method=method)
    assert found.loss_share == approx([0.12, 0.3, 0.5])
    assert found.loss_usd == approx([1.2, 3, 5])
    assert found.rank == approx((0.12 + 0.3) / 3)
    assert found.total == approx((0.12 + 0.3 + 0.5) / 3)
    assert found.path == approx(np.array([[0, 0, 0.5], [0, 0.3, 0.5], [0.12, 0.3, 0.5]]))


def test_in_a_circle_later_losses_are_handed_on_in_the_linear_version_only():
    # A and B lend each other half of their equity; A loses 0.4. Linear: a = 0.4 + b / 2, b = a / 2: a = 8/15,
    # b = 4/15. Once: A hands on 0.4, so b = 0.2; B hands on 0.2, so a = 0.5; A was hit before and hands on no more.
    circle = [[0, 5], [5, 0]]
    assert debtrank(circle, [10, 10], [0.4, 0], method="linear").loss_share == approx([8 / 15, 4 / 15])
    assert debtrank(circle, [10, 10], [0.4, 0]).loss_share == approx([0.5, 0.2])


def test_nobody_loses_more_than_all():
    # A's claim is three times its equity: with B gone, A is gone.
    found = debtrank([[0, 30], [0, 0]], [10, 10], [0, 1])
    assert found.loss_share.tolist() == [1, 1]
    assert found.defaulted.all()


def test_weights_change_the_rank_and_not_the_losses():
    plain, weighed = (
        debtrank(CHAIN, [10, 10, 10], [0, 0, 0.5]),
        debtrank(CHAIN, [10, 10, 10], [0, 0, 0.5], weights=[8, 1, 1]),
    )
    assert weighed.loss_share == approx(plain.loss_share)
    assert weighed.rank == approx(0.8 * 0.12 + 0.1 * 0.3)


@settings(max_examples=100, deadline=None)
@given(systems(), sampled_from(["linear", "once"]))
def test_losses_are_shares_that_never_fall(system, method):
    held, equity, shock = system
    found = debtrank(held, equity, shock, method=method)
    assert ((found.path >= 0) & (found.path <= 1)).all()
    assert (np.diff(found.path, axis=0) >= -1e-15).all()
    assert (found.loss_usd <= equity).all()
    assert -1e-15 <= found.rank <= found.total <= 1 + 1e-12


@settings(max_examples=100, deadline=None)
@given(systems())
def test_in_the_end_losses_fit_each_other(system):
    # Bardoscia et al. 2015: while nobody is at 1, h = h(1) + leverage h.
    held, equity, shock = system
    lost = debtrank(held, equity, shock, method="linear").loss_share
    assert lost == approx(np.minimum(1, shock + held / equity[:, None] @ lost), abs=1e-11)


@settings(max_examples=100, deadline=None)
@given(systems())
def test_the_version_of_2012_never_loses_more(system):
    assert (debtrank(*system).loss_share <= debtrank(*system, method="linear").loss_share + 1e-12).all()


@settings(max_examples=50, deadline=None)
@given(systems(), sampled_from(["linear", "once"]), integers(0, 2**32))
def test_the_order_of_firms_does_not_matter(system, method, seed):
    held, equity, shock = system
    turn = np.random.default_rng(seed).permutation(len(equity))
    turned = debtrank(held[np.ix_(turn, turn)], equity[turn], shock[turn], method=method)
    assert turned.loss_share == approx(debtrank(held, equity, shock, method=method).loss_share[turn], abs=1e-12)


@pytest.mark.parametrize("leverage", [0.9999999, 1.0, 1.0000001])
def test_a_slow_circle_is_carried_to_its_end(leverage):
    # Two firms with claims of about their equity on each other, and a loss of 1e-9: below 1 the end is
    # 1e-9 / (1 - leverage^2), about 0.005; from 1 on all is lost, after a billion rounds.
    found = debtrank([[0, leverage], [leverage, 0]], [1, 1], [1e-9, 0], method="linear")
    assert found.loss_share[0] == approx(1e-9 / (1 - leverage**2) if leverage < 1 else 1, rel=1e-6)


def test_a_shock_may_be_a_share_for_all_or_those_of_some():
    assert debtrank(CHAIN, [10, 10, 10], {2: 0.5}).loss_share == approx([0.12, 0.3, 0.5])
    assert debtrank(CHAIN, 10, 0.1).path[0].tolist() == [0.1, 0.1, 0.1]
    with pytest.raises(ValueError, match="shock: firm 3; from 0 to 2"):
        debtrank(CHAIN, [10, 10, 10], {3: 0.5})


def test_without_claims_nothing_spreads():
    found = debtrank(np.zeros((2, 2)), [1, 1], [0.3, 0])
    assert found.rank == 0
    assert found.loss_share.tolist() == [0.3, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0, -1], [0, 0]], [1, 1], [0, 0]), "exposure of firm 0 to firm 1: -1.0"),
        (([[1, 0], [0, 0]], [1, 1], [0, 0]), "claim on itself"),
        (([[0, 1], [0, 0]], [0, 1], [0, 0]), "equity above 0"),
        (([[0, 1], [0, 0]], [1, 1], [0, 2]), "a share of equity"),
        (([[0, 1], [0, 0]], [1, 1, 1], [0, 0]), r"equity: shape \(3,\)"),
        (([[0, 1]], [1], [0]), "square"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        debtrank(*arguments)


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="'both'; 'once'"):
        debtrank(CHAIN, [1, 1, 1], [0, 0, 0], method="both")


def test_who_has_lost_all_but_rounding_has_defaulted():
    # 0.7 + 0.1 + 0.2 is 0.9999999999999999 in float64; three of nine equal claims are a third of equity 3 each.
    exposures = np.zeros((4, 4))
    exposures[0, 1:] = [0.7, 0.1, 0.2]
    for method in ("once", "linear"):
        found = debtrank(exposures, np.ones(4), [0, 1, 1, 1], method=method)
        assert found.defaulted.all()
        assert found.loss_share.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("shock", [1e-3, 1e-12, 1e-15, 1e-30])
def test_a_small_shock_is_handed_on_as_a_large_one_is(shock):
    # a = shock + b / 2, b = a / 2: a = 4/3, b = 2/3 of the shock.
    found = debtrank([[0, 1], [1, 0]], [2, 2], [shock, 0], method="linear")
    assert found.loss_share == approx([shock * 4 / 3, shock * 2 / 3], rel=1e-13, abs=0)


def test_one_number_is_a_shock_to_all_and_a_number_by_firm_to_that_one():
    assert debtrank(CHAIN, [10, 10, 10], 1).loss_share.tolist() == [1, 1, 1]
    assert debtrank(CHAIN, [10, 10, 10], {1: 1.0}).loss_share == approx([0.4, 1, 0])


def test_nobody_loses_nothing():
    assert debtrank([], [], []).rank == 0
