"""Parameters of the finance models: the catalog table `finance`."""

from __future__ import annotations

from gigawatt import catalog


def parameter(item: str) -> float:
    """The value of a parameter such as `spread.life_slope`, in the unit of its row.

    Raises:
        CatalogError: The table has no such item.
    """
    return float(catalog.value("finance", item, "value"))
