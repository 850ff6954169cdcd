"""What each party holds on, owes to, owns of and guarantees for others, and which of these ties bears the most."""

from gigawatt.deals.exposure.edges import MEASURES, Removal, State, ranked, removals
from gigawatt.deals.exposure.exposures import exposures, latest_day, owed_usd, paid_usd, to_come_usd
from gigawatt.deals.exposure.layers import LAYERS, Exposure, Exposures
from gigawatt.deals.exposure.obligations import Funds, Obligations, funds_of, obligations
from gigawatt.deals.exposure.terms import AssetTerms, LoanTerms, Range, Stake, Terms, catalog_terms

__all__ = [
    "LAYERS", "MEASURES", "AssetTerms", "Exposure", "Exposures", "Funds", "LoanTerms", "Obligations", "Range",
    "Removal", "Stake", "State", "Terms", "catalog_terms", "exposures", "funds_of", "latest_day", "obligations",
    "owed_usd", "paid_usd", "ranked", "removals", "to_come_usd",
]  # fmt: skip
