"""Figures on what the chips do: tokens and their price by tier, compute by use, unmet need and its worth."""

from __future__ import annotations

import numpy as np

from gigawatt.report.numbers import percent, say, three
from gigawatt.report.option import Option, area, dashed, line, over_time
from gigawatt.report.palette import Colours
from gigawatt.report.panel import Chart, Numbers, Panel, by_year, joined
from gigawatt.report.series import Weekly, gathered, largest, names_in, thinned, without_zeros
from gigawatt.report.words import month, readable
from gigawatt.results import Results, Table

PER_QUERY = (("usd_per_query", "$ a query"), ("j_per_query", "J a query"), ("g_co2_per_query", "gCO₂ a query"))


def use_colours(results: Results) -> Colours:
    """One colour for each tier and use, the same in all figures."""
    return Colours.for_names(names_in(results["tokens"], "tier") + names_in(results["unmet"], "use"), first=1)


def tokens_panel(results: Results) -> Panel:
    """Tokens served in a week, their price and what a query costs, by tier."""
    table, colours = results["tokens"], use_colours(results)
    served, asked = gathered(table, "tier", "served_gtokens"), gathered(table, "tier", "demand_gtokens")
    price = gathered(table, "tier", "price_usd_per_mtok", weight="served_gtokens")
    cost = gathered(table, "tier", "cost_usd_per_mtok", weight="served_gtokens")
    both = Weekly(price.dates, {**price.values, **{f"{k}, cost": v for k, v in cost.values.items()}})
    unit = "$ per million tokens"
    priced = over_time(
        thinned(both, "mean"), unit, lambda name: colours.of(name.split(",")[0]), _price_or_cost, type="log"
    )
    amount = over_time(thinned(served, "mean"), "Gtokens", colours.of, area)
    amount["yAxis"]["name"] += " a week"
    return Panel(
        "tokens", "Tokens and their price", _tokens_finding(served, asked, price),
        "Table tokens: served_gtokens, and price_usd_per_mtok with cost_usd_per_mtok (dashed), means over companies "
        "weighted by tokens served. Output tokens; means of each step. The numbers below add what a query takes.",
        (Chart("tokens", amount, "Tokens served a week"), Chart("prices", priced, "Price and cost of tokens")),
        joined(by_year(price, 1.0, "mean", unit), *(_per_query(table, *each) for each in PER_QUERY)),
    )  # fmt: skip


def _per_query(table: Table, column: str, unit: str) -> Numbers:
    """Cost, energy or carbon of a query by tier and year, means weighted by the tokens served."""
    return by_year(gathered(table, "tier", column, weight="served_gtokens"), 1.0, "mean", unit)


def _price_or_cost(name: str, colour: str, unit: str) -> Option:
    """Prices as lines, costs dashed."""
    return (dashed if name.endswith(", cost") else line)(name, colour, unit)


def _tokens_finding(served: Weekly, asked: Weekly, price: Weekly) -> str:
    if not len(served.dates):
        return "No tokens are served in this run."
    year = slice(-52, None)
    total, wanted = float(served.total[year].sum()), float(asked.total[year].sum())
    share = f", {percent(total / wanted)} of what was asked for" if wanted > 0 else ""
    falls = [f"{readable(tier)} ${three(float(values[0]))} to ${three(float(values[-1]))}"
             for tier, values in price.values.items() if np.isfinite(values[[0, -1]]).all()]  # fmt: skip
    moved = f" Price per million: {'; '.join(falls)}." if falls else ""
    return f"In the last year {say(total, 'Gtokens')} are served{share}.{moved}"


def allocation_panel(results: Results) -> Panel:
    """Compute by use, the share of need that goes unmet, and the worth of one more hour."""
    table, colours = results["unmet"], use_colours(results)
    used = without_zeros(gathered(table, "use", "used_h100e"))
    need = gathered(table, "use", "need_h100e")
    lack = Weekly(
        need.dates, {k: 100 * (1 - v) for k, v in gathered(table, "use", "used_h100e").over(need).values.items()}
    )
    lack = without_zeros(lack.map(lambda values: np.where(np.abs(values) < 1e-6, 0.0, values)))
    worth = without_zeros(gathered(table, "use", "shadow_usd_per_h100e_h"))
    charts = (
        Chart(
            "allocation",
            over_time(thinned(largest(used, 8), "mean"), "H100e", colours.of, area),
            "Compute at work by use",
        ),
        Chart("unmet", over_time(thinned(lack, "mean"), "% of need", colours.of, min=0), "Need that goes unmet"),
        Chart("shadow", over_time(thinned(worth, "mean"), "$/H100e-h", colours.of, min=0), "Shadow price"),
    )
    return Panel(
        "allocation", "Who gets the compute", _lack_finding(lack, need),
        "Table unmet: used_h100e, unmet_share and shadow_usd_per_h100e_h by use, all companies; means of each step. "
        "The shadow price is what one more H100-equivalent hour would have been worth to that use.",
        charts, by_year(lack, 1.0, "mean", "% of need unmet"),
    )  # fmt: skip


def _lack_finding(lack: Weekly, need: Weekly) -> str:
    wanted = float(need.total.sum())
    if wanted <= 0:
        return "Nobody asks for compute in this run."
    missed = sum(float(np.nansum(lack.values[k] * need.values[k])) / 100 for k in lack.values)
    peaks = {k: float(np.nanmax(v)) for k, v in lack.values.items()}
    if not peaks or missed <= 0:
        return "All demand is met in every week."
    worst = max(peaks, key=lambda use: peaks[use])
    when = month(lack.dates[int(np.nanargmax(lack.values[worst]))])
    share = f"{percent(missed / wanted)} of all compute asked for is not given"
    return f"{share}; {readable(worst)} misses most, {percent(peaks[worst] / 100)} of its need in {when}."
