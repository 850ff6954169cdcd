"""Income statement, cash flow statement, balance sheet and cover by calendar year, read from the lines by period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gigawatt.report.finance_cells import FIRST, HERE, OPENING, PERIOD_ROW, TOTAL, in_column
from gigawatt.report.finance_layout import TIMING
from gigawatt.report.finance_sheets import A3, COLUMNS_A_PAGE, YEAR, Writing, cached, head, over_periods, printed
from gigawatt.report.finance_styles import MONEY

ANNUAL = "Annual"
TITLES = PERIOD_ROW + 1
TOP = TITLES + 2


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a statement: a line by year, or something of the rows above it.

    how: sum of a line over the year, its value at the end, the change of that, `subtotal` of the rows since the last
    one, `all` subtotals of the statement, or `cover`, the row two above over the row above.
    """

    label: str
    line: str = ""
    how: str = "sum"
    sign: int = 1
    strong: bool = False


STATEMENTS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("Income statement, USD", (
        Row("Revenue", "revenue.usd"), Row("Operating cost", "opex_usd", sign=-1),
        Row("EBITDA", "ebitda_usd", strong=True),
        Row("Depreciation", "book.worn_usd", sign=-1),
        Row("Interest and fees before completion, written off", "finance.amortised_usd", sign=-1),
        Row("Residual values less book value", "income.gain_usd"),
        Row("Interest", "finance.interest_usd", sign=-1), Row("Fees of refinancing", "finance.late_fees_usd", sign=-1),
        Row("Interest on reserves", "finance.reserve_interest_usd"),
        Row("Paid by guarantors of debt", "income.guarantees_usd"), Row("Tax credits sold", "sources.credit_usd"),
        Row("Tax paid by the project", "finance.own_tax_usd", sign=-1),
        Row("Net income", "income.net_usd", strong=True),
    )),
    ("Cash flow statement, USD", (
        Row("Net income", "income.net_usd"), Row("Depreciation", "book.worn_usd"),
        Row("Interest and fees before completion, written off", "finance.amortised_usd"),
        Row("Book value written off at the end", "book.lost_usd"),
        Row("Working capital", "working_capital_usd", "change", -1),
        Row("Cash from operation and sale of assets", how="subtotal", strong=True),
        Row("Capex, first lives", "capex.first_usd", sign=-1), Row("Capex, refreshes", "capex.refresh_usd", sign=-1),
        Row("Interest and fees before completion", "uses.financing_usd", sign=-1),
        Row("Cash spent on building", how="subtotal", strong=True),
        Row("Debt drawn less debt repaid", "loans.balance_usd", "change"),
        Row("Paid in by owners", "owners.paid_in_usd"), Row("Tax equity", "sources.investor_usd"),
        Row("Distributions", "owners.distributed_usd", sign=-1),
        Row("Cash from lenders and owners", how="subtotal", strong=True),
        Row("Change of cash", how="all", strong=True),
        Row("Cash and reserves at the end of the year", "balance.cash_usd", "end"),
    )),
    ("Balance sheet at the end of the year, USD", (
        Row("Fixed assets", "balance.fixed_usd", "end"), Row("Cash and reserves", "balance.cash_usd", "end"),
        Row("Working capital", "working_capital_usd", "end"), Row("Assets", "balance.assets_usd", "end", strong=True),
        Row("Debt", "loans.balance_usd", "end"), Row("Equity", "balance.equity_usd", "end"),
    )),
    ("Debt service, USD", (
        Row("Cash that counts for cover", "cover.cash_usd"), Row("Debt service due", "waterfall.due_usd"),
        Row("Cover of the year, sum over sum", how="cover", strong=True),
    )),
)  # fmt: skip


def years_of(writing: Writing) -> list[int]:
    """The calendar year in which each period ends; none where the model has no dates."""
    if "time.ends" not in writing.layout.places:
        return []
    days = np.datetime64("1899-12-30") + writing.series("time.ends").astype(int).astype("timedelta64[D]")
    return [int(str(day)[:4]) for day in days]


def has_statements(writing: Writing) -> bool:
    """Whether the model has dates and every line of the statements."""
    asked = {row.line for _, rows in STATEMENTS for row in rows if row.line}
    return bool(years_of(writing)) and asked <= set(writing.model.lines)


def write_annual(writing: Writing, sheet: Worksheet) -> None:
    """The statements by calendar year, one below the other."""
    years = years_of(writing)
    columns = years[-1] - years[0] + 1
    head(writing, sheet)
    _clock(writing, sheet, years[0], columns)
    row = TOP
    for title, rows in STATEMENTS:
        for column in range(FIRST + columns):
            sheet.write_blank(row - 1, column, None, writing.style("band"))
        sheet.write_string(row - 1, 0, title, writing.style("band"))
        table = amounts(writing, rows)
        for k, each in enumerate(rows):
            _write(writing, sheet, row + 1 + k, each, formula(writing, rows, k, row + 1 + k), table[k])
        row += len(rows) + 2
    _set_up(writing, sheet, row - 2, columns)


def formula(writing: Writing, rows: Sequence[Row], k: int, at: int) -> str:
    """The formula of the k-th row of a statement, which stands in row `at` of the sheet."""
    row, sign = rows[k], "-" if rows[k].sign < 0 else ""
    year, calendar = f"{HERE}${PERIOD_ROW}", f"{TIMING}!{over_periods(writing, YEAR)}"
    match row.how:
        case "subtotal":
            first = at - k + max((j + 1 for j in range(k) if rows[j].how == "subtotal"), default=0)
            return f"=SUM({HERE}{first}:{HERE}{at - 1})"
        case "all":
            return "=" + "+".join(f"{HERE}{at - k + j}" for j in range(k) if rows[j].how == "subtotal")
        case "cover":
            return f'=IF({HERE}{at - 1}=0,"",{HERE}{at - 2}/{HERE}{at - 1})'
    place = writing.layout.places[row.line]
    cells = f"{place.sheet}!{over_periods(writing, place.row)}"
    if row.how == "sum":
        return f"={sign}SUMIF({calendar},{year},{cells})"
    end = f"INDEX({cells},1,MATCH({year},{calendar},1))"
    if row.how == "end":
        return f"={sign}{end}"
    before = f"IF({year}={TIMING}!${xl_col_to_name(FIRST)}${YEAR},0,INDEX({cells},1,MATCH({year}-1,{calendar},1)))"
    return f"={sign}({end}-{before})"


def amounts(writing: Writing, rows: Sequence[Row]) -> np.ndarray:
    """What the rows of a statement say by year, as the engine has it; shape (rows, years)."""
    years = np.array(years_of(writing))
    each = np.arange(years[0], years[-1] + 1)
    found = np.zeros((len(rows), len(each)))
    for k, row in enumerate(rows):
        marks = [j for j in range(k) if rows[j].how == "subtotal"]
        match row.how:
            case "subtotal":
                found[k] = found[marks[-1] + 1 if marks else 0 : k].sum(axis=0)
            case "all":
                found[k] = found[marks].sum(axis=0)
            case "cover":
                due = found[k - 1]
                found[k] = np.where(due == 0, math.nan, found[k - 2] / np.where(due == 0, 1, due))
            case how:
                found[k] = row.sign * _by_year(writing.series(row.line), years, each, how)
    return found


def _by_year(series: np.ndarray, years: np.ndarray, each: np.ndarray, how: str) -> np.ndarray:
    if how == "sum":
        return np.array([series[years == year].sum() for year in each])
    ends = np.array([series[years == year][-1] for year in each])
    return ends if how == "end" else np.diff(ends, prepend=0.0)


def _write(writing: Writing, sheet: Worksheet, at: int, row: Row, text: str, values: np.ndarray) -> None:
    style, form = writing.style, '0.00"x"' if row.how == "cover" else MONEY
    look = "sum" if row.strong else "link" if row.line else "calculation"
    sheet.write_string(at - 1, 1, row.label, style("total" if row.strong else "text"))
    sheet.write_string(at - 1, 2, row.line, style("name"))
    for k, value in enumerate(values):
        sheet.write_formula(at - 1, FIRST + k, in_column(text, FIRST + k), style(look, form), cached(value))
    if row.how in ("sum", "change", "subtotal", "all"):
        last = xl_col_to_name(FIRST + len(values) - 1)
        summed = f"=SUM(${xl_col_to_name(FIRST)}{at}:${last}{at})"
        sheet.write_formula(at - 1, TOTAL, summed, style("total", MONEY), cached(float(values.sum())))


def _clock(writing: Writing, sheet: Worksheet, first_year: int, columns: int) -> None:
    style = writing.style
    for column in range(FIRST + columns):
        sheet.write_blank(PERIOD_ROW - 1, column, None, style("clock_label"))
        sheet.write_blank(TITLES - 1, column, None, style("head"))
    sheet.write_string(PERIOD_ROW - 1, 1, "Calendar year", style("clock_label"))
    for column, text in ((1, "By calendar year"), (2, "Line"), (TOTAL, "Total")):
        sheet.write_string(TITLES - 1, column, text, style("head_right" if column == TOTAL else "head"))
    for k in range(columns):
        before = xl_col_to_name(FIRST + k - 1)
        year = f"={before}{PERIOD_ROW}+1" if k else f"={TIMING}!{xl_col_to_name(FIRST)}{YEAR}"
        sheet.write_formula(PERIOD_ROW - 1, FIRST + k, year, style("clock", "0"), first_year + k)


def _set_up(writing: Writing, sheet: Worksheet, last_row: int, columns: int) -> None:
    style = writing.style
    for column, width in ((0, 3), (1, 46), (2, 20), (3, 7), (4, 9), (TOTAL, 16), (OPENING, 2)):
        sheet.set_column(column, column, width, style("text"))
    sheet.set_column(FIRST, FIRST + columns - 1, 15, style("text"))
    sheet.freeze_panes(TITLES, OPENING)
    printed(sheet, math.ceil(columns / COLUMNS_A_PAGE), A3)
    sheet.repeat_rows(0, TITLES - 1)
    sheet.repeat_columns(0, OPENING - 1)
    sheet.print_area(0, 0, last_row - 1, FIRST + columns - 1)
