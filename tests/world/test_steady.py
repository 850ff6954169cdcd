"""Without growth anywhere the world stands still, and without credit nobody owes more."""

from __future__ import annotations

import numpy as np
import pytest

from gigawatt.ledger import INTEREST
from gigawatt.scenario import load
from gigawatt.world.record import Record
from gigawatt.world.simulation import prepare
from gigawatt.world.step import run as run_weeks
from tests.world.runs import SEED, one_class, record_of

STILL = """
name: still
start: 2026-01-05
weeks: 832
companies:
  OpenAI: {core_growth: 0 %, pipeline: 0 MW}
  Microsoft: {core_growth: 0 %, pipeline: 0 MW}
  Oracle: {core_growth: 0 %, pipeline: 0 MW}
  Nvidia: {core_growth: 0 %}
regions: {us_tx: {grid_growth_per_year: 0}}
supply:
  {logic_wafers: {growth_per_year: 0}, hbm: {growth_per_year: 0}, packaging: {growth_per_year: 0},
   crews: {growth_per_year: 0}, switchgear: {growth_per_year: 0}, gas_turbines: {growth_per_year: 0}}
chips: {gb300-nvl72: {stock_share: 1}}
segments:
  consumer: {adoption_per_year: 0, mix_later: {instant: 1}, mix_now: {instant: 1}}
  enterprise: {adoption_per_year: 0, mix_later: {instant: 1}, mix_now: {instant: 1}}
  developer: {adoption_per_year: 0, mix_later: {instant: 1}, mix_now: {instant: 1}}
missions: {}
parameters:
  tech: {serving_gain_per_year: 0, algorithm_doubling_years: 1e9}
  market: {core_ai_growth: 1, rented_growth_per_year: 0, new_use_elasticity: 0}
  plan: {opening_growth_per_year: 0}
  lab: {release_weeks: 1e9}
  cost: {grid_price_growth_per_year: 0}
"""
YEARS, TEN_YEARS = 80, 520
FIGURES = {
    "power": "power.energised_mw", "load": "power.load_mw", "chips": "fleet.installed_h100e", "users": "market.users_m",
    "tokens": "market.gtokens_week", "rent": "market.rent_usd_per_h100e_h", "price": "market.price_usd_per_mtok",
    "power price": "power.mean_usd_per_mwh", "quality": "market.quality_log10_flop", "need": "use.need_h100e",
    "revenue": "plan.revenue_fast_usd_week", "used": "use.used_h100e",
}  # fmt: skip


@pytest.fixture(scope="module")
def still():
    """Eighty years without growth, of which the scenario tells the first sixteen."""
    with one_class():
        scenario = load(STILL)
        names, p, t, w = prepare(scenario)
    start, history = w.copy(), np.zeros(YEARS * 52, w.dtype).view(np.recarray)
    run_weeks(w, p, t, 0, len(history), SEED, history)
    return Record(scenario=scenario, names=names, parameters=p, tables=t, opening=start, history=history)


@pytest.mark.parametrize("figure", FIGURES)
def test_without_growth_the_last_ten_years_drift_by_less_than_a_hundredth(still, figure):
    values = still.field(FIGURES[figure])[-TEN_YEARS:]
    values = values.reshape(len(values), -1).sum(axis=1)
    yearly = values.reshape(10, 52).mean(axis=1)
    assert np.ptp(yearly) <= 0.01 * abs(yearly).max()


def test_without_growth_the_ledgers_balance_for_decades(still):
    assert (still.field("error.week") <= 1e-9).all()


def test_without_growth_nothing_is_built_beyond_what_wears_out(still):
    started = still.field("build.started_mw_week")[-TEN_YEARS:].sum()
    assert started <= 0.01 * still.history[-1].power.energised_mw.sum()


def test_without_growth_the_rent_settles_near_the_levelised_cost(still):
    rent = still.field("market.rent_usd_per_h100e_h")[-TEN_YEARS:].mean()
    owners = np.flatnonzero(still.tables.company.is_owner)
    cost = still.field("tech.levelised_usd_per_h100e_h")[-TEN_YEARS:, owners].mean()
    assert 0.7 * cost < rent < 2 * cost


def test_without_credit_nobody_ever_owes_more():
    shut = STILL + "shocks: [{kind: credit_shut, at: 2026-01-05, size: 1, weeks: 9999}]\n"
    debt = record_of(shut).companies("books.debt_usd").sum(axis=2)
    assert (np.diff(debt, axis=0) <= 1.0).all() and debt[-1].sum() < debt[0].sum()


def test_without_debt_credit_or_deals_there_is_no_debt_at_all():
    nobody = STILL + "shocks: [{kind: credit_shut, at: 2026-01-05, size: 1, weeks: 9999}]\n"
    run = record_of(nobody, *(f"companies.{name}.debt_usd=0" for name in ("OpenAI", "Microsoft", "Oracle", "Nvidia")))
    assert (run.field("books.debt_usd") == 0.0).all() and (run.field("books.paid_usd")[:, INTEREST] == 0.0).all()
