"""Latency, throughput, memory, energy and cost of a model on a chip; the frontier, the cheapest, the levers."""

from gigawatt.inference.costs import Site
from gigawatt.inference.estimate import Estimate, estimate
from gigawatt.inference.frontier import cheapest, frontier
from gigawatt.inference.levers import Lever, levers
from gigawatt.inference.search import Search
from gigawatt.inference.shapes import Chip, Model

__all__ = [
    "Chip",
    "Estimate",
    "Lever",
    "Model",
    "Search",
    "Site",
    "cheapest",
    "estimate",
    "frontier",
    "levers",
]
