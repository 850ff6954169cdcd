"""The same shock by DebtRank: loss of value handed on before anybody defaults, beside the losses of the waterfall."""

from __future__ import annotations

import numpy as np

from gigawatt.deals.book import Book
from gigawatt.deals.book.deal import DEBTS
from gigawatt.deals.book.schedule import due_before
from gigawatt.deals.debtrank import DebtRank, debtrank
from gigawatt.deals.stress.flows import QUARTERS_PER_YEAR
from gigawatt.deals.stress.positions import Array
from gigawatt.deals.stress.shocks import Stress


def marked_down(found: Stress, method: str = "linear") -> tuple[tuple[str, ...], DebtRank]:
    """Firms with positive book equity, and the share of it that each loses if those named lose all of theirs.

    The exposure of a firm to another is its stakes and loans by deal at cost, and what it has coming by contract in
    the year after the shock.
    """
    equity = np.array([found.book.parties[firm].equity_usd for firm in found.firms])
    kept = np.flatnonzero(np.nan_to_num(equity) > 0.0)
    names = tuple(found.firms[i] for i in kept)
    held = _exposures(found)[np.ix_(kept, kept)]
    shock = np.array([1.0 if name in found.shock.defaults else 0.0 for name in names])
    return names, debtrank(held, equity[kept], shock, method=method)


def _exposures(found: Stress) -> Array:
    """What firm i loses at most if firm j pays nothing, in USD, shape (firms, firms)."""
    held = _stakes(found.book, found)
    contracts, start = found.opened.contracts, found.calendar.shock
    coming = np.asarray(contracts.due_usd)[start : start + QUARTERS_PER_YEAR].sum(axis=0)
    coming = np.where(np.asarray(contracts.can_relet), coming, 0.0)
    np.add.at(held, (np.asarray(contracts.payee), np.asarray(contracts.payer)), coming)
    return held


def _stakes(book: Book, found: Stress) -> Array:
    place = {name: number for number, name in enumerate(found.firms)}
    held = np.zeros((len(place), len(place)))
    day = found.calendar.starts[found.calendar.shock]
    for deal in book.standing(found.shock.status):
        finance = deal.instrument == "equity" or deal.instrument in DEBTS
        inside = deal.payer in place and deal.payee in place and deal.payer != deal.payee
        if finance and inside and deal.known:
            held[place[deal.payer], place[deal.payee]] += due_before(deal, day)
    return held
