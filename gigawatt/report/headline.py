"""The first screen: five figures on cards, and year by year what came up and what held it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.report.answer import GOAL_MW_PER_WEEK, main_rate
from gigawatt.report.building import EVERYONE, mostly, rates
from gigawatt.report.numbers import percent, say, three
from gigawatt.report.panel import Numbers
from gigawatt.report.series import gathered
from gigawatt.report.words import month, readable
from gigawatt.results import Results, Table


@dataclass(frozen=True, slots=True)
class Card:
    """One figure: what it is, how much, and a word on it."""

    name: str
    text: str
    remark: str = ""


def cards(results: Results) -> list[Card]:
    """What a planner or lender asks first; cards without data are left out."""
    build = results["buildrate"]
    found = [
        _online(build),
        _rate(build),
        _programme(build) or _capex(results),
        _unmet(results["unmet"]),
        _debt(results),
    ]
    return [card for card in found if card]


def _online(table: Table) -> Card | None:
    if not len(table):
        return None
    start, end = (float(table["energised_gw"][week]) for week in (0, -1))
    return Card(f"On by {month(table['date'][-1])}", say(1e3 * end, "MW"), f"{say(1e3 * start, 'MW')} at the start")


def _rate(table: Table) -> Card | None:
    if not len(table):
        return None
    weekly = rates(table)
    who, rate = main_rate(weekly)
    best = int(np.argmax(rate))
    reached = np.flatnonzero(weekly.values[EVERYONE] >= GOAL_MW_PER_WEEK)
    when = f"in {month(table['date'][reached[0]])}" if len(reached) else "not reached"
    remark = f"in {month(table['date'][best])}; all owners 1 GW a week: {when}"
    return Card(f"{who}, best four weeks", f"{say(float(rate[best]), 'MW')} a week", remark)


def _programme(table: Table) -> Card | None:
    usd, mw = (float(table[column][-1]) if len(table) else 0.0 for column in ("programme_usd", "programme_mw"))
    if usd <= 0:
        return None
    per_gw = f", {say(1e3 * usd / mw, 'USD')} per GW" if mw > 0 else ""
    return Card("Programme pays", say(usd, "USD"), f"for {say(mw, 'MW')}{per_gw}")


def _capex(results: Results) -> Card | None:
    usd = float(results["companies"]["capex_usd"].sum())
    return Card("Companies invest", say(usd, "USD"), "in chips, sites and plants, all years") if usd > 0 else None


def _unmet(table: Table) -> Card | None:
    """Share of all need not met, and the highest shadow price."""
    need, used = float(table["need_h100e"].sum()), float(table["used_h100e"].sum())
    if need <= 0:
        return None
    worst = int(np.nanargmax(table["shadow_usd_per_h100e_h"]))
    price = float(table["shadow_usd_per_h100e_h"][worst])
    uses = {use: table.where(use=use) for use in dict.fromkeys(table["use"].tolist())}
    missed = {use: float((rows["need_h100e"] - rows["used_h100e"]).sum()) for use, rows in uses.items()}
    most = max(missed, key=lambda use: missed[use])
    remark = f"most of it {readable(most)}; one more hour is worth up to ${three(price)}"
    return Card("Compute asked for, not given", percent(1 - used / need), remark if price > 0 else "")


def _debt(results: Results) -> Card | None:
    debt = gathered(results["companies"], "company", "debt_usd")
    if not debt.values or not len(debt.dates):
        return None
    total = debt.total
    best = int(np.argmax(total))
    most = max(debt.values, key=lambda name: float(debt.values[name][best]))
    return Card(
        "Highest debt of all", say(float(total[best]), "USD"), f"in {month(debt.dates[best])}; {most} owes most"
    )


def year_by_year(results: Results) -> Numbers:
    """By calendar year: power that is on at its end, mean build rate, and what held sites and chips back."""
    table = results["buildrate"]
    years = table["date"].astype("datetime64[Y]").astype(int) + 1970
    rows = tuple(_year(int(year), table.take(years == year)) for year in np.unique(years))
    return Numbers(("Year", "GW on", "GW/week", "Sites held by", "Chips held by"), rows)


def _year(year: int, table: Table) -> tuple[str, ...]:
    site, chip = (readable(mostly(table[column])[0]) or "nothing" for column in ("site_binding", "chip_binding"))
    rate = three(float(table["energised_mw_per_week"].mean()) / 1e3)
    return str(year), three(float(table["energised_gw"][-1])), rate, site, chip
