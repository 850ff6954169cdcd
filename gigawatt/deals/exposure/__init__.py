"""What each party holds on, owes to, owns of and guarantees for others, and which of these ties bears the most."""

from gigawatt.deals.exposure.assets import Asset, financed_assets
from gigawatt.deals.exposure.dossier import SECTIONS, Dossier, Item, dossier, known_name
from gigawatt.deals.exposure.edges import MEASURES, Removal, State, ranked, removals
from gigawatt.deals.exposure.exposures import exposures, latest_day, owed_usd, paid_usd, to_come_usd
from gigawatt.deals.exposure.layers import LAYERS, Exposure, Exposures
from gigawatt.deals.exposure.obligations import Funds, Obligations, funds_of, obligations
from gigawatt.deals.exposure.residual import LAYERS_OF_LOSS, Loss, Position, Residual, path, residual
from gigawatt.deals.exposure.terms import KINDS, AssetTerms, LoanTerms, Range, Stake, Terms, catalog_terms

__all__ = [
    "KINDS", "LAYERS", "LAYERS_OF_LOSS", "MEASURES", "SECTIONS", "Asset", "AssetTerms", "Dossier", "Exposure",
    "Exposures", "Funds", "Item", "LoanTerms", "Loss", "Obligations", "Position", "Range", "Removal", "Residual",
    "Stake", "State", "Terms", "catalog_terms", "dossier", "exposures", "financed_assets", "funds_of", "known_name",
    "latest_day", "obligations", "owed_usd", "paid_usd", "path", "ranked", "removals", "residual", "to_come_usd",
]  # fmt: skip
