"""The lines of a financial model: each one formula, the same in every period, over inputs and other lines.

A formula is a small tree of terms. `values` works it out on arrays, for one case or for many draws at once;
`gigawatt.report.finance_cells` writes the same tree into the cells of a workbook. So the engine and the workbook
cannot say different things, and a model is read as a list of equations.

Lines follow the FAST standard: one formula per row, no constants hidden in formulas, inputs apart from calculations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Number = float | int


class Term:
    """Part of a formula; arithmetic with terms and numbers makes larger terms."""

    __slots__ = ()

    def __add__(self, other: Term | Number) -> Term:
        return Apply("+", (self, term(other)))

    def __radd__(self, other: Number) -> Term:
        return self if other == 0 else Apply("+", (term(other), self))

    def __sub__(self, other: Term | Number) -> Term:
        return Apply("-", (self, term(other)))

    def __rsub__(self, other: Number) -> Term:
        return Apply("-", (term(other), self))

    def __mul__(self, other: Term | Number) -> Term:
        return Apply("*", (self, term(other)))

    def __rmul__(self, other: Number) -> Term:
        return Apply("*", (term(other), self))

    def __truediv__(self, other: Term | Number) -> Term:
        return Apply("/", (self, term(other)))

    def __rtruediv__(self, other: Number) -> Term:
        return Apply("/", (term(other), self))

    def __pow__(self, other: Term | Number) -> Term:
        return Apply("^", (self, term(other)))

    def __rpow__(self, other: Number) -> Term:
        return Apply("^", (term(other), self))

    def __neg__(self) -> Term:
        return Apply("neg", (self,))

    def __lt__(self, other: Term | Number) -> Term:
        return Apply("<", (self, term(other)))

    def __le__(self, other: Term | Number) -> Term:
        return Apply("<=", (self, term(other)))

    def __gt__(self, other: Term | Number) -> Term:
        return Apply(">", (self, term(other)))

    def __ge__(self, other: Term | Number) -> Term:
        return Apply(">=", (self, term(other)))


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Term):
    """A number in a formula: 0, 1 or a number of the calendar."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Input(Term):
    """A number that the user sets; blue in the workbook."""

    name: str  # path in the project file, such as debt.senior.spread
    value: float
    unit: str = ""
    label: str = ""
    source: str = ""  # where the value comes from, or "project file"
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table(Term):
    """Numbers that the user sets by year of the plan, the last of them kept for all years after."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    label: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line(Term):
    """A line of the model: a value by period, or one value where `scalar`."""

    name: str
    formula: Term
    unit: str = ""
    label: str = ""
    scalar: bool = False
    section: str = ""
    kind: str = "flow"  # flow, balance, ratio, flag or date: how it is shown, and summed over a year
    note: str = ""

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class Later(Term):
    """A line whose formula is given later, so that lines of two periods can refer to each other."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Apply(Term):
    """A function of terms."""

    function: str
    arguments: tuple[Term, ...]

    def __repr__(self) -> str:
        return f"{self.function}{self.arguments}"

    def __post_init__(self) -> None:
        looked_at = self.arguments[:1] if self.function == "lag" else self.arguments
        if self.function in OVER_TIME and not all(isinstance(each, Line | Later) for each in looked_at):
            raise ValueError(f"{self.function} looks at other periods, so it takes lines: give the formula a line")


WHOLE = frozenset({"sum", "dot", "min_of", "max_of", "last", "irr"})  # need every period of their lines
OVER_TIME = WHOLE | {"prev", "next", "lag"}  # look at other periods than their own, so that they take lines alone


def term(value: Term | Number) -> Term:
    """A term; numbers become constants."""
    return value if isinstance(value, Term) else Constant(float(value))


def added(terms: Iterable[Term | Number]) -> Term:
    """The sum of terms; 0 where there are none."""
    found: Term | None = None
    for each in terms:
        found = term(each) if found is None else found + each
    return Constant(0.0) if found is None else found


def least(*values: Term | Number) -> Term:
    """The smallest of the values."""
    return Apply("min", tuple(term(value) for value in values))


def most(*values: Term | Number) -> Term:
    """The largest of the values."""
    return Apply("max", tuple(term(value) for value in values))


def where(condition: Term, then: Term | Number, otherwise: Term | Number) -> Term:
    """`then` where the comparison holds, `otherwise` elsewhere."""
    return Apply("if", (condition, term(then), term(otherwise)))


def flag(condition: Term) -> Term:
    """1 where the comparison holds, else 0."""
    return where(condition, 1, 0)


def at(line: Term, value: Term | Number) -> Term:
    """1 where a line of whole numbers has the value, else 0."""
    return flag(line >= value) * flag(line <= value)


def only(condition: Term, value: Term | Number) -> Term:
    """The value where the comparison holds, and a blank elsewhere, which `min_of`, `max_of` and people skip."""
    return Apply("only", (condition, term(value)))


def ratio(above: Term | Number, below: Term | Number) -> Term:
    """Above over below, 0 where below is 0."""
    return Apply("ratio", (term(above), term(below)))


def whole(value: Term | Number) -> Term:
    """The nearest whole number, halves away from zero, as spreadsheets round."""
    return Apply("round", (term(value),))


def floor(value: Term | Number) -> Term:
    """The largest whole number that is not above."""
    return Apply("floor", (term(value),))


def remainder(value: Term | Number, by: Term | Number) -> Term:
    """What is left of `value` divided by `by`; 0 or more where `by` is above 0."""
    return Apply("mod", (term(value), term(by)))


def prev(line: Term) -> Term:
    """The line one period before; 0 before the first."""
    return Apply("prev", (line,))


def following(line: Term) -> Term:
    """The line one period later; 0 after the last."""
    return Apply("next", (line,))


def lag(line: Term, periods: Term | Number) -> Term:
    """The line a whole number of periods before, or later where it is negative; 0 outside the plan."""
    return Apply("lag", (line, term(periods)))


def total(line: Term) -> Term:
    """Sum over all periods."""
    return Apply("sum", (line,))


def dot(line: Term, weights: Term) -> Term:
    """Sum over all periods of one line times another."""
    return Apply("dot", (line, weights))


def min_of(line: Term) -> Term:
    """The smallest value of any period that is not blank."""
    return Apply("min_of", (line,))


def max_of(line: Term) -> Term:
    """The largest value of any period that is not blank."""
    return Apply("max_of", (line,))


def last(line: Term) -> Term:
    """The value of the last period."""
    return Apply("last", (line,))


def by_year(table: Table, year: Term) -> Term:
    """The value of a table in a year of the plan, counted from 1; its last value in all years after."""
    return Apply("lookup", (table, year))


def internal_rate(line: Term) -> Term:
    """Internal rate of return per period of a line of cash flows."""
    return Apply("irr", (line,))


def month_end(start: Term, months: Term) -> Term:
    """The day a number of months after a day, both as spreadsheets count days."""
    return Apply("edate", (start, months))


@dataclass(slots=True)
class Model:
    """Inputs and lines, in the order in which a reader meets them."""

    periods: int
    periods_per_year: int
    inputs: dict[str, Input | Table] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    section: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)  # where inputs come from, by name

    def input(
        self, name: str, value: float, unit: str = "", label: str = "", source: str = "", note: str = ""
    ) -> Input:
        """A new input; the same name twice is a mistake of the model."""
        made = Input(name, float(value), unit, label or named(name), source or self.sources.get(name, ""), note)
        self._new(name)
        self.inputs[name] = made
        return made

    def table(
        self, name: str, values: Iterable[float], unit: str = "", label: str = "", source: str = "", note: str = ""
    ) -> Table:
        """A new row of inputs by year."""
        said = source or self.sources.get(name, "")
        made = Table(name, tuple(float(value) for value in values), unit, label or named(name), said, note)
        self._new(name)
        self.inputs[name] = made
        return made

    def line(
        self, name: str, formula: Term | Number, unit: str = "USD", label: str = "", kind: str = "flow", note: str = ""
    ) -> Line:
        """A new line with a value for each period."""
        return self._add(Line(name, term(formula), unit, label or named(name), False, self.section, kind, note))

    def scalar(
        self, name: str, formula: Term | Number, unit: str = "USD", label: str = "", kind: str = "flow", note: str = ""
    ) -> Line:
        """A new line with one value."""
        return self._add(Line(name, term(formula), unit, label or named(name), True, self.section, kind, note))

    def _add(self, line: Line) -> Line:
        self._new(line.name)
        self.lines[line.name] = line
        return line

    def _new(self, name: str) -> None:
        if name in self.inputs or name in self.lines:
            raise ValueError(f"{name}: named twice in the model")


def named(name: str) -> str:
    """A label from a path: debt.senior.balance_usd becomes "Debt senior balance"."""
    words = name.replace(".", " ").replace("_", " ").split()
    while words and words[-1] in {"usd", "mw", "mwh", "h"}:
        words.pop()
    return " ".join(words).capitalize()


def mentions(formula: Term) -> Iterator[tuple[str, str]]:
    """(name of a line, how it is looked at: same, prev, next or whole) for each line that a formula reads."""
    yield from _mentions(formula, "same")


def _mentions(formula: Term, how: str) -> Iterator[tuple[str, str]]:
    match formula:
        case Line(name=name) | Later(name=name):
            yield name, how
        case Apply("lag", (line, periods)):
            yield from _mentions(line, "whole")
            yield from _mentions(periods, how)
        case Apply(function, arguments):
            seen = "whole" if function in WHOLE else function if function in ("prev", "next") else how
            for argument in arguments:
                yield from _mentions(argument, seen)
