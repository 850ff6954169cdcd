"""Projects put to NREL SAM's single-owner model: the inputs SAM wants for a `SamCase`, and SAM's answers.

`sam_inputs` alone knows SAM's units (percent, USD/W, USD/MWh). PySAM is imported inside `run_sam` only.
"""

import numpy as np

from tests.finance.sam_cases import CLASSES, HOURS_PER_YEAR, SamCase

SCALARS = tuple(
    """
    project_return_aftertax_npv project_return_aftertax_irr lcoe_nom lcoe_real lppa_nom lppa_real npv_energy_nom
    npv_energy_real npv_ppa_revenue npv_annual_costs npv_salvage_value size_of_debt size_of_equity
    issuance_of_equity purchase_of_property cost_installed adjusted_installed_cost cost_financing
    cost_debt_upfront debt_fraction min_dscr cash_for_debt_service pv_cafds nominal_discount_rate
    effective_tax_rate wacc salvage_value pre_depr_alloc_basis depr_fedbas_total depr_stabas_total
    """.split()
)
LINES = tuple(
    """
    cf_energy_sales cf_energy_value cf_ppa_price cf_total_revenue cf_net_salvage_value cf_om_fixed_expense
    cf_om_production_expense cf_om_capacity_expense cf_insurance_expense cf_property_tax_expense
    cf_operating_expenses cf_ebitda cf_reserve_debtservice cf_funding_debtservice cf_disbursement_debtservice
    cf_reserve_om cf_funding_om cf_disbursement_om cf_reserve_receivables cf_funding_receivables
    cf_disbursement_receivables cf_reserve_equip1 cf_funding_equip1 cf_disbursement_equip1 cf_reserve_equip2
    cf_funding_equip2 cf_disbursement_equip2 cf_reserve_total cf_reserve_interest cf_cash_for_ds
    cf_pv_cash_for_ds cf_debt_size cf_debt_balance cf_debt_payment_interest cf_debt_payment_principal
    cf_debt_payment_total cf_pretax_dscr cf_feddepr_total cf_stadepr_total cf_feddepr_me1 cf_stadepr_me1
    cf_statax_income_with_incentives cf_statax cf_fedtax_income_with_incentives cf_fedtax
    cf_project_operating_activities cf_project_investing_activities cf_project_financing_activities
    cf_pretax_cashflow cf_project_return_pretax cf_project_return_pretax_irr cf_project_return_pretax_npv
    cf_project_return_aftertax cf_project_return_aftertax_irr cf_project_return_aftertax_npv cf_annual_costs
    """.split()
)


def sam_inputs(case: SamCase) -> dict[str, object]:
    """SAM's input names and units for `case`; all incentives, tax credits and leases are zero."""
    percent = {
        "inflation_rate": case.inflation_rate,
        "real_discount_rate": case.real_discount_rate,
        "ppa_escalation": case.price_escalation_rate,
        "cost_debt_fee": case.debt_fee_rate,
        "om_fixed_escal": case.fixed_escalation_rate,
        "insurance_rate": case.insurance_rate,
        "property_tax_rate": case.property_tax_rate,
        "prop_tax_cost_assessed_percent": case.property_assessed_rate,
        "prop_tax_assessed_decline": case.property_decline_rate,
        "salvage_percentage": case.salvage_rate,
        "debt_percent": case.debt_rate,
        "dscr_maximum_debt_fraction": 1.0 if case.debt_cap_rate is None else case.debt_cap_rate,
        "term_int_rate": case.interest_rate,
        "reserves_interest": case.reserve_interest_rate,
        "depr_bonus_fed": case.bonus_rate,
        **{f"depr_alloc_{name}_percent": share for name, share in zip(CLASSES, case.depreciation_shares, strict=True)},
    }
    plain = {
        "analysis_period": case.years,
        "system_capacity": case.capacity_kw,
        "gen": [case.energy_kwh / HOURS_PER_YEAR] * HOURS_PER_YEAR,
        "degradation": [100 * case.degradation_rate],
        "ppa_soln_mode": 1,  # the price is given; 0 would search for the one that meets a target IRR
        "ppa_price_input": list(case.price_usd_per_kwh),
        "federal_tax_rate": [100 * rate for rate in case.federal_tax_rate],
        "state_tax_rate": [100 * rate for rate in case.state_tax_rate],
        "total_installed_cost": case.capex_usd,
        "construction_financing_cost": case.construction_interest_usd,
        "cost_debt_closing": case.debt_closing_usd,
        "cost_other_financing": case.other_financing_usd,
        "om_fixed": [case.fixed_usd_per_year],
        "om_production": [case.variable_usd_per_mwh],
        "om_capacity": [case.capacity_usd_per_kw_year],
        "debt_option": int(case.sculpted),
        "dscr": case.dscr,
        "dscr_limit_debt_fraction": int(case.debt_cap_rate is not None),
        "term_tenor": case.tenor_years,
        "loan_moratorium": case.moratorium_years,
        "payment_option": int(case.equal_principal),
        "dscr_reserve_months": case.dsra_months,
        "months_working_reserve": case.working_capital_months,
        "months_receivables_reserve": case.receivables_months,
        "equip_reserve_depr_fed": CLASSES.index(case.equipment_class),
        "equip_reserve_depr_sta": CLASSES.index(case.equipment_class),
        "depr_custom_schedule": [100 * share for share in case.custom_schedule],
        "equip3_reserve_cost": 0.0,
        "ptc_fed_amount": [0.0],
        "om_production_escal": 0.0,
        "om_capacity_escal": 0.0,
    }
    for number, (cost_usd, every_years) in enumerate(
        zip(case.equipment_usd, case.equipment_every_years, strict=True), start=1
    ):
        plain[f"equip{number}_reserve_cost"] = cost_usd / (1000 * case.capacity_kw)  # USD/W
        plain[f"equip{number}_reserve_freq"] = every_years
    plain |= {f"depr_bonus_fed_{name}": 1 for name in CLASSES}
    return plain | {name: 100 * value for name, value in percent.items()}


def run_sam(case: SamCase) -> dict[str, float | np.ndarray]:
    """What nrel-pysam answers: `SCALARS` as floats, `LINES` as arrays of years 0 to n. USD, percent, cents/kWh."""
    from PySAM import Singleowner  # type: ignore[import-untyped]

    model = Singleowner.default("PVWattsSingleOwner")
    for name, value in sam_inputs(case).items():
        model.value(name, value)
    model.execute(0)
    answers: dict[str, float | np.ndarray] = {name: float(model.value(name)) for name in SCALARS}
    return answers | {name: np.array(model.value(name)) for name in LINES}
