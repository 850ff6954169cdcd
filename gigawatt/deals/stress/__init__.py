"""Stress: who runs out of cash and when, what a default does to the others, and who bears the loss."""

from gigawatt.deals.stress.positions import Contracts, Positions, scaled
from gigawatt.deals.stress.quarters import quarters
from gigawatt.deals.stress.result import Quarters

__all__ = ["Contracts", "Positions", "Quarters", "quarters", "scaled"]
