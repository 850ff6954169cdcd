"""One value at a time: from a text in a file, or a fact of the catalog, to a quantity, text or date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from gigawatt.catalog import Fact
from gigawatt.errors import nearest, shown
from gigawatt.scenario.fields import Spec
from gigawatt.scenario.marks import Mark, Mistakes, Node, listed
from gigawatt.timeline import parse_date
from gigawatt.units import Quantity, parse_quantity

Value = Quantity | str | date | None
DIGITS = 12  # digits kept, so that 1.2 GW and 1200 MW are the same number
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(slots=True)
class Names:
    """The names that values may refer to, by kind: company, party, region, chip, tier, family, model ..."""

    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def allows(self, kind: str, name: str) -> bool:
        """Whether a name may stand there; kinds without a list take every name."""
        if kind == "year":
            return name.isascii() and name.isdigit() and FIRST_YEAR <= int(name[:9]) <= LAST_YEAR
        return kind not in self.known or name in self.known[kind]

    def of(self, kind: str) -> Iterable[str]:
        """All names of a kind."""
        return self.known.get(kind, ())


def settled(quantity: Quantity) -> Quantity:
    """The quantity with so many digits that spelling its unit otherwise changes nothing."""
    value, low, high = (_rounded(number) for number in (quantity.value, quantity.low, quantity.high))
    return Quantity(value or 0.0, low, high, quantity.unit, quantity.shape)


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.{DIGITS}g}") + 0.0


def of_fact(spec: Spec, name: str, fact: Fact) -> Value:
    """The value of a fact in the unit of the field; its low and high become the interval."""
    if spec.kind == "date":
        return parse_date(fact.value) if fact.value else None
    if spec.kind == "text":
        return str(fact.value)
    unit = fact.unit if spec.unit == "any" else spec.unit_for(name)
    fixed = fact.low is None or fact.high is None or fact.low == fact.high
    if fixed:
        return settled(parse_quantity(Quantity(float(fact.value), unit=fact.unit), unit))
    shape = "lognormal" if (fact.low or 0) > 0 else "normal"
    return settled(parse_quantity(Quantity(float(fact.value), fact.low, fact.high, fact.unit, shape), unit))


def option_mistakes(text: str) -> list[str]:
    """What is wrong with a text of power options, one message a mistake."""
    from gigawatt.power.options_text import options_of  # quick without: it brings the compiler along

    try:
        options_of(text)
    except ValueError as error:
        return str(error).splitlines()
    return []


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Reads texts of a scenario by the declaration of their field, noting what is wrong."""

    names: Names
    mistakes: Mistakes

    def read(self, spec: Spec, name: str, node: Node, path: str, unit: str | None = None) -> Value:
        """The value of a node; None after noting a mistake. `unit` stands in for a unit of "any"."""
        if spec.kind == "text" and spec.many and isinstance(node.value, tuple):
            return " ".join(filter(None, (self.text(spec, item, path) for item in node.value)))
        if not isinstance(node.value, str):
            self.note(node, path, f"needs a value (got {node.kind()})", spec)
            return None
        if spec.kind == "number":
            return self.number(spec, node, path, unit or spec.unit_for(name))
        return self.text(spec, node, path) if spec.kind == "text" else self.date(spec, node, path)

    def number(self, spec: Spec, node: Node, path: str, unit: str) -> Quantity | None:
        """A number in the unit of its field, within its bounds; None with a mistake noted."""
        try:
            quantity = settled(parse_quantity(str(node.value), unit, path.rpartition(".")[2]))
        except (ValueError, OverflowError) as error:
            self.note(node, path, str(error), spec)
            return None
        numbers = [number for number in (quantity.value, quantity.low, quantity.high) if number is not None]
        if spec.lowest is not None and min(numbers) < spec.lowest:
            self.note(node, path, f"must not be below {spec.lowest:g} (got {node.kind()})", spec)
            return None
        if spec.highest is not None and max(numbers) > spec.highest:
            self.note(node, path, f"must not be above {spec.highest:g} (got {node.kind()})", spec)
            return None
        return quantity

    def text(self, spec: Spec, node: Node, path: str) -> str | None:
        """A text that is one of the known names or choices, where there are any; None with a mistake noted."""
        text = node.value if isinstance(node.value, str) else None
        if text is None or (not text.strip() and not spec.blank):
            self.note(node, path, f"must be a text (got {node.kind()})", spec)
            return None
        words = text.split() if spec.many else [text]
        known = [*spec.choices] if spec.choices else [*self.names.of(spec.names)] if spec.names else []
        unknown = [word for word in words if not self.fits(spec, word)]
        for word in unknown:
            what = spec.names or path.rpartition(".")[2]
            self.mistakes.unknown(node.mark, path, what, word, known)
        wrong = option_mistakes(text) if spec.options and text else []
        for message in wrong:
            self.mistakes.add(node.mark, path, message)
        return None if unknown or wrong else text

    def fits(self, spec: Spec, word: str) -> bool:
        if not word and spec.blank:
            return True
        if spec.choices:
            return word in spec.choices
        return not spec.names or self.names.allows(spec.names, word)

    def date(self, spec: Spec, node: Node, path: str) -> date | None:
        """A date within the years that a plan may have; None with a mistake noted."""
        if spec.blank and not node.value:
            return None
        try:
            found = parse_date(node.value)
        except ValueError as error:
            self.note(node, path, str(error), None)
            return None
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
        self.mistakes.add(node.mark, path, f"date out of range (got {node.kind()})", f"{FIRST_YEAR} to {LAST_YEAR}")
        return None

    def key(self, spec: Spec, node: Node, key: str, path: str) -> bool:
        """Whether a key of a map is one of those it may have."""
        if self.names.allows(spec.keys, key):
            return True
        if spec.keys == "year":
            self.mistakes.add(node.key, path, f"not a year (got {shown(key)})", f"{FIRST_YEAR} to {LAST_YEAR}")
        else:
            self.mistakes.unknown(node.key, path, spec.keys, key, self.names.of(spec.keys))
        return False

    def note(self, node: Node, path: str, message: str, spec: Spec | None) -> None:
        self.mistakes.add(node.mark, path, message, spec.meaning if spec else "")


def unknown_fact(mistakes: Mistakes, mark: Mark, path: str, spec: Spec, name: str, names: Names) -> None:
    """Note a name that the catalog gives but the scenario does not have."""
    what, known = spec.names, list(names.of(spec.names))
    message = f"{what} {shown(name)}, given by the catalog, is not in this scenario"
    mistakes.add(mark, path, message, f"add it, or give one of: {listed(known)}", nearest(name, known))
