"""Units: conversion factors, the units of field names, and texts such as "1.2 GW" read at the edge.

Inside the package a number carries its unit in its name (`power_mw`); only here do texts become numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from gigawatt.errors import nearest, shown

HOURS_PER_DAY = 24
DAYS_PER_WEEK = 7
HOURS_PER_WEEK = 168
HOURS_PER_YEAR = 8760  # a year of 365 days, as the power industry counts it
WEEKS_PER_YEAR = 52  # weekly steps that make one year of the model
MONTHS_PER_YEAR = 12
SECONDS_PER_HOUR = 3600
SECONDS_PER_WEEK = SECONDS_PER_HOUR * HOURS_PER_WEEK
SECONDS_PER_YEAR = SECONDS_PER_HOUR * HOURS_PER_YEAR
KW_PER_MW = 1e3
KW_PER_GW = 1e6
MW_PER_GW = 1e3
W_PER_MW = 1e6
J_PER_KWH = 3.6e6
J_PER_MWH = 3.6e9
TOKENS_PER_MTOK = 1e6
TOKENS_PER_GTOK = 1e9

Dimension = tuple[tuple[str, int], ...]  # base dimensions and their powers, by name; () is a plain number
PLAIN: Dimension = ()

SCALES: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("k", "K", "thousand"), 1e3)
    | dict.fromkeys(("M", "mn", "million"), 1e6)
    | dict.fromkeys(("B", "G", "bn", "billion"), 1e9)
    | dict.fromkeys(("T", "tn", "trillion"), 1e12)
)
_SI = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
_COUNTED = {  # things that are counted: singular, plural and short forms
    "token": "token tokens tok", "query": "query queries", "user": "user users",
    "student": "student students", "wafer": "wafer wafers", "chip": "chip chips gpu gpus GPU GPUs accelerator accelerators",
    "H100e": "H100e h100e", "unit": "unit units", "parameter": "parameter parameters params", "rack": "rack racks",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its dimension, and how many base units of that dimension it holds."""

    symbol: str
    dimension: Dimension
    factor: float


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


def _table() -> dict[str, Unit]:
    """Every simple unit by symbol; bases are W, s, USD, g, B (byte), FLOP, l and one of each thing counted."""
    table: dict[str, Unit] = {}

    def add(dimension: Dimension, **factors: float) -> None:
        for symbol, factor in factors.items():
            table[symbol] = Unit(symbol, dimension, factor)

    def add_si(dimension: Dimension, symbol: str, prefixes: str, factor: float = 1.0) -> None:
        for prefix in ("", *prefixes):
            table[prefix + symbol] = Unit(prefix + symbol, dimension, _SI[prefix] * factor)

    energy: Dimension = (("power", 1), ("time", 1))
    for symbol in ("", "1", "ratio", "share", "count", "number"):
        table[symbol] = Unit(symbol, PLAIN, 1.0)
    table["%"] = Unit("%", PLAIN, 0.01)
    add(PLAIN, percent=0.01, million=1e6)
    add_si((("power", 1),), "W", "kMGT")
    add_si(energy, "Wh", "kMGT", SECONDS_PER_HOUR)
    add_si(energy, "J", "kMGTPE")
    time: Dimension = (("time", 1),)
    add(time, s=1, sec=1, second=1, seconds=1, ms=1e-3, us=1e-6, µs=1e-6, ns=1e-9, min=60, minute=60, minutes=60)
    for seconds, symbols in (
        (SECONDS_PER_HOUR, "h hr hrs hour hours"),
        (SECONDS_PER_HOUR * HOURS_PER_DAY, "d day days"),
        (SECONDS_PER_WEEK, "week weeks wk"),
        (SECONDS_PER_YEAR / MONTHS_PER_YEAR, "month months"),
        (SECONDS_PER_YEAR, "year years yr yrs"),
    ):
        add(time, **dict.fromkeys(symbols.split(), float(seconds)))
    table |= {symbol: Unit(symbol, (("money", 1),), 1.0) for symbol in ("USD", "$", "US$", "usd", "dollars")}
    for suffix in ("", "CO2", "CO2e"):
        add((("mass", 1),), **{"g" + suffix: 1.0, "kg" + suffix: 1e3})
        add_si((("mass", 1),), "t" + suffix, "kMG", 1e6)
    add((("data", 1),), byte=1, bytes=1, bit=1 / 8, bits=1 / 8, Gbit=1e9 / 8, Tbit=1e12 / 8)
    add((("data", 1),), KB=1e3, kB=1e3, MB=1e6, GB=1e9, TB=1e12, PB=1e15, EB=1e18, GiB=2.0**30, TiB=2.0**40)
    add_si((("compute", 1),), "FLOP", "kMGTPEZY")
    add_si((("compute", 1), ("time", -1)), "FLOPS", "kMGTPEZY")
    add((("volume", 1),), l=1, L=1, litre=1, litres=1, m3=1e3, ML=1e6, Ml=1e6)
    table["°C"] = Unit("°C", (("temperature", 1),), 1.0)
    table["log10 FLOP"] = Unit("log10 FLOP", (("log10 of compute", 1),), 1.0)
    for thing, symbols in _COUNTED.items():
        add(((thing, 1),), **dict.fromkeys(symbols.split(), 1.0))
    for symbol in ("tokens", "tok", "H100e"):
        add_si(table[symbol].dimension, symbol, "kMGTP")
    return table


UNITS: Mapping[str, Unit] = MappingProxyType(_table())
_KINDS: tuple[tuple[str, str], ...] = (  # a unit of each kind that has a name, and the name
    ("MW", "a power: W kW MW GW"), ("MWh", "an energy: J Wh kWh MWh GWh TWh"), ("USD", "an amount of money: $ USD k$ M$ bn$ T$"),
    ("s", "a time: ms s min h days weeks months years"), ("1", "a plain number: 0.09, 9 % or 8k"),
    ("USD/MWh", "a price of energy: $/MWh $/kWh"), ("USD/kW", "a cost of power: $/W $/kW $/MW bn$/GW"),
    ("USD/kW/year", "a yearly cost of power: $/kW/year"), ("USD/year", "money over time: $/year $/month bn$/year"),
    ("g", "a mass: g kg t Mt"), ("g/kWh", "a carbon intensity: g/kWh t/MWh"), ("GB", "an amount of data: GB TB"),
    ("GB/s", "a data rate: GB/s TB/s Gbit/s"), ("FLOP", "an amount of computing: FLOP TFLOP"),
    ("FLOP/s", "a computing speed: FLOP/s TFLOP/s PFLOP/s"), ("MW/week", "a power over time: MW/week GW/year"),
    ("1/year", "a rate over time: 9 %/year, 0.09/year"), ("tokens", "a number of tokens: tokens Mtok"),
    ("USD/Mtok", "a price of tokens: $/Mtok $/ktok"), ("H100e", "a number of H100 equivalents: H100e MH100e"),
    ("USD/H100e/h", "a price of computing: $/H100e/h"), ("l/kWh", "water for energy: l/kWh"), ("l", "a volume: l m3"),
    ("J/query", "an energy of a query: J/query Wh/query"), ("tokens/s", "a speed in tokens: tokens/s"),
)  # fmt: skip
_WORDS = {  # the words of field names and their units, where word and symbol differ
    "w": "W", "kw": "kW", "mw": "MW", "gw": "GW", "tw": "TW", "wh": "Wh", "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "twh": "TWh",
    "j": "J", "usd": "USD", "gb": "GB", "tb": "TB", "pb": "PB", "gbit": "Gbit", "flop": "FLOP", "tflop": "TFLOP", "pflop": "PFLOP",
    "m": "million", "mtok": "Mtok", "gtokens": "Gtokens", "mtokens": "Mtokens", "h100e": "H100e", "c": "°C",
}  # fmt: skip
_PLAIN_WORDS = frozenset(
    "s ms us h hour hours day days week weeks month months year years g kg t l percent".split()
    + " ".join(_COUNTED.values()).lower().split()
)


def unit_of(field: str) -> str:
    """The unit that the suffix of a field name states: `price_usd_per_mwh` is in `USD/MWh`; none is `1`.

    In a dotted path the last part that has a unit decides: `fleet_h100e.nvidia` is in `H100e`.
    """
    for part in reversed(field.split(".")):
        if (unit := _unit_of_name(part)) != "1":
            return unit
    return "1"


@lru_cache(maxsize=4096)
def _unit_of_name(name: str) -> str:
    if name.endswith("log10_flop"):
        return "log10 FLOP"
    head, *below = name.replace("_co2", "").split("_per_")
    over = _symbol(head.rsplit("_", 1)[-1])
    under = [_symbol(word) for part in below for word in part.split("_")]
    if None in under or (over is None and not below):
        return "1"
    return "/".join([over or "1", *(symbol for symbol in under if symbol)])


def _symbol(word: str) -> str | None:
    return _WORDS.get(word) or (word if word in _PLAIN_WORDS else None)


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit of a text such as `MW`, `$/MWh`, `USD per kW-year`, `bn$` or `GW/week`.

    Raises:
        ValueError: Some part is not a unit; the text names the nearest one.
    """
    symbol = " ".join(text.split())
    if symbol in UNITS:
        return UNITS[symbol]
    over, *under = re.sub(r"\bper\b", "/", symbol).split("/")
    over = over.strip() or "1"
    powers: dict[str, int] = {}
    factor = 1.0
    for sign, part in [(1, over), *((-1, part) for part in under)]:
        for atom in _atoms(part):
            factor *= atom.factor**sign
            for base, power in atom.dimension:
                powers[base] = powers.get(base, 0) + sign * power
    return Unit(symbol, tuple(sorted((base, power) for base, power in powers.items() if power)), factor)


def _atoms(part: str) -> list[Unit]:
    return [_atom(word) for word in re.split(r"[\s*·()-]+", part.strip(" ()"))]


def _atom(word: str) -> Unit:
    """One simple unit with its scale: `kW`, `bn$`, `M`, `1000`."""
    if not word:
        raise ValueError("a unit is missing beside '/'")
    if word in UNITS:
        return UNITS[word]
    if word in SCALES:
        return Unit(word, PLAIN, SCALES[word])
    if re.fullmatch(r"\d{1,15}", word) and int(word):
        return Unit(word, PLAIN, float(word))
    scale = re.match(r"\d{0,15}(k|K|mn|M|bn|B|T|G)(?=.)", word)
    if scale and (unit := UNITS.get(word[scale.end() :])) and unit.dimension not in (PLAIN, UNITS["s"].dimension):
        count = float(scale[0][: -len(scale[1])] or 1)
        return Unit(word, unit.dimension, count * SCALES[scale[1]] * unit.factor)
    likely = nearest(word, [symbol for symbol in UNITS if min(2, len(word)) <= len(symbol)])
    raise ValueError(f"unknown unit {shown(word)}" + (f"; did you mean {likely}?" if likely else ""))


def convert(value: float, unit: str, to: str) -> float:
    """`value` in `unit`, expressed in `to`; both must have one dimension."""
    return _converted(value, parse_unit(unit), parse_unit(to), f"{value:g} {unit}", "this")


def compatible(unit: str, other: str) -> bool:
    """Whether values of the one unit can be expressed in the other."""
    return _fits(parse_unit(unit).dimension, parse_unit(other).dimension)


def _fits(one: Dimension, other: Dimension) -> bool:
    """Equal, or equal once the things counted above the line are left out: `tokens/s` fits `1/s`."""
    if one == other:
        return True
    uncounted = [tuple(pair for pair in dimension if not _counts(pair)) for dimension in (one, other)]
    return uncounted[0] == uncounted[1] and (uncounted[0] == one or uncounted[1] == other)


def _counts(pair: tuple[str, int]) -> bool:
    return pair[0] in _COUNTED and pair[1] > 0


def _converted(value: float, unit: Unit, to: Unit, text: str, name: str) -> float:
    if not _fits(unit.dimension, to.dimension):
        raise ValueError(f"{text} is {_kind(unit).split(':')[0]}, {name} wants {_kind(to)}")
    ratio = unit.factor / to.factor
    # Division by a whole ratio rounds once, where multiplication by its inverse rounds twice: 35 % is 0.35.
    return value * ratio if ratio >= 1 else value / (to.factor / unit.factor)


def _kind(unit: Unit) -> str:
    """What a unit measures, with the units that would do: "a power: W kW MW GW"."""
    for symbol, kind in _KINDS:
        if parse_unit(symbol).dimension == unit.dimension:
            return kind
    return f"a quantity in {unit.symbol}"


# --- Texts to quantities ---

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<money>(?:US)?\$)?\s*(?P<number>(?:[0-9]+(?:_[0-9]+|,[0-9]{3})*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(?P<rest>.*)"
)
_SCALED = re.compile(r"(k|K|thousand|mn|M|million|bn|B|G|billion|tn|T|trillion)(?![A-Za-z])\s*(.*)")
_LONGEST = 200  # characters; a longer text is no quantity


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
        raise ValueError(f"{text}: {error}; {name} wants {_kind(target)}") from None
    if given.symbol in ("%", "percent") and target.factor != 1:
        raise ValueError(f"{text} is a share, {name} wants a number of {target.symbol}s")
    return _finite(_converted(end.number, given, target, text, name), text)


def _bare_factor(text: str, target: Unit) -> float | None:
    """The factor of a text that names no unit; None when it names one."""
    if not text:
        return 1.0
    above = {base for base, power in target.dimension if power > 0}
    if text in SCALES and above <= {"money", *_COUNTED}:
        return SCALES[text] / (target.factor if target.dimension == PLAIN else 1.0)
    rate = target.dimension == (("time", -1),)
    return 0.01 if text in ("%", "percent") and rate else None


def _interval(first: _End, last: _End, unit: str, name: str) -> Quantity:
    if not first.unit and last.unit in SCALES:
        raise ValueError(
            f"'{first.text} to {last.text}' may mean two things; write '{first.text} {last.unit} to {last.text}'"
            f" or give both numbers in full"
        )
    low = _express(_End(first.number, first.unit or last.unit, first.text), unit, name)
    high = _express(last, unit, name)
    if low > high:
        raise ValueError(f"'{first.text} to {last.text}' runs backwards; write the smaller end first")
    if low == high:
        return Quantity(low, unit=unit)
    if low > 0:
        return Quantity(math.sqrt(low) * math.sqrt(high), low, high, unit, "lognormal")
    return Quantity(low / 2 + high / 2, low, high, unit, "normal")


def _in_unit(quantity: Quantity, unit: str, name: str) -> Quantity:
    """The same quantity in another unit."""
    given, to = parse_unit(quantity.unit), parse_unit(unit)

    def express(value: float | None) -> float | None:
        return None if value is None else _converted(value, given, to, f"{value:g} {quantity.unit}", name)

    value = _converted(quantity.value, given, to, f"{quantity.value:g} {quantity.unit}", name)
    return Quantity(value, express(quantity.low), express(quantity.high), unit, quantity.shape)


# --- Numbers to texts ---

_LADDERS: tuple[tuple[str, tuple[str, ...]], ...] = (  # units that a reader expects to see scaled
    ("MW", ("W", "kW", "MW", "GW", "TW")), ("MWh", ("Wh", "kWh", "MWh", "GWh", "TWh")), ("GB", ("byte", "kB", "MB", "GB", "TB", "PB", "EB")),
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
    if given.dimension == PLAIN:
        return _scaled(value * given.factor)
    counted = any(_counts(pair) for pair in given.dimension)
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
