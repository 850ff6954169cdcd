"""From a fresh clone: `make demo` cold and warm, and the size of what it installs."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from benchmarks.measuring import ROOT, Measure, usage


def core() -> Iterator[Measure]:
    """Distributions and MB of `requirements.lock` as installed here, gigawatt itself left out."""
    names = sorted(set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)))
    found = [one for one in map(installed, names) if one]
    size_mb = sum(size_bytes(one) for one in found) / 1e6
    yield Measure(subject="install", name="core: distributions", value=len(found), unit="", limit=32)
    yield Measure(subject="install", name="core: size without bytecode", value=size_mb, unit="MB", limit=500)


def installed(name: str) -> Distribution | None:
    """A distribution of this environment, or None: some are for other systems."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def size_bytes(found: Distribution) -> int:
    """Bytes of the files of a distribution, bytecode left out."""
    files = [Path(str(file.locate())) for file in found.files or () if file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.is_file())


def demo() -> Iterator[Measure]:
    """Seconds of the demo of the last commit in a fresh clone, with an empty home: cold, again, and with a new run."""
    with tempfile.TemporaryDirectory() as place:
        clone, home = Path(place) / "clone", Path(place) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        command = (sys.executable, "dev.py", "demo")
        around = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "GIGAWATT_CACHE": str(home / "kernels")}
        cold = usage(command, around, clone)
        environment_mb = sum(f.stat().st_size for f in (clone / ".venv").rglob("*") if f.is_file()) / 1e6
        again = usage(command, around, clone)
        fresh = usage((*command, "--out", "runs-again"), around, clone)
    yield Measure(subject="install", name="demo, cold: all of set-up and run", value=cold.wall_s, unit="s", limit=120)
    yield Measure(subject="install", name="demo, warm: run found", value=again.wall_s, unit="s", limit=5)
    yield Measure(subject="install", name="demo, warm: run anew", value=fresh.wall_s, unit="s", limit=5)
    yield Measure(subject="install", name=".venv with pip, uv, bytecode", value=environment_mb, unit="MB", limit=500)
