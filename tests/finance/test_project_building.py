"""Assets: bought, bought again, worn and sold."""

from hypothesis import given
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Merchant, Phase
from tests.finance.project_cases import MANY, one, projects, row, small, worked


def chips(**changes):
    return (Asset(**{"name": "all", "capex_usd": 1000, "life_years": 5, **changes}),)


def test_a_value_falls_geometrically_to_the_residual_and_is_sold_at_the_end():
    # 0.4096 = 0.8^4: after two of four years it is worth 640, and the books say 1,000 - 2 x 250 = 500.
    values = worked(small(assets=chips(life_years=4, residual=0.4096), operation_years=2))
    assert row(values, "capex.sold_usd") == approx([0, 0, 640])
    assert row(values, "book.worn_usd") == approx([0, 250, 250])
    assert row(values, "book.lost_usd") == approx([0, 0, 500])
    assert row(values, "income.gain_usd") == approx([0, 0, 140])


def test_chips_are_bought_again_at_the_trend_and_the_old_ones_sold():
    # Lives end after years 2 and 4: 600 x 0.9^2 = 486, 600 x 0.9^4 = 393.66. Sold: 250 of 1,000, then 121.5 of 486;
    # at the end the last ones, of age 1 of 2, are worth 0.25^(1/2) = half of 393.66.
    bought = chips(life_years=2, refreshed=True, refresh_usd=600, refresh_trend=-0.1, residual=0.25)
    values = worked(small(assets=bought))
    assert row(values, "capex.refresh_usd") == approx([0, 0, 486, 0, 393.66, 0])
    assert row(values, "capex.sold_usd") == approx([0, 0, 250, 0, 121.5, 196.83])
    assert row(values, "phases.all.age_years") == approx([0, 0, 1, 0, 1, 0])


def test_nothing_is_bought_for_less_than_the_least_use():
    bought = {"life_years": 2, "refreshed": True, "refresh_usd": 600}
    assert row(worked(small(assets=chips(**bought, least_use_years=1.0))), "capex.refresh_usd")[4] == approx(600)
    assert row(worked(small(assets=chips(**bought, least_use_years=1.5))), "capex.refresh_usd")[4] == 0


def test_a_guarantor_makes_up_the_residual_value_on_the_day_a_life_ends():
    # 40 % promised, 25 % got: 15 % of 1,000 where another takes its place, and of 600 where that one's life ends too;
    # nothing at the end for the third, which is one year old.
    bought = chips(life_years=2, refreshed=True, refresh_usd=600, residual=0.25, guaranteed_residual=0.4)
    assert row(worked(small(assets=bought)), "capex.guaranteed_usd") == approx([0, 0, 150, 0, 90, 0])
    assert row(worked(small(assets=bought, operation_years=2)), "capex.guaranteed_usd") == approx([0, 0, 150])


def test_what_nothing_takes_the_place_of_is_sold_when_it_stops_earning():
    # Life 2 years, in use for 5: worth 0.25^(5/2) of 1,000 at the end, and no guarantee that late.
    values = worked(small(assets=chips(life_years=2, residual=0.25, guaranteed_residual=0.4)))
    assert row(values, "capex.sold_usd") == approx([0, 0, 0, 0, 0, 31.25])
    assert row(values, "capex.guaranteed_usd").sum() == 0
    assert row(values, "revenue.usd")[1:] == approx([1000] * 5)


def test_older_chips_sell_for_less_and_fail_until_they_are_bought_again():
    # Half in service a year before the other half; two years of life; prices fall by 20 % a year of age.
    halves = (Phase(name="one", share=0.5, months=12), Phase(name="two", share=0.5, start_month=12, months=12))
    bought = chips(life_years=2, refreshed=True, refresh_usd=600)
    market = Merchant(usd_per_chip_h=(1.0,), utilisation=1.0, ageing=-0.2)
    values = worked(small(assets=bought, phases=halves, contracts=(), merchant=market))
    assert row(values, "phases.one.age_years")[1:] == approx([0, 1, 0, 1, 0, 1])
    assert row(values, "phases.two.age_years")[2:] == approx([0, 1, 0, 1, 0])
    assert row(values, "merchant.aged")[1:] == approx([1, 0.9, 0.9, 0.9, 0.9, 0.9])


def test_each_phase_wears_from_its_own_completion():
    # 500 over two years from each half: 250, then 500, then 250.
    halves = (Phase(name="one", share=0.5, months=12), Phase(name="two", share=0.5, start_month=12, months=12))
    values = worked(small(assets=chips(life_years=2), phases=halves))
    assert row(values, "book.worn_usd") == approx([0, 250, 500, 250, 0, 0, 0])


@MANY
@given(projects())
def test_all_that_was_bought_is_worn_or_lost_and_never_sold_for_more(project):
    values = worked(project)
    bought = row(values, "capex.first_usd").sum() + row(values, "capex.refresh_usd").sum()
    assert row(values, "book.worn_usd").sum() + row(values, "book.lost_usd").sum() == approx(bought)
    assert row(values, "capex.sold_usd").sum() + row(values, "capex.guaranteed_usd").sum() <= bought * (1 + 1e-9)
    assert row(values, "book.worn_usd").min() >= -1e-9


@MANY
@given(projects())
def test_what_is_saved_for_refreshes_is_spent_on_them(project):
    values = worked(project)
    saved = row(values, "reserves.refresh_usd")
    assert saved.min() >= -1e-6
    assert saved[int(one(values, "time.end")) - 1] == approx(0, abs=1e-6)


def test_a_refresh_is_saved_up_in_equal_parts_over_the_life_before():
    # Half of 600 over two years: 150 a year, paid out with the refresh.
    from gigawatt.finance.project.inputs import Reserves

    bought = chips(life_years=2, refreshed=True, refresh_usd=600, least_use_years=2)
    values = worked(small(assets=bought, reserves=Reserves(refresh_funded=0.5)))
    assert row(values, "reserves.refresh_in_usd") == approx([0, 150, 150, 0, 0, 0])
    assert row(values, "reserves.refresh_usd") == approx([0, 150, 0, 0, 0, 0])
    assert row(values, "cash.before_tax_usd") == approx([0, 850, 1000 - 150 - 600 + 300, 1000, 1000, 1000])
