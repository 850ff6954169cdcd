"""The money ledger of a run as a network of one year, or as a book from one year on, so that all that is asked of deals
can be asked of any year of any run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.book import SECTORS, Book, Deal, Network, Party, Payment, network_of_payments
from gigawatt.deals.book.parties import sector
from gigawatt.errors import GigawattError
from gigawatt.results import Results, Table

FIRST_YEAR = 1970  # of NumPy's days
WEEKS = 50  # in the ledger of a year that counts as full
CORE = ("lab", "cloud", "maker")
TIERS = {"lab": "lab", "owner": "cloud", "maker": "maker", "holding": "holding"}
EARNED = {"lab": "ai_revenue_usd", "owner": "cloud_revenue_usd", "maker": "chip_revenue_usd"}
KINDS = {
    "cloud": "compute", "spot": "compute", "api": "subscription", "ads": "subscription", "mission": "subscription",
    "cogs": "operations",
}  # fmt: skip
"""Kind of payment of a book for an instrument of the money ledger, where the word is another."""
GUARANTEES = ("backstop", "residual_guarantee")


def roles(results: Results) -> dict[str, str]:
    """Role of each company, lab, owner, maker or holding: as the scenario says, else by what it earns most with."""
    table, said = results["companies"], _texts_of(results, "companies.", ".roles")
    found = {}
    for name in dict.fromkeys(table["company"].tolist()):
        rows = table.where(company=name)
        sums = {role: float(rows[column].sum()) for role, column in EARNED.items()}
        best = max(sums, key=lambda role: sums[role]) if any(sums.values()) else "holding"
        allowed = [role for role in sums if role in said.get(name, "")]
        found[name] = best if not said.get(name) or best in allowed else (allowed or ["holding"])[0]
    return found


def years_of(results: Results) -> list[int]:
    """Calendar years of a run."""
    return [int(year) for year in np.unique(_years(results["money"]))]


def network_of_run(results: Results, year: int | None = None) -> Network:
    """Who paid whom in a calendar year of a run, by its money ledger; the first full year by default.

    Labs, owners of fleets and makers of chips are the core.

    Raises:
        GigawattError: The year is not in the run.
    """
    table = results["money"]
    wanted = _year_asked(table, year)
    rows = _years(table) == wanted
    tiers = {name: TIERS[role] for name, role in roles(results).items()}
    payer, payee, kind = (table[name][rows].tolist() for name in ("payer", "payee", "instrument"))
    kind = [KINDS.get(each, each) for each in kind]
    usd = np.nan_to_num(table["amount_usd"][rows])
    core = [name for name, tier in tiers.items() if tier in CORE]
    return network_of_payments(payer, payee, kind, usd.tolist(), tiers, core, str(wanted))


def book_of_run(results: Results, year: int | None = None) -> Book:
    """The book of a run at the start of a calendar year: balance sheets of the week before, all payments from then on.

    Shares bought and lent between companies before that day, and guarantees, stand as deals. Stakes and debts from
    before the run are in the balance sheets and in no deal.

    Raises:
        GigawattError: The year is not in the run.
    """
    wanted = _year_asked(results["money"], year)
    day = date(wanted - 1, 12, 31)
    tiers = {name: TIERS[role] for name, role in roles(results).items()}
    parties = {name: _party(results["companies"], name, tier, day) for name, tier in tiers.items()}
    parties |= {name: sector(name) for name in SECTORS}
    deals = (*_held(results["money"], day, parties), *_guarantees(results["deals"], day, parties))
    return Book(as_of=day, parties=parties, deals=deals, payments=tuple(_payments(results["money"], wanted)))


def _party(table: Table, name: str, tier: str, day: date) -> Party:
    """A company with its balance sheet of the last week up to a day, or of the first week."""
    rows = table.where(company=name)
    at = max(0, int(np.searchsorted(rows["date"], np.datetime64(day), side="right")) - 1)
    numbers: Any = {name: float(rows[name][at]) for name in ("cash_usd", "debt_usd", "chips_usd", "sites_usd")}
    return Party(
        key=name, tier=tier, group=name, core=tier in CORE, **numbers, lease_usd=0.0, revolver_usd=0.0,
        other_assets_usd=float(rows["claims_usd"][at]), other_liabilities_usd=0.0, revenue_usd=0.0, margin=0.0,
        source="run",
    )  # fmt: skip


def _payments(table: Table, first: int) -> Iterable[Payment]:
    """Payments by pair, kind and calendar year, from a year on; a part of a year at the end of a run is left out."""
    years = _years(table)
    for year in sorted(set(years.tolist())):
        if year == first or (year > first and _is_full(table, year)):
            for (payer, payee, kind), usd in _sums(table, years == year).items():
                yield Payment(key=f"{payer}>{payee}:{kind}", payer=payer, payee=payee, kind=kind, year=year, usd=usd,
                              source="run")  # fmt: skip


def _held(table: Table, day: date, parties: dict[str, Party]) -> Iterable[Deal]:
    """What companies have invested in and lent to each other in the run up to a day, less what was repaid."""
    sums = _sums(table, table["date"] <= np.datetime64(day))
    for (payer, payee, kind), usd in sums.items():
        owed = usd - sums.get((payee, payer, "repayment"), 0.0) if kind == "loan" else usd
        if kind in ("equity", "loan") and {payer, payee} <= set(parties) - set(SECTORS) and owed > 0.0:
            yield Deal(key=f"{payer}>{payee}:{kind}", payer=payer, payee=payee, instrument=kind, amount=owed, start=day,
                       end=day, schedule="start", history=((day, "drawn"),), source="run",
                       seniority="equity" if kind == "equity" else "senior")  # fmt: skip


def _guarantees(table: Table, day: date, parties: dict[str, Party]) -> Iterable[Deal]:
    """Guarantees of the scenario that run on a day."""
    names = ("deal", "payer", "payee", "instrument", "status", "amount_usd", "start", "end")
    for key, payer, payee, instrument, status, usd, start, end in zip(*(table[n].tolist() for n in names), strict=True):
        if instrument in GUARANTEES and {payer, payee} <= set(parties) and usd == usd and end is not None and end > day:
            yield Deal(key=key, payer=payer, payee=payee, instrument=instrument, amount=usd, start=start, end=end,
                       schedule="on_default", history=((min(start, day), status),), seniority="guarantor",
                       guarantees=payee, source="run")  # fmt: skip


def _sums(table: Table, rows: NDArray[np.bool_]) -> dict[tuple[str, str, str], float]:
    """USD by payer, payee and kind of payment."""
    found: dict[tuple[str, str, str], float] = {}
    columns = (table[name][rows].tolist() for name in ("payer", "payee", "instrument", "amount_usd"))
    for payer, payee, instrument, usd in zip(*columns, strict=True):
        key = (payer, payee, KINDS.get(instrument, instrument))
        found[key] = found.get(key, 0.0) + (usd if usd == usd else 0.0)
    return found


def _years(table: Table) -> NDArray[np.int64]:
    """Calendar year of each row."""
    return table["date"].astype("datetime64[Y]").astype(np.int64) + FIRST_YEAR


def _year_asked(table: Table, year: int | None) -> int:
    """The year asked for, or the first full one."""
    years = _years(table)
    known = [int(each) for each in np.unique(years)]
    if year is None:
        return next((y for y in known if _is_full(table, y)), known[0])
    if year not in known:
        raise GigawattError(f"--year {year}: the run has {known[0]} to {known[-1]}")
    return year


def _is_full(table: Table, year: int) -> bool:
    """True if the ledger has nearly all weeks of a year."""
    return len(np.unique(table["date"][_years(table) == year])) >= WEEKS


def _texts_of(results: Results, begin: str, end: str) -> dict[str, str]:
    """What the scenario says of each company under one key."""
    table = results["assumptions"]
    pairs = zip(table["path"].tolist(), table["value"].tolist(), strict=True)
    return {path.split(".")[1]: str(value) for path, value in pairs if path.startswith(begin) and path.endswith(end)}
