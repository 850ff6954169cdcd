"""What is tried on a company: less revenue, a customer that fails, dearer money, shorter lives, closed markets."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.errors import nearest
from gigawatt.finance.companies.company import Array, Company


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """Changes from quarter `start` on; `revenue`, `rates` and `capex` may be arrays of draws, shape (draws,)."""

    revenue: float | Array = 0.0  # share added to revenue: -0.2 is a fifth less
    rates: float | Array = 0.0  # a year, added to floating, new and cash rates
    capex: float | Array = 0.0  # share added to capex
    defaults: str | None = None  # a customer that stops paying
    chip_life_years: float | None = None  # from the opening
    refinancing_closed: bool = False  # no new debt, no draws, no shares; the revolver stays
    signed_kept: bool = False  # while refinancing is closed, signed debt is still drawn and signed shares are paid
    start: int = 0


NONE = Stress()

# The five that every company is put through, with their names.
STANDARD: tuple[tuple[str, Stress], ...] = (
    ("revenue -20%", Stress(revenue=-0.2)),
    ("rates +2%", Stress(rates=0.02)),
    ("chips 4 years", Stress(chip_life_years=4.0)),
    ("markets closed", Stress(refinancing_closed=True)),
)


def customer_share(company: Company, name: str | None) -> float:
    """Share of contracted revenue that comes from a customer; 0 without a name.

    Raises:
        ValueError: The company has no such customer in the catalog.
    """
    if name is None:
        return 0.0
    known = company.business.customers
    found = {key.lower(): key for key in known}.get(name.lower())
    if found is None:
        close = nearest(name, known)
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"{company.name} has no customer {name!r}{hint} (known: {', '.join(known) or 'none'})")
    return known[found]


def largest_customer(company: Company) -> str | None:
    """The customer with the largest share of contracted revenue, if the catalog tells of any."""
    return next(iter(customers(company)), None)


def customers(company: Company) -> tuple[str, ...]:
    """Customers that the catalog tells of, the largest share of contracted revenue first."""
    known = company.business.customers
    return tuple(sorted(known, key=known.__getitem__, reverse=True))
