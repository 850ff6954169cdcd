"""Options, load and targets as the arrays of a system, with a record of what each number stands for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gigawatt.power.draft import Built, Capacity, Draft, Source, Virtual, hourly_usd
from gigawatt.power.lcoe import Technology, in_book, with_gas_price
from gigawatt.power.limits import add_targets
from gigawatt.power.load import Flexible, Load
from gigawatt.power.options import Battery, Bridge, Contract, Grid, Option, Plant
from gigawatt.power.site import SiteYear
from gigawatt.power.system import Commitment, Ramp, Store
from gigawatt.power.targets import Targets, Terms
from gigawatt.power.waiting import waiting
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR

Array = np.ndarray

G_PER_KWH_PER_T_PER_MWH = 1e3
# The search wants a little room between limits: how far from its hours a battery may be, as a share of them, and how
# far its energy, as a share of the peak load times those hours.
TIE, ROOM = 1e-3, 1e-5
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTH_OF_HOUR = np.repeat(np.arange(MONTHS_PER_YEAR), np.array(_DAYS) * HOURS_PER_DAY)


def build(
    site: SiteYear, load: Load, options: Sequence[Option], targets: Targets | None = None, terms: Terms | None = None
) -> Built:
    """The system of a load at a site. A load of fewer hours takes the first of the year; of more, the year again.

    Raises:
        ValueError: A limit clashes with another, an option of a target is unknown, or the site lacks what one needs.
    """
    draft = Draft(site, load, tuple(options), targets or Targets(), terms or Terms())
    for option in draft.options:
        match option:
            case Plant():
                _add_plant(draft, option)
            case Battery():
                _add_battery(draft, option)
            case Grid():
                _add_grid(draft, option)
            case Contract():
                _add_contract(draft, option)
            case Bridge():
                pass  # only until the permanent supply is there
    _add_flexible(draft)
    add_targets(draft)
    return draft.built()


def priced(technology: Technology, terms: Terms, gas_usd_per_mmbtu: float | None = None) -> Technology:
    """A technology at the costs and the gas price of the terms."""
    found = in_book(technology, terms.costs)
    if found.heat_rate_mmbtu_per_mwh:
        gas = terms.gas_usd_per_mmbtu if gas_usd_per_mmbtu is None else gas_usd_per_mmbtu
        found = with_gas_price(found, gas)
    return found


def _add_plant(draft: Draft, plant: Plant) -> None:
    technology = priced(plant.technology, draft.terms, plant.gas_usd_per_mmbtu)
    usd = draft.capital(technology.capex_usd_per_kw, technology.fom_usd_per_kw_year, technology.life_years)
    capacity = Capacity(
        name=plant.name, option=plant.name, unit="MW", usd=usd, capex_usd=technology.capex_usd_per_kw * KW_PER_MW,
        existing=plant.existing_mw, land_ha=technology.land_ha_per_mw,
    )  # fmt: skip
    place = draft.add_capacity(capacity, plant.least_mw, plant.most_mw)
    if plant.variable:
        source = Source(
            name=plant.name, role="plant", lifecycle_t_per_mwh=technology.lifecycle_carbon_t_per_mwh,
            water_l_per_mwh=technology.water_l_per_mwh,
        )  # fmt: skip
        draft.free.append((source, place, draft.resource(plant.name, technology.resource, plant.output)))
        return
    column = draft.add_firm(_burning(draft, plant.name, technology), place, technology.capacity_factor)
    if plant.ramp_per_hour < 1.0:
        draft.ramps.append(Ramp(firm=column, up=plant.ramp_per_hour, down=plant.ramp_per_hour))
    if plant.least_load > 0.0 or plant.start_usd_per_mw > 0.0:
        if technology.unit_mw <= 0.0:
            raise ValueError(f"{plant.name}: starts and least load need the size of a unit, unit_mw of the technology")
        start_usd = plant.start_usd_per_mw * technology.unit_mw
        draft.commitments.append(
            Commitment(firm=column, unit_mw=technology.unit_mw, least_load=plant.least_load, start_usd=start_usd)
        )


def _burning(draft: Draft, name: str, technology: Technology) -> Source:
    """The firm source of a plant: fuel, variable operation and the price of its carbon."""
    carbon = technology.carbon_t_per_mwh
    usd = {
        "fuel": draft.hourly(technology.fuel_usd_per_mwh),
        "variable": draft.hourly(technology.vom_usd_per_mwh),
        "carbon": draft.hourly(carbon * draft.terms.carbon_usd_per_t),
    }
    return Source(
        name=name, role="plant", usd=usd, carbon_t_per_mwh=carbon,
        lifecycle_t_per_mwh=technology.lifecycle_carbon_t_per_mwh or carbon,
        water_l_per_mwh=technology.water_l_per_mwh, dirty=float(carbon > 0.0),
    )  # fmt: skip


def _add_battery(draft: Draft, battery: Battery) -> None:
    """Power and energy of a store; where they are tied, the capex of both is counted with the energy."""
    technology, hours = in_book(battery.technology, draft.terms.costs), battery.tied_hours
    power_usd, energy_usd = technology.capex_usd_per_kw, technology.capex_usd_per_kwh
    if technology.duration_hours:
        power_usd, energy_usd = 0.0, technology.capex_usd_per_kw / technology.duration_hours
    power = Capacity(
        name=battery.name, option=battery.name, unit="MW", capex_usd=power_usd * KW_PER_MW,
        usd=draft.capital(power_usd, technology.fom_usd_per_kw_year, technology.life_years),
        existing=battery.existing_mw, land_ha=technology.land_ha_per_mw,
    )  # fmt: skip
    energy = Capacity(
        name=f"{battery.name}_energy", option=battery.name, unit="MWh", capex_usd=energy_usd * KW_PER_MW,
        usd=draft.capital(energy_usd, technology.fom_usd_per_kwh_year, technology.life_years),
        existing=battery.existing_mwh or battery.existing_mw * hours,
        embodied_t=technology.embodied_kg_per_kwh * draft.years / technology.life_years,
    )  # fmt: skip
    p = draft.add_capacity(power, battery.least_mw, battery.most_mw)
    e = draft.add_capacity(energy, battery.least_mwh, battery.most_mwh)
    one_way = float(np.sqrt(technology.efficiency))
    store = Store(
        charge=p, discharge=p, energy=e, charge_efficiency=one_way, discharge_efficiency=one_way,
        wear_usd_per_mwh=technology.vom_usd_per_mwh,
    )  # fmt: skip
    draft.stores.append((battery.name, store))
    least, most = (hours, hours) if hours else draft.targets.battery_hours or (0.0, np.inf)
    room = ROOM * draft.peak_mw * least if least == most else 0.0
    if least == most:
        least, most = least * (1.0 - TIE), most * (1.0 + TIE)
    if least > 0.0:
        draft.rows.append((f"{battery.name}: at least {least:g} hours", {e: 1.0, p: -least}, -room))
    if np.isfinite(most):
        draft.rows.append((f"{battery.name}: at most {most:g} hours", {e: -1.0, p: most}, -room))


def _add_grid(draft: Draft, grid: Grid) -> None:
    technology, terms = in_book(grid.technology, draft.terms.costs), draft.terms
    usd = draft.capital(technology.capex_usd_per_kw, technology.fom_usd_per_kw_year, technology.life_years)
    charge_usd = grid.demand_charge_usd_per_kw_month * KW_PER_MW
    if grid.demand == "year":
        usd["demand"] = charge_usd * MONTHS_PER_YEAR * draft.years
    capacity = Capacity(
        name=grid.name, option=grid.name, unit="MW", usd=usd, capex_usd=technology.capex_usd_per_kw * KW_PER_MW,
        existing=grid.existing_mw, land_ha=technology.land_ha_per_mw,
    )  # fmt: skip
    place = draft.add_capacity(capacity, grid.least_mw, grid.most_mw)
    price = draft.hourly(draft.site.price_usd_per_mwh if grid.usd_per_mwh is None else grid.usd_per_mwh)
    g_per_kwh = draft.site.carbon_g_per_kwh if grid.carbon_g_per_kwh is None else grid.carbon_g_per_kwh
    carbon = draft.hourly(g_per_kwh) / G_PER_KWH_PER_T_PER_MWH
    taxed = terms.carbon_usd_per_t if terms.carbon_on_grid else 0.0
    delivery = grid.delivery_at(draft.site.delivery_usd_per_mwh)
    source = Source(
        name=grid.name, role="grid", usd={"energy": price + delivery, "carbon": carbon * taxed},
        carbon_t_per_mwh=carbon, lifecycle_t_per_mwh=carbon, water_l_per_mwh=technology.water_l_per_mwh,
        dirty=1.0 - draft.hourly(grid.carbon_free_share),
    )  # fmt: skip
    places = np.full(draft.hours, place)
    if charge_usd > 0.0 and grid.demand == "month":
        places = _add_months(draft, grid, place, charge_usd)
    draft.add_firm(source, places, grid.available)
    if grid.export_mw > 0.0:
        _add_export(draft, grid, place, source, price)


def _add_months(draft: Draft, grid: Grid, place: int, charge_usd: float) -> Array:
    """A capacity for the peak of every month, paid by the share of the month that the hours are; its place by hour."""
    whole = np.bincount(MONTH_OF_HOUR)
    of_hour = np.resize(MONTH_OF_HOUR, draft.hours) + MONTHS_PER_YEAR * (np.arange(draft.hours) // HOURS_PER_YEAR)
    places = np.zeros(draft.hours, dtype=np.int64)
    for month, count in zip(*np.unique(of_hour, return_counts=True), strict=True):
        year, number = divmod(int(month), MONTHS_PER_YEAR)
        name = f"{grid.name}_{number + 1:02d}" if draft.years <= 1.0 else f"{grid.name}_{year + 1}_{number + 1:02d}"
        usd = {"demand": charge_usd * float(count) / float(whole[number])}
        peak = Capacity(name=name, option=grid.name, unit="MW", usd=usd, shown=False)
        month_place = draft.add_capacity(peak, 0.0, grid.most_mw)
        draft.rows.append((f"{name} within {grid.name}", {place: 1.0, month_place: -1.0}, 0.0))
        places[of_hour == month] = month_place
    return places


def _add_export(draft: Draft, grid: Grid, place: int, source: Source, price: Array) -> None:
    """Sale of surplus: a draw of x in every hour, a credit for all of it, and a firm source of what is not sold."""
    sold = price if grid.export_usd_per_mwh is None else draft.hourly(grid.export_usd_per_mwh)
    sold = sold - grid.export_fee_usd_per_mwh
    bought = hourly_usd(source.usd, draft.hours)
    if (sold > bought + 1e-9).any():
        hour = int(np.argmax(sold - bought))
        raise ValueError(
            f"{grid.name}: hour {hour} sells at {sold[hour]:g} and buys at {bought[hour]:g} USD/MWh, a gain without end"
        )
    name = f"{grid.name}_export"
    capacity = Capacity(name=name, option=grid.name, unit="MW", usd={"export": -float(sold.sum())}, shown=False)
    export = draft.add_capacity(capacity, 0.0, grid.export_mw)
    draft.rows.append((f"{name} within {grid.name}", {place: 1.0, export: -1.0}, 0.0))
    draft.free.append((Source(name=name, role="export"), export, np.full(draft.hours, -1.0)))
    draft.add_firm(Source(name=name, role="unsold", usd={"export": sold}), export, 1.0)


def _add_contract(draft: Draft, contract: Contract) -> None:
    output = np.ones(draft.hours)
    if contract.resource or contract.output is not None:
        output = draft.resource(contract.name, contract.resource, contract.output)
    usd, most = {"contract": 0.0}, contract.most_mw
    if contract.paid == "produced":
        usd["contract"] = contract.usd_per_mwh * float(output.sum())
    if contract.paid == "virtual":
        usd["contract"] = float((contract.usd_per_mwh - draft.of_year(draft.site.price_usd_per_mwh)) @ output)
        most = min(most, max(draft.load_mwh / max(float(output.sum()), 1e-9), contract.least_mw))
    if contract.paid == "delivered" and not np.isfinite(most):
        raise ValueError(f"{contract.name}: paid as delivered, it costs nothing to have, so it needs an upper limit")
    capacity = Capacity(name=contract.name, option=contract.name, unit="MW", usd=usd)
    place = draft.add_capacity(capacity, contract.least_mw, most)
    lifecycle = contract.lifecycle_carbon_t_per_mwh
    if contract.paid == "virtual":
        draft.virtual.append(Virtual(capacity=place, output=output))
    elif contract.paid == "produced" and not contract.carbon_t_per_mwh:
        source = Source(name=contract.name, role="contract", lifecycle_t_per_mwh=lifecycle)
        draft.free.append((source, place, output))
    else:
        paid = contract.usd_per_mwh if contract.paid == "delivered" else 0.0
        carbon = contract.carbon_t_per_mwh
        cost = {
            "contract": draft.hourly(paid),
            "carbon": draft.hourly(carbon * draft.terms.carbon_usd_per_t),
        }
        source = Source(
            name=contract.name, role="contract", usd=cost, carbon_t_per_mwh=carbon, lifecycle_t_per_mwh=lifecycle,
            dirty=float(carbon > 0.0),
        )  # fmt: skip
        draft.add_firm(source, place, output)


def _add_flexible(draft: Draft) -> None:
    """Load that stops at a price is a source; load that waits is a store without losses, full when nothing waits."""
    for part in draft.load.flexible:
        if part.share * draft.peak_mw <= 0.0:
            continue
        if part.kind == "curtail":
            place = _add_part(draft, part, "", part.share * draft.peak_mw)
            source = Source(
                name=f"flexible_{part.name}", role="flexible", usd={"flexible": draft.hourly(part.usd_per_mwh)}
            )
            draft.add_firm(source, place, draft.load.site_mw / draft.peak_mw)
            continue
        limits = waiting(draft.load, part)
        if limits.put_off_mw <= 0.0:
            continue
        store = Store(
            discharge=_add_part(draft, part, "", limits.put_off_mw),
            charge=_add_part(draft, part, "_catch_up", limits.catch_up_mw),
            energy=_add_part(draft, part, "_energy", limits.waiting_mwh, "MWh"),
            wear_usd_per_mwh=part.usd_per_mwh, start_share=1.0,
        )  # fmt: skip
        draft.stores.append((f"flexible_{part.name}", store))


def _add_part(draft: Draft, part: Flexible, what: str, size: float, unit: str = "MW") -> int:
    """A capacity of this size and no other, of load that stops or waits; its place."""
    name = f"flexible_{part.name}"
    return draft.add_capacity(Capacity(name=name + what, option=name, unit=unit, usd={}, shown=False), size, size)
