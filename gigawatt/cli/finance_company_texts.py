"""Amounts, ratios and shares of companies as people read them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gigawatt.cli.output import width_there_is

Row = dict[str, Any]
WIDEST = 100  # characters of a line of prose
SHARES = ("revenue_growth", "ebitda_margin", "ffo_to_debt", "contracted_share", "customer_share", "chip_loan_to_value",
          "asset_loan_to_value", "cost_of_debt")  # fmt: skip
MOST_RATIO = 50.0  # a ratio beyond it is not told
LEAST_SHOWN = 0.05  # nothing, in one decimal
BN_FROM_USD = 2e11  # companies with amounts from here on are shown in bn


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit in which amounts are shown."""

    name: str
    usd: float
    decimals: int

    def text(self, usd: float) -> str:
        """An amount in the unit; a dash for nothing."""
        if math.isnan(usd):
            return ""
        shown = round(usd / self.usd, self.decimals)
        return "-" if shown == 0 else f"{shown:,.{self.decimals}f}"


def scale_of(largest_usd: float) -> Scale:
    """Millions, or billions for large companies."""
    return Scale("USD bn", 1e9, 1) if largest_usd >= BN_FROM_USD else Scale("USD m", 1e6, 0)


def metric_text(key: str, value: float, scale: Scale) -> str:
    """A metric as people read it: `-` for cover without interest, `<0` and `>50` where the size tells nothing."""
    if math.isnan(value):
        return "n.m."
    if key.endswith("_usd"):
        return scale.text(value)
    if key in SHARES:
        return f"{value * 100:.1f}" if math.isfinite(value) else "n.m."
    shown = f">{MOST_RATIO:.0f}" if value > MOST_RATIO else f"{value + 0.0:.1f}"
    if "cover" in key or key == "dscr":
        return "-" if value == math.inf else "<0" if value < -LEAST_SHOWN else shown.lstrip("-")
    return "cash" if value < 0 else shown if math.isfinite(value) else "n.m."


def right(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> list[Row]:
    """Rows of texts padded on the left to the width of their column, heads as well, so that numbers stand right."""
    widths = [max(len(head), *(len(row[n]) for row in cells)) for n, head in enumerate(heads)]
    padded = [head.rjust(width) for head, width in zip(heads, widths, strict=True)]
    return [dict(zip(padded, (t.rjust(w) for t, w in zip(row, widths, strict=True)), strict=True)) for row in cells]


def bn(usd: float) -> str:
    """An amount in a sentence: 26.9 bn, or 450 m below a billion."""
    if abs(usd) >= 0.9995e9:
        return f"{usd / 1e9:,.1f} bn"
    return f"{round(usd / 1e6) + 0:,.0f} m"


def say_wrapped(text: str) -> None:
    """Prose as wide as the line, at most `WIDEST`; words are never cut."""
    print(textwrap.fill(text, min(WIDEST, width_there_is(True)), break_long_words=False, break_on_hyphens=False))
