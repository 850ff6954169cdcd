"""Allocation of compute in one week: needs, floors, value, and one spot market for what is free."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total
from gigawatt.units import HOURS_PER_WEEK, SECONDS_PER_WEEK, WEEKS_PER_YEAR

TRAIN, CORE_USE, RENTED, FIRST_TIER = range(4)  # then the tiers, then the missions
FIXED_USES = ("training", "own_products", "rented_out")

STATE = {
    "use": {
        "need_h100e": ("CU", "compute wanted, by use"),
        "used_h100e": ("CU", "compute used, by use"),
        "value_usd_per_h100e_h": ("CU", "value of an hour of compute, by use"),
        "given_h100e": ("CM", "compute given to a mission for nothing: its floor"),
        "idle_h100e": ("C", "usable, neither used nor lent"),
        "spot_lent_h100e": ("C", "lent on the spot market"),
        "spot_borrowed_h100e": ("C", "borrowed on the spot market"),
        "shadow_usd_per_h100e_h": ("C", "value of the best use turned away: what one more hour would be worth"),
        "excess": ("", "spot demand less spot supply, over all usable compute"),
    }
}


@kernel
def needs(
    week: int, use: np.record, market: np.record, fleet: np.record, lab: np.record, p: np.record, t: np.record
) -> None:
    """Compute wanted by every company for every use, in H100-equivalents, and what an hour of it is worth.

    tier: tokens / (seconds x tokens per H100e-second x load factor); mission: its tokens or chips, ramped in.
    own products and outside customers spend dollars: h100e = USD a week / (rent x 168).
    value: training and outside customers the rent; own products and tiers weights times rent or token price.

    Changes: use.
    """
    rent, tier_slots = market.rent_usd_per_h100e_h, t.tier.ktokens_out.shape[0]
    year = t.count.start_year + week / WEEKS_PER_YEAR
    for c in range(int(t.count.companies)):
        use.need_h100e[c, TRAIN] = lab.want_h100e[c]
        use.need_h100e[c, CORE_USE] = market.core_usd_week[c] * market.core_ai[c] / (rent * HOURS_PER_WEEK)
        use.need_h100e[c, RENTED] = market.rented_usd_week * t.company.rented_share[c] / (rent * HOURS_PER_WEEK)
        use.value_usd_per_h100e_h[c, TRAIN] = rent
        use.value_usd_per_h100e_h[c, CORE_USE] = p.core_value * rent
        use.value_usd_per_h100e_h[c, RENTED] = rent
        for i in range(int(t.count.tiers)):
            per_h100e_s = fleet.tokens_per_h100e_s[c, i] * p.load_factor
            u = FIRST_TIER + i
            tokens_s = market.gtokens_week[c, i] * 1e9 / SECONDS_PER_WEEK
            use.need_h100e[c, u] = tokens_s / per_h100e_s if per_h100e_s > 0.0 else 0.0
            hour_usd = market.price_usd_per_mtok[c, i] * per_h100e_s * SECONDS_PER_WEEK / HOURS_PER_WEEK / 1e6
            use.value_usd_per_h100e_h[c, u] = t.tier.value_weight[i] * hour_usd
        for m in range(int(t.count.missions)):
            u = FIRST_TIER + tier_slots + m
            ramp = min(1.0, max(0.0, (year - t.mission.start_year[m]) / t.mission.ramp_years[m]))
            per_h100e_s = fleet.tokens_per_h100e_s[c, 0] * p.load_factor
            from_tokens = t.mission.tokens_per_s[m] / per_h100e_s if per_h100e_s > 0.0 else 0.0
            use.need_h100e[c, u] = ramp * market.consumer_share[c] * (t.mission.need_h100e[m] + from_tokens)
            use.value_usd_per_h100e_h[c, u] = t.mission.value_usd_per_h100e_h[m]


@kernel
def allocation(use: np.record, market: np.record, fleet: np.record, p: np.record, t: np.record) -> None:
    """Share compute out: floors first, then by value until none is left; then the spot market.

    Floors: `training_floor` of the training budget, the missions' floors, and `rented_floor` of what outside customers
    used last week. A company without enough bids on the spot market for every use worth the rent.

    Changes: use, market.
    """
    uses, tier_slots = use.need_h100e.shape[1], t.tier.ktokens_out.shape[0]
    for c in range(int(t.count.companies)):
        left, last_rented = fleet.usable_h100e[c], use.used_h100e[c, RENTED]
        use.used_h100e[c] = 0.0
        floor = min(p.training_floor * use.need_h100e[c, TRAIN], p.training_floor * left)
        use.used_h100e[c, TRAIN] = floor
        left -= floor
        for m in range(int(t.count.missions)):
            u = FIRST_TIER + tier_slots + m
            floor = min(use.need_h100e[c, u], t.mission.floor[m] * fleet.usable_h100e[c], left)
            use.used_h100e[c, u] = floor
            use.given_h100e[c, m] = floor
            left -= floor
        floor = min(p.rented_floor * last_rented, use.need_h100e[c, RENTED], left)
        use.used_h100e[c, RENTED] = floor
        use.idle_h100e[c] = by_value(use.used_h100e[c], use.need_h100e[c], use.value_usd_per_h100e_h[c], left - floor)
    spot(use, market.rent_usd_per_h100e_h, total(fleet.usable_h100e), int(t.count.companies))
    for c in range(int(t.count.companies)):
        use.shadow_usd_per_h100e_h[c] = 0.0
        for u in range(uses):
            if use.need_h100e[c, u] - use.used_h100e[c, u] > p.short * use.need_h100e[c, u]:
                use.shadow_usd_per_h100e_h[c] = max(use.shadow_usd_per_h100e_h[c], use.value_usd_per_h100e_h[c, u])
        wanted, got = 0.0, 0.0
        for u in range(FIRST_TIER, FIRST_TIER + tier_slots):
            wanted += use.need_h100e[c, u]
            got += use.used_h100e[c, u]
        market.served[c] = got / wanted if wanted > 0.0 else 1.0


@kernel
def by_value(used: np.ndarray, need: np.ndarray, value: np.ndarray, left: float) -> float:
    """Fill needs in the order of their value until `left` runs out; returns what remains."""
    done = np.zeros(len(need))
    for _ in range(len(need)):
        best = -1
        for u in range(len(need)):
            if done[u] == 0.0 and (best < 0 or value[u] > value[best]):
                best = u
        done[best] = 1.0
        more = min(max(0.0, need[best] - used[best]), left)
        used[best] += more
        left -= more
    return left


@kernel
def spot(use: np.record, rent: float, usable: float, companies: int) -> None:
    """Clear free compute once a week: every unmet use worth the rent bids, all pay the rent, short pools are rationed
    pro rata. `excess` tells the price which way to move."""
    pool, bids = total(use.idle_h100e), 0.0
    for c in range(companies):
        for u in range(use.need_h100e.shape[1]):
            if use.value_usd_per_h100e_h[c, u] >= rent:
                bids += max(0.0, use.need_h100e[c, u] - use.used_h100e[c, u])
    filled = min(1.0, pool / bids) if bids > 0.0 else 0.0
    lent = min(1.0, bids / pool) if pool > 0.0 else 0.0
    for c in range(companies):
        use.spot_borrowed_h100e[c] = 0.0
        for u in range(use.need_h100e.shape[1]):
            if use.value_usd_per_h100e_h[c, u] >= rent:
                more = filled * max(0.0, use.need_h100e[c, u] - use.used_h100e[c, u])
                use.used_h100e[c, u] += more
                use.spot_borrowed_h100e[c] += more
        use.spot_lent_h100e[c] = lent * use.idle_h100e[c]
        use.idle_h100e[c] -= use.spot_lent_h100e[c]
    use.excess = (bids - pool) / max(usable, 1.0)
