"""Texts such as "1.2 GW" or "8k to 30k", read into numbers with a unit."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from gigawatt.errors import shown
from gigawatt.units.algebra import converted, kind_of, parse_unit
from gigawatt.units.table import COUNTED, PLAIN, SCALES, Unit

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<money>(?:US)?\$)?\s*(?P<number>(?:[0-9]+(?:_[0-9]+|,[0-9]{3})*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(?P<rest>.*)"
)
_SCALED = re.compile(r"(k|K|thousand|mn|M|million|bn|B|G|billion|tn|T|trillion)(?![A-Za-z])\s*(.*)")
_LONGEST = 200  # characters; a longer text is no quantity


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in `unit`, with the ends of its 90 % interval when it is uncertain; `value` is the median."""

    value: float
    low: float | None = None
    high: float | None = None
    unit: str = ""
    shape: str = "fixed"  # fixed, lognormal or normal

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a text: a number with what stood after it."""

    number: float
    unit: str
    text: str


def parse_quantity(value: object, unit: str, name: str = "this") -> Quantity:
    """A number, or a text such as "1.2 GW", "$65/MWh", "9 %", "8k to 30k" or "1.4 T$", expressed in `unit`.

    A number without a unit is in `unit` already. `a to b` is a 90 % interval: lognormal with median
    sqrt(a b) when a > 0, else normal with the mean as its median. `name` is used in messages.

    Raises:
        ValueError: Not a finite number, an unknown unit, or a unit of another dimension.
    """
    if isinstance(value, Quantity):
        return value if value.unit == unit else _in_unit(value, unit, name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{shown(value)} is not a number or a text such as '1.2 {unit}'")
    if not isinstance(value, str):
        return Quantity(_finite(value, shown(value)), unit=unit)
    ends = [_end(part) for part in _parts(value)]
    if len(ends) == 1:
        return Quantity(_express(ends[0], unit, name), unit=unit)
    return _interval(ends[0], ends[1], unit, name)


def _parts(text: str) -> list[str]:
    if len(text) > _LONGEST:
        raise ValueError(f"{shown(text)} is too long for a quantity ({len(text):,} characters)")
    parts = re.split(r"\s+to\s+|(?<=\d)\s*\N{EN DASH}\s*(?=\d)", text.strip())
    if len(parts) > 2:
        raise ValueError(f"{shown(text)} has more than one 'to'; write an interval as '0.4 to 0.8'")
    return parts


def _end(text: str) -> _End:
    match = _NUMBER.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if not match:
        raise ValueError(_no_number(text))
    if match["rest"].startswith(","):
        raise ValueError(f"{shown(text)} has a decimal comma; write a point, as in 1.4")
    number = _finite(float(match["sign"] + match["number"].replace(",", "").replace("_", "")), shown(text))
    rest = match["rest"].strip()
    if match["money"]:
        rest = _with_money(rest)
    return _End(number, rest, text)


def _no_number(text: str) -> str:
    if re.fullmatch(r"[+-]?\s*\.?(nan|inf|infinity)\b.*", text.strip(), re.IGNORECASE):
        return f"{shown(text)} is not a finite number"
    return f"{shown(text)} does not start with a number; write one such as '1.2 GW' or '0.4 to 0.8'"


def _with_money(rest: str) -> str:
    """`$` moved behind its number: `$1.4 T` is 1.4 T$, `$65/MWh` is 65 $/MWh."""
    scaled = _SCALED.fullmatch(rest)
    scale, rest = scaled.groups() if scaled else ("", rest)
    return f"{scale} ${rest}" if not rest or rest[0] in "/-" or rest.startswith("per ") else f"{scale} $ {rest}"


def _finite(number: float, text: str) -> float:
    try:
        result = float(number)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise ValueError(f"{text} is not a finite number")
    return result


def _express(end: _End, unit: str, name: str) -> float:
    """The end of a text in `unit`; a bare scale ("8k", "1.4 T") or no unit at all is in `unit` already."""
    target, text = parse_unit(unit), shown(end.text).strip("'")
    bare = _bare_factor(end.unit, target)
    if bare is not None:
        return _finite(end.number * bare if bare >= 1 else end.number / (1 / bare), text)
    try:
        given = parse_unit(end.unit)
    except ValueError as error:
        raise ValueError(f"{text}: {error}; {name} wants {kind_of(target)}") from None
    if given.symbol in ("%", "percent") and target.factor > 1:
        raise ValueError(f"{text} is a share, {name} wants a number of {target.symbol}s")
    return _finite(converted(end.number, given, target, text, name), text)


def _bare_factor(text: str, target: Unit) -> float | None:
    """The factor of a text that names no unit; None when it names one."""
    if not text:
        return 1.0
    above = {base for base, power in target.dimension if power > 0}
    if text in SCALES and above <= {"money", *COUNTED}:
        return SCALES[text] / (target.factor if target.dimension == PLAIN else 1.0)
    rate = target.dimension == (("time", -1),)
    return 0.01 if text in ("%", "percent") and rate else None


def _interval(first: _End, last: _End, unit: str, name: str) -> Quantity:
    if _unclear(first.unit, last.unit):
        raise ValueError(f"'{first.text} to {last.text}' may mean two things; write both ends with scale and unit")
    low = _express(_End(first.number, first.unit or last.unit, first.text), unit, name)
    high = _express(last, unit, name)
    if low > high:
        raise ValueError(f"'{first.text} to {last.text}' runs backwards; write the smaller end first")
    if low == high:
        return Quantity(low, unit=unit)
    if low > 0:
        return Quantity(math.sqrt(low) * math.sqrt(high), low, high, unit, "lognormal")
    return Quantity(low / 2 + high / 2, low, high, unit, "normal")


def _unclear(first: str, last: str) -> bool:
    """Whether the ends leave open what they share: "8 to 30k" or "20 % to 60", but not "8 to 30 %"."""
    return (last in SCALES and first not in SCALES) or bool(first and not last)


def _in_unit(quantity: Quantity, unit: str, name: str) -> Quantity:
    """The same quantity in another unit."""
    given, to = parse_unit(quantity.unit), parse_unit(unit)

    def express(value: float | None) -> float | None:
        return None if value is None else converted(value, given, to, f"{value:g} {quantity.unit}", name)

    value = converted(quantity.value, given, to, f"{quantity.value:g} {quantity.unit}", name)
    return Quantity(value, express(quantity.low), express(quantity.high), unit, quantity.shape)
