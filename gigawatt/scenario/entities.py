"""The typed, frozen things a scenario is made of. Fields are named like the attributes of the catalog.

Numbers are `Quantity` (median, and a 90 % interval where known) in the unit of the suffix. Numbers that nobody gives
are None where their absence means something, and 0 where it does not.
"""

# ruff: noqa: RUF009 - the calls make dataclass fields, as `dataclasses.field` does
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from gigawatt.scenario.fields import amount, by, day, number, share, text
from gigawatt.units import Quantity

Extra = dict[str, Quantity | str]
ROLES = ("lab", "owner", "maker", "holding")
PARTIES = ("customers", "lenders", "investors", "government", "utilities", "suppliers", "builders")
INSTRUMENTS = (
    "equity", "purchase_commitment", "take_or_pay", "lease", "debt", "loan", "bond", "warrant", "backstop",
    "residual_guarantee", "revenue_share", "swap",
)  # fmt: skip
STATUSES = ("drawn", "firm", "signed", "terminable", "conditional", "announced", "lapsed", "superseded")
TRIGGERS = ("per_gw", "milestone", "on_purchase", "on_default")
SUPPLY_KINDS = ("chip", "site", "firm", "local", "deep")  # deep: not read by the weeks
STANDING_USES = ("training", "own_products", "rented_out")  # uses of compute besides tiers and missions
SHOCKS = ("demand_drop", "credit_shut", "supply_loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A named thing; `extra` holds attributes of its catalog item that no field is declared for."""

    key: str
    extra: Extra = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company(Entity):
    """A company with cash flow and balance sheet; money at the start of the scenario."""

    name: str = text("name in full")
    roles: str = text("what it does", choices=ROLES, many=True, required=True)
    nation: str = text("home nation", required=True)
    cash_usd: Quantity = number("cash and securities", required=True)
    debt_usd: Quantity = number("debt", required=True)
    debt_rate: Quantity = amount("mean interest rate of its debt, a year", highest=1.0)
    debt_years: Quantity = amount("mean years to maturity of its debt")
    chips_usd: Quantity = amount("book value of chips and servers")
    sites_usd: Quantity = amount("book value of land, buildings and power")
    core_revenue_usd_per_year: Quantity = amount("revenue outside AI")
    core_growth_per_year: Quantity = amount("growth of that revenue", lowest=-1.0)
    core_margin: Quantity = amount("EBITDA over that revenue", lowest=-10.0, highest=1.0)
    core_capex_usd_per_year: Quantity = amount("capital spending outside AI")
    core_exposure: Quantity = amount("use of AI in its own products, 0 none to 2 twice the mean", highest=2.0)
    ai_revenue_usd_per_year: Quantity = amount("run rate of AI revenue")
    ads_usd_per_user_year: Quantity = amount("advertising revenue per user")
    fixed_cost_usd_per_year: Quantity = amount("cost that does not follow revenue")
    equity_value_usd: Quantity = amount("what investors value beyond multiples of revenue and profit")
    quality_log10_flop: Quantity = amount("effective FLOP of the model on sale, log10", highest=60.0)
    share: dict[str, Quantity] = by("segment", "share of the users", highest=1.0)
    brand: dict[str, Quantity] = by("segment", "constant of the logit choice", lowest=None)
    buys: dict[str, Quantity] = by("family", "share of its chip orders", highest=1.0, total="one")
    sites: dict[str, Quantity] = by("region", "share of its new sites", highest=1.0, total="one")
    fleet_h100e: dict[str, Quantity] = by("family", "chips installed at the start", unit="h100e")
    rented_share: Quantity = amount("its share of the market for rented compute", highest=1.0)
    partner: dict[str, Quantity] = by("company", "share of its leases signed with", highest=1.0, total="one")
    pipeline_mw: Quantity = amount("under construction at the start, besides named sites")
    leased_mw: Quantity = amount("compute held on lease at the start, as site power")
    stake: dict[str, Quantity] = by("company", "opening stake at cost", unit="USD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Entity):
    """A group of customers."""

    name: str = text("name in full")
    pays: str = text("what a bill counts", choices=("seat", "token"), required=True)
    users_m: Quantity = number("users at the start, million", required=True)
    potential_m: Quantity = number("users in the end, million", required=True)
    adoption_per_year: Quantity = number("rate of take-up", required=True)
    queries_per_week: Quantity = number("queries of one user", required=True)
    usd_per_month: Quantity = amount("price of a seat")
    churn_per_week: Quantity = amount("users who leave or switch", highest=1.0)
    opening_usd_per_year: Quantity = amount("what a segment that pays by the token spends at the start")
    mix_now: dict[str, Quantity] = by("tier", "share of queries at the start", required=True, highest=1.0, total="one")
    mix_later: dict[str, Quantity] = by("tier", "share of queries in the end", highest=1.0, total="one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Entity):
    """A class of answers: how many tokens, how fast, by when."""

    name: str = text("name in full")
    model: str = text("model of the catalog that serves it", names="model", required=True)
    tokens_in: Quantity = number("tokens read by a query", required=True)
    tokens_out: Quantity = number("tokens written by a query", required=True)
    cached_share: Quantity = amount("share of prompts found in a cache", highest=1.0)
    attempts: Quantity = amount("attempts that a query makes side by side; 0 is one")
    window_tokens: Quantity = amount("context at which it is compacted; 0 is the model's")
    drafted_tokens: Quantity = amount("tokens guessed ahead in a decode step")
    accepted_tokens: Quantity = amount("tokens that such a step yields; 0 is as fitted")
    ttft_s: Quantity = number("time to first token promised", required=True)
    tpot_ms: Quantity = number("time per output token promised", required=True)
    deadline_hours: Quantity = amount("time to the whole answer promised; 0 where there is none")
    value_weight: Quantity = number("weight of a query in the choice of who is served", required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission(Entity):
    """A public good that asks for compute: research for so many h100e, or so many students."""

    name: str = text("name in full")
    floor: Quantity = share("share of each lab's compute set aside first", required=True)
    need_h100e: Quantity = amount("compute that it can use")
    students: Quantity = amount("students in the end")
    tokens_per_student_week: Quantity = amount("tokens each of them uses")
    value_usd_per_h100e_h: Quantity = number("declared value of compute", required=True)
    ramp_years: Quantity = number("time from start to full need", required=True)
    start: date | None = day("first week", required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(Entity):
    """A place with its power: grid price, carbon, and how fast connections and own plants come."""

    name: str = text("name in full")
    nation: str = text("nation", required=True)
    grid_usd_per_mwh: Quantity = number("grid price, delivery included", required=True)
    delivery_usd_per_mwh: Quantity = amount("part of it that is the same in every hour, in plans of single sites")
    carbon_g_per_kwh: Quantity = number("carbon of the grid, life cycle", required=True)
    grid_mw_per_week: Quantity = number("grid connections for data centres, all parties", required=True)
    grid_growth_per_year: Quantity = amount("their fastest growth")
    grid_scale_mw_per_week: Quantity = amount("their size at which growth has halved")
    grid_months: Quantity = number("time to a connection", required=True)
    firm_technology: str = text("technology of own plants", names="technology", required=True)
    place: str = text("climate that stands for it: a site-year of the catalog, or latitude,longitude")
    cooling: str = text("how its sites are cooled", names="cooling")
    gas_usd_per_mmbtu: Quantity = number("gas delivered to a campus", required=True)
    carbon_usd_per_t: Quantity = amount("price of carbon at the stack, in plans of single sites")
    firm_without_gas_usd_per_mwh: Quantity = number("power price of own plants, all but their gas", required=True)
    firm_mmbtu_per_mwh: Quantity = amount("gas that own plants burn")
    firm_carbon_g_per_kwh: Quantity = number("carbon of own plants, life cycle", required=True)
    firm_water_l_per_kwh: Quantity = amount("water of own plants, per kWh made")
    grid_water_l_per_kwh: Quantity = amount("water at the plants of the grid, per kWh drawn")
    water_l_per_kwh: Quantity = amount("water for cooling, per kWh of IT")
    pue: Quantity = amount("PUE of a campus there as the power stage has it; scales that of `fleet.pue`")
    firm_months: Quantity = amount("time to power from own plants")
    labour_cost_factor: Quantity = number("cost of building, 1 is the mean", required=True)
    crew_share: Quantity = amount("share of the crews of all regions, in any unit; without it that of grid connections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Entity):
    """Something that every site, chip or own plant needs, with a finite weekly supply."""

    name: str = text("name in full")
    kind: str = text("what needs it", choices=SUPPLY_KINDS, required=True)
    capacity_per_week: Quantity = number("supply at the start", unit="any", required=True)
    growth_per_year: Quantity = amount("fastest growth while small")
    scale_per_week: Quantity = amount("supply at which growth has halved", unit="any")
    lead_weeks: Quantity = number("time from order to delivery", required=True)
    ahead_weeks: Quantity = amount("by which buyers order before they start a site")
    usd_per_mw: Quantity = amount("price per MW of site or plant")
    usd_per_unit: Quantity = amount("price of one unit", unit="any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip(Entity):
    """An accelerator; speeds are dense, power and price are those of its share of server and rack."""

    name: str = text("name in full")
    vendor: str = text("who sells it")
    family: str = text("family that fleets are counted in", required=True)
    maker: str = text("company that is paid for it, or suppliers", names="party", required=True)
    volume_start: date | None = day("first volume shipments", required=True)
    bf16_flop_per_s: Quantity = number("dense BF16 speed", required=True)
    fp8_flop_per_s: Quantity = amount("dense FP8 speed")
    fp4_flop_per_s: Quantity = amount("dense FP4 speed")
    flops_basis: str = text("how the speeds were obtained")
    memory_gb: Quantity = number("memory", required=True)
    memory_bandwidth_gb_per_s: Quantity = number("memory bandwidth", required=True)
    scaleup_gb_per_s: Quantity = amount("bandwidth to its neighbours")
    scaleup_domain: Quantity = amount("chips in one fast domain", unit="1")
    tdp_w: Quantity = amount("power of the package")
    system_power_w: Quantity = number("power with its share of the server", required=True)
    price_usd: Quantity = number("price with its share of the server", required=True)
    packaging_wafers: Quantity = amount("wafers of advanced packaging")
    logic_wafers: Quantity = amount("logic wafers")
    hbm_gb: Quantity = amount("high-bandwidth memory")
    stock_share: Quantity = amount("share of its family's installed stock at the start", highest=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Entity):
    """A named campus."""

    name: str = text("name in full")
    owner: str = text("company that holds it and puts the chips in", names="company", required=True)
    tenant: str = text("lab that leases it; empty for own use", names="company", blank=True)
    region: str = text("where it is", names="region", required=True)
    power_mw: Quantity = number("power of the whole facility", required=True)
    energised_mw: Quantity = amount("powered at the start")
    first_power: date | None = day("first part energised", required=True)
    full_power: date | None = day("all of it energised", required=True)
    chip: str = text("chip it is built for", names="chip", required=True)
    status: str = text("state of the works")
    supply: str = text(
        "what may feed it, such as `pv, wind, battery, gas, grid=300MW`; empty for its region's grid and plants",
        options=True, blank=True,
    )  # fmt: skip
    carbon_free: Quantity = amount("share of its load that is carbon-free hour by hour; needs a supply", highest=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal(Entity):
    """A contract between two parties; `amount_usd` is None where it was not disclosed."""

    name: str = text("name in full")
    payer: str = text("who pays, lends or guarantees", names="party", required=True)
    payee: str = text("who receives", names="party", required=True)
    instrument: str = text("kind of contract", choices=INSTRUMENTS, required=True)
    status: str = text("state of the contract", choices=STATUSES, required=True)
    amount_usd: Quantity | None = number("amount over its whole life")
    gigawatts: Quantity | None = number("size of what is bought", unit="GW")
    start: date | None = day("first payment", required=True)
    end: date | None = day("last payment")
    trigger: str = text("what makes it fall due, beside time", choices=TRIGGERS, blank=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A build-out that one company commits to; `target_gw_per_week` holds from each year on."""

    owner: str = text("company that commits", names="company", required=True)
    budget_usd: Quantity = number("money it may spend in all", required=True)
    target_gw_per_week: dict[str, Quantity] = by("year", "build rate wanted", required=True)
    partners: dict[str, Quantity] = by("company", "share of its sites built by", highest=1.0, total="one")

    def target(self, year: float) -> float:
        """The build rate wanted in a year, in GW a week: that of the last year given; 0 before the first."""
        past = [given for given in self.target_gw_per_week if int(given) <= year]
        return float(self.target_gw_per_week[max(past, key=int)]) if past else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """An event that may come: by a yearly rate in ensembles, or at a date in every run."""

    kind: str = text("what happens", choices=SHOCKS, required=True)
    rate_per_year: Quantity | None = number("how often it comes; a single run takes none of these")
    at: date | None = day("when it comes")
    size: Quantity = number("share that is lost", required=True, highest=1.0)
    weeks: Quantity = number("how long it lasts", required=True, unit="weeks")


SECTIONS: dict[str, type[Entity]] = {
    "companies": Company,
    "segments": Segment,
    "tiers": Tier,
    "missions": Mission,
    "regions": Region,
    "supply": Supply,
    "chips": Chip,
    "sites": Site,
    "deals": Deal,
}
BASE_SECTIONS = ("segments", "tiers", "missions", "regions", "supply", "chips")
