"""Clearing to the last digits: against fractions, where amounts differ by many powers of ten or circles leak little."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, sampled_from
from pytest import approx

from gigawatt.deals.clearing import clearing
from gigawatt.deals.clearing_exact import eliminated, going_round, substitute
from gigawatt.deals.clearing_scenarios import clearing_scenarios
from gigawatt.deals.clearing_search import residual
from gigawatt.deals.liabilities import laid_out, triplets

# ------------------------------------------------------------------------------------------------- in fractions


def solved(matrix, right):
    """x with matrix x = right, by Gauss in fractions; None if there is no one answer."""
    n, rows = len(right), [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for c in range(n):
        pivot = next((r for r in range(c, n) if rows[r][c] != 0), None)
        if pivot is None:
            return None
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [x / rows[c][c] for x in rows[c]]
        for r in range(n):
            if r != c:
                rows[r] = [x - rows[r][c] * y for x, y in zip(rows[r], rows[c], strict=True)]
    return [rows[i][n] for i in range(n)]


def least_of(passed, own):
    """The least x >= 0 with x = own + passed x; None if there is none."""
    live = {i for i, x in enumerate(own) if x > 0}
    while more := {i for i in range(len(own)) for j in live if passed[i][j] > 0} - live:
        live |= more
    places = sorted(live)
    found = solved([[int(i == j) - passed[i][j] for j in places] for i in places], [own[i] for i in places])
    if found is None or min(found, default=0) < 0:
        return None
    return [dict(zip(places, found, strict=True)).get(i, Fraction(0)) for i in range(len(own))]


def all_clearings(owed, cash, outside, alpha=1, beta=1):
    """Least clearing payments of every set of defaulters that agrees with itself, in fractions."""
    n = len(cash)
    owed, cash, outside = (
        [[Fraction(x) for x in row] for row in owed],
        *([Fraction(x) for x in v] for v in (cash, outside)),
    )
    alpha, beta = Fraction(alpha), Fraction(beta)
    dues = [sum(owed[i]) + outside[i] for i in range(n)]
    share = [[owed[i][j] / dues[i] if dues[i] else Fraction(0) for j in range(n)] for i in range(n)]
    found = []
    for failed in product([False, True], repeat=n):
        k, well = [i for i in range(n) if failed[i]], [i for i in range(n) if not failed[i]]
        own = [alpha * cash[i] + beta * sum(share[j][i] * dues[j] for j in well) for i in k]
        some = least_of([[beta * share[j][i] for j in k] for i in k], own)
        if some is None:
            continue
        paid = [dict(zip(k, some, strict=True)).get(i, dues[i]) for i in range(n)]
        means = [cash[i] + sum(share[j][i] * paid[j] for j in range(n)) for i in range(n)]
        if all((means[i] < dues[i]) == failed[i] for i in range(n)):
            found.append(paid)
    return found


def extreme(which, *network, **terms):
    """The greatest or the least of all clearings as floats; it is so for every firm at once."""
    every = all_clearings(*network, **terms)
    best = (max if which == "greatest" else min)(every, key=sum)
    return [float(x) for x in best]


@composite
def closed(draw, digits):
    """Two to four firms without cash that owe nobody outside, amounts of 1 to `digits` powers of ten, some alike."""
    n = draw(integers(2, 4))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    owed = np.round(10.0 ** rng.uniform(0, digits, (n, n)), 1) * (rng.random((n, n)) < draw(floats(0.4, 1.0)))
    owed[rng.random((n, n)) < 0.3] = 2.0
    np.fill_diagonal(owed, 0)
    return owed


# ------------------------------------------------------------------------------- closed networks without cash


@pytest.mark.parametrize(
    "owed",
    [
        [[0, 1, 100000], [2, 0, 0], [100000, 3, 0]],
        [[0, 0, 100000], [2, 0, 2], [100000, 100, 0]],
        [[0, 1.1, 3497812.6], [11.8, 0, 12.8], [30998473.1, 3009.6, 0]],
        [[0, 0, 1346.4], [3.8, 0, 17809848.3], [7952.6, 17631008.0, 0]],
    ],
)
def test_the_greatest_does_not_fall_past_a_firm_that_can_just_pay(owed):
    # The first: firm 1 owes 2 and gets exactly 2, so it pays; the others then 50001.625 and 50001.125 (in fractions).
    expected = extreme("greatest", owed, [0] * 3, [0] * 3)
    assert clearing(owed, [0] * 3).payments == approx(expected, rel=1e-14)
    assert clearing_scenarios(owed, [[0] * 3]).payments[0] == approx(expected, rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(closed(10), sampled_from([(1, 1), (0, 1)]))
def test_the_greatest_is_the_greatest_of_all_clearings_in_closed_networks_without_cash(owed, costs):
    nothing, terms = [0.0] * len(owed), {"alpha": costs[0], "beta": costs[1]}
    expected = extreme("greatest", owed.tolist(), nothing, nothing, **terms)
    found = clearing(owed, nothing, **terms)
    assert found.payments == approx(expected, rel=1e-10)
    assert clearing_scenarios(owed, [nothing], **terms).payments[0] == approx(expected, rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(closed(7))
def test_no_circle_of_defaulters_owes_only_itself(owed):
    # All they pay comes back to them, so that more could circulate until one of them is solvent.
    found = clearing(owed, [0.0] * len(owed))
    out = np.flatnonzero(found.defaulted)
    for size in range(1, len(out) + 1):
        for some in combinations(out, size):
            others = np.setdiff1d(np.arange(len(owed)), some)
            assert owed[np.ix_(some, others)].any()


def test_the_proof_says_so_where_more_could_circulate():
    # Two firms that owe each other 1: nothing moves is a clearing, and its equations hold, but not the greatest.
    debts = laid_out(*triplets([[0, 1], [1, 0]], None, None), np.zeros(2))
    rest, both = np.zeros(2), np.array([True, True])
    assert np.isinf(residual(debts.book, rest, rest, 1.0, 1.0, "greatest", rest, both)).all()
    assert (residual(debts.book, rest, rest, 1.0, 1.0, "least", rest, both) == 0.0).all()


def test_a_large_closed_circle_without_cash_is_settled_up_to_its_smallest_debt():
    # 300 firms in a ring owe each other 1e6, and the last 1e6 + 1: it gets 1e6, so it alone falls short.
    owed = np.roll(np.eye(300), 1, axis=1) * 1e6
    owed[-1, 0] += 1
    found = clearing(owed, np.zeros(300))
    assert found.payments.tolist() == [1e6] * 300
    assert np.flatnonzero(found.defaulted).tolist() == [299]


# ------------------------------------------------------------------------------------- small against what is due

RING = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
THIN = {
    "ring": (np.array(RING) * 1e12, [1, 0, 0], [1e11] * 3, {}),
    "smaller ring": (np.array(RING) * 7.5e10, [1, 0, 0], [7.5e9] * 3, {}),
    "little cash": (np.array(RING) * 100.0, [1e-6, 0, 0], [10] * 3, {}),
    "chain": (np.array([[0, 1e14, 0], [0, 0, 1e14], [0, 0, 0]]), [1, 0, 0], [0, 0, 1], {}),
    "verdict": (np.array([[0, 100, 0], [1e14, 0, 0], [1, 0, 0]]), [50, 0, 5], [0, 0, 0], {"alpha": 0}),
    "nearly closed pair": (np.array([[0, 1e8], [1e8, 0]]), [1, 0], [3, 1], {}),
}


@pytest.mark.parametrize("which", ["greatest", "least"])
@pytest.mark.parametrize("name", THIN)
def test_payments_far_below_dues_have_all_their_digits(name, which):
    owed, cash, outside, terms = THIN[name]
    expected = extreme(which, owed.tolist(), cash, outside, **terms)
    one = clearing(owed, cash, outside, which=which, **terms)
    many = clearing_scenarios(owed, [cash], outside, which=which, **terms)
    assert one.payments == approx(expected, rel=1e-14)
    assert many.payments[0] == approx(expected, rel=1e-9)


@pytest.mark.parametrize("which", ["greatest", "least"])
@pytest.mark.parametrize("leak", [1e-5, 1e-6, 1e-9])
@pytest.mark.parametrize("n", [3, 30, 300])
def test_a_ring_that_leaks_little_by_hand(n, leak, which):
    # Each owes 1 to the next and `leak` outside, and all have the same cash: each pays 0.3 of dues, for which
    # cash = 0.3 leak: 0.3 (1 + leak) = cash + 0.3.
    owed, cash = np.roll(np.eye(n), 1, axis=1), np.full(n, 0.3 * leak)
    expected = [0.3 * (1 + leak)] * n
    assert clearing(owed, cash, np.full(n, leak), which=which).payments == approx(expected, rel=1e-13)
    many = clearing_scenarios(owed, [cash], np.full(n, leak), which=which)
    assert many.payments[0] == approx(expected, rel=1e-9)


# ------------------------------------------------------------------------------------------------ scenarios


@settings(max_examples=150, deadline=None)
@given(integers(0, 2**32), sampled_from([(1.0, 1.0), (0.5, 0.5), (0.0, 1.0)]))
def test_payments_of_scenarios_are_between_nothing_and_dues(seed, costs):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 8)
    owed = rng.integers(0, 10, (n, n)) * 1.0
    np.fill_diagonal(owed, 0)
    cash = rng.integers(0, 2, (10, n)) * rng.integers(0, 2, (10, 1)) * 1.0
    found = clearing_scenarios(owed, cash, rng.integers(0, 3, n), alpha=costs[0], beta=costs[1])
    assert (found.payments >= 0.0).all()
    assert (found.payments <= found.dues).all()


def test_who_gets_nothing_pays_nothing_in_scenarios():
    # Firm 0 and 2 owe each other and 2 owes firm 1 too, nobody has anything: what goes round leaks away.
    found = clearing_scenarios([[0, 0, 1], [0, 0, 0], [3, 1, 0]], [[0, 0, 0]])
    assert found.payments[0].tolist() == [0, 0, 0]
    # The same where everybody owes outside, which is done the quick way.
    every = clearing_scenarios([[0, 1], [1, 0]], np.zeros((4, 2)), [1, 1])
    assert every.payments.tolist() == [[0, 0]] * 4
    assert every.careful == 0


# ----------------------------------------------------------------------------------------------- elimination


@pytest.mark.parametrize("n", [1, 2, 40, 130])
def test_elimination_in_panels_solves_as_the_usual_one_does(n):
    rng = np.random.default_rng(n)
    passed = rng.random((n, n)) * (rng.random((n, n)) < 0.3)
    np.fill_diagonal(passed, 0)
    left = rng.random(n) + 0.1
    whole = passed.sum(axis=0) + left
    own = rng.random(n)
    usual = np.linalg.solve(np.eye(n) - passed / whole, own)
    matrix, right = passed / whole, own.copy()
    free = eliminated(matrix, left / whole, right)
    assert not free.any()
    assert substitute(matrix, right, free, np.zeros(n)) == approx(usual, rel=1e-12)


def test_a_circle_that_nothing_leaves_is_found_exactly():
    # Firm 0 pays a third each to 1, 2 and outside; 1 and 2 pay each other all: they keep up any equal payments.
    passed = np.array([[0, 0, 0], [1 / 3, 0, 1], [1 / 3, 1, 0]])
    own = np.array([3.0, 0, 0])
    free = eliminated(passed, np.array([1 / 3, 0, 0]), own)
    assert free.tolist() == [False, True, False]
    into = np.zeros(3)
    assert substitute(passed, own, free, into) == approx([3, 0, 1])
    assert into[1] == approx(2)
    assert going_round(passed, 1).tolist() == [0, 1, 1]


PLAIN = """
import numpy as np
from gigawatt.deals import clearing, clearing_scenarios
owed, cash = np.array([[0, 1e12, 0], [0, 0, 1e12], [1e12, 0, 0]]), [1, 0, 0]
paid = [clearing(owed, cash, [1e11] * 3, which=which).payments for which in ("greatest", "least")]
paid += [clearing([[0, 1, 100000], [2, 0, 0], [100000, 3, 0]], [0] * 3).payments]
paid += [clearing_scenarios(owed, [cash], [1e11] * 3).payments[0]]
print(np.array(paid).tobytes().hex())
"""


def test_the_exact_end_is_the_same_uncompiled():
    run = [
        subprocess.run([sys.executable, "-c", PLAIN], check=True, capture_output=True, text=True,
                       env=os.environ | {"NUMBA_DISABLE_JIT": plain}).stdout
        for plain in ("0", "1")
    ]  # fmt: skip
    compiled, plain = (np.frombuffer(bytes.fromhex(one.strip())) for one in run)
    assert compiled == approx(plain, rel=1e-14)
