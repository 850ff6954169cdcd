"""The workbook of a schedule, read back by the standard library."""

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from gigawatt.buildout.events import simulate
from gigawatt.buildout.holding import holding
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.report.buildout_xlsx import workbook, write_xlsx

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEETS = ["Projects", "Tasks", "Gantt", "Orders", "What binds", "Power by year", "Assumptions"]
EVIL = '=HYPERLINK("https://example.com","pay")'


@pytest.fixture(scope="module")
def outcome():
    projects = (
        Project(name=EVIL, region="us_tx", start=OPENING, phases=(200.0, 200.0), due=dt.date(2029, 6, 30)),
        Project(name="+1 @second", region="china", start=OPENING, phases=(150.0,)),
    )
    return simulate(Portfolio(projects=projects), draws=20)


@pytest.fixture(scope="module")
def book(outcome) -> bytes:
    return workbook(outcome, holding(outcome), simulate(outcome.plan, draws=0))


def sheet(book: bytes, name: str) -> ElementTree.Element:
    """The XML of a sheet."""
    file = zipfile.ZipFile(io.BytesIO(book))
    return ElementTree.fromstring(file.read(f"xl/worksheets/sheet{SHEETS.index(name) + 1}.xml"))


def rows(book: bytes, name: str) -> list[dict[str, str | float]]:
    """Rows below the headers, by header; empty cells are left out."""
    strings = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(book)).read("xl/sharedStrings.xml"))
    texts = ["".join(part.text or "" for part in one.iter(f"{MAIN}t")) for one in strings]
    table = []
    for row in sheet(book, name).iter(f"{MAIN}row"):
        cells = {}
        for cell in row:
            value = cell.find(f"{MAIN}v")
            if value is not None:
                column = re.match("[A-Z]+", cell.get("r"))[0]
                cells[column] = texts[int(value.text)] if cell.get("t") == "s" else float(value.text)
        table.append(cells)
    top = next(k for k, cells in enumerate(table) if len(cells) > 1)
    return [{table[top][c]: value for c, value in cells.items()} for cells in table[top + 1 :]]


def day(number: float) -> dt.date:
    """The date of a number of Excel."""
    return dt.date(1899, 12, 30) + dt.timedelta(days=number)


def test_sheets_stand_in_order(book):
    names = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(book)).read("xl/workbook.xml"))
    assert [one.get("name") for one in names.iter(f"{MAIN}sheet")] == SHEETS


@pytest.mark.parametrize("name", SHEETS)
def test_no_cell_is_a_formula_and_names_stay_text(book, name):
    assert not list(sheet(book, name).iter(f"{MAIN}f"))
    assert not list(sheet(book, name).iter(f"{MAIN}hyperlink"))


def test_projects_have_their_dates(book, outcome):
    found = rows(book, "Projects")
    assert [row["Project"] for row in found] == [EVIL, "+1 @second"]
    full = np.sort(outcome.project_finish()[:, 0])
    assert day(found[0]["Full power P50"]) == OPENING + dt.timedelta(days=int(full[9] * 7 + 1e-6))
    assert found[0]["Full power P10"] <= found[0]["Full power P50"] <= found[0]["Full power P90"]
    assert found[0]["To build (MW)"] == 400
    assert day(found[0]["Due"]) == dt.date(2029, 6, 30)
    assert "Due" not in found[1]


def test_every_task_and_order_has_a_row(book, outcome):
    assert len(rows(book, "Tasks")) == len(rows(book, "Gantt")) == len(outcome.plan.tasks)
    orders = rows(book, "Orders")
    assert len(orders) == len(outcome.plan.work.order_item)
    mv = sum(row["Amount, median"] for row in orders if row["Item"] == "MV transformers")
    is_mv = np.array([pool.item.name == "mv_transformers" for pool in outcome.plan.pools])
    work = outcome.plan.work
    assert mv == pytest.approx(work.order_units[is_mv[work.order_item]].sum())


def test_every_assumption_has_a_source_with_a_title(book):
    found = rows(book, "Assumptions")
    assert {"stages", "supply", "materials", "regions"} <= {row["Table"] for row in found}
    assert all(row["Source"] and row["Title of the source"] for row in found)


@pytest.mark.parametrize("name", SHEETS)
def test_headers_stay_in_sight_and_are_printed_on_every_page(book, name):
    pane = next(sheet(book, name).iter(f"{MAIN}pane"))
    assert pane.get("state") == "frozen" and int(pane.get("ySplit")) >= 3
    names = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(book)).read("xl/workbook.xml"))
    repeated = {one.text for one in names.iter(f"{MAIN}definedName") if one.get("name") == "_xlnm.Print_Titles"}
    row = int(pane.get("ySplit"))
    assert any(text.replace("'", "") == f"{name}!${row}:${row}" for text in repeated)


def test_grid_is_coloured_by_the_dates_beside_it(book):
    rules = [rule.findtext(f"{MAIN}formula") for rule in sheet(book, "Gantt").iter(f"{MAIN}cfRule")]
    assert rules == [
        'AND(AND(H$3<=$E4,H$3+28>$D4,$D4<>""),$G4>=0.5)',
        'AND(H$3<=$E4,H$3+28>$D4,$D4<>"")',
        'AND(H$3>$E4,H$3<=$F4,$F4<>"")',
    ]


def test_what_never_comes_is_called_never(outcome):
    work = outcome.plan.work._replace(capacity=outcome.plan.work.capacity * 0.0)
    stuck = simulate(replace(outcome.plan, work=work), draws=0)
    found = rows(workbook(stuck, holding(stuck), stuck), "Projects")
    assert {row["Full power P50"] for row in found} == {"never"}


def test_same_schedule_makes_the_same_bytes_and_a_file(outcome, book, tmp_path):
    path = write_xlsx(outcome, holding(outcome), tmp_path / "out" / "plan.xlsx")
    assert path.read_bytes() == book
