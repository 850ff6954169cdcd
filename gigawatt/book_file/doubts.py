"""What a book may say and seldom means: told beside it, and no mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from gigawatt import catalog
from gigawatt.book_file.columns import PARTIES, PAYMENTS
from gigawatt.book_file.place import Place
from gigawatt.deals.book import Book
from gigawatt.deals.book.network import kind_of
from gigawatt.errors import Mistake, nearest, shown

NAMED = 5  # parties told by name
ADDRESS = ("http://", "https://")


def doubts(
    folder: Path, book: Book, places: Iterable[Place], sources: Iterable[str], taken: Sequence[str]
) -> tuple[Mistake, ...]:
    """What is allowed but seldom meant in a book without mistakes.

    Args:
        sources: Keys of its own sources.
        taken: Parties that come from the catalog.
    """
    rows = list(places)
    return (*_whole(folder, book, taken), *_covers(book, rows), *_sources(rows, sources))


def _whole(folder: Path, book: Book, taken: Sequence[str]) -> Iterable[Mistake]:
    """What is missing as a whole: parties, payments, a core."""
    if taken:
        more = f" and {len(taken) - NAMED} more" if len(taken) > NAMED else ""
        said = "balance sheets and business as in the catalog: " + ", ".join(taken[:NAMED]) + more
        path = folder / PARTIES
        yield _of(path, f"parties that {'it lacks' if path.is_file() else 'it would hold'} have {said}")
    if not book.payments:
        yield _of(folder / PAYMENTS, "no payments: sales to customers and other business beside the deals are left out")
    if not book.core:
        yield _of(folder / PARTIES, "no party is core, so that nothing can be said of the core's circle")


def _of(path: Path, message: str) -> Mistake:
    return Mistake(str(path), 0, 0, "", message if path.is_file() else f"there is no such file; {message}")


def _covers(book: Book, places: Iterable[Place]) -> Iterable[Mistake]:
    """Payments that cover deals of which there are none."""
    pairs = {(deal.payer, deal.payee, kind_of(deal, book)) for deal in book.deals}
    seen: set[str] = set()
    for place in places:
        payer, payee, kind = (place.cell(column) for column in ("payer", "payee", "kind"))
        if place.file.endswith(PAYMENTS) and place.flag("covers") and (payer, payee, kind) not in pairs:
            if place.cell("key") not in seen:
                yield place.mistake("covers", f"no deal pays {kind} from {payer} to {payee}, which it would cover")
            seen.add(place.cell("key"))


def _sources(places: Iterable[Place], own: Iterable[str]) -> Iterable[Mistake]:
    """Sources that neither the book nor the catalog describes, each once."""
    known: Collection[str] = {source.key for source in catalog.sources()} | set(own)
    rows: dict[str, list[Place]] = {}
    for place in places:
        said = place.cell("source")
        if said and said not in known and not said.startswith(ADDRESS):
            rows.setdefault(said, []).append(place)
    for said, found in rows.items():
        more = f" (and in {len(found) - 1} more row{'s' if len(found) > 2 else ''})" if len(found) > 1 else ""
        yield found[0].mistake("source", f"unknown source {shown(said)}{more}",
                               "describe it in sources.csv, or give its address", nearest(said, known))  # fmt: skip
