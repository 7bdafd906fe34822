"""Giving the index a new base behind the answers, in a thread of its own: it takes seconds for millions of facts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from api.logs import log, log_failure
from api.metrics import Metrics
from graph.index import IndexKeeper
from graph.index.compaction import Compaction, Damaged

LOOK_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0  # until the next look after several that failed


def start_compacting(keeper_now: Callable[[], IndexKeeper], metrics: Metrics, stop: threading.Event) -> None:
    """Look now and then, until told to stop; after an outage `keeper_now` may give another keeper than before."""
    threading.Thread(target=_keep_compact, args=(keeper_now, metrics, stop), name="compaction", daemon=True).start()


def _keep_compact(keeper_now: Callable[[], IndexKeeper], metrics: Metrics, stop: threading.Event) -> None:
    pause = LOOK_SECONDS
    compaction: Compaction | None = None
    while not stop.wait(pause):
        try:
            keeper = keeper_now()
            if keeper.directory is None:
                continue
            if compaction is None or compaction.keeper is not keeper:
                compaction = Compaction(keeper, keeper.directory)
            compaction.look()
            pause = LOOK_SECONDS
        except Damaged:
            log("index-damaged")
        except Exception as error:  # noqa: BLE001 - the thread outlives any one look; told without its text
            metrics.store_failures.inc()
            log_failure("not-compacted", error)
            pause = min(2 * pause, LONGEST_SECONDS)
