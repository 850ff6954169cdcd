"""The bill of materials of a MW: by design, by the book, and what cannot be."""

from dataclasses import replace
from itertools import product as pairs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.capex import capex, unit_usd
from gigawatt.buildout.combined import inverse, product, together, total
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw, stages_of, weeks_under_way
from gigawatt.buildout.design import (
    COOLINGS,
    POWERS,
    REDUNDANCIES,
    Design,
    bill,
    campus,
    chips_per_mw,
    heat_rate,
    racks_per_mw,
)
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import Stage, standard_stages

BUILDABLE = [name for name in catalog.items("chips") if "hbm_gb" in catalog.facts("chips", name)]
DESIGNS = [Design(*names) for names in pairs(("gb300-nvl72", "h100-sxm"), COOLINGS, REDUNDANCIES, POWERS)]
CONTRACTED = """accelerators logic_wafers hbm packaging servers optical_transceivers power_transformers mv_transformers
    switchgear gas_turbines reciprocating_engines fuel_cells backup_generators ups batteries cooling liquid_loops
    concrete steel copper grid_connection""".split()

designs = st.builds(
    Design,
    chip=st.sampled_from(BUILDABLE),
    cooling=st.sampled_from(COOLINGS),
    redundancy=st.sampled_from(REDUNDANCIES),
    power=st.sampled_from(POWERS),
    backup=st.sampled_from((None, True, False)),
)
spreads = st.tuples(st.floats(0.01, 1e3), st.floats(0.3, 1), st.floats(1, 3)).map(
    lambda t: Spread(t[0], t[0] * t[1], t[0] * t[2])
)


def amounts(design):
    return {need.item: need.per_mw.median for need in bill(design)}


# ------------------------------------------------------------------------------------------------------------ by hand
def test_a_mw_of_gb300_is_site_power_over_pue_and_the_draw_of_a_chip():
    # By hand: 1e6 W x 0.92 / 1.15 / 1,833 W = 436 chips; 311 GB, 0.069 and 0.037 wafers each; 72 in a rack.
    found = amounts(Design())
    assert found["accelerators"] == approx(1e6 * 0.92 / 1.15 / 1833)
    assert found["hbm"] == approx(found["accelerators"] * 311)
    assert found["packaging"] == approx(found["accelerators"] * 0.069)
    assert found["logic_wafers"] == approx(found["accelerators"] * 0.037)
    assert found["servers"] == approx(found["accelerators"] / 72, rel=1e-3)
    assert racks_per_mw(Design()).median == approx(found["accelerators"] / 72)
    assert found["liquid_loops"] == approx(0.85 / 1.15 * 1.2)
    assert found["grid_connection"] == 1


def test_accelerators_count_by_the_packaging_that_they_take():
    # By hand: supply is counted in GB300 of 0.069 wafers; an H100 takes 0.0383.
    h100 = Design("h100-sxm", "air")
    assert amounts(h100)["accelerators"] == approx(chips_per_mw(h100).median * 0.0383 / 0.069)


def test_racks_of_a_chip_without_a_rack_of_its_own_are_filled_by_power():
    # By hand: 1,000 kW x 0.92 / 1.35 over 40 kW a rack.
    assert racks_per_mw(Design("h100-sxm", "air_chiller")).median == approx(1000 * 0.92 / 1.35 / 40)


def test_the_catalog_holds_the_contracted_items_and_each_has_supply_price_and_stage():
    assert set(CONTRACTED) == set(catalog.items("materials"))
    stages = {stage.name for stage in standard_stages()}
    for item in CONTRACTED:
        assert catalog.value("materials", item, "stage") in stages
        assert unit_usd(item).median > 0.0


def test_units_of_the_bill_and_of_its_supply_are_the_same():
    from gigawatt.buildout.supply import item

    for name in CONTRACTED:
        facts = catalog.facts("materials", name)
        if "amount" in facts:
            assert facts["amount"].unit.split("/")[0] == item(name).unit, name


# --------------------------------------------------------------------------------------------------------- properties
@given(design=designs)
def test_every_amount_has_its_median_within_its_range_and_no_item_stands_twice(design):
    needs = bill(design)
    assert len({need.item for need in needs}) == len(needs) >= 15
    assert all(0.0 < need.per_mw.low <= need.per_mw.median <= need.per_mw.high for need in needs)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_more_spare_plant_never_needs_less_of_anything(design):
    n, one_more, two = (amounts(replace(design, redundancy=kind)) for kind in REDUNDANCIES)
    assert n.keys() == one_more.keys() == two.keys()
    assert all(n[item] <= one_more[item] <= two[item] for item in n)
    assert any(n[item] < one_more[item] < two[item] for item in n)


@given(one=designs, other=st.sampled_from(COOLINGS))
def test_a_higher_pue_leaves_fewer_chips_for_a_mw(one, other):
    other = replace(one, cooling=other)
    lower, higher = sorted((one, other), key=lambda design: design.pue.median)
    assert chips_per_mw(lower).median >= chips_per_mw(higher).median
    assert chips_per_mw(lower).median * lower.pue.median == approx(chips_per_mw(higher).median * higher.pue.median)


@given(design=designs)
def test_a_chip_that_draws_twice_as_much_stands_half_as_often(design):
    draw = float(catalog.value("chips", design.chip, "system_power_w"))
    assert chips_per_mw(design).median * draw == approx(1e6 * 0.92 / design.pue.median)


@given(design=designs)
def test_each_campus_has_one_source_of_power_and_backup_only_where_it_is_wanted(design):
    found = amounts(design)
    plants = {"gas_turbines", "reciprocating_engines", "fuel_cells"} & found.keys()
    assert plants == {design.power} - {"grid"}
    assert ("grid_connection" in found) == (design.power == "grid")
    assert ("backup_generators" in found) == design.has_backup


def test_backup_stands_behind_the_grid_and_not_behind_a_plant_unless_told():
    assert Design().has_backup and not Design(power="fuel_cells").has_backup
    assert Design(power="fuel_cells", backup=True).has_backup and not Design(backup=False).has_backup


def test_air_takes_no_liquid_loops():
    assert "liquid_loops" not in amounts(Design("h100-sxm", "air"))
    assert "liquid_loops" not in amounts(Design("h100-sxm", "evaporative"))


def test_a_chip_that_tells_no_parts_has_a_bill_without_them():
    found = amounts(Design("l4", "air"))
    assert "accelerators" in found and not {"hbm", "packaging", "logic_wafers"} & found.keys()


def test_bills_are_made_once():
    assert bill(Design()) is bill(Design())


# -------------------------------------------------------------------------------------------------------------- names
def test_short_names_and_letter_case_stand_for_names_of_the_catalog():
    assert Design("GB300", "liquid", "N+1", "Gas") == Design("gb300-nvl72", "liquid_dry", "n+1", "gas_turbines")
    assert Design("h100", "air", power="engines").cooling == "air_chiller"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"chip": "gb300-nvl27"}, r"unknown chip 'gb300-nvl27'; did you mean 'gb300-nvl72'\?"),
        ({"cooling": "liqid_dry"}, r"unknown cooling 'liqid_dry'; did you mean 'liquid_dry'\? \(known: air_chiller, "),
        ({"redundancy": "3n"}, r"unknown redundancy '3n'; .*known: n, n\+1, 2n"),
        ({"power": "gas_turbine"}, r"unknown power 'gas_turbine'; did you mean 'gas_turbines'\? \(known: grid, "),
        ({"power": "coal"}, r"unknown power 'coal' \(known: grid, "),
    ],
)
def test_unknown_names_are_told_with_the_nearest(wrong, message):
    with pytest.raises(ValueError, match=message):
        Design(**wrong)


# ------------------------------------------------------------------------------------------------- uncertain amounts
@given(one=spreads, other=spreads)
def test_products_and_sums_of_spreads_keep_their_order_and_do_not_depend_on_it(one, other):
    assert product(one, other) == product(other, one)
    whole = total((one, other))
    assert whole.median == approx(one.median + other.median)
    apart = together((one, other))
    assert apart.low <= whole.low * (1 + 1e-9) and whole.high <= apart.high * (1 + 1e-9)
    assert product(one, inverse(one)).median == approx(1)
    assert inverse(inverse(one)).low == approx(one.low)


def test_log_normal_doubts_multiply_as_drawn_ones_do():
    import numpy as np

    rng = np.random.default_rng(7)
    a, b = Spread(3, 2, 4.5), Spread(10, 5, 20)
    drawn = (
        a.median * np.exp(a.up * rng.standard_normal(400_000)) * b.median * np.exp(b.up * rng.standard_normal(400_000))
    )
    found = product(a, b)
    assert np.quantile(drawn, (0.05, 0.5, 0.95)) == approx((found.low, found.median, found.high), rel=0.01)


def test_sums_are_near_those_of_draws():
    import numpy as np

    rng = np.random.default_rng(7)
    parts = [Spread(3, 2, 4.5), Spread(10, 6, 17), Spread(5, 4, 7)]
    drawn = sum(part.median * np.exp(part.up * rng.standard_normal(400_000)) for part in parts)
    found = total(parts)
    # The sum of medians is a little below the median of the sum, as the docs say.
    assert np.quantile(drawn, (0.05, 0.5, 0.95)) == approx((found.low, found.median, found.high), rel=0.07)


# --------------------------------------------------------------------------------------------------- work and weeks
CHAIN = (
    Stage(name="a", weeks=Spread(10, 5, 20)),
    Stage(name="b", weeks=Spread(20, 10, 40), after=("a",), trade="builders", workers_per_mw=2.0),
    Stage(name="c", weeks=Spread(5, 4, 6), after=("a",), trade="builders", workers_per_mw=1.0),
    Stage(name="d", weeks=Spread(8, 8, 8), after=("b", "c"), trade="electricians", workers_per_mw=3.0),
    Stage(name="e", weeks=Spread(9, 9, 9), after=("d",), power="onsite"),
)


def test_worker_weeks_and_the_longest_chain_are_those_by_hand():
    work = crew_weeks_per_mw(stages=CHAIN)
    assert {trade: spread.median for trade, spread in work.items()} == {"builders": 45, "electricians": 24}
    assert weeks_under_way(stages=CHAIN).median == 38
    assert weeks_under_way(stages=CHAIN, on_site=True).median == 28
    assert weeks_under_way("fuel_cells", stages=CHAIN).median == 47
    assert [stage.name for stage in stages_of("grid", CHAIN)] == ["a", "b", "c", "d"]


def test_stages_without_workers_are_no_time_on_site():
    with pytest.raises(ValueError, match="no stage of a campus on grid holds workers"):
        weeks_under_way(stages=CHAIN[:1], on_site=True)


# ------------------------------------------------------------------------------------------------------------ dollars
def test_parts_of_the_cost_add_up_to_it():
    cost = capex(Design())
    assert cost.all.median == approx(sum(part.usd_per_mw.median for part in cost.costs))
    assert cost.all.median == approx(sum(group.median for group in cost.by_group().values()))
    price = float(catalog.value("chips", "gb300-nvl72", "price_usd"))
    assert cost.it.median == approx(chips_per_mw(Design()).median * price)
    assert "hbm" not in {part.part for part in cost.costs}  # within the price of the chip


@given(design=designs)
def test_every_design_of_a_priced_chip_has_a_cost_and_more_spare_plant_costs_more(design):
    n, two = (capex(replace(design, redundancy=kind)) for kind in ("n", "2n"))
    assert 0.0 < n.facility.median < two.facility.median
    assert n.it == two.it


def test_wages_of_the_region_are_those_that_are_paid():
    work = sum(spread.median for spread in crew_weeks_per_mw().values())
    facts = catalog.facts("regions", "europe")
    wage = float(facts["worker_usd_per_week"].value) / float(facts["productivity"].value)
    assert capex(Design(), "europe").by_group()["labour"].median == approx(work * wage)
    assert capex(Design()).by_group()["labour"].median == approx(work * campus("usd_per_worker_week").median)


def test_a_chip_without_a_price_is_named_and_those_with_one_are_told():
    with pytest.raises(ValueError, match="no price of chip l4 is known; chips with one: h100-sxm, "):
        capex(Design("l4", "air"))


# ------------------------------------------------------------------------------------------------------ published
# What is published of a gigawatt, our figure for it, and how far apart they may be (relative). Dollars per GW of site
# power but for Epoch AI and Cushman & Wakefield, who count IT. Wide where sources disagree by more.
def per_gw_of_it(usd_per_mw, design):
    return 1e3 * usd_per_mw * design.pue.median


GB200, GB300 = Design("gb200-nvl72"), Design()
PUBLISHED = {
    "Bernstein, GB200, 35 bn": (35e9, 1e3 * capex(GB200).all.median, 0.1),
    "Epoch AI, 1 GW of IT of GB200, 38 bn": (38e9, per_gw_of_it(capex(GB200).all.median, GB200), 0.15),
    "Reuters at Altman's livestream, 40 bn": (40e9, 1e3 * capex(GB300).all.median, 0.2),
    "Epoch AI, facilities all in, 29 to 35 bn": (31.9e9, 1e3 * capex(GB300).all.median, 0.15),
    "Goldman and McKinsey, AI without IT, 15 to 20 M a MW": (17.3e6, capex(GB300).facility.median * 1.15, 0.3),
    "Barclays, 500,000 GPUs a GW": (500e3, 1e3 * chips_per_mw(GB300).median, 0.15),
    "Bernstein, 427,000 GPUs a GW": (427e3, 1e3 * chips_per_mw(GB200).median, 0.15),
    "TD Cowen, more than 1 M dies a GW": (1e6, 2e3 * chips_per_mw(GB200).median, 0.15),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_gigawatt_holds_and_costs_about_what_is_published(name):
    published, ours, tolerance = PUBLISHED[name]
    assert ours == approx(published, rel=tolerance)


def mechanical_and_electrical_usd_per_mw(design):
    """Equipment of power and cooling, the work of its trades and the contractor on both, per MW of site power."""
    cost = capex(design)
    work = sum(part.usd_per_mw.median for part in cost.costs if part.part in ("electricians", "pipefitters"))
    groups = cost.by_group()
    equipment = groups["electrical"].median + groups["cooling"].median
    return (equipment + work) * (1.0 + campus("contractor_share").median)


def test_mechanical_and_electrical_works_cost_what_builders_pay_and_half_of_what_brokers_say():
    ours = mechanical_and_electrical_usd_per_mw(GB300)
    # Cushman & Wakefield: 53 % of 11.7 M USD per MW of IT.
    assert ours * GB300.pue.median == approx(0.53 * 11.7e6, rel=0.1)
    # Bernstein: close to a third of 35 bn USD per GW, generators and turbines within it.
    assert 0.4 < ours / (0.33 * 35e6) < 0.6


def test_a_plant_burns_what_its_technology_burns_in_the_table_power():
    for power, technology in (("reciprocating_engines", "gas_reciprocating"), ("fuel_cells", "fuel_cell_sofc")):
        assert heat_rate(power) == Spread.of(catalog.fact("power", technology, "heat_rate_mmbtu_per_mwh"))
    lowest, highest = (
        float(catalog.value("power", name, "heat_rate_mmbtu_per_mwh")) for name in ("gas_ccgt", "gas_aeroderivative")
    )
    assert lowest < heat_rate("gas_turbines").median < highest


def test_racks_are_counted_by_the_power_of_the_one_that_supply_counts():
    # By hand: 1,000 kW x 0.92 / 1.35 over 132 kW of a GB300 NVL72, whatever the chip.
    assert amounts(Design("h100-sxm", "air_chiller"))["servers"] == approx(1000 * 0.92 / 1.35 / 132)


def test_the_dearest_published_gigawatts_are_missed():
    # Nvidia and Barclays: 50 to 60 bn USD. Our bill is below that even at its 95 % end; the docs say so.
    assert 0.5 < 1e3 * capex(GB300).all.median / 54.8e9 < 0.75
    assert 1e3 * capex(Design("vr-nvl72")).all.high < 50e9


def test_shares_of_a_gigawatt_are_near_those_of_bernstein():
    # Bernstein on GB200: GPUs 39 %, all IT 57.6 % (3.4 of 5.9 M USD a rack), mechanical and electrical works a third.
    cost = capex(GB200)
    parts = {part.part: part.usd_per_mw.median / cost.all.median for part in cost.costs}
    # Ours is 53 %: chip prices of Epoch AI (36,742 USD) in racks at Bernstein's price, where 39 % are 31,970 USD a GPU.
    assert parts["accelerators"] == approx(0.39, abs=0.15)
    # 68 % of ours is IT, as with Barclays (65 to 70 %): our facility is the cheaper one.
    assert cost.it.median / cost.all.median == approx(0.576, abs=0.12)
    assert 0.62 < cost.it.median / cost.all.median < 0.73


def test_asics_cost_less_than_gpus():
    # Bernstein: a gigawatt of ASICs costs 19 % less.
    assert 1 - capex(Design("tpu-v7")).all.median / capex(GB200).all.median == approx(0.19, abs=0.08)
