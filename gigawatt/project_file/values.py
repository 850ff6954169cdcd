"""Values of a project file by the kind of their field; what is wrong with one is noted with its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gigawatt.finance.project.checking_bounds import bound_at
from gigawatt.finance.project.draws import Range
from gigawatt.project_file.amounts import DAYS_PER_MONTH, Amount, amount_of, is_date, months_between, settled
from gigawatt.project_file.fields import Field
from gigawatt.scenario.marks import Mistakes, Node
from gigawatt.timeline import parse_date

FLAGS = {"yes": True, "no": False, "true": True, "false": False, "True": True, "False": False}
SLASHED = re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}")
FIRST_YEAR, LAST_YEAR = 1950, 2150
MOST_YEARS = 100  # values of a table by year
BESIDE = ("value", "source", "note")  # a value may be a mapping of these
TREND = ("first", "change", "years")
FROM_START, FROM_SERVICE, FROM_COMPLETION = "the start of the plan", "the first service", "completion"
COUNTS_FROM = {"phases": FROM_START, "contracts": FROM_SERVICE, "debt": FROM_COMPLETION, "taxes": FROM_COMPLETION}
Found = Any  # what a dataclass field of a project holds


@dataclass(frozen=True, slots=True)
class Since:
    """What months count from: the first day of the plan, and the months after it of first service and completion."""

    start: dt.date
    first_service: float
    completion: float

    def months(self, text: str, path: str, starts: Mapping[str, float]) -> float:
        """Months from what the field counts from to a day; `starts` has the first months of contracts, by path.

        Raises:
            ValueError: The field is a length of time, or the day comes before what it counts from.
        """
        section, name = path.split(".")[0], path.rpartition(".")[2]
        if not name.endswith("_month") or section not in COUNTS_FROM:
            raise ValueError(f"{text!r} is a date, {name} is a length of time: write such as 36 months")
        counted = COUNTS_FROM[section]
        before = {FROM_START: 0.0, FROM_SERVICE: self.first_service, FROM_COMPLETION: self.completion}[counted]
        if name == "ends_early_month":
            counted, before = "the start of the contract", before + starts.get(path.rpartition(".")[0], 0.0)
        months = months_between(self.start, text) - before
        if months < -1e-9:
            there = self.start + dt.timedelta(days=round(before * DAYS_PER_MONTH))
            raise ValueError(f"{text!r} is before {counted} (about {there}), which {name} counts from")
        return round(months, 6)


@dataclass(slots=True)
class Values:
    """Reads values; keeps the ranges and sources that stand beside them."""

    mistakes: Mistakes
    currency: str = "USD"
    start: dt.date = dt.date(2026, 1, 1)
    since: Since | None = None
    prefix: str = ""  # of paths, while a case is read
    years: int = MOST_YEARS  # of the plan
    starts: dict[str, float] = field(default_factory=dict)  # first months of contracts, by path
    ranges: dict[str, Range] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def read(self, spec: Field, node: Node, path: str, keep: bool = True) -> Found:
        """The value of a node; None after noting a mistake. `keep` its range and source."""
        node = self.beside(node, path, keep)
        if node.value is None:
            self.mistakes.add(node.mark, path, "nothing given", "remove the key, or give a value")
            return None
        match spec.kind:
            case "number":
                amount = self.amount(spec, node, path)
                return None if amount is None else self.kept((amount,), node, path, keep)[0]
            case "table":
                amounts = self.table(spec, node, path)
                return None if amounts is None else self.kept(amounts, node, path, keep)
            case "whole":
                amount = self.amount(spec, node, path)
                return None if amount is None else self.whole(amount, node, path)
            case "choice":
                return self.choice(spec, node, path)
            case "flag":
                return self.flag(node, path)
            case "date":
                return self.date(node, path)
        return self.text(node, path)

    def beside(self, node: Node, path: str, keep: bool) -> Node:
        """The value of `{value: ..., source: ..., note: ...}`, its source kept; any other node as it is."""
        if "value" not in node.map:
            return node
        said = []
        for key, item in node.map.items():
            if key not in BESIDE:
                self.mistakes.unknown(item.key, f"{path}.{key[:80]}", "key", key, BESIDE)
            elif key != "value" and (text := self.text(item, f"{path}.{key}")) is not None:
                said.append(text)
        if said and keep:
            self.sources[path] = "; ".join(said)
        return node.map["value"]

    def kept(self, amounts: tuple[Amount, ...], node: Node, path: str, keep: bool) -> tuple[float, ...]:
        """The medians; ranges are kept by path."""
        bound = bound_at(path)
        for end in (end for amount in amounts if not amount.certain for end in (amount.low, amount.high)):
            if not bound.fits(end):
                self.mistakes.add(node.mark, path, f"{end:g}, an end of the range, is out of range", str(bound))
        if keep and not all(amount.certain for amount in amounts):
            value, low, high = zip(*((a.value, a.low, a.high) for a in amounts), strict=True)
            self.ranges[path] = Range(value, low, high)
        elif keep:
            self.ranges.pop(path, None)
        return tuple(amount.value for amount in amounts)

    def amount(self, spec: Field, node: Node, path: str) -> Amount | None:
        """A number with its unit."""
        if not isinstance(node.value, str):
            self.note(spec, node, path, f"needs a value (got {node.kind()})")
            return None
        try:
            if "months" in spec.units and is_date(node.value):
                since = self.since or Since(self.start, 0.0, 0.0)
                months = since.months(node.value, path.removeprefix(self.prefix), self.starts)
                return Amount(months, months, months)
            if "months" in spec.units and SLASHED.fullmatch(node.value.strip()):
                raise ValueError(f"{node.value!r} is not a date that all read alike: write such as 2027-07-01")
            if spec.units == ("any",):
                return None
            return amount_of(node.value, spec.units, spec.name, self.currency)
        except (ValueError, OverflowError) as error:
            self.note(spec, node, path, str(error))
            return None

    def table(self, spec: Field, node: Node, path: str) -> tuple[Amount, ...] | None:
        """Values by year: one for all, a list, `{2027: 3, 2029: 2.5}`, or `{first: 3, change: -8 %, years: 15}`."""
        if isinstance(node.value, str):
            one = self.amount(spec, node, path)
            return None if one is None else (one,)
        if isinstance(node.value, dict):
            return self.trend(spec, node, path) if "first" in node.map else self.by_year(spec, node, path)
        items = node.value if isinstance(node.value, tuple) else ()
        if not 0 < len(items) <= MOST_YEARS:
            self.note(spec, node, path, f"needs 1 to {MOST_YEARS} values (got {len(items)})")
            return None
        found = [self.amount(spec, item, f"{path}[{index}]") for index, item in enumerate(items)]
        return tuple(each for each in found if each is not None) if None not in found else None

    def by_year(self, spec: Field, node: Node, path: str) -> tuple[Amount, ...] | None:
        """Values by calendar year; each holds until the next one that is given."""
        given: dict[int, Amount] = {}
        first = self.first_year(spec)
        for key, item in node.map.items():
            amount = self.amount(spec, item, f"{path}.{key[:40]}")
            if not (key.isdigit() and first <= int(key[:9]) <= first + MOST_YEARS):
                self.mistakes.add(item.key, f"{path}.{key[:40]}", "not a year of the plan",
                                  f"{first} or later; or first, change and years")  # fmt: skip
            elif amount is not None:
                given[int(key)] = amount
        if len(given) < max(1, len(node.map)):
            return None
        years, latest, found = range(first, max(given) + 1), given[min(given)], []
        for year in years:
            latest = given.get(year, latest)
            found.append(latest)
        return tuple(found)

    def first_year(self, spec: Field) -> int:
        """The calendar year that the first value of a table is for: of the plan, or of operation for costs."""
        months = self.since.first_service if spec.name == "amount" and self.since is not None else 0.0
        return (self.start + dt.timedelta(days=months * DAYS_PER_MONTH)).year

    def trend(self, spec: Field, node: Node, path: str) -> tuple[Amount, ...] | None:
        """A first value that changes by a share each year."""
        for key, item in node.map.items():
            if key not in TREND:
                self.mistakes.unknown(item.key, f"{path}.{key[:40]}", "key", key, TREND)
        first = self.amount(spec, node.map["first"], f"{path}.first")
        plain = Field("change", "number", ("1", "1/year"), "a change a year, such as -8 %", None, True)
        years = Field("years", "number", ("years",), f"1 to {MOST_YEARS} years", None, True)
        change = self.amount(plain, node.map["change"], f"{path}.change") if "change" in node.map else None
        until = self.amount(years, node.map["years"], f"{path}.years") if "years" in node.map else None
        if first is None or change is None or not change.certain or change.value <= -1:
            self.note(spec, node, path, "needs a first value and one change a year above -100 %")
            return None
        count = self.years if until is None else round(until.value)
        if not 1 <= count <= MOST_YEARS:
            self.note(years, node, path, f"years {count} out of range")
            return None
        grown = [(1 + change.value) ** year for year in range(count)]
        return tuple(Amount(settled(first.value * g), settled(first.low * g), settled(first.high * g)) for g in grown)

    def whole(self, amount: Amount, node: Node, path: str) -> int | None:
        if amount.certain and amount.value == int(amount.value):
            return int(amount.value)
        self.mistakes.add(node.mark, path, f"must be a whole number (got {node.kind()})")
        return None

    def choice(self, spec: Field, node: Node, path: str) -> Found:
        if isinstance(node.value, str) and node.value in spec.choices:
            return type(spec.default)(node.value)
        name = node.value if isinstance(node.value, str) else node.kind()
        self.mistakes.unknown(node.mark, path, spec.name, name, spec.choices)
        return None

    def flag(self, node: Node, path: str) -> bool | None:
        if isinstance(node.value, str) and node.value in FLAGS:
            return FLAGS[node.value]
        self.mistakes.add(node.mark, path, f"must be yes or no (got {node.kind()})")
        return None

    def date(self, node: Node, path: str) -> dt.date | None:
        """The day of a node; None, with the mistake noted, where it is none."""
        try:
            day = parse_date(node.value)
        except ValueError as error:
            self.mistakes.add(node.mark, path, str(error))
            return None
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
        self.mistakes.add(node.mark, path, f"date out of range (got {day})", f"{FIRST_YEAR} to {LAST_YEAR}")
        return None

    def text(self, node: Node, path: str) -> str | None:
        if isinstance(node.value, str) and node.value.strip():
            return " ".join(node.value.split())
        self.mistakes.add(node.mark, path, f"must be a text (got {node.kind()})")
        return None

    def note(self, spec: Field, node: Node, path: str, message: str) -> None:
        self.mistakes.add(node.mark, path, message, spec.meaning)
