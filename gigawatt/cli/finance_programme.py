"""`gigawatt finance programme`: who can pay for a build-out, what is missing, and what would carry it."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show, width_there_is
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.programme import Programme

EXAMPLES = """\b
Examples:
  gigawatt finance programme
  gigawatt finance programme --list
  gigawatt finance programme --preset openai-600bn --cost-per-gw barclays --chip-life 4
  gigawatt finance programme --revenue-growth "60 %" --require price
  gigawatt finance programme --file examples/programmes/slower-1.4tn.yaml
  gigawatt finance programme --preset mckinsey-base --draws 100000 --out years.csv"""

WIDE = 110  # characters of a line of words
SEARCHED = 500  # draws in which the required values are looked for, at most
MOST_DRAWS = 1_000_000
LEAST_USES = ("sold %", "tax", "revenue per GW")
LEAST_SOURCES = ("debt at end", "from cash")
LEAST_LIST = ("source", "a year, 7 y", "a year, 3 y")
LEAST_REQUIRED = ("sellable", "P5", "P95")
CARRY = (
    "what would carry it, one at a time, all else as planned\n"
    "  funded: nothing unfunded in any year; pays its way: free cash at 0 or above from {p.asked_year} on\n"
    "  sellable: whether the compute of {p.asked_year} can earn it, and the share of what serves that it then sells "
    "({p.utilisation:.0%} at most)"
)
Row = dict[str, Any]


def programme(
    preset: Annotated[str, flag("preset", "A programme of the catalog; --list names them.")] = "openai-1.4tn",
    file: Annotated[
        Path | None,
        flag("file", "A YAML file with a programme of your own, such as examples/programmes/slower-1.4tn.yaml."),
    ] = None,
    cost_per_gw: Annotated[
        str | None, flag("cost-per-gw", "Such as 50B$, or a published one: epoch, bernstein, barclays, nvidia, openai.")
    ] = None,
    chip_life: Annotated[str | None, flag("chip-life", "Years until chips are bought anew.")] = None,
    revenue_growth: Annotated[
        str | None, flag("revenue-growth", "Even growth a year from the year before the start, such as '60 %'.")
    ] = None,
    utilisation: Annotated[
        str | None, flag("utilisation", "Most of the serving compute that can be sold, such as '75 %'.")
    ] = None,
    years: Annotated[int | None, flag("years", "Years from the start.")] = None,
    require: Annotated[
        str | None, flag("require", "Only what it takes of revenue, growth, price or utilisation.")
    ] = None,
    draws: Annotated[int, flag("draws", "Futures that are drawn.")] = 10_000,
    seed: Annotated[int, flag("seed", "Draws of another seed.")] = 0,
    replay: Annotated[int | None, flag("replay", "The draw of this number, in place of the middle case.")] = None,
    presets: Annotated[bool, typer.Option("--list", help="Programmes and costs of a gigawatt that are known.")] = False,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Tell whether a programme of compute can be paid for: its need, who gives the money, and what is missing.

    Quarterly cash of the owner: capex, refresh of chips, rent, running cost, debt service and tax, against revenue and
    sources of money with limits a year. Files hold the years of the middle case in USD.
    """
    how = by_name(how, out)
    if presets:
        show(_listed(), how, out, title=_list_title(), least=LEAST_LIST)
        return
    if not 1 <= draws <= MOST_DRAWS:
        raise GigawattError(f"--draws {draws}: from 1 to {MOST_DRAWS:,}")
    with spoken():
        asked = _asked(preset, file, cost_per_gw, chip_life, revenue_growth, utilisation, years)
        if require is not None:
            title = f"{_title(asked)}\n\n{CARRY.format(p=asked)}"
            _show_required(asked, (require,), draws, seed, title, how, out)
        else:
            _tell(asked, draws, seed, replay, how, out)


def _tell(asked: Programme, draws: int, seed: int, replay: int | None, how: Format, out: Path | None) -> None:
    """Words and tables; one table of years in a file."""
    from gigawatt.cli.finance_programme_words import sentences, source_rows, use_rows, year_rows
    from gigawatt.finance.programme_fund import fund

    drawn = fund(asked, draws, seed)
    middle = fund(asked) if replay is None else fund(asked, 1, seed, replay)
    rows = year_rows(middle, drawn)
    if how is not Format.table or out is not None:
        show(rows, how, out)
        return
    case = "the middle case" if replay is None else f"draw {replay} of seed {seed}"
    typer.echo(f"{_title(asked)}\n{case} beside {draws:,} draws of seed {seed}\n")
    width = min(width_there_is(narrow=True), WIDE)
    for head, text in sentences(middle, drawn):
        typer.echo(textwrap.fill(text, width, initial_indent=f"{head:<12}", subsequent_indent=" " * 12))
    typer.echo("")
    show(use_rows(rows), how, title="income and uses, bn USD", least=LEAST_USES)
    names = list(middle.raised)
    show(
        source_rows(rows, names),
        how,
        title="where the money comes from, in the order asked, bn USD",
        least=LEAST_SOURCES,
    )
    if middle.plan.revenue.any():
        _show_required(asked, ("revenue", "growth", "price", "utilisation"), draws, seed, CARRY.format(p=asked))


def _show_required(
    asked: Programme,
    what: tuple[str, ...],
    draws: int,
    seed: int,
    title: str,
    how: Format = Format.table,
    out: Path | None = None,
) -> None:
    """What carries it, over at most SEARCHED draws."""
    from gigawatt.cli.finance_programme_words import required_rows, told_required
    from gigawatt.finance.programme_answers import GOALS, required

    few = min(draws, SEARCHED)
    rows = [
        row
        for goal in GOALS
        for each in what
        for row in required_rows(required(asked, each, goal), required(asked, each, goal, few, seed), asked)
    ]
    if how is Format.table and out is None:
        rows = [told_required(row) for row in rows]
    show(rows, how, out, title, least=LEAST_REQUIRED)


def _title(asked: Programme) -> str:
    from gigawatt.finance.programme_presets import cited, presets

    source = "source" if asked.name in presets() else "source of its base"
    return f"{asked.title}: {asked.about}\n{source}: {cited(asked.citation)}"


def _asked(
    preset: str,
    file: Path | None,
    cost: str | None,
    life: str | None,
    growth: str | None,
    utilisation: str | None,
    years: int | None,
) -> Programme:
    """The preset or the programme of the file, with what the options change."""
    from gigawatt.cli.finance_programme_file import read_programme
    from gigawatt.finance.programme_answers import with_cost, with_growth
    from gigawatt.finance.programme_presets import programme as named
    from gigawatt.units import parse_quantity

    found = named(preset) if file is None else read_programme(file)
    if cost is not None:
        found = with_cost(found, _cost(cost))
    if life is not None:
        found = replace(found, chip_life_years=parse_quantity(life, "years", "--chip-life").value)
    if growth is not None:
        found = with_growth(found, parse_quantity(growth, "1", "--revenue-growth").value)
    if utilisation is not None:
        found = replace(found, utilisation=parse_quantity(utilisation, "1", "--utilisation").value)
    if years is not None:
        if not 1 <= years <= 30:
            raise GigawattError(f"--years {years}: from 1 to 30")
        found = replace(found, years=years)
    return found


def _cost(text: str) -> float:
    """USD per GW of a text such as 50B$, 50 B$/GW, or the name of a published cost."""
    from gigawatt.finance.programme_presets import published_cost
    from gigawatt.units import parse_quantity

    if text[:1].isalpha():
        return float(published_cost(text).value)
    found = parse_quantity(text, "USD/GW" if "/" in text or "per" in text else "USD", "--cost-per-gw").value
    if not 1e8 <= found <= 1e12:
        raise GigawattError(f"--cost-per-gw {text}: {found:,.4g} USD a GW; from 0.1 to 1,000 bn, such as 50B$")
    return found


def _listed() -> list[Row]:
    """Programmes, then published costs, with the level cost a year at chip lives of 3, 5 and 7 years."""
    from gigawatt.catalog import value
    from gigawatt.finance.programme_presets import headline_usd, presets, programme, published_cost

    rows: list[Row] = []
    for name in presets():
        found = programme(name)
        known: Row = {"GW": round(found.added_gw, 1), "headline": round(headline_usd(name) / 1e9)}
        rows.append({"name": name, "what": found.title} | known | _costs(name, found.cost_usd_per_gw, found.citation))
    for name in presets("cost"):
        fact = published_cost(name)
        blank: Row = {"GW": None, "headline": None}
        what = {"name": name.removeprefix("cost-"), "what": str(value("programmes", name, "title"))}
        rows.append(what | blank | _costs(name, float(fact.value), fact.source))
    return rows


def _costs(name: str, usd_per_gw: float, source: str) -> Row:
    from gigawatt.finance.programme_presets import annual_cost_usd_per_gw

    annual = {f"a year, {life} y": round(annual_cost_usd_per_gw(usd_per_gw, life, name) / 1e9, 1) for life in (3, 5, 7)}
    return {"per GW": round(usd_per_gw / 1e9, 1)} | annual | {"source": source}


def _list_title() -> str:
    from gigawatt.finance.programme_presets import epoch_implied

    return (
        "programmes (--preset) and costs of a gigawatt as published (--cost-per-gw), bn USD\n"
        f"a year: level cost of a GW with IT that lasts 3, 5 or 7 years, at {epoch_implied().rate:.2%}: the rate that "
        "the 12, 8.5 and 7 bn of Epoch AI imply"
    )
