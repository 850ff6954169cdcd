"""Tables of `gigawatt deals stress`: as people read them, and as files take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli.deals_stress_plain import assumed, cash_path, marked, of_shock, sums
from gigawatt.cli.deals_stress_premise import if_shut
from gigawatt.cli.deals_stress_words import names_text
from gigawatt.cli.deals_texts import billions, percent
from gigawatt.deals.stress import Hit, Loss, Stress, hit_of, hits

if TYPE_CHECKING:
    from gigawatt.cli.deals_stress import Asked

Row = dict[str, Any]
LEFT = ("firm", "layer", "holder", "on", "deal", "deals", "default too", "low in", "default", "without it", "because",
        "who", "assumption", "why", "first gap", "unit", "quarter")  # fmt: skip
LEAST = (
    "why", "deal", "marked down", "book equity", "puts off", "let again", "without the shock", "cover",
    "others outside", "landlords", "senior lenders", "debt service", "of all", "anyway", "first gap", "draws",
    "from guarantors", "low in", "due", "others pay", "from estates", "from estate", "without it",
    "gap before lines", "GPU lenders", "sellers of compute", "unit", "range", "planned to raise",
)  # fmt: skip
"""Columns that a narrow window can do without, the least needed first."""
BECAUSE = {"assumed": "assumed", "shock": "the shock", "sooner": "anyway, later", "anyway": "anyway"}


def title(found: Stress, table: str, on: str = "") -> str:
    """What a table is headed."""
    label, calendar = found.calendar.label, found.calendar
    span_of_time = f"{label(calendar.shock)} to {label(calendar.quarters - 1)}"
    heads = {
        "firms": f"What happens to whom, {span_of_time}, USD bn",
        "layers": "Who bears the loss: all claims on firms in default, by layer, USD bn",
        "losses": "The largest losses, USD bn",
        "ranges": "Losses with fewer and more deals, and with all amounts at their low or high ends, USD bn",
        "quarters": f"{on}, quarter by quarter, USD bn" if on else "Cash at the end of each quarter, USD bn",
        "cash": f"Cash of {on}: what comes in (+) and goes out (-), USD bn",
        "assumed": "What is assumed, and losses at the low and the high end of each range, USD bn; the widest first",
    }
    return heads[table]


def shown(asked: Asked, found: Stress, table: str, top: int) -> list[Row]:
    """The rows of a table as texts; only the first `top` firms, those in default and the one asked for, and losses."""
    if table == "firms":
        return _firm_rows(asked, found, top) if asked.names else _liquidity_rows(found)
    if table == "layers":
        return _layer_rows(found)
    if table == "losses":
        order = sorted(found.waterfall.losses, key=lambda loss: -loss.loss_usd)
        return [_loss_row(loss) for loss in order[:top] if loss.loss_usd >= 1e7]
    if table == "ranges":
        return _range_rows(asked)
    if table == "quarters":
        return _own_quarters(found, asked.on) if asked.on else _quarter_rows(found, top)
    if table == "cash":
        return _cash_rows(found, asked.on)
    return _assumption_rows(asked)


def _firm_rows(asked: Asked, found: Stress, top: int) -> list[Row]:
    marks, every = marked(found), hits(found)
    chosen = every[:top] + tuple(hit for hit in every[top:] if hit.firm == asked.on or hit.first_default >= 0)
    rows = [_firm_row(hit, found, marks) for hit in chosen]
    if found.waterfall_without.total_usd < 1e7:
        for row in rows:
            del row["anyway"]
    return rows


def shock_rows(asked: Asked, found: Sequence[Stress]) -> list[Row]:
    """Several shocks, one a row; layers in which nobody loses are left out."""
    losses = [each.waterfall.by_layer() for each in found]
    kept = [layer for layer in losses[0] if any(usd[layer] >= 1e7 for usd in losses)]
    made = []
    for each, by_layer in zip(found, losses, strict=True):
        row = of_shock(asked, each)
        lost = {f"{asked.on} loses": billions(row["lost_usd"])} if asked.on else {}
        layers = {layer: billions(by_layer[layer]) for layer in kept}
        row = {"who": row["who"], "loss": billions(row["loss_usd"]), **lost, **layers, "default too": row["defaults"]}
        made.append(row)
    return made


def _firm_row(hit: Hit, found: Stress, marks: dict[str, float]) -> Row:
    label = found.calendar.label
    mark = marks.get(hit.firm)
    return {
        "firm": hit.firm, "due": billions(hit.due_usd), "let again": billions(hit.relet_usd),
        "receipts lost": billions(hit.lost_usd), "of all": percent(hit.lost_share),
        "puts off": billions(hit.put_off_usd), "cash low": billions(hit.low_usd),
        "low in": label(hit.low_quarter) if hit.judged else "", "without the shock": billions(hit.low_without_usd),
        "default": _when(hit.first_default, hit, label), "without it": _when(hit.first_default_without, hit, label),
        "because": BECAUSE.get(hit.cause, ""), "cover": _cover(hit),
        "claims lost": billions(hit.claims_lost_usd), "anyway": billions(hit.claims_lost_without_usd),
        "book equity": billions(hit.equity_usd),
        "marked down": "" if mark is None else percent(mark),
    }  # fmt: skip


def _cover(hit: Hit) -> str:
    if hit.cause == "assumed" or hit.cover != hit.cover:
        return ""
    return f"{hit.cover:.2f}" if hit.cover >= 0.0 else "below 0"


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
                "cover": _cover(hit),
            }))  # fmt: skip
    return [row for _, row in sorted(made, key=lambda pair: pair[0])]


def _layer_rows(found: Stress) -> list[Row]:
    """Layers and all of them; what each would lose without the shock where something would be lost."""
    whole = found.waterfall.total_usd
    layers = [sums(found, layer) for layer in found.waterfall.by_layer()]
    heads = {"claims": "claim_usd", "from estates": "recovered_usd", "from guarantors": "called_usd",
             "loss": "loss_usd"}  # fmt: skip
    if found.waterfall_without.total_usd >= 1e7:
        heads[if_shut(found, "with markets shut alone", "without it")] = "loss_without_usd"
    if whole <= 0.0:
        return []
    kept = [row for row in layers if row["claim_usd"] or row["loss_usd"]]
    kept.append({"layer": "all", **{name: sum(row[name] for row in kept) for name in heads.values()}})
    return [{"layer": row["layer"], **{head: billions(row[name]) for head, name in heads.items()},
             "of all": percent(row["loss_usd"] / whole)} for row in kept]  # fmt: skip


def _loss_row(loss: Loss) -> Row:
    return {"layer": loss.layer, "holder": loss.holder, "on": loss.debtor, "claim": billions(loss.claim_usd),
            "from estate": billions(loss.recovered_usd), "from guarantors": billions(loss.called_usd),
            "loss": billions(loss.loss_usd), "deal": loss.deal}  # fmt: skip


def _range_rows(asked: Asked) -> list[Row]:
    rungs = {(each.status, each.amounts): each for each in asked.rungs}
    rows = []
    for status in dict.fromkeys(status for status, _ in rungs):
        mid, *ends = (rungs[status, amounts] for amounts in ("mid", "low", "high"))
        row = {"deals": status, "losses": billions(mid.loss_usd)}
        row |= {f"amounts {each.amounts}": billions(each.loss_usd) for each in ends}
        if asked.on:
            row |= {f"{asked.on} loses": billions(mid.lost_usd)}
            row |= {f"so, amounts {each.amounts}": billions(each.lost_usd) for each in ends}
        fallen = sorted({len(each.defaults) for each in (mid, *ends)})
        row["how many default"] = f"{fallen[0]} to {fallen[-1]}" if len(fallen) > 1 else str(fallen[0])
        rows.append(row | {"default too": names_text(mid.defaults, 6)})
    return rows


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


def _cash_rows(found: Stress, firm: str) -> list[Row]:
    """Cash of one firm from the beginning to the end of each quarter, until it defaults."""
    made = cash_path(found, firm)
    if not found.opened.judged[found.opened.number(firm)]:
        return []
    heads = ("opening", "+ outside", "+ new money", "+ firms", "+ lines", "- firms", "- costs", "- debt", "- building",
             "cash")  # fmt: skip
    return [{"quarter": row["quarter"], **{head: billions(row[name]) for head, name in
                                           zip(heads, list(row)[1:], strict=True)}} for row in made]  # fmt: skip


def _assumption_rows(asked: Asked) -> list[Row]:
    """Assumptions with ranges, and what comes out at both ends of each; that which moves losses most first."""
    rows = []
    for row in assumed(asked):
        moved = {f"losses, {end}": billions(row[f"loss_{end}_usd"]) for end in ("low", "high")}
        if asked.on:
            moved |= {f"{asked.on} loses, {end}": billions(row[f"lost_{end}_usd"]) for end in ("low", "high")}
        falls = [row[f"defaults_{end}"] or "nobody" for end in ("low", "high")]
        rows.append({"assumption": row["assumption"], "value": f"{row['value']:g}",
                     "range": f"{row['low']:g} to {row['high']:g}", "unit": row["unit"], **moved,
                     "default too": falls[0] if falls[0] == falls[1] else f"{falls[0]}; {falls[1]}",
                     "why": row["why"]})  # fmt: skip
    return rows
