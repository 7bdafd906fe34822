"""Shapes held against a table: every constraint at once over all focus nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ontology.shacl.laws import LAWS
from ontology.shacl.paths import Compound
from ontology.shacl.reach import Faults, Found, Reach
from ontology.shacl.sets import SET_TESTS
from ontology.shacl.shapes import Constraint, Law, Qualified, Shape, Shapes, Target, Through
from ontology.shacl.table import Mask, Nodes, Numbers, Table
from ontology.shacl.values import VALUE_TESTS
from ontology.turtle import Subject


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which nodes do not conform, and why."""

    failed: Mask
    found: list[Found]


class Checker:
    """The compiled shapes of a graph over one table."""

    def __init__(self, table: Table, shapes: Shapes) -> None:
        self.table, self.shapes = table, shapes

    def run(self) -> Iterator[Found]:
        """Results of every targeted shape."""
        for shape in self.shapes.compiled:
            nodes = self.focus(shape)
            if len(nodes):
                yield from self.check(shape, nodes).found

    def focus(self, shape: Shape) -> Nodes:
        """The nodes that a shape's targets name (section 2.1.3)."""
        parts = [self._targeted(each) for each in shape.targets]
        if len(parts) > 1 or shape.targets[0].kind.endswith("Of"):
            return self.table.nodes(np.concatenate(parts))
        return Nodes(parts[0], len(self.table.terms))

    def _targeted(self, target: Target) -> Numbers:
        table, number = self.table, self.table.terms.find(target.term)
        if target.kind == "targetClass":
            return np.flatnonzero(table.instances(number))
        if target.kind == "targetNode":
            return np.array([number] if number >= 0 else [], np.int64)
        pairs = table.pairs(target.term.value)
        return pairs.subjects if target.kind == "targetSubjectsOf" else pairs.objects

    def check(self, shape: Shape, nodes: Nodes) -> Outcome:
        """A shape on nodes, whatever its targets."""
        failed, found = np.zeros(len(nodes), bool), list[Found]()
        if shape.deactivated or not len(nodes):
            return Outcome(failed, found)
        reach = self._reach(shape, nodes)
        for each in shape.constraints:
            if each.component == "Property":
                assert isinstance(each, Through)
                self._properties(each, reach, failed, found)
                continue
            for faults in self._faults(each, reach):
                if len(faults.at):
                    failed[faults.at] = True
                    focus = nodes.numbers[faults.at]
                    found.append(Found(shape, each, focus, faults.values, faults.predicate))
        return Outcome(failed, found)

    def _reach(self, shape: Shape, nodes: Nodes) -> Reach:
        if shape.path is None:
            return Reach(nodes, np.arange(len(nodes)), nodes.numbers)
        assert not isinstance(shape.path, Compound), "such shapes are left to pySHACL"
        return Reach(nodes, *self.table.values(shape.path.iri, shape.path.inverse, nodes))

    def _properties(self, constraint: Through, reach: Reach, failed: Mask, found: list[Found]) -> None:
        """Results of property shapes are those of the value nodes themselves (section 4.7.2)."""
        inner = Nodes(reach.distinct, reach.nodes.total) if reach.values is not reach.nodes.numbers else reach.nodes
        for each in constraint.shapes:
            outcome = self.check(self.shapes.by_node[each], inner)
            found += outcome.found
            if outcome.failed.any():
                failed[reach.at[reach.spread(outcome.failed)]] = True

    def _faults(self, constraint: Constraint, reach: Reach) -> list[Faults]:
        if isinstance(constraint, Law):
            return LAWS[constraint.name](self.table, reach.nodes)
        if isinstance(constraint, Qualified):
            return self._qualified(constraint, reach)
        test = SET_TESTS.get(constraint.component)
        if test:
            return test(self.table, constraint, reach)
        if not len(reach.values):
            return []
        fits = self._fits(constraint, reach.distinct)
        if fits.all():
            return []
        wrong = np.flatnonzero(~reach.spread(fits))
        return [Faults(reach.at[wrong], reach.values[wrong])]

    def _fits(self, constraint: Constraint, numbers: Numbers) -> Mask:
        """Which of distinct values fit a constraint that looks at each by itself."""
        if isinstance(constraint, Through):
            return self._through(constraint, numbers)
        return VALUE_TESTS[constraint.component](self.table, constraint, numbers)

    def _through(self, constraint: Through, numbers: Numbers) -> Mask:
        fitting = np.zeros(len(numbers), np.int64)
        for each in constraint.shapes:
            fitting += self._conforming(each, numbers)
        if constraint.component == "Or":
            return np.greater(fitting, 0)
        wanted = {"Not": 0, "Xone": 1}.get(constraint.component, len(constraint.shapes))
        return np.equal(fitting, wanted)

    def _conforming(self, node: Subject, numbers: Numbers) -> Mask:
        return ~self.check(self.shapes.by_node[node], Nodes(numbers, len(self.table.terms))).failed

    def _qualified(self, constraint: Qualified, reach: Reach) -> list[Faults]:
        """Section 4.7.3: values that fit the shape, and none of its siblings, counted."""
        fits = self._conforming(constraint.shape, reach.distinct)
        for each in constraint.siblings:
            fits &= ~self._conforming(each, reach.distinct)
        counts = np.bincount(reach.at[reach.spread(fits)], minlength=len(reach.nodes))
        few = constraint.component == "QualifiedMinCount"
        return [Faults(np.flatnonzero(counts < constraint.number if few else counts > constraint.number))]
