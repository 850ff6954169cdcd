"""Who runs out of cash without a payment: small plans by hand, and what must hold of any."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.deals.book import Book, Deal, Edge, Party, catalog_book, network
from gigawatt.deals.exposure import funds_of, ranked, removals, survival
from gigawatt.deals.stress import assumed, stress

# The lab lives on other business of 40 a year and pays the cloud 20; the cloud borrows to buy chips for 40 from the
# maker. Nobody cuts orders, nobody else rents, nothing is kept.
TERMS = replace(assumed(), capex_cut=0.0, capex_cut_later=0.0, re_let_share=0.0, estate_share=0.0, cash_kept=0.0)
PARTIES = {
    "Lab": Party(key="Lab", tier="lab", core=True, cash_usd=5.0, debt_usd=0.0, revenue_usd=40.0, margin=1.0),
    "Cloud": Party(key="Cloud", tier="cloud", core=True, cash_usd=5.0, debt_usd=0.0, revenue_usd=10.0, margin=0.0),
    "Maker": Party(key="Maker", tier="maker", core=True, cash_usd=50.0, debt_usd=0.0, revenue_usd=1.0, margin=1.0),
}


def deal(key, payer, payee, instrument, amount):
    return Deal(key=key, payer=payer, payee=payee, instrument=instrument, amount=amount, start=date(2026, 1, 1),
                end=date(2028, 12, 31), history=((date(2025, 12, 31), "firm"),))  # fmt: skip


DEALS = (
    deal("rent", "Lab", "Cloud", "take_or_pay", 60.0),
    deal("chips", "Cloud", "Maker", "purchase_commitment", 120.0),
)
BOOK = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=DEALS)
RENT, CHIPS = Edge("Lab", "Cloud", "compute", 20.0), Edge("Cloud", "Maker", "chips", 40.0)


def plan(shut, book=BOOK):
    return survival(book, shut=shut, terms=TERMS)


def test_the_plan_of_open_markets_holds():
    standing = plan(0).without()
    assert standing.fallen == () and standing.unpaid_usd == 0 and standing.put_off_usd == 0


def test_without_its_rent_the_cloud_falls_since_nobody_steps_in():
    # In the first quarter it has 5 and should get 5 for chips of 10, so that the plan raises nothing yet.
    standing = plan(0).without(RENT)
    assert standing.fallen == ("Cloud",) and standing.quarters == ("2026Q1",)
    assert standing.unpaid_by["Cloud", "Maker", "chips"] > 0


def test_without_its_order_the_cloud_stands_though_markets_are_shut():
    assert plan(8).without().fallen == ("Cloud",)
    assert plan(8).without(CHIPS).fallen == ()


def test_removals_tell_what_saves_and_what_breaks():
    base, found = removals(network(BOOK, 2026), funds_of(BOOK, 2026), plan(8))
    assert base.standing.fallen == ("Cloud",)
    (saves, *_), _ = ranked(found, "losses", 9)
    assert (saves.edge.payer, saves.saved, saves.defaults) == ("Cloud", ("Cloud",), -1)
    _, opened = removals(network(BOOK, 2026), funds_of(BOOK, 2026), plan(0))
    _, (breaks, *_) = ranked(opened, "losses", 9)
    assert (breaks.edge.payer, breaks.brought_down, breaks.defaults) == ("Lab", ("Cloud",), 1)


def test_what_was_unpaid_on_the_edge_itself_is_no_saving():
    # Without the order nothing is unpaid any more, and before only the order was.
    _, found = removals(network(BOOK, 2026), funds_of(BOOK, 2026), plan(8))
    order = next(each for each in found if each.edge.kind == "chips")
    assert order.base.standing.unpaid_usd > 0 and order.unpaid_usd <= 0
    outside = order.base.standing.unpaid_usd - sum(order.base.standing.unpaid_by.values())
    assert order.unpaid_usd == pytest.approx(-outside)


def test_a_payment_that_is_not_in_the_plan_changes_nothing():
    other = Edge("Lab", "Maker", "chips", 5.0)
    assert not plan(8).has(other) and plan(8).without(other) == plan(8).without()


@given(cash=floats(0.0, 200.0), more=floats(0.0, 200.0), edge=sampled_from([None, RENT, CHIPS]))
def test_more_cash_saves_the_cloud_or_changes_nothing(cash, more, edge):
    def fallen(usd):
        parties = PARTIES | {"Cloud": replace(PARTIES["Cloud"], cash_usd=usd)}
        return plan(12, replace(BOOK, parties=parties)).without(edge).fallen

    assert len(fallen(cash + more)) <= len(fallen(cash))


@pytest.mark.parametrize("shut", [0, 4, 8])
def test_with_all_payments_those_fall_that_fall_in_a_stress(shut):
    book = catalog_book()
    plan, other = survival(book, shut=shut), stress(book, (), markets_shut=shut)
    standing, when = plan.without(), other.run.first_default_quarter.tolist()
    fallen = {name: other.calendar.label(t) for name, t in zip(other.firms, when, strict=True)
              if t >= 0 and name in book.core}  # fmt: skip
    assert dict(zip(standing.fallen, standing.quarters, strict=True)) == fallen
    assert plan.calendar == other.calendar
