"""How cells of a model's workbook look: colours by what a cell is, number formats by unit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

INPUT_BLUE, LINK_GREEN, GREY = "#0000FF", "#007A33", "#808893"
INPUT_YELLOW, HEAD, BAND = "#FFFFDD", "#1F3A57", "#E4EAF0"
GOOD, BAD = "#C6EFCE", "#FFC7CE"
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "font_color": HEAD},
    "sheet": {"bold": True, "font_size": 11},
    "said": {"text_wrap": True, "valign": "top"},
    "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD},
    "head_right": {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "align": "right"},
    "head_wrap": {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "text_wrap": True, "valign": "top"},
    "clock": {"bg_color": BAND, "align": "right"},
    "clock_label": {"bg_color": BAND},
    "band": {"bold": True, "bg_color": BAND},
    "text": {},
    "name": {"font_size": 7, "font_color": GREY},
    "unit": {"font_color": GREY},
    "small": {"font_size": 8, "font_color": GREY, "indent": 1},
    "missing": {"font_size": 8, "font_color": "#9C0006", "indent": 1},
    "input": {"font_color": INPUT_BLUE, "bg_color": INPUT_YELLOW},
    "calculation": {},
    "link": {"font_color": LINK_GREEN},
    "total": {"bold": True},
    "sum": {"bold": True, "top": 1},
    "verdict": {"bold": True, "align": "center", "border": 1},
    "switch": {"font_color": INPUT_BLUE, "bg_color": INPUT_YELLOW, "bold": True, "border": 1, "align": "left"},
    "good": {"bg_color": GOOD, "font_color": "#006100"},
    "bad": {"bg_color": BAD, "font_color": "#9C0006"},
}
MONEY = "[>=0.5]#,##0;[Red][<=-0.5]-#,##0;-"  # what rounds to 0 is a dash
MONEY_CENTS = "#,##0.00;[Red]-#,##0.00;-"
WHOLE_UNITS = ("no.", "period", "periods", "chips", "months", "days")
NOT_SUMMED = ("share", "ratio", "x", "no.", "rate", "")


@dataclass(slots=True)
class Styles:
    """The formats of one workbook, each made once."""

    file: Workbook
    made: dict[tuple[str, str], Format] = field(default_factory=dict)

    def __call__(self, look: str, number: str = "") -> Format:
        """The format of a look with a number format."""
        if (look, number) not in self.made:
            with_number = {"num_format": number} if number else {}
            self.made[look, number] = self.file.add_format({"font_size": 9, **LOOKS[look], **with_number})
        return self.made[look, number]


def number_format(unit: str, kind: str = "flow") -> str:
    """The number format of a line by its unit and kind."""
    if kind == "date" or unit == "date":
        return "yyyy-mm-dd"
    if kind == "flag" or unit == "flag":
        return "0"
    if is_share(unit):
        return "0.00 %"
    if unit == "x":
        return '0.00"x"'
    if "/" in unit:
        return MONEY_CENTS
    if unit in WHOLE_UNITS:
        return "#,##0"
    return "#,##0.00" if unit in ("ratio", "years", "") else MONEY


def input_format(unit: str, value: float) -> str:
    """The number format of an input: as many decimals as its value has, so that none is hidden."""
    if unit == "date":
        return "yyyy-mm-dd"
    if is_share(unit):
        return _with_decimals("0", decimals(value * 100, 2)) + " %"
    return _with_decimals("#,##0", decimals(value, 0))


def is_share(unit: str) -> bool:
    """Whether values of the unit read best in per cent."""
    return unit.split(" ")[0] in ("share", "rate", "%", "1/year", "1/period")


def decimals(value: float, least: int, most: int = 8) -> int:
    """Decimals that a value needs, at least so many; 4 where it needs more than `most`, as what was calculated does."""
    for count in range(least, most):
        if math.isclose(round(value, count), value, rel_tol=1e-12, abs_tol=1e-12):
            return count
    return 4


def is_summed(unit: str, kind: str) -> bool:
    """Whether the sum of a line over the plan says something: flows of money, energy or hours, and counts of flags."""
    if kind == "flag":
        return True
    return kind == "flow" and "/" not in unit and not is_share(unit) and unit not in NOT_SUMMED


def _with_decimals(whole: str, count: int) -> str:
    return f"{whole}.{'0' * count}" if count else whole
