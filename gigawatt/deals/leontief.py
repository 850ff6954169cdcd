"""Input-output analysis: what must be made in all so that a final demand can be met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.deals.flows import Array, in_line, square


@dataclass(frozen=True, slots=True, kw_only=True)
class InputOutput:
    """Gross output by sector and the matrix that leads to it."""

    inverse: Array  # (1 - A)^-1: output of sector i for one unit of final demand of sector j
    output_usd: Array  # gross output of each sector

    @property
    def gross_output(self) -> Array:
        """Gross output of each sector, in the unit of demand: another name of `output_usd`."""
        return self.output_usd

    @property
    def multipliers(self) -> Array:
        """Output of all sectors for one unit of final demand of each, shape (sectors,)."""
        sums: Array = self.inverse.sum(axis=0)
        return sums


def leontief(coefficients: ArrayLike, demand: ArrayLike) -> InputOutput:
    """Gross output of each sector that leaves `demand` after what the sectors use themselves: x = A x + d.

    Args:
        coefficients: A, shape (sectors, sectors): [i, j] is what sector j uses of sector i for one unit of output.
        demand: d, final demand by sector, in USD, shape (sectors,); one number for all.

    Raises:
        ValueError: Shapes do not match, a coefficient is negative, or the economy uses up all it makes or more, to
            1e-12, so that no output meets some demand (Hawkins and Simon 1949).

    Source: Leontief's open model; Hawkins and Simon 1949, doi:10.2307/1905526.
    """
    uses, final = square(coefficients, "coefficients"), in_line(demand)
    final = np.full(len(uses), final) if final.ndim == 0 else final
    if final.shape != (len(uses),):
        raise ValueError(f"demand must have one amount for each of {len(uses)} sectors, shape is {final.shape}")
    if not np.isfinite(uses).all() or (uses < 0.0).any() or not np.isfinite(final).all():
        raise ValueError("coefficients must be finite and 0 or more, demand finite")
    inverse = settled_inverse(uses)
    if inverse is None:
        raise ValueError(
            "the sectors use up all they make, or more, or so nearly all that float64 cannot tell: "
            "no output meets the demand"
        )
    return InputOutput(inverse=inverse, output_usd=inverse @ final)


def settled_inverse(shares: Array) -> Array | None:
    """1 + A + A^2 + ... = (1 - A)^-1 of a matrix without negative entries; None where the sum does not settle."""
    try:
        inverse: Array = np.linalg.inv(np.eye(len(shares)) - shares).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    # The sum settles if and only if 1 - A has an inverse without negative entries; 1e12 turns is for ever in float64.
    size = np.abs(inverse).max(initial=1.0)
    return None if not np.isfinite(size) or size > 1e12 or (inverse < -1e-12 * size).any() else inverse
