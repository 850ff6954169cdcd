"""What goes round in a run: circles of payments by name, and the share that goes round by year and definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan

import numpy as np

from gigawatt.book_of_run import network_of_run, years_of
from gigawatt.deals.book import Network, network_of_payments
from gigawatt.deals.circular import (
    DEFINITIONS,
    NO_CIRCLE,
    Circle,
    CircularYear,
    all_circles,
    circularity_of,
    narrow_circles,
)
from gigawatt.report.numbers import say, three
from gigawatt.report.option import line, over_time
from gigawatt.report.palette import Colours
from gigawatt.report.panel import Chart, Numbers, Panel
from gigawatt.report.series import Weekly
from gigawatt.results import Results

Parts = Mapping[tuple[str, str], Mapping[str, float]]
"""USD by payer and payee, and instrument."""
LONGEST = 4
"""Companies in a loop at most."""
FOR_EACH_INVESTMENT = 3
"""Loops kept for each investment."""


def circles(parts: Parts, among: set[str]) -> tuple[Circle, ...]:
    """Narrow definition: loops of companies of `among` in which an investment comes back as purchases."""
    return narrow_circles(_between(parts, among), LONGEST, for_each=FOR_EACH_INVESTMENT)


def wide_circles(parts: Parts, among: set[str]) -> tuple[Circle, ...]:
    """Wide definition: all loops of any payments between companies of `among`, the largest first."""
    return all_circles(_between(parts, among), LONGEST)


def _between(parts: Parts, among: set[str]) -> Network:
    """Payments between the companies of `among`."""
    rows = [
        (*pair, why, usd) for pair, each in sorted(parts.items()) if set(pair) <= among for why, usd in each.items()
    ]
    payer, payee, kind, usd = zip(*rows, strict=True) if rows else ((), (), (), ())
    return network_of_payments(payer, payee, kind, usd, {})


def circularity_panel(results: Results) -> Panel:
    """How much goes round, by year and by every definition."""
    networks = [network_of_run(results, year) for year in years_of(results)]
    found = [(circularity_of(each, "core"), circularity_of(each)) for each in networks if each.edges]
    return Panel(
        "circularity", "How much goes round", _finding([core for core, _ in found]),
        "Table money, amount_usd by payer, payee and calendar year. Shares of what companies that sell models, own "
        "fleets or make chips pay each other; the last column is of all payments, with sectors as open ends.",
        _charts([core for core, _ in found]), _numbers(found),
        tuple(f"{title}: {says}." for title, says in DEFINITIONS.values()),
    )  # fmt: skip


def _charts(core: Sequence[CircularYear]) -> tuple[Chart, ...]:
    """Shares by year of the definitions that need a circle; nothing where no company pays another."""
    paid = [each for each in core if each.gross_usd > 0.0]
    if not paid:
        return ()
    middles = np.array([f"{each.period}-07-01" for each in paid], dtype="datetime64[D]")
    shares = {title: np.array([100.0 * each.shares[key] for each in paid])
              for key, (title, _) in DEFINITIONS.items() if key not in NO_CIRCLE}  # fmt: skip
    marked = partial(line, showSymbol=True)
    option = over_time(Weekly(middles, shares), "% of core to core", Colours().of, marked, min=0)
    return (Chart("circularity", option),)


def _finding(core: Sequence[CircularYear]) -> str:
    """The year in which most goes round, with its range."""
    if not any(each.gross_usd > 0.0 for each in core):
        return "No company pays another in this run."
    most = max(core, key=lambda each: each.circulation_usd)
    (least, low), (largest, high) = most.least, most.largest
    return (
        f"Most goes round in {most.period}: of the {say(most.gross_usd, 'USD')} that core companies pay each other, "
        f"{_percent(low)} ({DEFINITIONS[least][0]}) to {_percent(high)} ({DEFINITIONS[largest][0]}), by definition."
    )


def _numbers(found: Sequence[tuple[CircularYear, CircularYear]]) -> Numbers:
    heads = ("Year", "Core to core, $bn", *(title for title, _ in DEFINITIONS.values()), "maximum circulation of all")
    rows = tuple(
        (core.period, three(core.gross_usd / 1e9), *(_percent(share) for share in core.shares.values()),
         _percent(everybody.shares["circulation"]))
        for core, everybody in found
    )  # fmt: skip
    return Numbers(heads, rows, "Share that goes round, by year and definition")


def _percent(share: float) -> str:
    """A share in words; n.m. where the definition has no value."""
    return "n.m." if isnan(share) else f"{round(100 * share, 1) + 0.0:.1f} %"
