"""What is asked of a serving point: a load that makes sense, and why one does not."""

from __future__ import annotations

from math import inf
from typing import Any

from gigawatt.errors import nearest
from gigawatt.inference.points import FRAMEWORKS, Load
from gigawatt.inference.shapes import Model
from gigawatt.inference.speculation import MOST_DRAFTED, accepted_tokens

Number = Any


def load_of(
    users: Number,
    input_tokens: float,
    output_tokens: float,
    cached_share: float = 0.0,
    drafted: Number = 0,
    accepted: float | None = None,
    disaggregated: bool = False,
) -> Load:
    """The load, with tokens that a step yields as fitted unless given."""
    return Load(
        users=users,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_share=cached_share,
        drafted=drafted,
        accepted=accepted if accepted is not None else accepted_tokens(drafted),
        disaggregated=float(disaggregated),
    )


def refuse_framework(framework: str) -> None:
    """ValueError where the serving software is not known."""
    if framework not in FRAMEWORKS:
        near = nearest(framework, FRAMEWORKS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise ValueError(f"unknown framework {framework!r}{hint} (known: {', '.join(FRAMEWORKS)})")


def refuse_load(model: Model, load: Load) -> None:
    """ValueError where lengths, users or speculation make no sense; the text says what is allowed."""
    for name, tokens in (("input_tokens", load.input_tokens), ("output_tokens", load.output_tokens)):
        if not 1 <= tokens < inf:
            raise ValueError(f"{name} {tokens:g} is not at least 1")
    asked = load.input_tokens + load.output_tokens
    if asked > model.context_tokens:
        raise ValueError(
            f"input_tokens + output_tokens = {asked:,.0f} exceed the longest context of {model.name}, "
            f"{model.context_tokens:,.0f} tokens"
        )
    if not (1 <= load.users < inf and load.users == int(load.users)):
        raise ValueError(f"concurrency {load.users:g} is not a whole number of at least 1")
    if not 0 <= load.cached_share < 1:
        raise ValueError(f"cached_share {load.cached_share:g} is not in 0 to below 1")
    if not (0 <= load.drafted <= MOST_DRAFTED and load.drafted == int(load.drafted)):
        raise ValueError(f"speculation {load.drafted:g} is not a whole number of drafted tokens, 0 to {MOST_DRAFTED}")
    if not 1 <= load.accepted <= 1 + load.drafted:
        raise ValueError(f"accepted {load.accepted:g} is not in 1 to 1 + speculation = {1 + load.drafted:g}")
