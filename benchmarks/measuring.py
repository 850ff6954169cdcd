"""What every benchmark needs: the use of time and memory by a command, the machine, and figures beside targets."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
GIGAWATT = (sys.executable, "-m", "gigawatt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure; `limit` is the most that it may be, and None when nothing is asked of it."""

    subject: str
    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or nothing when there is no target."""
        if self.limit is None:
            return ""
        return "met" if self.value <= self.limit else "missed"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: wall seconds, CPU seconds of all its threads, highest resident memory in MB; its output."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def usage(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Usage:
    """The use of a command that must succeed; of the process with all that it waited for."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} exited with {process.returncode}")
    per_mb = 1024.0**2 if sys.platform == "darwin" else 1024.0  # ru_maxrss is in bytes on macOS, in KiB on Linux
    return Usage(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / per_mb, output)


def median_s(call: Callable[[], object], times: int) -> float:
    """Median wall time of a call, in seconds."""
    return median(seconds(call) for _ in range(times))


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call, in seconds."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def machine() -> dict[str, str]:
    """Processor, cores, memory, system and versions."""
    packages = ("numpy", "numba", "llvmlite", "duckdb", "typer", "highspy", "pypsa")
    found = {one.metadata["Name"].lower(): one.version for one in importlib.metadata.distributions()}
    about = {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1024**3:.0f} GiB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }
    return {**about, **{name: found[name] for name in packages if name in found}}


def processor() -> str:
    """The name of the processor, as the system says it."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
