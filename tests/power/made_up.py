"""Small sites, loads and plants with round numbers, for tests by hand."""

import numpy as np

from gigawatt.power.lcoe import Technology
from gigawatt.power.load import Load
from gigawatt.power.options import Battery, Grid, Plant
from gigawatt.power.site import SiteYear

FREE = {"capex_usd_per_kw": 0.0, "life_years": 20.0}


def a_site(hours=24, *, price=50.0, carbon=400.0, pv=None, wind=0.4, region=""):
    """A site where sun shines from 6 to 18 o'clock unless `pv` is given."""
    day = np.clip(np.sin(np.pi * (np.arange(24) - 6) / 12), 0, None)
    ones = np.ones(hours)
    return SiteYear(
        name="made-up", place="nowhere", lat=30.0, lon=0.0, pv_cf=np.resize(day, hours) if pv is None else pv * ones,
        wind_cf=None if wind is None else wind * ones, temp_c=15 * ones, rh_pct=60 * ones,
        price_usd_per_mwh=price * ones, carbon_g_per_kwh=carbon * ones, source="made up", region=region,
    )  # fmt: skip


def a_load(mw=100.0, hours=24, *, flexible=(), litres=0.0):
    """A site's load with a PUE of 1.25; `mw` may be an array."""
    site_mw = mw * np.ones(hours)
    return Load(
        site_mw=site_mw, it_mw=site_mw / 1.25, pue=np.full(hours, 1.25), water_l_per_kwh=np.full(hours, litres),
        flexible=tuple(flexible),
    )  # fmt: skip


def a_plant(name="plant", **changes):
    """A firm plant of 1,000 USD/kW that runs 20 years; without costs beyond those given."""
    option = {k: changes.pop(k) for k in list(changes) if k in Plant.__dataclass_fields__}
    return Plant(
        name=name, technology=Technology(**({"name": name, "capex_usd_per_kw": 1000.0, "life_years": 20.0} | changes)),
        **option,
    )  # fmt: skip


def there(name="plant", mw=100.0, **changes):
    """A firm plant that exists, of this size and no other."""
    return a_plant(name, least_mw=mw, most_mw=mw, existing_mw=mw, **changes)


def a_battery(mw, mwh, *, efficiency=1.0, **changes):
    """A battery that exists and costs nothing."""
    technology = Technology(name="cells", kind="storage", efficiency=efficiency, **(FREE | changes))
    return Battery(
        name="battery", technology=technology, least_mw=mw, most_mw=mw, existing_mw=mw, least_mwh=mwh, most_mwh=mwh,
        existing_mwh=mwh,
    )  # fmt: skip


def a_grid(mw=100.0, **changes):
    """A connection that exists and costs nothing."""
    return Grid(
        technology=Technology(name="wires", kind="grid", **FREE), least_mw=mw, most_mw=mw, existing_mw=mw, **changes
    )
