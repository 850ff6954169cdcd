"""`gigawatt inference`: one serving point in full, the frontier, the cheapest within an SLO, tiers, or the levers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from gigawatt.cli import inference_tables as tables
from gigawatt.cli.inference_asked import USERS, Asked, cheapest_of, point, queries, site_of, unbeaten, waterfall
from gigawatt.cli.inference_compare import compare as compare_rows
from gigawatt.cli.output import Format, by_name
from gigawatt.errors import GigawattError

# A line with \b alone keeps the lines below it from being wrapped.
EXAMPLES = """\b
Examples:
  gigawatt inference llama-3.1-70b h100-sxm --tp 4 --concurrency 64
  gigawatt inference deepseek-v3 gb300-nvl72 --frontier --input 8k --output 1k
  gigawatt inference llama-3.1-70b h100-sxm,b200 --cheapest --tpot 25ms
  gigawatt inference deepseek-v3 gb300-nvl72 --tier all
  gigawatt inference llama-3.1-70b b200 --levers --tpot 25ms
  gigawatt inference --compare measured.csv --out predictions.csv"""


def flag(name: str, help: str) -> Any:
    """An option of one name."""
    return typer.Option(f"--{name}", help=help)


def inference(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="A model of the catalog, or a name of its checkpoints.")
    ] = None,
    chip: Annotated[
        str | None, typer.Argument(metavar="CHIP", help="A chip; with --cheapest several, commas between.")
    ] = None,
    frontier: Annotated[bool, flag("frontier", "List what no other configuration beats in both speeds.")] = False,
    cheapest: Annotated[
        bool, flag("cheapest", "Find the cheapest configuration that keeps --ttft and --tpot.")
    ] = False,
    levers: Annotated[bool, flag("levers", "Pull the levers on cost one by one, from the chip before.")] = False,
    compare: Annotated[
        Path | None, flag("compare", "Measured rows to compare with; --out then takes their predictions.")
    ] = None,
    tier: Annotated[str | None, flag("tier", "Lengths and SLO of instant, thinking, pro, or all.")] = None,
    precision: Annotated[
        str | None, flag("precision", "bf16, fp8, fp4 or int4; the chip's narrowest unless given.")
    ] = None,
    tp: Annotated[int | None, flag("tp", "Tensor parallelism; the smallest that fits unless given.")] = None,
    pp: Annotated[int | None, flag("pp", "Pipeline stages.")] = None,
    ep: Annotated[
        int | None, flag("ep", "Groups that experts are spread over; 1: each is split among all chips.")
    ] = None,
    dp: Annotated[int | None, flag("dp", "Attention replicas.")] = None,
    concurrency: Annotated[
        int | None, flag("concurrency", f"Users with one request each; {USERS} unless given.")
    ] = None,
    prompt: Annotated[str | None, flag("input", "Tokens of a prompt; 2000 unless given.")] = None,
    answer: Annotated[str | None, flag("output", "Tokens of an answer; 500 unless given.")] = None,
    cached: Annotated[str | None, flag("cached", "Share of the prompt in a prefix cache, such as 60%.")] = None,
    speculation: Annotated[int | None, flag("speculation", "Tokens drafted in a step.")] = None,
    accepted: Annotated[
        float | None, flag("accepted", "Tokens that a drafting step yields; as fitted unless given.")
    ] = None,
    disaggregated: Annotated[bool, flag("disaggregated", "Prompts are read on other chips.")] = False,
    framework: Annotated[str, flag("framework", "vllm, sglang or trtllm.")] = "vllm",
    ttft: Annotated[str | None, flag("ttft", "Longest mean time to first token, such as 0.5 or 500ms.")] = None,
    tpot: Annotated[str | None, flag("tpot", "Longest mean time per output token, such as 25ms.")] = None,
    max_chips: Annotated[int, flag("max-chips", "Chips of a group that a search may take.")] = 64,
    region: Annotated[str | None, flag("region", "Price, carbon and water of a region of the catalog.")] = None,
    usd_per_mwh: Annotated[float | None, flag("usd-per-mwh", "Price of energy.")] = None,
    pue: Annotated[float | None, flag("pue", "Site power over IT power.")] = None,
    carbon: Annotated[float | None, flag("carbon", "Grams of CO2 per kWh.")] = None,
    water: Annotated[float | None, flag("water", "Litres of water on site per kWh of IT.")] = None,
    utilisation: Annotated[str | None, flag("utilisation", "Share of time under this load; 60% unless given.")] = None,
    rent: Annotated[float | None, flag("rent", "USD per chip-hour, energy included; owned unless given.")] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Estimate latency, throughput, memory, energy and cost of serving a model on a chip.

    With --frontier, --cheapest, --tier or --levers the configuration is searched for.
    """
    if compare is not None:
        if model is not None:
            raise GigawattError("--compare takes models and chips from its rows: leave out MODEL and CHIP")
        taken: dict[str, Any] = {
            "frontier": frontier or None,
            "cheapest": cheapest or None,
            "levers": levers or None,
            "tier": tier,
        }
        taken |= {"tier": tier, "tp": tp, "pp": pp, "ep": ep, "dp": dp}
        taken |= {"concurrency": concurrency, "precision": precision}
        refuse("--compare takes all that it predicts from its rows", taken)
        compare_rows(compare, how, out)
        return
    how = by_name(how, out)
    if model is None or chip is None:
        raise GigawattError("say which model and chip: gigawatt inference llama-3.1-70b h100-sxm")
    if sum((frontier, cheapest, levers)) > 1:
        raise GigawattError("one of --frontier, --cheapest and --levers at a time")
    layout = {"tp": tp, "pp": pp, "ep": ep, "dp": dp, "concurrency": concurrency}
    local = {"usd_per_mwh": usd_per_mwh, "pue": pue, "g_co2_per_kwh": carbon, "litres_per_kwh": water}
    local["usd_per_chip_h"] = rent
    with spoken():
        asked = Asked(
            model=model,
            chips=tuple(chip.split(",")),
            tier=tier,
            lengths={"input_tokens": prompt, "output_tokens": answer, "cached_share": cached},
            limits={"ttft_s": ttft, "tpot_s": tpot},
            precision=precision,
            speculation=speculation,
            accepted=accepted,
            disaggregated=disaggregated,
            framework=framework,
            max_chips=max_chips,
            site=site_of(region, local, utilisation),
        )
        if frontier or not (cheapest or levers or tier):
            refuse("an SLO is for --cheapest, --tier and --levers", {"ttft": ttft, "tpot": tpot})
        if not (frontier or cheapest or levers or tier):
            tables.show_point(point(asked, layout), how, out)
            return
        refuse("a search chooses the layout and the users by itself", layout)
        if levers:
            by_itself = {"precision": precision, "cached": cached, "speculation": speculation, "accepted": accepted}
            refuse("--levers goes through these by itself", by_itself | {"disaggregated": disaggregated or None})
            tables.show_levers(waterfall(asked), how, out)
        elif frontier:
            tables.show_frontier(unbeaten(asked), how, out)
        elif tier:
            tables.show_queries(queries(asked), how, out)
        else:
            tables.show_point(cheapest_of(asked), how, out)


@contextmanager
def spoken() -> Iterator[None]:
    """What the stage refuses, as a message."""
    try:
        yield
    except ValueError as error:
        raise GigawattError(str(error)) from None


def refuse(why: str, options: Mapping[str, Any]) -> None:
    """GigawattError where options are given that have no say here."""
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if given:
        raise GigawattError(f"{why}: leave out {', '.join(given)}")
