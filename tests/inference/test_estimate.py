"""One serving point in full: known answers, what must hold for any load, and what is refused."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from
from pytest import approx

from gigawatt.inference import Chip, Estimate, Model, estimate
from gigawatt.inference.factors import FITTED
from gigawatt.inference.flow import flow
from gigawatt.inference.loop import latency
from gigawatt.inference.points import Layout, Load, point
from gigawatt.inference.speculation import accepted_tokens
from tests.inference.shapes_at_hand import CHIP, DENSE, MIXTURE, SITE

POINT = {
    "precision": "fp8",
    "tensor_parallel": 4,
    "concurrency": 32,
    "input_tokens": 2000,
    "output_tokens": 400,
    "site": SITE,
}


def at(model: Model = DENSE, chip: Chip = CHIP, **changed: object) -> Estimate:
    """The estimate of `POINT` with some of it changed."""
    return estimate(model, chip, **(POINT | changed))


def test_users_are_requests_a_second_times_their_duration():
    one = at()
    assert one.requests_per_s_per_chip * one.chips * one.request_s == approx(32)
    assert one.request_s == approx(one.ttft_s + 399 * one.tpot_s)  # the first token comes with the TTFT


def test_a_lone_user_waits_for_the_weights_to_be_read():
    # 70e9 bytes over 4 chips at 3 TB/s are 5.8 ms; kernels, collectives and gaps of 80 layers come on top.
    one = at(concurrency=1)
    assert 70e9 / 4 / 3e12 < one.tpot_s < 4 * 70e9 / 4 / 3e12


def test_a_prompt_takes_at_least_its_arithmetic():
    # 2 x 70e9 x 2000 FLOP over 4 chips of 2e15 FLOP/s are 35 ms.
    assert at(concurrency=1).ttft_s > 2 * 70e9 * 2000 / (4 * 2e15)


def test_tokens_and_requests_go_together():
    one = at()
    assert one.output_tokens_per_s_per_chip == approx(400 * one.requests_per_s_per_chip)
    assert one.input_tokens_per_s_per_chip == approx(2000 * one.requests_per_s_per_chip)
    assert one.output_tokens_per_s_per_user == approx(1 / one.tpot_s)


@pytest.mark.parametrize(
    "field", ["memory_bandwidth_gb_per_s", "bf16_flop_per_s", "fp8_flop_per_s", "scaleup_gb_per_s"]
)
@settings(deadline=None, max_examples=15)
@given(factor=floats(1.0, 4.0), users=integers(1, 128))
def test_a_better_chip_is_never_slower(field, factor, users):
    better = replace(CHIP, **{field: getattr(CHIP, field) * factor})
    slow, fast = at(concurrency=users), at(chip=better, concurrency=users)
    assert fast.tpot_s <= slow.tpot_s * (1 + 1e-9)
    assert fast.ttft_s <= slow.ttft_s * (1 + 1e-9)


@settings(deadline=None, max_examples=25)
@given(
    users=integers(1, 512), apart=sampled_from([False, True]), drafted=integers(0, 3), cached=floats(0, 0.95),
    model=sampled_from([DENSE, MIXTURE]), data_parallel=sampled_from([1, 2]),
)  # fmt: skip
def test_no_chip_works_more_than_all_the_time(users, apart, drafted, cached, model, data_parallel):
    one = at(
        model, concurrency=users, disaggregated=apart, speculation=drafted, cached_share=cached,
        data_parallel=data_parallel if model.experts else 1,
    )  # fmt: skip
    assert one.prefill_share >= 0 and one.decode_share >= 0
    assert one.prefill_share + one.decode_share <= 1 + 1e-9
    assert 0 < one.power_w <= CHIP.system_power_w * (1 + 1e-9)


def test_prompts_read_elsewhere_take_chips_and_leave_answers_alone():
    together, apart = at(), at(disaggregated=True)
    assert together.chips == 4 and apart.chips > 4
    assert apart.tpot_s < together.tpot_s


def test_chips_that_read_prompts_are_as_busy_as_the_catalog_says():
    # Chips beyond the group of 4 do all of the reading, 0.7 of their time.
    apart = at(disaggregated=True)
    assert apart.prefill_share * apart.chips == approx(0.7 * (apart.chips - 4))


def test_a_cached_prompt_is_cheaper_and_starts_sooner():
    plain, cached = at(), at(cached_share=0.8)
    assert cached.ttft_s < plain.ttft_s
    assert cached.usd_per_mtok_input < plain.usd_per_mtok_input
    assert cached.j_per_input_token < plain.j_per_input_token


def test_the_estimate_lies_in_its_band():
    one = at()
    assert one.ttft_low_s < one.ttft_s < one.ttft_high_s
    assert one.tpot_low_s < one.tpot_s < one.tpot_high_s


def test_users_who_do_not_fit_wait_for_the_others():
    full = at(concurrency=100_000)
    assert full.concurrency_that_fits < 100_000
    fitting = at(concurrency=full.concurrency_that_fits)
    assert full.ttft_s > 10 * fitting.ttft_s
    assert full.tpot_s == approx(fitting.tpot_s, rel=0.01)


def test_without_a_precision_it_is_the_narrowest_of_the_chip():
    assert at(precision=None).precision == "fp8"
    assert at(precision=None, chip=replace(CHIP, fp4_flop_per_s=4e15)).precision == "fp4"


def test_names_of_the_catalog_and_aliases_are_as_good_as_shapes():
    point = {"tensor_parallel": 4, "concurrency": 8, "input_tokens": 1000, "output_tokens": 100}
    by_shape = estimate(Model.from_catalog("llama-3.1-70b"), Chip.from_catalog("h100-sxm"), **point)
    assert estimate("meta-llama/Llama-3.3-70B-Instruct", "h100-sxm", **point) == by_shape


def test_figures_are_plain_python_numbers():
    kinds = {"int": int, "float": float, "bool": bool, "str": str}
    one = at()
    assert all(type(getattr(one, field.name)) is kinds[field.type] for field in fields(one))


def test_drafts_yield_what_was_fitted_and_less_for_each_further_one():
    assert accepted_tokens(0) == approx(1)
    assert accepted_tokens(2) == approx(FITTED.accepted)
    assert all(accepted_tokens(n, replace(FITTED, accepted=9.0)) <= n + 1 for n in range(6))
    assert accepted_tokens(np.arange(3.0)) == approx([accepted_tokens(n) for n in range(3)])
    gains = [accepted_tokens(n + 1) - accepted_tokens(n) for n in range(6)]
    assert gains == sorted(gains, reverse=True) and gains[-1] > 0


def test_a_load_that_leaves_open_what_a_step_yields_flows_as_fitted():
    points = [
        point(MIXTURE, CHIP, "fp8", Layout(tp=4), Load(users=8, input_tokens=500, output_tokens=100, **draft))
        for draft in ({"drafted": 2}, {"drafted": 2, "accepted": FITTED.accepted})
    ]
    open_, said = (flow(one, latency(one)) for one in points)
    assert open_.decode_share == approx(said.decode_share)
    assert 0 < open_.prefill_share + open_.decode_share <= 1


def test_what_a_step_yields_can_be_said():
    assert at(speculation=3, accepted=2.5).accepted == 2.5
    assert at(speculation=3, accepted=2.5).tpot_s < at(speculation=3, accepted=1.5).tpot_s


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tensor_parallel": 3}, "tensor_parallel 3 does not divide the 64 heads of dense; allowed: 1, 2, 4, 8, 16"),
        ({"tensor_parallel": 0}, "tensor_parallel 0 is not a whole number of at least 1"),
        ({"pipeline_parallel": 81}, "pipeline_parallel 81 is more than the 80 layers"),
        ({"expert_parallel": 4}, "dense has no experts; allowed: 1"),
        ({"model": MIXTURE, "expert_parallel": 3}, "expert_parallel 3 must divide .* = 4 .* allowed: 1, 2, 4"),
        ({"precision": "fp4", "chip": CHIP}, None),
        ({"precision": "fp6"}, "chip-a: no precision 'fp6'; has bf16, fp8"),
        ({"input_tokens": 0}, "input_tokens 0 is not at least 1"),
        ({"output_tokens": -5}, "output_tokens -5 is not at least 1"),
        ({"output_tokens": float("nan")}, "output_tokens nan is not at least 1"),
        ({"input_tokens": 1e6}, "= 1,000,400 exceed the longest context of dense, 131,072 tokens"),
        ({"concurrency": 0}, "concurrency 0 is not a whole number of at least 1"),
        ({"concurrency": 2.5}, "concurrency 2.5 is not a whole number of at least 1"),
        ({"tensor_parallel": float("nan")}, "tensor_parallel nan is not a whole number"),
        ({"pipeline_parallel": float("inf")}, "pipeline_parallel inf is not a whole number"),
        ({"speculation": float("nan")}, "speculation nan is not a whole number"),
        ({"cached_share": 1.0}, "cached_share 1 is not in 0 to below 1"),
        ({"speculation": 20}, "speculation 20 is not a whole number of drafted tokens, 0 to 8"),
        ({"speculation": 1, "accepted": 3}, "accepted 3 is not in 1 to 1 . speculation = 2"),
        ({"framework": "vlm"}, "unknown framework 'vlm'; did you mean 'vllm'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_allowed(changed, said):
    if said is None:
        assert at(**changed).precision == changed["precision"]
        return
    with pytest.raises(ValueError, match=said):
        at(**changed)
