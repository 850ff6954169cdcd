"""Hourly CSV files of a site: read with every mistake named at once, by file and line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from gigawatt.errors import Mistake, ScenarioError, nearest, shown
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR

Array = np.ndarray
Problem = tuple[str, str]  # what was wrong, what is allowed

LEAP_DAY = range(59 * HOURS_PER_DAY, 60 * HOURS_PER_DAY)  # hours of 29 February in a leap year
HOUR = "hour_utc"
ALLOWED: dict[str, tuple[float, float]] = {  # column -> lowest and highest value that can be true
    "pv_cf": (0.0, 1.0),
    "wind_cf": (0.0, 1.0),
    "temp_c": (-90.0, 60.0),
    "rh_pct": (0.0, 100.0),
    "price_usd_per_mwh": (-math.inf, math.inf),
    "carbon_g_per_kwh": (0.0, math.inf),
    "load_mw": (0.0, math.inf),
}


def read_hours(
    path: str | Path, *, required: Sequence[str] = ("pv_cf", "temp_c"), drop_leap_day: bool = False
) -> dict[str, Array]:
    """The known columns of an hourly CSV file, each (8760,), in order from 1 January 00:00 UTC.

    Args:
        path: A file with `hour_utc` (0 to 8759, or timestamps; those with an offset are turned into UTC) and columns
            of `ALLOWED`; others are passed over.
        required: Columns that must be there.
        drop_leap_day: Leave 29 February out instead of calling it a mistake.

    Raises:
        ScenarioError: All mistakes of the file: columns that are missing, hours that are missing, double or too many,
            values that are blank, no number or impossible.
    """
    file = _File(name=str(path))
    columns, rows = _table(Path(path), file, required)
    hours = _hours([row.get(HOUR) or "" for _, row in rows], [line for line, _ in rows], file, drop_leap_day)
    kept = [(hour, line, row) for hour, (line, row) in zip(hours, rows, strict=True) if hour is not None]
    values = {name: _column(name, kept, file) for name in columns}
    if file.mistakes:
        raise ScenarioError(file.mistakes)
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file and the mistakes found in it."""

    name: str
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, line: int, path: str, message: str, allowed: str = "", did_you_mean: str = "") -> None:
        self.mistakes.append(Mistake(self.name, line, 0, path, message, allowed, did_you_mean))

    def wrong_runs(self, path: str, found: Iterable[tuple[int, Problem]]) -> None:
        """One mistake for each run of neighbouring lines with the same kind of problem."""
        runs: list[tuple[int, int, Problem]] = []
        for line, problem in found:
            if runs and line == runs[-1][1] + 1 and problem[1] == runs[-1][2][1]:
                runs[-1] = (runs[-1][0], line, runs[-1][2])
            else:
                runs.append((line, line, problem))
        for first, last, (message, allowed) in runs:
            more = f" and so on to line {last} ({last - first + 1} rows)" if last > first else ""
            self.wrong(first, path, message + more, allowed)


def _table(path: Path, file: _File, required: Sequence[str]) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The known columns, and each row with its line; stops where there is nothing to read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        file.wrong(0, "", f"cannot read this file: {error}")
        raise ScenarioError(file.mistakes) from error
    reader = csv.DictReader(text.splitlines())
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    for name in (HOUR, *required):
        if name not in names:
            near = nearest(name, [n for n in names if n not in ALLOWED]) or ""
            file.wrong(1, name, "this column is missing", f"columns: {', '.join(names) or 'none'}", near)
    for name in sorted({name for name in names if names.count(name) > 1}):
        file.wrong(1, name, "this column is given twice")
    if file.mistakes:
        raise ScenarioError(file.mistakes)
    rows = [(reader.line_num, row) for row in reader if any((value or "") != "" for value in row.values())]
    return [name for name in names if name in ALLOWED], rows


def _hours(texts: list[str], lines: list[int], file: _File, drop_leap_day: bool) -> list[int | None]:
    """The hour of the year of each row, None where it is left out; says which hours are double or missing."""
    stamped = 2 * sum(not _is_number(text) for text in texts) > len(texts)
    read = [_moment(text) if stamped else _number(text) for text in texts]
    file.wrong_runs(HOUR, ((line, hour) for line, hour in zip(lines, read, strict=True) if isinstance(hour, tuple)))
    leap = _leap_rows(read, stamped)
    if leap and not drop_leap_day:
        first, last, rows = lines[leap[0]], lines[leap[-1]], len(texts)
        said = f"{rows} rows: a leap year; lines {first} to {last} hold 29 February"
        mend = f"a year of {HOURS_PER_YEAR} hours: take these {len(leap)} rows out, or ask for drop_leap_day"
        file.wrong(first, HOUR, said, mend)
    out = [None if i in set(leap) else _of_year(hour, stamped, bool(leap)) for i, hour in enumerate(read)]
    if not file.mistakes or leap:
        _check_calendar(out, texts, lines, file, stamped)
    return out


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text.strip()  # a blank is a blank in either kind of file
    return True


def _number(text: str) -> int | Problem:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value != math.floor(value) or value < 0:
        return f"{shown(text)} is no hour", f"whole numbers from 0 to {HOURS_PER_YEAR - 1}, or ISO timestamps"
    return int(value)


def _moment(text: str) -> datetime | Problem:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return f"{shown(text)} is no timestamp", "such as 2024-01-31T23:00, 2024-01-31T23:00Z or 2024-01-31T23:00-06:00"
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if moment.second or moment.microsecond or moment.minute not in (0, 30):
        return f"{shown(text)} is no full hour", "one row for each hour"
    return moment


def _leap_rows(read: Sequence[object], stamped: bool) -> list[int]:
    """Places of the rows of 29 February; hour numbers have one when the file has the rows of a leap year."""
    if stamped:
        return [i for i, hour in enumerate(read) if isinstance(hour, datetime) and (hour.month, hour.day) == (2, 29)]
    longest = max((hour for hour in read if isinstance(hour, int)), default=0)
    if not HOURS_PER_YEAR <= longest < HOURS_PER_YEAR + HOURS_PER_DAY:
        return []
    return [i for i, hour in enumerate(read) if hour in LEAP_DAY]


def _of_year(hour: object, stamped: bool, leap: bool) -> int | None:
    if stamped and isinstance(hour, datetime):
        moment = hour.replace(year=2025)  # any common year: only month, day and hour count
        return int((moment - datetime(2025, 1, 1, tzinfo=UTC)) / timedelta(hours=1))
    if isinstance(hour, int):
        return hour - HOURS_PER_DAY if leap and hour >= LEAP_DAY.stop else hour
    return None


def _check_calendar(
    hours: Sequence[int | None], texts: list[str], lines: list[int], file: _File, stamped: bool
) -> None:
    """Mistakes for hours that come twice, do not come, or lie outside the year."""
    first: dict[int, int] = {}
    double: list[tuple[int, Problem]] = []
    beyond: list[tuple[int, Problem]] = []
    for hour, text, line in zip(hours, texts, lines, strict=True):
        if hour is not None and hour >= HOURS_PER_YEAR:
            beyond.append((line, (f"hour {text} lies outside the year", f"0 to {HOURS_PER_YEAR - 1}")))
        elif hour is not None and first.setdefault(hour, line) != line:
            double.append((line, (f"{text} stands in line {first[hour]} already", _double_hint(stamped))))
    file.wrong_runs(HOUR, beyond)
    file.wrong_runs(HOUR, double)
    missing = sorted(set(range(HOURS_PER_YEAR)) - set(first))
    for start, end in _spans(missing):
        before = [line for hour, line in first.items() if hour < start]
        said = f"hour {start} is missing" if start == end else f"hours {start} to {end} are missing ({end - start + 1})"
        moment = datetime(2025, 1, 1) + timedelta(hours=start)
        file.wrong(max(before, default=1), HOUR, f"{said}, from {moment:%d %B %H:%M} UTC, after this line",
                   f"{HOURS_PER_YEAR} hours; this file has {len(texts)} rows")  # fmt: skip


def _double_hint(stamped: bool) -> str:
    each = "each hour once"
    return each + ": where clocks go back, give UTC or an offset such as -05:00" if stamped else each


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers as (first, last)."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _column(name: str, rows: Sequence[tuple[int, int, dict[str, str]]], file: _File) -> Array:
    """One column in the order of the hours; mistakes for what is no number or impossible."""
    out = np.full(HOURS_PER_YEAR, np.nan)
    wrong: list[tuple[int, Problem]] = []
    for hour, line, row in rows:
        value = _value(row.get(name) or "", name)
        if isinstance(value, tuple):
            wrong.append((line, value))
        elif hour < HOURS_PER_YEAR:
            out[hour] = value
    file.wrong_runs(name, wrong)
    return out


def _value(text: str, name: str) -> float | Problem:
    try:
        value = float(text)
    except ValueError:
        said = f"{shown(text)} is no number" if text.strip() else "this hour is blank"
        return said, "a number for every hour"
    low, high = ALLOWED[name]
    if not math.isfinite(value):
        return f"{text.strip()} is no value", "a number for every hour"
    if value < low:
        return f"{value:g} is below {low:g}", f"at least {low:g}"
    if value > high:
        return f"{value:g} is above {high:g}", f"at most {high:g}"
    return value
