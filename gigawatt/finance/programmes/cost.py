"""What a gigawatt costs a year: capital spread over lives, and upkeep; and the rate that published figures imply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gigawatt.annuity import capital_recovery_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class GigawattCost:
    """Capital of a gigawatt, part by part, and what it costs to run a year."""

    name: str
    it_usd_per_gw: float
    facility_usd_per_gw: float
    opex_usd_per_gw_year: float
    facility_life_years: float
    citation: str = ""

    @property
    def capex_usd_per_gw(self) -> float:
        """All capital of a gigawatt."""
        return self.it_usd_per_gw + self.facility_usd_per_gw


def annual_usd_per_gw(cost: GigawattCost, it_life_years: float, rate: float) -> float:
    """Level cost of a gigawatt a year: each part repaid with interest over its life, and opex."""
    it = cost.it_usd_per_gw * capital_recovery_factor(rate, it_life_years)
    facility = cost.facility_usd_per_gw * capital_recovery_factor(rate, cost.facility_life_years)
    return it + facility + cost.opex_usd_per_gw_year


def it_capital_usd(
    capex_usd: float, annual_usd: float, opex_usd: float, it_years: float, facility_years: float, rate: float
) -> float:
    """IT part of a capital that gives this annual cost at this rate; the rest is facility."""
    short, long = capital_recovery_factor(rate, it_years), capital_recovery_factor(rate, facility_years)
    return (annual_usd - opex_usd - capex_usd * long) / (short - long)


@dataclass(frozen=True, slots=True)
class Implied:
    """The rate and split of capital that published annual costs imply."""

    rate: float
    it_usd: float
    worst_error: float  # relative, of the annual costs
    annual_usd: Mapping[float, float]  # by IT life


def implied_rate(
    published_usd: Mapping[float, float], capex_usd: float, opex_usd: float, facility_years: float, anchor_years: float
) -> Implied:
    """The rate at which one split of `capex_usd` gives the annual cost of `anchor_years` exactly, others nearest.

    Two numbers are unknown, the rate and the split; the anchor fixes the split at each rate, and the rate is searched
    in steps of 0.05 % from 0 to 20 %. `published_usd`: annual cost by IT life in years.
    """
    best = None
    for step in range(401):
        rate = step * 0.0005
        it = it_capital_usd(capex_usd, published_usd[anchor_years], opex_usd, anchor_years, facility_years, rate)
        cost = GigawattCost(
            name="", it_usd_per_gw=it, facility_usd_per_gw=capex_usd - it, opex_usd_per_gw_year=opex_usd,
            facility_life_years=facility_years,
        )  # fmt: skip
        annual = {life: annual_usd_per_gw(cost, life, rate) for life in published_usd}
        worst = max(abs(annual[life] / published_usd[life] - 1) for life in published_usd)
        if best is None or worst < best.worst_error:
            best = Implied(rate, it, worst, annual)
    assert best is not None
    return best
