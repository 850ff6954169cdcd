"""Who is paid first when cash is short, and that no money is lost."""

import numpy as np
from hypothesis import given
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Cost, Covenants, Repayment, Reserves, Tranche
from tests.finance.project_cases import MANY, one, projects, row, small, worked

DIP = (Cost(name="it", amount=(0, 0, 900, 0)),)  # cash is 1,000, 1,000, 100, 1,000, 1,000
SERVICE = [300, 280, 260, 240, 220]  # of 1,000 USD at 10 %, repaid in five equal parts


def borrowed(costs=(), reserves=None, covenants=None, capex_usd=3000, **changes):
    """1,000 USD at 10 % over five years, in equal parts."""
    loan = Tranche(**{"name": "loan", "repayment": Repayment.straight, "years": 5, "spread": 0.1, "amount_usd": 1000,
                      **changes})  # fmt: skip
    return small(assets=(Asset(name="all", capex_usd=capex_usd, life_years=5),), costs=costs, draw_timing=0,
                 debt=(loan,), reserves=reserves or Reserves(), covenants=covenants or Covenants())  # fmt: skip


def test_owners_get_what_is_left_after_debt_service():
    values = worked(borrowed())
    assert row(values, "waterfall.paid_usd")[1:] == approx(SERVICE)
    assert row(values, "owners.distributed_usd")[1:] == approx([1000 - each for each in SERVICE])
    assert row(values, "cover.dscr")[1:] == approx([1000 / each for each in SERVICE])


def test_what_is_not_paid_stays_owed_with_interest():
    # 260 is due in the bad year and 100 paid. A year later 160 x 1.1 is due beside the 240.
    values = worked(borrowed(DIP))
    assert row(values, "loans.loan.unpaid_usd")[1:] == approx([0, 0, 160, 0, 0])
    assert row(values, "loans.loan.due_usd")[1:] == approx([300, 280, 260, 240 + 176, 220])
    assert row(values, "loans.balance_usd") == approx([1000, 800, 600, 560, 200, 0])
    assert one(values, "cover.unpaid_first") == 4


def test_the_reserve_covers_a_dip_and_is_filled_again():
    # Six months of service: 150, 140, 130, 120, 110. In the bad year 160 is short: 130 from the reserve, 30 unpaid.
    values = worked(borrowed(DIP, Reserves(debt_service_months=6)))
    assert row(values, "loans.loan.reserve_drawn_usd")[1:] == approx([0, 0, 130, 0, 0])
    assert row(values, "loans.loan.unpaid_usd")[1:] == approx([0, 0, 30, 0, 0])
    assert row(values, "waterfall.reserve_usd") == approx([150, 140, 130, 0, 110, 0])
    assert row(values, "waterfall.distributed_usd")[1:] == approx(
        [1000 - 300 + 10, 1000 - 280 + 10, 0, 1000 - 240 - 33 - 110, 1000 - 220 + 110]
    )


def test_a_guarantor_pays_when_cash_and_reserve_do_not_and_never_more_than_promised():
    reserve = Reserves(debt_service_months=6)
    values = worked(borrowed(DIP, reserve, guarantee_usd=20))
    assert row(values, "loans.loan.guaranteed_usd")[1:] == approx([0, 0, 20, 0, 0])
    assert row(values, "loans.loan.unpaid_usd")[1:] == approx([0, 0, 10, 0, 0])
    assert row(worked(borrowed(DIP, reserve, guarantee_usd=50)), "loans.loan.guaranteed_usd").sum() == approx(30)
    assert not row(worked(borrowed((), reserve, guarantee_usd=50)), "loans.loan.guaranteed_usd").any()


def test_owners_pay_a_share_of_a_shortfall_where_lenders_have_recourse():
    # 160 is short: owners pay a quarter, 40.
    values = worked(borrowed(DIP, recourse=0.25))
    assert row(values, "loans.loan.unpaid_usd")[3] == approx(120)
    assert row(values, "owners.paid_in_usd")[3] == approx(40)


def test_cash_is_locked_up_below_the_covenant_and_let_out_later():
    # Costs of 500 in the third year: 500 / 260 = 1.92 is below 2; the 240 left wait a year.
    costs = (Cost(name="it", amount=(0, 0, 500, 0)),)
    values = worked(borrowed(costs, covenants=Covenants(lockup_dscr=2, default_dscr=1)))
    assert row(values, "waterfall.trapped_usd")[1:] == approx([0, 0, 240, 0, 0])
    assert row(values, "waterfall.distributed_usd")[1:] == approx([700, 720, 0, 760 + 240, 780])
    assert row(values, "waterfall.breached").sum() == 0


def test_a_sweep_repays_early_from_cash_that_would_leave():
    # Half of 700 in the first year: 1,000 - 200 - 350 = 450. Then interest is 45, and the plan of 600 asks for no more
    # than that: 955 left, of which 450 repays the rest.
    values = worked(borrowed(sweep=0.5))
    assert row(values, "loans.loan.swept_usd")[1:3] == approx([350, 450])
    assert row(values, "loans.balance_usd") == approx([1000, 450, 0, 0, 0, 0])
    assert row(values, "waterfall.distributed_usd")[1:] == approx([350, 955 - 450, 1000, 1000, 1000])


def test_owners_pay_for_an_operation_that_costs_more_than_it_brings():
    values = worked(borrowed((Cost(name="it", amount=(0, 0, 1200, 0)),)))
    assert row(values, "owners.paid_in_usd")[3] == approx(200)
    assert row(values, "loans.loan.unpaid_usd")[3] == approx(260)


@MANY
@given(projects())
def test_loans_are_never_below_zero_and_guarantors_never_pay_more_than_promised(project):
    values = worked(project)
    for each in project.debt:
        for name in ("balance", "due", "paid", "unpaid", "short", "reserve_drawn", "guaranteed", "swept"):
            assert row(values, f"loans.{each.name}.{name}_usd").min() >= -1e-6, name
        guaranteed = row(values, f"loans.{each.name}.guaranteed_usd")
        assert guaranteed.sum() <= each.guarantee_usd * (1 + 1e-12)
        left = row(values, f"loans.{each.name}.reserve_left_usd")
        assert not guaranteed[left > 1e-6].any()


@MANY
@given(projects())
def test_a_loan_that_is_served_is_repaid(project):
    values = worked(project)
    if not (row(values, "cover.unpaid_usd") > 0).any():
        assert one(values, "cover.left_usd") == approx(0, abs=1e-5)


@MANY
@given(projects())
def test_no_money_is_lost(project):
    """Project = owners + tax investor + lenders + tax - guarantors + cash that stays, in each period."""
    values = worked(project)

    def line(name):
        return row(values, name)

    flows = line("ebitda_usd") - line("cash.working_capital_usd") - line("capex.first_usd")
    flows = flows - line("capex.refresh_usd") + line("capex.sold_usd") + line("capex.guaranteed_usd")
    flows = flows + line("sources.credit_usd") + line("finance.reserve_interest_usd")
    lenders = guarantors = np.zeros_like(flows)
    for each in project.debt:
        paid, swept = line(f"loans.{each.name}.paid_usd"), line(f"loans.{each.name}.swept_usd")
        lenders = lenders + paid + swept + line(f"debt.{each.name}.fees_usd") - line(f"debt.{each.name}.drawn_usd")
        guarantors = guarantors + line(f"loans.{each.name}.guaranteed_usd")
    owners = line("owners.pretax_usd") + line("owners.to_investor_usd") - line("sources.investor_usd")
    kept = np.diff(line("balance.cash_usd"), prepend=0)
    away = owners + lenders + line("finance.own_tax_usd") + kept
    assert flows + guarantors == approx(away, abs=1e-6)
