"""Kernels of clearing: payments fall from all that is due, or rise from nothing, until they fit what is received.

A firm is solvent when its assets reach what it owes up to `SHORT` of it, so that sums in another order do not decide.
Falling, payments stay at or above the greatest solution, so whoever fails in between fails in it; rising, they stay at
or below the least one, so whoever can pay in between can pay in it. Hence the order of firms does not matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.compiled import kernel

SHORT = 1e-12  # of dues: less than this short is solvent
STILL = 1e-14  # of dues, rising of the payment: a smaller change of a payment is none
DRIFT = 4e-15  # of receipts: the most that sums kept up by subtraction are trusted to be off by


@kernel
def by_debtor(
    size: int, debtor: np.ndarray, creditor: np.ndarray, amount: np.ndarray, tranche: np.ndarray, held: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Debts by debtor: first one of each firm, creditor, tranche, and the share of a debt in its tranche (`held`)."""
    start = np.zeros(size + 1, np.int64)
    for k in range(len(amount)):
        start[debtor[k] + 1] += 1
    for i in range(size):
        start[i + 1] += start[i]
    at = start[:-1].copy()
    owed_to, of, share = np.empty(len(amount), np.int64), np.empty(len(amount), np.int64), np.empty(len(amount))
    for k in range(len(amount)):
        place = at[debtor[k]]
        at[debtor[k]] = place + 1
        owed_to[place], of[place] = creditor[k], tranche[k]
        share[place] = amount[k] / held[tranche[k]] if amount[k] > 0.0 else 0.0
    return start, owed_to, of, share


@kernel
def by_creditor(
    size: int, creditor: np.ndarray, tranche: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same debts by creditor: first claim of each firm, tranche, and share."""
    start = np.zeros(size + 1, np.int64)
    for k in range(len(creditor)):
        start[creditor[k] + 1] += 1
    for i in range(size):
        start[i + 1] += start[i]
    at = start[:-1].copy()
    of, part = np.empty(len(creditor), np.int64), np.empty(len(creditor))
    for k in range(len(creditor)):
        place = at[creditor[k]]
        at[creditor[k]] = place + 1
        of[place], part[place] = tranche[k], share[k]
    return start, of, part


@kernel
def told(
    size: int, debtor: np.ndarray, creditor: np.ndarray, amount: np.ndarray, tranche: np.ndarray, held: np.ndarray,
    part: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """What is paid on each debt; what each firm gets from the others, and what it pays to them, added anew."""
    flows, got, inside = np.empty(len(amount)), np.zeros(size), np.zeros(size)
    for k in range(len(amount)):
        whole = held[tranche[k]]
        flows[k] = amount[k] / whole * part[tranche[k]] if whole > 0.0 else 0.0
        got[creditor[k]] += flows[k]
        inside[debtor[k]] += flows[k]
    return flows, got, inside


@kernel
def receipts(book: Any, part: np.ndarray, i: int) -> float:
    """What firm i gets from its debtors."""
    got = 0.0
    for k in range(book.in_start[i], book.in_start[i + 1]):
        got += book.in_share[k] * part[book.in_tranche[k]]
    return got


@kernel
def share_out(book: Any, part: np.ndarray, i: int, paid: float) -> None:
    """Split what firm i pays into its tranches, senior first."""
    for t in range(book.first[i], book.first[i + 1]):
        part[t] = min(book.amount[t], max(0.0, paid - book.below[t]))


@kernel
def share_out_all(book: Any, part: np.ndarray, firms: np.ndarray, paid: np.ndarray) -> None:
    """Split what these firms pay into their tranches. Changes: part."""
    for k in range(len(firms)):
        share_out(book, part, firms[k], paid[firms[k]])


@kernel
def sweep(
    book: Any, assets: np.ndarray, alpha: float, beta: float, rising: bool,
    paid: np.ndarray, part: np.ndarray, failed: np.ndarray, most: int,
) -> bool:  # fmt: skip
    """Pass changes of payments on to creditors, `most` times round the firms or until they are small: whether they are.

    Receipts are kept up by adding changes, which is quick but drifts; verdicts and payments leave room for that, so
    that `settle`, which adds receipts anew, can go on from here in the same direction. Changes: paid, part, failed.
    """
    n = len(assets)
    full, waits = np.zeros(n), np.ones(n, dtype=np.bool_)
    step = np.zeros(len(book.amount))
    if not rising:
        for k in range(len(book.creditor)):
            full[book.creditor[k]] += book.out_share[k] * part[book.out_tranche[k]]
    got = full.copy()
    for _ in range(most):
        still = True
        for i in range(n):
            if not waits[i] or (rising and not failed[i]):
                continue
            waits[i] = False
            have = got[i] + DRIFT * full[i]
            solvent = assets[i] + have >= book.dues[i] * (1.0 - SHORT)
            if rising and solvent:
                failed[i] = False
            elif not rising and not failed[i]:
                if solvent:
                    continue
                failed[i] = True
            target = min(book.dues[i], alpha * assets[i] + beta * have) if failed[i] else book.dues[i]
            change = target - paid[i]
            if abs(change) <= STILL * (target if rising else book.dues[i]) or (change > 0.0) != rising:
                continue
            still = False
            paid[i] = target
            only = book.first[i]
            if book.first[i + 1] == only + 1:  # debts of one class need no look at theirs
                change, part[only] = target - part[only], target
                for k in range(book.out_start[i], book.out_start[i + 1]):
                    j = book.creditor[k]
                    got[j] += book.out_share[k] * change
                    waits[j] = True
                continue
            for t in range(book.first[i], book.first[i + 1]):
                before = part[t]
                part[t] = min(book.amount[t], max(0.0, target - book.below[t]))
                step[t] = part[t] - before
            for k in range(book.out_start[i], book.out_start[i + 1]):
                j = book.creditor[k]
                got[j] += book.out_share[k] * step[book.out_tranche[k]]
                waits[j] = True
        if still:
            return True
    return False


@kernel
def settle(
    book: Any, assets: np.ndarray, alpha: float, beta: float, rising: bool,
    paid: np.ndarray, part: np.ndarray, failed: np.ndarray, moved: np.ndarray, budget: int,
) -> int:  # fmt: skip
    """Update payments of one firm after the other until none changes; returns the rest of `budget`, 0 if it ran out.

    Changes: paid, part, failed, moved (firms whose payment changed).
    """
    n = len(assets)
    queue, waits = np.empty(n, dtype=np.int64), np.ones(n, dtype=np.bool_)
    for i in range(n):
        queue[i] = i
    head, count = 0, n
    while count > 0 and budget > 0:
        i = queue[head]
        head = head + 1 if head + 1 < n else 0
        count -= 1
        budget -= 1
        waits[i] = False
        if rising and not failed[i]:
            continue
        got = receipts(book, part, i)
        solvent = assets[i] + got >= book.dues[i] * (1.0 - SHORT)
        turned = solvent == failed[i] if rising or not failed[i] else False
        if turned:
            failed[i] = not failed[i]
        elif not failed[i]:
            continue
        target = min(book.dues[i], alpha * assets[i] + beta * got) if failed[i] else book.dues[i]
        change = target - paid[i] if rising else paid[i] - target
        if change <= STILL * (target if rising else book.dues[i]) and not (turned and change > 0.0):
            continue
        paid[i] = target
        moved[i] = True
        share_out(book, part, i, target)
        for k in range(book.out_start[i], book.out_start[i + 1]):
            j = book.creditor[k]
            if not waits[j] and (failed[j] or not rising):
                at = head + count
                queue[at if at < n else at - n] = j
                count += 1
                waits[j] = True
    return budget if count == 0 else 0
