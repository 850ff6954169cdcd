"""Who pays whom, and how much of it goes round in a circle."""

from gigawatt.deals.circularity import (
    Circularity,
    Netting,
    bilateral_netting,
    circularity,
    multilateral_net_usd,
    returned_share,
)
from gigawatt.deals.circulation import Circulation, circulation
from gigawatt.deals.cycling import Cycling, finn_cycling_index
from gigawatt.deals.flows import Flows, listed
from gigawatt.deals.hodge import Hodge, hodge
from gigawatt.deals.leontief import InputOutput, leontief
from gigawatt.deals.loops import Cycles, Loop, cycles
from gigawatt.deals.tracing import Origin, Payers, trace_origin, ultimate_payers

__all__ = [
    "Circularity", "Circulation", "Cycles", "Cycling", "Flows", "Hodge", "InputOutput", "Loop", "Netting", "Origin",
    "Payers", "bilateral_netting", "circularity", "circulation", "cycles", "finn_cycling_index", "hodge", "leontief",
    "listed", "multilateral_net_usd", "returned_share", "trace_origin", "ultimate_payers",
]  # fmt: skip
