"""What the options of `gigawatt inference` ask for, and the answers of the stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

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

        pace = (texts.get("tpot_s") or "").strip()
        if pace.replace(".", "", 1).isdigit() and float(pace) >= 1:
            raise GigawattError(f"--tpot {pace}: {pace} seconds for a token? Write the unit, as in {pace}ms")
        return {
            name: parse_quantity(text, UNITS[name], OPTIONS[name]).value
            for name, text in texts.items()
            if text is not None
        }

    def searched(self) -> dict[str, Any]:
        """Fields of a search, lengths left out."""
        drafts = {"speculation": None if self.speculation is None else (self.speculation,), "accepted": self.accepted}
        return {name: value for name, value in drafts.items() if value is not None} | {
            "precisions": (self.precision,) if self.precision else (),
            "disaggregated": self.disaggregated,
            "framework": self.framework,
            "max_chips": self.max_chips,
            "site": self.site,
        }


def site_of(region: str | None, local: Mapping[str, float | None], utilisation: str | None) -> Site:
    """The site of the options: a region's or the catalog's, with what is given."""
    from gigawatt.inference import Site
    from gigawatt.units import parse_quantity

    given: dict[str, Any] = {name: value for name, value in local.items() if value is not None}
    if utilisation is not None:
        given["utilisation"] = parse_quantity(utilisation, "1", "--utilisation").value
    return Site.in_region(region, **given) if region else Site(**given)


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
        smallest = smallest_that_fits(model, chip, precision, load_of(1, **lengths), asked.framework)
        degrees = {name: int(getattr(smallest, name)) for name in DEGREES} if smallest else {}
    return estimate(
        model,
        chip,
        precision=precision,
        **{DEGREES[name]: value for name, value in degrees.items()},
        concurrency=USERS if layout["concurrency"] is None else layout["concurrency"],
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
    from gigawatt.inference.costs import refuse_rent
    from gigawatt.inference.queries import query

    names = items("tiers") if asked.tier == ALL_TIERS else [str(asked.tier)]
    given = asked.given(asked.lengths) | asked.given(asked.limits)
    refuse_rent(asked.chips, (asked.site,))
    return [query(asked.model, chip, name, **asked.searched(), **given) for name in names for chip in asked.chips]
