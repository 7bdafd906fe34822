"""Shapes out of a shapes graph (SHACL sections 2 and 4). What columns do not check is noted, never dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.rdf import ValidationInputError
from ontology.shacl.parameters import OF_A_PATH, ONCE, PARAMETERS, Unfit
from ontology.shacl.paths import COMPOUNDS, Compound, Path, Predicate
from ontology.shacl.shapes import Constraint, Law, Shape, Shapes, Target, others
from ontology.shacl.stated import Stated
from ontology.turtle import OWL, RDF, RDFS, SG, SH, SHAPE, Subject, Term, local_name

DEEPEST = 50
"""Shapes within shapes; more is refused."""
SHAPES_IRI = SHAPE.rstrip("#")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_TO_SHAPE = ("property", "node", "not", "qualifiedValueShape")
_TO_SHAPES = ("and", "or", "xone")
_SAID = ("path", "name", "description", "order", "group", "defaultValue", "message", "severity", "deactivated")
_HELPERS = ("flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint")
_QUIET = frozenset(f"{SH}{name}" for name in (*_SAID, *_HELPERS, *_TARGETS, "declare", "prefixes", "sparql"))


def read_shapes(stated: Stated, twins: Mapping[str, str] | None = None) -> Shapes:
    """The shapes of a graph; `twins` are the queries of laws that columns hold too, with their names.

    Raises `ValidationInputError` for a shape that leads back to itself, and for a constraint that is none.
    """
    return _Reader(stated, twins or {}).read()


class _Reader:
    def __init__(self, stated: Stated, twins: Mapping[str, str]) -> None:
        self.stated, self.twins = stated, twins
        self.parameters = self._custom()
        self.owners: dict[Subject, Subject] = {}
        # their instances are classes, which are their own targets; that of OWL is one whether it is stated or not
        self.classes = _below(stated, f"{RDFS}Class") | _below(stated, f"{OWL}Class")

    def read(self) -> Shapes:
        by_node: dict[Subject, Shape] = {}
        for node in dict.fromkeys(self._nodes()):
            by_node[node] = self._shape(node)
        self._refuse_recursion(by_node)
        found = Shapes(by_node, ())
        compiled, left = [], dict[Subject, str]()
        for shape in by_node.values():
            if shape.targets and not shape.deactivated:
                reasons = sorted({reason for each in found.below(shape) for reason in each.left})
                if reasons:
                    left[shape.node] = ", ".join(reasons)
                else:
                    compiled.append(shape)
        return Shapes(by_node, tuple(compiled), left)

    def _nodes(self) -> Iterator[Subject]:
        """Every shape (section 2.1), those first that are typed, targeted or hold others."""
        kinds = {f"{SH}NodeShape", f"{SH}PropertyShape"}
        heads = {f"{SH}{name}" for name in (*_TARGETS, "property", "node")}
        for subject in self.stated.subjects():
            said = self.stated.about(subject)
            if heads & said.keys() or any(each.value in kinds for each in said.get(f"{RDF}type", ())):
                yield subject
        for name in _TO_SHAPE:
            for subject, value in self.stated.pairs(f"{SH}{name}"):
                yield self._owned(subject, value, name)
        for name in _TO_SHAPES:
            for subject, head in self.stated.pairs(f"{SH}{name}"):
                for value in self.stated.members(head):
                    yield self._owned(subject, value, name)

    def _owned(self, owner: Subject, value: Term, name: str) -> Subject:
        if isinstance(value, Literal):
            raise self.stated.error(owner, f"sh:{name} leads to {value.value[:60]!r}, which is no shape; name a shape")
        self.owners.setdefault(value, owner)
        return value

    def _shape(self, node: Subject) -> Shape:
        paths = self.stated.objects(node, f"{SH}path")
        if len(paths) > 1:
            raise self.stated.error(node, "has more than one sh:path; make it two property shapes")
        kinds = [each.value for each in self.stated.objects(node, f"{RDF}type")]
        if paths and f"{SH}NodeShape" in kinds:
            raise self.stated.error(node, "is a sh:NodeShape with a sh:path; make it a sh:PropertyShape")
        if not paths and f"{SH}PropertyShape" in kinds:
            raise self.stated.error(node, "is a sh:PropertyShape without sh:path; give it one")
        path = self._path(node, paths[0], ()) if paths else None
        left = list(self._left(node, path))
        constraints = [] if self._off(node) else list(self._constraints(node, left))
        severity = self.stated.objects(node, f"{SH}severity")
        return Shape(
            node,
            path,
            tuple(self._targets(node)),
            tuple(constraints),
            severity[0].value if severity else f"{SH}Violation",
            self._message(node),
            self._name(node),
            self._off(node),
            tuple(left),
        )

    def _targets(self, node: Subject) -> Iterator[Target]:
        for kind in _TARGETS:
            for value in self.stated.objects(node, f"{SH}{kind}"):
                if isinstance(value, BlankNode):
                    raise self.stated.error(node, f"sh:{kind} is a blank node, which no other graph has; write an IRI")
                yield Target(kind, value)
        if any(each.value in self.classes for each in self.stated.objects(node, f"{RDF}type")):
            yield Target("targetClass", node)

    def _off(self, node: Subject) -> bool:
        return self.stated.is_true(node, f"{SH}deactivated")

    def _message(self, node: Term) -> str:
        found = [each for each in self.stated.objects(node, f"{SH}message") if isinstance(each, Literal)]
        english = [each for each in found if each.language in ("en", None)]
        return (english or found)[0].value if found else ""

    def _name(self, node: Subject) -> str:
        law = self.stated.objects(node, f"{SG}law")
        if law:
            return law[0].value
        for _ in range(DEEPEST):
            if isinstance(node, NamedNode) or node not in self.owners:
                break
            node = self.owners[node]
        return "" if isinstance(node, BlankNode) else local_name(node.value)

    def _left(self, node: Subject, path: Path | None) -> Iterator[str]:
        if isinstance(path, Compound):
            yield f"its path is a sh:{path.kind}" if path.kind != "sequence" else "its path is a sequence"
        for predicate in self.stated.about(node):
            if predicate in self.parameters:
                yield f"{local_name(predicate)} is a constraint of its own making"
            elif predicate.startswith(SH) and predicate not in _QUIET and predicate not in PARAMETERS:
                yield f"it has sh:{local_name(predicate)}"

    def _custom(self) -> frozenset[str]:
        """Predicates that are parameters of constraint components which the graph defines (section 6)."""
        return frozenset(
            path.value
            for _, parameter in self.stated.pairs(f"{SH}parameter")
            for path in self.stated.objects(parameter, f"{SH}path")
        )

    def _path(self, shape: Subject, head: Term, seen: tuple[Term, ...]) -> Path:
        """Section 2.3.1; raises for a path that leads back to itself."""
        if isinstance(head, NamedNode) and head.value != f"{RDF}nil":
            return Predicate(head.value)
        if isinstance(head, Literal) or head in seen or len(seen) > DEEPEST:
            raise self.stated.error(shape, "its sh:path is no path; write an IRI, or a path as SHACL has them")
        seen = (*seen, head)
        said = self.stated.about(head)
        if f"{RDF}first" in said:
            return Compound("sequence", tuple(self._path(shape, each, seen) for each in self.stated.members(head)))
        kinds = [iri for iri in said if iri in COMPOUNDS]
        if len(kinds) != 1 or len(said[kinds[0]]) != 1:
            raise self.stated.error(shape, "its sh:path is no path; write an IRI, or a path as SHACL has them")
        inner = said[kinds[0]][0]
        if kinds[0] == f"{SH}alternativePath":
            parts = tuple(self._path(shape, each, seen) for each in self.stated.members(inner))
            return Compound("alternativePath", parts)
        only = self._path(shape, inner, seen)
        if kinds[0] == f"{SH}inversePath" and isinstance(only, Predicate):
            return Predicate(only.iri, not only.inverse)
        return Compound(COMPOUNDS[kinds[0]], (only,))

    def _constraints(self, node: Subject, left: list[str]) -> Iterator[Constraint]:
        for predicate, values in self.stated.about(node).items():
            read = PARAMETERS.get(predicate)
            if read is None:
                continue
            if predicate in ONCE and len(values) > 1:
                raise self.stated.error(node, f"has more than one sh:{local_name(predicate)}; keep one")
            for value in values:
                try:
                    if predicate in OF_A_PATH and not self.stated.objects(node, f"{SH}path"):
                        raise Unfit("stands on a shape without sh:path; move it into sh:property")
                    yield from read(self.stated, node, value)
                except Unfit as error:
                    said = "" if isinstance(value, BlankNode) else f" {value.value[:60]!r}"
                    raise self.stated.error(node, f"sh:{local_name(predicate)}{said} {error}") from error
        yield from self._queries(node, left)

    def _queries(self, node: Subject, left: list[str]) -> Iterator[Constraint]:
        for query in self.stated.objects(node, f"{SH}sparql"):
            if self.stated.is_true(query, f"{SH}deactivated"):
                continue
            texts = self.stated.objects(query, f"{SH}select")
            ours = NamedNode(SHAPES_IRI) in self.stated.objects(query, f"{SH}prefixes")
            name = self.twins.get(texts[0].value) if len(texts) == 1 and ours else None
            if name is None:
                left.append("it has sh:sparql")
            else:
                yield Law("SPARQL", name, self._message(query))

    def _refuse_recursion(self, by_node: Mapping[Subject, Shape]) -> None:
        """Section 3.4.3 leaves recursive shapes undefined: nothing is checked by one."""
        depth: dict[Subject, int] = {}
        waiting = [(node, False) for node in by_node]
        open_: set[Subject] = set()
        while waiting:
            node, leaving = waiting.pop()
            if leaving:
                open_.discard(node)
                depth[node] = 1 + max((depth[each] for each in others(by_node[node])), default=0)
                if depth[node] > DEEPEST:
                    raise self.stated.error(node, f"holds shapes within shapes, more than {DEEPEST} deep; flatten it")
            elif node in open_:
                continue
            elif node not in depth:
                open_.add(node)
                waiting.append((node, True))
                for each in others(by_node[node]):
                    if each in open_:
                        raise self._recursive(by_node, each)
                    if each not in depth:
                        waiting.append((each, False))

    def _recursive(self, by_node: Mapping[Subject, Shape], node: Subject) -> ValidationInputError:
        name = by_node[node].name or "a blank node"
        return self.stated.error(node, f"the shape {name} leads back to itself; a recursive shape is not checked")


def _below(stated: Stated, iri: str) -> frozenset[str]:
    """A class and its subclasses in the shapes graph."""
    found, waiting = {iri}, [iri]
    below: dict[str, list[str]] = {}
    for low, high in stated.pairs(f"{RDFS}subClassOf"):
        below.setdefault(high.value, []).append(low.value)
    while waiting:
        for lower in below.get(waiting.pop(), ()):
            if lower not in found:
                found.add(lower)
                waiting.append(lower)
    return frozenset(found)
