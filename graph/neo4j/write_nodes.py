"""Storing what a node draft decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, repeat
from typing import Any

import numpy as np

from graph.alike import marks_by_row
from graph.kinds import IDENTITY, RETIRED, EdgeKind, NodeKind
from graph.lookup import Ints, packed
from graph.merge import REMOVED
from graph.neo4j.cypher import any_of, quoted
from graph.neo4j.shape import folded_labels, searched_as
from graph.neo4j.write import Writing, old_nodes
from graph.plan import NodeDraft as Draft
from graph.rows import as_list, pick, says

NodeDraft = Draft[NodeKind]

_TAKE_OVER = "UNWIND $rows AS key MATCH (n:Resource {_key: key}) SET n._source = $source"
_DROP = "UNWIND $rows AS key MATCH (n:Resource {_key: key}) DETACH DELETE n"
_LET_GO = (
    "UNWIND $rows AS key MATCH (:Resource {{_key: key}})-[:{0}]->(n) WHERE n._retired RETURN collect(DISTINCT n._key)"
)
_UNREFER = "UNWIND $rows AS key MATCH (:Resource {{_key: key}})-[r:{0}]->() DELETE r"
_REFER = (
    "UNWIND $rows AS row MATCH (n:Resource {{_key: row[0]}}) MATCH (to:Resource {{_key: row[1]}}) "
    "CREATE (n)-[:{0}]->(to)"
)
_RAISE = "UNWIND $rows AS row MATCH (n:Resource {_key: row[0]}) SET n._version = row[1]"
_RETIRE = (
    "UNWIND $rows AS row MATCH (n:Resource {_key: row[0]}) SET n._version = row[1], n._hash = $removed, "
    "n._change = $number, n._retired = true"
)
_SAY_RETIRED = "UNWIND $rows AS key MATCH (n:Resource {_key: key}) SET n.status = $status"
_RELEASED = (
    "UNWIND $keys AS key MATCH (n:Resource {_key: key}) WHERE n._retired "
    "RETURN collect([key, [label IN labels(n) WHERE label <> 'Resource'][0], n._version])"
)
_ENTOMB = (
    "UNWIND $rows AS row MERGE (t:_Tombstone {id: row[0], source: row[1], space: $space}) "
    "SET t.key = row[2], t.version = row[3], t.type = $type, t.change = $number"
)
_FORGET_TOMBSTONES = "UNWIND $rows AS id MATCH (t:_Tombstone {id: id, source: $source, space: $space}) DELETE t"
_COLUMNS = "MERGE (t:_Type {name: $name}) RETURN coalesce(t.columns, [])"
_SET_COLUMNS = "MATCH (t:_Type {name: $name}) SET t.columns = $columns"


def write_nodes(job: Writing, draft: NodeDraft) -> None:
    """One block: add, change, remove, and remember versions."""
    acts = (_add, _take_over, _change, _remove, _retire)
    for act, rows in zip(acts, draft.sorted_out(), strict=True):
        if len(rows):
            act(job, draft, rows)
    _remember(job, draft)


def _add(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    kind, keys = draft.kind, draft.found.keys[rows]
    new = keys == 0
    keys[new] = job.new_keys(int(new.sum()))
    picked = pick(draft.block.columns, rows, len(draft.ids))
    ids: list[str] = list(picked["id"])
    if not new.all():
        _forget_tombstones(job, kind, compress(ids, (~new).tolist()))
    content = _Content(job, kind, picked)
    query = (
        f"UNWIND $rows AS row CREATE (n:Resource:{quoted(kind.name)} {{_key: row[0], id: row[1], _source: $source, "
        f"_version: row[2], _hash: row[3], _change: $number{content.literal(4)}}}){content.further(4)}"
    )
    heads = (keys.tolist(), ids, draft.versions[rows].tolist(), draft.hashes[rows].tolist())
    job.each(query, list(zip(*heads, *content.columns, strict=True)))
    known = job.look.known.of(kind.space)
    known.update((id, packed(key, kind.number)) for id, key in zip(ids, keys.tolist(), strict=True))
    _refer(job, kind, keys.tolist(), picked)
    job.note(kind, "added", keys)


class _Content:
    """The properties of rows as columns of values, and the Cypher that sets them from `row[place]`."""

    def __init__(self, job: Writing, kind: NodeKind, picked: Mapping[str, Sequence[Any]]) -> None:
        names = [name for name in kind.properties if name not in kind.references and name != "id"]
        values = {name: as_list(picked[name]) for name in names if name in picked}
        self._absent = [name for name in names if name not in values or not any(map(says, values[name]))]
        values = {name: column for name, column in values.items() if name not in self._absent}
        if kind.labels:
            values[searched_as(kind)] = folded_labels(kind, picked)
        if kind.name == IDENTITY:
            values.update(marks_by_row(picked, len(picked["id"])))
        self.names = list(values)
        self.columns: list[list[Any]] = list(values.values())
        languages = {name: as_list(column) for name, column in picked.items() if "@" in name}
        self._languages = bool(languages)
        if languages:
            note_columns(job, kind, languages)
            every = list(languages)
            self.columns.append([dict(zip(every, row, strict=True)) for row in zip(*languages.values(), strict=True)])

    def literal(self, first: int) -> str:
        """`, name: row[place]` for every property; the values begin at `first`."""
        return "".join(f", {quoted(name)}: row[{place}]" for place, name in enumerate(self.names, first))

    def absent(self) -> str:
        """`, name: null` for the properties that no row states."""
        return "".join(f", {quoted(name)}: null" for name in self._absent)

    def further(self, first: int) -> str:
        """What sets texts in other languages: their names come from users, so they stay in a map."""
        return f" SET n += row[{first + len(self.names)}]" if self._languages else ""


def note_columns(job: Writing, kind: NodeKind | EdgeKind, languages: Mapping[str, Sequence[Any]]) -> None:
    """Remember that records of the type state these columns."""
    stated = {name for name, values in languages.items() if any(map(says, values))}
    known = _columns(job, kind)
    if not stated <= set(known):
        job.run(_SET_COLUMNS, name=kind.name, columns=sorted(stated.union(known)))


def _columns(job: Writing, kind: NodeKind | EdgeKind) -> list[str]:
    """The language columns that records of the type ever stated."""
    ((columns,),) = job.run(_COLUMNS, name=kind.name)
    return list(columns)


def _refer(job: Writing, kind: NodeKind, keys: Sequence[int], picked: Mapping[str, Sequence[Any]]) -> None:
    """The references of nodes."""
    for name, reference in kind.references.items():
        values = as_list(picked.get(name, ()))
        many = reference.property.many
        pairs = [
            (key, id) for key, value in zip(keys, values, strict=False) if value for id in (value if many else (value,))
        ]
        if pairs:
            targets = job.keys(reference.space, [id for _, id in pairs])
            rows = [[key, target] for (key, _), target in zip(pairs, targets, strict=True)]
            job.each(_REFER.format(quoted(name)), rows)


def _take_over(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    """Make retired nodes of other sources this one's; the others keep their removals as tombstones."""
    kind, keys = draft.kind, draft.found.keys[rows].tolist()
    old = old_nodes(job, kind, keys)
    _entomb(job, kind, [(each.id, each.source, each.key, each.version) for each in old])
    _forget_tombstones(job, kind, (each.id for each in old))
    job.each(_TAKE_OVER, keys)


def _forget_tombstones(job: Writing, kind: NodeKind, ids: Iterable[str]) -> None:
    """This source states them again."""
    job.each(_FORGET_TOMBSTONES, list(ids), space=kind.space)


def _change(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    kind = draft.kind
    picked = pick(draft.block.columns, rows, len(draft.ids))
    keys = draft.found.keys[rows].tolist()
    _put_aside(job, kind, keys)
    job.leaving.difference_update(keys)
    gone = dict.fromkeys(_columns(job, kind))
    content = _Content(job, kind, picked)
    query = (
        "UNWIND $rows AS row MATCH (n:Resource {_key: row[0]}) SET n += $gone SET n += {_version: row[1], "
        "_hash: row[2], _change: $number, _retired: null"
        f"{content.literal(3)}{content.absent()}}}{content.further(3)}"
    )
    heads = (keys, draft.versions[rows].tolist(), draft.hashes[rows].tolist())
    job.each(query, list(zip(*heads, *content.columns, strict=True)), gone=gone)
    if kind.references:
        job.each(_UNREFER.format(any_of(kind.references)), keys)
        _refer(job, kind, keys, picked)
    job.note(kind, "changed", keys)


def _put_aside(job: Writing, kind: NodeKind, keys: Sequence[int]) -> None:
    """The present versions, kept in the history if their type keeps one; what they refer to is let go."""
    if kind.history:
        job.keep(each.history(kind) for each in old_nodes(job, kind, keys))
    if kind.references and job.leaving:
        job.release(_LET_GO.format(any_of(kind.references)), keys)


def _remove(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    versions = dict(zip(draft.found.keys[rows].tolist(), draft.versions[rows].tolist(), strict=True))
    remove_keys(job, draft.kind, versions)


def remove_keys(job: Writing, kind: NodeKind, versions: Mapping[int, int]) -> None:
    """Take nodes (key -> version of the removal) out of the graph and leave tombstones."""
    keys = sorted(versions)
    old = old_nodes(job, kind, keys)
    if kind.history:
        job.keep(each.history(kind) for each in old)
    if kind.references and job.leaving:
        job.release(_LET_GO.format(any_of(kind.references)), keys)
    job.each(_DROP, keys)
    _entomb(job, kind, [(each.id, each.source, each.key, versions[each.key]) for each in old])
    known = job.look.known.of(kind.space)
    for each in old:
        known.pop(each.id, None)
    job.leaving.difference_update(keys)
    job.note(kind, "removed", keys)


def _entomb(job: Writing, kind: NodeKind, rows: Sequence[tuple[str, str, int, int]]) -> None:
    """Tombstones: (id, source, key, version)."""
    job.each(_ENTOMB, rows, space=kind.space, type=kind.name)


def _retire(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    """Others refer to these: they stay, say `status: retired` where their type can, and go with the last reference."""
    kind = draft.kind
    keys = draft.found.keys[rows].tolist()
    if kind.history:
        job.keep(each.history(kind) for each in old_nodes(job, kind, keys))
    raised = list(zip(keys, draft.versions[rows].tolist(), strict=True))
    job.each(_RETIRE, raised, removed=REMOVED)
    if kind.retires:
        job.each(_SAY_RETIRED, keys, status=RETIRED)
    job.leaving.update(keys)
    job.note(kind, "changed", keys)


def _remember(job: Writing, draft: NodeDraft) -> None:
    """Raise versions of what did not change; keep removals of what is not there."""
    rows = np.flatnonzero(draft.remember)
    if not len(rows):
        return
    kind, there = draft.kind, draft.found.held.there[rows]
    live, gone = rows[there], rows[~there]
    job.each(_RAISE, list(zip(draft.found.keys[live].tolist(), draft.versions[live].tolist(), strict=True)))
    keys = draft.found.keys[gone]
    keys[keys == 0] = job.new_keys(int((keys == 0).sum()))
    ids = [draft.ids[row] for row in gone.tolist()]
    sources = repeat(job.source, len(ids))
    _entomb(job, kind, list(zip(ids, sources, keys.tolist(), draft.versions[gone].tolist(), strict=True)))


def collect_retired(job: Writing) -> None:
    """Remove retired nodes that nothing refers to any longer."""
    while job.released:
        released, job.released = job.released, set()
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for key, name, version in job.run(_RELEASED, keys=sorted(released))[0][0]:
            found[name][key] = version
        for name, versions in found.items():
            kind = job.layout.node_kind(name)
            staying = job.look.referred(kind, sorted(versions))
            going = {key: version for key, version in versions.items() if key not in staying}
            if going:
                remove_keys(job, kind, going)
