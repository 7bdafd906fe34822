"""A copy holds all that the store holds: who only looks at it sees no difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from graph.copying import Copied, copy
from graph.digest import digest
from graph.history import as_it_was
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from tests.moving.conftest import PAIRS, fresh_places
from tests.moving.lived import Lived, everything, lived
from tests.store.ada import ADA
from tests.store.writing import unsound


@dataclass(frozen=True)
class Moved:
    """A store that has lived, its copy, and what the copying said."""

    life: Lived
    store: Store
    made: Store
    said: Copied


@pytest.fixture(scope="module", params=list(PAIRS.values()), ids=list(PAIRS))
def moved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    """Not to be written to."""
    folder = tmp_path_factory.mktemp("moved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLGRAPH_HOME", str(folder))
        places = fresh_places(request.param, folder)
        store = open_store(places.origin)
        life = lived(store)
        said = copy(store, places.target, Settings(), lambda *_: None)
        made = open_store(places.target, create=False)
        yield Moved(life, store, made, said)
        made.close()
        store.close()


def test_all_that_it_holds_is_the_same(moved: Moved) -> None:
    told = everything(moved.store)

    assert everything(moved.made) == told
    assert all(told[name] for name in told if name.startswith("_")), "something of everything was there"
    assert not unsound(moved.made)


def test_it_says_what_was_copied(moved: Moved) -> None:
    assert moved.said.digest == digest(moved.made) == digest(moved.store)
    assert (moved.said.number, moved.said.left) == (moved.store.number(), {})
    assert moved.said.rows["Skill"] == len(everything(moved.store)["Skill"])
    assert moved.said.rows["HeldRow"] == 2


def test_changes_searches_and_nodes_are_the_same(moved: Moved) -> None:
    made, store = moved.made, moved.store

    assert made.changes(0) == store.changes(0)
    for text in ("listen", "um", "kept", "ben", "two lines"):
        found = [hit.id for hit in made.search(text, OPERATOR)]
        assert found == [hit.id for hit in store.search(text, OPERATOR)]
        assert found
    for id in ("skill:old", "person:ben", "unit:below", "skill:new"):
        assert made.get(id, OPERATOR) == store.get(id, OPERATOR)
    assert made.superseded(["person:ben"]) == store.superseded(["person:ben"]) != []


def test_an_earlier_number_is_as_it_was(moved: Moved) -> None:
    for number in (1, moved.store.number() // 2, moved.store.number() - 3):
        with as_it_was(moved.made, number) as then, as_it_was(moved.store, number) as before:
            assert digest(then) == digest(before), number


def test_api_keys_work_and_revoked_ones_do_not(moved: Moved) -> None:
    found = moved.made.keyring.find(moved.life.key)

    assert found is not None
    assert found.scopes == {"match", "people"}
    assert found.org_units == frozenset({"unit:platform"})
    assert found.source == "hr"
    assert moved.made.keyring.find(moved.life.revoked) is None
    assert moved.made.keyring.list() == moved.store.keyring.list()


def test_loads_and_what_they_put_aside_are_there(moved: Moved) -> None:
    made, store = moved.made.ledger, moved.store.ledger

    assert made.loads() == store.loads()
    assert list(made.held_rows()) == list(store.held_rows())
    assert made.waiting_for(["skill:awaited"]) == store.waiting_for(["skill:awaited"]) != []
    assert made.last_complete("hr") == 1_000


def test_erased_people_stay_away(moved: Moved) -> None:
    asked = [ADA, "employee-number E-1001-X", "person:ben"]

    assert list(moved.made.ledger.erased(asked)) == [True, True, False]
    assert moved.made.ledger.secret.pseudonym("x") == moved.store.ledger.secret.pseudonym("x"), "one secret"
