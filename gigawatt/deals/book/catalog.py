"""The book of the catalog: its parties, deals with their histories, and ordinary payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from gigawatt import catalog
from gigawatt.catalog import Fact
from gigawatt.deals.book.book import Book, Payment, parties_of
from gigawatt.deals.book.deal import Deal
from gigawatt.deals.book.parties import NUMBERS, Party
from gigawatt.errors import GigawattError

AS_OF = date(2025, 12, 31)
ELSEWHERE = {
    "cash_usd": (("statements", "cash_usd"), ("companies", "cash_usd")),
    "debt_usd": (("statements", "debt_usd"), ("companies", "debt_usd")),
    "lease_usd": (("statements", "lease_usd"),),
    "chips_usd": (("statements", "chips_usd"), ("companies", "chips_usd")),
    "sites_usd": (("statements", "sites_usd"), ("companies", "sites_usd")),
    "other_assets_usd": (("statements", "other_assets_usd"),),
    "other_liabilities_usd": (("statements", "other_liabilities_usd"),),
    "capex_usd": (("statements", "capex_usd.2026"),),
    "revolver_usd": (("statements", "revolver_usd"),),
    "revenue_usd": (("companies", "core_revenue_usd_per_year"),),
    "margin": (("companies", "core_margin"),),
    "growth": (("companies", "core_growth_per_year"),),
}
"""Where a number stands that another table already has for the company: table and attribute, the first found holds."""
PAYMENT_TEXTS = ("payer", "payee", "kind", "covers")


@cache
def catalog_book() -> Book:
    """The deals, parties and payments of the catalog, with balance sheets at the end of 2025."""
    parties = catalog_parties()
    deals = tuple(_deal(key) for key in catalog.items("deals"))
    payments = tuple(payment for key in catalog.items("payments") for payment in _payments(key))
    unknown = parties_of(deals, payments) - set(parties)
    if unknown:
        raise GigawattError(f"parties.csv lacks {', '.join(sorted(unknown))}")
    return Book(as_of=AS_OF, parties=parties, deals=deals, payments=payments)


@cache
def catalog_parties() -> dict[str, Party]:
    """The parties of the catalog by key."""
    return {key: _party(key) for key in catalog.items("parties")}


def _party(key: str) -> Party:
    facts = catalog.facts("parties", key)
    found = {name: fact for name in NUMBERS if (fact := _number(key, name, facts)) is not None}
    party = Party(
        key=key, name=_text(facts, "name"), tier=_text(facts, "tier"), group=_text(facts, "group"),
        core=_text(facts, "core") == "yes", nation=_text(facts, "nation"),
        source=facts["tier"].source, note=facts["tier"].note,
        ranges={name: (fact.low, fact.high) for name, fact in found.items()
                if fact.low is not None and fact.high is not None},
    )  # fmt: skip
    numbers: Any = {name: float(fact.value) for name, fact in found.items()}
    return replace(party, **numbers)


def _number(key: str, name: str, facts: dict[str, Fact]) -> Fact | None:
    """The fact of a number of a party: its own, or that of another table."""
    if name in facts:
        return facts[name]
    for table, attribute in ELSEWHERE.get(name, ()):
        if key in catalog.items(table):
            fact = catalog.facts(table, key).get(attribute)
            if fact is not None and not isinstance(fact.value, str):
                return fact
    return None


def _text(facts: dict[str, Fact], name: str) -> str:
    return str(facts[name].value) if name in facts else ""


def _deal(key: str) -> Deal:
    facts = catalog.facts("deals", key)
    amount = facts.get("amount_usd")
    texts = {name: _text(facts, name) for name in ("seniority", "collateral", "condition", "counted_in", "guarantees")}
    history = catalog.facts("deal_status", key)
    days = sorted((date.fromisoformat(day), str(fact.value)) for day, fact in history.items())
    return Deal(
        key=key, payer=_text(facts, "payer_party"), payee=_text(facts, "payee_party"),
        instrument=_text(facts, "instrument"), currency=_text(facts, "currency") or "USD",
        amount=_value(amount), low=_end(amount, "low"), high=_end(amount, "high"),
        gigawatts=_value(facts.get("gigawatts")), notice_days=_value(facts.get("notice_days")),
        start=date.fromisoformat(_text(facts, "start")), end=date.fromisoformat(_text(facts, "end")),
        schedule=_text(facts, "schedule") or "even", history=tuple(days), **texts,
        confidence=facts["status"].confidence, source=facts["status"].source, note=facts["status"].note,
    )  # fmt: skip


def _value(fact: Fact | None) -> float:
    return float("nan") if fact is None else float(fact.value)


def _end(fact: Fact | None, name: str) -> float:
    """An end of the range of a fact; nan if it has none."""
    end = None if fact is None else getattr(fact, name)
    return float("nan") if end is None else float(end)


def _payments(key: str) -> list[Payment]:
    facts = catalog.facts("payments", key)
    payer, payee, kind = (_text(facts, name) for name in ("payer", "payee", "kind"))
    return [
        Payment(
            key=key, payer=payer, payee=payee, kind=kind, covers=_text(facts, "covers") == "yes", year=int(year),
            usd=float(fact.value), low_usd=_end(fact, "low"), high_usd=_end(fact, "high"),
            confidence=fact.confidence, source=fact.source, note=fact.note,
        )
        for year, fact in facts.items() if year not in PAYMENT_TEXTS
    ]  # fmt: skip
