"""What the project sells, to whom and at what price; what it costs to run; EBITDA."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from gigawatt.finance.project.building import Building
from gigawatt.finance.project.inputs import Backstop, Contract, Cost, Per, Project
from gigawatt.finance.project.lines import (
    Later,
    Line,
    Model,
    Term,
    added,
    at,
    by_year,
    flag,
    floor,
    lag,
    least,
    most,
    prev,
    ratio,
    total,
)
from gigawatt.finance.project.timing import Timing
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR

DAYS_PER_YEAR = HOURS_PER_YEAR / HOURS_PER_DAY


@dataclass(frozen=True, slots=True)
class ContractLines:
    """One contract."""

    booked: Line  # share of the capacity in service
    paid: Line  # chip-hours paid for
    revenue: Line
    firm: Line  # the part that is due whether used or not
    termination: Line


@dataclass(frozen=True, slots=True)
class Earning:
    """Revenue, cost and what is left."""

    contracts: tuple[ContractLines, ...]
    hours: Line  # chip-hours that could be sold
    paid_hours: Line  # chip-hours paid for
    firm: Line  # revenue due by take-or-pay
    merchant: Line
    revenue: Line
    opex: Line  # all costs of operation, energy included
    ebitda: Line
    working_capital: Line  # balance


def earning(model: Model, project: Project, time: Timing, built: Building) -> Earning:
    """The lines of operation."""
    model.section = "Revenue"
    capacity = project.capacity
    chips = model.input("capacity.chips", capacity.chips, "chips", "Chips, all phases")
    available = model.input("capacity.availability", capacity.availability, "share", "Availability")
    fading = model.input("capacity.degradation", capacity.degradation, "1/year", "Loss of availability a year")
    working = model.line("revenue.working", _by_age(time, built, 1 - fading), "share",
                         "Capacity in service, less what has failed", "ratio")  # fmt: skip
    hours = model.line("revenue.hours", chips * working * available * (HOURS_PER_YEAR / time.per_year), "chip-h",
                       "Chip-hours available")  # fmt: skip
    contracts = tuple(_contract(model, time, hours, each) for each in project.contracts)
    free = model.line("revenue.free_hours", hours * most(0, 1 - added(each.booked for each in contracts)), "chip-h",
                      "Chip-hours for the market")  # fmt: skip
    sold, merchant = _merchant(model, project, time, free, built)
    taken, backstop = _backstops(model, project.backstops, time, free, sold)
    paid = model.line("revenue.paid_hours", added(each.paid for each in contracts) + sold + taken, "chip-h",
                      "Chip-hours paid for")  # fmt: skip
    contracted = model.line("revenue.contracts_usd", added(each.revenue for each in contracts), label="Contracts")
    firm = model.line("revenue.firm_usd", added(each.firm for each in contracts), label="of it due by take-or-pay")
    ended = model.line("revenue.termination_usd", added(each.termination for each in contracts), label="Terminations")
    revenue = model.line("revenue.usd", contracted + merchant + backstop + ended, label="Revenue")
    opex = _opex(model, project, time, paid, revenue, built)
    ebitda = model.line("ebitda_usd", revenue - opex, label="EBITDA")
    owed = model.input("receivable_days", project.receivable_days, "days", "Customers pay after")
    owing = model.input("payable_days", project.payable_days, "days", "Suppliers are paid after")
    waiting = _waiting(model, time, "receivables", revenue - ended, owed)
    waiting = waiting - _waiting(model, time, "payables", opex, owing)
    working_capital = model.line("working_capital_usd", waiting * flag(time.period < time.end),
                                 label="Working capital", kind="balance")  # fmt: skip
    return Earning(contracts=contracts, hours=hours, paid_hours=paid, firm=firm, merchant=merchant, revenue=revenue,
                   opex=opex, ebitda=ebitda, working_capital=working_capital)  # fmt: skip


def _by_age(time: Timing, built: Building, a_year: Term) -> Term:
    """Share of the capacity in service, each phase weighted by a factor for each year of its age."""
    working = flag(time.period <= time.end)
    return working * added(p.share * p.online * a_year**age for p, age in zip(time.phases, built.ages, strict=True))


def _waiting(model: Model, time: Timing, name: str, billed: Term, days: Term) -> Term:
    """What was billed in the last `days` days, those of whole periods before counted too."""
    so_far = model.line(f"{name}.billed_usd", prev(Later(f"{name}.billed_usd")) + billed, kind="balance")
    periods = model.scalar(f"{name}.periods", days * (time.per_year / DAYS_PER_YEAR), "periods", "", "balance")
    full = floor(periods)
    before = lag(so_far, full)
    return so_far - before + (periods - full) * (before - lag(so_far, full + 1))


def _contract(model: Model, time: Timing, hours: Line, contract: Contract) -> ContractLines:
    """A booking: hours x share x price, for the hours used or those of take-or-pay, whichever are more."""
    path = f"contracts.{contract.name}"

    def given(field: str, unit: str, label: str) -> Term:
        return model.input(f"{path}.{field}", getattr(contract, field), unit, f"{contract.name}: {label}")

    share = given("share", "share", "share of the capacity")
    price = given("usd_per_chip_h", "USD/chip-h", "price at its start")
    used, firm = given("utilisation", "share", "hours used"), given("take_or_pay", "share", "take-or-pay")
    rise, fee = given("escalation", "1/year", "escalation"), given("termination_share", "share", "termination payment")
    begins = time.first_service + time.periods(given("start_month", "months", "start, from first service"))
    start = model.scalar(f"{path}.start", begins, "period", "", "balance")
    due = model.scalar(f"{path}.due", start + time.periods(given("months", "months", "length")), "period", "",
                       "balance")  # fmt: skip
    end: Term = due
    if isfinite(contract.ends_early_month):
        stop = start + time.periods(given("ends_early_month", "months", "terminated, from its start"))
        end = model.scalar(f"{path}.end", least(due, stop), "period", "", "balance")
    running = flag(time.period > start) * flag(time.period <= due)
    years = most(0, floor((time.period - start - 1) / time.per_year))
    worth = model.line(f"{path}.worth_usd", hours * share * price * (1 + rise) ** years * running,
                       note="if every booked hour were paid for")  # fmt: skip
    kept = model.line(f"{path}.kept", flag(time.period <= end), "flag", "", "flag")
    dropped = model.line(f"{path}.dropped_usd", worth * firm * (1 - kept))
    booked = model.line(f"{path}.booked", share * running * kept, "share", "", "ratio")
    return ContractLines(
        booked=booked,
        paid=model.line(f"{path}.paid_hours", hours * booked * most(used, firm), "chip-h"),
        revenue=model.line(f"{path}.revenue_usd", worth * kept * most(used, firm)),
        firm=model.line(f"{path}.firm_usd", worth * kept * firm),
        termination=model.line(f"{path}.termination_usd", at(time.period, end + 1) * fee * total(dropped)),
    )


def _merchant(model: Model, project: Project, time: Timing, free: Line, built: Building) -> tuple[Line, Line]:
    """Hours sold on the market and what they bring; an older chip sells for less than the chip of the day."""
    market = project.merchant
    by_years = model.table("merchant.usd_per_chip_h", market.usd_per_chip_h, "USD/chip-h", "Market price by year")
    used = model.input("merchant.utilisation", market.utilisation, "share", "Market: share of free hours sold")
    ageing = model.input("merchant.ageing", market.ageing, "1/year", "Market: change of price a year of age")
    price = model.line("merchant.price_usd_per_chip_h", by_year(by_years, time.year), "USD/chip-h", "Market price",
                       "balance")  # fmt: skip
    sold = model.line("merchant.hours", free * used, "chip-h", "Chip-hours sold on the market")
    aged = model.line("merchant.aged", ratio(_by_age(time, built, 1 + ageing), time.online), "ratio",
                      "Price of the chips there are over that of the chip of the day", "ratio")  # fmt: skip
    revenue = sold * price * aged
    return sold, model.line("merchant.revenue_usd", revenue, label="Market")


def _backstops(
    model: Model, backstops: tuple[Backstop, ...], time: Timing, free: Line, sold: Line
) -> tuple[Term, Line]:  # fmt: skip
    """Hours that vendors take because nobody else does, and what they pay."""
    hours: list[Line] = []
    paid: list[Term] = []
    for each in backstops:
        path = f"backstops.{each.guarantor}"
        share = model.input(f"{path}.share", each.share, "share", f"{each.guarantor}: share of unsold hours taken")
        price = model.input(f"{path}.usd_per_chip_h", each.usd_per_chip_h, "USD/chip-h", f"{each.guarantor}: price")
        months = model.input(f"{path}.months", each.months, "months", f"{each.guarantor}: from first service, for")
        within = flag(time.period <= time.first_service + time.periods(months))
        hours.append(model.line(f"{path}.hours", (free - sold) * share * within, "chip-h"))
        paid.append(hours[-1] * price)
    return added(hours), model.line("revenue.backstop_usd", added(paid), label="Backstops of vendors")


def _opex(
    model: Model, project: Project, time: Timing, paid_hours: Line, revenue: Line, built: Building
) -> Line:  # fmt: skip
    """All costs of operation."""
    model.section = "Costs"
    capacity = project.capacity
    it_mw = model.input("capacity.it_mw", capacity.it_mw, "MW", "IT power, all phases")
    pue = model.input("capacity.pue", capacity.pue, "ratio", "PUE")
    load = model.input("capacity.load_factor", capacity.load_factor, "share", "Mean over peak IT power")
    price = model.input("energy_usd_per_mwh", project.energy_usd_per_mwh, "USD/MWh", "Energy")
    rise = model.input("energy_escalation", project.energy_escalation, "1/year", "Energy: escalation")
    energy_mwh = model.line("costs.energy_mwh", it_mw * pue * load * time.online * (HOURS_PER_YEAR / time.per_year),
                            "MWh", "Energy drawn")  # fmt: skip
    energy = model.line("costs.energy_usd", energy_mwh * price * (1 + rise) ** time.operating_year)
    bases: dict[Per, Term] = {
        Per.year: time.operating / time.per_year,
        Per.mw_year: it_mw * time.online / time.per_year,
        Per.chip_hour: paid_hours,
        Per.mwh: energy_mwh,
        Per.revenue: revenue,
        Per.capex: total(built.capex) * time.online / time.per_year,
    }
    paid = [_cost(model, time, each, bases[each.per]) for each in project.costs]
    return model.line("opex_usd", added([energy, *paid]), label="Operating cost")


UNITS = {Per.year: "USD/year", Per.mw_year: "USD/MW-year", Per.chip_hour: "USD/chip-h", Per.mwh: "USD/MWh",
         Per.revenue: "share of revenue", Per.capex: "share of capex a year"}  # fmt: skip


def _cost(model: Model, time: Timing, cost: Cost, base: Term) -> Line:
    """One cost: amount x what it is paid for, escalated once a year."""
    path, unit = f"costs.{cost.name}.amount", UNITS[cost.per]
    amount: Term
    if len(cost.amount) == 1:
        amount = model.input(path, cost.amount[0], unit, cost.name)
    else:
        amount = by_year(model.table(path, cost.amount, unit, f"{cost.name}, by year of operation"),
                         time.operating_year + 1)  # fmt: skip
    rise = model.input(f"costs.{cost.name}.escalation", cost.escalation, "1/year", f"{cost.name}: escalation")
    return model.line(f"costs.{cost.name}.usd", amount * base * (1 + rise) ** time.operating_year)
