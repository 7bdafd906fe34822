"""Whether a model makes sense in itself: names, references, patterns and bounds that every part relies on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ontology.model import Datatype, EdgeType, Model, NodeType, Property
from ontology.turtle import Triples

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_RESERVED = frozenset({"id", "from", "to", "version", "key"})  # columns every table may have

Kept = NodeType | EdgeType


def refuse_nonsense(model: Model, triples: Triples) -> None:
    """Raises an OntologyError for the first thing that contradicts another; `triples` tell in which file it stands."""
    for iri, problem in problems(model):
        raise triples.error_about(iri, problem)


def problems(model: Model) -> Iterator[tuple[str, str]]:
    """(IRI, sentence) for everything that can't stand."""
    kept: list[Kept] = [*model.nodes.values(), *model.edges.values()]
    yield from _names(kept)
    yield from _one_meaning(kept)
    yield from _prefixes(model)
    for each in kept:
        if isinstance(each, NodeType):
            yield from _person(model, each)
        elif each.symmetric and each.acyclic:
            yield each.iri, "is both symmetric and acyclic, which nothing can be; choose one"
        for prop in each.properties.values():
            yield from _property(model, each, prop)


def _names(kept: list[Kept]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for each in kept:
        names = [(each.name, each.iri), *((name, prop.iri) for name, prop in each.properties.items())]
        for name, iri in names:
            if _NAME.fullmatch(name) is None:
                yield iri, f"{name!r} can't be a name; write letters, digits and _, a letter first, at most 60"
        lowered = [name.lower() for name in each.properties]
        for name, prop in each.properties.items():
            if name.lower() in _RESERVED or lowered.count(name.lower()) > 1:
                yield prop.iri, f"the name {name} is taken in {each.name}; take another"
        if each.name.lower() in seen:
            yield each.iri, f"differs from {seen[each.name.lower()]} only in case; take another name"
        seen[each.name.lower()] = each.name


def _one_meaning(kept: list[Kept]) -> Iterator[tuple[str, str]]:
    """One name is one property with one datatype everywhere: the JSON-LD context has one term for it."""
    seen: dict[str, Property] = {}
    for each in kept:
        for prop in each.properties.values():
            first = seen.setdefault(prop.name, prop)
            if first.iri != prop.iri:
                yield prop.iri, f"the name {prop.name} is that of {first.iri}; use that property, or another name"
            elif first.datatype is not prop.datatype:
                yield prop.iri, f"is {prop.datatype} in {each.name} and {first.datatype} elsewhere; keep one datatype"


def _prefixes(model: Model) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for prefix, namespace in model.prefixes.namespaces.items():
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", prefix, re.ASCII) is None:
            yield namespace, f"{prefix!r} is no prefix; write letters, digits and hyphens, a letter first"
        if namespace in seen:
            yield namespace, f"has two prefixes, {seen[namespace]} and {prefix}; keep one"
        seen[namespace] = prefix


def _person(model: Model, node: NodeType) -> Iterator[tuple[str, str]]:
    if node.person in (None, "id"):
        return
    prop = node.properties.get(node.person or "")
    people = [name for name in (prop.targets if prop else ()) if model.nodes[name].person]
    if prop is None or not people or len(people) != len(prop.targets):
        yield node.iri, f"sg:person names {node.person}, which leads to no learner; name a reference that does"


def _property(model: Model, kept: Kept, prop: Property) -> Iterator[tuple[str, str]]:
    if prop.minimum is not None and prop.maximum is not None and prop.minimum > prop.maximum:
        yield prop.iri, f"no value of {kept.name}.{prop.name} is both above its least and below its most; mend one"
    if prop.datatype is Datatype.ENUM and len(set(prop.values)) != len(prop.values):
        yield prop.iri, f"{kept.name}.{prop.name} lists a value twice; list it once"
    if len({model.space(name) for name in prop.targets}) > 1:
        yield prop.iri, f"{kept.name}.{prop.name} points into several tables; split it into a reference for each"
    if prop.datatype is Datatype.REFERENCE and not prop.targets:
        yield prop.iri, f"{kept.name}.{prop.name} points at nothing that is kept; name a class with sh:class"
    other = kept.properties.get(prop.not_after) if prop.not_after else None
    if prop.not_after and (other is None or other.datatype is not prop.datatype):
        yield prop.iri, f"{kept.name}.{prop.name} is compared with {prop.not_after}, which is not its like there"
    if prop.pattern is not None and (reason := unsafe_pattern(prop.pattern)):
        yield prop.iri, f"the pattern {prop.pattern!r} of {kept.name}.{prop.name} is not read: {reason}"


def unsafe_pattern(pattern: str) -> str | None:
    """Why google-re2 does not take a pattern, None when it does: it matches in linear time, whatever the text."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        text = error.args[0] if error.args else error
        reason = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
        return f"{reason}; write it without look-around and back-references"
    return None
