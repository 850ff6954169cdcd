"""The answer at the head of the report: can they bring up a gigawatt a week, what holds them, who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.report.building import mostly, rates
from gigawatt.report.numbers import percent, say
from gigawatt.report.series import Floats
from gigawatt.report.words import and_list, month, opening, readable
from gigawatt.results import Results, Table

GOAL_MW_PER_WEEK = 1000.0
QUESTION = "Can they bring up a gigawatt a week?"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict in a word or two, and the sentences that carry it."""

    verdict: str
    text: str


def answer(results: Results) -> Answer:
    """The answer of a run: by the programme when there is one, else by the world."""
    table = results["buildrate"]
    if not len(table):
        return Answer("No weeks.", "This run has no weeks to look at.")
    weekly = rates(table)
    who = "Programme" if "Programme" in weekly.values else "World"
    own, world = weekly.values[who], weekly.values["World"]
    text = " ".join(filter(None, (_reach(who, own, table), _beside(who, world, table), _held(table), _spent(table))))
    return Answer("Yes." if own.max() >= GOAL_MW_PER_WEEK else "No.", text)


def _subject(who: str) -> str:
    return "the programme" if who == "Programme" else "the world"


def _reach(who: str, rate: Floats, table: Table) -> str:
    """When the mean of a quarter first reaches the goal, or how near it comes."""
    dates = table["date"]
    best = int(np.argmax(rate))
    if rate[best] >= GOAL_MW_PER_WEEK:
        first = int(np.argmax(rate >= GOAL_MW_PER_WEEK))
        return f"{opening(_subject(who))} first does in the quarter to {month(dates[first])}."
    best_is = f"the best quarter, to {month(dates[best])}, averages {say(float(rate[best]), 'MW')} a week"
    return f"For {_subject(who)} {best_is}." if rate[best] > 0 else f"{opening(_subject(who))} switches nothing on."


def _beside(who: str, world: Floats, table: Table) -> str:
    """What the whole world does, where the answer was about a programme."""
    if who == "World":
        return ""
    best = int(np.argmax(world))
    return f"All builders together reach {say(float(world[best]), 'MW')} a week in {month(table['date'][best])}."


def _held(table: Table) -> str:
    """What most often holds sites and chips back."""
    said = []
    for what, column in (("sites", "site_binding"), ("chips", "chip_binding")):
        item, share = mostly(table[column])
        if item:
            said.append(f"{what} most often by {readable(item)} ({percent(share)} of weeks)")
    return f"Held back are {and_list(said)}." if said else ""


def _spent(table: Table) -> str:
    """What the programme has paid, and for how much power."""
    usd, mw = float(table["programme_usd"][-1]), float(table["programme_mw"][-1])
    if usd <= 0:
        return ""
    return f"The programme spends {say(usd, 'USD')} for {say(mw, 'MW')} by {month(table['date'][-1])}."
