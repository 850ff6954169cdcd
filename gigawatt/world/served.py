"""How tiers are served on chips, for `explain`: the layout behind tokens per chip, and what that hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from gigawatt import catalog
from gigawatt.inference.pools import MORE, Serving, leanings
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import Tier
from gigawatt.scenario import Scenario
from gigawatt.training.weekly import H100_FLOP_PER_S
from gigawatt.units import Quantity
from gigawatt.world.inputs import Row, input_row
from gigawatt.world.record import Record
from gigawatt.world.setup import serving_chip, serving_tier, servings

STRONGEST = 5  # fitted factors that are shown
MODEL_SHOWN = ("params", "params_active", "layers", "hidden", "experts", "experts_active")


def serving_rows(record: Record, week: int, label: str) -> Iterator[Row]:
    """Rows of how tiers are served on the chip of the label, else on the one most in use that week."""
    table, names = servings(record.scenario, record.names), record.names
    known = {name.lower(): name for name in (*names.tiers, *names.chips)}
    asked = known.get(label.lower(), "")
    chip = asked if asked in names.chips else most_used(record, week, label)
    for tier in (asked,) if asked in names.tiers else names.tiers:
        if (chip, tier) in table:
            yield from one_serving(record, chip, tier, table[chip, tier])


def most_used(record: Record, week: int, label: str) -> str:
    """The chip that the company of the label, or all of them, have most of, in H100-equivalents."""
    installed = record.field("fleet.installed_h100e")[week]
    who = [c for c, name in enumerate(record.names.companies) if name.lower() == label.lower()]
    counted = installed[who].sum(axis=0) if who and installed[who].sum() > 0 else installed.sum(axis=0)
    return record.names.chips[int(np.argmax(counted[: len(record.names.chips)]))]


def one_serving(record: Record, chip: str, tier: str, found: Serving) -> Iterator[Row]:
    """How one tier is served on one chip, the inputs of that, and the fitted factors that move it most."""
    scenario = record.scenario
    asked, model = serving_tier(scenario, tier), Model.from_catalog(scenario.tiers[tier].model)
    realised = float(scenario.parameters["market.serving_efficiency"])
    h100e = float(scenario.chips[chip].bf16_flop_per_s) / H100_FLOP_PER_S
    rate = found.output_tokens_per_s_per_chip
    text = f"x {realised:g} market.serving_efficiency / {h100e:.3g} H100e = {rate * realised / h100e:.4g} at the start"
    yield row("serving", f"{tier} on {chip}", f"{rate:.4g} output tokens/s a chip", text)
    yield row("serving", "layout", layout_text(found), "")
    yield row("serving", "pace", pace_text(found), "")
    yield from scenario_rows(scenario, f"tiers.{tier}", Tier)
    yield from scenario_rows(scenario, f"chips.{chip}", Chip)
    for name in MODEL_SHOWN:
        fact = catalog.fact("models", model.name, name)
        yield row("input", f"models.{model.name}.{name}", f"{float(fact.value):g}", f"[{fact.source}]", fact.source)
    changes = leanings(model, serving_chip(scenario.chips[chip], chip), asked, found)
    for name in list(changes)[:STRONGEST]:
        fact = catalog.fact("kernels", "fitted", name)
        text = f"[{fact.source}] {MORE:.0%} more makes {changes[name]:+.1%} tokens of {tier} on {chip}"
        yield row("factor", f"kernels.fitted.{name}", f"{float(fact.value):g}", text, fact.source)


def layout_text(found: Serving) -> str:
    """The layout and load in words."""
    return (
        f"{found.model} in {found.precision}, tensor parallel {found.tensor_parallel:g} x data parallel "
        f"{found.data_parallel:g} x stages {found.stages:g}, experts over {found.expert_parallel:g}; "
        f"{found.users:,.0f} users a group of {found.chips:g}"
    )


def pace_text(found: Serving) -> str:
    """What a request is and what its user waits for, in words."""
    return (
        f"TTFT {found.ttft_s:.3g} s, TPOT {found.tpot_s * 1e3:.3g} ms; a request of {found.input_tokens:,.0f} tokens "
        f"in and {found.output_tokens:,.0f} out, prompts {found.prefill_share:.0%} of the time"
    )


def scenario_rows(scenario: Scenario, path: str, kind: type) -> Iterator[Row]:
    """Values of the scenario under `path` that the estimate takes, with their origins."""
    for one in fields(kind):
        value = scenario.values().get(f"{path}.{one.name}")
        if isinstance(value, Quantity) and value.value > 0:
            yield input_row(scenario, f"{path}.{one.name}")


def row(kind: str, name: str, value: str, text: str, source: str = "") -> Row:
    """One row of an explanation."""
    return {"kind": kind, "name": name, "value": value, "text": text, "source": source}
