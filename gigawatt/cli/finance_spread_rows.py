"""Rows of `gigawatt finance spread`: the spread by cause, what it was derived from, and the model's checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from textwrap import fill
from typing import Any

from gigawatt import catalog
from gigawatt.cli.finance_bounds import BOUNDS, number
from gigawatt.cli.output import width_there_is
from gigawatt.finance.parameters import parameter
from gigawatt.finance.spreads import BP, CreditSpread, Financing, spread_over_benchmark
from gigawatt.finance.spreads_check import CREDIT, RECENT, check, fit, held_out

LEAST = ("used", "loss", "rating", "structure", "premium", "expected loss")
LONG = ("section", "item", "value", "text", "unit", "as_of", "source", "note")
PARAMETERS = (
    "operator", "single_purpose", "life_slope", "loss_unsecured", "loss_subordinated", "least_loss", "distress",
    "small_issue",
)  # fmt: skip
WITH = {  # option -> options that say nothing without it
    "customers": ("contract-years", "take-or-pay", "termination", "dscr"),
    "ltv": ("senior", "assets"),
    "guarantor": ("guaranteed", "completion"),
}
LINE = 110  # characters of a line that is read as text
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A debt, the texts of the options that told of it, those of options left out, and a benchmark."""

    debt: Financing
    given: Mapping[str, str]
    defaults: Mapping[str, str]
    benchmark: float | None = None

    @property
    def rate(self) -> float:
        """The risk-free rate that the all-in yield starts from."""
        return parameter("spread.benchmark") if self.benchmark is None else self.benchmark

    @property
    def found(self) -> CreditSpread:
        """What the model says."""
        return spread_over_benchmark(self.debt)


def headline(asked: Given) -> str:
    """The spread, the rating it is like, how far the model is off, the all-in yield, and what was assumed."""
    found = asked.found
    lines = [
        f"about {_about(found.total_bp):,} bp over the benchmark, like {found.rating} ({_fit(found.total_bp)}); "
        f"{asked.rate + found.total_bp / BP:.1%} all in, over a benchmark of {asked.rate:.2%}"
    ]
    if assumed := _assumed(asked):
        lines.append(f"not given, so assumed: {assumed}")
    return "\n".join(fill(line, min(width_there_is(True), LINE), subsequent_indent="  ") for line in lines)


def _fit(bp: float) -> str:
    """How far the model is off where it was checked, and whether this spread lies there."""
    held = held_out()
    paid, found = [one.published_bp for one in held], fit(held)
    within = f"half of {found.debts} checks within {found.median_bp:.0f} bp, root mean square {found.rms_bp:.0f}"
    if min(paid) <= bp <= max(paid):
        return within
    return f"{within}, but they paid {min(paid):.0f} to {max(paid):.0f} bp: this is outside"


def _about(bp: float) -> int:
    """To five basis points, and to the point below 50."""
    return round(bp) if bp < 50 else 5 * round(bp / 5)


def _assumed(asked: Given) -> str:
    """What matters most of all that the options do not tell."""
    told = {
        "sponsor": f"a borrower rated {asked.defaults['sponsor']}",
        "customers": "no contracts",
        "years": f"{asked.defaults['years']} years",
        "ltv": "no security",
        "amortised": "repaid evenly",
    }
    return ", ".join(words for name, words in told.items() if name not in asked.given)


def causes(asked: Given) -> list[Row]:
    """The spread by cause and the risk behind it, as people read it."""
    found = asked.found
    return [
        {"what": "expected loss", "value": f"{found.expected_loss_bp:.0f} bp", "note": "of history"},
        {"what": "risk premium", "value": f"{found.risk_premium_bp:.0f} bp", "note": "of corporate bonds"},
        {"what": "structure", "value": f"{found.structure_bp:.0f} bp", "note": "of debt that AI compute pays"},
        {"what": "spread", "value": f"{found.total_bp:.0f} bp", "note": ""},
        {
            "what": "fails in a year",
            "value": f"{found.hazard_per_year:.2%}",
            "note": "construction, customers, operator",
        },
        {"what": "lost if it fails", "value": f"{found.loss_given_default:.0%}", "note": "mean over causes and life"},
        {"what": "under contract", "value": f"{found.covered:.0%}", "note": "of debt service in operation"},
    ]


def inputs(asked: Given) -> list[Row]:
    """Every input and parameter, with where it is from."""
    rows = [*_terms(asked), *_ratings(asked), *_parameters(asked)]
    return [{"input": row["item"], "value": _value(row), "source": row["source"], "note": row["note"]} for row in rows]


def _value(row: Row) -> str:
    """A customer's share and rating, else what was written, else a number."""
    if row["item"].startswith("customer "):
        return f"{row['value']:.0%}, {row['text']}"
    return row["text"] or f"{row['value']:.4g}"


def _terms(asked: Given) -> list[Row]:
    """The options as given, and those with a default."""
    rows = [
        _row("input", f"customer {each.name}", each.share, text=each.rating, unit="1", source="option --customers")
        for each in asked.debt.customers
    ]
    rows += [_term(name, text, f"option --{name}") for name, text in asked.given.items() if name != "customers"]
    idle = {name for needed, names in WITH.items() if needed not in asked.given for name in names}
    left = [name for name in asked.defaults if name not in asked.given and name not in idle]
    return rows + [_term(name, asked.defaults[name], "default") for name in left]


def _term(name: str, text: str, source: str) -> Row:
    """An option with its number and unit, where it is one, and its text."""
    value, unit = (number(name, text), BOUNDS[name].unit) if name in BOUNDS else (None, "")
    return _row("input", name, value, text="yes" if text == "True" else text, unit=unit, source=source)


def _ratings(asked: Given) -> list[Row]:
    """Ratings that companies of the catalog stand for."""
    names = [asked.given.get("sponsor", ""), asked.given.get("guarantor", "")]
    names += [customer.name for customer in asked.debt.customers]
    known = {item.removeprefix(CREDIT).lower(): item for item in catalog.items("finance") if item.startswith(CREDIT)}
    rows = []
    for name in dict.fromkeys(name.strip().lower() for name in names):
        if name in known:
            fact = catalog.fact("finance", known[name], "rating")
            rows.append(_row("rating", known[name], text=str(fact.value), as_of=fact.as_of, source=fact.source,
                             note=fact.note))  # fmt: skip
    return rows


def _parameters(asked: Given) -> list[Row]:
    """Parameters of the model, and the benchmark."""
    rows = []
    names = [*PARAMETERS, *(["benchmark"] if asked.benchmark is None else [])]
    for name in names:
        fact = catalog.fact("finance", f"spread.{name}", "value")
        rows.append(_row("parameter", f"spread.{name}", float(fact.value), unit=fact.unit, as_of=fact.as_of,
                         source=fact.source, note=fact.note))  # fmt: skip
    return rows


def long_rows(asked: Given) -> list[Row]:
    """One row a figure under stable names, at full precision; words stand in `text`."""
    found = asked.found
    rows = [
        _row("spread", "spread_bp", found.total_bp, unit="bp"),
        _row("spread", "expected_loss_bp", found.expected_loss_bp, unit="bp"),
        _row("spread", "risk_premium_bp", found.risk_premium_bp, unit="bp"),
        _row("spread", "structure_bp", found.structure_bp, unit="bp"),
        _row("spread", "benchmark_rate", asked.rate, unit="1"),
        _row("spread", "all_in_rate", asked.rate + found.total_bp / BP, unit="1"),
        _row("risk", "hazard_per_year", found.hazard_per_year, unit="1/year"),
        _row("risk", "loss_given_default", found.loss_given_default, unit="1"),
        _row("risk", "covered", found.covered, unit="1"),
        _row("risk", "rating", text=found.rating),
    ]
    return rows + _fits() + _terms(asked) + _ratings(asked) + _parameters(asked)


def _fits() -> list[Row]:
    """How far the model is off over the debts it was not fitted on."""
    found = fit(held_out())
    return [
        _row("fit", "checks", float(found.debts), unit="1"),
        _row("fit", "half_of_checks_within_bp", found.median_bp, unit="bp"),
        _row("fit", "bias_bp", found.bias_bp, unit="bp"),
        _row("fit", "rms_bp", found.rms_bp, unit="bp"),
        _row("fit", "r_squared", found.r_squared, unit="1"),
        _row("fit", "constant_rms_bp", found.constant_rms_bp, unit="bp"),
        _row("fit", "rating_alone_rms_bp", found.rating_rms_bp, unit="bp"),
    ]


def _row(section: str, item: str, value: float | None = None, **rest: str) -> Row:
    row: Row = dict.fromkeys(LONG, "") | {"section": section, "item": item} | rest
    return row | {"value": value if value is None or isfinite(value) else None}


def checks() -> list[Row]:
    """Every debt of the catalog, what was paid and what the model says, as people read it."""
    return [
        {
            "debt": one.name, "date": one.as_of, "used": "fitted" if one.fitted else "held out",
            "paid": round(one.published_bp), "model": round(one.found.total_bp), "error": round(one.error_bp),
            "expected loss": round(one.found.expected_loss_bp), "premium": round(one.found.risk_premium_bp),
            "structure": round(one.found.structure_bp), "loss": f"{one.found.loss_given_default:.0%}",
            "rating": one.found.rating,
        }
        for one in check()
    ]  # fmt: skip


def checks_long() -> list[Row]:
    """The same at full precision, with names and units in the heads."""
    return [
        {
            "item": one.item, "name": one.name, "as_of": one.as_of, "use": "fitted" if one.fitted else "held out",
            "published_bp": one.published_bp, "model_bp": one.found.total_bp, "error_bp": one.error_bp,
            "expected_loss_bp": one.found.expected_loss_bp, "risk_premium_bp": one.found.risk_premium_bp,
            "structure_bp": one.found.structure_bp, "hazard_per_year": one.found.hazard_per_year,
            "loss_given_default": one.found.loss_given_default, "covered": one.found.covered,
            "rating": one.found.rating,
        }
        for one in check()
    ]  # fmt: skip


def told() -> str:
    """What was fitted and how far the rest is off."""
    found = fit(held_out())
    early = [one.error_bp for one in check() if one.as_of < RECENT]
    lines = (
        "basis points over the benchmark; fitted were: the premium of debt that AI compute alone pays on CoreWeave's "
        "DDTL 4.0 and 5.0, the slope over maturities on three bonds of Alphabet and Oracle; the operator's share was "
        "set on the rating of DDTL 4.0",
        f"{found.debts} held out since {RECENT}: half within {found.median_bp:.0f} bp, the worst off by "
        f"{found.worst_bp:.0f}; bias {found.bias_bp:+.0f}, root mean square {found.rms_bp:.0f}, R2 "
        f"{found.r_squared:.2f}",
        f"root mean square without a model: {found.constant_rms_bp:.0f} for the mean of these debts, "
        f"{found.rating_rms_bp:.0f} for a corporate bond of the borrower's rating",
        f"{len(early)} before {RECENT}, the first of their kind, cost {-max(early):.0f} to {-min(early):.0f} bp more",
    )
    return "\n".join(fill(line, min(width_there_is(True), LINE)) for line in lines)
