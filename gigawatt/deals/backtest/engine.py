"""The same test put to the engine of `gigawatt.deals.stress`, carriers and makers together, central values only.

Vendors' lines become loans that makers pay out by quarter, as much as pays for equipment; they stop when the borrower
defaults. Both routes must name the same firms in the same quarters; the recursion of `stop.py` is there to be quick
over many draws.
"""

from __future__ import annotations

import numpy as np

from gigawatt.deals.backtest.draws import Draws
from gigawatt.deals.backtest.inputs import ASSUMPTIONS, FIELDS, VENDOR_FIELDS, Array, Inputs
from gigawatt.deals.backtest.stop import lines_by_carrier, yearly
from gigawatt.deals.stress import Contracts, Positions, Quarters, quarters
from gigawatt.units import QUARTERS_PER_YEAR


def by_engine(inputs: Inputs, drawn: Draws, count: int) -> Quarters:
    """The quarters of carriers, then makers, with markets shut for `count` quarters; draw 0."""
    field = dict(zip(FIELDS, drawn.carrier[:1].swapaxes(0, 1), strict=True))
    term = dict(zip(ASSUMPTIONS, drawn.assumption[:1].T[:, :, np.newaxis], strict=False))
    years = [yearly(field, term, quarter // QUARTERS_PER_YEAR) for quarter in range(count)]
    earned, interest, due, capex = (np.array([year[k][0] for year in years]) / QUARTERS_PER_YEAR for k in range(4))
    lent = _lent(inputs, drawn, capex, float(term["vendor_lines_kept"][0, 0]))
    vendor = dict(zip(VENDOR_FIELDS, drawn.vendor[0], strict=True))
    carriers, vendors = len(inputs.carriers), len(inputs.vendors)
    none, sold = np.zeros((count, vendors)), np.zeros((count, vendors))
    # A loan buys the lender's own equipment: what is lent comes back as sales in the same quarter.
    np.add.at(sold.T, inputs.loan_vendor, lent.T)
    position = Positions(
        cash_usd=np.concatenate([(field["cash_usd"] + field["committed_usd"])[0], vendor["cash_usd"]]),
        lines_usd=np.zeros(carriers + vendors),
        receipts_usd=np.hstack([np.maximum(earned, 0.0), sold]),
        costs_usd=np.hstack([np.maximum(-earned, 0.0), none]),
        capex_usd=np.hstack([capex, none]),
        interest_usd=np.hstack([interest, none]),
        maturities_usd=np.hstack([due, none]),
        new_money_usd=np.zeros((count, carriers + vendors)),
    )
    loans = len(inputs.loan_carrier)
    contract = Contracts(
        payer=carriers + inputs.loan_vendor, payee=inputs.loan_carrier, due_usd=lent,
        rank=np.zeros(loans, dtype=np.int64), is_finance=np.ones(loans, dtype=np.bool_),
    )  # fmt: skip
    return quarters(position, contract, shut_quarters=count)


def _lent(inputs: Inputs, drawn: Draws, capex: Array, kept: float) -> Array:
    """What each loan pays out by quarter, shape (quarters, loans): lines are drawn alike, up to capital spending."""
    undrawn = drawn.loan[0, 1] * kept
    line = lines_by_carrier(inputs, undrawn[np.newaxis])[0]
    before = np.minimum(np.cumsum(capex, axis=0), line)
    lent = np.diff(before, axis=0, prepend=0.0)
    part = np.divide(undrawn, line[inputs.loan_carrier], out=np.zeros_like(undrawn), where=undrawn > 0.0)
    out: Array = lent[:, inputs.loan_carrier] * part
    return out
