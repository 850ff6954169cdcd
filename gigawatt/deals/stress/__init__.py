"""Stress: who runs out of cash and when, what a default does to the others, and who bears the loss."""

from gigawatt.deals.stress.assumptions import Assumptions, assumed
from gigawatt.deals.stress.fire_sale import fire_sale_price
from gigawatt.deals.stress.flows import Calendar, Flow, flows
from gigawatt.deals.stress.hits import CAUSES, NEAR, Hit, hit_of, hits, near_misses
from gigawatt.deals.stress.ladder import Rung, Spread, Swing, ladder, spread, swings
from gigawatt.deals.stress.layers import Loss, Waterfall, waterfall
from gigawatt.deals.stress.marks import handed_on, marked_down
from gigawatt.deals.stress.opening import GROUP, VEHICLE, Opening, opening
from gigawatt.deals.stress.positions import Contracts, Positions, scaled
from gigawatt.deals.stress.quarters import quarters
from gigawatt.deals.stress.result import Quarters
from gigawatt.deals.stress.shocks import QUARTERS, Shock, Stress, calendar_of, last_told, outcome, stress

__all__ = [
    "CAUSES", "GROUP", "NEAR", "QUARTERS", "VEHICLE", "Assumptions", "Calendar", "Contracts", "Flow", "Hit", "Loss",
    "Opening", "Positions", "Quarters", "Rung", "Shock", "Spread", "Stress", "Swing", "Waterfall", "assumed",
    "calendar_of", "fire_sale_price", "flows", "handed_on", "hit_of", "hits", "ladder", "last_told", "marked_down",
    "near_misses", "opening", "outcome", "quarters", "scaled", "spread", "stress", "swings", "waterfall",
]  # fmt: skip
