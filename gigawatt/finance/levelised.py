"""Levelised cost of compute: what an hour of a chip must earn over its life, and a PFLOP-hour and a million tokens.

cost a year = sum over assets of capex x CRF(rate, life) less the present value of what is left at the end,
              + opex + energy
USD per chip-hour = cost a year / (chips x hours x availability x utilisation)

Every number may be an array of draws; they are broadcast against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.finance.annuity import annuity_factors
from gigawatt.units import HOURS_PER_YEAR, SECONDS_PER_HOUR, TOKENS_PER_MTOK

Amount = float | np.ndarray  # one number, or one a draw


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetClass:
    """Assets bought together and written off over one life: chips, network, building, power plant."""

    name: str = "asset"
    capex_usd: Amount
    life_years: Amount
    residual: Amount = 0.0  # share of capex that the asset sells for at the end of its life

    def cost_usd_per_year(self, rate: Amount) -> Amount:
        """Level cost a year, at year ends, that pays for the asset at `rate`, in USD.

        Raises:
            ValueError: The life is not above 0, or a number is not finite.
        """
        _check(self.name, capex_usd=self.capex_usd, residual=self.residual)
        _check(self.name, 0.0, 0.0, life_years=self.life_years)
        paid = annuity_factors(rate, self.life_years)  # refuses rates that cannot be
        left = self.residual / (1 + rate) ** self.life_years
        return plain(self.capex_usd * (1 - left) / paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A compute cluster with all that it needs."""

    assets: Sequence[AssetClass]
    chips: Amount
    h100e_per_chip: Amount = 1.0
    it_power_mw: Amount
    pue: Amount = 1.0  # site power over IT power, at least 1
    load_factor: Amount = 1.0  # mean over peak IT power
    opex_usd_per_year: Amount = 0.0  # all but energy
    availability: Amount = 1.0  # share of hours in which a chip works
    utilisation: Amount = 1.0  # share of those hours that are sold or used

    @property
    def capex_usd(self) -> Amount:
        """Sum of what the assets cost, in USD."""
        return sum((asset.capex_usd for asset in self.assets), 0.0)

    @property
    def energy_mwh_per_year(self) -> Amount:
        """Energy a year in MWh, cooling and losses included."""
        return self.it_power_mw * self.pue * self.load_factor * HOURS_PER_YEAR

    @property
    def chip_h_per_year(self) -> Amount:
        """Useful hours of chips a year.

        Raises:
            ValueError: There are none.
        """
        hours = self.chips * HOURS_PER_YEAR * self.availability * self.utilisation
        if not np.all((np.asarray(hours) > 0) & (np.asarray(hours) < inf)):
            least = float(np.min(hours))
            raise ValueError(f"chips, availability and utilisation must be above 0, product is {least:g} hours a year")
        return hours


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeCost:
    """Levelised cost of compute, each a number or one a draw; None where the chip's speed was not given."""

    usd_per_chip_h: Amount  # useful hour
    usd_per_h100e_h: Amount
    usd_per_pflop_h: Amount | None  # 1e15 operations a second for an hour, dense, at the speed given
    usd_per_m_tokens: Amount | None
    causes_usd_per_chip_h: dict[str, Amount]  # each asset by name, opex, energy: they add up to usd_per_chip_h


def levelised_cost_of_compute(
    cluster: Cluster,
    *,
    rate: Amount,
    price_usd_per_mwh: Amount,
    flop_per_s: Amount | None = None,
    tokens_per_s: Amount | None = None,
) -> ComputeCost:
    """What compute must earn to pay for itself at `rate`: by chip-hour, by PFLOP-hour and by million tokens.

    Args:
        flop_per_s: Dense operations a second that a chip does in a useful hour, at one stated precision. Peak gives
            the cost of a PFLOP-hour on paper; peak x MFU that of one that is done.
        tokens_per_s: Tokens a second that a chip serves in a useful hour.

    Raises:
        ValueError: No useful hours, a speed of 0 or less, a rate of -1 or less, or a life that is not above 0.
    """
    hours = cluster.chip_h_per_year
    _check("cluster", 0.0, 0.0, h100e_per_chip=cluster.h100e_per_chip)
    causes = _causes_usd_per_year(cluster, rate=rate, price_usd_per_mwh=price_usd_per_mwh)
    hourly = {name: plain(usd / hours) for name, usd in causes.items()}
    cost = plain(sum(hourly.values(), 0.0))
    return ComputeCost(
        usd_per_chip_h=cost,
        usd_per_h100e_h=plain(cost / cluster.h100e_per_chip),
        usd_per_pflop_h=_per(cost, flop_per_s, 1e15, "flop_per_s"),
        usd_per_m_tokens=_per(cost, tokens_per_s, TOKENS_PER_MTOK / SECONDS_PER_HOUR, "tokens_per_s"),
        causes_usd_per_chip_h=hourly,
    )


def cost_usd_per_year(cluster: Cluster, *, rate: Amount, price_usd_per_mwh: Amount) -> Amount:
    """Total cost of ownership a year in USD: annualised assets, opex, energy."""
    return plain(sum(_causes_usd_per_year(cluster, rate=rate, price_usd_per_mwh=price_usd_per_mwh).values(), 0.0))


def levelised_usd_per_chip_h(cluster: Cluster, *, rate: Amount, price_usd_per_mwh: Amount) -> Amount:
    """Levelised cost of one useful hour of one chip, in USD."""
    return levelised_cost_of_compute(cluster, rate=rate, price_usd_per_mwh=price_usd_per_mwh).usd_per_chip_h


def levelised_usd_per_h100e_h(cluster: Cluster, *, rate: Amount, price_usd_per_mwh: Amount) -> Amount:
    """Levelised cost of one useful H100-equivalent-hour, in USD."""
    return levelised_cost_of_compute(cluster, rate=rate, price_usd_per_mwh=price_usd_per_mwh).usd_per_h100e_h


def opening_price_usd_per_chip_h(
    cost_usd_per_chip_h: Amount, *, rate: Amount, years: Amount, decline_per_year: Amount
) -> Amount:
    """Price of the first year, in USD per chip-hour, that earns the levelised cost if prices then fall every year.

    Year n pays price x (1 - decline)^(n - 1) at its end; with decline 0 it is the levelised cost.
    """
    kept = 1 - np.asarray(decline_per_year, dtype=float)
    if not np.all(kept > 0):
        raise ValueError(f"decline_per_year {float(np.max(decline_per_year)):g} must be below 1")
    _check("rents", 0.0, 0.0, years=years)
    # Falling by a factor a year is the same as being discounted more: an annuity at (1 + rate) / kept - 1.
    steeper = (1 + np.asarray(rate)) / kept - 1
    return plain(cost_usd_per_chip_h * annuity_factors(rate, years) / annuity_factors(steeper, years) * kept)


def _causes_usd_per_year(cluster: Cluster, *, rate: Amount, price_usd_per_mwh: Amount) -> dict[str, Amount]:
    """Cost a year of each asset by name, of opex and of energy, in USD."""
    _check("cluster", it_power_mw=cluster.it_power_mw, pue=cluster.pue, load_factor=cluster.load_factor,
           opex_usd_per_year=cluster.opex_usd_per_year)  # fmt: skip
    _check("energy", -inf, price_usd_per_mwh=price_usd_per_mwh)
    causes: dict[str, Amount] = {}
    for asset in cluster.assets:
        causes[asset.name] = causes.get(asset.name, 0.0) + asset.cost_usd_per_year(rate)
    running = {"opex": cluster.opex_usd_per_year, "energy": cluster.energy_mwh_per_year * price_usd_per_mwh}
    return causes | {name: causes.get(name, 0.0) + usd for name, usd in running.items()}


def _per(cost: Amount, speed: Amount | None, unit: float, name: str) -> Amount | None:
    """Cost of `unit` of work at `speed` a second of the chip; None without a speed."""
    if speed is None:
        return None
    _check("speed", 0.0, 0.0, **{name: speed})
    return plain(cost * unit / speed)


def _check(owner: str, least: float = 0.0, above: float = -inf, /, **amounts: Amount) -> None:
    """ValueError where an amount is no finite number, below `least`, or not above `above`."""
    for name, amount in amounts.items():
        given = np.asarray(amount, dtype=float)
        wrong = ~(np.isfinite(given) & (given >= least) & (given > above))
        if wrong.any():
            finite = f"finite and {least:g} or more" if least > -inf else "finite"
            bound = f"above {above:g}" if above > -inf else finite
            raise ValueError(f"{owner}: {name} must be {bound}, is {float(given[wrong].flat[0]):g}")


def plain(value: ArrayLike) -> Amount:
    """A float where there is one number, else an array."""
    found = np.asarray(value, dtype=float)
    return found if found.ndim else float(found)
