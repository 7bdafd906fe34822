"""SKOS: the integrity conditions of its reference hold, and our own loader reads the same skills and edges back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.exports import Wanted, exports
from graph.open import open_store
from graph.records import record_columns
from graph.store import Store
from graph.viewer import PUBLIC
from loaders.load import LoadRequest, load
from tests.formats.conftest import Written, edges
from tests.store.writing import Row, put, rows

PREFIX = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
CONDITIONS = {
    "S9: no scheme is a concept": "{ ?x a skos:ConceptScheme, skos:Concept }",
    "S13: no label is preferred and another": "{ ?x skos:prefLabel ?l ; skos:altLabel|skos:hiddenLabel ?l }",
    "S13: no label is alternative and hidden": "{ ?x skos:altLabel ?l ; skos:hiddenLabel ?l }",
    "S14: one preferred label a language": (
        "{ ?x skos:prefLabel ?l, ?m FILTER(str(?l) != str(?m) && lcase(lang(?l)) = lcase(lang(?m))) }"
    ),
    "S27: what is related is not broader": (
        "{ ?x skos:related ?y { ?x skos:broader+ ?y } UNION { ?y skos:broader+ ?x } }"
    ),
    "S37: no collection is a concept": "{ ?x a skos:Collection, skos:Concept }",
    "S37: no collection is a scheme": "{ ?x a skos:Collection, skos:ConceptScheme }",
    "S46: an exact match is no other one": "{ ?x skos:exactMatch ?y ; skos:broadMatch|skos:relatedMatch ?y }",
    "S4: what something is in is a scheme": "{ ?x skos:inScheme ?s FILTER NOT EXISTS { ?s a skos:ConceptScheme } }",
    "S19: what is broader is a concept": (
        "{ ?x skos:broader ?y FILTER NOT EXISTS { ?x a skos:Concept . ?y a skos:Concept } }"
    ),
    "S31: what has members is a collection": "{ ?x skos:member ?y FILTER NOT EXISTS { ?x a skos:Collection } }",
}
"""SKOS Reference (W3C Recommendation, 18 August 2009), sections 3 to 10: what no vocabulary may hold."""

SYMMETRIC = ("RELATED", "EXACT_MATCH", "CLOSE_MATCH")


def held(path: Path) -> ox.Store:
    graph = ox.Store()
    graph.load(path=path, format=ox.RdfFormat.TURTLE)
    return graph


def broken(path: Path) -> list[str]:
    """The conditions that a file does not meet."""
    graph = held(path)
    return [name for name, pattern in CONDITIONS.items() if bool(graph.query(f"{PREFIX} ASK {pattern}"))]


Facts = dict[str, set[tuple[Any, ...]]]


def facts(store: Store) -> Facts:
    """Skills as SKOS can say them, and their edges; those that are read both ways without a direction."""
    skills = store.model.nodes["Skill"]
    found: Facts = {"Skill": set(), "BROADER": set()}
    for columns in record_columns(store, skills, ()):
        for values in zip(*columns.values(), strict=True):
            stated = {
                name: _plain(value) for name, value in zip(columns, values, strict=True) if value not in (None, ())
            }
            found["Skill"].add(tuple(sorted({"type": "skill", **stated}.items())))
    for name in ("BROADER", *SYMMETRIC):
        found[name] = set()
        for columns in record_columns(store, store.model.edges[name], ()):
            types = store.types_of(columns["from"])
            between = zip(types, columns["from"], columns["to"], strict=True)
            ends = [(start, end) for type_name, start, end in between if type_name == "Skill"]
            found[name] |= {tuple(sorted(pair)) if name in SYMMETRIC else pair for pair in ends}
    return found


def _plain(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, tuple) else value


def read_back(path: Path) -> Facts:
    """What our own loader makes of a file, in an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{folder}/back.db")
        record = load(store, LoadRequest(source="skos", paths=(path,)))
        assert (record.rejected, record.waiting) == (0, 0)
        found = facts(store)
        store.close()
    return found


@pytest.fixture
def turtle(academy: Store, written: Written) -> Path:
    return written(academy, "skos")


def test_the_conditions_of_the_reference_hold(turtle: Path) -> None:
    assert broken(turtle) == []


def test_a_broken_condition_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "wrong.ttl"
    prefix = "@prefix : <http://x.example/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    path.write_text(f'{prefix} :a a skos:Concept, skos:ConceptScheme ; skos:prefLabel "a"@en ; skos:altLabel "a"@en .')
    assert [name[:3] for name in broken(path)] == ["S9:", "S13"]


def test_our_own_loader_reads_the_same_skills_and_edges(academy: Store, turtle: Path) -> None:
    again, here = read_back(turtle), facts(academy)
    assert here["RELATED"]
    assert again == here


def test_scales_are_schemes_of_their_levels_and_skills_are_in_their_sources(turtle: Path) -> None:
    graph = held(turtle)
    level = "<https://w3id.org/skillgraph/level/five-4>"
    home = "<https://w3id.org/skillgraph/level/practitioner>"
    scale = "<https://w3id.org/skillgraph/scale/five>"
    claims = (
        f'{scale} a skos:ConceptScheme . {level} skos:inScheme {scale} ; skos:notation "4" ; skos:closeMatch {home}',
        "<http://localhost:8000/id/skill:linux> skos:inScheme ?s . ?s a skos:ConceptScheme ; skos:prefLabel ?name",
        "<http://localhost:8000/id/skill:favourites> a skos:Collection ; skos:member <http://localhost:8000/id/skill:linux>",
        '<http://localhost:8000/id/skill:unix> <http://www.w3.org/2002/07/owl#deprecated> true ; '
        "<http://purl.org/dc/terms/isReplacedBy> <http://localhost:8000/id/skill:linux>",
    )  # fmt: skip
    assert [claim for claim in claims if not bool(graph.query(f"{PREFIX} ASK {{ {claim} }}"))] == []


def test_what_is_related_to_what_is_broader_is_said_in_our_own_term(turtle: Path) -> None:
    shell, systems = ("<http://localhost:8000/id/skill:" + name + ">" for name in ("shell", "systems"))
    assert bool(held(turtle).query(f"ASK {{ {shell} <https://w3id.org/skillgraph#RELATED> {systems} }}"))


def test_a_label_is_said_once(store: Store, written: Written) -> None:
    put(store, rows("Skill", {"id": "skill:a", "label": "a", "alt_labels": ("a", "b"), "hidden_labels": ("b", "c")}))
    path = written(store, "skos")
    assert broken(path) == []
    (skill,) = read_back(path)["Skill"]
    assert dict(skill)["alt_labels"] == ("b",)
    assert dict(skill)["hidden_labels"] == ("c",)


def test_skills_need_no_key(academy: Store, written: Written, turtle: Path) -> None:
    everything = turtle.read_bytes()
    assert written(academy, "skos", PUBLIC).read_bytes() == everything


NAMES = tuple(f"skill:{letter}" for letter in "abcdef")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=6)
TYPES = ("skill", "knowledge", "group", "collection", "word")


@st.composite
def vocabularies(draw: st.DrawFn) -> list[Row | tuple[str, str, str]]:
    """Skills with labels, none of them told twice, and edges as (type, from, to)."""
    found: list[Row | tuple[str, str, str]] = []
    for name in NAMES:
        labels = draw(st.lists(WORDS, min_size=4, max_size=4, unique=True))
        row: Row = {"id": name, "label": labels[0], "type": draw(st.sampled_from(TYPES))}
        row |= {"alt_labels": tuple(labels[1:3])} if draw(st.booleans()) else {}
        row |= {"hidden_labels": (labels[3],), "label@de": labels[1]} if draw(st.booleans()) else {}
        row |= {"description": labels[2], "code": labels[3]} if draw(st.booleans()) else {}
        row |= {"status": "retired"} if draw(st.booleans()) else {}
        found.append(row)
    pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] < pair[1])
    for type_name in ("BROADER", *SYMMETRIC):
        found += [(type_name, *pair) for pair in draw(st.lists(pairs, unique=True, max_size=5))]
    return found


@settings(max_examples=6)
@given(vocabularies())
def test_any_vocabulary_is_lawful_skos_and_comes_back_as_it_was(vocabulary: list[Row | tuple[str, str, str]]) -> None:
    skills = [each for each in vocabulary if isinstance(each, dict)]
    links = [edges(each[0], f"{each[1]} {each[2]}") for each in vocabulary if isinstance(each, tuple)]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{folder}/there.db")
        put(store, rows("Skill", *skills), *links)
        path = Path(folder) / "skills.ttl"
        exports()["skos"].write(store, path, Wanted())
        there = facts(store)
        store.close()
        assert broken(path) == []
        assert read_back(path) == there
