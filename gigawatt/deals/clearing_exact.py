"""Payments of defaulters solved for outright, to the last digits, however little leaves their circles.

With known defaulters, x = b + A x: each pays what it has and what it gets. Solved by elimination without subtraction:
what goes through a firm is handed on to the others or leaves, so that a pivot is a sum of what leaves and never a
difference of like numbers. A circle that nothing leaves is found exactly: there the pivot is 0, and payments are free
up to a multiple of those that keep themselves up.

Source: Grassmann, Taksar and Heyman 1985, doi:10.1287/opre.33.5.1107.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gigawatt.compiled import kernel
from gigawatt.deals.liabilities import Array, Book, Index, summed

PANEL = 48  # firms eliminated before the others are brought up to date at once
LEAST_LEAK = 1e-13  # given to a circle that nothing leaves, where only a direction is wanted


@kernel
def passed_and_left(book: Book, firms: np.ndarray, tranche: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Of one more dollar paid by each of the firms (columns) in its `tranche`: what each of them (rows) can pay on.

    And what leaves them: to the outside, to others, and what default costs, added up and not by subtraction from 1.
    """
    n = len(firms)
    place, passed, left = np.full(len(book.dues), -1), np.zeros((n, n)), np.empty(n)
    for k in range(n):
        place[firms[k]] = k
    for k in range(n):
        left[k] = book.outside[tranche[k]]
        for debt in range(book.out_start[firms[k]], book.out_start[firms[k] + 1]):
            if book.out_tranche[debt] == tranche[k]:
                row = place[book.creditor[debt]]
                if row < 0:
                    left[k] += book.out_share[debt]
                else:
                    passed[row, k] += beta * book.out_share[debt]
                    left[k] += (1.0 - beta) * book.out_share[debt]
    return passed, left


@kernel
def eliminate(
    passed: np.ndarray, left: np.ndarray, own: np.ndarray, free: np.ndarray, low: int, top: int, leak: float
) -> None:
    """Eliminate firms top - 1 to low; rows and columns of these are brought up to date, the rest is for the caller.

    Where nothing leaves a circle, the last of its firms is marked as free; with a `leak` above 0 so much leaves it.

    Changes: passed, left, own, free.
    """
    for k in range(top - 1, low - 1, -1):
        pivot = left[k]
        for i in range(k):
            pivot += passed[i, k]
        if pivot == 0.0:
            free[k] = leak == 0.0
            left[k] = pivot = leak if leak > 0.0 else 1.0
        own[k] /= pivot
        row = passed[k]
        for j in range(k):
            row[j] /= pivot
            left[j] += left[k] * row[j]
        for i in range(k):
            through = passed[i, k]
            if through > 0.0:
                own[i] += through * own[k]
                line = passed[i]
                for j in range(0 if i >= low else low, k):
                    line[j] += through * row[j]


@kernel
def substitute(passed: np.ndarray, own: np.ndarray, free: np.ndarray, into: np.ndarray) -> np.ndarray:
    """x of the eliminated system, 0 where it is free; `into` is what such a circle gets from elsewhere. Changes: into.

    The diagonal of `passed` is never read.
    """
    x = np.empty(len(own))
    for k in range(len(own)):
        got = own[k]
        for j in range(k):
            got += passed[k, j] * x[j]
        if free[k]:
            into[k], x[k] = got, 0.0
        else:
            x[k] = got
    return x


@kernel
def going_round(passed: np.ndarray, at: int) -> np.ndarray:
    """Payments of the circle of the free firm `at` that keep themselves up, 1 for that firm; 0 for others."""
    x = np.zeros(len(passed))
    x[at] = 1.0
    for k in range(at + 1, len(x)):
        for j in range(at, k):
            x[k] += passed[k, j] * x[j]
    return x


def received(book: Book, part: Array) -> Array:
    """What each firm gets from its debtors in USD, shape (firms,)."""
    return summed(book.creditor, book.out_share * part[book.out_tranche], len(book.dues))


def eliminated(passed: Array, left: Array, own: Array, leak: float = 0.0) -> NDArray[np.bool_]:
    """Which firms are free after the elimination of all. Changes: passed, left, own."""
    free = np.zeros(len(own), dtype=np.bool_)
    for top in range(len(own), 0, -PANEL):
        low = max(0, top - PANEL)
        eliminate(passed, left, own, free, low, top, leak)
        passed[:low, :low] += passed[:low, low:top] @ passed[low:top, :low]
    return free


def way(book: Book, block: Index, tranche: Index, beta: float, missed: Array) -> Array:
    """By how much payments of `block` come to move in the end if they miss their equations by so much, all >= 0."""
    passed, left = passed_and_left(book, block, tranche, beta)
    own = missed.copy()
    free = eliminated(passed, left, own, LEAST_LEAK)
    return substitute(passed, own, free, np.zeros(len(own)))


def outright(
    book: Book, assets: Array, alpha: float, beta: float, part: Array, block: Index, tranche: Index, rising: bool
) -> Array:
    """What each firm of `block` pays in its `tranche` if all of them default and the others pay as in `part`.

    A circle that nothing leaves pays the most that no tranche stops; rising, it does so only if something comes in.
    """
    others = part.copy()
    others[tranche] = 0.0
    own = (alpha * assets + beta * received(book, others))[block] - book.below[tranche]
    passed, left = passed_and_left(book, block, tranche, beta)
    free = eliminated(passed, left, own)
    into = np.zeros(len(own))
    x = substitute(passed, own, free, into)
    room = book.amount[tranche]
    for at in np.flatnonzero(free if not rising else free & (into > 0.0)):
        turn = going_round(passed, int(at))
        member = np.flatnonzero(turn > 0.0)
        x += turn * float(((room[member] - x[member]) / turn[member]).min())
    return x
