"""Shapes of the models prove themselves: weights counted from the shape are the published totals."""

import pytest

from gigawatt import catalog

# Published counts per token that leave a table out: the input table alone, or input and output.
WITHOUT_INPUT_TABLE = """gpt-oss-20b gpt-oss-120b glm-5 deepseek-v3.2""".split()
WITHOUT_TABLES = """minimax-m2.5""".split()


class Shape(dict):
    """Attributes of one model by name; 0 for those that it does not have."""

    def __missing__(self, name):
        return 0


def shape(item):
    return Shape({name: fact.value for name, fact in catalog.facts("models", item).items()})


def open_models():
    return [item for item in catalog.items("models") if not item.endswith("-2026")]


# ------------------------------------------------------------------------------------- weights, norms and biases aside


def grouped_attention(m, kv_heads, head_dim, value_dim):
    """Weights of the projections of one layer with keys and values of `kv_heads`."""
    queries = m["heads"] * head_dim * (2 if m["attention_gate"] else 1)
    return m["hidden"] * (queries + kv_heads * (head_dim + value_dim) + m["heads"] * value_dim)


def latent_attention(m):
    """Weights of one layer with latent attention; queries go through a latent too where q_lora_rank is given."""
    query_width = m["heads"] * (m["nope_dim"] + m["rope_dim"])
    rank = m["q_lora_rank"]
    query = rank * (m["hidden"] + query_width) if rank else m["hidden"] * query_width
    down = m["hidden"] * (m["kv_lora_rank"] + m["rope_dim"])
    up = m["kv_lora_rank"] * m["heads"] * (m["nope_dim"] + m["value_dim"])
    return query + down + up + m["heads"] * m["value_dim"] * m["hidden"]


def index(m):
    """Weights of one index that chooses the tokens to attend to: queries, one key, a weight per head."""
    source = m["q_lora_rank"] or m["hidden"]
    return source * m["index_heads"] * m["index_dim"] + m["hidden"] * (m["index_dim"] + m["index_heads"])


def mixers(m):
    """Weights of all mixers: full attention, window attention, linear attention, indexes."""
    linear, window = m["linear_layers"], m["window_layers"]
    full = m.get("full_layers", m["layers"] - linear - window)
    total = linear * m["linear_params"]
    total += m.get("index_layers", full) * index(m)
    if m["attention"] == "mla":
        return total + full * latent_attention(m)
    plain = grouped_attention(m, m["kv_heads"], m["head_dim"], m["value_dim"])
    window_dim = m["window_head_dim"]
    narrow = grouped_attention(
        m, m["window_kv_heads"] or m["kv_heads"], window_dim or m["head_dim"], window_dim or m["value_dim"]
    )
    return total + full * plain + window * narrow


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
    assert total_params(m) == pytest.approx(m["params"], rel=0.025)
    assert active_params(item, m) == pytest.approx(m["params_active"], rel=0.03)
