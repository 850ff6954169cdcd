"""What the assets cost, when they are bought and bought again, how they wear, and what is left of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from gigawatt.catalog import facts
from gigawatt.finance.project.inputs import Asset, Project
from gigawatt.finance.project.lines import (
    Constant,
    Input,
    Later,
    Line,
    Model,
    Term,
    added,
    at,
    flag,
    lag,
    least,
    most,
    prev,
    remainder,
    where,
    whole,
)
from gigawatt.finance.project.timing import PhaseLines, Timing


@dataclass(frozen=True, slots=True)
class AssetLines:
    """One asset over its lives."""

    spent: Line  # on its first life, while it is built
    refresh: Line  # on all later lives
    sold: Line  # got for it when a life ends, and at the end of operation
    guaranteed: Line  # got from a guarantor of its residual value
    worn: Line  # book depreciation
    deducted: Line  # tax depreciation
    state_deducted: Line  # the same for state tax
    lost: Line  # book value left at the end of operation
    tax_lost: Line  # tax value left then
    state_lost: Line  # the same for state tax
    credit: Line  # tax credit
    life: Line  # in periods
    bought_again: tuple[Term, ...]  # 1 where a phase buys it again, by phase


@dataclass(frozen=True, slots=True)
class Building:
    """All assets together."""

    assets: tuple[AssetLines, ...]
    capex: Line  # first lives
    refresh: Line  # later lives
    sold: Line
    guaranteed: Line
    worn: Line
    deducted: Line
    state_deducted: Line
    lost: Line
    tax_lost: Line
    state_lost: Line
    credit: Line
    ages: tuple[Line, ...]  # years since the chips of each phase were last bought, as of the start of the period


def building(model: Model, project: Project, time: Timing) -> Building:
    """The lines of all assets."""
    model.section = "Construction"
    assets = tuple(_asset(model, time, asset) for asset in project.assets)
    model.section = "Construction"

    def summed(name: str, field: str, label: str) -> Line:
        return model.line(name, added(getattr(each, field) for each in assets), label=label)

    refreshed = [k for k, asset in enumerate(project.assets) if asset.refreshed and asset.capex_usd > 0]
    chips = max(refreshed, key=lambda k: project.assets[k].capex_usd, default=None)
    return Building(
        assets=assets,
        capex=summed("capex.first_usd", "spent", "Capex, first lives"),
        refresh=summed("capex.refresh_usd", "refresh", "Capex, refreshes"),
        sold=summed("capex.sold_usd", "sold", "Residual values sold"),
        guaranteed=summed("capex.guaranteed_usd", "guaranteed", "Residual-value guarantees paid"),
        worn=summed("book.worn_usd", "worn", "Depreciation, books"),
        deducted=summed("tax.worn_usd", "deducted", "Depreciation, tax"),
        state_deducted=summed("tax.state_worn_usd", "state_deducted", "Depreciation, state tax"),
        lost=summed("book.lost_usd", "lost", "Book value left at the end"),
        tax_lost=summed("tax.lost_usd", "tax_lost", "Tax value left at the end"),
        state_lost=summed("tax.state_lost_usd", "state_lost", "Tax value left at the end, state tax"),
        credit=summed("tax.credit_usd", "credit", "Tax credit"),
        ages=tuple(_age(model, time, project.phases[k].name, phase, None if chips is None
                        else assets[chips].bought_again[k]) for k, phase in enumerate(time.phases)),
    )  # fmt: skip


def _age(model: Model, time: Timing, name: str, phase: PhaseLines, again: Term | None) -> Line:
    """Age of what earns in a phase: of its dearest asset that is bought again, or of the phase where none is."""
    path = f"phases.{name}"
    older = prev(Later(f"{path}.age_years")) + 1 / time.per_year
    if again is not None:
        bought = model.line(f"{path}.bought_again", again, "flag", "", "flag")
        older = where(prev(bought) > 0, 0, older)
    return model.line(f"{path}.age_years", where(time.period <= phase.completed + 1, 0, older), "years",
                      f"Phase {name}: age of what earns", "balance")  # fmt: skip


def _asset(model: Model, time: Timing, asset: Asset) -> AssetLines:
    """Spending on one asset, its placing in service, wear, and what it sells for.

    placed = first cost where a phase is completed + refreshes; gross = what was ever placed
    worn = (gross one period ago - gross a life before that) / life
    """
    path = f"assets.{asset.name}"
    model.section = f"Construction: {asset.name}"
    cost = model.input(f"{path}.capex_usd", asset.capex_usd, "USD", f"{asset.name}: cost, all phases")
    years = model.input(f"{path}.life_years", asset.life_years, "years", f"{asset.name}: life")
    life = model.scalar(f"{path}.life", most(1, whole(years * time.per_year)), "periods", "", "balance")
    spent = model.line(f"{path}.spent_usd",
                       cost * added(p.share * (p.built - prev(p.built)) for p in time.phases))  # fmt: skip
    price, again = _refresh(model, time, asset, life)
    due = added(phase.share * each for phase, each in zip(time.phases, again, strict=True))
    refresh = model.line(f"{path}.refreshes_usd", price * due)
    first = model.line(f"{path}.first_usd", cost * added(p.share * at(time.period, p.completed) for p in time.phases))
    placed = model.line(f"{path}.placed_usd", first + refresh)
    gross = model.line(f"{path}.gross_usd", prev(Later(f"{path}.gross_usd")) + placed, kind="balance")
    working = model.line(f"{path}.working", flag(time.period <= time.end), "flag", "", "flag")
    any_again = least(1, added(again))
    sold, guaranteed = _sold(model, time, asset, placed, life, any_again)
    worn = model.line(f"{path}.worn_usd", (prev(gross) - lag(gross, life + 1)) / life * working)
    worn_so_far = model.line(f"{path}.worn_so_far_usd", prev(Later(f"{path}.worn_so_far_usd")) + worn, kind="balance")
    lost = model.line(f"{path}.lost_usd", at(time.period, time.end) * (gross - worn_so_far))
    credited = model.input(f"{path}.tax_credit", asset.tax_credit, "share", f"{asset.name}: tax credit")
    credit = model.line(f"{path}.credit_usd", first * credited)
    model.section = f"Tax depreciation: {asset.name}"
    basis = model.line(f"{path}.basis_usd", prev(first) - prev(credit) / 2 + refresh,
                       note="half of the credit comes off; a refresh counts from its purchase")  # fmt: skip
    gross = model.line(f"{path}.tax_gross_usd", prev(Later(f"{path}.tax_gross_usd")) + basis, kind="balance")
    regular = _regular(model, time, asset, gross, life)
    bonus = model.input(f"{path}.bonus", asset.bonus, "share", f"{asset.name}: written off at once for tax")
    deducted = model.line(f"{path}.deducted_usd", (bonus * basis + (1 - bonus) * regular) * working)
    state: Line = deducted
    if asset.state_bonus == asset.state_bonus:
        apart = model.input(f"{path}.state_bonus", asset.state_bonus, "share", f"{asset.name}: the same, state tax")
        state = model.line(f"{path}.state_deducted_usd", (apart * basis + (1 - apart) * regular) * working)
    tax_lost = _left(model, time, gross, deducted, f"{path}.deducted_so_far_usd", f"{path}.tax_lost_usd")
    state_lost = tax_lost
    if state is not deducted:
        state_lost = _left(model, time, gross, state, f"{path}.state_so_far_usd", f"{path}.state_lost_usd")
    return AssetLines(spent=spent, refresh=refresh, sold=sold, guaranteed=guaranteed, worn=worn, deducted=deducted,
                      state_deducted=state, lost=lost, tax_lost=tax_lost, state_lost=state_lost, credit=credit,
                      life=life, bought_again=again)  # fmt: skip


def _left(model: Model, time: Timing, gross: Line, deducted: Line, so_far: str, left: str) -> Line:
    """What is left of a tax basis at the end of operation."""
    deducted_so_far = model.line(so_far, prev(Later(so_far)) + deducted, kind="balance")
    return model.line(left, at(time.period, time.end) * (gross - deducted_so_far))


def _refresh(model: Model, time: Timing, asset: Asset, life: Line) -> tuple[Term, tuple[Term, ...]]:
    """Price of a later life, and where each phase buys one: its age is a whole number of lives, before the end."""
    if not asset.refreshed:
        return Constant(0.0), tuple(Constant(0.0) for _ in time.phases)
    path = f"assets.{asset.name}"
    first = asset.capex_usd if isnan(asset.refresh_usd) else asset.refresh_usd
    again = model.input(f"{path}.refresh_usd", first, "USD", f"{asset.name}: price of a refresh")
    shortest = model.input(
        f"{path}.least_use_years", asset.least_use_years, "years", f"{asset.name}: no refresh for less"
    )
    trend = model.input(f"{path}.refresh_trend", asset.refresh_trend, "1/year", f"{asset.name}: change of that a year")
    years = (time.period - time.completion) / time.per_year

    in_time = flag(time.period + shortest * time.per_year <= time.end)

    def due(phase: PhaseLines) -> Term:
        age = time.period - phase.completed
        return in_time * flag(age > 0) * at(remainder(age, life), 0)

    return again * (1 + trend) ** years, tuple(due(phase) for phase in time.phases)


def _sold(
    model: Model, time: Timing, asset: Asset, placed: Line, life: Line, again: Term
) -> tuple[Line, Line]:  # fmt: skip
    """What an asset sells for when another takes its place, or operation ends; until then it is in use, however old.

    Its value falls geometrically, to `residual` of its cost at the end of its life. A guarantee is for that day alone.
    """
    path = f"assets.{asset.name}"
    residual = model.input(f"{path}.residual", asset.residual, "share", f"{asset.name}: residual value at end of life")
    promised = model.input(f"{path}.guaranteed_residual", asset.guaranteed_residual, "share",
                           f"{asset.name}: guaranteed residual value")  # fmt: skip
    aged = model.line(f"{path}.aged_usd", lag(placed, life), note="cost of what has reached the end of its life")
    ended = model.line(f"{path}.ended_usd", aged * again, note="cost of what another takes the place of")
    sellable = placed * flag(residual > 0)
    value = model.line(f"{path}.value_usd", prev(Later(f"{path}.value_usd")) * residual ** (1 / life) + sellable
                       - ended * residual, kind="balance",
                       note="without a residual value it sells for nothing, even when new")  # fmt: skip
    sold = model.line(f"{path}.sold_usd", ended * residual + at(time.period, time.end) * value)
    leaving = aged * most(again, at(time.period, time.end))
    return sold, model.line(f"{path}.guaranteed_usd", leaving * most(0, promised - residual))


def _regular(model: Model, time: Timing, asset: Asset, gross: Line, life: Line) -> Line:
    """Tax depreciation without bonus: a schedule of years, each spread over its periods.

    A schedule has a share by year: what was bought k years ago wears by the share of year k.
    """
    path, n = f"assets.{asset.name}", time.per_year
    if asset.depreciation == "none":
        formula: Term = Constant(0.0)
    elif asset.depreciation == "straight":
        if asset.tax_life_years:
            years = model.input(f"{path}.tax_life_years", asset.tax_life_years, "years", f"{asset.name}: life for tax")
            life = model.scalar(f"{path}.tax_life", most(1, whole(years * n)), "periods", "", "balance")
        formula = (gross - lag(gross, life)) / life
    else:
        shares = _schedule(model, asset)
        formula = added(share / n * (lag(gross, k * n) - lag(gross, (k + 1) * n)) for k, share in enumerate(shares))
    return model.line(f"{path}.regular_usd", formula, label=f"{asset.name}: depreciation without bonus")


def _schedule(model: Model, asset: Asset) -> list[Input]:
    """Shares by year, of the user or of the catalog."""
    path = f"assets.{asset.name}.{asset.depreciation}"
    if asset.depreciation == "custom":
        return [model.input(f"{path}.year_{k:02d}", share, "share", f"{asset.name}: written off in year {k}")
                for k, share in enumerate(asset.shares, start=1)]  # fmt: skip
    return [
        model.input(f"{path}.{year}", float(fact.value), "share",
                    f"{asset.name}: {asset.depreciation}, {year.replace('_', ' ')}", fact.source, fact.note)
        for year, fact in facts("depreciation", asset.depreciation).items()
    ]  # fmt: skip
