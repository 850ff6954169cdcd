"""The tables and columns of a run's results: kind, unit and meaning of each. No numpy, so that claims can read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["date", "int", "float", "text", "bool"]


@dataclass(frozen=True, slots=True)
class Column:
    """Kind and meaning of a column; the unit is in its name, or in `unit` where the name cannot say it."""

    kind: Kind
    text: str
    unit: str = ""


def number(text: str, unit: str = "") -> Column:
    """A column of floats."""
    return Column("float", text, unit)


def words(text: str) -> Column:
    """A column of text."""
    return Column("text", text)


WEEK = Column("int", "week of the plan, 0 the first", "week")
DATE = Column("date", "Monday of the week")


def weekly(**columns: Column) -> dict[str, Column]:
    """Columns of a weekly table: the week and its date come first."""
    return {"week": WEEK, "date": DATE, **columns}


COMPANY = words("company")
REGION = words("region of the catalog")
USE = words("use of compute: training, own_products, rented_out, a tier or a mission")

COLUMNS: dict[str, dict[str, Column]] = {
    "capacity": weekly(
        site=words("campus"),
        owner=words("company that owns the chips there"),
        region=REGION,
        energised_mw=number("power that is on, at the meter of the campus"),
        under_construction_mw=number("power in shells and substations being built"),
        queued_mw=number("power ordered that waits for an item in short supply"),
    ),
    "buildrate": weekly(
        energised_gw=number("power that is on, all owners and sites"),
        energised_mw_per_week=number("power switched on in the week"),
        started_mw_per_week=number("power whose construction began in the week"),
        programme_mw=number("power delivered to the programme so far; leases that end later are not taken off"),
        programme_mw_per_week=number("power delivered to the programme in the week"),
        programme_target_mw_per_week=number("power the programme wants to switch on in the week"),
        programme_usd=number("money the programme has spent so far"),
        site_binding=words("what held new sites back: a supply item, grid, orders or money"),
        chip_binding=words("what held new chips back: a supply item, power or orders"),
        programme_binding=words("what held the programme below target: money, or what holds sites; else empty"),
    ),
    "constraints": weekly(
        item=words("supply item"),
        kind=words("chip, site, firm, local or grid"),
        unit=words("unit of the item's capacity"),
        capacity_per_week=number("what suppliers can deliver in the week", "see unit"),
        asked_per_week=number("what the queues would take this week if supply were no object", "see unit"),
        backlog_weeks=number("orders waiting over weekly capacity", "weeks"),
        binding=Column("bool", "more of this item would have meant more MW or chips"),
    ),
    "power": weekly(
        region=REGION,
        grid_mw=number("power drawn from the grid"),
        firm_mw=number("power drawn from plants on site"),
        grid_capacity_mw=number("grid connections that are on"),
        firm_capacity_mw=number("plants on site that are on"),
        load_mw=number("power drawn in all: busy, idle and cooling"),
        busy_mw=number("power of chips at work"),
        idle_mw=number("power of chips that wait"),
        cooling_mw=number("power of cooling and losses"),
        price_usd_per_mwh=number("mean price of energy"),
        carbon_g_per_kwh=number("mean carbon intensity of energy"),
        cooling_water_m3=number("water for cooling in the week", "m3"),
        generation_water_m3=number("water of plants at the sites and of the grid in the week", "m3"),
        months_to_power=number(
            "from order to power: the wait for a grid connection or crews, then construction or supply", "months"
        ),
        site_binding=words("what held new sites of the region back: a supply item, crews, power, orders or money"),
        worth_usd_per_mw=number("what one more MW of that would have earned beyond its cost, capitalised", "USD/MW"),
        energy_mwh=number("energy drawn in the week"),
    ),
    "compute": weekly(
        company=COMPANY,
        installed_h100e=number("chips owned and installed"),
        failed_h100e=number("of these, out of order"),
        unpowered_h100e=number("of these, without power"),
        lent_h100e=number("of these, leased out by contract"),
        spot_lent_h100e=number("of these, rented out on the spot market"),
        borrowed_h100e=number("leased from others by contract"),
        spot_borrowed_h100e=number("rented from others on the spot market"),
        used_h100e=number("at work for this company"),
        idle_h100e=number("kept or borrowed, but without work"),
    ),
    "fleet": weekly(
        company=COMPANY,
        chip=words("chip of the catalog"),
        installed_h100e=number("chips of this kind owned and installed (every fourth week)"),
    ),
    "tokens": weekly(
        company=COMPANY,
        tier=words("service tier"),
        demand_gtokens=number("output tokens asked for in the week, 1e9"),
        served_gtokens=number("output tokens served in the week, 1e9"),
        price_usd_per_mtok=number("price of a million output tokens"),
        cost_usd_per_mtok=number("compute cost of a million output tokens at the rent of the day"),
        usd_per_query=number("cost of a query"),
        j_per_query=number("energy of a query, at the meter"),
        g_co2_per_query=number("carbon of a query"),
    ),
    "allocation": weekly(
        company=COMPANY,
        use=USE,
        need_h100e=number("compute wanted"),
        used_h100e=number("compute given"),
        shadow_usd_per_h100e_h=number("what one more H100-equivalent hour would be worth here"),
    ),
    "unmet": weekly(
        use=USE,
        need_h100e=number("compute wanted by all companies"),
        used_h100e=number("compute given by all companies"),
        unmet_share=number("1 - used / needed"),
        shadow_usd_per_h100e_h=number("what one more H100-equivalent hour would be worth, the most over companies"),
    ),
    "market": weekly(
        segment=words("segment of users"),
        company=COMPANY,
        users_m=number("users or seats of the company in the segment, million"),
        share=number("users of the company over all users of the segment"),
    ),
    "prices": weekly(
        rent_usd_per_h100e_h=number("spot rent of an H100-equivalent hour"),
        running_usd_per_h100e_h=number("energy and operations of an H100-equivalent hour"),
        levelised_usd_per_h100e_h=number("running cost, chips and sites of an H100-equivalent hour"),
        token_usd_per_mtok=number("mean price of a million output tokens"),
        quality_log10_flop=number("effective FLOP of the best model on sale, log10", "log10 FLOP"),
    ),
    "companies": weekly(
        company=COMPANY,
        ai_revenue_usd=number("subscriptions, API and advertising of AI in the week"),
        cloud_revenue_usd=number("compute leased or rented to others in the week, and shares of their revenue"),
        core_revenue_usd=number("revenue of the business beside AI in the week"),
        mission_revenue_usd=number("compute that missions paid for in the week"),
        chip_revenue_usd=number("chips sold in the week"),
        operating_cost_usd=number("energy, staff, rent of compute, cost of goods in the week"),
        ebitda_usd=number("earnings before interest, tax and depreciation in the week"),
        interest_usd=number("interest paid in the week"),
        tax_usd=number("tax paid in the week"),
        capex_usd=number("chips and sites paid for in the week"),
        debt_issued_usd=number("debt raised in the week"),
        debt_repaid_usd=number("debt paid back in the week"),
        equity_issued_usd=number("shares sold in the week"),
        dividend_usd=number("dividends and buy-backs in the week"),
        invested_usd=number("shares bought, loans made and guarantees paid in the week"),
        financial_income_usd=number("interest, repayments and dividends received in the week"),
        cash_change_usd=number("cash at the end of the week less cash at its start"),
        cash_usd=number("cash at the end of the week"),
        chips_usd=number("book value of chips"),
        sites_usd=number("book value of sites and power plants"),
        claims_usd=number("stakes in and loans to other companies, at book value"),
        debt_usd=number("debt outstanding"),
        equity_usd=number("book equity: assets less debt"),
        refused_usd=number("money sought in the week that the market refused"),
        debt_rate=number("mean interest rate of the debt, a year"),
        defaults=number("defaults of the company so far", "count"),
    ),
    "money": weekly(
        payer=words("who paid"),
        payee=words("who was paid"),
        instrument=words("why: chips, cloud, loan, equity ..."),
        amount_usd=number("paid in the week"),
    ),
    "deals": {
        "deal": words("deal of the catalog"),
        "payer": words("who pays"),
        "payee": words("who is paid"),
        "instrument": words("kind of contract, such as equity, loan or purchase_commitment"),
        "status": words("state of the contract, such as firm, conditional or lapsed"),
        "amount_usd": number("amount agreed"),
        "start": Column("date", "first day of the term"),
        "end": Column("date", "last day of the term"),
        "paid_usd": number("paid over the run"),
        "first_paid": Column("date", "Monday of the week of the first payment; missing when none was made"),
    },
    "claims": {
        "claim": words("the claim as written"),
        "figure": words("figure and name it is about"),
        "date": Column("date", "Monday of the week looked at; missing when outside of the plan"),
        "value": number("what the run says", "see figure"),
        "operator": words(">=, >, <= or <"),
        "threshold": number("what the claim says", "see figure"),
        "holds": Column("bool", "the claim is true in this run"),
    },
    "checks": {
        "ledger": words("power, compute or money"),
        "check": words("what must be true"),
        "worst_relative_error": number("largest error of any week over the size of what is compared", "1"),
        "week": Column("int", "week of the largest error", "week"),
        "limit": number("largest error allowed", "1"),
        "passed": Column("bool", "the error is within the limit"),
    },
    "assumptions": {
        "path": words("path of the value in the scenario"),
        "value": words("value used"),
        "low": number("5 % quantile, missing when none is given", "see unit"),
        "high": number("95 % quantile, missing when none is given", "see unit"),
        "unit": words("unit of value, low and high"),
        "source": words("key of catalog/sources.csv, or the scenario file"),
        "origin": words("file:line:column, or catalog table, item and attribute"),
        "confidence": words("primary, press, secondary, own-estimate or scenario"),
        "note": words("reasoning or remark"),
    },
}

SCHEMA: dict[str, dict[str, Kind]] = {
    table: {name: column.kind for name, column in columns.items()} for table, columns in COLUMNS.items()
}


def column_unit(table: str, column: str) -> str:
    """Unit of a column of numbers: what COLUMNS says, else the suffix of its name; "" for words and dates."""
    from gigawatt.units import unit_of

    described = COLUMNS[table][column]
    if described.kind in ("text", "date", "bool"):
        return ""
    return described.unit or unit_of(column)
