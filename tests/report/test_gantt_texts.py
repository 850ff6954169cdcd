"""Texts of the Gantt chart that are long or small, and panels of workers of whom few are used."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from gigawatt.buildout.events import simulate
from gigawatt.buildout.holding import holding
from gigawatt.buildout.portfolio_csv import read_portfolio
from gigawatt.buildout.projects import Portfolio
from gigawatt.report.gantt_below import crew_parts
from gigawatt.report.gantt_lines import gantt, place
from gigawatt.report.gantt_picture import picture
from gigawatt.report.gantt_svg import Scale, late

PORTFOLIO = read_portfolio(Path(__file__).parent.parent.parent / "examples" / "portfolio.csv")


def drawn(portfolio):
    outcome = simulate(portfolio, draws=0)
    return gantt(outcome, holding(outcome))


def test_what_is_late_by_days_says_days():
    assert late(0.01) == "1 day late" and late(0.3) == "3 days late" and late(1.2) == "1 week late"
    assert late(17.6) == "18 weeks late"


def test_long_names_are_smaller_and_not_cut():
    long = "Armstrong and Haskell Counties, Texas"
    projects = tuple(replace(project, name=name) for project, name in
                     zip(PORTFOLIO.projects[:2], (long, "x" * 90), strict=True))  # fmt: skip
    texts = picture(drawn(Portfolio(projects=projects, start=PORTFOLIO.start)))
    assert f">{long}</text>" in texts and f"<title>{'x' * 90}</title>" in texts


def test_workers_of_whom_few_are_used_fill_their_panel():
    chart = drawn(PORTFOLIO)
    used = chart.workers[0].used
    for factor, lines in ((1.05, 1), (100.0, 0)):
        crew = replace(chart.workers[0], there=np.full_like(used, used.max() * factor))
        parts, base = crew_parts(Scale(chart), crew, 0.0)
        if factor > 2.0:
            heights = [
                float(pair.split(",")[1]) for pair in re.search(r'polygon points="([^"]+)"', parts[3])[1].split()
            ]
            assert min(heights) < 6.0 < base
        assert sum("polyline" in part for part in parts) == lines


def test_workers_of_a_nation_that_is_one_region_bear_its_name():
    names = {one.name for one in drawn(PORTFOLIO).workers}
    assert any(name.endswith(", Gulf") for name in names) and not any("Saudi" in name for name in names)
    assert place("US") == "US"
