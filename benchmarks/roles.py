"""The roles that answers are measured on: H the six commonest skills, M thirty mixed, R seven rare ones, and kin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.vocabulary import Vocabulary

GROUP = "bench-skill:group"
"""A skill group; what is narrower is the vocabulary's `grouped`."""
COHORT, UNIT = "bench-cohort:two-percent", "bench-unit:tenth"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`skill` is a number by popularity, or None for the group."""

    skill: int | None
    level: int
    weight: int
    kind: str = "essential"
    reach: str = "exact"
    proof: str = "any"


def _asked(skills: Sequence[int], proofs: Sequence[str] = ("any",)) -> list[Requirement]:
    """Levels, weights and kinds in turn; the first is a must, every fifth is preferred."""
    return [
        Requirement(
            skill,
            level=(2, 1, 3, 1, 2)[at % 5],
            weight=(5, 3, 2, 4, 1, 3, 2)[at % 7],
            kind="must" if at == 0 else "preferred" if at % 5 == 4 else "essential",
            proof=proofs[at % len(proofs)],
        )
        for at, skill in enumerate(skills)
    ]


H, M, R = "bench-role:h", "bench-role:m", "bench-role:r"
H_SHOWN, M_SHOWN = f"{H}-shown", f"{M}-shown"
NARROWER, FLAT = "bench-role:group", "bench-role:flat"

_COMMON = range(6)
_MIXED = [int(skill) - 1 for skill in np.rint(np.geomspace(5, 2350, 30))]
RARE = range(5040, 6541, 250)


def roles(skills: Vocabulary) -> Mapping[str, Sequence[Requirement]]:
    """Role -> its profile; requirements of skills that a small vocabulary lacks fall away.

    `group` asks for a skill group with all that is narrower, `flat` for each of its skills; the variants `shown` ask
    for proof of every second requirement.
    """
    proofs = ("any", "shown")
    found = {
        H: _asked(_COMMON),
        M: _asked(_MIXED),
        R: _asked(RARE),
        H_SHOWN: _asked(_COMMON, proofs),
        M_SHOWN: _asked(_MIXED, proofs),
        NARROWER: [Requirement(None, 2, 1, reach="narrower")],
        FLAT: [Requirement(skill, 2, 1) for skill in skills.grouped],
    }
    known = len(skills.ids)
    return {role: [one for one in asked if one.skill is None or one.skill < known] for role, asked in found.items()}
