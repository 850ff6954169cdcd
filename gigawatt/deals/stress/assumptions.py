"""What is assumed where no contract and no filing says it: rows of the catalog, with ranges and reasons."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from gigawatt import catalog
from gigawatt.catalog import Fact
from gigawatt.deals.stress.positions import Array

TABLE, ITEM = "stress_assumptions", "stress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Shares unless said; see the table `stress_assumptions` of the catalog for reasons and ranges."""

    capex_cut: float  # of capex and chip orders that can be put off at once
    capex_cut_later: float  # after `capex_cut_quarters`, reached evenly
    capex_cut_quarters: float
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


def put_off_shares(terms: Assumptions, quarters: int, shock: int) -> Array:
    """Share of building and orders that can be put off in each quarter: what is under way is finished first."""
    since = np.maximum(0.0, np.arange(quarters) - shock)
    along = np.minimum(1.0, since / max(terms.capex_cut_quarters, 1.0))
    shares: Array = terms.capex_cut + (max(terms.capex_cut_later, terms.capex_cut) - terms.capex_cut) * along
    return shares


@cache
def assumed() -> Assumptions:
    """The assumptions of the catalog."""
    return Assumptions(**{each.name: float(fact(each.name).value) for each in fields(Assumptions)})


def fact(name: str) -> Fact:
    """The row of an assumption, with its range and its reason."""
    return catalog.fact(TABLE, ITEM, name)
