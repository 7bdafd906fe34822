"""How the graph lies in Neo4j, and the constraints and indexes made from the model.

What sources state stands as the glossary names it: labels, relationship types and property names verbatim. Whatever
Skillgraph keeps for itself begins with an underscore. Values are held as `ontology.values` says: instants are whole
seconds UTC, decimals whole millionths, lists sorted lists of texts; what is absent is not there. No property is null.

- `(:Resource:<Type> {id, <property>…, `label@de`…, _key, _source, _version, _hash, _change})`: every node of the model
  that sources state (the types kept by Skillgraph itself, Source and Load, are `_Source` and `_Load`). `id` and `_key`
  are unique over all Resources: keys are one sequence for all key spaces and are never reused. `_source` is the owner's
  name. `_hash` is `graph.merge.REMOVED` and `_retired` true for a retired node that others still refer to. `_search`
  are the folded labels of nodes that are searched, `_search_person` those that are personal data. Identities have
  `_mark` and `_mark_as_said`, by which those that say the same are found: see `graph.alike`.
- `(n)-[:<property>]->(target)`: a reference of a node (`learner`, `about`, `part_of` …) is a relationship named as the
  property, without properties of its own, and stands nowhere else.
- `(a)-[:<TYPE> {<property>…, _source, _version, _also, _also_versions, _hash, _change}]->(b)`: an edge; `_also` are the
  names of all others that state it, in the order in which they first did. A reference that an edge states
  (`scale` of REQUIRES) is the id as text.
- Derived, by `graph.neo4j.derived` alone, and told by no change record:
  - `(e:Evidence)-[:SUPPORTS {level, since, until}]->(:Skill)`: what evidence supports, claimed too, after every rule
    and the attempts that end it; withdrawn, broken and revoked evidence and failed or waived completions have none.
    `level` is of the home scale, in millionths as every level; `since` is `shown_at`; no `until`: for ever.
  - `_until` on Evidence about something, of kind credential, or of kind completion unless it failed (waived counts),
    that is not withdrawn, broken or revoked: it holds, or fulfils, over [shown_at, _until) (`ontology.values.OPEN`: for
    ever). Absent where nothing of it ever holds.
  - `_person` on every Learner: the id of the person it belongs to.
  - on the record whose id that is, `_due`, the next instant at which what the person holds may change by time alone
    (absent: none), and `(p:Learner)-[:HAS_SKILL {level}]->(:Skill)`: held now, nothing that is claimed only.
- `(:_Store {name: 'store', number, writes, last_key, schema_version, created_at, model, model_hash, extension,
  secret_check, derived, derived_for, derivations})`: one node, the write lock of the store. `number`: the last change
  record. `derived`: the change number up to which all derived things are true, under the settings `derived_for`;
  `derivations` counts the transactions that changed them.
- `(:_Batch {id, at})`: a transaction that committed. `(:_Source {name, last_complete, cursors})`, the last as JSON.
  `(:_Type {name, columns})`: the language columns (`label@de`) ever stated of a type.
- `(:_Tombstone {id, source, space, key, type, version, change})`: removed nodes, by the source that said so; a node
  that comes back gets its key again. `(:_EdgeTombstone {type, start, end, source, version, change})`: ends as ids.
- `(:_Change {number, at, source, load})`, `(:_ChangeItem {change, type, operation, keys})`: `keys` as `graph.keys`
  packs them; a change and its items are written by the same transaction as what they tell of.
- `(:_History {type, start, end, since, until, source, version, hash, props, person})`: superseded versions (start is
  the key, end 0 for nodes; `props` JSON with references as ids; `since` the change that wrote it, `until` the one that
  replaced or removed it; `person` the Learner key it is about, 0 if none).
- `(:_Load)`, `(:_HeldRow)`, `(:_Key)`, `(:_Erased {hash})`, `(:_Lock {name, owner, until})`: the ledger's, the
  keyring's, erasure's and the locks' own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from graph.alike import MARK, MARK_AS_SAID
from graph.kinds import IDENTITY
from graph.neo4j.cypher import quoted
from ontology.model import Datatype, Model

VERSION = 1
SEARCH = "skillgraph_search"
"""The full-text index of folded labels; queries name it."""
SEARCH_PERSON = "skillgraph_search_person"

_LONGEST_INDEXED = 2_000  # characters: an index refuses what has more than some 8,000 bytes, and so the row

_OWN_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("_Store", ("name",)),
    ("_Batch", ("id",)),
    ("_Source", ("name",)),
    ("_Type", ("name",)),
    ("_Tombstone", ("id", "space", "source")),
    ("_EdgeTombstone", ("type", "start", "end", "source")),
    ("_Change", ("number",)),
    ("_Load", ("id",)),
    ("_HeldRow", ("key",)),
    ("_Key", ("id",)),
    ("_Erased", ("hash",)),
    ("_Lock", ("name",)),
)
# An index of several properties is used only where a query says something of each, if only that it is there.
_OWN_INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("_Batch", ("at",)),
    ("_Tombstone", ("key",)),
    ("_EdgeTombstone", ("start",)),
    ("_EdgeTombstone", ("end",)),
    ("_ChangeItem", ("change",)),
    ("_History", ("start", "type")),
    ("_History", ("type",)),
    ("_History", ("person",)),
    ("_Load", ("name",)),
    ("_HeldRow", ("load", "row")),
    ("_HeldRow", ("refers_to",)),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint or an index: `on` is a label, or a relationship type."""

    name: str
    kind: Literal["unique", "range", "fulltext"]
    on: str
    properties: tuple[str, ...]
    relationship: bool = False
    analyzer: ClassVar[str] = "whitespace"  # the labels are folded already

    @property
    def described(self) -> str:
        """As it is told to people."""
        return f"{_DESCRIBED[self.kind]} on {quoted(self.on)} ({', '.join(map(quoted, self.properties))})"

    @property
    def statement(self) -> str:
        """What makes it, unless another process was faster."""
        each = [f"x.{quoted(name)}" for name in self.properties]
        rows = f"()-[x:{quoted(self.on)}]-()" if self.relationship else f"(x:{quoted(self.on)})"
        name = f"{quoted(self.name)} IF NOT EXISTS"
        if self.kind == "unique":
            return f"CREATE CONSTRAINT {name} FOR {rows} REQUIRE ({', '.join(each)}) IS UNIQUE"
        if self.kind == "range":
            return f"CREATE RANGE INDEX {name} FOR {rows} ON ({', '.join(each)})"
        options = f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{self.analyzer}'}}}}"
        return f"CREATE FULLTEXT INDEX {name} FOR {rows} ON EACH [{', '.join(each)}] {options}"


_DESCRIBED = {"unique": "a uniqueness constraint", "range": "an index", "fulltext": "a full-text index"}


def rules(model: Model) -> list[Rule]:
    """Every constraint and index of a store."""
    return [
        _rule("unique", "Resource", "id"),
        _rule("unique", "Resource", "_key"),
        _rule("range", "Resource", "_retired"),
        Rule(SEARCH, "fulltext", "Resource", ("_search",)),
        Rule(SEARCH_PERSON, "fulltext", "Resource", ("_search_person",)),
        *(_rule("unique", on, *names) for on, names in _OWN_KEYS),
        *(_rule("range", on, *names) for on, names in _OWN_INDEXES),
        *_of_types(model),
    ]


def _of_types(model: Model) -> Iterator[Rule]:
    for kind in model.nodes.values():
        if kind.system:
            continue
        yield _rule("range", kind.name, "id")
        yield _rule("range", kind.name, "_key")
        if kind.person == "id":
            yield _rule("range", kind.name, "_person")
            yield _rule("range", kind.name, "_due")
        if kind.name == IDENTITY:
            yield _rule("range", kind.name, MARK)
            yield _rule("range", kind.name, MARK_AS_SAID)
        for each in kind.properties.values():  # whom erasure looks for while others wait
            if each.names_person and not each.many and (each.max_length or sys.maxsize) <= _LONGEST_INDEXED:
                yield _rule("range", kind.name, each.name)
    for edge in model.edges.values():
        for each in edge.properties.values():
            if each.datatype is Datatype.REFERENCE and not each.many:
                yield Rule(f"skillgraph_{edge.name}_{each.name}", "range", edge.name, (each.name,), relationship=True)


def _rule(kind: Literal["unique", "range"], on: str, *properties: str) -> Rule:
    return Rule(f"skillgraph_{on}_{'_'.join(properties)}", kind, on, properties)
