"""`gigawatt deals loops`: circles of money by name, with the smallest payment and the deals behind each step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_circularity import Scope
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, To, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name
from gigawatt.errors import listed_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gigawatt.deals.book import Network
    from gigawatt.deals.circular import Circle

EXAMPLES = """\b
Examples:
  gigawatt deals loops
  gigawatt deals loops --through Nvidia --year 2027
  gigawatt deals loops --wide --longest 6 --status announced
  gigawatt deals loops --narrow --run latest"""
LISTS = {
    "circulation": "circles that the maximum circulation is made of: amounts add up, but others can be as good",
    "narrow": "an investment that comes back to the investor as purchases: the smallest payment on the way",
    "wide": "any payments round to the first payer: circles share payments, so that amounts do not add up",
}


def loops(
    year: Year = None,
    to: To = None,
    status: Status = FIRM,
    longest: Annotated[int, flag("longest", "Payments in the longest circle of --wide and --narrow.")] = 4,
    through: Annotated[str | None, flag("through", "Only circles that pass these parties, commas between.")] = None,
    wide: Annotated[bool, flag("wide", "All circles of any payments alone.")] = False,
    narrow: Annotated[bool, flag("narrow", "Circles in which an investment comes back as purchases alone.")] = False,
    most: Annotated[int, flag("most", "Circles printed of each list.")] = 12,
    scope: Annotated[Scope, flag("scope", "Among whom: everybody, the core firms, or all others merged.")] = (
        Scope.everybody
    ),
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Circles of money by name, with their smallest payment and the deals behind each step."""
    from gigawatt.cli.deals_years import network_to
    from gigawatt.cli.output import show

    wanted = [name for name, asked in (("narrow", narrow), ("wide", wide)) if asked] or list(LISTS)
    with spoken():
        network = network_to(Source(book=book, run=run, runs=runs, year=year, status=status), to)
        names = [network.parties[network.number(name)] for name in listed_names([through or ""])]
        found = {each: _passing(_found(network, each, longest, scope.value), names) for each in wanted}
    if by_name(how, out) is not Format.table or out is not None:
        show([row for each in wanted for row in _plain_rows(each, found[each])], how, out, columns=COLUMNS)
        return
    _answer(network, found, names, longest)
    for each in wanted:
        _print(each, found[each], most)


COLUMNS = (
    "list",
    "circle",
    "payments",
    "usd",
    "step",
    "payer",
    "payee",
    "step_usd",
    "kinds",
    "deals",
    "ordinary_payments",
)


def _found(network: Network, which: str, longest: int, scope: str) -> tuple[Circle, ...]:
    from gigawatt.deals.circular import all_circles, circulating, narrow_circles

    if which == "circulation":
        return circulating(network, scope)
    return (narrow_circles if which == "narrow" else all_circles)(network, longest, scope)


def _passing(circles: Iterable[Circle], names: Iterable[str]) -> tuple[Circle, ...]:
    from gigawatt.deals.circular import through

    return through(circles, names)


def _answer(network: Network, found: dict[str, tuple[Circle, ...]], names: Sequence[str], longest: int) -> None:
    from gigawatt.cli.deals_texts import bn, say_wrapped

    through = f" through {' and '.join(names)}" if names else ""
    said = []
    if "circulation" in found:
        circles = found["circulation"]
        total_usd = sum(circle.usd * len(circle.steps) for circle in circles)
        said.append(f"USD {bn(total_usd)} can have gone round, on {len(circles)} circles{through}")
    counts = {"narrow": "bring an investment back as purchases", "wide": "are closed by any payments"}
    for each, what in counts.items():
        if each in found:
            largest = f", the largest {found[each][0].label} up to {bn(found[each][0].usd)}" if found[each] else ""
            said.append(f"{len(found[each]):,} circles of up to {longest} payments{through} {what}{largest}")
    sure = "paid in the run" if network.status == "paid" else f"deals {network.status} or surer"
    say_wrapped(f"{network.period}, {sure}: {'; '.join(said)}.")
    print()


def _print(which: str, circles: Sequence[Circle], most: int) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, keys_text
    from gigawatt.cli.output import show

    rows = []
    for circle in circles[:most]:
        narrowest = circle.bottleneck
        rows.append({
            "circle": circle.label, "USD bn": billions(circle.usd),
            "smallest payment": f"{narrowest.payer} > {narrowest.payee} {billions(narrowest.usd)}",
            "paid for": ", ".join(step.kinds[0] for step in circle.steps),
            "deals and payments": keys_text([key for step in circle.steps for key in (step.deals or step.payments)]),
        })  # fmt: skip
    title = f"{which}: {LISTS[which]}"
    if len(circles) > most:
        title += f"; {most} of {len(circles):,} (--most)"
    show(aligned(rows, ("circle", "smallest payment", "paid for", "deals and payments")), Format.table, title=title,
         columns=("circle", "USD bn"), least=("deals and payments", "paid for"))  # fmt: skip


def _plain_rows(which: str, circles: Iterable[Circle]) -> list[dict[str, Any]]:
    """A row for each step of each circle."""
    return [
        dict(zip(COLUMNS, (
            which, circle.label, len(circle.steps), circle.usd, number, step.payer, step.payee, step.usd,
            " ".join(step.kinds), " ".join(step.deals), " ".join(step.payments),
        ), strict=True))
        for circle in circles for number, step in enumerate(circle.steps, 1)
    ]  # fmt: skip
