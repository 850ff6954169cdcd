"""The fit: that the catalog holds it, how far off it is on runs it has not seen, and that its band covers."""

from dataclasses import replace
from functools import cache
from math import expm1, log

import numpy as np
import pytest

from gigawatt.training import Speed, band, fitted, left_out, published_runs
from gigawatt.training.fit import by_family, by_organisation, miss

RUNS = [run for run in published_runs() if run.in_fit]


@cache
def misses(group):
    return left_out(RUNS, group)


def test_the_catalog_holds_what_the_fit_gives():
    found, kept = fitted(RUNS), Speed.from_catalog()
    for name in ("tensor", "system", "small", "sparsity", "software_per_year"):
        assert getattr(found, name) == pytest.approx(getattr(kept, name), rel=2e-3)
    assert band(misses(by_organisation).values()) == pytest.approx(kept.band, rel=0.01)


@pytest.mark.parametrize("group", [by_family, by_organisation])
def test_runs_of_a_group_left_out_are_foretold_within_a_sixth(group):
    errors = [abs(expm1(one)) for one in misses(group).values()]
    assert np.median(errors) < 1 / 6
    assert np.mean([error < 0.2 for error in errors]) > 0.55
    assert abs(np.mean(list(misses(group).values()))) < 0.05


def test_the_band_covers_four_in_five_runs_of_organisations_left_out_of_fit_and_band():
    found = misses(by_organisation)
    inside = []
    for run in RUNS:
        low, high = band(found[other.name] for other in RUNS if other.organisation != run.organisation)
        inside.append(log(low) <= -found[run.name] <= log(high))
    assert 0.75 <= np.mean(inside) <= 0.85


def test_one_absurd_run_hardly_moves_the_fit():
    odd = RUNS[0].__class__.from_catalog("lucie-7b")
    for name in ("tensor", "system", "small"):
        assert getattr(fitted([*RUNS, odd]), name) == pytest.approx(getattr(fitted(RUNS), name), rel=0.03)


def test_a_miss_is_the_logarithm_of_estimated_over_published_hours():
    run, speed = RUNS[0], Speed.from_catalog()
    assert miss(replace(run, chip_hours=2 * run.chip_hours), speed) == pytest.approx(miss(run, speed) - log(2))


def test_every_group_of_chips_is_one_generation():
    families = {by_family(run): run.chip.name for run in RUNS}
    assert set(families) == {"v100", "a100", "h100", "b300", "tpu-v3", "tpu-v4"}
