"""What lies beside a store on this machine is found by the store's address alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import BadStoreUrl
from graph.place import home, index_folder, local_name, made_place, staging_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_beside_a_file_all_begins_with_its_name() -> None:
    assert index_folder("sqlite:data/skills.db") == Path("data/skills.db.index")
    assert staging_folder("sqlite:data/skills.db") == Path("data/skills.db.staging")


def test_a_database_has_a_name_in_the_home_folder(folder: Path) -> None:
    name = local_name("neo4j://ann:pa%2fss@graph.example:7687/skills")
    assert name is not None
    assert name.parent == folder
    assert name.name.startswith("graph-example-7687-skills-")


def test_user_password_scheme_and_the_usual_port_make_no_difference(folder: Path) -> None:
    ways = ["neo4j://graph.example", "bolt+s://graph.example:7687", "neo4j://ann:secret@graph.example:7687"]
    assert len({local_name(url) for url in ways}) == 1


def test_each_database_has_its_own(folder: Path) -> None:
    urls = ["neo4j://a", "neo4j://b", "neo4j://a:7688", "neo4j://a/one", "neo4j://a/two", "neo4j://a-one"]
    assert len({local_name(url) for url in urls}) == len(urls)


def test_home_is_chosen_or_the_users_folder_for_data() -> None:
    assert home({"SKILLGRAPH_HOME": "/var/lib/skillgraph"}) == Path("/var/lib/skillgraph")
    assert home({"XDG_DATA_HOME": "/data"}) == Path("/data/skillgraph")
    assert home({}) == Path.home() / ".local" / "share" / "skillgraph"


@pytest.mark.parametrize("url", ["", "sqlite:", "mysql://x", "neo4j:", "neo4j://", "neo4j://x:port"])
def test_what_is_no_address_has_no_place(url: str) -> None:
    assert (local_name(url), index_folder(url), staging_folder(url)) == (None, None, None)
    with pytest.raises(BadStoreUrl):
        made_place(url)


def test_the_folder_is_made_for_its_user_alone(folder: Path) -> None:
    assert made_place("neo4j://graph.example").parent == folder
    assert folder.stat().st_mode & 0o777 == 0o700
