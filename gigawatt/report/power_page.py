"""Charts of power plans as one HTML file, with style, script and data inside, or as one SVG picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from gigawatt.report.headline import Card
from gigawatt.report.page import card_html, data_of, figure, policy, static, write_whole
from gigawatt.report.panel import Panel
from gigawatt.report.tables import escaped


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says above its figures, and the figures."""

    title: str
    meta: str
    answer: str
    panels: Sequence[Panel]
    cards: Sequence[Card] = ()
    notes: Sequence[str] = ()


def write(page: Page, path: str | Path) -> Path:
    """Writes a page to `path`: a picture where its name ends in .svg, else HTML; gives back the path."""
    from gigawatt.report.power_svg import picture

    svg = Path(path).suffix.lower() == ".svg"
    return write_whole(picture(page) if svg else html(page), path)


def html(page: Page) -> str:
    """The page as one file of HTML."""
    script = static("charts.js").strip()
    links = "".join(f'<a href="#figure-{panel.name}">{escaped(panel.title)}</a>' for panel in page.panels)
    return Template(static("power.html")).substitute(
        policy=policy(script), style=static("report.css"), script=script, data=data_of(page.panels, {}),
        title=escaped(page.title), meta=escaped(page.meta), answer=escaped(page.answer), links=links,
        cards="".join(map(card_html, page.cards)), made=" ".join(escaped(f"{note}.") for note in page.notes),
        figures="".join(figure(panel, number) for number, panel in enumerate(page.panels, start=1)),
    )  # fmt: skip
