"""Units put together and taken apart: `USD/MWh` from its parts, and from one unit to another."""

from __future__ import annotations

import re
from functools import lru_cache

from gigawatt.errors import nearest, shown
from gigawatt.units.table import COUNTED, KINDS, PLAIN, SCALES, UNITS, Dimension, Unit


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """The unit of a text such as `MW`, `$/MWh`, `USD per kW-year`, `bn$` or `GW/week`.

    Raises:
        ValueError: Some part is not a unit; the text names the nearest one.
    """
    symbol = " ".join(text.split())
    if symbol in UNITS:
        return UNITS[symbol]
    over, *under = re.sub(r"\bper\b", "/", symbol).split("/")
    over = over.strip() or "1"
    powers: dict[str, int] = {}
    factor = 1.0
    for sign, part in [(1, over), *((-1, part) for part in under)]:
        for atom in _atoms(part):
            factor *= atom.factor**sign
            for base, power in atom.dimension:
                powers[base] = powers.get(base, 0) + sign * power
    return Unit(symbol, tuple(sorted((base, power) for base, power in powers.items() if power)), factor)


def _atoms(part: str) -> list[Unit]:
    return [_atom(word) for word in re.split(r"[\s*·()-]+", part.strip(" ()"))]


def _atom(word: str) -> Unit:
    """One simple unit with its scale: `kW`, `bn$`, `M`, `1000`."""
    if not word:
        raise ValueError("a unit is missing beside '/'")
    if word in UNITS:
        return UNITS[word]
    if word in SCALES:
        return Unit(word, PLAIN, SCALES[word])
    if re.fullmatch(r"\d{1,15}", word) and int(word):
        return Unit(word, PLAIN, float(word))
    scale = re.match(r"\d{0,15}(k|K|mn|M|bn|B|T|G)(?=.)", word)
    if scale and (unit := UNITS.get(word[scale.end() :])) and unit.dimension not in (PLAIN, UNITS["s"].dimension):
        count = float(scale[0][: -len(scale[1])] or 1)
        return Unit(word, unit.dimension, count * SCALES[scale[1]] * unit.factor)
    likely = nearest(word, [symbol for symbol in UNITS if min(2, len(word)) <= len(symbol)])
    raise ValueError(f"unknown unit {shown(word)}" + (f"; did you mean {likely}?" if likely else ""))


def convert(value: float, unit: str, to: str) -> float:
    """`value` in `unit`, expressed in `to`; both must have one dimension."""
    return converted(value, parse_unit(unit), parse_unit(to), f"{value:g} {unit}", "this")


def compatible(unit: str, other: str) -> bool:
    """Whether values of the one unit can be expressed in the other."""
    return _fits(parse_unit(unit).dimension, parse_unit(other).dimension)


def _fits(one: Dimension, other: Dimension) -> bool:
    """Equal, or equal once the things counted above the line are left out: `tokens/s` fits `1/s`."""
    if one == other:
        return True
    uncounted = [tuple(pair for pair in dimension if not counts(pair)) for dimension in (one, other)]
    return uncounted[0] == uncounted[1] and (uncounted[0] == one or uncounted[1] == other)


def counts(pair: tuple[str, int]) -> bool:
    """Whether a base dimension and its power count things above the line, such as tokens."""
    return pair[0] in COUNTED and pair[1] > 0


def converted(value: float, unit: Unit, to: Unit, text: str, name: str) -> float:
    """`value` from one unit to another; `text` and `name` are what an error calls the value and its place."""
    if not _fits(unit.dimension, to.dimension):
        raise ValueError(f"{text} is {kind_of(unit).split(':')[0]}, {name} wants {kind_of(to)}")
    ratio = unit.factor / to.factor
    # Division by a whole ratio rounds once, where multiplication by its inverse rounds twice: 35 % is 0.35.
    return value * ratio if ratio >= 1 else value / (to.factor / unit.factor)


def kind_of(unit: Unit) -> str:
    """What a unit measures, with the units that would do: "a power: W kW MW GW"."""
    for symbol, kind in KINDS:
        if parse_unit(symbol).dimension == unit.dimension:
            return kind
    return f"a quantity in {unit.symbol}"
