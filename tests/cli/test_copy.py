"""`skillgraph copy` and `skillgraph export neo4j-import` as a user types them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Skillgraph


def test_copy_makes_a_store_of_the_same_digest(loaded: Skillgraph) -> None:
    digest = loaded("check", "--digest").out.strip()
    done = loaded("copy", "--from", "sqlite:skillgraph.db", "--to", "sqlite:other.db")

    assert digest in done.out
    assert "Evidence: 16" in done.err
    assert loaded("--store", "sqlite:other.db", "check", "--digest").out.strip() == digest


def test_copy_says_in_json_what_it_came_to(loaded: Skillgraph) -> None:
    said = loaded("copy", "--from", "sqlite:skillgraph.db", "--to", "sqlite:other.db", "--json").json()

    assert said.keys() == {"number", "digest", "rows", "left"}
    assert said["rows"]["Evidence"] == 16
    assert said["left"] == {}


def test_copy_refuses_a_place_that_is_not_empty_and_a_store_that_is_not_there(loaded: Skillgraph) -> None:
    taken = loaded("copy", "--from", "sqlite:skillgraph.db", "--to", "sqlite:skillgraph.db", check=False)
    assert (taken.code, "there is something already" in taken.err) == (1, True)
    nothing = loaded("copy", "--from", "sqlite:nothing.db", "--to", "sqlite:other.db", check=False)
    assert (nothing.code, "no store is there" in nothing.err) == (1, True)


def test_neo4j_import_prints_the_command_that_it_writes(loaded: Skillgraph, tmp_path: Path) -> None:
    done = loaded("export", "neo4j-import", "--out", "import")

    script = (tmp_path / "import" / "import.sh").read_text()
    assert done.out.strip() == script.strip()
    assert 'database import full "${1:-neo4j}"' in script
    assert "--nodes=Resource:Evidence=Evidence.csv" in script
    assert "--relationships=learner=Evidence.learner.csv" in script
    assert "Evidence: 16" in done.err
