"""The stop test put to the vendor financing of 1999 to 2002: what it would have said, and what happened."""

from gigawatt.deals.backtest.result import Backtest
from gigawatt.deals.backtest.run import backtest
from gigawatt.deals.backtest.scores import Auc, Difference, auc, difference
from gigawatt.deals.backtest.verdict import verdict

__all__ = ["Auc", "Backtest", "Difference", "auc", "backtest", "difference", "verdict"]
