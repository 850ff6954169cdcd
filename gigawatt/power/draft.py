"""A system while it is made, and the record of what each of its numbers stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gigawatt.annuity import capital_recovery_factor
from gigawatt.power.load import Load
from gigawatt.power.options import Hourly, Option
from gigawatt.power.site import SiteYear
from gigawatt.power.system import Budget, Commitment, Ramp, Store, System
from gigawatt.power.targets import Targets, Terms
from gigawatt.units import HOURS_PER_YEAR, KW_PER_MW

Array = np.ndarray
Usd = dict[str, float]  # by cause

CAUSES = (
    "capital", "fixed", "fuel", "variable", "carbon", "energy", "demand", "contract", "export", "wear", "flexible",
    "unserved",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """One entry of `System.names`: whose it is and what a MW (MWh) of it costs by cause, over all hours."""

    name: str
    option: str
    unit: str  # MW or MWh
    usd: Mapping[str, float]  # per MW (MWh)
    capex_usd: float = 0.0  # upfront, per MW (MWh)
    existing: float = 0.0  # MW (MWh) that are there, whose capital is paid
    land_ha: float = 0.0  # per MW
    embodied_t: float = 0.0  # CO2e per MWh of a store, the share of its life that the hours are
    shown: bool = True  # False: bookkeeping, such as the peak of a month


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A column of sources, free or firm: what a MWh of it costs by cause and what it brings with it."""

    name: str
    role: str  # plant, grid, contract, flexible, export (free) or unsold (firm)
    usd: Mapping[str, Array] = field(default_factory=dict)  # (T,) per MWh
    carbon_t_per_mwh: Array | float = 0.0  # at the stack; of the grid: where it is drawn
    lifecycle_t_per_mwh: Array | float = 0.0
    water_l_per_mwh: float = 0.0
    dirty: Array | float = 0.0  # share that is not carbon-free


@dataclass(frozen=True, slots=True, kw_only=True)
class Virtual:
    """A contract whose power goes elsewhere."""

    capacity: int
    output: Array  # (T,), per MW


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A system and what its columns stand for, in the same order."""

    system: System
    capacities: tuple[Capacity, ...]
    free: tuple[Source, ...]
    firm: tuple[Source, ...]
    stores: tuple[str, ...]
    virtual: tuple[Virtual, ...]
    site: SiteYear
    load: Load
    options: tuple[Option, ...]
    targets: Targets
    terms: Terms
    years: float  # that the hours stand for

    def places(self, option: str) -> tuple[int, ...]:
        """Places in `System.names` of the capacities of an option."""
        return tuple(i for i, c in enumerate(self.capacities) if c.option == option and c.shown)


class Draft:
    """The lists that a system is made of, while it is made."""

    def __init__(self, site: SiteYear, load: Load, options: tuple[Option, ...], targets: Targets, terms: Terms) -> None:
        self.site, self.load, self.options, self.targets, self.terms = site, load, options, targets, terms
        self.hours = len(load.site_mw)
        self.years = self.hours / HOURS_PER_YEAR
        self.peak_mw, self.load_mwh = float(load.site_mw.max()), float(load.site_mw.sum())
        self.capacities: list[Capacity] = []
        self.least: list[float] = []
        self.most: list[float] = []
        self.free: list[tuple[Source, int, Array]] = []
        self.firm: list[tuple[Source, Array, Array]] = []  # with capacity and availability of every hour
        self.stores: list[tuple[str, Store]] = []
        self.virtual: list[Virtual] = []
        self.rows: list[tuple[str, dict[int, float], float]] = []
        self.budgets: list[Budget] = []
        self.ramps: list[Ramp] = []
        self.commitments: list[Commitment] = []

    def of_year(self, values: Array) -> Array:
        """Values of the site's year for the hours of the load."""
        return np.resize(values, self.hours) if len(values) != self.hours else values

    def hourly(self, values: Hourly) -> Array:
        """One number or an array, as an array of the load's hours."""
        return np.full(self.hours, float(values)) if np.ndim(values) == 0 else self.of_year(np.asarray(values, float))

    def add_capacity(self, capacity: Capacity, least: float = 0.0, most: float = np.inf) -> int:
        """A new entry of the capacities; its place."""
        least = max(least, capacity.existing)
        if least > most:
            raise ValueError(f"{capacity.name}: at least {least:g} {capacity.unit}, but at most {most:g}")
        if any(c.name == capacity.name for c in self.capacities):
            raise ValueError(f"{capacity.name} is given twice; give one of them another name")
        self.capacities.append(capacity)
        self.least.append(least)
        self.most.append(most)
        return len(self.capacities) - 1

    def add_firm(self, source: Source, capacity: int | Array, available: Hourly) -> int:
        """A new firm source; its column."""
        places = np.full(self.hours, capacity) if isinstance(capacity, int) else capacity
        self.firm.append((source, places, self.hourly(available)))
        return len(self.firm) - 1

    def resource(self, name: str, resource: str, output: Array | None) -> Array:
        """Output per MW of what follows the weather."""
        if output is not None:
            return self.of_year(np.asarray(output, float))
        found = self.site.pv_cf if resource == "sun" else self.site.wind_cf
        if found is None:
            raise ValueError(f"{name}: the year of {self.site.name} has no wind; give its output, or leave it out")
        return self.of_year(found)

    def capital(self, capex_usd_per_kw: float, fom_usd_per_kw_year: float, life_years: float) -> Usd:
        """What 1 MW (or MWh) costs over the hours: annuity of its capex, and fixed operation."""
        annuity = capital_recovery_factor(self.terms.discount_rate, life_years)
        scale = KW_PER_MW * self.years
        return {"capital": annuity * capex_usd_per_kw * scale, "fixed": fom_usd_per_kw_year * scale}

    def built(self) -> Built:
        """The system of all that was added."""
        count, hours = len(self.capacities), self.hours
        firm = [source for source, _, _ in self.firm]
        rows = np.zeros((len(self.rows), count))
        for r, (_, terms, _) in enumerate(self.rows):
            for place, value in terms.items():
                rows[r, place] += value
        system = System(
            names=tuple(c.name for c in self.capacities),
            capital_usd=np.array([sum(c.usd.values()) for c in self.capacities]),
            least=np.array(self.least),
            most=np.array(self.most),
            load_mw=np.ascontiguousarray(self.load.site_mw, float),
            free_profile=columns([profile for _, _, profile in self.free], hours),
            free_capacity=np.array([place for _, place, _ in self.free], dtype=np.int64),
            firm_usd_per_mwh=columns([hourly_usd(source.usd, hours) for source in firm], hours),
            firm_available=columns([available for _, _, available in self.firm], hours),
            firm_capacity=columns([places for _, places, _ in self.firm], hours).astype(np.int64),
            shed_usd_per_mwh=float(self.terms.shed_usd_per_mwh),
            sunk_usd=sum(c.usd.get("capital", 0.0) * c.existing for c in self.capacities),
            stores=tuple(store for _, store in self.stores),
            rows=rows if len(rows) else np.zeros((0, 0)),
            rows_least=np.array([least for _, _, least in self.rows]),
            rows_names=tuple(name for name, _, _ in self.rows),
            budgets=tuple(self.budgets),
            ramps=tuple(self.ramps),
            commitments=tuple(self.commitments),
        )
        return Built(
            system=system, capacities=tuple(self.capacities), free=tuple(source for source, _, _ in self.free),
            firm=tuple(firm), stores=tuple(name for name, _ in self.stores), virtual=tuple(self.virtual),
            site=self.site, load=self.load, options=self.options, targets=self.targets, terms=self.terms,
            years=self.years,
        )  # fmt: skip


def columns(parts: Sequence[Array], hours: int) -> Array:
    """Arrays of the hours side by side; (hours, count), of no columns too."""
    return np.ascontiguousarray(np.column_stack(parts)) if parts else np.zeros((hours, 0))


def hourly_usd(usd: Mapping[str, Array], hours: int) -> Array:
    """Cost of all causes in every hour, in USD per MWh."""
    total = np.zeros(hours)
    for part in usd.values():
        total = total + part
    return total
