"""Tables of `gigawatt deals stress`: as people read them, and as files take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli.deals_stress_words import names_text
from gigawatt.cli.deals_texts import billions, percent, span
from gigawatt.deals.stress import Hit, Loss, Rung, Stress, hit_of, hits, ladder, marked_down, swings
from gigawatt.deals.stress.assumptions import fact
from gigawatt.deals.stress.ladder import rung

if TYPE_CHECKING:
    from gigawatt.cli.deals_stress import Asked

Row = dict[str, Any]
LEFT = ("firm", "layer", "holder", "on", "deal", "deals", "default too", "low in", "default", "without it", "who",
        "assumption", "why", "first gap", "unit",
        "quarter")  # fmt: skip
LEAST = (
    "why",
    "deal",
    "marked down",
    "book equity",
    "puts off",
    "let again",
    "without the shock",
    "cover",
    "others outside",
    "landlords",
    "senior lenders",
)
COLUMNS: dict[str, tuple[str, ...]] = {
    "firms": tuple(each.name for each in fields(Hit)), "layers": ("layer", "claim_usd", "recovered_usd", "loss_usd"),
    "losses": ("layer", "holder", "debtor", "deal", "claim_usd", "recovered_usd", "called_usd", "loss_usd"),
    "ranges": tuple(each.name for each in fields(Rung)), "quarters": ("quarter", "firm", "cash_usd"),
    "assumed": ("assumption", "value", "unit", "low", "high", "loss_low_usd", "loss_high_usd", "why"),
}  # fmt: skip


def title(found: Stress, table: str, on: str | None = None) -> str:
    """What a table is headed."""
    label, calendar = found.calendar.label, found.calendar
    span_of_time = f"{label(calendar.shock)} to {label(calendar.quarters - 1)}"
    heads = {
        "firms": f"What happens to whom, {span_of_time}, USD bn",
        "layers": "Who bears the loss: all claims on firms in default, by layer, USD bn",
        "losses": "The largest losses, USD bn",
        "ranges": "The same with fewer and more deals, and at the low and high ends of all amounts, USD bn",
        "quarters": f"{on}, quarter by quarter, USD bn" if on else "Cash at the end of each quarter, USD bn",
        "assumed": "What is assumed, and what comes out at both ends of each range, USD bn; the widest first",
    }
    return heads[table]


def shown(asked: Asked, found: Stress, on: str | None, table: str, top: int) -> list[Row]:
    """The rows of a table as texts; only the first `top` firms and losses."""
    if table == "firms":
        if not asked.names:
            return _liquidity_rows(found)
        marks = _marks(found)
        every = hits(found)
        chosen = every[:top] + tuple(hit for hit in every[top:] if hit.firm == on)
        return [_firm_row(hit, found, marks) for hit in chosen]
    if table == "layers":
        return _layer_rows(found)
    if table == "losses":
        order = sorted(found.waterfall.losses, key=lambda loss: -loss.loss_usd)
        return [_loss_row(loss) for loss in order[:top] if loss.loss_usd >= 1e7]
    if table == "ranges":
        return _range_rows(asked, on)
    if table == "quarters":
        return _own_quarters(found, on) if on else _quarter_rows(found, top)
    return _assumption_rows(asked, on)


def plain(asked: Asked, found: Stress, on: str | None, table: str) -> list[Row]:
    """The rows of a table for files: whole amounts in USD."""
    label = found.calendar.label
    if table == "firms":
        marks = _marks(found)
        chosen = hits(found) if asked.names else [hit_of(found, firm) for firm in found.firms]
        quarters = ("low_quarter", "first_default", "first_default_without")
        return [asdict(hit) | {name: label(getattr(hit, name)) for name in quarters}
                | {"marked_down": marks.get(hit.firm, float("nan"))} for hit in chosen]  # fmt: skip
    if table == "layers":
        return [_sums(found, layer) for layer in found.waterfall.by_layer()]
    if table == "losses":
        return [{name: getattr(loss, name) for name in COLUMNS["losses"]} for loss in found.waterfall.losses]
    if table == "ranges":
        return [asdict(each) | {"defaults": " ".join(each.defaults)} for each in _rungs(asked, on)]
    if table == "quarters":
        return [row for t in range(found.calendar.quarters) for row in _plain_quarter(found, t)]
    return _assumed(asked, on)


def shock_rows(found: Sequence[Stress], on: str | None) -> list[Row]:
    """Several shocks, one a row; layers in which nobody loses are left out."""
    losses = [each.waterfall.by_layer() for each in found]
    kept = [layer for layer in losses[0] if any(usd[layer] >= 1e7 for usd in losses)]
    made = []
    for each, by_layer in zip(found, losses, strict=True):
        row = plain_shock(each, on)
        lost = {f"{on} loses": billions(row["lost_usd"])} if on else {}
        layers = {layer: billions(by_layer[layer]) for layer in kept}
        row = {"who": row["who"], "loss": billions(row["loss_usd"]), **lost, **layers, "default too": row["defaults"]}
        made.append(row)
    return made


def plain_shock(found: Stress, on: str | None) -> Row:
    """One shock among several, whole amounts."""
    one = rung(found, on or "")
    return {"who": ", ".join(found.shock.defaults), "loss_usd": one.loss_usd, "lost_usd": one.lost_usd,
            "defaults": ", ".join(one.defaults)}  # fmt: skip


def _firm_row(hit: Hit, found: Stress, marks: dict[str, float]) -> Row:
    label = found.calendar.label
    mark = marks.get(hit.firm)
    return {
        "firm": hit.firm, "due": billions(hit.due_usd), "let again": billions(hit.relet_usd),
        "receipts lost": billions(hit.lost_usd), "of all": percent(hit.lost_share),
        "puts off": billions(hit.put_off_usd), "cash low": billions(hit.low_usd),
        "low in": label(hit.low_quarter) if hit.judged else "", "without the shock": billions(hit.low_without_usd),
        "default": _when(hit.first_default, hit, label), "without it": _when(hit.first_default_without, hit, label),
        "cover": "" if hit.cover != hit.cover or hit.firm in found.shock.defaults else f"{hit.cover:.2f}",
        "claims lost": billions(hit.claims_lost_usd), "book equity": billions(hit.equity_usd),
        "marked down": "" if mark is None else percent(mark),
    }  # fmt: skip


def _when(quarter: int, hit: Hit, label: Any) -> str:
    return label(quarter) if hit.judged or quarter >= 0 else "not judged"


def _liquidity_rows(found: Stress) -> list[Row]:
    """Firms that are judged, the first default first, then the least cash over what they had."""
    label, start, run = found.calendar.label, found.calendar.shock, found.run
    made = []
    for i, firm in enumerate(found.firms):
        if found.opened.judged[i]:
            hit, gap = hit_of(found, firm), int(run.first_gap_quarter[i])
            first = hit.first_default if hit.first_default >= 0 else found.calendar.quarters
            shut = slice(start, start + found.shock.markets_shut)
            made.append(((first, gap if gap >= 0 else found.calendar.quarters, hit.low_usd), {
                "firm": firm, "default": label(hit.first_default), "first gap": label(gap),
                "planned to raise": billions(float(found.opened.raised_usd[shut, i].sum())),
                "puts off": billions(hit.put_off_usd), "cash low": billions(hit.low_usd),
                "low in": label(hit.low_quarter), "without the shock": billions(hit.low_without_usd),
                "receipts lost": billions(hit.lost_usd), "debt service": billions(hit.debt_service_usd),
                "cover": f"{hit.cover:.2f}" if hit.cover == hit.cover else "",
            }))  # fmt: skip
    return [row for _, row in sorted(made, key=lambda pair: pair[0])]


def _layer_rows(found: Stress) -> list[Row]:
    whole = found.waterfall.total_usd
    sums = [_sums(found, layer) for layer in found.waterfall.by_layer()]
    rows = [{"layer": row["layer"], "claims": billions(row["claim_usd"]),
             "from estates": billions(row["recovered_usd"]),
             "from guarantors": billions(row["called_usd"]), "loss": billions(row["loss_usd"]),
             "of all": percent(row["loss_usd"] / whole)} for row in sums
            if whole > 0.0 and (row["claim_usd"] or row["loss_usd"])]  # fmt: skip
    if rows:
        names = {"claims": "claim_usd", "from estates": "recovered_usd", "from guarantors": "called_usd",
                 "loss": "loss_usd"}  # fmt: skip
        total = {head: billions(sum(row[name] for row in sums)) for head, name in names.items()}
        rows.append({"layer": "all", **total, "of all": percent(1.0)})
    return rows


def _sums(found: Stress, layer: str) -> Row:
    own = [loss for loss in found.waterfall.losses if loss.layer == layer]
    return {"layer": layer, **{name: sum(getattr(loss, name) for loss in own)
                               for name in ("claim_usd", "recovered_usd", "called_usd", "loss_usd")}}  # fmt: skip


def _loss_row(loss: Loss) -> Row:
    return {"layer": loss.layer, "holder": loss.holder, "on": loss.debtor, "claim": billions(loss.claim_usd),
            "from estate": billions(loss.recovered_usd), "from guarantors": billions(loss.called_usd),
            "loss": billions(loss.loss_usd), "deal": loss.deal}  # fmt: skip


def _rungs(asked: Asked, on: str | None) -> tuple[Rung, ...]:
    return ladder(asked.book, asked.names, on or "", **asked.shock)


def _range_rows(asked: Asked, on: str | None) -> list[Row]:
    rungs = {(each.status, each.amounts): each for each in _rungs(asked, on)}
    rows = []
    for status in dict.fromkeys(status for status, _ in rungs):
        low, mid, high = (rungs[status, amounts] for amounts in ("low", "mid", "high"))
        row = {"deals": status, "losses": billions(mid.loss_usd), "low to high": _range(low.loss_usd, high.loss_usd)}
        if on:
            row |= {f"{on} loses": billions(mid.lost_usd), f"{on}, low to high": _range(low.lost_usd, high.lost_usd)}
        rows.append(row | {"default too": names_text(mid.defaults, 6)})
    return rows


def _range(one: float, other: float) -> str:
    return span(min(one, other), max(one, other), billions)


def _quarter_rows(found: Stress, top: int) -> list[Row]:
    chosen = [hit.firm for hit in hits(found) if hit.judged][:top]
    return [{"quarter": found.calendar.label(t),
             **{firm: billions(float(found.run.cash_usd[t, found.opened.number(firm)])) for firm in chosen}}
            for t in range(found.calendar.quarters)]  # fmt: skip


def _own_quarters(found: Stress, firm: str) -> list[Row]:
    """One firm quarter by quarter: what it had coming from firms in default, what it does about it, its cash."""
    i, run, without = found.opened.number(firm), found.run, found.without
    from_fallen = (run.payee == i) & np.isin(run.payer, np.flatnonzero(run.defaulted))
    from_fallen &= ~np.asarray(found.opened.contracts.is_finance)
    when = run.first_default_quarter[run.payer]
    made = []
    for t in range(found.calendar.shock, found.calendar.quarters):
        gone = from_fallen & (when <= t)
        stands = not 0 <= run.first_default_quarter[i] < t
        made.append({
            "quarter": found.calendar.label(t), "due by fallen": billions(float(run.due_usd[t, gone].sum())),
            "they pay": billions(float(run.paid_usd[t, gone].sum())),
            "others pay": billions(float(run.relet_usd[t, gone].sum())),
            "puts off": billions(float(run.cut_usd[t, i])), "draws": billions(float(run.drawn_usd[t, i])),
            "gap before lines": billions(float(run.gap_usd[t, i])),
            "cash": billions(float(run.cash_usd[t, i])) if stands else "in default",
            "without the shock": billions(float(without.cash_usd[t, i])),
        })  # fmt: skip
    return made


def _plain_quarter(found: Stress, t: int) -> list[Row]:
    run, without = found.run, found.without
    return [{"quarter": found.calendar.label(t), "firm": firm, "judged": bool(found.opened.judged[i]),
             "cash_usd": float(run.cash_usd[t, i]), "cash_without_usd": float(without.cash_usd[t, i]),
             "gap_usd": float(run.gap_usd[t, i]), "drawn_usd": float(run.drawn_usd[t, i]),
             "put_off_usd": float(run.cut_usd[t, i]), "received_usd": float(run.received_usd()[t, i]),
             "defaulted": bool(0 <= run.first_default_quarter[i] <= t)}
            for i, firm in enumerate(found.firms)]  # fmt: skip


def _marks(found: Stress) -> dict[str, float]:
    return marked_down(found) if found.shock.defaults else {}


def _assumption_rows(asked: Asked, on: str | None) -> list[Row]:
    """Assumptions with ranges, and what comes out at both ends of each; that which moves losses most first."""
    rows = []
    for row in _assumed(asked, on):
        moved = {"losses, low to high": f"{billions(row['loss_low_usd'])} to {billions(row['loss_high_usd'])}"}
        if on:
            moved[f"{on} loses"] = f"{billions(row['lost_low_usd'])} to {billions(row['lost_high_usd'])}"
        falls = [row[f"defaults_{end}"] or "nobody" for end in ("low", "high")]
        rows.append({"assumption": row["assumption"], "value": f"{row['value']:g}",
                     "range": f"{row['low']:g} to {row['high']:g}", "unit": row["unit"], **moved,
                     "default too": falls[0] if falls[0] == falls[1] else f"{falls[0]}; {falls[1]}",
                     "why": row["why"]})  # fmt: skip
    return rows


def _assumed(asked: Asked, on: str | None) -> list[Row]:
    """Assumptions with ranges and reasons, and what comes out at both ends."""
    rows = []
    for swing in swings(asked.book, asked.names, on or "", status=asked.status, **asked.shock):
        one = fact(swing.assumption)
        rows.append({"assumption": swing.assumption, "value": float(one.value), "unit": one.unit, "low": one.low,
                     "high": one.high, "loss_low_usd": swing.loss_usd[0], "loss_high_usd": swing.loss_usd[1],
                     "lost_low_usd": swing.lost_usd[0], "lost_high_usd": swing.lost_usd[1],
                     "defaults_low": ", ".join(swing.defaults[0]), "defaults_high": ", ".join(swing.defaults[1]),
                     "why": one.note})  # fmt: skip
    return rows
