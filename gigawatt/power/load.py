"""Hourly load of a site: what its computers draw, what cooling and losses add, and how much of it can wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gigawatt.units import HOURS_PER_YEAR

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Flexible:
    """A part of the load that need not run at every price.

    "curtail": stops while power is dearer than `usd_per_mwh`, and its work is lost. "delay": runs within `hours` of
    when it was due, and each MWh moved costs `usd_per_mwh`.
    """

    name: str
    share: float  # of the site's load
    usd_per_mwh: float
    kind: Literal["curtail", "delay"] = "curtail"
    hours: float = 0.0  # the window of a delay

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"{self.name}: share {self.share:g} must be between 0 and 1")
        if self.kind not in ("curtail", "delay"):
            raise ValueError(f"{self.name}: kind {self.kind!r} is neither 'curtail' nor 'delay'")
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


def load(
    it_mw: float | None = None,
    *,
    site_mw: float | None = None,
    pue: float = 1.2,
    flexible: Sequence[Flexible] = (),
    hours: int = HOURS_PER_YEAR,
) -> Load:
    """Hourly load of a site with `it_mw` of computers, or of one whose largest hour is `site_mw`.

    Raises:
        ValueError: Neither or both powers are given.
    """
    if (it_mw is None) == (site_mw is None):
        raise ValueError("load: give it_mw or site_mw, one of them")
    computers = np.full(hours, it_mw if it_mw is not None else site_mw / pue)  # type: ignore[operator]
    overhead = np.full(hours, float(pue))
    return Load(
        site_mw=computers * overhead,
        it_mw=computers,
        pue=overhead,
        water_l_per_kwh=np.zeros(hours),
        flexible=tuple(flexible),
    )
