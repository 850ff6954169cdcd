"""DebtRank: loss of equity handed on from borrowers to lenders, before anybody defaults.

Two versions, both of shares of equity lost h, 0 to 1, with leverage of i on j = exposure of i to j over equity of i:

- "once" (Battiston et al. 2012, doi:10.1038/srep00541), DebtRank as it was first defined: a firm hands on its loss in
  the one round after it is first hit, and no loss that comes later; leverage is cut at 1. Circles are so not counted
  twice, and losses understated;
- "linear" (Bardoscia et al. 2015, doi:10.1371/journal.pone.0130406): every further loss of a borrower is handed on,
  h(t + 1) = min(1, h(1) + leverage h(t)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.flows import square
from gigawatt.deals.liabilities import Amounts, Array, amounts, require_amounts

ROUNDS = 2000  # recorded; a spread that is not over by then is carried to its end at once
STILL = 1e-15  # of the largest loss: a smaller change is none
GONE = 1e-12  # of equity: whoever has no more than this left has lost all


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtRank:
    """Losses round by round; shares are of equity, 0 to 1.

    In the letters of the papers `loss_share` is h, `rank` R of 2012, and `total` H of 2015.
    """

    loss_share: Array  # in the end, shape (firms,)
    loss_usd: Array
    path: Array  # share lost after each round, shape (rounds + 1, firms); row 0 is the shock
    defaulted: NDArray[np.bool_]  # all equity lost, to 1e-12 of it
    rank: float  # share of all value lost through the network, the shock itself left out
    total: float  # share of all value lost, the shock included
    method: str


def debtrank(
    exposures: ArrayLike,
    equity: ArrayLike,
    shock: Amounts,
    *,
    method: str = "once",
    weights: ArrayLike | None = None,
) -> DebtRank:
    """Share of equity that each firm loses after a shock, and the share of all value lost through the network.

    Two published versions, which agree where no firm is hit twice and no claim exceeds its holder's equity:

    - `method="once"`, the default, is DebtRank as first defined by Battiston et al. 2012, doi:10.1038/srep00541: a firm
      hands on its loss in the one round after it is first hit, and leverage is cut at 1;
    - `method="linear"` is that of Bardoscia et al. 2015, doi:10.1371/journal.pone.0130406, which much later work means
      by DebtRank: every further loss is handed on, so that losses are the same or larger.

    Args:
        exposures: exposures[i][j] is what i loses if j pays nothing, in USD: rows lend to columns, and `liabilities`
            of `clearing` is its transpose. Shape (firms, firms).
        equity: Of each firm in USD, above 0.
        shock: Share of its equity that each firm loses at first, 0 to 1, shape (firms,); or `{firm: share}`, 0 for the
            others, such as `{1: 1.0}` where firm 1 loses all. One number is a shock to every firm.
        method: "once" (Battiston et al. 2012) or "linear" (Bardoscia et al. 2015).
        weights: Value of each firm in `rank` and `total`; its equity if None. The paper of 2012 weighs by economic
            value, what each firm has lent in the network over all of it.

    Raises:
        ValueError: Wrong shapes, equity not above 0, shocks not from 0 to 1, unknown method.
    """
    if method not in ("linear", "once"):
        raise ValueError(f"method: {method!r}; 'once' (Battiston et al. 2012) or 'linear' (Bardoscia et al. 2015)")
    held = claims(exposures)
    size = len(held)
    own = amounts(equity, size, "equity", None)
    first = amounts(shock, size, "shock", None)
    if (own <= 0.0).any():
        raise ValueError(f"equity of firm {int(own.argmin())}: {own.min()}; DebtRank needs equity above 0")
    if (first > 1.0).any():
        raise ValueError(f"shock of firm {int(first.argmax())}: {first.max()}; a share of equity, 0 to 1")
    leverage = held / own[:, None]
    path = _linear(leverage, first) if method == "linear" else _once(np.minimum(leverage, 1.0), first)
    value = own if weights is None else amounts(weights, size, "weights", None)
    share = value / value.sum() if value.sum() > 0.0 else value
    lost = path[-1] = np.where(path[-1] >= 1.0 - GONE, 1.0, path[-1])
    return DebtRank(
        loss_share=lost,
        loss_usd=lost * own,
        path=path,
        defaulted=lost >= 1.0,
        rank=float((share * (lost - first)).sum()),
        total=float((share * lost).sum()),
        method=method,
    )


def claims(exposures: ArrayLike) -> Array:
    """Exposures as a checked matrix in USD: square, 0 or more, none of a firm to itself."""
    held = square(exposures, "exposures, [i][j] the claim of i on j,")
    size = len(held)
    require_amounts(held.ravel(), lambda k: f"exposure of firm {k // size} to firm {k % size}")
    if np.diagonal(held).any():
        raise ValueError(f"exposures: firm {int(np.flatnonzero(np.diagonal(held))[0])} has a claim on itself")
    return held


def _linear(leverage: Array, first: Array) -> Array:
    path = [first]
    while len(path) <= ROUNDS:
        after = np.minimum(1.0, first + leverage @ path[-1])
        if (after - path[-1]).max(initial=0.0) <= STILL * after.max(initial=0.0):
            return np.array(path)
        path.append(after)
    return np.array([*path, _end(leverage, first, path[-1])])


def _end(leverage: Array, first: Array, lost: Array) -> Array:
    """Where losses come to rest: the way there is solved for, up to the next firm that loses all its equity."""
    for _ in range(len(lost) + 1):
        missed = np.maximum(0.0, np.minimum(1.0, first + leverage @ lost) - lost)
        open_firms = np.flatnonzero((lost < 1.0) & (missed > 0.0) | _reached(leverage, missed) & (lost < 1.0))
        if not len(open_firms):
            break
        block = np.eye(len(open_firms)) - leverage[np.ix_(open_firms, open_firms)]
        try:
            way = np.linalg.solve(block, missed[open_firms])
        except np.linalg.LinAlgError:
            way = np.full(len(open_firms), -1.0)
        if (way < 0.0).any():  # losses grow without end: go along the growth until somebody has lost all
            way = _growth(leverage[np.ix_(open_firms, open_firms)], missed[open_firms])
        ratio = np.divide(1.0 - lost[open_firms], way, out=np.full(len(way), np.inf), where=way > 0.0)
        length = min(1.0, float(ratio.min()))
        lost = lost.copy()
        lost[open_firms] = np.where(ratio <= length, 1.0, lost[open_firms] + length * way)
    return lost


def _growth(leverage: Array, missed: Array) -> Array:
    """Sum of the next losses until it passes one whole equity somewhere, by doubling: (1 + L)(1 + L^2)... missed."""
    total, power = missed, leverage
    while total.max() < 1.0:
        total, power = total + power @ total, power @ power
    return total


def _reached(leverage: Array, missed: Array) -> NDArray[np.bool_]:
    """Firms that a further loss comes to, however far."""
    reached = missed > 0.0
    for _ in range(len(missed)):
        further = reached | ((leverage @ reached) > 0.0)
        if (further == reached).all():
            break
        reached = further
    return reached


def _once(impact: Array, first: Array) -> Array:
    path, hit = [first], first > 0.0
    active = hit
    while active.any():
        after = np.minimum(1.0, path[-1] + impact @ np.where(active, path[-1], 0.0))
        active = (after > 0.0) & ~hit
        hit = hit | active
        if (after > path[-1]).any():
            path.append(after)
    return np.array(path)
