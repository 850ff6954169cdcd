"""Supplies behind one bus, drawn at random: realistic ones and nasty ones, for tests, peers and benchmarks.

The figures are of the right size and no more: nothing here is a fact. Capital is what a year costs, taken for the
hours that the case has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from gigawatt.power.system import Budget, Commitment, Ramp, Store, System
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR, MONTHS_PER_YEAR

Array = np.ndarray

# USD per MW (MWh) and year, least and most; what firm power costs per MWh; t CO2 per MWh
CAPITAL = {
    "pv": (40e3, 90e3), "wind": (90e3, 170e3), "offshore": (250e3, 400e3), "gas": (70e3, 160e3),
    "turbine": (60e3, 110e3), "cell": (200e3, 300e3), "diesel": (40e3, 70e3), "nuclear": (500e3, 900e3),
    "grid": (20e3, 120e3), "charge": (5e3, 30e3), "discharge": (5e3, 30e3), "energy": (8e3, 25e3),
    "long_charge": (15e3, 40e3), "long_discharge": (15e3, 40e3), "long_energy": (0.5e3, 2e3),
}  # fmt: skip
RUNNING = {"gas": (35, 70), "turbine": (45, 90), "cell": (60, 90), "diesel": (180, 300), "nuclear": (5, 15)}
CARBON = {"gas": 0.4, "turbine": 0.55, "cell": 0.35, "diesel": 0.7, "nuclear": 0.0, "grid": 0.35}


@dataclass
class Draft:
    """A system while it is put together, column by column."""

    rng: np.random.Generator
    hours: int
    load_mw: Array
    sun: Array
    wind: Array
    price: Array
    shed_usd_per_mwh: float
    names: list[str] = field(default_factory=list)
    capital: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    free: list[tuple[int, Array]] = field(default_factory=list)
    firm: list[tuple[Array, Array, Array, str]] = field(default_factory=list)  # cost, availability, capacity, name
    stores: list[Store] = field(default_factory=list)
    rows: list[tuple[str, dict[int, float], float]] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    ramps: list[Ramp] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)

    @property
    def part(self) -> float:
        """The share of a year that the hours are."""
        return self.hours / HOURS_PER_YEAR

    def capacity(self, name: str, usd: float | None = None, least: float = 0.0, most: float = np.inf) -> int:
        """The place of one more capacity, at a cost drawn for its name."""
        yearly = self.rng.uniform(*CAPITAL[name]) if usd is None else usd
        self.names.append(name)
        self.capital.append(yearly * self.part)
        self.least.append(least)
        self.most.append(most)
        return len(self.names) - 1

    def add_free(self, name: str, profile: Array, most: float = np.inf) -> int:
        """A source that runs for nothing."""
        place = self.capacity(name, most=most)
        self.free.append((place, profile))
        return place

    def add_firm(self, name: str, cost: Array | float, available: Array | float = 1.0, most: float = np.inf) -> int:
        """A source with an hourly cost; its column."""
        place = self.capacity(name, most=most)
        return self.hook(name, cost, available, np.full(self.hours, place))

    def hook(self, name: str, cost: Array | float, available: Array | float, capacity: Array) -> int:
        """A source on capacities that are there; its column."""
        every = np.ones(self.hours)
        self.firm.append((cost * every, available * every, capacity, name))
        return len(self.firm) - 1

    def add_store(self, prefix: str = "", one_power: bool = False, **more: float | None) -> Store:
        """A store with power and energy sized apart."""
        charge = self.capacity(f"{prefix}charge")
        discharge = charge if one_power else self.capacity(f"{prefix}discharge")
        energy = self.capacity(f"{prefix}energy")
        share = float(self.rng.uniform(0.9, 0.99) if not prefix else self.rng.uniform(0.6, 0.8))
        settings = {"charge_efficiency": share, "discharge_efficiency": share, **more}
        self.stores.append(Store(charge=charge, discharge=discharge, energy=energy, **settings))  # type: ignore[arg-type]
        return self.stores[-1]

    def uses(self, per_mwh: dict[str, float]) -> Array:
        """The (T, M) use of a budget."""
        return np.tile([per_mwh.get(name, 0.0) for *_, name in self.firm], (self.hours, 1))

    def system(self) -> System:
        """The finished system."""
        rows = np.zeros((len(self.rows), len(self.names)))
        for r, (_, terms, _) in enumerate(self.rows):
            for place, factor in terms.items():
                rows[r, place] = factor
        none = np.zeros((self.hours, 0))
        return System(
            names=tuple(self.names),
            capital_usd=np.array(self.capital),
            least=np.array(self.least),
            most=np.array(self.most),
            load_mw=self.load_mw,
            free_profile=np.column_stack([none, *(profile for _, profile in self.free)]),
            free_capacity=np.array([place for place, _ in self.free], dtype=np.int64),
            firm_usd_per_mwh=np.column_stack([none, *(firm[0] for firm in self.firm)]),
            firm_available=np.column_stack([none, *(firm[1] for firm in self.firm)]),
            firm_capacity=np.column_stack([none, *(firm[2] for firm in self.firm)]).astype(np.int64),
            shed_usd_per_mwh=self.shed_usd_per_mwh,
            stores=tuple(self.stores),
            rows=rows,
            rows_least=np.array([least for *_, least in self.rows]),
            rows_names=tuple(name for name, *_ in self.rows),
            budgets=tuple(self.budgets),
            ramps=tuple(self.ramps),
            commitments=tuple(self.commitments),
        )


def persistent(rng: np.random.Generator, hours: int, stays: float) -> Array:
    """Weather-like noise of variance one that forgets slowly."""
    out, new = np.empty(hours), rng.normal(size=hours) * np.sqrt(1.0 - stays**2)
    last = rng.normal()
    for t in range(hours):
        last = stays * last + new[t]
        out[t] = last
    return out


def outages(rng: np.random.Generator, hours: int, share: float, length: float) -> Array:
    """1 while a source is there and 0 while it is not, out for `length` hours on average."""
    out, there = np.ones(hours), True
    for t in range(hours):
        out[t] = there
        there = rng.random() >= share / length if there else rng.random() < 1.0 / length
    return out


def draft(rng: np.random.Generator, hours: int) -> Draft:
    """Load, weather and price of some hours; nothing to build yet."""
    hour = np.arange(hours) + rng.integers(0, HOURS_PER_DAY)
    day, year = 2 * np.pi * hour / HOURS_PER_DAY, 2 * np.pi * np.arange(hours) / HOURS_PER_YEAR
    clear = np.maximum(0.0, np.sin(day - np.pi / 2 + 0.25 * np.sin(year - 1.4)))
    sun = clear * np.clip(0.75 + 0.25 * persistent(rng, hours, 0.95), 0.05, 1.0)
    wind = np.clip(rng.uniform(0.3, 0.5) + 0.3 * persistent(rng, hours, 0.97), 0.0, 1.0) ** 1.3
    mw = rng.choice([1.0, 100.0, 1000.0, 5000.0])
    load = mw * (1.0 + 0.05 * np.sin(day - 2.0) + 0.03 * persistent(rng, hours, 0.9))
    price = rng.uniform(30, 60) - 30.0 * sun - 25.0 * (wind - 0.35) + 8.0 * persistent(rng, hours, 0.7)
    price[rng.random(hours) < 0.005] += rng.uniform(100, 3000)
    return Draft(rng, hours, load, sun, wind, price, float(rng.choice([3000.0, 10_000.0, 20_000.0])))


def usual(rng: np.random.Generator, hours: int, gas: bool = True, grid: bool = True) -> Draft:
    """Sun, wind and a battery, with or without gas and a grid connection that cannot carry all."""
    made = draft(rng, hours)
    made.add_free("pv", made.sun)
    made.add_free("wind", made.wind)
    if gas:
        made.add_firm("gas", rng.uniform(*RUNNING["gas"]), rng.uniform(0.9, 1.0))
    if grid:
        most = rng.choice([0.2, 0.5, 1.5]) * made.load_mw.max()
        made.add_firm("grid", made.price, outages(rng, hours, 0.004, 3.0), most)
    made.add_store()
    return made


def off_grid(rng: np.random.Generator, hours: int) -> Draft:
    """Sun, wind and a large store; nothing else but going without."""
    return usual(rng, hours, gas=False, grid=False)


def negative(rng: np.random.Generator, hours: int) -> Draft:
    """A grid that often pays for taking power, and a store that wears."""
    made = draft(rng, hours)
    made.price[:] = made.price - rng.uniform(10, 30) + 20.0 * persistent(rng, hours, 0.8)
    made.add_free("pv", made.sun)
    made.add_free("wind", made.wind)
    made.add_firm("gas", rng.uniform(*RUNNING["gas"]), 0.95)
    made.add_firm("grid", made.price, 1.0, rng.choice([0.3, 0.8, 2.0]) * made.load_mw.max())
    made.add_store(wear_usd_per_mwh=float(rng.choice([0.0, 1.0, 5.0])))
    return made


def exporting(rng: np.random.Generator, hours: int) -> Draft:
    """What is not needed can be sold, up to a limit."""
    made = usual(rng, hours)
    sold = made.price - rng.uniform(1, 15)
    most = rng.choice([0.1, 0.5, 1.0]) * made.load_mw.max()
    place = made.capacity("export", usd=5e3 - sold.sum() / made.part, most=most)
    made.free.append((place, -np.ones(hours)))
    made.hook("not sold", sold, 1.0, np.full(hours, place))
    return made


def demand_charge(rng: np.random.Generator, hours: int) -> Draft:
    """Each month is billed for its highest hour from the grid."""
    made = draft(rng, hours)
    made.add_free("pv", made.sun)
    made.add_firm("gas", rng.uniform(*RUNNING["gas"]), 0.95)
    grid = made.capacity("grid", most=2.0 * made.load_mw.max())
    month = np.arange(hours) * MONTHS_PER_YEAR // max(hours, MONTHS_PER_YEAR)
    charge = rng.uniform(3e3, 20e3)  # of a month in a whole year
    first = len(made.names)
    for n in range(MONTHS_PER_YEAR):
        made.capacity(f"grid_{n + 1:02d}", usd=charge)
        made.rows.append((f"grid_{n + 1:02d} is within the connection", {grid: 1.0, first + n: -1.0}, 0.0))
    made.hook("grid", made.price, 1.0, first + month)
    made.add_store()
    return made


def many(rng: np.random.Generator, hours: int) -> Draft:
    """Thirteen capacities: three free sources, six firm ones with outages, a store and a second grid connection."""
    made = draft(rng, hours)
    made.add_free("pv", made.sun)
    made.add_free("wind", made.wind)
    made.add_free("offshore", np.clip(made.wind + 0.1 * persistent(rng, hours, 0.97), 0.0, 1.0))
    for name, (low, high) in RUNNING.items():
        made.add_firm(name, rng.uniform(low, high), 0.97 * outages(rng, hours, 0.02, 20.0))
    for k in range(2):
        made.add_firm("grid", made.price + 5.0 * k, outages(rng, hours, 0.003, 4.0), 0.4 * made.load_mw.max())
    made.add_store()
    return made


def fixed(rng: np.random.Generator, hours: int) -> Draft:
    """Some capacities are there already and cannot be changed."""
    made = usual(rng, hours)
    for place in rng.choice(len(made.names), 3, replace=False):
        made.least[place] = made.most[place] = float(rng.uniform(0.1, 0.8) * made.load_mw.max())
    return made


def zeros(rng: np.random.Generator, hours: int) -> Draft:
    """Some capacities may not be built at all, the store at times among them."""
    made = usual(rng, hours)
    for place in rng.choice(len(made.names), 2, replace=False):
        made.most[place] = 0.0
    return made


def carbon(rng: np.random.Generator, hours: int) -> Draft:
    """Carbon is limited, and at times what may be bought for each MW of sun."""
    made = usual(rng, hours)
    cap = rng.choice([0.02, 0.08, 0.2]) * made.load_mw.sum()
    made.budgets.append(Budget(name="carbon", use=made.uses(CARBON), cap=float(cap)))
    if rng.random() < 0.5:
        per = np.zeros(len(made.names))
        per[0] = 0.3 * made.sun.sum()
        made.budgets.append(
            Budget(name="grid", use=made.uses({"grid": 1.0}), cap=0.2 * float(made.load_mw.sum()), per_capacity=per)
        )
    return made


def rows(rng: np.random.Generator, hours: int) -> Draft:
    """A least share of sun, a reserve margin and hours of storage."""
    made = usual(rng, hours)
    peak, store = float(made.load_mw.max()), made.stores[0]
    made.rows.append(("sun", {0: 1.0}, 0.4 * peak))
    made.rows.append(("reserve", {2: 0.95, 3: 0.5, store.discharge: 0.8}, 1.1 * peak))
    made.rows.append(("at least 2 hours", {store.energy: 1.0, store.discharge: -2.0}, 0.0))
    made.rows.append(("at most 8 hours", {store.energy: -1.0, store.discharge: 8.0}, 0.0))
    return made


def ties(rng: np.random.Generator, hours: int) -> Draft:
    """Whole numbers everywhere: equal prices, equal costs, flat load, a store without losses."""
    made = draft(rng, hours)
    made.load_mw[:] = 100.0
    made.price[:] = np.round(made.price / 20.0) * 20.0
    made.add_free("pv", np.round(made.sun, 1))
    made.add_firm("gas", 40.0)
    made.add_firm("turbine", 40.0)
    made.add_firm("grid", made.price, 1.0, 50.0)
    made.add_store(one_power=True, charge_efficiency=1.0, discharge_efficiency=1.0)
    return made


def started(rng: np.random.Generator, hours: int) -> Draft:
    """The store holds a given share at both ends, and has one power for both ways."""
    made = usual(rng, hours, gas=bool(rng.random() < 0.5))
    share = float(rng.choice([0.0, 0.5, 1.0]))
    made.stores = [replace(made.stores[0], discharge=made.stores[0].charge, start_share=share)]
    return made


def storeless(rng: np.random.Generator, hours: int) -> Draft:
    """No store at all."""
    made = usual(rng, hours)
    made.stores = []
    for place in range(len(made.names) - 3, len(made.names)):
        made.most[place] = 0.0
    return made


def two_stores(rng: np.random.Generator, hours: int) -> Draft:
    """A battery and a store for days."""
    made = usual(rng, hours, gas=bool(rng.random() < 0.5))
    made.add_store("long_")
    return made


def ramping(rng: np.random.Generator, hours: int) -> Draft:
    """Gas changes slowly."""
    made = usual(rng, hours)
    made.ramps.append(Ramp(firm=0, up=float(rng.uniform(0.05, 0.3)), down=float(rng.uniform(0.05, 0.3))))
    return made


def leaking(rng: np.random.Generator, hours: int) -> Draft:
    """The store loses some of what it holds in every hour."""
    made = usual(rng, hours)
    made.stores = [replace(made.stores[0], loss_per_hour=float(rng.uniform(0.0005, 0.01)))]
    return made


def committed(rng: np.random.Generator, hours: int) -> Draft:
    """Gas comes in whole units that are on or off."""
    made = usual(rng, hours)
    made.most[2] = 1.6 * float(made.load_mw.max())
    made.commitments.append(
        Commitment(
            firm=0, unit_mw=float(made.load_mw.max()) / 4, least_load=0.4,
            start_usd=float(made.load_mw.max()) * 10, least_up_hours=4, least_down_hours=3,
        )
    )  # fmt: skip
    return made


CHAINS: dict[str, Callable[[np.random.Generator, int], Draft]] = {
    "usual": usual,
    "off-grid": off_grid,
    "no gas": lambda rng, hours: usual(rng, hours, gas=False),
    "negative prices": negative,
    "export": exporting,
    "demand charge": demand_charge,
    "many": many,
    "fixed": fixed,
    "zeros": zeros,
    "carbon": carbon,
    "rows": rows,
    "ties": ties,
    "started": started,
    "storeless": storeless,
}
PROGRAMS: dict[str, Callable[[np.random.Generator, int], Draft]] = {
    "two stores": two_stores,
    "ramps": ramping,
    "losses": leaking,
    "commitment": committed,
}
KINDS = {**CHAINS, **PROGRAMS}


def random_system(rng: np.random.Generator, *, hours: int = HOURS_PER_YEAR, kind: str = "usual") -> System:
    """A system of one of `KINDS`; `CHAINS` are those that the exact recursion solves."""
    return KINDS[kind](rng, hours).system()
