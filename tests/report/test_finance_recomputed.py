"""Workbooks worked out by others, after changes of inputs and of the case: every line as the engine says."""

import math

import numpy as np
import pytest

from gigawatt.finance.project.values import work_out
from gigawatt.report.finance_xlsx import model_workbook
from tests.report.finance_recalculated import by_formulas, by_libreoffice, differences, soffice
from tests.report.finance_toy import CASES, CHANGED, toy

LOOSE = {"equity.irr_per_period", "equity.irr"}  # IRR of spreadsheets stops at 1e-7
NEEDS_SOFFICE = pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")
ASKED = [({}, ""), (CHANGED, ""), ({}, "Low price"), (CHANGED, "Dear and late"), ({"delay_periods": 30}, "")]
WAYS = [pytest.param(by_libreoffice, marks=NEEDS_SOFFICE), by_formulas]


@pytest.fixture(scope="module")
def model():
    return toy()


@pytest.fixture(scope="module")
def book(model) -> bytes:
    return model_workbook(model, work_out(model), title="Toy", cases=CASES)


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("changed", "case"), ASKED)
def test_spreadsheets_give_what_the_engine_gives(model, book, tmp_path, way, changed, case):
    pytest.importorskip("openpyxl")
    if way is by_formulas:
        pytest.importorskip("formulas")
    engine = work_out(model, {**changed, **CASES.get(case, {})})
    differ = differences(way(book, model, CASES, changed, case, tmp_path), model, engine, LOOSE)
    assert differ == []


def test_a_difference_is_found(model):
    values = work_out(model)
    found = {name: np.array(values[name], float).reshape(-1) for name in model.lines}
    assert differences(found, model, values, LOOSE) == []
    found["revenue_usd"][6] *= 1 + 3e-9
    found["cover.dscr"][7] = math.nan
    names = [each.split(":")[0] for each in differences(found, model, values, LOOSE)]
    assert names == [
        "revenue_usd, period 7", "cover.dscr, period 8",
    ]  # fmt: skip
