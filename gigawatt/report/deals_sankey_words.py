"""What the Sankey picture of payments says: legend with every circle, answer, definitions, what is not drawn."""

from __future__ import annotations

from gigawatt.deals.book import SECTORS, Network
from gigawatt.report.deals_ink import LOOP_HUES, block, hue_look, legend_rows, round_usd, tipped, usd
from gigawatt.report.deals_layers import Layered
from gigawatt.report.deals_words import path_of
from gigawatt.report.gantt_svg import WIDTH, short, text
from gigawatt.report.numbers import percent
from gigawatt.report.palette import PALE, SLATE

ENTERS, LEAVES = "#2f9685", "#b0902c"
STRAND, LOOP = 0.3, 0.85  # opacity
LOOPS = len(LOOP_HUES)


def legend(layout: Layered, px: float, y: float) -> tuple[list[str], float]:
    """What colours mean, the scale, and every coloured circle with its bottleneck."""
    sample = round_usd(18.0 / px) if px > 0 else 1.0
    width = sample * px
    scale = f'<rect x="0" y="{-width / 2:.2f}" width="18" height="{width:.2f}" class="g-ink"/>'
    entries = [
        (scale, f"{usd(sample)}: {width:.1f} px high"), (block(hue_look(ENTERS), STRAND + 0.1), "enters from outside"),
        (block(hue_look(PALE), STRAND + 0.2), "between named parties, does not go round"),
        (block(hue_look(LEAVES), STRAND + 0.2), "leaves to the outside"),
    ]  # fmt: skip
    parts, y = legend_rows(entries, y)
    if not layout.rounds:
        return parts, y + 8
    shown = [
        (block(hue_look(LOOP_HUES[k])), f"{usd(each.usd)} round {path_of(list(each.parties))}")
        for k, each in enumerate(layout.rounds[:LOOPS])
    ]
    rest = layout.rounds[LOOPS:]
    if rest:
        smaller = "1 smaller circle" if len(rest) == 1 else f"{len(rest)} smaller circles"
        said = f"{smaller}, payments of {usd(sum(each.sum_usd for each in rest))}"
        shown.append((block(hue_look(SLATE)), said))
    parts.append(text("Circles, each with the amount that goes round in it", 0, y + 26, 12, bold=True))
    for place, (mark, said) in enumerate(shown):
        x, row = (place % 2) * WIDTH / 2, y + 47 + 19 * (place // 2)
        parts.append(f'<g transform="translate({x:.1f} {row - 5:.1f})">{mark}</g>')
        parts.append(tipped([said], text(short(said, WIDTH / 2 - 34, 12), x + 25, row, 12, "soft")))
    return parts, y + 47 + 19 * ((len(shown) - 1) // 2)


def answer(layout: Layered, network: Network) -> str:
    """What the picture shows."""
    share = percent(layout.circulation_usd / layout.gross_usd) if layout.gross_usd else "nothing"
    how = {"": "", "paid": ""}.get(network.status, f" under deals that are {network.status} or surer, and in business")
    said = (
        f"{usd(layout.gross_usd)} is paid{how}. {usd(layout.circulation_usd)}, {share}, goes round among named parties"
    )
    if not layout.rounds:
        return f"{usd(layout.gross_usd)} is paid{how}. Nothing goes round among named parties."
    net = ", less what comes back" if layout.netted_usd > 0.0 else ""
    first, circles = layout.rounds[0], "circle" if len(layout.rounds) == 1 else "circles"
    most = f"the largest circle is {path_of(list(first.parties))} with {usd(first.usd)}"
    return f"{said} in {len(layout.rounds)} {circles}; {most}. {usd(layout.entering_usd)} enters from outside, " \
           f"{usd(layout.leaving_usd)} leaves{net}."  # fmt: skip


def notes(layout: Layered, network: Network) -> tuple[str, ...]:
    """Definitions, what is not drawn, and the source."""
    others = [node for node in layout.nodes if len(node.members) > 1]
    sectors = ", ".join(name for name in network.parties if name in SECTORS)
    said = [
        "Heights are amounts, all at one scale. What goes round is the maximum circulation: the largest part of all "
        "payments that can be written as circles. Its total is unique, its circles need not be. A bar is as high as "
        "what a party pays or gets, whichever is more; what is left free on its left is paid from its own cash, or "
        "from business that is not among these payments.",
    ]
    if sectors:
        said.append(
            f"Everybody who is not named ({sectors}) pays on the left and is paid on the right, so circles are "
            "circles of named parties" + _left_out(layout.outside_usd, "between these groups")
        )
    if layout.netted_usd > 0.0:
        said.append(
            "What a party gets from such a group and pays back to it, as for running costs, interest or repayment, is "
            f"drawn as the difference, net: {usd(layout.netted_usd)} is left out. Tips tell both ways in full."
        )
    if others:
        names = "; ".join(f"{node.name}: {', '.join(node.members)}" for node in others)
        said.append(f"Small parties stand together ({names})" + _left_out(layout.inside_usd, "among them"))
    source = "the money ledger of the run" if network.status == "paid" else "the book of deals"
    return (*said, f"Source: {source}, calendar {years_said(network)}.")


def years_said(network: Network) -> str:
    """The period in words."""
    return f"years {network.period}" if " " in network.period else f"year {network.period}"


def _left_out(amount: float, where: str) -> str:
    """The end of a sentence: what is not drawn, if anything."""
    return f"; {usd(amount)} {where} is not drawn." if amount >= 1.0 else "."
