"""Options from text: "pv, wind<=500MW, battery hours=4, gas>=100MW, grid=300MW"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any

from gigawatt.catalog import by_name, facts, items, plain
from gigawatt.errors import nearest, shown
from gigawatt.power.lcoe import Technology
from gigawatt.power.options import Battery, Bridge, Contract, Grid, Option, Plant
from gigawatt.units import compatible, parse_quantity

_LIMIT = re.compile(
    r"(?P<word>[a-z_]*)\s*(?P<sign><=|>=|<|>|=)\s*(?P<value>.+?)(?=\s+[a-z_]+\s*[<>=]|\s*[<>=]|$)", re.I
)
_NAME = re.compile(r"\s*(?P<name>[A-Za-z][\w -]*?)\s*(?P<limits>(?:\b[a-z_]+\s*)?[<>=].*)?\s*", re.I | re.S)
WORDS = {  # of one option in a text: the field and its unit
    "existing": ("existing_mw", "MW"),
    "hours": ("hours", "hours"),
    "price": ("usd_per_mwh", "USD/MWh"),
    "gas_price": ("gas_usd_per_mmbtu", "USD/MMBtu"),
    "demand": ("demand_charge_usd_per_kw_month", "USD/kW/month"),
    "delivery": ("delivery_usd_per_mwh", "USD/MWh"),
    "export": ("export_mw", "MW"),
    "lead": ("lead_months", "months"),
}
PAID = "paid"  # of a contract: what of its output is paid, a word and not a quantity


@cache
def names() -> dict[str, tuple[str, str]]:
    """Every name of an option and the table and item that it stands for."""
    tables = ("power_contracts", "power")
    return {name: (table, item) for table in tables for name, item in by_name(table).items()}


@cache
def short_names() -> tuple[str, ...]:
    """The usual name of each option, in the order of the catalog."""
    return tuple(_short(table, item) for table in ("power", "power_contracts") for item in items(table))


def _short(table: str, item: str) -> str:
    return str(facts(table, item)["aliases"].value).split()[0] if table == "power" else item


def option(name: str, **changes: Any) -> Option:
    """The option that users call `name`, such as "gas", "battery" or "ppa_solar", with some fields changed.

    Raises:
        ValueError: No such option, or no such field of it.
    """
    place = names().get(plain(name))
    if place is None:
        close = nearest(plain(name).replace("-", "_"), short_names())
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"unknown option {shown(name)}{hint} (known: {', '.join(short_names())})")
    found = _plain_option(*place)
    known = [f.name for f in fields(found)]
    for field in changes:
        if field not in known:
            close = nearest(field, known)
            raise ValueError(f"{found.name} has no {field}" + (f"; did you mean {close}?" if close else ""))
    return replace(found, **changes)


def _plain_option(table: str, item: str) -> Option:
    short = _short(table, item)
    if table == "power_contracts":
        kind = Contract if "ppa_usd_per_mwh" in facts(table, item) else Bridge
        return replace(kind.from_catalog(item), name=short)
    technology = Technology.from_catalog(item)
    match technology.kind:
        case "storage":
            return Battery(name=short, technology=technology)
        case "grid":
            return Grid(name=short, technology=technology)
        case _:
            return Plant(name=short, technology=technology)


def options_of(text: str | Sequence[str | Option]) -> tuple[Option, ...]:
    """Options from a text, or from a sequence of options and texts.

    One option is a name and limits: `gas<=500MW`, `pv>=100MW`, `grid=300MW`, `battery<=4GWh hours=4`,
    `gas existing=200MW`, `grid demand=7$/kW/month export=100MW`, `ppa_solar price=45$/MWh paid=virtual`.

    Raises:
        ValueError: Every mistake in the text, one a line.
    """
    parts: list[str | Option] = []
    for part in [text] if isinstance(text, str) else text:
        parts += [p for p in part.split(",") if p.strip()] if isinstance(part, str) else [part]
    found: list[Option] = []
    mistakes: list[str] = []
    for part in parts:
        try:
            found.append(_one(part) if isinstance(part, str) else part)
        except ValueError as error:
            mistakes.append(f"{shown(part.strip())}: {error}" if isinstance(part, str) else str(error))
    twice = sorted({o.name for o in found if sum(o.name == other.name for other in found) > 1})
    mistakes += [f"{name} is given twice; give one of them another name" for name in twice]
    if not found and not mistakes:
        mistakes.append(f"no option is given (known: {', '.join(short_names())})")
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return tuple(found)


def _one(text: str) -> Option:
    match = _NAME.fullmatch(text)
    if not match:
        raise ValueError("an option is a name and limits, such as gas<=500MW")
    found = option(match["name"])
    for limit in _LIMIT.finditer(match["limits"] or ""):
        found = _limited(found, limit["word"].lower(), limit["sign"], limit["value"].strip())
    return found


def _limited(found: Option, word: str, sign: str, value: str) -> Option:
    """The option with one limit more."""
    if word == PAID and isinstance(found, Contract):
        return replace(found, paid=value.lower())  # type: ignore[arg-type]
    if word:
        if word not in WORDS or not hasattr(found, WORDS[word][0]):
            known = [w for w, (field, _) in WORDS.items() if hasattr(found, field)]
            close = nearest(word, [*known, PAID] if isinstance(found, Contract) else known)
            raise ValueError(f"{found.name} has no {word!r}" + (f"; did you mean {close!r}?" if close else ""))
        field, unit = WORDS[word]
        if word == "existing" and _is_energy(value):
            field, unit = "existing_mwh", "MWh"
        number = parse_quantity(value, unit, word).value
        if word == "hours" and number <= 0:
            raise ValueError(f"hours={value}: above 0, such as hours=4; without it, energy and power are sized apart")
        return replace(found, **{field: number})  # type: ignore[arg-type]
    unit = "MWh" if isinstance(found, Battery) and _is_energy(value) else "MW"
    number, suffix = parse_quantity(value, unit, found.name).value, unit.lower()
    if number < 0:
        raise ValueError(f"{value} is below 0")
    limits = {f"least_{suffix}": number} if sign in (">", ">=", "=") else {}
    if isinstance(found, Bridge) and limits:
        raise ValueError("rented power has an upper limit only")
    limits |= {f"most_{suffix}": number} if sign in ("<", "<=", "=") else {}
    return replace(found, **limits)  # type: ignore[arg-type]


def _is_energy(value: str) -> bool:
    unit = value.lstrip("0123456789., ").strip()
    try:
        return bool(unit) and compatible(unit, "MWh")
    except ValueError:
        return False
