"""What a sustained rate of build-out takes in a year, against what the world supplies today.

A need of a year = amount per MW x MW per week x weeks of a year. Ranges are 90 % intervals: factors of an amount are
combined as independent log-normal ones (`combined.product`), parts of a sum as independent (`combined.total`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gigawatt import catalog
from gigawatt.buildout.capex import capex
from gigawatt.buildout.combined import inverse, product, together
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw, stages_of, weeks_under_way
from gigawatt.buildout.design import GRID, Design, bill, campus, chips_per_mw, facts_of, heat_rate, racks_per_mw
from gigawatt.buildout.plan import regional_weeks
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import standard_stages
from gigawatt.buildout.supply_today import supplies
from gigawatt.catalog import Fact
from gigawatt.units import HOURS_PER_YEAR, KWH_PER_MWH, MW_PER_GW, WEEKS_PER_YEAR

MWH_PER_TWH, M3_PER_BCM, USD_PER_BN, L_PER_M3 = 1e6, 1e9, 1e9, 1e3
OWN = "own-estimate"
NATION = "US"
US = "us_tx"  # region whose row stands for the source of all
ITEMS, CREWS, DOLLARS, ENERGY, SITES = "items", "crews", "dollars", "energy", "sites"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearNeed:
    """One need of a year of the rate; supply as it is today, None where it is not told or has no meaning."""

    group: str
    item: str
    unit: str
    need: Spread
    supply: Spread | None = None  # of a year, open to AI sites in the opening week
    world: float | None = None  # of a year, of all makers for all uses
    years: float | None = None  # until supply suffices if its makers expand as they do; inf: never within 40
    source: str = ""  # keys of the catalog's sources, of the need and of the supply
    note: str = ""

    @property
    def ratio(self) -> Spread | None:
        """Need over supply of today."""
        return None if self.supply is None else product(self.need, inverse(self.supply))


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """A year's needs of a rate."""

    rate_gw_per_week: float
    design: Design
    region: str | None
    rows: tuple[YearNeed, ...]

    def __getitem__(self, item: str) -> YearNeed:
        for row in self.rows:
            if row.item == item:
                return row
        raise ValueError(f"no need of {item!r}; there are: {', '.join(row.item for row in self.rows)}")

    @property
    def untold(self) -> tuple[str, ...]:
        """Items of the bill that the catalog does not tell for the chip, and that are left out."""
        parts = [item for item in catalog.items("materials") if catalog.facts("materials", item).get("of_chip")]
        return tuple(item for item in parts if not facts_of(item, self.design))

    @property
    def binding(self) -> tuple[YearNeed, ...]:
        """Items and crews of which there is too little today, the scarcest first."""
        ratios = {row.item: row.ratio.median for row in self.rows if row.group in (ITEMS, CREWS) and row.ratio}
        short = [row for row in self.rows if ratios.get(row.item, 0.0) > 1.0]
        return tuple(sorted(short, key=lambda row: -ratios[row.item]))


def needs(rate_gw_per_week: float = 1.0, design: Design | None = None, region: str | None = None) -> Needs:
    """What `rate_gw_per_week` of site power takes in a year: items, work, dollars, energy, gas, water, land, sites.

    Args:
        region: All of it is built there: its own supplies, wages and water; the whole world unless given.

    Raises:
        ValueError: The rate is not above 0, the region is unknown, or the chip has no price.
    """
    if not 0.0 < rate_gw_per_week < math.inf:
        raise ValueError(f"rate {rate_gw_per_week:g} GW a week; wants above 0")
    design = Design() if design is None else design
    region = None if region is None else catalog.named("regions", region)
    mw = rate_gw_per_week * MW_PER_GW * WEEKS_PER_YEAR
    rows = (*_items(mw, design, region), *_crews(mw, design, region), *_dollars(mw, design, region),
            *_energy(mw, design, region), *_sites(mw, design, region))  # fmt: skip
    return Needs(rate_gw_per_week=rate_gw_per_week, design=design, region=region, rows=rows)


# ---------------------------------------------------------------------------------------------------------------- rows
def _items(mw: float, design: Design, region: str | None) -> list[YearNeed]:
    """The bill of materials of a year."""
    found, rows = supplies(design, region), []
    for need in bill(design):
        supply, amount = found[need.item], need.per_mw * mw
        note = str(catalog.value("materials", need.item, "name"))
        if _is_unlike(need.item, design):
            said = f"{note}; not set against supply, which counts packages: packaging_wafers of it are not told"
            rows.append(YearNeed(group=ITEMS, item=need.item, unit=supply.unit, need=amount, note=said,
                                 source=_told(*facts_of(need.item, design), *_counted(need.item, design))))  # fmt: skip
            continue
        rows.append(YearNeed(
            group=ITEMS, item=need.item, unit=supply.unit, need=amount, supply=supply.a_week * WEEKS_PER_YEAR,
            world=supply.world_per_year, years=supply.years_until(amount.median / WEEKS_PER_YEAR),
            source=_told(*facts_of(need.item, design), *_counted(need.item, design), *_made(need.item)),
            note=note,
        ))  # fmt: skip
    return rows


def _is_unlike(item: str, design: Design) -> bool:
    """Whether an item is counted by the packaging of the chip, and the catalog does not tell that."""
    return "like" in catalog.facts("materials", item) and "packaging_wafers" not in catalog.facts("chips", design.chip)


def _counted(item: str, design: Design) -> tuple[Fact, ...]:
    """What says how many of what the item is counted for there are in a MW."""
    basis = catalog.value("materials", item, "basis")
    if basis == "site":
        return ()
    pue = catalog.fact("campus", "campus", f"pue.{design.cooling}")
    if basis == "rack":
        return catalog.fact("chips", str(catalog.value("materials", item, "rack_of")), "rack_power_kw"), pue
    return (pue,) if basis == "it" else (catalog.fact("chips", design.chip, "system_power_w"), pue)


def _made(item: str) -> tuple[Fact, ...]:
    return (catalog.fact("supply", item, "capacity_per_week"),)


def _crews(mw: float, design: Design, region: str | None) -> list[YearNeed]:
    """Workers who are at work at once, by trade: MW a week x worker-weeks of a MW (Little's law)."""
    found, rows = supplies(design, region), []
    for trade, weeks in crew_weeks_per_mw(design.power).items():
        workers, supply = weeks * (mw / WEEKS_PER_YEAR), found[trade]
        rows.append(YearNeed(
            group=CREWS, item=trade, unit="workers", need=workers, supply=supply.a_week,
            years=supply.years_until(workers.median), source=_told(catalog.fact("regions", region or US, trade)),
            note="at work at once; supply: on sites of AI today, counted by the work of one in the US",
        ))  # fmt: skip
    return rows


def _dollars(mw: float, design: Design, region: str | None) -> list[YearNeed]:
    """Capex of a year, by group, and beside that of the four largest spenders: the world's, or that of US regions."""
    cost, per_bn, rows = capex(design, region), mw / USD_PER_BN, []
    if _nation(region) not in (None, NATION):
        rows.append(YearNeed(group=DOLLARS, item="capex", unit="bn USD", need=cost.all * per_bn, source=OWN,
                             note="of the campuses of a year"))  # fmt: skip
    for item, year, key in (("capex", 2026, "big_4_capex_2026_guide"), ("capex_to_2025", 2025, "big_4_capex_2025")):
        if _nation(region) not in (None, NATION):
            break
        fact = catalog.fact("facts", "capex-flows", key)
        rows.append(YearNeed(
            group=DOLLARS, item=item, unit="bn USD", need=cost.all * per_bn,
            supply=Spread.of(fact) * (1.0 / USD_PER_BN), source=_told(fact),
            note=f"against all capex of Amazon, Google, Meta and Microsoft in {year}",
        ))  # fmt: skip
    rows += [YearNeed(group=DOLLARS, item=f"capex_{group}", unit="bn USD", need=usd * per_bn, source=OWN,
                      note=f"of it: {group}") for group, usd in cost.by_group().items()]  # fmt: skip
    return rows


def _energy(mw: float, design: Design, region: str | None) -> list[YearNeed]:
    """Energy that the MW of a year take in every year from then on, with its gas and water; and additions of grids."""
    energy_mwh = campus("utilisation") * (mw * HOURS_PER_YEAR)
    rows = [YearNeed(group=ENERGY, item="energy", unit="TWh", need=energy_mwh * (1.0 / MWH_PER_TWH), source=OWN,
                     note="a year, from then on, at the mean load")]  # fmt: skip
    if design.power == GRID:
        for place, key in (("us", "us_utility_scale_additions_2025"), ("china", "china_additions_2025")):
            if _nation(region) not in (None, place.upper(), place.capitalize()):
                continue
            fact = catalog.fact("facts", "grid", key)
            rows.append(YearNeed(
                group=ENERGY, item=f"power_to_{place}", unit="GW", need=Spread.exactly(mw / MW_PER_GW),
                supply=Spread.of(fact), source=_told(fact),
                note="site power, against nameplate of all plants added there in 2025",
            ))  # fmt: skip
    else:
        gas = product(energy_mwh, heat_rate(design.power))
        bcm = product(gas, campus("gas_volume")) * (1.0 / M3_PER_BCM)
        rows.append(YearNeed(group=ENERGY, item="gas", unit="MMBtu", need=gas, source=OWN,
                             note="a year, higher heating value"))  # fmt: skip
        rows.append(YearNeed(group=ENERGY, item="gas_volume", unit="bcm", need=bcm, source=OWN,
                             note="the same gas by volume"))  # fmt: skip
    litres = product(energy_mwh, inverse(design.pue), _water(design, region)) * KWH_PER_MWH
    rows.append(YearNeed(group=ENERGY, item="water", unit="m3", need=litres * (1.0 / L_PER_M3), source=OWN,
                         note="a year, evaporated and drained at the sites"))  # fmt: skip
    return rows


def _nation(region: str | None) -> str | None:
    """The nation of a region, as the catalog writes it; None for the world."""
    return None if region is None else str(catalog.value("regions", region, "nation"))


def _water(design: Design, region: str | None) -> Spread:
    """Litres per kWh of IT: of the cooling, and for wetted coolers of the region where one is given."""
    if region is not None and design.cooling == "liquid_adiabatic":
        median = float(catalog.value("regions", region, "water_l_per_kwh"))
        own = campus("water_l_per_kwh.liquid_adiabatic")
        return own * (median / own.median) if median > 0.0 else own
    return campus(f"water_l_per_kwh.{design.cooling}")


def _weeks(design: Design, region: str | None, on_site: bool) -> Spread:
    """Weeks that a campus is under way in a region; in the world the mean of the regions by their share of crews."""
    shares = {name: float(catalog.value("regions", name, "crew_share")) for name in catalog.items("regions")}
    among = shares if region is None else {region: 1.0}
    spreads = []
    for name, share in among.items():
        local = tuple(replace(stage, weeks=regional_weeks(stage, name)) for stage in standard_stages())
        spreads.append(weeks_under_way(design.power, local, on_site) * (share / math.fsum(among.values())))
    return together(spreads)


def _sites(mw: float, design: Design, region: str | None) -> list[YearNeed]:
    """What stands in the campuses of a year, their land, and those under way at once by Little's law: rate x time."""
    gw_per_week = mw / MW_PER_GW / WEEKS_PER_YEAR
    built, whole = _weeks(design, region, on_site=True), _weeks(design, region, on_site=False)
    source = _told(*(catalog.fact("stages", stage.name, "weeks") for stage in stages_of(design.power)))
    land = catalog.fact("campus", "campus", "ha_per_mw")
    draw = _told(catalog.fact("chips", design.chip, "system_power_w"))
    return [
        YearNeed(group=SITES, item="chips", unit="chips", need=chips_per_mw(design) * mw, source=draw,
                 note=f"{design.chip}, as they are"),
        YearNeed(group=SITES, item="racks", unit="racks", need=racks_per_mw(design) * mw, source=draw,
                 note="as they stand in the halls"),
        YearNeed(group=SITES, item="under_construction", unit="GW", need=built * gw_per_week, source=source,
                 note="at once: rate x weeks from the first crew to power, nothing short, by region"),
        YearNeed(group=SITES, item="under_way", unit="GW", need=whole * gw_per_week, source=source,
                 note="at once: rate x weeks from permit or application to power, nothing short, by region"),
        YearNeed(group=SITES, item="land", unit="ha", need=Spread.of(land) * mw, source=_told(land),
                 note="of the campuses of a year"),
    ]  # fmt: skip


def _told(*facts: Fact) -> str:
    """Sources of the facts, each once."""
    return " ".join(dict.fromkeys(fact.source for fact in facts))
