"""Opening: what may be made, what is refused, and where the password is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import BadStoreUrl, NotMigrated, NotWritable, StoreNotThere
from graph.neo4j.address import parse_address
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.opening import PASSWORD, with_password
from graph.open import open_store
from tests.store.writing import put, rows
from tests.writing.conftest import Ask

ADDRESS = parse_address("neo4j", "//ann@db:7687")


@pytest.mark.parametrize(("create", "read_only"), [(False, False), (True, True)])
def test_a_store_that_is_not_there_is_not_made_by_who_may_not(
    store_url: str, ask: Ask, create: bool, read_only: bool
) -> None:
    with pytest.raises(StoreNotThere, match="there is no store in the database"):
        open_store(store_url, create=create, read_only=read_only)
    assert ask("MATCH (n) RETURN count(n)") == [[0]]


def test_opening_to_read_writes_nothing(store: Neo4jStore, store_url: str, ask: Ask) -> None:
    before = ask("MATCH (n) RETURN count(n), max(n.writes)")
    reader = open_store(store_url, read_only=True)
    try:
        assert reader.types_of(["scale:home"]) == ["Scale"]
        for refused in (lambda: put(reader, rows("Skill", {"id": "s:a"})), lambda: reader.keyring.revoke("x")):
            with pytest.raises(NotWritable, match="opened for reading only"):
                refused()
    finally:
        reader.close()
    assert ask("MATCH (n) RETURN count(n), max(n.writes)") == before


def test_an_older_store_is_not_opened_to_read(store: Neo4jStore, store_url: str, ask: Ask) -> None:
    ask("MATCH (s:_Store) SET s.schema_version = 0")
    with pytest.raises(NotMigrated, match="open it once for writing"):
        open_store(store_url, read_only=True)


def test_the_password_stands_in_the_variable() -> None:
    assert with_password(ADDRESS, {PASSWORD: "s3cret"}).password == "s3cret"


def test_the_password_stands_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    assert with_password(ADDRESS, {f"{PASSWORD}_FILE": str(file)}).password == "s3cret"


def test_a_password_without_a_user_is_that_of_neo4j() -> None:
    found = with_password(parse_address("neo4j", "//db:7687"), {PASSWORD: "s3cret"})
    assert (found.user, found.password) == ("neo4j", "s3cret")


def test_a_password_in_the_address_goes_before() -> None:
    given = parse_address("neo4j", "//ann:own@db:7687")
    assert with_password(given, {PASSWORD: "other"}).password == "own"


def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadStoreUrl, match="password cannot be read"):
        with_password(ADDRESS, {f"{PASSWORD}_FILE": str(tmp_path / "none")})
