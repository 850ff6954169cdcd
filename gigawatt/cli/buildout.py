"""`gigawatt buildout`: when campuses come up, what holds them, what a rate needs, and what to expand for it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gigawatt.cli import buildout_backcast, buildout_expand, buildout_needs, buildout_when
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format

# A line with \b alone keeps the lines below it from being wrapped.
EXAMPLES = """\b
Examples:
  gigawatt buildout schedule portfolio
  gigawatt buildout schedule my-projects.csv --gantt plan.html --out dates.csv
  gigawatt buildout schedule my-projects.csv --project "Mesa One" --tasks
  gigawatt buildout schedule catalog --supply "power_transformers=1.5,electricians=1.2"
  gigawatt buildout schedule portfolio --engine fluid --draws 10000
  gigawatt buildout schedule portfolio --costs
  gigawatt buildout schedule portfolio --out plan.xlsx
  gigawatt buildout schedule portfolio --exact"""

QUESTIONS = """\b
Examples:
  gigawatt buildout when --target 1GW/week
  gigawatt buildout needs --rate 1GW/week
  gigawatt buildout schedule portfolio --gantt plan.html
  gigawatt buildout expand --target 1GW/week --by 2032-06"""

PORTFOLIO = "A CSV file of projects, an example, or `catalog`: the announced sites."


class Engine(StrEnum):
    """How draws are followed: event by event, or week by week."""

    events = "events"
    fluid = "fluid"


class Buyer(StrEnum):
    """Whose supply it is."""

    one = "one"
    all = "all"


def schedule(
    portfolio: Annotated[str, typer.Argument(metavar="PORTFOLIO", help=PORTFOLIO)],
    draws: Annotated[int, flag("draws", "Draws of durations, lead times, supply and shocks; 0: all medians.")] = 1000,
    seed: Annotated[int, flag("seed", "Of what is drawn.")] = 1,
    start: Annotated[
        str | None,
        flag(
            "start", "First day of the plan, such as 2026-06; of `catalog`, of what is told. 2026-01-05 unless given."
        ),
    ] = None,
    engine: Annotated[Engine, flag("engine", "events: task by task; fluid: week by week.")] = Engine.events,
    exact: Annotated[
        bool, flag("exact", "Set the best schedule at medians beside it (extra `schedule`; small portfolios).")
    ] = False,
    seconds: Annotated[float, flag("seconds", "Longest search of --exact.")] = 20.0,
    buyer: Annotated[
        Buyer | None, flag("buyer", "one: the share that one buyer gets of each supply; all: the whole; for `catalog`.")
    ] = None,
    supply: Annotated[
        str | None, flag("supply", "Factors on supply or workers: power_transformers=1.5,electricians=1.2.")
    ] = None,
    project: Annotated[str | None, flag("project", "Tasks of this project alone.")] = None,
    tasks: Annotated[bool, flag("tasks", "A row for each task in place of each project.")] = False,
    costs: Annotated[bool, flag("costs", "What each project costs against its plan, in place of its dates.")] = False,
    gantt: Annotated[
        Path | None, flag("gantt", "File for the Gantt chart: one .html page, or an .svg picture.")
    ] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write instead: .csv, .json, .parquet, or .xlsx with all."),
    ] = None,
) -> None:
    """Tell when each project of a portfolio comes up, what holds it, and how much power there is by each year's end.

    Follows every task, crew and delivery through draws of all that is uncertain. P50 is the date that half of the draws
    keep. A project is held by what its longest chain of tasks waits for most.
    """
    from gigawatt.cli.buildout_schedule import Asked, run

    with spoken():
        asked = Asked(
            portfolio=portfolio, draws=draws, seed=seed, start=start, engine=engine.value,
            buyer=buyer.value if buyer is not None else None,
            seconds=seconds if exact else None, supply=supply, project=project, tasks=tasks, costs=costs,
            gantt=gantt, how=how, out=out,
        )  # fmt: skip
        run(asked)


app = typer.Typer(
    help="When campuses come up, what holds them back, what a rate needs, and what to expand to reach it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=QUESTIONS,
)
app.command("schedule", epilog=EXAMPLES)(schedule)
buildout_when.register(app)
buildout_needs.register(app)
buildout_expand.register(app)
buildout_backcast.register(app)
