"""The answer of the backtest: rankings, scores, losses and variants as frozen rows."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.catalog import Fact
from gigawatt.deals.backtest.scores import Auc, Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRow:
    """One carrier: how it was ranked, and what became of it."""

    rank: int
    carrier: str
    kind: str
    distress: float  # central values; larger is worse
    first_gap: str  # quarter in which it runs out, such as 2001Q2; empty: not while markets are shut
    chance: float  # share of draws in which it runs out, 0 to 1
    vendor_loans_usd: float  # drawn and undrawn at the freeze
    defaulted: bool
    when: str  # quarter of the default; empty without one
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorRow:
    """Losses of one maker on its named loans, in USD, beside what it published."""

    vendor: str
    lent_usd: float  # named loans, with what was drawn on the way; central values
    lost_usd: float
    low_usd: float  # 5 % of draws
    high_usd: float  # 95 % of draws
    share: float  # lost over lent, 0 to 1
    financed_usd: float  # all loans to customers at the freeze, named or not
    book_usd: float  # that share of all of them
    equity_share: float  # loss over book equity
    published: tuple[Fact, ...]

    @property
    def published_usd(self) -> float | None:
        """The published loss that comes nearest to losses on customers' loans; None without one."""
        return next((float(fact.value) for fact in self.published if fact.attribute == "loss_usd"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """How well one ranking told who defaulted."""

    name: str
    what: str
    auc: Auc  # central values; interval for which firms are in the table
    inputs_low: float  # 5 % of draws of the inputs
    inputs_high: float  # 95 %
    both_low: float  # 2.5 % with draws and firms drawn together
    both_high: float  # 97.5 %
    ahead: Difference | None  # stop test less this ranking; None for the stop test
    ahead_low: float  # 2.5 % with draws and firms drawn together; nan for the stop test
    ahead_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """AUC of the stop test with one thing changed."""

    name: str
    what: str
    auc: Auc
    carriers: int
    defaults: int
    gaps_right: int  # firms that ran out in the test and defaulted
    gaps_wrong: int  # firms that ran out in the test and did not default


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """First gap against the quarter of default, for carriers that have both."""

    carriers: int
    median_quarters: float  # default less first gap; above 0: it came later than the test said
    concordant: float  # share of pairs in the right order, ties half; nan without a pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All of it for one freeze."""

    frozen: int
    quarters: int  # for which markets are shut
    draws: int
    recalled_share: float  # of the numbers read that are own estimates
    carriers: tuple[CarrierRow, ...]
    vendors: tuple[VendorRow, ...]
    scores: tuple[ScoreRow, ...]
    variants: tuple[VariantRow, ...]
    timing: Timing
    facts: tuple[Fact, ...]  # every row of the catalog that was read for the test

    @property
    def defaults(self) -> int:
        """Carriers that defaulted by the end of 2002."""
        return sum(row.defaulted for row in self.carriers)
