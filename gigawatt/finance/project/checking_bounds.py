"""What every value of a project can be at all, and how a problem is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from math import inf, isnan
from types import MappingProxyType
from typing import Any

import numpy as np

from gigawatt.errors import GigawattError, nearest, shown
from gigawatt.finance.project.inputs import (
    Asset,
    Backstop,
    Capacity,
    Contract,
    Cost,
    Covenants,
    Merchant,
    Phase,
    Project,
    Reserves,
    Taxes,
    Tranche,
)

OPEN_BY = 1e-9  # above a low end that is not allowed itself
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "CNY", "CAD", "AUD", "NOK", "SEK", "INR", "KRW", "SGD", "AED", "SAR",
              "BRL", "TWD", "HKD", "DKK", "PLN", "MXN", "ILS")  # fmt: skip

SECTIONS: Mapping[str, type] = MappingProxyType({  # mappings by name, in order
    "assets": Asset, "phases": Phase, "contracts": Contract, "backstops": Backstop, "costs": Cost, "debt": Tranche,
})  # fmt: skip
GROUPS: Mapping[str, type] = MappingProxyType({  # one of each
    "capacity": Capacity, "merchant": Merchant, "taxes": Taxes, "reserves": Reserves, "covenants": Covenants,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be: where, what, what is allowed, and the name that is most like a wrong one."""

    path: str
    message: str
    allowed: str = ""
    near: str | None = None

    @classmethod
    def unknown(cls, path: str, what: str, name: str, known: Iterable[str]) -> Problem:
        """A name that is not among the known ones."""
        names = list(known)
        return cls(path, f"unknown {what} {shown(name)}", f"known: {', '.join(names)}", nearest(name, names))

    def __str__(self) -> str:
        question = f"did you mean {shown(self.near)}?" if self.near else ""
        return f"{self.path}: " + "; ".join(each for each in (self.message, self.allowed, question) if each)


class ProjectError(GigawattError, ValueError):
    """Every problem of a project."""

    def __init__(self, found: Iterable[Problem]) -> None:
        self.problems = tuple(found)
        super().__init__("\n".join(str(each) for each in self.problems))


@dataclass(frozen=True, slots=True)
class Bound:
    """From `low` to `high`, both allowed unless `open` says that the low end is not; `blank` also takes nan or inf."""

    low: float = 0.0
    high: float = inf
    open: bool = False
    blank: bool = False

    def nearest(self, values: np.ndarray) -> np.ndarray:
        """The values, those outside moved to the nearest that can be."""
        return np.asarray(np.clip(values, self.low + OPEN_BY * self.open, self.high))

    def fits(self, value: float) -> bool:
        if isnan(value) or abs(value) == inf:
            return self.blank
        return (value > self.low if self.open else value >= self.low) and value <= self.high

    def __str__(self) -> str:
        least = f"above {self.low:g}" if self.open else f"{self.low:g} or more"
        if self.high == inf:
            return least
        return f"above {self.low:g}, at most {self.high:g}" if self.open else f"{self.low:g} to {self.high:g}"


SHARE, SOME_SHARE, AMOUNT, SOME = Bound(0, 1), Bound(0, 1, True), Bound(0), Bound(0, inf, True)
RATE, CHANGE = Bound(-0.1, 1), Bound(-1, 1, True)  # of interest; of a price a year
MOST_AMOUNT, ANY = Bound(0, inf, True, True), Bound(-inf, inf)
DAYS = Bound(0, 366)
FEE, KEPT = Bound(0, 0.25), Bound(0, 60)  # of a loan; months in reserve
BOUNDS: Mapping[type, Mapping[str, Bound]] = MappingProxyType({
    Asset: {
        "capex_usd": AMOUNT, "life_years": SOME, "refresh_usd": Bound(0, inf, False, True), "refresh_trend": CHANGE,
        "least_use_years": AMOUNT, "residual": SHARE, "guaranteed_residual": SHARE, "tax_life_years": AMOUNT,
        "shares": SHARE, "bonus": SHARE, "state_bonus": Bound(0, 1, False, True), "tax_credit": SHARE,
    },
    Phase: {"share": SOME_SHARE, "start_month": AMOUNT, "months": SOME, "curve": SHARE},
    Capacity: {
        "chips": SOME, "it_mw": AMOUNT, "pue": Bound(1), "load_factor": SHARE, "availability": SOME_SHARE,
        "degradation": SHARE, "pflop_per_s": AMOUNT, "tokens_per_s": AMOUNT,
    },
    Contract: {
        "share": SOME_SHARE, "usd_per_chip_h": AMOUNT, "utilisation": SHARE, "take_or_pay": SHARE,
        "start_month": AMOUNT, "months": SOME, "escalation": CHANGE, "ends_early_month": MOST_AMOUNT,
        "termination_share": SHARE,
    },
    Merchant: {"usd_per_chip_h": AMOUNT, "utilisation": SHARE, "ageing": CHANGE},
    Backstop: {"share": SOME_SHARE, "usd_per_chip_h": AMOUNT, "months": SOME},
    Cost: {"amount": AMOUNT, "escalation": CHANGE},
    Taxes: {
        "rate": SHARE, "state_rate": SHARE, "loss_limit": SHARE, "interest_limit": Bound(0, inf, False, True),
        "final_write_off": SHARE, "fees_deducted": SHARE, "credit_price": Bound(0, 2), "investor_share": SHARE,
        "investor_usd": AMOUNT, "flip_month": AMOUNT, "flipped_share": SHARE,
    },
    Tranche: {
        "years": SOME, "base_rate": RATE, "spread": RATE, "hedged": SHARE, "swap_rate": RATE,
        "dscr": AMOUNT, "gearing": MOST_AMOUNT, "amount_usd": MOST_AMOUNT, "balloon": SHARE, "upfront_fee": FEE,
        "commitment_fee": FEE, "sweep": SHARE, "refinance_month": MOST_AMOUNT, "refinance_spread": RATE,
        "refinance_fee": FEE, "guarantee_usd": AMOUNT, "recourse": SHARE,
    },
    Reserves: {
        "debt_service_months": KEPT, "opex_months": KEPT, "refresh_funded": SHARE, "interest_rate": RATE,
    },
    Covenants: {"lockup_dscr": AMOUNT, "default_dscr": AMOUNT},
    Project: {
        "operation_years": SOME, "delay_months": AMOUNT, "energy_usd_per_mwh": AMOUNT,
        "energy_escalation": CHANGE, "receivable_days": DAYS,
        "payable_days": DAYS, "draw_timing": SHARE, "merchant_counted": SHARE, "residual_counted": SHARE,
        "discount_rate": CHANGE, "equity_discount_rate": CHANGE, "inflation": CHANGE,
    },
})  # fmt: skip


def bound_at(path: str) -> Bound:
    """What the number at a dotted path can be."""
    head, name = path.partition(".")[0], path.rpartition(".")[2]
    entity = GROUPS.get(head) or SECTIONS.get(head) or Project
    return BOUNDS.get(entity, {}).get(name, ANY)


def outside(part: object, path: str) -> Iterator[Problem]:
    """The values of a part that are outside what they can be."""
    names = [each.name for each in fields(part)]  # type: ignore[arg-type]
    return outside_of(type(part), {name: getattr(part, name) for name in names}, path)


def outside_of(entity: type, given: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Of the values given for a part those that are outside what they can be."""
    for name, bound in BOUNDS[entity].items():
        if name not in given:
            continue
        values = given[name] if isinstance(given[name], tuple) else (given[name],)
        where = f"{path}.{name}" if path else name
        if not values and name != "shares":
            yield Problem(where, "no values given", "one, or one for each year")
        wrong = next((value for value in values if not bound.fits(value)), None)
        if wrong is not None:
            yield Problem(where, f"{wrong:g} is out of range", str(bound))
