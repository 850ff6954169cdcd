"""What a shock does to each firm: receipts lost, cash at its lowest, first default, what it still owes, and cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.deals.stress.assumptions import put_off_shares
from gigawatt.deals.stress.positions import Array
from gigawatt.deals.stress.result import Quarters, by_firm
from gigawatt.deals.stress.shocks import Stress
from gigawatt.errors import named

CAUSES = {
    "assumed": "is taken to default", "shock": "would default, and not without the shock",
    "sooner": "would default without the shock, too, and later", "anyway": "would default without the shock, too",
    "spared": "would default without the shock alone", "": "would not default",
}  # fmt: skip
"""Why a firm defaults, or does not."""
NEAR = 0.05  # of cash at the opening: less is a near miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One firm under a shock; sums are in USD from the shock to the last quarter, cash nan for firms not judged."""

    firm: str
    judged: bool
    due_usd: float  # by those who have defaulted, as planned, new money left out
    relet_usd: float  # paid by others in their place
    lost_usd: float  # receipts on contracts and orders less than without the shock
    lost_share: float  # of all receipts without the shock
    funding_lost_usd: float  # new money from firms that does not come
    spared_usd: float  # new money that it was to give and does not
    put_off_usd: float  # capex and orders, more than without the shock
    low_usd: float  # least cash at the end of a quarter from the shock on
    low_quarter: int
    low_without_usd: float
    low_share: float  # least cash over cash at the opening; nan without any
    first_default: int  # quarter; -1: none
    first_default_without: int
    cause: str  # of its default, one of CAUSES
    raised_usd: float  # new money in the plan
    contracts_usd: float  # that it has to pay, without what can be put off
    debt_service_usd: float
    cover: float  # cash, lines and receipts less costs over contracts, debt service and capex that cannot wait
    claims_lost_usd: float  # on firms in default: contracts, loans, stakes, guarantees called
    claims_lost_without_usd: float  # the part that is lost without the shock, too
    equity_usd: float  # book value at the opening


def hits(found: Stress) -> tuple[Hit, ...]:
    """All firms that lose something or default, those named first, then by receipts and claims lost by the shock."""
    made = [hit for hit in (hit_of(found, firm) for firm in found.firms) if _is_hit(hit, found)]
    return tuple(sorted(made, key=lambda hit: (hit.firm not in found.shock.defaults, -_weight(hit))))


def near_misses(found: Stress) -> tuple[Hit, ...]:
    """Firms that do not default but come close: least cash below NEAR of that at the opening, the least first."""
    every = (hit_of(found, firm) for firm in found.firms)
    close = [hit for hit in every if hit.judged and hit.first_default < 0 and hit.low_share < NEAR]
    return tuple(sorted(close, key=lambda hit: (hit.low_share, hit.firm)))


def hit_of(found: Stress, firm: str) -> Hit:
    """One firm under the shock.

    Raises:
        ValueError: Nobody is called so.
    """
    firm = named("firm", firm, found.firms)
    i, start = found.opened.number(firm), found.calendar.shock
    judged, run, without = bool(found.opened.judged[i]), found.run, found.without
    ordinary = ~np.asarray(found.opened.contracts.is_finance)
    gone = np.isin(run.payer, np.flatnonzero(run.defaulted)) & ordinary & (run.payee == i)
    before, after = (_received(each, ordinary)[start:, i].sum() for each in (without, run))
    outside = float((np.asarray(found.opened.positions.receipts_usd)[start:, i]).sum())
    funding = (~ordinary & (run.payee == i)).nonzero()[0]
    low = run.cash_usd[start:, i]
    contracts, debt, needs, means = _obligations(found, i)
    unknown, opened_usd = float("nan"), float(np.asarray(found.opened.positions.cash_usd)[i])
    given = (~ordinary & (run.payer == i)).nonzero()[0]
    return Hit(
        firm=firm, judged=judged, due_usd=float(run.due_usd[start:, gone].sum()),
        relet_usd=float(run.relet_usd[start:, gone].sum()), lost_usd=float(before - after),
        lost_share=float((before - after) / (before + outside)) if before + outside > 0.0 else 0.0,
        funding_lost_usd=float((without.paid_usd - run.paid_usd)[start:, funding].sum()),
        spared_usd=float((without.paid_usd - run.paid_usd)[start:, given].sum()),
        put_off_usd=float((run.cut_usd - without.cut_usd)[start:, i].sum()),
        low_usd=float(low.min()) if judged else unknown, low_quarter=start + int(low.argmin()),
        low_without_usd=float(without.cash_usd[start:, i].min()) if judged else unknown,
        low_share=float(low.min()) / opened_usd if judged and opened_usd > 0.0 else unknown,
        cause=_cause(found, i),
        first_default=int(run.first_default_quarter[i]), first_default_without=int(without.first_default_quarter[i]),
        raised_usd=float(found.opened.raised_usd[start:, i].sum()), contracts_usd=contracts, debt_service_usd=debt,
        cover=means / needs if judged and needs > 0.0 else unknown, claims_lost_usd=found.waterfall.of(firm),
        claims_lost_without_usd=found.waterfall_without.of(firm),
        equity_usd=found.book.parties[firm].equity_usd,
    )  # fmt: skip


def _cause(found: Stress, i: int) -> str:
    """Why a firm defaults, a key of CAUSES."""
    first, without = (int(run.first_default_quarter[i]) for run in (found.run, found.without))
    if found.firms[i] in found.shock.defaults:
        return "assumed"
    if first < 0:
        return "spared" if without >= 0 else ""
    return "shock" if without < 0 else "sooner" if first < without else "anyway"


def _received(run: Quarters, chosen: Array) -> Array:
    """What each firm got on the chosen contracts, shape (quarters, firms)."""
    return by_firm(run.payee, np.where(chosen, run.paid_usd + run.relet_usd, 0.0), run.cash_usd.shape[1])


def _obligations(found: Stress, i: int) -> tuple[float, float, float, float]:
    """Contracts, debt service and all that cannot wait from the shock on; and means without new money, in USD."""
    start, positions, due = found.calendar.shock, found.opened.positions, found.opened.contracts
    firm = np.asarray(due.payer) == i
    stays = 1.0 - put_off_shares(found.terms, found.calendar.quarters, start)[:, None]
    kept = np.where(np.asarray(due.can_cut), stays, 1.0)
    contracts = float((np.asarray(due.due_usd) * kept)[start:, firm].sum())
    debt, capex, costs, receipts = (
        float(np.asarray(usd)[start:, i].sum())
        for usd in (np.asarray(positions.interest_usd) + np.asarray(positions.maturities_usd),
                    np.asarray(positions.capex_usd) * stays, positions.costs_usd, positions.receipts_usd)
    )  # fmt: skip
    cash = found.run.cash_usd[start - 1, i] if start > 0 else np.asarray(positions.cash_usd)[i]
    lines = found.run.lines_usd[start - 1, i] if start > 0 else np.asarray(positions.lines_usd)[i]
    got = float(found.run.received_usd()[start:, i].sum())
    needs = contracts + debt + capex
    return contracts, debt, needs, float(cash + lines + receipts + got - costs)


def _weight(hit: Hit) -> float:
    return max(0.0, hit.lost_usd) + max(0.0, hit.claims_lost_usd - hit.claims_lost_without_usd)


def _is_hit(hit: Hit, found: Stress) -> bool:
    return _weight(hit) > 1e6 or hit.funding_lost_usd > 1e6 or bool(hit.cause)
