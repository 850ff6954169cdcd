"""The best hourly dispatch of given capacities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What every part of a system does in every hour. T hours, K free and M firm sources, S stores; powers in MW."""

    free_mw: Array  # (T, K), what the built capacities could give; what is not needed is in `curtailed_mw`
    firm_mw: Array  # (T, M)
    charge_mw: Array  # (T, S), taken from the bus
    discharge_mw: Array  # (T, S), given to the bus
    stored_mwh: Array  # (T, S), at the end of the hour
    shed_mw: Array  # (T,), load not served
    curtailed_mw: Array  # (T,), surplus not used
    price_usd_per_mwh: Array  # (T,), what one more MWh of load would cost
    worth_usd_per_mwh: Array  # (T, S), of one more MWh in the store at the start of the hour
    cost_usd: float  # of all hours, capital left out
    method: str  # "chain" or "program"
    gap: float  # (cost - proved bound) / cost
