"""Items by any of their names, and their values as the fields of a dataclass: what stages ask of the catalog."""

from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from gigawatt.catalog.facts import facts, items
from gigawatt.errors import nearest


def plain(name: str) -> str:
    """A name without its organisation, in lower case, with '-' between its parts."""
    return name.rsplit("/", 1)[-1].strip().lower().replace("_", "-").replace(" ", "-")


@cache
def by_name(table: str) -> dict[str, str]:
    """Items of a table by their own plain names and by those of the attribute `aliases`; an own name goes first."""
    found = {plain(item): item for item in items(table)}
    for item in items(table):
        alias = facts(table, item).get("aliases")
        for name in str(alias.value).split() if alias else ():
            found.setdefault(plain(name), item)
    return found


def named(table: str, name: str) -> str:
    """The item that `name` or one of its aliases stands for; letter case, '_' and '-' do not count.

    Raises:
        ValueError: No such item or alias; the text holds the nearest item.
    """
    item = by_name(table).get(plain(name))
    if item is None:
        close = nearest(name, items(table))
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"unknown {table[:-1]} {name!r}{hint} (known: {', '.join(items(table))})")
    return item


def values_of(table: str, name: str, cls: type) -> dict[str, Any]:
    """Values of the fields of `cls` that the item has, `name` the item's; missing optional ones keep their default.

    Raises:
        ValueError: No such item or alias, or one that lacks a value that `cls` needs.
    """
    item = named(table, name)
    known = facts(table, item)
    missing = [f.name for f in fields(cls) if f.default is MISSING and f.name not in known and f.name != "name"]
    if missing:
        raise ValueError(f"catalog {table}: {item} lacks {', '.join(missing)}")
    return {"name": item} | {f.name: known[f.name].value for f in fields(cls) if f.name in known and f.name != "name"}
