"""Items that satisfy a condition such as `memory_gb > 100 and family == 'nvidia'`, without running it as code.

The condition is parsed with `ast` and only names, numbers, strings, comparisons, arithmetic, `and`, `or`
and `not` are let through. A dotted attribute (`share.consumer`) is written as it stands. An item that lacks
an attribute which others of its table have does not satisfy a comparison with it.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from gigawatt.catalog.facts import CatalogError, facts, items, unknown

Row = dict[str, float | str]

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: operator.contains(b, a),
    ast.NotIn: lambda a, b: not operator.contains(b, a),
}
ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
ALLOWED = "names of attributes, numbers, 'text', < <= > >= == != in, + - * /, and or not, brackets"
LONGEST = 1000  # characters of a condition: more is a mistake, and deep nesting would exhaust the parser


class Missing(Exception):
    """The item has no such attribute, so that a comparison with it is neither true nor false."""


def query(table: str, where: str | None = None) -> list[Row]:
    """One dict per item that satisfies `where` (all items without one): `item`, then attribute -> value."""
    rows = [_row(table, item) for item in items(table)]
    if not where or not where.strip():
        return rows
    condition = _parse(where)
    known = tuple(dict.fromkeys(name for row in rows for name in row))
    for name in _names(condition):
        if name not in known:
            raise unknown(f"attribute of {table}", name, known)
    return [row for row in rows if _holds(condition, row)]


def _row(table: str, item: str) -> Row:
    return {"item": item} | {name: fact.value for name, fact in facts(table, item).items()}


def _parse(where: str) -> ast.expr:
    if len(where) > LONGEST:
        raise CatalogError(f"condition of {len(where)} characters; at most {LONGEST} are read")
    try:
        with warnings.catch_warnings(action="ignore"):
            condition = ast.parse(where.strip(), mode="eval").body
        _check(condition)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise CatalogError(f"cannot read the condition {where!r}; allowed: {ALLOWED}") from error
    return condition


def _check(node: ast.expr) -> None:
    """CatalogError where the expression holds anything but the allowed subset."""
    parts: list[ast.expr]
    match node:
        case ast.Name() | ast.Constant(value=int() | float() | str()):
            return
        case ast.Attribute(value=ast.Name() | ast.Attribute() as inner):
            parts = [inner]
        case ast.BoolOp(values=values):
            parts = values
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
            parts = [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            parts = [left, right]
        case ast.Compare(left=left, ops=ops, comparators=comparators) if all(type(op) in COMPARISONS for op in ops):
            parts = [left, *comparators]
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            parts = elements
        case _:
            raise CatalogError(f"{ast.unparse(node)!r} is not allowed in a condition; allowed: {ALLOWED}")
    for part in parts:
        _check(part)


def _names(node: ast.expr) -> list[str]:
    """Attributes that the expression names, dotted ones whole."""
    if isinstance(node, ast.Name | ast.Attribute):
        return [ast.unparse(node)]
    return [name for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) for name in _names(child)]


def _holds(condition: ast.expr, row: Mapping[str, float | str]) -> bool:
    try:
        return bool(_value(condition, row))
    except Missing:
        return False
    except TypeError as error:
        raise CatalogError(f"{ast.unparse(condition)!r} compares text with a number in {row['item']}") from error
    except OverflowError as error:
        raise CatalogError(f"a number in {ast.unparse(condition)!r} is too large") from error
    except ZeroDivisionError:
        return False


def _value(node: ast.expr, row: Mapping[str, float | str]) -> object:
    """Value of a checked expression for one item."""
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.Name() | ast.Attribute():
            return _attribute(ast.unparse(node), row)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return [_value(element, row) for element in elements]
        case ast.BoolOp(op=op, values=values):
            return _logic(isinstance(op, ast.And), values, row)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, row)
        case ast.UnaryOp(op=op, operand=operand):
            number = _number(operand, row)
            return -number if isinstance(op, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right):
            return ARITHMETIC[type(op)](_number(left, row), _number(right, row))
        case ast.Compare():
            return _compare(node, row)
    raise CatalogError(f"{ast.unparse(node)!r} is not allowed in a condition; allowed: {ALLOWED}")


def _attribute(name: str, row: Mapping[str, float | str]) -> float | str:
    if name not in row:
        raise Missing(name)
    return row[name]


def _number(node: ast.expr, row: Mapping[str, float | str]) -> float:
    found = _value(node, row)
    if not isinstance(found, int | float):
        raise CatalogError(f"{ast.unparse(node)!r} is {found!r}; arithmetic wants a number")
    return found


def _logic(is_and: bool, values: list[ast.expr], row: Mapping[str, float | str]) -> bool:
    """`and`, `or`; a part that asks for a missing attribute counts as false, so that `or` can still hold."""
    outcomes = (_holds(part, row) for part in values)
    return all(outcomes) if is_and else any(outcomes)


def _compare(node: ast.Compare, row: Mapping[str, float | str]) -> bool:
    """A chain such as `1 < x <= 3`: every link must hold."""
    sides = [_value(side, row) for side in (node.left, *node.comparators)]
    return all(COMPARISONS[type(op)](a, b) for op, a, b in zip(node.ops, sides, sides[1:], strict=False))
