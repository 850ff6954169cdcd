"""What may feed a site, in the words of its planner: plants, batteries, the grid and contracts, with their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from gigawatt.catalog import facts, named, values_of
from gigawatt.power.lcoe import Technology

Array = np.ndarray
Hourly = float | Array  # one number for all hours, or one for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """Sun, wind or a firm plant at the site. What exists is part of `least_mw` and is not paid again."""

    name: str
    technology: Technology
    least_mw: float = 0.0
    most_mw: float = np.inf
    existing_mw: float = 0.0
    output: Array | None = None  # (T,), per MW, of sun and wind; None: that of the site's year
    gas_usd_per_mmbtu: float | None = None  # None: the price of the terms
    capacity_credit: float | None = None  # share that counts for a reserve; None: a firm plant's, 0 of sun, wind
    lead_months: float | None = None  # None: that of the technology
    ramp_per_hour: float = 1.0  # share of the capacity
    least_load: float = 0.0  # of a unit that runs, as a share of its power
    start_usd_per_mw: float = 0.0

    @property
    def variable(self) -> bool:
        """Whether its output is given by the weather."""
        return self.output is not None or bool(self.technology.resource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """A store whose power and energy are sized apart, unless `hours` or the technology ties them."""

    name: str
    technology: Technology
    least_mw: float = 0.0
    most_mw: float = np.inf
    existing_mw: float = 0.0
    least_mwh: float = 0.0
    most_mwh: float = np.inf
    existing_mwh: float = 0.0
    hours: float = 0.0  # energy over power; 0: free, or that of the technology
    capacity_credit: float = 0.0
    lead_months: float | None = None

    @property
    def tied_hours(self) -> float:
        """Energy over power where it is fixed, else 0."""
        return self.hours or self.technology.duration_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A connection to the grid at the hourly price and carbon of the site, unless others are given."""

    name: str = "grid"
    technology: Technology
    least_mw: float = 0.0
    most_mw: float = np.inf
    existing_mw: float = 0.0
    usd_per_mwh: Hourly | None = None
    delivery_usd_per_mwh: float = 0.0  # on top of the price
    demand_charge_usd_per_kw_month: float = 0.0
    demand: Literal["month", "year"] = "month"  # whose peak the charge is on; "year": the size of the connection
    export_mw: float = 0.0  # the most that may be sold
    export_usd_per_mwh: Hourly | None = None  # None: the price without delivery
    export_fee_usd_per_mwh: float = 0.01  # of a sale; above 0, or power may be bought to be sold at no gain
    carbon_g_per_kwh: Hourly | None = None
    carbon_free_share: Hourly = 0.0  # of the energy drawn
    available: Hourly = 1.0
    capacity_credit: float = 1.0
    lead_months: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A power purchase agreement.

    "produced": all its output reaches the site and is paid. "delivered": only what is taken is paid. "virtual": its
    output is sold elsewhere at the site's price and the difference settled; it brings certificates, no power.
    """

    name: str
    usd_per_mwh: float
    paid: Literal["produced", "delivered", "virtual"] = "produced"
    resource: str = ""  # sun or wind; none: as much in every hour
    output: Array | None = None  # (T,), per MW
    least_mw: float = 0.0
    most_mw: float = np.inf
    carbon_t_per_mwh: float = 0.0
    lifecycle_carbon_t_per_mwh: float = 0.0
    capacity_credit: float = 0.0
    lead_months: float = 0.0

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The contract called `name` in the catalog's table `power_contracts`."""
        item = named("power_contracts", name)
        known = facts("power_contracts", item)
        if "ppa_usd_per_mwh" not in known:
            raise ValueError(f"{name} is rented, not bought by a power purchase agreement: it is a bridge")
        given = {field: known[field].value for field in ("resource", "lifecycle_carbon_t_per_mwh", "lead_months")}
        return cls(name=item, usd_per_mwh=known["ppa_usd_per_mwh"].value, **given)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """Rented power until the permanent supply is there. It takes no part in the sizing of that supply."""

    name: str
    rent_usd_per_mw_month: float
    mobilisation_usd_per_mw: float = 0.0  # once, of each MW that comes
    least_months: float = 0.0  # paid at least
    lead_months: float = 0.0
    fuel_usd_per_mwh: float = 0.0
    heat_rate_mmbtu_per_mwh: float = 0.0  # of gas
    vom_usd_per_mwh: float = 0.0
    carbon_t_per_mwh: float = 0.0
    lifecycle_carbon_t_per_mwh: float = 0.0
    hours_per_year: float = 8760.0  # at full power, that its permit allows
    most_mw: float = np.inf

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The rented power called `name` in the catalog's table `power_contracts`."""
        return cls(**values_of("power_contracts", name, cls))


Option = Plant | Battery | Grid | Contract | Bridge
