"""What a shape looks at, its values each once, and what is found wrong among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ontology.shacl.shapes import Constraint, Shape
from ontology.shacl.table import FEW, Mask, Nodes, Numbers


@dataclass
class Reach:
    """The value nodes of a shape (section 2.3): the place of each one's focus node among `nodes`, and the value."""

    nodes: Nodes
    at: Numbers
    values: Numbers

    @cached_property
    def _dense(self) -> bool:
        return len(self.values) * FEW >= self.nodes.total

    @cached_property
    def _once(self) -> tuple[Numbers, Numbers]:
        """The values each once, and for each value its place among these; the latter not where a column is cheaper."""
        if not self._dense:
            distinct, places = np.unique(self.values, return_inverse=True)
            return distinct, places
        mask = np.zeros(self.nodes.total, bool)
        mask[self.values] = True
        return np.flatnonzero(mask), self.values

    @property
    def distinct(self) -> Numbers:
        """The values, ascending and each once."""
        return self._once[0]

    def spread(self, told: Mask) -> Mask:
        """What is told of the distinct values, told of every value."""
        distinct, places = self._once
        if not self._dense:
            return told[places]
        column = np.zeros(self.nodes.total, bool)
        column[distinct] = told
        return column[places]


@dataclass(frozen=True, slots=True)
class Faults:
    """What breaks one constraint: places of focus nodes, and values where there are some.

    `predicate` is the one that a closed shape does not have.
    """

    at: Numbers
    values: Numbers | None = None
    predicate: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Results of one constraint of one shape: term numbers; a `predicate` stands for the shape's path."""

    shape: Shape
    constraint: Constraint
    focus: Numbers
    values: Numbers | None
    predicate: str | None = None
