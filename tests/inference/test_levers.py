"""Levers on cost, and queries of a tier."""

from math import prod

import pytest
from pytest import approx

from gigawatt.inference import Site, estimate, levers
from gigawatt.inference.levers import NOT_TAKEN, Target, generation_before
from gigawatt.inference.pools import serve
from gigawatt.inference.queries import mean_tokens, query, search_for
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import Tier

NAMES = [
    "start", "precision", "batching", "disaggregation", "speculation", "caching", "chip generation", "utilisation",
    "power price",
]  # fmt: skip


@pytest.fixture(scope="module")
def steps():
    return levers("llama-3.1-70b", "b200", input_tokens=2000, output_tokens=400, tpot_s=0.03)


def test_each_lever_is_pulled_once_in_order(steps):
    assert [step.name for step in steps] == NAMES


def test_the_product_of_the_factors_is_the_whole_fall(steps):
    assert prod(step.factor for step in steps) == approx(steps[-1].whole)
    assert steps[-1].whole == approx(steps[-1].usd_per_query / steps[0].usd_per_query)


def test_no_lever_raises_the_cost(steps):
    assert all(step.factor <= 1 + 1e-9 for step in steps)


def test_every_step_keeps_the_promise(steps):
    assert all(step.estimate.tpot_s <= 0.03 for step in steps)


def test_every_step_is_an_estimate_that_can_be_asked_for(steps):
    for step in steps:
        one = step.estimate
        site = Site()
        if step.name in ("utilisation", "power price"):
            site = Site(utilisation=0.82)
        if step.name == "power price":
            site = Site(utilisation=0.82, usd_per_mwh=45)
        again = estimate(
            one.model, one.chip, precision=one.precision, tensor_parallel=one.tensor_parallel,
            pipeline_parallel=one.pipeline_parallel, concurrency=one.concurrency, input_tokens=2000, output_tokens=400,
            cached_share=one.cached_share, speculation=one.speculation, disaggregated=one.disaggregated, site=site,
        )  # fmt: skip
        assert again.usd_per_query == approx(step.usd_per_query)


def test_the_start_is_plain(steps):
    one = steps[0].estimate
    assert (one.chip, one.precision, one.speculation, one.cached_share) == ("h100-sxm", "bf16", 0, 0)
    assert one.concurrency <= 8 and not one.disaggregated


def test_utilisation_alone_acts_on_idle_time(steps):
    # Capital in proportion to 0.6 / 0.82, energy a little more than that, since work is not idle.
    step = next(step for step in steps if step.name == "utilisation")
    assert 0.6 / 0.82 < step.factor < 0.75


def test_targets_that_are_worse_than_the_start_are_left():
    site = Site(utilisation=0.95, usd_per_mwh=20)
    found = levers("llama-3.1-8b", "h200-sxm", input_tokens=500, output_tokens=100, site=site)
    assert [step.factor for step in found[-2:]] == [approx(1), approx(1)]
    assert [step.change for step in found[-2:]] == [NOT_TAKEN, NOT_TAKEN]


def test_a_drafter_that_did_not_come_with_the_model_is_said(steps):
    change = next(step.change for step in steps if step.name == "speculation")
    assert change == NOT_TAKEN or change.endswith("by a drafter that is assumed")


def test_two_generations_do_not_share_a_rent():
    with pytest.raises(ValueError, match="usd_per_chip_h is the rent of one chip"):
        levers("llama-3.1-8b", "h200-sxm", input_tokens=500, output_tokens=100, site=Site(usd_per_chip_h=2))


def test_how_far_levers_go_can_be_said():
    asked = {"input_tokens": 500, "output_tokens": 100, "previous": "a100-80"}
    little = levers(
        "llama-3.1-8b", "h100-sxm", target=Target(cached_share=0.1, utilisation=0.6, usd_per_mwh=65), **asked
    )
    much = levers("llama-3.1-8b", "h100-sxm", target=Target(cached_share=0.9, utilisation=0.9, usd_per_mwh=30), **asked)
    assert much[-1].usd_per_query < little[-1].usd_per_query
    assert much[0].usd_per_query == approx(little[0].usd_per_query)


@pytest.mark.parametrize(
    ("chip", "before"), [("h100-sxm", "a100-80"), ("b200", "h100-sxm"), ("tpu-v7", "tpu-v6e"), ("mi355x", "mi300x")]
)
def test_the_generation_before(chip, before):
    assert generation_before(chip) == before


def test_the_first_of_a_family_has_none_before():
    with pytest.raises(ValueError, match="no chip of the family of trn2 that is a year older; say previous"):
        generation_before("trn2")


@pytest.fixture(scope="module")
def instant():
    return query("llama-3.1-70b", "h100-sxm", "instant")


def test_a_query_is_served_within_the_promises_of_its_tier(instant):
    tier = Tier.from_catalog("instant")
    assert instant.estimate.ttft_s <= tier.ttft_limit_s and instant.estimate.tpot_s <= tier.tpot_limit_s


def test_a_query_costs_as_many_requests_as_it_needs(instant):
    one = instant.estimate
    assert instant.requests * one.output_tokens == approx(instant.output_tokens)
    assert instant.usd_per_query == approx(instant.requests * one.usd_per_query)
    assert instant.queries_per_mwh * instant.wh_per_query == approx(1e6)
    assert instant.usd_per_mtok_output == approx(instant.usd_per_query / instant.output_tokens * 1e6)


def test_a_lognormal_query_is_longer_in_the_mean_than_in_the_median():
    tier = Tier(tokens_in=1000, tokens_out=400, spread_out=0.5)
    # exp(0.5^2 / 2) = 1.1331
    assert mean_tokens(tier) == approx(400 * 1.1331, rel=2e-3)


def test_a_tier_says_what_is_searched_unless_told_otherwise():
    model = Model.from_catalog("llama-3.1-70b")
    told = search_for(Tier.from_catalog("instant"), model, cached_share=0.0, max_chips=8)
    assert told.cached_share == 0 and told.max_chips == 8 and told.output_tokens > 300
    assert told.speculation == (1,) and told.accepted == 1.8
    drafted = search_for(Tier.from_catalog("instant"), model, speculation=(2,))
    assert drafted.speculation == (2,) and drafted.accepted is None


def test_limits_replace_those_of_the_tier(instant):
    hasty = query("llama-3.1-70b", "h100-sxm", "instant", tpot_s=0.015)
    assert hasty.estimate.tpot_s <= 0.015 < instant.estimate.tpot_s
    assert hasty.usd_per_query > instant.usd_per_query


@pytest.mark.parametrize(
    ("model", "chip", "tier"),
    [
        ("llama-3.1-70b", "h100-sxm", "instant"),
        ("deepseek-v3", "gb300-nvl72", "instant"),
        ("llama-3.1-405b", "b200", "thinking"),
    ],
)
def test_a_query_is_served_as_fast_as_by_a_pool(model, chip, tier):
    pool = serve(Model.from_catalog(model), Chip.from_catalog(chip), Tier.from_catalog(tier))
    found = query(model, chip, tier, precisions=(pool.precision,)).estimate
    assert found.output_tokens_per_s_per_chip == approx(pool.output_tokens_per_s_per_chip, rel=0.04)
