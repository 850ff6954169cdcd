"""What a project's result says in words: returns, debt and what bounds it, cover, findings with dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from gigawatt.cli.finance_tables import ends, residual_rows
from gigawatt.units import format_quantity

if TYPE_CHECKING:
    from gigawatt.finance.project.asking import Finding
    from gigawatt.finance.project.result import ProjectResult

STATUS = {
    "UNIQUE": "", "SEVERAL": "one of {count} rates: {roots}", "NO_SIGN_CHANGE": "flows never change sign",
    "NO_ROOT": "no rate makes the flows worth nothing", "ALL_ZERO": "nothing flows", "UNDECIDED": "not decided",
}  # fmt: skip
FEW_ROOTS = 4
CENT, ROUNDING = 0.01, 1e-12
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})*) USD")
_PERIOD = re.compile(r"period (\d+)")


def answer(result: ProjectResult, name: str) -> float:
    """An answer without draws."""
    return float(np.asarray(result.answers[name]))


def money(amount: float, currency: str) -> str:
    """An amount for people: 3.72 bn USD."""
    return f"{format_quantity(amount, '1')} {currency}"


def rate_of(result: ProjectResult, line: str) -> tuple[float, str, list[float]]:
    """The internal rate of return a year of a line of flows, its status, and all rates there are."""
    from gigawatt.finance.returns.irr import Status, irr

    found = irr(np.asarray(result.lines[line]), periods_per_year=result.model.periods_per_year)
    status = Status(int(np.asarray(found.status)))
    roots = [float(root) for root in np.atleast_1d(found.roots) if isfinite(root)]
    return float(np.asarray(found.rate)), status.name, roots


def earns(result: ProjectResult, line: str) -> str:
    """ "17.3 % a year", with other rates if there are any, or why there is none."""
    rate, status, roots = rate_of(result, line)
    listed = ", ".join(f"{root:.1%}" for root in roots[:FEW_ROOTS])
    why = STATUS[status].format(count=len(roots), roots=listed)
    if not isfinite(rate):
        return f"no rate of return: {why}"
    return f"{rate:.1%} a year ({why})" if why else f"{rate:.1%} a year"


def heading(result: ProjectResult, case: str, description: str) -> list[str]:
    """What is worked out: name, phases, dates, case."""
    project = result.project
    done, end = (round(answer(result, f"time.{name}")) for name in ("completion", "end"))
    phases = f"{len(project.phases)} phases, the last" if len(project.phases) > 1 else "one phase,"
    power = f", {format_quantity(project.capacity.it_mw, 'MW')} of IT" if project.capacity.it_mw else ""
    built = f"{phases} complete {ends(result, done)}; works until {ends(result, end)}"
    return [f"{project.name}: {project.capacity.chips:,.0f} chips{power}; {case}",
            *([description] if description else []), f"Built from {project.start} in {built}."]  # fmt: skip


def sentences(result: ProjectResult, bound: Mapping[str, str]) -> list[str]:
    """The answers of a project, in the order in which a lender asks."""
    project, currency = result.project, result.project.currency
    paid = float(result.lines["owners.paid_in_usd"].sum())
    back = answer(result, "returns.owners_payback_years")
    again = f"and are paid back {back:.1f} years after the start" if isfinite(back) else "and are never paid back"
    if float(result.lines["owners.aftertax_usd"].sum()) < 0:
        again = "and get back less in all"
    said = [_debt(result, bound), _size(result), _cover(result)] if project.debt else []
    said += [
        f"Owners earn {earns(result, 'owners.aftertax_usd')}. NPV at {project.equity_discount_rate:.1%}: "
        f"{money(answer(result, 'returns.owners_npv_usd'), currency)}; they pay in {money(paid, currency)} {again}.",
        f"The project without debt earns {earns(result, 'returns.project_usd')}. NPV at {project.discount_rate:.1%}: "
        f"{money(answer(result, 'returns.project_npv_usd'), currency)}.",
    ]
    cost = answer(result, "lcoc.usd_per_chip_h")
    said.append(f"Compute costs {cost:.2f} {currency} a chip-hour sold, before tax, at {project.discount_rate:.1%} "
                f"({answer(result, 'lcoc.real_usd_per_chip_h'):.2f} in money of {project.start.year}); owners earn "
                f"their {project.equity_discount_rate:.1%} at "
                f"{answer(result, 'lcoc.owners_usd_per_chip_h'):.2f}.")  # fmt: skip
    return [*(text for text in said if text), *_residual(result)]


def _debt(result: ProjectResult, bound: Mapping[str, str]) -> str:
    amount, gearing = answer(result, "debt.usd"), answer(result, "cover.gearing")
    amount_told = money(amount, result.project.currency)
    return f"Debt at completion is {amount_told}, {gearing:.1%} of uses: {_bound(result, bound)}."


def _bound(result: ProjectResult, bound: Mapping[str, str]) -> str:
    """Each loan with what keeps it from being larger."""
    told = []
    for loan in result.project.debt:
        limit = {"cover": f"its DSCR of {loan.dscr:.2f}x", "gearing": f"a gearing of {loan.gearing:.0%}",
                 "amount": "the amount that is offered"}[bound[loan.name]]  # fmt: skip
        share = money(answer(result, f"debt.{loan.name}.usd"), result.project.currency)
        told.append(f"{loan.name} {share}, bound by {limit}{_bound_when(result, loan.name, bound[loan.name])}")
    return "; ".join(told)


def _bound_when(result: ProjectResult, loan: str, limit: str) -> str:
    """The period whose cash bounds a loan that is not sculpted; a sculpted one is bound by all of them together."""
    room = result.lines.get(f"debt.{loan}.carried_by_period_usd")
    if limit != "cover" or room is None or not np.isfinite(room).any():
        return ""
    return f" in the period to {ends(result, int(np.nanargmin(room)) + 1)}"


def _size(result: ProjectResult) -> str:
    """Debt by what lenders hold it against: EBITDA, power, chips; how long it lasts, and what contracts outlast it."""
    project, debt = result.project, answer(result, "debt.usd")
    if debt <= 0:
        return ""
    done, per_year = round(answer(result, "time.completion")), result.model.periods_per_year
    ebitda = float(np.sum(result.lines["ebitda_usd"][done : done + per_year]))
    told = [f"{debt / ebitda:.1f}x the EBITDA of the year after completion"] if ebitda > 0 else []
    if project.capacity.it_mw:
        told.append(f"{money(debt / project.capacity.it_mw, project.currency)} a MW")
    told.append(f"{money(debt / project.capacity.chips, project.currency)} a chip")
    owed = np.asarray(result.lines["loans.balance_usd"])[done - 1 :]
    told.append(f"average life {float(owed.sum()) / debt / per_year:.1f} years")
    return f"That is {', '.join(told)}{_tail(result)}."


def _tail(result: ProjectResult) -> str:
    """Months by which the last contract outlasts the debt."""
    owed = np.flatnonzero(np.asarray(result.lines["loans.balance_usd"]) > 0)
    booked = [np.flatnonzero(np.asarray(result.lines[f"contracts.{each.name}.booked"]) > 0)
              for each in result.project.contracts]  # fmt: skip
    last = max((int(each[-1]) for each in booked if len(each)), default=-1)
    if last < 0 or not len(owed):
        return ""
    months = (last - int(owed[-1]) - 1) * 12 // result.model.periods_per_year  # the last payment is a period later
    return f"; contracts run {abs(months)} months {'longer' if months >= 0 else 'less'} than it"


def _cover(result: ProjectResult) -> str:
    dscr = result.lines["cover.dscr"]
    least, mean = answer(result, "cover.least_dscr"), answer(result, "cover.mean_dscr")
    if not np.isfinite(dscr).any():
        return "No debt service is due."
    when = ends(result, int(np.nanargmin(dscr)) + 1)
    done = round(answer(result, "time.completion")) - 1
    llcr, plcr = (np.asarray(result.lines[f"cover.{name}"]) for name in ("llcr", "plcr"))
    lowest = f" ({np.nanmin(llcr):.2f}x at its least, {ends(result, int(np.nanargmin(llcr)) + 1)})" if \
        np.isfinite(llcr).any() else ""  # fmt: skip
    project_life = f", PLCR {plcr[done]:.2f}x" if plcr[done] > 0 else ""  # below 0 where refreshes are paid later
    firm = answer(result, "cover.take_or_pay")
    return (f"Cover: DSCR {least:.2f}x at its least ({when}), {mean:.2f}x on the mean; at completion LLCR "
            f"{llcr[done]:.2f}x{lowest}{project_life}; take-or-pay revenue is {firm:.2f}x debt service.")  # fmt: skip


def _residual(result: ProjectResult) -> list[str]:
    """What hangs on residual values, if anything does."""
    rows, currency = residual_rows(result), result.project.currency
    worth = sum(row["worth to owners"] for row in rows)
    if not rows or worth <= 0:
        return []
    npv = answer(result, "returns.owners_npv_usd")
    turned = "; without it they do not earn their rate" if npv > 0 > npv - worth else ""
    return [f"Residual values bring {money(sum(row['sells for'] for row in rows), currency)}, worth "
            f"{money(worth, currency)} to owners today, before tax{turned}."]  # fmt: skip


def findings(result: ProjectResult, found: Iterable[Finding]) -> list[str]:
    """What a lender would ask about, each with its date."""
    currency = result.project.currency
    told = []
    for each in found:
        text = _AMOUNT.sub(lambda match: money(float(match[1].replace(",", "")), currency), each.text)
        text = _PERIOD.sub(lambda match: f"the period to {ends(result, int(match[1]))}", text)
        text = text.replace("in 1 later periods", "in 1 later period")
        told.append(f"{ends(result, each.period) if each.period else ' ' * 10}  {each.name}: {text}")
    return told


def checks(result: ProjectResult) -> tuple[str, bool]:
    """Whether the ledgers close, in a line, and whether all do."""
    parts, fine, bound = [], True, tolerance(result)
    said = {"checks.balance_sheet": "assets - debt - equity", "checks.sources_and_uses": "uses - sources",
            "checks.nothing_below_zero": "reserves or debt below 0 by"}  # fmt: skip
    for name, what in said.items():
        worst = float(np.abs(result.lines[name]).max())
        if not worst < bound:
            fine = False
            parts.append(f"{what} {worst:,.2f} {result.project.currency}")
    if float(np.abs(result.lines["checks.fits"]).max()):
        fine = False
        parts.append("operation goes on beyond the last period: set delay_months")
    if fine:
        return f"Ledgers close: no difference above {bound:,.2f} {result.project.currency}.", True
    return f"LEDGERS DO NOT CLOSE: {'; '.join(parts)}", False


def tolerance(result: ProjectResult) -> float:
    """Difference that is rounding: a hundredth, or so much of the assets as a sum of such amounts cannot hold."""
    return max(CENT, ROUNDING * float(np.abs(result.lines["balance.assets_usd"]).max()))
