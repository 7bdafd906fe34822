"""How the levels of a scale that only says from where on something is mastered are read on the home scale.

A convention of this project: the first level that counts as mastered is practitioner, all above it are advanced, those
below it are foundation, but for the lowest, which says that nothing was shown. A scale without a mastered level has no
crosswalk.
"""

from __future__ import annotations

FOUNDATION, PRACTITIONER, ADVANCED = "level:foundation", "level:practitioner", "level:advanced"


def home_of(rank: int, mastered: int | None) -> str | None:
    """The home level that a level corresponds to; ranks from 1, `mastered` is that of the first mastered level.

    >>> [home_of(rank, 3) for rank in (1, 2, 3, 4)]
    [None, 'level:foundation', 'level:practitioner', 'level:advanced']
    """
    if mastered is None:
        return None
    if rank < mastered:
        return FOUNDATION if rank > 1 else None
    return PRACTITIONER if rank == mastered else ADVANCED
