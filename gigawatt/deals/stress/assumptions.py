"""What is assumed where no contract and no filing says it: rows of the catalog, with ranges and reasons."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from gigawatt import catalog
from gigawatt.catalog import Fact

TABLE, ITEM = "stress_assumptions", "stress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Shares unless said; see the table `stress_assumptions` of the catalog for reasons and ranges."""

    capex_cut: float  # of capex and chip orders that can be put off
    re_let_share: float  # of the contract price paid by other customers
    re_let_quarters: float  # until they pay
    cash_kept: float  # of opening cash, kept in the plan by raising money
    estate_share: float  # of dues, paid by the estates of firms that fall with others
    debt_rate: float  # a year
    debt_years: float
    claim_quarters: float  # of unpaid dues that count as a claim
    loan_to_value: float
    site_sale_share: float  # of book value
    other_sale_share: float
    chip_impact: float  # fall of the chip price if all chips were sold


@cache
def assumed() -> Assumptions:
    """The assumptions of the catalog."""
    return Assumptions(**{each.name: float(fact(each.name).value) for each in fields(Assumptions)})


def fact(name: str) -> Fact:
    """The row of an assumption, with its range and its reason."""
    return catalog.fact(TABLE, ITEM, name)
