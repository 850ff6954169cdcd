"""Clearing of debts of several ranks: by hand, by trying every rank at which each firm may stop, and as one rank."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, sampled_from
from pytest import approx

from gigawatt.deals.clearing import clearing
from gigawatt.deals.clearing_by_rank import clearing_by_rank
from gigawatt.deals.liabilities import SparseLiabilities

COSTS = [(1.0, 1.0), (0.5, 0.5), (0.8, 0.6), (1.0, 0.5)]
NOTHING = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]


@composite
def ranked(draw, firms=4, ranks=3):
    """Debts of each rank, external assets and debts outside of each rank; everybody owes something outside."""
    n, k = draw(integers(2, firms)), draw(integers(1, ranks))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    owed = rng.integers(1, 20, (k, n, n)) * (rng.random((k, n, n)) < draw(floats(0.2, 1.0)))
    owed[:, np.arange(n), np.arange(n)] = 0
    return owed.astype(float), rng.integers(0, 25, n).astype(float), rng.integers(1, 6, (k, n)).astype(float)


def by_trying_all(owed, assets, outside, alpha, beta):
    """Every clearing vector: each firm pays all, or stops within one of its ranks; each choice is solved for."""
    ranks, n = owed.shape[:2]
    due = owed.sum(axis=2) + outside  # (ranks, firms)
    share = owed / due[:, :, None]
    before = np.cumsum(due, axis=0) - due
    dues = due.sum(axis=0)
    found = []
    for stops in product(range(ranks + 1), repeat=n):
        stop = np.array(stops)
        # Payment of i in rank k is fixed where it does not stop in it, and p_i - before[k, i] where it does.
        failed = stop < ranks
        fixed, slope = np.zeros(n), np.zeros((n, n))  # receipts = fixed + slope @ paid
        for i, k in product(range(n), range(ranks)):
            if k < stop[i]:
                fixed += share[k, i] * due[k, i]
            elif k == stop[i]:
                fixed -= share[k, i] * before[k, i]
                slope[:, i] += share[k, i]
        matrix = np.eye(n) - beta * failed[:, None] * slope
        right = np.where(failed, alpha * assets + beta * fixed, dues)
        try:
            paid = np.linalg.solve(matrix, right)
        except np.linalg.LinAlgError:
            continue
        means = assets + fixed + slope @ paid
        at = np.minimum(stop, ranks - 1)
        low, high = before[at, range(n)], (before + due)[at, range(n)]
        within = np.where(failed, (paid >= low - 1e-9) & (paid <= high + 1e-9), True)
        if within.all() and np.where(failed, means < dues * (1 - 1e-12), means >= dues * (1 - 1e-12)).all():
            found.append(paid)
    return np.array(found)


def test_seniors_are_paid_in_full_before_juniors_get_anything_by_hand():
    # The lab has 12. Senior: 10 to the cloud. Junior: 3 to the cloud, 9 to the maker: 2 is left for 12, a sixth each.
    senior, junior = [[0, 10, 0], [0, 0, 0], [0, 0, 0]], [[0, 3, 9], [0, 0, 0], [0, 0, 0]]
    found = clearing_by_rank([senior, junior], [12, 0, 0])
    assert found.payments == approx([12, 0, 0])
    assert found.paid_by_rank == approx(np.array([[10, 0, 0], [2, 0, 0]]))
    assert found.received == approx([0, 10.5, 1.5])
    assert found.matrix(0)[0] == approx([0, 10, 0])
    assert found.matrix(1)[0] == approx([0, 0.5, 1.5])
    assert found.matrix()[0] == approx([0, 10.5, 1.5])
    assert found.recovery_by_rank[:, 0] == approx([1, 1 / 6])
    assert found.received_by_rank == approx(np.array([[0, 10, 0], [0, 0.5, 1.5]]))
    assert found.defaulted.tolist() == [True, False, False]


def test_a_chain_with_lenders_outside_by_hand():
    # The lab (10) owes lenders 8 first, then the cloud 20: it pays the cloud 2. The cloud (5) owes the maker 4 first,
    # lenders 6 after: of 7 it pays 4 and 3. The maker has 4.
    first, second = [[0, 0, 0], [0, 0, 4], [0, 0, 0]], [[0, 20, 0], [0, 0, 0], [0, 0, 0]]
    found = clearing_by_rank([first, second], [10, 5, 0], [[8, 0, 0], [0, 6, 0]])
    assert found.external_by_rank == approx(np.array([[8, 0, 0], [0, 3, 0]]))
    assert found.external_payments == approx([8, 3, 0])
    assert found.equity == approx([0, 0, 4])
    assert found.dues_by_rank == approx(np.array([[8, 4, 0], [20, 6, 0]]))
    # With half of everything lost in default the lab pays lenders 5 of 8, and the cloud 2.5 of its 4.
    half = clearing_by_rank([first, second], [10, 5, 0], [[8, 0, 0], [0, 6, 0]], alpha=0.5, beta=0.5)
    assert half.payments == approx([5, 2.5, 0])
    assert half.costs == approx([5, 2.5, 0])
    assert half.equity == approx([0, 0, 2.5])


def test_a_circle_of_junior_debts_without_cash_has_all_and_nothing():
    circle = [[0, 1], [1, 0]]
    none = [[0, 0], [0, 0]]
    assert clearing_by_rank([none, circle], [0, 0]).payments.tolist() == [1, 1]
    assert clearing_by_rank([none, circle], [0, 0], which="least").payments.tolist() == [0, 0]


@settings(max_examples=100, deadline=None)
@given(ranked(), sampled_from(COSTS))
def test_greatest_and_least_are_those_of_all_ways_to_stop(network, costs):
    every = by_trying_all(*network, *costs)
    for which, expected in (("greatest", every.max(axis=0)), ("least", every.min(axis=0))):
        found = clearing_by_rank(*network, alpha=costs[0], beta=costs[1], which=which)
        assert found.payments == approx(expected, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(ranked(firms=9, ranks=5), sampled_from(COSTS), sampled_from(["greatest", "least"]))
def test_money_is_conserved_and_no_rank_is_paid_before_the_one_above_it(network, costs, which):
    owed, assets, outside = network
    found = clearing_by_rank(*network, alpha=costs[0], beta=costs[1], which=which)
    assert found.equity.sum() + found.external_payments.sum() + found.costs.sum() == approx(assets.sum(), abs=1e-9)
    assert found.paid_by_rank.sum(axis=0) == approx(found.payments, abs=1e-9)
    assert found.dues_by_rank == approx(owed.sum(axis=2) + outside)
    assert (found.paid_by_rank <= found.dues_by_rank + 1e-9).all()
    below = found.paid_by_rank[1:] > 1e-9
    assert (found.recovery_by_rank[:-1][below] >= 1 - 1e-9).all()
    assert found.residual <= 1e-12


@settings(max_examples=60, deadline=None)
@given(ranked(firms=8), sampled_from(COSTS), sampled_from(["greatest", "least"]), floats(0, 10))
def test_more_cash_never_means_less_paid_and_the_least_is_no_more_than_the_greatest(network, costs, which, more):
    owed, assets, outside = network
    terms = {"alpha": costs[0], "beta": costs[1]}
    before = clearing_by_rank(*network, **terms, which=which)
    after = clearing_by_rank(owed, assets + more, outside, **terms, which=which)
    assert (after.payments >= before.payments - 1e-10).all()
    least = clearing_by_rank(*network, **terms, which="least")
    assert (least.payments <= clearing_by_rank(*network, **terms).payments + 1e-10).all()


@settings(max_examples=50, deadline=None)
@given(ranked(firms=6, ranks=1), sampled_from(COSTS), sampled_from(["greatest", "least"]))
def test_one_rank_is_plain_clearing(network, costs, which):
    owed, assets, outside = network
    terms = {"alpha": costs[0], "beta": costs[1], "which": which}
    ranks, plain = clearing_by_rank(*network, **terms), clearing(owed[0], assets, outside[0], **terms)
    assert ranks.payments == approx(plain.payments, abs=1e-9)
    assert ranks.equity == approx(plain.equity, abs=1e-9)
    assert (ranks.defaulted == plain.defaulted).all()


@settings(max_examples=40, deadline=None)
@given(ranked(firms=6), integers(0, 2**32), sampled_from(["greatest", "least"]))
def test_neither_order_nor_triplets_nor_an_empty_rank_matter(network, seed, which):
    owed, assets, outside = network
    turn = np.random.default_rng(seed).permutation(len(assets))
    found = clearing_by_rank(*network, which=which)
    turned = clearing_by_rank(owed[:, turn][:, :, turn], assets[turn], outside[:, turn], which=which)
    assert turned.payments == approx(found.payments[turn], abs=1e-9)
    sparse = []
    for one in owed:
        debtor, creditor = np.nonzero(one)
        usd = one[debtor, creditor]
        sparse.append(SparseLiabilities(size=len(assets), debtor=debtor, creditor=creditor, amount_usd=usd))
    assert clearing_by_rank(sparse, assets, outside, which=which).payments == approx(found.payments, abs=1e-9)
    wide = clearing_by_rank([owed[0] * 0, *owed], assets, np.vstack([outside[0] * 0, outside]), which=which)
    assert wide.paid_by_rank[1:] == approx(found.paid_by_rank, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"liabilities": []}, "no rank"),
        ({"liabilities": [NOTHING, [[0]]]}, "1 firms in rank 1, 3 in rank 0"),
        ({"external_assets": [1, 2]}, r"external assets: shape \(2,\) for 3 firms"),
        ({"external_assets": [1, 2, -1]}, "external assets of maker: -1"),
        ({"external_liabilities": [1, 2, 3]}, r"shape \(3,\) for 2 ranks of 3 firms"),
        ({"external_liabilities": [[0, 0, 0], [0, -1, 0]]}, "external liabilities of cloud in rank 1: -1"),
        ({"alpha": 2}, "alpha: 2; from 0 to 1"),
        ({"which": "best"}, "'greatest' or 'least'"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        names = ["lab", "cloud", "maker"]
        clearing_by_rank(
            **{"liabilities": [NOTHING, NOTHING], "external_assets": [1, 1, 1], "names": names} | arguments
        )


def test_with_one_rank_debts_outside_are_given_as_for_clearing():
    owed, cash = [[0, 30, 0], [0, 0, 40], [0, 0, 0]], [10, 5, 20]
    whole = clearing(owed, cash, [20, 0, 10]).payments.tolist()
    for outside in ([20, 0, 10], [[20, 0, 10]], {0: 20, 2: 10}, [[20], [0], [10]]):
        assert clearing_by_rank([owed], cash, outside).payments.tolist() == whole
    with pytest.raises(ValueError, match="2 ranks of 3 firms"):
        clearing_by_rank([owed, owed], cash, [20, 0, 10])


def test_nobody_has_no_ranks_to_pay():
    assert clearing_by_rank([[], []], []).payments.tolist() == []
