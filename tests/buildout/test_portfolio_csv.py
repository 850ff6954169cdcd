"""Projects from a CSV file: every mistake at once with its place, units in cells, and back into the same file."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigawatt import catalog
from gigawatt.buildout.csv_cells import cells, delimiter_of
from gigawatt.buildout.design import POWERS, Design
from gigawatt.buildout.portfolio_csv import parse_portfolio, portfolio_csv, read_portfolio
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import SHELLS, standard_stages
from gigawatt.errors import ScenarioError

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "portfolio.csv"
SMALL = "name,region,mw,start\nMesa,us_tx,100,2026-06-01\n"

days = st.dates(dt.date(2026, 1, 5), dt.date(2031, 1, 1))
sizes = st.floats(1, 4000, allow_nan=False)
letters = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=20)
formulas = st.builds("".join, st.tuples(st.sampled_from(("=", "'=", "''+", "-", "' @", "'")), letters))
names = letters | formulas


@st.composite
def projects(draw, name):
    start = draw(st.dates(dt.date(2023, 1, 1), dt.date(2031, 1, 1)))
    power = draw(st.sampled_from(POWERS))
    own = [s for s in standard_stages() if s.power in ("", "grid" if power == "grid" else "onsite")]
    reached = draw(st.sampled_from([s.name for s in own])) if start < OPENING or draw(st.booleans()) else ""
    known = draw(st.lists(st.sampled_from([s.name for s in standard_stages()]), unique=True, max_size=2))
    return Project(
        name=name, region=draw(st.sampled_from(catalog.items("regions"))), start=start,
        phases=tuple(draw(st.lists(sizes, min_size=1, max_size=4))),
        design=Design(power=power, backup=draw(st.sampled_from([None, True, False]))),
        stagger_weeks=draw(st.floats(0, 60)), priority=draw(st.integers(-3, 9)), stage=reached,
        done=draw(st.floats(0, 0.99)) if reached else 0.0,
        due=start + dt.timedelta(days=draw(st.integers(1, 3000))) if draw(st.booleans()) else None,
        damages_usd_per_mw_day=draw(st.floats(0, 1e4)), damages_cap_share=draw(st.floats(0, 1)),
        weeks={stage: draw(st.floats(0.1, 99)) for stage in known}, energised_mw=draw(st.just(0.0) | sizes),
        shell=draw(st.sampled_from(SHELLS)), tempo=draw(st.floats(0.01, 9)),
    )  # fmt: skip


def mistakes(text, **more):
    with pytest.raises(ScenarioError) as caught:
        parse_portfolio(text, file="p.csv", **more)
    return [str(mistake) for mistake in caught.value.mistakes]


@given(st.data(), st.lists(names, min_size=1, max_size=4, unique=True))
def test_a_portfolio_written_and_read_is_the_same(data, given_names):
    portfolio = Portfolio(projects=tuple(data.draw(projects(name)) for name in given_names))
    again = parse_portfolio(portfolio_csv(portfolio))
    assert again == portfolio
    assert portfolio_csv(again) == portfolio_csv(portfolio)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\r", codec="utf-8")), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    )
)
def test_cells_in_quotes_hold_anything(rows):
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
    assert [[cell.text for cell in row] for row in cells(text)] == [row for row in rows if any(row)]


def test_places_of_cells_count_from_one_and_see_line_ends_in_quotes():
    found = cells('a, b\n"x\ny", "z"\nw,v\n')
    assert [(c.text, c.line, c.column) for row in found for c in row] == [
        ("a", 1, 1), ("b", 1, 4), ("x\ny", 2, 1), ("z", 3, 5), ("w", 4, 1), ("v", 4, 3)
    ]  # fmt: skip


def test_the_example_is_read():
    portfolio = read_portfolio(EXAMPLE)
    assert len(portfolio.projects) >= 5
    mesa = portfolio.projects[0]
    assert mesa.mw + mesa.energised_mw == 1200 and mesa.stage and mesa.done == 0.4
    assert portfolio_csv(parse_portfolio(portfolio_csv(portfolio))) == portfolio_csv(portfolio)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_part_cells_too(mark):
    text = SMALL.replace(",", mark)
    assert delimiter_of(text) == mark
    assert parse_portfolio(text) == parse_portfolio(SMALL)


@pytest.mark.parametrize(
    ("mw", "phases", "found"),
    [
        ("1.2 GW", "", (1200,)), ("900", "3", (300, 300, 300)), ("1 GW", "200/300/500", (200, 300, 500)),
        ("1 GW", "0.4 GW/600 MW", (400, 600)), ("100", "100 MW", (100,)),
    ],
)  # fmt: skip
def test_phases_are_a_count_or_sizes(mw, phases, found):
    text = f"name,region,mw,start,phases\nMesa,us_tx,{mw},2026-06,{phases}\n"
    assert parse_portfolio(text).projects[0].phases == found


def test_what_is_energised_already_is_not_built_again():
    text = "name,region,mw,start,stage,energised_mw,phases\nMesa,us_tx,1 GW,2025-06,shell,400 MW,3\n"
    (project,) = parse_portfolio(text).projects
    assert project.phases == (200, 200, 200) and project.energised_mw == 400


def test_all_mistakes_come_at_once_with_line_and_column():
    text = (
        "name,region,MW,start,phases,power,stage,due,done,priority\n"
        "Mesa,us_txx,1 parsec,2026-06,,,,,,\n"
        "Mesa,us_tx,0,2026-13,100/x,wind,shel,2020,120%,p\n"
        ",us_tx,100,2026-06,50/60,,,2026-05,10%,1\n"
    )
    found = mistakes(text)
    for begin, said in (
        ("p.csv:2:6: region", "us_txx"), ("p.csv:2:13: mw", "parsec"), ("p.csv:3:1: name", "line 2 already"),
        ("p.csv:3:14: start", "2026-13"), ("p.csv:3:22: phases", "'x'"), ("p.csv:3:28: power", "wind"),
        ("p.csv:3:33: stage", "did you mean shell?"), ("p.csv:3:43: done", "below 1"),
        ("p.csv:3:48: priority", "whole number"), ("p.csv:4:20: phases", "add up to 110 MW"),
        ("p.csv:4:28: due", "not after the start"), ("p.csv:4:36: done", "of no stage"),
    ):  # fmt: skip
        assert any(each.startswith(begin) and said in each for each in found), (begin, found)
    assert any("name: this cell is empty" in each for each in found)


def test_unknown_columns_are_mistakes_with_the_nearest_name():
    (unknown,) = mistakes("name,region,mw,start,prioritty\nMesa,us_tx,100,2026-06,1\n")
    assert unknown.startswith("p.csv:1:22: prioritty: unknown column") and "did you mean priority?" in unknown


def test_missing_columns_rows_and_files_are_named():
    assert any("mw: this column is missing" in each for each in mistakes("name,region,start\nMesa,us_tx,2026-06\n"))
    assert "no project" in mistakes("name,region,mw,start\n")[0]
    assert "this column is given twice" in " ".join(mistakes("name,region,mw,start,mw\nMesa,us_tx,1,2026,1\n"))
    assert "5 cells" in mistakes(SMALL.strip() + ",more\n")[0]
    assert "not closed" in mistakes('name,region,mw,start\n"Mesa,us_tx,1,2026\n')[0]
    with pytest.raises(ScenarioError, match="nowhere.csv: cannot read"):
        read_portfolio("nowhere.csv")


def test_a_date_before_the_start_needs_a_stage():
    text = SMALL.replace("2026-06-01", "2025-06-01")
    (said,) = mistakes(text)
    assert said.startswith("p.csv:2:16: start: 2025-06-01 lies before the plan, which begins on 2026-01-05")
    assert parse_portfolio(text, start=dt.date(2025, 1, 6)).projects[0].start == dt.date(2025, 6, 1)
    assert parse_portfolio(text.replace("start", "start,stage").replace("-01\n", "-01,shell\n")).projects[0].stage


def test_an_empty_cell_is_as_if_its_column_were_not_there():
    text = "name,region,mw,start,phases,power,due,done,stage,shell_weeks\nMesa,us_tx,100,2026-06-01,,,,,,\n"
    assert parse_portfolio(text) == parse_portfolio(SMALL)


def test_known_durations_are_columns_of_their_own():
    text = "name,region,mw,start,shell_weeks\nMesa,us_tx,100,2026-06-01,6 months\n"
    assert parse_portfolio(text).projects[0].weeks["shell"] == pytest.approx(26.09, abs=0.1)


def test_a_wrong_column_or_a_comma_too_many_hides_no_other_mistake():
    found = mistakes("name,regoin,mw,start\nMesa,us_tx,1 parsec,2026-13\nDune,us_tx,100,2026-06,x\n")
    for said in ("regoin: unknown column", "region: this column is missing", "parsec", "2026-13", "5 cells"):
        assert sum(said in each for each in found) == 1, (said, found)
    assert len(found) == 5  # no cell of the missing column is empty beside
    (short, *_), extra = mistakes("name,region,mw,start\nMesa,us_t,1,200,2026-06\n"), "us_tx?"
    assert extra in short


@pytest.mark.parametrize(
    ("mw", "start", "phases", "said"),
    [
        ("1e6", "2026-06", "", "mw: 1e6 is 1,000,000 MW; at most 20 GW"), ("1 W", "2026-06", "", "a phase of 1e-06 MW"),
        ("100", "2060-01-01", "", "more than 20 years after the start of the plan, 2026-01-05"),
        ("2 GW", "2026-06", "400", "400 phases; 1 to 50; one phase of that size is written '400 MW'"),
        ("100", "2026-06", "2000", "2000 phases"), ("10", "2026-06", "20", "a phase of 0.5 MW"),
        ("10 GW", "2026-06", "", "a phase of 10,000 MW; 1 MW to 5 GW"), ("100", "2026-06", "9" * 5000, "1 to 50"),
        ("100", "2026-06", "99.9/0.1", "a phase of 0.1 MW"), ("60", "2026-06", "/".join(["1"] * 60), "60 phases"),
    ],
)  # fmt: skip
def test_sizes_and_dates_that_are_slips_are_mistakes(mw, start, phases, said):
    (found,) = mistakes(f"name,region,mw,start,phases\nMesa,us_tx,{mw},{start},{phases}\n")
    assert said in found


def test_weeks_that_are_slips_are_mistakes():
    found = mistakes("name,region,mw,start,stagger_weeks,shell_weeks\nMesa,us_tx,100,2026-06,1e9,300 years\n")
    assert len(found) == 2 and all("below 1040" in each for each in found)


def test_files_that_are_no_text_say_what_to_do(tmp_path):
    path = tmp_path / "p.csv"
    for content, said in (
        ("name,region,mw,start\nMeßa,us_tx,1,2026\n".encode("cp1252"), r"p.csv:2: the byte 0xdf .* save it as UTF-8"),
        (SMALL.encode("utf-16"), r"p.csv:1: .* save it as UTF-8"), (b"a\0b", "save it as UTF-8"),
    ):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(ScenarioError, match=said):
            read_portfolio(path)
    with pytest.raises(ScenarioError, match="this is a folder; wants a CSV file"):
        read_portfolio(tmp_path)


@pytest.mark.parametrize(
    ("text", "mw"), [("1,2 GW", 1200), ("250,5", 250.5), ("1.234,5 MW", 1234.5), ("0,125 GW", 125), ("900", 900)]
)
@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_decimal_comma_is_read_where_none_parts_cells(text, mw, mark):
    given = mark.join(("name", "region", "mw", "start")) + "\n" + mark.join(("Mesa", "us_tx", text, "2026-06"))
    assert parse_portfolio(given).projects[0].mw == mw


@pytest.mark.parametrize("text", ["1,200", "1.200", "12,345 MW"])
def test_what_may_be_a_thousand_or_a_fraction_is_a_mistake(text):
    (found,) = mistakes(f"name;region;mw;start\nMesa;us_tx;{text};2026-06\n")
    assert "may be a thousand or a fraction" in found


def test_names_that_a_spreadsheet_would_run_are_written_as_text():
    name = '=HYPERLINK("http://x","y")'
    portfolio = parse_portfolio(SMALL.replace("Mesa", '"' + name.replace('"', '""') + '"'))
    written = portfolio_csv(portfolio)
    assert portfolio.projects[0].name == name and "\n\"'=HYPERLINK" in written
    assert parse_portfolio(written) == portfolio
    assert "already" in mistakes("name,region,mw,start\n=x,us_tx,100,2026-06\n'=x,us_tx,100,2026-06\n")[0]
