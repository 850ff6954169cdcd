"""Pictures of deals as one HTML file: choices of year and status, filters, tips; style, script and frames inside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template

from gigawatt.report.deals_ink import KIND_HUES, Drawing, family, hue_look, page_style, style, svg
from gigawatt.report.page import policy, static
from gigawatt.report.tables import escaped


@dataclass(frozen=True, slots=True)
class Axis:
    """A choice: its name and its values in order; by a slider, which may play, or from a list."""

    name: str
    values: tuple[str, ...]
    slides: bool = False
    plays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Frames by the values of all choices, which of them is shown first, and filters of marks."""

    name: str
    meta: str
    axes: tuple[Axis, ...]
    frames: Mapping[tuple[str, ...], Drawing]
    first: tuple[str, ...]
    same: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)  # choices that show another's frame
    kinds: Sequence[str] = ()  # of payments or instruments that can be filtered
    coloured: bool = True  # whether colours of the picture are those of the kinds
    statuses: Sequence[str] = ()
    made: str = ""


def html(page: Page) -> str:
    """The page as text."""
    script = static("deals.js").strip()
    others = (key for key in page.frames if key != page.first)
    frames = "".join(f'<template data-frame="{escaped("|".join(key))}">{svg(page.frames[key], alone=False)}</template>'
                     for key in others)  # fmt: skip
    first = page.frames[page.first]
    return Template(static("deals.html")).substitute(
        policy=policy(script), style=static("report.css") + static("deals.css") + page_style(), script=script,
        title=escaped(first.title), meta=escaped(page.meta), controls=controls(page), made=escaped(page.made),
        picture=svg(first, alone=False), frames=frames, data=data(page),
    )  # fmt: skip


def data(page: Page) -> str:
    """What the script reads, as JSON that cannot end its element."""
    found = {
        "name": page.name, "first": "|".join(page.first), "style": style(),
        "axes": {str(place): axis.values for place, axis in enumerate(page.axes)},
        "same": {"|".join(key): "|".join(shown) for key, shown in page.same.items()},
    }  # fmt: skip
    text = json.dumps(found, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def controls(page: Page) -> str:
    """Sliders and lists of the choices, and boxes of the filters."""
    parts = [choice(axis, place, page.first[place]) for place, axis in enumerate(page.axes) if len(axis.values) > 1]
    looks = dict.fromkeys(family(kind) for kind in page.kinds)
    if looks:
        rows = [(hue_look(KIND_HUES[name]), name) for name in KIND_HUES if name in looks]
        parts.append(boxes("Instrument", "kinds", rows, page.coloured))
    if page.statuses:
        parts.append(boxes("Status", "status", [(status, status) for status in page.statuses], False))
    return "".join(parts)


def choice(axis: Axis, place: int, first: str) -> str:
    """A slider with its value, or a list."""
    own, name = f"axis-{place}", escaped(axis.name)
    if axis.slides:
        at, last = axis.values.index(first), len(axis.values) - 1
        slider = f'<input type="range" id="{own}" data-axis="{place}" min="0" max="{last}" step="1" value="{at}">'
        button = '<button type="button" id="play" aria-pressed="false">Play</button>' if axis.plays else ""
        return f'{button}<label>{name} {slider}<output for="{own}">{escaped(first)}</output></label>'
    options = "".join(f"<option{' selected' if value == first else ''}>{escaped(value)}</option>"
                      for value in axis.values)  # fmt: skip
    return f'<label>{name} <select id="{own}" data-axis="{place}">{options}</select></label>'


def boxes(name: str, what: str, rows: Iterable[tuple[str, str]], coloured: bool) -> str:
    """Boxes of a filter, all checked."""
    found = []
    for value, said in rows:
        mark = f'<svg viewBox="0 0 18 10"><path d="M0 5H18" class="{value}-s" stroke-width="4"/></svg>'
        box = f'<input type="checkbox" data-filter="{what}" value="{escaped(value)}" checked>'
        found.append(f"<label>{box}{mark if coloured else ''}{escaped(said)}</label>")
    return f"<fieldset><legend>{escaped(name)}</legend>{''.join(found)}</fieldset>"
