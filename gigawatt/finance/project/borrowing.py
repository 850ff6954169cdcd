"""How much debt the project carries, when it is drawn, and what is due on it.

Nothing here goes in a circle. All that debt costs before completion (interest, fees, reserves) is in proportion to the
debt, so uses are a straight line in it and the largest debt at a gearing has a closed form:

    uses = cost + debt x cost per unit of debt          debt <= gearing x uses
    =>  debt <= gearing x cost / (1 - gearing x cost per unit of debt)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.inputs import Project, Repayment, Tranche
from gigawatt.finance.project.lines import (
    Constant,
    Later,
    Line,
    Model,
    Term,
    at,
    by_year,
    dot,
    flag,
    floor,
    following,
    lag,
    last,
    least,
    min_of,
    most,
    only,
    prev,
    ratio,
    total,
    where,
)
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
    fees: Line
    planned: Line  # balance as planned
    service: Line  # interest and principal as planned
    maturity: Line  # period
    sweep: Term
    guarantee: Term
    recourse: Term


@dataclass(frozen=True, slots=True)
class Borrowing:
    """All loans as they are planned."""

    tranches: tuple[TrancheLines, ...]
    service: Line
    reserve_target: Line  # debt service to come that is kept in reserve
    reserve_first: Line  # what of it is paid in at completion
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
    to_come = Later("debt.to_come_usd")
    come = model.line("debt.to_come_usd", following(to_come) + following(planned), label="Debt service to come",
                      kind="balance")  # fmt: skip
    target = model.line("debt.reserve_target_usd", _ahead(come, reserve) * flag(time.period >= time.completion),
                        label="Debt service reserve: target", kind="balance")  # fmt: skip
    first = model.line("debt.reserve_first_usd", target * at(time.period, time.completion),
                       label="Debt service reserve: first filling")  # fmt: skip
    return Borrowing(tranches=tuple(tranches), service=planned, reserve_target=target, reserve_first=first,
                     amount=amount)  # fmt: skip


def _ahead(to_come: Line, periods: Line) -> Term:
    """Service of the next `periods`, a part of a period counted as a part of its service."""
    whole_ones = floor(periods + PERIOD_SLACK)
    then = lag(to_come, -whole_ones)
    return to_come - then + (periods - whole_ones) * (then - lag(to_come, -whole_ones - 1))


def _tranche(
    model: Model, loan: Tranche, time: Timing, built: Building, cash: Line, senior: Term, before: Term, cost: Term,
    reserve: Line, timing: Term,
) -> tuple[TrancheLines, Line]:  # fmt: skip
    """One loan, and the uses with it."""
    path = f"debt.{loan.name}"
    model.section = f"Debt: {loan.name}"
    years = model.input(f"{path}.years", loan.years, "years", f"{loan.name}: from completion to maturity")
    maturity = model.scalar(f"{path}.maturity",
                            least(time.completion + most(1, time.periods(years * MONTHS_PER_YEAR)), time.end),
                            "period", "", "balance", "at the end of operation at the latest")  # fmt: skip
    rate, refinanced = _rate(model, loan, time)
    repaying = model.line(f"{path}.repaying", flag(time.period > time.completion) * flag(time.period <= maturity),
                          "flag", "", "flag")  # fmt: skip
    factor = model.line(f"{path}.discount_factor",
                        where(time.period <= time.completion, 1, prev(Later(f"{path}.discount_factor")) / (1 + rate)),
                        "ratio", "", "balance")  # fmt: skip
    unit, full = _unit_service(model, loan, time, repaying, rate, factor, maturity, cash, senior)
    # One USD of debt at completion: what is drawn for it, and what it costs until then.
    grown = model.line(f"{path}.grown_usd", prev(Later(f"{path}.grown_usd")) * (1 + rate * time.building)
                       + built.capex * (1 + timing * rate), kind="balance",
                       note="debt at the end of the period if it paid for all capex")  # fmt: skip
    share = model.scalar(f"{path}.drawn_per_usd", ratio(1, last(grown)), "ratio", "", "ratio")
    upfront = model.input(f"{path}.upfront_fee", loan.upfront_fee, "share", f"{loan.name}: upfront fee")
    undrawn = model.input(f"{path}.commitment_fee", loan.commitment_fee, "1/year", f"{loan.name}: commitment fee")
    fee = model.line(f"{path}.fee_per_usd", at(time.period, 1) * upfront
                     + time.building * (1 - prev(grown) * share) * undrawn / time.per_year, "ratio", "")  # fmt: skip
    to_come = Later(f"{path}.unit_to_come")
    come = model.line(f"{path}.unit_to_come", following(to_come) + following(unit), "ratio", "", "balance")
    kept = model.line(f"{path}.unit_reserve", at(time.period, time.completion) * _ahead(come, reserve), "ratio",
                      "")  # fmt: skip
    per_usd = model.scalar(f"{path}.cost_per_usd", 1 - share * total(built.capex) + total(fee) + total(kept), "ratio",
                           "Interest, fees and reserve per USD of debt", "ratio")  # fmt: skip
    amount = _amount(model, loan, before, cost, per_usd, full, unit, cash, senior)
    uses = model.scalar(f"{path}.uses_usd", cost + amount * per_usd, label="Uses with this debt")
    planned = model.line(f"{path}.planned_usd", where(time.period <= time.completion, grown * share * amount,
                         (prev(Later(f"{path}.planned_usd")) * (1 + rate) - unit * amount)
                         * flag(time.period < maturity)),
                         label="Balance as planned", kind="balance")  # fmt: skip
    drawn = model.line(f"{path}.drawn_usd", built.capex * share * amount, label="Drawn")
    rolled = model.line(f"{path}.rolled_usd", (planned - prev(planned) - drawn) * time.building,
                        label="Interest added before completion")  # fmt: skip
    fees = model.line(f"{path}.fees_usd", fee * amount + refinanced * prev(planned), label="Fees")
    service = model.line(f"{path}.service_usd", unit * amount, label="Service as planned")
    sweep = model.input(f"{path}.sweep", loan.sweep, "share", f"{loan.name}: cash sweep")
    guarantee = model.input(f"{path}.guarantee_usd", loan.guarantee_usd, "USD", f"{loan.name}: guarantee")
    recourse = model.input(f"{path}.recourse", loan.recourse, "share", f"{loan.name}: share of a shortfall that "
                           "owners pay")  # fmt: skip
    return TrancheLines(name=loan.name, amount=amount, rate=rate, drawn=drawn, rolled=rolled, fees=fees,
                        planned=planned, service=service, maturity=maturity, sweep=sweep,
                        guarantee=guarantee, recourse=recourse), uses  # fmt: skip


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


def _unit_service(
    model: Model, loan: Tranche, time: Timing, repaying: Line, rate: Line, factor: Line, maturity: Line, cash: Line,
    senior: Term,
) -> tuple[Line, Line]:  # fmt: skip
    """Service of one USD of debt, and the debt that the cash flow carries at the DSCR asked for (0: none asked).

    With a profile s, a balloon b at maturity T and discount factors v: u = s (1 - b v_T) / sum(s v) + b at T.
    """
    path = f"debt.{loan.name}"
    balloon = model.input(f"{path}.balloon", loan.balloon, "share", f"{loan.name}: share left to maturity")
    cover = model.input(f"{path}.dscr", loan.dscr, "ratio", f"{loan.name}: least DSCR")
    at_end = model.line(f"{path}.at_maturity", at(time.period, maturity), "flag", "", "flag")
    carried = ratio(cash, cover) if loan.dscr > 0 or loan.repayment is not Repayment.sculpted else cash
    room = model.line(f"{path}.room_usd", most(0, carried - senior) * repaying,
                      label="Service that the cover leaves room for")  # fmt: skip
    left = 1 - balloon * dot(factor, at_end)
    match loan.repayment:
        case Repayment.sculpted | Repayment.level:
            profile = room if loan.repayment is Repayment.sculpted else repaying
            worth = model.scalar(f"{path}.profile_usd", dot(profile, factor), "USD", "Present value of the profile")
            unit = model.line(f"{path}.unit_service", ratio(profile * left, worth) + balloon * at_end, "ratio", "")
        case Repayment.straight | Repayment.bullet:
            straight = ratio(repaying * (1 - balloon), total(repaying)) + balloon * at_end
            part = model.line(f"{path}.unit_repaid", straight if loan.repayment is Repayment.straight else at_end * 1,
                              "ratio", "")  # fmt: skip
            owed = Later(f"{path}.unit_owed")
            unit = model.line(f"{path}.unit_service", part + prev(owed) * rate * repaying, "ratio", "")
            model.line(f"{path}.unit_owed", where(time.period <= time.completion, 1, prev(owed) - part), "ratio", "",
                       "balance")  # fmt: skip
    if loan.repayment is Repayment.sculpted:
        return unit, model.scalar(f"{path}.carried_usd", ratio(worth, left), label="Debt that the cover carries")
    tight = model.line(f"{path}.carried_by_period_usd", only(unit > 0, ratio(room, unit)), kind="balance")
    return unit, model.scalar(f"{path}.carried_usd", min_of(tight), label="Debt that the cover carries")


def _amount(
    model: Model, loan: Tranche, before: Term, cost: Term, per_usd: Line, carried: Line, unit: Line, cash: Line,
    senior: Term,
) -> Line:  # fmt: skip
    """The debt: the least of what cover, gearing and the amount allow."""
    path = f"debt.{loan.name}"
    limits: list[Term] = [carried] if loan.dscr > 0 else []
    if isfinite(loan.gearing):
        gearing = model.input(f"{path}.gearing", loan.gearing, "share", f"{loan.name}: most debt over uses")
        limits.append(model.scalar(f"{path}.geared_usd", most(0, (gearing * cost - before) / (1 - gearing * per_usd)),
                                   label="Debt that the gearing allows"))  # fmt: skip
    if isfinite(loan.amount_usd):
        limits.append(model.input(f"{path}.amount_usd", loan.amount_usd, "USD", f"{loan.name}: most debt"))
    if not limits:
        raise ValueError(f"{path}: the loan needs a limit: dscr, gearing or amount_usd")
    return model.scalar(f"{path}.usd", least(*limits), label=f"{loan.name}: debt at completion")


def interest_of(plan: TrancheLines) -> Term:
    """Interest of a period on what was owed at its start."""
    return prev(Later(f"loans.{plan.name}.balance_usd")) * plan.rate
