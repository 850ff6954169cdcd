"""A replay of a shock: quarter by quarter, who is short, who has defaulted, and which payments do not come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gigawatt.report.deals_ink import (
    TIER_NAMES,
    Drawing,
    legend_rows,
    round_usd,
    stroke,
    svg,
    tipped,
    usd,
)
from gigawatt.report.deals_spots import Spot, apart, curve, heads, spots
from gigawatt.report.deals_waterfall import besides, calm, supposed, who_falls
from gigawatt.report.deals_words import ARROW
from gigawatt.report.gantt_svg import WIDTH, short, text
from gigawatt.report.power_svg_axes import wrapped
from gigawatt.report.words import and_list

if TYPE_CHECKING:
    from gigawatt.deals.stress import Stress

Array = NDArray[np.float64]
MOST = 36  # parties, those with most missing or due
HEIGHT = 560.0
BROAD, HAIR = 14.0, 0.6
SEEN = 1e6  # USD below which nothing is missing
LABEL = '<g class="d-halo label">'
LANDMARKS = 2  # of the largest parties, named in every small picture
FEW = 10  # parties that are all named in small pictures
PANELS, ACROSS = 6, 3  # small pictures, and how many side by side
LINES = 3  # of text above a small picture
STATES = {  # class and meaning, from the worst
    "gone": ("g-late", "has defaulted"), "falls": ("d-d0632a", "defaults in this quarter"),
    "short": ("d-b0902c", "needs more than cash and receipts"), "hit": ("d-4a9cc9", "does not get what it is due"),
    "stands": ("d-aeb6c1", "gets what it is due"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A stress with the parties to draw, where they stand, and how wide a dollar is."""

    found: Stress
    names: tuple[str, ...]
    tier: dict[str, str]
    where: dict[str, Spot]
    missing_usd: Array  # what is not paid by quarter and edge, beyond what is not paid without the shock
    px_per_usd: float

    @property
    def landmarks(self) -> tuple[str, ...]:
        """Parties that every small picture names: those that the shock supposes, and the largest."""
        largest = sorted(self.names, key=lambda name: (-self.where[name].radius, name))[:LANDMARKS]
        return (*self.found.shock.defaults, *largest)

    @property
    def quarters(self) -> range:
        """Quarters to show: from the one before the shock."""
        return range(max(self.found.calendar.shock - 1, 0), self.found.calendar.quarters)


def contagion(found: Stress) -> str:
    """Small pictures of the quarters in which most happens, as text of an SVG file."""
    return svg(drawing(found))


def replay(found: Stress) -> Replay:
    """The parties that a shock reaches, or that deal most with those it reaches, and their places."""
    run = found.run
    missing = np.maximum(0.0, run.shortfall_usd - found.without.shortfall_usd)
    payer, payee = run.payer.tolist(), run.payee.tolist()
    reach = np.zeros(len(found.firms))
    for ends in (run.payer, run.payee):
        np.add.at(reach, ends, missing.sum(axis=0))
    due = np.zeros(len(found.firms))
    for ends in (run.payer, run.payee):
        np.add.at(due, ends, run.due_usd.sum(axis=0))
    gone = run.first_default_quarter >= 0
    ranked = sorted(range(len(found.firms)), key=lambda i: (-int(gone[i]), -reach[i], -due[i], found.firms[i]))
    near = {k for k in range(len(payer)) if reach[payer[k]] > SEEN or reach[payee[k]] > SEEN}
    known = {i for k in near for i in (payer[k], payee[k])} | set(np.flatnonzero(gone).tolist())
    kept = [i for i in ranked if i in known][:MOST]
    names = tuple(found.firms[i] for i in kept)
    tier = {name: found.book.parties[name].tier for name in names}
    weight = {(found.firms[a], found.firms[b]): math.sqrt(float(usd))
              for a, b, usd in zip(payer, payee, run.due_usd.sum(axis=0), strict=True)
              if found.firms[a] in tier and found.firms[b] in tier}  # fmt: skip
    size = {found.firms[i]: float(due[i]) for i in kept}
    top = max(float(missing.max(initial=0.0)), SEEN)
    return Replay(found=found, names=names, tier=tier, where=spots(tier, size, weight, HEIGHT), missing_usd=missing,
                  px_per_usd=BROAD / top)  # fmt: skip


def drawing(found: Stress) -> Drawing:
    """Small pictures of the quarters in which most happens."""
    seen = replay(found)
    chosen = telling(seen)
    scale = WIDTH / ACROSS / (WIDTH + 60.0)
    high = (HEIGHT + 50.0) * scale + 24.0 + 14 * LINES
    parts = []
    for place, quarter in enumerate(chosen):
        x, y = place % ACROSS * WIDTH / ACROSS, place // ACROSS * high
        parts.append(text(found.calendar.label(quarter), x, y + 12, 14, bold=True))
        lines = wrapped(says(seen, quarter), WIDTH / ACROSS - 20, 11)
        parts += [text(said, x, y + 28 + 14 * k, 11, "soft") for k, said in enumerate(lines[:LINES])]
        inner = "".join(_picture(seen, quarter, small=True))
        parts.append(f'<g transform="translate({x:.1f} {y + 12 + 14 * LINES:.1f}) scale({scale:.4f})">{inner}</g>')
    key, end = _legend(seen, high * math.ceil(len(chosen) / ACROSS) + 14, scale)
    return Drawing(title=_title(seen), answer=_answer(seen), parts=(*parts, *key), height=end, notes=_notes(seen))


def frame(seen: Replay, quarter: int) -> Drawing:
    """One quarter, as large as the page."""
    parts = [*heads(seen.tier, seen.where), *_picture(seen, quarter)]
    key, end = _legend(seen, HEIGHT + 56)
    label = seen.found.calendar.label(quarter)
    return Drawing(title=f"{_title(seen)}: {label}", answer=f"{label}: {says(seen, quarter)}", parts=(*parts, *key),
                   height=end, notes=_notes(seen))  # fmt: skip


def telling(seen: Replay) -> list[int]:
    """The quarters to show small: before the shock, the shock, those with defaults, the last; others in between."""
    quarters, first = list(seen.quarters), seen.found.run.first_default_quarter
    wanted = dict.fromkeys([quarters[0], min(seen.found.calendar.shock, quarters[-1]), quarters[-1]])
    falls = {quarter: int((first == quarter).sum()) for quarter in quarters}
    wanted |= dict.fromkeys(sorted((q for q in quarters if falls[q]), key=lambda q: (-falls[q], q)))
    spread = [quarters[round(k * (len(quarters) - 1) / (PANELS - 1))] for k in range(PANELS)]
    wanted |= dict.fromkeys([*spread, *quarters])
    return sorted(list(wanted)[: min(PANELS, len(quarters))])


def says(seen: Replay, quarter: int) -> str:
    """A quarter in words: who defaults, how much does not come."""
    run = seen.found.run
    fall = [seen.found.firms[i] for i in np.flatnonzero(run.first_default_quarter == quarter)]
    gone = int(((run.first_default_quarter >= 0) & (run.first_default_quarter <= quarter)).sum())
    missing = float(seen.missing_usd[quarter].sum())
    said = [f"{and_list(fall)} default{'s' if len(fall) == 1 else ''}"] if fall else []
    said.append(f"{usd(missing)} does not come" if missing > SEEN else "all payments come")
    said += [f"{gone} in default"] if gone else []
    return "; ".join(said)


def states(seen: Replay, quarter: int) -> dict[str, str]:
    """State of each party in a quarter, a key of STATES."""
    run, found = seen.found.run, {}
    short_of, lost = run.gap_usd[quarter], np.zeros(len(seen.found.firms))
    np.add.at(lost, run.payee, seen.missing_usd[quarter])
    for name in seen.names:
        i = seen.found.opened.number(name)
        first = int(run.first_default_quarter[i])
        found[name] = (
            "gone" if 0 <= first < quarter else "falls" if first == quarter else "short" if short_of[i] > SEEN
            else "hit" if lost[i] > SEEN else "stands"
        )  # fmt: skip
    return found


# --------------------------------------------------------------------------------------------------------------- marks
def _picture(seen: Replay, quarter: int, small: bool = False) -> list[str]:
    """Edges and parties in a quarter; where it is small and they are many, names of those concerned alone."""
    run, firms, state = seen.found.run, seen.found.firms, states(seen, quarter)
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for edge, (a, b) in enumerate(zip(run.payer.tolist(), run.payee.tolist(), strict=True)):
        pair = firms[a], firms[b]
        if pair[0] in seen.where and pair[1] in seen.where:
            due, missing = sums.get(pair, (0.0, 0.0))
            sums[pair] = due + float(run.due_usd[quarter, edge]), missing + float(seen.missing_usd[quarter, edge])
    pairs = sorted((pair for pair in sums if sums[pair][0] > SEEN), key=lambda pair: (sums[pair][1], pair))
    parts = [_edge(seen, pair, *sums[pair], small) for pair in pairs]
    drawn = [_party(seen, name, state[name], small) for name in seen.names]
    return [*parts, *sorted(drawn, key=lambda one: LABEL in one)]  # names over circles


def _edge(seen: Replay, pair: tuple[str, str], due: float, missing: float, small: bool) -> str:
    """A payment that comes as a hairline, what does not come as wide as its amount."""
    here, there = seen.where[pair[0]], seen.where[pair[1]]
    lacks = missing > SEEN
    size = max(HAIR, missing * seen.px_per_usd) if lacks else HAIR
    bend = min(0.1 * apart(here, there) + 8.0, 60.0)
    way = curve(here, there, bend, head=5.0 + 1.1 * size if lacks else 0.0, half=2.5 + 0.75 * size)
    look, opacity = ("g-late", 0.85) if lacks else ("d-aeb6c1", 0.6)
    drawn = f'<path d="{way.line}" class="{look}-s" stroke-width="{size:.3f}" stroke-opacity="{opacity}"/>'
    if lacks:
        drawn += f'<path d="{way.head}" class="g-late"/>'
    if small:
        return drawn
    said = [f"{pair[0]}{ARROW}{pair[1]}", f"due in the quarter: {usd(due)}"]
    said += [f"does not come: {usd(missing)}"] if lacks else ["comes in full"]
    ends = " ".join(str(seen.names.index(name)) for name in pair)
    return tipped(said, drawn, f'class="item" data-usd="{missing if lacks else 0.0:.9g}" data-ends="{ends}"')


def _party(seen: Replay, name: str, state: str, small: bool) -> str:
    """A party in the colour of its state, with its name."""
    spot, look = seen.where[name], STATES[state][0]
    size = spot.radius * 1.5 if small else spot.radius
    drawn = f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="{size:.1f}" class="{look}"/>'
    if state == "gone":
        arm = size * 0.5
        x, y, wide = spot.x - arm, spot.y - arm, 2 * arm
        cross = f"M{x:.1f} {y:.1f}l{wide:.1f} {wide:.1f}m0 {-wide:.1f}l{-wide:.1f} {wide:.1f}"
        drawn += f'<path d="{cross}" class="g-paper-s" stroke-width="{max(1.2, size / 6):.1f}"/>'
    if not small or len(seen.names) <= FEW or state in ("falls", "short") or name in seen.landmarks:
        letters = 30 if small else 11
        label = text(short(name, 420 if small else 120, letters), spot.x, spot.y + size + letters + 1, letters,
                     anchor="middle")  # fmt: skip
        drawn += f"{LABEL}{label}</g>"
    tier = TIER_NAMES[seen.tier[name]]
    said, number = [name, f"{tier}: {STATES[state][1]}"], seen.names.index(name)
    return drawn if small else tipped(said, drawn, f'class="node" data-state="{state}" data-node="{number}"')


# --------------------------------------------------------------------------------------------------------------- words
def _legend(seen: Replay, y: float, shrunk: float = 1.0) -> tuple[list[str], float]:
    """Colours of the states and the scale of what does not come."""
    entries = [(f'<circle cx="9" cy="0" r="6" class="{look}"/>', said) for look, said in STATES.values()]
    parts, y = legend_rows(entries, y)
    sample = round_usd(9.0 / seen.px_per_usd)
    width = sample * seen.px_per_usd * shrunk
    lines = [(stroke("g-late", width), f"{usd(sample)} in the quarter does not come: {width:.1f} px wide"),
             (stroke("d-aeb6c1", 1.0), "comes in full")]  # fmt: skip
    drawn, y = legend_rows(lines, y + 20)
    return [*parts, *drawn], y


def _title(seen: Replay) -> str:
    return f"If {supposed(seen.found)}, quarter by quarter"


def _answer(seen: Replay) -> str:
    """What is missing in all, and who falls."""
    found = seen.found
    label = found.calendar.label
    nobody = "Nobody else would default." if found.shock.defaults else "Nobody would default."
    last, missing = label(found.calendar.quarters - 1), usd(float(seen.missing_usd.sum()))
    return (f"If {besides(found)}, {missing} that firms were to pay each other by {last} would not come. "
            f"{who_falls(found) or nobody}")  # fmt: skip


def _notes(seen: Replay) -> tuple[str, ...]:
    """What is shown, and the source."""
    found = seen.found
    left = len(found.firms) - len(seen.names)
    drawn = np.isin(found.run.payer, [found.opened.number(name) for name in seen.names])
    drawn &= np.isin(found.run.payee, [found.opened.number(name) for name in seen.names])
    other = float(seen.missing_usd[:, ~drawn].sum())
    said = f"; {usd(other)} that does not come there is not drawn" if other > SEEN else ""
    return (
        f"What does not come is what is missing beyond what would be {calm(found)}, orders put off included, after "
        "others have taken over what was let again. The area of a circle is what the party pays and gets by contract. "
        f"{left} firms that the shock does not reach are left out{said}.",
        f"Source: the book of deals as sure as {found.shock.status}, in which most cash flows are estimates; what no "
        "contract says is assumed, see `gigawatt deals stress --table assumed`. No statement that a firm will fail.",
    )


def frames(found: Stress) -> tuple[Sequence[str], list[Drawing]]:
    """Labels of the quarters and one drawing each, for a page that plays them."""
    seen = replay(found)
    return [found.calendar.label(quarter) for quarter in seen.quarters], [frame(seen, q) for q in seen.quarters]
