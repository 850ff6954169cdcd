"""Facts of the power table: dollars of one year, plants that fail as the table of outages says, prices of today."""

import re

import pytest

from gigawatt import catalog
from gigawatt.power.lcoe import Technology, in_book, quoted
from gigawatt.power.options_text import option
from gigawatt.power.plan import size
from gigawatt.power.targets import term
from tests.power.made_up import a_load, a_site

OF_2022 = re.compile(r"([\d,.]+) USD of 2022 x ([\d.]+)")
FIRM = [i for i in catalog.items("power") if catalog.value("power", i, "kind") in ("firm", "backup")]


def money():
    facts = [fact for item in catalog.items("power") for fact in catalog.facts("power", item).values()]
    return [fact for fact in facts if fact.unit.startswith("USD") and float(fact.value) > 0]


def test_costs_of_2022_stand_in_dollars_of_2025():
    old = [fact for fact in money() if fact.source in ("nrel-atb-2024", "microgrid-config")]
    assert len(old) > 40
    for fact in old:
        told = OF_2022.match(fact.note)
        assert told, fact
        assert float(told[2]) == term("prices_2025_over_2022")
        assert float(fact.value) == pytest.approx(float(told[1].replace(",", "")) * float(told[2]), rel=1e-4)


def test_a_range_holds_its_value():
    for fact in money():
        assert fact.low is None or fact.low <= float(fact.value) <= fact.high, fact


@pytest.mark.parametrize("item", FIRM)
def test_a_firm_plant_is_in_order_as_the_table_of_outages_says(item):
    rates = {name: fact.value for name, fact in catalog.facts("outages", item).items()}
    in_order = (1 - rates["forced_outage_rate"]) * (1 - rates["planned_hours"] / 8760)
    if "mttf_hours" in rates:
        in_order *= rates["mttf_hours"] / (rates["mttf_hours"] + rates["mttr_hours"])
    # Nuclear and geothermal plants have fleet means of their own, up to six points below.
    slack = 0.06 if item in ("nuclear_smr", "nuclear_large", "geothermal") else 0.01
    assert in_order - slack <= Technology.from_catalog(item).in_order_share <= in_order + 0.01


def test_hydropower_needs_water_and_another_plant():
    hydro = Technology.from_catalog("hydro")
    assert 0.3 <= hydro.capacity_factor <= 0.65 and hydro.in_order_share > 0.9
    found = size(a_site(), a_load(100.0), [option("hydro", most_mw=100.0), option("gas")])
    assert found.accounts.energy.by_source["hydro"] <= 100.0 * 24 * hydro.capacity_factor * (1 + 1e-9)


def test_large_reactors_of_the_market_cost_what_the_last_ones_did():
    large, small = (in_book(Technology.from_catalog(name), "market") for name in ("nuclear", "smr"))
    # Vogtle 3 and 4: above 35 bn USD for 2,234 MW.
    assert quoted(large) and large.capex_usd_per_kw == pytest.approx(35e9 / 2.234e6, rel=1e-3)
    assert large.capex_usd_per_kw > small.capex_usd_per_kw


def test_what_is_for_sale_in_2030_is_not_the_price_of_today():
    for item in catalog.items("power"):
        later = [f for f in catalog.facts("power", item).values() if f.attribute.startswith("capex_usd_per_kw")]
        if any(fact.as_of == "2030" for fact in later):
            assert quoted(Technology.from_catalog(item)), item


def test_fuel_cells_for_a_campus_take_longer_than_one_delivery():
    found = catalog.fact("power", "fuel_cell_sofc", "lead_months")
    assert found.low <= 3 and found.value >= 12
