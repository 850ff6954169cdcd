"""The commented scenario that `gigawatt init` writes to start from."""

from __future__ import annotations

import re

_TEMPLATE = """\
name: {name}
start: 2026-01-05                # a Monday
weeks: 260                       # five years

# Content of the catalog or of other files; what stands below wins over it. null takes a name away.
include: [catalog:companies-2026]

# Who commits to build, with how much money, and how fast from each year on.
programme:
  owner: OpenAI
  budget: 100 bn$                # assumption; a key may leave out its unit when the value has one
  target_gw_per_week: {{2026: 0.02, 2028: 0.05 to 0.2}}   # assumption; `a to b` is a 90 % interval

# A campus of your own: every attribute is needed. Campuses of the catalog need none: `abilene: {{}}`.
sites:
  my-campus:
    owner: Oracle                # puts in the chips
    tenant: OpenAI               # leases it; leave out for own use
    region: us_tx
    power: 1.2 GW                # whole facility
    first_power: 2027-01         # first part energised
    full_power: 2028-06
    chip: vr-nvl72

# Values of the catalog that you know better:
companies:
  OpenAI: {{cash: 40 bn$}}         # assumption

parameters:
  finance: {{max_leverage: 3.5}}   # debt / EBITDA; assumption

# What must come true; a run says whether it does.
claims:
  - openai.defaults @ 2030-01 <= 0

# Named changes, and named lists of them: `gigawatt run FILE --scenario dear-credit`.
overrides:
  dear-money: {{finance.base_rate: 6.5 %}}   # assumption
scenarios:
  dear-credit: [dear-money]
"""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


def template(name: str = "my-scenario") -> str:
    """A small scenario with comments, that runs as it is."""
    return _TEMPLATE.format(name=_NOT_IN_NAMES.sub("-", name).strip("-") or "my-scenario")
