"""Removing edges: what goes round, what cash lacks and who can pay without a payment."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists, permutations, tuples

from gigawatt.deals import circulation
from gigawatt.deals.book import Book, Network, Party, Payment, network_of_payments
from gigawatt.deals.circular.by_year import circularity_of
from gigawatt.deals.circular.coverage import coverage
from gigawatt.deals.exposure import Funds, funds_of, ranked, removals

# The maker invests 30 in the lab, which pays the cloud 20; the cloud buys chips for 25. Customers pay the lab 5, and
# the cloud owes lenders interest of 2.
ROWS = [("maker", "lab", "equity", 30.0), ("lab", "cloud", "compute", 20.0), ("cloud", "maker", "chips", 25.0),
        ("customers", "lab", "subscription", 5.0), ("cloud", "lenders", "interest", 2.0)]  # fmt: skip
TIERS = {"maker": "maker", "lab": "lab", "cloud": "cloud"}
CORE = ("maker", "lab", "cloud")


def net_of(rows, core=CORE):
    payer, payee, kind, usd = zip(*rows, strict=True)
    return network_of_payments(payer, payee, kind, usd, TIERS, core, "2026")


def named(found, payer, payee):
    return next(each for each in found if (each.edge.payer, each.edge.payee) == (payer, payee))


def test_an_edge_of_the_only_circle_takes_the_circle_with_it():
    base, found = removals(net_of(ROWS))
    assert base.circulation_usd == 60 and base.share == pytest.approx(60 / 75)
    assert all(each.circulation_usd == -60 for each in found) and len(found) == 3
    assert base.standing is None and math.isnan(found[0].unpaid_usd) and math.isnan(found[0].put_off_usd)


def test_sectors_are_asked_for_on_their_own():
    _, found = removals(net_of(ROWS), everybody=True)
    assert named(found, "customers", "lab").circulation_usd == 0 and len(found) == 5
    # 5 from outside over 2 to outside; without customers nothing.
    assert named(found, "customers", "lab").coverage == pytest.approx(-2.5)


def test_who_lacks_cash_by_hand():
    # The cloud has 4 and gets 20, but owes 27; the maker needs 30, gets 25 and has 10.
    base, found = removals(net_of(ROWS), Funds(cash_usd={"maker": 10.0, "lab": 0.0, "cloud": 4.0}))
    assert base.gap_usd == pytest.approx(3)
    assert named(found, "cloud", "maker").gap_usd == pytest.approx(20 - 3)
    assert named(found, "lab", "cloud").gap_usd == pytest.approx(23 - 3)


def test_ordinary_business_counts_and_firms_of_unknown_cash_lack_none():
    base, _ = removals(net_of(ROWS), Funds(cash_usd={"maker": 10.0, "lab": 0.0}, business_usd={"maker": -9.0}))
    assert base.gap_usd == pytest.approx(4)


def test_coverage_is_that_of_the_command_of_this_name():
    rows = [*ROWS, ("maker", "investors", "dividend", 4.0), ("investors", "lab", "equity", 9.0)]
    net, business = net_of(rows), {"maker": 3.0, "lab": -1.0}
    base, _ = removals(net, Funds(cash_usd=dict.fromkeys(CORE, 1.0), business_usd=business))
    assert base.coverage == pytest.approx(coverage(net, business_usd=2.0).cover()["with other business"])


def test_shares_are_those_of_the_circularity_of_the_core():
    rows = [*ROWS, ("maker", "investors", "dividend", 4.0), ("investors", "lab", "equity", 9.0)]
    base, _ = removals(net_of(rows), Funds(cash_usd=dict.fromkeys(CORE, 1.0), business_usd={"maker": 3.0}))
    year = circularity_of(net_of(rows), "core")
    assert base.share == pytest.approx(year.shares["circulation"])
    assert base.finn == pytest.approx(year.shares["cycling_index"])


def test_dividends_are_not_owed():
    base, _ = removals(net_of([("cloud", "investors", "dividend", 4.0)]), Funds(cash_usd={"cloud": 1.0}))
    assert base.gap_usd == 0


def test_cash_of_later_years_is_carried():
    parties = {name: Party(key=name, tier="cloud", cash_usd=10.0, revenue_usd=8.0, margin=0.5) for name in "ab"}
    paid = Payment(key="p", payer="a", payee="b", kind="compute", year=2026, usd=13.0)
    book = Book(as_of=date(2025, 12, 31), parties=parties, deals=(), payments=(paid,))
    assert funds_of(book, 2026).cash_usd == {"a": 10.0, "b": 10.0}
    assert funds_of(book, 2027).cash_usd == {"a": 1.0, "b": 27.0}
    assert funds_of(book, 2027).business_usd == {"a": 4.0, "b": 4.0}


def test_a_network_without_a_core_is_refused():
    with pytest.raises(ValueError, match="no firm of the core"):
        removals(net_of(ROWS, core=()))


pairs = tuples(integers(0, 4), integers(0, 4), floats(1.0, 1e9)).filter(lambda row: row[0] != row[1])
networks = lists(pairs, min_size=1, max_size=12)


def among(payments):
    rows = [(f"f{i}", f"f{j}", "compute" if n % 2 else "chips", usd) for n, (i, j, usd) in enumerate(payments)]
    payer, payee, kind, usd = zip(*rows, strict=True)
    return network_of_payments(payer, payee, kind, usd, {}, {f"f{n}" for n in range(5)}, "2026")


@given(payments=networks)
def test_no_removal_adds_to_what_goes_round_and_the_short_way_is_right(payments):
    net = among(payments)
    _, found = removals(net)
    assert len(found) == len(net.edges)
    for each in found:
        without = Network(parties=net.parties, tiers=net.tiers, core=net.core,
                          edges=tuple(edge for edge in net.edges if edge != each.edge))  # fmt: skip
        wanted = circulation(without.flows()).total_usd
        assert each.state.circulation_usd == pytest.approx(wanted, rel=1e-6, abs=1e-9 * net.gross_usd)
        assert each.circulation_usd <= 0


@given(payments=networks, cash=lists(floats(0.0, 1e9), min_size=5, max_size=5), order=permutations(range(5)))
def test_names_and_their_order_change_nothing(payments, cash, order):
    def told(place):
        moved = [(place[i], place[j], usd) for i, j, usd in payments]
        return removals(among(moved), Funds(cash_usd={f"f{place[n]}": cash[n] for n in range(5)}))

    (one, first), (other, second) = told(list(range(5))), told(list(order))
    assert one.gap_usd == pytest.approx(other.gap_usd)
    for a, b in zip(first, second, strict=True):
        assert a.circulation_usd == pytest.approx(b.circulation_usd, rel=1e-6, abs=1e-3)
        assert a.gap_usd == pytest.approx(b.gap_usd, rel=1e-6, abs=1e-3)


@given(payments=networks, cash=lists(floats(0.0, 1e9), min_size=5, max_size=5))
def test_helpful_and_harmful_removals_are_apart(payments, cash):
    _, found = removals(among(payments), Funds(cash_usd={f"f{n}": cash[n] for n in range(5)}))
    for measure in ("circulation", "coverage", "losses"):
        helps, harms = ranked(found, measure, 99)
        assert not {id(each) for each in helps} & {id(each) for each in harms}
    with pytest.raises(ValueError, match="known: circulation"):
        found[0].effect("beauty")
