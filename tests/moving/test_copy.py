"""Copying: what comes after it, where it is refused, and what becomes of one that is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from graph.contents import Movable
from graph.copying import copy
from graph.digest import digest
from graph.errors import BadSecret, Moved, NotEmpty, StoreNotThere, UnfinishedStore
from graph.neo4j import taking
from graph.neo4j.adapt import lacking_rules
from graph.neo4j.locks import hold
from graph.neo4j.schema import Rule, rules
from graph.neo4j.server import Server
from graph.open import open_store
from graph.place import staging_folder
from graph.settings import Settings
from graph.store import Batch, Busy, Store
from tests.moving.conftest import Places
from tests.moving.lived import RELATED, Lived, everything, outcomes
from tests.neo4j import driver, fresh_store
from tests.store.ada import ADA
from tests.store.writing import gone, put, rows

Open = Callable[[str], Store]


def quietly(*_: object) -> None:
    """Is told how far a copy is."""


def test_what_comes_next_is_taken_as_the_store_would_take_it(life: Lived, places: Places, opened: Open) -> None:
    store = life.store
    copy(store, places.target, Settings(), quietly)
    made = opened(places.target)
    following = [
        Batch("lms", None, [rows("Skill", {"id": "skill:new", "label": "Newer"}, version=5)]),
        Batch("lms", None, [rows("Skill", {"id": "skill:new", "label": "older"}, version=4)]),
        Batch("hr", None, [rows("Skill", {"id": "skill:new", "label": "not mine"}, version=9)]),
        Batch("esco", None, [rows("Skill", {"id": "skill:gone"}, version=2), rows("Skill", {"id": "skill:never"})]),
        Batch("esco", None, [rows("Skill", {"id": "skill:gone", "label": "back"}, version=6)]),
        Batch("hr", None, [rows("Skill", {"id": "skill:kept", "label": "mine now"}, version=1)]),
        Batch("hr", None, [rows("Learner", {"id": ADA, "label": "Ada"}, version=99)]),
        Batch("hr", None, [rows("Identity", {"id": "i:9", "system": "employee-number", "value": "E-1001-X"})]),
        Batch("lms", None, [rows("REQUIRES", {"from": "role:admin", "to": "skill:new", "level": 1}, version=7)]),
        Batch("hr", None, [gone("RELATED", RELATED, version=9)]),
        Batch("lms", None, [gone("RELATED", RELATED, version=9)]),
        Batch("esco", None, [gone("RELATED", RELATED, version=9)]),
        Batch("esco", None, [rows("Evidence", {"id": "evidence:gone", "kind": "interview"})]),
        Batch("hr", None, [gone("DEPENDS_ON", {"from": "skill:new", "to": "skill:kept"})]),
    ]

    assert outcomes(made, *following) == outcomes(store, *following)
    assert digest(made) == digest(store)
    assert [each.items for each in made.changes(0)] == [each.items for each in store.changes(0)]
    first = store.ledger.start("hr", "hr", None, complete=True)
    assert made.ledger.start("hr", "hr", None, complete=True) == first


def test_keys_given_out_next_were_never_given_out(life: Lived, places: Places, opened: Open, tmp_path: Path) -> None:
    """Even when the copy is copied again."""
    copy(life.store, places.target, Settings(), quietly)
    made = opened(places.target)
    add(made, "first")
    copy(made, f"sqlite:{tmp_path / 'again.db'}", Settings(), quietly)
    again = opened(f"sqlite:{tmp_path / 'again.db'}")
    add(again, "second")

    assert isinstance(again, Movable)
    with again.contents() as contents:
        kinds = ("Skill", "Evidence", "Learner", "Rating")
        keys = [key for name in kinds for batch in contents.nodes(name) for key in batch["_key"]]
        assert len(keys) == len(set(keys))
        assert max(keys) <= contents.head.last_key
    assert {f"skill:{name}" for name in ("first", "second")} <= set(again.ids("nodes", keys))


def add(store: Store, name: str) -> None:
    """A node of either sort."""
    put(
        store, rows("Skill", {"id": f"skill:{name}"}), rows("Evidence", {"id": f"evidence:{name}", "kind": "interview"})
    )


def test_a_place_that_is_not_empty_is_refused(life: Lived, places: Places, opened: Open) -> None:
    copy(life.store, places.target, Settings(), quietly)
    made = opened(places.target)
    before = everything(made)

    with pytest.raises(NotEmpty):
        copy(life.store, places.target, Settings(), quietly)
    assert everything(made) == before


def test_a_copy_that_is_cut_off_cannot_be_opened_and_is_begun_anew(life: Lived, places: Places, opened: Open) -> None:
    class CutError(Exception):
        pass

    def cut(name: str, _: int) -> None:
        if name == "RELATED":
            raise CutError

    with pytest.raises(CutError):
        copy(life.store, places.target, Settings(), cut)
    with pytest.raises((UnfinishedStore, StoreNotThere)):
        opened(places.target)

    copy(life.store, places.target, Settings(), quietly)
    assert everything(opened(places.target)) == everything(life.store)


def test_a_store_that_is_written_to_meanwhile_gives_one_state_or_none(
    life: Lived, places: Places, opened: Open
) -> None:
    def meddle(name: str, _: int) -> None:
        if name == "RELATED":
            life.store.keyring.create(frozenset({"match"}))

    before = everything(life.store)
    try:
        copy(life.store, places.target, Settings(), meddle)
    except Moved:
        with pytest.raises((UnfinishedStore, StoreNotThere)):
            opened(places.target)
    else:
        assert everything(opened(places.target)) == before


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:{tmp_path / 'origin.db'}")
    yield store
    store.close()


def test_nothing_is_copied_while_a_load_is_at_work(origin: Store, tmp_path: Path) -> None:
    origin.ledger.start("tables", "tables", None, complete=True)
    with origin.hold("tables"), pytest.raises(Busy, match="a load of tables is running"):
        copy(origin, f"sqlite:{tmp_path / 'copy.db'}", Settings(), quietly)
    assert not (tmp_path / "copy.db").exists()


def test_another_secret_is_not_overwritten(origin: Store, tmp_path: Path) -> None:
    """It may be that of a store whose file was lost for a moment."""
    file = tmp_path / "copy.db.secret"
    file.write_text("f" * 64)

    with pytest.raises(BadSecret, match="not the secret of the store that is copied"):
        copy(origin, f"sqlite:{tmp_path / 'copy.db'}", Settings(), quietly)
    assert file.read_text() == "f" * 64


def test_constraints_are_there_before_a_copy_takes_its_lock(
    origin: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two copies at once into a new database could each make a lock of the same name."""
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    url, lacking = fresh_store(), list[Rule]()
    with driver(url) as there:
        there.execute_query("DROP CONSTRAINT skillgraph__Lock_name IF EXISTS")

    def looking(server: Server, name: str) -> AbstractContextManager[None]:
        lacking.extend(lacking_rules(server, rules(origin.model)))
        return hold(server, name)

    monkeypatch.setattr(taking, "hold", looking)
    copy(origin, url, Settings(), quietly)
    assert lacking == []


def test_what_cannot_go_along_is_counted(origin: Store, tmp_path: Path) -> None:
    staging = staging_folder(origin.url)
    assert staging is not None
    (staging / "load-1").mkdir(parents=True)
    (staging / "load-1" / "rows").write_text("half a load")

    assert copy(origin, f"sqlite:{tmp_path / 'copy.db'}", Settings(), quietly).left == {"staged files": 1}
