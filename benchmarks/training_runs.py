"""Training runs: how far off chip-hours are for runs that the fit has not seen, and what an estimate costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import expm1, log
from statistics import fmean, median

from benchmarks.measuring import Measure, median_s
from gigawatt.training import Run, band, compute_optimal, estimate, left_out, published_runs
from gigawatt.training.fit import by_family, by_organisation

NEAR = 0.2  # relative error of which the share is told


def measure(times: int = 9) -> Iterator[Measure]:
    """The figures of the training estimator."""
    runs = [run for run in published_runs() if run.in_fit]
    for name, group in (("chip family", by_family), ("chip", by_chip), ("organisation", by_organisation)):
        yield from errors(f"leaving out one {name}", runs, left_out(runs, group))
    yield cover(runs, left_out(runs, by_organisation), by_organisation)
    once = median_s(lambda: estimate("llama-3.1-405b", "h100-sxm", tokens=15.6e12, chips=16_384), times)
    yield Measure(subject="training", name="one estimate", value=1000 * once, unit="ms", limit=10)
    split = median_s(lambda: compute_optimal(1e26), times)
    yield Measure(subject="training", name="one best split", value=1000 * split, unit="ms", limit=10)


def by_chip(run: Run) -> str:
    """The chip it ran on."""
    return run.chip.name


def errors(what: str, runs: list[Run], misses: dict[str, float]) -> Iterator[Measure]:
    """Median and mean absolute error, share beyond 20 %, bias of chip-hours."""
    absolute = [abs(expm1(misses[run.name])) for run in runs]
    named = f"chip-hours of {len(runs)} runs, {what}"
    yield Measure(subject="training", name=f"{named}: median error", value=100 * median(absolute), unit="%", limit=12)
    yield Measure(subject="training", name=f"{named}: mean error", value=100 * fmean(absolute), unit="%")
    far = fmean(error >= NEAR for error in absolute)
    yield Measure(subject="training", name=f"{named}: beyond 20 %", value=100 * far, unit="% of runs", limit=25)
    bias = expm1(fmean(misses.values()))
    yield Measure(subject="training", name=f"{named}: bias", value=100 * bias, unit="%")


def cover(runs: list[Run], misses: dict[str, float], group: Callable[[Run], str]) -> Measure:
    """How far the share of runs inside of a band made without their own group is from 80 %."""
    inside = []
    for run in runs:
        low, high = band(misses[other.name] for other in runs if group(other) != group(run))
        inside.append(log(low) <= -misses[run.name] <= log(high))
    off = abs(100 * fmean(inside) - 80)
    return Measure(subject="training", name="cover of the 80 % band: off by", value=off, unit="points", limit=5)
