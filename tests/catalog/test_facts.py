"""Quality of the data itself: every value has a unit and a source, and known traps stay out."""

import csv
import math
import re
from collections import defaultdict
from datetime import date

import pytest
import yaml

from gigawatt import catalog
from gigawatt.catalog.facts import DEAL_TEXTS, FOLDER, TEXT_UNITS, read_rows
from gigawatt.units import compatible, parse_unit, unit_of

LONG = [table for table in catalog.tables() if table != "deals"]
IN_OWN_UNIT = "capacity_per_week scale_per_week world_per_week step_per_week usd_per_unit per_mw".split()  # of an item
H100E_FLOP_PER_S = 0.989e15  # dense BF16 of one H100, the unit of compute

REQUIRED = {
    "chips": """name vendor bf16_flop_per_s fp8_flop_per_s fp4_flop_per_s flops_basis memory_gb
        memory_bandwidth_gb_per_s system_power_w""",
    "models": """layers hidden heads kv_heads head_dim attention kv_lora_rank rope_dim experts experts_active
        shared_experts expert_intermediate intermediate dense_layers vocab params params_active context_tokens""",
    "power": """fom_usd_per_kw_year vom_usd_per_mwh fuel_usd_per_mwh life_years efficiency carbon_t_per_mwh lead_months
        capex_usd_per_kw""",
    "regions": """nation grid_usd_per_mwh delivery_usd_per_mwh carbon_g_per_kwh grid_mw_per_week grid_growth_per_year
        grid_scale_mw_per_week
        grid_months firm_technology labour_cost_factor place cooling gas_usd_per_mmbtu carbon_usd_per_t
        firm_without_gas_usd_per_mwh firm_mmbtu_per_mwh firm_stack_g_per_kwh firm_carbon_g_per_kwh firm_water_l_per_kwh
        grid_water_l_per_kwh water_l_per_kwh pue firm_months""",
    "supply": "kind capacity_per_week growth_per_year scale_per_week lead_weeks",
    "segments": "pays users_m potential_m adoption_per_year queries_per_week churn_per_week",
    "tiers": "model tokens_in tokens_out ttft_s tpot_ms deadline_hours value_weight",
    "missions": "floor value_usd_per_h100e_h ramp_years start",
    "companies": "roles nation cash_usd debt_usd debt_rate debt_years",
    "sites": "owner tenant region power_mw energised_mw first_power full_power chip status",
}
ITEMS = {
    "chips": """h100-sxm h200-sxm gb200-nvl72 gb300-nvl72 vr-nvl72 nvidia-2028 nvidia-2030 tpu-v6e tpu-v7 tpu-8 tpu-2029
        mi355x mi455x amd-2028 trn2 trn3 trn-2028 ascend-910c ascend-950 ascend-2029 a100-80 b200 b300""",
    "models": """llama-3.1-8b llama-3.1-70b llama-3.1-405b deepseek-v3 qwen3-235b-a22b qwen3-32b gpt-oss-120b kimi-k2
        instant-2026 thinking-2026 pro-2026""",
    "regions": "us_tx us_midwest us_southeast us_west europe gulf china asia",
    "supply": """accelerators logic_wafers hbm packaging servers optical_transceivers power_transformers mv_transformers
        switchgear gas_turbines reciprocating_engines fuel_cells backup_generators ups batteries cooling liquid_loops
        concrete steel copper grid_connection crews""",
}


def long_facts():
    return [fact for table in LONG for item in catalog.items(table) for fact in catalog.facts(table, item).values()]


def all_facts():
    return [
        fact
        for table in catalog.tables()
        for item in catalog.items(table)
        for fact in catalog.facts(table, item).values()
    ]


def number(table, item, attribute):
    return float(catalog.value(table, item, attribute))


def where(fact):
    return f"{fact.table} {fact.item} {fact.attribute}"


@pytest.mark.parametrize("table", catalog.tables())
def test_every_table_has_the_agreed_columns_and_no_ragged_row(table):
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert [len(row) for row in rows] == [len(head)] * len(rows)
    wide = """item payer payee payer_party payee_party instrument status value unit low high currency gigawatts start
        end schedule trigger seniority collateral condition notice_days counted_in guarantees"""
    end = ("as_of", "confidence", "source", "note")
    assert tuple(head) == ((*wide.split(), *end) if table == "deals" else catalog.COLUMNS)


@pytest.mark.parametrize("table", LONG)
def test_no_attribute_is_given_twice(table):
    keys = [(row["item"], row["attribute"]) for row in read_rows(table)]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_no_deal_and_no_source_is_given_twice():
    for table, key in (("deals", "item"), ("sources", "key")):
        if (FOLDER / f"{table}.csv").exists():
            keys = [row[key] for row in read_rows(table)]
            assert sorted({name for name in keys if keys.count(name) > 1}) == []


def test_every_value_has_a_unit_that_is_known():
    for fact in all_facts():
        assert fact.unit, where(fact)
        if fact.unit not in TEXT_UNITS:
            parse_unit(fact.unit)


def test_every_unit_fits_the_suffix_of_its_attribute():
    named = [fact for fact in long_facts() if fact.unit not in TEXT_UNITS and fact.table not in ("parameters", "facts")]
    for fact in named:
        suffix = unit_of(fact.attribute)
        free = suffix == "1" or fact.attribute.rpartition(".")[2] in IN_OWN_UNIT
        assert free or compatible(fact.unit, suffix), f"{where(fact)}: {fact.unit} against {suffix}"


def test_every_value_names_a_source_that_exists():
    known = {source.key for source in catalog.sources()}
    assert [where(fact) for fact in all_facts() if fact.source not in known] == []


def test_every_source_has_a_title_and_an_address_or_is_our_own():
    for source in catalog.sources():
        assert source.title and (
            source.url.startswith("https://") or source.url.startswith("http://") or not source.url
        )
        assert source.url or source.note, source.key


# Numbers of the build-out with a named public source, of all. The others are own estimates, definitions (a factor of
# 0, the size of a phase) and choices (the size of a line), each with its reasoning.
SOURCED = {"supply": (68, 319), "materials": (10, 54), "stages": (19, 44)}


@pytest.mark.parametrize("table", SOURCED)
def test_as_many_numbers_of_the_build_out_have_a_public_source_as_the_docs_say(table):
    numbers = [fact for fact in all_facts() if fact.table == table and fact.unit not in TEXT_UNITS]
    named = [fact for fact in numbers if fact.source not in ("own-estimate", "gigawatt-power")]
    assert (len(named), len(numbers)) == SOURCED[table]


@pytest.mark.parametrize("table", ["supply", "supply_shocks", "materials", "stages", "campus", "buildout", "regions"])
def test_no_estimate_of_the_build_out_is_recalled_and_no_more(table):
    assert [where(fact) for fact in all_facts() if fact.table == table and "recalled" in fact.note] == []


def test_every_confidence_is_one_of_four_and_own_estimates_show_their_reasoning():
    for fact in all_facts():
        assert fact.confidence in catalog.CONFIDENCES, where(fact)
        assert (fact.confidence == "own-estimate") == (fact.source == "own-estimate"), where(fact)
        assert fact.note.strip() or fact.source != "own-estimate", where(fact)


def test_every_number_is_finite_and_lies_between_low_and_high():
    for fact in all_facts():
        if isinstance(fact.value, str):
            assert fact.low is None and fact.high is None, where(fact)
            continue
        assert math.isfinite(fact.value), where(fact)
        assert (fact.low is None) == (fact.high is None) or fact.table == "facts", where(fact)
        if fact.low is not None and fact.high is not None:
            assert fact.low <= fact.value <= fact.high, where(fact)


def test_every_date_is_a_day_and_every_as_of_a_date_or_part_of_one():
    for fact in all_facts():
        if fact.unit == "date" and (fact.value or fact.table != "deals"):
            date.fromisoformat(str(fact.value))
        # Published figures may hold for a period in the words of their source: 1997-2001, FY2026, late 1990s.
        period = r".+" if fact.table == "facts" else r"\d{4}(-\d\d(-\d\d)?)?"
        assert re.fullmatch(period, fact.as_of), where(fact)


def test_no_text_is_empty_where_a_text_is_needed():
    blank = {"tenant", "trigger", "end", "start", "collateral", "condition", "counted_in", "guarantees"}
    for fact in all_facts():
        assert fact.value != "" or fact.attribute in blank, where(fact)


@pytest.mark.parametrize("table", sorted(REQUIRED))
def test_every_item_has_the_attributes_that_its_table_requires(table):
    assert catalog.items(table)
    for item in catalog.items(table):
        assert set(REQUIRED[table].split()) - set(catalog.facts(table, item)) == set(), item


def test_chips_of_a_scenario_can_be_bought_and_built():
    # A chip without a share of the opening stock serves estimates; a scenario asks for what it lacks.
    wanted = """family maker volume_start scaleup_gb_per_s scaleup_domain tdp_w price_usd packaging_wafers logic_wafers
        hbm_gb stock_share"""
    known = {chip: set(catalog.facts("chips", chip)) for chip in catalog.items("chips")}
    buildable = {chip for chip, attributes in known.items() if "stock_share" in attributes}
    assert set(yaml.safe_load(catalog.preset("base"))["chips"]) <= buildable
    lacking = {chip: sorted(set(wanted.split()) - known[chip]) for chip in buildable}
    assert [chip for chip, names in lacking.items() if names] == []


@pytest.mark.parametrize("table", sorted(ITEMS))
def test_the_named_items_are_there(table):
    assert set(ITEMS[table].split()) <= set(catalog.items(table))


def test_attribution_is_on_record_where_a_licence_asks_for_it():
    epoch = [catalog.source(key) for key in ("epoch-ml-hardware", "epoch-chip-prices", "epoch-chip-counts")]
    assert all(re.search("CC[ -]BY", source.licence) and source.author == "Epoch AI" for source in epoch)
    zones = [source for source in catalog.sources() if source.key.startswith("sustain-cluster")]
    assert zones and all("ODbL" in source.licence for source in zones)


# ------------------------------------------------------------------------------------------------------------- chips


# Dense rates as Epoch AI lists them (2026-03-31; FP8 of the MI355X from its maker): BF16, FP8, GB, GB/s.
DENSE = {
    "h100-sxm": (9.894e14, 1.979e15, 80, 3350),
    "b200": (2.25e15, 4.5e15, 180, 7700),
    "gb300-nvl72": (2.5e15, 5e15, 287.5, 8000),
    "tpu-v7": (2.307e15, 4.614e15, 192, 7370),
    "mi355x": (2.5166e15, 5.033e15, 288, 8000),
    "trn2": (6.67e14, 1.299e15, 96, 2900),
}


@pytest.mark.parametrize("chip", sorted(DENSE))
def test_shipping_chips_have_their_dense_rates(chip):
    names = ("bf16_flop_per_s", "fp8_flop_per_s", "memory_gb", "memory_bandwidth_gb_per_s")
    assert tuple(number("chips", chip, name) for name in names) == DENSE[chip]


@pytest.mark.parametrize(("chip", "headline"), [("gb200-nvl72", 1.44e18), ("gb300-nvl72", 2.2e18)])
def test_a_rack_is_72_dense_chips_and_half_the_sparse_headline(chip, headline):
    rack = number("chips", chip, "rack_fp4_flop_per_s")
    assert rack / number("chips", chip, "rack_gpus") == pytest.approx(number("chips", chip, "fp4_flop_per_s"), rel=0.1)
    assert rack == pytest.approx(headline / 2, rel=0.1)


# Vendor peaks whose sparsity is not stated (FLOP/s in FP4 per package).
VENDOR_PEAKS = {"vr-nvl72": 5e16, "mi455x": 4e16, "tpu-8": 1.26e16, "ascend-950": 2e15}


@pytest.mark.parametrize("chip", sorted(VENDOR_PEAKS))
def test_a_vendor_peak_of_unknown_sparsity_is_an_own_estimate_that_reaches_down_to_its_half(chip):
    fp4 = catalog.fact("chips", chip, "fp4_flop_per_s")
    assert fp4.confidence == "own-estimate" and "half" in fp4.note
    assert fp4.low is not None and fp4.low <= VENDOR_PEAKS[chip] / 2
    assert "vendor peak" in str(catalog.value("chips", chip, "flops_basis"))


def test_peaks_of_the_makers_who_quote_sparse_rates_are_halved():
    assert number("chips", "vr-nvl72", "fp4_flop_per_s") == 5e16 / 2
    assert number("chips", "mi455x", "fp4_flop_per_s") == 4e16 / 2


def test_narrower_formats_are_not_slower_and_not_beyond_what_hardware_does():
    for chip in catalog.items("chips"):
        bf16, fp8, fp4 = (number("chips", chip, f"{kind}_flop_per_s") for kind in ("bf16", "fp8", "fp4"))
        assert fp8 == 0 or 1 <= fp8 / bf16 <= 4, chip
        assert fp4 == 0 or 1 <= fp4 / fp8 <= 3.2, chip


def test_a_chip_draws_more_in_its_server_than_alone_and_its_rack_agrees():
    for chip, facts in ((chip, catalog.facts("chips", chip)) for chip in catalog.items("chips")):
        system_w = float(facts["system_power_w"].value)
        if "tdp_w" in facts:
            assert 1.2 <= system_w / float(facts["tdp_w"].value) <= 2, chip
        if "rack_power_kw" in facts:
            per_chip_w = 1000 * float(facts["rack_power_kw"].value) / float(facts["rack_gpus"].value)
            assert system_w == pytest.approx(per_chip_w, rel=0.01)


def test_memory_bought_is_at_least_memory_used():
    for chip in catalog.items("chips"):
        bought = catalog.value("chips", chip, "hbm_gb", default=None)
        assert bought is None or float(bought) >= number("chips", chip, "memory_gb")


def test_later_generations_of_a_family_cost_and_draw_less_per_unit_of_compute():
    for family in (
        ["h100-sxm", "gb300-nvl72", "vr-nvl72", "nvidia-2028", "nvidia-2030"],
        ["tpu-v6e", "tpu-v7", "tpu-8", "tpu-2029"],
    ):
        for attribute in ("price_usd", "system_power_w", "packaging_wafers", "logic_wafers"):
            each = [number("chips", chip, attribute) / number("chips", chip, "bf16_flop_per_s") for chip in family]
            if attribute in ("packaging_wafers", "logic_wafers") or family[0] == "h100-sxm":
                assert each == sorted(each, reverse=True), (attribute, family)


def test_stock_shares_of_a_family_add_up_to_one_and_only_shipped_chips_have_stock():
    totals = defaultdict(float)
    for chip in yaml.safe_load(catalog.preset("base"))["chips"]:
        share = number("chips", chip, "stock_share")
        totals[catalog.value("chips", chip, "family")] += share
        assert share == 0 or str(catalog.value("chips", chip, "volume_start")) < "2026-01-01"
    assert totals == pytest.approx(dict.fromkeys(("nvidia", "tpu", "amd", "trainium", "huawei"), 1.0))


def test_a_gigawatt_of_gb300_holds_the_number_of_chips_that_brokers_give():
    # Bernstein implies 427,000 GPUs per GW and Barclays 500,000; PUE about 1.15 and 5 % of a site for other things.
    chips_per_gw = 1e9 / 1.2 / number("chips", "gb300-nvl72", "system_power_w")
    assert 400_000 < chips_per_gw < 520_000
    # Epoch AI: 38 bn USD of upfront cost per GW of IT; Bernstein: 35 bn, of which about 60 % for computers.
    assert 18e9 < chips_per_gw * number("chips", "gb300-nvl72", "price_usd") < 30e9


# ------------------------------------------------------------------------------------------------------------ models


def test_assumed_frontier_shapes_say_so_and_grow_with_the_tier():
    tiers = ("instant-2026", "thinking-2026", "pro-2026")
    assert all(catalog.fact("models", item, "params").confidence == "own-estimate" for item in tiers)
    sizes = [number("models", item, "params_active") for item in tiers]
    assert sizes == sorted(sizes)


# ------------------------------------------------------------------------------------------- power, regions and supply


def test_baseline_costs_and_market_prices_of_2025_are_both_kept_where_they_differ():
    assert number("power", "gas_ccgt", "market_capex_usd_per_kw") > 1.5 * number(
        "power", "gas_ccgt", "capex_usd_per_kw"
    )
    assert catalog.fact("power", "gas_ccgt", "capex_usd_per_kw").source == "nrel-atb-2024"
    for hours in (2, 4, 8):
        item = f"battery_liion_{hours}h"
        assert number("power", item, "capex_usd_per_kwh") > 2.5 * number("power", item, "market_capex_usd_per_kwh")


def test_carbon_of_gas_plants_follows_from_their_efficiency():
    # 0.198 t of CO2 per MWh of gas, lower heating value.
    for item in ("gas_ccgt", "gas_ocgt_frame", "gas_aeroderivative", "gas_reciprocating", "fuel_cell_sofc"):
        efficiency = number("power", item, "efficiency")
        assert number("power", item, "carbon_t_per_mwh") == pytest.approx(0.198 / efficiency, rel=0.01)


def test_diesel_fuel_follows_from_its_efficiency():
    # 71 US gallons make 1 MWh at 35 %; 250 gallons, as one public repository has it, would be three times too much.
    assert number("power", "diesel_backup", "fuel_usd_per_mwh") < 100 * 3.5


def test_firm_technologies_of_regions_are_in_the_power_table():
    for region in catalog.items("regions"):
        technology = catalog.value("regions", region, "firm_technology")
        assert technology in catalog.items("power") and catalog.value("power", str(technology), "kind") == "firm"


def test_wholesale_and_carbon_means_are_cited_as_computed_annual_means():
    computed = [fact for fact in all_facts() if fact.source.startswith("sustain-cluster")]
    assert computed and all("annual mean" in fact.note and fact.as_of == "2023" for fact in computed)


def test_grid_connections_of_all_regions_are_near_what_brokers_expect_of_the_world():
    # JLL: 100 GW of data centres 2026 to 2030, 385 MW a week.
    total_mw = sum(number("regions", region, "grid_mw_per_week") for region in catalog.items("regions"))
    assert 250 < total_mw < 450


def test_packaging_capacity_follows_from_wafers_a_month():
    # TSMC at end 2025: 75,000 CoWoS wafers a month (65,000 to 80,000), most of them for accelerators.
    assert 0.85 * 65_000 * 12 / 52 < number("supply", "packaging", "capacity_per_week") < 80_000 * 12 / 52


def test_memory_capacity_follows_from_the_market():
    # TrendForce: more than 30 bn Gb in 2026, 72 M GB a week on average; 35 bn USD in 2025 (Micron).
    week_gb = number("supply", "hbm", "capacity_per_week")
    assert 0.5 < week_gb / (30e9 / 8 / 52) < 1
    assert 52 * week_gb * number("supply", "hbm", "usd_per_unit") == pytest.approx(35e9, rel=0.4)


def test_the_three_items_of_chips_allow_like_numbers_of_chips():
    mix = {"gb300-nvl72": 0.6, "tpu-v7": 0.25, "mi355x": 0.05, "trn3": 0.1}  # of shipments of early 2026, in H100e
    weeks = []
    for item, attribute in (("packaging", "packaging_wafers"), ("logic_wafers", "logic_wafers"), ("hbm", "hbm_gb")):
        each = sum(w * number("chips", c, attribute) / number("chips", c, "bf16_flop_per_s") for c, w in mix.items())
        weeks.append(number("supply", item, "capacity_per_week") / (each * H100E_FLOP_PER_S))
    assert max(weeks) < 2 * min(weeks)
    # Epoch AI: 18.7 M H100e at end 2025, growing 2.7 to 4.1 x a year: 32 to 58 M more in 2026.
    assert 18e6 < 52 * min(weeks) < 45e6


def test_crews_of_the_united_states_are_tighter_than_any_item_that_every_site_needs():
    site = [item for item in catalog.items("supply") if catalog.value("supply", item, "kind") == "site"]
    american = [r for r in catalog.items("regions") if catalog.value("regions", r, "nation") == "US"]
    share = sum(number("regions", region, "crew_share") for region in american)
    crews_mw = share * number("supply", "crews", "capacity_per_week")
    assert crews_mw < min(number("supply", item, "capacity_per_week") for item in site)
    # AI sites of the US grew by some 10 GW in 2025 and 2026 (Goldman Sachs: 31 GW of all data centres to 66 in 2027).
    assert 52 * crews_mw == pytest.approx(10_000, rel=0.25)


def test_units_of_supply_follow_its_kind():
    for item in catalog.items("supply"):
        unit = catalog.fact("supply", item, "capacity_per_week").unit
        assert unit == catalog.fact("supply", item, "scale_per_week").unit
        kind = catalog.value("supply", item, "kind")
        assert kind == "deep" or (unit == "MW/week") == (kind in ("site", "firm", "local"))
        attributes = catalog.facts("supply", item)
        assert "usd_per_mw" in attributes or "usd_per_unit" in attributes


# ------------------------------------------------------------------------------------------------------ deals and facts


def test_the_letter_of_intent_of_nvidia_and_openai_has_lapsed_into_equity():
    assert catalog.value("deals", "nvda-openai-loi", "status") in ("lapsed", "superseded")
    assert catalog.value("deals", "nvda-openai-30", "status") == "firm"
    assert number("deals", "nvda-openai-30", "amount_usd") == 3e10


def test_deals_have_a_status_a_start_and_end_in_order():
    for item in catalog.items("deals"):
        deal = catalog.facts("deals", item)
        assert set(DEAL_TEXTS) <= set(deal)
        start, end = str(deal["start"].value), str(deal["end"].value)
        assert not (start and end) or start <= end, item


def test_gpu_hours_of_deepseek_v2_are_per_trillion_tokens():
    for fact in all_facts():
        if fact.value == 172_800 or "172.8K" in fact.note:
            assert "trillion tokens" in fact.note or "trillion" in fact.unit, where(fact)


def test_texts_do_not_claim_that_a_filing_was_read():
    claims = re.compile(r"\b(we|was|were) (have )?read (in|from) (the )?(10-K|10-Q|8-K|S-1|filing)", re.IGNORECASE)
    assert [where(fact) for fact in all_facts() if claims.search(fact.note)] == []
