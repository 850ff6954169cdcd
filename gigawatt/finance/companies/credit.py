"""What a credit committee reads beside cover and leverage: fixed charges, debt service, contracts, security, rating."""

from __future__ import annotations

import numpy as np

from gigawatt.finance.companies.bridge import vehicle_rents_usd
from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Company, Tranche
from gigawatt.finance.companies.periods import Periods, cover, periods, ratio
from gigawatt.finance.companies.statements import Lines, Statements
from gigawatt.finance.credit import synthetic_rating


def credit_metrics(made: Statements, annual: bool = True) -> Lines:
    """Ratios by period, shape (periods,): infinite or NaN without a base. Takes one projection, not draws.

    `fixed_charge_cover`: EBITDA before rent that it has paid over interest, rent and the rent of vehicles.
    `dscr`: EBITDA less tax over interest and the principal due under debt that is signed or was drawn before.
    `take_or_pay_cover`: contracted revenue over interest, principal due, rent and the rent of vehicles.
    `purchase_cover`: EBITDA before rent and firm purchases over interest, rent and firm purchases.
    `chip_loan_to_value`: secured debt over the book value of chips; `asset_loan_to_value`: all debt over fixed assets.
    `cost_of_debt`: interest over debt at the starts of quarters; `tenor_years`: mean time to repayment by amount.
    `contracted_share`: of revenue. `customer_share`, `customer_hhi`: of contracted revenue, as opening contracts tell.
    """
    p = periods(made, annual)
    ebitda, interest = p.flow(made.income["ebitda"]), -p.flow(made.income["interest_expense"])
    rent, due = p.flow(made.memo["rent"]), p.flow(made.memo["due"])
    contracted, revenue = p.flow(made.income["contracted_revenue"]), p.flow(made.income["revenue"])
    through, paid = (p.flow(vehicle_rents_usd(made.company, made.quarters, in_costs)) for in_costs in (False, True))
    bought = p.flow(made.memo["purchases"])
    secured, debt = p.stock(secured_usd(made)), p.stock(made.balance["debt"] + made.balance["gap"])
    fixed = p.stock(made.balance["chips"] + made.balance["sites"])
    largest, hhi = concentration(made.company)
    return {
        "fixed_charge_cover": cover(ebitda + rent + paid, interest + rent + through),
        "dscr": cover(ebitda + p.flow(made.income["tax"]), interest + due),
        "take_or_pay_cover": cover(contracted, interest + due + rent + through),
        "purchase_cover": cover(ebitda + rent + bought, interest + rent + bought),
        "secured_usd": secured, "unsecured_usd": debt - secured,
        "chip_loan_to_value": ratio(secured, p.stock(made.balance["chips"])),
        "asset_loan_to_value": ratio(debt, fixed),
        "cost_of_debt": ratio(interest * p.annualise, _mean(_debt_before(made), p)),
        "tenor_years": p.stock(tenor_years(made)),
        "contracted_share": ratio(contracted, revenue),
        "customer_share": np.full(len(p.labels), largest),
        "customer_hhi": np.full(len(p.labels), hhi),
    }  # fmt: skip


def _mean(values: Array, p: Periods) -> Array:
    return np.stack([values[..., part].mean(axis=-1) for part in p.parts], axis=-1)


def _debt_before(made: Statements) -> Array:
    owed = made.balance["debt"] + made.balance["gap"]
    first = np.full((*owed.shape[:-1], 1), made.opening["debt"])
    return np.concatenate([first, owed[..., :-1]], axis=-1)


def secured_usd(made: Statements) -> Array:
    """Debt secured on chips and sites at the end of each quarter, in USD.

    New term debt counts where lenders lend on assets.
    """
    funding = made.company.funding
    names = [t.name for t in funding.tranches if t.secured] + ["new term debt"] * (funding.loan_to_value > 0)
    return sum((made.debt[name] for name in names), np.zeros(made.quarters))


def tenor_years(made: Statements) -> Array:
    """Mean time to repayment of all debt at the end of each quarter, weighed by amount; NaN without debt.

    New term debt counts with half its years (all of them where it is a bullet), the revolver with a year.
    """
    funding, t = made.company.funding, np.arange(made.quarters)
    weighted = sum((made.debt[x.name] * _years_left(x, t) for x in funding.tranches), np.zeros(made.quarters))
    new_years = funding.new_debt_years * (1.0 if funding.new_debt_bullet else 0.5)
    weighted = weighted + made.debt["new term debt"] * new_years + made.debt["revolver"]
    return ratio(weighted, made.balance["debt"])


def _years_left(tranche: Tranche, t: Array) -> Array:
    """Years to the mean of the repayments that are left after each quarter."""
    middle = (np.maximum(tranche.first, t + 1) + tranche.last) / 2
    return np.asarray(np.maximum(0.0, middle - t) / QUARTERS_PER_YEAR)


def concentration(company: Company) -> tuple[float, float]:
    """(Share of the largest customer, sum of squared shares) of contracted revenue; customers not named count nothing.

    0.25 and above is a concentrated book by the measure of merger control (Herfindahl-Hirschman index of 2,500).
    """
    shares = list(company.business.customers.values())
    return max(shares, default=0.0), sum(share**2 for share in shares)


def indicated_rating(made: Statements, year: int = 0) -> tuple[str, float] | None:
    """(Rating, spread a year) that operating income over interest of a year suggests; None without debt.

    Damodaran's synthetic rating of large firms: one ratio of one year, without contracts, leases or security.
    """
    p = periods(made, annual=True)
    interest = -p.flow(made.income["interest_expense"])[year]
    if interest <= 0:
        return None
    return synthetic_rating(float(p.flow(made.income["operating_income"])[year] / interest))
