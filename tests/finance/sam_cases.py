"""Projects for a comparison with NREL SAM's single-owner model: what one is made of, and draws by family.

Five families of 40 cases (`FAMILIES`) and a sixth, "corner", of the places where SAM is odd. USD, ratios, kWh.
"""

from dataclasses import dataclass

import numpy as np

HOURS_PER_YEAR = 8760
CLASSES = ("macrs_5", "macrs_15", "sl_5", "sl_15", "sl_20", "sl_39", "custom")  # SAM's order: equip_reserve_depr_* too
FAMILIES = ("no_debt", "sculpted", "level", "cluster", "capped")
CASES_PER_FAMILY = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SamCase:
    """One project on a yearly grid: money out at year 0, operation at the ends of years 1 to `years`."""

    years: int = 20
    capacity_kw: float = 1e5
    energy_kwh: float = 3e8  # of year 1
    degradation_rate: float = 0.0
    price_usd_per_kwh: tuple[float, ...] = (0.05,)  # one: escalates; several: one for each year
    price_escalation_rate: float = 0.0
    inflation_rate: float = 0.0
    real_discount_rate: float = 0.06
    federal_tax_rate: tuple[float, ...] = (0.0,)  # one: every year; several: one for each year
    state_tax_rate: tuple[float, ...] = (0.0,)
    capex_usd: float = 1e8
    construction_interest_usd: float = 0.0
    debt_closing_usd: float = 0.0
    other_financing_usd: float = 0.0
    debt_fee_rate: float = 0.0  # of the loan, up front
    fixed_usd_per_year: float = 0.0
    fixed_escalation_rate: float = 0.0  # added to inflation, not compounded with it
    variable_usd_per_mwh: float = 0.0
    capacity_usd_per_kw_year: float = 0.0
    insurance_rate: float = 0.0  # of capex_usd
    property_tax_rate: float = 0.0
    property_assessed_rate: float = 1.0
    property_decline_rate: float = 0.0  # of the assessed value, straight line, a year
    salvage_rate: float = 0.0  # of capex_usd
    sculpted: bool = False  # False: `debt_rate` of the cost, level payments
    debt_rate: float = 0.0
    dscr: float = 1.3
    debt_cap_rate: float | None = None  # of the cost, with `sculpted` only
    interest_rate: float = 0.06
    tenor_years: int = 15
    moratorium_years: int = 0  # interest only; with level or equal-principal debt
    equal_principal: bool = False
    dsra_months: float = 0.0
    working_capital_months: float = 0.0
    receivables_months: float = 0.0
    reserve_interest_rate: float = 0.0
    equipment_usd: tuple[float, ...] = (0.0, 0.0)  # of each replacement, in money of year 1
    equipment_every_years: tuple[int, ...] = (10, 10)
    equipment_class: str = "macrs_5"
    depreciation_shares: tuple[float, ...] = (
        1.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
    )  # by CLASSES; the rest is not written off
    custom_schedule: tuple[float, ...] = (1.0,)
    bonus_rate: float = 0.0  # of the basis, in year 1, in every class, federal only


def draw_case(family: str, seed: int) -> SamCase:
    """Case `seed` of `family`, the same every time: a power plant, or with "cluster" a cluster of GPUs."""
    rng = np.random.default_rng([sum(map(ord, family)), seed])
    draws = {
        "no_debt": _no_debt,
        "sculpted": _sculpted,
        "level": _level,
        "cluster": _cluster,
        "capped": _capped,
        "corner": _corner,
    }
    return SamCase(**draws[family](rng))


def _plant(rng: np.random.Generator) -> dict:
    """A plant that earns 7 to 16 % of its cost a year before debt and tax."""
    years = int(rng.integers(8, 36))
    capex_usd = float(rng.uniform(2e7, 5e9))
    energy_kwh = capex_usd * float(rng.uniform(2.0, 4.0))
    opex_usd = capex_usd * float(rng.uniform(0.01, 0.03))
    margin = float(rng.uniform(0.07, 0.16))
    shares = rng.dirichlet(np.full(len(CLASSES), 0.6)) * rng.uniform(0.9, 1.0)
    schedule = rng.dirichlet(np.full(int(rng.integers(2, 8)), 3.0))
    return {
        "years": years,
        "capacity_kw": energy_kwh / 3000,
        "energy_kwh": energy_kwh,
        "degradation_rate": float(rng.uniform(0, 0.01)),
        "price_usd_per_kwh": ((margin * capex_usd + opex_usd) / energy_kwh,),
        "price_escalation_rate": float(rng.uniform(0, 0.03)),
        "inflation_rate": float(rng.uniform(0, 0.04)),
        "real_discount_rate": float(rng.uniform(0.03, 0.1)),
        "federal_tax_rate": (float(rng.uniform(0.15, 0.35)),),
        "state_tax_rate": (float(rng.uniform(0, 0.1)),),
        "capex_usd": capex_usd,
        "fixed_usd_per_year": 0.3 * opex_usd,
        "fixed_escalation_rate": float(rng.uniform(0, 0.02)),
        "variable_usd_per_mwh": 0.2 * opex_usd / (energy_kwh / 1000),
        "capacity_usd_per_kw_year": 0.3 * opex_usd / (energy_kwh / 3000),
        "insurance_rate": float(rng.uniform(0, 0.004)),
        "property_tax_rate": float(rng.uniform(0, 0.005)),
        "property_assessed_rate": float(rng.uniform(0.6, 1.0)),
        "property_decline_rate": float(rng.uniform(0, 0.06)),
        "depreciation_shares": tuple(map(float, shares)),
        "custom_schedule": tuple(map(float, schedule)),
        "construction_interest_usd": capex_usd * float(rng.uniform(0, 0.04)),
        "other_financing_usd": capex_usd * float(rng.uniform(0, 0.01)),
    }


def _loan(rng: np.random.Generator, plant: dict) -> dict:
    return {
        "debt_closing_usd": plant["capex_usd"] * float(rng.uniform(0, 0.01)),
        "debt_fee_rate": float(rng.uniform(0, 0.03)),
        "interest_rate": float(rng.uniform(0.03, 0.09)),
        "tenor_years": int(rng.integers(3, plant["years"] + 1)),
        "dsra_months": float(rng.choice([0.0, 6.0, 12.0])),
        "working_capital_months": float(rng.uniform(0, 6)),
        "reserve_interest_rate": float(rng.uniform(0, 0.03)),
    }


def _no_debt(rng: np.random.Generator) -> dict:
    """Equity only; one case in two without taxes."""
    plant = _plant(rng)
    if rng.random() < 0.5:
        plant |= {"federal_tax_rate": (0.0,), "state_tax_rate": (0.0,)}
    return plant


def _priced_for(share: float, plant: dict, dscr: float) -> tuple[float]:
    """A price whose cash of year 1, if it stayed, would carry debt of about `share` of the cost."""
    rate, years = plant["interest_rate"], plant["tenor_years"]
    margin = share * dscr * rate / (1 - (1 + rate) ** -years)
    opex_usd = plant["fixed_usd_per_year"] / 0.3
    return ((margin * plant["capex_usd"] + opex_usd) / plant["energy_kwh"],)


def _sculpted(rng: np.random.Generator) -> dict:
    """Debt service in proportion to cash, debt of 20 to 90 % of the cost or so, no salvage."""
    plant = _plant(rng)
    plant |= _loan(rng, plant)
    dscr = float(rng.uniform(1.15, 1.8))
    price = _priced_for(float(rng.uniform(0.25, 0.65)), plant, dscr)
    return plant | {"sculpted": True, "dscr": dscr, "price_usd_per_kwh": price}


def _level(rng: np.random.Generator) -> dict:
    """Level payments on a share of the cost, every reserve, salvage."""
    plant = _plant(rng)
    every_years = [int(year) for year in rng.integers(3, 16, 2)]
    return (
        plant
        | _loan(rng, plant)
        | {
            "debt_rate": float(rng.uniform(0.2, 0.8)),
            "salvage_rate": float(rng.uniform(0, 0.2)),
            "equipment_usd": tuple(plant["capex_usd"] * float(rng.uniform(0, 0.08)) for _ in every_years),
            "equipment_every_years": tuple(every_years),
            "equipment_class": str(rng.choice(CLASSES[:6])),
        }
    )


def _cluster(rng: np.random.Generator) -> dict:
    """Chips as kW, chip-hours as kWh, USD per chip-hour as USD/kWh: five years, then the rest value as salvage."""
    chips = float(rng.integers(5_000, 500_000))
    capex_usd = chips * float(rng.uniform(30e3, 70e3))
    chip_h = chips * HOURS_PER_YEAR * float(rng.uniform(0.5, 0.95))
    opex_usd = chips * float(rng.uniform(2e3, 6e3))
    custom = rng.random() < 0.5
    cluster = {
        "years": 5,
        "capacity_kw": chips,
        "energy_kwh": chip_h,
        "degradation_rate": float(rng.uniform(0, 0.03)),  # chips that fail and are not replaced
        "price_usd_per_kwh": (float(rng.uniform(0.28, 0.38)) * (capex_usd + opex_usd) / chip_h,),
        "price_escalation_rate": float(rng.uniform(-0.08, 0.0)),
        "inflation_rate": float(rng.uniform(0.01, 0.04)),
        "real_discount_rate": float(rng.uniform(0.05, 0.12)),
        "federal_tax_rate": (0.21,),
        "state_tax_rate": (float(rng.uniform(0, 0.1)),),
        "capex_usd": capex_usd,
        "construction_interest_usd": capex_usd * float(rng.uniform(0, 0.05)),
        "capacity_usd_per_kw_year": 0.6 * opex_usd / chips,
        "variable_usd_per_mwh": 0.4 * opex_usd / (chip_h / 1000),  # power, per thousand chip-hours
        "insurance_rate": float(rng.uniform(0, 0.005)),
        "salvage_rate": float(rng.uniform(0, 0.15)),
        "depreciation_shares": (0.0,) * 6 + (1.0,) if custom else (1.0,) + (0.0,) * 6,
        "custom_schedule": (0.2,) * 5 if custom else (1.0,),
        "bonus_rate": float(rng.choice([0.0, 0.4, 1.0])),
    }
    kind = rng.integers(3)
    if kind == 0:
        return cluster
    debt = _loan(rng, cluster) | {"tenor_years": int(rng.integers(3, 6))}
    if kind == 1:
        return cluster | debt | {"debt_rate": float(rng.uniform(0.3, 0.7))}
    return cluster | debt | {"sculpted": True, "dscr": float(rng.uniform(1.5, 2.2))}


def _capped(rng: np.random.Generator) -> dict:
    """Sculpted debt of a plant so rich that a cap on its share of the cost binds; now and then salvage too."""
    plant = _plant(rng)
    plant |= _loan(rng, plant) | {"tenor_years": max(6, int(0.7 * plant["years"]))}
    dscr = float(rng.uniform(1.1, 1.3))
    return plant | {
        "price_usd_per_kwh": _priced_for(float(rng.uniform(0.9, 1.3)), plant, dscr),
        "sculpted": True,
        "dscr": dscr,
        "debt_cap_rate": float(rng.uniform(0.2, 0.7)),
        "salvage_rate": float(rng.choice([0.0, 0.1])),
    }


def _corner(rng: np.random.Generator) -> dict:
    """Where SAM is odd: receivables, grace, long and short tenors, no interest, losses, debt above the cost."""
    plant = _level(rng)
    years = plant["years"]
    kinds = (
        {"receivables_months": 3.0, "sculpted": True},
        {"receivables_months": 3.0},
        {"moratorium_years": 2, "tenor_years": 8},
        {"moratorium_years": 1, "tenor_years": 8, "equal_principal": True},
        {"tenor_years": years + 4},
        {"tenor_years": years + 4, "sculpted": True},
        {"tenor_years": 1},
        {"interest_rate": 0.0},
        {"sculpted": True, "debt_cap_rate": 0.6, "price_usd_per_kwh": (0.1 * plant["price_usd_per_kwh"][0],)},
        {"sculpted": True, "price_usd_per_kwh": (3 * plant["price_usd_per_kwh"][0],)},
        {
            "sculpted": True,
            "price_usd_per_kwh": tuple(map(float, rng.uniform(0.8, 1.5, years) * plant["price_usd_per_kwh"][0])),
        },
        {"bonus_rate": 0.4, "federal_tax_rate": tuple(map(float, rng.uniform(0.1, 0.4, years)))},
    )
    return plant | kinds[int(rng.integers(len(kinds)))]
