"""A programme by hand, money that adds up, and signs: dearer compute needs more, more income needs less."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers

from gigawatt.finance.parameters import parameter
from gigawatt.finance.programmes.answers import (
    by_calendar_year,
    gap_probability,
    gap_usd,
    low_point_usd,
    with_cost,
    with_growth,
)
from gigawatt.finance.programmes.fund import USES, fund
from gigawatt.finance.programmes.luck import factors
from gigawatt.finance.programmes.plan import quarterly_revenue, refreshed, written_off
from gigawatt.finance.programmes.presets import programme
from gigawatt.finance.programmes.programme import Doubt, Source
from gigawatt.finance.programmes.required import required
from tests.finance.programme_cases import BN, BONDS, BUILDER, LAB, SHARES, SMALL, column


def test_a_programme_of_rent_by_hand():
    funding = fund(SMALL)
    # Cash goes down to its minimum first; then bonds (2 bn a year, opened quarter by quarter), shares, nobody. Interest
    # is 2 % a quarter of what is owed at its begin; the bonds of quarter 3 fall due in quarter 7.
    assert column(funding.raised["bonds"])[:7] == pytest.approx([0, 0, 1, 1, 0.5, 0.5, 0.5])
    assert column(funding.raised["shares"])[:7] == pytest.approx([0, 0, 0, 0.02, 0.25, 0.25, 0.25])
    assert column(funding.unfunded)[:7] == pytest.approx([0, 0, 0, 0, 0.29, 0.30, 1.31])
    assert column(funding.cash)[:4] == pytest.approx([2, 1, 1, 1])
    assert column(funding.owed)[:7] == pytest.approx([0, 0, 1, 2, 2.5, 3, 2.5])
    assert column(funding.uses["repaid"])[:7] == pytest.approx([0, 0, 0, 0, 0, 0, 1])


def test_own_compute_is_paid_before_it_comes_up_and_its_chips_again_after_their_life():
    # 8 GW in two years: 1 GW a quarter, 8 quarters, chips a quarter ahead, sites over the quarter and the one before.
    plan = fund(BUILDER).plan
    assert column(plan.chips)[:4] == pytest.approx([20, 20, 20, 20])
    assert column(plan.chips)[4:8] == pytest.approx([40, 40, 40, 20])  # a year later the first are bought anew
    assert column(plan.site)[:8] == pytest.approx([12] * 7 + [6])
    assert column(plan.rent) == pytest.approx([0] * 16)
    assert column(plan.operating)[:2] == pytest.approx([0.125, 0.375])  # half a GW, then 1.5 GW, at 0.25 bn a quarter


def test_replacements_are_replaced_too():
    bought = np.zeros((9, 1))
    bought[0] = 8.0
    assert refreshed(bought, np.array([1.0]))[:, 0].tolist() == [8, 0, 0, 0, 8, 0, 0, 0, 8]
    # Half-way between two quarters, half in each.
    assert refreshed(bought, np.array([1.125]))[:6, 0].tolist() == [8, 0, 0, 0, 4, 4]


def test_what_is_bought_is_written_off_once():
    bought = np.zeros((12, 1))
    bought[0] = 8.0
    worn = written_off(bought, np.array([2.0]))
    assert worn[:10, 0].tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 1, 0]


def test_a_level_loan_is_repaid_in_equal_parts():
    loan = replace(BONDS, kind="level", years=1, rate=0.0)
    funding = fund(replace(SMALL, sources=(loan, SHARES)))
    # 1 bn raised in quarter 3 and 1 bn in quarter 4: a quarter of each from the next quarter on.
    assert column(funding.raised["bonds"])[2] == pytest.approx(1.0)
    assert column(funding.uses["repaid"])[3:5] == pytest.approx([0.25, 0.25 + column(funding.raised["bonds"])[3] / 4])


def test_a_closed_round_is_paid_in_whether_it_is_needed_or_not():
    closed = Source(name="round", kind="equity", capacity_usd_per_year=((2026, 8 * BN), (2027, 0.0)), always=True)
    funding = fund(replace(SMALL, sources=(BONDS, closed), doubts=LAB.doubts), 5, 1)
    for draw in range(5):  # 2 bn a quarter, whatever the luck of markets
        assert (funding.raised["round"][:, draw] / BN).tolist() == pytest.approx([2] * 4 + [0] * 4)
    middle = fund(replace(SMALL, sources=(BONDS, closed)))
    # 3 + 4 x (1 - 2 + 2) at the end of 2026, then 1 bn less a quarter; no bond is needed while there is cash.
    assert column(middle.cash) == pytest.approx([4, 5, 6, 7, 6, 5, 4, 3])
    assert middle.raised["bonds"].sum() == 0


def test_losses_are_set_off_against_four_fifths_of_a_profit():
    # 1 bn lost a quarter of 2026, then more earned: a quarter of what is left after losses, at least of a fifth.
    rising = replace(SMALL, gw=((2025, 4.0),), rent_usd_per_gw_year=2 * BN, utilisation=1.0, sources=())
    rising = replace(rising, revenue_usd=((2025, 4 * BN), (2026, 4 * BN), (2027, 20 * BN)))
    funding = fund(rising)
    profit = column(funding.plan.ebitda)
    assert sum(profit[:4]) == pytest.approx(-4)
    assert column(funding.uses["tax"])[:4] == [0] * 4
    assert parameter("tax.usable_losses") == 0.8
    first = profit[4]
    assert 0.8 * first < 4  # so that the limit holds in the first quarter with a profit
    assert column(funding.uses["tax"])[4] == pytest.approx(0.25 * 0.2 * first)
    assert sum(column(funding.uses["tax"])) == pytest.approx(0.25 * (sum(profit[4:]) - 4))


def test_quarters_add_up_to_the_revenue_of_their_year():
    quarters = quarterly_revenue(LAB).reshape(LAB.years, 4).sum(axis=1) / BN
    assert quarters[0] == pytest.approx(30)
    assert quarters[1] == pytest.approx(62)
    assert quarters[4] == pytest.approx(200)
    assert quarters[5] == pytest.approx(260)  # 30 % more, and then 24 %
    assert quarters[6] == pytest.approx(322.4)


def test_no_more_is_sold_than_there_is():
    crowded = replace(SMALL, revenue_usd=((2025, 40 * BN),))
    funding = fund(crowded)
    assert funding.plan.sold == pytest.approx(0.9)
    assert funding.plan.revenue.sum() == pytest.approx(2 * 8760 * 0.9 * 1e6)


def imbalance(funding):
    """Largest difference between what comes in and what goes out, relative to all that went out."""
    cash = np.vstack([np.full((1, funding.draws), funding.programme.cash_usd), funding.cash])
    came = funding.plan.revenue + sum(funding.raised.values()) + funding.unfunded
    went = sum(funding.uses[name] for name in USES) + np.diff(cash, axis=0)
    return np.abs(came - went).max() / went.max()


@given(
    gw=floats(0, 50), own=floats(0, 1), life=floats(0.5, 9), revenue=floats(0, 500), capacity=floats(0, 100),
    build=integers(1, 8), seed=integers(0, 2**32),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_money_is_conserved_in_every_quarter_of_every_draw(gw, own, life, revenue, capacity, build, seed):
    bonds = replace(BONDS, capacity_usd_per_year=((2026, capacity * BN),), revenue_multiple=0.7, years=2)
    loan = replace(bonds, name="loan", kind="level", lends_on="site", advance=0.6)
    odd = replace(
        BUILDER, gw=((2025, 1.0), (2028, 1.0 + gw)), own_share=((2026, own),), vendor_share=((2026, (1 - own) / 2),),
        chip_life_years=life, revenue_usd=((2025, BN), (2028, (1 + revenue) * BN)), facility_build_quarters=build,
        doubts=LAB.doubts, sources=(loan, bonds, SHARES),
    )  # fmt: skip
    funding = fund(odd, 20, seed)
    assert imbalance(funding) < 1e-12
    assert funding.owed.min() > -1.0 and funding.cash.min() >= odd.minimum_cash_usd
    assert all(flow.min() >= 0 for flow in (*funding.raised.values(), funding.unfunded))


@pytest.mark.parametrize("name", ["openai-1.4tn", "openai-600bn", "mckinsey-base", "morgan-stanley-2.9tn"])
def test_money_is_conserved_in_the_programmes_of_the_catalog(name):
    assert imbalance(fund(programme(name), 300, 5)) < 1e-12


def test_debt_is_what_was_raised_less_what_was_repaid():
    funding = fund(LAB, 100, 3)
    debts = sum(funding.raised[source.name] for source in LAB.sources if source.is_debt)
    assert np.cumsum(debts - funding.uses["repaid"], axis=0) == pytest.approx(funding.owed, rel=1e-9, abs=1)


def test_no_source_gives_more_than_its_limits():
    funding = fund(LAB, 200, 7)
    years = list(range(2026, 2036))
    for source in LAB.sources:
        most = np.interp(years, *zip(*source.capacity_usd_per_year, strict=True))[:, None]
        most = most * (np.ones(200) if source.always else funding.luck["capacity"])
        given_usd = by_calendar_year(funding, funding.raised[source.name])
        assert (given_usd <= most * (1 + 1e-9) + 1).all()
    assert (funding.raised["vendors"] <= funding.plan.vendor + 1).all()
    assert (funding.raised["project debt"] <= 0.8 * funding.plan.site + 1).all()


def test_a_later_source_is_asked_only_when_the_earlier_ones_are_at_their_limits():
    funding = fund(SMALL)
    room = np.tile([0.5, 1.0, 1.5, 2.0], 2)
    so_far = by_year_so_far(column(funding.raised["bonds"]))
    for quarter, shares in enumerate(column(funding.raised["shares"])):
        assert shares == 0 or so_far[quarter] == pytest.approx(room[quarter])


def by_year_so_far(flow):
    return np.cumsum(np.array(flow).reshape(-1, 4), axis=1).ravel()


@given(dearer=floats(1.01, 3))
@settings(max_examples=10, deadline=None)
def test_dearer_gigawatts_need_more_money(dearer):
    more = fund(with_cost(LAB, LAB.cost_usd_per_gw * dearer), 50, 1)
    assert (low_point_usd(more) >= low_point_usd(fund(LAB, 50, 1))).all()
    assert gap_usd(more).mean() > gap_usd(fund(LAB, 50, 1)).mean()


@given(life=floats(3, 9), longer=floats(0.1, 4))
@settings(max_examples=10, deadline=None)
def test_chips_that_last_longer_need_less_money(life, longer):
    short, long = (fund(replace(LAB, chip_life_years=years)) for years in (life, life + longer))
    assert long.plan.chips.sum() <= short.plan.chips.sum() + 1
    assert low_point_usd(long) <= low_point_usd(short) + 1


@given(growth=floats(0.1, 0.8), more=floats(0.02, 0.3))
@settings(max_examples=10, deadline=None)
def test_more_growth_needs_no_more_money(growth, more):
    slow, fast = (fund(with_growth(LAB, rate), 50, 2) for rate in (growth, growth + more))
    assert (low_point_usd(fast) <= low_point_usd(slow) + 1e3).all()


def test_more_growth_leaves_a_smaller_gap_and_a_less_likely_one():
    # In the mean: a draw in a hundred lacks a few bn more, since lenders who give on revenue must be repaid where
    # nobody was before.
    found = [fund(with_growth(LAB, rate), 300, 2) for rate in (0.2, 0.4, 0.6, 0.8)]
    gaps, chances = ([float(f(each)) for each in found] for f in (mean_gap, last_chance))
    assert gaps == sorted(gaps, reverse=True) and chances == sorted(chances, reverse=True)


def mean_gap(funding):
    return gap_usd(funding).mean()


def last_chance(funding):
    return gap_probability(funding)[-1]


def test_more_lenders_leave_a_smaller_gap_and_dearer_rent_a_larger_one():
    gap = gap_usd(fund(LAB, 200, 4)).mean()
    double = tuple(
        replace(s, capacity_usd_per_year=tuple((y, 2 * usd) for y, usd in s.capacity_usd_per_year)) for s in LAB.sources
    )
    assert gap_usd(fund(replace(LAB, sources=double), 200, 4)).mean() < gap
    assert gap_usd(fund(replace(LAB, sources=LAB.sources[:2]), 200, 4)).mean() > gap
    assert gap_usd(fund(replace(LAB, rent_usd_per_gw_year=1.2 * LAB.rent_usd_per_gw_year), 200, 4)).mean() > gap


def test_a_draw_is_replayed_by_its_number():
    many = fund(LAB, 40, 9)
    one = fund(LAB, 1, 9, first=23)
    assert np.array_equal(one.unfunded[:, 0], many.unfunded[:, 23])
    assert np.array_equal(one.plan.revenue[:, 0], many.plan.revenue[:, 23])
    assert not np.array_equal(many.plan.revenue[:, 22], many.plan.revenue[:, 23])
    assert not np.array_equal(fund(LAB, 1, 8, first=23).plan.revenue, one.plan.revenue)


def test_doubts_have_their_medians_ranges_and_common_luck():
    doubts = (
        Doubt(name="cost", low=0.5, high=4.0, loading=0.6), Doubt(name="revenue", low=0.5, high=2.0, loading=-0.5),
        Doubt(name="rent", low=0.9, high=1.1),
    )  # fmt: skip
    drawn = factors(replace(SMALL, doubts=doubts), 40_000, 11)
    assert np.percentile(drawn["cost"], (5, 50, 95)) == pytest.approx([0.5, 1, 4], rel=0.04)
    logs = np.log([drawn["revenue"], drawn["rent"]])
    assert abs(np.corrcoef(logs)[0, 1]) < 0.02
    # Normal on either side, so that ranks are correlated as the normals are: 6/pi arcsin(r/2) of r = -0.3.
    ranks = [np.argsort(np.argsort(drawn[name])) for name in ("cost", "revenue")]
    assert np.corrcoef(ranks)[0, 1] == pytest.approx(6 / np.pi * np.arcsin(-0.15), abs=0.02)
    assert (drawn["chip_life"] == 1).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chip_life_years": 0.1}, "chip_life_years 0.1"),
        ({"chip_life_years": 400}, "chip_life_years 400 must be from 0.5 to 20"),
        ({"rent_capital_share": 1.5}, "rent_capital_share from 0 to 1"),
        ({"utilisation": 1.1}, "utilisation 1.1"),
        ({"utilisation": 0.0}, "utilisation 0 must be above 0"),
        ({"tax_rate": nan}, "tax_rate nan must be finite"),
        ({"tax_rate": 1.5}, "tax_rate 1.5 must be from 0 to 1"),
        ({"cash_usd": inf}, "cash_usd inf must be finite"),
        ({"chip_life_years": nan}, "chip_life_years nan must be finite"),
        ({"gw": ((2025, nan),)}, "gw nan must be finite"),
        ({"gw": ((2025, 3.0), (2026, 2.0))}, "never falls"),
        ({"gw": ()}, "gw wants"),
        ({"revenue_usd": ((2025, 0.0), (2026, 1.0))}, "above 0 in all"),
        ({"fixed_growth": -1.5}, "above -1"),
        ({"facility_build_quarters": 0}, "at most 16"),
        ({"own_share": ((2026, 0.8),), "vendor_share": ((2026, 0.3),)}, "above 1 together"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(SMALL, **change)


def test_sources_doubts_and_questions_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="allowed: equity, level, bullet, cash"):
        replace(BONDS, kind="gift")
    for wrong in ({"rate": nan}, {"years": inf}, {"capacity_usd_per_year": ((2026, nan),)}):
        with pytest.raises(ValueError, match="must be finite"):
            replace(BONDS, **wrong)
    for low, high, loading in ((1.2, 1.5, 0.0), (0.5, inf, 0.0), (nan, 2.0, 0.0), (0.5, 2.0, nan)):
        with pytest.raises(ValueError, match="0 < low <= 1 <= high"):
            Doubt(name="cost", low=low, high=high, loading=loading)
    with pytest.raises(ValueError, match="allowed: revenue, growth, price, utilisation"):
        required(SMALL, "luck")
    with pytest.raises(ValueError, match="draws 0"):
        fund(SMALL, 0)
