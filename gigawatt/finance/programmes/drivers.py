"""Which doubt decides: how closely the need of a programme follows each of its uncertain numbers."""

from __future__ import annotations

import numpy as np

from gigawatt.finance.programmes.answers import low_point_usd
from gigawatt.finance.programmes.fund import Funding

FEWEST = 30  # draws below which a rank correlation says nothing


def drivers(funding: Funding) -> dict[str, float]:
    """Standardised rank regression of the low point of cash on the doubts, the closest first, about -1 to 1.

    All doubts are fitted at once, so that one which only shares its luck with another does not count. Empty with fewer
    than FEWEST draws. Source: Saltelli et al. 2008, Global Sensitivity Analysis, chapter 1, doi:10.1002/9780470725184.
    """
    names = [doubt.name for doubt in funding.programme.doubts]
    if funding.draws < FEWEST or not names:
        return {}
    columns = np.stack([_standard(_ranks(funding.luck[name])) for name in names], axis=1)
    fitted = np.linalg.lstsq(columns, _standard(_ranks(low_point_usd(funding))), rcond=None)[0]
    return dict(sorted(zip(names, fitted.tolist(), strict=True), key=lambda pair: -abs(pair[1])))


def _standard(values: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1; all 0 where all are equal."""
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-12))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0 on; equal values share the mean of theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts + 1) / 2)[where])
