"""What is kept about loads: their counts, rejected and waiting rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from graph.secret import Secret


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One load as it is kept and printed; counts are source rows, `removed` is nodes and edges.

    Of a load that came to no end, rows that it did not get to are in `read` alone.
    """

    id: int
    name: str
    source: str
    state: Literal["running", "done", "stopped", "failed", "interrupted"]
    started_at: int
    finished_at: int | None
    snapshot_at: int
    complete: bool
    read: int = 0
    written: int = 0
    unchanged: int = 0
    skipped: int = 0
    waiting: int = 0
    rejected: int = 0
    removed: int = 0
    seconds: float = 0.0
    message: str = ""
    skips: Mapping[str, int] | None = None  # rule -> rows
    flags: Mapping[str, int] | None = None  # what was read but is unusual, e.g. "no-zone" -> values


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that was not written: rejected, or waiting for a reference.

    `row` is the 1-based line or record number in its file; `raw` the row as the source gave it, for mending.
    """

    load: int
    file: str
    row: int
    kind: Literal["rejected", "waiting", "conflict"]
    field: str
    value: str
    reason: str
    shape: str
    raw: Mapping[str, Any]
    refers_to: str = ""  # the id a waiting row waits for
    people: Sequence[str] = ()  # learner ids named by the row, so that erasure finds it


class Ledger(Protocol):
    @property
    def secret(self) -> Secret:
        """The deployment's secret, for keyed hashes."""
        ...

    def start(self, name: str, source: str, snapshot_at: int | None, complete: bool) -> int:
        """Open a load and return its id; a load of that name left running by a dead process becomes interrupted.

        Without a snapshot instant it gets the `next_snapshot` of its name, which no other load of it gets.
        """
        ...

    def next_snapshot(self, name: str) -> int:
        """Now, but later than any load of the name: what is loaded twice within a second stays in order."""
        ...

    def finish(self, record: LoadRecord) -> None: ...

    def load(self, load: int) -> LoadRecord | None: ...

    def loads(self, name: str | None = None, limit: int = 100) -> list[LoadRecord]:
        """Newest first."""
        ...

    def hold_rows(self, rows: Iterable[HeldRow]) -> None:
        """Keep rejected, waiting or conflicting rows."""
        ...

    def held_rows(
        self, load: int | None = None, name: str | None = None, kind: str | None = None
    ) -> Iterator[HeldRow]: ...

    def release(self, rows: Iterable[HeldRow], instead: Iterable[HeldRow] = ()) -> None:
        """Forget these rows (by load, file, row and kind): what they waited for arrived, or they were mended; hold
        others in their place."""
        ...

    def awaited(self) -> Sequence[str]:
        """The distinct ids that waiting rows wait for."""
        ...

    def waiting_for(self, ids: Sequence[str], limit: int = 10_000) -> list[HeldRow]:
        """Rows that wait for one of these ids."""
        ...

    def naming(self, people: Sequence[str], names: Sequence[str], facts: Sequence[str] = ()) -> list[HeldRow]:
        """Held rows that name a person: by Learner ids, by texts that stand for it anywhere, or by ids of its facts."""
        ...

    def last_complete(self, source: str) -> int | None:
        """Snapshot instant of the source's last complete load."""
        ...

    def set_last_complete(self, source: str, at: int) -> None: ...

    def cursors(self, source: str) -> Mapping[str, str]:
        """Where a pull of the source goes on, as the last `graph.store.Batch` that told it did."""
        ...

    def erased(self, ids: Sequence[str]) -> Sequence[bool]:
        """Whether each learner id or `system value` identity was erased (compared by keyed hash)."""
        ...
