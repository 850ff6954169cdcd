"""How fast chips train: share of peak that becomes useful FLOP, as physics with five fitted coefficients.

    1 / MFU = (a + rho (b + c h0 / h)) x recomputation x (N / N_active)^m / (software x precision)

`a` is what the tensor cores themselves lose. The rest is time that faster tensor cores do not shorten (memory, links,
launches), so that it weighs with rho, the peak over that of an A100, and more where matrices are narrow (hidden width
h). Software makes all of it faster by a rate a year. Peak is that of BF16; FP8 counts as a gain over it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from math import exp
from typing import Self

from gigawatt.catalog import fact, facts, items
from gigawatt.errors import GigawattError, nearest
from gigawatt.training.flop import Size, number
from gigawatt.units import SECONDS_PER_HOUR

PRECISIONS = ("bf16", "fp8")
BASE_YEAR = 2023.0  # from which the trend of software counts
FADE_YEARS = 0.5  # over which full recomputation went out of use
FITTED = ("tensor", "system", "small", "sparsity", "software_per_year")
NOISE = ("nvidia", "google", "amd", "huawei", "intel", "gpu", "sxm2", "sxm4", "sxm5", "sxm", "gb")
DAYS_OF_A_YEAR = 365.25  # of the Julian calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """What training needs to know of an accelerator; the peak is dense, and 0 means not known."""

    name: str = "chip"
    bf16_flop_per_s: float
    fp8_flop_per_s: float = 0.0
    system_power_w: float = 0.0  # with its share of CPU, switches, fans
    price_usd: float = 0.0  # with its share of server and network

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The chip that `name` says: an item of the table `chips`, an alias, or words such as `H100`, `TPU v4`."""
        item = _item(name)
        known = facts("chips", item)
        numbers = {key: float(known[key].value) for key in cls.__slots__ if key in known and key != "name"}
        if "bf16_flop_per_s" not in numbers:
            raise GigawattError(f"chip {item}: the catalog has no dense BF16 peak")
        return cls(name=item, **numbers)


@cache
def _items_by_name() -> dict[str, str]:
    """Items of `chips` by every name they go by: their own, their aliases, and chips of the same die and peak."""
    found: dict[str, str] = {}
    for item in items("chips"):
        known = facts("chips", item)
        others = [str(known[key].value) for key in ("name",) if key in known]
        others += str(known["aliases"].value).split() if "aliases" in known else []
        for name in (item, *others):
            found.setdefault(_plain(name), item)
    for word, stand_in in facts("training", "same-peak").items():
        found.setdefault(_plain(word), str(stand_in.value))
    return found


def _item(name: str) -> str:
    found = _items_by_name().get(_plain(name))
    if found is None:
        near = nearest(name, items("chips"))
        hint = f"; did you mean {near!r}?" if near else ""
        raise GigawattError(f"unknown chip {name!r}{hint} (see `gigawatt catalog chips`)")
    return found


def _plain(text: str) -> str:
    """Letters and digits alone, without the maker and without what all of a kind share: `NVIDIA H100 SXM5 80GB`."""
    words = "".join(letter for letter in text.lower() if letter.isalnum())
    for word in NOISE:
        words = words.replace(word, "")
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """The fitted coefficients and the band of chip-hours around an estimate (10th and 90th percentile)."""

    tensor: float
    system: float
    small: float
    sparsity: float
    software_per_year: float
    band: tuple[float, float] = (1.0, 1.0)

    @classmethod
    @cache
    def from_catalog(cls) -> Self:
        """Coefficients as the catalog's table `training` has them."""
        band = fact("training", "speed", "band")
        low, high = band.low or 1.0, band.high or 1.0
        return cls(band=(low, high), **{name: number("speed", name) for name in FITTED})

    def shifted(self, **steps: float) -> Self:
        """The same with some coefficients moved by a step."""
        return replace(self, **{name: getattr(self, name) + step for name, step in steps.items()})


def utilisation(size: Size, chip: Chip, year: float, precision: str = "bf16", speed: Speed | None = None) -> float:
    """Useful FLOP over BF16 peak while a run makes progress; lost time is left out."""
    if precision not in PRECISIONS:
        raise GigawattError(f"precision {precision!r}; allowed: {', '.join(PRECISIONS)}")
    if precision == "fp8" and chip.fp8_flop_per_s <= chip.bf16_flop_per_s:
        raise GigawattError(f"{chip.name} computes no faster in fp8 than in bf16")
    speed = speed or Speed.from_catalog()
    rho = chip.bf16_flop_per_s / number("speed", "reference_flop_per_s")
    narrow = number("speed", "reference_hidden") / size.hidden
    time = speed.tensor + rho * (speed.system + speed.small * narrow)
    slower = recomputation(size, year) * size.sparsity**speed.sparsity
    faster = software_gain(year, speed) * (number("speed", "fp8_gain") if precision == "fp8" else 1.0)
    return float(min(number("speed", "most"), faster / (time * slower)))


def recomputation(size: Size, year: float) -> float:
    """FLOP done over FLOP needed: 4/3 where a large model kept no activations, as was usual before 2023."""
    if size.params_active < number("speed", "recomputation_from_params"):
        return 1.0
    share = (number("speed", "recomputation_until") - year) / FADE_YEARS
    return 1 + (number("speed", "recomputation") - 1) * min(1.0, max(0.0, share))


def software_gain(year: float, speed: Speed) -> float:
    """Throughput of the software of `year` over that of 2023; flat outside of the years of the fit."""
    inside = min(max(year, number("speed", "software_from")), number("speed", "software_to"))
    return exp(speed.software_per_year * (inside - BASE_YEAR))


def year_of(text: str) -> float:
    """The year of a date such as `2024-07-23`, `2024-07` or `2024`, with its fraction."""
    try:
        day = date.fromisoformat((text.strip() + "-01-01")[:10])
    except ValueError:
        raise GigawattError(f"date {text!r}: use YYYY, YYYY-MM or YYYY-MM-DD") from None
    return day.year + (day.timetuple().tm_yday - 1) / DAYS_OF_A_YEAR


def mfu_of(flop: float, chip_hours: float, peak_flop_per_s: float) -> float:
    """Utilisation that a published run implies: its FLOP over what its chip-hours could have done at peak."""
    return flop / (chip_hours * SECONDS_PER_HOUR * peak_flop_per_s)
