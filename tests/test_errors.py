"""Errors say where, what was wrong, what is allowed and the nearest valid name."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigawatt.errors import GigawattError, Mistake, ScenarioError, SolveError, listed_names, named, nearest, shown


def test_a_mistake_reads_place_path_fault_allowed_and_likely_name():
    mistake = Mistake(
        "plan.yaml", 5, 11, "sites.a.chip", "unknown chip 'H100-SMX'", "known: B200, H100-SXM", "H100-SXM"
    )
    assert str(mistake) == (
        "plan.yaml:5:11: sites.a.chip: unknown chip 'H100-SMX'; known: B200, H100-SXM; did you mean H100-SXM?"
    )


def test_a_mistake_without_line_names_the_file_alone():
    assert str(Mistake("plan.yaml", 0, 0, "", "is empty")) == "plan.yaml: is empty"


def test_all_mistakes_are_told_in_the_order_of_the_file():
    later, sooner = Mistake("a.yaml", 12, 1, "weeks", "late"), Mistake("a.yaml", 3, 7, "start", "early")
    error = ScenarioError([later, sooner])
    assert error.mistakes == (sooner, later)
    assert str(error).splitlines() == [str(sooner), str(later)]
    assert isinstance(error, GigawattError)
    assert isinstance(SolveError("load 950 MW exceeds supply 800 MW"), GigawattError)


def test_mistakes_survive_the_way_to_another_process():
    error = ScenarioError([Mistake("a.yaml", 3, 7, "start", "early")])
    assert pickle.loads(pickle.dumps(error)).mistakes == error.mistakes


def test_the_nearest_name_is_found_whatever_its_letter_case():
    assert nearest("h100-smx", ["B200", "H100-SXM"]) == "H100-SXM"
    assert nearest("openai", ["OpenAI", "Oracle"]) == "OpenAI"


def test_nothing_is_near_to_a_strange_or_endless_name():
    assert nearest("quark", ["OpenAI", "Oracle"]) is None
    assert nearest("a" * 10_000_000, ["a"]) is None
    assert nearest("x", []) is None


@given(value=st.one_of(st.text(), st.integers(), st.lists(st.text())))
def test_a_wrong_value_is_shown_on_one_short_line(value):
    assert len(shown(value)) <= 80
    assert len(shown(value).splitlines()) == 1


def test_a_name_is_found_whatever_its_case():
    assert named("firm", "openai", ["OpenAI", "Oracle"]) == "OpenAI"
    assert named("firm", "a", ["A", "a"]) == "a"


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(ValueError, match="unknown firm 'Oracel'; did you mean Oracle\\?"):
        named("firm", "Oracel", ["OpenAI", "Oracle"])


def test_known_names_are_listed_where_none_is_near():
    with pytest.raises(ValueError, match="unknown firm 'x'; known: n0, n1, .* n19 and 30 more$"):
        named("firm", "x", [f"n{k}" for k in range(50)])


def test_names_come_one_by_one_or_with_commas():
    assert listed_names(["A, B", "C", "A", " ,"]) == ("A", "B", "C")
