"""Storing what an edge draft decided.

An edge is one relationship with the names of all that state it, in the order in which they first did: the first as
`_source`, like a node's, and a list only where there are others, since a list costs as much to store as all else that
an edge says. The draft knows which edges are not there, and nobody else writes meanwhile: so they are made by CREATE,
of which MERGE would only look for them again, in three times the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graph.kinds import EdgeKind
from graph.lookup import Ints
from graph.neo4j.cypher import parts, quoted
from graph.neo4j.write import Writing
from graph.neo4j.write_nodes import note_columns
from graph.plan import EdgeDraft as Draft
from graph.rows import as_list, props_text, says
from graph.store import Outcome

EdgeDraft = Draft[EdgeKind]

_ENDS = "UNWIND $rows AS row MATCH (a:Resource {{_key: row[0]}}) MATCH (b:Resource {{_key: row[1]}}) "
_EDGE = _ENDS + "MATCH (a)-[r:{0}]->(b) "
_SAYS = "{{_source: $source, _version: row[2], _hash: row[3], _change: $number{1}}}"
_ADD = _ENDS + "CREATE (a)-[r:{0} " + _SAYS + "]->(b){2}"
_CHANGE = _EDGE + "SET r = " + _SAYS + "{2}"
_OLD = _EDGE + "RETURN collect([row[0], row[1], r._change, r._source, r._version, r._hash, properties(r)])"
_DROP = _EDGE + "DELETE r"
_BURY = (
    "UNWIND $rows AS row MERGE (t:_EdgeTombstone {type: $type, start: row[0], end: row[1], source: $source}) "
    "SET t.version = row[2], t.change = $number"
)
_FORGET_REMOVALS = (
    "UNWIND $rows AS row MATCH (t:_EdgeTombstone {type: $type, start: row[0], end: row[1], source: $source}) DELETE t"
)
_JOIN = (
    _EDGE + "SET r._also = coalesce(r._also, []) + [$source], "
    "r._also_versions = coalesce(r._also_versions, []) + [row[2]]"
)
_RAISE = (
    _EDGE + "SET r._version = CASE r._source WHEN $source THEN row[2] ELSE r._version END, "
    "r._also_versions = CASE WHEN r._also IS NOT NULL THEN [i IN range(0, size(r._also) - 1) | "
    "CASE r._also[i] WHEN $source THEN row[2] ELSE r._also_versions[i] END] END"
)
_WITHDRAW = (
    _EDGE + "WITH r, [r._source] + r._also AS sources, [r._version] + r._also_versions AS versions "
    "WITH r, sources, versions, [i IN range(0, size(sources) - 1) WHERE sources[i] <> $source] AS others "
    "SET r._source = sources[others[0]], r._version = versions[others[0]], "
    "r._also = CASE WHEN size(others) > 1 THEN [i IN others[1..] | sources[i]] END, "
    "r._also_versions = CASE WHEN size(others) > 1 THEN [i IN others[1..] | versions[i]] END"
)
_LET_GO_ENDS = _EDGE + "UNWIND [a, b] AS n WITH n WHERE n._retired RETURN collect(DISTINCT n._key)"
_LET_GO_NAMED = (
    _EDGE + "UNWIND [{1}] AS id MATCH (n:Resource {{id: id}}) WHERE n._retired RETURN collect(DISTINCT n._key)"
)


def write_edges(job: Writing, draft: EdgeDraft) -> None:
    """One block: add, change, remove, and remember statements."""
    added = np.flatnonzero(draft.outcomes == Outcome.ADDED)
    changed = np.flatnonzero(draft.written() & (draft.outcomes != Outcome.ADDED))
    removed = np.flatnonzero(draft.outcomes == Outcome.REMOVED)
    if len(added):
        _put(job, draft, added, _ADD)
        _forget_removals(job, draft, added)
        job.note(draft.kind, "added", _pairs(job, draft, added))
    if len(changed):
        _put_aside(job, draft, changed)
        _put(job, draft, changed, _CHANGE)
        job.note(draft.kind, "changed", _pairs(job, draft, changed))
    if len(removed):
        _remove(job, draft, removed)
    remembered = np.flatnonzero(draft.remember)
    if len(remembered):
        _remember(job, draft, remembered)


def _pairs(job: Writing, draft: EdgeDraft, rows: Ints) -> Ints:
    """The ends' keys, a row each."""
    chosen = rows.tolist()
    starts = job.keys(draft.kind.start_space, [draft.starts[row] for row in chosen])
    ends = job.keys(draft.kind.end_space, [draft.ends[row] for row in chosen])
    return np.array([starts, ends], np.int64).T


def _put(job: Writing, draft: EdgeDraft, rows: Ints, query: str) -> None:
    """Store what this source alone states."""
    kind, pairs = draft.kind, _pairs(job, draft, rows)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # what is at one node is done together
    pairs, rows = pairs[order], rows[order]
    chosen = rows.tolist()
    plain, languages = _content(job, draft, chosen)
    literal = "".join(f", {quoted(name)}: row[{place}]" for place, name in enumerate(plain, 4))
    further = f" SET r += row[{4 + len(plain)}]" if languages else ""
    heads = (*pairs.T.tolist(), draft.versions[rows].tolist(), draft.hashes[rows].tolist())
    columns = (*plain.values(), *([_maps(languages)] if languages else ()))
    job.each(query.format(quoted(kind.name), literal, further), list(zip(*heads, *columns, strict=True)))


def _content(job: Writing, draft: EdgeDraft, rows: Sequence[int]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """The stated properties of rows, and apart from them their texts in other languages."""
    plain: dict[str, list[Any]] = {}
    languages: dict[str, list[Any]] = {}
    for name, values in draft.block.columns.items():
        if name not in ("from", "to"):
            every = as_list(values)
            column = [every[row] for row in rows]
            if any(map(says, column)):
                (languages if "@" in name else plain)[name] = column
    if languages:
        note_columns(job, draft.kind, languages)
    return plain, languages


def _maps(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _forget_removals(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    buried = rows[(draft.found.held.known & ~draft.found.held.there)[rows]]
    ends = [(draft.starts[row], draft.ends[row]) for row in buried.tolist()]
    job.each(_FORGET_REMOVALS, ends, type=draft.kind.name)


def _put_aside(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    """Keep the present versions in the history if the type keeps one; what they name is let go."""
    kind, pairs = draft.kind, _pairs(job, draft, rows).tolist()
    if kind.history:
        query, people = _OLD.format(quoted(kind.name)), {"start": 1, "end": 2}.get(job.layout.person_end(kind) or "", 0)
        for some in parts(pairs):
            found = [(kind.name, *row) for row in job.run(query, rows=some)[0][0]]
            job.keep((*row[:7], _props(row[7]), row[people] if people else 0) for row in found)
    if kind.references and job.leaving:
        named = ", ".join(f"r.{quoted(name)}" for name in kind.references)
        job.release(_LET_GO_NAMED.format(quoted(kind.name), named), pairs)


def _props(held: Mapping[str, Any]) -> str | None:
    return props_text({name: value for name, value in held.items() if not name.startswith("_")})


def _remove(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    kind, pairs = draft.kind, _pairs(job, draft, rows)
    _put_aside(job, draft, rows)
    name, ends = quoted(kind.name), pairs.tolist()
    if job.leaving:
        job.release(_LET_GO_ENDS.format(name), ends)
    job.each(_DROP.format(name), ends)
    _bury(job, draft, rows)
    job.note(kind, "removed", pairs)


def _bury(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    """Remember that this source took its statements back."""
    ends = [(draft.starts[row], draft.ends[row], int(draft.versions[row])) for row in rows.tolist()]
    job.each(_BURY, ends, type=draft.kind.name)


def _remember(job: Writing, draft: EdgeDraft, rows: Ints) -> None:
    """What changes who states an edge, and when, but not the edge."""
    there = draft.found.held.there[rows]
    if draft.block.removed:
        _each(job, draft, _WITHDRAW, rows[there])
        _bury(job, draft, rows)
        return
    _each(job, draft, _RAISE, rows[there])
    _each(job, draft, _JOIN, rows[~there])
    _forget_removals(job, draft, rows[~there])


def _each(job: Writing, draft: EdgeDraft, query: str, rows: Ints) -> None:
    if len(rows):
        heads = (*_pairs(job, draft, rows).T.tolist(), draft.versions[rows].tolist())
        job.each(query.format(quoted(draft.kind.name)), list(zip(*heads, strict=True)))
