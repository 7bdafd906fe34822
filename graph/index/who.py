"""Some of all people: as a mask and as numbers, whichever is quicker to use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import placed
from graph.loops import Persons

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Who:
    """Whom a filter lets through; `mask` is by person number."""

    mask: Mask

    @cached_property
    def persons(self) -> Persons:
        """Their numbers, ascending."""
        return np.flatnonzero(self.mask).astype(np.int32)

    def inside(self, first: int, stop: int) -> Persons:
        """The numbers from `first` to `stop`."""
        start, end = placed(self.persons, [first, stop])
        return self.persons[start:end]
