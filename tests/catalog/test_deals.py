"""The ledger of announced deals: parties, statuses over time, nothing paid that lapsed and nothing counted twice."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date

import pytest

from gigawatt import catalog
from gigawatt.catalog.facts import read_rows
from gigawatt.ledger import SECTORS
from gigawatt.scenario.entities import INSTRUMENTS, STATUSES, TRIGGERS

START = date(2026, 1, 5)  # of the weekly model
TODAY = date(2026, 7, 1)  # of the newest deal
DEALS = catalog.items("deals")
COUNTING = ("drawn", "firm", "signed", "terminable", "conditional", "announced")
PURCHASES = ("purchase_commitment", "take_or_pay")
DEBTS = ("debt", "loan", "bond")
GUARANTEES = ("backstop", "residual_guarantee")
SCHEDULES = ("even", "start", "ramp", "per_gw", "milestone", "on_default")
SENIORITIES = ("senior_secured", "senior", "lease", "trade", "guarantor", "junior", "equity")
LEFT_OUT = {  # of the weekly model: another deal holds the money, or the vehicle is counted as the one that pays it
    "nvda-lambda-lease-1", "nvda-lambda-lease-2", "anthropic-avgo-35gw", "xai-spv-lease", "hyperion-lease",
    "oracle-dc-leases",
    "oracle-preferred-2026", "nvda-site-guarantees",  # of the network alone: there, firms sell shares by their own rule
}  # fmt: skip


def text(deal: str, attribute: str) -> str:
    return str(catalog.value("deals", deal, attribute))


def amount_usd(deal: str) -> float:
    return float(catalog.value("deals", deal, "amount_usd", 0.0))


def day(deal: str, attribute: str) -> date:
    return date.fromisoformat(text(deal, attribute))


def history(deal: str) -> list[tuple[date, str]]:
    facts = catalog.facts("deal_status", deal)
    return [(date.fromisoformat(since), str(fact.value)) for since, fact in facts.items()]


def tranches(deal: str) -> dict[int, float]:
    schedule = text(deal, "schedule")
    if schedule in SCHEDULES:
        return {}
    return {int(year): float(usd) for year, usd in (part.split("=") for part in schedule.split())}


def total_usd(payer: str, payee: str, instruments: tuple[str, ...], statuses: tuple[str, ...] = COUNTING) -> float:
    """Sum of the amounts between two parties that count themselves."""
    return sum(
        amount_usd(deal)
        for deal in DEALS
        if (text(deal, "payer_party"), text(deal, "payee_party")) == (payer, payee)
        and text(deal, "instrument") in instruments
        and text(deal, "status") in statuses
        and not text(deal, "counted_in")
    )


def test_all_announced_deals_are_there_once():
    rows = [row["item"] for row in read_rows("deals")]
    assert len(rows) == len(set(rows)) == 137


# ------------------------------------------------------------------------------------------------------------- totals


def test_nvidia_pays_openai_thirty_billion_and_no_more():
    # The 100 bn letter of intent became 30 bn of equity in February 2026.
    assert text("nvda-openai-loi", "status") == "lapsed" and amount_usd("nvda-openai-loi") == 100e9
    assert text("nvda-openai-loi", "counted_in") == "nvda-openai-30"
    assert total_usd("Nvidia", "OpenAI", ("equity",)) == 30e9


@pytest.mark.parametrize(
    ("payer", "payee", "reported_usd"),
    [
        ("OpenAI", "Amazon", 138e9),  # 38 bn of November 2025, extended by 100 bn in February 2026
        ("OpenAI", "CoreWeave", 22.4e9),  # 11.9 + 4.0 + 6.5 bn, as reported with the third contract
        ("Meta", "CoreWeave", 35.2e9),  # 14.2 + 21 bn, as reported with the second contract
        ("OpenAI", "Cerebras", 20e9),  # two contracts of 10 bn; the 1 bn for data centres is a loan
        ("OpenAI", "Oracle", 300e9),
        ("OpenAI", "Microsoft", 250e9),
    ],
)
def test_contracts_of_one_buyer_add_up_to_the_total_reported(payer, payee, reported_usd):
    assert total_usd(payer, payee, PURCHASES, ("firm",)) == pytest.approx(reported_usd)


def test_rents_of_coreweave_to_applied_digital_add_up():
    # 7 bn, and an option taken up for 4 bn: the reported 11 bn for 400 MW.
    leases = ("crwv-apld-lease-1", "crwv-apld-lease-2")
    assert total_usd("CoreWeave", "Applied Digital", ("lease",)) == 11e9
    assert sum(float(catalog.value("deals", lease, "gigawatts")) for lease in leases) == pytest.approx(0.4)


def test_stakes_add_up_to_what_was_reported():
    assert total_usd("Microsoft", "OpenAI", ("equity",), ("drawn",)) == 13e9
    assert total_usd("SoftBank", "OpenAI", ("equity",)) == pytest.approx(64.6e9)  # cumulative, with 30 bn of 2026
    assert total_usd("Amazon", "OpenAI", ("equity",)) == 50e9
    assert total_usd("Amazon", "Anthropic", ("equity",)) == 33e9  # 8 bn before, and up to 25 bn of April 2026
    assert total_usd("Google", "Anthropic", ("equity",)) == 43e9  # 3 bn before, and up to 40 bn of April 2026


def test_the_round_of_openai_adds_up_to_its_total():
    # 110 bn of Nvidia, Amazon and SoftBank in February 2026 and the rest of 122 bn in March.
    parts = ("nvda-openai-30", "amzn-openai-15", "amzn-openai-35", "softbank-openai-30")
    assert sum(map(amount_usd, parts)) == 110e9
    assert sum(map(amount_usd, (*parts, "others-openai-12"))) == 122e9


def test_series_h_of_anthropic_adds_up_with_the_hyperscalers_in_it():
    assert sum(map(amount_usd, ("seriesh-anthropic", "amzn-anthropic-5", "goog-anthropic-10"))) == 65e9


def test_series_g_of_anthropic_adds_up_with_nvidia_and_microsoft_in_it():
    # 30 bn in February 2026; other investors of both rounds of 2026 are one payment: 15 bn of G and 50 bn of H.
    in_it = sum(map(amount_usd, ("nvda-anthropic", "msft-anthropic")))
    others = float(catalog.value("payments", "investors-anthropic", "2026"))
    assert in_it + others == 30e9 + amount_usd("seriesh-anthropic")
    assert text("nvda-anthropic", "status") == text("msft-anthropic", "status") == "drawn"


def test_oracle_sold_preferred_shares_beside_its_programme():
    assert amount_usd("oracle-preferred-2026") == 5e9 and text("oracle-preferred-2026", "status") == "drawn"
    assert text("oracle-equity-2026", "status") == "conditional"


def test_vehicle_of_xai_is_worth_twenty_billion():
    assert sum(map(amount_usd, ("nvda-xai-spv", "valor-xai-spv-equity", "lenders-xai-spv-debt"))) == 20e9


def test_package_of_the_vantage_sites_is_thirty_eight_billion():
    assert amount_usd("vantage-frontier-tx-debt") + amount_usd("vantage-wisconsin-debt") == 38e9


def test_backstops_of_google_for_terawulf_add_up():
    # 1.8 bn, raised by 1.4 bn four days later: about 3.2 bn.
    assert total_usd("Google", "TeraWulf", ("backstop",)) == pytest.approx(3.2e9)


def test_nothing_that_lapsed_and_nothing_held_by_another_deal_is_counted():
    assert total_usd("Nvidia", "Lambda", ("lease",)) == 0.0
    counted = [deal for deal in DEALS if text(deal, "status") in COUNTING and not text(deal, "counted_in")]
    assert not {"nvda-openai-loi", "nvda-lambda-lease-1", "nvda-lambda-lease-2", "anthropic-avgo-35gw"} & set(counted)
    assert len(counted) == 132


# ------------------------------------------------------------------------------------------------------------ parties


def test_payers_and_payees_are_companies_or_sectors():
    known = {*catalog.items("companies"), *SECTORS}
    for deal in DEALS:
        assert {text(deal, "payer"), text(deal, "payee")} <= known, deal


def test_every_party_is_known_and_always_in_the_same_group():
    group = {party: str(catalog.value("parties", party, "group")) for party in catalog.items("parties")}
    for deal in DEALS:
        for side in ("payer", "payee"):
            assert group[text(deal, f"{side}_party")] == text(deal, side), (deal, side)


def test_nobody_pays_itself_and_a_group_only_where_its_members_deal():
    for deal in DEALS:
        # Aligned was bought from other investors: shares change hands, and no firm is paid.
        assert text(deal, "payer_party") != text(deal, "payee_party") or deal == "aligned-acquisition", deal
        if text(deal, "payer") == text(deal, "payee"):
            assert text(deal, "payer") in ("Neoclouds", "investors", "Meta", "xAI"), deal


def test_lenders_and_investors_do_not_change_places():
    for deal in DEALS:
        if text(deal, "payer_party") in ("lenders", "investors"):
            lends = text(deal, "instrument") in DEBTS
            assert text(deal, "payer_party") == ("lenders" if lends else "investors"), deal


# -------------------------------------------------------------------------------------------------------------- terms


def test_words_of_a_deal_are_the_known_ones():
    for deal in DEALS:
        assert text(deal, "instrument") in INSTRUMENTS, deal
        assert text(deal, "status") in STATUSES, deal
        assert text(deal, "trigger") in ("", *TRIGGERS), deal
        assert text(deal, "seniority") in SENIORITIES, deal
        assert text(deal, "currency") == "USD", deal


def test_debts_say_what_secures_them_and_others_rank_by_what_they_are():
    for deal in DEALS:
        instrument, seniority = text(deal, "instrument"), text(deal, "seniority")
        assert (instrument in DEBTS) == (seniority in ("senior_secured", "senior", "junior")), deal
        assert (instrument in DEBTS) == bool(text(deal, "collateral")), deal
        assert (seniority == "senior_secured") <= (text(deal, "collateral") != "none"), deal
        assert (instrument in GUARANTEES) == (seniority == "guarantor"), deal


def test_guarantees_are_called_by_default_and_name_whom_they_cover():
    known = {*DEALS, *catalog.items("parties")}
    for deal in DEALS:
        called = text(deal, "instrument") in GUARANTEES
        assert called == (text(deal, "trigger") == "on_default") == (text(deal, "schedule") == "on_default"), deal
        assert called == bool(text(deal, "guarantees")), deal
        assert not called or text(deal, "guarantees") in known, deal


def test_a_guarantee_covers_what_its_beneficiary_owes_or_is_owed():
    for deal in DEALS:
        covered = text(deal, "guarantees")
        if covered in DEALS:
            assert text(covered, "payee_party") == text(deal, "payee_party"), deal
            assert text(covered, "instrument") in (*DEBTS, "lease"), deal


def test_deals_end_after_they_start():
    for deal in DEALS:
        assert day(deal, "start") <= day(deal, "end"), deal


def test_tranches_add_up_to_the_amount_and_lie_in_the_term():
    with_tranches = [deal for deal in DEALS if tranches(deal)]
    assert {"nvda-cloud-agreements", "anthropic-spacex", "google-spacex", "reflection-spacex"} <= set(with_tranches)
    for deal in with_tranches:
        assert sum(tranches(deal).values()) == pytest.approx(amount_usd(deal)), deal
        assert day(deal, "start").year <= min(tranches(deal)) <= max(tranches(deal)) <= day(deal, "end").year, deal


def test_monthly_fees_of_spacex_make_its_full_years():
    # 1.25 bn, 920 m and 150 m a month.
    for deal, month_usd in (("anthropic-spacex", 1.25e9), ("google-spacex", 0.92e9), ("reflection-spacex", 0.15e9)):
        assert tranches(deal)[2027] == tranches(deal)[2028] == pytest.approx(12 * month_usd)


def test_contracts_for_sites_to_be_built_rise_to_a_yearly_sum_and_stay_there():
    # 4.5 GW delivered over two years: a half of the full rent in these, then three years of it.
    paid = tranches("openai-oracle-300")
    assert paid[2027] + paid[2028] == pytest.approx(paid[2029])
    assert paid[2029] == paid[2030] == paid[2031] == pytest.approx(300e9 / 4)
    azure = list(tranches("openai-msft-azure").values())
    assert azure == sorted(azure) and azure[-1] == azure[-4]


def test_what_may_be_ended_on_notice_is_terminable():
    for deal in DEALS:
        if "notice_days" in catalog.facts("deals", deal):
            assert catalog.value("deals", deal, "notice_days") == 90, deal
            assert text(deal, "status") == "terminable", deal


def test_amounts_are_positive_and_undisclosed_ones_are_left_out():
    known = [deal for deal in DEALS if "amount_usd" in catalog.facts("deals", deal)]
    assert all(amount_usd(deal) > 0 for deal in known)
    assert not {"amd-openai-warrant", "stargate-jv", "openai-amd-6gw", "openai-avgo-10gw", "xai-spv-lease"} & set(known)


# ------------------------------------------------------------------------------------------------------------- status


def test_every_deal_has_a_history_that_ends_in_its_status_today():
    assert catalog.items("deal_status") == DEALS
    for deal in DEALS:
        days = [since for since, _ in history(deal)]
        assert days == sorted(days) and days[-1] <= TODAY, deal
        assert history(deal)[-1][1] == text(deal, "status"), deal
        assert {status for _, status in history(deal)} <= set(STATUSES), deal


def test_what_was_drawn_was_known_before_and_is_drawn_no_more():
    for deal in DEALS:
        statuses = [status for _, status in history(deal)]
        assert "drawn" not in statuses[:-1] or deal == "softbank-openai-prior", deal
        if statuses[-1] == "drawn":
            assert day(deal, "start") <= history(deal)[-1][0] <= TODAY, deal


def test_the_letter_of_intent_lapsed_on_the_day_of_the_round():
    assert history("nvda-openai-loi") == [(date(2025, 9, 22), "announced"), (date(2026, 2, 27), "lapsed")]
    assert history("nvda-openai-30")[0][0] == date(2026, 2, 27)


def test_equity_that_is_still_to_come_falls_due_after_the_start_of_the_weekly_model():
    for deal in DEALS:
        if text(deal, "instrument") == "equity" and text(deal, "status") in ("firm", "conditional"):
            assert day(deal, "start") >= START, deal


# ----------------------------------------------------------------------------------------------------- counted once


def test_money_held_by_another_deal_leads_to_one_that_is_there():
    known = {*DEALS, *(catalog.items("payments") if "payments" in catalog.tables() else ())}
    for deal in DEALS:
        assert text(deal, "counted_in") in {"", *known}, deal


def test_no_two_deals_hold_each_other():
    for deal in DEALS:
        seen = [deal]
        while seen[-1] in DEALS and text(seen[-1], "counted_in"):
            seen.append(text(seen[-1], "counted_in"))
            assert len(seen) == len(set(seen)), seen


def test_a_deal_is_no_larger_than_the_one_that_holds_it():
    inside: dict[str, float] = defaultdict(float)
    for deal in DEALS:
        if text(deal, "counted_in") in DEALS and text(deal, "status") != "lapsed":
            inside[text(deal, "counted_in")] += amount_usd(deal)
    for holder, usd in inside.items():
        assert usd <= amount_usd(holder), holder


def test_preset_holds_every_deal_that_no_other_holds_in_the_weekly_model():
    named = re.findall(r"^  ([\w.-]+): \{\}$", catalog.preset("deals-2026"), flags=re.MULTILINE)
    assert named == [deal for deal in DEALS if deal not in LEFT_OUT]


# ------------------------------------------------------------------------------------------------------------ sources


def test_each_deal_has_a_source_that_is_not_our_own():
    for deal in DEALS:
        fact = catalog.fact("deals", deal, "payer")
        assert catalog.source(fact.source).key != "own-estimate"
        assert fact.confidence in ("primary", "press", "secondary")


def test_notes_do_not_repeat_what_columns_hold():
    for deal in DEALS:
        note = catalog.fact("deals", deal, "payer").note
        assert "condition:" not in note and "counted in" not in note.replace("counted in the group", ""), deal
        assert not re.match(rf"{re.escape(text(deal, 'payer_party'))} to ", note), deal
