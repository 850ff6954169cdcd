"""The figure on claims: what the scenario's author wanted checked, and what the run says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gigawatt.report.numbers import significant, three
from gigawatt.report.option import Option, grid
from gigawatt.report.palette import FAIL, INK, PASS
from gigawatt.report.panel import Chart, Numbers, Panel
from gigawatt.report.series import day
from gigawatt.results import Results, Table

FARTHEST = 250.0
"""Bars end here, % of the threshold; the value itself stands in the table."""


def claims_panel(results: Results) -> Panel:
    """Value of each claim over its threshold, and whether it holds."""
    table = results["claims"]
    holding = int(table["holds"].sum()) if len(table) else 0
    finding = f"{holding} of {len(table)} claims hold." if len(table) else "This scenario makes no claims."
    bars = int(np.count_nonzero(table["threshold"]))
    return Panel(
        "claims", "Claims", finding,
        "Table claims: value over threshold, the line at 100 % being the threshold; "
        f"green where the claim holds, red where it fails (bars end at {FARTHEST:.0f} %; a threshold of 0 has no bar).",
        (Chart("claims", _bars(table), height=f"rows-{bars}"),) if bars else (), _numbers(table),
    )  # fmt: skip


def _bars(table: Table) -> Option:
    rows = [row for row in table.rows() if row["threshold"]]
    data = [{"value": _percent(row["value"], row["threshold"]), "name": row["claim"],
             "text": f"{'Holds' if row['holds'] else 'Fails'}: {three(_number(row['value']))}",
             "itemStyle": {"color": PASS if row["holds"] else FAIL}} for row in rows]  # fmt: skip
    line = {"silent": True, "symbol": "none", "label": {"show": False}, "data": [{"xAxis": 100}],
            "lineStyle": {"color": INK, "type": "dashed", "width": 1.25}}  # fmt: skip
    bar = {"type": "bar", "name": "Value over threshold", "unit": "%", "data": data, "markLine": line,
           "barMaxWidth": 16}  # fmt: skip
    label = {"width": 150, "lineHeight": 14, "overflow": "break", "interval": 0}
    claims = [str(row["claim"]) for row in rows]
    names = {"type": "category", "inverse": True, "data": claims, "axisLabel": label, "axisTick": {"show": False}}
    ends = {"type": "value", "name": "% of threshold", "nameLocation": "middle", "nameGap": 26, "min": 0}
    place = grid(top=8, bottom=40, legendRoom=0)
    return {
        "animation": False,
        "tooltip": {"trigger": "item"},
        "grid": place,
        "xAxis": ends,
        "yAxis": names,
        "series": [bar],
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _percent(value: object, threshold: object) -> float | None:
    below = _number(threshold)
    return significant(min(FARTHEST, max(0.0, 100 * _number(value) / below))) if below else None


def _numbers(table: Table) -> Numbers:
    rows = tuple(_claim(row) for row in table.rows())
    return Numbers(("Claim", "Week of", "Value", "Threshold", "Result"), rows, "Claim by claim", unfolded=True)


def _claim(row: Mapping[str, object]) -> tuple[str, ...]:
    """A claim, its week, what the run says, what was claimed, and whether it holds."""
    bound = f"{row['operator']} {three(_number(row['threshold']))}"
    holds = "holds" if row["holds"] else "fails"
    return str(row["claim"]), _day(row["date"]), three(_number(row["value"])), bound, holds


def _day(value: object) -> str:
    return "outside the plan" if value is None else day(np.datetime64(str(value)))
