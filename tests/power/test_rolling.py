"""Dispatch without foresight: never better than with it, and balanced all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.power_cases import random_system
from gigawatt.power.dispatch import dispatch_system
from gigawatt.power.rolling import Foresight, rolling
from gigawatt.power.sizing import size_system
from gigawatt.power.system import Store, System

SIGHTED = Foresight(window_hours=48)
HAZY = Foresight(window_hours=48, free_spread=0.3, load_spread=0.05, price_spread=0.3, stays=0.9)


def sized(kind: str, hours: int = 1200) -> tuple[System, np.ndarray]:
    system = random_system(np.random.default_rng(3), hours=hours, kind=kind)
    return system, size_system(system).capacity


@pytest.mark.parametrize("kind", ["usual", "off-grid", "no gas", "negative prices"])
@pytest.mark.parametrize("foresight", [SIGHTED, HAZY])
def test_no_forecast_beats_knowing(kind, foresight):
    system, capacity = sized(kind)
    perfect = dispatch_system(system, capacity)
    lived = rolling(system, capacity, foresight, perfect=perfect)
    at_stake_usd = 1e-9 * system.shed_usd_per_mwh * system.load_mw.sum()
    assert lived.cost_usd >= perfect.cost_usd - at_stake_usd
    assert lived.method == "rolling"


@pytest.mark.parametrize("kind", ["usual", "off-grid", "negative prices"])
def test_every_hour_balances_and_keeps_the_limits(kind):
    system, capacity = sized(kind)
    lived, store = rolling(system, capacity, HAZY), system.stores[0]
    given = lived.free_mw.sum(1) - lived.curtailed_mw + lived.firm_mw.sum(1) + lived.discharge_mw[:, 0] + lived.shed_mw
    peak = system.load_mw.max()
    assert given - lived.charge_mw[:, 0] == pytest.approx(system.load_mw, abs=1e-9 * peak)
    assert lived.stored_mwh.min() >= -1e-9 * peak
    assert lived.stored_mwh.max() <= capacity[store.energy] + 1e-9 * peak
    assert lived.charge_mw.max() <= capacity[store.charge] + 1e-9 * peak
    assert lived.discharge_mw.max() <= capacity[store.discharge] + 1e-9 * peak
    assert lived.shed_mw.min() >= 0 and lived.curtailed_mw.min() >= -1e-9 * peak


def test_a_good_forecast_of_the_whole_time_costs_little():
    system, capacity = sized("usual", hours=400)
    perfect = dispatch_system(system, capacity)
    lived = rolling(system, capacity, Foresight(window_hours=400), perfect=perfect)
    assert lived.cost_usd == pytest.approx(perfect.cost_usd, rel=0.02)


def test_worse_forecasts_cost_more_on_average():
    system, capacity = sized("no gas")
    perfect = dispatch_system(system, capacity)

    def mean_usd(foresight: Foresight) -> float:
        costs = [
            rolling(system, capacity, foresight, rng=np.random.default_rng(n), perfect=perfect).cost_usd
            for n in range(6)
        ]
        return float(np.mean(costs))

    blind = replace(HAZY, free_spread=1.0, price_spread=1.0)
    assert mean_usd(SIGHTED) < min(mean_usd(HAZY), mean_usd(blind))


def test_a_store_buys_the_cheap_hour_and_sells_in_the_dear_one():
    # Hours cost 10, 100, 10, 100 ...; 1 MWh bought at 10 is sold at 100 the next hour, without losses.
    hours = 48
    price = np.tile([10.0, 100.0], hours // 2)[:, None]
    store = Store(charge=1, discharge=1, energy=2, start_share=0.0)
    system = System(
        names=("grid", "power", "energy"),
        capital_usd=np.ones(3),
        least=np.zeros(3),
        most=np.full(3, 10.0),
        load_mw=np.ones(hours),
        free_profile=np.zeros((hours, 0)),
        free_capacity=np.zeros(0, int),
        firm_usd_per_mwh=price,
        firm_available=np.ones_like(price),
        firm_capacity=np.zeros(price.shape, int),
        shed_usd_per_mwh=1000.0,
        stores=(store,),
    )
    lived = rolling(system, np.array([2.0, 1.0, 1.0]), SIGHTED)
    assert lived.cost_usd == pytest.approx(hours / 2 * 2 * 10.0)


def test_two_stores_are_not_dispatched_hour_by_hour():
    system = random_system(np.random.default_rng(0), hours=50, kind="two stores")
    with pytest.raises(ValueError, match="one store"):
        rolling(system, np.zeros(len(system.names)))


def test_no_load_is_left_unserved_beside_a_full_store():
    # Nothing but sun and a battery: to lose a MWh now or later costs the same, but later may never come.
    system, capacity = sized("off-grid", hours=3000)
    lived, store = rolling(system, capacity, HAZY), system.stores[0]
    short = lived.shed_mw > 1e-6 * system.load_mw.max()
    could_mw = np.minimum(lived.stored_mwh[:, 0] * store.discharge_efficiency, capacity[store.discharge])
    could_mw -= lived.discharge_mw[:, 0]
    assert short.any()
    assert (could_mw[short] <= 1e-6 * system.load_mw.max()).all()
