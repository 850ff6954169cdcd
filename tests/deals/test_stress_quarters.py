"""Quarter by quarter: by hand, against plain clearing, and what holds for any firms and contracts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers
from pytest import approx

from gigawatt.deals.clearing import clearing
from gigawatt.deals.stress import Contracts, Positions, quarters, scaled


def firms(cash, quarters=4, **usd):
    """Positions of firms with the same amounts every quarter; what is not said is 0."""
    names = ("receipts_usd", "costs_usd", "capex_usd", "interest_usd", "maturities_usd", "new_money_usd")
    shape = (quarters, len(cash))
    given = {name: np.broadcast_to(usd.get(name, 0.0), shape) for name in names}
    return Positions(cash_usd=cash, lines_usd=np.broadcast_to(usd.get("lines_usd", 0.0), shape[1:]), **given)


def edges(*rows, quarters=4, **marks):
    """Contracts from (payer, payee, due a quarter); rank 0 and no finance unless said."""
    payer, payee, due = (np.array(each) for each in zip(*rows, strict=True)) if rows else (np.zeros(0, int),) * 3
    n = len(payer)
    due = np.broadcast_to(due.astype(float), (quarters, n))
    given = {"rank": np.zeros(n, int), "is_finance": np.zeros(n, bool)} | marks
    return Contracts(payer=payer, payee=payee, due_usd=due, **given)


# ------------------------------------------------------------------------------------------------ known answers


def test_a_firm_that_burns_more_than_it_gets_defaults_when_its_cash_and_line_are_gone():
    # 10 in cash, 3 less each quarter: 7, 4, 1, then 2 short; a line of 1 is not enough, one of 2 is.
    burning = firms([10.0], receipts_usd=5.0, costs_usd=8.0, lines_usd=1.0)
    found = quarters(burning, edges())
    assert found.cash_usd[:, 0] == approx([7, 4, 1, 0])
    assert found.first_default_quarter[0] == found.first_gap_quarter[0] == 3
    assert found.gap_usd[3, 0] == approx(2)
    with_line = quarters(replace(burning, lines_usd=[2.0]), edges())
    assert with_line.first_default_quarter[0] == -1 and with_line.first_gap_quarter[0] == 3
    assert with_line.drawn_usd[3, 0] == approx(2) and with_line.lines_usd[3, 0] == 0


def test_new_money_stops_while_markets_are_shut_and_only_then():
    # 4 in cash and 3 a quarter of need: with markets shut for two quarters the second is 2 short.
    firm = firms([4.0], costs_usd=3.0, new_money_usd=3.0)
    assert quarters(firm, edges()).first_default_quarter[0] == -1
    assert quarters(firm, edges(), shut_quarters=1).first_default_quarter[0] == -1
    assert quarters(firm, edges(), shut_quarters=2).first_default_quarter[0] == 1
    assert quarters(firm, edges(), shut_from=2, shut_quarters=2).first_default_quarter[0] == 3
    assert quarters(firm, edges(), shut_from=3, shut_quarters=9).first_default_quarter[0] == -1


def test_capex_is_put_off_by_what_is_lost_and_no_more_than_its_share():
    # Capex 8, of which half can wait. Without new money of 3 the firm puts off 3; without 5 it puts off 4 and burns 1.
    for lost, put_off, cash in ((3.0, 3.0, 10.0), (5.0, 4.0, 9.0)):
        firm = firms([10.0], capex_usd=8.0, receipts_usd=8.0 - lost, new_money_usd=lost, quarters=1)
        found = quarters(firm, edges(quarters=1), shut_quarters=1, capex_cut=0.5)
        assert found.cut_usd[0, 0] == approx(put_off)
        assert found.cash_usd[0, 0] == approx(cash)


def test_what_can_be_put_off_may_differ_by_quarter():
    firm = firms([20.0], capex_usd=8.0, new_money_usd=8.0)
    found = quarters(firm, edges(), shut_quarters=4, capex_cut=[0.0, 0.5, 1.0, 1.0])
    assert found.cut_usd[:, 0] == approx([0, 4, 8, 8])
    assert found.cash_usd[:, 0] == approx([12, 8, 8, 8])


def test_orders_put_off_are_missed_by_the_maker_and_do_not_put_the_buyer_in_default():
    # The cloud has 2 for orders of 6, of which it can put off three quarters; the maker gets 2 instead of 6.
    short = edges((0, 1, 6.0), quarters=1, can_cut=[True])
    found = quarters(firms([2.0, 0.0], quarters=1), short, capex_cut=0.75)
    assert found.paid_usd[0, 0] == approx(2) and not found.defaulted.any()
    assert found.cash_usd[0] == approx([0, 2])


def test_costs_come_first_then_ranks_then_debts_and_capex():
    # 10 in cash: 4 costs; senior contract 3; junior contract 4 gets the last 3; debt ranks with the junior if told so.
    owed = edges((0, 1, 3.0), (0, 2, 4.0), quarters=1, rank=np.array([0, 1]))
    found = quarters(firms([10.0, 0, 0], quarters=1, costs_usd=[[4.0, 0, 0]]), owed)
    assert found.paid_usd[0] == approx([3, 3]) and found.paid_outside_usd[0, 0] == approx(4)
    owing = firms([10.0, 0, 0], quarters=1, costs_usd=[[4.0, 0, 0]], interest_usd=[[4.0, 0, 0]])
    beside = quarters(owing, owed, debt_rank=1)
    assert beside.paid_usd[0] == approx([3, 1.5]) and beside.paid_outside_usd[0, 0] == approx(5.5)
    before = quarters(owing, owed, debt_rank=0)
    assert before.paid_usd[0] == approx([3 * 6 / 7, 0]) and before.unpaid_outside_usd[0, 0] == approx(4 - 24 / 7)


def test_a_named_default_stops_what_it_owes_and_takes_down_who_lives_on_it():
    # The lab pays the cloud 5, the cloud owes lenders 4 and the landlord 1; without the lab it has 6 in cash.
    network = edges((0, 1, 5.0), (1, 2, 1.0))
    books = firms([50.0, 6.0, 0.0], maturities_usd=[0.0, 4.0, 0.0])
    assert quarters(books, network).first_default_quarter.tolist() == [-1, -1, -1]
    found = quarters(books, network, defaults=[0], default_quarter=1)
    # Quarter 0 leaves 6; quarter 1 takes 5; in quarter 2 one is left for 5, shared 4 to 1.
    assert found.first_default_quarter.tolist() == [1, 2, -1]
    assert found.cash_usd[:, 1] == approx([6, 1, 0, 0])
    assert found.paid_usd[:, 0] == approx([5, 0, 0, 0])
    assert found.paid_usd[:, 1] == approx([1, 1, 0.2, 0])
    assert found.estate_usd[1, 0] == approx(45)  # the lab's cash after the quarter before


def test_half_pay_and_new_tenants_make_up_for_a_default():
    # Of 8 the estate pays a quarter, 2; from two quarters on others pay half of the remaining 6, 3.
    network = edges((0, 1, 8.0))
    found = quarters(firms([0.0, 20.0]), network, defaults=[0], recovery=0.25, re_let=0.5, re_let_quarters=2)
    assert found.paid_usd[:, 0] == approx([2, 2, 2, 2])
    assert found.relet_usd[:, 0] == approx([0, 0, 3, 3])
    assert found.cash_usd[:, 1] == approx([22, 24, 29, 34])
    assert found.unpaid_to_usd()[:, 1] == approx([6, 6, 3, 3])


def test_new_tenants_take_what_had_been_delivered_and_no_growth():
    growing = replace(edges((0, 1, 0.0)), due_usd=[[2.0], [4.0], [8.0], [1.0]])
    found = quarters(firms([9.0, 0.0]), growing, defaults=[0], default_quarter=1, re_let=0.5)
    assert found.relet_usd[:, 0] == approx([0, 2, 2, 0.5])
    # The same in two contracts of which the second takes over from the first.
    followed = replace(edges((0, 1, 0.0), (0, 1, 0.0)), due_usd=[[2.0, 0.0], [4.0, 0.0], [0.0, 8.0], [0.0, 1.0]])
    found = quarters(firms([9.0, 0.0]), followed, defaults=[0], default_quarter=1, re_let=0.5)
    assert found.relet_usd.sum(axis=1) == approx([0, 2, 2, 0.5])


def test_new_money_between_firms_stops_when_either_side_has_failed():
    for failed in (0, 1):
        network = edges((0, 1, 4.0), is_finance=np.array([True]))
        found = quarters(firms([40.0, 40.0]), network, defaults=[failed], default_quarter=2, recovery=0.5)
        assert found.paid_usd[:, 0] == approx([4, 4, 0, 0])


def test_conditional_money_stops_while_markets_are_shut_or_a_side_is_short():
    tranche = edges((0, 1, 1.0), is_finance=np.array([True]), conditional=np.array([True]))
    shut = quarters(firms([9.0, 9.0]), tranche, shut_from=1, shut_quarters=2)
    assert shut.paid_usd[:, 0] == approx([1, 0, 0, 1])
    # The payee is 2 short in quarter 1 and draws its line: from then on it gets nothing more.
    strained = firms([9.0, 2.0], costs_usd=[0.0, 2.5], lines_usd=[0.0, 9.0])
    assert quarters(strained, tranche).paid_usd[:, 0] == approx([1, 1, 0, 0])


def test_customers_of_a_failed_firm_pay_its_estate():
    found = quarters(firms([9.0, 0.0], quarters=3), edges((0, 1, 2.0), quarters=3), defaults=[1], default_quarter=1)
    assert found.paid_usd[:, 0] == approx([2, 2, 2])
    assert found.cash_usd[:, 1] == approx([2, 0, 0])
    assert found.estate_usd[:, 1] == approx([0, 4, 2])


def test_what_bankruptcy_takes_is_nobodys():
    # 10 in cash and 6 from a firm, dues 20: alpha 0.5 leaves 5, beta 0.5 leaves 3.
    network = edges((1, 0, 6.0), quarters=1)
    found = quarters(firms([10.0, 6.0], quarters=1, maturities_usd=[20.0, 0.0]), network, alpha=0.5, beta=0.5)
    assert found.paid_outside_usd[0, 0] == approx(8) and found.lost_usd[0, 0] == approx(8)


def test_a_circle_without_cash_pays_itself():
    found = quarters(firms([0.0, 0.0]), edges((0, 1, 5.0), (1, 0, 5.0)))
    assert not found.defaulted.any() and found.paid_usd == approx(np.full((4, 2), 5.0))


def test_a_circle_of_orders_that_feeds_on_itself_ends():
    # Each can put off all; one dollar is short, and each dollar put off is missed by the other.
    network = edges((0, 1, 5.0), (1, 0, 5.0), can_cut=[True, True], quarters=1)
    found = quarters(firms([0.0, 0.0], quarters=1, costs_usd=[1e-6, 0.0]), network, capex_cut=1.0)
    assert found.first_default_quarter.tolist() == [0, -1]


# --------------------------------------------------------------------------------------------------- properties


@composite
def networks(draw, most=7):
    """Firms and contracts of all kinds in whole dollars, and what to do to them."""
    n, t = draw(integers(2, most)), draw(integers(1, 5))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    e = int(rng.integers(0, n * n))
    payer = rng.integers(0, n, e)
    names = ("receipts_usd", "costs_usd", "capex_usd", "interest_usd", "maturities_usd", "new_money_usd")
    by_quarter = {name: rng.integers(0, 8, (t, n)).astype(float) for name in names}
    positions = Positions(cash_usd=rng.integers(0, 20, n), lines_usd=rng.integers(0, 5, n), **by_quarter)
    contracts = Contracts(
        payer=payer, payee=(payer + rng.integers(1, n, e)) % n, due_usd=rng.integers(0, 9, (t, e)).astype(float),
        rank=rng.integers(0, 3, e), is_finance=rng.random(e) < 0.2, conditional=rng.random(e) < 0.1,
        can_cut=rng.random(e) < 0.3,
    )  # fmt: skip
    cost = draw(floats(0.3, 1.0))
    how = {
        "shut_from": draw(integers(0, 2)), "shut_quarters": draw(integers(0, 4)), "capex_cut": draw(floats(0, 1)),
        "re_let": draw(floats(0, 1)), "re_let_quarters": draw(integers(0, 2)), "recovery": draw(floats(0, 1)),
        "alpha": cost, "beta": cost, "defaults": [0] if rng.random() < 0.5 else [],
        "default_quarter": draw(integers(0, 2)), "debt_rank": draw(integers(0, 2)),
    }  # fmt: skip
    return positions, contracts, how


@given(networks())
@settings(max_examples=150, deadline=None)
def test_cash_changes_by_what_comes_in_less_what_goes_out(network):
    positions, contracts, how = network
    found = quarters(positions, contracts, **how)
    n = found.cash_usd.shape[1]
    before = np.vstack([np.asarray(positions.cash_usd, dtype=float), found.cash_usd[:-1]])
    q = np.arange(len(before))[:, None]
    first = np.where(found.first_default_quarter < 0, 10**6, found.first_default_quarter)
    named = np.isin(np.arange(n), how["defaults"]) & (first == how["default_quarter"])
    stands = (q < first) | ((q == first) & ~named)  # in the quarter of its default a firm still pays what it has
    got = found.received_usd()
    pays = np.zeros_like(got)
    np.add.at(pays.T, found.payer, np.where(stands[:, found.payer], found.paid_usd, 0.0).T)
    change = found.received_outside_usd + found.drawn_usd + got - pays - found.paid_outside_usd - found.lost_usd
    assert np.where(stands, found.cash_usd - before - change, 0.0) == approx(0, abs=1e-9)
    gone = q > first
    assert (found.cash_usd[gone] == 0).all() and (found.received_outside_usd[gone] == 0).all()
    assert (found.paid_outside_usd[gone] == 0).all()


@given(networks())
@settings(max_examples=150, deadline=None)
def test_nobody_pays_more_than_is_due_or_than_there_is(network):
    positions, contracts, how = network
    found = quarters(positions, contracts, **how)
    assert (found.paid_usd + found.relet_usd <= found.due_usd * (1 + 1e-12)).all()
    for name in ("cash_usd", "lines_usd", "paid_usd", "relet_usd", "cut_usd", "lost_usd", "gap_usd", "drawn_usd"):
        assert (getattr(found, name) >= -1e-9).all()
    assert (found.drawn_usd.sum(axis=0) <= np.asarray(positions.lines_usd) + 1e-9).all()


@given(networks(), integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_order_of_firms_and_contracts_does_not_matter(network, seed):
    positions, contracts, how = network
    rng = np.random.default_rng(seed)
    n, e = positions.shape[1], len(contracts.payer)
    old_firm, old_edge = rng.permutation(n), rng.permutation(e)
    new_firm = np.argsort(old_firm)
    moved = Positions(**{name: np.asarray(getattr(positions, name))[..., old_firm] for name in positions.__slots__})
    ends = {"payer": new_firm[contracts.payer][old_edge], "payee": new_firm[contracts.payee][old_edge]}
    marks = ("rank", "is_finance", "conditional", "can_cut")
    other = Contracts(**ends, due_usd=contracts.due_usd[:, old_edge],
                      **{name: getattr(contracts, name)[old_edge] for name in marks})  # fmt: skip
    a = quarters(positions, contracts, **how)
    b = quarters(moved, other, **{**how, "defaults": [int(new_firm[i]) for i in how["defaults"]]})
    assert (b.first_default_quarter == a.first_default_quarter[old_firm]).all()
    assert b.cash_usd == approx(a.cash_usd[:, old_firm], abs=1e-9)


@given(networks(), integers(0, 6), floats(0, 30))
@settings(max_examples=150, deadline=None)
def test_more_cash_makes_no_default_earlier_where_a_default_spares_nobody(network, who, more):
    """Without finance between firms, which a default ends, and without estates and tenants, which pay for sure."""
    positions, contracts, how = network
    how = {**how, "recovery": 0.0, "re_let": 0.0}
    plain = replace(contracts, is_finance=np.zeros(len(contracts.payer), bool), conditional=None)
    i = who % positions.shape[1]
    richer = replace(positions, cash_usd=np.asarray(positions.cash_usd) + more * (np.arange(positions.shape[1]) == i))
    poor, rich = quarters(positions, plain, **how), quarters(richer, plain, **how)

    def when(found):
        return np.where(found.first_default_quarter < 0, 10**6, found.first_default_quarter)

    assert (when(rich) >= when(poor)).all()


@given(networks())
@settings(max_examples=80, deadline=None)
def test_one_quarter_without_orders_to_put_off_is_plain_clearing(network):
    positions, contracts, how = network
    n = positions.shape[1]
    first = {name: np.asarray(getattr(positions, name))[:1] for name in positions.__slots__[2:]}
    one = Positions(cash_usd=positions.cash_usd, lines_usd=positions.lines_usd, **first)
    single = replace(contracts, due_usd=contracts.due_usd[:1], conditional=None, rank=np.zeros_like(contracts.rank))
    # Costs rank first and capex last: without them all debts rank alike.
    bare = replace(one, costs_usd=np.zeros((1, n)), capex_usd=np.zeros((1, n)))
    found = quarters(bare, single, alpha=how["alpha"], beta=how["beta"])
    owed = np.zeros((n, n))
    np.add.at(owed, (contracts.payer, contracts.payee), contracts.due_usd[0])
    assets = np.asarray(one.cash_usd) + np.asarray(one.lines_usd) + one.receipts_usd[0] + one.new_money_usd[0]
    outside = one.interest_usd[0] + one.maturities_usd[0]
    right = clearing(owed, assets, outside, alpha=how["alpha"], beta=how["beta"])
    assert (found.defaulted == right.defaulted).all()
    paid = np.zeros((n, n))
    np.add.at(paid, (contracts.payer, contracts.payee), found.paid_usd[0])
    assert paid == approx(right.matrix(), abs=1e-9)


def test_scaled_positions_differ_in_what_is_named():
    base = firms([4.0], costs_usd=3.0)
    assert scaled(base, costs_usd=2.0).costs_usd == approx(np.full((4, 1), 6.0))
    with pytest.raises(ValueError, match="no cost; known: capex_usd"):
        scaled(base, cost=2.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"defaults": [7]}, "firm 7; from 0 to 1"),
        ({"shut_quarters": -1}, "shut_quarters: -1; 0 or more"),
        ({"capex_cut": 1.5}, "capex_cut: 1.5; from 0 to 1"),
        ({"recovery": [0.5, 2.0]}, "recovery: 2.0; from 0 to 1"),
        ({"alpha": -0.1}, "alpha: -0.1; from 0 to 1"),
    ],
)
def test_terms_that_cannot_be_are_named(change, says):
    with pytest.raises(ValueError, match=says):
        quarters(firms([1.0, 1.0]), edges((0, 1, 1.0)), **change)


def test_amounts_and_edges_that_cannot_be_are_named():
    with pytest.raises(ValueError, match=r"costs_usd \[1, 0\]: -2.0; amounts are finite"):
        quarters(firms([1.0], costs_usd=[[0.0], [-2.0], [0.0], [0.0]]), edges())
    with pytest.raises(ValueError, match="firm 1 pays itself"):
        quarters(firms([1.0, 1.0]), edges((1, 1, 1.0)))
    with pytest.raises(ValueError, match="payee from 5 to 5; from 0 to 1"):
        quarters(firms([1.0, 1.0]), edges((0, 5, 1.0)))
