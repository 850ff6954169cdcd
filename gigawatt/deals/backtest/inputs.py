"""What was known of carriers, makers and the loans between them when the year ended, with its uncertainty.

Reads the tables telecom, telecom_loans, telecom_vendors and telecom_assumptions of the catalog, and of those only
values of the frozen year and of the year before. What happened later stands in a table that this module never opens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gigawatt import catalog
from gigawatt.catalog import Fact

Array = NDArray[np.float64]
Index = NDArray[np.int64]

FROZEN = (1999, 2000)  # years at whose end the inputs are frozen
LEAST = 0.05  # of an amount: what a stretched range leaves of it
LAST_YEAR = 2002  # the test ends with it
FIELDS = (
    "cash_usd", "committed_usd", "debt_usd", "revenue_usd", "ebitda_usd", "before_ebitda_usd", "capex_usd",
    "interest_usd", "due_first_usd", "due_second_usd", "due_third_usd",
)  # fmt: skip
VENDOR_FIELDS = ("financed_usd", "line_usd", "cash_usd", "debt_usd", "equity_usd")
ASSUMPTIONS = ("kept_at_first", "kept_in_second", "kept_later", "trend_kept", "vendor_lines_kept")
VENDOR_ASSUMPTIONS = ("loss_given_default", "drawn_before_default")


@dataclass(frozen=True, slots=True)
class Ranged:
    """Values with their ranges; `low` and `high` equal the value where none is given. Shape (fields, items)."""

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that the test of one frozen year may know, amounts in USD."""

    frozen: int
    carriers: tuple[str, ...]
    carrier: Ranged  # FIELDS x carriers
    vendors: tuple[str, ...]
    vendor: Ranged  # VENDOR_FIELDS x vendors
    loan_vendor: Index  # place in `vendors`, shape (loans,)
    loan_carrier: Index
    loan: Ranged  # drawn and undrawn, shape (2, loans)
    assumption: Ranged  # ASSUMPTIONS and VENDOR_ASSUMPTIONS, shape (7, 1)
    facts: tuple[Fact, ...]  # every row that was read

    def middle(self, field: str) -> Array:
        """The central values of one field of the carriers."""
        out: Array = self.carrier.value[FIELDS.index(field)]
        return out

    @property
    def quarters(self) -> int:
        """Quarters from the freeze to the end of 2002."""
        return 4 * (LAST_YEAR - self.frozen)

    def recalled_share(self) -> float:
        """Share of the numbers read that are own estimates, most of them from memory, 0 to 1."""
        numbers = [fact for fact in self.facts if not isinstance(fact.value, str)]
        return sum(fact.source == "own-estimate" for fact in numbers) / len(numbers)


def inputs(frozen: int) -> Inputs:
    """Inputs as they stood at the end of a year.

    Raises:
        ValueError: A year without data.
    """
    if frozen not in FROZEN:
        raise ValueError(f"frozen: {frozen}; data are frozen at the end of {' or '.join(map(str, FROZEN))}")
    read: list[Fact] = []
    carriers = tuple(
        name for name in catalog.items("telecom") if f"{frozen}.debt_usd" in catalog.facts("telecom", name)
    )
    vendors = catalog.items("telecom_vendors")
    loans = [key for key in catalog.items("telecom_loans") if _borrower(key) in carriers]
    return Inputs(
        frozen=frozen,
        carriers=carriers,
        carrier=_ranged(FIELDS, carriers, lambda name, field: _carrier_fact(name, field, frozen), read),
        vendors=vendors,
        vendor=_ranged(VENDOR_FIELDS, vendors, lambda name, f: _at("telecom_vendors", name, f, frozen), read),
        loan_vendor=np.array([vendors.index(_lender(key)) for key in loans], dtype=np.int64),
        loan_carrier=np.array([carriers.index(_borrower(key)) for key in loans], dtype=np.int64),
        loan=_ranged(("drawn_usd", "undrawn_usd"), loans, lambda key, f: _at("telecom_loans", key, f, frozen), read),
        assumption=_ranged(ASSUMPTIONS + VENDOR_ASSUMPTIONS, ("all",), lambda _, field: assumption(field), read),
        facts=tuple(read),
    )


def widened(known: Inputs, factor: float) -> Inputs:
    """The same inputs with ranges `factor` times as wide; amounts stay above 0 where all are, shares from 0 to 1.

    Raises:
        ValueError: A factor below 0.
    """
    if factor < 0.0:
        raise ValueError(f"widen: {factor}; 0 or more")
    most = np.full_like(known.assumption.value, 1.0)
    return replace(
        known,
        carrier=_wider(known.carrier, factor, np.inf),
        vendor=_wider(known.vendor, factor, np.inf),
        loan=_wider(known.loan, factor, np.inf),
        assumption=_wider(known.assumption, factor, most),
    )


def _wider(ranged: Ranged, factor: float, most: Array | float) -> Ranged:
    """Ranges stretched round their values; a field without a low end below 0 keeps a twentieth of the value."""
    low = ranged.value - factor * (ranged.value - ranged.low)
    high = ranged.value + factor * (ranged.high - ranged.value)
    signed = (ranged.low < 0.0).any(axis=1, keepdims=True)
    least = np.minimum(ranged.low, LEAST * ranged.value)
    return Ranged(ranged.value, np.where(signed, low, np.maximum(low, least)), np.minimum(high, most))


def assumption(field: str) -> Fact:
    """The row of one assumption of the test."""
    item = "stop test" if field in ASSUMPTIONS else "vendors"
    return catalog.fact("telecom_assumptions", item, field)


def kind(carrier: str) -> str:
    """What a carrier mostly sells."""
    return str(catalog.value("telecom", carrier, "kind"))


def _at(table: str, item: str, field: str, year: int) -> Fact:
    return catalog.fact(table, item, f"{year}.{field}")


def _carrier_fact(name: str, field: str, frozen: int) -> Fact:
    """One row of a carrier; EBITDA before is that of last year, unless a merger asked for one on the same footing.

    A firm without a year before has no trend: it is taken as equal to this year's.
    """
    known = catalog.facts("telecom", name)
    if field != "before_ebitda_usd":
        return known[f"{frozen}.{field}"]
    chosen = (f"{frozen}.before_ebitda_usd", f"{frozen - 1}.ebitda_usd", f"{frozen}.ebitda_usd")
    return next(known[attribute] for attribute in chosen if attribute in known)


def _lender(key: str) -> str:
    return str(catalog.value("telecom_loans", key, "lender"))


def _borrower(key: str) -> str:
    return str(catalog.value("telecom_loans", key, "borrower"))


def _ranged(
    fields: tuple[str, ...], items: tuple[str, ...] | list[str], row: Callable[[str, str], Fact], read: list[Fact]
) -> Ranged:
    """Values and ranges of some fields of some items; every row goes into `read`."""
    found = [[row(item, field) for item in items] for field in fields]
    read.extend(fact for facts in found for fact in facts)
    value = np.array([[float(fact.value) for fact in facts] for facts in found])
    low = [[fact.value if fact.low is None else fact.low for fact in facts] for facts in found]
    high = [[fact.value if fact.high is None else fact.high for fact in facts] for facts in found]
    return Ranged(value, np.array(low, dtype=np.float64), np.array(high, dtype=np.float64))
