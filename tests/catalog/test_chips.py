"""Peaks of chips against what their makers print, and names that other people use for them."""

import csv
from pathlib import Path

import pytest

from gigawatt import catalog, load
from gigawatt.errors import ScenarioError

COMPILED = Path(__file__).resolve().parents[3] / "shared" / "data" / "accelerators.csv"

# What data sheets print, in PFLOPS of BF16, FP8, FP4 and for how many chips; with sparsity, so twice the dense rate.
SPARSE_PFLOPS = {
    "a100-80": (0.624, None, None, 1),
    "h100-sxm": (1.979, 3.958, None, 1),
    "h100-pcie": (1.513, 3.026, None, 1),
    "h200-sxm": (1.979, 3.958, None, 1),
    "l4": (0.242, 0.485, None, 1),
    "b200": (36, 72, 144, 8),
    "gb200-nvl72": (360, 720, 1440, 72),
    "b300": (36, 72, None, 8),
    "gb300-nvl72": (360, 720, None, 72),
    "mi300x": (2.6149, 5.2298, None, 1),
    "mi325x": (2.6149, 5.2298, None, 1),
    "mi350x": (None, None, 18.45, 1),
    "mi355x": (None, None, 20.1, 1),
}
# Printed dense: PFLOPS of one chip. NVFP4 of Blackwell Ultra gains nothing from sparsity in proportion.
DENSE_PFLOPS = {
    "h20": {"bf16": 0.148, "fp8": 0.296},
    "l40s": {"bf16": 0.362, "fp8": 0.733},
    "b300": {"fp4": 108 / 8},
    "gb300-nvl72": {"fp4": 1080 / 72},
    "tpu-v3": {"bf16": 0.123},
    "tpu-v4": {"bf16": 0.275, "int8": 0.275},
    "tpu-v5e": {"bf16": 0.197, "int8": 0.394},
    "tpu-v5p": {"bf16": 0.459},
    "tpu-v6e": {"bf16": 0.918},
    "tpu-v7": {"bf16": 2.307, "fp8": 4.614},
}


def rate(chip, kind):
    return float(catalog.value("chips", chip, f"{kind}_flop_per_s"))


@pytest.mark.parametrize("chip", sorted(SPARSE_PFLOPS))
def test_rates_are_half_of_the_sparse_ones_that_data_sheets_print(chip):
    *printed, chips = SPARSE_PFLOPS[chip]
    for kind, pflops in zip(("bf16", "fp8", "fp4"), printed, strict=True):
        if pflops is not None:
            assert rate(chip, kind) == pytest.approx(pflops / 2 / chips * 1e15, rel=0.01), kind


@pytest.mark.parametrize("chip", sorted(DENSE_PFLOPS))
def test_rates_that_data_sheets_print_dense_are_kept(chip):
    for kind, pflops in DENSE_PFLOPS[chip].items():
        assert rate(chip, kind) == pytest.approx(pflops * 1e15, rel=0.04), kind


def test_chips_without_a_path_for_eight_bit_floats_have_none():
    older = ("v100", "a30", "a100-40", "a100-80", "a100-pcie", "tpu-v3", "tpu-v4", "tpu-v5e")
    assert [chip for chip in older if rate(chip, "fp8")] == []


def test_the_same_die_has_the_same_rates():
    for one, other in (("h100-sxm", "h800"), ("h100-sxm", "h200-sxm"), ("a100-40", "a100-80"), ("mi300x", "mi325x")):
        assert rate(one, "bf16") == pytest.approx(rate(other, "bf16"), rel=1e-3)


def test_an_alias_means_one_chip_and_no_alias_is_a_chip():
    chips = catalog.items("chips")
    names = [alias for chip in chips for alias in str(catalog.value("chips", chip, "aliases", default="")).split()]
    assert len(names) == len(set(names)) and not set(names) & set(chips)


def test_every_compiled_accelerator_is_in_the_catalog_under_its_name_or_an_alias():
    if not COMPILED.exists():
        pytest.skip("the compiled table of accelerators is not beside this repository")
    known = set(catalog.items("chips"))
    for chip in tuple(known):
        known |= set(str(catalog.value("chips", chip, "aliases", default="")).split())
    with COMPILED.open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert len(ids) == 38 and [name for name in ids if name not in known] == []


def test_idle_power_is_a_part_of_the_power_of_the_package():
    idle = [chip for chip in catalog.items("chips") if "idle_power_w" in catalog.facts("chips", chip)]
    for chip in idle:
        part = float(catalog.value("chips", chip, "idle_power_w")) / float(catalog.value("chips", chip, "tdp_w"))
        assert 0.05 < part < 0.5, chip
    assert idle


def test_a_scenario_asks_for_what_the_catalog_lacks_of_a_chip(tmp_path):
    path = tmp_path / "plan.yaml"
    text = "name: x\nstart: 2026-01-05\nweeks: 4\ninclude: [catalog:base]\nchips:\n  h800: {%s}\n"
    path.write_text(text % "")
    with pytest.raises(ScenarioError, match=r"chips.h800: missing price_usd; the catalog does not give it either"):
        load(path)
    path.write_text(text % "price_usd: 30 k$")
    assert load(path).chips["h800"].family == "nvidia"


@pytest.mark.parametrize(("chip", "clock_hz"), [("mi350x", 2.2e9), ("mi355x", 2.4e9)])
def test_rates_of_the_mi350_series_follow_from_units_and_clock(chip, clock_hz):
    # Eight dies of 32 units; 8,192 FP8 operations a clock and unit, half as many in BF16, twice as many in FP4.
    fp8 = 8 * 32 * 8192 * clock_hz
    assert [rate(chip, kind) for kind in ("bf16", "fp8", "fp4")] == pytest.approx([fp8 / 2, fp8, 2 * fp8], rel=0.01)
