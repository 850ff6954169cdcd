"""How sure the amounts of a network are, by the confidence of what they stand on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gigawatt.deals.book import (
    Grounds,
    Payment,
    catalog_book,
    network,
    shares_by_confidence,
    usd_by_confidence,
)
from tests.deals.circle_book import BOOK, deal

SURE = replace(
    BOOK,
    deals=(
        deal("fund-lab", "investors", "Lab", "equity", 10.0, confidence="primary"),
        deal("lab-cloud", "Lab", "Cloud", "take_or_pay", 20.0, confidence="press"),
        deal("lab-cloud-2", "Lab", "Cloud", "take_or_pay", 5.0, confidence="secondary"),
        deal("maker-cloud", "Maker", "Cloud", "purchase_commitment", 3.0),
    ),
    payments=(
        Payment(key="chips", payer="Cloud", payee="Maker", kind="chips", year=2026, usd=15.0,
                confidence="own-estimate"),
    ),
)  # fmt: skip
COVERED = Payment(key="all", payer="Lab", payee="Cloud", kind="compute", year=2026, usd=30.0, covers=True,
                  confidence="own-estimate")  # fmt: skip


def test_usd_are_those_of_deals_and_payments_by_their_confidence():
    found = usd_by_confidence(SURE, network(SURE, 2026))
    assert found == pytest.approx(
        {"primary": 10.0, "press": 20.0, "secondary": 5.0, "own-estimate": 15.0, "not stated": 3.0}
    )
    assert shares_by_confidence(SURE, network(SURE, 2026))["press"] == pytest.approx(20 / 53)


def test_a_payment_that_covers_deals_counts_with_its_own_confidence():
    book = replace(SURE, payments=(*SURE.payments, COVERED))
    found = usd_by_confidence(book, network(book, 2026))
    assert found == pytest.approx({"primary": 10.0, "own-estimate": 45.0, "not stated": 3.0})


def test_an_amount_is_as_sure_as_its_largest_part():
    (edge,) = network(SURE, 2026).between("Lab", "Cloud")
    assert Grounds(SURE, (2026,)).most(edge) == "press"


@pytest.mark.parametrize("year", [2025, 2026, 2028])
def test_of_the_catalog_they_add_up_to_the_gross_payments(year):
    book = catalog_book()
    payments = network(book, year)
    found = usd_by_confidence(book, payments)
    assert sum(found.values()) == pytest.approx(payments.gross_usd)
    assert found["own-estimate"] > 0.5 * payments.gross_usd
    assert "not stated" not in found
