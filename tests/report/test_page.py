"""The page: whole, alone, safe with any text, and there for the smallest run too."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gigawatt.report import charts, write_html
from gigawatt.results import Figure, Results, Table
from tests.fake_results import fake_results

UI = Path(__file__).parents[2] / "ui"
BUNDLE = Path(__file__).parents[2] / "gigawatt/report/static/charts.js"
NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """Elements, attributes and texts of a page, and whether every element is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.inside.get(self.open[-1] if self.open else "", self.texts).append(data)

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.inside["script"][0])


def written(results: Results, directory: Path) -> str:
    return write_html(results, directory / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(fake_results(110), tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def nasty(results: Results) -> Results:
    """The same results with a markup-ridden text in every place where text can stand."""
    renamed = {}
    for name, table in results.tables.items():
        columns = {c: v + NASTY if v.dtype.kind == "O" else v for c, v in table.columns.items()}
        renamed[name] = Table(name, columns)
    manifest = {"missing": [NASTY], "attributions": [NASTY], "versions": {NASTY: NASTY}, "price_year": NASTY}
    figures = [Figure(NASTY, 1.0, NASTY, NASTY, NASTY)] * 7
    return Results(NASTY, NASTY, renamed, figures, manifest)


def emptied(results: Results, *names: str) -> Results:
    tables = {n: t.take(np.zeros(len(t), dtype=bool)) if n in names else t for n, t in results.tables.items()}
    return replace(results, tables=tables)


def of_one_company(results: Results) -> Results:
    """One company alone: no programme, no claims, no market, nobody to lend or borrow."""
    kept = {}
    for name, table in results.tables.items():
        who = next((column for column in ("company", "owner") if column in table.columns), None)
        kept[name] = table.where(**{who: "xAI"}) if who else table
    calm = dict(results["buildrate"].columns)
    for column in calm:
        if column.startswith("programme"):
            calm[column] = np.zeros(len(results["buildrate"]))
    kept["buildrate"] = Table("buildrate", calm)
    return emptied(replace(results, tables=kept, figures=[]), "claims", "market", "money", "deals", "assumptions")


def test_every_element_is_closed(page):
    assert page.open == []


def test_all_charts_have_a_place_and_their_data(page):
    assert page.attributes("data-chart") == list(page.data["charts"])
    assert set(page.data["charts"]) == set(charts(fake_results(110)))


def test_every_chart_has_words_for_those_who_do_not_see_it(page):
    for _, attributes in page.tags:
        if "data-chart" in attributes:
            assert attributes["role"] == "img" and len(attributes["aria-label"] or "") > 20


def test_ids_are_used_once(page):
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))


def test_links_within_the_page_lead_somewhere(page):
    inner = {href[1:] for href in page.attributes("href") if href.startswith("#")}
    assert inner <= set(page.attributes("id"))


def test_nothing_is_loaded_from_elsewhere(page):
    assert page.attributes("src") == [] and page.attributes("srcset") == []
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe", "img", "object", "embed", "base")]
    assert not re.search(r"url\(|@import", "".join(page.inside["style"]))
    assert not re.search(
        r"\bfetch\(|XMLHttpRequest|\bimport\(|\beval\(|new Function|WebSocket", page.inside["script"][1]
    )


def test_the_policy_lets_the_one_script_run_and_nothing_load(page):
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "Security" in (a.get("http-equiv") or ""))
    digest = base64.b64encode(hashlib.sha256(page.inside["script"][1].encode()).digest()).decode()
    assert policy is not None and policy.startswith("default-src 'none';") and f"script-src 'sha256-{digest}'" in policy


def test_text_of_users_stays_text(tmp_path):
    plain, page = Page(written(fake_results(60), tmp_path)), Page(written(nasty(fake_results(60)), tmp_path))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {"ul"}
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 2
    assert page.attributes("onerror") == [] and page.open == []
    assert NASTY in "".join(page.texts)


def test_text_of_users_in_the_data_comes_back_whole(tmp_path):
    page = Page(written(nasty(fake_results(60)), tmp_path))
    assert f"OpenAI{NASTY}" in page.data["statements"]
    assert "<" not in page.inside["script"][0]


def test_a_link_is_never_a_script(tmp_path):
    page = Page(written(nasty(fake_results(60)), tmp_path))
    assert all(href.startswith(("#", "https://", "http://")) for href in page.attributes("href"))


@pytest.mark.parametrize("weeks", [1, 3, 60])
def test_short_runs_have_a_report(weeks, tmp_path):
    assert Page(written(fake_results(weeks), tmp_path)).open == []


def test_one_company_without_programme_and_claims_has_a_report(tmp_path):
    page = Page(written(of_one_company(fake_results(60)), tmp_path))
    words = " ".join(page.texts)
    assert page.open == [] and "This scenario makes no claims." in words and "Programme target" not in words
    assert "claims" not in page.data["charts"] and "capacity" in page.data["charts"]


@pytest.mark.parametrize("table", list(fake_results(8).tables))
def test_any_table_may_be_empty(table, tmp_path):
    assert Page(written(emptied(fake_results(8), table), tmp_path)).open == []


def test_missing_numbers_leave_gaps(tmp_path):
    results = fake_results(60)
    tables = {}
    for name, table in results.tables.items():
        columns = {c: np.where(np.arange(len(v)) % 3 == 0, np.nan, v) if v.dtype.kind == "f" else v
                   for c, v in table.columns.items()}  # fmt: skip
        tables[name] = Table(name, columns)
    assert Page(written(replace(results, tables=tables), tmp_path)).data["charts"]


def test_ten_years_stay_below_three_megabytes(tmp_path):
    assert write_html(fake_results(520), tmp_path / "r.html").stat().st_size < 3_000_000


def test_the_same_results_make_the_same_bytes(tmp_path):
    assert written(fake_results(60), tmp_path) == written(fake_results(60), tmp_path)


def test_a_failed_report_leaves_no_file(tmp_path):
    with pytest.raises(KeyError):
        write_html(replace(fake_results(8), tables={}), tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_the_bundle_is_small_and_carries_its_licences():
    script = BUNDLE.read_text(encoding="utf-8")
    assert len(script.encode()) < 700_000
    assert script.startswith("/*! gigawatt report script, Apache-2.0.") and "</script" not in script


@pytest.mark.skipif(not ((UI / "node_modules").is_dir() and shutil.which("npm")), reason="needs npm ci in ui/")
def test_the_bundle_is_what_its_sources_build():
    subprocess.run(["npm", "run", "check"], cwd=UI, check=True, capture_output=True)
