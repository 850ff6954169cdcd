"""Each file in golden/ holds mistakes; the text beside it is what a reader must be told, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigawatt.errors import ScenarioError
from gigawatt.scenario import format_mistakes, load_with

from .small_catalog import SmallCatalog

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path.stem for path in GOLDEN.glob("*.yaml"))


def told(name: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_with(SmallCatalog(), Path(f"{name}.yaml"))
    return format_mistakes(caught.value) + "\n"


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_is_told_in_these_words(name, monkeypatch):
    monkeypatch.chdir(GOLDEN)
    assert told(name) == (GOLDEN / f"{name}.txt").read_text()


def test_there_are_many_kinds_of_mistakes_and_each_text_has_its_file():
    assert len(FILES) >= 30
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == FILES
