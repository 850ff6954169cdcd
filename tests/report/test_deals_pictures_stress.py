"""Pictures of a shock and of dates: losses that add up, payments that do not come, deals in their lanes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import dates, floats, lists, sampled_from, tuples
from pytest import approx

from gigawatt.deals.book import catalog_book
from gigawatt.deals.stress import Loss, Waterfall, stress
from gigawatt.report.deals_contagion import contagion, frame, replay, states, telling
from gigawatt.report.deals_ink import svg
from gigawatt.report.deals_pictures import contagion_page, timeline_page, waterfall_page
from gigawatt.report.deals_timeline import LANES, Days, extent, span, timeline
from gigawatt.report.deals_waterfall import LAYER_HUES, steps, waterfall_picture, who_falls

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '</title><script>alert("1")</script>&<Lab>'


@pytest.fixture(scope="module")
def book():
    return catalog_book()


@pytest.fixture(scope="module")
def shock(book):
    return stress(book, ["OpenAI"], markets_shut=4)


def marks(svg):
    return [group for group in ET.fromstring(svg).iter(f"{SVG}g") if group.get("class") == "item"]


# ----------------------------------------------------------------------------------------------------------- waterfall
losses = lists(
    tuples(sampled_from(sorted(LAYER_HUES)), floats(1e7, 1e12), floats(0.0, 1.0), sampled_from("ABC")),
    min_size=1, max_size=12,
)  # fmt: skip


def fall_of(rows):
    made = [Loss(layer=layer, holder=holder, debtor="X", deal="", claim_usd=claim, recovered_usd=claim * paid,
                 called_usd=0.0) for layer, claim, paid, holder in rows]  # fmt: skip
    return Waterfall(losses=tuple(made), chip_price=1.0, chips_sold_usd=0.0)


@given(rows=losses)
def test_claims_less_what_estates_pay_are_the_losses_of_the_layers(rows):
    fall = fall_of(rows)
    claims, estates, *layers, total = steps(fall)
    assert claims.begin_usd == approx(sum(claim for _, claim, _, _ in rows))
    for before, after in pairwise([estates, *layers]):
        assert after.begin_usd == approx(before.end_usd)
    seen = sum(layer.begin_usd - layer.end_usd for layer in layers)
    assert seen == approx(fall.total_usd, rel=1e-9, abs=1e6 * len(LAYER_HUES))
    assert total.begin_usd == approx(fall.total_usd)


def test_by_hand_a_guarantor_takes_over_what_a_landlord_would_lose():
    rent = Loss(layer="landlords", holder="L", debtor="X", deal="", claim_usd=10e9, recovered_usd=4e9, called_usd=5e9)
    call = Loss(layer="guarantors", holder="G", debtor="X", deal="", claim_usd=0.0, recovered_usd=0.0, called_usd=-5e9)
    found = {bar.name: (bar.begin_usd, bar.end_usd) for bar in steps(Waterfall(losses=(rent, call), chip_price=1.0,
                                                                               chips_sold_usd=0.0))}  # fmt: skip
    assert found == {"all claims": (10e9, 0.0), "paid by estates": (10e9, 6e9), "landlords": (6e9, 5e9),
                     "guarantors": (5e9, 0.0), "all losses": (6e9, 0.0)}  # fmt: skip


def test_bars_are_as_wide_as_their_amounts(shock):
    wide = [(float(group.find(f"{SVG}rect").get("width")), float(group.get("data-usd")))
            for group in marks(waterfall_picture(shock))]  # fmt: skip
    broadest, most = max(wide)
    assert all(width == approx(usd / most * broadest, rel=1e-4, abs=0.001) for width, usd in wide)


def test_a_page_of_losses_has_a_frame_for_every_shock(shock):
    page = waterfall_page({"OpenAI": shock, "all at once": shock})
    assert page.count("<template data-frame") == 1 and "Who cannot pay" in page


# ----------------------------------------------------------------------------------------------------------- contagion
def test_all_that_does_not_come_is_drawn_or_told(shock):
    seen = replay(shock)
    kept = np.isin(shock.run.payer, [shock.opened.number(name) for name in seen.names])
    kept &= np.isin(shock.run.payee, [shock.opened.number(name) for name in seen.names])
    for quarter in seen.quarters:
        drawn = sum(float(group.get("data-usd")) for group in marks(svg(frame(seen, quarter))))
        assert drawn == approx(float(seen.missing_usd[quarter, kept].sum()), rel=1e-6, abs=1e6 * kept.sum())
    assert seen.missing_usd[: shock.calendar.shock].sum() == 0.0


def test_lines_of_a_replay_keep_one_scale(shock):
    seen = replay(shock)
    found = [(float(group.find(f"{SVG}path").get("stroke-width")), float(group.get("data-usd")))
             for quarter in seen.quarters for group in marks(svg(frame(seen, quarter)))]  # fmt: skip
    broad = [(width, usd) for width, usd in found if width > 1.0]
    assert broad
    assert all(width == approx(usd * seen.px_per_usd, rel=1e-3) for width, usd in broad)


def test_who_cannot_pay_falls_in_the_quarter_of_the_shock_and_stays_down(shock):
    seen, start = replay(shock), shock.calendar.shock
    found = [states(seen, quarter)["OpenAI"] for quarter in seen.quarters]
    assert found == ["stands", "falls", *["gone"] * (len(found) - 2)]
    assert seen.quarters[0] == start - 1


def test_who_would_default_anyway_is_told_apart(shock):
    named = {name: int(shock.without.first_default_quarter[i]) >= 0 for i, name in enumerate(shock.firms)
             if shock.run.first_default_quarter[i] >= 0 and name != "OpenAI"}  # fmt: skip
    caused, _, anyway = who_falls(shock).partition("Would default if OpenAI paid, too: ")
    assert named
    for name, also in named.items():
        assert f"{name} in 20" in (anyway if also else caused)


def test_pictures_of_a_shock_say_what_is_supposed_and_assumed(book, shock):
    texts = " ".join("".join(text.itertext()) for text in ET.fromstring(waterfall_picture(shock)).iter(f"{SVG}text"))
    assert "if OpenAI cannot pay and markets shut for 4 quarters" in texts and "would lose" in texts
    assert "firms put off" in texts and "if OpenAI paid, too" in texts
    half = stress(book, ["OpenAI"], pay_share=0.5)
    texts = " ".join("".join(text.itertext()) for text in ET.fromstring(contagion(half)).iter(f"{SVG}text"))
    assert "If OpenAI pays only 50 % of what is due" in texts and "markets go on giving" in texts


def test_small_pictures_show_the_shock_the_last_quarter_and_most_defaults(shock):
    seen = replay(shock)
    chosen = telling(seen)
    first = shock.run.first_default_quarter
    most = max(seen.quarters, key=lambda quarter: (first == quarter).sum())
    assert {shock.calendar.shock, shock.calendar.quarters - 1, most} <= set(chosen) and chosen == sorted(chosen)
    texts = {text.text for text in ET.fromstring(contagion(shock)).iter(f"{SVG}text")}
    assert {shock.calendar.label(quarter) for quarter in chosen} <= texts


def test_a_replay_as_a_page_has_a_frame_for_every_quarter_and_plays(shock):
    page = contagion_page(shock)
    assert page.count("<template data-frame") == len(replay(shock).quarters) - 1
    assert 'id="play"' in page and 'type="range"' in page


# ------------------------------------------------------------------------------------------------------------ timeline
@pytest.mark.parametrize("by", LANES)
def test_every_deal_stands_in_the_timeline_once(book, by):
    keys = [group.get("data-key") for group in marks(timeline(book, by=by))]
    assert sorted(keys) == sorted(deal.key for deal in book.deals)


@pytest.mark.parametrize("by", LANES)
def test_deals_of_one_row_do_not_touch(book, by):
    svg = timeline(book, by=by)
    deals, days = {deal.key: deal for deal in book.deals}, span(book.deals, book.as_of.year)
    rows = {}
    for group in marks(svg):
        box = group.find(f"{SVG}rect")
        middle = round(float(box.get("y")) + float(box.get("height")) / 2, 1)
        rows.setdefault(middle, []).append(extent(deals[group.get("data-key")], days, by))
    assert all(one[1] <= two[0] for row in rows.values() for one, two in pairwise(sorted(row)))


def days_of(first, last):
    return Days(tuple(range(first, last + 1)), 140.0, 996.0, (2025, 2027))


@given(day=dates(date(2023, 1, 1), date(2036, 12, 30)))
def test_later_days_stand_further_right(day):
    days = days_of(2023, 2036)
    assert days.at(day) < days.at(day + timedelta(days=1)) <= days.left + days.width + 1e-9


def test_only_deals_of_a_party_or_as_sure_as_asked(book):
    keys = {group.get("data-key") for group in marks(timeline(book, parties=["Oracle"], status="firm"))}
    assert keys == {deal.key for deal in book.deals
                    if "Oracle" in (deal.payer, deal.payee) and deal.status() in ("drawn", "firm")}  # fmt: skip


def test_parties_and_lanes_that_there_are_not_are_refused(book):
    with pytest.raises(ValueError, match="no deal of 'Nobody'"):
        timeline(book, parties=["Nobody"])
    with pytest.raises(ValueError, match="lanes must be by"):
        timeline(book, by="year")


def test_a_page_of_dates_lets_choose_the_lanes(book):
    page = timeline_page(book)
    assert page.count("<template data-frame") == len(LANES) - 1 and 'data-filter="status"' in page


# ----------------------------------------------------------------------------------------------------------------- all
def test_names_in_a_book_never_become_markup(book, shock):
    deals = (replace(book.deals[0], payer=NASTY, note=NASTY, condition=NASTY), *book.deals[1:])
    root = ET.fromstring(timeline(replace(book, deals=deals)))
    assert not list(root.iter(f"{SVG}script"))
    for page in (contagion_page(shock), timeline_page(replace(book, deals=deals))):
        assert "<script>alert" not in page
        assert set(re.findall(r"https?://[\w./]*", page)) <= {"http://www.w3.org/2000/svg"}


def test_pictures_of_a_shock_are_the_same_every_time(book, shock):
    assert contagion(shock) == contagion(shock)
    assert waterfall_picture(shock) == waterfall_picture(shock)
    assert timeline(book) == timeline(book)


def test_small_pictures_name_the_largest_parties_and_names_lie_over_circles():
    seen = replay(stress(catalog_book(), ("OpenAI",)))
    largest = max(seen.names, key=lambda name: seen.where[name].radius)
    assert {"OpenAI", largest} <= set(seen.landmarks)
    first = contagion(seen.found).split("</g></g>")[0]
    assert largest in first and first.rindex("<circle") < first.rindex("d-halo label") < first.rindex("<text")
