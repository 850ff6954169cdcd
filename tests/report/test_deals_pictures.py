"""Pictures of who pays whom: to scale, from left to right but for what comes back, everything drawn or counted."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists, sampled_from, tuples
from pytest import approx

from gigawatt.deals.book import SECTORS, Book, Deal, Party, Payment, catalog_book, network, network_of_payments
from gigawatt.deals.circular import as_one, circularity_of
from gigawatt.report.deals_ink import rules, style
from gigawatt.report.deals_layers import REST, layered
from gigawatt.report.deals_network import network_picture
from gigawatt.report.deals_pictures import network_page, sankey_page
from gigawatt.report.deals_places import placed
from gigawatt.report.deals_sankey import sankey
from gigawatt.report.deals_ties import ties
from gigawatt.report.deals_timeline import timeline

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '</title><script>alert("1")</script>&<Lab>'
TIERS = {
    "Fund": "holding",
    "Lab": "lab",
    "Cloud": "cloud",
    "Maker": "maker",
    "Foundry": "supplier",
    "Lease": "landlord",
}
NAMES = (*TIERS, "customers", "lenders", "builders")


def of(rows, tiers=TIERS):
    payer, payee, usd = zip(*rows, strict=True)
    return network_of_payments(payer, payee, ["compute"] * len(rows), [1e9 * each for each in usd], tiers, (), "2026")


# A fund and a maker put 10 each into a lab, which pays a cloud 20; the cloud buys chips for 15 and keeps 5.
CIRCLE = of([("Fund", "Lab", 10), ("Maker", "Lab", 10), ("Lab", "Cloud", 20), ("Cloud", "Maker", 15),
             ("Maker", "suppliers", 5), ("lenders", "Fund", 10)])  # fmt: skip


def book_of(*statuses, **given):
    deals = tuple(
        Deal(key=f"deal-{k}", payer="Lab", payee="Cloud", instrument="take_or_pay", amount=4e9 * (k + 1),
             start=date(2026, 1, 1), end=date(2026, 12, 31), history=((date(2025, 5, 1), status),), **given)
        for k, status in enumerate(statuses)
    )  # fmt: skip
    parties = {name: Party(key=name, tier=tier) for name, tier in {**TIERS, "customers": "customers"}.items()}
    paid = (
        Payment(key="p", payer="customers", payee="Lab", kind="subscription", year=2026, usd=7e9),
        Payment(key="q", payer="Cloud", payee="Maker", kind="chips", year=2026, usd=3e9),
    )
    return Book(as_of=date(2025, 12, 31), parties=parties, deals=deals, payments=paid)


def asked(book):
    return lambda year, status: network(book, int(year), status)


def marks(svg):
    """Groups of strands or lines with the path that is the line."""
    root = ET.fromstring(svg)
    return [(group, group.find(f"{SVG}path")) for group in root.iter(f"{SVG}g") if group.get("class") == "item"]


def ends(path):
    """First and last place of a line across the picture."""
    numbers = re.findall(r"[A-Z]|-?[\d.]+", path.get("d"))
    last = [k for k, each in enumerate(numbers) if each.isalpha()][-1]
    tail = [float(each) for each in numbers[last + 1 :]]
    return float(numbers[1]), tail[0] if numbers[last] == "H" else tail[-2]


def test_strands_are_as_wide_as_their_amounts():
    found = [(float(path.get("stroke-width")), float(group.get("data-usd"))) for group, path in marks(sankey(CIRCLE))]
    scale = [width / usd for width, usd in found]
    assert scale == approx([scale[0]] * len(scale), rel=1e-3)


def test_what_goes_round_is_the_maximum_circulation():
    round_usd = sum(
        float(group.get("data-usd")) for group, _ in marks(sankey(CIRCLE)) if group.get("data-loop") != "-1"
    )
    assert round_usd == approx(30e9)  # by hand: 10 round maker, lab and cloud
    assert "$10.0 bn round Lab \u2192 Cloud \u2192 Maker \u2192 Lab" in sankey(CIRCLE)


def test_one_strand_of_a_circle_comes_back_and_the_others_run_on():
    ways = [group.get("data-way") for group, _ in marks(sankey(CIRCLE)) if group.get("data-loop") == "0"]
    assert sorted(ways) == ["back", "forward", "forward"]


rows = lists(tuples(sampled_from(NAMES), sampled_from(NAMES), floats(0.1, 100.0)), min_size=1, max_size=24).map(
    lambda found: [(a, b, usd) for a, b, usd in found if a != b] or [("Lab", "Cloud", 1.0)]
)


@given(rows=rows, most=integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_any_network_is_drawn_whole_and_what_does_not_go_round_runs_to_the_right(rows, most):
    net = of(rows)
    layout, drawn = layered(net, most), marks(sankey(net, most=most))
    assert circularity_of(net).circulation_usd == approx(layout.circulation_usd, rel=1e-6, abs=1.0)
    told = layout.outside_usd + layout.netted_usd + layout.inside_usd
    assert sum(float(group.get("data-usd")) for group, _ in drawn) + told == approx(net.gross_usd, rel=1e-6)
    assert sum(strand.usd for strand in layout.strands if strand.loop != REST) <= layout.circulation_usd * (1 + 1e-9)
    for group, path in drawn:
        begin, end = ends(path)
        assert np.isfinite([begin, end]).all()
        if group.get("data-loop") == "-1":
            assert group.get("data-way") == "forward" and begin < end
        if group.get("data-way") == "back":
            assert end < begin


@given(rows=rows)
@settings(max_examples=40, deadline=None)
def test_nodes_and_their_labels_never_overlap(rows):
    layout = layered(of(rows))
    slots = placed(layout, 600.0).slots
    for column in range(layout.columns):
        stack = sorted((slot for slot in slots if slot.layer == column), key=lambda slot: slot.y)
        for above, below in pairwise(stack):
            assert above.y + above.size <= below.y + 1e-6
            if above.node >= 0 and below.node >= 0:
                assert below.middle - above.middle >= 10.0


def test_money_of_sectors_comes_in_on_the_left_and_goes_out_on_the_right():
    layout = layered(CIRCLE)
    layer = {node.name: node.layer for node in layout.nodes}
    assert layer["lenders"] == 0 and layer["suppliers"] == layout.columns - 1
    assert layout.entering_usd == approx(10e9) and layout.leaving_usd == approx(5e9)


def test_what_a_sector_gets_back_is_netted_unless_asked_for_in_full():
    net = of([("customers", "Lab", 10.0), ("Lab", "customers", 4.0), ("Lab", "Cloud", 1.0)])
    assert layered(net).netted_usd == approx(8e9) and layered(net).entering_usd == approx(6e9)
    assert layered(net, gross=True).netted_usd == 0.0 and layered(net, gross=True).entering_usd == approx(10e9)


def test_payments_without_a_circle_have_no_strand_that_comes_back():
    net = of([("lenders", "Fund", 5), ("Fund", "Lab", 5), ("Lab", "Cloud", 4), ("Cloud", "Maker", 3)])
    assert {group.get("data-way") for group, _ in marks(sankey(net))} == {"forward"}
    assert "Nothing goes round" in sankey(net)


# ------------------------------------------------------------------------------------------------------------- network
def test_lines_tell_the_status_of_deals():
    book = book_of("firm", "conditional", "announced", "lapsed")
    drawn = {
        group.get("data-status"): path for group, path in marks(network_picture(network(book, 2026, "announced"), book))
    }
    dashes = {status: path.get("stroke-dasharray") for status, path in drawn.items()}
    assert dashes == {"firm": None, "conditional": "6 5", "announced": "1.5 4", "lapsed": None, "paid": None}
    assert drawn["lapsed"].get("class") == "d-aeb6c1-s"  # pale grey, with a cross over it


def test_lines_are_as_wide_as_what_the_year_brings_under_each_status():
    book = book_of("firm", "conditional", "announced")
    found = {group.get("data-status"): (float(path.get("stroke-width")), float(group.get("data-usd")))
             for group, path in marks(network_picture(network(book, 2026, "announced"), book))}  # fmt: skip
    assert {status: usd for status, (_, usd) in found.items()} == approx(
        {"firm": 4e9, "conditional": 8e9, "announced": 12e9, "paid": 3e9}
    )
    assert len({round(width / usd * 1e9, 3) for width, usd in found.values()}) == 1


def test_deals_less_sure_than_asked_are_not_drawn():
    book = book_of("firm", "conditional")
    found = {group.get("data-status") for group, _ in marks(network_picture(network(book, 2026, "firm"), book))}
    assert found == {"firm", "paid"}


def test_a_payment_that_covers_its_deals_is_drawn_once_and_several_years_are_added_up():
    book = book_of("firm")
    paid = Payment(key="r", payer="Lab", payee="Cloud", kind="compute", year=2026, usd=5e9, covers=True)
    later = Payment(key="p", payer="customers", payee="Lab", kind="subscription", year=2027, usd=1e9)
    book = replace(book, payments=(*book.payments, paid, later))
    both = as_one([network(book, 2026), network(book, 2027)])
    for net in (network(book, 2026), both):
        found = ties(net, book, 9)
        drawn = {(tie.payer, tie.payee): tie.usd for tie in found.drawn}
        assert drawn == {("Lab", "Cloud"): 5e9, ("Cloud", "Maker"): 3e9}
        assert sum(drawn.values()) + found.business_usd == approx(net.gross_usd)


@pytest.mark.parametrize("status", ["drawn", "firm", "announced"])
def test_lines_and_what_is_counted_beside_them_are_all_that_the_catalog_pays(status):
    book = catalog_book()
    for net in (network(book, year, status) for year in (2025, 2026, 2028)):
        found = ties(net, book, 24)
        drawn_usd = sum(tie.usd for tie in found.drawn if tie.status != "lapsed" and not tie.is_contingent)
        assert drawn_usd + found.business_usd + found.inside_usd == approx(net.gross_usd)


@given(rows=rows, most=integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_every_payment_is_a_line_or_counted(rows, most):
    net = of(rows)
    found = ties(net, None, most)
    drawn = sum(float(group.get("data-usd")) for group, _ in marks(network_picture(net, most=most)))
    assert drawn + found.business_usd + found.inside_usd == approx(net.gross_usd, rel=1e-6)
    assert all(name not in SECTORS or name in ("lenders", "investors") for name in found.tier)


# ---------------------------------------------------------------------------------------------------------------- both
@pytest.mark.parametrize("draw", [sankey, network_picture])
def test_pictures_are_the_same_every_time(draw):
    assert draw(CIRCLE) == draw(CIRCLE)


@pytest.mark.parametrize("draw", [sankey, network_picture])
def test_names_never_become_markup(draw):
    net = of([("Lab", NASTY, 3), (NASTY, "Maker", 2), ("Maker", "Lab", 1)], {**TIERS, NASTY: "cloud"})
    root = ET.fromstring(draw(net))
    assert not list(root.iter(f"{SVG}script"))
    assert any(NASTY in (title.text or "") for title in root.iter(f"{SVG}title"))


def test_pages_load_nothing_and_hold_a_frame_for_every_year():
    book = book_of("firm", "announced", source='"><script>x</script>', note=NASTY)
    shown = network(book, 2026)
    for page in (sankey_page(asked(book), ["2026"], shown, book), network_page(asked(book), ["2026"], shown, book)):
        assert "default-src 'none'" in page and "$title" not in page
        assert not re.findall(r'(?:src|href)="', page)
        assert set(re.findall(r"https?://[\w./]*", page)) <= {"http://www.w3.org/2000/svg"}
        assert "<script>x" not in page and "<script>alert" not in page


def test_statuses_with_the_same_payments_share_a_frame():
    book = book_of("firm", "announced")
    page = sankey_page(asked(book), ["2026"], network(book, 2026), book)
    assert page.count("<template data-frame") == 2  # drawn, announced; the firm one is in the page itself
    assert '"2026|conditional":"2026|firm"' in page


def test_every_colour_has_a_dark_twin():
    light, dark = (set(re.findall(r"\.([\w-]+)\{", rules(each))) for each in (False, True))
    assert light == dark and style().count("prefers-color-scheme: dark") == 1


def labels(svg):
    """Texts of the labels of nodes, lines joined by blanks."""
    root = ET.fromstring(svg)
    found = (group for group in root.iter(f"{SVG}g") if "label" in (group.get("class") or "").split())
    return [" ".join("".join(line.itertext()) for line in group.iter(f"{SVG}text")) for group in found]


def test_what_a_sector_pays_less_what_it_gets_is_called_net():
    net = of([("customers", "Lab", 10.0), ("Lab", "customers", 4.0), ("Lab", "Cloud", 6.0), ("Cloud", "Maker", 6.0)])
    assert "customers $6.00 bn net" in labels(sankey(net)) and "Lab $6.00 bn" in labels(sankey(net))
    assert "customers $10.0 bn" in labels(sankey(net, gross=True))


def test_no_two_columns_have_the_same_name():
    net = of([("Lab", "A", 4), ("A", "B", 3), ("B", "C", 2)], {"Lab": "lab", **dict.fromkeys("ABC", "cloud")})
    names = re.findall(r">([A-Za-z ]+)</text>", sankey(net))
    assert "Clouds" in names and "Further clouds" in names and names.count("Clouds") == 1


def test_one_circle_is_one():
    assert "in 1 circle;" in sankey(of([("Lab", "Cloud", 4), ("Cloud", "Maker", 4), ("Maker", "Lab", 4)]))


def test_filters_of_the_sankey_page_have_no_colours_that_mean_something_else():
    book = book_of("firm")
    shown = network(book, 2026)
    box = '<fieldset><legend>Instrument</legend><label><input type="checkbox" data-filter="kinds"'
    page, other = sankey_page(asked(book), ["2026"], shown, book), network_page(asked(book), ["2026"], shown, book)
    assert box in page and "checked><svg" not in page and "checked><svg" in other


def test_pages_are_printed_whole():
    book = book_of("firm")
    page = network_page(asked(book), ["2026"], network(book, 2026), book)
    rules = page.rpartition("@media print {")[2].partition("</style>")[0]
    assert "overflow: visible; margin: 0" in rules and "min-width: 0" in rules and "@page { size: A4 landscape" in rules
    assert ".deals-controls:empty { display: none; }" in page and "scroll sideways" in page
    assert 'addEventListener("beforeprint"' in page


def test_sums_of_a_timeline_are_without_guarantees():
    book = book_of("firm")
    held = replace(book.deals[0], key="g", instrument="backstop", amount=9e9, schedule="on_default")
    said = timeline(replace(book, deals=(*book.deals, held)))
    assert "2 deals, amounts over their whole life: 2 firm ($4.00 bn); guarantees of $9.00 bn, due only if" in said
