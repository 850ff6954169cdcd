"""How a field of an entity is declared: what it holds, in which unit and bounds, and what it names.

A declaration is the metadata of a dataclass field, so one line says what a key means to the reader of the code, to the
checker, to the JSON Schema and to the catalog. To add an attribute, add such a line to its class in `entities.py`.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, Literal

from gigawatt.units import Quantity, unit_of

Kind = Literal["number", "text", "date"]
Total = Literal["", "one", "at most one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What one attribute may hold.

    `unit` None takes the unit from the field's suffix; "any" keeps the unit of the catalog value.
    `options` is a text of power options, such as `pv, wind, gas<=500MW`.
    `names` says what a text refers to, `keys` what the keys of a map refer to (kinds of `references.py`).
    """

    kind: Kind
    meaning: str
    unit: str | None = None
    lowest: float | None = 0.0
    highest: float | None = None
    whole: bool = False
    choices: tuple[str, ...] = ()
    options: bool = False
    many: bool = False
    names: str = ""
    keys: str = ""
    total: Total = ""
    required: bool = False
    blank: bool = False

    @property
    def is_map(self) -> bool:
        """True for attributes such as `share.consumer`: one value for each key."""
        return bool(self.keys)

    def unit_for(self, name: str) -> str:
        """The unit that a number of the field called `name` is kept in."""
        return unit_of(name) if self.unit is None else self.unit


def number(meaning: str, *, required: bool = False, **rules: Any) -> Any:
    """A number with a range; 0 or more unless `lowest` says otherwise. Without a value it is None, or required."""
    spec = Spec(kind="number", meaning=meaning, required=required, **rules)
    return _field(spec, None)


def share(meaning: str, *, required: bool = False) -> Any:
    """A share between 0 and 1."""
    return number(meaning, required=required, highest=1.0)


def amount(meaning: str, **rules: Any) -> Any:
    """A number that is 0 where neither scenario nor catalog gives one."""
    spec = Spec(kind="number", meaning=meaning, **rules)
    return field(default=Quantity(0.0, unit=spec.unit or ""), metadata={"spec": spec})


def text(meaning: str, *, required: bool = False, **rules: Any) -> Any:
    """A text, one of `choices` where given, or the name of something."""
    return _field(Spec(kind="text", meaning=meaning, required=required, **rules), "")


def day(meaning: str, *, required: bool = False) -> Any:
    """A date; None where the catalog leaves it open."""
    return _field(Spec(kind="date", meaning=meaning, required=required, blank=not required), None)


def by(keys: str, meaning: str, *, required: bool = False, **rules: Any) -> Any:
    """A number for each of `keys`, such as a share for each segment."""
    spec = Spec(kind="number", meaning=meaning, keys=keys, required=required, **rules)
    return field(metadata={"spec": spec}) if required else field(default_factory=dict, metadata={"spec": spec})


def _field(spec: Spec, default: object) -> Any:
    return field(metadata={"spec": spec}) if spec.required else field(default=default, metadata={"spec": spec})


def specs(entity: type) -> dict[str, Spec]:
    """The declared attributes of an entity class, by name."""
    return _specs(entity)


@cache
def _specs(entity: type) -> dict[str, Spec]:
    return {item.name: item.metadata["spec"] for item in fields(entity) if "spec" in item.metadata}


def default_of(entity: type, name: str) -> Any:
    """The value of an attribute that nobody gives."""
    found: Field[Any] = next(item for item in fields(entity) if item.name == name)
    if found.default_factory is not MISSING:
        return found.default_factory()
    return found.default
