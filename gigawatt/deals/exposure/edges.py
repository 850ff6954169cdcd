"""Which payment, taken away, saves or breaks the core: every edge of a year is removed in turn.

Three answers that need not agree: how much less goes round, how the cash of the core changes at first order, and who
runs out of cash in the quarters after it once what is not paid is passed on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gigawatt.deals.book import SECTORS, Edge, Network
from gigawatt.deals.circulation import Circulation, circulation
from gigawatt.deals.cycling import finn_cycling_index
from gigawatt.deals.exposure.funds import AT_WILL, Funds
from gigawatt.deals.exposure.survival import Standing, Survival
from gigawatt.deals.flows import Array

TINY = 1e-12  # of gross payments: what is less cannot be told from rounding
SMALL = 1e-9  # of gross payments: a smaller change sorts nothing
MEASURES = ("circulation", "coverage", "losses")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The core in one year."""

    gross_usd: float  # paid within the core
    circulation_usd: float
    finn: float
    coverage: float  # what enters the core but new finance, over what leaves it but payouts and investments
    gap_usd: float  # what firms with known cash pay beyond it and their receipts, firm by firm
    standing: Standing | None  # None: nobody asked

    @property
    def share(self) -> float:
        """Share of payments within the core that goes round."""
        return self.circulation_usd / self.gross_usd if self.gross_usd > 0.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The core without one edge; changes are without less with it."""

    edge: Edge
    base: State
    state: State

    @property
    def circulation_usd(self) -> float:
        """Change of what goes round; never above 0."""
        return self.state.circulation_usd - self.base.circulation_usd

    @property
    def finn(self) -> float:
        """Change of Finn's index."""
        return self.state.finn - self.base.finn

    @property
    def coverage(self) -> float:
        """Change of the external coverage."""
        return self.state.coverage - self.base.coverage

    @property
    def gap_usd(self) -> float:
        """Change of the first-order gap: below 0, the core needs less money."""
        return self.state.gap_usd - self.base.gap_usd

    @property
    def defaults(self) -> int:
        """Change of the number of firms that fall; 0 if nobody asked."""
        return len(self.brought_down) - len(self.saved)

    @property
    def unpaid_usd(self) -> float:
        """Change of unpaid dues, those on the edge itself left out: below 0, the removal saves; nan if nobody asked."""
        if self.base.standing is None or self.state.standing is None:
            return math.nan
        own = self.base.standing.unpaid_by.get((self.edge.payer, self.edge.payee, self.edge.kind), 0.0)
        return self.state.standing.unpaid_usd - (self.base.standing.unpaid_usd - own)

    @property
    def put_off_usd(self) -> float:
        """Change of orders put off for want of cash; nan if nobody asked."""
        if self.base.standing is None or self.state.standing is None:
            return math.nan
        return self.state.standing.put_off_usd - self.base.standing.put_off_usd

    @property
    def saved(self) -> tuple[str, ...]:
        """Firms that fall with the edge only."""
        return tuple(name for name in _fallen(self.base) if name not in _fallen(self.state))

    @property
    def brought_down(self) -> tuple[str, ...]:
        """Firms that fall without the edge only."""
        return tuple(name for name in _fallen(self.state) if name not in _fallen(self.base))

    def effect(self, measure: str) -> tuple[float, ...]:
        """What removals are sorted by: below 0 the core is better off without the edge, or less goes round.

        Raises:
            ValueError: The measure is unknown.
        """
        match measure:
            case "circulation":
                return (self._large(self.circulation_usd),)
            case "coverage":
                return self._large(self.gap_usd), -self.coverage
            case "losses":
                return float(self.defaults), self._large(self.unpaid_usd)
        raise ValueError(f"measure {measure!r}; known: {', '.join(MEASURES)}")

    def _large(self, usd: float) -> float:
        """A change that is more than rounding, or 0."""
        return usd if abs(usd) > SMALL * self.base.gross_usd else 0.0


def _fallen(state: State) -> tuple[str, ...]:
    return state.standing.fallen if state.standing is not None else ()


def removals(
    net: Network,
    funds: Funds | None = None,
    plan: Survival | None = None,
    *,
    everybody: bool = False,
    note: Callable[[str, float], None] | None = None,
) -> tuple[State, tuple[Removal, ...]]:
    """The core as it is, and without each edge of one of its firms in turn.

    Args:
        net: Payments of a year with its core.
        funds: Cash, credit lines and ordinary business by firm at the start of the year; none known by default.
        plan: The quarters in which it is asked who runs out of cash; without it nobody is asked.
        everybody: Also edges to and from sectors, such as all end customers together.
        note: Told what is being done and the share done.

    Raises:
        ValueError: The network has no core.
    """
    if not net.core:
        raise ValueError(f"{net.period or 'the network'} has no firm of the core")
    core = _Core(net, funds or Funds(cash_usd=dict.fromkeys(net.core, 0.0)))
    turn = circulation(core.inner.flows())
    base = core.state(None, turn.total_usd, None if plan is None else plan.without())
    chosen = [edge for edge in net.edges if _asked(edge, net.core, everybody)]
    out = []
    for number, edge in enumerate(chosen):
        if note is not None:
            note(f"removing payment {number + 1} of {len(chosen)}", number / len(chosen))
        standing = plan.without(edge) if plan is not None and plan.has(edge) else base.standing
        out.append(Removal(edge=edge, base=base, state=core.state(edge, core.round_usd(edge, turn), standing)))
    return base, tuple(out)


def ranked(found: tuple[Removal, ...], measure: str, most: int) -> tuple[tuple[Removal, ...], tuple[Removal, ...]]:
    """Edges whose removal helps by a measure, and those whose removal harms, the strongest first; ties by amount."""

    def order(sign: float) -> tuple[Removal, ...]:
        wanted = [each for each in found if _signed(each.effect(measure), sign)]
        key = [(tuple(sign * x for x in each.effect(measure)), -each.edge.usd, number)
               for number, each in enumerate(wanted)]  # fmt: skip
        return tuple(wanted[number] for _, _, number in sorted(key, key=lambda k: (k[0], k[1]))[:most])

    return order(1.0), order(-1.0)


def _signed(effect: tuple[float, ...], sign: float) -> bool:
    """True if the first part that is not 0 lies on one side."""
    return sign * next((part for part in effect if part), 0.0) < 0.0


def _asked(edge: Edge, core: tuple[str, ...], everybody: bool) -> bool:
    touches = edge.payer in core or edge.payee in core
    return touches and (everybody or not (edge.payer in SECTORS or edge.payee in SECTORS))


@dataclass(slots=True)
class _Sums:
    """Payments of the core added up; by firm but for the last two."""

    paid: Array  # to outsiders
    got: Array  # from outsiders
    due: Array  # to anybody, with ordinary business that costs something, what is paid at will left out
    coming: Array  # from anybody, with ordinary business that leaves something, likewise
    entering_usd: float  # from outsiders with ordinary business, new finance left out
    leaving_usd: float  # to outsiders, payouts and investments left out

    def copy(self) -> _Sums:
        """The same sums, to be changed."""
        return _Sums(self.paid.copy(), self.got.copy(), self.due.copy(), self.coming.copy(), self.entering_usd,
                     self.leaving_usd)  # fmt: skip


class _Core:
    """The sums of a network that each removal changes a little."""

    def __init__(self, net: Network, funds: Funds) -> None:
        self.inner = net.among(set(net.core))
        self.place = {name: number for number, name in enumerate(self.inner.parties)}
        self.cash = np.array([funds.cash(name) for name in self.inner.parties])
        self.matrix = self.inner.flows().matrix()
        business = np.array([funds.business(name) for name in self.inner.parties])
        cost, left = np.maximum(0.0, -business), np.maximum(0.0, business)
        none = np.zeros(len(business))
        self.sums = _Sums(none, none.copy(), cost, left, float(business.sum()), 0.0)
        for edge in net.edges:
            self.add(self.sums, edge, edge.usd)

    def add(self, sums: _Sums, edge: Edge, usd: float) -> None:
        """Adds a payment to the sums, or takes one off."""
        payer, payee = self.place.get(edge.payer), self.place.get(edge.payee)
        owed = usd * (edge.kind not in AT_WILL)
        if payer is not None:
            sums.due[payer] += owed
        if payee is not None:
            sums.coming[payee] += owed
        if payer is not None and payee is None:
            sums.paid[payer] += usd
            sums.leaving_usd += owed * (not edge.is_investment)
        elif payer is None and payee is not None:
            sums.got[payee] += usd
            sums.entering_usd += usd * (not edge.is_investment)

    def round_usd(self, edge: Edge, turn: Circulation) -> float:
        """What goes round without an edge; solved anew only where the circles found go through it."""
        if edge.payer not in self.place or edge.payee not in self.place:
            return turn.total_usd
        i, j = self.place[edge.payer], self.place[edge.payee]
        here = (turn.flows.payer == i) & (turn.flows.payee == j)
        left = float(turn.remainder_usd[here].sum())
        if left >= edge.usd:
            return turn.total_usd
        without = self.matrix.copy()
        without[i, j] = max(0.0, without[i, j] - edge.usd)
        usd = circulation(without).total_usd
        return turn.total_usd if turn.total_usd - usd < TINY * turn.gross_usd else usd

    def state(self, edge: Edge | None, round_usd: float, standing: Standing | None) -> State:
        """The core without an edge, or as it is."""
        matrix, sums = self.matrix.copy(), self.sums.copy()
        if edge is not None:
            self.add(sums, edge, -edge.usd)
        if edge is not None and edge.payer in self.place and edge.payee in self.place:
            i, j = self.place[edge.payer], self.place[edge.payee]
            matrix[i, j] = max(0.0, matrix[i, j] - edge.usd)
        lacking = np.maximum(0.0, matrix.sum(axis=1) + sums.paid - matrix.sum(axis=0) - sums.got)
        return State(
            gross_usd=float(matrix.sum()), circulation_usd=round_usd,
            finn=_finn(matrix, np.maximum(sums.got, 0.0) + lacking),
            coverage=sums.entering_usd / sums.leaving_usd if sums.leaving_usd > 0.0 else math.inf,
            gap_usd=float(np.maximum(0.0, np.nan_to_num(sums.due - sums.coming - self.cash)).sum()),
            standing=standing,
        )  # fmt: skip


def _finn(matrix: Array, inputs: Array) -> float:
    """Finn's index; nan for a circle that loses nothing."""
    try:
        return finn_cycling_index(matrix, inputs)
    except ValueError:
        return math.nan
