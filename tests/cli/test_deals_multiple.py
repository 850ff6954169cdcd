"""`gigawatt deals multiple` and `gigawatt deals hurdle`: answers, files and mistakes."""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", *args])


def rows(*args):
    return list(csv.DictReader(io.StringIO(run(*args, "-f", "csv").stdout)))


def test_multiple_tells_the_events_the_formula_and_the_reversal():
    done = run("multiple")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in ("0.83", "1.70", "-1.33", "sales x margin x multiple + stake - 1", "lost in reverse", "cointeeth-com"):
        assert said in text, said


def test_multiple_takes_the_sales_given():
    found = rows("multiple", "Nvidia", "--sales", "1.3", "--stake-after", "0.3")
    assert [row["end"] for row in found] == ["low", "middle", "high"]
    assert {float(row["sales_usd"]) for row in found} == {1.3}
    gains = [float(row["gained_usd"]) for row in found]
    assert gains == sorted(gains)


def test_hurdle_tells_spreads_and_what_is_left():
    done = run("hurdle")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in ("CoreWeave DDTL 4.0", "225", "Broadcom's backstop", "Left to firms outside the core in 2026", "chips"):
        assert said in text, said
    found = [row for row in rows("hurdle") if row["part"].startswith("supply")]
    assert all(0 <= float(row["core"]) <= 1 and 0 <= float(row["outside"]) <= 1 for row in found)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("multiple", "OpenAI"), "are not known"),
        (("multiple", "--sales", "-1"), "--sales must be 0 or more"),
        (("multiple", "--year", "2027"), "has no investment in 2027"),
        (("hurdle", "--status", "sure"), "unknown"),
    ],
)
def test_mistakes_are_told(args, said):
    done = run(*args)
    assert done.exit_code != 0 and said in str(done.exception or "") + done.output
