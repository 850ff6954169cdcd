"""The Gantt chart: every project and task is drawn where it stands, the page stands alone, the picture is SVG."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gigawatt.buildout.events import simulate
from gigawatt.buildout.holding import holding
from gigawatt.buildout.plan import plan
from gigawatt.buildout.portfolio_csv import read_portfolio
from gigawatt.buildout.projects import Portfolio
from gigawatt.report.gantt import html, write
from gigawatt.report.gantt_below import stairs
from gigawatt.report.gantt_lines import Bar, gantt, place, words, workers
from gigawatt.report.gantt_panels import panels
from gigawatt.report.gantt_picture import picture
from gigawatt.report.gantt_svg import COLOURS, WIDTH, Scale, colour, lane_parts, short, style
from gigawatt.report.option import TIME
from gigawatt.report.palette import TWINS
from tests.buildout.hand_made import made_up

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "portfolio.csv"
NASTY = "</script><script>alert(1)</script>&<"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(portfolio, draws=60):
    outcome = simulate(portfolio, draws=draws)
    held = holding(outcome)
    return outcome, held, gantt(outcome, held)


@pytest.fixture(scope="module")
def portfolio():
    return read_portfolio(EXAMPLE)


@pytest.fixture(scope="module")
def found(portfolio):
    return drawn(portfolio)


@pytest.fixture(scope="module")
def chart(found):
    return found[2]


def test_every_project_and_task_that_is_not_done_is_there(found, chart):
    outcome = found[0]
    assert {line.name for line in chart.lines} == {project.name for project in outcome.plan.portfolio.projects}
    assert sum(len(line.bars) for line in chart.lines) == sum(not task.is_done for task in outcome.plan.tasks)
    for line in chart.lines:
        assert all(bar.begin <= bar.finish and bar.low <= bar.finish <= bar.high for bar in line.bars)
        assert line.full[0] <= line.full[1] <= line.full[2]


def test_projects_stand_in_the_order_of_their_median(chart):
    medians = [line.full[1] for line in chart.lines]
    assert medians == sorted(medians)


def test_the_picture_is_svg_that_names_all(chart):
    root = ET.fromstring(picture(chart))
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert {line.name for line in chart.lines} <= set(texts)
    titles = [node.text for node in root.iter(f"{SVG}title")]
    assert sum(title.startswith("due ") for title in titles) == sum(line.due is not None for line in chart.lines)
    assert sum("in the median" in title for title in titles) == sum(len(line.bars) for line in chart.lines)


def test_what_is_drawn_stays_on_the_paper(chart):
    root = ET.fromstring(picture(chart))
    height = float(root.get("viewBox").split()[3])
    for node in root.iter(f"{SVG}rect"):
        if node.get("class", "").startswith("g-stage"):
            x, y, wide = (float(node.get(key)) for key in ("x", "y", "width"))
            assert x >= 0 and x + wide <= WIDTH + 1 and 0 <= y <= height


def test_weeks_lie_on_the_axis_where_they_should(chart):
    scale = Scale(chart)
    assert scale.at(0.0) == scale.left and scale.at(chart.end) == scale.left + scale.width
    assert scale.at(1e9) == scale.left + scale.width and scale.is_beyond(float("inf"))
    assert scale.at(chart.end / 2) == pytest.approx(scale.left + scale.width / 2)


def test_tasks_of_a_lane_share_its_height_where_they_overlap(chart):
    plain = Bar(stage="shell", phase=0, mw=1.0, begin=0.0, finish=0.3, low=0.2, high=0.4, critical=0.0, cause="",
                cause_share=1.0, delivered=False)  # fmt: skip
    bars = [plain, replace(plain, begin=1.0, finish=5.0), replace(plain, stage="racks", begin=2.0, finish=6.0)]
    heights = re.findall(r'height="([\d.]+)"', "".join(lane_parts(bars, Scale(chart), 0.0, 8.0)))
    assert heights == ["8.0", "4.0", "4.0"]


def test_workers_in_use_are_those_of_the_tasks_and_never_more_than_there_are(found, chart):
    outcome = found[0]
    work = outcome.plan.work
    own = (work.crew >= 0) & (work.weeks > 0.0)
    weeks = (outcome.finish - outcome.begin)[:, own] * work.workers[own]
    total = gantt(outcome, found[1]).workers
    assert total and all((one.used <= one.there * (1 + 1e-6)).all() for one in total)
    assert sum(one.used.sum() for one in total) <= 1.05 * weeks.sum(axis=1).mean()


@pytest.mark.parametrize("seed", range(4))
def test_scarce_workers_are_drawn_up_to_what_there_is_and_no_further(seed):
    laid = made_up(seed)
    steady = laid.work._replace(available=np.full_like(laid.work.available, 6.0))  # nobody leaves with work in hand
    total = workers(simulate(replace(laid, work=steady), draws=0))
    assert len(total) == 2
    for one in total:
        assert (one.used <= one.there * (1 + 1e-6)).all() and (one.used >= -1e-9).all()
    assert max((one.used / one.there).max() for one in total) > 0.8


def test_power_grows_to_all_that_is_built(chart, portfolio):
    total = sum(project.mw + project.energised_mw for project in portfolio.projects)
    assert (np.diff(chart.power, axis=1) >= 0.0).all()
    assert (chart.power[0] <= chart.power[1]).all() and (chart.power[1] <= chart.power[2]).all()
    assert chart.power[2, -1] == pytest.approx(total) and chart.due_mw[-1] == pytest.approx(total)


def test_the_page_stands_alone_and_opens_every_project(chart):
    page = html(chart)
    assert page.count("<details><summary><svg") == len(chart.lines)
    assert "default-src 'none'" in page and not re.search(r'(?:src|href)="(?:https?:)?//', page)
    for line in chart.lines:
        assert line.name in page
    assert "commissioning, phase 1" in page


def test_options_are_json_and_draw_columns_that_are_there(chart):
    for panel in panels(chart):
        for each in panel.charts:
            assert json.loads(json.dumps(each.option, allow_nan=False)) == each.option
            source = each.option.get("dataset", {}).get("source", {})
            for series in each.option["series"]:
                assert set(series.get("encode", {}).values()) <= {*source, TIME}


def test_text_of_users_cannot_leave_its_place(portfolio, tmp_path):
    nasty = replace(portfolio.projects[0], name=NASTY)
    outcome, held, chart = drawn(Portfolio(projects=(nasty,), start=portfolio.start), draws=5)
    page = write(outcome, held, tmp_path / "plan.html").read_text()
    assert "<script>alert" not in page and "&lt;/script&gt;" in page
    ET.fromstring(picture(chart))


def test_the_name_of_the_file_says_what_is_written(found, tmp_path):
    outcome, held, _ = found
    assert write(outcome, held, tmp_path / "plan.svg").read_text().startswith("<svg")
    assert write(outcome, held, tmp_path / "plan.html").read_text().startswith("<!DOCTYPE html>")


def test_a_portfolio_at_medians_without_due_dates_is_drawn(portfolio):
    free = tuple(replace(project, due=None) for project in portfolio.projects[:2])
    chart = drawn(Portfolio(projects=free, start=portfolio.start), draws=0)[2]
    assert not len(chart.due_mw) and "due" not in chart.answer
    ET.fromstring(picture(chart))
    assert html(chart)


def test_what_comes_beyond_the_plan_leaves_the_chart_readable(portfolio):
    laid = plan(Portfolio(projects=portfolio.projects[-2:], start=portfolio.start))
    scarce = laid.work._replace(capacity=laid.work.capacity * 1e-6)
    outcome = simulate(replace(laid, work=scarce), draws=5)
    chart = gantt(outcome, holding(outcome))
    assert chart.end <= laid.portfolio.weeks + 4
    ET.fromstring(picture(chart))
    assert html(chart)


def test_stages_have_colours_of_their_own_with_dark_twins(chart):
    names = [*COLOURS, "another", "and another"]
    hues = [colour(name, names) for name in names]
    assert len(set(hues)) == len(names) and set(hues) <= set(TWINS)
    assert all(f".g-stage{k}{{" in style(chart.stages) for k in range(len(chart.stages)))
    assert style(chart.stages) != style(chart.stages, dark=True)


def test_names_of_the_catalog_are_said_in_words():
    assert words("grid_connection in us_tx") == "grid connection, Texas"
    assert words("steel in asia and europe") == "steel, Asia and Europe"
    assert words("steel in asia and europe and us_tx") == "steel, 3 regions"
    assert words("electricians in Japan, Korea, India, Singapore, Malaysia, Australia") == "electricians, Asia"
    assert words("hbm") == "HBM" and place("us_midwest") == "US Midwest"
    assert short("a long name of a project", 60, 12).endswith("\N{HORIZONTAL ELLIPSIS}")


def test_stairs_keep_their_values_until_the_next():
    assert stairs([(0, 1), (1, 1), (2, 5), (3, 5)]) == [(0, 1), (2, 1), (2, 5), (3, 5)]
