"""Rows of `gigawatt finance lcoc`: chips side by side, their costs by cause, and where every input is from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, isfinite, nan
from textwrap import fill
from typing import Any

from gigawatt import catalog
from gigawatt.cli.output import width_there_is
from gigawatt.finance.levelised import Cluster, ComputeCost, levelised_cost_of_compute
from gigawatt.finance.levelised_chips import ChipTerms, chip_cluster, chip_named, flop_per_s
from gigawatt.finance.levelised_rents import AgainstRent, Rent, against_rent, rent_of
from gigawatt.finance.parameters import parameter

INPUTS = {  # option -> (field of the terms, unit)
    "capex": ("price_usd", "USD"), "power": ("system_power_w", "W"), "facility": ("facility_usd_per_mw", "USD/MW"),
    "life": ("life_years", "years"), "facility-life": ("facility_life_years", "years"), "residual": ("residual", "1"),
    "opex": ("opex_share_per_year", "1/year"), "pue": ("pue", "1"), "load-factor": ("load_factor", "1"),
    "utilisation": ("utilisation", "1"), "rate": ("rate", "1"), "price": ("price_usd_per_mwh", "USD/MWh"),
}  # fmt: skip
WITHOUT_OPTION = ("availability",)  # inputs that no option changes
OF_CHIP = ("price_usd", "system_power_w")
LEAST = ("if rents fall", "kind", "payback, years", "as of")  # columns that go first where there is no room
LONG = ("chip", "section", "item", "value", "unit", "as_of", "source", "note")
HOURLY = "USD/chip/h"
LINE = 110  # characters of a line that is read as text
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options say: terms by field, the precision of work, and a rent."""

    given: dict[str, float]
    precision: str = "bf16"
    mfu: float = 1.0
    tokens_per_s: float | None = None
    rent_usd_per_chip_h: float | None = None

    def term(self, name: str) -> float:
        """What was given, else the catalog's."""
        return self.given[name] if name in self.given else parameter(f"lcoc.{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One chip: its cluster, its cost, and the rent beside it where one is known."""

    chip: str
    cluster: Cluster
    cost: ComputeCost
    rent: Rent | None
    earned: AgainstRent | None


def worked_out(chips: Sequence[str], asked: Asked) -> list[Found]:
    """Every chip once, in the order given."""
    return [_worked_out(item, asked) for item in dict.fromkeys(map(chip_named, chips))]


def _worked_out(item: str, asked: Asked) -> Found:
    terms = {name: value for name, value in asked.given.items() if name not in ("rate", "price_usd_per_mwh")}
    cluster, rate = chip_cluster(item, ChipTerms(**terms)), asked.term("rate")
    cost = levelised_cost_of_compute(
        cluster,
        rate=rate,
        price_usd_per_mwh=asked.term("price_usd_per_mwh"),
        flop_per_s=flop_per_s(item, asked.precision) * asked.mfu,
        tokens_per_s=asked.tokens_per_s,
    )
    told = asked.rent_usd_per_chip_h
    rent = rent_of(item) if told is None else Rent(usd_per_chip_h=told, kind="given", source="option --rent")
    earned = None
    if rent is not None:
        years = asked.term("life_years")
        earned = against_rent(cluster, cost, rent.usd_per_chip_h, rate=rate, life_years=years)
    return Found(chip=item, cluster=cluster, cost=cost, rent=rent, earned=earned)


def headline(found: Sequence[Found], asked: Asked) -> str:
    """A few lines for each chip: cost, rent, margin and what it takes; below them what they assume."""
    width = min(width_there_is(True), LINE)
    return "\n".join(fill(line, width, subsequent_indent="  ") for line in (*map(_head, found), _assumed(asked)))


def _head(one: Found) -> str:
    head = f"{one.chip}: an hour sold costs its owner {_usd(one.cost.usd_per_chip_h)}"
    if one.rent is None or one.earned is None:
        return f"{head}; the catalog has no rent of it: say --rent"
    dated = f", {one.rent.as_of}" if one.rent.as_of else ""
    share, years = one.earned.sold_share, one.earned.payback_years
    pays = f"pays if {share:.0%} is sold" if share <= 1 else "does not pay even if all is sold"
    back = f", back in {years:.1f} years" if isfinite(years) else ", never back"
    return (
        f"{head} and rents for {_usd(one.rent.usd_per_chip_h)} ({one.rent.kind}{dated}): "
        f"margin {one.earned.margin:.0%}, {pays}{back}; if rents fall by {_fall():.0%} a year, "
        f"it takes {_usd(one.earned.falling_usd_per_chip_h)} today"
    )


def _fall() -> float:
    """Share that rents lose in a year as the cost of the same work in new chips falls."""
    return 1 - exp(-parameter("price.technology_decline_per_year"))


def _assumed(asked: Asked) -> str:
    return (
        f"capital at {asked.term('rate'):.2%}, {asked.term('utilisation'):.0%} of hours sold, "
        f"{asked.term('life_years'):g} years, before tax; margin, share and payback at a level rent"
    )


def _usd(value: Any) -> str:
    return f"{float(value):.2f} USD"


def by_chip(found: Sequence[Found]) -> list[Row]:
    """Chips side by side: cost, rent, margin, share sold at which it pays, payback."""
    return [
        {
            "chip": one.chip,
            "cost": _figure(one.cost.usd_per_chip_h),
            "rent": _figure(one.rent.usd_per_chip_h) if one.rent else "",
            "as of": one.rent.as_of if one.rent else "",
            "kind": one.rent.kind if one.rent else "",
            "margin": f"{one.earned.margin:.0%}" if one.earned else "",
            "pays at": _sold(one.earned.sold_share) if one.earned else "",
            "payback, years": _years(one.earned.payback_years) if one.earned else "",
            "if rents fall": _figure(one.earned.falling_usd_per_chip_h) if one.earned else "",
        }
        for one in found
    ]


def _sold(share: float) -> str:
    return f"{share:.0%} sold" if share <= 1 else "never"


def _years(years: float) -> str:
    return f"{years:.1f}" if isfinite(years) else "never"


def _figure(value: Any) -> str:
    return f"{float(value):.2f}"


def by_cause(found: Sequence[Found]) -> list[Row]:
    """Causes of an hour's cost and their sum, a column a chip; of one chip with shares."""
    rows = []
    for name in (*found[0].cost.causes_usd_per_chip_h, "all of it"):
        row: Row = {"cause": name}
        for one in found:
            row[one.chip] = _figure(_of(one, name))
        if len(found) == 1:
            row["share"] = f"{_of(found[0], name) / _of(found[0], 'all of it'):.0%}"
        rows.append(row)
    return rows


def _of(one: Found, cause: str) -> float:
    return float(one.cost.usd_per_chip_h if cause == "all of it" else one.cost.causes_usd_per_chip_h[cause])


def of_work(found: Sequence[Found], asked: Asked) -> list[Row]:
    """What an H100-equivalent hour, a PFLOP-hour and a million tokens cost, a column a chip."""
    speed = "peak" if asked.mfu == 1 else f"{asked.mfu:.0%} of peak"
    return [{"of": f"{told}, {speed}" if name == "pflop_h" else told}
            | {one.chip: f"{value:.4g}" for one in found if (value := _work(one)[name]) is not None} | {"unit": unit}
            for name, told, unit in (("h100e_h", "H100-equivalent hour", "USD/H100e/h"),
                                     ("pflop_h", f"PFLOP-hour, {asked.precision}", "USD/PFLOP/h"),
                                     ("mtok", "million tokens", "USD/Mtok"))
            if _work(found[0])[name] is not None]  # fmt: skip


def _work(one: Found) -> dict[str, float | None]:
    cost = one.cost
    values = {"h100e_h": cost.usd_per_h100e_h, "pflop_h": cost.usd_per_pflop_h, "mtok": cost.usd_per_m_tokens}
    return {name: None if value is None else float(value) for name, value in values.items()}


def inputs(found: Sequence[Found], asked: Asked) -> list[Row]:
    """Every input of the terminal's table: of each chip its own, then those that all share."""
    many = len(found) > 1
    rows = [row for one in found for row in _inputs(one, asked, OF_CHIP, f"{one.chip} " if many else "")]
    rows += _inputs(found[0], asked, [name for name in _names() if name not in OF_CHIP])
    rows += [row for one in found for row in _rents(one, f"{one.chip} " if many else "")]
    return [{"input": row["item"], "value": _told(row["value"]), "unit": row["unit"], "source": row["source"],
             "note": row["note"]} for row in rows]  # fmt: skip


def _names() -> list[str]:
    """All inputs, those without an option last."""
    return [*(name for name, _ in INPUTS.values()), *WITHOUT_OPTION]


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _inputs(one: Found, asked: Asked, names: Iterable[str], before: str = "") -> list[Row]:
    options = {name: (option, unit) for option, (name, unit) in INPUTS.items()}
    rows: list[Row] = []
    for name in names:
        row: Row = {"item": before + name, "as_of": "", "note": ""}
        if name in asked.given:
            option, unit = options[name]
            rows.append(row | {"value": asked.given[name], "unit": unit, "source": f"option --{option}"})
        else:
            of_chip = name in OF_CHIP
            fact = catalog.fact(*(("chips", one.chip, name) if of_chip else ("finance", f"lcoc.{name}", "value")))
            rows.append(row | {"value": float(fact.value), "unit": fact.unit, "as_of": fact.as_of,
                               "source": fact.source, "note": fact.note})  # fmt: skip
    return rows


def _rents(one: Found, before: str = "") -> list[Row]:
    if one.rent is None:
        return []
    note = "; ".join(filter(None, (one.rent.kind, one.rent.note)))
    return [{"item": f"{before}rent_usd_per_chip_h", "value": one.rent.usd_per_chip_h, "unit": HOURLY,
             "as_of": one.rent.as_of, "source": one.rent.source, "note": note}]  # fmt: skip


def long_rows(found: Sequence[Found], asked: Asked) -> list[Row]:
    """One row a figure under stable names, at full precision: chip, section, item, value, unit, and its source."""
    rows: list[Row] = []
    for one in found:
        rows += [{"chip": one.chip, **row} for row in _long(one, asked)]
    return [{name: row.get(name, "") for name in LONG} for row in rows]


def _long(one: Found, asked: Asked) -> Iterable[Row]:
    for cause, usd in one.cost.causes_usd_per_chip_h.items():
        yield _line("cause", f"{cause.replace(' ', '_')}_usd_per_chip_h", usd, HOURLY)
    yield _line("cost", "usd_per_chip_h", one.cost.usd_per_chip_h, HOURLY)
    units = {"h100e_h": "USD/H100e/h", "pflop_h": "USD/PFLOP/h", "mtok": "USD/Mtok"}
    for name, value in _work(one).items():
        if value is not None:
            note = f"{asked.precision}, {asked.mfu:g} of the peak" if name == "pflop_h" else ""
            yield _line("cost", f"usd_per_{name}", value, units[name]) | {"note": note}
    if one.earned is not None:
        yield _line("rent", "margin", one.earned.margin, "1")
        yield _line("rent", "sold_share_that_pays", one.earned.sold_share, "1")
        back = one.earned.payback_years
        yield _line("rent", "payback_years", back if isfinite(back) else nan, "years")
        yield _line("rent", "falling_usd_per_chip_h", one.earned.falling_usd_per_chip_h, HOURLY)
    for row in (*_inputs(one, asked, _names()), *_rents(one)):
        yield {"section": "input", **row}


def _line(section: str, item: str, value: Any, unit: str) -> Row:
    return {"section": section, "item": item, "value": float(value), "unit": unit}
