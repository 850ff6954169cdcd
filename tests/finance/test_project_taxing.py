"""Tax on profit, worked out by hand, and what depreciation adds up to."""

import pytest
from hypothesis import given
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Losses, Phase, Repayment, Taxes, TaxPayer, Tranche
from tests.finance.project_cases import MANY, one, projects, row, small, worked


def chips(**changes):
    return (Asset(**{"name": "all", "capex_usd": 1000, "life_years": 5, **changes}),)


def bullet(**changes):
    """A loan of 1,000 USD at 10 %, with no interest before completion."""
    return Tranche(**{"name": "loan", "repayment": Repayment.bullet, "years": 5, "spread": 0.1, "amount_usd": 1000,
                      **changes})  # fmt: skip


def test_profit_is_taxed_after_straight_depreciation():
    # 1,000 of revenue less 200 of depreciation, at 25 %.
    values = worked(small(taxes=Taxes(rate=0.25)))
    assert row(values, "tax.paid.usd") == approx([0, 200, 200, 200, 200, 200])
    assert row(values, "owners.aftertax_usd") == approx([-1000, 800, 800, 800, 800, 800])


def test_old_losses_set_off_a_part_of_each_profit():
    # All 2,000 are written off in the first year: a loss of 1,000. Limit 80 %: 800 of the next profit, then 200.
    project = small(assets=chips(capex_usd=2000, bonus=1), taxes=Taxes(rate=0.25, loss_limit=0.8))
    values = worked(project)
    assert row(values, "tax.paid.losses_usd") == approx([0, 1000, 200, 0, 0, 0])
    assert row(values, "tax.paid.usd") == approx([0, 0, 50, 200, 250, 250])


def test_a_loss_is_refunded_where_owners_have_other_profits():
    project = small(assets=chips(capex_usd=2000, bonus=1), taxes=Taxes(rate=0.25, losses=Losses.refunded))
    assert row(worked(project), "tax.paid.usd") == approx([0, -250, 250, 250, 250, 250])


def test_state_tax_is_deducted_from_the_profit_that_national_tax_falls_on():
    # 5 % of 800 is 40; 20 % of 760 is 152.
    values = worked(small(taxes=Taxes(rate=0.2, state_rate=0.05)))
    assert row(values, "tax.paid.state.usd")[1:] == approx([40] * 5)
    assert row(values, "tax.paid.usd")[1:] == approx([192] * 5)


def test_state_tax_may_know_no_bonus_and_deducts_the_same_in_the_end():
    # Nationally 1,000 at once; for the state 200 a year.
    project = small(assets=chips(bonus=1, state_bonus=0), taxes=Taxes(rate=0.2, state_rate=0.05))
    values = worked(project)
    assert row(values, "tax.paid.state.usd")[1:] == approx([40] * 5)
    assert row(values, "tax.paid.national.taxable_usd")[1:] == approx([-40, 960, 960, 960, 960])


def test_interest_above_its_limit_waits_until_there_is_room():
    # Limit 7 % of 1,000 = 70; interest is 90 in each of two years.
    project = small(taxes=Taxes(interest_limit=0.07), draw_timing=0, debt=(bullet(amount_usd=900, years=2),))
    values = worked(project)
    assert row(values, "finance.interest_usd") == approx([0, 90, 90, 0, 0, 0])
    assert row(values, "tax.paid.interest_deducted_usd") == approx([0, 70, 70, 40, 0, 0])
    assert row(values, "tax.paid.interest_waiting_usd") == approx([0, 20, 40, 0, 0, 0])


def test_a_schedule_of_years_spreads_over_their_periods():
    # MACRS, 5 years, half-year convention (IRS publication 946, table A-1): 20, 32, 19.2, 11.52, 11.52, 5.76 %.
    by_year = [200, 320, 192, 115.2, 115.2, 57.6]
    for periods in (1, 4):
        project = small(assets=chips(depreciation="macrs_5"), operation_years=7, periods_per_year=periods)
        worn = row(worked(project), "tax.worn_usd")
        assert worn.reshape(-1, periods).sum(axis=1) == approx([0, *by_year, 0])
        assert worn[periods : 2 * periods] == approx([200 / periods] * periods)


def test_bonus_comes_first_and_the_rest_follows_the_schedule():
    # 40 % at once, 60 % of half, three tenths and a fifth.
    project = small(assets=chips(depreciation="custom", shares=(0.5, 0.3, 0.2), bonus=0.4))
    assert row(worked(project), "tax.worn_usd") == approx([0, 400 + 300, 180, 120, 0, 0])


def test_a_tax_credit_takes_half_of_itself_off_the_basis_and_is_sold():
    # 30 % of 1,000 sold at 0.9 is 270; the basis is 850, 170 a year.
    values = worked(small(assets=chips(tax_credit=0.3), taxes=Taxes(rate=0.2, credit_price=0.9)))
    assert row(values, "sources.credit_usd") == approx([270, 0, 0, 0, 0, 0])
    assert row(values, "tax.worn_usd")[1:] == approx([170] * 5)
    assert row(values, "owners.paid_in_usd")[0] == approx(730)


@pytest.mark.parametrize(("share", "deducted"), [(1.0, 400), (0.25, 100), (0.0, 0)])
def test_what_is_left_of_the_basis_is_deducted_at_the_end_as_far_as_allowed(share, deducted):
    # 600 of 1,000 are worn in three of five years; the asset is worth nothing.
    values = worked(small(operation_years=3, taxes=Taxes(rate=0.5, final_write_off=share, losses=Losses.refunded)))
    assert row(values, "tax.paid.usd") == approx([0, 400, 400, 400 - 0.5 * deducted])


def test_residual_values_are_taxed():
    # Sold for 250 at the end of a life that is worn off in full: 25 % of 800 + 250.
    values = worked(small(assets=chips(residual=0.25), taxes=Taxes(rate=0.25)))
    assert row(values, "tax.paid.usd")[-1] == approx(0.25 * 1050)


def test_fees_and_early_interest_are_deducted_over_the_operation():
    # 5 % of half a year's draws on 1,000 at completion: 1000 - 1000 / 1.05 of interest, and 20 of fees.
    early = 1000 - 1000 / 1.05 + 20
    project = small(debt=(bullet(upfront_fee=0.02),), taxes=Taxes(rate=0.25, fees_deducted=0.5))
    values = worked(project)
    assert one(values, "finance.capitalised_usd") == approx(early)
    assert row(values, "tax.paid.taxable_usd")[1:] == approx([800 - 100 - early / 5 / 2] * 5)


def test_owners_of_a_pass_through_pay_the_tax_themselves():
    project = small(taxes=Taxes(rate=0.25, payer=TaxPayer.sponsor))
    values = worked(project)
    assert row(values, "owners.pretax_usd") == approx([-1000, 1000, 1000, 1000, 1000, 1000])
    assert row(values, "owners.aftertax_usd") == approx([-1000, 800, 800, 800, 800, 800])
    assert row(values, "income.net_usd")[1:] == approx([800] * 5)


def test_early_phases_pay_tax_before_completion():
    halves = (Phase(name="one", share=0.5, months=12), Phase(name="two", share=0.5, start_month=12, months=12))
    values = worked(small(phases=halves, taxes=Taxes(rate=0.25)))
    assert row(values, "tax.paid.usd")[1] == approx(0.25 * (500 - 100))
    assert row(values, "sources.equity_usd")[1] == approx(500 - 500 + 100)


@MANY
@given(projects())
def test_tax_depreciation_adds_up_to_the_basis(project):
    values = worked(project)
    for asset in project.assets:
        path = f"assets.{asset.name}"
        basis = row(values, f"{path}.basis_usd").sum()
        by_hand = asset.capex_usd * (1 - asset.tax_credit / 2) + row(values, f"{path}.refreshes_usd").sum()
        assert basis == approx(by_hand)
        assert row(values, f"{path}.deducted_usd").sum() + row(values, f"{path}.tax_lost_usd").sum() == approx(basis)
    if project.taxes.state_rate:
        left = row(values, "tax.state_lost_usd").sum() + row(values, "tax.state_worn_usd").sum()
        assert left == approx(row(values, "tax.worn_usd").sum() + row(values, "tax.lost_usd").sum())


@MANY
@given(projects())
def test_losses_and_waiting_interest_are_never_below_zero_nor_used_twice(project):
    values = worked(project)
    for name in values.lines:
        if name.endswith((".losses_usd", ".interest_waiting_usd")):
            assert row(values, name).min() >= -1e-6
        if name.endswith(".losses_usd"):
            path, n = name.removesuffix(".losses_usd"), project.periods_per_year
            full = len(row(values, name)) // n * n  # a year that the plan leaves unfinished is not closed
            taxable, tax = (
                row(values, f"{path}.{each}")[:full].reshape(-1, n).sum(axis=1) for each in ("taxable_usd", "usd")
            )
            used = row(values, f"{path}.losses_used_usd")[:full].sum()
            if full:
                assert used + row(values, name)[full - 1] == approx(-taxable.clip(max=0).sum())
                assert tax.min() >= -1e-6


def test_quarters_pay_the_tax_of_their_year():
    # Years of 1,000 of profit after one in which 2,000 are lost: 80 % of each is set off, whatever its quarters.
    def tax(periods_per_year: int) -> list[float]:
        project = small(assets=chips(capex_usd=3000, bonus=1), taxes=Taxes(rate=0.25, loss_limit=0.8),
                        periods_per_year=periods_per_year)  # fmt: skip
        paid = row(worked(project), "tax.paid.usd")
        return paid.reshape(-1, periods_per_year).sum(axis=1).tolist()

    assert tax(1) == approx([0, 0, 50, 50, 150, 250])
    assert tax(4) == approx(tax(1))
    assert tax(12) == approx(tax(1))
