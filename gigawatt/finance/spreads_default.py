"""How often a borrower of a rating defaults, what the bond market asks for it, and what lenders lose.

Hazards are yearly intensities: P(default within t years) = 1 - exp(-hazard x t).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, inf, log, log1p

import numpy as np

from gigawatt import catalog
from gigawatt.errors import nearest
from gigawatt.finance.parameters import parameter
from gigawatt.finance.residual import ResidualCurve, residual_share

HORIZON_YEARS = 10  # of the default rates that stand for a rating: the maturity of the corporate curve
LONGEST_YEARS = 15  # of the published default rates
NOTCH = 1.05  # least factor on default rates from one rating to the next worse one
STEPS = 48  # points in time at which collateral and debt are compared


@cache
def rating_names() -> dict[str, str]:
    """Every way to write a rating, in capitals -> the name in the table `ratings` (S&P's scale)."""
    rated = [item for item in catalog.items("ratings") if "default_01" in catalog.facts("ratings", item)]
    names = {item.upper(): item for item in rated}
    names |= {str(catalog.value("ratings", item, "moodys")).upper(): item for item in rated}
    return names | {f"CAA{n}": "CCC" for n in (1, 2, 3)} | {"CCC+": "CCC", "CCC-": "CCC", "CC": "CCC", "CA": "CCC"}


def rating(name: str) -> str:
    """The rating on S&P's scale: `A3` and `a-` are both A-.

    Raises:
        ValueError: Neither scale has this rating.
    """
    known = rating_names()
    found = known.get(name.strip().upper())
    if found is None:
        near = nearest(name.strip().upper(), tuple(known))
        raise ValueError(f"rating {name!r} is unknown{f'; did you mean {near}?' if near else ''} (such as A-, A3, BB+)")
    return found


@cache
def _cumulative() -> dict[str, tuple[float, ...]]:
    """Cumulative default rates after 1 to 15 years, best rating first, higher for each worse rating."""
    names = list(dict.fromkeys(rating_names().values()))
    years = range(1, LONGEST_YEARS + 1)
    raw = np.array([[float(catalog.value("ratings", name, f"default_{year:02d}")) for year in years] for name in names])
    # So few good issuers ever defaulted that AA+ did so less often than AAA: a worse rating shall count as worse.
    for better, worse in pairwise(raw):
        np.maximum(worse, NOTCH * better, out=worse)
    return {name: tuple(map(float, row)) for name, row in zip(names, raw, strict=True)}


def default_share(name: str, years: float) -> float:
    """Share of issuers of this rating that default within `years`; between whole years at an even hazard."""
    if not 0 <= years < inf:
        raise ValueError(f"years {years:g} must be 0 or more and finite")
    survival = [0.0, *(log1p(-share) for share in _cumulative()[rating(name)])]
    if years >= LONGEST_YEARS:
        return 1 - exp(survival[-1] * years / LONGEST_YEARS)
    whole = int(years)
    return 1 - exp(survival[whole] + (survival[whole + 1] - survival[whole]) * (years - whole))


def hazard_per_year(name: str) -> float:
    """Mean yearly intensity of default of a rating over ten years."""
    return -log1p(-default_share(name, HORIZON_YEARS)) / HORIZON_YEARS


@cache
def _curve() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Logarithms of hazards, rising, and of the corporate spreads asked for them."""
    priced = [name for name in _cumulative() if "corporate_spread" in catalog.facts("ratings", name)]
    asked = (float(catalog.value("ratings", name, "corporate_spread")) for name in priced)
    return tuple(log(hazard_per_year(name)) for name in priced), tuple(map(log, asked))


def corporate_spread(hazard: float) -> float:
    """Spread, a fraction a year, of unsecured 10-year corporate bonds with this yearly hazard of default.

    The published curve by rating, read between ratings on logarithms, and beyond its ends at the slope of the last two.
    """
    if not 0 <= hazard < inf:
        raise ValueError(f"hazard {hazard:g} a year must be 0 or more and finite")
    if hazard == 0:
        return 0.0
    x, (known, asked) = log(hazard), _curve()
    at = min(max(bisect_right(known, x) - 1, 0), len(known) - 2)
    slope = (asked[at + 1] - asked[at]) / (known[at + 1] - known[at])
    return exp(asked[at] + slope * (x - known[at]))


def nearest_rating(hazard: float) -> str:
    """The rating whose hazard is nearest, by ratio."""
    names = _cumulative()
    return min(names, key=lambda name: abs(log(max(hazard, 1e-9) / hazard_per_year(name))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Collateral:
    """Assets behind a debt, by their worth at the start."""

    ltv: float  # this debt and all that ranks before or with it, over the worth of the assets
    ltv_senior: float = 0.0  # what ranks before it
    curve: ResidualCurve  # share of that worth that is left with age

    def __post_init__(self) -> None:
        if not 0 <= self.ltv_senior < self.ltv < inf:
            raise ValueError(
                f"ltv {self.ltv:g} must be finite and above what ranks before, {self.ltv_senior:g}, and that 0 or more"
            )


def loss_given_default(collateral: Collateral | None, *, years: float, amortised: float, subordinated: bool) -> float:
    """Share of the debt that lenders lose in a default, mean over the life by debt outstanding.

    Assets fetch what is left of their worth less a discount for selling in the slump that made the borrower fail.
    Without collateral it is the convention for unsecured debt, and never more with it; at least `spread.least_loss`.
    """
    unsecured = parameter("spread.loss_subordinated" if subordinated else "spread.loss_unsecured")
    if collateral is None:
        return unsecured
    time = (np.arange(STEPS) + 0.5) / STEPS
    left = 1 - amortised * time
    sold = (1 - parameter("spread.distress")) * residual_share(years * time, collateral.curve)
    owed = (collateral.ltv - collateral.ltv_senior) * left
    recovered = np.clip(sold - collateral.ltv_senior * left, 0.0, owed)
    return float(min(max(1 - recovered.sum() / owed.sum(), parameter("spread.least_loss")), unsecured))
