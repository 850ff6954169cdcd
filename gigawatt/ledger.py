"""The three ledgers: watts, FLOPs and dollars, the doors they move through, and the checks that close a week.

Money moves through `pay` and in no other way: out of one account, into another, on record under one instrument.
Each instrument says whether it is an expense of the payer and an income of the payee. Stages move assets and debts;
`close_money` rolls equity forward from the T-accounts: two routes to one balance sheet, so that the check can fail.

Parties are the companies, then seven sectors at the end of every array of parties. The sectors have negative numbers,
so that they are the same whatever the number of companies.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel

# ------------------------------------------------------------------------------------------------------- parties
SECTORS = ("customers", "lenders", "investors", "government", "utilities", "suppliers", "builders")
CUSTOMERS, LENDERS, INVESTORS, GOVERNMENT, UTILITIES, SUPPLIERS, BUILDERS = range(-7, 0)

# --------------------------------------------------------------------------------------------------- instruments
OPERATING_INSTRUMENTS = (
    "subscription",
    "api",
    "ads",
    "core",
    "cloud",
    "spot",
    "revenue_share",
    "mission",
    "energy",
    "operations",
    "cogs",
)
INSTRUMENTS = (
    *OPERATING_INSTRUMENTS, "interest", "tax", "dividend", "transfer", "guarantee",
    "chips", "build", "equity", "loan", "repayment",
)  # fmt: skip
(SUBSCRIPTION, API, ADS, CORE, CLOUD, SPOT, REVENUE_SHARE, MISSION, ENERGY, OPERATIONS, COGS,
 INTEREST, TAX, DIVIDEND, TRANSFER, GUARANTEE, CHIPS, BUILD, EQUITY, LOAN, REPAYMENT) = range(21)  # fmt: skip
EXPENSED = np.array([1.0] * 16 + [0.0] * 5)  # lowers the payer's equity; else the payer gets an asset or sheds a debt
EARNED = np.array([1.0] * 16 + [1.0, 1.0, 1.0, 0.0, 0.0])  # raises the payee's equity: shares issued do, loans do not
OPERATING = len(OPERATING_INSTRUMENTS)  # instruments before this one, and sales of chips, make EBITDA

BOOKS = {
    "cash_usd": ("P", "cash"),
    "debt_usd": ("CP", "debt owed by company, to party"),
    "due_usd": ("CY", "principal owed to lenders that falls due in this year, the next, and so on"),
    "debt_rate": ("C", "mean interest rate on debt to lenders, a year"),
    "stake_usd": ("PC", "shares held by party, in company, at cost less write-offs"),
    "chips_usd": ("C", "chips and servers, net of depreciation"),
    "sites_usd": ("C", "sites, power and other fixed assets, net of depreciation"),
    "equity_usd": ("P", "equity, rolled forward from the T-accounts"),
    "opening_cash_usd": ("P", "cash at the start of the week"),
    "paid_usd": ("IP", "paid this week by instrument and payer"),
    "received_usd": ("IP", "received this week by instrument and payee"),
    "noncash_usd": ("P", "depreciation, write-offs and gifts of shares this week"),
    "keep_journal": ("", "1 keeps the journal of the week, 0 only the T-accounts"),
    "entries": ("", "entries in the journal of the week"),
    "journal_code": ("J", "entry: (instrument x parties + payer) x parties + payee"),
    "journal_usd": ("J", "entry: amount"),
}

LEDGERS = ("money", "compute", "power")
MONEY, COMPUTE, POWER = range(3)
ERRORS = {
    "worst": ("G", "worst relative error so far: money, compute, power"),
    "week": ("G", "this week's relative error: money, compute, power"),
}


@kernel
def open_week(books: np.record) -> None:
    """Set the T-accounts and the journal of the week to zero.

    Changes: books.
    """
    books.paid_usd[:] = 0.0
    books.received_usd[:] = 0.0
    books.noncash_usd[:] = 0.0
    books.entries = 0.0


@kernel
def pay(books: np.record, payer: int, payee: int, instrument: int, usd: float) -> None:
    """Move `usd` from one party to another: the only door of the money ledger."""
    if usd == 0.0:
        return
    books.cash_usd[payer] -= usd
    books.cash_usd[payee] += usd
    books.paid_usd[instrument, payer] += usd
    books.received_usd[instrument, payee] += usd
    entry = int(books.entries)
    if books.keep_journal > 0 and entry < len(books.journal_usd):
        parties = len(books.cash_usd)
        books.journal_code[entry] = (instrument * parties + payer % parties) * parties + payee % parties
        books.journal_usd[entry] = usd
        books.entries = entry + 1.0


@kernel
def write_off(books: np.record, debtor: int, lender: int, usd: float) -> None:
    """A claim that will not be paid: the lender's loss is the debtor's gain; no cash moves."""
    books.debt_usd[debtor, lender] -= usd
    books.noncash_usd[debtor] += usd
    books.noncash_usd[lender] -= usd


@kernel
def worse(error: float, other: float) -> float:
    """The larger of two errors; one that is not a number is worse than any."""
    return error if other <= error or error != error else other


@kernel
def close_money(books: np.record, companies: int) -> float:
    """Worst relative error of the money ledger this week; equity and opening cash are carried forward.

    Per instrument: paid = received. Per party: cash moved = received - paid; assets - debts = equity as rolled forward
    from the T-accounts. With a journal: what it lists adds up to the T-accounts of every payer and payee.
    """
    parties, error = len(books.cash_usd), 0.0
    listed_usd, listed = np.zeros((2, parties)), int(books.entries)
    for k in range(listed):
        code = int(books.journal_code[k])
        listed_usd[0, code // parties % parties] += books.journal_usd[k]
        listed_usd[1, code % parties] += books.journal_usd[k]
    for i in range(len(EXPENSED)):
        paid_usd, received_usd = 0.0, 0.0
        for k in range(parties):
            paid_usd += books.paid_usd[i, k]
            received_usd += books.received_usd[i, k]
        error = worse(error, abs(paid_usd - received_usd) / (1.0 + paid_usd))
    for k in range(parties):
        paid_usd, received_usd, earned_usd = 0.0, 0.0, books.noncash_usd[k]
        for i in range(len(EXPENSED)):
            paid_usd += books.paid_usd[i, k]
            received_usd += books.received_usd[i, k]
            earned_usd += EARNED[i] * books.received_usd[i, k] - EXPENSED[i] * books.paid_usd[i, k]
        books.equity_usd[k] += earned_usd
        net_usd, gross_usd = net_worth_usd(books, k, companies)
        gross_usd += abs(books.opening_cash_usd[k]) + paid_usd + 1e6
        error = worse(error, abs(books.opening_cash_usd[k] + received_usd - paid_usd - books.cash_usd[k]) / gross_usd)
        error = worse(error, abs(net_usd - books.equity_usd[k]) / gross_usd)
        if books.keep_journal > 0:
            error = worse(error, abs(listed_usd[0, k] - paid_usd) / gross_usd)
            error = worse(error, abs(listed_usd[1, k] - received_usd) / gross_usd)
        books.opening_cash_usd[k] = books.cash_usd[k]
    return error


@kernel
def net_worth_usd(books: np.record, party: int, companies: int) -> tuple[float, float]:
    """Assets less debts of a party, and the sum of both as a scale for rounding errors, in USD."""
    net_usd, gross_usd = books.cash_usd[party], abs(books.cash_usd[party])
    for c in range(companies):
        claims_usd = books.debt_usd[c, party] + books.stake_usd[party, c]
        net_usd += claims_usd
        gross_usd += claims_usd
    if party < companies:
        assets_usd, owed_usd = books.chips_usd[party] + books.sites_usd[party], 0.0
        for k in range(len(books.cash_usd)):
            owed_usd += books.debt_usd[party, k]
        net_usd += assets_usd - owed_usd
        gross_usd += assets_usd + owed_usd
    return net_usd, gross_usd


@kernel
def compute_error(fleet: np.record, lease: np.record, use: np.record, companies: int) -> float:
    """Worst relative error of the compute ledger, in H100-equivalents.

    Owner: installed = failed + unpowered + lent to labs + kept. User: kept + borrowed + spot borrowed = used + idle +
    spot lent. Spot lent = spot borrowed over all. Nothing is negative.
    """
    error, spot_lent, spot_borrowed, everything = 0.0, 0.0, 0.0, 1.0
    for c in range(companies):
        installed, lent, borrowed, used = 0.0, 0.0, 0.0, use.idle_h100e[c]
        for k in range(fleet.counted_h100e.shape[1]):
            installed += fleet.counted_h100e[c, k]
        for other in range(companies):
            lent += lease.lent_h100e[other, c]
            borrowed += lease.lent_h100e[c, other]
        for u in range(use.used_h100e.shape[1]):
            used += use.used_h100e[c, u]
            error = worse(error, -use.used_h100e[c, u] / (1.0 + used))
        kept = used + use.spot_lent_h100e[c] - borrowed - use.spot_borrowed_h100e[c]
        owned = fleet.failed_h100e[c] + fleet.unpowered_h100e[c] + lent + kept
        error = worse(error, abs(installed - owned) / (1.0 + installed + borrowed + used))
        error = worse(error, -use.idle_h100e[c] / (1.0 + used))
        spot_lent += use.spot_lent_h100e[c]
        spot_borrowed += use.spot_borrowed_h100e[c]
        everything += installed
    return worse(error, abs(spot_lent - spot_borrowed) / everything)


@kernel
def power_error(power: np.record, fleet: np.record, t: np.record, pue: float, idle_draw: float) -> float:
    """Worst relative error of the power ledger, in MW.

    Region: grid + firm = load of its sites, neither above what is connected. Site: load within what is energised.
    Company: busy + idle / `idle_draw` = IT power of its powered chips, and cooling = (PUE - 1) x overhead of the
    region x IT load.
    """
    error = 0.0
    regions, sites, companies = int(t.count.regions), int(t.count.sites), int(t.count.companies)
    load_mw, it_mw = np.zeros(regions), np.zeros(companies)
    for z in range(sites):
        busy, idle, cooling = power.load_mw[z, 0], power.load_mw[z, 1], power.load_mw[z, 2]
        load_mw[int(t.site.region[z])] += busy + idle + cooling
        it_mw[int(t.site.owner[z])] += busy + idle / idle_draw
        error = worse(error, (busy + idle + cooling - power.energised_mw[z]) / (1.0 + power.energised_mw[z]))
        above = (pue - 1.0) * t.region.overhead[int(t.site.region[z])]
        error = worse(error, abs(cooling - above * (busy + idle)) / (1.0 + power.energised_mw[z]))
    for r in range(regions):
        scale = 1.0 + load_mw[r]
        error = worse(error, abs(power.grid_mw[r] + power.firm_mw[r] - load_mw[r]) / scale)
        error = worse(error, (power.grid_mw[r] - power.grid_capacity_mw[r]) / scale)
        error = worse(error, (power.firm_mw[r] - power.firm_capacity_mw[r]) / scale)
    for c in range(companies):
        error = worse(error, abs(it_mw[c] - fleet.it_mw[c]) / (1.0 + fleet.it_mw[c]))
    return error


@kernel
def ledgers(
    error: np.record, books: np.record, fleet: np.record, lease: np.record, use: np.record, power: np.record,
    p: np.record, t: np.record,
) -> None:  # fmt: skip
    """Close the week: this week's relative error of each ledger, and the worst so far.

    Changes: error, books.
    """
    error.week[MONEY] = close_money(books, int(t.count.companies))
    error.week[COMPUTE] = compute_error(fleet, lease, use, int(t.count.companies))
    error.week[POWER] = power_error(power, fleet, t, p.pue, p.idle_draw)
    for k in range(len(error.week)):
        error.worst[k] = worse(error.worst[k], error.week[k])
