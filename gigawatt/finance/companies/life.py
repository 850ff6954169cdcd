"""What the useful life of chips does to earnings: another policy against the reported one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gigawatt.finance.companies.company import Array, Company
from gigawatt.finance.companies.metrics import periods
from gigawatt.finance.companies.statements import Statements, project_statements
from gigawatt.finance.companies.stress import NONE, Stress


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEffect:
    """Changes by year against the reported policy, in USD; arrays (years,)."""

    reported_years: float
    tried_years: float
    labels: tuple[str, ...]
    depreciation_usd: Array  # above 0: more of it
    operating_income_usd: Array
    net_income_usd: Array
    book_value_usd: Array  # of chips at the end of the year


def life_effect(
    company: Company, life_years: float, quarters: int = 20, stress: Stress = NONE
) -> tuple[LifeEffect, Statements]:
    """The effect of a life on earnings, and the statements under it; all else is as under `stress`."""
    reported = project_statements(company, quarters, stress)
    tried = project_statements(company, quarters, replace(stress, chip_life_years=life_years))
    p = periods(reported, annual=True)

    def more(line: str) -> Array:
        return p.flow(tried.income[line] - reported.income[line])

    effect = LifeEffect(
        reported_years=company.assets.chip_life_years,
        tried_years=life_years,
        labels=p.labels,
        depreciation_usd=-more("depreciation_chips"),
        operating_income_usd=more("operating_income"),
        net_income_usd=more("net_income"),
        book_value_usd=p.stock(tried.balance["chips"] - reported.balance["chips"]),
    )
    return effect, tried
