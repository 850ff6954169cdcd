"""What imports what: one way through the layers, and nothing heavy before it is needed; what the repository holds."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import gigawatt

ROOT = Path(__file__).parent.parent
REGISTRIES = r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|npmmirror|[-]-index-url|[-]-find-links"
MACHINE_PATHS = r"(?<![\w.~$}])/(?:root|home|Users|work|opt|tmp)/[A-Za-z0-9]"
SECRETS = r"AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{30}|sk-[A-Za-z0-9]{32}"
HEAVY = ("numpy", "numba", "llvmlite", "pydantic", "duckdb", "yaml", "typer", "rich")


def imported_by(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has imported after running `code`."""
    report = f"import sys; print('imported:', *({set(HEAVY)!r} & sys.modules.keys()))"
    script = f"{code}\n{report}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_importing_gigawatt_imports_nothing_heavy():
    assert imported_by("import gigawatt") == set()


def test_units_errors_and_timeline_need_the_standard_library_only():
    assert imported_by("import gigawatt.units, gigawatt.errors, gigawatt.timeline") == set()


def test_the_catalog_needs_the_standard_library_only():
    assert imported_by("import gigawatt; gigawatt.catalog.tables()") == set()


def test_help_imports_no_numpy():
    code = "import sys; sys.argv = ['gigawatt', '--help']\nfrom gigawatt.cli import main"
    code += "\ntry: main()\nexcept SystemExit: pass"
    assert not imported_by(code) & {"numpy", "numba", "llvmlite", "pydantic", "duckdb"}


@pytest.mark.parametrize("name", gigawatt.__all__)
def test_every_public_name_is_there(name):
    assert getattr(gigawatt, name) is not None
    assert name in dir(gigawatt)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = gigawatt.lode


def test_imports_go_one_way_and_stages_never_import_each_other():
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run([*lint, "--no-cache"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(ROOT.glob("gigawatt/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_package_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_requirement_is_locked_with_a_hash_and_without_an_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "requirements.lock": project["dependencies"] + extras["build"],
        "requirements-dev.lock": project["dependencies"] + extras["build"] + extras["dev"] + extras["docs"],
        "requirements-peers.lock": project["dependencies"] + extras["energy"] + extras["schedule"] + extras["peers"],
    }
    for name, requirements in wanted.items():
        lock = (ROOT / name).read_text()
        pins = dict(re.findall(r"^([a-z0-9-]+)==\S+.*\\\n(    --hash=sha256:)", lock, re.MULTILINE))
        assert {re.match(r"[A-Za-z0-9-]+", text)[0].lower() for text in requirements} <= set(pins)
        assert len(re.findall(r"^[a-z]", lock, re.MULTILINE)) == len(re.findall(r"^[a-z].*\\$", lock, re.MULTILINE))
        assert not re.search(r"https?:|file:|--index|--find-links|#", lock)


def repository_files() -> list[Path]:
    """The text files that git keeps, the bundled page script left out: its bytes are those of its own sources."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a clone")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    left_out = ROOT / "gigawatt" / "report" / "static", ROOT / "docs" / "images"
    return [path for path in paths if path.is_file() and not any(path.is_relative_to(folder) for folder in left_out)]


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE_PATHS, SECRETS], ids=["registry", "path", "secret"])
def test_no_file_holds_the_address_of_a_registry_a_path_of_a_machine_or_a_secret(pattern):
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in repository_files()}
    found = {path: re.search(pattern, text) for path, text in texts.items() if path != Path(__file__)}
    assert {str(path.relative_to(ROOT)): match[0] for path, match in found.items() if match} == {}


def test_licence_and_attributions_are_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    readme = (ROOT / "README.md").read_text()
    for owed in ("Epoch AI", "CC BY 4.0", "ODbL", "ECharts", "zrender", "tslib"):
        assert owed in readme


def test_every_distribution_of_the_core_has_a_licence_that_lets_it_be_used():
    free = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software|MPL|Unlicense|0BSD|zlib", re.IGNORECASE)
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    found = {d.name.lower().replace("_", "-"): d.metadata for d in metadata.distributions()}
    told = {
        name: [found[name].get("License-Expression") or "", found[name].get("License") or "",
               *(c for c in found[name].get_all("Classifier") or [] if c.startswith("License"))]
        for name in names & set(found)
    }  # fmt: skip
    assert {name: texts for name, texts in told.items() if not free.search(" ".join(texts))} == {}
