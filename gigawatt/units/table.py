"""Every unit known, with its dimension and factor; and what each dimension is called in a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gigawatt.units.constants import (
    HOURS_PER_DAY,
    MONTHS_PER_YEAR,
    QUARTERS_PER_YEAR,
    SECONDS_PER_HOUR,
    SECONDS_PER_WEEK,
    SECONDS_PER_YEAR,
)

Dimension = tuple[tuple[str, int], ...]  # base dimensions and their powers, by name; () is a plain number
PLAIN: Dimension = ()

SCALES: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("k", "K", "thousand"), 1e3)
    | dict.fromkeys(("M", "mn", "million"), 1e6)
    | dict.fromkeys(("B", "G", "bn", "billion"), 1e9)
    | dict.fromkeys(("T", "tn", "trillion"), 1e12)
)
_SI = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
COUNTED = {  # things that are counted: singular, plural and short forms
    "token": "token tokens tok", "query": "query queries", "user": "user users",
    "student": "student students", "wafer": "wafer wafers", "rack": "rack racks", "worker": "worker workers",
    "chip": "chip chips gpu gpus GPU GPUs accelerator accelerators",
    "H100e": "H100e h100e", "unit": "unit units", "parameter": "parameter parameters params",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its dimension, and how many base units of that dimension it holds."""

    symbol: str
    dimension: Dimension
    factor: float


def _table() -> dict[str, Unit]:
    """Every simple unit by symbol; bases are W, s, USD, g, B (byte), FLOP, l, m2 and one of each thing counted."""
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
    add(PLAIN, percent=0.01, million=1e6, CO2=1, CO2e=1)
    add_si((("power", 1),), "W", "kMGT")
    add_si((("power", 1),), "VA", "kMG")  # apparent power of transformers
    add_si(energy, "Wh", "kMGT", SECONDS_PER_HOUR)
    add_si(energy, "J", "kMGTPE")
    add(energy, MMBtu=1.05505585262e9)
    time: Dimension = (("time", 1),)
    add(time, s=1, sec=1, second=1, seconds=1, ms=1e-3, us=1e-6, µs=1e-6, ns=1e-9, min=60, minute=60, minutes=60)
    for seconds, symbols in (
        (SECONDS_PER_HOUR, "h hr hrs hour hours"),
        (SECONDS_PER_HOUR * HOURS_PER_DAY, "d day days"),
        (SECONDS_PER_WEEK, "week weeks wk"),
        (SECONDS_PER_YEAR / MONTHS_PER_YEAR, "month months"),
        (SECONDS_PER_YEAR / QUARTERS_PER_YEAR, "quarter quarters"),
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
    add((("area", 1),), m2=1, ha=1e4, km2=1e6)
    table["°C"] = Unit("°C", (("temperature", 1),), 1.0)
    table["log10 FLOP"] = Unit("log10 FLOP", (("log10 of compute", 1),), 1.0)
    for thing, symbols in COUNTED.items():
        add(((thing, 1),), **dict.fromkeys(symbols.split(), 1.0))
    for symbol in ("tokens", "tok", "H100e"):
        add_si(table[symbol].dimension, symbol, "kMGTP")
    return table


UNITS: Mapping[str, Unit] = MappingProxyType(_table())
KINDS: tuple[tuple[str, str], ...] = (  # a unit of each kind that has a name, and the name
    ("MW", "a power: W kW MW GW"), ("MWh", "an energy: J Wh kWh MWh GWh TWh"),
    ("USD", "an amount of money: $ USD k$ M$ bn$ T$"),
    ("s", "a time: ms s min h days weeks months quarters years"), ("1", "a plain number: 0.09, 9 % or 8k"),
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
