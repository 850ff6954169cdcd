"""The columns of the files of a book: units, allowed words and what each holds."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gigawatt.catalog import CONFIDENCES, SOURCE_COLUMNS
from gigawatt.deals.book import INSTRUMENTS, TIERS, Deal, Party, Payment
from gigawatt.deals.book.book import PAYMENT_KINDS
from gigawatt.deals.book.deal import SENIORITIES

DEALS, PARTIES, PAYMENTS, SOURCES = "deals.csv", "parties.csv", "payments.csv", "sources.csv"
FIRST_YEAR, LAST_YEAR = 1990, 2100
CHOICES: dict[str, tuple[str, ...]] = {
    "instrument": INSTRUMENTS, "tier": TIERS, "kind": PAYMENT_KINDS, "seniority": SENIORITIES,
    "currency": ("USD",), "confidence": CONFIDENCES,
}  # fmt: skip
"""Words that a column allows; where it is not required, nothing as well."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: its unit, or the form of its text, and whether each row needs it."""

    unit: str
    meaning: str
    required: bool = False


NAME, DAY, USD = "text", "day", "USD"
COLUMNS: dict[str, dict[str, Column]] = {
    DEALS: {
        "key": Column(NAME, "name of the deal in all answers; each once", True),
        "payer": Column(NAME, "who pays, lends, invests or guarantees: the key of a party", True),
        "payee": Column(NAME, "who gets it: the key of a party", True),
        "instrument": Column(NAME, "what kind of contract", True),
        "amount": Column(USD, "all that is paid from start to end; empty where it was not disclosed"),
        "low": Column(USD, "lower end of the 90 % range of the amount; at most the amount"),
        "high": Column(USD, "upper end of it; at least the amount"),
        "currency": Column(NAME, "of the amounts"),
        "gigawatts": Column("GW", "of power that the deal is about"),
        "start": Column(DAY, "first day on which something is paid", True),
        "end": Column(DAY, "last day; not before the start", True),
        "schedule": Column(NAME, "when it is paid: `even` (over the days from start to end; so if empty), `start` (all "
                           "on the first day), `ramp` (rising from 0), `per_gw` or `milestone` (as `even`), "
                           "`on_default` (a guarantee: nothing unless called), or amounts by year such as "
                           "`2026=1e9 2027=6e9`"),
        "history": Column("days with statuses", "`2025-09-22 announced; 2026-02-27 firm`: each status from its day on, "
                          "in order; drawn, firm, signed, terminable, conditional, announced (from the surest on), "
                          "lapsed or superseded", True),
        "seniority": Column(NAME, "who is paid first if a party cannot pay; if empty equity for shares, else trade"),
        "collateral": Column(NAME, "what a debt is secured by; `GPU`, `TPU`, `chip` or `campus` in it is read"),
        "condition": Column(NAME, "what must come to pass first"),
        "notice_days": Column("days", "after which a side may end it"),
        "counted_in": Column(NAME, "key of the deal or payment that holds the same money: this one is then not added"),
        "guarantees": Column(NAME, "key of the deal or party whose debt or rent a guarantee covers"),
        "confidence": Column(NAME, "how well the amount is known"),
        "source": Column(NAME, "key of a source of sources.csv or of the catalog, or an address"),
        "note": Column(NAME, "anything"),
    },
    PARTIES: {
        "key": Column(NAME, "the name as deals and payments have it; each once", True),
        "name": Column(NAME, "in full"),
        "tier": Column(NAME, "place in the chain from customers to suppliers", True),
        "group": Column(NAME, "name in the weekly world; not read here"),
        "core": Column("yes or no", "whether it is one of the firms whose circle is asked for; no if empty"),
        "nation": Column(NAME, "of its seat"),
        "cash_usd": Column(USD, "cash and what can be sold at once, on 31 December 2025"),
        "debt_usd": Column(USD, "loans and bonds drawn by then, those by deal included; without leases"),
        "lease_usd": Column(USD, "leases on the balance sheet"),
        "chips_usd": Column(USD, "chips and servers, net of depreciation"),
        "sites_usd": Column(USD, "sites, power and other fixed assets, net"),
        "other_assets_usd": Column(USD, "all other assets but stakes that are deals"),
        "other_liabilities_usd": Column(USD, "all other liabilities"),
        "revenue_usd": Column("USD a year", "other business, from outside the parties and beside the payments"),
        "margin": Column("share", "of that revenue left after what is paid outside; may be below 0"),
        "growth": Column("share a year", "of that revenue; may be below 0"),
        "capex_usd": Column("USD a year", "planned for the year after the balance sheet"),
        "revolver_usd": Column(USD, "credit lines committed and not drawn"),
        "market_value_usd": Column(USD, "of all shares"),
        "source": Column(NAME, "key of a source, or an address"),
        "note": Column(NAME, "anything"),
    },
    PAYMENTS: {
        "key": Column(NAME, "name of the payment; may stand once a year", True),
        "payer": Column(NAME, "who pays: the key of a party, or a sector", True),
        "payee": Column(NAME, "who is paid", True),
        "kind": Column(NAME, "what for", True),
        "year": Column("calendar year", f"from {FIRST_YEAR} to {LAST_YEAR}", True),
        "usd": Column(USD, "paid in that year", True),
        "low_usd": Column(USD, "lower end of its 90 % range"),
        "high_usd": Column(USD, "upper end of it"),
        "covers": Column("yes or no", "whether deals of the same payer, payee and kind are inside it in that year: it "
                         "then stands for what their schedules say. With no, or nothing, it is paid on top of them"),
        "confidence": Column(NAME, "how well it is known"),
        "source": Column(NAME, "key of a source, or an address"),
        "note": Column(NAME, "anything"),
    },
    SOURCES: {
        "key": Column(NAME, "as other files name it", True),
        "title": Column(NAME, "of the page or paper"), "author": Column(NAME, "person or firm"),
        "url": Column(NAME, "its address"),
        "published": Column(DAY, "when"), "read_on": Column(DAY, "when it was read"),
        "licence": Column(NAME, "its terms, if any must be printed"), "note": Column(NAME, "anything"),
    },
}  # fmt: skip
"""Columns by file, in their order."""
DEAL_COLUMNS = tuple(each.name for each in fields(Deal))
PARTY_COLUMNS = tuple(each.name for each in fields(Party) if each.name != "ranges")
PAYMENT_COLUMNS = tuple(each.name for each in fields(Payment))
ORDER = {DEALS: DEAL_COLUMNS, PARTIES: PARTY_COLUMNS, PAYMENTS: PAYMENT_COLUMNS, SOURCES: SOURCE_COLUMNS}
"""Names of the columns as they are written."""


def required(file: str) -> tuple[str, ...]:
    """Columns that each row of a file needs."""
    return tuple(name for name, column in COLUMNS[file].items() if column.required)
