"""Depreciation by vintage, and what another useful life does to earnings.

Straight line from the quarter after purchase. A change of life is a change of estimate: it works forward only
(ASC 250-10-45-17, IAS 8.36): what is left of a vintage is spread over what is left of its new life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Assets, by_quarter, yearly


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintages:
    """Assets that stand at the opening: net book value by age in quarters; shape (ages,)."""

    net_usd: Array
    age: Array  # quarters since purchase
    life: float  # quarters, under the policy that the net value comes from


def opening_vintages(assets: Assets, net_usd: float, share: float, life_years: float, first_year: int) -> Vintages:
    """Vintages of past capex, scaled so that what is left of them is `net_usd`."""
    life = life_years * QUARTERS_PER_YEAR
    age = np.arange(0.0, max(1.0, life))
    bought = np.array([past_capex_usd(assets, first_year - 1 - int(a) // QUARTERS_PER_YEAR) for a in age]) * share
    left = np.maximum(bought, 1.0) * np.maximum(0.0, 1 - age / life)
    return Vintages(net_usd=net_usd * left / left.sum(), age=age, life=life)


def past_capex_usd(assets: Assets, year: int) -> float:
    """Capex of a year before the opening; before the first one told it grew at `past_growth`."""
    first = min(assets.capex_usd, default=year)
    return assets.capex_usd.get(year, 0.0) if year >= first else _back(assets, first, year)


def _back(assets: Assets, first: int, year: int) -> float:
    return assets.capex_usd[first] / (1 + assets.past_growth) ** (first - year)


def planned_capex_usd(assets: Assets, first_year: int, quarters: int) -> Array:
    """Capex by quarter: the plan of each year, spread over it along the line between mid-years; shape (quarters,)."""
    count = -(-quarters // QUARTERS_PER_YEAR)
    plan = {y: yearly(assets.capex_usd, y, assets.capex_growth) for y in range(first_year - 1, first_year + count + 1)}
    line = by_quarter(plan, first_year, count * QUARTERS_PER_YEAR).reshape(count, QUARTERS_PER_YEAR)
    total = np.array([plan[first_year + n] for n in range(count)])
    shares = line / np.maximum(line.sum(axis=1), 1e-9)[:, None]
    return np.asarray((total[:, None] * shares).reshape(-1)[:quarters])


def wear_usd(vintages: Vintages, quarters: int, life_years: float | None = None) -> Array:
    """Depreciation by quarter of what stood at the opening, under its own life or another one; shape (quarters,)."""
    life = vintages.life if life_years is None else life_years * QUARTERS_PER_YEAR
    remaining = np.maximum(1.0, life - vintages.age)[:, None]
    k = np.arange(quarters + 1)[None, :]
    left = vintages.net_usd[:, None] * np.maximum(0.0, 1 - k / remaining)
    return np.asarray(-np.diff(left.sum(axis=0)))


def wear_of_new_usd(bought_usd: Array, life_years: float) -> Array:
    """Depreciation of purchases, from the quarter after each; shape as `bought_usd`, quarters last."""
    life = life_years * QUARTERS_PER_YEAR
    quarters = bought_usd.shape[-1]
    out = np.zeros_like(bought_usd)
    for bought in range(quarters):
        k = np.arange(quarters - bought)
        left = np.maximum(0.0, 1 - k / life)
        out[..., bought + 1 :] += bought_usd[..., bought, None] * -np.diff(left)
    return out
