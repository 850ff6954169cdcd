"""A timeline of deals: a lane for each instrument or party, bars from start to end, marks where the status changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from gigawatt.deals.book.deal import GUARANTEES, LADDER, OVER, as_sure
from gigawatt.report.deals_ink import (
    FAMILIES,
    KIND_HUES,
    Drawing,
    block,
    family,
    hue_look,
    kind_look,
    legend_rows,
    svg,
    tipped,
    usd,
    wide,
)
from gigawatt.report.deals_words import ARROW, deal_line
from gigawatt.report.gantt_svg import WIDTH, short, text
from gigawatt.report.numbers import say
from gigawatt.report.palette import PALE
from gigawatt.report.words import readable

if TYPE_CHECKING:
    from gigawatt.deals.book import Book, Deal

LANES = ("instrument", "payer", "payee")
NAMES = 140.0  # room for the names of the lanes
ROW, LETTERS = 14.0, 9.5  # height of a row; size of its text
TOP = 26.0
CLOSE = 8.0  # room between two deals of a row
BRIEF = 6.0  # width of a bar that its marks hide
THICK = ((100e9, 10.0), (10e9, 7.5), (1e9, 5.0), (0.0, 2.5))  # height of a bar from an amount on
FAINT = {"signed": 0.7, "terminable": 0.55, "conditional": 0.4, "announced": 0.25, "lapsed": 0.5, "superseded": 0.3}
OUTLINES = {"terminable": "9 3", "conditional": "5 3", "announced": "1.5 2.5"}
MARKS = {  # of a day from which a status holds: path, and whether it is filled
    "announced": ("M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z", False),
    "conditional": ("M0 -4L4 0L0 4L-4 0Z", False),
    "terminable": ("M-3 -3H3V3H-3Z", False),
    "signed": ("M-3 -3H3V3H-3Z", True),
    "firm": ("M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z", True),
    "drawn": ("M0 -4L4 0L0 4L-4 0Z", True),
    "lapsed": ("M-4 -4L4 4M-4 4L4 -4", False),
    "superseded": ("M-4 0H4", False),
}  # fmt: skip
DETAILED = 3.0
BEFORE, AFTER = 2, 11  # years before the balance sheets and after them; what ends later has an arrow


@dataclass(frozen=True, slots=True)
class Days:
    """Days across the drawing, years with most news wider than others."""

    years: tuple[int, ...]
    left: float
    width: float
    detail: tuple[int, int]  # years in which a day is as wide as three of others: from the first, before the second

    def at(self, day: date) -> float:
        """The place of a day, at the ends where it is outside."""
        weights = [DETAILED if self.is_wide(year) else 1.0 for year in self.years]
        before = 0.0
        for year, weight in zip(self.years, weights, strict=True):
            begun, ended = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
            before += weight * min(max((day.toordinal() - begun) / (ended - begun), 0.0), 1.0)
        return self.left + before / sum(weights) * self.width

    def is_wide(self, year: int) -> bool:
        """Whether most news is of a year."""
        return self.detail[0] <= year < self.detail[1]

    def is_beyond(self, day: date) -> bool:
        """Whether a day is later than the drawing shows."""
        return day.year > self.years[-1]


def timeline(book: Book, *, by: str = "instrument", parties: Collection[str] = (), status: str = "") -> str:
    """The picture as text of an SVG file.

    Args:
        by: What a lane is: `instrument`, `payer` or `payee`.
        parties: Only deals of these.
        status: Only deals as sure as this; all, lapsed ones too, by default.

    Raises:
        ValueError: `by` is not one of these, or there is no such deal.
    """
    return svg(drawing(book, by=by, parties=parties, status=status))


def drawing(book: Book, *, by: str = "instrument", parties: Collection[str] = (), status: str = "") -> Drawing:
    """The picture without a frame."""
    if by not in LANES:
        raise ValueError(f"lanes must be by {', '.join(LANES)}, not {by!r}")
    deals = _chosen(book, parties, status)
    days = span(deals, book.as_of.year)
    lanes: dict[str, list[Deal]] = {}
    for deal in sorted(deals, key=lambda deal: (deal.announced, deal.start, deal.key)):
        lanes.setdefault(lane_of(deal, by), []).append(deal)
    parts, y = [], TOP
    for name in sorted(lanes, key=_rank(by, lanes)):
        drawn, y = _lane(name, lanes[name], days, by, y)
        parts += drawn
    key, end = _legend(deals, y + 26)
    own = [deal for deal in deals if not book.held(deal, status=status or LADDER[-1])]
    about = {"kinds": {deal.instrument for deal in deals}, "statuses": {deal.status() for deal in deals}}
    return Drawing(
        title="Deals by the day they were announced" + (f": {', '.join(parties)}" if parties else ""),
        answer=_answer(own), parts=(*_grid(days, y), *parts, *key), height=end, notes=_notes(book, days),
        about={name: " ".join(sorted(each)) for name, each in about.items()},
    )  # fmt: skip


def span(deals: Collection[Deal], year: int) -> Days:
    """The years to draw: from two before that of the balance sheets, which with the next is wide, to eleven after."""
    first = max(min(min(deal.announced.year for deal in deals), year), year - BEFORE)
    last = max(min(max(deal.end.year for deal in deals), year + AFTER), year + 1)
    return Days(tuple(range(first, last + 1)), NAMES, WIDTH - NAMES, (year, year + 2))


def lane_of(deal: Deal, by: str) -> str:
    """The lane of a deal."""
    return readable(deal.instrument) if by == "instrument" else str(getattr(deal, by))


def _chosen(book: Book, parties: Collection[str], status: str) -> list[Deal]:
    known = {name for deal in book.deals for name in (deal.payer, deal.payee)}
    unknown = sorted(set(parties) - known)
    if unknown:
        raise ValueError(f"no deal of {unknown[0]!r}; known: {', '.join(sorted(known))}")
    found = [deal for deal in book.deals if not parties or {deal.payer, deal.payee} & set(parties)]
    if status:
        found = [deal for deal in found if as_sure(deal.status(), status)]
    if not found:
        raise ValueError(f"no deals as sure as {status}" if status else "no deals")
    return found


def _rank(by: str, lanes: dict[str, list[Deal]]) -> Callable[[str], tuple[float, str]]:
    """Instruments in the order of their colours, parties by what their deals are about, the largest first."""
    order = [readable(kind) for kinds in FAMILIES.values() for kind in kinds]
    if by == "instrument":
        return lambda name: (float(order.index(name)) if name in order else float(len(order)), name)
    return lambda name: (-sum(deal.amount for deal in lanes[name] if deal.known), name)


# --------------------------------------------------------------------------------------------------------------- marks
def _lane(name: str, deals: list[Deal], days: Days, by: str, y: float) -> tuple[list[str], float]:
    """A lane from `y` down and where it ends; deals that do not touch share a row."""
    parts = [tipped([name], text(short(name, NAMES - 12, 12), 0, y + 11, 12, bold=True))]
    parts.append(f'<path d="M0 {y - 4:.1f}H{WIDTH:g}" class="g-line-s"/>')
    ends: list[float] = []
    for deal in deals:
        begin, end = extent(deal, days, by)
        row = next((k for k, used in enumerate(ends) if used + CLOSE <= begin), len(ends))
        ends[row : row + 1] = [end]
        parts.append(_bar(deal, days, by, y + ROW * row + ROW / 2))
    return parts, y + ROW * len(ends) + 9.0


def _says(deal: Deal, by: str) -> str:
    """A deal in short."""
    amount = usd(deal.amount) if deal.known else ""
    who = {"payer": f"{ARROW.strip()} {deal.payee}", "payee": f"from {deal.payer}"}
    return f"{who.get(by, f'{deal.payer}{ARROW}{deal.payee}')} {amount}".strip()


def extent(deal: Deal, days: Days, by: str) -> tuple[float, float]:
    """Where a deal with its text begins and ends."""
    begin = min(days.at(deal.announced), days.at(deal.start)) - 4
    end = max(days.at(deal.end), *(days.at(day) for day, _ in deal.history)) + 7
    room = wide(_says(deal, by), LETTERS) * 1.06
    return (begin, end + room) if end + room <= WIDTH else (begin - room - 4, end)


def _bar(deal: Deal, days: Days, by: str, y: float) -> str:
    """A deal: a thread from the day it was known, its bar, marks of its statuses, and its text."""
    status, left = deal.status(), days.at(deal.start)
    right = max(days.at(deal.end), left + 2.5)
    thick = next(size for least, size in THICK if (deal.amount if deal.known else 0.0) >= least)
    look = hue_look(PALE) if status in OVER else kind_look(deal.instrument)
    begin, end = extent(deal, days, by)
    parts = [f'<path d="M{days.at(deal.announced):.1f} {y:.1f}H{left:.1f}" class="{look}-s" stroke-opacity="0.7"/>']
    box = f'x="{left:.1f}" y="{y - thick / 2:.1f}" width="{right - left:.1f}" height="{thick:g}"'
    parts.append(f'<rect {box} class="{look}" fill-opacity="{FAINT.get(status, 0.85):g}"/>')
    if status in OUTLINES:
        parts.append(f'<rect {box} class="{look}-s" stroke-width="0.9" stroke-dasharray="{OUTLINES[status]}"/>')
    if days.is_beyond(deal.end):
        parts.append(f'<path d="M{right - 5:.1f} {y - 4:.1f}l5 4l-5 4" class="g-ink-s"/>')
    own = look if right - left < BRIEF else ""
    parts += [_mark(each, days.at(day), y, own) for day, each in deal.history]
    says, size = _says(deal, by), LETTERS
    room = wide(says, size) * 1.06
    x, anchor = (begin + room, "end") if begin + room < min(days.at(deal.announced), left) else (end - room, "")
    parts.append(f'<g class="d-halo">{text(says, x, y + 3.4, size, "soft", anchor)}</g>')
    marks = f'class="item" data-kinds="{kind_look(deal.instrument)}" data-status="{status}" data-key="{_id(deal.key)}"'
    return tipped(_told(deal), "".join(parts), marks)


def _id(key: str) -> str:
    """A key as the value of an attribute."""
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in key)


def _told(deal: Deal) -> list[str]:
    """What a deal says when pointed at."""
    said = [f"{deal.payer}{ARROW}{deal.payee}", deal_line(deal)]
    said += [f"\u2022 {status} from {day}" for day, status in deal.history]
    said += [f"\u2022 {deal.gigawatts:g} GW"] if deal.gigawatts == deal.gigawatts else []
    terms = {"condition": deal.condition, "secured by": deal.collateral, "covers": deal.guarantees,
             "counted in": deal.counted_in}  # fmt: skip
    return said + [f"\u2022 {name}: {value}" for name, value in terms.items() if value]


def _mark(status: str, x: float, y: float, own: str = "") -> str:
    """The mark of a status at the day from which it holds; in the colour of a deal that is over in a moment."""
    path, filled = MARKS[status]
    colour = "g-late-s" if status == "lapsed" else f"{own or 'g-ink'}-s"
    look = f'class="{own or "g-ink"}"' if filled else f'class="{colour}" stroke-width="1.3"'
    under = "" if filled or status in OVER else f'<path d="{path}" class="g-paper"/>'
    return f'<g transform="translate({x:.1f} {y:.1f})">{under}<path d="{path}" {look}/></g>'


def _grid(days: Days, bottom: float) -> list[str]:
    """Lines at the years, with their numbers on top."""
    parts = []
    for year, after in pairwise([*days.years, days.years[-1] + 1]):
        x, room = days.at(date(year, 1, 1)), days.at(date(min(after, days.years[-1]), 12, 31))
        parts.append(f'<path d="M{x:.1f} 4V{bottom:.1f}" class="g-line-s"/>')
        parts.append(text(str(year), x + 4, 12, 11, "faint") if room - x >= 0 else "")
    for year in filter(days.is_wide, days.years):
        for month in (4, 7, 10):
            x = days.at(date(year, month, 1))
            parts.append(f'<path d="M{x:.1f} 14V{bottom:.1f}" class="g-line-s" stroke-opacity="0.5"/>')
    return parts


# --------------------------------------------------------------------------------------------------------------- words
def _legend(deals: list[Deal], y: float) -> tuple[list[str], float]:
    """Colours of the instruments and marks of the statuses there are, and what the heights of bars mean."""
    kinds = {family(deal.instrument) for deal in deals}
    colours = [(block(hue_look(KIND_HUES[name]), 0.85), name) for name in FAMILIES if name in kinds]
    parts, y = legend_rows(colours, y)
    known = {status for deal in deals for _, status in deal.history}
    marks = [(f'<g transform="translate(8 0)">{_mark(status, 0, 0)}</g>', status) for status in (*LADDER, *OVER)
             if status in known]  # fmt: skip
    drawn, y = legend_rows(marks, y + 20)
    sizes = [
        (f'<rect x="0" y="{-size / 2:g}" width="18" height="{size:g}" class="g-soft"/>',
         f"from {say(least, 'USD')}" if least else "less, or not disclosed") for least, size in THICK
    ]  # fmt: skip
    more, y = legend_rows(sizes, y + 20)
    return [*parts, *drawn, *more], y


def _answer(own: list[Deal]) -> str:
    """How many deals with money of their own there are of what status, and their sum; what is guaranteed beside it."""
    sums = []
    for status in (*LADDER, *OVER):
        found = [deal for deal in own if deal.status() == status]
        amount = sum(deal.amount for deal in found if deal.known and deal.instrument not in GUARANTEES)
        if found:
            sums.append(f"{len(found)} {status} ({usd(amount)})" if amount else f"{len(found)} {status}")
    called = sum(deal.amount for deal in own if deal.known and deal.instrument in GUARANTEES)
    unknown = sum(not deal.known for deal in own)
    after = f"; guarantees of {usd(called)}, due only if called, are in no sum" if called else ""
    after += f"; of {unknown} the amount is not disclosed" if unknown else ""
    deals = f"{len(own)} deal{'' if len(own) == 1 else 's'}"
    return f"{deals}, amounts over their whole life: {', '.join(sums)}{after}."


def _notes(book: Book, days: Days) -> tuple[str, ...]:
    """What bars, threads and marks mean, and the source."""
    wide_years = f"{days.detail[0]} and {days.detail[1] - 1} are drawn three times as wide as other years; "
    return (
        "A bar runs from the start of a deal to its end, a thread from the day it was announced; marks stand where a "
        f"status began to hold. Paler bars are less sure. {wide_years}an arrow: ends after {days.years[-1]}.",
        f"Source: the book of deals, balance sheets of {book.as_of}; the source of each deal is told when pointed at.",
    )
