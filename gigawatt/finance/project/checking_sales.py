"""What cannot be of sales and costs: more taken than there is, shares above 1, what nothing is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from gigawatt.finance.project.checking_bounds import Problem
from gigawatt.finance.project.inputs import Per, Project

SUM_SLACK = 1e-6  # shares that sum to 1 within this


def sales_problems(project: Project) -> Iterator[Problem]:
    """Shares of sales and costs above what they are shares of."""
    taken = sum(each.share for each in project.backstops)
    if taken > 1 + SUM_SLACK:
        yield Problem("backstops", f"together take {taken:.3g} of what nobody buys", "at most 1")
    for cost in project.costs:
        if cost.per in (Per.revenue, Per.capex) and cost.amount and max(cost.amount) > 1:
            yield Problem(f"costs.{cost.name}.amount", f"{max(cost.amount):g} of {cost.per.value} is above 1",
                          f"a share, or another `per` than {cost.per.value}")  # fmt: skip


def purpose_problems(project: Project) -> Iterator[Problem]:
    """Costs of a site without power, and a project that sells nothing."""
    for cost in project.costs:
        if cost.per in (Per.mw_year, Per.mwh) and not project.capacity.it_mw:
            yield Problem(f"costs.{cost.name}.per", f"paid for each {cost.per.value}, but the site has no power",
                          "capacity.it_mw above 0")  # fmt: skip
    if project.energy_usd_per_mwh and not project.capacity.it_mw:
        yield Problem("energy_usd_per_mwh", "energy is paid for, but the site has no power", "capacity.it_mw above 0")
    if not project.contracts and not project.backstops and not project.merchant.utilisation:
        yield Problem("contracts", "nothing is ever sold", "contracts, or merchant with a utilisation above 0")
