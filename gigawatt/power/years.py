"""Many years of weather, price and carbon that look like one given year and differ as years do.

A year is pieced together from spells of the given one: some days long, taken from within a few weeks of the date,
on the same weekday, each begun where the day before was like the day that just ended. Sun, wind, temperature,
humidity, price and carbon of an hour stay together, so their correlations stay too. Sun is rescaled to the date's
clear sky, temperature to its season; then the whole year is made brighter or duller, windier or calmer, warmer or
cooler, dearer or cheaper, by as much as is lacking to the spread between real years.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gigawatt import catalog
from gigawatt.power.site import SiteYear
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR

Array = np.ndarray

SERIES = ("pv_cf", "wind_cf", "temp_c", "rh_pct", "price_usd_per_mwh", "carbon_g_per_kwh")  # rows of a year
DAYS_PER_YEAR = HOURS_PER_YEAR // HOURS_PER_DAY
SEASON_DAYS = 31  # of the mean that temperature is compared with
CLEAR_DAYS = 21  # among which the clearest hour shows what a clear sky gives
WEEKS = 4  # how far from the date a spell may come
SHORTEST_DAYS, LONGEST_DAYS = 4, 8  # of a spell
FADE_HOURS = (6.0, 12.0)  # within which the step of wind and of temperature at a joint falls to 1/e
TRIAL_YEARS = 64  # that show how much the piecing alone makes years differ
TRIAL_SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Standard deviations between whole years."""

    sun: float  # of the mean capacity factor, share of it
    wind: float  # the same
    temp_c: float
    price: float  # share of the mean

    @classmethod
    def from_catalog(cls) -> Spread:
        """What years differ by, from the catalog's table `years`."""
        facts = catalog.facts("years", "between")
        return cls(**{name: float(facts[name].value) for name in ("sun", "wind", "temp_c", "price")})


@dataclass(frozen=True, slots=True, kw_only=True)
class YearModel:
    """A generator of years calibrated to one; year n of a seed is always the same."""

    site: SiteYear
    source: Array  # (6, 8760) in local days: clearness, wind, temperature less season, humidity, price, carbon
    clear: Array  # (8760,) in local days: capacity factor of a clear hour
    season: Array  # (8760,) in local days: mean temperature of the season and hour
    traits: Array  # (365, features) by which days are compared
    centre: Array  # (6,) of the draws that hold for a whole year: what the piecing lacks to the mean of the site
    spread: Array  # (6,) their standard deviation: what it lacks to the spread between years
    windiest: float  # highest capacity factor of wind
    roll: int  # hours by which local time is ahead of UTC

    def fill(self, out: Array, *, seed: int = 0, first: int = 0) -> None:
        """Fill `out` (years, 6, 8760) with years number `first` and on of the seed; rows as in `SERIES`."""
        from gigawatt.power.years_kernels import Pattern, fill_years  # not before it is needed: it starts Numba

        decay = np.exp(-np.arange(HOURS_PER_DAY) / np.array(FADE_HOURS)[:, None])
        pattern = Pattern(self.source, self.clear, self.season, self.traits, self.centre, self.spread, decay,
                          self.windiest, self.roll, WEEKS, SHORTEST_DAYS, LONGEST_DAYS)  # fmt: skip
        fill_years(out, seed, first, pattern)

    def years(self, count: int, *, seed: int = 0, first: int = 0) -> Array:
        """Years number `first` and on of the seed, (count, 6, 8760); rows as in `SERIES`."""
        out = np.empty((count, len(SERIES), HOURS_PER_YEAR))
        self.fill(out, seed=seed, first=first)
        return out

    def year(self, number: int, *, seed: int = 0) -> SiteYear:
        """Year `number` of the seed as a site-year."""
        rows = dict(zip(SERIES, self.years(1, seed=seed, first=number)[0], strict=True))
        wind = rows.pop("wind_cf") if self.site.wind_cf is not None else None
        said = f"year {number} of seed {seed}, drawn after {self.site.name}"
        return replace(self.site, name=f"{self.site.name}-{seed}-{number}", wind_cf=wind, note=said,
                       **{name: values for name, values in rows.items() if name != "wind_cf"})  # fmt: skip


def year_model(site: SiteYear, *, spread: Spread | None = None) -> YearModel:
    """A generator of years like the one given; `Spread.from_catalog()` when no spread is given."""
    roll = round(site.lon / 15.0) if math.isfinite(site.lon) else 0
    wind = np.zeros(HOURS_PER_YEAR) if site.wind_cf is None else site.wind_cf
    rows = (site.pv_cf, wind, site.temp_c, site.rh_pct, site.price_usd_per_mwh, site.carbon_g_per_kwh)
    local = np.array([np.roll(row, roll) for row in rows])
    clear, season = clear_hours(local[0]), seasonal_mean(local[2])
    source = np.array([clearness_of(local[0], clear), local[1], local[2] - season, *local[3:]])
    model = YearModel(
        site=site,
        source=source,
        clear=clear,
        season=season,
        traits=day_traits(source, clear),
        centre=np.zeros(len(SERIES)),
        spread=np.zeros(len(SERIES)),
        windiest=max(float(wind.max()), 1e-9),
        roll=roll,
    )
    centre, lacking = year_draws(model, spread or Spread.from_catalog(), local.mean(axis=1))
    return replace(model, centre=centre, spread=lacking)


def clear_hours(pv_cf: Array) -> Array:
    """What a clear hour gives at each hour of the year: the most at that time of day within ten days; 0 by night."""
    days = pv_cf.reshape(DAYS_PER_YEAR, HOURS_PER_DAY)
    near = [np.roll(days, shift, axis=0) for shift in range(-(CLEAR_DAYS // 2), CLEAR_DAYS // 2 + 1)]
    middle = CLEAR_DAYS // 2
    lit = np.max(near[middle - 2 : middle + 3], axis=0) > 0.0  # what is dark for five days is night
    return np.where(lit, np.max(near, axis=0), 0.0).ravel()


def clearness_of(pv_cf: Array, clear: Array) -> Array:
    """Output over that of a clear hour, 0 to 1; a dark hour takes that of the nearest lit hour of its day."""
    share = np.minimum(pv_cf / np.maximum(clear, 1e-12), 1.0).reshape(DAYS_PER_YEAR, HOURS_PER_DAY)
    lit = (clear > 0.0).reshape(DAYS_PER_YEAR, HOURS_PER_DAY)
    apart = np.abs(np.subtract.outer(np.arange(HOURS_PER_DAY), np.arange(HOURS_PER_DAY)))
    nearest = np.argmin(np.where(lit[:, None, :], apart, HOURS_PER_DAY), axis=2)  # of a dark day: hour 0, share 0
    return np.take_along_axis(share, nearest, axis=1).ravel()


def seasonal_mean(values: Array) -> Array:
    """Mean of each hour of the day over the month around each date, the year closed to a ring; (8760,)."""
    days = values.reshape(DAYS_PER_YEAR, HOURS_PER_DAY)
    half = SEASON_DAYS // 2
    total = np.cumsum(np.concatenate([days[-half - 1 :], days, days[:half]]), axis=0)
    return np.asarray((total[SEASON_DAYS:] - total[:-SEASON_DAYS]).ravel() / SEASON_DAYS)


def day_traits(source: Array, clear: Array) -> Array:
    """What makes days alike: clearness, wind, warmth and rank of price, in standard deviations; (365, 4)."""
    sun = (source[0] * clear).reshape(DAYS_PER_YEAR, -1).sum(axis=1)
    share = sun / np.maximum(clear.reshape(DAYS_PER_YEAR, -1).sum(axis=1), 1e-12)
    ranks = np.argsort(np.argsort(source[4])).astype(float)
    last_hours = slice(HOURS_PER_DAY // 2, None)  # what a day ends with
    columns = [share, *(row.reshape(DAYS_PER_YEAR, -1)[:, last_hours].mean(axis=1) for row in (*source[1:3], ranks))]
    return np.stack([(c - c.mean()) / max(float(c.std()), 1e-12) for c in columns], axis=1)


def year_draws(model: YearModel, spread: Spread, mean: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of the draws for whole years, given what piecing alone does in some trial years."""
    trial = model.years(TRIAL_YEARS, seed=TRIAL_SEED).mean(axis=2)
    found, apart = trial.mean(axis=0), trial.std(axis=0, ddof=1)
    k, wind = model.source[0], model.source[1]
    gain = np.array([
        float((model.clear * k * (1.0 - k)).mean()),
        float((wind * (1.0 - wind / model.windiest)).mean()),
        1.0, 1.0, abs(found[4]), 1.0,
    ])  # fmt: skip
    gain = np.maximum(gain, 1e-12)
    wanted = np.array(
        [spread.sun * mean[0], spread.wind * mean[1], spread.temp_c, 0.0, spread.price * abs(mean[4]), 0.0]
    )
    lacking = np.sqrt(np.maximum(wanted**2 - apart**2, 0.0)) / gain
    centre = np.where(wanted > 0.0, (mean - found) / gain, 0.0)
    return centre, lacking
