"""What a carbon-free share costs: the least-cost plans along a row of targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gigawatt.power.load import Load
from gigawatt.power.options import Option
from gigawatt.power.plan import Method, PowerPlan, size
from gigawatt.power.site import SiteYear
from gigawatt.power.targets import Targets, Terms

SHARES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


def pareto(
    site: SiteYear | str,
    load: Load | float | str,
    options: str | Sequence[Option | str],
    *,
    shares: Sequence[float] = SHARES,
    targets: Targets | None = None,
    terms: Terms | None = None,
    tolerance: float = 1e-5,
    method: Method = "auto",
    progress: Callable[[str], None] | None = None,
) -> tuple[PowerPlan, ...]:
    """The cheapest plan for each carbon-free share of the load, matched hour by hour; cost never falls along the row.

    Each plan starts from the proof of the one before it. A share that the cheapest plan reaches anyway gives that plan.

    Args:
        site: A year of weather, prices and carbon, or its name.
        load: The load by hour, or its size.
        options: What may be built or bought.
        shares: Carbon-free shares, 0 to 1, in rising order.
        targets: What else it must reach.
        terms: Prices and cost of money.
        tolerance: The gap to prove of each plan, as a share of its cost.
        method: As `size` takes it.
        progress: Told in a line which share is sized.

    Raises:
        SolveError: A share cannot be reached with these options.
        ValueError: Shares fall or are outside 0 to 1.
    """
    if list(shares) != sorted(shares) or not all(0.0 <= share <= 1.0 for share in shares):
        raise ValueError(f"shares must rise from 0 to 1, got {', '.join(f'{share:g}' for share in shares)}")
    plans: list[PowerPlan] = []
    for share in shares:
        if progress is not None:
            progress(f"carbon-free share {share:.0%}")
        wanted = replace(targets or Targets(), carbon_free_hourly=share or None)
        last = plans[-1] if plans else None
        plans.append(
            size(site, load, options, targets=wanted, terms=terms, tolerance=tolerance, method=method, warm=last)
        )
    return tuple(plans)
