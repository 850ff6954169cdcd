"""Cash that operation brings: saved for refreshes, taxed, and left for those who are owed."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.finance.project.borrowing import Borrowing, interest_of
from gigawatt.finance.project.building import Building
from gigawatt.finance.project.earning import Earning
from gigawatt.finance.project.inputs import Project, TaxPayer
from gigawatt.finance.project.lines import (
    Constant,
    Later,
    Line,
    Model,
    Term,
    added,
    flag,
    following,
    lag,
    most,
    prev,
    total,
)
from gigawatt.finance.project.taxing import TaxTerms, tax
from gigawatt.finance.project.timing import Timing
from gigawatt.units import MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Cash:
    """Cash before debt."""

    refresh_saved: Line  # balance of the reserve for refreshes
    refresh_paid_in: Line
    refresh_paid_out: Line
    opex_reserve: Line  # balance
    before_tax: Line  # EBITDA less working capital and refreshes, with residual values
    counted: Line  # what lenders count of it when they size the debt, after tax where the project pays it
    profit: Term  # taxable, before interest
    unlevered_tax: Line  # tax as if there were no debt
    residuals: Term  # part of it that does not count for cover


def cash(model: Model, project: Project, time: Timing, built: Building, earned: Earning, terms: TaxTerms) -> Cash:
    """The lines of cash before debt service."""
    paid_in, paid_out, saved = _refresh_reserve(model, project, time, built)
    model.section = "Cash flow"
    months = model.input("reserves.opex_months", project.reserves.opex_months, "months", "Operating cost in reserve")
    standing = flag(time.period >= time.completion) * flag(time.period < time.end)
    opex_reserve = model.line("cash.opex_reserve_usd",
                              following(earned.opex) * months * (time.per_year / MONTHS_PER_YEAR) * standing,
                              label="Reserve for operating cost", kind="balance")  # fmt: skip
    residuals = built.sold + built.guaranteed
    taken = model.line("cash.working_capital_usd", earned.working_capital - prev(earned.working_capital),
                       label="Taken by working capital")  # fmt: skip
    before_tax = model.line("cash.before_tax_usd",
                            earned.ebitda - taken - paid_in - built.refresh + paid_out + residuals,
                            label="Cash before tax and debt service")  # fmt: skip
    profit = earned.ebitda + residuals
    unlevered = tax(model, terms, "tax.unlevered", profit, time, built)
    model.section = "Cash flow"
    merchant = model.input("merchant_counted", project.merchant_counted, "share", "Share of market revenue that "
                           "lenders count")  # fmt: skip
    residual = model.input("residual_counted", project.residual_counted, "share", "Share of residual values that "
                           "counts for debt service")  # fmt: skip
    left_out = model.line("cash.not_counted_usd", (1 - merchant) * earned.merchant + (1 - residual) * residuals,
                          label="What lenders do not count")  # fmt: skip
    counted = before_tax - left_out
    if project.taxes.payer is TaxPayer.project:
        counted = counted - tax(model, terms, "tax.counted", profit - left_out, time, built)
        model.section = "Cash flow"
    return Cash(
        refresh_saved=saved, refresh_paid_in=paid_in, refresh_paid_out=paid_out, opex_reserve=opex_reserve,
        before_tax=before_tax, counted=model.line("cash.counted_usd", counted * time.repaying,
                                                  label="CFADS that lenders count"),
        profit=profit, unlevered_tax=unlevered, residuals=(1 - residual) * residuals,
    )  # fmt: skip


def _refresh_reserve(model: Model, project: Project, time: Timing, built: Building) -> tuple[Line, Line, Line]:
    """Paid in, paid out and kept, so that a share of each refresh is saved in equal parts over the life before it.

    paid in = (refreshes up to a life ahead - refreshes up to now) / life, of each asset
    """
    model.section = "Reserve for refreshes"
    share = model.input("reserves.refresh_funded", project.reserves.refresh_funded, "share",
                        "Share of refreshes that is saved up")  # fmt: skip
    parts: list[Term] = []
    for asset, lines in zip(project.assets, built.assets, strict=True):
        if asset.refreshed:
            to_come = Later(f"assets.{asset.name}.refreshes_to_come_usd")
            come = model.line(f"assets.{asset.name}.refreshes_to_come_usd", following(to_come) + lines.refresh,
                              kind="balance")  # fmt: skip
            parts.append((come - lag(come, -lines.life)) / lines.life)
    paid_in = model.line("reserves.refresh_in_usd", share * added(parts) * time.operating, label="Saved for refreshes")
    paid_out = model.line("reserves.refresh_out_usd", share * built.refresh, label="Paid from it")
    saved = model.line("reserves.refresh_usd", prev(Later("reserves.refresh_usd")) + paid_in - paid_out,
                       label="Reserve for refreshes", kind="balance")  # fmt: skip
    return paid_in, paid_out, saved


@dataclass(frozen=True, slots=True)
class Financed:
    """What finance takes and gives beside debt service."""

    interest: Line  # after completion
    reserve_interest: Line  # earned on reserves
    amortised: Line  # of interest and fees before completion
    late_fees: Line  # of refinancing
    tax: Line  # on profit
    own_tax: Line  # of it, what the project itself pays


def financed(
    model: Model, project: Project, time: Timing, built: Building, money: Cash, debt: Borrowing, terms: TaxTerms
) -> Financed:  # fmt: skip
    """Interest, fees and the tax that is paid."""
    model.section = "Cash flow"
    interest = model.line("finance.interest_usd", added(interest_of(each) for each in debt.tranches) * time.repaying,
                          label="Interest")  # fmt: skip
    rate = model.input("reserves.interest_rate", project.reserves.interest_rate, "1/year", "Interest on reserves")
    kept = prev(Later("waterfall.reserve_usd")) + prev(money.opex_reserve) + prev(money.refresh_saved)
    reserve_interest = model.line("finance.reserve_interest_usd", kept * rate / time.per_year,
                                  label="Interest on reserves")  # fmt: skip
    fees = added(each.fees for each in debt.tranches)
    early = model.scalar("finance.capitalised_usd", total(Later("uses.financing_usd")),
                         label="Interest and fees before completion")  # fmt: skip
    amortised = model.line("finance.amortised_usd", early * time.repaying / most(1, time.end - time.completion),
                           label="Interest and fees written off")  # fmt: skip
    late = model.line("finance.late_fees_usd", fees * time.repaying, label="Fees of refinancing")
    share = model.input("taxes.fees_deducted", project.taxes.fees_deducted, "share", "Share of fees deducted")
    profit = money.profit + reserve_interest - share * (amortised + late)
    paid = tax(model, terms, "tax.paid", profit, time, built, interest)
    model.section = "Cash flow"
    own: Term = paid if project.taxes.payer is TaxPayer.project else Constant(0.0)
    own_tax = model.line("finance.own_tax_usd", own, label="Tax paid by the project")
    return Financed(interest=interest, reserve_interest=reserve_interest, amortised=amortised, late_fees=late,
                    tax=paid, own_tax=own_tax)  # fmt: skip
