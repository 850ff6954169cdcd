"""Stress: who runs out of cash and when, what a default does to the others, and who bears the loss."""

from gigawatt.deals.stress.assumptions import Assumptions, assumed
from gigawatt.deals.stress.fire_sale import fire_sale_price
from gigawatt.deals.stress.flows import Calendar, Flow, flows
from gigawatt.deals.stress.hits import Hit, hit_of, hits
from gigawatt.deals.stress.ladder import Rung, Swing, ladder, swings
from gigawatt.deals.stress.layers import Loss, Waterfall, waterfall
from gigawatt.deals.stress.marks import handed_on, marked_down
from gigawatt.deals.stress.opening import Opening, opening
from gigawatt.deals.stress.positions import Contracts, Positions, scaled
from gigawatt.deals.stress.quarters import quarters
from gigawatt.deals.stress.result import Quarters
from gigawatt.deals.stress.shocks import Shock, Stress, calendar_of, stress

__all__ = [
    "Assumptions", "Calendar", "Contracts", "Flow", "Hit", "Loss", "Opening", "Positions", "Quarters", "Rung", "Shock",
    "Stress", "Swing", "Waterfall", "assumed", "calendar_of", "fire_sale_price", "flows", "handed_on", "hit_of",
    "hits", "ladder", "marked_down", "opening", "quarters", "scaled", "stress", "swings", "waterfall",
]  # fmt: skip
