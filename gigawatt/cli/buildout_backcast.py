"""`gigawatt buildout backcast`: published campuses, predicted from what was known of them after six months."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show

if TYPE_CHECKING:
    from gigawatt.buildout.backcast import Backcast

EXAMPLES = """\b
Examples:
  gigawatt buildout backcast
  gigawatt buildout backcast --all --out backcast.csv"""

HEADS = {
    "name": "campus", "what": "what", "mw": "MW", "start": "first works", "over": "over", "came": "came",
    "months": "months", "p10_months": "P10", "p50_months": "P50", "p90_months": "P90", "error_months": "error",
    "naive_error_months": "of naive", "forecast_error_months": "of forecast",
}  # fmt: skip
Row = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Put the command into the sub-app `buildout`."""
    app.command("backcast", epilog=EXAMPLES)(backcast)


def backcast(
    every: Annotated[bool, typer.Option("--all", help="Every campus of the catalog, not only those of 1 GW.")] = False,
    draws: Annotated[int, flag("draws", "Draws of durations; many, since few agree with what was seen.")] = 32000,
    seed: Annotated[int, flag("seed", "Of what is drawn.")] = 1,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Predict published campuses from what was dated by six months after the first works, and tell how far off it is.

    Of a campus: day of the first works, region, shell, whether it was up, begun phases, and stages seen to be over in
    images of that time. Phases of 200 MW at the catalog's durations, which were read from watched campuses, some of
    them the same. Nothing is learned from campuses that came up later. Months count from the first works. `over`: the
    stage of the first phase seen to be over. Errors are predicted less actual: of the model's P50, of a naive guess
    (median of those up by then, else the middle of a published range), and of forecasts that others made in November
    2025. `came` ends in ? where it was expected but not seen when the table was read.
    """
    from gigawatt.buildout.backcast import backcast as backcast_of

    with spoken():
        found = backcast_of(draws, seed)
    told = found if every else [row for row in found if row.campus.goal_mw]
    how = by_name(how, out)
    rows = [as_row(row) for row in told]
    if how is Format.table and out is None:
        rows = [{head: _short(row[name]) for name, head in HEADS.items()} for row in rows]
    show(rows, how, out, title=_title(found))


def as_row(row: Backcast) -> Row:
    """One prediction as a row of a table."""
    site = row.campus
    return {
        "campus": site.key, "name": site.name, "builder": site.builder, "region": site.region, "shell": site.shell,
        "what": row.what, "mw": row.mw, "start": site.start.isoformat(), "over": row.over,
        "came": row.day.isoformat() + ("" if row.is_seen else "?"), "months": row.months,
        "p10_months": row.p10, "p50_months": row.p50, "p90_months": row.p90, "error_months": row.error,
        "naive_error_months": row.naive_error, "forecast_error_months": row.forecast_error,
    }  # fmt: skip


def _title(found: Sequence[Backcast]) -> str:
    """How far off the predictions are, by kind."""
    from gigawatt.buildout.backcast import FIRST, GOAL, scores

    kinds: dict[str, Callable[[Backcast], bool]] = {
        "the first gigawatt of campuses": lambda row: row.what == GOAL,
        "first power of those and of Colossus 1": lambda row: row.what == FIRST and row.campus.goal_mw > 0.0,
        "first power of all": lambda row: row.what == FIRST,
    }
    lines = []
    for name, is_one in kinds.items():
        score = scores([row for row in found if is_one(row)])
        lines.append(
            f"{name} ({score['cases']:g}): median error {score['median_error_months']:.1f} months, naive "
            f"{score['naive_error_months']:.1f}; bias {score['bias_months']:+.1f}; "
            f"{score['coverage']:.0%} within P10 to P90"
        )
    return "\n".join(lines)


def _short(value: Any) -> Any:
    """Months with one digit; nothing where there is no number."""
    if value is None:
        return ""
    return round(value, 1) if isinstance(value, float) else value
