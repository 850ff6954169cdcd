"""Rates of return by bisection with 50 digits: slow, simple, and without anything of ours, to check both answers."""

from decimal import Decimal, localcontext

import numpy as np

DIGITS = 50
HALVINGS = 130


def bisected(flows: np.ndarray, low: float, high: float) -> float:
    """The rate between `low` and `high` at which the flows are worth 0.

    Raises:
        ValueError: The flows are worth the same sign at both ends.
    """
    with localcontext() as context:
        context.prec = DIGITS
        exact = [Decimal(float(flow)) for flow in flows]
        left, right = 1 + Decimal(low), 1 + Decimal(high)
        rising = _worth(exact, left) < 0
        if rising == (_worth(exact, right) < 0):
            raise ValueError(f"flows are worth the same sign at {low} and {high}")
        for _ in range(HALVINGS):
            middle = (left * right).sqrt()
            if (_worth(exact, middle) < 0) == rising:
                left = middle
            else:
                right = middle
        return float(left - 1)


def always_one_sign(flows: np.ndarray) -> bool:
    """Whether the flows are worth the same sign at all of 2000 rates from -99.9999 to 1e8 percent."""
    with localcontext() as context:
        context.prec = DIGITS
        exact = [Decimal(float(flow)) for flow in flows]
        signs = {_worth(exact, Decimal(float(growth))) > 0 for growth in np.geomspace(1e-6, 1e6, 2000)}
    return len(signs) == 1


def _worth(flows: list[Decimal], growth: Decimal) -> Decimal:
    """Worth at the end of the last period: no division, so no rate is too low."""
    total = Decimal(0)
    for flow in flows:
        total = total * growth + flow
    return total
