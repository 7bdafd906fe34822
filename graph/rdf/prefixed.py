"""Terms as Turtle and TriG write them: short by prefixes, numbers bare."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from graph.rdf.terms import TYPE, Notation, full_ids, full_iri, quoted
from ontology.context import XSD_OF
from ontology.ids import Prefixes, is_iri
from ontology.model import Datatype
from ontology.turtle import OWL, SG, XSD

_OWN = {"sg": SG, "owl": OWL, "xsd": XSD}
_BARE = frozenset({Datatype.INTEGER, Datatype.BOOLEAN})
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?", re.ASCII)  # a part of PN_LOCAL


def prefixed_notation(prefixes: Prefixes) -> Notation:
    return Notation(_iri, _literal, _ids(prefixes))


def declared(prefixes: Prefixes) -> Mapping[str, str]:
    """The prefixes of a file: the ontology's, `id` for what has no namespace of its own, and the deployment's."""
    below = {**_OWN, "id": f"{prefixes.base}id/"}
    own = {name: iri for name, iri in prefixes.namespaces.items() if is_iri(iri) and not name.endswith(".")}
    return MappingProxyType(below | {name: iri for name, iri in own.items() if name not in below})


def head(prefixes: Prefixes) -> Iterator[str]:
    """The lines that a file begins with."""
    yield from (f"@prefix {name}: <{iri}> .\n" for name, iri in declared(prefixes).items())
    yield "\n"


def _iri(iri: str) -> str:
    """A term of the ontology, or one that records are described by."""
    if iri == TYPE:
        return "a"
    for name, namespace in _OWN.items():
        local = iri.removeprefix(namespace)
        if local != iri and _LOCAL.fullmatch(local):
            return f"{name}:{local}"
    return full_iri(iri)


def _literal(text: str, datatype: Datatype) -> str:
    if datatype in _BARE:
        return text
    if datatype is Datatype.DECIMAL:
        return text if "." in text else f"{text}.0"
    return f"{quoted(text)}^^{_iri(XSD_OF[datatype])}"


def _ids(prefixes: Prefixes) -> Callable[[Iterable[str]], list[str]]:
    known, whole = declared(prefixes), full_ids(prefixes)

    def one(id: str) -> str:
        prefix, _, local = id.partition(":")
        if _LOCAL.fullmatch(local) and not prefix.endswith("."):
            if prefixes.namespaces.get(prefix):
                return id if known.get(prefix) == prefixes.namespaces[prefix] else whole([id])[0]
            return f"id:{id}"
        return whole([id])[0]

    return lambda ids: list(map(one, ids))
