"""The formula of a line as the text of a spreadsheet formula, the same in every period of its row.

The columns of every sheet with periods: A spare, B label, C name, D unit, E constant, F total, G before the first
period, H and on the periods, and one more that stays empty. The period before the first and the one after the last are
empty cells, which a spreadsheet takes for 0, as the engine does.

A blank of the engine is the text "" in a cell. Arithmetic with it would be an error in a spreadsheet, so a formula that
reads what may be blank tests for it first and is blank itself; a comparison with a blank does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from gigawatt.finance.project.lines import Apply, Constant, Input, Later, Line, Model, Table, Term

CONSTANT, TOTAL, OPENING, FIRST = 4, 5, 6, 7  # columns, counted from 0
PERIOD_ROW = 3  # the number of the period, on each sheet with periods; rows count from 1, as in a spreadsheet
MOST_CHARACTERS = 8192  # of a formula in Excel
BEFORE, HERE, AFTER = "\x01", "\x02", "\x03"  # stand for columns in the text of a row until one is chosen
SUM, PRODUCT, POWER, ATOM = 3, 4, 5, 9  # how tightly a text binds
BINDS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}
COMPARISONS = ("<", "<=", ">", ">=")
OPENERS = ("prev", "next", "lag", "if")  # may be a reference to an empty cell, which MIN and MAX would skip

Text = tuple[str, int]  # a text and how tightly it binds


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input, a table or a line stands: its sheet, its row from 1, and how many columns of values it has."""

    sheet: str
    row: int
    columns: int = 0  # 0: one value, in the column of constants


@dataclass(frozen=True, slots=True)
class Cells:
    """What the text of a formula depends on besides its tree: where everything stands, and which line it is of."""

    places: Mapping[str, Place]
    blanks: frozenset[str]  # lines that may be blank in some period
    periods: int
    line: Line


def row_formula(cells: Cells) -> str:
    """The formula of a line, with signs in place of the columns of the period, the one before and the one after.

    Raises:
        ValueError: A scalar reads a period, blanks are summed, or the formula is longer than a spreadsheet takes.
    """
    text = "=" + _value(cells.line.formula, cells)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{cells.line.name}: {len(text)} characters; a formula has at most {MOST_CHARACTERS}")
    return text


def in_column(text: str, column: int) -> str:
    """The formula of a row in one of its columns, counted from 0."""
    for sign, there in ((BEFORE, column - 1), (HERE, column), (AFTER, column + 1)):
        if sign in text:
            text = text.replace(sign, xl_col_to_name(there))
    return text


def is_link(formula: Term) -> bool:
    """Whether a formula is nothing but another line or input."""
    return isinstance(formula, Line | Later | Input)


def blank_lines(model: Model) -> frozenset[str]:
    """Names of the lines that are blank in some period, or may be."""
    found: set[str] = set()
    while more := {n for n, line in model.lines.items() if n not in found and _may_be_blank(line.formula, found)}:
        found |= more
    return frozenset(found)


def _may_be_blank(formula: Term, blanks: set[str] | frozenset[str]) -> bool:
    match formula:
        case Line(name=name) | Later(name=name):
            return name in blanks
        case Apply("only" | "irr"):
            return True
        case Apply("min_of" | "max_of"):
            return False  # only where no period at all has a value
        case Apply("if", (_, *branches)):
            return any(_may_be_blank(each, blanks) for each in branches)
        case Apply(function, arguments):
            return function not in COMPARISONS and any(_may_be_blank(each, blanks) for each in arguments)
    return False


def _value(formula: Term, cells: Cells) -> str:
    """A whole value: blank where anything that its arithmetic reads is blank."""
    text, _ = _bound(formula, cells)
    if not _calculates(formula):
        return text
    blank = _blank_test(formula, cells)
    return f'IF({blank},"",{text})' if blank else text


def _calculates(formula: Term) -> bool:
    return isinstance(formula, Apply) and formula.function in {*BINDS, *PLAIN, "neg", "ratio", "round", "edate"}


def _blank_test(formula: Term, cells: Cells) -> str:
    """A condition that holds where anything that the formula reads is blank; no text where nothing can be."""
    tests = list(dict.fromkeys(f"ISTEXT({each})" for each in _blank_sources(formula, cells)))
    return tests[0] if len(tests) == 1 else f"OR({','.join(tests)})" if tests else ""


def _blank_sources(formula: Term, cells: Cells) -> list[str]:
    if not _may_be_blank(formula, cells.blanks):
        return []
    if isinstance(formula, Apply) and _calculates(formula):
        return [text for argument in formula.arguments for text in _blank_sources(argument, cells)]
    return [_bound(formula, cells)[0]]


def _bound(formula: Term, cells: Cells) -> Text:
    """The text of a formula and how tightly it binds."""
    match formula:
        case Constant(value):
            return number(value), SUM if value < 0 else ATOM
        case Input(name=name):
            return _one(name, cells), ATOM
        case Line(name=name) | Later(name=name):
            return (_at(name, HERE, cells) if cells.places[name].columns else _one(name, cells)), ATOM
        case Apply("neg", (value,)):
            text, binds = _bound(value, cells)
            return f"-({text})" if binds in (SUM, POWER) else f"-{text}", SUM
        case Apply(function, (left, right)) if function in BINDS:
            return _infix(function, _bound(left, cells), _bound(right, cells))
        case Apply(function) if function in COMPARISONS:
            return f"IF({_condition(formula, cells)},1,0)", ATOM
        case Apply(function, arguments):
            return _called(function, arguments, cells), ATOM
    raise TypeError(f"{cells.line.name}: no text for {type(formula).__name__}")


def _infix(sign: str, left: Text, right: Text) -> Text:
    """Brackets keep the order of the tree: a+(b+c) is not (a+b)+c to the last digit, and -2^2 is 4 in a spreadsheet."""
    binds = BINDS[sign]
    before = f"({left[0]})" if left[1] < binds or (sign == "^" and left[1] == POWER) else left[0]
    after = f"({right[0]})" if right[1] <= binds else right[0]
    return before + sign + after, binds


def _called(function: str, arguments: Sequence[Term], cells: Cells) -> str:
    """A function in brackets."""
    match function:
        case "if" | "only":
            otherwise = _value(arguments[2], cells) if function == "if" else '""'
            return f"IF({_condition(arguments[0], cells)},{_value(arguments[1], cells)},{otherwise})"
        case "ratio":
            above, below = (_bound(each, cells) for each in arguments)
            return f"IF({below[0]}=0,0,{_infix('/', above, below)[0]})"
        case "min" | "max":
            return f"{function.upper()}({','.join(_filled(each, cells) for each in arguments)})"
        case "round":
            return f"ROUND({_bound(arguments[0], cells)[0]},0)"
        case "edate":
            return f"EDATE({_bound(arguments[0], cells)[0]},{_steps(arguments[1], cells)})"
        case "lookup":
            return _looked_up(arguments, cells)
        case "lag":
            return _lagged(arguments, cells)
        case "prev" | "next":
            return _at(_name(arguments[0]), BEFORE if function == "prev" else AFTER, cells)
        case _ if function in OVER_ALL:
            return _over_all(function, [_name(each) for each in arguments], cells)
        case _:
            return f"{PLAIN[function]}({','.join(_bound(each, cells)[0] for each in arguments)})"


PLAIN = {"floor": "INT", "mod": "MOD", "min": "MIN", "max": "MAX"}
OVER_ALL = {"sum": "SUM", "dot": "SUMPRODUCT", "min_of": "MIN", "max_of": "MAX", "last": "", "irr": "IRR"}


def _condition(formula: Term, cells: Cells) -> str:
    """A comparison, which does not hold where either side is blank; anything else holds where it is not 0."""
    match formula:
        case Apply(sign, (left, right)) if sign in COMPARISONS:
            text = f"{_bound(left, cells)[0]}{sign}{_bound(right, cells)[0]}"
            tests = dict.fromkeys([*_blank_sources(left, cells), *_blank_sources(right, cells)])
            for each in tests:
                text = f"IF(ISTEXT({each}),FALSE,{text})"
            return text
    return _bound(formula, cells)[0]


def _filled(formula: Term, cells: Cells) -> str:
    text = _bound(formula, cells)[0]
    return f"N({text})" if isinstance(formula, Apply) and formula.function in OPENERS else text


def _steps(formula: Term, cells: Cells) -> str:
    """A whole number of periods or months."""
    if isinstance(formula, Constant) and formula.value == round(formula.value):
        return number(formula.value)
    return f"ROUND({_bound(formula, cells)[0]},0)"


def _looked_up(arguments: Sequence[Term], cells: Cells) -> str:
    table, year = arguments
    assert isinstance(table, Table)
    place = cells.places[table.name]
    row = _range(table.name, FIRST, FIRST + place.columns - 1, cells)
    return f"INDEX({row},1,MIN(COLUMNS({row}),MAX(1,{_bound(year, cells)[0]})))"


def _lagged(arguments: Sequence[Term], cells: Cells) -> str:
    """Outside the plan are the empty cells before the first period and after the last."""
    row = _range(_name(arguments[0]), OPENING, FIRST + cells.periods, cells)
    steps = _steps(arguments[1], cells)
    back = f"({steps})" if steps.startswith("-") else steps
    return f"INDEX({row},1,MAX(1,MIN(COLUMNS({row}),{HERE}${PERIOD_ROW}-{back}+1)))"


def _over_all(function: str, names: list[str], cells: Cells) -> str:
    """A function of all periods of its lines."""
    if function in ("sum", "dot", "irr") and (blank := [name for name in names if name in cells.blanks]):
        raise ValueError(f"{cells.line.name}: {function} of {blank[0]}, which may be blank in some periods")
    last = FIRST + cells.periods - 1
    if function == "last":
        return _range(names[0], last, last, cells)
    rows = ",".join(_range(name, FIRST, last, cells) for name in names)
    if function == "irr":
        return _rate(rows, cells)
    called = f"{OVER_ALL[function]}({rows})"
    return f'IF(COUNT({rows})=0,"",{called})' if names[0] in cells.blanks and function != "dot" else called


def _rate(flows: str, cells: Cells) -> str:
    """A rate of return, blank where none is found.

    The first guess is the rate at which all that comes in, at its mean time, repays all that goes out, at its own:
    the default guess of spreadsheets, 10 % a period, finds no rate for many streams that lose money.
    """
    clock = ":".join(f"${xl_col_to_name(column)}${PERIOD_ROW}" for column in (FIRST, FIRST + cells.periods - 1))
    earned, paid = f'SUMIF({flows},">0")', f'SUMIF({flows},"<0")'
    apart = f"SUMPRODUCT({clock},{flows}*({flows}>0))/{earned}-SUMPRODUCT({clock},{flows}*({flows}<0))/{paid}"
    guess = f"(-{earned}/{paid})^(1/({apart}))-1"
    return f'IFERROR(IRR({flows},{guess}),IFERROR(IRR({flows}),""))'


def _name(line: Term) -> str:
    assert isinstance(line, Line | Later)
    return line.name


def _one(name: str, cells: Cells) -> str:
    return f"{_sheet(name, cells)}${xl_col_to_name(CONSTANT)}${cells.places[name].row}"


def _at(name: str, column: str, cells: Cells) -> str:
    if cells.line.scalar:
        raise ValueError(f"{cells.line.name}: one value, but it reads {name} in a period; take its sum, last or so")
    if not cells.places[name].columns:
        raise ValueError(f"{cells.line.name}: reads {name} in another period, and it has one value only")
    return f"{_sheet(name, cells)}{column}{cells.places[name].row}"


def _range(name: str, first: int, last: int, cells: Cells) -> str:
    place = cells.places[name]
    if not place.columns:
        raise ValueError(f"{cells.line.name}: reads all periods of {name}, which has one value only")
    begin, end = (f"${xl_col_to_name(column)}${place.row}" for column in (first, last))
    return _sheet(name, cells) + (begin if first == last else f"{begin}:{end}")


def _sheet(name: str, cells: Cells) -> str:
    there = cells.places[name].sheet
    return "" if there == cells.places[cells.line.name].sheet else f"{there}!"


def number(value: float) -> str:
    """A number in a formula, all its digits."""
    if not math.isfinite(value):
        raise ValueError(f"a formula has no {value}")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value).upper()
