"""Lines of a model on a terminal: labels on the left, time across, in blocks as wide as the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from gigawatt.cli.finance_tables import Span, day, scale_of
from gigawatt.cli.output import Format, show, width_there_is

if TYPE_CHECKING:
    from gigawatt.finance.project.result import ProjectResult

MARGIN, GAP = 4, 3


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
