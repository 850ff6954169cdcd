"""How good the figures from memory are: those for which a source was found afterwards, beside what was recalled."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt import catalog

TABLE = "telecom_recalled"


@dataclass(frozen=True, slots=True)
class Recalled:
    """One figure as it was recalled, with its range, and as it was found, in USD."""

    carrier: str
    attribute: str
    recalled_usd: float
    low_usd: float
    high_usd: float
    found_usd: float

    @property
    def is_within(self) -> bool:
        """Whether the figure found lies within the range that memory was given."""
        return self.low_usd <= self.found_usd <= self.high_usd


def recalled() -> tuple[Recalled, ...]:
    """All figures that were recalled first and found later."""
    rows = []
    for item in catalog.items(TABLE):
        for attribute, fact in catalog.facts(TABLE, item).items():
            found = float(catalog.value("telecom", item, attribute))
            low, high = (fact.value if end is None else end for end in (fact.low, fact.high))
            rows.append(Recalled(item, attribute, float(fact.value), float(low), float(high), found))
    return tuple(rows)
