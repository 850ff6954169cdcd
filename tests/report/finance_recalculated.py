"""Workbooks of models worked out by others: by LibreOffice, and by the package formulas; read back line by line."""

import io
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np

from gigawatt.finance.project.lines import Model
from gigawatt.report.finance_cells import CONSTANT, FIRST
from gigawatt.report.finance_layout import INPUTS, layout

ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""  # work out every formula of a file when it is opened


def soffice() -> str | None:
    """The program LibreOffice, where it is installed."""
    return shutil.which("soffice")


def by_libreoffice(book: bytes, model: Model, cases, changed, case: str, folder: Path) -> dict[str, np.ndarray]:
    """Lines after changing inputs in the base case and choosing a case."""
    import openpyxl

    file = openpyxl.load_workbook(io.BytesIO(book))
    places = layout(model, cases).places
    for name, value in changed.items():
        file[INPUTS].cell(places[name].row, FIRST + 1).value = value
    if case:
        file[INPUTS].cell(4, CONSTANT + 1).value = case
    file.save(folder / "changed.xlsx")  # openpyxl keeps formulas and drops their values
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS)
    command = [soffice(), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(folder / "out"), str(folder / "changed.xlsx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    file = openpyxl.load_workbook(folder / "out" / "changed.xlsx", data_only=True)
    return _read(model, lambda sheet, row, column: file[sheet].cell(row, column + 1).value)


def by_formulas(book: bytes, model: Model, cases, changed, case: str, folder: Path) -> dict[str, np.ndarray]:
    """Lines after changing inputs in the base case and choosing a case."""
    import formulas
    from xlsxwriter.utility import xl_col_to_name

    path, places = folder / "book.xlsx", layout(model, cases).places
    path.write_bytes(book)
    file = formulas.ExcelModel().loads(str(path)).finish()
    base, constant = xl_col_to_name(FIRST), xl_col_to_name(CONSTANT)
    given = {f"'[book.xlsx]{INPUTS.upper()}'!{base}{places[name].row}": value for name, value in changed.items()}
    if case:
        given[f"'[book.xlsx]{INPUTS.upper()}'!{constant}4"] = case
    found = file.calculate(inputs=given)

    def value(sheet: str, row: int, column: int) -> object:
        return found[f"'[book.xlsx]{sheet.upper()}'!{xl_col_to_name(column)}{row}"].value[0, 0]

    return _read(model, value)


def _read(model: Model, value) -> dict[str, np.ndarray]:
    places, found = layout(model).places, {}
    for name, line in model.lines.items():
        columns = [CONSTANT] if line.scalar else range(FIRST, FIRST + model.periods)
        cells = [value(places[name].sheet, places[name].row, column) for column in columns]
        found[name] = np.array([_number(cell) for cell in cells])
    return found


def _number(cell: object) -> float:
    """A number; NaN for a blank. An error of a spreadsheet stays infinite, so that no comparison passes it."""
    if cell is None or (isinstance(cell, str) and cell == ""):
        return math.nan
    if hasattr(cell, "year"):
        return float((np.datetime64(cell, "D") - np.datetime64("1899-12-30")).astype(int))
    try:
        return float(cell)
    except (TypeError, ValueError):
        return math.inf


def differences(found: dict[str, np.ndarray], model: Model, values, loose: set[str], rel: float = 1e-9) -> list[str]:
    """Lines of which some period differs; `loose` may differ by 1e-7, money by rounding of the largest amount."""
    said = []
    largest = max(
        np.nanmax(np.abs(values[name]), initial=0.0) for name, line in model.lines.items() if line.unit == "USD"
    )
    for name in model.lines:
        engine = np.asarray(values[name][..., 0], float).reshape(-1)
        scale = np.nanmax(np.abs(engine), initial=0)
        rounding = 1e-15 * largest if model.lines[name].unit == "USD" else 1e-12 * max(scale, 1)
        near = 1e-7 * max(scale, 1) if name in loose else rel * np.abs(engine) + rounding
        with np.errstate(invalid="ignore"):
            alike = (np.isnan(engine) & np.isnan(found[name])) | (np.abs(engine - found[name]) <= near)
        if not alike.all():
            t = int(np.argmin(alike))
            said.append(f"{name}, period {t + 1}: engine {engine[t]!r}, spreadsheet {found[name][t]!r}")
    return said
