"""The waterfall as a plain loop over periods, from the plan of the loans and the cash before them."""

import numpy as np

from tests.finance.project_cases import one, row

OWED = 0.005


def part_ahead(flows, period, periods):
    """Sum of the flows of the next `periods`, a part of a period as a part of its flow."""
    whole = int(periods + 1e-9)
    later = [*flows[period + 1 :], *[0.0] * (whole + 2)]
    return sum(later[:whole]) + (periods - whole) * later[whole]


def balance_after(planned, period, periods):
    """The planned balance `periods` later, between two periods in proportion."""
    whole = int(periods + 1e-9)
    later = [*planned[period:], *[0.0] * (whole + 2)]
    return later[whole] - (periods - whole) * (later[whole] - later[whole + 1])


def plain_waterfall(project, values):
    """Lines by name: balance, reserve, trapped, locked, distributed and paid in by owners."""
    completion, end = int(one(values, "time.completion")), int(one(values, "time.end"))
    months = project.reserves.debt_service_months * project.periods_per_year / 12
    cash, cover = row(values, "cash.after_tax_usd"), row(values, "cover.cash_usd")
    other = row(values, "finance.reserve_interest_usd") - row(values, "finance.late_fees_usd")
    other = other - np.diff(row(values, "cash.opex_reserve_usd"), prepend=0)
    plan = {each: {n: row(values, f"debt.{each.name}.{n}") for n in ("rate", "planned_usd", "service_usd")}
            for each in project.debt}  # fmt: skip
    owed = {each: lines["planned_usd"][completion - 1] for each, lines in plan.items()}
    promised = {each: each.guarantee_usd for each in project.debt}
    found = {
        name: np.zeros(len(cash)) for name in ("balance", "reserve", "trapped", "locked", "distributed", "paid_in")
    }
    reserve = sum(part_ahead(lines["service_usd"], completion - 1, months) for lines in plan.values())
    found["reserve"][completion - 1], trapped, locked = reserve, 0.0, False
    for t in range(completion):
        found["balance"][t] = sum(lines["planned_usd"][t] for lines in plan.values())
    for t in range(completion, end):
        at_start = sum(owed.values())
        free = cash[t] + trapped
        left, paid_in, due_all, target = max(0.0, free), max(0.0, -free), 0.0, 0.0
        for each, lines in plan.items():
            interest = owed[each] * lines["rate"][t]
            due = max(min(interest, lines["service_usd"][t]), owed[each] + interest - lines["planned_usd"][t])
            due = min(due, owed[each] + interest)
            due_all += due
            short = max(0.0, due - left)
            left = max(0.0, left - due)
            paid_in += short * each.recourse
            short -= short * each.recourse
            drawn = min(short, reserve)
            reserve -= drawn
            helped = min(short - drawn, promised[each])
            promised[each] -= helped
            owed[each] += interest - (due - (short - drawn - helped))
            ahead = part_ahead(lines["service_usd"], t, months)
            if owed[each] < lines["planned_usd"][t] - OWED:
                to_repay = max(0.0, owed[each] - balance_after(lines["planned_usd"], t, months))
                ahead = min(ahead, to_repay + owed[each] * part_ahead(lines["rate"], t, months))
            target += ahead
        filled = min(left, max(0.0, target - reserve)) - max(0.0, reserve - target)
        reserve += filled
        left += other[t] - filled
        paid_in, left = paid_in + max(0.0, -left), max(0.0, left)
        if due_all > OWED:
            locked = cover[t] < project.covenants.lockup_dscr * due_all
        elif at_start <= OWED:
            locked = False
        trapped = left if locked and t + 1 < end else 0.0
        left -= trapped
        for each in project.debt:
            swept = min(owed[each], each.sweep * left)
            owed[each], left = owed[each] - swept, left - swept
        now = {"balance": sum(owed.values()), "reserve": reserve, "trapped": trapped,
               "locked": locked and t + 1 < end, "distributed": left, "paid_in": paid_in}  # fmt: skip
        for name, value in now.items():
            found[name][t] = value
    return found
