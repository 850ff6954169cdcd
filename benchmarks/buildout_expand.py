"""What an expansion plan takes and how close it comes: 10 years by quarter, 18 items of the world, 12 regions.

    python -m benchmarks.buildout_expand [--seconds 20] [--quick]

Plans are drawn by `buildout_expand_cases`; the last is the catalog's. Seconds are those of the wall and of the
processor, of one process: where they differ, other work had the cores.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.buildout_expand_cases import drawn_case
from gigawatt.buildout.expand import solve_case, target_path
from gigawatt.buildout.expand_case import Case
from gigawatt.buildout.expand_catalog import Wish, case_of
from gigawatt.buildout.expand_rows import spent
from gigawatt.buildout.expand_solve import Limits

GAP, SECONDS = 1e-3, 20.0  # to reach
DRAWN: dict[str, dict[str, Any]] = {
    "usual": {},
    "small modules": {"modules": 0.03},
    "large modules": {"modules": 0.3},
    "later": {"by_year": 6.0},
    "half the rate": {"mw_per_week": 500.0},
}


def cases(regions: int, years: int) -> dict[str, Case]:
    """Plans by name."""
    found = {
        name: drawn_case(np.random.default_rng(n), regions=regions, years=years, **kind)
        for n, (name, kind) in enumerate(DRAWN.items())
    }
    wish = Wish()
    found["catalog"] = case_of(target_path({"2032-06": 1.0}, wish), wish)
    return found


def run_expand(
    seconds: float = SECONDS, regions: int = 12, years: int = 10, only: int | None = None
) -> list[dict[str, Any]]:
    """One row for each case: size, seconds, proved gap."""
    rows = []
    for name, case in list(cases(regions, years).items())[:only]:
        rows.append(_row(name, case, seconds))
        if name == "usual":
            found = solve_case(case, Limits(gap=GAP, seconds=seconds))
            paid = np.sum(spent(found.layout, found.answer), axis=0)
            rows.append(
                _row("usual, budget of all years + 1 %", replace(case, total_usd=float(paid.sum()) * 1.01), seconds)
            )
            rows.append(_row("usual, budget of a year - 1 %", replace(case, budget_usd=dearest(case, paid)), seconds))
    return rows


def dearest(case: Case, paid: np.ndarray) -> dict[int, float]:
    """A budget for the year in which a plan pays most, 1 % below what it pays then."""
    usd = {year: float((paid * case.in_year(year)).sum()) for year in case.years()}
    year = max(usd, key=lambda year: usd[year])
    return {year: 0.99 * usd[year]}


def _row(name: str, case: Case, seconds: float) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    found = solve_case(case, Limits(gap=GAP, seconds=seconds))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    made = found.layout.program.arrays()
    return {
        "case": name, "columns": len(made.cost), "rows": len(made.row_lower), "whole": int(made.whole.sum()),
        "supplies": len(case.sources), "seconds": round(took, 1), "cpu": round(cpu, 1), "gap": found.gap,
        "reached": "yes" if found.gap <= GAP and took <= SECONDS else "no",
    }  # fmt: skip


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    asked.add_argument("--quick", action="store_true", help="3 regions, 4 years, one case")
    given = asked.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    rows = run_expand(given.seconds, 3, 6, 1) if given.quick else run_expand(given.seconds)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    for row in rows:
        print("  ".join(f"{key} {value:.5f}" if key == "gap" else f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
