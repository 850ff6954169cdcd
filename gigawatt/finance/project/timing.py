"""Periods, dates, phases and flags: when the project is built, when it works, and how long."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import ceil
from math import floor as floor_of

from gigawatt.finance.project.inputs import Phase, Project
from gigawatt.finance.project.lines import (
    Input,
    Later,
    Line,
    Model,
    Term,
    added,
    at,
    flag,
    floor,
    least,
    month_end,
    most,
    prev,
    ratio,
    remainder,
    whole,
)
from gigawatt.units import MONTHS_PER_YEAR

FIRST_DAY = dt.date(1899, 12, 30)  # day 0 of spreadsheets


@dataclass(frozen=True, slots=True)
class PhaseLines:
    """When one phase is built and when it works."""

    share: Input
    built: Line  # share of the phase that is built by the end of the period
    completed: Line  # period at whose end it comes into service
    online: Line  # 1 while it works


@dataclass(frozen=True, slots=True)
class Timing:
    """Lines of time that all others use."""

    period: Line
    year: Line  # of the plan, from 1
    building: Line  # 1 until completion
    operating: Line  # 1 from the first service to the end
    repaying: Line  # 1 from completion to the end
    online: Line  # share of the capacity in service
    operating_year: Line  # full years since the first service
    first_service: Line  # period at whose end the first phase is ready
    completion: Line  # period at whose end the last phase is ready
    end: Line  # last period of operation
    opens: Line  # 1 in the first period of a year of the plan
    closes: Line  # 1 in the last one
    phases: tuple[PhaseLines, ...]
    per_year: float

    def periods(self, months: Term) -> Term:
        """Months as a whole number of periods."""
        return whole(months * (self.per_year / MONTHS_PER_YEAR))


def periods_of(project: Project) -> int:
    """Periods that the plan needs, from the start to the end of operation."""
    per_month = project.periods_per_year / MONTHS_PER_YEAR
    built = max(_completed(phase, per_month) for phase in project.phases)
    worked = max(1, floor_of(project.operation_years * project.periods_per_year + 0.5))
    return built + worked + ceil(project.delay_months * per_month)


def _completed(phase: Phase, per_month: float) -> int:
    """Period at whose end a phase is ready, by the rule of its line: halves round up, at least one period."""
    begun, ended = phase.start_month * per_month, (phase.start_month + phase.months) * per_month
    return max(floor_of(begun + 0.5) + 1, floor_of(ended + 0.5))


def timing(model: Model, project: Project) -> Timing:
    """The lines of time."""
    model.section = "Timing"
    per_year = float(model.periods_per_year)
    start = model.input("start", (project.start - FIRST_DAY).days, "date", "First day of the plan")
    years = model.input("operation_years", project.operation_years, "years", "Operation, from completion")
    period = model.line("time.period", prev(Later("time.period")) + 1, "no.", "Period", "balance")
    months = MONTHS_PER_YEAR / per_year
    model.line("time.begins", month_end(start, (period - 1) * months), "date", "First day", "date")
    model.line("time.ends", month_end(start, period * months) - 1, "date", "Last day", "date")
    year = model.line("time.year", floor((period - 1) / per_year) + 1, "no.", "Year of the plan", "balance")
    phases = tuple(_phase(model, period, per_year, phase) for phase in project.phases)
    first_service = model.scalar("time.first_service", least(*(p.completed for p in phases)), "period",
                                 "First service: end of period", "balance")  # fmt: skip
    completion = model.scalar("time.completion", most(*(p.completed for p in phases)), "period",
                              "Completion: end of period", "balance")  # fmt: skip
    end = model.scalar("time.end", completion + most(1, whole(years * per_year)), "period", "Last period of operation",
                       "balance")  # fmt: skip
    working = flag(period <= end)
    operating = model.line("time.operating", flag(period > first_service) * working, "flag", "Operating", "flag")
    online = added(p.share * p.online for p in phases)
    return Timing(
        period=period, year=year,
        building=model.line("time.building", flag(period <= completion), "flag", "Before completion", "flag"),
        operating=operating,
        repaying=model.line("time.repaying", flag(period > completion) * working, "flag", "After completion", "flag"),
        online=model.line("time.online", online * operating, "share", "Capacity in service", "ratio"),
        operating_year=model.line("time.operating_year",
                                  most(floor((period - first_service - 1) / per_year), 0), "years",
                                  "Full years since the first service", "balance"),
        opens=model.line("time.opens", at(remainder(period - 1, per_year), 0), "flag", "Year opens", "flag"),
        closes=model.line("time.closes", at(remainder(period, per_year), 0), "flag", "Year closes", "flag"),
        first_service=first_service, completion=completion, end=end, phases=phases, per_year=per_year,
    )  # fmt: skip


def _phase(model: Model, period: Line, per_year: float, phase: Phase) -> PhaseLines:
    """When a phase is built: its spending follows x + curve (3 x^2 - 2 x^3 - x) over its months, x from 0 to 1."""
    path = f"phases.{phase.name}"
    share = model.input(f"{path}.share", phase.share, "share", f"Phase {phase.name}: share of every asset")
    start = model.input(f"{path}.start_month", phase.start_month, "months", f"Phase {phase.name}: start")
    months = model.input(f"{path}.months", phase.months, "months", f"Phase {phase.name}: time to build")
    curve = model.input(f"{path}.curve", phase.curve, "share", f"Phase {phase.name}: 0 level spending, 1 S-curve")
    per_month = per_year / MONTHS_PER_YEAR
    begun = model.scalar(f"{path}.begun", whole(start * per_month), "period", "", "balance")
    completed = model.scalar(f"{path}.completed", most(begun + 1, whole((start + months) * per_month)), "period", "",
                             "balance", "built in one period at least")  # fmt: skip
    x = model.line(f"{path}.progress", most(0, least(1, ratio(period - begun, completed - begun))), "share", "",
                   "balance")  # fmt: skip
    built = model.line(f"{path}.built", x + curve * (3 * x**2 - 2 * x**3 - x), "share", "", "balance")
    online = model.line(f"{path}.online", flag(period > completed), "flag", "", "flag")
    return PhaseLines(share=share, built=built, completed=completed, online=online)
