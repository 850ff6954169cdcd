"""The closed loop: memory by hand, and what must hold for TTFT, TPOT and throughput of any point."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, sampled_from

from gigawatt.inference.factors import FITTED
from gigawatt.inference.loop import cache_bytes, latency, users_that_fit, weight_bytes
from gigawatt.inference.points import Layout, Load, point
from gigawatt.inference.shapes import GIB, Chip, Model

H100, GB300 = Chip.from_catalog("h100-sxm"), Chip.from_catalog("gb300-nvl72")
LLAMA, DEEPSEEK = Model.from_catalog("llama-3.1-70b"), Model.from_catalog("deepseek-v3")
CASES = [  # that hold hundreds of users
    (LLAMA, H100, "fp8", Layout(tp=4.0)),
    (LLAMA, H100, "bf16", Layout(tp=2.0, pp=4.0)),
    (DEEPSEEK, H100, "fp8", Layout(tp=8.0, pp=2.0, ep=8.0)),
    (DEEPSEEK, GB300, "fp4", Layout(tp=2.0, dp=4.0, ep=8.0)),
]
CASE = sampled_from(CASES)


def timed(case, **load):
    asked = {"users": 32.0, "input_tokens": 1000.0, "output_tokens": 500.0}
    return latency(point(*case, Load(**(asked | load))))


def held(model, precision, **layout):
    """Bytes of weights over all chips."""
    p = point(model, H100, precision, Layout(**layout), Load(users=1.0, input_tokens=1.0, output_tokens=1.0))
    return float(weight_bytes(p) * p.layout.chips)


def test_weights_of_llama_70b_in_bf16_are_two_bytes_each():
    # 70,553,706,496 weights, less 161 norms of 8,192.
    assert held(LLAMA, "bf16") == pytest.approx(2 * (70_553_706_496 - 161 * 8192), rel=1e-6)


def test_weights_of_deepseek_v3_in_fp8_are_about_one_byte_each():
    # 671e9; the vocabulary of 2 x 129,280 x 7,168 and the routers in two bytes.
    assert held(DEEPSEEK, "fp8") == pytest.approx(671e9 + 2 * 129_280 * 7168, rel=0.01)


@given(tp=sampled_from([1.0, 2.0, 8.0]), pp=sampled_from([1.0, 2.0, 4.0]))
def test_tensor_and_pipeline_parallelism_conserve_dense_weights(tp, pp):
    assert held(LLAMA, "fp8", tp=tp, pp=pp) == pytest.approx(held(LLAMA, "fp8"))


def test_replicas_repeat_attention_but_not_experts():
    one, two, four = (held(DEEPSEEK, "fp8", dp=n, ep=n) for n in (1.0, 2.0, 4.0))
    assert four - one == pytest.approx(3 * (two - one))
    # 671e9 less 58 layers x 256 experts x 3 x 7,168 x 2,048 leave 17e9 weights that each replica needs.
    assert 15e9 < two - one < 20e9


def test_experts_weigh_the_same_spread_or_split():
    assert held(DEEPSEEK, "fp8", tp=8.0, ep=8.0) == pytest.approx(held(DEEPSEEK, "fp8", tp=8.0, ep=1.0))


def test_caches_by_hand():
    # 320 KiB a token in bf16 (80 x 2 x 8 x 128 x 2); "70.272 KB" in table 1 of arXiv 2505.09343; 1,250 tokens.
    load = Load(users=1.0, input_tokens=1000.0, output_tokens=500.0)
    assert cache_bytes(point(LLAMA, H100, "bf16", Layout(), load)) == 320 * 1024 * 1250
    assert cache_bytes(point(DEEPSEEK, H100, "bf16", Layout(), load)) == 70_272 * 1250
    assert cache_bytes(point(LLAMA, H100, "bf16", Layout(tp=8.0), load)) == 320 * 1024 * 1250 / 8
    assert cache_bytes(point(DEEPSEEK, H100, "bf16", Layout(tp=8.0), load)) == 70_272 * 1250  # a latent has no heads


def test_seventy_billion_weights_in_bf16_need_two_h100():
    load = Load(users=1.0, input_tokens=1000.0, output_tokens=0.0)
    one, two = (users_that_fit(point(LLAMA, H100, "bf16", Layout(tp=n), load)) for n in (1.0, 2.0))
    assert one < 1
    # By hand: what 141.1 GB of weights leave of the open memory of two chips, over 0.33 GB a user.
    free = FITTED.memory_share * 80 * GIB * 2 - 141.1e9
    assert two == pytest.approx(free / (320 * 1024 * 1000), rel=0.01)


def test_those_who_do_not_fit_wait():
    fitting = float(users_that_fit(point(*CASES[1], Load(users=1.0, input_tokens=20_000.0, output_tokens=500.0))))
    inside, outside = (timed(CASES[1], users=fitting * n, input_tokens=20_000.0) for n in (1, 2))
    assert outside.users == pytest.approx(fitting)
    assert outside.tpot_s == pytest.approx(inside.tpot_s)
    # The second half waits for one whole round of the first.
    assert outside.ttft_s - inside.ttft_s == pytest.approx(inside.ttft_s + 499 * inside.tpot_s)


@pytest.mark.parametrize("case", CASES)
def test_a_lone_user_waits_for_nobody(case):
    found = timed(case, users=1.0)
    assert found.tpot_s == pytest.approx(found.step_s, rel=0.01)
    assert found.decoding == pytest.approx(1)
    assert found.prompt_s < found.ttft_s < found.prompt_s + 0.2


@given(case=CASE, users=floats(1, 400), asked=floats(100, 5000), answered=floats(50, 5000))
def test_the_loop_has_settled(case, users, asked, answered):
    p = point(*case, Load(users=users, input_tokens=asked, output_tokens=answered))
    soon, late = latency(p), latency(p, rounds=60)
    assert (soon.ttft_s, soon.tpot_s) == pytest.approx((late.ttft_s, late.tpot_s), rel=0.1)


@given(case=CASE, users=floats(1, 400), asked=floats(100, 5000), answered=floats(2, 50))
def test_the_loop_settles_for_short_answers_too(case, users, asked, answered):
    p = point(*case, Load(users=users, input_tokens=asked, output_tokens=answered))
    soon, late = latency(p), latency(p, rounds=60)
    assert (soon.ttft_s, soon.tpot_s) == pytest.approx((late.ttft_s, late.tpot_s), rel=0.2)


@given(case=CASE, users=floats(1, 400), asked=floats(100, 5000), answered=floats(50, 5000))
def test_users_either_wait_or_decode(case, users, asked, answered):
    found = timed(case, users=users, input_tokens=asked, output_tokens=answered)
    assert 1 <= found.decoding <= max(users, 1)
    if found.users == users:
        assert found.decoding == pytest.approx(max(1, users * (answered - 1) * found.tpot_s / found.round_s), rel=0.1)
    assert found.tpot_s >= found.step_s * 0.999


@given(case=CASE, users=floats(1, 200), more=floats(1, 2), asked=floats(1000, 5000), answered=floats(1000, 5000))
def test_more_users_never_make_any_of_them_faster(case, users, more, asked, answered):
    load = {"input_tokens": asked, "output_tokens": answered}
    few, many = (timed(case, users=n, **load) for n in (users, users * more))
    assert few.tpot_s <= many.tpot_s * 1.001
    # ... and never serve fewer requests together.
    rates = [n / f.round_s for n, f in ((users, few), (users * more, many))]
    assert rates[0] <= rates[1] * 1.01


def test_more_users_of_short_requests_are_no_faster_either():
    few, many = (timed(CASES[2], users=n, input_tokens=100.0, output_tokens=50.0) for n in (113.0, 226.0))
    assert few.ttft_s <= many.ttft_s and few.tpot_s <= many.tpot_s


@given(case=CASE, users=floats(1, 100), factor=floats(1, 4))
def test_a_faster_chip_is_never_slower(case, users, factor):
    model, chip, precision, layout = case
    names = ("memory_bandwidth_gb_per_s", "bf16_flop_per_s", "fp8_flop_per_s", "fp4_flop_per_s", "scaleup_gb_per_s")
    better = replace(chip, **{name: getattr(chip, name) * factor for name in names})
    plain, fast = (timed((model, one, precision, layout), users=users) for one in (chip, better))
    assert fast.tpot_s <= plain.tpot_s * 1.001
    # A launch-bound prompt takes its time whatever the chip; the smooth maximum moves it by a percent or so.
    assert fast.ttft_s <= plain.ttft_s * 1.02


@given(case=CASE, users=floats(1, 100), tokens=floats(100, 4000), more=floats(1, 2))
def test_longer_prompts_never_come_sooner(case, users, tokens, more):
    short, long = (timed(case, users=users, input_tokens=n) for n in (tokens, tokens * more))
    assert short.ttft_s <= long.ttft_s * 1.001
    assert short.tpot_s <= long.tpot_s * 1.001


@given(case=CASE, users=floats(1, 100), cached=floats(0, 0.99))
def test_a_cached_prompt_never_comes_later(case, users, cached):
    plain, found = (timed(case, users=users, cached_share=share) for share in (0.0, cached))
    assert found.ttft_s <= plain.ttft_s * 1.001
    assert found.tpot_s <= plain.tpot_s * 1.001


@given(users=integers(1, 300))
def test_prompts_read_elsewhere_never_delay_tokens(users):
    together, apart = (timed(CASES[0], users=float(users), disaggregated=flag) for flag in (0.0, 1.0))
    assert apart.tpot_s <= together.tpot_s * 1.001


def test_guesses_that_are_right_shorten_the_time_per_token():
    plain, guessed = timed(CASES[0]), timed(CASES[0], drafted=1.0, accepted=1.8)
    assert plain.tpot_s / 1.8 < guessed.tpot_s < plain.tpot_s


def test_arrays_are_as_their_numbers_one_by_one():
    users, asked = np.array([1.0, 8.0, 300.0]), np.array([5000.0, 100.0, 700.0])
    together = timed(CASES[3], users=users, input_tokens=asked)
    for n in range(3):
        alone = timed(CASES[3], users=users[n], input_tokens=asked[n])
        for field in fields(alone):
            assert getattr(together, field.name)[n] == pytest.approx(float(getattr(alone, field.name)))


@given(users=floats(8, 400), answered=floats(2, 3000), replicas=integers(2, 8))
def test_replicas_of_a_dense_model_are_on_their_own(users, answered, replicas):
    load = Load(users=users, input_tokens=2000.0, output_tokens=answered)
    many = replace(load, users=users * replicas)
    alone = latency(point(LLAMA, H100, "fp8", Layout(tp=4.0), load))
    together = latency(point(LLAMA, H100, "fp8", Layout(tp=4.0, dp=float(replicas)), many))
    assert (together.ttft_s, together.tpot_s) == pytest.approx((alone.ttft_s, alone.tpot_s), rel=1e-6)


@given(case=CASE, users=floats(2, 400), asked=floats(100, 5000))
def test_answers_of_one_token_come_no_faster_than_prompts_are_read(case, users, asked):
    found = timed(case, users=users, input_tokens=asked, output_tokens=1.0)
    layout = case[3]
    assert users / found.round_s <= 1.1 * layout.dp * layout.pp / found.prompt_s


@given(case=CASE, stages=sampled_from([2.0, 4.0, 8.0]), asked=floats(100, 50_000))
def test_stages_in_a_row_do_not_speed_up_a_single_user(case, stages, asked):
    model, chip, precision, layout = case
    load = {"users": 1.0, "input_tokens": asked, "output_tokens": 500.0}
    one, row = (timed((model, chip, precision, replace(layout, pp=n)), **load) for n in (1.0, stages))
    assert row.tpot_s >= one.tpot_s * 0.999
