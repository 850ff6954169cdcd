"""One HTML file from results: style, script and data inside, no other host, text escaped throughout."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from gigawatt.report.accounts import statements
from gigawatt.report.answer import QUESTION, answer
from gigawatt.report.charts import panels
from gigawatt.report.definitions import DEFINITIONS
from gigawatt.report.headline import Card, cards, year_by_year
from gigawatt.report.numbers import percent
from gigawatt.report.palette import PALER, TWINS
from gigawatt.report.panel import Chart, Panel
from gigawatt.report.tables import (
    assumption_groups,
    bullets,
    checks_table,
    escaped,
    figures_list,
    html_table,
    numbers_table,
    sources_list,
    statement_table,
)  # fmt: skip
from gigawatt.results import Results

STATIC = Path(__file__).parent / "static"
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("build", "Building it", ("buildrate", "supply")),
    ("run", "Running it", ("tokens", "allocation")),
    ("pay", "Paying for it", ("money", "circularity", "accounts", "deals")),
    ("energy", "Powering it", ("power", "energy")),
    ("market", "Who wins", ("market",)),
    ("claims", "Claims", ("claims",)),
)
NO_LIMITS = "This run names no limits beyond those in the explanation of each model."


def static(name: str) -> str:
    """A file that travels with the package."""
    return (STATIC / name).read_text(encoding="utf-8")


def html(results: Results) -> str:
    """The whole report."""
    figures = panels(results)
    years, books = statements(results)
    script = static("charts.js").strip()
    named = {panel.name: panel for panel in figures}
    said = answer(results)
    return Template(static("report.html")).substitute(
        policy=policy(script), style=static("report.css"), script=script, data=data_of(figures, books),
        scenario=escaped(results.scenario_name), meta=_meta(results), question=escaped(QUESTION),
        verdict=escaped(said.verdict), answer=escaped(said.text), cards="".join(map(card_html, cards(results))),
        first=figure(named["capacity"], 1), years=_years(results),
        figures=figures_list(results.figures),
        sections=_sections(named, _books(years, books)),
        assumptions=assumption_groups(results), confidence=escaped(_confidence(results)),
        sources=sources_list(results["assumptions"]), checks=checks_table(results), limits=_limits(results),
        definitions=_definitions(), made=_made(results),
    )  # fmt: skip


def write_html(results: Results, path: str | Path) -> Path:
    """Writes the report to `path`, whole or not at all; gives back the path."""
    return write_whole(html(results), path)


def write_whole(text: str | bytes, path: str | Path) -> Path:
    """Writes a text or bytes to `path`, whole or not at all; gives back the path."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(draft, 0o644)
        os.replace(draft, target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return target


def policy(script: str) -> str:
    """What the browser may load: nothing, but the style and the one script inside."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def data_of(figures: Sequence[Panel], books: Mapping[str, Any]) -> str:
    """Options and statements as JSON that cannot end its script element."""
    options = {chart.name: chart.option for panel in figures for chart in panel.charts}
    data = {"twins": TWINS | dict(PALER.values()), "charts": options, "statements": books}
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _meta(results: Results) -> str:
    table = results["buildrate"]
    parts = [f"Run {results.hash[:8]}"]
    if len(table):
        parts += [f"{table['date'][0]} to {table['date'][-1]}", f"{len(table)} weeks"]
    if results.manifest.get("description"):
        parts.append(str(results.manifest["description"]))
    if results.manifest.get("price_year"):
        parts.append(f"USD of {results.manifest['price_year']}")
    return " \u00b7 ".join(escaped(part) for part in parts)


def card_html(card: Card) -> str:
    """A headline figure."""
    texts = f'<dd>{escaped(card.text)}</dd><dd class="remark">{escaped(card.remark)}</dd>'
    return f"<div><dt>{escaped(card.name)}</dt>{texts}</div>"


def _years(results: Results) -> str:
    """What came up year by year, and what held it back."""
    numbers = year_by_year(results)
    return html_table(numbers.headers, numbers.rows, "years") if numbers.rows else ""


def _sections(named: Mapping[str, Panel], books: str) -> str:
    parts = []
    number = 1
    for anchor, title, names in SECTIONS:
        shown = [figure(named[name], number + place) for place, name in enumerate(names, start=1)]
        number += len(names)
        after = books if anchor == "pay" else ""
        parts.append(f'<section id="{anchor}"><h2>{title}</h2>{"".join(shown)}{after}</section>')
    return "".join(parts)


def figure(panel: Panel, number: int) -> str:
    """A panel as a figure: title, what it says, charts, source, numbers."""
    many = f"charts-{len(panel.charts)}" if len(panel.charts) < 4 else "charts-many"
    small = panel.charts and panel.charts[0].height == "small"
    shared = _legend(panel.charts[0], shared=True) if small else ""
    charts = "".join(_chart(chart, panel, not small) for chart in panel.charts)
    notes = "".join(f'<p class="note">{escaped(note)}</p>' for note in panel.notes)
    return (
        f'<figure id="figure-{panel.name}"><figcaption><span class="kicker">Figure {number}</span>'
        f"<h3>{escaped(panel.title)}</h3><p>{escaped(panel.finding)}</p></figcaption>{shared}"
        f'<div class="charts {"charts-many" if small else many}">{charts}</div>{notes}'
        f'<p class="source">{escaped(panel.source)}</p>{numbers_table(panel.numbers)}</figure>'
    )


def _chart(chart: Chart, panel: Panel, legend: bool) -> str:
    label = f"<h4>{escaped(chart.label)}</h4>" if chart.label else ""
    said = escaped(
        f"{panel.title}{': ' if chart.label else ''}{chart.label}. {panel.finding} Numbers in the table below."
    )
    rows = chart.height.removeprefix("rows-")
    tall = f' style="height:{int(rows) * 46 + 56}px"' if rows.isdecimal() else ""
    kind = "rows" if tall else chart.height
    place = f'<div class="chart {kind}"{tall} data-chart="{escaped(chart.name)}" role="img" aria-label="{said}"></div>'
    return f'<div class="cell">{label}{_choice(chart)}{_legend(chart) if legend else ""}{place}</div>'


def _choice(chart: Chart) -> str:
    if not chart.choice:
        return ""
    name = escaped(chart.name)
    return f'<label class="choice">{escaped(chart.choice)} <select data-for="{name}"></select></label>'


def _legend(chart: Chart, shared: bool = False) -> str:
    kind = " data-shared" if shared else ""
    return f'<div class="legend" data-for="{escaped(chart.name)}"{kind}></div>'


def _books(years: list[str], books: Mapping[str, list[dict[str, Any]]]) -> str:
    """The statement of the first company, with a list to choose another from."""
    if not books:
        return ""
    first = next(iter(books))
    options = "".join(f'<option value="{escaped(name)}">{escaped(name)}</option>' for name in books)
    return (
        '<figure id="statement-figure"><figcaption><span class="kicker">Table</span>'
        "<h3>Cash flow and balance sheet</h3><p>By calendar year; money spent is negative.</p></figcaption>"
        f'<label class="choice">Company <select id="statement-company">{options}</select></label>'
        f"{statement_table(first, years, books[first])}"
        '<p class="source">Table companies, sums of the weeks of each year; balance sheet at the end of the year. '
        "&ldquo;Stakes, loans and other&rdquo; is what remains of the change in cash.</p></figure>"
    )


def _confidence(results: Results) -> str:
    """How many values there are, and how well they are founded."""
    counts = Counter(results["assumptions"]["confidence"].tolist())
    total = sum(counts.values())
    shares = "; ".join(
        f"{name.replace('-', ' ')} {percent(count / total)}" for name, count in counts.most_common() if name
    )
    return f"{total:,} values went into this run: {shares}." if total else "This run lists no assumptions."


def _limits(results: Results) -> str:
    missing = results.manifest.get("missing") or []
    thanks = results.manifest.get("attributions") or []
    said = bullets(missing) if missing else f"<p>{NO_LIMITS}</p>"
    return said + (f"<h3>Attributions</h3>{bullets(thanks)}" if thanks else "")


def _definitions() -> str:
    return "<dl>" + "".join(f"<dt>{escaped(word)}</dt><dd>{escaped(text)}</dd>" for word, text in DEFINITIONS) + "</dl>"


def _made(results: Results) -> str:
    versions = results.manifest.get("versions") or {}
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    return escaped(f"Scenario {results.scenario_name}, run {results.hash}{'; ' if said else ''}{said}.")
