"""The file of a store tells no key."""

from __future__ import annotations

import sqlite3

from graph.store import Store
from tests.sqlite.files import path_of

MATCH = frozenset({"match"})


def test_the_file_holds_a_hash_and_never_the_secret(store: Store) -> None:
    key, secret = store.keyring.create(MATCH)
    store.close()

    path = path_of(store)
    everything = b"".join(each.read_bytes() for each in path.parent.iterdir() if each.is_file())
    assert secret.encode() not in everything
    assert secret.split("_", 2)[2].encode() not in everything
    with sqlite3.connect(path) as db:
        assert len(db.execute("SELECT hash FROM api_key WHERE id = ?", (key.id,)).fetchone()[0]) == 32
    db.close()
