"""What each kernel of the week sets and reads, found from the source: the ground that `explain` stands on."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gigawatt.world.stages import stages


@dataclass(frozen=True, slots=True)
class Passage:
    """One kernel as a stage calls it: the fields it sets, and what it reads, as `w.group.field`, `p.group.field`
    or `t.entity.field`."""

    stage: str
    function: Any
    sets: frozenset[str]
    reads: frozenset[str]

    @property
    def text(self) -> str:
        """The kernel's docstring without the line of changes."""
        lines = inspect.cleandoc(self.function.__doc__ or "").splitlines()
        return "\n".join(line for line in lines if not line.startswith("Changes:")).strip()

    @property
    def place(self) -> str:
        """Module and line of the kernel."""
        return f"{self.function.__module__}:{inspect.getsourcelines(self.function)[1]}"


@cache
def passages() -> tuple[Passage, ...]:
    """Every kernel that the week runs, in order, each as often as it is called with other groups."""
    found: dict[tuple[str, str, frozenset[str], frozenset[str]], Passage] = {}
    for stage in stages():
        roots = dict(zip(stage.names, stage.arguments, strict=True))
        for passage in follow(stage.name, stage.function, roots, ()):
            found.setdefault((passage.stage, passage.function.__name__, passage.sets, passage.reads), passage)
    return tuple(found.values())


def follow(stage: str, function: Any, roots: Mapping[str, str], seen: tuple[str, ...]) -> Iterator[Passage]:
    """The passage of a kernel and of the kernels that it calls; `roots` maps its parameters to parts of w, p and t."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    sets, reads = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                    sets |= paths(part, roots)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            reads |= paths(node, roots)
    yield Passage(stage, function, frozenset(sets), frozenset(reads - sets))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = getattr(inspect.getmodule(function), node.func.id, None)
            plain = getattr(called, "py_func", called)
            if inspect.isfunction(plain) and plain.__module__.startswith("gigawatt.") and node.func.id not in seen:
                passed = {
                    name: root
                    for name, argument in zip(inspect.signature(plain).parameters, node.args, strict=False)
                    for root in [rooted(argument, roots)]
                    if root
                }
                yield from follow(stage, plain, passed, (*seen, node.func.id))


def rooted(node: ast.expr, roots: Mapping[str, str]) -> str:
    """The dotted path of an argument from w, p or t; empty for anything else."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        return roots.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = rooted(node.value, roots)
        return f"{base}.{node.attr}" if base else ""
    return ""


def paths(node: ast.expr, roots: Mapping[str, str]) -> set[str]:
    """The field that an expression names, as a set of one or none; `w.market.share` and the like."""
    path = rooted(node, roots)
    return {path} if path[:2] in ("w.", "p.", "t.") and path.count(".") == 2 else set()


def setters(field: str) -> list[Passage]:
    """The kernels that set a state field such as `power.energised_mw`, in the order of the week."""
    return [passage for passage in passages() if f"w.{field}" in passage.sets]
