"""In which order the lines of a model are worked out, and which of them go round in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gigawatt.errors import SolveError
from gigawatt.finance.project.lines import Model, mentions


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are worked out together: all periods at once, or period by period, forward or backward."""

    names: tuple[str, ...]
    direction: str  # all, forward or backward


def blocks(model: Model) -> list[Block]:
    """The lines of a model in the order of their working out.

    Raises:
        SolveError: Lines need each other in the same period, or in both directions of time: a circle, named.
    """
    reads = {name: list(mentions(line.formula)) for name, line in model.lines.items()}
    for name, seen in reads.items():
        for other, _ in seen:
            if other not in model.lines:
                raise ValueError(f"{name}: reads {other}, which is no line of the model")
    return [_block(group, reads) for group in components({n: [o for o, _ in seen] for n, seen in reads.items()})]


def _block(group: list[str], reads: dict[str, list[tuple[str, str]]]) -> Block:
    inside = set(group)
    hows = {how for name in group for other, how in reads[name] if other in inside}
    if not hows:
        return Block(tuple(group), "all")
    if "whole" in hows or {"prev", "next"} <= hows or hows == {"same"}:
        raise SolveError(f"finance: circular lines, each needs the other: {circle(group, reads)}")
    same = {name: [other for other, how in reads[name] if how == "same" and other in inside] for name in group}
    steps = components(same)
    for step in steps:
        if len(step) > 1 or step[0] in same[step[0]]:
            raise SolveError(f"finance: circular lines in one period: {circle(step, reads)}")
    return Block(tuple(name for step in steps for name in step), "forward" if "prev" in hows else "backward")


def circle(group: list[str], reads: dict[str, list[tuple[str, str]]]) -> str:
    """A way round through the lines of a group, in words."""
    inside, way = set(group), [group[0]]
    while True:
        onward = [other for other, _ in reads[way[-1]] if other in inside]
        found = next((each for each in onward if each in way), None)
        if found is not None:
            return " -> ".join([*way[way.index(found) :], found])
        way.append(onward[0])


def components(reads: dict[str, list[str]]) -> list[list[str]]:
    """Groups of names that reach each other, those that are read before those that read them.

    Source: Tarjan 1972, "Depth-first search and linear graph algorithms", doi:10.1137/0201010.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in reads:
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(reads[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, left = work[-1]
            onward = next((each for each in left if each not in number or each in on_stack), None)
            if onward is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    cut = stack.index(name)
                    found.append(stack[cut:])
                    on_stack.difference_update(stack[cut:])
                    del stack[cut:]
            elif onward in number:
                low[name] = min(low[name], number[onward])
            else:
                number[onward] = low[onward] = len(number)
                stack.append(onward)
                on_stack.add(onward)
                work.append((onward, iter(reads[onward])))
    return found
