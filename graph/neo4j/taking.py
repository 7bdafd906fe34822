"""An empty database, filled with the contents of another store.

The store's node says `copying` until all is there: meanwhile the store cannot be opened. What a copy that was cut off
left behind is thrown away by the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graph.contents import HELD_ROW, LOAD, Book, Head, Rows
from graph.errors import NotEmpty
from graph.kinds import EdgeKind, Kinds, NodeKind, numbered
from graph.neo4j import shape
from graph.neo4j.adapt import ensure_rules
from graph.neo4j.address import parse_address
from graph.neo4j.cypher import parts, quoted
from graph.neo4j.limits import Limits
from graph.neo4j.locks import hold
from graph.neo4j.opening import with_password
from graph.neo4j.schema import VERSION, rules
from graph.neo4j.server import Server
from graph.place import made_place
from graph.secret import Secret, hand_over
from ontology.crosswalks import SEED_SOURCE
from ontology.model import Model

_LOCK = "\0copy"  # no load has such a name
_ROWS = 5_000  # of one transaction
_CLEARED = 10_000  # nodes that one transaction throws away

_HOLDS = (
    "OPTIONAL MATCH (s:_Store) RETURN s.copying IS NOT NULL, "
    "EXISTS { MATCH (n:Resource) WHERE coalesce(n._source, '') <> $seed } "
    "OR EXISTS { MATCH (:_Load|_Key|_HeldRow|_Erased|_Tombstone|_EdgeTombstone|_History) }"
)
_BEGIN = (
    "MERGE (s:_Store {name: 'store'}) ON CREATE SET s.number = 0, s.writes = 0, s.last_key = 0 "
    "SET s.copying = $origin, s.schema_version = $version"
)
_CLEAR = (
    "MATCH (n:Resource|_Source|_Type|_Batch|_Tombstone|_EdgeTombstone|_Change|_ChangeItem|_History|_Load|_HeldRow|_Key"
    "|_Erased) WITH n LIMIT $most DETACH DELETE n RETURN count(*)"
)
_ENDS = {"_from": "a", "_to": "b"}
_FINISH = "MATCH (s:_Store) WITH s, s.writes AS writes SET s = $values SET s.writes = writes"


@contextmanager
def taking(url: str, model: Model, secret: Secret, origin: str) -> Iterator[Neo4jTaking]:
    """What fills the database at `url`; raises `NotEmpty` when a store there holds more than every new one does."""
    address = with_password(parse_address(*url.split(":", 1)))
    server = Server(address, Limits.from_environment())
    try:
        server.check()
        _need_room(server)
        ensure_rules(server, rules(model))  # without them two who ask at once could make two locks of one name
        with hold(server, _LOCK):
            _need_room(server)
            hand_over(secret, made_place(address.shown))
            server.repeatable(_BEGIN, origin=origin, version=VERSION)
            while server.write(lambda writer: writer.run(_CLEAR, most=_CLEARED))[0][0] == _CLEARED:
                pass
            yield Neo4jTaking(server, model)
    finally:
        server.close()


def _need_room(server: Server) -> None:
    unfinished, holds = server.read(_HOLDS, seed=SEED_SOURCE)[0]
    if holds and not unfinished:
        raise NotEmpty(server.address.shown, "the store there holds something already", "Name an empty database.")


class Neo4jTaking:
    """See `graph.copying.Taking`."""

    def __init__(self, server: Server, model: Model) -> None:
        self._server = server
        self._model = model
        self._layout = Kinds(model, numbered(model), NodeKind, EdgeKind)
        self._languages: dict[str, set[str]] = defaultdict(set)
        self._last = {"last_load": 0, "last_held": 0}

    def book(self, book: Book, rows: Rows) -> None:
        self._create(f"(x:{quoted(shape.label_of(book))})", shape.book_rows(book, rows))
        for each, column, name in ((LOAD, "id", "last_load"), (HELD_ROW, "key", "last_held")):
            if book is each:
                self._last[name] = max(self._last[name], *rows[column])

    def nodes(self, type_name: str, rows: Rows) -> None:
        kind = self._layout.nodes[type_name]
        made = {name: values for name, values in shape.node_rows(kind, rows).items() if name not in kind.references}
        self._note_languages(type_name, made)
        self._create(f"(x:{shape.RESOURCE}:{quoted(type_name)})", made)

    def refers(self, type_name: str) -> bool:
        return bool(self._layout.nodes[type_name].references)

    def references(self, type_name: str, rows: Rows) -> None:
        for name, pairs in shape.references(self._layout.nodes[type_name], rows).items():
            self._create(f"(a)-[x:{quoted(name)}]->(b)", pairs)

    def edges(self, type_name: str, rows: Rows) -> None:
        self._note_languages(type_name, rows)
        self._create(f"(a)-[x:{quoted(type_name)}]->(b)", shape.edge_rows(rows))

    def finish(self, head: Head) -> None:
        languages: Rows = {
            "name": list(self._languages),
            "columns": [sorted(each) for each in self._languages.values()],
        }
        self._create("(x:_Type)", languages)
        values = shape.store_node(self._model, head, self._last) | {"model_hash": self._model.hash}
        self._server.write(lambda writer: writer.run(_FINISH, values=values))

    def _note_languages(self, type_name: str, rows: Rows) -> None:
        further = {name for name in rows if "@" in name}
        if further:
            self._languages[type_name] |= further

    def _create(self, pattern: str, columns: Rows) -> None:
        """The pattern's `x` with the properties of each row, between the nodes whose keys are `_from` and `_to`.

        The names of texts in other languages come from users: they stay in a map.
        """
        plain = [name for name in columns if "@" not in name]
        further = {name: values for name, values in columns.items() if "@" in name}
        properties = [f"{quoted(name)}: row[{place}]" for place, name in enumerate(plain) if name not in _ENDS]
        clauses = [
            f"MATCH ({_ENDS[name]}:Resource {{_key: row[{place}]}})"
            for place, name in enumerate(plain)
            if name in _ENDS
        ]
        clauses += [
            f"CREATE {pattern}",
            f"SET x = {{{', '.join(properties)}}}",
            f"SET x += row[{len(plain)}]" * bool(further),
        ]
        maps = [dict(zip(further, row, strict=True)) for row in zip(*further.values(), strict=True)]
        given = [*(columns[name] for name in plain), *([maps] if further else [])]
        self._write(" ".join(["UNWIND $rows AS row", *clauses]), list(zip(*given, strict=True)))

    def _write(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        for some in parts(rows, _ROWS):
            self._server.write(lambda writer, some=some: writer.run(query, rows=some))  # type: ignore[misc]
