"""Claims of a run and further ones, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gigawatt import store
from gigawatt.claims import evaluate, names_in, parse_claim
from gigawatt.errors import GigawattError
from gigawatt.measures import MEASURES
from gigawatt.results import Table


def claim_rows(run: str, runs: Path, further: Sequence[str]) -> list[dict[str, Any]]:
    """The claims of the run and further ones, each with what the run says."""
    tables = store.load(store.find(run, runs)).tables
    names = names_in(tables)
    try:
        claims = [parse_claim(text, names) for text in further]
    except ValueError as error:
        raise GigawattError(str(error)) from None
    return [*tables["claims"].rows(), *Table.from_rows("claims", evaluate(claims, tables)).rows()]


def figure_rows() -> list[dict[str, str]]:
    """The figures that claims may use."""
    return [
        {"figure": name, "unit": measure.unit, "of": " or ".join(measure.by), "meaning": measure.text}
        for name, measure in MEASURES.items()
    ]
