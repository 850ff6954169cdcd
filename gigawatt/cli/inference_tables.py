"""What `gigawatt inference` prints: figures of a point, and rows of searches, in units that people read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, show

if TYPE_CHECKING:
    from gigawatt.inference import Estimate, Lever
    from gigawatt.inference.queries import Query

Row = dict[str, Any]
DIGITS = 4  # that matter
ALL_IN = ("usd_per_mtok_output",)  # prompt and answer paid by the answer's tokens
CLOSE = 0.02  # two points of a frontier this near are shown as one


def show_point(one: Estimate, how: Format, out: Path | None) -> None:
    """Figures of one configuration as lines with units; in other formats one row of all fields."""
    if how is not Format.table:
        show([asdict(one)], how, out)
        return
    show(figures(one), how, out, title=heading(one))
    warn(one)


def warn(one: Estimate) -> None:
    """Say what the figures do not: users who wait, and chips that the laws were not fitted to."""
    from gigawatt.inference import Chip

    waiting = one.concurrency - one.concurrency_that_fits
    if waiting > 0:
        say(f"{waiting:,.0f} of {one.concurrency:,} users wait for room in memory; TTFT holds their wait")
    if not Chip.from_catalog(one.chip).kernel_tables:
        say(f"no kernel was measured on {one.chip}: the 80 % band, made on Nvidia's H100 to B200, need not hold")


def show_frontier(kept: Sequence[Estimate], how: Format, out: Path | None) -> None:
    """The frontier, slowest user first; in other formats rows of all fields."""
    rows = [asdict(one) for one in kept] if how is not Format.table else [short(one) for one in apart(kept)]
    show(rows, how, out, title=f"{kept[0].model} on {kept[0].chip}: {lengths(kept[0])}")


def apart(kept: Sequence[Estimate]) -> list[Estimate]:
    """Of neighbours on the frontier within `CLOSE` of each other in both speeds, the one on fewest chips."""
    groups: list[list[Estimate]] = []
    for one in kept:
        if groups and close(groups[-1][0], one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [min(group, key=lambda one: one.chips) for group in groups]


def close(a: Estimate, b: Estimate) -> bool:
    """Whether two points are within `CLOSE` of each other in both speeds."""
    per_user = b.output_tokens_per_s_per_user / a.output_tokens_per_s_per_user
    per_chip = a.output_tokens_per_s_per_chip / b.output_tokens_per_s_per_chip
    return max(per_user, per_chip) < 1 + CLOSE


def show_queries(found: Sequence[Query], how: Format, out: Path | None) -> None:
    """What a query of each tier costs, and how it is served."""
    rows = [query_row(one) for one in found] if how is Format.table else [flat(one) for one in found]
    show(rows, how, out, title=f"{found[0].estimate.model}: a mean query of a tier")


def show_levers(steps: Sequence[Lever], how: Format, out: Path | None) -> None:
    """The waterfall; in other formats with the configuration of each step."""
    if how is not Format.table:
        show([flat(step) for step in steps], how, out)
        return
    rows = [
        {
            "lever": step.name,
            "change": step.change,
            "USD/M output tokens": digits(step.usd_per_mtok_output),
            "factor": digits(step.factor),
            "of the start": digits(step.whole),
        }
        for step in steps
    ]
    last = steps[-1].estimate
    show(rows, how, out, title=f"{last.model}: {lengths(last)}; prompt and answer paid by the answer's tokens")
    halved = next((step.name for step in steps if step.whole <= 0.5), None)
    if out is None:
        print(f"halved by: {halved}" if halved else "not halved")


def heading(one: Estimate) -> str:
    """A configuration in one line."""
    drafted = f", {one.speculation} drafted" if one.speculation else ""
    apart = ", prompts on other chips" if one.disaggregated else ""
    return (
        f"{one.model} on {one.chip}: {one.precision}, {layout(one)}, {one.concurrency} users, "
        f"{lengths(one)}{drafted}{apart}, {one.framework}"
    )


def layout(one: Estimate) -> str:
    """Degrees of parallelism above 1, in the words of the options."""
    degrees = {
        "tp": one.tensor_parallel,
        "pp": one.pipeline_parallel,
        "ep": one.expert_parallel,
        "dp": one.data_parallel,
    }
    return " ".join(f"{name} {degree}" for name, degree in degrees.items() if degree > 1) or "tp 1"


def lengths(one: Estimate) -> str:
    """Prompt and answer in words."""
    cached = f" ({one.cached_share:.0%} cached)" if one.cached_share > 0 else ""
    return f"{one.input_tokens:,.0f} tokens in{cached}, {one.output_tokens:,.0f} out"


def figures(one: Estimate) -> list[Row]:
    """The lines of one configuration: latency, throughput, memory, energy, money, footprint."""
    ttft = (one.ttft_s, one.ttft_low_s, one.ttft_high_s)
    tpot = tuple(1e3 * s for s in (one.tpot_s, one.tpot_low_s, one.tpot_high_s))
    return [
        line("time to first token (TTFT)", "s", *ttft),
        line("time per output token (TPOT)", "ms", *tpot),
        line("time to the last token", "s", one.request_s),
        line("output per user", "tokens/s", one.output_tokens_per_s_per_user),
        line("output per chip", "tokens/s", one.output_tokens_per_s_per_chip),
        line("input per chip", "tokens/s", one.input_tokens_per_s_per_chip),
        line("chips", "", one.chips),
        line("their time on prompts", "%", 100 * one.prefill_share),
        line("their time on answers", "%", 100 * one.decode_share),
        line("weights on a chip", "GB", one.weights_gb),
        line("caches on a chip", "GB", one.cache_gb),
        line("free on a chip", "GB", one.free_gb),
        line("users that fit at once", "", one.concurrency_that_fits),
        line("power of a chip with its server", "W", one.power_w),
        line("energy per input token", "J", one.j_per_input_token),
        line("energy per output token", "J", one.j_per_output_token),
        line("energy per query", "Wh", one.wh_per_query),
        line("queries per MWh", "", one.queries_per_mwh),
        line("a chip-hour, energy included", "USD", one.usd_per_chip_h),
        line("a million input tokens", "USD", one.usd_per_mtok_input),
        line("a million output tokens", "USD", one.usd_per_mtok_output),
        line("a thousand queries", "USD", 1e3 * one.usd_per_query),
        line("CO2 per query", "g", one.g_co2_per_query),
        line("water per query", "ml", 1e3 * one.litres_per_query),
    ]


def line(figure: str, unit: str, value: float, low: float | None = None, high: float | None = None) -> Row:
    """One figure with its 80 % interval where there is one."""
    ends = {"low": low, "high": high}
    return {"figure": figure, "value": digits(value), "unit": unit} | {
        name: digits(end) if end is not None else None for name, end in ends.items()
    }


def digits(value: float) -> float:
    """A number cut to the digits that matter."""
    return float(f"{value:.{DIGITS}g}")


def short(one: Estimate) -> Row:
    """A configuration of the frontier in one row."""
    return {
        "tokens/s/user": digits(one.output_tokens_per_s_per_user),
        "tokens/s/chip": digits(one.output_tokens_per_s_per_chip),
        "TTFT s": digits(one.ttft_s),
        "TPOT ms": digits(1e3 * one.tpot_s),
        "USD/M in": digits(one.usd_per_mtok_input),
        "USD/M out": digits(one.usd_per_mtok_output),
        "precision": one.precision,
        "tp": one.tensor_parallel,
        "dp": one.data_parallel,
        "ep": one.expert_parallel,
        "pp": one.pipeline_parallel,
        "users": one.concurrency,
        "drafted": one.speculation,
    }


def query_row(one: Query) -> Row:
    """A tier in one row."""
    served = one.estimate
    return {
        "tier": one.tier,
        "chip": served.chip,
        "tokens out": digits(one.output_tokens),
        "USD/query": digits(one.usd_per_query),
        "USD/M in": digits(served.usd_per_mtok_input),
        "USD/M out": digits(served.usd_per_mtok_output),
        "Wh/query": digits(one.wh_per_query),
        "queries/MWh": digits(one.queries_per_mwh),
        "g CO2/query": digits(one.g_co2_per_query),
        "l water/query": digits(one.litres_per_query),
        "TTFT s": digits(served.ttft_s),
        "TPOT ms": digits(1e3 * served.tpot_s),
        "tokens/s/chip": digits(served.output_tokens_per_s_per_chip),
        "served by": f"{served.precision}, {layout(served)}, {served.concurrency} users",
    }


def flat(one: Query | Lever) -> Row:
    """All fields, those of the configuration beside the others; what prompt and answer cost together says so."""
    own = {name: value for name, value in asdict(one).items() if name != "estimate"}
    return asdict(one.estimate) | {f"{name}_all_in" if name in ALL_IN else name: value for name, value in own.items()}
