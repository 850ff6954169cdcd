"""Remarks on values that are allowed but odd."""

from __future__ import annotations

from gigawatt.scenario import load, remarks

TEXT = "start: 2026-01-05\nweeks: 10\n"


def test_a_rate_without_its_percent_sign_is_remarked_on():
    odd = load(TEXT + "parameters: {finance: {base_rate: 5}}\n")
    (said,) = remarks(odd)
    assert "finance.base_rate" in said and "far outside" in said


def test_values_within_or_near_the_interval_and_catalog_values_are_not():
    assert not list(remarks(load(TEXT)))
    assert not list(remarks(load(TEXT + "parameters: {finance: {base_rate: 7 %, max_leverage: 6}}\n")))


def test_a_set_value_is_named_with_its_place():
    (said,) = remarks(load(TEXT, sets=("build.site_weeks=5200",)))
    assert said.startswith("--set:1:")
