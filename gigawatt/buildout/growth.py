"""How a supply grows: as announced, then as fast as its makers can; and what is left of it for one buyer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gigawatt.buildout.weekly_supply import fastest_growth

Array = np.ndarray


def grown(now: float, growth_per_year: float, scale: float, weeks: int, first_week: int = 0) -> Array:
    """Capacity in each of `weeks` weeks from `first_week` on, `now` in week 0, while makers expand as fast as they can.

    Growth a year = fastest / (1 + capacity / scale), the rule of the weekly world with a long backlog. Weeks before 0
    run the same rule backwards.
    """

    def faster(capacity: float) -> float:
        return 1.0 + fastest_growth(growth_per_year, capacity / scale)

    out, level = np.empty(weeks), now
    for w in range(-1, first_week - 1, -1):
        level /= faster(level)
        if w - first_week < weeks:
            out[w - first_week] = level
    level = now
    for w in range(first_week + weeks):
        if w >= first_week:
            out[w - first_week] = level
        level *= faster(level)
    return out


def ramped(
    now: float, announced: Sequence[tuple[float, float]], growth_per_year: float, scale: float, weeks: int,
    first_week: int = 0,
) -> Array:  # fmt: skip
    """As `grown`, but through the `announced` (week, capacity) points first, in straight lines; grown from the last.

    What was announced for week 0 or before is taken to be part of `now`.
    """
    announced = [(at, capacity) for at, capacity in announced if at > 0.0]
    if not announced:
        return grown(now, growth_per_year, scale, weeks, first_week)
    at, levels = zip(*sorted(announced), strict=True)
    week = first_week + np.arange(weeks)
    last = round(at[-1])
    later = grown(levels[-1], growth_per_year, scale, max(1, first_week + weeks - last))
    out = np.interp(week, (0.0, *at), (now, *levels))
    before = grown(now, growth_per_year, scale, weeks, first_week)
    out = np.where(week < 0, before, out)
    return np.where(week > last, later[np.clip(week - last, 0, len(later) - 1)], out)
