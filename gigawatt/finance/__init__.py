"""Cost of capital and of compute: annuities, levelised cost, credit."""

from gigawatt.annuity import capital_recovery_factor
from gigawatt.finance.annuity import (
    LevelLoan,
    LoanYear,
    annuity_factor,
    debt_service_cover,
    debt_that_cover_allows_usd,
    npv_usd,
    schedule,
)
from gigawatt.finance.credit import CreditRule, debt_room_usd, interest_cover, lends, leverage, spread, synthetic_rating
from gigawatt.finance.levelised import (
    AssetClass,
    Cluster,
    cost_usd_per_year,
    levelised_usd_per_chip_h,
    levelised_usd_per_h100e_h,
)

__all__ = [
    "AssetClass",
    "Cluster",
    "CreditRule",
    "LevelLoan",
    "LoanYear",
    "annuity_factor",
    "capital_recovery_factor",
    "cost_usd_per_year",
    "debt_room_usd",
    "debt_service_cover",
    "debt_that_cover_allows_usd",
    "interest_cover",
    "lends",
    "leverage",
    "levelised_usd_per_chip_h",
    "levelised_usd_per_h100e_h",
    "npv_usd",
    "schedule",
    "spread",
    "synthetic_rating",
]
