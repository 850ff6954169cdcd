"""The spread model against debts that were sold: the terms and prices of the catalog table `financings`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median

from gigawatt import catalog
from gigawatt.errors import nearest
from gigawatt.finance.residual import residual_curve
from gigawatt.finance.spreads import BP, Contract, CreditSpread, Customer, Financing, Guarantee, spread_over_benchmark
from gigawatt.finance.spreads_default import Collateral, corporate_spread, hazard_per_year, rating

CREDIT = "credit."  # items of the table `finance` that hold a company's rating
RECENT = "2025"  # debts before are the first of their kind
CUSTOMER = re.compile(r"\s*(?P<name>.*?)\s+(?P<share>[0-9.]+)\s*%\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One debt: what was paid for it and what the model says, in basis points over the benchmark."""

    item: str
    name: str
    as_of: str
    fitted: bool  # whether a parameter was set on it
    published_bp: float
    by_rating_bp: float  # of an unsecured corporate bond of the borrower's rating: contracts and security left out
    found: CreditSpread

    @property
    def error_bp(self) -> float:
        """Model less published."""
        return self.found.total_bp - self.published_bp


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How far the model is off over some debts, in basis points, beside two rules that need no model."""

    debts: int
    bias_bp: float  # mean error: below 0 the model asks too little
    rms_bp: float  # root of the mean square of errors
    median_bp: float  # of errors without their signs
    worst_bp: float
    r_squared: float  # 1 less squares of errors over squares around the mean; below 0 the mean is the better guess
    constant_rms_bp: float  # of the mean of what these very debts paid, which nobody knew before
    rating_rms_bp: float  # of a corporate bond of the borrower's rating


def fit(checked: Sequence[Checked]) -> Fit:
    """How far the model is off over these debts.

    Raises:
        ValueError: There are fewer than two.
    """
    if len(checked) < 2:
        raise ValueError(f"{len(checked)} debts: wants two or more")
    errors = [one.error_bp for one in checked]
    middle = fmean(one.published_bp for one in checked)
    rms = _rms(errors)
    constant = _rms([one.published_bp - middle for one in checked])
    return Fit(
        debts=len(errors), bias_bp=fmean(errors), rms_bp=rms, median_bp=median(map(abs, errors)),
        worst_bp=max(errors, key=abs), r_squared=1 - (rms / constant) ** 2, constant_rms_bp=constant,
        rating_rms_bp=_rms([one.by_rating_bp - one.published_bp for one in checked]),
    )  # fmt: skip


def _rms(values: Sequence[float]) -> float:
    return sqrt(fmean(value * value for value in values))


def held_out() -> tuple[Checked, ...]:
    """Debts since RECENT that no parameter was set on."""
    return tuple(one for one in check() if not one.fitted and one.as_of >= RECENT)


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
        single_purpose=given["single_purpose"] > 0,
    )


def _published(item: str) -> tuple[float, str]:
    """(Spread that was paid, its date): as published, or the published yield less the benchmark of that time."""
    facts = catalog.facts("financings", item)
    if "published_spread" in facts:
        return float(facts["published_spread"].value), facts["published_spread"].as_of
    paid = facts["published_yield"]
    return float(paid.value) - float(facts["benchmark"].value), paid.as_of


def _collateral(given: Mapping[str, float], assets: str) -> Collateral | None:
    if not assets:
        return None
    return Collateral(ltv=given["ltv"], ltv_senior=given.get("ltv_senior", 0.0), curve=residual_curve(assets))


def check() -> tuple[Checked, ...]:
    """The model against every debt of the catalog, those it was fitted on first."""
    found = []
    for item in catalog.items("financings"):
        debt, (paid, as_of) = financing(item), _published(item)
        found.append(
            Checked(
                item=item,
                name=str(catalog.value("financings", item, "name")),
                as_of=as_of,
                fitted=catalog.value("financings", item, "use") == "fitted",
                published_bp=paid * BP,
                by_rating_bp=corporate_spread(hazard_per_year(debt.sponsor)) * BP,
                found=spread_over_benchmark(debt),
            )
        )
    return tuple(sorted(found, key=lambda one: not one.fitted))
