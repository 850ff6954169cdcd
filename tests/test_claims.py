"""Claims: read with helpful mistakes, and tried on tables where the answer is known by hand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.claims import days_of, evaluate, names_in, parse_claim
from gigawatt.measures import MEASURES
from gigawatt.results import SCHEMA, Table
from gigawatt.units import parse_quantity
from tests.fake_results import fake_results

TABLES = fake_results(260).tables
NAMES = names_in(TABLES)


def tried(text, tables=TABLES):
    (row,) = evaluate([parse_claim(text)], tables)
    return row


def test_claim_is_read_in_either_order_and_any_letter_case():
    spellings = ("openai.market_share @ 2030-12 >= 40 %", "market_share.OpenAI@2030-12>=0.4",
                 " world.OPENAI.Market_Share @ 2030-12 >= 40%")  # fmt: skip
    for text in spellings:
        claim = parse_claim(text, NAMES)
        assert (claim.subject, claim.operator, claim.threshold) == ("market_share.OpenAI", ">=", approx(0.4))
        assert claim.names == (("company", "OpenAI"),)


def test_unit_of_a_figure_may_be_left_out():
    assert parse_claim("OpenAI.cash @ 2027 > 2 bn$", NAMES).subject == "cash_usd.OpenAI"
    assert parse_claim("programme.gw @ 2027 > 2").figure == "programme_gw"
    with pytest.raises(ValueError, match="did you mean energised_gw or"):
        parse_claim("energised @ 2027 > 2")


def test_values_carry_units():
    assert parse_claim("cash_usd.OpenAI @ 2027 > 2 bn$").threshold == approx(2e9)
    assert parse_claim("energised_gw @ 2027 > 1500 MW").threshold == approx(1.5)
    assert parse_claim("price_usd_per_mtok.pro @ 2027 < 3").threshold == approx(3)


def test_dates_mean_a_year_a_month_or_a_day():
    assert days_of("2030") == (dt.date(2030, 1, 1), dt.date(2030, 12, 31))
    assert days_of("2028-02") == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))
    assert days_of("2030-12-15") == (dt.date(2030, 12, 15), dt.date(2030, 12, 15))


def test_month_is_looked_at_in_its_last_week_of_the_plan_and_a_day_in_its_own():
    dates = {text: str(tried(f"energised_gw @ {text} >= 0")["date"]) for text in
             ("2026", "2026-02", "2026-02-25", "2026-01-05", "2026-01-04", "2030-12", "2030-12-30")}  # fmt: skip
    assert dates == {"2026": "2026-12-28", "2026-02": "2026-02-23", "2026-02-25": "2026-02-23",
                     "2026-01-05": "2026-01-05", "2026-01-04": "NaT", "2030-12": "2030-12-23",
                     "2030-12-30": "NaT"}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("market_share.OpenAI >= 40 %", "a claim reads `figure.name @ date >= value`"),
        ("market_shar.OpenAI @ 2030 >= 40 %", "did you mean market_share"),
        ("xyzzy @ 2030 >= 1", "known are energised_gw"),
        ("market_share.OpenIA @ 2030 >= 40 %", "did you mean OpenAI"),
        ("market_share.consumer @ 2030 >= 40 %", "needs the name of one company"),
        ("gw_per_week.OpenAI @ 2030 >= 1", "takes no name"),
        ("unmet_share.cancer @ 2030 <= 1 %", "knows no use 'cancer'"),
        ("cash_usd.OpenAI @ 2030 == 1", "unknown comparison '=='"),
        ("cash_usd.OpenAI @ soon >= 1", "is not a date"),
        ("cash_usd.OpenAI @ 2030 >= 1 GW", "USD"),
        ("cash_usd.OpenAI @ 2030 >= 1e9 to 2e9", "not with a range"),
        ("cash_usd.OpenAI @ 2030 >=", "."),
        ("cash_usd..OpenAI @ 2030 >= 1", "no figure in"),
        ("cash_usd.debt_usd @ 2030 >= 1", "no figure in"),
    ],
)
def test_mistakes_say_what_is_allowed(text, said):
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        parse_claim(text, NAMES)


@given(st.text(max_size=60) | st.from_regex(r"[a-z_.]{0,20}@[0-9-]{0,10}(>=|<|=)[ 0-9a-z%$]{0,8}"))
def test_junk_is_refused_with_a_value_error_only(text):
    try:
        parse_claim(text, NAMES)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("figure", MEASURES)
def test_every_figure_reads_a_column_of_the_schema_in_a_known_unit_and_has_a_value(figure):
    measure = MEASURES[figure]
    kinds = SCHEMA[measure.table]
    assert kinds[measure.column] in ("float", "int") and measure.text
    assert all(kinds[column] == "text" for column in measure.by)
    if measure.unit != "log10 FLOP":
        assert parse_quantity(1.0, measure.unit).value == 1.0
    name = {"item": ".grid", "company": ".OpenAI"}.get(measure.by[0], "") if measure.named else ""
    assert np.isfinite(tried(f"{figure}{name} @ 2030-06 >= 0")["value"])


def test_market_share_is_users_over_all_users_of_the_named_segment_or_of_all():
    at = {"week": [0] * 4, "date": [np.datetime64("2026-01-05")] * 4}
    market = Table("market", {**at, "segment": ["a", "a", "b", "b"], "company": ["X", "Y", "X", "Y"],
                              "users_m": [30.0, 10.0, 0.0, 20.0], "share": [0.75, 0.25, 0.0, 1.0]})  # fmt: skip
    tables = {"market": market}
    assert tried("market_share.x @ 2026-01-05 >= 50 %", tables)["value"] == approx(30 / 60)
    assert tried("market_share.x.a @ 2026-01-05 >= 50 %", tables)["value"] == approx(30 / 40)
    assert tried("users_m.b @ 2026-01-05 >= 1", tables)["value"] == approx(20)


def test_prices_are_means_by_what_is_served():
    at = {"week": [0, 0], "date": [np.datetime64("2026-01-05")] * 2}
    zero = {c: [0.0, 0.0] for c, kind in SCHEMA["tokens"].items() if kind == "float"}
    tokens = Table("tokens", {**at, "company": ["X", "Y"], "tier": ["pro", "pro"], **zero,
                              "served_gtokens": [3.0, 1.0], "price_usd_per_mtok": [10.0, 2.0]})  # fmt: skip
    assert tried("price_usd_per_mtok.pro @ 2026-01-07 >= 1", {"tokens": tokens})["value"] == approx(8)
    assert tried("price_usd_per_mtok.Y @ 2026-01-07 >= 1", {"tokens": tokens})["value"] == approx(2)


def books(cash, revenue):
    weeks = len(cash)
    zero = {c: np.zeros(weeks) for c, kind in SCHEMA["companies"].items() if kind == "float"}
    return {"companies": Table("companies", {
        "week": np.arange(weeks), "date": np.datetime64("2026-01-05") + 7 * np.arange(weeks), "company": ["X"] * weeks,
        **zero, "cash_usd": cash, "ai_revenue_usd": revenue})}  # fmt: skip


def test_lowest_cash_looks_back_and_not_ahead():
    tables = books([5.0, 2.0, 7.0, 1.0], [0.0] * 4)
    assert tried("lowest_cash_usd.X @ 2026-01-20 >= 1", tables)["value"] == 2.0
    assert tried("cash_usd.X @ 2026-01-20 >= 1", tables)["value"] == 7.0


def test_revenue_of_a_year_is_of_52_weeks_and_a_first_year_is_scaled_up():
    tables = books(np.zeros(104), np.repeat([1.0, 3.0], 52))
    assert tried("ai_revenue_usd_per_year.X @ 2026-01-31 >= 1", tables)["value"] == approx(52)
    assert tried("ai_revenue_usd_per_year.X @ 2027-07-06 >= 1", tables)["value"] == approx(26 * 1 + 26 * 3, abs=2)
    assert tried("ai_revenue_usd_per_year.X @ 2028-01-01 >= 1", tables)["value"] == approx(156)


def test_build_rate_is_the_mean_of_a_quarter_and_refusals_add_up():
    rate = TABLES["buildrate"]["programme_mw_per_week"]
    assert tried("programme_gw_per_week @ 2029-01-01 >= 0")["value"] == approx(rate[144:157].mean() / 1000)
    refused = TABLES["companies"].where(company="OpenAI")["refused_usd"]
    assert tried("refused_usd.OpenAI @ 2026-03-09 >= 0")["value"] == approx(refused[:10].sum())


def test_claim_holds_when_the_comparison_does():
    value = tried("energised_gw @ 2028-12 >= 0")["value"]
    for operator, holds in ((">=", True), ("<=", True), (">", False), ("<", False)):
        assert tried(f"energised_gw @ 2028-12 {operator} {value!r}")["holds"] is holds


def test_claim_about_all_sites_is_the_sum_over_owners():
    total = tried("energised_gw @ 2029 >= 0")["value"]
    owners = sorted(set(TABLES["capacity"]["owner"]))
    assert sum(tried(f"energised_gw.{owner} @ 2029 >= 0")["value"] for owner in owners) == approx(total)


def test_claim_outside_of_the_plan_or_about_nobody_has_no_value_and_does_not_hold():
    late, nobody = tried("energised_gw @ 2050 >= 0"), tried("cash_usd.Nobody @ 2028 >= -1e99")
    assert np.isnan(late["value"]) and np.isnat(late["date"]) and not late["holds"]
    assert np.isnan(nobody["value"]) and not nobody["holds"]


def test_company_without_sites_has_none_energised():
    (row,) = evaluate([parse_claim("energised_gw.Nvidia @ 2028 <= 0", {**NAMES, "company": ["Nvidia"]})], TABLES)
    assert row["value"] == 0 and row["holds"]


def test_rows_make_the_claims_table():
    claims = [parse_claim(text, NAMES) for text in ("openai.market_share @ 2030-12 >= 40 %", "defaults @ 2060 <= 0")]
    rows = evaluate(claims, TABLES)
    table = Table.from_rows("claims", rows)
    assert table.kinds() == SCHEMA["claims"]
    assert table["figure"].tolist() == ["market_share.OpenAI", "defaults"]
    assert str(table["date"][0]) == "2030-12-23"
