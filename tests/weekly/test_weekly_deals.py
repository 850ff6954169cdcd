"""Deals by status and trigger, leases, deliveries and the programme."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from pytest import approx

from gigawatt.deals.weekly import NOTED
from gigawatt.ledger import CHIPS, EQUITY, INTEREST, LENDERS, LOAN, REPAYMENT, REVENUE_SHARE
from tests.world.runs import record, record_of

SMALL = """
name: small
start: 2026-01-05
weeks: 160
companies:
  OpenAI: {{pipeline: 0 MW}}
  Oracle: {{pipeline: 0 MW}}
  Nvidia: {{}}
  Microsoft: {{}}
regions: {{us_tx: {{}}}}
chips: {{gb300-nvl72: {{}}, vr-nvl72: {{}}}}
programme: {{owner: OpenAI, budget: 30 bn$, target_gw_per_week: {{2026: 0.01}}, partners: {{Oracle: 1}}}}
sites:
  campus: {{owner: Oracle, tenant: OpenAI, region: us_tx, power: 1.2 GW, first_power: 2026-09, full_power: 2027-12,
           chip: gb300-nvl72}}
deals:
  deal: {{{deal}}}
"""
BASE = (
    "payer: investors, payee: OpenAI, instrument: equity, status: firm, "
    "amount: 1 bn$, start: 2026-03-02, end: 2026-05-04"
)
NAMES = ("OpenAI", "Oracle", "Nvidia", "Microsoft")


@cache
def run_with(deal, *sets):
    """A run of the small scenario with one deal."""
    return record_of(SMALL.format(deal=deal), *sets)


def but(**changes):
    """The base deal with other values."""
    fields = dict(part.split(": ") for part in BASE.split(", "))
    return ", ".join(f"{key}: {value}" for key, value in (fields | changes).items() if value)


def paid(run, instrument, payer, payee=None):
    """Paid by week under an instrument, by payer, to payee, from the journal."""
    parties = run.names.parties(run.field("books.cash_usd").shape[1])
    index = {name: k for k, name in parties.items()}
    code, usd = run.field("books.journal_code").astype(int), run.field("books.journal_usd")
    listed = np.arange(code.shape[1])[None, :] < run.field("books.entries")[:, None]
    n = run.field("books.cash_usd").shape[1]
    chosen = listed & (code // n**2 == instrument) & (code // n % n == index[payer])
    if payee:
        chosen &= code % n == index[payee]
    return np.where(chosen, usd, 0.0).sum(axis=1)


# ---------------------------------------------------------------------------------------------------------- status


def test_a_firm_deal_is_paid_in_full_and_evenly_in_its_weeks():
    run = run_with(BASE)
    steps = np.diff(run.field("deal.paid_usd")[:, 0], prepend=0.0)
    weeks = np.flatnonzero(steps)
    first, end = int(run.tables.deal.start_week[0]), int(run.tables.deal.end_week[0])
    assert (weeks[0], weeks[-1]) == (first, end - 1) and first == run.timeline.week(run.scenario.deals["deal"].start)
    assert run.field("deal.paid_usd")[-1, 0] == approx(1e9) and steps[weeks] == approx(1e9 / (end - first))
    assert run.history[-1].deal.first_week[0] == first


@pytest.mark.parametrize(("status", "share"), [("conditional", 0.3), ("lapsed", 0.0), ("announced", 0.1)])
def test_other_deals_are_paid_by_the_weight_of_their_status(status, share):
    sets = ("deals.conditional_weight=0.3", "deals.announced_weight=0.1")
    run = run_with(but(status=status), *sets)
    assert run.field("deal.paid_usd")[-1, 0] == approx(share * 1e9, abs=1e-3)
    assert share or run.history[-1].deal.first_week[0] == -1.0


@pytest.mark.parametrize("status", ["drawn", "signed", "terminable"])
def test_deals_that_are_signed_in_any_form_are_paid_like_firm_ones(status):
    firm, other = run_with(BASE), run_with(but(status=status))
    assert np.array_equal(firm.field("deal.paid_usd"), other.field("deal.paid_usd"))
    assert np.array_equal(firm.field("books.cash_usd"), other.field("books.cash_usd"))


def test_what_was_drawn_before_the_run_is_not_paid_again():
    before = {"start": "2025-10-06", "end": "2025-10-06"}
    assert run_with(but(**before, status="drawn")).field("deal.paid_usd")[-1, 0] == 0.0
    assert run_with(but(**before)).field("deal.paid_usd")[-1, 0] == approx(1e9)


@pytest.mark.parametrize(
    ("deal", "kind", "kinds"),
    [
        (but(payer="lenders", payee="Oracle", instrument="debt", amount="9 bn$"), "debt", ("loan", "bond")),
        (
            but(payee="Oracle", payer="OpenAI", instrument="purchase_commitment"),
            "purchase_commitment",
            ("take_or_pay",),
        ),
        (but(payer="Microsoft", payee="Oracle", instrument="backstop"), "backstop", ("residual_guarantee",)),
    ],
)
def test_finer_words_for_an_instrument_do_the_same(deal, kind, kinds):
    plain = run_with(deal)
    for word in kinds:
        finer = run_with(deal.replace(kind, word))
        assert finer.tables.deal.kind[0] == plain.tables.deal.kind[0] != NOTED
        assert np.array_equal(finer.field("books.cash_usd"), plain.field("books.cash_usd"))


def test_a_swap_of_capacity_is_listed_and_not_paid():
    swap = run_with(but(payee="Oracle", payer="OpenAI", instrument="swap"))
    assert swap.tables.deal.kind[0] == NOTED and swap.field("deal.paid_usd")[-1, 0] == 0.0


def test_a_lapsed_deal_changes_nothing_in_the_world():
    lapsed, none = run_with(but(status="lapsed")), run_with(but(status="superseded"))
    for path in ("books.cash_usd", "power.energised_mw", "market.share", "lease.contract_h100e"):
        assert np.array_equal(lapsed.field(path), none.field(path))


def test_equity_moves_cash_and_makes_the_payer_a_holder_of_shares():
    firm, lapsed = run_with(BASE), run_with(but(status="lapsed"))
    week = int(firm.tables.deal.start_week[0])
    got, otherwise = (paid(run, EQUITY, "investors", "OpenAI")[week] for run in (firm, lapsed))
    assert got - otherwise <= 1e9 and got >= firm.field("deal.paid_usd")[week, 0] - 1e-3
    company = run_with(but(payer="Microsoft"))
    stake = company.field("books.stake_usd")[:, company.names.companies.index("Microsoft"), 0]
    assert stake.max() - stake[0] == approx(1e9)


def test_a_deal_of_one_week_is_paid_in_that_week():
    run = run_with(but(end="2026-03-02"))
    assert np.flatnonzero(np.diff(run.field("deal.paid_usd")[:, 0], prepend=0.0)).tolist() == [8]


def test_a_firm_deal_that_cash_delays_is_paid_in_full_in_the_end():
    run = run_with(but(payer="Microsoft", end="2026-03-02", amount="30 bn$"), "companies.Microsoft.cash_usd=60e9")
    assert run.field("deal.paid_usd")[-1, 0] == approx(30e9)


def test_a_payer_never_pays_more_than_its_share_of_cash_in_a_week():
    run = run_with(but(payer="Microsoft", end="2026-03-02", amount="900 bn$"))
    payer = run.names.companies.index("Microsoft")
    assert (paid(run, EQUITY, "Microsoft") <= run.field("books.opening_cash_usd")[:, payer].max() + 1e12).all()
    assert run.companies("books.cash_usd")[:, payer].min() >= 0


# --------------------------------------------------------------------------------------------------- debt, facility


def test_debt_is_lent_and_stands_on_the_ladder():
    run = run_with(but(payer="lenders", payee="Oracle", instrument="debt", amount="9 bn$"))
    lapsed = run_with(but(payer="lenders", payee="Oracle", instrument="debt", amount="9 bn$", status="lapsed"))
    week = int(run.tables.deal.start_week[0])
    oracle = run.names.companies.index("Oracle")
    owed = [r.field("books.debt_usd")[week, oracle].sum() for r in (run, lapsed)]
    assert run.field("deal.paid_usd")[-1, 0] == approx(9e9)
    assert owed[0] >= owed[1] - 1e6
    to_lenders = run.field("books.debt_usd")[week, oracle, LENDERS]
    assert run.field("books.due_usd")[week, oracle].sum() == approx(to_lenders, rel=1e-6)


FACILITY = (
    "payer: Nvidia, payee: Oracle, instrument: debt, status: firm, "
    "trigger: on_purchase, amount: 5 bn$, start: 2026-02-02, end: 2028-02-07"
)


def test_a_facility_lends_on_purchases_and_no_more_than_was_promised():
    run = run_with(FACILITY)
    lent = paid(run, LOAN, "Nvidia", "Oracle")
    oracle, nvidia = (run.names.companies.index(name) for name in ("Oracle", "Nvidia"))
    bought = run.field("books.paid_usd")[:, CHIPS, oracle]
    assert 0 < lent.sum() <= 5e9 * (1 + 1e-9)
    assert (lent <= float(run.parameters.finance.vendor_share) * bought + 1e-3).all(), "on purchases only"
    left = run.field("deal.facility_usd")[:, oracle, nvidia]
    promised = run.field("deal.paid_usd")[:, 0]
    assert promised == approx(left + np.cumsum(lent), rel=1e-9, abs=1.0)


def test_loans_of_makers_are_repaid_with_interest_over_their_years():
    run = run_with(FACILITY)
    oracle, nvidia = (run.names.companies.index(name) for name in ("Oracle", "Nvidia"))
    owed = run.field("books.debt_usd")[:, oracle, nvidia]
    repaid = paid(run, REPAYMENT, "Oracle", "Nvidia")
    lent = paid(run, LOAN, "Nvidia", "Oracle")
    assert repaid.sum() > 0 and paid(run, INTEREST, "Oracle", "Nvidia").sum() > 0
    if run.field("plan.defaults")[-1, oracle] == 0:
        assert owed[-1] == approx(lent.sum() - repaid.sum(), rel=1e-9, abs=1.0)


def test_a_share_of_revenue_is_paid_of_the_revenue_of_the_week():
    run = run_with("payer: OpenAI, payee: Microsoft, instrument: revenue_share, status: firm, amount: 1 bn$, "
                   "start: 2026-01-05, end: 2027-01-04")  # fmt: skip
    revenue = run.companies("plan.revenue_usd_week")[:, 0]
    share = paid(run, REVENUE_SHARE, "OpenAI", "Microsoft")
    assert share[:52] == approx(float(run.parameters.deals.revenue_share) * revenue[:52])
    assert share[int(run.tables.deal.end_week[0]) :].sum() == 0.0


# ---------------------------------------------------------------------------------------------------------- per GW


PER_GW = (
    "payer: Nvidia, payee: OpenAI, instrument: equity, status: firm, "
    "trigger: per_gw, gigawatts: 10, amount: 100 bn$, start: 2026-01-05, end: 2029-01-01"
)


def test_a_deal_per_gigawatt_follows_what_the_programme_receives():
    run = run_with(PER_GW)
    delivered = np.concatenate([[0.0], run.field("lease.programme_mw_week")[:-1]])  # deliveries come after the deals
    steps = np.diff(run.field("deal.paid_usd")[:, 0], prepend=0.0)
    assert run.tables.deal.usd_per_gw[0] == approx(10e9, rel=0.02)
    assert delivered.sum() > 0 and steps == approx(run.tables.deal.usd_per_gw[0] * delivered / 1e3, rel=1e-6, abs=1.0)


def test_without_a_programme_a_deal_per_gigawatt_pays_nothing():
    run = run_with(PER_GW, "deals.programme_scale=0")
    assert run.field("lease.programme_mw").max() == 0.0 and run.field("deal.paid_usd")[-1, 0] == 0.0


def test_a_deal_per_gigawatt_between_others_does_not_follow_the_programme():
    run = run_with(PER_GW.replace("payee: OpenAI", "payee: Microsoft"))
    delivered_mw, paid_usd = float(run.field("lease.programme_mw").max()), float(run.field("deal.paid_usd")[-1, 0])
    assert delivered_mw > 0 and paid_usd == 0.0


def test_debt_under_a_deal_bears_interest():
    loan = but(payer="lenders", payee="Microsoft", instrument="debt", amount="9 bn$")
    run = run_with(loan, "companies.Microsoft.debt_usd=0", "companies.Microsoft.debt_rate=0")
    microsoft = run.names.companies.index("Microsoft")
    week = int(run.tables.deal.end_week[0]) + 4
    assert run.field("books.debt_usd")[week, microsoft, LENDERS] >= 9e9 * (1 - 1e-9)
    assert run.field("books.paid_usd")[: week + 1, INTEREST, microsoft].sum() > 0


# ------------------------------------------------------------------------------------------------ leases, programme


def test_a_purchase_of_compute_is_signed_in_full_and_then_delivered():
    deal = (
        "payer: OpenAI, payee: Oracle, instrument: purchase_commitment, status: firm, "
        "amount: 2 bn$, start: 2026-01-05, end: 2030-12-30"
    )
    run, lapsed = run_with(deal), run_with(deal.replace("firm", "lapsed"))
    assert run.field("deal.paid_usd")[-1, 0] == approx(2e9)
    held = [(r.field("lease.signed_h100e") + r.field("lease.contract_h100e"))[:, 0, 1] for r in (run, lapsed)]
    assert held[0][0] > held[1][0]


def test_a_purchase_of_chips_is_an_order():
    deal = (
        "payer: Oracle, payee: Nvidia, instrument: purchase_commitment, status: firm, "
        "amount: 4 bn$, start: 2026-01-05, end: 2026-12-28"
    )
    run, lapsed = run_with(deal), run_with(deal.replace("firm", "lapsed"))
    assert run.field("deal.paid_usd")[-1, 0] == approx(4e9)
    first = [r.history[0].build for r in (run, lapsed)]
    ordered = [build.chip_queue_h100e.sum() + build.shipped_h100e_week for build in first]
    assert ordered[0] >= ordered[1]


RUNS = [("stargate", ()), ("one-campus", ()), ("one-campus", ("programme.budget_usd=5e9",)),
        ("stargate", ("programme.budget_usd=1e11",))]  # fmt: skip


@pytest.mark.parametrize(("name", "sets"), RUNS)
def test_the_programme_never_spends_more_than_its_budget(name, sets):
    run = record(name, *sets)
    spent, budget = run.field("lease.programme_usd"), float(run.scenario.programme.budget_usd)
    assert spent.max() <= budget * (1 + 1e-9) and spent.max() > 0
    assert (np.diff(spent) >= 0).all() and (np.diff(run.field("lease.programme_mw")) >= 0).all()
    assert run.field("lease.programme_h100e").min() >= -1e-6


@pytest.mark.parametrize("name", ["stargate", "one-campus"])
def test_the_target_of_the_programme_is_that_of_the_scenario(name):
    run = record(name)
    for week in (0, 60, 120, 200):
        year = run.scenario.start.year + week // 52
        expected = run.scenario.programme.target(year) * 1e3
        assert run.history[week].lease.target_mw_week == approx(expected)


@pytest.mark.parametrize("name", ["stargate", "one-campus", "telecom-1999"])
def test_nothing_is_lent_beyond_contract_or_beyond_what_there_is(name):
    run = record(name)
    lent = run.field("lease.lent_h100e")
    contract = np.concatenate([run.field("lease.contract_h100e")[:1], run.field("lease.contract_h100e")[:-1]])
    assert (lent[1:] <= contract[1:] * (1 + 1e-9) + 1e-6).all()
    assert (lent.sum(axis=1) <= run.field("fleet.available_h100e") * (1 + 1e-9) + 1e-6).all()
    assert run.field("lease.signed_h100e").min() >= -1e-6


def test_a_lab_signs_no_more_than_its_cover():
    run = record("stargate")
    p = run.parameters.deals
    tight, loose = (record("stargate", f"deals.commitment_cover={float(p.commitment_cover) * k}") for k in (0.3, 1.0))
    held = [r.history[104].lease.signed_h100e.sum() + r.history[104].lease.contract_h100e.sum() for r in (tight, loose)]
    assert held[0] <= held[1]
