"""A year of weather and of the grid at one place, hour by hour."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from gigawatt import catalog
from gigawatt.power.prices import Market, distance_km, market_at, price_and_carbon
from gigawatt.power.site_csv import read_hours
from gigawatt.power.weather import Climate, climate_at, humidity_pct, persistent, synthetic_weather

Array = np.ndarray

CAPACITY_FACTORS = ("pv_cf", "wind_cf")
WEATHER = (*CAPACITY_FACTORS, "temp_c", "rh_pct")
HOURLY = (*WEATHER, "price_usd_per_mwh", "carbon_g_per_kwh")
GRID = {"price_usd_per_mwh": "price", "carbon_g_per_kwh": "carbon"}
FAR_KM = 1500.0  # beyond this the nearest market says little
FOLDER = Path(catalog.__file__).parent / "site_years"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteYear:
    """8,760 hours at one place from 1 January 00:00 UTC, without 29 February; all arrays are of one length.

    Capacity factors are output over rated power (of PV: AC power). Price and carbon are those of the grid there; the
    price is that of energy, to which a connection adds `delivery_usd_per_mwh` unless its option says otherwise.
    """

    name: str
    place: str
    lat: float  # degrees north
    lon: float  # degrees east
    pv_cf: Array
    wind_cf: Array | None  # None: not known
    temp_c: Array
    rh_pct: Array
    price_usd_per_mwh: Array
    carbon_g_per_kwh: Array
    source: str  # with the attribution that a licence asks for
    note: str = ""
    region: str = ""  # of the catalog's table `regions`
    delivery_usd_per_mwh: float = 0.0  # of the grid there; 0 where the price is the user's own, and so all there is

    def __post_init__(self) -> None:
        for name in HOURLY:
            values = getattr(self, name)
            if values is None and name == "wind_cf":
                continue
            if np.shape(values) != np.shape(self.temp_c):
                raise ValueError(f"{self.name}: {name} has shape {np.shape(values)}, temp_c {np.shape(self.temp_c)}")
            if not np.isfinite(values).all():
                hour = int(np.argmin(np.isfinite(values)))
                raise ValueError(f"{self.name}: {name} is {values[hour]} in hour {hour}")
            if name in CAPACITY_FACTORS and not (values.min() >= 0.0 and values.max() <= 1.0 + 1e-9):
                hour = int(np.argmax(np.abs(values - 0.5)))
                raise ValueError(f"{self.name}: {name} is {values[hour]:g} in hour {hour}, not between 0 and 1")


def sites() -> tuple[str, ...]:
    """Names of the site-years that come with gigawatt."""
    return catalog.items("site_years")


def site_year(
    where: str | Path | tuple[float, float],
    *,
    grid: str | None = None,
    climate: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    seed: int = 0,
    drop_leap_day: bool = False,
) -> SiteYear:
    """A year at a place: one of `sites()`, a CSV file, or a made-up year at "latitude,longitude".

    What a file does not tell is filled, and `note` says so: humidity from the climate, price and carbon from the grid.
    Wind stays None where a file has none. A drawn price is that of energy, with the region's delivery beside it; a
    price that a file gives is taken for all that power costs there, delivery included.

    Args:
        where: A name such as "us_tx_abilene", the path of a file that ends in .csv (see `read_hours`), or a place such
            as "32.3,-100.2" or (32.3, -100.2).
        grid: A market of the catalog's table `grids`; that of the site, or the nearest one, when not given.
        climate: An item of the table `climates` for a made-up year; that of the latitude when not given.
        lat: Of a file's place; only needed for what the file does not tell.
        lon: The same.
        seed: Of what is drawn. A shipped site-year has the same weather under every seed.
        drop_leap_day: Leave 29 February of a file out.

    Raises:
        ScenarioError: All mistakes of the file.
        ValueError: No such site or place, or a file that does not tell where it is although that is needed.
    """
    text = str(where)
    if isinstance(where, Path) or text.lower().endswith(".csv"):
        return _from_file(Path(where if isinstance(where, Path) else text), grid, lat, lon, seed, drop_leap_day)
    if (place := _place(where)) is not None:
        return _made_up(*place, grid, climate, seed)
    return _shipped(catalog.named("site_years", text), grid, seed)


def _place(where: str | Path | tuple[float, float]) -> tuple[float, float] | None:
    """Latitude and longitude that a text or a pair states."""
    parts = where if isinstance(where, tuple) else str(where).split(",")
    if len(parts) != 2:
        return None
    try:
        return float(parts[0]), float(parts[1])
    except ValueError:
        return None


def _shipped(name: str, grid: str | None, seed: int) -> SiteYear:
    facts = catalog.facts("site_years", name)
    hours = _shipped_hours(name)
    drawn = str(facts["filled"].value)
    known = catalog.source(facts["weather"].source)
    market = Market.from_catalog(grid or str(facts["grid"].value))
    return SiteYear(
        name=name,
        place=str(facts["name"].value),
        lat=float(facts["lat"].value),
        lon=float(facts["lon"].value),
        pv_cf=hours["pv_cf"],
        wind_cf=hours["wind_cf"],
        temp_c=hours["temp_c"],
        rh_pct=hours["rh_pct"],
        **_grid_hours(market, hours, np.random.default_rng([zlib.crc32(name.encode()), seed])),
        source="drawn from the climate of the place"
        if known.key == "own-estimate"
        else f"{known.title}. {known.licence}",
        note=_joined(
            facts["weather"].note, "" if drawn == "none" else f"drawn from the climate: {drawn}", _priced(market)
        ),
        region=str(facts["region"].value),
        delivery_usd_per_mwh=market.delivery_usd_per_mwh,
    )


@lru_cache(maxsize=32)
def _shipped_hours(name: str) -> dict[str, Array]:
    hours = read_hours(FOLDER / f"{name}.csv", required=WEATHER)
    for values in hours.values():
        values.flags.writeable = False  # they are shared by all who ask
    return hours


def _made_up(lat: float, lon: float, grid: str | None, climate: str | None, seed: int) -> SiteYear:
    rng = np.random.default_rng(seed)
    known = Climate.from_catalog(climate) if climate else climate_at(lat)
    weather = synthetic_weather(lat, lon, rng=rng, climate=known)
    market = Market.from_catalog(grid) if grid else market_at(lat, lon)
    return SiteYear(
        name=f"{lat:g},{lon:g}",
        place=f"{abs(lat):g} {'N' if lat >= 0 else 'S'}, {abs(lon):g} {'E' if lon >= 0 else 'W'}",
        lat=lat,
        lon=lon,
        pv_cf=weather.pv_cf,
        wind_cf=weather.wind_cf,
        temp_c=weather.temp_c,
        rh_pct=weather.rh_pct,
        **_grid_hours(market, {"pv_cf": weather.pv_cf, "wind_cf": weather.wind_cf}, rng),
        source="drawn from the climate of the place",
        note=_joined(f"made-up year of climate {known.name}", _priced(market, lat, lon)),
        region=market.region,
        delivery_usd_per_mwh=market.delivery_usd_per_mwh,
    )


def _from_file(
    path: Path, grid: str | None, lat: float | None, lon: float | None, seed: int, drop_leap_day: bool
) -> SiteYear:
    hours = read_hours(path, drop_leap_day=drop_leap_day)
    rng, notes, region, delivery = np.random.default_rng(seed), [_cheap(hours)], "", 0.0
    if "rh_pct" not in hours:
        known = climate_at(_needed(path, "rh_pct", lat))
        hours["rh_pct"] = humidity_pct(hours["temp_c"], persistent(rng, known.anomaly_days), known)
        notes.append(f"drawn from the climate {known.name}: rh_pct")
    drawn = tuple(name for name in GRID if name not in hours)
    if grid or drawn:
        market = _market(path, grid, lat, lon)
        hours, region = _grid_hours(market, hours, rng) | hours, market.region
        delivery = market.delivery_usd_per_mwh if "price_usd_per_mwh" in drawn else 0.0
        notes.append(_priced(market, lat, lon, drawn))
    return SiteYear(
        name=path.stem,
        place=path.stem,
        lat=float("nan") if lat is None else lat,
        lon=float("nan") if lon is None else lon,
        pv_cf=hours["pv_cf"],
        wind_cf=hours.get("wind_cf"),
        temp_c=hours["temp_c"],
        rh_pct=hours["rh_pct"],
        price_usd_per_mwh=hours["price_usd_per_mwh"],
        carbon_g_per_kwh=hours["carbon_g_per_kwh"],
        source=str(path),
        note=_joined(*notes),
        region=region,
        delivery_usd_per_mwh=delivery,
    )


def _market(path: Path, grid: str | None, lat: float | None, lon: float | None) -> Market:
    if grid:
        return Market.from_catalog(grid)
    return market_at(_needed(path, "price_usd_per_mwh or carbon_g_per_kwh", lat), _needed(path, "price", lon))


def _needed(path: Path, missing: str, angle: float | None) -> float:
    if angle is None:
        known = ", ".join(catalog.items("grids"))
        raise ValueError(
            f"{path} has no {missing}: say where it is by lat and lon, and grid if you like (one of {known})"
        )
    return angle


def _grid_hours(grid: Market, weather: Mapping[str, Array], rng: np.random.Generator) -> dict[str, Array]:
    price, carbon = price_and_carbon(grid, rng=rng, pv_cf=weather.get("pv_cf"), wind_cf=weather.get("wind_cf"))
    return {"price_usd_per_mwh": price, "carbon_g_per_kwh": carbon}


def _cheap(hours: Mapping[str, Array]) -> str:
    """A remark on a price that looks like one of another unit."""
    mean = float(hours["price_usd_per_mwh"].mean()) if "price_usd_per_mwh" in hours else 0.0
    return f"price_usd_per_mwh is {mean:.3g} on average: perhaps these are USD/kWh" if 0.0 < mean < 1.0 else ""


def _priced(
    grid: Market, lat: float | None = None, lon: float | None = None, drawn: Sequence[str] = tuple(GRID)
) -> str:
    """Which of price and carbon are drawn, from which grid, and what comes on top of the price; "" if none is."""
    if not drawn:
        return ""
    far = 0.0 if lat is None or lon is None else distance_km(lat, lon, grid.lat, grid.lon)
    away = f", {far:,.0f} km away: name a grid that suits better" if far > FAR_KM else ""
    on_top = f", {grid.delivery_usd_per_mwh:g} USD/MWh for delivery on top" if "price_usd_per_mwh" in drawn else ""
    return f"{' and '.join(GRID[name] for name in drawn)} drawn with the shape of the grid {grid.name}{on_top}{away}"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
