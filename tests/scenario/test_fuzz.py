"""Whatever stands in a file, reading it ends in a scenario or in a ScenarioError with places, never otherwise."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.errors import ScenarioError
from gigawatt.scenario import format_mistakes, load, load_with

from .small_catalog import SmallCatalog

EXAMPLES = [path.read_text() for path in sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))]
SMALL = """start: 2026-01-05
weeks: 520
include: [catalog:companies-2026, catalog:sites-2026, catalog:deals-2026]
programme: {owner: OpenAI, budget: 1.4 T$, target_gw_per_week: {2026: 0.05, 2028: 0.4 to 0.8}}
sites: {x: {owner: Oracle, region: us_tx, power: 1 GW, first_power: 2027, full_power: 2028, chip: h100-sxm}}
chips: {h100-sxm: {}, mine: {like: mi355x, family: own}}
companies: {OpenAI: {buys: {nvidia: 0.5, own: 0.5}, share.consumer: 30 %}}
shocks: [{kind: demand_drop, at: 2028-03-06, size: 40 %, weeks: 52}]
claims: [openai.market_share @ 2030-12 >= 40 %]
overrides: {a: {sites.x.power: 2 GW, finance.max_leverage: 3}}
scenarios: {s: [a]}
"""
PIECES = ["[", "]", "{", "}", ":", ": ", "- ", "\n", "\t", "&a ", "*a", "!!x ", "|", ">", "'", '"', "#", "null", "~",
          "nan", "-1", "1e999", "0.4 to 0.1", "GWh", "%", "\0", "\ufeff", "é", "---\n",
          "<<", ".", "like: x", "2026-13"]  # fmt: skip


def reads_or_tells(content: bytes | str, scenario: str | None = None, sets: tuple[str, ...] = ()) -> None:
    try:
        load_with(SmallCatalog(), content, scenario, sets)
    except ScenarioError as error:
        assert error.mistakes
        assert all(mistake.file and mistake.line >= 0 and "\n" not in str(mistake) for mistake in error.mistakes)
        assert format_mistakes(error)


@given(st.binary(max_size=400))
def test_random_bytes(content):
    reads_or_tells(content)


@given(st.text(max_size=200))
def test_random_text(content):
    reads_or_tells(content + "\n")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from([SMALL, *EXAMPLES]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.text(max_size=4)) + text[end:]
    return text + "\n"


@settings(max_examples=300)
@given(mutated(), st.sampled_from([None, "s", "stress"]))
def test_mutations_of_the_examples(text, scenario):
    reads_or_tells(text, scenario)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["start", "weeks", "include", "programme", "companies", "tiers", "chips", "sites", "deals", "parameters",
        "shocks", "claims", "overrides", "scenarios"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
def test_any_value_under_any_key(content):
    import yaml

    reads_or_tells(yaml.safe_dump({"start": "2026-01-05", "weeks": 52} | content, allow_unicode=True) + "\n")


@given(st.text(max_size=60), VALUES)
def test_any_set(path, value):
    reads_or_tells(SMALL, None, (f"{path}={value}", f"sites.x.{path}={value}", f"finance.{path}={value}", path))


@pytest.mark.parametrize(
    "content",
    [b"a: " + b"[" * 1_000_000, b"{" * 1_000_000, b"- " * 500_000, b"a: &a [*a, *a]\n", b"x" * 4_000_000,
     b"a: 1\n" * 300_000, b"? " * 100_000, b"\xef\xbb\xbfstart: 2026-01-05\nweeks: 3\n",
     b"start: 2026-01-05\nweeks: 9" + b"9" * 5_000 + b"\n", b"start: '" + b"9" * 10_000 + b"'\nweeks: 1\n"],
    ids=lambda content: content[:12].decode(errors="replace"),
)  # fmt: skip
def test_hostile_files_end_soon(content):
    began = time.process_time()
    reads_or_tells(content)
    assert time.process_time() - began < 10


def test_a_file_of_ten_megabytes_is_refused_without_being_read(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * 10_000_000)
    with pytest.raises(ScenarioError, match=r"big.yaml:1:1: file too large \(got 10.0 MB\)"):
        load(path)


@pytest.mark.parametrize("name", ["", "nowhere.yaml", "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_read_is_told(name):
    with pytest.raises(ScenarioError):
        load(Path(name))


def test_includes_that_multiply_are_refused(tmp_path):
    for number in range(12):
        (tmp_path / f"{number}.yaml").write_text(f"include: [{number + 1}.yaml, {number + 1}.yaml]\n")
    (tmp_path / "12.yaml").write_text("start: 2026-01-05\nweeks: 1\n")
    with pytest.raises(ScenarioError, match="too many includes"):
        load(tmp_path / "0.yaml")
