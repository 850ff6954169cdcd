"""Numbers with a unit, written for people: "1.2 GW", "$1.4 T"."""

from __future__ import annotations

import math

from gigawatt.units.algebra import counts, parse_unit
from gigawatt.units.table import PLAIN

_LADDERS: tuple[tuple[str, tuple[str, ...]], ...] = (  # units that a reader expects to see scaled
    ("MW", ("W", "kW", "MW", "GW", "TW")), ("MWh", ("Wh", "kWh", "MWh", "GWh", "TWh")),
    ("GB", ("byte", "kB", "MB", "GB", "TB", "PB", "EB")),
    ("FLOP/s", ("FLOP/s", "GFLOP/s", "TFLOP/s", "PFLOP/s", "EFLOP/s", "ZFLOP/s")), ("MW/week", ("MW/week", "GW/week")),
    ("GB/s", ("GB/s", "TB/s", "PB/s")), ("s", ("ns", "us", "ms", "s")),
)  # fmt: skip
_BIG = (("T", 1e12), ("bn", 1e9), ("M", 1e6), ("k", 1e3))


def format_quantity(value: float, unit: str) -> str:
    """A value for people, with three digits that count: "1.2 GW", "$1.4 T", "$65/MWh", "9 %"."""
    if not math.isfinite(value):
        return "n/a"
    given = parse_unit(unit)
    if unit in ("%", "percent"):
        return f"{_digits(value)} %"
    for anchor, ladder in _LADDERS:
        if given.dimension == parse_unit(anchor).dimension and not (anchor == "s" and given.factor > 1):
            return _on_ladder(value * given.factor, ladder)
    if unit.startswith("USD"):
        sign = "-" if value < 0 else ""
        scaled = _scaled(abs(value), spell_thousands=True)
        return f"{sign}${scaled}{unit[3:]}"
    if given.dimension == PLAIN and not ("/" in unit and given.factor != 1):  # 7.6 MMBtu/MWh stays a heat rate
        return _scaled(value * given.factor)
    counted = any(counts(pair) for pair in given.dimension)
    return f"{_scaled(value) if counted else _digits(value)} {unit}"


def _on_ladder(base_value: float, ladder: tuple[str, ...]) -> str:
    best = ladder[0]
    for symbol in ladder:
        if abs(base_value) >= 0.9995 * parse_unit(symbol).factor:
            best = symbol
    if base_value == 0:
        best = ladder[len(ladder) // 2]
    return f"{_digits(base_value / parse_unit(best).factor)} {best}"


def _scaled(value: float, spell_thousands: bool = False) -> str:
    for letter, factor in _BIG:
        if abs(value) >= 0.9995 * factor and not (spell_thousands and letter == "k"):
            return f"{_digits(value / factor)} {letter}"
    return _digits(value)


def _digits(value: float) -> str:
    """Three digits that count, no exponent between 0.001 and a million, thousands set apart."""
    if value == 0:
        return "0"
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    if abs(value) < 1e-4:
        return f"{value:.2e}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
