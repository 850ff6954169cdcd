"""The parts of company statements: run-off of backlog, depreciation, debts, leases, vehicles."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt import catalog
from gigawatt.finance.companies.catalog import company, names
from gigawatt.finance.companies.company import OPENING, Assets, Business, Leases, Tranche, Vehicle
from gigawatt.finance.companies.debt import evenly, ladder_usd, rest_of_debt, stack
from gigawatt.finance.companies.leases import rents, uncommenced_at_opening_usd, worth_of_rents
from gigawatt.finance.companies.metrics import vehicle_debt_usd
from gigawatt.finance.companies.purchases import purchases_usd, still_to_pay_usd
from gigawatt.finance.companies.revenue import revenue, run_off_usd, share_lost_after, standing
from gigawatt.finance.companies.wear import (
    Vintages,
    opening_vintages,
    past_capex_usd,
    planned_capex_usd,
    wear_of_new_usd,
    wear_usd,
)

EMPTY = {"growth": {2026: 0.0}, "bookings_usd": {}, "customers": {}, "cost": {}, "operating": {}, "stock": {}}


# -------------------------------------------------------------------------------------------------------------- revenue
@given(rate=st.floats(0, 10), backlog=st.floats(250, 1000), years=st.integers(1, 6), ramp=st.floats(0.25, 6))
def test_a_backlog_becomes_revenue_to_the_last_dollar(rate, backlog, years, ramp):
    business = Business(
        revenue_usd_per_quarter=rate, contracted_usd_per_quarter=rate, rpo_usd=backlog, rpo_years=years,
        rpo_ramp_years=ramp, **EMPTY,
    )  # fmt: skip
    found = run_off_usd(business, 60)
    assert found.sum() == approx(backlog)
    until = min(4 * years - 4, 2 * years)  # then the first contracts end
    assert (np.diff(found[:until]) >= -1e-9).all()


@given(years=st.integers(1, 8), over=st.floats(0, 6))
def test_contracts_end_around_their_years_and_run_for_them_on_average(years, over):
    found = standing(years, over, 80)
    assert found.sum() == approx(4 * years)
    assert (np.diff(found) <= 0).all()


def test_no_quarter_loses_all_contracts_of_a_backlog():
    # Level at 25 a quarter; two years of run-off around the end of the fourth year take an eighth of it a quarter.
    business = Business(
        revenue_usd_per_quarter=25, contracted_usd_per_quarter=25, rpo_usd=400, rpo_years=4, run_off_years=2, **EMPTY
    )
    found = run_off_usd(business, 24)
    assert found[:12] == approx(np.full(12, 25.0))
    assert -np.diff(found[12:20]) == approx(np.full(7, 25 / 8))
    assert found[20:].sum() == 0 and found.sum() == approx(400)
    for name in names():
        contracted = revenue(company(name).business, 2026, 60).contracted_usd
        assert -np.diff(contracted).min() <= 0.17 * contracted.max(), name


def test_what_is_renewed_is_sold_again_beside_contracts():
    told = EMPTY | {"bookings_usd": {2026: 80.0}}
    args = {"revenue_usd_per_quarter": 25, "contracted_usd_per_quarter": 25, "rpo_usd": 400, "rpo_years": 4}
    business = Business(renewal=1.0, booking_years=1, booking_delay_years=0.5, **args, **told)
    found = revenue(business, 2026, 30)
    # All is sold again: 25 of the backlog and 5 of each of four quarters of bookings, for good.
    assert found.contracted_usd[-1] == approx(0.0)
    assert found.other_usd[-1] == approx(25 + 20)
    assert found.contracted_usd + found.other_usd == approx(np.minimum(45, 25 + 5.0 * np.clip(np.arange(30) - 1, 0, 4)))
    assert revenue(replace(business, renewal=0.0), 2026, 30).other_usd.sum() == 0


def test_a_horizon_just_before_contracts_end_is_told():
    business = Business(
        revenue_usd_per_quarter=25, contracted_usd_per_quarter=25, rpo_usd=400, rpo_years=4, run_off_years=2, **EMPTY
    )
    assert share_lost_after(business, 2026, 4) == 0
    assert share_lost_after(business, 2026, 12) == approx(1 - 1 / 16)
    assert share_lost_after(company("CoreWeave").business, 2026, 20) > 0.4
    assert share_lost_after(company("Meta").business, 2026, 20) == 0


def test_a_backlog_that_cannot_last_is_refused():
    business = Business(revenue_usd_per_quarter=9, contracted_usd_per_quarter=9, rpo_usd=10, **EMPTY)
    with pytest.raises(ValueError, match="does not last 20 quarters"):
        run_off_usd(business, 4)


def test_bookings_become_revenue_after_their_delay():
    told = EMPTY | {"bookings_usd": {2026: 80.0}}
    business = Business(revenue_usd_per_quarter=0, booking_years=1, booking_delay_years=0.5, run_off_years=0, **told)
    found = revenue(business, 2026, 12)
    # 20 a quarter are signed; each becomes 5 in each of the four quarters from the second after it.
    assert found.contracted_usd[:6] == approx(np.array([0, 0, 5, 10, 15, 20.0]))
    assert found.contracted_usd.sum() == approx(80.0)
    assert found.backlog_usd[-1] == approx(0.0)


# --------------------------------------------------------------------------------------------------------- depreciation
def test_straight_line_by_hand():
    bought = np.array([80.0, 0, 0, 0, 0, 40.0, 0, 0, 0, 0, 0])
    # Two years are eight quarters: 10 a quarter from the next one on, then 5 more.
    assert wear_of_new_usd(bought, 2.0) == approx(np.array([0, 10, 10, 10, 10, 10, 15, 15, 15, 5, 5.0]))


def test_a_shorter_life_spreads_what_is_left_over_what_is_left():
    # ASC 250-10-45-17: 100 left at an age of one year. Of four years, three are left; of two, one.
    old = Vintages(net_usd=np.array([100.0]), age=np.array([4.0]), life=16.0)
    assert wear_usd(old, 4) == approx(np.full(4, 100 / 12))
    assert wear_usd(old, 4, 2.0) == approx(np.full(4, 25.0))
    # Older than the new life: written off in the next quarter.
    assert wear_usd(old, 2, 1.0) == approx(np.array([100.0, 0.0]))


@given(net=st.floats(1, 1e12), life=st.floats(1, 8), growth=st.floats(0, 2))
def test_vintages_add_up_to_the_book_value_and_wear_off_in_full(net, life, growth):
    assets = Assets(capex_usd={2025: 10.0}, past_growth=growth, invest_usd={})
    vintages = opening_vintages(assets, net, 0.7, life, 2026)
    assert vintages.net_usd.sum() == approx(net)
    assert wear_usd(vintages, 40).sum() == approx(net)
    assert (np.diff(wear_usd(vintages, 40)) <= net * 1e-9).all()


def test_capex_of_a_year_is_spread_but_keeps_its_sum():
    assets = Assets(capex_usd={2025: 10.0, 2026: 30.0, 2027: 20.0}, capex_growth=0.1, invest_usd={})
    found = planned_capex_usd(assets, 2026, 12)
    assert found.reshape(3, 4).sum(axis=1) == approx(np.array([30.0, 20.0, 22.0]))
    assert found[0] < found[1]


# Change of annual operating income that companies published when they changed the lives of servers (facts, table
# depreciation-life): Meta 5 to 5.5 years saved 2.9 bn in 2025; Microsoft 4 to 6 years brought 3.0 bn of net income in
# its fiscal 2023; Oracle 0.57 bn of net income. Vintages are rebuilt from capex alone: the share of capex that is
# servers, and what is under construction, are not published. The ratios are what came out: pinned, not predicted.
@pytest.mark.parametrize(
    ("name", "year", "old", "new", "published_usd", "ratio"),
    [
        ("Meta", 2025, 5, 5.5, 2.9e9, 0.79), ("Microsoft", 2023, 4, 6, 3.0e9 / 0.81, 2.05),
        ("Oracle", 2025, 5, 6, 0.57e9 / 0.8, 1.96),
    ],
)  # fmt: skip
def test_longer_lives_save_what_companies_published_times_a_pinned_ratio(name, year, old, new, published_usd, ratio):
    assets = company(name).assets
    age = np.arange(old * 4.0)
    cost = np.array([past_capex_usd(assets, year - 1 - int(a) // 4) for a in age]) / 4
    vintages = Vintages(net_usd=cost * assets.chip_share * (1 - age / (old * 4)), age=age, life=old * 4)
    bought = np.full(4, assets.capex_usd[year] / 4 * assets.chip_share)
    worn = {life: wear_usd(vintages, 4, life).sum() + wear_of_new_usd(bought, life).sum() for life in (old, new)}
    assert (worn[old] - worn[new]) / published_usd == approx(ratio, abs=0.05)


# ---------------------------------------------------------------------------------------------------------------- debts
@given(total=st.integers(0, 10**15), first=st.integers(0, 9), length=st.integers(0, 30))
def test_equal_parts_in_whole_cents_add_up(total, first, length):
    parts = evenly(float(total), first, first + length, 60)
    assert parts.sum() == total
    assert (parts == np.rint(parts)).all()


def test_the_ladder_of_coreweave_is_the_published_one():
    # 10-Q for the quarter to 2025-06-30: 4,218.457 m due in 2026, 2,833.142 m in 2027, 1,010.054 m in 2028,
    # 123.780 m in 2029 and 2,000 m of notes in 2030.
    by_name = {t.name: t for t in company("CoreWeave").funding.tranches}
    told = [by_name[f"term loans due {year}"].principal_usd for year in (2026, 2027, 2028, 2029)]
    assert told == approx([4218.457e6, 2833.142e6, 1010.054e6, 123.780e6])
    assert by_name["notes 2030"].principal_usd == approx(2000e6)
    assert sum(told) + 2000e6 + 986.052e6 == approx(11171.485e6)
    assert company("CoreWeave").debt_usd == approx(21.4e9)


def test_the_ladder_holds_all_signed_debt():
    for name in names():
        chosen = company(name)
        assert sum(ladder_usd(chosen).values()) == approx(sum(t.principal_usd for t in chosen.funding.tranches))


def test_debt_that_no_tranche_tells_of_keeps_its_mean_life():
    (rest,) = rest_of_debt(100.0, (), 0.05, 3.0)
    assert (rest.first + rest.last + 1) / 2 / 4 == approx(3.0)
    with pytest.raises(ValueError, match="more than the debt"):
        rest_of_debt(50.0, (Tranche(name="a", principal_usd=100.0, rate=0.1, first=1, last=1),), 0.05, 3.0)


def test_debts_are_repaid_on_their_days():
    two = (Tranche(name="a", principal_usd=100.0, rate=0.04, first=9, last=9),
           Tranche(name="b", principal_usd=300.0, rate=0.08, floating=1.0, first=9, last=9))  # fmt: skip
    assert stack(two, 12).owed[:, 8].sum() == approx(40_000.0)  # cents
    assert stack(two, 12).owed[:, 9].sum() == 0


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"drawn_first": -1, "drawn_last": 3, "first": 5, "last": 6}, "drawn in quarters -1 to 3"),
        ({"drawn_first": 3, "drawn_last": 2, "first": 5, "last": 6}, "drawn in quarters 3 to 2"),
        ({"first": -3, "last": -2}, "repaid in quarters -3 to -2: must be 0"),
        ({"first": 4, "last": 3}, "repaid in quarters 4 to 3"),
        ({"drawn_first": 4, "drawn_last": 5, "first": 2, "last": 6}, "must be 5, when it is drawn"),
        ({"first": 1, "last": 1, "principal_usd": -1.0}, "principal_usd -1 must be at least 0"),
        ({"first": 1, "last": 1, "rate": float("nan")}, "rate nan must be"),
        ({"first": 1, "last": 1, "floating": 1.5}, "floating 1.5 must be 0 to 1"),
    ],
)
def test_debt_that_cannot_be_is_refused(told, why):
    with pytest.raises(ValueError, match=why):
        Tranche(**({"name": "a", "principal_usd": 100.0, "rate": 0.1} | told))


def test_leases_and_vehicles_that_cannot_be_are_refused():
    for told, why in (
        ({"years": 0.0}, "years 0 must be at least 0.25"),
        ({"first": 5, "last": 2}, "quarters 5 to 2"),
        ({"first": -1, "last": 2}, "quarters -1 to 2"),
        ({"uncommenced_usd": float("inf")}, "uncommenced_usd inf must be at least 0 and finite"),
    ):
        with pytest.raises(ValueError, match=why):
            Leases(**told)
    for told, why in (({"years": 0.0}, "years 0"), ({"debt_usd": -1.0}, "debt_usd -1"), ({"first": -2}, "first -2")):
        with pytest.raises(ValueError, match=why):
            Vehicle(**({"name": "v", "debt_usd": 1.0, "rate": 0.1, "years": 5.0} | told))


def test_coreweaves_equipment_loans_have_a_fixed_rate():
    # 10-Q for the quarter to 2025-06-30: OEM financing of 1,728.4 m and Magnetar's 256.6 m of 9,171.5 m beside notes.
    loans = [t for t in company("CoreWeave").funding.tranches if t.name.startswith("term loans")]
    assert [t.floating for t in loans] == approx([1 - (1728.4 + 256.6) / 9171.5] * 4, abs=1e-3)


# ------------------------------------------------------------------------------------------------------ firm purchases
def test_purchases_grow_with_costs_and_add_up_to_what_was_signed():
    for name in ("OpenAI", "Anthropic", "Oracle", "Nvidia"):
        chosen = company(name)
        paid = purchases_usd(chosen)
        assert paid.sum() == approx(chosen.leases.commitments_usd)
        assert len(paid) == 4 * chosen.leases.commitment_years
    assert purchases_usd(company("Meta")).sum() == 0


@given(rate=st.floats(0, 0.5), quarters=st.integers(0, 30), count=st.integers(1, 24))
def test_what_is_still_to_be_paid_at_level_payments_is_an_annuity(rate, quarters, count):
    found = still_to_pay_usd(np.full(count, 3.0), rate, quarters)
    assert found == approx(3.0 * worth_of_rents(rate, count - np.arange(quarters + 1)), abs=1e-9)


# --------------------------------------------------------------------------------------------------------------- leases
def test_a_lease_is_worth_its_rents_and_ends_at_nothing():
    found = rents(Leases(liability_usd=1000.0, years=2.0, rate=0.08), 10)
    rent = found.rent[0] / 100
    assert rent * worth_of_rents(0.08, 8) == approx(1000.0, rel=1e-4)
    assert (found.rent[:8] > 0).all() and found.rent[8:].sum() == 0
    assert found.liability[7] == 0
    # Liability before, with interest, less rent.
    assert found.liability[0] / 100 == approx(1000 * 1.02 - rent, abs=0.01)


def test_leases_commence_in_turn_and_pay_what_was_signed():
    leases = Leases(uncommenced_usd=8000.0, uncommenced_years=2.0, first=0, last=3, rate=0.0)
    found = rents(leases, 16)
    assert found.rent.sum() / 100 == approx(8000.0, abs=0.2)
    assert found.rent[0] == 0 and found.rent[1] / 100 == approx(250.0)
    assert found.uncommenced[0] / 100 == approx(6000.0)
    assert found.uncommenced[3] == 0
    assert uncommenced_at_opening_usd(leases) == approx(8000.0)


def test_a_vehicle_is_paid_off_by_level_rent():
    told = Vehicle(name="v", debt_usd=100.0, rate=0.08, years=5.0, first=OPENING)
    owed = vehicle_debt_usd(told, 24)
    rent = 100.0 / worth_of_rents(0.08, 20)
    assert owed[0] == approx(100 * 1.02 - rent)
    assert owed[19] == approx(0.0, abs=1e-9) and owed[23] == 0
    late = vehicle_debt_usd(Vehicle(name="v", debt_usd=100.0, rate=0.08, years=5.0, first=3), 5)
    assert late[:3].sum() == 0 and late[3] == approx(100.0)


# -------------------------------------------------------------------------------------------------------------- catalog
def test_every_company_of_the_catalog_has_statements():
    assert set(catalog.items("companies")) <= set(names())
    assert {"Nebius", "IREN", "TeraWulf", "Applied Digital", "Cipher"} <= set(names())


def test_references_point_at_rows_that_say_the_same():
    for item in catalog.items("statements"):
        for fact in catalog.facts("statements", item).values():
            if isinstance(fact.value, str) and fact.value.startswith("="):
                there = catalog.fact(*fact.value[1:].split("/"))
                assert (fact.source, fact.confidence) == (there.source, there.confidence), fact.attribute
                assert isinstance(there.value, float)


def test_own_estimates_say_why():
    for item in catalog.items("statements"):
        for fact in catalog.facts("statements", item).values():
            assert fact.note or fact.source != "own-estimate", (item, fact.attribute)
            assert (fact.source == "own-estimate") == (fact.confidence == "own-estimate")


def test_sourced_numbers_are_counted_apart_for_opening_and_plan():
    known, total = company("CoreWeave").sourced(opening=True)
    assert 20 <= known < total
    for name in names():
        told = [company(name).sourced(opening) for opening in (True, False)]
        assert all(0 <= k <= n for k, n in told)


@pytest.mark.peers
def test_leases_and_vehicles_agree_with_numpy_financial():
    npf = pytest.importorskip("numpy_financial")
    assert worth_of_rents(0.07, 44) == approx(-npf.pv(0.07 / 4, 44, 1.0), rel=1e-12)
    found = rents(Leases(liability_usd=1e6, years=5.0, rate=0.09), 20)
    rent = -npf.pmt(0.09 / 4, 20, 1e6)
    assert found.rent[0] / 100 == approx(rent, abs=0.005)
    assert found.liability / 100 == approx(-npf.fv(0.09 / 4, np.arange(1, 21), -rent, 1e6), abs=0.01)
    told = Vehicle(name="v", debt_usd=1e6, rate=0.0658, years=24.0)
    owed = -npf.fv(0.0658 / 4, np.arange(1, 97), npf.pmt(0.0658 / 4, 96, 1e6) * -1 * -1, 1e6)
    assert vehicle_debt_usd(told, 96) == approx(owed, abs=0.01)
