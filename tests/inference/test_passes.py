"""The time of one pass: known answers by hand with ideal kernels, then what must hold for any chip and model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.inference.factors import FITTED
from gigawatt.inference.passes import (
    cached_values,
    decode_attention_s,
    experts_s,
    link_s,
    pass_s,
    prefill_attention_s,
    products_s,
    seen_tokens,
    smooth_max,
)
from gigawatt.inference.points import Layout, Load, point
from gigawatt.inference.shapes import Chip, Model

H100 = Chip.from_catalog("h100-sxm")  # 989.4 TFLOP/s in BF16, 3,350 GB/s, 8 chips joined by 450 GB/s each way
LLAMA, DEEPSEEK = Model.from_catalog("llama-3.1-70b"), Model.from_catalog("deepseek-v3")
MODELS = sampled_from([LLAMA, DEEPSEEK])
LOAD = Load(users=1.0, input_tokens=1000.0, output_tokens=1000.0)
NO_LOSS = {"start_s": 0, "depth_s": 0, "bandwidth": 1, "flop": 1, "quantise_byte": 0, "pad_rows": 0, "row_values": 0,
           "token_values": 0, "pad_tokens": 0, "prefill_start_s": 0, "prefill_pad_tokens": 0, "exponential": 0,
           "tail": 0}  # fmt: skip
PERFECT = replace(FITTED, gemm=1, start=0, experts=1, expert_start=0, imbalance=0, attention=1, attention_start=0,
                  prefill_attention=1, link=1, all_reduce_us=0, layer_us=0)  # fmt: skip


def at(model=LLAMA, chip=H100, precision="fp8", **layout):
    return point(model, chip, precision, Layout(**layout), LOAD)


def ideal(p):
    """The point with kernels that start at once and reach every peak."""
    formats = {}
    for name in ("dense", "expert", "attention"):
        one = getattr(p, name)
        formats[name] = replace(one, **{key: value for key, value in NO_LOSS.items() if hasattr(one, key)})
    return replace(p, **formats, shape=replace(p.shape, vocab_params=0))


def linked_s(p, tokens):
    """Seconds of all collectives of a pass of `tokens`, spread evenly over the replicas."""
    return sum(link_s(p, FITTED, tokens / p.layout.dp, tokens))


def passed_s(p, tokens, requests):
    """Seconds of a pass of `tokens`, spread evenly over the replicas, attention left out."""
    return pass_s(p, FITTED, tokens / p.layout.dp, tokens, requests, 0.0)


def test_ideal_products_of_one_token_read_every_weight_once():
    # 70.6e9 less both tables of 128,256 x 8,192 and 161 norms of 8,192, one byte each, at 3,350 GB/s.
    weights = 70_553_706_496 - 2 * 128_256 * 8192 - 161 * 8192
    assert products_s(ideal(at()), PERFECT, 1, 1) == pytest.approx(weights / 3350e9, rel=1e-3)


def test_ideal_products_of_many_tokens_are_bound_by_arithmetic():
    # 2 x weights x tokens on 989 TFLOP/s; reading weights and moving activations add less than a twentieth.
    weights, tokens = 70_553_706_496 - 2 * 128_256 * 8192 - 161 * 8192, 8192
    assert products_s(ideal(at(precision="bf16")), PERFECT, tokens, 1) == pytest.approx(
        2 * weights * tokens / 989e12, rel=0.05
    )


def test_tensor_parallelism_splits_ideal_products():
    one, eight = (products_s(ideal(at(tp=float(n))), PERFECT, 1, 1) for n in (1, 8))
    assert eight == pytest.approx(one / 8, rel=1e-3)


def test_the_vocabulary_is_needed_once_per_request():
    few, many = (products_s(at(), PERFECT, 4096, requests) for requests in (1, 4096))
    # 2 x 128,256 x 8,192 x 4,096 FLOP on 0.6 to 1 of 989 TFLOP/s more.
    extra = 2 * 128_256 * 8192 * 4096 / 989e12
    assert 0.7 * extra < many - few < 1.7 * extra


def test_one_ideal_token_reads_the_experts_it_chose():
    # 8 of 256 experts, 58 layers x 3 matrices x 7,168 x 2,048 (config.json), one byte each, and their products.
    weights = 8 * 58 * 3 * 7168 * 2048
    found = experts_s(ideal(at(DEEPSEEK)), PERFECT, 1.0)
    assert found == pytest.approx(weights / 3350e9 + 2 * weights / 1979e12, rel=1e-2)


def test_many_ideal_tokens_read_every_expert_once():
    weights, tokens = 58 * 3 * 7168 * 2048, 1e6
    found = experts_s(ideal(at(DEEPSEEK)), PERFECT, tokens)
    assert found == pytest.approx(256 * weights / 3350e9 + 2 * 8 * tokens * weights / 1979e12, rel=1e-2)


def test_ideal_experts_spread_or_split_over_eight_chips_take_an_eighth():
    one = experts_s(ideal(at(DEEPSEEK)), PERFECT, 512.0)
    for ep in (1.0, 8.0):
        assert experts_s(ideal(at(DEEPSEEK, tp=8.0, ep=ep)), PERFECT, 512.0) == pytest.approx(one / 8)


def test_dense_models_spend_no_time_on_experts():
    assert experts_s(at(), FITTED, 100.0) == 0


def test_ideal_decode_attention_reads_the_cache():
    # 80 layers x 2 x 8 heads x 128, one byte in 8 bits, 10,000 tokens of 32 users at 3,350 GB/s.
    found = decode_attention_s(ideal(at()), PERFECT, 32, 10_000.0)
    assert found == pytest.approx(32 * 10_000 * 80 * 2 * 8 * 128 / 3350e9, rel=0.05)


def test_a_latent_is_read_by_every_chip_that_shares_a_replica():
    one, eight = (decode_attention_s(ideal(at(DEEPSEEK, tp=n)), PERFECT, 1, 50_000.0) for n in (1.0, 8.0))
    assert eight == pytest.approx(one, rel=0.3)
    assert decode_attention_s(ideal(at(DEEPSEEK, dp=8.0)), PERFECT, 1, 50_000.0) == pytest.approx(one)


def test_ideal_prefill_attention_is_causal():
    # 80 layers x 4 x 64 heads x 128 wide x tokens^2 / 2 on 989.4 TFLOP/s.
    flop = 80 * 4 * 64 * 128 * 8192**2 / 2
    assert prefill_attention_s(ideal(at()), PERFECT, 8192.0, 8192.0) == pytest.approx(flop / 989.4e12, rel=1e-6)


def test_a_cached_prefix_is_still_looked_at():
    p = at()
    whole, rest, alone = (
        prefill_attention_s(p, FITTED, tokens, fresh) for tokens, fresh in ((8e3, 8e3), (8e3, 2e3), (2e3, 2e3))
    )
    assert alone < rest < whole


def test_one_chip_has_no_links():
    assert linked_s(at(), 100.0) == linked_s(at(DEEPSEEK), 100.0) == 0
    assert linked_s(at(tp=2.0), 100.0) > 0


def test_links_beyond_the_scale_up_domain_are_slower():
    within, across = (linked_s(at(DEEPSEEK, tp=1.0, dp=n, ep=n), 64.0) for n in (8.0, 16.0))
    assert across > 2 * within


def test_smooth_max_is_within_26_per_cent_of_the_larger():
    assert smooth_max(1.0, 1.0) == pytest.approx(2 ** (1 / 3))
    assert smooth_max(1.0, 0.0) == 1


@given(tokens=floats(1, 5000), more=floats(1, 4), model=MODELS, n=sampled_from([1.0, 2.0, 4.0, 8.0]))
def test_more_tokens_take_longer_but_less_each(tokens, more, model, n):
    p = at(model, dp=n if model is DEEPSEEK else 1.0, ep=n if model is DEEPSEEK else 1.0)
    one, many = (passed_s(p, t, t) for t in (tokens, tokens * more))
    assert one <= many * (1 + 1e-12) and many <= more * one * (1 + 1e-12)


@given(factor=floats(1, 10), tokens=floats(1, 5000), model=MODELS)
def test_faster_memory_and_arithmetic_never_slow_a_pass(factor, tokens, model):
    plain = passed_s(at(model, tp=8.0), tokens, tokens)
    for names in (("memory_bandwidth_gb_per_s",), ("bf16_flop_per_s", "fp8_flop_per_s"), ("scaleup_gb_per_s",)):
        faster = replace(H100, **{name: getattr(H100, name) * factor for name in names})
        assert passed_s(at(model, faster, tp=8.0), tokens, tokens) <= plain * (1 + 1e-12)


@given(context=floats(1, 1e5), more=floats(1, 10), users=floats(1, 500), model=MODELS)
def test_longer_contexts_never_take_less_attention(context, more, users, model):
    short, long = (decode_attention_s(at(model), FITTED, users, tokens) for tokens in (context, context * more))
    assert short <= long


def test_arrays_are_as_their_numbers_one_by_one():
    tp, dp = np.array([1.0, 2.0, 8.0, 4.0]), np.array([1.0, 4.0, 1.0, 2.0])
    together = passed_s(at(DEEPSEEK, tp=tp, dp=dp, ep=tp * dp), 300.0, 100.0)
    alone = [passed_s(at(DEEPSEEK, tp=a, dp=b, ep=a * b), 300.0, 100.0) for a, b in zip(tp, dp, strict=True)]
    assert together == pytest.approx(alone)


def test_each_kind_of_cache_is_split_by_its_own_heads():
    # Gemma 4 31B: 4 key heads in full layers, 16 in windows; 8 chips hold one of the first and two of the second.
    gemma = Model.from_catalog("gemma-4-31b")
    p = at(gemma, tp=8.0)
    assert cached_values(p, 100, 0, 0) == pytest.approx(gemma.kv_values_per_token * 100 / 4)
    assert cached_values(p, 0, 100, 0) == pytest.approx(gemma.window_values_per_token * 100 / 8)
    # The one key of a sparse index is needed on every chip.
    sparse = Model.from_catalog("deepseek-v3.2")
    assert cached_values(at(sparse, tp=8.0), 0, 0, 100) == pytest.approx(sparse.index_values_per_token * 100)


@given(tokens=floats(1, 1e5), cached=floats(0, 0.99), limit=floats(1, 1e5))
def test_tokens_in_sight_are_the_mean_of_a_causal_count(tokens, cached, limit):
    first = tokens * cached
    places = first + (tokens - first) * (np.arange(2000) + 0.5) / 2000
    assert seen_tokens(tokens, tokens - first, limit) == pytest.approx(np.minimum(places, limit).mean(), rel=1e-3)
