"""A schedule as a workbook: projects, tasks, a Gantt grid, orders, what binds, power by year, and the assumptions."""

from __future__ import annotations

import datetime as dt
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
from xlsxwriter import Workbook

from gigawatt.buildout.holding import Held
from gigawatt.buildout.outcome import Outcome, beyond_lead_weeks, date_of, quantiles
from gigawatt.buildout.schedule_rows import binding_rows, project_rows, task_rows, year_rows
from gigawatt.report.buildout_assumptions import assumption_rows
from gigawatt.report.gantt_lines import answer, gantt, words
from gigawatt.report.page import write_whole
from gigawatt.report.sheets import Book, Column, Row, a_table
from gigawatt.report.words import opening, readable

MOST_WEEKS = 520  # of the Gantt grid
SPAN = 4  # weeks in one of its columns
CRITICAL = 0.5  # share of the draws from which a bar is shown as critical
BAR, LATE_BAR, DOUBT = "#4a9cc9", "#c05a6b", "#d3d8df"

PROJECTS = (
    Column("project", "Project", 22), Column("region", "Region", 14), Column("mw", "To build (MW)", 12, "mw"),
    Column("energised_mw", "Up already (MW)", 12, "mw"), Column("stage", "Stage reached", 14),
    Column("first_power", "First or next power, median", 13, "coming"), Column("p10", "Full power P10", 13, "coming"),
    Column("p50", "Full power P50", 13, "coming"), Column("p90", "Full power P90", 13, "coming"),
    Column("held_by", "Held by", 34), Column("held_weeks", "Waiting for it (weeks)", 12, "number"),
    Column("held_share", "In draws (%)", 10, "percent"), Column("due", "Due", 13, "date"),
    Column("float_weeks", "Float (weeks)", 10, "number"), Column("delay_weeks", "Delay (weeks)", 10, "number"),
    Column("on_time", "On time (% of draws)", 11, "percent"),
)  # fmt: skip
TASKS = (
    Column("project", "Project", 22), Column("phase", "Phase", 7, "whole"), Column("stage", "Stage", 16),
    Column("mw", "Power (MW)", 11, "mw"), Column("begin", "Begin P50", 13, "coming"),
    Column("weeks", "Duration, median (weeks)", 12, "number"), Column("p10", "Finish P10", 13, "coming"),
    Column("p50", "Finish P50", 13, "coming"), Column("p90", "Finish P90", 13, "coming"),
    Column("cause", "Waits last for", 34), Column("cause_share", "In draws (%)", 10, "percent"),
    Column("critical", "Critical (% of draws)", 11, "percent"),
    Column("float_weeks", "Float at medians (weeks)", 12, "number"),
)  # fmt: skip
GRID = (
    Column("project", "Project", 18), Column("phase", "Phase", 6, "whole"), Column("stage", "Stage", 15),
    Column("begin", "Begin P50", 11, "coming"), Column("p50", "Finish P50", 11, "coming"),
    Column("p90", "Finish P90", 11, "coming"), Column("critical", "Critical (%)", 8, "percent"),
)  # fmt: skip
ORDERS = (
    Column("project", "Project", 22), Column("phase", "Phase", 7, "whole"), Column("stage", "Stage", 16),
    Column("item", "Item", 30), Column("units", "Amount, median", 13, "mw"), Column("unit", "Unit", 10),
    Column("ordered", "Ordered", 13, "date"), Column("lead_weeks", "Lead time, median (weeks)", 12, "number"),
    Column("p10", "Arrives P10", 13, "coming"), Column("p50", "Arrives P50", 13, "coming"),
    Column("p90", "Arrives P90", 13, "coming"),
    Column("queue_weeks", "Beyond lead time, median (weeks)", 14, "number"),
)  # fmt: skip
BINDING = (
    Column("cause", "What tasks wait for", 36), Column("mw_weeks", "Waiting (MW-weeks, mean of draws)", 16, "mw"),
    Column("share", "Share of all waiting (%)", 12, "percent"),
    Column("held_share", "Of the MW it holds longest (%, mean of draws)", 14, "percent"),
    Column("projects", "Projects held", 10, "whole"),
    Column("holds", "Their names", 50),
)  # fmt: skip
YEARS = (
    Column("year", "Year", 8, "year"), Column("p10_mw", "Up at its end P10 (MW)", 14, "mw"),
    Column("p50_mw", "Up at its end P50 (MW)", 14, "mw"), Column("p90_mw", "Up at its end P90 (MW)", 14, "mw"),
)  # fmt: skip
ASSUMPTIONS = (
    Column("table", "Table", 12), Column("item", "Item", 20), Column("attribute", "Attribute", 22),
    Column("value", "Value", 12, "any"), Column("unit", "Unit", 14), Column("low", "Low (5 %)", 11, "any"),
    Column("high", "High (95 %)", 11, "any"), Column("as_of", "As of", 10), Column("confidence", "Confidence", 13),
    Column("source", "Source", 22), Column("title", "Title of the source", 44), Column("url", "Address", 40),
    Column("note", "Note", 60),
)  # fmt: skip


def write_xlsx(outcome: Outcome, held: Held, path: str | Path, medians: Outcome | None = None) -> Path:
    """Write the workbook of a schedule; gives back the path. Text is written as text, whatever it begins with.

    Args:
        medians: The outcome without draws, from which floats are read; simulated where it is not given.
    """
    return write_whole(workbook(outcome, held, medians or at_medians(outcome)), path)


def at_medians(outcome: Outcome) -> Outcome:
    """The same plan with everything at its median."""
    from gigawatt.buildout.events import simulate

    return outcome if not outcome.draws else simulate(outcome.plan, draws=0)


def workbook(outcome: Outcome, held: Held, medians: Outcome) -> bytes:
    """The bytes of the workbook, the same for the same schedule."""
    memory = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    start = outcome.plan.portfolio.start
    with Workbook(memory, {**as_text, "in_memory": True, "nan_inf_to_errors": True}) as file:
        chart = gantt(outcome, held)
        file.set_properties({"title": chart.title, "comments": chart.meta,
                             "created": dt.datetime(start.year, start.month, start.day)})  # fmt: skip
        book = Book(file)
        said = [answer(chart.lines, binding_rows(outcome, held), chart.up), chart.meta + "."]
        projects, tasks = project_rows(outcome, held), task_rows(outcome, held, medians)
        a_table(book, "Projects", PROJECTS, [told(row, "held_by") for row in projects], said)
        a_table(book, "Tasks", TASKS, [told(row, "cause") for row in tasks],
                ["Tasks that are not done before the plan; a phase that is empty is the whole site."])  # fmt: skip
        gantt_sheet(book, tasks, start)
        a_table(book, "Orders", ORDERS, order_rows(outcome), ["Every order, and when all of it has arrived."])
        waiting = [told(row, "cause") for row in binding_rows(outcome, held)]
        a_table(
            book,
            "What binds",
            BINDING,
            waiting,
            ["What projects wait for longest, by their MW in the mean of the draws."],
        )
        a_table(book, "Power by year", YEARS, year_rows(outcome), ["Power that is up, with what was up before."])
        stands_on = "Values of the catalog on which the schedule stands, with their 90 % intervals and sources."
        a_table(book, "Assumptions", ASSUMPTIONS, assumption_rows(outcome.plan), [stands_on])
    return memory.getvalue()


def told(row: Row, name: str) -> Row:
    """A row whose cause is in words."""
    return {**row, name: words(str(row[name]))}


def order_rows(outcome: Outcome) -> list[Row]:
    """A row for each order: what, how much, when it is placed and when it arrives."""
    plan, work = outcome.plan, outcome.plan.work
    arrives = quantiles(outcome.arrives)
    late = beyond_lead_weeks(work, arrives[1], work.lead_weeks)
    task_of_order = np.repeat(np.arange(len(work.weeks)), np.diff(work.first_order))
    rows = []
    for o, j in enumerate(task_of_order.tolist()):
        task, pool = plan.tasks[j], plan.pools[work.order_item[o]]
        rows.append({
            "project": plan.portfolio.projects[task.project].name, "phase": None if task.phase < 0 else task.phase + 1,
            "stage": task.stage.name, "item": opening(readable(pool.item.name)), "units": float(work.order_units[o]),
            "unit": pool.item.unit, "ordered": date_of(plan, float(work.order_week[o])),
            "lead_weeks": float(work.lead_weeks[o]),
            **{f"p{n}": date_of(plan, float(week)) for n, week in zip((10, 50, 90), arrives[:, o], strict=True)},
            "queue_weeks": float(late[o]) if math.isfinite(late[o]) else None,
        })  # fmt: skip
    return rows


def gantt_sheet(book: Book, tasks: list[Row], start: dt.date) -> None:
    """Tasks with a grid of weeks beside them, coloured from begin to finish; it follows when the dates are changed."""
    said = [
        f"A column is {SPAN} weeks from the Monday above it. Blue: begin to finish, medians; red: critical in half of "
        "the draws or more; grey: on to the P90 of the finish."
    ]
    sheet, top = a_table(book, "Gantt", GRID, tasks, said)
    ends = [row["p90"] or row["p50"] for row in tasks]
    last = max([end for end in ends if end is not None], default=start)
    columns = min(MOST_WEEKS, (last - start).days // 7 + SPAN) // SPAN + 1
    left, right = len(GRID), len(GRID) + columns - 1
    for k in range(columns):
        sheet.write_datetime(top, left + k, noon(start + dt.timedelta(weeks=SPAN * k)), book.format("month"))
    sheet.set_column(left, right, 2.6)
    sheet.freeze_panes(top + 1, 3)
    if not tasks:
        return
    here = f"H${top + 1}"  # the Monday above the cell
    row = top + 2  # as Excel counts rows
    begun = f'AND({here}<=$E{row},{here}+{7 * SPAN}>$D{row},$D{row}<>"")'
    for formula, colour in (
        (f"=AND({begun},$G{row}>={CRITICAL})", LATE_BAR),
        (f"={begun}", BAR),
        (f'=AND({here}>$E{row},{here}<=$F{row},$F{row}<>"")', DOUBT),
    ):
        rule = {"type": "formula", "criteria": formula, "stop_if_true": True,
                "format": book.file.add_format({"bg_color": colour})}  # fmt: skip
        sheet.conditional_format(top + 1, left, top + len(tasks), right, rule)


def noon(day: dt.date) -> Any:
    """A day as Excel's date."""
    return dt.datetime(day.year, day.month, day.day)
