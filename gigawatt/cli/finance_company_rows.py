"""Rows of company statements for people: lines down, quarters and years across."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli.finance_company_lines import BALANCE, CASH, FUNDING, INCOME, METRICS, SHORT, STOCKS, Lines

if TYPE_CHECKING:
    from gigawatt.finance.companies.company import Tranche
    from gigawatt.finance.companies.statements import Statements


@dataclass(frozen=True, slots=True)
class Column:
    """A period in a table; `part` is None for the opening."""

    label: str
    part: slice | None
    is_year: bool


Cells = list[tuple[str, str, list[float]]]  # (key, label, value by column)


def columns_of(made: Statements, annual: bool, statement: str) -> list[Column]:
    """Years, or quarters with the sum of each full year after them; stocks have the opening in front instead."""
    from gigawatt.finance.companies.metrics import periods

    years, stocks = periods(made, annual=True), statement in STOCKS
    found: list[Column] = [Column(made.company.opening_date, None, False)] if stocks else []
    for label, part in zip(years.labels, years.parts, strict=True):
        quarters = [Column(made.labels[t], slice(t, t + 1), stocks and t == part.stop - 1)
                    for t in range(part.start, part.stop)]  # fmt: skip
        whole = [] if stocks or len(quarters) == 1 else [Column(label, part, True)]
        found += [Column(label, part, True)] if annual else [*quarters, *whole]
    return found


def rows_of(made: Statements, statement: str, columns: Sequence[Column], every: bool = False) -> Cells:
    """The lines of a statement, of debts, of what pays, or of metrics; `every` keeps those in which nothing stands."""
    if statement in ("metrics", "short"):
        return metric_rows(made, columns, METRICS if statement == "metrics" else SHORT, every)
    if statement in ("debt", "funding", "bridge"):
        return {"debt": debt_rows, "funding": funding_rows, "bridge": bridge_rows}[statement](made, columns, every)
    return statement_rows(made, statement, columns, every)


def ends(series: Any, columns: Sequence[Column], opening: float) -> list[float]:
    """A stock at the end of each period."""
    return [opening if c.part is None else float(series[c.part.stop - 1]) for c in columns]


def sums(series: Any, columns: Sequence[Column]) -> list[float]:
    """A flow over each period; NaN at the opening."""
    return [math.nan if c.part is None else float(series[c.part].sum()) for c in columns]


def statement_rows(made: Statements, statement: str, columns: Sequence[Column], every: bool = False) -> Cells:
    """Income, cash or balance; stocks are those at the end of a period."""
    lines: Lines = {"income": INCOME, "cash": CASH, "balance": BALANCE}[statement]
    values: Mapping[str, Any] = getattr(made, statement)
    out = []
    for key, label in lines:
        stock = statement == "balance"
        cells = ends(values[key], columns, made.opening[key]) if stock else sums(values[key], columns)
        if every or any(cells) or not label.startswith(" "):
            out.append((key, label, cells))
    return out


def metric_rows(made: Statements, columns: Sequence[Column], lines: Lines, every: bool = False) -> Cells:
    """Metrics of `lines`; steps of adjusted leverage that add nothing are left out."""
    from gigawatt.finance.companies.metrics import credit_metrics, metrics, new_money, periods

    by_kind = {}
    for annual in (True, False):
        p = periods(made, annual)
        totals = {f"{line}_usd": p.flow(made.income[line]) for line in ("revenue", "ebitda")}
        found = metrics(made, annual) | credit_metrics(made, annual) | new_money(made, annual) | totals
        by_kind[annual] = (p, found)
    steps = {"leverage_with_leases": "lease_liability_usd", "leverage_with_uncommenced": "uncommenced_usd",
             "leverage_with_vehicles": "vehicles_usd", "leverage_with_commitments": "commitments_usd"}  # fmt: skip
    added = {key: bool(np.any(by_kind[True][1][what])) for key, what in steps.items()}
    return [
        (key, label, [_metric(by_kind, key, column) for column in columns])
        for key, label in lines
        if every or lines is SHORT or added.get(key, True)
    ]


def _metric(by_kind: Mapping[bool, Any], key: str, column: Column) -> float:
    p, found = by_kind[column.is_year]
    return float(found[key][p.parts.index(column.part)])


def funding_rows(made: Statements, columns: Sequence[Column], every: bool = False) -> Cells:
    """What cash is wanted for and what brings it, period by period: signed deals, then new money."""
    from gigawatt.finance.companies.metrics import new_money

    flows = dict(new_money(made, annual=False))
    flows |= {name: -flows[name] for name in ("due_signed_usd", "due_assumed_usd", "due_new_usd")}
    flows |= {f"{new}_usd": made.cash[line] for new, line in (
        ("free_cash_flow", "free_cash_flow"), ("stakes", "stakes_bought"), ("payouts", "payouts"))}  # fmt: skip
    wanted = ("free_cash_flow_usd", "stakes_usd", "due_signed_usd", "due_assumed_usd", "due_new_usd", "payouts_usd")
    flows |= {
        "before_financing_usd": np.sum([flows[each] for each in wanted], axis=0),
        "from_cash_usd": -made.cash["change_in_cash"],
    }
    rows = [(key, label, sums(flows[key], columns)) for key, label in FUNDING]
    return [row for row in rows if every or any(row[2]) or not row[1].startswith(" ")]


def bridge_rows(made: Statements, columns: Sequence[Column], every: bool = False) -> Cells:
    """From debt to all that must be paid, vehicles by name; those told only stand in brackets."""
    from gigawatt.finance.companies.metrics import bridge

    out = []
    for row in bridge(made, annual=False):
        cells = ends(row.usd, columns, row.opening_usd)
        key = row.kind if row.kind != "sum" else row.name.replace(" ", "_")
        key = f"vehicle:{row.name}" if row.kind == "vehicle" else key
        label = row.name if row.counted else f"({row.name}: in the leases)"
        if every or any(cells):
            out.append((key, label if row.kind == "sum" else f"  {label}", cells))
    return out


def debt_rows(made: Statements, columns: Sequence[Column], every: bool = False) -> Cells:
    """Owed at the end of the period by tranche, with rate and term, then what is drawn and due."""
    terms = {t.name: t for t in made.company.funding.tranches}
    out = []
    for name, series in made.debt.items():
        tranche = terms.get(name)
        stands = tranche is not None and tranche.drawn_last < 0
        cells = ends(series, columns, tranche.principal_usd if tranche and stands else 0.0)
        if every or any(cells):
            out.append((name, f"  {name}" + (_terms(made, tranche) if tranche else ""), cells))
    total = made.balance["debt"] + made.balance["gap"]
    out.append(("debt", "Debt and gap", ends(total, columns, made.opening["debt"])))
    out.append(("drawn", "Drawn", sums(made.memo["drawn"], columns)))
    out.append(("due", "Principal due", sums(made.memo["due"], columns)))
    out.append(("interest", "Interest", sums(-made.income["interest_expense"], columns)))
    return out


def _terms(made: Statements, tranche: Tranche) -> str:
    kind = "floating" if tranche.floating else "fixed"
    return f", {tranche.rate:.2%} {kind}, to {_quarter(made, tranche.last)}"


def _quarter(made: Statements, quarter: int) -> str:
    from gigawatt.finance.companies.company import quarter_label

    return quarter_label(made.company, quarter)
