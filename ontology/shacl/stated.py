"""The triples of a shapes graph by subject and predicate, and the lists in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.rdf import ValidationInputError
from ontology.turtle import RDF, SH, Subject, Term, local_name

Triple = tuple[Subject, NamedNode, Term]
NIL = NamedNode(f"{RDF}nil")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class Stated:
    """What a shapes graph says. Errors name its file."""

    def __init__(self, triples: Iterable[Triple], name: str) -> None:
        self.name = name
        self.triples: Sequence[Triple] = list(dict.fromkeys(triples))
        self._index: dict[Subject, dict[str, list[Term]]] = {}
        for subject, predicate, value in self.triples:
            self._index.setdefault(subject, {}).setdefault(predicate.value, []).append(value)

    def about(self, subject: Term) -> dict[str, list[Term]]:
        """All that is said of a term: predicate IRI -> objects."""
        return {} if isinstance(subject, Literal) else self._index.get(subject, {})

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        return self.about(subject).get(predicate, [])

    def subjects(self) -> Iterator[Subject]:
        return iter(self._index)

    def pairs(self, predicate: str) -> Iterator[tuple[Subject, Term]]:
        """Subjects and objects of a predicate."""
        for subject, said in self._index.items():
            for value in said.get(predicate, ()):
                yield subject, value

    @cached_property
    def holders(self) -> dict[Term, list[Subject]]:
        """Property shape -> the shapes that hold it."""
        found: dict[Term, list[Subject]] = {}
        for subject, value in self.pairs(f"{SH}property"):
            found.setdefault(value, []).append(subject)
        return found

    def is_true(self, subject: Term, predicate: str) -> bool:
        """Whether a boolean is stated as true; raises for two values, and for one that is no boolean."""
        values = self.objects(subject, predicate)
        if not values:
            return False
        if len(values) > 1 or values[0].value not in _BOOLEANS:
            raise self.error(subject, f"sh:{local_name(predicate)} is neither true nor false; write one of them")
        return _BOOLEANS[values[0].value]

    def members(self, head: Term) -> list[Term]:
        """The members of an RDF list; raises for one that does not end, or forks."""
        found: list[Term] = []
        seen: set[Term] = set()
        while head != NIL:
            first, rest = self.objects(head, f"{RDF}first"), self.objects(head, f"{RDF}rest")
            if head in seen:
                raise self.error(head, "is a list that never ends; write it in round brackets")
            if len(first) != 1 or len(rest) != 1:
                raise self.error(head, "is no list of one member after the other; write it in round brackets")
            seen.add(head)
            found.append(first[0])
            head = rest[0]
        return found

    def error(self, subject: Term, problem: str) -> ValidationInputError:
        """An error that names the file and the term."""
        shown = subject.value if isinstance(subject, NamedNode) else "a blank node"
        if isinstance(subject, BlankNode):
            shown = self._owner(subject) or shown
        return ValidationInputError(f"{self.name}: {shown}: {problem}")

    def _owner(self, blank: Term) -> str:
        """The named term that leads to a blank node, "" when none does."""
        above = {value: subject for subject, _, value in reversed(self.triples) if isinstance(value, BlankNode)}
        seen: set[Term] = set()
        while isinstance(blank, BlankNode) and blank in above and blank not in seen:
            seen.add(blank)
            blank = above[blank]
        return f"a blank node of {blank.value}" if isinstance(blank, NamedNode) else ""
