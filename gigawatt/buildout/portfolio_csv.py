"""A portfolio from a CSV file of projects, with every mistake named at once, and back into one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path

from gigawatt.buildout.csv_cells import Cell, cells, delimiter_of
from gigawatt.buildout.design import Design
from gigawatt.buildout.portfolio_cells import COLUMNS, MOST_WEEKS, NEEDED, WEEKS, Row, guarded, unguarded
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import NEW, SHELLS, Stage, ordered, standard_stages
from gigawatt.errors import Mistake, ScenarioError, nearest, shown

HORIZON = 780  # weeks for which supply and crews are laid out
LEAST_TEMPO = 0.01


def read_portfolio(
    path: str | Path, *, start: dt.date = OPENING, weeks: int = HORIZON, stages: Sequence[Stage] = ()
) -> Portfolio:
    """The projects of a CSV file, one a row, as a portfolio that begins at `start`.

    Columns: name, region, mw and start; where known also phases (a count such as 4, or sizes such as 200/200/300),
    stagger_weeks, stage and done (reached at the start), energised_mw (of `mw`, already up), chip, cooling, redundancy,
    power, backup (yes or no), priority, shell (new, standing or prefabricated), tempo (of the builder, 1 is usual),
    due, damages_usd_per_mw_day, damages_cap_share and STAGE_weeks (a duration that is known).
    Cells take units ("1.2 GW", "6 months"); an empty one is as if its column were not there. Behind semicolons or tabs
    a decimal comma will do. A name that a spreadsheet would run may have an apostrophe in front, as `portfolio_csv`
    writes it.

    Raises:
        ScenarioError: All mistakes of the file, by line and column.
    """
    return parse_portfolio(_text(Path(path)), file=str(path), start=start, weeks=weeks, stages=stages)


def _text(path: Path) -> str:
    """The text of a file; a mistake where there is none."""
    file = str(path)
    if path.is_dir():
        raise ScenarioError([Mistake(file, 0, 0, "", "this is a folder", "wants a CSV file of projects")])
    try:
        found = path.read_bytes()
    except OSError as error:
        raise ScenarioError([Mistake(file, 0, 0, "", f"cannot read this file: {error.strerror}")]) from error
    try:
        text = found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        said = f"the byte {found[error.start]:#04x} is no UTF-8"
        raise ScenarioError([Mistake(file, line, 0, "", said, "save it as UTF-8 (Excel: CSV UTF-8)")]) from error
    if "\0" in text:
        raise ScenarioError([Mistake(file, 1, 0, "", "this is no text", "save it as UTF-8 (Excel: CSV UTF-8)")])
    return text


def parse_portfolio(
    text: str,
    *,
    file: str = "portfolio",
    start: dt.date = OPENING,
    weeks: int = HORIZON,
    stages: Sequence[Stage] = (),
) -> Portfolio:
    """The same from the text of a file."""
    known = ordered(stages or standard_stages())
    delimiter = delimiter_of(text)
    try:
        rows = cells(text, delimiter)
    except ValueError as error:
        raise ScenarioError([Mistake(file, 0, 0, "", str(error))]) from error
    mistakes: list[Mistake] = []
    names = _columns(rows[0] if rows else [], file, known, mistakes)
    if len(rows) < 2:
        mistakes.append(Mistake(file, 1, 1, "", "no project", f"a row for each below {','.join(NEEDED)}"))
    found = [
        _project(row, names, Row(file, known, start, mistakes, columns=names, decimal_comma=delimiter != ","))
        for row in rows[1:]
    ]
    if "name" in names:
        _once([row[names.index("name")] for row in rows[1:] if len(row) > names.index("name")], file, mistakes)
    if mistakes:
        raise ScenarioError(mistakes)
    projects = tuple(project for project in found if project is not None)
    return Portfolio(projects=projects, start=start, weeks=weeks, stages=known)


def portfolio_csv(portfolio: Portfolio) -> str:
    """The projects of a portfolio as the text of a CSV file, which reads back equal; columns without values left out.

    The start of the portfolio, its weeks and its stages are not part of the file.
    """
    rows = [_written(project) for project in portfolio.projects]
    durations = [f"{stage.name}{WEEKS}" for stage in portfolio.stages]
    kept = [name for name in (*COLUMNS, *durations) if name in NEEDED or any(row.get(name) for row in rows)]
    lines = [kept, *([row.get(name, "") for name in kept] for row in rows)]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines)


def _columns(header: Sequence[Cell], file: str, stages: Sequence[Stage], mistakes: list[Mistake]) -> list[str]:
    """Names of the columns; mistakes for those that are unknown, double or missing."""
    known = [*COLUMNS, *(f"{stage.name}{WEEKS}" for stage in stages)]
    names = [cell.text.strip().lower().replace(" ", "_") for cell in header]
    for name, cell in zip(names, header, strict=True):
        if name not in known:
            close = nearest(name, known) or ""
            mistakes.append(
                Mistake(file, cell.line, cell.column, cell.text, "unknown column", f"known: {', '.join(known)}", close)
            )
        elif names.index(name) != header.index(cell):
            mistakes.append(Mistake(file, cell.line, cell.column, name, "this column is given twice"))
    for name in NEEDED:
        if name not in names:
            mistakes.append(Mistake(file, 1, 0, name, "this column is missing", f"needed: {', '.join(NEEDED)}"))
    return names


def _project(cells: Sequence[Cell], names: Sequence[str], row: Row) -> Project | None:
    """The project of a row; None where it has mistakes."""
    before = len(row.mistakes)
    if len(cells) > len(names):
        extra = cells[len(names)]
        row.wrong(extra, "", f"{len(cells)} cells", f"{len(names)}, as in the first line; put a comma into quotes")
    last = cells[-1]
    row.given = {name: cell for name, cell in zip(names, cells, strict=False) if cell.text.strip()}
    row.end = Cell("", last.line, last.column + len(last.text))
    name, region, begin = row.name("name"), row.region("region"), row.date("start")
    usual = Design()
    design = Design(
        chip=row.designed("chip", usual.chip), cooling=row.designed("cooling", usual.cooling),
        redundancy=row.designed("redundancy", usual.redundancy), power=row.designed("power", usual.power),
        backup=row.yes_or_no("backup"),
    )  # fmt: skip
    energised_mw = row.number("energised_mw", "MW", 0.0)
    phases = row.phases(energised_mw)
    stage, done = row.stage("stage", design), row.number("done", "1", 0.0, most=1.0)
    due, stagger_weeks = row.later("due"), row.number("stagger_weeks", "weeks", 0.0, most=MOST_WEEKS)
    priority, tempo = row.whole("priority", 0), row.number("tempo", "1", 1.0, least=LEAST_TEMPO)
    shell = row.one_of("shell", row.text("shell"), SHELLS, "shell") or NEW
    damages = row.number("damages_usd_per_mw_day", "USD/MW/day", 0.0)
    cap = row.number("damages_cap_share", "1", 0.1)
    weeks = {
        s.name: row.number(f"{s.name}{WEEKS}", "weeks", 0.0, most=MOST_WEEKS)
        for s in row.stages
        if f"{s.name}{WEEKS}" in row.given
    }
    row.check(begin, stage, done)
    if len(row.mistakes) > before or not phases:
        return None
    return Project(
        name=name, region=region, start=begin or OPENING, phases=phases, design=design, stagger_weeks=stagger_weeks,
        priority=priority, stage=stage, done=done, due=due, damages_usd_per_mw_day=damages, damages_cap_share=cap,
        weeks=weeks, energised_mw=energised_mw, shell=shell, tempo=tempo,
    )  # fmt: skip


def _once(given: Sequence[Cell], file: str, mistakes: list[Mistake]) -> None:
    """Mistakes for names that stand twice."""
    first: dict[str, Cell] = {}
    for cell in given:
        before = first.setdefault(unguarded(cell.text), cell)
        if before is not cell and cell.text:
            said = f"{shown(cell.text)} stands in line {before.line} already"
            mistakes.append(Mistake(file, cell.line, cell.column, "name", said, "each project has a name of its own"))


def _written(project: Project) -> dict[str, str]:
    """The cells of a project that differ from what an empty cell means."""
    plain = Project(name="", region="", start=OPENING, phases=(1.0,))
    numbers = (
        "stagger_weeks", "done", "priority", "tempo", "damages_usd_per_mw_day", "damages_cap_share", "energised_mw",
    )  # fmt: skip
    row = {name: _number(getattr(project, name)) for name in numbers if getattr(project, name) != getattr(plain, name)}
    if project.design.backup is not None:
        row["backup"] = "yes" if project.design.backup else "no"
    designed = ("chip", "cooling", "redundancy", "power")
    row |= {
        name: str(getattr(project.design, name))
        for name in designed
        if getattr(project.design, name) != getattr(plain.design, name)
    }
    row |= {f"{stage}{WEEKS}": _number(weeks) for stage, weeks in project.weeks.items()}
    if len(project.phases) > 1:
        row["phases"] = "/".join(map(_number, project.phases))
    elif project.energised_mw > 0.0:
        row["phases"] = f"{_number(project.phases[0])} MW"
    total = math.fsum((*project.phases, project.energised_mw))
    row |= {
        "name": guarded(project.name),
        "region": project.region,
        "mw": _number(total),
        "start": project.start.isoformat(),
    }
    row |= {"shell": project.shell} if project.shell != plain.shell else {}
    return row | {"stage": project.stage, "due": project.due.isoformat() if project.due else ""}


def _number(value: float) -> str:
    """A number in full, whole ones without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _quoted(text: str) -> str:
    """A cell, in quotes where it needs them."""
    plain = text == text.strip() and not any(mark in text for mark in ',;\t"\n\r')
    return text if plain else '"' + text.replace('"', '""') + '"'
