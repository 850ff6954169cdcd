"""A system as the sparse arrays of one linear or mixed-integer program.

Power is counted in units of the largest load and money in units of the usual price, so that most numbers are near 1.
A capacity that is given takes part as a bound of hourly columns, not as a row: at fixed capacities only the balance
of the bus and of the stores are rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.system import Budget, Commitment, Ramp, Store, System

Array = np.ndarray
Terms = tuple[Array, Array, Array]  # row, column, value


@dataclass(slots=True)
class Program:
    """min cost . v with lower <= v <= upper and row_lower <= matrix v <= row_upper, v in part whole numbers.

    Hourly places are columns (T,) of one source or store; the places of rows say where prices are read.
    """

    power_mw: float  # one unit of every column but the whole ones
    price_usd: float  # per MWh, one unit of cost
    cost: list[Array] = field(default_factory=list)
    lower: list[Array] = field(default_factory=list)
    upper: list[Array] = field(default_factory=list)
    whole: list[Array] = field(default_factory=list)
    row_lower: list[Array] = field(default_factory=list)
    row_upper: list[Array] = field(default_factory=list)
    terms: list[Terms] = field(default_factory=list)
    columns: dict[str, Array] = field(default_factory=dict)
    rows: dict[str, Array] = field(default_factory=dict)
    held: list[tuple[Array, Array]] = field(default_factory=list)  # rows that hold columns within a capacity
    width: int = 0
    height: int = 0

    def add_columns(
        self, name: str, cost: Array | float, upper: Array | float, *, lower: Array | float = 0.0, whole: bool = False
    ) -> Array:
        """The places of new columns; the longest of cost and bounds says how many."""
        cost, lower, upper = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (cost, lower, upper)))
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(np.full(len(cost), whole))
        self.columns[name] = np.arange(self.width, self.width + len(cost))
        self.width += len(cost)
        return self.columns[name]

    def add_rows(
        self,
        name: str,
        terms: Sequence[tuple[Array, Array | float]],
        *,
        lower: Array | float = -np.inf,
        upper: Array | float = np.inf,
    ) -> Array:
        """The places of new rows: the sum of columns x factors, row by row, within bounds."""
        count = max(len(columns) for columns, _ in terms)
        places = np.arange(self.height, self.height + count)
        self.row_lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        for columns, factors in terms:
            self.extend(places, columns, factors)
        self.rows[name] = places
        self.height += count
        return places

    def extend(self, rows: Array, columns: Array, factors: Array | float) -> None:
        """Add factors x columns to rows that are there."""
        rows, columns, values = np.broadcast_arrays(rows, columns, np.asarray(factors, dtype=np.float64))
        self.terms.append((rows.ravel(), columns.ravel(), values.ravel()))

    def matrix(self) -> tuple[Array, Array, Array]:
        """Starts (columns + 1,), row indices and values, column by column; what meets in one place is added."""
        rows, columns, values = (np.concatenate([term[i] for term in self.terms]) for i in range(3))
        there = values != 0.0
        key = columns[there] * self.height + rows[there]
        order = np.argsort(key, kind="stable")
        key, values = key[order], values[there][order]
        first = np.flatnonzero(np.diff(key, prepend=-1))
        columns, rows = np.divmod(key[first], max(self.height, 1))
        starts = np.searchsorted(columns, np.arange(self.width + 1))
        return starts.astype(np.int32), rows.astype(np.int32), np.add.reduceat(values, first) if len(first) else values


def program(system: System, capacity: Array | None = None) -> Program:
    """The program of a system; with given capacities, that of its dispatch alone."""
    if capacity is not None:
        system = replace(system, least=capacity, most=capacity)
    made = Program(power_unit_mw(system), price_unit_usd(system))
    scale = made.power_mw
    fixed = system.least == system.most
    capital = np.where(fixed, 0.0, system.capital_usd) / made.price_usd  # what is given costs the same in every answer
    x = made.add_columns("capacity", capital, system.most / scale, lower=system.least / scale)
    _hours(made, system, x)
    _firm(made, system, x)
    for s, store in enumerate(system.stores):
        _store(made, system, x, s, store)
    for n, ramp in enumerate(system.ramps):
        if not any(commitment.firm == ramp.firm for commitment in system.commitments):
            _ramp(made, system, x, n, ramp)
    for n, commitment in enumerate(system.commitments):
        _commitment(made, system, x, n, commitment)
    if len(system.rows_least) and capacity is None:
        _rows(made, system, x)
    for q, budget in enumerate(system.budgets):
        _budget(made, system, x, q, budget)
    return made


def power_unit_mw(system: System) -> float:
    """The largest load, or 1 MW without load."""
    peak = float(np.abs(system.load_mw).max(initial=0.0))
    return peak if peak > 0.0 else 1.0


def price_unit_usd(system: System) -> float:
    """A usual cost per MWh: of firm sources, or of capital spread over all hours."""
    usual = np.abs(system.firm_usd_per_mwh).mean() if system.firm_usd_per_mwh.size else 0.0
    if usual > 0.0:
        return float(usual)
    spread = np.abs(system.capital_usd).max(initial=0.0) / max(system.hours, 1)
    return float(spread) if spread > 0.0 else 1.0


def _hours(made: Program, system: System, x: Array) -> None:
    """The balance of every hour so far: load that is shed, and the free sources.

    Only free sources can be curtailed. Where throwing away other power could pay, what is used of them is a column of
    its own; elsewhere a balance that allows any surplus has the same least cost and is solved faster.
    """
    cost, load = system.shed_usd_per_mwh, system.load_mw / made.power_mw
    possible = np.isfinite(cost)
    upper = np.full(system.hours, np.inf if possible else 0.0)
    shed = made.add_columns("shed", cost / made.price_usd if possible else 0.0, upper)
    places, profile = x[system.free_capacity], system.free_profile
    if not surplus_could_pay(system):
        rows = made.add_rows("balance", [(shed, 1.0)], lower=load)
        made.extend(rows[:, None], places[None, :], profile)
        return
    every = np.full(system.hours, np.inf if len(places) else 0.0)
    used = made.add_columns("used", 0.0, every)
    rows = made.add_rows("balance", [(shed, 1.0), (used, 1.0)], lower=load, upper=load)
    made.extend(rows[:, None], places[None, :], np.minimum(profile, 0.0))  # what draws power draws it always
    _used(made, used, places, np.maximum(profile, 0.0))


def surplus_could_pay(system: System) -> bool:
    """Whether a dispatch could be cheaper by throwing away what firm sources or stores give."""
    paid = bool((system.firm_usd_per_mwh < 0.0).any()) or any((budget.use < 0.0).any() for budget in system.budgets)
    return paid or bool(system.ramps or system.commitments) or bool((system.load_mw < 0.0).any())


def _used(made: Program, used: Array, places: Array, profile: Array) -> None:
    """What is used of the free sources is within what they give."""
    given = made.upper[0][places]
    if (made.lower[0][places] == given).all():
        _bound(made, used, profile @ given)
        return
    rows = made.add_rows("used", [(used, 1.0)], upper=0.0)
    made.extend(rows[:, None], places[None, :], -profile)
    made.held.append((rows, used))


def _within(made: Program, name: str, columns: Array, share: Array | float, x: Array) -> None:
    """Hourly columns that stay within a share of capacities x (T,): a bound where the capacity is given, else a row."""
    lower, upper = made.lower[0][x], made.upper[0][x]
    given = lower == upper
    share = np.broadcast_to(share, len(columns))
    _bound(made, columns, np.where(given, share * np.where(given, upper, 0.0), np.inf))
    free = np.flatnonzero(~given)
    if len(free):
        rows = made.add_rows(name, [(columns[free], 1.0), (x[free], -share[free])], upper=0.0)
        made.held.append((rows, columns[free]))


def _bound(made: Program, columns: Array, upper: Array) -> None:
    """Lower the upper bounds of a block of columns."""
    block = next(n for n, places in enumerate(made.columns.values()) if len(places) and places[0] == columns[0])
    made.upper[block] = np.minimum(made.upper[block], upper)


def _firm(made: Program, system: System, x: Array) -> None:
    """Firm sources, each within what is available of its capacity."""
    committed = {commitment.firm for commitment in system.commitments}
    for m in range(system.firm_usd_per_mwh.shape[1]):
        upper = np.full(system.hours, np.inf)
        firm = made.add_columns(f"firm {m}", system.firm_usd_per_mwh[:, m] / made.price_usd, upper)
        made.extend(made.rows["balance"], firm, 1.0)
        if m not in committed:
            _within(made, f"firm {m}", firm, system.firm_available[:, m], x[system.firm_capacity[:, m]])


def _store(made: Program, system: System, x: Array, s: int, store: Store) -> None:
    """A store: what it takes, gives and holds, and how one hour follows another."""
    every = np.full(system.hours, np.inf)
    charge = made.add_columns(f"charge {s}", 0.0, every)
    discharge = made.add_columns(f"discharge {s}", store.wear_usd_per_mwh / made.price_usd, every)
    stored = made.add_columns(f"stored {s}", 0.0, every)
    made.extend(made.rows["balance"], charge, -1.0)
    made.extend(made.rows["balance"], discharge, 1.0)
    flows = [(charge, -store.charge_efficiency), (discharge, 1.0 / store.discharge_efficiency)]
    carry = made.add_rows(f"carry {s}", [(stored, 1.0), *flows], lower=0.0, upper=0.0)
    kept, energy = 1.0 - store.loss_per_hour, x[[store.energy]]
    made.extend(carry[1:], stored[:-1], -kept)
    if store.start_share is None:
        made.extend(carry[:1], stored[-1:], -kept)
    else:
        made.extend(carry[:1], energy, -kept * store.start_share)
        made.add_rows(f"end {s}", [(stored[-1:], 1.0), (energy, -store.start_share)], lower=0.0, upper=0.0)
    for columns, place in ((charge, store.charge), (discharge, store.discharge), (stored, store.energy)):
        _within(made, f"limit {columns[0]}", columns, 1.0, np.full(system.hours, x[place]))


def _ramp(made: Program, system: System, x: Array, n: int, ramp: Ramp) -> None:
    """From one hour to the next, in shares of the capacity of the later hour; the first hour is free."""
    firm = made.columns[f"firm {ramp.firm}"]
    size = x[system.firm_capacity[1:, ramp.firm]]
    if system.hours > 1:
        made.add_rows(f"ramp up {n}", [(firm[1:], 1.0), (firm[:-1], -1.0), (size, -ramp.up)], upper=0.0)
        made.add_rows(f"ramp down {n}", [(firm[:-1], 1.0), (firm[1:], -1.0), (size, -ramp.down)], upper=0.0)


def _commitment(made: Program, system: System, x: Array, n: int, one: Commitment) -> None:
    """Equal units, counted: on, started and stopped; what ran before the first hour is whatever suits best.

    Started and stopped are whole by themselves, since fewer of both is never worse.
    Source: Palmintier and Webster 2014, doi:10.1109/TPWRS.2013.2293127 (clustered units).
    """
    unit = one.unit_mw / made.power_mw
    firm, available = made.columns[f"firm {one.firm}"], system.firm_available[:, one.firm]
    units = _units(made, system, x, n, one)
    every = np.full(system.hours, np.inf)
    on = made.add_columns(f"on {n}", 0.0, every, whole=True)
    start_usd = one.start_usd / made.price_usd / made.power_mw
    started = made.add_columns(f"started {n}", start_usd, every)
    stopped = made.add_columns(f"stopped {n}", 0.0, every)
    made.add_rows(f"on {n}", [(on, 1.0), (units, -1.0)], upper=0.0)
    made.add_rows(f"most {n}", [(firm, 1.0), (on, -unit * available)], upper=0.0)
    made.add_rows(f"least {n}", [(firm, 1.0), (on, -unit * one.least_load)], lower=0.0)
    turns = [(on[1:], 1.0), (on[:-1], -1.0), (started[1:], -1.0), (stopped[1:], 1.0)]
    if system.hours > 1:
        made.add_rows(f"turns {n}", turns, lower=0.0, upper=0.0)
    up = made.add_rows(f"up {n}", [(on, -1.0)], upper=0.0)
    down = made.add_rows(f"down {n}", [(on, 1.0), (units, -1.0)], upper=0.0)
    for rows, moved, hours in ((up, started, one.least_up_hours), (down, stopped, one.least_down_hours)):
        for back in range(min(max(hours, 1), system.hours)):
            made.extend(rows[back:], moved[: system.hours - back], 1.0)
    for ramp in system.ramps:
        if ramp.firm == one.firm and system.hours > 1:
            _unit_ramp(made, n, one, ramp)


def _units(made: Program, system: System, x: Array, n: int, one: Commitment) -> Array:
    """The columns (T,) of how many units there are, a whole number for each capacity of the source."""
    places, which = np.unique(system.firm_capacity[:, one.firm], return_inverse=True)
    most = np.floor(system.most[places] / one.unit_mw * (1.0 + 1e-9))
    for place, least in zip(places, np.ceil(system.least[places] / one.unit_mw * (1.0 - 1e-9)), strict=True):
        if least > np.floor(system.most[place] / one.unit_mw * (1.0 + 1e-9)):
            limits = f"{system.names[place]}: {system.least[place]:g} to {system.most[place]:g} MW"
            raise SolveError(f"{limits} holds no whole number of units of {one.unit_mw:g} MW")
    units = made.add_columns(f"units {n}", 0.0, most, whole=True)
    size = [(x[places], 1.0), (units, -one.unit_mw / made.power_mw)]
    made.add_rows(f"units {n}", size, lower=0.0, upper=0.0)
    return units[which]


def _unit_ramp(made: Program, n: int, one: Commitment, ramp: Ramp) -> None:
    """Units that stay on change by their ramp; one that starts or stops may do so at its least load."""
    unit = one.unit_mw / made.power_mw
    firm, on, started, stopped = (made.columns[f"{name} {k}"] for name, k in (
        ("firm", one.firm), ("on", n), ("started", n), ("stopped", n)))  # fmt: skip
    for name, sign, share, enter, leave in (
        ("up", 1.0, ramp.up, started, stopped),
        ("down", -1.0, ramp.down, stopped, started),
    ):
        staying = [(on[1:], -share * unit), (started[1:], share * unit)]
        edge = [(enter[1:], -max(one.least_load, share) * unit), (leave[1:], one.least_load * unit)]
        change = [(firm[1:], sign), (firm[:-1], -sign)]
        made.add_rows(f"ramp {name} {n} of units", [*change, *staying, *edge], upper=0.0)


def _rows(made: Program, system: System, x: Array) -> None:
    """Linear limits on the capacities, each divided by its largest factor."""
    size = np.maximum(np.abs(system.rows).max(axis=1, initial=0.0), 1e-12)
    places = made.add_rows("rows", [(np.arange(len(size)), 0.0)], lower=system.rows_least / size / made.power_mw)
    made.extend(places[:, None], x[None, :], system.rows / size[:, None])


def _budget(made: Program, system: System, x: Array, q: int, budget: Budget) -> None:
    """What all hours together may use, divided by the largest use of one MWh."""
    size = budget_unit(budget)
    place = made.add_rows(f"budget {q}", [(x[:1], 0.0)], upper=budget.cap / size / made.power_mw)
    for m in range(system.firm_usd_per_mwh.shape[1]):
        made.extend(place, made.columns[f"firm {m}"], budget.use[:, m] / size)
    if budget.per_capacity is not None:
        made.extend(place, x, -budget.per_capacity / size)


def budget_unit(budget: Budget) -> float:
    """The largest use of one MWh, or 1 where nothing is used."""
    largest = float(np.abs(budget.use).max(initial=0.0))
    return largest if largest > 0.0 else 1.0
