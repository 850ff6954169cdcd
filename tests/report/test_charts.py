"""The charts of the report: plain data, from tables that exist, with units."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytest import approx

from gigawatt.report import charts
from gigawatt.report.charts import panels
from gigawatt.report.option import TIME
from gigawatt.report.palette import HUES, TWINS
from gigawatt.results import SCHEMA
from tests.fake_results import fake_results

WEEKS = 110
CHARTS = {
    "capacity", "buildrate", "tokens", "prices", "allocation", "unmet", "shadow", "money", "energy_price", "carbon",
    "market", "claims",
}  # fmt: skip


@pytest.fixture(scope="module")
def options() -> dict[str, Any]:
    return charts(fake_results(WEEKS))


def steps(option: dict[str, Any]) -> list[dict[str, Any]]:
    """The option of each choice, or the one option there is."""
    return option.get("options", [option])


def every(value: Any) -> Iterator[Any]:
    yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from every(each)


def test_all_charts_are_there(options):
    assert set(options) >= CHARTS
    for kind in ("supply.", "accounts.", "power."):
        assert any(name.startswith(kind) for name in options)


def test_options_are_json_without_nan(options):
    assert json.loads(json.dumps(options, allow_nan=False)) == options


def test_options_hold_no_code(options):
    assert not [each for each in every(options) if isinstance(each, str) and "function" in each]


def test_every_series_draws_a_column_that_is_there(options):
    for option in options.values():
        for step in steps(option):
            source = step.get("dataset", {}).get("source", {})
            for series in step["series"]:
                assert set(series.get("encode", {}).values()) <= set(source)
            assert len({len(column) for column in source.values()}) <= 1


def test_every_edge_joins_two_nodes_of_the_network(options):
    for step in steps(options["money"]):
        (graph,) = step["series"]
        names = {node["name"] for node in graph["data"]}
        assert {link["source"] for link in graph["links"]} | {link["target"] for link in graph["links"]} <= names


def test_every_axis_of_numbers_names_its_unit(options):
    for option in options.values():
        for step in steps(option):
            axes = step.get("yAxis", [])
            for axis in axes if isinstance(axes, list) else [axes]:
                if axis["type"] in ("value", "log") and axis.get("axisLabel", {}).get("show", True):
                    assert axis["name"]


def test_every_colour_has_a_twin_for_dark_pages(options):
    used = {each for each in every(options) if isinstance(each, str) and each.startswith("#")}
    assert used <= set(TWINS)
    assert len(set(TWINS.values()) | set(HUES)) == len(TWINS) + len(HUES)


def test_a_company_keeps_its_colour(options):
    colours: dict[str, set[str]] = {}
    for step in [options["capacity"]["options"][0], *options["market"]["options"]]:
        for series in step["series"]:
            colours.setdefault(series["name"], set()).add(series["color"])
    assert colours["OpenAI"] and all(len(each) == 1 for each in colours.values())


def test_capacity_by_owner_site_and_region_ends_at_the_same_total(options):
    ends = [sum(column[-1] for name, column in step["dataset"]["source"].items() if name != TIME)
            for step in options["capacity"]["options"]]  # fmt: skip
    last = fake_results(WEEKS)["capacity"].where(week=WEEKS - 1)["energised_mw"].sum() / 1000
    assert ends == [approx(last, rel=1e-3)] * 3


def test_payments_out_of_the_network_are_those_of_the_table(options):
    table = fake_results(WEEKS)["money"]
    nodes = options["money"]["options"][0]["series"][0]["data"]
    paid = {node["name"]: node["paid"] for node in nodes}
    of_openai = float(table.where(payer="OpenAI")["amount_usd"].sum())
    everyone = {name: float(table.where(payer=name)["amount_usd"].sum()) for name in paid}
    assert paid["OpenAI"] / sum(paid.values()) == approx(of_openai / sum(everyone.values()), rel=1e-3)


def test_ten_years_are_thinned_to_what_a_chart_can_show():
    option = charts(fake_results(520))["capacity"]
    dates = option["options"][0]["dataset"]["source"][TIME]
    assert len(dates) <= 131
    assert dates[-1] == str(np.datetime64("2026-01-05") + 7 * 519)


def test_sources_name_tables_and_columns_that_exist():
    words = {column for columns in SCHEMA.values() for column in columns}
    for panel in panels(fake_results(WEEKS)):
        named = [word.strip(",.;:()") for word in panel.source.split()]
        assert any(word in SCHEMA for word in named)
        assert all(word in words for word in named if "_" in word)
