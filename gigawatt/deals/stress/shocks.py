"""Stress of a book: somebody cannot pay, markets shut, chips fall; who falls with whom, and who bears the loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from gigawatt.deals.book import SECTORS, Book, book_at
from gigawatt.deals.book.book import full_years
from gigawatt.deals.book.schedule import MONTHS_PER_QUARTER, quarter_name, quarter_starts
from gigawatt.deals.stress.assumptions import Assumptions, assumed, put_off_shares
from gigawatt.deals.stress.claims import Failed, claims_on, estate
from gigawatt.deals.stress.flows import TRADE, Calendar, flows
from gigawatt.deals.stress.layers import Waterfall, waterfall
from gigawatt.deals.stress.opening import Opening, opening
from gigawatt.deals.stress.positions import Array, Positions
from gigawatt.deals.stress.quarters import quarters
from gigawatt.deals.stress.result import Quarters
from gigawatt.deals.stress.vehicles import fallen_vehicles, pays_on, tenants_of
from gigawatt.errors import SolveError, named
from gigawatt.units import QUARTERS_PER_YEAR

ROUNDS = 12  # of vehicles that fall with their tenants and guarantees that are called
QUARTERS = 12
YEARS_ON = 5  # looked at beyond the last year that the book tells in full, which later ones repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """What happens, and which deals count."""

    defaults: tuple[str, ...] = ()
    pay_share: float = 0.0  # of their dues, which those named go on paying
    markets_shut: int = 0  # quarters without new money from the shock on
    chip_price_fall: float = 0.0  # of prices of chips and rents of compute
    status: str = "firm"
    amounts: str = "mid"
    alpha: float = 1.0
    beta: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """What a shock does, quarter by quarter and in the end."""

    shock: Shock
    calendar: Calendar
    book: Book  # with amounts where the shock takes them
    terms: Assumptions
    opened: Opening
    without: Quarters  # nobody named defaults, markets as in the shock; open if nobody is named
    run: Quarters
    failed: tuple[Failed, ...]
    waterfall: Waterfall
    waterfall_without: Waterfall  # what is lost as in `without`
    called_usd: Array = field(repr=False)  # paid by guarantors less received, by quarter and firm

    @property
    def firms(self) -> tuple[str, ...]:
        """Names of the firms, in the order of all arrays."""
        return self.opened.firms

    @property
    def brought_down(self) -> tuple[str, ...]:
        """Who defaults beside those named, and would not without the shock, by quarter."""
        gone, first = self.run.defaulted & ~self.without.defaulted, self.run.first_default_quarter
        order = sorted((int(first[i]), name) for i, name in enumerate(self.firms) if gone[i])
        return tuple(name for _, name in order if name not in self.shock.defaults)

    @property
    def down_anyway(self) -> tuple[str, ...]:
        """Who defaults in the run and without the shock too, by quarter."""
        both, first = self.run.defaulted & self.without.defaulted, self.run.first_default_quarter
        return tuple(self.firms[i] for i in sorted(np.flatnonzero(both), key=lambda i: (first[i], self.firms[i])))

    @property
    def caused_usd(self) -> float:
        """Losses on claims beyond those without the shock."""
        return self.waterfall.total_usd - self.waterfall_without.total_usd


def stress(
    book: Book, defaults: Sequence[str] = ("OpenAI",), *, pay_share: float = 0.0, chip_price_fall: float = 0.0,
    markets_shut: int = 0, status: str = "firm", amounts: str = "mid", quarters_after: int = QUARTERS,
    at: date | None = None, alpha: float = 1.0, beta: float = 1.0, terms: Assumptions | None = None,
) -> Stress:  # fmt: skip
    """Cash, defaults and losses if some parties cannot pay, all at once.

    Args:
        defaults: Who cannot pay; nobody: a test of everybody's liquidity while markets are shut.
        pay_share: Share of their dues that they go on paying, below 1.
        chip_price_fall: Fall of prices of chips and of rents of compute let again, 0 to 1.
        markets_shut: Quarters from the shock on without new money.
        status: Deals as sure as this count.
        amounts: "mid", or the "low" or "high" ends of all ranges at once.
        quarters_after: Quarters looked at from the shock on.
        at: Day of the shock; by default the first quarter after the last event that the book knows of.
        alpha: Share of cash left in the quarter of a default (Rogers and Veraart).
        beta: Share of receipts left then.
        terms: Assumptions in place of the catalog's.

    Raises:
        ValueError: An unknown party, a share not from 0 to 1, no quarter to look at, or one too far ahead.
    """
    names = dict.fromkeys(_firm(book, name) for name in defaults)
    shock = Shock(defaults=tuple(names), pay_share=pay_share, markets_shut=markets_shut,
                  chip_price_fall=chip_price_fall, status=status, amounts=amounts, alpha=alpha, beta=beta)  # fmt: skip
    _require(shock, quarters_after)
    book, known, calendar = book_at(book, amounts), terms or assumed(), calendar_of(book, quarters_after, at)
    opened = opening(book, flows(book, calendar, status), calendar, known)
    calm = replace(shock, defaults=()) if shock.defaults else replace(shock, markets_shut=0, chip_price_fall=0.0)
    without = outcome(book, calm, calendar, known, opened)
    found = outcome(book, shock, calendar, known, opened)
    return replace(found, without=without.run, waterfall_without=without.waterfall)


def calendar_of(book: Book, quarters_after: int, at: date | None = None) -> Calendar:
    """Quarters from the day after the opening balance sheets to the last one looked at.

    Raises:
        ValueError: They begin before the opening, or end too long after what the book tells.
    """
    first = book.as_of + timedelta(days=1)
    last_known = max((day for deal in book.deals for day, _ in deal.history), default=book.as_of)
    day = at or max(first, last_known)
    months = (day.year - first.year) * 12 + day.month - first.month
    lead = months // MONTHS_PER_QUARTER + (0 if at or day == first else 1)
    if lead < 0:
        raise ValueError(f"at: {day} is before the opening balance sheets of {book.as_of}")
    last = last_told(book)
    until = (last + YEARS_ON + 1 - first.year) * QUARTERS_PER_YEAR - (first.month - 1) // MONTHS_PER_QUARTER
    if lead + quarters_after > until:
        begun = quarter_name(quarter_starts(first, lead + 1)[-1])
        raise ValueError(f"{quarters_after} quarters from {begun} on: the book tells ordinary business up to {last}, "
                         f"and no more than {YEARS_ON} years beyond are looked at")  # fmt: skip
    return Calendar(first=first, quarters=lead + quarters_after, shock=lead)


def last_told(book: Book) -> int:
    """The last calendar year that a book tells; ordinary business of later ones is like that of this one."""
    deals = (deal.end.year for deal in book.deals if deal.known)
    return max(max(full_years(book.payments) or deals, default=book.as_of.year), book.as_of.year)


def _firm(book: Book, name: str) -> str:
    """The firm that is meant, letter case aside; ValueError for a sector, or if there is none."""
    if name.strip().casefold() in SECTORS:
        raise ValueError(f"{name}: a sector, which stands for all firms that are not named; name a firm")
    return named("firm", name, (key for key in book.parties if key not in SECTORS))


def _require(shock: Shock, quarters_after: int) -> None:
    """ValueError for what cannot be."""
    for what, share in (("pay_share", shock.pay_share), ("chip_price_fall", shock.chip_price_fall)):
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{what}: {share}; from 0 to 1")
    if shock.defaults and shock.pay_share == 1.0:
        raise ValueError("pay_share: 1.0; below 1, since a firm that pays all its dues is in no default")
    if quarters_after < 1 or shock.markets_shut < 0:
        raise ValueError(f"quarters: {quarters_after}, at least 1; markets shut: {shock.markets_shut}, 0 or more")


def outcome(book: Book, shock: Shock, calendar: Calendar, terms: Assumptions, opened: Opening) -> Stress:
    """What a shock does to given positions and contracts, once vehicles have fallen with tenants and guarantees paid.

    Repeated until nothing is added; `without` is left as the same run. A guarantor that a call brings down falls in
    that quarter, and pays nothing on it.

    Raises:
        SolveError: Calls and defaults do not settle.
    """
    falls = dict.fromkeys(shock.defaults, calendar.shock)
    tenants = tenants_of(book, shock.status)
    shares = pays_on(shock.defaults, shock.pay_share, terms, tenants)
    called = np.zeros_like(opened.raised_usd)
    for _ in range(ROUNDS):
        run = _run(opened, shock, calendar, terms, falls, shares, _with_calls(opened.positions, called))
        more = fallen_vehicles(tenants, opened, run, falls) | _overcalled(opened, run, called, falls)
        failed = _failed(book, shock, calendar, terms, opened, run, {**falls, **more}, shares)
        claims = [claim for firm in failed
                  for claim in claims_on(firm, book, opened, run, calendar, terms, shock.status)]  # fmt: skip
        fall = waterfall(failed, claims, book, terms, status=shock.status, chip_price_fall=shock.chip_price_fall)
        calls = _calls(fall, opened, calendar)
        if not more and np.allclose(calls, called, rtol=1e-9, atol=1.0):
            break
        falls, called = {**falls, **more}, calls
    else:
        names = ", ".join(shock.defaults) or "nobody"
        raise SolveError(f"default of {names}: calls on guarantors and the defaults they cause do not settle")
    return Stress(shock=shock, calendar=calendar, book=book, terms=terms, opened=opened, without=run, run=run,
                  failed=failed, waterfall=fall, waterfall_without=fall, called_usd=called)  # fmt: skip


def _run(
    opened: Opening, shock: Shock, calendar: Calendar, terms: Assumptions, falls: dict[str, int],
    shares: dict[str, float], positions: Positions,
) -> Quarters:  # fmt: skip
    return quarters(
        positions, opened.contracts, shut_from=calendar.shock, shut_quarters=shock.markets_shut,
        defaults=[opened.number(name) for name in falls], default_quarter=list(falls.values()),
        capex_cut=put_off_shares(terms, calendar.quarters, calendar.shock),
        re_let=terms.re_let_share * (1.0 - shock.chip_price_fall), re_let_quarters=round(terms.re_let_quarters),
        recovery=[shares.get(name, terms.estate_share) for name in opened.firms], alpha=shock.alpha, beta=shock.beta,
        debt_rank=TRADE,
    )  # fmt: skip


def _overcalled(opened: Opening, run: Quarters, called: Array, falls: dict[str, int]) -> dict[str, int]:
    """Guarantors that fall while they are called on, with the quarter."""
    when = run.first_default_quarter
    down = np.flatnonzero((called > 0.0).any(axis=0) & (when >= 0))
    return {opened.firms[i]: int(when[i]) for i in down if opened.firms[i] not in falls}


def _failed(
    book: Book, shock: Shock, calendar: Calendar, terms: Assumptions, opened: Opening, run: Quarters,
    falls: dict[str, int], shares: dict[str, float],
) -> tuple[Failed, ...]:  # fmt: skip
    """Everybody who has defaulted, those named first, then by quarter."""
    when = {name: int(run.first_default_quarter[i]) for i, name in enumerate(opened.firms)} | falls
    order = sorted((name for name in when if when[name] >= 0), key=lambda name: (name not in falls, when[name]))
    made = []
    for name in order:
        share = shares.get(name, terms.estate_share)
        made.append(estate(name, when[name], share, book, calendar, terms, shock.status))
    return tuple(made)


def _calls(fall: Waterfall, opened: Opening, calendar: Calendar) -> Array:
    """What guarantors pay and holders of claims receive for it, by quarter and firm: receipts below 0.

    A call on rents falls due as the rents do, one on a loan in the quarter after the default.
    """
    out = np.zeros((calendar.quarters, len(opened.firms)))
    for loss in fall.losses:
        if loss.called_usd and loss.holder in opened.firms:
            series = np.array(loss.by_quarter)
            if series.sum() <= 0.0:
                series = np.eye(calendar.quarters)[min(loss.quarter + 1, calendar.quarters - 1)]
            out[:, opened.number(loss.holder)] -= loss.called_usd * series / series.sum()
    return out


def _with_calls(positions: Positions, called: Array) -> Positions:
    receipts, maturities = np.asarray(positions.receipts_usd), np.asarray(positions.maturities_usd)
    return replace(positions, receipts_usd=receipts + np.maximum(0.0, -called),
                   maturities_usd=maturities + np.maximum(0.0, called))  # fmt: skip
