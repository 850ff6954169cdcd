"""Draws, break-even, tornado, and cases with the debt as it was signed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.finance.project import (
    Asset,
    Capacity,
    Contract,
    Covenants,
    Merchant,
    Phase,
    Project,
    Repayment,
    Reserves,
    Taxes,
    Tranche,
    evaluate,
    model_of,
)
from gigawatt.finance.project.answers import OWNERS_NPV, break_even, tornado
from gigawatt.finance.project.draws import Range, draw, spread_of
from gigawatt.finance.project.holding import evaluate_case, holding

SENIOR = Tranche(name="senior", repayment=Repayment.sculpted, dscr=1.4, gearing=0.6, years=5, base_rate=(0.04,),
                 spread=0.02, upfront_fee=0.01)  # fmt: skip
JUNIOR = Tranche(name="junior", repayment=Repayment.level, gearing=0.7, years=4, base_rate=(0.08,))
PLAIN = Project(
    name="plain", operation_years=6, delay_months=12,
    assets=(Asset(name="chips", capex_usd=3e9, life_years=6), Asset(name="shell", capex_usd=1e9, life_years=20)),
    phases=(Phase(months=12),),
    capacity=Capacity(chips=50_000, it_mw=100, pue=1.2),
    contracts=(Contract(name="anchor", usd_per_chip_h=3.2, share=0.8, months=60),),
    merchant=Merchant(usd_per_chip_h=(3.0, 2.5, 2.0), utilisation=0.6), energy_usd_per_mwh=60, taxes=Taxes(rate=0.25),
    debt=(SENIOR, JUNIOR), reserves=Reserves(debt_service_months=6), covenants=Covenants(lockup_dscr=1.15),
    cases={
        "cheap": {"contracts.anchor.usd_per_chip_h": 1.5, "merchant.usd_per_chip_h": 0.8},
        "late": {"phases.all.months": 21.0},
        "rates": {"debt.senior.base_rate": (0.04, 0.07, 0.07)},
        "same": {},
    },
)  # fmt: skip
RANGES = {
    "assets.chips.capex_usd": Range((3e9,), (2.5e9,), (3.6e9,)),
    "merchant.usd_per_chip_h": Range((3.0, 2.5, 2.0), (2.0, 1.5, 1.0), (4.0, 3.5, 3.0)),
    "merchant.utilisation": Range((0.6,), (0.4,), (0.9,)),
}
INPUTS = model_of(PLAIN).inputs
BASE = evaluate(PLAIN)


def test_nine_draws_of_ten_fall_into_the_range():
    drawn = draw(INPUTS, RANGES, 20_000)["assets.chips.capex_usd"]
    assert np.mean((drawn > 2.5e9) & (drawn < 3.6e9)) == pytest.approx(0.9, abs=0.01)
    assert np.median(drawn) == pytest.approx(3e9, rel=0.005)


def test_a_range_that_reaches_below_zero_is_normal():
    z = np.array([-1.6448536269514722, 0.0, 1.6448536269514722])
    assert Range((0.0,), (-1.0,), (1.0,)).at(z)[:, 0] == pytest.approx([-1, 0, 1])
    assert Range((2.0,), (1.0,), (4.0,)).at(z)[:, 0] == pytest.approx([1, 2, 4])


def test_a_draw_is_the_same_whatever_else_is_drawn():
    alone = draw(INPUTS, {"merchant.utilisation": RANGES["merchant.utilisation"]}, 1, seed=7, first=12)
    together = draw(INPUTS, RANGES, 20, seed=7)
    assert alone["merchant.utilisation"][0] == together["merchant.utilisation"][12]


def test_shares_stay_shares_and_years_of_a_table_move_together():
    drawn = draw(INPUTS, RANGES, 5_000)
    assert drawn["merchant.utilisation"].max() == 1.0
    prices = drawn["merchant.usd_per_chip_h"]
    assert prices.shape == (5_000, 3)
    assert np.array_equal(np.argsort(prices[:, 0]), np.argsort(prices[:, 2]))


def test_quantiles_leave_out_what_has_no_value():
    assert spread_of(np.array([1.0, np.nan, 3.0]), (0.5,)) == (2.0,)
    assert np.isnan(spread_of(np.array([np.nan]), (0.5,))[0])


def test_debt_held_at_the_values_of_the_base_is_the_debt_of_the_base():
    held = evaluate(PLAIN, holding(BASE, {"assets.chips.capex_usd": np.array([3e9, 3e9])}), keep=["loans.balance_usd"])
    for name in ("returns.owners_irr", "cover.least_dscr", "debt.usd", "cover.least_llcr"):
        assert held.answers[name] == pytest.approx([BASE.answers[name]] * 2, rel=1e-9)
    assert held.lines["loans.balance_usd"][:, 0] == pytest.approx(BASE.lines["loans.balance_usd"], abs=1.0)


def test_a_case_without_changes_is_the_base_case():
    same = evaluate_case(PLAIN, "same", BASE)
    for name, value in BASE.answers.items():
        assert same.answers[name] == pytest.approx(value, rel=1e-9, abs=1e-6, nan_ok=True), name


def test_a_lower_price_after_signing_leaves_the_debt_and_takes_the_cover():
    case, sized = evaluate_case(PLAIN, "cheap", BASE), evaluate(PLAIN, case="cheap")
    assert case["debt.usd"] == pytest.approx(BASE["debt.usd"])
    assert sized["debt.senior.usd"] < BASE["debt.senior.usd"]
    assert case["cover.least_dscr"] < BASE["cover.least_dscr"]
    assert abs(case["checks.balance_sheet"]).max() < 0.01


def test_a_delay_moves_the_plan_of_repayment_with_completion():
    late = evaluate_case(PLAIN, "late", BASE)
    moved = round(late["time.completion"] - BASE["time.completion"])
    assert moved == 3
    assert late["debt.senior.planned_usd"][3 + 4 : -4] == pytest.approx(BASE["debt.senior.planned_usd"][4:-7], abs=1.0)
    assert late["checks.fits"].max() == 0
    assert abs(late["checks.balance_sheet"]).max() < 0.01


def test_higher_rates_raise_interest_and_leave_principal():
    dearer = evaluate_case(PLAIN, "rates", BASE)
    assert dearer["debt.senior.planned_usd"][4:] == pytest.approx(BASE["debt.senior.planned_usd"][4:], abs=1.0)
    assert dearer["finance.interest_usd"].sum() > BASE["finance.interest_usd"].sum()
    assert dearer["cover.left_usd"] == pytest.approx(0, abs=0.01)


def test_an_unknown_case_is_named():
    with pytest.raises(ValueError, match=r"'worse' is not in the project \(known: cheap, late"):
        evaluate_case(PLAIN, "worse", BASE)


@pytest.mark.parametrize("held", [True, False])
def test_at_a_break_even_the_answer_is_at_its_goal(held):
    found = break_even(PLAIN, "contracts.anchor.usd_per_chip_h", held=held)
    assert found.status == "one"
    changed = {"contracts.anchor.usd_per_chip_h": np.array(found.values)}
    given = holding(BASE, changed) if held else changed
    assert evaluate(PLAIN, given)[OWNERS_NPV][0] == pytest.approx(0, abs=1_000)


def test_the_price_without_debt_and_tax_is_the_levelised_cost():
    # NPV of cost over NPV of hours is the one price at which NPV is 0, by definition.
    bare = replace(PLAIN, debt=(), reserves=Reserves(), covenants=Covenants(), taxes=Taxes(), merchant=Merchant(),
                   cases={}, contracts=(replace(PLAIN.contracts[0], share=1.0, months=72),))  # fmt: skip
    found = break_even(bare, "contracts.anchor.usd_per_chip_h", "returns.project_npv_usd")
    assert found.values[0] == pytest.approx(evaluate(bare)["lcoc.usd_per_chip_h"], rel=1e-6)


def test_several_inputs_move_by_one_factor():
    prices = ("contracts.anchor.usd_per_chip_h", "merchant.usd_per_chip_h")
    found = break_even(PLAIN, prices)
    assert found.relative
    scaled = replace(
        PLAIN,
        contracts=(replace(PLAIN.contracts[0], usd_per_chip_h=3.2 * found.values[0]),),
        merchant=replace(PLAIN.merchant, usd_per_chip_h=tuple(p * found.values[0] for p in (3.0, 2.5, 2.0))),
    )
    assert evaluate(scaled)[OWNERS_NPV] == pytest.approx(0, abs=1_000)


def test_no_break_even_is_said_with_the_answers_at_the_ends():
    found = break_even(PLAIN, "merchant.utilisation", goal=1e12)
    assert found.status == "none"
    assert found.at_low < found.at_high < 1e12
    assert (found.low, found.high) == (0, 1)


def test_a_break_even_on_a_step_is_where_the_step_is():
    found = break_even(PLAIN, "phases.all.months", "time.completion", goal=4.5, low=3, high=24)
    assert (found.status, found.values) == ("step", ())  # completion jumps from 4 to 5 and is never between
    assert found.steps[0] == pytest.approx(13.5, abs=1e-3)


def test_a_break_even_over_which_nothing_changes_is_a_range():
    found = break_even(PLAIN, "phases.all.months", "time.completion", goal=5, low=3, high=24)
    assert (found.status, found.values) == ("range", ())
    assert found.level[0] == pytest.approx((13.5, 16.4), abs=0.2)


def test_a_break_even_has_periods_for_the_latest_that_is_looked_at():
    # 6 years of a contract at a price that just carries a delay: without more periods the last years would be cut off.
    short = replace(PLAIN, delay_months=0, cases={})
    far = break_even(short, "phases.all.months", "time.end", low=3, high=60, goal=0)
    assert far.at_high == 20 + 24


def test_a_break_even_looks_below_zero_where_the_input_is():
    dearer = replace(PLAIN, contracts=(replace(PLAIN.contracts[0], escalation=-0.02),), cases={})
    found = break_even(dearer, "contracts.anchor.escalation", "returns.owners_npv_usd", goal=0)
    assert (found.low, found.high) == pytest.approx((-0.1, 0.1))


def test_draws_stay_within_what_an_input_can_be():
    wide = {"capacity.pue": Range((1.05,), (1.0,), (1.3,))}
    assert draw(INPUTS, wide, 5_000)["capacity.pue"].min() == 1.0


def test_a_number_is_one_draw():
    alone = evaluate(PLAIN, {"capacity.chips": 50_000.0})
    assert alone[OWNERS_NPV] == pytest.approx([BASE[OWNERS_NPV]])


def test_a_draw_that_ends_after_the_last_period_has_no_answers():
    late = evaluate(replace(PLAIN, delay_months=0, cases={}), {"phases.all.months": np.array([12.0, 24.0])})
    assert np.isfinite(late[OWNERS_NPV]).tolist() == [True, False]


def test_an_input_that_leaves_no_rate_comes_first():
    ranges = RANGES | {"assets.shell.capex_usd": Range((1e9,), (0.9e9,), (1.1e9,)),
                       "contracts.anchor.share": Range((0.8,), (1e-6,), (0.9,))}  # fmt: skip
    bars = tornado(PLAIN, ranges)[1]
    assert bars[0].input == "contracts.anchor.share"
    assert bars[0].blank
    assert not bars[-1].blank


def test_what_is_no_input_or_answer_is_named():
    with pytest.raises(ValueError, match="'merchant.use' is no input"):
        break_even(PLAIN, "merchant.use")
    with pytest.raises(ValueError, match="'npv' is no answer"):
        break_even(PLAIN, "merchant.utilisation", "npv")
    with pytest.raises(ValueError, match="no room"):
        break_even(PLAIN, "merchant.utilisation", low=1, high=0.5)


def test_a_tornado_has_the_answers_at_the_ends_of_each_range_alone():
    base, bars = tornado(PLAIN, RANGES, OWNERS_NPV, held=False)
    assert base == BASE[OWNERS_NPV]
    assert [bar.span for bar in bars] == sorted((bar.span for bar in bars), reverse=True)
    for bar in bars:
        for value, answer in ((RANGES[bar.input].low, bar.at_low), (RANGES[bar.input].high, bar.at_high)):
            drawn = {bar.input: np.array([value]) if len(value) > 1 else np.array(value)}
            assert evaluate(PLAIN, drawn)[OWNERS_NPV][0] == pytest.approx(answer, rel=1e-9)


def test_a_tornado_of_the_debt_needs_it_sized_again():
    held = tornado(PLAIN, RANGES, "debt.usd")[1]
    sized = tornado(PLAIN, RANGES, "debt.usd", held=False)[1]
    assert max(bar.span for bar in held) == pytest.approx(0, abs=1)
    assert max(bar.span for bar in sized) > 1e6


def test_without_ranges_there_is_no_tornado():
    with pytest.raises(ValueError, match="no input has a range"):
        tornado(PLAIN, {})


@settings(max_examples=15, deadline=None)
@given(price=st.floats(1.5, 4.5), months=st.sampled_from([12.0, 15.0, 18.0]), rate=st.floats(0.01, 0.09))
def test_held_debt_keeps_every_ledger_closed(price, months, rate):
    drawn = {"contracts.anchor.usd_per_chip_h": np.array([price]), "phases.all.months": np.array([months]),
             "debt.senior.base_rate": np.array([[rate]])}  # fmt: skip
    checks = ["checks.balance_sheet", "checks.sources_and_uses", "checks.nothing_below_zero"]
    result = evaluate(PLAIN, holding(BASE, drawn), keep=checks)
    for name in checks:
        assert abs(result.lines[name]).max() < 0.01
    assert result["debt.usd"][0] == pytest.approx(BASE["debt.usd"])
