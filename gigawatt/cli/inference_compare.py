"""`gigawatt inference --compare FILE.csv`: measured rows beside their predictions."""

from __future__ import annotations

import math
from pathlib import Path

from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, show
from gigawatt.errors import GigawattError


def compare(measured: Path, how: Format, out: Path | None) -> None:
    """Print the errors by group, and which rows are set aside or cannot be predicted; write predictions to `out`."""
    from gigawatt.inference.compare import error_rows, predict, prediction_rows
    from gigawatt.inference.measured import read

    try:
        reading = read(measured)
    except (OSError, ValueError) as error:
        raise GigawattError(f"cannot read {measured}: {error}") from None
    if not reading.rows and not reading.refused:
        raise GigawattError(f"{measured}: no rows")
    if out is not None:
        show(prediction_rows(reading, predict(reading.rows)), Format.csv if how is Format.table else how, out)
    sound = reading.sound
    table = error_rows(sound, predict(sound)) if sound else []
    if how is not Format.table:
        if out is None:
            show(table, how, None)
        return
    show([percent(row) for row in table], how, None, title=f"{measured.name}: {len(sound)} rows compared")
    for why, count in sorted(reading.set_aside.items(), key=lambda one: -one[1]):
        say(f"set aside, {count} rows: {why}")
    for name, why in reading.refused:
        say(f"cannot be predicted: {name}: {why}")


def percent(row: dict[str, object]) -> dict[str, object]:
    """A row of errors with short headings and percentages."""
    short: dict[str, object] = {"by": row["by"], "group": row["group"]}
    for figure in ("tpot", "ttft"):
        name = figure.upper()
        short[f"{name} rows"] = row[f"{figure}_rows"]
        for column, heading in (("median_error", "median"), ("mean_error", "mean"), ("bias", "bias")):
            short[f"{name} {heading} %"] = tenth(row[f"{figure}_{column}"])
        short[f"{name} in band %"] = tenth(row[f"{figure}_in_band"])
    return short


def tenth(value: object) -> object:
    """A share in percent to one digit; empty where there is none."""
    assert isinstance(value, float)
    return "" if math.isnan(value) else round(100 * value, 1)
