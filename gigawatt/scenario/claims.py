"""Claims: sentences about a result, such as `openai.market_share @ 2030-12 >= 40 %`, that a run finds true or false."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gigawatt.scenario.entities import Claim
from gigawatt.scenario.fields import Spec
from gigawatt.scenario.marks import Mistakes, Node, listed
from gigawatt.scenario.values import ValueReader
from gigawatt.scenario.vocabulary import candidates
from gigawatt.timeline import Timeline, parse_date
from gigawatt.units import Quantity, parse_quantity, unit_of

OPERATORS = (">=", "<=", ">", "<")
_CLAIM = re.compile(r"\s*(?P<figure>[^@<>=]+?)\s*@\s*(?P<at>[^<>=]+?)\s*(?P<operator>>=|<=|>|<)\s*(?P<value>.+?)\s*")
_FORM = "write `figure @ date operator value`, as in `openai.market_share @ 2030-12 >= 40 %`"

WORLD_FIGURES: dict[str, str] = {
    "energised_gw": "power that is on, all owners",
    "energised_gw_per_week": "build rate, mean of the last 13 weeks",
    "programme_gw": "power of the programme that is on",
    "programme_gw_per_week": "build rate of the programme, mean of the last 13 weeks",
    "programme_usd": "money spent by the programme",
    "installed_h100e": "compute installed, all companies",
    "unmet_share": "share of wanted compute that nobody could give",
    "usd_per_mtok": "mean price of a million output tokens",
    "rent_usd_per_h100e_h": "price of rented compute",
    "power_usd_per_mwh": "mean price of power",
    "carbon_g_per_kwh": "mean carbon of power",
    "quality_log10_flop": "effective FLOP of the best model on sale, log10",
}
COMPANY_FIGURES: dict[str, str] = {
    "market_share": "its users over all users",
    "users_m": "its users, million",
    "ai_revenue_usd_per_year": "AI revenue of the last 52 weeks",
    "ebitda_usd_per_year": "EBITDA of the last 52 weeks",
    "capex_usd_per_year": "capital spending of the last 52 weeks",
    "cash_usd": "cash",
    "debt_usd": "debt",
    "equity_usd": "book equity",
    "refused_usd": "capital asked for and refused so far",
    "defaults": "defaults so far",
    "installed_h100e": "compute installed",
    "energised_gw": "power that is on",
}


@dataclass(frozen=True, slots=True)
class ClaimReader:
    """Reads claims; figures of one company are written `company.figure` or `figure.company`."""

    values: ValueReader
    timeline: Timeline | None

    @property
    def mistakes(self) -> Mistakes:
        return self.values.mistakes

    def read(self, node: Node, path: str) -> Claim | None:
        """One claim; None after noting what is wrong with it."""
        match = _CLAIM.fullmatch(node.value) if isinstance(node.value, str) and len(node.value) <= 200 else None
        if match is None:
            self.mistakes.add(node.mark, path, f"not a claim (got {node.kind()})", _FORM)
            return None
        figure, company = self.subject(node, path, match["figure"])
        at = self.values.read(Spec(kind="date", meaning="date"), "at", _part(node, match["at"]), path)
        if figure is None or at is None:
            return None
        threshold = self.threshold(node, path, figure, match["value"])
        if threshold is None or not self.within(node, path, match["at"]):
            return None
        return Claim(text=match[0].strip(), figure=figure, company=company, at=parse_date(match["at"]),
                     operator=match["operator"], threshold=threshold)  # fmt: skip

    def subject(self, node: Node, path: str, text: str) -> tuple[str | None, str]:
        """The figure and the company it is about, "" for the whole world."""
        parts = [part.strip() for part in text.split(".", 1)]
        known = {name.lower(): name for name in self.values.names.of("company")}
        company = next((known[part.lower()] for part in parts if part.lower() in known), "")
        rest = [part for part in parts if part.lower() != company.lower()]
        if len(parts) == 2 and not company and parts[0] not in ("world", "programme"):
            stranger = parts[1] if candidates(parts[0], _units(COMPANY_FIGURES)) else parts[0]
            self.mistakes.unknown(node.mark, path, "company", stranger, self.values.names.of("company"))
            return None, ""
        name = f"{parts[0]}_{parts[1]}" if parts[0] == "programme" and len(parts) == 2 else (rest or [""])[-1]
        figures = COMPANY_FIGURES if company else WORLD_FIGURES
        names = candidates(name, _units(figures))
        if len(names) == 1:
            return names[0], company
        if len(names) > 1:
            self.mistakes.add(node.mark, path, f"{name!r} may mean {listed(names)}", "write the full name")
        else:
            self.mistakes.unknown(node.mark, path, "figure of a company" if company else "figure", name, figures)
        return None, ""

    def threshold(self, node: Node, path: str, figure: str, text: str) -> Quantity | None:
        try:
            return parse_quantity(text, unit_of(figure), figure)
        except ValueError as error:
            self.mistakes.add(node.mark, path, str(error))
            return None

    def within(self, node: Node, path: str, text: str) -> bool:
        """Whether the date lies inside the plan."""
        at = parse_date(text)
        if self.timeline is None or self.timeline.start <= at < self.timeline.end:
            return True
        allowed = f"from {self.timeline.start} to before {self.timeline.end}"
        self.mistakes.add(node.mark, path, f"date outside the plan (got {text})", allowed)
        return False


def _part(node: Node, text: str) -> Node:
    return Node(text, node.mark, node.key)


def _units(figures: dict[str, str]) -> dict[str, str]:
    return {name: unit_of(name) for name in figures}
