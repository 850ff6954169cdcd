"""What carries a programme: just enough, draw by draw, and said to be nothing or none where it is."""

from dataclasses import replace

import numpy as np
import pytest

from gigawatt.finance.programmes.answers import by_calendar_year, gap_usd
from gigawatt.finance.programmes.fund import fund
from gigawatt.finance.programmes.plan import Scale, quarterly_revenue
from gigawatt.finance.programmes.required import required, required_each
from tests.finance.programme_cases import BN, BUILDER, LAB, SMALL


@pytest.mark.parametrize("what", ["revenue", "growth", "price", "utilisation"])
@pytest.mark.parametrize("goal", ["funded", "break-even"])
def test_what_is_required_is_just_enough(what, goal):
    found = required(LAB, what, goal)
    value = float(found.value[0])
    if what == "growth":
        value = (1 + value) ** 5 * 13.1 * BN
    planned = {"revenue": 200 * BN, "growth": 200 * BN, "price": LAB.price_usd_per_gwh, "utilisation": 1.0}[what]

    def reached(factor):
        if what == "price":
            scale = Scale(price=value / planned * factor)
        elif what == "utilisation":
            scale = Scale(sold=value * factor)
        else:
            scale = Scale(growth=(value / planned), unbound=True)
            # Revenue of a year is not quite proportional to the factor; the search itself is exact to 3e-4.
            scale = replace(scale, growth=_growth_that_gives(value * factor))
        funding = fund(LAB, scale=scale)
        free = by_calendar_year(funding, funding.free_cash)[4:]
        return gap_usd(funding)[0] <= 1e3 if goal == "funded" else bool((free >= 0).all())

    assert reached(1.001)
    assert not reached(0.999)


def _growth_that_gives(revenue_usd):
    low, high = 0.01, 100.0
    for _ in range(60):
        middle = (low * high) ** 0.5
        found = by_calendar_year(*(lambda f: (f, f.plan.revenue))(fund(LAB, scale=Scale(growth=middle, unbound=True))))
        low, high = (middle, high) if found[4, 0] < revenue_usd else (low, middle)
    return high


def test_more_is_required_of_customers_alone_than_with_lenders():
    for what in ("revenue", "price", "utilisation"):
        funded, alone = (required(LAB, what, goal).value[0] for goal in ("funded", "break-even"))
        assert alone > funded > 0


def test_what_nothing_carries_is_said_to_need_nan_and_what_needs_nothing_zero():
    hopeless = replace(BUILDER, sources=(), revenue_usd=((2025, BN), (2029, 2 * BN)), cash_usd=0.0)
    assert np.isnan(required(hopeless, "growth").value).all()
    rich = replace(SMALL, cash_usd=1000 * BN)
    assert required(rich, "price").value.tolist() == [0]


def test_required_values_of_draws_are_those_of_each_draw_alone():
    many = required(LAB, "price", "funded", 6, 3).value
    alone = [required(LAB, "price", "funded", 1, 3, first=n).value[0] for n in range(6)]
    assert many.tolist() == alone


@pytest.mark.parametrize("draws", [None, 5])
def test_all_questions_at_once_are_answered_as_one_by_one(draws):
    for each in required_each(LAB, draws=draws, seed=2):
        alone = required(LAB, each.what, each.goal, draws, 2)
        assert each.value.tolist() == pytest.approx(alone.value.tolist(), rel=1e-12)
        assert each.needs_sold.tolist() == pytest.approx(alone.needs_sold.tolist(), rel=1e-12)
        assert (each.unit, each.planned) == (alone.unit, alone.planned)


def test_a_plan_that_ends_before_its_target_year_is_asked_for_its_last_year():
    short = replace(LAB, years=3)
    found = required(short, "revenue")
    assert short.asked_year == 2028
    assert found.planned == pytest.approx(quarterly_revenue(short)[8:].sum())
