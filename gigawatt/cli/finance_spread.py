"""`gigawatt finance spread`: what lenders would ask of a financing over the benchmark, by cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gigawatt.cli.finance_bounds import number
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
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
Read = TypeVar("Read")
TERMS = {"customers": "contracts", "ltv": "a security", "guarantor": "a guarantee"}
Text = str | None

Customers = Annotated[Text, flag("customers", "Who pays, as 'Microsoft 60%, BB+ 40%' or 'Name:B- 100%'.")]
Sponsor = Annotated[Text, flag("sponsor", "The borrower: a rating or a company of the catalog; B-.")]
Years = Annotated[Text, flag("years", "Years to maturity; 5.")]
ContractYears = Annotated[Text, flag("contract-years", "Years of the contracts; the debt's.")]
TakeOrPay = Annotated[Text, flag("take-or-pay", "Share of debt service owed whatever is used; 100 %.")]
Termination = Annotated[Text, flag("termination", "Share of it that customers may walk away from; 0 %.")]
Dscr = Annotated[Text, flag("dscr", "Cash over debt service if customers pay; 1.")]
Ltv = Annotated[Text, flag("ltv", "Loan to value with all that ranks before; unsecured unless given.")]
Senior = Annotated[Text, flag("senior", "Loan to value of what ranks before; 0 %.")]
Assets = Annotated[Text, flag("assets", "Security: hopper, blackwell, instinct or building; blackwell.")]
Amortised = Annotated[Text, flag("amortised", "Share repaid evenly by maturity; 100 %.")]
Construction = Annotated[Text, flag("construction", "Years until the site is up; 0.")]
Guarantor = Annotated[Text, flag("guarantor", "Rating or company that backs the debt.")]
Guaranteed = Annotated[Text, flag("guaranteed", "Share of the debt that is backed; 100 %.")]
Completion = Annotated[bool, typer.Option("--completion", help="The guarantee holds while the site is built.")]
Subordinated = Annotated[bool, typer.Option("--subordinated", help="Ranks after other debt.")]
Diversified = Annotated[bool, typer.Option("--diversified", help="The borrower does not live on AI compute alone.")]
Size = Annotated[Text, flag("size", "Size of the issue, such as 200M$; large.")]
Benchmark = Annotated[Text, flag("benchmark", "Risk-free rate for the all-in yield; the catalog's.")]
Check = Annotated[bool, typer.Option("--check", help="The model against debts that were sold.")]
HowWritten = Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")]


def spread(
    customers: Customers = None,
    sponsor: Sponsor = None,
    years: Years = None,
    contract_years: ContractYears = None,
    take_or_pay: TakeOrPay = None,
    termination: Termination = None,
    dscr: Dscr = None,
    ltv: Ltv = None,
    senior: Senior = None,
    assets: Assets = None,
    amortised: Amortised = None,
    construction: Construction = None,
    guarantor: Guarantor = None,
    guaranteed: Guaranteed = None,
    completion: Completion = False,
    subordinated: Subordinated = False,
    diversified: Diversified = False,
    size: Size = None,
    benchmark: Benchmark = None,
    checks: Check = False,
    how: HowWritten = Format.table,
    out: OutFile = None,
) -> None:
    """Tell what lenders would ask over a risk-free rate: expected loss, risk premium, structure, in basis points.

    From who pays under which contracts, who builds, runs and backs, and what is left of the collateral.
    """
    how = by_name(how, out)
    texts = {
        "customers": customers, "sponsor": sponsor, "years": years, "contract-years": contract_years,
        "take-or-pay": take_or_pay, "termination": termination, "dscr": dscr, "ltv": ltv, "senior": senior,
        "assets": assets, "amortised": amortised, "construction": construction, "guarantor": guarantor,
        "guaranteed": guaranteed, "completion": completion or None, "subordinated": subordinated or None,
        "diversified": diversified or None, "size": size, "benchmark": benchmark,
    }  # fmt: skip
    given = {name: str(text) for name, text in texts.items() if text is not None}  # flags read "True"
    if checks:
        refuse("--check takes the debts of the catalog", given)
    (_tell_checks if checks else _tell)(given, how, out)


def _tell_checks(_: dict[str, str], how: Format, out: Path | None) -> None:
    """The debts of the catalog beside the model."""
    from gigawatt.cli import finance_spread_rows as rows

    found = rows.checks() if how is Format.table and out is None else rows.checks_long()
    show(found, how, out, title=rows.told(), least=rows.LEAST)


def _tell(given: dict[str, str], how: Format, out: Path | None) -> None:
    """Words and tables of one debt, or one table of figures in a file."""
    from gigawatt.cli import finance_spread_rows as rows

    _nothing_is_idle(given)
    with spoken():
        asked = rows.Given(debt=_financing(given), given=given, defaults=DEFAULTS, benchmark=_benchmark(given))
        if how is not Format.table or out is not None:
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


def _named(option: str, given: dict[str, str], reader: Callable[[str], Read]) -> Read:
    """What the text of an option stands for; GigawattError with the option's name where it stands for nothing."""
    text = given.get(option, DEFAULTS.get(option, ""))
    try:
        return reader(text)
    except ValueError as error:
        raise GigawattError(f"--{option} {text}: {error}") from None


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
        sponsor=_named("sponsor", given, credit_of),
        years=years,
        customers=_named("customers", given, customers_of),
        contract=Contract(
            take_or_pay=told("take-or-pay"),
            years=told("contract-years") if "contract-years" in given else years,
            termination=told("termination"),
        ),
        dscr=told("dscr"),
        collateral=_collateral(given, told("ltv"), told("senior")) if "ltv" in given else None,
        amortised=told("amortised"),
        guarantee=Guarantee(
            rating=_named("guarantor", given, credit_of), share=told("guaranteed"), completion="completion" in given
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
    return Collateral(ltv=ltv, ltv_senior=senior, curve=_named("assets", given, residual_curve))
