"""The stress of a book beside plain loops that share no code with it: one quarter of the engine, losses by layer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers
from pytest import approx

from gigawatt.deals.book import Book, Deal, Party, Payment
from gigawatt.deals.book.parties import sector
from gigawatt.deals.stress import Contracts, Positions, assumed, quarters, stress
from gigawatt.deals.stress.claims import LAYERS

# ------------------------------------------------------------------------------------- one quarter of the engine

SPENT = ("costs_usd", "interest_usd", "maturities_usd", "capex_usd")


def paid_by_rank(have: float, debts: list[tuple[int, int, float]]) -> dict[int, float]:
    """What a firm pays on each debt (row, rank, usd), rank by rank, in proportion within one."""
    out: dict[int, float] = {}
    for rank in sorted({rank for _, rank, _ in debts}):
        here = [(row, usd) for row, each, usd in debts if each == rank]
        whole = sum(usd for _, usd in here)
        share = min(1.0, have / whole) if whole > 0.0 else 1.0
        out |= {row: usd * share for row, usd in here}
        have = max(0.0, have - whole)
    return out


def plain_quarter(firms: int, debts: list[tuple[int, int, int, float]], means: list[float]) -> tuple[set[int], list]:
    """Who fails, and what is paid on each debt (debtor, creditor or -1, rank, usd); firms are added as they fail.

    Those that fail pay what they have and get, found by turns from above; a firm fails if it cannot pay in full then.
    """
    failed: set[int] = set()
    while True:
        paid = [usd for *_, usd in debts]
        for _ in range(4000):
            got = [sum(p for p, (_, to, _, _) in zip(paid, debts, strict=True) if to == i) for i in range(firms)]
            before = list(paid)
            for i in failed:
                own = [(row, rank, usd) for row, (who, _, rank, usd) in enumerate(debts) if who == i]
                for row, usd in paid_by_rank(means[i] + got[i], own).items():
                    paid[row] = usd
            if max((abs(a - b) for a, b in zip(paid, before, strict=True)), default=0.0) < 1e-12:
                break
        got = [sum(p for p, (_, to, _, _) in zip(paid, debts, strict=True) if to == i) for i in range(firms)]
        dues = [sum(usd for who, _, _, usd in debts if who == i) for i in range(firms)]
        more = {i for i in range(firms) if dues[i] > means[i] + got[i] + 1e-9} - failed
        if not more:
            return failed, paid
        failed |= more


@composite
def one_quarter(draw):
    n = draw(integers(2, 6))
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    e = int(rng.integers(0, 3 * n))
    payer = rng.integers(0, n, e)
    given_usd = {name: rng.integers(0, 8, (1, n)).astype(float) for name in (*SPENT, "receipts_usd", "new_money_usd")}
    positions = Positions(cash_usd=rng.integers(0, 12, n), lines_usd=rng.integers(0, 4, n), **given_usd)
    contracts = Contracts(
        payer=payer, payee=(payer + rng.integers(1, n, e)) % n, due_usd=rng.integers(0, 9, (1, e)).astype(float),
        rank=rng.integers(0, 3, e), is_finance=np.zeros(e, dtype=bool),
    )  # fmt: skip
    return positions, contracts, draw(integers(0, 2)), bool(rng.random() < 0.5)


@given(one_quarter())
@settings(max_examples=150, deadline=None)
def test_one_quarter_is_what_plain_loops_find(drawn):
    positions, contracts, debt_rank, is_shut = drawn
    found = quarters(positions, contracts, shut_quarters=int(is_shut), debt_rank=debt_rank)
    firms, own = positions.shape[1], {name: getattr(positions, name)[0] for name in positions.__slots__[2:]}
    debts = [(int(a), int(b), int(rank) + 1, float(usd)) for a, b, rank, usd in
             zip(contracts.payer, contracts.payee, contracts.rank, contracts.due_usd[0], strict=True)]  # fmt: skip
    edges = len(debts)
    for i in range(firms):
        debts += [(i, -1, 0, own["costs_usd"][i]), (i, -1, 99, own["capex_usd"][i]),
                  (i, -1, debt_rank + 1, own["interest_usd"][i] + own["maturities_usd"][i])]  # fmt: skip
    means = [float(positions.cash_usd[i] + positions.lines_usd[i] + own["receipts_usd"][i]
                   + (0.0 if is_shut else own["new_money_usd"][i])) for i in range(firms)]  # fmt: skip
    failed, paid = plain_quarter(firms, debts, means)
    assert set(np.flatnonzero(found.defaulted)) == failed
    assert found.paid_usd[0] == approx(np.array(paid[:edges]), abs=1e-6)
    outside = [sum(usd for (who, to, *_), usd in zip(debts, paid, strict=True) if (who, to) == (i, -1))
               for i in range(firms)]  # fmt: skip
    assert found.paid_outside_usd[0] == approx(np.array(outside), abs=1e-6)


# --------------------------------------------------------------------------------------------------- losses by layer

FIRMS = {"Lab": "lab", "Cloud": "cloud", "Site": "landlord", "Backer": "holding"}
TERMS = replace(assumed(), capex_cut=0.0, capex_cut_later=0.0, re_let_share=0.0, debt_rate=0.0, debt_years=1e12,
                claim_quarters=8.0)  # fmt: skip


@composite
def shocked(draw):
    """A book of four firms whose loans are all drawn at the opening, and dues that fall in equal quarters of 2026."""
    rng = np.random.default_rng(draw(integers(0, 2**32)))
    parties = {
        key: Party(key=key, tier=tier, cash_usd=float(rng.integers(1, 20)), revenue_usd=1e-9, margin=1.0,
                   **{name: float(rng.integers(0, 9)) for name in
                      ("chips_usd", "sites_usd", "other_assets_usd", "debt_usd", "other_liabilities_usd")})
        for key, tier in FIRMS.items()
    }  # fmt: skip
    parties |= {name: sector(name) for name in ("customers", "lenders", "investors")}

    def deal(number: int, instrument: str, **more: object) -> Deal:
        payer, payee = rng.choice([*FIRMS, "lenders"] if instrument in ("loan", "equity") else list(FIRMS), 2, False)
        early = instrument in ("loan", "equity")
        return Deal(key=f"{instrument}-{number}", payer=str(payer), payee=str(payee), instrument=instrument,
                    amount=float(rng.integers(1, 16)), start=date(2025, 3, 1) if early else date(2026, 1, 1),
                    end=date(2025, 3, 1) if early else date(2026, 12, 31), history=((date(2025, 1, 1), "firm"),),
                    **more)  # type: ignore[arg-type]  # fmt: skip

    deals = [deal(k, str(rng.choice(["take_or_pay", "lease"]))) for k in range(int(rng.integers(1, 5)))]
    for k in range(int(rng.integers(0, 5))):
        how = [("senior_secured", "GPUs"), ("senior_secured", "campus"), ("senior", ""), ("junior", "")]
        seniority, collateral = how[int(rng.integers(0, 4))]
        deals.append(deal(k, "loan", schedule="start", seniority=seniority, collateral=collateral))
    deals += [deal(k, "equity", schedule="start") for k in range(int(rng.integers(0, 3)))]
    paid = Payment(key="sales", payer="customers", payee="Lab", kind="subscription", year=2026,
                   usd=float(rng.integers(0, 30)))  # fmt: skip
    book = Book(as_of=date(2025, 12, 31), parties=parties, deals=tuple(d for d in deals if d.payee != "lenders"),
                payments=(paid,))  # fmt: skip
    return book, str(rng.choice(list(FIRMS))), draw(floats(0.0, 0.9))


def plain_losses(
    book: Book, failed: dict[str, int], fall: float, missed: dict[str, float], lent: dict[str, float]
) -> dict[str, float]:
    """Loss by layer if each firm in default is sold at its quarter.

    Args:
        missed: What each contract does not get.
        lent: What markets have lent each firm since the opening.
    """
    lost: dict[str, float] = defaultdict(float)
    drawn = {d.key: d.amount for d in book.deals if d.instrument in ("loan", "equity")}
    worth = {}
    for name in failed:
        party = book.parties[name]
        worth[name] = {"chips": party.chips_usd, "campus": party.sites_usd}
        for kind, word in (("chips", "GPUs"), ("campus", "campus")):
            if worth[name][kind] == 0.0:
                loans = sum(drawn[d.key] for d in book.deals if d.payee == name and d.collateral == word)
                worth[name][kind] = loans / TERMS.loan_to_value
    sold = sum(each["chips"] for each in worth.values())
    owned = max(sold, sum(p.chips_usd for p in book.parties.values() if p.chips_usd == p.chips_usd))
    price = (1.0 - fall) * (1.0 - TERMS.chip_impact) ** (sold / owned) if owned else 0.0
    for name in failed:
        party, claims = book.parties[name], defaultdict(float)
        for d in book.deals:
            if d.instrument == "loan" and d.payee == name:
                layer = {"GPUs": "GPU lenders", "campus": "campus lenders"}.get(d.collateral, "senior lenders")
                claims["junior lenders" if d.seniority == "junior" else layer] += d.amount
            if d.instrument == "equity" and d.payee == name:
                claims["equity"] += d.amount
            if d.payer == name and d.key in missed:
                claims["sellers of compute" if d.instrument == "take_or_pay" else "landlords"] += missed[d.key]
        by_deal = sum(d.amount for d in book.deals if d.instrument == "loan" and d.payee == name)
        claims["senior lenders"] += max(0.0, party.debt_usd - by_deal) + lent[name]
        claims["others outside"] += party.other_liabilities_usd
        left, got = dict(claims), TERMS.other_sale_share * party.other_assets_usd
        for layer, value in (("GPU lenders", price * worth[name]["chips"]),
                             ("campus lenders", TERMS.site_sale_share * worth[name]["campus"])):  # fmt: skip
            taken = min(value, left.get(layer, 0.0))
            left[layer] = left.get(layer, 0.0) - taken
            got += value - taken
        for layers in (set(LAYERS) - {"junior lenders", "equity"}, {"junior lenders"}, {"equity"}):
            here = sum(left.get(layer, 0.0) for layer in layers)
            share = min(1.0, got / here) if here > 0.0 else 0.0
            for layer in layers:
                lost[layer] += left.get(layer, 0.0) * (1.0 - share)
            got = max(0.0, got - here)
    return lost


@given(shocked())
@settings(max_examples=150, deadline=None)
def test_losses_by_layer_are_what_plain_loops_find(drawn):
    book, name, fall = drawn
    found = stress(book, (name,), chip_price_fall=fall, quarters_after=4, terms=TERMS)
    failed = {each.key: each.quarter for each in found.failed}
    run = found.run
    lent = {key: 0.0 if FIRMS[key] == "lab" else float(run.raised_usd[: quarter + 1, found.opened.number(key)].sum())
            for key, quarter in failed.items()}  # fmt: skip
    missed: dict[str, float] = {}
    for edge, flow in enumerate(found.opened.flows):
        if flow.payer in failed:
            first = failed[flow.payer]
            rate = sum(other.usd[first] for other in found.opened.flows
                       if (other.payer, other.payee) == (flow.payer, flow.payee))  # fmt: skip
            later = [sum(other.usd[t] for other in found.opened.flows
                         if (other.payer, other.payee) == (flow.payer, flow.payee)) for t in range(4)]  # fmt: skip
            due = [flow.usd[t] * min(1.0, rate / later[t]) if later[t] else 0.0 for t in range(4)]
            missed[flow.deal] = sum(max(0.0, due[t] - run.paid_usd[t, edge]) for t in range(first, 4))
    wanted = plain_losses(book, failed, fall, missed, lent)
    layers = found.waterfall.by_layer()
    assert layers == approx({layer: wanted.get(layer, 0.0) for layer in LAYERS}, abs=1e-6)


@given(shocked(), integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_order_of_parties_and_deals_changes_no_loss(drawn, seed):
    book, name, fall = drawn
    rng = np.random.default_rng(seed)
    keys, deals = rng.permutation(list(book.parties)).tolist(), rng.permutation(len(book.deals))
    moved = replace(book, parties={key: book.parties[key] for key in keys}, deals=tuple(book.deals[k] for k in deals))
    one, other = (stress(each, (name,), chip_price_fall=fall, quarters_after=4, terms=TERMS) for each in (book, moved))
    assert {each.key: each.quarter for each in one.failed} == {each.key: each.quarter for each in other.failed}
    assert one.waterfall.by_layer() == approx(other.waterfall.by_layer(), abs=1e-6)
