"""Threshold cascades: by hand, as Watts' model, and what holds for all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers
from pytest import approx

from gigawatt.deals.cascade import cascade
from gigawatt.deals.clearing import clearing


@composite
def systems(draw, most=10):
    """Exposures, capital and a shock."""
    n = draw(integers(2, most))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    held = rng.integers(1, 10, (n, n)) * (rng.random((n, n)) < draw(floats(0.1, 0.8)))
    np.fill_diagonal(held, 0)
    return held.astype(float), rng.integers(1, 15, n).astype(float), rng.integers(0, 20, n) * (rng.random(n) < 0.4)


# B holds 6 on A, C 5 on B, D 2 on C; capital 5, 5, 5, 5.
CHAIN = [[0, 0, 0, 0], [6, 0, 0, 0], [0, 5, 0, 0], [0, 0, 2, 0]]


def test_a_chain_by_hand():
    # A fails at first; B loses 6 of 5, fails; C loses 5 of 5, fails; D loses 2 of 5, stands.
    found = cascade(CHAIN, [5, 5, 5, 5], failed=[0])
    assert found.failed_in_round.tolist() == [0, 1, 2, -1]
    assert found.losses.tolist() == [0, 6, 5, 2]
    assert found.borne_by_owners.tolist() == [0, 5, 5, 2]
    assert (found.rounds, found.in_round(1)) == (2, [1])
    assert found.path.tolist() == [[0, 0, 0, 0], [0, 6, 0, 0], [0, 6, 5, 0], [0, 6, 5, 2]]


def test_recovery_stops_it():
    # B gets back a fifth of 6: loses 4.8 of 5.
    found = cascade(CHAIN, [5, 5, 5, 5], failed=[0], recovery=0.2)
    assert found.failed.tolist() == [True, False, False, False]
    assert found.losses[1] == approx(4.8)
    assert cascade(CHAIN, [5, 5, 5, 5], failed=[0], recovery=[0, 1, 0, 0]).failed_in_round.tolist() == [0, 1, -1, -1]


def test_a_shock_fails_who_has_too_little_capital():
    assert cascade(CHAIN, [5, 9, 5, 5], [5, 3, 0, 0]).failed_in_round.tolist() == [0, 1, 2, -1]
    assert not cascade(CHAIN, [5, 9, 5, 5], [4.9, 3, 0, 0]).failed.any()


def test_those_that_fail_at_first_may_be_one_several_or_flags():
    for failed in (0, [0], np.array([0]), [True, False, False, False], np.array([True, False, False, False])):
        assert cascade(CHAIN, 5, failed=failed).failed_in_round.tolist() == [0, 1, 2, -1]
    assert cascade(CHAIN, [5, 5, 5, 5], {0: 5}).failed_in_round.tolist() == [0, 1, 2, -1]


def test_no_capital_and_no_loss_is_no_failure():
    assert not cascade(CHAIN, [0, 0, 0, 0]).failed.any()


def test_watts_model_is_rows_of_equal_shares():
    # Watts 2002: a node turns when a share phi = 0.5 of its neighbours has. Path 0-1-2-3 with a branch 1-4: node 1 has
    # neighbours 0, 2, 4 and stays at one of three; on a plain path it turns at one of two, and all follow.
    def spread(edges, n):
        neighbours = np.zeros((n, n))
        for i, j in edges:
            neighbours[i, j] = neighbours[j, i] = 1
        return cascade(neighbours / neighbours.sum(axis=1, keepdims=True), np.full(n, 0.5), failed=[0]).failed.tolist()

    assert spread([(0, 1), (1, 2), (2, 3)], 4) == [True] * 4
    assert spread([(0, 1), (1, 2), (2, 3), (1, 4)], 5) == [True, False, False, False, False]


@settings(max_examples=100, deadline=None)
@given(systems(), floats(0, 1))
def test_losses_are_the_shock_and_what_failed_debtors_do_not_pay(system, recovery):
    held, capital, shock = system
    found = cascade(held, capital, shock, recovery=recovery)
    assert found.losses == approx(shock + held @ (found.failed * (1 - recovery)))
    assert found.losses.sum() == approx(shock.sum() + (1 - recovery) * held[:, found.failed].sum())
    assert (found.failed == ((found.losses > 0) & (found.losses >= capital * (1 - 1e-12)))).all()
    assert (np.diff(found.path, axis=0) >= 0).all()


@settings(max_examples=100, deadline=None)
@given(systems(), floats(0, 1), floats(0, 5))
def test_more_recovery_or_capital_never_fails_more(system, recovery, more):
    held, capital, shock = system
    before = cascade(held, capital, shock, recovery=recovery).failed
    assert (cascade(held, capital + more, shock, recovery=recovery).failed <= before).all()
    assert (cascade(held, capital, shock, recovery=min(1, recovery + 0.1)).failed <= before).all()


@settings(max_examples=50, deadline=None)
@given(systems(), integers(0, 2**32))
def test_the_order_of_firms_does_not_matter(system, seed):
    held, capital, shock = system
    turn = np.random.default_rng(seed).permutation(len(capital))
    turned = cascade(held[np.ix_(turn, turn)], capital[turn], shock[turn])
    assert (turned.failed_in_round == cascade(held, capital, shock).failed_in_round[turn]).all()


@settings(max_examples=100, deadline=None)
@given(systems())
def test_without_recovery_more_fall_than_when_they_pay_what_they_have(system):
    """A cascade without recovery is the worst of clearing: nobody that clearing fails stands in it."""
    held, capital, shock = system
    # External assets such that assets less debts are capital before the shock.
    outside = np.maximum(0, held.sum(axis=1) - held.sum(axis=0) - capital) + shock
    cash = capital + held.sum(axis=0) + outside - held.sum(axis=1)
    cleared = clearing(held.T, np.maximum(0, cash - shock), outside)
    assert (cleared.defaulted <= cascade(held, capital, shock).failed).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"failed": [4]}, "failed: firm 4; from 0 to 3"),
        ({"recovery": 1.5}, "recovery of firm 0: 1.5"),
        ({"recovery": -0.5}, "recovery of firm 0: -0.5"),
        ({"shock": [0, 0]}, r"shock: shape \(2,\)"),
        ({"capital": [1, 2, 3, np.nan]}, "capital of firm 3: nan"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        cascade(**{"exposures": CHAIN, "capital": [5, 5, 5, 5]} | arguments)


@pytest.mark.parametrize(
    ("failed", "message"),
    [
        ([1, 0, 0], "firm 0 twice; numbers of firms, each once; for flags give True and False"),
        ([0, 1.5], "numbers of firms, or True or False"),
        ("a", "numbers of firms"),
        ([True, False], "True or False for each of 4"),
    ],
)
def test_what_names_no_firms_is_refused(failed, message):
    with pytest.raises(ValueError, match=message):
        cascade(CHAIN, [5, 5, 5, 5], failed=failed)


def test_firms_that_fail_may_be_numbers_a_set_or_flags():
    for failed in (0, [0], {0}, (0,), np.array([0]), [True, False, False, False]):
        assert cascade(CHAIN, [5, 5, 5, 5], failed=failed).failed_in_round.tolist() == [0, 1, 2, -1]


def test_nobody_fails_where_nobody_is():
    assert cascade([], []).rounds == 0
