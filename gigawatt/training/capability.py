"""From compute to error on a named exam, and what thinking at the time of the answer costs.

    error = 1 - chance - (ceiling - chance) / (1 + exp(-(log10 C - middle) / width))

The exam is MMLU (57 subjects, four choices). The band is wide on purpose: at the same compute, data and recipe move
accuracy by a tenth and more. Nothing here is fitted for other exams, and no exam stands for worth to users.
"""

from __future__ import annotations

from math import exp, lgamma, log10

from gigawatt.catalog import fact, facts
from gigawatt.errors import GigawattError, nearest
from gigawatt.training.flop import number
from gigawatt.training.run import Band
from gigawatt.training.scaling import FLOP_PER_PARAM_SERVED
from gigawatt.units import SECONDS_PER_HOUR

ALIKE = 1e-6  # heterogeneity below which problems count as equal: beyond, differences of logarithms lose their digits


def exam_error(flop: float) -> Band:
    """Share of MMLU questions answered wrongly by a general model trained with `flop`, with its 80 % band."""
    chance, ceiling = number("exam", "chance"), number("exam", "ceiling")
    odds = exp(-(log10(flop) - number("exam", "middle")) / number("exam", "width"))
    error = 1 - chance - (ceiling - chance) / (1 + odds)
    spread = number("exam", "spread")
    return Band(value=error, low=max(1 - ceiling, error - spread), high=min(1 - chance, error + spread))


def hallucination_rate(task: str) -> Band:
    """Share of answers with an invented claim, in one defined task; see the note of the fact for what is counted.

    No function of compute: between tasks the same model spans 1 to 79 %, and within one no trend with scale was found.
    """
    tasks = facts("training", "hallucination")
    if task not in tasks:
        near = nearest(task, tasks)
        hint = f"; did you mean {near!r}?" if near else ""
        raise GigawattError(f"no rate without a task: {task!r}{hint} (known: {', '.join(tasks)})")
    found = fact("training", "hallucination", task)
    assert found.low is not None and found.high is not None
    return Band(value=float(found.value), low=found.low, high=found.high)


def answer_flop(params_active: float, tokens: float, samples: float = 1.0) -> float:
    """FLOP of one answer: 2 per active parameter and token read or written, for each of `samples` attempts."""
    return FLOP_PER_PARAM_SERVED * params_active * tokens * samples


def answer_usd(flop: float, usd_per_h: float, peak_flop_per_s: float, mfu: float) -> float:
    """Cost of an answer of so many FLOP on a chip of that rent, peak and utilisation in serving."""
    return flop / (peak_flop_per_s * mfu) / SECONDS_PER_HOUR * usd_per_h


def coverage(pass_rate: float, samples: float, heterogeneity: float = 0.0) -> float:
    """Chance that one of `samples` attempts is right, given that of one.

    Equal problems: 1 - (1 - p)^k. Real ones differ: p spread as a beta distribution with mean `pass_rate` and
    a + b = 1 / heterogeneity gives the power law in k that Schaeffer et al. 2025 report for whole benchmarks.
    """
    if not 0 <= pass_rate <= 1:
        raise ValueError(f"pass_rate {pass_rate:g} must lie between 0 and 1")
    if heterogeneity < ALIKE or pass_rate in (0.0, 1.0):
        return float(1 - (1 - pass_rate) ** samples)
    a, b = pass_rate / heterogeneity, (1 - pass_rate) / heterogeneity
    return 1 - exp(lgamma(b + samples) - lgamma(a + b + samples) + lgamma(a + b) - lgamma(b))
