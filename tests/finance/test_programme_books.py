"""The funding of a programme against a second telling of it: one draw, loan by loan, in plain Python."""

from dataclasses import replace

import numpy as np
import pytest

from gigawatt.finance.programmes.answers import with_cost
from gigawatt.finance.programmes.fund import fund
from gigawatt.finance.programmes.presets import programme

BN = 1e9


def ledger_of(p, flows):
    """The funding of a plan told again for one draw, loan by loan with dates, as a bookkeeper would."""
    cash, loans, losses, years = p.cash_usd, [], 0.0, {}
    lacking, owed = [], []
    for quarter in range(p.quarters):
        year, part = p.start_year + quarter // 4, (quarter % 4 + 1) / 4
        earned, spent = (float(flow[quarter, 0]) for flow in (flows.revenue, flows.operating + flows.rent))
        capex = float((flows.chips + flows.site)[quarter, 0])
        interest = sum(left * source.rate / 4 for source, _, _, left in loans)
        repaid = 0.0
        for loan in loans:
            source, since, amount, left = loan
            term = round(source.years * 4)
            due = amount / term if source.kind == "level" else amount * (quarter - since == term)
            loan[3], repaid = left - due, repaid + due
        loans = [loan for loan in loans if loan[3] > 1e-3]
        profit = earned - spent - float(flows.depreciation[quarter, 0]) - interest
        # Four fifths of a profit at most are set off; what is left of losses waits.
        used = min(losses, 0.8 * max(profit, 0.0))
        tax, losses = p.tax_rate * (max(profit, 0.0) - used), losses - used + max(-profit, 0.0)
        cash += earned - spent - capex - interest - repaid - tax
        last = float(flows.revenue[max(quarter - 3, 0) : quarter + 1, 0].mean()) * 4
        for source in sorted(p.sources, key=lambda source: not source.always):
            limit = np.interp(year, *zip(*source.capacity_usd_per_year, strict=True))
            if source.value_multiple:
                value = last * np.interp(year, *zip(*source.value_multiple, strict=True))
                limit = min(limit, source.dilution_per_year * value)
            room = limit * part - years.get((source.name, year), 0.0)
            base = {"vendor": flows.vendor, "site": flows.site, "revenue": flows.revenue}.get(source.lends_on)
            room = room if base is None else min(room, source.advance * float(base[quarter, 0]))
            if source.is_debt:
                room = min(room, source.revenue_multiple * last - sum(left for s, _, _, left in loans if s is source))
            gives = max(room if source.always else min(room, p.minimum_cash_usd - cash), 0.0)
            years[source.name, year] = years.get((source.name, year), 0.0) + gives
            cash += gives
            if source.is_debt and gives:
                loans.append([source, quarter, gives, gives])
        lacking.append(max(p.minimum_cash_usd - cash, 0.0))
        cash += lacking[-1]
        owed.append(sum(loan[3] for loan in loans))
    return lacking, owed


@pytest.mark.parametrize("name", ["openai-1.4tn", "openai-600bn", "mckinsey-accelerated", "citi-2.8tn"])
def test_a_bookkeeper_who_follows_every_loan_comes_to_the_same(name):
    p = programme(name)
    for plan in (p, with_cost(p, 60 * BN), replace(p, chip_life_years=3.3)):
        funding = fund(plan)
        lacking, owed = ledger_of(plan, funding.plan)
        assert funding.unfunded[:, 0] == pytest.approx(lacking, rel=1e-9, abs=1e4)
        assert funding.owed[:, 0] == pytest.approx(owed, rel=1e-9, abs=1e4)
