"""Who pays whom, how much of it goes round in a circle, and who falls with whom."""

from gigawatt.deals.cascade import Cascade, cascade
from gigawatt.deals.circularity import (
    Circularity,
    Netting,
    bilateral_netting,
    circularity,
    multilateral_net_usd,
    returned_share,
)
from gigawatt.deals.circulation import Circulation, circulation
from gigawatt.deals.clearing import Clearing, clearing
from gigawatt.deals.clearing_by_rank import ClearingByRank, clearing_by_rank
from gigawatt.deals.clearing_scenarios import ClearingScenarios, clearing_scenarios
from gigawatt.deals.cross_holdings import CrossHoldings, cross_holdings
from gigawatt.deals.cycling import Cycling, cycled, finn_cycling_index
from gigawatt.deals.debtrank import DebtRank, debtrank
from gigawatt.deals.flows import Flows, listed
from gigawatt.deals.hodge import Hodge, hodge
from gigawatt.deals.leontief import InputOutput, leontief
from gigawatt.deals.liabilities import SparseLiabilities
from gigawatt.deals.loops import Cycles, Loop, cycles
from gigawatt.deals.tracing import Origin, Payers, trace_origin, ultimate_payers

__all__ = [
    "Cascade", "Circularity", "Circulation", "Clearing", "ClearingByRank", "ClearingScenarios", "CrossHoldings",
    "Cycles", "Cycling", "DebtRank", "Flows", "Hodge", "InputOutput", "Loop", "Netting", "Origin", "Payers",
    "SparseLiabilities", "bilateral_netting", "cascade", "circularity", "circulation", "clearing",
    "clearing_by_rank", "clearing_scenarios", "cross_holdings", "cycled", "cycles", "debtrank",
    "finn_cycling_index", "hodge", "leontief", "listed", "multilateral_net_usd", "returned_share", "trace_origin",
    "ultimate_payers",
]  # fmt: skip
