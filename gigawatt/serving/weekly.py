"""Supply of compute in one week: installed chips, those that run, and who may use them."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total

STATE = {
    "fleet": {
        "installed_h100e": ("CK", "chips installed, by owner"),
        "counted_h100e": ("CK", "chips installed when this week's supply was counted"),
        "shipped_h100e": ("K", "chips ever shipped, retirements not subtracted"),
        "unpowered_h100e": ("C", "installed, without power"),
        "failed_h100e": ("C", "powered, out of order"),
        "available_h100e": ("C", "powered and in order, by owner"),
        "usable_h100e": ("C", "what a company may use: its own, less lent, plus borrowed on contract"),
        "tokens_per_h100e_s": ("CT", "output tokens a second of one busy H100-equivalent that the company may use"),
        "room_mw": ("C", "IT power that the energised sites can feed"),
        "full_mw": ("C", "IT power of all installed chips when busy"),
        "it_mw": ("C", "IT power of powered chips when busy"),
    }
}


@kernel
def supply(fleet: np.record, lease: np.record, power: np.record, tech: np.record, p: np.record, t: np.record) -> None:
    """Compute that runs this week, and contracts that lend it.

    powered = min(1, room / IT MW), room = sum of energised MW / PUE over the sites, where
    PUE = 1 + (`pue` - 1) x overhead of the region; available = installed x powered x availability.
    An owner lends each lab its contract, pro rata if all contracts together exceed what is available.

    Changes: fleet, lease.
    """
    companies, tiers = int(t.count.companies), int(t.count.tiers)
    fleet.room_mw[:] = 0.0
    for z in range(int(t.count.sites)):
        pue = 1.0 + (p.pue - 1.0) * t.region.overhead[int(t.site.region[z])]
        fleet.room_mw[int(t.site.owner[z])] += power.energised_mw[z] / pue
    for c in range(companies):
        installed, it_mw = 0.0, 0.0
        fleet.tokens_per_h100e_s[c] = 0.0
        for k in range(int(t.count.chips)):
            h100e = fleet.installed_h100e[c, k]
            fleet.counted_h100e[c, k] = h100e
            installed += h100e
            it_mw += h100e * t.chip.w_per_h100e[k] / 1e6
            for i in range(tiers):
                fleet.tokens_per_h100e_s[c, i] += h100e * tech.tokens_per_h100e_s[k, i]
        fleet.tokens_per_h100e_s[c] /= max(installed, 1e-9)
        powered = min(1.0, fleet.room_mw[c] / it_mw) if it_mw > 0.0 else 1.0
        fleet.full_mw[c] = it_mw
        fleet.it_mw[c] = it_mw * powered
        fleet.unpowered_h100e[c] = installed * (1.0 - powered)
        fleet.failed_h100e[c] = installed * powered * (1.0 - p.availability)
        fleet.available_h100e[c] = installed * powered * p.availability
        fleet.usable_h100e[c] = fleet.available_h100e[c]
    for owner in range(companies):
        if t.company.is_owner[owner] > 0.0:
            lend(fleet, lease, owner, companies, tiers)


@kernel
def lend(fleet: np.record, lease: np.record, owner: int, companies: int, tiers: int) -> None:
    """Hand contracted compute to the labs; what a lab can serve becomes the mean of what it owns and borrows."""
    contracted = total(lease.contract_h100e[:, owner])
    ratio = min(1.0, fleet.available_h100e[owner] / contracted) if contracted > 0.0 else 0.0
    for lab in range(companies):
        lent = lease.contract_h100e[lab, owner] * ratio
        lease.lent_h100e[lab, owner] = lent
        if lent > 0.0:
            before = fleet.usable_h100e[lab]
            for i in range(tiers):
                own, theirs = fleet.tokens_per_h100e_s[lab, i], fleet.tokens_per_h100e_s[owner, i]
                fleet.tokens_per_h100e_s[lab, i] = (own * before + theirs * lent) / (before + lent)
            fleet.usable_h100e[lab] += lent
            fleet.usable_h100e[owner] -= lent
