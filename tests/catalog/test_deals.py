"""The announced deals: parties that exist, dates in order, nothing paid that lapsed and nothing counted twice."""

from __future__ import annotations

import re
from datetime import date

import pytest

from gigawatt import catalog
from gigawatt.catalog.facts import read_rows
from gigawatt.ledger import SECTORS

START = date(2026, 1, 5)
DEALS = catalog.items("deals")
INSTRUMENTS = {"equity", "purchase_commitment", "lease", "debt", "backstop", "warrant", "revenue_share"}
STATUSES = {"firm", "conditional", "announced", "closed", "lapsed", "superseded"}
TRIGGERS = {"", "per_gw", "milestone", "on_purchase", "on_default"}


def text(deal: str, attribute: str) -> str:
    return str(catalog.value("deals", deal, attribute))


def amount_usd(deal: str) -> float:
    return float(catalog.value("deals", deal, "amount_usd", 0.0))


def day(deal: str, attribute: str) -> date:
    return date.fromisoformat(text(deal, attribute))


def total_usd(payer: str, payee: str, instrument: str, *statuses: str) -> float:
    wanted = (payer, payee, instrument)
    return sum(
        amount_usd(deal)
        for deal in DEALS
        if (text(deal, "payer"), text(deal, "payee"), text(deal, "instrument")) == wanted
        and text(deal, "status") in statuses
    )


def test_all_announced_deals_are_there_once():
    rows = [row["item"] for row in read_rows("deals")]
    assert len(rows) == len(set(rows)) == 135


def test_the_letter_of_intent_of_nvidia_and_openai_lapsed():
    assert text("nvda-openai-loi", "status") == "lapsed"
    assert amount_usd("nvda-openai-loi") == 100e9


def test_nvidia_pays_openai_thirty_billion_and_no_more():
    # The 100 bn letter of intent became 30 bn of equity in February 2026.
    live = total_usd("Nvidia", "OpenAI", "equity", "firm", "conditional", "announced", "closed")
    assert live == 30e9


def test_microsoft_and_softbank_paid_for_openai_before_the_start():
    assert total_usd("Microsoft", "OpenAI", "equity", "closed") == 13e9
    assert total_usd("SoftBank", "OpenAI", "equity", "closed") == 34.6e9


def test_commitments_of_openai_to_amazon_add_up():
    # 38 bn of November 2025 and 100 bn more of February 2026 make the reported 138 bn.
    assert total_usd("OpenAI", "Amazon", "purchase_commitment", "firm") == 138e9


def test_commitments_of_openai_to_coreweave_add_up():
    # 11.9 + 4.0 + 6.5 bn: the reported total of 22.4 bn.
    assert total_usd("OpenAI", "CoreWeave", "purchase_commitment", "firm") == pytest.approx(22.4e9)


def test_payers_and_payees_are_companies_or_sectors():
    known = {*catalog.items("companies"), *SECTORS}
    for deal in DEALS:
        assert {text(deal, "payer"), text(deal, "payee")} <= known, deal


def test_a_party_pays_itself_only_inside_a_group():
    for deal in DEALS:
        if text(deal, "payer") == text(deal, "payee"):
            assert text(deal, "payer") in ("Neoclouds", "investors"), deal


def test_instruments_statuses_and_triggers_are_the_known_ones():
    for deal in DEALS:
        assert text(deal, "instrument") in INSTRUMENTS
        assert text(deal, "status") in STATUSES
        assert text(deal, "trigger") in TRIGGERS


def test_guarantees_are_called_by_default():
    for deal in DEALS:
        assert (text(deal, "instrument") == "backstop") == (text(deal, "trigger") == "on_default"), deal


def test_deals_end_after_they_start():
    for deal in DEALS:
        assert day(deal, "start") <= day(deal, "end"), deal


def test_closed_deals_were_paid_before_the_start():
    for deal in DEALS:
        if text(deal, "status") == "closed":
            assert day(deal, "end") < START, deal


def test_equity_that_is_still_to_come_falls_due_after_the_start():
    for deal in DEALS:
        if text(deal, "instrument") == "equity" and text(deal, "status") in ("firm", "conditional"):
            assert day(deal, "start") >= START, deal


def test_superseded_deals_say_where_their_money_is_counted():
    for deal in DEALS:
        if text(deal, "status") == "superseded":
            note = catalog.fact("deals", deal, "status").note
            assert re.search(r"counted|inside the group|same gigawatts", note), deal


def test_amounts_are_positive_and_undisclosed_ones_are_left_out():
    known = [deal for deal in DEALS if "amount_usd" in catalog.facts("deals", deal)]
    assert all(amount_usd(deal) > 0 for deal in known)
    assert "amd-openai-warrant" not in known and "stargate-jv" not in known


def test_each_deal_has_a_source_and_names_its_original_parties():
    for deal in DEALS:
        fact = catalog.fact("deals", deal, "payer")
        assert catalog.source(fact.source).key != "own-estimate"
        assert fact.confidence in ("primary", "press", "secondary")
        assert re.match(r".+ to .+", fact.note)


def test_preset_holds_every_deal_that_is_not_superseded():
    named = re.findall(r"^  ([\w.-]+): \{\}$", catalog.preset("deals-2026"), flags=re.MULTILINE)
    assert named == [deal for deal in DEALS if text(deal, "status") != "superseded"]
