"""Tables of company statements on the terminal: blocks of years as wide as the line, stresses, all companies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli.finance_company_rows import (
    TITLES,
    Column,
    Row,
    Scale,
    columns_of,
    metric_text,
    right,
    rows_of,
    scale_of,
)
from gigawatt.cli.output import Format, cell, show, width_there_is

if TYPE_CHECKING:
    from gigawatt.catalog import Fact
    from gigawatt.finance.company import Company
    from gigawatt.finance.company_liquidity import Outcome
    from gigawatt.finance.company_statements import Statements
    from gigawatt.finance.company_stress import Stress

MARGIN = 4
LONGEST_SOURCE = 30  # characters of a source that a table shows
ENDLESS = 1000.0  # months of liquidity that no projection reaches


def heading(made: Statements, stress: str | None, chip_life: float | None) -> list[str]:
    """What is shown, what it rests on, and what it finds."""
    from gigawatt.finance.company_liquidity import capex_cut
    from gigawatt.finance.company_metrics import first_gap, refinancing_wall

    chosen = made.company
    (known, data), (told, plan) = chosen.sourced(opening=True), chosen.sourced(opening=False)
    life = chosen.assets.chip_life_years
    lines = [
        f"{chosen.title}: statements from {made.labels[0]}, opening {chosen.opening_date}",
        f"sourced: {known} of {data} numbers of the opening ({known / data:.0%}), {told} of {plan} of the plan "
        f"({told / plan:.0%}); the rest is own estimate",
        f"chips are written off over {chip_life or life:g} years"
        + (f" instead of {life:g} as reported" if chip_life else ", straight line"),
    ]
    if stress:
        lines.append(f"stress: {stress}")
    quarter, usd = first_gap(made)
    wall = refinancing_wall(made)
    scale = _scale(made)
    if wall.year is None:
        lines.append("maturities: covered by cash and free cash flow in every year")
    else:
        lines.append(
            f"refinancing wall: {wall.year}, when {scale.text(wall.short_usd)} of {scale.text(wall.due_usd)} "
            f"{scale.name} due is beyond cash and free cash flow"
        )
    if quarter:
        cut = capex_cut(chosen, made.stress, made.quarters)
        way = "not even without capex" if math.isnan(cut) else f"capex {cut:.0%} lower would do"
        lines.append(f"first gap: {quarter}, {scale.text(usd)} {scale.name} cannot be paid; {way}")
    return lines


def _scale(made: Statements) -> Scale:
    return scale_of(max(float(made.balance["assets"].max()), 4 * float(made.income["revenue"].max())))


def print_table(head: str, labels: Sequence[str], heads: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    """A table whose first column is `labels`, below an empty line."""
    print()
    rows = [{head: label} | row for label, row in zip(labels, right(heads, texts), strict=True)]
    show(rows, Format.table, None)


def print_statement(made: Statements, statement: str, columns: Sequence[Column]) -> None:
    """One statement, in as many blocks of whole years as the width asks for."""
    scale = _scale(made)
    found = rows_of(made, statement, columns)
    if statement == "metrics":
        texts = [[metric_text(key, value, scale) for value in cells] for key, _, cells in found]
    else:
        texts = [[scale.text(value) for value in cells] for _, _, cells in found]
    labels = [label for _, label, _ in found]
    head = f"{TITLES[statement]}, {scale.name}"
    for first, last in blocks(labels, texts, columns, head):
        print_table(head, labels, [c.label for c in columns[first:last]], [row[first:last] for row in texts])


def blocks(
    labels: Sequence[str], texts: Sequence[Sequence[str]], columns: Sequence[Column], head: str
) -> list[tuple[int, int]]:
    """Ranges of columns that fit on a line each, cut after a year where that can be."""
    width = width_there_is(True) - max(len(head), *map(len, labels), 0) - MARGIN
    widths = [max(len(c.label), *(len(row[n]) for row in texts)) + 3 for n, c in enumerate(columns)]
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


def file_rows(made: Statements, wanted: Sequence[str], annual: bool) -> list[Row]:
    """Every line in USD (ratios as they are), one column a period; the opening only of stocks."""
    labels = [c.label for c in columns_of(made, annual, "income")]
    rows = []
    for statement in wanted:
        columns = columns_of(made, annual, statement)
        for key, label, cells in rows_of(made, statement, columns):
            unit = "1" if statement == "metrics" and not key.endswith("_usd") else "USD"
            told = {c.label: value for c, value in zip(columns, cells, strict=True)}
            head = {"statement": statement, "line": key, "label": label.strip(), "unit": unit}
            opening = {made.company.opening_date: told.get(made.company.opening_date, math.nan)}
            rows.append(head | opening | {label: told.get(label, math.nan) for label in labels})
    return rows


def print_ladder(made: Statements) -> None:
    """Principal due by year of all debt that is signed, the years beyond six together."""
    from gigawatt.finance.company_debt import ladder_usd

    due, scale, first = ladder_usd(made.company), _scale(made), made.company.first_year
    near = {str(year): due.get(year, 0.0) for year in range(first, first + 6)}
    near["later"] = sum(usd for year, usd in due.items() if year >= first + 6)
    print_table(f"Ladder of signed debt, {scale.name}", ["  due"], list(near), [[scale.text(x) for x in near.values()]])


def print_life(chosen: Company, made: Statements, chip_life: float) -> None:
    """What another life does to earnings, by year."""
    from gigawatt.finance.company_life import life_effect

    effect, _ = life_effect(chosen, chip_life, made.quarters)
    scale = _scale(made)
    lines = {
        "  depreciation": effect.depreciation_usd, "  operating income": effect.operating_income_usd,
        "  net income": effect.net_income_usd, "  chips, net, at year end": effect.book_value_usd,
    }  # fmt: skip
    texts = [[scale.text(float(value)) for value in values] for values in lines.values()]
    head = f"Effect of {chip_life:g} years, not {effect.reported_years:g}, {scale.name}"
    print_table(head, list(lines), effect.labels, texts)


def show_stresses(
    chosen: Company, quarters: int, text: str | None, tried: Stress, how: Format, out: Path | None
) -> None:
    """The plan and every stress in one table."""
    from gigawatt.finance.company_liquidity import stress as stresses

    found = stresses(chosen, quarters, {text: tried} if text else None)
    if how is not Format.table or out is not None:
        show([asdict(each) for each in found], how, out)
        return
    print(
        f"{chosen.title}: flows of two years from the start of the stress, cover and leverage of the second;\n"
        "gap: quarter from which bills stay unpaid if capex goes on as planned; capex: the least cut that\n"
        "pays all of them; months until cash and the revolver are spent if nobody lends"
    )
    scale = scale_of(max(each.revenue_usd for each in found))
    heads = ("EBITDA", "net", "FCF", "cover", "turns", "gap", "at most", "capex", "months")
    texts = [_stress_texts(each, scale, quarters) for each in found]
    print_table(f"Stress, {scale.name}", [each.name for each in found], heads, texts)


def _stress_texts(e: Outcome, scale: Scale, quarters: int) -> list[str]:
    flows = (e.ebitda_usd, e.net_income_usd, e.free_cash_flow_usd)
    cut = "n.m." if math.isnan(e.capex_cut) else f"-{e.capex_cut:.0%}" if e.capex_cut else "-"
    months = f"{e.liquidity_months:.1f}" if e.liquidity_months < ENDLESS else f">{3 * quarters}"
    return [
        *(scale.text(usd) for usd in flows), metric_text("cover", e.interest_cover, scale),
        metric_text("turns", e.net_debt_to_ebitda, scale), e.gap_quarter or "-",
        scale.text(e.largest_gap_usd), cut, months,
    ]  # fmt: skip


def show_all(quarters: int, how: Format, out: Path | None) -> None:
    """All companies with key metrics of the first year."""
    from gigawatt.finance.company_catalog import company as company_of
    from gigawatt.finance.company_catalog import names

    rows = [_key_metrics(company_of(each), quarters) for each in names()]
    if how is not Format.table or out is not None:
        show(rows, how, out)
        return
    print(
        "companies in the first year of the catalog's plan; turns: net debt over EBITDA; adj.: with leases,\n"
        "those not commenced and vehicles; wall: first year in which principal due exceeds cash and free\n"
        "cash flow; gap: quarter from which bills stay unpaid; known: share of the opening with a source"
    )
    heads = ("revenue", "EBITDA", "FCF", "debt", "cover", "turns", "adj.", "wall", "gap", "known")
    scale = Scale("USD bn", 1e9, 1)
    print_table(scale.name, [str(row["company"]) for row in rows], heads, [_key_texts(row, scale) for row in rows])


def _key_metrics(chosen: Company, quarters: int) -> Row:
    from gigawatt.finance.company_metrics import first_gap, metrics, refinancing_wall
    from gigawatt.finance.company_statements import project_statements

    made = project_statements(chosen, quarters)
    found, (count, total) = metrics(made), chosen.sourced(opening=True)
    first = {key: float(values[0]) for key, values in found.items()}
    return {
        "company": chosen.name, "revenue_usd": float(made.income["revenue"][:4].sum()),
        "ebitda_usd": float(made.income["ebitda"][:4].sum()), "free_cash_flow_usd": first["free_cash_flow_usd"],
        "debt_usd": first["debt_usd"], "interest_cover": first["interest_cover"],
        "net_debt_to_ebitda": first["net_debt_to_ebitda"], "adjusted_leverage": first["leverage_with_vehicles"],
        "wall_year": refinancing_wall(made).year, "first_gap": first_gap(made)[0] or "", "sourced": count / total,
    }  # fmt: skip


def _key_texts(row: Row, scale: Scale) -> list[str]:
    amounts = ("revenue_usd", "ebitda_usd", "free_cash_flow_usd", "debt_usd")
    turns = ("interest_cover", "net_debt_to_ebitda", "adjusted_leverage")
    return [
        *(scale.text(row[key]) for key in amounts), *(metric_text(key, row[key], scale) for key in turns),
        str(row["wall_year"] or "-"), row["first_gap"] or "-", f"{row['sourced']:.0%}",
    ]  # fmt: skip


def show_inputs(chosen: Company, how: Format, out: Path | None) -> None:
    """Every number that the statements rest on, with its source; files have range, date and reasoning, too."""
    facts = [fact for fact in chosen.facts if not isinstance(fact.value, str)]
    if how is not Format.table or out is not None:
        show([_input(fact) for fact in facts], how, out)
        return
    print(f"{chosen.title}: what its statements rest on (--out inputs.csv has reasoning, ranges and dates)")
    heads, texts = ("value", "unit"), [(cell(fact.value), fact.unit) for fact in facts]
    print()
    rows = [
        {"input": fact.attribute} | row | {"source": fact.source[:LONGEST_SOURCE]}
        for fact, row in zip(facts, right(heads, texts), strict=True)
    ]
    show(rows, Format.table, None)


def _input(fact: Fact) -> Row:
    return {
        "input": fact.attribute, "value": fact.value, "unit": fact.unit,
        "low": math.nan if fact.low is None else fact.low, "high": math.nan if fact.high is None else fact.high,
        "as_of": fact.as_of, "confidence": fact.confidence, "source": fact.source, "table": fact.table,
        "note": fact.note,
    }  # fmt: skip
