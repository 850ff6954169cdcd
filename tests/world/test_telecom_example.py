"""The example of 1999: as many makers and carriers as it says, and the catalog's numbers where both have them."""

import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.deals.backtest.inputs import inputs
from gigawatt.ledger import SECTORS
from tests.world.runs import record, scenario

KNOWN = inputs(1999)
MILLION = 1e6


def plain(name):
    """A carrier of the catalog as the example spells it."""
    return name.replace(" ", "")


def carriers():
    companies = scenario("telecom-1999").companies
    return {name: companies[plain(name)] for name in KNOWN.carriers if plain(name) in companies}


def number(name, field):
    return float(KNOWN.middle(field)[KNOWN.carriers.index(name)])


def test_it_holds_eight_makers_and_twenty_one_carriers_in_a_size_class_of_32():
    companies = scenario("telecom-1999").companies
    makers = {key for key, company in companies.items() if company.roles == "maker"}
    owners = {key for key, company in companies.items() if company.roles == "owner"}
    assert makers <= set(KNOWN.vendors) and len(makers) == 8
    assert owners == {plain(name) for name in carriers()} and len(owners) == 21
    assert len(companies) <= 32


@pytest.mark.parametrize("name", sorted(carriers()))
def test_a_carrier_has_the_numbers_of_the_catalog(name):
    company = carriers()[name]
    debt_usd, revenue_usd = number(name, "debt_usd"), number(name, "revenue_usd")
    assert float(company.cash_usd) == approx(number(name, "cash_usd"))
    assert float(company.debt_usd) == approx(debt_usd)
    assert float(company.core_revenue_usd_per_year) == approx(revenue_usd, rel=1e-3)
    assert float(company.debt_rate) * debt_usd == approx(number(name, "interest_usd"), rel=0.01)
    ebitda_usd = revenue_usd * float(company.core_margin) - float(company.fixed_cost_usd_per_year)
    assert ebitda_usd == approx(number(name, "ebitda_usd"), rel=1e-3, abs=MILLION)
    assert float(company.sites_usd) == approx(number(name, "capex_usd"), rel=0.01)


def test_makers_have_the_cash_and_debt_of_the_catalog():
    companies = scenario("telecom-1999").companies
    for name in set(KNOWN.vendors) & set(companies):
        for field in ("cash_usd", "debt_usd"):
            expected = float(catalog.value("telecom_vendors", name, f"1999.{field}"))
            assert float(getattr(companies[name], field)) == approx(expected), (name, field)


def test_lines_of_makers_are_those_of_the_catalog_and_none_is_left_out():
    example = scenario("telecom-1999")
    lines = {
        (KNOWN.vendors[vendor], plain(KNOWN.carriers[carrier])): usd
        for vendor, carrier, usd in zip(KNOWN.loan_vendor, KNOWN.loan_carrier, KNOWN.loan.value[1], strict=True)
        if usd > 0
        and KNOWN.vendors[vendor] in example.companies
        and plain(KNOWN.carriers[carrier]) in example.companies
    }
    deals = {
        (deal.payer, deal.payee): float(deal.amount_usd)
        for deal in example.deals.values()
        if deal.trigger == "on_purchase" and deal.status == "firm"
    }
    assert deals == approx(lines)
    assert len({payer for payer, _ in deals}) >= 5


def test_signed_money_of_banks_and_owners_is_that_of_the_catalog():
    signed = {
        deal.payee: float(deal.amount_usd)
        for deal in scenario("telecom-1999").deals.values()
        if deal.payer.lower() in SECTORS
    }
    expected = {plain(name): number(name, "committed_usd") for name in carriers()}
    assert signed == approx({key: usd for key, usd in expected.items() if usd > 0})


@pytest.mark.parametrize("variant", [None, "vendor", "bust"])
def test_the_carrier_that_failed_first_of_those_with_a_large_line_fails_in_each_variant(variant):
    run = record("telecom-1999", variant=variant)
    place = list(run.scenario.companies).index("Winstar")
    assert run.field("plan.defaults")[-1, place] >= 1
