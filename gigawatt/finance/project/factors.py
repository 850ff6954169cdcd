"""How far all prices may fall, debt as signed, before cover is 1 or the owners' value is 0: two quick looks."""

from __future__ import annotations

from fnmatch import fnmatchcase
from math import isfinite, nan

import numpy as np

from gigawatt.finance.project.holding import holding
from gigawatt.finance.project.lines import Input
from gigawatt.finance.project.result import Array, ProjectResult, evaluate

PRICES = ("contracts.*.usd_per_chip_h", "merchant.usd_per_chip_h")
GOALS = {"cover.least_dscr": 1.0, "returns.owners_npv_usd": 0.0}
LOWEST, HIGHEST, LOOKS = 0.1, 2.0, 33  # factors, and how many are looked at, twice


def price_factors(base: ProjectResult) -> dict[str, float]:
    """The factor on all prices, nearest 1, at which each answer is at its goal; nan where there is none up to 2.

    Good to 0.002; `answers.break_even` finds all of them, and to more digits.
    """
    if not scaled(base, np.ones(1)):
        return {}
    found = dict.fromkeys(GOALS, nan)
    ends = {name: (LOWEST, HIGHEST) for name in GOALS if isfinite(float(np.asarray(base.answers[name])))}
    for _ in range(2):
        points = {name: np.linspace(*each, LOOKS) for name, each in ends.items()}
        if not points:
            break
        drawn = scaled(base, np.concatenate(list(points.values())))
        answers = evaluate(base.project, holding(base, drawn)).answers
        for k, (name, factors) in enumerate(points.items()):
            misses = np.asarray(answers[name])[k * LOOKS : (k + 1) * LOOKS] - GOALS[name]
            passed = _passed(factors, misses)
            found[name] = nan if passed is None else (passed[0] + passed[1]) / 2
            ends = ends | {name: passed} if passed else {other: end for other, end in ends.items() if other != name}
    return found


def scaled(base: ProjectResult, factors: Array) -> dict[str, Array]:
    """All prices times factors, as `evaluate` takes them."""
    found = {}
    for name, item in base.model.inputs.items():
        if any(fnmatchcase(name, pattern) for pattern in PRICES):
            found[name] = factors * item.value if isinstance(item, Input) else factors[:, None] * np.array(item.values)
    return found


def _passed(factors: Array, misses: Array) -> tuple[float, float] | None:
    """The two neighbours nearest 1 between which the goal is passed."""
    passed = np.flatnonzero(np.sign(misses[:-1]) * np.sign(misses[1:]) <= 0)
    if not len(passed):
        return None
    k = passed[np.argmin(np.abs(factors[passed] - 1))]
    return float(factors[k]), float(factors[k + 1])
