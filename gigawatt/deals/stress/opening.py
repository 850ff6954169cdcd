"""Opening positions of the parties of a book, and the plan that markets finance while they are open.

Rules, each with its assumption in the catalog:

- Receipts and costs outside are the payments from and to the sectors, and `revenue_usd` and `margin` of the party for
  the business that the book does not have by payment; it grows by `growth` a year, where that is known.
- Interest, repayments, capex and chips from unnamed makers are the payments to the sectors; where the book has none,
  they follow from debt, its rate and life, and from `capex_usd`.
- Loans and shares that sectors have agreed to by deal are received as they fall due, also while markets are shut;
  those that the book has by year alone are new money.
- The plan has no defaults: while markets are open each firm raises what it needs to keep a share of its opening cash.
- A party whose cash or business nobody knows is not judged, nor is a vehicle, which falls with its tenants alone, nor
  a group of unnamed firms (its key has no capital): they are given what they need, and their losses counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from gigawatt import catalog
from gigawatt.deals.book import Book, Party
from gigawatt.deals.book.parties import or_zero
from gigawatt.deals.liabilities import summed
from gigawatt.deals.stress.assumptions import Assumptions
from gigawatt.deals.stress.flows import Calendar, Flow, between_firms
from gigawatt.deals.stress.positions import Array, Contracts, Mask, Positions
from gigawatt.units import QUARTERS_PER_YEAR

CAPEX = frozenset({"build", "chips"})
PUT_OFF = CAPEX | {"dividend"}  # a firm short of cash stops paying owners before anything else
COSTS = frozenset({"operations", "energy", "tax", "core", "compute", "subscription", "rent", "revenue_share"})

VEHICLE, GROUP = "vehicle", "group of unnamed firms"
"""Parties that are never judged by their cash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Positions and contracts of a book, and what each firm would raise."""

    firms: tuple[str, ...]
    flows: tuple[Flow, ...]  # between firms, in the order of the contracts
    positions: Positions
    contracts: Contracts
    judged: Mask  # cash and business are known, shape (firms,)
    lacks: Mapping[str, str]  # why a firm is not judged: the number of its party that is missing, or what it is

    def number(self, firm: str) -> int:
        """Place of a firm."""
        return self.firms.index(firm)

    @property
    def raised_usd(self) -> Array:
        """What markets would give in the plan, shape (quarters, firms)."""
        return np.asarray(self.positions.new_money_usd)


def opening(book: Book, found: Sequence[Flow], calendar: Calendar, terms: Assumptions) -> Opening:
    """Positions and contracts of the parties of a book, sectors left out; `found` are the flows of `flows`."""
    firms = tuple(key for key, party in book.parties.items() if not party.is_sector)
    inner = between_firms(found)
    due = contracts(inner, firms, calendar)
    outside = _outside(book, firms, found, calendar, terms)
    lacks = {key: why for key in firms if (why := _lacks(book.parties[key], found))}
    judged = np.array([key not in lacks for key in firms], dtype=np.bool_)
    cash = np.array([or_zero(book.parties[key].cash_usd) for key in firms])
    plan = _raised(cash * terms.cash_kept, cash, outside, due, judged)
    spent = np.asarray(due.due_usd).sum() + sum(usd.sum() for usd in outside.values())
    positions = Positions(
        cash_usd=np.where(judged, cash, spent), **{**outside, "new_money_usd": plan},
        lines_usd=np.array([or_zero(book.parties[key].revolver_usd) for key in firms]),
    )  # fmt: skip
    return Opening(firms=firms, flows=inner, positions=positions, contracts=due, judged=judged, lacks=lacks)


def contracts(found: Sequence[Flow], firms: Sequence[str], calendar: Calendar) -> Contracts:
    """Flows between firms as contracts, one an edge."""
    place = {name: number for number, name in enumerate(firms)}
    due = np.array([flow.usd for flow in found]).reshape(len(found), calendar.quarters).T

    def marks(values: Sequence[bool]) -> Mask:
        return np.array(values, dtype=np.bool_)

    return Contracts(
        payer=np.array([place[flow.payer] for flow in found], dtype=np.int64),
        payee=np.array([place[flow.payee] for flow in found], dtype=np.int64), due_usd=due,
        rank=np.array([flow.rank for flow in found], dtype=np.int64), is_finance=marks([f.is_finance for f in found]),
        conditional=marks([f.conditional for f in found]), can_cut=marks([f.kind in CAPEX for f in found]),
        can_relet=marks([f.kind in ("compute", "rent") for f in found]),
    )  # fmt: skip


def _outside(
    book: Book, firms: Sequence[str], found: Sequence[Flow], calendar: Calendar, terms: Assumptions
) -> dict[str, Array]:
    """Dealings with the outside by name of the position, new money as the book has it, shape (quarters, firms)."""
    names = ("receipts_usd", "costs_usd", "capex_usd", "interest_usd", "maturities_usd", "new_money_usd")
    out = {name: np.zeros((calendar.quarters, len(firms))) for name in names}
    kinds: dict[str, set[str]] = {name: set() for name in firms}
    place = {name: number for number, name in enumerate(firms)}
    for flow in found:
        if flow.payer in place:
            kinds[flow.payer].add(flow.kind)
        if flow.from_outside and flow.payee in place:
            name = "new_money_usd" if flow.is_finance and not flow.deal else "receipts_usd"
            out[name][:, place[flow.payee]] += flow.usd
        elif flow.to_outside and flow.payer in place:
            out[_position(flow.kind)][:, place[flow.payer]] += flow.usd
    for number, name in enumerate(firms):
        for position, usd in _unlisted(book.parties[name], kinds[name], calendar, terms).items():
            out[position][:, number] += usd / QUARTERS_PER_YEAR
    return out


def _position(kind: str) -> str:
    """Where a payment to a sector goes."""
    if kind in PUT_OFF:
        return "capex_usd"
    return {"interest": "interest_usd", "repayment": "maturities_usd"}.get(kind, "costs_usd")


def _unlisted(party: Party, kinds: set[str], calendar: Calendar, terms: Assumptions) -> dict[str, Array | float]:
    """USD a year of what the book has no payments for, by quarter where it grows."""
    debt, margin = or_zero(party.debt_usd), or_zero(party.margin)
    middles = (np.arange(calendar.quarters) + 0.5) / QUARTERS_PER_YEAR  # in years
    revenue = or_zero(party.revenue_usd) * (1.0 + or_zero(party.growth)) ** middles
    out: dict[str, Array | float] = {"receipts_usd": revenue, "costs_usd": revenue * (1.0 - margin)}
    if not kinds & CAPEX:
        out["capex_usd"] = or_zero(party.capex_usd)
    if "interest" not in kinds:
        out["interest_usd"] = debt * _told(party.key, "debt_rate", terms.debt_rate)
    if "repayment" not in kinds:
        out["maturities_usd"] = debt / _told(party.key, "debt_years", terms.debt_years)
    return out


def _told(key: str, attribute: str, otherwise: float) -> float:
    """A number of a company of the catalog, or what is assumed."""
    for table in ("statements", "companies"):
        if key in catalog.items(table):
            fact = catalog.facts(table, key).get(attribute)
            if fact is not None and not isinstance(fact.value, str) and fact.value > 0.0:
                return fact.value
    return otherwise


def _lacks(party: Party, found: Sequence[Flow]) -> str:
    """What keeps a party from being judged; "" for a firm of its own with known cash and known business."""
    if party.tier == "vehicle":
        return VEHICLE
    if party.key == party.key.lower():
        return GROUP
    if isnan(party.cash_usd):
        return "cash_usd"
    earns = party.revenue_usd > 0.0 or any(flow.payee == party.key and not flow.is_finance for flow in found)
    return "" if earns else "revenue_usd"


def _raised(floor: Array, cash: Array, outside: dict[str, Array], due: Contracts, judged: Mask) -> Array:
    """What each firm raises in each quarter: as the book has it, and more where cash would fall below the floor.

    All that is due is paid in the plan. Shape (quarters, firms).
    """
    firms, owed = len(cash), np.asarray(due.due_usd)
    raised = outside["new_money_usd"].copy()
    net = raised + outside["receipts_usd"]
    net = net - sum(usd for name, usd in outside.items() if name not in ("receipts_usd", "new_money_usd"))
    for t in range(len(net)):
        before = cash + net[t] + summed(np.asarray(due.payee), owed[t], firms)
        before -= summed(np.asarray(due.payer), owed[t], firms)
        more = np.where(judged, np.maximum(0.0, floor - before), 0.0)
        raised[t] += more
        cash = before + more
    return raised
