"""Tax on profit: state before national, losses carried forward or refunded, limits on interest."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.inputs import Losses, Project
from gigawatt.finance.project.lines import Input, Later, Line, Model, Term, least, most, prev


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """Inputs of tax, shared by the tax without debt and the tax that is paid."""

    rate: Input
    state_rate: Input | None
    loss_limit: Input
    interest_limit: Input | None
    final_write_off: Input
    losses: Losses


def tax_terms(model: Model, project: Project) -> TaxTerms:
    """Rates and limits; state tax is deducted from the profit that national tax falls on."""
    model.section = "Tax"
    taxes = project.taxes
    state = limit = None
    if taxes.state_rate:
        state = model.input("taxes.state_rate", taxes.state_rate, "share", "State tax rate")
    if isfinite(taxes.interest_limit):
        limit = model.input("taxes.interest_limit", taxes.interest_limit, "share",
                            "Interest deducted up to this share of taxable EBITDA")  # fmt: skip
    return TaxTerms(
        rate=model.input("taxes.rate", taxes.rate, "share", "Tax rate"),
        state_rate=state,
        loss_limit=model.input("taxes.loss_limit", taxes.loss_limit, "share", "Share of profit that old losses offset"),
        interest_limit=limit,
        final_write_off=model.input(
            "taxes.final_write_off",
            taxes.final_write_off,
            "share",
            "Share of the basis left at the end that is deducted",
        ),
        losses=taxes.losses,
    )


def tax(
    model: Model, terms: TaxTerms, path: str, profit: Term, built: Building, interest: Term | None = None
) -> Line:  # fmt: skip
    """Tax of a period, state and national.

    Args:
        profit: Taxable profit before depreciation and interest.
        interest: Interest of the period; none for the tax without debt.
    """
    model.section = "Tax"
    ebitda = model.line(f"{path}.ebitda_usd", profit, label="Taxable EBITDA")
    deducted: Term | None = interest
    if interest is not None and terms.interest_limit is not None:
        deducted = _limited(model, path, interest, terms.interest_limit * most(0, ebitda))
    profit = ebitda if deducted is None else ebitda - deducted
    national = profit - built.deducted - terms.final_write_off * built.tax_lost
    if terms.state_rate is None:
        return _due(model, terms, path, national, terms.rate, "Tax")
    of_state = profit - built.state_deducted - terms.final_write_off * built.state_lost
    state = _due(model, terms, f"{path}.state", of_state, terms.state_rate, "State tax")
    due = _due(model, terms, f"{path}.national", national - state, terms.rate, "National tax")
    return model.line(f"{path}.usd", state + due, label="Tax")


def _due(model: Model, terms: TaxTerms, path: str, taxable: Term, rate: Input, label: str) -> Line:
    """Tax on what is taxable: losses are refunded, or wait for profits to be set off against."""
    base = model.line(f"{path}.taxable_usd", taxable, label=f"{label}: taxable")
    if terms.losses is Losses.refunded:
        return model.line(f"{path}.usd", base * rate, label=f"{label}; below 0: refunded")
    carried = Later(f"{path}.losses_usd")
    used = model.line(f"{path}.losses_used_usd", least(prev(carried), terms.loss_limit * most(0, base)),
                      label=f"{label}: old losses set off")  # fmt: skip
    model.line(f"{path}.losses_usd", prev(carried) + most(0, -base) - used, label=f"{label}: losses carried",
               kind="balance")  # fmt: skip
    return model.line(f"{path}.usd", rate * (most(0, base) - used), label=label)


def _limited(model: Model, path: str, interest: Term, limit: Term) -> Line:
    """Interest that may be deducted now; what is above the limit waits for later periods."""
    waiting = Later(f"{path}.interest_waiting_usd")
    deducted = model.line(f"{path}.interest_deducted_usd", least(interest + prev(waiting), limit),
                          label="Interest deducted")  # fmt: skip
    model.line(f"{path}.interest_waiting_usd", prev(waiting) + interest - deducted, label="Interest not yet deducted",
               kind="balance")  # fmt: skip
    return deducted
