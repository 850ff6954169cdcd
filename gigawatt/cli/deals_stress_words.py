"""What a shock would do, in sentences: to one firm or to the most hit, or to everybody while markets are shut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gigawatt.cli.deals_stress_premise import counted, fails, if_shut, premise, setting, until
from gigawatt.cli.deals_texts import bn, percent, span
from gigawatt.deals.stress import NEAR, VEHICLE, Hit, Spread, Stress, hit_of, hits, near_misses, spread

if TYPE_CHECKING:
    from gigawatt.cli.deals_stress import Asked

MOST = 5  # firms told about
SHUT = 4  # quarters of shut markets that the answer looks at beside
TOLD = 5e7  # USD below which an amount is not told


def answer(asked: Asked, found: Stress) -> list[str]:
    """Paragraphs: what would happen, how far that moves, to whom, and who would lose how much."""
    opening = _opening(asked, found) if asked.names else _liquidity(asked, found)
    said = [opening, f"{_moves(asked, found)}{_near(found)}"]
    if not asked.names:
        return [*said, _layers(found)]
    shut = found if found.shock.markets_shut else asked.answer(markets_shut=SHUT)
    firms = [asked.on] if asked.on else [hit.firm for hit in hits(found) if hit.firm not in asked.names][:MOST]
    said += [_of_firm(hit_of(found, firm), found, shut, whole=bool(asked.on)) for firm in firms]
    return [*said, _layers(found)]


def names_text(names: list[str] | tuple[str, ...], most: int = 12) -> str:
    """Names with commas and an `and`; how many more beyond `most`."""
    told = list(names[:most])
    if len(names) > most:
        return f"{', '.join(told)} and {len(names) - most} more"
    return " and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else "".join(told)


def alone(asked: Asked, found: Sequence[Stress]) -> str:
    """Losses if each firm alone cannot pay, and if all of them cannot; the last of `found` is all at once."""
    each = [f"{bn(one.waterfall.total_usd)} if {one.shock.defaults[0]} alone {fails(one)}" for one in found[:-1]]
    joint = found[-1]
    label = joint.calendar.label(joint.calendar.shock)
    return (f"By these estimates losses on claims would add up to {names_text(each)}, and to "
            f"{bn(joint.waterfall.total_usd)} if all of them do, from {label} on and if {setting(joint)} "
            f"({counted(asked)}; until {until(joint)}).")  # fmt: skip


def _opening(asked: Asked, found: Stress) -> str:
    """Who would default by the shock, and who without it, too."""
    said = f"If {premise(found)}, then by these estimates "
    said += f"{_brought_down(found)} ({counted(asked)}; until {until(found)})."
    calm = f"{if_shut(found, 'with markets shut alone', 'without it')}"
    anyway = _dated(found, [name for name in found.down_anyway if name not in found.shock.defaults], True)
    spared = [hit.firm for hit in hits(found) if hit.cause == "spared"]
    said += f" {names_text(anyway)} would default {calm}, too." if anyway else ""
    return said + (f" {names_text(spared)} would default {calm}, and not with it." if spared else "")


def _brought_down(found: Stress) -> str:
    """Who would default by the shock alone, and when."""
    more = found.brought_down
    if len(more) == 1:
        quarter = int(found.run.first_default_quarter[found.opened.number(more[0])])
        return f"{more[0]} would default in {found.calendar.label(quarter)}, and not without it"
    return (
        f"{names_text(_dated(found, more))} would default, and not without it" if more else "nobody else would default"
    )


def _dated(found: Stress, names: tuple[str, ...] | list[str], compared: bool = False) -> list[str]:
    """Names with the quarter of their default, and that without the shock where it is another."""
    out = []
    for name in names:
        i = found.opened.number(name)
        first, without = (int(run.first_default_quarter[i]) for run in (found.run, found.without))
        other = f" ({found.calendar.label(without)} without it)" if compared and first != without else ""
        out.append(f"{name} in {found.calendar.label(first)}{other}")
    return out


def _liquidity(asked: Asked, found: Stress) -> str:
    """Who would run out of money while markets are shut."""
    judged = [firm for firm in found.firms if firm not in found.opened.lacks]
    fallen = [firm for firm in found.brought_down if firm in judged]
    said = f"If {premise(found)}, then by these estimates {len(fallen) or 'none'} of {len(judged)} "
    said += f"{'firm' if len(judged) == 1 else 'firms'} whose cash and business are known would run out of money "
    said += f"({counted(asked)}; until {until(found)})"
    said += f": {names_text(_dated(found, fallen), 20)}." if fallen else "."
    vehicles = [firm for firm in found.brought_down if found.opened.lacks.get(firm) == VEHICLE]
    what = f"{'a vehicle' if len(vehicles) == 1 else 'vehicles'}, would fall with {_its(len(vehicles))} tenants"
    return said + (f" {names_text(_dated(found, vehicles))}, {what}." if vehicles else "")


def _its(count: int) -> str:
    return "its" if count == 1 else "their"


def _moves(asked: Asked, found: Stress) -> str:
    """How far the answer moves with deals, amounts and assumptions."""
    wide = spread(found, asked.rungs, asked.moved)
    how = "fewer or more deals counted, all amounts at either end, or " if asked.ranged else ""
    who = "more firms" if asked.names else "firms"
    said = f"With {how}one assumption at either end, {_count(wide)} {who} would default"
    said += f" ({names_text(wide.others, 8)} in some of these cases)" if wide.others else ""
    low, high = wide.loss_usd
    lost = f"losses on claims would be {span(low, high, bn)}" if high >= TOLD else "nobody would lose a claim"
    return f"{said}, and {lost}."


def _count(wide: Spread) -> str:
    low, high = wide.falls
    return f"{low} to {high}" if low != high else f"{low or 'no'}"


def _near(found: Stress) -> str:
    """Firms that come close to a default."""
    close = near_misses(found)
    if not close:
        return ""
    lines = found.run.lines_usd
    told = []
    for hit in close:
        left = float(lines[hit.low_quarter, found.opened.number(hit.firm)])
        more = f" and {bn(left)} of credit lines" if left >= TOLD / 10 else ""
        told.append(f"{hit.firm} ({bn(hit.low_usd) if hit.low_usd >= TOLD / 10 else 'none'} in "
                    f"{found.calendar.label(hit.low_quarter)}{more})")  # fmt: skip
    return f" Near misses, with less than {100.0 * NEAR:g} % of opening cash left at the lowest: {names_text(told)}."


def _of_firm(hit: Hit, found: Stress, shut: Stress, whole: bool) -> str:
    said = _receipts(hit)
    said += _cash(hit, found, shut)
    if whole and hit.judged and hit.cover == hit.cover and hit.cause != "assumed":
        dues = ((hit.contracts_usd, "under its own contracts and orders that cannot wait"),
                (hit.debt_service_usd, "of debt service"))  # fmt: skip
        told = [f"{bn(usd)} {what}" for usd, what in dues if usd >= TOLD]
        much = f"{hit.cover:.2f} of" if hit.cover > 0.0 else "not even enough to pay any of"
        if told:
            said += (f" It has {' and '.join(told)} to pay: cash, lines and what it would still get, less running "
                     f"costs, are {much} that and of building that cannot wait.")  # fmt: skip
    more = hit.claims_lost_usd - hit.claims_lost_without_usd
    if more >= TOLD:
        own = f", of {bn(hit.equity_usd)} of book equity" if hit.equity_usd > 0.0 else ""
        said += f" On claims, stakes and guarantees {_it(hit)} would lose {bn(more)}{own}."
    if hit.funding_lost_usd >= TOLD:
        said += f" New money of {bn(hit.funding_lost_usd)} from firms of the book would not come."
    return said


def _is_group(hit: Hit) -> bool:
    return hit.firm == hit.firm.lower()  # a name without a capital is a group of firms


def _it(hit: Hit) -> str:
    return "they" if _is_group(hit) else "it"


def _receipts(hit: Hit) -> str:
    if abs(hit.lost_usd) < TOLD:
        return f"{hit.firm} would lose no receipts to speak of."
    said = f"{hit.firm} would lose {bn(hit.lost_usd)} of receipts, {percent(hit.lost_share)} of all that "
    said += f"{_it(hit)} would take in"
    if hit.due_usd > 0.0:
        others = f", of which others would pay {bn(hit.relet_usd)} for what had been delivered" if hit.relet_usd else ""
        return f"{said}: {bn(hit.due_usd)} were due from firms in default{others}."
    return f"{said}: orders that others put off."


def _cash(hit: Hit, found: Stress, shut: Stress) -> str:
    if not hit.judged:
        return (
            f" {'Their' if _is_group(hit) else 'Its'} cash is not known, so whether {_it(hit)} could pay is not judged."
        )
    if hit.cause == "assumed":
        return ""
    said = f" It would put off {bn(hit.put_off_usd)} of chips, building and payouts." if hit.put_off_usd >= TOLD else ""
    said += _lowest(hit, found)
    if hit.first_default >= 0:
        return f"{said} It could not pay in {found.calendar.label(hit.first_default)}{_without(hit, found)}."
    if found.shock.markets_shut:
        return f"{said} It could pay throughout."
    later = hit_of(shut, hit.firm)
    plan = f" if markets go on giving the {bn(hit.raised_usd)} that its plan needs" if hit.raised_usd > 0.0 else ""
    if later.first_default >= 0:
        then = f"shut for {shut.shock.markets_shut} quarters as well, not in {shut.calendar.label(later.first_default)}"
        return f"{said} It could pay{plan}; with markets {then}{_without(later, shut)}."
    return f"{said} It could pay{plan}, and also with markets shut for {shut.shock.markets_shut} quarters."


def _lowest(hit: Hit, found: Stress) -> str:
    """Cash at its lowest beside that without the shock, and what it gains by not having to invest."""
    label = found.calendar.label
    spared = f": {bn(hit.spared_usd)} that it was to invest in or lend to firms in default would not be paid"
    beside = f"({bn(hit.low_without_usd)} without the shock)"
    if hit.low_usd >= TOLD:
        said = f" Its cash would be lowest at the end of {label(hit.low_quarter)} with {bn(hit.low_usd)} {beside}"
    elif hit.first_default < 0:
        said = f" Its cash would be used up in {label(hit.low_quarter)} {beside}"
    else:
        return ""
    return said + (f"{spared}." if hit.spared_usd >= TOLD else ".")


def _without(hit: Hit, found: Stress) -> str:
    """Whether it is the shock that brings the firm down."""
    calm = if_shut(found, "with markets shut alone", "without the shock")
    if hit.first_default_without < 0:
        return f" ({calm} it could)"
    return f" ({calm} in {found.calendar.label(hit.first_default_without)})"


def _layers(found: Stress) -> str:
    """Losses of all layers, those of the shock beside those without it."""
    total, before = found.waterfall.total_usd, found.waterfall_without.total_usd
    parts = sorted(((usd, layer) for layer, usd in found.waterfall.by_layer().items() if usd >= TOLD), reverse=True)
    if not parts:
        return "Nobody would lose a claim."
    listed = names_text([f"{layer} {bn(usd)}" for usd, layer in parts])
    price = found.waterfall.chip_price
    sold = found.waterfall.chips_sold_usd
    chips = f" Chips of {bn(sold)} book value would be sold at {percent(price)} of it." if sold >= 1e9 else ""
    calm = if_shut(found, "with markets shut alone", "without it")
    both = f" {bn(before)} of it would be lost {calm}, too: the shock adds {bn(found.caused_usd)}."
    return f"Losses on claims would add up to {bn(total)}: {listed}.{both if before >= TOLD else ''}{chips}"
