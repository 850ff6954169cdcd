"""The mixed-integer program of an expansion plan.

Rates are in MW a week of campus: an item is counted in what a MW takes of it, so that numbers stay near 1; money is in
billions. Campuses are chosen by the period in which they are energised, and exactly the target is energised: more
would only need more. What every campus takes at the same time is then known beforehand, and each item of that kind is
a plan of its own (see `parts`). Modules are counted as those ordered so far: one whole number a period, which never
falls, and sparse rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.expand_arrays import LEAST, Program
from gigawatt.buildout.expand_case import UNIT_USD, Campus, Case, Source, held_share, needed_share, paid_before
from gigawatt.buildout.expand_over import NONE, budgets, opened, opened_somewhere, powered
from gigawatt.units import WEEKS_PER_YEAR

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything stands in the program of a case."""

    case: Case
    program: Program
    energised: Array  # columns (campuses, periods): MW a week
    stock: tuple[Array, ...]  # by source (periods,) or nothing, in `unit` x periods
    modules: tuple[Array, ...]  # by source: ordered so far, (periods in which an order still helps,)
    opened: dict[str, Array]  # by region: whether it has campuses so far
    reached: Array  # rows (periods,)
    capacity: Array  # rows (sources, periods)
    known: Array  # (sources, periods) what all campuses take alike, in `unit` a week
    years: dict[int, int]  # row of the budget of a year; 0 for all years
    powered: dict[str, int]  # row of the limit of a region
    unit: Array  # (sources,) units of the item that one unit of its rows stands for


def laid_out(case: Case) -> Layout:
    """The program of a case."""
    made, periods = Program(), case.periods
    unit = units(case)
    reached = made.rows(periods, lower=case.target, upper=case.target)
    energised = _energised(made, case, reached)
    known = _known(case, unit)
    opening = opened(made, case, energised)
    stock, modules, capacity = [], [], []
    somewhere: dict[tuple[str, ...], Array] = {}
    for i, source in enumerate(case.sources):
        users = tuple(dict.fromkeys(c.region for c in case.campuses if any(use.source == i for use in c.uses)))
        if users not in somewhere:
            somewhere[users] = opened_somewhere(made, case, opening, users)
        rows = _capacity(made, case, i, unit[i], known[i], somewhere[users])
        capacity.append(rows)
        stock.append(_stock(made, case, source, unit[i], rows))
        modules.append(_modules(made, case, source, unit[i], rows))
    _uses(made, case, energised, capacity, unit)
    return Layout(
        case=case, program=made, energised=energised, stock=tuple(stock), modules=tuple(modules),
        opened=opening, reached=reached,
        capacity=np.array(capacity, dtype=np.int64).reshape(len(case.sources), periods), known=known,
        years=budgets(made, case, energised, modules), powered=powered(made, case, energised), unit=unit,
    )  # fmt: skip


def units(case: Case) -> Array:
    """Units of each source that a MW takes of it, the most of all campuses; 1 where none does."""
    out = np.zeros(len(case.sources))
    for campus in case.campuses:
        for use in campus.uses:
            out[use.source] = max(out[use.source], use.per_mw)
    return np.where(out > 0.0, out, 1.0)


def first_energised(case: Case, campus: Campus) -> tuple[float, str]:
    """Weeks from the start until the first MW of a campus can be energised, and what takes longest."""
    latest, name = campus.weeks, "construction"
    for use in campus.uses:
        source = case.sources[use.source]
        if source.keeps and source.first_week + use.before_weeks > latest:
            latest, name = source.first_week + use.before_weeks, source.label
    return latest, name


def alike(case: Case) -> dict[tuple[int, float, float, float], list[int]]:
    """Uses (source, per MW, before, for) and the campuses that make them."""
    out: dict[tuple[int, float, float, float], list[int]] = {}
    for o, campus in enumerate(case.campuses):
        for use in campus.uses:
            out.setdefault((use.source, use.per_mw, use.before_weeks, use.for_weeks), []).append(o)
    return out


def weights(case: Case, source: int, per_mw: float, before: float, lasts: float) -> Array:
    """What a MW a week energised takes of a source j periods earlier; shape (periods,)."""
    if case.sources[source].keeps:
        return per_mw * needed_share(before / case.period_weeks, case.periods)
    # Workers: a rate of MW a week, each held for weeks.
    held = held_share(before / case.period_weeks, lasts / case.period_weeks, case.periods)
    return per_mw * case.period_weeks * held


def _known(case: Case, unit: Array) -> Array:
    """What all campuses take alike, whichever are chosen; shape (sources, periods)."""
    out = np.zeros((len(case.sources), case.periods))
    for use, who in alike(case).items():
        if len(set(who)) == len(case.campuses):
            times = len(who) // len(case.campuses)
            for j, weight in enumerate(weights(case, *use)):
                out[use[0], : case.periods - j] += times * weight / unit[use[0]] * case.target[j:]
    return out


def _energised(made: Program, case: Case, reached: Array) -> Array:
    """MW a week energised of each campus; only what one costs more than the cheapest is part of the choice."""
    cheapest = min(campus.usd_per_mw for campus in case.campuses)
    begins = np.arange(case.periods) * case.period_weeks
    out = []
    for campus in case.campuses:
        extra = (campus.usd_per_mw - cheapest) * case.period_weeks / UNIT_USD
        paid = paid_before(case, campus)
        worth = sum(paid[j] * case.worth(begins + (0.5 - j) * case.period_weeks) for j in range(case.periods))
        possible = begins >= first_energised(case, campus)[0] - 1e-9
        columns = made.columns(case.periods, cost=extra * worth, upper=np.where(possible, case.target, 0.0))
        made.put(reached, columns, 1.0)
        out.append(columns)
    return np.array(out)


def _capacity(made: Program, case: Case, index: int, unit: float, known: Array, opened: Array) -> Array:
    """Rows that hold what is taken of a source within its capacity.

    The workers of a nation count once one of its regions is opened, for whoever needs them is energised later: this
    says no more than that closed regions have no campus, and brings the relaxed program nearer to whole plans.
    """
    source = case.sources[index]
    upper = source.opening / unit - known
    if source.keeps or not len(opened):
        return made.rows(case.periods, upper=upper)
    uses = [use for use in alike(case) if use[0] == index]
    reach = max((int(np.flatnonzero(weights(case, *use) > LEAST)[-1]) for use in uses), default=0)
    rows = made.rows(case.periods, upper=-known)
    made.put(rows, opened[np.minimum(rows - rows[0] + reach, case.periods - 1)], -source.opening / unit)
    return rows


def _stock(made: Program, case: Case, source: Source, unit: float, rows: Array) -> Array:
    """What lies in stock at the end of each period: capacity makes what is needed and what is added to stock."""
    if not source.keeps:
        return NONE
    year_share = case.holding_share * case.period_weeks / WEEKS_PER_YEAR
    usd = source.usd_per_unit * unit * case.period_weeks * year_share * case.discount()
    stock = made.columns(case.periods, cost=usd / UNIT_USD)
    made.put(rows, stock, 1.0)
    made.put(rows[1:], stock[:-1], -1.0)
    return stock


def ready_after(source: Source, period_weeks: float) -> tuple[int, float]:
    """Whole periods until a module gives its first output, and the share of the next in which it does not yet."""
    whole, rest = divmod(source.build_weeks / period_weeks, 1.0)
    return int(whole), float(rest)


def _modules(made: Program, case: Case, source: Source, unit: float, rows: Array) -> Array:
    """Modules ordered so far, for as long as an order can still give something within the plan."""
    whole, rest = ready_after(source, case.period_weeks)
    useful = case.periods - whole
    if not source.grows or useful <= 0:
        return NONE
    usd = module_usd(case, source)[:useful] / UNIT_USD
    per_year = max(1, round(WEEKS_PER_YEAR / case.period_weeks))
    a_year, in_all = (np.floor(n) if source.whole else n for n in (source.most_per_year, source.most_steps))
    upper = np.minimum(a_year * np.ceil((np.arange(useful) + 1) / per_year), in_all)
    modules = made.columns(useful, cost=usd - np.append(usd[1:], 0.0), upper=upper, whole=source.whole)
    made.rising(modules)
    if np.isfinite(a_year) and useful > per_year:
        in_a_year = made.rows(useful - per_year, upper=a_year)
        made.put(in_a_year, modules[per_year:], 1.0)
        made.put(in_a_year, modules[:-per_year], -1.0)
    step = source.step / unit
    made.put(rows[whole:], modules, -step * (1.0 - rest))
    if rest > 0.0:
        made.put(rows[whole + 1 :], modules[:-1], -step * rest)
    return modules


def module_usd(case: Case, source: Source) -> Array:
    """Worth today of a module ordered at the start of each period: its price in equal parts while it is built, and
    what it costs a year from then to the end of the plan; shape (periods,)."""
    edges, end = np.arange(case.periods) * case.period_weeks, case.periods * case.period_weeks
    paid = case.worth(edges) * _mean_worth(case, source.build_weeks)
    ready = np.minimum(edges + source.build_weeks, end)
    fixed = case.fixed_share * (end - ready) / WEEKS_PER_YEAR * case.worth((ready + end) / 2.0)
    return np.asarray(source.usd_per_step * (paid + fixed))


def _mean_worth(case: Case, weeks: float) -> float:
    """Mean worth today of a dollar paid in equal parts over the next `weeks`."""
    rate = np.log1p(case.discount_rate) * weeks / WEEKS_PER_YEAR
    return float(-np.expm1(-rate) / rate) if rate > 0.0 else 1.0


def _uses(made: Program, case: Case, energised: Array, capacity: list[Array], unit: Array) -> None:
    """What some campuses take and others do not; those that take alike count as one sum."""
    sums: dict[tuple[int, ...], Array] = {}
    for use, who in alike(case).items():
        group = tuple(who)
        if len(set(who)) == len(case.campuses):
            continue
        if group not in sums:
            sums[group] = _summed(made, energised[who])
        made.earlier(capacity[use[0]], sums[group], weights(case, *use) / unit[use[0]])


def _summed(made: Program, columns: Array) -> Array:
    """Columns that are the sum of others; shape (periods,)."""
    if len(columns) == 1:
        return np.asarray(columns[0])
    total = made.columns(columns.shape[1])
    rows = made.rows(columns.shape[1], lower=0.0, upper=0.0)
    made.put(rows, total, -1.0)
    made.put(rows[None, :], columns, 1.0)
    return total
