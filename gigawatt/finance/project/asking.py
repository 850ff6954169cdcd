"""What a lender asks beyond whether debt is served: who else pays, from which reserves, and what was not lent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gigawatt.finance.project.lines import Model
from gigawatt.finance.project.values import Values
from gigawatt.finance.project.waterfall import OWED

# Findings for which a strict reader gives up: debt that is not served, or is served by money that nobody promised.
REFUSED = ("debt not served", "debt left", "default covenant", "owners' support")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a lender would ask about; `period` counts from 1, 0 where it is not about one."""

    name: str
    period: int
    amount: float
    text: str


def refused(found: Iterable[Finding]) -> list[Finding]:
    """The findings for which a strict reader gives up."""
    return [each for each in found if each.name in REFUSED]


def asked(model: Model, values: Values) -> list[Finding]:
    """Support that nobody has promised, reserves drawn on, refreshes while debt is owed, loans of nothing."""
    supported = _supported(values)
    return [*supported, *_drawn(model, values), *([] if supported else _refreshed(values)), *_nothing(model, values)]


def _owed_before(values: Values) -> np.ndarray:
    """Debt at the start of each period after completion, else 0."""
    owed = np.concatenate(([0.0], values["loans.balance_usd"][:-1, 0]))
    return np.asarray(np.where(values["time.repaying"][:, 0] > 0, owed, 0.0))


def _supported(values: Values) -> list[Finding]:
    """Cash that owners would have to add after completion, beyond recourse, while debt is owed."""
    owed = _owed_before(values)
    added = values["waterfall.support_usd"][:, 0] + values["waterfall.topped_usd"][:, 0]
    hit = np.flatnonzero((added > max(OWED, 1e-9 * float(owed.max()))) & (owed > OWED))
    if not len(hit):
        return []
    period, amount = int(hit[0]) + 1, float(added[hit[0]])
    why = " (refresh of assets)" if values["capex.refresh_usd"][hit[0], 0] > OWED else ""
    more = f", and in {len(hit) - 1} later periods" if len(hit) > 1 else ""
    return [Finding("owners' support", period, amount, f"owners must pay in {amount:,.0f} USD in period {period}{why} "
                    f"while {owed[hit[0]]:,.0f} USD are owed, and nobody has promised it{more}")]  # fmt: skip


def _drawn(model: Model, values: Values) -> list[Finding]:
    """Debt service paid from the reserve."""
    names = [name for name in model.lines if name.startswith("loans.") and name.endswith(".reserve_drawn_usd")]
    if not names:
        return []
    drawn = np.sum([values[name][:, 0] for name in names], axis=0)
    hit = np.flatnonzero(drawn > OWED)
    if not len(hit):
        return []
    period, more = int(hit[0]) + 1, f", and in {len(hit) - 1} later periods" if len(hit) > 1 else ""
    return [Finding("reserve drawn", period, float(drawn[hit[0]]), f"{drawn[hit[0]]:,.0f} USD of debt service are paid "
                    f"from the reserve in period {period}{more}")]  # fmt: skip


def _refreshed(values: Values) -> list[Finding]:
    """Assets bought again while debt is owed, of which nothing was saved before."""
    owed, saved = _owed_before(values), values["reserves.refresh_usd"][:, 0]
    spent = values["capex.refresh_usd"][:, 0]
    hit = np.flatnonzero((spent > OWED) & (owed > OWED) & (np.concatenate(([0.0], saved[:-1])) <= OWED))
    if not len(hit):
        return []
    period, amount = int(hit[0]) + 1, float(spent[hit[0]])
    return [Finding("refresh before maturity", period, amount, f"assets are bought again for {amount:,.0f} USD in "
                    f"period {period}, while {owed[hit[0]]:,.0f} USD are owed, from cash that comes before debt "
                    "service; reserves.refresh_funded would save it up")]  # fmt: skip


def _nothing(model: Model, values: Values) -> list[Finding]:
    """Loans that are not lent at all."""
    loans = [name.split(".")[1] for name in model.lines if name.startswith("debt.") and name.endswith(".unit_service")]
    none = [loan for loan in loans if float(values[f"debt.{loan}.usd"][0]) <= OWED]
    return [Finding("loan of nothing", 0, 0.0, f"{loan}: 0 USD, since the cover, gearing or amount asked for leaves no "
                    "room for it") for loan in none]  # fmt: skip
