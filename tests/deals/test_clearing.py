"""Clearing: by hand, by linear program, by trying every set of defaults; seniority; many scenarios at once."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, sampled_from
from pytest import approx

from gigawatt.deals.clearing import clearing
from gigawatt.deals.clearing_scenarios import clearing_scenarios
from gigawatt.deals.liabilities import SparseLiabilities

COSTS = [(1.0, 1.0), (0.5, 0.5), (0.8, 0.6), (1.0, 0.5), (0.5, 1.0), (0.0, 0.0)]


@composite
def networks(draw, firms=6, leak=False):
    """Debts, external assets and external debts in whole dollars; with `leak` everybody owes something outside."""
    n = draw(integers(2, firms))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    owed = rng.integers(1, 20, (n, n)) * (rng.random((n, n)) < draw(floats(0.1, 1.0)))
    np.fill_diagonal(owed, 0)
    outside = rng.integers(1, 10, n) * ((rng.random(n) < 0.5) | leak)
    return owed.astype(float), rng.integers(0, 15, n).astype(float), outside.astype(float)


def relative(owed, outside):
    """Dues and the share of each firm's payment that goes to each other firm."""
    dues = owed.sum(axis=1) + outside
    return dues, np.divide(owed, dues[:, None], out=np.zeros_like(owed), where=dues[:, None] > 0)


def by_trying_all(owed, assets, outside, alpha, beta):
    """Every clearing vector, by solving for each of the 2^n sets of defaults."""
    dues, share = relative(owed, outside)
    found = []
    for pattern in product([False, True], repeat=len(assets)):
        failed = np.array(pattern)
        k = np.flatnonzero(failed)
        matrix = np.eye(len(k)) - beta * share[np.ix_(k, k)].T
        paid = dues.copy()
        paid[k] = np.linalg.solve(matrix, alpha * assets[k] + beta * share[~failed][:, k].T @ dues[~failed])
        means = assets + share.T @ paid
        if np.where(failed, means < dues * (1 - 1e-12), means >= dues * (1 - 1e-12)).all():
            found.append(paid)
    return np.array(found)


# ------------------------------------------------------------------------------------------------ known answers


def test_a_chain_by_hand():
    # The lab pays 10 of 50 (20 %); the cloud has 5 + 6 = 11 of 40; the vendor 20 + 11 = 31 of 10.
    found = clearing([[0, 30, 0], [0, 0, 40], [0, 0, 0]], [10, 5, 20], [20, 0, 10])
    assert found.payments == approx([10, 11, 10], abs=1e-12)
    assert found.defaulted.tolist() == [True, True, False]
    assert found.equity == approx([0, 0, 21], abs=1e-12)
    assert found.matrix() == approx(np.array([[0, 6, 0], [0, 0, 11], [0, 0, 0]]))
    assert found.external_payments == approx([4, 0, 10])
    assert found.recovery == approx([0.2, 11 / 40, 1])
    assert found.shortfall == approx([40, 29, 0])


def test_a_chain_with_bankruptcy_costs_by_hand():
    # Half of what a defaulter has is lost: the lab pays 5 of 50, so 3 to the cloud, which pays (5 + 3) / 2 = 4.
    found = clearing([[0, 30, 0], [0, 0, 40], [0, 0, 0]], [10, 5, 20], [20, 0, 10], alpha=0.5, beta=0.5)
    assert found.payments == approx([5, 4, 10])
    assert found.costs == approx([5, 4, 0])
    assert found.equity == approx([0, 0, 14])


def test_two_firms_that_owe_each_other_by_hand():
    # p1 = 1 + p2 / 2, p2 = 2 + p1 / 2 (each owes half of 10 outside): p1 = 8/3, p2 = 10/3.
    found = clearing([[0, 5], [5, 0]], [1, 2], [5, 5])
    assert found.payments == approx([8 / 3, 10 / 3], rel=1e-15)
    assert found.defaulted.all()


def test_a_circle_without_cash_has_all_and_nothing_as_its_greatest_and_least():
    # Two firms without cash that owe each other 1: either all is settled, or nothing moves.
    circle = [[0, 1], [1, 0]]
    assert clearing(circle, [0, 0]).payments.tolist() == [1, 1]
    assert clearing(circle, [0, 0], which="least").payments.tolist() == [0, 0]


@pytest.mark.parametrize("cash", [1e-6, 1e-12])
def test_a_little_cash_in_a_circle_pays_all_of_it(cash):
    # From nothing a circle of 1 is paid only after 1e12 turns of 1e-12; the sum of the equations says it is paid.
    found = clearing([[0, 1], [1, 0]], [cash, 0], which="least")
    assert found.payments == approx([1, 1])
    assert not found.defaulted.any()


def test_payments_that_rise_from_nothing_may_stop_where_they_do_not_clear():
    # a and b owe each other 2, a has 6/5, half of receipts is lost in default. From nothing a pays 6/5 + b / 2 and b
    # pays a / 2, so both rise to (8/5, 4/5). At every step a has less than 2; at the limit 6/5 + 4/5 = 2, and can pay.
    owed = [[0, 2], [2, 0]]
    least = clearing(owed, [6 / 5, 0], alpha=1, beta=0.5, which="least")
    assert not least.defaulted[0]
    # a pays 2, so b has 2 of 2 and pays: all is paid. The limit of rising, (8/5, 4/5), does not clear.
    assert least.payments == approx([2, 2])
    below = clearing(owed, [6 / 5 - 1e-9, 0], alpha=1, beta=0.5, which="least")
    assert below.payments == approx([8 / 5, 4 / 5], abs=1e-8)
    assert clearing(owed, [6 / 5 - 1e-9, 0], alpha=1, beta=0.5).payments == approx([2, 2])


def test_the_example_of_the_systemicrisk_package():
    # Input from the manual of R package systemicrisk, default_clearing; the answers by hand. All default: the system
    # p = e + P'p with each firm owing 3/2 or 1/2 outside, solved as three equations.
    owed = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    assets, outside = np.array([1 / 2, 5 / 8, 3 / 4]), np.array([3 / 2, 1 / 2, 1 / 2])
    for alpha, beta in ((1.0, 1.0), (0.5, 0.7)):
        every = by_trying_all(owed, assets, outside, alpha, beta)
        assert clearing(owed, assets, outside, alpha=alpha, beta=beta).payments == approx(every.max(axis=0), rel=1e-14)


# --------------------------------------------------------------------------------------------------- other ways


@settings(max_examples=150, deadline=None)
@given(networks(leak=True), sampled_from(COSTS))
def test_greatest_and_least_are_those_of_all_sets_of_defaults(network, costs):
    every = by_trying_all(*network, *costs)
    greatest = clearing(*network, alpha=costs[0], beta=costs[1])
    least = clearing(*network, alpha=costs[0], beta=costs[1], which="least")
    assert greatest.payments == approx(every.max(axis=0), abs=1e-10)
    assert least.payments == approx(every.min(axis=0), abs=1e-10)


def by_program(owed, assets, outside):
    """Greatest payments without costs: the most that can be paid in all (Eisenberg and Noe 2001)."""
    dues, share = relative(owed, outside)
    n = len(dues)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    paid = [solver.addVariable(0.0, float(dues[i]), -1.0) for i in range(n)]
    for i in range(n):
        got = sum((float(share[j, i]) * paid[j] for j in range(n) if share[j, i] > 0), start=0.0 * paid[i])
        solver.addConstr(paid[i] - got <= float(assets[i]))
    solver.run()
    return np.array(solver.getSolution().col_value)


@settings(max_examples=60, deadline=None)
@given(networks(firms=10))
def test_without_costs_the_greatest_is_that_of_a_linear_program(network):
    assert clearing(*network).payments == approx(by_program(*network), abs=1e-6)


# --------------------------------------------------------------------------------------------------- properties


@settings(max_examples=150, deadline=None)
@given(networks(firms=12), sampled_from(COSTS), sampled_from(["greatest", "least"]))
def test_money_is_conserved_and_nobody_pays_more_than_dues(network, costs, which):
    owed, assets, outside = network
    found = clearing(*network, alpha=costs[0], beta=costs[1], which=which)
    assert (found.payments <= found.dues).all()
    assert (found.payments >= 0).all()
    assert (found.matrix() <= owed * (1 + 1e-15)).all()
    assert found.residual <= 1e-12
    # What there was is with owners, with creditors outside, or lost in bankruptcy.
    kept = found.equity.sum() + found.external_payments.sum() + found.costs.sum()
    assert kept == approx(assets.sum(), abs=1e-9)
    assert (found.external_payments <= outside + 1e-12).all()


@settings(max_examples=100, deadline=None)
@given(networks(firms=12), sampled_from(COSTS))
def test_the_least_is_no_more_than_the_greatest(network, costs):
    greatest, least = (
        clearing(*network, alpha=costs[0], beta=costs[1], which=which) for which in ("greatest", "least")
    )
    assert (least.payments <= greatest.payments + 1e-11).all()
    assert (greatest.defaulted <= least.defaulted).all()


@settings(max_examples=100, deadline=None)
@given(networks(firms=12), sampled_from(COSTS), sampled_from(["greatest", "least"]), floats(0, 10))
def test_more_cash_never_means_less_paid_or_less_equity(network, costs, which, more):
    owed, assets, outside = network
    terms = {"alpha": costs[0], "beta": costs[1], "which": which}
    before, after = clearing(owed, assets, outside, **terms), clearing(owed, assets + more, outside, **terms)
    assert (after.payments >= before.payments - 1e-11).all()
    assert (after.equity >= before.equity - 1e-11).all()


@settings(max_examples=60, deadline=None)
@given(networks(firms=8), sampled_from(COSTS), sampled_from(["greatest", "least"]), integers(0, 2**32))
def test_the_order_of_firms_does_not_matter(network, costs, which, seed):
    owed, assets, outside = network
    turn = np.random.default_rng(seed).permutation(len(assets))
    terms = {"alpha": costs[0], "beta": costs[1], "which": which}
    found = clearing(owed, assets, outside, **terms).payments[turn]
    assert clearing(owed[np.ix_(turn, turn)], assets[turn], outside[turn], **terms).payments == approx(found, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(networks(firms=8), sampled_from(COSTS), sampled_from(["greatest", "least"]))
def test_triplets_and_a_matrix_agree(network, costs, which):
    owed, assets, outside = network
    debtor, creditor = np.nonzero(owed)
    # Each debt in two halves: rows of one pair add up.
    sparse = SparseLiabilities(size=len(assets), debtor=np.tile(debtor, 2), creditor=np.tile(creditor, 2),
                               amount_usd=np.tile(owed[debtor, creditor] / 2, 2))  # fmt: skip
    starts = np.concatenate([[0], np.cumsum((owed > 0).sum(axis=1))])
    rows = SparseLiabilities.from_csr(starts, creditor, owed[debtor, creditor])
    terms = {"alpha": costs[0], "beta": costs[1], "which": which}
    found = clearing(owed, assets, outside, **terms).payments
    assert clearing(sparse, assets, outside, **terms).payments == approx(found, abs=1e-10)
    assert clearing(rows, assets, outside, **terms).payments == approx(found, abs=1e-10)


# ------------------------------------------------------------------------------------------------------ seniority


def test_seniors_are_paid_before_juniors_by_hand():
    # a has 12 and owes 10 to b (senior), 10 to c (junior): b gets all, c 2. With equal rank each gets 6.
    owed = [[0, 10, 10], [0, 0, 0], [0, 0, 0]]
    ranks = [[0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert clearing(owed, [12, 0, 0], seniority=ranks).received == approx([0, 10, 2])
    assert clearing(owed, [12, 0, 0]).received == approx([0, 6, 6])


def test_debts_outside_have_a_rank_too():
    # a has 12, owes 10 to b and 8 outside. Outside first: b gets 4; b first: outside gets 2.
    owed = [[0, 10], [0, 0]]
    assert clearing(owed, [12, 0], [8, 0], seniority=[[0, 1, 0], [0, 0, 0]]).received[1] == approx(4)
    last = clearing(owed, [12, 0], [8, 0], seniority=[[0, 0, 1], [0, 0, 0]])
    assert last.received[1] == approx(10)
    assert last.external_payments == approx([2, 0])


def risen(owed, assets, outside, ranks, alpha, beta, down):
    """The same by plain turns of all firms at once, from above or from below, on from every point where they stop."""
    n = len(assets)
    dues = owed.sum(axis=1) + outside
    classes = range(int(ranks.max()) + 1)
    amount = np.concatenate([owed, outside[:, None]], axis=1)

    def got(paid):
        left, flows = paid.copy(), np.zeros((n, n + 1))
        for k in classes:
            of_class = amount * (ranks == k)
            whole = of_class.sum(axis=1)
            part = np.minimum(left, whole)
            flows += (
                np.divide(of_class, whole[:, None], out=np.zeros_like(amount), where=whole[:, None] > 0) * part[:, None]
            )
            left = left - part
        return flows[:, :n].sum(axis=0)

    paid = dues.copy() if down else np.zeros(n)
    for _ in range(20_000):
        means = assets + got(paid)
        solvent = means >= dues * (1 - 1e-12)
        after = np.where(solvent, dues, np.minimum(dues, alpha * assets + beta * (means - assets)))
        if np.abs(after - paid).max() < 1e-14:
            break
        paid = after
    return paid


@settings(max_examples=100, deadline=None)
@given(networks(firms=7, leak=True), sampled_from(COSTS), integers(0, 2**32), sampled_from(["greatest", "least"]))
def test_with_seniority_plain_turns_come_to_the_same(network, costs, seed, which):
    owed, assets, outside = network
    ranks = np.random.default_rng(seed).integers(0, 3, (len(assets), len(assets) + 1))
    found = clearing(*network, alpha=costs[0], beta=costs[1], which=which, seniority=ranks)
    slow = risen(owed, assets, outside, ranks, *costs, which == "greatest")
    assert found.payments == approx(slow, abs=1e-9)
    assert found.equity.sum() + found.external_payments.sum() + found.costs.sum() == approx(assets.sum(), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(networks(firms=8), sampled_from(COSTS), sampled_from(["greatest", "least"]))
def test_one_class_is_the_same_as_none(network, costs, which):
    ranks = np.full((len(network[1]), len(network[1]) + 1), 3)
    terms = {"alpha": costs[0], "beta": costs[1], "which": which}
    assert clearing(*network, seniority=ranks, **terms).payments == approx(
        clearing(*network, **terms).payments, abs=1e-10
    )


# -------------------------------------------------------------------------------------------------- slow and large


@pytest.mark.parametrize("which", ["greatest", "least"])
def test_a_circle_that_loses_next_to_nothing_is_solved_and_not_waited_for(which):
    # Ring of 3, each owes 1 to the next and 1e-9 outside; cash 4e-10 in all: everybody pays the same share s of dues,
    # s (1 + 1e-9) = s + cash each, by symmetry s = cash / 1e-9 with cash = 4e-10 each: 0.4.
    owed = np.roll(np.eye(3), 1, axis=1)
    found = clearing(owed, [4e-10] * 3, [1e-9] * 3, which=which)
    assert found.recovery == approx([0.4] * 3, rel=1e-14)


def test_a_long_chain_falls_link_by_link():
    n = 3000
    debtor = np.arange(n - 1)[::-1]
    sparse = SparseLiabilities(size=n, debtor=debtor, creditor=debtor + 1, amount_usd=np.full(n - 1, 10.0))
    cash = np.zeros(n)
    cash[0] = 5
    # Half is lost at every link.
    found = clearing(sparse, cash, alpha=0.5, beta=0.5)
    assert found.payments[:3] == approx([2.5, 1.25, 0.625])
    assert found.defaulted[: n - 1].all()
    assert clearing(sparse, np.where(np.arange(n) == 0, 10.0, 0.0), which="least").payments[:-1] == approx(
        np.full(n - 1, 10)
    )


@pytest.mark.parametrize("density", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("costs", [(1.0, 1.0), (0.7, 0.7), (1.0, 0.5)])
def test_many_scenarios_are_each_as_one(costs, density):
    rng = np.random.default_rng(7)
    owed = rng.lognormal(0, 1, (40, 40)) * (rng.random((40, 40)) < density)
    np.fill_diagonal(owed, 0)
    outside = owed.sum(axis=1) / 3
    cash = np.maximum(0, owed.sum(axis=1) + outside - owed.sum(axis=0)) * rng.uniform(0.4, 1.4, (60, 40))
    for which in ("greatest", "least"):
        every = clearing_scenarios(owed, cash, outside, alpha=costs[0], beta=costs[1], which=which)
        assert every.residual <= 1e-12
        for s in range(60):
            one = clearing(owed, cash[s], outside, alpha=costs[0], beta=costs[1], which=which)
            assert every.payments[s] == approx(one.payments, rel=1e-11, abs=1e-12)
            assert every.equity[s] == approx(one.equity, abs=1e-10)
            assert (every.defaulted[s] == one.defaulted).all()


@settings(max_examples=60, deadline=None)
@given(networks(firms=9), sampled_from(COSTS), integers(0, 2**32))
def test_any_scenarios_are_each_as_one_circles_that_lose_nothing_too(network, costs, seed):
    owed, assets, outside = network
    cash = assets * np.random.default_rng(seed).uniform(0, 2, (5, len(assets)))
    every = clearing_scenarios(owed, cash, outside, alpha=costs[0], beta=costs[1])
    for s in range(5):
        one = clearing(owed, cash[s], outside, alpha=costs[0], beta=costs[1])
        assert every.payments[s] == approx(one.payments, abs=1e-10)
        assert (every.defaulted[s] == one.defaulted).all()


@pytest.mark.parametrize("density", [0.05, 1.0])
def test_a_scenario_is_the_same_to_the_bit_in_any_company(density):
    rng = np.random.default_rng(3)
    owed = rng.lognormal(0, 1, (30, 30)) * (rng.random((30, 30)) < density)
    np.fill_diagonal(owed, 0)
    cash = owed.sum(axis=1) * rng.uniform(0.0, 0.8, (150, 30))
    outside = owed.sum(axis=1) / 2
    every = clearing_scenarios(owed, cash, outside).payments
    turned = clearing_scenarios(owed, cash[::-1], outside).payments[::-1]
    alone = np.vstack([clearing_scenarios(owed, row[None], outside).payments for row in cash[:5]])
    assert every.tobytes() == np.ascontiguousarray(turned).tobytes()
    assert every[:5].tobytes() == alone.tobytes()


@pytest.mark.parametrize("outside", [0.0, 5.0])
def test_scenarios_that_all_come_to_rest_together_are_all_worked_on(outside):
    # A ring of 3 that owe 10, all with the same cash: 200 equal scenarios. Without debts outside all is paid.
    ring = [[0, 10, 0], [0, 0, 10], [10, 0, 0]]
    found = clearing_scenarios(ring, np.full((200, 3), 2.5), np.full(3, outside))
    assert found.careful == 0
    assert found.payments == approx(np.full((200, 3), 10.0 if outside == 0 else 7.5))  # p = 2.5 + 2 p / 3


def test_a_scenario_on_the_edge_of_default_is_looked_at_with_care():
    owed = [[0.0, 0.3], [0.0, 0.0]]
    found = clearing_scenarios(owed, [[0.1 + 0.2, 0.0], [0.3, 0.0], [0.2999, 0.0]])
    assert found.careful >= 1
    assert found.defaulted[:, 0].tolist() == [False, False, True]


# --------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"liabilities": [[0, -1], [0, 0]], "external_assets": [1, 1]}, "liabilities: Oracle to OpenAI: -1.0"),
        ({"liabilities": [[0, np.nan], [0, 0]], "external_assets": [1, 1]}, "Oracle to OpenAI: nan"),
        ({"liabilities": [[0, 1], [0, 2]], "external_assets": [1, 1]}, "OpenAI owes itself"),
        ({"liabilities": [[0, 1]], "external_assets": [1, 1]}, "square"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1]}, r"external assets: shape \(1,\)"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, -2]}, "external assets of OpenAI: -2.0"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, 1], "external_liabilities": [np.inf, 0]}, "inf"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, 1], "alpha": 1.1}, "alpha: 1.1; from 0 to 1"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, 1], "beta": np.nan}, "beta: nan"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, 1], "which": "best"}, "'greatest' or 'least'"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, 1], "seniority": [[0, 0], [0, 0]]}, r"\(2, 3\)"),
        ({"liabilities": [[0, 1], [0, 0]], "external_assets": [1, 1], "names": ["a", "a"]}, "more than once"),
    ],
)  # fmt: skip
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        clearing(**{"names": ["Oracle", "OpenAI"]} | arguments)


def test_wrong_triplets_are_named():
    with pytest.raises(ValueError, match="whole number from 0 to 1"):
        clearing(SparseLiabilities(size=2, debtor=[0], creditor=[2], amount_usd=[1.0]), [1, 1])


def test_nobody_owes_anything():
    found = clearing(np.zeros((3, 3)), [1, 2, 3], which="least")
    assert found.equity.tolist() == [1, 2, 3]
    assert not found.defaulted.any()


def test_nobody_pays_nothing():
    for which in ("greatest", "least"):
        assert clearing([], [], which=which).payments.tolist() == []
    assert clearing_scenarios([], [[], []]).payments.shape == (2, 0)
    assert clearing_scenarios([[0, 1], [1, 0]], []).payments.shape == (0, 2)


PLAIN = """
import numpy as np
from gigawatt.deals.clearing import clearing
from gigawatt.deals.clearing_scenarios import clearing_scenarios
rng = np.random.default_rng(5)
owed = rng.lognormal(0, 1, (12, 12)) * (rng.random((12, 12)) < 0.4)
np.fill_diagonal(owed, 0)
cash = rng.lognormal(0, 1, (20, 12))
terms = {"alpha": 0.9, "beta": 0.8}
paid = [clearing(owed, row, which=which, **terms).payments for row in cash for which in ("greatest", "least")]
print(np.array(paid).tobytes().hex(), clearing_scenarios(owed, cash, **terms).payments.tobytes().hex())
"""


def test_the_kernels_say_the_same_uncompiled():
    said = [
        subprocess.run([sys.executable, "-c", PLAIN], check=True, capture_output=True, text=True,
                       env=os.environ | {"NUMBA_DISABLE_JIT": plain}).stdout
        for plain in ("0", "1")
    ]  # fmt: skip
    compiled, plain = ([np.frombuffer(bytes.fromhex(part)) for part in one.split()] for one in said)
    for ours, theirs in zip(compiled, plain, strict=True):
        # The compiler may join a product and a sum, which rounds once in place of twice.
        assert ours == approx(theirs, rel=1e-13)
