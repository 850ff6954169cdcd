"""gigawatt plans, powers, serves, finances and stress-tests gigawatt-scale AI compute build-outs.

    import gigawatt as gw

    result = gw.run(gw.load("stargate.yaml"))
    result.tables["capacity"]

The names below, and the stages (`gw.deals.clearing`, `gw.finance.irr`), are imported when they are first used, so that
`import gigawatt` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gigawatt import allocation as allocation
    from gigawatt import buildout as buildout
    from gigawatt import catalog as catalog
    from gigawatt import deals as deals
    from gigawatt import finance as finance
    from gigawatt import inference as inference
    from gigawatt import market as market
    from gigawatt import power as power
    from gigawatt import serving as serving
    from gigawatt import training as training
    from gigawatt.errors import GigawattError as GigawattError
    from gigawatt.errors import Mistake as Mistake
    from gigawatt.errors import ScenarioError as ScenarioError
    from gigawatt.errors import SolveError as SolveError
    from gigawatt.results import Figure as Figure
    from gigawatt.results import Results as Results
    from gigawatt.results import Table as Table
    from gigawatt.scenario import Scenario as Scenario
    from gigawatt.scenario import load as load
    from gigawatt.timeline import Timeline as Timeline
    from gigawatt.units import Quantity as Quantity
    from gigawatt.world import run as run

__version__ = "0.1.0.dev0"

_HOMES = {
    "Figure": "results",
    "GigawattError": "errors",
    "Mistake": "errors",
    "Quantity": "units",
    "Results": "results",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "SolveError": "errors",
    "Table": "results",
    "Timeline": "timeline",
    "load": "scenario",
    "run": "world",
}

_MODULES = (
    "allocation", "buildout", "catalog", "deals", "finance", "inference", "market", "power", "serving", "training",
)  # fmt: skip

__all__ = ["__version__", *_MODULES, *_HOMES]


if not TYPE_CHECKING:  # so that a type checker still finds a misspelt name

    def __getattr__(name: str) -> object:
        """The public name, imported from its home on first use."""
        if name in _MODULES:
            return import_module(f"gigawatt.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module 'gigawatt' has no attribute {name!r}")
        found = getattr(import_module(f"gigawatt.{_HOMES[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)
