"""The short story that `demo` tells: the answer, what holds the build-out back, who pays, and what to try next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gigawatt.cli.running import Run
from gigawatt.report.numbers import say

if TYPE_CHECKING:
    from gigawatt.results import Results, Table

LARGEST = 3  # payers named


def story(run: Run) -> list[str]:
    """Lines of the answer to: can they bring up a gigawatt a week, what would stop them, and who pays."""
    from gigawatt.report.answer import answer

    said = answer(run.results)
    return [
        "Can they bring up a gigawatt a week, what would stop them, and who pays?",
        "",
        f"{said.verdict} {said.text}",
        *who_pays(run.results),
    ]


def who_pays(results: Results) -> list[str]:
    """Who pays for chips and sites over the run, and from what."""
    books = results.tables["companies"]
    spent = _by_company(books, "capex_usd")
    total = sum(spent.values())
    if total <= 0:
        return ["Nobody pays for chips or sites in this run."]
    largest = sorted(spent.items(), key=lambda item: -item[1])[:LARGEST]
    names = ", ".join(f"{name} {_usd(usd)}" for name, usd in largest if usd > 0)
    lenders, investors = (float(books[column].sum()) for column in ("debt_issued_usd", "equity_issued_usd"))
    fallen = [name for name, count in _by_company(books, "defaults").items() if count > 0]
    return [
        f"Companies pay {_usd(total)} for chips and sites over the run, most of it {names}.",
        f"They raise {_usd(lenders)} from lenders and {_usd(investors)} from investors; {_fall(fallen)}.",
    ]


def _fall(names: list[str]) -> str:
    """Who defaults, for the end of a sentence."""
    return f"{' and '.join(names)} cannot pay at some time" if names else "nobody defaults"


def next_steps(run: Run) -> list[str]:
    """What to try next, as commands."""
    name = run.directory.name
    return [
        "Next: edit one line and run again.",
        f"  cp {run.directory}/scenario.yaml my.yaml     # the whole scenario: change any line",
        "  gigawatt run my.yaml",
        f"  gigawatt compare {name} latest       # what changed, inputs and results side by side",
        "Or change a value without a file:",
        "  gigawatt run --set finance.max_leverage=2",
        f"  gigawatt explain {name} energised_gw   # from a figure back to its sources",
    ]


def _by_company(books: Table, column: str) -> dict[str, float]:
    names, places = np.unique(books["company"].astype(str), return_inverse=True)
    return dict(zip(names.tolist(), np.bincount(places, weights=books[column]).tolist(), strict=True))


def _usd(value: float) -> str:
    return say(value, "USD")
