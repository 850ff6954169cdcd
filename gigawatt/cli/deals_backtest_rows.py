"""The tables of `gigawatt deals backtest`: carriers, scores, losses, variants, assumptions and inputs as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gigawatt.catalog import Fact
    from gigawatt.deals.backtest import Backtest
    from gigawatt.deals.backtest.result import CarrierRow, ScoreRow, VariantRow, VendorRow

Row = dict[str, Any]
M = 1e6


def rows_of(found: Backtest, table: str) -> list[Row]:
    """The rows of one table, numbers in full."""
    made = {
        "scores": lambda: [_score(row) for row in found.scores],
        "carriers": lambda: [_carrier(row) for row in found.carriers],
        "losses": lambda: [_vendor(row) for row in found.vendors],
        "variants": lambda: [_variant(row) for row in found.variants],
        "assumptions": lambda: [_fact(fact) for fact in found.facts if fact.table == "telecom_assumptions"],
        "inputs": lambda: [_fact(fact) for fact in found.facts if fact.table != "telecom_assumptions"],
    }
    return made[table]()


TABLES = ("scores", "carriers", "losses", "variants", "assumptions", "inputs")


def _score(row: ScoreRow) -> Row:
    ahead = row.ahead
    return {
        "ranking": row.name, "auc": row.auc.value, "low": row.auc.low, "high": row.auc.high,
        "inputs_p5": row.inputs_low, "inputs_p95": row.inputs_high, "both_low": row.both_low,
        "both_high": row.both_high, "test_ahead_by": ahead.value if ahead else None,
        "ahead_low": ahead.low if ahead else None, "ahead_high": ahead.high if ahead else None,
        "ahead_both_low": row.ahead_low, "ahead_both_high": row.ahead_high, "what": row.what,
    }  # fmt: skip


def _carrier(row: CarrierRow) -> Row:
    return {
        "rank": row.rank, "carrier": row.carrier, "kind": row.kind, "distress": row.distress,
        "first_gap": row.first_gap, "chance_of_gap": row.chance, "vendor_loans_usd": row.vendor_loans_usd,
        "defaulted": row.defaulted, "defaulted_in": row.when, "event": row.event,
    }  # fmt: skip


def _vendor(row: VendorRow) -> Row:
    return {
        "vendor": row.vendor, "lent_usd": row.lent_usd, "lost_usd": row.lost_usd, "low_usd": row.low_usd,
        "high_usd": row.high_usd, "lost_share": row.share, "financed_usd": row.financed_usd, "book_usd": row.book_usd,
        "equity_share": row.equity_share, "published_usd": row.published_usd,
        "published": "; ".join(f"{fact.note} ({fact.source})" for fact in row.published),
    }  # fmt: skip


def _variant(row: VariantRow) -> Row:
    return {
        "variant": row.name, "auc": row.auc.value, "low": row.auc.low, "high": row.auc.high, "carriers": row.carriers,
        "defaults": row.defaults, "gaps_that_defaulted": row.gaps_right, "gaps_that_did_not": row.gaps_wrong,
        "what": row.what,
    }  # fmt: skip


def _fact(fact: Fact) -> Row:
    return {
        "item": fact.item, "attribute": fact.attribute, "value": fact.value, "unit": fact.unit, "low": fact.low,
        "high": fact.high, "as_of": fact.as_of, "confidence": fact.confidence, "source": fact.source,
        "note": fact.note,
    }  # fmt: skip


def shown(found: Backtest, table: str) -> list[Row]:
    """The rows of one table as people read them: few columns, millions, two digits."""
    chosen = {"scores": _short_score, "carriers": _short_carrier, "losses": _short_vendor, "variants": _short_variant,
              "assumptions": _short_fact, "inputs": _short_fact}[table]  # fmt: skip
    return [chosen(row) for row in rows_of(found, table)]


def _span(low: float | None, high: float | None, signed: bool = False) -> str:
    if low is None or high is None or low != low:
        return ""
    return f"{low:+.2f} to {high:+.2f}" if signed else f"{low:.2f} to {high:.2f}"


def _short_score(row: Row) -> Row:
    known = row["ranking"] != "constant"
    ahead = row["test_ahead_by"]
    return {
        "ranking": row["ranking"], "AUC": f"{row['auc']:.2f}",
        "95 %, firms": _span(row["low"], row["high"]) if known else "",
        "90 %, inputs": _span(row["inputs_p5"], row["inputs_p95"]) if known else "",
        "95 %, both": _span(row["both_low"], row["both_high"]) if known else "",
        "stop test ahead by": "" if ahead is None else f"{ahead:+.2f}",
        "95 %": _span(row["ahead_low"], row["ahead_high"], signed=True),
        "95 %, inputs too": _span(row["ahead_both_low"], row["ahead_both_high"], signed=True),
        "ranked by": row["what"],
    }  # fmt: skip


def _short_carrier(row: Row) -> Row:
    loans = row["vendor_loans_usd"]
    return {
        "rank": row["rank"], "carrier": row["carrier"], "kind": row["kind"], "first gap": row["first_gap"],
        "draws with a gap": f"{row['chance_of_gap']:.0%}", "vendors' loans and lines M$": round(loans / M) or "",
        "defaulted": row["defaulted_in"], "what happened": row["event"],
    }  # fmt: skip


def _short_vendor(row: Row) -> Row:
    published = row["published_usd"]
    return {
        "maker": row["vendor"], "lent M$": round(row["lent_usd"] / M), "lost M$": round(row["lost_usd"] / M),
        "90 % of draws": f"{row['low_usd'] / M:,.0f} to {row['high_usd'] / M:,.0f}",
        "of lent": f"{row['lost_share']:.0%}", "of equity": f"{row['equity_share']:.1%}",
        "whole book M$": round(row["financed_usd"] / M), "lost of it at that share": round(row["book_usd"] / M),
        "published M$": "" if published is None else round(published / M),
    }  # fmt: skip


def _short_variant(row: Row) -> Row:
    return {
        "variant": row["variant"], "AUC": f"{row['auc']:.2f}", "95 %": _span(row["low"], row["high"]),
        "carriers": row["carriers"], "defaulted": row["defaults"], "gap, defaulted": row["gaps_that_defaulted"],
        "gap, did not": row["gaps_that_did_not"], "what": row["what"],
    }  # fmt: skip


def _short_fact(row: Row) -> Row:
    return {name: row[name] for name in ("item", "attribute", "value", "low", "high", "source", "note")}
