"""Numbers as the report writes them: three significant digits, the unit always, SI magnitudes."""

from __future__ import annotations

import math
from dataclasses import dataclass

MINUS = "\u2212"

MAGNITUDES: dict[str, tuple[tuple[float, str], ...]] = {
    "MW": ((1, "MW"), (1e3, "GW"), (1e6, "TW")),
    "USD": ((1, "$"), (1e3, "$k"), (1e6, "$m"), (1e9, "$bn"), (1e12, "$tn")),
    "H100e": ((1, "H100e"), (1e3, "k H100e"), (1e6, "M H100e"), (1e9, "G H100e")),
    "Gtokens": ((1, "G tokens"), (1e3, "T tokens"), (1e6, "P tokens"), (1e9, "E tokens")),
    "GB/week": ((1, "GB/week"), (1e3, "TB/week"), (1e6, "PB/week"), (1e9, "EB/week")),
    "wafers/week": ((1, "wafers/week"), (1e3, "k wafers/week"), (1e6, "M wafers/week")),
    "MW/week": ((1, "MW/week"), (1e3, "GW/week")),
    "million": ((1, "million"), (1e3, "billion")),
}
"""Names of the magnitudes of a unit, smallest first, with how many of the unit each stands for."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How an axis shows a unit: divide by `size`, write `unit`."""

    size: float
    unit: str


def scale_of(peak: float, unit: str) -> Scale:
    """The largest magnitude of `unit` that is not above `peak`; units without magnitudes stay as they are."""
    magnitudes = MAGNITUDES.get(unit, ((1.0, unit),))
    fitting = [(size, name) for size, name in magnitudes if abs(peak) >= size] if math.isfinite(peak) else []
    return Scale(*(fitting[-1] if fitting else magnitudes[0]))


def three(value: float) -> str:
    """`value` with three significant digits: 1234.5 -> "1,230", 0.01234 -> "0.0123", a missing one "n/a"."""
    if not math.isfinite(value):
        return "n/a"
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    if abs(rounded) < 1e-4 or abs(rounded) >= 1e9:
        return f"{value:.3g}"
    if abs(rounded) >= 100:
        return _minus(f"{rounded:,.0f}")
    return _minus(f"{rounded:.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}")


def _minus(text: str) -> str:
    """The text with a true minus sign."""
    return text.replace("-", MINUS)


def with_unit(value: float, unit: str) -> str:
    """`value` in front of `unit`; a unit that starts with $ lends its sign to the front: "$1.20 bn"."""
    if not unit.startswith("$"):
        return f"{three(value)} {unit}".rstrip()
    rest = unit[1:]
    gap = " " if rest and not rest.startswith("/") else ""
    sign = MINUS if value < 0 else ""
    return f"{sign}${three(abs(value))}{gap}{rest}"


def say(value: float, unit: str) -> str:
    """`value` in `unit` for people, with the magnitude that suits it: say(1234, "MW") is "1.23 GW"."""
    scale = scale_of(value, unit)
    return with_unit(value / scale.size, scale.unit)


def percent(share: float) -> str:
    """A share as per cent: 0.1234 -> "12.3 %"."""
    return f"{three(100 * share)} %"


def significant(value: float, digits: int = 5) -> float | None:
    """`value` rounded for a chart's data, None where it is missing (JSON has no NaN)."""
    value = float(value)
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None
