"""The opening state: nothing announced is lost on the way into it."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from tests.world.runs import prepared, record, scenario

NAMES, P, T, W = prepared("stargate")


@pytest.mark.parametrize("site", NAMES.sites[: NAMES.announced_sites])
def test_what_is_on_under_way_and_still_to_start_is_the_announced_power(site):
    z, announced = NAMES.sites.index(site), scenario("stargate").sites[site]
    to_start_mw = T.site.start_mw_per_week[z] * (T.site.end_week[z] - T.site.start_week[z])
    whole_mw = W.power.energised_mw[z] + W.build.site_pipe_mw[z].sum() + to_start_mw
    assert whole_mw == approx(max(float(announced.power_mw), float(announced.energised_mw)), rel=1e-9)


def test_a_campus_whose_works_have_begun_comes_up_in_full():
    run = record("stargate")
    z = run.names.sites.index("abilene")
    assert run.history[-1].power.energised_mw[z] == approx(
        float(scenario("stargate").sites["abilene"].power_mw), rel=1e-3
    )


def test_the_opening_balance_sheets_balance():
    books = W.books
    claims = books.debt_usd.sum(axis=0) + books.stake_usd.sum(axis=1)
    net = books.cash_usd + claims
    net[: len(books.chips_usd)] += books.chips_usd + books.sites_usd - books.debt_usd.sum(axis=1)
    assert np.allclose(net, books.equity_usd)
