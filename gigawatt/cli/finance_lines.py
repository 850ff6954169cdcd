"""Lines of a model on a terminal: labels on the left, time across, in blocks as wide as the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli.finance_tables import Span, day, is_least, over, scale_of, spans
from gigawatt.cli.output import Format, show, width_there_is
from gigawatt.errors import GigawattError, nearest

if TYPE_CHECKING:
    from gigawatt.finance.project.result import ProjectResult

MARGIN, GAP = 4, 3
HELPERS = ("cover.dscr_summed", "cover.served", "cover.unpaid_period")  # steps on the way to an answer


def show_lines(result: ProjectResult, pattern: str, per: str, how: Format, out: Path | None) -> None:
    """Lines of the model by span, in blocks as wide as the terminal, or in a file with one row a line."""
    periods = spans(result, per)
    lines = result.model.lines
    names = chosen_lines(result, pattern)
    values = {name: over(lines[name], result.lines[name], periods) for name in names}
    if how is Format.table and out is None:
        print_lines(result, names, values, periods)
        if any(map(is_least, (lines[name] for name in names))) and len(periods) < result.model.periods:
            print("Cover ratios are the least of the periods of each column.")
        return
    show([{"line": name, "label": lines[name].label, "unit": lines[name].unit, "section": lines[name].section}
          | {span.label: values[name][k] for k, span in enumerate(periods)} for name in names], how, out)  # fmt: skip


def chosen_lines(result: ProjectResult, pattern: str) -> list[str]:
    """Lines that are named, else those whose name begins as, or whose section is, one of what | separates.

    Raises:
        GigawattError: There is none.
    """
    import re

    lines = {name: line for name, line in result.model.lines.items() if not line.scalar and name not in HELPERS}
    found: set[str] = set()
    try:
        for part in pattern.split("|") if not set("()[]") & set(pattern) else [pattern]:
            wanted = re.compile(part, re.IGNORECASE)
            named = {name for name in lines if wanted.fullmatch(name)}
            found |= named or {name for name, line in lines.items()
                               if wanted.match(name) or wanted.fullmatch(line.section)}  # fmt: skip
    except re.error as error:
        raise GigawattError(f"--lines {pattern}: {error}") from None
    if not found:
        heads = dict.fromkeys([name.split(".")[0] for name in lines] + [line.section for line in lines.values()])
        near = nearest(pattern, [*lines, *heads])
        hint = f"; did you mean {near!r}?" if near else ""
        raise GigawattError(f"--lines {pattern}: no such line{hint}\n  known: {', '.join(heads)}")
    return [name for name in lines if name in found]


def print_lines(
    result: ProjectResult, names: Sequence[str], values: Mapping[str, Sequence[float]], periods: Sequence[Span]
) -> None:  # fmt: skip
    """The lines, section by section."""
    lines, scale = result.model.lines, scale_of(result)

    def text(name: str, value: float) -> str:
        line = lines[name]
        if not isfinite(value):
            return ""
        if line.unit == "USD":
            return scale.text(value)
        if line.kind == "date":
            return day(value).isoformat()
        if line.kind == "flag":
            return "yes" if value else "-"
        return "-" if value == 0 else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"

    texts = {name: [text(name, value) for value in values[name]] for name in names}
    labels = {name: f"{name}, {_unit(lines[name].unit, scale.name)}" for name in names}
    widths = [max(len(span.label), *(len(texts[name][k]) for name in names)) for k, span in enumerate(periods)]
    for first, last in _blocks(widths, width_there_is(True) - max(map(len, labels.values())) - MARGIN):
        for section in dict.fromkeys(lines[name].section for name in names):
            rows = [{section: labels[name]} | {periods[k].label.rjust(widths[k]): texts[name][k].rjust(widths[k])
                                               for k in range(first, last)}
                    for name in names if lines[name].section == section]  # fmt: skip
            show(rows, Format.table)
            print()


def _unit(unit: str, money: str) -> str:
    return money if unit == "USD" else unit


def _blocks(widths: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Ranges of columns that fit into the room, at least one column each."""
    found, first, used = [], 0, 0
    for k, width in enumerate(widths):
        if used + width + GAP > room and k > first:
            found.append((first, k))
            first, used = k, 0
        used += width + GAP
    return [*found, (first, len(widths))]
