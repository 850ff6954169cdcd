"""The companies, customers and campuses of 2026: shares that add up, revenue that agrees with what was published."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from datetime import date

import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.units import compatible, parse_unit, unit_of

COMPANIES = (
    "OpenAI Anthropic Google Microsoft Meta Amazon xAI Oracle CoreWeave Neoclouds Nvidia AMD Broadcom SoftBank China"
).split()
SEGMENTS = ("consumer", "enterprise", "developer")
START = date(2026, 1, 5)
TABLES = ("companies", "segments", "tiers", "missions", "sites", "facts")
FACTS = [fact for table in TABLES for item in catalog.items(table) for fact in catalog.facts(table, item).values()]


def number(table: str, item: str, attribute: str, default: float = 0.0) -> float:
    return float(catalog.value(table, item, attribute, default))


def mapped(company: str, name: str) -> dict[str, float]:
    """A dotted map of a company, such as `share.consumer`, as key -> value."""
    facts = catalog.facts("companies", company)
    return {key.split(".", 1)[1]: float(fact.value) for key, fact in facts.items() if key.startswith(name + ".")}


def opening_revenue_usd(company: str) -> float:
    """What the opening shares earn in a year: seats x price, and the share of all spending on tokens."""
    total = 0.0
    for segment in SEGMENTS:
        share = number("companies", company, f"share.{segment}")
        if catalog.value("segments", segment, "pays") == "seat":
            users = number("segments", segment, "users_m") * 1e6
            total += users * share * number("segments", segment, "usd_per_month") * 12
        else:
            total += number("segments", segment, "opening_usd_per_year") * share
    return total


def labs() -> list[str]:
    return [c for c in COMPANIES if "lab" in str(catalog.value("companies", c, "roles")).split()]


def test_the_companies_are_those_of_the_build_out():
    assert list(catalog.items("companies")) == COMPANIES


@pytest.mark.parametrize("company", ["OpenAI", "Anthropic", "Google", "Meta", "xAI", "China"])
def test_opening_shares_earn_the_published_run_rate(company):
    assert opening_revenue_usd(company) == approx(number("companies", company, "ai_revenue_usd_per_year"), rel=0.15)


def test_run_rates_of_openai_and_anthropic_are_the_published_ones():
    # OpenAI 20 bn annualised and Anthropic 9 bn run rate at the end of 2025, as in the finance facts.
    assert number("companies", "OpenAI", "ai_revenue_usd_per_year") == 20e9
    assert number("companies", "Anthropic", "ai_revenue_usd_per_year") == 9e9


def test_companies_that_are_no_labs_earn_nothing_from_models():
    for company in set(COMPANIES) - set(labs()):
        assert number("companies", company, "ai_revenue_usd_per_year") == 0
        assert not mapped(company, "share")


@pytest.mark.parametrize("segment", SEGMENTS)
def test_shares_of_a_segment_sum_to_one(segment):
    assert sum(number("companies", lab, f"share.{segment}") for lab in labs()) == approx(1, abs=1e-9)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_brand_alone_gives_the_opening_shares(segment):
    weights = {lab: math.exp(number("companies", lab, f"brand.{segment}")) for lab in labs()}
    for lab, weight in weights.items():
        assert weight / sum(weights.values()) == approx(number("companies", lab, f"share.{segment}"), rel=0.01)


@pytest.mark.parametrize("name", ["buys", "sites", "partner"])
def test_maps_of_shares_sum_to_one(name):
    for company in COMPANIES:
        shares = mapped(company, name)
        assert not shares or sum(shares.values()) == approx(1, abs=1e-9), company


def test_owners_say_where_they_build_and_what_they_buy():
    for company in COMPANIES:
        if "owner" in str(catalog.value("companies", company, "roles")).split():
            assert mapped(company, "buys") and mapped(company, "sites")
    assert all(mapped(lab, "partner") for lab in labs())


def test_rental_market_is_shared_out_in_full():
    assert sum(number("companies", company, "rented_share") for company in COMPANIES) == approx(1)


def test_nvidia_fleets_add_up_to_the_world_total():
    # Epoch AI: 13,659,258 h100e shipped by the end of 2025.
    total = sum(mapped(company, "fleet_h100e").get("nvidia", 0) for company in COMPANIES)
    assert total == approx(13_659_258, rel=1e-4)


def test_amd_fleets_add_up_to_the_world_total():
    assert sum(mapped(company, "fleet_h100e").get("amd", 0) for company in COMPANIES) == approx(1_244_972, rel=1e-4)


def test_property_of_coreweave_is_the_reported_one():
    # 30.6 bn USD of property and equipment at 2025-12-31, finance facts.
    chips_usd, sites_usd = (number("companies", "CoreWeave", name) for name in ("chips_usd", "sites_usd"))
    assert chips_usd + sites_usd == approx(30.6e9)


def test_chips_on_the_books_cost_what_chips_cost():
    for company in COMPANIES:
        fleet = sum(mapped(company, "fleet_h100e").values())
        if fleet:
            assert 8_000 < number("companies", company, "chips_usd") / fleet < 26_000, company


def test_opening_stakes_are_the_equity_drawn_before_the_start():
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for deal in catalog.items("deals"):
        facts = catalog.facts("deals", deal)
        drawn = facts["status"].value == "drawn" and date.fromisoformat(str(facts["end"].value)) < START
        if facts["instrument"].value == "equity" and drawn:
            paid[str(facts["payer"].value), str(facts["payee"].value)] += number("deals", deal, "amount_usd")
    stakes = {(h, c): usd for h in COMPANIES for c, usd in mapped(h, "stake").items()}
    for (holder, company), usd in stakes.items():
        if company != "Neoclouds":  # a group: its stakes were taken in deals too small to be listed
            assert paid[holder, company] == approx(usd), (holder, company)
    for (holder, company), usd in paid.items():
        if holder in COMPANIES and company in COMPANIES:
            assert (holder, company) in stakes, usd


def test_maps_name_known_companies_families_and_regions():
    for company in COMPANIES:
        assert set(mapped(company, "partner")) | set(mapped(company, "stake")) <= set(COMPANIES) - {company}
        assert set(mapped(company, "sites")) <= set(catalog.items("regions"))
        families = {str(catalog.value("chips", chip, "family", "")) for chip in catalog.items("chips")}
        assert set(mapped(company, "buys")) | set(mapped(company, "fleet_h100e")) <= families


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("mix", ["mix_now", "mix_later"])
def test_mix_of_tiers_sums_to_one(segment, mix):
    assert sum(number("segments", segment, f"{mix}.{tier}") for tier in catalog.items("tiers")) == approx(1)


def test_thinking_takes_a_larger_part_later():
    for segment in SEGMENTS:
        assert number("segments", segment, "mix_later.thinking") > number("segments", segment, "mix_now.thinking")


def test_tiers_are_served_by_models_of_the_catalog():
    for tier in catalog.items("tiers"):
        assert catalog.value("tiers", tier, "model") in catalog.items("models")


def test_answers_fit_into_their_deadline():
    # The shortest answer of the range, written at the promised speed.
    for tier in catalog.items("tiers"):
        low = catalog.fact("tiers", tier, "tokens_out").low
        assert low is not None
        seconds = number("tiers", tier, "ttft_s") + low * number("tiers", tier, "tpot_ms") / 1e3
        assert seconds <= number("tiers", tier, "deadline_hours") * 3600


def test_sites_belong_to_owners_and_are_let_to_labs():
    for site in catalog.items("sites"):
        owner, tenant = catalog.value("sites", site, "owner"), catalog.value("sites", site, "tenant")
        assert "owner" in str(catalog.value("companies", str(owner), "roles")).split()
        assert tenant == "" or tenant in labs()
        assert catalog.value("sites", site, "region") in catalog.items("regions")
        assert catalog.value("sites", site, "chip") in catalog.items("chips")


def test_sites_are_energised_from_their_first_power_on():
    for site in catalog.items("sites"):
        first, full = (date.fromisoformat(str(catalog.value("sites", site, a))) for a in ("first_power", "full_power"))
        energised, planned = number("sites", site, "energised_mw"), number("sites", site, "power_mw")
        assert first < full and 0 <= energised <= planned
        assert (energised > 0) == (first <= START), site
        assert (energised == planned) == (full <= START), site


def test_every_value_has_a_unit_that_is_known_and_fits_its_name():
    for fact in FACTS:
        if fact.unit not in ("text", "date"):
            parse_unit(fact.unit)
            if fact.table != "facts" and not fact.attribute.startswith("stake."):
                assert compatible(fact.unit, unit_of(fact.attribute)), fact


def test_every_value_lies_in_its_range():
    for fact in FACTS:
        if fact.low is not None and fact.high is not None:
            assert fact.low <= float(fact.value) <= fact.high, fact


def test_every_value_has_a_source_and_own_estimates_a_reason():
    for fact in FACTS:
        assert fact.as_of and catalog.source(fact.source)
        assert (fact.confidence == "own-estimate") == (fact.source == "own-estimate"), fact
        if fact.source == "own-estimate":
            assert len(fact.note) >= 12, fact


def test_published_facts_are_many_and_their_names_are_words():
    facts = [fact for fact in FACTS if fact.table == "facts"]
    assert len(facts) >= 250
    assert all(re.fullmatch(r"[a-z0-9-]+", fact.item) and re.fullmatch(r"\w+", fact.attribute) for fact in facts)


@pytest.mark.parametrize(("name", "table"), [("companies-2026", "companies"), ("sites-2026", "sites")])
def test_presets_name_every_item_of_their_table(name, table):
    named = re.findall(r"^  ([\w.-]+): \{\}$", catalog.preset(name), flags=re.MULTILINE)
    assert tuple(named) == catalog.items(table)
