"""One load from beginning to end: read, settle, write, sweep, retry what waited."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graph.errors import StoreError
from graph.ledger import HeldRow, LoadRecord
from graph.settings import Settings
from graph.store import Batch, Outcome, Store
from loaders.book import Book
from loaders.duplicates import Twins
from loaders.errors import LoadError, LoadStopped, StaleSnapshot
from loaders.intake import Intake
from loaders.keys import within
from loaders.laws import kept_lawful
from loaders.matching import NOT_MATCHED, match_after, refuse_reserved
from loaders.order import node_order, write_order
from loaders.outcomes import CONFLICT, account, conflicts
from loaders.release import Released, put_aside
from loaders.report import Clock, held_rows
from loaders.rows import Fault
from loaders.settle import late, settle
from loaders.source import Chunk, Config, Source
from loaders.stage import Part, Stage, clean, staging_directory
from loaders.sweep import GOING, Sweep, find, refuse_shrinking, removals, sweepable
from loaders.waiting import retry
from loaders.write import Positions, Writer, newer, not_reached, to_write
from ontology.model import EdgeType
from ontology.values import format_instant

if TYPE_CHECKING:
    from loaders.pull.pull import Pull

Report = Callable[[str, int, int | None], None]
_REHEARSED = 2_000  # removals that are tried at once, under the store's lock
_FINEST = 10**9  # a share given as a float stands for the decimal fraction it was written as
_LOADS = 1_000_000  # of a ledger, that are looked through
_FIRST = 5  # reasons that a stopped load tells at once


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run is to do."""

    source: Source
    config: Config
    name: str
    chunks: Callable[[], Iterable[Chunk]]
    complete: bool
    snapshot: int | None  # None: now, but later than any load of the name
    max_rejects: float
    allow_shrink: bool = False
    dry: bool = False
    in_memory: bool = False
    checks_columns: bool = True
    restates: bool = True  # held rows of the files that are read are told afresh
    replaces: tuple[HeldRow, ...] = ()  # rejects that this run replays
    pull: Pull | None = None  # what the chunks come from
    settings: Settings | None = None  # None: the environment's


class Run:
    """The state of one load."""

    def __init__(self, store: Store, plan: Plan, report: Report, told: Callable[[Iterable[HeldRow]], None]) -> None:
        self._store, self._plan, self._report, self._tell = store, plan, report, told
        self._model = store.model
        self._directory: Path | None = None if plan.in_memory else staging_directory(store.url, plan.name)
        self._id = 0
        self._snapshot = 0
        self._swept: frozenset[str] | None = None  # the types that were read to the end; None: nothing is swept
        self._writing: tuple[Writer, Twins] | None = None

    def run(self) -> LoadRecord:
        """Do it; raises what stops it, after noting that in the ledger."""
        plan = self._plan
        refuse_reserved(plan.name)
        refuse_another(self._store, plan.source, plan.name)
        with self._held():
            if plan.snapshot is not None:
                refuse_stale(self._store, plan.name, plan.snapshot)
            begun = self._begun()
            self._clock, self._snapshot = Clock(begun), begun.snapshot_at
            try:
                return self._staged()
            finally:
                if self._directory is not None:
                    clean(self._directory)

    def _begun(self) -> LoadRecord:
        """The record to begin with; a dry run leaves none in the ledger."""
        plan, now = self._plan, int(time.time())
        ledger, snapshot = self._store.ledger, plan.snapshot
        if plan.dry:
            snapshot = ledger.next_snapshot(plan.name) if snapshot is None else snapshot
            return LoadRecord(0, plan.name, plan.source.name, "running", now, None, snapshot, plan.complete)
        self._id = ledger.start(plan.name, plan.source.name, snapshot, plan.complete)
        record = ledger.load(self._id)
        assert record is not None
        return record

    def _held(self) -> AbstractContextManager[None]:
        return nullcontext() if self._plan.in_memory else self._store.hold(self._plan.name)

    def _staged(self) -> LoadRecord:
        if self._directory is not None:
            clean(self._directory)
        own = {"_map": str(self._plan.config.map)} if self._plan.config.map else {}
        stage = Stage(self._directory, Book(self._directory), own=own)
        try:
            return self._load(stage)
        except BaseException as error:
            self._note_failure(stage, error)
            raise

    def _note_failure(self, stage: Stage, error: BaseException) -> None:
        if self._plan.dry:
            return
        state = (
            "stopped" if isinstance(error, LoadError) else "failed" if isinstance(error, Exception) else "interrupted"
        )
        record = self._reached(stage, state, str(error))
        with suppress(StoreError):  # a full disk may have been the failure: that is what the caller must hear
            self._store.ledger.finish(record)

    def _reached(self, stage: Stage, state: str, message: str) -> LoadRecord:
        """The record of a load that came to no end: rows that it did not get to are neither written nor unchanged."""
        if self._writing is None:
            return replace(self._clock.record(stage.book, state, 0, message), unchanged=0)
        writer, twins = self._writing
        left = not_reached(stage, writer, twins)
        record = self._clock.record(stage.book, state, writer.removed)
        alive = record.written + record.unchanged
        far = f"{alive - left} of the {alive} rows to be taken were done"
        return replace(record, unchanged=record.unchanged - left, message=f"{message}; {far}" if message else far)

    def _load(self, stage: Stage) -> LoadRecord:
        plan = self._plan
        intake = self._read(stage)
        names = intake.mapper.names
        sweep = self._look_through(stage, intake) if plan.complete else None
        with nullcontext() if plan.dry else kept_lawful(self._store, stage):
            twins = self._settle(stage, names, sweep)
            self._stop_for_rejects(stage)
            removed = self._planned_removals(sweep) if sweep else {}
            if sweep and not plan.allow_shrink:
                refuse_shrinking(self._store, sweep, plan.name, removed)
            if plan.dry:
                return self._imagined(stage, sum(removed.values()))
            gone = self._write(stage, names, sweep, twins)
        twins.share()
        return self._finish(stage, intake, gone)

    def _read(self, stage: Stage) -> Intake:
        plan = self._plan
        intake = Intake(plan.source, plan.config, stage, self._snapshot, self._store)
        for chunk in plan.chunks():
            intake.take(chunk, check=plan.checks_columns)
            self._report("read", len(stage.book), None)
        if not stage.tables:
            places = ", ".join(map(str, plan.config.paths)) or "what was given"
            raise LoadError(f"nothing to load was found in {places}: {plan.source.reads or 'give other paths'}")
        return intake

    def _look_through(self, stage: Stage, intake: Intake) -> Sweep:
        """What the source states now, and which of that the load no longer states."""
        tables = {name: intake.mapper.tables(name) for name in write_order(self._model)}
        touched = [name for name, some in tables.items() if some & stage.tables.keys()]
        swept = sweepable(stage, self._model, {name: tables[name] for name in touched})
        self._swept = frozenset(swept)
        plain = [name for name in touched if name in swept or isinstance(self._model.type(name), EdgeType)]
        return find(self._store, self._plan.name, stage, plain, swept)

    def _settle(self, stage: Stage, names: Mapping[tuple[str, str], str], sweep: Sweep | None) -> Twins:
        total, done = sum(map(len, stage.all_parts())), 0

        def told(count: int) -> None:
            nonlocal done
            done += count
            self._report("check", done, total)

        return settle(stage, self._store, self._plan.name, names, sweep, snapshot=self._snapshot, told=told)

    def _stop_for_rejects(self, stage: Stage) -> None:
        counts, most = stage.book.counts(), self._plan.max_rejects
        if counts["rejected"] <= Fraction(most).limit_denominator(_FINEST) * counts["read"]:
            return
        first = "".join(f"\n  {_told(stage, fault)}" for fault in stage.book.first_faults(_FIRST))
        rows = list(held_rows(stage, self._model, self._id, with_waiting=False))
        self._tell(rows)
        if not self._plan.dry:
            self._store.ledger.hold_rows(rows)
        share = f"{counts['rejected']} of {counts['read']} rows ({counts['rejected'] / counts['read']:.0%})"
        raise LoadStopped(
            f"{share} were rejected, more than {most:.0%}, so nothing was written; mend them, or allow more with "
            f"--max-rejects. The first:{first}"
        )

    def _planned_removals(self, sweep: Sweep) -> dict[str, int]:
        """How many records of each type would really go; what is retired already stays so."""
        counts: dict[str, int] = {}
        for block in removals(sweep, self._model, self._snapshot, node_order(self._model), _REHEARSED):
            plan = self._store.plan(Batch(self._plan.name, None, [block]))[0]
            counts[block.type] = counts.get(block.type, 0) + int(np.isin(plan.outcomes, GOING).sum())
        return counts

    def _imagined(self, stage: Stage, removed: int) -> LoadRecord:
        """The record of a dry run: as if all that is to be written had been."""
        for part in stage.all_parts():
            assert part.outcomes is not None
            part.outcomes[(part.outcomes == Outcome.MISSING) & stage.book.alive(part.rows)] = Outcome.ADDED
        account(stage)
        conflicts(stage, self._model)
        self._tell(held_rows(stage, self._model, 0))
        return self._clock.record(stage.book, "done", removed, "dry run: nothing was written")

    def _write(self, stage: Stage, names: Mapping[tuple[str, str], str], sweep: Sweep | None, twins: Twins) -> int:
        plan, model = self._plan, self._model

        def wanted(part: Part) -> Positions:
            return to_write(stage, part, _to_note(part, sweep, self._snapshot))

        total, done = sum(len(wanted(part)) for part in stage.all_parts()), 0

        def told(count: int) -> None:
            nonlocal done
            done += count
            self._report("write", done, max(total, done))

        writer = Writer(self._store, plan.name, self._id, told)
        self._writing = writer, twins
        writer.write(stage, write_order(model), wanted, self._cursors() if self._ends_with_data(stage) else None)
        late(stage, self._store, plan.name, names)
        if sweep is None:
            return 0
        return writer.remove(removals(sweep, model, self._snapshot, node_order(model), writer.size))

    def _cursors(self) -> Mapping[str, str] | None:
        """Where the next pull goes on; None for what is no pull."""
        return self._plan.pull.cursors() if self._plan.pull else None

    def _ends_with_data(self, stage: Stage) -> bool:
        """Whether the last batch of data is the last thing to be kept: nothing is swept, and no row put aside.

        Else the cursors follow in a batch of their own: whoever is killed before it reads the same once more.
        """
        aside = any(stage.book.counts()[name] for name in ("waiting", "rejected"))
        taken = [part.outcomes for part in stage.all_parts() if part.outcomes is not None]
        return not (self._plan.complete or aside or any(np.isin(each, CONFLICT).any() for each in taken))

    def _finish(self, stage: Stage, intake: Intake, removed: int) -> LoadRecord:
        plan, ledger = self._plan, self._store.ledger
        account(stage)
        conflicts(stage, self._model)
        earlier = (row for row in ledger.held_rows(name=plan.name) if row.load != self._id) if plan.restates else ()
        released = Released(stage, intake.mapper, self._snapshot, self._swept).among(earlier)
        put_aside(ledger, held_rows(stage, self._model, self._id), chain(plan.replaces, released))
        self._tell(held_rows(stage, self._model, self._id))
        if plan.complete:
            ledger.set_last_complete(plan.name, self._snapshot)
        assert self._writing is not None
        self._writing[0].close(self._cursors())
        if plan.pull is not None:
            stage.book.flags.update(plan.pull.notes)
        arrived = retry(self._store)
        if arrived:
            stage.book.flags["arrived"] = arrived
        if not match_after(self._store, stage.parts.keys(), plan.settings, moved=bool(removed or arrived)):
            stage.book.flags[NOT_MATCHED] = 1
        record = self._clock.record(stage.book, "done", removed)
        ledger.finish(record)
        if record.written or removed or arrived:
            self._store.optimise()
        return record


def _to_note(part: Part, sweep: Sweep | None, snapshot: int) -> Positions:
    """Unchanged records that are written all the same, so that their version or their statement is noted.

    A complete load need not note its own instant, since no older snapshot is taken after it; a row's own version, and
    that this source too states an edge, are news all the same.
    """
    if sweep is None or part.remember is None:
        return newer(part)
    stated = sweep.stated.get(part.type)
    news = np.zeros(len(part), np.bool_) if stated is None else ~within(part.keys, stated)
    if part.versioned:
        news |= part.frame(["_version"])["_version"].to_numpy() != snapshot
    return np.flatnonzero(part.remember & news)


def refuse_stale(store: Store, name: str, snapshot: int) -> None:
    """Raise `StaleSnapshot` when the source was completely loaded as it was later than this snapshot."""
    last = store.ledger.last_complete(name)
    if last is not None and snapshot < last:
        raise StaleSnapshot(
            f"this snapshot of {name!r} is of {format_instant(snapshot)}, but one of {format_instant(last)} "
            "was loaded completely: load a newer one, or say its true instant with --snapshot-at"
        )


def refuse_another(store: Store, source: Source, name: str) -> None:
    """Raise `LoadError` for a source whose keys are one installation's own when it was loaded under another name."""
    if not source.local_ids:
        return
    for record in store.ledger.loads(limit=_LOADS):
        if (record.source, record.state) == (source.name, "done") and record.name != name:
            raise LoadError(
                f"{source.name} was loaded as {record.name!r}, whose keys would be taken for these: load it under that "
                "name, or give it a store of its own"
            )


def _told(stage: Stage, fault: Fault) -> str:
    file, number = stage.book.place(fault.row)
    return f"{file}, row {number}, {fault.field}: {fault.reason}"
