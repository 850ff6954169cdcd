"""Fits the table `grids` of the catalog to hourly series of price and carbon of one year.

    python tools/fit_grids.py FOLDER

FOLDER holds prices_2023_usd_per_mwh.csv and carbon_2023_lca_g_per_kwh.csv (hour_utc and one column a zone) and
site_dk_jutland.csv, whose weather of the same year tells what sun and wind do to the German price and carbon.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from gigawatt import catalog
from gigawatt.power import prices as p

Array = np.ndarray
CATALOG = Path(catalog.__file__).parent
HEAD = "item,attribute,value,unit,low,high,as_of,confidence,source,note".split(",")
SUNDAY = 6  # 1 January 2023
LATE_HOURS = {"pjm": 5, "nyiso": 5, "caiso": 8}  # their prices are moved from local time to UTC twice: peaks at night
SUMMER_TIME = slice(70 * 24, 308 * 24)  # 12 March to 5 November 2023, an hour less
LOCAL_SUN = -0.1  # one place at the rim of a large market says little of its sun: the fit gives 0.02
ASSUMED = "by the share of sun and wind in the market, scaled from what the wind of Jutland did to Germany's index"
# grid: name, zone of prices, zone of carbon, region, latitude, longitude, (sun, wind) of price, (sun, wind) of carbon
GRIDS = {
    "ercot": ("ERCOT, Texas", "US-TEX-ERCO", "US-TEX-ERCO", "us_tx", 31.5, -97.5, (-0.1, -0.3), (-0.2, -0.5)),
    "pjm": (
        "PJM, US Midwest and Mid-Atlantic",
        "US-MIDA-PJM",
        "US-MIDA-PJM",
        "us_midwest",
        40,
        -79,
        (-0.05, -0.1),
        (-0.1, -0.2),
    ),
    "caiso": ("CAISO, California", "US-CAL-CISO", "US-CAL-CISO", "us_west", 36, -119, (-0.2, -0.1), (-0.3, -0.2)),
    "nyiso": ("NYISO, New York", "US-NY-NYIS", "US-NY-NYIS", "us_midwest", 42, -74.5, (-0.05, -0.1), (-0.05, -0.1)),
    "germany": ("Germany and Luxembourg", "DE-LU", "DE-LU", "europe", 51, 9.5, None, None),
    "france": ("France", "FR", "", "europe", 47, 2.5, (-0.1, -0.2), (-0.1, -0.2)),
    "ontario": ("Ontario", "CA-ON", "CA-ON", "us_midwest", 44, -79.5, (-0.05, -0.15), (-0.05, -0.25)),
    "new_south_wales": ("New South Wales", "AU-NSW", "AU-NSW", "asia", -33, 150, (-0.15, -0.1), (-0.25, -0.15)),
    "singapore": ("Singapore", "SG", "SG", "asia", 1.35, 103.8, (-0.05, 0.0), (-0.2, 0.0)),
    "japan": ("Tokyo", "JP-TK", "JP-TK", "asia", 36, 139.5, (-0.2, -0.05), (-0.3, -0.05)),
}
# grid: name, price as, carbon as, zone of carbon of its own, region, latitude, longitude, what is kept of the spread of
# the price, means of its own, reason
LIKE = {
    "southeast": (
        "US Southeast",
        "pjm",
        "pjm",
        "us_southeast",
        33.5,
        -84.5,
        0.6,
        {},
        "no market; as PJM with three fifths of the spread, since utilities run their plants by cost",
    ),
    "nordic": (
        "Nordic countries",
        "germany",
        "ontario",
        "europe",
        60.5,
        11,
        0.5,
        {"grid_usd_per_mwh": 52, "delivery_usd_per_mwh": 10, "carbon_g_per_kwh": 35},
        "reservoirs halve the swings of the German price; southern Norway and Sweden pay 50 to 60 with network fees "
        "of 7 to 12; hydropower and nuclear emit 25 to 45 g",
    ),
    "gulf_states": (
        "Gulf states",
        "singapore",
        "singapore",
        "gulf",
        24.5,
        52,
        0.1,
        {},
        "no market; what it costs to make, dearer by a tenth of the swings of Singapore, which has gas plants too",
    ),
    "west_india": (
        "Western India",
        "japan",
        "IN-WE",
        "asia",
        21,
        74,
        1.0,
        {"grid_usd_per_mwh": 80, "delivery_usd_per_mwh": 12, "carbon_g_per_kwh": 749.2},
        "swings as in Tokyo, much sun by day and a peak in the evening; industrial tariffs 70 to 90 with 8 to "
        "15 of transmission",
    ),
    "china": (
        "China",
        "japan",
        "singapore",
        "china",
        33,
        114,
        0.8,
        {},
        "tariffs by the time of day with peaks in morning and evening, swings as in Tokyo less a fifth",
    ),
}


def read(path: Path) -> dict[str, Array]:
    """Columns of a file of hours."""
    with path.open() as file:
        head = file.readline().strip().split(",")
        return dict(zip(head, np.loadtxt(file, delimiter=",").T, strict=True))


def in_utc(values: Array, late: int) -> Array:
    """The series with its clock set right."""
    out = np.roll(values, -late)
    if late:
        out[SUMMER_TIME] = np.roll(values, 1 - late)[SUMMER_TIME]
    return out


def weights(lon: float) -> tuple[Array, Array, Array]:
    """Local hour of the day, share of each month's shape and whether it is a weekend, for every hour."""
    local = np.arange(8760) + round(lon / 15)
    return local % 24, p.month_weights(local // 24 % 365), ((local // 24 + SUNDAY) % 7 >= 5).astype(float)


def fit(values: Array, lon: float) -> tuple[dict[str, object], Array]:
    """The swing of a series, and what calendar leaves of its index."""
    index = np.empty(8760)
    index[np.argsort(values, kind="stable")] = p.scores(8760)
    hour, month, weekend = weights(lon)
    terms = np.concatenate([month * (hour == h)[:, None] for h in range(24)] + [weekend[:, None]], axis=1)
    found = np.linalg.lstsq(terms, index, rcond=None)[0]
    left = index - terms @ found
    days, hourly = memory(left)
    shapes = found[:-1].reshape(24, 4).T
    out: dict[str, object] = {"quantiles": np.quantile(values, p.SHARES)}
    out |= {name: shapes[m] for m, name in enumerate(p.MONTHS)}
    out |= {"weekend": found[-1], "noise": left.std(), "lasting_days": days, "hourly": hourly}
    return out, left


def memory(left: Array) -> tuple[float, float]:
    """Days that the slow part of the noise lasts, and the share of the fast part, from the autocorrelation."""
    lags = np.array([1, 3, 6, 12, 24, 48, 96])
    seen = np.array([np.corrcoef(left[:-k], left[k:])[0, 1] for k in lags])
    tries = [(days, fast) for days in (0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16) for fast in np.arange(0.05, 0.9, 0.05)]

    def miss(days: float, fast: float) -> float:
        model = (1 - fast) * np.exp(-lags / 24 / days) + fast * np.exp(-lags / 24 / p.FAST_DAYS)
        return float(((model - seen) ** 2).sum())

    return min(tries, key=lambda t: miss(*t))


def pull(left: Array, sun: Array, wind: Array) -> float:
    """What one standard deviation of wind beyond its season does to the index, the sun held."""
    return float(np.linalg.lstsq(np.c_[sun, wind], left, rcond=None)[0][1])


def narrowed(swing: dict[str, object], share: float) -> dict[str, object]:
    """A swing with a share of the spread about its median."""
    quantiles = np.asarray(swing["quantiles"])
    middle = quantiles[p.SHARES.index(0.5)]
    return swing | {"quantiles": middle + share * (quantiles - middle)}


MEANINGS = {
    "quantiles": "at 0, 0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9 and 100 % of the hours",
    "weekend": "index on Saturday and Sunday less that of the week, in standard deviations",
    "noise": "standard deviation of the index about its calendar",
    "lasting_days": "how long the noise lasts: its slow part falls to 1/e",
    "hourly": "share of the variance of the noise that changes within hours",
    "sun": "of the index, by one standard deviation of the local sun above its season",
    "wind": "of the index, by one standard deviation of the local wind above its season",
} | dict.fromkeys(p.MONTHS, "index by local hour of standard time, 0 to 23, in the middle of the month")


def swing_rows(
    grid: str, what: str, swing: dict[str, object], basis: tuple[str, str, str], known: bool
) -> list[list[str]]:
    """Rows of the catalog for one swing; `known` tells whether wind was fitted."""
    confidence, source, reason = basis
    rows = []
    for name, meaning in MEANINGS.items():
        value = swing[name]
        text = " ".join(f"{x:.4g}" if name == "quantiles" else f"{x:.2f}" for x in np.atleast_1d(np.asarray(value)))
        assumed = name == "sun" or (name == "wind" and not known)
        cells = ("own-estimate", "own-estimate", ASSUMED) if assumed else (confidence, source, reason)
        kind = "text" if " " in text else "days" if name.endswith("days") else "1"
        rows.append([grid, f"{what}_{name}", text, kind, "", "", "2023", *cells[:2], f"{meaning}; {cells[2]}"])
    return rows


def head_rows(
    grid: str, name: str, region: str, lat: float, lon: float, means: dict[str, float], reason: str
) -> list[list[str]]:
    """Rows that say what and where a grid is."""
    own = ["", "", "2026-11", "own-estimate", "own-estimate"]
    rows = [
        [grid, "name", name, "text", *own, "what the market is called"],
        [grid, "region", region, "text", *own, "of the table regions"],
        [grid, "lat", f"{lat:g}", "1", *own, "degrees north, middle of its load"],
        [grid, "lon", f"{lon:g}", "1", *own, "degrees east, middle of its load"],
    ]
    units = {"grid_usd_per_mwh": "USD/MWh", "delivery_usd_per_mwh": "USD/MWh", "carbon_g_per_kwh": "g/kWh"}
    said = f"in place of the region's: {reason}"
    meaning = dict.fromkeys(units, "mean") | {"delivery_usd_per_mwh": "part of the mean, the same in every hour"}
    return rows + [
        [grid, key, f"{value:g}", units[key], *own, f"{meaning[key]}, {said}"] for key, value in means.items()
    ]


def together_row(grid: str, value: float, basis: tuple[str, str, str]) -> list[str]:
    """Row of the correlation of noises."""
    meaning = "correlation of the noise of price and carbon"
    return [grid, "together", f"{value:.2f}", "1", "", "", "2023", *basis[:2], f"{meaning}; {basis[2]}"]


def fitted(folder: Path) -> tuple[dict[str, dict[str, dict[str, object]]], dict[str, float], list[list[str]]]:
    """Swings of every market with series, the correlation of their noises, and the rows of the catalog."""
    names = ("prices_2023_usd_per_mwh.csv", "carbon_2023_lca_g_per_kwh.csv", "site_dk_jutland.csv")
    price, carbon, site = (read(folder / name) for name in names)
    sun, wind = p.beyond_season(site["pv_cf"]), p.beyond_season(site["wind_cf"])
    swings: dict[str, dict[str, dict[str, object]]] = {"IN-WE": {"carbon": fit(carbon["IN-WE"], 74)[0]}}
    together, rows = {}, []
    for grid, (name, of_price, of_carbon, region, lat, lon, *pulls) in GRIDS.items():
        found, left = {}, {}
        both = ("price", price, of_price, pulls[0]), ("carbon", carbon, of_carbon or "DE-LU", pulls[1])
        for what, series, zone, given in both:
            found[what], left[what] = fit(in_utc(series[zone], LATE_HOURS.get(grid, 0) * (what == "price")), lon)
            found[what]["sun"], found[what]["wind"] = given or (LOCAL_SUN, pull(left[what], sun, wind))
        swings[grid] = found
        together[grid] = float(np.corrcoef(left["price"], left["carbon"])[0, 1]) if of_carbon else 0.3
        rows += head_rows(grid, name, region, lat, lon, {}, "")
        own = ("own-estimate", "own-estimate", "as Germany, which it is tied to")
        for what, zone in (("price", of_price), ("carbon", of_carbon)):
            basis = ("secondary", "market-hours-2023", f"fitted to zone {zone}") if zone else own
            rows += swing_rows(grid, what, found[what], basis, pulls[0] is None)
        rows.append(together_row(grid, together[grid], basis))
    return swings, together, rows


def main(folder: Path) -> None:
    """Write grids.csv."""
    swings, together, rows = fitted(folder)
    swings["IN-WE"]["carbon"] |= {"sun": -0.2, "wind": -0.1}
    for grid, (name, of_price, of_carbon, region, lat, lon, spread, means, reason) in LIKE.items():
        basis = ("own-estimate", "own-estimate", reason)
        rows += head_rows(grid, name, region, lat, lon, means, reason)
        rows += swing_rows(grid, "price", narrowed(swings[of_price]["price"], spread), basis, True)
        measured = ("secondary", "market-hours-2023", f"fitted to zone {of_carbon}")
        rows += swing_rows(
            grid, "carbon", swings[of_carbon]["carbon"], measured if of_carbon == "IN-WE" else basis, False
        )
        rows.append(together_row(grid, together[of_price], basis))
    with (CATALOG / "grids.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])
    print(len(rows), "rows;", {g: round(t, 2) for g, t in together.items()})
    for what in ("price", "carbon"):
        print("Germany", what, {k: round(float(swings["germany"][what][k]), 2) for k in ("sun", "wind", "noise")})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
