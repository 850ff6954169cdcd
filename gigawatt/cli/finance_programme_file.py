"""A programme in a YAML file: a preset of the catalog with what the file changes, every mistake with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gigawatt.errors import GigawattError, Mistake, ScenarioError, nearest

if TYPE_CHECKING:
    from gigawatt.finance.programmes.programme import Programme

TEXTS = ("title", "about", "name", "kind", "lends_on")
WHOLE = ("start_year", "years", "target_year", "facility_build_quarters", "chip_lead_quarters")
PATHS = (
    "gw own_share vendor_share revenue_usd serving_share fixed_cost_usd_per_year other_cost_share "
    "capacity_usd_per_year value_multiple"
).split()
NOT_GIVEN = ("sources", "doubts", "citation", "fixed_growth", "name")  # by other keys, or not in a file
DEFAULT = "openai-1.4tn"  # base of a file that names none
MEANT = {"preset": "base", "programme": "base", "gigawatts": "gw", "capacity": "gw", "cost_per_gw": "cost_usd_per_gw",
         "revenue": "revenue_usd", "rent": "rent_usd_per_gw_year", "chip_life": "chip_life_years",
         "start": "start_year"}  # fmt: skip
OWN_KEYS = ("base", "cost_usd_per_gw", "sources", "doubts")
Node = Any  # of yaml


class _Mistakes:
    """What is wrong in a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.found = path, list[Mistake]()
        self.listed: set[tuple[str, ...]] = set()  # kinds of keys that a mistake has named in full

    def add(self, node: Node, where: str, what: str, known: Iterable[str] = (), name: str = "") -> None:
        """Notes a mistake at a node of the file, or without one in the file; `name` is what may have been meant."""
        line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (0, 0)
        allowed = f"known: {', '.join(known)}" if known else ""
        self.found.append(Mistake(str(self.path), line, column, where, what, allowed, name))

    def unknown(self, node: Node, where: str, name: str, known: Iterable[str]) -> None:
        """Notes a key that is not known: with the nearest, or else with all that are known, once for each kind."""
        known = tuple(known)
        close = _nearest_key(name, known)
        listed = () if close or known in self.listed else known
        self.listed |= {listed}
        self.add(node, where, "unknown key", listed, close)


def read_programme(path: Path) -> Programme:
    """The programme of a file; see `read_with_base`."""
    return read_with_base(path)[1]


def read_with_base(path: Path) -> tuple[Programme, Programme]:
    """The programme of the catalog that a file begins from, and the programme of the file.

    Raises:
        GigawattError: The file cannot be read.
        ScenarioError: It holds mistakes; all are told, with line and column.
    """
    from gigawatt.finance.programmes.presets import programme

    root, wrong = _root(path), _Mistakes(path)
    pairs = dict(_pairs(root, wrong, "programme"))
    base = pairs.pop("base", None)
    name = base.value if base is not None else DEFAULT
    begun = _made(lambda: programme(name), wrong, base, "base")
    found = None if begun is None else _changed(begun, pairs, wrong)
    if wrong.found:
        raise ScenarioError(wrong.found)
    return begun, found  # type: ignore[return-value]


def _nearest_key(name: str, known: tuple[str, ...]) -> str:
    """The key that was probably meant; nothing where none is near."""
    words = {word: key for word, key in MEANT.items() if key in known} | {key: key for key in known}
    close = nearest(name, words)
    return words[close] if close else ""


def _root(path: Path) -> Node:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GigawattError(f"{path}: cannot be read: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise GigawattError(f"{path}: wants keys and values, such as 'base: openai-1.4tn'")
    return root


def _pairs(node: Node, wrong: _Mistakes, where: str) -> Iterator[tuple[str, Node]]:
    """Keys and values of a mapping; a key that is given twice is a mistake."""
    if not isinstance(node, yaml.MappingNode):
        wrong.add(node, where, "wants keys and values")
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            wrong.add(key, f"{where}.{key.value}", "is given twice")
        seen.add(key.value)
        yield key.value, value


def _changed(found: Programme, pairs: dict[str, Node], wrong: _Mistakes) -> Programme:
    """The base with the values of the file."""
    from gigawatt.finance.programmes.answers import with_cost

    known = [field.name for field in fields(found) if field.name not in NOT_GIVEN]
    changes: dict[str, Any] = {"name": wrong.path.stem}
    for key, node in pairs.items():
        if key == "sources":
            changes[key] = _sources(found, node, wrong)
        elif key == "doubts":
            changes[key] = _doubts(found, node, wrong)
        elif key == "cost_usd_per_gw":
            cost = _value(key, node, key, wrong)
            found = found if cost is None else with_cost(found, cost)
        elif key in known:
            given = _value(key, node, key, wrong)
            if given not in (None, ()):
                changes[key] = given
        else:
            wrong.unknown(node, key, key, (*OWN_KEYS, *(name for name in known if name not in OWN_KEYS)))
    return _made(lambda: replace(found, **changes), wrong) or found


def _sources(found: Programme, node: Node, wrong: _Mistakes) -> tuple[Any, ...]:
    """Sources of the base with their changes, then new ones in the order of the file; `none` takes one away."""
    from gigawatt.finance.programmes.programme import Source

    known = {source.name: source for source in found.sources}
    names = [field.name for field in fields(Source) if field.name != "name"]
    for name, inner in _pairs(node, wrong, "sources"):
        if getattr(inner, "value", None) == "none":
            known.pop(name, None)
            continue
        given: dict[str, Any] = {}
        for key, value in _pairs(inner, wrong, f"sources.{name}"):
            if key in names:
                amount = _value(key, value, f"sources.{name}.{key}", wrong)
                given |= {key: amount} if amount not in (None, ()) else {}
            else:
                wrong.unknown(value, f"sources.{name}.{key}", key, names)
        if name not in known and not {"kind", "capacity_usd_per_year"} <= given.keys():
            wrong.add(inner, f"sources.{name}", "a new source wants kind and capacity_usd_per_year")
            continue
        old = known.get(name)
        made = _made(lambda o=old, n=name, g=given: replace(o, **g) if o else Source(name=n, **g), wrong)  # type: ignore[misc]
        known[name] = made or known.get(name)  # type: ignore[assignment]
    return tuple(source for source in known.values() if source is not None)


def _doubts(found: Programme, node: Node, wrong: _Mistakes) -> tuple[Any, ...]:
    """Doubts of the base with the 90 % intervals of the file, such as `revenue: 0.5 to 1.6`; `none` takes one away."""
    from gigawatt.finance.programmes.programme import DOUBTS, Doubt
    from gigawatt.units import parse_quantity

    known = {doubt.name: doubt for doubt in found.doubts}
    for name, inner in _pairs(node, wrong, "doubts"):
        if name not in DOUBTS:
            wrong.unknown(inner, f"doubts.{name}", name, DOUBTS)
        elif inner.value == "none":
            known.pop(name, None)
        else:
            loading = known[name].loading if name in known else 0.0
            given = _made(lambda i=inner: parse_quantity(i.value, "1"), wrong, inner, f"doubts.{name}")  # type: ignore[misc]
            if given is not None and (given.low is None or given.high is None):
                wrong.add(inner, f"doubts.{name}", "wants an interval around 1, such as 0.7 to 1.4")
            elif given is not None:
                low, high = given.low, given.high
                made = _made(
                    lambda n=name, lo=low, hi=high, load=loading: Doubt(name=n, low=lo, high=hi, loading=load),  # type: ignore[misc]
                    wrong, inner, f"doubts.{name}",
                )  # fmt: skip
                known[name] = made or known[name]
    return tuple(known.values())


def _value(key: str, node: Node, where: str, wrong: _Mistakes) -> Any:
    """A text, a whole number, a number in the unit of its key, or a path of them by year."""
    if key in PATHS:
        points = [(year, _number(key, inner, f"{where}.{year}", wrong)) for year, inner in _pairs(node, wrong, where)]
        bad = [year for year, _ in points if not (year.isdecimal() and len(year) == 4)]
        for year in bad:
            wrong.add(node, f"{where}.{year}", "wants years, such as 2030")
        return tuple(sorted((int(year), value) for year, value in points if year not in bad and value is not None))
    if key in TEXTS:
        return str(node.value)
    if key == "always":
        if node.value not in ("yes", "no", "true", "false"):
            wrong.add(node, where, "wants yes or no")
        return node.value in ("yes", "true")
    number = _number(key, node, where, wrong)
    if key in WHOLE and number is not None:
        if number != int(number):
            wrong.add(node, where, f"{node.value} is no whole number")
        return int(number)
    return number


def _number(key: str, node: Node, where: str, wrong: _Mistakes) -> float | None:
    from gigawatt.units import parse_quantity, unit_of

    if not isinstance(node, yaml.ScalarNode):
        wrong.add(node, where, "wants one number")
        return None
    unit = "1" if key in WHOLE else unit_of(key)
    found = _made(lambda: parse_quantity(node.value, unit, key), wrong, node, where)
    return None if found is None else float(found.value)


def _made(make: Callable[[], Any], wrong: _Mistakes, node: Node = None, where: str = "") -> Any:
    """What `make` returns; None after noting why it could not."""
    try:
        return make()
    except (ValueError, TypeError) as error:
        wrong.add(node, where, str(error))
        return None
