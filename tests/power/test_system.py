"""A system refuses what no supply can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.power_cases import random_system

SYSTEM = random_system(np.random.default_rng(0), hours=24, kind="usual")


def changed(name: str, place: int, value: float) -> np.ndarray:
    array = getattr(SYSTEM, name).astype(float).copy()
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("load_mw", changed("load_mw", 7, -5.0), "load_mw is -5 in hour 7, below 0"),
        ("load_mw", changed("load_mw", 3, np.nan), r"load_mw is nan at \(3,\)"),
        ("load_mw", np.ones(23), r"load_mw has shape \(23,\), not \(24,\)"),
        ("least", np.full(len(SYSTEM.names), 1e9), "at least 1e.09, but at most"),
        ("capital_usd", np.zeros(len(SYSTEM.names)), "costs nothing to build, so it needs an upper limit"),
    ],
)
def test_what_cannot_be_is_named(name, array, said):
    system = replace(SYSTEM, most=np.full(len(SYSTEM.names), 5e3)) if name == "least" else SYSTEM
    with pytest.raises(ValueError, match=said):
        replace(system, **{name: array})


def test_a_chain_has_one_store_and_no_coupled_hours():
    assert SYSTEM.chain
    for kind in ("two stores", "ramps", "losses", "commitment"):
        assert not random_system(np.random.default_rng(0), hours=24, kind=kind).chain
    assert not replace(SYSTEM, shed_usd_per_mwh=np.inf).chain
