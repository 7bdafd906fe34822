"""Storing what an edge draft decided.

An edge's own row is its first source's statement; further sources that state the same have a row each in `statement`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from graph.lookup import Ints
from graph.plan import EdgeDraft as Draft
from graph.rows import pick, props_texts, read_props, stated
from graph.sqlite.layout import EdgeKind
from graph.sqlite.write import Writing
from graph.store import Outcome

EdgeDraft = Draft[EdgeKind]
Pair = tuple[int, int]

_THIS = "type = ? AND start = ? AND end = ?"


def write_edges(job: Writing, draft: EdgeDraft) -> None:
    """One block: add, change, remove, and remember statements."""
    added = np.flatnonzero(draft.outcomes == Outcome.ADDED)
    changed = np.flatnonzero(draft.written() & (draft.outcomes != Outcome.ADDED))
    removed = np.flatnonzero(draft.outcomes == Outcome.REMOVED)
    if len(added):
        _add(job, draft, added)
    if len(changed):
        _change(job, draft, changed)
    if len(removed):
        _remove(job, draft, removed)
    remembered = np.flatnonzero(draft.remember)
    if len(remembered):
        _remember(job, draft, remembered)


def _pairs(job: Writing, draft: EdgeDraft, rows: Ints) -> list[Pair]:
    """The ends' keys."""
    chosen = rows.tolist()
    starts = job.keys(draft.kind.start_space, [draft.starts[row] for row in chosen])
    ends = job.keys(draft.kind.end_space, [draft.ends[row] for row in chosen])
    return list(zip(starts, ends, strict=True))


def _add(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    kind = draft.kind
    pairs = np.array(_pairs(job, draft, rows), np.int64)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # neighbours in the table are written together
    pairs, rows = pairs[order], rows[order]
    picked = _in_order(draft, rows)
    stamps = (draft.versions[rows].tolist(), draft.hashes[rows].tolist(), repeat(job.number))
    values = (repeat(kind.number), *pairs.T.tolist(), repeat(job.source), *stamps, props_texts(picked, len(rows), None))
    job.db.executemany(
        "INSERT INTO edge (type, start, end, source, version, hash, change, props) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        zip(*values),  # noqa: B905
    )
    _forget_removals(job, draft, rows)
    if any(name in picked for name in kind.in_json):
        for (start, end), properties in zip(pairs.tolist(), stated(picked, len(rows)), strict=True):
            job.refer(kind, start, end, properties)
    job.note(kind, "added", pairs)


def _in_order(draft: EdgeDraft, rows: Ints) -> dict[str, Sequence[Any]]:
    chosen = rows.tolist()
    columns = {name: values for name, values in draft.block.columns.items() if name not in ("from", "to")}
    return {name: [values[row] for row in chosen] for name, values in columns.items()}


def _forget_removals(job: Writing, draft: EdgeDraft, rows: Iterable[int]) -> None:
    buried = draft.found.held.known & ~draft.found.held.there
    job.db.executemany(
        "DELETE FROM edge_tombstone WHERE type = ? AND start = ? AND end = ? AND source = ?",
        ((draft.kind.number, draft.starts[row], draft.ends[row], job.source) for row in rows if buried[row]),
    )


def _change(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    kind, pairs = draft.kind, _pairs(job, draft, rows)
    _put_aside(job, kind, pairs)
    picked = pick(draft.block.columns, rows, len(draft.starts))
    texts = props_texts(picked, len(rows), None)
    heads = zip(draft.versions[rows].tolist(), draft.hashes[rows].tolist(), texts, strict=True)
    job.db.executemany(
        "UPDATE edge SET version = ?, hash = ?, props = ?, change = ? WHERE type = ? AND start = ? AND end = ?",
        ((*head, job.number, kind.number, *pair) for head, pair in zip(heads, pairs, strict=True)),
    )
    for pair, properties in zip(pairs, stated(picked, len(rows)), strict=True):
        job.refer(kind, *pair, properties)
    job.note(kind, "changed", pairs)


def _put_aside(job: Writing, kind: EdgeKind, pairs: Sequence[Pair]) -> None:
    """Keep the present versions in the history if the type keeps one, and forget what they refer to."""
    if not kind.history and not kind.in_json:
        return
    query = (
        "SELECT e.type, e.start, e.end, e.change, e.source, e.version, e.hash, e.props FROM json_each(?1) j "
        "CROSS JOIN edge e ON e.type = ?2 AND e.start = json_extract(j.value, '$[0]') "
        "AND e.end = json_extract(j.value, '$[1]')"
    )
    old = job.db.execute(query, (json.dumps(pairs), kind.number)).fetchall()
    if kind.history:
        people = {"start": 1, "end": 2}.get(job.layout.person_end(kind) or "", 0)
        job.keep((*row, row[people] if people else 0) for row in old)
    if kind.in_json:
        for row in old:
            job.refer(kind, row[1], row[2], read_props(row[7]), forget=True)


def _remove(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    kind, pairs = draft.kind, _pairs(job, draft, rows)
    _put_aside(job, kind, pairs)
    query = "DELETE FROM edge WHERE type = ? AND start = ? AND end = ?"
    job.db.executemany(query, ((kind.number, *pair) for pair in pairs))
    _bury(job, draft, rows)
    job.release(kind.start_space, (start for start, _ in pairs))
    job.release(kind.end_space, (end for _, end in pairs))
    job.note(kind, "removed", pairs)


def _bury(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    """Remember that this source took its statements back."""
    job.db.executemany(
        "INSERT OR REPLACE INTO edge_tombstone (type, start, end, source, version, change) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (draft.kind.number, draft.starts[row], draft.ends[row], job.source, int(draft.versions[row]), job.number)
            for row in rows.tolist()
        ),
    )
    job.touched = True


def _remember(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    """What changes who states an edge, and when, but not the edge."""
    there = draft.found.held.there[rows]
    job.touched = True
    if draft.block.removed:
        _withdraw(job, draft, rows[there])
        _bury(job, draft, rows)
        return
    _raise_versions(job, draft, rows[there])
    joining, kind = rows[~there], draft.kind
    stamps = (draft.versions[joining].tolist(), draft.hashes[joining].tolist())
    heads = zip(_pairs(job, draft, joining), *stamps, strict=True)
    job.db.executemany(
        "INSERT INTO statement (type, start, end, source, version, hash, change) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((kind.number, *pair, job.source, version, digest, job.number) for pair, version, digest in heads),
    )
    _forget_removals(job, draft, joining.tolist())


def _raise_versions(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    own = draft.found.first[rows] == job.source
    for table, chosen in (("edge", rows[own]), ("statement", rows[~own])):
        raised = zip(draft.versions[chosen].tolist(), _pairs(job, draft, chosen), strict=True)
        job.db.executemany(
            f"UPDATE {table} SET version = ? WHERE type = ? AND start = ? AND end = ? AND source = ?",
            ((version, draft.kind.number, *pair, job.source) for version, pair in raised),
        )


def _withdraw(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    """Take back one of several statements: the next takes the place of the first."""
    number = draft.kind.number
    for row, pair in zip(rows.tolist(), _pairs(job, draft, rows), strict=True):
        edge = (number, *pair)
        leaving = job.source
        if draft.found.first[row] == job.source:
            query = f"SELECT source, version FROM statement WHERE {_THIS} ORDER BY change, source LIMIT 1"
            leaving, version = job.db.execute(query, edge).fetchone()
            job.db.execute(f"UPDATE edge SET source = ?, version = ? WHERE {_THIS}", (leaving, version, *edge))
        job.db.execute(f"DELETE FROM statement WHERE {_THIS} AND source = ?", (*edge, leaving))
