"""What sharing a skill says: the fewer openings name it, the more.

Shares of openings come from the shipped table, measured on real postings of many boards; the matcher measures them anew over
what is stored (`services.matcher.shares`), and they are kept in a table (`shared.rarities`).
"""

import math
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from shared.reading import skills as skill_table

SCARCEST = 500
"""One opening in so many names a skill of full rarity; what is rarer still says no more."""
LEAST_RARITY = 0.05
PRIOR = 2_000
"""Openings that the shipped table is worth beside those measured.

A few boards say whom one reads, not how common a skill is: 300 openings of one Java house would make Java worthless. At 2,000
both weigh the same; tens of thousands speak for themselves. It is about what a dozen large employers have open.
"""


class Rarities:
    """Rarity by skill, 0–1: by `shares` (openings that name it, 0–1), else by the shipped table.

    `measured_at` is when the shares were measured; `None` stands for the shipped table alone.
    """

    def __init__(self, shares: Mapping[str, float] = MappingProxyType({}), measured_at: datetime | None = None) -> None:
        self.shares, self.measured_at = shares, measured_at
        self._known: dict[str, float] = {}

    def __getitem__(self, skill: str) -> float:
        if (known := self._known.get(skill)) is None:
            known = self._known[skill] = self._rarity(skill)
        return known

    def _rarity(self, skill: str) -> float:
        """`log(1/share)`, 1 at one opening in 500; 0 for what the table of skills calls ubiquitous, whatever its share."""
        if skill_table.is_ubiquitous(skill):
            return 0.0
        share = self.shares.get(skill, skill_table.frequency(skill))
        return min(1.0, max(LEAST_RARITY, math.log(1 / max(share, 1e-6)) / math.log(SCARCEST)))


SHIPPED = Rarities()
"""By the table that Joblark comes with: what the command line and tests score by."""


def blended(named: int, openings: int, skill: str) -> float:
    """The share of `openings` that name a skill, with the shipped table as a prior worth `PRIOR` openings."""
    return (named + PRIOR * skill_table.frequency(skill)) / (openings + PRIOR)
