"""`gigawatt finance`: a project file worked out, and what companies, programmes, chips and lenders have to do with it.

What the commands do is imported when they run.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gigawatt.cli import finance_company, finance_lcoc, finance_programme, finance_spread
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format

PROJECT = "project"  # the command that a file without a command means
NEARLY = 0.8  # of the letters of a command: what is more alike is a slip of the fingers, no file
FILE = "A project file, or an example such as project-campus."

QUESTIONS = """\b
Examples:
  gigawatt finance project-campus
  gigawatt finance my-campus.yaml --case downside
  gigawatt finance my-campus.yaml --set debt.senior.spread=3% --xlsx model.xlsx
  gigawatt finance tornado my-campus.yaml --answer cover.least_dscr
  gigawatt finance break-even my-campus.yaml
  gigawatt finance company CoreWeave --annual"""

EXAMPLES = """\b
Examples:
  gigawatt finance project-campus
  gigawatt finance project-campus --case downside
  gigawatt finance project-campus --case downside --resize
  gigawatt finance project-campus --draws 10000 --rents
  gigawatt finance project-campus --lines "debt|waterfall" --periods quarter
  gigawatt finance project-campus --set debt.senior.spread=3% --xlsx model.xlsx
  gigawatt finance project-campus --out result.json"""


class Periods(StrEnum):
    """What a column or row of time stands for."""

    year = "year"
    quarter = "quarter"
    month = "month"


class FileOrCommand(TyperGroup):
    """A group in which a first argument that is no command is a project file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the name of the default command before a file or an option that is not of the group."""
        own = {name for param in self.get_params(ctx) for name in param.opts}
        if args and args[0] not in self.commands and args[0] not in own and not self.mistyped(args[0]):
            args = [PROJECT, *args]
        return list(super().parse_args(ctx, args))

    def mistyped(self, word: str) -> bool:
        """Whether a word is no file, but nearly a command."""
        near = get_close_matches(word, self.commands, n=1, cutoff=NEARLY)
        return bool(near) and not Path(word).suffix and not Path(word).exists()

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The options of a project file beside those of the group."""
        default = self.commands[PROJECT]
        rows = [row for param in default.get_params(ctx) if (row := param.get_help_record(ctx)) is not None]
        with formatter.section("With a project file"):
            formatter.write_dl([row for row in rows if not row[0].startswith(("--help", "-h"))])
        super().format_options(ctx, formatter)


Sets = Annotated[list[str] | None, typer.Option("--set", help="path=value, such as debt.senior.spread=3%; may repeat.")]
Case = Annotated[list[str] | None, flag("case", "A case of the file; the debt stays as sized in the base case.")]
Resize = Annotated[bool, typer.Option("--resize", help="Size the debt again for each case, draw or value.")]
How = Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")]


def project(
    file: Annotated[str, typer.Argument(metavar="PROJECT", help=FILE)],
    case: Case = None,
    sets: Sets = None,
    resize: Resize = False,
    draws: Annotated[int, flag("draws", "Draws of the inputs that have ranges; 0: medians alone.")] = 0,
    seed: Annotated[int, flag("seed", "Of the draws.")] = 0,
    rents: Annotated[
        bool, flag("rents", "Draw market prices as paths too: those of the file, moved as rents of chips move.")
    ] = False,
    lines: Annotated[
        str | None, flag("lines", "Lines of the model in place of the report: names or sections, | between.")
    ] = None,
    periods: Annotated[
        Periods | None, flag("periods", "Years, quarters or months in tables; years unless given.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where debt is not served by the project alone, or a covenant breaks.")
    ] = False,
    xlsx: Annotated[Path | None, flag("xlsx", "Workbook to write: the model as live formulas, with all cases.")] = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Work out a project file: returns, debt, cover, sources and uses, cost of compute.

    `gigawatt finance FILE` does the same.
    """
    from gigawatt.cli.finance_project import Asked, run

    if len(case or ()) > 1:
        raise typer.BadParameter("one case at a time; the report shows all of them side by side")
    with spoken():
        run(Asked(
            file=file, case=case[0] if case else None, sets=tuple(sets or ()), resize=resize, draws=draws, seed=seed,
            rents=rents,
            lines=lines, periods=periods.value if periods else None, strict=strict, xlsx=xlsx, how=how, out=out,
        ))  # fmt: skip


def tornado(
    file: Annotated[str, typer.Argument(metavar="PROJECT", help=FILE)],
    answer: Annotated[str, flag("answer", "An answer, such as returns.owners_irr or cover.least_dscr.")] = (
        "returns.owners_irr"
    ),
    sets: Sets = None,
    resize: Resize = False,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Tell what each uncertain input does to an answer at the ends of its 90 % range."""
    from gigawatt.cli.finance_questions import tornado as asked

    with spoken():
        asked(file, tuple(sets or ()), answer, resize, how, out)


def break_even(
    file: Annotated[str, typer.Argument(metavar="PROJECT", help=FILE)],
    input: Annotated[
        str | None, flag("input", "An input, or several by a pattern; price, utilisation and cost unless given.")
    ] = None,
    answer: Annotated[str, flag("answer", "The answer that reaches its goal.")] = "returns.owners_npv_usd",
    goal: Annotated[str, flag("goal", "The goal, such as 0, 12 % or 1.2.")] = "0",
    low: Annotated[float | None, flag("low", "Where the search begins; 0 unless given.")] = None,
    high: Annotated[float | None, flag("high", "Where it ends; 1 of shares, else 5 times the base.")] = None,
    sets: Sets = None,
    held: Annotated[
        bool | None,
        typer.Option("--held/--resize", help="Hold the debt of the base case; so unless given for cover.*, else not."),
    ] = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Tell at which price, utilisation or cost the owners just earn their rate, or another answer its goal."""
    from gigawatt.cli.finance_questions import break_even as asked

    with spoken():
        asked(file, tuple(sets or ()), input, answer, goal, (low, high), held, how, out)


app = typer.Typer(
    cls=FileOrCommand,
    help="Project finance of a campus from a file, company statements, programmes, cost of compute and spreads.",
    no_args_is_help=True,
    rich_markup_mode=None,
    subcommand_metavar="PROJECT | COMMAND [ARGS]...",
    epilog=QUESTIONS,
)
app.command(PROJECT, epilog=EXAMPLES)(project)
app.command("tornado")(tornado)
app.command("break-even")(break_even)
app.command("company", epilog=finance_company.EXAMPLES)(finance_company.company)
app.command("programme", epilog=finance_programme.EXAMPLES)(finance_programme.programme)
app.command("lcoc", epilog=finance_lcoc.EXAMPLES)(finance_lcoc.lcoc)
app.command("spread", epilog=finance_spread.EXAMPLES)(finance_spread.spread)
