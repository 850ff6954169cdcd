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
    balance: Line


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
    lockup = model.input("covenants.lockup_dscr", project.covenants.lockup_dscr, "ratio", "Lock-up below a DSCR of")
    default = model.input("covenants.default_dscr", project.covenants.default_dscr, "ratio", "Default below a DSCR of")
    trapped_before = prev(Later("waterfall.trapped_usd"))
    reserve_before = prev(Later("waterfall.reserve_usd"))
    free = cash * time.repaying + trapped_before
    available = model.line("waterfall.available_usd", most(0, free), label="Cash for debt service")
    support = model.line("waterfall.support_usd", most(0, -free), label="Paid in by owners: operation costs more")
    left: Term = available
    reserve: Term = reserve_before
    loans: list[LoanLines] = []
    for plan in debt.tranches:
        loan, left, reserve = _serve(model, time, plan, left, reserve)
        loans.append(loan)
    model.section = "Waterfall"
    after = model.line("waterfall.after_service_usd", left, label="Cash after debt service")
    kept = model.line("waterfall.reserve_left_usd", reserve, label="Reserve after draws", kind="balance")
    released = most(0, kept - debt.reserve_target)
    filled = model.line("waterfall.filled_usd", least(after, most(0, debt.reserve_target - kept)) * time.repaying,
                        label="Paid into the reserve")  # fmt: skip
    freed = model.line("waterfall.freed_usd", released * time.repaying, label="Freed from the reserve")
    balance = model.line("waterfall.reserve_usd", debt.reserve_first + kept + filled - freed,
                         label="Debt service reserve", kind="balance")  # fmt: skip
    due = model.line("waterfall.due_usd", added(loan.due for loan in loans), label="Debt service due")
    cover = model.line("cover.cash_usd", counted, label="Cash that counts for cover")
    dscr = model.line("cover.dscr", only(due > OWED, ratio(cover, due)), "ratio", "DSCR", "ratio")
    shut = flag(due > OWED) * flag(cover < lockup * due)
    locked = model.line("waterfall.locked", where(time.period < time.end, shut, 0), "flag", "Lock-up", "flag")
    model.line(
        "waterfall.breached", flag(due > OWED) * flag(cover < default * due), "flag", "Default of covenant", "flag"
    )
    later = model.line(
        "waterfall.later_usd", after - filled + freed + other * time.repaying, label="Cash after reserves"
    )
    topped = model.line("waterfall.topped_usd", most(0, -later), label="Paid in by owners: reserves and fees")
    spare = model.line("waterfall.spare_usd", most(0, later) * (1 - locked), label="Cash that may leave")
    early = added([_sweep(model, loan, spare, loans[:k]) for k, loan in enumerate(loans)])
    model.section = "Waterfall"
    swept = model.line("waterfall.swept_usd", early, label="Repaid early")
    trapped = model.line("waterfall.trapped_usd", most(0, later) * locked, label="Cash locked up",
                         kind="balance")  # fmt: skip
    recourse = model.line("waterfall.recourse_usd", added(loan.recourse for loan in loans),
                          label="Debt service paid by owners")  # fmt: skip
    distributed = model.line("waterfall.distributed_usd", spare - swept, label="Cash to owners")
    return Waterfall(
        loans=tuple(loans), available=available, due=due,
        service_paid=model.line("waterfall.paid_usd", added(loan.paid for loan in loans), label="Debt service paid"),
        balance=model.line("loans.balance_usd", added(loan.balance for loan in loans), label="Debt", kind="balance"),
        reserve=balance, trapped=trapped, support=support + topped + recourse, distributed=distributed, dscr=dscr,
    )  # fmt: skip


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
    swept = Later(f"{path}.swept_usd")
    balance = model.line(f"{path}.balance_usd", where(time.period <= time.completion, plan.planned,
                         owed + interest - paid - swept), kind="balance")  # fmt: skip
    cash_left = model.line(f"{path}.cash_left_usd", most(0, left - due), label="Cash left")
    reserve_left = model.line(f"{path}.reserve_left_usd", reserve - drawn, label="Reserve left", kind="balance")
    loan = LoanLines(plan=plan, interest=interest, due=due, paid=paid, unpaid=unpaid, guaranteed=guaranteed,
                     recourse=recourse, balance=balance)  # fmt: skip
    return loan, cash_left, reserve_left


def _sweep(model: Model, loan: LoanLines, spare: Line, before: list[LoanLines]) -> Line:
    """Early repayment of one loan: a share of the cash that may leave, never more than is owed."""
    path = f"loans.{loan.plan.name}"
    model.section = f"Loan: {loan.plan.name}"
    owed = prev(Later(f"{path}.balance_usd")) + loan.interest - loan.paid
    cash = spare - added(Later(f"loans.{each.plan.name}.swept_usd") for each in before)
    return model.line(f"{path}.swept_usd", least(most(0, owed), cash * loan.plan.sweep) * flag(loan.paid > OWED),
                      label="Repaid early")  # fmt: skip
