"""Tokens per second, latency and energy of a model on a chip: a roofline of prefill and decode."""

from gigawatt.inference.roofline import Efficiency, batch_that_fits, decode_step_s, experts_touched, fits, prefill_s
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import Serving, Tier, catalog_table, serve, tokens_per_s_per_chip_table

__all__ = [
    "Chip",
    "Efficiency",
    "Model",
    "Serving",
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
