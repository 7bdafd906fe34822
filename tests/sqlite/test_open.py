"""Whatever is wrong with a store's file is said in one sentence, with the fix."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.errors import (
    DamagedStore,
    MissingFolder,
    NotAFile,
    NotAStore,
    NotWritable,
    StoreFull,
    StoreLocked,
    StoreNotThere,
)
from graph.open import open_store
from graph.store import Batch, Block, Store
from graph.viewer import OPERATOR
from tests.sqlite.files import path_of

NOBODY = 65534


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(NotAFile, match="this is a folder"):
        open_store(f"sqlite:{tmp_path}")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFolder, match=f"mkdir -p {tmp_path / 'new'}; trying again"):
        open_store(f"sqlite:{tmp_path / 'new' / 'skillgraph.db'}")
    with pytest.raises(MissingFolder, match=f"mkdir -p '{tmp_path / 'a folder'}'; trying again"):
        open_store(f"sqlite:{tmp_path / 'a folder' / 'skillgraph.db'}")


def test_a_file_cannot_hold_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(MissingFolder, match="is a file"):
        open_store(f"sqlite:{tmp_path / 'file' / 'skillgraph.db'}")


def test_a_device_is_no_store() -> None:
    with pytest.raises(NotAFile, match="device"):
        open_store(f"sqlite:{os.devnull}")


def test_a_store_that_is_not_there_is_not_made_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "skillgraph.db"
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(StoreNotThere, match="no store is there"):
            open_store(f"sqlite:{path}", **options)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_becomes_a_store_only_where_one_may_be_made(tmp_path: Path) -> None:
    path = tmp_path / "skillgraph.db"
    path.touch()
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(NotAStore, match="not a Skillgraph store"):
            open_store(f"sqlite:{path}", **options)  # type: ignore[arg-type]
    assert [(each.name, each.stat().st_size) for each in tmp_path.iterdir()] == [("skillgraph.db", 0)]
    open_store(f"sqlite:{path}").close()


@pytest.mark.parametrize("content", ["a text, long enough to be a header of something", "x", "id,label\n1,2\n" * 500])
def test_a_text_file_is_no_store_and_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)
    with pytest.raises(NotAStore, match="not a Skillgraph store"):
        open_store(f"sqlite:{path}")
    assert path.read_text() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(NotAStore):
        open_store(f"sqlite:{path}")
    assert path.read_bytes() == before


def test_a_damaged_file_is_told_from_a_strange_one(store: Store, store_url: str) -> None:
    store.close()
    path = path_of(store_url)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 8192 * 2 + whole[8192 * 3 :])
    with pytest.raises((DamagedStore, NotAStore)):
        open_store(store_url).page("Scale", OPERATOR)


@contextmanager
def acting_as_nobody(*folders: Path) -> Iterator[None]:
    """Root may write everywhere, so a test of rights takes them off."""
    if os.geteuid() != 0:
        yield
        return
    for folder in folders:
        for each in [folder, *folder.parents][:-2]:
            each.chmod(each.stat().st_mode | 0o055)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_one_may_not_write_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with acting_as_nobody(tmp_path), pytest.raises(NotWritable, match="may only be read"):
        open_store(f"sqlite:{tmp_path / 'skillgraph.db'}")
    tmp_path.chmod(0o755)


def test_a_file_one_may_not_write_is_named(store: Store, store_url: str) -> None:
    store.close()
    path = path_of(store_url)
    path.chmod(0o444)
    with acting_as_nobody(path.parent), pytest.raises(NotWritable, match="chmod u\\+w"):
        open_store(store_url)


def _limited() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


def test_no_room_for_the_file_is_said(tmp_path: Path) -> None:
    code = "import sys; from graph.open import open_store; open_store(sys.argv[1])"
    command = [sys.executable, "-c", code, f"sqlite:{tmp_path / 'skillgraph.db'}"]
    run = subprocess.run(command, capture_output=True, text=True, preexec_fn=_limited, check=False)

    assert run.returncode == 1
    assert "skillgraph.db: " in run.stderr.splitlines()[-1]
    assert "Trying again helps" in run.stderr.splitlines()[-1]


def test_a_full_database_says_so_and_opens_again(store: Store, store_url: str) -> None:
    store.close()
    filling = open_store(store_url)
    with filling.connections.maintaining() as db:  # type: ignore[attr-defined]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
    ids = [f"skill:{number}" for number in range(5000)]
    block = Block("Skill", {"id": ids, "label": ["a rather long label"] * 5000}, [1] * 5000, list(range(5000)))
    with pytest.raises(StoreFull, match="full") as raised:
        filling.write(Batch("hr", None, [block]))
    filling.close()

    assert raised.value.transient
    again = open_store(store_url)
    try:
        assert again.page("Skill", OPERATOR) == []
    finally:
        again.close()


def test_a_writer_that_stays_makes_others_say_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(store)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with store.connections.maintaining() as db:  # type: ignore[attr-defined]
        db.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(StoreLocked, match="Trying again helps"):
        store.ledger.start("hr", "hr", 1, complete=True)
    blocker.execute("ROLLBACK")
    blocker.close()
