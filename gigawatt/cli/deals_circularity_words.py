"""The answer of `gigawatt deals circularity` in words, and what its figures mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gigawatt.cli.deals_texts import bn, percent
from gigawatt.deals.circular import DEFINITIONS, NO_CIRCLE, SCOPES, CircularYear

if TYPE_CHECKING:
    from gigawatt.cli.deals_circularity_rows import Asked

SALES = (
    "what others buy from it in this network; business beside it, such as cloud services for other uses, is not in "
    "it, so that these are no shares of the sales that a firm reports"
)
KEYS = "`gigawatt catalog show KEY` tells a deal or payment with its source and address"


def answer(asked: Asked, scope: str) -> list[str]:
    """The range over definitions of circles, and what has no circle."""
    found, core = asked.scopes[scope], asked.scopes["core"]
    sure = "paid in the run" if asked.source.run else f"deals that are {found.status} or surer, and ordinary business"
    without = ", ".join(f"{percent(found.shares[name])} ({DEFINITIONS[name][0]})" for name in NO_CIRCLE)
    said = [
        f"{found.period}, {sure}: of USD {bn(found.gross_usd)} paid ({scope}) {_goes_round(found)}; of the "
        f"{bn(core.gross_usd)} that core firms pay each other {_short(core)}. Measures that need no circle: {without}. "
        "None is the circular share."
    ]
    if not asked.source.run and not any(each.most_usd > 0.0 for each in found.returned):
        said.append(
            f"No investment that is {found.status} or surer and due in {found.period} can come back to its investor as "
            f"sales. Purchases are signed for many years, investments as they come: see --by status, and --to for "
            f"years added up."
        )
    return said


def _goes_round(found: CircularYear) -> str:
    (least, low), (largest, high) = found.least, found.largest
    if high <= 0.0:
        return "nothing goes round in circles, by any definition"
    return (
        f"from {percent(low)} ({DEFINITIONS[least][0]}) to {percent(high)} ({DEFINITIONS[largest][0]}) goes round in "
        "circles, by definition"
    )


def _short(found: CircularYear) -> str:
    low, high = found.least[1], found.largest[1]
    return f"{percent(low)} to {percent(high)}" if high > 0.0 else "nothing"


def notes(asked: Asked, scope: str, table: str) -> dict[str, str]:
    """What each definition and scope means; of one table what it needs."""
    from gigawatt.deals.circular import WAYS

    shown = SCOPES if table in ("", "definitions") else {scope: SCOPES[scope]}
    found = {**shown, **dict(DEFINITIONS.values())}
    if table in ("", "definitions", "investors"):
        found["investment back"] = (
            "equity, loans and bonds of a firm that come back to it as its sales, passed on by purchases alone; least "
            "and most because money in an account has no name; as a share of gross payments"
        )
    if table in ("", "investors"):
        found["sales of an investor"] = SALES
        found["keys"] = KEYS
    if table in ("", "coverage"):
        found |= {} if asked.source.run else WAYS
    return found | {
        "amounts at their ends": "all amounts with a range at its low or its high end at once, the core's and the "
        "others' each way: corners, less likely than the 90 % of each range",
        "limits": "a year's payments stand for money in motion; who paid first is not looked at. Circular is no "
        "judgement: vendor finance is an ordinary way to sell costly equipment",
    }  # fmt: skip
