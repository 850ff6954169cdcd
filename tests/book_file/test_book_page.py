"""The reference page of books: its example is a book without mistakes, and says what the page says of it."""

import re
from pathlib import Path

import pytest
from pytest import approx

from gigawatt.book_file import checked_book
from gigawatt.deals.book import network
from gigawatt.deals.circular import circularity_of
from gigawatt.deals.stress import stress

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "book.md"


@pytest.fixture
def example(tmp_path):
    blocks = re.findall(r"^```text\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for name, text in zip(("deals.csv", "parties.csv", "payments.csv"), blocks, strict=True):
        (tmp_path / name).write_text(text)
    return checked_book(tmp_path)


def test_the_example_has_no_mistakes_and_no_doubts(example):
    book, doubts = example
    assert (len(book.deals), len(book.core), len(book.payments), doubts) == (3, 3, 3, ())


def test_what_the_page_says_of_the_example_is_so(example):
    year = network(example[0], 2026, "signed")
    assert sum(edge.usd for edge in year.between("Cloud", "Maker")) == approx(11e9)
    assert sum(edge.usd for edge in year.between("Lab", "Cloud")) == approx(15e9)
    assert circularity_of(year).circulation_usd == approx(30e9)  # 10 bn over three payments


def test_a_stress_of_the_example_is_answered(example):
    assert stress(example[0], ("Lab",)).firms
