"""Memory: what chips hold, by hand, and what is said where a model does not fit."""

import pytest
from pytest import approx

from gigawatt.inference import Chip, Model, estimate
from gigawatt.inference.factors import FITTED
from gigawatt.inference.layouts import divisors, layouts, said
from gigawatt.inference.load import load_of
from gigawatt.inference.memory import Memory, fits, smallest_that_fits
from gigawatt.inference.points import Layout, point, take
from tests.inference.shapes_at_hand import CHIP, DENSE, MIXTURE

LOAD = load_of(8, 2000, 400)
USABLE_GB = FITTED.memory_share * 80 * 2**30 / 1e9


def held(precision: str = "bf16", **degrees: float) -> Memory:
    """Memory of the dense model."""
    return Memory.of(point(DENSE, CHIP, precision, Layout(**degrees), LOAD))


def test_weights_are_spread_over_the_chips():
    # Of 80 layers: attention 2 x 8192 x 128 x (64 + 8), gated feed-forward 3 x 8192 x 28672; and two vocabularies.
    layer = 2 * 8192 * 128 * (64 + 8) + 3 * 8192 * 28_672
    byte = 2 * (80 * layer + 2 * 128_000 * 8192)
    assert held(tp=4).weights_gb == approx(byte / 4 / 1e9, rel=1e-6)
    assert held(tp=4, pp=2).weights_gb == approx(byte / 8 / 1e9, rel=1e-6)


def test_a_request_keeps_keys_and_values_of_its_mean_context():
    # 80 layers x 2 x 8 heads x 128 values x 2 bytes, 2000 + 400 / 2 tokens, over 4 chips.
    assert held(tp=4).request_gb == approx(80 * 2 * 8 * 128 * 2 * 2200 / 4 / 1e9)
    assert held(tp=4).cache_gb == approx(8 * held(tp=4).request_gb)


def test_caches_are_copied_where_chips_outnumber_the_heads_that_are_cached():
    assert held(tp=16).request_gb == approx(held(tp=8).request_gb)


def test_what_is_held_and_what_is_free_make_up_what_is_usable():
    one = held(tp=4)
    assert one.usable_gb == approx(USABLE_GB)
    assert one.weights_gb + one.cache_gb + one.free_gb == approx(USABLE_GB)


def test_as_many_users_fit_as_their_caches_have_room():
    one = held(tp=4)
    assert one.users == int((USABLE_GB - one.weights_gb) / one.request_gb)


def test_the_shortfall_and_the_way_out_are_named():
    short = held(tp=1)
    with pytest.raises(ValueError) as refused:
        estimate(DENSE, CHIP, precision="bf16", concurrency=8, input_tokens=2000, output_tokens=400)
    text = str(refused.value)
    assert f"weights {short.weights_gb:.1f} GB" in text
    assert f"by {short.weights_gb + short.request_gb - USABLE_GB:.1f} GB" in text
    assert "smallest that fits: tensor_parallel=2 (2 chips)" in text
    assert "or fp8 with tensor_parallel=1" in text


def test_a_framework_that_keeps_a_wide_cache_needs_more_chips():
    asked = {"precision": "fp8", "concurrency": 1, "input_tokens": 30_000, "output_tokens": 500}
    model, chip = Model.from_catalog("llama-3.1-70b"), Chip.from_catalog("h100-sxm")
    one = load_of(1, 30_000, 500)
    for framework in ("vllm", "sglang"):
        best = smallest_that_fits(model, chip, "fp8", one, framework)
        degrees = {"tensor_parallel": int(best.tp), "pipeline_parallel": int(best.pp), "data_parallel": int(best.dp)}
        assert estimate(model, chip, framework=framework, **degrees, **asked).free_gb >= 0
    with pytest.raises(ValueError, match="smallest that fits: tensor_parallel=2"):
        estimate(model, chip, framework="sglang", **asked)


def test_no_smaller_layout_fits_than_the_one_that_is_named():
    for model in (DENSE, MIXTURE):
        best = smallest_that_fits(model, CHIP, "bf16", LOAD)
        tried = layouts(model, CHIP, 64, 8)
        good = fits(point(model, CHIP, "bf16", tried, LOAD))
        assert best.chips == tried.chips[good].min()


def test_where_nothing_fits_shorter_lengths_are_advised():
    huge = load_of(1, 1, 1e12)
    assert smallest_that_fits(DENSE, CHIP, "bf16", huge) is None


def test_layouts_stay_within_chips_domain_heads_and_stages():
    tried = layouts(MIXTURE, CHIP, 16, 4)
    assert (tried.chips <= 16).all() and (tried.tp <= 8).all() and (tried.pp <= 4).all()
    assert (tried.group % tried.ep == 0).all() and (64 % tried.tp == 0).all()
    assert (tried.ep == tried.group)[tried.group > 8].all()
    rows = {tuple(row) for row in zip(tried.tp, tried.dp, tried.pp, tried.ep, strict=True)}
    assert len(rows) == len(tried.tp)


def test_dense_models_are_not_copied():
    assert (layouts(DENSE, CHIP, 64, 4).dp == 1).all()


def test_a_layout_is_said_in_the_words_of_the_arguments():
    assert said(Layout(tp=8, pp=2)) == "tensor_parallel=8, pipeline_parallel=2"
    assert said(take(layouts(DENSE, CHIP, 1, 1), 0)) == "tensor_parallel=1"


def test_divisors_of_twelve():
    assert divisors(12) == [1, 2, 3, 4, 6, 12]
