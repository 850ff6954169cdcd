"""What cannot be of the debt: amounts that nothing bounds, tenors beyond the operation, covers below 1."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from gigawatt.finance.project.checking_bounds import Problem
from gigawatt.finance.project.inputs import Project, Repayment, Tranche
from gigawatt.units import MONTHS_PER_YEAR

SLACK_YEARS = 1e-6


def debt_problems(project: Project) -> Iterator[Problem]:
    """Of each tranche, and between them."""
    for tranche in project.debt:
        yield from _tranche(project, tranche)
    reserve = project.reserves.debt_service_months
    if reserve and not project.debt:
        yield Problem("reserves.debt_service_months", "a reserve for debt service without debt", "0, or add debt")


def size_problems(project: Project) -> Iterator[Problem]:
    """Covers and gearings that no loan can have."""
    most = 0.0
    for tranche in project.debt:
        path = f"debt.{tranche.name}"
        if 0 < tranche.dscr < 1:
            yield Problem(f"{path}.dscr", f"{tranche.dscr:g} is below 1: debt service above the cash there is",
                          "at least 1")  # fmt: skip
        if isfinite(tranche.gearing) and tranche.gearing >= 1:
            yield Problem(f"{path}.gearing", f"{tranche.gearing:g} leaves nothing to the owners", "below 1, such as "
                          "70 %")  # fmt: skip
        if isfinite(tranche.gearing):
            if tranche.gearing < most:
                yield Problem(f"debt.{tranche.name}.gearing", f"{tranche.gearing:.3g} with all debt before it is below "
                              f"{most:.3g}, which that debt may have alone", "at least that")  # fmt: skip
            most = max(most, tranche.gearing)


def _tranche(project: Project, loan: Tranche) -> Iterator[Problem]:
    path = f"debt.{loan.name}"
    if not loan.dscr and not isfinite(loan.gearing) and not isfinite(loan.amount_usd):
        yield Problem(path, "nothing says how much", "dscr, gearing or amount_usd")
    if loan.repayment is Repayment.sculpted and not loan.dscr:
        yield Problem(f"{path}.dscr", "sculpted debt service is cash flow over a DSCR, and none is given", "at least 1")
    if loan.years > project.operation_years + SLACK_YEARS:
        yield Problem(f"{path}.years", f"matures {loan.years:g} years after completion, the project works for "
                      f"{project.operation_years:g}", "at most operation_years")  # fmt: skip
    if 0 < loan.years * project.periods_per_year < 0.5:
        yield Problem(f"{path}.years", f"{loan.years:g} years are less than half a period", "a longer tenor")
    if loan.repayment in (Repayment.sculpted, Repayment.level) and loan.balloon == 1:
        yield Problem(f"{path}.balloon", "1 leaves all to maturity", "below 1, or repayment: bullet")
    if isfinite(loan.refinance_month) and loan.refinance_month >= loan.years * MONTHS_PER_YEAR:
        yield Problem(f"{path}.refinance_month", f"month {loan.refinance_month:g} is not before maturity in month "
                      f"{loan.years * MONTHS_PER_YEAR:g}", "counted from completion")  # fmt: skip
    if not isfinite(loan.refinance_month) and (loan.refinance_spread or loan.refinance_fee):
        what = "refinance_spread" if loan.refinance_spread else "refinance_fee"
        yield Problem(f"{path}.{what}", "the loan is never refinanced", "refinance_month too")
    if loan.swap_rate and not loan.hedged:
        yield Problem(f"{path}.swap_rate", "nothing is swapped", "hedged above 0")
