"""Why a system has no answer: which hours are short, and which limits clash."""

from __future__ import annotations

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.arrays import Program, program
from gigawatt.power.highs import Answer, Limits, answer
from gigawatt.power.system import System

Array = np.ndarray
LISTED = 5  # names and hours that a message lists
SMALL = 1e-7  # of the largest load: less is no shortage
FAR, MUCH = 1e6, 1e3  # times the largest load: where the search for what has no limit ends, and what is found by it


def explained(system: System, capacity: Array | None = None) -> str:
    """The sentence for a system that has no least cost: what is short where, and the limits that clash."""
    for soft in ("hours", "limits"):
        made = program(system, capacity)
        _soften(made, system, soft)
        found = answer(made, Limits())
        if found is not None and found.objective > SMALL:
            return _short(system, made, found) if soft == "hours" else _clash(system, made, found)
        if found is not None:
            return _without_end(system, capacity)
    return "no capacities meet the limits, even without the load"


def _soften(made: Program, system: System, soft: str) -> None:
    """Turn costs off and pay for what is missing: load in each hour, and with `limits` rows and budgets too."""
    for n, cost in enumerate(made.cost):
        made.cost[n] = np.zeros(len(cost))
    places = list(made.columns)
    if not np.isfinite(system.shed_usd_per_mwh):
        shed = places.index("shed")
        made.cost[shed], made.upper[shed] = np.ones(system.hours), np.full(system.hours, np.inf)
    if made.row_upper[0][0] < np.inf:  # the balance may be passed over, too
        made.extend(made.rows["balance"], made.add_columns("surplus", np.ones(system.hours), np.inf), -1.0)
    if soft == "limits":
        for name, sign in [("rows", 1.0), *((f"budget {q}", -1.0) for q in range(len(system.budgets)))]:
            if name in made.rows:
                rows = made.rows[name]
                missing = made.add_columns(f"missing {name}", np.ones(len(rows)), np.inf)
                made.extend(rows, missing, sign)


def _short(system: System, made: Program, found: Answer) -> str:
    """Load that cannot be met, or power that cannot be left: how many hours, the worst of them, what there is in it."""
    shed_mw = found.values[made.columns["shed"]] * made.power_mw
    over_mw = found.values[made.columns["surplus"]] * made.power_mw if "surplus" in made.columns else 0.0 * shed_mw
    off_mw = np.maximum(shed_mw, over_mw)
    worst, hours = int(off_mw.argmax()), int((off_mw > SMALL * made.power_mw).sum())
    supply_mw, load_mw = system.load_mw[worst] - shed_mw[worst] + over_mw[worst], system.load_mw[worst]
    there = ", ".join(f"{name} {mw:g}" for name, mw in _there(system, made, found, worst)) or "nothing built"
    word = "exceeds" if supply_mw < load_mw else "is below"
    text = f"load {load_mw:.6g} MW {word} supply {supply_mw:.6g} MW in hour {worst} ({there})"
    if hours > 1:
        text += f", and in {hours - 1} more hour{'s' if hours > 2 else ''}"
    return _and_limits(text, system, made, found)


def _there(system: System, made: Program, found: Answer, hour: int) -> list[tuple[str, float]]:
    """What each source gives in an hour, MW; stores by the name of their energy."""
    x = found.values[made.columns["capacity"]] * made.power_mw
    out = {}
    for k, place in enumerate(system.free_capacity):
        out[system.names[place]] = system.free_profile[hour, k] * x[place]
    for m in range(system.firm_usd_per_mwh.shape[1]):
        name = system.names[system.firm_capacity[hour, m]]
        out[name] = out.get(name, 0.0) + found.values[made.columns[f"firm {m}"][hour]] * made.power_mw
    for s, store in enumerate(system.stores):
        flow = [found.values[made.columns[f"{name} {s}"][hour]] for name in ("discharge", "charge")]
        out[system.names[store.energy]] = (flow[0] - flow[1]) * made.power_mw
    return [(name, float(f"{mw:.6g}")) for name, mw in out.items() if abs(mw) > SMALL * made.power_mw]


def _clash(system: System, made: Program, found: Answer) -> str:
    """Rows and budgets that cannot all hold."""
    missing = []
    for name, label in _softened(system):
        if f"missing {name}" in made.columns:
            values = found.values[made.columns[f"missing {name}"]]
            missing += [label[r] for r in np.flatnonzero(values > SMALL)]
    return _and_limits(f"no capacities meet {_listed(missing)}", system, made, found)


def _softened(system: System) -> list[tuple[str, list[str]]]:
    """Rows and budgets of a program, with what a reader calls each."""
    names = system.rows_names or tuple(str(r) for r in range(len(system.rows_least)))
    rows = [f"row '{name}'" for name in names]
    return [("rows", rows), *((f"budget {q}", [f"budget '{b.name}'"]) for q, b in enumerate(system.budgets))]


def _and_limits(text: str, system: System, made: Program, found: Answer) -> str:
    """The text, and the limits that would have to give way: those with a price in the shortage."""
    clash = []
    for name, label in _softened(system):
        if name in made.rows:
            clash += [label[r] for r in np.flatnonzero(np.abs(found.duals[made.rows[name]]) > SMALL)]
    x, least, most = found.values[made.columns["capacity"]], made.lower[0], made.upper[0]
    worth = -_prices(made, found)[made.columns["capacity"]]
    for i in np.flatnonzero(np.abs(worth) > SMALL):
        if worth[i] > 0.0 and x[i] >= most[i] * (1.0 - SMALL):
            clash.append(f"{system.names[i]} at most {float(f'{most[i] * made.power_mw:.6g}'):g}")
        elif worth[i] < 0.0 and least[i] > 0.0:
            clash.append(f"{system.names[i]} at least {float(f'{least[i] * made.power_mw:.6g}'):g}")
    return f"{text}; limits that clash: {_listed(clash)}" if clash else text


def _prices(made: Program, found: Answer) -> Array:
    """Reduced cost of every column: what the shortage grows by when one more is forced in."""
    starts, rows, values = made.matrix()
    column = np.repeat(np.arange(made.width), np.diff(starts))
    paid = np.bincount(column, values * found.duals[rows], made.width)
    return np.asarray(np.concatenate(made.cost) - paid)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _without_end(system: System, capacity: Array | None) -> str:
    """Which capacities earn more the more of them is built."""
    made = program(system, capacity)
    endless = np.isinf(made.upper[0])
    made.upper[0] = np.where(endless, FAR, made.upper[0])
    found = answer(made, Limits())
    if found is None:
        raise SolveError("HiGHS finds no answer, though limits do not clash: the numbers are too far apart")
    built = found.values[made.columns["capacity"]] >= MUCH
    names = [system.names[i] for i in np.flatnonzero(endless & built)]
    if not names:
        raise SolveError("HiGHS finds no answer, though limits do not clash: the numbers are too far apart")
    return f"the more of {_listed(names)}, the less it costs, without end: set an upper limit"
