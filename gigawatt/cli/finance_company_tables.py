"""Tables of company statements on the terminal: blocks of years as wide as the line, the ladder of debt, lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gigawatt.cli.finance_company_lines import TITLES
from gigawatt.cli.finance_company_rows import Column, rows_of
from gigawatt.cli.finance_company_texts import Scale, metric_text, right, scale_of
from gigawatt.cli.output import Format, show, width_there_is

if TYPE_CHECKING:
    from gigawatt.finance.companies.company import Company
    from gigawatt.finance.companies.statements import Statements

MARGIN = 4
GAP = 3  # blanks between columns
LADDER_YEARS = 6  # that are shown one by one


def scale_for(made: Statements) -> Scale:
    """The unit of all amounts of a company."""
    return scale_of(max(float(made.balance["assets"].max()), 4 * float(made.income["revenue"].max())))


def print_table(head: str, labels: Sequence[str], heads: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    """A table whose first column is `labels`, below an empty line; in several where the line is too short for it."""
    columns = [Column(each, None, False) for each in heads]
    for first, last in _even(blocks(labels, texts, columns, head), len(heads)):
        print_block(head, labels, heads[first:last], [row[first:last] for row in texts])


def _even(found: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """As many ranges, of nearly the same length, so that no column stands alone; two at most, others stay."""
    if len(found) != 2:
        return found
    middle = min(found[0][1], (count + 1) // 2)
    widest = max(found[0][1], count - found[0][1])
    return [(0, middle), (middle, count)] if count - middle <= widest else found


def print_block(head: str, labels: Sequence[str], heads: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    """One table that fits the line."""
    print()
    rows = [{head: label} | row for label, row in zip(labels, right(heads, texts), strict=True)]
    show(rows, Format.table, None)


def print_statement(made: Statements, statement: str, columns: Sequence[Column]) -> None:
    """One statement, in as many blocks of whole years as the width asks for."""
    scale = scale_for(made)
    found = rows_of(made, statement, columns)
    if statement in ("metrics", "short"):
        texts = [[metric_text(key, value, scale) for value in cells] for key, _, cells in found]
    else:
        texts = [[scale.text(value) for value in cells] for _, _, cells in found]
    labels = [label for _, label, _ in found]
    head = f"{TITLES[statement]}, {scale.name}"
    for first, last in blocks(labels, texts, columns, head):
        print_block(head, labels, [c.label for c in columns[first:last]], [row[first:last] for row in texts])


def blocks(
    labels: Sequence[str], texts: Sequence[Sequence[str]], columns: Sequence[Column], head: str
) -> list[tuple[int, int]]:
    """Ranges of columns that fit on a line each, cut after a year where that can be."""
    width = width_there_is(True) - max(len(head), *map(len, labels), 0) - MARGIN
    widths = [max(len(c.label), *(len(row[n]) for row in texts)) + GAP for n, c in enumerate(columns)]
    out, first, used, cut = [], 0, 0, 0
    for n, wide in enumerate(widths):
        if used + wide > width and n > first:
            last = cut if cut > first else n
            out.append((first, last))
            first, used = last, sum(widths[last:n])
        used += wide
        if columns[n].is_year:
            cut = n + 1
    return [*out, (first, len(columns))]


def print_ladder(made: Statements) -> None:
    """Principal due by year: under terms that are told, on assumed days, and of debt that the plan raises itself.

    It looks `LADDER_YEARS` ahead however much is shown; new debt of `later` is what the plan owes at their end.
    """
    from gigawatt.finance.companies.metrics import new_money
    from gigawatt.finance.companies.statements import project_statements

    first, scale, ahead = made.company.first_year, scale_for(made), 4 * LADDER_YEARS
    years = range(first, first + LADDER_YEARS)
    whole = project_statements(made.company, ahead, made.stress)
    told, assumed = (_ladder_usd(made.company, assumed=each) for each in (False, True))
    raised = dict(zip(years, map(float, new_money(whole)["due_new_usd"]), strict=True))
    raised[years.stop] = float(whole.debt["new term debt"][-1])
    lines = {
        "  signed, on days told": [*_near(told, years), _later(told, years)],
        "  signed, days assumed: evenly": [*_near(assumed, years), _later(assumed, years)],
        "  new debt, as planned": [*_near(raised, years), _later(raised, years)],
    }
    lines["Principal due"] = [sum(column) for column in zip(*lines.values(), strict=True)]
    kept = {label: cells for label, cells in lines.items() if any(x > 0 for x in cells) or not label.startswith(" ")}
    texts = [[scale.text(x) for x in cells] for cells in kept.values()]
    print_table(f"Principal due, {scale.name}", list(kept), [*map(str, years), "later"], texts)


def _ladder_usd(chosen: Company, assumed: bool) -> dict[int, float]:
    """Principal due by year of the signed debt whose days of repayment are assumed, or told."""
    from gigawatt.finance.companies.debt import ladder_usd

    tranches = tuple(t for t in chosen.funding.tranches if t.assumed == assumed)
    return ladder_usd(replace(chosen, funding=replace(chosen.funding, tranches=tranches)))


def _near(due: dict[int, float], years: range) -> list[float]:
    return [due.get(year, 0.0) for year in years]


def _later(due: dict[int, float], years: range) -> float:
    return sum(usd for year, usd in due.items() if year not in years)


def print_life(made: Statements) -> None:
    """What another life of chips than the reported one does to earnings, by year."""
    from gigawatt.finance.companies.life import life_effect

    life = made.stress.chip_life_years
    if life is None:
        return
    effect, _ = life_effect(made.company, life, made.quarters, replace(made.stress, chip_life_years=None))
    scale = scale_for(made)
    lines = {
        "  depreciation": effect.depreciation_usd, "  operating income": effect.operating_income_usd,
        "  net income": effect.net_income_usd, "  chips, net, at year end": effect.book_value_usd,
    }  # fmt: skip
    texts = [[scale.text(float(value)) for value in values] for values in lines.values()]
    print_table(
        f"Effect of {life:g} years, not {effect.reported_years:g}, {scale.name}", list(lines), effect.labels, texts
    )
