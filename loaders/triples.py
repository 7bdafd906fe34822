"""A whole store as a table of triples, for shapes to be held against: from column to column, and no text on the way.

The triples are those that the RDF exports write, and what every store is seeded with; IRIs and literals are written
out only where a check or a report looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from graph.boundary import cell_text, property_of, states
from graph.columns import absent
from graph.digest import record_types
from graph.rdf.terms import FROM, TO, TYPE, full_ids
from graph.store import Columns, Store
from ontology.context import VERSION, XSD_OF
from ontology.crosswalks import SEED_SOURCE, crosswalk_rows
from ontology.model import Datatype, EdgeType, NodeType, Property
from ontology.shacl.build import Builder, Pool
from ontology.shacl.stated import Triple
from ontology.shacl.table import Numbers, Table
from ontology.turtle import RDF, XSD, Term

_SPREAD = 8
"""Numbers that lie within so many times their count are counted out, others sorted."""
_INTEGER = f"{XSD}integer"
Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class StoreTable:
    """The table, and how many records of sources are in it."""

    table: Table
    records: int


def store_table(store: Store, named: Iterable[Term], language: str, below: Iterable[Triple] = ()) -> StoreTable:
    """Everything that the store holds.

    `named` are the terms that shapes name; `language` is that of texts without a tag; `below` says of classes, which
    are among the named terms, what is below what.
    """
    kinds = list(record_types(store.model))
    feed = _Feed(store, Builder(chain(named, (NamedNode(kind.iri) for kind in kinds))), language)
    for kind in kinds:
        if isinstance(kind, NodeType):
            feed.scan_nodes(kind)
    feed.number_nodes()
    for kind in kinds:
        if isinstance(kind, EdgeType):
            feed.scan_edges(kind)
    for lower, predicate, upper in below:
        low, high = (np.array([feed.builder.iri(each.value)]) for each in (lower, upper))
        feed.builder.state(predicate.value, low, high)
    return StoreTable(feed.builder.table(), feed.records)


@dataclass(slots=True)
class _Space:
    """The nodes of one key space, in the order in which they were scanned; then what is referred to and not there."""

    name: str
    ids: list[str] = field(default_factory=list)
    keys: list[Column] = field(default_factory=list)
    terms: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    by_key: Callable[[Column], Numbers] = lambda keys: np.full(len(keys), -1)
    by_id: dict[str, int] = field(default_factory=dict)  # filled when ids are asked for


@dataclass(frozen=True, slots=True)
class _Joined:
    """A batch of edges: the places of their ends in their spaces."""

    starts: _Space
    start: Numbers
    ends: _Space
    end: Numbers

    @property
    def start_terms(self) -> Numbers:
        return self.starts.terms[self.start]

    @property
    def end_terms(self) -> Numbers:
        return self.ends.terms[self.end]

    def ids(self, places: Numbers) -> Iterator[tuple[str, str]]:
        """The ids of the ends of some of the edges."""
        for start, end in zip(self.start[places].tolist(), self.end[places].tolist(), strict=True):
            yield self.starts.ids[start], self.ends.ids[end]


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A batch of nodes whose values can be stated once all nodes have numbers; its rows begin at `first`."""

    kind: NodeType
    first: int
    batch: Columns


class _Feed:
    def __init__(self, store: Store, builder: Builder, language: str) -> None:
        self.store, self.model, self.builder, self.language = store, store.model, builder, language
        self.records = 0
        self._spaces: dict[str, _Space] = {}
        self._scanned: list[_Scanned] = []
        self._write = full_ids(self.model.prefixes)

    def scan_nodes(self, kind: NodeType) -> None:
        """Read a node type; keys and ids are noted, all else waits for `number_nodes`."""
        space = self._space_of({kind.name})
        for batch in self._batches(kind, ("key", "id")):
            self._scanned.append(_Scanned(kind, len(space.ids), batch))
            space.keys.append(batch.arrays["key"])
            space.ids += batch.arrays["id"].tolist()

    def number_nodes(self) -> None:
        """Give every node its term, and state what the nodes say."""
        named = {self._compacted(iri): number for number, iri in enumerate(self.builder.named_iris)}
        for space in self._spaces.values():
            self._number(space, named)
        for each in self._scanned:
            space = self._spaces[self.model.space(each.kind.name)]
            count = len(each.batch.arrays["key"])
            self._state(each.kind, space.terms[each.first : each.first + count], each.batch)
        self._scanned.clear()

    def scan_edges(self, kind: EdgeType) -> None:
        """Read an edge type, and state what its edges say."""
        starts, ends = (self._space_of({pair[place] for pair in kind.ends}) for place in (0, 1))
        for batch in self._batches(kind, ("from", "to")):
            start, end = self._places(starts, batch.arrays["from"]), self._places(ends, batch.arrays["to"])
            joined = _Joined(starts, start, ends, end)
            if not kind.reified:
                self.builder.state(kind.iri, joined.start_terms, joined.end_terms)
                continue
            edges = self._number_edges(kind, joined)
            self.builder.state(FROM, edges, joined.start_terms)
            self.builder.state(TO, edges, joined.end_terms)
            self._state(kind, edges, batch)

    def _batches(self, kind: NodeType | EdgeType, heads: Sequence[str]) -> Iterable[Columns]:
        names = self.store.stated_columns(kind.name)
        seeded = kind.name in crosswalk_rows()
        for batch in self.store.scan(kind.name, [*heads, *names, "version", *(["source"] if seeded else [])]):
            count = len(batch.arrays["version"])
            seeds = int((batch.arrays["source"] == SEED_SOURCE).sum()) if seeded else 0
            self.records += count - seeds
            yield batch

    def _number(self, space: _Space, named: Mapping[str, int]) -> None:
        space.terms = self._block(list(space.ids))
        keys = np.concatenate(space.keys) if space.keys else np.zeros(0, np.int64)
        space.by_key = _lookup(keys)
        wanted = [id for id in named if id]
        found = self.store.keys(space.name, wanted)
        known = np.isin(found, keys) & (found != 0)
        for id, key in zip(np.array(wanted, object)[known].tolist(), found[known], strict=True):
            space.terms[space.by_key(np.array([key]))] = named[id]

    def _block(self, ids: Sequence[str]) -> Numbers:
        return self.builder.block(len(ids), lambda places: self._iris([ids[at] for at in places.tolist()]))

    def _places(self, space: _Space, keys: Column) -> Numbers:
        """Where nodes stand in their space, by key; one that is referred to and not there becomes one of no type."""
        places = space.by_key(keys)
        gone = places < 0
        if gone.any():
            distinct, at = np.unique(keys[gone], return_inverse=True)
            ids = self.store.ids(space.name, distinct.tolist())
            named = [id or f"gone:{key}" for id, key in zip(ids, distinct.tolist(), strict=True)]
            places[gone] = self._put(space, named)[at]
        return places

    def _put(self, space: _Space, ids: Sequence[str]) -> Numbers:
        """Places for ids that are in no record."""
        first = len(space.ids)
        space.ids += ids
        space.terms = np.concatenate([space.terms, self._block(ids)])
        return np.arange(first, len(space.ids))

    def _compacted(self, iri: str) -> str:
        """The id of an IRI, "" when there is none that is written so."""
        try:
            id = self.model.prefixes.compact(iri)
            return id if self.model.prefixes.expand(id) == iri else ""
        except ValueError:
            return ""

    def _iris(self, ids: Sequence[str]) -> list[str]:
        return [iri[1:-1] for iri in self._write(ids)]

    def _space_of(self, types: Iterable[str]) -> _Space:
        (name,) = {self.model.space(each) for each in types}
        return self._spaces.setdefault(name, _Space(name))

    def _number_edges(self, kind: EdgeType, joined: _Joined) -> Numbers:
        """Terms for a batch of edges; those that shapes name have their number already."""

        def iris(places: Numbers) -> list[str]:
            write = self.model.prefixes.edge_iri
            return [write(kind.name, start, end) for start, end in joined.ids(places)]

        edges = self.builder.block(len(joined.start), iris)
        head = self.model.prefixes.edge_iri(kind.name, "", "").removesuffix("/")
        named = {iri: number for number, iri in enumerate(self.builder.named_iris) if iri.startswith(head)}
        if named:
            for place, iri in enumerate(iris(np.arange(len(edges)))):
                edges[place] = named.get(iri, edges[place])
        return edges

    def _state(self, kind: NodeType | EdgeType, subjects: Numbers, batch: Columns) -> None:
        """The type, the version and the values of records."""
        self.builder.state(TYPE, subjects, np.full(len(subjects), self.builder.iri(kind.iri)))
        self._whole(VERSION, subjects, batch.arrays["version"], str, self.builder.pool(_INTEGER))
        for name, values in batch.arrays.items():
            if name.partition("@")[0] in kind.properties and name not in ("key", "id", "from", "to"):
                self._values(property_of(kind, name), name.partition("@")[2], subjects, values)

    def _values(self, prop: Property, language: str, subjects: Numbers, values: Column) -> None:
        if values.dtype == object:
            self._objects(prop, language, *_flattened(prop, subjects, values.tolist()))
            return
        kept = values != absent(prop)
        if prop.datatype is Datatype.REFERENCE:
            space = self._space_of(prop.targets)
            places = self._places(space, values[kept])
            self.builder.state(prop.iri, subjects[kept], space.terms[places])
        else:
            self._whole(prop.iri, subjects[kept], values[kept], _writer(prop), self._pool(prop, language))

    def _objects(self, prop: Property, language: str, subjects: Numbers, values: list[Any]) -> None:
        """Values as they are held, a subject each."""
        if prop.datatype is Datatype.REFERENCE:
            self.builder.state(prop.iri, subjects, self._by_id(prop, values))
            return
        if prop.datatype not in _TEXTS:
            write = cell_text(replace(prop, many=False))
            texts = {value: write(value) for value in set(values)}
            values = [texts[value] for value in values]
        pool = self._pool(prop, language)
        self.builder.state(prop.iri, subjects, pool.of(values), pool)

    def _whole(self, iri: str, subjects: Numbers, values: Column, write: Callable[[Any], str], pool: Pool) -> None:
        """A column of whole numbers: each distinct one is written once; what is written as nothing is not stated."""
        if not len(values):
            return
        distinct, places = _distinct(values)
        texts = [write(value) for value in distinct.tolist()]
        literals = pool.of([text for text in texts if text])
        if len(literals) < len(texts):
            told = np.array([bool(text) for text in texts])
            subjects, places = subjects[told[places]], (np.cumsum(told) - 1)[places[told[places]]]
        self.builder.state(iri, subjects, literals[places], pool)

    def _pool(self, prop: Property, language: str) -> Pool:
        if prop.datatype is Datatype.TEXT:
            return self.builder.pool(f"{RDF}langString", (language or self.language).lower())
        return self.builder.pool(XSD_OF.get(prop.datatype, f"{XSD}string"))

    def _by_id(self, prop: Property, ids: Sequence[str]) -> Numbers:
        space = self._space_of(prop.targets)
        if len(space.by_id) < len(space.ids):
            space.by_id = {id: place for place, id in enumerate(space.ids)}
        gone = [id for id in dict.fromkeys(ids) if id not in space.by_id]
        space.by_id.update(zip(gone, self._put(space, gone).tolist(), strict=True))
        return space.terms[np.fromiter(map(space.by_id.__getitem__, ids), np.int64, len(ids))]


_TEXTS = frozenset(
    (Datatype.TEXT, Datatype.STRING, Datatype.ENUM, Datatype.IRI, Datatype.DURATION, Datatype.CUT_SCORES)
)
"""What is held as it is written."""


def _writer(prop: Property) -> Callable[[Any], str]:
    """What writes a value of a column of whole numbers."""
    if prop.datatype is Datatype.ENUM:
        return lambda place: prop.values[place - 1]
    return cell_text(prop)


def _flattened(prop: Property, subjects: Numbers, values: Sequence[Any]) -> tuple[Numbers, list[Any]]:
    """A subject for each value that is stated; of several values of one record each once."""
    if not prop.many:
        kept = [states(prop, value) for value in values]
        return subjects[np.array(kept, bool)], [value for value, stated in zip(values, kept, strict=True) if stated]
    lists = [dict.fromkeys(value) if value else () for value in values]
    return np.repeat(subjects, [len(each) for each in lists]), list(chain.from_iterable(lists))


def _distinct(values: Column) -> tuple[Column, Column]:
    """The distinct numbers, ascending, and the place of each value among them."""
    low, high = int(values.min()), int(values.max())
    if high - low > len(values) * _SPREAD:
        return np.unique(values, return_inverse=True)
    there = np.zeros(high - low + 1, bool)
    there[values - low] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[values - low]


def _lookup(keys: Column) -> Callable[[Column], Numbers]:
    """What finds the places of keys among these, -1 for those that are not."""
    if not len(keys):
        return lambda wanted: np.full(len(wanted), -1)
    if int(keys.max()) <= len(keys) * _SPREAD:
        column = np.full(int(keys.max()) + 2, -1, np.int64)  # the last is for what is beyond
        column[keys] = np.arange(len(keys))
        return lambda wanted: column[np.minimum(wanted, len(column) - 1)]
    order = np.argsort(keys)
    ascending = keys[order]

    def find(wanted: Column) -> Numbers:
        at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
        return np.where(ascending[at] == wanted, order[at], -1)

    return find
