"""A supply behind one bus as arrays: what every solver of this stage reads.

    min   capital . x + sum_t [ sum_m cost_tm gen_tm + sum_s wear_s discharge_ts + shed_cost shed_t ]
    with  free_t - curtailed_t + sum_m gen_tm + sum_s (discharge_ts - charge_ts) + shed_t = load_t    for every hour
          free_t = profile_t . x_free,   0 <= curtailed_t <= what sources of positive profile give
          0 <= gen_tm <= available_tm x[firm_capacity_tm],  ramps
          stored_t+1 = (1 - loss) stored_t + ec charge_t - discharge_t / ed,   0 <= stored <= x_energy
          least <= x <= most,  rows x >= rows_least,  sum_tm use_qtm gen_tm <= cap_q + (per_capacity x)_q

"Free" sources (sun, wind) have an hourly output per MW and no running cost; what is not needed is curtailed. "Firm"
sources (gas, a grid connection) have an hourly cost, which may be negative, and an hourly availability; they never make
more than is used, so a negative price does not pay for power that is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A battery or the like. `charge`, `discharge`, `energy` are places in `System.names`; the first two may be one."""

    charge: int
    discharge: int
    energy: int
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    wear_usd_per_mwh: float = 0.0  # of each MWh that reaches the bus
    loss_per_hour: float = 0.0  # share of what is stored
    start_share: float | None = (
        None  # of the energy capacity, at start and end; None: whatever suits best, the same at both
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """How much a firm source may change from one hour to the next, as shares of its capacity."""

    firm: int  # column of `firm_usd_per_mwh`
    up: float
    down: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A firm source made of equal units that are on or off; its capacity in units is a whole number at every hour."""

    firm: int  # column of `firm_usd_per_mwh`
    unit_mw: float
    least_load: float = 0.0  # share of a unit's power while it is on
    start_usd: float = 0.0  # of one start of one unit
    least_up_hours: int = 1
    least_down_hours: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit on what the firm sources make over all hours: carbon, fuel, or energy that is not carbon-free."""

    name: str
    use: Array  # (T, M), per MWh
    cap: float
    per_capacity: Array | None = None  # (N,), added to the cap for each MW built
    per_load: float = 0.0  # part of the cap that is there for each MWh of load; only prices look at it

    def used(self, firm_mw: Array) -> float:
        """What a dispatch uses of the budget."""
        return float((self.use * firm_mw).sum())


def no_rows() -> Array:
    """No linear limits on the capacities."""
    return np.zeros((0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What can be built for one load. T hours, N capacities, K free and M firm sources, R rows.

    Raises:
        ValueError: Shapes do not match, a value is not finite, or a limit clashes with another.
    """

    names: tuple[str, ...]  # of the N capacities, MW (of a store's energy: MWh)
    capital_usd: Array  # (N,), per MW or MWh, for the time that the hours stand for
    least: Array  # (N,)
    most: Array  # (N,), np.inf where there is no limit
    load_mw: Array  # (T,)
    free_profile: Array  # (T, K), output per MW; negative where a capacity draws power
    free_capacity: Array  # (K,), places in `names`
    firm_usd_per_mwh: Array  # (T, M)
    firm_available: Array  # (T, M), share of the capacity
    firm_capacity: Array  # (T, M), places in `names`; a source may have another capacity each month
    shed_usd_per_mwh: float  # of load that is not served
    sunk_usd: float = 0.0  # part of the capital that is spent anyway: gaps are told as shares of the rest
    stores: tuple[Store, ...] = ()
    rows: Array = field(default_factory=no_rows)  # (R, N)
    rows_least: Array = field(default_factory=lambda: np.zeros(0))  # (R,)
    rows_names: tuple[str, ...] = ()
    budgets: tuple[Budget, ...] = ()
    ramps: tuple[Ramp, ...] = ()
    commitments: tuple[Commitment, ...] = ()

    def __post_init__(self) -> None:
        n, (hours, free), firm = len(self.names), self.free_profile.shape, self.firm_usd_per_mwh.shape[1]
        shapes = {
            "capital_usd": (n,), "least": (n,), "most": (n,), "load_mw": (hours,), "free_capacity": (free,),
            "firm_usd_per_mwh": (hours, firm), "firm_available": (hours, firm), "firm_capacity": (hours, firm),
            "rows": (len(self.rows_least), n) if len(self.rows_least) else self.rows.shape,
        }  # fmt: skip
        for name, shape in shapes.items():
            found = getattr(self, name)
            if found.shape != shape:
                raise ValueError(f"{name} has shape {found.shape}, not {shape}")
            if name != "most" and not np.isfinite(found).all():
                place = tuple(int(i) for i in np.argwhere(~np.isfinite(found))[0])
                raise ValueError(f"{name} is {found[place]} at {place}")
        if self.load_mw.min(initial=0.0) < 0.0:
            raise ValueError(f"load_mw is {self.load_mw.min():g} in hour {int(self.load_mw.argmin())}, below 0")
        for i, name in enumerate(self.names):
            if self.least[i] > self.most[i]:
                raise ValueError(f"{name}: at least {self.least[i]:g}, but at most {self.most[i]:g}")
            if self.capital_usd[i] <= 0.0 and not np.isfinite(self.most[i]):
                raise ValueError(f"{name} costs nothing to build, so it needs an upper limit")

    @property
    def hours(self) -> int:
        """How many hours the system is looked at."""
        return len(self.load_mw)

    @property
    def chain(self) -> bool:
        """Whether the dispatch is a chain over one store at most, which the exact recursion solves.

        It prices load that is not served, so one that must be served at any price is left to the program.
        """
        return len(self.stores) <= 1 and not (
            self.ramps
            or self.commitments
            or np.isinf(self.shed_usd_per_mwh)
            or any(s.loss_per_hour for s in self.stores)
        )
