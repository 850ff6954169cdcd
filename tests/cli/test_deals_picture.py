"""`gigawatt deals picture`: a picture or a page by the ending of the file, and what it refuses."""

import pytest
from typer.testing import CliRunner

from gigawatt.cli.deals import app
from gigawatt.errors import GigawattError


def asked(*options):
    return CliRunner().invoke(app, ["picture", *map(str, options)])


SHORT = ("--default", "Fluidstack", "--quarters", "3")


@pytest.mark.parametrize(
    ("what", "options"),
    [("sankey", ("--year", "2025")), ("sankey", ("--gross", "--most", "9", "--to", "2027")),
     ("network", ("--status", "conditional")),
     ("contagion", SHORT), ("waterfall", SHORT), ("timeline", ("--party", "Oracle,OpenAI", "--by", "payee"))],
)  # fmt: skip
def test_an_svg_file_is_a_picture_that_stands_alone(tmp_path, what, options):
    path = tmp_path / "picture.svg"
    result = asked(what, *options, "--out", path)
    assert result.exit_code == 0, result.output
    text = path.read_text()
    assert text.startswith("<svg") and "<style>" in text and "<script" not in text


@pytest.mark.parametrize(
    ("what", "options"),
    [("network", ()), ("contagion", SHORT), ("waterfall", SHORT), ("timeline", ("--status", "firm"))],
)
def test_an_html_file_is_a_page(tmp_path, what, options):
    path = tmp_path / "page.html"
    assert asked(what, *options, "--out", path).exit_code == 0
    assert path.read_text().startswith("<!DOCTYPE html>") and 'id="picture"' in path.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [(("sankey", "--out", "x.png"), "end its name in .svg"), (("contagion", "--out", "x.svg"), "say who cannot pay"),
     (("waterfall", "--default", "OpenAl", "--out", "x.svg"), "did you mean OpenAI"),
     (("sankey", "--status", "frm", "--out", "x.svg"), "did you mean firm"),
     (("timeline", "--status", "frm", "--out", "x.svg"), "did you mean firm"),
     (("sankey", "--default", "OpenAI", "--out", "x.svg"), "leave out --default"),
     (("network", "--most", "0", "--out", "x.svg"), "at least 1"),
     (("timeline", "--party", "Nobody", "--out", "x.svg"), "unknown party of a deal 'Nobody'"),
     (("timeline", "--year", "2026", "--out", "x.svg"), "a timeline picture has no use for it: leave out --year"),
     (("timeline", "--run", "latest", "--out", "x.svg"), "a run has payments and no deals by date"),
     (("sankey", "--quarters", "12", "--by", "payer", "--out", "x.svg"), "leave out --quarters, --by"),
     (("contagion", "--default", "OpenAI", "--year", "2026", "--out", "x.svg"), "--year goes with --run"),
     (("waterfall", "--default", "OpenAI", "--party", "Oracle", "--out", "x.svg"), "leave out --party"),
     (("sankey", "--run", "latest", "--status", "firm", "--out", "x.svg"), "--status goes with a book"),
     (("sankey", "--book", "b", "--run", "latest", "--out", "x.svg"), "leave --run or --book out"),
     (("sankey", "--runs", "elsewhere", "--out", "x.svg"), "--runs goes with --run")],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_written(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    result = asked(*options)
    assert isinstance(result.exception, GigawattError) and message in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_names_may_have_any_case_and_commas_between(tmp_path):
    given = ("--default", "fluidstack,LAMBDA"), ("--default", "Lambda", "--default", "IREN")
    told = [asked("waterfall", *names, "--quarters", "2", "--out", tmp_path / "a.html").exit_code for names in given]
    assert told == [0, 0] and "Lambda" in (tmp_path / "a.html").read_text()
    assert asked("timeline", "--party", "oracle", "--status", "FIRM", "--out", tmp_path / "b.svg").exit_code == 0
