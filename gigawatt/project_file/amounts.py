"""One value at a time: "4 B$", "250 bp", "36 months" or "20 to 30 k$" become numbers in the unit of their field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gigawatt.errors import shown
from gigawatt.finance.project.checking_bounds import CURRENCIES
from gigawatt.timeline import parse_date
from gigawatt.units import Quantity, parse_quantity

DIGITS = 12  # kept, so that 1.2 GW and 1200 MW are the same number
POINTS = re.compile(r"(?<=\d)\s*(?:bps?|basis points)(?![A-Za-z])")
SIGNS = {"US$": "USD", "$": "USD", "\N{EURO SIGN}": "EUR", "\N{POUND SIGN}": "GBP", "\N{YEN SIGN}": "JPY"}
_CODE = re.compile(rf"(?<![A-Za-z])(?:(k|K|M|mn|B|bn|T|tn)\s?)?({'|'.join(CURRENCIES)})(?![A-Za-z])")
_SIGN = re.compile("|".join(re.escape(sign) for sign in SIGNS))
_DATE = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?")
_TIMES = re.compile(r"(?<=\d)\s*x\s*$")  # a cover ratio, as lenders write it: 1.30x
_RATE = re.compile(r"\s*(?:/|per)\s*(?:year|yr|a)\s*$|\s+p\.?a\.?\s*$")
DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A value with the ends of its 90 % range; both ends are the value where it is certain."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        return self.low == self.high


def amount_of(text: str, units: Sequence[str], name: str, currency: str) -> Amount:
    """The value of a text in the first of the units; the others are accepted too.

    Raises:
        ValueError: No number, an unknown unit, one of another dimension, or money in another currency.
    """
    plain = in_dollars(_plain_rate(text), currency)
    first: ValueError | None = None
    for unit in units:
        try:
            return _amount(parse_quantity(plain, unit, name))
        except ValueError as error:
            first = first or error
    raise first or ValueError(f"{name}: no unit")


def _plain_rate(text: str) -> str:
    """A rate without "a year": rates are kept as plain numbers; basis points as percent; 1.30x as 1.30."""
    text = " to ".join(_TIMES.sub("", end) for end in re.split(r"\s+to\s+", text.strip()))
    if "%" not in text and not POINTS.search(text):
        return text
    ends = [_RATE.sub("", POINTS.sub(" bp", end)) for end in re.split(r"\s+to\s+", text.strip())]
    if any(end.endswith("bp") for end in ends):
        ends = [_percent(end) if end.endswith("bp") or _bare(end) else end for end in ends]
    return " to ".join(ends)


def _bare(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,_]+", text) is not None


def _percent(text: str) -> str:
    """ "250 bp" as "2.5 %"."""
    number = text.removesuffix("bp").strip().replace(",", "").replace("_", "")
    try:
        return f"{float(number) / 100:.{DIGITS}g} %"
    except ValueError:
        return text


def in_dollars(text: str, currency: str) -> str:
    """The text with the currency of the project called USD, as the units know it.

    Raises:
        ValueError: The text names another currency.
    """
    named = {match[2] for match in _CODE.finditer(text)} | {SIGNS[sign] for sign in _SIGN.findall(text)}
    for other in sorted(named - {currency}):
        raise ValueError(f"{shown(text)} is in {other}, the project is in {currency}; convert it, or set `currency`")
    if named:
        text = re.sub(_SIGN, "$", text)
        return _CODE.sub(lambda match: f"{match[1] or ''}$", text)
    return text


def _amount(quantity: Quantity) -> Amount:
    value = settled(quantity.value)
    low, high = quantity.low, quantity.high
    if low is None or high is None:
        return Amount(value, value, value)
    return Amount(value, settled(low), settled(high))


def settled(value: float) -> float:
    """The value with so many digits that spelling its unit otherwise changes nothing."""
    return float(f"{value:.{DIGITS}g}") + 0.0


def is_date(text: str) -> bool:
    """Whether a text is a date with a month: 2027-03 or 2027-03-01."""
    return _DATE.fullmatch(text.strip()) is not None


def months_between(start: dt.date, end: str) -> float:
    """Months from a day to the day that a text names; whole where both are the same day of a month."""
    day = parse_date(end)
    months = (day.year - start.year) * 12 + day.month - start.month
    return months + (day.day - start.day) / DAYS_PER_MONTH if day.day != start.day else float(months)
