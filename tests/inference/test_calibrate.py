"""The fit: bands and losses by hand, factors found again in rows they made, groups left out that stay unseen."""

import csv
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gigawatt.catalog import facts
from gigawatt.catalog.facts import FOLDER
from gigawatt.inference import calibrate
from gigawatt.inference.calibrate import (
    PRIORS,
    Sample,
    band_of,
    cover,
    factors_of,
    fit,
    fit_without_warm_up,
    left_out,
    sample_of,
    softened,
    without_warm_up,
    write_factors,
)
from gigawatt.inference.compare import errors
from gigawatt.inference.factors import FITTED, NAMES, Factors, band
from gigawatt.inference.loop import latency
from gigawatt.inference.measured import read, read_rows

MEASURED = Path(__file__).resolve().parents[3] / "shared" / "data" / "inference_calibration.csv"
BESIDE = pytest.mark.skipif(not MEASURED.exists(), reason="the measurements are not kept in this repository")
PRIOR = factors_of(np.log([PRIORS[name][0] for name in NAMES]))
LINES = [
    {"family": model, "system": chip, "isl": prompt, "osl": answer, "concurrency": users, "tp_size": tp, "backend": by,
     "attention_dp_size": "1", "precision": "fp8", "ttft_ms": "1", "tpot_ms": "1"}
    for model, tp in (("llama-3.1-8b", "1"), ("llama-3.1-70b", "4"), ("qwen3-32b", "2"), ("deepseek-v3", "8"))
    for chip, by in (("h200_sxm", "vllm"), ("b200", "trtllm"))
    for prompt, answer in (("1000", "1000"), ("8000", "1000"), ("1000", "200"))
    for users in ("1", "8", "64")
]  # fmt: skip


def made(k: Factors, scale=lambda name: 1.0) -> Sample:
    """Rows whose times are those that factors `k` give, times a scale by model."""
    rows = read_rows(LINES).rows
    sample = sample_of([replace(row, doubt="") for row in rows])
    found = latency(sample.points, k)
    by = np.array([scale(row.model.name) for row in sample.rows])
    return replace(sample, ttft_s=found.ttft_s * by, tpot_s=found.tpot_s * by)


# ------------------------------------------------------------------------------------------------------------ by hand
def test_every_factor_has_a_prior_and_the_catalog_has_every_factor():
    assert set(PRIORS) == set(NAMES) == set(facts("kernels", "fitted"))
    assert all(mean > 0 and spread > 0 for mean, spread in PRIORS.values())


def test_factors_from_logarithms():
    theta = np.log(np.arange(1.0, len(NAMES) + 1))
    assert [getattr(factors_of(theta), f.name) for f in fields(Factors)] == pytest.approx(range(1, len(NAMES) + 1))


@given(miss=floats(-5, 5))
def test_small_misses_count_squared_and_large_ones_linearly(miss):
    bent = float(softened(np.array(miss)))
    # Pseudo-Huber: 2 x 0.1^2 (sqrt(1 + (miss / 0.1)^2) - 1).
    assert bent**2 == pytest.approx(0.02 * (np.sqrt(1 + 100 * miss**2) - 1), abs=1e-12)
    assert bent * miss >= 0


def test_softened_misses_at_both_ends():
    assert float(softened(np.array(0.01))) == pytest.approx(0.01, rel=0.01)
    assert float(softened(np.array(4.0))) ** 2 == pytest.approx(0.02 * (40 - 1), rel=0.01)


def test_a_band_holds_four_fifths_of_the_errors():
    ratio = np.exp(np.linspace(-1, 1, 1001))
    low, high = band_of(np.ones(1001), ratio, np.array(["one"] * 1001))
    assert (low, high) == pytest.approx((np.exp(-0.8), np.exp(0.8)), rel=0.01)


def test_in_a_band_each_group_counts_alike():
    # One group of 900 rows without error, one of 100 that are all twice as slow: half of the weight.
    measured = np.concatenate([np.ones(900), np.full(100, 2.0)])
    names = np.array(["many"] * 900 + ["few"] * 100)
    assert band_of(np.ones(1000), measured, names) == pytest.approx((1, 2), rel=1e-6)


def test_cover_counts_what_falls_into_the_band_of_the_others():
    names = np.repeat(np.array(["a", "b", "c"]), 200)
    like = np.tile(np.exp(np.linspace(-1, 1, 200)), 3)
    assert cover(np.ones(600), like, names) == pytest.approx(0.8, abs=0.01)
    odd = like * np.where(names == "c", 100.0, 1.0)
    # None of c in the band of a and b; a and b are mostly within one that c widened upwards.
    assert cover(np.ones(600), odd, names) < 2 / 3


# ------------------------------------------------------------------------------------------------------------ samples
def test_only_rows_with_both_times_are_fitted():
    rows = read_rows([LINES[0], LINES[1] | {"ttft_ms": ""}, LINES[2] | {"tpot_ms": ""}]).rows
    assert len(sample_of(rows).rows) == 1


def test_a_sample_is_cut_by_rows():
    sample = made(PRIOR)
    chosen = sample.names("model") == "qwen3-32b"
    cut = sample.only(chosen)
    assert {row.model.name for row in cut.rows} == {"qwen3-32b"}
    assert cut.points.layout.tp.tolist() == [2.0] * len(cut.rows)
    assert cut.tpot_s.tolist() == sample.tpot_s[chosen].tolist()
    assert set(sample.names("framework")) == {"vllm", "trtllm"} and set(sample.names("chip")) == {"h200-sxm", "b200"}


def test_a_first_token_that_waited_for_a_warm_up_does_not_count():
    sample = made(PRIOR)
    late = sample.ttft_s.copy()
    late[3] = 60.0
    kept = without_warm_up(replace(sample, ttft_s=late), PRIOR)
    assert np.flatnonzero(np.isnan(kept.ttft_s)).tolist() == [3]
    assert kept.tpot_s is sample.tpot_s


# ------------------------------------------------------------------------------------------------------------ the fit
def test_rows_made_by_the_priors_give_them_back():
    found = fit(made(PRIOR))
    assert {name: getattr(found, name) for name in NAMES} == pytest.approx(
        {name: PRIORS[name][0] for name in NAMES}, rel=1e-3
    )


def test_factors_are_found_again_in_the_rows_that_they_made():
    true = replace(PRIOR, gemm=1.15, attention=0.9, layer_us=25.0, kappa=1.3, wave=0.2)
    sample = made(true)
    found = latency(sample.points, fit(sample))
    before = latency(sample.points, PRIOR)
    missed, first = (np.abs(np.log(one.tpot_s / sample.tpot_s)) for one in (found, before))
    assert np.median(missed) < 0.02 < np.median(first)
    assert np.median(np.abs(np.log(found.ttft_s / sample.ttft_s))) < 0.05


def test_a_group_left_out_is_predicted_without_having_been_seen():
    odd, kept = "qwen3-32b", ("qwen3-32b", "llama-3.1-70b")

    def found(scale):
        sample = made(PRIOR, lambda name: scale if name == odd else 1.0)
        return left_out(sample.only(np.isin(sample.names("model"), kept)), "model")

    plain, scaled = found(1.0), found(2.0)
    own = np.array([name == odd for name in made(PRIOR).names("model") if name in kept])
    # Its own times are twice as long, and its prediction the same; the other, which saw it, changed its own.
    assert scaled.tpot_s[own] == pytest.approx(plain.tpot_s[own])
    assert not np.allclose(scaled.tpot_s[~own], plain.tpot_s[~own], rtol=1e-3)


def test_factors_and_bands_are_put_into_the_catalog_and_nothing_else_changes(tmp_path, monkeypatch):
    shelf = tmp_path / "kernels.csv"
    shelf.write_text((FOLDER / "kernels.csv").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(calibrate, "FOLDER", tmp_path)
    write_factors(replace(FITTED, kappa=0.5), {"tpot_low": 0.7}, 10)
    with shelf.open(newline="", encoding="utf-8") as new, (FOLDER / "kernels.csv").open(newline="") as old:
        changed = [after for before, after in zip(csv.reader(old), csv.reader(new), strict=True) if before != after]
    assert {tuple(line[:3]) for line in changed} >= {("fitted", "kappa", "0.5"), ("bands", "tpot_low", "0.7")}
    assert {line[0] for line in changed} <= {"fitted", "bands"}


# ------------------------------------------------------------------------------------------------------ the large file
@BESIDE
@pytest.mark.slow
def test_the_catalog_holds_what_the_fit_gives():
    # Pinned: the rows of the catalog came from this very fit. Changed physics asks for a new one.
    sample = sample_of(read(MEASURED).sound)
    again = fit_without_warm_up(sample)
    shipped, refitted = (latency(sample.points, k) for k in (FITTED, again))
    assert np.abs(np.log(refitted.tpot_s / shipped.tpot_s)).max() < 0.05
    assert np.median(np.abs(np.log(refitted.ttft_s / shipped.ttft_s))) < 0.03
    off = {name: getattr(again, name) / getattr(FITTED, name) for name in NAMES}
    assert {name: ratio for name, ratio in off.items() if not 0.9 < ratio < 1.1} == {}


@BESIDE
@pytest.mark.slow
def test_families_that_the_fit_never_saw_are_predicted_closely():
    sample = sample_of(read(MEASURED).sound)
    found, names = left_out(sample, "model"), sample.names("model")
    tpot = errors(found.tpot_s, sample.tpot_s, band("tpot"))
    ttft = errors(found.ttft_s, sample.ttft_s, band("ttft"))
    assert tpot.median < 0.11 and tpot.mean < 0.145
    assert ttft.median < 0.37 and ttft.mean < 0.46
    assert (tpot.inside, ttft.inside) == pytest.approx((0.8, 0.8), abs=0.06)
    # The band of the other four families holds about as much of the fifth.
    assert cover(found.tpot_s, sample.tpot_s, names) == pytest.approx(0.8, abs=0.06)
    assert band_of(found.tpot_s, sample.tpot_s, names) == pytest.approx(band("tpot"), rel=0.05)


@BESIDE
@pytest.mark.slow
def test_a_fit_on_hopper_predicts_blackwell():
    sample = sample_of(read(MEASURED).sound)
    own = sample.names("chip") == "b200"
    k = fit_without_warm_up(sample.only(~own))
    rest = sample.only(own)
    found = latency(rest.points, k)
    assert errors(found.tpot_s, rest.tpot_s, band("tpot")).median < 0.11
    assert errors(found.ttft_s, rest.ttft_s, band("ttft")).median < 0.28
