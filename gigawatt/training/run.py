"""One training run: FLOP, chip-hours, days, failures, energy, carbon and cost, each with a band.

chip-hours = FLOP / (peak x MFU x goodput) / 3600
days       = chip-hours / chips / 24
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from gigawatt.catalog import fact, value
from gigawatt.errors import GigawattError
from gigawatt.training.flop import Size, number, run_flop
from gigawatt.training.reliability import Reliability
from gigawatt.training.speed import Chip, Speed, utilisation
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR, SECONDS_PER_HOUR, W_PER_MW

USUAL_DAYS = 45.0  # of a run whose number of chips is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is decided before a run begins; None: the usual."""

    tokens: float
    chips: float | None = None
    precision: str = "bf16"
    context_tokens: float | None = None
    year: float | None = None  # of the software
    mfu: float | None = None  # known from elsewhere, over the BF16 peak; None: estimated
    region: str | None = None  # of the catalog, for price and carbon of power
    usd_per_h: float | None = None  # rent of a chip

    def __post_init__(self) -> None:
        for name in ("tokens", "chips", "context_tokens", "year", "mfu"):
            given = getattr(self, name)
            if given is not None and not 0 < given < inf:
                raise GigawattError(f"{name} {given:g} must be above 0 and finite")
        if self.usd_per_h is not None and not 0 <= self.usd_per_h < inf:
            raise GigawattError(f"usd_per_h {self.usd_per_h:g} must be 0 or more and finite")
        if self.mfu is not None and self.mfu > 1:
            raise GigawattError(f"mfu {self.mfu:g} must be at most 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A value and the ends of its 80 % band."""

    value: float
    low: float
    high: float

    def __mul__(self, factor: float) -> Band:
        """All three times a factor that is known."""
        return Band(value=self.value * factor, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run takes. Quantities that need facts which are not known are None."""

    size: Size
    chip: Chip
    tokens: float
    chips: float  # the usual number where none was given
    chips_given: bool
    flop: float  # attention included, recomputation left out
    mfu: float  # while it makes progress, over the BF16 peak
    goodput: float  # share of time that counts
    failures: float  # expected over the run
    checkpoint_minutes: float  # best time between checkpoints
    hours: Band  # chip-hours, lost time included
    power_w: float | None  # of a chip with its share of the site, at the meter
    carbon_g_per_kwh: float
    owned_usd_per_h: float | None
    rented_usd_per_h: float | None

    @property
    def chip_hours(self) -> float:
        """Chip-hours, lost time included."""
        return self.hours.value

    @property
    def days(self) -> Band:
        """Calendar days on so many chips."""
        return self.hours * (1 / self.chips / HOURS_PER_DAY)

    @property
    def energy_mwh(self) -> Band | None:
        """Energy at the site's meter."""
        return None if self.power_w is None else self.hours * (self.power_w / W_PER_MW)

    @property
    def carbon_t(self) -> Band | None:
        """Tonnes of CO2 of that energy; what it took to make the chips is left out."""
        energy = self.energy_mwh
        return None if energy is None else energy * (self.carbon_g_per_kwh / 1000)

    @property
    def owned_usd(self) -> Band | None:
        """Cost to an owner: chips written off, capital, site and energy."""
        return None if self.owned_usd_per_h is None else self.hours * self.owned_usd_per_h

    @property
    def rented_usd(self) -> Band | None:
        """Cost at the rent of a chip-hour."""
        return None if self.rented_usd_per_h is None else self.hours * self.rented_usd_per_h


def estimate(
    model: Size | str,
    chip: Chip | str,
    *,
    tokens: float | None = None,
    chips: float | None = None,
    plan: Plan | None = None,
    speed: Speed | None = None,
    reliability: Reliability | None = None,
) -> Estimate:
    """What training `model` on `chip` takes; `plan` says more than tokens and chips where needed."""
    if plan is None:
        if tokens is None:
            raise GigawattError("say how many tokens the model is trained on")
        plan = Plan(tokens=tokens, chips=chips)
    size = Size.named(model) if isinstance(model, str) else model
    chip = Chip.from_catalog(chip) if isinstance(chip, str) else chip
    speed, reliability = speed or Speed.from_catalog(), reliability or Reliability.from_catalog()
    flop = run_flop(size, plan.tokens, plan.context_tokens or number("speed", "context_tokens"))
    if flop == inf:
        raise GigawattError(f"{size.name} on {plan.tokens:g} tokens: more FLOP than a number holds")
    year = number("speed", "software_to") if plan.year is None else plan.year
    estimated = utilisation(size, chip, year, plan.precision, speed)  # refuses a precision that the chip has not
    mfu = estimated if plan.mfu is None else plan.mfu
    useful_hours = flop / (chip.bf16_flop_per_s * mfu) / SECONDS_PER_HOUR
    count = plan.chips or max(1.0, useful_hours / USUAL_DAYS / HOURS_PER_DAY)
    counts = reliability.goodput(count)
    if counts <= 0:
        raise GigawattError(f"{count:,.0f} chips fail faster than a run gets from one checkpoint to the next")
    hours = useful_hours / counts
    region = str(value("training", "cost", "region")) if plan.region is None else plan.region
    power_w = chip.system_power_w * number("cost", "power_share") * number("cost", "pue") or None
    owned = owned_usd_per_h(chip, power_w, region)
    usual_rent = None if owned is None else owned * number("cost", "rent_over_cost")
    return Estimate(
        size=size,
        chip=chip,
        tokens=plan.tokens,
        chips=count,
        chips_given=plan.chips is not None,
        flop=flop,
        mfu=mfu,
        goodput=counts,
        failures=hours / reliability.chip_hours_per_failure,
        checkpoint_minutes=reliability.interval_hours(count) * 60,
        hours=Band(value=hours, low=hours * speed.band[0], high=hours * speed.band[1]),
        power_w=power_w,
        carbon_g_per_kwh=_of_region(region, "carbon_g_per_kwh"),
        owned_usd_per_h=owned,
        rented_usd_per_h=usual_rent if plan.usd_per_h is None else plan.usd_per_h,
    )


def owned_usd_per_h(chip: Chip, power_w: float | None, region: str) -> float | None:
    """Cost of an hour of a chip that one owns: annuity and site over busy hours, and energy. None: price not known."""
    if chip.price_usd <= 0 or power_w is None:
        return None
    rate, years = number("cost", "discount_rate"), number("cost", "life_years")
    yearly_usd = chip.price_usd * rate / (1 - (1 + rate) ** -years)
    site_usd = yearly_usd * (1 + number("cost", "site_share"))
    energy_usd_per_h = power_w / W_PER_MW * _of_region(region, "grid_usd_per_mwh")
    return float(site_usd / (HOURS_PER_YEAR * number("cost", "busy")) + energy_usd_per_h)


def _of_region(region: str, attribute: str) -> float:
    return float(fact("regions", region, attribute).value)
