"""SAM's single-owner model said again in NumPy, for comparison only: the same outputs as `sam_run.run_sam`.

Equations learnt from NREL's public ssc sources (cmod_singleowner.cpp, common_financial.cpp, lib_financial.cpp) and
checked against nrel-pysam 7.1. Arrays have a column for year 0 and one for each year of operation. SAM's odd habits
are kept and marked "SAM:"; our own engine does not share them.
"""

from types import SimpleNamespace

import numpy as np

from tests.finance.sam_cases import CLASSES, SamCase
from tests.finance.sam_irr import chord_irr, npv
from tests.finance.sam_names import named

HALF_YEAR = {  # shares of the basis, years 1 on: IRS tables A-1 (5, 15 years) and A-8 (straight line), half-year rule
    "macrs_5": (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576),
    "macrs_15": (0.05, 0.095, 0.0855, 0.077, 0.0693, 0.0623, 0.059, 0.059) + (0.0591, 0.059) * 3 + (0.0591, 0.0295),
    "sl_5": (0.1, 0.2, 0.2, 0.2, 0.2, 0.1),
    "sl_15": (0.0333,) + (0.0667,) * 6 + (0.0666, 0.0667) * 4 + (0.0333,),
    "sl_20": (0.025,) + (0.05,) * 19 + (0.025,),
    "sl_39": (1 / 78,) + (1 / 39,) * 38 + (1 / 78,),
}


def reference(case: SamCase) -> dict[str, float | np.ndarray]:
    """Every output of `sam_run.SCALARS` and `LINES` for `case`, by SAM's name and in its unit."""
    x = SimpleNamespace(case=case, year=np.arange(case.years + 1))
    for step in (
        _operation,
        _depreciation,
        _equipment,
        _working_capital,
        _debt,
        _costs,
        _cash,
        _tax,
        _returns,
        _levelised,
    ):
        step(x)
    return named(x)


def _yearly(values: tuple[float, ...], years: int) -> np.ndarray:
    """Column 0 empty, then one value for every year, or the given ones and zeros after them."""
    line = np.zeros(years + 1)
    if len(values) == 1:
        line[1:] = values[0]
    else:
        line[1:] = np.pad(values, (0, years))[:years]
    return line


def _grown(first: float, rate: float, years: int) -> np.ndarray:
    line = np.zeros(years + 1)
    line[1:] = first * (1 + rate) ** np.arange(years)
    return line


def _operation(x: SimpleNamespace) -> None:
    """Energy, revenue, costs, EBITDA. SAM: salvage is revenue, so it is in EBITDA, taxed, and cash for debt service."""
    c, n = x.case, x.case.years
    x.energy = _grown(c.energy_kwh, -c.degradation_rate, n)
    x.price = _yearly(c.price_usd_per_kwh, n)
    if len(c.price_usd_per_kwh) == 1:
        x.price = _grown(c.price_usd_per_kwh[0], c.price_escalation_rate, n)
    x.sales = x.energy * x.price
    x.salvage = np.zeros(n + 1)
    x.salvage[n] = c.salvage_rate * c.capex_usd
    x.revenue = x.sales + x.salvage
    x.fixed = _grown(c.fixed_usd_per_year, c.inflation_rate + c.fixed_escalation_rate, n)
    x.variable = _grown(c.variable_usd_per_mwh / 1000, c.inflation_rate, n) * x.energy
    x.capacity = _grown(c.capacity_usd_per_kw_year * c.capacity_kw, c.inflation_rate, n)
    x.insurance = _grown(c.capex_usd * c.insurance_rate, c.inflation_rate, n)
    left = np.maximum(1 - c.property_decline_rate * (x.year - 1), 0) * (x.year > 0)
    x.property_tax = c.capex_usd * c.property_assessed_rate * c.property_tax_rate * left
    x.opex = x.fixed + x.variable + x.capacity + x.insurance + x.property_tax
    x.ebitda = x.revenue - x.opex
    x.nominal_rate = (1 + c.inflation_rate) * (1 + c.real_discount_rate) - 1


def _share(case: SamCase, name: str) -> np.ndarray:
    """Write-off of one USD put in service in year 1, by year; what falls after the last year is lost."""
    schedule = case.custom_schedule if name == "custom" else HALF_YEAR[name]
    line = np.zeros(case.years + 1)
    line[1:] = np.pad(schedule, (0, case.years))[: case.years]
    return line


def _depreciation(x: SimpleNamespace) -> None:
    """Basis: cost, interest during construction and other financing; not debt fees or reserves. No tax credits."""
    c = x.case
    x.basis = c.capex_usd + c.construction_interest_usd + c.other_financing_usd
    by_class = x.basis * np.array(c.depreciation_shares)
    x.state_basis = float(by_class.sum())
    x.federal_basis = x.state_basis * (1 - c.bonus_rate)
    x.state_writeoff = sum(part * _share(c, name) for part, name in zip(by_class, CLASSES, strict=True))
    x.federal_writeoff = (1 - c.bonus_rate) * x.state_writeoff
    x.federal_writeoff[1] += c.bonus_rate * x.state_basis


def _equipment(x: SimpleNamespace) -> None:
    """Replacements saved for in equal parts over the years up to each; nothing for one due after the last year."""
    c, n = x.case, x.case.years
    x.funding, x.spent, x.held, x.replaced_writeoff = [], [], [], []
    for cost_usd, every in zip(c.equipment_usd, c.equipment_every_years, strict=True):
        funding, spent, writeoff = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
        for due in range(every, n + 1, every):
            price_usd = cost_usd * (1 + c.inflation_rate) ** (due - 1)
            funding[due - every + 1 : due + 1] = price_usd / every
            spent[due] = price_usd
            writeoff[due:] += price_usd * _share(c, c.equipment_class)[1 : n - due + 2]  # from the year of spending
        x.funding.append(funding)
        x.spent.append(spent)
        x.held.append(np.cumsum(funding - spent))
        x.replaced_writeoff.append(writeoff)
    x.state_writeoff = x.state_writeoff + sum(x.replaced_writeoff)
    x.federal_writeoff = x.federal_writeoff + sum(x.replaced_writeoff)


def _next_year(line: np.ndarray, months: float) -> np.ndarray:
    """So many months of next year's value, held from the end of this year; nothing at the end."""
    return np.append(line[1:], 0.0) * months / 12


def _changes(held: np.ndarray, released: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Payments into a reserve (falls are negative payments) and the final payout, negative, in year `released`."""
    funding, payout = np.diff(held, prepend=0.0), np.zeros(len(held))
    if released is not None:
        payout[released], funding[released] = funding[released], 0.0
    return funding, payout


def _working_capital(x: SimpleNamespace) -> None:
    c, n = x.case, x.case.years
    x.held_om = _next_year(x.opex, c.working_capital_months)
    x.held_receivables = _next_year(x.sales, c.receivables_months)
    x.funding_om, x.payout_om = _changes(x.held_om, n)
    x.funding_receivables, x.payout_receivables = _changes(x.held_receivables, n)


def _debt(x: SimpleNamespace) -> None:
    """Cash for debt service is EBITDA less payments into equipment and receivables reserves, in the tenor's years."""
    c, n = x.case, x.case.years
    within = x.year <= c.tenor_years
    x.cash_for_debt = np.where(within, x.ebitda - sum(x.funding) - x.funding_receivables, 0.0)
    # SAM: year 0 is discounted by a whole year
    x.pv_cash = x.cash_for_debt * np.where(within, (1 + c.interest_rate) ** -np.maximum(x.year, 1.0), 0.0)
    (_sculpted if c.sculpted else _level)(x)
    x.payment = np.where(x.year > 0, x.interest + x.principal, 0.0)
    x.held_debt = np.where((x.year < c.tenor_years) & (x.year < n), _next_year(x.payment, c.dsra_months), 0.0)
    # SAM: level debt of one year, and debt longer than the project, never get their reserve back
    released = c.tenor_years if c.tenor_years <= n and (c.sculpted or c.tenor_years > 1) else None
    x.funding_debt, x.payout_debt = _changes(x.held_debt, released)
    if released is None:
        x.funding_debt[min(c.tenor_years, n)] = 0.0


def _sculpted(x: SimpleNamespace) -> None:
    c, n = x.case, x.case.years
    dscr = c.dscr
    x.debt_parts = x.pv_cash / dscr
    if c.debt_cap_rate is not None:
        # SAM: the cost the cap is a share of is a guess: fee on the capex, no reserve for debt service or receivables
        guess_usd = c.capex_usd * (1 + c.debt_fee_rate) + c.debt_closing_usd + c.other_financing_usd
        guess_usd += c.construction_interest_usd + x.held_om[0]
        size = float(x.debt_parts.sum())
        if abs(size) > guess_usd * c.debt_cap_rate or size < 0:
            dscr *= size / (guess_usd * c.debt_cap_rate)
            x.debt_parts = x.pv_cash / dscr if dscr > 0 else np.zeros(n + 1)
    x.debt = float(x.debt_parts.sum())
    x.balance, x.interest, x.principal = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    x.balance[0] = x.debt
    for year in range(1, min(n, c.tenor_years) + 1):
        x.interest[year] = x.balance[year - 1] * c.interest_rate
        x.principal[year] = x.cash_for_debt[year] / dscr - x.interest[year]  # SAM: even where dscr < 0 and debt is 0
        x.balance[year] = x.balance[year - 1] - x.principal[year]


def _annuity(rate: float, years: int) -> float:
    """Level payment a year on a loan of 1."""
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


def _first_payment(c: SamCase) -> float:
    """Debt service of year 1 on a loan of 1, as the sizing loop sees it."""
    left = c.tenor_years - c.moratorium_years
    if c.moratorium_years >= 1:
        return c.interest_rate
    return c.interest_rate + 1 / left if c.equal_principal else _annuity(c.interest_rate, left)


def _level(x: SimpleNamespace) -> None:
    """A share of the cost. SAM: cost and debt-service reserve are found by turns, until 0.001 USD or ten rounds."""
    c, n = x.case, x.case.years
    bare_usd = c.capex_usd + c.construction_interest_usd + c.debt_closing_usd + c.other_financing_usd + x.held_om[0]
    raised = c.debt_rate * (1 + c.debt_rate * c.debt_fee_rate)  # SAM: the fee is on debt before the fee
    loan, reserve = raised * bare_usd, 0.0
    for _ in range(10):
        before, reserve = reserve, c.dsra_months / 12 * loan * _first_payment(c)
        loan = raised * (bare_usd + reserve)
        if abs(reserve - before) <= 1e-3:
            break
    x.balance, x.interest, x.principal = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    x.balance[0] = loan
    left = c.tenor_years - c.moratorium_years
    for year in range(1, n + 1):
        if year <= c.tenor_years:
            x.interest[year] = c.interest_rate * x.balance[year - 1]
            if year > c.moratorium_years:
                even = loan / left
                x.principal[year] = (
                    even if c.equal_principal else loan * _annuity(c.interest_rate, left) - x.interest[year]
                )
        x.balance[year] = x.balance[year - 1] - x.principal[year]
    x.debt_parts = np.where(x.year > 0, x.principal, 0.0)
    x.debt = float(x.debt_parts.sum())  # SAM: what is repaid within the project, not what is lent


def _costs(x: SimpleNamespace) -> None:
    c = x.case
    x.fee = c.debt_fee_rate * x.debt
    x.reserves_at_start = x.held_debt[0] + x.held_om[0] + x.held_receivables[0]
    x.financing = c.debt_closing_usd + x.fee + c.other_financing_usd + c.construction_interest_usd + x.reserves_at_start
    x.installed = c.capex_usd + x.financing
    x.equity = x.installed - x.debt


def _cash(x: SimpleNamespace) -> None:
    """Pre-tax cash: operations, investments (reserves and replacements), financing. Year 0 leaves minus the equity."""
    c = x.case
    x.held_total = x.held_debt + x.held_om + x.held_receivables + sum(x.held)
    x.reserve_interest = np.append(0.0, c.reserve_interest_rate * x.held_total[:-1])
    x.operating = x.ebitda + x.reserve_interest - x.interest
    into_reserves = x.funding_debt + x.payout_debt + x.funding_om + x.payout_om
    into_reserves = into_reserves + x.funding_receivables + x.payout_receivables + sum(x.funding) - sum(x.spent)
    x.property = -x.installed + x.reserves_at_start
    x.investing = -into_reserves - sum(x.spent)
    x.investing[0] += x.property
    x.financed = -x.principal
    x.financed[0] += x.installed
    x.project_cash = x.operating + x.investing + x.financed
    x.pretax = x.project_cash.copy()
    x.pretax[0] -= x.equity


def _tax(x: SimpleNamespace) -> None:
    """State tax, deducted from federal income; a loss is paid back at once at the full rate."""
    c = x.case
    x.federal_rate, x.state_rate = _yearly(c.federal_tax_rate, c.years), _yearly(c.state_tax_rate, c.years)
    before = np.where(x.year > 0, x.ebitda + x.reserve_interest - x.interest, 0.0)
    x.state_income = before - x.state_writeoff
    x.state_tax = -x.state_rate * x.state_income
    x.federal_income = before - x.federal_writeoff + x.state_tax
    x.federal_tax = -x.federal_rate * x.federal_income
    x.aftertax = x.pretax + x.state_tax + x.federal_tax


def _returns(x: SimpleNamespace) -> None:
    """IRR in percent and NPV after each year, each over the flows so far."""
    for name in ("pretax", "aftertax"):
        flows = getattr(x, name)
        setattr(x, f"{name}_irr", np.array([100 * chord_irr(flows[: year + 1]) for year in x.year]))
        setattr(x, f"{name}_npv", np.array([flows[0] + npv(flows[: year + 1], x.nominal_rate) for year in x.year]))
    x.debt_share = x.debt / (x.debt + x.equity) if x.debt + x.equity > 0 else 0.0
    x.effective_rate = x.state_rate[1] + (1 - x.state_rate[1]) * x.federal_rate[1]
    x.wacc = (1 - x.debt_share) * x.aftertax_irr[-1] / 100
    x.wacc += x.debt_share * x.case.interest_rate * (1 - x.effective_rate)
    x.cover = np.divide(x.cash_for_debt, x.payment, out=np.zeros(len(x.year)), where=x.payment != 0)
    some = x.cover[1:][x.cover[1:] != 0]
    x.min_cover = float(some.min()) if len(some) else np.finfo(float).max  # SAM: no debt, largest double


def _levelised(x: SimpleNamespace) -> None:
    """SAM: costs are what is left of after-tax cash without sales; the payout of receivables is forgotten."""
    x.costs = x.aftertax - x.sales + x.payout_receivables
    x.costs[0] = -x.equity
    x.cost_pv = -(npv(x.costs, x.nominal_rate) + x.costs[0])
    x.sales_pv = npv(x.sales, x.nominal_rate)
    x.energy_nominal, x.energy_real = npv(x.energy, x.nominal_rate), npv(x.energy, x.case.real_discount_rate)
