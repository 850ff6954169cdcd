"""Shares, amounts and keys as the commands of `gigawatt deals` print them."""

from __future__ import annotations

from gigawatt.cli.deals_texts import aligned, billions, keys_text, percent, span


def test_shares_are_percentages_without_a_negative_zero():
    assert [percent(share) for share in (0.1234, -1e-9, float("nan"))] == ["12.3 %", "0.0 %", "n.m."]


def test_amounts_are_billions_with_three_digits_that_matter():
    assert [billions(usd) for usd in (1234.5e9, 9.5e9, 0.0, -0.2e9)] == ["1,234.5", "9.50", "-", "-0.20"]
    assert billions(float("nan")) == ""


def test_a_range_that_reads_the_same_is_one_value():
    assert span(0.1001, 0.1002) == "10.0 %"
    assert span(0.1, 0.2) == "10.0 % to 20.0 %"


def test_keys_are_told_once_and_cut_with_their_number():
    assert keys_text(["a", "b", "a"], ["p"]) == "a, b, p"
    assert keys_text(list("abcdef")) == "a, b, c, d and 2 more"


def test_numbers_stand_right_and_names_left():
    assert aligned([{"name": "x", "n": "1"}, {"name": "yy", "n": "10"}], ("name",)) == [
        {"name": "x", " n": " 1"}, {"name": "yy", " n": "10"}
    ]  # fmt: skip
    assert aligned([]) == []
