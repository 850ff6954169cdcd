"""What projects cost as they come out: the bill, dearer items, crews held longer, the owner's weeks, and damages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.blocks import run_blocks
from gigawatt.buildout.capex import CHIPS, capex, local
from gigawatt.buildout.design import campus
from gigawatt.buildout.draws import MEDIAN, draw
from gigawatt.buildout.events import simulate
from gigawatt.buildout.outcome import Outcome, beyond_lead_weeks, quantiles
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.supply import dearer
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel
from gigawatt.units import DAYS_PER_WEEK

Array = np.ndarray
PLENTY = 1e9 * 1e9  # units a week, and workers, that no plan runs out of


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """USD by draw and project against the plan, which holds medians without any wait; shapes (draws, projects).

    Less than planned is below 0; what never ends costs without end.
    """

    planned_usd: Array  # (projects,) capex
    items_usd: Array  # larger or smaller amounts, and prices that rose with the queue
    crews_usd: Array  # workers held longer than planned
    owner_usd: Array  # the owner's and the site's costs of every week that a phase is not up
    damages_usd: Array  # for what is up after the due date

    @property
    def overrun_usd(self) -> Array:
        """What time adds: crews and owner."""
        return np.asarray(self.crews_usd + self.owner_usd)

    @property
    def capex_usd(self) -> Array:
        """Planned capex with all that differs, damages aside."""
        return np.asarray(self.planned_usd + self.items_usd + self.overrun_usd)


def costs(outcome: Outcome, threads: int | None = None) -> Costs:
    """What each project costs in each draw.

    Raises:
        ValueError: The chip of a project has no price in the catalog.
    """
    plan, projects = outcome.plan, outcome.plan.portfolio.projects
    aim = simulate(unhindered(plan), draws=0)
    planned = np.array([project.mw * capex(project.design, project.region).all.median for project in projects])
    return Costs(
        planned_usd=planned,
        items_usd=items_usd(outcome, threads),
        crews_usd=crews_usd(outcome, aim),
        owner_usd=owner_usd(outcome, aim),
        damages_usd=damages_usd(outcome, planned),
    )


def unhindered(plan: Plan) -> Plan:
    """The plan with workers and items for all: what is ordered comes after its lead time."""
    work = plan.work
    plenty = work._replace(available=np.full_like(work.available, PLENTY), capacity=np.full_like(work.capacity, PLENTY))
    return replace(plan, work=plenty)


def crews_usd(outcome: Outcome, aim: Outcome) -> Array:
    """Worker-weeks beyond those of the plan, at the wage of the region, with the contractor's share on top."""
    plan, work = outcome.plan, outcome.plan.work
    crewed = work.workers > 0.0
    held = np.zeros(outcome.finish.shape)
    held[:, crewed] = work.workers[crewed] * (_lasted(outcome) - _lasted(aim))[:, crewed]
    usd = np.array([local(project.region)[0].median for project in plan.portfolio.projects])
    share = campus("contractor_share").median
    return np.asarray(_summed(held, work.project, len(usd)) * usd * (1.0 + share))


def _lasted(outcome: Outcome) -> Array:
    """Weeks from begin to finish; infinite for what never ends."""
    known = np.isfinite(outcome.finish)
    return np.where(known, outcome.finish - np.where(known, outcome.begin, 0.0), np.inf)


def owner_usd(outcome: Outcome, aim: Outcome) -> Array:
    """The owner's costs of the MW-weeks by which phases come up later than planned."""
    rate = float(catalog.value("buildout", "costs", "owner_usd_per_mw_week"))
    late = (outcome.phase_finish() - aim.phase_finish()) * outcome.phase_mw
    summed = _summed(late, np.array([p for p, _ in outcome.phases]), len(outcome.plan.portfolio.projects))
    return np.asarray(rate * summed)


def damages_usd(outcome: Outcome, planned_usd: Array) -> Array:
    """Days late x MW x rate of each phase that is up after the due date, at most the project's share of its capex."""
    projects, finish, mw = outcome.plan.portfolio.projects, outcome.phase_finish(), outcome.phase_mw
    found = np.zeros((outcome.rows, len(projects)))
    phases = np.array([p for p, _ in outcome.phases])
    for p, project in enumerate(projects):
        if project.due is None or project.damages_usd_per_mw_day <= 0.0:
            continue
        due_days = (project.due - outcome.plan.portfolio.start).days + 1  # all of the due date is in time
        late = np.maximum(0.0, DAYS_PER_WEEK * finish[:, phases == p] - due_days)
        owed = project.damages_usd_per_mw_day * (late * mw[phases == p]).sum(axis=1)
        found[:, p] = np.minimum(owed, project.damages_cap_share * planned_usd[p])
    return found


def items_usd(outcome: Outcome, threads: int | None = None) -> Array:
    """What items cost beyond the bill at its medians: their amount in the draw, and the price that their queue makes.

    Price = usual price x (1 + response x years from the end of the lead time to arrival), see `beyond_lead_weeks`.
    What is a part of another item is paid with that one; the contractor's share is on all but what is bought with the
    chips.
    """
    plan, work = outcome.plan, outcome.plan.work
    if not len(work.order_item):
        return np.zeros((outcome.rows, len(plan.portfolio.projects)))
    units, lead = np.empty(outcome.arrives.shape), np.empty(outcome.arrives.shape)

    def block(first: int, last: int) -> None:
        amounts(work, outcome.seed, first if outcome.draws else MEDIAN, units[first:last], lead[first:last])

    run_blocks(block, outcome.rows, threads)
    queue = beyond_lead_weeks(work, outcome.arrives, lead)
    response = np.array([pool.item.price_response for pool in plan.pools])[work.order_item]
    usual = _usual_usd(plan)
    with np.errstate(invalid="ignore"):  # nothing stays so in a queue without end
        beyond = np.where(usual > 0.0, usual * (units / work.order_units * dearer(response, queue) - 1.0), 0.0)
    task_of_order = np.repeat(np.arange(len(plan.tasks)), np.diff(work.first_order))
    return _summed(beyond, work.project[task_of_order], len(plan.portfolio.projects))


def _usual_usd(plan: Plan) -> Array:
    """Cost of each order at its medians: that of its part of the capex of a MW, 0 for what is paid with another."""
    share = campus("contractor_share").median
    parts = []
    for project in plan.portfolio.projects:
        own = capex(project.design, project.region).costs
        parts.append({one.part: one.usd_per_mw.median * (1.0 + share * (one.group != CHIPS)) for one in own})
    return np.array([parts[task.project].get(need.item, 0.0) * task.mw for task in plan.tasks for need in task.orders])


@kernel
def amounts(work: Work, seed: int, number: int, units: np.ndarray, lead_weeks: np.ndarray) -> None:
    """Amounts and lead times of the orders, draw by draw from `number` on.

    Changes: units, lead_weeks.
    """
    for r in range(len(units)):
        found = draw(work, seed, number + r)
        units[r], lead_weeks[r] = found.units, found.lead_weeks


def _summed(values: Array, group: Array, count: int) -> Array:
    """Sums over the columns of each group; shape (draws, count)."""
    found = np.zeros((len(values), count))
    for n in range(count):
        found[:, n] = values[:, group == n].sum(axis=1)
    return found


def cost_rows(outcome: Outcome, found: Costs) -> list[dict[str, Any]]:
    """A row for each project: planned capex, quantiles of what it comes to, and means of what makes the difference."""
    low, middle, high = quantiles(found.capex_usd)
    names = ("items_usd", "crews_usd", "owner_usd", "overrun_usd", "damages_usd")
    means = {name: getattr(found, name).mean(axis=0) for name in names}
    return [
        {
            "project": project.name,
            "mw": project.mw,
            "planned_usd": float(found.planned_usd[p]),
            "p10_usd": float(low[p]),
            "p50_usd": float(middle[p]),
            "p90_usd": float(high[p]),
            **{name: float(mean[p]) for name, mean in means.items()},
        }
        for p, project in enumerate(outcome.plan.portfolio.projects)
    ]
