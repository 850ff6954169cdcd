"""Compiled kernels and the records they work on.

`kernel` compiles a plain function with Numba the first time it is called and keeps the machine code on disk, in a
folder named by a hash of every kernel source: a change in any of them compiles anew, anything else starts at once.
With NUMBA_DISABLE_JIT=1 the same text runs as ordinary Python, with the same result.

A state or table is described once, as `{group: {field: (dims, meaning)}}`, where `dims` is one letter a dimension
(see `DIMENSIONS`). `record` turns such a description into a NumPy record type; results, `explain` and the reference
read the same description.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
Fields = Mapping[str, tuple[str, str]]  # field -> (dims, meaning)

DIMENSIONS = {
    "C": "companies", "P": "parties", "Z": "sites", "R": "regions", "F": "chip families", "K": "chips",
    "S": "segments", "T": "tiers", "M": "missions", "N": "supply items", "U": "uses", "D": "deals",
    "I": "instruments", "J": "journal entries", "Y": "years of the debt ladder", "H": "kinds of shock",
    "A": "stages of construction", "B": "stages of chip delivery", "L": "kinds of load", "Q": "years of the programme",
    "X": "dated shocks", "G": "ledgers",
}  # fmt: skip


COMPILED = (b"@kernel", b"@woven", b"@intrinsic")  # marks of a file with compiled code


def kernel_sources() -> list[Path]:
    """The files that hold compiled code: ledger, weekly steps, step of the week, hours of power, rates of return."""
    package = Path(__file__).parent
    single = ("compiled.py", "ledger.py", "units/constants.py", "world/step.py", "world/events.py")
    files = (path for stage in ("buildout", "deals", "finance", "power") for path in package.glob(f"{stage}/**/*.py"))
    deep = (path for path in files if any(mark in path.read_bytes() for mark in COMPILED))
    return sorted({*(package / name for name in single), *package.glob("*/weekly*.py"), *deep})


def cache_directory() -> Path:
    """Where machine code is kept: a folder of the user's cache named by a hash of the kernel sources and of Numba."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__}".encode())
    for path in kernel_sources():
        digest.update(path.read_bytes())
    base = os.environ.get("GIGAWATT_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gigawatt" / f"kernels-{digest.hexdigest()[:16]}"


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(cache_directory())  # type: ignore[attr-defined]


def kernel(function: F) -> F:
    """Compile `function` on first use; it must take and return plain numbers, arrays and records."""
    # Nothing calls a kernel through a C pointer: leaving that entry out saves a tenth of the compilation.
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    return numba.njit(**options)(function)  # type: ignore[no-any-return]


def woven(function: F) -> F:
    """A kernel whose text is woven into its one caller before compilation: one level less to compile and link."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "inline": "always"}
    return numba.njit(**options)(function)  # type: ignore[no-any-return]


def record(fields: Fields, sizes: Mapping[str, int]) -> np.dtype[Any]:
    """A record of floats: `record({"share": ("SC", "share of users")}, {"S": 4, "C": 16})`."""
    return np.dtype([(name, np.float64, tuple(sizes[d] for d in dims)) for name, (dims, _) in fields.items()])


def group_record(groups: Mapping[str, Fields], sizes: Mapping[str, int]) -> np.dtype[Any]:
    """A record with one record for each group."""
    return np.dtype([(name, record(fields, sizes)) for name, fields in groups.items()])


@kernel
def total(values: np.ndarray) -> float:
    """Sum of a vector, added in order, so that compiled and plain runs agree in every bit."""
    out = 0.0
    for i in range(len(values)):
        out += values[i]
    return out


@kernel
def advance(pipe: np.ndarray, arriving: float, weeks: float) -> float:
    """One week in a chain of equal stages with `weeks` of delay in all (Erlang); returns what comes out.

    The mean delay is `weeks`, its spread weeks / sqrt(stages). Below one week a stage the delay is one stage a week.
    """
    rate = min(1.0, len(pipe) / weeks)
    out: float = pipe[-1] * rate
    for k in range(len(pipe) - 1, 0, -1):
        pipe[k] += (pipe[k - 1] - pipe[k]) * rate
    pipe[0] += arriving - pipe[0] * rate
    return out


@kernel
def uniform(seed: int, week: int, stream: int) -> float:
    """A number in [0, 1) that depends on its three counters only.

    Source: SplitMix64 finaliser, Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195.
    """
    x = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(week * 64 + stream) * np.uint64(0xD1B54A32D192ED03)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((x ^ (x >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@kernel
def mixed(x: np.uint64) -> np.uint64:
    """A well-mixed word. Source: SplitMix64 finaliser, Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def year_key(seed: int, year: int) -> np.uint64:
    """The word from which all draws of a year follow: year n of a seed is the same whatever else is drawn."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    return mixed(mixed(np.uint64(seed) * golden + golden) + np.uint64(year) * np.uint64(0xD1B54A32D192ED03))


@kernel
def drawn(key: np.uint64, machine: int, count: int) -> float:
    """A number in (0, 1] that depends on the year, the machine and how often it has drawn before."""
    word = key + np.uint64(machine + 1) * np.uint64(0x9E3779B97F4A7C15)
    word = mixed(word) + np.uint64(count + 1) * np.uint64(0xD1B54A32D192ED03)
    return float((mixed(word) >> np.uint64(11)) + np.uint64(1)) / 9007199254740992.0
