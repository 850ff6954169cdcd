"""Claims: sentences such as `openai.market_share @ 2030-12 >= 40 %`, read, and tried on the tables of a run.

A claim is `FIGURE[.NAME...] @ DATE OPERATOR VALUE`: a figure of MEASURES, the names it is about (a company, tier, use,
region, site, item or segment, in any letter case and before or after the figure), a date, and a value with its unit.
`2030` means the last week of that year that the plan has, `2030-12` of that month, `2030-12-15` the week of that day.

This module reads tables but imports neither results nor scenario, so that a scenario can check its claims with
`parse_claim(text, names)`, which raises ValueError with a text for the reader.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from gigawatt.errors import nearest
from gigawatt.measures import MEASURES, WEEKS_BACK, Measure
from gigawatt.timeline import parse_date
from gigawatt.units import parse_quantity, unit_of

if TYPE_CHECKING:
    from gigawatt.results import Array, Table

OPERATORS = {">=": ge, "<=": le, ">": gt, "<": lt}
EXAMPLE = "openai.market_share @ 2030-12 >= 40 %"
_CLAIM = re.compile(r"(?P<subject>[^@]*)@\s*(?P<date>[^\s<>=!]+)\s*(?P<operator>[<>=!]+)\s*(?P<value>.*)", re.DOTALL)

Names = Mapping[str, Iterable[str]]
"""Known names by the column they stand in: {"company": [...], "tier": [...], "use": [...], ...}."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that was read: `names` by column ("" while unknown), `days` the first and the last meant."""

    text: str
    figure: str
    names: tuple[tuple[str, str], ...]
    days: tuple[dt.date, dt.date]
    operator: str
    threshold: float

    @property
    def subject(self) -> str:
        """Figure and names: `market_share.OpenAI`."""
        return ".".join([self.figure, *(name for _, name in self.names)])


def parse_claim(text: str, names: Names | None = None) -> Claim:
    """The claim; with `names`, names are checked against them and spelled as there.

    Raises:
        ValueError: The text is not a claim, or the figure or a name is unknown; says what is allowed.
    """
    match = _CLAIM.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"a claim reads `figure.name @ date >= value`, as in `{EXAMPLE}`")
    if match["operator"] not in OPERATORS:
        raise ValueError(f"unknown comparison {match['operator']!r}; allowed are {' '.join(OPERATORS)}")
    figure, given = _figure_and_names(match["subject"].strip())
    measure = MEASURES[figure]
    found = tuple(_placed(name, measure, figure, names) for name in given)
    if measure.named and not any(column in ("", measure.by[0]) for column, _ in found):
        raise ValueError(f"{figure} needs the name of one {measure.by[0]}: {figure}.NAME")
    threshold = _threshold(match["value"].strip(), measure.unit)
    return Claim(text.strip(), figure, found, days_of(match["date"]), match["operator"], threshold)


def days_of(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of the year in `2030`, of the month in `2030-12`, or the day itself, twice."""
    first = parse_date(text)
    match text.count("-"):
        case 0:
            return first, first.replace(month=12, day=31)
        case 1:
            return first, first.replace(day=monthrange(first.year, first.month)[1])
    return first, first


def evaluate(claims: Iterable[Claim], tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """Rows of the `claims` table; a claim outside of the weeks, or about nobody, has no value and does not hold."""
    return [_row(claim, tables[MEASURES[claim.figure].table]) for claim in claims]


def names_in(tables: Mapping[str, Table]) -> dict[str, list[str]]:
    """Names that claims on these tables may use, by column."""
    wanted = {(measure.table, column) for measure in MEASURES.values() for column in measure.by}
    names: dict[str, set[str]] = {}
    for table, column in wanted:
        names.setdefault(column, set()).update(tables[table][column].tolist())
    return {column: sorted(known) for column, known in sorted(names.items())}


def _figure_and_names(subject: str) -> tuple[str, list[str]]:
    parts = [part.strip() for part in re.sub(r"^programme\.", "programme_", subject, flags=re.IGNORECASE).split(".")]
    exact = [(part, part.casefold()) for part in parts if part.casefold() in MEASURES]
    found = exact or [(part, figure) for part in parts for figure in _without_unit(part)]
    if len(found) != 1 or not all(parts):
        raise ValueError(_unknown_figure(parts, subject))
    return found[0][1], [part for part in parts if part is not found[0][0] and part.casefold() != "world"]


def _without_unit(part: str) -> list[str]:
    """The figures of that name and a unit: `cash` is `cash_usd`."""
    name = part.casefold()
    longer = [figure for figure in MEASURES if name and figure.startswith(f"{name}_")]
    return [figure for figure in longer if unit_of(figure[len(name) + 1 :]) == unit_of(figure) != "1"]


def _unknown_figure(parts: list[str], subject: str) -> str:
    close = [name for part in parts for name in get_close_matches(part.casefold(), MEASURES, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(dict.fromkeys(close))}?" if close else f"known are {', '.join(MEASURES)}"
    return f"no figure in {subject[:80]!r}; {hint}"


def _placed(name: str, measure: Measure, figure: str, names: Names | None) -> tuple[str, str]:
    """The column that a name stands in, and the name as spelled there."""
    if not measure.by:
        raise ValueError(f"{figure} is one figure for all and takes no name (got {name[:80]!r})")
    if names is None:
        return "", name
    known = {column: list(names.get("company" if column == "owner" else column, ())) for column in measure.by}
    for column, candidates in known.items():
        for candidate in candidates:
            if candidate.casefold() == name.casefold():
                return column, candidate
    every = [candidate for candidates in known.values() for candidate in candidates]
    close = nearest(name, every)
    hint = f"did you mean {close}?" if close else f"known are {', '.join(every[:30])}"
    raise ValueError(f"{figure} knows no {' or '.join(measure.by)} {name[:80]!r}; {hint}")


def _threshold(text: str, unit: str) -> float:
    quantity = parse_quantity(text, unit)
    if quantity.low is not None:
        raise ValueError(f"a claim compares with one number, not with a range (got {text[:80]!r})")
    return quantity.value


def _row(claim: Claim, table: Table) -> dict[str, Any]:
    week, date = _week(claim.days, table)
    value = float("nan") if week is None else _value(claim, table, week)
    return {"claim": claim.text, "figure": claim.subject, "date": date, "value": value,
            "operator": claim.operator, "threshold": claim.threshold,
            "holds": bool(OPERATORS[claim.operator](value, claim.threshold))}  # fmt: skip


def _week(days: tuple[dt.date, dt.date], table: Table) -> tuple[int | None, Any]:
    """The last week that holds one of the days, and its date; None when no week of the table does."""
    import numpy as np

    mondays, (first, last) = table["date"], np.array(days, "datetime64[D]")
    held = np.flatnonzero((mondays <= last) & (mondays > first - np.timedelta64(7)))
    if not len(held):
        return None, np.datetime64("NaT")
    row = held[np.argmax(mondays[held])]
    return int(table["week"][row]), mondays[row]


def _value(claim: Claim, table: Table, week: int) -> float:
    import numpy as np

    measure, weeks = MEASURES[claim.figure], table["week"]
    places = [(column or _column(name, measure, table), name) for column, name in claim.names]
    if any(column == "" for column, _ in places):
        return float("nan")
    first = max(0, week + 1 - WEEKS_BACK.get(measure.span, week + 1))
    within = (weeks >= first) & (weeks <= week)
    named = {column: _is(table[column], name) for column, name in places}
    chosen = np.logical_and.reduce([within, *named.values()])
    whole = np.logical_and.reduce([within, *(rows for column, rows in named.items() if column != "company")])
    return _time_scale(measure, week + 1 - first) * measure.scale * _combined(measure, table, chosen, whole)


def _time_scale(measure: Measure, weeks: int) -> float:
    """What makes a sum over `weeks` weeks a sum of a year, or the mean of a quarter."""
    return {"year": WEEKS_BACK["year"] / weeks, "quarter": 1.0 / weeks}.get(measure.span, 1.0)


def _combined(measure: Measure, table: Table, chosen: Array, whole: Array) -> float:
    values = table[measure.column]
    match measure.how:
        case "share":
            return _over(values[chosen].sum(), values[whole].sum())
        case "ratio":
            return _over(values[chosen].sum(), table[measure.weight][chosen].sum())
        case "mean":
            return _mean(values[chosen], table[measure.weight][chosen])
        case "sum" if measure.span in ("lowest", "highest") and chosen.any():
            by_week = _by_week(table["week"][chosen], values[chosen])
            return float(by_week.min() if measure.span == "lowest" else by_week.max())
    return float(values[chosen].sum())


def _mean(values: Array, weights: Array) -> float:
    """Mean by weight; the plain mean where nothing weighs anything."""
    if weights.sum() > 0:
        return float((values * weights).sum() / weights.sum())
    return float(values.mean()) if len(values) else float("nan")


def _by_week(weeks: Array, values: Array) -> Array:
    """Sums of the values of each week, from the first week to the last."""
    import numpy as np

    return np.bincount(weeks - weeks.min(), weights=values)


def _column(name: str, measure: Measure, table: Table) -> str:
    """The column of the table in which the name stands, "" when in none."""
    return next((column for column in measure.by if _is(table[column], name).any()), "")


def _is(values: Array, name: str) -> Array:
    """Rows that hold the name; letter case is ignored."""
    import numpy as np

    folded = {value: value.casefold() == name.casefold() for value in set(values.tolist())}
    return np.array([folded[value] for value in values.tolist()], dtype=bool)


def _over(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
