"""`gigawatt deals backtest`: the liquidity stop test on the carriers of 1999 and 2000, against what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gigawatt.cli.deals_options import How, Out
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show

if TYPE_CHECKING:
    from gigawatt.deals.backtest import Backtest

EXAMPLES = """\b
Examples:
  gigawatt deals backtest
  gigawatt deals backtest --frozen 2000 --draws 4000 --widen 2
  gigawatt deals backtest --table inputs --out inputs.csv"""

TITLES = {
    "scores": "Rankings: AUC is the chance that a carrier that defaulted is ranked above one that did not",
    "carriers": "Carriers, the most distressed first; first gap: cash and signed lines are used up",
    "losses": "Makers: losses on named loans in the test, and published ones (what those are: --table losses -f csv)",
    "variants": "One thing changed at a time, central values",
    "assumptions": "Assumptions; all other numbers: --table inputs",
    "inputs": "Inputs",
}
LEFT_OUT = (
    "nothing is refinanced, no dividend is paid, no asset is sold; no lender calls a loan because its terms are broken",
    "interest on what makers lend on the way, and on accreting notes, is not paid while the test runs",
    "firms fail on their own: a carrier that stops paying another carrier is not followed",
    "banks and owners pay out all that they have signed",
)
LEAST = ("what", "ranked by", "note", "kind", "whole book M$", "lost of it at that share", "90 %, inputs")


def register(app: typer.Typer) -> None:
    """Put the command into the sub-app `deals`."""
    app.command("backtest", epilog=EXAMPLES)(backtest)


def backtest(
    frozen: Annotated[int, flag("frozen", "Year at whose end inputs are frozen: 1999 or 2000.")] = 1999,
    draws: Annotated[int, flag("draws", "Draws of the inputs within their ranges.")] = 1000,
    seed: Annotated[int, flag("seed", "Of what is drawn.")] = 1,
    shut: Annotated[
        int | None, flag("shut", "Quarters for which markets are shut; to the end of 2002 if left out.")
    ] = None,
    withdrawn: Annotated[bool, flag("withdrawn", "Makers withdraw the lines that are not drawn.")] = False,
    widen: Annotated[float, flag("widen", "Ranges of the inputs so many times as wide as stated.")] = 1.0,
    table: Annotated[
        str | None, flag("table", "One table: scores, carriers, losses, variants, assumptions or inputs.")
    ] = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Would a stop test have told in 1999 or 2000 which telecom carriers fail by the end of 2002?

    Makers of network equipment lent carriers the money to buy it. For each carrier: cash and signed lines, plus EBITDA
    on last year's trend and what makers still lend, less interest, principal and capital spending, with capital markets
    shut. Who runs out, in which quarter, is ranked and set beside what happened, and beside rankings by one ratio. What
    happened is in a table of its own that the test never reads.
    """
    from gigawatt.cli.deals_backtest_rows import TABLES, rows_of
    from gigawatt.deals.backtest import backtest as backtest_of

    with spoken():
        if table is not None and table not in TABLES:
            raise ValueError(f"--table {table}: unknown; known: {', '.join(TABLES)}")
        if shut is not None and shut < 1:
            raise ValueError(f"--shut {shut}; at least 1 quarter")
        found = backtest_of(frozen, draws_count=draws, seed=seed, shut=shut or 0, withdrawn=withdrawn, widen=widen)
    how = by_name(how, out)
    if how is Format.table and out is None:
        _print(found, table)
    else:
        show(rows_of(found, table or "carriers"), how, out)


def _print(found: Backtest, table: str | None) -> None:
    """The sentences, then the tables; or the one asked for."""
    from gigawatt.cli.deals_backtest_rows import TABLES, rows_of, shown
    from gigawatt.cli.finance_company_texts import say_wrapped
    from gigawatt.deals.backtest import verdict

    if table is None:
        print(_heading(found) + "\n")
        for sentence in verdict(found):
            say_wrapped(f"- {sentence}")
        print()
    for each in TABLES[:-2] if table is None else (table,):
        show(shown(found, each), Format.table, title=TITLES[each], least=LEAST)
    if table is None:
        print("Assumptions, with the range that is drawn; all other numbers: --table inputs\n")
        for row in rows_of(found, "assumptions"):
            span = "" if row["low"] is None else f" ({row['low']:g} to {row['high']:g})"
            say_wrapped(f"- {row['attribute']} {row['value']:g}{span}: {row['note']} [{row['source']}]")
        for each in LEFT_OUT:
            say_wrapped(f"- {each}")


def _heading(found: Backtest) -> str:
    return (
        f"{len(found.carriers)} carriers as of the end of {found.frozen}; {found.defaults} of them defaulted by "
        f"the end of 2002; markets shut for {found.quarters} quarters; {found.draws} draws"
    )
