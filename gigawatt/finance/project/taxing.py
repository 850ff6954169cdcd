"""Tax on profit: state before national, losses carried forward or refunded, limits on interest."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.inputs import Losses, Project
from gigawatt.finance.project.lines import Input, Later, Line, Model, Term, least, most, prev
from gigawatt.finance.project.timing import Timing


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
        final_write_off=model.input("taxes.final_write_off", taxes.final_write_off, "share",
                                    "Share of the basis left at the end that is deducted"),
        losses=taxes.losses,
    )  # fmt: skip


def marginal_rate(terms: TaxTerms) -> Term:
    """Tax on one dollar more of profit, state and national."""
    if terms.state_rate is None:
        return terms.rate
    return terms.rate * (1 - terms.state_rate) + terms.state_rate


def tax(
    model: Model, terms: TaxTerms, path: str, profit: Term, time: Timing, built: Building, interest: Term | None = None
) -> Line:  # fmt: skip
    """Tax of a period, state and national; limits hold for the year of the plan so far, so that quarters add up.

    Args:
        profit: Taxable profit before depreciation and interest.
        interest: Interest of the period; none for the tax without debt.
    """
    model.section = "Tax"
    ebitda = model.line(f"{path}.ebitda_usd", profit, label="Taxable EBITDA")
    deducted: Term | None = interest
    if interest is not None and terms.interest_limit is not None:
        deducted = _limited(model, time, path, interest, ebitda, terms.interest_limit)
    profit = ebitda if deducted is None else ebitda - deducted
    national = profit - built.deducted - terms.final_write_off * built.tax_lost
    if terms.state_rate is None:
        return _due(model, terms, time, path, national, terms.rate, "Tax")
    of_state = profit - built.state_deducted - terms.final_write_off * built.state_lost
    state = _due(model, terms, time, f"{path}.state", of_state, terms.state_rate, "State tax")
    due = _due(model, terms, time, f"{path}.national", national - state, terms.rate, "National tax")
    return model.line(f"{path}.usd", state + due, label="Tax")


def _due(model: Model, terms: TaxTerms, time: Timing, path: str, taxable: Term, rate: Input, label: str) -> Line:
    """Tax on what is taxable: losses are refunded, or wait for profits of later years to be set off against.

    so far = taxable of the year so far; set off = min(losses of years before, limit x so far)
    tax = rate x (so far - set off) less what was due in the year before this period
    """
    base = model.line(f"{path}.taxable_usd", taxable, label=f"{label}: taxable")
    if terms.losses is Losses.refunded:
        return model.line(f"{path}.usd", base * rate, label=f"{label}; below 0: refunded")
    so_far = so_far_this_year(model, time, f"{path}.year_taxable_usd", base, f"{label}: taxable this year so far")
    before = prev(Later(f"{path}.losses_usd"))
    used = model.line(f"{path}.year_losses_used_usd", least(before, terms.loss_limit * most(0, so_far)),
                      label=f"{label}: old losses set off this year so far", kind="balance")  # fmt: skip
    model.line(f"{path}.losses_used_usd", used - prev(used) * (1 - time.opens), label=f"{label}: old losses set off")
    model.line(f"{path}.losses_usd", before + time.closes * (most(0, -so_far) - used),
               label=f"{label}: losses carried", kind="balance")  # fmt: skip
    due = model.line(f"{path}.year_usd", rate * (most(0, so_far) - used), label=f"{label}: this year so far",
                     kind="balance")  # fmt: skip
    return model.line(f"{path}.usd", due - prev(due) * (1 - time.opens), label=label)


def _limited(model: Model, time: Timing, path: str, interest: Term, ebitda: Line, limit: Input) -> Line:
    """Interest that may be deducted; what is above the limit of a year waits for later ones."""
    paid = so_far_this_year(model, time, f"{path}.year_interest_usd", interest, "Interest this year so far")
    earned = so_far_this_year(model, time, f"{path}.year_ebitda_usd", ebitda, "Taxable EBITDA this year so far")
    waiting = prev(Later(f"{path}.interest_waiting_usd"))
    deducted = model.line(f"{path}.year_interest_deducted_usd", least(paid + waiting, limit * most(0, earned)),
                          label="Interest deducted this year so far", kind="balance")  # fmt: skip
    model.line(f"{path}.interest_waiting_usd", waiting + time.closes * (paid - deducted),
               label="Interest not yet deducted", kind="balance")  # fmt: skip
    return model.line(f"{path}.interest_deducted_usd", deducted - prev(deducted) * (1 - time.opens),
                      label="Interest deducted")  # fmt: skip


def so_far_this_year(model: Model, time: Timing, name: str, flow: Term, label: str) -> Line:
    """The sum of a flow since the year of the plan opened."""
    return model.line(name, prev(Later(name)) * (1 - time.opens) + flow, label=label, kind="balance")
