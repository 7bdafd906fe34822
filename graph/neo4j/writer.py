"""From batches to commits: planned outside of the lock, applied inside it, planned again when somebody was faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Protocol

from graph.kinds import EdgeKind, NodeKind
from graph.lookup import Knowledge, Known
from graph.neo4j.cypher import Layout
from graph.neo4j.locks import still_held
from graph.neo4j.lookup import Lookup, SourceNumbers
from graph.neo4j.referrers import Ask
from graph.neo4j.server import Server, Writer
from graph.neo4j.write import Writing
from graph.neo4j.write_edges import write_edges
from graph.neo4j.write_nodes import collect_retired, write_nodes
from graph.plan import EdgeDraft, NodeDraft, Setting, independent, plan_block, plan_blocks
from graph.store import Batch, Plan, Receipt

Drafts = list[NodeDraft[NodeKind] | EdgeDraft[EdgeKind]]

_TRIES = 3  # plans outside of the lock, while others write
_TORN = -1  # no state of the store
_MARKERS_KEPT_SECONDS = 86_400  # nobody waits that long to hear what a commit came to
_OLD_MARKER = "MATCH (b:_Batch) WHERE b.at < $before RETURN 1 LIMIT 1"
_FORGET = "MATCH (b:_Batch) WHERE b.at < $before WITH b LIMIT 5000 DELETE b"


class Erased(Protocol):
    """See `graph.plan.Erased`; told what to ask."""

    def __call__(self, ids: Sequence[str], /, ask: Ask) -> Sequence[bool]: ...


class BatchWriter:
    """Plans and writes batches of one store."""

    def __init__(self, server: Server, layout: Layout, erased: Erased, clock: Callable[[], float]) -> None:
        self._server = server
        self._layout = layout
        self._erased = erased
        self._clock = clock
        self._sources = SourceNumbers()
        self._knowledge = Knowledge()
        self._returns = server.returns  # as long as the data are the same

    def plan(self, batch: Batch) -> Sequence[Plan]:
        """Blocks that bear on each other are written and rolled back: what happens then is what would happen."""
        for _ in range(_TRIES if independent(batch) else 0):
            with self._lent() as known:
                drafts, number, writes = self._prepare(known, batch)
            if writes != _TORN:
                return self._plans(number, drafts)
        return self._rehearse(batch)

    def write(self, batch: Batch) -> Receipt:
        """One transaction; nothing is locked for a batch that changes nothing.

        Raises `Busy` when somebody else has a lock by now that this thread took: that of its load.
        """
        still_held(self._server)
        with self._lent() as known:
            drafts, writes = None, _TORN
            if independent(batch):
                drafts, _, writes = self._prepare(known, batch)
                acts = batch.cursors is not None or any(draft.acts() for draft in drafts)
                if writes != _TORN and not acts:
                    return Receipt(None, [draft.outcomes for draft in drafts], 0.0)
            work = _Work(self, known, batch, drafts, writes)
            number = self._server.write(work)
            locked = time.perf_counter() - work.began
            known.writes = work.writes
        return Receipt(number, [draft.outcomes for draft in work.done], locked)

    def _prepare(self, known: Known, batch: Batch) -> tuple[Drafts, int, int]:
        """Drafts made outside of the lock, and the number and state they were made in: torn when it moved meanwhile."""
        number, writes = self._server.whole()
        drafts = self.draft(self._server.read, known.at(writes), batch)
        still = self._server.counts() == (number, writes)
        return drafts, number, writes if still else _TORN

    def draft(self, ask: Ask, known: Known, batch: Batch) -> Drafts:
        """What is to be done with each block, seen before any is applied."""
        look = Lookup(ask, self._layout, known, self._sources)
        setting = Setting(look, look.source(batch.source), partial(self._erased, ask=ask))
        return plan_blocks(setting, batch.blocks)

    def apply(self, writer: Writer, known: Known, batch: Batch, drafts: Drafts | None) -> tuple[int | None, Drafts]:
        """Write a batch; without drafts each block is planned when those before it have been written."""
        look = Lookup(writer.run, self._layout, known, self._sources)
        job = Writing(writer, look, batch.source, batch.load, int(self._clock()))
        erased = partial(self._erased, ask=writer.run)
        done: Drafts = []
        for place, block in enumerate(batch.blocks):
            setting = Setting(look, look.source(batch.source), erased, last=True)
            draft = drafts[place] if drafts else plan_block(setting, block)
            if isinstance(draft, NodeDraft):
                write_nodes(job, draft)
            else:
                write_edges(job, draft)
            done.append(draft)
        collect_retired(job)
        job.go_on_from(batch.cursors)
        return job.finish(), done

    def _lent(self) -> AbstractContextManager[Known]:
        """What was looked up in data that a backup may have taken the place of is forgotten."""
        if self._returns != self._server.returns:
            self._returns, self._knowledge = self._server.returns, Knowledge()
        return self._knowledge.lent()

    def _rehearse(self, batch: Batch) -> Sequence[Plan]:
        plans: list[Plan] = []

        def work(writer: Writer) -> None:
            _, drafts = self.apply(writer, Known(), batch, None)
            plans[:] = self._plans(writer.number, drafts)
            raise _RehearsedError

        with suppress(_RehearsedError):
            self._server.write(work)
        return plans

    def _plans(self, number: int, drafts: Drafts) -> list[Plan]:
        names = self._sources.names
        return [
            Plan(number, draft.outcomes, {row: names[owner] for row, owner in draft.holders.items()}, draft.remember)
            for draft in drafts
        ]

    def forget_old_batches(self) -> None:
        """Forget markers that nobody will ask for any more."""
        before = int(time.time()) - _MARKERS_KEPT_SECONDS
        while self._server.read(_OLD_MARKER, before=before):
            self._server.write(lambda writer: writer.run(_FORGET, before=before))


class _Work:
    """One batch inside of the lock; may be called again when a transaction came to nothing."""

    def __init__(self, writer: BatchWriter, known: Known, batch: Batch, planned: Drafts | None, writes: int) -> None:
        self._writer = writer
        self._known = known
        self._batch = batch
        self._planned = planned
        self._writes = writes
        self.done: Drafts = []
        self.writes = _TORN  # the state that the batch left
        self.began = 0.0  # when it had the lock, the last time

    def __call__(self, writer: Writer) -> int | None:
        self.began = time.perf_counter()
        before = writer.writes - 1
        known, planned = self._known.at(before), self._planned
        known.writes = _TORN  # what it learns may be rolled back
        if planned is not None and before != self._writes:
            planned = self._writer.draft(writer.run, known, self._batch)
        number, self.done = self._writer.apply(writer, known, self._batch, planned)
        self.writes = writer.writes
        return number


class _RehearsedError(Exception):
    """Rolls a rehearsal back."""
