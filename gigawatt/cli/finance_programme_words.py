"""A funded programme in words and rows: what the command `programme` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.units import format_quantity

if TYPE_CHECKING:
    from gigawatt.finance.programme import Programme
    from gigawatt.finance.programme_answers import Required
    from gigawatt.finance.programme_fund import Funding

BN = 1e9
USES = {"operating": "running", "rent": "rent", "chips": "chips", "site": "sites", "tax": "tax"}
ASKS = {
    "revenue": "revenue in {year}",
    "growth": "growth a year to {year}",
    "price": "price of a GW-hour",
    "price of tokens": "price of 1 M tokens",
    "utilisation": "share of compute sold",
}
TOLD = {"planned": "planned", "needed": "needed", "P5": "p5", "P95": "p95"}
GOALS = {"funded": "funded", "break-even": "pays its way"}
Row = dict[str, Any]


def usd(amount: float) -> str:
    """An amount for people: $1.4 T, $207 bn."""
    return format_quantity(float(amount), "USD")


def range_of(values: np.ndarray, tell: Any = usd) -> str:
    """Ends of the 90 % interval of draws."""
    low, high = np.percentile(values, (5, 95))
    return f"{tell(low)} to {tell(high)}"


def moment(year: float) -> str:
    """2030.25 as the quarter that ends there: Q1 2030."""
    quarter = round(year * 4)
    return f"Q{(quarter - 1) % 4 + 1} {(quarter - 1) // 4}"


def sentences(middle: Funding, drawn: Funding) -> list[tuple[str, str]]:
    """What the programme is, needs, gets and lacks, as (heading, text)."""
    return [
        _what_it_is(middle),
        _need(middle, drawn),
        _money(middle),
        _gap(drawn),
        _even(middle, drawn),
        _decides(drawn),
    ]


def _what_it_is(middle: Funding) -> tuple[str, str]:
    from gigawatt.finance.programme_plan import capital_by_owner_usd

    p, plan = middle.programme, middle.plan
    shares = capital_by_owner_usd(p)
    text = f"{p.added_gw:,.3g} GW more by {_last_year(p)}: {usd(p.capital_usd)} of capital"
    text += f" at {usd(p.cost_usd_per_gw)} a GW"
    told = {"clouds and landlords raise": "others", "chip vendors lend": "vendors", "its owner pays": "own"}
    parts = [f"{who} {usd(shares[name])}" for who, name in told.items() if shares[name] > 1]
    text += f", of which {', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else ""
    text += f". Through {p.start_year + p.years - 1}, with chips bought anew after {p.chip_life_years:g} years, "
    text += f"capex is {usd(float((plan.chips + plan.site).sum()))}"
    rent = float(plan.rent.sum())
    return "the plan", text + (f"; take-or-pay rent comes to {usd(rent)}." if rent else ".")


def _last_year(p: Programme) -> int:
    """The last year in which something is added, of those of the plan."""
    most = max(gw for _, gw in p.gw)
    return min(next(year for year, gw in p.gw if gw == most), p.start_year + p.years - 1)


def _need(middle: Funding, drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programme_answers import low_point_usd, low_point_year, outside_usd

    low, when = low_point_usd(middle)[0], low_point_year(middle)[0]
    if low <= 0:
        return "peak need", f"none: it pays its way from the first quarter (90 %: {range_of(low_point_usd(drawn))})."
    text = f"{usd(low)} before any funding, in {moment(when)} (90 % of draws: {range_of(low_point_usd(drawn))}); "
    text += "outside money in it at its highest, what that costs included and own cash spent first: "
    return "peak need", text + f"{usd(outside_usd(middle)[0])}."


def _money(middle: Funding) -> tuple[str, str]:
    from gigawatt.finance.programme_answers import debt_to_ebitda

    parts = [(float(flow.sum()), name) for name, flow in middle.raised.items()]
    told = ", ".join(f"{name} {usd(amount)}" for amount, name in parts if amount >= 5e7)
    if not told:
        return "raised", "nothing."
    peak = float(middle.owed.max())
    if peak <= 0:
        return "raised", f"{told}."
    ratio = float(debt_to_ebitda(middle)[0])
    quarter = int(middle.owed[:, 0].argmax())
    turns = f"{ratio:.1f} times EBITDA" if np.isfinite(ratio) else "without EBITDA to set against it"
    when = moment(middle.programme.start_year + (quarter + 1) / 4)
    return "raised", f"{told}; some of it to repay what falls due. Debt is highest in {when}: {usd(peak)}, {turns}."


def _gap(drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programme_answers import gap_probability, gap_usd, market_value_usd

    p, chance, gap = drawn.programme, gap_probability(drawn), gap_usd(drawn)
    year = p.asked_year - p.start_year
    text = f"{chance[year]:.0%} of draws lack money by {p.start_year + year}"
    text += f", {chance[-1]:.0%} by {p.start_year + p.years - 1}" if year < p.years - 1 else ""
    lacking = gap[gap > 1e3]
    if not len(lacking):
        return "the gap", text + ": every draw is funded."
    text += f"; where it lacks, {usd(np.median(lacking))} in the middle, {usd(np.percentile(lacking, 95))} at P95."
    equity = [source.dilution_per_year for source in p.sources if source.kind == "equity" and source.dilution_per_year]
    if equity:
        worth = market_value_usd(drawn, equity[0])
        low, middle, high = np.percentile(worth, (5, 50, 95))
        text += f" For equity to fill it at {equity[0]:.0%} dilution a year, a market value of {usd(middle)}"
        text += f" ({usd(low)} to {usd(high)})." if middle > 0 else f" in the middle, {usd(high)} at P95."
    return "the gap", text


def _even(middle: Funding, drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programme_answers import break_even

    if not middle.plan.revenue.any():
        return "break-even", "not asked: capital only, without revenue."
    year, years = break_even(middle)[0], break_even(drawn)
    end = middle.programme.start_year + middle.programme.years - 1
    text = "not by the end of the plan" if np.isnan(year) else f"{year:.0f}: free cash stays at 0 or above from then on"
    return "break-even", f"{text}; by {end} in {np.mean(~np.isnan(years)):.0%} of draws."


def _decides(drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programme_drivers import drivers

    found = [f"{name.replace('_', ' ')} ({value:+.2f})" for name, value in drivers(drawn).items()][:4]
    text = "weight of each doubt in the peak need (rank regression, -1 to 1): " + ", ".join(found)
    return "hangs on", f"{text}." if found else "too few draws to tell."


def year_rows(middle: Funding, drawn: Funding) -> list[Row]:
    """All that a file holds of each year: flows of the middle case in USD, and what the draws say of the gap."""
    from gigawatt.finance.programme_answers import by_calendar_year, fixed_charge_cover, gap_probability

    p = middle.programme
    flows = {"revenue_usd": middle.plan.revenue, "free_cash_usd": middle.free_cash}
    flows |= {f"{name}_usd": flow for name, flow in middle.uses.items()}
    flows |= {f"{name.replace(' ', '_')}_usd": flow for name, flow in middle.raised.items()}
    flows["unfunded_usd"] = middle.unfunded
    yearly = {name: by_calendar_year(middle, flow)[:, 0] for name, flow in flows.items()}
    cash = np.concatenate([[p.cash_usd], middle.cash.reshape(p.years, -1)[:, -1]])
    gap = np.cumsum(by_calendar_year(drawn, drawn.unfunded), axis=0)
    levels = {
        "from_cash_usd": cash[:-1] - cash[1:],
        "debt_usd": middle.owed.reshape(p.years, -1)[:, -1],
        "gw": middle.plan.gw.reshape(p.years, -1).mean(axis=1),
        "sold": middle.plan.sold.reshape(p.years, -1).mean(axis=1),
        "fixed_charge_cover": fixed_charge_cover(middle)[:, 0],
        "gap_probability": gap_probability(drawn),
        "gap_so_far_p50_usd": np.median(gap, axis=1),
        "gap_so_far_p95_usd": np.percentile(gap, 95, axis=1),
    }
    series = yearly | levels
    return [{"year": p.start_year + n} | {k: float(v[n]) for k, v in series.items()} for n in range(p.years)]


def use_rows(rows: list[Row]) -> list[Row]:
    """What comes in and goes out each year, in bn USD."""
    return [
        {
            "year": row["year"], "GW": round(row["gw"], 1), "revenue": _bn(row["revenue_usd"]),
            **{told: _bn(row[f"{name}_usd"]) for name, told in USES.items()}, "free cash": _bn(row["free_cash_usd"]),
            "debt service": _bn(row["interest_usd"] + row["repaid_usd"]),
            "revenue per GW": _bn(row["revenue_usd"] / max(row["gw"], 1e-9)), "sold %": round(100 * row["sold"]),
        }
        for row in rows
    ]  # fmt: skip


def source_rows(rows: list[Row], sources: list[str]) -> list[Row]:
    """Where the money comes from each year in bn USD, and the chance of a gap so far."""
    return [
        {
            "year": row["year"], "revenue": _bn(row["revenue_usd"]), "from cash": _bn(row["from_cash_usd"]),
            **{name: _bn(row[f"{name.replace(' ', '_')}_usd"]) for name in sources},
            "unfunded": _bn(row["unfunded_usd"]), "debt at end": _bn(row["debt_usd"]),
            "chance of gap %": round(100 * row["gap_probability"]),
        }
        for row in rows
    ]  # fmt: skip


def required_rows(middle: Required, drawn: Required, p: Programme) -> list[Row]:
    """What carries the programme: planned, needed in the middle case, and over the draws; prices by tokens too."""
    from gigawatt.finance.programme_answers import usd_per_mtok

    # A draw that nothing carries counts as infinitely much.
    low, high = np.percentile(np.nan_to_num(drawn.value, nan=np.inf), (5, 95), method="nearest")
    numbers = np.array([middle.planned, middle.value[0], low, high])
    rows = [_required_row(middle, numbers, middle.what, middle.unit, p)]
    if middle.what == "price":
        rows.append(_required_row(middle, np.asarray(usd_per_mtok(p, numbers)), "price of tokens", "USD/Mtok", p))
    return rows


def _required_row(middle: Required, numbers: np.ndarray, what: str, unit: str, p: Programme) -> Row:
    sold = float(middle.needs_sold[0])
    cells = {name: float(number) for name, number in zip(("planned", "needed", "p5", "p95"), numbers, strict=True)}
    return {"goal": middle.goal, "what": what, "year": p.asked_year, "unit": unit, **cells, "sold": sold,
            "most_sold": p.utilisation}  # fmt: skip


def told_required(row: Row) -> Row:
    """A row of `required_rows` for people."""
    cells = {name: _told(row[key], row["unit"]) for name, key in TOLD.items()}
    sold, most = row["sold"], row["most_sold"]
    earned = "" if np.isnan(sold) else f"{'yes' if sold <= most + 1e-9 else 'no'}, {sold:.0%}"
    return {
        "so that": GOALS[row["goal"]], "it takes": ASKS[row["what"]].format(year=row["year"]), **cells,
        "sellable": earned,
    }  # fmt: skip


def _told(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return "never"
    if value == 0:
        return "none"
    return usd(value) if unit.startswith("USD") else f"{value:.0%}"


def _bn(amount: float) -> float:
    return round(float(amount) / BN, 1) + 0.0
