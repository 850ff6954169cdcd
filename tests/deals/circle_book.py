"""A book small enough to check by hand: a lab, a cloud and a maker in a circle, with money from outside.

In USD: the fund and the maker put 10 each into the lab, the lab pays the cloud 20, the cloud buys chips for 15, and the
maker rents compute for 3. It is the example of docs/explanation/circularity.md.
"""

from __future__ import annotations

from datetime import date

from gigawatt.deals.book import Book, Deal, Party, Payment

DAY, LAST = date(2026, 1, 1), date(2026, 12, 31)
TIERS = {"Lab": "lab", "Cloud": "cloud", "Maker": "maker"}
SECTORS = {"investors": "investor", "lenders": "lender", "suppliers": "supplier", "customers": "customers"}
PARTIES = {
    key: Party(
        key=key, name=key, tier=tier, group=key, core=key in TIERS, cash_usd=4.0 if key in TIERS else float("nan")
    )
    for key, tier in {**TIERS, **SECTORS}.items()
}


def deal(key: str, payer: str, payee: str, instrument: str, usd: float, status: str = "firm", **more: object) -> Deal:
    """A deal of 2026 that was known at the start of the year."""
    return Deal(
        key=key, payer=payer, payee=payee, instrument=instrument, amount=usd, start=DAY, end=LAST,
        history=((DAY, status),), source="own-estimate", **more,
    )  # type: ignore[arg-type]  # fmt: skip


DEALS = (
    deal("fund-lab", "investors", "Lab", "equity", 10.0, "drawn"),
    deal("maker-lab", "Maker", "Lab", "equity", 10.0, "signed"),
    deal("lab-cloud", "Lab", "Cloud", "take_or_pay", 20.0),
    deal("maker-cloud", "Maker", "Cloud", "purchase_commitment", 3.0),
)
CHIPS = Payment(
    key="chips", payer="Cloud", payee="Maker", kind="chips", year=2026, usd=15.0, low_usd=10.0, high_usd=20.0
)
BOOK = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=DEALS, payments=(CHIPS,))
