"""For how long a rate of build-out must be held to be called sustained: one answer for all that is asked of it."""

from gigawatt.units import WEEKS_PER_YEAR

SUSTAINED_YEARS = 1.0
SUSTAINED_WEEKS = round(SUSTAINED_YEARS * WEEKS_PER_YEAR)
