"""How often, how long and at what cost a supply falls short: outage years of its machines, and reserves to a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, log10
from typing import Self

import numpy as np

from gigawatt.catalog import fact, value
from gigawatt.errors import SolveError
from gigawatt.power import outages
from gigawatt.power.machines import Common, Fleet, Units, fleet, machine_mw
from gigawatt.power.system import System
from gigawatt.units import W_PER_MW

Array = np.ndarray

RENT_FACT = "b200_spot_index_sdb200rt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """What a MW of load holds: chips of `site_w` each, with their share of server, network, cooling and losses."""

    site_w: float
    usd_per_hour: float  # rent of one chip
    restart_hours: float  # until chips that lost power do useful work again

    def __post_init__(self) -> None:
        if self.site_w <= 0 or self.usd_per_hour < 0 or self.restart_hours < 0:
            raise ValueError("chips: power must be above 0, rent and restart 0 or more")

    @classmethod
    def of(cls, chip: str = "gb300-nvl72", *, pue: float = 1.1, usd_per_hour: float | None = None) -> Self:
        """A chip of the catalog at a rent in USD an hour; without one, that of a B200 on the spot market of 2026."""
        rent = usd_per_hour if usd_per_hour is not None else float(fact("facts", "gpu-rental", RENT_FACT).value)
        watt = float(value("chips", chip, "system_power_w"))
        restart = float(value("outages", "restart", "restart_hours"))
        return cls(site_w=watt * pue, usd_per_hour=rent, restart_hours=restart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What is lost in each of Y drawn years, and what was out then."""

    load_mwh: float  # that a year asks for
    hours: int  # of a year
    unserved_mwh: Array  # (Y,)
    loss_hours: Array  # (Y,), with any load unserved
    events: Array  # (Y,), outages of the load, of consecutive hours each
    longest_hours: Array  # (Y,)
    dropped_mw: Array  # (Y,), largest unserved power of each event, added up
    flexed_mwh: Array  # (Y,), of load that may stop
    standby_mwh: Array  # (Y,), made by standby machines
    by_cause_mwh: dict[str, float]  # unserved MWh a year by what was out
    events_by_hours: Array  # events a year that last 0, 1, 2 ... hours; the last place: and longer
    chips: Chips

    @property
    def years(self) -> int:
        """How many years were drawn."""
        return len(self.unserved_mwh)

    @property
    def eue_mwh(self) -> float:
        """Expected unserved energy, MWh a year."""
        return float(self.unserved_mwh.mean())

    @property
    def eue_error_mwh(self) -> float:
        """Standard error of the expected unserved energy, MWh a year."""
        return _error(self.unserved_mwh)

    @property
    def lole_hours(self) -> float:
        """Expected hours with any load unserved, a year."""
        return float(self.loss_hours.mean())

    @property
    def lole_error_hours(self) -> float:
        """Standard error of the expected hours."""
        return _error(self.loss_hours)

    @property
    def events_per_year(self) -> float:
        """Expected outages of the load a year."""
        return float(self.events.mean())

    @property
    def mean_event_hours(self) -> float:
        """Mean length of an outage of the load; 0 where there was none."""
        return float(self.loss_hours.sum() / self.events.sum()) if self.events.any() else 0.0

    @property
    def energy_nines(self) -> float:
        """-log10 of the share of energy that is unserved; infinite where nothing was."""
        return _nines(self.eue_mwh / self.load_mwh)

    @property
    def time_nines(self) -> float:
        """-log10 of the share of hours with any load unserved; infinite where there was none."""
        return _nines(self.lole_hours / self.hours)

    @property
    def clean_years_share(self) -> float:
        """Share of years in which nothing was unserved."""
        return float((self.events == 0).mean())

    @property
    def lost_chip_hours(self) -> float:
        """Chip-hours lost a year: chips without power, and the restart of all that were dropped."""
        mwh = self.eue_mwh + self.chips.restart_hours * float(self.dropped_mw.mean())
        return mwh * W_PER_MW / self.chips.site_w

    @property
    def lost_usd(self) -> float:
        """Rent of the lost chip-hours, USD a year."""
        return self.lost_chip_hours * self.chips.usd_per_hour

    def quantile_mwh(self, share: float) -> float:
        """Unserved MWh that a `share` of the years stays within."""
        return float(np.quantile(self.unserved_mwh, share))


def _error(values: Array) -> float:
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else inf


def _nines(lost_share: float) -> float:
    return -log10(lost_share) if lost_share > 0 else inf


def reliability_of(
    system: System,
    capacity: Array,
    units: Sequence[Units] = (),
    *,
    commons: Sequence[Common] = (),
    flexible: Sequence[int] = (),
    flexible_mw: Array | None = None,
    net_mw: Array | None = None,
    years: int = 1000,
    seed: int = 0,
    first_year: int = 0,
    start_below: float = 0.5,
    chips: Chips | None = None,
) -> Reliability:
    """Outage years of a system of given sizes.

    Args:
        units: Machines of firm sources and stores, and standby machines. What no `Units` describes never fails.
        commons: What takes out several kinds at once.
        flexible: Columns of firm sources that stand for load that may stop: they are used last and counted apart.
        flexible_mw: Further load that may stop, (T,).
        net_mw: Load less sun and wind, (T,), or (W, T) for W weather years in turn; without it, that of the system.
        start_below: Standby machines start when the stores hold less than this share of their energy.
        chips: What a MW of load holds.

    Raises:
        ValueError: `units` name what the system does not have, or a number is out of its range.
    """
    if years < 1 or not 0 <= start_below <= 1:
        raise ValueError(f"reliability: {years} years, start_below {start_below:g}; at least 1, and 0 to 1")
    parts = fleet(
        system, np.asarray(capacity, dtype=np.float64), tuple(units), tuple(commons), tuple(flexible), net_mw,
        flexible_mw,
    )  # fmt: skip
    lost, cause, lengths = run(parts, years=years, seed=seed, first_year=first_year, start_below=start_below)
    return Reliability(
        load_mwh=float(system.load_mw.sum()), hours=system.hours, chips=chips or Chips.of(),
        unserved_mwh=lost[:, outages.UNSERVED], loss_hours=lost[:, outages.HOURS], events=lost[:, outages.EVENTS],
        longest_hours=lost[:, outages.LONGEST], dropped_mw=lost[:, outages.DROPPED],
        flexed_mwh=lost[:, outages.FLEXED], standby_mwh=lost[:, outages.STANDBY],
        by_cause_mwh=dict(zip(parts.causes, (float(c) / years for c in cause), strict=True)),
        events_by_hours=lengths / years,
    )  # fmt: skip


def run(parts: Fleet, *, years: int, seed: int, first_year: int, start_below: float) -> tuple[Array, Array, Array]:
    """Columns of what is lost by year, unserved MWh by cause, and events by length, over all years."""
    lost = np.zeros((years, outages.COLUMNS))
    cause, lengths = np.zeros(len(parts.causes)), np.zeros(outages.LONGEST_COUNTED + 1)
    outages.outage_years(
        seed, first_year, parts.hours, parts.machines, parts.chains, parts.standbys, parts.storages, start_below,
        lost, cause, lengths,
    )  # fmt: skip
    return lost, cause, lengths


# ------------------------------------------------------------------------------------------------------------ reserves


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How reliable a supply must be: any of the limits that are given."""

    energy_nines: float | None = None
    time_nines: float | None = None
    eue_mwh: float | None = None
    lole_hours: float | None = None

    def met(self, found: Reliability) -> bool:
        """Whether all limits are kept."""
        return (
            (self.energy_nines is None or found.energy_nines >= self.energy_nines)
            and (self.time_nines is None or found.time_nines >= self.time_nines)
            and (self.eue_mwh is None or found.eue_mwh <= self.eue_mwh)
            and (self.lole_hours is None or found.lole_hours <= self.lole_hours)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """The fewest further machines that reach a target."""

    name: str
    spare: int
    mw: float
    cost_usd: float  # a year
    reliability: Reliability
    tried: dict[int, float]  # unserved MWh a year by number of further machines


def reserve(
    system: System,
    capacity: Array,
    units: Sequence[Units],
    name: str,
    target: Target,
    *,
    most: int = 128,
    commons: Sequence[Common] = (),
    flexible: Sequence[int] = (),
    net_mw: Array | None = None,
    years: int = 2000,
    seed: int = 0,
    start_below: float = 0.5,
    chips: Chips | None = None,
) -> Reserve:
    """The fewest machines `name` beyond those that `units` hold with which `system` reaches a target.

    All numbers of machines are tried on the same drawn years, and a machine more changes no draw and no
    maintenance of the others, so that what is unserved never rises with their number; the search doubles, then halves.

    Raises:
        SolveError: `most` machines are not enough; names what was out.
    """
    own = next((u for u in units if u.name == name), None)
    if own is None:
        raise ValueError(f"no machines called {name!r}; known: {', '.join(u.name for u in units)}")
    found: dict[int, Reliability] = {}

    def at(k: int) -> bool:
        grown = tuple(replace(u, spare=u.spare + k) if u is own else u for u in units)
        found[k] = reliability_of(
            system, capacity, grown, commons=commons, flexible=flexible, net_mw=net_mw, years=years,
            seed=seed, start_below=start_below, chips=chips,
        )  # fmt: skip
        return target.met(found[k])

    best = _fewest(at, most)
    if best is None:
        causes = sorted(found[most].by_cause_mwh.items(), key=lambda pair: -pair[1])
        worst = ", ".join(f"{cause} {mwh:.3g} MWh a year" for cause, mwh in causes[:3] if mwh > 0)
        raise SolveError(f"reliability: {most} further machines {name!r} do not reach the target; unserved: {worst}")
    size = machine_mw(own, system, np.asarray(capacity, dtype=np.float64))
    return Reserve(
        name=name, spare=best, mw=best * size, cost_usd=best * size * own.usd_per_mw_year,
        reliability=found[best], tried={k: r.eue_mwh for k, r in sorted(found.items())},
    )  # fmt: skip


def _fewest(enough: Callable[[int], bool], most: int) -> int | None:
    """The least number from 0 to `most` that is enough, for something that stays enough once it is; None: none is."""
    if enough(0):
        return 0
    low, high = 0, min(1, most)
    while not enough(high):
        if high == most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
