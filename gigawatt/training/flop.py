"""FLOP of a training run, and the sizes of a model that they follow from.

    C = 6 N D (1 + s / (12 h))        N active parameters, D tokens, s context, h hidden width

6 N D: 2 FLOP forward and 4 backward for each active parameter and token. Causal attention adds 6 L s h for each token,
which is s / (12 h) of 6 N where N = 12 L h^2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from typing import Self

from gigawatt.catalog import CatalogError, by_name, facts, items, plain, value
from gigawatt.errors import GigawattError, nearest

FLOP_PER_PARAM_TOKEN = 6.0  # 2 forward, 4 backward
MATRICES_PER_LAYER = 12.0  # 4 h^2 of attention and 8 h^2 of feed-forward weights
SIZE = re.compile(r"(\d+(?:\.\d+)?)([mbt]?)", re.IGNORECASE)
SCALE = {"": 1.0, "m": 1e6, "b": 1e9, "t": 1e12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What training needs to know of a model."""

    name: str = "model"
    params: float  # all of them
    params_active: float  # those that one token uses

    def __post_init__(self) -> None:
        if not 0 < self.params_active <= self.params < inf:
            raise ValueError(
                f"{self.name}: {self.params_active:g} active parameters must be above 0 and at most {self.params:g}"
            )

    @classmethod
    def named(cls, text: str) -> Self:
        """The size of a catalog model, of a published run, or as written: `70B`, `671B/37B` (total/active)."""
        for table in ("models", "training_runs"):
            item = by_name(table).get(plain(text))
            if item is not None:
                found = facts(table, item)
                total, active = (float(found[name].value) for name in ("params", "params_active"))
                return cls(name=text, params=total, params_active=active)
        return cls._written(text)

    @classmethod
    def _written(cls, text: str) -> Self:
        found = [SIZE.fullmatch(part.strip()) for part in text.split("/")]
        if len(found) > 2 or any(part is None for part in found):
            near = nearest(text, (*items("models"), *items("training_runs")))
            hint = f"; did you mean {near!r}?" if near else ""
            raise GigawattError(f"unknown model {text!r}{hint}; a size reads 70B, or 671B/37B (total/active)")
        numbers = [float(part[1]) * SCALE[part[2].lower()] for part in found if part]
        if not 0 < numbers[-1] <= numbers[0] < inf:
            raise GigawattError(f"model {text!r}: active parameters must be above 0 and at most the total")
        return cls(name=text, params=numbers[0], params_active=numbers[-1])

    @property
    def hidden(self) -> float:
        """Hidden width of a dense decoder of this many active parameters and the usual number of layers."""
        return float((self.params_active * number("shape", "hidden_per_layer") / MATRICES_PER_LAYER) ** (1 / 3))

    @property
    def sparsity(self) -> float:
        """Total over active parameters; 1 when dense."""
        return self.params / self.params_active


def amount(text: str) -> float:
    """A number such as `15T`, `300B`, `4096` or `1e26`."""
    found = SIZE.fullmatch(text.strip())
    try:
        value = float(found[1]) * SCALE[found[2].lower()] if found else float(text.replace(",", ""))
    except ValueError:
        value = 0.0
    if not 0 < value < inf:
        raise GigawattError(f"{text!r} is no amount above 0; write 15T, 300B, 4096 or 1e26")
    return value


def training_flop(params_active: float, tokens: float) -> float:
    """FLOP of a training run: 6 x active parameters x tokens; attention and recomputation left out."""
    return FLOP_PER_PARAM_TOKEN * params_active * tokens


def attention_share(size: Size, context_tokens: float) -> float:
    """FLOP of causal attention over 6 N D."""
    return context_tokens / (MATRICES_PER_LAYER * size.hidden)


def run_flop(size: Size, tokens: float, context_tokens: float) -> float:
    """FLOP of a training run with attention, without recomputation."""
    return training_flop(size.params_active, tokens) * (1 + attention_share(size, context_tokens))


def number(item: str, attribute: str) -> float:
    """A number of the catalog's table `training`."""
    found = value("training", item, attribute)
    if isinstance(found, str):
        raise CatalogError(f"training {item} {attribute}: {found!r} is not a number")
    return found
