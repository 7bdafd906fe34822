"""The embedded store, as the contract suite needs it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from graph.sqlite import connection
from graph.store import Store
from tests.store.engines import Engine, Traces


class SqliteFaults:
    """Every statement of connections that are made from now on is counted, and may fail."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls, self.at, self.for_good = 0, 0, False
        self.error: BaseException | None = None
        faults = self

        class Failing(sqlite3.Connection):
            def execute(self, *given: Any) -> sqlite3.Cursor:
                faults.count()
                return super().execute(*given)

            def executemany(self, *given: Any) -> sqlite3.Cursor:
                faults.count()
                return super().executemany(*given)

        patch.setattr(connection, "FACTORY", Failing)

    def count(self) -> None:
        self.calls += 1
        if self.at and (self.calls == self.at or (self.for_good and self.calls > self.at)):
            raise self.error or sqlite3.OperationalError("disk I/O error")


def traces(store: Store, texts: Sequence[str]) -> Traces:
    """Every file beside the store (and the store, and its log) that holds one of the texts.

    Read by another process: this one must not touch a file that it has open with SQLite.
    """
    code = (
        "import sys, json, pathlib; from tests.store.engines import texts_in_files\n"
        "print(json.dumps(texts_in_files(pathlib.Path(sys.argv[1]), json.loads(sys.argv[2]))))"
    )
    folder = Path(store.url.removeprefix("sqlite:")).parent
    command = [sys.executable, "-c", code, str(folder), json.dumps(list(texts))]
    found: Traces = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


SQLITE = Engine(fresh=lambda folder: f"sqlite:{folder / 'store.db'}", failing=SqliteFaults, traces=traces)
