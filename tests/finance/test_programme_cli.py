"""The command `programme` as people and programs read it."""

import csv
import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gigawatt.cli.failures import Guarded
from gigawatt.cli.finance_programme import programme
from gigawatt.cli.finance_programme_file import read_programme
from gigawatt.cli.finance_programme_print import parts
from gigawatt.cli.finance_programme_rows import times
from gigawatt.cli.finance_programme_words import usd
from gigawatt.finance.programmes.luck import factors
from gigawatt.finance.programmes.presets import programme as named
from gigawatt.finance.programmes.required import required

app = typer.Typer(cls=Guarded)
app.command("programme")(programme)
app.command("other")(lambda: None)


def run(*options, code=0):
    result = CliRunner().invoke(app, ["programme", *options])
    assert result.exit_code == code, result.output
    return result


def test_words_come_first_and_say_need_gap_and_break_even():
    text = run("--draws", "50").stdout
    heads = [
        "OpenAI, 1.4 tn", "As planned it is just funded", "draws. It does not pay its way before 2035", "from  ",
        "the plan", "peak need", "raised", "owed", "missing  ", "break-even", "income and uses", "where the money",
        "what is owed", "carry it", "so that it is funded", "so that it pays its way",
    ]  # fmt: skip
    assert sorted(heads, key=text.index) == heads
    assert "30 GW more by 2033: $1.4 tn of capital" in text


def test_a_file_holds_the_years_with_money_that_adds_up(tmp_path):
    path = tmp_path / "years.csv"
    run("--draws", "50", "--out", str(path))
    rows = list(csv.DictReader(path.open()))
    assert [row["year"] for row in rows] == [str(year) for year in range(2026, 2036)]
    uses = "operating rent chips site tax interest repaid".split()
    sources = "prepayments vendors project_debt bonds_and_loans round_of_2026 equity".split()
    raised = [*(f"raised_{name}" for name in sources), "unfunded", "from_cash", "revenue"]
    for row in rows:
        paid, came = (sum(float(row[f"{name}_usd"]) for name in names) for names in (uses, raised))
        assert came == pytest.approx(paid)


def test_options_change_the_programme():
    base, dear = (
        json.loads(run("--draws", "20", "-f", "json", *more).stdout)
        for more in ((), ("--cost-per-gw", "60B$", "--chip-life", "3 years"))
    )
    assert sum(row["chips_usd"] for row in dear) > 1.4 * sum(row["chips_usd"] for row in base)
    grown = json.loads(run("--draws", "20", "-f", "json", "--revenue-growth", "50 %", "--years", "3").stdout)
    assert [round(row["revenue_usd"] / 13.1e9, 4) for row in grown] == [1.5, 2.25, 3.375]
    named = json.loads(run("--draws", "20", "-f", "json", "--cost-per-gw", "bernstein").stdout)
    assert named[3]["site_usd"] == pytest.approx(base[3]["site_usd"] * 35 / 46.7)


def test_what_is_required_comes_in_numbers_too():
    rows = json.loads(run("--require", "price", "--draws", "20", "-f", "json").stdout)
    assert [(row["goal"], row["unit"]) for row in rows] == [
        ("funded", "USD/GWh"), ("funded", "USD/Mtok"), ("break-even", "USD/GWh"), ("break-even", "USD/Mtok"),
    ]  # fmt: skip
    assert rows[1]["needed"] == pytest.approx(rows[0]["needed"] / 2.7e6)


def test_the_list_names_programmes_costs_and_the_rate_of_epoch_ai():
    text = run("--list").stdout
    for name in ("openai-1.4tn", "mckinsey-base", "morgan-stanley-2.9tn", "barclays", "epoch", "6.75%"):
        assert name in text


def test_a_draw_is_replayed():
    first, second = (
        json.loads(run("--draws", "9", "--replay", n, "-f", "json").stdout)[2]["revenue_usd"] for n in ("7", "8")
    )
    again = json.loads(run("--draws", "2", "--replay", "7", "-f", "json").stdout)[2]["revenue_usd"]
    assert first == again != second


EXAMPLE = Path(__file__).parents[2] / "examples" / "programmes" / "slower-1.4tn.yaml"


def test_a_programme_of_a_file_is_its_base_with_what_the_file_changes():
    found, base = read_programme(EXAMPLE), named("openai-1.4tn")
    assert found.gw == ((2025, 1.9), (2028, 7.0), (2032, 20.0), (2036, 31.9))
    assert found.cost_usd_per_gw == pytest.approx(50e9)
    assert found.chips_usd_per_gw / found.cost_usd_per_gw == pytest.approx(0.66)
    assert (found.chip_life_years, found.years, found.rent_usd_per_gw_year) == (4.0, 12, 12e9)
    assert [source.name for source in found.sources] == [
        "prepayments", "project debt", "bonds and loans", "round of 2026", "equity", "state fund",
    ]  # fmt: skip
    assert found.sources[4].dilution_per_year == 0.1
    assert found.sources[4].value_multiple == base.sources[5].value_multiple
    doubts = {doubt.name: (doubt.low, doubt.high, doubt.loading) for doubt in found.doubts}
    assert doubts["revenue"] == (0.5, 1.5, 0.7) and "pace" not in doubts
    assert found.price_usd_per_gwh == base.price_usd_per_gwh


def test_a_programme_of_a_file_runs():
    text = run("--file", str(EXAMPLE), "--draws", "30").stdout
    assert "A slower 1.4 tn" in text and "state" in text


def test_all_mistakes_of_a_file_are_told_at_once_with_their_places(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "base: openai-600bn\nchip_lifes: 4\nrent_usd_per_gw_year: 12 MW\nyears: 3.5\n"
        "sources:\n  equity: {dilution: 1 %}\n  fund: {kind: cash}\ndoubts: {revenue: 2, luck: 1 to 2}\n"
    )
    text = run("--file", str(path), code=2).output
    for words in (
        "mine.yaml:2:13: chip_lifes: unknown key; did you mean chip_life_years?",
        "mine.yaml:3:23: rent_usd_per_gw_year: 12 MW is a power", "mine.yaml:4:8: years: 3.5 is no whole number",
        "mine.yaml:6:22: sources.equity.dilution: unknown key", "sources.fund: a new source wants kind and",
        "doubts.revenue: wants an interval around 1", "doubts.luck: unknown key",
    ):  # fmt: skip
        assert words in text


def test_values_that_clash_are_told_by_what_they_break(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("base: openai-1.4tn\ngw: {2025: 3, 2024: 5}\nown_share: 5\nsources: {equity: {rate: -1}}\n")
    text = run("--file", str(path), code=2).output
    for words in ("mine: gw wants at least one year, none below 0, and never falls",
                  "mine.yaml:3:12: own_share: wants keys", "equity: rate and advance at least 0"):  # fmt: skip
        assert words in text


def test_a_file_that_is_no_mapping_or_has_an_unknown_base_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("- 1\n")
    assert "wants keys and values" in run("--file", str(path), code=1).output
    path.write_text("base: openai-600\n")
    assert "did you mean 'openai-600bn'" in run("--file", str(path), code=2).output
    assert "cannot be read" in run("--file", str(tmp_path / "none.yaml"), code=1).output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--preset", "openai-600"], "did you mean 'openai-600bn'"),
        (["--cost-per-gw", "50"], "such as 50B$"),
        (["--cost-per-gw", "epok"], "did you mean 'epoch'? (known: bernstein"),
        (["--cost-per-gw", "goldman"], "unknown cost of a gigawatt 'goldman' (known: bernstein, barclays"),
        (["--revenue-growth", "60"], "6,000% a year; from -90% to 300%; for 60 % write '60 %'"),
        (["--revenue-growth", "400 %"], "400% a year; from -90% to 300%"),
        (["--chip-life", "400 years"], "--chip-life 400 years: from 0.5 to 20 years"),
        (["--replay", "-1"], "--replay -1: the number of a draw from 0"),
        (["--seed", "-1"], "--seed -1: a number from 0"),
        (["--utilisation", "75"], "at most 100%; for 75 % write '75 %'"),
        (["--list", "--preset", "openai-600bn", "--draws", "9"], "leave out --preset, --draws"),
        (["--preset", "openai-600"], "--preset openai-600: "),
        (["--cost-per-gw", "epok"], "--cost-per-gw epok: "),
        (["--chip-life", "nan"], "--chip-life nan"),
        (["--revenue-growth", "nan"], "--revenue-growth nan"),
        (["--cost-per-gw", "nan"], "--cost-per-gw nan"),
        (["--require", "luck"], "--require luck: allowed: revenue, growth, price, utilisation"),
        (["--draws", "0"], "--draws 0"),
        (["--years", "99"], "from 1 to 30"),
        (["--utilisation", "120 %"], "at most 100%"),
        (["--preset", "morgan-stanley-2.9tn", "--require", "price"], "without revenue"),
    ],
)
def test_mistakes_are_told_with_what_is_allowed(options, words):
    result = run(*options, code=1)
    assert words in result.output


WIDTHS = (60, 80, 90, 100, 110, 140)


def figures(text):
    """All numbers of a text, in any order."""
    return set(re.findall(r"\d[\d,.]*", text))


@pytest.mark.parametrize("options", [("--draws", "30"), ("--list",), ("--require", "price", "--draws", "9")])
def test_nothing_is_cut_on_a_screen_of_any_width(options, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    whole = run(*options)
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        narrow = run(*options)
        assert max(map(len, narrow.stdout.splitlines())) <= width
        # Words that are folded within a source's key come back together.
        assert figures(whole.stdout) - figures(narrow.stdout) <= figures("1-4 30 2025 1,000")
        assert "left out" not in narrow.output
        assert narrow.stdout.count("2030") >= (3 if options[0] == "--draws" else 0)


def test_every_part_of_a_table_that_is_split_has_its_key_and_no_column_is_lost(monkeypatch):
    rows = [{"year": 2026, **{f"column {n}": 1000.5 + n for n in range(9)}}]
    for width in range(20, 140, 7):
        found = parts(rows, "year", width)
        assert all(names[0] == "year" for names in found)
        assert [name for names in found for name in names[1:]] == [name for name in rows[0] if name != "year"]
    assert parts(rows, "year", 4000) == [list(rows[0])]


def test_what_is_changed_is_told():
    text = " ".join(run("--draws", "9", "--cost-per-gw", "60B$", "--chip-life", "3", "--revenue-growth", "50 %",
                        "--years", "6", "--utilisation", "70 %").stdout.split())  # fmt: skip
    for words in ("changed cost of a GW $60 bn instead of $46.7 bn", "revenue grows 50% a year from 2025",
                  "chip_life_years 3 instead of 5", "years 6 instead of 10", "utilisation 0.7 instead of 0.75",
                  "rent_usd_per_gw_year $15.6 bn instead of $13 bn, as rent follows"):  # fmt: skip
        assert words in text
    assert "changed" not in run("--draws", "9").stdout
    text = " ".join(run("--file", str(EXAMPLE), "--draws", "9").stdout.split())
    for words in ("of its base openai-1.4tn", "gw by year", "sources: no vendors, equity changed, state fund added",
                  "doubts: no pace, revenue changed"):  # fmt: skip
        assert words in text


def test_a_replayed_draw_is_told_with_its_factors_and_with_what_would_carry_it():
    text = " ".join(run("--draws", "20", "--replay", "17").stdout.split())
    drawn = factors(named("openai-1.4tn"), 1, 0, 17)
    assert f"revenue {drawn['revenue'][0]:.2f}, price {drawn['price'][0]:.2f}" in text
    assert "In draw 17 of seed 0 it is" in text and "needed in draw 17 of seed 0" in text
    rows = json.loads(run("--require", "price", "--replay", "17", "--draws", "20", "-f", "json").stdout)
    alone = required(named("openai-1.4tn"), "price", "funded", 1, 0, 17).value[0]
    assert rows[0]["needed"] == pytest.approx(alone) and rows[0]["case"] == "draw 17"


def test_a_preset_and_a_file_contradict_each_other():
    text = run("--preset", "openai-600bn", "--file", str(EXAMPLE), code=1).output
    assert "contradict each other" in text and "base: openai-600bn" in text


def test_unknown_keys_are_told_with_the_nearest_and_the_known_ones_once(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("preset: openai-600bn\ngigawats: {2026: 3}\nxyzzy: 1\nqwerty: 2\n")
    text = run("--file", str(path), code=2).output
    for words in ("preset: unknown key; did you mean base?", "gigawats: unknown key; did you mean gw?"):
        assert words in text
    assert text.count("known: base, ") == 1


def test_files_hold_numbers_with_units_and_say_of_what_case():
    years = json.loads(run("--draws", "9", "--replay", "3", "-f", "json").stdout)
    assert {(row["programme"], row["case"], row["draws"], row["seed"]) for row in years} == {
        ("openai-1.4tn", "draw 3", 9, 0)
    }
    texts = {"programme", "case"}
    assert all(isinstance(value, int | float) for row in years for key, value in row.items() if key not in texts)
    costs = json.loads(run("--list", "-f", "json").stdout)
    assert costs[0]["headline_usd"] == 1.4e12 and costs[0]["cost_usd_per_gw"] == pytest.approx(46.7e9)


@pytest.mark.parametrize(("ratio", "words"), [(0.41, "0.41x"), (142.9, ">50x"), (float("inf"), "-"), (-524.3, "-")])
def test_ratios_without_meaning_are_not_told(ratio, words):
    assert times(ratio, 2).strip() == words


def test_amounts_have_one_spelling():
    assert [usd(each) for each in (1.4e12, 207e9, 4.76e6, 1.76, 0)] == ["$1.4 tn", "$207 bn", "$4.76 mn", "$1.76", "$0"]
