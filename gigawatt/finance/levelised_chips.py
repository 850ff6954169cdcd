"""One chip of the catalog with its share of servers, network and building: what its hours cost an owner."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt import catalog
from gigawatt.finance.levelised import Amount, AssetClass, Cluster
from gigawatt.finance.parameters import parameter
from gigawatt.units import W_PER_MW

PRECISIONS = ("bf16", "fp8", "fp4", "int8")
H100 = "h100-sxm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipTerms:
    """What an owner pays and how long; None takes the catalog's figure."""

    price_usd: Amount | None = None  # chip with its share of server and network, as the catalog's prices are
    system_power_w: Amount | None = None  # with its share of servers and racks
    facility_usd_per_mw: Amount | None = None  # of IT
    life_years: Amount | None = None
    facility_life_years: Amount | None = None
    residual: Amount | None = None  # share of chips and servers that is left at the end
    opex_share_per_year: Amount | None = None  # of price_usd
    pue: Amount | None = None
    load_factor: Amount | None = None
    utilisation: Amount | None = None
    availability: Amount | None = None


def chip_named(name: str) -> str:
    """The item of the table `chips` that goes by this name or alias, letter case aside."""
    return catalog.named("chips", name)


def chip_cluster(chip: str, terms: ChipTerms | None = None) -> Cluster:
    """One chip as a cluster of its own: what it, server and network cost, and its part of the facility.

    Raises:
        ValueError: The catalog has no price of this chip, and none was given.
        CatalogError: The catalog does not know the chip.
    """
    terms, item = terms or ChipTerms(), chip_named(chip)
    price, power_w = (_of_chip(item, name, getattr(terms, name)) for name in ("price_usd", "system_power_w"))
    life = _of("life_years", terms.life_years)
    power_mw = power_w / W_PER_MW
    facility = power_mw * _of("facility_usd_per_mw", terms.facility_usd_per_mw)
    return Cluster(
        assets=(
            AssetClass(
                name="chips and servers", capex_usd=price, life_years=life, residual=_of("residual", terms.residual)
            ),
            AssetClass(
                name="facility", capex_usd=facility, life_years=_of("facility_life_years", terms.facility_life_years)
            ),
        ),
        chips=1.0,
        h100e_per_chip=flop_per_s(item, "bf16") / flop_per_s(H100, "bf16"),
        it_power_mw=power_mw,
        pue=_of("pue", terms.pue),
        load_factor=_of("load_factor", terms.load_factor),
        opex_usd_per_year=_of("opex_share_per_year", terms.opex_share_per_year) * price,
        availability=_of("availability", terms.availability),
        utilisation=_of("utilisation", terms.utilisation),
    )


def flop_per_s(chip: str, precision: str) -> float:
    """Dense peak of a chip at a precision, in operations a second.

    Raises:
        ValueError: The precision is unknown, or the chip does not have it.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} is unknown; known: {', '.join(PRECISIONS)}")
    peak = catalog.value("chips", chip_named(chip), f"{precision}_flop_per_s", 0.0)
    if float(peak) <= 0:
        raise ValueError(f"{chip} has no {precision} arithmetic in the catalog")
    return float(peak)


def _of(name: str, given: Amount | None) -> Amount:
    """What was given, else the catalog's `lcoc` figure of that name."""
    return parameter(f"lcoc.{name}") if given is None else given


def _of_chip(item: str, name: str, given: Amount | None) -> Amount:
    """What was given, else the catalog's figure of the chip."""
    if given is not None:
        return given
    known = catalog.value("chips", item, name, 0.0)
    if float(known) <= 0:
        raise ValueError(f"the catalog has no {name} of {item}: say what it is")
    return float(known)
