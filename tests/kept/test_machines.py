"""A database is used from several machines: they share its secret, and each keeps its own files about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import BadSecret
from graph.neo4j.engine import Neo4jStore
from graph.place import local_name
from graph.secret import VARIABLE
from tests.kept.conftest import opened


def test_a_second_machine_needs_the_secret_of_the_first(
    store: Neo4jStore, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = Path(local_name(store.url) or "").parent.glob("*.secret")
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path / "second machine"))
    with pytest.raises(BadSecret, match="is not there"):
        opened(store_url)

    monkeypatch.setenv(VARIABLE, file.read_text().strip())
    second = opened(store_url)
    assert second.ledger.secret.check() == store.ledger.secret.check()
    second.close()


def test_two_processes_that_make_a_store_agree_on_one_secret(store: Neo4jStore, store_url: str) -> None:
    again = opened(store_url)
    assert again.ledger.secret.check() == store.ledger.secret.check()
    again.close()


def test_what_lies_beside_the_store_is_this_users_alone(store: Neo4jStore, home: Path) -> None:
    place = local_name(store.url)
    assert place is not None
    assert place.parent == home
    assert [each.name for each in home.iterdir()] == [f"{place.name}.secret"]
    assert (home.stat().st_mode & 0o777, next(home.iterdir()).stat().st_mode & 0o777) == (0o700, 0o600)
