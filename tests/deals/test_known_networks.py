"""Cases with known answers, from papers, manuals and by hand: tests/known/networks.json says where each comes from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

import gigawatt.deals as deals

CASES = json.loads((Path(__file__).resolve().parents[1] / "known" / "networks.json").read_text())["cases"]


def as_it_is(value):
    return value


def as_array(value):
    return np.array(value) if isinstance(value, list) else value


def as_tuples(value):
    return tuple(as_tuples(one) for one in value) if isinstance(value, list) else value


def as_columns(value):
    """Vectors as columns, as some languages have them."""
    flat = isinstance(value, list) and not isinstance(value[0], list)
    return [[one] for one in value] if flat else value


def of(function):
    return [pytest.param(case, id=case["id"]) for case in CASES if case["function"] == function]


def matrix(adjacency):
    """0 and 1 of lists of neighbours."""
    out = np.zeros((len(adjacency), len(adjacency)), dtype=int)
    for vertex, neighbours in adjacency.items():
        out[int(vertex), neighbours] = 1
    return out


ANSWERS = {
    "clearing": deals.clearing, "clearing_by_rank": deals.clearing_by_rank, "finn": deals.cycled,
    "leontief": deals.leontief, "debtrank": deals.debtrank, "cascade": deals.cascade,
    "cross_holdings": deals.cross_holdings, "circulation": deals.circulation, "hodge": deals.hodge,
    "trace_origin": deals.trace_origin,
}  # fmt: skip


def test_every_case_has_a_source_and_is_asked():
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert {case["function"] for case in CASES} == {*ANSWERS, "cycles"}
    assert all(case["source"] and case["convention"] and case["expected"] for case in CASES)


@pytest.mark.parametrize("given", [as_it_is, as_array, as_tuples, as_columns])
@pytest.mark.parametrize("case", [one for function in ANSWERS for one in of(function)])
def test_the_answer_is_the_known_one_to_a_billionth(case, given):
    numbers = {"failed"}  # a list of firms, no vector
    arguments = {name: value if name in numbers else given(value) for name, value in case["arguments"].items()}
    found = ANSWERS[case["function"]](**arguments)
    for name, expected in case["expected"].items():
        answer = getattr(found, name)
        wanted = np.array(expected, dtype=float) if isinstance(expected, list) else float(expected)
        assert np.shape(answer) == np.shape(wanted), name
        assert np.asarray(answer, dtype=float) == approx(wanted, abs=1e-9, rel=1e-9), name


@pytest.mark.parametrize("case", of("finn"))
def test_finns_index_alone_is_a_number(case):
    index = deals.finn_cycling_index(**case["arguments"])
    assert type(index) is float
    assert index == approx(case["expected"]["index"], abs=1e-9)


@pytest.mark.parametrize("case", of("cycles"))
def test_the_circles_are_the_known_ones(case):
    flows = matrix(case["arguments"]["adjacency"])
    found = deals.cycles(flows, len(flows))
    if "count" in case["expected"]:
        assert len(found) == case["expected"]["count"]
    else:
        wanted = []
        for circle in case["expected"]["circles"]:
            at = circle.index(min(circle))
            wanted.append(tuple(circle[at:] + circle[:at]))
        assert sorted(one.parties for one in found) == sorted(wanted)
