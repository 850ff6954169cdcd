"""Backtest of 1999 to 2002: nothing known later enters, the stop test by hand and by the general engine, losses."""

import ast
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigawatt import catalog
from gigawatt.deals import backtest as package
from gigawatt.deals.backtest.baselines import BASELINES, baselines
from gigawatt.deals.backtest.draws import draws
from gigawatt.deals.backtest.engine import by_engine
from gigawatt.deals.backtest.inputs import ASSUMPTIONS, FIELDS, FROZEN, inputs, widened
from gigawatt.deals.backtest.losses import losses
from gigawatt.deals.backtest.outcomes import TABLE, defaulted, outcome
from gigawatt.deals.backtest.recall import recalled
from gigawatt.deals.backtest.run import backtest, quarter_name
from gigawatt.deals.backtest.stop import lines_by_carrier, stop
from gigawatt.deals.backtest.variants import CHANGES, changed, run
from gigawatt.deals.backtest.verdict import verdict

FOLDER = Path(package.__file__).parent
TERMS = np.array([[0.75, 0.5, 0.3, 0.5, 1.0]])
M = 1e6


def firm(cash=100.0, committed=0.0, ebitda=-40.0, before=-40.0, capex=100.0, interest=8.0, due=(0.0, 0.0, 0.0)):
    """One carrier as FIELDS, shape (1, fields, 1), in millions."""
    values = (cash, committed, 500.0, 50.0, ebitda, before, capex, interest, *due)
    assert len(values) == len(FIELDS)
    return np.array(values).reshape(1, -1, 1) * M


def test_of(carrier, lines=0.0, terms=TERMS, quarters=12):
    return stop(carrier, np.array([[lines * M]]), terms, quarters)


test_of.__test__ = False


# ------------------------------------------------------------------------------------------------ what may be known


@pytest.mark.parametrize("frozen", FROZEN)
def test_no_input_is_later_than_the_freeze(frozen):
    rows = [fact for fact in inputs(frozen).facts if fact.table != "telecom_assumptions"]
    assert rows and {fact.table for fact in rows} == {"telecom", "telecom_loans", "telecom_vendors"}
    for fact in rows:
        assert date.fromisoformat(fact.as_of) <= date(frozen, 12, 31), fact
        assert fact.attribute.startswith((f"{frozen}.", f"{frozen - 1}.")), fact


@pytest.mark.parametrize("frozen", FROZEN)
def test_the_test_runs_without_the_table_of_what_happened(frozen, monkeypatch):
    def closed(read):
        def guarded(table, *rest, **options):
            assert table != TABLE, "the test opened the outcomes"
            return read(table, *rest, **options)

        return guarded

    for name in ("items", "facts", "fact", "value"):
        monkeypatch.setattr(catalog, name, closed(getattr(catalog, name)))
    known = inputs(frozen)
    drawn = draws(known, 5)
    test = run(known, drawn, known.quarters)
    assert losses(known, drawn, test).lost_usd.shape == (6, len(known.vendors))
    assert set(baselines(drawn.carrier)) == set(BASELINES)
    by_engine(known, drawn, known.quarters)
    with pytest.raises(AssertionError, match="opened the outcomes"):
        outcome("Winstar")


def test_no_module_of_the_test_imports_what_happened():
    for name in ("inputs", "draws", "stop", "losses", "engine", "baselines", "scores"):
        tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any(module and module.endswith(("outcomes", "run", "variants")) for module in imported), name
        assert TABLE not in (FOLDER / f"{name}.py").read_text(encoding="utf-8"), name


def test_other_outcomes_change_scores_and_no_ranking(monkeypatch):
    first = backtest(1999, draws_count=3)
    monkeypatch.setattr("gigawatt.deals.backtest.run.defaulted", lambda names: ~defaulted(names))
    second = backtest(1999, draws_count=3)
    assert [row.carrier for row in first.carriers] == [row.carrier for row in second.carriers]
    assert [row.first_gap for row in first.carriers] == [row.first_gap for row in second.carriers]
    assert second.scores[0].auc.value == pytest.approx(1 - first.scores[0].auc.value)


# --------------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize("frozen", FROZEN)
def test_there_are_at_least_five_makers_that_lent_and_twenty_carriers_of_both_kinds(frozen):
    known = inputs(frozen)
    lent = np.bincount(known.loan_vendor, known.loan.value.sum(axis=0), len(known.vendors))
    assert (lent > 0).sum() >= 5 and len(known.carriers) >= 20
    failed = defaulted(known.carriers)
    assert failed.sum() >= 15 and (~failed).sum() >= 15


@pytest.mark.parametrize("frozen", FROZEN)
def test_every_default_is_after_the_freeze_and_by_the_end_of_2002(frozen):
    for name in inputs(frozen).carriers:
        found = outcome(name)
        assert found.defaulted == (found.on is not None), name
        if found.on:
            assert date(frozen, 12, 31) < found.on <= date(2002, 12, 31), name
        assert found.later is None or (found.later > date(2002, 12, 31) and not found.defaulted), name


def test_figures_from_memory_say_so_and_have_a_range():
    for table in ("telecom", "telecom_vendors"):
        for item in catalog.items(table):
            for fact in catalog.facts(table, item).values():
                if fact.source == "own-estimate" and not isinstance(fact.value, str):
                    assert "from memory of" in fact.note and "unverified" in fact.note, fact
                    assert fact.low is not None, fact
                    assert fact.low < fact.value < fact.high or fact.value == 0.0, fact


@pytest.mark.parametrize("frozen", FROZEN)
def test_what_makers_lent_is_part_of_the_debt(frozen):
    known = inputs(frozen)
    lent = np.bincount(known.loan_carrier, known.loan.value[0], len(known.carriers))
    assert (lent <= known.middle("debt_usd")).all()


# ----------------------------------------------------------------------------------------------------- the stop test


def test_cash_lasts_for_cash_over_what_is_spent_a_quarter():
    # A quarter of a year: EBITDA -10, interest 2, capex 0.75 * 25 = 18.75; together 30.75 out of 100.
    assert test_of(firm()).gap[0, 0] == pytest.approx(100 / 30.75)


def test_lines_of_vendors_pay_for_equipment_and_for_nothing_else():
    # Lines of 50 pay capex of 18.75, 18.75 and 12.5: out go 12, 12, 18.25 and 30.75; 27 are left. In the second year
    # capex is 12.5 a quarter: 24.5 out in the fifth quarter, then 2.5 of 24.5 in the sixth.
    found = test_of(firm(), lines=50.0)
    assert found.gap[0, 0] == pytest.approx(5 + 2.5 / 24.5)
    assert found.drawn_usd[0, 0] == pytest.approx(50 * M)
    assert test_of(firm(capex=0.0), lines=50.0).gap[0, 0] == pytest.approx(test_of(firm(capex=0.0)).gap[0, 0])


def test_ebitda_repeats_a_fading_part_of_the_last_change():
    # From -80 to -40 with half kept: -20, -10, -5 a year; interest 8, no capex: 7, 4.5 and 3.25 a quarter.
    found = test_of(firm(before=-80.0, capex=0.0))
    assert found.liquid_usd[0, 0, [3, 7, 11]] / M == pytest.approx([100 - 28, 100 - 46, 100 - 59])
    assert not found.failed[0, 0]
    assert found.need[0, 0] == pytest.approx(0.59)
    assert found.distress[0, 0] == pytest.approx(0.59 / 12)


def test_principal_falls_due_in_its_year():
    found = test_of(firm(ebitda=8.0, before=8.0, capex=0.0, due=(0.0, 400.0, 0.0)))
    assert found.gap[0, 0] == pytest.approx(4 + 1)


def test_ranking_is_continuous_where_a_firm_just_lasts():
    # Without capex 12 go out a quarter: 144 is what three years need.
    short, enough = (test_of(firm(capex=0.0, cash=cash)) for cash in (144 - 1e-6, 144 + 1e-6))
    assert short.failed[0, 0] and not enough.failed[0, 0]
    assert short.distress[0, 0] == pytest.approx(enough.distress[0, 0]) == pytest.approx(1 / 12)


def test_a_firm_with_nothing_that_needs_nothing_is_not_distressed():
    idle = firm(cash=0.0, ebitda=8.0, before=8.0, capex=0.0)
    assert test_of(idle).distress[0, 0] == 0.0
    assert np.isfinite(test_of(firm(cash=0.0)).distress[0, 0])


@given(
    cash=st.floats(0, 500), more=st.floats(1, 500), lines=st.floats(0, 300), ebitda=st.floats(-200, 200),
    capex=st.floats(0, 300), quarters=st.integers(1, 12),
)  # fmt: skip
def test_more_cash_and_lines_never_end_sooner_and_never_rank_worse(cash, more, lines, ebitda, capex, quarters):
    poor = test_of(firm(cash=cash, ebitda=ebitda, capex=capex), lines, quarters=quarters)
    rich = test_of(firm(cash=cash + more, ebitda=ebitda, capex=capex), lines, quarters=quarters)
    dry = test_of(firm(cash=cash, ebitda=ebitda, capex=capex), 0.0, quarters=quarters)
    assert rich.gap[0, 0] >= poor.gap[0, 0] >= dry.gap[0, 0]
    assert rich.distress[0, 0] <= poor.distress[0, 0] <= dry.distress[0, 0]


@pytest.mark.parametrize("frozen", FROZEN)
@pytest.mark.parametrize("change", ["", "withdrawn", "no cut"])
def test_the_general_engine_names_the_same_carriers_in_the_same_quarters(frozen, change):
    known = inputs(frozen)
    drawn = draws(known, 0)
    if change:
        drawn = changed(drawn, CHANGES[change][1])
    mine = run(known, drawn, known.quarters)
    engine = by_engine(known, drawn, known.quarters)
    last = np.where(mine.failed[0], np.ceil(np.where(mine.failed[0], mine.gap[0], 1.0)) - 1, -1)
    assert engine.first_default_quarter[: len(known.carriers)].tolist() == last.tolist()
    assert not engine.defaulted[len(known.carriers) :].any()


def test_quarters_have_names_of_the_calendar():
    assert quarter_name(1999, 0.01) == "2000Q1"
    assert quarter_name(1999, 1.0) == "2000Q1"
    assert quarter_name(1999, 4.2) == "2001Q1"
    assert quarter_name(2000, 7.9) == "2002Q4"
    assert quarter_name(2000, float("inf")) == ""


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="1999 or 2000"):
        backtest(2001)
    with pytest.raises(ValueError, match="from 1 to 8"):
        backtest(2000, shut=9)
    with pytest.raises(ValueError, match="draws: -1"):
        backtest(2000, draws_count=-1)
    with pytest.raises(ValueError, match="quarters: 13"):
        test_of(firm(), quarters=13)


# ------------------------------------------------------------------------------------------------- draws and losses


@pytest.mark.parametrize("frozen", FROZEN)
def test_draws_stay_within_their_ranges_and_begin_with_the_central_values(frozen):
    known = inputs(frozen)
    drawn = draws(known, 200)
    for ranged, values in ((known.carrier, drawn.carrier), (known.loan, drawn.loan), (known.vendor, drawn.vendor)):
        assert (values >= ranged.low - 1e-6).all() and (values <= ranged.high + 1e-6).all()
        assert (values[0] == ranged.value).all()
    assert drawn.assumption.shape == (201, len(ASSUMPTIONS) + 2)
    again = draws(known, 200)
    assert (again.carrier == drawn.carrier).all() and (draws(known, 200, seed=2).carrier != drawn.carrier).any()


@pytest.mark.parametrize("frozen", FROZEN)
def test_wider_ranges_hold_the_narrower_ones_and_keep_their_signs(frozen):
    known, wide = inputs(frozen), widened(inputs(frozen), 3.0)
    for name in ("carrier", "vendor", "loan", "assumption"):
        before, after = getattr(known, name), getattr(wide, name)
        assert (after.value == before.value).all()
        assert (after.low <= before.low).all() and (after.high >= before.high).all()
        assert (after.low <= after.value).all() and (after.value <= after.high).all()
    amounts = [FIELDS.index(name) for name in FIELDS if "ebitda" not in name]
    assert (wide.carrier.low[amounts] >= 0).all() and (wide.loan.low >= 0).all()
    assert (wide.assumption.high <= 1).all() and (wide.assumption.low >= 0).all()
    point = widened(known, 0.0)
    assert (draws(point, 3).carrier[1:] == known.carrier.value).all()
    with pytest.raises(ValueError, match="widen"):
        widened(known, -1.0)


def test_what_was_recalled_is_kept_beside_what_was_found():
    rows = recalled()
    assert len(rows) == 14 and sum(row.is_within for row in rows) == 10
    for row in rows:
        found = catalog.fact("telecom", row.carrier, row.attribute)
        assert found.source != "own-estimate" and found.value == row.found_usd


@pytest.mark.parametrize("frozen", FROZEN)
def test_makers_lose_the_stated_share_of_loans_to_carriers_that_fail_and_nothing_else(frozen):
    known = inputs(frozen)
    drawn = draws(known, 0)
    test = run(known, drawn, known.quarters)
    found = losses(known, drawn, test)
    drawn_usd, undrawn_usd = drawn.loan[0]
    bad = test.failed[0][known.loan_carrier]
    expected = np.bincount(known.loan_vendor, np.where(bad, 0.6 * (drawn_usd + 0.5 * undrawn_usd), 0.0), 9)
    assert found.lost_usd[0] == pytest.approx(expected, abs=1.0)
    assert not found.failed.any()


def test_withdrawn_lines_are_never_lent():
    known = inputs(1999)
    drawn = changed(draws(known, 0), CHANGES["withdrawn"][1])
    found = losses(known, drawn, run(known, drawn, 12))
    named = np.bincount(known.loan_vendor, known.loan.value[0], len(known.vendors))
    assert found.lent_usd[0] == pytest.approx(named)


def test_lines_add_up_by_carrier():
    known = inputs(2000)
    total = lines_by_carrier(known, known.loan.value[1][np.newaxis])
    assert total.sum() == pytest.approx(known.loan.value[1].sum())


# ------------------------------------------------------------------------------------------------------- the answer


@pytest.mark.parametrize("frozen", FROZEN)
def test_the_answer_says_what_the_data_cannot_carry(frozen):
    found = backtest(frozen, draws_count=200)
    text = " ".join(verdict(found))
    assert "from memory" in text and "intervals are too narrow" in text
    leverage = next(row for row in found.scores if row.name == "leverage")
    assert leverage.ahead is not None
    shown = leverage.ahead.low > 0 and leverage.ahead_low > 0
    after = text.split("Against leverage")[1].split(".:")[0]
    assert ("the stop test ranks better" in after.split("Against size")[0]) == shown
    constant = next(row for row in found.scores if row.name == "constant")
    assert constant.auc.value == 0.5
    assert [row.rank for row in found.carriers] == list(range(1, len(found.carriers) + 1))
    assert sum(row.defaulted for row in found.carriers) == found.defaults
