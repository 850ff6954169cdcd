"""A book of deals as a folder of CSV files: read with every mistake told at once, and written back the same.

    deals.csv      one row a deal; `history` is "2025-09-22 announced; 2026-02-27 lapsed"
    parties.csv    one row a party; numbers in USD, USD a year, or shares; empty where nobody knows
    payments.csv   one row a payment of a calendar year; may be left out
    sources.csv    titles and addresses of sources; may be left out

Parties that the folder does not describe are taken from the catalog by their name.
"""

from gigawatt.book_file.columns import CHOICES, COLUMNS, Column
from gigawatt.book_file.reading import checked_book, load_book
from gigawatt.book_file.writing import write_book

__all__ = ["CHOICES", "COLUMNS", "Column", "checked_book", "load_book", "write_book"]
