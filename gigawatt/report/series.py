"""Weekly tables as series by name: gathered, thinned to what a chart can show, and summed up by year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gigawatt.report.numbers import significant
from gigawatt.report.palette import OTHERS
from gigawatt.results import Table

Floats = NDArray[np.float64]
How = Literal["last", "mean", "sum"]
POINTS = 131
"""Points a chart shows of a series at most: one for each four weeks of ten years."""


@dataclass(frozen=True)
class Weekly:
    """Series by name over the same weeks."""

    dates: NDArray[np.datetime64]
    values: dict[str, Floats]

    @property
    def total(self) -> Floats:
        """The sum of all series."""
        total: Floats = np.zeros(len(self.dates))
        for each in self.values.values():
            total = total + each
        return total

    @property
    def peak(self) -> float:
        """The largest absolute value of any series, 0 when there is none."""
        sizes = [float(np.nanmax(np.abs(each))) for each in self.values.values() if np.isfinite(each).any()]
        return max(sizes, default=0.0)

    def map(self, change: Callable[[Floats], Floats]) -> Weekly:
        """The same weeks with every series changed."""
        return Weekly(self.dates, {name: change(each) for name, each in self.values.items()})

    def over(self, other: Weekly) -> Weekly:
        """Each series divided by the series of the same name, missing where that is 0."""
        return Weekly(self.dates, {name: ratio(each, other.values[name]) for name, each in self.values.items()})


def ratio(above: Floats, below: Floats) -> Floats:
    """above / below, missing (NaN) where below is 0."""
    missing: Floats = np.full(len(above), np.nan)
    np.divide(above, below, out=missing, where=below != 0)
    return missing


def names_in(table: Table, column: str) -> list[str]:
    """The different texts of a column in order of first appearance."""
    return list(dict.fromkeys(table[column].tolist()))


def gathered(table: Table, key: str, values: Any, weight: Any = None) -> Weekly:
    """The sum of `values` (a column name or an array) by week for each text of column `key`.

    With `weight` it is the mean weighted by that column instead, missing where the weight is 0.
    """
    amounts = table[values].astype(float) if isinstance(values, str) else np.asarray(values, dtype=float)
    if weight is not None:
        weights = table[weight].astype(float) if isinstance(weight, str) else np.asarray(weight, dtype=float)
        return gathered(table, key, np.nan_to_num(amounts) * weights).over(gathered(table, key, weights))
    weeks, place = np.unique(table["week"], return_inverse=True)
    names = names_in(table, key)
    code = {name: number for number, name in enumerate(names)}
    rows = np.fromiter((code[name] for name in table[key].tolist()), dtype=np.int64, count=len(table))
    sums = np.bincount(rows * len(weeks) + place, np.nan_to_num(amounts), minlength=len(names) * len(weeks))
    dates = np.empty(len(weeks), dtype="datetime64[D]")
    dates[place] = table["date"]
    return Weekly(dates, dict(zip(names, sums.reshape(len(names), len(weeks)), strict=True)))


def columns_of(table: Table, columns: dict[str, str]) -> Weekly:
    """Columns of a table with one row a week, under the names given."""
    return Weekly(table["date"], {name: table[column].astype(float) for name, column in columns.items()})


def largest(weekly: Weekly, count: int) -> Weekly:
    """The `count` series with the largest sums in their order, all others together as one."""
    if len(weekly.values) <= count + 1:
        return weekly
    ranked = sorted(weekly.values, key=lambda name: -float(np.nansum(weekly.values[name])))
    kept = {name: each for name, each in weekly.values.items() if name in ranked[:count]}
    rest = np.sum([weekly.values[name] for name in ranked[count:]], axis=0)
    return Weekly(weekly.dates, {**kept, OTHERS: rest})


def without_zeros(weekly: Weekly) -> Weekly:
    """The series that are not 0 in every week."""
    return Weekly(weekly.dates, {name: each for name, each in weekly.values.items() if np.nansum(np.abs(each)) > 0})


def moving_mean(values: Floats, weeks: int) -> Floats:
    """Mean of each week and those before it, `weeks` in all (fewer at the start)."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - weeks)
    return (sums[ends] - sums[starts]) / (ends - starts)


def thinned(weekly: Weekly, how: How) -> Weekly:
    """At most POINTS points: the last week of each stretch with its value there, or its mean or sum."""
    count = len(weekly.dates)
    step = max(1, -(-count // POINTS))
    starts = np.arange(0, count, step)
    ends = np.minimum(starts + step, count)
    return Weekly(weekly.dates[ends - 1], {k: _reduced(v, starts, ends, how) for k, v in weekly.values.items()})


def _reduced(values: Floats, starts: NDArray[np.int64], ends: NDArray[np.int64], how: How) -> Floats:
    """Values of the stretches from `starts` up to before `ends`."""
    if how == "last":
        return values[ends - 1]
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts)
    counts = np.add.reduceat(known.astype(float), starts)
    return ratio(sums, counts) if how == "mean" else sums


def yearly(weekly: Weekly, how: How) -> tuple[list[int], dict[str, Floats]]:
    """Calendar years and each series by year: its last value, mean or sum."""
    if not len(weekly.dates):
        return [], {name: np.zeros(0) for name in weekly.values}
    years = weekly.dates.astype("datetime64[Y]").astype(int) + 1970
    starts = np.flatnonzero(np.concatenate(([True], years[1:] != years[:-1])))
    ends = np.append(starts[1:], len(years))
    return years[starts].tolist(), {name: _reduced(v, starts, ends, how) for name, v in weekly.values.items()}


def listed(values: Floats, size: float = 1.0) -> list[float | None]:
    """Values over `size` as a list for JSON."""
    return [significant(value / size) for value in values.tolist()]


def day(value: Any) -> str:
    """A date as ISO text."""
    return str(np.datetime64(value, "D"))
