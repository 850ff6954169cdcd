"""`gigawatt finance spread`: what lenders would ask of a financing over the benchmark, by cause."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.spreads import Financing
    from gigawatt.finance.spreads_check import Checked

EXAMPLES = """\b
Examples:
  gigawatt finance spread --customers "Microsoft 60%, OpenAI 40%" --years 6 --ltv "75 %" --dscr 1.3
  gigawatt finance spread --customers "Fluidstack:B- 100%" --guarantor Google --guaranteed "50 %" --construction 1
  gigawatt finance spread --sponsor Oracle --years 40 --amortised 0 --diversified
  gigawatt finance spread --check"""

ASSETS = "blackwell"
LEAST = ("used", "loss", "rating", "structure", "premium", "expected loss")
Row = dict[str, Any]


def spread(
    customers: Annotated[
        str | None, flag("customers", "Who pays, such as 'Microsoft 60%, BB+ 40%' or 'Name:B- 100%'.")
    ] = None,
    sponsor: Annotated[str, flag("sponsor", "The borrower: a rating or a company of the catalog.")] = "B-",
    years: Annotated[float, flag("years", "Years to maturity.")] = 5.0,
    contract_years: Annotated[float | None, flag("contract-years", "Years of the contracts; the debt's.")] = None,
    take_or_pay: Annotated[str, flag("take-or-pay", "Share of debt service owed whatever is used.")] = "100 %",
    termination: Annotated[str, flag("termination", "Share of it that customers may walk away from.")] = "0 %",
    dscr: Annotated[float, flag("dscr", "Cash over debt service if customers pay.")] = 1.0,
    ltv: Annotated[str | None, flag("ltv", "Loan to value with all that ranks before; unsecured unless given.")] = None,
    senior: Annotated[str, flag("senior", "Loan to value of what ranks before.")] = "0 %",
    assets: Annotated[str, flag("assets", "What backs the debt: hopper, blackwell, instinct or building.")] = ASSETS,
    amortised: Annotated[str, flag("amortised", "Share repaid evenly by maturity.")] = "100 %",
    construction: Annotated[float, flag("construction", "Years until the site is up.")] = 0.0,
    guarantor: Annotated[str | None, flag("guarantor", "Rating or company that backs the debt.")] = None,
    guaranteed: Annotated[str, flag("guaranteed", "Share of the debt that is backed.")] = "100 %",
    completion: Annotated[bool, typer.Option("--completion", help="The guarantee holds while the site is built.")] = (
        False
    ),
    subordinated: Annotated[bool, typer.Option("--subordinated", help="Ranks after other debt.")] = False,
    diversified: Annotated[
        bool, typer.Option("--diversified", help="The borrower does not live on AI compute alone.")
    ] = False,
    size: Annotated[str | None, flag("size", "Size of the issue, such as 200M$.")] = None,
    checks: Annotated[bool, typer.Option("--check", help="The model against debts that were sold.")] = False,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Tell what lenders would ask over a risk-free rate: expected loss, risk premium, structure, in basis points.

    From who pays under which contracts, who builds and backs, and what is left of the collateral.
    """
    how = by_name(how, out)
    if checks:
        refuse("--check takes the debts of the catalog", {"customers": customers, "guarantor": guarantor, "ltv": ltv})
        with spoken():
            _show_checks(how, out)
        return
    from gigawatt.finance.residual import residual_curve
    from gigawatt.finance.spreads import Contract, Financing, Guarantee
    from gigawatt.finance.spreads_check import credit_of, customers_of
    from gigawatt.finance.spreads_default import Collateral

    with spoken():
        behind = None
        if ltv is not None:
            behind = Collateral(
                ltv=_share("ltv", ltv), ltv_senior=_share("senior", senior), curve=residual_curve(assets)
            )
        backstop = Guarantee(
            rating=credit_of(guarantor), share=_share("guaranteed", guaranteed), completion=completion
        ) if guarantor else None  # fmt: skip
        debt = Financing(
            sponsor=credit_of(sponsor),
            years=years,
            customers=customers_of(customers or ""),
            contract=Contract(
                take_or_pay=_share("take-or-pay", take_or_pay),
                years=years if contract_years is None else contract_years,
                termination=_share("termination", termination),
            ),
            dscr=dscr,
            collateral=behind,
            amortised=_share("amortised", amortised),
            guarantee=backstop,
            construction_years=construction,
            subordinated=subordinated,
            single_purpose=not diversified,
            size_usd=_quantity("size", size, "USD") if size else float("inf"),
        )
        show(_rows(debt), how, out, title="spread over a risk-free rate of the same life")


def _share(option: str, text: str) -> float:
    return _quantity(option, text, "1")


def _quantity(option: str, text: str, unit: str) -> float:
    """The number of an option in `unit`, not below 0."""
    from gigawatt.units import parse_quantity

    try:
        found = parse_quantity(text, unit, f"--{option}").value
    except ValueError as error:
        raise GigawattError(f"--{option} {text}: {error}") from None
    if found < 0:
        raise GigawattError(f"--{option} {text}: must not be negative")
    return found


def _rows(debt: Financing) -> list[Row]:
    """The spread by cause and what it was derived from."""
    from gigawatt.finance.spreads import spread_over_benchmark

    found = spread_over_benchmark(debt)
    rated = f"nearest rating {found.rating}"
    return [
        {"what": "expected loss", "value": round(found.expected_loss_bp), "unit": "bp", "note": "of history"},
        {"what": "risk premium", "value": round(found.risk_premium_bp), "unit": "bp", "note": "of corporate bonds"},
        {"what": "structure", "value": round(found.structure_bp), "unit": "bp", "note": "of debt that AI compute pays"},
        {"what": "spread", "value": round(found.total_bp), "unit": "bp", "note": ""},
        {"what": "defaults a year", "value": f"{found.hazard_per_year:.2%}", "unit": "", "note": rated},
        {"what": "lost in a default", "value": f"{found.loss_given_default:.0%}", "unit": "", "note": ""},
        {"what": "debt service under contract", "value": f"{found.covered:.0%}", "unit": "", "note": ""},
    ]


def _show_checks(how: Format, out: Path | None) -> None:
    from gigawatt.finance.spreads_check import check

    found = check()
    show([_check_row(one) for one in found], how, out, title=_told(found), least=LEAST)


def _check_row(one: Checked) -> Row:
    found = one.found
    return {
        "debt": one.name, "date": one.as_of, "used": "fitted" if one.fitted else "held out",
        "paid": round(one.published_bp), "model": round(found.total_bp), "error": round(one.error_bp),
        "expected loss": round(found.expected_loss_bp), "premium": round(found.risk_premium_bp),
        "structure": round(found.structure_bp), "loss": f"{found.loss_given_default:.0%}", "rating": found.rating,
    }  # fmt: skip


def _told(found: tuple[Checked, ...]) -> str:
    """What was fitted and how far the rest is off."""
    recent = [abs(one.error_bp) for one in found if not one.fitted and one.as_of >= "2025"]
    early = [one.error_bp for one in found if one.as_of < "2025"]
    return (
        "basis points over the benchmark; two parameters were fitted: the premium of debt that AI compute alone pays "
        "on CoreWeave's\nDDTL 4.0 and 5.0, the slope over maturities on three bonds of Alphabet and Oracle\n"
        f"{len(recent)} held out since 2025: half within {median(recent):.0f} bp, the worst off by {max(recent):.0f}; "
        f"{len(early)} before 2025, the first of their kind, cost {-max(early):.0f} to {-min(early):.0f} bp more"
    )
