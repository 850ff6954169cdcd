"""Energy and money: by hand, in proportion, and the draw of chips against measurements."""

import csv
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers
from pytest import approx

from gigawatt.annuity import capital_recovery_factor
from gigawatt.inference import Chip, Estimate, Model, Site, estimate
from gigawatt.inference.costs import capital_usd_per_chip_h, energy_usd_per_mwh
from gigawatt.inference.energy import Draw, prompt_compute_s, step_compute_s
from gigawatt.inference.measured import undecorated
from gigawatt.inference.points import Layout, Load, point
from tests.inference.shapes_at_hand import CHIP, DENSE, SITE

KNOWN = Path(__file__).parents[1] / "known" / "tokens_energy.csv"
CHIPS = {"H100": "h100-sxm", "B200": "b200"}


def at(site: Site = SITE, **changed: object) -> Estimate:
    """An estimate of the dense model at a site."""
    asked = {"precision": "fp8", "tensor_parallel": 4, "concurrency": 32, "input_tokens": 2000, "output_tokens": 400}
    return estimate(DENSE, CHIP, site=site, **(asked | changed))


def test_an_annuity_repays_with_interest():
    # 1 at 10 % over 2 years: 1.1 x 1.1 = 0.57619 x 1.1 + 0.57619.
    assert capital_recovery_factor(0.1, 2) == approx(1.21 / 2.1)
    assert capital_recovery_factor(0.0, 4) == 0.25


def test_an_owned_chip_costs_its_annuity_its_site_and_its_upkeep():
    # Site: 10 M USD/MW x 1000 W x 1.25 = 12,500 USD.
    yearly = 30_000 * capital_recovery_factor(0.1, 5) + 12_500 * capital_recovery_factor(0.1, 20) + 0.02 * 42_500
    assert capital_usd_per_chip_h(CHIP, SITE) == approx(yearly / (8760 * 0.9))


def test_a_rent_is_all_that_a_chip_costs():
    rented = replace(SITE, usd_per_chip_h=2.5)
    assert capital_usd_per_chip_h(CHIP, rented) == 2.5
    assert energy_usd_per_mwh(rented) == 0
    assert at(rented).usd_per_chip_h == approx(2.5)
    assert at(rented, tensor_parallel=1).usd_per_chip_h == approx(2.5)


def test_a_chip_without_a_price_needs_a_rent():
    with pytest.raises(ValueError, match="chip-a has no price_usd: say what it rents for, usd_per_chip_h"):
        capital_usd_per_chip_h(replace(CHIP, price_usd=0), SITE)


@settings(deadline=None, max_examples=20)
@given(users=integers(1, 256), input_tokens=floats(10, 20_000), output_tokens=floats(10, 5000))
def test_prompt_and_answer_add_up_to_the_query(users, input_tokens, output_tokens):
    one = at(concurrency=users, input_tokens=input_tokens, output_tokens=output_tokens)
    usd = one.usd_per_mtok_input * input_tokens + one.usd_per_mtok_output * output_tokens
    assert usd / 1e6 == approx(one.usd_per_query)
    joule = one.j_per_input_token * input_tokens + one.j_per_output_token * output_tokens
    assert joule / 3600 == approx(one.wh_per_query)


def test_a_query_pays_for_the_time_of_chips_idle_hours_included():
    one = at()
    hours = 1 / one.requests_per_s_per_chip / 3600 / SITE.utilisation
    energy_usd = one.wh_per_query / 1e6 * SITE.usd_per_mwh
    assert one.usd_per_query == approx(hours * capital_usd_per_chip_h(CHIP, SITE) + energy_usd)


def test_energy_is_that_of_load_and_rest_times_pue():
    one, rest_w = at(), Draw().idle_w(CHIP)
    chip_s = 1 / one.requests_per_s_per_chip
    # Half of the time under load, so a second of rest for each second of work.
    assert one.wh_per_query * 3600 == approx(chip_s * (one.power_w + rest_w) * 1.25)


def test_money_is_halved_where_chips_are_busy_twice_as_long():
    rented = replace(SITE, usd_per_chip_h=2.0)
    assert at(replace(rented, utilisation=1.0)).usd_per_query == approx(at(rented).usd_per_query / 2)


def test_queries_of_a_megawatt_hour():
    one = at()
    assert one.queries_per_mwh * one.wh_per_query == approx(1e6)


@settings(deadline=None, max_examples=20)
@given(factor=floats(0.1, 10))
def test_carbon_and_water_follow_their_intensities(factor):
    other = replace(SITE, g_co2_per_kwh=400 * factor, litres_per_kwh=0.5 * factor)
    assert at(other).g_co2_per_query == approx(factor * at().g_co2_per_query)
    assert at(other).litres_per_query == approx(factor * at().litres_per_query)


def test_carbon_is_counted_at_the_meter_and_water_per_energy_of_it():
    lean = replace(SITE, pue=1.0)
    assert at().g_co2_per_query == approx(1.25 * at(lean).g_co2_per_query)
    assert at().litres_per_query == approx(at(lean).litres_per_query)


def test_dearer_power_costs_more_by_what_is_drawn():
    dear = replace(SITE, usd_per_mwh=160)
    assert at(dear).usd_per_query - at().usd_per_query == approx(at().wh_per_query / 1e6 * 100)


def test_a_region_brings_its_price_carbon_and_water():
    site = Site.in_region("europe", pue=1.1)
    assert site.usd_per_mwh == 95 and site.pue == 1.1
    assert site.g_co2_per_kwh != Site().g_co2_per_kwh


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pue": 0.9}, "pue 0.9 is below 1"),
        ({"utilisation": 0}, "utilisation 0 is not above 0 and at most 1"),
        ({"utilisation": 1.2}, "utilisation 1.2 is not above 0"),
        ({"usd_per_mwh": -5}, "usd_per_mwh -5 is not at least 0 and finite"),
        ({"usd_per_mwh": float("nan")}, "usd_per_mwh nan is not at least 0 and finite"),
        ({"pue": float("inf")}, "pue inf is below 1 or no number"),
        ({"chip_life_years": 0}, "chip_life_years 0 is not above 0 and finite"),
    ],
)
def test_sites_that_cannot_be_are_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        Site(**changed)


def test_draw_rises_from_rest_to_the_power_of_the_system():
    draw = Draw(idle_share=0.1, running_share=0.5, compute_share=1.0, server_idle_share=0.6)
    # 70 W of the chip and 0.6 of the server's 300 W at rest; all of both at half of the peak and above.
    assert draw.idle_w(CHIP) == approx(70 + 180)
    assert draw.busy_w(CHIP, 0.5) == approx(1000)
    assert draw.busy_w(CHIP, 0.9) == approx(1000)
    assert list(draw.busy_w(CHIP, np.array([0.0, 0.2, 0.4]))) == sorted(draw.busy_w(CHIP, np.array([0.0, 0.2, 0.4])))


def test_draw_of_chips_agrees_with_measured_steady_states():
    # ML.ENERGY leaderboard v3 (2025-12): mean draw of H100 and B200 under vLLM, with the measured time of a step.
    errors = []
    for row in csv.DictReader(KNOWN.open(encoding="utf-8")):
        if row["item"].startswith("ml-energy") and row["power_w"] and row["itl_ms"]:
            drawn, measured = drawn_and_measured(row)
            errors.append(abs(drawn / measured - 1))
    assert len(errors) >= 60
    assert median(errors) < 0.15


def drawn_and_measured(row: dict[str, str]) -> tuple[float, float]:
    """Our power of a chip without its server, and the measured one, in W."""
    model, chip = Model.from_catalog(undecorated(row["model"])), Chip.from_catalog(CHIPS[row["chip"]])
    chips, users = int(row["chips"]), float(row["batch"])
    ep = chips if row["parallelism"].startswith("EP") else 1
    load = Load(users=users, input_tokens=300, output_tokens=float(row["output_tokens"]))
    points = point(model, chip, row["precision"], Layout(tp=chips, ep=ep), load)
    mfu = step_compute_s(model, points, users) / (float(row["itl_ms"]) / 1e3)
    return Draw().busy_w(replace(chip, system_power_w=chip.tdp_w), mfu), float(row["power_w"]) / chips


def test_a_prompt_sees_on_average_less_than_its_window():
    # Of 2000 tokens the first 1000 see 500 in the mean, the others 1000: 750.
    local = replace(DENSE, window_layers=80.0, window_tokens=1000.0)
    load = Load(users=1, input_tokens=2000, output_tokens=1)
    narrow = point(local, CHIP, "bf16", Layout(), load)
    work_s = (DENSE.params_active * 2 + 750 * narrow.shape.window_flop) * 2000 / 1e15
    assert prompt_compute_s(local, narrow) == approx(work_s)
