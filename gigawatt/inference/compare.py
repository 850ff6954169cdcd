"""Measured rows beside their predictions: errors by model, chip, precision and framework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gigawatt.inference.factors import FITTED, Factors, band
from gigawatt.inference.loop import latency
from gigawatt.inference.measured import Reading, Row, points_of

Array = NDArray[np.float64]
GROUPS = ("model", "chip", "precision", "framework")
MS_PER_S = 1e3
PREDICTED = (
    "predicted_ttft_ms", "predicted_tpot_ms", "low", "high", "ttft_low_ms", "ttft_high_ms", "assumed_drafted_tokens",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Times of rows in seconds, in their order; shape (rows,)."""

    ttft_s: Array
    tpot_s: Array


def predict(rows: Sequence[Row], k: Factors = FITTED) -> Predictions:
    """TTFT and TPOT of every row."""
    if not rows:
        return Predictions(ttft_s=np.zeros(0), tpot_s=np.zeros(0))
    found = latency(points_of(rows), k)
    return Predictions(ttft_s=found.ttft_s, tpot_s=found.tpot_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of one figure over some rows; an error is |predicted / measured - 1|."""

    rows: int
    median: float
    mean: float
    bias: float  # median of predicted / measured, less 1
    inside: float  # share of measurements within the 80 % band


def errors(predicted: Array, measured: Array, bounds: tuple[float, float]) -> Errors:
    """Errors where there is a measurement; NaN without any."""
    known = np.isfinite(measured) & (measured > 0)
    if not known.any():
        return Errors(rows=0, median=np.nan, mean=np.nan, bias=np.nan, inside=np.nan)
    ratio = predicted[known] / measured[known]
    error, low, high = np.abs(ratio - 1), *bounds
    return Errors(
        rows=int(known.sum()),
        median=float(np.median(error)),
        mean=float(error.mean()),
        bias=float(np.median(ratio)) - 1,
        inside=float(np.mean((1 / ratio >= low) & (1 / ratio <= high))),
    )


def group_of(row: Row, by: str) -> str:
    """What a row counts under."""
    named = {"model": row.model.name, "chip": row.chip.name, "precision": row.precision, "framework": row.framework}
    return named[by]


def error_rows(rows: Sequence[Row], found: Predictions) -> list[dict[str, object]]:
    """One row for all, then one per model, chip, precision and framework."""
    table = [_error_row("all", "", rows, found, np.ones(len(rows), bool))]
    for by in GROUPS:
        names = np.array([group_of(row, by) for row in rows])
        table += [_error_row(by, str(name), rows, found, names == name) for name in np.unique(names)]
    return table


def _error_row(
    by: str, group: str, rows: Sequence[Row], found: Predictions, own: NDArray[np.bool_]
) -> dict[str, object]:
    line: dict[str, object] = {"by": by, "group": group}
    figures: tuple[Literal["tpot", "ttft"], ...] = ("tpot", "ttft")
    for figure in figures:
        measured = np.array([getattr(row, f"{figure}_s") for row in rows])[own]
        one = errors(getattr(found, f"{figure}_s")[own], measured, band(figure))
        line |= {
            f"{figure}_rows": one.rows,
            f"{figure}_median_error": one.median,
            f"{figure}_mean_error": one.mean,
            f"{figure}_bias": one.bias,
            f"{figure}_in_band": one.inside,
        }
    return line


def prediction_rows(reading: Reading, found: Predictions) -> list[dict[str, object]]:
    """One row per row that can be predicted: its id, predictions in ms, the 80 % band of TPOT, why it is in doubt."""
    (ttft_low, ttft_high), (tpot_low, tpot_high) = band("ttft"), band("tpot")
    table: list[dict[str, object]] = []
    for row, ttft_s, tpot_s in zip(reading.rows, found.ttft_s, found.tpot_s, strict=True):
        ttft_ms, tpot_ms = float(ttft_s) * MS_PER_S, float(tpot_s) * MS_PER_S
        values = (
            *(ttft_ms, tpot_ms, tpot_ms * tpot_low, tpot_ms * tpot_high),
            *(ttft_ms * ttft_low, ttft_ms * ttft_high, row.load.drafted),
        )
        measured = {"measured_ttft_ms": row.ttft_s * MS_PER_S, "measured_tpot_ms": row.tpot_s * MS_PER_S}
        table.append({"id": row.id} | dict(zip(PREDICTED, values, strict=True)) | measured | {"doubt": row.doubt})
    blank = dict.fromkeys((*PREDICTED, "measured_ttft_ms", "measured_tpot_ms"))
    refused = [{"id": name} | blank | {"doubt": why} for name, why in reading.refused]
    return table + refused
