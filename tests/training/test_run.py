"""Training runs against published ones, and by hand."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gigawatt.training import (
    Chip,
    Cluster,
    checkpoint_interval_hours,
    goodput,
    mfu_of,
    run,
    training_flop,
)

KNOWN = Path(__file__).resolve().parents[1] / "known" / "training_runs.csv"
H100 = Chip(name="h100-sxm", bf16_flop_per_s=989e12, fp8_flop_per_s=1979e12, system_power_w=1400, usd_per_h=2)
CLUSTER = Cluster(chip=H100, chips=16_384, mfu=0.4, goodput=0.9, pue=1.2)


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
def test_published_chip_hours_follow_from_utilisation(row):
    # Hours of the run itself: 5 %, rounding of utilisation. Calendar days x chips hold failures, restarts and
    # ramps of the cluster besides, so that 60 to 100 % of them is the run.
    peak, hours = float(row["peak_flop_per_s"]), float(row["chip_hours"])
    cluster = Cluster(chip=Chip(bf16_flop_per_s=peak, system_power_w=400), chips=1024, mfu=float(row["mfu"]))
    found = run(float(row["params_active"]), float(row["tokens"]), cluster)
    if row["hours_basis"] == "run":
        assert found.chip_hours == pytest.approx(hours, rel=0.05)
    else:
        assert 0.6 * hours < found.chip_hours < hours


@pytest.mark.parametrize("row", published_runs())
def test_published_runs_reached_an_eighth_to_a_half_of_peak(row):
    found = mfu_of(float(row["flop"]), float(row["chip_hours"]), float(row["peak_flop_per_s"]))
    assert 0.125 < found < 0.5


def test_llama_65b_took_its_published_three_weeks_and_energy():
    # Touvron et al. 2023: 2048 A100, 21 days, 449 MWh at 400 W and PUE 1.1 (table 15); 380 tokens/s/GPU.
    a100 = Chip(bf16_flop_per_s=312e12, system_power_w=400)
    found = run(65.2e9, 1.4e12, Cluster(chip=a100, chips=2048, mfu=0.4746, pue=1.1))
    assert found.days == pytest.approx(21, rel=0.05)
    assert found.energy_mwh == pytest.approx(449, rel=0.05)


def test_a_run_by_hand():
    # 6 x 1e11 x 1e13 = 6e24 FLOP; 989e12 x 0.4 x 0.9 FLOP/s a chip.
    hours = 6e24 / (989e12 * 0.36) / 3600
    found = run(1e11, 1e13, CLUSTER)
    assert found.chip_hours == pytest.approx(hours)
    assert found.days == pytest.approx(hours / 16_384 / 24)
    assert found.energy_mwh == pytest.approx(hours * 1.4e-3 * 1.2)
    assert found.cost_usd == pytest.approx(2 * hours)


def test_young_s_interval_by_hand():
    # Failures every 8 h, checkpoints of 36 s: sqrt(2 x 0.01 x 8) = 0.4 h; lost 0.05 + 0.1 / 8.
    assert checkpoint_interval_hours(8, 0.01) == pytest.approx(0.4)
    assert goodput(8, 0.01, 0.1) == pytest.approx(1 - 0.05 - 0.0125)


def test_utilisation_beyond_one_is_refused():
    with pytest.raises(ValueError, match="mfu 1.2 must be above 0 and at most 1"):
        replace(CLUSTER, mfu=1.2)


def test_a_chip_without_eight_bits_cannot_train_in_them():
    cluster = replace(CLUSTER, chip=replace(H100, fp8_flop_per_s=0), precision="fp8")
    with pytest.raises(ValueError, match="no peak for precision 'fp8'"):
        run(1e9, 1e10, cluster)


@given(factor=floats(1, 10))
def test_twice_the_chips_take_half_the_days_at_the_same_cost(factor):
    one, more = run(1e11, 1e13, CLUSTER), run(1e11, 1e13, replace(CLUSTER, chips=CLUSTER.chips * factor))
    assert more.days * factor == pytest.approx(one.days)
    assert more.cost_usd == pytest.approx(one.cost_usd)
    assert more.energy_mwh == pytest.approx(one.energy_mwh)


@given(failure_hours=floats(1, 1e4), factor=floats(1, 10))
def test_rarer_failures_never_waste_more(failure_hours, factor):
    assert goodput(failure_hours * factor, 0.02, 0.3) >= goodput(failure_hours, 0.02, 0.3)
