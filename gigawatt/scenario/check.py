"""What must be true between values: dates in order, shares that sum to 1, no more than all of a market."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from gigawatt.scenario.build import Builder
from gigawatt.scenario.entities import Company, Deal, Entity, Mission, Programme, Region, Shock, Site
from gigawatt.scenario.fields import specs
from gigawatt.scenario.marks import Mark
from gigawatt.timeline import Timeline
from gigawatt.units import Quantity

LAT_LON = re.compile(r"\s*-?\d{1,2}(\.\d*)?\s*,\s*-?\d{1,3}(\.\d*)?\s*")
SUM_TOLERANCE = 1e-3  # published shares are rounded


def check_sections(builder: Builder, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Note what does not fit together within entities and between those of one section."""
    for section, entities in sections.items():
        for key, entity in entities.items():
            path = f"{section}.{key}"
            check_totals(builder, entity, path)
            check_entity(builder, entity, path)
    check_market(builder, sections.get("companies", {}))
    check_places(builder, sections)


def check_entity(builder: Builder, entity: Entity, path: str) -> None:
    """Rules of single kinds of entity."""
    match entity:
        case Site():
            in_order(builder, path, "first_power", entity.first_power, "full_power", entity.full_power)
            at_most(builder, path, "energised_mw", entity.energised_mw, "power_mw", entity.power_mw)
            check_share(builder, path, entity)
        case Region():
            check_place(builder, path, entity)
        case Deal():
            in_order(builder, path, "start", entity.start, "end", entity.end)
            if entity.payer == entity.payee and f"{path}.payee" in builder.marks:
                note(builder, path, "payee", f"payer and payee are the same (got {entity.payee!r})")
        case Mission():
            if not float(entity.need_h100e) and not float(entity.students) * float(entity.tokens_per_student_week):
                allowed = "give need_h100e, or students and tokens_per_student_week"
                note(builder, path, "", "this mission needs no compute", allowed)
        case _:
            pass


def check_share(builder: Builder, path: str, site: Site) -> None:
    """Note a carbon-free share that nothing is planned for."""
    if float(site.carbon_free) > 0 and not site.supply:
        allowed = "give the site a supply, such as `supply: pv, wind, battery, gas`"
        note(builder, path, "carbon_free", "nothing to plan", allowed)


def check_place(builder: Builder, path: str, region: Region) -> None:
    """Note a climate that is neither a site-year of the catalog nor a latitude and longitude."""
    known = builder.vocabulary.items("site_years")
    if f"{path}.place" not in builder.marks or region.place in known or LAT_LON.fullmatch(region.place):
        return
    builder.mistakes.unknown(builder.marks[f"{path}.place"].mark, f"{path}.place", "site-year", region.place, known)


def check_places(builder: Builder, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Note sites with a supply to plan in a region whose climate or cooling nobody gives."""
    regions = sections.get("regions", {})
    for key, site in sections.get("sites", {}).items():
        region = regions.get(site.region)
        if site.supply and region is not None and not (region.place and region.cooling):
            message = f"a plan needs place and cooling of region {site.region!r}"
            note(builder, f"sites.{key}", "supply", message, f"give regions.{site.region}.place and .cooling")


def in_order(builder: Builder, path: str, first: str, one: date | None, last: str, other: date | None) -> None:
    """Note a first date after the last."""
    if one is not None and other is not None and one > other:
        note(builder, path, last, f"before {first} (got {other}, {first} is {one})", "dates must be in order", first)


def at_most(builder: Builder, path: str, small: str, value: Quantity, large: str, limit: Quantity) -> None:
    """Note a part that is larger than the whole."""
    if float(value) > float(limit):
        got = f"(got {float(value):g}, {large} is {float(limit):g} {limit.unit})"
        note(builder, path, small, f"more than {large} {got}", "", large)


def check_totals(builder: Builder, entity: Entity | Programme, path: str) -> None:
    """Note shares that should sum to 1 and do not."""
    for name, spec in specs(type(entity)).items():
        shares = getattr(entity, name)
        if spec.total == "one" and shares:
            total = sum(float(value) for value in shares.values())
            if abs(total - 1) > SUM_TOLERANCE:
                note(builder, path, name, f"shares must sum to 1 (got {total:.4g})", "one share for each, together 1")


def check_market(builder: Builder, companies: Mapping[str, Company]) -> None:
    """Note segments in which companies together hold more than all users."""
    groups: dict[str, dict[str, Quantity]] = {"rented_share": {key: it.rented_share for key, it in companies.items()}}
    for key, company in companies.items():
        for segment, share in company.share.items():
            groups.setdefault(f"share.{segment}", {})[key] = share
    for name, shares in groups.items():
        total = sum(map(float, shares.values()))
        if total > 1 + SUM_TOLERANCE:
            last = max(shares, key=lambda key: (f"companies.{key}.{name}" in builder.marks, float(shares[key])))
            note(builder, f"companies.{last}", name, f"all companies together hold more than 1 (got {total:.4g})")


def check_programme(builder: Builder, programme: Programme) -> None:
    """Note partner shares that do not sum to 1."""
    check_totals(builder, programme, "programme")


def check_shock(builder: Builder, shock: Shock, path: str, timeline: Timeline | None) -> None:
    """A shock comes by rate or at a date inside the plan, not both."""
    if (shock.rate_per_year is None) == (shock.at is None):
        got = "neither" if shock.at is None else "both"
        note(builder, path, "kind", f"give either rate_per_year or at (got {got})")
    if timeline and shock.at and not timeline.start <= shock.at < timeline.end:
        note(builder, path, "at", f"date outside the plan (got {shock.at})",
             f"from {timeline.start} to before {timeline.end}")  # fmt: skip


def note(builder: Builder, path: str, name: str, message: str, allowed: str = "", other: str = "") -> None:
    """Note a mistake at the value, or at the other value it clashes with, or at the entity that has both."""
    full = f"{path}.{name}" if name else path
    for candidate in (full, f"{path}.{other}", *_keys_under(builder, full)):
        if candidate in builder.marks:
            builder.mistakes.add(builder.marks[candidate].mark, full, message, allowed)
            return
    builder.mistakes.add(entity_mark(builder, path), full, message, allowed)


def _keys_under(builder: Builder, path: str) -> list[str]:
    return [mark for mark in builder.marks if mark.startswith(f"{path}.")][:1]


def entity_mark(builder: Builder, path: str) -> Mark:
    """The place of the key of an entity."""
    node = builder.tree
    for name in path.split(".", 1):
        node = node.map.get(name, node)
    return node.key
