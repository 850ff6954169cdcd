"""Who can pay, quarter by quarter: cash, lines and receipts against dues, while markets are open or shut.

A quarter is settled at once (`settlement.py`); the cash that is left is carried to the next one. A firm that cannot
pay defaults. From then on its estate pays `recovery` of its dues, new money to and from it stops, and what it had
rented or bought is sold to others at `re_let` of the price after `re_let_quarters`. See docs/explanation/stress.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing import require_terms
from gigawatt.deals.liabilities import summed
from gigawatt.deals.stress.positions import (
    Array,
    Contracts,
    Mask,
    Plan,
    Positions,
    by_pair,
    checked,
    delivered_share,
    shares,
)
from gigawatt.deals.stress.result import Quarters
from gigawatt.deals.stress.settlement import SHORT, Rows, Settlement, rows, settled


@dataclass(slots=True, kw_only=True)
class Standing:
    """What is carried from quarter to quarter, shape (firms,)."""

    cash: Array
    lines: Array
    first: NDArray[np.int64]  # quarter of default; -1: none
    strained: Mask  # has been short of cash before

    @property
    def out(self) -> Mask:
        """Who has defaulted."""
        found: Mask = self.first >= 0
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What is owed on the edges of a quarter, shape (edges,)."""

    owed: Array  # by firms that stand
    estate: Array  # paid by estates
    relet: Array  # paid by others in the place of a firm that defaulted

    def instead(self, plan: Plan) -> Array:
        """What each firm gets from estates and from others, shape (firms,)."""
        return summed(plan.payee, self.estate + self.relet, plan.firms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What happens when, and to contracts and orders, as shares."""

    is_open: Mask  # whether markets give new money, by quarter
    falls: NDArray[np.int64]  # quarter in which a firm is made to default, -1 for none, by firm
    capex_cut: Array  # by quarter
    re_let: Array  # by edge
    re_let_quarters: int
    recovery: Array  # by firm
    pair: NDArray[np.int64]  # of payer and payee, by edge
    level: Array  # due between each pair on what can be let again, shape (quarters, pairs)
    alpha: float
    beta: float


def quarters(
    positions: Positions,
    contracts: Contracts,
    *,
    shut_from: int = 0,
    shut_quarters: int = 0,
    defaults: Sequence[int] = (),
    default_quarter: int | Sequence[int] = 0,
    capex_cut: ArrayLike = 0.0,
    re_let: ArrayLike = 0.0,
    re_let_quarters: int = 0,
    recovery: ArrayLike = 0.0,
    alpha: float = 1.0,
    beta: float = 1.0,
    debt_rank: int = 0,
) -> Quarters:
    """Cash, payments and first defaults of each firm, in USD.

    Args:
        positions: Cash, lines and dealings with the outside.
        contracts: What firms owe each other by quarter.
        shut_from: First quarter in which markets give no new money.
        shut_quarters: For how many quarters.
        defaults: Firms that default in `default_quarter`, whatever they have.
        default_quarter: When they do; one for all or one each.
        capex_cut: Share of capex, and of orders that can be cut, that a firm puts off at most: by what it had counted
            on and does not get, and by what it would be short; one for all or one a quarter.
        re_let: Share of the price that others pay for what a firm in default had rented, at the rate of the quarter of
            its default; one for all or one an edge.
        re_let_quarters: How long it takes to find them.
        recovery: Share of its dues that the estate of a firm goes on paying; one for all or one a firm.
        alpha: Share of cash, lines and outside receipts that is left in the quarter of default.
        beta: Share of receipts from other firms that is left then.
        debt_rank: Rank of what is owed to lenders outside among the ranks of the contracts.

    Raises:
        ValueError: Wrong shapes, amounts below 0, shares not from 0 to 1, unknown firms or quarters.
        SolveError: Payments of a quarter could not be proved to clear.
    """
    plan = checked(positions, contracts)
    _require(shut_from=shut_from, shut_quarters=shut_quarters, re_let_quarters=re_let_quarters, debt_rank=debt_rank)
    require_terms(alpha, beta, "greatest")
    pair, level = by_pair(plan.payer, plan.payee, plan.due * plan.can_relet)
    since_shut = np.arange(plan.quarters) - shut_from
    rules = Rules(
        is_open=(since_shut < 0) | (since_shut >= shut_quarters),
        falls=_default_quarters(plan, defaults, default_quarter),
        capex_cut=shares("capex_cut", capex_cut, plan.quarters), re_let=shares("re_let", re_let, len(plan.payer)),
        re_let_quarters=re_let_quarters, recovery=shares("recovery", recovery, plan.firms), pair=pair, level=level,
        alpha=alpha, beta=beta,
    )  # fmt: skip
    table, kept = rows(plan, debt_rank), _blank(plan)
    now = Standing(cash=plan.cash, lines=plan.lines, first=np.full(plan.firms, -1), strained=np.zeros(plan.firms, bool))
    for t in range(plan.quarters):
        now, figures = _quarter(plan, rules, table, now, t)
        for name, usd in figures.items():
            kept[name][t] = usd
    return Quarters(**kept, first_default_quarter=now.first, due_usd=plan.due, payer=plan.payer, payee=plan.payee)


def _quarter(plan: Plan, rules: Rules, table: Rows, now: Standing, t: int) -> tuple[Standing, dict[str, Array]]:
    """Where each firm stands after a quarter, and the figures of the quarter by name of the result."""
    named = (rules.falls == t) & ~now.out
    begun = replace(now, first=np.where(named, t, now.first))
    is_open = bool(rules.is_open[t])
    coming = _coming(plan, rules, begun, t, is_open)
    raised = ~begun.out * is_open * plan.new_money[t]
    outside = ~begun.out * plan.receipts[t] + raised
    means = ~begun.out * (begun.cash + begun.lines + outside + coming.instead(plan))
    missing = plan.new_money[t] * (not is_open) + _withheld(plan, coming, t)
    spent = (plan.costs[t], plan.interest[t] + plan.maturities[t], plan.capex[t])
    owed = np.concatenate([coming.owed, *(usd * ~begun.out for usd in spent)])
    done = settled(table, owed, means, missing, float(rules.capex_cut[t]), rules.alpha, rules.beta)
    after = _carried(begun, done, t)
    figures = _record(plan, table, begun, after, coming, owed, done)
    figures["estate_usd"] += named * begun.cash
    return after, figures | {"received_outside_usd": outside, "raised_usd": raised}


def _coming(plan: Plan, rules: Rules, now: Standing, t: int, is_open: bool) -> Coming:
    """What is owed on each edge, and what comes from estates and from others instead."""
    strained = now.strained | now.out
    either = strained[plan.payer] | strained[plan.payee]
    stops = plan.is_finance & (now.out[plan.payer] | now.out[plan.payee])
    stops |= plan.conditional & (either | (not is_open))
    due, broken = np.where(stops, 0.0, plan.due[t]), now.out[plan.payer]
    estate = np.where(broken, due * rules.recovery[plan.payer], 0.0)
    let = broken & plan.can_relet & (t >= now.first[plan.payer] + rules.re_let_quarters)
    # Others take what had been delivered by then: growth that was still to come falls away on both sides.
    delivered = due * delivered_share(rules.level, rules.pair, np.maximum(now.first[plan.payer], 0))[t]
    relet = np.where(let, np.maximum(0.0, delivered - estate) * rules.re_let, 0.0)
    return Coming(owed=np.where(broken, 0.0, due), estate=estate, relet=relet)


def _withheld(plan: Plan, coming: Coming, t: int) -> Array:
    """What each firm had coming by contract this quarter and is known not to get, shape (firms,)."""
    return summed(plan.payee, np.maximum(0.0, plan.due[t] - coming.owed - coming.estate - coming.relet), plan.firms)


def _carried(begun: Standing, done: Settlement, t: int) -> Standing:
    """Where each firm stands after the quarter: lines are drawn last, and in full before a default."""
    drawn = np.where(done.failed, begun.lines, np.maximum(0.0, begun.lines - done.left))
    gone = begun.out | done.failed
    lines = np.where(gone, 0.0, begun.lines - drawn)
    cash = np.where(gone, 0.0, np.maximum(0.0, done.left - lines))
    strained = begun.strained | (_gap_usd(begun, done) > 0.0)
    return Standing(cash=cash, lines=lines, first=np.where(done.failed, t, begun.first), strained=strained)


def _gap_usd(begun: Standing, done: Settlement) -> Array:
    """Dues beyond cash and receipts before lines are drawn, shape (firms,); a rounding of dues is none."""
    gap = np.where(begun.out, 0.0, done.short + begun.lines)
    return np.where(gap > SHORT * done.dues, gap, 0.0)


def _record(
    plan: Plan, table: Rows, begun: Standing, now: Standing, coming: Coming, owed: Array, done: Settlement
) -> dict[str, Array]:
    """The figures of a quarter by name of the result."""
    return {
        "cash_usd": now.cash, "lines_usd": now.lines, "gap_usd": _gap_usd(begun, done),
        "drawn_usd": np.where(begun.out, 0.0, begun.lines - now.lines),
        "paid_outside_usd": table.outside(done.paid).sum(axis=0),
        "unpaid_outside_usd": table.outside(done.amount - done.paid).sum(axis=0),
        "cut_usd": table.by_debtor(owed - done.amount),
        "lost_usd": np.where(done.failed, done.left, 0.0),
        "estate_usd": begun.out * (done.received + coming.instead(plan))
                      - summed(plan.payer, coming.estate, plan.firms),
        "paid_usd": done.paid[: table.edges] + coming.estate, "relet_usd": coming.relet,
    }  # fmt: skip


def _blank(plan: Plan) -> dict[str, Array]:
    """Room for the figures of all quarters."""
    of_firms = ("cash_usd", "lines_usd", "gap_usd", "received_outside_usd", "raised_usd", "drawn_usd",
                "paid_outside_usd", "unpaid_outside_usd", "cut_usd", "lost_usd", "estate_usd")  # fmt: skip
    sizes = dict.fromkeys(of_firms, plan.firms) | dict.fromkeys(("paid_usd", "relet_usd"), len(plan.payer))
    return {name: np.zeros((plan.quarters, size)) for name, size in sizes.items()}


def _default_quarters(plan: Plan, defaults: Sequence[int], quarter: int | Sequence[int]) -> NDArray[np.int64]:
    """Quarter in which each firm is made to default, -1 for none, shape (firms,); ValueError for unknown firms."""
    wrong = [i for i in defaults if not 0 <= i < plan.firms]
    if wrong:
        raise ValueError(f"defaults: firm {wrong[0]}; from 0 to {plan.firms - 1}")
    days = np.broadcast_to(np.asarray(quarter, dtype=np.int64), (len(defaults),))
    if (days < 0).any():
        raise ValueError(f"default_quarter: {days.min()}; 0 or more")
    when = np.full(plan.firms, -1, dtype=np.int64)
    when[list(defaults)] = days
    return when


def _require(**counts: int) -> None:
    """ValueError for a count of quarters, or a rank, below 0."""
    for name, count in counts.items():
        if count < 0:
            raise ValueError(f"{name}: {count}; 0 or more")
