"""`gigawatt deals circularity`: how much of all payments goes round, by every definition, year and status."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, To, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.cli.deals_circularity_rows import Asked

EXAMPLES = """\b
Examples:
  gigawatt deals circularity
  gigawatt deals circularity --year 2027 --status announced --scope core
  gigawatt deals circularity --by year
  gigawatt deals circularity --year 2025 --to 2028 --status conditional
  gigawatt deals circularity --run latest --year 2030"""


class Scope(StrEnum):
    """Among whom money is asked to go round."""

    everybody = "everybody"
    core = "core"
    merged = "merged"


class By(StrEnum):
    """What the rows of a table are."""

    definition = "definition"
    year = "year"
    status = "status"


def circularity(
    year: Year = None,
    to: To = None,
    status: Status = FIRM,
    scope: Annotated[Scope, flag("scope", "Among whom: everybody, the core firms, or all others merged.")] = (
        Scope.everybody
    ),
    by: Annotated[By | None, flag("by", "One table alone: a row for each definition, year or status.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """How much of all payments goes round in a circle: every definition, by year, by how sure deals are."""
    from gigawatt.cli.deals_circularity_rows import Asked

    source = Source(book=book, run=run, runs=runs, year=year, status=status)
    with spoken():
        asked = Asked(source, to)
        if by_name(how, out) is not Format.table or out is not None:
            _write(asked, scope.value, by, how, out)
            return
        _answer(asked, scope.value)
        for each in [by] if by else [By.definition, By.status, By.year]:
            _table(asked, scope.value, each)
        if by is None:
            _investors(asked, scope.value)
            _coverage(asked)
        _notes(scope.value, by)


def _answer(asked: Asked, scope: str) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_wrapped
    from gigawatt.deals.circular import DEFINITIONS, NO_CIRCLE

    found, core = asked.scopes[scope], asked.scopes["core"]
    (least, low), (largest, high) = found.least, found.largest
    sure = "paid in the run" if asked.source.run else f"deals that are {found.status} or surer, and ordinary business"
    without = ", ".join(f"{percent(found.shares[name])} ({DEFINITIONS[name][0]})" for name in NO_CIRCLE)
    say_wrapped(
        f"{found.period}, {sure}: of USD {bn(found.gross_usd)} paid ({scope}) from {percent(low)} "
        f"({DEFINITIONS[least][0]}) to {percent(high)} ({DEFINITIONS[largest][0]}) goes round in circles, by "
        f"definition; of the {bn(core.gross_usd)} that core firms pay each other {percent(core.least[1])} to "
        f"{percent(core.largest[1])}. Measures that need no circle: {without}. None is the circular share."
    )
    if not asked.source.run and not any(each.most_usd > 0.0 for each in found.returned):
        say_wrapped(
            f"No investment that is {found.status} or surer and due in {found.period} can come back to its investor as "
            f"sales. Purchases are signed for many years, investments as they come: see --by status, and --to for "
            f"years added up."
        )
    print()


def _table(asked: Asked, scope: str, by: By) -> None:
    from gigawatt.cli.deals_circularity_rows import definition_rows, period_rows
    from gigawatt.cli.deals_years import networks_by_year
    from gigawatt.cli.output import show
    from gigawatt.deals.circular import circularity_by_year

    if by is By.definition:
        show(definition_rows(asked, scope), Format.table, title=f"{asked.network.period}, by definition and scope")
    elif by is By.status:
        if asked.source.run is None:
            rows = period_rows(asked.ladder(scope), "status")
            show(
                rows,
                Format.table,
                title=f"{asked.network.period}, {scope}, by how sure deals are; each holds the above",
            )
    else:
        found = circularity_by_year(networks_by_year(asked.source), scope=scope)
        show(period_rows(found, "year"), Format.table, title=f"By year, {scope}, {asked.network.status}")


def _investors(asked: Asked, scope: str) -> None:
    from gigawatt.cli.deals_circularity_rows import investor_rows
    from gigawatt.cli.output import show

    rows = investor_rows(asked.scopes[scope])
    if rows:
        show(rows, Format.table, title=f"{asked.network.period}, investment that comes back as sales, by investor",
             least=("invested under",))  # fmt: skip


def _coverage(asked: Asked) -> None:
    from gigawatt.cli.deals_coverage import cover_rows, years_of
    from gigawatt.cli.output import show

    if asked.network.core:
        title = "Cash that enters the core over cash that leaves it (more: gigawatt deals coverage)"
        show(cover_rows(years_of(asked.source)), Format.table, title=title)


def _write(asked: Asked, scope: str, by: By | None, how: Format, out: Path | None) -> None:
    from gigawatt.cli.deals_circularity_rows import plain_rows
    from gigawatt.cli.deals_years import networks_by_year
    from gigawatt.cli.output import show
    from gigawatt.deals.circular import circularity_by_year

    if by is By.year:
        rows = plain_rows(circularity_by_year(networks_by_year(asked.source), scope=scope))
    elif by is By.status:
        rows = plain_rows(asked.ladder(scope))
    else:
        rows = plain_rows([asked.scopes[scope]], asked.ends(scope))
        rows += plain_rows(found for name, found in asked.scopes.items() if name != scope)
    show(rows, how, out)


def _notes(scope: str, by: By | None) -> None:
    from gigawatt.cli.deals_texts import say_notes
    from gigawatt.deals.circular import DEFINITIONS, SCOPES

    shown = SCOPES if by in (None, By.definition) else {scope: SCOPES[scope]}
    say_notes({
        **shown, **dict(DEFINITIONS.values()),
        "investment back": "equity, loans and bonds of a firm that come back to it as its sales, passed on by "
        "purchases alone; least and most because money in an account has no name; as a share of gross payments",
        "amounts at their ends": "all amounts with a range at its low or its high end at once, the core's and the "
        "others' each way: corners, less likely than the 90 % of each range",
        "limits": "a year's payments stand for money in motion; who paid first is not looked at. Circular is no "
        "judgement: vendor finance is an ordinary way to sell costly equipment",
    })  # fmt: skip
