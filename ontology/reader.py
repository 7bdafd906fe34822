"""From triples to the model: classes become node and edge types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from pyoxigraph import BlankNode, NamedNode

from ontology.classes import Classes
from ontology.ids import Prefixes
from ontology.model import EdgeType, Law, Model, NodeType, Personal, Property, load_model
from ontology.properties import PropertyReader, read_personal
from ontology.turtle import OWL, RDF, RDFS, SG, SH, Subject, Triples, local_name

FOLDER = Path(__file__).parent
BUNDLED = (FOLDER / "skillgraph.ttl", FOLDER / "shapes.ttl")

_SHAPE_WORDS = frozenset(f"{SH}{name}" for name in ("targetClass", "property", "sparql", "name", "description"))
_NODE, _FACT, _EDGE = f"{SG}Node", f"{SG}Fact", f"{SG}Edge"
_EDGE_PROPERTY = f"{SG}EdgeProperty"


def read_model(extension: Path | None) -> Model:
    """The bundled model, checked together with a deployment's own files when there are any."""
    from ontology.fingerprint import fingerprint

    if extension is not None:
        return _extended(load_model(), extension)
    base = ModelReader(Triples(BUNDLED)).read()
    return replace(base, hash=fingerprint(base))


def _extended(base: Model, folder: Path) -> Model:
    from ontology import extension
    from ontology.consistency import refuse_nonsense
    from ontology.fingerprint import fingerprint

    files = extension.extension_files(folder)
    own, triples = Triples(files), Triples((*BUNDLED, *files))
    extension.refuse_redefinition(triples, own)
    whole = ModelReader(triples).read()
    extension.refuse_change(base, whole, own)
    extension.refuse_unkept(base, whole, own)
    refuse_nonsense(whole, own)
    return replace(whole, hash=fingerprint(whole), extension=extension.extension_hash(base, whole))


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape with the class it is about, and its property shapes by path."""

    subject: Subject
    target: str
    paths: tuple[tuple[str, Subject], ...]


class ModelReader:
    """Reads one set of triples."""

    def __init__(self, triples: Triples) -> None:
        self.triples = triples
        self.classes = Classes(triples)
        self.links = self.classes.declared(_EDGE_PROPERTY)
        self.shapes = list(self._shapes())
        self.reader = PropertyReader(triples, self.classes.kept_below)

    def read(self) -> Model:
        """The model; its hash is not yet set."""
        names, reified = self.classes.kept(_NODE) + self.classes.kept(_FACT), self.classes.kept(_EDGE)
        self._refuse_twins([*names, *self.links, *reified])
        edges = [self._link(iri) for iri in self.links] + [self._reified(iri) for iri in reified]
        return Model(
            nodes=MappingProxyType({local_name(iri): self._node(iri) for iri in names}),
            edges=MappingProxyType({edge.name: edge for edge in edges}),
            prefixes=self._prefixes(),
            hash="",
            extension=None,
            laws=MappingProxyType({law.name: law for law in self._laws()}),
        )

    def _refuse_twins(self, types: list[str]) -> None:
        seen: dict[str, str] = {}
        for iri in types:
            first = seen.setdefault(local_name(iri), iri)
            if first != iri:
                raise self.triples.error(NamedNode(iri), f"has the name of {first}; take another name")

    def _shapes(self) -> Iterator[Shape]:
        for subject in list(self.triples.subjects()):
            if NamedNode(f"{SH}NodeShape") not in self.triples.objects(subject, f"{RDF}type"):
                continue
            self._refuse_unread(subject)
            paths = tuple(self._path(subject, each) for each in self.triples.objects(subject, f"{SH}property"))
            for target in self.triples.objects(subject, f"{SH}targetClass"):
                if target.value not in self.classes.parents:
                    raise self.triples.error(subject, f"sh:targetClass {target} is no class; declare it an owl:Class")
                yield Shape(subject, target.value, paths)

    def _path(self, shape: Subject, each: object) -> tuple[str, Subject]:
        if isinstance(each, Subject):
            path = self.triples.one(each, f"{SH}path")
            if isinstance(path, NamedNode):
                return path.value, each
        raise self.triples.error(shape, "has a property without a plain sh:path; name one property")

    def _refuse_unread(self, shape: Subject) -> None:
        """A constraint that the column checks would not hold would make two truths of one."""
        for predicate in self.triples.about(shape):
            if predicate.startswith(SH) and predicate not in _SHAPE_WORDS:
                raise self.triples.error(
                    shape, f"sh:{local_name(predicate)} of a whole node is not checked on loads; leave it out"
                )
        if self.triples.objects(shape, f"{SH}sparql") and not self.triples.text(shape, f"{SG}law"):
            raise self.triples.error(shape, "sh:sparql is not checked on loads; leave it out")

    def _shapes_of(self, iri: str) -> list[Shape]:
        """Shapes that a record of the class must conform to, the most general first."""
        order = reversed(self.classes.ancestors[iri])
        return [shape for each in order for shape in self.shapes if shape.target == each]

    def _properties(self, iri: str) -> Mapping[str, Property]:
        found: dict[str, Property] = {}
        for shape in self._shapes_of(iri):
            for path, each in shape.paths:
                if path in self.links or path in (f"{SG}from", f"{SG}to"):
                    continue
                read = self.reader.read(shape.subject, each, path)
                if read.name in found and found[read.name].iri != read.iri:
                    raise self.triples.error(NamedNode(path), f"has the name of {found[read.name].iri}; take another")
                found[read.name] = read
        return MappingProxyType(found)

    def _node(self, iri: str) -> NodeType:
        classes = self.classes
        return NodeType(
            name=local_name(iri),
            iri=iri,
            label=classes.label(iri),
            definition=classes.definition(iri),
            parent=classes.parents[iri][0],
            properties=self._properties(iri),
            storage="columns" if classes.text(iri, "storage") == "columns" else "nodes",
            log=bool(classes.flag(iri, "log")),
            system=bool(classes.flag(iri, "internal")),
            person=classes.text(iri, "person"),
            history=classes.flag(iri, "history") is not False,
            public=bool(classes.flag(iri, "public")),
            personal=self._personal(iri),
        )

    def _reified(self, iri: str) -> EdgeType:
        """An edge with properties: a class."""
        classes = self.classes
        starts, ends = self._reified_ends(iri, "from"), self._reified_ends(iri, "to")
        return EdgeType(
            name=local_name(iri),
            iri=iri,
            label=classes.label(iri),
            definition=classes.definition(iri),
            ends=tuple((start, end) for start in starts for end in ends),
            properties=self._properties(iri),
            parent=classes.parents[iri][0],
            rule=bool(classes.flag(iri, "rule")),
            acyclic=bool(classes.flag(iri, "acyclic")),
            symmetric=bool(classes.flag(iri, "symmetric")),
            derived=bool(classes.flag(iri, "derived")),
            history=classes.flag(iri, "history") is not False,
            reified=True,
            personal=self._personal(iri),
        )

    def _link(self, iri: str) -> EdgeType:
        """An edge without properties: an RDF property."""
        subject = NamedNode(iri)
        parents = [term.value for term in self.triples.objects(subject, f"{RDFS}subPropertyOf")]
        if not parents:
            raise self.triples.error(subject, "has no rdfs:subPropertyOf; make it one of sg:link")
        return EdgeType(
            name=local_name(iri),
            iri=iri,
            label=self.classes.label(iri),
            definition=self.classes.definition(iri),
            ends=self._link_ends(iri),
            properties=MappingProxyType({}),
            parent=parents[0],
            rule=bool(self.triples.flag(subject, f"{SG}rule")),
            acyclic=bool(self.triples.flag(subject, f"{SG}acyclic")),
            symmetric=bool(self.triples.flag(subject, f"{SG}symmetric")),
            derived=bool(self.triples.flag(subject, f"{SG}derived")),
            history=self.triples.flag(subject, f"{SG}history") is not False,
        )

    def _reified_ends(self, iri: str, end: str) -> tuple[str, ...]:
        for shape in self._shapes_of(iri):
            for path, each in shape.paths:
                if path == f"{SG}{end}":
                    return self.reader.targets(each)
        raise self.triples.error(NamedNode(iri), f"has no shape with sg:{end}; say there which nodes it joins")

    def _link_ends(self, iri: str) -> tuple[tuple[str, str], ...]:
        """Each shape that uses the property adds pairs."""
        found = [
            (start, end)
            for shape in self.shapes
            for path, each in shape.paths
            if path == iri
            for start in self.classes.kept_below[shape.target]
            for end in self.reader.targets(each)
        ]
        if not found:
            raise self.triples.error(NamedNode(iri), "is used by no shape; say in one which nodes it joins")
        return tuple(dict.fromkeys(found))

    def _personal(self, iri: str) -> Personal | None:
        found = (read_personal(self.triples, shape.subject) for shape in reversed(self._shapes_of(iri)))
        return next((each for each in found if each), None)

    def _prefixes(self) -> Prefixes:
        namespaces: dict[str, str] = {}
        for ontology in self.classes.declared(f"{OWL}Ontology"):
            for each in self.triples.objects(NamedNode(ontology), f"{SH}declare"):
                prefix, namespace = self._declaration(NamedNode(ontology), each)
                first = namespaces.setdefault(prefix, namespace)
                if first != namespace:
                    raise self.triples.error(
                        NamedNode(ontology), f"prefix {prefix} already stands for {first}; take another"
                    )
        return Prefixes(namespaces)

    def _declaration(self, ontology: Subject, each: object) -> tuple[str, str]:
        if isinstance(each, NamedNode | BlankNode):
            prefix, namespace = (self.triples.text(each, f"{SH}{name}") for name in ("prefix", "namespace"))
            if prefix is not None and namespace is not None:
                return prefix, namespace
        raise self.triples.error(ontology, "sh:declare needs sh:prefix and sh:namespace")

    def _laws(self) -> Iterator[Law]:
        types: dict[Subject, list[str]] = {}
        for shape in self.shapes:
            if self.triples.text(shape.subject, f"{SG}law"):
                types.setdefault(shape.subject, []).extend(self.classes.kept_below[shape.target])
        for subject, kept in types.items():
            query = self.triples.one(subject, f"{SH}sparql")
            message = self.triples.words(query, f"{SH}message") if isinstance(query, Subject) else ""
            yield Law(self.triples.text(subject, f"{SG}law") or "", message, tuple(kept))
