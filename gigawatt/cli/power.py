"""`gigawatt power`: the cheapest supply of a site by the hour, its price, carbon, months to power and reliability."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name
from gigawatt.cli.power_asked import COOLING, OPTIONS, Asked, Wanted
from gigawatt.errors import GigawattError

# A line with \b alone keeps the lines below it from being wrapped.
EXAMPLES = """\b
Examples:
  gigawatt power --site us_tx_abilene --load 1GW --options pv,wind,battery,gas,grid
  gigawatt power --site us_tx_abilene --options "pv<=2GW,battery hours=4,gas existing=200MW,grid=300MW"
  gigawatt power --site us_tx_abilene --carbon-free 90% --chart plan.html --hours hours.csv
  gigawatt power --site us_mn_ironrange --options gas,battery,pv --nines 4
  gigawatt power --site us_tx_abilene --pareto --chart pareto.svg
  gigawatt power --site my-site.csv --place 32.3,-100.2 --it-load 800MW --work training=60%,inference=40%
  gigawatt power --sites
  gigawatt power --technologies"""

OPTION_WORDS = (
    'What may be built or bought, commas between, with limits: "pv>=100MW,gas<=500MW,grid=300MW,battery hours=4, '
    'gas existing=200MW, grid demand=7$/kW/month export=100MW"; --technologies lists the names.'
)

TOLERANCE = 1e-5


class Costs(StrEnum):
    """Whose costs: quotes of 2025/26, or those of national laboratories."""

    market = "market"
    reference = "reference"


class Method(StrEnum):
    """How the supply is sized."""

    auto = "auto"
    chain = "chain"
    program = "program"


class Case(StrEnum):
    """Which end of the lead times."""

    low = "low"
    likely = "likely"
    high = "high"


def power(
    site: Annotated[
        str | None, flag("site", "A site-year (--sites lists them), latitude,longitude, or a CSV file of hours.")
    ] = None,
    load: Annotated[
        str | None,
        flag("load", "The site at its largest hour, or a CSV file with load_mw of every hour; 1GW unless given."),
    ] = None,
    it_load: Annotated[
        str | None, flag("it-load", "The computers alone, in place of --load; cooling comes on top.")
    ] = None,
    options: Annotated[str, flag("options", OPTION_WORDS)] = OPTIONS,
    carbon_free: Annotated[
        str | None, flag("carbon-free", "Least share of the load served that is carbon-free hour by hour, such as 90%.")
    ] = None,
    carbon_free_annual: Annotated[
        str | None, flag("carbon-free-annual", "The same summed over the year, sold and contracted energy counted.")
    ] = None,
    carbon_cap: Annotated[
        str | None, flag("carbon-cap", "Most CO2 of stacks and grid a year: 500kt, or 100g/kWh of load.")
    ] = None,
    carbon_price: Annotated[str | None, flag("carbon-price", "USD per t of CO2, on the grid's energy too.")] = None,
    gas_price: Annotated[str | None, flag("gas-price", "USD per MMBtu.")] = None,
    costs: Annotated[Costs, flag("costs", "Book of costs; the report shows the other beside it.")] = Costs.market,
    discount_rate: Annotated[str | None, flag("discount-rate", "Real cost of capital a year, such as 8%.")] = None,
    unserved_price: Annotated[
        str | None, flag("unserved-price", "USD per MWh not served: load is shed above it; none: never.")
    ] = None,
    reserve: Annotated[
        str | None, flag("reserve", "Firm capacity above the largest hour, such as 15%; grid and firm plants count.")
    ] = None,
    least: Annotated[
        str | None, flag("least", "Least shares of the load by option: pv=20%,wind=10%; curtailed energy counts.")
    ] = None,
    most: Annotated[str | None, flag("most", "Most shares of the load's energy by option: grid=50%.")] = None,
    battery_hours: Annotated[str | None, flag("battery-hours", "Energy over power of batteries, such as 2-8.")] = None,
    cooling: Annotated[
        str | None,
        flag(
            "cooling",
            "air_chiller, evaporative, tower_chiller, liquid_dry, liquid_adiabatic, liquid_tower, or a constant PUE; "
            f"{COOLING} unless given.",
        ),
    ] = None,
    work: Annotated[
        str | None, flag("work", "Share of the computers by work: training=0.6,inference=0.4; full load unless given.")
    ] = None,
    flexible: Annotated[
        str | None,
        flag("flexible", '"delay=20% hours=12 price=5$/MWh,curtail=5% price=400$/MWh", or auto: by the kinds of work.'),
    ] = None,
    grid: Annotated[str | None, flag("grid", "Market whose price and carbon shape the grid has there.")] = None,
    place: Annotated[str | None, flag("place", "Latitude,longitude of a CSV file, for what it does not tell.")] = None,
    drop_leap_day: Annotated[bool, flag("drop-leap-day", "Leave 29 February of a CSV file out.")] = False,
    lead_times: Annotated[Case, flag("lead-times", "Which end of the lead times.")] = Case.likely,
    haste: Annotated[
        bool, flag("haste", "What deadlines cost: the cheapest supply of what is ready by each month.")
    ] = False,
    reliability: Annotated[
        bool, flag("reliability", "Draw outage years: what machines fail, what is unserved.")
    ] = False,
    nines: Annotated[
        float | None, flag("nines", "Nines of energy to reach: how many further machines of each kind this takes.")
    ] = None,
    outage_years: Annotated[int, flag("outage-years", "Outage years to draw for --reliability and --nines.")] = 500,
    foresight: Annotated[
        bool, flag("foresight", "Run the supply by day-ahead forecasts too, and compare with perfect foresight.")
    ] = False,
    years: Annotated[int | None, flag("years", "Run the supply through N drawn weather years.")] = None,
    pareto: Annotated[bool, flag("pareto", "Cost along carbon-free shares, matched hour by hour.")] = False,
    sites: Annotated[bool, flag("sites", "List the site-years that come with gigawatt.")] = False,
    technologies: Annotated[
        bool, flag("technologies", "List what can be built: costs in both books, and cost of energy.")
    ] = False,
    seed: Annotated[int, flag("seed", "Of what is drawn: outages, years, forecasts.")] = 0,
    method: Annotated[Method, flag("method", "chain: exact for one store; program: a linear program.")] = Method.auto,
    tolerance: Annotated[float, flag("tolerance", "Gap to prove, as a share of the cost.")] = TOLERANCE,
    hours: Annotated[Path | None, flag("hours", "File for the hourly dispatch: .csv, .json or .parquet.")] = None,
    chart: Annotated[Path | None, flag("chart", "File for the charts: one .html page, or an .svg picture.")] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Size the cheapest supply of a site and run it hour by hour: what to build, what a MWh costs, when it comes.

    Prints sizes, cost by cause, marginal price, carbon, water, land, months to power with a bridge until then, and
    the proved gap: no supply of these options is cheaper by more.
    """
    from gigawatt.cli import power_lists as lists
    from gigawatt.cli import power_modes as modes

    how = by_name(how, out)
    if chart is not None and chart.suffix.lower() not in (".html", ".svg"):
        raise GigawattError(f"--chart {chart}: end its name in .html or .svg")
    extra: dict[str, Any] = {"reliability": reliability or None, "foresight": foresight or None, "haste": haste or None}
    extra |= {"nines": nines, "years": years, "hours": hours}
    with spoken():
        if sites or technologies:
            refuse("a list goes by itself", extra | {"chart": chart, "pareto": pareto or None})
            if sites:
                lists.list_sites(how, out)
            else:
                terms = {"discount-rate": discount_rate, "gas-price": gas_price}
                lists.list_technologies(how, out, terms, site)
            return
        if tolerance <= 0:
            raise GigawattError(f"--tolerance {tolerance:g}: above 0, such as 1e-5")
        if site is None:
            raise GigawattError("say where: gigawatt power --site us_tx_abilene; --sites lists the site-years")
        asked = Asked(
            site=site,
            grid=grid,
            place=place,
            drop_leap_day=drop_leap_day,
            load=load,
            it_load=it_load,
            options=options,
            cooling=cooling,
            work=work,
            flexible=flexible,
            targets={"carbon-free": carbon_free, "carbon-free-annual": carbon_free_annual, "reserve": reserve},
            carbon_cap=carbon_cap,
            least=least,
            most=most,
            battery_hours=battery_hours,
            costs=costs.value,
            terms={
                "discount-rate": discount_rate,
                "gas-price": gas_price,
                "carbon-price": carbon_price,
                "unserved-price": unserved_price,
            },
            method=method.value,
            tolerance=tolerance,
        )
        wanted = Wanted(
            how=how, out=out, chart=chart, hours=hours, case=lead_times.value, reliability=reliability, nines=nines,
            outage_years=outage_years, foresight=foresight, haste=haste, years=years, seed=seed,
        )  # fmt: skip
        if pareto:
            refuse("--pareto goes through the shares by itself", {"carbon-free": carbon_free})
            refuse("--pareto sizes many plans", extra)
            modes.show_pareto(asked, wanted)
        else:
            modes.show_plan(asked, wanted)
