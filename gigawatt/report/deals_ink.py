"""What all pictures of deals have in common: colours of kinds and tiers as classes, texts, legend, the frame.

Colours are classes, so that a page can give them a dark twin; a picture that stands alone brings its own style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from gigawatt.report.gantt_picture import FONT
from gigawatt.report.gantt_svg import INKS, LETTER, WIDTH, text
from gigawatt.report.numbers import say
from gigawatt.report.palette import HUES, SLATE, TWINS
from gigawatt.report.power_svg_axes import wrapped

MARGIN = 32.0
LINES = 18  # of a tip
TALL = 1.05  # height over width from which a page is printed upright
FAMILIES: dict[str, tuple[str, ...]] = {
    "equity": ("equity", "warrant"),
    "debt": ("loan", "bond", "debt"),
    "chips": ("chips",),
    "compute and rent": ("compute", "rent", "cloud", "spot", "lease", "swap", "purchase_commitment", "take_or_pay"),
    "end customers": ("subscription", "api", "ads", "core", "mission"),
    "returns and shares": ("revenue_share", "interest", "repayment", "dividend", "tax", "transfer"),
    "running and building": ("operations", "energy", "build", "cogs"),
    "guarantees": ("guarantee", "backstop", "residual_guarantee"),
}
"""Kinds of payment, and instruments, that share a colour."""
KIND_HUES = dict(zip(FAMILIES, ("#3b2f8f", "#c05a6b", "#2f9685", "#2166ac", "#1d7a3e", "#b0902c", SLATE, "#a24a96"),
                     strict=True))  # fmt: skip
TIER_HUES = {
    "customers": "#1d7a3e", "lab": "#3b2f8f", "cloud": "#4a9cc9", "landlord": "#6b4a2f", "maker": "#2f9685",
    "supplier": "#7d7a2b", "holding": "#b0902c", "vehicle": "#a24a96", "lender": "#c05a6b", "investor": "#2f4468",
    "public": SLATE,
}  # fmt: skip
TIER_NAMES = {
    "customers": "customers", "lab": "AI labs", "cloud": "clouds", "landlord": "landlords", "maker": "chip makers",
    "supplier": "suppliers", "holding": "holdings", "vehicle": "vehicles", "lender": "lenders",
    "investor": "investors", "public": "governments",
}  # fmt: skip
LOOP_HUES = ("#d0632a", "#3b2f8f", "#a24a96", "#2166ac", "#c05a6b", "#1d7a3e", "#882255", "#6b4a2f")
PAPER = INKS["paper"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture without frame and style: what it says, its marks, and how high it is."""

    title: str
    answer: str
    parts: tuple[str, ...]
    height: float
    notes: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)  # kinds and statuses in it, for the filters of a page


def family(kind: str) -> str:
    """The family of a kind of payment or an instrument."""
    return next((name for name, kinds in FAMILIES.items() if kind in kinds), "running and building")


def kind_look(kind: str) -> str:
    """Class of the colour of a kind."""
    return hue_look(KIND_HUES[family(kind)])


def hue_look(hue: str) -> str:
    """Class of a colour of the palette."""
    return f"d-{hue[1:]}"


def rules(dark: bool = False) -> str:
    """The rules of all classes, on light pages or on dark ones."""
    found = [f".g-{role}{{fill:{inks[dark]}}}.g-{role}-s{{stroke:{inks[dark]};fill:none}}"
             for role, inks in INKS.items()]  # fmt: skip
    for hue in (*HUES, SLATE, "#aeb6c1", "#d3d8df"):
        ink = TWINS[hue] if dark else hue
        found.append(f".{hue_look(hue)}{{fill:{ink}}}.{hue_look(hue)}-s{{stroke:{ink};fill:none}}")
    found.append(f".d-halo{{paint-order:stroke;stroke:{PAPER[dark]};stroke-width:3px;stroke-linejoin:round}}")
    return "".join(found)


def style() -> str:
    """The style of a picture that stands alone: light, or dark where the reader's system is."""
    return f"{rules()}@media (prefers-color-scheme: dark){{{rules(dark=True)}}}"


def page_style() -> str:
    """The style of a picture within a page, which has a switch between light and dark."""
    light, dark = rules(), rules(dark=True)
    asked = prefixed(dark, ':root:not([data-theme="light"])')
    return f"{light}@media (prefers-color-scheme: dark){{{asked}}}{prefixed(dark, ':root[data-theme=dark]')}"


def prefixed(found: str, scope: str) -> str:
    """Rules that hold within a scope."""
    return found.replace(".g-", f"{scope} .g-").replace(".d-", f"{scope} .d-")


def svg(drawing: Drawing, alone: bool = True) -> str:
    """The picture as text of an SVG file; without a style of its own where it goes into a page."""
    head, y = heading(drawing)
    body = f'<g transform="translate(0 {y:.1f})">{"".join(drawing.parts)}</g>'
    y += drawing.height + 10
    foot = []
    for note in drawing.notes:
        for said in wrapped(note, WIDTH, 11):
            y += 15
            foot.append(text(said, 0, y, 11, "faint"))
    wide, high = WIDTH + 2 * MARGIN, y + 2 * MARGIN
    size = f'width="{wide:.0f}" height="{high:.0f}" viewBox="{-MARGIN:g} {-MARGIN:g} {wide:.0f} {high:.0f}"'
    size += ' data-tall=""' if high > TALL * wide else ""
    label = quoteattr(f"{drawing.title}. {drawing.answer}")
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} role="img" aria-label={label}>'
    paper = f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="100%" height="100%" class="g-paper"/>'
    own = [f"<style>{style()}</style>"] if alone else []
    return "\n".join([opening, *own, paper, *head, body, *foot, "</svg>\n"])


def heading(drawing: Drawing) -> tuple[list[str], float]:
    """Title and answer, and where they end."""
    lines = wrapped(drawing.title, WIDTH * 0.94, 24)
    parts, y = [text(said, 0, 22 + 29 * k, 24, bold=True) for k, said in enumerate(lines)], 29.0 * len(lines) - 1
    for said in wrapped(drawing.answer, WIDTH, 14):
        y += 19
        parts.append(text(said, 0, y, 14, "soft"))
    return parts, y + 16


def tipped(said: Iterable[str], drawn: str, marks: str = "") -> str:
    """Marks with what they say when pointed at, one line after the other; `marks` are attributes of the group."""
    lines = list(said)
    said = lines if len(lines) <= LINES else [*lines[: LINES - 1], f"and {len(lines) - LINES + 1} more lines"]
    return f"<g{' ' if marks else ''}{marks}><title>{escape(chr(10).join(said))}</title>{drawn}</g>"


def usd(amount: float) -> str:
    """An amount for people, such as $1.20 bn."""
    return say(amount, "USD")


def wide(said: str, size: float) -> float:
    """Width of a text, roughly."""
    return size * LETTER * len(said)


def round_usd(most: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not above `most`."""
    steps = [step * 10.0**power for power in range(15) for step in (1, 2, 5)]
    return max((step for step in steps if step <= most), default=1.0)


def legend_rows(entries: Sequence[tuple[str, str]], y: float, size: float = 12.0) -> tuple[list[str], float]:
    """Marks with their texts in rows, and where they end; a mark is SVG drawn at 0, 0 and up to 18 wide."""
    parts, x = [], 0.0
    for mark, said in entries:
        room = 28 + wide(said, size) + 14
        if x > 0.0 and x + room > WIDTH:
            x, y = 0.0, y + 19
        parts.append(f'<g transform="translate({x:.1f} {y - 5:.1f})">{mark}</g>')
        parts.append(text(said, x + 25, y, size, "soft"))
        x += room
    return parts, y


def block(look: str, opacity: float = 1.0) -> str:
    """A block of colour for a legend."""
    return f'<rect x="0" y="-5" width="18" height="10" class="{look}" fill-opacity="{opacity:g}"/>'


def stroke(look: str, width: float = 2.5, dash: str = "") -> str:
    """A line for a legend."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M0 0H18" class="{look}-s" stroke-width="{width:g}"{dashes}/>'
