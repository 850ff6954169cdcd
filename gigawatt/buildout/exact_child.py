"""CP-SAT in a process of its own.

OR-Tools and highspy each bring a library of the same name that differ, and a process can load only one of them: what
solves schedules here is kept away from what solves power and expansion in the process that asks.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import pickle
import subprocess
import sys
from functools import cache
from threading import Lock
from typing import IO, cast

from gigawatt.buildout.exact_grid import Grid
from gigawatt.buildout.exact_model import Found, Frame, solve
from gigawatt.errors import SolveError

EXTRA = "the exact schedule needs OR-Tools: pip install 'gigawatt[schedule]'"
IN_TURN = Lock()


def check_installed() -> None:
    """ImportError that names the extra where OR-Tools is not installed."""
    if importlib.util.find_spec("ortools") is None:
        raise ImportError(EXTRA)


def solve_apart(grid: Grid, frame: Frame, seconds: float, workers: int) -> Found:
    """As `exact_model.solve`, in the other process, which is started when first asked and stays.

    Raises:
        SolveError: The other process ended; its own words stand on standard error.
    """
    with IN_TURN:
        child = _child()
        try:
            pickle.dump((grid, frame, seconds, workers), cast(IO[bytes], child.stdin))
            cast(IO[bytes], child.stdin).flush()
            found = pickle.load(cast(IO[bytes], child.stdout))
        except (EOFError, BrokenPipeError) as error:
            _child.cache_clear()
            raise SolveError(f"the process of CP-SAT ended with {child.wait()}") from error
        except BaseException:  # Ctrl-C leaves half an answer in the pipe
            child.kill()
            _child.cache_clear()
            raise
    if isinstance(found, Exception):
        raise found
    return cast(Found, found)


@cache
def _child() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gigawatt.buildout.exact_child"]
    path = os.pathsep.join(folder for folder in sys.path if folder) or None
    environment = os.environ | ({"PYTHONPATH": path} if path else {})
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    atexit.register(child.kill)
    return child


def answer() -> None:
    """Solve what comes on standard input until it ends; the answers go to standard output."""
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        found: Found | Exception
        try:
            found = solve(*asked)
        except Exception as error:
            found = error
        pickle.dump(found, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    answer()
