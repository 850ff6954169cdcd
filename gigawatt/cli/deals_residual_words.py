"""A fall of prices of chips and campuses in words: who bears it, whose loans no contract repays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gigawatt.cli.deals_residual import Asked
    from gigawatt.deals.exposure import Residual


def answer(asked: Asked, found: Residual) -> str:
    """Who bears the fall, who holds residual value, and what if the largest renter does not pay."""
    from gigawatt.cli.deals_texts import bn, percent

    falls = f"chips fall {percent(found.fall['chips'])} and campuses {percent(found.fall['campus'])} below book value"
    whole = sum(each.book_usd for each in found.positions)
    said = f"On {found.day}, if {falls}{_without(asked.failed)}, USD {bn(found.fall_usd)} of {bn(whole)} is lost: "
    said += f"{_shares(found)}. {_largest(found)} {_debt(found)}"
    renter = max(_renters(found).items(), key=lambda item: item[1], default=None)
    if renter is not None and not asked.failed:
        worse = asked.at("middle", (renter[0],))
        said += f" If {renter[0]}, the largest renter, paid nothing: {_shares(worse)}."
    return said


def _without(failed: tuple[str, ...]) -> str:
    return f" and {' and '.join(failed)} pay no rent" if failed else ""


def _shares(found: Residual) -> str:
    from gigawatt.cli.deals_texts import bn

    words = {"renter": "renters under contract", "equity": "owners", "guarantor": "guarantors", "maker": "chip makers",
             "junior": "junior lenders", "senior": "lenders"}  # fmt: skip
    sums = {layer: sum(loss.usd for loss in found.losses if loss.layer == layer) for layer in words}
    told = [f"{words[layer]} bear {bn(usd)}" if not n else f"{words[layer]} {bn(usd)}"
            for n, (layer, usd) in enumerate((k, v) for k, v in sums.items() if v > 0.0)]  # fmt: skip
    return ", ".join(told)


def _largest(found: Residual) -> str:
    """Who bears the most beside renters."""
    from gigawatt.cli.deals_texts import bn

    sums: dict[str, float] = {}
    for loss in found.losses:
        if loss.layer != "renter":
            sums[loss.holder] = sums.get(loss.holder, 0.0) + loss.usd
    first = sorted(sums.items(), key=lambda item: -item[1])[:3]
    return (
        f"Residual value, beyond all contracts, is held above all by {', '.join(f'{n} ({bn(u)})' for n, u in first)}."
    )


def _debt(found: Residual) -> str:
    """How much of the debt on these assets no contract repays, and whose."""
    from gigawatt.cli.deals_texts import bn

    owed = sum(each.owed_usd for each in found.positions)
    open_ended = sorted(found.positions, key=lambda each: -each.owed_on_residual_usd)
    beyond = sum(each.owed_on_residual_usd for each in open_ended)
    first = ", ".join(f"{each.asset.owner} {bn(each.owed_on_residual_usd)}" for each in open_ended[:3]
                      if each.owed_on_residual_usd > 0.0)  # fmt: skip
    return f"Of {bn(owed)} of loans on them {bn(beyond)} is repaid by no contract{f': {first}' if first else ''}."


def _renters(found: Residual) -> dict[str, float]:
    sums: dict[str, float] = {}
    for loss in found.losses:
        if loss.layer == "renter":
            sums[loss.holder] = sums.get(loss.holder, 0.0) + loss.usd
    return sums
