"""A project of the comparison with NREL SAM as a `Project` of ours: yearly, a year of construction is SAM's year 0.

SAM's habits are options of ours here: owners pay the tax and losses are refunded, nothing is written off at the end,
fees are not deducted, lenders count the resale and do not count tax.
"""

from datetime import date

from gigawatt.finance.project import (
    Asset,
    Capacity,
    Contract,
    Cost,
    Losses,
    Merchant,
    Per,
    Project,
    Repayment,
    Reserves,
    Taxes,
    TaxPayer,
    Tranche,
)
from gigawatt.units import HOURS_PER_YEAR, MONTHS_PER_YEAR
from tests.finance.sam_cases import CLASSES, SamCase
from tests.finance.sam_reference import HALF_YEAR

EQUIPMENT = ("equipment 1", "equipment 2")


def nominal_rate(case: SamCase) -> float:
    """SAM's discount rate a year, nominal."""
    return (1 + case.inflation_rate) * (1 + case.real_discount_rate) - 1


def sam_project(case: SamCase, *, market: bool = False, recourse: float = 1.0) -> Project:
    """The project of `case`; its output sold by contract, or with `market` (or a price by year) on the market.

    SAM has owners pay whatever debt service cash does not cover: a loan with recourse of 1.
    Receivables of SAM are a reserve of next year's sales and ours are money owed for this year's: they have no
    counterpart, and `case` must not have any.
    """
    assert case.receivables_months == 0, "SAM's reserve for receivables has no counterpart"
    chips = case.energy_kwh / HOURS_PER_YEAR
    market = market or len(case.price_usd_per_kwh) > 1
    return Project(
        name="as in SAM",
        start=date(2026, 1, 1),
        periods_per_year=1,
        operation_years=case.years,
        assets=_assets(case),
        capacity=Capacity(chips=chips, it_mw=case.capacity_kw / 1000, degradation=case.degradation_rate),
        contracts=() if market else (_contract(case),),
        merchant=_market(case) if market else Merchant(),
        costs=_costs(case),
        taxes=Taxes(
            rate=case.federal_tax_rate[0],
            state_rate=case.state_tax_rate[0],
            payer=TaxPayer.sponsor,
            losses=Losses.refunded,
            final_write_off=0.0,
            fees_deducted=0.0,
        ),
        debt=_debt(case, recourse),
        draw_timing=0.0,
        residual_counted=1.0,
        reserves=Reserves(
            debt_service_months=case.dsra_months,
            opex_months=case.working_capital_months,
            refresh_funded=1.0,
            interest_rate=case.reserve_interest_rate,
        ),
        discount_rate=nominal_rate(case),
        equity_discount_rate=nominal_rate(case),
        inflation=case.inflation_rate,
    )


def basis_usd(case: SamCase) -> float:
    """What is written off for tax, if all of it is of a class that wears."""
    return case.capex_usd + case.construction_interest_usd + case.other_financing_usd


def _assets(case: SamCase) -> tuple[Asset, ...]:
    """One asset for each class of depreciation, the rest that never wears, the closing cost, and what is replaced."""
    basis, resale = basis_usd(case), case.salvage_rate * case.capex_usd / basis_usd(case)
    classes = [
        Asset(
            name=name,
            capex_usd=share * basis,
            life_years=case.years,
            residual=resale,
            bonus=case.bonus_rate,
            state_bonus=0.0,
            **_wear(case, name),
        )
        for name, share in zip(CLASSES, case.depreciation_shares, strict=True)
        if share
    ]
    worn = sum(asset.capex_usd for asset in classes)
    rest = Asset(name="land", capex_usd=basis - worn, life_years=case.years, residual=resale, depreciation="none")
    closing = Asset(name="closing", capex_usd=case.debt_closing_usd, life_years=case.years, depreciation="none")
    replaced = [
        Asset(
            name=name,
            capex_usd=0.0,
            life_years=every_years,
            refreshed=True,
            refresh_usd=cost_usd / (1 + case.inflation_rate),  # ours counts the trend from completion, SAM from year 1
            refresh_trend=case.inflation_rate,
            least_use_years=0.0,
            **_wear(case, case.equipment_class),
        )
        for name, cost_usd, every_years in zip(EQUIPMENT, case.equipment_usd, case.equipment_every_years, strict=True)
    ]
    return (*classes, rest, closing, *replaced)


def _wear(case: SamCase, name: str) -> dict:
    """Depreciation for tax: MACRS is in our catalog, SAM's half-year straight lines are given by year."""
    if name.startswith("macrs"):
        return {"depreciation": name}
    return {"depreciation": "custom", "shares": case.custom_schedule if name == "custom" else HALF_YEAR[name]}


def _contract(case: SamCase) -> Contract:
    return Contract(
        name="offtake",
        usd_per_chip_h=case.price_usd_per_kwh[0],
        escalation=case.price_escalation_rate,
        months=case.years * MONTHS_PER_YEAR,
    )


def _market(case: SamCase) -> Merchant:
    """The same price by year of the plan, of which the first is construction."""
    prices = case.price_usd_per_kwh
    if len(prices) == 1:
        prices = tuple(prices[0] * (1 + case.price_escalation_rate) ** year for year in range(case.years))
    return Merchant(usd_per_chip_h=(0.0, *prices), utilisation=1.0)


def _costs(case: SamCase) -> tuple[Cost, ...]:
    left = [max(0.0, 1 - case.property_decline_rate * year) for year in range(case.years)]
    assessed = case.property_tax_rate * case.property_assessed_rate * case.capex_usd
    of_all = case.capex_usd / (basis_usd(case) + case.debt_closing_usd)  # ours takes a share of all that is spent
    rise = case.inflation_rate
    return (
        Cost(name="fixed", amount=(case.fixed_usd_per_year,), escalation=rise + case.fixed_escalation_rate),
        Cost(name="output", amount=(case.variable_usd_per_mwh / 1000,), per=Per.chip_hour, escalation=rise),
        Cost(name="capacity", amount=(1000 * case.capacity_usd_per_kw_year,), per=Per.mw_year, escalation=rise),
        Cost(name="insurance", amount=(case.insurance_rate * of_all,), per=Per.capex, escalation=rise),
        Cost(name="property tax", amount=tuple(assessed * share for share in left)),
    )


def _debt(case: SamCase, recourse: float) -> tuple[Tranche, ...]:
    if case.sculpted:
        cap = {} if case.debt_cap_rate is None else {"amount_usd": case.debt_cap_rate * guessed_cost_usd(case)}
        terms = {"repayment": Repayment.sculpted, "dscr": case.dscr, **cap}
    elif case.debt_rate:
        repayment = Repayment.straight if case.equal_principal else Repayment.level
        terms = {"repayment": repayment, "amount_usd": level_debt_by_rounds_usd(case)}
    else:
        return ()
    loan = Tranche(
        name="loan",
        years=case.tenor_years,
        base_rate=(case.interest_rate,),
        upfront_fee=case.debt_fee_rate,
        recourse=recourse,
        **terms,
    )
    return (loan,)


def first_reserve_usd(case: SamCase) -> float:
    """What the reserve for operating cost holds before the first year."""
    opex_usd = case.fixed_usd_per_year + case.variable_usd_per_mwh / 1000 * case.energy_kwh
    opex_usd += case.capacity_usd_per_kw_year * case.capacity_kw
    opex_usd += case.capex_usd * (case.insurance_rate + case.property_assessed_rate * case.property_tax_rate)
    return case.working_capital_months / MONTHS_PER_YEAR * opex_usd


def guessed_cost_usd(case: SamCase) -> float:
    """The cost that SAM's cap is a share of: with a fee on the capex and without the reserve for debt service."""
    return basis_usd(case) + case.debt_closing_usd + case.debt_fee_rate * case.capex_usd + first_reserve_usd(case)


def level_debt_usd(case: SamCase) -> float:
    """SAM's loan of a share of the cost, in closed form: the fee is on debt before the fee, the reserve on the loan."""
    cost_usd, raised, reserve = _of_cost(case)
    return raised * cost_usd / (1 - raised * reserve)


def level_debt_by_rounds_usd(case: SamCase) -> float:
    """The same as SAM finds it: loan and reserve by turns until the reserve moves by 0.001 USD, ten rounds at most."""
    cost_usd, raised, reserve = _of_cost(case)
    loan_usd, reserve_usd = raised * cost_usd, 0.0
    for _ in range(10):
        before_usd, reserve_usd = reserve_usd, reserve * loan_usd
        loan_usd = raised * (cost_usd + reserve_usd)
        if abs(reserve_usd - before_usd) <= 1e-3:
            break
    return loan_usd


def _of_cost(case: SamCase) -> tuple[float, float, float]:
    """Cost before fee and reserve for debt service, loan per USD of cost, that reserve per USD of loan."""
    rate, years = case.interest_rate, case.tenor_years
    service = 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)
    if case.equal_principal:
        service = rate + 1 / years
    cost_usd = basis_usd(case) + case.debt_closing_usd + first_reserve_usd(case)
    raised = case.debt_rate * (1 + case.debt_rate * case.debt_fee_rate)
    return cost_usd, raised, service * case.dsra_months / MONTHS_PER_YEAR
