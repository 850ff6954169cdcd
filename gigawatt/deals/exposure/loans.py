"""What is paid, still to come and owed on a loan or any other deal, on a day."""

from __future__ import annotations

import math
from datetime import date, timedelta

from gigawatt.deals.book import Deal
from gigawatt.deals.book.schedule import ONE_DAY, due, due_before
from gigawatt.deals.exposure.terms import Terms

DAYS_PER_YEAR = 365.25


def paid_usd(deal: Deal, day: date) -> float:
    """What has fallen due by the end of a day; nan if the amount is unknown."""
    return due_before(deal, day + ONE_DAY) if deal.known else math.nan


def to_come_usd(deal: Deal, day: date) -> float:
    """What falls due after a day; nan if the amount is unknown."""
    return due(deal, day + ONE_DAY, date.max) if deal.known else math.nan


def owed_usd(deal: Deal, day: date, terms: Terms) -> float:
    """What is drawn and not yet repaid at the end of a day; nan if the amount is unknown.

    A share is repaid evenly between the last drawing and maturity, the rest at maturity.
    """
    drawn = paid_usd(deal, day)
    loan = terms.loan(deal)
    matures = maturity(deal, terms)
    if day >= matures:
        return 0.0 if deal.known else math.nan
    begun = min(deal.end, matures)
    repaid = max(0.0, min(1.0, (day - begun).days / max(1, (matures - begun).days)))
    return drawn * (1.0 - loan.amortised * repaid)


def maturity(deal: Deal, terms: Terms) -> date:
    """When the last of a loan is repaid."""
    return deal.start + timedelta(days=round(terms.loan(deal).years * DAYS_PER_YEAR))
