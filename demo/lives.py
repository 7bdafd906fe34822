"""What every part of a demo life is told with: the person, and one seed for all that is left to chance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from demo.catalogue.roles import Role
from demo.company import DEMO_DAY, Vocabulary
from demo.tables import Tables

WINDOW_START = DEMO_DAY - timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    role: Role
    start: date  # when their learning or employment here began
    talent: float  # 0 to 1: how well they score
    diligence: float  # 0 to 1: how much they learn


class Lives:
    """Rows go to the tables; the order in which chance is asked is the order of the rows."""

    def __init__(self, tables: Tables, skills: Vocabulary, seed: int) -> None:
        self.tables, self.skills, self.random = tables, skills, random.Random(seed)

    def day(self, first: date, last: date = DEMO_DAY) -> date:
        return first + timedelta(days=self.random.randint(0, max(0, (last - first).days)))

    def chance(self, share: float) -> bool:
        return self.random.random() < share
