"""Coverage of a group of firms and how long its cash lasts, in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_tables import Tables
from gigawatt.cli.deals_texts import aligned, billions, confidence_plain, percent, span
from gigawatt.deals.book import Book, Grounds, corners, network
from gigawatt.deals.circular import Coverage, Lasting, coverage_by_year, lasting, quarterly, whole_years
from gigawatt.deals.circular import coverage as of_network
from gigawatt.errors import listed_names, named

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source

Row = dict[str, Any]
COLUMNS = {
    "cash": ("firms", "start", "opening_cash_usd", "cash_usd", "years_to_gap", "first_gap",
             "years_if_core_firms_still_invest", "if"),
    "confidence": ("confidence", "usd", "share"),
}  # fmt: skip
COVER_COLUMNS = ("year", "status", "firms")
WITHOUT = ", without other business"
NOTE = (
    "Estimates, no forecast: cash is what would be left if no new finance came from `start` on and all else were paid "
    "as deals and ordinary business say; firms would then order less"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What was asked and what was found."""

    group: tuple[str, ...]  # the firms that were named; the core unless any was
    of_run: bool
    years: list[Coverage]
    ends: Mapping[str, Coverage]  # of the year asked for, with amounts at the ends of their ranges
    lasts: dict[str, Lasting]  # the group, without its other business, and each of its firms
    vehicles: frozenset[str]
    confidence: Mapping[str, float]  # USD of the year that enter or leave

    @property
    def asked(self) -> Coverage:
        """The year that is told in words."""
        return next((each for each in self.years if each.period == "2026"), self.years[0])

    @property
    def heads(self) -> list[tuple[str, Lasting]]:
        """The group, and without its other business where it has any."""
        business = self.asked.business_usd
        names = [name for name, each in self.lasts.items() if name.endswith(WITHOUT) or each is self._first]
        return [(name, self.lasts[name]) for name in names][: 2 if business and business == business else 1]

    @property
    def singles(self) -> dict[str, Lasting]:
        """Each firm of the group."""
        many = len(self._first.firms) > 1 if self.lasts else False
        return {name: each for name, each in self.lasts.items() if many and each.firms == (name,)}

    @property
    def start(self) -> str:
        """From when on finance is shut."""
        return self._first.start.isoformat()

    @property
    def _first(self) -> Lasting:
        return next(iter(self.lasts.values()))


def covered(source: Source, firms: Sequence[str], at: str | None) -> Covered:
    """Coverage by year and how long cash lasts, of firms or of the core.

    Raises:
        ValueError: A firm is unknown, or the day is outside the years.
    """
    book = source.load()
    group = tuple(named("firm", name, book.parties) for name in listed_names(firms))
    years = years_of(source, group or None)
    return Covered(
        group=group, of_run=source.run is not None, years=years, ends=_ends(source, book, group, years),
        lasts=_lasts(source, book, group, at), confidence=_confidence(source, book, group, years),
        vehicles=frozenset(name for name, party in book.parties.items() if party.tier == "vehicle"),
    )  # fmt: skip


def years_of(source: Source, group: Sequence[str] | None = None) -> list[Coverage]:
    """Coverage of a group, or of the core, by year of a book or a run."""
    from gigawatt.cli.deals_years import networks_by_year

    if source.run is not None:
        return [of_network(each, group) for each in networks_by_year(source)]
    book = source.load()
    networks_by_year(source)  # refuses an unknown status
    return list(coverage_by_year(book, whole_years(book), source.status, group))


def _ends(source: Source, book: Book, group: Sequence[str], years: Sequence[Coverage]) -> dict[str, Coverage]:
    """The year told in words with amounts as given and at the ends of their ranges; nothing of a run."""
    asked = next((each for each in years if each.period == "2026"), years[0])
    if source.run is not None:
        return {}
    found = {"as given": asked}
    for name, each in corners(book).items():
        found[name] = coverage_by_year(each, [int(asked.period)], source.status, group or None)[0]
    return found


def _lasts(source: Source, book: Book, group: Sequence[str], at: str | None) -> dict[str, Lasting]:
    """How long cash lasts: the group with its other business and without, and each of its firms."""
    from gigawatt.cli.deals_stress import day
    from gigawatt.deals.stress.assumptions import assumed

    found, names = quarterly(book, whole_years(book), source.status), tuple(group or book.core)
    start, kept = day(at), assumed().cash_kept
    if not found.years:
        return {}
    what = ", ".join(group) if group else "the core as one"
    lasts = {what: lasting(found, names, start, kept=kept)}
    if source.run is None:
        lasts[what + WITHOUT] = lasting(found, names, start, business=False, kept=kept)
    if len(names) > 1:
        lasts |= {name: lasting(found, (name,), start, kept=kept) for name in names}
    return {name: each for name, each in lasts.items() if each.ends}


def _confidence(source: Source, book: Book, group: Sequence[str], years: Sequence[Coverage]) -> dict[str, float]:
    """USD of the year told in words that enter or leave, by confidence; nothing of a run."""
    if source.run is not None:
        return {}
    asked = next((each for each in years if each.period == "2026"), years[0])
    inner, year = set(group or asked.firms), int(asked.period)
    edges = network(book, year, source.status).edges
    return Grounds(book, (year,)).usd(each for each in edges if (each.payer in inner) != (each.payee in inner))


def tables(found: Covered) -> Tables:
    """The tables as files take them."""
    return Tables(
        rows={
            "cover": lambda: cover_plain(found.years, found.ends),
            "cash": lambda: [_plain_cash(name, each) for name, each in found.lasts.items()],
            "confidence": lambda: confidence_plain(found.confidence),
        },
        columns=COLUMNS, note=NOTE,
    )  # fmt: skip


def cover_rows(found: Sequence[Coverage], ends: Mapping[str, Coverage] | None = None) -> list[Row]:
    """Cash in over cash out by year, and what a year leaves without new finance."""
    rows = []
    for each in found:
        row = {"year": each.period, **{name: _share(share) for name, share in _ways(each, found).items()}}
        row["left without finance, USD bn"] = billions(each.shut_usd)
        rows.append(row)
    for name in _ways(found[0], found) if ends else ():
        period, shares = next(iter((ends or {}).values())).period, [e.cover()[name] for e in (ends or {}).values()]
        told = span(min(shares), max(shares)) if max(shares) < inf else "-"
        if rows[-1]["year"] != f"{period}, at ends":
            rows.append(dict.fromkeys(rows[0], "") | {"year": f"{period}, at ends"})
        rows[-1][name] = told
    return aligned(rows, ("year",))


def _ways(each: Coverage, found: Sequence[Coverage]) -> dict[str, float]:
    """Shares by WAYS; without other business where no year has any."""
    none = not any(year.business_usd for year in found)
    return {name: share for name, share in each.cover().items() if not (none and name == "with other business")}


def _share(share: float) -> str:
    return "-" if share == inf else percent(share)


def flow_rows(found: Sequence[Coverage]) -> list[Row]:
    """What enters and what leaves by year."""
    rows = []
    for each in found:
        came = {"customers": each.sales_usd, "other business": each.business_usd, "finance": each.finance_usd,
                "other": each.other_usd}  # fmt: skip
        gone = {f"to {name}" if n == 0 else name: usd for n, (name, usd) in enumerate(each.leaving_usd.items())}
        rows.append({"year": each.period, **{name: billions(usd) for name, usd in (came | gone).items()}})
    return aligned(rows, ("year",))


def cash_rows(found: Covered) -> list[Row]:
    """Cash of the group and of each firm at the start and at year ends, and when it would be used up."""
    rows: list[Row] = []
    for name, each in found.lasts.items():
        rows.append({"firm": name, "opening cash": billions(each.opening_usd), "cash then": billions(each.cash_usd),
                     **{str(year): billions(usd) for year, usd in each.ends.items()},
                     "years to gap": _years(each.years_to_gap), "first gap": each.first_gap or "-",
                     "if core firms still invest": _years(each.years_with_core)})  # fmt: skip
    return aligned(rows, ("firm",))


def _years(years: float) -> str:
    return "" if isnan(years) else "lasts" if years == inf else f"{years:.1f}"


def cover_plain(found: Sequence[Coverage], ends: Mapping[str, Coverage] | None = None) -> list[Row]:
    """All figures of each year, with the shares at the ends of the amounts for the year that has them."""
    at = next((each.period for each in (ends or {}).values()), "")
    return [_plain(each, [end.cover() for end in (ends or {}).values()] if each.period == at else []) for each in found]


def _plain(each: Coverage, ends: Sequence[Mapping[str, float]]) -> Row:
    row: Row = {
        "year": each.period, "status": each.status, "firms": " ".join(each.firms), "customers_usd": each.sales_usd,
        "other_business_usd": each.business_usd, "finance_usd": each.finance_usd, "other_usd": each.other_usd,
        **{f"{name}_usd": usd for name, usd in each.leaving_usd.items()}, "shut_usd": each.shut_usd,
    }  # fmt: skip
    for name, share in each.cover().items():
        key = "cover_" + name.replace(" ", "_")
        shares = [end[name] for end in ends]
        row |= {key: _finite(share), f"{key}_low": _finite(min(shares, default=inf)),
                f"{key}_high": _finite(max(shares, default=inf))}  # fmt: skip
    return row


def _finite(share: float) -> float:
    return float("nan") if share == inf else share


def _plain_cash(name: str, each: Lasting) -> Row:
    return {
        "firms": name, "start": each.start.isoformat(), "opening_cash_usd": each.opening_usd, "cash_usd": each.cash_usd,
        **{f"cash_end_{year}_usd": usd for year, usd in each.ends.items()},
        "years_to_gap": "lasts" if each.years_to_gap == inf else each.years_to_gap, "first_gap": each.first_gap,
        "years_if_core_firms_still_invest": "lasts" if each.years_with_core == inf else each.years_with_core,
        "if": f"no new finance from {each.start} on, nothing put off",
    }  # fmt: skip
