"""All figures of the report in their order; every chart is an ECharts option made of plain lists and dicts."""

from __future__ import annotations

from gigawatt.report.accounts import accounts_panel
from gigawatt.report.agreements import deals_panel
from gigawatt.report.building import capacity_panel, rate_panel, supply_panel
from gigawatt.report.claims import claims_panel
from gigawatt.report.energy import mix_panel, price_panel
from gigawatt.report.loops import circularity_panel
from gigawatt.report.moneyflow import money_panel
from gigawatt.report.option import Option
from gigawatt.report.palette import Colours
from gigawatt.report.panel import Panel
from gigawatt.report.rivals import market_panel
from gigawatt.report.series import names_in
from gigawatt.report.service import allocation_panel, tokens_panel
from gigawatt.results import Results


def panels(results: Results) -> list[Panel]:
    """The figures of the report."""
    companies = Colours.for_names(names_in(results["companies"], "company"))
    return [
        capacity_panel(results, companies),
        rate_panel(results),
        supply_panel(results),
        tokens_panel(results),
        allocation_panel(results),
        money_panel(results),
        circularity_panel(results),
        accounts_panel(results),
        deals_panel(results),
        mix_panel(results),
        price_panel(results),
        market_panel(results, companies),
        claims_panel(results),
    ]


def charts(results: Results) -> dict[str, Option]:
    """The ECharts option of every chart by name, to draw in a notebook or on a page of one's own."""
    return {chart.name: chart.option for panel in panels(results) for chart in panel.charts}
