"""What would carry a programme: the least revenue, growth, price or share of compute sold that reaches a goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.finance.programmes.answers import NOTHING_USD, by_calendar_year, gap_usd
from gigawatt.finance.programmes.fund import Funding, fund, funding_of
from gigawatt.finance.programmes.luck import factors
from gigawatt.finance.programmes.plan import Scale, built, earned, yearly_revenue
from gigawatt.finance.programmes.programme import Programme
from gigawatt.units import QUARTERS_PER_YEAR

ASKED = ("revenue", "growth", "price", "utilisation")
GOALS = ("funded", "break-even")
STEPS = 15  # halvings of the search: factors to 3e-4, where three digits are told
WIDEST = 64.0  # factors that are tried: from 1/64 to 64
Question = tuple[str, str]  # lever and goal


@dataclass(frozen=True, slots=True)
class Required:
    """What carries a programme, all else as planned; arrays are (draws,).

    `value` is NaN where no factor up to 64 is enough, and 0 where next to nothing is. `needs_sold` is the share of
    serving compute that it sells in the target year: above the `utilisation` of the programme, its gigawatts cannot
    earn it at the price of the plan.
    """

    what: str
    goal: str
    unit: str
    planned: float
    value: np.ndarray
    needs_sold: np.ndarray


def required(
    programme: Programme, what: str, goal: str = "funded", draws: int | None = None, seed: int = 0, first: int = 0
) -> Required:
    """The least revenue, growth, price or utilisation that reaches a goal, draw by draw, by bisection.

    - `revenue`: of the target year, reached by growing faster from the start; compute is not asked whether it can.
    - `growth`: the same as even growth a year from the year before the start to the target year.
    - `price`: per GW-hour sold, from the start on, at the volumes of the plan.
    - `utilisation`: share of serving compute that is sold at the price of the plan, from the start on.

    Goals: `funded`, nothing unfunded in any year with all sources at their limits; `break-even`, free cash (before
    interest) at 0 or above in every year from the target year on, which is what customers alone must carry.

    Raises:
        ValueError: `what` or `goal` is none of these, or the plan has no revenue.
    """
    return required_each(programme, (what,), (goal,), draws, seed, first)[0]


def required_each(
    programme: Programme,
    whats: Sequence[str] = ASKED,
    goals: Sequence[str] = GOALS,
    draws: int | None = None,
    seed: int = 0,
    first: int = 0,
) -> list[Required]:
    """`required` for every goal and every `what`, goal by goal; one search for all, which takes far less time."""
    for given, known in [(what, ASKED) for what in whats] + [(goal, GOALS) for goal in goals]:
        if given not in known:
            raise ValueError(f"{given!r} cannot be asked for; allowed: {', '.join(known)}")
    if not yearly_revenue(programme, np.array([programme.start_year])).any():
        raise ValueError(f"{programme.name}: a plan without revenue has none to solve for")
    questions = list(dict.fromkeys((_lever(what), goal) for goal in goals for what in whats))
    found = _Search(programme, questions, draws, seed, first).solve()
    return [_answer(programme, what, goal, found[(_lever(what), goal)]) for goal in goals for what in whats]


def _lever(what: str) -> str:
    """Revenue and growth are one search."""
    return "growth" if what == "revenue" else what


@dataclass(frozen=True, slots=True)
class _Found:
    """The least factor of each draw and what it brings in the target year; arrays are (draws,)."""

    factor: np.ndarray
    hopeless: np.ndarray  # even the largest factor is not enough
    needless: np.ndarray  # the smallest is
    revenue: np.ndarray
    sold: np.ndarray
    price: np.ndarray


class _Search:
    """Bisection over all questions at once: their draws stand side by side, as columns of one funding."""

    def __init__(self, p: Programme, questions: list[Question], draws: int | None, seed: int, first: int) -> None:
        luck = factors(p, draws, seed, first)
        self.p, self.questions, self.count = p, questions, 1 if draws is None else draws
        # What is built does not depend on the factor, so that it is worked out once.
        self.there = built(p, luck).times(len(questions))
        self.luck = {name: np.tile(each, len(questions)) for name, each in luck.items()}

    def solve(self) -> dict[Question, _Found]:
        """The answer to each question."""
        shape = self.count * len(self.questions)
        low, high = np.full(shape, 1 / WIDEST), np.full(shape, WIDEST)
        hopeless, needless = ~self._reached(high), self._reached(low)
        for _ in range(STEPS):
            middle = np.sqrt(low * high)
            enough = self._reached(middle)
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        place, carried = _target(self.p), self._funding(high)
        revenue = by_calendar_year(carried, carried.plan.revenue)[place]
        sold = by_calendar_year(carried, carried.plan.sold)[place] / QUARTERS_PER_YEAR
        parts = (high, hopeless, needless, revenue, sold, self.p.price_usd_per_gwh * high * self.luck["price"])
        return {each: _Found(*(part[self._columns(n)] for part in parts)) for n, each in enumerate(self.questions)}

    def _columns(self, question: int) -> slice:
        return slice(question * self.count, (question + 1) * self.count)

    def _funding(self, factor: np.ndarray) -> Funding:
        return funding_of(self.p, self.luck, earned(self.p, self.luck, self.there, self._scale(factor)))

    def _scale(self, factor: np.ndarray) -> Scale:
        """Each question pulls its own lever."""
        lever = np.repeat([lever for lever, _ in self.questions], self.count)
        return Scale(
            growth=np.where(lever == "growth", factor, 1.0),
            price=np.where(lever == "price", factor, 1.0),
            sold=np.where(lever == "utilisation", self.p.utilisation * factor, np.nan),
            unbound=lever == "growth",
        )

    def _reached(self, factor: np.ndarray) -> np.ndarray:
        """Whether each draw of each question reaches its goal."""
        funding = self._funding(factor)
        free = by_calendar_year(funding, funding.free_cash)[_target(self.p) :]
        goal = np.repeat([goal for _, goal in self.questions], self.count)
        return np.where(goal == "funded", gap_usd(funding) <= NOTHING_USD, (free >= 0).all(axis=0))


def _target(p: Programme) -> int:
    """Place of the target year among the years of the plan."""
    return p.asked_year - p.start_year


def _span(p: Programme) -> int:
    return p.asked_year - (p.start_year - 1)


def _answer(p: Programme, what: str, goal: str, found: _Found) -> Required:
    """A factor in the unit of what was asked for."""
    blank, settled = np.where(found.hopeless, np.nan, 0.0), found.hopeless | found.needless
    start = float(yearly_revenue(p, np.array([p.start_year - 1]))[0])
    value = {
        "revenue": found.revenue,
        "growth": (found.revenue / start) ** (1 / _span(p)) - 1,
        "price": found.price,
        "utilisation": p.utilisation * found.factor,
    }[what]
    unit, planned = _planned(p, what)
    return Required(what, goal, unit, planned, np.where(settled, blank, value), np.where(settled, blank, found.sold))


def _planned(p: Programme, what: str) -> tuple[str, float]:
    """Unit of what is asked for, and its value in the plan: of the target year where it changes."""
    start, end = yearly_revenue(p, np.array([p.start_year - 1, p.asked_year]))
    match what:
        case "revenue":
            return "USD/year", float(end)
        case "growth":
            return "1/year", float((end / start) ** (1 / _span(p)) - 1)
        case "price":
            return "USD/GWh", p.price_usd_per_gwh
        case _:
            return "1", float(fund(p).plan.sold.reshape(p.years, -1)[_target(p)].mean())
