"""Results: tables by name, with kinds and units that can be relied on."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from gigawatt.errors import GigawattError
from gigawatt.results import COLUMNS, SCHEMA, Figure, Table, check_schema, column_unit, schema_problems
from tests.fake_results import fake_results

NAT = np.datetime64("NaT")


def small() -> Table:
    return Table("t", {
        "date": np.array(["2026-01-05", NAT], "datetime64[D]"), "name": ["a", "b"], "x": [1.5, np.nan], "n": [1, 2],
        "yes": [True, False],
    })  # fmt: skip


def test_columns_keep_their_order_and_are_read_by_name():
    table = small()
    assert list(table) == ["date", "name", "x", "n", "yes"] and len(table) == 2
    assert table["n"].tolist() == [1, 2]
    assert table.kinds() == {"date": "date", "name": "text", "x": "float", "n": "int", "yes": "bool"}


def test_unknown_column_names_those_there_are():
    with pytest.raises(KeyError, match="table t has no column 'y'; it has date, name, x, n, yes"):
        small()["y"]


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Table("t", {"a": [1], "b": [1, 2]})


def test_rows_are_plain_python_values():
    first, second = small().rows()
    assert first == {"date": date(2026, 1, 5), "name": "a", "x": 1.5, "n": 1, "yes": True}
    assert second["date"] is None and np.isnan(second["x"])
    assert [type(value) for value in first.values()] == [date, str, float, int, bool]


def test_where_keeps_the_rows_in_which_every_column_agrees():
    capacity = fake_results(60).tables["capacity"]
    found = capacity.where(week=3, site="abilene")
    assert len(found) == 1 and found["owner"][0] == "Oracle"
    assert capacity.where(date=date(2026, 1, 26), site="abilene") == found


def test_tables_are_equal_when_names_kinds_and_values_are():
    assert small() == small()
    assert small() != Table("t", {**small().columns, "x": [1.5, 0.0]})
    assert small() != Table("u", small().columns)
    assert small() != Table("t", {**small().columns, "n": [1.0, 2.0]})


def test_table_from_its_rows_is_the_table():
    assert Table.from_rows("t", small().rows(), small().kinds()) == small()


def test_empty_table_has_the_columns_of_the_schema():
    assert Table.from_rows("claims", []).kinds() == SCHEMA["claims"]


def test_results_are_equal_when_tables_and_figures_are_and_timings_do_not_count():
    results = fake_results(30)
    assert replace(results, manifest={"seconds": 3.2}) == results
    assert replace(results, figures=results.figures[1:]) != results
    assert replace(results, tables=results.tables | {"claims": Table.from_rows("claims", [])}) != results


def test_figures_without_a_value_are_equal():
    assert Figure("x", float("nan"), "GW", "not reached") == Figure("x", float("nan"), "GW", "not reached")


def test_results_find_tables_and_figures_by_name():
    results = fake_results(30)
    assert results["prices"] is results.tables["prices"]
    assert results.figure("programme spending").unit == "USD"
    with pytest.raises(KeyError, match="no table 'price'; there are capacity, buildrate"):
        results["price"]
    with pytest.raises(KeyError, match="no figure 'spending'"):
        results.figure("spending")


def test_made_up_results_follow_the_schema():
    check_schema(fake_results())


def test_schema_check_names_every_difference():
    results = fake_results(30)
    tables = dict(results.tables)
    del tables["money"]
    tables["extra"] = small()
    tables["prices"] = Table("prices", {c: v for c, v in tables["prices"].columns.items() if c != "week"})
    tables["market"] = Table("market", {**tables["market"].columns, "share": np.zeros(len(tables["market"]), int)})
    broken = replace(results, tables=tables)
    assert [problem.split(" has ")[0].split(" is ")[0] for problem in schema_problems(broken)] == [
        "table money", "column market.share", "table prices", "table extra",
    ]  # fmt: skip
    with pytest.raises(GigawattError, match="column market.share is int; the schema says float"):
        check_schema(broken)


def test_every_column_of_numbers_has_a_unit_and_every_column_a_meaning():
    for table, columns in COLUMNS.items():
        for name, column in columns.items():
            assert column.text, f"{table}.{name}"
            if column.kind in ("int", "float"):
                assert column_unit(table, name), f"{table}.{name}"


def test_units_come_from_the_names_of_columns():
    assert column_unit("capacity", "energised_mw") == "MW"
    assert column_unit("power", "price_usd_per_mwh") == "USD/MWh"
    assert column_unit("companies", "cash_usd") == "USD"
    assert column_unit("market", "company") == ""


def test_weekly_tables_start_with_week_and_date():
    for name in SCHEMA.keys() - {"deals", "claims", "checks", "assumptions"}:
        assert list(SCHEMA[name])[:2] == ["week", "date"]
