"""What the options of `gigawatt power` ask for: a site-year, its load, what may feed it, targets and terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from gigawatt.errors import GigawattError, nearest, shown

if TYPE_CHECKING:
    from pathlib import Path

    from gigawatt.cli.output import Format
    from gigawatt.power import Flexible, Load, Option, PowerPlan, SiteYear, Targets, Terms

LOAD_MW = 1000.0  # unless given
OPTIONS = "pv,wind,battery,gas,grid"  # unless given
MOST_NINES = 6.0  # more are not seen in the years that can be drawn
COOLING = "liquid_dry"  # unless given
WARM_HOURS, WARM_SHARE, WARM_GAP = 48, 0.2, 1e-3  # of the sizing before the one that is asked for
BY_ITSELF = "auto"  # of --flexible: by the kind of work
FLEXIBLE = {"price": ("usd_per_mwh", "USD/MWh"), "hours": ("hours", "hours"), "headroom": ("headroom", "1")}
UNSERVED, NEVER = "unserved-price", "none"
TERMS = {  # option: field of `Terms` and unit
    "discount-rate": ("discount_rate", "1"),
    "gas-price": ("gas_usd_per_mmbtu", "USD/MMBtu"),
    "carbon-price": ("carbon_usd_per_t", "USD/t"),
    UNSERVED: ("shed_usd_per_mwh", "USD/MWh"),
}
TARGETS = {  # option: field of `Targets` and unit
    "carbon-free": ("carbon_free_hourly", "1"),
    "carbon-free-annual": ("carbon_free_annual", "1"),
    "reserve": ("reserve_margin", "1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options say, as texts with units; None where not given."""

    site: str
    grid: str | None
    place: str | None  # "lat,lon" of a file
    drop_leap_day: bool
    load: str | None  # the largest hour of the site, or a file of its hours
    it_load: str | None
    options: str
    cooling: str | None
    work: str | None
    flexible: str | None
    targets: Mapping[str, str | None]
    carbon_cap: str | None
    least: str | None
    most: str | None
    battery_hours: str | None
    costs: str
    terms: Mapping[str, str | None]
    method: Literal["auto", "chain", "program"]
    tolerance: float

    def year(self) -> SiteYear:
        """The year of weather, price and carbon."""
        from gigawatt.power import site_year

        if self.place and not self.site.lower().endswith(".csv"):
            raise GigawattError("--place is for a CSV file; the site says where it is")
        where: dict[str, Any] = dict(zip(("lat", "lon"), place_of(self.place), strict=True)) if self.place else {}
        try:
            return site_year(self.site, grid=self.grid, drop_leap_day=self.drop_leap_day, **where)
        except ValueError as error:
            said = str(error).replace("by lat and lon, and grid if", "with --place 32.3,-100.2, and --grid if")
            raise GigawattError(said) from None

    def drawn(self, site: SiteYear) -> Load:
        """The load by the hour."""
        from gigawatt.power import load

        if self.load is not None and self.it_load is not None:
            raise GigawattError("--load is the site at its largest hour, --it-load the computers alone: give one")
        name, text = ("it_mw", self.it_load) if self.it_load is not None else ("site_mw", self.load)
        size = LOAD_MW if text is None else power_mw(text, "--it-load" if name == "it_mw" else "--load")
        work = shares(self.work, "--work", "workloads") if self.work else None
        parts = flexible_of(self.flexible, work) if self.flexible else ()
        return load(site=site, cooling=self.cooled(), work=work, flexible=parts, **{name: size})  # type: ignore[arg-type]

    def cooled(self) -> str | float:
        """A kind of cooling, or a constant PUE."""
        from gigawatt.catalog import items

        kinds = [kind for kind in items("cooling_kinds") if kind != "common"]
        text = self.cooling or COOLING
        if text in kinds:
            return text
        try:
            return quantity(text, "1", "--cooling")
        except ValueError:
            raise GigawattError(f"--cooling: {unknown(text, kinds)}, or a PUE such as 1.2") from None

    def choices(self) -> tuple[Option, ...]:
        """What may be built or bought."""
        from gigawatt.power import Bridge, options_of

        found = options_of(self.options)
        if all(isinstance(choice, Bridge) for choice in found):
            raise GigawattError("--options: rented power bridges the time until the supply is there; give what stays")
        return found

    def wanted(self, load: Load) -> Targets:
        """What the plan must reach beside its cost."""
        from gigawatt.power import Targets

        given: dict[str, Any] = numbers(self.targets, TARGETS)
        for option, field in (("carbon-free", "carbon_free_hourly"), ("carbon-free-annual", "carbon_free_annual")):
            if given.get(field, 0.0) > 1.0:
                raise GigawattError(f"--{option} {self.targets[option]}: a share is 100 % at most; write it as 90%")
        if self.carbon_cap is not None:
            given["carbon_t"] = carbon_t(self.carbon_cap, load)
        names = [choice.name for choice in self.choices()]
        given["least_share"] = shares(self.least, "--least", names) if self.least else {}
        given["most_share"] = shares(self.most, "--most", names) if self.most else {}
        if self.battery_hours is not None:
            given["battery_hours"] = span(self.battery_hours, "hours", "--battery-hours")
        if given.get("reserve_margin", 0.0) < 0.0:
            raise GigawattError(f"--reserve {self.targets['reserve']}: at least 0")
        return Targets(**given)

    def paid(self) -> Terms:
        """Prices and cost of money."""
        from gigawatt.power import Terms

        never = self.terms.get(UNSERVED) == NEVER
        given = numbers({name: None if never and name == UNSERVED else t for name, t in self.terms.items()}, TERMS)
        given |= {"shed_usd_per_mwh": inf} if never else {}
        if not 0.0 <= given.get("discount_rate", 0.0) < 1.0:
            raise GigawattError(f"--discount-rate {self.terms['discount-rate']}: from 0 to 100 %; write it as 8%")
        return Terms(costs=self.costs, **given)  # type: ignore[arg-type]

    def plan(self, *, warm: PowerPlan | None = None) -> PowerPlan:
        """The cheapest supply."""
        from gigawatt.power import size

        site = self.year()
        load = self.drawn(site)
        choices, targets, terms = self.choices(), self.wanted(load), self.paid()
        warm_up()
        return size(
            site, load, choices, targets=targets, terms=terms, tolerance=self.tolerance, method=self.method, warm=warm
        )


def warm_up() -> None:
    """Have the kernels of a sizing compiled or read, by sizing two days, so that the clock of a plan counts its own."""
    import numpy as np

    from gigawatt.power import Targets, load, site_year, sites, size

    year = site_year(sites()[0])
    days = load(site_mw=np.ones(WARM_HOURS), site=year)
    size(year, days, "pv,battery,gas,grid", targets=Targets(carbon_free_hourly=WARM_SHARE), tolerance=WARM_GAP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be told of a plan beside the plan, and where to."""

    how: Format
    out: Path | None
    chart: Path | None
    hours: Path | None
    case: str  # of the lead times
    reliability: bool
    nines: float | None
    outage_years: int
    foresight: bool
    haste: bool
    years: int | None
    seed: int

    def __post_init__(self) -> None:
        if self.how == "parquet" and self.out is None:
            raise GigawattError("--format parquet writes a file: say which with --out FILE.parquet")
        for name, count in (("--years", self.years), ("--outage-years", self.outage_years)):
            if count is not None and count < 1:
                raise GigawattError(f"{name} {count}: at least 1")
        if self.nines is not None and not 0.0 < self.nines <= MOST_NINES:
            raise GigawattError(f"--nines {self.nines:g}: above 0, {MOST_NINES:g} at most; 3 are 99.9 % of the energy")


def quantity(text: str, unit: str, name: str) -> float:
    """The number of a text in a unit; the message of a mistake names the option."""
    from gigawatt.units import parse_quantity

    try:
        return parse_quantity(text, unit, name).value
    except ValueError as error:
        said = str(error)
        raise ValueError(said if name in said else f"{name}: {said}") from None


def power_mw(text: str, option: str) -> Any:
    """MW of a text, or those of every hour from column load_mw of a CSV file."""
    if not text.lower().endswith(".csv"):
        return quantity(text, "MW", option)
    from gigawatt.power import read_hours

    return read_hours(text, required=("load_mw",))["load_mw"]


def numbers(texts: Mapping[str, str | None], known: Mapping[str, tuple[str, str]]) -> dict[str, float]:
    """Fields and numbers of the options that are given."""
    return {
        known[name][0]: quantity(text, known[name][1], f"--{name}") for name, text in texts.items() if text is not None
    }


def unknown(name: str, known: Sequence[str]) -> str:
    """A message on a name that is not known, with the nearest that is."""
    close = nearest(name, known)
    return f"unknown {shown(name)}" + (f"; did you mean {close!r}?" if close else "") + f" (known: {', '.join(known)})"


def shares(text: str, option: str, known: str | Sequence[str]) -> dict[str, float]:
    """Shares by name of a text such as "training=0.6,inference=40%"; `known`: the names, or a table of the catalog."""
    from gigawatt.catalog import items

    names = [item for item in items(known) if item != "flexible"] if isinstance(known, str) else list(known)
    found: dict[str, float] = {}
    for part in (part.strip() for part in text.split(",") if part.strip()):
        name, sign, value = (each.strip() for each in part.partition("="))
        if not sign:
            raise GigawattError(f"{option}: {shown(part)} is not a name and a share, such as {names[0]}=60%")
        if name not in names:
            raise GigawattError(f"{option}: {unknown(name, names)}")
        found[name] = quantity(value, "1", option)
    return found


def span(text: str, unit: str, option: str) -> tuple[float, float]:
    """Least and most of a text such as "2 to 8"; a single number is both."""
    first, _, second = text.partition(" to ") if " to " in text else text.partition("-")
    return quantity(first, unit, option), quantity(second or first, unit, option)


def carbon_t(text: str, load: Load) -> float:
    """A cap in t over the hours of the load, from a mass or from an intensity such as 100 g/kWh."""
    if "/" in text:
        return quantity(text, "g/kWh", "--carbon-cap") * float(load.site_mw.sum()) * 1e-3
    return quantity(text, "t", "--carbon-cap")


def place_of(text: str) -> tuple[float, float]:
    """Latitude and longitude."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise GigawattError(f"--place {shown(text)}: write latitude and longitude, such as 32.3,-100.2") from None
    return lat, lon


def flexible_of(text: str, work: Mapping[str, float] | None) -> tuple[Flexible, ...]:
    """Flexible parts of a text such as "delay=20% hours=12 price=5$/MWh, curtail=5% price=400$/MWh", or of "auto"."""
    from gigawatt.power import flexible_parts

    if text == BY_ITSELF:
        if not work:
            raise GigawattError("--flexible auto goes by the kinds of work: say them with --work")
        return flexible_parts(work, worth())
    return tuple(flexible_part(part.strip()) for part in text.split(",") if part.strip())


def flexible_part(text: str) -> Flexible:
    """One part that may wait or stop."""
    from gigawatt.power import Flexible

    kind, _, rest = text.partition("=")
    given: dict[str, Any] = {}
    share, *limits = rest.split()
    for limit in limits:
        name, _, value = limit.partition("=")
        if name not in FLEXIBLE:
            raise GigawattError(f"--flexible: {unknown(name, list(FLEXIBLE))}")
        field, unit = FLEXIBLE[name]
        given[field] = quantity(value, unit, "--flexible")
    if kind not in ("delay", "curtail") or "usd_per_mwh" not in given or (kind == "delay") != ("hours" in given):
        raise GigawattError(
            f"--flexible {shown(text)}: write delay=20% hours=12 price=5$/MWh, or curtail=5% price=400$/MWh"
        )
    name = {"delay": "delayed", "curtail": "stopped"}[kind]
    return Flexible(name=name, share=quantity(share, "1", "--flexible"), kind=kind, **given)  # type: ignore[arg-type]


def worth() -> float:
    """What a MWh of computing earns at the rent and power of the catalog's chip, in USD."""
    from gigawatt.power import Chips, worth_usd_per_mwh

    chips = Chips.of(pue=1.0)
    return worth_usd_per_mwh(chips.usd_per_hour, chips.site_w, 1.0)
