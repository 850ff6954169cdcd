"""The command line: seconds and memory of a whole run, quickness of `--help`, same files twice."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.measuring import GIGAWATT, Measure, usage

HELP = (
    "import sys; sys.argv = ['gigawatt', '--help']\nfrom gigawatt.cli import main\ntry: main()\nexcept SystemExit: "
    "print('numpy' in sys.modules)"
)


def measure(path: Path, times: int = 3) -> Iterator[Measure]:
    """The figures of the command line for one scenario."""
    yield from run(path, times)
    yield from quick_help(times)


def run(path: Path, times: int) -> Iterator[Measure]:
    """A fresh run of `gigawatt run` with compiled kernels: interpreter, weeks, tables, files and report."""
    with tempfile.TemporaryDirectory() as place:
        directories = [Path(place) / str(n) for n in range(times + 1)]
        uses = [usage((*GIGAWATT, "run", str(path), "--out", str(directory))) for directory in directories][1:]
        files = [table_hashes(directory) for directory in directories]
        kept_mb = sum(file.stat().st_size for file in directories[0].rglob("*") if file.is_file()) / 1e6
    command = "gigawatt run, warm"
    yield Measure(subject="run", name=f"{command}: wall", value=median(u.wall_s for u in uses), unit="s", limit=3)
    yield Measure(subject="run", name=f"{command}: CPU", value=median(u.cpu_s for u in uses), unit="s")
    peak_mb = max(u.peak_mb for u in uses)
    yield Measure(subject="run", name=f"{command}: peak memory", value=peak_mb, unit="MB", limit=500)
    yield Measure(subject="run", name="size of the run on disk, with report", value=kept_mb, unit="MB")
    different = sum(one != files[0] for one in files[1:])
    name = f"differences: Parquet files of {times + 1} runs"
    yield Measure(subject="same bytes", name=name, value=different, unit="runs", limit=0)


def table_hashes(directory: Path) -> str:
    """What the manifest of the only run in a directory says about its tables, hashes included."""
    (manifest,) = directory.glob("*/manifest.json")
    return json.dumps(json.loads(manifest.read_text())["tables"], sort_keys=True)


def quick_help(times: int) -> Iterator[Measure]:
    """CPU seconds of `gigawatt --help`, and whether it imported NumPy (1) or not (0)."""
    cpu_s = median(usage((*GIGAWATT, "--help")).cpu_s for _ in range(times))
    yield Measure(subject="help", name="gigawatt --help: CPU", value=cpu_s, unit="s", limit=0.3)
    numpy = usage((sys.executable, "-c", HELP)).output.split()[-1] == "True"
    yield Measure(subject="help", name="gigawatt --help: imports of NumPy", value=float(numpy), unit="", limit=0)
