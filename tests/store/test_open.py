"""A new store is seeded; another opening changes nothing; what is wrong with secret or model is said with the fix."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graph.errors import (
    BadSecret,
    ModelMismatch,
    StoreError,
)
from graph.open import open_store
from graph.settings import Settings
from graph.store import Batch, Block, Store
from graph.viewer import OPERATOR
from ontology.crosswalks import crosswalk_rows


def test_a_new_store_holds_the_home_scale_and_the_crosswalks(store: Store) -> None:
    home = store.get("scale:home", OPERATOR)
    levels = [node for node in store.page("Level", OPERATOR) if node.properties["scale"] == "scale:home"]

    assert home is not None
    assert home.source == "skillgraph"
    assert sorted(int(str(node.properties["rank"])) for node in levels) == [1, 2, 3]
    crossings = store.expand([row["from"] for row in crosswalk_rows()["CORRESPONDS_TO"]], OPERATOR)  # type: ignore[misc]
    assert len(crossings) == len(crosswalk_rows()["CORRESPONDS_TO"])


def test_opening_again_writes_nothing(store: Store, store_url: str) -> None:
    again = open_store(store_url)
    try:
        assert again.number() == store.number()
    finally:
        again.close()


def test_a_store_can_be_read_only(store: Store, store_url: str) -> None:
    reader = open_store(store_url, read_only=True)
    try:
        assert reader.get("scale:home", OPERATOR) is not None
        with pytest.raises(StoreError):
            reader.write(Batch("hr", None, [Block("Skill", {"id": ["skill:a"]}, [1], [1])]))
    finally:
        reader.close()


def test_processes_that_make_one_store_make_one(store_url: str) -> None:
    code = "import sys; from graph.open import open_store; open_store(sys.argv[1]).close()"
    running = [subprocess.Popen([sys.executable, "-c", code, store_url]) for _ in range(3)]

    assert [process.wait() for process in running] == [0, 0, 0]
    made = open_store(store_url)
    try:
        assert made.number() == 1
    finally:
        made.close()


def test_a_short_secret_is_refused(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_SECRET", "short")
    with pytest.raises(BadSecret, match="only 5 characters"):
        open_store(store_url)


def test_an_extension_that_is_gone_is_asked_for(store_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "ontology"
    folder.mkdir()
    (folder / "own.ttl").write_text(EXTENSION)
    open_store(store_url, Settings(ontology=folder)).close()

    with pytest.raises(ModelMismatch, match="SKILLGRAPH_ONTOLOGY"):
        open_store(store_url)


EXTENSION = """
@prefix sg: <https://w3id.org/skillgraph#> .
@prefix own: <https://firm.example/terms#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

own:Workshop a owl:Class ; rdfs:subClassOf sg:Node ; rdfs:label "workshop"@en ; skos:definition "A place of work."@en .
own:WorkshopShape a sh:NodeShape ; sh:targetClass own:Workshop .
"""
