"""Tokens per second, latency and energy of a model on a chip: a roofline of prefill and decode."""

from gigawatt.inference.roofline import Efficiency, batch_that_fits, decode_step_s, experts_touched, fits, prefill_s
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import (
    NO_SPECULATION,
    Serving,
    Speculation,
    Tier,
    catalog_table,
    serve,
    tokens_per_s_per_chip_table,
)

__all__ = [
    "NO_SPECULATION",
    "Chip",
    "Efficiency",
    "Model",
    "Serving",
    "Speculation",
    "Tier",
    "batch_that_fits",
    "catalog_table",
    "decode_step_s",
    "experts_touched",
    "fits",
    "prefill_s",
    "serve",
    "tokens_per_s_per_chip_table",
]
