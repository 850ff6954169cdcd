"""`gigawatt deals picture`: the network as a Sankey with its circles, or by status, as an SVG file or a page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gigawatt.cli.deals_options import BookFolder, RunOf, Runs, Source, Year
from gigawatt.cli.inference import flag, spoken

EXAMPLES = """\b
Examples:
  gigawatt deals picture sankey --year 2026 --out sankey.svg
  gigawatt deals picture sankey --run latest --out sankey.html
  gigawatt deals picture network --out network.html"""


class Picture(StrEnum):
    """What can be drawn."""

    sankey = "sankey"
    network = "network"


LEAST = {Picture.network: "announced"}
FIRM = "firm"


def picture(
    what: Annotated[Picture, typer.Argument(help="What to draw.", show_choices=True)],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: a picture, .svg, or a page, .html.")],
    year: Year = None,
    status: Annotated[
        str | None,
        flag("status", "Deals as sure as this: drawn, firm, signed, terminable, conditional or announced; firm, or for "
             "a network announced, unless given."),
    ] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    gross: Annotated[
        bool, flag("gross", "Draw what a party gets from a sector and pays back to it in full (sankey).")
    ] = False,
) -> None:  # fmt: skip
    """Draw who pays whom as a picture, or as a page with choices of year and status."""
    from gigawatt.cli.deals_pictures import drawn
    from gigawatt.cli.failures import say
    from gigawatt.report.deals_pictures import is_page, write

    with spoken():
        page = is_page(out)
        source = Source(book=book, run=run, runs=runs, year=year, status=status or LEAST.get(what, FIRM))
        say(f"wrote {write(drawn(what.value, source, page, gross), out)}")
