"""The page of the backtest prints what the backtest finds."""

import re
from pathlib import Path

import pytest

from gigawatt.deals.backtest import backtest

PAGE = Path(__file__).parents[2] / "docs/explanation/telecom-backtest.md"
RANKINGS = {
    "stop test": "stop test", "leverage: debt / EBITDA": "leverage", "EBITDA / debt": "EBITDA / debt",
    "debt / revenue": "debt / revenue", "interest cover": "interest cover", "cash / debt": "cash / debt",
    "size: small first": "size",
}  # fmt: skip
VARIANTS = {
    "makers withdraw their lines": "withdrawn", "EBITDA stays as it was": "flat", "capital spending goes on": "no cut",
    "cut deeper": "deep cut", "markets shut for 4 quarters": "4 quarters",
    "only carriers with loans of makers": "vendors' borrowers",
    "only carriers with less than the median debt": "less debt",
    "only carriers with the median debt or more": "more debt",
    "without the incumbents": "no incumbents", "without carriers that were bought": "not taken over",
    "defaults of 2003 and 2004 counted too": "to 2004",
    "figures halfway to the end that speaks against the test": "half tilted", "figures at that end": "tilted",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return {frozen: backtest(frozen) for frozen in (1999, 2000)}


def cells(first):
    """The cells of the one row of a table that begins with this text."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {first} |")]
    assert len(lines) == 1, first
    return [cell.strip() for cell in lines[0].strip("|").split("|")][1:]


def span(low, high):
    return f"{low:.2f} to {high:.2f}"


@pytest.mark.parametrize("shown", sorted(RANKINGS))
def test_the_scores_are_those_of_the_command(found, shown):
    expected = []
    for each in found.values():
        row = next(row for row in each.scores if row.name == RANKINGS[shown])
        expected += [f"{row.auc.value:.2f}", span(row.auc.low, row.auc.high), span(row.both_low, row.both_high)]
    assert cells(shown) == expected


@pytest.mark.parametrize("shown", sorted(VARIANTS))
def test_the_variants_are_those_of_the_command(found, shown):
    expected = [
        f"{next(row for row in each.variants if row.name == VARIANTS[shown]).auc.value:.2f}" for each in found.values()
    ]
    assert cells(shown) == expected


@pytest.mark.parametrize("vendor", ["Lucent", "Nortel", "Cisco", "Motorola", "Alcatel", "Nokia", "Qualcomm"])
def test_the_losses_are_those_of_the_command(found, vendor):
    expected = []
    for each in found.values():
        row = next(row for row in each.vendors if row.vendor == vendor)
        expected += [f"{row.lent_usd / 1e6:,.0f}", f"{row.low_usd / 1e6:,.0f} to {row.high_usd / 1e6:,.0f}"]
    shown = cells(vendor)
    assert shown[:4] == expected
    assert shown[4].startswith(f"{row.published_usd / 1e6:,.0f}")


def test_the_differences_and_counts_in_the_text_are_those_of_the_command(found):
    text = re.sub(r"\s+", " ", PAGE.read_text(encoding="utf-8"))
    for each in found.values():
        for name in ("leverage", "size"):
            row = next(row for row in each.scores if row.name == name)
            assert (
                f"{row.ahead.value:+.2f} ({row.ahead.low:+.2f} to {row.ahead.high:+.2f}; both {row.ahead_low:+.2f} to "
                f"{row.ahead_high:+.2f})" in text
            ), name
        assert f"{each.recalled_share:.0%}".replace("%", " %") in text
        assert f"{sum(row.lent_usd for row in each.vendors) / 1e9:.1f}" in text
        assert f"{len(each.carriers)} carriers at the end of" in text or f"{len(each.carriers)} at the end of" in text
    first, second = found.values()
    for each, words in ((first, "17 of them defaulted, 8 did not, and 8"), (second, "23, 10 and 1")):
        base = each.variants[0]
        counts = (base.gaps_right, base.gaps_wrong, base.defaults - base.gaps_right)
        assert tuple(map(int, re.findall(r"\d+", words))) == counts and words in text
    assert (first.timing.median_quarters, second.timing.median_quarters) == (1.0, 0.0)
    assert max(row.equity_share for each in found.values() for row in each.vendors) < 0.15


def test_what_wider_ranges_and_tilted_figures_do_is_told_as_it_is(found):
    text = re.sub(r"\s+", " ", PAGE.read_text(encoding="utf-8"))
    tilted = [next(row.auc.value for row in each.variants if row.name == "half tilted") for each in found.values()]
    assert f"would be {tilted[0]:.2f} (1999) and {tilted[1]:.2f} (2000)" in text
    first, second = (backtest(frozen, widen=2.0) for frozen in (1999, 2000))
    test, leverage, size = (
        next(row for row in second.scores if row.name == name) for name in ("stop test", "leverage", "size")
    )
    before, after = (span(row.both_low, row.both_high) for row in (first.scores[0], test))
    assert f"*both* is {before} for the test in 1999 and {after} in 2000" in text
    assert f"in 2000 is {leverage.ahead_low:+.2f} to {leverage.ahead_high:+.2f}: no longer shown" in text
    assert leverage.ahead_low < 0 < size.ahead_low
    assert f"above zero, {size.ahead_low:+.2f} to {size.ahead_high:+.2f}" in text
