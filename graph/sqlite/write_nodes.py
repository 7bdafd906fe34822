"""Storing what a node draft decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from typing import Any

import numpy as np

from graph.kinds import RETIRED
from graph.lookup import Ints
from graph.merge import REMOVED
from graph.plan import NodeDraft as Draft
from graph.rows import pick, props_text, stated
from graph.sqlite.codec import fact_columns
from graph.sqlite.labels import add_labels, drop_labels, labels_of
from graph.sqlite.layout import NodeKind
from graph.sqlite.lookup import prefixes
from graph.sqlite.referrers import referred
from graph.sqlite.schema import quoted
from graph.sqlite.write import OldRow, Writing, old_rows

NodeDraft = Draft[NodeKind]


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
    keys[new] = job.new_keys(kind.space, int(new.sum()))
    picked = pick(draft.block.columns, rows, len(draft.ids))
    ids: list[str] = list(picked["id"])
    _note_prefixes(job, kind, ids)
    if not new.all():
        _forget_tombstones(job, kind, compress(ids, (~new).tolist()))
    head = [keys.tolist(), ids, repeat(job.source), draft.versions[rows].tolist(), draft.hashes[rows].tolist()]
    _insert(job, kind, [*head, repeat(job.number)], _content(job, draft, picked, len(rows)))
    if not kind.columnar:
        _index(job, kind, keys.tolist(), stated(picked, len(rows)))
    job.note(kind, "added", keys)


def _insert(job: Writing, kind: NodeKind, head: list[Iterable[Any]], content: dict[str, Iterable[Any]]) -> None:
    p = kind.p
    names = [f"{p}key", f"{p}id", f"{p}source", f"{p}version", f"{p}hash", f"{p}change", *content]
    columns = [*head, *content.values()]
    if not kind.columnar:
        names, columns = [*names, "type"], [*columns, repeat(kind.number)]
    marks = ", ".join("?" * len(names))
    job.db.executemany(f"INSERT INTO {kind.table} ({', '.join(names)}) VALUES ({marks})", zip(*columns))  # noqa: B905


def _content(job: Writing, draft: NodeDraft, picked: dict[str, Sequence[Any]], rows: int) -> dict[str, Iterable[Any]]:
    """Quoted column -> its SQL values; columns that no row states are left out."""
    kind = draft.kind
    if not kind.columnar:
        return {"props": [props_text(properties, "{}") for properties in stated(picked, rows)]}

    def keys_of(name: str, ids: list[Any]) -> list[Any]:
        planned = draft.keys.get(name, {})
        if 0 in planned.values():  # some were yet to be added when this was planned
            return job.keys(kind.in_columns[name].space, ids)
        known: dict[Any, Any] = {**planned, None: None}
        return list(map(known.__getitem__, ids))

    return fact_columns(kind, picked, rows, keys_of)


def _index(job: Writing, kind: NodeKind, keys: Sequence[int], properties: Sequence[dict[str, Any]]) -> None:
    """Labels to the search tables, references in JSON to theirs."""
    if kind.labels:
        add_labels(job.db, kind, zip(keys, properties, strict=True))
    if kind.in_json:
        for key, each in zip(keys, properties, strict=True):
            job.refer(kind, key, 0, each)


def _take_over(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    """Make retired nodes of other sources this one's; the others keep their removals as tombstones."""
    kind, keys = draft.kind, draft.found.keys[rows].tolist()
    old = old_rows(job.db, job.layout, kind, keys)
    _entomb(job, kind, [(each.id, each.source, each.key, each.version) for each in old])
    _forget_tombstones(job, kind, (each.id for each in old))
    query = f"UPDATE {kind.table} SET {kind.p}source = ? WHERE {kind.p}key = ?"
    job.db.executemany(query, ((job.source, key) for key in keys))


def _forget_tombstones(job: Writing, kind: NodeKind, ids: Iterable[str]) -> None:
    """This source states them again."""
    forget = "DELETE FROM tombstone WHERE space = ? AND id = ? AND source = ?"
    job.db.executemany(forget, ((kind.space, id, job.source) for id in ids))


def _change(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    kind = draft.kind
    picked = pick(draft.block.columns, rows, len(draft.ids))
    keys = draft.found.keys[rows].tolist()
    old = _put_aside(job, kind, keys)
    job.leaving[kind.space].difference_update(keys)
    p = kind.p
    content = _content(job, draft, picked, len(rows))
    names = [f"{p}version", f"{p}hash", f"{p}change", *content]
    values = [draft.versions[rows].tolist(), draft.hashes[rows].tolist(), repeat(job.number), *content.values()]
    absent = [name for name in map(quoted, ["_other", *(each.name for each in kind.columns)]) if name not in content]
    setting = [*(f"{name} = ?" for name in names), *(f"{name} = NULL" for name in absent if kind.columnar)]
    query = f"UPDATE {kind.table} SET {', '.join(setting)} WHERE {p}key = ?"
    job.db.executemany(query, zip(*values, keys))  # noqa: B905
    if not kind.columnar:
        _reindex(job, kind, old, dict(zip(keys, stated(picked, len(rows)), strict=True)))
    job.note(kind, "changed", keys)


def _put_aside(job: Writing, kind: NodeKind, keys: Sequence[int]) -> list[OldRow]:
    """The present versions, kept in the history if their type keeps one; what they refer to is let go."""
    if not (kind.history or not kind.columnar or any(job.leaving.values())):
        return []
    old = old_rows(job.db, job.layout, kind, keys)
    if kind.history:
        job.keep(each.history(kind) for each in old)
    for place, column in enumerate(kind.columns, 1):
        if column.name in kind.in_columns:
            job.release(kind.in_columns[column.name].space, (each.columns[place] for each in old))
    return old


def _reindex(job: Writing, kind: NodeKind, old: Sequence[OldRow], new: dict[int, dict[str, Any]]) -> None:
    """Bring labels and references from the old content to the new."""
    for each in old if kind.in_json else ():
        job.refer(kind, each.key, 0, each.properties, forget=True)
        job.refer(kind, each.key, 0, new.get(each.key, {}))
    if kind.labels:
        was = {each.key: labels_of(kind, each.properties) for each in old}
        differ = [key for key in was if _plain(was[key]) != _plain(labels_of(kind, new.get(key, {})))]
        drop_labels(job.db, kind, differ)
        add_labels(job.db, kind, ((key, new[key]) for key in differ if key in new))


def _plain(labels: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str) else list(value) for name, value in labels.items()}


def _remove(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    versions = dict(zip(draft.found.keys[rows].tolist(), draft.versions[rows].tolist(), strict=True))
    remove_keys(job, draft.kind, versions)


def remove_keys(job: Writing, kind: NodeKind, versions: dict[int, int]) -> None:
    """Take nodes (key -> version of the removal) out of the graph and leave tombstones."""
    old = old_rows(job.db, job.layout, kind, versions)
    if kind.history:
        job.keep(each.history(kind) for each in old)
    for place, column in enumerate(kind.columns, 1):
        if column.name in kind.in_columns:
            job.release(kind.in_columns[column.name].space, (each.columns[place] for each in old))
    if not kind.columnar:
        _reindex(job, kind, old, {})
    job.db.executemany(f"DELETE FROM {kind.table} WHERE {kind.p}key = ?", ((key,) for key in versions))
    _entomb(job, kind, [(each.id, each.source, each.key, versions[each.key]) for each in old])
    known = job.look.known.of(kind.space)
    for each in old:
        known.pop(each.id, None)
    job.leaving[kind.space].difference_update(versions)
    job.note(kind, "removed", list(versions))


def _entomb(job: Writing, kind: NodeKind, rows: Iterable[tuple[str, int, int, int]]) -> None:
    """Tombstones: (id, source, key, version)."""
    job.db.executemany(
        "INSERT OR REPLACE INTO tombstone (space, id, source, key, type, version, change) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((kind.space, id, source, key, kind.number, version, job.number) for id, source, key, version in rows),
    )
    job.touched = True


def _retire(job: Writing, draft: NodeDraft, rows: Ints) -> None:
    """Others refer to these: they stay, say `status: retired` where their type can, and go with the last reference."""
    kind = draft.kind
    keys = draft.found.keys[rows].tolist()
    if kind.history:
        job.keep(each.history(kind) for each in old_rows(job.db, job.layout, kind, keys))
    p = kind.p
    done = zip(draft.versions[rows].tolist(), repeat(REMOVED), repeat(job.number), keys)
    job.db.executemany(f"UPDATE {kind.table} SET {p}version = ?, {p}hash = ?, {p}change = ? WHERE {p}key = ?", done)
    if kind.retires:
        _say_retired(job, kind, keys)
    job.leaving[kind.space].update(keys)
    job.note(kind, "changed", keys)


def _say_retired(job: Writing, kind: NodeKind, keys: Sequence[int]) -> None:
    status = kind.properties["status"]
    if kind.columnar:
        value: str | int = status.values.index(RETIRED) + 1 if status.values else RETIRED
        query = f"UPDATE {kind.table} SET {quoted('status')} = ? WHERE _key = ?"
    else:
        value, query = RETIRED, "UPDATE node SET props = json_set(props, '$.status', ?) WHERE key = ?"
    job.db.executemany(query, ((value, key) for key in keys))


def _remember(job: Writing, draft: NodeDraft) -> None:
    """Raise versions of what did not change; keep removals of what is not there."""
    rows = np.flatnonzero(draft.remember)
    if not len(rows):
        return
    kind, there = draft.kind, draft.found.held.there[rows]
    live, gone = rows[there], rows[~there]
    raised = zip(draft.versions[live].tolist(), draft.found.keys[live].tolist(), strict=True)
    job.db.executemany(f"UPDATE {kind.table} SET {kind.p}version = ? WHERE {kind.p}key = ?", raised)
    keys = draft.found.keys[gone]
    keys[keys == 0] = job.new_keys(kind.space, int((keys == 0).sum()))
    ids = [draft.ids[row] for row in gone.tolist()]
    _note_prefixes(job, kind, ids)
    sources = repeat(job.source, len(ids))
    _entomb(job, kind, zip(ids, sources, keys.tolist(), draft.versions[gone].tolist(), strict=True))


def _note_prefixes(job: Writing, kind: NodeKind, ids: Sequence[str]) -> None:
    """Which id prefixes a key space has: only spaces that share one are searched for an id taken twice."""
    query = "INSERT OR IGNORE INTO prefix (space, prefix) VALUES (?, ?)"
    job.db.executemany(query, ((kind.space, prefix) for prefix in sorted(prefixes(ids))))


def collect_retired(job: Writing) -> None:
    """Remove retired nodes that nothing refers to any longer."""
    while any(job.released.values()):
        released, job.released = job.released, defaultdict(set)
        for space, keys in released.items():
            for kind in job.layout.nodes.values():
                if kind.space == space:
                    _collect(job, kind, keys)


def _collect(job: Writing, kind: NodeKind, keys: set[int]) -> None:
    mine = {row.key: row.version for row in old_rows(job.db, job.layout, kind, keys & job.leaving[kind.space])}
    if not kind.columnar:
        own = job.db.execute(f"SELECT key FROM node WHERE {kind.own} AND hash = {REMOVED}")
        mine = {key: mine[key] for (key,) in own if key in mine}
    staying = referred(job.db, job.layout, kind, mine)
    going = {key: version for key, version in mine.items() if key not in staying}
    if going:
        remove_keys(job, kind, going)
