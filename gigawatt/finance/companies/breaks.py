"""What breaks first: the smallest change of each kind after which a bill stays unpaid, ranked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from gigawatt.finance.companies.company import Array, Company
from gigawatt.finance.companies.gaps import first_gap, largest_gap_usd, months_closed
from gigawatt.finance.companies.statements import Statements, project_statements
from gigawatt.finance.companies.stress import NONE, Stress, customer_share, customers

# Kinds that are a number: (kind, furthest change tried, step, change that counts as usual when kinds are ranked).
SCALES = (("revenue", -1.0, -0.001, -0.2), ("rates", 0.2, 0.0005, 0.02), ("capex", 1.0, 0.005, 0.2))
USUAL_MONTHS = 12.0  # of closed markets


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakPoint:
    """The smallest change that opens a gap; `severity` is it over a usual one: below 1 breaks easily."""

    kind: str  # revenue, rates, capex, markets closed, default
    name: str  # as people read it
    value: float  # share, a year, months, or share of contracted revenue; NaN where no change tried opens a gap
    unit: str
    severity: float  # infinite where nothing breaks
    gap_quarter: str | None  # first unpaid bill at that change
    gap_usd: float  # first unpaid bill
    largest_gap_usd: float  # most that is unpaid within the quarters


def break_points(company: Company, quarters: int = 20, base: Stress = NONE) -> list[BreakPoint]:
    """Break points on top of `base`, weakest first: usual changes are 20 % of revenue and capex, 2 points, a year.

    A customer that fails breaks (severity 1) or does not. If the base has a gap already, each number is 0.
    """
    found = [_number(company, quarters, base, *scale) for scale in SCALES]
    found += [_closed(company, quarters, replace(base, signed_kept=kept)) for kept in (False, True)]
    if base.defaults is None:
        found += [_default(company, quarters, base, name) for name in customers(company)]
    return sorted(found, key=lambda each: each.severity)


def _number(
    company: Company, quarters: int, base: Stress, kind: str, furthest: float, step: float, usual: float
) -> BreakPoint:
    """The smallest change of revenue, rates or capex, to the step."""
    names = {"revenue": "revenue falls", "rates": "rates rise", "capex": "capex overruns"}
    units = {"revenue": "share", "rates": "1/year", "capex": "share"}

    def with_change(change: float | Array) -> Statements:
        before = getattr(base, kind)
        # Rates add, shares work on what the base leaves.
        whole = before + change if kind == "rates" else (1 + before) * (1 + change) - 1
        return project_statements(company, quarters, replace(base, **{kind: whole}))

    value = _smallest(with_change, furthest, step)
    if value is None:
        return _unbroken(kind, names[kind], units[kind])
    return _broken(kind, names[kind], units[kind], value, abs(value / usual), with_change(value))


def _smallest(with_change: Callable[[float | Array], Statements], furthest: float, step: float) -> float | None:
    """The first change with a gap: steps of a fiftieth of the way at first, then the step asked for."""
    coarse = np.linspace(0.0, furthest, 51)
    hit = np.flatnonzero(with_change(coarse).balance["gap"].max(axis=-1) > 0)
    if not len(hit):
        return None
    if hit[0] == 0:
        return 0.0
    low, high = coarse[hit[0] - 1], coarse[hit[0]]
    fine = np.append(np.arange(low, high, step)[1:], high)
    hit = np.flatnonzero(with_change(fine).balance["gap"].reshape(len(fine), -1).max(axis=-1) > 0)
    return float(fine[hit[0]])


def _closed(company: Company, quarters: int, base: Stress) -> BreakPoint:
    """Months of closed markets until the first unpaid bill, from the start of the base."""
    name = "markets close, signed money comes" if base.signed_kept else "markets close"
    made = project_statements(company, quarters, replace(base, refinancing_closed=True))
    months = months_closed(made, quarters)
    if months == inf:
        return _unbroken("markets closed", name, "months")
    return _broken("markets closed", name, "months", months, months / USUAL_MONTHS, made)


def _default(company: Company, quarters: int, base: Stress, customer: str) -> BreakPoint:
    """The failure of a customer; its value is the share of contracted revenue that goes."""
    made = project_statements(company, quarters, replace(base, defaults=customer))
    share, name = customer_share(company, customer), f"{customer} defaults"
    if made.balance["gap"].max() <= 0:
        return replace(_unbroken("default", name, "share of contracts"), value=share)
    return _broken("default", name, "share of contracts", share, 1.0, made)


def _broken(kind: str, name: str, unit: str, value: float, severity: float, made: Statements) -> BreakPoint:
    quarter, usd = first_gap(made)
    return BreakPoint(
        kind=kind, name=name, value=value, unit=unit, severity=severity, gap_quarter=quarter, gap_usd=usd,
        largest_gap_usd=largest_gap_usd(made),
    )  # fmt: skip


def _unbroken(kind: str, name: str, unit: str) -> BreakPoint:
    return BreakPoint(
        kind=kind, name=name, value=float("nan"), unit=unit, severity=inf, gap_quarter=None, gap_usd=0.0,
        largest_gap_usd=0.0,
    )  # fmt: skip
