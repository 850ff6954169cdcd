"""`gigawatt deals hurdle`: what firms outside the circle pay more for money, and what supply is left to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gigawatt.deals.circular import Spread, Supply

EXAMPLES = """\b
Examples:
  gigawatt deals hurdle
  gigawatt deals hurdle --year 2027
  gigawatt deals hurdle --run latest --year 2030"""


def hurdle(
    year: Year = None,
    status: Status = FIRM,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """What firms outside the circle pay more for debt, and what share of chips, power and finance is left to them."""
    from gigawatt.cli.output import show
    from gigawatt.deals.circular import spreads, supply

    with spoken():
        network = Source(book=book, run=run, runs=runs, year=year, status=status).network()
        dearer, scarce = spreads(), supply(network)
    if by_name(how, out) is not Format.table or out is not None:
        show(
            [*(_plain_spread(each) for each in dearer), *(_plain_supply(each, network.period) for each in scarce)],
            how,
            out,
        )
        return
    _answer(network.period, dearer, scarce)
    _print(network.period, dearer, scarce)


def _answer(period: str, dearer: Sequence[Spread], scarce: Sequence[Supply]) -> None:
    from gigawatt.cli.deals_texts import percent, say_wrapped

    gaps, more = [each.gap for each in dearer], [each.hurdle for each in dearer]
    left = ", ".join(f"{percent(each.left)} of {each.what}" for each in scarce if each.all_usd)
    say_wrapped(
        f"Without a core firm's contract or guarantee behind it debt cost {_points(min(gaps))} to {_points(max(gaps))} "
        f"bp more, so that a firm must earn {percent(min(more))} to {percent(max(more))} more a year to carry the same "
        f"debt. "
        f"Left to firms outside the core in {period}: {left}."
    )
    print()


def _points(share: float) -> str:
    return f"{share * 1e4:,.0f}"


def _print(period: str, dearer: Sequence[Spread], scarce: Sequence[Supply]) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, percent, say_notes
    from gigawatt.cli.output import show

    rows = [{"with": e.insider, "without": e.outsider, "bp": _points(e.inside), "bp without": _points(e.outside),
             "more, bp": _points(e.gap), "to earn more": percent(e.hurdle), "what differs": e.what,
             "sources": ", ".join(e.sources)} for e in dearer]  # fmt: skip
    show(aligned(rows, ("with", "without", "what differs", "sources")), Format.table,
         title="Debt with a core firm behind it and without, over the riskless rate",
         least=("sources", "what differs"))  # fmt: skip
    shares = []
    for e in scarce:
        most = ", ".join(f"{name} {billions(usd)}" for name, usd in e.largest)
        shares.append({"what": e.what, "USD bn": billions(e.all_usd), "to the core": percent(e.core),
                       "left": percent(e.left), "most of it to": most})  # fmt: skip
    show(
        aligned(shares, ("what", "most of it to")), Format.table, title=f"{period}: chips, power, sites and new finance"
    )
    say_notes({
        "to earn more": "level payment that repays a dollar with interest over the years of the debt, against the same "
        "at the insider's rate; margins told without a riskless rate are taken over that of mid-2026",
        "left": "of what the network has; firms that are not in it are not seen, so that all others have more",
        "pairs": "no two financings differ in one thing alone; five pairs are no sample",
    })  # fmt: skip


def _plain_spread(found: Spread) -> dict[str, Any]:
    return {
        "part": "cost of debt", "name": found.outsider, "beside": found.insider, "core": found.inside,
        "outside": found.outside, "gap": found.gap, "hurdle": found.hurdle, "usd": float("nan"),
        "source": " ".join(found.sources),
    }  # fmt: skip


def _plain_supply(found: Supply, period: str) -> dict[str, Any]:
    return {
        "part": f"supply {period}", "name": found.what, "beside": "", "core": found.core, "outside": found.left,
        "gap": float("nan"), "hurdle": float("nan"), "usd": found.all_usd, "source": "",
    }  # fmt: skip
