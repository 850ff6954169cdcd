"""Every number that the statements of a company rest on, with its date, confidence and source."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli.finance_company_texts import Row, right, say_wrapped
from gigawatt.cli.output import Format, show, width_there_is

if TYPE_CHECKING:
    from gigawatt.catalog import Fact
    from gigawatt.finance.companies.company import Company

BALANCE = ("cash_usd", "debt_usd", "chips_usd", "sites_usd", "other_assets_usd", "other_liabilities_usd", "lease_usd")
OWN = "own-estimate"


def sourced_usd(chosen: Company) -> float:
    """Share of the dollars of the opening balance sheet that have a published source."""
    known = [fact for fact in chosen.facts if fact.attribute in BALANCE]
    total = sum(abs(float(fact.value)) for fact in known)
    return sum(abs(float(fact.value)) for fact in known if fact.confidence != OWN) / total if total else 0.0


def show_inputs(chosen: Company, how: Format, out: Path | None) -> None:
    """The inputs with their sources; files have ranges, titles and reasoning, too."""
    facts = [fact for fact in chosen.facts if _is_input(fact)]
    if how is not Format.table or out is not None:
        show([_input(chosen, fact) for fact in facts], how, out)
        return
    say_wrapped(f"{chosen.title}: what its statements rest on; own: own estimate (--out inputs.csv has why)")
    print()
    numbers = numbered(fact.source for fact in facts)
    texts = [_text(fact) for fact in facts]
    rows = [
        {"input": fact.attribute} | row
        | {"unit": unit, "as of": fact.as_of,
           "source": (fact.confidence if fact.source in numbers else "") + cited(fact.source, numbers)}
        for fact, row, (_, unit) in zip(facts, right(("value",), [(value,) for value, _ in texts]), texts, strict=True)
    ]  # fmt: skip
    show(rows, Format.table, None, least=("as of",))
    print_sources(numbers)


def numbered(keys: Iterable[str]) -> dict[str, int]:
    """A number for each source but own estimates, in their order."""
    return {key: n for n, key in enumerate(dict.fromkeys(key for key in keys if key != OWN), start=1)}


def cited(key: str, numbers: Mapping[str, int]) -> str:
    """A source as a table cites it."""
    return f"[{numbers[key]}]" if key in numbers else "own"


def print_sources(numbers: Mapping[str, int]) -> None:
    """Each source with its key, title and address; an address is never broken."""
    from gigawatt import catalog

    for key, n in numbers.items():
        source = catalog.source(key)
        print(f"\n[{n}] {key}")
        for part in (", ".join(each for each in (source.title, source.author, source.published) if each), source.url):
            told = textwrap.wrap(part, width_there_is(True) - 4, break_long_words=False, break_on_hyphens=False)
            print("\n".join(f"    {line}" for line in told))


def _is_input(fact: Fact) -> bool:
    return not isinstance(fact.value, str) or fact.unit == "date"


def _text(fact: Fact) -> tuple[str, str]:
    """The value and its unit: 4.218 and bn, 11.33 and %/year, 2026-12-31 and nothing."""
    if isinstance(fact.value, str):
        return fact.value, ""
    if fact.unit == "USD":
        return (f"{fact.value / 1e9:,.4g}", "bn USD") if abs(fact.value) >= 1e9 else (f"{fact.value / 1e6:g}", "m USD")
    if fact.unit == "1/year" or (fact.unit == "1" and abs(fact.value) < 1):
        return f"{100 * fact.value:.4g}", fact.unit.replace("1", "%")
    return f"{fact.value:g}", "" if fact.unit == "1" else fact.unit


def _input(chosen: Company, fact: Fact) -> Row:
    from gigawatt import catalog

    source, is_text = catalog.source(fact.source), isinstance(fact.value, str)
    return {
        "company": chosen.name, "input": fact.attribute, "value": math.nan if is_text else fact.value,
        "text": fact.value if is_text else "", "unit": fact.unit,
        "low": math.nan if fact.low is None else fact.low, "high": math.nan if fact.high is None else fact.high,
        "as_of": fact.as_of, "confidence": fact.confidence, "source": fact.source, "title": source.title,
        "url": source.url, "table": fact.table, "note": fact.note,
    }  # fmt: skip
