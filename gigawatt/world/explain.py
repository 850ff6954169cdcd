"""From a figure of a result back through its formula to the inputs and their sources.

Nothing is registered for this: a column shows a field of the state (`record.FIELDS`), the kernel that sets the field
and what it reads are found in the source (`reading`), the equation is its docstring, the values of the week come from
a replay, and the sources from the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gigawatt import store
from gigawatt.claims import days_of
from gigawatt.compiled import DIMENSIONS
from gigawatt.errors import GigawattError, nearest
from gigawatt.measures import MEASURES
from gigawatt.results import Results, Table
from gigawatt.scenario import Scenario, load
from gigawatt.units import unit_of
from gigawatt.world import tables, tables_building
from gigawatt.world.inputs import Row, input_row
from gigawatt.world.reading import Passage, passages, setters
from gigawatt.world.record import FIELDS, Record
from gigawatt.world.served import serving_rows
from gigawatt.world.simulation import simulate
from gigawatt.world.state import STATE, TABLES

SHOWN_ROWS = 3
HEADINGS = {"state": "state read:", "parameter": "parameter read:", "table": "table read:",
            "serving": "served at the start:", "factor": "factors of the estimate:", "input": "inputs:"}  # fmt: skip
SERVED = ("tokens_per_h100e_s", "cost_usd_per_mtok")  # fields that rest on how a tier is served
TABLE_MAKERS: dict[str, Callable[[Record], Table]] = {
    "capacity": tables_building.capacity, "buildrate": tables_building.buildrate,
    "constraints": tables_building.constraints,
    "power": tables_building.power, "compute": tables.compute, "fleet": tables.fleet, "tokens": tables.tokens,
    "allocation": tables.allocation, "unmet": tables.unmet, "market": tables.market, "prices": tables.prices,
    "companies": tables.companies,
}  # fmt: skip
DERIVED = {  # columns worked out in tables.py from the field they show
    "buildrate.energised_gw": "the sum over sites, in GW",
    "companies.ebitda_usd": "operating receipts and chips sold, less operating payments",
    "companies.operating_cost_usd": "payments by operating instruments",
    "companies.capex_usd": "payments for chips and for building",
    "companies.interest_usd": "payments by the instrument interest",
    "companies.tax_usd": "payments by the instrument tax",
    "companies.dividend_usd": "payments by the instrument dividend",
    "companies.debt_repaid_usd": "payments by the instrument repayment",
    "companies.debt_issued_usd": "receipts by the instrument loan",
    "companies.equity_issued_usd": "receipts by the instrument equity",
    "companies.cloud_revenue_usd": "receipts for cloud, spot and revenue shares",
    "companies.chip_revenue_usd": "receipts for chips",
    "companies.cash_change_usd": "receipts less payments of the week",
    "companies.claims_usd": "shares and loans held",
    "market.users_m": "users of the segment times the company's share",
    "unmet.unmet_share": "1 - used / need, need with what the limits of seats turn away",
    "tokens.served_gtokens": "tokens wanted within the limits of seats, times the share served",
    "tokens.usd_per_query": "cost per token times tokens of a query",
    "tokens.j_per_query": "site power of a busy chip over its tokens a second at mean load, times tokens of a query",
    "tokens.g_co2_per_query": "energy of a query times the mean carbon intensity of all sites",
    "prices.levelised_usd_per_h100e_h": "mean over owners by chips installed",
    "prices.token_usd_per_mtok": "mean over labs by tokens wanted",
    "prices.quality_log10_flop": "the best lab's",
    "power.months_to_power": "weeks by which power follows construction plus build.site_weeks, in months",
    "power.energy_mwh": "load times 168 hours",
}
INDICES = ("owner", "region", "crew_nation", "family", "maker", "kind", "payer", "payee")  # which row, not how much
MADE_OF = {
    "supply_weeks": ("grid_months", "firm_months"),
    "overhead": ("pue",),
}  # a table's field by the values of the scenario behind it
SECTIONS = {"company": "companies", "site": "sites", "region": "regions", "chip": "chips", "supply": "supply",
            "segment": "segments", "tier": "tiers", "mission": "missions", "deal": "deals",
            "programme": "programme"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a quantity is, how it is made, and what it is made from."""

    quantity: str
    head: list[str]
    steps: list[str] = field(default_factory=list)
    inputs: list[Row] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The explanation as text."""
        out = [*self.head, *self.steps]
        for kind, heading in HEADINGS.items():
            rows = [row for row in self.inputs if row["kind"] == kind]
            if rows:
                out += ["", heading]
            out += [f"  {row['name']} = {row['value']}  {row['text']}".rstrip() for row in rows]
        return out

    def rows(self) -> list[Row]:
        """What the quantity is made from, one row each: kind, name, value, text, source."""
        return self.inputs


def explain(run: Path | Results | Scenario, quantity: str) -> Explanation:
    """Explain a quantity of a run.

    Args:
        run: Directory of a run, or the scenario itself.
        quantity: A column (`power.price_usd_per_mwh`), a headline or claim figure (`energised_gw`), a field of the
            state (`market.share`), a parameter (`finance.max_leverage`) or an input (`companies.OpenAI.cash_usd`); with
            a name in brackets and a date if wanted: `power.price_usd_per_mwh[us_tx] @ 2030-12`.

    Raises:
        GigawattError: The quantity is unknown; names the nearest one.
    """
    scenario = scenario_of(run)
    subject, _, when = (part.strip() for part in quantity.partition("@"))
    subject, _, label = (part.strip(" ]") for part in subject.partition("["))
    if is_input(scenario, subject):
        return Explanation(quantity, [f"{subject}: an input of the scenario"], inputs=[input_row(scenario, subject)])
    column, path = state_field(subject)
    record = simulate(scenario)
    week = week_of(record, when)
    return of_field(record, quantity, column, path, label, week)


def scenario_of(run: Path | Results | Scenario) -> Scenario:
    """The scenario of a run."""
    if isinstance(run, Scenario):
        return run
    if isinstance(run, Results):
        raise GigawattError("explain needs the run's directory or its scenario, since it replays the run")
    return load(Path(run) / store.SCENARIO)


def is_input(scenario: Scenario, subject: str) -> bool:
    """Whether a path names a value of the scenario, a parameter with or without its section."""
    return subject in scenario.values() or f"parameters.{subject}" in scenario.values()


def state_field(subject: str) -> tuple[str, str]:
    """(column, field of the state) that a quantity names."""
    table, _, name = subject.partition(".")
    if subject in MEASURES or (table in MEASURES and name):
        measure = MEASURES[subject if subject in MEASURES else table]
        return f"{measure.table}.{measure.column}", FIELDS[measure.table][measure.column]
    if name in FIELDS.get(table, {}):
        return subject, FIELDS[table][name]
    if name in STATE.get(table, {}):
        return "", subject
    known = [*MEASURES, *(f"{t}.{c}" for t, columns in FIELDS.items() for c in columns),
             *(f"{g}.{f}" for g, fields in STATE.items() for f in fields)]  # fmt: skip
    near = nearest(subject, known)
    hint = f"; did you mean {near!r}?" if near else ""
    raise GigawattError(
        f"unknown quantity {subject!r}{hint} (a column TABLE.COLUMN, a figure, a parameter or an input)"
    )


def week_of(record: Record, when: str) -> int:
    """The week of a date, the last week where none is given."""
    if not when:
        return len(record.history) - 1
    try:
        _, last = days_of(when)
    except ValueError as error:
        raise GigawattError(f"explain: {error}") from None
    return min(max(0, record.timeline.week(last)), len(record.history) - 1)


def of_field(record: Record, quantity: str, column: str, path: str, label: str, week: int) -> Explanation:
    """Explain a field of the state in a week."""
    group, name = path.split(".")
    dims, meaning = STATE[group][name]
    axes = f" by {', '.join(DIMENSIONS[d] for d in dims)}" if dims else ""
    date = record.timeline.date(week)
    head = [f"{quantity}: week {week}, {date}"]
    if column:
        how = f": {DERIVED[column]}" if column in DERIVED else ""
        head.append(f"column {column} {'is made from' if how else 'shows'} the field {path} of the state{how}")
    head.append(f"{path}: {meaning}{axes} [{unit_text(name)}]")
    rows = shown(record, column, week, label) if column else []
    known = label if shares_axis(label, dims, record) or not rows else ""
    head += [*rows, f"  the field: {value_text(record, path, week, known)}"]
    found = [passage for passage in setters(path) if passage.text and passage.stage != "open_week"]
    steps, inputs = [], []
    for passage in found:
        steps += ["", f"set by `{passage.function.__name__}` in the stage `{passage.stage}` ({passage.place}):"]
        steps += [f"  {line}" for line in passage.text.splitlines()]
        steps += [f"  {line}" for line in stage_text(passage)]
        inputs += [row for row in reads(record, passage, week, label) if row not in inputs]
    if name in SERVED:
        for row in serving_rows(record, week, label):
            inputs += [row] if row not in inputs else []
    if not found:
        steps.append("set in the opening state, and moved only through the doors of the ledger (`pay`)")
    return Explanation(quantity, head, steps, inputs)


def shown(record: Record, column: str, week: int, label: str) -> list[str]:
    """What the table shows in that week: the labelled row, or the largest few rows."""
    name, _, value = column.partition(".")
    table = TABLE_MAKERS[name](record) if name in TABLE_MAKERS else None
    if table is None or "week" not in table.columns:
        return []
    rows = [row for row in table.take(table["week"] == min(week, int(table["week"].max()))).rows()
            if not label or label.lower() in [str(cell).lower() for cell in row.values()]]  # fmt: skip
    rows.sort(key=lambda row: -abs(row[value]) if isinstance(row[value], float) else 0.0)  # type: ignore[arg-type]
    out = []
    for row in rows[:SHOWN_ROWS]:
        who = ", ".join(cell for key, cell in row.items() if isinstance(cell, str) and key != value)
        cell = row[value]
        out.append(f"  shown: {who} {cell:.6g}" if isinstance(cell, float) else f"  shown: {who} {cell}")
    return out


def stage_text(passage: Passage) -> list[str]:
    """The docstring of the stage, where a kernel under it sets the field."""
    for other in passages():
        if other.stage == passage.stage and other.function.__name__ == passage.stage != passage.function.__name__:
            return [f"under `{other.stage}`:", *(f"  {line}" for line in other.text.splitlines())]
    return []


def reads(record: Record, passage: Passage, week: int, label: str) -> Iterator[Row]:
    """What a kernel reads, with values: fields of the state in that week, parameters and tables."""
    for path in sorted(passage.reads):
        root, group, name = path.split(".")
        if root == "w" and name in STATE.get(group, {}):
            dims, meaning = STATE[group][name]
            value = value_text(record, f"{group}.{name}", week, label if shares_axis(label, dims, record) else "")
            yield {"kind": "state", "name": f"{group}.{name}", "value": value, "text": f"({meaning})", "source": ""}
        elif root == "p":
            yield input_row(record.scenario, f"{group}.{name}", "parameter")
        elif root == "t" and name in TABLES.get(group, {}) and group != "count" and name not in INDICES:
            dims, meaning = TABLES[group][name]
            known = label if shares_axis(label, dims, record) else ""
            value = array_text(np.asarray(record.tables[group][name]), dims, known, record)
            yield {"kind": "table", "name": f"{group}.{name}", "value": value, "text": f"({meaning})", "source": ""}
            yield from behind(record, group, name, dims, known)


def behind(record: Record, group: str, name: str, dims: str, label: str) -> Iterator[Row]:
    """The scenario's value behind a labelled entry of a table, where one has the same name."""
    section = SECTIONS.get(group, "")
    labels = {known.lower(): known for known in labels_of(record, dims[:1])} if dims else {}
    paths = [f"{section}.{labels[label.lower()]}.{name}"] if label.lower() in labels else [f"{section}.{name}"]
    if name in MADE_OF:
        paths = [f"{path.removesuffix(name)}{source}" for path in paths for source in MADE_OF[name]]
    if group == "site" and name == "planned":
        paths = [f"sites.{key}.{own}" for key in record.scenario.sites for own in ("supply", "carbon_free")
                 if record.scenario.sites[key].supply]  # fmt: skip
    yield from (input_row(record.scenario, path) for path in paths if path in record.scenario.values())


def unit_text(name: str) -> str:
    """The unit of a field by its suffix."""
    unit = unit_of(name)
    return "ratio or count" if unit == "1" else unit


def labels_of(record: Record, dim: str) -> tuple[str, ...]:
    """Names along a dimension."""
    named = {
        "C": record.names.companies, "Z": record.names.sites, "R": record.names.regions, "F": record.names.families,
        "K": record.names.chips, "S": record.names.segments, "T": record.names.tiers, "M": record.names.missions,
        "N": record.names.items, "D": record.names.deals,
    }  # fmt: skip
    if dim == "P":
        parties = record.field("books.cash_usd").shape[1]
        known = record.names.parties(parties)
        return tuple(known.get(i, "") for i in range(parties))
    if dim == "U":
        known = record.names.uses(record.field("market.gtokens_week").shape[2])
        return tuple(known.get(i, "") for i in range(record.field("use.need_h100e").shape[2]))
    return named.get(dim, ())


def shares_axis(label: str, dims: str, record: Record) -> bool:
    """Whether a label stands on one of the dimensions."""
    return bool(label) and any(label.lower() in [name.lower() for name in labels_of(record, dim)] for dim in dims)


def value_text(record: Record, path: str, week: int, label: str) -> str:
    """The value of a field in a week, of the labelled row if there is one."""
    group, name = path.split(".")
    return array_text(record.field(path)[week], STATE[group][name][0], label, record)


def array_text(values: np.ndarray, dims: str, label: str, record: Record) -> str:
    """Values for people: a number; the labelled row; or the largest few of an array by name, with the sum.

    Raises:
        GigawattError: No dimension has the label.
    """
    if not dims:
        return f"{float(values):.6g}"
    if label:
        for axis, dim in enumerate(dims):
            names = [name.lower() for name in labels_of(record, dim)]
            if label.lower() in names:
                row = np.take(values, names.index(label.lower()), axis=axis)
                return array_text(row, dims[:axis] + dims[axis + 1 :], "", record)
        known = [name for dim in dims for name in labels_of(record, dim) if name]
        near = nearest(label, known)
        raise GigawattError(f"no {label!r} here{f'; did you mean {near!r}?' if near else ''}")
    flat = np.nan_to_num(np.asarray(values, float)).reshape(-1)
    order = np.argsort(-np.abs(flat), kind="stable")[:3]
    parts = []
    for position in order:
        index = np.unravel_index(int(position), values.shape)
        spots = [labels_of(record, dim)[i] if i < len(labels_of(record, dim)) else str(i)
                 for dim, i in zip(dims, index, strict=True)]  # fmt: skip
        if flat[position] != 0:
            parts.append(f"{'/'.join(spots)} {flat[position]:.4g}")
    return f"sum {flat.sum():.6g} ({', '.join(parts)})" if parts else "0"
