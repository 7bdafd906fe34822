"""Any SKOS vocabulary: concepts become skills, or with a map roles; what broader, related and matches say, edges.

A concept's id is its IRI, short by the deployment's prefixes (`esco-skill:…`), else whole behind `iri:` (ontology.ids).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from loaders.errors import LoadError, nearest
from loaders.readers.documents import documents
from loaders.source import AnyMapping, Chunk, Config, EdgeMapping, Field, NodeMapping, Rows, Skip, Source, Table
from loaders.sources import skos_concepts as concepts
from loaders.sources.skos_graph import FORMATS, read_graph
from loaders.toml import read_toml


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the concepts of a vocabulary are: a type of node, the `type` of each, and what membership is."""

    node: str
    type: str
    member: str  # edge type from a member to its collection


MEANINGS = {"Skill": Meaning("Skill", "skill", "RELATED"), "Role": Meaning("Role", "occupation", "IN_FAMILY")}
"""By the node type that a map names; Skill without a map."""

SELF_RELATION = Skip("self-relation", "a concept is not related to itself", {"_self": ["yes"]})


def meaning(config: Config) -> Meaning:
    """What the map says of the concepts; raises `MappingError`."""
    if config.map is None:
        return MEANINGS["Skill"]
    root = read_toml(config.map)
    node = root.text_of("concepts", "Skill")
    if node not in MEANINGS:
        raise root.wrong(f"concepts are {' or '.join(MEANINGS)}, not {node!r}{nearest(node, MEANINGS)}", "concepts")
    known = config.model.nodes[node].properties["type"].values
    kind = root.text_of("type", MEANINGS[node].type)
    if kind not in known:
        raise root.wrong(
            f"type {kind!r} is none of a {node}{nearest(kind, known)}; known are: {', '.join(known)}", kind
        )
    root.check_known()
    return Meaning(node, kind, MEANINGS[node].member)


def mappings(config: Config) -> Sequence[AnyMapping]:
    means = meaning(config)
    fields: dict[str, str | Field] = {
        "label": "prefLabel",
        "alt_labels": "altLabel",
        "hidden_labels": "hiddenLabel",
        "description": "description",
        "code": "notation",
        "type": "type",
        "status": Field("deprecated", translate={"true": "retired"}),
    }
    if "replaced_by" in config.model.nodes[means.node].properties:
        fields["replaced_by"] = "isReplacedBy"
    edges = {"BROADER": "broader", "RELATED": "related", "EXACT_MATCH": "exactMatch", "CLOSE_MATCH": "closeMatch"}
    relations = [*edges.items(), (means.member, "member")]
    return [
        NodeMapping(means.node, table=concepts.CONCEPTS, id="{iri}", fields=fields),
        *(
            EdgeMapping(
                edge, table=concepts.RELATIONS, start="{from}", to=means.node, id="{to}", when={"relation": [name]}
            )
            for edge, name in relations
        ),
    ]


def read(config: Config) -> Iterator[Rows]:
    """Every concept, scheme and collection of the documents, which are one vocabulary, and every relation."""
    means = meaning(config)
    group = "group" if means.node == "Role" else "collection"
    types = {"concept": means.type, "scheme": "group", "collection": group}
    vocabulary = concepts.Vocabulary(read_graph(documents(config.paths, tuple(FORMATS))), config.language, types)
    if not vocabulary.kinds:
        fix = "give a file with skos:Concept in it"
        raise LoadError(f"holds no SKOS concept: {fix}", file=", ".join(path.name for path in config.paths))
    yield from vocabulary.rows()
    yield _nothing(next(iter(vocabulary.graph.file.values())))


def _nothing(file: str) -> Chunk:
    """A vocabulary without relations states that there are none."""
    frame = pl.DataFrame(schema=dict.fromkeys(("from", "relation", "to", "_self"), pl.String))
    return Chunk(concepts.RELATIONS, f"{file}/{concepts.RELATIONS}", frame)


FLAGS: Mapping[str, str] = {
    concepts.SEVERAL_LABELS: "a concept has several preferred labels in one language: the first in order is its label",
    concepts.SEVERAL_CODES: "a concept has several notations: the first in order is its code",
    concepts.ODD_TAG: "a language tag is written with _ instead of -, and was read all the same",
    concepts.NO_TAG: "a text in what is no language, such as a private tag (x-internal), was left out",
}

SOURCE = Source(
    "skos",
    read=read,
    mappings=mappings,
    tables=[
        Table(concepts.CONCEPTS, optional="*", ignored=("isReplacedBy",)),
        Table(concepts.RELATIONS, optional="*", skips=[SELF_RELATION]),
    ],
    description="any SKOS vocabulary of skills, or with --map of occupations",
    reads=f"files, a folder or a zip of them: {', '.join(FORMATS)}; .gz too",
    versions="SKOS and SKOS-XL of 2009, in Turtle, N-Triples, RDF/XML, JSON-LD",
    takes_map=True,
    flags=FLAGS,
    lacks=[
        "inScheme: the scheme of a concept says nothing of the concept but where its tree begins (topConceptOf)",
        "the order of an OrderedCollection, further notations, and notes other than definition, scopeNote, description",
        "scales and levels, which our own export types as sg:Scale and sg:Level: they are no skills",
        "isReplacedBy of occupations: a role has nothing that takes its place in a match",
    ],
)
