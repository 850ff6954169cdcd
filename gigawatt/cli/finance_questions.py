"""The work of `gigawatt finance tornado` and `gigawatt finance break-even`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.finance_project import read
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError, nearest

if TYPE_CHECKING:
    from gigawatt.finance.project.answers import BreakEven
    from gigawatt.finance.project.lines import Model

LEVERS = (  # what is asked unless an input is named: words, patterns of inputs, whether a factor is looked for
    ("all prices", ("contracts.*.usd_per_chip_h", "merchant.usd_per_chip_h"), True),
    ("price on the market", ("merchant.usd_per_chip_h",), True),
    ("market utilisation", ("merchant.utilisation",), False),
    ("availability", ("capacity.availability",), False),
    ("cost of all assets", ("assets.*.capex_usd",), True),
    ("price of energy", ("energy_usd_per_mwh",), True),
)  # fmt: skip
BAR = 16  # characters of the longest bar
Row = dict[str, Any]
Tell = Callable[[float, str], str]


def tornado(file: str, sets: Sequence[str], answer: str, resize: bool, how: Format, out: Path | None) -> None:
    """What each uncertain input does to an answer."""
    from gigawatt.finance.project import evaluate
    from gigawatt.finance.project.answers import tornado as worked_out

    loaded = read(file, sets)
    model = evaluate(loaded.project).model
    name = known_answer(model, answer)
    base, bars = worked_out(loaded.project, loaded.ranges, name, held=not resize)
    unit, tell = model.lines[name].unit, partial(told, currency=loaded.project.currency)
    rows: list[Row] = [{"input": bar.input, "low": bar.low, "high": bar.high, "at low": bar.at_low,
                        "at high": bar.at_high, "change": bar.at_high - bar.at_low} for bar in bars]  # fmt: skip
    how = by_name(how, out)
    if how is not Format.table or out is not None:
        show(rows, how, out)
        return
    held = "debt sized again at each end" if resize else "debt as sized at the medians"
    print(f"{model.lines[name].label}: {tell(base, unit)} with all inputs at their medians; {held}.\n")
    longest = max((bar.span for bar in bars), default=0.0) or 1.0
    texts = [{
        "input": row["input"], "low": tell(row["low"], model.inputs[row["input"]].unit),
        "high": tell(row["high"], model.inputs[row["input"]].unit),
        "at low": tell(row["at low"], unit), "at high": tell(row["at high"], unit),
        "effect": "no value at an end" if bar.blank else "#" * round(BAR * bar.span / longest),
    } for row, bar in zip(rows, bars, strict=True)]  # fmt: skip
    show(texts, Format.table, title="at the ends of its 90 % range, all others at their medians", least=("effect",))


def break_even(
    file: str, sets: Sequence[str], input: str | None, answer: str, goal: str,
    ends: tuple[float | None, float | None], held: bool | None, how: Format, out: Path | None,
) -> None:  # fmt: skip
    """Where an answer reaches its goal, for one input or for the usual ones.

    Debt is sized again at each value, but for cover: debt that is sized to a cover always has it.
    """
    from gigawatt.finance.project import evaluate
    from gigawatt.finance.project.answers import break_even as worked_out
    from gigawatt.units import parse_quantity

    loaded = read(file, sets)
    base, tell = evaluate(loaded.project), partial(told, currency=loaded.project.currency)
    name = known_answer(base.model, answer)
    wanted = parse_quantity(goal, "1", "--goal").value
    held = name.startswith("cover.") if held is None else held
    asked = LEVERS if input is None else ((input, (input,), False),)
    rows = []
    for words, patterns, relative in asked:
        inputs = [n for n in base.model.inputs if any(fnmatchcase(n, pattern) for pattern in patterns)]
        if not inputs and input is not None:
            near = nearest(input, base.model.inputs)
            raise GigawattError(f"--input {input}: no such input" + (f"; did you mean {near}?" if near else ""))
        if not any(_has_value(base.model, n) for n in inputs):
            if input is None:
                continue
            if len(inputs) > 1 or hasattr(base.model.inputs[inputs[0]], "values"):
                raise GigawattError(f"--input {input}: 0 in the file, and a factor on 0 changes nothing")
        found = worked_out(loaded.project, inputs, name, wanted, low=ends[0], high=ends[1], relative=relative,
                           held=held)  # fmt: skip
        rows.append(_break_even_row(words, found, base.model, tell))
    if not rows:
        raise GigawattError("no price, utilisation or cost of the file is above 0: name an --input")
    debt = "debt as sized in the base case" if held else "debt sized again at each value"
    title = f"{base.model.lines[name].label} at {tell(wanted, base.model.lines[name].unit)}; {debt}"
    show(rows, how, out, title=title, least=("looked at", "now", "note"))


def _has_value(model: Model, name: str) -> bool:
    item = model.inputs[name]
    return any(value for value in getattr(item, "values", None) or (getattr(item, "value", 0.0),))


def _break_even_row(words: str, found: BreakEven, model: Model, tell: Tell) -> Row:
    item = model.inputs[found.inputs[0]]
    unit, now = ("x today's", "1") if found.relative else (item.unit, tell(getattr(item, "value", 0.0), item.unit))

    def text(value: float) -> str:
        return f"{value:.4g}" if found.relative else tell(value, item.unit)

    values = [text(value) for value in found.values]
    values += [f"{text(low)} to {text(high)}" for low, high in found.level]
    values += [f"steps over it at {text(value)}" for value in found.steps]
    why = "" if values else _why(found, model, tell)
    return {"input": words, "now": now, "break-even": "; ".join(values) or "none", "unit": unit,
            "looked at": f"{found.low:.3g} to {found.high:.3g}", "note": why or _first(found, item, tell)}  # fmt: skip


def _first(found: BreakEven, item: Any, tell: Tell) -> str:
    """What a factor makes of the first input, where there is one value; how many more it moves."""
    if not found.relative or len(found.values) != 1:
        return ""
    base = getattr(item, "value", None)
    base = item.values[0] if base is None else base
    more = f", and {len(found.inputs) - 1} more alike" if len(found.inputs) > 1 else ""
    return f"{found.inputs[0]} {tell(base * found.values[0], item.unit)} in place of {tell(base, item.unit)}{more}"


def _why(found: BreakEven, model: Model, tell: Tell) -> str:
    unit = model.lines[found.answer].unit
    return f"{tell(found.at_low, unit)} at the low end, {tell(found.at_high, unit)} at the high end"


def known_answer(model: Model, name: str) -> str:
    """The name, if it is an answer of the model.

    Raises:
        GigawattError: It is not.
    """
    answers = [line.name for line in model.lines.values() if line.scalar]
    if name in answers:
        return name
    near = nearest(name, answers)
    listed = ", ".join(each for each in answers if each.startswith(("returns.", "cover.", "lcoc.", "debt.usd")))
    raise GigawattError(f"--answer {name}: no such answer" + (f"; did you mean {near}?" if near else "")
                        + f"\n  known: {listed}")  # fmt: skip


def told(value: float, unit: str, currency: str = "USD") -> str:
    """A value with its unit, as people read it."""
    from math import isfinite

    from gigawatt.units import format_quantity

    if not isfinite(value):
        return "none"
    if unit in ("share", "1/year"):
        return f"{value:.1%}"
    if unit == "ratio":
        return f"{value:.2f}x"
    if unit == "USD":
        return f"{format_quantity(value, '1')} {currency}"
    return f"{value:,.4g} {unit.replace('USD', currency)}".strip()
