"""What a company earns, spends and holds before money is raised, quarter by quarter, in whole cents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import DAYS_PER_QUARTER, QUARTERS_PER_YEAR, Array, Company, by_quarter
from gigawatt.finance.companies.debt import CENTS
from gigawatt.finance.companies.leases import Rents, rents
from gigawatt.finance.companies.purchases import purchases_usd, still_to_pay_usd, within
from gigawatt.finance.companies.revenue import revenue
from gigawatt.finance.companies.stress import Stress, customer_share
from gigawatt.finance.companies.wear import opening_vintages, planned_capex_usd, wear_of_new_usd, wear_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Flows and stocks in whole cents; shapes (draws, quarters), opening stocks one number each."""

    contracted: Array
    other: Array
    cost: Array
    operating: Array
    stock: Array
    write_off: Array  # receivables of a customer that failed
    wear_chips: Array
    wear_sites: Array
    capex_chips: Array
    capex_sites: Array
    invest: Array
    receivables: Array  # with the opening in front: (draws, quarters + 1)
    payables: Array
    deferred: Array
    rents: Rents
    bought: Array  # (quarters,), firm purchases, part of the costs
    to_buy: Array  # (quarters,), present value of those to come
    backlog: Array  # (quarters,), as planned

    @property
    def revenue(self) -> Array:
        """All revenue."""
        return np.asarray(self.contracted + self.other)

    @property
    def ebitda(self) -> Array:
        """Revenue less cash costs and rent: before share-based compensation, as companies adjust it."""
        return np.asarray(self.revenue - self.cost - self.operating - self.rents.rent)


def operations(company: Company, quarters: int, stress: Stress) -> Operations:
    """The quarters under a stress; costs follow the plan for their fixed share and revenue for the rest.

    Costs never fall below what is bought under take-or-pay.
    """
    business, first_year = company.business, company.first_year
    planned = revenue(business, first_year, quarters)
    hit = 1 + _from(stress.revenue, stress.start, quarters)
    lost = _from(customer_share(company, stress.defaults), stress.start, quarters)
    contracted = np.rint(planned.contracted_usd * hit * (1 - lost) * CENTS)
    other = np.rint(planned.other_usd * hit * CENTS)
    plan, real = (planned.contracted_usd + planned.other_usd) * CENTS, contracted + other
    base = business.fixed_cost * plan + (1 - business.fixed_cost) * real
    cost, operating = (np.rint(by_quarter(s, first_year, quarters) * base) for s in (business.cost, business.operating))
    purchases, rate = purchases_usd(company), company.leases.rate
    bought = np.rint(within(purchases, quarters) * CENTS)
    cost = np.maximum(cost, bought - operating)
    capex = planned_capex_usd(company.assets, first_year, quarters) * (1 + _from(stress.capex, stress.start, quarters))
    chips, sites = _bought(company, capex)
    lease = rents(company.leases, quarters)
    receivables, write_off = _receivables(company, planned.contracted_usd, real, lost, stress)
    opening_cost = (by_quarter(business.cost, first_year, 1) + by_quarter(business.operating, first_year, 1))[0]
    spent_before = business.revenue_usd_per_quarter * opening_cost * CENTS
    return Operations(
        contracted=contracted, other=other, cost=cost, operating=operating,
        stock=np.rint(by_quarter(business.stock, first_year, quarters) * real), write_off=write_off,
        wear_chips=_wear(company, chips, True, stress), wear_sites=_wear(company, sites, False, stress),
        capex_chips=chips, capex_sites=sites, invest=np.rint(_invest(company, quarters) * CENTS),
        receivables=receivables, payables=_days(business.payable_days, spent_before, cost + operating),
        deferred=_days(business.deferred_days, business.revenue_usd_per_quarter * CENTS, real),
        rents=lease, bought=bought, to_buy=np.rint(still_to_pay_usd(purchases, rate, quarters)[1:] * CENTS),
        backlog=planned.backlog_usd * CENTS,
    )  # fmt: skip


def _from(change: float | Array, start: int, quarters: int) -> Array:
    """A change from a quarter on; shape (draws, quarters), one draw for one number."""
    out = np.zeros((np.size(change), quarters))
    out[:, start:] = np.reshape(change, (-1, 1))
    return out


def _bought(company: Company, capex_usd: Array) -> tuple[Array, Array]:
    """Purchases of chips and of sites, in cents."""
    chips = np.rint(capex_usd * company.assets.chip_share * CENTS)
    return chips, np.rint(capex_usd * CENTS) - chips


def _invest(company: Company, quarters: int) -> Array:
    """Stakes bought by quarter, in USD."""
    told = company.assets.invest_usd
    years = company.first_year + np.arange(quarters) // QUARTERS_PER_YEAR
    return np.array([told.get(int(year), 0.0) / QUARTERS_PER_YEAR for year in years])


def _days(days: float, opening: float, flow: Array) -> Array:
    """A stock of so many days of a flow, with the opening in front, in cents; shape (draws, quarters + 1)."""
    whole = np.concatenate([np.full((*flow.shape[:-1], 1), opening), flow], axis=-1)
    return np.rint(whole * days / DAYS_PER_QUARTER)


def _receivables(
    company: Company, contracted_usd: Array, revenue: Array, lost: Array, stress: Stress
) -> tuple[Array, Array]:
    """Receivables with the opening in front, and what is written off when the customer fails; cents."""
    business = company.business
    stocks = _days(business.receivable_days, business.revenue_usd_per_quarter * CENTS, revenue)
    write_off = np.zeros_like(revenue)
    if stress.defaults is not None:
        begin = stress.start
        planned = contracted_usd[begin] * CENTS
        share = lost[:, begin] * np.minimum(1.0, planned / np.maximum(revenue[:, begin] + planned * lost[:, begin], 1))
        write_off[:, begin] = np.rint(stocks[:, begin] * share)
    return stocks, write_off


def _wear(company: Company, bought: Array, is_chips: bool, stress: Stress) -> Array:
    """Depreciation in whole cents, never more than there is; the life of chips may be another than the policy's."""
    assets, opening, quarters = company.assets, company.opening, bought.shape[-1]
    net = opening.chips_usd if is_chips else opening.sites_usd
    policy = assets.chip_life_years if is_chips else assets.site_life_years
    share = assets.chip_share if is_chips else 1 - assets.chip_share
    life = stress.chip_life_years if is_chips and stress.chip_life_years is not None else policy
    vintages = opening_vintages(assets, net * (1 - assets.in_progress), share, policy, company.first_year)
    standing = wear_usd(vintages, quarters, life) * CENTS
    put_to_use = bought + _in_progress(net * assets.in_progress * CENTS, quarters)
    total = np.cumsum(standing + wear_of_new_usd(put_to_use, life), axis=-1)
    return np.diff(np.rint(total), axis=-1, prepend=0.0)


def _in_progress(total: float, quarters: int) -> Array:
    """What was under construction at the opening, as if bought in equal parts in the first year; in cents."""
    out = np.zeros(quarters)
    out[:QUARTERS_PER_YEAR] = total / QUARTERS_PER_YEAR
    return out
