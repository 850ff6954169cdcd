"""Levers on the cost of a query, pulled one after the other: a waterfall from a plain set-up to a good one.

Each step is the cheapest configuration that keeps the SLO when one more thing may be chosen: a narrower precision,
larger batches, prompts read on other chips, drafted tokens, a prefix cache, the next generation of chips, chips that
are busier, cheaper power. Since what could be chosen before still can be, no lever raises the cost; the product of
the factors is the whole fall.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from math import inf, isclose

from gigawatt.inference.costs import Site, number, refuse_rent
from gigawatt.inference.estimate import Estimate, as_chip, as_model
from gigawatt.inference.frontier import cheapest_of
from gigawatt.inference.search import Search
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.speculation import DRAFTS
from gigawatt.units import TOKENS_PER_MTOK

GENERATION_DAYS = 365  # between two generations of a family, at least
MOST_USERS = 4096  # of a group
NOT_TAKEN = "no gain, not taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One step of the waterfall."""

    name: str
    change: str  # what differs from the step before
    usd_per_query: float
    usd_per_mtok_output: float  # all of a query's cost over its output tokens
    factor: float  # cost over that of the step before
    whole: float  # cost over that of the start
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How far the levers go that are no choice of configuration."""

    cached_share: float  # of the prompt, found in a prefix cache
    utilisation: float
    usd_per_mwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Among what the cheapest configuration is sought."""

    chips: tuple[Chip, ...]
    searches: tuple[Search, ...]

    def each(self, change: Callable[[Search], Search]) -> Choice:
        """With every search changed."""
        return replace(self, searches=tuple(change(search) for search in self.searches))

    def also(self, change: Callable[[Search], Search]) -> Choice:
        """With further searches: each one changed, beside itself."""
        return replace(self, searches=(*self.searches, *(change(search) for search in self.searches)))

    def at(self, **given: float) -> Choice:
        """At a site some of whose values differ."""
        return self.each(lambda search: replace(search, site=replace(search.site or Site(), **given)))


def levers(
    model: Model | str,
    chip: Chip | str,
    *,
    input_tokens: float,
    output_tokens: float,
    previous: Chip | str | None = None,
    ttft_s: float = inf,
    tpot_s: float = inf,
    target: Target | None = None,
    site: Site | None = None,
    framework: str = "vllm",
    max_chips: int = 64,
) -> list[Lever]:
    """The waterfall of USD per query, from BF16, small batches and the chip before to all levers; its start first.

    Args:
        previous: The chip to start with; the one before `chip` in its family of the catalog unless given.
        target: How far caching, utilisation and the price of power go; the catalog's `levers` unless given.
        site: Where it starts; the catalog's `site` unless given.

    Raises:
        ValueError: A step on which nothing keeps the SLO, or nothing of the catalog came before `chip`.
    """
    model, chip = as_model(model), as_chip(chip)
    before = as_chip(previous or generation_before(chip.name))
    refuse_rent((before, chip), (site,))
    first = Search(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        precisions=("bf16",),
        speculation=(0,),
        max_chips=max_chips,
        max_concurrency=int(number("serving", "levers", "small_batch")),
        framework=framework,
        site=site or Site(),
    )
    start = Choice(chips=(before,), searches=(first,))
    return waterfall(model, pulled(start, chip, target or catalog_target()), ttft_s, tpot_s)


def catalog_target() -> Target:
    """The catalog's `levers`."""
    return Target(**{one.name: number("serving", "levers", one.name) for one in fields(Target)})


def pulled(start: Choice, chip: Chip, target: Target) -> dict[str, Choice]:
    """What may be chosen after each lever, by its name, the start first."""
    site = start.searches[0].site or Site()
    choice, by_name = start, {"start": start}

    def pull(name: str, wider: Choice) -> Choice:
        by_name[name] = wider
        return wider

    choice = pull("precision", choice.each(lambda one: replace(one, precisions=())))
    choice = pull("batching", choice.each(lambda one: replace(one, max_concurrency=MOST_USERS)))
    choice = pull("disaggregation", choice.also(lambda one: replace(one, disaggregated=True)))
    choice = pull("speculation", choice.each(lambda one: replace(one, speculation=DRAFTS)))
    choice = pull("caching", choice.each(lambda one: replace(one, cached_share=target.cached_share)))
    choice = pull("chip generation", replace(choice, chips=(*choice.chips, chip)))
    choice = pull("utilisation", choice.at(utilisation=max(site.utilisation, target.utilisation)))
    pull("power price", choice.at(usd_per_mwh=min(site.usd_per_mwh, target.usd_per_mwh)))
    return by_name


def waterfall(model: Model, choices: Mapping[str, Choice], ttft_s: float, tpot_s: float) -> list[Lever]:
    """The cheapest configuration of each choice, each beside the one before it."""
    steps: list[Lever] = []
    for name, choice in choices.items():
        found = cheapest_of(model, choice.chips, choice.searches, ttft_s, tpot_s)
        before = steps[-1].estimate if steps else found
        first = steps[0].estimate if steps else found
        steps.append(
            Lever(
                name=name,
                change=changed(name, before, found, choice, model),
                usd_per_query=found.usd_per_query,
                usd_per_mtok_output=found.usd_per_query / found.output_tokens * TOKENS_PER_MTOK,
                factor=found.usd_per_query / before.usd_per_query,
                whole=found.usd_per_query / first.usd_per_query,
                estimate=found,
            )
        )
    return steps


def changed(name: str, before: Estimate, after: Estimate, choice: Choice, model: Model) -> str:
    """What a lever changed, in words."""
    site = choice.searches[0].site or Site()
    if name != "start" and isclose(after.usd_per_query, before.usd_per_query):
        return NOT_TAKEN
    match name:
        case "start":
            return f"{after.chip}, {after.precision}, {_batch(after)}"
        case "precision":
            return f"{before.precision} to {after.precision}"
        case "batching":
            return f"{_batch(before)} to {_batch(after)}"
        case "disaggregation":
            return "prompts on other chips"
        case "speculation":
            drafter = "" if model.draft_layers > 0 else ", by a drafter that is assumed"
            return f"{after.speculation} drafted, {after.accepted:.2f} a step{drafter}"
        case "caching":
            return f"{after.cached_share:.0%} of the prompt cached"
        case "chip generation":
            return f"{before.chip} to {after.chip}, {after.precision}"
        case "utilisation":
            return f"busy {site.utilisation:.0%} of the time"
        case _:
            return f"{site.usd_per_mwh:g} USD/MWh"


def _batch(one: Estimate) -> str:
    return f"{one.concurrency} users on {one.chips:.3g} chips"


def generation_before(chip: str) -> str:
    """The fastest chip of the same family of the catalog that came a year or more before `chip`.

    Raises:
        ValueError: There is none.
    """
    from gigawatt.catalog import items, named, value

    chip = named("chips", chip)

    def came(item: str) -> date:
        return date.fromisoformat(str(value("chips", item, "volume_start", "9999-12-31")))

    older = [
        item
        for item in items("chips")
        if value("chips", item, "family", "") == value("chips", chip, "family", "")
        and (came(chip) - came(item)).days >= GENERATION_DAYS
    ]
    if not older:
        raise ValueError(f"the catalog has no chip of the family of {chip} that is a year older; say previous")
    return max(older, key=lambda item: (number("chips", item, "bf16_flop_per_s"), number("chips", item, "memory_gb")))
