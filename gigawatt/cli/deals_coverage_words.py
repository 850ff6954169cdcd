"""The answer of `gigawatt deals coverage` in words, and what is assumed."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING

from gigawatt.cli.deals_texts import bn, counted, percent, span

if TYPE_CHECKING:
    from gigawatt.cli.deals_coverage_rows import Covered
    from gigawatt.deals.circular import Lasting

SOON = 1.0  # years


def answer(found: Covered) -> str:
    """What customers and others bring in, and how long cash would last with new finance shut."""
    return " ".join(filter(None, (_cover(found), *_lasting(found), _one_by_one(found))))


def _cover(found: Covered) -> str:
    at = found.asked
    who = ", ".join(found.group) if found.group else f"the core ({counted(len(at.firms), 'firm')})"
    it = "they" if len(at.firms) > 1 and found.group else "it"
    if at.due_usd <= 0.0:
        return f"In {at.period} {who} must pay nobody outside {'them' if it == 'they' else 'it'}."
    said: list[str] = []
    for name, share in at.cover().items():
        ends = [each.cover()[name] for each in found.ends.values() if each.cover()[name] < inf]
        how = "" if said else " with all amounts at their ends"
        said.append(percent(share) + (f" ({span(min(ends), max(ends))}{how})" if ends else ""))
    text = f"In {at.period} customers pay {who} {said[0]} of what {it} must pay others"
    if not found.of_run:
        text += f"; with other business it is {said[1]}"
    return f"{text}; all that comes in, new finance too, is {said[2]} of all that goes out."


def _lasting(found: Covered) -> list[str]:
    if not found.lasts:
        return []
    heads = found.heads
    told = [f"the cash of {name} (USD {bn(each.cash_usd)} then) would last {_years(each)}" for name, each in heads]
    if len(heads) > 1:
        (_, one), (_, other) = heads
        name = next(iter(found.lasts))
        told = [f"the cash of {name} (USD {bn(one.cash_usd)} then) would last {_years(one)}, without other business "
                f"{_years(other)}"]  # fmt: skip
    return [f"If no new finance came from {found.start} on, and all else were paid as it falls due, {told[0]}."]


def _one_by_one(found: Covered) -> str:
    short = {name: each for name, each in found.singles.items() if each.years_to_gap < SOON}
    firms = [name for name in short if name not in found.vehicles]
    vehicles = [name for name in short if name in found.vehicles]
    if not found.singles:
        return ""
    if not firms:
        return "One by one, none of them would run out within a year."
    also = f"; of vehicles, which have no cash of their own to speak of, {', '.join(vehicles)}" if vehicles else ""
    return (
        f"One by one, {counted(len(firms), 'firm')} would run out within a year by these estimates: "
        f"{', '.join(firms)}{also}."
    )


def _years(found: Lasting) -> str:
    if isnan(found.years_to_gap):
        return "for a time that nobody can tell"
    return f"beyond {max(found.ends)}" if found.years_to_gap == inf else f"{found.years_to_gap:.1f} years"


def differs(found: Covered) -> str:
    """Why `gigawatt deals stress --shut` names other firms."""
    from gigawatt.deals.stress.assumptions import assumed

    if not found.lasts:
        return ""
    terms = assumed()
    return (
        f"Differs from `gigawatt deals stress --shut 4`: there {percent(terms.capex_cut)} to "
        f"{percent(terms.capex_cut_later)} of building, chip orders and payouts is put off, undrawn credit lines are "
        "used, and a firm that fails takes receipts from others; here all is paid as signed and estimated, no line is "
        "drawn, and nobody's failure touches others. Firms that run out here and not there live by ordering less or "
        "by their lines."
    )


def notes(found: Covered) -> dict[str, str]:
    """Names of columns, and what is assumed."""
    from gigawatt.deals.circular import WAYS

    ways = {name: text for name, text in WAYS.items() if not (found.of_run and name == "with other business")}
    business = (
        "of a run all business of a firm is inside what customers pay, so that its shares cannot be set beside those "
        "of the book, where business beside AI stands apart"
        if found.of_run else
        "revenue outside the network x margin, growing from the opening as the catalog estimates it, before taxes on "
        "it that the payments do not have; n.m. before the opening, where it is not known. A run has it inside "
        "what customers pay: its shares cannot be set beside these"
    )  # fmt: skip
    return {
        **ways,
        "amounts at their ends": "all amounts with a range at its low or its high end at once: corners, less likely "
        "than the 90 % of each range",
        "finance shut": "from the day told no new equity, loans or bonds come in, and nothing is paid out to owners or "
        "invested outside; all else is paid as deals and ordinary business say, though firms would then order less: a "
        "lower bound of the time. Rounds and loans drawn before that day are cash at hand; until then each firm "
        "raises what it needs to keep its opening cash",
        "other business": business,
        "as one": "cash of one firm does not pay the bills of another: the core as one lasts longer than its firms",
    }  # fmt: skip
