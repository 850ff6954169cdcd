"""Credit: ratios by hand, a published table, and lenders who never like a worse borrower better."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gigawatt.finance import CreditRule, debt_room_usd, interest_cover, lends, leverage, spread, synthetic_rating

RULE = CreditRule(
    floor_spread=0.01, spread_per_turn=0.005, spread_at_cover_one=0.06, max_spread=0.15, max_leverage=6, min_cover=1.5
)


def test_ratios_by_hand():
    assert leverage(300, 100) == 3
    assert interest_cover(100, 25) == 4


def test_ratios_of_borrowers_without_debt_or_earnings():
    assert leverage(-50, 100) == 0
    assert leverage(50, -1) == inf
    assert interest_cover(-5, 1) == 0
    assert interest_cover(-5, 0) == inf


def test_spread_by_hand():
    # 1 % + 3 turns x 0.5 % + 6 % / 4.
    assert spread(3, 4, RULE) == pytest.approx(0.01 + 0.015 + 0.015)


def test_nobody_lends_beyond_a_bound():
    assert lends(3, 4, RULE)
    assert not lends(6.1, 4, RULE)
    assert not lends(3, 1.4, RULE)
    assert not lends(inf, 0, RULE)


def test_room_ends_at_the_tighter_bound():
    # Leverage: 6 x 100 - 300 = 300. Cover: (100 / 1.5 - 25) / 0.08 = 520.8.
    assert debt_room_usd(100, 300, 25, rate=0.08, rule=RULE) == pytest.approx(300)
    assert debt_room_usd(100, 300, 50, rate=0.08, rule=RULE) == pytest.approx((100 / 1.5 - 50) / 0.08)


def test_a_loss_leaves_no_room():
    assert debt_room_usd(-100, 0, 0, rate=0.08, rule=RULE) == 0


def test_cover_of_three_is_rated_a_minus_in_the_published_table():
    # A. Damodaran's table: 3 to 4.25 is A-, 0.95 %.
    assert synthetic_rating(3.33) == ("A-", 0.0095)
    assert synthetic_rating(-1)[0] == "D"
    assert synthetic_rating(inf)[0] == "AAA"


@given(turns=floats(0, 10), more=floats(0, 10), cover=floats(0, 20), less=floats(0, 1))
def test_a_worse_borrower_never_pays_less(turns, more, cover, less):
    assert spread(turns + more, cover * less, RULE) >= spread(turns, cover, RULE)
    assert synthetic_rating(cover * less)[1] >= synthetic_rating(cover)[1]


@given(debt=floats(0, 1e3), more=floats(0, 1e3), rate=floats(0.01, 0.3))
def test_more_debt_leaves_less_room(debt, more, rate):
    room, after = (debt_room_usd(100, d, d * rate, rate=rate, rule=RULE) for d in (debt, debt + more))
    assert after <= room


def test_a_cover_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="cover must be a number"):
        synthetic_rating(nan)
