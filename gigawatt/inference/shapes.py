"""What a roofline needs to know of a chip and of a model: peaks, sizes, shapes."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

# Bytes per value. FP4 carries one 8-bit scale per 16 values (NVFP4): (16 * 4 + 8) / 16 / 8.
BYTES_PER_VALUE = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5625}


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
    system_power_w: float = 0.0  # chip with its share of CPU, switches, fans

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The chip called `name` in the catalog's table `chips`."""
        return cls(name=name, **catalog_values("chips", name, cls))

    def peak_flop_per_s(self, precision: str) -> float:
        """Dense peak in FLOP/s; ValueError where the chip has no such path."""
        peaks = {"bf16": self.bf16_flop_per_s, "fp8": self.fp8_flop_per_s, "fp4": self.fp4_flop_per_s}
        peak = peaks.get(precision, 0.0)
        if peak <= 0:
            known = ", ".join(name for name, value in peaks.items() if value > 0)
            raise ValueError(f"{self.name}: no precision {precision!r}; has {known}")
        return peak

    @property
    def best_precision(self) -> str:
        """The narrowest format the chip computes in: fp4, else fp8, else bf16."""
        if self.fp4_flop_per_s > 0:
            return "fp4"
        return "fp8" if self.fp8_flop_per_s > 0 else "bf16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Shape of a decoder: dense or mixture of experts, attention `mha`, `gqa` or `mla`."""

    name: str = "model"
    layers: float
    hidden: float
    heads: float
    kv_heads: float = 1.0
    head_dim: float = 128.0
    attention: str = "gqa"
    kv_lora_rank: float = 0.0  # mla: width of the latent that is cached
    rope_dim: float = 0.0  # mla: width of the cached position key
    experts: float = 0.0  # routed experts of a layer; 0: dense
    experts_active: float = 0.0  # routed experts per token
    dense_layers: float = 0.0  # first layers without experts
    vocab: float = 0.0
    params: float
    params_active: float
    context_tokens: float = 131_072.0  # longest context

    def __post_init__(self) -> None:
        if not 0 < self.params_active <= self.params:
            raise ValueError(f"{self.name}: params_active {self.params_active:g} is not in 0 to params {self.params:g}")
        if self.experts > 0 and not 0 < self.experts_active <= self.experts:
            raise ValueError(f"{self.name}: experts_active {self.experts_active:g} is not in 1 to {self.experts:g}")

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The model called `name` in the catalog's table `models`."""
        return cls(name=name, **catalog_values("models", name, cls))

    @property
    def expert_params(self) -> float:
        """Parameters of one routed expert summed over its layers.

        From the two published totals: params - params_active = (experts - experts_active) x this.
        """
        unused = self.experts - self.experts_active
        return (self.params - self.params_active) / unused if unused > 0 else 0.0

    @property
    def shared_params(self) -> float:
        """Parameters that every token meets: attention, dense layers, shared experts, vocabulary."""
        return self.params - self.experts * self.expert_params

    @property
    def attention_params(self) -> float:
        """Parameters of the attention projections, all layers.

        Latent attention is taken with a query rank three times the cached rank, as in DeepSeek-V2 and V3.
        """
        if self.attention == "mla":
            query_rank, rank = 3 * self.kv_lora_rank, self.kv_lora_rank
            query = query_rank * (self.hidden + self.heads * (self.head_dim + self.rope_dim))
            keys = self.hidden * (rank + self.rope_dim) + 2 * rank * self.heads * self.head_dim
            per_layer = query + keys + self.heads * self.head_dim * self.hidden
        else:
            per_layer = 2 * self.hidden * self.head_dim * (self.heads + self.kv_heads)
        return min(self.layers * per_layer, self.shared_params)

    @property
    def kv_values_per_token(self) -> float:
        """Cached values per token, all layers; a latent for mla, else keys and values of `kv_heads`."""
        if self.attention == "mla":
            return self.layers * (self.kv_lora_rank + self.rope_dim)
        return self.layers * 2 * self.kv_heads * self.head_dim

    def kv_bytes_per_token(self, precision: str) -> float:
        """Bytes of cache per token; the cache is kept in 8 bits below bf16."""
        return self.kv_values_per_token * BYTES_PER_VALUE["bf16" if precision == "bf16" else "fp8"]

    def shared_bytes(self, precision: str) -> float:
        """Bytes of `shared_params`; 4-bit mixtures of experts keep them in 8 bits."""
        held = "fp8" if precision == "fp4" and self.experts > 0 else precision
        return self.shared_params * BYTES_PER_VALUE[held]

    def weight_bytes(self, precision: str) -> float:
        """Bytes of all weights."""
        return self.shared_bytes(precision) + self.experts * self.expert_params * BYTES_PER_VALUE[precision]

    def flop_per_token(self, context_tokens: float = 0.0) -> float:
        """FLOP of one forward token: 2 x active parameters, plus attention over `context_tokens`."""
        return 2 * self.params_active + self.attention_flop_per_token_pair * context_tokens

    @property
    def attention_flop_per_token_pair(self) -> float:
        """FLOP of one new token against one cached token, all layers, heads expanded (prefill)."""
        return self.layers * 2 * self.heads * (2 * self.head_dim + self.rope_dim)

    @property
    def decode_attention_flop_per_token_pair(self) -> float:
        """As above in decode; latent attention works on the cached latent itself."""
        if self.attention == "mla":
            return self.layers * 2 * self.heads * (2 * self.kv_lora_rank + self.rope_dim)
        return self.attention_flop_per_token_pair


def catalog_values(table: str, name: str, cls: type) -> dict[str, Any]:
    """Values of the fields of `cls` that the catalog item has; missing optional ones keep their default."""
    from gigawatt.catalog import facts

    known = facts(table, name)
    missing = [f.name for f in fields(cls) if f.default is MISSING and f.name not in known]
    if missing:
        raise ValueError(f"catalog {table}: {name} lacks {', '.join(missing)}")
    return {f.name: known[f.name].value for f in fields(cls) if f.name in known and f.name != "name"}
