"""Who funds a firm: the share of its receipts that is a source's money, who pays it directly, who in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gigawatt.deals.book import SECTORS, Edge, Network
from gigawatt.deals.circular.scopes import open_ended
from gigawatt.deals.tracing import trace_origin, ultimate_payers

VENDORS, SELF = "vendors", "self"
SALES, ALL = "sales", "all"
TILL = "receipts"
TINY = 1e-9  # of the receipts: not told from rounding
OUTSIDE, OWN_CASH, NO_ORIGIN = "from outside", "own cash", "a closed circle"


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays for a firm's receipts, and how much, in USD."""

    name: str
    way: str  # direct: kind of payment; in the end: from outside, own cash, or a closed circle
    usd: float
    deals: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """Whose money the receipts of a firm are."""

    firm: str
    sources: tuple[str, ...]
    receipts_usd: float  # sales, or all that it gets
    least_usd: float
    proportional_usd: float
    most_usd: float
    direct: tuple[Payer, ...]  # who pays it, the largest first
    final: tuple[Payer, ...]  # who pays in the end, looking through all who pass money on

    @property
    def shares(self) -> tuple[float, float, float]:
        """The sources' money over receipts: at least, in proportion, at most."""
        whole = self.receipts_usd or 1.0
        return self.least_usd / whole, self.proportional_usd / whole, self.most_usd / whole


def who_funds(network: Network, firm: str, source: str = VENDORS, receipts: str = SALES) -> Funding:
    """Share of a firm's receipts that is the money of a source, with bounds, and who pays in the end.

    All that a source pays is its money, wherever it got it, the firm's own included if it is a source. Sectors are open
    ends: what a sector pays enters from outside, whatever it was paid before.

    Args:
        source: `vendors` for all makers of chips, `self` for the firm, or names with commas between.
        receipts: `sales`, what others buy from it; or `all`, with investment in it, loans and interest.

    Raises:
        ValueError: A name is unknown, the firm gets nothing, or `receipts` is another word.
    """
    if receipts not in (SALES, ALL):
        raise ValueError(f"receipts must be {SALES} or {ALL}, is {receipts!r}")
    firm = network.parties[network.number(firm)]
    sources = sources_of(network, firm, source)
    asked = open_ended(network)
    into = [edge for edge in asked.edges if edge.payee == firm and (edge.is_purchase or receipts == ALL)]
    receipts_usd = sum(edge.usd for edge in into)
    if not into:
        what = "sells nothing" if receipts == SALES else "gets nothing"
        raise ValueError(f"{firm} {what} in {network.period or 'the period'}")
    till = _tilled(asked, firm, into)
    at = till.number(TILL)
    origin = trace_origin(till.flows(), [till.number(name) for name in sources], bounds_of=[at])
    direct = (Payer(edge.payer, edge.kind, edge.usd, edge.deals, edge.payments) for edge in into)
    return Funding(
        firm=firm, sources=sources, receipts_usd=receipts_usd, least_usd=float(origin.lower_usd[at]),
        proportional_usd=float(origin.proportional_usd[at]), most_usd=float(origin.upper_usd[at]),
        direct=tuple(sorted(direct, key=lambda payer: -payer.usd)), final=_final(till, at, receipts_usd),
    )  # fmt: skip


def _tilled(network: Network, firm: str, into: list[Edge]) -> Network:
    """The network in which the receipts asked for pass a till before they reach the firm, which keeps them apart."""
    asked = {id(edge) for edge in into}
    edges = tuple(replace(edge, payee=TILL) if id(edge) in asked else edge for edge in network.edges)
    through = Edge(TILL, firm, "receipts", sum(edge.usd for edge in into))
    return replace(
        network, parties=(*network.parties, TILL), tiers=(*network.tiers, "vehicle"), edges=(*edges, through)
    )


def _final(network: Network, at: int, receipts_usd: float) -> tuple[Payer, ...]:
    """Who pays in the end for what reaches a party, the largest first."""
    found = ultimate_payers(network.flows(), at)
    rows = [
        Payer(name, OUTSIDE if name in SECTORS else OWN_CASH, float(share) * receipts_usd)
        for name, share in zip(network.parties, found.own_cash, strict=True)
    ]
    rows.append(Payer("", NO_ORIGIN, found.circle * receipts_usd))
    return tuple(sorted((row for row in rows if row.usd > TINY * receipts_usd), key=lambda row: -row.usd))


def sources_of(network: Network, firm: str, source: str) -> tuple[str, ...]:
    """The parties that a source stands for: `vendors`, `self`, or names with commas between.

    Raises:
        ValueError: A name is unknown, or nobody makes chips.
    """
    if source == SELF:
        return (firm,)
    if source == VENDORS:
        makers = tuple(name for name, tier in zip(network.parties, network.tiers, strict=True) if tier == "maker")
        if not makers:
            raise ValueError(f"nobody makes chips in {network.period or 'the network'}: name the source")
        return makers
    return tuple(network.parties[network.number(name)] for name in source.split(","))
