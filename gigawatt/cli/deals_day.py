"""The book and the day of the commands that look at what stands between firms on one day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from gigawatt.cli.deals_options import Source
from gigawatt.cli.inference import flag
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.deals.book import Book

Day = Annotated[str | None, flag("day", "Day, such as 2026-12-31; that of the last news unless given.")]


def on_day(source: Source, day: str | None, *, year: bool = False) -> tuple[Book, date]:
    """The book, or that of a run at the start of a year, and the day that it is looked at.

    Args:
        year: The year has a use without a run, too.

    Raises:
        GigawattError: The day is none, or before the opening balance sheets; a year without a run.
    """
    from gigawatt.deals.exposure import latest_day

    if source.run is None and source.year is not None and not year:
        raise GigawattError("--year goes with --run; of a book --day says when, such as --day 2027-12-31")
    book = source.load()
    at = day_of(day) if day else latest_day(book)
    if at < book.as_of:
        raise GigawattError(
            f"--day {at} is before the opening balance sheets of {book.as_of}: nothing is known of then"
        )
    return book, at


def day_of(text: str) -> date:
    """A day such as 2026-12-31.

    Raises:
        GigawattError: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GigawattError(f"--day {text}: no day such as 2026-12-31") from None


def rows_asked(top: int) -> int:
    """How many rows of each table are printed.

    Raises:
        GigawattError: None.
    """
    if top < 1:
        raise GigawattError(f"--top {top}: at least 1")
    return top


OTHER_DEBT = (
    "debt of the opening balance sheet that no deal explains, owed to lenders; its terms are not known, so that it is "
    "taken to be rolled over. What was borrowed since counts where there is a deal. gigawatt deals stress has claims "
    "of its own: this debt less repayments, with what is raised and drawn until the default, dues under contracts from "
    "then on, and other liabilities"
)
"""What other debt is, in a note: the same in all commands that know of debts."""
