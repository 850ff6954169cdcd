"""`gigawatt deals owes`: all that one firm pays, owes, owns, is owed and guarantees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.deals_day import OTHER_DEBT, Day, on_day
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.book import Network
    from gigawatt.deals.exposure import Dossier, Item

EXAMPLES = """\b
Examples:
  gigawatt deals owes Oracle
  gigawatt deals owes OpenAI --status announced --year 2028
  gigawatt deals owes OpenAI --run latest --year 2030
  gigawatt deals owes CoreWeave --format csv --out coreweave.csv"""
LEFT = ("what", "with", "sure", "rank", "until", "deal", "confidence", "source", "to", "from", "for", "why")
SHOWN = 12  # payments of a year


def owes(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A party, such as Oracle.")],
    year: Year = None,
    status: Status = FIRM,
    day: Day = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """The dossier of one firm: what it pays, owes, owns, is owed and guarantees, with whom, until when, how surely."""
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import dossier

    with spoken():
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        found, at = on_day(source, day, year=True)
        one = dossier(found, name, at, status)
        net = source.network()
        if by_name(how, out) is not Format.table or out is not None:
            show(plain(one, net), how, out, columns=COLUMNS)
            return
        _answer(one, net)
        _payments(one.party.key, net)
        for section in SECTION_HEADS:
            _section(one, section)
        _left_out(one)
        _notes(one)


SECTION_HEADS = {
    "owes": "Owes", "must pay": "Must still pay", "guarantees": "Guarantees", "owns": "Owns",
    "is owned": "Is owned by", "is promised": "Is promised", "is guaranteed": "Is guaranteed",
}  # fmt: skip


def _answer(one: Dossier, net: Network) -> None:
    from gigawatt.cli.deals_texts import bn, say_wrapped

    name = one.party.key
    paid = sum(edge.usd for edge in net.edges if edge.payer == name)
    got = sum(edge.usd for edge in net.edges if edge.payee == name)
    told = [_sum(one, section, verb) for section, verb in (
        ("owes", "owes"), ("must pay", "must still pay"), ("guarantees", "guarantees"), ("owns", "owns"),
        ("is promised", "is promised"), ("is guaranteed", "has guarantees of"))]  # fmt: skip
    told = [text for text in told if text]
    has = "; ".join(told) or "has no deal that counts"
    say_wrapped(
        f"On {one.day} {one.party.title} {has}. In {net.period} it pays USD {bn(paid)} and gets {bn(got)} from those "
        "in the book."
    )
    if balance := _balance(one):
        say_wrapped(balance)
    print()


def _sum(one: Dossier, section: str, verb: str) -> str:
    """ "must still pay USD 263.8 bn, 92 % of it to other landlords (1 amount undisclosed)"."""
    from gigawatt.cli.deals_texts import bn, percent

    items, whole = one.section(section), one.total_usd(section)
    if not items:
        return ""
    by_party: dict[str, float] = {}
    for item in items:
        by_party[item.party] = by_party.get(item.party, 0.0) + (item.usd if item.usd == item.usd else 0.0)
    first, most = max(by_party.items(), key=lambda pair: pair[1])
    word = {"owes": "to", "must pay": "to", "guarantees": "for", "owns": "in"}.get(section, "by")
    part = (
        f", {percent(most / whole)} of it {word} {first}" if whole > 0.0 and len(by_party) > 1 else f" {word} {first}"
    )
    hidden = one.undisclosed(section)
    more = f" ({hidden} amount{'s' if hidden > 1 else ''} undisclosed)" if hidden else ""
    return f"{verb} {f'USD {bn(whole)}' if whole > 0.0 else 'undisclosed amounts'}{part}{more}"


def _balance(one: Dossier) -> str:
    from gigawatt.cli.deals_texts import bn

    party = one.party
    told = [(party.cash_usd, "cash"), (party.revolver_usd, "of credit lines"), (party.chips_usd, "of chips"),
            (party.sites_usd, "of sites"), (party.lease_usd, "of leases on the balance sheet"),
            (party.market_value_usd, "of market value")]  # fmt: skip
    words = [f"{bn(usd)} {what}" for usd, what in told if usd == usd and usd > 0.0]
    return f"At the opening of the book it has USD {', '.join(words)}." if words else ""


def _payments(name: str, net: Network) -> None:
    """What it pays and gets in the year, by whom and what for."""
    from gigawatt.cli.deals_texts import aligned, billions, keys_text
    from gigawatt.cli.output import show

    for head, mine, other in (("Pays", "payer", "payee"), ("Gets", "payee", "payer")):
        edges = sorted((edge for edge in net.edges if getattr(edge, mine) == name), key=lambda edge: -edge.usd)
        rows = [{"to" if mine == "payer" else "from": getattr(edge, other), "for": edge.kind.replace("_", " "),
                 "USD bn": billions(edge.usd), "deal": keys_text(edge.deals)} for edge in edges[:SHOWN]]  # fmt: skip
        if rows:
            more = f", the largest {SHOWN} of {len(edges)}" if len(edges) > SHOWN else ""
            total = billions(sum(edge.usd for edge in edges))
            show(aligned(rows, LEFT), Format.table, title=f"{head} in {net.period}: USD {total} bn{more}")


def _section(one: Dossier, section: str) -> None:
    from gigawatt.cli.deals_texts import aligned, billions
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import SECTIONS

    rows = [_row(item) for item in one.section(section)]
    if rows:
        title = f"{SECTION_HEADS[section]}: USD {billions(one.total_usd(section))} bn, {SECTIONS[section]}"
        show(aligned(rows, LEFT), Format.table, title=title, least=("source", "confidence", "rank"))


def _row(item: Item) -> dict[str, Any]:
    from gigawatt.cli.deals_texts import billions

    return {"with": item.party, "what": item.what, "USD bn": billions(item.usd) or "n.p.",
            "until": item.until.isoformat() if item.until else "", "sure": item.status,
            "rank": item.seniority.replace("_", " "), "deal": item.key, "confidence": item.confidence,
            "source": item.source}  # fmt: skip


def _left_out(one: Dossier) -> None:
    from gigawatt.cli.deals_texts import aligned, billions
    from gigawatt.cli.output import show

    rows = [{"deal": deal.key, "from": deal.payer, "to": deal.payee, "what": deal.instrument.replace("_", " "),
             "USD bn": billions(deal.amount) or "n.p.", "why": why} for deal, why in one.left_out]  # fmt: skip
    if rows:
        show(aligned(rows, LEFT), Format.table, title=f"Not counted: less sure than {one.status}, over, or in another")


def _notes(one: Dossier) -> None:
    from gigawatt.cli.deals_texts import percent, say_notes, span
    from gigawatt.deals.exposure import catalog_terms

    stakes = [f"{of} {percent(stake.share.middle)} ({span(stake.share.low, stake.share.high)})"
              for (holder, of), stake in catalog_terms().stakes.items() if holder == one.party.key]  # fmt: skip
    notes = {
        "totals": "each dollar is in one line of one table; the tables are not to be added up: what is owed today, "
        "what must be paid later and what must be paid only if others do not are different things. Leases on the "
        "balance sheet are part of the rents still to come",
        "n.p.": "not published, and in no sum",
        "other debt": OTHER_DEBT,
        "schedules": "what a schedule has due by the day is taken as paid; loans are repaid by the terms of the tables "
        "residuals and financings",
    }
    if sources := _sources(one):
        notes["sources"] = f"{sources}. gigawatt catalog show KEY tells author and address"
    if stakes:
        notes["shares held"] = f"{', '.join(stakes)}; what was paid in later is added at cost"
    say_notes(notes)


def _sources(one: Dossier) -> str:
    """Title of what each deal was read in, once."""
    from gigawatt import catalog

    titles = {each.key: each.title for each in catalog.sources()}
    told = {item.source: titles.get(item.source, item.source) for item in one.items if item.source}
    return "; ".join(f"{title} ({key})" if title != key else key for key, title in told.items())


COLUMNS = ("section", "party", "what", "usd", "until", "status", "seniority", "deal", "confidence", "source", "note")


def plain(one: Dossier, net: Network) -> list[dict[str, Any]]:
    """All lines as files take them; payments of the year as sections `pays` and `gets`."""
    rows = [
        {"section": section, "party": item.party, "what": item.what, "usd": item.usd,
         "until": item.until.isoformat() if item.until else "", "status": item.status, "seniority": item.seniority,
         "deal": item.key, "confidence": item.confidence, "source": item.source, "note": item.note}
        for section in SECTION_HEADS for item in one.section(section)
    ]  # fmt: skip
    for section, mine, other in (("pays", "payer", "payee"), ("gets", "payee", "payer")):
        rows += [
            {"section": section, "party": getattr(edge, other), "what": edge.kind, "usd": edge.usd,
             "until": f"{net.period}-12-31", "status": "", "seniority": "", "deal": " ".join(edge.deals),
             "confidence": "", "source": "", "note": ""}
            for edge in net.edges if getattr(edge, mine) == one.party.key
        ]  # fmt: skip
    return rows
