"""The liquidity stop test: markets shut for some quarters, who runs out of cash in which.

Each quarter a carrier gets a quarter of the year's EBITDA and what vendors still lend for equipment, and pays interest,
principal that falls due and capital spending. It starts with its cash and what banks and owners have signed. EBITDA
repeats a fading part of last year's change; capital spending falls along a stated path. Nothing is refinanced, and
interest on what vendors lend on the way is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.backtest.inputs import ASSUMPTIONS, FIELDS, Array, Inputs
from gigawatt.units import QUARTERS_PER_YEAR

SOON = 0.01  # quarters: a firm that cannot pay at once
LONGEST = 12  # quarters for which principal due is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Who runs out and when; arrays have shape (draws, carriers)."""

    quarters: int  # for which markets are shut
    gap: Array  # quarters until cash and lines are used up, with a part of a quarter; inf: not while markets are shut
    need: Array  # the largest net outflow so far over what there was at the start, 0 to 1
    drawn_usd: Array  # what vendors lent on the way, until the gap or the end
    liquid_usd: Array  # cash and signed lines left at the end of each quarter, shape (draws, carriers, quarters)

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Whether a firm runs out while markets are shut."""
        return np.isfinite(self.gap)

    @property
    def distress(self) -> Array:
        """One number by which to rank, larger for worse: 1 / quarters to the gap.

        Without a gap it is (share of liquidity that was needed) / quarters, so the two meet where a firm just lasts.
        """
        return np.where(self.failed, 1.0 / np.maximum(self.gap, SOON), self.need / self.quarters)


def stop(carrier: Array, lines_usd: Array, assumption: Array, quarters: int) -> Stop:
    """The test for each draw.

    Args:
        carrier: FIELDS of the carriers, shape (draws, fields, carriers).
        lines_usd: Vendors' lines that are not drawn, shape (draws, carriers).
        assumption: ASSUMPTIONS, shape (draws, at least five).
        quarters: For which markets are shut, 1 to 12.

    Raises:
        ValueError: Too many quarters, or none.
    """
    if not 1 <= quarters <= LONGEST:
        raise ValueError(f"quarters: {quarters}; from 1 to {LONGEST}, since principal due is known for three years")
    field = dict(zip(FIELDS, np.moveaxis(carrier, 1, 0), strict=True))
    term = dict(zip(ASSUMPTIONS, assumption.T[:, :, np.newaxis], strict=False))
    start = field["cash_usd"] + field["committed_usd"]
    liquid, line = start.copy(), lines_usd * term["vendor_lines_kept"]
    gap, drawn = np.full(liquid.shape, np.inf), np.zeros_like(liquid)
    path = np.empty((*liquid.shape, quarters))
    for quarter in range(quarters):
        of_year = yearly(field, term, quarter // QUARTERS_PER_YEAR)
        earned, interest, due, capex = (usd / QUARTERS_PER_YEAR for usd in of_year)
        lent = np.minimum(line, capex)
        before, liquid = liquid, liquid + earned - interest - due - capex + lent
        alive = np.isinf(gap)
        # Cash is spent evenly within a quarter: the part of it that was still paid for.
        part = np.divide(before, before - liquid, out=np.zeros_like(liquid), where=before > liquid)
        gap = np.where(alive & (liquid < 0.0), quarter + np.clip(part, 0.0, 1.0), gap)
        drawn += np.where(alive, lent, 0.0)
        line = line - lent
        path[:, :, quarter] = liquid
    worst = start - path.min(axis=2)
    needed = np.clip(worst, 0.0, start)
    need = np.divide(needed, start, out=(worst > 0.0).astype(np.float64), where=start > 0.0)
    return Stop(quarters=quarters, gap=gap, need=need, drawn_usd=drawn, liquid_usd=path)


def yearly(field: dict[str, Array], term: dict[str, Array], year: int) -> tuple[Array, Array, Array, Array]:
    """EBITDA, interest, principal due and capital spending of a year after the freeze, in USD; year 0 is the first."""
    kept = term["trend_kept"]
    change = (field["ebitda_usd"] - field["before_ebitda_usd"]) * sum(kept**k for k in range(1, year + 2))
    due = field[("due_first_usd", "due_second_usd", "due_third_usd")[year]]
    share = term[("kept_at_first", "kept_in_second", "kept_later")[year]]
    return field["ebitda_usd"] + change, field["interest_usd"], due, field["capex_usd"] * share


def lines_by_carrier(inputs: Inputs, undrawn_usd: Array) -> Array:
    """Vendors' undrawn lines of each carrier, in USD, shape (draws, carriers), from those of each loan."""
    out = np.zeros((len(undrawn_usd), len(inputs.carriers)))
    np.add.at(out.T, inputs.loan_carrier, undrawn_usd.T)
    return out
