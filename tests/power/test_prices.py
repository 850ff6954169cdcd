"""Price and carbon of a made-up year: the shape of real markets, the mean of the grid, cheaper with sun and wind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, sampled_from
from pytest import approx

from gigawatt import catalog
from gigawatt.power import Market, market_at, price_and_carbon, prices, site_year

GRIDS = catalog.items("grids")
SERIES = Path(__file__).parents[3] / "shared" / "data" / "power"
SUNDAY = 6  # 1 January 2023
ZONES = {
    "ercot": "US-TEX-ERCO", "pjm": "US-MIDA-PJM", "caiso": "US-CAL-CISO", "nyiso": "US-NY-NYIS", "germany": "DE-LU",
    "france": "FR", "ontario": "CA-ON", "new_south_wales": "AU-NSW", "singapore": "SG", "japan": "JP-TK",
}  # fmt: skip
LATE_HOURS = {"pjm": 5, "nyiso": 5, "caiso": 8}  # their prices are moved from local time to UTC twice: peaks at night


def lag(values, hours):
    return np.corrcoef(values[:-hours], values[hours:])[0, 1]


def ranks(values):
    return np.argsort(np.argsort(values)) / len(values)


def series(file, grid):
    """One zone of 2023; skips where the series are not beside this repository."""
    path = SERIES / file
    if not path.exists():
        pytest.skip("hourly series of 2023 are not beside this repository")
    with path.open() as lines:
        zones = lines.readline().strip().split(",")
        if ZONES[grid] not in zones:
            pytest.skip(f"no series of {ZONES[grid]} in {file}")
        values = np.loadtxt(lines, delimiter=",", usecols=zones.index(ZONES[grid]))
    late = LATE_HOURS.get(grid, 0) if file.startswith("prices") else 0
    summer = slice(70 * 24, 308 * 24)  # 12 March to 5 November, an hour less
    out = np.roll(values, -late)
    out[summer] = np.roll(values, 1 - late)[summer] if late else out[summer]
    return out


def drawn(grid, seed=0, **asked):
    return price_and_carbon(Market.from_catalog(grid), rng=np.random.default_rng(seed), **asked)


@given(grid=sampled_from(GRIDS), seed=integers(0, 10**6))
@settings(max_examples=30)
def test_means_are_those_of_the_grid_and_carbon_is_never_below_zero(grid, seed):
    known, (price, carbon) = Market.from_catalog(grid), drawn(grid, seed)
    assert price.shape == carbon.shape == (8760,) and np.isfinite(price).all()
    assert price.mean() == approx(known.mean_usd_per_mwh) and carbon.mean() == approx(known.mean_g_per_kwh)
    assert carbon.min() >= 0


def test_means_are_those_of_the_region_unless_the_grid_has_its_own():
    texas = Market.from_catalog("ercot")
    assert texas.delivery_usd_per_mwh == catalog.value("regions", "us_tx", "delivery_usd_per_mwh")
    paid = texas.mean_usd_per_mwh + texas.delivery_usd_per_mwh
    assert paid == catalog.value("regions", "us_tx", "grid_usd_per_mwh")
    assert Market.from_catalog("nordic").mean_g_per_kwh < 60 < Market.from_catalog("germany").mean_g_per_kwh


def test_a_seed_gives_the_same_year():
    assert np.array_equal(drawn("pjm", 3)[0], drawn("pjm", 3)[0])
    assert not np.array_equal(drawn("pjm", 3)[0], drawn("pjm", 4)[0])


@pytest.mark.parametrize("grid", GRIDS)
def test_sun_and_wind_above_their_season_never_make_power_dearer_or_dirtier(grid):
    site = site_year("us_tx_abilene")
    noise = np.random.default_rng(0).standard_normal(8760)
    for swing in (Market.from_catalog(grid).price, Market.from_catalog(grid).carbon):
        assert swing.sun <= 0 and swing.wind <= 0 and swing.sun**2 + swing.wind**2 <= swing.noise**2
        wind = prices.beyond_season(site.wind_cf)
        with_wind = prices.index(swing, -97.0, 0, np.zeros(8760), wind, noise)
        assert (with_wind[wind > 1] <= prices.index(swing, -97.0, 0, np.zeros(8760), 0 * wind, noise)[wind > 1]).all()


def test_windy_hours_of_texas_are_cheaper():
    site = site_year("us_tx_abilene")
    windy, calm = site.wind_cf > 0.8, site.wind_cf < 0.1
    assert np.median(site.price_usd_per_mwh[windy]) < 0.9 * np.median(site.price_usd_per_mwh[calm])


def test_california_has_its_evening_peak_and_its_cheap_noon():
    price, _ = drawn("caiso")
    local = np.roll(price, -8).reshape(365, 24).mean(axis=0)
    assert 17 <= np.argmax(local) <= 20 and local[11:14].mean() < 0.7 * local[18:20].mean()


def test_weekends_are_cheaper_where_they_are():
    price, _ = drawn("germany", first_weekday=0)  # the year starts on a Monday
    day = np.arange(8760) // 24 % 7
    assert price[day >= 5].mean() < price[day < 5].mean()


def test_the_four_shapes_share_the_year_and_each_rules_its_own_middle():
    weights = prices.month_weights(np.arange(365))
    assert weights.sum(axis=1) == approx(1.0) and weights.min() >= 0
    for month, middle in enumerate(prices.MIDDLES):
        assert weights[int(middle), month] == 1.0


def test_values_have_the_ranks_of_the_index_and_the_quantiles_of_the_market():
    swing = Market.from_catalog("germany").price
    index = np.random.default_rng(0).standard_normal(8760)
    values = prices.swung(swing, index)
    assert np.array_equal(np.argsort(values, kind="stable"), np.argsort(index, kind="stable"))
    assert np.quantile(values, prices.SHARES) == approx(swing.quantiles, rel=0.02, abs=0.5)


def test_the_nearest_market_is_found_over_the_surface_of_the_earth():
    near = {"ercot": (32, -100), "germany": (48, 11), "nordic": (59, 6), "gulf_states": (25, 55), "caiso": (33, -117)}
    for grid, (lat, lon) in near.items():
        assert market_at(lat, lon).name == grid
    assert prices.distance_km(0, 0, 0, 180) == approx(np.pi * 6371)  # half round the Earth


@pytest.mark.parametrize("grid", ZONES)
def test_a_year_has_the_statistics_of_the_market_in_2023(grid):
    seen = series("prices_2023_usd_per_mwh.csv", grid)
    known, site = replace(Market.from_catalog(grid), mean_usd_per_mwh=seen.mean()), site_year("us_tx_abilene")
    years = [price_and_carbon(known, rng=np.random.default_rng(seed), pv_cf=site.pv_cf, wind_cf=site.wind_cf,
                              first_weekday=SUNDAY)[0] for seed in range(3)]  # fmt: skip
    for year in years:
        assert year.std() == approx(seen.std(), rel=0.12)
        assert np.percentile(year, [5, 50, 95]) == approx(np.percentile(seen, [5, 50, 95]), rel=0.06, abs=1.0)
        assert (year < 0).sum() == approx((seen < 0).sum(), rel=0.35, abs=10)
        assert (year > 5 * seen.mean()).sum() == approx((seen > 5 * seen.mean()).sum(), rel=0.2, abs=10)
        by_hour = [ranks(values).reshape(365, 24).mean(axis=0) for values in (year, seen)]
        assert np.corrcoef(*by_hour)[0, 1] > 0.97
    for hours, far in ((1, 0.06), (24, 0.15), (168, 0.2)):
        found = np.mean([lag(ranks(year), hours) for year in years])
        assert found == approx(lag(ranks(seen), hours), abs=far)


@pytest.mark.parametrize("grid", ZONES)
def test_a_year_has_the_carbon_of_the_zone_in_2023(grid):
    seen = series("carbon_2023_lca_g_per_kwh.csv", grid)
    known = replace(Market.from_catalog(grid), mean_g_per_kwh=seen.mean())
    _, year = price_and_carbon(known, rng=np.random.default_rng(0), first_weekday=SUNDAY)
    assert year.std() == approx(seen.std(), rel=0.05)
    assert np.percentile(year, [5, 50, 95]) == approx(np.percentile(seen, [5, 50, 95]), rel=0.04)
    by_hour = [values.reshape(365, 24).mean(axis=0) for values in (year, seen)]
    assert np.corrcoef(*by_hour)[0, 1] > 0.97
    assert lag(ranks(year), 24) == approx(lag(ranks(seen), 24), abs=0.15)


def test_price_and_carbon_of_germany_rise_together_as_in_2023():
    seen = np.corrcoef(
        series("prices_2023_usd_per_mwh.csv", "germany"), series("carbon_2023_lca_g_per_kwh.csv", "germany")
    )
    found = np.corrcoef(*drawn("germany", first_weekday=SUNDAY))
    assert found[0, 1] == approx(seen[0, 1], abs=0.15)


@pytest.mark.parametrize(("what", "least"), [("price", 0.15), ("carbon", 0.25)])
def test_wind_in_jutland_moved_the_german_market_of_2023_as_it_moves_ours(what, least):
    # The weather of the shipped site-year is that of 2023, so here the same hours can be compared.
    file = {"price": "prices_2023_usd_per_mwh.csv", "carbon": "carbon_2023_lca_g_per_kwh.csv"}[what]
    site, seen = site_year("dk_jutland"), series(file, "germany")
    both = drawn("germany", first_weekday=SUNDAY, pv_cf=site.pv_cf, wind_cf=site.wind_cf)
    ours = both[0] if what == "price" else both[1]
    wind = prices.beyond_season(site.wind_cf)
    ours, seen = (np.corrcoef(ranks(values), wind)[0, 1] for values in (ours, seen))
    assert seen < -least and ours == approx(seen, abs=0.12)
