"""Tokens per chip: what the run takes from the estimate of serving, and what `explain` says of it."""

import numpy as np
import pytest

from gigawatt.training.weekly import H100_FLOP_PER_S
from gigawatt.world.explain import explain, of_field
from gigawatt.world.names import names
from gigawatt.world.served import most_used
from gigawatt.world.setup import serving_tier, servings, tables
from tests.world.runs import record, scenario

STARGATE = scenario("stargate")
NAMES = names(STARGATE)


def rate(chip, tier, *sets):
    return servings(scenario("stargate", *sets), NAMES)[chip, tier].output_tokens_per_s_per_chip


def test_every_chip_serves_every_tier_of_the_standing_example():
    assert set(servings(STARGATE, NAMES)) == {(chip, tier) for chip in NAMES.chips for tier in NAMES.tiers}


def test_the_run_takes_realised_tokens_by_h100_equivalent():
    table, realised = tables(STARGATE, NAMES), float(STARGATE.parameters["market.serving_efficiency"])
    k, i = NAMES.chips.index("gb300-nvl72"), NAMES.tiers.index("thinking")
    h100e = float(STARGATE.chips["gb300-nvl72"].bf16_flop_per_s) / H100_FLOP_PER_S
    expected = rate("gb300-nvl72", "thinking") * realised / h100e
    assert table.chip.tokens_per_h100e_s[k, i] == pytest.approx(expected)


def test_an_interval_of_lengths_is_a_mixture():
    # 8k to 30k is a 90 % range: ln(30/8) over 2 x 1.645 standard deviations.
    assert serving_tier(STARGATE, "thinking").spread_out == pytest.approx(np.log(30 / 8) / 3.29, rel=1e-3)
    assert serving_tier(STARGATE, "instant").spread_out == 0  # one length is written in the example


@pytest.mark.parametrize(
    ("tier", "set_", "sign"),
    [
        ("instant", "tiers.instant.cached_share=0.9", 1),
        ("instant", "tiers.instant.tokens_in=8000", -1),
        ("thinking", "tiers.thinking.drafted_tokens=0", -1),
        ("pro", "tiers.pro.window_tokens=400000", -1),
        ("pro", "chips.gb300-nvl72.memory_bandwidth_gb_per_s=16000", 1),
    ],
)
def test_what_a_tier_asks_moves_the_tokens_of_a_chip(tier, set_, sign):
    assert sign * (rate("gb300-nvl72", tier, set_) - rate("gb300-nvl72", tier)) > 0


@pytest.mark.parametrize("quantity", ["tokens.j_per_query", "tokens.usd_per_query", "fleet.tokens_per_h100e_s"])
def test_explain_says_how_a_tier_is_served(quantity):
    found = explain(STARGATE, f"{quantity}[instant] @ 2026-06")
    by_kind = {kind: [row["name"] for row in found.rows() if row["kind"] == kind] for kind in ("serving", "factor")}
    assert by_kind["serving"][0].startswith("instant on ") and by_kind["serving"][1:] == ["layout", "pace"]
    assert len(by_kind["factor"]) == 5
    text = "\n".join(found.lines())
    assert "instant-2026 in fp" in text and "TTFT" in text and "market.serving_efficiency" in text
    sources = {row["name"]: row["source"] for row in found.rows()}
    assert sources["tiers.instant.cached_share"] == "deepseek-inference-overview"
    assert sources["models.instant-2026.params"] == "own-estimate"


def test_explain_shows_the_chip_that_is_asked_for_else_the_one_most_used():
    run = record("stargate")
    asked = of_field(run, "x", "", "tech.tokens_per_h100e_s", "mi355x", 0).rows()
    assert {row["name"] for row in asked if row["kind"] == "serving"} >= {f"{tier} on mi355x" for tier in NAMES.tiers}
    installed = run.field("fleet.installed_h100e")[0].sum(axis=0)
    assert most_used(run, 0, "") == NAMES.chips[int(np.argmax(installed[: len(NAMES.chips)]))]
    assert most_used(run, 0, "Google").startswith("tpu")


def test_explain_of_other_figures_says_nothing_of_serving():
    kinds = {row["kind"] for row in of_field(record("stargate"), "x", "", "market.rent_usd_per_h100e_h", "", 0).rows()}
    assert "serving" not in kinds and "factor" not in kinds
