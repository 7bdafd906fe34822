"""What the RDF exports write: one graph in five notations, no more of it than a viewer may see."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.digest import record_types
from graph.exports import Wanted, exports
from graph.rdf import records
from graph.store import Store
from graph.viewer import OPERATOR, PUBLIC, Viewer
from loaders.load import load_rows
from ontology.context import CONTEXT_IRI
from ontology.rdf import quads
from ontology.validate import validate_files
from tests.rdf.conftest import RDF_FORMATS, exported

SG = "https://w3id.org/skillgraph#"
Triple = tuple[str, str, str]


def triples(path: Path) -> Counter[Triple]:
    """Every triple, and how often it is written; numbers by their value, since notations write them differently."""
    return Counter((str(quad.subject), str(quad.predicate), _text(quad.object)) for quad in quads(path))


def _text(term: object) -> str:
    if isinstance(term, ox.Literal) and term.datatype.value.endswith("#decimal"):
        return str(float(term.value))
    return str(term)


def written(store: Store, format: str, folder: Path, viewer: Viewer = OPERATOR) -> Path:
    path = folder / f"seen{exports()[format].suffix}"
    exports()[format].write(store, path, Wanted(viewer))
    return path


def subjects(path: Path) -> set[str]:
    return {subject for subject, _, _ in triples(path)}


def people_of(found: set[str]) -> set[str]:
    return {each for each in found if "/person:" in each or "/evidence:" in each}


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_every_notation_says_the_same_once(company: Store, format: str, tmp_path: Path) -> None:
    found = triples(exported(company, format, tmp_path))
    assert found == triples(exported(company, "ntriples", tmp_path))
    assert set(found.values()) == {1}


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_what_is_told_is_how_much_was_written(company: Store, format: str, tmp_path: Path) -> None:
    path = tmp_path / "graph"
    told = exports()[format].write(company, path)
    file = path.rename(path.with_suffix(exports()[format].suffix))
    read = Counter({"jsonld": 70}).get(format) or sum(triples(file).values())
    assert sum(told.values()) == read
    assert set(told) < {kind.name for kind in record_types(company.model)}


def test_an_edge_with_properties_is_a_node_and_any_other_a_triple(company: Store, tmp_path: Path) -> None:
    found = triples(exported(company, "ntriples", tmp_path))
    base = "http://localhost:8000/"
    edge = f"<{base}edge/TEACHES/course:linux-basics/skill:linux>"
    assert (edge, f"<{SG}from>", f"<{base}id/course:linux-basics>") in found
    assert (f"<{base}id/skill:k8s>", f"<{SG}EXACT_MATCH>", f"<{base}id/skill:containers>") in found


@pytest.mark.parametrize("format", ["nquads", "trig"])
def test_the_graph_is_the_source_that_states_the_record(store: Store, format: str, tmp_path: Path) -> None:
    load_rows(store, "hr/eu", {"Role": [{"id": "role:one"}], "Skill": [{"id": "skill:a"}, {"id": "skill:b"}]})
    load_rows(store, "lms", {"Role": [{"id": "role:two"}], "RELATED": [{"from": "skill:a", "to": "skill:b"}]})
    base = "http://localhost:8000/"
    graphs = {(quad.subject.value, quad.graph_name.value) for quad in quads(exported(store, format, tmp_path))}  # type: ignore[union-attr]
    assert graphs == {
        (f"{base}id/role:one", f"{base}source/hr~2feu"), (f"{base}id/skill:a", f"{base}source/hr~2feu"),
        (f"{base}id/skill:b", f"{base}source/hr~2feu"), (f"{base}id/role:two", f"{base}source/lms"),
        (f"{base}id/skill:a", f"{base}source/lms"),
    }  # fmt: skip


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_a_lesser_viewer_gets_less(company: Store, format: str, tmp_path: Path) -> None:
    """Of people nothing without their scope, nor within org units; names with scope people only."""
    everything = subjects(written(company, format, tmp_path))
    public = subjects(written(company, format, tmp_path, PUBLIC))
    limited = subjects(written(company, format, tmp_path, Viewer(OPERATOR.scopes, frozenset({"unit:cloud"}))))
    nameless = written(company, format, tmp_path, Viewer(frozenset({"match", "graph"})))
    assert people_of(subjects(nameless))
    assert "Ada" not in nameless.read_text("utf-8")
    assert people_of(everything)
    assert not people_of(public)
    assert not people_of(limited)
    assert public < everything
    assert "Ada" in written(company, format, tmp_path).read_text("utf-8")


def test_what_every_store_is_seeded_with_is_left_out(store: Store, tmp_path: Path) -> None:
    assert all(not triples(exported(store, format, tmp_path)) for format in RDF_FORMATS)


def test_turtle_is_a_record_a_block_under_prefixes(company: Store, tmp_path: Path) -> None:
    blocks = exported(company, "turtle", tmp_path).read_text("utf-8").split("\n\n")
    block = next(each for each in blocks if each.startswith("id:skill:incident "))
    assert block.splitlines()[:4] == [
        "id:skill:incident a sg:Skill ;",
        '    sg:label "incident response"@en ;',
        '    sg:type "skill" ;',
        '    sg:alt_labels "on-call"@en, "outage handling"@en ;',
    ]


def test_json_ld_names_the_deployments_context_by_its_address(company: Store, tmp_path: Path) -> None:
    text = exported(company, "jsonld", tmp_path).read_text("utf-8")
    assert '"@context": ["http://localhost:8000/context.jsonld"' in text
    assert CONTEXT_IRI not in text


@pytest.mark.parametrize("format", ["nquads", "jsonld"])
def test_what_is_written_conforms(company: Store, format: str, tmp_path: Path) -> None:
    report = validate_files([exported(company, format, tmp_path)])
    assert report.conforms, report.text()


def test_slices_of_a_type_make_no_difference(company: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [triples(exported(company, format, tmp_path)) for format in RDF_FORMATS]
    monkeypatch.setattr(records, "SLICE", 2)
    assert [triples(exported(company, format, tmp_path)) for format in RDF_FORMATS] == whole
