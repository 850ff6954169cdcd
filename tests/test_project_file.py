"""Project files: values with units, ranges, dates, cases and sources; every mistake at once, with its place."""

import datetime as dt
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigawatt.cli.running import example
from gigawatt.errors import ScenarioError
from gigawatt.finance.project import Per, Repayment, TaxPayer, evaluate, model_of
from gigawatt.finance.project.checking import problems
from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS
from gigawatt.finance.project.inputs import Project
from gigawatt.project_file import load_project
from gigawatt.project_file.amounts import amount_of, months_between
from gigawatt.project_file.fields import fields_of, top_keys

EXAMPLES = ("project-campus", "project-small")
PLAIN = """\
name: Plain
start: 2027-01-01
assets:
  chips: {capex: 4 B$, life: 5 years}
capacity: {chips: 60k, it: 100 MW, pue: 1.2}
phases:
  all: {months: 18}
contracts:
  anchor: {usd_per_chip_h: 3 $/chip-h, months: 6 years}
debt:
  senior: {gearing: 60 %, years: 5, base_rate: 4 %, spread: 250 bp}
"""


def load(more="", sets=()):
    return load_project(PLAIN + more, sets)


def mistakes(text, sets=()):
    with pytest.raises(ScenarioError) as caught:
        load_project(text, sets)
    return caught.value.mistakes


def test_values_are_read_in_the_unit_of_their_field():
    project = load().project
    assert project.assets[0].capex_usd == 4e9
    assert project.assets[0].life_years == 5
    assert project.capacity.chips == 60_000
    assert project.contracts[0].months == 72
    assert project.debt[0].spread == 0.025
    assert project.debt[0].base_rate == (0.04,)
    assert project.debt[0].gearing == 0.6
    assert project.start == dt.date(2027, 1, 1)


@pytest.mark.parametrize("text,units,value", [
    ("36 months", ("years",), 3.0), ("3 years", ("months",), 36.0), ("250 bp", ("1",), 0.025), ("1.30x", ("1",), 1.3),
    ("4.2 % p.a.", ("1",), 0.042), ("3 %/year", ("1",), 0.03), ("$65/MWh", ("USD/MWh",), 65.0),
    ("120 $/kW-year", ("USD/MW/year",), 120_000.0), ("1.1 GW", ("MW",), 1100.0), ("4 MUSD", ("USD",), 4e6),
])  # fmt: skip
def test_lenders_may_write_as_they_are_used_to(text, units, value):
    assert amount_of(text, units, "x", "USD").value == pytest.approx(value, rel=1e-12)


def test_a_range_is_a_median_and_its_ends():
    # lognormal above 0: the median is the geometric mean of the ends
    found = load_project(PLAIN.replace("4 B$", "2 to 8 B$"))
    assert found.project.assets[0].capex_usd == pytest.approx(4e9)
    assert found.ranges["assets.chips.capex_usd"].low == (2e9,)
    assert found.ranges["assets.chips.capex_usd"].high == (8e9,)


def test_basis_points_may_be_a_range():
    found = load_project(PLAIN.replace("250 bp", "200 to 300 bp"))
    assert found.ranges["debt.senior.spread"].high == pytest.approx((0.03,))


def test_values_by_year_come_as_a_list_by_calendar_year_or_as_a_trend():
    merchant = "merchant: {usd_per_chip_h: %s, utilisation: 50 %%}\n"
    assert load(merchant % "[3, 2.5, 2]").project.merchant.usd_per_chip_h == (3, 2.5, 2)
    assert load(merchant % "{2027: 3, 2029: 2}").project.merchant.usd_per_chip_h == (3, 3, 2)
    trend = load(merchant % "{first: 4, change: -50 %, years: 3}").project.merchant.usd_per_chip_h
    assert trend == pytest.approx((4, 2, 1))


def test_a_trend_without_years_lasts_as_long_as_the_plan():
    # 18 months of construction and 15 years: the 17th year is the last
    found = load("merchant: {usd_per_chip_h: {first: 4, change: -5 %}, utilisation: 50 %}\n").project
    assert len(found.merchant.usd_per_chip_h) == 17


def test_dates_stand_for_months_from_what_the_field_counts_from():
    # first service and completion: 18 months after 2027-01-01, on 2028-07-01
    text = PLAIN.replace("months: 6 years", "start: 2029-01, months: 6 years")
    assert load_project(text).project.contracts[0].start_month == 6
    text = PLAIN.replace("spread: 250 bp", "refinance_month: 2030-07-01, refinance_spread: 2 %")
    assert load_project(text).project.debt[0].refinance_month == 24
    phases = PLAIN.replace("all: {months: 18}", "all: {start: 2027-04-01, months: 18}")
    assert load_project(phases).project.phases[0].start_month == 3


def test_a_date_before_what_it_counts_from_is_a_mistake():
    found = mistakes(PLAIN.replace("months: 6 years", "start: 2027-06, months: 6 years"))
    assert "before the first service" in found[0].message


def test_a_date_for_a_length_of_time_is_a_mistake():
    assert "a length of time" in mistakes(PLAIN.replace("months: 18", "months: 2028-01"))[0].message


@given(st.dates(dt.date(2025, 1, 1), dt.date(2040, 12, 28)), st.integers(0, 200))
def test_months_between_days_of_the_same_number_are_whole(day, months):
    day = day.replace(day=min(day.day, 28))
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    assert months_between(day, day.replace(year=year, month=month + 1).isoformat()) == months


def test_amounts_may_be_in_the_currency_of_the_project():
    text = "currency: EUR\n" + PLAIN.replace("4 B$", "4 BEUR").replace("3 $/chip-h", "3 \N{EURO SIGN}/chip-h")
    assert load_project(text).project.assets[0].capex_usd == 4e9


def test_amounts_in_another_currency_are_a_mistake_that_names_both():
    found = mistakes(PLAIN.replace("4 B$", "4 BEUR"))
    assert "in EUR, the project is in USD" in found[0].message
    found = mistakes("currency: EUR\n" + PLAIN)
    assert {each.path for each in found} == {"assets.chips.capex_usd", "contracts.anchor.usd_per_chip_h"}


def test_an_unknown_currency_is_told_with_the_nearest():
    assert mistakes("currency: EUS\n" + PLAIN.replace("$", ""))[0].did_you_mean


def test_a_value_may_carry_its_source_into_the_model():
    found = load_project(PLAIN.replace("4 B$", "{value: 4 B$, source: tender of May, note: net of rebates}"))
    assert model_of(found.project).inputs["assets.chips.capex_usd"].source == "tender of May; net of rebates"


def test_sources_name_inputs_alone_or_by_pattern():
    found = load('sources: {capacity.it: site plan, "contracts.anchor.*": term sheet}\n')
    inputs = model_of(found.project).inputs
    assert inputs["capacity.it_mw"].source == "site plan"
    assert inputs["contracts.anchor.months"].source == "term sheet"


def test_cases_take_values_with_units_factors_and_patterns():
    low = 'contracts.anchor.usd_per_chip_h: 2 $/chip-h, "assets.*.capex_usd": x1.1, phases: {all: {months: 24}}'
    found = load(f"cases: {{low: {{{low}}}}}\n")
    case = found.project.cases["low"]
    assert case["contracts.anchor.usd_per_chip_h"] == 2
    assert case["assets.chips.capex_usd"] == pytest.approx(4.4e9)
    assert case["phases.all.months"] == 24


def test_a_plan_has_periods_for_the_latest_of_its_cases():
    assert load("cases: {late: {phases.all.months: 24}}\n").project.delay_months == 6
    assert load().project.delay_months == 0
    far = load_project(PLAIN.replace("months: 18", "months: 15 to 21 months")).project
    assert far.delay_months > 3


def test_an_unknown_input_of_a_case_is_told_with_the_nearest():
    found = mistakes(PLAIN + "cases: {low: {contracts.ancor.months: 12}}\n")
    assert found[0].did_you_mean == "'contracts.anchor.months'"
    assert (found[0].line, found[0].path) == (12, "cases.low.contracts.ancor.months")


def test_set_values_win_over_those_of_the_file():
    project = load(
        sets=("debt.senior.spread=3%", "assets.chips.life=6 years", "operation=12", "capacity.pue=1.3")
    ).project
    assert project.debt[0].spread == 0.03
    assert project.assets[0].life_years == 6
    assert project.operation_years == 12
    assert project.capacity.pue == 1.3


def test_a_wrong_set_is_a_mistake_at_its_place():
    found = mistakes(PLAIN, sets=("debt.senior.sprad=3%", "foo"))
    assert {each.file for each in found} == {"--set"}
    assert any(each.did_you_mean == "'spread'" for each in found)


def test_choices_flags_and_whole_numbers_are_read():
    text = PLAIN.replace("gearing", "repayment: bullet, gearing").replace("life: 5", "refreshed: yes, life: 5")
    project = load_project(
        text + "taxes: {payer: sponsor}\nperiods_per_year: 12\ncosts: {staff: {amount: 1 M$}}\n"
    ).project
    assert project.debt[0].repayment is Repayment.bullet
    assert project.taxes.payer is TaxPayer.sponsor
    assert project.assets[0].refreshed
    assert project.periods_per_year == 12
    assert project.costs[0].per is Per.year


def test_a_cost_is_read_in_the_unit_of_what_it_is_paid_for():
    found = mistakes(PLAIN + "costs: {staff: {amount: 3 $, per: mw_year}}\n")
    assert "an amount of money" in found[0].message
    assert load("costs: {staff: {amount: 150 $/kW-month, per: mw_year}}\n").project.costs[0].amount == (1.8e6,)


def test_every_mistake_is_found_at_once_with_its_line():
    text = """\
assets:
  chips: {capex: 4 BEUR, life: 5 MW, bonus: 200 %}
  shell: {capex_usd: 1e9}
capacity: {chips: lots, pue: 0.9, pues: 2}
contracts: {a: {share: 70 %, months: 60, repayment: x}}
taxes: {payer: nobody}
currncy: USD
"""
    found = {(each.line, each.path) for each in mistakes(text)}
    assert found == {
        (2, "assets.chips.capex_usd"), (2, "assets.chips.life_years"), (2, "assets.chips.bonus"), (3, "assets.shell"),
        (4, "capacity.chips"), (4, "capacity.pue"), (4, "capacity.pues"), (5, "contracts.a.repayment"),
        (6, "taxes.payer"), (7, "currncy"),
    }  # fmt: skip


def test_problems_of_the_whole_stand_where_the_file_says_so():
    found = mistakes(
        PLAIN.replace("years: 5,", "years: 20,").replace("all: {months: 18}", "all: {share: 0.5, months: 18}")
    )
    assert {(each.line, each.path) for each in found} == {(6, "phases"), (11, "debt.senior.years")}


def test_a_range_of_a_value_that_is_not_used_is_a_mistake():
    found = mistakes(PLAIN.replace("life: 5 years", "life: 5 years, least_use_years: 1 to 2 years"))
    assert "does not use" in found[0].message


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a\n", "name: [\n", "assets:\ncapacity: 5\n", "{}\n"])
def test_what_is_no_project_is_a_mistake(text):
    assert mistakes(text + "\n")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    with pytest.raises(ScenarioError):
        load_project(text + "\n")


@given(st.sampled_from(sorted(fields_of(SECTIONS["debt"]))), st.text(alphabet="0123456789.%-xbp to[]{}:$", max_size=12))
def test_no_value_of_a_loan_breaks_the_reader(name, value):
    try:
        load(sets=(f"debt.senior.{name}={value}",))
    except ScenarioError as error:
        assert error.mistakes


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_make_sense_and_are_served(name):
    project = load_project(example(name)).project
    assert not problems(project)
    result = evaluate(project, strict=True)
    assert abs(result.lines["checks.balance_sheet"]).max() < 0.01
    assert not result.lines["checks.fits"].any()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_an_example_has_a_source_or_says_that_it_is_an_estimate(name):
    text = example(name).read_text()
    if "Every value is an own\n# estimate" in text:
        return
    sourced = (
        "own estimate",
        "source:",
        "IRS",
        "USC",
        "catalog",
        "CoreWeave",
        "coupon",
        "contract",
        "cases:",
        "years: 4.5",
    )
    inside_cases = text.index("cases:")
    plain = [line for line in text[:inside_cases].splitlines() if any(c.isdigit() for c in line.split("#")[0])]
    left = [line for line in plain if not any(word in line for word in sourced) and not line.lstrip().startswith("#")]
    allowed = ("start: 2027", "periods_per_year", "chips: 57600", "draw_timing", "_counted", "escalation: 0")
    assert not [line for line in left if not any(word in line for word in allowed)]


def test_every_field_can_be_written_in_a_file():
    for entity in (*SECTIONS.values(), *GROUPS.values()):
        known = set(fields_of(entity)) | {"name", "guarantor"}
        assert {each.name for each in fields(entity)} <= known
    parts = set(fields_of(Project)) | set(SECTIONS) | set(GROUPS) | {"name", "cases", "sources"}
    assert {each.name for each in fields(Project)} <= parts
    assert set(top_keys()) >= parts


def test_every_key_is_in_the_reference(monkeypatch):
    docs = Path(__file__).parent.parent / "docs"
    monkeypatch.syspath_prepend(str(docs))
    import generate

    page = generate.filled((docs / "reference" / "project.md").read_text()).replace("\\_", "_")
    for entity in (*SECTIONS.values(), *GROUPS.values(), Project):
        for name, field in fields_of(entity).items():
            assert f"| `{name}` |" in page
            assert all(choice in page for choice in field.choices)
    assert all(f"`{name}`" in page for name in top_keys() if name not in ("name", "description"))


def test_the_file_of_the_reference_is_read():
    page = (Path(__file__).parent.parent / "docs" / "reference" / "project.md").read_text()
    project, cases = page.split("```{code-block} yaml\n")[1:]
    assert load_project(project.split("```")[0]).project.cases["half paid"]
    text = example("project-campus").read_text()
    changed = text[: text.index("\nsources:")] + cases.split("```")[0]
    assert load_project(changed).project.sources["assets.chips.life_years"].startswith("CoreWeave")


def test_values_of_cases_and_ends_of_ranges_are_possible_ones():
    found = mistakes(PLAIN + "cases: {odd: {contracts.anchor.take_or_pay: 130 %, phases.all.months: 0}}\n")
    assert [each.path for each in found] == ["cases.odd.contracts.anchor.take_or_pay", "cases.odd.phases.all.months"]
    found = mistakes(PLAIN + "inflation: 1 %\nmerchant: {utilisation: 50 % to 120 %}\n")
    assert [each.path for each in found] == ["merchant.utilisation"]
    assert "0 to 1" in found[0].allowed


def test_a_case_that_does_not_add_up_is_a_mistake_at_its_place():
    found = mistakes(PLAIN + "cases:\n  odd: {contracts.anchor.share: 60 %}\n  more: {debt.senior.gearing: 120 %}\n")
    assert [each.path for each in found] == ["cases.more.debt.senior.gearing"]
    assert found[0].line == 14


def test_a_range_that_cannot_be_at_an_end_is_a_mistake():
    second = "contracts:\n  second: {usd_per_chip_h: 3 $/chip-h, months: 6 years, share: 30 to 50 %}\n"
    found = mistakes(PLAIN.replace("contracts:\n", second).replace("3 $/chip-h, months: 6 years}", "3, share: 60 %}"))
    assert [each.path for each in found] == ["contracts.second.share"]
    assert "at 0.5, an end of the range, contracts: book 1.1" in str(found[0])


@pytest.mark.parametrize("end", ["24", "24 months", "2030-07"])
def test_a_case_may_end_a_contract_that_runs_its_time_in_the_base(end):
    found = load(f"cases: {{gone: {{contracts.anchor.ends_early: {end}}}}}\n")
    assert found.project.contracts[0].ends_early_month == found.project.contracts[0].months
    assert found.project.cases["gone"]["contracts.anchor.ends_early_month"] == 24


def test_an_input_that_is_absent_from_the_base_is_told_as_such():
    found = mistakes(PLAIN + "cases: {odd: {debt.senior.amount: 5 M$}}\n")
    assert "no value in the base case" in str(found[0])


def test_what_is_out_of_range_is_told_as_it_is_written():
    assert "'900 %' is out of range" in str(mistakes(PLAIN, sets=["contracts.anchor.take_or_pay=900 %"])[0])


def test_a_date_with_strokes_is_told_as_such():
    found = mistakes(PLAIN, sets=["contracts.anchor.start_month=07/01/2027"])
    assert "not a date that all read alike" in str(found[0])
