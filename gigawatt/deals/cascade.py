"""Threshold cascade: a firm fails once losses on failed debtors reach its capital, and its creditors lose in turn.

Source: Gai and Kapadia 2010, doi:10.1098/rspa.2009.0410 (no recovery in their base case). With each row of exposures
divided by its sum, and capital a share, it is the model of Watts 2002, doi:10.1073/pnas.082090499.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.debtrank import claims
from gigawatt.deals.liabilities import Amounts, Array, amounts

REACHED = 1e-12  # of capital: a loss that is less short of capital than this has reached it


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Who fails when, and who bears the losses, in USD."""

    failed: NDArray[np.bool_]
    failed_in_round: NDArray[np.int64]  # 0: by the shock itself; -1: never
    losses: Array  # on the shock and on failed debtors, shape (firms,)
    path: Array  # losses after each round, shape (rounds + 1, firms); row 0 is the shock
    capital: Array

    @property
    def rounds(self) -> int:
        """Rounds in which somebody failed after the first."""
        return int(self.failed_in_round.max(initial=0)) if self.failed.any() else 0

    @property
    def borne_by_owners(self) -> Array:
        """Loss up to capital, in USD, shape (firms,)."""
        return np.minimum(self.losses, self.capital)

    def in_round(self, number: int) -> list[int]:
        """Firms that failed in a round, for a replay."""
        return [int(i) for i in np.flatnonzero(self.failed_in_round == number)]


def cascade(
    exposures: ArrayLike,
    capital: Amounts,
    shock: Amounts | None = None,
    *,
    failed: int | Iterable[int] | NDArray[np.bool_] = (),
    recovery: Amounts = 0.0,
) -> Cascade:
    """Failures round by round after a shock, and losses in USD.

    A firm fails when it has lost something, and its losses reach its capital. What its creditors get back is a fixed
    share, whatever it still has: for shares that follow from its balance sheet see `clearing`.

    Args:
        exposures: exposures[i][j] is the claim of i on j in USD, shape (firms, firms).
        capital: Loss in USD at which each firm fails, shape (firms,), or one for all.
        shock: Loss of each firm on other assets in USD, or `{firm: loss}`; none if left out.
        failed: Firms that fail at first, whatever their capital: one number, several, each once; or one flag for each
            firm, True or False, and not 1 or 0, which are numbers of firms.
        recovery: Share of claims on each firm that is paid when it fails, 0 to 1; one for all or one a firm.

    Raises:
        ValueError: Wrong shapes or amounts, a firm that is unknown or named twice, recovery not from 0 to 1.
    """
    held = claims(exposures)
    size = len(held)
    buffer, loss = amounts(capital, size, "capital", None), amounts(shock, size, "shock", None)
    share = amounts(recovery, size, "recovery", None)
    if (share > 1.0).any():
        raise ValueError(f"recovery of firm {int(share.argmax())}: {share.max()}; a share, 0 to 1")
    when = np.full(size, -1, dtype=np.int64)
    when[_numbers(failed, size)] = 0
    when[_reaches(loss, buffer)] = 0
    path = [loss]
    number = 0
    while (when == number).any():
        loss = path[0] + held @ np.where(when >= 0, 1.0 - share, 0.0)
        path.append(loss)
        number += 1
        when[(when < 0) & _reaches(loss, buffer)] = number
    return Cascade(failed=when >= 0, failed_in_round=when, losses=loss, path=np.array(path), capital=buffer)


def _numbers(failed: int | Iterable[int] | NDArray[np.bool_], size: int) -> list[int]:
    several = isinstance(failed, Iterable) and not isinstance(failed, np.ndarray)
    given = np.atleast_1d(np.asarray(list(failed) if several else failed))  # type: ignore[arg-type]
    if given.dtype == np.bool_ and given.shape == (size,):
        return [int(i) for i in np.flatnonzero(given)]
    if given.size and (given.dtype.kind not in "iu" or given.ndim != 1):
        raise ValueError(f"failed: {failed!r}; numbers of firms, or True or False for each of {size}")
    numbers = [int(i) for i in given]
    unknown = [i for i in numbers if not 0 <= i < size]
    if unknown:
        raise ValueError(f"failed: firm {unknown[0]}; from 0 to {size - 1}")
    twice = [i for i in numbers if numbers.count(i) > 1]
    if twice:
        raise ValueError(f"failed: firm {twice[0]} twice; numbers of firms, each once; for flags give True and False")
    return numbers


def _reaches(loss: Array, capital: Array) -> NDArray[np.bool_]:
    reached: NDArray[np.bool_] = (loss > 0.0) & (loss >= capital * (1.0 - REACHED))
    return reached
