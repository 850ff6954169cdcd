"""`gigawatt inference`: one serving point in full, the frontier, the cheapest within an SLO, tiers, or the levers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli import inference_tables as tables
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.inference import Estimate, Lever, Site
    from gigawatt.inference.queries import Query

ALL_TIERS = "all"
USERS = 16  # unless given
LENGTHS = {"input_tokens": 2000.0, "output_tokens": 500.0, "cached_share": 0.0}  # unless given
OPTIONS = {
    "input_tokens": "--input",
    "output_tokens": "--output",
    "cached_share": "--cached",
    "ttft_s": "--ttft",
    "tpot_s": "--tpot",
}
UNITS = {"input_tokens": "tokens", "output_tokens": "tokens", "cached_share": "1", "ttft_s": "s", "tpot_s": "s"}
DEGREES = {"tp": "tensor_parallel", "pp": "pipeline_parallel", "ep": "expert_parallel", "dp": "data_parallel"}
# A line with \b alone keeps the lines below it from being wrapped.
EXAMPLES = """\b
Examples:
  gigawatt inference llama-3.1-70b h100-sxm --tp 4 --concurrency 64
  gigawatt inference deepseek-v3 gb300-nvl72 --frontier --input 8k --output 1k
  gigawatt inference llama-3.1-70b h100-sxm,b200 --cheapest --tpot 25ms
  gigawatt inference deepseek-v3 gb300-nvl72 --tier all
  gigawatt inference llama-3.1-70b b200 --levers --tpot 25ms"""


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
    utilisation: Annotated[float | None, flag("utilisation", "Share of time under this load.")] = None,
    rent: Annotated[float | None, flag("rent", "USD per chip-hour, energy included; owned unless given.")] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Estimate latency, throughput, memory, energy and cost of serving a model on a chip.

    With --frontier, --cheapest, --tier or --levers the configuration is searched for.
    """
    if model is None or chip is None:
        raise GigawattError("say which model and chip: gigawatt inference llama-3.1-70b h100-sxm")
    if sum((frontier, cheapest, levers)) > 1:
        raise GigawattError("one of --frontier, --cheapest and --levers at a time")
    layout = {"tp": tp, "pp": pp, "ep": ep, "dp": dp, "concurrency": concurrency}
    local = {"usd_per_mwh": usd_per_mwh, "pue": pue, "g_co2_per_kwh": carbon, "litres_per_kwh": water}
    local |= {"utilisation": utilisation, "usd_per_chip_h": rent}
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
            site=site_of(region, local),
        )
        if not (cheapest or levers or tier):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options say; lengths and limits are texts with units, None where not given."""

    model: str
    chips: tuple[str, ...]
    tier: str | None
    lengths: Mapping[str, str | None]
    limits: Mapping[str, str | None]
    precision: str | None
    speculation: int | None
    accepted: float | None
    disaggregated: bool
    framework: str
    max_chips: int
    site: Site

    @property
    def chip(self) -> str:
        """The one chip; GigawattError where several are given to what takes one."""
        if len(self.chips) > 1:
            raise GigawattError("several chips are for --cheapest and --tier; one elsewhere")
        return self.chips[0]

    def promised(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Lengths, and longest TTFT and TPOT in seconds: as given, else the tier's, else `LENGTHS` and no limit."""
        known: dict[str, Any] = dict(LENGTHS)
        limits: dict[str, Any] = dict.fromkeys(self.limits, inf)
        if self.tier:
            from gigawatt.inference import Model
            from gigawatt.inference.queries import search_for
            from gigawatt.inference.tiers import Tier

            tier = Tier.from_catalog(self.tier)
            search = search_for(tier, Model.from_catalog(self.model))
            known = {name: getattr(search, name) for name in LENGTHS}
            limits = {"ttft_s": tier.ttft_limit_s, "tpot_s": tier.tpot_limit_s}
        return known | self.given(self.lengths), limits | self.given(self.limits)

    def given(self, texts: Mapping[str, str | None]) -> dict[str, Any]:
        """Numbers of the texts that are given, by name."""
        from gigawatt.units import parse_quantity

        return {name: parse_quantity(text, UNITS[name], OPTIONS[name]).value for name, text in texts.items() if text}

    def searched(self) -> dict[str, Any]:
        """Fields of a search, lengths left out."""
        return {
            "precisions": (self.precision,) if self.precision else (),
            "speculation": () if self.speculation is None else (self.speculation,),
            "accepted": self.accepted,
            "disaggregated": self.disaggregated,
            "framework": self.framework,
            "max_chips": self.max_chips,
            "site": self.site,
        }


def site_of(region: str | None, local: Mapping[str, float | None]) -> Site:
    """The site of the options: a region's or the catalog's, with what is given."""
    from gigawatt.inference import Site

    given = {name: value for name, value in local.items() if value is not None}
    return Site.in_region(region, **given) if region else Site(**given)


def refuse(why: str, options: Mapping[str, Any]) -> None:
    """GigawattError where options are given that have no say here."""
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if given:
        raise GigawattError(f"{why}: leave out {', '.join(given)}")


def point(asked: Asked, layout: Mapping[str, int | None]) -> Estimate:
    """The estimate of one point; the smallest layout that fits unless one is given."""
    from gigawatt.inference import Chip, Model, estimate
    from gigawatt.inference.formats import allowed
    from gigawatt.inference.load import load_of
    from gigawatt.inference.memory import smallest_that_fits

    model, chip = Model.from_catalog(asked.model), Chip.from_catalog(asked.chip)
    precision = asked.precision or chip.best_precision
    lengths, _ = asked.promised()
    degrees = {name: value for name, value in layout.items() if value is not None and name != "concurrency"}
    if not degrees and asked.precision in (None, *allowed(chip)):
        smallest = smallest_that_fits(model, chip, precision, load_of(1, **lengths))
        degrees = {name: int(getattr(smallest, name)) for name in DEGREES} if smallest else {}
    return estimate(
        model,
        chip,
        precision=precision,
        **{DEGREES[name]: value for name, value in degrees.items()},
        concurrency=layout["concurrency"] or USERS,
        **lengths,
        framework=asked.framework,
        speculation=asked.speculation or 0,
        accepted=asked.accepted,
        disaggregated=asked.disaggregated,
        site=asked.site,
    )


def cheapest_of(asked: Asked) -> Estimate:
    """The cheapest configuration on any of the chips."""
    from gigawatt.inference import cheapest

    lengths, limits = asked.promised()
    return cheapest(asked.model, asked.chips, **limits, **lengths, **asked.searched())


def unbeaten(asked: Asked) -> list[Estimate]:
    """The frontier."""
    from gigawatt.inference import frontier

    lengths, _ = asked.promised()
    return frontier(asked.model, asked.chip, **lengths, **asked.searched())


def waterfall(asked: Asked) -> list[Lever]:
    """The levers, one after the other."""
    from gigawatt.inference import levers

    lengths, limits = asked.promised()
    del lengths["cached_share"]  # a lever of its own
    searched = {name: value for name, value in asked.searched().items() if name in ("framework", "max_chips", "site")}
    return levers(asked.model, asked.chip, **limits, **lengths, **searched)


def queries(asked: Asked) -> list[Query]:
    """What a query costs, by tier and chip."""
    from gigawatt.catalog import items
    from gigawatt.inference.queries import query

    names = items("tiers") if asked.tier == ALL_TIERS else [str(asked.tier)]
    given = asked.given(asked.lengths)
    return [query(asked.model, chip, name, **asked.searched(), **given) for name in names for chip in asked.chips]
