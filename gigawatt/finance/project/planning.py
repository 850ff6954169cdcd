"""The lines of a model put on tapes: what differs between draws apart from what does not, and only what is wanted.

Formulas are first made plain: a part that does not differ between draws becomes a line of its own, worked out once,
and so do functions that no kernel knows (`irr`, `edate`), with a line for each of their arguments. Then lines are put
into stages: those without draws, those with, each as often as such functions stand in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from gigawatt.finance.project.lines import (
    WHOLE,
    Apply,
    Constant,
    Input,
    Later,
    Line,
    Model,
    Table,
    Term,
    mentions,
)
from gigawatt.finance.project.order import Block

HOST = frozenset({"irr", "edate"})  # functions of whole arrays, outside of the kernel


@dataclass(frozen=True, slots=True)
class Hosted(Term):
    """The answer of a function outside of the kernel, of lines."""

    function: str
    arguments: tuple[Line, ...]


@dataclass(slots=True)
class Plain:
    """Lines whose formulas a tape can hold, in the order of their working out."""

    model: Model
    drawn: set[str]  # names of inputs and lines that differ between draws
    given: Collection[str]  # lines whose values are given
    lines: dict[str, Line] = field(default_factory=dict)
    ways: dict[str, str] = field(default_factory=dict)  # all, forward or backward
    levels: dict[str, int] = field(default_factory=dict)  # how many functions outside of the kernel come before
    made: dict[object, Line] = field(default_factory=dict)


def plain(
    model: Model, order: Iterable[Block], drawn: Collection[str], given: Collection[str], wanted: set[str]
) -> Plain:  # fmt: skip
    """The lines that are wanted, and all that they need."""
    found = Plain(model, set(drawn), given)
    needed = reachable(model, wanted, given)
    for block in order:
        names = [name for name in block.names if name in needed and name not in given]
        formulas = [model.lines[name].formula for name in names]
        if any(differs(formula, found.drawn) for formula in formulas):
            found.drawn.update(names)
        for name in names:
            line = model.lines[name]
            formula = _made_plain(found, line.formula, name in found.drawn, line.scalar)
            _add(found, replace(line, formula=formula), block.direction)
    return found


def reachable(model: Model, wanted: set[str], given: Collection[str]) -> set[str]:
    """Names of the lines that the wanted ones need, themselves among them."""
    found: set[str] = set()
    left = list(wanted)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            if name not in given:
                left += [other for other, _ in mentions(model.lines[name].formula)]
    return found


def leaves(formula: Term) -> Iterator[Term]:
    """Inputs, tables, constants and lines that a formula reads."""
    if isinstance(formula, Apply | Hosted):
        for argument in formula.arguments:
            yield from leaves(argument)
    else:
        yield formula


def differs(formula: Term, drawn: Collection[str]) -> bool:
    """Whether a formula differs between draws."""
    return any(isinstance(leaf, Input | Table | Line | Later) and leaf.name in drawn for leaf in leaves(formula))


def by_period(formula: Term, lines: dict[str, Line]) -> bool:
    """Whether a formula has a value for each period."""
    match formula:
        case Line(name=name) | Later(name=name):
            return not lines[name].scalar
        case Apply("lookup", (_, year)):
            return by_period(year, lines)
        case Apply(function, arguments):
            return function not in WHOLE and any(by_period(each, lines) for each in arguments)
    return False


def _add(found: Plain, line: Line, way: str) -> None:
    found.lines[line.name] = line
    found.ways[line.name] = way
    before = [found.levels.get(leaf.name, 0) for leaf in leaves(line.formula) if isinstance(leaf, Line | Later)]
    found.levels[line.name] = max(before, default=0) + isinstance(line.formula, Hosted)


def _made_plain(found: Plain, formula: Term, drawn: bool, scalar: bool) -> Term:
    """A formula with lines in place of parts that differ less than it does, and of functions of whole arrays."""
    if not isinstance(formula, Apply):
        return formula
    if drawn and formula.function not in ("prev", "next") and not differs(formula, found.drawn):
        return _line_of(found, formula)
    if not scalar and not by_period(formula, found.model.lines):
        return _line_of(found, formula)
    if formula.function in HOST:
        arguments = tuple(_line_of(found, each) for each in formula.arguments)
        key = (formula.function, *(each.name for each in arguments))
        return _named(found, key, Hosted(formula.function, arguments), formula)
    return Apply(formula.function, tuple(_made_plain(found, each, drawn, scalar) for each in formula.arguments))


def _line_of(found: Plain, formula: Term) -> Line:
    """A line with the value of a formula: itself, one made before, or a new one."""
    if isinstance(formula, Line | Later):
        return found.model.lines[formula.name]
    scalar = not by_period(formula, found.model.lines)
    return _named(found, _key(formula), _made_plain(found, formula, differs(formula, found.drawn), scalar), formula)


def _named(found: Plain, key: object, formula: Term, meant: Term) -> Line:
    if key not in found.made:
        line = Line(f"#{len(found.made)}", formula, scalar=not by_period(meant, found.model.lines))
        found.made[key] = line
        if differs(formula, found.drawn):
            found.drawn.add(line.name)
        _add(found, line, "all")
    return found.made[key]


def _key(formula: Term) -> object:
    """Equal for formulas that are written the same."""
    match formula:
        case Apply(function, arguments):
            return (function, *(_key(each) for each in arguments))
        case Constant(value):
            return value
        case Input(name=name) | Table(name=name) | Line(name=name) | Later(name=name):
            return name
    raise TypeError(f"no key for {formula}")
