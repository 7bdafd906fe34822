"""A deployment's own classes and properties: read beside the bundled ones, additive only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode

from ontology.errors import OntologyError
from ontology.fingerprint import digest, statements
from ontology.model import EdgeType, Model, NodeType, Property
from ontology.turtle import SG, SHAPE, Triples

_OTHERS = (SG, SHAPE, "http://www.w3.org/", "http://purl.org/dc/", "https://schema.org/", "http://schema.org/")


def extension_files(folder: Path) -> list[Path]:
    """The Turtle files of the folder, by name."""
    if not folder.is_dir():
        raise OntologyError(f"{folder}: is no folder; set SKILLGRAPH_ONTOLOGY to one with .ttl files")
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise OntologyError(f"{folder}: holds no .ttl file; put the deployment's ontology there")
    return files


def extension_hash(base: Model, whole: Model) -> str:
    """The hash of what the deployment adds."""
    return digest(set(statements(whole)) - set(statements(base)))


def refuse_redefinition(whole: Triples, own: Triples) -> None:
    """Every term the deployment describes must be its own, in its own namespace."""
    for subject in own.subjects():
        if not isinstance(subject, NamedNode):
            continue
        if whole.origin[subject] != own.origin[subject] or subject.value.startswith(_OTHERS):
            raise own.error(
                subject, "is defined by others and can't be changed; say it of a term in a namespace of your own"
            )


def refuse_change(base: Model, whole: Model, own: Triples) -> None:
    """What the bundled ontology says of its types must still hold: a deployment adds, and never narrows."""
    for kept in base.types():
        now = whole.type(kept.name)
        for name, each in kept.properties.items():
            if not _same(each, now.properties[name]):
                raise own.error_about(
                    each.iri, f"constrains {kept.name}.{name} anew; leave it as it is, or name your own"
                )
        for name, each in now.properties.items():
            if name not in kept.properties and each.required:
                raise own.error_about(
                    each.iri, f"is required of {kept.name}, which exists without it; drop sh:minCount"
                )
        if not _alike(kept, now):
            raise own.error_about(kept.iri, f"changes what is said of {kept.name}; say it of a class of your own")


def refuse_unkept(base: Model, whole: Model, own: Triples) -> None:
    """What a deployment's own types may not be."""
    parents = {each.iri: each for each in base.types()}
    for kept in whole.types():
        if kept.iri in parents:
            continue
        above = parents.get(kept.parent)
        fixed = isinstance(above, EdgeType) or (isinstance(above, NodeType) and _stands_alone(above))
        if fixed and above is not None:
            raise own.error_about(
                kept.iri, f"can't be a subclass of {above.name}; make it one of sg:Node, sg:Fact or sg:Edge"
            )
        if isinstance(kept, NodeType) and kept.system:
            raise own.error_about(kept.iri, "can't be sg:internal: nothing would keep it; leave that out")
        if isinstance(kept, EdgeType) and (kept.derived or kept.rule):
            raise own.error_about(kept.iri, "can't be sg:derived or sg:rule: no code reads it so; leave that out")


def _stands_alone(above: NodeType) -> bool:
    return above.storage == "columns" or above.person is not None or above.system


def _same(before: Property, after: Property) -> bool:
    return replace(after, targets=before.targets) == before and set(after.targets) >= set(before.targets)


def _alike(before: NodeType | EdgeType, after: NodeType | EdgeType) -> bool:
    if isinstance(before, EdgeType) and isinstance(after, EdgeType):
        wider = set(after.ends) >= set(before.ends)
        return wider and replace(after, ends=before.ends, properties=before.properties) == before
    return isinstance(after, NodeType) and replace(after, properties=before.properties) == before
