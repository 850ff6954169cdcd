"""Figures on the market: shares of users by company and segment."""

from __future__ import annotations

from gigawatt.report.numbers import percent
from gigawatt.report.option import chosen, over_time
from gigawatt.report.palette import Colours
from gigawatt.report.panel import Chart, Numbers, Panel, by_year
from gigawatt.report.series import Weekly, gathered, largest, names_in, thinned, without_zeros
from gigawatt.report.words import and_list, opening, readable
from gigawatt.results import Results

LINES = 9


def market_panel(results: Results, companies: Colours) -> Panel:
    """Share of users by company, one segment at a time."""
    table = results["market"]
    by_segment = {name: without_zeros(gathered(table.where(segment=name), "company", "share").map(lambda x: 100 * x))
                  for name in names_in(table, "segment")}  # fmt: skip
    shown = {opening(readable(name)): largest(shares, LINES) for name, shares in by_segment.items() if shares.values}
    options = {
        name: over_time(thinned(shares, "last"), "% of users", companies.of, min=0) for name, shares in shown.items()
    }
    first = next(iter(by_segment.values()), None)
    return Panel(
        "market", "Market shares", _leaders(by_segment),
        "Table market, column share: users of the company over all users of the segment, at the end of each step.",
        (Chart("market", chosen(options), choice="Segment"),) if options else (),
        by_year(first, 1.0, "last", f"% of users, {next(iter(by_segment))}") if first else Numbers(),
    )  # fmt: skip


def _leaders(by_segment: dict[str, Weekly]) -> str:
    said = []
    for segment, shares in by_segment.items():
        if shares.values:
            ends = {name: float(values[-1]) for name, values in shares.values.items()}
            best = max(ends, key=lambda name: ends[name])
            said.append(f"{best} with {percent(ends[best] / 100)} of {readable(segment)} users")
    return f"Ahead at the end: {and_list(said)}." if said else "No market in this run."
