"""From debt to what lenders add to it, in USD: leases, leases not commenced, vehicles by name, other firm purchases.

The order follows the rating agencies' adjustments (S&P Global Ratings, "Corporate Methodology: Ratios And
Adjustments": leases and guaranteed debt in, surplus cash out); leases not commenced and purchases go beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import OPENING, QUARTERS_PER_YEAR, Array, Company, Vehicle
from gigawatt.finance.companies.leases import uncommenced_at_opening_usd, worth_of_rents
from gigawatt.finance.companies.periods import Periods, leverage, periods
from gigawatt.finance.companies.purchases import purchases_usd, still_to_pay_usd
from gigawatt.finance.companies.statements import Lines, Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeRow:
    """One step from debt to all that must be paid; `usd` at the end of each period, shape (..., periods)."""

    kind: str  # debt, gap, cash, leases, uncommenced, vehicle, commitments; sum for the totals in between
    name: str
    opening_usd: float
    usd: Array
    counted: bool = True  # False: told only, since its rent stands among the leases


def bridge(made: Statements, annual: bool = True) -> tuple[BridgeRow, ...]:
    """Debt, less cash, plus each obligation that is not called debt, with sums; rows in order.

    A sum adds the counted rows above it. Rents and purchases stand at present value at the lease rate.
    """
    p, b, company, leases = periods(made, annual), made.balance, made.company, made.company.leases
    steps: list[BridgeRow | str] = [
        BridgeRow(kind="debt", name="debt", opening_usd=made.opening["debt"], usd=p.stock(b["debt"])),
        BridgeRow(kind="gap", name="unpaid bills", opening_usd=0.0, usd=p.stock(b["gap"])),
        BridgeRow(kind="cash", name="less cash", opening_usd=-made.opening["cash"], usd=-p.stock(b["cash"])),
        "net debt",
        BridgeRow(kind="leases", name="lease liabilities", opening_usd=made.opening["lease_liability"],
                  usd=p.stock(b["lease_liability"])),
        BridgeRow(kind="uncommenced", name="leases signed, not commenced",
                  opening_usd=uncommenced_at_opening_usd(leases), usd=p.stock(made.memo["uncommenced"])),
        *(_vehicle_row(each, made, p) for each in company.funding.vehicles),
        "net debt with leases and vehicles",
        BridgeRow(kind="commitments", name="other firm purchases", opening_usd=_commitments_at_opening_usd(company),
                  usd=p.stock(made.memo["commitments"])),
        "adjusted net debt",
    ]  # fmt: skip
    return _with_sums(steps)


def _with_sums(steps: list[BridgeRow | str]) -> tuple[BridgeRow, ...]:
    """The rows, with a sum of those counted so far where a name stands."""
    rows: list[BridgeRow] = []
    for step in steps:
        if isinstance(step, BridgeRow):
            rows.append(step)
            continue
        told = [row for row in rows if row.counted and row.kind != "sum"]
        usd = np.sum(np.broadcast_arrays(*(row.usd for row in told)), axis=0)
        rows.append(BridgeRow(kind="sum", name=step, opening_usd=sum(row.opening_usd for row in told), usd=usd))
    return tuple(rows)


def _vehicle_row(vehicle: Vehicle, made: Statements, p: Periods) -> BridgeRow:
    standing = vehicle.debt_usd if vehicle.first <= OPENING else 0.0
    usd = p.stock(vehicle_debt_usd(vehicle, made.quarters))
    return BridgeRow(
        kind="vehicle", name=vehicle.name, opening_usd=standing, usd=usd, counted=not vehicle.in_leases
    )  # fmt: skip


def _commitments_at_opening_usd(company: Company) -> float:
    """Present value at the opening of firm purchases, in USD."""
    return float(still_to_pay_usd(purchases_usd(company), company.leases.rate, 0)[0])


def adjusted(made: Statements, p: Periods) -> Lines:
    """Adjusted debt step by step, each over EBITDA with the payments that go with it added back."""
    base = p.stock(made.balance["debt"] + made.balance["gap"] - made.balance["cash"])
    ebitda = p.flow(made.income["ebitda"]) * p.annualise
    rent = p.flow(made.memo["rent"]) * p.annualise
    vehicles = [v for v in made.company.funding.vehicles if not v.in_leases]
    owed = sum((vehicle_debt_usd(v, made.quarters) for v in vehicles), np.zeros(made.quarters))
    leased = base + p.stock(made.balance["lease_liability"])
    signed = leased + p.stock(made.memo["uncommenced"])
    through = signed + p.stock(owed)
    all_in = through + p.stock(made.memo["commitments"])
    # Only rent that EBITDA has paid is added back to it.
    vehicle_rent = p.stock(vehicle_rents_usd(made.company, made.quarters, in_costs=True)) * QUARTERS_PER_YEAR
    bought = p.flow(made.memo["purchases"]) * p.annualise
    return {
        "lease_liability_usd": leased - base, "uncommenced_usd": signed - leased, "vehicles_usd": through - signed,
        "commitments_usd": all_in - through, "looked_through_debt_usd": through,
        "adjusted_debt_usd": all_in,
        "leverage_with_leases": leverage(leased, ebitda + rent),
        "leverage_with_uncommenced": leverage(signed, ebitda + rent),
        "leverage_with_vehicles": leverage(through, ebitda + rent + vehicle_rent),
        "leverage_with_commitments": leverage(all_in, ebitda + rent + vehicle_rent + bought),
    }  # fmt: skip


def vehicle_debt_usd(vehicle: Vehicle, quarters: int) -> Array:
    """What a vehicle owes at the end of each quarter, repaid by level rent from the quarter after its first."""
    first, count = max(vehicle.first, OPENING), round(vehicle.years * QUARTERS_PER_YEAR)
    age = np.arange(quarters) - first
    whole = worth_of_rents(vehicle.rate, count)
    left = worth_of_rents(vehicle.rate, count - np.maximum(0, age))
    return np.asarray(np.where(age >= 0, vehicle.debt_usd * left / whole, 0.0))


def vehicle_rents_usd(company: Company, quarters: int, in_costs: bool = False) -> Array:
    """Rent by quarter of the vehicles that are added, in USD; with `in_costs` of those whose rent the costs hold."""
    vehicles = [v for v in company.funding.vehicles if not v.in_leases and (v.in_costs or not in_costs)]
    return sum((_vehicle_rent_usd(v, quarters) for v in vehicles), np.zeros(quarters))


def _vehicle_rent_usd(vehicle: Vehicle, quarters: int) -> Array:
    count = round(vehicle.years * QUARTERS_PER_YEAR)
    age = np.arange(quarters) - max(vehicle.first, OPENING)
    return np.where((age > 0) & (age <= count), vehicle.debt_usd / worth_of_rents(vehicle.rate, count), 0.0)
