"""The disk: when it is full, and that what was acknowledged is on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graph.digest import digest
from graph.errors import StoreFull
from graph.open import open_store
from tests.store.writing import put, rows


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    store_url = f"sqlite:{tmp_path / 'small.db'}"
    store = open_store(store_url)
    put(store, rows("Skill", {"id": "s:a", "label": "A"}))
    before, many = digest(store), rows("Skill", *({"id": f"s:{n}", "label": "x" * 200} for n in range(3000)))
    with store.connections.maintaining() as db:  # type: ignore[attr-defined]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreFull, match="Free some space"):
        put(store, many)
    assert digest(store) == before
    store.close()
    again = open_store(store_url)
    assert digest(again) == before
    put(again, many)
    assert digest(again) != before
    again.close()


def test_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    code = (
        "import sys, graph.open as o; store = o.open_store(sys.argv[1])\n"
        "for how in (store.connections.reading, store.connections.maintaining):\n"
        "    with how() as db: print(*[db.execute(f'PRAGMA {name}').fetchone()[0] for name in sys.argv[2:]])"
    )
    names = ["synchronous", "journal_mode", "secure_delete"]
    command = [sys.executable, "-c", code, f"sqlite:{tmp_path / 'new.db'}", *names]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == ["2 wal 1"] * 2
