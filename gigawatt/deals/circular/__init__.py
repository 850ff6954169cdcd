"""Answers about a network or a book: how much goes round, by year and status; who funds whom; how long it can last."""

from gigawatt.deals.circular.by_year import (
    DEFINITIONS,
    NO_CIRCLE,
    CircularYear,
    as_one,
    circularity_by_status,
    circularity_by_year,
    circularity_of,
    whole_years,
)
from gigawatt.deals.circular.circles import Circle, Step, all_circles, circulating, narrow_circles, through
from gigawatt.deals.circular.coverage import WAYS, Coverage, coverage, coverage_by_year
from gigawatt.deals.circular.funding import Funding, Payer, who_funds
from gigawatt.deals.circular.hurdle import Spread, Supply, spreads, supply
from gigawatt.deals.circular.lasting import Lasting, Quarterly, lasting, quarterly
from gigawatt.deals.circular.multiple import Amplified, Event, Terms, amplified, events, sales_per_usd, vendor_terms
from gigawatt.deals.circular.returning import Returned, investment_returned
from gigawatt.deals.circular.scopes import SCOPES, Scoped, merged, open_ended, scoped
from gigawatt.deals.circular.timeline import Entry, Total, timeline, totals

__all__ = [
    "DEFINITIONS", "NO_CIRCLE", "SCOPES", "WAYS", "Amplified", "Circle", "CircularYear", "Coverage", "Entry",
    "Event", "Funding", "Lasting", "Payer", "Quarterly", "Returned", "Scoped", "Spread", "Step", "Supply", "Terms",
    "Total", "all_circles", "amplified", "as_one", "circularity_by_status", "circularity_by_year", "circularity_of",
    "circulating", "coverage", "coverage_by_year", "events", "investment_returned", "lasting", "merged",
    "narrow_circles", "open_ended", "quarterly", "sales_per_usd", "scoped", "spreads", "supply", "through", "timeline",
    "totals", "vendor_terms", "who_funds", "whole_years",
]  # fmt: skip
