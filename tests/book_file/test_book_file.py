"""A book as CSV files: what is written is read back, and every bad row is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gigawatt.book_file import COLUMNS, checked_book, load_book, write_book
from gigawatt.book_file.columns import ORDER
from gigawatt.deals.book import Book, Deal, Party, Payment
from gigawatt.errors import GigawattError, ScenarioError

BOOK = Book(
    as_of=date(2025, 12, 31),
    parties={
        "A": Party(key="A", tier="cloud", core=True, cash_usd=0.1, margin=-0.2, growth=-0.1),
        "B": Party(key="B", tier="lab"),
    },
    deals=(
        Deal(key="b-a", payer="B", payee="A", instrument="take_or_pay", amount=1e9 / 3, start=date(2026, 1, 1),
             end=date(2027, 1, 1), history=((date(2025, 1, 2), "announced"), (date(2025, 3, 1), "firm")),
             schedule="2026=1e8 2027=2e8", note='says "so", twice'),
    ),
    payments=(Payment(key="p", payer="A", payee="B", kind="chips", year=2026, usd=5.0, covers=True),),
)  # fmt: skip


def write(folder: Path, **changes: str) -> Path:
    """A folder whose only deal has other cells."""
    write_book(BOOK, folder)
    head, row = (line.split(",") for line in (folder / "deals.csv").read_text().replace('"', "").splitlines()[:2])
    cells = dict(zip(head, row[: len(head)], strict=False)) | {"note": ""} | changes
    lines = [",".join(cells), ",".join(cells.values())]
    (folder / "deals.csv").write_text("\n".join(lines) + "\n")
    return folder


def wrong(folder: Path) -> str:
    with pytest.raises(ScenarioError) as error:
        load_book(folder)
    return str(error.value)


def test_what_is_written_is_read_back(tmp_path):
    write_book(BOOK, tmp_path)
    again = load_book(tmp_path)
    # nan is equal to nothing: compare what is written.
    other = tmp_path / "again"
    write_book(again, other)
    for name in ("deals.csv", "parties.csv", "payments.csv"):
        assert (other / name).read_text() == (tmp_path / name).read_text()
    assert again.deals[0].amount == BOOK.deals[0].amount and again.parties["A"].cash_usd == 0.1


def test_a_payment_file_may_be_left_out(tmp_path):
    write_book(BOOK, tmp_path)
    (tmp_path / "payments.csv").unlink()
    assert load_book(tmp_path).payments == ()


def test_parties_of_the_catalog_need_no_row(tmp_path):
    deal = replace(BOOK.deals[0], payer="OpenAI", payee="lenders")
    write_book(replace(BOOK, deals=(deal,)), tmp_path)
    assert {"OpenAI", "lenders"} <= set(load_book(tmp_path).parties)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"instrument": "lend"}, "deals.csv:2:4: instrument: unknown instrument 'lend'; allowed: equity"),
        ({"amount": "lots"}, "amount: 'lots' is no number; a plain number such as 40e9 for 40 bn"),
        ({"low": "9e9", "high": "1e9"}, "amount: the low end of its range, 9e+09, is above the high end, 1e+09"),
        ({"low": "9e9"}, "amount: 3.33333e+08 is outside its range, 9e+09 to ?"),
        ({"amount": "", "low": "1", "schedule": ""}, "amount: is missing, and its range is not"),
        ({"confidence": "sure"}, "confidence: unknown confidence 'sure'; allowed: primary, press, secondary, own-est"),
        ({"end": "20270-01-01"}, "end: '20270-01-01' is no day"),
        ({"start": "0203-01-01"}, "start: 0203-01-01 is far off; years from 1990 to 2100"),
        ({"guarantees": "c-b"}, "guarantees: unknown deal or party 'c-b'"),
        ({"note": "one, two"}, "deals.csv:2: 1 more cell than columns; a text with a comma in it stands in quotes"),
        ({"note": '"open'}, "deals.csv:2: a text that begins with a quote here does not end before the next comma"),
        ({"amount": "-1"}, "amount: -1 is below 0"),
        ({"end": "2025-01-01"}, "end: 2025-01-01 is before the start, 2026-01-01"),
        ({"start": "soon"}, "start: 'soon' is no day; a day such as 2026-02-27"),
        ({"history": "2025-01-01 frm"}, "unknown status 'frm'"),
        ({"history": "2025-03-01 firm; 2025-01-01 signed"}, "days are not in order"),
        ({"history": ""}, "history: is missing"),
        ({"schedule": "2026=9e9"}, "tranches add up to 9e+09, more than the amount"),
        ({"payer": "OpenAl"}, "payer: unknown party 'OpenAl'; describe it in "),
        ({"payer": "OpenAl"}, "/parties.csv; did you mean OpenAI?"),
        ({"counted_in": "c-a"}, "counted_in: unknown deal or payment 'c-a'"),
        ({"currency": "EUR"}, "unknown currency 'EUR'; allowed: USD"),
        ({"colour": "red"}, "deals.csv:1:23: colour: unknown column"),
    ],
)
def test_a_bad_row_is_named(tmp_path, changes, said):
    assert said in wrong(write(tmp_path, **changes))


def test_all_mistakes_are_told_at_once(tmp_path):
    assert len(wrong(write(tmp_path, amount="x", start="y", instrument="z")).splitlines()) >= 3


def test_a_key_that_stands_twice_is_named(tmp_path):
    write_book(replace(BOOK, deals=(BOOK.deals[0], BOOK.deals[0])), tmp_path)
    assert "deals.csv:3:1: key: 'b-a' stands in line 2 already" in wrong(tmp_path)


def test_a_folder_without_deals_is_an_error(tmp_path):
    with pytest.raises(GigawattError, match=r"no deals\.csv"):
        load_book(tmp_path)


def test_folders_are_named_by_text_by_path_and_by_one_of_their_files(tmp_path):
    write_book(BOOK, str(tmp_path))
    assert load_book(str(tmp_path)).deals == load_book(tmp_path).deals == load_book(tmp_path / "deals.csv").deals


def test_columns_are_described_in_the_order_in_which_they_are_written():
    assert {file: tuple(columns) for file, columns in COLUMNS.items()} == ORDER


# --------------------------------------------------------------------------------------------------- files as a whole
def edit(folder: Path, name: str, change) -> Path:
    """A folder of a good book in which the bytes of one file are changed."""
    write_book(BOOK, folder)
    path = folder / name
    path.write_bytes(change(path.read_bytes()))
    return folder


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("deals.csv", lambda text: text.replace(b",", b";"), "deals.csv:1: semicolons between the columns; put commas"),
        ("deals.csv", lambda text: text.replace(b",", b"\t"), "deals.csv:1: tabs between the columns"),
        ("deals.csv", lambda text: b"a;b", "deals.csv:1: semicolons between the columns"),
        ("parties.csv", lambda text: text + "C\xf6ln,,lab\n".encode("latin-1"),
         "parties.csv:4: is not UTF-8 (byte "),
        ("payments.csv", lambda text: text.decode().encode("utf-16"), "payments.csv: is UTF-16 ('Unicode text')"),
        ("deals.csv", lambda text: b"", "deals.csv: is empty; the first line names the columns: key, payer"),
        ("payments.csv", lambda text: text.replace(b",usd", b"", 1), "payments.csv:1: usd: no such column"),
        ("payments.csv", lambda text: text.replace(b"2026", b"20240"), "year: '20240' is no year; from 1990 to 2100"),
        ("payments.csv", lambda text: text.replace(b",5,", b",-5,"), "usd: -5 is below 0; 0 or more; who pays and who"),
        ("payments.csv", lambda text: text.replace(b",5,,", b",5,9,"), "usd: 5 is outside its range, 9 to ?"),
        ("payments.csv", lambda text: text.replace(b",5,,", b",5,7,1"), "low end of its range, 7, is above the high"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_once(tmp_path, name, change, said):
    told = wrong(edit(tmp_path, name, change))
    assert said in told and len(told.splitlines()) == 1


def test_decimal_commas_are_told_once_for_a_file(tmp_path):
    write_book(BOOK, tmp_path)
    head, row = (tmp_path / "payments.csv").read_text().splitlines()
    rows = [row.replace(",5,", f',"5,{year}",').replace("2026", str(year)) for year in range(2024, 2030)]
    (tmp_path / "payments.csv").write_text("\n".join([head, *rows]))
    told = wrong(tmp_path)
    assert "payments.csv:2:6: usd: '5,2024' has a comma, as 5 more in this file; write a point" in told
    assert len(told.splitlines()) == 1


def test_rows_without_a_word_are_no_rows(tmp_path):
    assert load_book(edit(tmp_path, "deals.csv", lambda text: text + b",,,\n\n")).deals[0].key == "b-a"


def test_a_book_without_deals_and_payments_is_a_mistake(tmp_path):
    write_book(replace(BOOK, deals=(), payments=()), tmp_path)
    assert "deals.csv: has no deals; one row a deal below the first line" in wrong(tmp_path)


# -------------------------------------------------------------------------------------------------------------- doubts
def doubts(folder: Path) -> str:
    return "\n".join(map(str, checked_book(folder)[1]))


def test_what_is_seldom_meant_is_told_beside_the_book(tmp_path):
    deal = replace(BOOK.deals[0], payer="OpenAI", source="reuters")
    write_book(replace(BOOK, deals=(deal, replace(deal, key="c"))), tmp_path)
    told = doubts(tmp_path)
    assert "deals.csv:2:21: source: unknown source 'reuters' (and in 1 more row); describe it in sources.csv" in told
    assert "payments.csv:2:9: covers: no deal pays chips from A to B, which it would cover" in told
    assert "parties.csv: parties that it lacks have balance sheets and business as in the catalog: OpenAI" in told
    for name in ("parties.csv", "payments.csv"):
        (tmp_path / name).unlink()
    (tmp_path / "deals.csv").write_text((tmp_path / "deals.csv").read_text().replace(",A,", ",Oracle,"))
    told = doubts(tmp_path)
    assert "payments.csv: there is no such file; no payments: sales to customers" in told
    assert "parties.csv: there is no such file; parties that it would hold have" in told and "OpenAI, Oracle" in told


def test_the_book_of_the_catalog_has_no_doubts_and_its_sources_have_addresses(tmp_path):
    write_book(load_book(), tmp_path)
    assert doubts(tmp_path) == ""
    assert "https://" in (tmp_path / "sources.csv").read_text()


def test_own_sources_are_known_and_written_again(tmp_path):
    write_book(replace(BOOK, deals=(replace(BOOK.deals[0], source="memo"),)), tmp_path / "a")
    (tmp_path / "a" / "sources.csv").write_text("key,title\nmemo,A memo\n")
    assert "unknown source" not in doubts(tmp_path / "a")
    write_book(load_book(tmp_path / "a"), tmp_path / "b", like=tmp_path / "a")
    assert "memo,A memo,,,,,,\n" in (tmp_path / "b" / "sources.csv").read_text()
