"""Columns of a network of payments: what goes round is taken out, what is left runs from left to right.

Sectors stand for everybody who is not named. Money paid to a sector and money that comes from it is not the money of
one party, so each is two nodes: a payer on the left and a payee on the right. Circles are circles of named parties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.book import SECTORS, Network
from gigawatt.deals.book.network import Edge
from gigawatt.deals.circulation import Circulation, circulation
from gigawatt.deals.flows import listed
from gigawatt.report.deals_ink import TIER_NAMES

COLUMN = {
    "investor": 0, "lender": 0, "customers": 0, "holding": 1, "lab": 2, "cloud": 3, "vehicle": 4, "landlord": 4,
    "maker": 5, "supplier": 6, "public": 6,
}  # fmt: skip
"""The first column in which a tier may stand; a payment that does not go round may push its payee to the right."""
Columns = NDArray[np.int64]
REST = -1  # number of the loop of a payment that does not go round
MOST = 24  # named parties with a node of their own
TINY = 1e-9  # of all payments: what is less cannot be seen


@dataclass(frozen=True, slots=True)
class Node:
    """A party, a side of a sector, or several small parties as one."""

    name: str
    tier: str
    layer: int
    members: tuple[str, ...]
    is_outside: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """Money from one node to another: around loop number `loop`, or REST."""

    payer: int
    payee: int
    usd: float
    loop: int
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Round:
    """A circle of parties in which `usd` goes round."""

    parties: tuple[str, ...]
    usd: float

    @property
    def sum_usd(self) -> float:
        """All its payments."""
        return self.usd * len(self.parties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """Nodes in columns, the strands between them, and what is not drawn."""

    nodes: tuple[Node, ...]
    strands: tuple[Strand, ...]
    rounds: tuple[Round, ...]  # all circles, the largest first
    gross_usd: float  # of all payments
    circulation_usd: float
    entering_usd: float  # from sectors
    leaving_usd: float  # to sectors
    outside_usd: float  # between sectors, not drawn
    netted_usd: float  # to and from the same sector, not drawn
    inside_usd: float  # among small parties that stand as one node, not drawn

    @property
    def columns(self) -> int:
        """How many there are."""
        return max((node.layer for node in self.nodes), default=-1) + 1


def layered(network: Network, most: int = MOST, coloured: int = 8, gross: bool = False) -> Layered:
    """The columns of a network.

    Args:
        gross: Draw in full what a party gets from a sector and pays to it; by default the difference.
        most: Named parties that keep a node of their own, the largest; the others of a tier and column stand as one.
        coloured: Circles with a number of their own, the largest; the others share number `coloured`.
    """
    whole = network.where(lambda edge: not (edge.payer in SECTORS and edge.payee in SECTORS))
    inner = whole if gross else netted(whole)
    keys, payer, payee = _parted(inner)
    flows = listed(payer, payee, [edge.usd for edge in inner.edges], len(keys))
    found = circulation(flows)
    tiers = dict(zip(network.parties, network.tiers, strict=True))
    layer = _layers(found, keys, tiers, coloured)
    nodes, place = _nodes(found, keys, tiers, layer, most)
    strands, inside_usd = _strands(found, keys, place, coloured)
    paid = [(edge.payer in SECTORS, edge.payee in SECTORS, edge.usd) for edge in inner.edges]
    return Layered(
        nodes=nodes, strands=strands, gross_usd=network.gross_usd, circulation_usd=found.total_usd,
        rounds=tuple(Round(tuple(keys[party][0] for party in loop.parties), loop.bottleneck_usd)
                     for loop in found.loops),
        entering_usd=sum(usd for comes, _, usd in paid if comes), leaving_usd=sum(usd for _, goes, usd in paid if goes),
        outside_usd=network.gross_usd - whole.gross_usd, netted_usd=whole.gross_usd - inner.gross_usd,
        inside_usd=inside_usd,
    )  # fmt: skip


def netted(network: Network) -> Network:
    """The network with what a party and a sector pay each other reduced to the difference, all kinds in proportion."""
    both: dict[tuple[str, str], float] = {}
    for edge in network.edges:
        both[edge.payer, edge.payee] = both.get((edge.payer, edge.payee), 0.0) + edge.usd

    def left(edge: Edge) -> Edge:
        if edge.payer not in SECTORS and edge.payee not in SECTORS:
            return edge
        there, back = both[edge.payer, edge.payee], both.get((edge.payee, edge.payer), 0.0)
        return replace(edge, usd=edge.usd * max(there - back, 0.0) / there)

    return replace(network, edges=tuple(each for each in map(left, network.edges) if each.usd > 0.0))


def _parted(network: Network) -> tuple[list[tuple[str, str]], list[int], list[int]]:
    """Nodes as name and side, and the numbers of payer and payee of each edge."""
    number: dict[tuple[str, str], int] = {}
    for name in network.parties:
        for side in ("in", "out") if name in SECTORS else ("",):
            number[name, side] = len(number)
    payer = [number[edge.payer, "in" if edge.payer in SECTORS else ""] for edge in network.edges]
    payee = [number[edge.payee, "out" if edge.payee in SECTORS else ""] for edge in network.edges]
    return list(number), payer, payee


def _layers(found: Circulation, keys: Sequence[tuple[str, str]], tiers: dict[str, str], coloured: int) -> Columns:
    """Column of each node: the longest way through what runs to the right, tiers in their order where they can."""
    layer = np.array([0 if side == "in" else COLUMN[tiers[name]] for name, side in keys], dtype=np.int64)
    links = _rightward(found, layer, coloured)
    payer, payee = (np.array([link[end] for link in links], dtype=np.int64) for end in (0, 1))
    for _ in range(len(keys)):  # as many passes as the longest way has payments
        moved = layer.copy()
        np.maximum.at(moved, payee, layer[payer] + 1)
        if (moved == layer).all():
            break
        layer = moved
    sinks = np.array([side == "out" for _, side in keys], dtype=bool)
    layer[sinks] = max(int(layer[sinks].max(initial=0)), int(layer[~sinks].max(initial=0)) + 1)
    used = np.zeros(len(keys), dtype=bool)
    used[found.flows.payer] = used[found.flows.payee] = True
    columns = np.unique(layer[used])
    return np.searchsorted(columns, np.where(used, layer, columns[0] if len(columns) else 0)).astype(np.int64)


def _rightward(found: Circulation, tier: Columns, coloured: int) -> list[tuple[int, int]]:
    """Links that run to the right: all that do not go round; of the largest circles as many as can, those first that
    run along the order of the tiers, such as purchases.
    """
    left = found.remainder_usd > TINY * found.gross_usd
    links = list(zip(found.flows.payer[left].tolist(), found.flows.payee[left].tolist(), strict=True))
    after: dict[int, set[int]] = {}
    for payer, payee in links:
        after.setdefault(payer, set()).add(payee)
    ends = [0, *found.ends[:coloured].tolist()]
    around = found.edges[: ends[-1]]
    steps = tier[found.flows.payee[around]] - tier[found.flows.payer[around]]
    for edge in around[np.argsort(steps <= 0, kind="stable")].tolist():
        payer, payee = int(found.flows.payer[edge]), int(found.flows.payee[edge])
        if payer != payee and not _leads(payee, payer, after):
            after.setdefault(payer, set()).add(payee)
            links.append((payer, payee))
    return links


def _leads(begin: int, end: int, after: dict[int, set[int]]) -> bool:
    """Whether a way leads from one node to another."""
    seen, todo = {begin}, [begin]
    while todo:
        for node in after.get(todo.pop(), set()) - seen:
            if node == end:
                return True
            seen.add(node)
            todo.append(node)
    return False


def _nodes(
    found: Circulation, keys: Sequence[tuple[str, str]], tiers: dict[str, str], layer: Columns, most: int
) -> tuple[tuple[Node, ...], dict[int, int]]:
    """Nodes to draw, and which party stands where. Parties of one column can stand as one without making a circle."""
    size = np.maximum(found.flows.paid_usd(), found.flows.received_usd())
    ranked = sorted((k for k in range(len(keys)) if size[k] > 0.0), key=lambda k: (-size[k], keys[k]))
    named = [k for k in ranked if not keys[k][1]]
    groups: dict[tuple[int, str, int], list[int]] = {}
    for k in ranked:
        alone = keys[k][1] or k in named[:most]
        groups.setdefault((int(layer[k]), tiers[keys[k][0]], k if alone else -1), []).append(k)
    nodes: list[Node] = []
    place: dict[int, int] = {}
    for (column, tier, _), members in groups.items():
        place |= dict.fromkeys(members, len(nodes))
        names = tuple(keys[k][0] for k in members)
        title = names[0] if len(names) == 1 else f"{len(names)} small {TIER_NAMES[tier]}"
        nodes.append(Node(title, tier, column, names, bool(keys[members[0]][1])))
    return tuple(nodes), place


def _strands(
    found: Circulation, keys: Sequence[tuple[str, str]], place: dict[int, int], coloured: int
) -> tuple[tuple[Strand, ...], float]:
    """Payments as strands, those of the same nodes and loop as one, and what stays within a node."""
    rows: list[tuple[int, int, float, int]] = []
    flows, rest = found.flows, found.remainder_usd
    for payer, payee, usd in zip(flows.payer.tolist(), flows.payee.tolist(), rest.tolist(), strict=True):
        rows.append((payer, payee, usd, REST))
    ends = [0, *found.ends.tolist()]
    for loop, usd in enumerate(found.bottleneck_usd.tolist()):
        around = found.edges[ends[loop] : ends[loop + 1]]
        rows += [(int(flows.payer[k]), int(flows.payee[k]), usd, min(loop, coloured)) for k in around]
    sums: dict[tuple[int, int, int], tuple[float, dict[tuple[str, str], None]]] = {}
    inside_usd = 0.0
    for payer, payee, usd, loop in rows:
        here, there = place[payer], place[payee]
        if here == there:
            inside_usd += usd
        elif usd > TINY * found.gross_usd:
            before, pairs = sums.get((here, there, loop), (0.0, {}))
            sums[here, there, loop] = before + usd, pairs | {(keys[payer][0], keys[payee][0]): None}
        else:
            inside_usd += max(usd, 0.0)
    strands = (Strand(here, there, usd, loop, tuple(pairs)) for (here, there, loop), (usd, pairs) in sums.items())
    return tuple(strands), inside_usd
