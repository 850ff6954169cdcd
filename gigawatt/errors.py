"""What goes wrong, said so that a reader can mend it: where, what was wrong, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

LONGEST_NAME = 80  # characters of a wrong name that are compared and shown
MOST_NAMES = 20  # known names that are listed where none is near


class GigawattError(Exception):
    """The root of every error that gigawatt raises on purpose."""


class SolveError(GigawattError):
    """A problem without a solution; the text names the limits that clash."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in one file; lines and columns count from 1, and 0 means not known."""

    file: str
    line: int
    column: int
    path: str
    message: str
    allowed: str = ""
    did_you_mean: str = ""

    def __str__(self) -> str:
        question = f"did you mean {self.did_you_mean}?" if self.did_you_mean else ""
        said = "; ".join(part for part in (self.message, self.allowed, question) if part)
        return ": ".join(part for part in (self.place, self.path, said) if part)

    @property
    def place(self) -> str:
        """`file:line:column`, as editors and terminals make it clickable."""
        known = [str(number) for number in (self.line, self.column) if number > 0]
        return ":".join([self.file, *known])


class ScenarioError(GigawattError):
    """Every mistake found in a scenario, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(sorted(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Mistake, ...]]]:
        return ScenarioError, (self.mistakes,)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, or None when none is close; letter case is ignored."""
    candidates = list(known)
    if len(name) > LONGEST_NAME:
        return None
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def named(kind: str, name: str, known: Iterable[str]) -> str:
    """The one of the known names that is meant, letter case aside.

    Raises:
        ValueError: There is none; the nearest name is told, or the first MOST_NAMES where none is near.
    """
    names = list(known)
    same = [each for each in names if each.casefold() == name.strip().casefold()]
    if name in names or len(same) == 1:
        return name if name in names else same[0]
    near = nearest(name, names)
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    hint = f"did you mean {near}?" if near else f"known: {', '.join(names[:MOST_NAMES])}{more}"
    raise ValueError(f"unknown {kind} {shown(name)}; {hint}")


def listed_names(given: Iterable[str]) -> tuple[str, ...]:
    """Names given one by one, or several with commas between, each once."""
    parts = (part.strip() for text in given for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def shown(value: object) -> str:
    """A wrong value as a message quotes it: on one line, and cut when long."""
    text = repr(value[:LONGEST_NAME]) if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 3] + "..."
