"""Prints the coefficients of the kernel laws, fitted to the kernel tables of aiconfigurator-core.

Each law gives the time of one GPU kernel from its shape and three facts of the chip: memory bandwidth, peak
arithmetic and link bandwidth. Its few coefficients are global: the same for every chip and model. They are fitted
in log time with a robust loss and equal weight for each chip, framework and size; every chip is then predicted by
a fit that never saw it. Tables: aiconfigurator-core, Apache-2.0, NVIDIA; needs the extra `calibrate`.

    python tools/fit_kernels.py UNPACKED_WHEEL/aiconfigurator_core/systems [LAW ...]
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import yaml
from scipy.optimize import least_squares

Columns = dict[str, np.ndarray]
Law = Callable[[Columns, dict[str, float]], np.ndarray]

CHIPS = ("h100_sxm", "h200_sxm", "b200_sxm", "b300_sxm", "gb200", "gb300")
HOPPER = ("h100_sxm", "h200_sxm")
MULTIPROCESSORS = dict(zip(CHIPS, (132, 132, 148, 148, 152, 152), strict=True))
# BF16 operations of the matrix units in the time of one exponential; B300 doubled the units for exponentials
EXPONENTIAL_FLOP = dict(zip(CHIPS, (256, 256, 512, 256, 512, 256), strict=True))
VERSIONS = {"trtllm": "1.3.0rc20", "vllm": "0.24.0", "sglang": "0.5.14", "nccl": "2.29.2"}
WEIGHT_BYTES = {
    "bfloat16": 2.0,
    "fp8": 1.0,
    "fp8_block": 1.0,
    "nvfp4": 0.5625,
    "w4a16_mxfp4": 0.53125,
    "w4a8_mxfp4_mxfp8": 0.53125,
}
# grouped-GEMM kernels (with whether on Hopper) that a better one replaces in deployments, or that ran untuned
REPLACED = {
    "bfloat16": (("SGLang triton", False),),
    "fp8": (("VLLM cutlass", True),),
    "fp8_block": (("SGLang triton", False),),
    "nvfp4": (("VLLM cutlass", False),),
    "w4a16_mxfp4": (("TRTLLM ", False), ("VLLM marlin", False)),
}
ROBUST_SCALE = 0.1  # log error beyond which the loss grows linearly
ROWS_PER_TABLE = 1500  # of each chip and framework


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One law, the rows it is fitted to and where the fit starts."""

    table: str
    columns: str  # SQL select list
    where: str
    law: Law
    start: dict[str, float]
    size: Callable[[Columns], np.ndarray]  # equal weight for each power of eight of this
    group: str = "framework"  # start-up times differ between these
    without: tuple[tuple[str, bool], ...] = ()  # groups left out, and whether on Hopper


def hypot3(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cubic norm: within 26 % of the larger, as kernels near the ridge of a roofline are."""
    return np.cbrt(a**3 + b**3)


def compute_flop_per_s(x: Columns, precision: str) -> np.ndarray:
    """Dense peak for a precision, in FLOP/s; 4-bit is 4 x BF16 (the further FP4 of B300 is not seen in any table)."""
    if precision in ("bfloat16", "w4a16_mxfp4"):
        return x["bf16_flop_per_s"]
    return 4 * x["bf16_flop_per_s"] if precision == "nvfp4" else x["fp8_flop_per_s"]


def gemm_s(precision: str) -> Law:
    """Law of a matrix product: start-up, walk along k, roofline, quantisation of the activations."""
    size = WEIGHT_BYTES[precision]

    def law(x: Columns, p: dict[str, float]) -> np.ndarray:
        m, n, k = x["m"], x["n"], x["k"]
        memory_s = (size * k * (n + m) + 2 * m * n) / (p["bandwidth"] * x["byte_per_s"])
        compute_s = 2 * m * n * k / (p["flop"] * compute_flop_per_s(x, precision))
        quantise_s = p.get("quantise_byte", 0) * m * k / x["byte_per_s"]
        return x["start_s"] + p["step_s"] * k + hypot3(memory_s, compute_s) + quantise_s

    return law


def experts_s(precision: str) -> Law:
    """Law of a gated mixture-of-experts layer: cold experts wait for weights while hot ones compute, so both add."""
    size = WEIGHT_BYTES[precision]

    def law(x: Columns, p: dict[str, float]) -> np.ndarray:
        weights = 3 * x["hidden"] * x["inter"]
        local = x["experts"] / x["ep"]
        rows = x["tokens"] * x["top_k"] / x["ep"]
        random_hit = local * (1 - (1 - x["top_k"] / x["experts"]) ** x["tokens"])
        hit = np.where(x["balanced"] > 0, np.minimum(local, rows), random_hit)
        rows = rows * np.where(x["balanced"] > 0, 1.0, x["ep"] ** p["skew"])
        memory_s = hit * weights * size / (p["bandwidth"] * x["byte_per_s"])
        compute_s = 2 * weights * (rows + p["pad"] * hit) / (p["flop"] * compute_flop_per_s(x, precision))
        traffic = (p["row_traffic"] * rows + p["token_traffic"] * x["tokens"]) * 2 * x["hidden"]
        return x["start_s"] + memory_s + compute_s + traffic / x["byte_per_s"]

    return law


def decode_attention_s(cache_byte: float) -> Law:
    """Law of decode attention: cache read, queries padded to a matrix tile, merging of a long request's splits."""

    def law(x: Columns, p: dict[str, float]) -> np.ndarray:
        read = np.where(x["window"] > 0, np.minimum(x["context"], x["window"] + p["window_pad"]), x["context"])
        seen = np.where(x["window"] > 0, np.minimum(x["context"], x["window"]), x["context"])
        cache = 2 * x["batch"] * x["kv_heads"] * x["head_dim"] * cache_byte * (read + p["pad"])
        queries = np.maximum(x["heads"] / x["kv_heads"], np.where(x["hopper"] > 0, 64, 16))
        flop = 4 * x["batch"] * seen * x["kv_heads"] * queries * x["head_dim"]
        memory_s = (cache + 4 * x["batch"] * x["heads"] * x["head_dim"]) / (p["bandwidth"] * x["byte_per_s"])
        return x["start_s"] + p["split_s"] * seen + hypot3(memory_s, flop / (p["flop"] * x["bf16_flop_per_s"]))

    return law


def prefill_attention_s(x: Columns, p: dict[str, float]) -> np.ndarray:
    """Law of causal attention in BF16: matrix units and exponentials add up; the longest row is a critical path."""
    tokens, window = x["context"], np.minimum(np.where(x["window"] > 0, x["window"], np.inf), x["context"])
    span = window - window**2 / (2 * tokens)
    pair_s = (4 * x["head_dim"] + x["exponential_flop"] / p["exponential"]) / x["bf16_flop_per_s"]
    longest_s = p["longest_row"] * window * 128 * x["multiprocessors"] * pair_s
    traffic = 4 * x["batch"] * tokens * x["head_dim"] * (x["heads"] + x["kv_heads"])
    work_s = x["batch"] * tokens * x["heads"] * (span + p["pad"]) * pair_s
    return x["start_s"] + work_s + longest_s + p["traffic"] * traffic / x["byte_per_s"]


def all_reduce_s(x: Columns, p: dict[str, float]) -> np.ndarray:
    """Law of a custom all-reduce of `message` 2-byte values inside one node."""
    byte = 2 * x["message"]
    start_s = x["start_s"] * np.where(x["hopper"] > 0, 1, p["blackwell"]) * (x["gpus"] / 2) ** p["fan_out"]
    link_s = 2 * (x["gpus"] - 1) / x["gpus"] * byte / (p["link"] * x["link_byte_per_s"])
    return start_s + link_s + p["switch_s"] * byte / (byte + p["switch_byte"])


def table_rows(study: Study, path: Path, rng: np.random.Generator) -> Columns:
    """A random sample of one table's rows, with the measured `seconds`."""
    select = f"select {study.columns}, latency / 1000 as seconds from read_parquet('{path}') where {study.where}"
    rows = {name: np.asarray(values) for name, values in duckdb.sql(select).fetchnumpy().items()}
    keep = rng.permutation(len(rows["seconds"]))[:ROWS_PER_TABLE]
    return {name: values[keep].astype(str if values.dtype == object else float) for name, values in rows.items()}


def rows_of(study: Study, systems: Path) -> Columns:
    """Rows of a study from all chips, with chip facts in SI units and `seconds`, at most ROWS_PER_TABLE of each."""
    rng = np.random.default_rng(0)
    parts = []
    for chip in CHIPS:
        system = yaml.safe_load((systems / f"{chip}.yaml").read_text())
        gpu = system["gpu"]
        facts = {
            "byte_per_s": gpu["mem_bw"],
            "bf16_flop_per_s": gpu["bfloat16_tc_flops"],
            "fp8_flop_per_s": gpu["fp8_tc_flops"],
            "link_byte_per_s": system["node"]["intra_node_bw"],
            "hopper": float(chip in HOPPER),
            "multiprocessors": MULTIPROCESSORS[chip],
            "exponential_flop": EXPONENTIAL_FLOP[chip],
        }
        for path in sorted((systems / "data" / chip).glob(f"*/*/*/{study.table}.parquet")):
            framework, version = path.parts[-3:-1]
            if VERSIONS.get(framework) != version:
                continue
            rows = table_rows(study, path, rng)
            constants = facts | {"chip": chip, "framework": framework}
            parts.append(rows | {name: np.full(len(rows["seconds"]), value) for name, value in constants.items()})
    x = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    keep = np.ones(len(x["seconds"]), bool)
    for group, hopper in study.without:
        keep &= (x[study.group] != group) | (x["hopper"] != hopper)
    return {name: values[keep] for name, values in x.items()}


def weights(*labels: np.ndarray) -> np.ndarray:
    """Square-root weights that give each combination of labels the same say."""
    joined = np.array(["|".join(map(str, row)) for row in zip(*labels, strict=True)])
    _, group, count = np.unique(joined, return_inverse=True, return_counts=True)
    return np.sqrt(len(joined) / (len(count) * count[group]))


def log_error(study: Study, x: Columns, p: dict[str, float]) -> np.ndarray:
    """ln(predicted / measured) of each row."""
    start_s = np.array([p[f"start_s:{name}"] for name in x[study.group]])
    return np.log(study.law(x | {"start_s": start_s}, p) / x["seconds"])


def fit(study: Study, x: Columns, weight: np.ndarray) -> dict[str, float]:
    """Coefficients of least pseudo-Huber loss in log time, all positive."""
    first = study.start | {f"start_s:{name}": 1e-5 for name in np.unique(x[study.group])}
    names = list(first)

    def residuals(theta: np.ndarray) -> np.ndarray:
        error = np.nan_to_num(log_error(study, x, dict(zip(names, np.exp(theta), strict=True))), nan=10.0)
        return weight * ROBUST_SCALE * np.sqrt(2 * (np.sqrt(1 + (error / ROBUST_SCALE) ** 2) - 1))

    guess = np.log([first[name] for name in names])
    found = least_squares(residuals, guess, bounds=(guess - 7, guess + 7), max_nfev=60)
    return dict(zip(names, map(float, np.exp(found.x)), strict=True))


def left_out_error(study: Study, x: Columns, weight: np.ndarray, p: dict[str, float]) -> np.ndarray:
    """Log errors of each chip under a fit to the other chips; groups only one chip has keep their start-up time."""
    error = np.empty(len(weight))
    for chip in np.unique(x["chip"]):
        out = x["chip"] == chip
        others = p | fit(study, {name: values[~out] for name, values in x.items()}, weight[~out])
        error[out] = log_error(study, {name: values[out] for name, values in x.items()}, others)
    return error


def studies() -> dict[str, Study]:
    """Every law by name, with its rows."""
    found: dict[str, Study] = {}
    for precision in ("bfloat16", "fp8", "fp8_block", "nvfp4"):
        quantise = {} if precision == "bfloat16" else {"quantise_byte": 5.0}
        # vLLM's block-scaled products were timed with the host's launches
        host = "and framework <> 'VLLM'" if precision == "fp8_block" else ""
        found[f"gemm_{precision}"] = Study(
            table="gemm_perf",
            columns="m, n, k",
            where=f"gemm_dtype = '{precision}' and n >= 128 and k >= 256 {host}",
            law=gemm_s(precision),
            size=lambda x: x["m"],
            start={"step_s": 4e-10, "bandwidth": 0.85, "flop": 0.6} | quantise,
        )
    for precision in WEIGHT_BYTES:
        found[f"experts_{precision}"] = Study(
            table="moe_perf",
            columns="num_tokens tokens, hidden_size hidden, inter_size / moe_tp_size inter, topk top_k,"
            " num_experts experts, moe_ep_size ep, (distribution = 'balanced')::int balanced,"
            " framework || ' '"
            " || regexp_extract(kernel_source, 'triton|trtllm|cutlass|deepgemm|marlin|min_lat') kernel",
            # ungated shapes, the hottest-rank extreme of few tokens, and alpha 1.2 are left out
            where=f"moe_dtype = '{precision}' and topk <> 22 and hidden_size <> 2688"
            " and distribution <> 'power_law_1.2' and kernel_source not like '%nongated' and moe_ep_size <= 64"
            " and (moe_ep_size = 1 or num_tokens * topk >= 2 * num_experts)",
            law=experts_s(precision),
            size=lambda x: x["tokens"],
            group="kernel",
            without=REPLACED.get(precision, ()),
            start={"bandwidth": 0.9, "flop": 0.5, "pad": 10, "row_traffic": 5, "token_traffic": 5, "skew": 0.3},
        )
    heads = 'batch_size batch, num_heads heads, num_key_value_heads kv_heads, head_dim, window_size "window"'
    usual = (
        "num_heads <= 16 * num_key_value_heads and head_dim in (64, 128, 256)"
        " and not regexp_matches(kernel_source, 'triton|^flashinfer')"
    )
    for cache, byte in (("bfloat16", 2), ("fp8", 1)):
        seen = "if(window_size > 0, least(step, window_size), step)"
        read = f"2 * batch_size * num_key_value_heads * head_dim * {byte} * {seen}"
        found[f"decode_attention_{cache}"] = Study(
            table="generation_attention_perf",
            columns=f"{heads}, step + 1 context",
            # between launch-bound and larger than any L2: what lies between was read from a warm L2
            where=f"kv_cache_dtype = '{cache}' and {usual} and ({read} > 160e6 or {read} < 6e6)",
            law=decode_attention_s(byte),
            size=lambda x: x["batch"] * x["context"],
            start={"split_s": 1.5e-10, "bandwidth": 0.95, "pad": 120, "window_pad": 64, "flop": 0.35},
        )
    found["prefill_attention_bfloat16"] = Study(
        table="context_attention_perf",
        columns=f"{heads}, isl context",
        where=f"attn_dtype = 'bfloat16' and kv_cache_dtype = 'bfloat16' and {usual}",
        law=prefill_attention_s,
        size=lambda x: x["context"],
        start={"exponential": 1.0, "pad": 300, "longest_row": 0.4, "traffic": 1.5},
    )
    found["all_reduce"] = Study(
        table="custom_allreduce_perf",
        columns="num_gpus gpus, message_size message",
        where="kernel_source not like '%eager' and kernel_source not like '%MNNVL%' and num_gpus <= 8",
        law=all_reduce_s,
        size=lambda x: x["message"],
        start={"blackwell": 1.5, "fan_out": 0.2, "link": 0.7, "switch_s": 4e-5, "switch_byte": 1e7},
    )
    return found


def report(name: str, study: Study, systems: Path) -> None:
    """Print one law's coefficients and its errors, in sample and with each chip left out."""
    x = rows_of(study, systems)
    weight = weights(x["chip"], x[study.group], np.floor(np.log2(study.size(x)) / 3))
    p = fit(study, x, weight)
    inside, outside = np.abs(log_error(study, x, p)), np.abs(left_out_error(study, x, weight, p))
    print(
        f"{name}: {len(weight)} rows, |ln error| median {np.median(inside):.3f} mean {inside.mean():.3f},"
        f" chips left out {np.median(outside):.3f} {outside.mean():.3f}"
    )
    print(f"    {json.dumps({key: float(f'{value:.3g}') for key, value in p.items()})}", flush=True)


def main() -> None:
    """Fit the named laws, or all, to the unpacked tables."""
    known = studies()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systems", type=Path, help="folder `systems` of the unpacked wheel")
    parser.add_argument("laws", nargs="*", help=f"of {', '.join(known)}; default all")
    chosen = parser.parse_args()
    for name in chosen.laws or known:
        if name not in known:
            parser.error(f"unknown law {name!r}; known: {', '.join(known)}")
        report(name, known[name], chosen.systems)


if __name__ == "__main__":
    main()
