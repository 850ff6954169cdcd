"""What an estimate needs to know of a chip and of a model: peaks, sizes, shapes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from gigawatt.catalog import values_of

GIB = 2**30  # memory stacks are counted in binary gigabytes, whatever data sheets print
PRECISIONS = ("bf16", "fp8", "fp4", "int4")
FLOP_PER_WEIGHT = 2.0  # one product and one sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One accelerator package with its share of the server around it; peaks are dense."""

    name: str = "chip"
    bf16_flop_per_s: float
    fp8_flop_per_s: float = 0.0  # 0: no 8-bit path
    fp4_flop_per_s: float = 0.0  # 0: no 4-bit path
    memory_gb: float
    memory_bandwidth_gb_per_s: float
    scaleup_gb_per_s: float = 0.0  # both directions together, as data sheets print it
    scaleup_domain: float = 1.0  # chips joined by that link
    scaleout_gb_per_s: float = 100.0  # both directions; one 400 Gbit/s port per chip, as in H100 and MI300 servers
    tdp_w: float = 0.0  # package alone
    system_power_w: float = 0.0  # chip with its share of CPU, switches, fans
    price_usd: float = 0.0  # with its share of the server
    tile_rows: float = 16.0  # of the smallest matrix tile: fewer queries to a key are padded to it
    exponential_flop: float = 256.0  # matrix FLOP in the time of one softmax exponential
    link_latency: float = 1.0  # start of a collective over that of NVLink 4
    kernel_tables: float = 0.0  # 1: measured kernels of this chip went into the laws

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The chip called `name`, or by one of its aliases, in the catalog's table `chips`."""
        return cls(**values_of("chips", name, cls))

    @property
    def peaks(self) -> dict[str, float]:
        """Dense peak in FLOP/s by precision it computes in; 4-bit integer weights are computed in BF16."""
        known = {"bf16": self.bf16_flop_per_s, "fp8": self.fp8_flop_per_s, "fp4": self.fp4_flop_per_s}
        return {name: peak for name, peak in known.items() if peak > 0}

    def peak_flop_per_s(self, precision: str) -> float:
        """Dense peak in FLOP/s; ValueError where the chip has no such path."""
        if precision not in self.peaks:
            raise ValueError(f"{self.name}: no precision {precision!r}; has {', '.join(self.peaks)}")
        return self.peaks[precision]

    @property
    def best_precision(self) -> str:
        """The narrowest format the chip computes in: fp4, else fp8, else bf16."""
        return list(self.peaks)[-1]

    @property
    def memory_byte(self) -> float:
        """Bytes of memory: stacks are binary."""
        return self.memory_gb * GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A matrix product that each of `layers` layers has: `inputs` x `outputs` weights, per head where heads are given.

    Tensor parallelism splits it along its outputs, its inputs, or not at all (then it is repeated on every chip).
    """

    layers: float
    inputs: float
    outputs: float
    heads: float = 1.0
    split_inputs: bool = False
    split_outputs: bool = False
    in_bf16: bool = False  # kept in 16 bits whatever the precision

    @property
    def weights(self) -> float:
        """Weights over all layers."""
        return self.layers * self.heads * self.inputs * self.outputs

    @property
    def is_split(self) -> bool:
        """Whether tensor parallelism splits it."""
        return self.split_inputs or self.split_outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Shape of a decoder, as its published configuration gives it; counts, and values (not bytes).

    A layer has a mixer (full attention, attention in a window, or a linear one) and a feed-forward part (dense or
    experts). Where widths of the feed-forward parts are not given they follow from the two totals.
    """

    name: str = "model"
    layers: float
    hidden: float
    heads: float
    kv_heads: float = 1.0
    head_dim: float = 128.0  # mla: part of a key without position
    attention: str = "gqa"  # mha, gqa, mla
    attention_gate: float = 0.0  # 1: a gate as wide as the queries on what attention returns
    attention_layer_params: float = 0.0  # weights of one mixer where no rule below counts them right; 0: by rule
    kv_lora_rank: float = 0.0  # mla: width of the latent that is cached
    q_lora_rank: float = 0.0  # mla: width of the compressed query; 0: not compressed
    rope_dim: float = 0.0  # mla: width of the cached position key
    value_dim: float = 0.0  # mla: width of a value; 0: head_dim
    full_layers: float = -1.0  # with full attention; -1: all that are left
    window_layers: float = 0.0
    window_tokens: float = 0.0
    window_heads: float = 0.0  # 0: heads
    window_kv_heads: float = 0.0  # 0: kv_heads
    window_head_dim: float = 0.0  # 0: head_dim
    linear_layers: float = 0.0  # linear attention, state space and their kin
    linear_params: float = 0.0  # weights of one such mixer
    linear_state: float = 0.0  # values of its state per request
    index_heads: float = 0.0  # sparse attention: heads of the indexer; 0: none
    index_dim: float = 0.0
    index_top_tokens: float = 0.0  # tokens that attention then reads
    index_layers: float = 0.0  # layers with an indexer of their own; 0: all with full attention
    kv_entries_per_token: float = 1.0  # below 1 where neighbouring tokens share an entry of the cache
    experts: float = 0.0  # routed experts of a layer; 0: dense
    experts_active: float = 0.0  # routed experts per token
    shared_experts: float = 0.0
    expert_intermediate: float = 0.0
    shared_intermediate: float = 0.0  # of all shared experts; 0: shared_experts x expert_intermediate
    expert_hidden: float = 0.0  # width that experts see; 0: hidden
    intermediate: float = 0.0  # of a dense feed-forward part
    dense_layers: float = 0.0  # with a dense feed-forward part
    moe_layers: float = -1.0  # with experts; -1: all that are left
    ffn_matrices: float = 3.0  # 3 gated, 2 not
    draft_layers: float = 0.0  # multi-token-prediction layers that came with the weights
    vocab: float = 0.0
    tied_embeddings: float = 0.0  # 1: input and output vocabulary are one table
    params: float
    params_active: float
    context_tokens: float = 131_072.0  # longest context
    released_in: str = ""  # format of the published weights, where it binds: mxfp4, int4 ...
    experts_released_in: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.params_active <= self.params:
            raise ValueError(f"{self.name}: params_active {self.params_active:g} is not in 0 to params {self.params:g}")
        if self.experts > 0 and not 0 < self.experts_active <= self.experts:
            raise ValueError(f"{self.name}: experts_active {self.experts_active:g} is not in 1 to {self.experts:g}")

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The model called `name`, or by one of its aliases, in the catalog's table `models`."""
        return cls(**values_of("models", name, cls))

    @property
    def is_mla(self) -> bool:
        """Whether attention caches a latent."""
        return self.attention == "mla"

    @property
    def full_attention_layers(self) -> float:
        """Layers whose attention reads the whole context."""
        left = self.layers - self.window_layers - self.linear_layers
        return self.full_layers if self.full_layers >= 0 else left

    @property
    def expert_layers(self) -> float:
        """Layers with routed experts."""
        if self.experts <= 0:
            return 0.0
        return self.moe_layers if self.moe_layers >= 0 else self.layers - self.dense_layers

    @property
    def expert_params(self) -> float:
        """Weights of one routed expert summed over its layers.

        Without a width, from the two totals: params - params_active = (experts - experts_active) x this.
        """
        if self.expert_intermediate > 0:
            return self.expert_layers * self._ffn_params(self.expert_hidden or self.hidden, self.expert_intermediate)
        unused = self.experts - self.experts_active
        return (self.params - self.params_active) / unused if unused > 0 else 0.0

    @property
    def rest_intermediate(self) -> float:
        """Width of a feed-forward part in every layer that makes up what the totals leave; 0 where widths are given."""
        if (self.expert_intermediate if self.experts > 0 else self.intermediate) > 0:
            return 0.0
        tables = (2 - self.tied_embeddings) * self.head_params
        rest = self.params - self.experts * self.expert_params - self.attention_params - tables
        return max(rest, 0.0) / self._ffn_params(self.hidden, self.layers)

    @property
    def layers_with_dense(self) -> float:
        """Layers with a dense feed-forward part; all, where neither they nor experts are counted."""
        return self.dense_layers or self.layers - self.expert_layers

    def _ffn_params(self, hidden: float, intermediate: float) -> float:
        return self.ffn_matrices * hidden * intermediate

    @property
    def head_params(self) -> float:
        """Weights of the output vocabulary."""
        return self.vocab * self.hidden

    @property
    def attention_params(self) -> float:
        """Weights of the mixers' projections, all layers."""
        return sum(product.weights for product in self.mixer_products)

    @property
    def products(self) -> tuple[Product, ...]:
        """Matrix products of one pass, experts and vocabulary left out."""
        shared = self.shared_intermediate or self.shared_experts * self.expert_intermediate
        dense_layers = self.dense_layers if self.experts > 0 else self.layers_with_dense
        found = (
            *self.mixer_products,
            *self._ffn_products(self.layers, self.rest_intermediate),
            *self._ffn_products(dense_layers, self.intermediate),
        )
        if self.experts <= 0:
            return found
        router = Product(layers=self.expert_layers, inputs=self.hidden, outputs=self.experts, in_bf16=True)
        return (*found, *self._ffn_products(self.expert_layers, shared), router)

    def _ffn_products(self, layers: float, intermediate: float) -> tuple[Product, ...]:
        if layers <= 0 or intermediate <= 0:
            return ()
        up = Product(
            layers=layers, inputs=self.hidden, outputs=(self.ffn_matrices - 1) * intermediate, split_outputs=True
        )
        return (up, Product(layers=layers, inputs=intermediate, outputs=self.hidden, split_inputs=True))

    @property
    def mixer_products(self) -> tuple[Product, ...]:
        """Matrix products of the mixers."""
        found: list[Product] = []
        if self.full_attention_layers > 0:
            if self.is_mla:
                found += self._latent_products(self.full_attention_layers)
            else:
                found += self._attention_products(self.full_attention_layers, self.heads, self.kv_heads, self.head_dim)
            found += self._index_products(self.index_layers or self.full_attention_layers)
        if self.window_layers > 0:
            shape = (self.window_heads or self.heads, self.window_kv_heads or self.kv_heads, self.window_width)
            found += self._attention_products(self.window_layers, *shape)
        if self.attention_layer_params > 0:
            scale = self.attention_layer_params * (self.full_attention_layers + self.window_layers)
            scale /= sum(product.weights for product in found)
            found = [replace(product, outputs=product.outputs * scale) for product in found]
        if self.linear_layers > 0:
            widest = self.linear_params / self.hidden  # in and out together; the part out is about a third
            inside, out = widest * 2 / 3, widest / 3
            found.append(Product(layers=self.linear_layers, inputs=self.hidden, outputs=inside, split_outputs=True))
            found.append(Product(layers=self.linear_layers, inputs=out, outputs=self.hidden, split_inputs=True))
        return tuple(found)

    @property
    def window_width(self) -> float:
        """Head dimension of layers with a window."""
        return self.window_head_dim or self.head_dim

    def _attention_products(self, layers: float, heads: float, kv_heads: float, dim: float) -> list[Product]:
        width = dim * (heads * (1 + self.attention_gate) + 2 * kv_heads)
        return [
            Product(layers=layers, inputs=self.hidden, outputs=width, split_outputs=True),
            Product(layers=layers, inputs=heads * dim, outputs=self.hidden, split_inputs=True),
        ]

    def _latent_products(self, layers: float) -> list[Product]:
        """Down, up, the two absorbed products of each head, and out; the products down are repeated on each chip."""
        rank, value = self.kv_lora_rank, self.value_dim or self.head_dim
        # Latent attention without a published query rank is taken with three times the cached one (DeepSeek-V2, V3).
        query_rank = self.q_lora_rank or 3 * rank
        query = self.heads * (self.head_dim + self.rope_dim)
        gated = Product(layers=layers, inputs=self.hidden, outputs=self.heads * value, split_outputs=True)
        gate = [gated] if self.attention_gate else []
        return [
            Product(layers=layers, inputs=self.hidden, outputs=query_rank + rank + self.rope_dim),
            Product(layers=layers, inputs=query_rank, outputs=query, split_outputs=True),
            Product(layers=layers, inputs=self.head_dim, outputs=rank, heads=self.heads, split_outputs=True),
            Product(layers=layers, inputs=rank, outputs=value, heads=self.heads, split_outputs=True),
            Product(layers=layers, inputs=self.heads * value, outputs=self.hidden, split_inputs=True),
            *gate,
        ]

    def _index_products(self, layers: float) -> list[Product]:
        """A sparse attention's indexer: its queries from the compressed query, one key, head weights; not split."""
        if self.index_heads <= 0:
            return []
        return [
            Product(layers=layers, inputs=self.q_lora_rank or self.hidden, outputs=self.index_heads * self.index_dim),
            Product(layers=layers, inputs=self.hidden, outputs=self.index_dim + self.index_heads, in_bf16=True),
        ]

    @property
    def kv_values_per_token(self) -> float:
        """Cached values per token of layers with full attention; a latent for mla, else keys and values."""
        width = self.kv_lora_rank + self.rope_dim if self.is_mla else 2 * self.kv_heads * self.head_dim
        return self.full_attention_layers * self.kv_entries_per_token * width

    @property
    def window_values_per_token(self) -> float:
        """Cached values per token within the window, layers with a window."""
        return self.window_layers * 2 * (self.window_kv_heads or self.kv_heads) * self.window_width

    @property
    def index_values_per_token(self) -> float:
        """Cached values per token that a sparse attention's indexer scans."""
        layers = self.index_layers or self.full_attention_layers
        return layers * self.kv_entries_per_token * self.index_dim * (self.index_heads > 0)

    @property
    def prefill_attention_flop(self) -> float:
        """FLOP of one new token against one cached token, layers with full attention, heads expanded."""
        value = (self.value_dim or self.head_dim) if self.is_mla else self.head_dim
        key = self.head_dim + (self.rope_dim if self.is_mla else 0.0)
        layers = self.full_attention_layers * self.kv_entries_per_token
        return layers * FLOP_PER_WEIGHT * self.heads * (key + value)

    @property
    def decode_attention_flop(self) -> float:
        """As above in decode; latent attention works on the cached latent itself."""
        if self.is_mla:
            per_head = 2 * self.kv_lora_rank + self.rope_dim
            layers = self.full_attention_layers * self.kv_entries_per_token
            return layers * FLOP_PER_WEIGHT * self.heads * per_head
        return self.prefill_attention_flop

    @property
    def window_attention_flop(self) -> float:
        """FLOP of one new token against one token of the window, layers with a window."""
        return self.window_layers * FLOP_PER_WEIGHT * (self.window_heads or self.heads) * 2 * self.window_width

    @property
    def index_flop(self) -> float:
        """FLOP of one new token against one cached token in a sparse attention's indexer, all layers."""
        layers = self.index_layers or self.full_attention_layers
        return layers * self.kv_entries_per_token * FLOP_PER_WEIGHT * self.index_heads * self.index_dim

    def flop_per_token(self, context_tokens: float = 0.0) -> float:
        """FLOP of one forward token: 2 x active parameters, plus attention over `context_tokens`."""
        return FLOP_PER_WEIGHT * self.params_active + self.prefill_attention_flop * context_tokens
