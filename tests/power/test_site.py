"""Site-years that are shipped, made up or read from a file; mistakes of a file are named all at once, by line."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.errors import ScenarioError
from gigawatt.power import read_hours, site_year, sites
from gigawatt.power.solar import solar_position

WEATHER = ("pv_cf", "wind_cf", "temp_c", "rh_pct")


def written(path, hours, **columns):
    """A CSV of the columns; text and numbers as given."""
    names = list(columns)
    rows = [f"{hour}," + ",".join(str(columns[name][i]) for name in names) for i, hour in enumerate(hours)]
    path.write_text("hour_utc," + ",".join(names) + "\n" + "\n".join(rows) + "\n")
    return path


def plain(count=8760, **changes):
    columns = {"pv_cf": ["0.5"] * count, "temp_c": ["10"] * count, "rh_pct": ["50"] * count}
    for name, (at, text) in changes.items():
        columns[name] = list(columns[name])
        columns[name][at] = text
    return columns


def mistakes(path, **asked):
    with pytest.raises(ScenarioError) as caught:
        read_hours(path, **asked)
    return caught.value.mistakes


@pytest.mark.parametrize("name", sites())
def test_a_shipped_site_year_is_whole_and_possible(name):
    site = site_year(name)
    for column in (*WEATHER, "price_usd_per_mwh", "carbon_g_per_kwh"):
        values = getattr(site, column)
        assert values.shape == (8760,) and values.dtype == np.float64 and np.isfinite(values).all()
        assert values.flags.c_contiguous
    assert site.pv_cf.min() >= 0 and site.pv_cf.max() <= 1
    assert site.wind_cf.min() >= 0 and site.wind_cf.max() <= 1
    assert site.rh_pct.min() >= 0 and site.rh_pct.max() <= 100
    assert site.source and site.note and site.region in catalog.items("regions")


@pytest.mark.parametrize("name", sites())
def test_the_sun_of_a_shipped_site_shines_when_it_is_up_there(name):
    # Coordinates and clock agree: with the sun 5 degrees below the horizon in the middle of the hour there is no power.
    site = site_year(name)
    night = solar_position(site.lat, site.lon).zenith > 95
    assert site.pv_cf[night].mean() < 0.002 and site.pv_cf[~night].mean() > 0.2


def test_attribution_that_a_licence_asks_for_is_in_the_source():
    assert "CC BY 4.0" in site_year("dk_jutland").source and "Open-Meteo" in site_year("dk_jutland").source
    assert "NSRDB" in site_year("us_tx_abilene").source and "WIND Toolkit" in site_year("us_tx_abilene").source


def test_what_was_not_measured_is_said_in_the_note():
    assert "drawn from the climate: wind_cf rh_pct" in site_year("us_ca_daggett").note
    assert "drawn from the climate" not in site_year("us_tx_abilene").note


def test_names_are_read_without_case_and_a_wrong_one_gets_the_nearest():
    assert site_year("US-TX-Abilene").name == "us_tx_abilene"
    with pytest.raises(ValueError, match="did you mean 'us_tx_abilene'"):
        site_year("us_tx_abilen")


def test_price_and_carbon_of_a_site_have_the_means_of_its_grid():
    texas = site_year("us_tx_abilene")
    paid = texas.price_usd_per_mwh.mean() + texas.delivery_usd_per_mwh
    assert paid == approx(float(catalog.value("regions", "us_tx", "grid_usd_per_mwh")))
    assert texas.carbon_g_per_kwh.mean() == approx(float(catalog.value("regions", "us_tx", "carbon_g_per_kwh")))


def test_a_seed_changes_the_price_of_a_shipped_site_and_not_its_weather():
    one, other = site_year("it_rome"), site_year("it_rome", seed=1)
    assert np.array_equal(one.pv_cf, other.pv_cf)
    assert not np.array_equal(one.price_usd_per_mwh, other.price_usd_per_mwh)
    assert np.array_equal(one.price_usd_per_mwh, site_year("it_rome").price_usd_per_mwh)


def test_weather_that_is_shared_cannot_be_written_to():
    with pytest.raises(ValueError):
        site_year("it_rome").pv_cf[0] = 1.0


@pytest.mark.parametrize("where", ["-33.9,18.4", (-33.9, 18.4), " -33.9 , 18.4"])
def test_any_place_gets_a_made_up_year(where):
    site = site_year(where)
    assert (site.lat, site.lon) == (-33.9, 18.4) and "made-up" in site.note and "km away" in site.note
    assert site.temp_c[:744].mean() > site.temp_c[4344:5088].mean()  # January is warmer than July in the south


def test_a_place_off_the_earth_is_refused():
    with pytest.raises(ValueError, match="latitude 95"):
        site_year("95,10")


def test_a_file_is_read_as_written(tmp_path):
    path = written(tmp_path / "mine.csv", range(8760), **plain(pv_cf=(7, "0.25")), price_usd_per_mwh=[-5] * 8760,
                   carbon_g_per_kwh=[100] * 8760, load_mw=[3] * 8760, remark=["x"] * 8760)  # fmt: skip
    site = site_year(path)
    assert site.pv_cf[7] == 0.25 and site.wind_cf is None and site.price_usd_per_mwh[0] == -5 and math.isnan(site.lat)
    assert read_hours(path)["load_mw"].sum() == 3 * 8760


def test_what_a_file_does_not_tell_is_filled_once_it_is_known_where(tmp_path):
    columns = plain()
    del columns["rh_pct"]
    path = written(tmp_path / "mine.csv", range(8760), **columns)
    with pytest.raises(ValueError, match="say where it is by lat and lon"):
        site_year(path)
    site = site_year(path, lat=51, lon=9)
    assert "rh_pct" in site.note and "germany" in site.note and site.rh_pct.std() > 0
    assert "grid caiso" in site_year(path, lat=51, lon=9, grid="caiso").note


@pytest.mark.parametrize(("given", "drawn", "delivery"), [
    ({}, "price and carbon drawn with the shape of the grid germany, 15 USD/MWh for delivery on top", 15.0),
    ({"price_usd_per_mwh": [60] * 8760}, "carbon drawn with the shape of the grid germany", 0.0),
    ({"carbon_g_per_kwh": [100] * 8760}, "price drawn with the shape of the grid germany, 15 USD/MWh", 15.0),
    ({"price_usd_per_mwh": [60] * 8760, "carbon_g_per_kwh": [100] * 8760}, "", 0.0),
])  # fmt: skip
@pytest.mark.parametrize("grid", [None, "germany"])
def test_a_note_names_what_was_drawn_and_a_price_of_one_s_own_holds_its_delivery(
    tmp_path, grid, given, drawn, delivery
):
    site = site_year(written(tmp_path / "mine.csv", range(8760), **plain(), **given), lat=51, lon=9, grid=grid)
    assert site.note.startswith(drawn) and bool(site.note) == bool(drawn) and site.delivery_usd_per_mwh == delivery
    for name, values in given.items():
        assert (getattr(site, name) == values).all()


@pytest.mark.parametrize(("mean", "said"), [(0.058, True), (0.9, True), (0, False), (-5, False), (1.2, False)])
def test_a_price_below_1_is_perhaps_one_of_a_kwh(tmp_path, mean, said):
    price = {"price_usd_per_mwh": [mean] * 8760, "carbon_g_per_kwh": [100] * 8760}
    site = site_year(written(tmp_path / "mine.csv", range(8760), **plain(), **price))
    assert site.note == (f"price_usd_per_mwh is {mean:g} on average: perhaps these are USD/kWh" if said else "")


def test_rows_may_come_in_any_order(tmp_path):
    values = [f"{i / 8760:.4f}" for i in range(8760)]
    path = written(tmp_path / "mine.csv", range(8759, -1, -1), pv_cf=values[::-1], temp_c=["1"] * 8760)
    assert (np.diff(read_hours(path)["pv_cf"]) >= 0).all()


@pytest.mark.parametrize("offset", [None, 0, -6, 5.5])
def test_timestamps_are_turned_into_hours_of_the_utc_year(tmp_path, offset):
    start = datetime(2023, 1, 1)
    stamps = [(start + timedelta(hours=i)).isoformat() for i in range(8760)]
    if offset is not None:
        sign = "-" if offset < 0 else "+"
        stamps = [f"{s}{sign}{int(abs(offset)):02d}:{int(abs(offset) % 1 * 60):02d}" for s in stamps]
    path = written(tmp_path / "mine.csv", stamps, pv_cf=[f"{i / 8760:.6f}" for i in range(8760)], temp_c=["1"] * 8760)
    first = read_hours(path)["pv_cf"]
    rolled = math.floor(-(offset or 0))  # with -06:00 the first row of the file is 06:00 UTC
    assert first[rolled % 8760] == 0.0 and first[(rolled + 100) % 8760] == approx(100 / 8760, abs=1e-6)


def test_all_mistakes_of_a_file_come_at_once_with_their_lines(tmp_path):
    columns = plain(pv_cf=(3, "1.2"), temp_c=(9, "warm"), rh_pct=(20, ""))
    columns["pv_cf"][4:6] = ["-0.1", "-0.2"]
    columns["pv_cf"][100] = "nan"
    found = mistakes(written(tmp_path / "mine.csv", range(8760), **columns))
    assert [(m.line, m.path) for m in found] == [
        (5, "pv_cf"), (6, "pv_cf"), (11, "temp_c"), (22, "rh_pct"), (102, "pv_cf"),
    ]  # fmt: skip
    assert "1.2 is above 1" in str(found[0]) and "and so on to line 7 (2 rows)" in found[1].message
    assert "'warm' is no number" in found[2].message and "blank" in found[3].message
    assert str(found[0]).startswith(f"{tmp_path / 'mine.csv'}:5: pv_cf:")


def test_missing_columns_are_named_with_what_may_have_been_meant(tmp_path):
    path = written(tmp_path / "mine.csv", range(8760), pv=["0"] * 8760)
    first, second = mistakes(path)
    assert {first.path, second.path} == {"pv_cf", "temp_c"} and "columns: hour_utc, pv" in str(first)


def test_a_leap_year_says_which_rows_to_drop_or_drops_them(tmp_path):
    values = ["0.1"] * 8784
    values[1416:1440] = ["0.9"] * 24  # 29 February
    path = written(tmp_path / "leap.csv", range(8784), pv_cf=values, temp_c=["1"] * 8784)
    (only,) = mistakes(path)
    assert "8784 rows: a leap year; lines 1418 to 1441 hold 29 February" in str(only) and only.line == 1418
    assert read_hours(path, drop_leap_day=True)["pv_cf"].max() == 0.1


def test_a_leap_year_of_timestamps_is_told_and_dropped_as_well(tmp_path):
    stamps = [(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i)).isoformat() for i in range(8784)]
    path = written(tmp_path / "leap.csv", stamps, pv_cf=["0.1"] * 8784, temp_c=["1"] * 8784)
    assert "lines 1418 to 1441" in str(mistakes(path)[0])
    assert read_hours(path, drop_leap_day=True)["pv_cf"].shape == (8760,)


def test_an_hour_doubled_when_clocks_go_back_is_named_and_the_one_lost_in_spring(tmp_path):
    stamps = [(datetime(2023, 1, 1) + timedelta(hours=i)) for i in range(8760)]
    spring, autumn = 24 * 70 + 2, 24 * 308 + 1  # 12 March 02:00 is left out, 5 November 01:00 comes twice
    stamps = stamps[:spring] + stamps[spring + 1 : autumn + 1] + stamps[autumn:]
    path = written(tmp_path / "dst.csv", [s.isoformat() for s in stamps], pv_cf=["0"] * 8760, temp_c=["1"] * 8760)
    lost, double = mistakes(path)
    assert "hour 1682 is missing, from 12 March 02:00 UTC" in lost.message and lost.line == spring + 1
    assert "2023-11-05T01:00:00 stands in line" in double.message and "offset" in double.allowed


@pytest.mark.parametrize(("hours", "said"), [
    (range(8000), "hours 8000 to 8759 are missing (760)"),
    ([*range(8760), 9000], "hour 9000 lies outside the year"),
    ([*range(8759), "noon"], "'noon' is no hour"),
    ([*range(8759), 8758.5], "'8758.5' is no hour"),
    ([*range(8759), "inf"], "'inf' is no hour"),
])  # fmt: skip
def test_wrong_hours_are_named(tmp_path, hours, said):
    hours = list(hours)
    path = written(tmp_path / "mine.csv", hours, pv_cf=["0"] * len(hours), temp_c=["1"] * len(hours))
    assert any(said in str(m) for m in mistakes(path))


def test_a_file_that_is_not_there_is_a_mistake_and_no_traceback(tmp_path):
    assert "cannot read" in str(mistakes(tmp_path / "none.csv")[0])


def test_every_shipped_site_names_items_that_exist():
    for name in sites():
        facts = catalog.facts("site_years", name)
        for table, attribute in (("regions", "region"), ("grids", "grid"), ("climates", "climate")):
            assert facts[attribute].value in catalog.items(table)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("pv_cf", np.nan, "pv_cf is nan in hour 30"),
        ("wind_cf", 1.8, "wind_cf is 1.8 in hour 30, not between 0 and 1"),
        ("pv_cf", -0.2, "pv_cf is -0.2 in hour 30, not between 0 and 1"),
        ("price_usd_per_mwh", np.inf, "price_usd_per_mwh is inf in hour 30"),
    ],
)
def test_an_hour_that_cannot_be_is_named(field, value, said):
    site = site_year("us_tx_abilene")
    hours = getattr(site, field).copy()
    hours[30] = value
    with pytest.raises(ValueError, match=said):
        replace(site, **{field: hours})


def test_a_year_that_is_too_short_is_named():
    site = site_year("us_tx_abilene")
    with pytest.raises(ValueError, match=r"pv_cf has shape \(5000,\), temp_c \(8760,\)"):
        replace(site, pv_cf=site.pv_cf[:5000])
