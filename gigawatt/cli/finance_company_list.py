"""All companies in one table, and one company under all stresses."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli.finance_company_files import stable, table_rows
from gigawatt.cli.finance_company_inputs import sourced_usd
from gigawatt.cli.finance_company_shown import show_breaks
from gigawatt.cli.finance_company_tables import print_table
from gigawatt.cli.finance_company_texts import Row, Scale, metric_text, say_wrapped, scale_of
from gigawatt.cli.output import Format, show

if TYPE_CHECKING:
    from gigawatt.finance.companies.company import Company
    from gigawatt.finance.companies.liquidity import Outcome
    from gigawatt.finance.companies.stress import Stress

MONTHS = 3  # of a quarter
LIST_WORDS = (
    "Companies in {year}, the first year of the catalog's plan; opening {opening}. new money: debt, shares and "
    "revolver beyond signed deals; cover: EBITDA over interest; leverage: net debt over EBITDA, all in: with leases, "
    "those not commenced, vehicles and firm purchases; months: how long cash and revolver last if markets close; gap: "
    "quarter from which bills stay unpaid; sourced: share of the dollars of the opening balance sheet."
)
STRESS_WORDS = (
    "{company} from {start}: flows of two years, cover (EBITDA over interest) and leverage (net debt over EBITDA) of "
    "the second. gap: quarter from which bills stay unpaid if capex goes on as planned, and how much at most within "
    "{years:g} years; capex: least cut of it that pays all bills; months: how long cash and revolver last if nobody "
    "lends."
)


def show_all(quarters: int, how: Format, out: Path | None) -> None:
    """All companies with key metrics of the first year."""
    from gigawatt.finance.companies.catalog import company as company_of
    from gigawatt.finance.companies.catalog import names

    companies = [company_of(each) for each in names()]
    rows = [_key_metrics(each, quarters) for each in companies]
    if how is not Format.table or out is not None:
        show(table_rows(rows, {}), how, out)
        return
    say_wrapped(LIST_WORDS.format(year=companies[0].first_year, opening=companies[0].opening_date))
    heads = ("revenue", "EBITDA", "FCF", "new money", "debt", "cover", "leverage", "all in", "months", "gap", "sourced")
    scale = Scale("USD bn", 1e9, 1)
    print_table(scale.name, [str(row["company"]) for row in rows], heads, [_key_texts(row, scale) for row in rows])


def _key_metrics(chosen: Company, quarters: int) -> Row:
    from gigawatt.finance.companies.gaps import first_gap, months_closed
    from gigawatt.finance.companies.metrics import metrics, new_money
    from gigawatt.finance.companies.statements import project_statements

    made = project_statements(chosen, quarters)
    first = {key: float(values[0]) for key, values in (metrics(made) | new_money(made)).items()}
    flows = {f"{line}_usd": float(made.income[line][:4].sum()) for line in ("revenue", "ebitda")}
    kept = ("free_cash_flow_usd", "new_money_usd", "debt_usd", "interest_cover", "net_debt_to_ebitda",
            "leverage_with_vehicles", "leverage_with_commitments")  # fmt: skip
    return (
        {"company": chosen.name, "opening_date": chosen.opening_date, "period": str(chosen.first_year)}
        | flows | {key: first[key] for key in kept}
        | {"liquidity_months": months_closed(made), "first_gap": stable(first_gap(made)[0]),
           "sourced_share": sourced_usd(chosen)}
    )  # fmt: skip


def _key_texts(row: Row, scale: Scale) -> list[str]:
    amounts = ("revenue_usd", "ebitda_usd", "free_cash_flow_usd", "new_money_usd", "debt_usd")
    ratios = ("interest_cover", "net_debt_to_ebitda", "leverage_with_commitments")
    return [
        *(scale.text(row[key]) for key in amounts), *(metric_text(key, row[key], scale) for key in ratios),
        _months(row["liquidity_months"], 5 * 12), row["first_gap"] or "-", f"{row['sourced_share']:.0%}",
    ]  # fmt: skip


def _months(months: float, most: float) -> str:
    return f"{months:.1f}" if math.isfinite(months) else f">{most:g}"


def show_stresses(
    chosen: Company, quarters: int, text: str, tried: Stress, how: Format, out: Path | None
) -> None:  # fmt: skip
    """The plan and every stress in one table, then what breaks first."""
    from gigawatt.finance.companies.breaks import break_points
    from gigawatt.finance.companies.liquidity import stress as stresses
    from gigawatt.finance.companies.stress import NONE

    found = stresses(chosen, quarters, {text: tried} if text else None)
    if how is not Format.table or out is not None:
        show(_outcome_rows(chosen, found, quarters), how, out)
        return
    start = f"{chosen.first_year} Q1" + (" (yours from its own start)" if tried.start else "")
    say_wrapped(STRESS_WORDS.format(company=chosen.title, start=start, years=quarters / 4))
    scale = scale_of(max(each.revenue_usd for each in found))
    heads = ("EBITDA", "net", "FCF", "cover", "leverage", "gap", "at most", "capex", "months")
    texts = [_stress_texts(each, scale, quarters) for each in found]
    print_table(f"Stress, {scale.name}", [each.name for each in found], heads, texts)
    if text:
        print()
        say_wrapped(f"beside {text}:")
    show_breaks(break_points(chosen, quarters, tried if text else NONE))


def _outcome_rows(chosen: Company, found: list[Outcome], quarters: int) -> list[Row]:
    """One stress a row, with whose it is and over how many quarters bills are looked at."""
    head: Row = {"company": chosen.name, "opening_date": chosen.opening_date, "quarters": quarters}
    rows = []
    for each in found:
        told = asdict(each)
        told = {"stress": told.pop("name")} | told | {"gap_quarter": stable(each.gap_quarter)}
        rows.append(told)
    return table_rows(rows, head)


def _stress_texts(e: Outcome, scale: Scale, quarters: int) -> list[str]:
    flows = (e.ebitda_usd, e.net_income_usd, e.free_cash_flow_usd)
    cut = "n.m." if math.isnan(e.capex_cut) else f"-{e.capex_cut:.0%}" if e.capex_cut else "-"
    return [
        *(scale.text(usd) for usd in flows), metric_text("cover", e.interest_cover, scale),
        metric_text("leverage", e.net_debt_to_ebitda, scale), e.gap_quarter or "-",
        scale.text(e.largest_gap_usd), cut, _months(e.liquidity_months, MONTHS * quarters),
    ]  # fmt: skip
