"""What `--stress`, `--chip-life` and the rest ask of a company: texts with units into a `Stress`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gigawatt.errors import GigawattError, nearest

if TYPE_CHECKING:
    from gigawatt.finance.companies.company import Company
    from gigawatt.finance.companies.stress import Stress

STRESSES = "revenue=-20%,rates=+2%,capex=-30%,default=NAME,chip-life=4,refinancing=closed,from=2026Q3"
KNOWN = ("revenue", "rates", "capex", "default", "chip-life", "refinancing", "from")
SHARES = ("revenue", "rates", "capex")
POINTS = 20.0  # most that rates may move, in percentage points
MOST_PERCENT = 300.0  # most that revenue and capex may rise
LONGEST_LIFE = 20.0  # years
_CHANGE = re.compile(r"([+-]?)\s*(\d+(?:\.\d*)?|\.\d+)\s*(%|pp|bp|bps)?")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-\d{2})?| ?[Qq]([1-4]))?")


def changes_of(texts: Sequence[str] | None) -> dict[str, str]:
    """Every change that is asked for by its name, of one or several `--stress`.

    Raises:
        GigawattError: An unknown change, or one that is given twice.
    """
    found: dict[str, str] = {}
    for part in (part for text in texts or () for part in text.split(",") if part.strip()):
        key, _, value = (each.strip() for each in part.partition("="))
        if key not in KNOWN:
            close = nearest(key, KNOWN)
            hint = f"; did you mean {close!r}?" if close else ""
            raise GigawattError(f"--stress: unknown change {key!r}{hint} (known: {', '.join(KNOWN)})")
        if key in found:
            raise GigawattError(f"--stress: {key} is given twice, {found[key]} and {value}: leave one of them out")
        found[key] = value
    return found


def stress_text(changes: dict[str, str]) -> str:
    """The changes in one line, as `--stress` takes them; empty without any."""
    return ",".join(f"{key}={value}" for key, value in changes.items())


def stress_of(changes: dict[str, str], chosen: Company, chip_life: float | None = None) -> Stress:
    """The stress that `--stress` and `--chip-life` ask for.

    Raises:
        GigawattError: A value that cannot be read or lies outside of its bounds, or a change that changes nothing.
    """
    from gigawatt.finance.companies.stress import Stress

    if chip_life is not None and "chip-life" in changes:
        raise GigawattError("--chip-life and --stress chip-life both say how long chips last: leave one of them out")
    if list(changes) == ["from"] and chip_life is None:
        raise GigawattError(f"--stress from={changes['from']}: say what changes from then on, such as revenue=-20%")
    found: dict[str, Any] = {} if chip_life is None else {"chip_life_years": chip_life}
    for key, value in changes.items():
        found |= _change(key, value, chosen)
    return Stress(**found)


def _change(key: str, value: str, chosen: Company) -> dict[str, Any]:
    """One change of `--stress` as a field."""
    if key in SHARES:
        return {key: _points(value) if key == "rates" else _share(key, value)}
    if key == "chip-life":
        return {"chip_life_years": life_years(value, "--stress chip-life")}
    if key == "default":
        return {"defaults": value}
    if key == "refinancing":
        if value not in ("closed", "signed"):
            raise GigawattError(f"--stress refinancing={value}: wants closed, or signed where signed money still comes")
        return {"refinancing_closed": True, "signed_kept": value == "signed"}
    return {"start": _quarter(value, chosen)}


def _read(key: str, value: str) -> tuple[float, str]:
    """(number, unit) of a change; the unit is empty where none is written."""
    found = _CHANGE.fullmatch(value)
    if not found:
        raise GigawattError(f"--stress {key}={value}: not a number; known forms: {STRESSES}")
    return float(found[1] + found[2]), found[3] or ""


def _points(value: str) -> float:
    """A move of rates: +2%, 2pp and 200bp are all two percentage points; a bare number could be any of them."""
    number, unit = _read("rates", value)
    if not unit and number != 0:
        raise GigawattError(f"--stress rates={value}: write the unit; 2%, 2pp and 200bp are all two points")
    points = number / 100 if unit.startswith("bp") else number
    if abs(points) > POINTS:
        raise GigawattError(
            f"--stress rates={value}: wants -{POINTS:g} to +{POINTS:g} percentage points, such as +2%, 2pp or 200bp"
        )
    return points / 100


def _share(key: str, value: str) -> float:
    """A change of an amount: -20%, or -0.2."""
    number, unit = _read(key, value)
    if unit not in ("", "%"):
        raise GigawattError(f"--stress {key}={value}: changes by a share of itself, such as {number:+g}%")
    percent = number if unit else number * 100
    if not unit and abs(number) > 1:
        raise GigawattError(f"--stress {key}={value}: is that {number:+g}%? write the %")
    if not -100 <= percent <= MOST_PERCENT:
        raise GigawattError(f"--stress {key}={value}: wants a change from -100% to +{MOST_PERCENT:g}%")
    return percent / 100


def life_years(text: str, option: str) -> float:
    """A useful life in years, of 4, 4y, "4 years" or "48 months".

    Raises:
        GigawattError: Not a time, or none that chips may be written off over.
    """
    from gigawatt.units import parse_quantity

    try:
        years = float(parse_quantity(re.sub(r"(?<=[\d ])y$", " years", text.strip()), "years"))
    except ValueError as error:
        raise GigawattError(f"{option} {text}: {error}") from None
    if not 0 < years <= LONGEST_LIFE:
        raise GigawattError(f"{option} {text}: a life of chips must be above 0 and at most {LONGEST_LIFE:g} years")
    return years


def _quarter(value: str, chosen: Company) -> int:
    """The quarter of 2026Q3, 2026-09, 2026-09-30 or 2026, counted from the first."""
    found = _DATE.fullmatch(value)
    month = int(found[2] or 1) if found else 0
    if not found or not 1 <= month <= 12:
        raise GigawattError(f"--stress from={value}: wants a quarter such as {chosen.first_year}Q3, or a month")
    quarter = (int(found[1]) - chosen.first_year) * 4 + (int(found[3]) - 1 if found[3] else (month - 1) // 3)
    if quarter < 0:
        raise GigawattError(f"--stress from={value}: the first quarter is {chosen.first_year}Q1")
    if quarter > 79:
        raise GigawattError(f"--stress from={value}: the last quarter is {chosen.first_year + 19}Q4")
    return quarter
