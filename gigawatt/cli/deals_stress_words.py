"""What a shock does, in sentences: to one firm or to the most hit, or to everybody while markets are shut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gigawatt.cli.deals_texts import bn, percent
from gigawatt.deals.stress import Hit, Stress, hit_of, hits

if TYPE_CHECKING:
    from gigawatt.cli.deals_stress import Asked

MOST = 5  # firms told about
SHUT = 4  # quarters of shut markets that the answer looks at beside


def answer(asked: Asked, found: Stress, on: str | None) -> list[str]:
    """Paragraphs: what happens, to whom, and who loses how much."""
    if not asked.names:
        return [_liquidity(found, _counted(asked))]
    shut = found if found.shock.markets_shut else asked.answer(markets_shut=SHUT)
    firms = [on] if on else [hit.firm for hit in hits(found) if hit.firm not in asked.names][:MOST]
    said = [_opening(found, _counted(asked))]
    said += [_of_firm(hit_of(found, firm), found, shut, whole=on is not None) for firm in firms]
    return [*said, _layers(found)]


def names_text(names: list[str] | tuple[str, ...], most: int = 12) -> str:
    """Names with commas and an `and`; how many more beyond `most`."""
    told = list(names[:most])
    if len(names) > most:
        return f"{', '.join(told)} and {len(names) - most} more"
    return " and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else "".join(told)


def _counted(asked: Asked) -> str:
    """What counts as due."""
    return f"deals that are {asked.status} or surer" if asked.ranged else "what the run pays"


def _opening(found: Stress, counted: str) -> str:
    shock, calendar = found.shock, found.calendar
    many = len(shock.defaults) > 1
    pays = f"pay{'' if many else 's'} only {percent(shock.pay_share)} of {'their' if many else 'its'} dues"
    said = f"{names_text(shock.defaults)} {pays if shock.pay_share > 0.0 else 'cannot pay'} from "
    said += f"{calendar.label(calendar.shock)} on"
    said += f", markets give no new money for {shock.markets_shut} quarters" if shock.markets_shut else ""
    said += f", prices of chips and rents fall by {percent(shock.chip_price_fall)}" if shock.chip_price_fall else ""
    until = calendar.label(calendar.quarters - 1)
    said += f" ({counted}; until {until}). "
    more = found.brought_down
    tail = f"default{'' if len(more) > 1 else 's'} too, and would not without it"
    said += f"{names_text(more)} {tail}." if more else "Nobody else defaults by then."
    without = [name for i, name in enumerate(found.firms) if found.without.defaulted[i]]
    return said + (f" Without it {names_text(without)} would default." if without else "")


def _of_firm(hit: Hit, found: Stress, shut: Stress, whole: bool) -> str:
    said = _receipts(hit, found)
    said += _cash(hit, found, shut)
    if whole and hit.judged:
        dues = ((hit.contracts_usd, "under its own contracts and orders that cannot wait"),
                (hit.debt_service_usd, "of debt service"))  # fmt: skip
        told = [f"{bn(usd)} {what}" for usd, what in dues if usd >= 5e7]
        if told:
            said += (f" It has {' and '.join(told)} to pay: cash, lines and what it still gets, less running costs, "
                     f"are {hit.cover:.2f} of that and of building that cannot wait.")  # fmt: skip
    if hit.claims_lost_usd >= 5e7:
        own = f", of {bn(hit.equity_usd)} of book equity" if hit.equity_usd > 0.0 else ""
        said += f" On claims, stakes and guarantees it loses {bn(hit.claims_lost_usd)}{own}."
    if hit.funding_lost_usd >= 5e7:
        said += f" New money of {bn(hit.funding_lost_usd)} from firms of the book does not come."
    return said


def _receipts(hit: Hit, found: Stress) -> str:
    loses = "lose" if hit.firm == hit.firm.lower() else "loses"  # a name without a capital is a group of firms
    if abs(hit.lost_usd) < 5e7:
        return f"{hit.firm} {loses} no receipts to speak of."
    said = f"{hit.firm} {loses} {bn(hit.lost_usd)} of receipts, {percent(hit.lost_share)} of all that it would take in"
    if hit.due_usd > 0.0:
        others = f", of which others pay {bn(hit.relet_usd)} for what had been delivered" if hit.relet_usd else ""
        return f"{said}: {bn(hit.due_usd)} were due from firms in default{others}."
    return f"{said}: orders that others put off."


def _cash(hit: Hit, found: Stress, shut: Stress) -> str:
    if not hit.judged:
        return " Its cash is not known, so whether it could pay is not judged."
    label = found.calendar.label
    off = f" It puts off {bn(hit.put_off_usd)} of chips, building and payouts." if hit.put_off_usd >= 5e7 else ""
    low = f" Its cash is lowest at the end of {label(hit.low_quarter)} with {bn(hit.low_usd)} " \
          f"({bn(hit.low_without_usd)} without the shock)."  # fmt: skip
    if hit.low_usd < 5e7:
        low = (
            f" Its cash is used up in {label(hit.low_quarter)} ({bn(hit.low_without_usd)} are left without the shock)."
        )
    if hit.first_default >= 0:
        low = "" if hit.low_usd <= 0.0 else low
        return f"{off}{low} It cannot pay in {label(hit.first_default)}{_without(hit, found)}."
    if found.shock.markets_shut:
        return f"{off}{low} It can pay throughout."
    later = hit_of(shut, hit.firm)
    plan = f" while markets give the {bn(hit.raised_usd)} that its plan needs" if hit.raised_usd > 0.0 else ""
    if later.first_default >= 0:
        then = f"shut for {shut.shock.markets_shut} quarters as well, it cannot in {label(later.first_default)}"
        return f"{off}{low} It can pay{plan}; with markets {then}{_without(later, shut)}."
    return f"{off}{low} It can pay{plan}, and also with markets shut for {shut.shock.markets_shut} quarters."


def _without(hit: Hit, found: Stress) -> str:
    """Whether it is the shock that brings the firm down."""
    calm = "with markets shut alone" if found.shock.markets_shut else "without the shock"
    if hit.first_default_without < 0:
        return f" ({calm} it could)"
    return f" ({calm} in {found.calendar.label(hit.first_default_without)})"


def _layers(found: Stress) -> str:
    total = found.waterfall.total_usd
    parts = sorted(((usd, layer) for layer, usd in found.waterfall.by_layer().items() if usd >= 5e7), reverse=True)
    listed = names_text([f"{layer} {bn(usd)}" for usd, layer in parts])
    price = found.waterfall.chip_price
    sold = found.waterfall.chips_sold_usd
    chips = f" Chips of {bn(sold)} book value are sold at {percent(price)} of it." if sold >= 1e9 else ""
    return f"Losses on claims add up to {bn(total)}: {listed}.{chips}" if parts else "Nobody loses a claim."


def _liquidity(found: Stress, counted: str) -> str:
    calendar, shock = found.calendar, found.shock
    judged = [i for i in range(len(found.firms)) if found.opened.judged[i]]
    fallen = [(int(found.run.first_default_quarter[i]), found.firms[i]) for i in judged if found.run.defaulted[i]]
    first, last = calendar.label(calendar.shock), calendar.label(calendar.quarters - 1)
    said = (f"Markets give no new money for {shock.markets_shut} quarters from {first} on ({counted}; until {last}): "
            f"{len(fallen)} of {len(judged)} firms whose cash and business are known run out of money")  # fmt: skip
    listed = [f"{name} in {calendar.label(quarter)}" for quarter, name in sorted(fallen)]
    return f"{said}: {names_text(listed, 20)}. The others can pay throughout." if fallen else f"{said}."


def notes(found: Stress, ranged: bool = True) -> dict[str, str]:
    """What is assumed, with ranges, and what the figures are not."""
    known = found.terms
    return {
        "plan": "without a shock nobody defaults, by construction: while markets are open each firm raises what it "
        f"needs to keep {percent(known.cash_kept)} of its opening cash; what is not raised while they are shut is not "
        "made up later",
        "assumed": f"{percent(known.capex_cut)} of building, chip orders and payouts can be put off at once and "
        f"{percent(known.capex_cut_later)} after {known.capex_cut_quarters:g} quarters; others rent what a firm in "
        f"default had been delivered at {percent(known.re_let_share)} of the price after {known.re_let_quarters:g} "
        "quarters; --table assumed has all, with ranges, reasons and what each does to the answer",
        "cannot pay": "is taken at its word: its cash is gone, its contracts end, its customers pay its estate, and "
        "nobody renegotiates. Lenders and landlords often do, so read defaults as who must renegotiate",
        "data": "cash flows are estimates for many firms, by year; see the ranges"
        if ranged
        else "what a run pays in a year, in equal quarters",
    }
