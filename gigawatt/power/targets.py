"""What a plan must reach, and the terms on which it pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from gigawatt.catalog import fact
from gigawatt.power.lcoe import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Limits on the whole plan; None and empty: no such limit. Shares are 0 to 1.

    The carbon-free shares are of the load that is served: energy that is not carbon-free is at most 1 - share of it.
    Load that stops at a price is not served. Load without power is not served either, but the solver does not see
    that: where a share is missed for it, the notes of the plan say so.

    The shares of options are of the whole load, and of sun, wind and contracts paid as produced they count what the
    weather offers: what of it is curtailed counts too.
    """

    carbon_free_hourly: float | None = None  # each hour by itself
    carbon_free_annual: float | None = None  # with what is sold and virtual contracts set against it
    carbon_t: float | None = None  # at the stack and of the grid, over all hours
    reserve_margin: float | None = None  # firm capacity over the peak of the load, 0.15: 15 % more
    least_share: Mapping[str, float] = field(default_factory=dict)  # by option
    most_share: Mapping[str, float] = field(default_factory=dict)
    battery_hours: tuple[float, float] | None = None  # least and most energy over power

    def __post_init__(self) -> None:
        shares = {"carbon_free_hourly": self.carbon_free_hourly, "carbon_free_annual": self.carbon_free_annual}
        shares |= {f"least share of {name}": share for name, share in self.least_share.items()}
        shares |= {f"most share of {name}": share for name, share in self.most_share.items()}
        for name, share in shares.items():
            if share is not None and not 0 <= share <= 1:
                raise ValueError(f"targets: {name} {share:g} must be between 0 and 1")
        if self.carbon_t is not None and not self.carbon_t >= 0:
            raise ValueError(f"targets: carbon_t {self.carbon_t:g} must be 0 or more")
        if self.battery_hours is not None and not 0 <= self.battery_hours[0] <= self.battery_hours[1]:
            raise ValueError(f"targets: battery_hours {self.battery_hours} must rise from 0 or more")


@cache
def term(name: str) -> float:
    """A term of the catalog's table `power_terms`."""
    return float(fact("power_terms", name, "value").value)


def _term(name: str) -> float:  # what stands for a default is no number yet
    return field(default_factory=lambda: term(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Prices and the cost of money; those not given are the catalog's."""

    costs: Book = "market"
    discount_rate: float = _term("discount_rate")
    gas_usd_per_mmbtu: float = _term("gas_usd_per_mmbtu")
    carbon_usd_per_t: float = _term("carbon_usd_per_t")
    carbon_on_grid: bool = True  # the carbon price holds for the energy of the grid too
    shed_usd_per_mwh: float = _term("shed_usd_per_mwh")  # of load not served; math.inf: all of it must be

    def __post_init__(self) -> None:
        if self.costs not in ("reference", "market"):
            raise ValueError(f"terms: costs {self.costs!r} are neither 'reference' nor 'market'")
        if not 0 <= self.discount_rate < 1:
            raise ValueError(f"terms: discount_rate {self.discount_rate:g} must be from 0 to below 1 (0.08, not 8)")
        for name in ("gas_usd_per_mmbtu", "carbon_usd_per_t", "shed_usd_per_mwh"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"terms: {name} {getattr(self, name):g} must be 0 or more")
