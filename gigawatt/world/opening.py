"""The opening state: balance sheets, fleets, sites, users and prices at the start of a run.

What the sources do not tell is set so that the first week is consistent: compute that tokens, training, leases and
outside customers leave over is what owners use in their own products; construction that is under way stands in the
pipeline where its announced date puts it; opening prices are cost plus the mark-up of the pricing rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.buildout.weekly import CHIP_ITEM, LOCAL_ITEM
from gigawatt.compiled import advance
from gigawatt.inference.weekly import technology
from gigawatt.ledger import BUILDERS, CUSTOMERS, GOVERNMENT, INVESTORS, LENDERS, SUPPLIERS, UTILITIES
from gigawatt.scenario import Scenario
from gigawatt.serving.weekly import supply
from gigawatt.units import HOURS_PER_WEEK, SECONDS_PER_WEEK, WEEKS_PER_YEAR
from gigawatt.world.names import Names
from gigawatt.world.setup_sites import crew_shares, lead_of, start_weeks
from gigawatt.world.state import sizes, state_type

DEEP_POCKETS_USD = 2e13  # cash of sectors that are never short: households, lenders, investors


def opening(scenario: Scenario, n: Names, t: Any, p: Any) -> Any:
    """The state before week 0. Also completes the tables that depend on it: opening prices and own use of compute."""
    w = blank(scenario, n)
    w.climate.factor[:] = 1.0
    w.tech.training_gain = w.tech.serving_gain = 1.0
    w.market.served[:] = 1.0
    w.market.rent_usd_per_h100e_h = p.market.opening_rent_usd_per_h100e_h
    w.deal.first_week[:] = -1.0
    w.lease.usd_per_h100e_h[:] = w.market.rent_usd_per_h100e_h
    open_prices_of_power(w, t)
    open_fleets(w, scenario, n, t, p)
    technology(0, w.tech, w.power, p.tech, p.fleet, p.cost, t)
    w.tech.training_gain = w.tech.serving_gain = 1.0
    open_sites(w, scenario, n, t, p)
    open_leases(w, scenario, n, t, p)
    supply(w.fleet, w.lease, w.power, w.tech, p.fleet, t)
    open_market(w, scenario, n, t, p)
    open_supply(w, scenario, n, t, p)
    open_plans(w, n, t, p)
    open_books(w, scenario, n, t)
    return w


def blank(scenario: Scenario, n: Names) -> Any:
    """A state of the right sizes, all zero."""
    return np.zeros(1, state_type(sizes(n.counts() | {"X": len(scenario.shocks)}))).view(np.recarray)[0]


def open_prices_of_power(w: Any, t: Any) -> None:
    """Grid prices before the first week."""
    regions = int(t.count.regions)
    w.power.price_usd_per_mwh[:regions] = t.region.grid_usd_per_mwh[:regions]
    w.power.mean_usd_per_mwh = t.region.grid_usd_per_mwh[:regions].mean()


def open_fleets(w: Any, scenario: Scenario, n: Names, t: Any, p: Any) -> None:
    """Chips installed and on their way, by the age of each family's stock."""
    for c, key in enumerate(n.companies):
        for family, h100e in scenario.companies[key].fleet_h100e.items():
            chips = [k for k in range(len(n.chips)) if n.families[int(t.chip.family[k])] == family]
            shares = np.array([float(scenario.chips[n.chips[k]].stock_share) for k in chips])
            shares = shares / shares.sum() if shares.sum() > 0 else np.eye(1, len(chips))[0]
            for k, share in zip(chips, shares, strict=True):
                w.fleet.installed_h100e[c, k] = float(h100e) * share * (1 - p.build.opening_pipe_share)
                w.fleet.shipped_h100e[k] += float(h100e) * share
            newest = chips[int(np.flatnonzero(shares)[-1])]
            coming = float(h100e) * p.build.opening_pipe_share
            w.build.chip_pipe_h100e[c, newest] += coming / w.build.chip_pipe_h100e.shape[2]


def open_sites(w: Any, scenario: Scenario, n: Names, t: Any, p: Any) -> None:
    """Power that is on: named sites first, the rest of what each fleet draws at the owner's other sites; then what is
    under construction, at the stage where its announced date puts it."""
    power, build = w.power, w.build
    for z in range(n.announced_sites):
        power.energised_mw[z] = float(scenario.sites[n.sites[z]].energised_mw)
        build.site_pipe_mw[z] = under_way_mw(scenario, n, t, z, build.site_pipe_mw.shape[1])
    for c, key in enumerate(n.companies):
        mine = [z for z in range(len(n.sites)) if n.site_owner[z] == key]
        further = [z for z in mine if z >= n.announced_sites]
        overhead = sum(t.site.weight[z] * t.region.overhead[int(t.site.region[z])] for z in further) or 1.0
        pue = 1.0 + (float(p.fleet.pue) - 1.0) * float(overhead)
        fleet_mw = float((w.fleet.installed_h100e[c] * t.chip.w_per_h100e).sum()) / 1e6 * pue
        rest_mw = max(0.0, fleet_mw * (1 + p.build.opening_room) - power.energised_mw[mine].sum())
        pipeline_mw = float(scenario.companies[key].pipeline_mw)
        for z in further:
            power.energised_mw[z] = rest_mw * t.site.weight[z]
            build.site_pipe_mw[z] = pipeline_mw * t.site.weight[z] / build.site_pipe_mw.shape[1]
        power.owner_mw[c] = power.energised_mw[mine].sum()
    for r, key in enumerate(n.regions):
        build.grid_mw_week[r] = float(scenario.regions[key].grid_mw_per_week)
    for z, region in enumerate(n.site_region):
        r, planned = n.regions.index(region), t.site.planned[z] > 0
        own = 1.0 - float(t.site.grid_share[z]) if planned else float(p.build.opening_firm_share)
        power.firm_capacity_mw[r] += own * power.energised_mw[z]
        power.grid_capacity_mw[r] += (1.0 - own) * power.energised_mw[z]
        build.firm_pipe_mw[z] = own * build.site_pipe_mw[z]


def under_way_mw(scenario: Scenario, n: Names, t: Any, z: int, stages: int) -> np.ndarray:
    """MW of a site by stage of construction at the start, from the dates at which it is to be energised."""
    site, pipe = scenario.sites[n.sites[z]], np.zeros(stages)
    lead_weeks = lead_of(scenario, t, z)
    begin, end = start_weeks(scenario, n.sites[z], t, z)
    to_come_mw = max(0.0, float(site.power_mw) - float(site.energised_mw))
    per_week = to_come_mw / (end - begin)
    for week in range(min(begin, 0), 0):
        early_mw = advance(pipe, per_week if begin <= week < end else 0.0, lead_weeks)
        pipe[-1] += early_mw  # not on before the date that the scenario gives
    return pipe


def open_leases(w: Any, scenario: Scenario, n: Names, t: Any, p: Any) -> None:
    """Compute that labs without chips hold at the start, in MW of the catalog, spread over their partners."""
    mw = float((w.fleet.installed_h100e * t.chip.w_per_h100e).sum()) / 1e6 * float(p.fleet.pue)
    installed = w.fleet.installed_h100e.sum(axis=1)
    for c, key in enumerate(n.companies):
        leased_mw = scenario.companies[key].leased_mw
        if float(leased_mw) > 0 and t.company.partners[c] > 0:
            h100e = float(leased_mw) / mw * installed.sum()
            room = np.maximum(0.0, installed * p.build.opening_lease_limit - w.lease.contract_h100e.sum(axis=0))
            w.lease.contract_h100e[c] = np.minimum(h100e * t.company.partner[c], room)


def open_market(w: Any, scenario: Scenario, n: Names, t: Any, p: Any) -> None:
    """Users, shares, prices at cost plus mark-up, tokens that bring in what token users spend, and own use."""
    market, companies, tiers, rent = w.market, len(n.companies), len(n.tiers), float(w.market.rent_usd_per_h100e_h)
    reach = np.ones(len(n.segments))
    for s, segment in enumerate(n.segments):
        market.users_m[s] = float(scenario.segments[segment].users_m)
        for c, key in enumerate(n.companies):
            market.share[s, c] = float(scenario.companies[key].share.get(segment, 0.0))
        whole = market.share[s].sum()  # users of labs that are not in the scenario stay out of it
        market.share[s] /= whole if whole > 0 else 1.0
        reach[s] = min(1.0, whole)
        market.users_m[s] *= reach[s]
        t.segment.potential_m[s] *= reach[s]
    market.quality_log10_flop[:companies] = [float(scenario.companies[key].quality_log10_flop) for key in n.companies]
    market.core_usd_week[:] = t.company.core_usd_week
    mean_tokens = w.fleet.tokens_per_h100e_s[:companies].max(axis=0)
    for c in range(companies):
        per_hour = np.where(w.fleet.tokens_per_h100e_s[c] > 0, w.fleet.tokens_per_h100e_s[c], mean_tokens)
        share = market.share[int(t.count.token_segment), c]
        b = max(float(p.market.least_elasticity), float(p.market.price_weight) * (1 - share))
        per_hour = per_hour * float(p.market.load_factor) * SECONDS_PER_WEEK / HOURS_PER_WEEK
        market.cost_usd_per_mtok[c, :tiers] = rent / np.maximum(per_hour[:tiers], 1e-9) * 1e6
        market.price_usd_per_mtok[c] = market.cost_usd_per_mtok[c] * b / (b - 1)
    labs = t.company.is_lab[:companies] > 0
    if labs.any() and tiers:
        weight = market.share[int(t.count.token_segment), :companies] * labs + 1e-9 * labs
        price = market.price_usd_per_mtok[:companies, :tiers]
        t.tier.opening_usd_per_mtok[:tiers] = (price * weight[:, None]).sum(axis=0) / weight.sum()
    market.price_usd_per_mtok[:, tiers:] = 1.0
    for s, segment in enumerate(n.segments):
        spend = scenario.segments[segment].opening_usd_per_year
        if t.segment.pays_tokens[s] > 0 and float(spend) > 0:
            scale_to_spending(w, t, p, s, float(spend) * reach[s])
    market.rented_trend_usd_week = market.rented_usd_week = p.market.rented_opening_usd_per_year / WEEKS_PER_YEAR
    market.running_usd_per_h100e_h = 0.1 * rent
    open_own_use(w, t, p, companies)


def scale_to_spending(w: Any, t: Any, p: Any, s: int, usd_per_year: float) -> None:
    """Set the queries of a segment that pays by the token so that its spending at opening prices is as published."""
    usd_week = 0.0
    for c in range(int(t.count.companies)):
        if t.company.is_lab[c] > 0:
            price = w.market.price_usd_per_mtok[c]
            cheaper = (t.tier.opening_usd_per_mtok / price) ** float(p.market.token_elasticity)
            usd_per_query = float((opening_mix(w, t, p, s) * t.tier.ktokens_out / 1e3 * price * cheaper).sum())
            usd_week += w.market.users_m[s] * 1e6 * w.market.share[s, c] * usd_per_query
    t.segment.queries_week[s] = usd_per_year / WEEKS_PER_YEAR / usd_week if usd_week > 0 else 0.0


def opening_mix(w: Any, t: Any, p: Any, s: int) -> np.ndarray:
    """Mix of tiers of a segment at the opening capability, as the weekly demand has it; shape (tiers,)."""
    beyond = float(w.market.quality_log10_flop.max()) - float(p.market.thinking_log10_flop)
    take_up = 1 / (1 + np.exp(-beyond / float(p.market.take_up_decades)))
    mix: np.ndarray = t.segment.mix_now[s] + (t.segment.mix_later[s] - t.segment.mix_now[s]) * take_up
    return mix


def open_own_use(w: Any, t: Any, p: Any, companies: int) -> None:
    """Compute that owners use in their own products: what tokens, training and outside customers leave over."""
    rent_week = float(w.market.rent_usd_per_h100e_h) * HOURS_PER_WEEK
    rented = w.market.rented_usd_week * t.company.rented_share / rent_week
    for c in range(companies):
        if t.company.core_usd_week[c] <= 0 or t.company.is_owner[c] == 0:
            continue
        race = float(p.lab.race_share) * t.company.core_usd_week[c] * t.company.is_lab[c] / rent_week
        left = max(0.0, w.fleet.usable_h100e[c] - rented[c] - race - tokens_h100e(w, t, p, c))
        t.company.core_ai[c] = left * rent_week / t.company.core_usd_week[c]
    w.market.core_ai[:] = t.company.core_ai


def tokens_h100e(w: Any, t: Any, p: Any, c: int) -> float:
    """Compute that a company's tokens take at the opening, in H100-equivalents."""
    rate = w.fleet.tokens_per_h100e_s[c] * float(p.market.load_factor)
    need = 0.0
    for s in range(int(t.count.segments)):
        queries = w.market.users_m[s] * 1e6 * w.market.share[s, c] * t.segment.queries_week[s]
        tokens_s = queries * opening_mix(w, t, p, s) * t.tier.ktokens_out * 1e3 / SECONDS_PER_WEEK
        need += float(np.divide(tokens_s, rate, out=np.zeros_like(tokens_s), where=rate > 0).sum())
    return need


def open_supply(w: Any, scenario: Scenario, n: Names, t: Any, p: Any) -> None:
    """Weekly supply of every item, and some weeks of chip orders already in the queue."""
    for i, key in enumerate(n.items):
        w.build.capacity[i] = float(scenario.supply[key].capacity_per_week)
        if int(t.supply.kind[i]) == LOCAL_ITEM:
            w.build.crew_mw_week[: len(n.nations)] = w.build.capacity[i] * crew_shares(scenario, n)
    fleets = w.fleet.installed_h100e.sum(axis=1)
    if fleets.sum() <= 0:
        return
    owners = fleets / fleets.sum()
    per_family = np.zeros((len(t.family.maker), len(t.supply.kind)))
    for k in range(len(n.chips)):
        per_family[int(t.chip.family[k])] += w.tech.mix[k] * t.chip.items_per_h100e[k]
    taken = owners @ t.company.buys @ per_family
    chip_items = (t.supply.kind == CHIP_ITEM) & (taken > 0)
    if chip_items.any():
        h100e_week = (w.build.capacity[chip_items] / taken[chip_items]).min()
        queue = h100e_week * p.build.opening_queue_weeks * owners[:, None] * t.company.buys
        w.build.chip_queue_h100e[:] = queue


def open_plans(w: Any, n: Names, t: Any, p: Any) -> None:
    """Moving averages as if the year before had grown at the opening rate, and EBITDA from the opening fleet."""
    plan, companies = w.plan, len(n.companies)
    rent_week = float(w.market.rent_usd_per_h100e_h) * HOURS_PER_WEEK
    past = np.exp(-p.plan.opening_growth_per_year * (p.plan.long_weeks - p.plan.short_weeks) / WEEKS_PER_YEAR)
    for c in range(companies):
        users = w.market.users_m * 1e6 * w.market.share[:, c]
        seats_usd = (users * t.segment.usd_month).sum() * 12 / WEEKS_PER_YEAR
        api_usd = 0.0
        for s in np.flatnonzero(t.segment.pays_tokens):
            queries = users[s] * t.segment.queries_week[s]
            usd_per_query = opening_mix(w, t, p, int(s)) * t.tier.ktokens_out / 1e3 * w.market.price_usd_per_mtok[c]
            api_usd += queries * float(usd_per_query.sum())
        ads_usd = users[0] * t.company.ads_usd_per_user_year[c] / WEEKS_PER_YEAR
        revenue_usd = (seats_usd + api_usd + ads_usd) * t.company.is_lab[c]
        plan.revenue_usd_week[c] = plan.revenue_fast_usd_week[c] = plan.expected_usd_week[c] = revenue_usd
        w.lab.want_h100e[c] = max(
            p.lab.budget_share * revenue_usd * np.exp(p.plan.opening_growth_per_year),
            p.lab.race_share * t.company.core_usd_week[c],
        ) / rent_week * t.company.is_lab[c]  # fmt: skip
        core_h100e = t.company.core_usd_week[c] * t.company.core_ai[c] / rent_week
        rented_h100e = w.market.rented_usd_week * t.company.rented_share[c] / rent_week
        plan.need_fast_h100e[c] = w.lab.want_h100e[c] + core_h100e + rented_h100e + tokens_h100e(w, t, p, c)
        cloud_usd = (w.lease.contract_h100e[:, c].sum() + rented_h100e) * rent_week
        lease_usd = w.lease.contract_h100e[c].sum() * rent_week
        core_usd = t.company.core_usd_week[c] * t.company.core_margin[c]
        run_usd = (1 - p.cost.staff_share) * revenue_usd + cloud_usd * (1 - p.build.opening_cloud_cost)
        plan.ebitda_usd_week[c] = core_usd + run_usd - lease_usd - t.company.fixed_usd_week[c]
        plan.capex_usd_week[c] = t.company.core_capex_usd_week[c]
    plan.revenue_slow_usd_week[:] = plan.revenue_fast_usd_week * past
    plan.need_slow_h100e[:] = plan.need_fast_h100e * past


def open_books(w: Any, scenario: Scenario, n: Names, t: Any) -> None:
    """Balance sheets: cash, debt on its ladder of years, fixed assets, stakes; equity is what is left."""
    books = w.books
    books.keep_journal = 1.0
    for sector in (CUSTOMERS, LENDERS, INVESTORS):
        books.cash_usd[sector] = DEEP_POCKETS_USD
    for sector in (GOVERNMENT, UTILITIES, SUPPLIERS, BUILDERS):
        books.cash_usd[sector] = 1e11
    for c, key in enumerate(n.companies):
        company = scenario.companies[key]
        books.cash_usd[c], books.debt_usd[c, LENDERS] = float(company.cash_usd), float(company.debt_usd)
        books.debt_rate[c] = float(company.debt_rate)
        books.chips_usd[c], books.sites_usd[c] = float(company.chips_usd), float(company.sites_usd)
        span = min(books.due_usd.shape[1], max(1, round(2 * float(company.debt_years))))
        books.due_usd[c, :span] = float(company.debt_usd) / span
        for other, usd in company.stake.items():
            if other in n.companies:
                books.stake_usd[c, n.companies.index(other)] = float(usd)
    books.opening_cash_usd[:] = books.cash_usd
    books.equity_usd[:] = books.cash_usd + books.debt_usd.sum(axis=0) + books.stake_usd.sum(axis=1)
    companies = len(books.chips_usd)
    books.equity_usd[:companies] += books.chips_usd + books.sites_usd - books.debt_usd.sum(axis=1)
