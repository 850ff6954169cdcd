"""What compute buys before release: loss by parameters and tokens, the best split, repeated data, effective compute.

    L(N, D) = E + A / N^alpha + B / D^beta           C = 6 N D

Fitted to dense decoders from 1e18 to about 1e22 FLOP; beyond, extrapolation. Loss says nothing by itself about any
benchmark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from math import exp, inf, log, log2

import numpy as np

from gigawatt.catalog import fact
from gigawatt.errors import GigawattError, nearest
from gigawatt.training.flop import FLOP_PER_PARAM_TOKEN, training_flop
from gigawatt.units import MONTHS_PER_YEAR

FLOP_PER_PARAM_SERVED = 2.0  # forward only
LAWS = {  # short name -> item of the table `facts`
    "replicated": "scaling-law-besiroglu2024",
    "chinchilla": "scaling-law-chinchilla-a3-unrounded",
    "chinchilla-rounded": "scaling-law-chinchilla-a3-rounded",
    "repeated-data": "scaling-law-muennighoff2023",
}
SD_PER_HALF_WIDTH = 1.96  # of a 95 % interval
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingLaw:
    """Coefficients of the loss in nats per token."""

    floor: float  # E
    params_scale: float  # A
    params_power: float  # alpha
    tokens_scale: float  # B
    tokens_power: float  # beta


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A model size and the tokens it is trained on."""

    params: float
    tokens: float

    @property
    def flop(self) -> float:
        """FLOP of the run, attention left out."""
        return training_flop(self.params, self.tokens)


@cache
def law(name: str = "replicated") -> ScalingLaw:
    """A published law: `replicated` (Besiroglu et al. 2024), `chinchilla`, `chinchilla-rounded`, `repeated-data`.

    `chinchilla-rounded` is the law as Hoffmann et al. 2022 print it, biased by rounding; kept for comparison.
    """
    if name not in LAWS:
        near = nearest(name, LAWS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise GigawattError(f"unknown scaling law {name!r}{hint} (known: {', '.join(LAWS)})")
    logs = {"chinchilla": ("e", "a", "b"), "repeated-data": ("logE", "logA", "logB")}.get(name)
    floor, params, tokens = (exp(_value(name, key)) for key in logs) if logs else (_value(name, key) for key in "EAB")
    powers = {"params_power": _value(name, "alpha"), "tokens_power": _value(name, "beta")}
    return ScalingLaw(floor=floor, params_scale=params, tokens_scale=tokens, **powers)


def sampled_laws(count: int, rng: np.random.Generator) -> list[ScalingLaw]:
    """Laws as uncertain as Besiroglu et al. 2024 print theirs, with coefficients that move together.

    alpha, beta and E are drawn each from its interval. A and B follow their exponents, because the runs of the fit pin
    A / N^alpha and B / D^beta at their own sizes: drawn alone, they would spread the best size over decades.
    """
    alpha, beta, floor = (_draws(key, count, rng) for key in ("alpha", "beta", "E"))
    return [
        ScalingLaw(
            floor=float(e), params_power=float(a), tokens_power=float(b),
            params_scale=_following("A", "alpha", float(a)), tokens_scale=_following("B", "beta", float(b)),
        )
        for a, b, e in zip(alpha, beta, floor, strict=True)
    ]  # fmt: skip


def loss(params: float, tokens: float, by: ScalingLaw | None = None) -> float:
    """Loss after training, in nats per token."""
    by = by or law()
    by_size: float = by.params_scale / params**by.params_power
    by_data: float = by.tokens_scale / tokens**by.tokens_power
    return by.floor + by_size + by_data


def compute_optimal(flop: float, by: ScalingLaw | None = None) -> Recipe:
    """The size and tokens of least loss for `flop`, in closed form (Hoffmann et al. 2022, equation 4)."""
    by = by or law()
    alpha, beta = by.params_power, by.tokens_power
    ratio = (alpha * by.params_scale / (beta * by.tokens_scale)) ** (1 / (alpha + beta))
    params = ratio * (flop / FLOP_PER_PARAM_TOKEN) ** (beta / (alpha + beta))
    return Recipe(params=params, tokens=flop / FLOP_PER_PARAM_TOKEN / params)


def serving_optimal(flop: float, serve_tokens: float, by: ScalingLaw | None = None) -> Recipe:
    """The recipe as good as the best one for `flop`, of least FLOP in training and in serving `serve_tokens` together.

    Smaller and trained for longer, since each token served costs 2 N (Sardana et al. 2024, arXiv:2401.00448).
    """
    by = by or law()
    best = compute_optimal(flop, by)
    target = loss(best.params, best.tokens, replace(by, floor=0.0))
    smallest = (by.params_scale / target) ** (1 / by.params_power)

    def tokens_for(params: float) -> float:
        left: float = target - by.params_scale / params**by.params_power
        return float((by.tokens_scale / left) ** (1 / by.tokens_power)) if left > 0 else inf

    def lifetime_flop(log_params: float) -> float:
        params = exp(log_params)
        return training_flop(params, tokens_for(params)) + FLOP_PER_PARAM_SERVED * params * serve_tokens

    params = exp(_least(lifetime_flop, log(smallest * (1 + 1e-9)), log(best.params)))
    return Recipe(params=params, tokens=tokens_for(params))


def data_limited(flop: float, unique_tokens: float, by: ScalingLaw | None = None) -> Recipe:
    """The size and tokens of least loss for `flop` where only `unique_tokens` differ and the rest are repeats."""
    by = by or law()

    def loss_of(log_params: float) -> float:
        params = exp(log_params)
        tokens = flop / FLOP_PER_PARAM_TOKEN / params
        return loss(params, tokens_worth(unique_tokens, tokens / unique_tokens), by)

    middle = log(compute_optimal(flop, by).params)
    params = exp(_least(loss_of, middle - 3, middle + 7))
    return Recipe(params=params, tokens=flop / FLOP_PER_PARAM_TOKEN / params)


def tokens_worth(unique_tokens: float, passes: float) -> float:
    """Fresh tokens that `passes` over `unique_tokens` are worth; a first pass counts in full.

    Source: Muennighoff et al. 2023, equation 5.
    """
    if passes <= 1:
        return unique_tokens * passes
    repeats, helpful = passes - 1, _value("repeated-data", "R_D_star")
    return unique_tokens * (1 + helpful * (1 - exp(-repeats / helpful)))


def effective_flop(flop: float, years: float, doubling_months: float | None = None) -> float:
    """FLOP that the algorithms of year 0 would need for the same result: physical x algorithmic progress.

    Ho et al. 2024, arXiv:2403.05812, put the doubling at 8 months (95 %: 5 to 14) for 2012 to 2023, the default; later
    authors find far less at fixed scale.
    """
    usual = float(fact("facts", "scaling-law-ho2024", "T_months").value)
    months = usual if doubling_months is None else doubling_months
    if months <= 0:
        raise ValueError(f"doubling_months {months:g} must be above 0")
    gain: float = 2.0 ** (years * MONTHS_PER_YEAR / months)
    return flop * gain


def doublings(flop: float, reference_flop: float) -> float:
    """Doublings of compute over a reference run."""
    return log2(flop / reference_flop)


def _value(name: str, key: str) -> float:
    return float(fact("facts", LAWS[name], key).value)


def _interval(key: str) -> tuple[float, float, float]:
    found = fact("facts", LAWS["replicated"], key)
    assert found.low is not None and found.high is not None
    return float(found.value), found.low, found.high


def _draws(key: str, count: int, rng: np.random.Generator) -> np.ndarray:
    middle, low, high = _interval(key)
    return rng.normal(middle, (high - low) / 2 / SD_PER_HALF_WIDTH, count)


def _following(scale: str, power: str, drawn: float) -> float:
    """The scale that goes with a drawn exponent: both ends of the one lie at the ends of the other."""
    middle, low, high = _interval(scale)
    power_middle, power_low, power_high = _interval(power)
    slope = (log(high) - log(low)) / (power_high - power_low)
    return middle * exp(slope * (drawn - power_middle))


def _least(of: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is least (golden section)."""
    for _ in range(100):
        a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, b) if of(a) < of(b) else (a, high)
    return (low + high) / 2
