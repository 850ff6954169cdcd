"""From a scenario file to a run on disk with its report, and what `run` says about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.results import Results, Table

EXAMPLE = "stargate"


@dataclass(frozen=True, slots=True)
class Run:
    """A run on disk."""

    results: Results
    directory: Path
    reused: bool

    @property
    def report(self) -> Path:
        return self.directory / "report.html"

    @property
    def balanced(self) -> bool:
        return bool(self.results.tables["checks"]["passed"].all())


def scenario_path(given: str | None) -> Path:
    """The file that is meant: a path, the name of an example, or the stargate example when nothing is said."""
    if given and (Path(given).exists() or Path(given).suffix):
        return Path(given)
    shipped = example(given or EXAMPLE)
    return shipped or Path(given or EXAMPLE)


def example(name: str, suffix: str = ".yaml") -> Path | None:
    """The example of that name: in the installed package, or beside it in the sources."""
    import gigawatt

    package = Path(gigawatt.__file__).parent
    places = (package / "examples" / f"{name}{suffix}", package.parent / "examples" / f"{name}{suffix}")
    return next((place for place in places if place.is_file()), None)


def run_scenario(path: Path, scenario: str | None, sets: Sequence[str], root: Path, force: bool) -> Run:
    """Runs the scenario, or finds the run that is there already; writes run and report, and says what it wrote."""
    from gigawatt import scenario as scenarios
    from gigawatt import store

    loaded = scenarios.load(path, scenario=scenario, sets=sets)
    place = store.run_directory(root, loaded.name, loaded.hash)
    found = None if force else _found(place, loaded.hash)
    results = found or _computed(loaded, root)
    run = Run(results, place, reused=found is not None)
    if found is None or not run.report.is_file():
        write_report(results, run.report)
    say(f"{'found' if run.reused else 'wrote'} {place}/")
    return run


def write_report(results: Results, path: Path) -> None:
    """Writes the HTML report."""
    from gigawatt import report

    report.write_html(results, path)
    say(f"wrote {path}")


def _found(place: Path, hash: str) -> Results | None:
    from gigawatt import store

    if not store.is_complete(place, hash):
        return None
    try:
        results = store.load(place)
    except GigawattError as error:
        say(f"{error}: running it again")
        return None
    say("this scenario has run before with this gigawatt; its results are reused (--force runs it again)")
    return results


def _computed(loaded: Any, root: Path) -> Results:
    from gigawatt import store
    from gigawatt.cli.progress import ProgressLine

    with ProgressLine("loading the world") as progress:
        from gigawatt import world

        results: Results = world.run(loaded, progress=progress)
        progress("writing the tables", 0.99)
        store.save(results, loaded, root)
    return results


def figure_rows(results: Results) -> list[dict[str, Any]]:
    """The headline figures as rows: what, as people read it, value and unit."""
    return [{"figure": f.name, "result": f.text, "value": f.value, "unit": f.unit} for f in results.figures]


def show_run(run: Run, how: Format, out: Path | None = None) -> None:
    """Prints the headline figures; with `table` also checks, claims and where everything is."""
    rows = figure_rows(run.results)
    if how is not Format.table:
        show(rows, how, out or (run.directory / "figures.parquet" if how is Format.parquet else None))
        return
    show([{key: row[key] for key in ("figure", "result")} for row in rows], how, title=run.results.scenario_name)
    print(checks_line(run.results.tables["checks"]))
    for line in claims_lines(run.results.tables["claims"]):
        print(line)
    print(f"run      {run.directory}")
    print(f"report   {run.report}")


def checks_line(checks: Table) -> str:
    """The three ledgers and the worst relative error of each."""
    worst: dict[str, float] = {}
    for row in checks.rows():
        worst[str(row["ledger"])] = max(worst.get(str(row["ledger"]), 0.0), float(row["worst_relative_error"]))  # type: ignore[arg-type]
    broken = [f"{row['ledger']}: {row['check']} (week {row['week']})" for row in checks.rows() if not row["passed"]]
    said = ", ".join(f"{ledger} {error:.1e}" for ledger, error in worst.items())
    if broken:
        return f"ledgers  DO NOT BALANCE: {'; '.join(broken)}; worst relative errors: {said}"
    return f"ledgers  balance in every week; worst relative errors: {said}"


def claims_lines(claims: Table) -> list[str]:
    """How many claims hold, and those that do not."""
    rows = claims.rows()
    if not rows:
        return []
    failing = [f"  does not hold: {row['claim']} ({claimed(row)})" for row in rows if not row["holds"]]
    return [f"claims   {len(rows) - len(failing)} of {len(rows)} hold", *failing]


def claimed(row: Any) -> str:
    """What the run says about a claim, in the unit of its figure."""
    from gigawatt.measures import MEASURES
    from gigawatt.units import format_quantity

    if row["date"] is None or row["value"] != row["value"]:
        return "no value"
    measure = MEASURES.get(row["figure"].split(".")[0])
    return f"it is {format_quantity(row['value'], measure.unit if measure else '')} in the week of {row['date']}"
