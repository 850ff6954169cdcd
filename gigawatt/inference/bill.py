"""What a request costs in energy and money, split between its prompt and its answer.

    chip time of a request = chips / (requests/s x utilisation)
    energy = (prefill share x prefill draw + decode share x decode draw + idle share x idle draw) x that time x PUE
    USD = chip time x USD per chip-hour + energy x USD per MWh

Time without work, within the loop and beyond its utilisation, is split between prompt and answer as the busy time is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gigawatt.inference.costs import Site, capital_usd_per_chip_h, energy_usd_per_mwh
from gigawatt.inference.energy import Draw, prompt_compute_s, step_compute_s
from gigawatt.inference.flow import Flow
from gigawatt.inference.loop import Latency
from gigawatt.inference.points import Points
from gigawatt.inference.shapes import Chip, Model
from gigawatt.units import J_PER_MWH, SECONDS_PER_HOUR

Number = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Energy at the meter and money for one request."""

    power_w: Number  # mean draw of a chip with its server under load, before PUE
    input_j: Number
    output_j: Number
    input_usd: Number
    output_usd: Number

    @property
    def query_j(self) -> Number:
        """Energy of prompt and answer, in J."""
        return self.input_j + self.output_j

    @property
    def query_usd(self) -> Number:
        """Cost of prompt and answer, in USD."""
        return self.input_usd + self.output_usd


def bill_of(model: Model, chip: Chip, p: Points, found: Latency, through: Flow, site: Site) -> Bill:
    """The bill of one request at each point."""
    draw = Draw()
    chip_s = through.chips / through.requests_per_s  # under load
    prefill_w = through.prefill_share * draw.busy_w(chip, prompt_compute_s(model, p) / found.prompt_s)
    decode_w = through.decode_share * draw.busy_w(chip, step_compute_s(model, p, found.decoding) / found.step_s)
    gaps = 1.0 - through.prefill_share - through.decode_share
    resting_w = (gaps + (1.0 - site.utilisation) / site.utilisation) * draw.idle_w(chip)
    share = through.input_share
    input_j = (prefill_w + share * resting_w) * chip_s * site.pue
    output_j = (decode_w + (1.0 - share) * resting_w) * chip_s * site.pue
    capital_usd = capital_usd_per_chip_h(chip, site) / SECONDS_PER_HOUR * chip_s / site.utilisation
    usd_per_j = energy_usd_per_mwh(site) / J_PER_MWH
    return Bill(
        power_w=prefill_w + decode_w + gaps * draw.idle_w(chip),
        input_j=input_j,
        output_j=output_j,
        input_usd=share * capital_usd + input_j * usd_per_j,
        output_usd=(1.0 - share) * capital_usd + output_j * usd_per_j,
    )
