"""Sun, sky, modules and turbines: known answers, properties, and the same questions put to pvlib and PVWatts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats
from pytest import approx

from gigawatt.power import PvPlant, Turbine, wind_cf
from gigawatt.power import weather as w
from gigawatt.power.solar import (
    Irradiance,
    cell_temperature_c,
    clear_sky,
    glass,
    inverter_cf,
    plane,
    plane_irradiance,
    pv_cf,
    solar_position,
    split,
    tracker_angle,
)
from gigawatt.power.wind import air_density_kg_per_m3, at_height, power_curve

TRACKING, FIXED = PvPlant.from_catalog("tracking"), PvPlant.from_catalog("fixed")
GENERIC = Turbine.from_catalog("generic")
PLACES = [(32.33, -100.18), (51.0, 8.0), (3.26, 101.65), (-28.46, 114.55), (-45.0, 170.0), (62.0, 15.0)]
SITES = ("place", PLACES)


def made_up(lat, lon, seed=0):
    """Sky, temperature and wind of one made-up year."""
    climate = w.climate_at(lat)
    sun, rng = solar_position(lat, lon), np.random.default_rng(seed)
    clouds, breeze, air, _ = w._latents(climate, rng)
    summer, hour = w._seasons(lat), w.local_hours(lon)
    clear = w.clearness(clouds, summer, climate)
    sky = split(clear_sky(sun, turbidity=climate.turbidity).ghi * clear, sun)
    wind = w.GROUND_WIND * w.wind_speed_mps(breeze, summer, hour, climate)
    return sun, sky, w.temperature_c(air, summer, hour, clear, climate), wind


def test_the_sun_of_midsummer_noon_stands_as_high_as_latitude_and_tilt_say():
    # 90 - 51.5 + 23.43 degrees on 21 June; half an hour east of Greenwich, where noon is in the middle of an hour.
    sun = solar_position(51.5, 7.5)
    assert 90 - sun.zenith[171 * 24 : 172 * 24].min() == approx(61.9, abs=0.15)


def test_the_sun_stands_in_the_south_at_noon_and_in_the_north_below_the_equator():
    for lat, azimuth in ((40.0, 180.0), (-40.0, 0.0)):
        sun = solar_position(lat, 7.5)
        noon = np.argmin(sun.zenith[:24])
        assert abs((sun.azimuth[noon] - azimuth + 180) % 360 - 180) < 10


@given(lat=floats(-66, 66), lon=floats(-180, 180))
@settings(max_examples=20)
def test_day_and_night_share_the_year(lat, lon):
    assert (solar_position(lat, lon).zenith < 90).mean() == approx(0.5, abs=0.01)


@pytest.mark.parametrize(*SITES)
def test_global_irradiance_is_beam_on_the_ground_plus_diffuse(place):
    sun, sky, *_ = made_up(*place)
    assert np.allclose(sky.ghi, sky.dni * sun.cos_zenith + sky.dhi, atol=1e-9)
    assert min(sky.ghi.min(), sky.dni.min(), sky.dhi.min()) >= -1e-9
    assert (sky.dni <= sun.extra_w_per_m2).all()


def test_a_dirtier_sky_passes_less():
    sun = solar_position(30, 0)
    assert (clear_sky(sun, turbidity=5.0).ghi <= clear_sky(sun, turbidity=2.5).ghi + 1e-9).all()


def test_light_from_straight_ahead_passes_in_full_and_from_the_side_not():
    # 60 degrees: Fresnel and Bouguer, De Soto et al. 2006; pvlib.iam.physical gives the same, see below.
    assert glass(np.array([1.0, 0.5, 0.0])) == approx([1.0, 0.946, 0.0], abs=0.002)


def test_a_cell_at_1000_watts_without_wind_is_40_degrees_above_the_air():
    # 1000 / 25, Faiman.
    assert cell_temperature_c(np.array([1000.0]), np.array([20.0]), np.array([0.0]), TRACKING) == approx(60.0)


def test_the_inverter_gives_its_nominal_efficiency_near_full_load_and_never_more_than_its_rating():
    full = inverter_cf(np.array([0.0, 1.0 / 0.96, 3.0]), TRACKING)
    assert full == approx([0.0, 1.0, 1.0], abs=2e-3)


def test_a_plane_without_tilt_sees_the_global_irradiance():
    sun, sky, *_ = made_up(45.0, 0.0)
    flat = plane(PvPlant(tracking=0.0, tilt=1e-9), sun, 45.0)
    total, _ = plane_irradiance(sky, sun, flat, 0.2)
    high = sun.zenith < 85
    assert np.allclose(total[high], sky.ghi[high], rtol=1e-6)


def test_trackers_follow_the_sun_and_turn_back_before_rows_shade():
    # Sun due east, 45 degrees up: straight at it. Very low: nearly flat.
    east, up = np.sin(np.radians([45.0, 88.0])), np.cos(np.radians([45.0, 88.0]))
    angle = tracker_angle(TRACKING, east, up)
    assert angle[0] == approx(45.0) and 0 < angle[1] < 10


@pytest.mark.parametrize(*SITES)
def test_output_stays_within_the_rating_and_a_tracker_beats_a_fixed_plane(place):
    _, sky, temp_c, wind = made_up(*place)
    tracked = pv_cf(sky, temp_c, wind, lat=place[0], lon=place[1])
    fixed = pv_cf(sky, temp_c, wind, lat=place[0], lon=place[1], plant=FIXED)
    assert tracked.min() >= 0 and tracked.max() <= 1 and fixed.min() >= 0 and fixed.max() <= 1
    assert tracked.mean() > fixed.mean()


def test_hot_air_lowers_the_output_and_wind_raises_it():
    _, sky, temp_c, wind = made_up(32.0, -100.0)
    base = pv_cf(sky, temp_c, wind, lat=32.0, lon=-100.0)
    assert (pv_cf(sky, temp_c + 10, wind, lat=32.0, lon=-100.0) <= base + 1e-12).all()
    assert (pv_cf(sky, temp_c, wind + 3, lat=32.0, lon=-100.0) >= base - 1e-12).all()


def test_no_light_no_power():
    dark = Irradiance(ghi=np.zeros(8760), dni=np.zeros(8760), dhi=np.zeros(8760))
    assert not pv_cf(dark, np.zeros(8760), np.zeros(8760), lat=10, lon=10).any()


def test_the_power_curve_by_hand():
    # (8^3 - 3^3) / (11.5^3 - 3^3) = 485 / 1493.875 = 0.32466
    speeds = np.array([0.0, 2.9, 8.0, 11.5, 24.9, 25.0])
    assert power_curve(speeds, GENERIC) == approx([0, 0, 0.32466, 1, 1, 0], abs=1e-5)


def test_cold_air_carries_more_power_and_high_places_less():
    assert air_density_kg_per_m3(np.array([15.0])) == approx(1.225, rel=1e-3)
    speed = np.full(1, 8.0)
    assert wind_cf(speed, -20.0) > wind_cf(speed, 15.0) > wind_cf(speed, 15.0, altitude_m=2000.0)


def test_wind_grows_with_height_by_the_power_law():
    assert at_height(np.array([5.0]), measured_m=10, hub_m=100, shear=0.2) == approx(5 * 10**0.2)


@pytest.mark.parametrize("name", ["generic", "land_strong_wind", "land_weak_wind", "offshore"])
@given(slow=floats(0, 24), more=floats(0, 5))
def test_more_wind_never_gives_less_below_cut_out(name, slow, more):
    turbine = Turbine.from_catalog(name)
    both = wind_cf(np.array([slow, min(slow + more, 24.9)]), turbine=turbine)
    assert 0 <= both[0] <= both[1] + 1e-12 and both[1] <= 1 - turbine.losses + 1e-12


def test_a_full_farm_gives_its_rating_less_losses_and_a_storm_stops_it():
    assert wind_cf(np.array([14.0, 25.0])) == approx([1 - GENERIC.losses, 0.0])


# ------------------------------------------------------------------------------------------------------------- peers
def sam_cf(place, sky, temp_c, wind, plant):
    """Output over AC rating by PVWatts 8 of the System Advisor Model."""
    pvwatts = pytest.importorskip("PySAM.Pvwattsv8")
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    month = np.repeat(np.arange(1, 13), np.array(days) * 24)
    day = np.concatenate([np.repeat(np.arange(1, n + 1), 24) for n in days])
    model = pvwatts.default("PVWattsNone")
    model.SolarResource.solar_resource_data = {
        "lat": place[0], "lon": place[1], "tz": 0, "elev": 0, "year": [2025] * 8760, "month": month.tolist(),
        "day": day.tolist(), "hour": np.tile(np.arange(24), 365).tolist(), "minute": [30] * 8760,
        "dn": sky.dni.tolist(), "df": sky.dhi.tolist(), "gh": sky.ghi.tolist(), "tdry": temp_c.tolist(),
        "wspd": wind.tolist(), "albedo": [plant.albedo] * 8760,
    }  # fmt: skip
    design = model.SystemDesign
    design.system_capacity, design.dc_ac_ratio = 1000 * plant.dc_ac, plant.dc_ac
    design.array_type = 3 if plant.tracking else 0
    design.tilt = 0 if plant.tracking else plant.tilt or min(abs(place[0]), plant.max_angle)
    design.azimuth = 180 if plant.tracking or place[0] >= 0 else 0
    design.gcr, design.losses, design.inv_eff, design.module_type = plant.ground_cover, 100 * plant.losses, 96, 0
    model.execute(0)
    return np.array(model.Outputs.ac) / 1e6


@pytest.mark.peers
@pytest.mark.parametrize("plant", [TRACKING, FIXED], ids=["tracking", "fixed"])
@pytest.mark.parametrize(*SITES)
def test_output_agrees_with_pvwatts_8(place, plant):
    # Both get the same irradiance, temperature and wind. What differs: the sky (theirs is Perez's), cell temperature,
    # diffuse light through the glass, and the shade that rows throw on each other, which PVWatts takes off.
    _, sky, temp_c, wind = made_up(*place)
    theirs = sam_cf(place, sky, temp_c, wind, plant)
    ours = pv_cf(sky, temp_c, wind, lat=place[0], lon=place[1], plant=plant)
    assert ours.mean() == approx(theirs.mean(), rel=0.02)
    assert math.sqrt(((ours - theirs) ** 2).mean()) <= 0.02


@pytest.mark.peers
@pytest.mark.parametrize(*SITES)
def test_sun_sky_and_modules_agree_with_pvlib(place):
    pvlib = pytest.importorskip("pvlib")
    pd = pytest.importorskip("pandas")
    sun, sky, temp_c, wind = made_up(*place)
    hours = pd.date_range("2025-01-01 00:30", periods=8760, freq="h", tz="UTC")
    theirs = pvlib.solarposition.get_solarposition(hours, *place)
    assert np.abs(theirs.zenith.to_numpy() - sun.zenith).max() < 0.02  # degrees
    air = pvlib.atmosphere.get_absolute_airmass(pvlib.atmosphere.get_relative_airmass(sun.zenith), 101325.0)
    day = sun.zenith < 89
    clear = clear_sky(sun, turbidity=3.0)
    ineichen = pvlib.clearsky.ineichen(sun.zenith, air, 3.0, dni_extra=sun.extra_w_per_m2)
    assert np.abs(ineichen["ghi"] - clear.ghi)[day].max() < 1.0 and np.abs(ineichen["dni"] - clear.dni)[day].max() < 1.0
    tracked = pvlib.tracking.singleaxis(sun.zenith, sun.azimuth, axis_azimuth=0, max_angle=60, gcr=0.35)
    on = plane(TRACKING, sun, place[0])
    assert np.nanmax(np.abs(tracked["surface_tilt"] - on.tilt)[day]) < 0.01
    toward = on.tilt, tracked["surface_azimuth"]
    diffuse = pvlib.irradiance.haydavies(*toward, sky.dhi, sky.dni, sun.extra_w_per_m2, sun.zenith, sun.azimuth)
    beam = diffuse + sky.dni * np.cos(np.radians(tracked["aoi"]))
    ground = pvlib.irradiance.get_ground_diffuse(on.tilt, sky.ghi, TRACKING.albedo)
    total, _ = plane_irradiance(sky, sun, on, TRACKING.albedo)
    assert np.nanmax(np.abs(beam + ground - total)[day]) < 1.0  # W/m2
    cell = pvlib.temperature.faiman(total, temp_c, wind)
    assert np.abs(cell - cell_temperature_c(total, temp_c, wind, TRACKING)).max() < 1e-9
    angles = np.linspace(0, 89, 90)
    assert np.abs(pvlib.iam.physical(angles) - glass(np.cos(np.radians(angles)))).max() < 1e-6


@pytest.mark.peers
def test_the_split_of_irradiance_agrees_with_pvlib():
    pvlib = pytest.importorskip("pvlib")
    sun, sky, *_ = made_up(45.0, 0.0)
    days = np.repeat(np.arange(1, 366), 24)
    theirs = pvlib.irradiance.erbs(sky.ghi, sun.zenith, days)
    high = sun.zenith < 85
    assert np.abs(theirs["dhi"] - sky.dhi)[high].max() < 5.0  # W/m2; their solar constant is 1366.1
