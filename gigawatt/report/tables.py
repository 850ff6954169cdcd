"""Tables of the page as HTML. All text passes through `escaped`; nothing else writes text into the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

from gigawatt.catalog import source, sources
from gigawatt.report.numbers import three
from gigawatt.report.panel import Numbers
from gigawatt.report.words import opening, readable
from gigawatt.results import Figure, Results, Table


def escaped(value: object) -> str:
    """Any value as text that HTML shows as it is."""
    return escape(str(value), quote=True)


def html_table(headers: Sequence[str], rows: Iterable[Sequence[str]], style: str = "") -> str:
    """A table of texts; the first cell of a row heads it."""
    head = "".join(f'<th scope="col">{escaped(header)}</th>' for header in headers)
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    kind = f' class="{style}"' if style else ""
    table = f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _row(cells: Sequence[str]) -> str:
    return f'<th scope="row">{escaped(cells[0])}</th>' + "".join(f"<td>{escaped(cell)}</td>" for cell in cells[1:])


def numbers_table(numbers: Numbers) -> str:
    """The numbers behind a figure, folded away."""
    if not numbers.rows:
        return ""
    table = html_table(numbers.headers, numbers.rows, "numbers")
    return f"<details{' open' if numbers.unfolded else ''}><summary>{numbers.title}</summary>{table}</details>"


def figures_list(figures: Iterable[Figure]) -> str:
    """Headline figures, each under its name."""
    said = ((opening(readable(each.name)), readable(each.text).replace("->", "\u2192")) for each in figures)
    rows = "".join(f"<div><dt>{escaped(name)}</dt><dd>{escaped(text)}</dd></div>" for name, text in said)
    return f'<dl class="figures">{rows}</dl>' if rows else "<p>This run has no headline figures.</p>"


def statement_table(company: str, years: list[str], lines: list[dict[str, object]]) -> str:
    """The cash-flow statement and balance sheet of one company; the script shows the others."""
    head = "".join(f'<th scope="col">{escaped(year)}</th>' for year in years)
    rows = []
    for line in lines:
        cells = line["cells"]
        assert isinstance(cells, list)
        kind = ' class="total"' if line["total"] else ""
        rows.append(f"<tr{kind}>{_row([str(line['name']), *cells])}</tr>")
    caption = f"<caption>{escaped(company)}, $bn</caption>"
    return (f'<div class="scroll" tabindex="0"><table id="statement" class="numbers">{caption}<thead><tr>'
            f'<th scope="col">$bn</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>')  # fmt: skip


def checks_table(results: Results) -> str:
    """The checks of the three ledgers."""
    rows = [
        (str(row["ledger"]), str(row["check"]), f"{_float(row['worst_relative_error']):.1e}", str(row["week"]),
         f"{_float(row['limit']):.0e}", "passed" if row["passed"] else "FAILED") for row in results["checks"].rows()
    ]  # fmt: skip
    headers = ("Ledger", "What must hold", "Largest relative error", "In week", "Limit", "Result")
    return html_table(headers, rows, "words") if rows else "<p>No checks were recorded.</p>"


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan


def assumption_groups(results: Results) -> str:
    """The assumptions by section of the scenario, each section folded away."""
    table = results["assumptions"]
    groups: dict[str, list[dict[str, object]]] = {}
    for row in table.rows():
        groups.setdefault(str(row["path"]).split(".")[0], []).append(dict(row))
    return "".join(_group(name, rows) for name, rows in groups.items())


ASSUMPTION_HEADERS = ("Path", "Value", "90 % interval", "Unit", "Confidence", "Source", "Origin", "Note")


def _group(name: str, rows: list[dict[str, object]]) -> str:
    head = "".join(f'<th scope="col">{header}</th>' for header in ASSUMPTION_HEADERS)
    body = "".join(_assumption(row) for row in rows)
    count = f"{len(rows)} value" + ("s" if len(rows) != 1 else "")
    table = f'<table class="words"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return (f'<details><summary>{escaped(opening(readable(name)))} <span class="faint">{count}</span></summary>'
            f'<div class="scroll" tabindex="0">{table}</div></details>')  # fmt: skip


def _assumption(row: dict[str, object]) -> str:
    key = str(row["source"])
    linked = f'<a href="#source-{escaped(key)}">{escaped(key)}</a>' if has_source(key) else escaped(key)
    unit = "" if row["unit"] in ("1", "text", "date") else str(row["unit"])
    texts = (_value(str(row["value"])), _interval(row["low"], row["high"]), unit, str(row["confidence"]))
    cells = "".join(f"<td>{escaped(text)}</td>" for text in texts)
    rest = f"<td>{linked}</td><td>{escaped(row['origin'])}</td><td>{escaped(row['note'])}</td>"
    return f'<tr><th scope="row">{escaped(row["path"])}</th>{cells}{rest}</tr>'


def _value(text: str) -> str:
    """A number with three significant digits; other texts as they are."""
    try:
        return three(float(text))
    except ValueError:
        return text


def _interval(low: object, high: object) -> str:
    lower, upper = _float(low), _float(high)
    return f"{three(lower)} to {three(upper)}" if math.isfinite(lower) and math.isfinite(upper) else ""


def has_source(key: str) -> bool:
    """Whether the catalog knows a source of that key."""
    return key in _source_keys()


@cache
def _source_keys() -> frozenset[str]:
    # Not by asking for each: the error of an unknown key looks for its nearest name, and most values have no source.
    return frozenset(each.key for each in sources())


def sources_list(table: Table) -> str:
    """The catalog's sources that the assumptions name, with where to read them."""
    keys = sorted({str(key) for key in table["source"].tolist() if has_source(str(key))})
    return f'<ol class="sources">{"".join(map(_source, keys))}</ol>' if keys else "<p>No catalog source is used.</p>"


def _source(key: str) -> str:
    said = source(key)
    words = ", ".join(filter(None, (said.author, said.title, said.published)))
    read = f" Read on {escaped(said.read_on)}." if said.read_on else ""
    safe = said.url.startswith(("https://", "http://"))
    link = f' <a href="{escaped(said.url)}" rel="noreferrer">{escaped(said.url)}</a>.' if safe else ""
    return f'<li id="source-{escaped(key)}"><b>{escaped(key)}</b>: {escaped(words)}.{link}{read}</li>'


def bullets(texts: Iterable[object]) -> str:
    """Texts as a list."""
    return "<ul>" + "".join(f"<li>{escaped(text)}</li>" for text in texts) + "</ul>"
