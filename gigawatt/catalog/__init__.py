"""The catalog: facts about chips, models, power, regions, companies, deals and supply, each with its source.

Reads CSV with the standard library only; nothing here needs NumPy.
"""

from gigawatt.catalog.facts import (
    COLUMNS,
    CONFIDENCES,
    SOURCE_COLUMNS,
    CatalogError,
    Fact,
    Nested,
    Source,
    fact,
    facts,
    find,
    items,
    nested,
    preset,
    source,
    sources,
    tables,
    value,
)
from gigawatt.catalog.listing import SHOW_COLUMNS, headlines, list_rows, show_row, show_rows
from gigawatt.catalog.names import by_name, named, plain, values_of
from gigawatt.catalog.query import query

__all__ = [
    "COLUMNS",
    "CONFIDENCES",
    "SHOW_COLUMNS",
    "SOURCE_COLUMNS",
    "CatalogError",
    "Fact",
    "Nested",
    "Source",
    "fact",
    "by_name",
    "facts",
    "find",
    "headlines",
    "items",
    "list_rows",
    "named",
    "nested",
    "plain",
    "preset",
    "query",
    "show_row",
    "show_rows",
    "source",
    "sources",
    "tables",
    "value",
    "values_of",
]
