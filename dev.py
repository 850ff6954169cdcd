"""Set up and run gigawatt from a fresh clone: `python3 dev.py COMMAND`.

COMMAND is one of demo, test, peers, lint, types, docs, bench, picture, setup and lock. Needs Python 3.11 or newer and
nothing else. The first call makes `.venv` and installs what a lock file pins, with hashes; a later call with unchanged
locks installs nothing. Arguments after the command are handed on, so `python3 dev.py test -k units` runs the tests of
the units.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PIP = (PYTHON, "-m", "pip", "--disable-pip-version-check")
UV = "uv>=0.5"  # a fast installer; pip does the same work when it cannot be had
CORE_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"  # the core too, in the same versions
PEERS_LOCK = "requirements-peers.lock"  # beside the dev lock, in the same versions
COMPILE = ("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade")
QUIET = ("--quiet", "--no-header", "--no-annotate", "--no-emit-index-url")


def run(*command: str | Path, check: bool = True) -> int:
    """The exit code of a command run at the root of the clone; ends this process when it fails and `check` is set."""
    code = subprocess.run([str(part) for part in command], cwd=ROOT).returncode
    if code and check:
        sys.exit(code)
    return code


def note(text: str) -> None:
    """Say what is going on, beside the output of commands."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def fingerprint(lock: str) -> str:
    """A hash that changes when a lock, the project file or the interpreter changes."""
    parts = [(ROOT / name).read_bytes() for name in (lock, "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode(), str(ROOT).encode()])).hexdigest()


def is_ready(lock: str) -> bool:
    """Whether `.venv` already holds what the lock pins; all that the dev lock pins includes the core."""
    for candidate in {lock} if lock == PEERS_LOCK else {lock, DEV_LOCK}:
        stamp = VENV / f".{candidate}.stamp"
        if PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(candidate):
            return True
    return False


def setup(lock: str) -> None:
    """Make `.venv` hold what the lock pins and the project itself, editable; at once when it already does."""
    if is_ready(lock):
        return
    started = time.monotonic()
    make_venv()
    note(f"installing {lock}")
    install("--require-hashes", "-r", lock)
    install("--no-deps", "--no-build-isolation", "-e", ".")
    (VENV / f".{lock}.stamp").write_text(fingerprint(lock))
    note(f"set up in {time.monotonic() - started:.0f} s")


def make_venv() -> None:
    """A virtual environment with pip in `.venv`."""
    if PYTHON.exists() and not subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
        return
    note(f"making .venv with Python {sys.version.split()[0]}")
    if run(sys.executable, "-m", "venv", VENV, check=False):
        sys.exit("dev.py: Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv")


def uv() -> Path | None:
    """The path of uv in `.venv`, or None where it cannot be had."""
    found = BIN / ("uv.exe" if os.name == "nt" else "uv")
    if not found.exists():
        run(*PIP, "install", "--quiet", UV, check=False)
    return found if found.exists() else None


def install(*what: str) -> None:
    """Install into `.venv` with uv, or pip where uv cannot be had or fails; with bytecode, for a quick start."""
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")  # trust what this machine trusts, as pip does
    fast = uv()
    options = ("--quiet", "--compile-bytecode", "--python", PYTHON)
    if fast and not run(fast, "pip", "install", *options, *what, check=False):
        return
    note("installing with pip")
    run(*PIP, "install", "--quiet", "--compile", *what)


def demo(arguments: list[str]) -> None:
    """Run the standing example and print its key figures."""
    setup(CORE_LOCK)
    run(BIN / "gigawatt", "demo", *arguments)


def test(arguments: list[str]) -> None:
    """Run the tests."""
    setup(DEV_LOCK)
    run(PYTHON, "-m", "pytest", *arguments)


def peers(arguments: list[str]) -> None:
    """Run the tests that put the same question to other libraries, which are installed for it."""
    setup(DEV_LOCK)
    setup(PEERS_LOCK)
    run(PYTHON, "-m", "pytest", "-m", "peers", *arguments)


def lint(arguments: list[str]) -> None:
    """Check style, format and the import rule, all three even when one fails; `--fix` mends what can be mended."""
    setup(DEV_LOCK)
    fix = "--fix" in arguments
    codes = [
        run(PYTHON, "-m", "ruff", "check", *(["--fix"] if fix else []), ".", check=False),
        run(PYTHON, "-m", "ruff", "format", *([] if fix else ["--check"]), ".", check=False),
        run(BIN / "lint-imports", check=False),
    ]
    sys.exit(max(codes))


def types(arguments: list[str]) -> None:
    """Check the types of the package."""
    setup(DEV_LOCK)
    run(PYTHON, "-m", "mypy", *arguments)


def docs(arguments: list[str]) -> None:
    """Build the docs into docs/_build/html; a warning is an error."""
    setup(DEV_LOCK)
    run(PYTHON, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", *arguments, "docs", "docs/_build/html")
    note("docs are in docs/_build/html/index.html")


def bench(arguments: list[str]) -> None:
    """Print what gigawatt takes, beside what it may take."""
    setup(DEV_LOCK)
    run(PYTHON, "benchmarks/run.py", *arguments)


def picture(arguments: list[str]) -> None:
    """Make the answer and the picture of README.md anew; needs Chromium."""
    setup(DEV_LOCK)
    run(PYTHON, "-m", "benchmarks.picture", *arguments)


def lock(arguments: list[str]) -> None:
    """Pin anew every requirement of pyproject.toml, for all systems and Python versions."""
    setup(CORE_LOCK)
    fast = uv() or sys.exit("dev.py: uv is needed to pin requirements")
    run(fast, *COMPILE, *QUIET, "--extra", "build", "pyproject.toml", "-o", CORE_LOCK)
    extras = [part for name in ("build", "dev", "docs") for part in ("--extra", name)]
    run(fast, *COMPILE, *QUIET, "-c", CORE_LOCK, *extras, "pyproject.toml", "-o", DEV_LOCK)
    run(fast, *COMPILE, *QUIET, "-c", DEV_LOCK, "--extra", "peers", "pyproject.toml", "-o", PEERS_LOCK)


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "demo": demo,
    "test": test,
    "peers": peers,
    "lint": lint,
    "types": types,
    "docs": docs,
    "bench": bench,
    "picture": picture,
    "setup": lambda arguments: setup(DEV_LOCK),
    "lock": lock,
}


def with_new_python() -> None:
    """Go on under a newer Python of this machine when this one is too old."""
    names = ("python3.13", "python3.12", "python3.11")
    for found in filter(None, map(shutil.which, names)):
        sys.exit(subprocess.run([found, *sys.argv]).returncode)
    sys.exit(f"dev.py: needs Python 3.11 or newer; this is {sys.version.split()[0]}")


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        with_new_python()
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"{__doc__}\ncommands: {', '.join(COMMANDS)}")
    COMMANDS[sys.argv[1]](sys.argv[2:])
