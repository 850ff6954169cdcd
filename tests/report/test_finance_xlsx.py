"""The workbook of a model: one formula a row, values of the engine, text that stays text, no surprises inside."""

import io
import re
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest

from gigawatt.finance.project.lines import Later, Model, flag, prev
from gigawatt.finance.project.values import work_out
from gigawatt.report.finance_cells import FIRST
from gigawatt.report.finance_layout import CALCULATIONS, CHECKS, INPUTS, OUTPUTS, TIME_SHEETS, layout
from gigawatt.report.finance_xlsx import model_workbook, write_model_xlsx
from tests.report.finance_toy import CASES, PERIODS, toy

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NAMES = ["Read me", INPUTS, "Timing", CALCULATIONS, "Statements", OUTPUTS, "Charts", CHECKS]
PLAIN = [name for name in NAMES if name != "Charts"]  # the sheets of a model that has no lines for charts
EVIL = "=cmd|' /C calc'!A0"
VOLATILE = ("OFFSET", "INDIRECT", "TODAY", "NOW", "RAND", "CELL", "INFO")


@pytest.fixture(scope="module")
def model() -> Model:
    return toy()


@pytest.fixture(scope="module")
def values(model):
    return work_out(model)


@pytest.fixture(scope="module")
def book(model, values) -> bytes:
    return model_workbook(model, values, title=EVIL, cases=CASES, about=[EVIL])


def cells(book: bytes, name: str, names: list[str] = NAMES) -> dict[str, tuple[str, str | float | None]]:
    """(formula, value) of every cell of a sheet that is not empty."""
    file = zipfile.ZipFile(io.BytesIO(book))
    strings = ElementTree.fromstring(file.read("xl/sharedStrings.xml"))
    texts = ["".join(part.text or "" for part in one.iter(f"{MAIN}t")) for one in strings]
    found = {}
    for cell in ElementTree.fromstring(file.read(f"xl/worksheets/sheet{names.index(name) + 1}.xml")).iter(f"{MAIN}c"):
        formula, value, kind = cell.findtext(f"{MAIN}f"), cell.findtext(f"{MAIN}v"), cell.get("t")
        if formula is None and value is None:
            continue
        read = {"s": lambda v: texts[int(v)], "str": str, "e": str}.get(kind, lambda v: float(v) if v else "")
        found[cell.get("r")] = (formula or "", read(value or ""))
    return found


def relative(formula: str, column: int) -> str:
    """A formula with columns that move along told by their distance, as in R1C1."""

    def told(found: re.Match) -> str:
        fixed, letters, row = found.groups()
        number = sum((ord(letter) - 64) * 26**k for k, letter in enumerate(reversed(letters)))
        return f"{fixed}{letters}{row}" if fixed else f"C[{number - 1 - column}]{row}"

    return re.sub(r"(?<![A-Za-z])(\$?)([A-Z]{1,3})(\$?\d+)(?![\d(])", told, formula)


def column_of(address: str) -> int:
    letters = re.match("[A-Z]+", address)[0]
    return sum((ord(letter) - 64) * 26**k for k, letter in enumerate(reversed(letters))) - 1


@pytest.mark.parametrize("name", TIME_SHEETS)
def test_a_row_has_one_formula_in_all_periods(book, name):
    rows: dict[str, list[str]] = {}
    for address, (formula, _) in cells(book, name).items():
        if column_of(address) >= FIRST:
            assert formula, address
            rows.setdefault(re.sub("[A-Z]", "", address), []).append(relative(formula, column_of(address)))
    assert rows
    for row, formulas in rows.items():
        assert len(formulas) == PERIODS and len(set(formulas)) == 1, row


def test_every_line_stands_once_with_the_values_of_the_engine(book, model, values):
    placed, sheets = layout(model), {name: cells(book, name) for name in TIME_SHEETS}
    for name, line in model.lines.items():
        place = placed.places[name]
        row = [value for address, (_, value) in sheets[place.sheet].items()
               if re.sub("[A-Z]", "", address) == str(place.row) and column_of(address) >= FIRST]  # fmt: skip
        shown = [sheets[place.sheet][f"E{place.row}"][1]] if line.scalar else row
        expected = ["" if np.isnan(value) else float(value) for value in np.asarray(values[name], float)[..., 0].flat]
        assert shown == expected, name
    assert len(set(placed.places.values())) == len(placed.places)


def test_live_inputs_choose_the_value_of_the_case_shown(book, model):
    found, row = cells(book, INPUTS), layout(model).places["price_usd_per_mwh"].row
    assert found["E4"] == ("", "Base") and found["E5"] == ("MATCH($E$4,$H$7:$J$7,0)", 1)
    assert [found[f"{c}7"][1] for c in "HIJ"] == ["Base", *CASES]
    assert found[f"E{row}"] == (f"CHOOSE($E$5,H{row},I{row},J{row})", 47.25)
    assert found[f"I{row}"] == ("", 41.5)
    assert found[f"J{row}"] == (f"$H{row}", 47.25)  # a case that does not say otherwise follows the base


def test_the_cell_of_the_case_offers_a_list(book):
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet2.xml").decode()
    assert re.search(r'<dataValidation type="list"[^>]*sqref="E4"><formula1>\$H\$7:\$J\$7</formula1>', sheet)


def test_tables_by_year_are_rows_of_numbers(model, values):
    found, row = cells(model_workbook(model, values, title="x"), INPUTS), layout(model).places["price_index"].row
    assert [found[f"{c}{row}"] for c in "HIJK"] == [("", 1), ("", 1.02), ("", 1.05), ("", 1.04)]


def test_a_table_that_differs_by_case_has_a_row_for_each_and_one_that_is_read(book, model):
    found, row = cells(book, INPUTS), layout(model, CASES).places["price_index"].row
    assert found[f"L{row}"] == (f"CHOOSE($E$5,L{row + 1},L{row + 2},L{row + 1})", 1.04)
    assert [found[f"{c}{row + 1}"][1] for c in "HIJKL"] == [1, 1.02, 1.05, 1.04, 1.04]
    assert [found[f"{c}{row + 2}"][1] for c in "HIJKL"] == [1, 0.97, 0.95, 0.94, 0.93]


@pytest.mark.parametrize("name", NAMES)
def test_texts_of_the_user_are_never_formulas(book, name):
    found = cells(book, name)
    assert found["B1"] == ("", EVIL)
    assert not any("cmd" in formula or "HYPERLINK" in formula for formula, _ in found.values())
    if name == CALCULATIONS:
        assert ("", EVIL) in found.values()


def test_nothing_volatile_and_nothing_from_outside(book):
    for name in NAMES:
        for formula, _ in cells(book, name).values():
            assert not [each for each in VOLATILE if re.search(rf"\b{each}\(", formula)]
            assert "[" not in formula and "http" not in formula
    inside = zipfile.ZipFile(io.BytesIO(book)).namelist()
    assert not [each for each in inside if "external" in each or "vba" in each.lower() or "connection" in each]


def test_all_parts_are_well_formed_and_links_stay_inside(book):
    file = zipfile.ZipFile(io.BytesIO(book))
    assert file.testzip() is None
    for name in file.namelist():
        if name.endswith((".xml", ".rels", ".vml")):
            text = file.read(name)
            ElementTree.fromstring(text)
            assert b'TargetMode="External"' not in text, name


def test_the_same_model_gives_the_same_bytes(book):
    again = toy()
    assert model_workbook(again, work_out(again), title=EVIL, cases=CASES, about=[EVIL]) == book


@pytest.mark.parametrize("name", TIME_SHEETS)
def test_the_columns_beside_the_periods_are_empty(book, model, name):
    beside = {"G", "T"}  # 12 periods from H to S
    assert not [address for address in cells(book, name) if re.sub(r"\d", "", address) in beside]


def test_the_clock_stands_on_every_sheet(book):
    for name in TIME_SHEETS:
        found = cells(book, name)
        assert [found[f"{c}3"][1] for c in "HIS"] == [1, 2, 12]
        assert found["H4"][1] == 46203 and found["H5"][1] == 2026
        assert [found[f"{c}6"][1] for c in "HS"] == ["Construction", "Operation"]


@pytest.mark.parametrize("name", TIME_SHEETS)
def test_headers_stay_in_sight_and_are_printed_on_every_page(book, name):
    file = zipfile.ZipFile(io.BytesIO(book))
    sheet = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{NAMES.index(name) + 1}.xml"))
    pane, page = next(sheet.iter(f"{MAIN}pane")), next(sheet.iter(f"{MAIN}pageSetup"))
    assert (pane.get("state"), pane.get("xSplit"), pane.get("ySplit")) == ("frozen", "6", "7")
    assert page.get("orientation") == "landscape" and page.get("paperSize") == "8"
    workbook = file.read("xl/workbook.xml").decode()
    assert f"{name}!$A:$F,{name}!$1:$7" in workbook


def checked(wrong: float) -> Model:
    model = Model(3, 1, section="Timing")
    model.line("time.period", prev(Later("time.period")) + 1)
    model.section = CHECKS
    model.line("check.books_usd", flag(model.lines["time.period"] >= 2) * wrong)
    model.scalar("check.sum_usd", 0)
    return model


@pytest.mark.parametrize(("wrong", "fails"), [(0.0, 0), (0.005, 0), (0.02, 1), (-5.0, 1)])
def test_a_check_that_fails_shows_on_every_sheet(wrong, fails):
    model = checked(wrong)
    book = model_workbook(model, work_out(model), title="x")
    for name in PLAIN:
        assert cells(book, name, PLAIN)["E2"] == (
            'IF(Checks!$E$10=0,"OK","FAIL: "&Checks!$E$10)', "OK" if not fails else "FAIL: 1",
        )  # fmt: skip
    found, row = cells(book, CHECKS, PLAIN), layout(model).places["check.books_usd"].row
    assert found["E10"][1] == fails
    assert found[f"F{row}"] == (f"MAX(MAX($H{row}:$J{row}),-MIN($H{row}:$J{row}))", abs(wrong))
    assert found[f"A{row}"][1] == fails


def test_charts_show_what_the_model_has(book):
    charts = [name for name in zipfile.ZipFile(io.BytesIO(book)).namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 3  # cash and service, debt, cover; the toy has no line of what owners got so far
    plain = checked(0.0)
    empty = model_workbook(plain, work_out(plain), title="x")
    assert not [name for name in zipfile.ZipFile(io.BytesIO(empty)).namelist() if "chart" in name]


def test_what_a_workbook_cannot_show_is_refused(model, values):
    with pytest.raises(ValueError, match="2 draws; a workbook shows one"):
        model_workbook(model, work_out(model, {"debt.rate": np.array([0.02, 0.03])}), title="x")
    given = work_out(model, {"opex_usd": np.zeros((PERIODS, 1))})
    with pytest.raises(ValueError, match="opex_usd: given in place of its formula"):
        model_workbook(model, given, title="x")
    for cases, said in (({"base": {}}, "names differ"), ({"A?": {}}, "names differ"), ({"A": {"no": 1.0}}, "no input"),
                        ({"A": {"debt.rate": (1.0, 2.0)}}, "no input with 2")):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            model_workbook(model, values, title="x", cases=cases)


def test_a_drawn_input_is_the_base_of_the_workbook(model):
    book = model_workbook(model, work_out(model, {"debt.rate": np.array([0.02])}), title="x")
    row = layout(model).places["debt.rate"].row
    assert cells(book, INPUTS)[f"H{row}"] == ("", 0.02)


def test_the_file_is_written_whole(model, values, tmp_path):
    path = write_model_xlsx(model, values, tmp_path / "model.xlsx", title="x")
    assert path.read_bytes() == model_workbook(model, values, title="x")


@pytest.mark.peers
def test_openpyxl_reads_every_formula(book):
    openpyxl = pytest.importorskip("openpyxl")
    file = openpyxl.load_workbook(io.BytesIO(book))
    assert file.sheetnames == NAMES
    for name in TIME_SHEETS:
        read = {cell.coordinate: cell.value for row in file[name].iter_rows() for cell in row if cell.data_type == "f"}
        assert read == {address: f"={formula}" for address, (formula, _) in cells(book, name).items() if formula}
