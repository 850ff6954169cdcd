"""The workbook of a project: cases with the debt as signed, statements by year, and the same answers as the engine."""

import datetime as dt
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from gigawatt.finance.project.holding import evaluate_case
from gigawatt.finance.project.inputs import (
    Asset,
    Backstop,
    Capacity,
    Contract,
    Cost,
    Covenants,
    Merchant,
    Per,
    Phase,
    Project,
    Repayment,
    Reserves,
    Taxes,
    Tranche,
)
from gigawatt.finance.project.result import evaluate
from gigawatt.finance.project.signing import AS_SIGNED, as_signed, signed
from gigawatt.finance.project.values import work_out
from gigawatt.finance.project.watching import CHECKED, watched
from gigawatt.report.finance_annual import STATEMENTS
from gigawatt.report.finance_project_xlsx import project_workbook, write_project_xlsx
from tests.report.finance_recalculated import by_libreoffice, differences, soffice

DOWNSIDE = {"contracts.anchor.usd_per_chip_h": 2.2, "merchant.usd_per_chip_h": (1.9, 1.5)}
PROJECT = Project(
    name="=Campus & sons", start=dt.date(2026, 4, 1), operation_years=4.0, delay_months=6.0,
    assets=(
        Asset(name="shell", capex_usd=1.2e9, life_years=20, tax_life_years=15),
        Asset(name="chips", capex_usd=3.0e9, life_years=3, refreshed=True, refresh_usd=1.5e9, refresh_trend=-0.1,
              residual=0.15, guaranteed_residual=0.2, depreciation="macrs_5", bonus=0.4, tax_credit=0.05),
    ),
    phases=(Phase(name="a", share=0.6, months=12, curve=1), Phase(name="b", share=0.4, start_month=6, months=9)),
    capacity=Capacity(chips=100_000, it_mw=150, pue=1.2, load_factor=0.9, availability=0.97, pflop_per_s=2.0),
    contracts=(Contract(name="anchor", share=0.7, usd_per_chip_h=2.6, utilisation=0.9, take_or_pay=0.95, months=42,
                        escalation=0.02, ends_early_month=36, termination_share=0.5),),
    merchant=Merchant(usd_per_chip_h=(2.2, 2.0, 1.8), utilisation=0.6, ageing=-0.1),
    backstops=(Backstop(guarantor="vendor", share=0.5, usd_per_chip_h=0.9, months=36),),
    energy_usd_per_mwh=55,
    costs=(Cost(name="staff", amount=(2e7,)), Cost(name="cover", amount=(0.004,), per=Per.capex)),
    receivable_days=45, payable_days=30,
    taxes=Taxes(rate=0.21, state_rate=0.05, loss_limit=0.8, interest_limit=0.3),
    debt=(
        Tranche(name="senior", repayment=Repayment.sculpted, years=3.5, base_rate=(0.04, 0.035), spread=0.025,
                hedged=0.7, swap_rate=0.037, dscr=1.4, gearing=0.65, upfront_fee=0.02, sweep=0.25),
        Tranche(name="junior", years=3.0, base_rate=(0.05,), spread=0.05, amount_usd=2e8, dscr=1.15),
    ),
    reserves=Reserves(debt_service_months=6, opex_months=1, interest_rate=0.03),
    covenants=Covenants(lockup_dscr=1.15, default_dscr=1.05),
    cases={"downside": DOWNSIDE, "late": {"phases.b.months": 15.0, "debt.senior.spread": 0.04}},
)  # fmt: skip
NO_DEBT = replace(PROJECT, debt=(), reserves=Reserves(), covenants=Covenants(), cases={"downside": DOWNSIDE})


@pytest.fixture(scope="module")
def base():
    return evaluate(PROJECT)


@pytest.fixture(scope="module")
def book(base) -> bytes:
    return project_workbook(base)


@pytest.mark.parametrize("case", PROJECT.cases)
def test_a_model_with_the_debt_as_signed_is_the_case_with_the_debt_held(base, case):
    model = signed(base.model, base.values)
    again, held = work_out(model, as_signed(model, PROJECT.cases)[case]), evaluate_case(PROJECT, case, base).values
    for name in base.model.lines:
        np.testing.assert_allclose(again[name], held[name], rtol=1e-12, atol=1e-6, err_msg=name)


def test_the_debt_is_sized_until_the_input_says_otherwise(base):
    model = signed(base.model, base.values)
    for given, sized in (({}, {}), (DOWNSIDE, DOWNSIDE)):
        again, plain = work_out(model, given), work_out(base.model, sized)
        for name in base.model.lines:
            np.testing.assert_array_equal(again[name], plain[name], err_msg=name)
    assert AS_SIGNED in model.inputs and AS_SIGNED not in base.model.inputs


def test_a_project_without_debt_has_nothing_signed():
    base = evaluate(NO_DEBT)
    assert signed(base.model, base.values) is base.model
    assert project_workbook(base)[:2] == b"PK"


def test_every_row_of_the_annual_statements_is_a_line_of_every_project(base):
    asked = {row.line for _, rows in STATEMENTS for row in rows if row.line}
    for result in (base, evaluate(NO_DEBT)):
        assert asked <= set(result.model.lines)


def annual(book: bytes) -> dict[str, dict[str, np.ndarray]]:
    """Rows of the annual statements by their title and label."""
    openpyxl = pytest.importorskip("openpyxl")
    sheet, found, title = openpyxl.load_workbook(io.BytesIO(book), data_only=True)["Annual"], {}, ""
    for row in sheet.iter_rows(min_row=5, max_row=60, max_col=20, values_only=True):
        title = row[0] or title
        if row[1]:
            found.setdefault(title.split(",")[0], {})[row[1]] = np.array([float(x or 0) for x in row[7:]])
    return found


@pytest.mark.peers
def test_annual_statements_close(book, base):
    found = annual(book)
    cash, sheet = found["Cash flow statement"], found["Balance sheet at the end of the year"]
    ends = cash["Cash and reserves at the end of the year"]
    assert cash["Change of cash"] == pytest.approx(np.diff(ends, prepend=0.0), abs=1e-3)
    assert sheet["Assets"] == pytest.approx(sheet["Debt"] + sheet["Equity"], abs=1e-3)
    assert found["Income statement"]["Net income"].sum() == pytest.approx(base["income.net_usd"].sum())
    parts = [values for label, values in found["Income statement"].items() if label not in ("EBITDA", "Net income")]
    assert np.sum(parts, axis=0) == pytest.approx(found["Income statement"]["Net income"], abs=1e-3)


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(("changed", "case"), [
    ({}, ""), ({}, "downside"), ({}, "late"), ({AS_SIGNED: 1.0, "capacity.availability": 0.9}, ""),
    ({"assets.chips.life_years": 2.0, "energy_usd_per_mwh": 70.0, "start": 46388.0, "taxes.rate": 0.3}, ""),
])  # fmt: skip
def test_spreadsheets_give_what_the_engine_gives_of_a_project(base, book, tmp_path, changed, case):
    pytest.importorskip("openpyxl")
    model = signed(base.model, base.values)
    cases = as_signed(model, PROJECT.cases)
    engine = work_out(model, {**changed, **cases.get(case, {})})
    rates = {name for name in model.lines if name.endswith("irr")}
    differ = differences(by_libreoffice(book, model, cases, changed, case, tmp_path), model, engine, rates)
    assert differ == []
    if not changed and not case:
        again, before = annual((tmp_path / "out" / "changed.xlsx").read_bytes()), annual(book)
        for title, rows in before.items():
            for label, values in rows.items():
                assert again[title][label] == pytest.approx(values, abs=1e-3), (title, label)


def test_results_of_draws_and_of_held_cases_are_refused(base):
    drawn = evaluate(PROJECT, {"discount_rate": np.array([0.07, 0.08])})
    with pytest.raises(ValueError, match="worked out with draws"):
        project_workbook(drawn)
    with pytest.raises(ValueError, match="held from another case"):
        project_workbook(evaluate_case(PROJECT, "downside", base))


def test_the_file_of_a_project_is_written_whole(base, book, tmp_path):
    path = write_project_xlsx(base, tmp_path / "campus.xlsx")
    assert path.read_bytes() == book
    assert re.match(rb"PK", book)


def test_what_a_reader_may_type_wrongly_is_checked_in_the_workbook(base):
    model = watched(signed(base.model, base.values))
    fine = work_out(model)
    assert all(np.abs(fine[name]).max() == 0 for name in model.lines if model.lines[name].section == CHECKED)
    wrong = {"phases.a.share": 0.9, "capacity.chips": -5.0, "contracts.anchor.share": 1.2, "debt.senior.years": 9.0}
    for name, check in zip(wrong, ("phases", "capacity_inputs", "booked", "tenors"), strict=True):
        found = work_out(model, {name: np.array([wrong[name]])})[f"checks.{check}"]
        assert np.abs(found).max() > 0.01, name


def test_alerts_are_apart_from_checks(base):
    model = watched(signed(base.model, base.values))
    low = work_out(model, {"covenants.default_dscr": np.array([9.0])})
    assert low["alerts.default"].max() == 1
    assert work_out(model)["alerts.default"].max() == 0


def test_the_summary_has_every_case_as_the_engine_has_it(base, book):
    sheet = pytest.importorskip("openpyxl").load_workbook(io.BytesIO(book), data_only=True)["Summary"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=6) if row[1].value}
    case = evaluate_case(PROJECT, "downside", base)
    assert rows["Least DSCR"][3].value == pytest.approx(base["cover.least_dscr"])
    assert rows["Least DSCR"][5].value == pytest.approx(case["cover.least_dscr"])
    assert [cell.value for cell in sheet[5]][4:7] == ["Base, as written", "downside, as written", "late, as written"]
