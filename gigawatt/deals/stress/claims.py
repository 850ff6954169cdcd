"""Who has claims on a firm in default: lenders with and without collateral, sellers, landlords, owners, others.

A claim has two amounts: `usd`, what its holder loses if it gets nothing; and `counts_usd`, what the estate takes
into account, which for contracts is the unpaid dues of about a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt import catalog
from gigawatt.deals.book import Book, Deal
from gigawatt.deals.book.deal import DEBTS, secured_by
from gigawatt.deals.book.parties import Party, or_zero
from gigawatt.deals.book.schedule import ONE_DAY, due_before
from gigawatt.deals.stress.assumptions import Assumptions
from gigawatt.deals.stress.flows import Calendar
from gigawatt.deals.stress.opening import Opening
from gigawatt.deals.stress.positions import by_pair, delivered_share
from gigawatt.deals.stress.result import Quarters

LAYERS = (
    "GPU lenders", "campus lenders", "senior lenders", "sellers of compute", "landlords", "sellers of chips",
    "junior lenders", "others outside", "guarantors", "equity",
)  # fmt: skip
SELLERS = {"compute": "sellers of compute", "rent": "landlords", "chips": "sellers of chips"}
SECURED = {"chips": "GPU lenders", "campus": "campus lenders"}
"""Layer of a loan by what it is secured by."""
PLEDGED = {"cloud": "chips", "landlord": "campus"}  # what secured debt of a tier is on, if no deal says


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one holder has to get from a firm in default, in USD."""

    debtor: str
    holder: str
    layer: str  # one of LAYERS
    usd: float
    counts_usd: float
    quarter: int  # of the default
    deal: str = ""
    by_quarter: tuple[float, ...] = ()  # of a contract: what is missed in each quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A firm in default: when, what it still pays of its dues, and what its estate has to sell, at book value."""

    key: str
    quarter: int
    share: float  # of dues that it goes on paying; above 0 nothing is sold
    chips_usd: float
    sites_usd: float
    other_usd: float


def claims_on(
    firm: Failed, book: Book, opened: Opening, run: Quarters, calendar: Calendar, terms: Assumptions, status: str
) -> list[Claim]:
    """All claims on a firm in default."""
    found = _of_lenders(firm, book, opened, run, calendar, status)
    found += _of_contracts(firm, opened, run, terms)
    found += _of_owners(firm, book, calendar, status)
    others = or_zero(book.parties[firm.key].other_liabilities_usd)
    found.append(_claim(firm, "others", "others outside", others))
    return [claim for claim in found if claim.usd > 0.0]


def estate(
    key: str, quarter: int, share: float, book: Book, calendar: Calendar, terms: Assumptions, status: str
) -> Failed:
    """What the estate of a firm has to sell: its books at the opening and what loans on chips have bought since.

    Where the book shows no chips or sites, loans on them stand for loans over `loan_to_value`. Cash is gone: a firm
    that had some would pay.
    """
    party = book.parties[key]
    opened, drawn = (dict.fromkeys(SECURED, 0.0) for _ in range(2))
    for deal in _loans_to(book, key, status):
        if kind := secured_by(deal):
            opened[kind] += due_before(deal, book.as_of + ONE_DAY)
            drawn[kind] += _drawn(deal, calendar, quarter)
    worth = {}
    for kind, known in (("chips", or_zero(party.chips_usd)), ("campus", or_zero(party.sites_usd))):
        # A vehicle owns what its loans have bought; a firm has books of its own, and loans add to them.
        alone = party.tier == "vehicle" or known == 0.0
        bought = (drawn[kind] if alone else drawn[kind] - opened[kind]) / terms.loan_to_value
        worth[kind] = max(known, bought) if alone else known + bought
    return Failed(key=key, quarter=quarter, share=share, chips_usd=worth["chips"], sites_usd=worth["campus"],
                  other_usd=or_zero(party.other_assets_usd))  # fmt: skip


def layer_of(deal: Deal) -> str:
    """The layer of a loan: by what it is secured by, then by its rank."""
    rest = "junior lenders" if deal.seniority in ("junior", "equity") else "senior lenders"
    return SECURED.get(secured_by(deal), rest)


def _of_lenders(
    firm: Failed, book: Book, opened: Opening, run: Quarters, calendar: Calendar, status: str
) -> list[Claim]:
    """Loans by deal, and the rest of the debt on the balance sheet with what was raised or drawn since."""
    found, listed = [], 0.0
    for deal in _loans_to(book, firm.key, status):
        usd = _drawn(deal, calendar, firm.quarter)
        found.append(_claim(firm, deal.payer, layer_of(deal), usd, deal=deal.key))
        listed += due_before(deal, book.as_of + ONE_DAY)
    party, i, until = book.parties[firm.key], opened.number(firm.key), firm.quarter + 1
    raised = 0.0 if party.tier == "lab" else float(run.raised_usd[:until, i].sum())
    drawn = float(run.drawn_usd[:until, i].sum())
    debt = or_zero(party.debt_usd)
    repaid = min(debt, float(np.asarray(opened.positions.maturities_usd)[: firm.quarter, i].sum()))
    left = max(0.0, debt - listed - repaid)
    pledged = min(left, pledged_usd(firm.key) * (1.0 - repaid / debt if debt > 0.0 else 0.0))
    found.append(_claim(firm, "lenders", SECURED.get(pledged_kind(party), "senior lenders"), pledged))
    found.append(_claim(firm, "lenders", "senior lenders", left - pledged + raised + drawn))
    return found


def pledged_kind(party: Party) -> str:
    """What secured debt of a firm is on where no deal says: `chips`, `campus`, or nothing."""
    return PLEDGED.get(party.tier, "")


def pledged_usd(key: str) -> float:
    """Loans with collateral of a company of the catalog that are no deals of their own, in USD at the opening."""
    if key not in catalog.items("statements"):
        return 0.0
    facts = catalog.facts("statements", key)
    names = [name.removesuffix(".secured") for name in facts if name.endswith(".secured")]
    amounts = [facts[f"{name}.usd"].value for name in names if f"{name}.usd" in facts]
    return sum(usd for usd in amounts if not isinstance(usd, str))


def _of_contracts(firm: Failed, opened: Opening, run: Quarters, terms: Assumptions) -> list[Claim]:
    """Dues of contracts that nobody pays from the default on, at the rate of the quarter of the default.

    What was still to be delivered is lost revenue (see `hits`), and no claim; nor are chips ordered without a deal.
    """
    found, until = [], firm.quarter + round(terms.claim_quarters)
    lets = np.asarray(opened.contracts.can_relet)
    pair, level = by_pair(run.payer, run.payee, run.due_usd * lets)
    delivered = np.where(lets, delivered_share(level, pair, np.full(len(pair), firm.quarter)), 1.0)
    for edge, flow in enumerate(opened.flows):
        if flow.payer == firm.key and (flow.kind in ("compute", "rent") or (flow.kind == "chips" and flow.deal)):
            paid = run.paid_usd[:, edge] + run.relet_usd[:, edge]
            missed = np.maximum(0.0, (run.due_usd * delivered)[:, edge] - paid)
            missed[: firm.quarter] = 0.0
            counts, whole = float(missed[:until].sum()), float(missed.sum())
            series = tuple(missed.tolist())
            found.append(_claim(firm, flow.payee, SELLERS[flow.kind], whole, counts, flow.deal, series))
    return found


def _of_owners(firm: Failed, book: Book, calendar: Calendar, status: str) -> list[Claim]:
    """Stakes at what was paid for them by the deals of the book."""
    stakes = [deal for deal in book.standing(status) if deal.payee == firm.key and deal.instrument == "equity"]
    return [_claim(firm, deal.payer, "equity", _drawn(deal, calendar, firm.quarter), deal=deal.key)
            for deal in stakes if deal.known]  # fmt: skip


def _claim(
    firm: Failed, holder: str, layer: str, usd: float, counts_usd: float | None = None, deal: str = "",
    by_quarter: tuple[float, ...] = (),
) -> Claim:  # fmt: skip
    return Claim(debtor=firm.key, holder=holder, layer=layer, usd=usd, counts_usd=usd if counts_usd is None else
                 counts_usd, quarter=firm.quarter, deal=deal, by_quarter=by_quarter)  # fmt: skip


def _loans_to(book: Book, key: str, status: str) -> Sequence[Deal]:
    return [deal for deal in book.standing(status) if deal.payee == key and deal.instrument in DEBTS and deal.known]


def _drawn(deal: Deal, calendar: Calendar, quarter: int) -> float:
    """What was paid out under a deal before the quarter of the default."""
    return due_before(deal, calendar.starts[quarter])
