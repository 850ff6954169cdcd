"""Mistakes as `gigawatt check` prints them."""

from __future__ import annotations

from gigawatt.errors import ScenarioError

MOST_SHOWN = 200


def format_mistakes(error: ScenarioError) -> str:
    """Every mistake on a line of its own, and how many there are; very long lists are cut."""
    count = len(error.mistakes)
    lines = [str(mistake) for mistake in error.mistakes[:MOST_SHOWN]]
    if count > MOST_SHOWN:
        lines.append(f"... and {count - MOST_SHOWN} more")
    return "\n".join([*lines, "1 mistake" if count == 1 else f"{count} mistakes"])
