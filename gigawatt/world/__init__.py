"""The weekly world: the one place where the stages meet. Read `step` first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gigawatt.world.simulation import run, run_many, simulate

__all__ = ["run", "run_many", "simulate"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from gigawatt.world import simulation

        return getattr(simulation, name)
    raise AttributeError(f"module 'gigawatt.world' has no attribute {name!r}")
