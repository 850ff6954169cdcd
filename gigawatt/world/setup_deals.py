"""The table of deals: whose, of what kind, and in which weeks."""

from __future__ import annotations

from typing import Any

from gigawatt.deals.weekly import (
    CHIP_DEAL,
    COMPUTE_DEAL,
    DEBT_DEAL,
    EQUITY_DEAL,
    FACILITY,
    GUARANTEE_DEAL,
    NOTED,
    SHARE_DEAL,
)
from gigawatt.scenario import Deal, Scenario
from gigawatt.units import WEEKS_PER_YEAR
from gigawatt.world.names import Names

DEBTS = ("debt", "loan", "bond")
PURCHASES = ("purchase_commitment", "take_or_pay")


def fill_deals(t: Any, scenario: Scenario, n: Names, parties: int) -> None:
    """Deals by what they do when due and by the weight of their status; amounts not disclosed weigh nothing."""
    table = t["deal"]
    for d, key in enumerate(n.deals):
        deal = scenario.deals[key]
        table["payer"][d], table["payee"][d] = n.party(deal.payer, parties), n.party(deal.payee, parties)
        start, end, due = deal_weeks(scenario, deal)
        kind, family = deal_kind(scenario, n, deal)
        owner = scenario.programme.owner if scenario.programme else ""
        elsewhere = deal.trigger == "per_gw" and owner not in (deal.payer, deal.payee)
        if min(table["payer"][d], table["payee"][d]) < 0 or elsewhere:
            kind = NOTED
        table["kind"][d], table["family"][d] = kind, family
        table["start_week"][d], table["end_week"][d], table["due_week"][d] = start, end, due
        table["usd"][d] = float(deal.amount_usd) * share_to_come(scenario, deal) if deal.amount_usd is not None else 0.0
        table["is_guarantee"][d] = kind == GUARANTEE_DEAL
        pays = kind not in (NOTED,) and (table["usd"][d] > 0 or kind == SHARE_DEAL)
        table["weight"][d] = weight(scenario, deal) if pays else 0.0
        if deal.trigger == "per_gw" and deal.gigawatts is not None and float(deal.gigawatts) > 0:
            table["usd_per_gw"][d] = table["usd"][d] / float(deal.gigawatts)
        table["share"][d] = float(scenario.parameters["deals.revenue_share"]) if kind == SHARE_DEAL else 0.0


def weight(scenario: Scenario, deal: Deal) -> float:
    """Share of a deal that is paid, by its status; what was drawn before the run is in the opening balances."""
    match deal.status:
        case "drawn" if deal.start is not None and deal.start < scenario.start:
            return 0.0
        case "drawn" | "firm" | "signed" | "terminable":
            return 1.0
        case "conditional":
            return float(scenario.parameters["deals.conditional_weight"])
        case "announced":
            return float(scenario.parameters["deals.announced_weight"])
    return 0.0


def deal_weeks(scenario: Scenario, deal: Deal) -> tuple[float, float, float]:
    """First week, week after the last payment, and week after the contract.

    Compute is signed within a year of the start and paid as it is delivered; money without an end moves within a
    quarter; what was due before the run but is still open falls due in it.
    """
    start = max(0, scenario.timeline.week(deal.start or scenario.start))
    due = scenario.timeline.week(deal.end) + 1 if deal.end else start + WEEKS_PER_YEAR // 4
    due = max(due, start + 1)
    if deal.instrument in PURCHASES:
        due = max(due, start + WEEKS_PER_YEAR)
        return float(start), float(min(due, start + WEEKS_PER_YEAR)), float(due)
    if deal.instrument in DEBTS:
        return float(start), float(min(due, start + WEEKS_PER_YEAR)), float(due)
    return float(start), float(due), float(due)


def share_to_come(scenario: Scenario, deal: Deal) -> float:
    """Share of a deal's amount that falls after the start of the run, by time; 1 for a deal without an end."""
    if deal.start is None or deal.end is None or deal.end <= deal.start:
        return 1.0
    return min(1.0, max(0.0, (deal.end - scenario.start).days / (deal.end - deal.start).days))


def deal_kind(scenario: Scenario, n: Names, deal: Deal) -> tuple[int, int]:
    """What a deal does when it falls due, and the chip family it buys (-1 for none)."""
    company = scenario.companies.get
    payer, payee = company(deal.payer), company(deal.payee)
    buyer_owns = payer is not None and "owner" in payer.roles.split()
    uses_compute = payer is not None and bool({"lab", "owner"} & set(payer.roles.split()))
    seller = payee.roles.split() if payee is not None else []
    match deal.instrument:
        case "equity":
            return (EQUITY_DEAL if payee is not None else NOTED), -1
        case "debt" | "loan" | "bond" if payee is not None and (payer is not None or deal.payer == "lenders"):
            return (FACILITY if deal.trigger == "on_purchase" and payer is not None else DEBT_DEAL), -1
        case "purchase_commitment" | "take_or_pay" if "maker" in seller and buyer_owns:
            made = [f for f, family in enumerate(n.families) if maker_of(scenario, n, family) == deal.payee]
            return (CHIP_DEAL, made[0]) if made else (NOTED, -1)
        case "purchase_commitment" | "take_or_pay" if "owner" in seller and uses_compute and deal.payer != deal.payee:
            return COMPUTE_DEAL, -1
        case "revenue_share" if payer is not None:
            return SHARE_DEAL, -1
        case "backstop" | "residual_guarantee" if payer is not None and payee is not None:
            return GUARANTEE_DEAL, -1
    return NOTED, -1


def maker_of(scenario: Scenario, n: Names, family: str) -> str:
    """Party that is paid for a family: the maker of its newest chip."""
    return [scenario.chips[key].maker for key in n.chips if scenario.chips[key].family == family][-1]
