"""A funded programme in words: the verdict first, then what it is, needs, gets, owes and lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.units import format_quantity

if TYPE_CHECKING:
    from gigawatt.finance.programmes.fund import Funding
    from gigawatt.finance.programmes.programme import Programme

SMALL = 0.01  # of what is raised: less that is missing is told as just funded
STEPS = {"T": "tn", "M": "mn"}  # of amounts, by the way the catalog writes them


def usd(amount: float) -> str:
    """An amount for people: $1.4 tn, $207 bn, $4.76 mn."""
    text = format_quantity(float(amount), "USD")
    number, _, step = text.partition(" ")
    return f"{number} {STEPS.get(step, step)}" if step else number


def range_of(values: np.ndarray, tell: Any = usd) -> str:
    """Ends of the 90 % interval of draws."""
    low, high = np.percentile(values, (5, 95))
    return f"{tell(low)} to {tell(high)}"


def moment(year: float) -> str:
    """2030.25 as the quarter that ends there: Q1 2030."""
    quarter = round(year * 4)
    return f"Q{(quarter - 1) % 4 + 1} {(quarter - 1) // 4}"


def verdict(middle: Funding, drawn: Funding, case: str) -> str:
    """Whether it can be paid for, on what condition, how often not, and when it carries itself."""
    from gigawatt.finance.programmes.answers import NOTHING_USD, gap_probability, gap_usd

    missing, chance = float(gap_usd(middle)[0]), float(gap_probability(drawn)[-1])
    raised = float(sum(flow.sum() for flow in middle.raised.values()))
    condition = f"if lenders and investors give {usd(raised)} by {_end(middle)}"
    repaid = float(middle.uses["repaid"].sum())
    condition += f", {usd(repaid)} of it to repay what falls due" if repaid > 0 else ""
    if raised <= 0 and missing <= NOTHING_USD:
        text = f"{case} needs no outside money"
    elif missing <= NOTHING_USD:
        text = f"{case} is funded {condition}"
    elif missing < SMALL * raised:
        text = f"{case} is just funded, but for {usd(missing)}, {condition}"
    else:
        text = f"{case} is not funded: {usd(missing)} is missing"
        text += f" after {usd(raised)} from lenders and investors" if raised > 0 else ""
    return f"{text}. Money is missing in {chance:.0%} of {drawn.draws:,} draws. {_carries_itself(middle)}"


def _carries_itself(middle: Funding) -> str:
    from gigawatt.finance.programmes.answers import break_even

    if not middle.plan.revenue.any():
        return "Capital only: whether income carries it is not asked."
    year = float(break_even(middle)[0])
    if np.isnan(year):
        return f"It does not pay its way by {_end(middle)}."
    if year <= middle.programme.start_year:
        return "It pays its way from the first year."
    return f"It does not pay its way before {year:.0f}."


def _end(middle: Funding) -> int:
    return middle.programme.start_year + middle.programme.years - 1


def factors_of(middle: Funding) -> str:
    """The factors of one draw on the plan, those that are not 1."""
    told = [f"{name.replace('_', ' ')} {each[0]:.2f}" for name, each in middle.luck.items() if each[0] != 1]
    return f"factors on the plan: {', '.join(told)}" if told else "nothing is in doubt: all factors are 1"


def sentences(middle: Funding, drawn: Funding) -> list[tuple[str, str]]:
    """What the programme is, needs, gets, owes and lacks, as (heading, text)."""
    told = [_what_it_is(middle), _need(middle, drawn), _money(middle), _owed(middle), _gap(drawn)]
    return [each for each in [*told, _even(middle, drawn), _decides(drawn)] if each[1]]


def _what_it_is(middle: Funding) -> tuple[str, str]:
    from gigawatt.finance.programmes.plan import capital_by_owner_usd

    p, plan = middle.programme, middle.plan
    shares = capital_by_owner_usd(p)
    text = f"{p.added_gw:,.3g} GW more by {_last_year(p)}: {usd(p.capital_usd)} of capital"
    text += f" at {usd(p.cost_usd_per_gw)} a GW"
    told = {"clouds and landlords raise": "others", "chip vendors lend": "vendors", "its owner pays": "own"}
    parts = [f"{who} {usd(shares[name])}" for who, name in told.items() if shares[name] > 1]
    text += f", of which {', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else ""
    text += f". Through {_end(middle)}, with chips bought anew after {p.chip_life_years:g} years, "
    text += f"the owner's capex is {usd(float((plan.chips + plan.site).sum()))}"
    rent = float(plan.rent.sum())
    return "the plan", text + (f"; its take-or-pay rent comes to {usd(rent)}." if rent else ".")


def _last_year(p: Programme) -> int:
    """The last year in which something is added, of those of the plan."""
    most = max(gw for _, gw in p.gw)
    return min(next(year for year, gw in p.gw if gw == most), p.start_year + p.years - 1)


def _need(middle: Funding, drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programmes.answers import low_point_usd, low_point_year, outside_usd

    low, when = low_point_usd(middle)[0], low_point_year(middle)[0]
    if low <= 0:
        return "peak need", f"none: it pays its way from the first quarter (90 %: {range_of(low_point_usd(drawn))})."
    text = f"{usd(low)} before any funding, in {moment(when)} (90 % of draws: {range_of(low_point_usd(drawn))}); "
    text += "outside money in it at its highest, what that costs included and own cash spent first: "
    return "peak need", text + f"{usd(outside_usd(middle)[0])}."


def _money(middle: Funding) -> tuple[str, str]:
    parts = [(float(flow.sum()), name) for name, flow in middle.raised.items()]
    told = ", ".join(f"{name} {usd(amount)}" for amount, name in parts if amount >= 5e7)
    if not told:
        return "raised", "nothing."
    return "raised", f"{told}."


def _owed(middle: Funding) -> tuple[str, str]:
    """Debt at its highest, rent beside it, and the cover of fixed charges; nothing without debt and rent."""
    from gigawatt.finance.programmes.answers import debt_to_ebitda, fixed_charge_cover, rent_as_debt_usd

    p, peak, text = middle.programme, float(middle.owed.max()), "no debt"
    if peak > 0:
        ratio, quarter = float(debt_to_ebitda(middle)[0]), int(middle.owed[:, 0].argmax())
        turns = f"{ratio:.1f} times EBITDA" if np.isfinite(ratio) else "without EBITDA to set against it"
        text = f"debt of {usd(peak)} at its highest, in {moment(p.start_year + (quarter + 1) / 4)}: {turns}"
    rent = rent_as_debt_usd(middle)[:, 0]
    if rent.max() > 0:
        text += f". Beside it stands take-or-pay rent: {usd(rent.max())} in {p.start_year + int(rent.argmax())} if "
        text += f"{p.rent_debt_years:g} years of it count as debt"
    cover = fixed_charge_cover(middle)[:, 0]
    if not np.isfinite(cover).any():
        return "owed", "" if peak <= 0 else f"{text}."
    worst = int(np.nanargmin(cover))
    text += f". EBITDA before rent covers rent, interest and repayment {cover[worst]:.2f} times at worst"
    return "owed", f"{text} ({p.start_year + worst}) and {_last(cover):.2f} times at the end."


def _last(values: np.ndarray) -> float:
    return float(values[np.isfinite(values)][-1])


def _gap(drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programmes.answers import NOTHING_USD, gap_probability, gap_usd

    p, chance, gap = drawn.programme, gap_probability(drawn), gap_usd(drawn)
    year = p.asked_year - p.start_year
    text = f"{chance[year]:.0%} of draws lack money by {p.start_year + year}"
    text += f", {chance[-1]:.0%} by {p.start_year + p.years - 1}" if year < p.years - 1 else ""
    lacking = gap[gap > NOTHING_USD]
    if not len(lacking):
        return "missing", text + ": every draw is funded."
    text += f"; where it lacks, {usd(np.median(lacking))} in the middle, {usd(np.percentile(lacking, 95))} at P95."
    text += _worth(drawn, gap > NOTHING_USD)
    return "missing", text + " Missing money costs nothing in the model and is never repaid; the building goes on."


def _worth(drawn: Funding, lacking: np.ndarray) -> str:
    """What the owner would have to be worth for shares to pay what is missing, over the draws in which it is."""
    from gigawatt.finance.programmes.answers import market_value_usd

    sellers = [s.dilution_per_year for s in drawn.programme.sources if s.kind == "equity" and s.dilution_per_year]
    if not sellers:
        return ""
    low, middle, high = np.percentile(market_value_usd(drawn, sellers[0])[lacking], (5, 50, 95))
    text = (
        f" If new shares paid it, at most {sellers[0]:.0%} of the company a year, the company would there have to be "
    )
    return text + f"worth {usd(middle)} in the year that needs most (90 %: {usd(low)} to {usd(high)})."


def _even(middle: Funding, drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programmes.answers import break_even

    if not middle.plan.revenue.any():
        return "break-even", "not asked: capital only, without revenue."
    year, years = break_even(middle)[0], break_even(drawn)
    text = "not by the end of the plan" if np.isnan(year) else f"{year:.0f}: free cash stays at 0 or above from then on"
    return "break-even", f"{text}; by {_end(middle)} in {np.mean(~np.isnan(years)):.0%} of draws."


def _decides(drawn: Funding) -> tuple[str, str]:
    from gigawatt.finance.programmes.drivers import drivers

    found = [f"{name.replace('_', ' ')} ({value:+.2f})" for name, value in drivers(drawn).items()][:4]
    text = "weight of each doubt in the peak need (rank regression, -1 to 1): " + ", ".join(found)
    return "hangs on", f"{text}." if found else "too few draws to tell."
