"""What the project owes: each loan as it is drawn and as it is planned to be paid back."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.inputs import Project, Tranche
from gigawatt.finance.project.lines import (
    Constant,
    Later,
    Line,
    Model,
    Term,
    added,
    at,
    by_year,
    flag,
    floor,
    following,
    lag,
    least,
    most,
    prev,
    total,
    where,
)
from gigawatt.finance.project.sizing import amount_of, unit_drawn, unit_service
from gigawatt.finance.project.timing import Timing
from gigawatt.units import MONTHS_PER_YEAR

PERIOD_SLACK = 1e-9  # so that 5.999999999 periods count as 6


@dataclass(frozen=True, slots=True)
class TrancheLines:
    """One loan as it is planned."""

    name: str
    amount: Line
    rate: Line  # a period
    drawn: Line  # cash drawn, without interest that is added to the loan
    rolled: Line  # interest added to the loan before completion
    early_fees: Line  # before completion
    fees: Line  # with those of refinancing
    planned: Line  # balance as planned
    service: Line  # interest and principal as planned
    ahead: Line  # service as planned in the months that the reserve covers
    then: Line  # balance as planned after these months
    rate_ahead: Line  # interest on one USD over these months
    maturity: Line  # period
    sweep: Term
    guarantee: Term
    recourse: Term


@dataclass(frozen=True, slots=True)
class Borrowing:
    """All loans as they are planned."""

    tranches: tuple[TrancheLines, ...]
    service: Line
    reserve_first: Line  # debt service to come that is paid into the reserve at completion
    amount: Line


def borrowing(
    model: Model, project: Project, time: Timing, built: Building, cash: Line, reserve_months: Term, other_uses: Term
) -> Borrowing:  # fmt: skip
    """The lines of the debt.

    Args:
        cash: Cash flow available for debt service that lenders count.
        other_uses: What must be funded beside capex and the cost of debt, in USD.
    """
    model.section = "Debt"
    timing = model.input("draw_timing", project.draw_timing, "share", "Share of a period for which its draws bear "
                         "interest")  # fmt: skip
    reserve = model.scalar("debt.reserve_periods", reserve_months * (time.per_year / MONTHS_PER_YEAR), "periods",
                           "Debt service kept in reserve", "balance")  # fmt: skip
    cost: Term = model.scalar("debt.cost_usd", total(built.capex) + other_uses, label="Uses before the cost of debt")
    before: Term = Constant(0.0)
    service: Term = Constant(0.0)
    tranches: list[TrancheLines] = []
    for each in project.debt:
        lines, uses = _tranche(model, each, time, built, cash, service, before, cost, reserve, timing)
        tranches.append(lines)
        before, cost = before + lines.amount, uses
        service = lines.service if len(tranches) == 1 else service + lines.service
    model.section = "Debt"
    planned = model.line("debt.service_usd", service, label="Debt service as planned")
    amount = model.scalar("debt.usd", before, label="Debt at completion")
    target = model.line("debt.reserve_target_usd", added(each.ahead for each in tranches),
                        label="Debt service reserve: target as planned", kind="balance")  # fmt: skip
    first = model.line("debt.reserve_first_usd", target * at(time.period, time.completion),
                       label="Debt service reserve: first filling")  # fmt: skip
    return Borrowing(tranches=tuple(tranches), service=planned, reserve_first=first, amount=amount)


def _tranche(
    model: Model, loan: Tranche, time: Timing, built: Building, cash: Line, senior: Term, before: Term, cost: Term,
    reserve: Line, timing: Term,
) -> tuple[TrancheLines, Line]:  # fmt: skip
    """One loan, and the uses with it."""
    path = f"debt.{loan.name}"
    model.section = f"Debt: {loan.name}"
    maturity, repaying = _life(model, loan, time)
    rate, refinanced = _rate(model, loan, time)
    service, carried = unit_service(model, loan, time, repaying, rate, maturity, cash, senior)
    grown, share, fee = unit_drawn(model, loan, time, built, rate, timing)
    ahead = _unit_ahead(model, loan, time, service, reserve)
    kept = model.line(f"{path}.unit_reserve", at(time.period, time.completion) * ahead, "ratio", "")
    per_usd = model.scalar(f"{path}.cost_per_usd", 1 - share * total(built.capex) + total(fee) + total(kept), "ratio",
                           "Interest, fees and reserve per USD of debt", "ratio")  # fmt: skip
    amount = amount_of(model, loan, before, cost, per_usd, carried, service, cash, senior)
    uses = model.scalar(f"{path}.uses_usd", cost + amount * per_usd, label="Uses with this debt")
    planned = model.line(f"{path}.planned_usd", where(time.period <= time.completion, grown * share * amount,
                         (prev(Later(f"{path}.planned_usd")) * (1 + rate) - service * amount)
                         * flag(time.period < maturity)),
                         label="Balance as planned", kind="balance")  # fmt: skip
    drawn = model.line(f"{path}.drawn_usd", built.capex * share * amount, label="Drawn")
    early_fees, fees = _fees(model, loan, fee * amount, refinanced, planned)
    sweep, guarantee, recourse = _support(model, loan)
    return TrancheLines(
        name=loan.name, amount=amount, rate=rate, drawn=drawn, early_fees=early_fees, fees=fees, planned=planned,
        rolled=model.line(f"{path}.rolled_usd", (planned - prev(planned) - drawn) * time.building,
                          label="Interest added before completion"),
        service=model.line(f"{path}.service_usd", service * amount, label="Service as planned"),
        ahead=model.line(f"{path}.ahead_usd", ahead * amount, label="Service as planned, months of the reserve",
                         kind="balance"),
        then=model.line(f"{path}.then_usd", _later(planned, reserve), label="Balance as planned after these months",
                        kind="balance"),
        rate_ahead=_rate_ahead(model, loan, rate, reserve), maturity=maturity, sweep=sweep, guarantee=guarantee,
        recourse=recourse,
    ), uses  # fmt: skip


def _life(model: Model, loan: Tranche, time: Timing) -> tuple[Line, Line]:
    """The period in which a loan matures, and 1 from completion to it."""
    path = f"debt.{loan.name}"
    years = model.input(f"{path}.years", loan.years, "years", f"{loan.name}: from completion to maturity")
    maturity = model.scalar(f"{path}.maturity",
                            least(time.completion + most(1, time.periods(years * MONTHS_PER_YEAR)), time.end),
                            "period", "", "balance", "at the end of operation at the latest")  # fmt: skip
    repaying = model.line(f"{path}.repaying", flag(time.period > time.completion) * flag(time.period <= maturity),
                          "flag", "", "flag")  # fmt: skip
    return maturity, repaying


def _later(line: Line, periods: Line) -> Term:
    """A balance `periods` later; between two of them in proportion."""
    whole_ones = floor(periods + PERIOD_SLACK)
    then = lag(line, -whole_ones)
    return then - (periods - whole_ones) * (then - lag(line, -whole_ones - 1))


def _unit_ahead(model: Model, loan: Tranche, time: Timing, service: Line, reserve: Line) -> Line:
    """Service of one USD of debt in the months that the reserve covers, from completion."""
    path = f"debt.{loan.name}"
    to_come = Later(f"{path}.unit_to_come")
    come = model.line(f"{path}.unit_to_come", following(to_come) + following(service), "ratio", "", "balance")
    return model.line(f"{path}.unit_ahead", (come - _later(come, reserve)) * flag(time.period >= time.completion),
                      "ratio", "", "balance")  # fmt: skip


def _rate_ahead(model: Model, loan: Tranche, rate: Line, reserve: Line) -> Line:
    """Interest on one USD over the months that the reserve covers."""
    path = f"debt.{loan.name}"
    to_come = Later(f"{path}.rate_to_come")
    come = model.line(f"{path}.rate_to_come", following(to_come) + following(rate), "ratio", "", "balance")
    return model.line(f"{path}.rate_ahead", come - _later(come, reserve), "ratio",
                      "Interest in the months of the reserve", "balance")  # fmt: skip


def _fees(model: Model, loan: Tranche, early: Term, refinanced: Term, planned: Line) -> tuple[Line, Line]:
    """Fees before completion, and with those of refinancing, on no more than is still owed."""
    path = f"debt.{loan.name}"
    first = model.line(f"{path}.early_fees_usd", early, label="Fees before completion")
    fees: Term = first
    if isfinite(loan.refinance_month):
        fees = first + refinanced * least(prev(planned), prev(Later(f"loans.{loan.name}.balance_usd")))
    return first, model.line(f"{path}.fees_usd", fees, label="Fees")


def _support(model: Model, loan: Tranche) -> tuple[Term, Term, Term]:
    """The sweep, the guarantee and the recourse of a loan."""
    path = f"debt.{loan.name}"
    return (
        model.input(f"{path}.sweep", loan.sweep, "share", f"{loan.name}: cash sweep"),
        model.input(f"{path}.guarantee_usd", loan.guarantee_usd, "USD", f"{loan.name}: guarantee"),
        model.input(f"{path}.recourse", loan.recourse, "share", f"{loan.name}: share of a shortfall that owners pay"),
    )


def _rate(model: Model, loan: Tranche, time: Timing) -> tuple[Line, Term]:
    """Interest a period: floating on what is not swapped, and the spread; a fee where it is refinanced."""
    path = f"debt.{loan.name}"
    base = model.table(f"{path}.base_rate", loan.base_rate, "1/year", f"{loan.name}: floating base rate by year")
    spread: Term = model.input(f"{path}.spread", loan.spread, "1/year", f"{loan.name}: spread")
    hedged = model.input(f"{path}.hedged", loan.hedged, "share", f"{loan.name}: share swapped to fixed")
    swap = model.input(f"{path}.swap_rate", loan.swap_rate, "1/year", f"{loan.name}: swap rate")
    fee: Term = Constant(0.0)
    if isfinite(loan.refinance_month):
        months = model.input(f"{path}.refinance_month", loan.refinance_month, "months",
                             f"{loan.name}: refinanced, from completion")  # fmt: skip
        later = model.input(f"{path}.refinance_spread", loan.refinance_spread, "1/year", f"{loan.name}: spread then")
        share = model.input(f"{path}.refinance_fee", loan.refinance_fee, "share", f"{loan.name}: fee then")
        month = model.scalar(f"{path}.refinanced", time.completion + time.periods(months), "period", "", "balance")
        spread = where(time.period <= month, spread, later)
        fee = at(time.period, month + 1) * share
    floating = model.line(f"{path}.base", by_year(base, time.year), "1/year", "Base rate", "ratio")
    rate = ((1 - hedged) * floating + hedged * swap + spread) / time.per_year * flag(time.period <= time.end)
    return model.line(f"{path}.rate", rate, "1/period", "Interest a period", "ratio"), fee


def interest_of(plan: TrancheLines) -> Term:
    """Interest of a period on what was owed at its start."""
    return prev(Later(f"loans.{plan.name}.balance_usd")) * plan.rate
