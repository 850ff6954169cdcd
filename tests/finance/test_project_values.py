"""Lines worked out: each function by hand, and many draws as each of them alone."""

import datetime as dt
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.finance.project import lines as of
from gigawatt.finance.project.lines import Later, Model
from gigawatt.finance.project.model import model_of
from gigawatt.finance.project.result import evaluate
from gigawatt.finance.project.values import work_out
from tests.finance.project_cases import MANY, projects, small


def test_functions_by_hand():
    model = Model(4, 1)
    t = model.line("t", of.prev(Later("t")) + 1)
    table = model.table("table", (5, 6, 7))
    formulas = {
        "power": (2**t, [2, 4, 8, 16]), "neg": (-t, [-1, -2, -3, -4]), "least": (of.least(t, 3, 5 - t), [1, 2, 2, 1]),
        "most": (of.most(t, 3), [3, 3, 3, 4]), "where": (of.where(t > 2, t, -t), [-1, -2, 3, 4]),
        "at": (of.at(t, 2), [0, 1, 0, 0]), "ratio": (of.ratio(6, t - 2), [-6, 0, 6, 3]),
        "round": (of.whole(t / 2), [1, 1, 2, 2]), "round_down": (of.whole(-t / 2), [-1, -1, -2, -2]),
        "floor": (of.floor(-t / 2), [-1, -1, -2, -2]), "mod": (of.remainder(t - 3, 3), [1, 2, 0, 1]),
        "prev": (of.prev(t), [0, 1, 2, 3]), "next": (of.following(t), [2, 3, 4, 0]),
        "lag": (of.lag(t, 2), [0, 0, 1, 2]), "ahead": (of.lag(t, -1), [2, 3, 4, 0]),
        "by_year": (of.by_year(table, t), [5, 6, 7, 7]),
    }  # fmt: skip
    made = {name: model.line(name, formula) for name, (formula, _) in formulas.items()}
    blank = model.line("blank", of.only(t > 2, t))
    answers = {"sum": (of.total(t), 10), "dot": (of.dot(t, made["mod"]), 1 + 4 + 0 + 4), "min": (of.min_of(blank), 3),
               "max": (of.max_of(t), 4), "last": (of.last(made["neg"]), -4)}  # fmt: skip
    for name, (formula, _) in answers.items():
        model.scalar(f"of.{name}", formula)
    values = work_out(model)
    for name, (_, expected) in formulas.items():
        assert values[name][:, 0] == approx(expected), name
    for name, (_, expected) in answers.items():
        assert values[f"of.{name}"] == approx(expected), name
    assert np.isnan(values["blank"][:2, 0]).all()


def test_days_end_where_their_month_does():
    model = Model(3, 1)
    t = model.line("t", of.prev(Later("t")) + 1)
    start = model.input("start", (dt.date(2028, 1, 31) - dt.date(1899, 12, 30)).days)
    model.line("day", of.month_end(start, t))
    days = [dt.date(1899, 12, 30) + dt.timedelta(days=int(day)) for day in work_out(model)["day"][:, 0]]
    assert days == [dt.date(2028, 2, 29), dt.date(2028, 3, 31), dt.date(2028, 4, 30)]


def test_a_given_line_stands_in_place_of_its_formula_even_within_a_circle():
    model = Model(3, 1)
    a = model.line("a", of.prev(Later("b")) + 1)
    model.line("b", a * 2)
    assert work_out(model)["b"][:, 0] == approx([2, 6, 14])
    assert work_out(model, {"a": np.ones((3, 1))})["b"][:, 0] == approx([2, 2, 2])


@MANY
@given(projects(), st.integers(0, 2**32 - 1))
def test_draws_give_what_each_of_them_gives_alone(project, seed):
    rng, model = np.random.default_rng(seed), model_of(project)
    names = [name for name in model.inputs if not name.startswith(("phases", "start"))]
    drawn = {}
    for name in rng.choice(names, 8, replace=False):
        item = model.inputs[name]
        value = np.asarray(item.values if isinstance(item, of.Table) else item.value, float)
        drawn[str(name)] = value * rng.uniform(0.8, 1.2, (3, *value.shape))
    together = work_out(model, drawn)
    for k in range(3):
        alone = work_out(model, {name: value[k : k + 1] for name, value in drawn.items()})
        for name in ("returns.project_npv_usd", "returns.owners_npv_usd", "debt.usd", "cover.mean_dscr"):
            both = np.broadcast_to(together[name], 3)[k], alone[name][0]
            assert both[0] == approx(both[1], rel=1e-9, abs=1e-6), name


def test_draws_in_chunks_are_those_at_once(monkeypatch):
    prices = {"contracts.anchor.usd_per_chip_h": np.linspace(1e-5, 2e-4, 11)}
    project = small(contracts=(replace(small().contracts[0], months=60),))
    at_once = evaluate(project, prices)["returns.project_npv_usd"]
    monkeypatch.setattr("gigawatt.finance.project.result.DRAWS_AT_ONCE", 4)
    assert evaluate(project, prices)["returns.project_npv_usd"] == approx(at_once)
