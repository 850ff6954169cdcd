"""`gigawatt deals`: who pays, owns, owes and guarantees whom; how much goes round; who falls with whom.

What the commands do is imported when they run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gigawatt.cli import (
    deals_backtest,
    deals_circularity,
    deals_coverage,
    deals_edges,
    deals_exposures,
    deals_holdings,
    deals_hurdle,
    deals_loops,
    deals_multiple,
    deals_owes,
    deals_picture,
    deals_residual,
    deals_stress,
    deals_systemic,
    deals_timeline,
    deals_who_funds,
)
from gigawatt.cli.deals_options import BookFolder
from gigawatt.cli.inference import flag, spoken

QUESTIONS = """\b
Examples:
  gigawatt deals circularity --year 2026
  gigawatt deals loops --through Nvidia
  gigawatt deals who-funds Nvidia
  gigawatt deals coverage
  gigawatt deals multiple Nvidia
  gigawatt deals hurdle
  gigawatt deals owes Oracle
  gigawatt deals exposures --on OpenAI
  gigawatt deals holdings --fall OpenAI=50%
  gigawatt deals timeline --party OpenAI --status-on 2025-12-31
  gigawatt deals stress --default OpenAI --on Oracle
  gigawatt deals stress --shut 4
  gigawatt deals residual --chips-fall 40%
  gigawatt deals systemic
  gigawatt deals edges --measure losses
  gigawatt deals backtest
  gigawatt deals picture sankey --out sankey.html
  gigawatt deals export my-book"""

app = typer.Typer(
    help="Who pays, owns, owes and guarantees whom; how much goes round in a circle; who falls with whom.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=QUESTIONS,
)
app.command("circularity", epilog=deals_circularity.EXAMPLES)(deals_circularity.circularity)
app.command("loops", epilog=deals_loops.EXAMPLES)(deals_loops.loops)
app.command("who-funds", epilog=deals_who_funds.EXAMPLES)(deals_who_funds.who_funds)
app.command("coverage", epilog=deals_coverage.EXAMPLES)(deals_coverage.coverage)
app.command("multiple", epilog=deals_multiple.EXAMPLES)(deals_multiple.multiple)
app.command("hurdle", epilog=deals_hurdle.EXAMPLES)(deals_hurdle.hurdle)
app.command("owes", epilog=deals_owes.EXAMPLES)(deals_owes.owes)
app.command("exposures", epilog=deals_exposures.EXAMPLES)(deals_exposures.exposures)
app.command("holdings", epilog=deals_holdings.EXAMPLES)(deals_holdings.holdings)
app.command("timeline", epilog=deals_timeline.EXAMPLES)(deals_timeline.timeline)
app.command("stress", epilog=deals_stress.EXAMPLES)(deals_stress.stress)
app.command("residual", epilog=deals_residual.EXAMPLES)(deals_residual.residual)
app.command("systemic", epilog=deals_systemic.EXAMPLES)(deals_systemic.systemic)
app.command("edges", epilog=deals_edges.EXAMPLES)(deals_edges.edges)
app.command("backtest", epilog=deals_backtest.EXAMPLES)(deals_backtest.backtest)
app.command("picture", epilog=deals_picture.EXAMPLES)(deals_picture.picture)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write.")],
    book: BookFolder = None,
    force: Annotated[bool, flag("force", "Write over files that are there.")] = False,
) -> None:
    """Write a book of deals as CSV files, to change and to give to the other commands with --book."""
    from gigawatt.book_file import load_book, write_book
    from gigawatt.cli.failures import say
    from gigawatt.errors import GigawattError

    with spoken():
        if (folder / "deals.csv").exists() and not force:
            raise GigawattError(f"{folder}: there is a deals.csv already; --force writes over it")
        for path in write_book(load_book(book), folder, like=book):
            say(f"wrote {path}")


@app.command()
def check(book: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder with deals.csv.")]) -> None:
    """Check a book of CSV files; report every mistake with its place, and what is allowed but seldom meant.

    Exit code 0: no mistakes, perhaps warnings. 2: mistakes. 1: there is no such book.
    """
    from gigawatt.book_file import checked_book
    from gigawatt.cli.failures import few, say

    with spoken():
        found, doubts = checked_book(book)
    if doubts:
        say(few([f"warning: {doubt}" for doubt in doubts]))
    counts = {"deal": found.deals, "part": found.parties, "payment": found.payments}
    said = ", ".join(f"{len(each)} {_plural(name, len(each))}" for name, each in counts.items())
    print(f"{book}: no mistakes, {len(doubts) or 'no'} {_plural('warning', len(doubts))}; {said}")


def _plural(name: str, count: int) -> str:
    """A name for a count of things: 1 deal, 2 parties."""
    one, many = ("y", "ies") if name == "part" else ("", "s")
    return name + (one if count == 1 else many)
