"""The same shock by DebtRank: loss of value handed on before anybody defaults, beside the losses of the waterfall."""

from __future__ import annotations

import numpy as np

from gigawatt.deals.book import Book
from gigawatt.deals.book.deal import DEBTS
from gigawatt.deals.book.schedule import due_before
from gigawatt.deals.debtrank import debtrank
from gigawatt.deals.stress.positions import Array, Mask
from gigawatt.deals.stress.shocks import Stress
from gigawatt.units import QUARTERS_PER_YEAR


def marked_down(found: Stress, method: str = "linear") -> dict[str, float]:
    """Share of its book equity that each firm with some loses, if those named lose all of theirs.

    The exposure of a firm to another is its stakes and loans by deal at cost, and what it has coming by contract in
    the year after the shock.
    """
    equity = np.array([found.book.parties[firm].equity_usd for firm in found.firms])
    fallen = np.isin(found.firms, found.shock.defaults)
    lost = handed_on(_exposures(found), equity, fallen, method)
    return {firm: float(usd / own) for firm, usd, own in zip(found.firms, lost, equity, strict=True) if own > 0.0}


def handed_on(held: Array, equity: Array, fallen: Mask, method: str = "linear") -> Array:
    """Equity that each firm loses by DebtRank if some lose all of theirs, in USD, shape (firms,).

    Args:
        held: [i, j] is what i loses if j pays nothing, in USD, shape (firms, firms).
        equity: In USD, shape (firms,); firms whose equity is unknown (nan) or not above 0 bear no loss, and hand one
            on only if they have fallen.
        fallen: Who loses all of it at first, shape (firms,).
        method: As in `debtrank`.
    """
    bears = equity > 0.0
    found = debtrank(
        np.where(bears[:, None], held, 0.0), np.where(bears, equity, 1.0), fallen.astype(np.float64), method=method
    )
    return np.where(bears, found.loss_usd, 0.0)


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
