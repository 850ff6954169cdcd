"""Runs of the world: one scenario with everything kept, or many side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.claims import evaluate
from gigawatt.compiled import cache_directory
from gigawatt.errors import SolveError
from gigawatt.ledger import LEDGERS
from gigawatt.results import Progress, Results, Table
from gigawatt.scenario import Scenario
from gigawatt.world.figures import figures
from gigawatt.world.hangs import hangs_figure
from gigawatt.world.names import Names, names
from gigawatt.world.opening import blank, opening
from gigawatt.world.record import LEDGER_LIMIT, Record
from gigawatt.world.setup import parameters, tables
from gigawatt.world.stages import compile_week
from gigawatt.world.step import run as run_weeks
from gigawatt.world.supplies import site_supplies
from gigawatt.world.tables import result_tables

HANGS_AT = 2  # after the figures that it is about
CHUNK_WEEKS = 26  # weeks between looks at the clock and the keyboard

MISSING = (
    "Power is a mean price by region and week; hours are planned once, for the catalog and for sites with a supply.",
    "Serving is an estimate of full load times one realised efficiency; requests are not simulated one by one.",
    "Sites are built by a mean lead time with an Erlang spread; single tasks, crews and permits are not scheduled.",
    "Leases of buildings and announced warrants are listed but not paid: the owner of the chips pays for the site.",
    "Opening balance sheets are rounded and partly own estimates; outside sectors are never short of cash.",
    "Money is in nominal dollars without inflation; a single run takes medians and no random shocks.",
)


def prepare(scenario: Scenario, tell: Progress = lambda _, __: None) -> tuple[Names, Any, Any, Any]:
    """Names, parameters, tables and opening state of a scenario; compiles the week where no cache has it."""
    named = names(scenario)
    site_supplies(scenario, tell)
    p, t = parameters(scenario), tables(scenario, named)
    if not any(cache_directory().rglob("step.run-*.nbi")):
        tell("compiling the week (once, then cached)", 0.0)
        compile_week(blank(scenario, named), p, t)
    tell("making the opening state", 0.0)
    return named, p, t, opening(scenario, named, t, p)


def simulate(
    scenario: Scenario, progress: Progress | None = None, changes: Mapping[str, float] | None = None
) -> Record:
    """The state after every week of a scenario, with what it read.

    Args:
        progress: Told what is being done and the share that is done, 0 to 1.
        changes: Parameters to set after the opening state is made, by `group.field`.

    Raises:
        SolveError: A ledger does not balance; names it and the week.
    """
    tell = progress or (lambda _, __: None)
    named, p, t, w = prepare(scenario, tell)
    for path, value in (changes or {}).items():
        group, field = path.split(".")
        p[group][field] = value
    start, history = w.copy(), np.zeros(scenario.weeks, w.dtype).view(np.recarray)
    for first in range(0, scenario.weeks, CHUNK_WEEKS):
        last = min(first + CHUNK_WEEKS, scenario.weeks)
        run_weeks(w, p, t, first, last - first, scenario.seed, history[first:last])
        tell(f"week {last} of {scenario.weeks}", last / scenario.weeks)
    record = Record(scenario=scenario, names=named, parameters=p, tables=t, opening=start, history=history)
    require_balance(record)
    return record


def require_balance(record: Record) -> None:
    """Raise SolveError if a ledger does not balance in some week, or its error is not a number."""
    errors = record.field("error.week")
    bad = ~(errors <= LEDGER_LIMIT)
    if bad.any():
        week, ledger = (int(i) for i in np.argwhere(bad)[0])
        date = record.timeline.date(week)
        raise SolveError(
            f"{LEDGERS[ledger]}: off by {errors[week, ledger]:.1e} of its volume in week {week} ({date}), "
            f"at most {LEDGER_LIMIT:.0e} is allowed"
        )


def run(scenario: Scenario, progress: Progress | None = None) -> Results:
    """Run a scenario and give its tables and headline figures."""
    record = simulate(scenario, progress)
    made = result_tables(record)
    made["claims"] = Table.from_rows("claims", evaluate(scenario.claims, made))
    manifest = {
        "seed": scenario.seed, "start": scenario.start.isoformat(), "weeks": scenario.weeks,
        "description": scenario.description, "missing": list(MISSING), "attributions": attributions(record),
    }  # fmt: skip
    headlines = figures(record, made)
    headlines.insert(HANGS_AT, hangs_figure(record))
    return Results(scenario.name, scenario.hash, made, headlines, manifest)


def attributions(record: Record) -> list[str]:
    """Attribution texts that licences of the sources used ask for, each once."""
    keys = {origin.source for _, _, origin in record.scenario.assumptions()}
    used = [source for source in catalog.sources() if source.key in keys and "attribution" in source.licence.lower()]
    return sorted({f"{source.author or source.title}: {source.licence}" for source in used})


def run_many(scenarios: Iterable[Scenario], threads: int = 1) -> list[Any]:
    """The state after the last week of each scenario, side by side on `threads` threads.

    A scenario's path depends on nothing but the scenario: threads and order change no bit.
    """

    def last(scenario: Scenario) -> Any:
        _, p, t, w = prepare(scenario)
        w.books.keep_journal = 0.0
        run_weeks(w, p, t, 0, scenario.weeks, scenario.seed, np.zeros(0, w.dtype).view(np.recarray))
        return w

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(last, scenarios))
