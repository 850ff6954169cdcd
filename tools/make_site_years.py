"""Makes the site-years, the climates and the index of the catalog from hourly files of capacity factors.

    python tools/make_site_years.py FOLDER

FOLDER holds site_NAME.csv (hour_utc, pv_cf, temp_c, rh_pct and, where known, wind_cf) of the sites below. Climates are
fitted to them; what a file lacks (wind, humidity) and whole sites are then drawn from the climates, with fixed seeds.
Needs SciPy.
"""

from __future__ import annotations

import csv
import math
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import norm

from gigawatt import catalog
from gigawatt.power import weather as w
from gigawatt.power.solar import PvPlant, clear_sky, pv_cf, solar_position

Array = np.ndarray
CATALOG = Path(catalog.__file__).parent
NIGHT_ZENITH = 97.0  # degrees, in the middle of the hour: the sun is below the horizon all of it
SUMMER = np.cos(2 * np.pi * (np.arange(365) - w.MIDSUMMER_DAY) / 365)
HEAD = "item,attribute,value,unit,low,high,as_of,confidence,source,note".split(",")
MEASURED_WIND = {
    "wind_season": 0.1,
    "wind_daily": 0.1,
    "wind_peak_hour": 16,
    "wind_days": 1.0,
    "wind_hourly": 0.1,
    "wind_cloud": 0.1,
}


@dataclass(frozen=True)
class Site:
    """A place, where its weather comes from and the climate that is fitted to it or made for it."""

    place: str
    lat: float
    lon: float
    altitude_m: float
    region: str
    grid: str
    year: str
    source: str
    climate: str
    turbidity: float
    wind_mps: float = 0.0  # where the file has no wind
    dew: tuple[float, float] = (0.0, 0.0)  # where it has no humidity


SITES = {
    "us_tx_abilene": Site(
        "near Abilene, Texas", 32.33, -100.18, 550, "us_tx", "ercot", "2013", "nsrdb-wtk", "steppe", 3.2
    ),
    "us_tx_amarillo": Site(
        "Texas Panhandle near Amarillo", 35.21, -101.94, 1100, "us_tx", "ercot", "2012", "nsrdb-wtk", "high_plains", 2.9
    ),
    "us_tx_pecos": Site(
        "West Texas near Pecos",
        30.65,
        -101.7,
        800,
        "us_tx",
        "ercot",
        "2013",
        "nsrdb-wtk",
        "dry_steppe",
        3.0,
        dew=(13.0, 5.5),
    ),
    "us_mn_ironrange": Site(
        "Iron Range, Minnesota", 47.53, -92.54, 440, "us_midwest", "pjm", "2013", "nsrdb-wtk", "continental", 2.8
    ),
    "us_ca_daggett": Site(
        "Daggett, California (Mojave)",
        34.85,
        -116.78,
        590,
        "us_west",
        "caiso",
        "typical year",
        "nsrdb",
        "desert",
        3.0,
        6.2,
        (16.0, 6.0),
    ),
    "my_selangor": Site(
        "Selangor, Malaysia", 3.26, 101.65, 30, "asia", "singapore", "2020", "nsrdb", "tropical_humid", 4.5, 3.0
    ),
    "it_rome": Site("Rome, Italy", 41.89, 12.42, 50, "europe", "germany", "2008", "nsrdb", "mediterranean", 3.6, 4.8),
    "au_geraldton": Site(
        "Geraldton, Western Australia",
        -28.46,
        114.55,
        30,
        "asia",
        "new_south_wales",
        "2020",
        "nsrdb",
        "dry_coast",
        3.2,
        8.0,
    ),
    "dk_jutland": Site(
        "West Jutland, Denmark", 56.274, 8.554, 30, "europe", "germany", "2023", "open-meteo-archive", "maritime", 3.0
    ),
    "ae_abu_dhabi": Site(
        "Abu Dhabi, UAE", 24.43, 54.65, 20, "gulf", "gulf_states", "synthetic", "own-estimate", "gulf_coast", 5.5
    ),
    "no_rogaland": Site(
        "Rogaland, South-West Norway",
        58.9,
        5.7,
        50,
        "europe",
        "nordic",
        "synthetic",
        "own-estimate",
        "north_sea_coast",
        2.8,
    ),
    "in_gujarat": Site(
        "Gujarat, India", 23.0, 72.6, 60, "asia", "west_india", "synthetic", "own-estimate", "monsoon", 5.5
    ),
}
BANDS = {"tropical_humid": 0.0, "desert": 15.0, "mediterranean": 32.0, "maritime": 45.0}
MADE = {  # climate -> the one it starts from, what differs, and why
    "gulf_coast": (
        "desert",
        {
            "turbidity": 4.0,
            "clear_mean": 0.965,
            "clear_season": 0.02,
            "wind_mps": 5.0,
            "wind_season": -0.05,
            "wind_daily": 0.25,
            "wind_peak_hour": 15,
            "mean_c": 28.3,
            "season_c": 8.5,
            "day_c": 5.0,
            "anomaly_c": 1.8,
            "dew_gap_c": 9.5,
            "dew_sd_c": 4.0,
        },
        "Abu Dhabi: 18 °C in January and 36 in August, humid air off the sea, sea breeze in the afternoon, about 2,180 "
        "kWh/m2 of sun a year",
    ),
    "north_sea_coast": (
        "maritime",
        {
            "turbidity": 3.0,
            "clear_mean": 0.59,
            "clear_season": 0.06,
            "wind_mps": 8.7,
            "wind_season": 0.15,
            "wind_daily": 0.05,
            "mean_c": 8.0,
            "season_c": 6.3,
            "day_c": 2.0,
            "anomaly_c": 2.8,
            "dew_gap_c": 3.2,
            "dew_sd_c": 1.8,
        },
        "Stavanger: 2 °C in January and 15 in July, cloud over two thirds of the sky, wind of 8 to 9 m/s at 100 m on "
        "the coast, about 890 kWh/m2 of sun a year",
    ),
    "monsoon": (
        "desert",
        {
            "turbidity": 4.2,
            "clear_mean": 0.88,
            "clear_season": -0.09,
            "clear_days": 1.5,
            "wind_mps": 6.8,
            "wind_season": -0.3,
            "wind_daily": 0.15,
            "wind_peak_hour": 20,
            "mean_c": 27.6,
            "season_c": 5.0,
            "day_c": 6.5,
            "anomaly_c": 2.0,
            "dew_gap_c": 9.5,
            "dew_sd_c": 5.0,
        },
        "Ahmedabad: 20 °C in January and 34 in May, clouds and wind of the summer monsoon, about 1,960 kWh/m2 of sun "
        "a year",
    ),
}
MEANINGS = {
    "from_lat": ("1", "degrees; stands for latitudes from here, north or south, unless asked for by name"),
    "mean_lat": ("1", "degrees; latitude that mean_c holds at"),
    "turbidity": ("1", "Linke turbidity; 2 in clean cold air, 3 in the countryside, 5 and more in dust and haze"),
    "clear_mean": ("1", "mean of irradiance over that of a clear sky"),
    "clear_season": ("1", "half the range of that over the year, above 0: clearer in summer"),
    "clear_least": ("1", "irradiance under the darkest cloud over that of a clear sky"),
    "clear_days": ("days", "how long the weather of clouds lasts: autocorrelation of days falls to 1/e"),
    "clear_hourly": ("1", "share of the variance of clouds that changes within hours"),
    "wind_mps": ("1", "m/s; mean wind at 100 m"),
    "wind_shape": ("1", "shape k of the Weibull distribution; 1.8 to 2.3 over land"),
    "wind_season": ("1", "half the range over the year over the mean, above 0: more in winter"),
    "wind_daily": ("1", "half the range over the day over the mean"),
    "wind_peak_hour": ("hour", "local solar hour of the strongest wind"),
    "wind_days": ("days", "how long the weather of wind lasts"),
    "wind_hourly": ("1", "share of the variance of wind that changes within hours"),
    "wind_cloud": ("1", "correlation of wind and clouds"),
    "mean_c": ("°C", "mean temperature"),
    "season_c": ("°C", "half the range over the year"),
    "day_c": ("°C", "half the range over a mean day"),
    "anomaly_c": ("°C", "standard deviation of days about the season"),
    "anomaly_days": ("days", "how long warm and cold spells last"),
    "dew_gap_c": ("°C", "mean temperature less dew point"),
    "dew_sd_c": ("°C", "standard deviation of that"),
}


def read(folder: Path, name: str) -> dict[str, Array]:
    """Columns of one file; those that are blank or constant are left out."""
    with (folder / f"site_{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = {c: np.array([float(r[c] or "nan") for r in rows]) for c in rows[0] if c != "hour_utc"}
    return {c: values for c, values in columns.items() if np.isfinite(values).all() and values.std() > 0}


def darken(site: Site, hours: dict[str, Array]) -> int:
    """Take away sun that shines by night, where a source bridged missing hours; returns how many hours."""
    wrong = (hours["pv_cf"] > 0) & (solar_position(site.lat, site.lon).zenith > NIGHT_ZENITH)
    hours["pv_cf"] = np.where(wrong, 0.0, hours["pv_cf"])
    return int(wrong.sum())


def scores(x: Array) -> Array:
    """Normal scores of the values."""
    return norm.ppf((np.argsort(np.argsort(x)) + 0.5) / len(x))


def lag(x: Array, hours: int) -> float:
    """Autocorrelation."""
    return float(np.corrcoef(x[:-hours], x[hours:])[0, 1])


def days(x: Array, lon: float) -> Array:
    """Hours as (365, 24) in local time."""
    return np.roll(x, round(lon / 15)).reshape(365, 24)


def fit(site: Site, hours: dict[str, Array]) -> w.Climate:
    """The climate that a site-year looks as if drawn from."""
    summer = SUMMER * (1 if site.lat >= 0 else -1)
    clouds, dark = fit_clouds(site, hours, summer)
    wind = fit_wind(site, hours["wind_cf"], summer, dark) if "wind_cf" in hours else MEASURED_WIND
    air = fit_air(site, hours, summer)
    found = w.Climate(
        name=site.climate,
        turbidity=site.turbidity,
        wind_mps=site.wind_mps or 7.0,
        wind_shape=2.1,
        mean_lat=abs(site.lat),
        **clouds,
        **wind,
        **air,
    )
    return tuned(found, site, hours)


def fit_clouds(site: Site, hours: dict[str, Array], summer: Array) -> tuple[dict[str, float], Array]:
    """How clear the sky is, and normal scores of how dark each day is."""
    sky = clear_sky(solar_position(site.lat, site.lon), turbidity=site.turbidity, altitude_m=site.altitude_m)
    plant = PvPlant.from_catalog("tracking")
    clear = days(pv_cf(sky, hours["temp_c"], np.full(8760, 3.0), lat=site.lat, lon=site.lon, plant=plant), site.lon)
    pv = days(hours["pv_cf"], site.lon)
    share = pv.sum(axis=1) / clear.sum(axis=1)
    mean, season = np.linalg.lstsq(np.c_[np.ones(365), summer], np.minimum(share, 1.02), rcond=None)[0]
    daily = scores(share - season * summer)
    noon = (pv / np.maximum(clear, 0.02))[:, 9:16]
    out = {
        "clear_mean": min(mean, 0.97),
        "clear_season": round(season, 3),
        "clear_least": 0.12,
        "clear_days": round(-1 / math.log(max(lag(daily, 1), 0.15)), 2),
        "clear_hourly": round(float(np.clip(noon.var(axis=1).mean() / noon.var(), 0.05, 0.5)), 2),
    }
    return out, -daily


def fit_wind(site: Site, cf: Array, summer: Array, dark: Array) -> dict[str, float]:
    """Season, day and memory of the wind."""
    hour = 2 * np.pi * w.local_hours(site.lon) / 24
    terms = np.c_[np.ones(8760), np.repeat(summer, 24), np.cos(hour), np.sin(hour)]
    at = np.linalg.lstsq(terms, cf, rcond=None)[0] / cf.mean() / 1.6  # output grows about as speed to the power of 1.6
    amplitude, z = math.hypot(at[2], at[3]), scores(cf)
    goal = {1: (lag(z, 1), 60), 6: (lag(z, 6), 1), 24: (lag(z, 24) - 1.28 * amplitude**2, 1)}

    def miss(last: float, fast: float) -> float:
        return sum(
            k * ((1 - fast) * math.exp(-h / 24 / last) + fast * math.exp(-h / 4) - a) ** 2 for h, (a, k) in goal.items()
        )

    lasts, fasts = (0.35, 0.5, 0.75, 1, 1.25, 1.5, 2, 3), (0.03, 0.05, 0.1, 0.15, 0.2)
    last, fast = min(((a, b) for a in lasts for b in fasts), key=lambda ab: miss(*ab))
    windy = np.corrcoef(scores(days(cf, site.lon).mean(axis=1)), dark)[0, 1]
    return {
        "wind_season": round(-at[1], 2),
        "wind_daily": round(amplitude, 2),
        "wind_hourly": fast,
        "wind_days": last,
        "wind_peak_hour": round(math.atan2(at[3], at[2]) * 12 / np.pi % 24),
        "wind_cloud": round(windy, 2),
    }


def fit_air(site: Site, hours: dict[str, Array], summer: Array) -> dict[str, float]:
    """Season, day and spread of temperature and dew point."""
    t = hours["temp_c"]
    day = np.cos(2 * np.pi * (w.local_hours(site.lon) - w.WARMEST_HOUR) / 24)
    terms = np.c_[np.ones(8760), np.roll(np.repeat(summer, 24), 28 * 24), day]
    at = np.linalg.lstsq(terms, t, rcond=None)[0]
    left = (t - terms @ at).reshape(365, 24).mean(axis=1)
    gap, spread = site.dew
    if "rh_pct" in hours:
        g = np.log(np.maximum(hours["rh_pct"], 1) / 100) + 17.625 * t / (243.04 + t)
        gaps = (t - 243.04 * g / (17.625 - g)).reshape(365, 24).mean(axis=1)
        gap, spread = gaps.mean(), gaps.std()
    return {
        "mean_c": round(at[0], 1),
        "season_c": round(at[1], 1),
        "day_c": round(at[2], 1),
        "anomaly_c": round(left.std(), 1),
        "anomaly_days": round(min(-1 / math.log(lag(left, 1)), 5), 1),
        "dew_gap_c": round(gap, 1),
        "dew_sd_c": round(spread, 1),
    }


def tuned(climate: w.Climate, site: Site, hours: dict[str, Array]) -> w.Climate:
    """The climate with clouds and wind such that four years give the means of the site-year."""
    for _ in range(8):
        years = [
            w.synthetic_weather(
                site.lat, site.lon, rng=np.random.default_rng(i), climate=climate, altitude_m=site.altitude_m
            )
            for i in range(4)
        ]
        sun = hours["pv_cf"].mean() / np.mean([y.pv_cf.mean() for y in years])
        wind = hours["wind_cf"].mean() / np.mean([y.wind_cf.mean() for y in years]) if "wind_cf" in hours else 1.0
        clear = float(np.clip(climate.clear_mean * sun**0.9, 0.2, 0.975))
        climate = replace(climate, clear_mean=round(clear, 3), wind_mps=round(climate.wind_mps * wind**0.55, 2))
    return climate


def plain(x: float, digits: int) -> str:
    """A number in as few characters as its digits allow."""
    text = f"{x:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{x:.0f}"
    return "0" if text in ("-0", "") else text


def write(path: Path, columns: dict[str, Array]) -> None:
    """A site-year as CSV."""
    digits = {"pv_cf": 4, "wind_cf": 4, "temp_c": 1, "rh_pct": 0}
    lines = ["hour_utc," + ",".join(digits)]
    for hour in range(8760):
        lines.append(f"{hour}," + ",".join(plain(columns[c][hour], n) for c, n in digits.items()))
    path.write_text("\n".join(lines) + "\n")


def filled(site: Site, hours: dict[str, Array], climate: w.Climate, seed: int) -> tuple[dict[str, Array], list[str]]:
    """All four columns, and which of them were drawn."""
    rng = np.random.default_rng(seed)
    drawn = w.synthetic_weather(site.lat, site.lon, rng=rng, climate=climate, altitude_m=site.altitude_m)
    columns = asdict(drawn) | hours
    if hours and "rh_pct" not in hours:
        columns["rh_pct"] = w.humidity_pct(hours["temp_c"], w.persistent(rng, climate.anomaly_days), climate)
    return columns, [name for name in asdict(drawn) if name not in hours]


def climate_rows(name: str, climate: w.Climate, reason: str) -> list[list[str]]:
    """Rows of the catalog for one climate."""
    values = asdict(replace(climate, from_lat=BANDS.get(name, 0.0)))
    kept = [a for a in MEANINGS if a != "from_lat" or name in BANDS]
    return [
        [
            name,
            a,
            f"{values[a] + 0.0:g}",
            MEANINGS[a][0],
            "",
            "",
            "2026-11",
            "own-estimate",
            "own-estimate",
            f"{MEANINGS[a][1]}; {reason}",
        ]
        for a in kept
    ]


def site_rows(name: str, site: Site, drawn: list[str], dark: int) -> list[list[str]]:
    """Rows of the index for one site."""
    own = ["", "", "2026-11", "own-estimate", "own-estimate"]
    from_ = own if site.source == "own-estimate" else ["", "", "2026-11", "secondary", site.source]
    known = {
        "synthetic": "drawn from the climate, no measured year",
        "typical year": "months of several years put together",
    }
    said = known.get(site.year, "one real year" + ", sun and wind of the same hours" * ("wind_cf" not in drawn))
    said += "; wind extrapolated from 10 m with shear 0.18" * (site.source == "open-meteo-archive")
    said += f"; {dark} hours of sun by night around 28 February, bridged by the source, set to 0" * (dark > 0)
    return [
        [name, "name", site.place, "text", *own, "what the place is called"],
        [name, "lat", f"{site.lat:g}", "1", *own, "degrees north"],
        [name, "lon", f"{site.lon:g}", "1", *own, "degrees east"],
        [name, "altitude", f"{site.altitude_m:g}", "1", *own, "m above the sea, rounded"],
        [name, "region", site.region, "text", *own, "of the table regions"],
        [name, "grid", site.grid, "text", *own, "of the table grids: whose hourly shape of price and carbon"],
        [name, "climate", site.climate, "text", *own, "of the table climates"],
        [name, "weather", site.year, "text", *from_, said],
        [name, "filled", " ".join(drawn) or "none", "text", *own, "columns drawn from the climate, not measured"],
    ]


def main(folder: Path) -> None:
    """Write climates.csv, site_years.csv and site_years/*.csv."""
    own = ["2026-11", "own-estimate", "own-estimate"]
    said = "per degree of latitude away from the equator, at sea level: 27 °C at 5 degrees, 15 at 40, 0 at 60"
    earth = ["earth", "cooling_c_per_degree", "0.75", "°C", "0.5", "1", *own, said]
    climates, index, fitted = [earth], [], {}
    for name, site in SITES.items():
        hours = read(folder, name) if site.source != "own-estimate" else {}
        dark = darken(site, hours) if hours else 0
        if hours:
            climate, reason = fit(site, hours), f"fitted to the site-year {name}"
            lacks = [f"wind at 100 m of about {site.wind_mps:g} m/s"] * ("wind_cf" not in hours)
            lacks += ["dew point of dry country"] * ("rh_pct" not in hours)
            reason += f"; {' and '.join(lacks)} assumed" * bool(lacks)
        else:
            base, changes, reason = MADE[site.climate]
            climate = replace(fitted[base], name=site.climate, mean_lat=abs(site.lat), **changes)
            reason += f"; the rest as {base}"
        fitted[site.climate] = climate
        columns, drawn = filled(site, hours, climate, seed=len(fitted))
        write(CATALOG / "site_years" / f"{name}.csv", columns)
        climates += climate_rows(site.climate, climate, reason)
        index += site_rows(name, site, drawn, dark)
        print(name, {c: round(float(x.mean()), 3) for c, x in columns.items()}, "drawn:", drawn)
    for table, rows in (("climates", climates), ("site_years", index)):
        with (CATALOG / f"{table}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
