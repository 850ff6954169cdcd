"""What every index of the state stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gigawatt.allocation.weekly import FIXED_USES
from gigawatt.errors import GigawattError
from gigawatt.ledger import SECTORS
from gigawatt.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What every index stands for."""

    companies: tuple[str, ...]
    sites: tuple[str, ...]
    site_owner: tuple[str, ...]
    site_region: tuple[str, ...]
    regions: tuple[str, ...]
    nations: tuple[str, ...]  # of the regions, each once
    families: tuple[str, ...]
    chips: tuple[str, ...]
    segments: tuple[str, ...]
    tiers: tuple[str, ...]
    missions: tuple[str, ...]
    items: tuple[str, ...]
    deals: tuple[str, ...]

    @property
    def announced_sites(self) -> int:
        """Sites named in the scenario; those after them are the owners' further sites, one a region."""
        return sum(not name.endswith(" (further)") for name in self.sites)

    def counts(self) -> dict[str, int]:
        """Count of every dimension by its letter."""
        pairs = zip("CZRFKSTMND", (self.companies, self.sites, self.regions, self.families, self.chips, self.segments,
                                   self.tiers, self.missions, self.items, self.deals), strict=True)  # fmt: skip
        return {dim: len(names) for dim, names in pairs}

    def uses(self, tier_slots: int) -> dict[int, str]:
        """Uses of compute by index."""
        tiers = {len(FIXED_USES) + i: name for i, name in enumerate(self.tiers)}
        missions = {len(FIXED_USES) + tier_slots + m: name for m, name in enumerate(self.missions)}
        return dict(enumerate(FIXED_USES)) | tiers | missions

    def party(self, name: str, parties: int) -> int:
        """Index of a company or sector among all parties; -1 for one that does not take part."""
        if name in SECTORS:
            return parties - len(SECTORS) + SECTORS.index(name)
        return self.companies.index(name) if name in self.companies else -1

    def parties(self, parties: int) -> dict[int, str]:
        """Parties by index."""
        sectors = {parties - len(SECTORS) + i: name for i, name in enumerate(SECTORS)}
        return dict(enumerate(self.companies)) | sectors


def names(scenario: Scenario) -> Names:
    """Names in the order of their indices; chips of a family stand in the order of their volume start.

    Raises:
        GigawattError: The scenario has no company, region or chip.
    """
    for section in ("companies", "regions", "chips"):
        if not getattr(scenario, section):
            raise GigawattError(f"{section}: a run needs at least one")
    owners = [key for key, company in scenario.companies.items() if "owner" in company.roles.split()]
    further = [(owner, region) for owner in owners for region in scenario.companies[owner].sites]
    chips = sorted(scenario.chips, key=lambda key: scenario.chips[key].volume_start or date.min)
    bought = {family for company in scenario.companies.values() for family in (*company.buys, *company.fleet_h100e)}
    chips = [key for key in chips if scenario.chips[key].family in bought]
    tiers = sorted(scenario.tiers, key=lambda key: float(scenario.tiers[key].tokens_out))  # the cheapest first
    return Names(
        companies=tuple(scenario.companies),
        sites=(*scenario.sites, *(f"{owner} {region} (further)" for owner, region in further)),
        site_owner=(*(site.owner for site in scenario.sites.values()), *(owner for owner, _ in further)),
        site_region=(*(site.region for site in scenario.sites.values()), *(region for _, region in further)),
        regions=tuple(scenario.regions),
        nations=tuple(dict.fromkeys(region.nation for region in scenario.regions.values())),
        families=tuple(dict.fromkeys(scenario.chips[key].family for key in chips)),
        chips=tuple(chips), segments=tuple(scenario.segments), tiers=tuple(tiers),
        missions=tuple(scenario.missions), items=weekly_items(scenario), deals=tuple(scenario.deals),
    )  # fmt: skip


def weekly_items(scenario: Scenario) -> tuple[str, ...]:
    """Supply items that the weeks read; those of kind `deep` belong to the schedules of projects."""
    return tuple(key for key, item in scenario.supply.items() if item.kind != "deep")
