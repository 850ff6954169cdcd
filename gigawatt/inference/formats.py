"""Formats of weights and caches: bytes per value, and what products in them reach on a chip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gigawatt.inference.shapes import Chip, Model

Number = Any
# Bytes per value. Four-bit formats carry scales: NVFP4 one byte for 16 values, MXFP4 one for 32, INT4 two for 64.
BYTES_PER_VALUE = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5625, "mxfp4": 0.53125, "int4": 0.53125}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How dense products are kept and computed: see `passes.products_s`."""

    byte: Number  # per weight
    in_byte: Number  # per value that comes in
    peak_flop_per_s: Number
    start_s: Number
    depth_s: Number  # per value that a product sums over
    bandwidth: Number  # share reached
    flop: Number  # share reached
    quantise_byte: Number  # moved to turn one value that comes in into the format


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertFormat:
    """How experts' grouped products are kept and computed: see `passes.experts_s`."""

    byte: Number
    peak_flop_per_s: Number
    start_s: Number
    bandwidth: Number
    flop: Number
    pad_rows: Number  # computed in vain by each expert that is touched
    row_values: Number  # of the hidden width, moved per row that is routed
    token_values: Number  # and per token that arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionFormat:
    """How the cache is kept and attention computed: see `passes.decode_attention_s` and `prefill_attention_s`."""

    byte: Number  # per cached value
    peak_flop_per_s: Number  # in decode
    start_s: Number
    depth_s: Number  # per token of context
    bandwidth: Number
    flop: Number
    pad_tokens: Number  # of cache, read in vain by each request
    prefill_start_s: Number
    prefill_pad_tokens: Number
    exponential: Number  # cost of exponentials over the machine's
    tail: Number  # prefill: weight of the longest row of tiles


def formats_of(model: Model, chip: Chip, precision: str) -> tuple[str, str]:
    """Formats of dense weights and of experts when `model` is served in `precision` on `chip`.

    Four-bit checkpoints of mixtures of experts keep attention in 16 bits.

    Raises:
        ValueError: A precision that the chip cannot compute or hold.
    """
    refuse_unknown(chip, precision)
    expert, released = precision, model.experts_released_in
    if model.experts > 0 and BYTES_PER_VALUE.get(released, 2.0) < 1 and (precision != "fp4" or released == "mxfp4"):
        expert = released if precision != "int4" else precision
    four_bit = BYTES_PER_VALUE[expert] < 1
    return ("bf16" if model.experts > 0 and four_bit else precision), expert


def cache_format(model: Model, precision: str, framework: str) -> str:
    """Format of the cache: 8 bits below bf16, but 16 in SGLang, which keeps heads as they were trained."""
    return "bf16" if precision == "bf16" or (framework == "sglang" and not model.is_mla) else "fp8"


def attention_format_of(model: Model, chip: Chip, precision: str, framework: str) -> AttentionFormat:
    """The numbers of attention and its cache on a chip."""
    from gigawatt.inference.factors import attention_kernels

    name = cache_format(model, precision, framework)
    kernel = attention_kernels()[f"{'mla' if model.is_mla else 'heads'}-{name}"]
    path = path_of(name, chip) if model.is_mla else "bf16"
    return AttentionFormat(
        byte=BYTES_PER_VALUE[name],
        peak_flop_per_s=peak_of(path, chip),
        start_s=kernel.start_us * 1e-6,
        depth_s=kernel.depth_ns * 1e-9,
        bandwidth=kernel.bandwidth,
        flop=kernel.flop_share,
        pad_tokens=kernel.pad_tokens,
        prefill_start_s=kernel.prefill_start_us * 1e-6,
        prefill_pad_tokens=kernel.prefill_pad_tokens,
        exponential=kernel.exponential,
        tail=kernel.tail,
    )


def refuse_unknown(chip: Chip, precision: str) -> None:
    """ValueError where `chip` can neither compute nor hold weights in `precision`."""
    known = allowed(chip)
    if precision not in known:
        raise ValueError(f"{chip.name}: no precision {precision!r}; has {', '.join(known)}")


def allowed(chip: Chip) -> tuple[str, ...]:
    """Precisions in which a chip serves: its own, and 4-bit weights that are widened before they are used."""
    return (*chip.peaks, *(p for p in ("fp4", "int4") if p not in chip.peaks))


def path_of(name: str, chip: Chip) -> str:
    """The precision that computes a format on a chip; without a path of its own a format is widened to BF16."""
    computed = {"mxfp4": "fp4", "int4": "bf16"}.get(name, name)
    return computed if computed in chip.peaks else "bf16"


def peak_of(path: str, chip: Chip) -> float:
    """Dense peak that kernels of a path can aim at, in FLOP/s."""
    peak = chip.peaks[path]
    from gigawatt.catalog import fact

    if path != "fp4":
        return peak
    return min(peak, float(fact("kernels", "dense-fp4", "peak_over_bf16").value) * chip.bf16_flop_per_s)


def format_of(name: str, chip: Chip) -> Format:
    """The numbers of a dense format on a chip."""
    from gigawatt.inference.factors import dense_kernels

    path = path_of(name, chip)
    widened = BYTES_PER_VALUE[name] < 1 and path == "bf16"
    kernel = dense_kernels()["int4" if widened else path]
    return Format(
        byte=BYTES_PER_VALUE[name],
        in_byte=BYTES_PER_VALUE[path],
        peak_flop_per_s=peak_of(path, chip),
        start_s=kernel.start_us * 1e-6,
        depth_s=kernel.depth_ns * 1e-9,
        bandwidth=kernel.bandwidth,
        flop=kernel.flop_share,
        quantise_byte=kernel.quantise_byte,
    )


def expert_format_of(name: str, chip: Chip) -> ExpertFormat:
    """The numbers of an expert format on a chip; MXFP4 is computed in 8 bits where 4 bits have a path, else in 16."""
    from gigawatt.inference.factors import expert_kernels

    path, key = path_of(name, chip), name
    if name == "mxfp4":
        path, key = ("fp8", "mxfp4-fp8") if path == "fp4" else ("bf16", "mxfp4-bf16")
    elif name == "fp4" and path == "bf16":
        key = "mxfp4-bf16"
    kernel = expert_kernels()[key]
    return ExpertFormat(
        byte=BYTES_PER_VALUE[name],
        peak_flop_per_s=peak_of(path, chip),
        start_s=kernel.start_us * 1e-6,
        bandwidth=kernel.bandwidth,
        flop=kernel.flop_share,
        pad_rows=kernel.pad_rows,
        row_values=kernel.row_values,
        token_values=kernel.token_values,
    )
