"""A store held against shapes: the same triples as its export, its ids in the report, other people's shapes too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from graph.canonical import content_hash
from graph.exports import exports
from graph.settings import Settings
from graph.store import Batch, Block, Store
from loaders.triples import store_table
from loaders.validate import check_store
from ontology.shacl.definition import own_definition, triples_of
from ontology.shacl.paths import path_text
from tests.shacl.engines import told, written

SETTINGS = Settings()


def put(store: Store, type: str, *rows: Mapping[str, object]) -> None:
    """Records written past the loads and their checks."""
    ends = ("id", "from", "to")
    stated = [{name: value for name, value in row.items() if name not in ends} for row in rows]
    hashes = [content_hash(each) for each in stated]
    columns = {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}
    store.write(Batch("faulty", None, [Block(type, columns, [1] * len(rows), hashes)]))


def shapes_of(tmp_path: Path, turtle: str) -> Path:
    return written(tmp_path / "shapes.ttl", turtle)


def test_the_table_of_a_store_is_what_it_exports_and_what_it_was_seeded_with(company: Store, tmp_path: Path) -> None:
    exports()["ntriples"].write(company, tmp_path / "store.nt")
    exported = set(triples_of(tmp_path / "store.nt"))
    table = set(store_table(company, [], "en").table.triples())
    assert exported <= table
    seeded = {subject.value for subject, _, _ in table - exported}
    assert all("w3id.org/skillgraph" in iri or "/edge/CORRESPONDS_TO/" in iri for iri in seeded)


def test_named_terms_are_the_same_terms_in_the_table(company: Store) -> None:
    every = list(store_table(company, [], "en").table.triples())
    named = [term for triple in every for term in (triple[0], triple[2])]
    again = store_table(company, named, "en").table
    assert set(again.triples()) == set(every)
    assert all(again.terms.term(again.terms.find(term)) == term for term in named)


def test_a_store_conforms_by_both_engines(company: Store) -> None:
    columns, pyshacl = (check_store(company, SETTINGS, engine=engine) for engine in ("columns", "pyshacl"))
    assert (columns.conforms, pyshacl.conforms) == (True, True)
    assert columns.records == pyshacl.records > 50


def test_a_store_with_nothing_but_its_seeds_has_no_records(store: Store) -> None:
    assert check_store(store, SETTINGS).text() == "0 records conform"


def test_faults_in_a_store_are_told_by_id(store: Store) -> None:
    put(store, "Skill", *({"id": f"skill:{name}"} for name in "abc"))
    put(store, "Role", {"id": "role:x"})
    put(store, "BROADER", *({"from": f"skill:{a}", "to": f"skill:{b}"} for a, b in ("ab", "bc", "ca")))
    put(store, "REQUIRES", {"from": "role:x", "to": "skill:a", "level": 9_000_000, "since": 7, "until": 3})
    lines = check_store(store, SETTINGS).text().splitlines()
    assert [line for line in lines if "leads back" in line] == [
        f"skill:{name}: BROADER leads back to where it began: remove one edge of the cycle [broader_has_no_cycle]"
        for name in "abc"
    ]
    edge = [line for line in lines if line.startswith("REQUIRES role:x skill:a")]
    assert len(edge) == 2
    assert "is beyond until" in edge[1]
    assert "the level is not on its scale" in edge[0]


def test_both_engines_find_the_same_in_a_faulty_store(store: Store) -> None:
    put(
        store,
        "Skill",
        {"id": "skill:a", "label": "x" * 2001, "label@de": "a"},
        {"id": "skill:b", "alt_labels": ("c", "d")},
    )
    put(store, "BROADER", {"from": "skill:a", "to": "skill:b"}, {"from": "skill:b", "to": "skill:a"})
    put(store, "DEPENDS_ON", {"from": "skill:a", "to": "skill:b", "kind": "essential"})
    columns, pyshacl = (check_store(store, SETTINGS, engine=engine) for engine in ("columns", "pyshacl"))
    assert told(columns) == told(pyshacl)
    assert {each.component for each in columns.results} == {"MaxLength", "SPARQL"}


def test_other_shapes_see_the_store_as_rdf(company: Store, tmp_path: Path) -> None:
    shapes = shapes_of(
        tmp_path,
        """:Skills a sh:NodeShape ; sh:targetClass sg:Skill ;
            sh:property [ sh:path [ sh:inversePath sg:to ] ; sh:minCount 1 ; sh:severity sh:Warning ] .
        :Roles a sh:NodeShape ; sh:targetNode <http://localhost:8000/id/role:cloud-engineer> ;
            sh:property [ sh:path sg:label ; sh:hasValue "Chef"@en ] ,
                [ sh:path ( [ sh:inversePath sg:from ] sg:to ) ; sh:maxCount 1 ] .""",
    )
    columns, pyshacl = (check_store(company, SETTINGS, shapes, engine) for engine in ("columns", "pyshacl"))
    assert told(columns) == told(pyshacl)
    assert {each.focus for each in columns.results if each.shape == "Roles"} == {"role:cloud-engineer"}
    inverse = {path_text(each.terms.path) for each in columns.results if each.shape == "Skills" and each.terms.path}
    assert inverse == {"^<https://w3id.org/skillgraph#to>"}
    assert {each.severity for each in columns.results if each.shape == "Skills"} == {"Warning"}
    assert "checked by pySHACL: shape https://example.org/Roles, because its path is a sequence" in columns.text()


@pytest.mark.parametrize("language", ["en", "de"])
def test_texts_without_a_tag_are_in_the_deployments_language(company: Store, tmp_path: Path, language: str) -> None:
    german = 'sh:property [ sh:path sg:label ; sh:languageIn ( "de" ) ]'
    shapes = shapes_of(tmp_path, f":S sh:targetSubjectsOf sg:label ; {german} .")
    report = check_store(company, replace(SETTINGS, language=language), shapes)
    assert report.conforms is (language == "de")


def test_an_edge_may_be_named_by_shapes(company: Store, tmp_path: Path) -> None:
    edges: Sequence[str] = [
        subject.value
        for subject, predicate, value in store_table(company, own_definition().named, "en").table.triples()
        if value.value.endswith("#REQUIRES")
    ]
    shapes = shapes_of(tmp_path, f":S sh:targetNode <{edges[0]}> ; sh:property [ sh:path sg:level ; sh:maxCount 0 ] .")
    (result,) = check_store(company, SETTINGS, shapes).results
    assert (str(result.terms.focus), result.component) == (f"<{edges[0]}>", "MaxCount")


def test_what_is_referred_to_and_not_there_is_told(company: Store) -> None:
    """As after damage: the store itself never lets that happen."""
    lost = _Lossy(company, "Skill")
    report = check_store(lost, SETTINGS)  # type: ignore[arg-type]
    assert {each.component for each in report.results} == {"Class"}
    assert any(each.path == "to" and "is no Skill here" in each.message for each in report.results)


class _Lossy:
    """A store whose records of one type are not given out."""

    def __init__(self, store: Store, type: str) -> None:
        self._store, self._type = store, type

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def scan(self, type: str, *arguments: object) -> object:
        return iter(()) if type == self._type else self._store.scan(type, *arguments)  # type: ignore[arg-type]
