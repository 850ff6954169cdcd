"""Serving a tier: promises are kept, no larger batch keeps them, and better chips serve more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.inference import (
    NO_SPECULATION,
    Speculation,
    Tier,
    decode_step_s,
    prefill_s,
    serve,
    tokens_per_s_per_chip_table,
)
from tests.inference.test_roofline import DEEPSEEK_V3, H100, LLAMA_70B

GB300 = replace(
    H100,
    name="gb300-nvl72",
    bf16_flop_per_s=2.5e15,
    fp8_flop_per_s=5e15,
    fp4_flop_per_s=15e15,
    memory_gb=287.5,
    memory_bandwidth_gb_per_s=8000,
    scaleup_gb_per_s=1800,
    scaleup_domain=72,
    system_power_w=1850,
)
CHAT = Tier(name="chat", tokens_in=1500, tokens_out=350, ttft_s=0.5, tpot_ms=40)
LONG = Tier(name="long", tokens_in=4000, tokens_out=200_000, deadline_hours=6)


def test_a_tier_is_served_within_its_promises():
    found = serve(DEEPSEEK_V3, GB300, CHAT)
    assert found.ttft_s <= 0.5
    assert found.tpot_s <= 0.040
    assert found.precision == "fp4"


def test_tokens_per_chip_are_the_batch_over_the_pace():
    # By hand: requests in flight, one token each per TPOT, over the chips of a group.
    found = serve(DEEPSEEK_V3, GB300, CHAT)
    assert found.output_tokens_per_s_per_chip == pytest.approx(found.batch / found.tpot_s / found.chips)
    assert found.queries_per_s_per_chip * 350 == pytest.approx(found.output_tokens_per_s_per_chip)


def test_prefill_and_decode_share_the_chips_time():
    found = serve(LLAMA_70B, H100, CHAT, speculation=NO_SPECULATION)
    step_s = decode_step_s(LLAMA_70B, H100, "fp8", found.batch, 1500 + 175, found.chips)
    prompt_s = prefill_s(LLAMA_70B, H100, "fp8", 1500, found.chips)
    assert found.tpot_s == pytest.approx(step_s + found.batch * prompt_s / 350)
    assert found.prefill_share == pytest.approx(1 - step_s / found.tpot_s)


def test_energy_per_token_is_power_over_pace():
    found = serve(LLAMA_70B, H100, CHAT)
    assert found.j_per_output_token == pytest.approx(1400 / found.output_tokens_per_s_per_chip)


def test_a_deadline_sets_the_pace_of_a_long_answer():
    assert LONG.tpot_limit_s == pytest.approx(6 * 3600 / 200_000)
    assert serve(DEEPSEEK_V3, GB300, LONG).tpot_s <= LONG.tpot_limit_s


def test_weights_too_large_for_one_server_are_spread_by_stages():
    large = replace(LLAMA_70B, params=900e9, params_active=900e9, layers=160, hidden=16_384, heads=128)
    assert serve(large, H100, replace(LONG, deadline_hours=48)).stages > 1


def test_an_impossible_promise_is_named():
    with pytest.raises(ValueError, match="cannot keep tier chat: TTFT 0.5 s, TPOT 1 ms"):
        serve(DEEPSEEK_V3, H100, replace(CHAT, tpot_ms=1))


def test_the_table_leaves_out_what_cannot_be_served():
    tiers = {"chat": (CHAT, LLAMA_70B), "hurry": (replace(CHAT, tpot_ms=0.1), LLAMA_70B)}
    assert list(tokens_per_s_per_chip_table(tiers, [H100])) == [("h100-sxm", "chat")]


@given(tpot_ms=floats(20, 200), slack=floats(1, 3), model=sampled_from([LLAMA_70B, DEEPSEEK_V3]))
def test_more_patience_never_serves_less(tpot_ms, slack, model):
    strict, patient = (serve(model, GB300, replace(CHAT, tpot_ms=t)) for t in (tpot_ms, tpot_ms * slack))
    # Among equals within one per cent the smaller group is taken.
    assert patient.output_tokens_per_s_per_chip >= 0.98 * strict.output_tokens_per_s_per_chip


@given(factor=floats(1, 4), model=sampled_from([LLAMA_70B, DEEPSEEK_V3]))
def test_a_better_chip_never_serves_less(factor, model):
    better = replace(
        GB300,
        fp4_flop_per_s=GB300.fp4_flop_per_s * factor,
        fp8_flop_per_s=GB300.fp8_flop_per_s * factor,
        memory_gb=GB300.memory_gb * factor,
        memory_bandwidth_gb_per_s=GB300.memory_bandwidth_gb_per_s * factor,
    )
    plain = serve(model, GB300, CHAT).output_tokens_per_s_per_chip
    assert serve(model, better, CHAT).output_tokens_per_s_per_chip >= 0.98 * plain


def test_a_pace_too_slow_for_the_deadline_means_parallel_streams():
    # By hand: 600,000 tokens at 50 ms are 30,000 s; six hours are 21,600 s.
    assert replace(LONG, tokens_out=600_000, tpot_ms=50).streams == pytest.approx(30_000 / 21_600)
    assert LONG.streams == CHAT.streams == 1


def test_a_guess_that_is_often_right_serves_more_at_a_strict_pace():
    guessing, plain = (serve(DEEPSEEK_V3, H100, CHAT, speculation=s) for s in (Speculation(), NO_SPECULATION))
    assert guessing.output_tokens_per_s_per_chip > plain.output_tokens_per_s_per_chip


@given(cached=floats(0, 1))
def test_a_cached_prompt_never_serves_less(cached):
    plain = serve(LLAMA_70B, GB300, CHAT).output_tokens_per_s_per_chip
    found = serve(LLAMA_70B, GB300, replace(CHAT, cached_share=cached))
    assert found.output_tokens_per_s_per_chip >= 0.98 * plain
