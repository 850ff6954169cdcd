"""Programmes of the catalog by name, and the published costs of a gigawatt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache

from gigawatt.catalog import Fact, facts, items, source, value
from gigawatt.errors import nearest
from gigawatt.finance.programmes.cost import GigawattCost, Implied, annual_usd_per_gw, implied_rate
from gigawatt.finance.programmes.programme import DOUBTS, Doubt, Path, Programme, Source

TABLE = "programmes"
COMMON = "terms"
COST = "cost-"  # what items with a published cost begin with
PATHS = ("gw own_share vendor_share revenue_usd serving_share fixed_cost_usd_per_year other_cost_share").split()
WHOLE = ("start_year", "years", "target_year", "facility_build_quarters", "chip_lead_quarters")
Rows = dict[str, Fact]


@cache
def programme(name: str) -> Programme:
    """The programme of that name in the catalog.

    Raises:
        ValueError: No such programme; the text holds the nearest name.
    """
    found = facts(TABLE, COMMON) | facts(TABLE, _known(name, "programme"))
    cost = _number(found, "cost_usd_per_gw")
    chips, power = _number(found, "chips_share"), _number(found, "power_share")
    title = found["title"]
    return Programme(
        name=name,
        title=str(title.value),
        sources=_sources(str(found["sources"].value)),
        doubts=_doubts(found),
        chips_usd_per_gw=cost * chips,
        power_usd_per_gw=cost * power,
        facility_usd_per_gw=cost * (1 - chips - power),
        citation=title.source,
        about=title.note,
        **{path: _path(found, path) for path in PATHS},  # type: ignore[arg-type]
        **{field: int(_number(found, field)) for field in WHOLE},  # type: ignore[arg-type]
        **{  # type: ignore[arg-type]
            field.name: _number(found, field.name)
            for field in fields(Programme)
            if field.name in found and field.name not in (*WHOLE, "title", "sources")
        },
    )


def presets(kind: str = "programme") -> tuple[str, ...]:
    """Items of the table of one kind: `programme` or `cost`."""
    return tuple(item for item in items(TABLE) if value(TABLE, item, "kind") == kind)


def published_cost(name: str) -> Fact:
    """A published cost of a gigawatt: `epoch`, `bernstein`, `barclays`, `nvidia`, `openai`, `commitments`."""
    known = [item.removeprefix(COST) for item in presets("cost")]
    return facts(TABLE, COST + _one_of(name.removeprefix(COST), known, "cost of a gigawatt"))["cost_usd_per_gw"]


def headline_usd(name: str) -> float:
    """The amount that a programme is known by."""
    return _number(facts(TABLE, _known(name, "programme")), "headline_usd")


def cited(key: str) -> str:
    """Title and address of a source, on one line."""
    found = source(key)
    return f"{found.title}, {found.url}" if found.url else found.title


@cache
def epoch_implied() -> Implied:
    """The rate and the split of capital that Epoch AI's annual costs of a gigawatt imply at lives of 3, 5, 7 years."""
    rows = facts(TABLE, "cost-epoch")
    published = {float(year): usd for year, usd in _path(rows, "annual_usd_per_gw_year")}
    capex, opex = _number(rows, "cost_usd_per_gw"), _number(rows, "opex_usd_per_gw_year")
    return implied_rate(published, capex, opex, _number(rows, "facility_life_years"), anchor_years=5.0)


def annual_cost_usd_per_gw(capex_usd_per_gw: float, it_life_years: float, name: str = "") -> float:
    """Level cost of a gigawatt a year at the rate that Epoch AI's figures imply, with its opex and facility life.

    The IT part is `chips_share` of the table, and what Epoch AI's figures imply for `cost-epoch`.
    """
    epoch, implied = facts(TABLE, "cost-epoch"), epoch_implied()
    it = implied.it_usd if name == "cost-epoch" else capex_usd_per_gw * _number(facts(TABLE, COMMON), "chips_share")
    cost = GigawattCost(
        name=name,
        it_usd_per_gw=it,
        facility_usd_per_gw=capex_usd_per_gw - it,
        opex_usd_per_gw_year=_number(epoch, "opex_usd_per_gw_year"),
        facility_life_years=_number(epoch, "facility_life_years"),
    )
    return annual_usd_per_gw(cost, it_life_years, implied.rate)


def _known(name: str, kind: str) -> str:
    return _one_of(name, presets(kind), kind)


def _one_of(name: str, known: Sequence[str], kind: str) -> str:
    if name not in known:
        close = nearest(name, known)
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"unknown {kind} {name!r}{hint} (known: {', '.join(known)})")
    return name


def _number(rows: Rows, name: str) -> float:
    return float(rows[name].value)


def _path(rows: Rows, name: str) -> Path:
    """Rows `name.YEAR` as a path."""
    found = {int(key.rpartition(".")[2]): fact for key, fact in rows.items() if key.rpartition(".")[0] == name}
    return tuple((year, float(found[year].value)) for year in sorted(found))


def _doubts(rows: Rows) -> tuple[Doubt, ...]:
    """Doubts with a range, in the order of DOUBTS."""
    found = [(name, rows.get(f"doubt.{name}")) for name in DOUBTS]
    return tuple(
        Doubt(name=name, low=fact.low, high=fact.high, loading=_number(rows, f"loading.{name}"))
        for name, fact in found
        if fact is not None and fact.low is not None and fact.high is not None
    )


def _sources(item: str) -> tuple[Source, ...]:
    """Sources of an item `sources-...`, in the order of the file."""
    rows = facts(TABLE, item)
    names = list(dict.fromkeys(key.split(".")[0] for key in rows if "." in key))
    return tuple(_source(rows, name) for name in names)


def _source(rows: Rows, name: str) -> Source:
    own = {key.removeprefix(f"{name}."): fact for key, fact in rows.items() if key.startswith(f"{name}.")}
    plain = {f.name for f in fields(Source)} & own.keys()
    return Source(
        name=name,
        capacity_usd_per_year=_path(own, "capacity_usd_per_year"),
        value_multiple=_path(own, "value_multiple"),
        always="always" in own,
        **{key: own[key].value for key in plain - {"always"}},  # type: ignore[arg-type]
    )
