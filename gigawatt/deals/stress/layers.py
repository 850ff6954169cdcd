"""The loss waterfall: what estates fetch, who gets it by rank, who calls which guarantee, who loses what.

Everything is moved, nothing made: losses of all layers add up to all claims less all that estates pay out. A
guarantee moves a loss from who holds it to the guarantor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.deals.book import Book, Deal
from gigawatt.deals.book.deal import DEBTS, GUARANTEES
from gigawatt.deals.stress.assumptions import Assumptions
from gigawatt.deals.stress.claims import LAYERS, Claim, Failed
from gigawatt.deals.stress.fire_sale import fire_sale_price, shared_out

RANKED = (
    ("senior lenders", "sellers of compute", "landlords", "sellers of chips", "others outside", "GPU lenders",
     "campus lenders"),
    ("junior lenders",),
    ("equity",),
)  # fmt: skip
"""Layers by who is paid first from what is not pledged; lenders with collateral come with what it did not cover."""
LENDERS = ("GPU lenders", "campus lenders", "senior lenders", "junior lenders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one holder loses on one debtor, in USD: claim less what is recovered and what guarantors pay."""

    layer: str
    holder: str
    debtor: str
    deal: str
    claim_usd: float
    recovered_usd: float  # from the estate
    called_usd: float  # from guarantors; below 0 for what a guarantor pays
    by_quarter: tuple[float, ...] = ()
    quarter: int = 0

    @property
    def loss_usd(self) -> float:
        """What is lost in the end."""
        return self.claim_usd - self.recovered_usd - self.called_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Losses by holder, and the price at which chips were sold, relative to book value."""

    losses: tuple[Loss, ...]
    chip_price: float
    chips_sold_usd: float  # at book value

    @property
    def total_usd(self) -> float:
        """All losses together."""
        return sum(loss.loss_usd for loss in self.losses)

    def by_layer(self) -> dict[str, float]:
        """Loss in USD by layer, in their order."""
        return {layer: sum(loss.loss_usd for loss in self.losses if loss.layer == layer) for layer in LAYERS}

    def of(self, holder: str) -> float:
        """What one holder loses in all."""
        return sum(loss.loss_usd for loss in self.losses if loss.holder == holder)


def waterfall(
    failed: Sequence[Failed], claims: Sequence[Claim], book: Book, terms: Assumptions, *, status: str = "firm",
    chip_price_fall: float = 0.0,
) -> Waterfall:  # fmt: skip
    """Losses after estates are sold and guarantees called.

    Args:
        chip_price_fall: Fall of the price of chips before any estate sells.
    """
    owned = sum(party.chips_usd for party in book.parties.values() if party.chips_usd == party.chips_usd)
    sold = sum(firm.chips_usd for firm in failed if firm.share == 0.0)
    whole = max(owned, sold)
    price = fire_sale_price(sold / whole if whole > 0.0 else 0.0, terms.chip_impact, 1.0 - chip_price_fall)
    recovered = np.zeros(len(claims))
    for firm in failed:
        own = [k for k, claim in enumerate(claims) if claim.debtor == firm.key]
        recovered[own] = _recovered(firm, [claims[k] for k in own], price, terms)
    called, calls = _called(claims, recovered, book, {firm.key for firm in failed}, status)
    losses = [Loss(layer=claim.layer, holder=claim.holder, debtor=claim.debtor, deal=claim.deal, claim_usd=claim.usd,
                   recovered_usd=float(recovered[k]), called_usd=float(called[k]), by_quarter=claim.by_quarter,
                   quarter=claim.quarter) for k, claim in enumerate(claims)]  # fmt: skip
    return Waterfall(losses=(*losses, *calls), chip_price=price, chips_sold_usd=sold)


def _recovered(firm: Failed, claims: Sequence[Claim], price: float, terms: Assumptions) -> np.ndarray:
    """What each claim gets from the estate, or of a firm that goes on."""
    if firm.share > 0.0:
        return _kept(firm, claims)
    layer = np.array([claim.layer for claim in claims])
    counts = np.array([claim.counts_usd for claim in claims])
    got = np.zeros(len(claims))
    pool = terms.other_sale_share * firm.other_usd
    pledged = {"GPU lenders": price * firm.chips_usd, "campus lenders": terms.site_sale_share * firm.sites_usd}
    for name, value in pledged.items():
        mine = layer == name
        got[mine], rest = shared_out(value, counts[mine])
        pool += rest
    for names in RANKED:
        mine = np.isin(layer, names)
        more, pool = shared_out(pool, (counts - got)[mine])
        got[mine] += more
    return got


def _kept(firm: Failed, claims: Sequence[Claim]) -> np.ndarray:
    """What each claim gets of a firm that goes on: debts their share, contracts nothing beyond what they were paid.

    Owners give up what stays unpaid, in proportion and at most their stakes: what creditors forgo costs owners first.
    """
    stakes = np.array([claim.usd if claim.layer == "equity" else 0.0 for claim in claims])
    paid = np.array([0.0 if claim.by_quarter or claim.layer == "equity" else firm.share * claim.counts_usd
                     for claim in claims])  # fmt: skip
    unpaid = sum(claim.usd for claim in claims if claim.layer != "equity") - float(paid.sum())
    given_up, _ = shared_out(max(0.0, unpaid), stakes)
    out: np.ndarray = paid + stakes - given_up
    return out


def _called(
    claims: Sequence[Claim], recovered: np.ndarray, book: Book, gone: set[str], status: str
) -> tuple[np.ndarray, list[Loss]]:
    """What guarantors pay on each claim, and their losses by claim; a guarantor in default pays nothing."""
    paid, calls = np.zeros(len(claims)), []
    for deal in book.standing(status):
        if deal.instrument not in GUARANTEES or not deal.known or deal.payer in gone:
            continue
        covered = [k for k, claim in enumerate(claims) if covers(deal, claim, book)]
        if covered:
            open_usd = np.array([claims[k].usd - recovered[k] - paid[k] for k in covered])
            more, _ = shared_out(deal.amount, open_usd)
            paid[covered] += more
            calls += [_call(deal, claims[k], float(usd)) for k, usd in zip(covered, more, strict=True) if usd > 0.0]
    return paid, calls


def _call(guarantee: Deal, claim: Claim, usd: float) -> Loss:
    """What a guarantor loses on one claim, when it does as the claim does."""
    return Loss(layer="guarantors", holder=guarantee.payer, debtor=claim.debtor, deal=guarantee.key, claim_usd=0.0,
                recovered_usd=0.0, called_usd=-usd, by_quarter=claim.by_quarter, quarter=claim.quarter)  # fmt: skip


def covers(guarantee: Deal, claim: Claim, book: Book) -> bool:
    """True if a guarantee stands behind a claim.

    `guarantees` names a deal: its rents and those of no deal between the same two, or the loan's lenders; the party
    guaranteed: its customers in default, since capacity stays unsold; or another party: what that one owes to the payee
    of the guarantee. A residual guarantee of a party stands behind its lenders.
    """
    what = guarantee.guarantees or guarantee.payee
    deals = {deal.key: deal for deal in book.deals}
    if what in deals:
        deal = deals[what]
        if deal.instrument in DEBTS:
            return claim.deal == what
        between = (claim.debtor, claim.holder) == (deal.payer, deal.payee)
        return between and claim.deal in (what, deal.counted_in, "") and bool(claim.by_quarter)
    if guarantee.instrument == "residual_guarantee":
        return claim.debtor == what and claim.layer in LENDERS
    if what == guarantee.payee:
        return claim.holder == what and bool(claim.by_quarter)
    return claim.debtor == what and claim.holder == guarantee.payee and bool(claim.by_quarter)
