"""What `gigawatt power` tells, as rows: tables in units that people read, and one long table for files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gigawatt.power import PowerPlan, Timing
    from gigawatt.report.panel import Panel

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the answer says: a table as people read it, and tables in full digits for files."""

    told: Sequence[Row]
    full: Mapping[str, Sequence[Mapping[str, Any]]]
    said: str = ""  # a sentence above the table
    panels: Sequence[Panel] = ()  # for the charts


DIGITS = 4  # that matter
NEVER = 1e-3  # share of the load: where more is never served, there is no full power
SUFFIXES = (  # of a column, with the unit that it stands for
    ("usd_per_mwh", "USD/MWh"), ("g_per_kwh", "g/kWh"), ("usd", "USD"), ("mwh", "MWh"), ("mw", "MW"),
    ("month", "months"), ("months", "months"), ("t", "t"), ("share", "1"), ("factor", "1"), ("of_load", "1"),
)  # fmt: skip
BESIDE = ("unit", "note")  # columns of text that name no item
LONG = ("part", "item", "figure", "value", "unit", "note")


def digits(value: float) -> float:
    """A number cut to the digits that matter."""
    return float(f"{value:.{DIGITS}g}")


def line(figure: str, value: float, unit: str, note: str = "", least: float = 5e-4) -> Row:
    """One figure with its unit; what is below `least` is 0 to rounding."""
    return {"figure": figure, "value": digits(value) if abs(value) >= least else 0.0, "unit": unit, "note": note}


# ------------------------------------------------------------------------------------------------------------- a plan


def size_rows(plan: PowerPlan) -> list[Row]:
    """Every option: what is built of it, what that costs upfront, and what it gives."""
    from gigawatt.power import Bridge, seen_sizes

    accounts, load_mwh, seen = plan.accounts, plan.accounts.energy.load_mwh, seen_sizes(plan)
    rows = []
    for option in plan.built.options:
        if isinstance(option, Bridge):
            continue
        places = plan.built.places(option.name)
        sizes = {plan.built.capacities[i].unit: float(seen[i]) for i in places}
        mwh = sum(accounts.energy.by_source.get(plan.built.capacities[i].name, 0.0) for i in places)
        stored = option.name in plan.built.stores
        mwh = given_back(plan, option.name) if stored else mwh
        used = mwh / (sizes["MW"] * plan.built.system.hours) if sizes.get("MW") else 0.0
        rows.append({
            "option": option.name, "MW": digits(sizes.get("MW", 0.0)),
            "MWh": digits(sizes["MWh"]) if sizes.get("MW") and sizes.get("MWh") else None,
            "capex M$": digits(accounts.capex_usd.get(option.name, 0.0) / 1e6) if sizes.get("MW") else 0.0,
            "GWh a year": digits(mwh / plan.built.years / 1e3) if sizes.get("MW") else 0.0,
            "% of load": percent(mwh / load_mwh) if not stored and sizes.get("MW") else None,
            "% used": percent(used) if sizes.get("MW") else None,
        })  # fmt: skip
    return rows


def given_back(plan: PowerPlan, store: str) -> float:
    """MWh that a store gives back."""
    return float(plan.dispatch.discharge_mw[:, plan.built.stores.index(store)].sum())


def percent(share: float) -> float:
    """A share in per cent, with a digit after the point."""
    return round(100.0 * share, 1) + 0.0


def cause_rows(plan: PowerPlan) -> list[Row]:
    """USD per MWh of load by option and cause, with sums of both."""
    from gigawatt.power.draft import CAUSES

    load_mwh = plan.accounts.energy.load_mwh
    split = {
        option: {cause: usd / load_mwh for cause, usd in parts.items()} for option, parts in plan.accounts.usd.items()
    }
    split = {option: parts for option, parts in split.items() if any(abs(each) >= 5e-3 for each in parts.values())}
    causes = [cause for cause in CAUSES if any(abs(parts.get(cause, 0.0)) >= 5e-3 for parts in split.values())]
    split["all"] = {cause: usd / load_mwh for cause, usd in plan.accounts.by_cause.items()}
    return [
        {
            "USD/MWh": option.removeprefix("flexible_"),
            **{cause: cents(parts[cause]) if cause in parts else None for cause in causes},
            "all": cents(sum(parts.values())),
        }
        for option, parts in split.items()
    ]


def cents(usd: float) -> float:
    """USD with two digits after the point."""
    return round(usd, 2) + 0.0


def figure_rows(plan: PowerPlan) -> list[Row]:
    """The figures of a plan: money, hours, carbon, water, land and proof."""
    return [*money_lines(plan), *hour_lines(plan), *carbon_lines(plan), *place_lines(plan), *proof_lines(plan)]


def money_lines(plan: PowerPlan) -> list[Row]:
    """Cost in the book it was planned with and in the other."""
    from gigawatt.power import in_other_book

    book = plan.built.terms.costs
    other = "reference" if book == "market" else "market"
    found = in_other_book(plan, other)  # type: ignore[arg-type]
    return [
        line("cost of a MWh", plan.usd_per_mwh, "USD/MWh", f"{book} costs"),
        line("", found.cost_usd / found.energy.load_mwh, "USD/MWh", f"the same supply at {other} costs"),
        line("cost a year", plan.cost_usd / plan.built.years / 1e6, "M$"),
        line("capex", plan.capex_usd / 1e6, "M$"),
        line("", sum(found.capex_usd.values()) / 1e6, "M$", f"at {other} costs"),
    ]


def hour_lines(plan: PowerPlan) -> list[Row]:
    """Load, what is thrown away and missing, and the marginal price."""
    import numpy as np

    energy, price, load = plan.accounts.energy, plan.dispatch.price_usd_per_mwh, plan.built.load
    unserved = energy.unserved_mwh if energy.unserved_mwh > 1e-7 * energy.load_mwh else 0.0
    free = float((price <= 1e-6).mean())
    rows = [
        line("load, mean", float(load.site_mw.mean()), "MW", f"PUE {load.mean_pue:.3f}"),
        line("load, largest hour", float(load.site_mw.max()), "MW"),
        line("curtailed", 100 * energy.curtailed_share, "%", "of what sun, wind and contracts offer"),
        line("unserved", unserved, "MWh", f"at {plan.built.terms.shed_usd_per_mwh:,.0f} USD/MWh" if unserved else ""),
        line("marginal price, mean", plan.price_usd_per_mwh, "USD/MWh", "weighted by load"),
        line("5 % of hours below", float(np.quantile(price, 0.05)), "USD/MWh"),
        line("5 % of hours above", float(np.quantile(price, 0.95)), "USD/MWh"),
        line("highest", float(price.max()), "USD/MWh"),
        line("hours at 0 or below", 100 * free, "%"),
    ]  # fmt: skip
    return rows + ([line("sold", energy.sold_mwh / plan.built.years / 1e3, "GWh a year")] if energy.sold_mwh else [])


def carbon_lines(plan: PowerPlan) -> list[Row]:
    """Emissions by every way of counting, and carbon-free shares."""
    from gigawatt.power.plan_rows import carbon_rows

    carbon = plan.accounts.carbon
    return [
        line("carbon-free, hour by hour", 100 * carbon.carbon_free_hourly, "%", "of the load served"),
        line("carbon-free, over the year", 100 * carbon.carbon_free_annual, "%", "sold and contracted energy counted"),
        *(
            line(f"CO2, {row['way']}", float(row["g_per_kwh"]), "g/kWh", f"{float(row['t']) / 1e3:,.4g} kt")
            for row in carbon_rows(plan)
        ),
    ]


def place_lines(plan: PowerPlan) -> list[Row]:
    """Water and land."""
    water, it_kwh = plan.accounts.water, float(plan.built.load.it_mw.sum()) * 1e3
    return [
        line(
            "water at the site", water.site_m3 / 1e3, "thousand m3", f"{water.site_m3 * 1e3 / it_kwh:.3g} l/kWh of IT"
        ),
        line("water of the grid's plants", water.grid_m3 / 1e3, "thousand m3"),
        line("land", plan.accounts.land_ha / 100, "km2"),
    ]


def proof_lines(plan: PowerPlan) -> list[Row]:
    """How the answer was found and how far from the best it may be."""
    how = {"chain": "exact, by the value of stored energy", "program": "one program, by HiGHS"}
    return [
        line("proved gap", 100 * plan.gap, "%", "no supply is cheaper by more", least=0.0),
        line(
            "power balance, worst hour",
            plan.accounts.residual_mw,
            "MW",
            "of what feeds the load and what takes",
            least=0.0,
        ),
        line("found in", plan.seconds, "CPU s", f"{plan.method}: {how.get(plan.method, plan.method)}"),
    ]


# --------------------------------------------------------------------------------------------------- months to power


def month_rows(found: Timing) -> list[Row]:
    """What arrives when, how much of the load is served from then on, and what a month without the rest loses."""
    whole = max((step.mean_short_mw for step in found.steps), default=0.0)
    return [
        {
            "month": round(step.month, 1), "arrives": ", ".join(step.arrives) or "what is there",
            "% served": percent(step.served_share),
            "MW short": digits(step.mean_short_mw) if step.mean_short_mw > 1e-5 * whole else 0.0,
            "a month lost, M$": round(found.month_value_usd(step.month) / 1e6, 1) + 0.0,
        }
        for step in found.steps
    ]  # fmt: skip


def bridge_rows(found: Timing) -> list[Row]:
    """What to rent until the supply is there."""
    return [
        {
            "rent": hire.bridge, "from month": round(hire.from_month, 1), "to month": round(hire.to_month, 1),
            "MW": digits(hire.mw), "GWh": digits(hire.mwh / 1e3), "cost M$": digits(hire.cost_usd / 1e6),
            "USD/MWh": digits(hire.cost_usd / hire.mwh) if hire.mwh else None, "CO2 kt": digits(hire.carbon_t / 1e3),
            "brings M$": digits(hire.value_usd / 1e6),
        }
        for hire in found.hires
    ]  # fmt: skip


def month_sentence(found: Timing) -> str:
    """Months to the first and to full power in a sentence."""
    bridged, full, never = found.first_months_bridged, found.full_months, 1.0 - found.steps[-1].served_share
    first = f"first power {within(found.first_months)}"
    first += f", {within(bridged)} with rented power" if bridged < found.first_months else ""
    held = f", held back by {found.held_back_by}" if full > 0 else ""
    if never > NEVER:
        return f"{first}; all that is built {within(full)}{held}; {100 * never:.3g} % of the load is never served"
    return f"{first}; full power {within(full)}{held}"


def within(months: float) -> str:
    """A time from the order on."""
    return f"in {months:.3g} {'month' if months == 1 else 'months'}" if months > 0 else "at once"


# ---------------------------------------------------------------------------------------------------------- for files


def long_rows(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """All tables as one: part, item, figure, value, unit and note, in full digits."""
    return [row for part, rows in tables.items() for each in rows for row in _long(part, each)]


def _long(part: str, row: Mapping[str, Any]) -> Iterable[Row]:
    """A row of a table as one row for each of its numbers; texts name the item."""
    one = "value" in row
    named = [str(value) for name, value in row.items() if isinstance(value, str) and not (one or name in BESIDE)]
    item, note = " ".join(dict.fromkeys(named)), str(row.get("note", ""))
    numbers = {row["figure"]: row["value"]} if one else {n: v for n, v in row.items() if not isinstance(v, str)}
    for name, value in numbers.items():
        unit = (None if one else unit_of(name)) or str(row.get("unit", "1"))
        said = note if not isinstance(value, str) else value
        number = None if value is None or isinstance(value, str) else float(value)
        yield dict(zip(LONG, (part, item, name, number, unit, said), strict=True))
    if one and row.get("error") not in (None, ""):
        yield dict(
            zip(LONG, (part, item, f"{row['figure']}, error", float(row["error"]), row["unit"], ""), strict=True)
        )


def unit_of(column: str) -> str | None:
    """The unit that a column's name ends with; None where it tells none."""
    return next((unit for suffix, unit in SUFFIXES if column == suffix or column.endswith(f"_{suffix}")), None)
