"""Who pays for a programme, quarter by quarter: income first, then sources of money in their order, then nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gigawatt.finance.parameters import parameter
from gigawatt.finance.programmes.luck import Factors, factors
from gigawatt.finance.programmes.plan import AS_PLANNED, Plan, Scale, plan
from gigawatt.finance.programmes.programme import Programme, Source, at
from gigawatt.units import QUARTERS_PER_YEAR

USES = ("operating", "rent", "chips", "site", "tax", "interest", "repaid")


@dataclass(frozen=True, slots=True)
class Funding:
    """Flows of a programme in USD a quarter; arrays are (quarters, draws) unless told otherwise.

    In every quarter of every draw: revenue + raised + unfunded = uses + growth of cash. What is unfunded is paid by
    nobody in the model: it costs nothing and is never repaid, so that the programme goes on and the hole is seen.
    """

    programme: Programme
    seed: int
    first: int  # number of the first draw
    luck: Factors
    plan: Plan
    uses: Mapping[str, np.ndarray]  # by the names of USES
    raised: Mapping[str, np.ndarray]  # by source, in the order in which they are asked
    unfunded: np.ndarray
    cash: np.ndarray  # at quarter ends
    owed: np.ndarray  # debt outstanding at quarter ends

    @property
    def free_cash(self) -> np.ndarray:
        """EBITDA less capex and tax, before interest and funding."""
        return np.asarray(self.plan.free_cash - self.uses["tax"])

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return int(self.unfunded.shape[1])


@dataclass(slots=True)
class _Books:
    """What is carried from quarter to quarter, arrays of (draws,)."""

    cash: np.ndarray
    losses: np.ndarray  # carried forward against tax
    owed: dict[str, np.ndarray]
    used: dict[str, np.ndarray]  # of the capacity of the calendar year


def fund(
    programme: Programme, draws: int | None = None, seed: int = 0, first: int = 0, scale: Scale = AS_PLANNED
) -> Funding:
    """The funding of a programme in `draws` futures; in one, with everything at its median, without `draws`.

    Sources that give `always` do so first, and cash above the minimum goes next; then each other source is asked as
    far as its limits let it, in the order of `programme.sources`. Interest is paid on what is owed at the
    begin of the quarter.
    """
    luck = factors(programme, draws, seed, first)
    return funding_of(programme, luck, plan(programme, luck, scale), seed, first)


def funding_of(programme: Programme, luck: Factors, flows: Plan, seed: int = 0, first: int = 0) -> Funding:
    """The funding of flows that are known; `seed` and `first` tell where their luck comes from."""
    shape = flows.revenue.shape
    names = [source.name for source in programme.sources]
    raised = {name: np.zeros(shape) for name in names}
    uses = {
        "operating": flows.operating, "rent": flows.rent, "chips": flows.chips, "site": flows.site,
        **{name: np.zeros(shape) for name in ("tax", "interest", "repaid")},
    }  # fmt: skip
    result = Funding(programme, seed, first, luck, flows, uses, raised, *(np.zeros(shape) for _ in range(3)))
    blank = np.zeros(shape[1])
    books = _Books(
        np.full(shape[1], programme.cash_usd),
        blank.copy(),
        {n: blank.copy() for n in names},
        dict.fromkeys(names, blank),
    )
    for quarter in range(shape[0]):
        _step(result, books, quarter)
    return result


def _step(result: Funding, books: _Books, quarter: int) -> None:
    """One quarter: debt service and tax fall due, sources are asked in turn, the rest is unfunded."""
    p, flows, uses = result.programme, result.plan, result.uses
    if quarter % QUARTERS_PER_YEAR == 0:
        books.used = {name: np.zeros_like(books.cash) for name in books.used}
    for source in p.sources:
        if source.is_debt:
            rate = source.rate * result.luck["rate"] / QUARTERS_PER_YEAR
            uses["interest"][quarter] += books.owed[source.name] * rate
            due = _due(source, result.raised[source.name], quarter)
            uses["repaid"][quarter] += due
            books.owed[source.name] = books.owed[source.name] - due
    uses["tax"][quarter] = _tax(p, flows, uses["interest"][quarter], books, quarter)
    spent = sum(uses[name][quarter] for name in USES)
    for source in p.sources:
        if source.always:
            books.cash = books.cash + _give(result, books, source, quarter, np.full_like(books.cash, np.inf))
    need = spent + p.minimum_cash_usd - flows.revenue[quarter] - books.cash
    left = np.maximum(need, 0.0)
    books.cash = p.minimum_cash_usd + np.maximum(-need, 0.0)
    for source in p.sources:
        if not source.always:
            left = left - _give(result, books, source, quarter, left)
    result.unfunded[quarter] = left
    result.cash[quarter] = books.cash
    result.owed[quarter] = sum(books.owed.values(), np.zeros_like(left))


def _give(result: Funding, books: _Books, source: Source, quarter: int, wanted: np.ndarray) -> np.ndarray:
    """What a source gives of what is wanted, after entering it."""
    amount = np.minimum(wanted, np.maximum(_room(result, books, source, quarter), 0.0))
    result.raised[source.name][quarter] = amount
    books.used[source.name] = books.used[source.name] + amount
    if source.is_debt:
        books.owed[source.name] = books.owed[source.name] + amount
    return np.asarray(amount)


def _due(source: Source, raised: np.ndarray, quarter: int) -> np.ndarray:
    """Principal that falls due: a bullet after its term, equal parts of a level loan from the next quarter on."""
    term = max(round(source.years * QUARTERS_PER_YEAR), 1)
    if source.kind == "bullet":
        return raised[quarter - term] if quarter >= term else np.zeros(raised.shape[1])
    return np.asarray(raised[max(quarter - term, 0) : quarter].sum(axis=0) / term)


def _tax(p: Programme, flows: Plan, interest: np.ndarray, books: _Books, quarter: int) -> np.ndarray:
    """Tax on profit after depreciation and interest; losses of earlier quarters take off a share of it, if left."""
    earned = flows.revenue[quarter] - flows.operating[quarter] - flows.rent[quarter]
    profit = earned - flows.depreciation[quarter] - interest
    gain = np.maximum(profit, 0.0)
    used = np.minimum(books.losses, parameter("tax.usable_losses") * gain)
    books.losses = books.losses - used + np.maximum(-profit, 0.0)
    return np.asarray(p.tax_rate * (gain - used))


def _room(result: Funding, books: _Books, source: Source, quarter: int) -> np.ndarray:
    """What a source would still give: the least of its limits. Capacity of a year opens quarter by quarter."""
    p, flows, name = result.programme, result.plan, source.name
    year = int(p.calendar[quarter])
    open_share = (quarter % QUARTERS_PER_YEAR + 1) / QUARTERS_PER_YEAR
    last_year = flows.revenue[max(quarter - QUARTERS_PER_YEAR + 1, 0) : quarter + 1].mean(axis=0) * QUARTERS_PER_YEAR
    luck = np.ones_like(books.cash) if source.always else result.luck["capacity"]
    yearly = at(source.capacity_usd_per_year, year) * luck
    if source.kind == "equity" and source.value_multiple:
        value = at(source.value_multiple, year) * result.luck["value"] * last_year
        yearly = np.minimum(yearly, source.dilution_per_year * value)
    room = yearly * open_share - books.used[name]
    if source.lends_on != "any":
        room = np.minimum(room, source.advance * _lent_on(flows, source.lends_on, quarter))
    if source.is_debt and np.isfinite(source.revenue_multiple):
        room = np.minimum(room, source.revenue_multiple * last_year - books.owed[name])
    return np.asarray(room)


def _lent_on(flows: Plan, what: str, quarter: int) -> np.ndarray:
    """What a source lends against, in USD of the quarter."""
    match what:
        case "vendor":
            return np.asarray(flows.vendor[quarter])
        case "site":
            return np.asarray(flows.site[quarter])
        case "revenue":
            return np.asarray(flows.revenue[quarter])
        case _:
            return np.asarray(flows.chips[quarter] + flows.site[quarter])
