"""What projects take: draws a second with all answers, one evaluation, memory; beside NREL's PySAM where installed.

    python -m benchmarks.finance [--quick] [--format json]

Times are CPU seconds of one thread, with machine code in the cache; the best of several, as neighbours only slow down.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.measuring import Measure
from benchmarks.run import show
from gigawatt.finance.project import (
    Asset,
    Capacity,
    Contract,
    Cost,
    Merchant,
    Per,
    Phase,
    Project,
    Repayment,
    Reserves,
    Taxes,
    Tranche,
    evaluate,
)

DRAWS_PER_S = 50_000  # at least
YEARS = 25
SMALL: dict[str, Any] = {"draws": 256, "many": 0, "times": 1}
TYPICAL: dict[str, Any] = {"draws": 20_480, "many": 100_000, "times": 5}


def typical(periods_per_year: int = 1, years: float = YEARS) -> Project:
    """A campus of 150 MW: chips bought again every five years, a contract and the market, two loans, tax, reserves."""
    return Project(
        name="campus", periods_per_year=periods_per_year, operation_years=years,
        assets=(
            Asset(name="shell", capex_usd=1.5e9, life_years=30, residual=0.2, tax_life_years=39),
            Asset(name="power", capex_usd=0.8e9, life_years=25, residual=0.1, depreciation="macrs_15"),
            Asset(name="chips", capex_usd=4e9, life_years=5, refreshed=True, refresh_usd=2.4e9, residual=0.1,
                  depreciation="macrs_5", bonus=0.4),
        ),
        phases=(Phase(name="one", share=0.5, months=12), Phase(name="two", share=0.5, start_month=12, months=12)),
        capacity=Capacity(chips=100_000, it_mw=150, pue=1.2, load_factor=0.8, availability=0.97),
        contracts=(
            Contract(name="anchor", share=0.6, usd_per_chip_h=2.9, take_or_pay=0.9, utilisation=0.95, months=96),
        ),
        merchant=Merchant(usd_per_chip_h=(3, 2.8, 2.6, 2.4, 2.2, 2.0), utilisation=0.75, ageing=-0.08),
        energy_usd_per_mwh=60, energy_escalation=0.02,
        costs=(Cost(name="staff", amount=(40e6,), escalation=0.03), Cost(name="cover", amount=(0.004,), per=Per.capex)),
        receivable_days=45, payable_days=30,
        taxes=Taxes(rate=0.21, state_rate=0.05, loss_limit=0.8, interest_limit=0.3),
        debt=(
            Tranche(name="senior", repayment=Repayment.sculpted, years=8, base_rate=(0.04, 0.038), spread=0.0225,
                    dscr=1.5, gearing=0.65, upfront_fee=0.02, commitment_fee=0.005),
            Tranche(name="junior", repayment=Repayment.level, years=6, base_rate=(0.04,), spread=0.06, dscr=1.2,
                    gearing=0.75, upfront_fee=0.02),
        ),
        reserves=Reserves(debt_service_months=6, opex_months=1, refresh_funded=0.5, interest_rate=0.03),
    )  # fmt: skip


def drawn(draws: int) -> dict[str, np.ndarray]:
    """Eight inputs by draw, one of them a path of market prices."""
    rng = np.random.default_rng(0)
    steps = rng.normal(-0.08, 0.1, (draws, YEARS + 3))
    return {
        "contracts.anchor.usd_per_chip_h": rng.uniform(2, 4, draws),
        "assets.chips.capex_usd": rng.uniform(3e9, 5e9, draws),
        "energy_usd_per_mwh": rng.uniform(40, 90, draws),
        "debt.senior.spread": rng.uniform(0.01, 0.06, draws),
        "merchant.utilisation": rng.uniform(0.5, 0.9, draws),
        "assets.chips.residual": rng.uniform(0.01, 0.3, draws),
        "assets.chips.refresh_usd": rng.uniform(2e9, 3e9, draws),
        "merchant.usd_per_chip_h": 3 * np.exp(np.cumsum(steps, axis=1)),
    }


def cpu_s(call: Callable[[], object], times: int) -> float:
    """Least CPU time of a call, after one that is not counted."""
    call()
    return min(_cpu_s(call) for _ in range(times))


def _cpu_s(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def measure(draws: int, many: int, times: int) -> Iterator[Measure]:
    """Draws, one evaluation, memory, and PySAM."""
    project, some = typical(), drawn(draws)
    if many:
        yield _memory(project, many)
    taken = cpu_s(lambda: evaluate(project, some), times) / draws
    limit = 1e6 / DRAWS_PER_S if draws >= 1000 else None  # few draws bear the making of the plan alone
    yield Measure(subject="finance", name="one draw, all answers", value=1e6 * taken, unit="us", limit=limit)
    monthly = typical(12, 30)
    single = cpu_s(lambda: evaluate(monthly), times)
    yield Measure(subject="finance", name="one case, monthly for 30 years", value=1e3 * single, unit="ms")
    sam = _sam_s(times)
    if sam is None:
        print("PySAM is not installed: left out", file=sys.stderr)
    else:
        yield Measure(subject="finance", name="PySAM, one case of its single owner", value=1e6 * sam, unit="us")
        yield Measure(subject="finance", name="PySAM over one draw", value=sam / taken, unit="times")


def _memory(project: Project, draws: int) -> Measure:
    """Peak memory above that of the program and the draws; asked first, as peaks never fall."""
    evaluate(project, drawn(2))
    lots = drawn(draws)
    before = _peak_mb()
    evaluate(project, lots)
    return Measure(subject="finance", name=f"memory of {draws} draws", value=_peak_mb() - before, unit="MB")


def _peak_mb() -> float:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024.0**2 if sys.platform == "darwin" else 1024.0)


def _sam_s(times: int) -> float | None:
    """CPU time of PySAM's single-owner model, executed again and again; None where it is not installed."""
    if importlib.util.find_spec("PySAM") is None:
        return None
    from PySAM import Singleowner  # type: ignore[import-untyped, import-not-found, unused-ignore]

    model = Singleowner.default("PVWattsSingleOwner")
    model.SystemOutput.gen = [1000.0] * 8760
    rounds = 20
    return cpu_s(lambda: [model.execute(0) for _ in range(rounds)], times) / rounds


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    asked = parser.parse_args(arguments)
    show(list(measure(**(SMALL if asked.quick else TYPICAL))), asked.format)


if __name__ == "__main__":
    main()
