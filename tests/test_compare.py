"""Two runs side by side."""

from dataclasses import replace

import numpy as np
import pytest
from pytest import approx

from gigawatt import store
from gigawatt.errors import GigawattError
from gigawatt.report.compare import compare, flat, readable_rows
from gigawatt.results import Figure, Table
from tests.fake_results import fake_results
from tests.test_store import Merged

A = fake_results(30)


def changed():
    """A run with one other input, one other figure, one gone and one new, and dearer power in one week."""
    inputs = A.tables["assumptions"]
    value = np.where(inputs["path"] == "finance.max_leverage", "2.0", inputs["value"]).astype(object)
    price = A.tables["prices"]["rent_usd_per_h100e_h"].copy()
    price[7] += 3.0
    tables = A.tables | {
        "assumptions": Table("assumptions", inputs.columns | {"value": value}),
        "prices": Table("prices", A.tables["prices"].columns | {"rent_usd_per_h100e_h": price}),
    }
    figures = [
        replace(f, value=f.value * 1.1, text="$451 bn") if f.name == "programme spending" else f for f in A.figures[:-1]
    ]
    return replace(A, hash="b" * 64, tables=tables, figures=[*figures, Figure("new", 1.0, "GW", "1 GW")])


def test_run_compared_with_itself_has_no_differences():
    same = compare(A, A, tables=["prices"])
    assert len(same.inputs) == 0
    assert np.nansum(np.abs(same.figures["change"])) == 0
    assert same.tables["prices"]["largest_difference"].tolist() == [0.0] * 5


def test_inputs_that_differ_are_listed_with_both_values_unit_and_change():
    assert compare(A, changed()).inputs.rows() == [
        {"path": "finance.max_leverage", "a": "3.5 (2 to 5)", "b": "2.0 (2 to 5)", "unit": "1", "change": "-42.9%"}
    ]


def test_figures_stand_side_by_side_with_absolute_and_relative_change():
    figures = {row["figure"]: row for row in compare(A, changed()).figures.rows()}
    spending = figures["programme spending"]
    assert spending["change"] == approx(4.1e10) and spending["relative"] == approx(0.1)
    assert (spending["text_a"], spending["text_b"]) == ("$410 bn", "$451 bn")
    assert figures["what binds"]["text_b"] == "(none)" and figures["new"]["text_a"] == "(none)"


def test_tables_are_compared_over_the_rows_that_both_have():
    rows = {row["column"]: row for row in compare(A, changed(), tables=["prices"]).tables["prices"].rows()}
    rent = rows["rent_usd_per_h100e_h"]
    assert rent["change"] == approx(3.0 / 30) and rent["largest_difference"] == approx(3.0)
    assert rent["at"] == "2026-02-23" and rent["unit"] == "USD/H100e/h"
    shorter = compare(A, fake_results(20), tables=["prices"]).tables["prices"]
    assert shorter["largest_difference"].tolist() == [0.0] * 5


def test_unknown_table_names_the_nearest():
    with pytest.raises(GigawattError, match="did you mean prices"):
        compare(A, A, tables=["price"])


def test_saved_runs_also_show_inputs_that_only_the_scenario_has(tmp_path):
    a = store.save(A, Merged(data={"name": "x", "weeks": 30, "shocks": [{"size": 0.2}]}), tmp_path)
    b = store.save(changed(), Merged(data={"name": "y", "weeks": 40}), tmp_path)
    rows = {row["path"]: (row["a"], row["b"], row["change"]) for row in compare(a, b).inputs.rows()}
    assert rows == {"weeks": ("30", "40", "+33.3%"), "shocks[0].size": ("0.2", "(none)", ""),
                    "finance.max_leverage": ("3.5 (2 to 5)", "2.0 (2 to 5)", "-42.9%")}  # fmt: skip


def test_people_read_numbers_in_the_unit_of_their_row():
    rows = {row["figure"]: row for row in readable_rows(compare(A, changed()).figures)}
    assert rows["programme spending"] == {"figure": "programme spending", "a": "$410 bn", "b": "$451 bn",
                                          "change": "$41 bn", "relative": "+10.0%"}  # fmt: skip


def test_everything_fits_one_table_of_texts():
    whole = compare(A, changed()).all()
    assert set(whole["part"]) == {"inputs", "figures"} and set(whole.kinds().values()) == {"text"}


def test_nested_data_become_dotted_paths():
    assert dict(flat({"a": {"b": 1, "c": [2, {"d": 3}]}})) == {"a.b": 1, "a.c[0]": 2, "a.c[1].d": 3}
