"""A file of published runs beside what is estimated of them, and how far off that is.

Only what was known before a run is used: sizes, tokens, chip, number of chips, date. Published utilisation, days and
hours are not.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, log
from pathlib import Path
from statistics import fmean, median
from typing import Any

from gigawatt.catalog import facts, items
from gigawatt.errors import GigawattError
from gigawatt.training.flop import Size, training_flop
from gigawatt.training.run import Band, Estimate, Plan, estimate
from gigawatt.training.speed import Chip, year_of

Row = dict[str, Any]
QUANTITIES = {"chip_hours": "hours", "wall_days": "days", "energy_mwh": "energy_mwh", "cost_usd": "rented_usd"}
NEEDED = ("model", "params_active", "tokens", "hardware", "chip_hours")
SAME = 0.08  # relative: two rows about one run
MIXTURE = re.compile(r"moe|mixture|sparse", re.IGNORECASE)  # in the column `arch`
TAKEN_AS_DENSE = "no params_active: taken as dense"
NEAR = 0.2  # of which errors the share is told


def read_runs(path: Path) -> list[dict[str, str]]:
    """The rows of a file of runs, with the columns of `docs/explanation/training.md`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        try:
            names = reader.fieldnames or ()
            rows = [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]
        except (UnicodeDecodeError, csv.Error) as error:
            raise GigawattError(f"{path} is no CSV in UTF-8: {error}") from None
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise GigawattError(f"{path}: no column {', '.join(missing)}; needed: {', '.join(NEEDED)}")
    return rows


def number_of(row: Mapping[str, str], column: str) -> float | None:
    """A cell as a number above 0; None where it is empty or something else."""
    try:
        value = float((row.get(column) or "").replace(",", ""))
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def compare(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """One row for each run: published and estimated values, the band, errors; the reason for none, or for doubt."""
    return [_compared(row) for row in rows]


def _compared(row: Mapping[str, str]) -> Row:
    head: Row = {"model": row.get("model", ""), "chip": row.get("hardware", ""), "arch": _architecture(row)}
    try:
        found, reason = estimate_of(row), _doubt(row)
    except GigawattError as error:
        found, reason = None, str(error)
    head["fitted"] = found is not None and _was_fitted(found, number_of(row, "chip_hours"))
    for column, attribute in QUANTITIES.items():
        published = number_of(row, column)
        known = column != "wall_days" or (found is not None and found.chips_given)
        band: Band | None = getattr(found, attribute) if found is not None and known else None
        head |= {
            column: published,
            f"{column}_estimate": band and band.value,
            f"{column}_low": band and band.low,
            f"{column}_high": band and band.high,
            f"{column}_error": band.value / published - 1 if band and published else None,
        }
    return head | {"reason": reason}


def estimate_of(row: Mapping[str, str]) -> Estimate:
    """What the run of one row should take; GigawattError with what is missing."""
    active = number_of(row, "params_active")
    if active is None and MIXTURE.search(row.get("arch", "")):
        raise GigawattError("a mixture of experts without params_active")
    active = active or number_of(row, "params_total")
    if active is None:
        raise GigawattError("no number of parameters")
    tokens, flop = number_of(row, "tokens"), number_of(row, "flop")
    if tokens is None and flop is None:
        raise GigawattError("neither tokens nor FLOP")
    if not row.get("hardware"):
        raise GigawattError("no chip")
    total = max(active, number_of(row, "params_total") or active)
    words = re.split(r"[^a-z0-9]+", f"{row.get('hardware', '')} {row.get('note', '')}".lower())
    plan = Plan(
        tokens=tokens or (flop or 0.0) / training_flop(active, 1.0),
        chips=number_of(row, "n_chips"),
        precision="fp8" if "fp8" in words else "bf16",
        year=year_of(row["date"]) if row.get("date") else None,
    )
    name = re.sub(r"\(.*?\)|\bfp8\b|\bbf16\b", "", row["hardware"], flags=re.IGNORECASE).strip()
    return estimate(Size(name=row["model"], params=total, params_active=active), Chip.from_catalog(name), plan=plan)


def _doubt(row: Mapping[str, str]) -> str:
    """What an estimate takes for granted: the total stands for active parameters where nothing says dense."""
    return "" if number_of(row, "params_active") or row.get("arch") else TAKEN_AS_DENSE


def _architecture(row: Mapping[str, str]) -> str:
    active, total = number_of(row, "params_active"), number_of(row, "params_total")
    sparse = bool(active and total and total > active * (1 + SAME))
    return row.get("arch") or ("moe" if sparse else "dense")


def _was_fitted(found: Estimate, chip_hours: float | None) -> bool:
    """Whether a run of the fit has about the same active parameters, tokens and chip-hours."""
    sides = {"params_active": found.size.params_active, "tokens": found.tokens, "chip_hours": chip_hours}
    known = [facts("training_runs", item) for item in items("training_runs")]
    return any(
        bool(run["in_fit"].value)
        and all(side and abs(log(side / float(run[name].value))) < SAME for name, side in sides.items())
        for run in known
    )


def summary(rows: Sequence[Row]) -> list[Row]:
    """Median and mean absolute error, bias, share within 20 % and in the band: all, not fitted, by chip, by arch."""
    groups: list[tuple[str, str, Callable[[Row], bool]]] = [("all", column, lambda row: True) for column in QUANTITIES]
    groups.append(("not fitted", "chip_hours", lambda row: not row["fitted"]))
    for key in ("chip", "arch"):
        names = dict.fromkeys(row[key] for row in rows)
        groups += [(f"{key} {name}", "chip_hours", lambda row, k=key, n=name: row[k] == n) for name in names]  # type: ignore[misc]
    return [_errors(name, column, [row for row in rows if chosen(row)]) for name, column, chosen in groups]


def _errors(name: str, column: str, rows: Sequence[Row]) -> Row:
    known = [row for row in rows if row[f"{column}_error"] is not None]
    errors = [float(row[f"{column}_error"]) for row in known]
    inside = [row[f"{column}_low"] <= row[column] <= row[f"{column}_high"] for row in known]
    absolute = [abs(error) for error in errors]
    return {
        "runs": name,
        "quantity": column,
        "count": len(known),
        "median_absolute_error": median(absolute) if known else None,
        "mean_absolute_error": fmean(absolute) if known else None,
        "bias": exp(fmean(log(1 + error) for error in errors)) - 1 if known else None,
        "within_20_percent": fmean(error < NEAR for error in absolute) if known else None,
        "in_band": fmean(inside) if known else None,
    }
