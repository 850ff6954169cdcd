"""What an hour of a chip rents for today against what it costs: margin, share sold at which it pays, payback."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

from gigawatt import catalog
from gigawatt.finance.levelised import Amount, Cluster, ComputeCost, opening_price_usd_per_chip_h
from gigawatt.finance.levelised_chips import chip_named
from gigawatt.finance.parameters import parameter

PREFIX = "rent."  # items of the catalog table `finance` that name the rent of a chip
RENTAL = "gpu-rental"  # item of the catalog table `facts` with all rents


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """A published rent of a chip and of which kind it is: spot, on demand or a contract."""

    usd_per_chip_h: float
    kind: str = "given"
    as_of: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstRent:
    """A chip's cost beside a rent; shares of hours, before tax."""

    margin: float  # of the rent, at the utilisation of the cluster
    sold_share: float  # of available hours at which a level rent pays all costs; above 1: never
    payback_years: float  # capex over a year's rent less opex and energy, undiscounted; infinite if that is not above 0
    falling_usd_per_chip_h: Amount  # rent today that pays if rents fall as the cost of the work in new chips does


def rent_of(chip: str) -> Rent | None:
    """The rent that the catalog takes for a chip; None where it has none."""
    item = PREFIX + chip_named(chip)
    if item not in catalog.items("finance"):
        return None
    chosen = catalog.fact("finance", item, "fact")
    fact = catalog.fact("facts", RENTAL, str(chosen.value))
    chips = float(catalog.value("finance", item, "chips", 1.0))
    return Rent(
        usd_per_chip_h=float(fact.value) / chips,
        kind=str(catalog.value("finance", item, "kind")),
        as_of=fact.as_of if fact.as_of[:1].isdigit() else "undated",
        source=fact.source,
        note=f"{fact.note}; {chosen.note}" if chosen.note else fact.note,
    )


def against_rent(
    cluster: Cluster, cost: ComputeCost, rent_usd_per_chip_h: float, *, rate: float, life_years: float
) -> AgainstRent:
    """What an owner earns at a level rent, and the rent it takes if rents fall.

    Args:
        cost: Of this cluster at `rate`.
        life_years: Over which rents fall, that of the chips.

    Raises:
        ValueError: The rent is not above 0.
    """
    if not 0 < rent_usd_per_chip_h < inf:
        raise ValueError(f"rent {rent_usd_per_chip_h:g} USD per chip-hour must be above 0 and finite")
    needed, hours = float(cost.usd_per_chip_h), float(cluster.chip_h_per_year)
    running = cost.causes_usd_per_chip_h["opex"] + cost.causes_usd_per_chip_h["energy"]
    earned = hours * (rent_usd_per_chip_h - float(running))
    decline = 1 - exp(-parameter("price.technology_decline_per_year"))
    return AgainstRent(
        margin=1 - needed / rent_usd_per_chip_h,
        sold_share=needed * float(cluster.utilisation) / rent_usd_per_chip_h,
        payback_years=float(cluster.capex_usd) / earned if earned > 0 else inf,
        falling_usd_per_chip_h=opening_price_usd_per_chip_h(
            needed, rate=rate, years=life_years, decline_per_year=decline
        ),
    )
