"""The book of deals: statuses on a day, what falls due when, and the network of a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import dates, floats, integers, sampled_from

from gigawatt.deals.book import LADDER, Book, Deal, Party, Payment, catalog_book, due_by_quarter, due_usd, network
from gigawatt.deals.book.book import full_years
from gigawatt.deals.book.deal import secured_by
from gigawatt.deals.book.network import network_of_payments
from gigawatt.deals.book.parties import or_zero
from gigawatt.deals.book.schedule import due, due_before, quarter_name, quarter_starts, tranches_of

DEAL = Deal(
    key="a-b", payer="A", payee="B", instrument="purchase_commitment", amount=1461.0, start=date(2025, 1, 1),
    end=date(2028, 12, 31), history=((date(2024, 12, 1), "announced"), (date(2025, 6, 1), "firm")),
)  # fmt: skip
PARTIES = {key: Party(key=key, tier="cloud") for key in "ABC"}


def test_a_status_holds_from_its_day_on():
    assert DEAL.status(date(2024, 11, 30)) == ""
    assert DEAL.status(date(2025, 5, 31)) == "announced"
    assert DEAL.status(date(2025, 6, 1)) == DEAL.status() == "firm"


def standing(deal, status, day=None):
    """Whether a deal of a book of its own stands."""
    return bool(Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(deal,)).standing(status, day))


def test_a_filter_takes_its_status_and_surer_ones():
    assert standing(DEAL, "firm") and standing(DEAL, "announced") and not standing(DEAL, "drawn")
    assert not standing(DEAL, "firm", date(2025, 1, 1)) and standing(DEAL, "announced", date(2025, 1, 1))


@pytest.mark.parametrize("status", ["lapsed", "superseded"])
def test_deals_that_are_over_never_count(status):
    over = replace(DEAL, history=((date(2025, 1, 1), status),))
    assert not any(standing(over, each) for each in LADDER)


def test_an_even_deal_pays_by_the_day():
    # 1,461 over the 1,461 days of 2025 to 2028: 365 in a common year, 366 in 2028.
    assert due_usd(DEAL, 2025) == pytest.approx(365)
    assert due_usd(DEAL, 2028) == pytest.approx(366)


def test_a_ramp_rises_in_proportion_to_time():
    # Half of the time is a quarter of the money.
    ramp = replace(DEAL, schedule="ramp", amount=100.0, start=date(2025, 1, 1), end=date(2026, 12, 31))
    assert due_usd(ramp, 2025) == pytest.approx(25)
    assert due_usd(ramp, 2026) == pytest.approx(75)


def test_tranches_fall_due_in_their_years():
    assert due_usd(replace(DEAL, schedule="2026=1e9 2027=6e9"), 2027) == pytest.approx(6e9)


@pytest.mark.parametrize("schedule", ["evenly", "2026:1e9", "2026=1e9 2026=2e9", "2026=-1", ""])
def test_a_schedule_that_says_nothing_is_refused(schedule):
    with pytest.raises(ValueError, match="schedule"):
        tranches_of(schedule)


def test_guarantees_pay_nothing_until_called():
    assert due_usd(replace(DEAL, schedule="on_default"), 2026) == 0.0


@given(
    schedule=sampled_from(["even", "start", "ramp", "per_gw", "2026=0.4 2027=0.6"]),
    start=dates(date(2026, 1, 1), date(2027, 6, 30)), days=integers(0, 900), amount=floats(1.0, 1e12),
)  # fmt: skip
def test_all_of_a_deal_falls_due_in_the_end(schedule, start, days, amount):
    deal = replace(DEAL, schedule=schedule, amount=amount, start=start, end=date.fromordinal(start.toordinal() + days))
    wanted = 1.0 if "=" in schedule else amount
    assert due(deal, date(2020, 1, 1), date(2040, 1, 1)) == pytest.approx(wanted)
    assert sum(due_usd(deal, year) for year in range(2020, 2040)) == pytest.approx(wanted)
    assert due_by_quarter(deal, date(2020, 1, 1), 80).sum() == pytest.approx(wanted)
    assert due_before(deal, date(2040, 1, 1)) == pytest.approx(wanted) and due_before(deal, date(2026, 1, 1)) == 0.0
    assert (due_by_quarter(deal, date(2020, 1, 1), 80) >= 0.0).all()


def test_quarters_cross_the_year():
    assert quarter_starts(date(2025, 11, 22), 3) == [date(2025, 11, 1), date(2026, 2, 1), date(2026, 5, 1)]


def test_quarters_are_written_as_people_do():
    names = [quarter_name(date(2027, month, 28)) for month in (1, 3, 4, 6, 7, 9, 10, 12)]
    assert names == ["2027Q1", "2027Q1", "2027Q2", "2027Q2", "2027Q3", "2027Q3", "2027Q4", "2027Q4"]


def test_what_secures_a_loan_is_told_by_its_collateral():
    loan = replace(DEAL, instrument="loan", seniority="senior_secured", collateral="GPUs and receivables of a campus")
    assert secured_by(loan) == "chips" and secured_by(replace(loan, collateral="Campus of 1 GW")) == "campus"
    assert secured_by(replace(loan, collateral="shares")) == secured_by(replace(loan, seniority="senior")) == ""
    assert secured_by(replace(loan, instrument="lease")) == ""


def test_an_unknown_number_counts_as_none():
    assert or_zero(float("nan")) == 0.0 and or_zero(-2.0) == -2.0


def test_a_reported_payment_replaces_the_schedule_of_its_deals():
    paid = Payment(key="p", payer="A", payee="B", kind="compute", year=2025, usd=100.0, covers=True)
    book = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(DEAL,), payments=(paid,))
    assert network(book, 2025).gross_usd == 100.0
    assert network(replace(book, payments=(replace(paid, covers=False),)), 2025).gross_usd == pytest.approx(465)
    assert network(book, 2026).gross_usd == pytest.approx(365)


def test_rights_to_shares_of_unknown_worth_are_not_what_a_payment_is_paid_under():
    stake = replace(DEAL, key="stake", instrument="equity", amount=float("nan"))
    paid = Payment(key="p", payer="A", payee="B", kind="equity", year=2026, usd=100.0, covers=True)
    deals = (stake, replace(stake, key="right", instrument="warrant"))
    (edge,) = network(Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=deals, payments=(paid,)), 2026).edges
    assert edge.deals == ("stake",) and edge.usd == 100.0


def test_purchases_from_a_maker_are_chips():
    parties = PARTIES | {"B": Party(key="B", tier="maker")}
    book = Book(as_of=date(2025, 12, 31), parties=parties, deals=(DEAL,))
    assert network(book, 2025).edges[0].kind == "chips"


def test_what_a_maker_buys_of_another_is_no_sale_of_chips():
    parties = PARTIES | {"A": Party(key="A", tier="maker"), "B": Party(key="B", tier="maker")}
    book = Book(as_of=date(2025, 12, 31), parties=parties, deals=(DEAL,))
    assert network(book, 2025).edges[0].kind == "operations"


def test_the_network_of_a_year_is_that_of_its_deals_by_pair_and_kind():
    again = replace(DEAL, key="again")
    book = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(DEAL, again))
    (edge,) = network(book, 2025).edges
    assert edge.usd == pytest.approx(730) and edge.deals == ("a-b", "again")
    assert network(book, 2025).parties == ("A", "B")


def test_any_list_of_payments_is_a_network():
    net = network_of_payments(
        ["lenders", "A", "A"], ["A", "B", "B"], ["loan", "chips", "chips"], [5.0, 1.0, 2.0], {"A": "cloud"}, "A", "2030"
    )
    assert net.parties == ("A", "B", "lenders") and net.tiers == ("cloud", "supplier", "lender") and net.core == ("A",)
    np.testing.assert_array_equal(net.flows().matrix(), [[0, 3, 0], [0, 0, 0], [5, 0, 0]])


@pytest.mark.parametrize(("period", "years"), [("2026", [2026]), ("2025 to 2027", [2025, 2026, 2027]), ("", [])])
def test_a_network_knows_its_years(period, years):
    assert list(network_of_payments(["A"], ["B"], ["x"], [1.0], {}, period=period).years) == years


def test_an_unknown_party_is_told_with_the_nearest_name():
    net = network_of_payments(["OpenAI"], ["Oracle"], ["compute"], [1.0], {})
    with pytest.raises(ValueError, match="did you mean OpenAI"):
        net.number("OpenAl")


def test_a_smaller_network_keeps_payments_among_its_parties():
    net = network_of_payments(["A", "B", "C"], ["B", "C", "A"], ["x"] * 3, [1.0, 2.0, 3.0], {}, "ABC")
    assert net.among({"A", "B"}).gross_usd == 1.0 and net.among({"A", "B"}).parties == ("A", "B")


def test_equity_is_assets_less_liabilities_with_leases_on_both_sides():
    party = Party(key="A", cash_usd=5.0, chips_usd=10.0, debt_usd=8.0, lease_usd=100.0, other_liabilities_usd=3.0)
    assert party.equity_usd == 4.0
    assert np.isnan(replace(party, cash_usd=float("nan")).equity_usd)


def test_money_is_counted_where_it_was_known_to_be():
    # A letter of 2025 whose money a deal of 2026 holds: before that day the letter itself stands.
    later = replace(DEAL, key="later", history=((date(2026, 2, 1), "firm"),))
    letter = replace(DEAL, key="letter", counted_in="later", history=((date(2025, 9, 1), "announced"),))
    book = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(later, letter))
    assert [deal.key for deal in book.standing("announced", date(2025, 10, 1))] == ["letter"]
    assert [deal.key for deal in book.standing("announced", date(2026, 3, 1))] == ["later"]
    assert network(book, 2026, "announced", date(2025, 10, 1)).edges[0].deals == ("letter",)


def test_a_firm_part_of_an_agreement_that_can_be_ended_stands_where_the_whole_does_not():
    whole = replace(DEAL, key="whole", amount=9000.0, history=((date(2025, 1, 1), "terminable"),))
    book = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(whole, replace(DEAL, counted_in="whole")))
    assert [deal.key for deal in book.standing("firm")] == ["a-b"]
    assert [deal.key for deal in book.standing("terminable")] == ["whole"]
    assert book.held(book.deal("a-b")) and not book.held(book.deal("a-b"), status="firm")


def test_full_years_have_half_as_many_payments_as_the_fullest():
    counts = {2025: 1, 2026: 4, 2027: 2, 2030: 1}
    paid = [Payment(key="p", payer="A", payee="B", kind="compute", year=year, usd=1.0)
            for year, count in counts.items() for _ in range(count)]  # fmt: skip
    assert full_years(paid) == (2026, 2027) and full_years([]) == ()


def test_money_held_by_a_payment_or_by_nobody_known_never_counts():
    book = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(replace(DEAL, counted_in="p"),))
    assert book.standing() == ()


def test_other_business_grows_from_the_day_of_the_book():
    firm = Party(key="A", revenue_usd=100.0, margin=0.2, growth=0.1)
    assert firm.other_business_usd(2.0) == pytest.approx(24.2)
    assert replace(firm, growth=nan).other_business_usd(2.0) == pytest.approx(20.0)
    assert isnan(replace(firm, margin=nan).other_business_usd(2.0))


def test_growth_of_a_party_falls_back_to_that_of_the_company():
    assert catalog_book().parties["Oracle"].growth == 0.05
