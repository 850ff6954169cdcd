"""Money: project finance, rates of return, cost of compute, credit, companies, programmes; and the week's financing."""

from gigawatt.annuity import capital_recovery_factor
from gigawatt.finance.annuity import (
    LevelLoan,
    LoanYear,
    annuity_factor,
    annuity_factors,
    debt_service_cover,
    debt_that_cover_allows_usd,
    npv,
    npv_usd,
    payback_periods,
    schedule,
)
from gigawatt.finance.companies.catalog import company
from gigawatt.finance.companies.company import Company
from gigawatt.finance.companies.metrics import metrics
from gigawatt.finance.companies.statements import Statements, project_statements
from gigawatt.finance.companies.stress import Stress
from gigawatt.finance.credit import (
    CreditRule,
    debt_room_usd,
    interest_cover,
    lends,
    leverage,
    spread,
    synthetic_rating,
)
from gigawatt.finance.levelised import (
    AssetClass,
    Cluster,
    ComputeCost,
    cost_usd_per_year,
    levelised_cost_of_compute,
    levelised_usd_per_chip_h,
    levelised_usd_per_h100e_h,
)
from gigawatt.finance.prices import price_model, price_paths
from gigawatt.finance.programmes.answers import break_even
from gigawatt.finance.programmes.fund import Funding, fund
from gigawatt.finance.programmes.presets import programme
from gigawatt.finance.programmes.programme import Programme
from gigawatt.finance.programmes.required import required
from gigawatt.finance.project import (
    Asset,
    Backstop,
    Capacity,
    Contract,
    Cost,
    Covenants,
    DebtServiceError,
    Losses,
    Merchant,
    Per,
    Phase,
    Project,
    ProjectResult,
    Repayment,
    Reserves,
    Taxes,
    TaxPayer,
    Tranche,
    evaluate,
    model_of,
)
from gigawatt.finance.residual import residual_curve, residual_share, residual_value_at_risk
from gigawatt.finance.returns.found import Proof
from gigawatt.finance.returns.irr import IRR, Status, irr, mirr
from gigawatt.finance.spreads import CreditSpread, Financing, spread_over_benchmark

__all__ = [
    "IRR",
    "Asset",
    "AssetClass",
    "Backstop",
    "Capacity",
    "Cluster",
    "Company",
    "ComputeCost",
    "Contract",
    "Cost",
    "Covenants",
    "CreditRule",
    "CreditSpread",
    "DebtServiceError",
    "Financing",
    "Funding",
    "LevelLoan",
    "LoanYear",
    "Losses",
    "Merchant",
    "Per",
    "Phase",
    "Programme",
    "Project",
    "ProjectResult",
    "Proof",
    "Repayment",
    "Reserves",
    "Statements",
    "Status",
    "Stress",
    "TaxPayer",
    "Taxes",
    "Tranche",
    "annuity_factor",
    "annuity_factors",
    "break_even",
    "capital_recovery_factor",
    "company",
    "cost_usd_per_year",
    "debt_room_usd",
    "debt_service_cover",
    "debt_that_cover_allows_usd",
    "evaluate",
    "fund",
    "interest_cover",
    "irr",
    "lends",
    "leverage",
    "levelised_cost_of_compute",
    "levelised_usd_per_chip_h",
    "levelised_usd_per_h100e_h",
    "metrics",
    "mirr",
    "model_of",
    "npv",
    "npv_usd",
    "payback_periods",
    "price_model",
    "price_paths",
    "programme",
    "project_statements",
    "required",
    "residual_curve",
    "residual_share",
    "residual_value_at_risk",
    "schedule",
    "spread",
    "spread_over_benchmark",
    "synthetic_rating",
]
