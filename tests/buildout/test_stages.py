"""Stages of construction: their order, their durations against published ones, and what is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.backcast import quiet, weeks_up
from gigawatt.buildout.campuses import campuses
from gigawatt.buildout.events import simulate
from gigawatt.buildout.plan import stage_weeks
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import (
    GRID,
    ONSITE,
    PHASE,
    Stage,
    length,
    longest_chains,
    ordered,
    stage_of,
    standard_stages,
)
from gigawatt.units import MONTHS_PER_YEAR, WEEKS_PER_YEAR

START = dt.date(2026, 1, 5)
WEEK = Spread.exactly(1.0)
MONTHS_PER_WEEK = MONTHS_PER_YEAR / WEEKS_PER_YEAR
HALL = Project(name="hall", region="us_tx", start=START, phases=(200.0,))
CAMPUS = replace(HALL, name="campus", phases=(200.0,) * 5, stagger_weeks=12.0)
BY_NAME = {stage.name: stage for stage in standard_stages()}
DURATIONS = ("weeks", "standing_weeks", "prefabricated_weeks")


def months(project, draws=2000):
    """Months from the first works to the power of all phases, where nothing has to be waited for."""
    return MONTHS_PER_WEEK * weeks_up(simulate(quiet([project]), draws=draws))[:, 0]


def test_every_stage_comes_after_those_that_it_waits_for():
    seen = set()
    for stage in standard_stages():
        assert set(stage.after) <= seen
        seen.add(stage.name)
    assert {stage.power for stage in standard_stages()} == {"", GRID, ONSITE}


def test_every_duration_has_a_range_that_is_wider_than_a_third_of_it():
    for name in catalog.items("stages"):
        for fact in (catalog.facts("stages", name).get(key) for key in DURATIONS):
            if fact is not None:
                assert fact.low < fact.value < fact.high and fact.high - fact.low > fact.value / 3, name
                assert len(fact.note) > 40 or fact.note == "as for a new building", name


@pytest.mark.parametrize("region", ["us_tx", "us_midwest", "us_southeast", "us_west"])
def test_a_phase_of_200_mw_takes_one_to_two_years_from_the_first_works(region):
    # 12 to 24 months for a facility (Rabobank 2026); 18 to 24 from groundbreaking to commissioned
    # (constructionowners.com 2026).
    assert 12 < months(replace(HALL, region=region), draws=0)[0] < 24
    low, high = np.quantile(months(replace(HALL, region=region)), (0.1, 0.9))
    assert 10 < low < 18 and 24 < high < 36


def test_a_gigawatt_in_phases_takes_as_long_as_the_fastest_to_the_slowest_that_were_watched():
    # 12 to 43 months from the start of construction as expected in November 2025 (Epoch AI); of the first five the
    # fastest took 16 and the slowest 55 in the end.
    low, middle, high = np.quantile(months(CAMPUS), (0.05, 0.5, 0.95))
    assert 16 < low < 24 < middle < 36 < 43 < high < 55


def test_tents_are_up_in_a_year_and_a_converted_building_in_less_than_a_new_one():
    # Tents of Prometheus: 11 months from the start of the structure to operation (Epoch AI); 4 to 7 expected at first.
    tents = (
        months(replace(HALL, shell="prefabricated"), draws=0)[0] - MONTHS_PER_WEEK * BY_NAME["earthworks"].weeks.median
    )
    assert tents == approx(11, abs=1.5)
    converted = months(replace(HALL, shell="standing"))
    assert np.median(converted) < 0.65 * np.median(months(HALL))
    assert np.quantile(converted, 0.02) < 200 / 30 < np.median(converted)  # Colossus 2: 200 MW cooled in six months


def test_from_the_roof_to_power_takes_five_to_eighteen_months():
    # Default of 150 days and the sites of the table, New Carlisle 5 to Midlothian 18 (Epoch AI).
    found = simulate(quiet([HALL]), draws=2000)
    name = [task.stage.name for task in found.plan.tasks]
    after = MONTHS_PER_WEEK * (found.finish[:, name.index("commissioning")] - found.finish[:, name.index("shell")])
    assert 5 < np.quantile(after, 0.05) < 7 and 9 < np.median(after) < 11 and 15 < np.quantile(after, 0.95) < 20


def heads(project):
    """Most workers at once, and worker-weeks for each MW, at medians and without waiting."""
    found = simulate(quiet([project]), draws=0)
    workers = [BY_NAME[task.stage.name].workers_per_mw * task.mw for task in found.plan.tasks]
    begin, finish = found.begin[0], found.finish[0]
    at_once = [sum(w for w, b, f in zip(workers, begin, finish, strict=True) if b <= t < f) for t in begin]
    return max(at_once), float(np.dot(workers, finish - begin)) / project.mw


def test_crews_are_as_large_as_those_at_abilene():
    # 2,000 a day on the first two buildings (295 MW at the meter) in March 2025, nearly 5,000 to come with six more
    # (Crusoe); 5,800 to 6,400 at the height of 1.2 GW.
    assert heads(replace(HALL, phases=(295.0,)))[0] == approx(2000, rel=0.1)
    assert 4500 < heads(replace(CAMPUS, phases=(200.0,) * 6))[0] < 6700


def test_work_on_site_costs_a_seventh_of_the_facility():
    # 50 hours a week at 80 USD with overheads against 11.7 M USD for a MW of chips (Cushman & Wakefield), which is
    # 1.2 MW at the meter. Recruiters say 40 to 50 % for all labour: work off site, supervision and mark-ups with it.
    assert heads(HALL)[1] * 50 * 80 / (11.7e6 / 1.2) == approx(1 / 7, rel=0.15)


def test_worker_weeks_are_those_of_the_heads_at_abilene():
    # 1,500 for 40 weeks, 3,500 for 20 and 5,500 for 65 make 413 for each of 1,180 MW, by the published counts.
    assert heads(CAMPUS)[1] == approx(413, rel=0.25)


@given(mw=st.floats(20, 1000), more=st.floats(1.05, 5), phase=st.integers(0, 9))
def test_more_power_takes_no_less_time_and_practice_no_more(mw, more, phase):
    for stage in standard_stages():
        if stage.per == PHASE:
            weeks = stage_weeks(HALL, stage, phase, mw).median
            assert stage_weeks(HALL, stage, phase, mw * more).median >= weeks
            assert stage_weeks(HALL, stage, phase + 1, mw).median <= weeks


def test_a_doubling_of_phases_takes_off_the_share_that_is_learnt():
    shell = replace(BY_NAME["shell"], learning=0.1)
    first, second, fourth = (stage_weeks(HALL, shell, phase, 200.0).median for phase in (0, 1, 3))
    assert (second / first, fourth / first) == approx((0.9, 0.81))


def test_the_tempo_of_a_builder_acts_on_phases_and_a_known_duration_is_kept():
    slow = replace(HALL, tempo=2.0, weeks={"racks": 5.0})
    assert stage_weeks(slow, BY_NAME["shell"], 0, 200.0) == BY_NAME["shell"].weeks * 2.0
    assert (
        stage_weeks(slow, BY_NAME["permit"], -1, 200.0).median == stage_weeks(HALL, BY_NAME["permit"], -1, 200.0).median
    )
    assert stage_weeks(slow, BY_NAME["racks"], 0, 200.0) == Spread.exactly(5.0)


def stages(*pairs):
    return [Stage(name=name, weeks=WEEK, after=tuple(after.split())) for name, after in pairs]


def test_stages_that_wait_for_each_other_are_named_in_their_circle():
    with pytest.raises(ValueError, match="in a circle: b -> d -> c -> b"):
        ordered(stages(("a", ""), ("b", "a d"), ("c", "b"), ("d", "c")))
    with pytest.raises(ValueError, match="in a circle: a -> a"):
        ordered(stages(("a", "a")))


def test_an_unknown_predecessor_is_named_with_the_nearest_stage():
    with pytest.raises(ValueError, match="stage shell comes after unknown stage 'permits'; did you mean 'permit'"):
        ordered(stages(("permit", ""), ("shell", "permits")))


def test_stages_that_stand_twice_or_not_at_all_are_refused():
    with pytest.raises(ValueError, match="stand twice: a"):
        ordered(stages(("a", ""), ("a", "")))
    with pytest.raises(ValueError, match="there are no stages"):
        Portfolio(projects=(HALL,), stages=())


@pytest.mark.parametrize(("value", "low", "high"), [(-3.0, -5.0, 9.0), (0.0, 0.0, 0.0), (4.0, 5.0, 9.0)])
def test_a_duration_that_is_negative_or_outside_its_range_names_the_stage(value, low, high):
    fact = replace(catalog.fact("stages", "shell", "weeks"), value=value, low=low, high=high)
    with pytest.raises(ValueError, match=r"stage shell: weeks .*wants 0 < low <= median <= high"):
        stage_of("shell", {"weeks": fact})


def test_a_missing_duration_names_the_stage():
    facts = catalog.facts("stages", "shell")
    del facts["weeks"]
    with pytest.raises(ValueError, match="stage shell: has no duration"):
        stage_of("shell", facts)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"per": "hall"}, "per is 'hall'; allowed: site, phase"),
        ({"power": "coal"}, "power is 'coal'; allowed: grid, onsite"),
        ({"calendar": "lunar"}, "unknown calendar 'lunar'; known: outdoor"),
        ({"reference_mw": 0.0}, "reference_mw is 0"),
        ({"reference_mw": float("nan")}, "reference_mw is nan"),
        ({"size_power": -0.1}, "size_power is -0.1"),
        ({"workers_per_mw": 2.0}, "2 workers per MW of trade ''"),
        ({"workers_per_mw": float("nan"), "trade": "builders"}, "nan workers per MW"),
        ({"learning": 1.0}, "learning 1 is not within 0 and 1"),
        ({"in_shell": (("tent", WEEK),)}, "unknown shell 'tent'; known: new, standing, prefabricated"),
    ],
)
def test_a_stage_that_cannot_be_is_refused(given_, message):
    with pytest.raises(ValueError, match=message):
        Stage(name="x", weeks=WEEK, **given_)


@pytest.mark.parametrize(
    ("given_", "message"), [({"shell": "tent"}, "unknown shell 'tent'"), ({"tempo": 0.0}, "tempo 0")]
)
def test_a_project_in_an_unknown_shell_or_without_tempo_is_refused(given_, message):
    with pytest.raises(ValueError, match=f"project hall: {message}"):
        replace(HALL, **given_)


@given(
    after=st.lists(st.sets(st.integers(0, 5), max_size=3), min_size=1, max_size=6),
    weeks=st.lists(st.integers(1, 9), min_size=6, max_size=6),
)
def test_the_longest_chain_is_the_longest_of_all_ways_to_the_end(after, weeks):
    known = [
        Stage(name=f"s{n}", weeks=WEEK, after=tuple(f"s{k}" for k in sorted(a) if k < n)) for n, a in enumerate(after)
    ]
    lasts = {stage.name: float(weeks[n]) for n, stage in enumerate(known)}

    def ways(name):
        later = [other.name for other in known if name in other.after]
        return [(name, *way) for other in later for way in ways(other)] or [(name,)]

    for name, chain in longest_chains(known, lasts).items():
        assert chain in ways(name) and length(chain, lasts) == max(length(way, lasts) for way in ways(name))


@given(st.lists(st.sets(st.integers(0, 8)), min_size=9, max_size=9))
def test_stages_are_put_in_order_or_a_true_circle_is_named(after):
    found = [Stage(name=f"s{n}", weeks=WEEK, after=tuple(f"s{k}" for k in sorted(a))) for n, a in enumerate(after)]
    waits = {stage.name: set(stage.after) for stage in found}
    try:
        names = [stage.name for stage in ordered(found)]
    except ValueError as error:
        circle = str(error).rpartition(": ")[2].split(" -> ")
        assert circle[0] == circle[-1]
        assert all(then in waits[name] for name, then in pairwise(circle))
    else:
        assert all(waits[name] <= set(names[:n]) for n, name in enumerate(names))


# -------------------------------------------------------------------------------------------------------------- size
def test_durations_grow_with_size_as_watched_sites_did():
    new = [campus for campus in campuses() if campus.shell == "new" and 40 <= campus.first[1] <= 480]
    mw, weeks = (np.log(each) for each in ([c.first[1] for c in new], [c.weeks_to(c.first[0]) for c in new]))
    slope, intercept = np.polyfit(mw, weeks, 1)
    off = weeks - slope * mw - intercept
    doubt = 1.645 * np.sqrt((off @ off) / (len(new) - 2) / ((mw - mw.mean()) ** 2).sum())
    for stage in standard_stages():
        if stage.per == PHASE and stage.size_power > 0:
            assert slope - doubt < stage.size_power < slope + doubt
