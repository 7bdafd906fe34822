"""What schema.org lets be said of what, read from the shapes that pySHACL brings along.

They were made from schema.org's own schemaorg-all-http.ttl of April 2021 (release 12.0) by datashapes.org.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pyshacl

from ontology.turtle import RDF, RDFS, SH, XSD

OLD = "http://schema.org/"

TEXT = f"{XSD}string"


class Release:
    """Classes with their superclasses, and what each property of a class may hold."""

    def __init__(self, file: Path) -> None:
        self._said: dict[tuple[object, str], list[object]] = defaultdict(list)
        for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE):
            self._said[quad.subject, quad.predicate.value].append(quad.object)

    @cache  # noqa: B019 - one release, as long as the tests
    def classes(self, name: str) -> frozenset[str]:
        """A class and all above it, by their short names."""
        above = self._said[ox.NamedNode(OLD + name), f"{RDFS}subClassOf"]
        names = [each.value.removeprefix(OLD) for each in above if isinstance(each, ox.NamedNode)]
        return frozenset({name}).union(*(self.classes(each) for each in names)) if names else frozenset({name})

    @cache  # noqa: B019
    def ranges(self, kind: str, term: str) -> frozenset[str] | None:
        """What a property of a class may hold: class names and datatypes; None where the class has no such one."""
        found: set[str] = set()
        for each in self.classes(kind):
            shapes = self._said[ox.NamedNode(OLD + each), f"{SH}property"]
            for shape in shapes:
                if ox.NamedNode(OLD + term) in self._said[shape, f"{SH}path"]:
                    found |= self._allowed(shape)
        return frozenset(found) or None

    def _allowed(self, shape: object) -> set[str]:
        found = {each.value.removeprefix(OLD) for name in ("class", "datatype") for each in self._nodes(shape, name)}
        for head in self._said[shape, f"{SH}or"]:
            for member in self._members(head):
                found |= self._allowed(member)
        return found or {TEXT}

    def _nodes(self, shape: object, name: str) -> list[ox.NamedNode]:
        return [each for each in self._said[shape, f"{SH}{name}"] if isinstance(each, ox.NamedNode)]

    def _members(self, head: object) -> list[object]:
        found: list[object] = []
        while firsts := self._said.get((head, f"{RDF}first")):
            found += firsts
            (head,) = self._said[head, f"{RDF}rest"]
        return found


@cache
def release() -> Release:
    return Release(Path(pyshacl.__file__).parent / "assets" / "schema.ttl")
