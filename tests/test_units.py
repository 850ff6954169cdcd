"""Units at the edge: texts in, numbers with a known unit out, and back again for people."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.units import (
    HOURS_PER_WEEK,
    HOURS_PER_YEAR,
    UNITS,
    Quantity,
    compatible,
    convert,
    format_quantity,
    parse_quantity,
    parse_unit,
    unit_of,
)

READ = [  # what a user writes, the unit of the field, the number meant
    ("1.4 T$", "USD", 1.4e12),
    ("$1.4 T", "USD", 1.4e12),
    ("$1.4T", "USD", 1.4e12),
    ("US$ 1.4 trillion", "USD", 1.4e12),
    ("35 bn$", "USD", 35e9),
    ("8.1 B$", "USD", 8.1e9),
    ("5 MUSD", "USD", 5e6),
    ("30 k$", "USD", 30e3),
    ("35 bn", "USD", 35e9),
    ("-2 bn$", "USD", -2e9),
    ("-$2 bn", "USD", -2e9),
    ("1.2 GW", "MW", 1200),
    ("1,200 MW", "MW", 1200),
    ("0.7 kW", "W", 700),
    ("9 %", "1", 0.09),
    ("35 %", "1", 0.35),
    ("9 %", "1/year", 0.09),
    ("9 % per year", "1/year", 0.09),
    ("1 %/week", "1/week", 0.01),
    ("36 months", "years", 3),
    ("6 quarters", "months", 18),
    ("6 h", "hours", 6),
    ("2.5 ms", "s", 0.0025),
    ("0.5 s", "ms", 500),
    ("65 $/MWh", "USD/MWh", 65),
    ("$65/MWh", "USD/MWh", 65),
    ("$65 per MWh", "USD/MWh", 65),
    ("0.065 USD/kWh", "USD/MWh", 65),
    ("20 $/kW-year", "USD/kW/year", 20),
    ("20 $/(kW year)", "USD/kW/year", 20),
    ("52 bn$/GW", "USD/kW", 52_000),
    ("$2.50 per million tokens", "USD/Mtok", 2.5),
    ("2.5 $/M tokens", "USD/Mtok", 2.5),
    ("$3/H100e/h", "USD/H100e/h", 3),
    ("0.42 t/MWh", "g/kWh", 420),
    ("420 gCO2/kWh", "g/kWh", 420),
    ("420 g CO2/kWh", "g/kWh", 420),
    ("1.2 GW per week", "GW/week", 1.2),
    ("400 Gbit/s", "GB/s", 50),
    ("1.979 PFLOP/s", "FLOP/s", 1.979e15),
    ("1979 TFLOPS", "FLOP/s", 1.979e15),
    ("800 million users", "million", 800),
    ("800 M", "million", 800),
    ("350 tokens", "1", 350),
    ("8k", "1", 8000),
    ("2 M", "1", 2e6),
    ("1.4e9", "students", 1.4e9),
    ("1_000", "1", 1000),
    (1200, "MW", 1200),
    (0.08, "1", 0.08),
]

REFUSED = [  # what a user writes, the unit of the field, what the message must say
    ("1.2 GWh", "MW", "1.2 GWh is an energy, power_mw wants a power: W kW MW GW"),
    ("1.2 GW", "MWh", "is a power, power_mw wants an energy"),
    ("36 months", "USD", "is a time, power_mw wants an amount of money"),
    ("65 $/MWh", "USD", "is a price of energy"),
    ("30 k$/chip", "USD", "is a quantity in k$/chip"),
    ("1.2 mw", "MW", "unknown unit 'mw'; did you mean MW?"),
    ("5 monhts", "weeks", "did you mean months?"),
    ("5 qqqq", "MW", "unknown unit 'qqqq'; power_mw wants a power"),
    ("5 M", "MW", "is a plain number, power_mw wants a power"),
    ("9 %", "million", "9 % is a share"),
    ("nan", "MW", "not a finite number"),
    ("NaN", "MW", "not a finite number"),
    (".inf", "MW", "not a finite number"),
    ("-inf", "MW", "not a finite number"),
    (math.nan, "MW", "not a finite number"),
    (math.inf, "MW", "not a finite number"),
    ("1e999", "MW", "not a finite number"),
    ("1e300 T$", "USD", "not a finite number"),
    (10**400, "MW", "not a finite number"),
    ("1,4 GW", "MW", "decimal comma"),
    ("", "MW", "does not start with a number"),
    ("GW", "MW", "does not start with a number"),
    ("about 5", "MW", "does not start with a number"),
    ("\u0663 GW", "MW", "does not start with a number"),
    ("2 to 1", "1", "runs backwards"),
    ("1 to 2 to 3", "1", "more than one 'to'"),
    ("8 to 30k", "1", "may mean two things; write both ends with scale and unit"),
    ("$8 to 30 bn", "USD", "may mean two things"),
    ("20 % to 60", "1", "may mean two things"),
    ("5 $//MWh", "USD/MWh", "a unit is missing beside '/'"),
    ("5 $/MWh/", "USD/MWh", "a unit is missing beside '/'"),
    (True, "MW", "not a number"),
    (None, "MW", "not a number"),
    (["1 MW"], "MW", "not a number"),
    ("1" * 10_000, "MW", "too long"),
]

SUFFIXES = {
    "power_mw": "MW",
    "budget_usd": "USD",
    "price_usd_per_mwh": "USD/MWh",
    "capex_usd_per_kw": "USD/kW",
    "fom_usd_per_kw_year": "USD/kW/year",
    "ttft_s": "s",
    "tpot_ms": "ms",
    "lead_weeks": "weeks",
    "life_years": "years",
    "growth_per_year": "1/year",
    "target_gw_per_week": "GW/week",
    "users_m": "million",
    "carbon_g_per_kwh": "g/kWh",
    "g_co2_per_query": "g/query",
    "need_h100e": "H100e",
    "h100e": "H100e",
    "rent_usd_per_h100e_h": "USD/H100e/h",
    "ads_usd_per_user_year": "USD/user/year",
    "bf16_flop_per_s": "FLOP/s",
    "memory_gb": "GB",
    "water_l_per_kwh": "l/kWh",
    "price_usd_per_mtok": "USD/Mtok",
    "quality_log10_flop": "log10 FLOP",
    "pue": "1",
    "share.consumer": "1",
    "fleet_h100e.nvidia": "H100e",
    "sites.us_tx": "1",
    "sites.abilene.power_mw": "MW",
}

PEOPLE = [
    (1200, "MW", "1.2 GW"),
    (999.9, "MW", "1 GW"),
    (0, "MW", "0 MW"),
    (0.5, "MW", "500 kW"),
    (1.4e12, "USD", "$1.4 T"),
    (35e9, "USD", "$35 bn"),
    (-3.2e9, "USD", "-$3.2 bn"),
    (65, "USD/MWh", "$65/MWh"),
    (7.583, "MMBtu/MWh", "7.58 MMBtu/MWh"),
    (2300, "USD/kW", "$2,300/kW"),
    (0.0025, "s", "2.5 ms"),
    (12, "weeks", "12 weeks"),
    (9, "%", "9 %"),
    (0.09, "1", "0.09"),
    (800, "million", "800 M"),
    (3e6, "H100e", "3 M H100e"),
    (math.nan, "MW", "n/a"),
]


@pytest.mark.parametrize(("text", "unit", "value"), READ)
def test_a_text_is_read_in_the_unit_of_its_field(text, unit, value):
    assert parse_quantity(text, unit) == Quantity(approx(value, rel=1e-14), unit=unit)


@pytest.mark.parametrize(("text", "unit", "said"), REFUSED)
def test_a_wrong_text_is_refused_with_what_is_wanted(text, unit, said):
    with pytest.raises(ValueError) as caught:
        parse_quantity(text, unit, "power_mw")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_percentages_are_as_exact_as_the_decimal_number():
    for percent in range(1001):
        assert parse_quantity(f"{percent} %", "1").value == float(Fraction(percent, 100))


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("8k to 30k", "1", 8e3, 30e3),
        ("8 k to 30 k", "1", 8e3, 30e3),
        ("0.4 to 0.8", "GW/week", 0.4, 0.8),
        ("20 % to 60 %", "1", 0.2, 0.6),
        ("20 to 60 %", "1", 0.2, 0.6),
        ("200k to 2M", "1", 2e5, 2e6),
        ("$8 bn to $30 bn", "USD", 8e9, 30e9),
        ("8 to 30 bn$", "USD", 8e9, 30e9),
        ("500 MW to 2 GW", "MW", 500, 2000),
        ("18 months to 3 years", "years", 1.5, 3),
    ],
)
def test_an_interval_above_zero_is_lognormal_around_its_geometric_mean(text, unit, low, high):
    found = parse_quantity(text, unit)
    assert (found.low, found.high, found.shape, found.unit) == (approx(low), approx(high), "lognormal", unit)
    assert found.value == approx(math.sqrt(low * high))


@pytest.mark.parametrize(("text", "value"), [("-5 to 15", 5), ("0 to 4", 2), ("-3 % to -1 %", -0.02)])
def test_an_interval_that_reaches_zero_is_normal_around_its_mean(text, value):
    found = parse_quantity(text, "1")
    assert (found.value, found.shape) == (approx(value), "normal")


def test_an_interval_of_one_value_is_that_value():
    assert parse_quantity("3 to 3", "1") == Quantity(3.0, unit="1")


def test_a_year_is_365_days_in_conversions():
    assert parse_quantity("1 year", "hours").value == HOURS_PER_YEAR
    assert parse_quantity("36 months", "weeks").value == approx(3 * HOURS_PER_YEAR / HOURS_PER_WEEK)


def test_a_quantity_moves_to_another_unit_with_its_ends():
    moved = parse_quantity(Quantity(1.0, 0.5, 2.0, "GW", "lognormal"), "MW")
    assert moved == Quantity(1000.0, 500.0, 2000.0, "MW", "lognormal")
    assert float(moved) == 1000


@pytest.mark.parametrize(("field", "unit"), SUFFIXES.items())
def test_the_suffix_of_a_field_states_its_unit(field, unit):
    assert unit_of(field) == unit
    parse_unit(unit)


@pytest.mark.parametrize(("value", "unit", "text"), PEOPLE)
def test_numbers_are_written_for_people(value, unit, text):
    assert format_quantity(value, unit) == text


def test_things_counted_may_be_named_or_not_but_not_mixed_up():
    assert compatible("queries/week", "1/week")
    assert compatible("million", "users")
    assert not compatible("users", "wafers")
    assert not compatible("USD/Mtok", "USD")
    assert not compatible("MW", "MWh")


finite = st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(value=finite, unit=st.sampled_from(sorted(symbol for symbol in UNITS if symbol)))
def test_a_value_written_with_its_unit_reads_back_equal(value, unit):
    assert parse_quantity(f"{value!r} {unit}", unit).value == value


@given(value=finite, pair=st.sampled_from([("GW", "kW"), ("TWh", "J"), ("years", "ms"), ("tCO2/MWh", "g/kWh")]))
def test_a_value_converted_there_and_back_is_the_same(value, pair):
    assert convert(convert(value, *pair), *reversed(pair)) == approx(value, rel=1e-12)


@given(low=st.floats(1e-6, 1e6), ratio=st.floats(1, 1e4))
def test_the_median_of_an_interval_lies_inside_it(low, ratio):
    found = parse_quantity(f"{low!r} to {low * ratio!r}", "MW")
    assert low * (1 - 1e-12) <= found.value <= low * ratio * (1 + 1e-12)


@given(value=st.floats(1e-3, 1e14), unit=st.sampled_from(["MW", "MWh", "GB/s", "FLOP/s", "s"]))
def test_what_people_read_is_within_half_a_percent(value, unit):
    assert parse_quantity(format_quantity(value, unit), unit).value == approx(value, rel=0.0051)


@given(text=st.text(max_size=300))
def test_any_text_is_a_number_or_a_refusal(text):
    try:
        assert math.isfinite(parse_quantity(text, "MW").value)
    except ValueError as error:
        assert str(error)


@given(text=st.from_regex(r"\A[-+$]*[0-9._,]{1,6}[ ]?[kMGTB$%A-Za-z/ ()-]{0,12}( to [0-9]{1,3}[ kMW$]{0,3})?\Z"))
def test_anything_like_a_quantity_is_a_number_or_a_refusal(text):
    for unit in ("MW", "USD", "1", "USD/MWh"):
        try:
            assert math.isfinite(parse_quantity(text, unit).value)
        except ValueError as error:
            assert str(error)
