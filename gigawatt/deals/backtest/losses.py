"""What makers of equipment lose on carriers that run out of cash, through the clearing of all debts at once.

A carrier that fails in the test owes its debt and what vendors still lent it on the way; what it has left is worth so
much that a creditor loses the share `loss_given_default` of its claim. One that lasts pays in full. Makers have their
book equity as a buffer. Losses are lifetime losses on the loans that are named, before tax, and not provisions of a
year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.deals.backtest.draws import Draws
from gigawatt.deals.backtest.inputs import ASSUMPTIONS, FIELDS, VENDOR_ASSUMPTIONS, VENDOR_FIELDS, Array, Inputs
from gigawatt.deals.backtest.stop import Stop
from gigawatt.deals.clearing import clearing
from gigawatt.deals.liabilities import SparseLiabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Loans and losses of makers in USD; arrays have shape (draws, vendors)."""

    lent_usd: Array  # named loans with what was drawn on the way
    lost_usd: Array
    equity_usd: Array  # in the books at the freeze
    failed: Array  # 1 where losses bring a maker down

    @property
    def share(self) -> Array:
        """Loss over what was lent; 0 where nothing was."""
        return np.divide(self.lost_usd, self.lent_usd, out=np.zeros_like(self.lost_usd), where=self.lent_usd > 0.0)


def losses(inputs: Inputs, drawn: Draws, test: Stop) -> Losses:
    """Losses of each maker in each draw of the test."""
    term = dict(zip(ASSUMPTIONS + VENDOR_ASSUMPTIONS, drawn.assumption.T, strict=True))
    lent = drawn.loan[:, 0] + _lent_on_the_way(inputs, drawn, test, term)
    shape = (len(lent), len(inputs.vendors))
    claims, lost, failed = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for k in range(len(lent)):
        np.add.at(claims[k], inputs.loan_vendor, lent[k])
        lost[k], failed[k] = _cleared(inputs, drawn, test, lent, float(term["loss_given_default"][k]), k)
    equity = drawn.vendor[:, VENDOR_FIELDS.index("equity_usd")]
    return Losses(lent_usd=claims, lost_usd=lost, equity_usd=equity, failed=failed)


def _lent_on_the_way(inputs: Inputs, drawn: Draws, test: Stop, term: dict[str, Array]) -> Array:
    """What is drawn of each line after the freeze, shape (draws, loans).

    A carrier that fails draws the assumed part of its line. One that lasts, what it needed in the test, in proportion.
    """
    undrawn = drawn.loan[:, 1] * term["vendor_lines_kept"][:, np.newaxis]
    line = np.zeros_like(test.drawn_usd)
    np.add.at(line.T, inputs.loan_carrier, undrawn.T)
    used = np.divide(test.drawn_usd, line, out=np.zeros_like(line), where=line > 0.0)
    part = np.where(test.failed, term["drawn_before_default"][:, np.newaxis], used)
    return undrawn * part[:, inputs.loan_carrier]


def _cleared(inputs: Inputs, drawn: Draws, test: Stop, lent: Array, loss_share: float, k: int) -> tuple[Array, Array]:
    """Losses of each maker in draw k, and 1 for those that losses bring down: carriers owe makers, makers the rest."""
    carriers = len(inputs.carriers)
    size = carriers + len(inputs.vendors)
    to_vendors = np.bincount(inputs.loan_carrier, lent[k], carriers)
    debt = np.maximum(drawn.carrier[k, FIELDS.index("debt_usd")], to_vendors)
    vendor = dict(zip(VENDOR_FIELDS, drawn.vendor[k], strict=True))
    claims = np.bincount(inputs.loan_vendor, lent[k], len(inputs.vendors))
    # Assets of a maker besides its named loans, so that with full payment its equity is that of its books.
    other = np.maximum(vendor["equity_usd"] + vendor["debt_usd"] - claims, 0.0)
    assets = np.where(test.failed[k], (1.0 - loss_share) * debt, debt)
    found = clearing(
        SparseLiabilities(
            size=size, debtor=inputs.loan_carrier, creditor=carriers + inputs.loan_vendor, amount_usd=lent[k]
        ),
        np.concatenate([assets, other]),
        np.concatenate([debt - to_vendors, vendor["debt_usd"]]),
    )
    received: Array = found.received[carriers:]
    return claims - received, found.defaulted[carriers:].astype(np.float64)
