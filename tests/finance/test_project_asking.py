"""What a lender asks beyond whether debt is served: support, reserves drawn on, refreshes, loans of nothing."""

from dataclasses import replace

import numpy as np
import pytest

from gigawatt.finance.project import (
    Asset,
    Capacity,
    Contract,
    Covenants,
    DebtServiceError,
    Project,
    Repayment,
    Reserves,
    Tranche,
    evaluate,
)
from gigawatt.finance.project.asking import REFUSED, refused

USD_PER_CHIP_H = 1000 / (1000 * 8760)  # a year's revenue is 1,000 USD
LOAN = Tranche(name="loan", repayment=Repayment.level, years=5, amount_usd=600.0, base_rate=(0.05,))
PLAIN = Project(
    name="plain", periods_per_year=1, operation_years=6, capacity=Capacity(chips=1000),
    assets=(Asset(name="chips", capex_usd=1000, life_years=3, refreshed=True, refresh_usd=800.0),),
    contracts=(Contract(name="anchor", usd_per_chip_h=USD_PER_CHIP_H, months=72),), debt=(LOAN,),
)  # fmt: skip


def names(project, **changes):
    return [each.name for each in evaluate(replace(project, **changes)).findings]


def test_a_refresh_that_cash_does_not_pay_for_while_debt_is_owed_is_the_owners_to_pay():
    # 1,000 USD of revenue a year, 1,500 USD of chips at the end of year 4 of the plan: 500 are missing, and 5 % on
    # 600 USD over 5 years is 138.58 a year, of which two are left to pay: 257.68 owed.
    dear = replace(PLAIN, assets=(replace(PLAIN.assets[0], refresh_usd=1500.0),))
    (found,) = [each for each in evaluate(dear).findings if each.name == "owners' support"]
    assert (found.period, round(found.amount)) == (4, 500)
    assert "(refresh of assets)" in found.text
    assert "nobody has promised it" in found.text
    with pytest.raises(DebtServiceError, match="nobody has promised it"):
        evaluate(dear, strict=True)


def test_a_refresh_that_cash_pays_for_while_debt_is_owed_is_told():
    assert names(PLAIN) == ["refresh before maturity"]
    assert names(PLAIN, reserves=Reserves(refresh_funded=1.0)) == []
    assert names(PLAIN, debt=(replace(LOAN, years=2),)) == []


def test_debt_service_from_the_reserve_is_told():
    short = replace(PLAIN, assets=(replace(PLAIN.assets[0], refreshed=False, refresh_usd=np.nan, life_years=6),),
                    contracts=(replace(PLAIN.contracts[0], months=48),),
                    reserves=Reserves(debt_service_months=12))  # fmt: skip
    assert "reserve drawn" in names(short)
    assert "reserve drawn" not in names(short, contracts=PLAIN.contracts)


def test_a_loan_of_nothing_is_told():
    junior = replace(LOAN, name="junior", gearing=0.6, amount_usd=np.inf)
    assert "loan of nothing" in names(PLAIN, debt=(replace(LOAN, gearing=0.6, amount_usd=np.inf), junior))


def test_a_strict_reader_refuses_a_default_of_covenant():
    tight = replace(PLAIN, covenants=Covenants(default_dscr=8.0))
    assert [each.name for each in refused(evaluate(tight).findings)] == ["default covenant"]
    assert set(REFUSED) >= {"debt not served", "debt left"}
