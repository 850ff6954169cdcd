"""The programme that the options ask for, within bounds, and in words what they change of the catalog's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gigawatt.cli.finance_programme_words import usd
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.programmes.programme import Programme

PRESET = "openai-1.4tn"
MOST_GROWTH = 3.0  # a year; more is a percentage without its sign
Read = TypeVar("Read")
COST_PARTS = ("chips_usd_per_gw", "facility_usd_per_gw", "power_usd_per_gw")
NOT_TOLD = ("name", "title", "about", "citation", "sources", "doubts", "fixed_growth", *COST_PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for, as texts."""

    preset: str | None = None
    file: Path | None = None
    cost_per_gw: str | None = None
    chip_life: str | None = None
    revenue_growth: str | None = None
    utilisation: str | None = None
    years: int | None = None


def asked(options: Options) -> tuple[Programme, Programme]:
    """The programme of the catalog that is the base, and the one that is asked for.

    Raises:
        GigawattError: A value out of its bounds, or a preset and a file at once.
    """
    from gigawatt.cli.finance_programme_file import read_with_base
    from gigawatt.finance.programmes.presets import programme

    if options.file is not None and options.preset is not None:
        why = "the file names its own base; write 'base: " + options.preset + "' in it"
        raise GigawattError(f"--preset {options.preset} and --file {options.file} contradict each other: {why}")
    if options.file is not None:
        base, found = read_with_base(options.file)
    else:
        base = found = _named("preset", options.preset or PRESET, programme)
    return base, _changed(found, options)


def _named(option: str, text: str, reader: Callable[[str], Read]) -> Read:
    """What a name of the catalog stands for; GigawattError with the option's name where it is unknown."""
    try:
        return reader(text)
    except ValueError as error:
        raise GigawattError(f"--{option} {text}: {error}") from None


def _quantity(text: str, unit: str, option: str) -> float:
    """The number of an option in its unit; GigawattError with the option's name where the text holds none."""
    from gigawatt.units import parse_quantity

    try:
        return float(parse_quantity(text, unit, option).value)
    except ValueError as error:
        raise GigawattError(f"{option} {text}: {error}") from None


def _changed(found: Programme, options: Options) -> Programme:
    from gigawatt.finance.programmes.answers import with_cost, with_growth

    if options.cost_per_gw is not None:
        found = with_cost(found, _cost(options.cost_per_gw))
    if options.chip_life is not None:
        found = replace(found, chip_life_years=_chip_life(options.chip_life))
    if options.revenue_growth is not None:
        found = with_growth(found, _growth(options.revenue_growth))
    if options.utilisation is not None:
        found = replace(found, utilisation=_utilisation(options.utilisation))
    if options.years is not None:
        if not 1 <= options.years <= 30:
            raise GigawattError(f"--years {options.years}: from 1 to 30")
        found = replace(found, years=options.years)
    return found


def _chip_life(text: str) -> float:
    from gigawatt.finance.programmes.programme import LONGEST_CHIP_LIFE

    years = _quantity(text, "years", "--chip-life")
    if not 0.5 <= years <= LONGEST_CHIP_LIFE:
        raise GigawattError(f"--chip-life {text}: from 0.5 to {LONGEST_CHIP_LIFE:g} years, such as '4 years'")
    return float(years)


def _growth(text: str) -> float:
    growth = _quantity(text, "1", "--revenue-growth")
    if not -0.9 <= growth <= MOST_GROWTH:
        hint = _hint(text, growth, MOST_GROWTH)
        raise GigawattError(f"--revenue-growth {text}: {growth:,.0%} a year; from -90% to {MOST_GROWTH:.0%}{hint}")
    return float(growth)


def _utilisation(text: str) -> float:
    share = _quantity(text, "1", "--utilisation")
    if not 0 < share <= 1:
        raise GigawattError(f"--utilisation {text}: {share:,.0%}; above 0 and at most 100%{_hint(text, share, 1.0)}")
    return float(share)


def _hint(text: str, given: float, most: float) -> str:
    """How to write a percentage that came without its sign."""
    return f"; for {given:g} % write '{given:g} %'" if "%" not in text and most < given <= 100 * most else ""


def _cost(text: str) -> float:
    """USD per GW of a text such as 50B$, 50 B$/GW, or the name of a published cost."""
    from gigawatt.finance.programmes.presets import published_cost

    if text[:1].isalpha():
        return float(_named("cost-per-gw", text, published_cost).value)
    found = _quantity(text, "USD/GW" if "/" in text or "per" in text else "USD", "--cost-per-gw")
    if not 1e9 <= found <= 1e12:
        raise GigawattError(f"--cost-per-gw {text}: {found:,.4g} USD a GW; from 1 to 1,000 bn, such as 50B$")
    return float(found)


def changes(base: Programme, found: Programme) -> str:
    """What of the base is different, in words; empty where nothing is."""
    return "; ".join(_changes(base, found))


def _changes(base: Programme, found: Programme) -> Iterator[str]:
    from gigawatt.finance.programmes.answers import with_cost

    if not _same(found.cost_usd_per_gw, base.cost_usd_per_gw):
        yield f"cost of a GW {usd(found.cost_usd_per_gw)} instead of {usd(base.cost_usd_per_gw)}"
    if found.fixed_growth is not None:
        yield f"revenue grows {found.fixed_growth:.0%} a year from {found.revenue_usd[0][0]} on"
    follows = with_cost(base, found.cost_usd_per_gw).rent_usd_per_gw_year
    for field in fields(found):
        old, new = getattr(base, field.name), getattr(found, field.name)
        grown = field.name == "revenue_usd" and found.fixed_growth is not None
        if field.name not in NOT_TOLD and not grown and not _same(old, new):
            rent = field.name == "rent_usd_per_gw_year" and _same(new, follows)
            yield _change(field.name, old, new) + (", as rent follows that cost in part" if rent else "")
    for what in ("sources", "doubts"):
        yield from _listed(what, {x.name: x for x in getattr(base, what)}, {x.name: x for x in getattr(found, what)})


def _same(old: Any, new: Any) -> bool:
    return bool(abs(new / old - 1) < 1e-9) if isinstance(old, float) and old else bool(old == new)


def _change(name: str, old: Any, new: Any) -> str:
    """One number or path that is different, by the key that a file calls it by."""
    from gigawatt.units import format_quantity, unit_of

    if isinstance(new, tuple):
        return f"{name} by year"
    unit = unit_of(name)
    if unit.startswith("USD"):
        return f"{name} {usd(new)} instead of {usd(old)}"
    if unit == "1" and isinstance(new, float):
        return f"{name} {format_quantity(new, '1')} instead of {format_quantity(old, '1')}"
    return f"{name} {new:g} instead of {old:g}"


def _listed(what: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Sources or doubts that are taken away, changed or added."""
    told = [f"no {name}" for name in old if name not in new]
    told += [f"{name} changed" for name in new if name in old and new[name] != old[name]]
    told += [f"{name} added" for name in new if name not in old]
    if told:
        yield f"{what}: {', '.join(told)}"
