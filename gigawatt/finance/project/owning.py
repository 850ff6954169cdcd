"""What the owners pay in, what they get out, and the tax on it; sources and uses of the construction."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.finance.project.borrowing import Borrowing
from gigawatt.finance.project.building import Building
from gigawatt.finance.project.cash import Cash
from gigawatt.finance.project.inputs import Project, TaxPayer
from gigawatt.finance.project.lines import Later, Line, Model, Term, added, at, flag, most, prev, where
from gigawatt.finance.project.timing import Timing
from gigawatt.finance.project.waterfall import Waterfall


@dataclass(frozen=True, slots=True)
class Funding:
    """Sources and uses until completion."""

    uses: Line
    drawn: Line  # of all loans, with interest added to them
    credit: Line  # tax credits sold
    investor: Line  # paid in by a tax-equity investor
    operation: Line  # cash of early phases
    equity: Line  # owners; at completion below 0 where all else is more than is needed
    held: Line  # balance of the construction account: early cash and credits that pay later uses first
    financing: Line  # interest added and fees: what is capitalised beside the assets


def funding(
    model: Model, project: Project, time: Timing, built: Building, debt: Borrowing, money: Cash, early_cash: Term
) -> Funding:  # fmt: skip
    """The lines of sources and uses.

    What comes in before completion above the uses of its period is held, pays later uses, and is let go at completion.
    """
    model.section = "Sources and uses"
    rolled = model.line("uses.interest_usd", added(each.rolled for each in debt.tranches),
                        label="Interest before completion")  # fmt: skip
    fees = model.line("uses.fees_usd", added(each.early_fees for each in debt.tranches), label="Fees")
    financing = model.line("uses.financing_usd", rolled + fees, label="Cost of finance before completion")
    reserves = model.line("uses.reserves_usd", debt.reserve_first + money.opex_reserve
                          * at(time.period, time.completion), label="Reserves, first filling")  # fmt: skip
    uses = model.line("uses.usd", built.capex + financing + reserves, label="Uses")
    drawn = model.line("sources.debt_usd", added(each.drawn for each in debt.tranches) + rolled, label="Debt")
    price = model.input("taxes.credit_price", project.taxes.credit_price, "USD/USD", "Price of a tax credit")
    credit = model.line("sources.credit_usd", built.credit * price, label="Tax credits sold")
    paid_in = model.input("taxes.investor_usd", project.taxes.investor_usd, "USD", "Tax-equity investor pays in")
    investor = model.line("sources.investor_usd", paid_in * at(time.period, time.completion), label="Tax equity")
    operation = model.line("sources.operation_usd", early_cash * time.building, label="Cash of early phases")
    short = model.line("sources.short_usd", uses - drawn - credit - investor - operation
                       - prev(Later("sources.held_usd")), label="Uses that nothing else pays")  # fmt: skip
    held = model.line("sources.held_usd", most(0, -short) * flag(time.period < time.completion),
                      label="Held for later uses", kind="balance")  # fmt: skip
    equity = model.line("sources.equity_usd", where(time.period < time.completion, most(0, short), short),
                        label="Equity")  # fmt: skip
    return Funding(uses=uses, drawn=drawn, credit=credit, investor=investor, operation=operation, equity=equity,
                   held=held, financing=financing)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owning:
    """Flows of those who own the project."""

    paid_in: Line
    distributed: Line  # to owners and the tax investor
    to_investor: Line
    pretax: Line  # of the owners
    aftertax: Line  # of the owners, after the tax that they pay themselves


def owning(
    model: Model, project: Project, time: Timing, funded: Funding, falls: Waterfall, tax_paid: Line
) -> Owning:  # fmt: skip
    """The lines of the owners: what they get less what they pay in, shared with the tax investor until the flip."""
    model.section = "Owners"
    taxes = project.taxes
    before = model.input("taxes.investor_share", taxes.investor_share, "share", "Tax investor: share until the flip")
    after = model.input("taxes.flipped_share", taxes.flipped_share, "share", "Tax investor: share after the flip")
    flip = model.input("taxes.flip_month", taxes.flip_month, "months", "Flip, from completion")
    share = model.line("owners.investor_share", where(time.period <= time.completion + time.periods(flip), before,
                       after), "share", "Share of the tax investor", "ratio")  # fmt: skip
    left = model.line("owners.left_usd", most(0, -funded.equity), label="Left over at completion")
    distributed = model.line("owners.distributed_usd", falls.distributed + left, label="Distributions")
    shared = falls.distributed + most(0, left - funded.investor)  # what he pays in is not shared with him
    to_investor = model.line("owners.to_investor_usd", shared * share, label="of it to the tax investor")
    paid_in = model.line("owners.paid_in_usd", most(0, funded.equity) + falls.support, label="Paid in by owners")
    pretax = model.line("owners.pretax_usd", distributed - to_investor - paid_in, label="Owners, before tax")
    own_tax: Term = tax_paid if taxes.payer is TaxPayer.sponsor else tax_paid * 0
    aftertax = model.line("owners.aftertax_usd", pretax - own_tax, label="Owners, after tax")
    return Owning(paid_in=paid_in, distributed=distributed, to_investor=to_investor, pretax=pretax, aftertax=aftertax)
