"""What a scenario file means: units, includes, overrides, catalog values, origins and the hash."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gigawatt.errors import ScenarioError
from gigawatt.scenario import Scenario, load, load_with, template
from gigawatt.units import Quantity

from .small_catalog import SmallCatalog

HOME = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(path for path in HOME.glob("*.yaml") if not path.name.startswith("project-"))
HEAD = "start: 2026-01-05\nweeks: 520\ninclude: [catalog:companies-2026, catalog:sites-2026]\n"


def small(text: str, scenario: str | None = None, sets: tuple[str, ...] = (), head: str = HEAD) -> Scenario:
    return load_with(SmallCatalog(), head + text, scenario, sets)


def test_values_not_given_come_from_the_catalog_with_their_range():
    cash = small("").companies["OpenAI"].cash_usd
    assert cash == Quantity(4e10, 2.5e10, 5e10, "USD", "lognormal")


def test_a_given_value_wins_over_the_catalog_and_loses_its_range():
    assert small("companies: {OpenAI: {cash: 50 bn$}}\n").companies["OpenAI"].cash_usd == Quantity(5e10, unit="USD")


def test_an_interval_has_its_geometric_middle_as_median():
    assert float(small("sites: {abilene: {power: 1 to 4 GW}}\n").sites["abilene"].power_mw) == pytest.approx(2000)


def test_attributes_without_a_field_are_kept_aside():
    assert small("").companies["Oracle"].extra == {"lawsuits": Quantity(3.0, unit="1")}


def test_null_takes_away_what_an_included_file_gives():
    assert "abilene" not in small("sites: {abilene: null}\n").sites


def test_sections_not_mentioned_are_those_of_the_base_preset():
    assert set(small("").regions) == {"us_tx", "gulf"}
    assert set(small("regions: {us_tx: {}}\n").regions) == {"us_tx"}


def test_catalog_shares_of_names_outside_the_scenario_are_shared_out():
    # The catalog says Oracle 0.75, Neoclouds 0.25; only Oracle is here.
    assert {name: float(part) for name, part in small("").companies["OpenAI"].partner.items()} == {"Oracle": 1.0}


def test_a_maker_outside_the_scenario_is_one_of_the_suppliers():
    assert small("").chips["mi355x"].maker == "suppliers"


def test_shares_that_sum_to_one_are_given_as_a_whole_and_others_key_by_key():
    company = small("companies: {OpenAI: {buys: {nvidia: 1}, brand.consumer: -2}}\n").companies["OpenAI"]
    assert set(company.buys) == {"nvidia"}
    assert float(company.brand["consumer"]) == -2


def test_like_takes_the_values_of_another_catalog_item():
    assert small("regions: {us_tx: {}, mars: {like: gulf, nation: Mars}}\n").regions["mars"].nation == "Mars"


def test_the_word_no_and_a_clock_time_stay_texts():
    assert small("companies: {Oracle: {nation: no}}\n").companies["Oracle"].nation == "no"


def test_programme_targets_hold_until_the_next_year_given():
    text = "programme: {owner: OpenAI, budget: 1.4 T$, target_gw_per_week: {2026: 0.05, 2028: 0.5}}\n"
    programme = small(text).programme
    assert programme is not None
    assert [programme.target(year) for year in (2025.5, 2026.0, 2027.9, 2028.0, 2040.0)] == [0, 0.05, 0.05, 0.5, 0.5]


OVERRIDES = """
overrides:
  big: {sites.abilene.power: 2 GW, finance.max_leverage: 5}
  bigger: {sites.abilene: {power: 3 GW}}
  gone: {sites.abilene: null}
scenarios: {large: [big, bigger], none: [gone]}
"""


def test_overrides_of_a_named_scenario_apply_in_order_and_others_do_not():
    assert float(small(OVERRIDES).sites["abilene"].power_mw) == 1200
    large = small(OVERRIDES, "large")
    assert (float(large.sites["abilene"].power_mw), float(large.parameters["finance.max_leverage"])) == (3000, 5)
    assert not small(OVERRIDES, "none").sites
    assert large.name == "scenario-large"


def test_sets_come_last_and_take_the_same_paths():
    sets = ("sites.abilene.power=4 GW", "finance.vendor_financing=8.1 B$", "deals.take_or_pay=0.5", "weeks=52")
    found = small(OVERRIDES, "large", sets)
    assert float(found.sites["abilene"].power_mw) == 4000
    assert float(found.parameters["finance.vendor_financing_usd"]) == pytest.approx(8.1e9)
    assert (float(found.parameters["deals.take_or_pay"]), found.weeks) == (0.5, 52)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("finance.max_leverage=three", "--set:1:22: parameters.finance.max_leverage: 'three' does not start"),
        ("finance.max_leverge=3", "--set:1:1: parameters.finance.max_leverge: unknown key 'max_leverge'"),
        ("sites.abilen.power_mw=3", "did you mean 'abilene'?"),
        ("weeks", "--set:1:1: weeks: not path=value"),
        ("weeks=[", "--set:1:7: weeks: not valid YAML"),
        ("include=x", "unknown path 'include'"),
    ],
)  # fmt: skip
def test_a_wrong_set_is_told_with_its_column(text, message):
    with pytest.raises(ScenarioError) as caught:
        small("", None, (text,))
    assert message in str(caught.value)


def test_an_unknown_scenario_is_told_with_the_nearest_name():
    with pytest.raises(ScenarioError, match="unknown scenario 'larg'; known: large, none; did you mean 'large'"):
        small(OVERRIDES, "larg")


def test_include_paths_are_relative_to_the_file_and_the_nearer_file_wins(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.yaml").write_text("include: b.yaml\nweeks: 10\nseed: 3\n")
    (tmp_path / "parts" / "b.yaml").write_text("start: 2026-01-05\nweeks: 20\nseed: 4\nname: b\n")
    (tmp_path / "top.yaml").write_text("include: [parts/a.yaml, parts/../parts/b.yaml]\nweeks: 30\nname: top\n")
    found = load_with(SmallCatalog(), tmp_path / "top.yaml")
    assert (found.weeks, found.seed, found.name) == (30, 4, "top")


def test_origins_are_places_or_facts():
    found = small("companies: {OpenAI: {cash: 50 bn$}}\n", None, ("finance.max_leverage=3",))
    assert str(found.origin("companies.OpenAI.cash_usd")) == "<text>:4:28"
    assert str(found.origin("finance.max_leverage")) == "--set:1:22"
    fact = found.origin("parameters.finance.base_rate").fact
    assert fact is not None and fact.source == "a-source"
    assert str(found.origin("companies.OpenAI.debt_rate")) == "default"
    with pytest.raises(KeyError):
        found.origin("companies.OpenAI.cach_usd")


def test_every_assumption_has_a_value_and_an_origin():
    found = {path: (value, origin) for path, value, origin in small("").assumptions()}
    assert found["companies.OpenAI.share.consumer"][0] == Quantity(0.6, unit="1")
    assert found["sites.abilene.first_power"][0] == "2025-09-01"
    assert all(str(origin) for _, origin in found.values())


# --- The hash ---

SAME = [
    "sites: {abilene: {power: 1.3 GW}}\nprogramme: {owner: OpenAI, budget: 1.4 T$, target_gw_per_week: {2026: 1}}\n",
    "# a comment\nprogramme:\n  target_gw_per_week: {2026: 1.0}\n  budget_usd: 1400 bn$\n  owner: OpenAI\n"
    "sites: {abilene: {power_mw: 1300 MW}}\nname: other\ndescription: words\n",
    "sites: {abilene: {power_mw: '1_300'}}\n"
    "programme: {owner: OpenAI, budget_usd: 1.4e12, target_gw_per_week: {2026: 1000 MW/week}}\n",
]  # fmt: skip


def test_comments_order_names_and_unit_spelling_do_not_change_the_hash():
    assert len({small(text).hash for text in SAME}) == 1


@pytest.mark.parametrize(
    "text", ["seed: 1\n", "sites: {abilene: {power: 1.3 GW}}\n", "companies: {Oracle: {debt: 0 $}}\n"]
)
def test_a_changed_value_changes_the_hash(text):
    assert small(text).hash != small("").hash


def test_a_changed_catalog_changes_the_hash():
    changed = SmallCatalog(changed={("regions", "gulf", "grid_months"): 24.0})
    assert load_with(changed, HEAD).hash != load_with(SmallCatalog(), HEAD).hash


@given(mw=st.floats(0.1, 1e5))
def test_megawatts_and_gigawatts_hash_alike(mw):
    head = "start: 2026-01-05\nweeks: 52\ninclude: [catalog:companies-2026, catalog:sites-2026]\n"
    one, other = (small(f"sites: {{abilene: {{energised: 0 W, power: {text}}}}}\n", head=head)
                  for text in (f"{mw:.6g} MW", f"{float(f'{mw:.6g}') / 1000:.17g} GW"))  # fmt: skip
    assert one.hash == other.hash


# --- The examples ---


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_load_in_all_their_scenarios_and_load_again_as_merged(path):
    names = yaml.safe_load(path.read_text()).get("scenarios") or {}
    for name in (None, *names):
        found = load(path, name)
        again = load(yaml.safe_dump(found.merged(), sort_keys=False))
        assert (again.hash, again.name) == (found.hash, found.name)


def test_scenarios_of_an_example_all_differ():
    path = next(path for path in EXAMPLES if path.stem == "stargate")
    names = [None, *yaml.safe_load(path.read_text())["scenarios"]]
    assert len({load(path, name).hash for name in names}) == len(names)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_say_what_is_assumed(path):
    assert path.read_text().count("assumption") >= 5


def test_the_smallest_example_is_small():
    assert len((EXAMPLES[0].parent / "one-campus.yaml").read_text().splitlines()) < 40


def test_the_starter_template_runs_as_it_is():
    found = load(template("first try"))
    assert (found.name, found.start) == ("first-try", date(2026, 1, 5))
    assert load(template(), "dear-credit").hash != load(template()).hash
