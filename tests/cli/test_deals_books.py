"""`gigawatt deals export` and `check`, and options of all commands that exclude each other."""

import pytest
from typer.testing import CliRunner

from gigawatt.book_file import write_book
from gigawatt.cli.app import app
from tests.deals.circle_book import BOOK


def run(*args):
    return CliRunner().invoke(app, ["deals", *map(str, args)])


@pytest.fixture
def folder(tmp_path):
    write_book(BOOK, tmp_path / "book")
    return tmp_path / "book"


@pytest.mark.parametrize("command", ["circularity", "loops", "coverage", "hurdle", "edges", "systemic"])
def test_a_run_beside_a_book_or_a_status_is_refused(command, folder):
    done = run(command, "--run", "latest", "--book", folder)
    assert done.exit_code == 1 and "leave --run or --book out" in done.stderr
    if command != "systemic":
        done = run(command, "--status", "firm", "--run", "latest")
        assert done.exit_code == 1 and "--status goes with a book" in done.stderr
    done = run(command, "--runs", folder)
    assert done.exit_code == 1 and "--runs goes with --run" in done.stderr


def test_a_status_may_have_any_case_and_an_unknown_one_is_told(folder):
    assert run("hurdle", "--status", "Announced", "--book", folder).exit_code == 0
    done = run("circularity", "--status", "nonsense")
    assert done.exit_code == 1
    assert "--status: unknown status 'nonsense'; known: drawn, firm, signed, terminable" in done.stderr


def test_a_good_book_is_checked_and_its_warnings_are_told(folder):
    (folder / "payments.csv").unlink()
    done = run("check", folder / "deals.csv")
    assert done.exit_code == 0 and ": no mistakes, " in done.stdout and " deals, " in done.stdout
    assert "warning: " in done.stderr and "payments.csv: there is no such file; no payments: sales" in done.stderr


def test_commands_say_once_that_a_book_has_warnings(folder):
    (folder / "payments.csv").unlink()
    done = run("owes", next(iter(BOOK.parties)), "--book", folder)
    assert done.stderr.count(f"`gigawatt deals check {folder}` tells") == 1


def test_a_book_with_many_mistakes_names_the_first_of_them(folder):
    path = folder / "payments.csv"
    path.write_text("key,payer,payee,kind,year,usd\n" + "k,,,,0,x\n" * 300)
    done = run("check", folder)
    lines = done.stderr.splitlines()
    assert done.exit_code == 2 and len(lines) == 22 and lines[20].startswith("and ") and lines[20].endswith(" more")
    assert lines[-1].endswith(" mistakes")


def test_no_book_is_another_failure_than_a_bad_one(tmp_path):
    assert run("check", tmp_path).exit_code == 1
    (tmp_path / "deals.csv").write_bytes("K\xf6ln".encode("utf-16"))
    done = run("check", tmp_path)
    assert done.exit_code == 2 and "deals.csv: is UTF-16" in done.stderr


def test_export_writes_the_sources_of_a_book_as_well(tmp_path):
    assert run("export", tmp_path / "a").exit_code == 0
    assert "https://" in (tmp_path / "a" / "sources.csv").read_text()
    done = run("export", tmp_path / "a")
    assert done.exit_code == 1 and "--force writes over it" in done.stderr
    assert "no mistakes, no warnings; " in run("check", tmp_path / "a").stdout
