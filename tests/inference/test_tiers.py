"""Tiers: a mixture of queries becomes one load, with compaction, attempts and deadlines."""

from dataclasses import replace
from math import exp, inf

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gigawatt.inference.shapes import Model
from gigawatt.inference.tiers import Tier, spread

MODEL = Model.from_catalog("deepseek-v3")  # reads up to 163,840 tokens
CHAT = Tier(name="chat", tokens_in=1500, tokens_out=350, ttft_s=0.5, tpot_ms=40)
LONG = Tier(name="long", tokens_in=4000, tokens_out=200_000, deadline_hours=6)


def context(load):
    return load.input_tokens + load.output_tokens / 2


def fresh(load):
    return load.input_tokens * (1 - load.cached_share)


def test_queries_of_one_length_are_the_load_as_it_is():
    load = replace(CHAT, cached_share=0.6).load(MODEL, 32)
    assert (load.users, load.input_tokens, load.output_tokens, load.cached_share) == pytest.approx((32, 1500, 350, 0.6))


def test_long_answers_stay_in_the_batch_longer():
    # By hand: of a lognormal answer with sigma s the batch holds E[A^2] / (2 E[A]) = median x e^(1.5 s^2) / 2.
    load = replace(CHAT, spread_out=0.4).load(MODEL, 1)
    assert load.output_tokens == pytest.approx(350 * exp(0.4**2 / 2), rel=1e-3)
    assert context(load) == pytest.approx(1500 + 350 * exp(1.5 * 0.4**2) / 2, rel=1e-3)


def test_prompts_count_by_their_mean_not_their_median():
    load = replace(CHAT, spread_in=0.5).load(MODEL, 1)
    assert fresh(load) == pytest.approx(1500 * exp(0.5**2 / 2), rel=1e-3)


def test_a_ninety_per_cent_range_gives_the_spread():
    # 1.645 standard deviations lie between the median and either end.
    assert spread(100 / exp(1.645), 100 * exp(1.645)) == pytest.approx(1, rel=1e-3)
    assert spread(None, None) == 0


def test_a_full_context_is_compacted():
    # By hand: 4,000 of prompt leave 46,000; 200,000 tokens are 200 / 46 requests of 46,000 each.
    load = replace(LONG, window_tokens=50_000).load(MODEL, 1)
    assert load.output_tokens == pytest.approx(46_000)
    assert context(load) == pytest.approx(4000 + 23_000)


def test_no_window_is_wider_than_the_model_reads():
    load = replace(LONG, window_tokens=1e6).load(MODEL, 1)
    assert load.input_tokens + load.output_tokens <= MODEL.context_tokens


def test_a_prompt_that_fills_the_window_leaves_room_to_answer():
    load = replace(LONG, tokens_in=90_000, window_tokens=50_000).load(MODEL, 1)
    assert load.output_tokens == pytest.approx(50_000 / 4)


def test_attempts_share_a_query():
    assert replace(LONG, attempts=4).load(MODEL, 1).output_tokens == pytest.approx(50_000)


def test_a_deadline_sets_the_pace_of_a_long_answer():
    assert LONG.tpot_limit_s == pytest.approx(6 * 3600 / 200_000)
    assert replace(LONG, attempts=4).tpot_limit_s == pytest.approx(4 * 6 * 3600 / 200_000)


def test_a_pace_too_slow_for_the_deadline_means_parallel_streams():
    # By hand: 600,000 tokens at 50 ms are 30,000 s; six hours are 21,600 s.
    assert replace(LONG, tokens_out=600_000, tpot_ms=50).streams == pytest.approx(30_000 / 21_600)
    assert LONG.streams == CHAT.streams == 1


def test_without_promises_there_are_no_limits():
    assert Tier(tokens_in=1, tokens_out=1).ttft_limit_s == Tier(tokens_in=1, tokens_out=1).tpot_limit_s == inf


@pytest.mark.parametrize("name", ["instant", "thinking", "pro"])
def test_tiers_of_the_catalog_are_mixtures(name):
    tier = Tier.from_catalog(name)
    assert 0.3 < tier.spread_in < 1 and 0.3 < tier.spread_out < 1
    assert 0 < tier.cached_share < 1
    assert tier.accepted_tokens == 1.8


@given(wide=floats(0, 1), cached=floats(0, 0.99), window=floats(2e3, 1e6))
def test_a_load_never_reads_more_than_it_keeps(wide, cached, window):
    tier = replace(LONG, spread_in=wide, spread_out=wide, cached_share=cached, window_tokens=window)
    load = tier.load(MODEL, 1)
    assert 0 < load.output_tokens <= min(window, MODEL.context_tokens)
    assert context(load) <= min(window, MODEL.context_tokens)
    assert load.input_tokens > 0 and 0 <= load.cached_share < 1


def test_prompts_that_crowd_out_their_answers_are_not_cached_less_than_not_at_all():
    crowded = replace(LONG, tokens_in=30_000, spread_in=0.8, window_tokens=50_000)
    assert crowded.load(MODEL, 1).cached_share == 0


def test_where_nothing_is_drafted_a_step_yields_one_token():
    assert replace(CHAT, accepted_tokens=1.8).load(MODEL, 1).accepted == 1
    assert replace(CHAT, drafted_tokens=1, accepted_tokens=1.8).load(MODEL, 1).accepted == 1.8
    assert 1 < replace(CHAT, drafted_tokens=1).load(MODEL, 1).accepted < 2


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"cached_share": 1.0}, "cached_share 1 of tier chat is not in 0 to below 1"),
        ({"tpot_ms": -5.0}, "tpot_ms -5 of tier chat is not at least 0"),
        ({"tokens_in": inf}, "tokens_in inf of tier chat"),
    ],
)
def test_a_tier_that_makes_no_sense_is_refused(given_, said):
    with pytest.raises(ValueError, match=said):
        replace(CHAT, **given_)
