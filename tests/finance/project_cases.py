"""Projects for tests: one small enough to work out by hand, and any that hypothesis can think of."""

from dataclasses import replace
from math import inf, nan

import numpy as np
from hypothesis import Phase as Stage
from hypothesis import settings
from hypothesis import strategies as st

from gigawatt.finance.project.inputs import (
    Asset,
    Backstop,
    Capacity,
    Contract,
    Cost,
    Covenants,
    Losses,
    Merchant,
    Per,
    Phase,
    Project,
    Repayment,
    Reserves,
    Taxes,
    TaxPayer,
    Tranche,
)
from gigawatt.finance.project.model import model_of
from gigawatt.finance.project.values import Values, work_out
from gigawatt.units import HOURS_PER_YEAR

# A failing project is printed as it was drawn: making it smaller takes minutes.
MANY = settings(deadline=None, max_examples=30, phases=[Stage.explicit, Stage.reuse, Stage.generate])
CHIPS = 1000.0
USD_PER_CHIP_H = 1000.0 / (CHIPS * HOURS_PER_YEAR)  # so that a year's revenue is 1,000 USD


def small(**changes) -> Project:
    """1,000 USD built in a year, then 1,000 USD of revenue a year for five years; no costs, taxes or debt."""
    plain = Project(
        name="small", periods_per_year=1, operation_years=5,
        assets=(Asset(name="all", capex_usd=1000, life_years=5),),
        capacity=Capacity(chips=CHIPS),
        contracts=(Contract(name="anchor", usd_per_chip_h=USD_PER_CHIP_H, months=1200),),
    )  # fmt: skip
    return replace(plain, **changes)


def worked(project: Project, drawn=None) -> Values:
    """All lines of a project."""
    return work_out(model_of(project), drawn)


def row(values: Values, name: str) -> np.ndarray:
    """One line by period."""
    return values[name][:, 0]


def one(values: Values, name: str) -> float:
    """One answer."""
    return float(values[name][0])


def share(least=0.0, most=1.0):
    return st.floats(least, most, allow_subnormal=False)


def sometimes(value, otherwise):
    return st.one_of(st.just(otherwise), value)


assets = st.builds(
    Asset, name=st.just("chips"), capex_usd=share(100, 5000), life_years=st.sampled_from([1.0, 2, 3, 4.5, 5, 8, 30]),
    refreshed=st.booleans(), refresh_usd=sometimes(share(50, 2000), nan), refresh_trend=share(-0.2, 0.1),
    least_use_years=share(0.5, 3), residual=sometimes(share(), 0.0), guaranteed_residual=sometimes(share(), 0.0),
    depreciation=st.sampled_from(["straight", "none", "custom", "macrs_5", "macrs_15"]),
    tax_life_years=sometimes(share(1, 10), 0.0), shares=st.just((0.5, 0.3, 0.2)), bonus=sometimes(share(), 0.0),
    state_bonus=sometimes(share(), nan), tax_credit=sometimes(share(0, 0.5), 0.0),
)  # fmt: skip
phases = st.builds(Phase, share=st.just(0.5), start_month=share(0, 18), months=share(1, 30), curve=share())
contracts = st.builds(
    Contract, name=st.just("anchor"), share=share(), usd_per_chip_h=share(0.1, 3).map(lambda x: x * USD_PER_CHIP_H),
    utilisation=share(), take_or_pay=share(), start_month=share(0, 24), months=share(6, 120),
    escalation=share(-0.05, 0.05), ends_early_month=sometimes(share(1, 60), inf), termination_share=share(),
)  # fmt: skip
tranches = st.builds(
    Tranche, name=st.just("senior"), repayment=st.sampled_from(list(Repayment)), years=share(1, 8),
    base_rate=st.lists(share(0, 0.1), min_size=1, max_size=3).map(tuple), spread=share(0, 0.08), hedged=share(),
    swap_rate=share(0, 0.1), dscr=sometimes(share(1, 3), 0.0), gearing=share(0.05, 0.95),
    amount_usd=sometimes(share(10, 5000), inf), balloon=sometimes(share(0, 0.6), 0.0), upfront_fee=share(0, 0.05),
    commitment_fee=share(0, 0.02), sweep=sometimes(share(), 0.0), refinance_month=sometimes(share(0, 60), inf),
    refinance_spread=share(0, 0.1), refinance_fee=share(0, 0.03),
    guarantee_usd=sometimes(share(0, 1000), 0.0),
)  # fmt: skip
taxes = st.builds(
    Taxes, rate=sometimes(share(0, 0.4), 0.0), state_rate=sometimes(share(0.01, 0.1), 0.0),
    payer=st.sampled_from(list(TaxPayer)), losses=st.sampled_from(list(Losses)), loss_limit=share(),
    interest_limit=sometimes(share(), inf), final_write_off=share(), fees_deducted=share(), credit_price=share(),
    investor_share=sometimes(share(), 0.0), investor_usd=sometimes(share(0, 300), 0.0), flip_month=share(0, 72),
    flipped_share=share(0, 0.2),
)  # fmt: skip


VENDOR = Backstop(guarantor="vendor", share=0.5, usd_per_chip_h=USD_PER_CHIP_H / 3, months=60)
COSTS = (
    Cost(name="tax", amount=(0.01,), per=Per.capex),
    Cost(name="fee", amount=(0.02,), per=Per.revenue),
    Cost(name="spares", amount=(1e-6,), per=Per.chip_hour),
)
PERIODS = st.sampled_from([1, 2, 4, 12])


@st.composite
def projects(draw, periods_per_year=PERIODS) -> Project:
    """Any project: all kinds of assets, phases, contracts, taxes, loans and reserves, in small numbers of USD."""
    several = draw(st.booleans())
    parts = (draw(phases), replace(draw(phases), name="two")) if several else (replace(draw(phases), share=1.0),)
    loans = draw(st.lists(tranches, max_size=2))
    shell = replace(draw(assets), name="shell", refreshed=False)
    return Project(
        name="any", periods_per_year=draw(periods_per_year), operation_years=draw(share(1.5, 9)),
        assets=(shell, draw(assets)), phases=tuple(parts),
        capacity=Capacity(chips=CHIPS, it_mw=0.001, pue=1.2, availability=draw(share(0.5)),
                          degradation=draw(share(0, 0.1))),
        contracts=draw(st.lists(contracts, max_size=1).map(tuple)),
        merchant=Merchant(usd_per_chip_h=tuple(draw(st.lists(share(0, 2 * USD_PER_CHIP_H), min_size=1, max_size=4))),
                          utilisation=draw(share()), ageing=draw(share(-0.3, 0))),
        backstops=draw(sometimes(st.just((VENDOR,)), ())),
        energy_usd_per_mwh=draw(share(0, 60)), energy_escalation=draw(share(0, 0.05)),
        costs=(Cost(name="staff", amount=(draw(share(0, 300)), 20.0), escalation=0.02), *COSTS),
        receivable_days=draw(share(0, 60)), payable_days=draw(share(0, 60)), taxes=draw(taxes),
        debt=tuple(replace(loan, name=name) for loan, name in zip(loans, ("senior", "junior"), strict=False)),
        draw_timing=draw(share()), merchant_counted=draw(share()), residual_counted=draw(share()),
        reserves=Reserves(debt_service_months=draw(sometimes(share(0, 12), 0.0)),
                          opex_months=draw(sometimes(share(0, 6), 0.0)), refresh_funded=draw(share()),
                          interest_rate=draw(share(0, 0.05))),
        covenants=Covenants(lockup_dscr=draw(sometimes(share(1, 1.5), 0.0)), default_dscr=1.0),
    )  # fmt: skip
