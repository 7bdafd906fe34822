"""From batches to commits: planned outside of the lock, applied inside it, planned again when somebody was faster."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from graph.lookup import Knowledge, Known
from graph.plan import EdgeDraft, Erased, NodeDraft, Setting, independent, plan_block, plan_blocks
from graph.sqlite.connection import Connections
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.lookup import Lookup
from graph.sqlite.write import Writing, number_of, writes_of
from graph.sqlite.write_edges import write_edges
from graph.sqlite.write_nodes import collect_retired, write_nodes
from graph.store import Batch, Plan, Receipt

Drafts = list[NodeDraft[NodeKind] | EdgeDraft[EdgeKind]]


class BatchWriter:
    """Plans and writes batches of one store."""

    def __init__(self, connections: Connections, layout: Layout, erased: Erased, clock: Callable[[], float]) -> None:
        self._connections = connections
        self._layout = layout
        self._erased = erased
        self._clock = clock
        self._knowledge = Knowledge()

    def plan(self, batch: Batch) -> Sequence[Plan]:
        """Blocks that bear on each other are written and rolled back: what happens then is what would happen."""
        if not independent(batch):
            return self._rehearse(batch)
        with self._connections.snapshot() as db, self._knowledge.lent() as known:
            return _plans(db, number_of(db), self._draft(db, known, batch))

    def write(self, batch: Batch) -> Receipt:
        """One transaction; nothing is locked for a batch that changes nothing."""
        with self._knowledge.lent() as known:
            drafts, writes = self._prepare(known, batch)
            acts = batch.cursors is not None or drafts is None or any(draft.acts() for draft in drafts)
            if drafts is not None and not acts:
                return Receipt(None, [draft.outcomes for draft in drafts], 0.0)
            try:
                with self._connections.writing() as db:
                    began = time.perf_counter()
                    if drafts is not None and writes_of(db) != writes:
                        drafts = self._draft(db, known, batch)
                    number, drafts = self._apply(db, known, batch, drafts)
                    known.writes = writes_of(db)
            except BaseException:
                known.writes = -1  # it may know what was rolled back
                raise
        return Receipt(number, [draft.outcomes for draft in drafts], time.perf_counter() - began)

    def _prepare(self, known: Known, batch: Batch) -> tuple[Drafts | None, int]:
        """Drafts made outside of the lock and the state they were made in; None when they must be made one by one."""
        if not independent(batch):
            return None, -1
        with self._connections.snapshot() as db:
            return self._draft(db, known, batch), writes_of(db)

    def _draft(self, db: sqlite3.Connection, known: Known, batch: Batch) -> Drafts:
        look = Lookup(db, self._layout, known.at(writes_of(db)))
        setting = Setting(look, look.source(batch.source), self._erased)
        return plan_blocks(setting, batch.blocks)

    def _apply(
        self, db: sqlite3.Connection, known: Known, batch: Batch, drafts: Drafts | None
    ) -> tuple[int | None, Drafts]:
        look = Lookup(db, self._layout, known.at(writes_of(db)))
        job = Writing(look, batch.source, batch.load, int(self._clock()))
        done: Drafts = []
        for place, block in enumerate(batch.blocks):
            setting = Setting(look, job.source, self._erased, last=True)
            draft = drafts[place] if drafts else plan_block(setting, block)
            if isinstance(draft, NodeDraft):
                write_nodes(job, draft)
            else:
                write_edges(job, draft)
            done.append(draft)
        collect_retired(job)
        job.go_on_from(batch.cursors)
        return job.finish(), done

    def _rehearse(self, batch: Batch) -> Sequence[Plan]:
        plans: list[Plan] = []
        with suppress(_RehearsedError), self._knowledge.lent() as known:
            try:
                with self._connections.writing() as db:
                    number = number_of(db)
                    plans = _plans(db, number, self._apply(db, known, batch, None)[1])
                    raise _RehearsedError
            finally:
                known.writes = -1
        return plans


class _RehearsedError(Exception):
    """Rolls a rehearsal back."""


def _plans(db: sqlite3.Connection, number: int, drafts: Drafts) -> list[Plan]:
    sources: dict[int, str] = dict(db.execute("SELECT number, name FROM source"))
    return [
        Plan(number, draft.outcomes, {row: sources[owner] for row, owner in draft.holders.items()}, draft.remember)
        for draft in drafts
    ]
