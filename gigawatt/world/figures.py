"""The headline figures of a run: what a planner or lender asks first, each with the quantity that `explain` follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gigawatt.results import Figure, Table
from gigawatt.timeline import year_of
from gigawatt.units import WEEKS_PER_YEAR, format_quantity
from gigawatt.world.record import ALL_SPENT, Record

GOAL_MW_PER_WEEK = 1000.0
MEAN_OF_WEEKS = 4  # a rate is reached when the mean of four weeks is
COMPANIES_NAMED = 3
Tables = Mapping[str, Table]


def figures(record: Record, tables: Tables) -> list[Figure]:
    """About fifteen headline figures, most asked first."""
    return [
        *build_figures(record, tables), *binding_figures(tables), *price_figures(record, tables),
        *power_figures(record, tables), *unmet_figures(record, tables), *company_figures(tables),
    ]  # fmt: skip


def month(record: Record, week: int) -> str:
    """A week as year and month."""
    return f"{record.timeline.date(week):%Y-%m}"


def money(usd: float) -> str:
    """An amount for people."""
    for size, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "M")):
        if abs(usd) >= size:
            return f"${usd / size:.3g} {name}"
    return f"${usd:,.0f}"


def last_weeks_of_years(record: Record) -> list[tuple[int, int]]:
    """(calendar year, last week of it) for every year that the run ends or completes."""
    years = [int(year_of(date)) for date in record.timeline.dates()]
    return [(year, max(week for week, y in enumerate(years) if y == year)) for year in dict.fromkeys(years)]


def mostly(words: np.ndarray) -> str:
    """The word that stands in most weeks."""
    found, counts = np.unique(words.astype(str), return_counts=True)
    return str(found[counts.argmax()])


def reached(rate: np.ndarray) -> tuple[int | None, float]:
    """First week in which the mean of four weeks reaches 1 GW a week, and the highest such mean in MW a week."""
    if len(rate) < MEAN_OF_WEEKS:
        return None, float(rate.max(initial=0.0))
    mean = np.convolve(rate, np.ones(MEAN_OF_WEEKS) / MEAN_OF_WEEKS, "valid")
    over = np.flatnonzero(mean >= GOAL_MW_PER_WEEK)
    return (int(over[0]) + MEAN_OF_WEEKS - 1 if len(over) else None), float(mean.max(initial=0.0))


def build_figures(record: Record, tables: Tables) -> Iterator[Figure]:
    """Gigawatts on line, the first week at a gigawatt a week, and what the programme got for its money."""
    build = tables["buildrate"]
    ends = last_weeks_of_years(record)
    online = build["energised_gw"]
    text = ", ".join(f"{year}: {online[week]:.3g}" for year, week in ends)
    yield Figure("GW online at each year end", float(online[-1]), "GW", f"{text} GW", "buildrate.energised_gw")
    held = mostly(build["site_binding"])
    yield first_week(record, "World: first week at 1 GW/week", build["energised_mw_per_week"], held,
                     "buildrate.energised_mw_per_week")  # fmt: skip
    if record.scenario.programme is None or not build["programme_target_mw_per_week"].any():
        return
    owner = record.scenario.programme.owner
    programme_mw, usd = float(build["programme_mw"][-1]), float(build["programme_usd"][-1])
    budget_usd = float(record.scenario.programme.budget_usd)
    yield first_week(record, f"Programme of {owner}: first week at 1 GW/week", build["programme_mw_per_week"],
                     programme_reason(record, tables), "buildrate.programme_mw_per_week")  # fmt: skip
    per_gw = usd / programme_mw * 1e3 if programme_mw > 0 else float("nan")
    each = f", {money(per_gw)} per GW" if programme_mw > 0 else ""
    yield Figure("Programme: power delivered", programme_mw / 1e3, "GW", f"{programme_mw / 1e3:.1f} GW",
                 "buildrate.programme_mw")  # fmt: skip
    yield Figure("Programme: money spent", usd, "USD", f"{money(usd)} of {money(budget_usd)}{each}",
                 "buildrate.programme_usd")  # fmt: skip


def programme_reason(record: Record, tables: Tables) -> str:
    """What held the programme in most weeks below its target, and what ended it."""
    assert record.scenario.programme is not None
    owner, build = record.scenario.programme.owner, tables["buildrate"]
    words = build["programme_binding"].astype(str)
    held = mostly(words[words != ""]) if (words != "").any() else "nothing"
    spent = np.flatnonzero(build["programme_usd"] >= ALL_SPENT * float(record.scenario.programme.budget_usd))
    fallen = np.flatnonzero(tables["companies"].where(company=owner)["defaults"] > 0)
    if len(fallen) and (not len(spent) or fallen[0] < spent[0]):
        return f"{held}, until {owner} defaults in {month(record, int(fallen[0]))}"
    return f"{held}, until the budget is spent in {month(record, int(spent[0]))}" if len(spent) else held


def first_week(record: Record, name: str, rate: np.ndarray, held: str, field: str) -> Figure:
    """When a rate first reaches 1 GW a week, or how near it comes and what holds it."""
    week, most = reached(rate)
    if week is not None:
        return Figure(name, year_of(record.timeline.date(week)), "year", f"{record.timeline.date(week)}", field)
    text = f"not reached: held by {held} (most {most / 1e3:.2f} GW/week)"
    return Figure(name, float("nan"), "year", text, field)


def binding_figures(tables: Tables) -> Iterator[Figure]:
    """What held sites and chips back, and when."""
    for column, what in (("site_binding", "sites"), ("chip_binding", "chips")):
        words = tables["buildrate"][column].astype(str)
        share = float((words == mostly(words)).mean())
        yield Figure(f"What holds {what} back", share, "1", spans(tables, words), f"buildrate.{column}")


def spans(tables: Tables, words: np.ndarray) -> str:
    """By calendar year, what bound in most weeks: `crews 2026-2031, orders 2032`."""
    years = tables["buildrate"]["date"].astype("datetime64[Y]").astype(int) + 1970
    yearly = [(int(year), mostly(words[years == year])) for year in np.unique(years)]
    runs: list[list[str | int]] = []
    for year, word in yearly:
        if runs and runs[-1][0] == word:
            runs[-1][2] = year
        else:
            runs.append([word, year, year])
    return ", ".join(f"{word} {first}" + (f"-{last}" if last != first else "") for word, first, last in runs)


def price_figures(record: Record, tables: Tables) -> Iterator[Figure]:
    """Price of tokens, and cost, energy and carbon of a query, by tier, after one year and at the end."""
    tokens, prices = tables["tokens"], tables["prices"]
    if len(tokens):
        weeks = [min(WEEKS_PER_YEAR, len(record.history)) - 1, len(record.history) - 1]
        for tier in record.names.tiers:
            table = tokens.where(tier=tier)
            first, last = (weighted(table, "price_usd_per_mtok", week) for week in weeks)
            yield Figure(f"Price of tokens, {tier}", last, "USD/Mtok",
                         f"${first:,.3g} -> ${last:,.3g} per million ({month(record, weeks[0])} -> "
                         f"{month(record, weeks[1])})", "tokens.price_usd_per_mtok")  # fmt: skip
            yield query_figure(table, tier, weeks)
    rent = prices["rent_usd_per_h100e_h"]
    yield Figure("Rent of compute", float(rent[-1]), "USD/h100e/h",
                 f"${rent[0]:.2f} -> ${rent[-1]:.2f} per H100e-hour (highest ${rent.max():.2f})",
                 "prices.rent_usd_per_h100e_h")  # fmt: skip


def power_figures(record: Record, tables: Tables) -> Iterator[Figure]:
    """Price, carbon and water of power at the end, and how much of it is made at the sites."""
    power = tables["power"]
    last = power.take(power["week"] == len(record.history) - 1)
    mwh = float(last["energy_mwh"].sum())
    if mwh <= 0:
        return
    usd, gram = (float(np.average(last[column], weights=last["energy_mwh"]))
                 for column in ("price_usd_per_mwh", "carbon_g_per_kwh"))  # fmt: skip
    cooling, plants = (float(last[f"{part}_water_m3"].sum()) / mwh for part in ("cooling", "generation"))
    own = float(last["firm_mw"].sum() / last["load_mw"].sum())
    text = (f"${usd:.3g}/MWh, {own:.0%} made at the sites, {gram:.0f} g CO2/kWh, water {cooling:.2g} l/kWh for cooling "
            f"and {plants:.2g} at plants")  # fmt: skip
    yield Figure("Power at the end", usd, "USD/MWh", text, "power.price_usd_per_mwh")


def query_figure(table: Table, tier: str, weeks: list[int]) -> Figure:
    """Compute cost, energy and carbon of a query, after one year and at the end."""
    usd, joule, gram = (
        [weighted(table, column, week) for week in weeks]
        for column in ("usd_per_query", "j_per_query", "g_co2_per_query")
    )
    energy = " -> ".join(format_quantity(value, "J") for value in joule)
    text = (
        f"${two(usd[0] * 1e3)} -> ${two(usd[1] * 1e3)} per 1,000; each {energy}, {two(gram[0])} -> {two(gram[1])} g CO2"
    )
    return Figure(f"Compute for a query, {tier}", usd[1], "USD", text, "tokens.usd_per_query")


def two(value: float) -> str:
    """A number with two significant digits, without an exponent."""
    return f"{float(f'{value:.2g}'):,.10f}".rstrip("0").rstrip(".")


def weighted(table: Table, column: str, week: int) -> float:
    """Mean of a column over companies in a week, by tokens served."""
    rows = table["week"] == week
    served, values = table["served_gtokens"][rows], table[column][rows]
    known = np.isfinite(values) & (served > 0)
    return float(np.average(values[known], weights=served[known])) if known.any() else float("nan")


def unmet_figures(record: Record, tables: Tables) -> Iterator[Figure]:
    """Share of need turned away by tier and mission over the run, and the highest shadow price."""
    unmet = tables["unmet"]
    uses = (*record.names.tiers, *record.names.missions)
    shares = []
    for use in uses:
        table = unmet.where(use=use)
        need = table["need_h100e"].sum()
        if need > 0:
            shares.append((use, 1.0 - float(table["used_h100e"].sum() / need)))
    if shares:
        text = ", ".join(f"{use} {share:.1%}" for use, share in shares)
        yield Figure("Demand unmet over the run", max(share for _, share in shares), "1", text, "unmet.unmet_share")
    shadow = unmet["shadow_usd_per_h100e_h"]
    if len(shadow) and shadow.max() > 0:
        top = int(shadow.argmax())
        text = f"${shadow[top]:,.2f} per H100e-hour ({unmet['use'][top]}, {str(unmet['date'][top])[:7]})"
        yield Figure("Highest shadow price", float(shadow[top]), "USD/h100e/h", text, "unmet.shadow_usd_per_h100e_h")


def company_figures(tables: Tables) -> Iterator[Figure]:
    """Lowest cash, highest debt, and defaults by company."""
    books = tables["companies"]
    names = list(dict.fromkeys(books["company"].tolist()))
    by_name = {name: books.where(company=name) for name in names}
    low = sorted(names, key=lambda name: float(by_name[name]["cash_usd"].min()))[:COMPANIES_NAMED]
    high = sorted(names, key=lambda name: -float(by_name[name]["debt_usd"].max()))[:COMPANIES_NAMED]
    yield extreme("Lowest cash", by_name, low, "cash_usd", np.argmin)
    yield extreme("Highest debt", by_name, high, "debt_usd", np.argmax)
    fallen = [(name, int(by_name[name]["defaults"][-1])) for name in names if by_name[name]["defaults"][-1] > 0]
    text = ", ".join(f"{name} {count}" for name, count in fallen) or "none"
    yield Figure("Defaults", float(sum(count for _, count in fallen)), "1", text, "companies.defaults")


def extreme(name: str, by_name: Mapping[str, Table], chosen: list[str], column: str, pick: object) -> Figure:
    """An extreme of a balance by company, with its month."""
    found = []
    for company in chosen:
        table = by_name[company]
        at = int(pick(table[column]))  # type: ignore[operator]
        found.append((company, float(table[column][at]), str(table["date"][at])[:7]))
    text = ", ".join(f"{company} {money(usd)} ({when})" for company, usd, when in found)
    return Figure(name, found[0][1] if found else float("nan"), "USD", text, f"companies.{column}")
