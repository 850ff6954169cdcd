"""Load that waits, as a store that is full while nothing waits: how much may wait, and how fast it is caught up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.power.load import Flexible, Load

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Limits of one part of a load that waits, the same in all hours."""

    put_off_mw: float  # of what is due in an hour
    catch_up_mw: float  # beyond what is due in an hour
    waiting_mwh: float


def waiting(load: Load, part: Flexible) -> Waiting:
    """What keeps a part that waits within its window and the site within its chips.

    Work that is put off is part of what is due, so it is at most the part's share of the smallest hour. Work waits no
    longer than `hours` if the oldest runs first and never more waits than fell due within the last `hours`, so at
    most what falls due in the quietest such window of the year. What is caught up runs beside what is due, on chips
    that the largest hour leaves idle; several parts share them. A load that stops for an hour has nothing that waits.
    """
    at_once = sum(other.share for other in load.flexible if other.kind == "delay")
    return Waiting(
        put_off_mw=part.share * float(load.site_mw.min()),
        catch_up_mw=part.headroom * float(load.site_mw.max()) * part.share / at_once if at_once > 0 else 0.0,
        waiting_mwh=part.share * _quietest_mwh(load.site_mw, part.hours),
    )


def _quietest_mwh(load_mw: Array, hours: float) -> float:
    """At most the energy of any window of so many hours; exact for whole hours."""
    whole = min(int(hours), len(load_mw))
    total = np.concatenate([[0.0], np.cumsum(load_mw)])
    rest = min(hours, len(load_mw)) - whole
    return float((total[whole:] - total[: len(total) - whole]).min() + rest * load_mw.min())
