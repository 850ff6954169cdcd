"""Shapes of the models prove themselves: weights counted from the shape are the published totals."""

import pytest

from gigawatt import catalog

# Makers count parameters per token in three ways: all, without the input table, without both tables.
WITHOUT_INPUT_TABLE = """gpt-oss-20b gpt-oss-120b glm-5 glm-5.2 deepseek-v2-lite deepseek-v3.2 deepseek-v4-flash
    deepseek-v4-pro kimi-k3 qwen3.5-35b-a3b nemotron-3-super-120b-a12b""".split()
WITHOUT_TABLES = """minimax-m1 minimax-m2.5 minimax-m3 glm-4.5 glm-4.5-air glm-4.7-flash qwen3-next-80b-a3b
    step-3.7-flash""".split()
ONE_DIGIT = "qwen3-next-80b-a3b glm-4.7-flash".split()  # published as "A3B": 2.5e9 to 3.5e9
FORMATS = "bf16 fp8 mxfp4 nvfp4 int4".split()


class Shape(dict):
    """Attributes of one model by name; 0 for those that it does not have."""

    def __missing__(self, name):
        return 0


def shape(item):
    return Shape({name: fact.value for name, fact in catalog.facts("models", item).items()})


def open_models():
    return [item for item in catalog.items("models") if not item.endswith("-2026")]


# ------------------------------------------------------------------------------------- weights, norms and biases aside


def grouped_attention(m, heads, kv_heads, head_dim, value_dim):
    """Weights of the projections of one layer with keys and values of `kv_heads`; a gate is as wide as the output."""
    output = heads * value_dim
    return m["hidden"] * (heads * head_dim + kv_heads * (head_dim + value_dim) + output * (1 + m["attention_gate"]))


def latent_attention(m):
    """Weights of one layer with latent attention; queries go through a latent too where q_lora_rank is given."""
    query_width, output = m["heads"] * (m["nope_dim"] + m["rope_dim"]), m["heads"] * m["value_dim"]
    rank = m["q_lora_rank"]
    query = rank * (m["hidden"] + query_width) if rank else m["hidden"] * query_width
    down = m["hidden"] * (m["kv_lora_rank"] + m["rope_dim"])
    up = m["kv_lora_rank"] * m["heads"] * (m["nope_dim"] + m["value_dim"])
    return query + down + up + m["hidden"] * output * (1 + m["attention_gate"])


def full_attention(m):
    """Weights of one layer that attends to the whole context."""
    if m["attention_layer_params"]:
        return m["attention_layer_params"]
    if m["attention"] == "mla":
        return latent_attention(m)
    return grouped_attention(m, m["heads"], m["kv_heads"], m["head_dim"], m["value_dim"])


def window_attention(m):
    """Weights of one layer that attends to the last window_tokens; widths as in full layers unless given."""
    if m["attention_layer_params"]:
        return m["attention_layer_params"]
    kv_heads = m["window_kv_heads"] or m["kv_heads"]
    head_dim, value_dim = (m["window_head_dim"] or m[name] for name in ("head_dim", "value_dim"))
    return grouped_attention(m, m["window_heads"] or m["heads"], kv_heads, head_dim, value_dim)


def index(m):
    """Weights of one index that chooses the tokens to attend to: queries, one key, a weight per head."""
    source = m["q_lora_rank"] or m["hidden"]
    return source * m["index_heads"] * m["index_dim"] + m["hidden"] * (m["index_dim"] + m["index_heads"])


def mixers(m):
    """Weights of all mixers: full attention, attention in a window, linear attention, indexes."""
    linear, window = m["linear_layers"], m["window_layers"]
    full = m.get("full_layers", m["layers"] - linear - window)
    indexes = m.get("index_layers", full) * index(m)
    return linear * m["linear_params"] + full * full_attention(m) + window * window_attention(m) + indexes


def feed_forward(m, active_only):
    """Weights of all feed-forward layers, or of those that one token passes through."""
    matrices = m["ffn_matrices"] or 3
    moe_layers = m["moe_layers"] if "moe_layers" in m else (m["layers"] - m["dense_layers"]) * (m["experts"] > 0)
    inner = m["expert_hidden"] or m["hidden"]
    routed = m["experts_active" if active_only else "experts"] * matrices * inner * m["expert_intermediate"]
    shared_width = m["shared_intermediate"] or m["shared_experts"] * m["expert_intermediate"]
    shared = matrices * m["hidden"] * shared_width
    router = m["hidden"] * m["experts"]
    latent = 2 * m["hidden"] * m["expert_hidden"]
    dense = m["dense_layers"] * matrices * m["hidden"] * m["intermediate"]
    return dense + moe_layers * (routed + shared + router + latent)


def table(m):
    return m["vocab"] * m["hidden"]


def total_params(m):
    return mixers(m) + feed_forward(m, active_only=False) + (1 if m["tied_embeddings"] else 2) * table(m)


def active_params(item, m):
    """Weights per token, counted as the maker counts them."""
    tables = 1 if m["tied_embeddings"] else 2
    tables -= 1 if item in WITHOUT_INPUT_TABLE else 2 if item in WITHOUT_TABLES else 0
    return mixers(m) + feed_forward(m, active_only=True) + tables * table(m)


@pytest.mark.parametrize("item", catalog.items("models"))
def test_the_shape_adds_up_to_the_published_parameters(item):
    m = shape(item)
    active = active_params(item, m)
    assert total_params(m) == pytest.approx(m["params"], rel=0.02)
    if item in ONE_DIGIT:
        assert round(active / 1e9) * 1e9 == m["params_active"]
    else:
        assert active == pytest.approx(m["params_active"], rel=0.03)


def test_the_count_of_weights_by_hand():
    # Llama 3.1 8B: 32 x (4096 x (2 x 4096 + 2 x 1024) + 3 x 4096 x 14336) + 2 x 128256 x 4096.
    assert total_params(shape("llama-3.1-8b")) == 8_029_995_008
    # One layer of latent attention in DeepSeek-V3: 187.1 M.
    assert latent_attention(shape("deepseek-v3")) == 11_010_048 + 37_748_736 + 4_128_768 + 16_777_216 + 117_440_512


# ------------------------------------------------------------------------------------------------ what the rows promise


def test_the_widely_served_open_models_are_there():
    families = """llama-2 llama-3.1 llama-3.2 llama-4 mistral mixtral qwen2.5 qwen3 qwen3-next qwen3.5 deepseek-v2
        deepseek-v3 deepseek-v4 gpt-oss kimi glm-4.5 glm-5 minimax gemma-2 gemma-3 gemma-4 phi nemotron step mimo"""
    assert [name for name in families.split() if not any(item.startswith(name) for item in open_models())] == []
    assert len(open_models()) >= 60


@pytest.mark.parametrize("item", catalog.items("models"))
def test_layers_of_each_kind_fit_into_the_layers(item):
    m = shape(item)
    full = m.get("full_layers", m["layers"] - m["linear_layers"] - m["window_layers"])
    assert full >= 0 and full + m["linear_layers"] + m["window_layers"] <= m["layers"]
    assert m["dense_layers"] + m["moe_layers"] <= m["layers"]
    assert m.get("index_layers", 0) <= full
    assert (m["experts"] > 0) == (m["experts_active"] > 0) and m["experts_active"] <= m["experts"]
    assert bool(m["window_layers"]) <= bool(m["window_tokens"])
    assert bool(m["linear_layers"]) == bool(m["linear_params"]) == bool(m["linear_state"])
    assert bool(m["index_heads"]) == bool(m["index_dim"]) == bool(m["index_top_tokens"])


@pytest.mark.parametrize("item", catalog.items("models"))
def test_attention_is_of_a_known_kind_and_its_heads_divide(item):
    m = shape(item)
    assert m["attention"] in ("mha", "gqa", "mla")
    assert m["heads"] % m["kv_heads"] == 0
    assert (m["attention"] == "mla") == (m["kv_lora_rank"] > 0)
    assert (m["attention"] == "mha") == (m["heads"] == m["kv_heads"])


@pytest.mark.parametrize("item", open_models())
def test_open_models_say_in_what_format_they_were_released(item):
    m = shape(item)
    assert m["released_in"] in FORMATS
    assert "experts_released_in" not in m or (m["experts"] and m["experts_released_in"] in FORMATS)


def test_an_alias_means_one_model_and_no_alias_is_a_model():
    names = [alias for item in open_models() for alias in str(shape(item).get("aliases", "")).split()]
    assert len(names) == len(set(names))
    assert set(names) & set(catalog.items("models")) == set()
    assert [name for name in names if name != name.lower() or "/" in name] == []


def test_a_hybrid_model_says_what_its_linear_layers_hold():
    for item in open_models():
        known = catalog.facts("models", item)
        if "linear_params" in known:
            assert known["linear_params"].note and known["linear_state"].note, item


def test_published_totals_that_leave_a_table_out_say_so():
    for item in WITHOUT_INPUT_TABLE + WITHOUT_TABLES:
        note = catalog.fact("models", item, "params_active").note
        assert "without" in note, item
