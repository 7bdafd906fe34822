"""Texts of an erased person that records of others still say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from graph.kinds import NodeKind
from graph.neo4j.cypher import Layout, quoted
from graph.neo4j.referrers import Ask
from graph.putaside import Search
from ontology.model import Datatype, Property

_TEXTS = {Datatype.TEXT, Datatype.STRING, Datatype.IRI}
_COLUMNS = "MATCH (t:_Type) RETURN collect([t.name, t.columns])"
_KEPT = {
    "Learner": ["_person"],
    "_History": ["props"],
    "_Tombstone": ["id"],
    "_EdgeTombstone": ["start", "end"],
    "_Source": ["name"],
    "_Load": ["name", "counts"],
    "_Key": ["label"],
}
_SPOKEN = "[name IN $spoken | x[name]] + reduce(all = [], name IN $lists | all + coalesce(x[name], []))"
_FIND = (
    "MATCH {0} WITH {1} AS said "
    "WHERE any(each IN said WHERE any(text IN $texts WHERE each CONTAINS text OR toLower(each) CONTAINS text)) "
    "RETURN collect(said)"
)


def texts_left(ask: Ask, layout: Layout, texts: Sequence[str]) -> tuple[str, ...]:
    """Which of the texts still stand anywhere in the database, as whole words."""
    asked = (ask(query, texts=list(texts), **given) for query, given in _queries(ask, layout))
    said = [str(value) for rows in asked for row in rows[0][0] for value in row]
    return tuple(text for text in texts if Search([text]).finds(said))


def _queries(ask: Ask, layout: Layout) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Queries with parameters: names of columns in other languages come from users."""
    languages: dict[str, list[str]] = dict(ask(_COLUMNS)[0][0])
    for kind in layout.kinds():
        names = [each.name for each in kind.properties.values() if _is_text(each)]
        spoken = [name for name in languages.get(kind.name) or [] if name.partition("@")[0] in names]
        if names:
            pattern = f"(x:{quoted(kind.name)})" if isinstance(kind, NodeKind) else f"()-[x:{quoted(kind.name)}]->()"
            lists = {name for name in [*names, *spoken] if kind.properties[name.partition("@")[0]].many}
            several, single = (sorted({*spoken} & lists), sorted({*spoken} - lists))
            yield _FIND.format(pattern, _said(names, lists)), {"lists": several, "spoken": single}
    for label, kept in _KEPT.items():
        yield _FIND.format(f"(x:{label})", f"[{', '.join(f'x.{name}' for name in kept)}]"), {}


def _is_text(each: Property) -> bool:
    return each.datatype in _TEXTS or each.name == "id"


def _said(names: Sequence[str], lists: Collection[str]) -> str:
    """An expression for every text of a row `x`."""
    one = [f"x.{quoted(name)}" for name in names if name not in lists]
    many = [f"coalesce(x.{quoted(name)}, [])" for name in names if name in lists]
    return " + ".join([f"[{', '.join(one)}]", *many, _SPOKEN])
