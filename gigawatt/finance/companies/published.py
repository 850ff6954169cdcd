"""The model against what was published of the time after the opening, and of the opening itself.

Rows `published.LINE.PERIOD` of the catalog hold what was published or guided. PERIOD is `opening`, a year (`2026`), a
half (`2026-H1`), a quarter (`2026-Q1`), or so many quarters from one on (`2026-Q3+4`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from gigawatt.catalog import Fact
from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Company
from gigawatt.finance.companies.statements import Statements

FLOWS = {
    "revenue": ("income", "revenue", 1), "operating_income": ("income", "operating_income", 1),
    "net_income": ("income", "net_income", 1), "interest": ("income", "interest_expense", -1),
    "ebitda": ("income", "ebitda", 1), "depreciation": ("cash", "depreciation", 1),
    "operating_cash_flow": ("cash", "operating", 1), "capex": ("cash", "capex", -1),
    "free_cash_flow": ("cash", "free_cash_flow", 1),
}  # fmt: skip
STOCKS = ("debt", "equity", "cash", "assets", "lease_liability", "deferred_revenue")
LINES = (*FLOWS, *STOCKS, "backlog", "run_rate", "interest_share", "adjusted_operating_margin", "cash_burn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One published figure beside the model's; NaN where the projection is too short for it."""

    fact: str  # line in words
    date: str  # period as the catalog tells it
    model: float
    published: float
    unit: str
    source: str
    note: str

    @property
    def ratio(self) -> float:
        """Model over published; NaN where signs differ or there is nothing to divide by."""
        return self.model / self.published if self.model * self.published > 0 else nan


def against_published(company: Company, made: Statements) -> tuple[Compared, ...]:
    """Every published figure of the company beside the model's, in the order of the catalog."""
    return tuple(_compared(fact, made) for fact in company.published)


def _compared(fact: Fact, made: Statements) -> Compared:
    _, line, period = fact.attribute.split(".")
    if line not in LINES:
        raise ValueError(f"{fact.attribute}: unknown line {line!r} (known: {', '.join(LINES)})")
    part = _quarters(period, made.company.first_year)
    short = part is not None and part.stop > made.quarters
    return Compared(
        fact=line.replace("_", " "), date=period.replace("-", " "), published=float(fact.value), unit=fact.unit,
        model=nan if short else _model(line, part, made), source=fact.source, note=fact.note,
    )  # fmt: skip


def _quarters(period: str, first_year: int) -> slice | None:
    """The quarters of a period; None for the opening."""
    if period == "opening":
        return None
    year, _, rest = period.partition("-")
    rest, _, count = rest.partition("+")
    unit = {"": QUARTERS_PER_YEAR, "H": 2, "Q": 1}[rest[:1]]
    within = (int(rest[1:]) - 1) * unit if rest else 0
    start = (int(year) - first_year) * QUARTERS_PER_YEAR + within
    length = int(count) if count else unit
    if start < 0:
        raise ValueError(f"period {period} lies before the first quarter, {first_year}-Q1")
    return slice(start, start + length)


def _model(line: str, part: slice | None, made: Statements) -> float:
    if part is None:
        return made.company.business.rpo_usd if line == "backlog" else made.opening[line]
    last = part.stop - 1
    if line in FLOWS:
        return _flow(line, part, made)
    if line == "cash_burn":
        return -_flow("free_cash_flow", part, made)
    if line == "interest_share":
        return _flow("interest", part, made) / _flow("revenue", part, made)
    if line == "adjusted_operating_margin":  # before share-based compensation
        before_stock = _flow("operating_income", part, made) - float(made.income["stock_compensation"][part].sum())
        return before_stock / _flow("revenue", part, made)
    if line == "run_rate":
        return float(made.income["revenue"][last]) * QUARTERS_PER_YEAR
    stock: Array = made.memo["backlog"] if line == "backlog" else made.balance[line]
    return float(stock[last])


def _flow(line: str, part: slice, made: Statements) -> float:
    statement, key, sign = FLOWS[line]
    return sign * float(getattr(made, statement)[key][part].sum())
