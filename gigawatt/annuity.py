"""Money a year that repays money now: what every levelised cost rests on."""

from __future__ import annotations

from math import expm1, inf, log1p


def capital_recovery_factor(rate: float, years: float) -> float:
    """Level payment a year, at year ends, that repays 1 with interest over `years`; 1/year.

    rate / (1 - (1 + rate)^-years), and 1/years without interest.

    Raises:
        ValueError: `rate` is -1 or less or infinite, `years` is not above 0, or either is no number.
    """
    if not (-1 < rate < inf and years > 0):
        raise ValueError(f"rate {rate:g} must be above -1 and finite, and years {years:g} above 0")
    if rate == 0:
        return 1 / years
    # expm1 and log1p keep full precision where the textbook 1 - (1 + r)**-n is 0.
    return rate / -expm1(-years * log1p(rate))
