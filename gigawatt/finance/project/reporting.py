"""Income and balance sheet of the project, and the checks that they close."""

from __future__ import annotations

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.cash import Cash, Financed
from gigawatt.finance.project.earning import Earning
from gigawatt.finance.project.lines import Later, Model, Term, added, most, prev
from gigawatt.finance.project.owning import Funding, Owning
from gigawatt.finance.project.timing import Timing
from gigawatt.finance.project.waterfall import Waterfall


def statements(
    model: Model, time: Timing, built: Building, earned: Earning, money: Cash, paid: Financed, falls: Waterfall,
    funded: Funding, owned: Owning,
) -> None:  # fmt: skip
    """The lines of income and of the balance sheet.

    fixed assets = spent so far - worn so far; equity = paid in + net income - distributed, each so far
    """
    model.section = "Statements"
    gain = model.line("income.gain_usd", built.sold + built.guaranteed - built.lost,
                      label="Residual values less book value")  # fmt: skip
    supported = model.line("income.guarantees_usd", added(loan.guaranteed for loan in falls.loans),
                           label="Paid by guarantors of debt")  # fmt: skip
    net = model.line(
        "income.net_usd",
        earned.ebitda - built.worn - paid.amortised + gain - paid.interest - paid.late_fees + paid.reserve_interest
        + supported + funded.credit - paid.own_tax,
        label="Net income",
    )  # fmt: skip
    fixed = model.line("balance.fixed_usd", prev(Later("balance.fixed_usd")) + built.capex + built.refresh
                       + funded.financing - built.worn - built.lost - paid.amortised,
                       label="Fixed assets", kind="balance")  # fmt: skip
    cash = model.line("balance.cash_usd", falls.reserve + falls.trapped + money.opex_reserve + money.refresh_saved
                      + funded.held, label="Cash and reserves", kind="balance")  # fmt: skip
    assets = model.line("balance.assets_usd", fixed + cash + earned.working_capital, label="Assets", kind="balance")
    equity = model.line("balance.equity_usd", prev(Later("balance.equity_usd")) + owned.paid_in + funded.investor
                        + net - owned.distributed, label="Equity", kind="balance")  # fmt: skip
    model.section = "Checks"
    check(model, "checks.balance_sheet", assets - falls.balance - equity, "Assets less debt less equity")
    sources = funded.drawn + funded.credit + funded.investor + funded.operation + funded.equity
    sources = sources + prev(funded.held) - funded.held
    check(model, "checks.sources_and_uses", funded.uses - sources, "Uses less sources")
    unpaid = added(loan.unpaid for loan in falls.loans)
    check(model, "checks.debt_served", unpaid, "Debt service that is not paid")
    below = added(most(0, -each) for each in (falls.reserve, falls.trapped, money.refresh_saved, falls.balance))
    check(model, "checks.nothing_below_zero", below, "Reserves and debt below 0")
    late = most(0, time.end - model.periods)
    check(model, "checks.fits", late, "Periods of operation beyond the last column")


def check(model: Model, name: str, formula: Term, label: str) -> None:
    """A line that must be 0 in every period."""
    model.line(name, formula, label=label)
