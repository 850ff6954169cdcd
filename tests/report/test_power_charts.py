"""Charts of power plans: stacks that add up, colours that hold, a page that stands alone, a picture that is SVG."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from pytest import approx

from gigawatt.power import futures, short_names, size
from gigawatt.report.option import TIME
from gigawatt.report.palette import PALE, PALER, TWINS
from gigawatt.report.panel import Panel
from gigawatt.report.power import bars, cost_split, curtailed, duration_panel, plan_page, sizes_of
from gigawatt.report.power_many import pareto_page, years_panel
from gigawatt.report.power_page import html, write
from gigawatt.report.power_svg import picture, stacked
from gigawatt.report.power_svg_axes import axis, tick
from gigawatt.report.power_weeks import COLOURS, GIVING, colour_of, labels, layers, name_of, weeks, word_of
from gigawatt.units import HOURS_PER_WEEK

NASTY = "</script><script>alert(1)</script>&<"


@pytest.fixture(scope="module")
def plan():
    return size("us_tx_abilene", 1000.0, "pv,wind,battery,gas,grid<=400MW")


@pytest.fixture(scope="module")
def page(plan):
    return plan_page(plan)


def charts(panels: list[Panel]) -> dict[str, dict[str, Any]]:
    return {chart.name: chart.option for panel in panels for chart in panel.charts}


def test_every_hour_of_a_stack_adds_up_to_the_load(plan):
    total = sum(layer.mw for layer in layers(plan) if layer.source != "curtailed")
    assert total == approx(plan.built.system.load_mw, abs=1.0)  # layers below a thousandth of the peak are left out


def test_a_page_holds_weeks_durations_and_costs(page):
    names = set(charts(page.panels))
    for week in ("summer", "winter", "dearest"):
        assert {f"{week}.dispatch", f"{week}.store", f"{week}.price"} <= names
    assert {"cost.split", "duration.power", "duration.price"} <= names


def test_options_are_json_without_nan_and_draw_columns_that_are_there(page):
    for option in charts(page.panels).values():
        assert json.loads(json.dumps(option, allow_nan=False)) == option
        source = option.get("dataset", {}).get("source", {})
        for series in option["series"]:
            assert set(series.get("encode", {}).values()) <= set(source)
        assert len({len(column) for column in source.values()}) <= 1


def test_every_axis_of_numbers_names_its_unit(page):
    for option in charts(page.panels).values():
        axes = [option["xAxis"], option["yAxis"]]
        assert all(each["name"] for each in axes if each["type"] == "value")


def test_a_technology_keeps_its_colour_in_all_charts(page):
    seen: dict[str, set[str]] = {}
    for option in charts(page.panels).values():
        for series in option["series"]:
            seen.setdefault(series["name"].removesuffix(GIVING), set()).add(series["color"])
    for name in ("PV", "Wind", "Battery", "Gas engines", "Grid"):
        assert len(seen.get(name, {""})) == 1, name


def test_every_technology_of_the_catalog_has_a_colour_of_its_own():
    names = [name for name in short_names() if not name.startswith(("battery_", "bridge_"))]
    colours = [colour_of(name) for name in names]
    assert len(set(colours)) == len(colours)
    assert colour_of("battery_4h") == colour_of("battery")
    assert colour_of("flexible_training delayed") == COLOURS["flexible"] == PALE


def test_what_a_store_takes_is_paler_than_what_it_gives(page):
    (stack,) = [option for name, option in charts(page.panels).items() if name == "winter.dispatch"]
    colours = {series["name"]: series["color"] for series in stack["series"]}
    assert colours["Battery, taking"] != colours["Battery, giving"] == COLOURS["battery"]
    assert set(PALER) == {colour_of(name) for name in ("battery", "iron_air", "flexible_delayed")}


def bright(colour: str) -> float:
    """How bright a colour is, 0 to 1."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("store", ["battery", "iron_air", "flexible_delayed"])
def test_giving_and_taking_are_told_apart_on_light_and_dark_pages(store, page):
    giving = colour_of(store)
    for first, second in zip((giving, TWINS[giving]), PALER[giving], strict=True):
        low, high = sorted((bright(first), bright(second)))
        assert (high + 0.05) / (low + 0.05) > 1.3
    assert dict(PALER.values())[PALER[giving][0]] in html(page)


def test_the_duration_of_what_the_load_leaves_counts_what_is_offered():
    plan = size("us_tx_abilene", 1000.0, "pv=4GW,battery,gas")
    source = charts([duration_panel(plan)])["duration.power"]["dataset"]["source"]
    offered = plan.size("pv") * plan.built.site.pv_cf
    least = float((plan.built.load.site_mw - offered).min())
    assert source["Load less what sun and wind offer"][-1] == approx(least / 1e3, rel=1e-3)


def test_traces_are_nothing(plan):
    from dataclasses import replace

    capacity = plan.capacity.copy()
    (place,) = plan.built.places("gas")
    peak = float(plan.built.system.load_mw.max())
    capacity[place] = 0.9e-4 * peak
    assert "gas" not in sizes_of(replace(plan, capacity=capacity))
    capacity[place] = 1.1e-4 * peak
    assert "gas" in sizes_of(replace(plan, capacity=capacity))
    energy = replace(plan.accounts.energy, curtailed_mwh=3e-17 * plan.accounts.energy.offered_mwh)
    assert curtailed(replace(plan, accounts=replace(plan.accounts, energy=energy))) == "0 %"


def test_names_read_as_words():
    assert name_of("flexible_training delayed") == "Load, training delayed"
    assert [name_of("pv"), name_of("offshore_wind"), word_of("gas"), word_of("pv")] == [
        "PV", "Offshore wind", "gas engines", "PV",
    ]  # fmt: skip


def test_the_parts_of_the_split_add_up_to_the_cost(plan):
    total = sum(sum(parts.values()) for parts in cost_split(plan).values())
    assert total == approx(plan.usd_per_mwh, abs=0.05)


def test_weeks_start_at_midnight_of_local_time(plan):
    for week in weeks(plan):
        said = labels(plan, week)
        assert len(said) == HOURS_PER_WEEK
        assert "," not in said[0] and said[5].endswith("05:00") and "," not in said[24]
    assert labels(plan, weeks(plan)[0])[0] == "14 Jul"


def test_summer_is_in_january_south_of_the_equator():
    plan = size("au_geraldton", 100.0, "grid")
    assert labels(plan, weeks(plan)[0])[0] == "13 Jan"


def test_the_dearest_week_is_dearer_than_the_others(plan):
    worth = plan.dispatch.price_usd_per_mwh * plan.built.system.load_mw
    sums = [worth[week.first : week.first + HOURS_PER_WEEK].sum() for week in weeks(plan)]
    assert max(sums) == sums[-1]


def test_the_page_is_whole_and_loads_nothing(page):
    text = html(page)
    assert "$title" not in text and "default-src 'none'" in text
    assert text.count('data-chart="') == len(charts(page.panels))
    assert 'src="http' not in text and "<link" not in text
    assert "National Solar Radiation Database" in text  # the attribution that the licence asks for


def test_text_of_a_plan_never_becomes_markup(plan):
    from dataclasses import replace

    page = plan_page(plan)
    nasty = replace(page, title=NASTY, meta=NASTY, notes=[NASTY])
    assert "<script>alert" not in html(nasty)
    ET.fromstring(picture(nasty))


def test_a_picture_is_svg_with_all_titles_and_series(page, tmp_path):
    root = ET.parse(write(page, tmp_path / "plan.svg")).getroot()
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {panel.title for panel in page.panels} <= texts
    assert {"PV", "Battery, taking", "Load", "$/MWh", "Capital"} <= texts
    numbers = [
        float(x)
        for line in root.iter("{http://www.w3.org/2000/svg}polyline")
        for x in line.get("points").split()[0].split(",")
    ]
    assert np.isfinite(numbers).all()


def test_layers_of_a_picture_lie_on_each_other():
    series = [{"name": name, "stack": "all", "encode": {"y": name}} for name in ("a", "b", "c")]
    source = {TIME: ["0", "1"], "a": [1, 2], "b": [3, 1], "c": [-1, 0]}
    found = {
        one["name"]: (below, above) for one, below, above in stacked({"series": series, "dataset": {"source": source}})
    }
    assert found == {"a": ([0, 0], [1, 2]), "b": ([1, 2], [4, 3]), "c": ([0, 0], [-1, 0])}


@pytest.mark.parametrize(
    ("low", "high", "ends", "step"),
    [(0, 97, (0, 100), 25), (-130, 870, (-250, 1000), 250), (0, 0, (0, 1), 0.25), (0.1, 0.37, (0, 0.4), 0.1)],
)
def test_axes_of_a_picture_are_round(low, high, ends, step):
    found = axis(low, high, 0.0, 100.0)
    assert (found.low, found.high) == approx(ends)
    assert found.step == approx(step)
    assert found.at(found.low) == 0 and found.at(found.high) == approx(100)


def test_ticks_have_the_digits_that_their_step_needs():
    assert [tick(0.25, 0.25), tick(1500, 500), tick(-2, 1), tick(0.5, 0.5)] == [
        "0.25",
        "1,500",
        "\N{MINUS SIGN}2",
        "0.5",
    ]


def test_many_years_and_a_row_of_plans_have_charts(plan):
    panel = years_panel(futures(plan, 5))
    assert {chart.name for chart in panel.charts} == {"years.cost", "years.carbon"}
    many = pareto_page([plan, plan])
    assert {"pareto.cost", "pareto.split", "pareto.energy"} == set(charts(many.panels))
    ET.fromstring(picture(many))


def test_bars_may_go_below_zero():
    option = bars({"grid": np.array([3.0]), "sold": np.array([-1.0])}, ["Energy"], "$/MWh")
    assert [series["data"] for series in option["series"]] == [[3.0], [-1.0]]
