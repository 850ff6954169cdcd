"""A company on the terminal: in short, its statements, what breaks it first, and what was published since."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli.finance_company_files import stable, table_rows, told_of
from gigawatt.cli.finance_company_inputs import cited, numbered, print_sources
from gigawatt.cli.finance_company_rows import columns_of
from gigawatt.cli.finance_company_tables import print_ladder, print_life, print_statement, print_table
from gigawatt.cli.finance_company_texts import bn, say_wrapped
from gigawatt.cli.finance_company_verdict import heading, provenance, ratings
from gigawatt.cli.output import Format, show

if TYPE_CHECKING:
    from gigawatt.finance.companies.breaks import BreakPoint
    from gigawatt.finance.companies.published import Compared
    from gigawatt.finance.companies.statements import Statements

SHORTER = {"markets close, signed money comes": "only signed money comes"}
HALF_A_MILLION = 5e5  # USD
MORE = "--statement income, cash, balance, debt, funding, bridge, metrics, stress, breaks, published, inputs or all"


def show_short(made: Statements, stress: str) -> None:
    """The verdict, what it rests on, key figures by year, what breaks it first, and what was published since."""
    from gigawatt.finance.companies.breaks import break_points
    from gigawatt.finance.companies.published import against_published

    heading(made, stress)
    print_statement(made, "short", columns_of(made, True, "short"))
    show_breaks(break_points(made.company, made.quarters, made.stress))
    show_published(against_published(made.company, made))
    print()
    say_wrapped(provenance(made))
    say_wrapped(f"more: {MORE}")


def show_statements(made: Statements, wanted: Sequence[str], annual: bool, stress: str) -> None:
    """The verdict, and the statements asked for."""
    heading(made, stress)
    for each in wanted:
        print_statement(made, each, columns_of(made, annual, each))
    if "debt" in wanted:
        print_ladder(made)
    if "metrics" in wanted:
        print()
        say_wrapped(ratings(made))
    print_life(made)
    print()
    say_wrapped(provenance(made))


def show_published_alone(made: Statements, stress: str, how: Format, out: Path | None) -> None:
    """What was published beside the model's, with sources; as a table or in a file."""
    from gigawatt.finance.companies.published import against_published

    found = against_published(made.company, made)
    if how is Format.table and out is None:
        heading(made, stress)
        if not found:
            say_wrapped(f"nothing published since {made.company.opening_date} stands in the catalog")
        numbers = numbered(each.source for each in found)
        show_published(found, numbers)
        print_sources(numbers)
        return
    show(table_rows([asdict(each) | {"ratio": each.ratio} for each in found], told_of(made, stress).row()), how, out)


def show_breaks_alone(made: Statements, stress: str, how: Format, out: Path | None) -> None:
    """What breaks first, as a table or in a file."""
    from gigawatt.finance.companies.breaks import break_points

    found = break_points(made.company, made.quarters, made.stress)
    if how is Format.table and out is None:
        heading(made, stress)
        show_breaks(found)
        return
    rows = [asdict(each) | {"gap_quarter": stable(each.gap_quarter)} for each in found]
    show(table_rows(rows, told_of(made, stress).row() | {"quarters": made.quarters}), how, out)


def show_breaks(found: list[BreakPoint]) -> None:
    """The smallest change of each kind that leaves a bill unpaid (the gap), the weakest first."""
    texts = [[_change(each), each.gap_quarter or "-", _bill(each.gap_usd), _bill(each.largest_gap_usd)]
             for each in found]  # fmt: skip
    heads = ("smallest", "gap", "first", "at most")
    print_table("What breaks it, USD", [f"  {_breaker(each)}" for each in found], heads, texts)


def _bill(usd: float) -> str:
    return "-" if not usd else "<1 m" if usd < HALF_A_MILLION else bn(usd)


def _breaker(each: BreakPoint) -> str:
    """What changes; long names in short."""
    return f"{each.name} ({each.value:.0%})" if each.kind == "default" else SHORTER.get(each.name, each.name)


def _change(each: BreakPoint) -> str:
    """A change as people read it; a dash where none of those tried leaves a bill unpaid."""
    if each.gap_quarter is None:
        return "-"
    if each.kind == "default":
        return "by itself"
    if each.unit == "months":
        return f"{each.value:.1f} months"
    if each.value == 0:
        return "unpaid already"
    return f"{100 * each.value:+.2f} points" if each.unit == "1/year" else f"{each.value:+.1%}"


def show_published(found: Sequence[Compared], numbers: Mapping[str, int] | None = None) -> None:
    """What was published of the time since the opening, and of the opening, beside the model's."""
    known = [each for each in found if not math.isnan(each.model)]
    if not known:
        return
    texts = [
        [each.date, *(_figure(value, each.unit) for value in (each.published, each.model)),
         "" if math.isnan(each.ratio) else f"{each.ratio:.2f}"] + ([cited(each.source, numbers)] if numbers else [])
        for each in known
    ]  # fmt: skip
    heads = ("period", "published", "model", "ratio", *(["source"] if numbers else []))
    print_table("Published against the model", [f"  {each.fact}" for each in known], heads, texts)


def _figure(value: float, unit: str) -> str:
    if unit.startswith("USD"):
        return bn(value)
    return f"{value:.1%}"
