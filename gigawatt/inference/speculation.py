"""Speculation: tokens that a decode step yields when further ones are guessed and checked with it.

A guess is kept only where all before it are: with `a` the chance of each, d guesses yield 1 + a + a^2 ... + a^d tokens.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.inference.factors import FITTED, Factors

Number = Any
DRAFTS = (0, 1, 2, 3)  # tokens drafted in a step that a search tries
MOST_DRAFTED = 8  # tokens: longer drafts are hardly ever right to their end
SURE = 1.0 - 1e-9  # chance of a guess, at most: the sum has no closed form at 1


def accepted_tokens(drafted: Number, k: Factors = FITTED) -> Number:
    """Tokens that a step with `drafted` guesses yields: 1 without any, never above 1 + `drafted`.

    The chance of a guess follows from what a step with two of them was fitted to yield.
    """
    more = np.maximum(k.accepted - 1.0, 0.0)
    a = np.minimum((np.sqrt(1.0 + 4.0 * more) - 1.0) / 2.0, SURE)  # a + a^2 = more
    return np.minimum((1.0 - a ** (drafted + 1.0)) / (1.0 - a), 1.0 + drafted)
