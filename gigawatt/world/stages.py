"""What `step` calls, read from its own source: the order of the week, for compilation, `explain` and tests."""

from __future__ import annotations

import ast
import gc
import inspect
import io
import os
import re
import sys
import threading
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np

from gigawatt.world import step as week


@dataclass(frozen=True, slots=True)
class Stage:
    """One call of the week: the kernel, and its arguments as they stand in `step`."""

    name: str
    kernel: Any
    arguments: tuple[str, ...]

    @property
    def function(self) -> Any:
        """The plain Python function."""
        return getattr(self.kernel, "py_func", self.kernel)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the function's parameters, in the order of the arguments."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def changes(self) -> tuple[str, ...]:
        """Groups of the state that the stage's docstring says it changes."""
        found = re.search(r"Changes: ([\w, ]+)\.", self.function.__doc__ or "")
        return tuple(name.strip() for name in found[1].split(",")) if found else ()


@cache
def stages() -> tuple[Stage, ...]:
    """The calls of `step`, in order."""
    function = getattr(week.step, "py_func", week.step)
    tree = ast.parse(inspect.getsource(function))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    out = []
    for call in sorted((node.value for node in calls), key=lambda node: node.lineno):
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        arguments = tuple(ast.unparse(argument) for argument in call.args)
        out.append(Stage(call.func.id, getattr(week, call.func.id), arguments))
    return tuple(out)


def compile_week(w: Any, p: Any, t: Any) -> None:
    """Compile the stages for these records in two processes at once, both filling the cache on disk, then the week.

    Half of the stages are compiled by a child; without `fork`, or beside threads that work, this process compiles all.
    The collector of cycles rests meanwhile: compilation makes garbage by the million and none of it in cycles.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        compiles = isinstance(week.run, numba.core.dispatcher.Dispatcher)
        if compiles and hasattr(os, "fork") and only_helpers():
            share_stages(w, p, t)
        week.run(w, p, t, 0, 0, 0, np.zeros(0, w.dtype).view(np.recarray))
    finally:
        if collecting:
            gc.enable()


def only_helpers() -> bool:
    """Whether this is the main thread and all others are daemons, such as the one that draws the progress line."""
    main = threading.main_thread()
    return threading.current_thread() is main and all(t is main or t.daemon for t in threading.enumerate())


def share_stages(w: Any, p: Any, t: Any) -> None:
    """Compile every second stage here and the others in a child process."""
    typeof: Any = numba.typeof
    space = {"w": w, "p": p, "t": t, "week": 0, "seed": 0}
    jobs = [(s.kernel, tuple(typeof(eval(a, {}, space)) for a in s.arguments)) for s in stages()]
    jobs[0][0].compile(jobs[0][1])  # start-up of the compiler, once for both
    jobs = sorted(jobs[1:], key=lambda job: -len(inspect.getsource(inspect.getmodule(job[0].py_func) or week)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: the child only compiles
        child = os.fork()
    if child == 0:
        sys.stderr = io.StringIO()  # the lock of the old one may be held by the line that is being drawn
    mine = jobs[1::2] if child == 0 else jobs[0::2]
    try:
        for kernel, types in mine:
            kernel.compile(types)
    finally:
        if child == 0:
            os._exit(0)
    os.waitpid(child, 0)
