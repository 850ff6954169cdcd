"""Shapes: sums over layers by hand, every model and chip of the catalog, formats, and arrays of points."""

from dataclasses import fields
from math import inf, isfinite

import numpy as np
import pytest

from gigawatt import catalog
from gigawatt.catalog import named
from gigawatt.inference.formats import BYTES_PER_VALUE, allowed, cache_format, expert_format_of, format_of, formats_of
from gigawatt.inference.points import Layout, Load, Machine, Shape, point, stack, take
from gigawatt.inference.shapes import GIB, Chip, Model
from tests.inference.shapes_at_hand import CHIP, DENSE, MIXTURE

MODELS, CHIPS = catalog.items("models"), catalog.items("chips")
LLAMA, DEEPSEEK = Model.from_catalog("llama-3.1-70b"), Model.from_catalog("deepseek-v3")
GPT_OSS, HYBRID = Model.from_catalog("gpt-oss-120b"), Model.from_catalog("qwen3-next-80b-a3b")
H100, B200, GB300 = (Chip.from_catalog(name) for name in ("h100-sxm", "b200", "gb300-nvl72"))
ALWAYS_THERE = (
    "layers", "hidden", "vocab_params", "split_params", "wide_in", "wide_out", "split_in", "split_out", "products",
    "kernels", "mixers", "feed_forwards", "heads", "kv_heads", "kv_values", "prefill_flop", "decode_flop",
)  # fmt: skip


def held(item):
    """Weights that the shape of a catalog model adds up to, norms left out."""
    model, shape = Model.from_catalog(item), Shape.of(Model.from_catalog(item))
    tables = 1 if catalog.value("models", item, "tied_embeddings", 0) else 2
    products = shape.split_params + shape.repeated_params + shape.kept_params
    return products + model.experts * shape.expert_params + tables * shape.vocab_params


# --------------------------------------------------------------------------------------------------- the whole catalog
@pytest.mark.parametrize("item", MODELS)
def test_every_model_has_finite_sums(item):
    shape = Shape.of(Model.from_catalog(item))
    sums = {f.name: getattr(shape, f.name) for f in fields(shape)}
    assert sums.pop("top_tokens") > 0  # infinite where attention is not sparse
    assert {name for name, value in sums.items() if not (isfinite(value) and value >= 0)} == set()
    assert {name for name in ALWAYS_THERE if not sums[name] > 0} == set()


@pytest.mark.parametrize("item", MODELS)
def test_the_products_of_every_model_weigh_what_was_published(item):
    # Norms and biases are left out: at most 1.6 % of any of them.
    assert held(item) == pytest.approx(Model.from_catalog(item).params, rel=0.02)


@pytest.mark.parametrize("item", MODELS)
def test_every_model_is_found_by_its_aliases(item):
    aliases = str(catalog.facts("models", item)["aliases"].value).split() if item[-5:] != "-2026" else []
    assert {named("models", alias) for alias in (*aliases, item.upper())} == {item}


@pytest.mark.parametrize("item", CHIPS)
def test_every_chip_has_peaks_that_grow_as_formats_narrow(item):
    chip = Chip.from_catalog(item)
    assert list(chip.peaks.values()) == sorted(chip.peaks.values())
    machine = Machine.of(chip)
    assert all(getattr(machine, f.name) > 0 for f in fields(machine))


# --------------------------------------------------------------------------------------------------- answers by hand
def test_cached_values_by_hand():
    # Meta's and DeepSeek's config.json; "70.272 KB" in bf16 in table 1 of arXiv 2505.09343.
    assert LLAMA.kv_values_per_token * 2 == 80 * 2 * 8 * 128 * 2 == 320 * 1024
    assert DEEPSEEK.kv_values_per_token * 2 == 61 * (512 + 64) * 2 == 70_272
    assert Model.from_catalog("kimi-k2").kv_values_per_token == 61 * (512 + 64)
    assert Model.from_catalog("qwen3-235b-a22b").kv_values_per_token == 94 * 2 * 4 * 128


def test_every_other_layer_of_gpt_oss_looks_back_128_tokens():
    assert GPT_OSS.full_attention_layers == GPT_OSS.window_layers == 18
    assert GPT_OSS.kv_values_per_token == GPT_OSS.window_values_per_token == 18 * 2 * 8 * 64
    assert Shape.of(GPT_OSS).window_tokens == 128


def test_a_quarter_of_the_layers_of_a_hybrid_attend():
    # Qwen3-Next: 12 layers of 48 with 2 heads of 256; the rest keep 32 x 128 x 128 values and a short convolution.
    shape = Shape.of(HYBRID)
    assert shape.full_layers == 12 and shape.kv_values == 12 * 2 * 2 * 256
    assert shape.state_values == pytest.approx(36 * 32 * 128 * 128, rel=0.05)
    assert shape.mixers == 48


def test_sparse_attention_scans_one_key_of_128_values_per_layer():
    shape = Shape.of(Model.from_catalog("deepseek-v3.2"))
    assert shape.index_values == 61 * 128
    assert shape.index_flop == 61 * 2 * 64 * 128
    assert shape.top_tokens == 2048
    assert Shape.of(DEEPSEEK).top_tokens == inf


def test_attention_flop_by_hand():
    assert LLAMA.prefill_attention_flop == LLAMA.decode_attention_flop == 80 * 2 * 64 * (128 + 128)
    # A latent is expanded for a prompt, 192 + 128 values a head, and taken as it is in decode, 576 + 512.
    assert DEEPSEEK.prefill_attention_flop == 61 * 2 * 128 * (192 + 128)
    assert DEEPSEEK.decode_attention_flop == 61 * 2 * 128 * (576 + 512)


def test_weights_by_hand():
    # Llama 3.1 70B: 8192 x (64 + 2 x 8) x 128 in, 8192 x 8192 out, 3 x 8192 x 28672.
    assert LLAMA.attention_params == 80 * (8192 * 80 * 128 + 8192 * 8192)
    assert sum(one.weights for one in LLAMA.products) == LLAMA.attention_params + 80 * 3 * 8192 * 28_672
    # DeepSeek-V3: 58 layers with 256 experts of 3 x 7168 x 2048, and one that all tokens share.
    assert DEEPSEEK.expert_params == 58 * 3 * 7168 * 2048
    routers = 58 * 7168 * 256
    feed_forwards = 3 * 3 * 7168 * 18_432 + 58 * 3 * 7168 * 2048
    assert sum(one.weights for one in DEEPSEEK.products) == DEEPSEEK.attention_params + feed_forwards + routers
    # 187.1 M a layer (arXiv 2412.19437).
    assert DEEPSEEK.attention_params == pytest.approx(61 * 187.1e6, rel=1e-3)


def test_widths_of_products_by_hand():
    # Of each layer: 8192 -> 10240 and 8192 -> 57344 are split along their outputs, 8192 and 28672 -> 8192 along inputs.
    shape = Shape.of(DENSE)
    assert shape.products == 80 * 4
    assert (shape.wide_in, shape.split_out) == (80 * (8192 + 8192), 80 * (10_240 + 57_344))
    assert (shape.split_in, shape.wide_out) == (80 * (8192 + 28_672), 80 * (8192 + 8192))
    assert shape.repeated_params == shape.kept_params == shape.expert_params == 0


def test_routers_stay_in_16_bits_on_every_chip():
    shape = Shape.of(MIXTURE)
    assert shape.kept_params == 60 * 4096 * 128
    assert shape.expert_params == 60 * 3 * 4096 * 2048
    assert shape.kernels == shape.products + shape.expert_layers


def test_without_widths_experts_follow_from_the_two_totals():
    # 200e9 - 20e9 = (128 - 8) x one expert.
    model = Model(layers=60, hidden=4096, heads=64, experts=128, experts_active=8, params=200e9, params_active=20e9)
    assert model.expert_params == 1.5e9


def test_flop_per_token_is_twice_the_weights_and_grows_with_the_context():
    assert LLAMA.flop_per_token() == 2 * LLAMA.params
    assert LLAMA.flop_per_token(1000) - LLAMA.flop_per_token() == 1000 * 80 * 2 * 64 * 256


def test_memory_is_binary_and_links_are_told_in_one_direction():
    machine = Machine.of(H100)
    assert machine.memory_byte == 80 * GIB
    assert machine.link_byte_per_s == 450e9
    assert machine.memory_byte_per_s == pytest.approx(3.35e12)


def test_chips_without_a_link_talk_over_pci_express():
    assert Machine.of(Chip(bf16_flop_per_s=1e14, memory_gb=24, memory_bandwidth_gb_per_s=900)).link_byte_per_s == 32e9


# ------------------------------------------------------------------------------------------------------------ formats
@pytest.mark.parametrize(
    ("model", "chip", "precision", "dense", "experts"),
    [
        (LLAMA, H100, "fp8", "fp8", "fp8"),
        (LLAMA, B200, "fp4", "fp4", "fp4"),
        (DEEPSEEK, H100, "fp8", "fp8", "fp8"),
        (DEEPSEEK, B200, "fp4", "bf16", "fp4"),  # checkpoints in four bits keep attention in 16
        (GPT_OSS, H100, "bf16", "bf16", "mxfp4"),  # published that way
        (GPT_OSS, B200, "fp4", "bf16", "mxfp4"),
    ],
)
def test_formats_of_dense_weights_and_experts(model, chip, precision, dense, experts):
    assert formats_of(model, chip, precision) == (dense, experts)


def test_scales_of_four_bit_formats_are_counted():
    # A byte for 16 values, a byte for 32, two bytes for 64.
    assert BYTES_PER_VALUE["fp4"] == 0.5 + 1 / 16
    assert BYTES_PER_VALUE["mxfp4"] == 0.5 + 1 / 32
    assert BYTES_PER_VALUE["int4"] == 0.5 + 2 / 64


def test_narrow_weights_are_widened_where_a_chip_lacks_the_path():
    assert format_of("fp4", H100).peak_flop_per_s == H100.bf16_flop_per_s
    assert format_of("int4", B200).peak_flop_per_s == B200.bf16_flop_per_s
    assert expert_format_of("mxfp4", H100).peak_flop_per_s == H100.bf16_flop_per_s
    assert expert_format_of("mxfp4", B200).peak_flop_per_s == B200.fp8_flop_per_s


def test_no_four_bit_kernel_beats_four_times_bf16():
    assert GB300.fp4_flop_per_s > 4 * GB300.bf16_flop_per_s
    assert format_of("fp4", GB300).peak_flop_per_s == 4 * GB300.bf16_flop_per_s


def test_caches_are_in_8_bits_below_bf16_but_not_in_sglang():
    assert cache_format(LLAMA, "bf16", "vllm") == "bf16"
    assert cache_format(LLAMA, "fp8", "vllm") == cache_format(LLAMA, "fp4", "trtllm") == "fp8"
    assert cache_format(LLAMA, "fp8", "sglang") == "bf16"
    assert cache_format(DEEPSEEK, "fp8", "sglang") == "fp8"


def test_a_precision_that_a_chip_lacks_is_refused_with_what_it_has():
    old = Chip.from_catalog("a100-80")
    assert allowed(old) == ("bf16", "fp4", "int4")
    with pytest.raises(ValueError, match="no precision 'fp8'; has bf16, fp4, int4"):
        formats_of(LLAMA, old, "fp8")
    with pytest.raises(ValueError, match="no precision 'fp4'; has bf16, fp8"):
        CHIP.peak_flop_per_s("fp4")


# ------------------------------------------------------------------------------------------------------------- errors
def test_an_unknown_name_is_told_its_nearest():
    with pytest.raises(ValueError, match=r"unknown model 'lama-3.1-70b'; did you mean 'llama-3.1-70b'\?"):
        Model.from_catalog("lama-3.1-70b")
    with pytest.raises(ValueError, match=r"unknown chip 'h100-smx'; did you mean 'h100-sxm'\?"):
        Chip.from_catalog("h100-smx")


def test_names_may_carry_their_organisation_and_any_case():
    assert Model.from_catalog("deepseek-ai/DeepSeek-V3") == DEEPSEEK
    assert Chip.from_catalog("H100_SXM") == H100


def test_impossible_shapes_are_refused():
    with pytest.raises(ValueError, match="params_active 3e"):
        Model(layers=1, hidden=1, heads=1, params=2e9, params_active=3e9)
    with pytest.raises(ValueError, match="experts_active 9 is not in 1 to 8"):
        Model(layers=1, hidden=1, heads=1, experts=8, experts_active=9, params=2e9, params_active=1e9)


# ------------------------------------------------------------------------------------------------------ stacked points
def test_stacked_points_are_taken_apart_again():
    load = Load(users=4.0, input_tokens=1000.0, output_tokens=200.0)
    one = point(LLAMA, H100, "fp8", Layout(tp=4.0), load)
    two = point(DEEPSEEK, GB300, "fp4", Layout(dp=8.0, ep=8.0), load, "sglang")
    both = stack([one, two])
    assert both.layout.chips.tolist() == [4, 8]
    assert both.sglang.tolist() == [0, 1]
    second = take(both, np.array([1]))
    assert second.shape.kv_values.tolist() == [two.shape.kv_values]
    assert second.expert.byte.tolist() == [two.expert.byte]


def test_experts_are_split_as_many_ways_as_groups_leave():
    layout = Layout(tp=2.0, dp=8.0, pp=2.0, ep=4.0)
    assert (layout.group, layout.chips, layout.moe_tp) == (16, 32, 4)
