"""Kernels of clearing for many scenarios: they stand side by side, so that debts are read once for all of them.

Arrays have shape (firms, lanes), a scenario in each lane. Payments of those known to default go to where they come to
rest by fixed-point steps, of which each is mixed with the one before (Anderson 1965, doi:10.1145/321296.321305). Such
steps need not fall, so who defaults is judged by a bound: if no payment of a defaulter should rise by more than `up`,
none of them ends above itself + up x lift, with lift = 1 + beta share lift. Whoever cannot pay even then, defaults.
Where losses go round nearly for ever there is no such lift, and the verdict waits until no payment should rise.
A lane whose scenario has come to rest takes the next one.

Payments that rest to 1e-14 of dues are known to so many digits only if defaulters get enough from elsewhere, which is
proved for each scenario (`grounded`); others are left to the careful search.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.deals.clearing_kernels import SHORT, STILL

LANES = 64  # scenarios side by side
TILE = 4  # firms or claims taken together: shapes are padded to a multiple of it
GUARD = 1e-11  # of dues and receipts: nearer to default than this, a scenario is left to the careful search
SWEEPS = 400  # steps of a scenario, before it is left to that too
THIN = 1e-4  # of dues: payments whose sources are as large are known to 1e-9 of themselves
HANDED = 8  # rounds in which sources are handed on to debtors of debtors
CALM = 3  # steps without a new default before steps are mixed, where there is no lift


@kernel
def receipts_of_lanes(share: np.ndarray, paid: np.ndarray, got: np.ndarray) -> None:
    """Receipts of each firm in each lane; share[j, i] is the share of what i pays that j gets. Changes: got."""
    n, lanes = paid.shape
    got[:] = 0.0
    for j in range(0, n, TILE):
        g0, g1, g2, g3 = got[j], got[j + 1], got[j + 2], got[j + TILE - 1]
        a, b, c, d = share[j], share[j + 1], share[j + 2], share[j + TILE - 1]
        for i in range(0, n, TILE):
            p0, p1, p2, p3 = paid[i], paid[i + 1], paid[i + 2], paid[i + TILE - 1]
            a0, a1, a2, a3 = a[i], a[i + 1], a[i + 2], a[i + TILE - 1]
            b0, b1, b2, b3 = b[i], b[i + 1], b[i + 2], b[i + TILE - 1]
            c0, c1, c2, c3 = c[i], c[i + 1], c[i + 2], c[i + TILE - 1]
            d0, d1, d2, d3 = d[i], d[i + 1], d[i + 2], d[i + TILE - 1]
            for s in range(lanes):
                x0, x1, x2, x3 = p0[s], p1[s], p2[s], p3[s]
                g0[s] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
                g1[s] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
                g2[s] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3
                g3[s] += d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3


@kernel
def receipts_by_claim(
    start: np.ndarray, debtor: np.ndarray, share: np.ndarray, paid: np.ndarray, got: np.ndarray
) -> None:
    """The same from claims start[j] to start[j + 1] of each firm j. Changes: got."""
    n, lanes = paid.shape
    got[:] = 0.0
    for j in range(n):
        g, k = got[j], start[j]
        while k + TILE <= start[j + 1]:
            a0, a1, a2, a3 = share[k], share[k + 1], share[k + 2], share[k + TILE - 1]
            p0, p1, p2, p3 = paid[debtor[k]], paid[debtor[k + 1]], paid[debtor[k + 2]], paid[debtor[k + TILE - 1]]
            for s in range(lanes):
                g[s] += a0 * p0[s] + a1 * p1[s] + a2 * p2[s] + a3 * p3[s]
            k += TILE
        while k < start[j + 1]:
            a, p = share[k], paid[debtor[k]]
            for s in range(lanes):
                g[s] += a * p[s]
            k += 1


@kernel
def weigh(
    paid: np.ndarray, got: np.ndarray, left: np.ndarray, failed: np.ndarray, missed: np.ndarray, per_due: np.ndarray,
    beta: float, up: np.ndarray, rise: np.ndarray, worst: np.ndarray, along: np.ndarray, square: np.ndarray,
) -> None:  # fmt: skip
    """How far defaulters are from their equations in each lane: greatest rise, the same of dues, worst of dues.

    Changes: up, rise, worst, and for the mixing along, square.
    """
    n, lanes = paid.shape
    up[:], rise[:], worst[:], along[:], square[:] = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        p, g, e, f, before, scale = paid[i], got[i], left[i], failed[i], missed[i], per_due[i]
        for s in range(lanes):
            short = f[s] * (e[s] + beta * g[s] - p[s])
            change = short - before[s]
            up[s] = max(up[s], short)
            rise[s] = max(rise[s], short * scale)
            worst[s] = max(worst[s], abs(short) * scale)
            along[s] += short * change
            square[s] += change * change


@kernel
def judge(
    got: np.ndarray, owns: np.ndarray, need: np.ndarray, lift: np.ndarray, guard: np.ndarray, up: np.ndarray,
    sure: np.ndarray, failed: np.ndarray, fell: np.ndarray, near: np.ndarray,
) -> None:  # fmt: skip
    """Add to `failed` who cannot pay in any case, in lanes that are `sure`; who has somebody new, or too near to tell.

    Changes: failed, fell, near.
    """
    n, lanes = got.shape
    fell[:], near[:] = 0.0, 0.0
    for i in range(n):
        g, e, f, due, rise, room = got[i], owns[i], failed[i], need[i], lift[i], guard[i]
        for s in range(lanes):
            over = e[s] + g[s] - due
            fresh = sure[s] * (1.0 - f[s]) * (1.0 if over + up[s] * rise < -room else 0.0)
            f[s] += fresh
            fell[s] += fresh
            far = 1.0 if over >= room else 0.0
            lost = 1.0 if over <= SHORT * due else 0.0
            near[s] = max(near[s], 1.0 - f[s] * lost - (1.0 - f[s]) * far)


@kernel
def advance(
    paid: np.ndarray, got: np.ndarray, left: np.ndarray, failed: np.ndarray, last: np.ndarray, missed: np.ndarray,
    beta: float, mix: np.ndarray,
) -> None:  # fmt: skip
    """One step of all lanes. Changes: paid, last (payments before), missed."""
    n, lanes = paid.shape
    for i in range(n):
        p, g, e, f, q, before = paid[i], got[i], left[i], failed[i], last[i], missed[i]
        for s in range(lanes):
            short = f[s] * (e[s] + beta * g[s] - p[s])
            after = p[s] + short - mix[s] * (p[s] - q[s] + short - before[s])
            q[s], before[s], p[s] = p[s], short, after


@kernel
def fall_together(
    share: np.ndarray, start: np.ndarray, debtor: np.ndarray, claim: np.ndarray, dues: np.ndarray, lift: np.ndarray,
    bounded: bool, assets: np.ndarray, alpha: float, beta: float,
    paid: np.ndarray, failed: np.ndarray, received: np.ndarray, proof: np.ndarray, thin: np.ndarray,
) -> None:  # fmt: skip
    """Greatest clearing of many scenarios, one class of seniority; share, dues and lift are padded to whole tiles.

    Shares of debts are a matrix, or where that is empty claims of each firm. `proof` is by how much a scenario misses
    its equations, of dues; infinite where somebody is too near to default to tell, or payments do not come to rest.
    `thin` is where some defaulter has little of its own. Payments may be below 0 by rounding.

    Changes: paid, failed, received, proof, thin.
    """
    scenarios, size = assets.shape
    n, lanes = len(dues), min(LANES, scenarios)
    pays, got, owns, left = (np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)))
    broke, last, missed = np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes))
    up, rise, worst, along, square = np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes)
    fell, near, mix, sure = np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.ones(lanes)
    who, turn, calm = np.full(lanes, -1), np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
    per_due, guard, need = np.zeros(n), np.zeros(n), np.full(n, -1.0)  # who owes nothing needs less than nothing
    following, busy, begun = 0, 0, False
    while busy > 0 or following < scenarios:
        for s in range(lanes):
            if who[s] < 0 and following < scenarios:
                who[s], turn[s], calm[s], mix[s] = following, 0, 0, 0.0
                following += 1
                busy += 1
                for i in range(size):
                    own = assets[who[s], i]
                    pays[i, s], owns[i, s], left[i, s], broke[i, s], missed[i, s] = dues[i], own, alpha * own, 0.0, 0.0
        if len(share) > 0:
            receipts_of_lanes(share, pays, got)
        else:
            receipts_by_claim(start, debtor, claim, pays, got)
        if not begun:
            begun = True
            for i in range(n):
                if dues[i] > 0.0:  # in the beginning receipts are those if all pay
                    guard[i], per_due[i], need[i] = GUARD * (dues[i] + got[i, 0]), 1.0 / dues[i], dues[i]
        weigh(pays, got, left, broke, missed, per_due, beta, up, rise, worst, along, square)
        if not bounded:
            for s in range(lanes):
                sure[s] = 1.0 if rise[s] <= STILL else 0.0
        judge(got, owns, need, lift, guard, up, sure, broke, fell, near)
        for s in range(lanes):
            rests = worst[s] <= STILL and fell[s] == 0.0
            turn[s] += 1
            mix[s] = along[s] / square[s] if calm[s] > 0 and fell[s] == 0.0 and square[s] > 0.0 else 0.0
            if not bounded and calm[s] < CALM:
                mix[s] = 0.0
            calm[s] = calm[s] + 1 if fell[s] == 0.0 else 0
            if who[s] >= 0 and (rests or turn[s] > SWEEPS):
                at = who[s]
                proof[at] = worst[s] if rests and near[s] == 0.0 else np.inf
                who[s] = -1
                busy -= 1
                for i in range(size):
                    paid[at, i], failed[at, i], received[at, i] = pays[i, s], broke[i, s] > 0.0, got[i, s]
                    if broke[i, s] > 0.0 and left[i, s] < THIN * dues[i]:
                        thin[at] = True
        advance(pays, got, left, broke, last, missed, beta, mix)


@kernel
def grounded(
    start: np.ndarray, debtor: np.ndarray, claim: np.ndarray, dues: np.ndarray, bounded: bool, assets: np.ndarray,
    alpha: float, beta: float, paid: np.ndarray, failed: np.ndarray, proof: np.ndarray, thin: np.ndarray,
) -> None:  # fmt: skip
    """Say of `thin` scenarios whether their payments are known to 1e-9 of themselves: `proof` is infinite if not.

    With payments p = b + A p, let s = b + A b + ... be the first k rounds of what defaulters hand on from elsewhere. If
    s >= c dues, an error of 1e-14 of dues in each equation moves no payment by more than 1e-14 k / c of it. Who gets
    nothing in any round pays nothing. Payments below 0 become 0.

    Changes: paid, proof.
    """
    size = assets.shape[1]
    handed, waiting = np.zeros(len(dues)), np.zeros(size, np.int64)
    for row in range(len(assets)):
        waits, none, before = 0, 0, -1
        if thin[row]:
            for i in range(size):
                handed[i] = alpha * assets[row, i] if failed[row, i] else dues[i]
                if handed[i] < THIN * dues[i]:
                    waiting[waits] = i
                    waits += 1
        for _ in range(HANDED):
            if waits == none and (none == 0 or none == before):
                break
            before = none
            waits, none = handed_on(start, debtor, claim, dues, beta, alpha * assets[row], handed, waiting, waits)
        if waits > none or (none > 0 and none != before):
            proof[row] = np.inf
        for k in range(waits):
            if not bounded and paid[row, waiting[k]] != 0.0:
                proof[row] = np.inf
            paid[row, waiting[k]] = 0.0
        for i in range(size):
            paid[row, i] = min(dues[i], max(0.0, paid[row, i]))


@kernel
def handed_on(
    start: np.ndarray, debtor: np.ndarray, claim: np.ndarray, dues: np.ndarray, beta: float, left: np.ndarray,
    handed: np.ndarray, waiting: np.ndarray, waits: int,
) -> tuple[int, int]:  # fmt: skip
    """One round: how many of the first firms of `waiting` still have less than `THIN` of dues, and how many nothing.

    Changes: handed, waiting.
    """
    found = np.empty(waits)
    for k in range(waits):
        i = waiting[k]
        enough, got, c = THIN * dues[i], left[i], start[i]
        while c < start[i + 1] and got < enough:
            got += beta * claim[c] * handed[debtor[c]]
            c += 1
        found[k] = got
    still, none = 0, 0
    for k in range(waits):
        i = waiting[k]
        handed[i] = found[k]
        if found[k] < THIN * dues[i]:
            waiting[still] = i
            still += 1
            none += 1 if found[k] == 0.0 else 0
    return still, none
