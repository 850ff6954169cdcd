"""Training runs against published ones, and by hand."""

import csv
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.errors import GigawattError
from gigawatt.training import Chip, Plan, Reliability, Size, Speed, estimate, mfu_of, training_flop, utilisation

KNOWN = Path(__file__).resolve().parents[1] / "known" / "training_runs.csv"
H100 = Chip(name="h100-sxm", bf16_flop_per_s=989e12, fp8_flop_per_s=1979e12, system_power_w=1050, price_usd=36_000)
NEVER = Reliability(chip_hours_per_failure=1e15, checkpoint_hours=0, restart_hours=0)
MODEL = Size(params=1e11, params_active=1e11)
PLAN = Plan(tokens=1e13, chips=16_384)
SIZES = sampled_from([1e9, 8e9, 7e10, 4e11])


def published_runs(with_mfu=False):
    with KNOWN.open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["mfu"] or not with_mfu]
    return [pytest.param(row, id=row["model"]) for row in rows]


@pytest.mark.parametrize("row", published_runs())
def test_published_flop_are_six_n_d(row):
    assert training_flop(float(row["params_active"]), float(row["tokens"])) == pytest.approx(
        float(row["flop"]), rel=0.01
    )


@pytest.mark.parametrize("row", published_runs(with_mfu=True))
def test_published_chip_hours_follow_from_a_published_utilisation(row):
    # Hours of the run itself: 10 %, since published utilisation leaves attention out and rounds. Calendar days x chips
    # hold failures, restarts and ramps of the cluster besides, so that 60 to 105 % of them is the run.
    chip = Chip(bf16_flop_per_s=float(row["peak_flop_per_s"]))
    active, hours = float(row["params_active"]), float(row["chip_hours"])
    plan = Plan(tokens=float(row["tokens"]), chips=1024, mfu=float(row["mfu"]))
    found = estimate(Size(params=active, params_active=active), chip, plan=plan, reliability=NEVER).chip_hours
    if row["hours_basis"] == "run":
        assert found == pytest.approx(hours, rel=0.1)
    else:
        assert 0.6 * hours < found < 1.05 * hours


@pytest.mark.parametrize("row", published_runs())
def test_published_runs_reached_an_eighth_to_a_half_of_peak(row):
    found = mfu_of(float(row["flop"]), float(row["chip_hours"]), float(row["peak_flop_per_s"]))
    assert 0.125 < found < 0.5


def test_llama_65b_took_its_published_three_weeks():
    # Touvron et al. 2023: 2048 A100, 21 days at 380 tokens a second and chip, 0.4746 of peak without attention.
    plan = Plan(tokens=1.4e12, chips=2048, mfu=0.4746, context_tokens=1e-9)
    found = estimate(Size.named("llama-65b"), "A100-80", plan=plan, reliability=NEVER)
    assert found.days.value == pytest.approx(21, rel=0.05)


def test_a_run_by_hand():
    # 6 x 1e11 x 1e13 = 6e24 FLOP without attention; 989e12 x 0.4 FLOP/s a chip; 1050 W x 0.75 x PUE 1.1.
    plan = replace(PLAN, mfu=0.4, context_tokens=1e-9, usd_per_h=2.0)
    found = estimate(MODEL, H100, plan=plan, reliability=NEVER)
    hours = 6e24 / (989e12 * 0.4) / 3600
    assert found.chip_hours == pytest.approx(hours)
    assert found.days.value == pytest.approx(hours / 16_384 / 24)
    assert found.energy_mwh.value == pytest.approx(hours * 1050e-6 * 0.75 * 1.1)
    assert found.rented_usd.value == pytest.approx(2 * hours)
    assert found.hours.low < hours < found.hours.high


def test_attention_adds_context_over_twelve_widths():
    # 405 billion parameters with the usual number of layers: width 16,287; 4096 / (12 x 16287) = 2.1 %.
    size = Size.named("llama-3.1-405b")
    assert size.hidden == pytest.approx(16_384, rel=0.02)
    with_attention = estimate(size, H100, tokens=1e12).flop
    assert with_attention / training_flop(size.params_active, 1e12) == pytest.approx(1 + 4096 / 12 / size.hidden)


def test_an_owner_s_hour_by_hand():
    # 36,000 USD over 4 years at 10 %: annuity 0.31547; 12 % site; 8760 h x 0.85; 866 W at 58 USD/MWh.
    found = estimate(MODEL, H100, plan=PLAN).owned_usd_per_h
    assert found == pytest.approx(36_000 * 0.31547 * 1.12 / (8760 * 0.85) + 866.25e-6 * 58, rel=1e-3)


def test_sizes_are_read_as_people_write_them():
    assert Size.named("671B/37B").sparsity == pytest.approx(671 / 37)
    assert Size.named("70b").params == Size.named("0.07T").params_active == 7e10
    assert Size.named("DeepSeek-V3").params_active == pytest.approx(3.7e10, rel=0.02)


@pytest.mark.parametrize("text", ["70Q", "37B/671B", "1B/1B/1B", "0B", "llama-3.1-40b"])
def test_other_words_are_no_model(text):
    with pytest.raises(GigawattError, match="model"):
        Size.named(text)


@pytest.mark.parametrize(
    ("said", "item"),
    [("H100", "h100-sxm"), ("NVIDIA A100 SXM4 40GB", "a100-40"), ("TPU v4", "tpu-v4"), ("A100", "a100-80"),
     ("GH200", "h100-sxm"), ("TPUv3", "tpu-v3"), ("Trainium2", "trn2")],
)  # fmt: skip
def test_chips_are_known_by_the_words_of_papers(said, item):
    assert Chip.from_catalog(said).name == item


def test_an_unknown_chip_is_told_with_the_nearest_name():
    with pytest.raises(GigawattError, match="unknown chip 'h100-smx'; did you mean 'h100-sxm'"):
        Chip.from_catalog("h100-smx")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"mfu": 1.2}, "mfu 1.2 must be at most 1"), ({"chips": -1}, "chips -1 must be above 0"),
     ({"tokens": 0}, "tokens 0 must be above 0"), ({"tokens": inf}, "tokens inf must be above 0 and finite"),
     ({"chips": nan}, "chips nan"), ({"mfu": nan}, "mfu nan"), ({"year": inf}, "year inf"),
     ({"usd_per_h": -3}, "usd_per_h -3 must be 0 or more"), ({"usd_per_h": inf}, "usd_per_h inf")],
)  # fmt: skip
def test_plans_out_of_bounds_are_refused(change, said):
    with pytest.raises(GigawattError, match=said):
        replace(PLAN, **change)


def test_a_rent_of_nothing_and_a_known_utilisation_are_taken_as_given():
    assert estimate(MODEL, H100, plan=replace(PLAN, usd_per_h=0)).rented_usd.value == 0
    with pytest.raises(GigawattError, match="precision 'fp99'; allowed: bf16, fp8"):
        estimate(MODEL, H100, plan=replace(PLAN, mfu=0.4, precision="fp99"))


def test_a_chip_without_eight_bits_gains_nothing_from_them():
    with pytest.raises(GigawattError, match="no faster in fp8"):
        utilisation(MODEL, Chip(bf16_flop_per_s=312e12), 2024, "fp8")
    with pytest.raises(GigawattError, match="precision 'fp7'; allowed: bf16, fp8"):
        utilisation(MODEL, H100, 2024, "fp7")


def test_what_is_not_known_is_not_made_up():
    found = estimate(MODEL, Chip(bf16_flop_per_s=1e15), plan=PLAN)
    assert found.energy_mwh is found.carbon_t is found.owned_usd is found.rented_usd is None


# ---------------------------------------------------------------------------------------------------------- properties
@given(size=SIZES, factor=floats(1.01, 10))
def test_more_tokens_take_more_of_everything(size, factor):
    model = Size(params=size, params_active=size)
    one, more = (estimate(model, H100, tokens=1e12 * by, chips=1024) for by in (1, factor))
    for attribute in ("flop", "chip_hours", "failures"):
        assert getattr(more, attribute) > getattr(one, attribute)
    for attribute in ("days", "energy_mwh", "carbon_t", "owned_usd", "rented_usd"):
        assert getattr(more, attribute).value > getattr(one, attribute).value


@given(size=SIZES, factor=floats(1.1, 10))
def test_more_chips_take_fewer_days_and_no_fewer_chip_hours(size, factor):
    model = Size(params=size, params_active=size)
    one, more = (estimate(model, H100, tokens=1e13, chips=1024 * by) for by in (1, factor))
    assert more.days.value < one.days.value
    assert more.chip_hours >= one.chip_hours


@given(price=floats(1e3, 1e5), extra=floats(1, 1e5))
def test_a_dearer_chip_makes_a_dearer_run(price, extra):
    cheap, dear = (estimate(MODEL, replace(H100, price_usd=usd), plan=PLAN) for usd in (price, price + extra))
    assert dear.owned_usd.value > cheap.owned_usd.value
    assert dear.rented_usd.value > cheap.rented_usd.value


@given(size=SIZES, year=floats(2020, 2026), peak=floats(1e14, 5e15))
def test_utilisation_is_a_share_and_falls_with_peak_and_sparsity_and_rises_with_size(size, year, peak):
    chip, faster = Chip(bf16_flop_per_s=peak), Chip(bf16_flop_per_s=2 * peak)
    model, sparse = Size(params=size, params_active=size), Size(params=20 * size, params_active=size)
    found = utilisation(model, chip, year)
    assert 0 < found < 1
    assert found >= utilisation(model, faster, year)
    assert found >= utilisation(sparse, chip, year)
    # A faster chip is never slower, and wider matrices are never worse within one habit of recomputation.
    assert utilisation(model, faster, year) * 2 * peak >= found * peak
    if year >= 2023:
        assert utilisation(Size(params=2 * size, params_active=2 * size), chip, year) >= found


def test_large_models_computed_their_activations_twice_before_2023():
    speed = replace(Speed.from_catalog(), software_per_year=0.0)
    early, late = (utilisation(MODEL, H100, year, speed=speed) for year in (2022.0, 2023.0))
    assert late / early == pytest.approx(4 / 3, rel=1e-3)
    small = Size(params=7e9, params_active=7e9)
    assert utilisation(small, H100, 2022.0, speed=speed) == utilisation(small, H100, 2023.0, speed=speed)
