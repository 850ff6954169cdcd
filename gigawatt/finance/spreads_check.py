"""The spread model against debts that were sold: the terms and prices of the catalog table `financings`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gigawatt import catalog
from gigawatt.errors import nearest
from gigawatt.finance.residual import residual_curve
from gigawatt.finance.spreads import BP, Contract, CreditSpread, Customer, Financing, Guarantee, spread_over_benchmark
from gigawatt.finance.spreads_default import Collateral, rating

CREDIT = "credit."  # items of the table `finance` that hold a company's rating
CUSTOMER = re.compile(r"\s*(?P<name>.*?)\s+(?P<share>[0-9.]+)\s*%\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One debt: what was paid for it and what the model says, in basis points over the benchmark."""

    item: str
    name: str
    as_of: str
    fitted: bool  # whether a parameter was set on it
    published_bp: float
    found: CreditSpread

    @property
    def error_bp(self) -> float:
        """Model less published."""
        return self.found.total_bp - self.published_bp


def customers_of(text: str) -> tuple[Customer, ...]:
    """Customers of a text such as `Microsoft 60%, BB+ 25%, Fluidstack:B- 15%`: companies of the catalog, or ratings.

    Raises:
        ValueError: A part has no share, or a name that is neither a rating nor a company of the catalog.
    """
    found = []
    for part in filter(str.strip, text.split(",")):
        match = CUSTOMER.match(part)
        if match is None:
            raise ValueError(f"customer {part.strip()!r}: wants a name or rating and a share, such as Microsoft 60%")
        name, _, rated = match["name"].partition(":")
        found.append(
            Customer(name=name, share=float(match["share"]) / 100, rating=rating(rated) if rated else credit_of(name))
        )
    return tuple(found)


def credit_of(name: str) -> str:
    """Rating that a name stands for: itself, or that of a company of the catalog table `finance`."""
    rated = {item.removeprefix(CREDIT): item for item in catalog.items("finance") if item.startswith(CREDIT)}
    lowered = {company.lower(): item for company, item in rated.items()}
    if name.strip().lower() in lowered:
        return str(catalog.value("finance", lowered[name.strip().lower()], "rating"))
    try:
        return rating(name)
    except ValueError:
        near = nearest(name, tuple(rated))
        hint = f"; did you mean {near}?" if near else ""
        raise ValueError(
            f"{name!r} is neither a rating nor a company whose rating the catalog has{hint} "
            f"(known: {', '.join(rated)}; or say it: {name}:BB-)"
        ) from None


def financing(item: str) -> Financing:
    """A debt of the catalog as the model sees it."""
    facts = catalog.facts("financings", item)
    text = {name: str(fact.value) for name, fact in facts.items() if fact.unit == "text"}
    given = {name: float(fact.value) for name, fact in facts.items() if fact.unit != "text"}
    return Financing(
        sponsor=text["sponsor"],
        years=given["years"],
        customers=customers_of(text.get("customers", "")),
        contract=Contract(years=given["contract_years"]) if "contract_years" in given else Contract(),
        dscr=given.get("dscr", 1.0),
        collateral=_collateral(given, text.get("assets", "")),
        amortised=given["amortised"],
        guarantee=Guarantee(rating=text["guarantor"], share=given["guaranteed"]) if "guarantor" in text else None,
        subordinated=given.get("subordinated", 0.0) > 0,
        construction_years=given.get("construction_years", 0.0),
        single_purpose=given.get("single_purpose", 1.0) > 0,
    )


def _collateral(given: Mapping[str, float], assets: str) -> Collateral | None:
    if not assets:
        return None
    return Collateral(ltv=given["ltv"], ltv_senior=given.get("ltv_senior", 0.0), curve=residual_curve(assets))


def check() -> tuple[Checked, ...]:
    """The model against every debt of the catalog, those it was fitted on first."""
    found = []
    for item in catalog.items("financings"):
        paid = catalog.fact("financings", item, "published_spread")
        found.append(
            Checked(
                item=item,
                name=str(catalog.value("financings", item, "name")),
                as_of=paid.as_of,
                fitted=catalog.value("financings", item, "use") == "fitted",
                published_bp=float(paid.value) * BP,
                found=spread_over_benchmark(financing(item)),
            )
        )
    return tuple(sorted(found, key=lambda one: not one.fitted))
