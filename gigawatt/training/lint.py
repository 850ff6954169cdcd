"""Traps in files of training runs: rows whose numbers do not mean what their column says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gigawatt.errors import GigawattError
from gigawatt.training.compare import MIXTURE, number_of
from gigawatt.training.flop import number, training_flop
from gigawatt.training.speed import Chip, mfu_of
from gigawatt.units import HOURS_PER_DAY

FRACTION = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)")
ROUND_SHARES = [share / 100 for share in range(10, 65, 5)]  # utilisations that people assume
TERA = 1e12
RECOMPUTED = (1.2, 1.45)  # FLOP over 6 N D where activations were computed twice (8/6)
DOUBLED = (1.8, 2.2)  # a rate with sparsity over the dense one
HINTS_OF_GUESS = ("utilisation", "utilization", "assum", "gpu-hours x", "gpu-hours *", "hours x peak")


@dataclass(frozen=True, slots=True)
class Finding:
    """One trap in one row."""

    line: int  # of the file, the head is line 1
    model: str
    rule: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A row with what follows from it."""

    row: Mapping[str, str]
    active: float | None
    tokens: float | None
    flop: float | None
    hours: float | None
    chips: float | None
    days: float | None
    mfu: float | None
    peak: float | None

    @property
    def counted_flop(self) -> float | None:
        """6 N D, or the printed FLOP where N or D is missing."""
        return training_flop(self.active, self.tokens) if self.active and self.tokens else self.flop

    @property
    def implied_mfu(self) -> float | None:
        """Useful FLOP over what the hours could have done at peak."""
        if not (self.counted_flop and self.hours and self.peak):
            return None
        return mfu_of(self.counted_flop, self.hours, self.peak)


def lint(rows: Iterable[Mapping[str, str]]) -> list[Finding]:
    """Every trap found, in the order of the rows."""
    found = []
    for line, row in enumerate(rows, start=2):
        case, unknown = _case(row)
        said = [*unknown, *(one for rule in RULES for one in rule(case))]
        found += [Finding(line, row.get("model", ""), rule, text) for rule, text in said]
    return found


Said = Iterator[tuple[str, str]]


def _case(row: Mapping[str, str]) -> tuple[_Case, list[tuple[str, str]]]:
    unknown, peak = [], None
    try:
        peak = Chip.from_catalog(row.get("hardware", "")).bf16_flop_per_s
    except GigawattError as error:
        unknown.append(("unknown-chip", str(error)))
    columns = {"active": "params_active", "hours": "chip_hours", "chips": "n_chips", "days": "wall_days"}
    columns |= {name: name for name in ("tokens", "flop", "mfu")}
    numbers: dict[str, Any] = {name: number_of(row, column) for name, column in columns.items()}
    return _Case(row=row, peak=peak, **numbers), unknown


def _circular(case: _Case) -> Said:
    """FLOP that were made from hours x peak x an assumed utilisation say nothing about hours."""
    basis = case.row.get("flop_basis", "").lower()
    if case.flop and any(hint in basis for hint in HINTS_OF_GUESS):
        yield "circular-flop", f"the FLOP come from an assumed utilisation ({basis}): no test of hours"
    elif case.flop and case.hours and case.peak and not _agrees(case):
        share = mfu_of(case.flop, case.hours, case.peak)
        near = min(ROUND_SHARES, key=lambda one: abs(share / one - 1))
        if abs(share / near - 1) < number("lint", "circular_tolerance"):
            yield "circular-flop", f"FLOP are hours x peak x {near:.0%}: an assumed utilisation, no test of hours"


def _agrees(case: _Case) -> bool:
    """Whether printed FLOP are 6 N D, give or take attention."""
    if not (case.flop and case.active and case.tokens):
        return False
    return bool(abs(case.flop / training_flop(case.active, case.tokens) - 1) < number("lint", "flop_tolerance"))


def _sparse_peak(case: _Case) -> Said:
    """A utilisation over a peak with sparsity is half of what it should be."""
    for rate, over in FRACTION.findall(case.row.get("mfu_basis", "")):
        if case.peak and DOUBLED[0] < float(over) * TERA / case.peak < DOUBLED[1]:
            yield (
                "sparse-peak",
                f"{rate}/{over}: the dense peak is {case.peak / TERA:.0f} TFLOP/s; this is with sparsity",
            )
            return
    if case.mfu and case.implied_mfu and DOUBLED[0] < case.implied_mfu / case.mfu < DOUBLED[1]:
        yield (
            "sparse-peak",
            f"mfu {case.mfu:.2f} is half of the {case.implied_mfu:.2f} that the hours imply: doubled peak?",
        )


def _per_trillion(case: _Case) -> Said:
    """DeepSeek-V2's 172.8 thousand hours are for each trillion tokens."""
    if not (case.implied_mfu and case.tokens) or case.implied_mfu <= number("lint", "mfu_high"):
        return
    if number("lint", "mfu_low") < case.implied_mfu / (case.tokens / TERA) < number("lint", "mfu_high"):
        yield (
            "hours-per-trillion",
            f"{case.hours:,.0f} hours would be {case.implied_mfu:.0%} of peak; per trillion tokens?",
        )


def _recomputed(case: _Case) -> Said:
    """FLOP that the hardware did twice are not the model's (HFU, not MFU)."""
    basis = case.row.get("mfu_basis", "").lower()
    if case.mfu and "hfu" in basis and "mfu" not in basis:
        yield (
            "hfu-not-mfu",
            f"mfu {case.mfu:.2f} is a hardware utilisation (HFU): with full recomputation MFU is 3/4 of it",
        )
    if case.flop and case.active and case.tokens:
        ratio = case.flop / training_flop(case.active, case.tokens)
        if RECOMPUTED[0] <= ratio <= RECOMPUTED[1]:
            yield "hfu-not-mfu", f"FLOP are {ratio:.2f} x 6 N D: recomputed activations counted?"


def _six_n_d(case: _Case) -> Said:
    """Printed FLOP far from 6 N D: other tokens, total instead of active parameters, several runs."""
    if case.flop and case.active and case.tokens and not _agrees(case):
        ratio = case.flop / training_flop(case.active, case.tokens)
        if not RECOMPUTED[0] <= ratio <= RECOMPUTED[1]:
            yield "flop-not-6nd", f"FLOP are {ratio:.2f} x 6 N D of active parameters and tokens"


def _implausible(case: _Case) -> Said:
    """A share of peak that no whole run is known to have reached, or so low that hours hold more than the run."""
    low, high = number("lint", "mfu_low"), number("lint", "mfu_high")
    if case.implied_mfu and not low <= case.implied_mfu <= high and not list(_per_trillion(case)):
        yield (
            "implausible-mfu",
            f"hours and 6 N D imply {case.implied_mfu:.1%} of peak; {low:.0%} to {high:.0%} is plausible",
        )


def _hours(case: _Case) -> Said:
    """Chip-hours are chips x days x 24 unless the cluster was shared or grew."""
    if case.hours and case.chips and case.days:
        product = case.chips * case.days * HOURS_PER_DAY
        if abs(case.hours / product - 1) > number("lint", "hours_tolerance"):
            yield (
                "hours-not-chips-days",
                f"{case.hours:,.0f} hours; {case.chips:,.0f} chips x {case.days:g} days are {product:,.0f}",
            )


def _sizes(case: _Case) -> Said:
    """More active parameters than there are, or none told for a mixture."""
    total = number_of(case.row, "params_total")
    if case.active and total and case.active > total:
        yield "active-above-total", f"{case.active:g} active of {total:g} parameters"
    if case.active is None and total and MIXTURE.search(case.row.get("arch", "")):
        yield "active-missing", f"a mixture of experts of {total:g} parameters: how many are active?"


RULES = (_circular, _sparse_peak, _per_trillion, _recomputed, _six_n_d, _implausible, _hours, _sizes)
