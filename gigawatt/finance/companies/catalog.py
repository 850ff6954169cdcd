"""Companies from the catalog: `statements.csv`, with what `companies.csv`, `facts.csv` and `deals.csv` already hold.

A row of statements.csv whose value is `=TABLE/ITEM/ATTRIBUTE` stands for that row, so that each number has one place.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from gigawatt import catalog
from gigawatt.catalog import Fact
from gigawatt.errors import nearest
from gigawatt.finance.companies.company import (
    OPENING,
    QUARTERS_PER_YEAR,
    Assets,
    Business,
    Company,
    Funding,
    Leases,
    Opening,
    Raise,
    Tranche,
    Vehicle,
)
from gigawatt.finance.companies.debt import rest_of_debt

TABLE = "statements"
SHARED = ("name", "cash_usd", "debt_usd", "debt_rate", "debt_years", "chips_usd", "sites_usd")  # of companies.csv
DATED = ("other_usd", "booked_usd")  # by quarter: `booked_usd.2026-Q1`
MAPS = ("growth", "bookings_usd", "cost", "operating", "stock", "capex_usd", "invest_usd")
Known = dict[str, Fact]


def names() -> tuple[str, ...]:
    """Companies that have statements, in the order of the catalog."""
    return tuple(item for item in catalog.items(TABLE) if item != "market")


@cache
def company(name: str) -> Company:
    """The company of that name; letter case does not count.

    Raises:
        ValueError: No such company; the text holds the nearest one.
    """
    found = {each.lower(): each for each in names()}.get(name.strip().lower())
    if found is None:
        close = nearest(name, names())
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"unknown company {name!r}{hint} (known: {', '.join(names())})")
    known = facts_of(found)
    first_year = int(str(known["opening"].value)[:4]) + 1
    return Company(
        name=found,
        title=str(known["name"].value),
        opening_date=str(known["opening"].value),
        opening=Opening(**_fields(known, Opening)),
        business=_business(known, first_year),
        assets=Assets(**_fields(known, Assets), **_maps(known, Assets)),
        leases=_leases(known, first_year),
        funding=_funding(known, first_year),
        facts=tuple(fact for fact in known.values() if not _is_published(fact)),
        published=tuple(fact for fact in known.values() if _is_published(fact)),
    )


def facts_of(name: str) -> Known:
    """Every row that a company's statements rest on, by attribute, references resolved."""
    shared = catalog.facts("companies", name) if name in catalog.items("companies") else {}
    known = {attribute: fact for attribute, fact in shared.items() if attribute in SHARED}
    known |= catalog.facts(TABLE, "market") | catalog.facts(TABLE, name)
    return {attribute: _resolved(fact) for attribute, fact in known.items()}


def _resolved(fact: Fact) -> Fact:
    """The row that a reference stands for, under the name it has here."""
    if not (isinstance(fact.value, str) and fact.value.startswith("=")):
        return fact
    there = catalog.fact(*fact.value[1:].split("/"))
    return replace(there, attribute=fact.attribute, note=fact.note or there.note)


def _is_published(fact: Fact) -> bool:
    """Whether a row is there to compare with: `published.LINE.PERIOD`."""
    return fact.attribute.startswith("published.")


def _number(known: Known, attribute: str) -> float:
    return float(known[attribute].value)


def _fields(known: Known, cls: type) -> dict[str, Any]:
    """Numbers of a dataclass that the catalog has under the same name."""
    wanted = [name for name in cls.__dataclass_fields__ if name not in (*MAPS, *DATED)]  # type: ignore[attr-defined]
    return {name: _number(known, name) for name in wanted if name in known and not isinstance(known[name].value, str)}


def _maps(known: Known, cls: type) -> dict[str, Any]:
    """Maps by year of a dataclass: `growth.2026` and so on."""
    wanted = [name for name in cls.__dataclass_fields__ if name in MAPS]  # type: ignore[attr-defined]
    return {name: {int(year): _number(known, f"{name}.{year}") for year in _under(known, name)} for name in wanted}


def _under(known: Known, group: str) -> list[str]:
    """Names below `group.` in the order of the catalog, each once."""
    return list(dict.fromkeys(a.split(".")[1] for a in known if a.startswith(f"{group}.")))


def _business(known: Known, first_year: int) -> Business:
    customers = {name: _number(known, f"customer.{name}") for name in _under(known, "customer")}
    dated: dict[str, Any] = {
        name: {_named_quarter(told, first_year): _number(known, f"{name}.{told}") for told in _under(known, name)}
        for name in DATED
    }
    return Business(**_fields(known, Business), **_maps(known, Business), **dated, customers=customers)


def _named_quarter(text: str, first_year: int) -> int:
    """0 of `2026-Q1` for a company that opens at the end of 2025."""
    year, _, quarter = text.partition("-Q")
    return (int(year) - first_year) * QUARTERS_PER_YEAR + int(quarter) - 1


def _leases(known: Known, first_year: int) -> Leases:
    renamed = {"lease_usd": "liability_usd", "lease_years": "years", "lease_rate": "rate"}
    values = _fields(known, Leases) | {new: _number(known, old) for old, new in renamed.items() if old in known}
    dates = {"uncommenced_first": "first", "uncommenced_last": "last"}
    values |= {new: _quarter(known[old], first_year) for old, new in dates.items() if old in known}
    return Leases(**values)


def _quarter(fact: Fact, first_year: int) -> int:
    """The quarter of a date, OPENING for one before the first quarter."""
    year, month = (int(part) for part in str(fact.value).split("-")[:2])
    return max(OPENING, (year - first_year) * QUARTERS_PER_YEAR + (month - 1) // 3)


def _funding(known: Known, first_year: int) -> Funding:
    told = tuple(_tranche(known, name, first_year) for name in _under(known, "tranche"))
    rest = rest_of_debt(_number(known, "debt_usd"), told, _number(known, "debt_rate"), _number(known, "debt_years"))
    values = _fields(known, Funding)
    values["new_debt_bullet"] = bool(values.get("new_debt_bullet", 0.0))
    return Funding(
        tranches=told + rest,
        raises=tuple(_raise(known, name, first_year) for name in _under(known, "raise")),
        vehicles=tuple(_vehicle(known, name, first_year) for name in _under(known, "vehicle")),
        **values,
    )


def _dated(known: Known, path: str, first_year: int, default: int) -> int:
    return _quarter(known[path], first_year) if path in known else default


def _tranche(known: Known, name: str, first_year: int) -> Tranche:
    path = f"tranche.{name}"
    last = max(0, _quarter(known[f"{path}.last"], first_year))
    drawn = _dated(known, f"{path}.drawn_first", first_year, OPENING)
    return Tranche(
        name=str(known[f"{path}.name"].value) if f"{path}.name" in known else name.replace("_", " "),
        principal_usd=_number(known, f"{path}.usd"),
        rate=_number(known, f"{path}.rate"),
        floating=_number(known, f"{path}.floating") if f"{path}.floating" in known else 0.0,
        drawn_first=drawn,
        drawn_last=_dated(known, f"{path}.drawn_last", first_year, drawn),
        first=_dated(known, f"{path}.first", first_year, last),
        last=last,
        secured=_yes(known, f"{path}.secured"),
        assumed=_yes(known, f"{path}.assumed"),
    )


def _yes(known: Known, path: str) -> bool:
    """Whether a row is there and above 0."""
    return path in known and _number(known, path) > 0


def _raise(known: Known, name: str, first_year: int) -> Raise:
    path = f"raise.{name}"
    first = _quarter(known[f"{path}.first"], first_year)
    last = _dated(known, f"{path}.last", first_year, first)
    return Raise(name=name.replace("_", " "), usd=_number(known, f"{path}.usd"), first=first, last=last)


def _vehicle(known: Known, name: str, first_year: int) -> Vehicle:
    path = f"vehicle.{name}"
    return Vehicle(
        name=name.replace("_", " "),
        debt_usd=_number(known, f"{path}.usd"),
        rate=_number(known, f"{path}.rate"),
        years=_number(known, f"{path}.years"),
        first=_dated(known, f"{path}.first", first_year, OPENING),
        in_leases=_yes(known, f"{path}.in_leases"),
        in_costs=_yes(known, f"{path}.in_costs"),
    )
