"""What a supply comes to for the weeks of the world: price, carbon, water and months of a plan, or of a region.

A region's usual plant is that of its `firm_technology`, sized for a campus in the climate of its `place`, with as many
spare machines as cost less than what they save the generators for backup, which every site has:

    spare machines k = argmin  k x cost of a machine + energy of the backup x its cost + unserved energy x its value
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Literal

from gigawatt.catalog import fact, facts
from gigawatt.power.lcoe import Technology
from gigawatt.power.load import Load
from gigawatt.power.load import load as load_of
from gigawatt.power.machines import Units, machine_size
from gigawatt.power.options import Battery, Grid, Option, Plant
from gigawatt.power.options_text import options_of
from gigawatt.power.plan import PowerPlan, size
from gigawatt.power.prices import energy_usd_per_mwh
from gigawatt.power.reliability import Reliability
from gigawatt.power.shortfall import reliability, units_of
from gigawatt.power.site import SiteYear, site_year
from gigawatt.power.targets import Targets, Terms, term
from gigawatt.power.timing import timing
from gigawatt.units import KWH_PER_MWH

CAMPUS_MW = 1000.0
BACKUP = "diesel_backup"
MOST_SPARE = 64
YEARS = 400  # of outages that are drawn
G_PER_T = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A supply as the weeks see it. Shares are of the load; litres of generation are per kWh of the load."""

    usd_per_mwh: float  # all of it: capital, operation, energy of the grid
    stack_g_per_kwh: float
    carbon_g_per_kwh: float  # life cycle, with what is drawn from the grid
    grid_share: float  # of the energy
    connection_share: float  # MW of connection over the largest hour
    machine_share: float  # MW of gas turbines, engines and fuel cells over the largest hour
    plants_water_l_per_kwh: float
    grid_water_l_per_kwh: float
    cooling_water_l_per_kwh: float  # per kWh of IT
    pue: float
    first_months: float  # from the order to the first power
    full_months: float


def supply_of(plan: PowerPlan) -> Supply:
    """What a plan comes to; it is built from the day of its order."""
    a, when, peak_mw = plan.accounts, timing(plan), float(plan.built.load.site_mw.max())
    load_mwh, options = a.energy.load_mwh, {o.name: o for o in plan.built.options}
    firm = [c.name for c in plan.built.capacities if c.shown and _is_machine(options.get(c.option))]
    grid = [o.name for o in plan.built.options if isinstance(o, Grid)]
    drawn_mwh = sum(mwh for name, mwh in a.energy.by_source.items() if name in grid)
    return Supply(
        usd_per_mwh=plan.usd_per_mwh, stack_g_per_kwh=a.carbon.stack_t / load_mwh * G_PER_T / KWH_PER_MWH,
        carbon_g_per_kwh=a.carbon.lifecycle_t / load_mwh * G_PER_T / KWH_PER_MWH,
        grid_share=min(1.0, drawn_mwh / load_mwh),
        connection_share=min(1.0, sum(plan.size(name) for name in grid) / peak_mw),
        machine_share=min(1.0, sum(plan.size(name) for name in firm) / peak_mw),
        plants_water_l_per_kwh=a.water.plants_m3 / load_mwh, grid_water_l_per_kwh=a.water.grid_m3 / load_mwh,
        cooling_water_l_per_kwh=plan.built.load.mean_water_l_per_kwh, pue=plan.built.load.mean_pue,
        first_months=when.first_months, full_months=when.full_months,
    )  # fmt: skip


def _is_machine(choice: Option | None) -> bool:
    return isinstance(choice, Plant) and choice.technology.heat_rate_mmbtu_per_mwh > 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A region as its power is planned: climate, cooling, gas and carbon prices, cost of building."""

    region: str
    site: SiteYear
    cooling: str
    technology: str
    gas_usd_per_mmbtu: float
    carbon_usd_per_t: float
    cost_factor: float  # of building plants, over the catalog's
    grid_months: float
    discount_rate: float | None = None  # None: the catalog's
    capex: Literal["low", "likely", "high"] = "likely"  # end of the range of what its usual plant costs

    @classmethod
    def of(cls, region: str, values: Mapping[str, float | str] | None = None) -> Place:
        """The place that stands for a region, with its values, or those of the catalog's table `regions`."""
        known = values or {name: found.value for name, found in facts("regions", region).items()}
        site = year_in(
            region, str(known["place"]), float(known["grid_usd_per_mwh"]), float(known["carbon_g_per_kwh"]),
            float(known.get("delivery_usd_per_mwh", 0.0)),
        )  # fmt: skip
        return cls(
            region=region, site=site, cooling=str(known["cooling"]),
            technology=str(known["firm_technology"]), cost_factor=float(known["labour_cost_factor"]),
            gas_usd_per_mmbtu=float(known["gas_usd_per_mmbtu"]), carbon_usd_per_t=float(known["carbon_usd_per_t"]),
            grid_months=float(known["grid_months"]),
        )  # fmt: skip

    def load(self, site_mw: float) -> Load:
        """A campus whose largest hour is `site_mw` and that computes all the time."""
        return load_of(site_mw=site_mw, site=self.site, cooling=self.cooling)

    def terms(self) -> Terms:
        """Prices of the region; no load may be shed."""
        terms = Terms(
            gas_usd_per_mmbtu=self.gas_usd_per_mmbtu, carbon_usd_per_t=self.carbon_usd_per_t, shed_usd_per_mwh=inf,
            carbon_on_grid=False,
        )  # fmt: skip
        return terms if self.discount_rate is None else replace(terms, discount_rate=self.discount_rate)

    def built_here(self, choice: Option) -> Option:
        """An option at what building costs in the region, a connection in its months."""
        if isinstance(choice, Grid) and choice.lead_months is None:
            choice = replace(choice, lead_months=self.grid_months)
        if not isinstance(choice, Plant | Battery | Grid):
            return choice
        return replace(choice, technology=_dearer(choice.technology, self.cost_factor))


def _dearer(technology: Technology, factor: float) -> Technology:
    names = ("capex_usd_per_kw", "market_capex_usd_per_kw", "capex_usd_per_kwh", "market_capex_usd_per_kwh")
    costs = {name: getattr(technology, name) for name in names}
    return replace(technology, **{name: usd * factor for name, usd in costs.items() if usd is not None})


def year_in(
    region: str, place: str, grid_usd_per_mwh: float, mean_g_per_kwh: float, delivery_usd_per_mwh: float = 0.0
) -> SiteYear:
    """The year of a place, a site-year or "latitude,longitude", at the mean price and carbon of a region's grid.

    `delivery_usd_per_mwh` is the part of `grid_usd_per_mwh` that is the same in every hour; the rest swings.
    """
    mean_usd_per_mwh = energy_usd_per_mwh(grid_usd_per_mwh, delivery_usd_per_mwh)
    year = site_year(place)
    usd, gram = year.price_usd_per_mwh, year.carbon_g_per_kwh
    return replace(
        year, region=region, price_usd_per_mwh=usd * (mean_usd_per_mwh / usd.mean()),
        carbon_g_per_kwh=gram * (mean_g_per_kwh / gram.mean()), delivery_usd_per_mwh=delivery_usd_per_mwh,
    )  # fmt: skip


def plan_at(
    place: Place, site_mw: float, options: str | Sequence[Option | str], *, carbon_free: float = 0.0
) -> PowerPlan:
    """The cheapest supply of a campus in a region, of the options given; `carbon_free` hour by hour, 0 to 1.

    Raises:
        SolveError: No supply of these options serves the load.
        ValueError: The options cannot be read.
    """
    choices = [place.built_here(choice) for choice in options_of(options)]
    targets = Targets(carbon_free_hourly=carbon_free) if carbon_free > 0 else None
    return size(place.site, place.load(site_mw), choices, targets=targets, terms=place.terms())


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualPlant:
    """A region's own plants for a campus, with spare machines, and backup for the rest."""

    supply: Supply
    unit_mw: float
    machines: int  # without the spare ones
    spare: int
    mmbtu_per_mwh: float  # gas per MWh of the load
    backup_share: float  # of the load's energy
    unserved_share: float


def usual_plant(place: Place, site_mw: float = CAMPUS_MW) -> UsualPlant:
    """The usual plant of a region at the least cost of spare machines, backup and unserved energy."""
    plan = plan_at(place, site_mw, [Plant(name="plant", technology=_priced(place))])
    own = next(u for u in units_of(plan) if u.name == "plant")
    machine_mw, machines = machine_size(own, plan.size("plant"))
    machine_usd = machine_mw * sum(next(c for c in plan.built.capacities if c.name == "plant").usd.values())
    backup = place.built_here(options_of("diesel")[0])
    assert isinstance(backup, Plant)
    tried: dict[int, tuple[float, Reliability]] = {}
    for spare in range(MOST_SPARE + 1):
        tried[spare] = _with_spare(plan, spare, machine_usd, backup.technology)
        if spare and tried[spare][0] > tried[spare - 1][0]:
            break
    spare = min(tried, key=lambda k: tried[k][0])
    more_usd, found = tried[spare]
    return UsualPlant(
        supply=_backed_up(supply_of(plan), more_usd / plan.accounts.energy.load_mwh, found, backup.technology),
        unit_mw=machine_mw, machines=machines, spare=spare, backup_share=_backup_share(found),
        mmbtu_per_mwh=Technology.from_catalog(place.technology).heat_rate_mmbtu_per_mwh * (1.0 - _backup_share(found)),
        unserved_share=found.eue_mwh / found.load_mwh,
    )  # fmt: skip


def _priced(place: Place) -> Technology:
    """The usual technology of a place, its capex at the end of its range that the place asks for.

    Its outages are not in its capacity factor: they are what the spare machines and the backup are for.
    """
    found = Technology.from_catalog(place.technology)
    found = replace(found, capacity_factor=found.inflow_share)
    if place.capex == "likely":
        return found
    name = "capex_usd_per_kw" if found.market_capex_usd_per_kw is None else "market_capex_usd_per_kw"
    known = fact("power", place.technology, name)
    end = known.low if place.capex == "low" else known.high
    return found if end is None else replace(found, **{name: end})  # type: ignore[arg-type]


def grid_water_l_per_kwh(place: Place) -> float:
    """Water at the plants of the grid, per kWh drawn there."""
    return supply_of(plan_at(place, CAMPUS_MW, "grid")).grid_water_l_per_kwh


def _with_spare(plan: PowerPlan, spare: int, machine_usd: float, backup: Technology) -> tuple[float, Reliability]:
    """USD a year beyond the plan, and the outage years, with `spare` further machines and backup for all the load."""
    count = ceil(float(plan.built.load.site_mw.max()) / backup.unit_mw)
    standby = Units.of(BACKUP, count=count, unit_mw=backup.unit_mw)
    found = reliability(plan, spare={"plant": spare}, standby=(standby,), years=YEARS)
    carbon_usd_per_t = plan.built.terms.carbon_usd_per_t
    instead = sum(float(each.mean()) for each in plan.built.firm[0].usd.values())  # what the plant does not burn then
    usd_per_mwh = backup.running_usd_per_mwh + backup.carbon_t_per_mwh * carbon_usd_per_t - instead
    lost_usd = found.eue_mwh * term("shed_usd_per_mwh")
    return spare * machine_usd + float(found.standby_mwh.mean()) * usd_per_mwh + lost_usd, found


def _backup_share(found: Reliability) -> float:
    return float(found.standby_mwh.mean()) / found.load_mwh


def _backed_up(plain: Supply, usd_per_mwh: float, found: Reliability, backup: Technology) -> Supply:
    """The supply with spare machines paid and the part of its energy that backup makes."""
    share = _backup_share(found)
    mix = {
        "stack_g_per_kwh": backup.carbon_t_per_mwh * G_PER_T / KWH_PER_MWH,
        "carbon_g_per_kwh": backup.lifecycle_carbon_t_per_mwh * G_PER_T / KWH_PER_MWH,
        "plants_water_l_per_kwh": backup.water_l_per_mwh / KWH_PER_MWH,
    }
    mixed = {name: (1.0 - share) * getattr(plain, name) + share * value for name, value in mix.items()}
    return replace(plain, usd_per_mwh=plain.usd_per_mwh + usd_per_mwh, **mixed)
