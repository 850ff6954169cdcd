"""The units that the suffixes of field names state: `power_mw` is in MW."""

from __future__ import annotations

from functools import lru_cache

from gigawatt.units.table import COUNTED

_WORDS = {  # the words of field names and their units, where word and symbol differ
    "w": "W", "kw": "kW", "mw": "MW", "gw": "GW", "tw": "TW",
    "wh": "Wh", "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "twh": "TWh",
    "j": "J", "mmbtu": "MMBtu", "usd": "USD", "gb": "GB", "tb": "TB", "pb": "PB", "gbit": "Gbit",
    "flop": "FLOP", "tflop": "TFLOP", "pflop": "PFLOP",
    "m": "million", "mtok": "Mtok", "gtokens": "Gtokens", "mtokens": "Mtokens", "h100e": "H100e", "c": "°C",
}  # fmt: skip
_PLAIN_WORDS = frozenset(
    "s ms us h hour hours day days week weeks month months year years g kg t l ha percent".split()
    + " ".join(COUNTED.values()).lower().split()
)


def unit_of(field: str) -> str:
    """The unit that the suffix of a field name states: `price_usd_per_mwh` is in `USD/MWh`; none is `1`.

    In a dotted path the last part that has a unit decides: `fleet_h100e.nvidia` is in `H100e`.
    """
    for part in reversed(field.split(".")):
        if (unit := _unit_of_name(part)) != "1":
            return unit
    return "1"


@lru_cache(maxsize=4096)
def _unit_of_name(name: str) -> str:
    if name.endswith("log10_flop"):
        return "log10 FLOP"
    head, *below = name.replace("_co2", "").split("_per_")
    over = _symbol(head.rsplit("_", 1)[-1])
    under = [_symbol(word) for part in below for word in part.split("_")]
    if None in under or (over is None and not below):
        return "1"
    return "/".join([over or "1", *(symbol for symbol in under if symbol)])


def _symbol(word: str) -> str | None:
    return _WORDS.get(word) or (word if word in _PLAIN_WORDS else None)
