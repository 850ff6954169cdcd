"""What compute buys before release: loss by parameters and tokens, the best split, effective compute.

    L(N, D) = E + A / N^alpha + B / D^beta           C = 6 N D

Valid for dense decoders from 1e18 to about 1e22 FLOP, where the coefficients were fitted; beyond, extrapolation.
Loss says nothing by itself about any benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log2

from gigawatt.units import MONTHS_PER_YEAR

FLOP_PER_PARAM_TOKEN = 6.0  # 2 forward, 4 backward


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingLaw:
    """Coefficients of the loss in nats per token."""

    floor: float  # E
    params_scale: float  # A
    params_power: float  # alpha
    tokens_scale: float  # B
    tokens_power: float  # beta


# Besiroglu et al. 2024, "Chinchilla Scaling: A replication attempt", arXiv:2404.10102.
REPLICATED = ScalingLaw(
    floor=1.81686, params_scale=482.00572, params_power=0.34781, tokens_scale=2085.4342, tokens_power=0.36585
)
# Hoffmann et al. 2022, arXiv:2203.15556, approach 3 as printed: biased by rounding, kept for comparison.
CHINCHILLA = ScalingLaw(floor=1.69, params_scale=406.4, params_power=0.34, tokens_scale=410.7, tokens_power=0.28)

# Muennighoff et al. 2023, arXiv:2305.16264: repeats after which a further pass adds 1/e of fresh tokens' worth.
REPEATS_THAT_HELP = 15.387756


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A model size and the tokens it is trained on."""

    params: float
    tokens: float

    @property
    def flop(self) -> float:
        """FLOP of the run, attention left out."""
        return training_flop(self.params, self.tokens)


def training_flop(params_active: float, tokens: float) -> float:
    """FLOP of a training run: 6 x active parameters x tokens; attention and recomputation left out."""
    return FLOP_PER_PARAM_TOKEN * params_active * tokens


def loss(params: float, tokens: float, law: ScalingLaw = REPLICATED) -> float:
    """Loss after training, in nats per token."""
    by_size: float = law.params_scale / params**law.params_power
    by_data: float = law.tokens_scale / tokens**law.tokens_power
    return law.floor + by_size + by_data


def compute_optimal(flop: float, law: ScalingLaw = REPLICATED) -> Recipe:
    """The size and tokens of least loss for `flop`, in closed form (Hoffmann et al. 2022, equation 4)."""
    alpha, beta = law.params_power, law.tokens_power
    ratio = (alpha * law.params_scale / (beta * law.tokens_scale)) ** (1 / (alpha + beta))
    params = ratio * (flop / FLOP_PER_PARAM_TOKEN) ** (beta / (alpha + beta))
    return Recipe(params=params, tokens=flop / FLOP_PER_PARAM_TOKEN / params)


def tokens_worth(unique_tokens: float, passes: float) -> float:
    """Fresh tokens that `passes` over `unique_tokens` are worth; a first pass counts in full.

    Source: Muennighoff et al. 2023, equation 5.
    """
    if passes <= 1:
        return unique_tokens * passes
    repeats = passes - 1
    return unique_tokens * (1 + REPEATS_THAT_HELP * (1 - exp(-repeats / REPEATS_THAT_HELP)))


def effective_flop(flop: float, years: float, doubling_months: float) -> float:
    """FLOP that the algorithms of year 0 would need for the same result: physical x algorithmic progress.

    Ho et al. 2024, arXiv:2403.05812, put the doubling at 8 months (95 %: 5 to 14) for 2012 to 2023; later authors
    find far less at fixed scale, so `doubling_months` is the caller's assumption.
    """
    gain: float = 2.0 ** (years * MONTHS_PER_YEAR / doubling_months)
    return flop * gain


def doublings(flop: float, reference_flop: float) -> float:
    """Doublings of compute over a reference run."""
    return log2(flop / reference_flop)
