"""Levelised cost of compute: what an hour of a chip must earn over its life.

cost a year = sum over assets of capex x CRF(rate, life) less the present value of what is left at the end,
              + opex + energy
USD per chip-hour = cost a year / (chips x hours x availability x utilisation)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gigawatt.annuity import capital_recovery_factor
from gigawatt.units import HOURS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetClass:
    """Assets bought together and written off over one life: chips, network, building, power plant."""

    name: str = "asset"
    capex_usd: float
    life_years: float
    residual: float = 0.0  # share of capex that the asset sells for at the end of its life

    def cost_usd_per_year(self, rate: float) -> float:
        """Level cost a year, at year ends, that pays for the asset at `rate`, in USD."""
        left: float = self.residual / (1 + rate) ** self.life_years
        return self.capex_usd * (1 - left) * capital_recovery_factor(rate, self.life_years)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A compute cluster with all that it needs."""

    assets: Sequence[AssetClass]
    chips: float
    h100e_per_chip: float = 1.0
    it_power_mw: float
    pue: float = 1.0  # site power over IT power, at least 1
    load_factor: float = 1.0  # mean over peak IT power
    opex_usd_per_year: float = 0.0  # all but energy
    availability: float = 1.0  # share of hours in which a chip works
    utilisation: float = 1.0  # share of those hours that are sold or used

    @property
    def capex_usd(self) -> float:
        """Sum of what the assets cost, in USD."""
        return sum(asset.capex_usd for asset in self.assets)

    @property
    def energy_mwh_per_year(self) -> float:
        """Energy a year in MWh, cooling and losses included."""
        return self.it_power_mw * self.pue * self.load_factor * HOURS_PER_YEAR


def cost_usd_per_year(cluster: Cluster, *, rate: float, price_usd_per_mwh: float) -> float:
    """Total cost of ownership a year in USD: annualised assets, opex, energy."""
    capital = sum(asset.cost_usd_per_year(rate) for asset in cluster.assets)
    return capital + cluster.opex_usd_per_year + cluster.energy_mwh_per_year * price_usd_per_mwh


def levelised_usd_per_chip_h(cluster: Cluster, *, rate: float, price_usd_per_mwh: float) -> float:
    """Levelised cost of one useful hour of one chip, in USD."""
    hours = cluster.chips * HOURS_PER_YEAR * cluster.availability * cluster.utilisation
    if hours <= 0:
        raise ValueError(f"chips, availability and utilisation must be above 0, product is {hours:g} hours a year")
    return cost_usd_per_year(cluster, rate=rate, price_usd_per_mwh=price_usd_per_mwh) / hours


def levelised_usd_per_h100e_h(cluster: Cluster, *, rate: float, price_usd_per_mwh: float) -> float:
    """Levelised cost of one useful H100-equivalent-hour, in USD."""
    return levelised_usd_per_chip_h(cluster, rate=rate, price_usd_per_mwh=price_usd_per_mwh) / cluster.h100e_per_chip
