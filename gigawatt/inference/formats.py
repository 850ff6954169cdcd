"""Formats of weights and caches: bytes per value, and the peak they are computed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gigawatt.inference.shapes import Chip, Model

Number = Any
# Bytes per value. Four-bit formats carry scales: NVFP4 one byte for 16 values, MXFP4 one for 32, INT4 two for 64.
BYTES_PER_VALUE = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5625, "mxfp4": 0.53125, "int4": 0.53125}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a value is kept and computed on one chip; see `kernels.KERNELS` for the shares."""

    byte: Number  # per value
    peak_flop_per_s: Number  # of the path that computes it
    start_s: Number
    bandwidth: Number  # share that reading reaches
    flop: Number  # share of the peak that a matrix product reaches
    expert_flop: Number  # the same for grouped products of experts


def formats_of(model: Model, chip: Chip, precision: str) -> tuple[str, str, str]:
    """Formats of dense weights, of experts and of the cache when `model` is served in `precision` on `chip`.

    Four-bit checkpoints of mixtures of experts keep attention in 16 bits; the cache is kept in 8 bits below bf16.

    Raises:
        ValueError: A precision that the chip cannot compute or hold.
    """
    refuse_unknown(chip, precision)
    expert = precision
    if model.experts > 0 and model.experts_released_in in BYTES_PER_VALUE:
        expert = model.experts_released_in
    four_bit = BYTES_PER_VALUE[expert] < 1
    dense = "bf16" if model.experts > 0 and four_bit else precision
    return dense, expert, "bf16" if precision == "bf16" else "fp8"


def refuse_unknown(chip: Chip, precision: str) -> None:
    """ValueError where `chip` can neither compute nor hold weights in `precision`."""
    known = allowed(chip)
    if precision not in known:
        raise ValueError(f"{chip.name}: no precision {precision!r}; has {', '.join(known)}")


def allowed(chip: Chip) -> tuple[str, ...]:
    """Precisions in which a chip serves: its own, and 4-bit weights that are widened before they are used."""
    return (*chip.peaks, *(p for p in ("fp4", "int4") if p not in chip.peaks))


def format_of(name: str, chip: Chip) -> Format:
    """The numbers of a format on a chip; a format without a path of its own is widened to BF16."""
    from gigawatt.inference.factors import kernels

    computed = {"mxfp4": "fp4", "int4": "bf16"}.get(name, name)
    if computed not in chip.peaks:
        computed = "bf16"
    kernel = kernels()
    return Format(
        byte=BYTES_PER_VALUE[name],
        peak_flop_per_s=chip.peaks[computed],
        start_s=kernel[name if name in kernel else "fp4"].start_s,
        bandwidth=kernel[name if name in kernel else "fp4"].bandwidth,
        flop=kernel[computed].flop,
        expert_flop=kernel["int4" if name == "int4" else computed].expert_flop,
    )
