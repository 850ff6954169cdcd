"""Three statements of a company from the tables of a run: `money` for flows, `companies` for what stands.

Nothing is stored anew: what was paid and received by instrument makes income and cash flow; assets and debts make the
balance sheet; depreciation is what assets lost beside purchases, write-offs what claims and debts lost beside payments.
These two are what is left over, so that net income has no second route. What can fail: assets less debt against the
equity that the ledger rolled from its T-accounts, cash against the payments that explain it, depreciation below 0.

The first week of a run is the opening: what stood before it is in no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gigawatt.errors import GigawattError, nearest
from gigawatt.ledger import INSTRUMENTS, OPERATING, OPERATING_INSTRUMENTS
from gigawatt.results import Table

Lines = dict[str, np.ndarray]
SOLD = (*OPERATING_INSTRUMENTS, "chips")  # what makes revenue when received
RELATIVE = 1e-9  # largest error over the size of the balance sheet, as for the ledgers themselves


@dataclass(frozen=True, kw_only=True)
class RunStatements:
    """Lines in USD by period; `balance` at the end of each, `opening` after the first week of the run."""

    company: str
    labels: tuple[str, ...]
    opening_label: str
    income: Lines
    cash: Lines
    balance: Lines
    opening: dict[str, float]
    error_usd: float  # the largest difference of any week: assets less debt and equity; cash less what explains it


def run_statements(tables: Mapping[str, Table], company: str, annual: bool = False) -> RunStatements:
    """Statements of a company of a run by calendar quarter or year, the last of which may be cut short.

    Raises:
        GigawattError: No such company, fewer than two weeks, statements that do not close, assets that grow by
            themselves.
    """
    own = _own(tables["companies"], company)
    paid, received = (_by_instrument(tables["money"], company, side, len(own)) for side in ("payer", "payee"))
    weekly = _weekly(own, paid, received)
    error = _error_usd(own, weekly)
    size = float(np.abs(weekly["assets"]).max()) + float(np.abs(weekly["debt"]).max()) + 1e6
    if not error <= RELATIVE * size:
        raise GigawattError(f"statements of {company} are off by {error:g} USD; at most {RELATIVE * size:g} is allowed")
    grown = float(weekly["depreciation"][1:].max())  # depreciation is an expense: 0 or less
    if grown > RELATIVE * size:
        raise GigawattError(f"fixed assets of {company} grow by {grown:g} USD in a week beyond what it bought")
    labels, of_week = _periods(own["date"][1:], annual)
    stocks, income, cash = _split(weekly, received, paid)
    last = np.array([np.flatnonzero(of_week == n)[-1] for n in range(len(labels))])
    return RunStatements(
        company=company,
        labels=labels,
        opening_label=str(own["date"][0]),
        income={name: _summed(values, of_week, len(labels)) for name, values in income.items()},
        cash={name: _summed(values, of_week, len(labels)) for name, values in cash.items()},
        balance={name: values[1:][last] for name, values in stocks.items()},
        opening={name: float(values[0]) for name, values in stocks.items()},
        error_usd=error,
    )


def _own(companies: Table, company: str) -> Table:
    known = list(dict.fromkeys(companies["company"].tolist()))
    found = {name.lower(): name for name in known}.get(company.lower())
    if found is None:
        close = nearest(company, known)
        hint = f"; did you mean {close!r}?" if close else ""
        raise GigawattError(f"the run has no company {company!r}{hint} (known: {', '.join(known)})")
    own = companies.where(company=found)
    if len(own) < 2:
        raise GigawattError("statements need a run of at least two weeks")
    return own


def _by_instrument(money: Table, company: str, side: str, weeks: int) -> Lines:
    """USD by week of what a company paid (`payer`) or received (`payee`), for each instrument."""
    mine = money.take(np.char.lower(money[side].astype(str)) == company.lower())
    return {
        name: np.bincount(part["week"], part["amount_usd"], minlength=weeks)
        for name in INSTRUMENTS
        for part in (mine.where(instrument=name),)
    }


def _weekly(own: Table, paid: Lines, received: Lines) -> Lines:
    """Every line of the three statements by week; the first week's flows are not used."""
    sold = np.sum([received[name] for name in SOLD], axis=0)
    spent = np.sum([paid[name] for name in INSTRUMENTS[:OPERATING]], axis=0)
    capex = paid["chips"] + paid["build"]
    fixed = own["chips_usd"] + own["sites_usd"]
    depreciation = capex - np.diff(fixed, prepend=np.nan)
    lent = paid["equity"] + paid["loan"] - received["repayment"]
    borrowed = received["loan"] - paid["repayment"]
    written = (np.diff(own["claims_usd"], prepend=np.nan) - lent) - (
        np.diff(own["debt_usd"], prepend=np.nan) - borrowed
    )
    support = sum(received[name] - paid[name] for name in ("transfer", "guarantee"))
    ebitda = sold - spent
    before_tax = (
        ebitda - depreciation + written + received["interest"] + received["dividend"] - paid["interest"] + support
    )
    net = before_tax - paid["tax"]
    return {
        "revenue": sold, "operating_cost": -spent, "ebitda": ebitda, "depreciation": -depreciation,
        "write_offs": written, "interest_paid": -paid["interest"],
        "interest_and_dividends": received["interest"] + received["dividend"], "support": np.asarray(support),
        "before_tax": before_tax, "tax": -paid["tax"], "net_income": net,
        "operating": net + depreciation - written, "capex": -capex, "claims_bought": -(paid["equity"] + paid["loan"]),
        "claims_repaid": received["repayment"], "debt_issued": received["loan"], "debt_repaid": -paid["repayment"],
        "shares_sold": received["equity"], "dividends": -paid["dividend"],
        "cash": own["cash_usd"], "chips": own["chips_usd"], "sites": own["sites_usd"], "claims": own["claims_usd"],
        "assets": own["cash_usd"] + fixed + own["claims_usd"], "debt": own["debt_usd"], "equity": own["equity_usd"],
    }  # fmt: skip


INVESTING = ("capex", "claims_bought", "claims_repaid")
FINANCING = ("debt_issued", "debt_repaid", "shares_sold", "dividends")
STOCKS = ("cash", "chips", "sites", "claims", "assets", "debt", "equity")


def _error_usd(own: Table, w: Lines) -> float:
    """The largest difference of any week: the balance sheet, the change in cash.

    Together they say that net income and shares explain equity: depreciation and write-offs are what is left over.
    """
    change = w["operating"] + sum(w[name] for name in (*INVESTING, *FINANCING))
    errors = (w["assets"] - w["debt"] - w["equity"], (np.diff(own["cash_usd"], prepend=np.nan) - change)[1:])
    return max(float(np.abs(error).max()) for error in errors)


def _split(w: Lines, received: Lines, paid: Lines) -> tuple[Lines, Lines, Lines]:
    """Balance sheet by week; income and cash flow by week without the first."""
    income = {f"{name} sold": received[name] for name in SOLD if received[name][1:].any()}
    income |= {"revenue": w["revenue"]}
    income |= {f"{name} paid": -paid[name] for name in INSTRUMENTS[:OPERATING] if paid[name][1:].any()}
    names = ("ebitda", "depreciation", "write_offs", "interest_paid", "interest_and_dividends", "support",
             "before_tax", "tax", "net_income")  # fmt: skip
    income |= {name: w[name] for name in names}
    investing, financing = (np.sum([w[name] for name in part], axis=0) for part in (INVESTING, FINANCING))
    cash = {
        "net_income": w["net_income"], "depreciation": -w["depreciation"], "write_offs": -w["write_offs"],
        "operating": w["operating"], **{name: w[name] for name in INVESTING}, "investing": investing,
        **{name: w[name] for name in FINANCING}, "financing": financing,
        "change_in_cash": w["operating"] + investing + financing, "free_cash_flow": w["operating"] + w["capex"],
    }  # fmt: skip
    stocks = {name: w[name] for name in STOCKS}
    return stocks, {k: v[1:] for k, v in income.items()}, {k: v[1:] for k, v in cash.items()}


def _periods(dates: np.ndarray, annual: bool) -> tuple[tuple[str, ...], np.ndarray]:
    """Labels of calendar quarters or years, and the period of each week, by the day on which it starts."""
    months = dates.astype("datetime64[M]").astype(int)
    keys = months // (12 if annual else 3)
    kinds, of_week = np.unique(keys, return_inverse=True)
    if annual:
        return tuple(str(1970 + int(k)) for k in kinds), of_week
    return tuple(f"{1970 + int(k) // 4} Q{int(k) % 4 + 1}" for k in kinds), of_week


def _summed(values: np.ndarray, of_week: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(of_week, values, minlength=count)
