"""Kernels of the exact dispatch with one store: a recursion on the value of stored energy, and prices from it.

Let V_t(s) be the least cost from hour t on with s in the store: convex and piecewise linear. One hour is

    V_t = restrict to [0, energy] of ( V_t+1 infimal-convolved with h_t )

where h_t(u) is the cost of the hour if the store gives up u. Both are lists of segments (slope, length) sorted by
slope, so that the convolution is a merge of two lists and the restriction cuts both ends. `value_bounds` runs from the
last hour to the first and keeps two numbers an hour, the slopes at the ends that were cut. From them, `worth_of_energy`
tells in one pass what stored energy is worth in each hour, and given that the hours separate: `prices` clears each.

(worth, price) is a solution of the dual program. With p the price of an hour and w the worth of stored energy,

    F(y) >= sum_t p_t load_t + g . y  for every y,  with equality at the capacities x that were asked for
    g_free = -sum_t profile_t max(p_t, 0)             g_firm = -sum_t available_t max(p_t - cost_t, 0)
    g_charge = -sum_t max(ec w_t - p_t, 0)            g_discharge = -sum_t max(p_t - w_t / ed - wear, 0)
    g_energy = -sum_t>0 max(w_t - w_t-1, 0)           g_start = w_T-1 - w_0

and since dual feasibility does not depend on x, the bound holds for any worth w and the prices that clear it: rounding
and ties make it less tight, never wrong.

Blocks are the firm sources of an hour and, at price 0, what the free sources could give, cheapest first. Surplus of
free sources is curtailed; firm sources never make more than is used. A store may charge and discharge in one hour, as
in every linear program: it does so only where prices are negative (`burns`).
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel

JOIN = 1e-9  # USD/MWh: segments whose slopes differ by less are one
CHARGE, DISCHARGE, ENERGY, START = range(4)  # places of the slopes of a store
SPARE = 8  # places of a list of segments beyond two for each block
TIE = 1e-7  # USD/MWh: prices nearer than this leave the choice open


@kernel
def order_blocks(
    paid: np.ndarray, available: np.ndarray, shed: float, order: np.ndarray, cost: np.ndarray, usable: np.ndarray
) -> bool:
    """Whether any block is paid to run; fills order[t] and cost[t] of the blocks of every hour, cheapest first.

    The free block costs nothing. A firm source dearer than shedding is not used: `usable` is what is left of
    `available`. Insertion, since the last order nearly holds.
    """
    hours, firm = paid.shape
    negative = False
    for t in range(hours):
        for m in range(firm):
            usable[t, m] = available[t, m] if paid[t, m] <= shed else 0.0
        for j in range(firm + 1):
            block = order[t, j]
            price = min(paid[t, block], shed) if block < firm else 0.0
            k = j
            while k > 0 and cost[t, k - 1] > price:
                order[t, k], cost[t, k] = order[t, k - 1], cost[t, k - 1]
                k -= 1
            order[t, k], cost[t, k] = block, price
        negative = negative or cost[t, 0] < 0.0
    return negative


@kernel
def fill_blocks(
    load: np.ndarray, profile: np.ndarray, free_capacity: np.ndarray, available: np.ndarray, firm_capacity: np.ndarray,
    order: np.ndarray, x: np.ndarray, need: np.ndarray, size: np.ndarray,
) -> None:  # fmt: skip
    """Load of every hour and sizes of its blocks in MW, filled into need[t] and size[t, j]; the last block is free."""
    hours, blocks = size.shape
    for t in range(hours):
        free, demand = 0.0, load[t]
        for k in range(profile.shape[1]):
            made = profile[t, k] * x[free_capacity[k]]
            free += max(made, 0.0)
            demand -= min(made, 0.0)
        need[t] = demand
        for j in range(blocks):
            m = order[t, j]
            size[t, j] = available[t, m] * x[firm_capacity[t, m]] if m < blocks - 1 else free


@kernel
def hour_segments_negative(
    need: float, blocks: int, cost: np.ndarray, ec: float, ed: float, wear: float, charge: float,
    discharge: float, way: float, below: np.ndarray, slope: np.ndarray, length: np.ndarray,
) -> tuple[int, float, float]:  # fmt: skip
    """Segments of h_t where a price may be negative: to charge less or to discharge more is asked for each block.

    Below the price at which both are worth the same, a store that charges and discharges at once loses energy and
    gains by it. Returns the number of segments, and the MW charged and discharged after `way` MWh of them.
    """
    n, y, into, out = 0, need + charge, charge, 0.0
    lost = 1.0 / ed - ec  # of each MWh that goes in and out again
    for j in range(blocks, -2, -1):
        price = cost[j] if j >= 0 else -np.inf
        saved, earned = price / ec, (price - wear) * ed  # per MWh stored
        if (j < 0 or saved < earned) and lost > 0.0 and into < charge and out < discharge:
            step = min(min(charge - into, discharge - out), way / lost)
            slope[n], length[n] = wear / lost, step * lost
            into, out, way = into + step, out + step, way - length[n]
            n += 1
        for turn in range(2 if j >= 0 else 0):
            room = max(y - below[j], 0.0)
            if (saved >= earned) == (turn == 0):
                step = min(min(room, into), way / ec)
                slope[n], length[n] = -saved, step * ec
                into -= step
            else:
                step = min(min(room, discharge - out), way * ed)
                slope[n], length[n] = -earned, step / ed
                out += step
            if step > 0.0:
                way -= length[n]
                n += 1
                y = below[j] if step == room else y - step  # exactly: what rounding leaves would be out of order
    return n, into, out


@kernel
def hour_segments(
    need: np.ndarray, size: np.ndarray, cost: np.ndarray, shed: float, ec: float, ed: float, wear: float, charge: float,
    discharge: float, burns: bool, slope: np.ndarray, length: np.ndarray, most: np.ndarray,
) -> None:  # fmt: skip
    """Segments of every h_t from charging at full power to discharging, and the most MWh that the store gives up.

    What is to be made falls from need + charge to need - discharge, and each MWh less saves the cost of its block. In
    the store a MWh at the bus is ec MWh while charging and 1 / ed MWh while discharging. Where prices are positive the
    store first stops charging, then discharges. Fills slope[t], length[t], ended by a slope of +inf, and most[t].
    """
    hours, blocks = cost.shape
    below, price = np.zeros(blocks + 1), np.full(blocks + 1, shed)
    per_charge, per_discharge = 1.0 / ec, 1.0 / ed
    for t in range(hours):
        top, base = 0.0, need[t]
        for j in range(blocks):
            top += size[t, j]
            below[j + 1], price[j] = top, cost[t, j]
        n, end, y = 0, base - discharge, base + charge
        if price[0] < 0.0 or (burns and end < 0.0):
            n, _, _ = hour_segments_negative(
                base, blocks, price, ec, ed, wear, charge, discharge, np.inf, below, slope[t], length[t]
            )
            most[t] = -ec * charge
            for k in range(n):
                most[t] += length[t, k]
        else:
            end = end if end > 0.0 else 0.0
            most[t] = (base - end) * per_discharge
            for j in range(blocks, -1, -1):
                stop = below[j]
                stop = stop if stop > base else base
                stop = stop if stop < y else y
                slope[t, n], length[t, n] = -price[j] * per_charge, (y - stop) * ec
                n += y > stop
                y = stop
            for j in range(blocks, -1, -1):
                stop = below[j]
                stop = stop if stop > end else end
                stop = stop if stop < y else y
                slope[t, n], length[t, n] = (wear - price[j]) * ed, (y - stop) * per_discharge
                n += y > stop
                y = stop
        slope[t, n], length[t, n] = np.inf, np.inf


@kernel
def last_slope(slope: np.ndarray) -> float:
    """The slope of the last segment of a list, -inf where there is none."""
    k = 0
    while slope[k] < np.inf:
        k += 1
    return slope[k - 1] if k > 0 else -np.inf


@kernel
def value_bounds(
    h_slope: np.ndarray, h_length: np.ndarray, most: np.ndarray, most_in: float, energy: float, start: float,
    finish: float, lo: np.ndarray, hi: np.ndarray, after: np.ndarray,
) -> float:  # fmt: skip
    """The slope of V_0 at `start`; fills lo[t] and hi[t], the slopes of V_t at 0 and at `energy`, -+inf where not cut.

    Fills after with the least and most energy that the store may hold after the first hour. It holds `start` MWh before
    the first hour and `finish` after the last; an hour adds `most_in` at most. The two lists of segments are merged
    without branches, since the order is not predictable: the next candidates of both are read before it is known which
    is taken.
    """
    hours, room = h_slope.shape[0], h_slope.size + SPARE
    v_slope, v_length, at, to = np.empty(2 * room), np.empty(2 * room), 0, room  # two lists, written in turn
    v_slope[0], v_length[0] = np.inf, np.inf
    left, right = finish, finish  # V_t is defined between them
    for t in range(hours - 1, -1, -1):
        left, right = left - most_in, right + most[t]
        cut_left, cut_right = left < 0.0 and t > 0, right > energy and t > 0
        cut, left, right = -left if cut_left else 0.0, 0.0 if cut_left else left, energy if cut_right else right
        lo[t], hi[t] = -np.inf, np.inf
        i, j, keep = at, 0, max(right - left, 0.0)
        a, b, a_now, b_now = v_slope[at], h_slope[t, 0], v_length[at], h_length[t, 0]
        this, now = 0.0, 0.0
        while True:  # segments that are cut off
            a_next, b_next, a_then, b_then = v_slope[i + 1], h_slope[t, j + 1], v_length[i + 1], h_length[t, j + 1]
            from_a = a <= b
            this = a if from_a else b
            now = a_now if from_a else b_now
            a = a_next if from_a else a
            b = b if from_a else b_next
            a_now = a_then if from_a else a_now
            b_now = b_now if from_a else b_then
            i += from_a
            j += not from_a
            cut -= now
            if cut < 0.0:
                break
        now, so_far, last, latest = -cut, 0.0, to, this
        while True:  # segments that stay
            now = now if now < keep else keep
            keep -= now
            new = this - latest >= JOIN
            last += new
            so_far = now if new else so_far + now
            latest = this if new else latest
            v_slope[last], v_length[last] = latest, so_far
            if keep <= 0.0:
                break
            a_next, b_next, a_then, b_then = v_slope[i + 1], h_slope[t, j + 1], v_length[i + 1], h_length[t, j + 1]
            from_a = a <= b
            this = a if from_a else b
            now = a_now if from_a else b_now
            a = a_next if from_a else a
            b = b if from_a else b_next
            a_now = a_then if from_a else a_now
            b_now = b_now if from_a else b_then
            i += from_a
            j += not from_a
        at, to = to, at
        if latest == np.inf and last > at:  # what rounding added
            last -= 1
            latest = v_slope[last]
        v_slope[last + 1], v_length[last + 1] = np.inf, np.inf
        if cut_left:
            lo[t] = v_slope[at]
            if lo[t] == np.inf:  # all is cut off but the end of the last segment
                lo[t] = max(last_slope(v_slope[to:]), last_slope(h_slope[t]))
        if cut_right:
            hi[t] = latest
    way, k = start - left, at
    while v_length[k] <= way and v_slope[k + 1] < np.inf:
        way -= v_length[k]
        k += 1
    top = v_slope[k] if v_slope[k] < np.inf else 0.0
    after[:] = left + most_in
    k = to  # the list of V_1
    while v_slope[k] <= top + JOIN:
        after[0] += v_length[k] if v_slope[k] < top - JOIN else 0.0
        after[1] += v_length[k]
        k += 1
    return top


@kernel
def worth_of_energy(slope: float, lo: np.ndarray, hi: np.ndarray, worth: np.ndarray) -> None:
    """Worth of stored energy at the start of every hour in USD/MWh, from the slope of V_0 at the start; fills worth.

    It changes only where the store is full or empty: -w_t+1 = clip(-w_t, lo_t+1, hi_t+1).
    """
    worth[0] = -slope
    for t in range(1, worth.size):
        slope = min(max(slope, lo[t]), hi[t])
        worth[t] = -slope


@kernel
def clearing_price(
    need: float, size: np.ndarray, cost: np.ndarray, shed: float, charge: float, discharge: float, bid: float,
    ask: float,
) -> float:  # fmt: skip
    """Price at which load meets the blocks of an hour, in USD/MWh; the store buys below `bid` and sells above `ask`."""
    blocks = size.size
    need += charge  # what is asked for at a price below every block
    j, bid_open, ask_open = 0, True, True
    while True:
        p = cost[j] if j < blocks else shed
        turn = 0
        if bid_open and bid < p:
            p, turn = bid, 1
        if ask_open and ask < p:
            p, turn = ask, 2
        if turn == 1:
            bid_open = False
            need -= charge
        elif turn == 2:
            ask_open = False
            need -= discharge
        elif j < blocks:
            need -= size[j]
            j += 1
        else:
            return shed
        if need <= 0.0:
            return p


@kernel
def prices(
    need: np.ndarray, size: np.ndarray, cost: np.ndarray, shed: float, ec: float, ed: float, wear: float, charge: float,
    discharge: float, worth: np.ndarray, price: np.ndarray,
) -> None:  # fmt: skip
    """Marginal price of every hour in USD/MWh, given the worth of stored energy; fills price."""
    for t in range(need.size):
        bid, ask = ec * worth[t], worth[t] / ed + wear
        price[t] = clearing_price(need[t], size[t], cost[t], shed, charge, discharge, bid, ask)


@kernel
def source_slopes(
    price: np.ndarray, load: np.ndarray, profile: np.ndarray, free_capacity: np.ndarray, firm_cost: np.ndarray,
    available: np.ndarray, firm_capacity: np.ndarray, slopes: np.ndarray,
) -> float:  # fmt: skip
    """What the load is worth at these prices in USD.

    What one more MW of each source saves in all hours is subtracted from slopes, in USD per MW.
    """
    hours, firm = firm_cost.shape
    usd = 0.0
    for t in range(hours):
        p = price[t]
        usd += p * load[t]
        for k in range(profile.shape[1]):
            worth_more = p > 0.0 or profile[t, k] < 0.0  # output may be curtailed, a load may not
            slopes[free_capacity[k]] -= profile[t, k] * p if worth_more else 0.0
        for m in range(firm):
            margin = p - firm_cost[t, m]
            slopes[firm_capacity[t, m]] -= available[t, m] * margin if margin > 0.0 else 0.0
    return usd


@kernel
def store_slopes(price: np.ndarray, worth: np.ndarray, ec: float, ed: float, wear: float, slopes: np.ndarray) -> None:
    """The same for the store; fills slopes with those of charge, discharge, energy, and energy at both ends."""
    charge, discharge, energy = 0.0, 0.0, 0.0
    for t in range(price.size):
        p, w = price[t], worth[t]
        charge -= max(ec * w - p, 0.0)
        discharge -= max(p - w / ed - wear, 0.0)
        if t > 0:
            energy -= max(w - worth[t - 1], 0.0)
    slopes[CHARGE], slopes[DISCHARGE], slopes[ENERGY] = charge, discharge, energy
    slopes[START] = worth[worth.size - 1] - worth[0]


@kernel
def changes(
    slope: np.ndarray, length: np.ndarray, most_in: float, worth: np.ndarray, down: np.ndarray, up: np.ndarray
) -> None:  # fmt: skip
    """Least and most change of stored energy in every hour that fits its worth, in MWh; fills down and up."""
    for t in range(worth.size):
        up[t], down[t], k = most_in, most_in, 0
        while slope[t, k] <= TIE - worth[t]:
            if slope[t, k] < -TIE - worth[t]:
                up[t] -= length[t, k]
            down[t] -= length[t, k]
            k += 1


@kernel
def stored_path(
    start: float, finish: float, energy: float, worth: np.ndarray, down: np.ndarray, up: np.ndarray, stored: np.ndarray
) -> None:  # fmt: skip
    """Energy in the store at the end of every hour in MWh; fills stored. down and up are spent.

    The store is full where its worth rises next and empty where it falls. Backward: from where the end can be reached;
    forward: stay there.
    """
    hours = worth.size
    low, high = np.empty(hours + 1), np.empty(hours + 1)
    low[hours], high[hours] = finish, finish
    for t in range(hours - 1, -1, -1):
        low[t], high[t] = max(low[t + 1] - up[t], 0.0), min(high[t + 1] - down[t], energy)
        if t > 0 and worth[t] > worth[t - 1] + TIE:
            low[t] = high[t]
        elif t > 0 and worth[t] < worth[t - 1] - TIE:
            high[t] = low[t]
    s = start
    for t in range(hours):
        wish = min(max(s, low[t + 1]), high[t + 1])
        s += min(max(wish - s, down[t]), up[t])
        stored[t] = s


@kernel
def flows(
    need: np.ndarray, size: np.ndarray, cost: np.ndarray, shed: float, ec: float, ed: float, wear: float, charge: float,
    discharge: float, burns: bool, start: float, stored: np.ndarray, into: np.ndarray, out: np.ndarray,
    made: np.ndarray, lack: np.ndarray,
) -> None:  # fmt: skip
    """Cheapest flows that change the stored energy as told, in MW; fills into, out, made[t, block] and lack."""
    hours, blocks = cost.shape
    slope, length, below = np.empty(2 * blocks + SPARE), np.empty(2 * blocks + SPARE), np.zeros(blocks + 1)
    price = np.full(blocks + 1, shed)
    for t in range(hours):
        before = stored[t - 1] if t > 0 else start
        given = before - stored[t]
        into[t], out[t] = max(-given, 0.0) / ec, max(given, 0.0) * ed
        if cost[t, 0] < 0.0 or (burns and need[t] < discharge):
            for j in range(blocks):
                below[j + 1], price[j] = below[j] + size[t, j], cost[t, j]
            way = given + ec * charge
            _, into[t], out[t] = hour_segments_negative(
                need[t], blocks, price, ec, ed, wear, charge, discharge, way, below, slope, length
            )
        y = need[t] + into[t] - out[t]
        for j in range(blocks):
            made[t, j] = min(max(y, 0.0), size[t, j])
            y -= made[t, j]
        lack[t] = max(y, 0.0)


@kernel
def firm_totals(
    made: np.ndarray, order: np.ndarray, cost: np.ndarray, use: np.ndarray, used: np.ndarray
) -> float:  # fmt: skip
    """What the firm sources cost in USD; fills used with what they take of each budget."""
    hours, blocks = made.shape
    usd = 0.0
    used[:] = 0.0
    for t in range(hours):
        for j in range(blocks):
            m = order[t, j]
            if m < blocks - 1:
                usd += made[t, j] * cost[t, m]
                for q in range(used.size):
                    used[q] += made[t, j] * use[q, t, m]
    return usd
