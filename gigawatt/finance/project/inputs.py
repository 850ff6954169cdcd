"""What a project is: assets, phases, contracts, costs, taxes, debt and reserves, as its owners and lenders describe it.

Months count from the start of the plan unless a field says otherwise. Money is nominal, in one currency. Prices and
costs hold in the first year of operation and escalate once a year from there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, nan


class Per(StrEnum):
    """What a cost is paid for."""

    year = "year"
    mw_year = "mw_year"  # of IT power in service
    chip_hour = "chip_hour"  # sold
    mwh = "mwh"  # drawn by the site
    revenue = "revenue"  # a share of it
    capex = "capex"  # a share of the first cost a year, such as insurance and property tax


class Repayment(StrEnum):
    """How a tranche is repaid."""

    sculpted = "sculpted"  # debt service follows cash flow: CFADS over DSCR
    level = "level"  # equal payments of interest and principal
    straight = "straight"  # equal principal
    bullet = "bullet"  # all principal at maturity


class TaxPayer(StrEnum):
    """Who pays the tax on the profit."""

    project = "project"  # a company: tax comes before debt service
    sponsor = "sponsor"  # a pass-through: tax is paid by the owners, after debt service


class Losses(StrEnum):
    """What a loss is worth to the tax payer."""

    carried = "carried"  # set off against later profits
    refunded = "refunded"  # at once, against other profits of the owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """Things bought together: shell, power plant, chips."""

    name: str
    capex_usd: float  # all phases together
    life_years: float
    refreshed: bool = False  # bought again whenever its life ends, while the project operates
    refresh_usd: float = nan  # price then, before the trend; the first cost unless given
    refresh_trend: float = 0.0  # change of that price a year, counted from completion
    least_use_years: float = 1.0  # no refresh where less is left of the operation
    residual: float = 0.0  # share of its cost that it sells for at the end of its life; between, geometric
    guaranteed_residual: float = 0.0  # share that a guarantor makes up to
    depreciation: str = "straight"  # for tax: straight, none, custom, or a schedule of the catalog such as macrs_5
    tax_life_years: float = 0.0  # of straight depreciation; its life unless given
    shares: tuple[float, ...] = ()  # of custom depreciation, by year
    bonus: float = 0.0  # share written off for tax in its first period
    state_bonus: float = nan  # the same for state tax; as for national tax unless given
    tax_credit: float = 0.0  # share of its cost that is credited at completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the project that is built and comes into service by itself."""

    name: str = "all"
    share: float = 1.0  # of every asset
    start_month: float = 0.0
    months: float = 12.0
    curve: float = 0.0  # 0: equal spending a month; 1: an S-curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the whole project can do, once all phases are in service."""

    chips: float
    it_mw: float = 0.0
    pue: float = 1.0
    load_factor: float = 1.0  # mean over peak IT power
    availability: float = 1.0  # share of hours in which a chip works
    degradation: float = 0.0  # of availability, a year
    pflop_per_s: float = 0.0  # of one chip, dense, at the stated precision
    tokens_per_s: float = 0.0  # of one chip, in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Compute that a customer has booked; months count from the first service."""

    name: str
    customer: str = ""
    share: float = 1.0  # of the capacity in service
    usd_per_chip_h: float = 0.0
    utilisation: float = 1.0  # share of the booked hours that the customer would use
    take_or_pay: float = 1.0  # share of the booked hours that is paid for, used or not
    start_month: float = 0.0
    months: float = 60.0
    escalation: float = 0.0  # a year, from its start
    ends_early_month: float = inf  # when the customer terminates
    termination_share: float = 0.0  # of what take-or-pay would still have brought, paid at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """Compute that is sold by the hour, at the price of the day."""

    usd_per_chip_h: tuple[float, ...] = (0.0,)  # by year of the plan, for a chip of the day
    utilisation: float = 0.0
    ageing: float = 0.0  # change of the price a year of age of the chips


@dataclass(frozen=True, slots=True, kw_only=True)
class Backstop:
    """A vendor who takes what is not sold, at a low price, for a time."""

    guarantor: str
    share: float  # of the hours that nobody buys
    usd_per_chip_h: float
    months: float  # from the first service


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Something paid while the project operates."""

    name: str
    amount: tuple[float, ...]  # USD or a share, by year of operation; the last holds for all years after
    per: Per = Per.year
    escalation: float = 0.0  # a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxes:
    """Tax on profit."""

    rate: float = 0.0
    state_rate: float = 0.0  # deducted from the profit that `rate` falls on
    payer: TaxPayer = TaxPayer.project
    losses: Losses = Losses.carried
    loss_limit: float = 1.0  # share of a profit that carried losses may take off
    interest_limit: float = inf  # share of taxable EBITDA up to which interest is deducted; the rest is carried
    final_write_off: float = 1.0  # share of what is left of the basis at the end that is deducted then
    fees_deducted: float = 1.0  # share of fees and interest before completion that is deducted over the operation
    credit_price: float = 1.0  # USD got for one USD of tax credit
    investor_share: float = 0.0  # of distributions, to a tax-equity investor, until the flip
    investor_usd: float = 0.0  # what that investor pays in at completion
    flip_month: float = 0.0  # counted from completion
    flipped_share: float = 0.0  # of distributions, to that investor, after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """A loan that is drawn while the project is built and repaid from its cash."""

    name: str
    repayment: Repayment = Repayment.level
    years: float = 10.0  # from completion to maturity
    base_rate: tuple[float, ...] = (0.0,)  # a year, by year of the plan: floating
    spread: float = 0.0
    hedged: float = 0.0  # share of the loan that is swapped
    swap_rate: float = 0.0
    dscr: float = 0.0  # least cover when it is sized; 0: none asked
    gearing: float = inf  # most debt over uses, this and all tranches before it together
    amount_usd: float = inf  # most debt
    balloon: float = 0.0  # share that is left to maturity
    upfront_fee: float = 0.0  # share of the loan
    commitment_fee: float = 0.0  # a year, on what is not yet drawn
    sweep: float = 0.0  # share of free cash that repays it early
    refinance_month: float = inf  # counted from completion: new spread and fee, same plan of repayment
    refinance_spread: float = 0.0
    refinance_fee: float = 0.0
    guarantor: str = ""
    recourse: float = 0.0  # share of service beyond the cash there is that owners pay, before reserves are drawn on
    guarantee_usd: float = 0.0  # what a guarantor pays at most, where cash and reserves do not serve the debt


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserves:
    """Cash that is kept for bad days."""

    debt_service_months: float = 0.0  # of debt service to come
    opex_months: float = 0.0  # of operating cost
    refresh_funded: float = 0.0  # share of each refresh that is saved up over the life before it
    interest_rate: float = 0.0  # a year, earned on reserves


@dataclass(frozen=True, slots=True, kw_only=True)
class Covenants:
    """What lenders hold the project to; 0: nothing asked."""

    lockup_dscr: float = 0.0  # below it cash stays in the project
    default_dscr: float = 0.0  # below it lenders may call the loan


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as its owners and lenders describe it."""

    name: str
    start: dt.date = dt.date(2026, 1, 1)
    currency: str = "USD"
    periods_per_year: int = 4  # 1, 4 or 12
    operation_years: float = 15.0  # from completion
    delay_months: float = 0.0  # of completion, for which cases and draws have periods to spare
    assets: tuple[Asset, ...]
    phases: tuple[Phase, ...] = (Phase(),)
    capacity: Capacity
    contracts: tuple[Contract, ...] = ()
    merchant: Merchant = Merchant()
    backstops: tuple[Backstop, ...] = ()
    energy_usd_per_mwh: float = 0.0
    energy_escalation: float = 0.0
    costs: tuple[Cost, ...] = ()
    receivable_days: float = 0.0
    payable_days: float = 0.0
    taxes: Taxes = Taxes()
    debt: tuple[Tranche, ...] = ()  # the most senior first
    draw_timing: float = 0.5  # share of a period for which money drawn in it bears interest
    merchant_counted: float = 1.0  # share of merchant revenue that lenders count when they size the debt
    residual_counted: float = 0.0  # share of residual values that counts as cash for debt service
    reserves: Reserves = Reserves()
    covenants: Covenants = Covenants()
    discount_rate: float = 0.08  # a year, for the project and its levelised cost
    equity_discount_rate: float = 0.12
    inflation: float = 0.02  # a year, between nominal and real
    sources: Mapping[str, str] = field(default_factory=dict)  # of inputs, by name
    cases: Mapping[str, Mapping[str, float | tuple[float, ...]]] = field(default_factory=dict)  # what differs, by case
