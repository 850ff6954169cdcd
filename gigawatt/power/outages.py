"""Years of forced outages, drawn event by event, and what a site loses in each: compiled kernels.

Every machine is up or down by a two-state chain with one step an hour; the hours between its changes are geometric and
are drawn at once. Draws depend on counters alone: year n of a seed is the same whatever else is computed, and a further
machine changes no draw of the others.

Order in every hour: sun, wind and firm machines; then stores, which are kept as full as can be; then standby machines,
once the stores are below `start_below` of their energy or too weak; then load that may stop; what is left is unserved.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gigawatt.compiled import kernel

Array = np.ndarray

BLOCK_HOURS = 24  # hours that are passed over at once where nothing can be short
LONGEST_COUNTED = 336  # outages of this many hours and more share a place in the count by length
NEVER = 1 << 40
# Columns of what is lost in a year.
UNSERVED, HOURS, EVENTS, LONGEST, DROPPED, FLEXED, STANDBY, COLUMNS = 0, 1, 2, 3, 4, 5, 6, 7


class Machines(NamedTuple):
    """U machines that always run, in G groups; groups are firm sources, then stores."""

    mw: Array  # (U,)
    group: Array  # (U,)
    fail: Array  # (U,), probability of failing in an hour
    repair: Array  # (U,), probability of being repaired in an hour
    planned_from: Array  # (U,), first hour of maintenance
    planned_hours: Array  # (U,)


class Commons(NamedTuple):
    """C causes that take a share of whole groups at once."""

    fail: Array  # (C,)
    repair: Array  # (C,)
    lost: Array  # (C, G), share of the group that is lost


class Standbys(NamedTuple):
    """B machines that start when they are needed; in Z fleets that can also fail as one."""

    mw: Array  # (B,)
    fleet: Array  # (B,)
    not_ready: Array  # (B,), probability of not starting when called
    fail: Array  # (B,), probability of failing in an hour of running
    repair: Array  # (B,)
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

    failed: Array  # (U,)
    planned: Array  # (U,), out for maintenance
    active: Array  # (C,)
    change: Array  # (U + C + U,), hour at which a machine, a common cause or a maintenance changes next
    counts: Array  # (U + C,), draws so far
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
def mixed(x: np.uint64) -> np.uint64:
    """A well-mixed word. Source: SplitMix64 finaliser, Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def year_key(seed: int, year: int) -> np.uint64:
    """The word from which all draws of a year follow."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    return mixed(mixed(np.uint64(seed) * golden + golden) + np.uint64(year) * np.uint64(0xD1B54A32D192ED03))


@kernel
def drawn(key: np.uint64, machine: int, count: int) -> float:
    """A number in (0, 1] that depends on the year, the machine and how often it has drawn before."""
    word = key + np.uint64(machine + 1) * np.uint64(0x9E3779B97F4A7C15)
    word = mixed(word) + np.uint64(count + 1) * np.uint64(0xD1B54A32D192ED03)
    return float((mixed(word) >> np.uint64(11)) + np.uint64(1)) / 9007199254740992.0


@kernel
def wait_hours(u: float, p: float) -> int:
    """Hours until something of probability `p` an hour happens, at least 1, from a number in (0, 1]."""
    if p <= 0.0:
        return NEVER
    if p >= 1.0:
        return 1
    return 1 + int(min(np.floor(np.log(u) / np.log1p(-p)), 1e12))


@kernel
def sum_up(machines: Machines, commons: Commons, storages: Storages, now: Now) -> int:
    """Power in order by group, and the hour of the next change."""
    now.up_mw[:] = 0.0
    for u in range(len(machines.mw)):
        if not now.failed[u] and not now.planned[u]:
            now.up_mw[machines.group[u]] += machines.mw[u]
    for g in range(len(now.up_mw)):
        left = 1.0
        for c in range(len(now.active)):
            if now.active[c]:
                left *= 1.0 - commons.lost[c, g]
        now.now_mw[g] = now.up_mw[g] * left
    for s in range(len(now.power)):
        g = storages.group[s]
        now.power[s] = now.now_mw[g] / now.total_mw[g] if now.total_mw[g] > 0.0 else 1.0
    soonest = NEVER
    for e in range(len(now.change)):
        soonest = min(soonest, now.change[e])
    return soonest


@kernel
def switch(e: int, t: int, down: bool, key: np.uint64, machines: Machines, commons: Commons, now: Now) -> None:
    """Put a machine or common cause into a state at hour `t`, and draw when it changes."""
    units = len(machines.mw)
    if e < units:
        now.failed[e] = down
        rate = machines.repair[e] if down else machines.fail[e]
    else:
        now.active[e - units] = down
        rate = commons.repair[e - units] if down else commons.fail[e - units]
    now.change[e] = t + wait_hours(drawn(key, e, now.counts[e]), rate)
    now.counts[e] += 1


@kernel
def begin_year(key: np.uint64, horizon: int, machines: Machines, commons: Commons, storages: Storages, now: Now) -> int:
    """Draw who is out at the first hour, with the odds of the long run; fill the stores. Gives the next change."""
    units = len(machines.mw)
    now.standby[:] = 0
    now.calls[:] = 0
    now.stored_mwh[:] = storages.energy_mwh
    for e in range(units + len(commons.fail)):
        fail = machines.fail[e] if e < units else commons.fail[e - units]
        repair = machines.repair[e] if e < units else commons.repair[e - units]
        now.counts[e] = 1
        switch(e, 0, fail > 0.0 and drawn(key, e, 0) <= fail / (fail + repair), key, machines, commons, now)
    for u in range(units):
        starts, length = machines.planned_from[u], machines.planned_hours[u]
        carried = starts + length - horizon  # of a maintenance that goes on beyond the year's end
        now.planned[u] = length > 0 and (starts == 0 or carried > 0)
        first = carried if carried > 0 else (length if starts == 0 else starts)
        now.change[units + len(commons.fail) + u] = first if length > 0 else NEVER
    return sum_up(machines, commons, storages, now)


@kernel
def pass_changes(t: int, key: np.uint64, machines: Machines, commons: Commons, storages: Storages, now: Now) -> int:
    """Carry out all changes that are due at hour `t`; gives the hour of the next one."""
    units = len(machines.mw)
    for e in range(units + len(commons.fail)):
        if now.change[e] <= t:
            down = now.failed[e] if e < units else now.active[e - units]
            switch(e, t, not down, key, machines, commons, now)
    for u in range(units):
        e = units + len(commons.fail) + u
        if now.change[e] <= t:
            now.planned[u] = not now.planned[u]
            later = machines.planned_from[u] if t < machines.planned_from[u] else NEVER
            now.change[e] = t + machines.planned_hours[u] if now.planned[u] else later
    return sum_up(machines, commons, storages, now)


@kernel
def settle_standby(t: int, key: np.uint64, first: int, standbys: Standbys, now: Now) -> float:
    """Power of the standby machines that run in this hour, after failures and repairs that are due."""
    running = 0.0
    for b in range(len(standbys.mw)):
        if now.standby[b] == 2 and t >= now.until[b]:
            now.standby[b] = 0
        if now.standby[b] == 1 and t >= now.until[b]:
            now.standby[b] = 2
            now.until[b] = t + wait_hours(drawn(key, first + b, now.calls[b]), standbys.repair[b])
            now.calls[b] += 1
        if now.standby[b] == 1:
            running += standbys.mw[b]
    return running


@kernel
def call_standby(t: int, key: np.uint64, first: int, standbys: Standbys, now: Now, new: bool) -> float:
    """Start every standby machine that is in order and give the power that runs; a new call may find fleets dead."""
    settle_standby(t, key, first, standbys, now)
    count = len(standbys.mw)
    if new:
        for z in range(len(standbys.together)):
            dead = drawn(key, first + count + z, now.calls[count + z]) <= standbys.together[z]
            now.calls[count + z] += 1
            for b in range(count):
                if dead and standbys.fleet[b] == z and now.standby[b] == 0:
                    now.standby[b] = 2
                    now.until[b] = t + wait_hours(drawn(key, first + b, now.calls[b]), standbys.repair[b])
                    now.calls[b] += 1
    for b in range(count):
        if now.standby[b] == 0:
            ready = drawn(key, first + b, now.calls[b]) > standbys.not_ready[b]
            rate = standbys.fail[b] if ready else standbys.repair[b]
            now.standby[b] = 1 if ready else 2
            now.until[b] = t + wait_hours(drawn(key, first + b, now.calls[b] + 1), rate)
            now.calls[b] += 2
    return settle_standby(t, key, first, standbys, now)


@kernel
def stop_standby(now: Now) -> None:
    """Switch off what runs."""
    for b in range(len(now.standby)):
        if now.standby[b] == 1:
            now.standby[b] = 0


@kernel
def charge(surplus: float, storages: Storages, now: Now) -> None:
    """Put a surplus into the stores, in their order."""
    for s in range(len(now.stored_mwh)):
        room = (storages.energy_mwh[s] - now.stored_mwh[s]) / storages.charge_efficiency[s]
        taken = min(surplus, min(storages.charge_mw[s] * now.power[s], room))
        if taken > 0.0:
            now.stored_mwh[s] += taken * storages.charge_efficiency[s]
            surplus -= taken


@kernel
def can_give(s: int, storages: Storages, now: Now) -> float:
    """Power that a store can give for an hour."""
    return min(storages.discharge_mw[s] * now.power[s], now.stored_mwh[s] * storages.discharge_efficiency[s])


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
    return level <= start_below * energy or strength < need


@kernel
def blame(unserved: float, share: Array, commons: Commons, standbys: Standbys, now: Now, cause: Array) -> None:
    """Spread what is unserved over what was out, by its power; the last place is for want of sun, wind or size."""
    firm, groups, out = len(share), len(now.up_mw), 0.0
    for g in range(firm):
        out += (now.total_mw[g] - now.now_mw[g]) * share[g]
    for b in range(len(now.standby)):
        out += standbys.mw[b] if now.standby[b] == 2 else 0.0
    if out <= 1e-9:
        cause[-1] += unserved
        return
    for g in range(firm):
        cause[g] += unserved * (now.total_mw[g] - now.up_mw[g]) * share[g] / out
        left = now.up_mw[g]
        for c in range(len(now.active)):
            if now.active[c]:
                cause[groups + c] += unserved * left * commons.lost[c, g] * share[g] / out
                left *= 1.0 - commons.lost[c, g]
    for b in range(len(now.standby)):
        if now.standby[b] == 2:
            cause[groups + len(now.active) + standbys.fleet[b]] += unserved * standbys.mw[b] / out


@kernel
def is_sure(w: int, block: int, hours: Hours, now: Now) -> bool:
    """Whether the firm machines in order carry every hour of a block."""
    have = 0.0
    for g in range(hours.share.shape[1]):
        have += now.now_mw[g] * hours.share_least[block, g]
    return have >= hours.net_most[w, block]


@kernel
def end_event(lasting: int, worst: float, lost: Array, lengths: Array) -> None:
    """Count an outage of the load that has ended."""
    if lasting > 0:
        lost[LONGEST] = max(lost[LONGEST], float(lasting))
        lost[DROPPED] += worst
        lengths[min(lasting, LONGEST_COUNTED)] += 1.0


@kernel
def outage_year(
    key: np.uint64, w: int, hours: Hours, machines: Machines, commons: Commons, standbys: Standbys,
    storages: Storages, start_below: float, now: Now, lost: Array, cause: Array, lengths: Array,
) -> None:  # fmt: skip
    """One year: fill `lost` (COLUMNS,), add to `cause` and `lengths`."""
    horizon, firm = hours.net_mw.shape[1], hours.share.shape[1]
    first = len(machines.mw) + len(commons.fail)  # number of the first standby machine among all that draw
    soonest = begin_year(key, horizon, machines, commons, storages, now)
    full, called, lasting, worst, t = True, False, 0, 0.0, 0
    while t < horizon:
        if t >= soonest:
            soonest = pass_changes(t, key, machines, commons, storages, now)
        block = t // BLOCK_HOURS
        if full and is_sure(w, block, hours, now):
            end_event(lasting, worst, lost, lengths)
            stop_standby(now)
            called, lasting, worst = False, 0, 0.0
            t = min(min((block + 1) * BLOCK_HOURS, soonest), horizon)
            continue
        need = hours.net_mw[w, t]
        for g in range(firm):
            need -= now.now_mw[g] * hours.share[t, g]
        for s in range(len(now.stored_mwh)):
            now.stored_mwh[s] *= 1.0 - storages.loss_per_hour[s]
        if need <= 0.0:
            charge(-need, storages, now)
            stop_standby(now)
            called, need = False, 0.0
        else:
            if len(now.standby) > 0 and (called or wants_standby(need, start_below, storages, now)):
                running = call_standby(t, key, first, standbys, now, not called)
                called = True
                lost[STANDBY] += min(running, need)
                charge(max(0.0, running - need), storages, now)
                need = max(0.0, need - running)
            need = discharge(need, storages, now)
        flexed = min(need, hours.flexible_mw[w, t])
        lost[FLEXED] += flexed
        need -= flexed
        if need > 1e-9:
            lost[UNSERVED] += need
            lost[HOURS] += 1.0
            lost[EVENTS] += 1.0 if lasting == 0 else 0.0
            lasting += 1
            worst = max(worst, need)
            blame(need, hours.share[t], commons, standbys, now, cause)
        else:
            end_event(lasting, worst, lost, lengths)
            lasting, worst = 0, 0.0
        full = True
        for s in range(len(now.stored_mwh)):
            full = full and now.stored_mwh[s] >= storages.energy_mwh[s] * (1.0 - 1e-12)
        t += 1
    end_event(lasting, worst, lost, lengths)


@kernel
def outage_years(
    seed: int, first_year: int, hours: Hours, machines: Machines, commons: Commons, standbys: Standbys,
    storages: Storages, start_below: float, lost: Array, cause: Array, lengths: Array,
) -> None:  # fmt: skip
    """Years from `first_year` on: fill `lost` (years, COLUMNS), add to `cause` and `lengths`.

    `cause` has a place for each group, each common cause, each fleet of standby machines, and one for none of them.
    Weather years take turns: year n has weather n modulo W.
    """
    units, groups, common = len(machines.mw), commons.lost.shape[1], len(commons.fail)
    backup, stores = len(standbys.mw), len(storages.group)
    now = Now(
        np.zeros(units, np.bool_), np.zeros(units, np.bool_), np.zeros(common, np.bool_),
        np.zeros(2 * units + common, np.int64), np.zeros(units + common, np.int64),
        np.zeros(groups), np.zeros(groups), np.zeros(groups), np.ones(stores), np.zeros(stores),
        np.zeros(backup, np.int64), np.zeros(backup, np.int64),
        np.zeros(backup + len(standbys.together), np.int64),
    )  # fmt: skip
    for u in range(units):
        now.total_mw[machines.group[u]] += machines.mw[u]
    for y in range(len(lost)):
        lost[y, :] = 0.0
        key, w = year_key(seed, first_year + y), (first_year + y) % len(hours.net_mw)
        outage_year(key, w, hours, machines, commons, standbys, storages, start_below, now, lost[y], cause, lengths)
