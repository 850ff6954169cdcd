"""A project as a model of lines: read this first; each step is one module."""

from __future__ import annotations

from gigawatt.finance.project.borrowing import borrowing
from gigawatt.finance.project.building import building
from gigawatt.finance.project.cash import cash, financed
from gigawatt.finance.project.earning import earning
from gigawatt.finance.project.inputs import Project
from gigawatt.finance.project.lines import Model, at, least, most, prev, total
from gigawatt.finance.project.owning import funding, owning
from gigawatt.finance.project.reporting import statements
from gigawatt.finance.project.returns import cover, returns
from gigawatt.finance.project.taxing import marginal_rate, tax_terms
from gigawatt.finance.project.timing import periods_of, timing
from gigawatt.finance.project.waterfall import waterfall


def model_of(project: Project) -> Model:
    """The model of a project: time, assets, operation, tax, debt, waterfall, owners, statements, answers.

    Nothing goes in a circle: debt is sized on cash before interest (and, where the project pays tax, after the tax it
    would pay without debt), and what debt costs before completion is in proportion to it.
    """
    model = Model(periods_of(project), project.periods_per_year, sources=project.sources)
    time = timing(model, project)
    built = building(model, project, time)
    earned = earning(model, project, time, built)
    terms = tax_terms(model, project)
    money = cash(model, project, time, built, earned, terms)
    model.section = "Debt"
    months = model.input("reserves.debt_service_months", project.reserves.debt_service_months, "months",
                         "Debt service in reserve")  # fmt: skip
    first = model.line("uses.opex_reserve_usd", money.opex_reserve * at(time.period, time.completion),
                       label="Reserve for operating cost, first filling")  # fmt: skip
    debt = borrowing(model, project, time, built, money.counted, months, total(first))
    paid = financed(model, project, time, built, money, debt, terms)
    after_tax = model.line("cash.after_tax_usd", money.before_tax - paid.own_tax, label="Cash after tax")
    kept = (money.opex_reserve - prev(money.opex_reserve)) * time.repaying
    other = paid.reserve_interest - paid.late_fees - kept
    tax_on_residuals = least(most(0, paid.own_tax), marginal_rate(terms) * money.residuals)
    counted = after_tax - money.residuals + tax_on_residuals
    falls = waterfall(model, project, time, debt, after_tax, counted, other)
    funded = funding(model, project, time, built, debt, money, after_tax + paid.reserve_interest)
    owned = owning(model, project, time, funded, falls, paid.tax)
    statements(model, time, built, earned, money, paid, falls, funded, owned)
    returns(model, project, time, built, earned, money, funded, owned)
    cover(model, time, earned, debt, falls, funded)
    return model
