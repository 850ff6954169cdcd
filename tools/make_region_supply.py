"""Writes what the power stage computes for every region into the catalog's table `regions`.

    python tools/make_region_supply.py [REGION ...]

Each region's usual plant is sized, backed up and cooled as `gigawatt/power/supply.py` says, from the rows of the region
that are not computed: place, cooling, technology, gas and carbon price, cost of building. Low and high: costs of
capital and of the catalog's technology at their ends; carbon as the technology's; water of dry coolers and of towers.
"""

import csv
import io
import sys
from dataclasses import replace

from gigawatt.catalog import fact, items, value
from gigawatt.catalog.facts import FOLDER
from gigawatt.power import supply

Row = list[str]
SOURCE = "gigawatt-power"
COMMAND = "python tools/make_region_supply.py"
PLACED_AFTER = "carbon_usd_per_t"
UNITS = {
    "firm_without_gas_usd_per_mwh": "USD/MWh",
    "firm_mmbtu_per_mwh": "MMBtu/MWh",
    "firm_stack_g_per_kwh": "g/kWh",
    "firm_carbon_g_per_kwh": "g/kWh",
    "firm_water_l_per_kwh": "l/kWh",
    "grid_water_l_per_kwh": "l/kWh",
    "water_l_per_kwh": "l/kWh",
    "pue": "1",
    "firm_months": "months",
}
Ends = tuple[float, float, float]  # value, low, high


def ends(region: str) -> tuple[dict[str, Ends], dict[str, str]]:
    """Value, low and high of every computed attribute of a region, and what their notes say."""
    place = supply.Place.of(region)
    usual = supply.usual_plant(place)
    found, technology = usual.supply, place.technology
    gas = usual.mmbtu_per_mwh * place.gas_usd_per_mmbtu
    cheap, dear = (
        supply.usual_plant(replace(place, discount_rate=rate, capex=end)).supply.usd_per_mwh - gas
        for rate, end in zip(span("power_terms", "discount_rate", "value"), ("low", "high"), strict=True)
    )
    haste = float(value("regions", region, "firm_lead_factor", 1.0))
    dry, wet = (replace(place, cooling=kind).load(1.0) for kind in ("liquid_dry", "liquid_tower"))
    values = {
        "firm_without_gas_usd_per_mwh": (found.usd_per_mwh - gas, cheap, dear),
        "firm_mmbtu_per_mwh": scaled(usual.mmbtu_per_mwh, technology, "heat_rate_mmbtu_per_mwh"),
        "firm_stack_g_per_kwh": scaled(found.stack_g_per_kwh, technology, "carbon_t_per_mwh"),
        "firm_carbon_g_per_kwh": scaled(found.carbon_g_per_kwh, technology, "lifecycle_carbon_t_per_mwh"),
        "firm_water_l_per_kwh": scaled(found.plants_water_l_per_kwh, technology, "water_l_per_mwh"),
        "grid_water_l_per_kwh": scaled(supply.grid_water_l_per_kwh(place), "grid_interconnection", "water_l_per_mwh"),
        "water_l_per_kwh": (found.cooling_water_l_per_kwh, dry.mean_water_l_per_kwh, wet.mean_water_l_per_kwh),
        "pue": (found.pue, min(found.pue, wet.mean_pue), max(found.pue, dry.mean_pue)),
        "firm_months": tuple(haste * month for month in (found.full_months, *span("power", technology, "lead_months"))),
    }
    machines = f"{usual.machines} machines of {usual.unit_mw:.3g} MW and {usual.spare} to spare for 1 GW"
    notes = {
        "firm_without_gas_usd_per_mwh": f"{technology}: {machines}, backup makes {100 * usual.backup_share:.2f} %; "
        f"capital, operation, backup and {place.carbon_usd_per_t:g} USD/t at the stack, all but gas",
        "firm_mmbtu_per_mwh": f"{technology}: gas burnt per MWh, higher heating value",
        "firm_stack_g_per_kwh": f"{technology} and its backup, at the stack",
        "firm_carbon_g_per_kwh": f"{technology} and its backup, over the life cycle",
        "firm_water_l_per_kwh": f"{technology} and its backup, per kWh that they make",
        "grid_water_l_per_kwh": "at the plants of the grid, per kWh drawn",
        "water_l_per_kwh": f"cooling by {place.cooling} at {place.site.name}, per kWh of IT; low liquid_dry, high "
        "liquid_tower",
        "pue": f"{place.cooling} at {place.site.name}, all chips busy",
        "firm_months": f"{technology}: from order to full power"
        + (f", {haste:g} of the catalog's months (firm_lead_factor)" if haste != 1.0 else ""),
    }
    return values, notes


def span(table: str, item: str, attribute: str) -> tuple[float, float]:
    """Low and high of a fact, or its value where it has none."""
    found = fact(table, item, attribute)
    low, high = (float(found.value) if end is None else end for end in (found.low, found.high))
    return low, high


def scaled(value: float, technology: str, attribute: str) -> Ends:
    """A value with the relative range of a fact of its technology."""
    middle = float(fact("power", technology, attribute).value)
    low, high = span("power", technology, attribute)
    return (value, value * low / middle, value * high / middle) if middle else (value, value, value)


def rows_of(region: str) -> list[Row]:
    """The computed rows of a region, as they stand in the catalog."""
    values, notes = ends(region)
    tail = ["2026-11", "secondary", SOURCE]
    rows = []
    for name, unit in UNITS.items():
        value, low, high = (f"{number:.4g}" for number in values[name])
        rows.append([region, name, value, unit, low, high, *tail, f"{notes[name]}; {COMMAND}"])
    return rows


def line(row: Row) -> str:
    """A row as a line of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()


def write(regions: tuple[str, ...]) -> None:
    """Replace the computed rows of regions in the table."""
    made = {}
    for region in regions:
        made[region] = rows_of(region)
        print(f"{region} done", file=sys.stderr)
    path = FOLDER / "regions.csv"
    kept = []
    for text in path.read_text(encoding="utf-8").splitlines(keepends=True):
        region, attribute, _ = text.split(",", 2)
        if region in made and attribute in UNITS:
            continue
        kept.append(text)
        if region in made and attribute == PLACED_AFTER:
            kept += [line(row) for row in made[region]]
    path.write_text("".join(kept), encoding="utf-8")


if __name__ == "__main__":
    write(tuple(sys.argv[1:]) or items("regions"))
