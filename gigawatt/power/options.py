"""What may feed a site, in the words of its planner: plants, batteries, the grid and contracts, with their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from gigawatt.catalog import facts, named, values_of
from gigawatt.power.lcoe import Technology
from gigawatt.units import HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR

Array = np.ndarray
Hourly = float | Array  # one number for all hours, or one for each


def _check(name: str, **values: Hourly | None) -> None:
    """Refuse what must be 0 or more and is not."""
    for field, value in values.items():
        if value is not None and not np.min(value) >= 0:
            raise ValueError(f"{name}: {field} {np.min(value):g} must be 0 or more")


def _check_share(name: str, **values: Hourly | None) -> None:
    """Refuse what must lie between 0 and 1 and does not."""
    for field, value in values.items():
        if value is not None and not 0 <= np.min(value) <= np.max(value) <= 1:
            wrong = np.min(value) if not np.min(value) >= 0 else np.max(value)
            raise ValueError(f"{name}: {field} {wrong:g} must be between 0 and 1")


def _check_word(name: str, field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name}: {field} {value!r} is none of {', '.join(known)}")


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

    def __post_init__(self) -> None:
        _check(
            self.name, least_mw=self.least_mw, most_mw=self.most_mw, existing_mw=self.existing_mw, output=self.output,
            gas_usd_per_mmbtu=self.gas_usd_per_mmbtu, capacity_credit=self.capacity_credit,
            lead_months=self.lead_months, ramp_per_hour=self.ramp_per_hour, start_usd_per_mw=self.start_usd_per_mw,
        )  # fmt: skip
        _check_share(self.name, least_load=self.least_load)

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

    def __post_init__(self) -> None:
        _check(
            self.name, least_mw=self.least_mw, most_mw=self.most_mw, existing_mw=self.existing_mw,
            least_mwh=self.least_mwh, most_mwh=self.most_mwh, existing_mwh=self.existing_mwh, hours=self.hours,
            capacity_credit=self.capacity_credit, lead_months=self.lead_months,
        )  # fmt: skip

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
    delivery_usd_per_mwh: float | None = None  # on top of the price; None: see `delivery_at`
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

    def __post_init__(self) -> None:
        _check(
            self.name, least_mw=self.least_mw, most_mw=self.most_mw, existing_mw=self.existing_mw,
            delivery_usd_per_mwh=self.delivery_usd_per_mwh, export_mw=self.export_mw,
            demand_charge_usd_per_kw_month=self.demand_charge_usd_per_kw_month,
            export_fee_usd_per_mwh=self.export_fee_usd_per_mwh, carbon_g_per_kwh=self.carbon_g_per_kwh,
            capacity_credit=self.capacity_credit, lead_months=self.lead_months,
        )  # fmt: skip
        _check_share(self.name, carbon_free_share=self.carbon_free_share, available=self.available)
        _check_word(self.name, "demand", self.demand, ("month", "year"))

    def delivery_at(self, site_usd_per_mwh: float) -> float:
        """What delivery adds to the price where it comes to `site_usd_per_mwh`, in USD/MWh.

        Unless given: that of the site, less what a demand charge takes of a load that never changes, so that such a
        load pays the same either way; nothing on top of a price that is given, which is all that power costs.
        """
        if self.delivery_usd_per_mwh is not None:
            return self.delivery_usd_per_mwh
        if self.usd_per_mwh is not None:
            return 0.0
        flat = self.demand_charge_usd_per_kw_month * KW_PER_MW * MONTHS_PER_YEAR / HOURS_PER_YEAR
        return max(0.0, site_usd_per_mwh - flat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A power purchase agreement.

    "produced": all its output reaches the site and is paid. "delivered": only what is taken is paid. "virtual": its
    output is sold elsewhere at the site's price and the difference settled; it brings certificates, no power, so it
    must be carbon-free; no more of it is bought than makes as much energy as the load takes.
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

    def __post_init__(self) -> None:
        _check(
            self.name, output=self.output, least_mw=self.least_mw, most_mw=self.most_mw,
            carbon_t_per_mwh=self.carbon_t_per_mwh, lifecycle_carbon_t_per_mwh=self.lifecycle_carbon_t_per_mwh,
            capacity_credit=self.capacity_credit, lead_months=self.lead_months,
        )  # fmt: skip
        _check_word(self.name, "paid", self.paid, ("produced", "delivered", "virtual"))
        if self.paid == "virtual" and self.carbon_t_per_mwh > 0:
            raise ValueError(
                f"{self.name}: a virtual contract brings certificates of carbon-free energy, "
                f"so carbon_t_per_mwh {self.carbon_t_per_mwh:g} must be 0"
            )

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

    def __post_init__(self) -> None:
        _check(
            self.name, rent_usd_per_mw_month=self.rent_usd_per_mw_month, least_months=self.least_months,
            mobilisation_usd_per_mw=self.mobilisation_usd_per_mw, lead_months=self.lead_months,
            fuel_usd_per_mwh=self.fuel_usd_per_mwh, heat_rate_mmbtu_per_mwh=self.heat_rate_mmbtu_per_mwh,
            vom_usd_per_mwh=self.vom_usd_per_mwh, carbon_t_per_mwh=self.carbon_t_per_mwh,
            lifecycle_carbon_t_per_mwh=self.lifecycle_carbon_t_per_mwh, hours_per_year=self.hours_per_year,
            most_mw=self.most_mw,
        )  # fmt: skip

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The rented power called `name` in the catalog's table `power_contracts`."""
        return cls(**values_of("power_contracts", name, cls))


Option = Plant | Battery | Grid | Contract | Bridge
