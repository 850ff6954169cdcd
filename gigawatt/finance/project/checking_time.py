"""What cannot be of the calendar: phases that do not add up, contracts that overlap or outlast the project."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, isfinite

from gigawatt.finance.project.checking_bounds import Problem
from gigawatt.finance.project.inputs import Contract, Project
from gigawatt.finance.project.timing import periods_of
from gigawatt.units import MONTHS_PER_YEAR

SLACK = 1e-6
MOST_PERIODS = 600
ROUNDED = "; their months are rounded to periods, so give whole periods or more periods_per_year"


def phase_problems(project: Project) -> Iterator[Problem]:
    """Of the phases of construction."""
    whole = sum(phase.share for phase in project.phases)
    if abs(whole - 1) > SLACK:
        yield Problem("phases", f"shares sum to {whole:.6g}", "they must sum to 1")


def time_problems(project: Project) -> Iterator[Problem]:
    """Of the plan as a whole."""
    periods = periods_of(project)
    if periods > MOST_PERIODS:
        yield Problem("operation_years", f"the plan has {periods} periods", f"at most {MOST_PERIODS}: a shorter "
                      "operation, or fewer periods_per_year")  # fmt: skip


def contract_problems(project: Project) -> Iterator[Problem]:
    """Of each contract, and of all that run at the same time."""
    ready = [phase.start_month + phase.months for phase in project.phases]
    last = max(ready) - min(ready) + project.operation_years * MONTHS_PER_YEAR  # month of the end, from first service
    for each in project.contracts:
        yield from _contract(each, last)
    for vendor in project.backstops:
        if vendor.months > last + SLACK:
            yield Problem(f"backstops.{vendor.guarantor}.months", f"ends in month {vendor.months:g} of service, "
                          f"the project in month {last:g}", "at most that")  # fmt: skip
    yield from overlaps(project)


def _contract(each: Contract, last: float) -> Iterator[Problem]:
    path, end = f"contracts.{each.name}", each.start_month + each.months
    if each.start_month >= last:
        yield Problem(f"{path}.start_month", f"starts in month {each.start_month:g} from first service, the project "
                      f"ends in month {last:g}", "before that")  # fmt: skip
    elif end > last + 1:
        yield Problem(f"{path}.months", f"ends in month {end:g} from first service, the project in month {last:g}",
                      "at most that, or more operation_years")  # fmt: skip
    if isfinite(each.ends_early_month) and each.ends_early_month > each.months + SLACK:
        yield Problem(f"{path}.ends_early_month", f"month {each.ends_early_month:g} of the contract is after its "
                      f"end in month {each.months:g}", "counted from the start of the contract")  # fmt: skip
    if each.termination_share and not each.take_or_pay:
        yield Problem(f"{path}.termination_share", "a share of what take-or-pay would have brought, and there is none",
                      "take_or_pay above 0")  # fmt: skip


def overlaps(project: Project) -> Iterator[Problem]:
    """The first period in which contracts book more than there is, as the model rounds their months to periods."""
    terms = {each.name: _periods(each, project.periods_per_year) for each in project.contracts}
    for period in sorted({first for first, _ in terms.values()}):
        running = [each for each in project.contracts if terms[each.name][0] <= period < terms[each.name][1]]
        booked = sum(each.share for each in running)
        if booked > 1 + SLACK:
            names = ", ".join(f"{each.name} {each.share:.3g}" for each in running)
            month = period * MONTHS_PER_YEAR / project.periods_per_year
            rounded = "" if _meet(running) else ROUNDED
            yield Problem("contracts", f"book {booked:.4g} of the capacity in month {month:g} from first service "
                          f"({names})", f"at most 1 at a time{rounded}")  # fmt: skip
            return


def _periods(each: Contract, per_year: int) -> tuple[int, int]:
    """The first period of service that is booked, from 0, and the first after it; halves round up, as in the model."""
    begins, lasts = (floor(months * per_year / MONTHS_PER_YEAR + 0.5) for months in (each.start_month, _length(each)))
    return begins, begins + lasts


def _meet(running: list[Contract]) -> bool:
    """Whether contracts share a month."""
    return max(each.start_month for each in running) < min(each.start_month + _length(each) for each in running) - SLACK


def _length(each: Contract) -> float:
    return min(each.months, each.ends_early_month)
