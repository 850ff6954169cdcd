"""What the project is worth: present values, rates of return, cover, cost of compute."""

from __future__ import annotations

from gigawatt.finance.project.borrowing import Borrowing
from gigawatt.finance.project.building import Building
from gigawatt.finance.project.cash import Cash
from gigawatt.finance.project.earning import Earning
from gigawatt.finance.project.inputs import Project
from gigawatt.finance.project.lines import (
    Later,
    Line,
    Model,
    Term,
    added,
    dot,
    flag,
    following,
    internal_rate,
    last,
    max_of,
    min_of,
    most,
    only,
    prev,
    ratio,
    total,
    where,
)
from gigawatt.finance.project.owning import Funding, Owning
from gigawatt.finance.project.timing import Timing
from gigawatt.finance.project.waterfall import OWED, Waterfall
from gigawatt.units import SECONDS_PER_HOUR

TOKENS_PER_MTOK = 1e6


def returns(
    model: Model, project: Project, time: Timing, built: Building, earned: Earning, money: Cash, funded: Funding,
    owned: Owning,
) -> None:  # fmt: skip
    """NPV, IRR and payback of the project without debt and of its owners; levelised cost of compute."""
    model.section = "Outputs: returns"
    rate = model.input("discount_rate", project.discount_rate, "1/year", "Discount rate of the project, nominal")
    asked = model.input("equity_discount_rate", project.equity_discount_rate, "1/year", "Discount rate of the owners")
    years = (time.period - 1) / time.per_year
    factor = model.line("returns.factor", (1 + rate) ** -years, "ratio", "Discount factor, project", "balance")
    owners = model.line("returns.owners_factor", (1 + asked) ** -years, "ratio", "Discount factor, owners", "balance")
    taken = earned.working_capital - prev(earned.working_capital)
    free = model.line("returns.project_usd", earned.ebitda - taken - built.capex - built.refresh + built.sold
                      + built.guaranteed + funded.credit - money.unlevered_tax,
                      label="Project without debt, after tax")  # fmt: skip
    _worth(model, time, "project", free, factor, "Project")
    _worth(model, time, "owners", owned.aftertax, owners, "Owners, after tax")
    model.scalar("returns.owners_pretax_irr", yearly(owned.pretax, time), "1/year", "Owners before tax: IRR", "ratio")
    _levelised(model, project, built, earned, owned, years, factor, owners)


def _levelised(
    model: Model, project: Project, built: Building, earned: Earning, owned: Owning, years: Term, factor: Line,
    owners: Line,
) -> None:  # fmt: skip
    """Levelised cost of a chip-hour, of a PFLOP-hour and of a million tokens.

    Without working capital and guarantees of residual values, which are no cost of compute.
    """
    model.section = "Outputs: cost of compute"
    rise = model.input("inflation", project.inflation, "1/year", "Inflation")
    real = model.line("returns.real_factor", factor * (1 + rise) ** years, "ratio", "Discount factor, real", "balance")
    cost = model.line("lcoc.cost_usd", built.capex + built.refresh + earned.opex - built.sold,
                      label="Cost of compute before tax")  # fmt: skip
    hours = model.scalar("lcoc.hours", dot(earned.paid_hours, factor), "chip-h", "Chip-hours, discounted")
    lcoc = model.scalar("lcoc.usd_per_chip_h", ratio(dot(cost, factor), hours), "USD/chip-h",
                        "Levelised cost, before tax", "ratio")  # fmt: skip
    model.scalar("lcoc.real_usd_per_chip_h", ratio(dot(cost, factor), dot(earned.paid_hours, real)), "USD/chip-h",
                 "Levelised cost in money of the first year", "ratio")  # fmt: skip
    sales = dot(earned.revenue, owners) - dot(owned.aftertax, owners)
    model.scalar("lcoc.owners_usd_per_chip_h", ratio(sales, dot(earned.paid_hours, owners)), "USD/chip-h",
                 "Price at which owners just earn their rate, at today's taxes and debt", "ratio")  # fmt: skip
    speed = model.input("capacity.pflop_per_s", project.capacity.pflop_per_s, "PFLOP/s", "Speed of a chip, dense")
    tokens = model.input("capacity.tokens_per_s", project.capacity.tokens_per_s, "tokens/s", "Tokens of a chip")
    model.scalar("lcoc.usd_per_pflop_h", ratio(lcoc, speed), "USD/PFLOP-h", "Levelised cost of a PFLOP/s for an hour",
                 "ratio")  # fmt: skip
    model.scalar("lcoc.usd_per_mtok", ratio(lcoc * (TOKENS_PER_MTOK / SECONDS_PER_HOUR), tokens), "USD/Mtok",
                 "Levelised cost of a million tokens", "ratio")  # fmt: skip


def yearly(flows: Line, time: Timing) -> Term:
    """Internal rate of return a year."""
    return (1 + internal_rate(flows)) ** time.per_year - 1


def _worth(model: Model, time: Timing, who: str, flows: Line, factor: Line, label: str) -> None:
    """NPV, IRR and payback of one stream, as of the end of the first period."""
    model.scalar(f"returns.{who}_npv_usd", dot(flows, factor), label=f"{label}: NPV")
    model.scalar(f"returns.{who}_irr", yearly(flows, time), "1/year", f"{label}: IRR", "ratio")
    so_far = model.line(f"returns.{who}_so_far_usd", prev(Later(f"returns.{who}_so_far_usd")) + flows,
                        label=f"{label}: sum so far", kind="balance")  # fmt: skip
    below = model.line(f"returns.{who}_below_years", only(so_far < -OWED, time.period / time.per_year), "years",
                       f"{label}: sum so far below 0 until", "balance")  # fmt: skip
    model.scalar(f"returns.{who}_payback_years", only(last(so_far) >= -OWED, max_of(below)), "years",
                 f"{label}: payback, from the start", "balance")  # fmt: skip


def cover(
    model: Model, time: Timing, earned: Earning, debt: Borrowing, falls: Waterfall, funded: Funding
) -> None:  # fmt: skip
    """Cover of the debt: DSCR, LLCR and PLCR by period, gearing, what is not served, walls."""
    model.section = "Outputs: debt"
    cash, within = Later("cover.cash_usd"), _life_cover(model, time, debt, falls)
    model.scalar("cover.least_dscr", min_of(falls.dscr), "ratio", "Least DSCR", "ratio")
    served = flag(falls.due > OWED)
    summed = model.line("cover.dscr_summed", served * ratio(cash, falls.due), "ratio", "DSCR, or 0", "ratio")
    times = model.line("cover.served", served, "flag", "Service due", "flag")
    model.scalar("cover.mean_dscr", ratio(total(summed), total(times)), "ratio", "Mean DSCR", "ratio")
    model.scalar("cover.gearing", ratio(debt.amount, total(funded.uses)), "share", "Debt over uses", "ratio")
    unpaid = model.line("cover.unpaid_usd", added(loan.unpaid for loan in falls.loans), label="Debt service not paid")
    missed = model.line("cover.unpaid_period", only(unpaid > OWED, time.period), "period", "Not served", "balance")
    model.scalar("cover.unpaid_first", min_of(missed), "period", "First period not served", "balance")
    model.scalar("cover.left_usd", last(falls.balance), label="Debt left at the end")
    wall = model.line(
        "cover.wall_usd", most(0, debt.service - falls.available), label="Service above the cash there is"
    )
    model.scalar("cover.highest_wall_usd", max_of(wall), label="Highest wall")
    model.scalar("cover.take_or_pay", ratio(dot(earned.firm, within), total(debt.service)), "ratio",
                 "Take-or-pay revenue over debt service", "ratio")  # fmt: skip


def _life_cover(model: Model, time: Timing, debt: Borrowing, falls: Waterfall) -> Line:
    """LLCR and PLCR, discounted at the rates of the loans by plan, the last one held; 1 in the loan life comes back."""
    cash = Later("cover.cash_usd")
    owed = model.line("cover.planned_usd", added(prev(loan.plan.planned) for loan in falls.loans),
                      label="Debt owed by plan", kind="balance")  # fmt: skip
    interest = added(prev(loan.plan.planned) * loan.plan.rate for loan in falls.loans)
    rate = model.line("cover.rate", where(owed > OWED, ratio(interest, owed), prev(Later("cover.rate"))), "1/period",
                      "Mean rate of the debt by plan", "ratio")  # fmt: skip
    within = model.line("cover.within", flag(debt.service > OWED), "flag", "Loan life", "flag")
    for name, counted, label in (("llcr", cash * within, "LLCR"), ("plcr", cash * time.repaying, "PLCR")):
        part = model.line(f"cover.{name}_cash_usd", counted, label=f"{label}: cash counted")
        worth = Later(f"cover.{name}_worth_usd")
        ahead = model.line(f"cover.{name}_worth_usd", (following(worth) + following(part)) / (1 + following(rate)),
                           label=f"{label}: worth of the cash to come", kind="balance")  # fmt: skip
        live = flag(falls.balance > OWED) * flag(time.period >= time.completion)
        by_period = model.line(f"cover.{name}", only(live > 0, ratio(ahead, falls.balance)), "ratio", label, "ratio")
        model.scalar(f"cover.least_{name}", min_of(by_period), "ratio", f"Least {label}", "ratio")
    return within
