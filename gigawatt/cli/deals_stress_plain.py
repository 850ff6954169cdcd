"""Tables of `gigawatt deals stress` as files take them: whole amounts in USD, and under which conditions they hold."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli.deals_stress_premise import condition
from gigawatt.deals.stress import Hit, Rung, Stress, hit_of, hits, marked_down
from gigawatt.deals.stress.assumptions import fact
from gigawatt.deals.stress.ladder import rung

if TYPE_CHECKING:
    from gigawatt.cli.deals_stress import Asked

Row = dict[str, Any]
LOSS = ("layer", "holder", "debtor", "deal", "claim_usd", "recovered_usd", "called_usd", "loss_usd")
CAME = ("customers_usd", "new_money_usd", "firms_usd", "drawn_usd")
"""What a firm gets in a quarter: from outside, from markets, from firms and their estates, on its lines."""
WENT = ("to_firms_usd", "costs_usd", "debt_service_usd", "capex_usd")
"""What it pays, debt service with guarantees that are called."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "firms": (*(each.name for each in fields(Hit)), "marked_down", "note"),
    "layers": ("layer", "claim_usd", "recovered_usd", "called_usd", "loss_usd", "loss_without_usd", "note"),
    "losses": (*LOSS, "note"), "ranges": (*(each.name for each in fields(Rung)), "note"),
    "quarters": ("quarter", "firm", "cash_usd"), "cash": ("quarter", "opening_usd", *CAME, *WENT, "cash_usd"),
    "assumed": ("assumption", "value", "unit", "low", "high", "loss_low_usd", "loss_high_usd", "why"),
}  # fmt: skip


def rows(asked: Asked, found: Stress, table: str) -> list[Row]:
    """The rows of a table; those of firms, layers, losses and ranges with the condition beside them."""
    if table == "quarters":
        return [row for t in range(found.calendar.quarters) for row in _quarter(found, t)]
    if table == "cash":
        return cash_path(found, asked.on)
    if table == "assumed":
        return assumed(asked)
    note = {"note": condition(asked, found)}
    return [row | note for row in {"firms": _firms, "layers": _layers, "losses": _losses, "ranges": _ranges}[table](
        asked, found)]  # fmt: skip


def _firms(asked: Asked, found: Stress) -> list[Row]:
    label, marks = found.calendar.label, marked(found)
    chosen = hits(found) if asked.names else [hit_of(found, firm) for firm in found.firms]
    quarters = ("low_quarter", "first_default", "first_default_without")
    return [asdict(hit) | {name: label(getattr(hit, name)) for name in quarters}
            | {"marked_down": marks.get(hit.firm, float("nan"))} for hit in chosen]  # fmt: skip


def _layers(asked: Asked, found: Stress) -> list[Row]:
    return [sums(found, layer) for layer in found.waterfall.by_layer()]


def _losses(asked: Asked, found: Stress) -> list[Row]:
    return [{name: getattr(loss, name) for name in LOSS} for loss in found.waterfall.losses]


def _ranges(asked: Asked, found: Stress) -> list[Row]:
    return [asdict(each) | {"defaults": ", ".join(each.defaults)} for each in asked.rungs]


def of_shock(asked: Asked, found: Stress) -> Row:
    """One shock among several, whole amounts."""
    one = rung(found, asked.on)
    return {"who": ", ".join(found.shock.defaults), "loss_usd": one.loss_usd, "lost_usd": one.lost_usd,
            "defaults": ", ".join(one.defaults), "note": condition(asked, found)}  # fmt: skip


def sums(found: Stress, layer: str) -> Row:
    """Claims, payments and losses of a layer, and what it would lose without the shock, in USD."""
    own = [loss for loss in found.waterfall.losses if loss.layer == layer]
    names = ("claim_usd", "recovered_usd", "called_usd", "loss_usd")
    return {"layer": layer, **{name: sum(getattr(loss, name) for loss in own) for name in names},
            "loss_without_usd": found.waterfall_without.by_layer()[layer]}  # fmt: skip


def marked(found: Stress) -> dict[str, float]:
    """Share of book equity that firms are marked down by; empty if nobody is named."""
    return marked_down(found) if found.shock.defaults else {}


def _quarter(found: Stress, t: int) -> list[Row]:
    run, without = found.run, found.without
    return [{"quarter": found.calendar.label(t), "firm": firm, "judged": bool(found.opened.judged[i]),
             "cash_usd": float(run.cash_usd[t, i]), "cash_without_usd": float(without.cash_usd[t, i]),
             "gap_usd": float(run.gap_usd[t, i]), "drawn_usd": float(run.drawn_usd[t, i]),
             "put_off_usd": float(run.cut_usd[t, i]), "received_usd": float(run.received_usd()[t, i]),
             "defaulted": bool(0 <= run.first_default_quarter[i] <= t)}
            for i, firm in enumerate(found.firms)]  # fmt: skip


def cash_path(found: Stress, firm: str) -> list[Row]:
    """Opening cash, what comes in and goes out, and cash at the end of each quarter before a default, in USD.

    Opening cash and what comes in less what goes out is the cash at the end.
    """
    i, run, positions = found.opened.number(firm), found.run, found.opened.positions
    costs, interest, due = (np.asarray(usd)[:, i] for usd in (positions.costs_usd, positions.interest_usd,
                                                              positions.maturities_usd))  # fmt: skip
    debt = interest + due + np.maximum(0.0, found.called_usd[:, i])
    gone = int(run.first_default_quarter[i])
    made, mine, received = [], run.payer == i, run.received_usd()[:, i]
    for t in range(found.calendar.shock, gone if gone >= 0 else found.calendar.quarters):
        opening = float(run.cash_usd[t - 1, i] if t else np.asarray(positions.cash_usd)[i])
        came = (run.received_outside_usd[t, i] - run.raised_usd[t, i], run.raised_usd[t, i], received[t],
                run.drawn_usd[t, i])  # fmt: skip
        capex = run.paid_outside_usd[t, i] - costs[t] - debt[t]
        went = (run.paid_usd[t, mine].sum(), costs[t], debt[t], max(0.0, capex))
        flows = {name: float(usd) for name, usd in zip((*CAME, *WENT), (*came, *went), strict=True)}
        made.append({"quarter": found.calendar.label(t), "opening_usd": opening, **flows,
                     "cash_usd": float(run.cash_usd[t, i])})  # fmt: skip
    return made


def assumed(asked: Asked) -> list[Row]:
    """Assumptions with ranges and reasons, and what comes out at both ends."""
    rows = []
    for swing in asked.moved:
        one = fact(swing.assumption)
        rows.append({"assumption": swing.assumption, "value": float(one.value), "unit": one.unit, "low": one.low,
                     "high": one.high, "loss_low_usd": swing.loss_usd[0], "loss_high_usd": swing.loss_usd[1],
                     "lost_low_usd": swing.lost_usd[0], "lost_high_usd": swing.lost_usd[1],
                     "defaults_low": ", ".join(swing.defaults[0]), "defaults_high": ", ".join(swing.defaults[1]),
                     "why": one.note})  # fmt: skip
    return rows
