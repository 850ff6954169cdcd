"""The stress table of a company: what each stress does to earnings, cover, leverage and liquidity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan

import numpy as np

from gigawatt.finance.companies.breaks import BreakPoint, break_points
from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Company
from gigawatt.finance.companies.metrics import (
    first_gap,
    largest_gap_usd,
    metrics,
    months_of_liquidity,
    refinancing_wall,
)
from gigawatt.finance.companies.statements import project_statements
from gigawatt.finance.companies.stress import NONE, STANDARD, Stress, customers, largest_customer

__all__ = ["BreakPoint", "Outcome", "break_points", "capex_cut", "outcome", "stress"]

PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One stress; amounts in USD over the first two years from its start, ratios of the second."""

    name: str
    revenue_usd: float
    ebitda_usd: float
    net_income_usd: float
    free_cash_flow_usd: float
    interest_cover: float
    net_debt_to_ebitda: float
    gap_quarter: str | None
    gap_usd: float  # the first unpaid bill
    largest_gap_usd: float
    least_equity_usd: float  # of the ends of quarters; below 0 all lenders cannot be repaid out of book values
    capex_cut: float  # least share of capex from the start that must go so that no bill stays unpaid; NaN: not enough
    liquidity_months: float  # with refinancing closed on top; infinite within the quarters looked at
    wall_year: int | None


def stress(company: Company, quarters: int = 20, extra: dict[str, Stress] | None = None) -> list[Outcome]:
    """The plan, the standard stresses, the failure of each customer told, and `extra` ones by name."""
    tried: dict[str, Stress] = {"plan": NONE} | dict(STANDARD)
    customer = largest_customer(company)
    tried |= {f"{name} defaults": Stress(defaults=name) for name in customers(company)}
    tried["all of these"] = Stress(
        revenue=-0.2, rates=0.02, chip_life_years=4.0, refinancing_closed=True, defaults=customer
    )
    tried |= extra or {}
    return [outcome(company, name, each, quarters) for name, each in tried.items()]


def capex_cut(company: Company, tried: Stress, quarters: int = 20) -> float:
    """Least share of capex, in whole percent, that must go from the stress's start so that no bill stays unpaid.

    NaN where even without capex bills stay unpaid. Assets that are not bought cannot be lent against, and suppliers
    are paid for what was bought before, so that more than the gap may have to go. Revenue is left as it is.
    """
    cuts = np.arange(PERCENT + 1) / PERCENT
    made = project_statements(company, quarters, replace(tried, capex=(1 + tried.capex) * (1 - cuts) - 1))
    paid = np.flatnonzero(made.balance["gap"].max(axis=-1) <= 0)
    return float(cuts[paid[0]]) if len(paid) else nan


def outcome(company: Company, name: str, tried: Stress, quarters: int) -> Outcome:
    """What one stress comes to."""
    made = project_statements(company, quarters, tried)
    closed = (
        made
        if tried.refinancing_closed
        else project_statements(company, quarters, replace(tried, refinancing_closed=True))
    )
    first = slice(tried.start, tried.start + 2 * QUARTERS_PER_YEAR)
    yearly = metrics(made)
    year = min(len(yearly["debt_usd"]) - 1, tried.start // QUARTERS_PER_YEAR + 1)
    quarter, usd = first_gap(made)

    def total(lines: dict[str, np.ndarray], line: str) -> float:
        return float(lines[line][first].sum())

    return Outcome(
        name=name, revenue_usd=total(made.income, "revenue"), ebitda_usd=total(made.income, "ebitda"),
        net_income_usd=total(made.income, "net_income"), free_cash_flow_usd=total(made.cash, "free_cash_flow"),
        interest_cover=float(yearly["interest_cover"][year]),
        net_debt_to_ebitda=float(yearly["net_debt_to_ebitda"][year]), gap_quarter=quarter, gap_usd=usd,
        largest_gap_usd=largest_gap_usd(made), least_equity_usd=float(made.balance["equity"].min()),
        capex_cut=capex_cut(company, tried, quarters), liquidity_months=months_of_liquidity(closed, tried.start),
        wall_year=refinancing_wall(made).year,
    )  # fmt: skip
