"""Which regions an expansion plan may use: those that its chips may be sold to, unless regions are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gigawatt import catalog
from gigawatt.buildout.supply import REGIONAL, Pool, item
from gigawatt.errors import nearest, shown

EVERYWHERE = "all"  # in place of names: export rules are not minded
RESTRICTED_NATION, RESTRICTED_VENDORS = "China", ("Nvidia", "AMD", "Broadcom")  # may not be sold to; who may not sell


def regions_of(asked: Sequence[str], chip: str) -> list[str]:
    """The regions named, or all of them; where none is named, those that the chip may be sold to.

    Raises:
        ValueError: A region is unknown; names the nearest.
    """
    known = list(catalog.items("regions"))
    if EVERYWHERE in asked:
        if len(asked) > 1:
            raise ValueError(f"regions {', '.join(asked)}: {EVERYWHERE!r} stands alone, or name them")
        return known
    if asked:
        return [known_name("region", name, known) for name in dict.fromkeys(asked)]
    return [name for name in known if name not in closed_regions(chip)]


def closed_regions(chip: str) -> tuple[str, ...]:
    """Regions that a chip may not be sold to under export rules."""
    if catalog.value("chips", catalog.named("chips", chip), "maker") not in RESTRICTED_VENDORS:
        return ()
    return tuple(
        name for name in catalog.items("regions") if catalog.value("regions", name, "nation") == RESTRICTED_NATION
    )


def modules_a_year(pool: Pool, own: bool) -> float:
    """Modules that can be ordered in a year: those of the catalog for the world's makers, and in proportion to its size
    for a region with a supply of its own, but one at least. The catalog's of grids are for a region of mean size."""
    of = pool.item
    if not own or of.most_steps_per_year < 1.0:
        return of.most_steps_per_year
    world = item(of.name).capacity_per_week
    size = of.capacity_per_week / (world / len(catalog.items("regions")) if of.name in REGIONAL else world)
    return max(1.0, of.most_steps_per_year * size)


def known_name(kind: str, name: str, known: Sequence[Any]) -> str:
    """The name, where it is known.

    Raises:
        ValueError: It is not; names the nearest.
    """
    if name in known:
        return name
    near = nearest(name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    raise ValueError(f"unknown {kind} {shown(name)}{hint} (known: {', '.join(known)})")
