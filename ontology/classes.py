"""The classes of the ontology: what is below what, and the annotations that subclasses inherit."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode

from ontology.turtle import OWL, RDF, RDFS, SG, SKOS, Subject, Triples, local_name


class Classes:
    """Reads what is declared; ancestors and kept subclasses are worked out once."""

    def __init__(self, triples: Triples) -> None:
        self.triples = triples
        self.parents = {iri: self._parents(iri) for iri in self.declared(f"{OWL}Class")}
        self.ancestors = {iri: tuple(self._climb(iri)) for iri in self.parents}  # itself and all above, nearest first
        self._refuse_cycles()
        kept = [iri for iri in self.parents if not triples.flag(NamedNode(iri), f"{SG}abstract")]
        self.kept_below = {
            iri: tuple(local_name(each) for each in kept if iri in self.ancestors[each]) for iri in self.parents
        }
        self._kept = kept

    def declared(self, kind: str) -> list[str]:
        """IRIs of the terms of a kind, in declaration order."""
        wanted = NamedNode(kind)
        return [
            subject.value
            for subject in self.triples.subjects()
            if isinstance(subject, NamedNode) and wanted in self.triples.objects(subject, f"{RDF}type")
        ]

    def kept(self, root: str) -> list[str]:
        """IRIs of the classes below a root that something is kept as, in declaration order."""
        return [iri for iri in self._kept if iri != root and root in self.ancestors[iri]]

    def flag(self, iri: str, annotation: str) -> bool | None:
        """The nearest statement of a yes-or-no annotation, of the class or one above it."""
        found = (self.triples.flag(NamedNode(each), f"{SG}{annotation}") for each in self.ancestors[iri])
        return next((each for each in found if each is not None), None)

    def text(self, iri: str, annotation: str) -> str | None:
        """The nearest statement of an annotation, of the class or one above it."""
        found = (self.triples.text(NamedNode(each), f"{SG}{annotation}") for each in self.ancestors[iri])
        return next((each for each in found if each), None)

    def label(self, iri: str) -> str:
        return required_words(self.triples, NamedNode(iri), f"{RDFS}label")

    def definition(self, iri: str) -> str:
        return required_words(self.triples, NamedNode(iri), f"{SKOS}definition")

    def _parents(self, iri: str) -> list[str]:
        found = [term.value for term in self.triples.objects(NamedNode(iri), f"{RDFS}subClassOf")]
        if not found:
            raise self.triples.error(
                NamedNode(iri), "has no rdfs:subClassOf; make it a subclass of sg:Node, sg:Fact or sg:Edge"
            )
        return found

    def _climb(self, iri: str) -> Iterator[str]:
        waiting, seen = [iri], set[str]()
        while waiting:
            each = waiting.pop(0)
            if each not in seen and each in self.parents:
                seen.add(each)
                yield each
                waiting += self.parents[each]

    def _refuse_cycles(self) -> None:
        for iri, parents in self.parents.items():
            if any(iri in self.ancestors.get(parent, ()) for parent in parents):
                raise self.triples.error(NamedNode(iri), "is a subclass of itself; break the cycle")


def required_words(triples: Triples, subject: Subject, predicate: str) -> str:
    """The English label or definition, which nothing may be without."""
    text = triples.words(subject, predicate)
    if not text:
        raise triples.error(subject, f"has no {local_name(predicate)}; add one in English")
    return text
