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
from gigawatt.finance.company import Company
from gigawatt.finance.company_catalog import company
from gigawatt.finance.company_metrics import metrics
from gigawatt.finance.company_statements import Statements, project_statements
from gigawatt.finance.company_stress import Stress
from gigawatt.finance.credit import (
    CreditRule,
    debt_room_usd,
    interest_cover,
    lends,
    leverage,
    spread,
    synthetic_rating,
)
from gigawatt.finance.irr import IRR, Status, irr, mirr
from gigawatt.finance.irr_found import Proof
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
from gigawatt.finance.programme import Programme
from gigawatt.finance.programme_answers import break_even
from gigawatt.finance.programme_fund import Funding, fund
from gigawatt.finance.programme_presets import programme
from gigawatt.finance.programme_required import required
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
