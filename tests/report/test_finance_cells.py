"""The text of formulas: brackets, blanks, empty cells and periods, as a spreadsheet reads them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigawatt.finance.project.lines import (
    Apply,
    Constant,
    Later,
    Line,
    Model,
    by_year,
    dot,
    flag,
    following,
    internal_rate,
    lag,
    last,
    least,
    max_of,
    min_of,
    month_end,
    most,
    only,
    prev,
    ratio,
    remainder,
    total,
    where,
    whole,
)
from gigawatt.report.finance_cells import Cells, blank_lines, in_column, number, row_formula
from gigawatt.report.finance_layout import layout


@pytest.fixture
def model() -> Model:
    model = Model(4, 1, section="Timing")
    model.line("time", prev(Later("time")) + 1)
    model.section = "Cash"
    model.line("a", model.lines["time"] * 2)
    model.line("b", model.lines["a"] + model.input("rate", 0.1))
    model.line("gap", only(model.lines["a"] > 3, model.lines["b"]))
    return model


def text(model: Model, formula, column: int = 8, scalar: bool = False) -> str:
    """The formula of a new line of the model in a column; H is 7."""
    line = Line("new", formula, scalar=scalar, section="Cash")
    model.lines["new"] = line
    placed = layout(model)
    return in_column(row_formula(Cells(placed.places, blank_lines(model), model.periods, line)), column)


def test_lines_of_a_sheet_are_cells_of_the_column_and_others_name_their_sheet(model):
    a, rate = model.lines["a"], model.inputs["rate"]
    assert text(model, a * rate + model.lines["time"]) == "=I10*Inputs!$E$10+Timing!I10"


def test_periods_beside_are_the_columns_beside(model):
    a = model.lines["a"]
    assert text(model, prev(a) - following(a)) == "=H10-J10"
    assert text(model, prev(a), column=7) == "=G10"


def test_a_lag_reads_the_row_with_the_empty_cells_at_both_ends(model):
    a = model.lines["a"]
    assert text(model, lag(a, 2)) == "=INDEX($G$10:$L$10,1,MAX(1,MIN(COLUMNS($G$10:$L$10),I$3-2+1)))"
    assert "I$3-(-1)+1" in text(model, lag(a, -1))
    assert "I$3-ROUND(Inputs!$E$10,0)+1" in text(model, lag(a, model.inputs["rate"]))


def test_whole_rows(model):
    a, b, gap = (model.lines[name] for name in ("a", "b", "gap"))
    assert text(model, total(a) + dot(a, b), scalar=True) == "=SUM($H$10:$K$10)+SUMPRODUCT($H$10:$K$10,$H$11:$K$11)"
    assert text(model, last(b), scalar=True) == "=$K$11"
    assert text(model, max_of(a), scalar=True) == "=MAX($H$10:$K$10)"
    assert text(model, min_of(gap), scalar=True) == '=IF(COUNT($H$12:$K$12)=0,"",MIN($H$12:$K$12))'


def test_a_rate_of_return_is_searched_from_a_guess_and_blank_where_none_is_found(model):
    row, clock = "$H$11:$K$11", "$H$3:$K$3"
    earned, paid = f'SUMIF({row},">0")', f'SUMIF({row},"<0")'
    apart = f"SUMPRODUCT({clock},{row}*({row}>0))/{earned}-SUMPRODUCT({clock},{row}*({row}<0))/{paid}"
    assert text(model, internal_rate(model.lines["b"]), scalar=True) == (
        f'=IFERROR(IRR({row},(-{earned}/{paid})^(1/({apart}))-1),IFERROR(IRR({row}),""))'
    )


def test_brackets_keep_the_order_of_the_tree(model):
    a, b = model.lines["a"], model.lines["b"]
    assert text(model, a - (b - a) - b) == "=I10-(I11-I10)-I11"
    assert text(model, a / (b * a) * (a + b)) == "=I10/(I11*I10)*(I10+I11)"
    assert text(model, -(a**2)) == "=-(I10^2)"  # a spreadsheet reads -I10^2 as (-I10)^2
    assert text(model, (-a) ** 2 * -b) == "=(-I10)^2*(-I11)"
    assert text(model, (a**b) ** a) == "=(I10^I11)^I10"
    assert text(model, 2 ** (a**b)) == "=2^(I10^I11)"
    assert text(model, a * -2) == "=I10*(-2)"


def test_functions(model):
    a, b = model.lines["a"], model.lines["b"]
    assert text(model, whole(a) + remainder(a, b)) == "=ROUND(I10,0)+MOD(I10,I11)"
    assert text(model, Apply("floor", (a,))) == "=INT(I10)"
    assert text(model, ratio(a, b - 1)) == "=IF(I11-1=0,0,I10/(I11-1))"
    assert text(model, month_end(a, 6 * b)) == "=EDATE(I10,ROUND(6*I11,0))"
    assert text(model, month_end(a, Constant(3))) == "=EDATE(I10,3)"
    assert text(model, where(a <= b, 1, flag(a > 0))) == "=IF(I10<=I11,1,IF(I10>0,1,0))"
    assert text(model, (a > b) * 2) == "=IF(I10>I11,1,0)*2"
    prices = model.table("prices", (1.0, 2.0, 3.0))
    assert text(model, by_year(prices, a)) == (
        "=INDEX(Inputs!$H$13:$J$13,1,MIN(COLUMNS(Inputs!$H$13:$J$13),MAX(1,I10)))"
    )


def test_empty_cells_count_as_0_in_least_and_most(model):
    a = model.lines["a"]
    assert text(model, least(prev(a), 2)) == "=MIN(N(H10),2)"
    assert text(model, most(where(a > 1, following(a), 0), a)) == "=MAX(N(IF(I10>1,J10,0)),I10)"


def test_blanks_make_blanks_and_no_comparison_with_them_holds(model):
    a, gap = model.lines["a"], model.lines["gap"]
    assert text(model, only(a > 1, a)) == '=IF(I10>1,I10,"")'
    assert text(model, gap * 2 + a) == '=IF(ISTEXT(I12),"",I12*2+I10)'
    assert text(model, flag(gap >= 1.2)) == "=IF(IF(ISTEXT(I12),FALSE,I12>=1.2),1,0)"
    assert text(model, where(a > 1, gap + 1, 0)) == '=IF(I10>1,IF(ISTEXT(I12),"",I12+1),0)'


def test_blanks_spread_through_lines_that_read_them(model):
    model.line("more", model.lines["gap"] + 1)
    model.line("held", flag(model.lines["gap"] > 1))
    assert blank_lines(model) == {"gap", "more"}


@pytest.mark.parametrize("function", [total, internal_rate])
def test_sums_of_blanks_are_refused(model, function):
    with pytest.raises(ValueError, match="gap, which may be blank"):
        text(model, function(model.lines["gap"]), scalar=True)


def test_a_scalar_cannot_read_a_period(model):
    with pytest.raises(ValueError, match="new: one value, but it reads a in a period"):
        text(model, model.lines["a"] + 1, scalar=True)


def test_other_periods_of_a_scalar_are_refused(model):
    one = model.scalar("one", 1)
    for formula in (prev(one), total(one)):
        with pytest.raises(ValueError, match="one value only"):
            text(model, formula)


def test_formulas_too_long_for_excel_are_refused(model):
    a = model.lines["a"]
    assert len(text(model, least(*[a * a] * 900))) > 7000
    with pytest.raises(ValueError, match="at most 8192"):
        text(model, least(*[a * a] * 1200))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_all_their_digits(value):
    assert float(number(value)) == value
    assert re.fullmatch(r"-?\d+(\.\d+)?(E[+-]?\d+)?", number(value))


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="no nan"):
        number(float("nan"))


def test_columns_go_past_z():
    assert in_column("=\x014*\x022+\x033", 27) == "=AA4*AB2+AC3"
