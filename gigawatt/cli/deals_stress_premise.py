"""Under which conditions the answers of `gigawatt deals stress` hold: in the first sentence, in files, in the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gigawatt.cli.deals_texts import bn, percent
from gigawatt.deals.stress import GROUP, VEHICLE, Stress, last_told

if TYPE_CHECKING:
    from gigawatt.cli.deals_stress import Asked

GROUNDS = {"own-estimate": "is estimated here", "secondary": "is from secondary sources", "press": "from the press",
           "primary": "from filings and contracts", "not stated": "of no stated confidence"}  # fmt: skip
LEAST = 5e-4  # share of all that is paid below which grounds are not told
NAMED = 12  # firms not judged that are told by name


def premise(found: Stress) -> str:
    """What is supposed, and the assumption on which most hangs, as what follows an `if`."""
    shock = found.shock
    begin = f"from {found.calendar.label(found.calendar.shock)} on"
    said = f"{_names(shock.defaults)} {fails(found)} {begin}, and " if shock.defaults else ""
    return said + setting(found, "" if shock.defaults else f" {begin}")


def setting(found: Stress, begin: str = "") -> str:
    """What markets and prices do beside, and what firms are taken to put off."""
    shock, terms = found.shock, found.terms
    quarters = f"{shock.markets_shut} quarter{'' if shock.markets_shut == 1 else 's'}"
    parts = [f"markets give no new money for {quarters}{begin}"] if shock.markets_shut else []
    if shock.chip_price_fall:
        parts.append(f"prices of chips and rents fall by {percent(shock.chip_price_fall)}")
    if shock.markets_shut:
        parts.append(f"firms put off {percent(terms.capex_cut)} of building and orders at once and "
                     f"{percent(terms.capex_cut_later)} later")  # fmt: skip
    else:
        parts.append("markets go on giving every other firm what its plan needs")
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def if_shut(found: Stress, shut: str, otherwise: str) -> str:
    """The words for what would be without the defaults, by whether markets are shut as well."""
    return shut if found.shock.markets_shut and found.shock.defaults else otherwise


def counted(asked: Asked) -> str:
    """What counts as due."""
    return f"deals that are {asked.status} or surer" if asked.ranged else "what the run pays"


def until(found: Stress) -> str:
    """The last quarter looked at."""
    return found.calendar.label(found.calendar.quarters - 1)


def condition(asked: Asked, found: Stress) -> str:
    """The premise in one line, for files."""
    return (f"if {premise(found)} ({counted(asked)}; until {until(found)}); cash flows are estimates, and no statement "
            "that a firm will fail")  # fmt: skip


def fails(found: Stress) -> str:
    """What the firms named do, such as `cannot pay`."""
    share, many = found.shock.pay_share, len(found.shock.defaults) > 1
    if share <= 0.0:
        return "cannot pay"
    return f"{'pay' if many else 'pays'} only {100.0 * share:.4g} % of {'their' if many else 'its'} dues"


def _names(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def notes(asked: Asked, found: Stress) -> dict[str, str]:
    """What is assumed, with ranges, and what the figures are not."""
    known = found.terms
    said = {
        "plan": "without a shock nobody defaults, by construction: while markets are open each firm raises what it "
        f"needs to keep {percent(known.cash_kept)} of its opening cash; what is not raised while they are shut is not "
        "made up later",
        "assumed": f"{percent(known.capex_cut)} of building, chip orders and payouts can be put off at once and "
        f"{percent(known.capex_cut_later)} after {known.capex_cut_quarters:g} quarters; others rent what a firm in "
        f"default had been delivered at {percent(known.re_let_share)} of the price after {known.re_let_quarters:g} "
        "quarters; --table assumed has all, with ranges, reasons and what each does to the answer",
        "cannot pay": "is taken at its word: its cash is gone, its contracts end, its customers pay its estate, and "
        "nobody renegotiates. Lenders and landlords often do, so read defaults as who must renegotiate. What a failed "
        "maker no longer delivers is not missed by its buyers",
        "other answers": "gigawatt deals coverage names more firms as short of cash: there nothing is put off, no "
        "credit line is drawn, nothing is let again and nobody's default touches others. gigawatt deals edges takes "
        "one payment away and nothing in its place, where here others rent what had been delivered and the failed "
        "firm's own dues end, too; so one payment can do more there than its payer's default here",
        "stakes": _stakes(found),
    }  # fmt: skip
    if found.shock.chip_price_fall:
        said["fall of prices"] = ("of what chips fetch, on top of what sales in a hurry take off, and of rents let "
                                  "again; gigawatt deals residual takes it off book value")  # fmt: skip
    lacking = _not_judged(found)
    said |= {"not judged": lacking} if lacking else {}
    told = last_told(asked.book)
    if asked.ranged and found.calendar.starts[-2].year > told:
        said["later years"] = (f"ordinary business after {told} is like that of {told}, new money left out; deals go "
                               "on by their schedules")  # fmt: skip
    said["data"] = _data(asked, found) if asked.ranged else "what a run pays in a year, in equal quarters"
    return said


def _stakes(found: Stress) -> str:
    if found.shock.defaults and found.shock.pay_share > 0.0:
        return ("owners of a firm that pays on lose what it leaves unpaid, in proportion and at most what they paid "
                "for their stakes; nothing of it is sold")  # fmt: skip
    said = "lost at what was paid for them by the deals of the book; the owners of a firm that is sold come last"
    market = at_market_usd(found)
    return said + (f". At market value those lost would be {bn(market)}" if market > 0.0 else "")


def at_market_usd(found: Stress) -> float:
    """Stakes in firms in default by deal, at market value where the share held is known."""
    from gigawatt.deals.exposure import exposures

    gone = {firm.key for firm in found.failed}
    day = found.calendar.starts[found.calendar.shock]
    rows = exposures(found.book, day, found.shock.status).rows
    return sum(row.marked_usd for row in rows if row.layer == "stake" and row.on in gone
               and row.marked_usd == row.marked_usd)  # fmt: skip


def _not_judged(found: Stress) -> str:
    """Firms whose cash is not followed, with the number that is missing; groups and vehicles are no such firms."""
    lacks = {firm: why for firm, why in found.opened.lacks.items() if why not in (GROUP, VEHICLE)}
    told = [f"{firm} ({why} is not known)" for firm, why in list(lacks.items())[:NAMED]]
    more = f" and {len(lacks) - NAMED} more" if len(lacks) > NAMED else ""
    return f"{', '.join(told)}{more}" if told else ""


def _data(asked: Asked, found: Stress) -> str:
    """How much of what is paid in the years looked at is estimated."""
    from gigawatt.deals.book import network, usd_by_confidence

    starts = found.calendar.starts
    years = range(starts[found.calendar.shock].year, min(starts[-2].year, last_told(asked.book)) + 1)
    sums: dict[str, float] = {}
    for year in years:
        for name, usd in usd_by_confidence(asked.book, network(asked.book, year, asked.status)).items():
            sums[name] = sums.get(name, 0.0) + usd
    whole = sum(sums.values())
    said = "cash flows are estimates for many firms, by year; see the ranges"
    if whole <= 0.0:
        return said
    kept = sorted((name for name in sums if sums[name] / whole >= LEAST), key=lambda name: -sums[name])
    parts = [f"{percent(sums[name] / whole)} {GROUNDS.get(name, name)}" for name in kept]
    return f"of what is paid from {years[0]} to {years[-1]}, {', '.join(parts)}; {said}"
