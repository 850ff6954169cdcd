"""The network of payments: who paid whom, year by year, with the loops in which money comes back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gigawatt.book_of_run import roles
from gigawatt.deals.circular import Circle
from gigawatt.report.loops import circles, wide_circles
from gigawatt.report.numbers import say, scale_of, significant, three
from gigawatt.report.option import Option, chosen, legend
from gigawatt.report.palette import FAIL, PALE, ROLES
from gigawatt.report.panel import Chart, Numbers, Panel
from gigawatt.report.series import Floats, names_in
from gigawatt.report.words import readable
from gigawatt.results import Results

TOP_EDGES = 24
TOP_LOOPS = 9
LISTED_LOOPS = 15
LEFT, RIGHT = 0.0, 160.0
"""Columns of the outside parties, where the height is 100."""
ROLE_NAMES = {"lab": "AI lab", "owner": "Owner of compute", "maker": "Chip maker", "holding": "Holding",
              "outside": "Outside party"}  # fmt: skip

Parts = dict[tuple[str, str], dict[str, float]]
Edges = Mapping[tuple[str, str], float]


def payments_by_year(results: Results) -> dict[str, Parts]:
    """USD by year ("All years" first), payer and payee, and instrument."""
    table = results["money"]
    texts = (table[name].tolist() for name in ("payer", "payee", "instrument"))
    codes: dict[tuple[str, str, str], int] = {}
    code = np.array([codes.setdefault(row, len(codes)) for row in zip(*texts, strict=True)], dtype=np.int64)
    years = table["date"].astype("datetime64[Y]").astype(int) + 1970
    usd, kinds = np.nan_to_num(table["amount_usd"]), list(codes)
    sums = {"All years": _parts(kinds, code, usd)}
    for year in dict.fromkeys(years.tolist()):
        sums[str(year)] = _parts(kinds, code[years == year], usd[years == year])
    return sums


def _parts(kinds: list[tuple[str, str, str]], code: NDArray[np.int64], usd: Floats) -> Parts:
    """Sums of rows whose payer, payee and instrument are `kinds[code]`, in the order in which these first appear."""
    found, first = np.unique(code, return_index=True)
    amounts_usd = np.bincount(code, usd)
    parts: Parts = {}
    for each in found[np.argsort(first)].tolist():
        payer, payee, instrument = kinds[each]
        parts.setdefault((payer, payee), {})[instrument] = float(amounts_usd[each])
    return parts


def totals(parts: Parts) -> dict[tuple[str, str], float]:
    """USD by payer and payee, all instruments together."""
    return {pair: sum(each.values()) for pair, each in parts.items() if pair[0] != pair[1]}


def shown_edges(payments: Edges, rounds: Sequence[Circle]) -> list[tuple[str, str]]:
    """The largest payments, and those of the largest loops."""
    largest = sorted(payments, key=lambda pair: -payments[pair])[:TOP_EDGES]
    return list(dict.fromkeys([*largest, *(edge for loop in rounds[:TOP_LOOPS] for edge in steps(loop))]))


def places(companies: list[str], outside: list[str], payments: Edges) -> dict[str, tuple[float, float]]:
    """Where each party stands: companies round the middle, payers from outside on the left, payees on the right."""
    spots = {name: (80 + 44 * math.sin(turn), 50 - 46 * math.cos(turn)) for name, turn in _turns(companies)}
    net = {name: sum(usd if payer == name else -usd if payee == name else 0.0
                     for (payer, payee), usd in payments.items()) for name in outside}  # fmt: skip
    for x, side in ((LEFT, [n for n in outside if net[n] >= 0]), (RIGHT, [n for n in outside if net[n] < 0])):
        ranked = sorted(side, key=lambda name: -abs(net[name]))
        spots |= {name: (x, 100 * (place + 0.5) / len(ranked)) for place, name in enumerate(ranked)}
    return spots


def _turns(companies: list[str]) -> list[tuple[str, float]]:
    return [(name, 2 * math.pi * place / len(companies)) for place, name in enumerate(companies)]


def network(parts: Parts, role: dict[str, str], order: list[str]) -> Option:
    """The graph of one period."""
    payments = totals(parts)
    rounds = circles(parts, set(order))
    edges = shown_edges(payments, rounds)
    looped = {edge for loop in rounds[:TOP_LOOPS] for edge in steps(loop)}
    named = {name for edge in edges for name in edge}
    outside = sorted(named - set(order))
    spots = places([name for name in order if name in named], outside, payments)
    scale = scale_of(max(payments.values(), default=0.0), "USD")
    graph = {
        "type": "graph", "layout": "none", "unit": scale.unit, "roam": False, "left": "14%", "right": "14%", "top": 34,
        "bottom": 48, "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 7, "z": 3,
        "emphasis": {"focus": "adjacency"}, "labelLayout": {"hideOverlap": False},
        "data": [_node(name, spots[name], role.get(name, "outside"), payments, scale.size) for name in spots],
        "links": [_link(edge, payments, parts, scale.size, edge in looped) for edge in edges],
    }  # fmt: skip
    kinds: list[Option] = [{"name": ROLE_NAMES[kind], "itemStyle": {"color": colour}} for kind, colour in ROLES.items()]
    return {"tooltip": {"trigger": "item"}, "legend": legend([each["name"] for each in kinds]),
            "series": [{**graph, "categories": kinds}]}  # fmt: skip


def _node(name: str, spot: tuple[float, float], role: str, payments: Edges, size: float) -> Option:
    paid = sum(usd for (payer, _), usd in payments.items() if payer == name)
    received = sum(usd for (_, payee), usd in payments.items() if payee == name)
    most = max(payments.values(), default=1.0)
    x, y = spot
    side = "left" if x < 70 else "right" if x > 90 else "top" if y < 50 else "bottom"
    extent = 9 + 16 * min(1.0, (paid + received) / (4 * most)) ** 0.5
    label = {"show": True, "position": "top" if x in (LEFT, RIGHT) else side, "distance": 5, "fontSize": 11.5}
    return {
        "name": name, "x": round(x, 2), "y": round(y, 2), "symbolSize": round(extent, 1), "label": label,
        "category": list(ROLES).index(role),
        "paid": significant(paid / size), "received": significant(received / size),
    }  # fmt: skip


def _link(edge: tuple[str, str], payments: Edges, parts: Parts, size: float, looped: bool) -> Option:
    usd, most = payments[edge], max(payments.values())
    largest = sorted(parts[edge].items(), key=lambda item: -item[1])[:4]
    style = {"width": round(0.8 + 7 * math.sqrt(usd / most), 2), "curveness": 0.22, "color": FAIL if looped else PALE,
             "opacity": 0.85 if looped else 0.75}  # fmt: skip
    return {
        "source": edge[0], "target": edge[1], "value": significant(usd / size), "lineStyle": style,
        "parts": [[readable(name), significant(amount / size)] for name, amount in largest],
    }  # fmt: skip


def steps(loop: Circle) -> list[tuple[str, str]]:
    """Payer and payee of each step of a loop."""
    return [(step.payer, step.payee) for step in loop.steps]


def loop_text(loop: Circle) -> str:
    """A loop in words: "Nvidia → OpenAI → Oracle → Nvidia"."""
    return " \u2192 ".join((*loop.parties, loop.parties[0]))


def money_panel(results: Results) -> Panel:
    """Payments between all parties as a network with loops."""
    by_year = payments_by_year(results)
    order = names_in(results["companies"], "company")
    role = roles(results)
    options = {period: network(parts, role, order) for period, parts in by_year.items() if parts}
    everything = totals(by_year["All years"])
    rounds, wide = circles(by_year["All years"], set(order)), wide_circles(by_year["All years"], set(order))
    return Panel(
        "money", "Who pays whom", _money_finding(everything, rounds, set(order)),
        f"Table money, amount_usd by payer and payee. Shown: the {TOP_EDGES} largest payments and, in red, the "
        f"{TOP_LOOPS} largest loops in which an investment comes back as purchases. Width: root of the amount.",
        (Chart("money", chosen(options), choice="Period", height="network"),) if options else (),
        _loop_numbers(rounds), (NARROW, _wide_note(wide)),
    )  # fmt: skip


NARROW = (
    "Circular by the narrow definition: a company invests (equity or loan) in another, and purchases lead back to it. "
    "The amount is the least of the steps: no more can have gone all the way round, and less may have, since money has "
    "no memory."
)


def _wide_note(wide: Sequence[Circle]) -> str:
    """The largest loop when every payment counts."""
    if not wide:
        return "By the wide definition, which counts every payment, there is no loop either."
    most = say(wide[0].usd, "USD")
    return (
        f"By the wide definition, which counts every payment, the largest loop is {loop_text(wide[0])}, up to {most}."
    )


def _money_finding(payments: Edges, rounds: Sequence[Circle], companies: set[str]) -> str:
    among = sum(usd for pair, usd in payments.items() if set(pair) <= companies)
    total = sum(payments.values())
    if total <= 0:
        return "Nobody pays anybody in this run."
    share = f"{say(among, 'USD')} of {say(total, 'USD')} paid in all goes from one company to another"
    if not rounds:
        return f"{share}; no investment comes back as purchases."
    loop, most = loop_text(rounds[0]), say(rounds[0].usd, "USD")
    return f"{share}; the largest circle of investment and purchase is {loop}, up to {most}."


def _loop_numbers(rounds: Sequence[Circle]) -> Numbers:
    rows = [(loop_text(loop), str(len(loop.steps)), three(loop.usd / 1e9)) for loop in rounds[:LISTED_LOOPS]]
    return Numbers(
        ("Investment that comes back as purchases, all years", "Companies", "At most, $bn"),
        tuple(rows),
        "Loops",
        unfolded=True,
    )
