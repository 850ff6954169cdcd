"""The part of all payments that goes round: the largest one that can be written as circles.

What is left has no circle. Taking the circulation away changes the net position of no party, so what is left is also
the least that must be paid along the same links so that everybody ends up as before: multilateral set-off of
obligations, in the words of those who clear trade credit (Fleischman and Dini 2021, doi:10.3390/jrfm14090452).
The share that goes round is the greatest circularity of Homs-Dones, MacKay, Sansom and Zhou 2025, arXiv:2506.12546.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.deals.circulation_kernels import widest_circles
from gigawatt.deals.components import components
from gigawatt.deals.flows import Array, Flows, Places, as_flows
from gigawatt.deals.loops import Loop
from gigawatt.deals.network_program import greatest, network_solver, scale_of

TINY = 1e-12  # of the largest payment: what is less cannot be told from rounding


@dataclass(frozen=True, kw_only=True)
class Circulation:
    """Payments, the part of each that goes round, and the circles it is made of, largest bottleneck first."""

    flows: Flows
    circulation_usd: Array  # part of each payment that goes round, shape (payments,)
    edges: Places  # places in `flows` of the payments of all circles, end to end
    ends: Places  # where each circle ends in `edges`
    bottleneck_usd: Array  # what goes round in each circle

    @property
    def remainder_usd(self) -> Array:
        """Part of each payment that does not go round, shape (payments,)."""
        return self.flows.usd - self.circulation_usd

    @property
    def gross_usd(self) -> float:
        """All payments."""
        return self.flows.gross_usd

    @property
    def total_usd(self) -> float:
        """All payments that go round."""
        return float(self.circulation_usd.sum())

    @property
    def total(self) -> float:
        """All payments that go round, in USD: another name of `total_usd`."""
        return self.total_usd

    @property
    def share(self) -> float:
        """Circulation over gross payments; 0 to 1."""
        return self.total_usd / self.gross_usd if self.gross_usd > 0.0 else 0.0

    @property
    def circulation(self) -> Array:
        """The payments that go round as a matrix, in USD, shape (parties, parties)."""
        return self.flows.matrix(self.circulation_usd)

    @property
    def remainder(self) -> Array:
        """The payments that do not as a matrix, in USD, shape (parties, parties)."""
        return self.flows.matrix(self.remainder_usd)

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The circles, largest bottleneck first; `sum_usd` is bottleneck times length, and these add up to the total.

        The total is unique, its circles need not be: other ways to write it can be as good.
        """
        out = []
        for edges, usd in zip(_pieces(self.edges, self.ends), self.bottleneck_usd, strict=True):
            turn = int(np.argmin(self.flows.payer[edges]))
            parties = tuple(int(party) for party in np.roll(self.flows.payer[edges], -turn))
            out.append(Loop(parties, float(usd), float(usd) * len(parties)))
        return tuple(out)


def circulation(flows: ArrayLike | Flows) -> Circulation:
    """The largest part of all payments that can be written as circles, and these circles.

    A linear program: as much as possible of each payment, so that each party gets of it what it pays. A payment to
    oneself goes round in full. Amounts below 1e-12 of the largest payment are not told from rounding.

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or Flows for thousands of parties.
    """
    found = as_flows(flows)
    tiny = TINY * float(found.usd.max(initial=0.0))
    round_usd = np.minimum(np.maximum(_most(found), 0.0), found.usd)
    # The circles are what counts: what they carry balances for each party to the last bit but one. Whatever circle the
    # solver's tolerance has left in the remainder is taken, too.
    carried = np.zeros(len(found.usd))
    parts = []
    for part in (round_usd, None):
        left = found.usd - carried if part is None else part.copy()
        left[left <= tiny] = 0.0
        edges, ends, bottleneck = widest_circles(found.starts(), found.payer, found.payee, left, tiny)
        np.add.at(carried, edges, np.repeat(bottleneck, np.diff(ends, prepend=0)))
        parts.append((edges, ends, bottleneck))
    full = (carried > 0.0) & (found.usd - carried <= tiny)
    carried[full] = found.usd[full]
    edges, ends, bottleneck = _joined(parts)
    return Circulation(flows=found, circulation_usd=carried, edges=edges, ends=ends, bottleneck_usd=bottleneck)


def _most(flows: Flows) -> Array:
    """How much of each payment goes round, by the linear program, in USD."""
    out = flows.usd.copy()
    part = components(flows.starts(), flows.payee)
    places = np.flatnonzero(~flows.to_oneself & (part[flows.payer] == part[flows.payee]))
    out[~flows.to_oneself] = 0.0
    inner = Flows(flows.payer[places], flows.payee[places], flows.usd[places], flows.parties)
    scale = scale_of(inner.usd)
    none = np.zeros(flows.parties)
    solver = network_solver(inner, np.zeros(len(places)), inner.usd * scale, none, none)
    out[places] = greatest(solver, np.ones(len(places))) / scale
    return out


def _pieces(edges: Places, ends: Places) -> list[Places]:
    """The edges of each circle."""
    return np.split(edges, ends[:-1]) if len(ends) else []


def _joined(parts: list[tuple[Places, Places, Array]]) -> tuple[Places, Places, Array]:
    """Circles of several lists in one, largest bottleneck first."""
    pieces = [piece for edges, ends, _ in parts for piece in _pieces(edges, ends)]
    bottleneck = np.concatenate([part[2] for part in parts])
    order = np.argsort(-bottleneck, kind="stable")
    edges = np.concatenate([pieces[k] for k in order]) if len(order) else np.zeros(0, dtype=np.int64)
    ends = np.cumsum([len(pieces[k]) for k in order]).astype(np.int64)
    return edges, ends, bottleneck[order]
