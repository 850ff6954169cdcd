"""Demand, prices and market shares in one week, and what everyone expects of the year ahead."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.units import HOURS_PER_WEEK, MONTHS_PER_YEAR, SECONDS_PER_WEEK, WEEKS_PER_YEAR

DEMAND = 0  # kind of shock, see world/events.py


STATE = {
    "market": {
        "users_m": ("S", "users of the segment, millions"),
        "share": ("SC", "share of the segment's users"),
        "consumer_share": ("C", "share of the first segment, by which missions are spread"),
        "gtokens_week": ("CT", "output tokens wanted, 1e9 a week"),
        "api_gtokens_week": ("CT", "of these, paid by the token, 1e9 a week"),
        "price_usd_per_mtok": ("CT", "price of a million output tokens, input included"),
        "index_usd_per_mtok": ("C", "mean price of the tokens wanted"),
        "cost_usd_per_mtok": ("CT", "compute cost of a million output tokens at the rent of the day"),
        "quality_log10_flop": ("C", "effective training compute of the model on sale, log10 FLOP"),
        "asked_gtokens_week": ("CT", "output tokens that users asked for, limits of seats not counted, 1e9 a week"),
        "weather": ("", "share of demand left by a shock: seats, tokens, advertising and outside customers feel it"),
        "new_uses": ("", "queries a user makes, over those at the start: new uses come with capability"),
        "core_usd_week": ("C", "revenue of everything that is not AI, a week"),
        "core_ai": ("C", "share of that revenue spent on compute for own products"),
        "rented_trend_usd_week": ("", "what outside customers would spend on compute in fair weather, a week"),
        "rented_usd_week": ("", "what outside customers would spend on compute, a week"),
        "rent_usd_per_h100e_h": ("", "rent of one H100-equivalent-hour"),
        "running_usd_per_h100e_h": (
            "",
            "energy and upkeep of the fleet an H100-equivalent-hour: the floor",
        ),
        "served": ("C", "share of token demand served"),
    },
    "plan": {
        "revenue_usd_week": ("C", "AI revenue this week"),
        "revenue_fast_usd_week": ("C", "AI revenue, short moving average"),
        "revenue_slow_usd_week": ("C", "AI revenue, long moving average"),
        "need_fast_h100e": ("C", "compute wanted, short moving average"),
        "need_slow_h100e": ("C", "compute wanted, long moving average"),
        "growth_per_year": ("C", "growth of need that is believed"),
        "sales_growth_per_year": ("C", "growth of AI revenue that is believed"),
        "expected_usd_week": ("C", "AI revenue expected a year ahead"),
        "wanted_h100e": ("C", "compute wanted at the planning horizon, spare included"),
        "ebitda_usd_week": ("C", "EBITDA, moving average"),
        "capex_usd_week": ("C", "capex, moving average"),
        "reach_usd_week": ("C", "money within reach for new assets"),
        "equity_usd_year": ("C", "equity the market would give in a year"),
        "refused_usd": ("C", "asked of the market this week and not given"),
        "rationed_usd": ("C", "orders wanted this week and not placed for want of money"),
        "defaults": ("C", "defaults so far"),
    },
}


@kernel
def logistic_growth(x: float, limit: float, rate_per_year: float) -> float:
    """One week of x' = rate x (1 - x / limit)."""
    return x + x * (1.0 - x / limit) * rate_per_year / WEEKS_PER_YEAR


@kernel
def demand(week: int, market: np.record, climate: np.record, p: np.record, t: np.record) -> None:
    """Tokens wanted, and money that own products and outside customers would spend on compute.

    tokens[c, tier] = sum over segments of users x share x queries x new uses x mix x tokens x (price / opening)^-e.
    The mix moves to thinking tiers when the best model passes `thinking_log10_flop`, a logistic `take_up_decades` wide.
    new uses = 10^(elasticity x decades of capability gained): without them saturating users and an elasticity below
    one would make revenue shrink in the end. Seats are sold with limits: their tokens may cost `fair_use` of what the
    seats bring in, the cheapest tier first.

    Changes: market.
    """
    companies, tiers = int(t.count.companies), int(t.count.tiers)
    best = market.quality_log10_flop.max()
    take_up = 1.0 / (1.0 + math.exp(-(best - p.thinking_log10_flop) / p.take_up_decades))
    market.new_uses = 10.0 ** (p.new_use_elasticity * (best - t.count.opening_log10_flop))
    market.weather = climate.factor[DEMAND]
    market.gtokens_week[:] = 0.0
    market.asked_gtokens_week[:] = 0.0
    market.api_gtokens_week[:] = 0.0
    for s in range(int(t.count.segments)):
        market.users_m[s] = logistic_growth(market.users_m[s], t.segment.potential_m[s], t.segment.adoption_per_year[s])
        for c in range(companies):
            users_m = market.users_m[s] * market.share[s, c]
            queries_m = users_m * t.segment.queries_week[s] * market.new_uses
            ads_usd = t.company.ads_usd_per_user_year[c] / WEEKS_PER_YEAR if s == 0 else 0.0
            left_usd = (
                p.fair_use * users_m * 1e6 * (t.segment.usd_month[s] * MONTHS_PER_YEAR / WEEKS_PER_YEAR + ads_usd)
            )
            for i in range(tiers):
                mix = t.segment.mix_now[s, i] + (t.segment.mix_later[s, i] - t.segment.mix_now[s, i]) * take_up
                cheaper = (t.tier.opening_usd_per_mtok[i] / market.price_usd_per_mtok[c, i]) ** p.token_elasticity
                gtokens = queries_m * market.weather * mix * t.tier.ktokens_out[i] * cheaper
                market.asked_gtokens_week[c, i] += gtokens
                cost_usd = gtokens * 1e3 * market.cost_usd_per_mtok[c, i]
                if t.segment.pays_tokens[s] == 0.0 and cost_usd > left_usd:
                    gtokens *= left_usd / cost_usd
                left_usd = max(0.0, left_usd - cost_usd)
                market.gtokens_week[c, i] += gtokens
                market.api_gtokens_week[c, i] += gtokens * t.segment.pays_tokens[s]
    for c in range(companies):
        market.consumer_share[c] = market.share[0, c]
        market.core_usd_week[c] = t.company.core_usd_week[c] * (1.0 + t.company.core_growth_per_year[c]) ** (
            week / WEEKS_PER_YEAR
        )
        limit = p.core_ai_growth * t.company.core_ai[c]
        if limit > 0.0:
            market.core_ai[c] = logistic_growth(market.core_ai[c], limit, p.core_ai_per_year)
    weather: float = climate.factor[DEMAND]
    trend_usd = logistic_growth(
        market.rented_trend_usd_week, p.rented_potential_usd_per_year / WEEKS_PER_YEAR, p.rented_growth_per_year
    )
    market.rented_trend_usd_week = trend_usd
    market.rented_usd_week = trend_usd * weather


@kernel
def choice(
    market: np.record, use: np.record, fleet: np.record, power: np.record, p: np.record, pue: float, cost: np.record,
    t: np.record,
) -> None:  # fmt: skip
    """The rent, token prices and market shares move.

    rent: d ln(rent) = speed x excess demand on the spot market, never below the running cost.
    price: towards cost x b' / (b' - 1) with b' = b (1 - share), the logit mark-up, more where users are turned away.
    share: logit with inertia, utility = a quality - b ln price - d unmet + brand; `churn` of users choose anew a week.

    Changes: market.
    """
    companies, tiers = int(t.count.companies), int(t.count.tiers)
    capacity, it_mw = 1.0, 0.0
    for c in range(companies):
        capacity += fleet.available_h100e[c]
        it_mw += fleet.it_mw[c]
    energy_usd = it_mw * pue * power.mean_usd_per_mwh
    upkeep_usd = capacity * cost.upkeep_usd_per_h100e_year / (WEEKS_PER_YEAR * HOURS_PER_WEEK)
    market.running_usd_per_h100e_h = (energy_usd + upkeep_usd) / capacity
    excess = min(p.excess_most, max(-p.excess_most, use.excess))
    market.rent_usd_per_h100e_h = max(
        market.running_usd_per_h100e_h, market.rent_usd_per_h100e_h * math.exp(p.rent_speed * excess)
    )
    for c in range(companies):
        usd, gtokens = 0.0, 0.0
        for i in range(tiers):
            per_hour = fleet.tokens_per_h100e_s[c, i] * p.load_factor * SECONDS_PER_WEEK / HOURS_PER_WEEK
            if per_hour > 0.0 and t.company.is_lab[c] > 0.0:
                market.cost_usd_per_mtok[c, i] = market.rent_usd_per_h100e_h / per_hour * 1e6
                b = max(p.least_elasticity, p.price_weight * (1.0 - market.share[int(t.count.token_segment), c]))
                target = (
                    market.cost_usd_per_mtok[c, i]
                    * b
                    / (b - 1.0)
                    * (1.0 + p.scarcity_markup * (1.0 - market.served[c]))
                )
                market.price_usd_per_mtok[c, i] += p.price_speed * (target - market.price_usd_per_mtok[c, i])
            usd += market.gtokens_week[c, i] * market.price_usd_per_mtok[c, i]
            gtokens += market.gtokens_week[c, i]
        market.index_usd_per_mtok[c] = usd / gtokens if gtokens > 0.0 else market.price_usd_per_mtok[c, 0]
    for s in range(int(t.count.segments)):
        shares(market, s, p, t)


@kernel
def shares(market: np.record, s: int, p: np.record, t: np.record) -> None:
    """Logit with inertia in one segment: those who pay by the token look at the price, all at quality and waiting."""
    companies, best, whole = int(t.count.companies), market.quality_log10_flop.max(), 0.0
    weight = np.zeros(companies)
    for c in range(companies):
        if t.company.is_lab[c] > 0.0:
            price = market.price_usd_per_mtok[c, 0] / t.tier.opening_usd_per_mtok[0]
            utility = p.quality_weight * (market.quality_log10_flop[c] - best) + t.company.brand[c, s]
            utility -= p.price_weight * math.log(price) * t.segment.pays_tokens[s] + p.unmet_weight * (
                1.0 - market.served[c]
            )
            weight[c] = math.exp(utility)
            whole += weight[c]
    if whole > 0.0:
        for c in range(companies):
            market.share[s, c] += t.segment.churn_per_week[s] * (weight[c] / whole - market.share[s, c])


@kernel
def forecast(plan: np.record, use: np.record, p: np.record, t: np.record) -> None:
    """What every company believes: moving averages, the growth between them, and what it will want at its horizon.

    growth = ln(fast / slow) / (long - short), within [0, cap]; wanted = need x e^(growth x horizon) / utilisation.

    Changes: plan.
    """
    span = p.long_weeks - p.short_weeks
    cap = p.growth_cap / WEEKS_PER_YEAR
    for c in range(int(t.count.companies)):
        need = 0.0
        for u in range(use.need_h100e.shape[1]):
            need += use.need_h100e[c, u]
        plan.need_fast_h100e[c] += (need - plan.need_fast_h100e[c]) / p.short_weeks
        plan.need_slow_h100e[c] += (need - plan.need_slow_h100e[c]) / p.long_weeks
        plan.revenue_fast_usd_week[c] += (plan.revenue_usd_week[c] - plan.revenue_fast_usd_week[c]) / p.short_weeks
        plan.revenue_slow_usd_week[c] += (plan.revenue_usd_week[c] - plan.revenue_slow_usd_week[c]) / p.long_weeks
        growth, sales_growth = 0.0, 0.0
        if plan.need_slow_h100e[c] > 0.0 and plan.need_fast_h100e[c] > 0.0:
            growth = min(cap, max(0.0, math.log(plan.need_fast_h100e[c] / plan.need_slow_h100e[c]) / span))
        if plan.revenue_slow_usd_week[c] > 0.0 and plan.revenue_fast_usd_week[c] > 0.0:
            sales_growth = min(
                cap, max(0.0, math.log(plan.revenue_fast_usd_week[c] / plan.revenue_slow_usd_week[c]) / span)
            )
        plan.growth_per_year[c] = growth * WEEKS_PER_YEAR
        plan.sales_growth_per_year[c] = sales_growth * WEEKS_PER_YEAR
        plan.expected_usd_week[c] = plan.revenue_fast_usd_week[c] * math.exp(WEEKS_PER_YEAR * sales_growth)
        plan.wanted_h100e[c] = plan.need_fast_h100e[c] * math.exp(growth * p.horizon_weeks) / p.utilisation
