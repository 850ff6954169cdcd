"""Cash that enters a group of firms over cash that leaves it, and how long its own cash lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf, isnan, nan

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists

from gigawatt.deals.book import Payment, network, network_of_payments
from gigawatt.deals.circular import coverage, coverage_by_year, lasting, quarterly
from gigawatt.deals.circular.coverage import other_business_usd
from gigawatt.deals.circular.lasting import years_to_gap
from tests.deals.circle_book import BOOK, deal
from tests.deals.test_circular_shares import TIERS, networks


def paid(payer, payee, kind, usd, year=2026):
    return Payment(key=f"{payer}-{payee}-{kind}", payer=payer, payee=payee, kind=kind, year=year, usd=usd)


OPEN = replace(
    BOOK,
    payments=(
        paid("customers", "Lab", "subscription", 6.0), paid("Maker", "suppliers", "operations", 8.0),
        paid("Lab", "customers", "operations", 4.0), paid("Cloud", "lenders", "interest", 2.0),
        paid("Maker", "investors", "dividend", 5.0), paid("Lab", "suppliers", "chips", 16.0, 2027),
    ),
)  # fmt: skip


def test_what_enters_and_leaves_the_core_is_worked_out_by_hand():
    found = coverage(network(OPEN, 2026, "signed"))
    assert (found.sales_usd, found.finance_usd, found.due_usd) == (6.0, 10.0, 14.0)
    leaving = {name: usd for name, usd in found.leaving_usd.items() if usd}
    assert leaving == {"suppliers": 8.0, "wages": 4.0, "interest": 2.0, "payouts": 5.0}
    assert list(found.cover().values()) == pytest.approx([6 / 14, 6 / 14, 16 / 19])
    assert found.shut_usd == pytest.approx(-8)


def test_what_goes_round_changes_no_coverage_of_the_core():
    without = replace(OPEN, deals=tuple(deal for deal in OPEN.deals if deal.payer == "investors"))
    assert coverage(network(without, 2026, "signed"), ("Lab",)) != coverage(network(OPEN, 2026, "signed"), ("Lab",))
    both = [coverage(network(book, 2026, "signed"), ("Lab", "Maker", "Cloud")) for book in (OPEN, without)]
    assert both[0].cover() == both[1].cover()


def test_the_core_of_12_lasts_a_year_and_a_quarter_of_the_next():
    # 12 of cash; 8 lack in 2026, 16 in 2027: 4 of 16.
    found = lasting(quarterly(OPEN, [2025, 2026, 2027], "signed"))
    assert found.start == date(2026, 1, 1)
    assert found.cash_usd == 12.0 and found.ends == pytest.approx({2026: 4, 2027: -12})
    assert found.years_to_gap == pytest.approx(1.25) and found.first_gap == "2027Q2"
    assert found.gap_usd == pytest.approx(12)


def test_money_drawn_before_finance_stops_is_cash_at_hand():
    # Fund and maker pay the lab 10 each by days, the maker the cloud 3; the year's 6, 4 and 2 are paid to the half.
    half = 10.0 * 181 / 365
    found = lasting(quarterly(OPEN, [2026, 2027], "signed"), ("Lab", "Cloud"), date(2026, 7, 1), kept=0.0)
    assert found.opening_usd == 8.0
    assert found.cash_usd == pytest.approx(8.0 + 2.3 * half + 3.0 - 2.0 - 1.0)
    at_once = replace(OPEN, deals=(*OPEN.deals, deal("round", "investors", "Lab", "equity", 9.0, schedule="start")))
    more = lasting(quarterly(at_once, [2026, 2027], "signed"), ("Lab", "Cloud"), date(2026, 7, 1), kept=0.0)
    assert more.cash_usd == pytest.approx(found.cash_usd + 9.0)
    assert lasting(quarterly(at_once, [2026], "signed"), ("Lab",), date(2026, 1, 1)).cash_usd == 4.0


def test_while_markets_are_open_a_firm_keeps_its_cash():
    spent = lasting(quarterly(OPEN, [2026, 2027], "signed"), ("Maker",), date(2027, 1, 1), kept=0.0)
    kept = lasting(quarterly(OPEN, [2026, 2027], "signed"), ("Maker",), date(2027, 1, 1))
    assert (spent.cash_usd, kept.cash_usd) == (0.0, 4.0)


def test_a_year_without_payments_is_a_year_all_the_same():
    # 12 of cash last through 2026 and 2027; in 2028 16 are due.
    later = replace(OPEN, deals=(), payments=(paid("Lab", "suppliers", "chips", 16.0, 2028),))
    found = lasting(quarterly(later, range(2026, 2029)))
    assert found.years_to_gap == pytest.approx(2.75) and found.ends == {2026: 12.0, 2027: 12.0, 2028: -4.0}


def test_a_firm_whose_core_partners_still_invest_lasts_longer():
    found = lasting(quarterly(OPEN, [2026, 2027], "signed"), ("Lab",))
    # 4 of cash; of the year 6 come in and 4 go out evenly, 20 go out and 10 come from the maker by days.
    day = 365 / 4 / 90
    assert found.years_to_gap == pytest.approx(4 / (20 / day - 2), rel=0.02)
    quarters = [10 / 365 * n for n in (90, 91, 92, 92)]
    assert found.years_with_core == pytest.approx(years_to_gap(4.0, [0.5 - usd for usd in quarters], 0.25))


def test_finance_cannot_stop_before_the_balance_sheets_or_after_the_last_year():
    for day in (date(2025, 12, 31), date(2028, 1, 1)):
        with pytest.raises(ValueError, match="finance can stop from 2026-01-01 to 2028-01-01"):
            lasting(quarterly(OPEN, [2026, 2027]), start=day)
    with pytest.raises(ValueError, match="no payments after"):
        lasting(quarterly(OPEN, [2025]))


def test_other_business_is_revenue_times_margin_where_both_are_known():
    parties = dict(OPEN.parties) | {"Maker": replace(OPEN.parties["Maker"], revenue_usd=20.0, margin=0.5)}
    book = replace(OPEN, parties=parties)
    assert other_business_usd(book, book.core, 2026) == 10.0
    (found,) = coverage_by_year(book, [2026], "signed")
    assert found.cover()["with other business"] == pytest.approx(16 / 14)
    (without,) = coverage_by_year(book, [2026], "signed", business=False)
    assert without.cover()["with other business"] == pytest.approx(6 / 14)


def test_other_business_grows_and_is_not_known_before_the_opening():
    parties = dict(OPEN.parties) | {"Maker": replace(OPEN.parties["Maker"], revenue_usd=20.0, margin=0.5, growth=0.21)}
    book = replace(OPEN, parties=parties)
    assert other_business_usd(book, book.core, 2026) == pytest.approx(11.0)  # half a year on
    assert other_business_usd(book, book.core, 2028) == pytest.approx(11.0 * 1.21**2)
    past = coverage(network(book, 2026, "signed"), business_usd=other_business_usd(book, book.core, 2024))
    assert isnan(past.cover()["with other business"]) and past.cover()["customers"] == pytest.approx(6 / 14)


def test_nobody_knows_how_long_unknown_cash_lasts():
    assert years_to_gap(nan, [-1.0]) != years_to_gap(nan, [-1.0])
    assert years_to_gap(1.0, [1.0, -2.0]) == inf
    assert years_to_gap(0.0, [-1.0]) == 0.0


def test_names_count_whatever_their_case():
    net = network(OPEN, 2026, "signed")
    assert coverage(net, ("lab", "MAKER")) == coverage(net, ("Lab", "Maker"))


def test_a_network_without_core_has_no_coverage():
    with pytest.raises(ValueError, match="no firm is of the core"):
        coverage(network_of_payments(["Lab"], ["Cloud"], ["compute"], [1.0], TIERS))


@settings(deadline=None, max_examples=60)
@given(networks())
def test_every_payment_in_and_out_is_in_one_class(net):
    found = coverage(net)
    came = sum(e.usd for e in net.edges if e.payee in net.core and e.payer not in net.core)
    went = sum(e.usd for e in net.edges if e.payer in net.core and e.payee not in net.core)
    assert found.sales_usd + found.finance_usd + found.other_usd == pytest.approx(came)
    assert sum(found.leaving_usd.values()) == pytest.approx(went)
    assert found.due_usd <= went * (1 + 1e-12)


@given(floats(0.0, 100.0), lists(floats(-50.0, 50.0), max_size=5), floats(0.0, 50.0))
def test_more_cash_never_lasts_shorter(cash, nets, more):
    assert years_to_gap(cash + more, nets) >= years_to_gap(cash, nets) - 1e-9
