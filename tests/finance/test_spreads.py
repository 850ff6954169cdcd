"""Credit spreads: published tables come back, known debts within stated bounds, and signs that never turn."""

from dataclasses import replace
from math import exp, inf, log, nan

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, composite, floats, sampled_from

from gigawatt.finance.residual import ResidualCurve, residual_curve
from gigawatt.finance.spreads import Contract, Customer, Financing, Guarantee, spread_over_benchmark
from gigawatt.finance.spreads_check import check, customers_of, financing
from gigawatt.finance.spreads_default import (
    Collateral,
    corporate_spread,
    default_share,
    hazard_per_year,
    loss_given_default,
    nearest_rating,
    rating,
)

SCALE = "AAA AA+ AA AA- A+ A A- BBB+ BBB BBB- BB+ BB BB- B+ B B- CCC".split()
CHECKED = {one.item: one for one in check()}
TOLERANCE_BP = 1e-6


def total(debt):
    return spread_over_benchmark(debt).total_bp


@pytest.mark.parametrize(("name", "years", "published"), [("BBB", 5, 0.0109), ("BB", 5, 0.0505), ("B", 10, 0.2104)])
def test_default_rates_are_those_that_s_and_p_publishes(name, years, published):
    # S&P, 2024 Annual Global Corporate Default Study, Table 26.
    assert default_share(name, years) == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize(("name", "published"), [("AAA", 0.0045), ("A-", 0.0095), ("BBB", 0.012), ("B", 0.03)])
def test_the_corporate_curve_passes_through_the_published_spreads(name, published):
    # A. Damodaran, Ratings, Interest Coverage Ratios and Default Spread, January 2025.
    assert corporate_spread(hazard_per_year(name)) == pytest.approx(published)


def test_both_scales_name_the_same_rating():
    assert [rating(name) for name in ("A3", "a-", "Ba2", "Caa1", "Aaa")] == ["A-", "A-", "BB", "CCC", "AAA"]
    with pytest.raises(ValueError, match="'Ba7' is unknown"):
        rating("Ba7")


def test_worse_ratings_default_more_often_at_every_horizon():
    for years in (0.5, 1, 3.3, 10, 15, 30):
        shares = [default_share(name, years) for name in SCALE]
        assert shares == sorted(shares)


@given(name=sampled_from(SCALE))
def test_a_rating_is_nearest_to_its_own_hazard(name):
    assert nearest_rating(hazard_per_year(name)) == name


def test_a_plain_corporate_bond_of_ten_years_pays_the_published_spread():
    assert total(Financing(sponsor="BBB", years=10, amortised=0, single_purpose=False)) == pytest.approx(120)


def test_loss_of_a_bullet_on_chips_by_hand():
    # Loan of 0.75 for one year on assets worth exp(-0.4 t), sold at half: recovered 0.5 exp(-0.4 t) of 0.75.
    collateral = Collateral(ltv=0.75, curve=ResidualCurve(decline_per_year=0.4))
    recovered = 0.5 / 0.75 * (1 - exp(-0.4)) / 0.4
    found = loss_given_default(collateral, years=1, amortised=0, subordinated=False)
    assert found == pytest.approx(1 - recovered, abs=1e-4)


def test_causes_add_up_and_none_is_negative():
    for one in CHECKED.values():
        found = one.found
        assert min(found.expected_loss_bp, found.risk_premium_bp, found.structure_bp) >= 0
        assert found.total_bp == pytest.approx(
            found.expected_loss_bp + found.risk_premium_bp + found.structure_bp, abs=1e-9
        )


@composite
def debts(draw):
    share = draw(floats(0.2, 1))
    customers = (Customer(share=share, rating=draw(sampled_from(SCALE))),)
    years, ltv = draw(floats(1, 25)), draw(floats(0.1, 1.2))
    return Financing(
        sponsor=draw(sampled_from(SCALE)),
        years=years,
        customers=customers,
        contract=Contract(take_or_pay=draw(floats(0, 1)), years=draw(floats(0, 20)), termination=draw(floats(0, 1))),
        dscr=draw(floats(0.5, 2.5)),
        collateral=Collateral(
            ltv=ltv, ltv_senior=ltv * draw(floats(0, 0.9)), curve=ResidualCurve(decline_per_year=draw(floats(0, 0.6)))
        ),
        amortised=draw(floats(0, 1)),
        guarantee=Guarantee(rating=draw(sampled_from(SCALE)), share=draw(floats(0, 1)), completion=draw(booleans())),
        construction_years=years * draw(floats(0, 0.8)),
        single_purpose=draw(booleans()),
    )


@given(debt=debts(), worse=sampled_from(SCALE))
def test_a_better_customer_never_pays_more(debt, worse):
    (customer,) = debt.customers
    low, high = sorted((customer.rating, worse), key=SCALE.index)
    better = replace(debt, customers=(replace(customer, rating=low),))
    assert total(better) <= total(replace(debt, customers=(replace(customer, rating=high),))) + TOLERANCE_BP


@given(debt=debts(), more=floats(0, 10))
def test_longer_cover_never_pays_more(debt, more):
    longer = replace(debt, contract=replace(debt.contract, years=debt.contract.years + more))
    assert total(longer) <= total(debt) + TOLERANCE_BP


@given(debt=debts(), share=floats(0, 1))
def test_firmer_contracts_never_pay_more(debt, share):
    bound = debt.contract.take_or_pay
    firmer = replace(debt, contract=replace(debt.contract, take_or_pay=bound + (1 - bound) * share))
    loose = replace(debt, contract=replace(debt.contract, termination=1 - (1 - debt.contract.termination) * share))
    assert total(firmer) <= total(debt) + TOLERANCE_BP <= total(loose) + 2 * TOLERANCE_BP


@given(debt=debts(), more=floats(0, 2))
def test_more_cover_of_debt_service_never_pays_more(debt, more):
    assert total(replace(debt, dscr=debt.dscr + more)) <= total(debt) + TOLERANCE_BP


@given(debt=debts(), more=floats(0, 0.5))
def test_a_higher_loan_to_value_never_pays_less(debt, more):
    higher = replace(debt, collateral=replace(debt.collateral, ltv=debt.collateral.ltv + more))
    assert total(higher) >= total(debt) - TOLERANCE_BP


@given(debt=debts(), more=floats(0, 0.5))
def test_collateral_that_loses_its_worth_faster_never_pays_less(debt, more):
    curve = ResidualCurve(decline_per_year=debt.collateral.curve.decline_per_year + more)
    assert total(replace(debt, collateral=replace(debt.collateral, curve=curve))) >= total(debt) - TOLERANCE_BP


@given(debt=debts())
def test_a_guarantee_never_raises_the_spread(debt):
    assert total(debt) <= total(replace(debt, guarantee=None)) + TOLERANCE_BP
    whole = replace(debt, guarantee=replace(debt.guarantee, share=1.0, completion=True))
    assert total(whole) <= total(debt) + TOLERANCE_BP


@given(debt=debts(), worse=sampled_from(SCALE))
def test_a_better_sponsor_never_pays_more(debt, worse):
    low, high = sorted((debt.sponsor, worse), key=SCALE.index)
    assert total(replace(debt, sponsor=low)) <= total(replace(debt, sponsor=high)) + TOLERANCE_BP


@given(debt=debts())
def test_junior_unsecured_and_small_debts_never_pay_less(debt):
    bare = replace(debt, collateral=None)
    assert total(bare) >= total(debt) - TOLERANCE_BP
    assert total(replace(bare, subordinated=True)) >= total(bare)
    assert total(replace(debt, size_usd=1e8)) >= total(debt)


def test_the_operators_own_failure_counts_however_good_the_customers_are():
    # B- fails in 3.27 % of years, AAA in 0.067 %; 7 % of what is between ends contracts: 0.29 %, between BBB and BBB-.
    operator, customer = hazard_per_year("B-"), hazard_per_year("AAA")
    bare = Financing(sponsor="B-", years=5, customers=(Customer(rating="AAA"),))
    found = spread_over_benchmark(bare)
    assert found.hazard_per_year == pytest.approx(customer + 0.07 * (operator - customer))
    assert found.rating == "BBB"
    assert total(replace(bare, sponsor="CCC")) > total(bare) > total(replace(bare, sponsor="BB"))


def test_lenders_who_take_contracts_over_lose_less_of_an_operators_failure():
    # Chips at 75 % of their worth: the customer's failure costs half of the debt, the operator's a fifth.
    bare = Financing(sponsor="B-", years=5, customers=(Customer(rating="AAA"),))
    secured = replace(bare, collateral=Collateral(ltv=0.75, curve=residual_curve("blackwell")))
    lost = loss_given_default(secured.collateral, years=5, amortised=1, subordinated=False)
    operator, customer = hazard_per_year("B-"), hazard_per_year("AAA")
    stopped = 0.07 * (operator - customer)
    by_hand = (customer * lost + stopped * 0.2) / (customer + stopped)
    assert spread_over_benchmark(secured).loss_given_default == pytest.approx(by_hand)
    assert total(bare) - total(secured) > 50
    junior = replace(secured, collateral=replace(secured.collateral, ltv_senior=0.5))
    assert spread_over_benchmark(junior).loss_given_default > 0.5


def test_security_is_worth_more_the_lower_the_loan_to_value():
    bare = Financing(sponsor="B-", years=5)
    asked = [total(replace(bare, collateral=Collateral(ltv=ltv, curve=residual_curve("blackwell"))))
             for ltv in (0.5, 0.75, 1.0)]  # fmt: skip
    assert asked == sorted(asked) and total(bare) - asked[1] > 200


def test_a_customer_of_sixty_per_cent_covers_sixty_per_cent():
    debt = Financing(sponsor="B-", years=5, customers=customers_of("Microsoft 60%"))
    assert spread_over_benchmark(debt).covered == pytest.approx(0.6)


def test_the_operators_share_gives_the_published_rating_of_both_loans():
    # Moody's: A3 and Ba2. Meta, the customer of the first, is AA-: what it loses by the operator sets the parameter.
    assert CHECKED["ddtl-4"].found.rating == "A-" and CHECKED["ddtl-5"].found.rating == "BB"


def test_contracts_that_walk_away_leave_the_sponsor():
    bare = Financing(sponsor="B", years=5)
    walked = replace(bare, customers=(Customer(rating="AAA"),), contract=Contract(termination=1))
    assert total(walked) == pytest.approx(total(bare))


def test_half_of_the_debt_behind_the_contract_counts_by_what_is_then_owed():
    # Repaid evenly over 10 years, contract of 5: a quarter of all debt-years lie behind it.
    debt = Financing(sponsor="B", years=10, customers=(Customer(rating="A"),), contract=Contract(years=5))
    assert spread_over_benchmark(debt).covered == pytest.approx(0.75)
    assert spread_over_benchmark(replace(debt, amortised=0)).covered == pytest.approx(0.5)


def test_spreads_between_ratings_lie_on_a_straight_line_of_logarithms():
    low, high = hazard_per_year("BB"), hazard_per_year("B+")
    middle = corporate_spread((low * high) ** 0.5)
    assert corporate_spread(low) < middle < corporate_spread(high)
    # BB- stands between them with a hazard of its own: nothing but the two published spreads decides.
    assert log(middle) == pytest.approx((log(0.0183) + log(0.0261)) / 2)


def test_texts_of_customers_are_read():
    first, second, third = customers_of("A3 50%, microsoft 40 %, Fluidstack:B2 10%")
    assert (first.rating, first.share, second.rating, second.share) == ("A-", 0.5, "AAA", 0.4)
    assert (third.name, third.rating) == ("Fluidstack", "B")


@pytest.mark.parametrize(
    ("text", "says"), [("Microsoft", "wants a name or rating and a share"), ("Mikrosoft 50%", "did you mean Microsoft")]
)
def test_customers_that_are_unknown_are_refused(text, says):
    with pytest.raises(ValueError, match=says):
        customers_of(text)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"customers": (Customer(share=0.7, rating="A"), Customer(share=0.7, rating="A"))}, "add up to 1.4"),
        ({"amortised": 1.2}, "amortised is 1.2"),
        ({"construction_years": 9.0}, "construction 9 within"),
        ({"years": 0.0}, "must be above 0"),
        ({"years": nan}, "must be above 0, finite"),
        ({"years": inf}, "must be above 0, finite"),
        ({"dscr": nan}, "finite dscr"),
        ({"dscr": inf}, "finite dscr"),
        ({"amortised": nan}, "amortised is nan"),
        ({"construction_years": nan}, "construction nan within"),
        ({"size_usd": 0.0}, "size above 0"),
    ],
)
def test_terms_out_of_bounds_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        replace(financing("ddtl-4"), **wrong)


def test_security_worth_less_than_senior_debt_is_refused():
    with pytest.raises(ValueError, match="above what ranks before"):
        Collateral(ltv=0.4, ltv_senior=0.5, curve=residual_curve("hopper"))
    with pytest.raises(ValueError, match="must be finite"):
        Collateral(ltv=nan, curve=residual_curve("hopper"))


def test_hazards_and_times_that_are_no_numbers_are_refused():
    for wrong in (nan, inf, -0.1):
        with pytest.raises(ValueError, match="0 or more and finite"):
            corporate_spread(wrong)
        with pytest.raises(ValueError, match="0 or more and finite"):
            default_share("BBB", wrong)
