"""The values of the catalog on which the schedule of a portfolio stands, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from gigawatt import catalog
from gigawatt.buildout.plan import Plan


def assumption_rows(plan: Plan) -> list[dict[str, Any]]:
    """Rows of facts: stages that the portfolio goes through, items and materials it needs, its regions, all shocks."""
    rows = []
    for table, item in chosen(plan):
        for fact in catalog.facts(table, item).values():
            source = catalog.source(fact.source)
            rows.append({**asdict(fact), "title": source.title, "url": source.url})
    return rows


def chosen(plan: Plan) -> Iterator[tuple[str, str]]:
    """(table, item) of what the portfolio uses and the catalog holds; stages of one's own are not in it."""
    projects = plan.portfolio.projects
    items = {pool.item.name for pool in plan.pools}
    wanted = {
        "stages": {task.stage.name for task in plan.tasks},
        "materials": items,
        "supply": items,
        "regions": {project.region for project in projects},
        "supply_shocks": {shock.name for shock in plan.shocks},
        "buildout": set(catalog.items("buildout")),
    }
    for table, names in wanted.items():
        yield from ((table, item) for item in catalog.items(table) if item in names)
