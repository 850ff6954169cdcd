"""Hourly load of a site: what its computers draw, what cooling and losses add, and how much of it can wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from gigawatt.catalog import value
from gigawatt.power.cooling import Cooling, Overhead, overhead
from gigawatt.power.site import SiteYear
from gigawatt.power.work import Work, power_share
from gigawatt.units import DAYS_PER_WEEK, DEGREES_PER_HOUR, HOURS_PER_DAY, HOURS_PER_WEEK, HOURS_PER_YEAR, W_PER_MW

Array = np.ndarray

STANDARD_C, STANDARD_RH_PCT = 15.0, 60.0  # ISO 2314 reference air, where no site is given
TYPICAL_START = "2026-01-01"
DAYS_BEFORE_MARCH = 59


@dataclass(frozen=True, slots=True, kw_only=True)
class Flexible:
    """A part of the load that need not run at every price.

    "curtail": stops while power is dearer than `usd_per_mwh`, and its work is lost. "delay": runs within `hours` of
    when it was due, the oldest work first, and each MWh moved costs `usd_per_mwh`. What is caught up runs beside what
    is due, on chips that are idle in the largest hour: the site draws up to 1 + `headroom` of that hour.
    """

    name: str
    share: float  # of the site's load
    usd_per_mwh: float
    kind: Literal["curtail", "delay"] = "curtail"
    hours: float = 0.0  # the window of a delay
    headroom: float = field(default_factory=lambda: float(value("workloads", "flexible", "headroom")))  # of the peak

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"{self.name}: share {self.share:g} must be between 0 and 1")
        if self.kind not in ("curtail", "delay"):
            raise ValueError(f"{self.name}: kind {self.kind!r} is neither 'curtail' nor 'delay'")
        if self.kind == "delay" and not self.headroom > 0:
            raise ValueError(f"{self.name}: headroom {self.headroom:g} must be above 0, or what waits never runs")
        if self.usd_per_mwh < 0 or self.hours < 0 or (self.kind == "delay") != (self.hours > 0):
            raise ValueError(f"{self.name}: a delay has a window in hours, a curtailment none, and neither pays")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a site draws in every hour; T hours."""

    site_mw: Array  # (T,) = it_mw x pue
    it_mw: Array  # (T,)
    pue: Array  # (T,)
    water_l_per_kwh: Array  # (T,), per kWh of IT
    flexible: tuple[Flexible, ...] = ()

    def __post_init__(self) -> None:
        for name in ("site_mw", "it_mw", "pue", "water_l_per_kwh"):
            values = getattr(self, name)
            if values.shape != self.site_mw.shape or not np.isfinite(values).all() or values.min() < 0:
                raise ValueError(f"load: {name} must be {len(self.site_mw)} finite numbers, none below 0")
        if sum(part.share for part in self.flexible) > 1 + 1e-9:
            raise ValueError("load: the flexible shares add up to more than 1")

    @property
    def mean_pue(self) -> float:
        """Energy of the site over energy of its computers."""
        return float(self.site_mw.sum() / self.it_mw.sum())

    @property
    def mean_water_l_per_kwh(self) -> float:
        """Litres over the energy of the computers."""
        return float((self.water_l_per_kwh * self.it_mw).sum() / self.it_mw.sum())

    @property
    def water_m3(self) -> float:
        """Water evaporated and drained over all hours."""
        return float((self.water_l_per_kwh * self.it_mw).sum())  # MWh x l/kWh = m3


Phase = tuple[float | str | date, float]


def load(
    it_mw: float | Array | None = None,
    *,
    site_mw: float | Array | None = None,
    site: SiteYear | None = None,
    cooling: str | Cooling | float = "liquid_dry",
    work: Mapping[str, float] | None = None,
    phases: Sequence[Phase] = (),
    flexible: Sequence[Flexible] = (),
    years: int = 1,
    start: str | date = TYPICAL_START,
    users_lon: float | None = None,
    rng: np.random.Generator | None = None,
) -> Load:
    """Hourly load of a site with `it_mw` of computers, or of one whose largest hour is `site_mw`.

    Args:
        it_mw: IT power that is provisioned; what is drawn depends on `work`. Or the hourly IT power itself, (T,).
        site_mw: The largest hour of the site, from which the IT power follows. Or the hourly load itself, (T,).
        site: Weather and longitude; without one, the air is always 15 °C and 60 % humid, and clocks show UTC.
        cooling: A kind of the catalog's table `cooling_kinds`, one of your own, or a constant PUE without water.
        work: Share of the IT power by kind of the table `workloads`; without any, all of it is drawn all the time.
        phases: (week or date, IT MW that runs from then on), in order; in place of `it_mw`, or as shares of `site_mw`.
        years: How often the weather of the site is repeated.
        start: Day of hour 0, for the dates of `phases` and the days of the week.
        users_lon: Longitude of the users, if they do not live around the site.
        rng: Draws stops of training and deviations of the hour; without it, both are at their means.

    Raises:
        ValueError: Not exactly one of `it_mw`, `site_mw` and phases alone; shares or phases out of range or order.
    """
    hours = _hours(it_mw, site_mw, years)
    full = _full_mw(it_mw, site_mw, phases, start, hours)
    shape = _drawn_share(work, hours, _day(start), _longitude(site, users_lon), rng)
    capacity = full * _built_share(phases, start, hours, largest=site_mw is not None)
    it = capacity * shape if np.ndim(full) == 0 else np.asarray(full)
    above = _overhead(site, cooling, it, capacity)
    total = it * above.pue
    if np.ndim(full) == 0 and site_mw is not None:
        scale = float(site_mw) / total.max()
        it, total = it * scale, total * scale
    elif site_mw is not None:
        it, total = it / above.pue, np.asarray(site_mw, dtype=np.float64)
    return Load(site_mw=total, it_mw=it, pue=above.pue, water_l_per_kwh=above.water_l_per_kwh, flexible=tuple(flexible))


def _hours(it_mw: float | Array | None, site_mw: float | Array | None, years: int) -> int:
    given = it_mw if it_mw is not None else site_mw
    if years < 1:
        raise ValueError(f"load: years {years} must be at least 1")
    return len(given) if isinstance(given, np.ndarray) and given.ndim else HOURS_PER_YEAR * years


def _full_mw(
    it_mw: float | Array | None, site_mw: float | Array | None, phases: Sequence[Phase], start: str | date, hours: int
) -> float | Array:
    """Power at full size: of IT where it is known, else of any size, to be scaled."""
    if (it_mw is None) == (site_mw is None) and not (phases and it_mw is None):
        raise ValueError("load: give it_mw or site_mw, one of them, or phases in their place")
    given = it_mw if it_mw is not None else site_mw if site_mw is not None else 1.0
    if np.ndim(given) and (phases or not np.isfinite(given).all() or np.min(given) < 0):
        raise ValueError("load: an hourly load is finite, not negative, and goes without phases")
    if np.ndim(given) == 0 and float(given) <= 0:
        raise ValueError(f"load: power {float(given):g} MW must be above 0")
    return np.asarray(given, dtype=np.float64) if np.ndim(given) else float(given)


def _day(start: str | date) -> date:
    return start if isinstance(start, date) else date.fromisoformat(start)


def _hour_of(when: float | str | date, start: date) -> int:
    """Hour at which a week number or a date begins; 29 February has no hours of its own."""
    if isinstance(when, int | float):
        return round(when * HOURS_PER_WEEK)
    day = _day(when)
    leap_days = sum(
        start <= date(year, 2, 28) < day
        for year in range(start.year, day.year + 1)
        if year % 4 == 0 and (year % 100 or year % 400 == 0)
    )
    return ((day - start).days - leap_days) * HOURS_PER_DAY


def _built_share(phases: Sequence[Phase], start: str | date, hours: int, *, largest: bool) -> Array:
    """What runs in each hour over `it_mw`, or, where the largest load is given, over the largest phase."""
    built = np.ones(hours)
    if not phases:
        return built
    begins = [_hour_of(when, _day(start)) for when, _ in phases]
    powers = [mw for _, mw in phases]
    if begins != sorted(set(begins)) or min(powers) < 0 or max(powers) <= 0:
        raise ValueError(f"load: phases must be in order of time, with powers of 0 or more, not {list(phases)}")
    if begins[0] >= hours:
        raise ValueError(
            f"load: the first phase starts in hour {begins[0]}, after the {hours} hours that are looked at"
        )
    built[:] = 0.0
    for begin, mw in zip(begins, powers, strict=True):
        built[max(begin, 0) :] = mw
    return built / max(powers) if largest else built


def _longitude(site: SiteYear | None, users_lon: float | None) -> float:
    if users_lon is not None:
        return users_lon
    return site.lon if site is not None else 0.0


def _drawn_share(
    work: Mapping[str, float] | None, hours: int, start: date, lon: float, rng: np.random.Generator | None
) -> Array:
    """Power drawn over power provisioned, by hour."""
    if not work:
        return np.ones(hours)
    if min(work.values()) < 0 or not 0 < sum(work.values()) <= 1 + 1e-9:
        raise ValueError(f"load: shares of work must be 0 or more and add up to at most 1, not {dict(work)}")
    local = np.arange(hours) + lon / DEGREES_PER_HOUR
    weekday = (start.weekday() + np.floor(local / HOURS_PER_DAY).astype(np.int64)) % DAYS_PER_WEEK
    parts = (share * power_share(Work.from_catalog(name), local, weekday, rng) for name, share in work.items())
    return np.asarray(sum(parts, start=np.zeros(hours)))


def _overhead(site: SiteYear | None, cooling: str | Cooling | float, it: Array, capacity: Array) -> Overhead:
    hours = len(it)
    if isinstance(cooling, int | float):
        if cooling < 1:
            raise ValueError(f"load: a PUE of {cooling:g} is below 1; PUE is site power over IT power")
        return Overhead(pue=np.full(hours, float(cooling)), water_l_per_kwh=np.zeros(hours), free_share=np.ones(hours))
    kind = Cooling.from_catalog(cooling) if isinstance(cooling, str) else cooling
    temp = np.full(hours, STANDARD_C) if site is None else np.resize(site.temp_c, hours)
    humidity = np.full(hours, STANDARD_RH_PCT) if site is None else np.resize(site.rh_pct, hours)
    full = np.maximum(capacity, 1e-12) if np.ndim(capacity) else capacity
    # Before the first phase nothing runs; its share of load does not matter then.
    share = np.where(it > 0, np.clip(it / np.maximum(full, it.max() * 1e-12), 1e-3, 1.0), 1.0)
    return overhead(kind, temp, humidity, share)


def worth_usd_per_mwh(usd_per_chip_hour: float, chip_w: float, pue: float) -> float:
    """What the work of chips earns per MWh that the site draws for them, in USD: rent over energy.

    `chip_w` is the power of a chip with its share of the server, network and storage.
    """
    if chip_w <= 0 or pue < 1:
        raise ValueError(f"chip power {chip_w:g} W must be above 0 and PUE {pue:g} at least 1")
    return usd_per_chip_hour / (chip_w * pue / W_PER_MW)


def flexible_parts(work: Mapping[str, float], usd_per_mwh_of_work: float) -> tuple[Flexible, ...]:
    """Parts of a load that can wait or stop, by kind of work, with what that costs.

    Of each kind the catalog says what share can wait and at what part of the value of its chip-hours; the rest stops
    when a MWh costs more than the margin that the work earns with it.
    """
    hours, margin = (float(value("workloads", "flexible", name)) for name in ("delay_hours", "least_margin"))
    parts = []
    for name, share in work.items():
        kind = Work.from_catalog(name)
        cost = kind.delay_cost_share * usd_per_mwh_of_work
        parts.append(
            Flexible(
                name=f"{name} delayed", share=share * kind.delay_share, usd_per_mwh=cost, kind="delay", hours=hours
            )
        )
    rest = sum(share * (1 - Work.from_catalog(name).delay_share) for name, share in work.items())
    return (*parts, Flexible(name="stopped", share=rest, usd_per_mwh=margin * usd_per_mwh_of_work))
