"""The parts of company statements: run-off of backlog, depreciation, debts, leases, vehicles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt import catalog
from gigawatt.finance.company import OPENING, Assets, Business, Leases, Tranche, Vehicle
from gigawatt.finance.company_catalog import company, names
from gigawatt.finance.company_debt import evenly, ladder_usd, mean_rate, rest_of_debt, stack
from gigawatt.finance.company_leases import factor, rents, uncommenced_at_opening_usd
from gigawatt.finance.company_metrics import vehicle_debt_usd
from gigawatt.finance.company_revenue import revenue, run_off_usd
from gigawatt.finance.company_wear import (
    Vintages,
    life_change_usd,
    opening_vintages,
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
    found = run_off_usd(business, 40)
    assert found.sum() == approx(backlog)
    assert (np.diff(found[: 4 * years]) >= -1e-9).all()


def test_a_backlog_that_cannot_last_is_refused():
    business = Business(revenue_usd_per_quarter=9, contracted_usd_per_quarter=9, rpo_usd=10, **EMPTY)
    with pytest.raises(ValueError, match="does not last 20 quarters"):
        run_off_usd(business, 4)


def test_bookings_become_revenue_after_their_delay():
    told = EMPTY | {"bookings_usd": {2026: 80.0}}
    business = Business(revenue_usd_per_quarter=0, booking_years=1, booking_delay_years=0.5, **told)
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
# its fiscal 2023; Oracle 0.57 bn of net income. Rebuilt from capex alone, vintages give the sign and the size within
# a factor of 2.6: the share of capex that is servers, and what is under construction, are not published.
@pytest.mark.parametrize(
    ("name", "year", "old", "new", "published_usd"),
    [("Meta", 2025, 5, 5.5, 2.9e9), ("Microsoft", 2023, 4, 6, 3.0e9 / 0.81), ("Oracle", 2025, 5, 6, 0.57e9 / 0.8)],
)
def test_longer_lives_save_about_what_companies_published(name, year, old, new, published_usd):
    assets = company(name).assets
    age = np.arange(old * 4.0)
    first = min(assets.capex_usd)
    cost = np.array([assets.capex_usd.get(year - 1 - int(a) // 4) or
                     assets.capex_usd[first] / (1 + assets.past_growth) ** (first - (year - 1 - int(a) // 4))
                     for a in age]) / 4  # fmt: skip
    vintages = Vintages(net_usd=cost * assets.chip_share * (1 - age / (old * 4)), age=age, life=old * 4)
    bought = np.full(4, assets.capex_usd[year] / 4 * assets.chip_share)
    saved = -life_change_usd(vintages, bought, old, new)
    assert published_usd / 2.6 < saved < published_usd * 2.6


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


def test_mean_rate_weighs_by_amount():
    two = (Tranche(name="a", principal_usd=100.0, rate=0.04, first=9, last=9),
           Tranche(name="b", principal_usd=300.0, rate=0.08, floating=True, first=9, last=9))  # fmt: skip
    assert mean_rate(two) == approx(0.07)
    assert mean_rate(two, floating_only=True) == approx(0.75)
    assert stack(two, 12).owed[:, 8].sum() == approx(40_000.0)  # cents
    assert stack(two, 12).owed[:, 9].sum() == 0


# --------------------------------------------------------------------------------------------------------------- leases
def test_a_lease_is_worth_its_rents_and_ends_at_nothing():
    found = rents(Leases(liability_usd=1000.0, years=2.0, rate=0.08), 10)
    rent = found.rent[0] / 100
    assert rent * factor(0.08, 8) == approx(1000.0, rel=1e-4)
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
    rent = 100.0 / factor(0.08, 20)
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
    assert factor(0.07, 44) == approx(-npf.pv(0.07 / 4, 44, 1.0), rel=1e-12)
    found = rents(Leases(liability_usd=1e6, years=5.0, rate=0.09), 20)
    rent = -npf.pmt(0.09 / 4, 20, 1e6)
    assert found.rent[0] / 100 == approx(rent, abs=0.005)
    assert found.liability / 100 == approx(-npf.fv(0.09 / 4, np.arange(1, 21), -rent, 1e6), abs=0.01)
    told = Vehicle(name="v", debt_usd=1e6, rate=0.0658, years=24.0)
    owed = -npf.fv(0.0658 / 4, np.arange(1, 97), npf.pmt(0.0658 / 4, 96, 1e6) * -1 * -1, 1e6)
    assert vehicle_debt_usd(told, 96) == approx(owed, abs=0.01)
