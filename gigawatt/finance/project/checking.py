"""What is wrong with a project before it is worked out: every impossible or inconsistent value at once, by its path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from math import isfinite

from gigawatt.finance.project.checking_bounds import BOUNDS, CURRENCIES, Problem, ProjectError, outside
from gigawatt.finance.project.checking_cases import case_problems
from gigawatt.finance.project.checking_debt import debt_problems, size_problems
from gigawatt.finance.project.checking_sales import SUM_SLACK, purpose_problems, sales_problems
from gigawatt.finance.project.checking_time import contract_problems, phase_problems, time_problems
from gigawatt.finance.project.inputs import Asset, Project
from gigawatt.units import MONTHS_PER_YEAR

DEPRECIATIONS = ("straight", "none", "custom")
CALENDAR = ("phases", "operation_years", "periods_per_year", "contracts", "backstops", "delay_months")
SECTIONS = ("assets", "phases", "contracts", "backstops", "costs", "debt")


def check(project: Project) -> None:
    """Nothing where the project makes sense.

    Raises:
        ProjectError: With every problem found.
    """
    found = problems(project)
    if found:
        raise ProjectError(found)


def problems(project: Project) -> tuple[Problem, ...]:
    """All that is impossible or inconsistent, in the order of the sections."""
    found = [*_bounds(project), *_names(project)]
    wrong = {problem.path for problem in found}
    for asset in project.assets:
        found += _asset(project, asset)
    found += [*sales_problems(project), *purpose_problems(project), *_taxes(project)]
    found += [*size_problems(project), *debt_problems(project), *_covenants(project)]
    if project.phases:
        found += phase_problems(project)
    if not any(path.startswith(CALENDAR) for path in wrong):  # else no month can be reckoned
        found += [*time_problems(project), *contract_problems(project)]
    if not found:
        found += case_problems(project)
    return tuple(found)


def _bounds(project: Project) -> Iterator[Problem]:
    """Values outside what they can be, of the project and all its parts."""
    yield from outside(project, "")
    for section in fields(Project):
        part = getattr(project, section.name)
        if type(part) in BOUNDS:
            yield from outside(part, section.name)
        if section.name in SECTIONS:
            for each in part:
                yield from outside(each, f"{section.name}.{_name(each)}")
    if project.periods_per_year not in (1, 4, 12):
        yield Problem("periods_per_year", f"{project.periods_per_year} periods a year", "1, 4 or 12")
    if project.currency not in CURRENCIES:
        yield Problem.unknown("currency", "currency", project.currency, CURRENCIES)


def _names(project: Project) -> Iterator[Problem]:
    if not project.assets:
        yield Problem("assets", "none given", "at least one, such as the chips")
    if not project.phases:
        yield Problem("phases", "none given", "at least one")
    for section in SECTIONS:
        names = Counter(_name(each) for each in getattr(project, section))
        yield from (Problem(f"{section}.{name}", f"named {count} times", "names differ within a section")
                    for name, count in names.items() if count > 1)  # fmt: skip
    for case in project.cases:
        if case.casefold() in ("base", ""):
            yield Problem(f"cases.{case}", "the base case is what the project says by itself", "another name")


def _name(part: object) -> str:
    return str(getattr(part, "name", None) or getattr(part, "guarantor", ""))


def _asset(project: Project, asset: Asset) -> Iterator[Problem]:
    from gigawatt.catalog import items

    path = f"assets.{asset.name}"
    known = (*DEPRECIATIONS, *items("depreciation"))
    if asset.depreciation not in known:
        yield Problem.unknown(f"{path}.depreciation", "schedule", asset.depreciation, known)
    if asset.depreciation == "custom" and abs(sum(asset.shares) - 1) > SUM_SLACK:
        yield Problem(f"{path}.shares", f"shares of the years sum to {sum(asset.shares):g}", "they must sum to 1")
    if asset.depreciation != "custom" and asset.shares:
        yield Problem(f"{path}.shares", f"not used by depreciation {asset.depreciation}", "depreciation: custom")
    if asset.depreciation != "straight" and asset.tax_life_years:
        yield Problem(f"{path}.tax_life_years", f"not used by depreciation {asset.depreciation}",
                      "depreciation: straight")  # fmt: skip
    if not asset.refreshed and (isfinite(asset.refresh_usd) or asset.refresh_trend):
        what = "refresh_usd" if isfinite(asset.refresh_usd) else "refresh_trend"
        yield Problem(f"{path}.{what}", f"{asset.name} is never refreshed", "refreshed: yes")
    if 0 < asset.life_years * project.periods_per_year < 0.5:
        yield Problem(f"{path}.life_years", f"{asset.life_years:g} years are less than half a period",
                      "a longer life, or more periods_per_year")  # fmt: skip
    yield from _guarantee(project, asset)


def _guarantee(project: Project, asset: Asset) -> Iterator[Problem]:
    """A guarantee for the day on which the life of an asset ends, and it never does."""
    ready = [phase.start_month + phase.months for phase in project.phases]
    longest = project.operation_years + (max(ready) - min(ready)) / MONTHS_PER_YEAR if ready else 0.0
    if asset.guaranteed_residual and asset.life_years > longest + SUM_SLACK:
        yield Problem(
            f"assets.{asset.name}.guaranteed_residual",
            f"a guarantee for the end of a life of {asset.life_years:g} years, and the project works for {longest:g}",
            "0, or a shorter life",
        )


def _taxes(project: Project) -> Iterator[Problem]:
    taxes = project.taxes
    if taxes.investor_usd and not taxes.investor_share and not taxes.flipped_share:
        yield Problem("taxes.investor_usd", "a tax investor pays in and gets no share", "taxes.investor_share above 0")
    if taxes.flip_month and not taxes.investor_usd:
        yield Problem("taxes.flip_month", "no tax investor pays in", "taxes.investor_usd above 0, or no flip")
    if (taxes.investor_share or taxes.flipped_share) and not taxes.investor_usd:
        yield Problem("taxes.investor_share", "a tax investor gets a share and pays nothing in",
                      "taxes.investor_usd above 0")  # fmt: skip


def _covenants(project: Project) -> Iterator[Problem]:
    asked = project.covenants
    if 0 < asked.lockup_dscr < asked.default_dscr:
        yield Problem("covenants.lockup_dscr", f"{asked.lockup_dscr:g} is below the default covenant of "
                      f"{asked.default_dscr:g}", "cash is locked up before the loan is in default")  # fmt: skip
    if (asked.lockup_dscr or asked.default_dscr) and not project.debt:
        yield Problem("covenants", "asked of a project without debt", "remove them, or add debt")
