"""Figures on the companies' books: cash and debt over time, and the cash-flow statement of each by year."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.report.numbers import say, scale_of, three
from gigawatt.report.option import chart, dataset, line, small, time_axis, value_axis
from gigawatt.report.palette import CASH, DEBT
from gigawatt.report.panel import Chart, Panel, by_year
from gigawatt.report.series import Floats, Weekly, columns_of, gathered, names_in, thinned, yearly
from gigawatt.report.words import month
from gigawatt.results import Results, Table

SMALL_CHARTS = 15
FLOWS = {
    "AI revenue": "ai_revenue_usd", "Cloud revenue": "cloud_revenue_usd", "Core revenue": "core_revenue_usd",
    "Chip revenue": "chip_revenue_usd", "Operating cost": "operating_cost_usd", "EBITDA": "ebitda_usd",
    "Interest": "interest_usd", "Tax": "tax_usd", "Capital expenditure": "capex_usd", "Debt issued": "debt_issued_usd",
    "Debt repaid": "debt_repaid_usd", "Equity issued": "equity_issued_usd", "Dividends": "dividend_usd",
}  # fmt: skip
SPENT = {"operating_cost_usd", "interest_usd", "tax_usd", "capex_usd", "debt_repaid_usd", "dividend_usd"}
STOCKS = {
    "Cash": "cash_usd", "Chips": "chips_usd", "Sites and plants": "sites_usd", "Stakes and loans held": "claims_usd",
    "Debt": "debt_usd", "Equity": "equity_usd",
}  # fmt: skip
AFTER_EBITDA = ("interest_usd", "tax_usd", "capex_usd", "debt_issued_usd", "debt_repaid_usd", "equity_issued_usd",
                "dividend_usd")  # fmt: skip
TOTALS = {"EBITDA", "Change in cash"}


def accounts_panel(results: Results) -> Panel:
    """Cash and debt of each company, those with the most debt first."""
    table = results["companies"]
    debt, cash = gathered(table, "company", "debt_usd"), gathered(table, "company", "cash_usd")
    weight = {name: float(np.nanmax(debt.values[name] + np.abs(cash.values[name]))) for name in debt.values}
    ranked = sorted(weight, key=lambda name: -weight[name])[:SMALL_CHARTS]
    return Panel(
        "accounts", "Cash and debt", _accounts_finding(debt, cash),
        "Table companies: cash_usd and debt_usd at the end of each step. Each company on its own scale.",
        tuple(_books(name, cash, debt) for name in ranked),
        by_year(debt, 1e9, "last", "debt, $bn"),
    )  # fmt: skip


def _books(name: str, cash: Weekly, debt: Weekly) -> Chart:
    shown = thinned(Weekly(cash.dates, {"Cash": cash.values[name], "Debt": debt.values[name]}), "last")
    scale = scale_of(shown.peak, "USD")
    series = [line("Cash", CASH, scale.unit), line("Debt", DEBT, scale.unit)]
    axes = {"xAxis": time_axis(shown.dates), "yAxis": value_axis(scale.unit)}
    return Chart(
        f"accounts.{name}", small(chart(series, dataset=dataset(shown, scale.size), **axes)), name, height="small"
    )


def _accounts_finding(debt: Weekly, cash: Weekly) -> str:
    if not debt.values or not len(debt.dates):
        return "No company in this run."
    most = max(debt.values, key=lambda name: float(debt.values[name].max()))
    least = min(cash.values, key=lambda name: float(cash.values[name].min()))
    deep, low = int(np.argmax(debt.values[most])), int(np.argmin(cash.values[least]))
    owes = f"{most} owes most, {say(debt.values[most][deep], 'USD')} in {month(debt.dates[deep])}"
    left = f"{least} comes down to the least cash, {say(cash.values[least][low], 'USD')} in {month(cash.dates[low])}"
    return f"{owes}; {left}."


def statement(table: Table) -> tuple[list[str], list[dict[str, Any]]]:
    """Years, and the lines of a company's cash-flow statement and balance sheet in texts, $bn."""
    signed = {name: _signed(table, column) for name, column in FLOWS.items()}
    change = table["cash_change_usd"].astype(float)
    known = signed["EBITDA"] + sum(_signed(table, column) for column in AFTER_EBITDA)
    flows = {**signed, "Stakes, loans and other": change - known, "Change in cash": change}
    years, sums = yearly(Weekly(table["date"], flows), "sum")
    _, ends = yearly(columns_of(table, STOCKS), "last")
    lines = [_line(name, values) for name, values in sums.items()]
    balance = [_line(f"{name}, end of year", values) for name, values in ends.items()]
    return [str(year) for year in years], [line for line in lines + balance if line]


def _signed(table: Table, column: str) -> Floats:
    """A column with money spent as negative."""
    values = table[column].astype(float)
    return -values if column in SPENT else values


def _line(name: str, usd: Floats) -> dict[str, Any]:
    """One line of the statement in $bn; empty when it is 0 in every year."""
    if not np.any(np.abs(usd) > 1e3):
        return {}
    cells = [three(round(float(each) / 1e9, 3)) for each in usd]
    return {"name": name, "total": name in TOTALS, "cells": cells}


def statements(results: Results) -> tuple[list[str], dict[str, list[dict[str, Any]]]]:
    """Years and the statement of every company."""
    table = results["companies"]
    years: list[str] = []
    lines = {}
    for name in names_in(table, "company"):
        years, lines[name] = statement(table.where(company=name))
    return years, lines
