"""Vehicles, which own one campus or fleet for their lenders: they fall with their tenants, and pay what these pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gigawatt.deals.book import Book
from gigawatt.deals.stress.assumptions import Assumptions
from gigawatt.deals.stress.opening import Opening
from gigawatt.deals.stress.result import Quarters

Tenants = Mapping[str, set[str]]
"""Who rents from each vehicle that has a tenant."""


def tenants_of(book: Book, status: str) -> Tenants:
    """Who rents from each vehicle, by deals as sure as `status` and by payments; vehicles without tenants left out."""
    found: dict[str, set[str]] = {key: set() for key, party in book.parties.items() if party.tier == "vehicle"}
    for deal in book.standing(status):
        if deal.payee in found and deal.instrument in ("lease", "take_or_pay"):
            found[deal.payee].add(deal.payer)
    for pay in book.payments:
        if pay.payee in found and pay.kind in ("rent", "compute"):
            found[pay.payee].add(pay.payer)
    return {key: names for key, names in found.items() if names}


def fallen_vehicles(tenants: Tenants, opened: Opening, run: Quarters, falls: Mapping[str, int]) -> dict[str, int]:
    """Vehicles all of whose tenants have defaulted, with the quarter of the last of them; those in `falls` left out."""
    when = dict(zip(opened.firms, run.first_default_quarter.tolist(), strict=True))
    return {
        key: max(when[name] for name in names) for key, names in tenants.items()
        if key not in falls and when.get(key, -1) < 0 and all(when.get(name, -1) >= 0 for name in names)
    }  # fmt: skip


def pays_on(defaults: Sequence[str], pay_share: float, terms: Assumptions, tenants: Tenants) -> dict[str, float]:
    """Share of its dues that a firm pays once it has defaulted: those named, and vehicles that let to them alone.

    A vehicle has nothing but its rents: what its tenants pay on, it pays on. All others pay what estates do.
    """
    passes = max(pay_share, terms.estate_share)
    own = {key: passes for key, names in tenants.items() if names <= set(defaults)}
    return own | dict.fromkeys(defaults, pay_share)
