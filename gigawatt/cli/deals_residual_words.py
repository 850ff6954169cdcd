"""A fall of prices of chips and campuses in words: who bears it, whose loans no contract repays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gigawatt.cli.deals_residual import Asked
    from gigawatt.deals.exposure import Position, Residual


def answer(asked: Asked, found: Residual) -> str:
    """Who bears the fall, who holds residual value, and what if the largest renter does not pay."""
    from gigawatt.cli.deals_texts import bn

    whole = sum(each.book_usd for each in found.positions)
    if whole == 0.0:
        return f"On {found.day} no chips or campuses are on the books: nothing that the book has bought lasts so long."
    said = f"If {condition(asked, found)}, USD {bn(found.fall_usd)} of {bn(whole)} would be lost: {_shares(found)}. "
    said += f"{_largest(found)} {_debt(found)}"
    renter = max(_renters(found).items(), key=lambda item: item[1], default=None)
    if renter is not None and not asked.failed:
        worse = asked.at("middle", (renter[0],))
        said += f" If {renter[0]}, the largest renter, paid nothing: {_shares(worse)}."
    return said


def condition(asked: Asked, found: Residual) -> str:
    """What is assumed: "chips fell 50.0 % and campuses 25.0 % below book value on 2026-07-01"."""
    from gigawatt.cli.deals_texts import percent

    falls = f"chips fell {percent(found.fall['chips'])} and campuses {percent(found.fall['campus'])} below book value"
    return f"{falls} on {found.day}{_without(asked.failed)}"


def of_one(asked: Asked, each: Position) -> str:
    """One owner's assets: how much is on the books, let, residual and owed."""
    from gigawatt.cli.deals_texts import bn

    name, open_ended = each.asset.owner, each.owed_on_residual_usd
    said = f"{each.asset.name} on {asked.day}: USD {bn(each.book_usd)} on the books, {bn(each.contracted_usd)} of it "
    said += f"paid for by contracts, {bn(each.residual_usd)} residual. "
    if each.owed_usd > 0.0:
        repaid = "all" if open_ended == 0.0 else "none" if each.contracted_usd == 0.0 else f"all but {bn(open_ended)}"
        said += f"{bn(each.owed_usd)} is owed on them, of which contracts can repay {repaid}. "
    else:
        said += "No debt is known that they secure. "
    if each.asset.other_debt_usd > 0.0:
        said += f"{name} owes lenders {bn(each.asset.other_debt_usd)} more without known collateral in them. "
    return f"{said}If their price fell by {bn(each.fall_usd)}{_without(asked.failed)}:"


def _without(failed: tuple[str, ...]) -> str:
    return f" and {' and '.join(failed)} paid no rent" if failed else ""


def _shares(found: Residual) -> str:
    from gigawatt.cli.deals_texts import bn

    words = {"renter": "renters under contract", "equity": "owners", "guarantor": "guarantors", "maker": "chip makers",
             "junior": "junior lenders", "unsecured": "lenders without collateral",
             "senior": "lenders with collateral"}  # fmt: skip
    sums = {layer: sum(loss.usd for loss in found.losses if loss.layer == layer) for layer in words}
    told = [f"{words[layer]} would bear {bn(usd)}" if not n else f"{words[layer]} {bn(usd)}"
            for n, (layer, usd) in enumerate((k, v) for k, v in sums.items() if v > 0.0)]  # fmt: skip
    return ", ".join(told)


def _largest(found: Residual) -> str:
    """Who owns the most that no contract pays for."""
    from gigawatt.cli.deals_texts import bn

    sums: dict[str, float] = {}
    for each in found.positions:
        sums[each.asset.owner] = sums.get(each.asset.owner, 0.0) + each.residual_usd
    first = sorted(sums.items(), key=lambda item: -item[1])[:3]
    return f"Of {bn(sum(sums.values()))} that no contract pays for, most is owned by {_told(first)}."


def _debt(found: Residual) -> str:
    """How much of the debt on these assets no contract repays, what else their owners owe, and when lenders lose."""
    from gigawatt.cli.deals_texts import bn

    owed, beyond = (sum(getattr(each, name) for each in found.positions) for name in ("owed_usd", OPEN_ENDED))
    first = _told((each.asset.owner, each.owed_on_residual_usd) for each in _most(found, OPEN_ENDED))
    said = f"Of {bn(owed)} of debt that they secure, {bn(beyond)} is repaid by no contract"
    said += f": {first}." if first else "."
    others = {each.asset.owner: each.asset.other_debt_usd for each in found.positions}
    if whole := sum(others.values()):
        largest = _told(sorted(others.items(), key=lambda item: -item[1])[:3])
        said += f" Their owners owe {bn(whole)} more ({largest}), for which all that they have answers."
    return (
        f"{said} Lenders of a firm lose what its net assets do not cover, those of a vehicle what its value does not."
    )


OPEN_ENDED = "owed_on_residual_usd"


def _most(found: Residual, name: str) -> list[Position]:
    return sorted(found.positions, key=lambda each: -getattr(each, name))[:3]


def _told(amounts: Iterable[tuple[str, float]]) -> str:
    """Names with their amounts, those with nothing left out."""
    from gigawatt.cli.deals_texts import bn

    return ", ".join(f"{name} {bn(usd)}" for name, usd in amounts if usd > 0.0)


def _renters(found: Residual) -> dict[str, float]:
    sums: dict[str, float] = {}
    for loss in found.losses:
        if loss.layer == "renter":
            sums[loss.holder] = sums.get(loss.holder, 0.0) + loss.usd
    return sums
