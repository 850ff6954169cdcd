"""Company statements as long files: one number a row, with the company, the stress and the dates it belongs to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.finance_company_rows import Column, columns_of, rows_of
from gigawatt.cli.finance_company_texts import Row
from gigawatt.cli.output import Format, show

if TYPE_CHECKING:
    from gigawatt.finance.companies.statements import Statements

QUARTERS = 4
MONTHS = 3  # of a quarter
PLAN = "plan"  # the stress of a file without one


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What every row of a file says of itself: whose numbers these are, under what."""

    company: str
    opening_date: str
    stress: str = PLAN
    chip_life_years: float = math.nan

    def row(self) -> Row:
        """The columns in front of each row."""
        return {
            "company": self.company, "stress": self.stress, "chip_life_years": self.chip_life_years,
            "opening_date": self.opening_date,
        }  # fmt: skip


def told_of(made: Statements, stress: str) -> Told:
    """What the rows of a projection say of themselves; `stress` as it was asked for, empty for the plan."""
    life = made.stress.chip_life_years
    return Told(
        company=made.company.name, opening_date=made.company.opening_date, stress=stress or PLAN,
        chip_life_years=made.company.assets.chip_life_years if life is None else life,
    )  # fmt: skip


def write_statements(
    made: Statements, wanted: Sequence[str], annual: bool, stress: str, how: Format, out: Path | None
) -> None:
    """The statements in one long table; key figures in short are by year."""
    show(file_rows(made, wanted, annual or wanted == ["short"], stress), how, out)


def file_rows(made: Statements, wanted: Sequence[str], annual: bool, stress: str) -> list[Row]:
    """Every line of every period in USD (ratios as they are, empty where they mean nothing)."""
    head, first_year = told_of(made, stress).row(), made.company.first_year
    return [
        head | {"statement": statement, "line": key, "label": named(label), "unit": unit_of(statement, key)}
        | period(column, first_year, made.company.opening_date)
        | {"value": in_cents(finite(value), unit_of(statement, key))}
        for statement in wanted
        for columns in (columns_of(made, annual, statement),)
        for key, label, cells in rows_of(made, statement, columns, every=True)
        for column, value in zip(columns, cells, strict=True)
        if column.part is not None or not math.isnan(value)
    ]  # fmt: skip


def unit_of(statement: str, key: str) -> str:
    """The unit of a line: USD, years, or 1 for ratios and shares."""
    if statement not in ("metrics", "short") or key.endswith("_usd"):
        return "USD"
    return "years" if key.endswith("_years") else "1"


def named(label: str) -> str:
    """A label without what places it in a table, and without the unit in which people read it."""
    return label.strip(" +").removesuffix(", %").removesuffix(", x")


def finite(value: float) -> float:
    """A value that a file can hold: NaN, which stays empty, for what has no bound."""
    return value if math.isfinite(value) else math.nan


def in_cents(value: float, unit: str) -> float:
    """Amounts in whole cents, without the noise of their sums."""
    return round(value, 2) if unit == "USD" else value


def period(column: Column, first_year: int, opening_date: str) -> Row:
    """Name, kind and days of a period: `opening`, `2026Q1`, `2026`, or `2028Q1-Q2` of a year cut short."""
    if column.part is None:
        return {"period": "opening", "period_kind": "opening", "period_start": "", "period_end": opening_date}
    first, last = column.part.start, column.part.stop - 1
    year, quarter = first_year + first // QUARTERS, first % QUARTERS + 1
    count = last - first + 1
    name = f"{year}" if count == QUARTERS else f"{year}Q{quarter}" + (f"-Q{quarter + count - 1}" if count > 1 else "")
    kind = {1: "quarter", QUARTERS: "year"}.get(count, "part of a year")
    return {
        "period": name, "period_kind": kind, "period_start": first_day(first_year, first).isoformat(),
        "period_end": (first_day(first_year, last + 1) - timedelta(days=1)).isoformat(),
    }  # fmt: skip


def first_day(first_year: int, quarter: int) -> date:
    """The first day of a quarter, counted from the first of `first_year`."""
    return date(first_year + quarter // QUARTERS, quarter % QUARTERS * MONTHS + 1, 1)


def table_rows(rows: Sequence[dict[str, Any]], head: Row) -> list[Row]:
    """Rows of other tables with the same columns in front, without what has no bound."""
    return [head | {key: _clean(key, value) for key, value in row.items()} for row in rows]


def _clean(key: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return in_cents(finite(value), "USD" if key.endswith("_usd") else "1")


def stable(quarter: str | None) -> str:
    """A quarter as files name it: 2026Q1."""
    return (quarter or "").replace(" ", "")
