"""Keeping what a store derives true of it and of now, also when time alone ends something."""

from __future__ import annotations

import threading
from typing import Final

from api.logs import log_failure
from api.metrics import Metrics
from graph.store import Supports

LOOK_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0  # until the next look after several that failed


def start_deriving(store: Supports, metrics: Metrics, stop: threading.Event) -> None:
    """Look in a thread of its own, since to derive may take minutes, until told to stop."""
    threading.Thread(target=_keep_derived, args=(store, metrics, stop), name="deriving", daemon=True).start()


def _keep_derived(store: Supports, metrics: Metrics, stop: threading.Event) -> None:
    pause = LOOK_SECONDS
    while not stop.wait(pause):
        try:
            store.catch_up()
            pause = LOOK_SECONDS
        except Exception as error:  # noqa: BLE001 - the thread outlives any one look; told without its text
            metrics.store_failures.inc()
            log_failure("not-derived", error)
            pause = min(2 * pause, LONGEST_SECONDS)
