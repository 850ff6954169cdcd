"""Who holds residual-value risk: a fall of the prices of chips and campuses, from renters to lenders, holder by holder.

Of the book value of an asset, renters under contract pay for what is used up within their terms, whatever prices do.
The rest is the residual. A fall of its price is borne by guarantors of the owner, then by the owner (of a vehicle: up
to what its assets are worth above its debt; of a firm: up to its net assets), then by guarantors of its debt, then by
lenders: junior ones, those without collateral in the asset, the others. See docs/how-to/ask-about-contagion.md.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from gigawatt.deals.book import Book, Party
from gigawatt.deals.book.schedule import ONE_DAY
from gigawatt.deals.exposure.assets import Asset, financed_assets
from gigawatt.deals.exposure.exposures import exposures
from gigawatt.deals.exposure.layers import Exposure
from gigawatt.deals.exposure.other_debt import LENDERS
from gigawatt.deals.exposure.terms import Terms, catalog_terms

LAYERS_OF_LOSS = ("renter", "guarantor", "maker", "equity", "junior", "unsecured", "senior")
"""Who bears a fall; a guarantor that makes the chips is told apart."""


@dataclass(frozen=True, slots=True)
class AssetLoss:
    """What one holder bears of the fall of one asset."""

    owner: str
    kind: str
    layer: str  # one of LAYERS_OF_LOSS
    holder: str
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One asset before and after the fall."""

    asset: Asset
    book_usd: float
    contracted_usd: float  # part of the book value that renters pay for within their terms
    owed_usd: float
    fall_usd: float
    losses: tuple[AssetLoss, ...]

    @property
    def residual_usd(self) -> float:
        """Book value that no contract pays for."""
        return self.book_usd - self.contracted_usd

    @property
    def owed_on_residual_usd(self) -> float:
        """Debt on the asset that contracts do not repay."""
        return max(0.0, self.owed_usd - self.contracted_usd)

    def borne_usd(self, *layers: str) -> float:
        """What some layers bear."""
        return math.fsum(loss.usd for loss in self.losses if loss.layer in layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """Who bears a fall of prices on a day."""

    day: date
    fall: Mapping[str, float]  # by kind of asset
    positions: tuple[Position, ...]

    @property
    def losses(self) -> tuple[AssetLoss, ...]:
        """All losses; they add up to the fall."""
        return tuple(loss for each in self.positions for loss in each.losses)

    @property
    def fall_usd(self) -> float:
        """Book value lost."""
        return math.fsum(each.fall_usd for each in self.positions)

    def by_holder(self) -> dict[str, dict[str, float]]:
        """USD by holder and layer, the largest holder first."""
        found: dict[str, dict[str, float]] = {}
        for loss in self.losses:
            row = found.setdefault(loss.holder, dict.fromkeys(LAYERS_OF_LOSS, 0.0))
            row[loss.layer] += loss.usd
        return dict(sorted(found.items(), key=lambda item: (-math.fsum(item[1].values()), item[0])))


def residual(
    book: Book,
    day: date,
    status: str = "firm",
    *,
    fall: Mapping[str, float] | None = None,
    life_years: Mapping[str, float] | None = None,
    failed: Collection[str] = (),
    terms: Terms | None = None,
) -> Residual:
    """Who bears a fall of the prices of chips and campuses below book value, on a day, in USD.

    Args:
        fall: Share of book value that is lost by kind; the middle of the terms for kinds left out.
        life_years: Years over which each kind is written off; the middle of the terms for kinds left out.
        failed: Renters that pay nothing any more.
        terms: Lives, falls, terms of loans; those of the catalog by default.

    Raises:
        ValueError: A fall is not from 0 to 1, or a life not above 0.
    """
    found = terms or catalog_terms()
    falls = {kind: each.fall.middle for kind, each in found.assets.items()} | dict(fall or {})
    lives = {kind: each.life_years.middle for kind, each in found.assets.items()} | dict(life_years or {})
    for kind, share in falls.items():
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"fall of {kind}: {share}; from 0 to 1")
    for kind, years in lives.items():
        if not years > 0.0:
            raise ValueError(f"life of {kind}: {years} years; above 0")
    owners = _owners(book, day, status, found)
    positions = []
    own = {key: _net_assets(party) for key, party in book.parties.items()}
    for asset in financed_assets(book, day, status, found):
        life, share = lives[asset.kind], found.assets[asset.kind].rent_share
        one = _position(asset, life, falls[asset.kind], share, set(failed), own, owners, book)
        own[asset.owner] = max(0.0, own[asset.owner] - one.borne_usd("equity"))
        positions.append(one)
    return Residual(day=day, fall=falls, positions=tuple(positions))


def path(asset: Asset, life_years: float, rent_share: float, years: int) -> list[tuple[int, float, float, float]]:
    """Calendar year, book value at its end, use of the book value in it, and the part that contracts pay for, in USD.

    The first year begins after the day the asset is looked at.
    """
    steps = _steps(asset, life_years, rent_share, years)
    return [(year, value, used, math.fsum(parts.values())) for year, value, used, parts in steps]


def _steps(
    asset: Asset, life: float, rent_share: float, years: int
) -> Iterable[tuple[int, float, float, dict[str, float]]]:
    """Year, book value at its end, what is used up in it, and the part of that which each renter pays for."""
    before = asset.book_usd(asset.day, life)
    for first, after in _years(asset.day, years):
        value = asset.book_usd(after - ONE_DAY, life) if after > first else before
        yield after.year - 1, value, before - value, _parts(asset, before - value, rent_share, first, after)
        before = value


def _years(day: date, years: int) -> list[tuple[date, date]]:
    """First days of the rest of this year and of the next ones, each with the first day after it."""
    return [(max(day + ONE_DAY, date(year, 1, 1)), date(year + 1, 1, 1)) for year in range(day.year, day.year + years)]


def _parts(asset: Asset, used: float, rent_share: float, first: date, after: date) -> dict[str, float]:
    """What each renter pays for of the book value that is used up within some days, in USD; no more than that in all.

    Who rents an asset as a whole pays for what is used up in its term, whatever others pay.
    """
    out: dict[str, float] = {}
    whole = {n: rent.whole(first, after) for n, rent in enumerate(asset.rents)} if after > first else {}
    shares = math.fsum(whole.values())
    paid = {n: rent_share * asset.rents[n].usd(first, after) for n in whole}
    left = used * (1.0 - min(1.0, shares))
    scale = min(1.0, left / math.fsum(paid.values())) if math.fsum(paid.values()) > 0.0 else 0.0
    for n, rent in enumerate(asset.rents if whole else ()):
        usd = used * whole[n] / max(1.0, shares) + paid[n] * scale
        out[rent.renter] = out.get(rent.renter, 0.0) + usd
    return out


def _position(
    asset: Asset, life: float, fall: float, rent_share: float, failed: set[str], own: Mapping[str, float],
    owners: Mapping[str, Mapping[str, float]], book: Book,
) -> Position:  # fmt: skip
    value = asset.book_usd(asset.day, life)
    by_renter = _contracted(asset, life, rent_share)
    kept = {name: usd for name, usd in by_renter.items() if name not in failed}
    losses = [_loss(asset, "renter", name, fall * usd) for name, usd in kept.items()]
    contracted = min(value, math.fsum(kept.values()))
    open_usd, owed = fall * (value - contracted), asset.owed_usd
    for row, cap in _first_guarantees(asset, by_renter, failed, fall, open_usd):
        paid = min(open_usd, cap)
        losses.append(_loss(asset, _side(row.holder, book), row.holder, paid))
        open_usd -= paid
    cushion = own[asset.owner]
    if asset.vehicle:
        cushion = max(0.0, value - contracted - max(0.0, owed - contracted))
    equity = min(open_usd, cushion)
    losses += [_loss(asset, "equity", name, equity * part) for name, part in owners[asset.owner].items()]
    losses += _creditors(asset, open_usd - equity, contracted, book)
    return Position(asset=asset, book_usd=value, contracted_usd=contracted, owed_usd=owed, fall_usd=fall * value,
                    losses=tuple(loss for loss in losses if loss.usd > 0.0))  # fmt: skip


def _contracted(asset: Asset, life: float, rent_share: float) -> dict[str, float]:
    """Book value that each renter pays for within its term, in USD."""
    out: dict[str, float] = {}
    for _, _, _, parts in _steps(asset, life, rent_share, 2 + math.ceil(life)):
        for name, usd in parts.items():
            out[name] = out.get(name, 0.0) + usd
    return out


def _first_guarantees(
    asset: Asset, by_renter: Mapping[str, float], failed: set[str], fall: float, open_usd: float
) -> Iterable[tuple[Exposure, float]]:
    """Guarantees that come before the owner's own loss, with the most that each pays."""
    for row in asset.backstops:
        if row.on == asset.owner and not row.for_whom:
            yield row, open_usd if math.isnan(row.usd) else row.usd
        elif row.on in failed and row.for_whom == asset.owner:
            lost = fall * by_renter.get(row.on, 0.0)
            yield row, lost if math.isnan(row.usd) else min(row.usd, lost)


def _creditors(asset: Asset, open_usd: float, contracted: float, book: Book) -> list[AssetLoss]:
    """What is left of a loss after the owner: guarantors of debt, then lenders, junior before senior."""
    losses = []
    for row in asset.backstops:
        if row.on == asset.owner and row.for_whom in {debt.lender for debt in asset.debts}:
            paid = min(open_usd, open_usd if math.isnan(row.usd) else row.usd)
            losses.append(_loss(asset, _side(row.holder, book), row.holder, paid))
            open_usd -= paid
    senior = math.fsum(debt.usd for debt in asset.debts if not debt.junior)
    junior = max(0.0, asset.owed_usd - max(senior, contracted))
    for layer, most in (("junior", junior), ("unsecured", asset.other_debt_usd), ("senior", math.inf)):
        held = _lenders(asset, layer)
        paid, whole = min(open_usd, most), math.fsum(held.values())
        losses += [_loss(asset, layer, name, paid * usd / whole) for name, usd in held.items()]
        open_usd -= paid
    return losses


def _lenders(asset: Asset, layer: str) -> dict[str, float]:
    """Debt of a layer by lender; lenders in general where none is known."""
    held: dict[str, float] = {}
    for debt in asset.debts:
        if layer != "unsecured" and debt.junior == (layer == "junior"):
            held[debt.lender] = held.get(debt.lender, 0.0) + debt.usd
    return held or {LENDERS: 1.0}


def _side(holder: str, book: Book) -> str:
    return "maker" if book.parties[holder].tier == "maker" else "guarantor"


def _owners(book: Book, day: date, status: str, terms: Terms) -> dict[str, dict[str, float]]:
    """Who bears what owners lose: those who paid in the equity of a vehicle, by share; else the firm itself."""
    out = {key: {key: 1.0} for key in book.parties}
    stakes = exposures(book, day, status, terms).where(lambda row: row.layer == "stake" and row.usd > 0.0).rows
    for key, party in book.parties.items():
        held: dict[str, float] = {}
        for row in stakes:
            if party.tier == "vehicle" and row.on == key:
                held[row.holder] = held.get(row.holder, 0.0) + row.usd
        if held:
            out[key] = {name: usd / math.fsum(held.values()) for name, usd in held.items()}
        elif party.tier == "vehicle":
            out[key] = {f"owners of {key}": 1.0}
    return out


def _net_assets(party: Party) -> float:
    """Assets less debts of the opening balance sheet, 0 or more; infinite where no asset is known."""
    if math.isnan(party.cash_usd) or party.tier == "vehicle":
        return math.inf
    return max(0.0, party.equity_usd)


def _loss(asset: Asset, layer: str, holder: str, usd: float) -> AssetLoss:
    return AssetLoss(asset.owner, asset.kind, layer, holder, usd)
