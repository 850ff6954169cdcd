"""PUE and water of a site by the hour, from the weather and the kind of cooling.

Heat leaves the computers in air, in liquid, or in both; each of the two goes its own way out (a `Loop`): straight with
outside air, through dry coolers, through dry coolers whose air is wetted first, or through cooling towers. What the
outside cannot cool far enough, a compressor does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, Self

import numpy as np

from gigawatt.catalog import Fact, facts, named, nested
from gigawatt.power.air import KELVIN, LATENT_J_PER_G, enthalpy_j_per_g, humidity_ratio, wet_bulb_c

Array = np.ndarray
Rejection = Literal["outside_air", "dry", "adiabatic", "tower"]

J_PER_G_PER_KWH_PER_L = 3600.0  # a litre weighs 1000 g, a kWh holds 3.6e6 J


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One way of heat from the computers to the outside."""

    rejection: Rejection
    supply_c: float  # the warmest that computers may be fed with
    range_c: float  # by how much the medium warms on its way through them
    approach_c: float  # from the outside air (a tower: its wet bulb) to the supply, with all fans at full speed
    move_share: float  # power of fans and pumps inside over the heat, at full speed
    reject_share: float  # power of fans and pumps outside over the heat, at full speed
    condense_c: float = 15.0  # from the outside air (a tower: its wet bulb) to the condenser of the compressor

    def __post_init__(self) -> None:
        if self.rejection not in ("outside_air", "dry", "adiabatic", "tower"):
            raise ValueError(f"rejection {self.rejection!r}; known: outside_air, dry, adiabatic, tower")
        if self.range_c <= 0 or self.approach_c < 0 or min(self.move_share, self.reject_share) < 0:
            raise ValueError("a cooling loop warms by more than 0 °C; approach and shares of power are not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling:
    """How a site is cooled, and what else it draws beside its computers."""

    name: str
    air: Loop
    liquid: Loop | None = None
    liquid_share: float = 0.0  # of the heat of the computers that leaves in liquid
    carnot_share: float = 0.5  # efficiency of the compressor over that of a reversible one
    evaporator_c: float = 6.0  # the evaporator is this much colder than the supply
    least_lift_c: float = 12.0  # a compressor never works against less
    pad_effect: float = 0.85  # of wetted pads: share of the way from dry bulb to wet bulb
    cycles: float = 4.0  # concentration of minerals at which water is drained
    least_flow: float = 0.4  # fans and pumps never turn slower, over full speed
    loss_share: float = 0.04  # of power lost in transformers, UPS and wires at full load
    loss_fixed: float = 0.3  # of that loss, what remains at no load
    other_share: float = 0.01  # of full IT power: light, offices, controls

    @classmethod
    def from_catalog(cls, name: str, **changes: Any) -> Self:
        """The cooling called `name` in the catalog's table `cooling_kinds`, with `changes` to its fields."""
        item = named("cooling_kinds", name)
        common = {attribute: fact.value for attribute, fact in facts("cooling_kinds", "common").items()}
        tree = nested("cooling_kinds", item)
        own = {key: found.value for key, found in tree.items() if isinstance(found, Fact)}
        loops = {key: _loop(found) for key, found in tree.items() if isinstance(found, dict)}
        known = {field.name for field in fields(cls)}
        return cls(**{k: v for k, v in (common | own | loops | {"name": item} | changes).items() if k in known})


def _loop(tree: dict[str, Any]) -> Loop:
    return Loop(**{key: fact.value for key, fact in tree.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """What a site adds to the power of its computers, hour by hour."""

    pue: Array  # (T,)
    water_l_per_kwh: Array  # (T,), evaporated and drained at the site, per kWh of IT
    free_share: Array  # (T,), of the heat that no compressor touches


def overhead(cooling: Cooling, temp_c: Array, rh_pct: Array, load_share: Array | float = 1.0) -> Overhead:
    """PUE and water at the weather given, with IT power at `load_share` of what the site is built for.

    Leaves out humidifying in winter, thermal storage, heat that is sold, and the altitude of the site.

    Raises:
        ValueError: The arrays differ in length, or a value is no weather or no share of a load.
    """
    temp, humidity = np.asarray(temp_c, dtype=np.float64), np.asarray(rh_pct, dtype=np.float64)
    share = np.broadcast_to(np.asarray(load_share, dtype=np.float64), temp.shape)
    if temp.shape != humidity.shape or not (np.isfinite(temp).all() and np.isfinite(humidity).all()):
        raise ValueError(f"cooling: temperature {temp.shape} and humidity {humidity.shape} need the same finite hours")
    if humidity.min() < 0 or humidity.max() > 100.5 or temp.min() < -90 or temp.max() > 65:
        raise ValueError("cooling: humidity must be between 0 and 100 %, temperature between -90 and 65 °C")
    if share.min() <= 0 or share.max() > 1 + 1e-9:
        raise ValueError(f"cooling: load share {share.min():g} to {share.max():g} must be above 0 and at most 1")
    # Losses per kWh of IT: a fixed part, and a part that rises with the square of the current.
    losses = cooling.loss_share * (cooling.loss_fixed + (1 - cooling.loss_fixed) * share**2) / share
    other = cooling.other_share / share
    wet = wet_bulb_c(temp, humidity)
    liquid_heat = cooling.liquid_share if cooling.liquid is not None else 0.0
    air_heat = 1 + losses - liquid_heat
    power, water, free = (air_heat * part for part in _way_out(cooling, cooling.air, temp, wet, humidity, share))
    if cooling.liquid is not None:
        more = _way_out(cooling, cooling.liquid, temp, wet, humidity, share)
        power, water, free = (a + liquid_heat * b for a, b in zip((power, water, free), more, strict=True))
    return Overhead(pue=1 + losses + other + power, water_l_per_kwh=water, free_share=free / (air_heat + liquid_heat))


def _way_out(
    cooling: Cooling, loop: Loop, temp: Array, wet: Array, humidity: Array, share: Array
) -> tuple[Array, Array, Array]:
    """Power, water in litres and heat without compressor, each per kWh of heat that a loop carries."""
    cooled = _wetted_c(cooling, loop, temp, wet)
    sink = wet if loop.rejection == "tower" else temp - cooled
    warm = loop.supply_c + loop.range_c - (sink + loop.approach_c)
    free = np.clip(warm / loop.range_c, 0.0, 1.0)
    compressor = (1 - free) / _cop(cooling, loop, sink)
    # A sink colder than it need be takes the same heat with less air; power goes with the cube of the flow.
    flow = share * np.clip(loop.approach_c / np.maximum(loop.supply_c - sink, 1e-6), 0.0, 1.0)
    flow = np.where(sink + loop.approach_c >= loop.supply_c, share, flow)
    fans = loop.reject_share * np.maximum(flow, cooling.least_flow) ** 3 / share
    inside = loop.move_share * np.maximum(share, cooling.least_flow) ** 3 / share
    litres = cooled / loop.range_c * J_PER_G_PER_KWH_PER_L / LATENT_J_PER_G
    if loop.rejection == "tower":
        litres = (1 + compressor) * _evaporated_l_per_kwh(loop, temp, wet, humidity)
    drained = cooling.cycles / (cooling.cycles - 1)
    return inside + fans + compressor, litres * drained, free


def _wetted_c(cooling: Cooling, loop: Loop, temp: Array, wet: Array) -> Array:
    """By how much water cools the incoming air: as far as is needed, at most as far as pads can."""
    if loop.rejection not in ("outside_air", "adiabatic"):
        return np.zeros_like(temp)
    needed = np.maximum(temp + loop.approach_c - loop.supply_c, 0.0)
    return np.asarray(np.minimum(needed, cooling.pad_effect * np.maximum(temp - wet, 0.0)))


def _cop(cooling: Cooling, loop: Loop, sink: Array) -> Array:
    """Heat moved over compressor power: a share of that of a reversible machine between the same temperatures."""
    evaporator = loop.supply_c - cooling.evaporator_c
    lift = np.maximum(sink + loop.condense_c - evaporator, cooling.least_lift_c)
    return np.asarray(cooling.carnot_share * (evaporator + KELVIN) / lift)


def _evaporated_l_per_kwh(loop: Loop, temp: Array, wet: Array, humidity: Array) -> Array:
    """Litres that a tower evaporates per kWh of heat; its air leaves saturated at the mean temperature of the water."""
    leaving = np.maximum(loop.supply_c, wet + loop.approach_c) + loop.range_c / 2
    before, after = humidity_ratio(temp, humidity), humidity_ratio(leaving, np.full_like(temp, 100.0))
    heat = enthalpy_j_per_g(leaving, after) - enthalpy_j_per_g(temp, before)
    return np.asarray((after - before) / heat * J_PER_G_PER_KWH_PER_L)
