"""A year of weather and of the grid at one place, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from gigawatt import catalog
from gigawatt.power.site_csv import read_hours
from gigawatt.units import HOURS_PER_YEAR

Array = np.ndarray

FOLDER = Path(catalog.__file__).parent / "site_years"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteYear:
    """8,760 hours at one place from 1 January 00:00 UTC, without 29 February; every array is (8760,).

    Capacity factors are output over rated power (of PV: AC power). Price and carbon are those of the grid there.
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


def sites() -> tuple[str, ...]:
    """Names of the site-years that come with gigawatt."""
    return catalog.items("site_years")


def site_year(name: str | Path) -> SiteYear:
    """The year of a site: a name of `sites()`."""
    return _shipped(catalog.named("site_years", str(name)))


@lru_cache(maxsize=32)
def _shipped(name: str) -> SiteYear:
    facts = catalog.facts("site_years", name)
    hours = read_hours(FOLDER / f"{name}.csv", required=("pv_cf", "temp_c", "rh_pct"))
    region = str(facts["region"].value)
    return SiteYear(
        name=name,
        place=str(facts["name"].value),
        lat=float(facts["lat"].value),
        lon=float(facts["lon"].value),
        pv_cf=hours["pv_cf"],
        wind_cf=hours.get("wind_cf"),
        temp_c=hours["temp_c"],
        rh_pct=hours["rh_pct"],
        **_grid(region),
        source=catalog.source(facts["weather"].source).title,
        note=facts["weather"].note,
        region=region,
    )


def _grid(region: str) -> dict[str, Array]:
    names = {"price_usd_per_mwh": "grid_usd_per_mwh", "carbon_g_per_kwh": "carbon_g_per_kwh"}
    return {to: np.full(HOURS_PER_YEAR, float(catalog.value("regions", region, of))) for to, of in names.items()}
