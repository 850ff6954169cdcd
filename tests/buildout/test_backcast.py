"""The backcast: what goes into a prediction and what must not, and how far off the predictions are."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from pytest import approx
from typer.testing import CliRunner

from gigawatt import catalog
from gigawatt.buildout.backcast import (
    FIRST,
    GOAL,
    KNOWN_WEEK,
    agreeing,
    backcast,
    known_by,
    naive_months,
    quiet,
    scores,
    seen_over,
    stagger_weeks,
)
from gigawatt.buildout.campuses import campuses
from gigawatt.buildout.events import simulate
from gigawatt.buildout.projects import Project
from gigawatt.buildout.stages import standard_stages

DRAWS = 4000
SITES = {site.key: site for site in campuses()}
FIVE = ("colossus-2", "fairwater-atlanta", "new_carlisle", "prometheus", "abilene")


@pytest.fixture(scope="module")
def rows():
    return backcast(draws=DRAWS)


def of(rows, key, what):
    return next(row for row in rows if row.campus.key == key and row.what == what)


def test_campuses_come_up_after_they_begin_and_never_lose_power():
    known = {stage.name for stage in standard_stages()}
    for site in campuses():
        days = [site.start] + [day for day, _ in site.up + site.expected]
        assert days == sorted(days) and days[0] < days[1], site.key
        power = [mw for _, mw in site.up + site.expected]
        assert power == sorted(power) and power[0] > 0, site.key
        assert site.over is None or (site.over[1] in known and site.over[0] >= site.start), site.key
        assert list(site.begun) == sorted(site.begun) and all(day > site.start for day in site.begun), site.key


def test_published_spans_are_told_as_they_are():
    # By hand from the table: 131 days to 100,000 chips; 773 days from 9 February 2024 to 23 March 2026.
    assert SITES["colossus-1"].weeks_to(SITES["colossus-1"].first[0]) == approx(131 / 7)
    assert SITES["new_carlisle"].reached(1000) == (dt.date(2026, 3, 23), True)
    assert SITES["new_carlisle"].weeks_to(dt.date(2026, 3, 23)) == approx(773 / 7)
    assert SITES["abilene"].reached(1000) == (dt.date(2026, 11, 1), False)
    assert tuple(key for key, site in SITES.items() if site.goal_mw > site.first[1]) == FIVE
    with pytest.raises(ValueError, match="campus ellendale: 900 MW are neither reached nor expected"):
        SITES["ellendale"].reached(900)


def changed_after(day, shift, factor):
    """All campuses as if everything dated after a day had come later and otherwise, in days and in MW."""

    def moved(facts):
        return tuple((d + shift, mw * factor) if d > day else (d, mw) for d, mw in facts)

    def changed(site):
        over = site.over
        if over and over[0] > day:
            over = (over[0] + shift, "earthworks")
        return replace(
            site, up=moved(site.up), expected=moved(site.expected), over=over, forecast=None,
            start=site.start + shift if site.start > day else site.start,
            begun=tuple(d + shift if d > day else d for d in site.begun),
        )  # fmt: skip

    return tuple(changed(site) for site in campuses())


@pytest.mark.parametrize("key", [*FIVE, "colossus-1", "google-kansas-city-east", "meta-montgomery", "helios"])
@pytest.mark.parametrize(("days", "factor"), [(500, 1.3), (37, 5.0)])
def test_nothing_dated_later_than_six_months_after_the_start_moves_a_prediction(rows, key, days, factor):
    # Of the campus and of all others: days, MW, stages seen, phases begun, forecasts. Goals are asked, not told.
    day = known_by(SITES[key])
    again = backcast(draws=DRAWS, sites=changed_after(day, dt.timedelta(days=days), factor))
    for before in (row for row in rows if row.campus.key == key):
        after = of(again, key, before.what)
        assert (after.p10, after.p50, after.p90, after.naive) == (before.p10, before.p50, before.p90, before.naive)
        assert before.day <= day or after.months != before.months


def test_what_is_dated_in_time_does_move_a_prediction(rows):
    # So that the test above can fail: the same changes from the day of the first works on.
    start = SITES["colossus-2"].start
    again = backcast(draws=DRAWS, sites=changed_after(start, dt.timedelta(days=500), 1.3))
    assert of(again, "colossus-2", FIRST).p50 > of(rows, "colossus-2", FIRST).p50 + 1
    assert of(again, "new_carlisle", GOAL).p50 == of(rows, "new_carlisle", GOAL).p50
    late = tuple(replace(site, begun=()) for site in campuses())
    assert of(backcast(draws=DRAWS, sites=late), "new_carlisle", GOAL).p50 > of(rows, "new_carlisle", GOAL).p50 + 2


def test_only_stages_seen_in_time_count():
    assert seen_over(SITES["colossus-2"]) == (dt.date(2025, 8, 22), "mechanical")
    # By hand: 26 weeks after 31 May 2024 are 29 November; the roof is dated by its month, so at the end of it.
    assert known_by(SITES["abilene"]) == dt.date(2024, 11, 29)
    assert SITES["abilene"].over == (dt.date(2024, 11, 30), "shell") and seen_over(SITES["abilene"])[1] == ""
    in_time = {site.key for site in campuses() if seen_over(site)[1]}
    assert in_time == {"colossus-2", "google-kansas-city-east", "meta-montgomery"}


def test_phases_follow_as_seen_in_time_or_as_elsewhere_by_then_or_as_estimated():
    sites = campuses()
    own = catalog.value("buildout", "backcast", "pace_weeks")
    assert [stagger_weeks(SITES[key], sites) for key in ("abilene", "prometheus", "fairwater-atlanta")] == [own] * 3
    assert stagger_weeks(SITES["new_carlisle"], sites) == approx(122 / 7)  # 9 February to 10 June 2024
    # Colossus 1: 180 MW in 168 days, so 200 MW in 26.7 weeks.
    assert stagger_weeks(SITES["colossus-2"], sites) == approx(24 * 200 / 180)


def test_the_naive_guess_knows_only_what_was_up_by_then():
    sites = campuses()
    # Nothing was up in October 2022 or at a gigawatt in November 2024: geometric middles of published ranges.
    assert naive_months(SITES["prometheus"], FIRST, sites) == approx((12 * 24) ** 0.5, rel=1e-3)
    assert naive_months(SITES["abilene"], GOAL, sites) == approx((12 * 43) ** 0.5)
    # By 13 January 2024 only Goodyear (672 days), Hillsboro 2 (853 days) and Lancaster (822 days) were up.
    assert naive_months(SITES["fairwater-wisconsin"], FIRST, sites) == approx(822 / 7 * 12 / 52)


def test_predictions_are_the_same_for_any_number_of_threads(rows):
    again = backcast(draws=DRAWS, threads=1)
    assert [(row.p10, row.p50, row.p90) for row in again] == [(row.p10, row.p50, row.p90) for row in rows]


def project(site):
    return Project(name=site.key, region=site.region, start=site.start, phases=(200.0,), shell=site.shell)


@pytest.mark.parametrize(("over", "shell"), [("earthworks", "new"), ("shell", "new"), ("mechanical", "standing")])
def test_the_draws_that_are_kept_are_over_where_the_campus_was_seen_to_be(over, shell):
    start = SITES["new_carlisle"].start
    site = replace(SITES["new_carlisle"], over=(start + dt.timedelta(weeks=24), over), shell=shell)
    found = simulate(quiet([project(site)]), draws=20000)
    kept = agreeing(found, 0, site)
    assert 100 <= len(kept) < 20000
    stages = [task.stage.name for task in found.plan.tasks]
    assert (found.finish[kept, stages.index(over)] <= 25).all()
    assert (found.finish[kept, stages.index("commissioning")] >= KNOWN_WEEK - 1).all()


def test_a_roof_seen_early_makes_all_that_follows_sooner():
    site = replace(SITES["abilene"], over=(dt.date(2024, 11, 28), "shell"))
    found = simulate(quiet([project(site)]), draws=DRAWS)
    name = [task.stage.name for task in found.plan.tasks]
    after = found.finish[:, name.index("commissioning")] - found.finish[:, name.index("shell")]
    assert np.median(after[agreeing(found, 0, site)]) < np.median(after)


def test_a_campus_that_was_up_within_six_months_is_predicted_from_its_first_day():
    found = simulate(quiet([project(SITES["colossus-1"])]), draws=200)
    assert len(agreeing(found, 0, SITES["colossus-1"])) == 200


def test_the_first_gigawatt_is_not_predicted_to_three_months(rows):
    # Pinned as the page on construction tells it: what was known after six months does not tell the pace of phases.
    goals = scores([row for row in rows if row.what == GOAL])
    assert goals["cases"] == 5 and goals["median_error_months"] == approx(12.6, abs=0.4)
    assert goals["naive_error_months"] == approx(7.2, abs=0.1) and goals["coverage"] == approx(0.2)


def test_first_power_is_predicted_to_about_five_months_in_a_band_as_wide_as_it_says(rows):
    # Pinned; the guess that knows as little is off by more.
    firsts = scores([row for row in rows if row.what == FIRST])
    assert firsts["cases"] == 52
    assert firsts["median_error_months"] == approx(5.1, abs=0.3)
    assert firsts["naive_error_months"] == approx(8.5, abs=0.1)
    assert 0.75 < firsts["coverage"] < 0.9 and firsts["bias_months"] == approx(-2.1, abs=0.4)


def test_forecasts_made_months_before_were_too_early_by_as_much(rows):
    errors = [row.forecast_error for row in rows if row.what == GOAL]
    assert all(error < 0 for error in errors) and np.median(errors) == approx(-3.6, abs=0.1)
    assert of(rows, "abilene", FIRST).forecast_error is None


def test_the_command_tells_the_named_campuses_and_all_of_them():
    from gigawatt.cli.app import app

    few = CliRunner().invoke(app, ["buildout", "backcast", "--draws", "300", "--format", "json"])
    assert few.exit_code == 0, few.output
    found = json.loads(few.stdout)
    assert {row["campus"] for row in found} == {"colossus-1", *FIVE} and len(found) == 11
    every = CliRunner().invoke(app, ["buildout", "backcast", "--draws", "300", "--all", "--format", "csv"])
    assert len(every.stdout.splitlines()) == 1 + 57
    table = CliRunner().invoke(app, ["buildout", "backcast", "--draws", "300"])
    assert "the first gigawatt of campuses (5): median error" in table.stdout
    assert CliRunner().invoke(app, ["buildout", "backcast", "--draws", "-1"]).exit_code != 0
