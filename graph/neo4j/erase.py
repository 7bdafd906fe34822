"""Erasure in the database: a person leaves the graph, the history, and what loads put aside; see `graph.erasure`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Set
from typing import Any

from graph.erasure import about_people, counted, hashes_left
from graph.kinds import NODES, EdgeKind
from graph.mentions import Blanking
from graph.neo4j.cypher import Layout, any_of, quoted, stated_edges
from graph.neo4j.mentions import Mentions
from graph.neo4j.people import Neo4jPeople
from graph.neo4j.records import RecordReader
from graph.neo4j.referrers import Ask
from graph.neo4j.write import Writing
from graph.person import Person
from graph.report import ErasureReport
from graph.secret import Secret

_BY_ID = "UNWIND $ids AS id MATCH (n:{0} {{id: id}}) RETURN collect([n._key, n.id])"
_REMOVED_RECORDS = (
    "UNWIND $ids AS id MATCH (t:_Tombstone {id: id, space: $space}) WHERE t.source IS NOT NULL AND t.type IN $types "
    "RETURN collect(DISTINCT [t.key, t.id])"
)
_ABOUT = "UNWIND $keys AS key MATCH (:Resource {{_key: key}})<-[:{0}]-(n:{1}) RETURN collect(DISTINCT [n._key, n.id])"
_REMOVED_FACTS = (
    "UNWIND $keys AS key MATCH (h:_History {person: key}) WHERE h.end = 0 WITH DISTINCT h.start AS key "
    "OPTIONAL MATCH (t:_Tombstone {key: key}) RETURN collect(DISTINCT [key, coalesce(t.id, '')])"
)
_REMEMBER = (
    "MATCH (s:_Store) SET s.secret_check = $check WITH s "
    "UNWIND $hashes AS hash MERGE (e:_Erased {hash: hash}) ON CREATE SET e.at = $now"
)
_FORGET_VERSIONS = "MATCH (h:_History) WHERE h.start IN $keys AND h.type IS NOT NULL DELETE h RETURN count(h)"
_FORGET_EDGE_VERSIONS = "MATCH (h:_History) WHERE h.type IN $types AND h.end IN $keys DELETE h RETURN count(h)"
_COUNT_EDGES = (
    "UNWIND $keys AS key MATCH (:Resource {{_key: key}})-[r:{0}]-() WITH DISTINCT r "
    "WITH type(r) AS name, count(r) AS number RETURN collect([name, number])"
)
_COUNT_NODES = (
    "UNWIND $keys AS key MATCH (n:Resource {_key: key}) "
    "WITH [label IN labels(n) WHERE label <> 'Resource'][0] AS name, count(n) AS number RETURN collect([name, number])"
)
_LET_GO = (
    "UNWIND $keys AS key MATCH (:Resource {_key: key})--(n:Resource) WHERE n._retired AND NOT n._key IN $keys "
    "RETURN collect(DISTINCT n._key)"
)
_DROP = "UNWIND $keys AS key MATCH (n:Resource {_key: key}) DETACH DELETE n"
_PART = (  # who derives at the moment has read these persons, and begins again
    "UNWIND $keys AS key MATCH (n:Resource {_key: key}) WITH collect(DISTINCT n._person) + $ids AS persons "
    "MATCH (l:Learner) WHERE l._person IN persons AND NOT l._key IN $keys REMOVE l._person "
    "WITH count(l) AS parted WHERE parted > 0 "
    "MATCH (s:_Store) SET s.derivations = coalesce(s.derivations, 0) + 1"
)
_FORGET_REMOVALS = "UNWIND $keys AS key MATCH (t:_Tombstone {key: key}) DELETE t"
_FORGET_EDGE_REMOVALS = "UNWIND $ids AS id MATCH (t:_EdgeTombstone {{{0}: id}}) DELETE t"


class Going:
    """Everything that goes with a person."""

    def __init__(self, ask: Ask, layout: Layout, person: Person) -> None:
        self.person = person
        self.names = person.names(layout.model)
        self.salts = Neo4jPeople(RecordReader(ask, layout), layout).salts()
        self._ask = ask
        self._layout = layout
        self._ids: dict[int, str] = {}  # "" where no id is known any more
        self._collect_records()
        self.records = self.keys
        for kind, name in about_people(layout):
            self._add(_ABOUT.format(quoted(name), quoted(kind.name)), keys=self.keys)
        self._add(_REMOVED_FACTS, keys=self.records)

    @property
    def keys(self) -> list[int]:
        return sorted(self._ids)

    @property
    def ids(self) -> list[str]:
        return [id for id in self._ids.values() if id]

    def blanking(self, secret: Secret) -> Blanking:
        """What takes them out of what others state."""
        return Blanking(self._layout.model, secret, self.names, self.ids)

    def _collect_records(self) -> None:
        people = [kind.name for kind in self._layout.nodes.values() if kind.person == "id"]
        for name in people:
            self._add(_BY_ID.format(quoted(name)), ids=list(self.person.ids))
        self._add(_REMOVED_RECORDS, ids=list(self.person.ids), space=NODES, types=people)

    def _add(self, query: str, **parameters: Any) -> None:
        for key, id in self._ask(query, **parameters)[0][0]:
            self._ids[key] = self._ids.get(key) or id


class Erasure:
    """One erasure, inside a write transaction."""

    def __init__(self, job: Writing, secret: Secret, going: Going, versions: Set[str]) -> None:
        """`versions` are the database's ids of superseded versions that may name the person."""
        self._job = job
        self._layout = job.layout
        self._secret = secret
        self._going = going
        self._versions = versions

    def run(self) -> ErasureReport:
        """Remove everything that is kept in the graph and say what; what loads put aside is the caller's, and the
        change record."""
        going = self._going
        self._remember()
        history = self._remove_history()
        removed, blanked = self._remove_rows()
        self._remove_tombstones()
        self._job.note(self._layout.node_kind(going.person.records[0].type), "erased", going.records)
        return ErasureReport(going.person.ids, counted(removed), counted(blanked), history)

    def _remember(self) -> None:
        going = self._going
        hashes = [hash.hex() for hash in hashes_left(self._secret, going.person, going.ids, going.salts)]
        self._job.run(_REMEMBER, hashes=hashes, now=int(time.time()), check=self._secret.check())

    def _remove_history(self) -> int:
        """Superseded versions of the person's facts and of edges at the person's records."""
        ends = [edge.name for edge in self._layout.edges.values() if edge.history and self._about(edge)]
        gone: int = self._job.run(_FORGET_VERSIONS, keys=self._going.keys)[0][0]
        if ends:
            gone += self._job.run(_FORGET_EDGE_VERSIONS, keys=self._going.keys, types=ends)[0][0]
        return gone

    def _about(self, edge: EdgeKind) -> bool:
        """Whether the edge may lead to what is about a person."""
        return any(self._layout.nodes[self._layout.names[end]].person for end in edge.ends_of(incoming=True))

    def _remove_rows(self) -> tuple[Counter[str], Counter[str]]:
        """Nodes with all that leads to and from them, and names in what stays; what both were, counted."""
        keys = self._going.keys
        removed = self._counts(_COUNT_NODES) + self._counts(_COUNT_EDGES.format(any_of(stated_edges(self._layout))))
        self._job.released.update(self._job.run(_LET_GO, keys=keys)[0][0])
        mentions = Mentions(self._job, self._going.blanking(self._secret))
        blanked = mentions.references(keys)
        self._part()
        self._job.run(_DROP, keys=keys)
        return removed, blanked + mentions.texts(self._versions)

    def _part(self) -> None:
        """Others whom what is derived still takes for the same person have none until it is derived anew."""
        self._job.run(_PART, keys=self._going.records, ids=list(self._going.person.ids))

    def _counts(self, query: str) -> Counter[str]:
        pairs: Iterable[tuple[str, int]] = self._job.run(query, keys=self._going.keys)[0][0]
        return Counter(dict(pairs))

    def _remove_tombstones(self) -> None:
        self._job.run(_FORGET_REMOVALS, keys=self._going.keys)
        for side in ("start", "end"):
            self._job.run(_FORGET_EDGE_REMOVALS.format(side), ids=self._going.ids)
