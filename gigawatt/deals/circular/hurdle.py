"""What a firm outside the circle meets: dearer money, and what share of chips, power and finance is left to it."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt import catalog
from gigawatt.annuity import capital_recovery_factor
from gigawatt.deals.book import Network

PAIRS = (
    ("ddtl-4", "ddtl-5", "same borrower and collateral; the customer is Meta, or below investment grade"),
    ("ddtl-2-ig", "ddtl-2-other", "same facility of 2024; customers of investment grade, or others"),
    ("anthropic-a2", "anthropic-b", "same vehicle; with Broadcom's backstop, or without and repaid after the others"),
    ("terawulf-2030", "applied-digital", "landlords of late 2025; lease backed by Google, or let to CoreWeave alone"),
    ("cipher-secured", "applied-digital", "landlords of late 2025; lease backed by Google, or let to CoreWeave alone"),
)
"""Financings that are alike but for a core firm behind them: with, without, and what differs."""
BENCHMARK = ("anthropic-a2", "benchmark")  # riskless rate of mid-2026, for margins told without one
SUPPLY = {"chips": ("chips",), "energy": ("energy",), "sites built": ("build",), "equity": ("equity",),
          "loans and bonds": ("loan", "bond")}  # fmt: skip
"""What is scarce, and the kinds of payment that it is bought or raised by."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Cost of debt with a core firm behind it and without, over the riskless rate, as shares a year."""

    insider: str
    outsider: str
    inside: float
    outside: float
    years: float
    benchmark: float
    what: str
    sources: tuple[str, ...]

    @property
    def gap(self) -> float:
        """What the outsider pays more a year."""
        return self.outside - self.inside

    @property
    def hurdle(self) -> float:
        """How much more the outsider must earn a year, to repay the same debt over the same years, as a share."""
        charges = [
            capital_recovery_factor(self.benchmark + spread, self.years) for spread in (self.inside, self.outside)
        ]
        return charges[1] / charges[0] - 1.0


@dataclass(frozen=True, slots=True)
class Supply:
    """Who gets what is scarce in a year, in USD."""

    what: str
    all_usd: float
    core_usd: float
    largest: tuple[tuple[str, float], ...]  # those outside the core who get most

    @property
    def core(self) -> float:
        """Share that goes to core firms, 0 to 1."""
        return self.core_usd / self.all_usd if self.all_usd > 0.0 else 0.0

    @property
    def left(self) -> float:
        """Share left to firms outside the core, 0 to 1."""
        return 1.0 - self.core if self.all_usd > 0.0 else 0.0


def spreads() -> tuple[Spread, ...]:
    """Pairs of financings of the catalog, with a core firm's contract or guarantee behind them and without."""
    found = []
    for insider, outsider, what in PAIRS:
        inside, outside = _over_riskless(insider), _over_riskless(outsider)
        years = _number(insider, "years")
        sources = tuple(dict.fromkeys(_rate(item).source for item in (insider, outsider)))
        names = [str(catalog.fact("financings", item, "name").value) for item in (insider, outsider)]
        found.append(Spread(names[0], names[1], inside, outside, years, _benchmark(insider), what, sources))
    return tuple(found)


def supply(payments: Network, largest: int = 3) -> tuple[Supply, ...]:
    """Share of chips, energy, sites and new finance of a year that goes to core firms.

    Chips count where the payee is a maker; finance where it comes from outside the core. What core firms get from each
    other is no supply.
    """
    tier = dict(zip(payments.parties, payments.tiers, strict=True))
    found = []
    for what, kinds in SUPPLY.items():
        got: dict[str, float] = {}
        for edge in payments.edges:
            raised = edge.is_investment
            if edge.kind not in kinds or (what == "chips" and tier[edge.payee] != "maker"):
                continue
            if raised and edge.payer in payments.core:
                continue
            name = edge.payee if raised else edge.payer
            got[name] = got.get(name, 0.0) + edge.usd
        outside = sorted(((name, usd) for name, usd in got.items() if name not in payments.core), key=lambda e: -e[1])
        core_usd = sum(usd for name, usd in got.items() if name in payments.core)
        found.append(Supply(what, sum(got.values()), core_usd, tuple(outside[:largest])))
    return tuple(found)


def _over_riskless(item: str) -> float:
    """Margin of a financing over the riskless rate."""
    fact = _rate(item)
    return float(fact.value) - (_benchmark(item) if fact.attribute == "published_yield" else 0.0)


def _rate(item: str) -> catalog.Fact:
    known = catalog.facts("financings", item)
    return known["published_spread"] if "published_spread" in known else known["published_yield"]


def _benchmark(item: str) -> float:
    known = catalog.facts("financings", item)
    fact = known.get("benchmark") or catalog.fact("financings", *BENCHMARK)
    return float(fact.value)


def _number(item: str, name: str) -> float:
    return float(catalog.fact("financings", item, name).value)
