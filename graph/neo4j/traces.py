"""Texts of an erased person that records of others still say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.kinds import Kind, NodeKind
from graph.neo4j.cypher import Layout, quoted
from graph.neo4j.referrers import Ask
from graph.putaside import Search
from ontology.model import Datatype

_TEXTS = {Datatype.TEXT, Datatype.STRING, Datatype.IRI}
_COLUMNS = "MATCH (t:_Type) RETURN collect([t.name, t.columns])"
_KEPT = {
    "_History": ["props"],
    "_Tombstone": ["id"],
    "_EdgeTombstone": ["start", "end"],
    "_Source": ["name"],
    "_Load": ["name", "counts"],
    "_Key": ["label"],
}
_FIND = (
    "MATCH {0} WITH {1} AS said "
    "WHERE any(each IN said WHERE any(text IN $texts WHERE each CONTAINS text OR toLower(each) CONTAINS text)) "
    "RETURN collect(said)"
)


def texts_left(ask: Ask, layout: Layout, texts: Sequence[str]) -> tuple[str, ...]:
    """Which of the texts still stand anywhere in the database, as whole words."""
    said = [
        str(value) for query in _queries(ask, layout) for row in ask(query, texts=list(texts))[0][0] for value in row
    ]
    return tuple(text for text in texts if Search([text]).finds(said))


def _queries(ask: Ask, layout: Layout) -> Iterator[str]:
    languages: dict[str, list[str]] = dict(ask(_COLUMNS)[0][0])
    for kind in layout.kinds():
        said = _said(kind, languages.get(kind.name) or [])
        if said != "[]":
            pattern = f"(x:{quoted(kind.name)})" if isinstance(kind, NodeKind) else f"()-[x:{quoted(kind.name)}]->()"
            yield _FIND.format(pattern, said)
    for label, names in _KEPT.items():
        yield _FIND.format(f"(x:{label})", f"[{', '.join(f'x.{name}' for name in names)}]")


def _said(kind: Kind, languages: Sequence[str]) -> str:
    """An expression for every text of a row `x`."""
    stated = {name: kind.properties[name.partition("@")[0]] for name in [*kind.properties, *languages]}
    texts = {name: each for name, each in stated.items() if each.datatype in _TEXTS or name == "id"}
    one = [f"x.{quoted(name)}" for name, each in texts.items() if not each.many]
    many = [f"coalesce(x.{quoted(name)}, [])" for name, each in texts.items() if each.many]
    return " + ".join([f"[{', '.join(one)}]", *many])
