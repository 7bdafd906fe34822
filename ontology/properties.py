"""From a SHACL property shape to a Property."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import BlankNode, NamedNode

from ontology.classes import required_words
from ontology.model import Datatype, Personal, Property
from ontology.turtle import RDF, RDFS, SG, SH, SKOS, XSD, Subject, Term, Triples, local_name
from ontology.values import parse_decimal

DATATYPES: Mapping[str, Datatype] = {
    f"{XSD}string": Datatype.STRING,
    f"{RDF}langString": Datatype.TEXT,
    f"{XSD}integer": Datatype.INTEGER,
    f"{XSD}decimal": Datatype.DECIMAL,
    f"{XSD}boolean": Datatype.BOOLEAN,
    f"{XSD}dateTime": Datatype.INSTANT,
    f"{XSD}duration": Datatype.DURATION,
    f"{XSD}anyURI": Datatype.IRI,
    f"{SG}cutScores": Datatype.CUT_SCORES,
}

_BOUNDS = ("minCount", "maxCount", "minInclusive", "maxInclusive", "maxLength", "pattern", "uniqueLang")
_WORDS = ("path", "datatype", "class", "or", "in", "nodeKind", "lessThanOrEquals", "defaultValue", "description")
_READ = frozenset(f"{SH}{name}" for name in (*_BOUNDS, *_WORDS))


class PropertyReader:
    """Reads property shapes; `concrete` names the kept types that are a class or below it."""

    def __init__(self, triples: Triples, concrete: Mapping[str, tuple[str, ...]]) -> None:
        self.triples = triples
        self.concrete = concrete

    def read(self, shape: Subject, each: Term, path: str) -> Property:
        """The property that a node shape's property shape describes."""
        if not isinstance(each, Subject):
            raise self.triples.error(shape, "sh:property must lead to a property shape")
        self._refuse_unread(shape, each, path)
        subject = NamedNode(path)
        datatype = self._datatype(shape, each, path)
        integer = datatype in (Datatype.INTEGER, Datatype.DECIMAL)
        return Property(
            name=local_name(path),
            iri=path,
            label=required_words(self.triples, subject, f"{RDFS}label"),
            definition=self.triples.words(each, f"{SH}description")
            or required_words(self.triples, subject, f"{SKOS}definition"),
            datatype=datatype,
            many=self._many(each, datatype),
            required=self._number(each, "minCount", 0) > 0,
            values=self._values(each),
            claimed=self._texts(each, "claimed"),
            taught=self._texts(each, "taught"),
            minimum=self._bound(each, "minInclusive", datatype) if integer else None,
            maximum=self._bound(each, "maxInclusive", datatype) if integer else None,
            places=self._places(each),
            pattern=self.triples.text(each, f"{SH}pattern") if not integer else None,
            max_length=self._number(each, "maxLength", 0) or None,
            targets=self.targets(each) if datatype is Datatype.REFERENCE else (),
            acyclic=bool(self.triples.flag(subject, f"{SG}acyclic")),
            ends=self._ends(shape, each, path) if datatype is Datatype.INSTANT else False,
            not_after=self._not_after(each),
            default=self.triples.text(each, f"{SH}defaultValue"),
            personal=read_personal(self.triples, each),
            names_person=bool(self.triples.flag(each, f"{SG}namesPerson")),
            protected=bool(self.triples.flag(each, f"{SG}protected")),
        )

    def targets(self, each: Subject) -> tuple[str, ...]:
        """The kept types a reference may point at."""
        classes = [term.value for term in self._alternatives(each, "class")]
        unknown = [iri for iri in classes if iri not in self.concrete]
        if unknown:
            raise self.triples.error(each, f"points at {unknown[0]}, which is no class; declare it an owl:Class")
        return tuple(dict.fromkeys(name for iri in classes for name in self.concrete[iri]))

    def _datatype(self, shape: Subject, each: Subject, path: str) -> Datatype:
        if self.triples.objects(each, f"{SH}in"):
            return Datatype.ENUM
        if self._alternatives(each, "class"):
            return Datatype.REFERENCE
        stated = [term.value for term in self._alternatives(each, "datatype")]
        if f"{RDF}langString" in stated:
            return Datatype.TEXT
        if len(stated) != 1 or stated[0] not in DATATYPES:
            known = ", ".join(local_name(iri) for iri in DATATYPES)
            raise self.triples.error(shape, f"{local_name(path)} has no datatype that is kept; state one of {known}")
        return DATATYPES[stated[0]]

    def _alternatives(self, each: Subject, constraint: str) -> list[Term]:
        """Values of a constraint stated plainly, or one in each branch of sh:or."""
        found = list(self.triples.objects(each, f"{SH}{constraint}"))
        for alternative in self.triples.objects(each, f"{SH}or"):
            for branch in self.triples.members(alternative):
                if isinstance(branch, NamedNode | BlankNode):
                    found += self.triples.objects(branch, f"{SH}{constraint}")
        return found

    def _many(self, each: Subject, datatype: Datatype) -> bool:
        if datatype is Datatype.TEXT:
            return not self.triples.flag(each, f"{SH}uniqueLang")
        return self._number(each, "maxCount", 0) != 1

    def _number(self, each: Subject, constraint: str, absent: int) -> int:
        text = self.triples.text(each, f"{SH}{constraint}")
        return absent if text is None else int(text)

    def _bound(self, each: Subject, constraint: str, datatype: Datatype) -> int | None:
        text = self.triples.text(each, f"{SH}{constraint}")
        if text is None:
            return None
        return parse_decimal(text) if datatype is Datatype.DECIMAL else int(text)

    def _places(self, each: Subject) -> int:
        text = self.triples.text(each, f"{SG}places")
        return 6 if text is None else int(text)

    def _values(self, each: Subject) -> tuple[str, ...]:
        head = self.triples.one(each, f"{SH}in")
        return () if head is None else tuple(term.value for term in self.triples.members(head))

    def _texts(self, each: Subject, annotation: str) -> tuple[str, ...]:
        return tuple(sorted(term.value for term in self.triples.objects(each, f"{SG}{annotation}")))

    def _ends(self, shape: Subject, each: Subject, path: str) -> bool:
        bound = self.triples.text(each, f"{SG}bound")
        if bound not in (f"{SG}begins", f"{SG}ends"):
            raise self.triples.error(shape, f"{local_name(path)} is an instant: add sg:bound sg:begins or sg:ends")
        return bound == f"{SG}ends"

    def _not_after(self, each: Subject) -> str | None:
        other = self.triples.text(each, f"{SH}lessThanOrEquals")
        return None if other is None else local_name(other)

    def _refuse_unread(self, shape: Subject, each: Subject, path: str) -> None:
        """A constraint that the column checks would not hold would make two truths of one."""
        for predicate in self.triples.about(each):
            if predicate.startswith(SH) and predicate not in _READ:
                raise self.triples.error(
                    shape, f"{local_name(path)}: sh:{local_name(predicate)} is not checked on loads; leave it out"
                )


def read_personal(triples: Triples, shape: Subject) -> Personal | None:
    """What a shape or property shape says of personal data, None when it says nothing."""
    if not triples.flag(shape, f"{SG}personal"):
        return None
    purpose, retention, scope = (triples.text(shape, f"{SG}{name}") for name in ("purpose", "retention", "visibleTo"))
    if not (purpose and retention and scope):
        raise triples.error(shape, "is personal: add sg:purpose, sg:retention and sg:visibleTo")
    return Personal(purpose, retention, scope)
