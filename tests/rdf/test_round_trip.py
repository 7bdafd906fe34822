"""Export, import into an empty store: the same digest, in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.digest import digest
from graph.exports import Wanted, exports
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load, load_rows
from tests.cli.test_extension import TURTLE
from tests.companies import Company, companies
from tests.ontology.test_extension import HEAD
from tests.rdf.conftest import RDF_FORMATS, Reader, exported

DEMO = Path(__file__).parents[2] / "demo"
ODD: dict[str, list[dict[str, Any]]] = {
    "Skill": [
        {
            "id": "odd:~c3~a9.",
            "label": 'say "hi"\\n\tand\nmore | \\| 🎉',
            "label@de": "ß",
            "label@pt-BR": "ção",
            "alt_labels": ["a|b", "c\\d", 'e"f', "\u2028\u00a0x", "\x01\x7f\ufffe."],
            "alt_labels@zh-Hant": ["一", "二"],
            "code": "'''\"\"\" @en^^<x> .",
        },
        {"id": "esco-skill:a.b-c_1", "label": "@en", "replaced_by": ["odd:~c3~a9.", "iri:urn~3ax~3ay"]},
        {"id": "iri:urn~3ax~3ay", "label": "<urn:x:y>"},
        {"id": "odd:-.", "label": "ends with a full stop."},
    ],
    "RELATED": [{"from": "odd:-.", "to": "odd:~c3~a9."}, {"from": "odd:-.", "to": "iri:urn~3ax~3ay"}],
    "Assessment": [{"id": "odd:quiz", "proctored": True, "validity": "P1Y2M"}],
    "MEASURES": [{"from": "odd:quiz", "to": "odd:-.", "cut_scores": "1:0.5|2:0.700001"}],
    "LearningObject": [{"id": "odd:course", "cost": "0.000001", "url": "https://x.example/?a=1&b=2#c"}],
}


def same_again(store: Store, format: str, into: Store, folder: Path) -> bool:
    record = Reader(into, folder).files(exported(store, format, folder))
    assert (record.rejected, record.waiting) == (0, 0)
    return digest(into) == digest(store)


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_the_tiny_company_comes_back_the_same(
    company: Store, format: str, empty: Callable[[], Store], tmp_path: Path
) -> None:
    assert same_again(company, format, empty(), tmp_path)


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_odd_texts_ids_and_languages_come_back_the_same(
    store: Store, format: str, empty: Callable[[], Store], tmp_path: Path
) -> None:
    assert load_rows(store, "odd", ODD).rejected == 0
    assert same_again(store, format, empty(), tmp_path)


def test_the_demo_comes_back_the_same(store: Store, empty: Callable[[], Store], tmp_path: Path) -> None:
    for source, folder in (("esco", DEMO / "esco"), ("tables", DEMO / "company")):
        load(store, LoadRequest(source, (folder,)))
    assert same_again(store, "nquads", empty(), tmp_path)


@settings(max_examples=4)
@given(companies(later=1), st.sampled_from(RDF_FORMATS))
def test_any_company_comes_back_the_same(company: Company, format: str) -> None:
    with TemporaryDirectory() as folder:
        store, again = (open_store(f"sqlite:{folder}/{name}.db") for name in ("one", "again"))
        for each in (*company.first, *company.later):
            load_rows(store, each.source, each.rows)
        assert same_again(store, format, again, Path(folder))
        store.close()
        again.close()


def test_versions_come_back_so_that_what_is_older_changes_nothing(
    store: Store, empty: Callable[[], Store], tmp_path: Path
) -> None:
    load_rows(store, "hr", {"Role": [{"id": "role:one", "label": "as it was", "version": "7"}]})
    path = exported(store, "turtle", tmp_path)
    into = empty()
    load_rows(into, "partner", {"Role": [{"id": "role:one", "label": "as it is", "version": "8"}]})
    record = Reader(into, tmp_path).files(path)
    role = into.get("role:one", OPERATOR)
    assert (record.written, record.skipped) == (0, 1)
    assert role is not None
    assert (role.properties["label"], role.version) == ("as it is", 8)


@pytest.mark.parametrize("format", ["turtle", "jsonld"])
def test_the_deployments_language_is_written_out_and_read_back(
    store: Store, format: str, empty: Callable[[], Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text without a tag is English where the deployment says nothing else."""
    load_rows(store, "hr", {"Role": [{"id": "role:one", "label": "one", "label@de": "eins"}]})
    path, into = exported(store, format, tmp_path), empty()
    monkeypatch.setenv("SKILLGRAPH_LANGUAGE", "de")
    Reader(into, tmp_path).files(path)
    role = into.get("role:one", OPERATOR)
    assert role is not None
    assert dict(role.properties) == {"label": "eins", "label@en": "one"}


@pytest.mark.parametrize("format", ["nquads", "trig", "jsonld"])
def test_what_a_deployment_added_comes_back_the_same(format: str, tmp_path: Path) -> None:
    """Its own class, property and context, its own address, prefixes and language."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "acme.ttl").write_text(HEAD + TURTLE, encoding="utf-8")
    chosen = Settings(ontology=tmp_path / "ontology", base_iri="https://skills.acme.example/", language="de")
    store, into = (open_store(f"sqlite:{tmp_path / name}.db", chosen) for name in ("one", "again"))
    room = {"id": "room:north", "label": "Nord", "label@en": "North", "seats": "12"}
    course = {"id": "course:weld", "label": "Schweißen", "noise": "91.5"}
    assert load_rows(store, "acme", {"Room": [room], "LearningObject": [course]}, settings=chosen).rejected == 0
    path = tmp_path / f"graph{exports()[format].suffix}"
    exports()[format].write(store, path, Wanted(settings=chosen))
    record = load(into, LoadRequest("rdf", (path,), name="acme"), settings=chosen)
    assert (record.read, record.rejected) == (2, 0)
    assert digest(into) == digest(store)
    assert "skills.acme.example" in path.read_text("utf-8")
    store.close()
    into.close()
