"""The network asked for: of a year of a book, or of the money ledger of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gigawatt.deals.book import LADDER, Network, network, network_of_payments
from gigawatt.errors import GigawattError, nearest

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source
    from gigawatt.results import Results

FIRST_YEAR = 1970  # of NumPy's days
WEEKS = 50  # in the ledger of a year that counts as full


def network_asked(source: Source, year: int | None, status: str) -> Network:
    """The network of one year; errors name the years and statuses that there are."""
    if status not in LADDER:
        near = nearest(status, LADDER)
        hint = f"; did you mean {near}?" if near else ""
        raise GigawattError(f"--status {status}: unknown{hint} known: {', '.join(LADDER)}")
    if source.run is not None:
        from gigawatt import store

        return network_of_run(store.load(store.find(source.run, source.runs)), year)
    from gigawatt.cli.deals_options import YEAR

    book = source.load()
    wanted = YEAR if year is None and YEAR in book.years else year if year is not None else max(book.years)
    found = network(book, wanted, status)
    if not found.edges:
        raise GigawattError(f"nothing is paid in {wanted}: the book has {book.years[0]} to {book.years[-1]}")
    return found


def network_of_run(results: Results, year: int | None = None) -> Network:
    """Who paid whom in a calendar year of a run, by its money ledger; the first full year by default.

    Companies that sell models, own fleets or make chips are the core.
    """
    from gigawatt.report.moneyflow import roles

    table = results["money"]
    years = table["date"].astype("datetime64[Y]").astype(int) + FIRST_YEAR
    known = np.unique(years)
    if year is None:
        weeks = {int(each): len(np.unique(table["date"][years == each])) for each in known}
        year = next((each for each, count in weeks.items() if count >= WEEKS), int(known[0]))
    if year not in known:
        raise GigawattError(f"--year {year}: the run has {known[0]} to {known[-1]}")
    rows = years == year
    tier = {name: {"owner": "cloud"}.get(role, role) for name, role in roles(results).items()}
    core = [name for name, kind in tier.items() if kind in ("lab", "cloud", "maker")]
    payer, payee, kind = (table[name][rows].tolist() for name in ("payer", "payee", "instrument"))
    usd = np.nan_to_num(table["amount_usd"][rows])
    return network_of_payments(payer, payee, kind, usd.tolist(), tier, core, str(year))
