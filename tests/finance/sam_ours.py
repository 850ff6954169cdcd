"""Which line or answer of ours is which output of NREL SAM, in SAM's unit: USD, percent, cents/kWh.

Our period 1 is SAM's year 0. What SAM keeps apart and we keep together (two replacement reserves, funding and payout
of a reserve) is compared as a sum.
"""

from collections.abc import Callable, Mapping

import numpy as np

from gigawatt.finance.project import ProjectResult
from gigawatt.finance.returns.irr import irr
from tests.finance.sam_cases import CLASSES, SamCase

Array = np.ndarray
Answers = Mapping[str, float | Array]


class Ours:
    """Lines of a result that are made of several of ours, or that SAM names otherwise."""

    def __init__(self, case: SamCase, result: ProjectResult) -> None:
        self.case, self.result = case, result
        self.year = np.arange(case.years + 1)
        self.lent = bool(result.project.debt)

    def __getitem__(self, name: str) -> Array:
        return np.asarray(self.result[name], float)

    def of_loan(self, name: str) -> Array:
        """A line of the loan, 0 without one."""
        return self[f"debt.loan.{name}"] if self.lent else 0.0 * self.year

    def sum_of(self, name: str) -> float:
        return float(self[name].sum())

    def worth(self, line: Array) -> float:
        """Present value at the owners' rate, as of year 0."""
        return float(line @ self["returns.owners_factor"])

    def spent_on(self, classes: tuple[str, ...]) -> float:
        held = {asset.name for asset in self.result.project.assets}
        return sum(float(self[f"assets.{name}.spent_usd"].sum()) for name in classes if name in held)

    def cost(self, name: str) -> Array:
        return self[f"costs.{name}.usd"]

    def taxed(self, name: str, layer: str) -> Array:
        """A line of the state's tax or of the nation's; without a state tax there is only one."""
        return self[f"tax.paid.{layer}.{name}" if self.case.state_tax_rate[0] else f"tax.paid.{name}"]

    @property
    def cash_for_debt(self) -> Array:
        return self["cash.counted_usd"] * (self.year <= self.case.tenor_years)

    @property
    def factor(self) -> Array:
        """Worth of one USD at the loan's rate, in years of the tenor."""
        return (1 + self.case.interest_rate) ** -self.year.astype(float)

    @property
    def principal(self) -> Array:
        return self["waterfall.paid_usd"] - self["finance.interest_usd"]

    @property
    def operating(self) -> Array:
        earned = self["ebitda_usd"] + self["capex.sold_usd"] + self["finance.reserve_interest_usd"]
        return earned - self["finance.interest_usd"]

    @property
    def bought(self) -> Array:
        return self["capex.first_usd"] + self["uses.financing_usd"]

    @property
    def investing(self) -> Array:
        return -self.bought - self["capex.refresh_usd"] - np.diff(self["balance.cash_usd"], prepend=0.0)

    @property
    def financing(self) -> Array:
        return self["sources.debt_usd"] + self["sources.equity_usd"] - self.principal

    def rates_by_year(self, name: str) -> Array:
        """Rate of return of the flows up to each year, percent, nan where there is none."""
        flows = self[name]
        so_far = np.where(self.year <= self.year[:, None], flows, 0.0)
        return 100 * irr(so_far).rate

    def worth_by_year(self, name: str) -> Array:
        return np.cumsum(self[name] * self["returns.owners_factor"])


SCALARS: dict[str, Callable[[Ours], float]] = {
    "project_return_aftertax_npv": lambda o: o["returns.owners_npv_usd"],
    "lcoe_nom": lambda o: 100 * o["lcoc.owners_usd_per_chip_h"],
    "lcoe_real": lambda o: 100 * o["lcoc.owners_usd_per_chip_h"] * energy(o, "owners") / energy(o, "real"),
    "lppa_nom": lambda o: 100 * o.worth(o["revenue.usd"]) / energy(o, "owners"),
    "lppa_real": lambda o: 100 * o.worth(o["revenue.usd"]) / energy(o, "real"),
    "npv_energy_nom": lambda o: energy(o, "owners"),
    "npv_energy_real": lambda o: energy(o, "real"),
    "npv_ppa_revenue": lambda o: o.worth(o["revenue.usd"]),
    "npv_annual_costs": lambda o: o.worth(o["revenue.usd"] - o["owners.aftertax_usd"]),
    "npv_salvage_value": lambda o: o.worth(o["capex.sold_usd"]),
    "size_of_debt": lambda o: o["debt.usd"],
    "size_of_equity": lambda o: o.sum_of("sources.equity_usd"),
    "issuance_of_equity": lambda o: o["owners.paid_in_usd"][0] - o["owners.distributed_usd"][0],
    "purchase_of_property": lambda o: -o.bought.sum(),
    "cost_installed": lambda o: o.sum_of("uses.usd"),
    "adjusted_installed_cost": lambda o: o.sum_of("uses.usd"),
    "cost_financing": lambda o: o.sum_of("uses.usd") - o.case.capex_usd,
    "cost_debt_upfront": lambda o: o.sum_of("uses.fees_usd"),
    "debt_fraction": lambda o: 100 * o["cover.gearing"],
    "min_dscr": lambda o: o["cover.least_dscr"] if o.lent else np.finfo(float).max,  # SAM: no debt, largest double
    "cash_for_debt_service": lambda o: o.cash_for_debt.sum(),
    "pv_cafds": lambda o: o.cash_for_debt @ o.factor,
    "nominal_discount_rate": lambda o: 1 / o["returns.owners_factor"][1] - 1,
    "salvage_value": lambda o: o["capex.sold_usd"][-1],
    "pre_depr_alloc_basis": lambda o: o.sum_of("capex.first_usd") - o.case.debt_closing_usd,
    "depr_stabas_total": lambda o: o.spent_on(CLASSES),
    "depr_fedbas_total": lambda o: o.spent_on(CLASSES) * (1 - o.case.bonus_rate),
    "effective_tax_rate": lambda o: 100 * effective_tax_rate(o),
}
LINES: dict[str, Callable[[Ours], Array]] = {
    "cf_energy_sales": lambda o: o["revenue.paid_hours"],
    "cf_energy_value": lambda o: o["revenue.usd"],
    "cf_ppa_price": lambda o: 100 * np.append(0.0, o["revenue.usd"][1:] / o["revenue.paid_hours"][1:]),
    "cf_total_revenue": lambda o: o["revenue.usd"] + o["capex.sold_usd"],
    "cf_net_salvage_value": lambda o: o["capex.sold_usd"],
    "cf_om_fixed_expense": lambda o: o.cost("fixed"),
    "cf_om_production_expense": lambda o: o.cost("output"),
    "cf_om_capacity_expense": lambda o: o.cost("capacity"),
    "cf_insurance_expense": lambda o: o.cost("insurance"),
    "cf_property_tax_expense": lambda o: o.cost("property tax"),
    "cf_operating_expenses": lambda o: o["opex_usd"],
    "cf_ebitda": lambda o: o["ebitda_usd"] + o["capex.sold_usd"],
    "cf_reserve_debtservice": lambda o: o["waterfall.reserve_usd"],
    "cf_funding_debtservice + cf_disbursement_debtservice": lambda o: (
        o["debt.reserve_first_usd"] + o["waterfall.filled_usd"] - o["waterfall.freed_usd"]
    ),
    "cf_reserve_om": lambda o: o["cash.opex_reserve_usd"],
    "cf_funding_om + cf_disbursement_om": lambda o: np.diff(o["cash.opex_reserve_usd"], prepend=0.0),
    "cf_reserve_equip1 + cf_reserve_equip2": lambda o: o["reserves.refresh_usd"],
    "cf_funding_equip1 + cf_funding_equip2": lambda o: o["reserves.refresh_in_usd"],
    "cf_disbursement_equip1": lambda o: -o["assets.equipment 1.refreshes_usd"],
    "cf_disbursement_equip2": lambda o: -o["assets.equipment 2.refreshes_usd"],
    "cf_reserve_total": lambda o: o["balance.cash_usd"],
    "cf_reserve_interest": lambda o: o["finance.reserve_interest_usd"],
    "cf_cash_for_ds": lambda o: o.cash_for_debt,
    "cf_pv_cash_for_ds": lambda o: o.cash_for_debt * o.factor,
    "cf_debt_size": lambda o: o.of_loan("service_usd") * o.factor if o.case.sculpted else o.principal,
    "cf_debt_balance": lambda o: o["loans.balance_usd"],
    "cf_debt_payment_interest": lambda o: o["finance.interest_usd"],
    "cf_debt_payment_principal": lambda o: o.principal,
    "cf_debt_payment_total": lambda o: o["waterfall.paid_usd"],
    "cf_pretax_dscr": lambda o: np.nan_to_num(o["cover.dscr"]),
    "cf_feddepr_total": lambda o: o["tax.worn_usd"],
    "cf_stadepr_total": lambda o: o["tax.state_worn_usd"],
    "cf_feddepr_me1": lambda o: o["assets.equipment 1.deducted_usd"],
    "cf_stadepr_me1": lambda o: o["assets.equipment 1.deducted_usd"],
    "cf_statax_income_with_incentives": lambda o: o.taxed("taxable_usd", "state"),
    "cf_statax": lambda o: -o.taxed("usd", "state") if o.case.state_tax_rate[0] else 0.0 * o.year,
    "cf_fedtax_income_with_incentives": lambda o: o.taxed("taxable_usd", "national"),
    "cf_fedtax": lambda o: -o.taxed("usd", "national"),
    "cf_project_operating_activities": lambda o: o.operating,
    "cf_project_investing_activities": lambda o: o.investing,
    "cf_project_financing_activities": lambda o: o.financing,
    "cf_pretax_cashflow": lambda o: o["owners.pretax_usd"] + o["sources.equity_usd"],
    "cf_project_return_pretax": lambda o: o["owners.pretax_usd"],
    "cf_project_return_pretax_npv": lambda o: o.worth_by_year("owners.pretax_usd"),
    "cf_project_return_aftertax": lambda o: o["owners.aftertax_usd"],
    "cf_project_return_aftertax_npv": lambda o: o.worth_by_year("owners.aftertax_usd"),
    "cf_annual_costs": lambda o: o["owners.aftertax_usd"] - o["revenue.usd"],
}
RATES: dict[str, Callable[[Ours], Array]] = {
    "wacc": lambda o: 100 * wacc(o),
    "project_return_aftertax_irr": lambda o: 100 * o["returns.owners_irr"],
    "cf_project_return_pretax_irr": lambda o: o.rates_by_year("owners.pretax_usd"),
    "cf_project_return_aftertax_irr": lambda o: o.rates_by_year("owners.aftertax_usd"),
}


def energy(ours: Ours, money: str) -> float:
    """kWh of all years, each discounted at the owners' rate, or in money of year 0 ("real")."""
    return float(ours["revenue.paid_hours"] @ ours[f"returns.{money}_factor"])


def effective_tax_rate(ours: Ours) -> float:
    """State and national rate together; the state's is deducted from the nation's base."""
    taxes = ours.result.project.taxes
    return taxes.state_rate + (1 - taxes.state_rate) * taxes.rate


def wacc(ours: Ours) -> float:
    """SAM's: the cost of equity is the project's own rate of return."""
    debt = float(ours["cover.gearing"])
    return (1 - debt) * float(ours["returns.owners_irr"]) + debt * ours.case.interest_rate * (
        1 - effective_tax_rate(ours)
    )


def sams(answers: Answers, name: str) -> Array:
    """SAM's answer to a name above; names with a plus are sums."""
    return np.sum([np.atleast_1d(answers[part]) for part in name.split(" + ")], axis=0)
