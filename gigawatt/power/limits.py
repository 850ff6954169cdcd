"""Targets as rows on the capacities and as budgets of what the firm sources make."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gigawatt.errors import nearest
from gigawatt.power.draft import Draft, columns
from gigawatt.power.options import Bridge, Plant
from gigawatt.power.system import Budget

Array = np.ndarray


def add_targets(draft: Draft) -> None:
    """Every target as a row or a budget of the draft."""
    targets, load_mwh = draft.targets, draft.load_mwh
    dirty = {s.name: s.dirty for s, _, _ in draft.firm if s.role not in ("flexible", "unsold")}
    if targets.carbon_t is not None:
        _add_budget(draft, "carbon", {s.name: s.carbon_t_per_mwh for s, _, _ in draft.firm}, targets.carbon_t)
    if targets.carbon_free_hourly is not None:
        rest = 1.0 - targets.carbon_free_hourly
        _add_budget(draft, "carbon-free by the hour", dirty | _stopping(draft, rest), rest * load_mwh, None, rest)
    if targets.carbon_free_annual is not None:
        unsold = {s.name: 1.0 for s, _, _ in draft.firm if s.role == "unsold"}
        matched = {place: float(draft.hours) for s, place, _ in draft.free if s.role == "export"}
        matched |= {v.capacity: float(v.output.sum()) for v in draft.virtual}
        rest = 1.0 - targets.carbon_free_annual
        use = dirty | unsold | _stopping(draft, rest)
        _add_budget(draft, "carbon-free over the year", use, rest * load_mwh, matched, rest)
    if targets.reserve_margin is not None:
        _add_reserve(draft, targets.reserve_margin)
    for name, share in targets.least_share.items():
        _add_share(draft, name, share, least=True)
    for name, share in targets.most_share.items():
        _add_share(draft, name, share, least=False)


def _stopping(draft: Draft, rest: float) -> dict[str, float]:
    """Load that stops takes the share of energy that need not be carbon-free with it."""
    return {s.name: rest for s, _, _ in draft.firm if s.role == "flexible"}


def _add_budget(
    draft: Draft, name: str, use: Mapping[str, Array | float], cap: float, matched: Mapping[int, float] | None = None,
    per_load: float = 0.0,
) -> None:  # fmt: skip
    """A limit on what the firm sources make, by their names."""
    use_of_column = columns([draft.hourly(use.get(s.name, 0.0)) for s, _, _ in draft.firm], draft.hours)
    per_capacity = None
    if matched:
        per_capacity = np.zeros(len(draft.capacities))
        for place, value in matched.items():
            per_capacity[place] = value
    draft.budgets.append(Budget(name=name, use=use_of_column, cap=cap, per_capacity=per_capacity, per_load=per_load))


def _add_reserve(draft: Draft, margin: float) -> None:
    credits: dict[int, float] = {}
    names = [c.name for c in draft.capacities]
    for option in draft.options:
        if isinstance(option, Bridge):
            continue
        credit = option.capacity_credit
        if credit is None:
            credit = 0.0 if isinstance(option, Plant) and option.variable else option.technology.capacity_factor  # type: ignore[union-attr]
        credits[names.index(option.name)] = credit
    draft.rows.append((f"reserve of {margin:g} over the peak", credits, (1.0 + margin) * draft.peak_mw))


def _add_share(draft: Draft, name: str, share: float, *, least: bool) -> None:
    """An option gives at least or at most a share of the load: of what the weather offers, a row; else a budget."""
    sign, energy = (1.0 if least else -1.0), share * draft.load_mwh
    title = f"{name} at {'least' if least else 'most'} {share:g} of the load"
    for source, place, profile in draft.free:
        if source.name == name:
            draft.rows.append((title, {place: sign * float(profile.sum())}, sign * energy))
            return
    known = [s.name for s, _, _ in draft.firm if s.role in ("plant", "grid", "contract")]
    if name not in known:
        close = nearest(name, [*known, *(s.name for s, _, _ in draft.free)])
        raise ValueError(f"targets: no source {name!r}" + (f"; did you mean {close!r}?" if close else ""))
    _add_budget(draft, title, {name: -sign}, -sign * energy)
