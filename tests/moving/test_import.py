"""`export neo4j-import`: what Neo4j's own tool makes of the files is the store, ready to go on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.copying import copy
from graph.digest import digest
from graph.exports import exports
from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from graph.secret import secret_file
from graph.settings import Settings
from graph.store import Batch, Store
from loaders.load import LoadRequest, load
from local.server import Neo4j
from tests.conftest import COMPANY
from tests.moving.lived import everything, lived, outcomes
from tests.neo4j import fresh_store, need_neo4j, own_server
from tests.store.writing import rows, unsound

DERIVED = (
    "MATCH (e)-[s:SUPPORTS]->(k) RETURN e.id, k.id, s.level, s.since, s.until",
    "MATCH (e:Evidence) RETURN e.id, e._until",
    "MATCH (l:Learner) RETURN l.id, l._person, l._due",
    "MATCH (p)-[h:HAS_SKILL]->(k) RETURN p.id, k.id, h.level",
)
UNDERIVED = (
    "MATCH ()-[r:SUPPORTS|HAS_SKILL]->() DELETE r",
    "MATCH (n:Learner|Evidence) REMOVE n._until, n._person, n._due",
    "MATCH (s:_Store) REMOVE s.derived",
)


def a_company(store: Store) -> None:
    """The tiny company, with evidence of every kind."""
    assert load(store, LoadRequest(source="tables", paths=(COMPANY,))).rejected == 0


def a_life(store: Store) -> None:
    """Everything that a store can hold."""
    lived(store)


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path / "home"))
    store = open_store(f"sqlite:{tmp_path / 'origin.db'}")
    yield store
    store.close()


@pytest.mark.parametrize("fill", [a_company, a_life])
def test_what_is_imported_is_the_store_and_goes_on(
    fill: Callable[[Store], Any], origin: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_neo4j()
    fill(origin)
    exports()["neo4j-import"].write(origin, tmp_path / "files")
    server = own_server()
    run_import(server, tmp_path / "files", monkeypatch)
    monkeypatch.setenv("SKILLGRAPH_SECRET", secret_file(tmp_path / "origin.db").read_text().strip())

    made = open_store(server.url, create=False)
    try:
        assert isinstance(made, Neo4jStore)
        assert everything(made) == everything(origin)
        assert digest(made) == digest(origin)
        assert not unsound(made), "with every constraint and index that the model asks for, and all derived"
        assert derived(made) == derived_anew(made)
        assert outcomes(made, *FOLLOWING) == outcomes(origin, *FOLLOWING)
        assert digest(made) == digest(origin)
    finally:
        made.close()


FOLLOWING = (
    Batch("lms", None, [rows("Skill", {"id": "skill:new", "label": "Newer"}, version=5)]),
    Batch("esco", None, [rows("Skill", {"id": "skill:gone"}, version=2), rows("Skill", {"id": "skill:never"})]),
    Batch("hr", None, [rows("Skill", {"id": "skill:kept", "label": "mine now"}, version=1)]),
    Batch("hr", None, [rows("Learner", {"id": "person:ada", "label": "Ada"}, version=99)]),
    Batch("hr", None, [rows("Evidence", {"id": "evidence:next", "learner": "person:ben", "kind": "interview"})]),
)


def run_import(server: Neo4j, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the script as it was written, with Neo4j stopped; what calls `neo4j-admin` here is the tests' server."""
    admin = folder / "admin"
    admin.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/said"\n')
    admin.chmod(0o755)
    monkeypatch.setenv("NEO4J_ADMIN", str(admin))
    subprocess.run(["sh", str(folder / "import.sh")], cwd="/", check=True)
    server.stop()
    try:
        with monkeypatch.context() as patch:
            patch.chdir(folder)  # as the script does
            server.admin(*(folder / "said").read_text().splitlines())
    finally:
        server.start()


def derived(store: Neo4jStore) -> list[list[str]]:
    """All that is derived."""
    return [sorted(map(repr, store.server.read(query))) for query in DERIVED]


def derived_anew(store: Neo4jStore) -> list[list[str]]:
    """The same, made by the store itself from nothing."""
    for query in UNDERIVED:
        store.server.write(lambda writer, query=query: writer.run(query))  # type: ignore[misc]
    store.optimise()
    return derived(store)


def test_a_neo4j_store_gives_the_same_files(origin: Store, tmp_path: Path) -> None:
    a_life(origin)
    url = fresh_store()
    copy(origin, url, Settings(), lambda *_: None)
    made = open_store(url)
    try:
        for name, store in (("one", origin), ("other", made)):
            exports()["neo4j-import"].write(store, tmp_path / name)
    finally:
        made.close()

    assert files(tmp_path / "one") == files(tmp_path / "other")


def files(folder: Path) -> dict[str, list[str]]:
    """The lines of every file; rows of a type may come in any order."""
    return {each.name: sorted(each.read_text("utf-8").split("\n")) for each in folder.iterdir()}
