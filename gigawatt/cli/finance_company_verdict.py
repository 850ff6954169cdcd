"""A company in short: what the first year needs and what pays for it, key figures by year, what breaks it first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gigawatt.cli.finance_company_inputs import sourced_usd
from gigawatt.cli.finance_company_texts import Scale, bn, metric_text, say_wrapped

if TYPE_CHECKING:
    from gigawatt.finance.companies.statements import Statements

QUARTERS = 20  # at least, that a verdict looks at
NEEDS = {"burn": "burns {}", "stakes": "buys stakes of {}", "repaid": "repays {}", "payouts": "pays out {}"}
RATIOS = Scale("", 1.0, 1)


def heading(made: Statements, stress: str) -> None:
    """The verdict, when it all starts, and under which stress."""
    say_wrapped(verdict(made))
    say_wrapped(context(made))
    if stress:
        say_wrapped(f"stress: {stress}")


def ratings(made: Statements) -> str:
    """What one ratio suggests by year, which is a rating of neither contracts nor security."""
    from gigawatt.finance.companies.metrics import indicated_rating, periods

    labels = periods(made, annual=True).labels
    found = [indicated_rating(made, year) for year in range(len(labels))]
    told = [f"{label} {each[0] if each else '-'}" for label, each in zip(labels, found, strict=True)]
    return f"rating that operating income / interest alone suggests (Damodaran's table): {', '.join(told)}"


def verdict(made: Statements) -> str:
    """One paragraph: needs, what pays for them, cover, leverage, liquidity, first unpaid bill within five years."""
    from gigawatt.finance.companies.metrics import headline
    from gigawatt.finance.companies.statements import project_statements

    if made.quarters < QUARTERS:
        made = project_statements(made.company, QUARTERS, made.stress)
    found = headline(made, made.stress.start // 4)
    said = [f"{made.company.title} in {found['year']}: {_needs(found)}; {_paid_by(found)}."]
    said += [_standing(found), _liquidity(found), *_unpaid(made, found), *_programme(made.company.name)]
    return " ".join(said)


def _needs(found: Mapping[str, Any]) -> str:
    told = [NEEDS[key].format(bn(usd)) for key, usd in found["needs"].items() if round(usd / 1e6) > 0]
    if found["free_cash_flow_usd"] >= 0:
        told.insert(0, f"free cash flow of {bn(found['free_cash_flow_usd'])}")
    return _listed(told)


def _paid_by(found: Mapping[str, Any]) -> str:
    """ "paid by 3.2 bn cash and 9.7 bn signed debt", and what is left over or stays unpaid."""
    ways = {key: usd for key, usd in found["paid_by"].items() if key != "free cash flow"}
    left, unpaid = -ways["cash"], ways.pop("unpaid")
    told = [f"{bn(usd)} {'of ' if 'yet' in key else ''}{key}" for key, usd in ways.items() if round(usd / 1e6) > 0]
    said = [f"cash {'grows' if left > 0 else 'falls'} by {bn(abs(left))}"] if round(left / 1e6) > 0 or not told else []
    if told and not (left < 0 and len(told) == 1):
        verb = "paid by" if any(round(usd / 1e6) > 0 for usd in found["needs"].values()) else "raises"
        said.insert(0, f"{verb} {_listed(told)}")
    elif told:
        said = [f"cash falls by {bn(-left)}"]
    return "; ".join(said + ([f"{bn(unpaid)} stays unpaid"] if round(unpaid / 1e6) > 0 else []))


def _listed(told: list[str]) -> str:
    return ", ".join(told[:-1]) + " and " + told[-1] if len(told) > 1 else told[0]


def _standing(found: Mapping[str, Any]) -> str:
    """Cover and leverage, or that there is nothing to cover."""
    if not found["has_debt"]:
        return "No debt."
    covers = (("EBITDA over interest", "interest_cover"), ("with rent", "fixed_charge_cover"))
    told = [f"{label} {_times(key, found[key])}" for label, key in covers if found[key] != math.inf]
    if found["interest_cover"] == math.inf:
        told = ["No interest to cover"]
    return f"{', '.join(told)}; {_leverage(found)}."


def _programme(name: str) -> list[str]:
    """Where more is told of a company whose promises are in no balance sheet."""
    from gigawatt import catalog

    known = any(each.split("-")[0] == name.lower() for each in catalog.items("programmes"))
    return ["What it has promised to buy and rent: gigawatt finance programme."] if known else []


def _times(key: str, value: float) -> str:
    """A ratio in a sentence."""
    text = metric_text(key, value, RATIOS)
    return {"<0": "below 0", ">50": "above 50x"}.get(text, f"{text}x")


def _leverage(found: Mapping[str, Any]) -> str:
    """ "net debt 6.8x EBITDA, 10.0x with all that must be paid"."""
    net, whole = found["net_debt_to_ebitda"], found["leverage_with_commitments"]
    if net == math.inf:
        return "net debt without EBITDA to carry it"
    first = "net cash" if net < 0 else f"net debt {_times('net', net)} EBITDA"
    if not math.isfinite(whole):
        return f"{first}, but no EBITDA to carry all that must be paid" if whole > 0 else first
    with_all = "net cash still" if whole < 0 else _times("all", whole) + (" EBITDA" if net < 0 else "")
    return f"{first}, {with_all} with all that must be paid"


def _liquidity(found: Mapping[str, Any]) -> str:
    months = found["liquidity_months"]
    if math.isfinite(months):
        return f"If markets close, cash and revolver last {months:.1f} months."
    return "It pays all bills for five years even if markets close."


def _unpaid(made: Statements, found: Mapping[str, Any]) -> list[str]:
    from gigawatt.finance.companies.liquidity import capex_cut

    quarter, usd = found["first_gap"]
    if not quarter:
        return []
    cut = capex_cut(made.company, made.stress, made.quarters)
    way = "not even stopping capex would do" if math.isnan(cut) else f"capex {cut:.0%} lower would do"
    return [f"First gap: {quarter}, when bills of {bn(usd)} stay unpaid; {way}."]


def context(made: Statements) -> str:
    """Where the projection starts, how old its opening is, and over how many years chips are written off."""
    from gigawatt import catalog

    opening = made.company.opening_date
    read = max(source.read_on[:7] for source in catalog.sources())
    months = 12 * (int(read[:4]) - int(opening[:4])) + int(read[5:7]) - int(opening[5:7])
    own, life = made.company.assets.chip_life_years, made.stress.chip_life_years
    chips = f"chips over {life:g} years instead of {own:g} as reported" if life else f"chips over {own:g} years"
    return f"from {made.labels[0]}; opening {opening}, {months} months before the catalog ({read}); {chips}"


def provenance(made: Statements) -> str:
    """How much of what it rests on was published."""
    (known, data), (told, plan) = made.company.sourced(opening=True), made.company.sourced(opening=False)
    return (
        f"sourced: {sourced_usd(made.company):.0%} of the dollars of the opening balance sheet, {known} of {data} "
        f"numbers of the opening, {told} of {plan} of the plan; the rest is own estimate (--statement inputs)"
    )
