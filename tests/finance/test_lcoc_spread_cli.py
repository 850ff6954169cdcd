"""The commands `finance lcoc` and `finance spread`: what they print adds up, and what they refuse says why."""

import csv
import io
import json
import re

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


def figures(*words):
    """Value by item of the machine's format."""
    return {row["item"]: float(row["value"]) for row in rows(*words) if row["value"]}


def test_causes_of_an_hour_add_up_to_its_cost():
    found = [row for row in rows("lcoc", "B200") if row["section"] in ("cause", "cost")]
    causes = [float(row["value"]) for row in found if row["section"] == "cause"]
    (cost,) = (float(row["value"]) for row in found if row["item"] == "usd_per_chip_h")
    assert cost == pytest.approx(sum(causes), rel=1e-12)


def test_every_input_is_printed_with_its_source():
    found = {row["item"]: row for row in rows("lcoc", "h100", "--rate", "7 %", "--price", "45$/MWh")}
    assert (float(found["rate"]["value"]), found["rate"]["source"]) == (0.07, "option --rate")
    assert float(found["price_usd_per_mwh"]["value"]) == 45
    assert found["life_years"]["source"] == "epoch-insights-ai-datacenter-cost"
    named = ("price_usd", "system_power_w", "pue", "rent_usd_per_chip_h", "residual", "availability")
    assert all(found[name]["source"] for name in named)


def test_work_done_costs_more_than_work_on_paper():
    def work(*words):
        return figures("lcoc", "b200", *words)["usd_per_pflop_h"]

    assert work("--mfu", "40 %") == pytest.approx(work() / 0.4)
    assert work("--precision", "fp8") == pytest.approx(work() / 2)


def test_tokens_cost_the_hour_over_what_is_served():
    found = figures("lcoc", "b200", "--tokens", "1000")
    assert found["usd_per_mtok"] == pytest.approx(found["usd_per_chip_h"] / 3.6)


def test_margin_and_payback_follow_from_rent_and_cost():
    found = figures("lcoc", "b200", "--rent", "5$/h")
    assert found["margin"] == pytest.approx(1 - found["usd_per_chip_h"] / 5)
    # At the share of hours that pays, costs per hour sold are the rent.
    share = found["sold_share_that_pays"]
    assert figures("lcoc", "b200", "--utilisation", str(share))["usd_per_chip_h"] == pytest.approx(5)
    running = found["opex_usd_per_chip_h"] + found["energy_usd_per_chip_h"]
    capex = found["price_usd"] + 1600 / 1e6 * found["facility_usd_per_mw"]
    assert found["payback_years"] == pytest.approx(capex / (8760 * 0.75 * (5 - running)))


def test_rents_of_the_catalog_have_their_dates_and_are_of_one_chip():
    found = {row["chip"]: row for row in rows("lcoc", "B200", "H100", "gb200") if row["item"] == "rent_usd_per_chip_h"}
    assert [float(row["value"]) for row in found.values()] == [5.3, 2.6, 4.54]  # the superchip of two rents for 9.08
    assert [row["as_of"] for row in found.values()] == ["2026-05", "2026-05", "2026-03-17"]


def test_the_first_line_tells_cost_rent_margin_and_what_it_takes():
    first = " ".join(printed("lcoc", "B200").split())
    assert first.startswith("b200: an hour sold costs its owner 2.47 USD and rents for 5.30 USD (spot index, 2026-05)")
    assert "margin 53%, pays if 35% is sold, back in 2.0 years" in first
    assert "say --rent" in printed("lcoc", "gb300")


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_chips_stand_side_by_side_in_any_width(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    found = printed("lcoc", "B200", "H100", "MI300X")
    assert max(map(len, found.splitlines())) <= columns
    assert re.search(r"all of it +2.47 +1.81 +1.26", found)


def test_a_spread_stands_by_cause():
    found = json.loads(
        printed("spread", "--customers", "Microsoft 60%, OpenAI 40%", "--ltv", "75 %", "--format", "json")
    )
    value = {row["item"]: row["value"] for row in found}
    causes = ("expected_loss_bp", "risk_premium_bp", "structure_bp")
    assert value["spread_bp"] == pytest.approx(sum(value[name] for name in causes), abs=1e-9)
    assert value["all_in_rate"] == pytest.approx(value["benchmark_rate"] + value["spread_bp"] / 1e4)
    assert (value["ltv"], value["customer Microsoft"]) == (0.75, 0.6)


def test_the_first_line_of_a_spread_tells_rating_fit_yield_and_what_was_assumed():
    found = " ".join(printed("spread", "--customers", "Microsoft 60%", "--years", "6", "--benchmark", "4 %").split())
    fit = r"\(half of 14 checks within \d+ bp, root mean square \d+\)"
    assert re.match(rf"about \d+ bp over the benchmark, like BB-? {fit}; \d+.\d% all in", found)
    assert "over a benchmark of 4.00%" in found
    assert "assumed: a borrower rated B-, no security, repaid evenly" in found
    assert "under contract 60%" in found
    assert "this is outside" in " ".join(printed("spread").split())


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("words", [("--customers", "Microsoft 60%, OpenAI 40%", "--ltv", "75 %"), ("--check",)])
def test_spreads_fit_any_width(words, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert max(map(len, printed("spread", *words).splitlines())) <= columns


@pytest.mark.parametrize("words", [("lcoc", "B200", "gb300"), ("spread", "--customers", "Microsoft 60%")])
def test_files_hold_numbers_as_numbers(words, tmp_path):
    printed(*words, "--out", str(tmp_path / "found.json"))
    printed(*words, "--out", str(tmp_path / "found.parquet"))
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert all(isinstance(row["value"], float) or row["value"] is None for row in found)
    assert not any("%" in row["unit"] or " " in row["section"] for row in found)


def test_a_backstop_lowers_what_is_asked():
    def asked(*words):
        return figures("spread", *words)["spread_bp"]

    words = ("--customers", "Fluidstack 100%", "--construction", "1", "--ltv", "85 %", "--assets", "building")
    assert asked(*words, "--guarantor", "Google", "--guaranteed", "50 %") < asked(*words) - 50


def test_the_checks_show_every_debt_of_the_catalog_and_what_was_fitted():
    found = rows("spread", "--check")
    assert len(found) == len(check())
    assert sum(row["use"] == "fitted" for row in found) == 5
    assert float(found[0]["model_bp"]) - float(found[0]["published_bp"]) == pytest.approx(float(found[0]["error_bp"]))
    told = " ".join(printed("spread", "--check").split())
    for words in ("fitted were: the premium", "bias +23, root mean square 139, R2 0.17", "153 for the mean of these"):
        assert words in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lcoc", "B20"), "did you mean 'b200'"),
        (("lcoc", "b200", "--pue", "0.9"), "at least 1"),
        (("lcoc", "b200", "--rate", "8"), "write '8 %' or 0.08"),
        (("lcoc", "b200", "--utilisation", "120 %"), "between 0.01 and 1"),
        (("lcoc", "b200", "--price", "60 $/kg"), "--price"),
        (("lcoc", "b200", "--life", "0"), "between 0.5 and 30 years"),
        (("lcoc", "b200", "--mfu", "0"), "between 0.001 and 1"),
        (("lcoc", "b200", "--facility", "12"), "12M"),
        (("lcoc", "b200", "--power", "1.7"), "between 20 W and 50 kW"),
        (("lcoc", "b200", "--capex", "3"), "between 100 and 10 million USD"),
        (("lcoc", "b200", "h100", "--capex", "30000"), "leave out --capex"),
        (("spread", "--senior", "20 %"), "--senior: terms of a security go with --ltv"),
        (("spread", "--guaranteed", "50 %", "--completion"), "--guaranteed, --completion: .* go with --guarantor"),
        (("spread", "--take-or-pay", "50 %"), "go with --customers"),
        (("spread", "--ltv", "75"), "write '75 %'"),
        (("spread", "--ltv", "300%"), "between 0.01 and 2"),
        (("spread", "--ltv", "50%", "--senior", "60%"), "is above it"),
        (("spread", "--years", "200"), "between 0.1 and 100 years"),
        (("spread", "--size", "200"), "between 1 million and 10 trillion USD"),
        (("spread", "--construction", "9"), "the debt falls due after 5 years"),
        (("lcoc", "h100", "--precision", "fp4"), "no fp4 arithmetic"),
        (("lcoc", "h100", "--precision", "fp7"), "--precision fp7: allowed are bf16"),
        (("spread", "--customers", "Mikrosoft 60%"), "--customers Mikrosoft 60%: .*did you mean Microsoft"),
        (("spread", "--customers", "Microsoft"), "--customers Microsoft: .*and a share"),
        (("spread", "--sponsor", "Orakle"), "--sponsor Orakle: .*did you mean Oracle"),
        (("spread", "--guarantor", "Gogle"), "--guarantor Gogle: .*did you mean Google"),
        (("spread", "--customers", "A 70%, B 70%"), "shares of customers add up to 1.4"),
        (("spread", "--ltv", "70 %", "--assets", "gold"), "--assets gold: .*known are hopper"),
        (("spread", "--customers", "Microsoft 60%", "--dscr", "nan"), "--dscr nan"),
        (("spread", "--years", "1e9"), "--years 1e9: must lie between 0.1 and 100 years"),
        (("spread", "--size", "0"), "--size 0: must lie between 1 million"),
        (("lcoc", "b200", "--rate", "nan"), "--rate nan"),
        (("spread", "--check", "--ltv", "70 %"), "leave out --ltv"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(words, says):
    with pytest.raises(GigawattError, match=says):
        printed(*words)
