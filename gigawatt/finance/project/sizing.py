"""How much a loan is: what one USD of it is drawn for, costs and pays back, and what cover, gearing and amount allow.

Nothing here goes in a circle. All that debt costs before completion (interest, fees, reserves) is in proportion to the
debt, so uses are a straight line in it and the largest debt at a gearing has a closed form:

    uses = cost + debt x cost per unit of debt          debt <= gearing x uses
    =>  debt <= gearing x cost / (1 - gearing x cost per unit of debt)
"""

from __future__ import annotations

from math import isfinite

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.inputs import Repayment, Tranche
from gigawatt.finance.project.lines import (
    Later,
    Line,
    Model,
    Term,
    at,
    dot,
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


def unit_drawn(
    model: Model, loan: Tranche, time: Timing, built: Building, rate: Line, timing: Term
) -> tuple[Line, Line, Line]:  # fmt: skip
    """Debt that pays for all capex, the share of capex that one USD of debt at completion pays, and its fees."""
    path = f"debt.{loan.name}"
    grown = model.line(f"{path}.grown_usd", prev(Later(f"{path}.grown_usd")) * (1 + rate * time.building)
                       + built.capex * (1 + timing * rate), kind="balance",
                       note="debt at the end of the period if it paid for all capex")  # fmt: skip
    share = model.scalar(f"{path}.drawn_per_usd", ratio(1, last(grown)), "ratio", "", "ratio")
    upfront = model.input(f"{path}.upfront_fee", loan.upfront_fee, "share", f"{loan.name}: upfront fee")
    undrawn = model.input(f"{path}.commitment_fee", loan.commitment_fee, "1/year", f"{loan.name}: commitment fee")
    fee = model.line(f"{path}.fee_per_usd", at(time.period, 1) * upfront
                     + time.building * (1 - prev(grown) * share) * undrawn / time.per_year, "ratio", "")  # fmt: skip
    return grown, share, fee


def unit_service(
    model: Model, loan: Tranche, time: Timing, repaying: Line, rate: Line, maturity: Line, cash: Line, senior: Term
) -> tuple[Line, Line]:  # fmt: skip
    """Service of one USD of debt, and the debt that the cash flow carries at the DSCR asked for (0: none asked).

    With a profile s, a balloon b at maturity T and discount factors v: u = s (1 - b v_T) / sum(s v) + b at T.
    """
    path = f"debt.{loan.name}"
    balloon = model.input(f"{path}.balloon", loan.balloon, "share", f"{loan.name}: share left to maturity")
    cover = model.input(f"{path}.dscr", loan.dscr, "ratio", f"{loan.name}: least DSCR")
    factor = model.line(f"{path}.discount_factor",
                        where(time.period <= time.completion, 1, prev(Later(f"{path}.discount_factor")) / (1 + rate)),
                        "ratio", "", "balance")  # fmt: skip
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


def amount_of(
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
