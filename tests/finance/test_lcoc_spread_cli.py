"""The commands `finance lcoc` and `finance spread`: what they print adds up, and what they refuse says why."""

import csv
import io
import json

import pytest
import typer
from typer.testing import CliRunner

from gigawatt.cli import finance_lcoc, finance_spread
from gigawatt.errors import GigawattError
from gigawatt.finance.spreads_check import check

app = typer.Typer()
app.command("lcoc", epilog=finance_lcoc.EXAMPLES)(finance_lcoc.lcoc)
app.command("spread", epilog=finance_spread.EXAMPLES)(finance_spread.spread)


def printed(*words):
    result = CliRunner().invoke(app, [*words])
    if result.exception:
        raise result.exception
    return result.stdout


def rows(*words):
    return list(csv.DictReader(io.StringIO(printed(*words, "--format", "csv"))))


def test_causes_of_an_hour_add_up_to_all_of_it():
    found = {row["what"]: float(row["value"]) for row in rows("lcoc", "B200") if row["unit"] == "USD/chip/h"}
    assert found.pop("all of it") == pytest.approx(sum(found.values()), rel=1e-3)


def test_every_input_is_printed_with_its_source():
    found = {row["what"]: row for row in rows("lcoc", "h100", "--rate", "7 %", "--price", "45$/MWh")}
    assert (found["rate"]["value"], found["rate"]["source"]) == ("0.07", "option --rate")
    assert float(found["price_usd_per_mwh"]["value"]) == 45
    assert found["life_years"]["source"] == "epoch-insights-ai-datacenter-cost"
    assert all(found[name]["source"] for name in ("price_usd", "system_power_w", "pue", "utilisation"))


def test_work_done_costs_more_than_work_on_paper():
    def work(*words):
        return next(float(row["value"]) for row in rows("lcoc", "b200", *words) if row["unit"] == "USD/PFLOP/h")

    assert work("--mfu", "40 %") == pytest.approx(work() / 0.4, rel=1e-3)
    assert work("--precision", "fp8") == pytest.approx(work() / 2, rel=1e-3)


def test_tokens_cost_the_hour_over_what_is_served():
    found = {row["unit"]: float(row["value"]) for row in rows("lcoc", "b200", "--tokens", "1000")}
    hour = next(float(row["value"]) for row in rows("lcoc", "b200") if row["what"] == "all of it")
    assert found["USD/Mtok"] == pytest.approx(hour / 3.6, rel=1e-3)


def test_a_spread_stands_by_cause():
    found = json.loads(
        printed("spread", "--customers", "Microsoft 60%, OpenAI 40%", "--ltv", "75 %", "--format", "json")
    )
    bp = {row["what"]: row["value"] for row in found if row["unit"] == "bp"}
    assert bp["spread"] == pytest.approx(bp["expected loss"] + bp["risk premium"] + bp["structure"], abs=2)


def test_a_backstop_lowers_what_is_asked():
    def asked(*words):
        return next(float(row["value"]) for row in rows("spread", *words) if row["what"] == "spread")

    words = ("--customers", "Fluidstack 100%", "--construction", "1", "--ltv", "85 %", "--assets", "building")
    assert asked(*words, "--guarantor", "Google", "--guaranteed", "50 %") < asked(*words) - 50


def test_the_checks_show_every_debt_of_the_catalog_and_what_was_fitted():
    found = rows("spread", "--check")
    assert len(found) == len(check())
    assert sum(row["used"] == "fitted" for row in found) == 5
    assert "two parameters were fitted" in printed("spread", "--check")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lcoc", "B20"), "did you mean 'b200'"),
        (("lcoc", "b200", "--pue", "0.9"), "at least 1"),
        (("lcoc", "b200", "--rate", "8"), "write it as '8 %'"),
        (("lcoc", "b200", "--utilisation", "120 %"), "between 0 and 1"),
        (("lcoc", "b200", "--price", "60 $/kg"), "--price"),
        (("lcoc", "b200", "--life", "0"), "above 0"),
        (("lcoc", "h100", "--precision", "fp4"), "no fp4 arithmetic"),
        (("spread", "--customers", "Mikrosoft 60%"), "did you mean Microsoft"),
        (("spread", "--customers", "A 70%, B 70%"), "add up to 1.4"),
        (("spread", "--ltv", "70 %", "--assets", "gold"), "known are hopper"),
        (("spread", "--check", "--ltv", "70 %"), "leave out --ltv"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(words, says):
    with pytest.raises(GigawattError, match=says):
        printed(*words)
