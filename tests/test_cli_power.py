"""`gigawatt power`: what each mode prints, formats that parse back, files, and messages for mistakes."""

import csv
import importlib
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app
from gigawatt.cli.power_modes import COMPILED
from gigawatt.cli.power_rows import LONG, long_rows, month_sentence, percent, size_rows, within
from gigawatt.power import Flexible, Terms, hourly_columns, load, site_year, size, timing

SITE = ("power", "--site", "us_tx_abilene")
PLAIN = (*SITE, "--options", "pv,battery,gas,grid<=600MW")


def run(*args):
    return CliRunner().invoke(app, list(args))


def rows(done):
    return list(csv.DictReader(io.StringIO(done.stdout)))


def value(found, part, figure, item=""):
    (row,) = [r for r in found if (r["part"], r["figure"], r["item"]) == (part, figure, item)]
    return float(row["value"])


@pytest.fixture(scope="module")
def plain():
    return run(*PLAIN)


@pytest.fixture(scope="module")
def full():
    return rows(run(*PLAIN, "-f", "csv"))


# -------------------------------------------------------------------------------------------------------------- a plan
def test_a_plan_is_told_with_all_that_a_planner_asks(plain):
    assert plain.exit_code == 0, plain.output
    for said in (
        "1,000 MW at the largest hour", "market costs, 8 % a year", "capex M$", "% of load", "fuel", "energy",
        "the same supply at reference costs", "curtailed", "marginal price, mean", "carbon-free, hour by hour",
        "CO2, location-based", "CO2, market-based", "CO2, hourly matched", "water at the site", "land", "proved gap",
        "full power in", "held back by", "until then, rented power that pays",
    ):  # fmt: skip
        assert said in plain.stdout, said
    assert "no market quote, reference cost used" in plain.stderr


def test_the_parts_of_a_mwh_add_up_to_its_cost(full):
    parts = [float(r["value"]) for r in full if r["part"] == "costs" and r["figure"] == "usd_per_mwh"]
    assert sum(parts) == pytest.approx(value(full, "summary", "cost"), rel=1e-9)


def test_what_is_printed_is_what_the_stage_finds(full):
    plan = size("us_tx_abilene", 1000.0, "pv,battery,gas,grid<=600MW")
    assert value(full, "summary", "cost") == pytest.approx(plan.usd_per_mwh, rel=2e-5)
    assert value(full, "capacities", "size", "pv") == pytest.approx(plan.size("pv"), rel=0.05)
    assert value(full, "capacities", "size", "battery_energy") == pytest.approx(plan.size("battery_energy"), rel=0.05)
    assert value(full, "summary", "proved gap") <= 1e-5


def test_rows_of_files_have_units_and_no_figure_twice(full):
    assert tuple(full[0]) == LONG
    keys = [(r["part"], r["item"], r["figure"]) for r in full]
    assert len(keys) == len(set(keys))
    units = {r["figure"]: r["unit"] for r in full}
    assert units["capex_usd"] == "USD" and units["usd_per_mwh"] == "USD/MWh" and units["mwh"] == "MWh"
    assert units["g_per_kwh"] == "g/kWh" and units["share_of_load"] == "1"


def test_json_and_csv_tell_the_same(full):
    told = json.loads(run(*PLAIN, "-f", "json").stdout)
    cost = [r for r in told if (r["part"], r["figure"]) == ("summary", "cost")]
    assert cost[0]["value"] == pytest.approx(value(full, "summary", "cost"), rel=2e-5)


def test_a_file_gets_the_format_that_its_name_tells(tmp_path):
    out = tmp_path / "plan.json"
    assert run(*PLAIN, "--out", str(out)).exit_code == 0
    assert {r["part"] for r in json.loads(out.read_text())} >= {"capacities", "costs", "carbon", "months", "bridge"}


def test_parquet_holds_the_same_rows(tmp_path, full):
    from gigawatt.store import read_parquet

    out = tmp_path / "plan.parquet"
    assert run(*PLAIN, "--out", str(out)).exit_code == 0
    assert len(read_parquet("plan", out)) == len(full)


def test_the_hours_of_a_file_balance(tmp_path):
    out = tmp_path / "hours.csv"
    assert run(*PLAIN, "--hours", str(out)).exit_code == 0
    hours = list(csv.DictReader(out.open(newline="")))
    assert len(hours) == 8760
    names = ("load", "pv", "gas", "grid", "battery_charge", "battery_discharge", "unserved")
    mw = {name: np.array([float(row[f"{name}_mw"]) for row in hours]) for name in names}
    fed = mw["pv"] + mw["gas"] + mw["grid"] + mw["battery_discharge"] - mw["battery_charge"] + mw["unserved"]
    assert fed == pytest.approx(mw["load"], abs=1e-4)


def test_money_carbon_and_water_are_rebuilt_from_the_hours_alone(tmp_path, full):
    out = tmp_path / "hours.csv"
    assert run(*PLAIN, "--hours", str(out)).exit_code == 0
    rows = list(csv.DictReader(out.open(newline="")))
    hours = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    assert "price_usd_per_mwh" not in hours  # the grid's price in the files that come in
    by_capacity = sum(
        float(r["value"]) for r in full
        if r["part"] == "costs" and r["figure"] == "usd" and r["item"].split()[-1] in ("capital", "fixed", "demand")
    )  # fmt: skip
    cost_usd = value(full, "summary", "cost over the hours")
    assert hours["running_usd"].sum() + by_capacity == pytest.approx(cost_usd, rel=1e-6)
    energy_usd = value(full, "costs", "usd", "grid energy")
    assert (hours["grid_mw"] * hours["grid_usd_per_mwh"]).sum() == pytest.approx(energy_usd, rel=1e-5)
    assert hours["carbon_t"].sum() == pytest.approx(value(full, "carbon", "t", "location-based"), rel=1e-6)
    assert hours["water_m3"].sum() == pytest.approx(value(full, "summary", "water at the site"), rel=1e-5)
    assert hours["it_mw"] * hours["pue"] == pytest.approx(hours["load_mw"], rel=1e-5)
    assert hours["site_draw_mw"] == pytest.approx(hours["load_mw"] - hours["unserved_mw"], abs=1e-5)
    assert hours["grid_g_per_kwh"].max() > 0 and hours["marginal_usd_per_mwh"].mean() > 0


def test_hours_of_load_that_waits_or_stops_say_so():
    parts = (
        Flexible(name="later", share=0.1, kind="delay", hours=6, usd_per_mwh=1),
        Flexible(name="stopped", share=0.1, usd_per_mwh=60),
    )  # fmt: skip
    year = site_year("us_tx_abilene")
    day = load(site_mw=np.resize([80.0, 100.0], 72), site=year, flexible=parts)
    plan = size(year, day, "pv,gas,grid<=30MW export=20MW")
    hours = hourly_columns(plan)
    assert {"flexible_later_caught_up_mw", "flexible_later_put_off_mw", "flexible_later_waiting_mwh"} <= set(hours)
    waits = hours["flexible_later_caught_up_mw"] - hours["flexible_later_put_off_mw"]
    drawn = hours["load_mw"] + waits - hours["flexible_stopped_mw"] - hours["unserved_mw"]
    assert hours["site_draw_mw"] == pytest.approx(drawn)
    assert hours["site_draw_mw"] + hours["sold_mw"] == pytest.approx(
        hours["pv_mw"] + hours["gas_mw"] + hours["grid_mw"], abs=1e-6
    )
    paid = sum(
        c.usd.get(cause, 0.0) * (size - (c.existing if cause == "capital" else 0.0))
        for c, size in zip(plan.built.capacities, plan.capacity, strict=True)
        for cause in ("capital", "fixed")
    )
    assert hours["running_usd"].sum() + paid == pytest.approx(plan.cost_usd, rel=1e-9)


def test_what_is_not_built_is_nothing():
    plan = size("us_tx_abilene", 1000.0, "gas,battery,pv")
    trace = plan.capacity * np.where(np.array(plan.built.system.names) == "pv", 0.0, 1.0)
    trace[plan.built.places("battery")[0]] = 0.08
    told = {row["option"]: row for row in size_rows(replace(plan, capacity=trace))}
    assert told["battery"]["MW"] == 0 and told["battery"]["MWh"] is None
    assert told["gas"]["MW"] > 900
    assert percent(-1e-9) == 0


def test_load_that_is_never_served_is_no_full_power():
    cheap = Terms(shed_usd_per_mwh=1000.0)
    short = month_sentence(timing(size("us_tx_abilene", 100.0, "pv<=50MW,gas<=50MW", terms=cheap)))
    assert "full power" not in short
    assert re.search(r"all that is built in .* % of the load is never served$", short)
    assert "full power in" in month_sentence(timing(size("us_tx_abilene", 100.0, "gas")))


def test_the_kernel_that_tells_of_a_compilation_is_there():
    module, name = COMPILED.split(".")
    assert callable(getattr(importlib.import_module(f"gigawatt.power.{module}"), name))


def test_months_read_as_words():
    assert [within(0.0), within(1.0), within(10.42)] == ["at once", "in 1 month", "in 10.4 months"]


def test_long_rows_keep_texts_as_notes():
    (row,) = long_rows({"timing": [{"figure": "held back by", "value": "grid", "unit": ""}]})
    assert row == {"part": "timing", "item": "", "figure": "held back by", "value": None, "unit": "", "note": "grid"}


# ------------------------------------------------------------------------------------------------- targets and terms
def test_options_of_the_command_reach_the_plan():
    asked = ("--carbon-free", "60%", "--reserve", "15%", "--least", "pv=20%", "--battery-hours", "2-8")
    paid = ("--carbon-price", "20", "--gas-price", "5", "--discount-rate", "6%", "--costs", "reference")
    found = rows(run(*PLAIN[:3], "--options", "pv,wind,battery,gas,grid", *asked, *paid, "-f", "csv"))
    assert value(found, "summary", "carbon-free, hourly") >= 0.6 - 1e-4
    assert value(found, "energy", "share_of_load", "pv") >= 0.2 - 1e-4
    firm = value(found, "capacities", "size", "gas") + value(found, "capacities", "size", "grid")
    assert firm >= 1150 - 1
    (book,) = [
        r for r in found if r["part"] == "books" and r["item"] == "reference yes" and r["figure"] == "usd_per_mwh"
    ]
    assert float(book["value"]) == pytest.approx(value(found, "summary", "cost"))


def test_a_cap_on_carbon_is_a_mass_or_an_intensity():
    caps = [rows(run(*PLAIN, "--carbon-cap", cap, "-f", "csv")) for cap in ("150g/kWh", "800kt")]
    assert value(caps[0], "summary", "carbon, location-based") <= 150 * (1 + 1e-4)
    assert value(caps[1], "carbon", "t", "location-based") <= 800e3 * (1 + 1e-4)


def test_a_virtual_contract_brings_certificates_and_no_power():
    bought = "gas,grid,ppa_solar=50MW paid=virtual price=45$/MWh"
    found = rows(run(*SITE, "--load", "100MW", "--options", bought, "-f", "csv"))
    assert value(found, "capacities", "size", "ppa_solar") == pytest.approx(50)
    assert value(found, "carbon", "t", "market-based") < value(found, "carbon", "t", "location-based")
    assert not any(r["part"] == "energy" and r["item"] == "ppa_solar" for r in found)


def test_computers_alone_draw_less_than_the_site():
    found = rows(run(*SITE, "--options", "gas", "--it-load", "100MW", "--cooling", "1.25", "-f", "csv"))
    assert value(found, "summary", "peak") == pytest.approx(125)


def test_load_that_waits_says_how_many_chips_are_idle():
    from gigawatt.cli.power_asked import flexible_part

    part = flexible_part("delay=20% hours=12 price=5$/MWh headroom=5%")
    assert (part.kind, part.share, part.hours, part.headroom) == ("delay", 0.2, 12.0, 0.05)


def test_work_and_flexible_load_shape_the_load():
    asked = ("--work", "training=60%,inference=0.4", "--flexible", "curtail=10% price=60$/MWh")
    found = run(*SITE, "--options", "gas", *asked)
    assert found.exit_code == 0, found.output
    assert "flexible" in found.stdout


def test_a_place_without_a_site_year_is_drawn():
    found = run("power", "--site", "48.1,11.6", "--options", "pv,gas,grid")
    assert found.exit_code == 0, found.output
    assert "made-up year" in found.stderr and "say that of the site with --gas-price" in found.stderr


def test_load_that_is_not_served_is_said():
    found = run(*SITE, "--options", "pv<=100MW,gas<=900MW", "--unserved-price", "1000")
    assert found.exit_code == 0 and "is not served" in found.stderr


# --------------------------------------------------------------------------------------------------- beside the plan
def test_reliability_forecasts_and_years_are_told_when_asked():
    done = run(
        *SITE, "--options", "pv,battery,gas", "--reliability", "--foresight", "--years", "4", "--outage-years", "20"
    )
    assert done.exit_code == 0, done.output
    for said in (
        "reliability, from 20 drawn years", "expected unserved energy", "nines of energy", "out when load is unserved",
        "day-ahead forecasts", "the same supply in 4 drawn years", "5 % below",
    ):  # fmt: skip
        assert said in done.stdout, said


def test_a_deadline_has_its_price():
    # A battery alone, two months before the fuel cells, would serve nothing.
    found = rows(run(*SITE, "--options", "pv,battery lead=12months,gas,fuel_cell", "--haste", "-f", "csv"))
    cost = [float(r["value"]) for r in found if r["part"] == "haste" and r["figure"] == "usd_per_mwh"]
    assert len(cost) == 3
    assert all(later <= sooner * (1 + 1e-4) for sooner, later in pairwise(cost))


def test_nines_are_reached_by_further_machines_or_it_is_said_what_is_out():
    done = run(*SITE, "--load", "100MW", "--options", "gas", "--nines", "3", "--outage-years", "20", "-f", "csv")
    assert done.exit_code == 0, done.output
    found = rows(done)
    assert value(found, "reserve", "machines", "gas") > 0
    assert value(found, "reserve", "nines", "gas") >= 3
    a_year = value(found, "reserve", "usd_per_year", "standby diesel")
    assert a_year > 0
    beside = value(found, "summary", "cost") + a_year / (8760 * value(found, "summary", "load"))
    assert value(found, "reserve", "with_reserve_usd_per_mwh", "standby diesel") == pytest.approx(beside)
    assert {r["unit"] for r in found if r["figure"] == "with_reserve_usd_per_mwh"} == {"USD/MWh"}


def test_what_further_machines_cannot_mend_is_named():
    done = run(*SITE, "--load", "100MW", "--options", "gas", "--nines", "6", "--outage-years", "60")
    assert done.exit_code == 0, done.output
    assert "not enough" in done.stdout and "gas_supply" in done.stdout


# ------------------------------------------------------------------------------------------------------ rows of plans
def test_cost_never_falls_along_the_shares(tmp_path):
    chart = tmp_path / "pareto.svg"
    done = run(*PLAIN, "--pareto", "-f", "csv", "--chart", str(chart))
    assert done.exit_code == 0, done.output
    found = rows(done)
    cost = [float(r["usd_per_mwh"]) for r in found]
    assert all(b >= a * (1 - 2e-5) for a, b in pairwise(cost))
    assert all(float(r["carbon_free_hourly"]) >= float(r["carbon_free_least"]) - 1e-4 for r in found)
    assert chart.read_text().startswith("<svg")


# --------------------------------------------------------------------------------------------------------------- lists
def test_site_years_are_listed():
    found = json.loads(run("power", "--sites", "-f", "json").stdout)
    assert {"us_tx_abilene", "dk_jutland"} <= {r["site"] for r in found}
    assert all(0 < r["sun_share"] < 0.5 for r in found)
    assert all(0 < r["delivery_usd_per_mwh"] < r["price_usd_per_mwh"] for r in found)


def test_technologies_are_listed_in_both_books():
    found = {r["option"]: r for r in json.loads(run("power", "--technologies", "-f", "json").stdout)}
    assert found["gas"]["reference_usd_per_kw"] == 2000
    assert found["pv"]["reference_usd_per_mwh"] is None  # no site, no output
    placed = json.loads(run("power", "--technologies", "--site", "us_tx_abilene", "-f", "json").stdout)
    assert {r["option"]: r for r in placed}["pv"]["reference_usd_per_mwh"] > 20
    dear = {r["option"]: r for r in json.loads(run("power", "--technologies", "--gas-price", "9", "-f", "json").stdout)}
    assert dear["gas"]["reference_usd_per_mwh"] > found["gas"]["reference_usd_per_mwh"] + 30


def test_the_list_says_what_the_cost_of_sun_and_wind_hangs_on():
    lines = run("power", "--technologies").stdout.splitlines()
    for name in ("pv", "wind", "offshore_wind"):
        (line,) = [each for each in lines if each.split()[:1] == [name]]
        assert "needs --site" in line
    assert sum("needs --site" in line for line in lines) == 3
    assert "needs --site" not in run("power", "--technologies", "--site", "us_tx_abilene").stdout


def test_the_clock_of_a_plan_counts_no_compilation():
    code = """
import sys
from gigawatt.cli.power_asked import warm_up
from gigawatt.power import Targets, size
def known():
    modules = [m for name, m in sys.modules.items() if name.startswith("gigawatt.power")]
    return {(m.__name__, n, s) for m in modules for n, f in vars(m).items() for s in getattr(f, "signatures", ())}
warm_up()
before = known()
for targets in (None, Targets(carbon_free_hourly=0.4)):
    size("us_tx_abilene", 1000.0, "pv,wind,battery,gas,grid", targets=targets, tolerance=1e-4)
print(known() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ------------------------------------------------------------------------------------------------------------ mistakes
@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "say where: gigawatt power --site us_tx_abilene"),
        (("--site", "us_tx_abilen"), "did you mean 'us_tx_abilene'?"),
        (("--options", "pv,gass"), "unknown option 'gass'; did you mean 'gas'?"),
        (("--options", "battery hours=0"), "hours=0: above 0, such as hours=4"),
        (("--options", "ppa_solar paid=virtul"), "paid 'virtul' is none of produced, delivered, virtual"),
        (("--options", "ppa_solar pad=virtual"), "did you mean 'paid'?"),
        (("--options", "pv<=x"), "'x' does not start with a number"),
        (("--options", "bridge"), "rented power bridges the time"),
        (("--load", "1GWh"), "1GWh is an energy, --load wants a power"),
        (("--load", "1GW", "--it-load", "800MW"), "give one"),
        (("--carbon-free", "90"), "write it as 90%"),
        (("--carbon-cap", "5GW"), "--carbon-cap wants a mass"),
        (("--cooling", "evaporativ"), "did you mean 'evaporative'?"),
        (("--cooling", "0.8"), "a PUE of 0.8 is below 1"),
        (("--work", "trainng=1"), "--work: unknown 'trainng'; did you mean 'training'?"),
        (("--work", "training"), "'training' is not a name and a share"),
        (("--flexible", "delay=20%"), "write delay=20% hours=12 price=5$/MWh"),
        (("--flexible", "auto"), "say them with --work"),
        (("--grid", "ercott"), "did you mean 'ercot'?"),
        (("--least", "wnd=10%"), "--least: unknown 'wnd'"),
        (("--reserve=-10%",), "--reserve -10%: at least 0"),
        (("--discount-rate", "8"), "write it as 8%"),
        (("--tolerance", "0"), "--tolerance 0: above 0"),
        (("--years", "0"), "--years 0: at least 1"),
        (("--nines", "9"), "--nines 9: above 0, 6 at most"),
        (("--chart", "plan.png"), "end its name in .html or .svg"),
        (("--format", "parquet"), "say which with --out FILE.parquet"),
        (("--pareto", "--carbon-free", "90%"), "leave out --carbon-free"),
        (("--pareto", "--years", "5"), "leave out --years"),
        (("--sites", "--years", "5"), "a list goes by itself: leave out --years"),
        (("--options", "gas", "--foresight"), "without a store, forecasts change nothing"),
        (("--place", "32,-100"), "--place is for a CSV file"),
        (("--site", "a.csv", "--place", "here"), "write latitude and longitude"),
        (("--options", "pv<=100MW", "--unserved-price", "none"), "limits that clash"),
    ],
)
def test_a_mistake_is_said_in_a_line_and_fails(args, said):
    where = () if not args or "--site" in args else ("--site", "us_tx_abilene")
    done = run("power", *where, *args)
    assert done.exit_code == 1, done.output
    assert said in done.stderr
    assert "fault of gigawatt" not in done.stderr


def test_the_mistakes_of_a_file_are_named_with_file_and_line(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("hour_utc,pv_cf,wind_cf,temp_c,rh_pct\n0,1.7,0.2,10,50\n")
    done = run("power", "--site", str(path), "--place", "32,-100")
    assert done.exit_code == 2
    assert re.search(r"mine\.csv:2:?\d*:.*pv_cf", done.stderr)


@pytest.fixture
def hours(tmp_path):
    """A file of hours without price and carbon, of a leap year."""
    path = tmp_path / "mine.csv"
    rows = [f"{hour},{0.5 * (6 < hour % 24 < 18)},0.3,15,50,{100 + hour % 24}" for hour in range(8784)]
    path.write_text("\n".join(["hour_utc,pv_cf,wind_cf,temp_c,rh_pct,load_mw", *rows, ""]))
    return path


def test_a_file_of_hours_says_what_it_lacks_in_the_words_of_the_options(hours):
    done = run("power", "--site", str(hours), "--drop-leap-day")
    assert done.exit_code == 1 and "say where it is with --place" in done.stderr
    assert run("power", "--site", str(hours), "--place", "32,-100").exit_code == 2


def test_hours_and_load_come_from_a_file(hours, tmp_path):
    whole = tmp_path / "year.csv"
    whole.write_text("".join(hours.read_text().splitlines(keepends=True)[:8761]))
    placed = ("--drop-leap-day", "--place", "32,-100", "--options", "pv,wind,gas")
    done = run("power", "--site", str(hours), *placed, "--load", str(whole), "-f", "csv")
    assert done.exit_code == 0, done.output
    assert value(rows(done), "summary", "peak") == pytest.approx(123)
    assert value(rows(done), "summary", "load") == pytest.approx(111.5)


def test_help_imports_no_numpy():
    code = "import sys; sys.argv = ['gigawatt', 'power', '--help']\nfrom gigawatt.cli import main\n"
    code += "try: main()\nexcept SystemExit: pass\nprint('heavy:', *({'numpy', 'numba'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy:"
    assert "gigawatt power --site us_tx_abilene --carbon-free 90%" in done.stdout
