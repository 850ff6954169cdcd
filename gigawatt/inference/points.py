"""Serving points as numbers: what the physics reads of a model, a chip, its formats, its layout and its load.

Every field is a number or an array; arrays of one length are as many points, numbers hold for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self, TypeVar

import numpy as np

from gigawatt.inference.factors import LINKS
from gigawatt.inference.formats import (
    AttentionFormat,
    ExpertFormat,
    Format,
    attention_format_of,
    expert_format_of,
    format_of,
    formats_of,
)
from gigawatt.inference.shapes import Chip, Model
from gigawatt.units import BYTES_PER_GB

Number = Any  # float, or array of floats
FRAMEWORKS = ("vllm", "sglang", "trtllm")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A model as sums over its layers, in values (not bytes) and FLOP."""

    layers: Number
    hidden: Number
    vocab_params: Number  # of one table
    vocab_tables: Number  # 2, or 1 where input and output share it
    split_params: Number  # products that every token meets and tensor parallelism splits
    repeated_params: Number  # those that each chip repeats
    kept_params: Number  # of either, kept in BF16
    wide_in: Number  # widths of a token's inputs and outputs of these products, over all layers, whole ...
    wide_out: Number
    split_in: Number  # ... and split
    split_out: Number
    products: Number  # how many
    expert_params: Number  # one routed expert, over its layers
    expert_layers: Number
    expert_hidden: Number
    experts: Number
    experts_active: Number
    kernels: Number  # launches of a pass, as a measure of host time
    full_layers: Number
    window_layers: Number
    mixers: Number  # layers with attention or its kin
    feed_forwards: Number  # dense or with experts
    heads: Number
    is_mla: Number
    kv_heads: Number  # that tensor parallelism can split; 1 for a latent
    kv_values: Number  # per token, layers with full attention
    window_values: Number
    window_heads: Number  # key heads of layers with a window, that tensor parallelism can split
    window_tokens: Number
    index_values: Number
    index_flop: Number
    index_layers: Number
    top_tokens: Number  # infinite where attention is not sparse
    state_values: Number  # per request, layers with linear attention
    linear_layers: Number
    prefill_flop: Number  # per new and cached token
    decode_flop: Number
    window_flop: Number
    draft_layers: Number

    @classmethod
    def of(cls, model: Model) -> Self:
        """The sums of `model`."""
        many = model.products
        split = [one for one in many if one.is_split]
        repeated = [one for one in many if not one.is_split]
        return cls(
            layers=model.layers,
            hidden=model.hidden,
            vocab_params=model.head_params,
            vocab_tables=2.0 - model.tied_embeddings,
            split_params=sum(one.weights for one in split),
            repeated_params=sum(one.weights for one in repeated if not one.in_bf16),
            kept_params=sum(one.weights for one in repeated if one.in_bf16),
            wide_in=sum(one.layers * one.heads * one.inputs for one in many if not one.split_inputs),
            wide_out=sum(one.layers * one.heads * one.outputs for one in many if not one.split_outputs),
            split_in=sum(one.layers * one.heads * one.inputs for one in many if one.split_inputs),
            split_out=sum(one.layers * one.heads * one.outputs for one in many if one.split_outputs),
            products=sum(one.layers for one in many),
            expert_params=model.expert_params,
            expert_layers=model.expert_layers,
            expert_hidden=model.expert_hidden or model.hidden,
            experts=max(model.experts, 1.0),
            experts_active=max(model.experts_active, 1.0),
            kernels=sum(one.layers for one in many) + model.expert_layers,
            full_layers=model.full_attention_layers,
            window_layers=model.window_layers,
            mixers=model.full_attention_layers + model.window_layers + model.linear_layers,
            feed_forwards=model.expert_layers + (model.dense_layers if model.experts > 0 else model.layers_with_dense),
            heads=model.heads,
            is_mla=float(model.is_mla),
            kv_heads=1.0 if model.is_mla else model.kv_heads,
            kv_values=model.kv_values_per_token,
            window_values=model.window_values_per_token,
            window_heads=model.window_kv_heads or model.kv_heads,
            window_tokens=model.window_tokens,
            index_values=model.index_values_per_token,
            index_flop=model.index_flop,
            index_layers=(model.index_layers or model.full_attention_layers) * (model.index_heads > 0),
            top_tokens=model.index_top_tokens or float("inf"),
            state_values=model.linear_layers * model.linear_state,
            linear_layers=model.linear_layers,
            prefill_flop=model.prefill_attention_flop,
            decode_flop=model.decode_attention_flop,
            window_flop=model.window_attention_flop,
            draft_layers=model.draft_layers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A chip's peaks, in bytes and FLOP a second."""

    bf16_flop_per_s: Number
    memory_byte: Number
    memory_byte_per_s: Number
    link_byte_per_s: Number  # one direction
    domain: Number
    scaleout_byte_per_s: Number  # one direction
    tile_rows: Number
    exponential_flop: Number
    link_latency: Number

    @classmethod
    def of(cls, chip: Chip) -> Self:
        """The peaks of `chip`."""
        return cls(
            bf16_flop_per_s=chip.bf16_flop_per_s,
            memory_byte=chip.memory_byte,
            memory_byte_per_s=chip.memory_bandwidth_gb_per_s * BYTES_PER_GB,
            link_byte_per_s=max(chip.scaleup_gb_per_s, 2 * LINKS.pcie_gb_per_s) / 2 * BYTES_PER_GB,
            domain=max(chip.scaleup_domain, 1.0),
            scaleout_byte_per_s=chip.scaleout_gb_per_s / 2 * BYTES_PER_GB,
            tile_rows=chip.tile_rows,
            exponential_flop=chip.exponential_flop,
            link_latency=chip.link_latency,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the weights are spread: `tp` chips share each attention replica, `dp` replicas, `pp` stages in a row.

    Experts are spread over `ep` groups, each split `moe_tp` ways; ep x moe_tp = tp x dp.
    """

    tp: Number = 1.0
    dp: Number = 1.0
    pp: Number = 1.0
    ep: Number = 1.0

    @property
    def group(self) -> Number:
        """Chips of one stage."""
        return self.tp * self.dp

    @property
    def chips(self) -> Number:
        """Chips in all."""
        return self.tp * self.dp * self.pp

    @property
    def moe_tp(self) -> Number:
        """Ways that each expert is split."""
        return self.tp * self.dp / self.ep


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A closed loop of `users` who each send a prompt, read the answer, and send the next."""

    users: Number
    input_tokens: Number
    output_tokens: Number
    cached_share: Number = 0.0  # of the prompt found in a prefix cache
    drafted: Number = 0.0  # tokens guessed ahead in each step; 0: no speculation
    accepted: Number = 0.0  # tokens that a step then yields; 0: as fitted
    disaggregated: Number = 0.0  # 1: prompts are read on other chips
    synchronised: Number = 0.0  # 1: all lengths equal, as in some benchmarks, so that users keep in step


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Serving points, ready for `latency`."""

    shape: Shape
    machine: Machine
    dense: Format  # attention and shared weights
    expert: ExpertFormat
    attention: AttentionFormat
    layout: Layout
    load: Load
    trtllm: Number = 0.0  # 1 where TensorRT-LLM serves
    sglang: Number = 0.0

    @property
    def context_tokens(self) -> Number:
        """Mean tokens in a request's cache while its answer is written."""
        return self.load.input_tokens + self.load.output_tokens / 2


def point(model: Model, chip: Chip, precision: str, layout: Layout, load: Load, framework: str = "vllm") -> Points:
    """A serving point, or as many as the arrays in `layout` and `load` are long."""
    shape, machine, dense, expert, attention = _facts(model, chip, precision, framework)
    return Points(
        shape=shape,
        machine=machine,
        dense=dense,
        expert=expert,
        attention=attention,
        layout=layout,
        load=load,
        trtllm=float(framework == "trtllm"),
        sglang=float(framework == "sglang"),
    )


@cache
def _facts(
    model: Model, chip: Chip, precision: str, framework: str
) -> tuple[Shape, Machine, Format, ExpertFormat, AttentionFormat]:
    dense, expert = formats_of(model, chip, precision)
    return (
        Shape.of(model),
        Machine.of(chip),
        format_of(dense, chip),
        expert_format_of(expert, chip),
        attention_format_of(model, chip, precision, framework),
    )


def stack(items: Sequence[T]) -> T:
    """One item whose numbers are arrays of the items' numbers, in their order."""
    first = items[0]
    values: dict[str, Any] = {}
    for f in fields(first):  # type: ignore[arg-type]
        column = [getattr(item, f.name) for item in items]
        nested = hasattr(column[0], "__dataclass_fields__")
        values[f.name] = stack(column) if nested else np.array(column, float)
    return type(first)(**values)


def take(item: T, rows: np.ndarray) -> T:
    """The chosen rows of a stacked item."""
    values: dict[str, Any] = {}
    for f in fields(item):  # type: ignore[arg-type]
        value = getattr(item, f.name)
        if hasattr(value, "__dataclass_fields__"):
            values[f.name] = take(value, rows)
        else:
            values[f.name] = value[rows] if isinstance(value, np.ndarray) else value
    return type(item)(**values)
