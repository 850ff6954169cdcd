"""Small pieces of wording that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
SHORT_FORMS = {
    "hbm": "HBM",
    "us": "US",
    "tx": "Texas",
    "api": "API",
    "mw": "MW",
    "gw": "GW",
    "mv": "MV",
    "ups": "UPS",
    "uae": "UAE",
    "ai": "AI",
    "europe": "Europe",
    "asia": "Asia",
    "china": "China",
    "gulf": "Gulf",
}


def month(date: Any) -> str:
    """A date as month and year: "March 2031"."""
    year, number, _ = str(np.datetime64(date, "D")).split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def readable(name: str) -> str:
    """A name of the catalog or a table as words: "power_transformers" -> "power transformers", "hbm" -> "HBM"."""
    words = name.replace("_", " ").split(" ")
    return " ".join(SHORT_FORMS.get(word.lower(), word) if word.islower() else word for word in words)


def opening(text: str) -> str:
    """The text with a capital at its start, unless its first word has capitals of its own: "HBM", "xAI"."""
    return text[:1].upper() + text[1:] if text.split(" ")[0].islower() else text


def and_list(words: Sequence[str]) -> str:
    """Words as an enumeration: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
