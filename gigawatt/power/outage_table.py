"""Loss of load of independent machines without storage, exactly: the capacity outage probability table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageTable:
    """Probability of every amount of power out, in steps of `step_mw`."""

    step_mw: float
    probability: Array  # of 0, 1, 2 ... steps out
    total_mw: float

    def loss_of_load(self, net_mw: Array) -> tuple[float, float]:
        """Expected hours with too little power, and expected unserved MWh, over the hours of `net_mw`."""
        levels_mw = self.total_mw - self.step_mw * np.arange(len(self.probability))
        net, times = np.unique(np.asarray(net_mw, dtype=np.float64), return_counts=True)
        # Sums of probability, and of probability x power, over all states that have at most k steps out.
        below = np.concatenate(([0.0], np.cumsum(self.probability)))
        power = np.concatenate(([0.0], np.cumsum(self.probability * levels_mw)))
        enough = np.searchsorted(-levels_mw, -net + 1e-9, side="right")
        short = 1.0 - below[enough]
        unserved = net * short - (power[-1] - power[enough])
        return float((short * times).sum()), float((unserved * times).sum())


def outage_table(unit_mw: Sequence[float], rate: Sequence[float], *, step_mw: float = 1.0) -> OutageTable:
    """Convolution of two-state machines of `unit_mw`, each out with probability `rate`.

    Raises:
        ValueError: A machine is no whole number of steps, or a rate is no probability.

    Source: Billinton and Allan, Reliability Evaluation of Power Systems, 2nd edition 1996, chapter 2.
    """
    probability = np.ones(1)
    for mw, q in zip(unit_mw, rate, strict=True):
        steps = round(mw / step_mw)
        if abs(steps * step_mw - mw) > 1e-9 * max(mw, step_mw) or not 0 <= q <= 1:
            raise ValueError(f"a machine of {mw:g} MW out {q:g} of the time does not fit steps of {step_mw:g} MW")
        longer = np.zeros(len(probability) + steps)
        longer[: len(probability)] = (1 - q) * probability
        longer[steps:] += q * probability
        probability = longer
    return OutageTable(step_mw=step_mw, probability=probability, total_mw=float(sum(unit_mw)))
