"""Stress of a small book, worked by hand: flows, opening positions, claims, guarantees, layers."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists, sampled_from
from pytest import approx

from gigawatt.deals.book import Book, Deal, Party, Payment, book_at, catalog_book, network
from gigawatt.deals.book.parties import sector
from gigawatt.deals.stress import (
    Calendar,
    assumed,
    fire_sale_price,
    flows,
    hit_of,
    hits,
    ladder,
    marked_down,
    near_misses,
    spread,
    stress,
    swings,
)
from gigawatt.deals.stress.assumptions import put_off_shares
from gigawatt.deals.stress.claims import layer_of
from gigawatt.deals.stress.fire_sale import shared_out
from gigawatt.deals.stress.opening import opening

TERMS = replace(
    assumed(), capex_cut=0.0, capex_cut_later=0.0, re_let_share=0.0, re_let_quarters=0.0, debt_rate=0.0,
    debt_years=1e12, chip_impact=0.0, other_sale_share=0.5, site_sale_share=0.5,
)  # fmt: skip
YEAR = Calendar(first=date(2026, 1, 1), quarters=4)


def deal(key, payer, payee, instrument, amount, start=date(2026, 1, 1), end=date(2026, 12, 31), status="firm", **more):
    """A deal of USD bn known from the start of 2025."""
    return Deal(key=key, payer=payer, payee=payee, instrument=instrument, amount=amount * 1e9, start=start, end=end,
                history=((date(2025, 1, 1), status),), **more)  # fmt: skip


def payment(payer, payee, kind, usd, year=2026, **more):
    """A payment of USD bn."""
    return Payment(key=f"{payer}-{payee}-{kind}", payer=payer, payee=payee, kind=kind, year=year, usd=usd * 1e9, **more)


def firm(key, cash, tier="cloud", **usd):
    """A firm with cash and more, in USD bn, and some business of its own outside."""
    given = {name: value if name == "margin" else value * 1e9 for name, value in usd.items()}
    return Party(key=key, tier=tier, cash_usd=cash * 1e9, **{"revenue_usd": 1e-9, "margin": 1.0, **given})


def book(parties, deals=(), payments=()):
    """A book of the end of 2025 with customers, lenders and investors."""
    everybody = [*parties, *(sector(name) for name in ("customers", "lenders", "investors", "suppliers"))]
    return Book(as_of=date(2025, 12, 31), parties={each.key: each for each in everybody}, deals=tuple(deals),
                payments=tuple(payments))  # fmt: skip


def chain():
    """A lab that pays a cloud 8 a year, of which the cloud pays a landlord 4 and lenders 2."""
    return book(
        [firm("Lab", 10.0, "lab", other_assets_usd=4.0, other_liabilities_usd=1.0), firm("Cloud", 3.0, chips_usd=6.0),
         firm("Landlord", 1.0, "landlord")],
        [deal("rent-of-compute", "Lab", "Cloud", "take_or_pay", 8.0), deal("site", "Cloud", "Landlord", "lease", 4.0),
         deal("stake", "investors", "Lab", "equity", 5.0, date(2024, 1, 1), date(2024, 1, 1), schedule="start"),
         deal("chip-loan", "lenders", "Cloud", "loan", 4.0, date(2025, 1, 1), date(2025, 1, 1), schedule="start",
              seniority="senior_secured", collateral="GPUs")],
        [payment("customers", "Lab", "subscription", 8.0), payment("Cloud", "lenders", "interest", 2.0)],
    )  # fmt: skip


def in_bn(values):
    return np.asarray(values) / 1e9


# ------------------------------------------------------------------------------------------------ flows


def test_deals_fall_due_by_quarter_and_payments_by_a_quarter_of_the_year():
    found = {(flow.payer, flow.payee): flow for flow in flows(chain(), YEAR)}
    assert in_bn(found["Lab", "Cloud"].usd).sum() == approx(8)
    assert in_bn(found["customers", "Lab"].usd) == approx([2, 2, 2, 2])


def test_a_payment_that_covers_its_deals_scales_them_down_and_keeps_their_days():
    # The deal alone pays 8 in the second half; the year's payments were 6.
    late = deal("late", "Lab", "Cloud", "take_or_pay", 8.0, date(2026, 7, 1), date(2026, 12, 31))
    both = book([firm("Lab", 1.0), firm("Cloud", 1.0)], [late], [payment("Lab", "Cloud", "compute", 6.0, covers=True)])
    (only,) = flows(both, YEAR)
    assert only.deal == "late" and in_bn(only.usd) == approx([0, 0, 3, 3])
    more = replace(both, payments=(payment("Lab", "Cloud", "compute", 10.0, covers=True),))
    by_key = {flow.deal: in_bn(flow.usd) for flow in flows(more, YEAR)}
    assert by_key["late"] == approx([0, 0, 4, 4]) and by_key[""] == approx([0.5, 0.5, 0.5, 0.5])


def test_years_after_the_last_full_one_are_like_it_and_new_money_is_not():
    three = Calendar(first=date(2026, 1, 1), quarters=12)
    sold = [payment("customers", "Lab", "subscription", usd, year) for usd, year in ((4.0, 2026), (8.0, 2027))]
    rows = [*sold, payment("investors", "Lab", "equity", 4.0, 2027)]
    by_kind = {flow.kind: in_bn(flow.usd) for flow in flows(book([firm("Lab", 1.0)], payments=rows), three)}
    assert by_kind["subscription"] == approx([1] * 4 + [2] * 8)
    assert by_kind["equity"] == approx([0] * 4 + [1] * 4 + [0] * 4)


def test_two_payments_that_cover_the_same_deals_add_up():
    # The deal says 8; 2 and 3 were paid. After 2026 the deal is over, and 5 is what goes on.
    paid = [replace(payment("Lab", "Cloud", "compute", usd, covers=True), key=f"{usd}") for usd in (2.0, 3.0)]
    two = book([firm("Lab", 1.0), firm("Cloud", 1.0)], [deal("d", "Lab", "Cloud", "take_or_pay", 8.0)], paid)
    sums = sum(in_bn(flow.usd) for flow in flows(two, replace(YEAR, quarters=8)))
    assert sums[:4].sum() == approx(5) == approx(network(two, 2026).gross_usd / 1e9) and sums[4:].sum() == approx(5)


def test_low_and_high_amounts_are_the_ends_of_the_ranges():
    wide = book([firm("Lab", 1.0), firm("Cloud", 1.0)],
                [deal("wide", "Lab", "Cloud", "take_or_pay", 8.0, low=4e9, high=16e9)])  # fmt: skip
    for amounts, usd in (("low", 1), ("mid", 2), ("high", 4)):
        (flow,) = flows(book_at(wide, amounts), YEAR)
        assert in_bn(flow.usd).mean() == approx(usd)
    with pytest.raises(ValueError, match="'most'; one of mid, low, high"):
        stress(wide, ("Lab",), amounts="most")


def test_deals_less_sure_than_asked_do_not_count():
    unsure = book([firm("Lab", 1.0), firm("Cloud", 1.0)], [deal("talk", "Lab", "Cloud", "take_or_pay", 8.0,
                                                                status="announced")])  # fmt: skip
    assert not flows(unsure, YEAR) and len(flows(unsure, YEAR, "announced")) == 1


# ------------------------------------------------------------------------------------------------ opening


def test_the_plan_raises_what_keeps_cash_where_it_was():
    # The firm earns 4 a year, spends 6 on building: it raises 2, half of it in each half year like the rest.
    builder = book(
        [firm("Cloud", 5.0, revenue_usd=8.0, margin=0.5)], payments=[payment("Cloud", "suppliers", "build", 6.0)]
    )
    opened = opening(builder, flows(builder, YEAR), YEAR, TERMS)
    i = opened.number("Cloud")
    assert in_bn(opened.raised_usd[:, i]) == approx([0.5] * 4)
    assert in_bn(np.asarray(opened.positions.costs_usd)[:, i]) == approx([1.0] * 4)


@pytest.mark.parametrize(
    ("growth", "by_quarter"), [(float("nan"), [1.0] * 4), (1.0, [2 ** (k / 8) for k in (1, 3, 5, 7)])]
)
def test_other_business_grows_from_the_day_of_the_book_on_and_so_do_its_costs(growth, by_quarter):
    grows = book([replace(firm("Cloud", 5.0, revenue_usd=4.0, margin=0.25), growth=growth)])
    opened = opening(grows, flows(grows, YEAR), YEAR, TERMS)
    i = opened.number("Cloud")
    assert in_bn(np.asarray(opened.positions.receipts_usd)[:, i]) == approx(by_quarter)
    assert in_bn(np.asarray(opened.positions.costs_usd)[:, i]) == approx([0.75 * usd for usd in by_quarter])


def test_new_money_of_the_book_is_new_money_and_loans_by_deal_come_while_markets_are_shut():
    money = book([firm("Cloud", 1.0)], [deal("facility", "lenders", "Cloud", "loan", 4.0)],
                 [payment("lenders", "Cloud", "bond", 8.0)])  # fmt: skip
    opened = opening(money, flows(money, YEAR), YEAR, TERMS)
    i = opened.number("Cloud")
    assert in_bn(opened.raised_usd[:, i]) == approx([2] * 4)
    assert in_bn(np.asarray(opened.positions.receipts_usd)[:, i]).sum() == approx(4)


def test_debt_without_payments_falls_due_evenly_and_bears_interest():
    owing = book([firm("Cloud", 1.0, debt_usd=12.0)])
    terms = replace(TERMS, debt_rate=0.1, debt_years=6.0)
    opened = opening(owing, (), YEAR, terms)
    i = opened.number("Cloud")
    assert in_bn(np.asarray(opened.positions.interest_usd)[:, i]) == approx([0.3] * 4)
    assert in_bn(np.asarray(opened.positions.maturities_usd)[:, i]) == approx([0.5] * 4)


def test_firms_with_unknown_cash_vehicles_and_groups_are_not_judged():
    parties = [firm("Known", 1.0), replace(firm("Unknown", 1.0), cash_usd=float("nan")), firm("some landlords", 1.0),
               firm("Vehicle", 1.0, "vehicle"), replace(firm("Idle", 1.0), revenue_usd=float("nan")),
               firm("xAI", 1.0)]  # fmt: skip
    opened = opening(book(parties), (), YEAR, TERMS)
    judged = dict(zip(opened.firms, opened.judged.tolist(), strict=True))
    assert judged == {"Known": True, "Unknown": False, "some landlords": False, "Vehicle": False, "Idle": False,
                      "xAI": True}  # fmt: skip


# ------------------------------------------------------------------------------------------------ stress by hand


def test_a_chain_falls_and_the_losses_are_those_worked_by_hand():
    # Without the lab's 2 a quarter the cloud has 3 in cash for 1.5 a quarter: two quarters, then default. It raises
    # nothing in the plan, which has 0.5 to spare each quarter.
    found = stress(chain(), ("Lab",), quarters_after=4, terms=TERMS)
    when = dict(zip(found.firms, found.run.first_default_quarter.tolist(), strict=True))
    assert when == {"Lab": 0, "Cloud": 2, "Landlord": -1} and found.brought_down == ("Cloud",)
    lost = {(loss.layer, loss.debtor): loss for loss in found.waterfall.losses}
    # Estate of the lab: half of other assets, 2, for 8 of contracts (less 1 %: quarters differ by days) and 1 of debts.
    assert in_bn(lost["sellers of compute", "Lab"].loss_usd) == approx(8 * 7 / 9, rel=0.02)
    assert in_bn(lost["others outside", "Lab"].loss_usd) == approx(7 / 9, rel=0.02)
    assert in_bn(lost["equity", "Lab"].loss_usd) == approx(5)
    # Chips of 6 for a loan of 4: repaid; the landlord's two quarters are owed 2 of rent and get the other 2.
    assert in_bn(lost["GPU lenders", "Cloud"].loss_usd) == approx(0)
    assert in_bn(lost["landlords", "Cloud"].loss_usd) == approx(0, abs=0.02)
    half = stress(chain(), ("Lab",), quarters_after=4, terms=TERMS, chip_price_fall=0.5)
    lost = {(loss.layer, loss.debtor): loss for loss in half.waterfall.losses}
    # At half the price chips fetch 3: the loan lacks 1, the landlord all.
    assert in_bn(lost["GPU lenders", "Cloud"].loss_usd) == approx(1)
    assert in_bn(lost["landlords", "Cloud"].loss_usd) == approx(2, abs=0.02)


def test_half_pay_saves_the_cloud():
    # 1 a quarter from the lab and 1.5 to pay: 3 in cash lasts.
    found = stress(chain(), ("Lab",), pay_share=0.5, quarters_after=4, terms=TERMS)
    assert hit_of(found, "Cloud").first_default == -1
    assert in_bn(hit_of(found, "Cloud").low_usd) == approx(1, rel=1e-3)
    assert in_bn(hit_of(found, "Cloud").lost_usd) == approx(4, rel=1e-3)


def test_owners_of_a_firm_that_pays_on_give_up_what_stays_unpaid_and_at_most_their_stakes():
    # Compute of 7.9 at the rate of the first quarter, 1 due to others, stakes of 5: unpaid are 0.8, 7.1 and 0.
    for share, compute in ((0.9, 7.9 - 0.9 * 8.0), (0.2, 7.9 - 0.2 * 8.0), (0.999, 0.0)):
        found = stress(chain(), ("Lab",), pay_share=share, quarters_after=4, terms=TERMS)
        lost = {(loss.layer, loss.debtor): in_bn(loss.loss_usd) for loss in found.waterfall.losses}
        assert lost.get(("sellers of compute", "Lab"), 0.0) == approx(compute, abs=0.02)
        assert lost["others outside", "Lab"] == approx(1 - share)
        unpaid = lost.get(("sellers of compute", "Lab"), 0.0) + 1 - share
        assert lost["equity", "Lab"] == approx(min(5.0, unpaid))
    sold = stress(chain(), ("Lab",), quarters_after=4, terms=TERMS).waterfall.by_layer()
    assert in_bn(sold["equity"]) == approx(5)


def test_a_vehicle_pays_on_what_its_tenant_pays_on():
    deals = [
        deal("bond", "lenders", "Vehicle", "bond", 10.0, date(2025, 6, 1), date(2025, 6, 1), schedule="start",
             seniority="senior_secured", collateral="GPUs"),
        deal("lease", "Lab", "Vehicle", "lease", 4.0),
    ]  # fmt: skip
    both = book([firm("Lab", 9.0), firm("Vehicle", 0.0, "vehicle")], deals)
    found = stress(both, ("Lab",), pay_share=0.9, quarters_after=4, terms=TERMS)
    assert [(one.key, one.share) for one in found.failed] == [("Lab", 0.9), ("Vehicle", 0.9)]
    assert in_bn(found.waterfall.by_layer()["GPU lenders"]) == approx(1)
    assert found.waterfall.chips_sold_usd == 0.0


@given(sampled_from(["OpenAI", "xAI", "Oracle", "Fluidstack"]), floats(0.01, 0.9), floats(0.0, 0.099))
@settings(max_examples=10, deadline=None)
def test_owners_lose_less_the_more_a_firm_pays_on(name, pay, more):
    def owners(share):
        found = stress(catalog_book(), (name,), pay_share=share)
        return sum(loss.loss_usd for loss in found.waterfall.losses if (loss.layer, loss.debtor) == ("equity", name))

    assert owners(pay + more) <= owners(pay) * (1 + 1e-9) + 1.0


def test_losses_of_the_shock_are_those_beyond_what_is_lost_without_it():
    # The cloud falls anyway while markets are shut: only the lab's creditors and owners lose by the lab.
    weak = replace(chain(), parties=chain().parties | {"Burner": firm("Burner", 1.0, debt_usd=6.0)},
                   payments=(*chain().payments, payment("Burner", "suppliers", "operations", 8.0)))  # fmt: skip
    found = stress(weak, ("Lab",), markets_shut=4, quarters_after=4, terms=TERMS)
    alone = stress(weak, (), markets_shut=4, quarters_after=4, terms=TERMS)
    assert found.down_anyway == ("Burner",) and "Burner" not in found.brought_down
    assert in_bn(alone.waterfall.total_usd) == approx(6)
    assert found.waterfall_without.total_usd == approx(alone.waterfall.total_usd)
    assert found.caused_usd == approx(found.waterfall.total_usd - alone.waterfall.total_usd)


def test_a_hit_tells_what_was_due_what_others_pay_and_what_is_lost():
    # Others take the compute at half price after two quarters: 2 x 1 of 8 come.
    terms = replace(TERMS, re_let_share=0.5, re_let_quarters=2.0)
    hit = hit_of(stress(chain(), ("Lab",), quarters_after=4, terms=terms), "Cloud")
    assert in_bn(hit.due_usd) == approx(8, rel=1e-3) and in_bn(hit.relet_usd) == approx(2, rel=0.02)
    assert in_bn(hit.lost_usd) == approx(6, rel=0.02)
    assert in_bn(hit.contracts_usd) == approx(4) and in_bn(hit.debt_service_usd) == approx(2)
    # Cash 3 and receipts of 2 over 4 of rent and 2 of interest.
    assert hit.cover == approx(5 / 6, rel=0.01)


def guaranteed(amount, **more):
    """The chain with a guarantor of the lab's rent."""
    plain = chain()
    parties = [party for key, party in plain.parties.items() if key in ("Lab", "Cloud", "Landlord")]
    backstop = deal("backstop", "Backer", "Cloud", "backstop", amount, schedule="on_default", **more)
    return book([*parties, firm("Backer", 50.0)], [*plain.deals, backstop], plain.payments)


@pytest.mark.parametrize("what", ["rent-of-compute", "Lab", "Cloud", ""])
def test_a_guarantor_pays_up_to_its_amount_and_the_cash_arrives(what):
    found = stress(guaranteed(5.0, guarantees=what), ("Lab",), quarters_after=4, terms=TERMS)
    by_layer = {layer: usd / 1e9 for layer, usd in found.waterfall.by_layer().items()}
    assert by_layer["guarantors"] == approx(5)
    assert in_bn(found.waterfall.of("Backer")) == approx(5)
    # 1.25 a quarter instead of 2, and 1.5 to pay: the cloud stands.
    assert hit_of(found, "Cloud").first_default == -1
    i = found.opened.number("Backer")
    assert in_bn(found.without.cash_usd[-1, i] - found.run.cash_usd[-1, i]) == approx(5, rel=1e-6)


@pytest.mark.parametrize(("cash", "quarter"), [(1.0, 0), (3.0, 2), (4.9, 3)])
def test_a_guarantor_that_a_call_brings_down_falls_and_pays_nothing(cash, quarter):
    # Rent of 5 of 8 a year is guaranteed, 1.25 a quarter: 3 in cash last for two. The cloud falls as without it.
    weak = guaranteed(5.0, guarantees="Lab")
    weak = replace(weak, parties={**weak.parties, "Backer": firm("Backer", cash)})
    found = stress(weak, ("Lab",), quarters_after=4, terms=TERMS)
    when = dict(zip(found.firms, found.run.first_default_quarter.tolist(), strict=True))
    assert when["Backer"] == quarter and when["Cloud"] == 2
    assert found.waterfall.by_layer()["guarantors"] == 0.0 and not found.called_usd.any()


def test_each_guarantee_is_called_claim_by_claim_and_lenders_may_guarantee_too():
    # Two labs of 8 and 4 a year; the first rent is guaranteed by name, then all that the cloud is owed by lenders.
    plain = guaranteed(50.0, guarantees="rent-of-compute")
    more = [deal("second", "Lab 2", "Cloud", "take_or_pay", 4.0),
            deal("all", "lenders", "Cloud", "backstop", 50.0, schedule="on_default", guarantees="Cloud")]  # fmt: skip
    both = replace(plain, parties=plain.parties | {"Lab 2": firm("Lab 2", 9.0)}, deals=(*plain.deals, *more))
    found = stress(both, ("Lab", "Lab 2"), quarters_after=4, terms=TERMS)
    calls = {(loss.holder, loss.debtor): in_bn(loss.loss_usd) for loss in found.waterfall.losses
             if loss.layer == "guarantors"}  # fmt: skip
    assert calls == {("Backer", "Lab"): approx(8 * 7 / 9, rel=0.02), ("lenders", "Lab 2"): approx(4, rel=0.02)}
    i, j = (found.opened.number(name) for name in ("Cloud", "Backer"))
    assert found.called_usd[:, j].sum() == approx(calls["Backer", "Lab"] * 1e9)
    assert -found.called_usd[:, i].sum() == approx(sum(calls.values()) * 1e9)


def test_a_guarantee_of_one_rent_pays_no_other_between_the_same_two():
    plain = guaranteed(50.0, guarantees="rent-of-compute")
    other = deal("other", "Lab", "Cloud", "take_or_pay", 4.0)
    found = stress(replace(plain, deals=(*plain.deals, other)), ("Lab",), quarters_after=4, terms=TERMS)
    paid = {loss.deal: in_bn(loss.called_usd) for loss in found.waterfall.losses if loss.holder == "Cloud"}
    assert paid["rent-of-compute"] > 6.0 and paid["other"] == 0.0


def test_lenders_are_owed_what_was_raised_and_nothing_for_quarters_that_were_shut():
    # 8 a year is burnt and raised, 2 a quarter. Open for two quarters, then shut: 5 in cash last two quarters more.
    builder = book([firm("Cloud", 5.0)], payments=[payment("Cloud", "suppliers", "operations", 8.0)])
    shut = {"markets_shut": 6, "quarters_after": 6, "at": date(2026, 7, 1), "terms": TERMS}
    found = stress(builder, (), **shut)
    assert found.run.first_default_quarter[0] == 4
    assert found.run.raised_usd[:, 0] / 1e9 == approx([2, 2, 0, 0, 0, 0, 0, 0])
    (owed,) = [loss for loss in found.waterfall.losses if loss.holder == "lenders"]
    assert in_bn(owed.claim_usd) == approx(4)


def test_a_guarantor_in_default_pays_nothing():
    found = stress(guaranteed(5.0, guarantees="Lab"), ("Lab", "Backer"), quarters_after=4, terms=TERMS)
    assert found.waterfall.by_layer()["guarantors"] == 0.0


@pytest.mark.parametrize("what", ["chips", "Vehicle", ""])
def test_a_residual_guarantee_pays_what_the_sale_of_a_vehicle_does_not(what):
    # The vehicle falls with its tenant; chips of 10 / 0.75 at 30 % fetch 4 of the loan of 10; 5 of 6 are guaranteed.
    deals = [
        deal("chips", "lenders", "Vehicle", "bond", 10.0, date(2025, 6, 1), date(2025, 6, 1), schedule="start",
             seniority="senior_secured", collateral="TPUs, lease receivables"),
        deal("lease", "Lab", "Vehicle", "lease", 4.0),
        deal("residual", "Maker", "Vehicle", "residual_guarantee", 5.0, schedule="on_default", guarantees=what),
    ]  # fmt: skip
    found = stress(book([firm("Lab", 9.0), firm("Vehicle", 0.0, "vehicle"), firm("Maker", 9.0)], deals), ("Lab",),
                   quarters_after=4, terms=replace(TERMS, loan_to_value=0.75), chip_price_fall=0.7)  # fmt: skip
    assert [one.key for one in found.failed] == ["Lab", "Vehicle"]
    by_layer = {layer: usd / 1e9 for layer, usd in found.waterfall.by_layer().items()}
    assert by_layer["GPU lenders"] == approx(1) and by_layer["guarantors"] == approx(5)


def test_what_can_be_put_off_grows_evenly_until_what_was_under_way_is_finished():
    terms = replace(TERMS, capex_cut=0.5, capex_cut_later=0.9, capex_cut_quarters=4.0)
    assert put_off_shares(terms, 8, 2) == approx([0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9])


def test_a_book_without_trouble_shows_none():
    found = stress(chain(), ("Landlord",), quarters_after=4, terms=TERMS)
    assert found.waterfall.total_usd == 0.0
    assert [hit.firm for hit in hits(found)] == ["Landlord"]


def test_shut_markets_alone_are_a_test_of_liquidity():
    # 5 in cash, 2 a quarter short: the third quarter cannot be paid; with two shut it can.
    builder = book([firm("Cloud", 5.0)], payments=[payment("Cloud", "suppliers", "operations", 8.0)])
    assert stress(builder, (), markets_shut=3, quarters_after=4, terms=TERMS).run.first_default_quarter[0] == 2
    assert stress(builder, (), markets_shut=2, quarters_after=4, terms=TERMS).run.first_default_quarter[0] == -1


def test_the_shock_comes_after_the_last_event_that_the_book_knows():
    later = book([firm("Cloud", 5.0)], [replace(deal("d", "customers", "Cloud", "take_or_pay", 1.0),
                                                history=((date(2026, 5, 4), "firm"),))])  # fmt: skip
    found = stress(later, ("Cloud",), terms=TERMS)
    assert found.calendar.label(found.calendar.shock) == "2026Q3" and found.calendar.quarters == 14
    given = stress(later, ("Cloud",), at=date(2027, 2, 1), terms=TERMS)
    assert given.calendar.label(given.calendar.shock) == "2027Q1"


def test_who_and_what_cannot_be_is_named():
    for names, more, says in (
        (("Labb",), {}, "unknown firm 'Labb'; did you mean Lab"),
        (("lenders",), {}, "lenders: a sector, which stands for all firms"),
        (("Lab",), {"pay_share": 1.5}, "pay_share: 1.5; from 0 to 1"),
        (("Lab",), {"pay_share": 1.0}, "a firm that pays all its dues is in no default"),
        (("Lab",), {"at": date(2020, 1, 1)}, "before the opening balance sheets"),
        (("Lab",), {"at": date(2050, 1, 1)}, "the book tells ordinary business up to 2026, and no more than 5 years"),
        (("Lab",), {"quarters_after": 25}, "25 quarters from 2026Q1 on: the book tells"),
        (("Lab",), {"quarters_after": 0}, "quarters: 0, at least 1"),
    ):
        with pytest.raises(ValueError, match=says):
            stress(chain(), names, terms=TERMS, **more)


def test_the_page_names_every_assumption_with_its_value():
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "stress.md").read_text()
    cells = re.findall(r"^\| (`[a-z_`, ]+`) \| ([0-9., ]+) \|", page, re.M)
    told = {name.strip("` "): float(value) for names, values in cells
            for name, value in zip(names.split(","), values.split(","), strict=True)}  # fmt: skip
    assert told == asdict(assumed())


# ------------------------------------------------------------------------------------------------ fire sale


def test_the_price_falls_exponentially_with_what_is_sold():
    assert fire_sale_price(0.0, 0.5) == 1.0
    assert fire_sale_price(1.0, 0.5) == approx(0.5)
    assert fire_sale_price(0.5, 0.75) == approx(0.5)
    assert fire_sale_price(0.5, 0.75, before=0.6) == approx(0.3)
    with pytest.raises(ValueError, match="impact 1.0"):
        fire_sale_price(0.5, 1.0)


@given(lists(floats(0, 1e12), min_size=1, max_size=6), floats(0, 1e12))
def test_a_value_is_shared_out_whole_and_no_claim_gets_more_than_it_is(claims, value):
    got, left = shared_out(value, np.array(claims))
    assert got.sum() + left == approx(value, rel=1e-9, abs=1e-3)
    assert (got <= np.array(claims) * (1 + 1e-12)).all() and left >= 0.0


def test_loans_are_told_apart_by_what_secures_them():
    def layer(**more):
        return layer_of(deal("x", "lenders", "Cloud", "loan", 1.0, **more))

    assert layer(seniority="senior_secured", collateral="GPUs, contract receivables") == "GPU lenders"
    assert layer(seniority="senior_secured", collateral="campus") == "campus lenders"
    assert layer(seniority="senior", collateral="none") == layer(seniority="senior_secured") == "senior lenders"
    assert layer(seniority="junior") == "junior lenders"


# ------------------------------------------------------------------------------------------------ the catalog


FIRMS = ("OpenAI", "Anthropic", "xAI", "Oracle", "CoreWeave", "Fluidstack", "Microsoft", "Nvidia", "SoftBank")


@given(lists(sampled_from(FIRMS), min_size=1, max_size=3, unique=True), floats(0, 0.999), integers(0, 6),
       floats(0, 0.9), sampled_from(["drawn", "firm", "announced"]))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_losses_of_all_layers_are_all_claims_less_what_estates_pay_out(names, pay, shut, fall, status):
    found = stress(catalog_book(), names, pay_share=pay, markets_shut=shut, chip_price_fall=fall, status=status)
    losses = found.waterfall.losses
    claimed, recovered = (sum(getattr(loss, name) for loss in losses) for name in ("claim_usd", "recovered_usd"))
    assert found.waterfall.total_usd == approx(claimed - recovered, rel=1e-9)
    assert sum(found.waterfall.by_layer().values()) == approx(found.waterfall.total_usd, rel=1e-9)
    assert sum(loss.called_usd for loss in losses) == approx(0.0, abs=1.0)
    assert all(loss.loss_usd >= -1.0 for loss in losses)
    assert all(loss.recovered_usd <= loss.claim_usd * (1 + 1e-9) for loss in losses if loss.layer != "guarantors")
    names_of = {firm.key for firm in found.failed}
    assert not {loss.holder for loss in losses if loss.layer == "guarantors"} & names_of


@given(sampled_from(FIRMS), floats(0.5, 0.999))
@settings(max_examples=15, deadline=None)
def test_a_firm_that_pays_half_or_more_costs_its_sellers_no_more_than_one_that_is_sold(name, pay):
    every = stress(catalog_book(), (name,))
    some = stress(catalog_book(), (name,), pay_share=pay)
    sellers = ("sellers of compute", "landlords")
    assert sum(some.waterfall.by_layer()[layer] for layer in sellers) <= sum(
        every.waterfall.by_layer()[layer] for layer in sellers) * (1 + 1e-9) + 1e9  # fmt: skip


def test_the_plan_of_the_catalog_has_no_defaults():
    for status in ("drawn", "firm", "announced"):
        assert not stress(catalog_book(), (), status=status).run.defaulted.any()


def test_longer_shut_markets_bring_more_down():
    fallen = [stress(catalog_book(), (), markets_shut=n).run.defaulted.sum() for n in (0, 2, 4, 8, 12)]
    assert fallen[0] == 0 and fallen == sorted(fallen) and fallen[-1] > fallen[1]


def test_what_happens_to_oracle_if_openai_cannot_pay():
    found = stress(catalog_book(), ("OpenAI",))
    hit = hit_of(found, "Oracle")
    assert hit.judged and hit.lost_usd > 0.0 and hit.low_usd <= hit.low_without_usd
    assert hit.lost_usd == approx(hit.due_usd - hit.relet_usd, rel=0.05)
    assert "Oracle" in [one.firm for one in hits(found)][:6]


def test_debtrank_of_the_same_shock_marks_down_those_who_hold_claims():
    lost = marked_down(stress(catalog_book(), ("OpenAI",)))
    assert lost["OpenAI"] == 1.0 and lost["SoftBank"] > 0.1 and lost["Oracle"] > lost["Google"]


def test_marks_of_the_chain_by_hand():
    # The lab owes the cloud 8 in the year, the cloud the landlord 4. Book equity: cloud 3 + 6, landlord 1, lab 13.
    found = stress(chain(), ("Lab",), quarters_after=4, terms=TERMS)
    assert marked_down(found) == {"Lab": 1.0, "Cloud": approx(8 / 9), "Landlord": 1.0}
    poor = replace(chain().parties["Lab"], other_liabilities_usd=99e9)  # no equity to lose, and the same claims on it
    broke = stress(replace(chain(), parties={**chain().parties, "Lab": poor}), ("Lab",), quarters_after=4, terms=TERMS)
    assert marked_down(broke) == {"Cloud": approx(8 / 9), "Landlord": 1.0}


def test_assumptions_are_moved_one_by_one_to_their_ends():
    found = {swing.assumption: swing for swing in swings(chain(), ("Lab",), "Cloud", quarters_after=4, terms=TERMS)}
    assert set(found) == set(asdict(assumed()))
    # Others pay 35 or 85 % of the price at once, where TERMS have 0: of 8 the cloud loses 5.2 or 1.2, but for days.
    assert in_bn(found["re_let_share"].lost_usd) == approx([8 * 0.65, 8 * 0.15], rel=0.1)
    assert found["re_let_share"].defaults[1] == () != found["debt_rate"].defaults[1]


def test_the_ladder_holds_every_status_at_three_amounts():
    found = ladder(chain(), ("Lab",), "Cloud", quarters_after=4, terms=TERMS)
    assert [(rung.status, rung.amounts) for rung in found][:4] == [("drawn", "mid"), ("drawn", "low"),
                                                                   ("drawn", "high"), ("firm", "mid")]  # fmt: skip
    assert found[0].lost_usd == 0.0 and found[3].lost_usd > 0.0 and found[3].defaults == ("Cloud",)


# ------------------------------------------------------------------------------------------------ why, and how nearly


def test_who_defaults_by_the_shock_is_told_from_who_would_anyway():
    # Without the lab the cloud lasts two quarters; who burns 8 a year with 5 in cash falls in shut markets alone.
    burner = firm("Burner", 5.0)
    weak = replace(chain(), parties=chain().parties | {"Burner": burner},
                   payments=(*chain().payments, payment("Burner", "suppliers", "operations", 8.0)))  # fmt: skip
    found = stress(weak, ("Lab",), markets_shut=4, quarters_after=4, terms=TERMS)
    causes = {firm: hit_of(found, firm).cause for firm in ("Lab", "Cloud", "Burner", "Landlord")}
    assert causes == {"Lab": "assumed", "Cloud": "shock", "Burner": "anyway", "Landlord": ""}
    assert {"Burner", "Cloud"} <= {hit.firm for hit in hits(found)}


def test_a_firm_that_all_but_runs_out_of_cash_is_a_near_miss():
    # 8.1 in cash, 8 burnt in four quarters without new money: 0.1 left is 1.2 %; 9 leave 11 %.
    for cash, near in ((8.1, ("Cloud",)), (9.0, ()), (7.9, ())):
        builder = book([firm("Cloud", cash)], payments=[payment("Cloud", "suppliers", "operations", 8.0)])
        found = stress(builder, (), markets_shut=4, quarters_after=4, terms=TERMS)
        assert tuple(hit.firm for hit in near_misses(found)) == near
    assert hit_of(found, "Cloud").cause == "shock"


def test_who_need_not_pay_in_what_it_had_promised_is_told_apart():
    backed = replace(chain(), deals=(*chain().deals, deal("round", "Backer", "Lab", "equity", 4.0)),
                     parties=chain().parties | {"Backer": firm("Backer", 9.0)})  # fmt: skip
    hit = hit_of(stress(backed, ("Lab",), quarters_after=4, terms=TERMS), "Backer")
    assert in_bn(hit.spared_usd) == approx(4) and hit.low_usd > hit.low_without_usd


def test_the_spread_holds_the_central_answer_and_those_at_all_ends():
    shock = {"quarters_after": 4, "terms": TERMS}
    found = stress(chain(), ("Lab",), **shock)
    rungs, moved = ladder(chain(), ("Lab",), **shock), swings(chain(), ("Lab",), **shock)
    wide = spread(found, rungs, moved)
    assert wide.falls == (0, 1) and wide.others == ()
    losses = [
        found.waterfall.total_usd,
        *(each.loss_usd for each in rungs),
        *(usd for m in moved for usd in m.loss_usd),
    ]
    assert wide.loss_usd == (min(losses), max(losses))


def test_what_keeps_a_firm_from_being_judged_is_named():
    parties = [replace(firm("Unknown", 1.0), cash_usd=float("nan")), firm("some landlords", 1.0), firm("Known", 1.0),
               firm("V", 1.0, "vehicle"), replace(firm("Idle", 1.0), revenue_usd=float("nan"))]  # fmt: skip
    opened = opening(book(parties), (), YEAR, TERMS)
    assert dict(opened.lacks) == {"Unknown": "cash_usd", "some landlords": "group of unnamed firms", "V": "vehicle",
                                  "Idle": "revenue_usd"}  # fmt: skip
