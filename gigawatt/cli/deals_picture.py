"""`gigawatt deals picture`: money that goes round, ties, a shock, losses or dates, as an SVG file or a page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gigawatt.cli.deals_options import BookFolder, RunOf, Runs, Source, To, Year, is_given, known_status
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.errors import GigawattError, listed_names

EXAMPLES = """\b
Examples:
  gigawatt deals picture sankey --year 2026 --out sankey.svg
  gigawatt deals picture sankey --run latest --out sankey.html
  gigawatt deals picture network --out network.html
  gigawatt deals picture contagion --default OpenAI --shut 4 --out contagion.html
  gigawatt deals picture waterfall --default OpenAI --out losses.svg
  gigawatt deals picture timeline --party OpenAI,Nvidia --by payer --out deals.svg"""
QUARTERS = 12


class Picture(StrEnum):
    """What can be drawn."""

    sankey = "sankey"
    network = "network"
    contagion = "contagion"
    waterfall = "waterfall"
    timeline = "timeline"


SHOCK, MONEY = ("default", "shut", "at", "pay", "chips_fall", "quarters"), ("to", "most", "gross")
UNUSED = {
    Picture.sankey: (*SHOCK, "party", "by"), Picture.network: (*SHOCK, "party", "by", "gross"),
    Picture.timeline: (*SHOCK, *MONEY, "year"), Picture.contagion: (*MONEY, "party", "by"),
    Picture.waterfall: (*MONEY, "party", "by"),
}  # fmt: skip


class Lanes(StrEnum):
    """What a lane of the timeline is."""

    instrument = "instrument"
    payer = "payer"
    payee = "payee"


def picture(
    ctx: typer.Context,
    what: Annotated[
        Picture, typer.Argument(metavar="PICTURE", help="sankey, network, contagion, waterfall or timeline.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: a picture, .svg, or a page, .html.")],
    year: Year = None,
    to: To = None,
    status: Annotated[
        str | None,
        typer.Option(
            "--status", callback=known_status,
            help="Deals as sure as this: drawn, firm, signed, terminable, conditional or announced. Unless given "
            "firm, for a network announced, for a timeline all.",
        ),
    ] = None,
    default: Annotated[
        list[str] | None,
        flag("default", "Who cannot pay (contagion, waterfall); commas between or repeated: all at once."),
    ] = None,
    shut: Annotated[int, flag("shut", "Quarters in which markets give no new money (contagion, waterfall).")] = 0,
    pay: Annotated[str, flag("pay", "Share of its dues that who cannot pay goes on paying.")] = "0 %",
    chips_fall: Annotated[str, flag("chips-fall", "Fall of prices of chips and rents.")] = "0 %",
    quarters: Annotated[int, flag("quarters", "Quarters looked at from the shock on.")] = QUARTERS,
    at: Annotated[str | None, flag("at", "When it happens, such as 2027Q1.")] = None,
    by: Annotated[Lanes, flag("by", "Lanes of the timeline.")] = Lanes.instrument,
    party: Annotated[str | None, flag("party", "Only deals of these, commas between (timeline).")] = None,
    most: Annotated[
        int | None, flag("most", "Parties of their own, the largest; small ones stand together (sankey, network).")
    ] = None,
    gross: Annotated[
        bool, flag("gross", "Draw what a party gets from a sector and pays back to it in full (sankey).")
    ] = False,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
) -> None:  # fmt: skip
    """Draw who pays whom as a picture, or as a page to choose and point in."""
    from gigawatt.cli.deals_pictures import Wanted, drawn
    from gigawatt.cli.deals_stress import day, share
    from gigawatt.cli.failures import say
    from gigawatt.report.deals_pictures import is_page, write

    least = {Picture.network: "announced", Picture.timeline: ""}.get(what, "firm")
    unused = [name for name in UNUSED[what] if is_given(ctx, name)]
    refuse(f"a {what.value} picture has no use for it", {name.replace("_", "-"): True for name in unused})
    if run is not None and what is Picture.timeline:
        raise GigawattError("a run has payments and no deals by date: leave out --run")
    if run is None and year is not None and what in (Picture.contagion, Picture.waterfall):
        raise GigawattError("--year goes with --run; say when it happens with --at, such as --at 2027Q1")
    with spoken():
        wanted = Wanted(
            what=what.value, to=to, page=is_page(out), gross=gross, by=by.value, most=most,
            defaults=listed_names(default or ()),
            source=Source(book=book, run=run, runs=runs, year=year, status=least if status is None else status),
            parties=listed_names([party or ""]),
            shock={"markets_shut": shut, "pay_share": share("pay", pay), "quarters_after": quarters, "at": day(at),
                   "chip_price_fall": share("chips-fall", chips_fall)},
        )  # fmt: skip
        say(f"wrote {write(drawn(wanted), out)}")
