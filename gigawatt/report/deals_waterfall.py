"""A loss waterfall: all claims on those in default, less what estates pay, is what the layers lose, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gigawatt.report.deals_ink import Drawing, hue_look, svg, tipped, usd, wide
from gigawatt.report.gantt_svg import WIDTH, short, text
from gigawatt.report.numbers import percent, scale_of
from gigawatt.report.power_svg_axes import Axis, axis, tick
from gigawatt.report.words import and_list, opening

if TYPE_CHECKING:
    from gigawatt.deals.stress import Stress, Waterfall
    from gigawatt.deals.stress.layers import Loss

LAYER_HUES = {
    "equity": "#3b2f8f", "junior lenders": "#a24a96", "others outside": "#5b6675", "sellers of chips": "#2f9685",
    "landlords": "#6b4a2f", "sellers of compute": "#2166ac", "senior lenders": "#c05a6b", "campus lenders": "#b0902c",
    "GPU lenders": "#d0632a", "guarantors": "#882255",
}  # fmt: skip
"""Layers from who bears losses first to who bears them last; guarantors take over what others would lose."""
NAMES, NOTES = 190.0, 340.0  # room left and right of the bars
ROW, BAR = 36.0, 22.0
TOP = 10.0
OWNERS = {"equity": "owners"}
SEEN = 1e6  # USD below which a loss is not told
MOST = 4  # holders named beside a bar
STEPS = 5  # on the axis


@dataclass(frozen=True, slots=True)
class Step:
    """A bar: what it is called, where it begins and ends in USD, its parts by holder, and what is said beside it."""

    name: str
    look: str
    begin_usd: float
    end_usd: float
    parts: tuple[tuple[str, float], ...]
    said: str


def waterfall_picture(found: Stress) -> str:
    """The picture as text of an SVG file."""
    return svg(drawing(found))


def drawing(found: Stress) -> Drawing:
    """The picture without a frame."""
    fall = found.waterfall
    bars = steps(fall)
    scale = scale_of(max(bar.begin_usd for bar in bars), "USD")
    across = axis(0.0, max(bar.begin_usd for bar in bars) / scale.size, NAMES, WIDTH - NAMES - NOTES, STEPS)
    bottom = TOP + ROW * len(bars)
    parts = _grid(across, bottom, scale.unit)
    for place, bar in enumerate(bars):
        following = bars[place + 1] if place + 1 < len(bars) else None
        parts += _bar(bar, following, across, scale.size, TOP + ROW * place)
    return Drawing(
        title=_title(found), answer=_answer(found), parts=tuple(parts), height=bottom + 40, notes=_notes(found)
    )


def steps(fall: Waterfall) -> tuple[Step, ...]:
    """Claims, what estates pay, the loss of each layer, each beginning where the one before ends, and all losses."""
    claims_usd = sum(loss.claim_usd for loss in fall.losses)
    paid_usd = sum(loss.recovered_usd for loss in fall.losses)
    bars = [
        Step("all claims", "g-soft", claims_usd, 0.0, _by(fall.losses, "debtor", "claim_usd"),
             f"on {len({loss.debtor for loss in fall.losses})} in default" if fall.losses else ""),
        Step("paid by estates", hue_look("#1d7a3e"), claims_usd, claims_usd - paid_usd,
             _by(fall.losses, "debtor", "recovered_usd"), _share(paid_usd, claims_usd)),
    ]  # fmt: skip
    at = claims_usd - paid_usd
    for layer, hue in LAYER_HUES.items():
        own = [loss for loss in fall.losses if loss.layer == layer]
        lost, claimed = sum(loss.loss_usd for loss in own), sum(loss.claim_usd for loss in own)
        if lost >= SEEN:
            by = _by(own, "holder", "loss_usd")
            bars.append(Step(layer, hue_look(hue), at, at - lost, by, _share(lost, claimed) if claimed else ""))
            at -= lost
    total = _by(fall.losses, "holder", "loss_usd")
    return (*bars, Step("all losses", "g-soft", fall.total_usd, 0.0, total, "by holder"))


def _by(losses: Sequence[Loss], name: str, amount: str) -> tuple[tuple[str, float], ...]:
    """Sums by holder or debtor, the largest first."""
    sums: dict[str, float] = {}
    for loss in losses:
        sums[getattr(loss, name)] = sums.get(getattr(loss, name), 0.0) + getattr(loss, amount)
    return tuple(sorted(((who, usd) for who, usd in sums.items() if usd > 0.0), key=lambda each: -each[1]))


def _share(part: float, whole: float) -> str:
    return f"{percent(part / whole)} of claims" if whole else ""


# --------------------------------------------------------------------------------------------------------------- marks
def _grid(across: Axis, bottom: float, unit: str) -> list[str]:
    """Lines at round amounts with their numbers."""
    parts = []
    for value in across.ticks():
        x = across.at(value)
        parts.append(f'<path d="M{x:.1f} 0V{bottom:.1f}" class="g-line-s"/>')
        parts.append(text(tick(value, across.step), x, bottom + 15, 11, "faint", "middle"))
    return [*parts, text(unit, NAMES + across.length / 2, bottom + 32, 11, "faint", "middle")]


def _bar(bar: Step, following: Step | None, across: Axis, size: float, y: float) -> list[str]:
    """A bar made of its parts, its name and amount, its largest parts in words, and a thread to the next bar."""
    low, high = sorted((bar.begin_usd, bar.end_usd))
    parts = [text(opening(bar.name), 0, y + 17, 12.5, bold=bar.look == "g-soft"),
             text(usd(high - low), NAMES - 14, y + 17, 12.5, "soft", "end")]  # fmt: skip
    at = bar.begin_usd
    for who, part in bar.parts:
        x, width = across.at((at - part) / size), across.at(part / size) - across.at(0.0)
        box = f'x="{x:.2f}" y="{y + 2:.1f}" width="{width:.3f}" height="{BAR:g}"'
        gap = f'<path d="M{x:.2f} {y + 2:.1f}V{y + 2 + BAR:.1f}" stroke-width="1.2" class="g-paper-s"/>'
        drawn = f'<rect {box} class="{bar.look}"/>{gap if width > 3 else ""}'
        parts.append(tipped([f"{opening(bar.name)}: {who}", usd(part)], drawn, f'class="item" data-usd="{part:.9g}"'))
        at -= part
    if following is not None and following.look != "g-soft" and bar.name != "all losses":
        x = across.at(following.begin_usd / size)
        parts.append(f'<path d="M{x:.1f} {y + 2 + BAR:.1f}V{y + ROW + 2:.1f}" class="g-faint-s"/>')
    said = largest(bar.parts)
    parts.append(tipped([f"{who}: {usd(part)}" for who, part in bar.parts],
                        text(short(said, NOTES - 14, 11), WIDTH - NOTES + 14, y + 12, 11, "soft")))  # fmt: skip
    parts.append(text(short(bar.said, NOTES - 14, 11), WIDTH - NOTES + 14, y + 26, 11, "faint"))
    return parts


# --------------------------------------------------------------------------------------------------------------- words
def largest(parts: Sequence[tuple[str, float]]) -> str:
    """The largest parts in words, as many as fit beside a bar."""
    known = [part for part in parts if part[1] >= SEEN]
    for many in range(min(MOST, len(known)), 0, -1):
        more = f" and {len(known) - many} more" if len(known) > many else ""
        said = ", ".join(f"{who} {usd(part)}" for who, part in known[:many]) + more
        if wide(said, 11) <= NOTES - 20:
            return said
    return ""


def supposed(found: Stress) -> str:
    """What is supposed, as what follows an `if`."""
    names, shut, share = found.shock.defaults, found.shock.markets_shut, found.shock.pay_share
    pays = f"{'pay' if len(names) > 1 else 'pays'} only {100.0 * share:.4g} % of what is due"
    parts = [f"{and_list(names)} {pays if share > 0.0 else 'cannot pay'}"] if names else []
    parts += [f"markets shut for {shut} quarter{'' if shut == 1 else 's'}"] if shut else []
    return " and ".join(parts)


def besides(found: Stress) -> str:
    """What is assumed beside: of markets that are open, or of what firms put off while they are shut."""
    if found.shock.markets_shut:
        now, later = found.terms.capex_cut, found.terms.capex_cut_later
        return f"firms put off {percent(now)} of building and orders at once and {percent(later)} later"
    return "markets go on giving every other firm what its plan needs"


def _title(found: Stress) -> str:
    return f"Who bears the loss if {supposed(found)}"


def _answer(found: Stress) -> str:
    """The size of the loss, the part that is lost anyway, the layer that bears most of it, and who falls."""
    fall = found.waterfall
    label, by = found.calendar.label(found.calendar.shock), fall.by_layer()
    if fall.total_usd < SEEN:
        return f"From {label} on, if {besides(found)}, nobody would lose a claim."
    most, before = max(by, key=lambda layer: by[layer]), found.waterfall_without.total_usd
    anyway = f" ({usd(before)} of it {calm(found)}, too)" if before >= SEEN else ""
    return (
        f"From {label} on, if {besides(found)}, holders of claims would lose {usd(fall.total_usd)}{anyway}; "
        f"{OWNERS.get(most, most)} would bear {percent(by[most] / fall.total_usd)} of it. {who_falls(found)}"
    ).rstrip()


def calm(found: Stress) -> str:
    """The state of things without the shock."""
    names = found.shock.defaults
    return f"if {and_list(names)} paid" if names else "if markets stayed open"


def who_falls(found: Stress) -> str:
    """Others that default, those first that would not without the shock; "" for nobody."""
    label, run, names = found.calendar.label, found.run, found.shock.defaults
    fell = [(int(run.first_default_quarter[i]), name) for i, name in enumerate(found.firms)
            if run.first_default_quarter[i] >= 0 and name not in names]  # fmt: skip
    said = []
    for also in (False, True):
        chosen = [each for each in fell if (each[1] in found.down_anyway) is also]
        some = and_list([f"{name} in {label(quarter)}" for quarter, name in sorted(chosen)])
        others = "Others that would default: " if names else "Would default: "
        begin = f"Would default {calm(found)}, too: " if also else others
        said += [f"{begin}{some}."] if some else []
    return " ".join(said)


def _notes(found: Stress) -> tuple[str, ...]:
    """Definitions and the source."""
    fall = found.waterfall
    sold = (
        f" Chips at a book value of {usd(fall.chips_sold_usd)} are sold at {percent(fall.chip_price)} of it."
        if fall.chips_sold_usd > 0.0
        else ""
    )
    return (
        "Each bar begins where the one before ends; what estates pay and what the layers lose add up to all claims. "
        f"What guarantors pay is taken from the loss of those they guarantee.{sold}",
        f"Source: the book of deals as sure as {found.shock.status}, in which most cash flows are estimates; what no "
        "contract says is assumed, see `gigawatt deals stress --table assumed`. No statement that a firm will fail.",
    )
