"""Who is paid first: operation, reserves for refreshes, each loan, the reserve account, early repayment, the owners.

Before completion the operating cash of early phases pays for construction, so that owners put in less. After it, cash
runs down the waterfall; what a loan is due and does not get stays owed, with interest.
"""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.finance.project.borrowing import Borrowing, TrancheLines, interest_of
from gigawatt.finance.project.inputs import Project
from gigawatt.finance.project.lines import (
    Later,
    Line,
    Model,
    Term,
    added,
    flag,
    least,
    most,
    only,
    prev,
    ratio,
    where,
)
from gigawatt.finance.project.timing import Timing

OWED = 0.005  # USD: what is less is rounding


@dataclass(frozen=True, slots=True)
class LoanLines:
    """One loan as it is paid."""

    plan: TrancheLines
    interest: Term
    due: Line
    paid: Line
    unpaid: Line
    guaranteed: Line
    recourse: Line  # paid by the owners, because cash does not serve the loan
    served: Line  # owed after service
    balance: Line  # owed after early repayment
    ahead: Line  # what falls due in the months that the reserve covers


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Cash after operation, and where it goes."""

    loans: tuple[LoanLines, ...]
    available: Line
    due: Line
    service_paid: Line
    balance: Line
    reserve: Line
    trapped: Line
    support: Term  # cash that owners add: operation costs more than it brings, or lenders have recourse to them
    distributed: Line
    dscr: Line


def waterfall(
    model: Model, project: Project, time: Timing, debt: Borrowing, cash: Line, counted: Term, other: Term
) -> Waterfall:  # fmt: skip
    """The lines of the waterfall after completion.

    Args:
        cash: Cash after tax (where the project pays it), from which debt is served.
        counted: The part of it that covers debt service in the DSCR.
        other: Cash that comes after debt service: interest on reserves, less fees, less what goes into the reserve
            for operating cost.
    """
    model.section = "Waterfall"
    free = cash * time.repaying + prev(Later("waterfall.trapped_usd"))
    available = model.line("waterfall.available_usd", most(0, free), label="Cash for debt service")
    support = model.line("waterfall.support_usd", most(0, -free), label="Paid in by owners: operation costs more")
    left: Term = available
    reserve: Term = prev(Later("waterfall.reserve_usd"))
    loans: list[LoanLines] = []
    for plan in debt.tranches:
        loan, left, reserve = _serve(model, time, plan, left, reserve)
        loans.append(loan)
    model.section = "Waterfall"
    after = model.line("waterfall.after_service_usd", left, label="Cash after debt service")
    balance, taken = _reserve(model, time, debt, loans, after, reserve)
    due = model.line("waterfall.due_usd", added(loan.due for loan in loans), label="Debt service due")
    dscr, locked = _covenants(model, project, time, due, counted)
    later = model.line("waterfall.later_usd", after - taken + other * time.repaying, label="Cash after reserves")
    topped = model.line("waterfall.topped_usd", most(0, -later), label="Paid in by owners: reserves and fees")
    trapped = model.line("waterfall.trapped_usd", most(0, later) * locked, label="Cash locked up", kind="balance")
    recourse = model.line("waterfall.recourse_usd", added(loan.recourse for loan in loans),
                          label="Debt service paid by owners")  # fmt: skip
    distributed = _leaving(model, time, loans, most(0, later) * (1 - locked))
    return Waterfall(
        loans=tuple(loans), available=available, due=due,
        service_paid=model.line("waterfall.paid_usd", added(loan.paid for loan in loans), label="Debt service paid"),
        balance=model.line("loans.balance_usd", added(loan.balance for loan in loans), label="Debt", kind="balance"),
        reserve=balance, trapped=trapped, support=support + topped + recourse, distributed=distributed, dscr=dscr,
    )  # fmt: skip


def _reserve(
    model: Model, time: Timing, debt: Borrowing, loans: list[LoanLines], after: Line, kept: Term
) -> tuple[Line, Term]:  # fmt: skip
    """The reserve for debt service, and the cash that it takes: below 0 where it lets cash go.

    Its target is what falls due in the months ahead: what the plan says, or less where a loan was repaid early.
    """
    left = model.line("waterfall.reserve_left_usd", kept, label="Reserve after draws", kind="balance")
    target = model.line("waterfall.reserve_target_usd", added(loan.ahead for loan in loans),
                        label="Debt service reserve: target", kind="balance")  # fmt: skip
    filled = model.line("waterfall.filled_usd", least(after, most(0, target - left)) * time.repaying,
                        label="Paid into the reserve")  # fmt: skip
    freed = model.line("waterfall.freed_usd", most(0, left - target) * time.repaying, label="Freed from the reserve")
    balance = model.line("waterfall.reserve_usd", debt.reserve_first + left + filled - freed,
                         label="Debt service reserve", kind="balance")  # fmt: skip
    return balance, filled - freed


def _covenants(model: Model, project: Project, time: Timing, due: Line, counted: Term) -> tuple[Line, Line]:
    """DSCR, and 1 where cash is locked up: each period is tested by itself.

    A lock-up holds on while nothing is due and debt is owed, since nothing shows then that cover is back.
    """
    lockup = model.input("covenants.lockup_dscr", project.covenants.lockup_dscr, "ratio", "Lock-up below a DSCR of")
    default = model.input("covenants.default_dscr", project.covenants.default_dscr, "ratio", "Default below a DSCR of")
    cover = model.line("cover.cash_usd", counted, label="Cash that counts for cover")
    dscr = model.line("cover.dscr", only(due > OWED, ratio(cover, due)), "ratio", "DSCR", "ratio")
    held = prev(Later("waterfall.locked")) * flag(prev(Later("loans.balance_usd")) > OWED)
    shut = where(due > OWED, flag(cover < lockup * due), held)
    locked = model.line("waterfall.locked", where(time.period < time.end, shut, 0), "flag", "Lock-up", "flag")
    model.line(
        "waterfall.breached", flag(due > OWED) * flag(cover < default * due), "flag", "Default of covenant", "flag"
    )
    return dscr, locked


def _leaving(model: Model, time: Timing, loans: list[LoanLines], free: Term) -> Line:
    """Cash to owners: what may leave, less what loans sweep of it."""
    spare = model.line("waterfall.spare_usd", free, label="Cash that may leave")
    early = added([_sweep(model, time, loan, spare, loans[:k]) for k, loan in enumerate(loans)])
    model.section = "Waterfall"
    swept = model.line("waterfall.swept_usd", early, label="Repaid early")
    return model.line("waterfall.distributed_usd", spare - swept, label="Cash to owners")


def _serve(
    model: Model, time: Timing, plan: TrancheLines, left: Term, reserve: Term
) -> tuple[LoanLines, Line, Line]:  # fmt: skip
    """Serve one loan from cash, by recourse to owners, from the reserve, from its guarantor; the rest stays owed.

    due = what brings the loan back to its plan, at least the interest, or the planned service where the plan lets
    interest be added to the loan: max(min(interest, planned service), owed + interest - planned)
    """
    path = f"loans.{plan.name}"
    model.section = f"Loan: {plan.name}"
    owed, interest = prev(Later(f"{path}.balance_usd")), interest_of(plan)
    least_due = least(interest, plan.service)
    due = model.line(f"{path}.due_usd", least(most(least_due, owed + interest - plan.planned), owed + interest)
                     * flag(time.period > time.completion), label="Due")  # fmt: skip
    beyond = model.line(f"{path}.beyond_cash_usd", most(0, due - left), label="Not covered by cash")
    recourse = model.line(f"{path}.recourse_usd", beyond * plan.recourse, label="From the owners, by recourse")
    short = model.line(f"{path}.short_usd", beyond - recourse, label="Not covered by cash or owners")
    drawn = model.line(f"{path}.reserve_drawn_usd", least(short, reserve), label="From the reserve")
    guaranteed_before = prev(Later(f"{path}.guaranteed_so_far_usd"))
    guaranteed = model.line(f"{path}.guaranteed_usd", least(short - drawn, most(0, plan.guarantee - guaranteed_before)),
                            label="From the guarantor")  # fmt: skip
    model.line(f"{path}.guaranteed_so_far_usd", guaranteed_before + guaranteed, kind="balance")
    unpaid = model.line(f"{path}.unpaid_usd", short - drawn - guaranteed, label="Not paid")
    paid = model.line(f"{path}.paid_usd", due - unpaid, label="Paid")
    served = model.line(f"{path}.served_usd", where(time.period <= time.completion, plan.planned,
                        owed + interest - paid), label="Owed after service", kind="balance")  # fmt: skip
    balance = model.line(f"{path}.balance_usd", served - Later(f"{path}.swept_usd"), kind="balance")
    falls_due = least(plan.ahead, most(0, served - plan.then) + served * plan.rate_ahead)
    ahead = model.line(f"{path}.ahead_usd", where(served < plan.planned - OWED, falls_due, plan.ahead),
                       label="Service ahead, months of the reserve", kind="balance")  # fmt: skip
    cash_left = model.line(f"{path}.cash_left_usd", most(0, left - due), label="Cash left")
    reserve_left = model.line(f"{path}.reserve_left_usd", reserve - drawn, label="Reserve left", kind="balance")
    loan = LoanLines(plan=plan, interest=interest, due=due, paid=paid, unpaid=unpaid, guaranteed=guaranteed,
                     recourse=recourse, served=served, balance=balance, ahead=ahead)  # fmt: skip
    return loan, cash_left, reserve_left


def _sweep(model: Model, time: Timing, loan: LoanLines, spare: Line, before: list[LoanLines]) -> Line:
    """Early repayment of one loan: a share of the cash that may leave, never more than is owed."""
    path = f"loans.{loan.plan.name}"
    model.section = f"Loan: {loan.plan.name}"
    cash = spare - added(Later(f"loans.{each.plan.name}.swept_usd") for each in before)
    return model.line(f"{path}.swept_usd", least(most(0, loan.served), cash * loan.plan.sweep) * time.repaying,
                      label="Repaid early")  # fmt: skip
