"""A project worked out, in rows: sources and uses, years, loans, contracts, residual values; amounts are whole.

Every table is a head and rows of cells as they are; `shown` makes texts of them for a terminal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.errors import GigawattError
from gigawatt.finance.project.timing import FIRST_DAY

if TYPE_CHECKING:
    from gigawatt.finance.project.lines import Line
    from gigawatt.finance.project.result import ProjectResult

PER_YEAR = {"year": 1, "quarter": 4, "month": 12}
OVER: Mapping[str, Callable[[np.ndarray], float]] = {
    "flow": lambda v: float(v.sum()), "balance": lambda v: float(v[-1]), "date": lambda v: float(v[-1]),
    "ratio": lambda v: float(np.nanmean(v)) if np.isfinite(v).any() else float("nan"), "flag": lambda v: float(v.max()),
}  # fmt: skip
YEARS = (  # column, line, how it is summed where that differs from its kind, how it is written
    ("revenue", "revenue.usd", ""), ("opex", "opex_usd", ""), ("EBITDA", "ebitda_usd", ""), ("tax", "tax.paid.usd", ""),
    ("capex", "capex_usd", ""), ("CFADS", "cover.cash_usd", ""), ("debt service", "waterfall.due_usd", ""),
    ("DSCR", "cover.dscr", "least"), ("debt", "loans.balance_usd", ""), ("reserves", "balance.cash_usd", ""),
    ("owners pay", "owners.paid_in_usd", ""), ("owners, net", "owners.pretax_usd", ""),
)  # fmt: skip
ADDED = {"capex_usd": ("capex.first_usd", "capex.refresh_usd")}  # columns that are a sum of lines
ONE_DAY = dt.timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A row of time: the periods `first` to before `last`, named after its last day."""

    label: str
    ends: dt.date
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit in which amounts are shown."""

    name: str
    size: float
    decimals: int

    def text(self, amount: float) -> str:
        """An amount in the unit; a dash for nothing."""
        if not isfinite(amount):
            return ""
        shown = round(amount / self.size, self.decimals)
        return "-" if shown == 0 else f"{shown:,.{self.decimals}f}"


def scale_of(result: ProjectResult) -> Scale:
    """Millions, with a decimal for small projects; billions for very large ones."""
    largest = float(result.lines["uses.usd"].sum())
    currency = result.project.currency
    for above, letter, size, decimals in ((1e11, "bn", 1e9, 1), (1e9, "M", 1e6, 0), (1e6, "M", 1e6, 1)):
        if largest >= above:
            return Scale(f"{letter} {currency}", size, decimals)
    return Scale(f"k {currency}", 1e3, 1)


def day(serial: float) -> dt.date:
    """The date of a day as spreadsheets count them."""
    return FIRST_DAY + dt.timedelta(days=round(serial))


def ends(result: ProjectResult, period: int) -> dt.date:
    """The last day of a period, counted from 1."""
    return day(float(result.lines["time.ends"][min(period, result.model.periods) - 1]))


def spans(result: ProjectResult, per: str) -> list[Span]:
    """The years, quarters or months until the end of operation.

    Raises:
        GigawattError: They are shorter than the periods of the project.
    """
    have, want = result.model.periods_per_year, PER_YEAR[per]
    if want > have:
        finest = next(name for name, count in PER_YEAR.items() if count == have)
        raise GigawattError(f"--periods {per}: the project has periods of a {finest}; set periods_per_year to {want}")
    step, until = have // want, round(float(np.asarray(result.answers["time.end"])))
    found = []
    for first in range(0, min(until, result.model.periods), step):
        last = min(first + step, result.model.periods)
        there = ends(result, last)
        whole = per == "year" and (there.month, there.day) == (12, 31)
        found.append(Span(str(there.year) if whole else f"{there:%Y-%m}", there, first, last))
    return found


def over(line: Line, values: np.ndarray, periods: Sequence[Span], how: str = "") -> list[float]:
    """A line by span: flows summed, balances at the end, ratios at their mean, cover ratios at their least."""
    if how == "least" or is_least(line):
        return [float(np.nanmin(v)) if np.isfinite(v := values[s.first : s.last]).any() else float("nan")
                for s in periods]  # fmt: skip
    return [OVER[line.kind](values[s.first : s.last]) for s in periods]


def is_least(line: Line) -> bool:
    """Whether a line by span is the least of its periods: cover ratios are, since their mean hides the bad ones."""
    return line.kind == "ratio" and line.name.startswith("cover.")


def year_rows(result: ProjectResult, per: str) -> list[Row]:
    """Operation, cash, debt and owners by span."""
    found = spans(result, per)
    lines = result.model.lines
    columns = {}
    for name, line, how in YEARS:
        parts = [over(lines[part], result.lines[part], found, how) for part in ADDED.get(line, (line,))]
        columns[name] = [sum(values) for values in zip(*parts, strict=True)]
    return [{"to": span.label} | {name: values[n] for name, values in columns.items()} for n, span in enumerate(found)]


def source_rows(result: ProjectResult) -> list[Row]:
    """Uses and sources until completion side by side, with their shares; the last row sums them."""
    uses, sources = uses_and_sources(result)
    blank = {"amount": float("nan"), "share": float("nan")}
    rows = []
    for n in range(max(len(uses), len(sources))):
        left = uses[n] if n < len(uses) else {"use": "", **blank}
        right = sources[n] if n < len(sources) else {"source": "", **blank}
        rows.append((left, right))
    totals = [{"amount": sum(each["amount"] for each in side), "share": sum(each["share"] for each in side)}
              for side in (uses, sources)]  # fmt: skip
    rows.append(({"use": "uses", **totals[0]}, {"source": "sources", **totals[1]}))
    return [{**left, "source": right["source"], "amount ": right["amount"], "share ": right["share"]}
            for left, right in rows]  # fmt: skip


def uses_and_sources(result: ProjectResult) -> tuple[list[Row], list[Row]]:
    """What is paid for until completion, and by whom, with shares of all uses."""

    def total(name: str) -> float:
        return float(result.lines[name].sum())

    uses = [(asset.name, total(f"assets.{asset.name}.spent_usd")) for asset in result.project.assets]
    uses += [("interest before completion", total("uses.interest_usd")), ("fees", total("uses.fees_usd")),
             ("reserves", total("uses.reserves_usd"))]  # fmt: skip
    debt = [(loan.name, float(np.asarray(result.answers[f"debt.{loan.name}.usd"]))) for loan in result.project.debt]
    sources = [*debt, ("tax credits sold", total("sources.credit_usd")), ("tax equity", total("sources.investor_usd")),
               ("cash of early phases", total("sources.operation_usd")),
               ("owners", total("sources.equity_usd"))]  # fmt: skip
    whole = sum(amount for _, amount in uses)
    left, right = ([{head: name, "amount": amount, "share": _part(amount, whole)} for name, amount in side
                    if abs(amount) > 0.5] for head, side in (("use", uses), ("source", sources)))  # fmt: skip
    return left, right


def _part(amount: float, whole: float) -> float:
    return amount / whole if whole else float("nan")


def loan_rows(result: ProjectResult, bound: Mapping[str, str]) -> list[Row]:
    """Each loan: amount, what bounds it, rate, maturity, cover, and what is left when it is refinanced."""
    rows = []
    for loan in result.project.debt:
        path = f"debt.{loan.name}"
        rate = result.lines[f"{path}.rate"] * result.model.periods_per_year
        balance = result.lines[f"loans.{loan.name}.balance_usd"]
        done = round(float(np.asarray(result.answers["time.completion"])))
        maturity = round(float(np.asarray(result.answers[f"{path}.maturity"])))
        when = result.answers.get(f"{path}.refinanced")
        month = None if when is None else round(float(np.asarray(when)))
        rows.append({
            "loan": loan.name, "repayment": loan.repayment.value,
            "amount": float(np.asarray(result.answers[f"{path}.usd"])), "bound by": bound[loan.name],
            "rate": float(np.mean(rate[done:maturity])) if maturity > done else float(rate[-1]),
            "matures": ends(result, maturity).isoformat(), "highest": float(balance.max()),
            "last payment": float(result.lines[f"loans.{loan.name}.due_usd"][min(maturity, len(balance)) - 1]),
            "refinanced": "" if month is None else ends(result, month).isoformat(),
            "then owed": float("nan") if month is None else float(balance[min(month, len(balance)) - 1]),
        })  # fmt: skip
    return rows


def bounds(result: ProjectResult) -> dict[str, str]:
    """What keeps each loan from being larger, in the result that it was sized in."""
    return {loan.name: binding(result, loan.name) for loan in result.project.debt}


def binding(result: ProjectResult, loan: str) -> str:
    """What keeps a loan from being larger: cover, gearing or amount."""
    path, answers = f"debt.{loan}", result.answers
    tranche = next(each for each in result.project.debt if each.name == loan)
    limits = {}
    if tranche.dscr > 0:
        limits["cover"] = float(np.asarray(answers[f"{path}.carried_usd"]))
    if isfinite(tranche.gearing):
        limits["gearing"] = float(np.asarray(answers[f"{path}.geared_usd"]))
    if isfinite(tranche.amount_usd):
        given = result.values.inputs.get(f"{path}.amount_usd") if result.values else None
        limits["amount"] = tranche.amount_usd if given is None else float(given[0])
    return min(limits, key=lambda name: limits[name]) if limits else "cover"


def contract_rows(result: ProjectResult) -> list[Row]:
    """Who pays: each contract, the market and backstops, with what is due by take-or-pay."""
    whole = float(result.lines["revenue.usd"].sum())
    rows = []
    for each in result.project.contracts:
        path = f"contracts.{each.name}"
        revenue, firm = (float(result.lines[f"{path}.{name}_usd"].sum()) for name in ("revenue", "firm"))
        ended = float(result.lines[f"{path}.termination_usd"].sum())
        begins = round(float(np.asarray(result.answers[f"{path}.start"])))
        until = round(float(np.asarray(result.answers.get(f"{path}.end", result.answers[f"{path}.due"]))))
        paid = float(result.lines[f"{path}.paid_hours"].sum())
        rows.append({"sold to": each.customer or each.name, "from": (ends(result, begins) + ONE_DAY).isoformat(),
                     "until": ends(result, until).isoformat(), "per chip-h": _part(revenue, paid),
                     "revenue": revenue + ended, "share": _part(revenue + ended, whole),
                     "take-or-pay": firm})  # fmt: skip
    market, hours = (float(result.lines[f"merchant.{name}"].sum()) for name in ("revenue_usd", "hours"))
    backstop = float(result.lines["revenue.backstop_usd"].sum())
    blank = {"from": "", "until": ""}
    if market:
        rows.append({"sold to": "the market", **blank, "per chip-h": _part(market, hours), "revenue": market,
                     "share": _part(market, whole), "take-or-pay": 0.0})  # fmt: skip
    if backstop:
        names = ", ".join(each.guarantor for each in result.project.backstops)
        rows.append({"sold to": f"backstop: {names}", **blank, "per chip-h": float("nan"), "revenue": backstop,
                     "share": _part(backstop, whole), "take-or-pay": 0.0})  # fmt: skip
    return rows


def residual_rows(result: ProjectResult) -> list[Row]:
    """What assets sell for, what guarantors add, and what that is worth at the start, by asset."""
    factor, owners = result.lines["returns.factor"], result.lines["returns.owners_factor"]
    rows = []
    for asset in result.project.assets:
        sold = result.lines[f"assets.{asset.name}.sold_usd"]
        guaranteed = result.lines[f"assets.{asset.name}.guaranteed_usd"]
        spent = float((result.lines[f"assets.{asset.name}.spent_usd"]
                       + result.lines[f"assets.{asset.name}.refreshes_usd"]).sum())  # fmt: skip
        if sold.sum() + guaranteed.sum() > 0:
            rows.append({"asset": asset.name, "bought for": spent, "sells for": float(sold.sum()),
                         "guarantor adds": float(guaranteed.sum()), "worth now": float((sold * factor).sum()),
                         "worth to owners": float((sold * owners).sum())})  # fmt: skip
    return rows


AMOUNTS = frozenset({
    "amount", "amount ", "highest", "last payment", "then owed", "revenue", "take-or-pay", "bought for", "sells for",
    "guarantor adds", "worth now", "worth to owners", "opex", "EBITDA", "tax", "capex", "CFADS", "debt service",
    "debt", "reserves", "owners pay", "owners, net", "owners' NPV", "unpaid", "paid in later",
})  # fmt: skip
SHARES = frozenset({"share", "share ", "rate", "owners' IRR"})


def shown(rows: Sequence[Row], scale: Scale) -> list[Row]:
    """The rows as texts, numbers on the right below their heads; columns that are empty all the way are left out."""
    if not rows:
        return []
    texts = {name: [_text(name, row[name], scale) for row in rows] for name in rows[0]}
    made: dict[str, list[str]] = {}
    for name, column in texts.items():
        if not any(text not in ("", "-") for text in column):
            continue
        numbers = not isinstance(rows[0][name], str)
        width = max(len(name.strip()), *map(len, column)) if numbers else 0
        made[name.strip().rjust(width) + " " * name.endswith(" ")] = [text.rjust(width) for text in column]
    return [dict(zip(made, cells, strict=True)) for cells in zip(*made.values(), strict=True)]


def _text(name: str, value: Any, scale: Scale) -> str:
    if isinstance(value, str):
        return value
    if isnan(value):
        return ""
    if name in AMOUNTS:
        return scale.text(value)
    return f"{value:.1%}" if name in SHARES and name != "rate" else f"{value:.2%}" if name == "rate" else f"{value:.2f}"
