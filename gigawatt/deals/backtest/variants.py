"""The stop test with one assumption changed at a time, and with other firms or another end counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.backtest.draws import Draws
from gigawatt.deals.backtest.inputs import ASSUMPTIONS, FIELDS, Array, Inputs, kind
from gigawatt.deals.backtest.outcomes import outcome
from gigawatt.deals.backtest.result import VariantRow
from gigawatt.deals.backtest.scores import auc
from gigawatt.deals.backtest.stop import Stop, lines_by_carrier, stop
from gigawatt.units import QUARTERS_PER_YEAR

# What is changed: some assumptions (name -> value), or quarters of the shutdown.
CHANGES: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "withdrawn": ("vendors withdraw what is not drawn", {"vendor_lines_kept": 0.0}),
    "flat": ("EBITDA stays as it was", {"trend_kept": 0.0}),
    "full trend": ("last year's change of EBITDA is repeated every year", {"trend_kept": 1.0}),
    "no cut": ("capital spending goes on", {"kept_at_first": 1.0, "kept_in_second": 1.0, "kept_later": 1.0}),
    "deep cut": (
        "capital spending is cut by twice as much in the first year and to upkeep in the second",
        {"kept_at_first": 0.5, "kept_in_second": 0.3, "kept_later": 0.3},
    ),
}
# How far figures are moved to the end of their range that speaks against the test: 1 is all the way.
TILTS: Mapping[str, float] = {"half tilted": 0.5, "tilted": 1.0}
GOOD_IF_HIGH = ("cash_usd", "committed_usd", "ebitda_usd")
GOOD_IF_LOW = ("capex_usd", "interest_usd", "due_first_usd", "due_second_usd", "due_third_usd")
Marks = NDArray[np.bool_]


def run(inputs: Inputs, drawn: Draws, quarters: int) -> Stop:
    """The test for all draws."""
    return stop(drawn.carrier, lines_by_carrier(inputs, drawn.loan[:, 1]), drawn.assumption, quarters)


def variants(inputs: Inputs, drawn: Draws, quarters: int, failed: Marks) -> tuple[VariantRow, ...]:
    """Each variant with central values; `failed` is who defaulted by the end of 2002."""
    central = Draws(
        carrier=drawn.carrier[:1], vendor=drawn.vendor[:1], loan=drawn.loan[:1], assumption=drawn.assumption[:1]
    )
    everybody = np.ones(len(failed), dtype=np.bool_)
    base = run(inputs, central, quarters)
    found = [_row("as stated", "the test as it is", base, failed, everybody)]
    for name, (what, change) in CHANGES.items():
        found.append(_row(name, what, run(inputs, changed(central, change), quarters), failed, everybody))
    for count in range(QUARTERS_PER_YEAR, inputs.quarters + 1, QUARTERS_PER_YEAR):
        if count != quarters:
            what = f"markets shut for {count} quarters"
            found.append(_row(f"{count} quarters", what, run(inputs, central, count), failed, everybody))
    for name, tilt in TILTS.items():
        what = f"figures moved {tilt:.0%} of the way to the end of their range that speaks against the test"
        tilted = run(inputs, _tilted(inputs, central, failed, tilt), quarters)
        found.append(_row(name, what, tilted, failed, everybody))
    for name, (what, kept, defaulted) in _other_counts(inputs, central, failed).items():
        found.append(_row(name, what, base, defaulted, kept))
    return tuple(found)


def changed(drawn: Draws, change: Mapping[str, float]) -> Draws:
    """The same draws with some assumptions set to one value."""
    assumption = drawn.assumption.copy()
    for name, value in change.items():
        assumption[:, ASSUMPTIONS.index(name)] = value
    return Draws(carrier=drawn.carrier, vendor=drawn.vendor, loan=drawn.loan, assumption=assumption)


def _tilted(inputs: Inputs, drawn: Draws, failed: Marks, tilt: float) -> Draws:
    """The worst that memory coloured by hindsight could have done within the ranges: central values of defaulters
    moved to the good end, those of others to the bad end."""
    carrier, loan, known = drawn.carrier.copy(), drawn.loan.copy(), inputs.carrier
    for row, field in enumerate(FIELDS):
        if field in GOOD_IF_HIGH or field in GOOD_IF_LOW:
            good, bad = (known.high, known.low) if field in GOOD_IF_HIGH else (known.low, known.high)
            end = np.where(failed, good[row], bad[row])
            carrier[0, row] += tilt * (end - carrier[0, row])
    end = np.where(failed[inputs.loan_carrier], inputs.loan.high[1], inputs.loan.low[1])
    loan[0, 1] += tilt * (end - loan[0, 1])
    return Draws(carrier=carrier, vendor=drawn.vendor, loan=loan, assumption=drawn.assumption)


def _other_counts(inputs: Inputs, central: Draws, failed: Marks) -> dict[str, tuple[str, Marks, Marks]]:
    """Other firms or another end: what it is, who is kept, who counts as defaulted."""
    names = inputs.carriers
    borrowers = np.bincount(inputs.loan_carrier, central.loan[0].sum(axis=0), len(names)) > 0.0
    debt: Array = central.carrier[0, FIELDS.index("debt_usd")]
    small = debt < np.median(debt)
    later = failed | _marks(names, lambda name: outcome(name).later is not None)
    free = _marks(names, lambda name: outcome(name).taken_over is None)
    everybody = np.ones(len(names), dtype=np.bool_)
    return {
        "vendors' borrowers": ("only carriers with a loan or line of a maker", borrowers, failed),
        "not taken over": ("without carriers that a stronger one bought", free, failed),
        "no incumbents": ("without incumbents", _marks(names, lambda name: kind(name) != "incumbent"), failed),
        "less debt": ("only carriers with less than the median debt", small, failed),
        "more debt": ("only carriers with the median debt or more", ~small, failed),
        "to 2004": ("defaults of 2003 and 2004 counted too", everybody, later),
    }


def _marks(names: tuple[str, ...], test: Callable[[str], bool]) -> Marks:
    return np.array([test(name) for name in names])


def _row(name: str, what: str, test: Stop, failed: Marks, kept: Marks) -> VariantRow:
    gap = test.failed[0]
    return VariantRow(
        name=name,
        what=what,
        auc=auc(test.distress[0, kept], failed[kept]),
        carriers=int(kept.sum()),
        defaults=int(failed[kept].sum()),
        gaps_right=int((gap & failed & kept).sum()),
        gaps_wrong=int((gap & ~failed & kept).sum()),
    )
