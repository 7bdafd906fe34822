"""What SKOS says of skills, of scales and of their levels; "S" and a number are conditions of the SKOS Reference.

SKOS Reference, W3C Recommendation of 18 August 2009: what is a Collection is no Concept (S37) and has no semantic
relations, a scheme is neither (S9), no label is of two sorts (S13), nor are there two preferred ones in a language
(S14), and what is related is not broader as well (S27).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from graph.exports.around import Hops, Reader, Web, referred
from graph.exports.projection import texts
from graph.store import Edge, Node
from ontology.turtle import OWL, RDF, SG, SKOS

DCT = "http://purl.org/dc/terms/"

RELATIONS = {"BROADER": "broader", "EXACT_MATCH": "exactMatch", "CLOSE_MATCH": "closeMatch"}
HOPS = Hops(out=(*RELATIONS, "RELATED"))

CARRIED: Mapping[str, Sequence[str]] = {
    "Skill": ("label", "description", "code", "type", "alt_labels", "hidden_labels", "replaced_by"),
    "Scale": ("label", "description"),
    "Level": ("label", "description", "scale", "rank"),
    **dict.fromkeys((*RELATIONS, "RELATED", "CORRESPONDS_TO"), ()),
}

_TYPE = NamedNode(f"{RDF}type")
_LABELS = (("label", "prefLabel"), ("alt_labels", "altLabel"), ("hidden_labels", "hiddenLabel"))


class Statements:
    """Triples of one reader's store, node by node."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def skills(self, nodes: Sequence[Node], web: Web) -> Iterator[Triple]:
        """Skills with what relates them; those of type collection are a Collection where nothing forbids it."""
        collections = self._collections(web)
        crossed = self._crossed([edge for node in nodes for edge, _ in web.out(node, "RELATED")])
        for node in nodes:
            is_collection = node.id in collections
            yield self._typed(node, f"{SKOS}Collection" if is_collection else f"{SKOS}Concept")
            yield from self._said(node)
            yield self._literal(node, f"{SG}type", str(node.properties.get("type", "skill")))
            yield self._link(node.id, f"{SKOS}inScheme", self._reader.vocabulary(node))
            if not is_collection and not web.out(node, "BROADER"):
                yield self._link(node.id, f"{SKOS}topConceptOf", self._reader.vocabulary(node))
            for replacing in referred(node, "replaced_by"):
                yield self._between(node.id, f"{DCT}isReplacedBy", replacing)
            for edge_type, term in RELATIONS.items():
                for _, other in web.out(node, edge_type):
                    yield self._between(node.id, f"{SKOS}{term}", other.id)
            for edge, _ in web.out(node, "RELATED"):
                yield self._related(edge, collections, crossed)

    def scale(self, node: Node) -> Iterator[Triple]:
        """A scale as a scheme; our own class says to our own loader that it is none of skills."""
        yield self._typed(node, f"{SKOS}ConceptScheme")
        yield self._typed(node, f"{SG}Scale")
        yield from self._said(node)

    def level(self, node: Node, web: Web) -> Iterator[Triple]:
        """A level as a concept of its scale, by its rank; what it corresponds to at home is close, not the same."""
        scale = str(node.properties["scale"])
        yield self._typed(node, f"{SKOS}Concept")
        yield self._typed(node, f"{SG}Level")
        yield from self._said(node)
        yield self._literal(node, f"{SKOS}notation", str(node.properties["rank"]))
        yield self._between(node.id, f"{SKOS}inScheme", scale)
        yield self._between(node.id, f"{SKOS}topConceptOf", scale)
        for _, home in web.out(node, "CORRESPONDS_TO"):
            yield self._between(node.id, f"{SKOS}closeMatch", home.id)

    def vocabularies(self) -> Iterator[Triple]:
        """The scheme of what each source states."""
        for name, address in sorted(self._reader.vocabularies.items()):
            for kind in (f"{SKOS}ConceptScheme", f"{SG}Source"):
                yield Triple(NamedNode(address), _TYPE, NamedNode(kind))
            label = Literal(name, language=self._reader.language)
            yield Triple(NamedNode(address), NamedNode(f"{SKOS}prefLabel"), label)

    def _said(self, node: Node) -> Iterator[Triple]:
        """Labels, each of one sort only, definition, code, and whether it is retired."""
        subject = self._node(node.id)
        for term, language, text in self._labels(node):
            yield Triple(subject, NamedNode(f"{SKOS}{term}"), Literal(text, language=language))
        for language, found in texts(node, "description"):
            literal = Literal(found[0], language=language or self._reader.language)
            yield Triple(subject, NamedNode(f"{SKOS}definition"), literal)
        if code := node.properties.get("code"):
            yield self._literal(node, f"{SKOS}notation", str(code))
        if node.properties.get("status") == "retired":
            yield Triple(subject, NamedNode(f"{OWL}deprecated"), Literal(True))

    def _labels(self, node: Node) -> Iterator[tuple[str, str, str]]:
        """(term, language, text): a second preferred label of a language is another label, and a label told is told."""
        told: set[tuple[str, str]] = set()
        preferred: set[str] = set()
        for name, term in _LABELS:
            for language, found in texts(node, name):
                tag = language or self._reader.language
                for text in found:
                    if (tag.lower(), text) in told:
                        continue
                    told.add((tag.lower(), text))
                    is_second = term == "prefLabel" and tag.lower() in preferred
                    preferred.update({tag.lower()} if term == "prefLabel" else ())
                    yield "altLabel" if is_second else term, tag, text

    def _related(self, edge: Edge, collections: set[str], crossed: set[tuple[str, str]]) -> Triple:
        if edge.end in collections:
            return self._between(edge.end, f"{SKOS}member", edge.start)
        if edge.start in collections:
            return self._between(edge.start, f"{SKOS}member", edge.end)
        term = f"{SG}RELATED" if (edge.start, edge.end) in crossed else f"{SKOS}related"
        return self._between(edge.start, term, edge.end)

    def _collections(self, web: Web) -> set[str]:
        """Those of type collection that only what SKOS lets a Collection have is stated of."""
        chosen = [node.id for node in web.nodes.values() if node.properties.get("type") == "collection"]
        edges = [edge for way in (False, True) for edge in self._reader.edges(chosen, tuple(RELATIONS), way)]
        return set(chosen) - {id for edge in edges for id in (edge.start, edge.end)}

    def _crossed(self, related: Sequence[Edge]) -> set[tuple[str, str]]:
        """Those of the related, one of which is broader than the other, over however many."""
        parents: dict[str, set[str]] = {}
        fresh = {id for edge in related for id in (edge.start, edge.end)}
        while fresh:
            parents.update({id: set() for id in fresh})
            for edge in self._reader.edges(sorted(fresh), ("BROADER",)):
                parents[edge.start].add(edge.end)
            fresh = {id for found in parents.values() for id in found} - parents.keys()
        pairs = [(edge.start, edge.end) for edge in related]
        return {(one, other) for one, other in pairs if _leads(parents, one, other) or _leads(parents, other, one)}

    def _typed(self, node: Node, kind: str) -> Triple:
        return Triple(self._node(node.id), _TYPE, NamedNode(kind))

    def _literal(self, node: Node, term: str, text: str) -> Triple:
        return Triple(self._node(node.id), NamedNode(term), Literal(text))

    def _between(self, start: str, term: str, end: str) -> Triple:
        return self._link(start, term, self._reader.iri(end))

    def _link(self, start: str, term: str, address: str) -> Triple:
        return Triple(self._node(start), NamedNode(term), NamedNode(address))

    def _node(self, id: str) -> NamedNode:
        return NamedNode(self._reader.iri(id))


def _leads(parents: Mapping[str, Iterable[str]], start: str, end: str) -> bool:
    """Whether `end` is reached from `start` by way of parents."""
    seen, fresh = {start}, [start]
    while fresh:
        for parent in parents.get(fresh.pop(), ()):
            if parent == end:
                return True
            if parent not in seen:
                seen.add(parent)
                fresh.append(parent)
    return False
