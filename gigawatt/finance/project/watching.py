"""Lines that a workbook adds to a model: checks of what a reader may type, and alerts that are no errors.

The engine refuses a project whose shares do not add up before it is worked out; a spreadsheet takes any number.
"""

from __future__ import annotations

from gigawatt.finance.project.checking_bounds import bound_at
from gigawatt.finance.project.lines import Input, Line, Model, Term, added, flag, most, prev

CHECKED, ALERTS = "Checks: what was typed", "Checks: alerts"
POINTS = 100  # shares are checked in per cent, so that a hundredth is small


def watched(model: Model) -> Model:
    """A copy of the model with checks of its inputs and with alerts."""
    copy = Model(model.periods, model.periods_per_year, dict(model.inputs), dict(model.lines), model.section)
    copy.section = CHECKED
    _inputs(copy)
    copy.section = ALERTS
    _alerts(copy)
    return copy


def _inputs(model: Model) -> None:
    """Shares that add up, contracts on no more than there is, no amount below 0, no loan longer than the project."""
    parts = [item for name, item in model.inputs.items() if name.startswith("phases.") and name.endswith(".share")]
    model.scalar("checks.phases", (added(parts) - 1) * POINTS, "points", "Shares of the phases less 100 %")
    booked = [line for name, line in model.lines.items() if name.startswith("contracts.") and name.endswith(".booked")]
    if booked:
        model.line("checks.booked", most(0, added(booked) - 1) * POINTS, "points", "Booked beyond the capacity")
    for head in dict.fromkeys(name.partition(".")[0] for name in model.inputs if "." in name):
        if wrong := _outside(model, f"{head}."):
            model.scalar(f"checks.{head}_inputs", added(wrong), "inputs", f"Inputs of {head} that cannot be")
    years = model.inputs["operation_years"]
    loans = [item for name, item in model.inputs.items() if name.startswith("debt.") and name.endswith(".years")]
    if loans:
        longer = added(most(0, each - years) for each in loans)
        model.scalar("checks.tenors", longer, "years", "Loans that run on after the project")


def _outside(model: Model, head: str) -> list[Term]:
    """1 for each input of a section that is below its bound or, of a share, above 1."""
    found: list[Term] = []
    for name, item in model.inputs.items():
        bound = bound_at(name)
        if isinstance(item, Input) and name.startswith(head) and bound.low >= 0:
            found.append(flag(item < bound.low))
            if bound.high == 1:
                found.append(flag(item > 1))
    return found


def _alerts(model: Model) -> None:
    """What a lender asks about, by period: covenants, service not paid, reserves short, support of the owners."""
    lines = model.lines
    model.line("alerts.default", lines["waterfall.breached"] * 1, "flag", "DSCR below the default covenant", "flag")
    model.line("alerts.lock_up", lines["waterfall.locked"] * 1, "flag", "DSCR below the lock-up", "flag")
    target = lines.get("waterfall.reserve_target_usd") or lines["debt.reserve_target_usd"]
    model.line("alerts.reserve_usd", most(0, target - lines["waterfall.reserve_usd"]),
               label="Missing from the debt service reserve", kind="balance")  # fmt: skip
    owed = flag(prev(lines["loans.balance_usd"]) > 0) * lines["time.repaying"]
    support: Line = lines["waterfall.support_usd"]
    model.line("alerts.support_usd", (support + lines["waterfall.topped_usd"]) * owed,
               label="Owners must pay in while debt is owed")  # fmt: skip
