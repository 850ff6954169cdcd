"""Years of forced outages, drawn event by event, and what a site loses in each: compiled kernels.

Every machine is up or down by a two-state chain with one step an hour; the hours between its changes are geometric and
are drawn at once. Draws depend on counters alone: year n of a seed is the same whatever else is computed, and a further
machine changes no draw of the others.

Order in every hour: sun, wind and firm machines; then stores, which are kept as full as can be; then standby machines,
once the stores are below `start_below` of their energy or too weak; then load that may stop; what is left is unserved.
"""

from __future__ import annotations

from math import floor, log, log1p
from typing import NamedTuple

import numpy as np

from gigawatt.compiled import drawn, kernel, year_key

Array = np.ndarray

BLOCK_HOURS = 24  # hours that are passed over at once where nothing can be short
LONGEST_COUNTED = 14 * 24  # outages of this many hours and more share a place in the count by length
NEVER = 1 << 30
TINY_MW = 1 / 1e6  # a watt, below which nothing is short: sums of machines differ by rounding
# Columns of what is lost in a year.
UNSERVED, HOURS, EVENTS, LONGEST, DROPPED, FLEXED, STANDBY, COLUMNS = 0, 1, 2, 3, 4, 5, 6, 7


class Machines(NamedTuple):
    """U machines that always run, in G groups; groups are firm sources, then stores."""

    mw: Array  # (U,)
    group: Array  # (U,)


class Chains(NamedTuple):
    """E things that come and go: the failures of the U machines, C common causes, and planned maintenance."""

    fail: Array  # (E,), probability of coming in an hour
    repair: Array  # (E,), probability of ending in an hour
    who: Array  # (E,), a number of its own, by which it draws
    owner: Array  # (E,), the machine that it takes out; -1 for a common cause
    begin: Array  # (E,), first hour of maintenance
    length: Array  # (E,), hours of maintenance; 0: comes and goes at random
    lost: Array  # (C, G), share of each group that a common cause takes out


class Standbys(NamedTuple):
    """B machines that start when they are needed; in Z fleets that can also fail as one."""

    who: Array  # (B,)
    mw: Array  # (B,)
    fleet: Array  # (B,)
    not_ready: Array  # (B,), probability of not starting when called
    fail: Array  # (B,), probability of failing in an hour of running
    repair: Array  # (B,)
    whole: Array  # (Z,), the number by which a fleet draws as one
    together: Array  # (Z,), probability that a call finds the whole fleet out of order


class Storages(NamedTuple):
    """S stores."""

    charge_mw: Array  # (S,)
    discharge_mw: Array  # (S,)
    energy_mwh: Array  # (S,)
    charge_efficiency: Array
    discharge_efficiency: Array
    loss_per_hour: Array
    group: Array  # (S,), whose machines are its power


class Now(NamedTuple):
    """The state of a year on its way; changed in place."""

    change: Array  # (E + 1,), hour at which each chain changes next; the last one never does
    heap: Array  # (E + 1,), places of `change`, the soonest first
    counts: Array  # (E,), draws so far
    down: Array  # (E,), 1 while it is there
    out: Array  # (U,), how many chains hold a machine out
    total_mw: Array  # (G,), all machines of a group
    up_mw: Array  # (G,), those in order
    now_mw: Array  # (G,), after common causes
    power: Array  # (S,), share of a store's power that is in order
    stored_mwh: Array  # (S,)
    standby: Array  # (B,), 0 off, 1 running, 2 under repair
    until: Array  # (B,), hour at which running or repair ends
    calls: Array  # (B + Z,), draws so far


class Hours(NamedTuple):
    """What the site asks for; W weather years of T hours."""

    net_mw: Array  # (W, T), load less what sun and wind give
    flexible_mw: Array  # (W, T), of it, what may stop
    share: Array  # (T, G), of a group's power that the hour allows
    net_most: Array  # (W, blocks), largest net load in each block
    share_least: Array  # (blocks, G), least share in each block


@kernel
def wait_hours(u: float, p: float) -> int:
    """Hours until something of probability `p` an hour happens, at least 1, from a number in (0, 1]."""
    if p <= 0.0:
        return NEVER
    if p >= 1.0:
        return 1
    return 1 + int(min(floor(log(u) / log1p(-p)), NEVER))


@kernel
def sift(place: int, heap: Array, change: Array) -> None:
    """Move the entry at `place` of a heap by time of change down to where it belongs."""
    count, moved = len(heap), heap[place]
    while 2 * place + 1 < count:
        child = 2 * place + 1
        if child + 1 < count and change[heap[child + 1]] < change[heap[child]]:
            child += 1
        if change[heap[child]] >= change[moved]:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = moved


@kernel
def next_change(
    e: int, t: int, key: np.uint64, fail: Array, repair: Array, who: Array, begin: Array, length: Array,
    counts: Array, down: Array,
) -> int:  # fmt: skip
    """Hour at which a chain that has just changed at `t` changes next."""
    if length[e] > 0:
        if down[e]:
            return int(t + length[e])
        return int(begin[e]) if t < begin[e] else NEVER
    hours = wait_hours(drawn(key, who[e], counts[e]), repair[e] if down[e] else fail[e])
    counts[e] += 1
    return int(t + hours)


@kernel
def pass_changes(
    t: int, key: np.uint64, fail: Array, repair: Array, who: Array, owner: Array, begin: Array, length: Array,
    mw: Array, group: Array, change: Array, heap: Array, counts: Array, down: Array, out: Array, up_mw: Array,
) -> None:  # fmt: skip
    """Carry out all changes that are due at hour `t`. Arrays come one by one: taking them out of tuples costs more."""
    while change[heap[0]] <= t:
        e = heap[0]
        down[e] = 1 - down[e]
        u = owner[e]
        if u >= 0:
            before = out[u]
            out[u] += 2 * down[e] - 1
            if before == 0 or out[u] == 0:
                up_mw[group[u]] += mw[u] if out[u] == 0 else -mw[u]
        change[e] = next_change(e, t, key, fail, repair, who, begin, length, counts, down)
        sift(0, heap, change)


@kernel
def weigh(
    up_mw: Array, total_mw: Array, lost: Array, active: Array, store_group: Array, now_mw: Array, power: Array
) -> None:
    """Power of every group after common causes, and the share of each store's power that is in order."""
    for g in range(len(up_mw)):
        left = 1.0
        for c in range(len(active)):
            if active[c]:
                left *= 1.0 - lost[c, g]
        now_mw[g] = up_mw[g] * left
    for s in range(len(power)):
        g = store_group[s]
        power[s] = now_mw[g] / total_mw[g] if total_mw[g] > 0.0 else 1.0


@kernel
def begin_year(key: np.uint64, horizon: int, machines: Machines, chains: Chains, storages: Storages, now: Now) -> None:
    """Draw who is out at the first hour, with the odds of the long run; fill the stores."""
    now.standby[:] = 0
    now.calls[:] = 0
    now.out[:] = 0
    for s in range(len(storages.group)):
        now.stored_mwh[s] = storages.energy_mwh[s]  # one by one: a whole slice compiles for seconds
    for e in range(len(chains.fail)):
        fail, length, begin = chains.fail[e], chains.length[e], chains.begin[e]
        carried = begin + length - horizon  # hours of a maintenance that goes on beyond the year's end
        now.counts[e] = 1
        if length > 0:
            now.down[e] = 1 if begin == 0 or carried > 0 else 0
            now.change[e] = carried if carried > 0 else (length if begin == 0 else begin)
        else:
            rate = fail / (fail + chains.repair[e]) if fail > 0.0 else 0.0
            now.down[e] = 1 if drawn(key, chains.who[e], 0) <= rate else 0
            now.change[e] = next_change(
                e, 0, key, chains.fail, chains.repair, chains.who, chains.begin, chains.length, now.counts, now.down
            )
        if chains.owner[e] >= 0:
            now.out[chains.owner[e]] += now.down[e]
    now.up_mw[:] = 0.0
    for u in range(len(machines.mw)):
        now.up_mw[machines.group[u]] += machines.mw[u] if now.out[u] == 0 else 0.0
    for place in range(len(now.heap) // 2, -1, -1):
        sift(place, now.heap, now.change)


@kernel
def settle_standby(t: int, key: np.uint64, standbys: Standbys, now: Now) -> float:
    """Power of the standby machines that run in this hour, after failures and repairs that are due."""
    running = 0.0
    for b in range(len(standbys.mw)):
        if now.standby[b] == 2 and t >= now.until[b]:
            now.standby[b] = 0
        if now.standby[b] == 1 and t >= now.until[b]:
            now.standby[b] = 2
            now.until[b] = t + wait_hours(drawn(key, standbys.who[b], now.calls[b]), standbys.repair[b])
            now.calls[b] += 1
        if now.standby[b] == 1:
            running += standbys.mw[b]
    return running


@kernel
def call_standby(t: int, key: np.uint64, standbys: Standbys, now: Now, new: bool) -> float:
    """Start every standby machine that is in order and give the power that runs; a new call may find fleets dead."""
    settle_standby(t, key, standbys, now)
    count = len(standbys.mw)
    if new:
        for z in range(len(standbys.together)):
            dead = drawn(key, standbys.whole[z], now.calls[count + z]) <= standbys.together[z]
            now.calls[count + z] += 1
            for b in range(count):
                if dead and standbys.fleet[b] == z and now.standby[b] == 0:
                    now.standby[b] = 2
                    now.until[b] = t + wait_hours(drawn(key, standbys.who[b], now.calls[b]), standbys.repair[b])
                    now.calls[b] += 1
    for b in range(count):
        if now.standby[b] == 0:
            ready = drawn(key, standbys.who[b], now.calls[b]) > standbys.not_ready[b]
            rate = standbys.fail[b] if ready else standbys.repair[b]
            now.standby[b] = 1 if ready else 2
            now.until[b] = t + wait_hours(drawn(key, standbys.who[b], now.calls[b] + 1), rate)
            now.calls[b] += 2
    return settle_standby(t, key, standbys, now)


@kernel
def stop_standby(now: Now) -> None:
    """Switch off what runs."""
    for b in range(len(now.standby)):
        if now.standby[b] == 1:
            now.standby[b] = 0


@kernel
def charge(surplus: float, storages: Storages, now: Now) -> float:
    """Power of a surplus that the stores take, in their order."""
    left = surplus
    for s in range(len(now.stored_mwh)):
        room = (storages.energy_mwh[s] - now.stored_mwh[s]) / storages.charge_efficiency[s]
        taken = min(left, min(storages.charge_mw[s] * now.power[s], room))
        if taken > 0.0:
            now.stored_mwh[s] += taken * storages.charge_efficiency[s]
            left -= taken
    return surplus - left


@kernel
def can_give(s: int, storages: Storages, now: Now) -> float:
    """Power that a store can give for an hour."""
    power: float = storages.discharge_mw[s] * now.power[s]
    energy: float = now.stored_mwh[s] * storages.discharge_efficiency[s]
    return min(power, energy)


@kernel
def discharge(need: float, storages: Storages, now: Now) -> float:
    """What is still needed after the stores have given what they can, in their order."""
    for s in range(len(now.stored_mwh)):
        given = min(need, can_give(s, storages, now))
        if given > 0.0:
            now.stored_mwh[s] -= given / storages.discharge_efficiency[s]
            need -= given
    return need


@kernel
def wants_standby(need: float, start_below: float, storages: Storages, now: Now) -> bool:
    """Whether stores are too low or too weak to be left alone with what is needed."""
    level, energy, strength = 0.0, 0.0, 0.0
    for s in range(len(now.stored_mwh)):
        level += now.stored_mwh[s]
        energy += storages.energy_mwh[s]
        strength += can_give(s, storages, now)
    low: bool = level <= start_below * energy or strength < need
    return low


@kernel
def blamed_share(g: int, unserved: float, share: Array, storages: Storages, now: Now) -> float:
    """Share of what is out of a group that counts: what the hour allows; of a store, no more than what lacks."""
    if g < len(share):
        allowed: float = share[g]
        return allowed
    s, out = g - len(share), now.total_mw[g] - now.now_mw[g]
    if out <= 0.0:
        return 0.0
    counted: float = min(storages.discharge_mw[s] * (1.0 - now.power[s]), unserved) / out
    return counted


@kernel
def blame(
    unserved: float, share: Array, lost: Array, active: Array, standbys: Standbys, storages: Storages, now: Now,
    cause: Array,
) -> None:  # fmt: skip
    """Spread what is unserved over what was out, by its power; the last place is for want of sun, wind or size."""
    groups, out = len(now.up_mw), 0.0
    for g in range(groups):
        out += (now.total_mw[g] - now.now_mw[g]) * blamed_share(g, unserved, share, storages, now)
    for b in range(len(now.standby)):
        out += standbys.mw[b] if now.standby[b] == 2 else 0.0
    if out <= 1e-9:
        cause[-1] += unserved
        return
    for g in range(groups):
        part = unserved * blamed_share(g, unserved, share, storages, now) / out
        cause[g] += part * (now.total_mw[g] - now.up_mw[g])
        left = now.up_mw[g]
        for c in range(len(active)):
            if active[c]:
                cause[groups + c] += part * left * lost[c, g]
                left *= 1.0 - lost[c, g]
    for b in range(len(now.standby)):
        if now.standby[b] == 2:
            cause[groups + len(active) + standbys.fleet[b]] += unserved * standbys.mw[b] / out


@kernel
def end_event(lasting: int, worst: float, lost: Array, lengths: Array) -> None:
    """Count an outage of the load that has ended."""
    if lasting > 0:
        lost[LONGEST] = max(lost[LONGEST], float(lasting))
        lost[DROPPED] += worst
        lengths[min(lasting, LONGEST_COUNTED)] += 1.0


@kernel
def outage_year(
    key: np.uint64, w: int, hours: Hours, machines: Machines, chains: Chains, standbys: Standbys, storages: Storages,
    start_below: float, now: Now, lost: Array, cause: Array, lengths: Array,
) -> None:  # fmt: skip
    """One year: fill `lost` (COLUMNS,), add to `cause` and `lengths`."""
    horizon, firm, units = hours.net_mw.shape[1], hours.share.shape[1], len(machines.mw)
    net_mw, flexible_mw, net_most = hours.net_mw[w], hours.flexible_mw[w], hours.net_most[w]
    share, share_least = hours.share, hours.share_least
    fail, repair, who, owner = chains.fail, chains.repair, chains.who, chains.owner
    begin, length, mw, group = chains.begin, chains.length, machines.mw, machines.group
    change, heap, counts, down, out = now.change, now.heap, now.counts, now.down, now.out
    up_mw, total_mw, now_mw, power, stored_mwh = now.up_mw, now.total_mw, now.now_mw, now.power, now.stored_mwh
    active, store_group, energy_mwh = down[units : units + len(chains.lost)], storages.group, storages.energy_mwh
    begin_year(key, horizon, machines, chains, storages, now)
    weigh(up_mw, total_mw, chains.lost, active, store_group, now_mw, power)
    full, called, lasting, worst, t = True, False, 0, 0.0, 0
    while t < horizon:
        if t >= change[heap[0]]:
            pass_changes(
                t, key, fail, repair, who, owner, begin, length, mw, group, change, heap, counts, down, out, up_mw
            )
            weigh(up_mw, total_mw, chains.lost, active, store_group, now_mw, power)
        block, sure = t // BLOCK_HOURS, 0.0
        for g in range(firm):
            sure += now_mw[g] * share_least[block, g]
        if full and sure + TINY_MW >= net_most[block]:
            # The firm machines in order carry every hour of the block.
            if called:
                stop_standby(now)
            end_event(lasting, worst, lost, lengths)
            called, lasting, worst = False, 0, 0.0
            t = min(min((block + 1) * BLOCK_HOURS, change[heap[0]]), horizon)
            continue
        need = net_mw[t]
        for g in range(firm):
            need -= now_mw[g] * share[t, g]
        for s in range(len(stored_mwh)):
            stored_mwh[s] *= 1.0 - storages.loss_per_hour[s]
        if need <= TINY_MW:
            charge(max(0.0, -need), storages, now)
            if called:
                stop_standby(now)
            called, need = False, 0.0
        else:
            if len(now.standby) > 0 and (called or wants_standby(need, start_below, storages, now)):
                running = call_standby(t, key, standbys, now, not called)
                called = True
                lost[STANDBY] += min(running, need) + charge(max(0.0, running - need), storages, now)
                need = max(0.0, need - running)
            need = discharge(need, storages, now)
        flexed = min(need, flexible_mw[t])
        lost[FLEXED] += flexed
        need -= flexed
        if need > TINY_MW:
            lost[UNSERVED] += need
            lost[HOURS] += 1.0
            lost[EVENTS] += 1.0 if lasting == 0 else 0.0
            lasting += 1
            worst = max(worst, need)
            blame(need, share[t], chains.lost, active, standbys, storages, now, cause)
        elif lasting > 0:
            end_event(lasting, worst, lost, lengths)
            lasting, worst = 0, 0.0
        full = True
        for s in range(len(stored_mwh)):
            full = full and stored_mwh[s] >= energy_mwh[s] - TINY_MW
        t += 1
    end_event(lasting, worst, lost, lengths)


@kernel
def outage_years(
    seed: int, first_year: int, hours: Hours, machines: Machines, chains: Chains, standbys: Standbys,
    storages: Storages, start_below: float, lost: Array, cause: Array, lengths: Array,
) -> None:  # fmt: skip
    """Years from `first_year` on: fill `lost` (years, COLUMNS), add to `cause` and `lengths`.

    `cause` has a place for each group, each common cause, each fleet of standby machines, and one for none of them.
    Weather years take turns: year n has weather n modulo W.
    """
    units, chain, groups = len(machines.mw), len(chains.fail), chains.lost.shape[1]
    backup, stores = len(standbys.mw), len(storages.group)
    now = Now(
        np.zeros(chain + 1, np.int64), np.arange(chain + 1), np.zeros(chain, np.int64), np.zeros(chain, np.int64),
        np.zeros(units, np.int64), np.zeros(groups), np.zeros(groups), np.zeros(groups), np.ones(stores),
        np.zeros(stores), np.zeros(backup, np.int64), np.zeros(backup, np.int64),
        np.zeros(backup + len(standbys.together), np.int64),
    )  # fmt: skip
    now.change[-1] = NEVER  # so that there is always a next change
    for u in range(units):
        now.total_mw[machines.group[u]] += machines.mw[u]
    for y in range(len(lost)):
        lost[y, :] = 0.0
        key, w = year_key(seed, first_year + y), (first_year + y) % len(hours.net_mw)
        outage_year(key, w, hours, machines, chains, standbys, storages, start_below, now, lost[y], cause, lengths)
