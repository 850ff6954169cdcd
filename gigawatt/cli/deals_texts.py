"""Shares, ranges and names of deals as the commands of `gigawatt deals` print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from gigawatt.cli.finance_company_texts import bn, right, say_wrapped

Row = dict[str, Any]
SURE = {
    "primary": "from filings and contracts", "press": "from the press", "secondary": "from secondary sources",
    "own-estimate": "own estimates", "not stated": "of no stated confidence",
}  # fmt: skip
"""How sure an amount is, in words."""
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


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 circle`, `24 circles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def say_confidence(usd: Mapping[str, float], what: str) -> None:
    """One line on how sure the amounts of an answer are; of a run that it computes them.

    Args:
        usd: By confidence; empty for a run.
        what: The amounts, such as `all payments`.
    """
    if not usd:
        say_wrapped("All amounts are computed by the run from its scenario; they are no record of what was paid.")
    else:
        say_wrapped(f"Of the {what} in this answer, USD {bn(sum(usd.values()))}, {confidence_text(usd)}.")
    print()


def confidence_text(usd: Mapping[str, float]) -> str:
    """Shares by confidence, the largest first, such as `92.3 % are own estimates, 5.9 % from secondary sources`."""
    whole = sum(usd.values())
    order = sorted(usd, key=lambda name: -usd[name])
    told = [f"{percent(usd[name] / whole)} {'are ' if n == 0 else ''}{SURE.get(name, name)}"
            for n, name in enumerate(order)]  # fmt: skip
    return ", ".join(told)


def confidence_rows(usd: Mapping[str, float]) -> list[Row]:
    """USD by confidence with its share, as people read it."""
    whole = sum(usd.values())
    return aligned([{"confidence": name, "USD bn": billions(each), "share": percent(each / whole)}
                    for name, each in usd.items()], ("confidence",))  # fmt: skip


def confidence_plain(usd: Mapping[str, float]) -> list[Row]:
    """USD by confidence with its share, as files take it."""
    whole = sum(usd.values())
    return [{"confidence": name, "usd": each, "share": each / whole} for name, each in usd.items()]


def own_estimate(usd: Mapping[str, float]) -> float:
    """Share of amounts that are own estimates; nan where nothing is known of them."""
    whole = sum(usd.values())
    return usd.get("own-estimate", 0.0) / whole if whole else float("nan")


def say_notes(notes: Mapping[str, str]) -> None:
    """Notes under the tables: a word and what it means."""
    for name, text in notes.items():
        say_wrapped(f"{name}: {text}.")


__all__ = [
    "aligned", "billions", "bn", "confidence_plain", "confidence_rows", "confidence_text", "counted", "keys_text",
    "own_estimate", "percent", "say_confidence", "say_notes", "say_wrapped", "span",
]  # fmt: skip
