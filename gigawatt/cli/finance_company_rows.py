"""Rows of company statements for people: lines down, quarters and years across."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gigawatt.finance.company import Tranche
    from gigawatt.finance.company_statements import Statements

Row = dict[str, Any]
Lines = Sequence[tuple[str, str]]  # key, label; a label without leading blanks is a total

INCOME: Lines = (
    ("contracted_revenue", "  under contract"), ("other_revenue", "  other"), ("revenue", "Revenue"),
    ("cost_of_revenue", "  cost of revenue"), ("operating_expenses", "  operating expenses"), ("rent", "  rent"),
    ("ebitda", "EBITDA, adjusted"), ("stock_compensation", "  share-based pay"),
    ("depreciation_chips", "  depreciation, chips"), ("depreciation_sites", "  depreciation, sites"),
    ("receivables_written_off", "  write-offs"), ("operating_income", "Operating income"),
    ("interest_expense", "  interest expense"), ("interest_income", "  interest income"),
    ("before_tax", "Income before tax"), ("tax", "  tax"), ("net_income", "Net income"),
)  # fmt: skip
CASH: Lines = (
    ("net_income", "Net income"), ("depreciation", "  depreciation"), ("stock_compensation", "  share-based pay"),
    ("receivables_written_off", "  write-offs"), ("change_in_receivables", "  receivables"),
    ("change_in_payables", "  payables"), ("change_in_deferred_revenue", "  deferred revenue"),
    ("operating", "Cash from operations"), ("capex", "  capex"), ("stakes_bought", "  stakes bought"),
    ("investing", "Cash from investing"), ("signed_debt_drawn", "  signed debt drawn"),
    ("new_debt", "  new term debt"), ("debt_repaid", "  debt repaid"), ("change_in_revolver", "  revolver"),
    ("shares_sold", "  shares sold"), ("payouts", "  dividends, buy-backs"), ("change_in_gap", "  unpaid: gap"),
    ("financing", "Cash from financing"), ("change_in_cash", "Change in cash"), ("free_cash_flow", "Free cash flow"),
)  # fmt: skip
BALANCE: Lines = (
    ("cash", "  cash"), ("receivables", "  receivables"), ("chips", "  chips, net"), ("sites", "  sites, net"),
    ("right_of_use", "  right of use"), ("other_assets", "  other assets"), ("assets", "Assets"),
    ("payables", "  payables"), ("deferred_revenue", "  deferred revenue"), ("debt", "  debt"),
    ("gap", "  unpaid: gap"), ("lease_liability", "  lease liability"), ("other_liabilities", "  other liabilities"),
    ("liabilities", "Liabilities"), ("equity", "Equity"),
)  # fmt: skip
METRICS: Lines = (
    ("revenue_growth", "revenue growth on the period before, %"), ("ebitda_margin", "EBITDA margin, %"),
    ("interest_cover", "EBITDA / interest, x"), ("operating_cover", "operating income / interest, x"),
    ("ffo_to_debt", "FFO / debt, %"), ("free_cash_flow_usd", "free cash flow"), ("debt_usd", "debt"),
    ("net_debt_usd", "net debt"), ("net_debt_to_ebitda", "net debt / EBITDA, x"),
    ("leverage_with_leases", "  + leases, x"), ("leverage_with_uncommenced", "  + leases not commenced, x"),
    ("leverage_with_vehicles", "  + vehicles, x"), ("leverage_with_commitments", "  + other commitments, x"),
    ("adjusted_debt_usd", "adjusted net debt"), ("due_usd", "principal due"),
    ("refinancing_usd", "of it beyond cash and FCF"), ("liquidity_usd", "cash and unused revolver"),
    ("backlog_usd", "backlog as planned"),
)  # fmt: skip
SHARES = ("revenue_growth", "ebitda_margin", "ffo_to_debt")
BN_FROM_USD = 2e11  # companies with amounts from here on are shown in bn
TITLES = {"income": "Income statement", "cash": "Cash-flow statement", "balance": "Balance sheet",
          "debt": "Debt", "metrics": "Metrics"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit in which amounts are shown."""

    name: str
    usd: float
    decimals: int

    def text(self, usd: float) -> str:
        """An amount in the unit; a dash for nothing."""
        if math.isnan(usd):
            return ""
        shown = round(usd / self.usd, self.decimals)
        return "-" if shown == 0 else f"{shown:,.{self.decimals}f}"


def scale_of(largest_usd: float) -> Scale:
    """Millions, or billions for large companies."""
    return Scale("USD bn", 1e9, 1) if largest_usd >= BN_FROM_USD else Scale("USD m", 1e6, 0)


@dataclass(frozen=True, slots=True)
class Column:
    """A period in a table; `part` is None for the opening."""

    label: str
    part: slice | None
    is_year: bool


Cells = list[tuple[str, str, list[float]]]  # (key, label, value by column)


def columns_of(made: Statements, annual: bool, statement: str) -> list[Column]:
    """Years, or quarters with the sum of each full year after them; stocks have the opening in front instead."""
    from gigawatt.finance.company_metrics import periods

    years, stocks = periods(made, annual=True), statement in ("balance", "debt")
    found: list[Column] = [Column(made.company.opening_date, None, False)] if stocks else []
    for label, part in zip(years.labels, years.parts, strict=True):
        quarters = [Column(made.labels[t], slice(t, t + 1), stocks and t == part.stop - 1)
                    for t in range(part.start, part.stop)]  # fmt: skip
        whole = [] if stocks or len(quarters) == 1 else [Column(label, part, True)]
        found += [Column(label, part, True)] if annual else [*quarters, *whole]
    return found


def rows_of(made: Statements, statement: str, columns: Sequence[Column]) -> Cells:
    """The lines of a statement, the debts or the metrics."""
    if statement == "metrics":
        return metric_rows(made, columns)
    return debt_rows(made, columns) if statement == "debt" else statement_rows(made, statement, columns)


def ends(series: Any, columns: Sequence[Column], opening: float) -> list[float]:
    """A stock at the end of each period."""
    return [opening if c.part is None else float(series[c.part.stop - 1]) for c in columns]


def sums(series: Any, columns: Sequence[Column]) -> list[float]:
    """A flow over each period; NaN at the opening."""
    return [math.nan if c.part is None else float(series[c.part].sum()) for c in columns]


def statement_rows(made: Statements, statement: str, columns: Sequence[Column]) -> Cells:
    """Income, cash or balance; stocks are those at the end of a period."""
    lines: Lines = {"income": INCOME, "cash": CASH, "balance": BALANCE}[statement]
    values: Mapping[str, Any] = getattr(made, statement)
    out = []
    for key, label in lines:
        stock = statement == "balance"
        cells = ends(values[key], columns, made.opening[key]) if stock else sums(values[key], columns)
        if any(cells) or not label.startswith(" "):
            out.append((key, label, cells))
    return out


def metric_rows(made: Statements, columns: Sequence[Column]) -> Cells:
    """The metrics; steps of adjusted leverage that add nothing are left out."""
    from gigawatt.finance.company_metrics import metrics, periods

    by_kind = {annual: (periods(made, annual), metrics(made, annual)) for annual in (True, False)}
    steps = {"leverage_with_leases": "lease_liability_usd", "leverage_with_uncommenced": "uncommenced_usd",
             "leverage_with_vehicles": "vehicles_usd", "leverage_with_commitments": "commitments_usd"}  # fmt: skip
    added = {key: bool(by_kind[True][1][what].any()) for key, what in steps.items()}
    out = []
    for key, label in METRICS:
        if added.get(key, True):
            cells = [_metric(by_kind, key, column) for column in columns]
            out.append((key, label, cells))
    return out


def _metric(by_kind: Mapping[bool, Any], key: str, column: Column) -> float:
    p, found = by_kind[column.is_year]
    return float(found[key][p.parts.index(column.part)])


def debt_rows(made: Statements, columns: Sequence[Column]) -> Cells:
    """Owed at the end of the period by tranche, with rate and term, then what is drawn and due."""
    terms = {t.name: t for t in made.company.funding.tranches}
    out = []
    for name, series in made.debt.items():
        tranche = terms.get(name)
        stands = tranche is not None and tranche.drawn_last < 0
        cells = ends(series, columns, tranche.principal_usd if tranche and stands else 0.0)
        if any(cells):
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
    from gigawatt.finance.company import quarter_label

    return quarter_label(made.company, quarter)


def metric_text(key: str, value: float, scale: Scale) -> str:
    """A metric as people read it."""
    if math.isnan(value):
        return "n.m."
    if key.endswith("_usd"):
        return scale.text(value)
    if key in SHARES:
        return f"{value * 100:.1f}" if math.isfinite(value) else "n.m."
    if value < 0 and "cover" not in key:
        return "cash"
    if not math.isfinite(value) or abs(value) >= 1000:
        return "n.m."
    return f"{round(value, 1) + 0.0:.1f}"


def right(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> list[Row]:
    """Rows of texts padded on the left to the width of their column, heads as well, so that numbers stand right."""
    widths = [max(len(head), *(len(row[n]) for row in cells)) for n, head in enumerate(heads)]
    padded = [head.rjust(width) for head, width in zip(heads, widths, strict=True)]
    return [dict(zip(padded, (t.rjust(w) for t, w in zip(row, widths, strict=True)), strict=True)) for row in cells]
