"""What lenders ask of a whole company and how far they go: leverage, cover, spread, room for more debt.

The weekly world judges companies by such a rule, year after year, from their books; `gigawatt.finance.spreads` prices
one financing from its contracts, customers and security. Both rest on the same published spreads by rating.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import inf, isnan

from gigawatt import catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRule:
    """How lenders judge a borrower; spreads are fractions a year."""

    floor_spread: float  # without debt
    spread_per_turn: float  # for each turn of net debt over EBITDA
    spread_at_cover_one: float  # further spread where EBITDA just pays the interest; falls as 1 / cover
    max_spread: float  # above it nobody lends
    max_leverage: float  # turns of EBITDA
    min_cover: float  # EBITDA over interest


def leverage(net_debt_usd: float, ebitda_usd: float) -> float:
    """Net debt over EBITDA, in turns; 0 for net cash, infinite for debt without earnings."""
    if net_debt_usd <= 0:
        return 0.0
    return net_debt_usd / ebitda_usd if ebitda_usd > 0 else inf


def interest_cover(ebitda_usd: float, interest_usd: float) -> float:
    """EBITDA over interest; infinite without interest, 0 where EBITDA is a loss."""
    if interest_usd <= 0:
        return inf
    return max(ebitda_usd, 0.0) / interest_usd


def spread(turns: float, cover: float, rule: CreditRule) -> float:
    """Spread over the risk-free rate that lenders ask, a fraction a year, at most `max_spread`.

    Rises with leverage and, as cover falls, without bound; never falls when either worsens.
    """
    strain = 1 / cover if cover > 0 else inf
    asked = rule.floor_spread + rule.spread_per_turn * turns + rule.spread_at_cover_one * strain
    return min(asked, rule.max_spread)


def lends(turns: float, cover: float, rule: CreditRule) -> bool:
    """Whether lenders lend at all at this leverage and cover."""
    return turns <= rule.max_leverage and cover >= rule.min_cover and spread(turns, cover, rule) < rule.max_spread


def debt_room_usd(
    ebitda_usd: float, net_debt_usd: float, interest_usd: float, *, rate: float, rule: CreditRule
) -> float:
    """Further debt in USD at `rate` before leverage or cover reaches its bound; 0 or more."""
    earned = max(ebitda_usd, 0.0)
    by_leverage = rule.max_leverage * earned - net_debt_usd
    by_cover = (earned / rule.min_cover - interest_usd) / rate if rate > 0 else inf
    return max(0.0, min(by_leverage, by_cover))


@cache
def synthetic_ratings() -> tuple[tuple[float, str, float], ...]:
    """Interest cover from which a rating holds, rating, spread over the risk-free rate: large non-financial firms.

    Source: A. Damodaran, see `ratings` of the catalog, the table that `gigawatt.finance.spreads` reads too.
    """
    found = []
    for name in catalog.items("ratings"):
        if "corporate_spread" in catalog.facts("ratings", name):
            least = catalog.value("ratings", name, "least_cover", -inf)
            found.append((float(least), name, float(catalog.value("ratings", name, "corporate_spread"))))
    return tuple(found)


def synthetic_rating(cover: float) -> tuple[str, float]:
    """(rating, spread) that a large firm's interest cover alone suggests.

    Raises:
        ValueError: `cover` is no number.
    """
    if isnan(cover):
        raise ValueError("cover must be a number or infinite, is nan")
    return next((name, asked) for least, name, asked in synthetic_ratings() if cover >= least)
