"""Tables of what is built, what holds it, and the power that feeds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.buildout.weekly import BINDS, CHIP_ITEM, FIRM_ITEM, LOCAL_ITEM, NO_POWER
from gigawatt.results import Table
from gigawatt.units import HOURS_PER_WEEK, MONTHS_PER_YEAR, WEEKS_PER_YEAR
from gigawatt.world.record import ALL_SPENT, FIELDS, KINDS, Record, weekly


def capacity(record: Record) -> Table:
    """Sites: power on, under construction and in the queue."""
    names = record.names
    columns = {
        "energised_mw": record.field("power.energised_mw"), "queued_mw": record.field("build.site_queue_mw"),
        "under_construction_mw": record.field("build.site_pipe_mw").sum(axis=-1),
    }  # fmt: skip
    weeks = len(record.history)
    owner, region = (np.tile(np.array(v, dtype=object), (weeks, 1)) for v in (names.site_owner, names.site_region))
    return weekly(record, "capacity", {"site": names.sites}, columns | {"owner": owner, "region": region})


def binding_names(record: Record, path: str) -> np.ndarray:
    """What bound in every week, in words; shape of the field."""
    words = {float(i): name for i, name in enumerate(record.names.items)} | {float(k): v for k, v in BINDS.items()}
    field = record.field(path)
    named = np.array([words.get(float(code), "nothing") for code in field.ravel()], dtype=object)
    return named.reshape(field.shape)


def programme_binding(record: Record, site_binding: np.ndarray) -> np.ndarray:
    """What held the programme below its target: money where its owner signed less than it wanted, else what holds
    sites; empty in weeks at target, after the budget is spent and after the owner's default."""
    owner = int(record.tables.programme.owner)
    if owner < 0:
        return np.full(len(record.history), "", dtype=object)
    target, got = record.field("lease.target_mw_week"), record.field("lease.programme_mw_week")
    spent = record.field("lease.programme_usd") >= ALL_SPENT * float(record.tables.programme.budget_usd)
    running = (got < target) & ~spent & (record.field("lease.programme_over") == 0)
    poor = record.field("plan.rationed_usd")[:, owner] > 0
    return np.where(running, np.where(poor, "money", site_binding), "").astype(object)


def buildrate(record: Record) -> Table:
    """Build rate of the world and of the programme, and what holds them back."""
    columns = {column: record.field(path) for column, path in FIELDS["buildrate"].items() if column != "energised_gw"}
    columns["energised_gw"] = record.field("power.energised_mw").sum(axis=1) / 1e3
    for column in ("site_binding", "chip_binding"):
        columns[column] = binding_names(record, FIELDS["buildrate"][column])
    columns["programme_binding"] = programme_binding(record, columns["site_binding"])
    return weekly(record, "buildrate", {}, columns)


def constraints(record: Record) -> Table:
    """Items, connections by region and crews by nation: capacity, what is asked, backlog, and whether it binds."""
    items = [record.scenario.supply[key] for key in record.names.items]
    n = len(items)
    rows = [Constrained(
        record.names.items, [item.kind for item in items],
        [item.capacity_per_week.unit or "MW/week" for item in items], record.field("build.capacity")[:, :n],
        record.field("build.asked")[:, :n], record.field("build.backlog_weeks")[:, :n], item_binds(record, items),
    ), *regional_constraints(record, items)]  # fmt: skip
    weeks = len(rows[0].now)
    columns = {
        "capacity_per_week": np.concatenate([row.now for row in rows], axis=1),
        "asked_per_week": np.concatenate([row.asked for row in rows], axis=1),
        "backlog_weeks": np.concatenate([row.backlog_weeks for row in rows], axis=1),
        "binding": np.concatenate([row.binding for row in rows], axis=1),
        "kind": np.tile(np.array([kind for row in rows for kind in row.kinds], dtype=object), (weeks, 1)),
        "unit": np.tile(np.array([unit for row in rows for unit in row.units], dtype=object), (weeks, 1)),
    }
    return weekly(record, "constraints", {"item": tuple(name for row in rows for name in row.names)}, columns)


@dataclass(frozen=True, slots=True)
class Constrained:
    """Columns of the table `constraints` for some of its items; arrays of shape (weeks, items)."""

    names: Sequence[str]
    kinds: Sequence[str]
    units: Sequence[str]
    now: np.ndarray
    asked: np.ndarray
    backlog_weeks: np.ndarray
    binding: np.ndarray


def regional_constraints(record: Record, items: list[Any]) -> Iterator[Constrained]:
    """Grid connections of each region, and the crews of each nation where the scenario has any."""
    names, held = record.names, record.field("build.binds")[:, : len(record.names.regions)]
    local = next((i for i, item in enumerate(items) if item.kind == KINDS[LOCAL_ITEM]), None)
    region_nation = record.tables.region.crew_nation[: len(names.regions)]
    kinds = [("grid", "grid connections", names.regions, "grid", held == NO_POWER)]
    if local is not None:
        crewless = [(held[:, region_nation == k] == local).any(axis=1) for k in range(len(names.nations))]
        kinds.append((KINDS[LOCAL_ITEM], names.items[local], names.nations, "crew", np.stack(crewless, axis=1)))
    for kind, what, places, field, binding in kinds:
        count = len(places)
        now = record.field(f"build.{field}_mw_week")[:, :count]
        wait_weeks = record.field(f"build.{field}_wait_weeks")[:, :count]
        yield Constrained(
            [f"{what} {place}" for place in places], [kind] * count, ["MW/week"] * count, now, wait_weeks * now,
            wait_weeks, binding,
        )  # fmt: skip


def item_binds(record: Record, items: list[Any]) -> np.ndarray:
    """Whether more of each item would have meant more MW or chips; shape (weeks, items)."""
    held = record.field("build.binds")[:, : len(record.names.regions)]
    found = np.zeros((len(held), len(items)), bool)
    for i, item in enumerate(items):
        if item.kind == KINDS[CHIP_ITEM]:
            found[:, i] = record.field("build.chip_binds") == i
        else:
            found[:, i] = (held == (NO_POWER if item.kind == KINDS[FIRM_ITEM] else i)).any(axis=1)
    return found


def power(record: Record) -> Table:
    """Power by region: supply, load by kind, price and carbon."""
    regions, load = record.names.regions, record.field("power.load_mw")
    site_region = np.array([regions.index(region) for region in record.names.site_region], dtype=int)
    by_region = np.zeros((len(record.history), len(regions), load.shape[2]))
    for z, r in enumerate(site_region):
        by_region[:, r] += load[:, z]
    columns = {c: record.field(path) for c, path in FIELDS["power"].items() if path != "power.load_mw"}
    columns |= {name: by_region[:, :, k] for k, name in enumerate(("busy_mw", "idle_mw", "cooling_mw"))}
    columns["load_mw"] = by_region.sum(axis=2)
    columns["energy_mwh"] = columns["load_mw"] * HOURS_PER_WEEK
    weeks = record.field("build.power_wait_weeks") + float(record.parameters.build.site_weeks)
    columns["months_to_power"] = weeks * MONTHS_PER_YEAR / WEEKS_PER_YEAR
    columns["site_binding"] = binding_names(record, FIELDS["power"]["site_binding"])[:, : len(regions)]
    return weekly(record, "power", {"region": regions}, columns)
