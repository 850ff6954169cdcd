"""A book as CSV files: what is written is read back, and every bad row is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gigawatt.book_file import load_book, write_book
from gigawatt.deals.book import Book, Deal, Party, Payment
from gigawatt.errors import GigawattError, ScenarioError

BOOK = Book(
    as_of=date(2025, 12, 31),
    parties={"A": Party(key="A", tier="cloud", core=True, cash_usd=0.1, margin=-0.2, growth=-0.1), "B": Party(key="B", tier="lab")},
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
        ({"amount": "lots"}, "amount: 'lots' is no number; a plain number such as 1.5e9"),
        ({"amount": "-1"}, "amount: -1 is below 0"),
        ({"end": "2025-01-01"}, "end: 2025-01-01 is before the start, 2026-01-01"),
        ({"start": "soon"}, "start: 'soon' is no day; a day such as 2026-02-27"),
        ({"history": "2025-01-01 frm"}, "unknown status 'frm'"),
        ({"history": "2025-03-01 firm; 2025-01-01 signed"}, "days are not in order"),
        ({"history": ""}, "history: is missing"),
        ({"schedule": "2026=9e9"}, "tranches add up to 9e+09, more than the amount"),
        ({"payer": "OpenAl"}, "payer: unknown party 'OpenAl'; describe it in parties.csv; did you mean OpenAI?"),
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
