"""The table of deals: what was agreed, on what terms, and what was paid of it."""

from __future__ import annotations

from datetime import date

import numpy as np

from gigawatt.report.numbers import say, three
from gigawatt.report.panel import Numbers, Panel
from gigawatt.report.words import readable
from gigawatt.results import Results


def deals_panel(results: Results) -> Panel:
    """All deals of the scenario, the largest first."""
    table = results["deals"]
    rows = sorted(table.rows(), key=lambda row: -_number(row["amount_usd"]))
    sure = np.isin(table["status"].astype(str), ("drawn", "firm", "signed"))
    signed = float(np.nansum(table["amount_usd"][sure]))
    paid = float(np.nansum(table["paid_usd"]))
    finding = (
        f"{len(table)} deals; those signed or paid before are worth {say(signed, 'USD')}, "
        f"and {say(paid, 'USD')} is paid in this run."
    )
    return Panel(
        "deals", "Deals: agreed and paid", finding if len(table) else "No deals in this scenario.",
        "Table deals: amount_usd, status, first_paid, and paid_usd over the run; n/a where no amount is known.",
        numbers=Numbers(HEADERS, tuple(_deal(row) for row in rows), "All deals"),
    )  # fmt: skip


HEADERS = ("Deal", "From", "To", "Instrument", "Status", "Term", "First paid", "Agreed, $bn", "Paid, $bn")


def _deal(row: dict[str, str | int | float | bool | date | None]) -> tuple[str, ...]:
    """A deal as texts."""
    said = tuple(readable(str(row[column])) for column in ("instrument", "status"))
    term = f"{_day(row['start'])} to {_day(row['end'])}"
    amounts = tuple(three(_amount(row[column])) for column in ("amount_usd", "paid_usd"))
    return str(row["deal"]), str(row["payer"]), str(row["payee"]), *said, term, _day(row["first_paid"]), *amounts


def _amount(value: object) -> float:
    """USD in billions."""
    return float(value) / 1e9 if isinstance(value, (int, float)) else float("nan")


def _number(value: object) -> float:
    amount = _amount(value)
    return amount if amount == amount else 0.0


def _day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else "never"
