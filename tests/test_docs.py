"""The docs: they build without warnings, cover every command, key, column and parameter, and their examples run.

Slow ones share one folder with the runs that the tutorial makes. After a change that the pages show, capture the
terminal sessions anew with `python docs/capture.py`.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from gigawatt import catalog, scenario, store
from gigawatt.errors import ScenarioError
from gigawatt.measures import MEASURES
from gigawatt.results_columns import COLUMNS
from gigawatt.scenario.vocabulary import TOP_KEYS
from gigawatt.world.state import STATE, TABLES, parameter_fields

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import capture  # noqa: E402
import generate  # noqa: E402
import mathml  # noqa: E402

PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
NOT_OURS = ("make", "cp", "python3", ".")  # commands of console blocks that are not run here

TERMS = (
    "capex", "PUE", "MFU", "TTFT", "TPOT", "goodput", "LCOE", "PPA", "NPV", "IRR", "WACC", "DSCR", "LTV", "EBITDA",
    "tranche", "covenant", "capacity factor", "availability", "h100e", "shadow price", "take-or-pay", "binding item",
)  # fmt: skip

# What a `# fragment` of a page is set into, so that it can be read.
BASE = """
name: base
start: 2026-01-05
weeks: 520
include: [catalog:companies-2026]
programme: {owner: OpenAI, budget: 1 T$, target_gw_per_week: {2026: 0.1}}
sites:
  my-campus:
    {owner: Oracle, tenant: OpenAI, region: us_tx, first_power: 2027-01, full_power: 2028-01, chip: gb300-nvl72}
"""


@cache
def filled(path):
    """A page with its generated parts."""
    return generate.filled(path.read_text(encoding="utf-8"))


def reference(name):
    return filled(DOCS / "reference" / f"{name}.md")


def blocks(language):
    """Page and text of every fenced block of a language."""
    out = []
    for page in PAGES:
        found = re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        for number, text in enumerate(found, 1):
            out.append(pytest.param(page, text, id=f"{page.relative_to(DOCS)}-{number}"))
    return out


@pytest.fixture(scope="session")
def sessions(tmp_path_factory):
    """A folder in which the tutorial was followed, and what its commands printed."""
    place = tmp_path_factory.mktemp("docs")
    capture.prepare(place)
    return place, capture.session(place)


# ------------------------------------------------------------------------------------------------------------ the build
@pytest.mark.slow
def test_the_docs_build_without_warnings_and_links_resolve(tmp_path):
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    pages = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.html")}
    assert pages >= {str(page.relative_to(DOCS).with_suffix(".html")) for page in PAGES}
    text = (tmp_path / "explanation" / "market.html").read_text()
    assert "<math" in text
    assert not re.search(r'<(script|link)[^>]+(src|href)="https?:', text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_source_file_that_a_page_names_is_there(page):
    named = set(re.findall(r"`((?:gigawatt|tests|examples|docs)/[\w./-]+)`", page.read_text(encoding="utf-8")))
    assert not [path for path in named if not (ROOT / path).exists()]


# ------------------------------------------------------------------------------------------------------------- coverage
def test_every_command_and_option_is_in_the_reference():
    text = reference("cli")
    for name, command in generate.command_tree().items():
        assert f"## `gigawatt {name}`" in text
        section = text.split(f"## `gigawatt {name}`")[1].split("\n## ")[0]
        for parameter in command.params:
            words = parameter.opts if parameter.param_type_name == "option" else [generate.metavar(parameter)]
            assert all(word in section for word in words), (name, words)


def test_every_key_of_the_schema_is_in_the_reference():
    text = reference("scenario")
    schema = scenario.json_schema()["properties"]
    assert set(TOP_KEYS) == set(schema)
    for key in TOP_KEYS:
        assert f"`{key}`" in text
    for section in scenario.SECTIONS:
        entity = schema[section]["additionalProperties"]["oneOf"][1]
        part = text.split(f"### `{section}`")[1].split("\n### ")[0]
        names = [name for name in entity["properties"] if not is_short(name, entity["properties"])]
        assert not [name for name in names if f"`{name}`" not in part]


def is_short(name, properties):
    """Names without their unit: another key says the same with one."""
    return any(other.startswith(f"{name}_") and properties[other] == properties[name] for other in properties)


def test_every_parameter_is_in_the_reference_and_on_an_explanation_page():
    explained = "\n".join(filled(page) for page in PAGES if page.parent.name == "explanation")
    for group, fields in parameter_fields().items():
        for field in fields:
            assert f"`{group}.{field}`" in reference("scenario")
            assert f"| `{group}.{field}` |" in explained


def test_every_figure_column_field_and_item_is_in_the_reference():
    assert not [name for name in MEASURES if f"`{name}`" not in reference("scenario")]
    assert not [c for table in COLUMNS.values() for c in table if f"| `{c}` |" not in reference("tables")]
    groups = STATE | TABLES
    assert not [f for g, fields in groups.items() for f in fields if f"`{g}.{f}`" not in reference("state")]
    known = {item for table in catalog.tables() for item in catalog.items(table)}
    assert not [item for item in known if f"`{item}`" not in reference("catalog")]
    assert not [source.key for source in catalog.sources() if f"`{source.key}`" not in reference("catalog")]


def test_every_stage_of_the_week_has_a_page():
    folders = {path.parent.name for path in ROOT.glob("gigawatt/*/weekly.py")}
    assert folders <= {page.stem for page in PAGES if page.parent.name == "explanation"}


@pytest.mark.parametrize("term", TERMS)
def test_the_glossary_defines_the_terms_of_the_field(term):
    heads = re.findall(r"^\*\*(.+?)\*\*", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    assert any(term.lower() in head.lower() for head in heads)


def test_a_page_that_asks_for_an_unknown_part_is_refused():
    with pytest.raises(KeyError):
        generate.filled("<!-- generated: weather -->")


# ------------------------------------------------------------------------------------------------------------- examples
@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_a_scenario_on_a_page_is_read_without_mistakes(page, text):
    first = text.splitlines()[0]
    if not first.startswith("# fragment"):
        scenario.load(text)
        return
    tree = yaml.safe_load(text)
    for part in reversed(first.partition(": ")[2].split(".") if ": " in first else []):
        tree = {part: tree}
    base = deep_merged(yaml.safe_load(BASE), tree)
    if "power" not in base["sites"]["my-campus"]:
        base["sites"]["my-campus"].setdefault("power_mw", 1200)
    loaded = scenario.load(yaml.safe_dump(base, sort_keys=False))
    for name in base.get("scenarios", {}):
        scenario.load(yaml.safe_dump(base, sort_keys=False), scenario=name)
    assert loaded.sites["my-campus"].power_mw.value == 1200


def deep_merged(under, over):
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(under.get(key), dict)
        under[key] = deep_merged(under[key], value) if both else value
    return under


@pytest.mark.parametrize("path", sorted(capture.OUTPUTS.glob("*.yaml")), ids=lambda path: path.name)
def test_a_scenario_shown_from_a_file_is_read_as_the_page_says(path):
    if path.name == "mistakes.yaml":
        with pytest.raises(ScenarioError) as caught:
            scenario.load(path)
        assert len(caught.value.mistakes) == 3
    else:
        scenario.load(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["my-chip", "my-company"])
def test_the_small_scenarios_of_the_how_tos_run(name):
    from gigawatt.world import run

    assert run(scenario.load(capture.OUTPUTS / f"{name}.yaml")).tables["checks"]["passed"].all()


@pytest.mark.slow
@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_on_a_page_runs(page, text, sessions):
    here, printed = Path.cwd(), io.StringIO()
    os.chdir(sessions[0])
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(text, str(page), "exec"), {})
    finally:
        os.chdir(here)
    assert printed.getvalue().strip()


@pytest.mark.slow
@pytest.mark.parametrize(("page", "text"), blocks("console"))
def test_commands_on_a_page_run(page, text, sessions):
    for line in re.findall(r"^\$ (.+)$", text, re.MULTILINE):
        if line.split()[0] in NOT_OURS:
            continue
        done = capture.command(line, sessions[0])
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", capture.SESSION)
def test_a_terminal_session_prints_what_the_page_shows(name, sessions):
    shown = (capture.OUTPUTS / name).read_text()
    assert capture.skeleton(sessions[1][name]) == capture.skeleton(shown), "run python docs/capture.py"


@pytest.mark.slow
def test_the_tutorial_is_right_about_what_changes_and_what_does_not(sessions):
    places = [re.search(r"^run +(\S+)$", sessions[1][name], re.MULTILINE)[1] for name in ("run.txt", "run-fast.txt")]
    plain, fast = (store.load(sessions[0] / place) for place in places)
    assert fast["buildrate"]["energised_gw"][-1] > plain["buildrate"]["energised_gw"][-1]
    for run in (plain, fast):
        early = run["buildrate"]["site_binding"][:104].tolist()
        assert max(early, key=early.count) == "grid and firm power"


# ------------------------------------------------------------------------------------------------------------ equations
def test_a_fraction_with_scripts_becomes_mathml():
    found = mathml.mathml(r"\frac{x_i}{2}", "inline")
    assert "<mfrac><mrow><msub><mi>x</mi><mi>i</mi></msub></mrow><mrow><mn>2</mn></mrow></mfrac>" in found


def test_an_equation_of_two_lines_is_a_table():
    assert mathml.mathml(r"a &= b \\ c &= d", "block").count("<mtr>") == 2


def test_unknown_commands_of_an_equation_are_named():
    with pytest.raises(ValueError, match="does not know"):
        mathml.mathml(r"\oiint x", "inline")
