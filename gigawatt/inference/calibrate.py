"""Fits the `Factors` to serving measurements, and tells how they do on models and chips that were never seen.

    python -m gigawatt.inference.calibrate MEASURED.csv [--write]

Minimises the robust log error of TPOT and TTFT, each factor pulled towards a prior: 1 where a kernel's own law should
hold, else a time as other measurements give it. Factors are global: none per model, chip or, but for how many prompts
a scheduler takes in first, per framework. Choices of form were made on families left out, never on the fit itself.
Needs SciPy (extra `calibrate`).
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gigawatt.catalog import facts
from gigawatt.catalog.facts import FOLDER
from gigawatt.inference.compare import Array, Errors, Predictions, errors
from gigawatt.inference.factors import NAMES, Factors
from gigawatt.inference.loop import latency
from gigawatt.inference.measured import Row, points_of, read
from gigawatt.inference.points import Points, take

# Where the fit starts, and the spread in log units that pulls it there.
PRIORS: Mapping[str, tuple[float, float]] = {
    "gemm": (1.0, 0.2), "start": (0.8, 0.4), "experts": (1.0, 0.2), "expert_start": (1.0, 0.5),
    "imbalance": (0.1, 1.0), "variety": (0.9, 0.1), "attention": (1.0, 0.2), "attention_start": (0.4, 0.4),
    "link": (1.0, 0.3), "all_reduce_us": (4.0, 0.4), "layer_us": (16.0, 0.5), "step_us": (500.0, 1.0),
    "user_us": (10.0, 1.0), "prefill": (1.2, 0.4), "prefill_attention": (1.0, 0.4), "token_us": (2.0, 1.0),
    "launch_us": (100.0, 1.0), "draft_launch": (0.3, 0.7), "kappa": (1.0, 0.4), "first_ms": (20.0, 0.7),
    "wait_steps": (1.0, 0.7), "wave": (0.1, 0.7), "wave_power": (0.9, 0.15), "trtllm_wave": (1.0, 0.7),
    "sglang_wave": (1.0, 0.7), "synchronised_wave": (1.5, 0.7), "memory_share": (0.92, 0.05), "accepted": (2.2, 0.3),
}  # fmt: skip
TTFT_WEIGHT = 0.5  # TTFT is measured far less sharply
ROBUST = 0.1  # log errors beyond this count linearly
PULL = 2.0
COVER = 0.8
LATE = 2.0  # a first token this many times later than all prompts of all users could take measured a warm-up


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Measured rows as arrays; NaN where not measured."""

    rows: Sequence[Row]
    points: Points
    ttft_s: Array
    tpot_s: Array

    def only(self, chosen: NDArray[np.bool_]) -> Sample:
        """The chosen rows."""
        rows = [row for row, own in zip(self.rows, chosen, strict=True) if own]
        return Sample(
            rows=rows, points=take(self.points, chosen), ttft_s=self.ttft_s[chosen], tpot_s=self.tpot_s[chosen]
        )

    def names(self, by: str) -> NDArray[np.str_]:
        """What each row belongs to: `model`, `chip` or `framework`."""
        named = {"model": lambda r: r.model.name, "chip": lambda r: r.chip.name, "framework": lambda r: r.framework}
        return np.array([named[by](row) for row in self.rows])


def sample_of(rows: Sequence[Row]) -> Sample:
    """Rows with both times."""
    known = [row for row in rows if row.tpot_s > 0 and row.ttft_s > 0]
    return Sample(
        rows=known,
        points=points_of(known),
        ttft_s=np.array([row.ttft_s for row in known]),
        tpot_s=np.array([row.tpot_s for row in known]),
    )


def fit(sample: Sample) -> Factors:
    """Factors of least robust log error, pulled to their priors."""
    from scipy.optimize import least_squares

    mean = np.log([PRIORS[name][0] for name in NAMES])
    spread = np.array([PRIORS[name][1] for name in NAMES])
    strength = 0.5 * PULL * np.sqrt(len(sample.rows) / 1000.0)
    timely = np.isfinite(sample.ttft_s)

    def residuals(theta: Array) -> Array:
        found = latency(sample.points, factors_of(theta))
        miss = np.log(found.tpot_s / sample.tpot_s)
        late = TTFT_WEIGHT * np.log(found.ttft_s / sample.ttft_s)[timely]
        return np.concatenate([softened(miss), softened(late), strength * (theta - mean) / spread])

    found = least_squares(residuals, mean, bounds=(mean - 4, mean + 4), max_nfev=20)
    return factors_of(found.x)


def factors_of(theta: Array) -> Factors:
    """Factors from their logarithms, in the order of `NAMES`."""
    return Factors(**dict(zip(NAMES, map(float, np.exp(theta)), strict=True)))


def softened(miss: Array) -> Array:
    """Pseudo-Huber residuals: squared when small, linear when large."""
    bent: Array = np.sign(miss) * ROBUST * np.sqrt(2 * (np.sqrt(1 + (miss / ROBUST) ** 2) - 1))
    return bent


def without_warm_up(sample: Sample, k: Factors) -> Sample:
    """The sample without first tokens that came later than every prompt of every user could explain."""
    found = latency(sample.points, k)
    replicas = np.maximum(found.users / sample.points.layout.dp, 1.0)
    queue_s = (1.0 - found.users / sample.points.load.users) * found.round_s
    longest_s = LATE * (k.first_ms * 1e-3 + replicas * found.prompt_s + queue_s) + LATE * found.ttft_s / replicas
    return replace(sample, ttft_s=np.where(sample.ttft_s > longest_s, np.nan, sample.ttft_s))


def fit_without_warm_up(sample: Sample) -> Factors:
    """Factors fitted twice: the first fit tells which first tokens came too late to count."""
    return fit(without_warm_up(sample, fit(sample)))


def left_out(sample: Sample, by: str) -> Predictions:
    """Every group predicted by factors that never saw it."""
    names = sample.names(by)
    ttft_s, tpot_s = np.zeros(len(names)), np.zeros(len(names))
    for name in np.unique(names):
        own = names == name
        found = latency(take(sample.points, own), fit_without_warm_up(sample.only(~own)))
        ttft_s[own], tpot_s[own] = found.ttft_s, found.tpot_s
    return Predictions(ttft_s=ttft_s, tpot_s=tpot_s)


def band_of(predicted: Array, measured: Array, names: NDArray[np.str_]) -> tuple[float, float]:
    """Factors (low, high) on a prediction that hold 80 % of left-out measurements, each group counting alike."""
    ratio = np.log(measured / predicted)
    weight = np.array([1.0 / np.sum(names == name) for name in names])
    order = np.argsort(ratio)
    position = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    tail = (1 - COVER) / 2
    low, high = np.interp([tail, 1 - tail], position, ratio[order])
    return float(np.exp(low)), float(np.exp(high))


def cover(predicted: Array, measured: Array, names: NDArray[np.str_]) -> float:
    """Share of measurements inside the band of the other groups' errors."""
    inside = []
    for name in np.unique(names):
        own = names == name
        low, high = band_of(predicted[~own], measured[~own], names[~own])
        ratio = measured[own] / predicted[own]
        inside.append(np.mean((ratio >= low) & (ratio <= high)))
    return float(np.mean(inside))


def write_factors(k: Factors, bands: Mapping[str, float], rows: int) -> Path:
    """Puts factors and bands into the catalog, other rows and all notes kept."""
    path = FOLDER / "kernels.csv"
    new = {("fitted", name): getattr(k, name) for name in NAMES} | {("bands", n): v for n, v in bands.items()}
    with path.open(newline="", encoding="utf-8") as lines:
        table = list(csv.reader(lines))
    for line in table[1:]:
        value = new.get((line[0], line[1]))
        line[2] = f"{value:.4g}" if value is not None else line[2]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    facts.cache_clear() if hasattr(facts, "cache_clear") else None
    return path


def told(title: str, one: Errors) -> str:
    """One line of errors."""
    return (
        f"{title:34s} n={one.rows:5d}  median {one.median:6.1%}  mean {one.mean:6.1%}  bias {one.bias:+6.1%}"
        f"  in band {one.inside:4.0%}"
    )


def main() -> None:
    """Fits, prints the errors of groups left out, and writes the catalog if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path, help="CSV of serving measurements")
    parser.add_argument("--write", action="store_true", help="put factors and bands into the catalog")
    asked = parser.parse_args()
    reading = read(asked.measured)
    sample = sample_of(reading.sound)
    print(f"{len(sample.rows)} rows; set aside: {reading.set_aside}")
    k = fit_without_warm_up(sample)
    bands: dict[str, float] = {}
    for by in ("model", "chip", "framework"):
        found, names = left_out(sample, by), sample.names(by)
        for figure in ("tpot", "ttft"):
            predicted, measured = getattr(found, f"{figure}_s"), getattr(sample, f"{figure}_s")
            bounds = band_of(predicted, measured, names)
            if by == "model":
                bands |= {f"{figure}_low": bounds[0], f"{figure}_high": bounds[1]}
            share = cover(predicted, measured, names)
            print(told(f"{figure.upper()}, {by}s left out", errors(predicted, measured, bounds)), f" cover {share:.0%}")
            for name in np.unique(names):
                own = names == name
                print(told(f"    {name}", errors(predicted[own], measured[own], bounds)))
    for name in NAMES:
        print(f"{name:20s} {getattr(k, name):10.4g}   prior {PRIORS[name][0]:g}, spread {PRIORS[name][1]:g}")
    print("bands", {name: round(value, 3) for name, value in bands.items()})
    if asked.write:
        print("wrote", write_factors(k, bands, len(sample.rows)))


if __name__ == "__main__":
    main()
