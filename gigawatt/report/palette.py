"""Colours of the report: safe for colour-blind readers, and the same name keeps its colour in every chart.

The hues follow Paul Tol's "muted" scheme (technical note SRON/EPS/TN/09-002), darkened where a thin line on white
needs it; each has a lighter twin for dark pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

TWINS: dict[str, str] = {
    "#3b2f8f": "#9a90ee",  # indigo
    "#2f9685": "#4fc3af",  # teal
    "#c05a6b": "#e68a98",  # rose
    "#b0902c": "#d9bf63",  # sand
    "#4a9cc9": "#86c8ee",  # cyan
    "#882255": "#d3709f",  # wine
    "#1d7a3e": "#5cbd7c",  # green
    "#a24a96": "#d089c6",  # purple
    "#7d7a2b": "#b8b45c",  # olive
    "#2166ac": "#6ea6e0",  # blue
    "#d0632a": "#f09a66",  # vermilion
    "#6b4a2f": "#b98f6c",  # brown
    "#0f6b77": "#4fb0bd",  # petrol
    "#94a35b": "#c0cf86",  # moss
    "#2f4468": "#8fa8d8",  # navy
    "#c283ab": "#e3b3d0",  # pink
    "#5b6675": "#a7b1bf",  # slate
    "#aeb6c1": "#5a6472",  # pale grey
    "#d3d8df": "#3a424d",  # faint grey
    "#1f2733": "#e4e8ee",  # ink
}
PALER: dict[str, tuple[str, str]] = {  # what a store takes, beside what it gives: on light pages, on dark ones
    "#a24a96": ("#dcbcd8", "#6a3f64"), "#882255": ("#c995ae", "#6b3850"), "#aeb6c1": ("#d6dade", "#39424e"),
}  # fmt: skip
HUES: tuple[str, ...] = tuple(TWINS)[:16]
SLATE, PALE, FAINT, INK = tuple(TWINS)[16:]

CASH, DEBT, GRID, FIRM, PASS, FAIL = "#2f9685", "#c05a6b", "#2166ac", "#b0902c", "#1d7a3e", "#c05a6b"
CAPACITY, ASKED = "#5b6675", "#d0632a"
WORLD, PROGRAMME = "#2166ac", "#d0632a"
ROLES: dict[str, str] = {
    "lab": "#3b2f8f",
    "owner": "#4a9cc9",
    "maker": "#2f9685",
    "holding": "#b0902c",
    "outside": "#5b6675",
}
OTHERS = "Others"


@dataclass(slots=True)
class Colours:
    """Hands out a hue for each name in the order in which they are first asked for, and remembers it."""

    hues: Sequence[str] = HUES
    known: dict[str, str] = field(default_factory=lambda: {OTHERS: PALE})

    def of(self, name: str) -> str:
        """The colour of `name`."""
        if name not in self.known:
            self.known[name] = self.hues[(len(self.known) - 1) % len(self.hues)]
        return self.known[name]

    @classmethod
    def for_names(cls, names: Sequence[str], first: int = 0) -> Colours:
        """Colours for `names` in their order, starting with hue number `first`."""
        colours = cls(hues=HUES[first:] + HUES[:first])
        for name in names:
            colours.of(name)
        return colours
