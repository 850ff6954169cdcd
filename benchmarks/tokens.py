"""How far off tokens are on models, chips and results that no fit has seen, and what an estimate costs.

    python -m benchmarks.tokens [MEASURED.csv] [--rows]

MEASURED.csv holds serving measurements as `gigawatt.inference.calibrate` reads them; without it the figures that need
them are left out. Every group is predicted by coefficients fitted without it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean, median

import numpy as np

from benchmarks import published, training_runs, wide_experts
from benchmarks.measuring import Measure
from benchmarks.published import KNOWN, Beside
from benchmarks.run import show
from gigawatt.inference import calibrate
from gigawatt.inference.calibrate import Sample, fit_without_warm_up, left_out, sample_of
from gigawatt.inference.compare import Predictions
from gigawatt.inference.loop import latency
from gigawatt.inference.measured import read
from gigawatt.inference.points import Points, take
from gigawatt.inference.search import Search, grid
from gigawatt.inference.shapes import Chip, Model

MEASURED = Path(__file__).resolve().parents[2] / "shared" / "data" / "inference_calibration.csv"
NEAR = 0.3  # relative error of which the share is told
LIMITS = {"TPOT": (9, 12), "TTFT": (28, 38)}  # % of error, median and mean
POINTS = 50_000


def measure(measured: Path, times: int = 9) -> Iterator[Measure]:
    """The figures of the estimator of tokens; those that need measurements only where the file is there."""
    if measured.exists():
        yield from of_measurements(sample_of(read(measured).sound))
    yield from of_published()
    yield from of_speed(times)


def of_measurements(sample: Sample) -> Iterator[Measure]:
    """Errors with each family of models left out, then of Blackwell by a fit on Hopper."""
    found, names = left_out(sample, "model"), sample.names("model")
    for figure, limits in LIMITS.items():
        predicted, known = times_of(figure, found, sample)
        off = np.abs(predicted / known - 1)
        what = f"{figure} of {len(off)} rows, families left out"
        yield percent(f"{what}: median error", float(np.median(off)), limits[0])
        yield percent(f"{what}: mean error", float(off.mean()), limits[1])
        share = calibrate.cover(predicted, known, names)
        name = f"{figure}: cover of the 80 % band, off by"
        yield Measure(subject="tokens", name=name, value=abs(100 * share - 80), unit="points", limit=5)
    newer = np.array([row.chip.fp4_flop_per_s > 0 for row in sample.rows])
    fitted = fit_without_warm_up(sample.only(~newer))
    off = np.abs(latency(take(sample.points, newer), fitted).tpot_s / sample.tpot_s[newer] - 1)
    yield percent(f"TPOT of {len(off)} rows of Blackwell, fit on Hopper: median error", float(np.median(off)), 9)


def times_of(figure: str, found: Predictions, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and measured times of a figure."""
    return (found.tpot_s, sample.tpot_s) if figure == "TPOT" else (found.ttft_s, sample.ttft_s)


def percent(name: str, value: float, limit: float | None = None, subject: str = "tokens") -> Measure:
    """A share as a figure in %."""
    return Measure(subject=subject, name=name, value=100 * value, unit="%", limit=limit)


def of_published() -> Iterator[Measure]:
    """Errors on published results: MLPerf, DeepSeek's day, wide expert parallelism, energy."""
    offline, _ = published.mlperf_offline()
    fitted_maker = [one for one in offline if one.is_nvidia]
    yield from offline_errors("all rounds", fitted_maker)
    yield from offline_errors("v5.1", [one for one in fitted_maker if one.round == "v5.1"])
    yield from offline_errors("AMD", [one for one in offline if not one.is_nvidia], limit=None)
    for one in wide_experts.own_day():
        yield percent(f"DeepSeek-V3 on H800, {one.what}: error", abs(one.ratio - 1), 25)
    wide = list(wide_experts.elsewhere())
    yield percent(f"DeepSeek-V3 elsewhere, {len(wide)} rows: median error", typical(wide))
    tokens = list(published.all_at_once())
    yield percent(f"small systems, {len(tokens)} rows: median error", typical(tokens))
    joules = list(published.energy())
    yield percent(f"J per token of {len(joules)} steady states: median error", typical(joules))


def offline_errors(which: str, rows: Sequence[Beside], limit: float | None = 20) -> Iterator[Measure]:
    """Share of offline rows that are not within 30 %, and the median error."""
    named = f"MLPerf Inference offline, {which}, {len(rows)} rows"
    yield percent(f"{named}: beyond 30 %", fmean(abs(one.ratio - 1) > NEAR for one in rows), limit)
    yield percent(f"{named}: median error", typical(rows))


def typical(rows: Iterable[Beside]) -> float:
    """Median error of published rows."""
    return median(abs(one.ratio - 1) for one in rows)


def of_speed(times: int) -> Iterator[Measure]:
    """CPU time of one estimate, in a grid of one model and chip and among points that all differ."""
    for what, points in (("a grid", grid_of(POINTS)), ("points that all differ", different(POINTS))):
        size = np.size(points.load.users)
        spent = median(cpu_s(lambda p=points: latency(p)) for _ in range(times))  # type: ignore[misc]
        name = f"CPU of one estimate, {size:,} of {what}"
        yield Measure(subject="tokens", name=name, value=1e6 * spent / size, unit="us", limit=5)


def cpu_s(call: Callable[[], object]) -> float:
    """CPU time of a call in this process, in seconds."""
    started = time.process_time()
    call()
    return time.process_time() - started


def grid_of(size: int) -> Points:
    """So many points of one model on one chip."""
    search = Search(input_tokens=2000, output_tokens=500)
    points = grid(Model.from_catalog("deepseek-v3"), Chip.from_catalog("b200"), "fp8", search)
    assert points is not None
    return take(points, np.arange(size) % np.size(points.load.users))


def different(size: int) -> Points:
    """So many points whose models, chips and formats change from one to the next."""
    points = sample_of(read(KNOWN / "serving_latency.csv").sound).points
    return take(points, np.arange(size) % np.size(points.load.users))


def ratios(rows: Iterable[Beside]) -> str:
    """Median of predicted over measured, by model, chip and round."""
    groups: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for one in rows:
        groups[one.model, one.chip, one.round].append(one.ratio)
    told = [
        f"  {model:40s} {chip:14.14s} {which:28s} {len(found):3d} {median(found):6.2f}"
        for (model, chip, which), found in sorted(groups.items())
    ]
    return "\n".join(told)


def show_rows() -> None:
    """Print predicted over measured of all published rows."""
    offline, lacking = published.mlperf_offline()
    print(f"\nMLPerf Inference offline; predicted / measured (chips not in the catalog: {', '.join(lacking)})")
    print(ratios(offline))
    for title, rows in (
        ("DeepSeek-V3 on H800 and elsewhere", [*wide_experts.own_day(), *wide_experts.elsewhere()]),
        ("Small systems, all requests at once", list(published.all_at_once())),
    ):
        print(f"\n{title}; predicted / measured")
        for one in rows:
            print(f"  {one.model:14s} {one.chip:8s} {one.round:26.26s} {one.what:44.44s} {one.ratio:6.2f}")
    print("\nJ per output token of the chips; predicted / measured")
    print(ratios(published.energy()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", nargs="?", type=Path, default=MEASURED, help="CSV of serving measurements")
    parser.add_argument("--rows", action="store_true", help="also predicted / measured of every published row")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    asked = parser.parse_args(arguments)
    if not asked.measured.exists():
        print(f"{asked.measured.name} is not there: figures of left-out measurements are skipped", file=sys.stderr)
    show([*measure(asked.measured), *training_runs.measure()], asked.format)
    if asked.rows:
        show_rows()


if __name__ == "__main__":
    main()
