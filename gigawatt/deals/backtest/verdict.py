"""What the figures carry and what they do not, in sentences."""

from __future__ import annotations

from gigawatt.deals.backtest.outcomes import EVERYBODY, published_losses
from gigawatt.deals.backtest.recall import recalled
from gigawatt.deals.backtest.result import Backtest, ScoreRow

CHANCE = 0.5  # AUC of a ranking that knows nothing
USUAL = ("leverage", "size")  # rankings that everybody would try first


def verdict(found: Backtest) -> tuple[str, ...]:
    """Plain sentences on what the backtest shows, what it does not, and what it rests on."""
    test, *others = found.scores
    sentences = [_itself(test)]
    sentences += [_against(row) for row in others if row.name in USUAL]
    naive = [row for row in others if row.name not in (*USUAL, "constant")]
    best = max(naive, key=lambda row: row.auc.value)
    sentences.append(f"Of the other naive rankings {best.name} does best. " + _against(best))
    sentences.append(_calls(found))
    sentences.append(_losses(found))
    sentences.append(_tilted(found))
    sentences.append(
        "Carriers fell together in one downturn, so they count for less than their number: intervals are too narrow "
        "rather than too wide, and they hold for one comparison at a time."
    )
    known = recalled()
    within = sum(row.is_within for row in known)
    sentences.append(
        f"{found.recalled_share:.0%} of the numbers that were read are own estimates, most of them from memory of "
        "filings and not checked; whoever remembers a number also remembers what became of the firm. Of "
        f"{len(known)} figures for which a source was found later, {within} lay within the range given to memory."
    )
    return tuple(sentences)


def _itself(row: ScoreRow) -> str:
    known = "better than chance" if row.both_low > CHANCE else "not told apart from chance"
    return (
        f"The stop test has an AUC of {row.auc.value:.2f} ({row.auc.low:.2f} to {row.auc.high:.2f} for which firms are "
        f"in the table, {row.both_low:.2f} to {row.both_high:.2f} with uncertain inputs too): {known}."
    )


def _against(row: ScoreRow) -> str:
    """One naive ranking against the stop test; a difference counts only if both intervals leave zero out."""
    assert row.ahead is not None
    shown = row.ahead.low > 0.0 and row.ahead_low > 0.0
    worse = row.ahead.high < 0.0 and row.ahead_high < 0.0
    words = "the stop test ranks better" if shown else "the stop test ranks worse" if worse else None
    told = words or "the data cannot tell the two apart"
    return (
        f"Against {row.name} (AUC {row.auc.value:.2f}) the difference is {row.ahead.value:+.2f} "
        f"({row.ahead.low:+.2f} to {row.ahead.high:+.2f}; with uncertain inputs {row.ahead_low:+.2f} to "
        f"{row.ahead_high:+.2f}): {told}."
    )


def _calls(found: Backtest) -> str:
    base = found.variants[0]
    missed = base.defaults - base.gaps_right
    text = (
        f"{base.gaps_right + base.gaps_wrong} of {base.carriers} carriers run out of cash within {found.quarters} "
        f"quarters; {base.gaps_right} of them defaulted and {base.gaps_wrong} did not; {missed} defaulted that the "
        "test let last."
    )
    if found.timing.carriers:
        text += f" Defaults came {found.timing.median_quarters:+.0f} quarters after the first gap at the median."
    return text


def _tilted(found: Backtest) -> str:
    """How much hindsight in the figures could be worth."""
    auc = {row.name: row.auc.value for row in found.variants}
    return (
        "Were every figure wrong in the direction that flatters the test, by half the way to the end of its range, the "
        f"AUC with the right ones would be {auc['half tilted']:.2f}; by the whole way, {auc['tilted']:.2f}. So the "
        "ranking is worth what the figures are worth."
    )


def _losses(found: Backtest) -> str:
    told = [row for row in found.vendors if row.published_usd is not None]
    inside = [row for row in told if row.low_usd <= (row.published_usd or 0.0) <= row.high_usd]
    lent_usd = sum(row.lent_usd for row in found.vendors)
    books_usd = next(float(fact.value) for fact in published_losses(EVERYBODY) if fact.attribute == "loans_usd")
    below = [row.vendor for row in told if row.high_usd < (row.published_usd or 0.0)]
    return (
        f"The published loss lies within the range of the test for {len(inside)} of {len(told)} makers"
        + (f", above it for {', '.join(below)}" if below else "")
        + f". The test knows only the loans that are named, {lent_usd / 1e9:.1f} billion USD with what is drawn on the "
        f"way, against {books_usd / 1e9:.1f} on the books of nine makers at the end of 2000; receivables, guarantees "
        "and other borrowers are in what makers published, and years differ."
    )
