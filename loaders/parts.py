"""A source that may have no end, loaded part by part: each is in the store before the next is read.

After each part the source may be told where to go on the next time: what it called its state, once all that came before
that is in the store.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from graph.ledger import LoadRecord
from loaders.run import Plan
from loaders.source import Chunk, Part

Committed = Callable[[LoadRecord | None, str], None]
"""Told the record of each part, None where it had no rows, and the last state that came before its end, or ""."""


_COUNTS = ("read", "written", "unchanged", "skipped", "waiting", "rejected", "removed", "seconds")


def load_parts(
    parts: Iterator[Part], plan: Plan, run: Callable[[Plan], LoadRecord], committed: Committed
) -> LoadRecord:
    """Load each part as it comes; what stops one, or the source itself, leaves those before it where they are.

    The counts of the record are those of all parts, its number that of the last.
    """
    total: LoadRecord | None = None
    for part in parts:
        record = run(replace(plan, chunks=_given(part))) if part.chunks else None
        if record is not None:
            total = record if total is None else _sum(total, record)
            gc.collect()  # a load's frames hang in cycles, and the collector does not count what they hold
        committed(record, "" if plan.dry else part.state)
    return total or _nothing(plan)


def _given(part: Part) -> Callable[[], Sequence[Chunk]]:
    return lambda: part.chunks


def _sum(before: LoadRecord, after: LoadRecord) -> LoadRecord:
    together: dict[str, Any] = {name: getattr(before, name) + getattr(after, name) for name in _COUNTS}
    for name in ("skips", "flags"):
        together[name] = dict(Counter(getattr(before, name) or {}) + Counter(getattr(after, name) or {}))
    return replace(after, started_at=before.started_at, **together)


def _nothing(plan: Plan) -> LoadRecord:
    now = int(time.time())
    return LoadRecord(0, plan.name, plan.source.name, "done", now, now, now, complete=False)
