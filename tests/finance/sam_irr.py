"""Present value and rate of return as NREL SAM finds them (lib_financial.cpp of ssc, said again)."""

import numpy as np


def npv(flows: np.ndarray, rate: float) -> float:
    """Present value at year 0 of the flows at the ends of years 1 to n; column 0 is left out."""
    total = 0.0
    for flow in flows[:0:-1]:
        total = (total + flow) / (1 + rate)
    return float(total)


def chord_irr(flows: np.ndarray) -> float:
    """SAM's rate of return, NaN where its search gives up: within 1e-6 of the largest flow, not a root to the last bit.

    SAM: steps divide by the slope at the first guess throughout (a chord, not Newton); three more guesses follow.
    """
    if len(flows) < 2 or flows[0] > 0:
        return float("nan")
    scale = float(np.max(np.abs(flows))) or 1.0
    for guess in (_first_guess(flows), 0.1, -0.1, 0.0):
        rate, steps, residual = _chord(flows, guess, scale)
        value, value_above = (flows[0] + npv(flows, rate + shift) for shift in (0.0, 0.001))
        if steps < 100 and abs(residual) < 1e-6 and value > value_above and abs(value / scale) < 1e-6:
            return rate
    return float("nan")


def _first_guess(flows: np.ndarray) -> float:
    if flows[0] == 0:
        return -2.0
    ratio = flows[1:3] / flows[0]
    if len(flows) == 2:
        return float(-(1 + ratio[0]))
    half, c = -0.5 * (2 + ratio[0]), 1 + ratio.sum()
    square = (2 + ratio[0]) ** 2 - 4 * c
    if square < 0:
        return float("nan")
    low = float(half - 0.5 * np.sqrt(square))
    return float(half + 0.5 * np.sqrt(square)) if low <= 0 or low >= 1 else low


def _chord(flows: np.ndarray, guess: float, scale: float) -> tuple[float, int, float]:
    powers = np.arange(len(flows))

    def value(rate: float) -> float:
        if not -(2.0**31) < rate < 2.0**31 - 1 or rate == -1:
            return 0.0  # SAM: out of bounds counts as a root here and is thrown out by the checks after
        return float(np.sum(flows / (1 + rate) ** powers))

    with np.errstate(all="ignore"):
        slope = -float(np.sum(flows[1:] * powers[1:] / (1 + guess) ** (powers[1:] + 1)))
        if slope == 0:
            return guess, 0, 0.0
        rate, steps = guess - value(guess) / slope, 1
        residual = value(rate) / scale
        while not abs(residual) <= 1e-6 and steps < 100:
            rate -= value(rate) / slope
            steps += 1
            residual = value(rate) / scale
    return rate, steps, residual
