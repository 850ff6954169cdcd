"""Searches: the frontier against brute force, the cheapest against all, and how fast both are."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples
from pytest import approx

from gigawatt.inference import Search, cheapest, estimate, frontier
from gigawatt.inference.estimate import rows
from gigawatt.inference.frontier import pareto
from gigawatt.inference.memory import fits
from gigawatt.inference.search import candidates, concurrencies
from tests.inference.shapes_at_hand import CHIP, DENSE, MIXTURE, SITE

ASKED = {"input_tokens": 2000, "output_tokens": 400, "max_chips": 8, "site": SITE}
SLOW = {**ASKED, "max_concurrency": 64}


def everything(model, **asked):
    """Every configuration that a search tries, in full."""
    found = candidates(model, CHIP, Search(**asked))
    return [e for one in found for e in rows(one.estimates(np.arange(len(one.tpot_s)), SITE), len(one.tpot_s))]


@given(lists(tuples(floats(0, 10), floats(0, 10)), min_size=1, max_size=40))
def test_pareto_keeps_what_no_other_point_beats(points):
    a, b = np.array(points).T
    kept = set(zip(a[pareto(a, b)], b[pareto(a, b)], strict=True))
    unbeaten = {
        one for one in points
        if not any(x >= one[0] and y >= one[1] and (x, y) != one for x, y in points)
    }  # fmt: skip
    assert kept == unbeaten


@pytest.mark.parametrize("model", [DENSE, MIXTURE])
def test_the_frontier_is_what_brute_force_finds(model):
    tried = everything(model, **SLOW)
    speeds = {(e.output_tokens_per_s_per_user, e.output_tokens_per_s_per_chip) for e in tried}
    best = {one for one in speeds if not any(x >= one[0] and y >= one[1] and (x, y) != one for x, y in speeds)}
    found = frontier(model, CHIP, **SLOW)
    assert {(e.output_tokens_per_s_per_user, e.output_tokens_per_s_per_chip) for e in found} == best


def test_the_frontier_trades_one_speed_for_the_other():
    found = frontier(MIXTURE, CHIP, **ASKED)
    per_user = [e.output_tokens_per_s_per_user for e in found]
    per_chip = [e.output_tokens_per_s_per_chip for e in found]
    assert per_user == sorted(per_user) and per_chip == sorted(per_chip, reverse=True)
    assert len(found) > 10


def test_a_point_of_the_frontier_is_an_estimate():
    for one in frontier(MIXTURE, CHIP, **ASKED)[::7]:
        again = estimate(
            MIXTURE, CHIP, precision=one.precision, tensor_parallel=one.tensor_parallel,
            pipeline_parallel=one.pipeline_parallel, expert_parallel=one.expert_parallel,
            data_parallel=one.data_parallel, concurrency=one.concurrency, input_tokens=2000, output_tokens=400,
            speculation=one.speculation, site=SITE,
        )  # fmt: skip
        assert again.usd_per_query == approx(one.usd_per_query)
        assert again.ttft_s == approx(one.ttft_s)


def test_everything_that_is_tried_fits_and_stays_within_its_bounds():
    for one in candidates(MIXTURE, CHIP, Search(**ASKED, max_concurrency=500)):
        assert fits(one.points).all()
        assert (one.points.load.users <= 500).all() and (one.points.layout.chips <= 8).all()
        assert (one.points.load.users >= one.points.layout.dp * one.points.layout.pp).all()


def test_no_configuration_is_tried_twice():
    for one in candidates(MIXTURE, CHIP, Search(**ASKED)):
        lay, load = one.points.layout, one.points.load
        tried = {*zip(lay.tp, lay.dp, lay.pp, lay.ep, load.users, load.drafted, strict=True)}
        assert len(tried) == len(one.tpot_s)


def test_concurrencies_are_whole_and_end_where_asked():
    steps = concurrencies(1000)
    assert steps[0] == 1 and steps[-1] == 1000 and (steps == np.round(steps)).all()
    assert list(concurrencies(1)) == [1]


def test_drafts_are_tried_only_where_a_model_has_layers_for_them():
    assert {e.speculation for e in everything(DENSE, **SLOW)} == {0}
    assert {e.speculation for e in everything(MIXTURE, **SLOW)} == {0, 1, 2, 3}
    assert {e.speculation for e in everything(DENSE, **SLOW, speculation=(3,))} == {3}


def test_the_cheapest_keeps_its_promise_and_no_tried_one_is_cheaper():
    found = cheapest(DENSE, CHIP, ttft_s=0.5, tpot_s=0.03, **SLOW)
    assert found.ttft_s <= 0.5 and found.tpot_s <= 0.03
    keeping = [e.usd_per_query for e in everything(DENSE, **SLOW) if e.ttft_s <= 0.5 and e.tpot_s <= 0.03]
    assert 0.8 * min(keeping) < found.usd_per_query <= min(keeping)


def test_a_stricter_promise_is_never_cheaper():
    usd = [cheapest(DENSE, CHIP, tpot_s=tpot, **ASKED).usd_per_query for tpot in (0.1, 0.05, 0.03, 0.02)]
    assert usd == sorted(usd)


def test_of_several_chips_the_cheapest_is_taken():
    found = cheapest("llama-3.1-70b", ["h100-sxm", "b200"], input_tokens=2000, output_tokens=400)
    one_by_one = [
        cheapest("llama-3.1-70b", chip, input_tokens=2000, output_tokens=400) for chip in ("h100-sxm", "b200")
    ]
    assert found == min(one_by_one, key=lambda e: e.usd_per_query)


def test_a_promise_that_nobody_keeps_names_the_nearest_miss():
    with pytest.raises(ValueError, match=r"no configuration of dense keeps TTFT 0.5 s and TPOT 1 ms; the nearest is"):
        cheapest(DENSE, CHIP, ttft_s=0.5, tpot_s=0.001, **ASKED)


@pytest.mark.parametrize("limit", [{"tpot_s": -0.005}, {"tpot_s": 0}, {"ttft_s": 0}, {"ttft_s": float("nan")}])
def test_a_promise_that_is_no_time_is_refused(limit):
    with pytest.raises(ValueError, match="is not above 0"):
        cheapest(DENSE, CHIP, **limit, **ASKED)


def test_chips_are_not_compared_at_one_rent():
    rented = {**ASKED, "site": replace(SITE, usd_per_chip_h=2.5)}
    assert cheapest(DENSE, [CHIP, CHIP], **rented).usd_per_chip_h == approx(2.5)
    with pytest.raises(ValueError, match="usd_per_chip_h is the rent of one chip"):
        cheapest(DENSE, [CHIP, replace(CHIP, name="chip-b")], **rented)


def test_a_model_that_fits_nowhere_is_said_to():
    with pytest.raises(ValueError, match="dense fits on no layout of up to 1 chip-a"):
        frontier(DENSE, CHIP, **{**ASKED, "max_chips": 1, "precisions": ("bf16",)})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"precisions": ("fp3",)}, "no precision 'fp3'"),
        ({"max_chips": 0}, "max_chips 0 is not at least 1"),
        ({"input_tokens": 0}, "input_tokens 0 is not at least 1"),
        ({"framework": "tgi"}, "unknown framework 'tgi'"),
        ({"speculation": (0, 12)}, "speculation 12 is not"),
        ({"accepted": 1.8}, "accepted 1.8 needs speculation"),
        ({"accepted": 1.8, "speculation": (0,)}, "accepted 1.8 needs speculation"),
    ],
)
def test_what_a_search_cannot_do_is_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        frontier(DENSE, CHIP, **(ASKED | changed))


def test_five_thousand_configurations_take_a_tenth_of_a_second():
    asked = {"input_tokens": 2000, "output_tokens": 400, "site": SITE}
    tried = sum(len(one.tpot_s) for one in candidates(MIXTURE, CHIP, Search(**asked)))
    took = []
    for _ in range(5):
        start = time.perf_counter()
        frontier(MIXTURE, CHIP, **asked)
        took.append(time.perf_counter() - start)
    assert tried > 3000
    assert min(took) * 5000 / tried < 0.1
