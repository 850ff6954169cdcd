"""`gigawatt finance spread`: what lenders would ask of a financing over the benchmark, by cause."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigawatt.cli.finance_bounds import number
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.finance_spread_rows import Given
    from gigawatt.finance.spreads import Financing
    from gigawatt.finance.spreads_default import Collateral

EXAMPLES = """\b
Examples:
  gigawatt finance spread --customers "Microsoft 60%, OpenAI 40%" --years 6 --ltv "75 %" --dscr 1.3
  gigawatt finance spread --customers "Fluidstack:B- 100%" --guarantor Google --guaranteed "50 %" --construction 1
  gigawatt finance spread --sponsor Oracle --years 40 --amortised 0 --diversified
  gigawatt finance spread --check"""

DEFAULTS = {
    "sponsor": "B-", "years": "5", "take-or-pay": "100 %", "termination": "0 %", "dscr": "1", "senior": "0 %",
    "assets": "blackwell", "amortised": "100 %", "construction": "0", "guaranteed": "100 %",
}  # fmt: skip
TERMS = {"customers": "contracts", "ltv": "a security", "guarantor": "a guarantee"}
Text = str | None


def spread(
    customers: Annotated[Text, flag("customers", "Who pays, as 'Microsoft 60%, BB+ 40%' or 'Name:B- 100%'.")] = None,
    sponsor: Annotated[Text, flag("sponsor", "The borrower: a rating or a company of the catalog; B-.")] = None,
    years: Annotated[Text, flag("years", "Years to maturity; 5.")] = None,
    contract_years: Annotated[Text, flag("contract-years", "Years of the contracts; the debt's.")] = None,
    take_or_pay: Annotated[Text, flag("take-or-pay", "Share of debt service owed whatever is used; 100 %.")] = None,
    termination: Annotated[Text, flag("termination", "Share of it that customers may walk away from; 0 %.")] = None,
    dscr: Annotated[Text, flag("dscr", "Cash over debt service if customers pay; 1.")] = None,
    ltv: Annotated[Text, flag("ltv", "Loan to value with all that ranks before; unsecured unless given.")] = None,
    senior: Annotated[Text, flag("senior", "Loan to value of what ranks before; 0 %.")] = None,
    assets: Annotated[Text, flag("assets", "Security: hopper, blackwell, instinct or building; blackwell.")] = None,
    amortised: Annotated[Text, flag("amortised", "Share repaid evenly by maturity; 100 %.")] = None,
    construction: Annotated[Text, flag("construction", "Years until the site is up; 0.")] = None,
    guarantor: Annotated[Text, flag("guarantor", "Rating or company that backs the debt.")] = None,
    guaranteed: Annotated[Text, flag("guaranteed", "Share of the debt that is backed; 100 %.")] = None,
    completion: Annotated[bool, typer.Option("--completion", help="The guarantee holds while the site is built.")] = (
        False
    ),
    subordinated: Annotated[bool, typer.Option("--subordinated", help="Ranks after other debt.")] = False,
    diversified: Annotated[
        bool, typer.Option("--diversified", help="The borrower does not live on AI compute alone.")
    ] = False,
    size: Annotated[Text, flag("size", "Size of the issue, such as 200M$; large.")] = None,
    benchmark: Annotated[Text, flag("benchmark", "Risk-free rate for the all-in yield; the catalog's.")] = None,
    checks: Annotated[bool, typer.Option("--check", help="The model against debts that were sold.")] = False,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Tell what lenders would ask over a risk-free rate: expected loss, risk premium, structure, in basis points.

    From who pays under which contracts, who builds, runs and backs, and what is left of the collateral.
    """
    from gigawatt.cli import finance_spread_rows as rows

    how = by_name(how, out)
    texts = {
        "customers": customers, "sponsor": sponsor, "years": years, "contract-years": contract_years,
        "take-or-pay": take_or_pay, "termination": termination, "dscr": dscr, "ltv": ltv, "senior": senior,
        "assets": assets, "amortised": amortised, "construction": construction, "guarantor": guarantor,
        "guaranteed": guaranteed, "completion": completion or None, "subordinated": subordinated or None,
        "diversified": diversified or None, "size": size, "benchmark": benchmark,
    }  # fmt: skip
    given = {name: str(text) for name, text in texts.items() if text is not None}  # flags read "True"
    plain = how is Format.table and out is None
    if checks:
        refuse("--check takes the debts of the catalog", given)
        with spoken():
            show(rows.checks() if plain else rows.checks_long(), how, out, title=rows.told(), least=rows.LEAST)
        return
    _nothing_is_idle(given)
    with spoken():
        debt = _financing(given)
        asked: Given = rows.Given(debt=debt, given=given, defaults=DEFAULTS, benchmark=_benchmark(given))
        if not plain:
            show(rows.long_rows(asked), how, out)
            return
        print(rows.headline(asked) + "\n")
        show(rows.causes(asked), how, title="over a risk-free rate of the same life")
        show(rows.inputs(asked), how, title="from", least=("note", "source"))


def _nothing_is_idle(given: dict[str, str]) -> None:
    """GigawattError where an option has no say for want of another one."""
    from gigawatt.cli.finance_spread_rows import WITH

    for needed, what in TERMS.items():
        idle = [f"--{name}" for name in WITH[needed] if name in given]
        if idle and needed not in given:
            raise GigawattError(f"{', '.join(idle)}: terms of {what} go with --{needed}, which is not given")


def _benchmark(given: dict[str, str]) -> float | None:
    return number("benchmark", given["benchmark"]) if "benchmark" in given else None


def _financing(given: dict[str, str]) -> Financing:
    """The debt that the options tell of."""
    from gigawatt.finance.spreads import Contract, Financing, Guarantee
    from gigawatt.finance.spreads_check import credit_of, customers_of

    def told(option: str) -> float:
        return number(option, given.get(option, DEFAULTS.get(option, "")))

    years, construction = told("years"), told("construction")
    if construction > years:
        raise GigawattError(f"--construction {construction:g}: the debt falls due after {years:g} years (--years)")
    return Financing(
        sponsor=credit_of(given.get("sponsor", DEFAULTS["sponsor"])),
        years=years,
        customers=customers_of(given.get("customers", "")),
        contract=Contract(
            take_or_pay=told("take-or-pay"),
            years=told("contract-years") if "contract-years" in given else years,
            termination=told("termination"),
        ),
        dscr=told("dscr"),
        collateral=_collateral(given, told("ltv"), told("senior")) if "ltv" in given else None,
        amortised=told("amortised"),
        guarantee=Guarantee(
            rating=credit_of(given["guarantor"]), share=told("guaranteed"), completion="completion" in given
        ) if "guarantor" in given else None,
        construction_years=construction,
        subordinated="subordinated" in given,
        single_purpose="diversified" not in given,
        size_usd=told("size") if "size" in given else float("inf"),
    )  # fmt: skip


def _collateral(given: dict[str, str], ltv: float, senior: float) -> Collateral:
    from gigawatt.finance.residual import residual_curve
    from gigawatt.finance.spreads_default import Collateral

    if senior >= ltv:
        raise GigawattError(
            f"--senior {given['senior']}: --ltv {given['ltv']} counts what ranks before, so is above it"
        )
    return Collateral(ltv=ltv, ltv_senior=senior, curve=residual_curve(given.get("assets", DEFAULTS["assets"])))
