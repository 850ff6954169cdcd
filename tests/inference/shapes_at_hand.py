"""A chip and two models with round numbers, so that answers can be worked out by hand."""

from gigawatt.inference import Chip, Model, Site

CHIP = Chip(
    name="chip-a",
    bf16_flop_per_s=1e15,
    fp8_flop_per_s=2e15,
    memory_gb=80,
    memory_bandwidth_gb_per_s=3000,
    scaleup_gb_per_s=900,
    scaleup_domain=8,
    tdp_w=700,
    system_power_w=1000,
    price_usd=30_000,
)
DENSE = Model(
    name="dense",
    layers=80,
    hidden=8192,
    heads=64,
    kv_heads=8,
    head_dim=128,
    intermediate=28_672,
    vocab=128_000,
    params=70e9,
    params_active=70e9,
)
MIXTURE = Model(
    name="mixture",
    layers=60,
    hidden=4096,
    heads=64,
    kv_heads=8,
    head_dim=128,
    experts=128,
    experts_active=8,
    expert_intermediate=2048,
    vocab=128_000,
    draft_layers=1,
    params=200e9,
    params_active=20e9,
)
SITE = Site(
    usd_per_mwh=60,
    pue=1.25,
    g_co2_per_kwh=400,
    litres_per_kwh=0.5,
    utilisation=0.5,
    capital_rate=0.1,
    chip_life_years=5,
    site_life_years=20,
    facility_usd_per_mw=10e6,
    upkeep_per_year=0.02,
    availability=0.9,
)
