"""Units: conversion factors, the units of field names, and texts such as "1.2 GW" read at the edge.

Inside the package a number carries its unit in its name (`power_mw`); only here do texts become numbers.
"""

from gigawatt.units.algebra import compatible, convert, parse_unit
from gigawatt.units.constants import (
    BYTES_PER_GB,
    DAYS_PER_WEEK,
    DEGREES_PER_HOUR,
    HOURS_PER_DAY,
    HOURS_PER_WEEK,
    HOURS_PER_YEAR,
    J_PER_KWH,
    J_PER_MWH,
    KW_PER_GW,
    KW_PER_MW,
    KWH_PER_MWH,
    MONTHS_PER_YEAR,
    MW_PER_GW,
    QUARTERS_PER_YEAR,
    SECONDS_PER_HOUR,
    SECONDS_PER_WEEK,
    SECONDS_PER_YEAR,
    TOKENS_PER_GTOK,
    TOKENS_PER_MTOK,
    W_PER_MW,
    WEEKS_PER_YEAR,
)
from gigawatt.units.fields import unit_of
from gigawatt.units.formats import format_quantity
from gigawatt.units.table import SCALES, UNITS, Unit
from gigawatt.units.texts import Quantity, parse_quantity

__all__ = [
    "BYTES_PER_GB",
    "DAYS_PER_WEEK",
    "DEGREES_PER_HOUR",
    "HOURS_PER_DAY",
    "HOURS_PER_WEEK",
    "HOURS_PER_YEAR",
    "J_PER_KWH",
    "J_PER_MWH",
    "KWH_PER_MWH",
    "KW_PER_GW",
    "KW_PER_MW",
    "MONTHS_PER_YEAR",
    "MW_PER_GW",
    "QUARTERS_PER_YEAR",
    "Quantity",
    "SCALES",
    "SECONDS_PER_HOUR",
    "SECONDS_PER_WEEK",
    "SECONDS_PER_YEAR",
    "TOKENS_PER_GTOK",
    "TOKENS_PER_MTOK",
    "UNITS",
    "Unit",
    "WEEKS_PER_YEAR",
    "W_PER_MW",
    "compatible",
    "convert",
    "format_quantity",
    "parse_quantity",
    "parse_unit",
    "unit_of",
]
