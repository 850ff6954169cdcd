"""The words that the report uses, defined once."""

from __future__ import annotations

DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("Energised, on", "Power that a campus can draw, in MW at its meter: chips, servers, network, cooling and losses."),
    ("Build rate", "Power switched on in a week, MW/week; rates are means of four weeks."),
    ("Programme", "The owner's own build-out, with its budget and target in GW a week."),
    ("Binding item", "The supply item, or orders or money, whose relaxation would have added power in that week."),
    ("Backlog", "Orders that wait for an item over what is delivered of it in a week, in weeks."),
    ("H100e", "H100-equivalents: chips counted by their dense arithmetic speed in units of one Nvidia H100."),
    ("Tokens", "Output tokens; k is 10³, M 10⁶, G 10⁹, T 10¹², P 10¹⁵, E 10¹⁸. Price and cost are per million."),
    ("Need and unmet share", "Compute that a use asked for, and 1 - used / need."),
    ("Shadow price", "What one more H100-equivalent hour would have been worth to a use in that week, $/H100e-h."),
    ("Levelised cost", "Energy, operations, chips and sites of an H100-equivalent hour, capital spread over its life."),
    ("Firm, on site", "Power from plants at the campus (turbines, engines, fuel cells) rather than from the grid."),
    ("Circular, narrow", "A company invests in another by equity or loan, and purchases lead back to it by way of "
     "at most four companies; the amount is the least of the steps, over all years: an upper bound."),
    ("Circular, wide", "Companies each of which paid the next for anything, the last one the first."),
    ("EBITDA", "Earnings before interest, tax, depreciation and amortisation."),
    ("Refused", "Money that a company sought in a week and that lenders or investors did not give."),
    ("Dollars", "US dollars of the scenario's price year; bn is 10⁹, tn is 10¹²."),
    ("Interval", "Low and high are the ends of a 90 % interval; a single run uses the median."),
)  # fmt: skip
