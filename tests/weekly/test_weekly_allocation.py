"""Allocation: floors, then value, then one spot market; nothing is made or lost; shadow prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists
from pytest import approx

from gigawatt.allocation.weekly import CORE_USE, FIRST_TIER, RENTED, TRAIN, by_value, spot
from gigawatt.units import SECONDS_PER_WEEK
from tests.world.runs import after, copied, next_week, record, run_stage, stages

WEEKS = (5, 60, 150, 300, 500)
CALLS = dict(stages())
RUN = record("stargate")
N = len(RUN.names.companies)
SLOTS = RUN.tables.tier.ktokens_out.shape[0]


def best_by_hand(used, need, value, left):
    """Fill in order of value, the earlier of equals first: one sort."""
    used = list(used)
    for u in sorted(range(len(need)), key=lambda u: -value[u]):
        more = min(max(0.0, need[u] - used[u]), left)
        used[u] += more
        left -= more
    return used, left


amounts = lists(floats(0, 1e6), min_size=5, max_size=5)


@given(amounts, amounts, lists(integers(0, 4), min_size=5, max_size=5), floats(0, 3e6))
def test_needs_are_filled_in_the_order_of_their_value(used, need, value, left):
    filled = np.array(used)
    rest = by_value(filled, np.array(need), np.array(value, float), left)
    by_hand, rest_by_hand = best_by_hand(used, need, value, left)
    assert filled.tolist() == approx(by_hand) and rest == approx(rest_by_hand, abs=1e-6)


@given(amounts, lists(floats(0, 10), min_size=5, max_size=5), floats(0, 3e6))
def test_no_other_sharing_out_is_worth_more(need, value, left):
    used = np.zeros(5)
    by_value(used, np.array(need), np.array(value), left)
    worth = float(used @ value)
    rng = np.random.default_rng(0)
    for _ in range(20):  # any other way to give out no more than there is
        other, rest = np.zeros(5), left
        for u in rng.permutation(5):
            other[u] = min(need[u], rest)
            rest -= other[u]
        assert worth >= float(other @ value) - 1e-6 * (1 + worth)


@given(amounts, floats(0, 3e6))
def test_filling_gives_out_no_more_than_there_is_and_keeps_the_rest(need, left):
    used = np.zeros(5)
    rest = by_value(used, np.array(need), np.arange(5.0), left)
    assert used.sum() + rest == approx(left) and rest >= 0 and (used <= np.array(need) + 1e-9).all()
    assert rest == approx(max(0.0, left - sum(need)), abs=1e-6)


# ---------------------------------------------------------------------------------------------------- spot market


def market_of(idle, needs, values):
    """A state of use with some idle compute and unmet needs of the first companies."""
    use = copied(RUN.history[0]).use
    use.need_h100e[:], use.used_h100e[:], use.value_usd_per_h100e_h[:], use.idle_h100e[:] = 0.0, 0.0, 0.0, 0.0
    for c, h100e in enumerate(idle):
        use.idle_h100e[c] = h100e
    for c, (need, value) in enumerate(zip(needs, values, strict=True)):
        use.need_h100e[c, CORE_USE], use.value_usd_per_h100e_h[c, CORE_USE] = need, value
    return use


few = lists(floats(0, 1e6), min_size=4, max_size=4)


@settings(max_examples=60)
@given(few, few, lists(floats(0.5, 4), min_size=4, max_size=4), floats(0.5, 4))
def test_the_spot_market_lends_what_it_borrows_and_rations_alike(idle, needs, values, rent):
    use = market_of(idle, needs, values)
    spot(use, rent, max(1.0, sum(idle)), 4)
    lent, borrowed = use.spot_lent_h100e[:4], use.spot_borrowed_h100e[:4]
    bids = sum(need for need, value in zip(needs, values, strict=True) if value >= rent)
    assert lent.sum() == approx(min(bids, sum(idle)), rel=1e-9, abs=1e-6)
    assert borrowed.sum() == approx(lent.sum(), rel=1e-9, abs=1e-6)
    assert (use.idle_h100e[:4] + lent).tolist() == approx(idle, rel=1e-9, abs=1e-6)
    for c in range(4):
        if values[c] < rent:
            assert borrowed[c] == 0.0
        elif needs[c] > 1e-9:
            assert borrowed[c] / needs[c] == approx(min(1.0, sum(idle) / bids), rel=1e-6)
    assert use.excess == approx((bids - sum(idle)) / max(1.0, sum(idle)), rel=1e-9, abs=1e-9)


def test_nobody_borrows_what_is_not_worth_the_rent():
    use = market_of([100.0], [50.0], [1.99])
    spot(use, 2.0, 100.0, 1)
    assert use.spot_borrowed_h100e[0] == 0.0 and use.idle_h100e[0] == 100.0 and use.excess == -1.0


# ------------------------------------------------------------------------------------------------ the whole stage


def allocated(week, change=lambda w, t: None):
    """A state in which needs and allocation have run, after a change."""
    w, t = after(RUN, week), copied(RUN.tables)
    run_stage(CALLS["needs"], week + 1, w, RUN.parameters, t)
    change(w, t)
    last_rented = w.use.used_h100e[:, RENTED].copy()
    run_stage(CALLS["allocation"], week + 1, w, RUN.parameters, t)
    return w, last_rented


@pytest.mark.parametrize("week", WEEKS)
def test_usable_compute_is_used_lent_or_idle(week):
    w, _ = allocated(week)
    kept = w.use.used_h100e.sum(axis=1) + w.use.idle_h100e + w.use.spot_lent_h100e - w.use.spot_borrowed_h100e
    assert kept == approx(w.fleet.usable_h100e, rel=1e-9, abs=1e-3)
    assert w.use.spot_lent_h100e.sum() == approx(w.use.spot_borrowed_h100e.sum())
    assert (w.use.used_h100e <= w.use.need_h100e * (1 + 1e-9) + 1e-6).all()


@pytest.mark.parametrize("scarcity", [1.0, 0.2, 0.02])
@pytest.mark.parametrize("week", WEEKS)
def test_floors_are_respected_however_scarce_compute_is(week, scarcity):
    def change(w, t):
        w.fleet.usable_h100e *= scarcity
        t.mission.floor[: len(RUN.names.missions)] = 0.03

    w, last_rented = allocated(week, change)
    p = RUN.parameters.market
    for c in range(N):
        usable = w.fleet.usable_h100e[c]
        train = min(p.training_floor * w.use.need_h100e[c, TRAIN], p.training_floor * usable)
        assert w.use.used_h100e[c, TRAIN] >= train * (1 - 1e-12)
        left = usable - train
        for m in range(len(RUN.names.missions)):
            u = FIRST_TIER + SLOTS + m
            floor = min(w.use.need_h100e[c, u], 0.03 * usable)
            assert w.use.used_h100e[c, u] >= floor * (1 - 1e-9) - 1e-6
            left -= floor
        renewed = min(p.rented_floor * last_rented[c], w.use.need_h100e[c, RENTED])
        assert w.use.used_h100e[c, RENTED] >= min(renewed, max(0.0, left)) * (1 - 1e-9) - 1e-6


@pytest.mark.parametrize("week", WEEKS)
def test_the_shadow_price_is_the_value_of_the_best_use_turned_away(week):
    def change(w, t):
        w.fleet.usable_h100e *= 0.5

    w, _ = allocated(week, change)
    short = w.use.need_h100e - w.use.used_h100e > RUN.parameters.market.short * w.use.need_h100e
    best = np.where(short, w.use.value_usd_per_h100e_h, 0.0).max(axis=1)
    assert w.use.shadow_usd_per_h100e_h[:N].tolist() == best[:N].tolist()
    assert best[:N].max() > 0


@pytest.mark.parametrize("week", WEEKS)
def test_who_has_enough_for_everything_has_no_shadow_price(week):
    def change(w, t):
        w.fleet.usable_h100e[:N] = 2 * w.use.need_h100e[:N].sum(axis=1) + 1.0

    w, _ = allocated(week, change)
    assert (w.use.shadow_usd_per_h100e_h == 0.0).all() and (w.use.used_h100e[:N] == approx(w.use.need_h100e[:N]))
    assert w.market.served == approx(1.0) and w.use.excess <= 0.0


@pytest.mark.parametrize("week", WEEKS)
def test_within_a_company_nothing_waits_while_something_worth_less_is_served_beyond_its_floor(week):
    def change(w, t):
        w.fleet.usable_h100e *= 0.3
        t.mission.floor[:] = 0.0
        w.use.used_h100e[:, RENTED] = 0.0  # nothing to renew

    w, _ = allocated(week, change)
    floor = RUN.parameters.market.training_floor
    for c in np.flatnonzero(w.fleet.usable_h100e[:N] > 1.0):
        need, used, value = w.use.need_h100e[c], w.use.used_h100e[c].copy(), w.use.value_usd_per_h100e_h[c]
        waiting = need - used > 1e-6 * (1 + need)
        used[TRAIN] -= min(floor * need[TRAIN], floor * w.fleet.usable_h100e[c])
        served = used > 1e-6 * (1 + need)
        if waiting.any() and served.any() and w.use.spot_borrowed_h100e[c] == 0.0:
            assert value[served].min() >= value[waiting].max() - 1e-9


@pytest.mark.parametrize("week", WEEKS)
def test_unmet_demand_of_tiers_is_what_users_are_told(week):
    w, _ = allocated(week, lambda w, t: w.fleet.usable_h100e.__imul__(0.3))
    tiers = slice(FIRST_TIER, FIRST_TIER + SLOTS)
    need, used = w.use.need_h100e[:N, tiers].sum(axis=1), w.use.used_h100e[:N, tiers].sum(axis=1)
    for c in range(N):
        assert w.market.served[c] == approx(used[c] / need[c] if need[c] > 0 else 1.0)


# ---------------------------------------------------------------------------------------------------------- needs


@pytest.mark.parametrize("week", WEEKS)
def test_compute_for_a_tier_is_tokens_over_what_a_chip_serves(week):
    w, _ = allocated(week)
    lab = int(np.flatnonzero(RUN.tables.company.is_lab)[0])
    tokens_s = w.market.gtokens_week[lab, 0] * 1e9 / SECONDS_PER_WEEK
    per_chip = w.fleet.tokens_per_h100e_s[lab, 0] * RUN.parameters.market.load_factor
    assert w.use.need_h100e[lab, FIRST_TIER] == approx(tokens_s / per_chip)


@pytest.mark.parametrize("week", WEEKS)
def test_own_products_and_outside_customers_spend_dollars(week):
    """Twice the rent buys them half the compute, and costs the same."""
    base, _ = allocated(week)
    w = after(RUN, week)
    w.market.rent_usd_per_h100e_h *= 2
    run_stage(CALLS["needs"], week + 1, w, RUN.parameters, RUN.tables)
    for u in (CORE_USE, RENTED):
        assert w.use.need_h100e[:N, u] == approx(base.use.need_h100e[:N, u] / 2)


def test_a_mission_begins_on_its_date_and_ramps_up_to_its_full_need():
    m = RUN.names.missions.index("cancer_research")
    u, needs = FIRST_TIER + SLOTS + m, []
    for week in (0, 52, 104, 400):
        w, t = after(RUN, 5), copied(RUN.tables)
        t.mission.start_year[m], t.mission.ramp_years[m] = t.count.start_year + 1.0, 1.0
        w.market.consumer_share[:] = 0.0
        w.market.consumer_share[0] = 1.0
        run_stage(CALLS["needs"], week, w, RUN.parameters, t)
        needs.append(w.use.need_h100e[0, u])
    full = RUN.tables.mission.need_h100e[m]
    assert needs == approx([0.0, 0.0, full, full])


def test_dropping_a_lab_of_all_tokens_leaves_no_need_of_tiers():
    def change(w, p, t):
        w.market.users_m[:] = 0.0

    w = next_week(RUN, 100, change)
    assert w.use.need_h100e[:, FIRST_TIER : FIRST_TIER + SLOTS].sum() == 0.0
    assert (w.market.served == 1.0).all()
