"""The ledger of deals: parties with balance sheets, dated and typed deals, ordinary payments, networks of a year."""

from gigawatt.deals.book.book import Book, Payment
from gigawatt.deals.book.catalog import catalog_book
from gigawatt.deals.book.confidence import CONFIDENCES, Grounds, shares_by_confidence, usd_by_confidence
from gigawatt.deals.book.deal import INSTRUMENTS, LADDER, STATUSES, Deal, as_sure
from gigawatt.deals.book.ends import AMOUNTS, book_at, corners
from gigawatt.deals.book.network import Edge, Network, network, network_of_payments
from gigawatt.deals.book.parties import SECTORS, TIERS, Party
from gigawatt.deals.book.schedule import due_by_quarter, due_usd, quarter_starts

__all__ = [
    "AMOUNTS", "CONFIDENCES", "INSTRUMENTS", "LADDER", "SECTORS", "STATUSES", "TIERS", "Book", "Deal", "Edge",
    "Grounds", "Network", "Party", "Payment", "as_sure", "book_at", "catalog_book", "corners", "due_by_quarter",
    "due_usd", "network", "network_of_payments", "quarter_starts", "shares_by_confidence", "usd_by_confidence",
]  # fmt: skip
