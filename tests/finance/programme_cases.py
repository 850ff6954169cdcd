"""Programmes that the tests of programmes share: two by hand, and one of the catalog."""

from dataclasses import replace

from gigawatt.finance.programmes.presets import programme
from gigawatt.finance.programmes.programme import Programme, Source

BN = 1e9
BONDS = Source(name="bonds", kind="bullet", capacity_usd_per_year=((2026, 2 * BN),), rate=0.08, years=1)
SHARES = Source(name="shares", kind="equity", capacity_usd_per_year=((2026, 1 * BN),))

# One leased GW at 2 bn a quarter, 1 bn of revenue a quarter, 3 bn of cash of which 1 bn must stay.
SMALL = Programme(
    name="small", title="small", start_year=2026, years=2, target_year=2027, gw=((2025, 1.0),),
    own_share=((2026, 0.0),), vendor_share=((2026, 0.0),),
    chips_usd_per_gw=20 * BN, facility_usd_per_gw=8 * BN, power_usd_per_gw=4 * BN,
    chip_life_years=1, facility_life_years=8, power_life_years=8, facility_build_quarters=2, chip_lead_quarters=1,
    opex_usd_per_gw_year=1 * BN, rent_usd_per_gw_year=8 * BN,
    revenue_usd=((2025, 4 * BN),), growth_late=0.0, growth_fade=1.0,
    price_usd_per_gwh=1e6, utilisation=0.9, serving_share=((2025, 1.0),), tokens_per_gwh=2e12,
    fixed_cost_usd_per_year=((2025, 0.0),), other_cost_share=((2025, 0.0),), tax_rate=0.25,
    cash_usd=3 * BN, minimum_cash_usd=1 * BN, sources=(BONDS, SHARES),
)  # fmt: skip
BUILDER = replace(SMALL, gw=((2025, 0.0), (2027, 8.0)), own_share=((2026, 1.0),), years=4)
LAB = programme("openai-1.4tn")


def column(flow):
    return (flow[:, 0] / BN).tolist()
