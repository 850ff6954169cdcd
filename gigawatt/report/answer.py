"""The answer at the head of the report: can they bring up a gigawatt a week, what holds them, who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.report.building import EVERYONE, mostly, rates
from gigawatt.report.numbers import percent, say
from gigawatt.report.series import Floats, Weekly
from gigawatt.report.words import and_list, month, readable
from gigawatt.results import Results, Table

GOAL_MW_PER_WEEK = 1000.0
QUESTION = "Can they bring up a gigawatt a week?"
ALL_SPENT = 0.99
"""Of what a programme spends in all: from then on its money is gone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict in a word or two, and the sentences that carry it."""

    verdict: str
    text: str


def main_rate(weekly: Weekly) -> tuple[str, Floats]:
    """Whose build rate the question is about: the programme's when there is one, else everyone's."""
    who = "Programme" if "Programme" in weekly.values else EVERYONE
    return who, weekly.values[who]


def answer(results: Results) -> Answer:
    """The answer of a run."""
    table = results["buildrate"]
    if not len(table):
        return Answer("No weeks.", "This run has no weeks to look at.")
    weekly = rates(table)
    who, rate = main_rate(weekly)
    beside = _reach("Everyone together", weekly.values[EVERYONE], table) if who == "Programme" else ""
    own = _reach("The programme" if who == "Programme" else "Everyone together", rate, table)
    text = " ".join(filter(None, (own, _spent(table), beside, _held(who, table), _payers(results))))
    return Answer("Yes." if rate.max() >= GOAL_MW_PER_WEEK else "No.", text)


def _reach(who: str, rate: Floats, table: Table) -> str:
    """When the mean of four weeks first reaches the goal, or how near it comes."""
    dates = table["date"]
    if rate.max() >= GOAL_MW_PER_WEEK:
        return f"{who} gets there first in {month(dates[rate >= GOAL_MW_PER_WEEK][0])}."
    if rate.max() <= 0:
        return f"{who} switches nothing on."
    best = int(np.argmax(rate))
    return f"{who} comes to {say(float(rate[best]), 'MW')} a week at best, in {month(dates[best])}."


def _spent(table: Table) -> str:
    """What the programme has paid, for how much power, and when its money is gone."""
    usd, mw = table["programme_usd"], float(table["programme_mw"][-1])
    if usd[-1] <= 0:
        return ""
    gone = int(np.argmax(usd >= ALL_SPENT * usd[-1]))
    return f"It has spent {say(float(usd[-1]), 'USD')} by {month(table['date'][gone])}, for {say(mw, 'MW')}."


def _held(who: str, table: Table) -> str:
    """What most often holds the programme, sites and chips back."""
    said = []
    columns = (("the programme", "programme_binding"), ("sites", "site_binding"), ("chips", "chip_binding"))
    for what, column in columns if who == "Programme" else columns[1:]:
        item, share = mostly(table[column])
        if item:
            said.append(f"{what} by {readable(item)} (in {percent(share)} of weeks)")
    return f"Most often held back are {and_list(said)}." if said else ""


def _payers(results: Results) -> str:
    """Who brings the money that enters the companies from outside, for everything but their other businesses."""
    table = results["money"].take(results["money"]["instrument"] != "core")
    companies = set(results["companies"]["company"].tolist())
    brought: dict[str, float] = {}
    columns = (table[name].tolist() for name in ("payer", "payee", "amount_usd"))
    for payer, payee, usd in zip(*columns, strict=True):
        if payer not in companies and payee in companies:
            brought[payer] = brought.get(payer, 0.0) + usd
    total = sum(brought.values())
    ranked = sorted(brought, key=lambda name: -brought[name])[:3]
    shares = and_list([f"{name} ({percent(brought[name] / total)})" for name in ranked]) if total > 0 else ""
    return f"Money for AI enters the companies from {shares}." if shares else ""
