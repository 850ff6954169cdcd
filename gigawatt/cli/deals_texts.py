"""Shares, ranges and names of deals as the commands of `gigawatt deals` print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from gigawatt.cli.finance_company_texts import bn, right, say_wrapped

Row = dict[str, Any]
MOST_DEALS = 4  # keys told in a cell


def percent(share: float) -> str:
    """A share as a percentage with one decimal; n.m. where there is none."""
    return "n.m." if isnan(share) else f"{round(100 * share, 1) + 0.0:.1f} %"


def billions(usd: float) -> str:
    """An amount in USD bn with one decimal, two below 10 bn; a dash for nothing."""
    if isnan(usd):
        return ""
    return "-" if usd == 0 else f"{usd / 1e9:,.2f}" if abs(usd) < 9.95e9 else f"{usd / 1e9:,.1f}"


def span(low: float, high: float, text: Callable[[float], str] = percent) -> str:
    """A range as `a to b`, or one value where both ends read the same."""
    return text(low) if text(low) == text(high) else f"{text(low)} to {text(high)}"


def keys_text(deals: Sequence[str], payments: Sequence[str] = (), most: int = MOST_DEALS) -> str:
    """The keys of deals, or of payments where there are none, with commas between, and how many more there are."""
    told = list(dict.fromkeys([*deals, *payments]))
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return ", ".join(told[:most]) + more


def aligned(rows: Sequence[Row], left: Iterable[str] = ()) -> list[Row]:
    """Rows of texts with columns that are not `left` on the right."""
    if not rows:
        return []
    keep = set(left)
    numbers = right([name for name in rows[0] if name not in keep],
                    [[str(row[name]) for name in row if name not in keep] for row in rows])  # fmt: skip
    out = []
    for row, padded in zip(rows, numbers, strict=True):
        heads = iter(padded.items())
        out.append(dict((name, row[name]) if name in keep else next(heads) for name in row))
    return out


def say_notes(notes: Mapping[str, str]) -> None:
    """Notes under the tables: a word and what it means."""
    for name, text in notes.items():
        say_wrapped(f"{name}: {text}.")


__all__ = ["aligned", "billions", "bn", "keys_text", "percent", "say_notes", "say_wrapped", "span"]
