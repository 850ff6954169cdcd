"""What `gigawatt buildout schedule` does: reads a portfolio, follows it, and tells, writes and draws what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.buildout_lines import (
    LEAST_OF_CAUSES,
    LEAST_OF_COSTS,
    LEAST_OF_PROJECTS,
    LEAST_OF_TASKS,
    binding_line,
    cost_line,
    project_line,
    task_line,
    year_line,
)
from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, by_name, show
from gigawatt.cli.power_asked import quantity, unknown
from gigawatt.cli.progress import ProgressLine
from gigawatt.cli.running import example
from gigawatt.errors import GigawattError, ScenarioError, nearest, shown

if TYPE_CHECKING:
    import datetime as dt

    from gigawatt.buildout.holding import Held
    from gigawatt.buildout.outcome import Outcome
    from gigawatt.buildout.plan import Plan
    from gigawatt.buildout.projects import Portfolio

CATALOG = "catalog"
METHODS = {"events": "event simulation", "fluid": "weekly fluid engine"}
PICTURES, SHEETS = (".html", ".svg"), ".xlsx"
FEW = 12  # causes that are told
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options say."""

    portfolio: str
    draws: int
    seed: int
    start: str | None
    engine: str
    buyer: str | None  # one or all; None: all for the catalog, else one
    seconds: float | None  # of the exact schedule; None: not wanted
    supply: str | None
    project: str | None
    tasks: bool
    costs: bool
    gantt: Path | None
    how: Format
    out: Path | None

    def __post_init__(self) -> None:
        if self.draws < 0:
            raise GigawattError(f"--draws {self.draws}: at least 0; 0 takes all medians")
        if self.seconds is not None and not self.seconds > 0.0:
            raise GigawattError(f"--seconds {self.seconds:g}: above 0")
        if self.gantt is not None and self.gantt.suffix.lower() not in PICTURES:
            raise GigawattError(f"--gantt {self.gantt}: end its name in .html or .svg")
        self._check_out()
        if self.how is Format.parquet and self.out is None:
            raise GigawattError("--format parquet writes a file: say which with --out FILE.parquet")
        if self.costs and (self.tasks or self.project is not None or self.seconds is not None):
            raise GigawattError("--costs goes by itself: leave out --tasks, --project and --exact")

    def _check_out(self) -> None:
        """Whether the file that is asked for can be written, before anything is simulated."""
        suffix = self.out.suffix.lower() if self.out is not None else ""
        if suffix in PICTURES:
            raise GigawattError(f"--out {self.out}: pages and pictures are drawn by --gantt {self.out}")
        if suffix != SHEETS:
            by_name(self.how, self.out)
        elif self.how is not Format.table:
            raise GigawattError(f"--format {self.how.value} and --out {self.out} contradict each other")


def run(asked: Asked) -> None:
    """Follow the portfolio and tell."""
    from gigawatt.buildout.holding import holding
    from gigawatt.buildout.plan import plan

    one_buyer = (asked.buyer or ("all" if asked.portfolio == CATALOG else "one")) == "one"
    portfolio = replace(portfolio_of(asked.portfolio, asked.start), one_buyer=one_buyer)
    laid = supplied(plan(portfolio), asked.supply)
    names = [project.name for project in laid.portfolio.projects]
    if asked.project is not None and asked.project not in names:
        raise GigawattError(f"--project: {unknown(asked.project, names)}")
    with ProgressLine("compiling what follows tasks, crews and deliveries") as line:
        outcome, medians = followed(laid, asked, line)
        held = holding(outcome)
    tell(outcome, medians, held, asked)
    if asked.gantt is not None:
        from gigawatt.report.gantt import write

        write(outcome, held, asked.gantt)
        say(f"wrote {asked.gantt}")


def portfolio_of(name: str, start: str | None) -> Portfolio:
    """The portfolio of a file, an example, or the catalog."""
    from gigawatt.buildout.announced import announced, in_service
    from gigawatt.buildout.portfolio_csv import read_portfolio
    from gigawatt.buildout.projects import OPENING
    from gigawatt.timeline import parse_date

    first: dt.date = OPENING if start is None else parse_date(start)
    if name == CATALOG:  # is followed from the day on which sites stood as it says, whatever is told
        if first < OPENING:
            raise GigawattError(f"--start {start}: the catalog knows where sites stood on {OPENING}; not before that")
        say(f"up in full, and left out: {', '.join(in_service())}")
        return announced()
    path, shipped = Path(name), False
    if not path.exists() and not path.suffix:
        path = example(name, ".csv") or path
        shipped = path.exists()
        if not shipped:
            close = nearest(name, (CATALOG, "portfolio"))
            hint = f"; did you mean {close!r}?" if close else ""
            raise GigawattError(f"{name}: no such file or example{hint} (a CSV file, portfolio, or {CATALOG})")
    try:
        return read_portfolio(path, start=first)
    except ScenarioError as error:
        if not shipped or start is None:
            raise
        raise GigawattError(
            f"--start {start}: the projects of the example {name} stand as they were on {OPENING}. Leave --start "
            f"out, or copy {path} and say in its column `stage` how far each of them has come by then."
        ) from error


def to_come(found: Sequence[Row], asked: Asked) -> list[Row]:
    """Rows of what ends, or of years, from --start on: of the catalog's sites not all is told where that is later."""
    from gigawatt.timeline import parse_date

    if asked.start is None or asked.portfolio != CATALOG:
        return list(found)
    since = parse_date(asked.start)
    return [row for row in found if ((row["p90"] or since) >= since if "p90" in row else row["year"] >= since.year)]


def supplied(plan: Plan, text: str | None) -> Plan:
    """The plan with factors on what items and trades give."""
    if not text:
        return plan
    factors = factors_of(text, plan)
    work = plan.work
    capacity, available = work.capacity.copy(), work.available.copy()
    for i, pool in enumerate(plan.pools):
        capacity[i] *= factors.get(pool.item.name, 1.0)
    for k, crew in enumerate(plan.crews):
        available[k] *= factors.get(crew.trade, 1.0)
    return replace(plan, work=work._replace(capacity=capacity, available=available))


def factors_of(text: str, plan: Plan) -> Mapping[str, float]:
    """Factors by item or trade of a text such as "power_transformers=1.5,electricians=120%"."""
    items, trades = {pool.item.name for pool in plan.pools}, {crew.trade for crew in plan.crews}
    found: dict[str, float] = {}
    for part in (part.strip() for part in text.split(",") if part.strip()):
        name, sign, value = (each.strip() for each in part.partition("="))
        if not sign:
            raise GigawattError(f"--supply: {shown(part)} is not a name and a factor, such as power_transformers=1.5")
        if name not in items | trades:
            raise GigawattError(f"--supply: {unknown(name, sorted(items | trades))}")
        factor = quantity(value, "1", "--supply")
        if factor <= 0.0:
            raise GigawattError(f"--supply {name}={value}: above 0")
        if factor < 1.0 and name in trades:
            raise GigawattError(f"--supply {name}={value}: fewer workers might not do for a task; at least 1")
        found[name] = factor
    return found


def followed(plan: Plan, asked: Asked, line: Callable[[str, float], None]) -> tuple[Outcome, Outcome]:
    """The outcome by the engine that is asked for, and that at medians, which comes first and compiles the engine."""
    from gigawatt.buildout.events import simulate
    from gigawatt.buildout.fluid import flow

    engine = {"events": simulate, "fluid": flow}[asked.engine]
    medians = engine(plan, draws=0)
    if not asked.draws:
        return medians, medians
    line(f"{asked.draws:,} draws of {len(plan.portfolio.projects)} projects", 0.0)
    return engine(plan, draws=asked.draws, seed=asked.seed), medians


def tell(outcome: Outcome, medians: Outcome, held: Held, asked: Asked) -> None:
    """The tables, on the terminal or in a file."""
    from gigawatt.buildout import schedule_rows as rows

    if asked.out is not None and asked.out.suffix.lower() == SHEETS:
        from gigawatt.report.buildout_xlsx import write_xlsx

        write_xlsx(outcome, held, asked.out, medians)
        say(f"wrote {asked.out}")
        return
    if asked.costs:
        tell_costs(outcome, asked)
        return
    by_task = asked.tasks or asked.project is not None
    files = by_name(asked.how, asked.out) is not Format.table or asked.out is not None
    if by_task:
        found = to_come(rows.task_rows(outcome, held, medians, asked.project), asked)
        lines = found if files else [task_line(row) for row in found]
    else:
        found = to_come(with_exact(rows.project_rows(outcome, held), medians, asked), asked)
        lines = found if files else [project_line(row) for row in found]
    if files or by_task:
        show(lines, asked.how, asked.out, title=heading(outcome), least=LEAST_OF_TASKS)
        return
    show(lines, Format.table, title=heading(outcome), least=LEAST_OF_PROJECTS)
    binding = rows.binding_rows(outcome, held)
    if binding:
        print()
        show(
            [binding_line(row) for row in binding[:FEW]],
            Format.table,
            title="what holds the portfolio, by the MW that wait longest for it in the mean of the draws; weeks\n"
            "waited on the chains that decide, usual lead times included, times the MW of the project",
            least=LEAST_OF_CAUSES,
        )
    print()
    years = to_come(rows.year_rows(outcome), asked)
    show([year_line(row) for row in years], Format.table, title="power up at the end of the year, MW")


def tell_costs(outcome: Outcome, asked: Asked) -> None:
    """What projects cost as they come out."""
    from gigawatt.buildout.cost import cost_rows, costs

    found = cost_rows(outcome, costs(outcome))
    files = by_name(asked.how, asked.out) is not Format.table or asked.out is not None
    show(
        found if files else [cost_line(row) for row in found],
        asked.how,
        asked.out,
        title=heading(outcome),
        least=LEAST_OF_COSTS,
    )


def heading(outcome: Outcome) -> str:
    """Size of the portfolio, and how it was followed."""
    projects = outcome.plan.portfolio.projects
    to_build, energised = sum(p.mw for p in projects), sum(p.energised_mw for p in projects)
    many = "1 project" if len(projects) == 1 else f"{len(projects)} projects"
    up = f" beside {energised:,.0f} MW that are up" if energised else ""
    drawn = f"{outcome.draws:,} draws, seed {outcome.seed}" if outcome.draws else "all at medians, no shocks"
    begin, buyer = outcome.plan.portfolio.start, "one buyer" if outcome.plan.portfolio.one_buyer else "all builders"
    return f"{many}, {to_build:,.0f} MW to build{up}, from {begin}; {buyer}; {METHODS[outcome.method]}, {drawn}"


def with_exact(found: Sequence[Row], medians: Outcome, asked: Asked) -> list[Row]:
    """The rows with the best dates that medians allow beside those of the engine at medians."""
    if asked.seconds is None:
        return list(found)
    import numpy as np

    from gigawatt.buildout.exact import best_schedule
    from gigawatt.buildout.outcome import date_of

    plan = medians.plan
    with ProgressLine("searching the best schedule at medians"):
        try:
            best = best_schedule(plan, seconds=asked.seconds)
        except (ImportError, ValueError) as error:
            raise GigawattError(f"--exact: {error}") from error
    rest = "" if best.status == "optimal" else "; more --seconds may tell"
    say(f"best schedule at medians: {best.status}, within {100 * best.gap:.2g} % of the best there is{rest}")
    rows = []
    for p, row in enumerate(found):
        own = np.flatnonzero(plan.work.project == p)
        days = (date_of(plan, float(finish[own].max())) for finish in (medians.finish[0], best.finish))
        rows.append(row | dict(zip(("at_medians", "best_at_medians"), days, strict=True)))
    return rows
