"""The network of one period: who pays whom what, from the book, or from the payments of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gigawatt.deals.book.book import Book
from gigawatt.deals.book.deal import DEBTS, GUARANTEES, KINDS, PURCHASES, Deal
from gigawatt.deals.book.parties import SECTORS
from gigawatt.deals.book.schedule import due_usd
from gigawatt.deals.flows import Flows, listed
from gigawatt.errors import named

INVESTMENTS = frozenset({"equity", "loan", "bond"})
"""Kinds of payment that finance the payee."""
ONE_WAY = frozenset({"interest", "repayment", "dividend", "tax", "transfer", "guarantee"})
"""Kinds that neither finance the payee nor buy anything from it."""
HARDWARE = frozenset({"maker", "supplier"})
"""Tiers that sell chips, servers and parts."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What one party pays another for one thing in the period."""

    payer: str
    payee: str
    kind: str
    usd: float
    deals: tuple[str, ...] = ()  # keys of the deals it is paid under
    payments: tuple[str, ...] = ()  # keys of the ordinary payments in it

    @property
    def is_investment(self) -> bool:
        """True if the money finances the payee."""
        return self.kind in INVESTMENTS

    @property
    def is_purchase(self) -> bool:
        """True if the money buys something."""
        return self.kind not in INVESTMENTS and self.kind not in ONE_WAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """All payments of a period; `tiers` and `core` are in the order of `parties` and among them."""

    parties: tuple[str, ...]
    tiers: tuple[str, ...]
    edges: tuple[Edge, ...]
    core: tuple[str, ...] = ()
    period: str = ""
    status: str = ""

    def number(self, name: str) -> int:
        """Place of a party, letter case aside.

        Raises:
            ValueError: Nobody is called so; the nearest name is told.
        """
        return self.parties.index(named(f"party in {self.period}" if self.period else "party", name, self.parties))

    @property
    def gross_usd(self) -> float:
        """All payments together."""
        return sum(edge.usd for edge in self.edges)

    @property
    def years(self) -> range:
        """The calendar years of its period, which is `2026` or `2025 to 2027`; none where it names no year."""
        named = [int(word) for word in self.period.split() if word.isdigit()]
        return range(named[0], named[-1] + 1) if named else range(0)

    def flows(self) -> Flows:
        """The payments by pair, as the measures take them."""
        place = {name: number for number, name in enumerate(self.parties)}
        payers, payees = [place[edge.payer] for edge in self.edges], [place[edge.payee] for edge in self.edges]
        return listed(payers, payees, [edge.usd for edge in self.edges], len(self.parties))

    def between(self, payer: str, payee: str) -> tuple[Edge, ...]:
        """What one party pays another, the largest first."""
        found = [edge for edge in self.edges if edge.payer == payer and edge.payee == payee]
        return tuple(sorted(found, key=lambda edge: -edge.usd))

    def where(self, wanted: Callable[[Edge], bool]) -> Network:
        """The same parties with the payments wanted."""
        return replace(self, edges=tuple(edge for edge in self.edges if wanted(edge)))

    def only(self, kinds: Collection[str]) -> Network:
        """The same parties with payments of these kinds."""
        return self.where(lambda edge: edge.kind in kinds)

    def among(self, names: Collection[str]) -> Network:
        """The payments between these parties, without the other parties."""
        keep = [place for place, name in enumerate(self.parties) if name in names]
        inner = self.where(lambda edge: edge.payer in names and edge.payee in names)
        return replace(
            inner, parties=tuple(self.parties[place] for place in keep),
            tiers=tuple(self.tiers[place] for place in keep), core=tuple(n for n in self.core if n in names),
        )  # fmt: skip


def network(book: Book, year: int, status: str = "firm", as_of: date | None = None) -> Network:
    """What is paid in a calendar year under deals as sure as `status` or surer, and in ordinary business.

    A payment that covers its deals replaces what their schedules say. Guarantees pay nothing until they are called.

    Args:
        as_of: Status of deals on this day; the last one known by default.
    """
    paid = [each for each in book.payments if each.year == year]
    covered: dict[tuple[str, str, str], tuple[str, ...]]
    covered = {(each.payer, each.payee, each.kind): () for each in paid if each.covers}
    edges = []
    for deal in book.standing(status, as_of):
        pair = deal.payer, deal.payee, kind_of(deal, book)
        usd = due_usd(deal, year) if is_paid(deal) else 0.0
        if pair not in covered:
            edges.append(Edge(*pair, usd, (deal.key,)))
        elif usd > 0.0 or (_pays(deal) and not deal.known and deal.start.year <= year <= deal.end.year):
            covered[pair] += (deal.key,)
    for each in paid:
        under = covered[each.payer, each.payee, each.kind] if each.covers else ()
        edges.append(Edge(each.payer, each.payee, each.kind, each.usd, under, (each.key,)))
    paid_edges = added_up(edges)
    named = {name for edge in paid_edges for name in (edge.payer, edge.payee)}
    parties = tuple(key for key in book.parties if key in named)
    tiers = tuple(book.parties[key].tier for key in parties)
    core = tuple(key for key in parties if book.parties[key].core)
    return Network(parties=parties, tiers=tiers, edges=paid_edges, core=core, period=str(year), status=status)


def is_paid(deal: Deal) -> bool:
    """True if its schedule is one of payments, and their sum is known."""
    return deal.known and _pays(deal)


def _pays(deal: Deal) -> bool:
    return deal.instrument not in GUARANTEES and deal.instrument != "warrant"


def kind_of(deal: Deal, book: Book) -> str:
    """What a payment under a deal is: as its instrument says; purchases from makers and suppliers are `chips`.

    What makers buy of each other are licences and parts, `operations`.
    """
    payer, payee = (book.parties[name].tier if name in book.parties else "" for name in (deal.payer, deal.payee))
    if deal.instrument in PURCHASES and payee in HARDWARE:
        return "operations" if payer == "maker" else "chips"
    return "loan" if deal.instrument in DEBTS - {"bond"} else KINDS[deal.instrument]


def network_of_payments(
    payer: Sequence[str], payee: Sequence[str], kind: Sequence[str], usd: Sequence[float],
    tiers: Mapping[str, str], core: Collection[str] = (), period: str = "",
) -> Network:  # fmt: skip
    """The network of any list of payments, such as the money ledger of a run in one year.

    Args:
        tiers: Tier by party; sectors have their own, others are suppliers.
    """
    edges = added_up(Edge(*row) for row in zip(payer, payee, kind, map(float, usd), strict=True))
    named = {name: None for edge in edges for name in (edge.payer, edge.payee)}
    parties = (*(name for name in named if name not in SECTORS), *(name for name in SECTORS if name in named))
    return Network(
        parties=parties, tiers=tuple(tiers.get(name, SECTORS.get(name, "supplier")) for name in parties), edges=edges,
        core=tuple(name for name in parties if name in core), period=period, status="paid",
    )  # fmt: skip


def added_up(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Edges of the same payer, payee and kind as one; those to oneself and of 0 are left out."""
    sums: dict[tuple[str, str, str], Edge] = {}
    for edge in edges:
        if edge.payer != edge.payee and edge.usd > 0.0:
            key = (edge.payer, edge.payee, edge.kind)
            had = sums.get(key, Edge(*key, 0.0))
            sums[key] = Edge(*key, had.usd + edge.usd, had.deals + edge.deals, had.payments + edge.payments)
    return tuple(sums.values())
