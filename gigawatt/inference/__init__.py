"""Latency, throughput, memory, energy and cost of a model on a chip; the frontier, the cheapest, the levers."""

from gigawatt.inference.costs import Site
from gigawatt.inference.estimate import Estimate, estimate
from gigawatt.inference.frontier import cheapest, frontier
from gigawatt.inference.levers import Lever, levers
from gigawatt.inference.pools import Serving, serve
from gigawatt.inference.queries import Query, query
from gigawatt.inference.search import Search
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import Tier

__all__ = [
    "Chip",
    "Estimate",
    "Lever",
    "Model",
    "Query",
    "Search",
    "Serving",
    "Site",
    "Tier",
    "cheapest",
    "estimate",
    "frontier",
    "levers",
    "query",
    "serve",
]
