"""Build-out: orders, scarce items, construction, and when power comes up.

The names below are imported when they are first used, so that the weekly world does not wait for the deep model.
A function of the same name as its module (`needs`, `plan`, `capex`) is taken from there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gigawatt.buildout.backcast import Backcast as Backcast
    from gigawatt.buildout.binding import Binding as Binding
    from gigawatt.buildout.campuses import Campus as Campus
    from gigawatt.buildout.capex import Capex as Capex
    from gigawatt.buildout.capex import Cost as Cost
    from gigawatt.buildout.cost import Costs as Costs
    from gigawatt.buildout.cost import costs as costs
    from gigawatt.buildout.crew_weeks import crew_weeks_per_mw as crew_weeks_per_mw
    from gigawatt.buildout.crew_weeks import weeks_under_way as weeks_under_way
    from gigawatt.buildout.critical import Critical as Critical
    from gigawatt.buildout.critical import path as path
    from gigawatt.buildout.design import Design as Design
    from gigawatt.buildout.design import Need as Need
    from gigawatt.buildout.design import bill as bill
    from gigawatt.buildout.design import chips_per_mw as chips_per_mw
    from gigawatt.buildout.design import racks_per_mw as racks_per_mw
    from gigawatt.buildout.events import simulate as simulate
    from gigawatt.buildout.exact import Exact as Exact
    from gigawatt.buildout.exact import best_schedule as best_schedule
    from gigawatt.buildout.expand import Expansion as Expansion
    from gigawatt.buildout.expand import expand as expand
    from gigawatt.buildout.expand_catalog import Wish as Wish
    from gigawatt.buildout.floats import Floats as Floats
    from gigawatt.buildout.fluid import Ensemble as Ensemble
    from gigawatt.buildout.fluid import ensemble as ensemble
    from gigawatt.buildout.fluid import flow as flow
    from gigawatt.buildout.holding import Held as Held
    from gigawatt.buildout.needs import Needs as Needs
    from gigawatt.buildout.needs import YearNeed as YearNeed
    from gigawatt.buildout.outcome import Outcome as Outcome
    from gigawatt.buildout.portfolio_csv import parse_portfolio as parse_portfolio
    from gigawatt.buildout.portfolio_csv import read_portfolio as read_portfolio
    from gigawatt.buildout.shadow import ShadowPrice as ShadowPrice
    from gigawatt.buildout.shadow import shadow_prices as shadow_prices
    from gigawatt.buildout.stages import Stage as Stage
    from gigawatt.buildout.when import When as When

_HOMES = {  # public name -> module of this package
    "Costs": "cost",
    "Critical": "critical",
    "Floats": "floats",
    "Ensemble": "fluid",
    "ensemble": "fluid",
    "flow": "fluid",
    "ShadowPrice": "shadow",
    "shadow_prices": "shadow",
    "Binding": "binding",
    "When": "when",
    "Held": "holding",
    "Outcome": "outcome",
    "parse_portfolio": "portfolio_csv",
    "read_portfolio": "portfolio_csv",
    "costs": "cost",
    "path": "critical",
    "simulate": "events",
    "Expansion": "expand",
    "Wish": "expand_catalog",
    "expand": "expand",
    "Backcast": "backcast",
    "Campus": "campuses",
    "Stage": "stages",
    "Capex": "capex",
    "Cost": "capex",
    "Design": "design",
    "Exact": "exact",
    "Need": "design",
    "Needs": "needs",
    "YearNeed": "needs",
    "best_schedule": "exact",
    "bill": "design",
    "chips_per_mw": "design",
    "crew_weeks_per_mw": "crew_weeks",
    "racks_per_mw": "design",
    "weeks_under_way": "crew_weeks",
}

__all__ = [*_HOMES]


if not TYPE_CHECKING:  # so that a type checker still finds a misspelt name

    def __getattr__(name: str) -> object:
        """The public name, imported from its home on first use."""
        if name not in _HOMES:
            raise AttributeError(f"module 'gigawatt.buildout' has no attribute {name!r}")
        found = getattr(import_module(f"gigawatt.buildout.{_HOMES[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)
