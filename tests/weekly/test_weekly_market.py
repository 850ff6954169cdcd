"""Market: demand, the rent, token prices, shares and forecasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats
from pytest import approx

from gigawatt.market.weekly import logistic_growth
from gigawatt.world.names import names
from tests.world.runs import after, copied, next_week, record, run_stage, stages

WEEKS = (5, 60, 150, 300, 500)
CALLS = dict(stages())
RUN = record("stargate")
N, LABS = len(RUN.names.companies), np.flatnonzero(RUN.tables.company.is_lab)
TIERS = len(RUN.names.tiers)


def after_stage(name, week, change=lambda w, p, t: None):
    """The state when one stage has run on a changed copy."""
    w, p, t = after(RUN, week), copied(RUN.parameters), copied(RUN.tables)
    change(w, p, t)
    run_stage(CALLS[name], week + 1, w, p, t)
    return w


@given(floats(0.01, 100), floats(0, 2))
def test_logistic_growth_stays_below_its_limit_and_comes_to_it(start, rate):
    x = start
    for _ in range(52 * 60):
        before, x = x, logistic_growth(x, 100.0, rate)
        assert before <= x <= 100.0 * (1 + 1e-9)
    assert rate < 0.5 or x == approx(100.0, rel=1e-3)


def test_small_logistic_growth_is_exponential():
    # By hand: far from the limit, 52 weeks at 50 % a year multiply by (1 + 0.5 / 52)^52.
    x = 1.0
    for _ in range(52):
        x = logistic_growth(x, 1e12, 0.5)
    assert x == approx((1 + 0.5 / 52) ** 52)


# --------------------------------------------------------------------------------------------------------- demand


@pytest.mark.parametrize("week", WEEKS)
def test_more_users_ask_for_no_fewer_tokens_of_any_tier(week):
    def change(w, p, t):
        w.market.users_m *= 1.1
        t.segment.potential_m *= 1.1

    base, more = after_stage("demand", week), after_stage("demand", week, change)
    assert more.market.gtokens_week == approx(1.1 * base.market.gtokens_week)


@pytest.mark.parametrize("week", WEEKS)
def test_more_queries_of_those_who_pay_by_the_token_ask_for_more(week):
    def change(w, p, t):
        t.segment.queries_week *= 1.1

    base, more = after_stage("demand", week), after_stage("demand", week, change)
    assert more.market.api_gtokens_week == approx(1.1 * base.market.api_gtokens_week)


@pytest.mark.parametrize("week", WEEKS)
def test_dearer_tokens_are_asked_for_less(week):
    def change(w, p, t):
        w.market.price_usd_per_mtok *= 2

    dear, base = after_stage("demand", week, change), after_stage("demand", week)
    assert dear.market.api_gtokens_week.sum() < base.market.api_gtokens_week.sum()
    e = float(RUN.parameters.market.token_elasticity)
    lab = LABS[0]
    assert dear.market.api_gtokens_week[lab, 0] == approx(base.market.api_gtokens_week[lab, 0] * 2**-e)


@pytest.mark.parametrize("week", WEEKS)
def test_a_drop_in_demand_asks_for_less_in_proportion(week):
    def change(w, p, t):
        w.climate.factor[0] = 0.6

    less, base = after_stage("demand", week, change), after_stage("demand", week)
    assert less.market.api_gtokens_week == approx(0.6 * base.market.api_gtokens_week)


@pytest.mark.parametrize("week", WEEKS)
def test_capability_moves_queries_to_the_thinking_tiers_and_brings_new_uses(week):
    def change(w, p, t):
        w.market.quality_log10_flop += 1.0

    base, able = after_stage("demand", week), after_stage("demand", week, change)
    asked = [w.market.api_gtokens_week[:N, :TIERS].sum(axis=0) for w in (base, able)]
    assert asked[1][1:].sum() / asked[1].sum() > asked[0][1:].sum() / asked[0].sum()
    assert able.market.new_uses / base.market.new_uses == approx(10 ** float(RUN.parameters.market.new_use_elasticity))


def test_tiers_stand_by_the_length_of_their_answers_whatever_the_order_of_the_file():
    scenario = RUN.scenario
    turned = replace(scenario, tiers=dict(reversed(scenario.tiers.items())))
    assert names(turned).tiers == names(scenario).tiers == ("instant", "thinking", "pro")


def test_users_saturate_below_their_potential():
    users = RUN.field("market.users_m")[:, : len(RUN.names.segments)]
    potential = RUN.tables.segment.potential_m[: len(RUN.names.segments)]
    assert (np.diff(users, axis=0) >= -1e-9).all() and (users <= potential * (1 + 1e-9)).all()


# ---------------------------------------------------------------------------------------------------------- rent


@pytest.mark.parametrize("week", WEEKS)
def test_the_rent_rises_with_excess_demand_and_falls_with_idle_chips(week):
    def excess(by):
        def change(w, p, t):
            w.use.excess = by
            w.market.rent_usd_per_h100e_h = 10.0  # well above the running cost

        return float(after_stage("choice", week, change).market.rent_usd_per_h100e_h)

    speed = float(RUN.parameters.market.rent_speed)
    assert excess(0.0) == approx(10.0)
    assert excess(0.5) == approx(10.0 * np.exp(0.5 * speed)) and excess(-0.5) == approx(10.0 * np.exp(-0.5 * speed))
    assert excess(50.0) == excess(float(RUN.parameters.market.excess_most)), "no faster than the fastest"


@pytest.mark.parametrize("week", WEEKS)
def test_the_rent_never_falls_below_the_running_cost(week):
    def change(w, p, t):
        w.use.excess, w.market.rent_usd_per_h100e_h = -1.0, 1e-6

    w = after_stage("choice", week, change)
    assert w.market.rent_usd_per_h100e_h == w.market.running_usd_per_h100e_h > 0


@pytest.mark.parametrize("name", ["stargate", "one-campus", "telecom-1999"])
def test_the_rent_of_every_week_covers_the_running_cost(name):
    run = record(name)
    rent, running = run.field("market.rent_usd_per_h100e_h"), run.field("market.running_usd_per_h100e_h")
    assert (rent >= running).all() and (running > 0).all()


@pytest.mark.parametrize("name", ["stargate", "telecom-1999"])
def test_over_a_run_the_rent_moves_with_the_excess_of_the_week(name):
    run = record(name)
    rent, excess = run.field("market.rent_usd_per_h100e_h"), run.field("use.excess")
    at_floor = rent <= run.field("market.running_usd_per_h100e_h") * (1 + 1e-12)
    up, moved = excess[1:] > 1e-9, np.diff(rent)
    assert (moved[up] > 0).all()
    assert (moved[(excess[1:] < -1e-9) & ~at_floor[1:]] < 0).all()


# ----------------------------------------------------------------------------------------------- prices and shares


@pytest.mark.parametrize("week", WEEKS)
def test_token_prices_move_towards_cost_plus_mark_up(week):
    w = after_stage("choice", week)
    p, token = RUN.parameters.market, int(RUN.tables.count.token_segment)
    before = after(RUN, week).market
    for c in LABS:
        b = max(p.least_elasticity, p.price_weight * (1 - before.share[token, c]))
        scarce = 1 + p.scarcity_markup * (1 - before.served[c])
        target = w.market.cost_usd_per_mtok[c, 0] * b / (b - 1) * scarce
        old = before.price_usd_per_mtok[c, 0]
        assert w.market.price_usd_per_mtok[c, 0] == approx(old + p.price_speed * (target - old))


@pytest.mark.parametrize("week", WEEKS)
def test_users_who_are_turned_away_make_tokens_dearer(week):
    def change(w, p, t):
        w.market.served[:] = 0.5

    def served(w, p, t):
        w.market.served[:] = 1.0

    short, all_ = after_stage("choice", week, change), after_stage("choice", week, served)
    assert (short.market.price_usd_per_mtok[LABS, 0] > all_.market.price_usd_per_mtok[LABS, 0]).all()


@pytest.mark.parametrize("name", ["stargate", "one-campus", "telecom-1999"])
def test_shares_of_every_segment_add_up_to_one(name):
    run = record(name)
    shares = run.field("market.share")[:, : len(run.names.segments)]
    assert (shares >= 0).all() and shares.sum(axis=2) == approx(1.0)


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("reason", ["quality", "price", "unmet", "brand"])
def test_a_lab_gains_users_by_quality_price_service_and_brand(week, reason):
    lab, token = int(LABS[0]), int(RUN.tables.count.token_segment)

    def change(w, p, t):
        w.market.served[:] = 0.9
        if reason == "quality":
            w.market.quality_log10_flop[lab] += 0.3
        elif reason == "price":
            w.market.price_usd_per_mtok[lab] *= 0.5
        elif reason == "unmet":
            w.market.served[lab] = 1.0
        else:
            t.company.brand[lab] += 0.5

    def nothing(w, p, t):
        w.market.served[:] = 0.9

    better, base = after_stage("choice", week, change), after_stage("choice", week, nothing)
    assert better.market.share[token, lab] > base.market.share[token, lab]
    assert better.market.share[token, LABS].sum() == approx(base.market.share[token, LABS].sum())


@pytest.mark.parametrize("week", WEEKS)
def test_inertia_moves_no_more_than_the_churn_of_a_week(week):
    w, churn = after_stage("choice", week), RUN.tables.segment.churn_per_week
    for s in range(len(RUN.names.segments)):
        assert abs(w.market.share[s] - after(RUN, week).market.share[s]).max() <= churn[s]


def test_a_release_of_a_rival_takes_users_week_after_week():
    rival, token = int(LABS[1]), int(RUN.tables.count.token_segment)

    def change(w, p, t):
        w.market.quality_log10_flop[rival] = w.market.quality_log10_flop.max() + 1.0

    w, before = after(RUN, 100), after(RUN, 100).market.share[token, rival]
    change(w, None, None)
    shares = [before]
    for week in range(5):
        run_stage(CALLS["choice"], 101 + week, w, RUN.parameters, RUN.tables)
        shares.append(float(w.market.share[token, rival]))
    assert (np.diff(shares) > 0).all()


# ------------------------------------------------------------------------------------------------------- forecast


def test_a_need_that_stands_still_is_planned_without_growth():
    w, p = after(RUN, 200), copied(RUN.parameters)
    for week in range(600):
        run_stage(CALLS["forecast"], week, w, p, RUN.tables)
    need = w.use.need_h100e[:N].sum(axis=1)
    assert w.plan.growth_per_year[:N] == approx(0.0, abs=1e-3)
    assert w.plan.wanted_h100e[:N] == approx(need / p.plan.utilisation, rel=1e-3)


def test_steady_growth_is_found_by_the_two_averages():
    """Averages of a need that grows by g lag it by their lengths: their gap tells g, to first order."""
    w, p = after(RUN, 200), copied(RUN.parameters)
    p.plan.growth_cap = 10.0
    start = w.use.need_h100e.copy()
    for week in range(1200):
        w.use.need_h100e[:] = start * np.exp(0.3 * week / 52)
        run_stage(CALLS["forecast"], week, w, p, RUN.tables)
    assert w.plan.growth_per_year[LABS] == approx(0.3, rel=0.25)


@pytest.mark.parametrize("week", WEEKS)
def test_believed_growth_is_capped_and_never_below_zero(week):
    def soaring(w, p, t):
        w.plan.need_fast_h100e *= 1e6

    def falling(w, p, t):
        w.plan.need_fast_h100e *= 1e-6

    cap = float(RUN.parameters.plan.growth_cap)
    assert after_stage("forecast", week, soaring).plan.growth_per_year[LABS] == approx(cap)
    assert (after_stage("forecast", week, falling).plan.growth_per_year[:N] == 0.0).all()


def test_without_users_labs_earn_no_seats():
    w = next_week(RUN, 100, lambda w, p, t: w.market.users_m.__imul__(0.0))
    assert w.plan.revenue_usd_week[:N].sum() == 0.0
