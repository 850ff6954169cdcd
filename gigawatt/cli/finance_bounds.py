"""Numbers of `finance lcoc` and `finance spread` as options give them, each within what makes sense."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.errors import GigawattError


@dataclass(frozen=True, slots=True)
class Bound:
    """Unit of an option and the range that it must lie in, in this unit and in words."""

    unit: str
    least: float
    most: float
    words: str


SHARE = Bound("1", 0, 1, "between 0 and 1, or 0 % and 100 %")
BOUNDS = {
    # what an hour costs
    "capex": Bound("USD", 100, 1e7, "between 100 and 10 million USD a chip, with its server and network"),
    "power": Bound("W", 20, 5e4, "between 20 W and 50 kW a chip, with its server"),
    "facility": Bound("USD/MW", 1e5, 1e8, "between 0.1 and 100 million USD per MW, such as 12M$/MW"),
    "life": Bound("years", 0.5, 30, "between 0.5 and 30 years"),
    "facility-life": Bound("years", 1, 60, "between 1 and 60 years"),
    "residual": SHARE,
    "opex": Bound("1/year", 0, 1, "between 0 and 1, or 0 % and 100 % of --capex a year"),
    "pue": Bound("1", 1, 5, "between 1 and 5: PUE is site power over IT power, so at least 1"),
    "load-factor": SHARE,
    "utilisation": Bound("1", 0.01, 1, "between 0.01 and 1, or 1 % and 100 %"),
    "rate": Bound("1", -0.5, 1, "between -50 % and 100 % a year"),
    "price": Bound("USD/MWh", 0, 1000, "between 0 and 1,000 USD/MWh"),
    "mfu": Bound("1", 0.001, 1, "between 0.001 and 1, or 0.1 % and 100 %"),
    "tokens": Bound("1", 0.01, 1e7, "between 0.01 and 10 million a second"),
    "rent": Bound("USD/h", 0.01, 1000, "between 0.01 and 1,000 USD per chip-hour, such as 2.65"),
    # what a debt pays
    "years": Bound("years", 0.1, 100, "between 0.1 and 100 years"),
    "contract-years": Bound("years", 0, 100, "between 0 and 100 years"),
    "construction": Bound("years", 0, 15, "between 0 and 15 years, and no longer than --years"),
    "dscr": Bound("1", 0, 10, "between 0 and 10, such as 1.3 or 130 %"),
    "take-or-pay": SHARE,
    "termination": SHARE,
    "ltv": Bound("1", 0.01, 2, "between 0.01 and 2, or 1 % and 200 %"),
    "senior": Bound("1", 0, 2, "between 0 and 2, or 0 % and 200 %, and below --ltv"),
    "amortised": SHARE,
    "guaranteed": SHARE,
    "size": Bound("USD", 1e6, 1e13, "between 1 million and 10 trillion USD, such as 200M$"),
    "benchmark": Bound("1", -0.05, 0.5, "between -5 % and 50 % a year"),
}


def number(option: str, text: str) -> float:
    """The number of an option in its unit; one without a unit is taken as in it.

    Raises:
        GigawattError: It is no number, of another unit, or out of bounds.
    """
    from gigawatt.units import parse_quantity

    bound = BOUNDS[option]
    try:
        found = float(parse_quantity(text, bound.unit, f"--{option}").value)
    except ValueError as error:
        raise GigawattError(f"--{option} {text}: {error}") from None
    if bound.least <= found <= bound.most:
        return found
    hint = ""
    if bound.unit in ("1", "1/year") and bound.least <= found / 100 <= bound.most and _bare(text):
        hint = f"; for {found:g} per cent write '{found:g} %' or {found / 100:g}"
    raise GigawattError(f"--{option} {text}: must lie {bound.words}{hint}")


def _bare(text: str) -> bool:
    """Whether the text is a number without a unit."""
    try:
        float(text)
    except ValueError:
        return False
    return True
