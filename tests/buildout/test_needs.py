"""A year's needs of a rate: linear, against supply, and beside the arithmetic of published figures."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx
from typer.testing import CliRunner

from gigawatt import catalog
from gigawatt.buildout.capex import capex
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw, weeks_under_way
from gigawatt.buildout.design import POWERS, Design, bill, chips_per_mw
from gigawatt.buildout.needs import CREWS, ITEMS, needs
from gigawatt.buildout.supply import item
from gigawatt.cli.app import app

GB300, RUBIN, TURBINES = Design(), Design("vr-nvl72"), Design(power="gas_turbines")
YEAR = needs(1.0)  # 52 GW a year
GAS = needs(1.0, TURBINES)


def fact(name, attribute):
    return float(catalog.value("facts", name, attribute))


# --------------------------------------------------------------------------------------------------------- properties
@settings(max_examples=20)
@given(rate=st.floats(0.01, 50), times=st.floats(1.1, 10))
def test_needs_are_linear_in_the_rate_and_supply_does_not_know_of_it(rate, times):
    once, more = needs(rate), needs(rate * times)
    for a, b in zip(once.rows, more.rows, strict=True):
        assert (a.item, a.unit, a.supply, a.world) == (b.item, b.unit, b.supply, b.world)
        assert b.need.median == approx(times * a.need.median)
        assert b.need.low == approx(times * a.need.low)
        assert (a.years or 0) <= (b.years or 0)


def test_a_year_of_items_is_the_bill_of_its_megawatts():
    for need in bill(GB300):
        assert YEAR[need.item].need.median == approx(52_000 * need.per_mw.median)
        assert YEAR[need.item].group == ITEMS


def test_workers_and_sites_follow_from_littles_law():
    # L = rate x time: 1,000 MW a week x worker-weeks of a MW; 1 GW a week x weeks under way.
    for trade, weeks in crew_weeks_per_mw().items():
        assert YEAR[trade].need.median == approx(1000 * weeks.median)
    assert YEAR["under_construction"].need.median == approx(weeks_under_way(on_site=True).median)


@pytest.mark.parametrize("region", [None, *catalog.items("regions")])
@pytest.mark.parametrize("power", POWERS)
def test_what_is_under_way_includes_what_is_under_construction(region, power):
    found = needs(1.0, Design(power=power), region)
    whole, built = found["under_way"].need, found["under_construction"].need
    assert whole.low > built.low and whole.median > built.median and whole.high > built.high


def test_campuses_are_under_way_as_long_as_connections_take_in_their_region():
    china, west = (needs(1.0, region=region)["under_way"].need.median for region in ("china", "us_west"))
    months = [float(catalog.value("regions", region, "grid_months")) for region in ("china", "us_west")]
    assert west - china > 0.5 * 52 / 12 * (months[1] - months[0]) > 0
    assert china < YEAR["under_way"].need.median < west


def test_a_region_is_set_against_its_own_nation_only():
    china, texas, gulf = (needs(1.0, region=region) for region in ("china", "us_tx", "gulf"))
    assert {"power_to_china"} == {row.item for row in china.rows if row.item.startswith("power_to")}
    assert {"power_to_us"} == {row.item for row in texas.rows if row.item.startswith("power_to")}
    assert not {row.item for row in gulf.rows if row.item.startswith("power_to")}
    assert china["capex"].supply is None and texas["capex"].supply is not None
    assert "capex_to_2025" not in {row.item for row in china.rows}


def test_a_chip_whose_packaging_is_not_told_is_set_against_no_packages():
    found = needs(1.0, Design("wse-3"))
    assert found["accelerators"].supply is None and "packaging_wafers" in found["accelerators"].note
    assert found.untold == ("logic_wafers", "hbm", "packaging") and YEAR.untold == ()
    assert not {"accelerators", *found.untold} & {row.item for row in found.binding}
    assert "left out, since the catalog does not tell them of wse-3: logic_wafers" in run("--chip", "wse-3").stdout


def test_supply_of_an_item_is_that_of_its_makers_and_ratios_are_need_over_supply():
    row, found = YEAR["servers"], item("servers")
    assert row.supply.median == approx(52 * found.capacity_per_week)
    assert row.ratio.median == approx(row.need.median / row.supply.median)
    assert row.ratio.low < row.ratio.median < row.ratio.high


def test_connections_are_the_sum_of_the_regions_in_the_world_and_its_own_in_one():
    weekly = {r: float(catalog.value("regions", r, "grid_mw_per_week")) for r in catalog.items("regions")}
    assert YEAR["grid_connection"].supply.median == approx(52 * sum(weekly.values()))
    alone = needs(1.0, region="us_tx")
    assert alone["grid_connection"].supply.median == approx(52 * weekly["us_tx"])
    assert alone["electricians"].supply.median < YEAR["electricians"].supply.median


def test_what_suffices_today_takes_no_years_and_what_never_does_takes_infinitely_many():
    tiny, huge = needs(1e-4), needs(1e4)
    assert tiny.binding == () and all(row.years == 0 for row in tiny.rows if row.group in (ITEMS, CREWS))
    assert all(row.ratio.median > 1 for row in huge.binding)
    ratios = [row.ratio.median for row in huge.binding]
    assert ratios == sorted(ratios, reverse=True)
    assert huge["power_transformers"].years == float("inf")


def test_supply_grows_to_the_need_in_the_years_that_are_told():
    from gigawatt.buildout.supply_today import supplies

    row, there = YEAR["grid_connection"], supplies(GB300, None)["grid_connection"].by_week
    week = round(52 * row.years)
    assert there[week - 1] < 1000 <= there[week]


def test_gas_is_burnt_by_plants_on_site_only():
    assert "gas" not in {row.item for row in YEAR.rows}
    assert GAS["gas"].need.median == approx(1e6 * GAS["energy"].need.median * 8.7)
    assert GAS["gas_volume"].need.median == approx(27.5 * GAS["gas"].need.median / 1e9)
    assert "power_to_us" not in {row.item for row in GAS.rows}


def test_water_follows_the_cooling_and_the_region():
    towers = needs(1.0, Design(cooling="liquid_tower"))
    assert towers["water"].need.median > 50 * YEAR["water"].need.median
    wetted = Design(cooling="adiabatic")
    texas, north = (needs(1.0, wetted, region)["water"].need.median for region in ("us_tx", "europe"))
    local = [float(catalog.value("regions", region, "water_l_per_kwh")) for region in ("us_tx", "europe")]
    assert texas / north == approx(local[0] / local[1])


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_is_above_nothing(rate):
    with pytest.raises(ValueError, match="wants above 0"):
        needs(rate)


def test_unknown_regions_and_needs_are_named():
    with pytest.raises(ValueError, match=r"unknown region 'us_txs'; did you mean 'us_tx'\?"):
        needs(1.0, region="us_txs")
    with pytest.raises(ValueError, match="no need of 'helium'; there are: accelerators"):
        YEAR["helium"]


# ---------------------------------------------------------------------------------- 52 GW a year by published figures
# What the published figures give for 52 GW a year, what our bill gives, and ours over theirs as the docs say it.
GPUS = 52 * fact("gpus-per-gw", "barclays")
ARITHMETIC = {
    "GPUs at 500,000 a GW (Barclays)": (GPUS, YEAR["chips"].need.median, 0.87),
    "GPUs at 427,000 a GW (Bernstein)": (
        52 * fact("gpus-per-gw", "bernstein_implied_gb200"), YEAR["chips"].need.median, 1.02),
    "dies at 1 M a GW (TD Cowen, more than)": (
        52 * fact("gpus-per-gw", "td_cowen_dies"), 2 * YEAR["chips"].need.median, 0.87),
    "packaging wafers at 16 a wafer": (
        GPUS / fact("cowos", "b200_packages_per_wafer"), YEAR["packaging"].need.median, 0.96),
    "packaging wafers of our Rubin at 9 a wafer": (
        52e3 * chips_per_mw(RUBIN).median / fact("cowos", "rubin_packages_per_wafer"),
        needs(1.0, RUBIN)["packaging"].need.median, 1.11),
    "GB of HBM at 288 a GPU": (GPUS * fact("hbm", "hbm_per_gb300_rubin_gpu"), YEAR["hbm"].need.median, 0.94),
    "bn USD at 35 bn a GW (Bernstein)": (52 * 35, YEAR["capex"].need.median, 0.93),
    "bn USD at 50 bn a GW (Nvidia, Barclays, low)": (52 * 50, YEAR["capex"].need.median, 0.65),
    "bn USD at 60 bn a GW (Nvidia, Barclays, high)": (52 * 60, YEAR["capex"].need.median, 0.54),
    "GW of turbines, one for one": (52, GAS["gas_turbines"].need.median / 1e3, 1.25),
    "MVA of transformers, one for one at 0.95": (52e3 / 0.95, YEAR["power_transformers"].need.median, 1.47),
    "TWh at 0.6 bn USD and 0.0765 USD/kWh a GW of IT (Epoch AI)": (
        52 / GB300.pue.median * 0.6 / fact("power", "blended_us_ai_data_centre_electricity_2026"),
        YEAR["energy"].need.median, 0.96),
}  # fmt: skip


@pytest.mark.parametrize("name", ARITHMETIC)
def test_the_arithmetic_of_52_gw_a_year_and_our_bill_differ_by_what_the_docs_say(name):
    published, ours, ratio = ARITHMETIC[name]
    assert ours / published == approx(ratio, abs=0.06)


def test_gigawatts_under_construction_are_near_those_of_epoch_ai():
    # 52 GW a year x 1.9 years (1 to 3.6) = 99 GW from the start of works to the first gigawatt, waiting included.
    published = 52 * fact("buildout", "construction_start_to_1_gw")
    assert YEAR["under_construction"].need.median == approx(published, rel=0.3)


def test_52_gw_a_year_against_what_the_world_does():
    # Grid: 52 GW of meters against 53 GW of plants (US) and 543 GW (China) in 2025.
    assert YEAR["power_to_us"].ratio.median == approx(52 / 53)
    assert YEAR["power_to_china"].ratio.median == approx(52 / 543)
    # Turbines: more than all that makers can build (30 to 36 GW), less than the orders of 2025 (100 GW).
    nameplate_gw = GAS["gas_turbines"].need.median / 1e3
    assert fact("gas-turbine", "top_makers_production_capacity") < nameplate_gw
    assert nameplate_gw < fact("gas-turbine", "world_orders_2025")
    assert GAS["gas_turbines"].world < GAS["gas_turbines"].need.median
    # Transformers: 4 % of the world's demand of 1.98 M MVA in 2024.
    assert YEAR["power_transformers"].need.median / fact(
        "transformer", "world_power_transformer_demand_2024"
    ) == approx(0.041, abs=0.005)
    # Packaging: more than all demand of 2026 (1.0 to 1.33 M wafers); HBM: about twice what is made.
    assert YEAR["packaging"].need.median > 1.329e6
    assert 1.5 < YEAR["hbm"].ratio.median < 3
    # Dollars: more than twice the plans of the four largest for 2026.
    assert 2 < YEAR["capex"].ratio.median < 3
    assert YEAR["capex"].need.median == approx(52 * capex(GB300).all.median / 1e6)
    # A year is more than all AI sites that there were at the end of 2025 (30 GW).
    assert fact("gpu-supply", "power_of_all_ai_chips_sold_as_of_2025") < 52


# ------------------------------------------------------------------------------------------------------------ command
def run(*words):
    return CliRunner().invoke(app, ["buildout", "needs", *words])


def test_the_command_prints_what_python_gives():
    done = run("--rate", "2GW/week", "--power", "engines", "--region", "us_tx", "--format", "json")
    rows = {row["item"]: row for row in json.loads(done.stdout)}
    found = needs(2.0, Design(power="reciprocating_engines"), "us_tx")
    assert rows.keys() == {row.item for row in found.rows}
    assert rows["reciprocating_engines"]["need_p50"] == found["reciprocating_engines"].need.median
    assert rows["reciprocating_engines"]["ratio"] == found["reciprocating_engines"].ratio.median
    assert rows["land"]["supply"] is None and rows["land"]["source"] == found["land"].source


def test_the_table_says_what_was_asked_and_what_is_short():
    done = run("--rate", "1GW/week")
    assert done.stdout.startswith(
        "a year of 1 GW of site power a week: gb300-nvl72, liquid_dry, n+1, grid, with backup"
    )
    assert "the scarcest first: " in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rate", "1GW"), "wants power per week such as 1 GW/week"),
        (("--rate", "5"), "--rate 5: wants power per week"),
        (("--rate", "1GWh/week"), "--rate 1GWh/week: wants power"),
        (("--rate", "1000TW/week"), "at most 100 GW/week"),
        (("--out", "x.foo"), "unknown ending"),
        (("--rate", "0GW/week"), "wants above 0"),
        (("--chip", "gb330-nvl72"), "did you mean 'gb300-nvl72'?"),
        (("--region", "texas"), "unknown region 'texas'"),
    ],
)
def test_mistakes_of_the_command_line_are_told(words, message):
    done = run(*words)
    assert done.exit_code != 0
    assert message in done.stderr


def test_notes_and_sources_come_when_asked_for_and_tables_keep_to_the_width(monkeypatch):
    assert "own-estimate" in run("--notes").stdout and "own-estimate" not in run().stdout
    for width in (80, 120, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        table = run().stdout.split("\n\n", 1)[1]
        assert max(map(len, table.splitlines())) <= width and "need/supply" in table
