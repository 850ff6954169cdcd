"""Who is paid first when cash is short, and that no money is lost."""

from dataclasses import replace
from math import inf

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Contract, Cost, Covenants, Merchant, Repayment, Reserves, Tranche
from tests.finance.project_cases import MANY, USD_PER_CHIP_H, one, projects, row, share, small, worked
from tests.finance.project_plain_waterfall import plain_waterfall

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


def test_the_reserve_goes_when_a_sweep_repays_the_loan():
    # Six months ahead are 150, then 140. All cash of the first year repays 710 of the 800: 90 are left, less than the
    # plan asks for in years, so that only interest falls due: 9, and in the next half year 4.5. Those go a year later.
    values = worked(borrowed(reserves=Reserves(debt_service_months=6), sweep=1))
    assert row(values, "loans.balance_usd") == approx([1000, 90, 0, 0, 0, 0])
    assert row(values, "waterfall.reserve_usd") == approx([150, 140, 4.5, 0, 0, 0])
    assert row(values, "waterfall.distributed_usd")[1:] == approx([0, 1000 - 9 + 135.5 - 90, 1004.5, 1000, 1000])


def uneven(**changes):
    """Cash that lenders count in years 1 and 3 to 5, and market revenue that they do not count in year 2."""
    hours = {"usd_per_chip_h": USD_PER_CHIP_H}
    contracts = (Contract(name="first", months=12, **hours),
                 Contract(name="later", start_month=24, months=1200, **hours))  # fmt: skip
    covenants = changes.pop("covenants", Covenants())
    loan = Tranche(**{"name": "loan", "repayment": Repayment.sculpted, "dscr": 2, "years": 5, "spread": 0.1,
                      "amount_usd": inf, **changes})  # fmt: skip
    return small(assets=(Asset(name="all", capex_usd=3000, life_years=5),), contracts=contracts, draw_timing=0,
                 merchant=Merchant(usd_per_chip_h=(USD_PER_CHIP_H,), utilisation=1), merchant_counted=0, debt=(loan,),
                 covenants=covenants)  # fmt: skip


def test_a_lock_up_holds_while_nothing_is_due():
    # DSCR is 2 in each year with service, below 3; nothing is due in the second: 500 and 1,000 wait, then 500 a year.
    values = worked(uneven(covenants=Covenants(lockup_dscr=3)))
    assert row(values, "debt.service_usd")[1:] == approx([500, 0, 500, 500, 500])
    assert row(values, "waterfall.locked")[1:] == approx([1, 1, 1, 1, 0])
    assert row(values, "waterfall.trapped_usd")[1:] == approx([500, 1500, 2000, 2500, 0])


def test_a_sweep_goes_on_where_nothing_is_due():
    # Debt is 500 x (1.1^-1 + 1.1^-3 + 1.1^-4 + 1.1^-5). Half of 500 is swept in the first year, half of 1,000 in the
    # second, in which interest is added.
    values = worked(uneven(sweep=0.5))
    debt = 500 * (1.1**-1 + 1.1**-3 + 1.1**-4 + 1.1**-5)
    first = debt * 1.1 - 500 - 250
    assert row(values, "loans.loan.swept_usd")[1:3] == approx([250, 500])
    assert row(values, "loans.balance_usd")[:3] == approx([debt, first, first * 1.1 - 500])


def test_refinancing_costs_nothing_where_nothing_is_owed():
    # A sweep leaves 100 of 1,000 after a year; a fee of 1 % falls on these, not on the 800 of the plan. Two years on
    # the loan is repaid.
    fee = {"sweep": 1, "refinance_spread": 0.05, "refinance_fee": 0.01}
    once = worked(borrowed(refinance_month=12, **fee))
    assert row(once, "loans.balance_usd")[1] == approx(100)
    assert row(once, "finance.late_fees_usd").sum() == approx(1)
    assert row(worked(borrowed(refinance_month=36, **fee)), "finance.late_fees_usd").sum() == 0


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
@given(projects(), st.tuples(share(), share()), share(1, 3))
def test_the_waterfall_is_that_of_a_plain_loop(project, sweeps, lockup):
    swept = tuple(replace(each, sweep=sweep, recourse=sweep / 2)
                  for each, sweep in zip(project.debt, sweeps, strict=False))  # fmt: skip
    tested = replace(project, debt=swept, covenants=Covenants(lockup_dscr=lockup),
                     reserves=replace(project.reserves, debt_service_months=5))  # fmt: skip
    values = worked(tested)
    found = plain_waterfall(tested, values)
    names = {"balance": "loans.balance_usd", "reserve": "waterfall.reserve_usd", "trapped": "waterfall.trapped_usd",
             "locked": "waterfall.locked", "distributed": "waterfall.distributed_usd"}  # fmt: skip
    for ours, theirs in names.items():
        assert row(values, theirs) == approx(found[ours], rel=1e-8, abs=1e-6), theirs
    after = row(values, "time.repaying") > 0
    assert row(values, "owners.paid_in_usd")[after] == approx(found["paid_in"][after], rel=1e-8, abs=1e-6)


@MANY
@given(projects(), share(0.3, 1))
def test_the_reserve_is_never_more_than_what_is_owed_with_its_interest(project, sweep):
    swept = replace(project, debt=tuple(replace(each, sweep=sweep) for each in project.debt))
    values = worked(swept)
    after = row(values, "time.repaying") > 0
    owed = np.zeros(len(after))  # twice the interest, since it is compounded where a plan lets the loan grow
    for each in swept.debt:
        grown = np.exp(2 * row(values, f"debt.{each.name}.rate_ahead"))
        owed += row(values, f"loans.{each.name}.served_usd") * grown
    assert (row(values, "waterfall.reserve_usd") - owed)[after].max() <= 1e-6


@MANY
@given(projects())
def test_owners_get_nothing_before_completion(project):
    values = worked(project)
    before = row(values, "time.period") < one(values, "time.completion")
    assert not row(values, "owners.distributed_usd")[before].any()
    assert not row(values, "owners.to_investor_usd")[before].any()


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
