"""Why a rate cannot be reached: what would have to be added at least, named with its amount and its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.expand_arrays import LEAST
from gigawatt.buildout.expand_case import UNIT_USD, Case
from gigawatt.buildout.expand_program import Layout, alike, first_energised, laid_out, weights
from gigawatt.buildout.expand_solve import Limits, Progress, relaxed, solved
from gigawatt.errors import SolveError
from gigawatt.units import MW_PER_GW

Array = np.ndarray
NEVER = 1e4  # weight of a MW that is not reached over one that some item lacks
LATER = 1e-3  # by which a lack in a period is cheaper than in the one before, so that it stands where it is felt
TOLD = 6  # lacks that a message names
SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What would have to be added so that the rate is reached."""

    name: str
    amount: float  # the most at any time
    unit: str
    begins: dt.date
    ends: dt.date  # of the last period in which it is short
    mw: float  # MW of campus that wait for it, over the whole plan
    asked: bool = False  # a limit or budget of who asks

    def __str__(self) -> str:
        return f"{self.name} is short by {self.amount:,.4g} {self.unit} from {self.begins} to {self.ends}"


class NoPlan(SolveError):
    """No expansion reaches the rate; `lacks` are all that is short."""

    def __init__(self, text: str, lacks: Sequence[Lack] = ()) -> None:
        super().__init__(text)
        self.lacks = tuple(lacks)


def no_plan(case: Case, seconds: float = SECONDS, progress: Progress | None = None) -> NoPlan:
    """The error that says which items are short, by how much and from when; sought for no longer than that."""
    early = too_early(case)
    if early:
        return NoPlan(early)
    if progress is not None:
        progress("no plan: finding what is short", 0.0)
    found = lacks(case, min(seconds, SECONDS))
    rate = case.target.max() / MW_PER_GW
    first = case.date(int(np.flatnonzero(case.target)[0]))
    if not found:
        return NoPlan(f"no expansion in whole modules reaches {rate:g} GW/week from {first} within its budget")
    world = [str(lack) for lack in found if not lack.asked]
    more = [f"and {len(world) - TOLD} more"] if len(world) > TOLD else []
    told = "\n".join(f"  {line}" for line in (*world[:TOLD], *more, *(str(lack) for lack in found if lack.asked)))
    return NoPlan(f"no expansion reaches {rate:g} GW/week from {first}:\n{told}", found)


def too_early(case: Case) -> str:
    """What to say when nothing that is started or ordered at the start is there in time; else nothing."""
    wanted = np.flatnonzero(case.target)
    firsts = [(*first_energised(case, campus), campus) for campus in case.campuses]
    weeks, name, campus = min(firsts, key=lambda one: one[0])
    if not len(wanted) or wanted[0] * case.period_weeks >= weeks - LEAST:
        return ""
    what = "construction takes" if name == "construction" else f"{name} and what follows take"
    return (
        f"nothing started from {case.start} on is energised by {case.date(int(wanted[0]))}: {what} {weeks:.0f} weeks "
        f"({campus.region}, {campus.power}); the first period that can be reached begins on "
        f"{case.date(int(np.ceil(weeks / case.period_weeks - LEAST)))}"
    )


def lacks(case: Case, seconds: float = SECONDS) -> list[Lack]:
    """What is short, most MW first, limits and budgets that were asked for last: the least that would have to be
    added, in MW of campus."""
    layout = laid_out(case)
    made = layout.program
    made.cost = [np.zeros(len(block)) for block in made.cost]
    least = _per_mw(layout)
    sooner = 1.0 + LATER * np.arange(case.periods)[::-1]
    extra = [made.columns(case.periods, cost=sooner / least[i]) for i in range(len(case.sources))]
    for rows, columns in zip(layout.capacity, extra, strict=True):
        made.put(rows, columns, -1.0)
    _missed(layout)
    money = {key: made.columns(1, cost=_mw_per_unit_usd(case)) for key in layout.years}
    for key, row in layout.years.items():
        made.put(np.array([row]), money[key], -1.0)
    power = {region: made.columns(1, cost=1.0 / case.period_weeks) for region in layout.powered}
    for region, row in layout.powered.items():
        made.put(np.array([row]), power[region], -1.0)
    arrays = made.arrays()
    answer = relaxed(arrays)
    if answer is None or answer.objective < LEAST * NEVER:  # only whole modules are in the way
        answer = solved(arrays, Limits(gap=1e-2, seconds=seconds))
    if answer is None:
        return []
    found = [_lack_of(layout, i, answer.values[columns], least[i]) for i, columns in enumerate(extra)]
    first, last = case.date(0), case.date(case.periods)
    for key, columns in money.items():
        usd = float(answer.values[columns[0]])
        name, dates = (f"the budget of {key}", (dt.date(key, 1, 1), dt.date(key, 12, 31))) if key else (
            "the budget of all years", (first, last))  # fmt: skip
        found.append(Lack(name=name, amount=usd, unit="bn USD", begins=dates[0], ends=dates[1],
                          mw=usd * _mw_per_unit_usd(case), asked=True))  # fmt: skip
    for region, columns in power.items():
        mw = float(answer.values[columns[0]])
        found.append(
            Lack(
                name=f"the limit asked for of power in {region}",
                amount=mw,
                unit="MW",
                begins=first,
                ends=last,
                mw=mw,
                asked=True,
            )
        )
    return sorted((lack for lack in found if lack.mw > 1e-3), key=lambda lack: (lack.asked, -lack.mw))


def _per_mw(layout: Layout) -> Array:
    """What a MW takes of each source in all, in the unit of its rows: 1 for items, weeks of work for workers."""
    case = layout.case
    out = np.zeros(len(case.sources))
    for use in alike(case):
        out[use[0]] = max(out[use[0]], float(weights(case, *use).sum()) / layout.unit[use[0]])
    return np.where(out > 0.0, out, 1.0)


def _missed(layout: Layout) -> None:
    """Columns for what is not energised: it takes nothing either."""
    case, made = layout.case, layout.program
    missed = made.columns(case.periods, cost=NEVER, upper=case.target)
    made.put(layout.reached, missed, 1.0)
    for use, who in alike(case).items():
        if len(set(who)) == len(case.campuses):
            times = len(who) // len(case.campuses)
            made.earlier(layout.capacity[use[0]], missed, -times * weights(case, *use) / layout.unit[use[0]])


def _mw_per_unit_usd(case: Case) -> float:
    """MW of the cheapest campus for a billion."""
    cheapest = min(campus.usd_per_mw for campus in case.campuses)
    return UNIT_USD / cheapest / case.period_weeks if cheapest > 0.0 else 1.0


def _lack_of(layout: Layout, index: int, extra: Array, per_mw: float) -> Lack:
    case, source = layout.case, layout.case.sources[index]
    short = np.flatnonzero(extra > 1e-6)
    ends = short[-1] + 1 if len(short) else 0
    return Lack(
        name=f"the limit asked for of {source.label}" if source.limited else source.label,
        asked=source.limited,
        amount=float(extra.max(initial=0.0)) * float(layout.unit[index]),
        unit=source.unit + ("/week" if source.keeps else ""),
        begins=case.date(int(short[0]) if len(short) else 0),
        ends=case.date(int(ends)),
        mw=float(extra.sum()) * case.period_weeks / per_mw,
    )
