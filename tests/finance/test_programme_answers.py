"""Answers about a funded programme by hand: need, gap, cover, owners of capital, and which doubt decides."""

from dataclasses import replace

import numpy as np
import pytest

from gigawatt.finance.programmes.answers import (
    break_even,
    debt_to_ebitda,
    fixed_charge_cover,
    gap_probability,
    gap_usd,
    leverage_with_rent,
    low_point_usd,
    low_point_year,
    market_value_usd,
    outside_usd,
    rent_as_debt_usd,
    usd_per_mtok,
    with_cost,
)
from gigawatt.finance.programmes.drivers import drivers
from gigawatt.finance.programmes.fund import fund
from gigawatt.finance.programmes.plan import capital_by_owner_usd
from gigawatt.finance.programmes.programme import Doubt
from tests.finance.programme_cases import BN, BUILDER, LAB, SMALL


def test_answers_about_it_by_hand():
    funding = fund(SMALL)
    assert low_point_usd(funding) == pytest.approx(8 * BN)  # eight quarters of -1 bn
    assert low_point_year(funding) == 2028
    assert np.isnan(break_even(funding)).all()
    assert debt_to_ebitda(funding) == np.inf
    assert gap_probability(funding).tolist() == [0, 1]
    # 2026: EBITDA before rent of 4 bn over 8 bn of rent and 0.02 bn of interest.
    assert fixed_charge_cover(funding)[0, 0] == pytest.approx(4 / 8.02)
    wanted = (funding.raised["shares"] + funding.unfunded)[4:].sum()
    assert market_value_usd(funding, 0.1) == pytest.approx(wanted / 0.1)


def test_rent_follows_another_cost_of_a_gigawatt_with_its_capital_share():
    # Half as dear again, 40 % of rent is capital: 8 bn x (1 + 0.4 x 0.5).
    dear = with_cost(replace(SMALL, rent_capital_share=0.4), 48 * BN)
    assert dear.rent_usd_per_gw_year == pytest.approx(9.6 * BN)
    assert with_cost(SMALL, 48 * BN).rent_usd_per_gw_year == 8 * BN
    assert low_point_usd(fund(with_cost(LAB, 60 * BN))) > low_point_usd(fund(LAB))


def test_rent_as_debt_by_hand():
    # 8 bn of rent a year, three years of it; EBITDA before rent is 4 bn of revenue; 2 and 2.5 bn are owed (see above).
    funding = fund(replace(SMALL, rent_debt_years=3))
    assert rent_as_debt_usd(funding)[:, 0].tolist() == pytest.approx([24 * BN, 24 * BN])
    assert leverage_with_rent(funding)[0, 0] == pytest.approx((24 + 2) / 4)
    without = replace(SMALL, revenue_usd=((2025, 0.0),), rent_debt_years=3)
    assert np.isinf(leverage_with_rent(fund(without))).all()


def test_capital_by_owner_by_hand():
    # 8 GW at 32 bn, 20 bn of it chips: a quarter own, half vendor-financed, the rest of others.
    parted = replace(BUILDER, own_share=((2026, 0.25),), vendor_share=((2026, 0.5),))
    found = capital_by_owner_usd(parted)
    assert found == pytest.approx({"own": (2 * 32 + 4 * 12) * BN, "vendors": 80 * BN, "others": 64 * BN})
    assert sum(found.values()) == pytest.approx(parted.capital_usd)


def test_the_only_doubt_that_moves_the_need_decides_it():
    doubts = (Doubt(name="rent", low=0.5, high=2.0, loading=0.7), Doubt(name="cost", low=0.5, high=2.0, loading=0.7))
    found = drivers(fund(replace(SMALL, doubts=doubts), 500, 1))
    assert list(found) == ["rent", "cost"]
    assert found["rent"] == pytest.approx(1.0, abs=1e-3)
    assert abs(found["cost"]) < 0.01
    assert drivers(fund(SMALL, 5)) == {}


def test_price_of_tokens_by_hand():
    assert usd_per_mtok(SMALL, 1e6) == pytest.approx(0.5)  # 2e12 tokens, 2e6 of a million


def test_outside_money_is_never_less_than_the_gap():
    funding = fund(LAB, 100, 6)
    assert (outside_usd(funding) >= gap_usd(funding) - funding.uses["repaid"].sum(axis=0)).all()
