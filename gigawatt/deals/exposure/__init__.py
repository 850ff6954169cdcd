"""What each party holds on, owes to, owns of and guarantees for others, and which of these ties bears the most."""

from gigawatt.deals.exposure.assets import Asset, financed_assets
from gigawatt.deals.exposure.dossier import SECTIONS, Dossier, Item, dossier, known_name
from gigawatt.deals.exposure.edges import MEASURES, Removal, State, ranked, removals
from gigawatt.deals.exposure.exposures import exposures, latest_day
from gigawatt.deals.exposure.funds import Funds, funds_of
from gigawatt.deals.exposure.holdings import Holdings, Revaluation, holdings, revalued
from gigawatt.deals.exposure.layers import LAYERS, OTHER_DEBT, Exposure, Exposures
from gigawatt.deals.exposure.loans import owed_usd, paid_usd, to_come_usd
from gigawatt.deals.exposure.other_debt import other_debts
from gigawatt.deals.exposure.residual import LAYERS_OF_LOSS, AssetLoss, Position, Residual, path, residual
from gigawatt.deals.exposure.survival import Standing, Survival, survival
from gigawatt.deals.exposure.systemic import BY, Claims, Importance, claims_of, marked_down_by, systemic
from gigawatt.deals.exposure.terms import KINDS, AssetTerms, LoanTerms, Range, Stake, Terms, catalog_terms

__all__ = [
    "BY", "KINDS", "LAYERS", "LAYERS_OF_LOSS", "MEASURES", "OTHER_DEBT", "SECTIONS", "Asset", "AssetLoss",
    "AssetTerms", "Claims", "Dossier", "Exposure", "Exposures", "Funds", "Holdings", "Importance", "Item",
    "LoanTerms", "Position", "Range", "Removal", "Residual", "Revaluation", "Stake", "Standing", "State",
    "Survival", "Terms", "catalog_terms", "claims_of", "dossier", "exposures", "financed_assets", "funds_of",
    "holdings", "known_name", "latest_day", "marked_down_by", "other_debts", "owed_usd", "paid_usd", "path", "ranked",
    "removals", "residual", "revalued", "survival", "systemic", "to_come_usd",
]  # fmt: skip
