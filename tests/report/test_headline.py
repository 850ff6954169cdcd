"""The answer, the cards and the years at the head of the report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pytest import approx

from gigawatt.report.answer import answer
from gigawatt.report.headline import cards, year_by_year
from gigawatt.results import Results, Table
from tests.fake_results import fake_results


def with_build(**columns: np.ndarray) -> Results:
    """The made-up results with some columns of the build rate exchanged."""
    results = fake_results(260)
    table = Table("buildrate", {**results["buildrate"].columns, **columns})
    return replace(results, tables={**results.tables, "buildrate": table})


def test_a_gigawatt_a_week_over_four_weeks_is_a_yes():
    rate = np.where(np.arange(260) >= 200, 1000.0, 10.0)
    said = answer(with_build(programme_mw_per_week=rate))
    assert said.verdict == "Yes." and "first in November 2029" in said.text


def test_one_good_week_is_not_a_yes():
    rate = np.where(np.arange(260) == 200, 1500.0, 10.0)
    assert answer(with_build(programme_mw_per_week=rate)).verdict == "No."


def test_without_a_programme_the_world_answers():
    nothing = np.zeros(260)
    rate = np.full(260, 1200.0)
    said = answer(with_build(programme_target_mw_per_week=nothing, programme_usd=nothing, energised_mw_per_week=rate))
    assert said.verdict == "Yes." and "programme" not in said.text.lower()


def test_the_answer_names_what_holds_sites_and_chips_back_and_who_pays():
    text = answer(fake_results(260)).text
    assert "power transformers" in text and "packaging" in text and "customers" in text


def test_every_card_has_a_number_with_its_unit():
    found = cards(fake_results(260))
    assert [card.name for card in found][1:] == [
        "Programme, best four weeks", "Programme pays", "Compute asked for, not given", "Highest debt of all",
    ]  # fmt: skip
    assert all(any(letter.isdigit() for letter in card.text) for card in found)


def test_years_end_with_what_is_on():
    rows = year_by_year(fake_results(260)).rows
    assert [row[0] for row in rows] == ["2026", "2027", "2028", "2029", "2030"]
    assert float(rows[-1][1]) == approx(fake_results(260)["buildrate"]["energised_gw"][-1], rel=5e-3)
