"""Formulas written as instructions of a tape: where each line stands, in which order, and which rows are used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gigawatt.finance.project.lines import Apply, Constant, Input, Later, Line, Table, Term, mentions
from gigawatt.finance.project.planning import Hosted, Plain
from gigawatt.finance.project.tape import FIRST, FREE, OPERATIONS, OUT, OUT_STRIDE, WIDTH

Operand = tuple[int, int, int, int]  # row, rows that it moves over with the periods, periods back or ahead, fixed
Reads = dict[str, list[tuple[str, str]]]  # by line: the lines that it reads, and how
Key = str | float  # a line or input by its name, or a constant
NUMBER = {name: k for k, name in enumerate(OPERATIONS)}
WAYS = {"all": 0, "forward": 1, "backward": -1}


@dataclass(slots=True)
class Stage:
    """A tape, what is loaded before it runs and what is taken from it."""

    level: int
    drawn: bool
    names: list[str]  # of its lines
    hosted: list[Line] = field(default_factory=list)  # worked out before, by functions of whole arrays
    fixed: dict[Key, Operand] = field(default_factory=dict)  # the same for all draws
    fixed_rows: int = 0
    loaded: dict[str, Operand] = field(default_factory=dict)  # by draw
    places: dict[str, Operand] = field(default_factory=dict)  # of its own lines
    outputs: list[str] = field(default_factory=list)
    rows: int = FREE
    code: list[list[int]] = field(default_factory=list)
    groups: list[tuple[int, int, int]] = field(default_factory=list)
    tape: np.ndarray = field(default_factory=lambda: np.zeros((0, WIDTH), np.int64))
    order: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int64))


def stages(found: Plain, wanted: set[str], table_years: dict[str, int]) -> list[Stage]:
    """Tapes in the order in which they run; `table_years` are those of tables whose values are given."""
    made: dict[tuple[bool, int], Stage] = {}
    for name, line in found.lines.items():
        drawn, level = name in found.drawn, found.levels[name]
        stage = made.setdefault((drawn, level), Stage(level, drawn, []))
        if isinstance(line.formula, Hosted):
            stage.hosted.append(line)
        else:
            stage.names.append(name)
    reads = {name: _reads(line) for name, line in found.lines.items()}
    ordered = [made[key] for key in sorted(made)]
    for stage in ordered:
        _record(found, stage, reads, wanted, table_years)
    return ordered


def _record(found: Plain, stage: Stage, reads: Reads, wanted: set[str], table_years: dict[str, int]) -> None:
    """Groups of a stage, the rows of its lines, and its tape."""
    own = set(stage.names)
    groups = _groups(found, stage, reads)
    where = {name: g for g, (_, names) in enumerate(groups) for name in names}
    outside = {other for name, seen in reads.items() if name not in own for other, _ in seen}
    stage.outputs = [name for name in stage.names if name in wanted or name in outside]
    kept = set(stage.outputs)
    for name in stage.names:
        kept.update(
            other for other, how in reads[name] if other in own and (how != "same" or where[other] != where[name])
        )
    recorder = _Recorder(found, stage, table_years)
    for name in [name for name in stage.names if name in kept]:
        rows = 0 if found.lines[name].scalar else found.model.periods
        stage.places[name] = (stage.rows, rows, 0, 0)
        stage.rows += max(rows, 1)
    for way, names in groups:
        recorder.group(way, names)
    recorder.finish()


def _reads(line: Line) -> list[tuple[str, str]]:
    """(line, how) of a plain formula; all arguments of functions outside of the kernel are read whole."""
    if isinstance(line.formula, Hosted):
        return [(each.name, "whole") for each in line.formula.arguments]
    return list(mentions(line.formula))


def _groups(found: Plain, stage: Stage, reads: Reads) -> list[tuple[int, list[str]]]:
    """Lines that are worked out together: once, forward or backward over the periods, as many at a time as can be."""
    left, own = list(stage.names), set(stage.names)
    done: set[str] = set()
    groups: list[tuple[int, list[str]]] = []
    while left:
        before = len(left)
        for way, allowed in ((0, {"same"}), (1, {"same", "prev"}), (-1, {"same", "next"})):
            members = _fitting(found, reads, left, own - done, way, allowed)
            if members:
                groups.append((way, members))
                done.update(members)
                left = [name for name in left if name not in done]
        if len(left) == before:
            raise ValueError(f"finance: no order for {', '.join(left[:5])}")
    return groups


def _fitting(
    found: Plain, reads: Reads, left: Sequence[str], missing: set[str], way: int, allowed: set[str]
) -> list[str]:  # fmt: skip
    """Lines of `left` that can be worked out in one go in one direction; what does not fit takes out all that reads it.

    Lines of one circle come in together or not at all: hence the sweeps until nothing changes.
    """
    inside = {name for name in left if (way == 0) == found.lines[name].scalar and WAYS[found.ways[name]] in (0, way)}
    changed = True
    while changed:
        changed = False
        for name in left:
            if name in inside and any(o in missing and not (o in inside and how in allowed) for o, how in reads[name]):
                inside.remove(name)
                changed = True
    return [name for name in left if name in inside]


class _Recorder:
    """Writes the formulas of a stage; rows of passing results are named by negative numbers until they are placed."""

    def __init__(self, found: Plain, stage: Stage, table_years: dict[str, int]) -> None:
        self.found, self.stage, self.table_years = found, stage, table_years
        self.known: dict[object, Operand] = {}
        self.passing = 0
        self.spare_rows = 0

    def group(self, way: int, names: Sequence[str]) -> None:
        first = len(self.stage.code)
        self.known, self.passing = {}, 0
        for name in names:
            self._line(self.found.lines[name])
        self._place(first)
        self.stage.groups.append((first, len(self.stage.code), way))

    def finish(self) -> None:
        """Give every row of the tape its place, now that all of them are known."""
        stage = self.stage
        base = stage.rows
        for code in stage.code:
            for at in (OUT, *range(FIRST, WIDTH, 4)):
                if code[at] < 0:
                    code[at] = base - 1 - code[at]
        stage.rows += self.spare_rows
        stage.tape = np.array(stage.code, np.int64).reshape(-1, WIDTH)
        stage.order = np.array(stage.groups, np.int64).reshape(-1, 3)

    def _line(self, line: Line) -> None:
        place = self.stage.places.get(line.name)
        before = len(self.stage.code)
        operand = self._term(line.formula)
        if place is None:
            self.stage.places[line.name] = operand
            return
        if len(self.stage.code) > before and self.stage.code[-1][OUT] == operand[0]:
            self.stage.code[-1][OUT : OUT_STRIDE + 1] = place[:2]  # the line takes the place of the passing result
            self.known = {key: place if each == operand else each for key, each in self.known.items()}
        else:
            self._write("copy", (operand,), place)

    def _write(self, function: str, operands: Sequence[Operand], out: Operand) -> None:
        filled = [*operands, *[operands[0]] * (3 - len(operands))]
        self.stage.code.append([NUMBER[function], out[0], out[1], *(number for each in filled for number in each)])

    def _result(self, function: str, *operands: Operand) -> Operand:
        key = (function, operands)
        if key not in self.known:
            self.passing += 1
            self.known[key] = (-self.passing, 0, 0, 0)
            self._write(function, operands, self.known[key])
        return self.known[key]

    def _term(self, formula: Term) -> Operand:
        match formula:
            case Constant(value):
                return self._fixed(value, 1)
            case Table(name=name, values=values):
                years = self.table_years.get(name, len(values))
                return self._loaded(name, years) if name in self.found.drawn else self._fixed(name, years)
            case Input(name=name):
                return self._loaded(name, 0) if name in self.found.drawn else self._fixed(name, 0)
            case Line(name=name) | Later(name=name):
                return self._of_line(name)
            case Apply("prev" | "next" as function, (line,)):
                row, rows, _, fixed = self._term(line)
                return row, rows, -1 if function == "prev" else 1, fixed
            case Apply("last", (line,)):
                row, rows, _, fixed = self._term(line)
                return row + max(rows - 1, 0), 0, 0, fixed
            case Apply("min" | "max" as function, (first, *others)):
                found = self._term(first)
                for each in others:
                    found = self._result(function, found, self._term(each))
                return found
            case Apply(function, arguments):
                return self._result(function, *[self._term(each) for each in arguments])
        raise TypeError(f"no place on the tape for {formula}")

    def _of_line(self, name: str) -> Operand:
        own = self.stage.places.get(name)
        if own is not None:
            return own
        line = self.found.lines.get(name) or self.found.model.lines[name]
        rows = 0 if line.scalar else self.found.model.periods
        return self._loaded(name, rows) if name in self.found.drawn else self._fixed(name, rows)

    def _fixed(self, key: Key, rows: int) -> Operand:
        if key not in self.stage.fixed:
            self.stage.fixed[key] = (self.stage.fixed_rows, rows if isinstance(key, str) else 0, 0, 1)
            self.stage.fixed_rows += max(rows, 1)
        return self.stage.fixed[key]

    def _loaded(self, name: str, rows: int) -> Operand:
        if name not in self.stage.loaded:
            self.stage.loaded[name] = (self.stage.rows, rows, 0, 0)
            self.stage.rows += max(rows, 1)
        return self.stage.loaded[name]

    def _place(self, first: int) -> None:
        """Rows for the passing results of a group, each used again once it is read for the last time."""
        code = self.stage.code
        last: dict[int, int] = {}
        for i in range(first, len(code)):
            for at in range(FIRST, WIDTH, 4):
                if code[i][at] < 0:
                    last[code[i][at]] = i
        rows: dict[int, int] = {}
        free: list[int] = []
        for i in range(first, len(code)):
            ended = {code[i][at] for at in range(FIRST, WIDTH, 4) if code[i][at] < 0 and last[code[i][at]] == i}
            for at in range(FIRST, WIDTH, 4):
                if code[i][at] < 0:
                    code[i][at] = rows[code[i][at]]
            out = code[i][OUT]
            if out < 0:  # never a row that the same instruction reads: compilers are quicker when rows lie apart
                rows[out] = free.pop() if free else self._new_row()
                code[i][OUT] = rows[out]
            free += sorted(rows[each] for each in ended)

    def _new_row(self) -> int:
        self.spare_rows += 1
        return -self.spare_rows
