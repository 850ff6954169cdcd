"""The backtest of one freeze: test, score against what happened, losses of makers, variants."""

from __future__ import annotations

from math import ceil, nan

import numpy as np

from gigawatt.deals.backtest.baselines import BASELINES, baselines
from gigawatt.deals.backtest.draws import Draws, draws
from gigawatt.deals.backtest.inputs import VENDOR_FIELDS, Array, Inputs, inputs, kind, widened
from gigawatt.deals.backtest.losses import losses
from gigawatt.deals.backtest.outcomes import defaulted, outcome, published_losses
from gigawatt.deals.backtest.result import Backtest, CarrierRow, ScoreRow, Timing, VendorRow
from gigawatt.deals.backtest.scores import area, auc, bootstrap, difference, pairs
from gigawatt.deals.backtest.stop import Stop
from gigawatt.deals.backtest.variants import CHANGES, Marks, changed, run, variants
from gigawatt.units import QUARTERS_PER_YEAR

STOP_TEST = "stop test"
DRAWS = 1000


def backtest(
    frozen: int = 1999,
    *,
    draws_count: int = DRAWS,
    seed: int = 1,
    shut: int = 0,
    withdrawn: bool = False,
    widen: float = 1.0,
) -> Backtest:
    """The liquidity stop test on what was known at the end of a year, against what happened by the end of 2002.

    Args:
        frozen: Year at whose end inputs are frozen, 1999 or 2000.
        draws_count: Draws of the inputs within their ranges, besides the central values.
        seed: Of what is drawn.
        shut: Quarters for which markets are shut; 0: until the end of 2002.
        withdrawn: Whether makers withdraw the lines that are not drawn.
        widen: How many times as wide as stated the ranges are taken.

    Raises:
        ValueError: A year without data, quarters beyond the end of 2002, fewer than 0 draws, ranges below 0.
    """
    known = widened(inputs(frozen), widen)
    quarters = shut or known.quarters
    if not 1 <= quarters <= known.quarters:
        raise ValueError(f"shut: {shut}; from 1 to {known.quarters} quarters, the end of 2002")
    drawn = draws(known, draws_count, seed)
    if withdrawn:
        drawn = changed(drawn, CHANGES["withdrawn"][1])
    test = run(known, drawn, quarters)
    failed = defaulted(known.carriers)
    return Backtest(
        frozen=frozen,
        quarters=quarters,
        draws=draws_count,
        recalled_share=known.recalled_share(),
        carriers=_carriers(known, test),
        vendors=_vendors(known, drawn, test),
        scores=_scores(test, drawn, failed, seed),
        variants=variants(known, drawn, quarters, failed),
        timing=_timing(known, test),
        facts=known.facts,
    )


def quarter_name(frozen: int, gap: float) -> str:
    """Quarter in which cash runs out `gap` quarters after the end of a year: 2001Q2; empty for inf."""
    if gap == float("inf"):
        return ""
    index = max(ceil(gap), 1) - 1
    return f"{frozen + 1 + index // QUARTERS_PER_YEAR}Q{index % QUARTERS_PER_YEAR + 1}"


def _carriers(known: Inputs, test: Stop) -> tuple[CarrierRow, ...]:
    """Carriers from the most to the least distressed."""
    loans = np.bincount(known.loan_carrier, known.loan.value.sum(axis=0), len(known.carriers))
    chance = _over_draws(test.failed.astype(np.float64)).mean(axis=0)
    order = np.argsort(-test.distress[0], kind="stable")
    found = []
    for rank, k in enumerate(order, start=1):
        name = known.carriers[k]
        became = outcome(name)
        found.append(CarrierRow(
            rank=rank, carrier=name, kind=kind(name),
            distress=float(test.distress[0, k]), first_gap=quarter_name(known.frozen, float(test.gap[0, k])),
            chance=float(chance[k]), vendor_loans_usd=float(loans[k]), defaulted=became.defaulted,
            when=became.quarter, event=became.event,
        ))  # fmt: skip
    return tuple(found)


def _vendors(known: Inputs, drawn: Draws, test: Stop) -> tuple[VendorRow, ...]:
    found = losses(known, drawn, test)
    lost = _over_draws(found.lost_usd)
    low, high = np.quantile(lost, (0.05, 0.95), axis=0)
    financed = known.vendor.value[VENDOR_FIELDS.index("financed_usd")]
    rows = []
    for k, name in enumerate(known.vendors):
        share = float(found.share[0, k])
        rows.append(VendorRow(
            vendor=name, lent_usd=float(found.lent_usd[0, k]), lost_usd=float(found.lost_usd[0, k]),
            low_usd=float(low[k]), high_usd=float(high[k]), share=share, financed_usd=float(financed[k]),
            book_usd=share * float(financed[k]), equity_share=float(found.lost_usd[0, k] / found.equity_usd[0, k]),
            published=published_losses(name),
        ))  # fmt: skip
    return tuple(rows)


def _scores(test: Stop, drawn: Draws, failed: Marks, seed: int) -> tuple[ScoreRow, ...]:
    """The stop test and each naive ranking; all on the same draws of firms and inputs."""
    distress = test.distress
    won = pairs(_over_draws(distress), failed)
    rows = [_score(STOP_TEST, "first gap while markets are shut, then share of liquidity needed", distress, failed, won,
                   None, won, seed)]  # fmt: skip
    for name, scores in baselines(drawn.carrier).items():
        of_it = pairs(_over_draws(scores), failed)
        rows.append(_score(name, BASELINES[name], scores, failed, of_it, distress, won, seed))
    return tuple(rows)


def _score(
    name: str, what: str, scores: Array, failed: Marks, won: Array, ahead_of: Array | None, best: Array, seed: int
) -> ScoreRow:
    """One ranking; `best` are the pairs that the stop test wins, `ahead_of` its scores."""
    spread = np.quantile(area(_over_draws(scores), failed), (0.05, 0.95))
    both = np.quantile(bootstrap(won, seed), (0.025, 0.975))
    apart = (nan, nan) if ahead_of is None else np.quantile(bootstrap(best - won, seed), (0.025, 0.975))
    return ScoreRow(
        name=name, what=what, auc=auc(scores[0], failed), inputs_low=float(spread[0]), inputs_high=float(spread[1]),
        both_low=float(both[0]), both_high=float(both[1]),
        ahead=None if ahead_of is None else difference(ahead_of[0], scores[0], failed),
        ahead_low=float(apart[0]), ahead_high=float(apart[1]),
    )  # fmt: skip


def _over_draws(values: Array) -> Array:
    """The draws without the central values that stand first; those alone if nothing was drawn."""
    return values[1:] if len(values) > 1 else values


def _timing(known: Inputs, test: Stop) -> Timing:
    """Quarters between first gap and default; the end of the quarter of the gap against the day of the default."""
    both = []
    for k, name in enumerate(known.carriers):
        day = outcome(name).on
        if day and test.failed[0, k]:
            came = QUARTERS_PER_YEAR * (day.year - known.frozen - 1) + (day.month + 2) // 3
            both.append((max(ceil(test.gap[0, k]), 1), came))
    if not both:
        return Timing(carriers=0, median_quarters=nan, concordant=nan)
    said, came_in = np.array(both).T
    first, second = np.triu_indices(len(both), 1)
    order = np.sign(said[first] - said[second]) * np.sign(came_in[first] - came_in[second])
    right = order[came_in[first] != came_in[second]]
    return Timing(
        carriers=len(both),
        median_quarters=float(np.median(came_in - said)),
        concordant=float((right > 0).mean() + 0.5 * (right == 0).mean()) if len(right) else nan,
    )
