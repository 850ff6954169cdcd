"""The roofline of one pass: known answers by hand, then what must hold for any chip and model."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, sampled_from

from gigawatt.inference import Chip, Efficiency, Model, batch_that_fits, decode_step_s, experts_touched, fits, prefill_s

# Data sheets; shapes as published in the models' config.json.
H100 = Chip(
    name="h100-sxm",
    bf16_flop_per_s=989e12,
    fp8_flop_per_s=1979e12,
    memory_gb=80,
    memory_bandwidth_gb_per_s=3350,
    scaleup_gb_per_s=900,
    scaleup_domain=8,
    system_power_w=1400,
)
LLAMA_70B = Model(
    name="llama-3.1-70b",
    layers=80,
    hidden=8192,
    heads=64,
    kv_heads=8,
    vocab=128_256,
    params=70.6e9,
    params_active=70.6e9,
)
DEEPSEEK_V3 = Model(
    name="deepseek-v3",
    layers=61,
    hidden=7168,
    heads=128,
    attention="mla",
    kv_lora_rank=512,
    rope_dim=64,
    experts=256,
    experts_active=8,
    dense_layers=3,
    vocab=129_280,
    params=671e9,
    params_active=37e9,
)
IDEAL = Efficiency(
    gemm_flop={"bf16": 1, "fp8": 1, "fp4": 1},
    expert_flop=1,
    expert_pad_tokens=0,
    attention_flop=1,
    weight_bandwidth=1,
    kv_bandwidth=1,
    link=1,
    memory=1,
    layer_s=0,
    kernel_s=0,
    expert_start_s=0,
    all_reduce_s=0,
    step_s=0,
    request_s=0,
    first_s=0,
)


def test_llama_70b_caches_320_kib_a_token_in_bf16():
    # 80 layers x 2 (keys, values) x 8 heads x 128 wide x 2 bytes.
    assert LLAMA_70B.kv_bytes_per_token("bf16") == 320 * 1024


def test_deepseek_v3_caches_70_kb_a_token_in_bf16():
    # "70.272 KB" a token: table 1 of Zhao et al. 2025, arXiv 2505.09343.
    assert DEEPSEEK_V3.kv_bytes_per_token("bf16") == 70_272


def test_one_expert_of_deepseek_v3_follows_from_its_two_totals():
    # 58 layers x 3 matrices x 7168 x 2048 (config.json).
    assert DEEPSEEK_V3.expert_params == pytest.approx(58 * 3 * 7168 * 2048, rel=0.005)


def test_attention_of_deepseek_v3_has_its_published_projections():
    # q 7168x1536 + 1536x128x192, kv 7168x576 + 512x128x256, out 128x128x7168 per layer (config.json).
    per_layer = 7168 * 1536 + 1536 * 128 * 192 + 7168 * 576 + 512 * 128 * 256 + 128 * 128 * 7168
    assert DEEPSEEK_V3.attention_params == pytest.approx(61 * per_layer)


def test_ideal_decode_of_one_request_reads_every_weight_once():
    # 70.6e9 less the input table of 128256 x 8192, one byte each, at 3350 GB/s; no cache.
    weights = 70.6e9 - 128_256 * 8192
    assert decode_step_s(LLAMA_70B, H100, "fp8", 1, 0, eff=IDEAL) == pytest.approx(weights / 3350e9)


def test_ideal_prefill_is_bound_by_arithmetic():
    # 2 x params x tokens on 989 TFLOP/s, plus causal attention 80 x 4 x 64 x 128 x tokens^2 / 2.
    tokens, params = 8192, 70.6e9 - 128_256 * 8192
    flop = 2 * params * tokens + 80 * 4 * 64 * 128 * tokens**2 / 2
    assert prefill_s(LLAMA_70B, H100, "bf16", tokens, eff=IDEAL) == pytest.approx(flop / 989e12)


def test_flop_per_token_is_twice_the_active_parameters_plus_attention():
    assert DEEPSEEK_V3.flop_per_token() == 74e9
    assert LLAMA_70B.flop_per_token(1000) == pytest.approx(2 * 70.6e9 + 80 * 4 * 64 * 128 * 1000)


def test_one_token_touches_exactly_its_experts():
    assert experts_touched(DEEPSEEK_V3, 1) == pytest.approx(8)


def test_deepseek_v3_on_h800_decodes_as_its_makers_published():
    # DeepSeek "open-source week" day 6 (2025-03-01): 14.8k output tokens/s per node of 8 H800 in decode, mean
    # cache of 4,989 tokens, 20 to 22 tokens/s per user, experts spread over 144 chips.
    h800 = replace(H100, name="h800", scaleup_gb_per_s=400)
    for batch in (80, 96):
        step_s = decode_step_s(DEEPSEEK_V3, h800, "fp8", 64 * batch, 4989, 64)
        assert batch / step_s == pytest.approx(14_800 / 8, rel=0.25)


def test_deepseek_v3_on_h800_prefills_as_its_makers_published():
    # Same source: 73.7k input tokens/s per node, of which 56.3 % came from a cache on disk.
    h800 = replace(H100, name="h800", scaleup_gb_per_s=400, memory_gb=80)
    computed = 73_700 * (1 - 0.563)
    assert 4096 / prefill_s(DEEPSEEK_V3, h800, "fp8", 4096, 8) == pytest.approx(computed, rel=0.25)


def test_seventy_billion_weights_in_bf16_need_two_h100():
    # 141.2 GB of weights and 0.33 GB of cache; nine tenths of 80 and of 160 GB are open.
    assert not fits(LLAMA_70B, H100, "bf16", 1, 1000, 1)
    assert fits(LLAMA_70B, H100, "bf16", 1, 1000, 2)


def test_a_chip_refuses_a_precision_it_lacks():
    with pytest.raises(ValueError, match="h100-sxm: no precision 'fp4'; has bf16, fp8"):
        decode_step_s(LLAMA_70B, H100, "fp4", 1, 1000)


def test_more_active_than_total_parameters_is_refused():
    with pytest.raises(ValueError, match="params_active"):
        replace(LLAMA_70B, params_active=80e9)


@given(batch=integers(1, 2000), model=sampled_from([LLAMA_70B, DEEPSEEK_V3]), chips=sampled_from([1, 2, 4, 8, 16, 64]))
def test_a_larger_batch_takes_longer_but_gives_more_tokens(batch, model, chips):
    one, more = (decode_step_s(model, H100, "fp8", n, 2000, chips) for n in (batch, 2 * batch))
    assert one <= more <= 2 * one


@given(factor=floats(1, 10), context=floats(1, 1e5), model=sampled_from([LLAMA_70B, DEEPSEEK_V3]))
def test_faster_memory_never_slows_a_step(factor, context, model):
    faster = replace(H100, memory_bandwidth_gb_per_s=3350 * factor)
    assert decode_step_s(model, faster, "fp8", 32, context, 8) <= decode_step_s(model, H100, "fp8", 32, context, 8)


@given(context=floats(100, 1e5), extra=floats(1, 1e5))
def test_longer_contexts_leave_room_for_fewer_requests(context, extra):
    assert batch_that_fits(LLAMA_70B, H100, "fp8", context + extra, 8) < batch_that_fits(
        LLAMA_70B, H100, "fp8", context, 8
    )
