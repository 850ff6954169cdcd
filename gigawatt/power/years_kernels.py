"""The compiled part of weather years: a year is pieced together from spells of the year it is calibrated to."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gigawatt.compiled import kernel, uniform
from gigawatt.units.constants import DAYS_PER_WEEK

SUN, WIND, TEMP, HUMIDITY, PRICE, CARBON = range(6)  # rows of a year, and of `source` below
SPELLS_PER_YEAR = 128  # counters kept for the spells of one year
YEAR_DRAWS = SPELLS_PER_YEAR - 1  # the counter of what holds for the whole year
HOURS = 24
CANDIDATES = 3.0  # likely days of which one is drawn


class Pattern(NamedTuple):
    """What years are pieced together from; see `years.YearModel`."""

    source: np.ndarray  # (6, hours) in local days
    clear: np.ndarray  # (hours,)
    season: np.ndarray  # (hours,)
    traits: np.ndarray  # (days, features)
    centre: np.ndarray  # (6,)
    spread: np.ndarray  # (6,)
    decay: np.ndarray  # (2, 24): what is left of a step of wind and of temperature
    windiest: float
    roll: int  # hours by which local time is ahead of UTC
    weeks: int  # how far from the date a spell may come
    shortest: int  # days of a spell
    longest: int


@kernel
def normal(seed: int, counter: int, stream: int) -> float:
    """A standard normal number that depends on its counters only. Source: Box and Muller 1958."""
    u = uniform(seed, counter, stream)
    v = uniform(seed, counter, stream + 1)
    return math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v)


@kernel
def year_draws(seed: int, year: int, p: Pattern, out: np.ndarray) -> None:
    """What makes year number `year` brighter, windier, warmer and dearer than another, in the order of the rows."""
    for row in range(len(p.spread)):
        out[row] = p.centre[row] + p.spread[row] * normal(seed, year * SPELLS_PER_YEAR + YEAR_DRAWS, 2 * row)
    out[PRICE] = math.exp(out[PRICE] - p.spread[PRICE] ** 2 / 2.0)  # a factor with mean exp(centre)
    out[SUN] = max(-1.0, min(1.0, out[SUN]))  # beyond 1 a dark hour would come out brighter than a clear one
    out[WIND] = max(-1.0, min(1.0, out[WIND]))


@kernel
def next_offset(last: int, offset: int, day: int, counter: int, seed: int, traits: np.ndarray, weeks: int) -> int:
    """Days between source and target of the spell that starts on `day`: whole weeks, so that weekdays match.

    Of the candidates within `weeks`, one of the three whose day before is most like the day that just ended.
    """
    days = len(traits)
    first = second = third = np.inf
    best = runner = other = offset
    for week in range(-weeks, weeks + 1):
        candidate = DAYS_PER_WEEK * week
        if candidate == offset:
            continue
        before = (day + candidate - 1) % days
        far = 0.0
        for j in range(traits.shape[1]):
            far += (traits[before, j] - traits[last, j]) ** 2
        if far < first:
            third, other, second, runner, first, best = second, runner, first, best, far, candidate
        elif far < second:
            third, other, second, runner = second, runner, far, candidate
        elif far < third:
            third, other = far, candidate
    choice = uniform(seed, counter, 0) * CANDIDATES
    return best if choice < 1.0 else runner if choice < 2.0 else other


@kernel
def fill_spell(
    out: np.ndarray, day: int, end: int, offset: int, p: Pattern, draws: np.ndarray, gaps: np.ndarray
) -> None:
    """Hours of local days `day` to `end` - 1 from the days `offset` later in the source.

    sun = clear x (k + b k (1 - k)), wind = w + a w (1 - w / windiest), temperature = season + anomaly + warming;
    humidity and carbon as they were, price times its factor. The step at the joint (`gaps`) fades within hours.
    """
    days = len(p.traits)
    total = days * HOURS
    brighter, windier, warmer, dearer = draws[SUN], draws[WIND], draws[TEMP], draws[PRICE]
    for d in range(day, end):
        start = ((d + offset) % days) * HOURS
        fading = 1.0 if d == day else 0.0
        for h in range(HOURS):
            s, t = start + h, d * HOURS + h
            i = t - p.roll
            if i < 0:
                i += total
            elif i >= total:
                i -= total
            k = p.source[SUN, s]
            out[SUN, i] = p.clear[t] * (k + brighter * k * (1.0 - k))
            wind = p.source[WIND, s]
            wind += windier * wind * (1.0 - wind / p.windiest) + fading * gaps[0] * p.decay[0, h]
            out[WIND, i] = max(0.0, min(p.windiest, wind))
            out[TEMP, i] = p.season[t] + p.source[TEMP, s] + warmer + fading * gaps[1] * p.decay[1, h]
            out[HUMIDITY, i] = p.source[HUMIDITY, s]
            out[PRICE, i] = p.source[PRICE, s] * dearer
            out[CARBON, i] = p.source[CARBON, s]


@kernel
def fill_year(out: np.ndarray, seed: int, year: int, p: Pattern) -> None:
    """Year number `year` of a seed into `out` (6, hours): spells of `shortest` to `longest` days, one after another."""
    days, source, hours = len(p.traits), p.source, HOURS
    draws, gaps = np.zeros(len(p.spread)), np.zeros(2)
    year_draws(seed, year, p, draws)
    counter = year * SPELLS_PER_YEAR
    offset = DAYS_PER_WEEK * (int(uniform(seed, counter, 1) * (2 * p.weeks + 1)) - p.weeks)
    day = 0
    while day < days:
        end = min(days, day + p.shortest + int(uniform(seed, counter, 2) * (p.longest - p.shortest + 1)))
        if day > 0:
            last = (day - 1 + offset) % days
            offset = next_offset(last, offset, day, counter, seed, p.traits, p.weeks)
            ended, before = (last + 1) * hours - 1, ((day - 1 + offset) % days + 1) * hours - 1
            gaps[0] = source[WIND, ended] - source[WIND, before]
            gaps[1] = source[TEMP, ended] - source[TEMP, before]
        fill_spell(out, day, end, offset, p, draws, gaps)
        day = end
        counter += 1


@kernel
def fill_years(out: np.ndarray, seed: int, first: int, p: Pattern) -> None:
    """Years `first`, `first` + 1 ... into `out` (years, 6, hours)."""
    for n in range(len(out)):
        fill_year(out[n], seed, first + n, p)
