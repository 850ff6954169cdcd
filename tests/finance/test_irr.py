"""Internal rates of return: known answers, every root and no other, and what peers say where there is one."""

import os
import subprocess
import sys
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists, sampled_from, tuples

from benchmarks import finance_irr
from benchmarks.finance_irr_cases import expanded, faults, hard, roots_between, sturm_chain, typical, whole_numbers
from gigawatt.finance.annuity import npv
from gigawatt.finance.returns.exact import all_rates, without_multiples
from gigawatt.finance.returns.irr import Proof, Status, irr, mirr

ULP = 2.0**-52


def roots(flows, **more):
    """Rates of one stream as a list."""
    found = irr(flows, **more)
    return found.roots[: int(found.count)].tolist()


def status(flows):
    """Status of one stream."""
    return Status(int(irr(flows).status))


# -------------------------------------------------------------------------------------------------- known answers


def test_one_rate_by_hand():
    assert float(irr([-100, 110]).rate) == pytest.approx(0.10, abs=2 * ULP)
    # 1.1^10 = 2.5937424601 exactly.
    assert float(irr([-1, *[0] * 9, 2.5937424601]).rate) == pytest.approx(0.10, abs=4 * ULP)
    # A loss: 60 of 100 come back, then 0.6 = 1 - 0.4.
    assert float(irr([-100, 60]).rate) == pytest.approx(-0.4, abs=2 * ULP)


def test_several_rates_by_hand():
    # -100 (1 + r)^2 + 230 (1 + r) - 132 = -100 (r - 0.1) (r - 0.2): it rises at 10 % and falls at 20 %.
    found = irr([-100, 230, -132])
    assert found.roots == pytest.approx(np.array([0.1, 0.2])) and found.crossing.tolist() == [1, -1]
    assert float(found.rate) == pytest.approx(0.2)
    assert float(irr([-100, 230, -132], choose="nearest").rate) == pytest.approx(0.1)
    assert np.isnan(irr([-100, 230, -132], choose="none").rate)


def test_lorie_and_savages_oil_pump_has_two_rates():
    # Lorie and Savage 1955, the pump problem: -1,600, 10,000, -10,000 at 25 % and 400 %.
    assert roots([-1600, 10_000, -10_000]) == pytest.approx([0.25, 4.0])


def test_three_rates_by_hand():
    # -1000 (y - 1.1) (y - 1.2) (y - 1.3), y = 1 + rate.
    assert roots([-1000, 3600, -4310, 1716]) == pytest.approx([0.1, 0.2, 0.3])


def test_why_there_is_no_rate():
    assert status([-1, 3, -2.5]) == Status.NO_ROOT  # 9 - 4 x 2.5 < 0
    assert status([1, 0, 2]) == status([-5]) == Status.NO_SIGN_CHANGE
    assert status([0, 0, 0]) == Status.ALL_ZERO
    found = irr([[-1, 3, -2.5], [1, 0, 2], [0, 0, 0]])
    assert np.isnan(found.rate).all() and found.count.tolist() == [0, 0, 0]


def test_a_double_rate_is_one_rate_that_is_touched():
    # -(y - 1.5)^2 x 4 is exact in binary.
    found = irr([-4, 12, -9])
    assert found.roots.tolist() == [0.5] and found.crossing.tolist() == [0]
    assert int(found.status) == Status.UNIQUE and int(found.proof) == Proof.WHOLE
    assert float(found.touch) == 0.5


def test_a_double_rate_that_rounding_splits_is_told_with_the_rate_that_was_meant():
    # 1.1^2 = 1.21 is not exact in binary: the flows have two rates 3e-8 apart, and `touch` says so.
    found = irr([-1, 2.2, -1.21])
    assert int(found.count) == 2 and float(found.touch) == pytest.approx(0.1, abs=1e-7)
    exact = [Fraction(c) for c in (-1, 2.2, -1.21)]
    assert exact[1] ** 2 > 4 * exact[0] * exact[2]  # so two it is


def test_rates_next_to_total_loss_and_far_above_a_thousand_per_cent():
    assert float(irr([-1e6, 1]).rate) == pytest.approx(-0.999999, abs=ULP)
    assert float(irr([-1, 1e9]).rate) == pytest.approx(1e9 - 1)
    assert -1 < float(irr([-1, 1e-30]).rate) < -1 + 2 * ULP
    assert roots(expanded([-0.99, 20, 400])) == pytest.approx([-0.99, 20, 400])


def test_a_rate_of_nothing_is_exactly_nothing():
    assert roots([-100, 150, -50]) == [-0.5, 0.0]
    assert roots([-3, 1, 2]) == pytest.approx([0.0], abs=ULP)


@pytest.mark.parametrize("size", [1e-300, 1e-12, 1e12, 1e300])
def test_size_does_not_matter(size):
    assert roots(np.array([-100, 230, -132]) * size) == pytest.approx([0.1, 0.2])
    assert roots(np.array([-100, 60, 60]) * (size / 100)) == pytest.approx(roots([-100, 60, 60]))


def test_sizes_that_float64_cannot_hold_together_are_left_to_whole_numbers():
    found = irr([-1e-300, 1e300, -1e-300])
    assert int(found.count) == 2 and int(found.proof) == Proof.WHOLE
    assert float(found.roots[0]) == pytest.approx(-1, abs=ULP)


def test_years_of_months():
    # 1 % a month is 1.01^12 - 1 a year.
    assert float(irr([-100, 1, 1, 101], periods_per_year=12).rate) == pytest.approx(1.01**12 - 1)


def test_dated_flows_by_hand():
    # 365 days: the plain rate; 730 days: its square root; two flows of one day are one.
    year = [date(2026, 1, 1), date(2027, 1, 1)]
    assert float(irr([-100, 110], dates=year).rate) == pytest.approx(0.10)
    assert float(irr([-100, 121], dates=[date(2026, 1, 1), date(2028, 1, 1)]).rate) == pytest.approx(0.10)
    assert float(irr([60, -100, 50], dates=[year[1], year[0], year[1]]).rate) == pytest.approx(0.10)


def test_microsofts_example_of_xirr():
    # Microsoft's page of XIRR: -10,000, 2,750, 4,250, 3,250, 2,750 on these days give 0.373362535.
    days = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    assert float(irr([-10_000, 2750, 4250, 3250, 2750], dates=days).rate) == pytest.approx(0.373362535, abs=1e-8)


def test_dated_flows_with_several_rates():
    days = [date(2026, 1, 1) + timedelta(days=365 * k) for k in range(3)]
    found = irr([-100, 230, -132], dates=days)
    assert found.roots == pytest.approx(np.array([0.1, 0.2])) and int(found.proof) == Proof.FLOAT


def test_a_dated_double_rate_is_not_guessed():
    days = [date(2026, 1, 1) + timedelta(days=365 * k) for k in range(3)]
    assert int(irr([-4, 12, -9], dates=days).status) == Status.UNDECIDED


def test_modified_rate_by_hand():
    # 100 now; 60 at 10 % for a year and 60: 126 at the end of year 2.
    assert float(mirr([-100, 60, 60], finance_rate=0.08, reinvest_rate=0.10)) == pytest.approx(1.26**0.5 - 1)
    assert np.isnan(mirr([[1, 2], [-1, -2]], finance_rate=0.1, reinvest_rate=0.1)).all()


def test_what_is_wrong_with_flows_is_named():
    with pytest.raises(ValueError, match=r"stream 1, 2, period 3 is nan.*\(1 streams are not\)"):
        irr(np.where(np.arange(24).reshape(2, 3, 4) == 23, np.nan, 1.0))
    with pytest.raises(ValueError, match="period 1 is inf"):
        irr([1, np.inf])
    with pytest.raises(ValueError, match="at least one period"):
        irr(np.zeros((3, 0)))
    with pytest.raises(ValueError, match="2 dates for 3 periods"):
        irr([1, 2, 3], dates=[date(2026, 1, 1)] * 2)
    with pytest.raises(ValueError, match="not both"):
        irr([1, 2], dates=[date(2026, 1, 1)] * 2, periods_per_year=4)
    with pytest.raises(ValueError, match="above 0"):
        irr([1, 2], periods_per_year=0)


def test_streams_of_any_shape_are_answered_one_by_one():
    streams = np.array([[[-100, 110, 0], [-100, 230, -132]], [[1, 1, 1], [-1, 3, -2.5]]])
    found = irr(streams)
    assert found.rate.shape == found.status.shape == (2, 2) and found.roots.shape == (2, 2, 2)
    for at in np.ndindex(2, 2):
        assert found.roots[at][: found.count[at]].tolist() == roots(streams[at])


# ----------------------------------------------------------------------------------------------------- properties


def test_no_root_is_false_and_none_missed_of_hard_streams():
    for kind, flows in hard(600, seed=7):
        assert faults(flows, roots(flows)) == (0, 0), (kind, flows.tolist())


@given(lists(integers(-6, 6), min_size=1, max_size=14))
def test_small_whole_streams_have_as_many_roots_as_sturm_counts(flows):
    poly = whole_numbers(flows)
    count = roots_between(sturm_chain(poly), Fraction(0), None) if len(poly) > 1 else 0
    assert int(irr(flows).count) == count
    assert faults(flows, roots(flows)) == (0, 0)


@given(lists(tuples(integers(1, 40), integers(1, 3)), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_chosen_factors_give_exactly_their_roots(factors):
    # (y - k/16) to the powers 1 to 3; whole numbers times 16^n, which float64 holds up to 2^53.
    flows = np.array([1], dtype=object)
    for growth, times in factors:
        for _ in range(times):
            flows = np.convolve(flows, np.array([16, -growth], dtype=object))
    if max(abs(c) for c in flows) >= 2**53:
        return
    found = irr(flows.astype(float))
    wanted = sorted((growth / 16 - 1, times % 2 == 1) for growth, times in factors)
    assert found.roots.tolist() == pytest.approx([rate for rate, _ in wanted], abs=1e-13)
    assert (found.crossing != 0).tolist() == [odd for _, odd in wanted]


@given(lists(integers(-(10**9), 10**9), min_size=2, max_size=25))
def test_every_root_zeroes_the_value_within_rounding(flows):
    for rate in roots(flows):
        size = sum(abs(f) * (1 + rate) ** -t for t, f in enumerate(flows))
        bent = sum(t * abs(f) * (1 + rate) ** (-t - 1) for t, f in enumerate(flows))  # what the rate's own ulps move
        assert abs(float(npv(rate, flows))) <= 1e-10 * size + 8 * ULP * bent * max(1, abs(rate))


@given(lists(floats(-1e6, 1e6), min_size=2, max_size=25))
def test_roots_are_no_more_than_changes_of_sign_and_crossings_as_odd(flows):
    found = irr(flows)
    signs = [f > 0 for f in flows if f]
    changes = sum(a != b for a, b in pairwise(signs))
    assert int(found.count) <= changes
    assert (np.count_nonzero(found.crossing) - changes) % 2 == 0


@given(flows=lists(integers(-50, 50), min_size=2, max_size=20), power=integers(-40, 40), zeros=integers(0, 5),
       sign=sampled_from([-1, 1]))  # fmt: skip
def test_scale_sign_and_waiting_change_no_root(flows, power, zeros, sign):
    same = [0] * zeros + [sign * 2.0**power * flow for flow in flows] + [0] * zeros
    assert roots(same) == pytest.approx(roots(flows), rel=1e-13, abs=1e-13)
    nonzero = int(irr(flows).count)
    assert (irr(same).crossing[:nonzero] == sign * irr(flows).crossing[:nonzero]).all()


@given(lists(integers(-50, 50), min_size=2, max_size=20))
def test_time_turned_round_turns_one_plus_the_rate_upside_down(flows):
    back = sorted(1 / (1 + rate) - 1 for rate in roots(flows[::-1]))
    assert roots(flows) == pytest.approx(back, rel=1e-9, abs=1e-9)


@given(lists(floats(0.01, 100), min_size=1, max_size=30), lists(floats(0.01, 100), min_size=1, max_size=30))
def test_money_out_then_in_has_one_rate_at_which_its_value_is_nothing(spent, earned):
    flows = [-x for x in spent] + earned
    found = irr(flows)
    assert int(found.status) == Status.UNIQUE and int(found.proof) == Proof.SIGNS and found.crossing.tolist() == [-1]
    assert faults(flows, [float(found.rate)], within=(4 * len(flows) + 20) * 2.0**-53) == (0, 0)


def test_norstroms_criterion_means_one_rate_above_nothing():
    # Norstrom 1972: cumulative flows that change sign once, and do not end at 0, have one rate above 0.
    rng = np.random.default_rng(5)
    streams = np.cumsum(rng.integers(-4, 5, (4000, 8)), axis=1)
    summed = np.sign(np.cumsum(streams, axis=1))
    once = [np.count_nonzero(np.diff(row[row != 0])) == 1 and row[-1] != 0 for row in summed]
    assert sum(once) > 500
    assert ((irr(streams[once]).roots > 0).sum(axis=1) == 1).all()


@pytest.mark.parametrize("periods", [120, 480])
def test_float64_and_whole_numbers_agree_on_long_streams(periods):
    rng = np.random.default_rng(periods)
    for flows in np.cumsum(rng.normal(size=(3, periods)), axis=1):
        found = irr(flows)
        assert int(found.proof) in (Proof.SIGNS, Proof.FLOAT)
        if periods == 120:
            whole = [(Fraction(0), Fraction(2))], [(Fraction(0), Fraction(1, 2))]
            assert roots(flows) == pytest.approx([rate for rate, _ in all_rates(flows.tolist(), *whole)], abs=1e-12)


def test_a_double_root_of_a_long_stream_is_found():
    # (1 - 2 z^60)^2 as flows 1, -4, 4 at periods 0, 60, 120: z = 2^(-1/60), rate 2^(1/60) - 1, touched.
    flows = np.zeros(121)
    flows[[0, 60, 120]] = 1, -4, 4
    found = irr(flows)
    assert found.roots == pytest.approx(np.array([2 ** (1 / 60) - 1])) and found.crossing.tolist() == [0]


def test_multiple_roots_are_taken_out_whole():
    # (y - 3)^3 (y + 2) = (y - 3) (y + 2) without its multiples, up to sign.
    cubed = [comb(3, k) * (-3) ** (3 - k) for k in range(4)]
    poly = np.convolve(cubed, [2, 1]).tolist()
    assert without_multiples([int(c) for c in poly]) in ([-6, -1, 1], [6, 1, -1])


def test_kernels_say_the_same_uncompiled():
    code = (
        "import numpy as np; from gigawatt.finance.returns.irr import irr;"
        "c = np.cumsum(np.random.default_rng(3).normal(size=(40, 12)), axis=1); r = irr(c);"
        "print(r.status.tolist(), r.count.tolist(), np.nan_to_num(r.roots).round(9).tolist())"
    )
    said = {
        subprocess.run([sys.executable, "-c", code], env={**os.environ, **more}, check=True,
                       capture_output=True, text=True).stdout
        for more in ({}, {"NUMBA_DISABLE_JIT": "1"})
    }  # fmt: skip
    assert len(said) == 1


# ---------------------------------------------------------------------------------------------------------- peers


@pytest.mark.peers
def test_numpy_financial_and_pyxirr_agree_where_the_rate_is_unique():
    npf, pyxirr = pytest.importorskip("numpy_financial"), pytest.importorskip("pyxirr")
    streams = typical(200, 25, seed=3)
    ours = irr(streams).rate
    # Both stop at steps of about 1e-10 or less.
    assert ours == pytest.approx(np.array([npf.irr(row) for row in streams]), abs=1e-9)
    assert ours == pytest.approx(np.array([pyxirr.irr(row) for row in streams]), abs=1e-9)
    assert mirr(streams, finance_rate=0.07, reinvest_rate=0.04) == pytest.approx(
        np.array([npf.mirr(row, 0.07, 0.04) for row in streams]), abs=1e-12
    )


@pytest.mark.peers
def test_pyxirr_agrees_on_dates():
    pyxirr = pytest.importorskip("pyxirr")
    days = [date(2026, 1, 31) + timedelta(days=91 * k + k % 3) for k in range(40)]
    for row, rate in zip(streams := typical(50, 40), irr(streams, dates=days).rate, strict=True):
        assert pyxirr.xirr(days, row) == pytest.approx(rate, abs=1e-9)


# ------------------------------------------------------------------------------------------------------- benchmark


def test_the_benchmark_finds_no_false_root_and_misses_none(capsys):
    finance_irr.main(["--size", "small"])
    printed = capsys.readouterr().out
    assert "0 false, 0 missed" in printed and "us" in printed


def test_a_choice_of_root_that_is_unknown_is_refused():
    with pytest.raises(ValueError, match="choose 'bogus'; allowed: falling, nearest, none"):
        irr([-1.0, 2.0], choose="bogus")
