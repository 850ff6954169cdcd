"""`gigawatt finance programme`: who can pay for a build-out, what is missing, and what would carry it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.programmes.programme import Programme

EXAMPLES = """\b
Examples:
  gigawatt finance programme
  gigawatt finance programme --list
  gigawatt finance programme --preset openai-600bn --cost-per-gw barclays --chip-life 4
  gigawatt finance programme --revenue-growth "60 %" --require price
  gigawatt finance programme --file examples/programmes/slower-1.4tn.yaml
  gigawatt finance programme --preset mckinsey-base --draws 100000 --out years.csv"""

SEARCHED = 500  # draws in which the required values are looked for, at most
DRAWS = 10_000
MOST_DRAWS = 1_000_000
MOST_NUMBER = 10**9  # of a draw, and of a seed
USES_LEGEND = """\
GW: mean of the year; running: staff, sales, revenue shares, energy and upkeep; chips, sites: capex, with replacements
free cash: revenue less all of these, before interest and funding; sold %: of the compute that serves customers"""
SOURCES_LEGEND = """\
raised only as far as it is needed, within each limit; unfunded: what nobody pays
chance of gap: share of draws in which something has been unfunded so far"""
CREDIT_LEGEND = """\
cover: EBITDA before rent over rent, interest and repayment; below 1.00x these are paid with new money
rent as debt: {years:g} years of take-or-pay rent"""
CARRY = "what would carry it, one at a time, all else as planned"
CARRY_LEGEND = """\
planned, needed in {case}, and P5 to P95 over {few} draws
GW-hour: a gigawatt of compute that serves customers, sold for an hour; it makes {tokens:.2g} tn tokens
sellable: whether the compute of {year} can earn it, and the share it then sells of what serves ({most:.0%} at most)"""
GOALS = {
    "funded": "so that it is funded: nothing unfunded in any year",
    "break-even": "so that it pays its way: free cash at 0 or above from {year} on",
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A programme, the draws that are asked about it, and the one that is told in full."""

    base: Programme
    programme: Programme
    draws: int
    seed: int
    replay: int | None

    @property
    def case(self) -> str:
        """What is told in full, as files name it."""
        return "middle" if self.replay is None else f"draw {self.replay}"

    @property
    def spoken_case(self) -> str:
        """The same in a sentence."""
        return "the middle case" if self.replay is None else f"draw {self.replay} of seed {self.seed}"


Preset = Annotated[str | None, flag("preset", "A programme of the catalog; --list names them. Default: openai-1.4tn.")]
File = Annotated[
    Path | None,
    flag("file", "A YAML file with a programme of your own, such as examples/programmes/slower-1.4tn.yaml."),
]
CostPerGw = Annotated[
    str | None, flag("cost-per-gw", "Such as 50B$, or a published one: epoch, bernstein, barclays, nvidia, openai.")
]
ChipLife = Annotated[str | None, flag("chip-life", "Years until chips are bought anew, 0.5 to 20.")]
RevenueGrowth = Annotated[
    str | None, flag("revenue-growth", "Even growth a year from the year before the start, such as '60 %'.")
]
Utilisation = Annotated[
    str | None, flag("utilisation", "Most of the serving compute that can be sold, such as '75 %'.")
]
Years = Annotated[int | None, flag("years", "Years from the start.")]
Require = Annotated[str | None, flag("require", "Only what it takes of revenue, growth, price or utilisation.")]
Draws = Annotated[int | None, flag("draws", "Futures that are drawn. Default: 10000.")]
Seed = Annotated[int | None, flag("seed", "Draws of another seed. Default: 0.")]
Replay = Annotated[int | None, flag("replay", "The draw of this number, in place of the middle case.")]
Presets = Annotated[bool, typer.Option("--list", help="Programmes and costs of a gigawatt that are known.")]
HowWritten = Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")]


def programme(
    preset: Preset = None,
    file: File = None,
    cost_per_gw: CostPerGw = None,
    chip_life: ChipLife = None,
    revenue_growth: RevenueGrowth = None,
    utilisation: Utilisation = None,
    years: Years = None,
    require: Require = None,
    draws: Draws = None,
    seed: Seed = None,
    replay: Replay = None,
    presets: Presets = False,
    how: HowWritten = Format.table,
    out: OutFile = None,
) -> None:
    """Tell whether a programme of compute can be paid for: its need, who gives the money, and what is missing.

    Quarterly cash of the owner: capex, refresh of chips, rent, running cost, debt service and tax, against revenue and
    sources of money with limits a year. Files hold one row a year of the middle case, in USD.
    """
    from gigawatt.cli.finance_programme_list import show_list

    how = by_name(how, out)
    changed = {"preset": preset, "file": file, "cost-per-gw": cost_per_gw, "chip-life": chip_life,
               "revenue-growth": revenue_growth, "utilisation": utilisation, "years": years}  # fmt: skip
    if presets:
        rest = {"require": require, "draws": draws, "seed": seed, "replay": replay}
        refuse("--list shows what is known and changes nothing", changed | rest)
        show_list(how, out)
        return
    _check_numbers(draws, seed, replay)
    with spoken():
        base, found = _programmes(changed)
        question = _Question(base=base, programme=found, draws=draws or DRAWS, seed=seed or 0, replay=replay)
        if require is None:
            _tell(question, how, out)
        else:
            _tell_required(question, require, how, out)


def _programmes(changed: dict[str, Any]) -> tuple[Programme, Programme]:
    """The programme of the catalog that is the base, and the one that the options ask for."""
    from gigawatt.cli.finance_programme_asked import Options, asked

    return asked(Options(**{name.replace("-", "_"): given for name, given in changed.items()}))


def _check_numbers(draws: int | None, seed: int | None, replay: int | None) -> None:
    """GigawattError for a number of draws, a seed or a draw that cannot be."""
    if draws is not None and not 1 <= draws <= MOST_DRAWS:
        raise GigawattError(f"--draws {draws}: from 1 to {MOST_DRAWS:,}")
    for name, given in (("seed", seed), ("replay", replay)):
        if given is not None and not 0 <= given <= MOST_NUMBER:
            what = "the number of a draw" if name == "replay" else "a number"
            raise GigawattError(f"--{name} {given}: {what} from 0 to {MOST_NUMBER:,}")


def _tell(question: _Question, how: Format, out: Path | None) -> None:
    """Words and tables; one table of years in a file."""
    from gigawatt.cli.finance_programme_print import say_text, show_in_parts
    from gigawatt.cli.finance_programme_rows import credit_rows, source_rows, use_rows, year_rows
    from gigawatt.cli.finance_programme_words import factors_of, sentences, verdict
    from gigawatt.finance.programmes.fund import fund

    asked, seed, replay = question.programme, question.seed, question.replay
    drawn = fund(asked, question.draws, seed)
    middle = fund(asked) if replay is None else fund(asked, 1, seed, replay)
    rows = year_rows(middle, drawn, question.case)
    if how is not Format.table or out is not None:
        show(rows, how, out)
        return
    typer.echo(asked.title)
    say_text(verdict(middle, drawn, "As planned it" if replay is None else f"In {question.spoken_case} it"))
    typer.echo("")
    _say_origin(question)
    if replay is not None:
        say_text(f"{question.spoken_case}; {factors_of(middle)}", "draw", 12)
    for head, text in sentences(middle, drawn):
        say_text(text, head, 12)
    typer.echo("")
    show_in_parts(use_rows(rows), "year", f"income and uses of {question.spoken_case}, bn USD", USES_LEGEND)
    sources = source_rows(rows, list(middle.raised))
    show_in_parts(sources, "year", "where the money comes from, in the order asked, bn USD", SOURCES_LEGEND)
    legend = CREDIT_LEGEND.format(years=asked.rent_debt_years)
    show_in_parts(credit_rows(rows), "year", "what is owed and how it is covered, bn USD", legend)
    if middle.plan.revenue.any():
        _show_required(question, _required(question))


def _say_origin(question: _Question) -> None:
    """What the programme is, where it was read, and what of it is changed."""
    from gigawatt.cli.finance_programme_asked import changes
    from gigawatt.cli.finance_programme_print import say_text
    from gigawatt.finance.programmes.presets import cited

    asked, base = question.programme, question.base
    say_text(f"{asked.about}; source{'' if asked.name == base.name else f' of its base {base.name}'}: "
             f"{cited(asked.citation)}", "from", 12)  # fmt: skip
    different = changes(base, asked)
    if different:
        say_text(different, "changed", 12)


def _required(question: _Question, what: tuple[str, ...] = ()) -> list[Row]:
    """What carries it in the case that is told, and over at most SEARCHED draws."""
    from gigawatt.cli.finance_programme_rows import required_rows
    from gigawatt.finance.programmes.required import ASKED, GOALS, required_each

    p, replay, what = question.programme, question.replay, what or ASKED
    few = min(question.draws, SEARCHED)
    one = {} if replay is None else {"draws": 1, "seed": question.seed, "first": replay}
    told, drawn = required_each(p, what, GOALS, **one), required_each(p, what, GOALS, few, question.seed)
    pairs = zip(told, drawn, strict=True)
    return [row for each, spread in pairs for row in required_rows(each, spread, p, question.case)]


def _tell_required(question: _Question, what: str, how: Format, out: Path | None) -> None:
    """What it takes of one number."""
    from gigawatt.finance.programmes.required import ASKED

    if what not in ASKED:
        raise GigawattError(f"--require {what}: allowed: {', '.join(ASKED)}")
    rows = _required(question, (what,))
    if how is not Format.table or out is not None:
        show(rows, how, out)
        return
    typer.echo(f"{question.programme.title}\n")
    _say_origin(question)
    typer.echo("")
    _show_required(question, rows)


def _show_required(question: _Question, rows: list[Row]) -> None:
    """A table for each goal."""
    from gigawatt.cli.finance_programme_print import say_text, show_in_parts
    from gigawatt.cli.finance_programme_rows import told_required

    p, few = question.programme, min(question.draws, SEARCHED)
    legend = CARRY_LEGEND.format(
        case=question.spoken_case, few=few, tokens=p.tokens_per_gwh / 1e12, year=p.asked_year, most=p.utilisation
    )
    say_text(CARRY)
    for line in legend.splitlines():
        say_text(line, "  ", 2)
    typer.echo("")
    for goal, title in GOALS.items():
        told = [told_required(row) for row in rows if row["goal"] == goal]
        show_in_parts(told, "it takes", title.format(year=p.asked_year))
